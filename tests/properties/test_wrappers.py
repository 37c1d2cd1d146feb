"""It does not matter in which wrappers a run comes."""

from __future__ import annotations

from typing import Any, get_args
from unittest.mock import patch

from fuzz.oracle import outcome, outcomes
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import NotAFlowRunError, RunCountError, parse, parse_all
from flowrun_notifications.testing import Wrapper, make_record, other_messages, payloads, records, wrap
from properties.strategies import ANY_JSON, delivered, dumps, is_list, is_object

WRAPPERS: tuple[Wrapper, ...] = get_args(Wrapper)
BATCHES: tuple[Wrapper, ...] = ("messages", "messages_object", "message_list", "list", "journal")
BROKEN = records().map(lambda record: {**record, "createdAt": "no time", "metrics": 1})


@given(records(), st.sampled_from(WRAPPERS))
def test_every_wrapper_agrees(record: dict[str, Any], wrapper: Wrapper) -> None:
    """By "the same whatever wrapper it came in", a run says the same in each wrapper as it does bare."""
    assert delivered(parse(wrap(wrapper, record))) == delivered(parse(record))


@given(records(), st.lists(st.sampled_from([w for w in WRAPPERS if w != "runtime"]), max_size=8))
def test_nestings_agree(record: dict[str, Any], wrappers: list[Wrapper]) -> None:
    """By "wrappers may nest in any order", a run says the same however deep it lies."""
    payload: Any = record
    for wrapper in wrappers:
        payload = wrap(wrapper, payload)
    run = parse(payload)
    assert delivered(run) == delivered(parse(record))
    assert outcome(parse, dumps(payload)) == run


@given(st.data())
def test_sixteen_deep_and_no_deeper(data: st.DataObject) -> None:
    """By "wrappers may nest in any order, 16 deep", one more makes it something else."""
    depth = data.draw(st.integers(12, 20))
    payload: Any = make_record()
    for _ in range(depth):
        names: list[Wrapper] = ["event", "body", "cloud_event", "journal", "eventbridge", "message", "runtime_body"]
        payload = wrap(data.draw(st.sampled_from(names)), payload)
    result = parse_all(payload)
    assert len(result.runs) == (depth <= 16)
    assert [error.kind for error in result.skipped] == ["other"] * (depth > 16)


@given(records(), st.sampled_from(WRAPPERS), st.data())
def test_what_a_wrapper_says_never_decides(record: dict[str, Any], wrapper: Wrapper, data: st.DataObject) -> None:
    """By "how a run came never decides whether it is read", any JSON may stand in the details of a wrapper."""
    plain = wrap(wrapper, record)
    payload = data.draw(with_any_details(plain, record))
    assert delivered(parse(payload)) == delivered(parse(record))
    assert parse(dumps(payload)) == parse(payload)


STRUCTURE = {
    *("event", "body", "messages", "value", "data", "specversion", "events", "detail", "detail-type", "items"),
    *("_links", "__ow_body", "__adobe_headers", "flowId", "metrics"),
}


def with_any_details(node: Any, record: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The same wrapper with any JSON in its details."""
    if node == record:
        return st.just(node)
    if is_list(node):
        return st.tuples(*(with_any_details(item, record) for item in node)).map(list)
    if not is_object(node):
        return st.just(node)
    if "__adobe_headers" in node:
        return st.fixed_dictionaries({**{key: st.just(node[key]) for key in node}, "__adobe_headers": ANY_JSON})
    return st.fixed_dictionaries(
        {key: with_any_details(item, record) if key in STRUCTURE else ANY_JSON for key, item in node.items()}
    )


@given(st.sampled_from(BATCHES), st.lists(st.sampled_from(["run", "broken", "other", "batch"]), max_size=6), st.data())
def test_batches_add_up(wrapper: Wrapper, kinds: list[str], data: st.DataObject) -> None:
    """By "the three together account for every item", each is where it belongs, in document order, with its path."""
    strategies = {
        "run": payloads(),
        "broken": BROKEN,
        "other": other_messages(),
        "batch": st.just(wrap("journal", make_record(), make_record())),
    }
    contents = [data.draw(strategies[kind]) for kind in kinds]
    payload = wrap(wrapper, *contents)
    result = parse_all(payload)
    alone = [parse_all(content) for content in contents]
    assert [delivered(run) for run in result.runs] == [delivered(run) for one in alone for run in one.runs]
    assert len(result.runs) == kinds.count("run") + 2 * kinds.count("batch")
    assert [error.kind for error in result.skipped] == [error.kind for one in alone for error in one.skipped]
    assert [error.problems[0].found for error in result.errors] == ["text"] * kinds.count("broken")
    paths = [
        *(run.delivery.path for run in result.runs),
        *(error.path for error in result.errors),
        *(error.path for error in result.skipped),
    ]
    assert len(set(paths)) == len(paths)
    broken_and_runs = len(result.runs) + len(result.errors)
    if broken_and_runs == 1 and result.runs:
        assert parse(payload) == result.runs[0]
    elif broken_and_runs > 1:
        assert outcome(parse, payload) == outcome_of_count(broken_and_runs)


def outcome_of_count(count: int) -> tuple[type[RunCountError], str]:
    """What `parse` makes of several runs."""
    return RunCountError, f"expected one flow run, the payload holds {count} flow runs; parse_all() reads any number"


@given(st.lists(records(), min_size=1, max_size=4), st.integers(0, 4), st.data())
def test_a_broken_item_costs_no_other(sound: list[dict[str, Any]], position: int, data: st.DataObject) -> None:
    """One broken item never costs the others."""
    contents = [*sound[:position], data.draw(BROKEN), *sound[position:]]
    with_it = parse_all(wrap("journal", *contents))
    assert [delivered(run) for run in with_it.runs] == [delivered(parse(record)) for record in sound]
    assert [error.path for error in with_it.errors] == [f"events[{min(position, len(sound))}].event"]


@given(st.lists(records(), max_size=4))
def test_api_lists(items: list[dict[str, Any]]) -> None:
    """Every entry of an API list's `items` is a run."""
    result = parse_all(wrap("api_list", *items))
    assert [delivered(run) for run in result.runs] == [delivered(parse(record)) for record in items]
    assert [run.delivery.path for run in result.runs] == [f"items[{index}]" for index in range(len(items))]


@given(other_messages(), payloads())
def test_what_is_no_run_is_told_apart_in_any_wrapper(message: dict[str, Any], payload: Any) -> None:
    """Things that are no runs are told apart in any wrapper, and beside a run they do not count."""
    (alone,) = parse_all(message).skipped
    for wrapper in WRAPPERS:
        if wrapper != "api_list":
            found = outcome(parse, wrap(wrapper, message))
            assert isinstance(found, tuple)
            assert found[0] is NotAFlowRunError
            assert parse_all(wrap(wrapper, message)).skipped[0].kind == alone.kind
    assert delivered(parse([message, payload])) == delivered(parse(payload))


@given(payloads(), st.data())
def test_both_ways_to_read_are_one(payload: Any, data: st.DataObject) -> None:
    """Validating while decoding, and decoding first, give equal results in every part."""
    payload = data.draw(st.sampled_from([payload, [payload], [payload, payload], wrap("journal", payload, payload)]))
    text = dumps(payload)
    wanted = outcomes(text)
    with patch("flowrun_notifications.parsing.read", return_value=None):
        assert outcomes(text) == wanted
