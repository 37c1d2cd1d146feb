"""What `flowrun_notifications.testing` promises to the tests of its users."""

from __future__ import annotations

import base64
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from properties.strategies import at, fields_by_key, objects
from pydantic import BaseModel

from flowrun_notifications import FlowRun, NotAFlowRunError, NotAFlowRunKind, RunStatus, parse, parse_all
from flowrun_notifications.testing import (
    ABSENT,
    Outcome,
    Wrapper,
    flow_runs,
    make_flow_run,
    make_other_message,
    make_payload,
    make_record,
    other_messages,
    payloads,
    records,
    wrap,
)

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
WRAPPERS: tuple[Wrapper, ...] = get_args(Wrapper)
KINDS: tuple[NotAFlowRunKind, ...] = get_args(NotAFlowRunKind)

NAMES_IN_DELIVERY: dict[Wrapper, tuple[str, ...]] = {
    "event": ("event",),
    "event_old": ("event",),
    "event_body": ("event", "body"),
    "body": ("body",),
    "messages": ("messages",),
    "messages_object": ("messages",),
    "message_list": ("messages",),
    "message": ("messages",),
    "list": ("list",),
    "cloud_event": ("cloud_event",),
    "journal": ("journal",),
    "eventbridge": ("eventbridge",),
    "runtime": ("runtime",),
    "runtime_body": ("runtime",),
    "runtime_text_body": ("runtime",),
    "api_list": ("api_list",),
}
HOLD_ANY_NUMBER: tuple[Wrapper, ...] = (
    "messages",
    "messages_object",
    "message_list",
    "list",
    "journal",
    "api_list",
)


def answers(run: FlowRun) -> tuple[RunStatus | str | None, bool, bool, bool, bool]:
    """What a run says of how it stands."""
    return run.status, run.succeeded, run.is_partial, run.failed, run.is_finished


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        ("success", (RunStatus.SUCCESS, True, False, False, True)),
        ("partial_ingestion", (RunStatus.SUCCESS, True, True, False, True)),
        ("partial_success", (RunStatus.PARTIAL_SUCCESS, False, True, False, True)),
        ("failed", (RunStatus.FAILED, False, False, True, True)),
        ("started", (RunStatus.IN_PROGRESS, False, False, False, False)),
    ],
)
def test_record_stands_as_its_outcome_says(outcome: Outcome, wanted: tuple[Any, ...]) -> None:
    """A built record of each outcome answers the questions about it as that outcome means."""
    assert answers(make_flow_run(outcome=outcome)) == wanted


def test_steps_follow_one_another() -> None:
    """The steps of a built run share its time out among them, and each takes in what the one before it put out."""
    record = make_record()
    whole, (first, last) = record["metrics"], record["activities"]
    run, copy, promotion = (part["durationSummary"] for part in (whole, first, last))
    assert [run["startedAtUTC"], copy["completedAtUTC"], promotion["completedAtUTC"]] == [
        copy["startedAtUTC"],
        promotion["startedAtUTC"],
        run["completedAtUTC"],
    ]
    assert [amounts(whole, "input"), amounts(first, "output"), amounts(last, "output")] == [
        amounts(first, "input"),
        amounts(last, "input"),
        amounts(whole, "output"),
    ]
    failed = make_record("failed")
    assert failed["activities"][0]["durationSummary"]["startedAtUTC"] == run["startedAtUTC"]


def amounts(part: dict[str, Any], direction: str) -> list[int]:
    """How much went into a run or a step, or came out of it."""
    return [
        part["recordSummary"][f"{direction}RecordCount"],
        part["fileSummary"][f"{direction}FileCount"],
        part["sizeSummary"][f"{direction}Bytes"],
    ]


@pytest.mark.parametrize("outcome", ["success", "partial_ingestion", "partial_success"])
def test_records_of_a_finished_run_add_up(outcome: Outcome) -> None:
    """What a built run took in, in whatever way it finished, came out or failed."""
    record, taken_in = make_record(outcome), amounts(make_record()["metrics"], "input")[0]
    for part in (record["metrics"], record["activities"][-1]):
        counts = part["recordSummary"]
        assert counts["outputRecordCount"] + counts["failedRecordCount"] == counts["inputRecordCount"] == taken_in
        for failed in counts.get("failedInfo", []):
            assert failed["count"] == counts["failedRecordCount"]


def test_unknown_as_adobe_writes_it() -> None:
    """In a built failure an unknown count is -1; in any built step an unknown time of update is 0."""
    failed = make_record("failed")
    parts = [failed["metrics"], *failed["activities"]]
    assert [part["fileSummary"] for part in parts] == [{"inputFileCount": -1}] * 2
    steps = [step for outcome in OUTCOMES for step in make_record(outcome)["activities"]]
    assert {step["updatedAtUTC"] for step in steps} == {0}


def test_failed_record_tells_why() -> None:
    """A built failure has an outer error and the nested one that caused it."""
    run = make_flow_run(outcome="failed")
    assert [error.code for error in run.errors] == ["CONNECTOR-1001-500", "2200"]
    assert [(cause.code, cause.activity_id) for cause in run.causes] == [
        ("2200", "4f008a00-3a04-11eb-adc1-0242ac120002")
    ]


def test_overrides_merge_into_objects() -> None:
    """An object given as an override changes the keys it has and leaves the others."""
    plain = make_record()
    record = make_record(metrics={"recordSummary": {"failedRecordCount": 3}}, flowName="Orders")
    assert record["metrics"]["recordSummary"] == {**plain["metrics"]["recordSummary"], "failedRecordCount": 3}
    assert record["metrics"]["statusSummary"] == plain["metrics"]["statusSummary"]
    assert {**record, "metrics": None} == {**plain, "metrics": None, "flowName": "Orders"}


def test_overrides_replace_lists_and_values() -> None:
    """A list, a null or a value given as an override takes the place of what stands there, of an object too."""
    record = make_record(activities=[], metrics=None, id=["x"], params={"new": 1})
    assert (record["activities"], record["metrics"], record["id"], record["params"]) == ([], None, ["x"], {"new": 1})


def test_absent_removes_a_key() -> None:
    """An override that is `ABSENT` removes the key, at any level, and is nothing where there is none."""
    record = make_record(url=ABSENT, flowName=ABSENT, metrics={"statusSummary": {"status": ABSENT}})
    assert "url" not in record
    assert "flowName" not in record
    assert record["metrics"]["statusSummary"] == {}
    assert repr(ABSENT) == "ABSENT"


def test_keys_that_are_no_identifiers_can_be_overridden() -> None:
    """Keys with a colon are given by a dict, as with any call."""
    overrides: dict[str, Any] = {"id": ABSENT, "xdm:flowRunId": "r-1"}
    assert make_flow_run(**overrides).id == "r-1"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_records_share_nothing_within(outcome: Outcome) -> None:
    """No two places of a built record are one object, so that a change to one is no change to another."""
    pending: list[Any] = [make_record(outcome)]
    seen: list[int] = []
    for value in pending:
        seen.append(id(value))
        inside: Iterable[Any] = value.values() if hasattr(value, "values") else value
        pending += [item for item in inside if isinstance(item, (dict, list))]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_records_are_new_at_every_call(outcome: Outcome) -> None:
    """Changing a built record changes neither the next one nor what it was built from."""
    details = {"rows": [1]}
    first = make_record(outcome, params=details)
    wanted = make_record(outcome, params=details)
    first["metrics"]["statusSummary"].clear()
    first["params"]["rows"].append(2)
    assert make_record(outcome, params=details) == wanted
    assert details == {"rows": [1]}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_every_wrapper_is_read(wrapper: Wrapper) -> None:
    """A run in each wrapper reads as the bare run, and its delivery names the wrapper."""
    run = parse(make_payload(wrapper))
    assert run.model_copy(update={"delivery": make_flow_run().delivery}) == make_flow_run()
    assert run.delivery.wrappers == NAMES_IN_DELIVERY[wrapper]


def test_wrappers_tell_of_one_moment() -> None:
    """The wrappers that say when a built run was sent agree on it."""
    sent_at = make_flow_run("cloud_event").delivery.sent_at
    assert sent_at is not None
    assert make_flow_run("messages").delivery.sent_at == sent_at
    assert (make_flow_run("journal").delivery.position or "").endswith(f":{sent_at.timestamp():.0f}")


def test_bodies_of_web_requests() -> None:
    """A body for a Runtime action is JSON, in base64 or as it is."""
    content = {"id": "é"}
    assert wrap("runtime_body", content)["__ow_body"] == base64.b64encode(b'{"id": "\\u00e9"}').decode()
    assert wrap("runtime_text_body", content)["__ow_body"] == '{"id": "é"}'


def test_wrappers_nest_outermost_first() -> None:
    """Several wrappers are put around a run in the order given."""
    payload = make_payload("journal", "cloud_event", outcome="failed", id="r-1")
    assert payload == wrap("journal", wrap("cloud_event", make_record("failed", id="r-1")))
    assert parse(payload).delivery.path == "events[0].event.data"
    assert make_flow_run("journal", "cloud_event", outcome="failed", id="r-1") == parse(payload)


@pytest.mark.parametrize("wrapper", HOLD_ANY_NUMBER)
@pytest.mark.parametrize("number", [0, 1, 3])
def test_batches_hold_any_number(wrapper: Wrapper, number: int) -> None:
    """A wrapper of many holds the things given, in order."""
    contents = [make_record(id=f"r-{i}") for i in range(number)]
    payload = wrap(wrapper, *contents)
    assert [run.id for run in parse_all(payload).runs] == [f"r-{i}" for i in range(number)]
    for content in contents:
        content.clear()
    assert len(parse_all(payload).runs) == number


@pytest.mark.parametrize("wrapper", [wrapper for wrapper in WRAPPERS if wrapper not in HOLD_ANY_NUMBER])
@pytest.mark.parametrize("number", [0, 2])
def test_wrappers_of_one_refuse_any_other_number(wrapper: Wrapper, number: int) -> None:
    """A wrapper of one thing refuses none and two, in words."""
    with pytest.raises(ValueError, match=f"^the wrapper '{wrapper}' holds exactly one thing, {number} were given$"):
        wrap(wrapper, *[make_record()] * number)


@pytest.mark.parametrize("kind", KINDS)
def test_other_messages_are_of_their_kind(kind: NotAFlowRunKind) -> None:
    """A built message that is no run is told apart as the kind asked for, in a wrapper too."""
    for payload in (make_other_message(kind), wrap("event", make_other_message(kind))):
        with pytest.raises(NotAFlowRunError) as caught:
            parse(payload)
        assert caught.value.kind == kind


def test_other_messages_take_overrides() -> None:
    """A built message that is no run takes overrides as a record does."""
    (alert,) = parse_all(make_other_message("alert", name="delay", flowRunId=ABSENT)).skipped
    assert (alert.name, alert.flow_run_id, alert.status) == ("delay", None, "FIRING")


@pytest.mark.parametrize("outcome", OUTCOMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_drawn_runs_stand_as_their_outcome_says(outcome: Outcome, data: st.DataObject) -> None:
    """A drawn run of each outcome answers the questions about it as that outcome means, whatever else it holds."""
    run = data.draw(flow_runs(outcome=outcome))
    assert {
        "success": run.succeeded and not run.is_partial,
        "partial_ingestion": run.succeeded and run.is_partial,
        "partial_success": run.status is RunStatus.PARTIAL_SUCCESS,
        "failed": run.failed,
        "started": run.status is not None and not run.is_finished,
    }[outcome]


@pytest.mark.parametrize("wrapper", WRAPPERS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_drawn_payloads_come_in_their_wrapper(wrapper: Wrapper, data: st.DataObject) -> None:
    """A drawn payload of a wrapper holds one run in that wrapper, whatever else the wrapper says."""
    payload = data.draw(payloads(wrapper))
    (run,) = parse_all(payload).runs
    names = run.delivery.wrappers
    # Without its meta a message is not told from an entry of a list.
    assert names[-len(NAMES_IN_DELIVERY[wrapper]) :] == NAMES_IN_DELIVERY[wrapper]
    assert set(names) <= {"list", *NAMES_IN_DELIVERY[wrapper]}


@pytest.mark.parametrize("kind", [None, *KINDS])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_drawn_other_messages_are_no_runs(kind: NotAFlowRunKind | None, data: st.DataObject) -> None:
    """A drawn message that is no run is told apart as the kind asked for."""
    result = parse_all(data.draw(other_messages(kind)))
    assert [kind or error.kind for error in result.skipped] == [error.kind for error in result.skipped]
    assert (len(result.runs), len(result.skipped), len(result.errors)) == (0, 1, 0)


PECULIARITIES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "no activities": lambda record: "activities" not in record,
    "null metrics": lambda record: record.get("metrics", ...) is None,
    "the oldest spelling": lambda record: "xdm:flowId" in record,
    "a misspelt key": lambda record: "activites" in record,
    "a time in seconds": lambda record: type(record.get("createdAt")) is int and record["createdAt"] < 2e10,
    "a time in milliseconds": lambda record: type(record.get("createdAt")) is int and record["createdAt"] > 2e10,
    "a time as text": lambda record: str(record.get("createdAt")).endswith("Z"),
    "a time elsewhere": lambda record: str(record.get("createdAt")).endswith("+05:30"),
    "an unknown key": lambda record: "futureKey" in record,
    "an event code": lambda record: '"eventCode": "' in json.dumps(record),
    "a count of -1": lambda record: '"inputBytes": -1' in json.dumps(record),
    "two steps": lambda record: len(record.get("activities") or ()) == 2,
    "a step whose time of update is 0": lambda record: '"updatedAtUTC": 0' in json.dumps(record),
    "entities within a breakdown": lambda record: '"entitySummaries": [{' in json.dumps(record),
    "two ids in a list": lambda record: len(record.get("childFlowRunIds") or ()) == 2,
}


@pytest.mark.parametrize("peculiarity", PECULIARITIES)
def test_records_vary(peculiarity: str) -> None:
    """Records of every peculiarity are drawn."""
    has_it = PECULIARITIES[peculiarity]
    quickly = settings(max_examples=5_000, phases=[Phase.generate], report_multiple_bugs=False)
    assert has_it(find(records(), has_it, settings=quickly))


FAILURES, EVENTS, RUNS = flow_runs(outcome="failed"), payloads("event"), flow_runs()
VARIETIES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], bool]]] = {
    "a failure without errors": (FAILURES, lambda run: not run.errors),
    "a failure with two errors": (FAILURES, lambda run: len(run.metrics.status_summary.errors) == 2),
    "a failure with an outer error and a cause": (FAILURES, lambda run: len(run.causes) < len(run.errors)),
    "an event with an id": (EVENTS, lambda event: isinstance(event.get("eventid"), str)),
    "an event without an id": (EVENTS, lambda event: "eventid" not in event),
    "an event whose id is null": (EVENTS, lambda event: event.get("eventid", ...) is None),
    "an event with an unknown key": (EVENTS, lambda event: "futureKey" in event),
    "a bare run": (RUNS, lambda run: run.delivery.wrappers == ()),
    "a batch in something": (RUNS, lambda run: not {"list", "messages"}.isdisjoint(run.delivery.wrappers[1:])),
    "four wrappers": (RUNS, lambda run: len(set(run.delivery.wrappers) - {"body"}) == 4),
}


@pytest.mark.parametrize("variety", VARIETIES)
def test_payloads_vary(variety: str) -> None:
    """Failures, events and nestings of every kind are drawn."""
    strategy, is_it = VARIETIES[variety]
    quickly = settings(max_examples=5_000, phases=[Phase.generate], report_multiple_bugs=False)
    assert is_it(find(strategy, is_it, settings=quickly))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records("success").map(parse))
def test_drawn_successes_are_spotless(run: FlowRun) -> None:
    """A drawn success tells of no error, and neither it nor a step of it of failed records."""
    failed = [part.record_summary.failed_record_count for part in (run.metrics, *run.activities)]
    assert (run.errors, [number for number in failed if number]) == ((), [])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(payloads())
def test_drawn_payloads_are_json(payload: Any) -> None:
    """Whatever is drawn survives being written as JSON."""
    assert json.loads(json.dumps(payload, allow_nan=False)) == payload


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records())
def test_drawn_times_are_times(record: dict[str, Any]) -> None:
    """However a drawn time is written, it is read, and lies in the years 1971 to 2099."""
    run = parse(record)
    times = [run.created_at, run.updated_at, run.sla_created_at, run.process_start_time, run.transformed_time]
    keys = ("createdAt", "updatedAt", "slaCreatedAt", "processStartTime", "transformedTime")
    assert [time is None for time in times] == [record.get(key) is None for key in keys]
    assert [time for time in times if time is not None and not 1971 <= time.year <= 2099] == []


def test_every_documented_key_is_drawn() -> None:
    """Every key that a model knows, in each of its spellings, is drawn sooner or later."""
    drawn: dict[type[BaseModel], set[str]] = {}

    @settings(
        max_examples=2_000,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(records())
    def collect(record: dict[str, Any]) -> None:
        for path, _, model in objects(record):
            drawn.setdefault(model, set()).update(at(record, path))

    collect()
    assert len(drawn) == 15
    assert {model: fields_by_key(model).keys() - keys for model, keys in drawn.items()} == {
        model: set() for model in drawn
    }


@pytest.mark.parametrize("strategy", [records("failed"), payloads("event"), flow_runs(), other_messages()], ids=repr)
def test_strategies_are_shown_in_short(strategy: st.SearchStrategy[Any]) -> None:
    """A strategy's repr, which Hypothesis shows where a filter is never satisfied, fits on a screen."""
    assert len(repr(strategy)) < 1_000


def test_without_hypothesis_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Hypothesis is missing, importing the module says so and what to do."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "flowrun_notifications.testing")
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("flowrun_notifications.testing")
    assert (caught.value.name, str(caught.value)) == (
        "hypothesis",
        "flowrun_notifications.testing needs Hypothesis; install it with `pip install hypothesis`",
    )


def test_the_package_does_not_import_it() -> None:
    """Importing the package imports neither this module nor Hypothesis."""
    program = "import sys, flowrun_notifications; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"hypothesis", "flowrun_notifications.testing"}.isdisjoint(done.stdout.split())
