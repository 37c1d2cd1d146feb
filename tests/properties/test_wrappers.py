"""It does not matter in which wrappers a run comes, nor which way it is read."""

from __future__ import annotations

from typing import Any, get_args

from fuzz.oracle import general_outcomes, outcome, outcomes
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import (
    FlowRun,
    InvalidFlowRunError,
    NotAFlowRunError,
    OtherMessage,
    RunCountError,
    parse,
    parse_all,
)
from flowrun_notifications._reading.fast_path import read_fast
from flowrun_notifications.testing import Wrapper, make_payload, make_record, other_messages, payloads, records, wrap
from flowrun_notifications.testing.shapes import delivery_names
from properties.strategies import delivered, dumps, follow

WRAPPERS: tuple[Wrapper, ...] = get_args(Wrapper)
BATCHES: tuple[Wrapper, ...] = ("messages", "messages:object", "messages:bare", "list", "journal", "other:sqs")
BROKEN = records().map(lambda record: {**record, "createdAt": "no time", "metrics": 1, "xdm:metrics": 1})
RECORDS = records().map(lambda record: {"activities": [], **record})
"""Records that can be found in every wrapper."""


@given(RECORDS, st.sampled_from(WRAPPERS))
def test_every_wrapper_agrees(record: dict[str, Any], wrapper: Wrapper) -> None:
    """A run "reads the same wherever the run was found": in each wrapper as it does bare."""
    payload = wrap(wrapper, record)
    run = parse(payload)
    assert parse(dumps(payload)) == run
    assert delivered(run) == delivered(parse(wrap("runtime", record) if wrapper == "runtime" else record))
    assert run.delivery.wrappers == delivery_names(wrapper)
    assert wrapper == "runtime" or follow(payload, run.delivery.path) == record


@given(RECORDS, st.lists(st.sampled_from([w for w in WRAPPERS if w != "runtime"]), max_size=4))
def test_nestings_agree(record: dict[str, Any], wrappers: list[Wrapper]) -> None:
    """Wrappers may nest in any order; a run says the same however deep it lies."""
    payload: Any = record
    for wrapper in wrappers:
        payload = wrap(wrapper, payload)
    run = parse(payload)
    assert delivered(run) == delivered(parse(record))
    assert parse(dumps(payload)) == run


@given(st.sampled_from(BATCHES), st.lists(st.sampled_from(["run", "broken", "other", "batch"]), max_size=6), st.data())
def test_batches_add_up(wrapper: Wrapper, kinds: list[str], data: st.DataObject) -> None:
    """The three account for every item, each is where it belongs, in document order, with its path."""
    strategies = {
        "run": payloads(),
        "broken": BROKEN.map(lambda record: wrap("event", record)),
        "other": other_messages(),
        "batch": st.just(wrap("journal", make_record(), make_record())),
    }
    contents = [data.draw(strategies[kind]) for kind in kinds]
    payload = wrap(wrapper, *contents)
    result = parse_all(payload)
    wanted = [type(item) for content in contents for item in parse_all(content).items]
    assert [type(item) for item in result.items] == (wanted if contents or wrapper != "other:sqs" else [OtherMessage])
    alone = [run for content in contents for run in parse_all(content).runs]
    assert [delivered(run) for run in result.runs] == [delivered(run) for run in alone]
    assert [error.problems[0].found for error in result.errors] == ["text"] * kinds.count("broken")
    paths = [item.path if isinstance(item, InvalidFlowRunError) else item.delivery.path for item in result.items]
    assert len(set(paths)) == len(paths)
    broken_and_runs = len(result.runs) + len(result.errors)
    if broken_and_runs == 1 and result.runs:
        assert parse(payload) == result.runs[0]
    elif broken_and_runs > 1:
        assert outcome(parse, payload) == outcome_of_count(broken_and_runs)


def outcome_of_count(count: int) -> tuple[type[RunCountError], str]:
    """Return what `parse` makes of several runs."""
    return RunCountError, f"expected one flow run, the payload holds {count} flow runs; parse_all() reads any number"


@given(st.lists(records(), min_size=1, max_size=4), st.integers(0, 4), st.data())
def test_a_broken_item_costs_no_other(sound: list[dict[str, Any]], position: int, data: st.DataObject) -> None:
    """One broken run never costs the others."""
    contents = [*sound[:position], data.draw(BROKEN), *sound[position:]]
    with_it = parse_all(wrap("journal", *contents))
    assert [delivered(run) for run in with_it.runs] == [delivered(parse(record)) for record in sound]
    assert [error.path for error in with_it.errors] == [f"events[{min(position, len(sound))}].event"]


@given(st.lists(records(), max_size=4))
def test_api_lists(items: list[dict[str, Any]]) -> None:
    """Every entry of an API list's ``items`` is a run."""
    result = parse_all(wrap("api_list", *items))
    assert [delivered(run) for run in result.runs] == [delivered(parse(record)) for record in items]
    assert [run.delivery.path for run in result.runs] == [f"items[{index}]" for index in range(len(items))]


@given(other_messages(), payloads())
def test_other_messages_in_any_wrapper(message: dict[str, Any], payload: Any) -> None:
    """Other messages are told apart in any wrapper, and "beside a run they do not count"."""
    (alone,) = parse_all(message).others
    for wrapper in WRAPPERS:
        found = outcome(parse, wrap(wrapper, message))
        assert isinstance(found, tuple)
        assert found[0] is NotAFlowRunError
        assert [other.kind for other in parse_all(wrap(wrapper, message)).others] == [alone.kind]
    assert delivered(parse([message, payload])) == delivered(parse(payload))
    first, second = parse_all([message, payload]).items
    assert isinstance(first, OtherMessage)
    assert isinstance(second, FlowRun)


@given(payloads(), st.data())
def test_both_ways_to_read_are_one(payload: Any, data: st.DataObject) -> None:
    """Validating while decoding, and decoding first, give equal results in every part."""
    payload = data.draw(st.sampled_from([payload, [payload], [payload, payload], wrap("journal", payload, payload)]))
    text = dumps(payload)
    assert outcomes(text) == general_outcomes(text)


def test_the_fast_path_is_taken() -> None:
    """The two ways differ: the common wrappers are read while decoding."""
    for wrapper in ("event", "messages", "cloud_event", "eventbridge", "journal", "api_list", "list"):
        assert read_fast(dumps(make_payload(wrapper))) == [parse(make_payload(wrapper))]
