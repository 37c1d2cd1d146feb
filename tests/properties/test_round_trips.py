"""A run can leave and come back: as a payload, pickled, copied, as the model's own JSON, in other people's models."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

from fuzz.oracle import plain
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from flowrun_notifications import EventNotification, FlowRun, MessagesNotification, ParseResult, parse, parse_all
from flowrun_notifications._models.values import copy_json
from flowrun_notifications.testing import Wrapper, other_messages, payloads, records, wrap
from properties.strategies import ANY_JSON, ANY_KEY, at, delivered, dumps, fields_by_key, mended, objects


@st.composite
def payloads_with_decoys(draw: st.DrawFn) -> Any:
    """Draw a payload of one run with unknown keys at any level, by preference ones that are spelt like attributes."""
    record: dict[str, Any] = copy_json(draw(records()))
    for path, _, model in draw(st.lists(st.sampled_from(objects(record)), max_size=2)):
        node = at(record, path)
        decoys = st.sampled_from([*model.model_fields, *(f"also:{name}" for name in model.model_fields)])
        key = mended(draw(decoys | ANY_KEY))
        if key not in fields_by_key(model) and key not in RUNTIME_KEYS:
            node[key] = mended(draw(ANY_JSON))
    wrapper: Wrapper | None = draw(st.sampled_from((None, "event", "messages", "cloud_event")))
    record = {"metrics": None, **record}
    return wrap(wrapper, record) if wrapper else record


RUNTIME_KEYS = frozenset(
    {"__adobe_headers", "__ow_body", "__ow_headers", "__ow_method", "headers", "x-adobe-event-code"}
)
"""Keys that a Runtime action adds; they are not part of a run."""


@given(payloads_with_decoys())
def test_to_payload_and_parse_are_inverse(payload: Any) -> None:
    """Parsing what ``to_payload()`` gives makes an equal run, its delivery apart: nothing is lost or added on the way."""
    run = parse(dumps(payload))
    record = run.to_payload()
    again = parse(record)
    assert delivered(again) == delivered(run)
    assert again.to_payload() == record
    assert delivered(parse(json.dumps(record))) == delivered(run)


@given(records())
def test_to_payload_invents_nothing(record: dict[str, Any]) -> None:
    """A written record has the keys that were read, each in its usual spelling, and no others."""
    written = parse(record).to_payload()
    for path, _, model in objects(record):
        node = at(record, path)
        wanted = {usual(model, key) for key in node} - {"header"}
        there = at(written, usual_path(path)).keys()
        assert wanted <= there <= wanted | node.keys()


def usual(model: type[BaseModel], key: str) -> str:
    """Return a key in its usual spelling."""
    field = fields_by_key(model).get(key)
    return field.spellings[0] if field else key


USUAL = {"xdm:metrics": "metrics", "activites": "activities"}


def usual_path(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return a path as `to_payload` spells it."""
    return tuple(USUAL.get(step, step) if isinstance(step, str) else step for step in path)


@given(payloads_with_decoys())
def test_pickle_and_copies(payload: Any) -> None:
    """A pickled, copied or deeply copied run equals it in every part, its delivery included."""
    run = parse(dumps(payload))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(run, protocol)) == run
    for twin in (copy.copy(run), copy.deepcopy(run), run.model_copy(), run.model_copy(deep=True)):
        assert twin == run
        assert hash(twin) == hash(run)
        assert twin.to_payload() == run.to_payload()
        assert twin.model_extra == run.model_extra
        assert (twin.errors, twin.summary()) == (run.errors, run.summary())


class Report(BaseModel):
    """Somebody else's model around runs."""

    run: FlowRun
    others: list[FlowRun] = []
    by_name: dict[str, FlowRun] = {}


REPORTS = TypeAdapter(list[Report | None])


@given(payloads_with_decoys(), st.booleans())
def test_model_json(payload: Any, by_alias: bool) -> None:
    """FlowRun.model_validate_json(run.model_dump_json()) == run, by name and by alias, whatever keys it has."""
    run = parse(dumps(payload))
    text = run.model_dump_json(by_alias=by_alias)
    assert FlowRun.model_validate_json(text) == run
    assert FlowRun.model_validate(run.model_dump(by_alias=by_alias)) == run
    assert FlowRun.model_validate(run.model_dump(mode="json", by_alias=by_alias)) == run
    adapter = TypeAdapter(FlowRun)
    assert adapter.validate_json(adapter.dump_json(run, by_alias=by_alias)) == run
    assert adapter.validate_python(adapter.dump_python(run, by_alias=by_alias)) == run


@given(payloads_with_decoys(), payloads_with_decoys(), st.booleans())
def test_in_other_peoples_models(one: Any, other: Any, by_alias: bool) -> None:
    """A field of somebody else's model keeps runs as they are: pickled, copied, validated from Python and from JSON."""
    first, second = parse(dumps(one)), parse(dumps(other))
    reports = [None, Report(run=first, others=[second, first], by_name={"x": second})]
    assert pickle.loads(pickle.dumps(reports)) == copy.deepcopy(reports) == reports
    assert REPORTS.validate_json(REPORTS.dump_json(reports, by_alias=by_alias)) == reports
    assert REPORTS.validate_python(REPORTS.dump_python(reports, by_alias=by_alias)) == reports


@given(records(), st.sampled_from([json.dumps, lambda record: record]))
def test_models_read_what_parse_reads(record: dict[str, Any], form: Any) -> None:
    """Validating a record with the model, alone or in somebody else's, gives what ``parse`` gives."""
    record = {key: value for key, value in record.items() if key not in NAMES_OF_KEYS}
    wanted = parse(form(record))
    validate = FlowRun.model_validate if form(record) is record else FlowRun.model_validate_json
    assert delivered(validate(form(record))) == delivered(wanted)
    adapter = TypeAdapter(list[Report])
    report = {"run": record}
    (read,) = adapter.validate_python([report]) if form(record) is record else adapter.validate_json(form([report]))
    assert delivered(read.run) == delivered(wanted)


NAMES_OF_KEYS = frozenset(FlowRun.model_fields) - frozenset(fields_by_key(FlowRun))
"""Names of attributes that no record has as keys: a model reads them as the last of their spellings, `parse` does not."""


@given(records("failed") | records(), records(), st.booleans())
def test_documented_shapes_as_models(first: dict[str, Any], second: dict[str, Any], is_text: bool) -> None:
    """Validating with the notification models gives exactly the runs that ``parse`` gives, delivery included."""
    event, messages = wrap("event", first), wrap("messages:object", first, second)
    if is_text:
        notification = EventNotification.model_validate_json(dumps(event))
        in_messages = MessagesNotification.model_validate_json(dumps(messages))
    else:
        notification = EventNotification.model_validate(event)
        in_messages = MessagesNotification.model_validate(messages)
    assert notification.event == parse(event)
    assert tuple(message.value for message in in_messages.messages) == parse_all(messages).runs
    assert EventNotification.model_validate_json(notification.model_dump_json()) == notification
    assert MessagesNotification.model_validate_json(in_messages.model_dump_json()) == in_messages


@given(payloads() | other_messages() | st.lists(payloads() | other_messages(), max_size=3))
def test_results_and_errors_pickle(payload: Any) -> None:
    """A result with all its runs, other messages and errors can be pickled, copied and compared."""
    result = parse_all([payload, {"flowId": 1, "metrics": 2}])
    twins: list[ParseResult] = [pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)]
    for twin in twins:
        assert plain(twin) == plain(result)
        assert (twin.runs, twin.others) == (result.runs, result.others)
        assert [delivered(error.salvage()) for error in twin.errors[:-1]] == [
            delivered(error.salvage()) for error in result.errors[:-1]
        ]


@given(payloads_with_decoys(), payloads_with_decoys())
def test_equality_and_hash(one: Any, other: Any) -> None:
    """Two runs are equal when all they say is, and equal runs have equal hashes."""
    first, second = parse(dumps(one)), parse(dumps(other))
    assert (first == second) == (delivered(first, second.delivery) == second and first.delivery == second.delivery)
    again = parse(first.to_payload()).model_copy(update={"delivery": first.delivery})
    assert again == first
    assert hash(again) == hash(first)
    assert {first: 1}[again] == 1
