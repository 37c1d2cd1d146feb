"""A run can leave and come back: as a payload, pickled, copied, as the model's own JSON."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from flowrun_notifications import (
    EventNotification,
    FlowRun,
    FlowRunNotificationError,
    MessagesNotification,
    ParseResult,
    parse,
    parse_all,
)
from flowrun_notifications.testing import flow_runs, other_messages, payloads, records, wrap
from properties.strategies import at, delivered, dumps, fields_by_key, objects


@given(flow_runs())
def test_to_payload_and_parse_are_inverse(run: FlowRun) -> None:
    """By "parsing that gives an equal run, its `delivery` apart", nothing is lost or added on the way."""
    record = run.to_payload()
    again = parse(record)
    assert delivered(again) == delivered(run)
    assert again.to_payload() == record
    assert delivered(parse(json.dumps(record))) == delivered(run)


@given(records())
def test_to_payload_invents_nothing(record: dict[str, Any]) -> None:
    """By "unknown keys kept, nothing invented", a written record has the keys that were read, and no others."""
    assume(not has_decoys(record))  # beside one, nobody can tell whether a key that says nothing was given
    written = parse(record).to_payload()
    wanted = {canonical(path): {CANONICAL.get(key, key) for key in at(record, path)} for path, _, _ in objects(record)}
    wanted[()] -= {"header"}
    keys = {path: set(at(written, path)) for path, _, _ in objects(written)}
    assert {path: keys[path] for path in wanted} == wanted
    assert all(keys[path] == set() for path in keys.keys() - wanted.keys())  # what was null


CANONICAL = {
    "xdm:flowRunId": "id",
    "xdm:flowId": "flowId",
    "xdm:imsOrg": "imsOrgId",
    "xdm:sandboxName": "sandboxName",
    "xdm:metrics": "metrics",
    "eTag": "etag",
    "activites": "activities",
    "stoppedAtUTC": "completedAtUTC",
    "description": "message",
}


def canonical(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A path as `to_payload` spells it."""
    return tuple(CANONICAL.get(step, step) if isinstance(step, str) else step for step in path)


@given(flow_runs())
def test_pickle_and_copies(run: FlowRun) -> None:
    """A pickled, copied or deeply copied run equals it in every part, its delivery included."""
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(run, protocol)) == run
    for twin in (copy.copy(run), copy.deepcopy(run), run.model_copy(), run.model_copy(deep=True)):
        assert twin == run
        assert hash(twin) == hash(run)
        assert twin.to_payload() == run.to_payload()
        assert twin.model_extra == run.model_extra
        assert (twin.errors, twin.summary()) == (run.errors, run.summary())


def has_decoys(record: Any) -> bool:
    """Whether a record has unknown keys that are spelt like attributes: those two cannot be told apart in a dump."""
    return any(
        not model.model_fields.keys().isdisjoint(at(record, path).keys() - fields_by_key(model).keys())
        for path, _, model in objects(record)
    )


@given(records())
def test_model_json(record: dict[str, Any]) -> None:
    """What `model_dump_json` and `model_dump` write, `model_validate_json` and `model_validate` read back."""
    assume(not has_decoys(record))
    run = parse(record)
    assert FlowRun.model_validate_json(run.model_dump_json()) == run
    assert FlowRun.model_validate(run.model_dump()) == run
    assert FlowRun.model_validate(run.model_dump(mode="json")) == run


@given(payloads() | other_messages() | st.lists(payloads() | other_messages(), max_size=3))
def test_results_and_errors_pickle(payload: Any) -> None:
    """A result with all its runs and errors can be pickled, and so can what `parse` raises."""
    result = parse_all([payload, {"flowId": 1, "metrics": 2}])
    twin: ParseResult = pickle.loads(pickle.dumps(result))
    assert twin.runs == result.runs
    mine: list[FlowRunNotificationError] = [*result.skipped, *result.errors]
    other: list[FlowRunNotificationError] = [*twin.skipped, *twin.errors]
    assert [(type(error), str(error)) for error in other] == [(type(error), str(error)) for error in mine]
    assert [(error.kind, error.delivery) for error in twin.skipped] == [
        (error.kind, error.delivery) for error in result.skipped
    ]
    assert [(error.problems, error.locations, error.delivery) for error in twin.errors] == [
        (error.problems, error.locations, error.delivery) for error in result.errors
    ]


@given(records(), records())
def test_documented_shapes_as_models(first: dict[str, Any], second: dict[str, Any]) -> None:
    """The models of the two documented shapes read what `parse` reads, and write what they read."""
    assume(not has_decoys(first))
    assume(not has_decoys(second))
    for record in (first, second):
        record.pop("header", None)  # part of the delivery, which these models do not make
    event = wrap("event", first)
    notification = EventNotification.model_validate_json(dumps(event))
    assert delivered(notification.event) == delivered(parse(first))
    assert EventNotification.model_validate(event) == notification
    assert EventNotification.model_validate_json(notification.model_dump_json()) == notification
    messages = wrap("messages_object", first, second)
    in_messages = MessagesNotification.model_validate_json(dumps(messages))
    assert [delivered(message.value) for message in in_messages.messages] == [
        delivered(parse(first)),
        delivered(parse(second)),
    ]
    assert MessagesNotification.model_validate(messages) == in_messages
    assert MessagesNotification.model_validate_json(in_messages.model_dump_json()) == in_messages


@given(flow_runs("event"), flow_runs("event"))
def test_equality_and_hash(first: FlowRun, second: FlowRun) -> None:
    """Two runs are equal when all they say is, and equal runs have equal hashes."""
    assert (first == second) == (delivered(first, second.delivery) == second and first.delivery == second.delivery)
    again = parse(first.to_payload()).model_copy(update={"delivery": first.delivery})
    assert again == first
    assert hash(again) == hash(first)
    assert {first: 1}[again] == 1
