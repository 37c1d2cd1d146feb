"""Unknown keys are kept, and change nothing known."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from flowrun_notifications import parse
from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications._reading.wrappers import is_header_key, is_runtime_key
from flowrun_notifications.testing import Wrapper, records, wrap
from properties.strategies import (
    ANY_JSON,
    ANY_KEY,
    at,
    dumps,
    fields_by_key,
    mended,
    objects,
    places,
    reach,
    replaced,
    says,
)

WRAPPERS: tuple[Wrapper, ...] = (
    *("event", "event:old", "body", "messages", "messages:object", "messages:bare", "messages:single"),
    *("cloud_event", "journal", "eventbridge", "other"),
)

MENDED_JSON = ANY_JSON.map(mended)
MENDED_KEY = ANY_KEY.map(mended)


@given(records(), st.data())
def test_unknown_keys_of_models(record: dict[str, Any], data: st.DataObject) -> None:
    """Unknown keys are kept and readable at every level and never change what a known attribute or a dump says."""
    path, attribute, model = data.draw(st.sampled_from(objects(record)))
    taken = fields_by_key(model).keys() | at(record, path).keys()
    if "metrics" not in record and "xdm:metrics" not in record:
        taken |= {"status"}  # a record without metrics that has a status is an alert
    key = data.draw(MENDED_KEY.filter(lambda key: key not in taken and not is_of_an_action(key)))
    value = data.draw(MENDED_JSON)
    plain = parse(record)
    for payload in (replaced(record, (*path, key), value), dumps(replaced(record, (*path, key), value))):
        run = parse(payload)
        assert says(run) == says(plain)
        assert reach(run, attribute).model_extra == {**reach(plain, attribute).model_extra, key: value}
        assert at(run.to_payload(), written(path))[key] == value
        dump = run.model_dump()
        is_marked = key in model.model_fields or key.startswith("also:")
        assert at(dump, attribute).pop(f"also:{key}" if is_marked else key) == value
        assert dump == plain.model_dump()


def is_of_an_action(key: str) -> bool:
    """Tell whether a key would make parameters of a Runtime action of a record."""
    return is_runtime_key(key) or is_header_key(key)


def written(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return a path as `to_payload` spells it."""
    return tuple(CANONICAL.get(step, step) if isinstance(step, str) else step for step in path)


CANONICAL = {"xdm:metrics": "metrics", "activites": "activities"}


@given(records(), st.data())
def test_keys_of_open_objects(record: dict[str, Any], data: st.DataObject) -> None:
    """What stands in an open object is kept as it came, whatever it is, and is not looked into."""
    open_objects = [place for place in places(record) if place.kind == "open object" and at(record, place.path)]
    record = record if open_objects else {**record, "params": {}}
    path, attribute = data.draw(
        st.sampled_from([(place.path, place.attribute) for place in open_objects] or [(("params",),) * 2])
    )
    key = data.draw(MENDED_KEY.filter(lambda key: key not in MEANT_IN_EXTENSIONS))
    value = data.draw(MENDED_JSON)
    changed = replaced(record, (*path, key), value)
    run = parse(changed)
    assert reach(run, attribute) == at(changed, path)
    assert says(run)[1] == says(parse(record))[1]
    assert parse(dumps(changed)) == run


MEANT_IN_EXTENSIONS = {"errors", "errorDetail", "batchId", "manifest", "fileInfo", "failedRecords", "sampleErrors"}


@given(records(), st.lists(st.sampled_from(WRAPPERS), min_size=1, max_size=4), ANY_KEY, ANY_JSON)
def test_unknown_keys_of_wrappers(record: dict[str, Any], wrappers: list[Wrapper], key: str, value: Any) -> None:
    """Unknown keys of wrappers change neither the run nor its delivery."""
    assume(key not in MEANT_IN_WRAPPERS and not is_of_an_action(key))
    payload: Any = {"activities": [], **record}
    for wrapper in wrappers:
        payload = wrap(wrapper, payload)
    run = parse(payload)
    changed = with_key(payload, {"activities": [], **record}, key, value)
    assert changed != payload
    assert parse(changed) == run
    assert parse(dumps(changed)) == run


MEANT_IN_WRAPPERS = {
    *("event", "body", "messages", "value", "data", "data_base64", "events", "detail", "items", "__ow_body"),
    *("specversion", "detail-type", "header", "_eventNotificationMeta", "validationUrl", "payload", "status"),
    *("xdm:ingestionId", "xdm:eventCode", "flowId", "metrics", "xdm:flowId", "xdm:metrics", "content"),
    *("event_id", "eventid", "recipient_client_id", "recipientclientid", "id", "type", "time", "timestamp", "provider"),
    "position",
}


def with_key(node: Any, record: dict[str, Any], key: str, value: Any) -> Any:
    """Return a wrapped record with one more key in every object around it."""
    if is_list(node):
        return [with_key(item, record, key, value) for item in node]
    if node == record or not is_object(node):
        return node
    inside = {step: with_key(node[step], record, key, value) if step in AROUND else node[step] for step in node}
    return {**inside, key: value}


AROUND = {"event", "body", "messages", "value", "data", "events", "detail", "content"}
