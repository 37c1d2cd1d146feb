"""The strategies: all they draw can be parsed, is what was asked for, and is as various as Adobe's payloads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

import flowrun_notifications as library
from flowrun_notifications import Delivery, FlowRun, RunStatus, parse, parse_all
from flowrun_notifications._models.spellings import field_model, known_keys
from flowrun_notifications._models.timestamps import to_utc
from flowrun_notifications._models.values import is_list, is_object, to_count
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications.testing import Outcome, Wrapper, flow_runs, other_messages, payloads, records
from flowrun_notifications.testing.shapes import delivery_names
from flowrun_notifications.testing.strategies.values import COUNTS, TIMES, objects

GUIDE = Path(__file__).parents[2] / "docs/guides/testing.md"
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
WRAPPERS: tuple[Wrapper, ...] = get_args(Wrapper)
KINDS: tuple[Kind, ...] = get_args(Kind)


def draw(strategy: st.SearchStrategy[Any], number: int) -> list[Any]:
    """Return a number of values of a strategy, the same each time."""
    drawn: list[Any] = []

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(strategy)
    def collect(value: Any) -> None:
        drawn.append(value)

    collect()
    return drawn


def search(strategy: st.SearchStrategy[Any], is_sought: Callable[[Any], bool]) -> Any:
    """Return a value that a strategy draws rarely.

    Raises:
        NoSuchExample: It does not in 5,000 values.
    """
    how = settings(max_examples=5_000, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    return find(strategy, is_sought, settings=how)


def containers_in(value: Any) -> Iterator[Any]:
    """Yield every object and list in a JSON value."""
    if is_object(value) or is_list(value):
        yield value
        for entry in value.values() if is_object(value) else value:
            yield from containers_in(entry)


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a JSON value."""
    return filter(is_object, containers_in(value))


# --- what was asked for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", OUTCOMES)
@given(data=st.data())
def test_outcomes(outcome: Outcome, data: st.DataObject) -> None:
    """A drawn run of each outcome answers the questions about it accordingly, whatever else it holds."""
    run = data.draw(flow_runs(outcome=outcome))
    assert {
        "success": run.succeeded and not run.is_partial,
        "partial_ingestion": run.succeeded and run.is_partial,
        "partial_success": run.status is RunStatus.PARTIAL_SUCCESS,
        "failed": run.failed,
        "started": run.status is not None and not run.is_finished,
    }[outcome]


@given(payloads())
def test_payloads(payload: Any) -> None:
    """A drawn payload is JSON, and holds one run and nothing else."""
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload
    result = parse_all(payload)
    assert result.items == result.runs
    assert len(result.runs) == 1


@given(wrapper=st.sampled_from(WRAPPERS), data=st.data())
def test_wrappers(wrapper: Wrapper, data: st.DataObject) -> None:
    """A payload drawn for a wrapper holds one run in that wrapper, whatever else the wrapper says."""
    (run,) = parse_all(data.draw(payloads(wrapper))).runs
    assert run.delivery.wrappers == delivery_names(wrapper)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_other_messages(kind: Kind, data: st.DataObject) -> None:
    """A drawn message is one message of the kind asked for, as it came."""
    message = data.draw(other_messages(kind))
    result = parse_all(message)
    assert result.items == result.others
    assert [(other.kind, other.content) for other in result.others] == [(kind, message)]


@pytest.mark.parametrize("strategy", [records(), payloads("event"), other_messages()], ids=["run", "payload", "other"])
def test_drawn_values_are_your_own(strategy: st.SearchStrategy[Any]) -> None:
    """A test may change a drawn value: no other has an object or list in common with it."""
    containers = [container for value in draw(strategy, 40) for container in containers_in(value)]
    assert len({id(container) for container in containers}) == len(containers)


# --- variety --------------------------------------------------------------------------------------------------------


def has(key: str, *values: Any) -> Callable[[Any], bool]:
    """Return a test for one of these values of a key, of the same type too, anywhere in a JSON value."""
    return lambda drawn: any(
        type(node[key]) is type(value) and node[key] == value
        for node in objects_in(drawn)
        if key in node
        for value in values
    )


VARIETIES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "no activities": lambda record: "activities" not in record,
    "no metrics": lambda record: record.keys().isdisjoint({"metrics", "xdm:metrics"}),
    "null metrics": has("metrics", None),
    "the oldest spelling": lambda record: "xdm:flowId" in record,
    "null beside the oldest spelling": lambda record: "xdm:flowId" in record and record.get("flowId", ...) is None,
    "a misspelt key": lambda record: "activites" in record,
    "an unknown key": lambda record: bool(record.keys() - known_keys(FlowRun)),
    "an event code": has("eventCode", "source_flow_run_info"),
    "two activities": lambda record: len(record.get("activities") or ()) == 2,
    "entities within a breakdown": lambda record: any(node.get("entitySummaries") for node in objects_in(record)),
    "two ids in a list": lambda record: len(record.get("childFlowRunIds") or ()) == 2,
    "a code that is a number": has("code", 133, 2200),
    "a message called msg": lambda record: any(node.get("msg") for node in objects_in(record)),
    "null beside a description": lambda record: any(
        node.get("message", ...) is None and node.get("description") for node in objects_in(record)
    ),
    "a status in capitals": has("status", "PARTIAL_SUCCESS", "IN_PROGRESS"),
    "a list where an object belongs": lambda record: any(
        has(key, [])(record) for key in ("extensions", "manifest", "reference", "flowSpec", "recordSummary", "metrics")
    ),
    "an object where a list belongs": lambda record: any(
        has(key, {})(record) for key in ("activityRefs", "ids", "childFlowRunIds", "predecessors", "errors")
    ),
    "a failure without errors": lambda record: parse(record).failed and not parse(record).errors,
    "a failure with errors": lambda record: parse(record).failed and len(parse(record).errors) > 1,
    "a failure with a cause": lambda record: (
        parse(record).failed and len(parse(record).errors) > len(parse(record).causes)
    ),
}


@pytest.mark.slow
def test_records_vary() -> None:
    """Records of every variety are drawn, and every key that a model knows, in each of its spellings."""
    drawn = draw(records(), 1_000)
    assert [variety for variety, has_it in VARIETIES.items() if not any(map(has_it, drawn))] == []
    keys: dict[type[BaseModel], set[str]] = {}

    def collect(node: dict[str, Any], model: type[BaseModel]) -> None:
        keys.setdefault(model, set()).update(node)
        for key, value in node.items():
            inner = field_model(model, key)
            if inner is not None and inner is not Delivery:
                for entry in filter(is_object, value if is_list(value) else [value]):
                    collect(entry, inner)

    for record in drawn:
        collect(record, FlowRun)
    assert {model.__name__: known_keys(model) - keys[model] for model in keys if known_keys(model) - keys[model]} == {}
    assert len(keys) == 15


@pytest.mark.slow
def test_nestings_vary() -> None:
    """Runs are drawn in every wrapper, bare, and in three wrappers; in objects, lists and texts."""
    drawn = draw(payloads(), 600)
    deliveries = [parse(payload).delivery for payload in drawn]
    names = [delivery.wrappers for delivery in deliveries]
    assert {name for each in names for name in each} == {
        name for wrapper in WRAPPERS for name in delivery_names(wrapper)
    }
    assert () in names
    assert any(len(set(each)) == 3 for each in names)
    assert any("list" in each[1:] for each in names)
    values = [value for payload in drawn for node in objects_in(payload) for value in node.values()]
    texts = [value for value in values if isinstance(value, str) and len(value) > 60]
    assert {start for text in texts for start in ('{"', "[", "eyJ") if text.startswith(start)} == {'{"', "[", "eyJ"}
    quoted = search(payloads(), lambda payload: '["a.b"]' in parse(payload).delivery.path)
    assert '["a.b"]' in parse(quoted).delivery.path


def test_objects_vary() -> None:
    """A key of a drawn object has a value, is null or absent; sometimes an unknown one stands beside it."""
    drawn = draw(objects({"known": st.just(1)}), 200)
    assert {node.get("known", "absent") for node in drawn} == {"absent", None, 1}
    unknown = {key for node in drawn for key in node} - {"known"}
    assert len(unknown) > 5
    assert any(len(node) == 2 for node in drawn)


def test_counts_vary() -> None:
    """Counts are drawn in every way that Adobe writes them."""
    drawn = draw(COUNTS, 200)
    assert {type(count) for count in drawn} == {int, float, str}
    assert {"-1", ""} <= set(drawn)
    assert any(isinstance(count, str) and count.isdigit() for count in drawn)
    assert any(isinstance(count, int) and count < 0 for count in drawn)
    assert any(isinstance(count, int) and count > 2**32 for count in drawn)
    assert [count for count in drawn if (to_count(count) is None) != (str(count)[:1] in ("-", ""))] == []


WAYS_TO_WRITE_TIMES = {
    "milliseconds": r"\d{11,}",
    "seconds": r"[1-9]\d{,10}",
    "seconds and a fraction": r"\d+\.\d+",
    "UTC": r".*T.*Z",
    "the time of India": r".*T.*\+05:30",
    "no zone": r"[^Z+]*T[^Z+]*",
    "never": r"0",
    "unknown": r"-1|",
}


def test_times_vary() -> None:
    """Times are drawn in every way that Adobe writes them, and lie in the years 1971 to 2099 unless they mean never."""
    drawn = draw(TIMES, 300)
    read = [to_utc(time) for time in drawn]
    assert [time for time, instant in zip(drawn, read, strict=True) if (instant is None) != (time in (0, -1, ""))] == []
    assert {1971 <= instant.year <= 2099 for instant in read if instant is not None} == {True}
    assert [
        way for way, form in WAYS_TO_WRITE_TIMES.items() if not any(re.fullmatch(form, str(t)) for t in drawn)
    ] == []
    assert {type(time) for time in drawn if re.fullmatch(r"\d{3,}", str(time))} == {int, str}


@pytest.mark.parametrize("strategy", [records("failed"), payloads("event"), flow_runs(), other_messages()], ids=repr)
def test_strategies_are_shown_in_short(strategy: st.SearchStrategy[Any]) -> None:
    """The repr of a strategy, which Hypothesis shows where a filter is never satisfied, fits on a screen."""
    assert len(repr(strategy)) < 200


# --- in somebody's project ------------------------------------------------------------------------------------------


RUN_GUIDE = """
import runpy
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)  # a busy machine must not fail it
settings.load_profile("unhurried")
runpy.run_path("guide.py")
"""


@pytest.mark.slow
def test_the_guide_in_a_fresh_folder(tmp_path: Path) -> None:
    """The guide's tests pass in a new project, where Hypothesis has no tables of characters, and prepare none.

    Preparing them takes seconds, which fail the health check of whatever test comes first.
    """
    packages = tmp_path / "site-packages"  # Hypothesis reads the source of what is installed elsewhere
    packages.mkdir()
    packages.joinpath("flowrun_notifications").symlink_to(Path(library.__path__[0]), target_is_directory=True)
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    tmp_path.joinpath("guide.py").write_text("\n".join(blocks), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(packages)}
    command = [sys.executable, "-c", RUN_GUIDE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.glob(".hypothesis/unicode_data/*")) == []
