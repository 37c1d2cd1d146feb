"""Unknown keys are kept, and change nothing known."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel

from flowrun_notifications import FlowRun, parse
from flowrun_notifications.testing import Wrapper, records, wrap
from properties.strategies import (
    ANY_JSON,
    ANY_KEY,
    at,
    dumps,
    fields_by_key,
    is_list,
    is_object,
    objects,
    places,
    reach,
    replaced,
)

WRAPPERS: tuple[Wrapper, ...] = (
    *("event", "event_old", "event_body", "body", "messages", "messages_object", "message_list", "message"),
    *("cloud_event", "journal", "eventbridge"),
)


def mended(value: Any) -> Any:
    """A JSON value as it reads: a lone surrogate costs that character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if is_list(value):
        return [mended(item) for item in value]
    if is_object(value):
        return {mended(key): mended(item) for key, item in value.items()}
    return value


MENDED_JSON = ANY_JSON.map(mended)
MENDED_KEY = ANY_KEY.map(mended)


def known(value: Any) -> Any:
    """What the attributes of a model say, without its unknown keys."""
    if isinstance(value, BaseModel):
        return type(value), {name: known(getattr(value, name)) for name in type(value).model_fields}
    return list(map(known, cast("tuple[object, ...]", value))) if isinstance(value, tuple) else value


def answers(run: FlowRun) -> tuple[Any, ...]:
    """What a run answers to the questions about it."""
    return (
        *(run.status, run.succeeded, run.failed, run.is_partial, run.is_finished, run.started_at, run.completed_at),
        *(run.duration, run.errors, run.causes, run.skips, run.warnings, run.batch_ids, run.source_connection_ids),
        *(run.target_connection_ids, run.summary()),
    )


@given(records(), st.data())
def test_unknown_keys_of_models(record: dict[str, Any], data: st.DataObject) -> None:
    """By "unknown keys are kept and readable, at every level", any of them is, and changes nothing known."""
    path, attribute, model = data.draw(st.sampled_from(objects(record)))
    taken = fields_by_key(model).keys() | at(record, path).keys() | {"__adobe_headers"}
    if "metrics" not in record and "xdm:metrics" not in record:
        taken |= {"status"}  # a record without metrics that has a status is an alert
    key = data.draw(MENDED_KEY.filter(lambda key: key not in taken))
    value = data.draw(MENDED_JSON)
    plain = parse(record)
    for payload in (replaced(record, (*path, key), value), dumps(replaced(record, (*path, key), value))):
        run = parse(payload)
        assert known(run) == known(plain)
        assert answers(run) == answers(plain)
        assert reach(run, attribute).model_extra == {**reach(plain, attribute).model_extra, key: value}
        assert at(run.to_payload(), written(path))[key] == value


def written(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A path as `to_payload` spells it."""
    return tuple(CANONICAL.get(step, step) if isinstance(step, str) else step for step in path)


CANONICAL = {"xdm:metrics": "metrics", "activites": "activities"}


@given(records(), st.data())
def test_keys_of_open_objects(record: dict[str, Any], data: st.DataObject) -> None:
    """What stands in an open object is kept as it came, whatever it is, and is not looked into."""
    bags = [place for place in places(record) if place.kind == "bag" and is_object(at(record, place.path))]
    record = record if bags else {**record, "params": {}}
    path, attribute = data.draw(st.sampled_from([(bag.path, bag.attribute) for bag in bags] or [(("params",),) * 2]))
    key = data.draw(MENDED_KEY.filter(lambda key: key not in MEANT_IN_EXTENSIONS))
    value = data.draw(MENDED_JSON)
    changed = replaced(record, (*path, key), value)
    run = parse(changed)
    assert reach(run, attribute) == at(changed, path)
    assert answers(run) == answers(parse(record))
    assert parse(dumps(changed)) == run


MEANT_IN_EXTENSIONS = {"errors", "errorDetail", "batchId"}


@given(records(), st.lists(st.sampled_from(WRAPPERS), min_size=1, max_size=4), ANY_KEY, ANY_JSON)
def test_unknown_keys_of_wrappers(record: dict[str, Any], wrappers: list[Wrapper], key: str, value: Any) -> None:
    """Unknown keys of wrappers change neither the run nor its delivery."""
    assume(key not in MEANT_IN_WRAPPERS)
    payload: Any = record
    for wrapper in wrappers:
        payload = wrap(wrapper, payload)
    run = parse(payload)
    changed = with_key(payload, record, key, value)
    assert changed != payload
    assert parse(changed) == run
    assert parse(dumps(changed)) == run


MEANT_IN_WRAPPERS = {
    *(
        "event",
        "body",
        "messages",
        "value",
        "data",
        "events",
        "detail",
        "items",
        "specversion",
        "detail-type",
        "_links",
    ),
    *("__adobe_headers", "__ow_body", "__ow_headers", "header", "_eventNotificationMeta"),
    *("flowId", "metrics", "xdm:flowId", "xdm:metrics"),
    *("event_id", "eventid", "recipient_client_id", "recipientclientid", "id", "type", "time", "timestamp", "provider"),
    "position",
}


def with_key(node: Any, record: dict[str, Any], key: str, value: Any) -> Any:
    """A wrapped record with one more key in every object around it."""
    if is_list(node):
        return [with_key(item, record, key, value) for item in node]
    if node == record or not is_object(node):
        return node
    inside = {step: with_key(node[step], record, key, value) if step in AROUND else node[step] for step in node}
    return {**inside, key: value}


AROUND = {"event", "body", "messages", "value", "data", "events", "detail"}
