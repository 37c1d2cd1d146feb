"""Absent, null and empty are the same, and none of them is an error or zero."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import FlowRun, InvalidFlowRunError, parse
from flowrun_notifications._models.values import copy_json
from flowrun_notifications.testing import records
from properties.strategies import (
    Place,
    at,
    dumps,
    fields_by_key,
    objects,
    places,
    reach,
    removed,
    replaced,
    says,
)

EMPTY: dict[str, Any] = {"list": (), "open object": {}}


def optional_places(record: dict[str, Any]) -> list[Place]:
    """Return the places whose keys a record need not have."""
    return [place for place in places(record) if not place.required and not place.is_entry]


@given(records().filter(lambda record: bool(optional_places(record))), st.data())
def test_null_is_absent(record: dict[str, Any], data: st.DataObject) -> None:
    """Any other field may be absent or null: either reads, and both read the same."""
    place = data.draw(st.sampled_from(optional_places(record)))
    absent, null = removed(record, place.path), replaced(record, place.path, None)
    assert says(parse(null)) == says(parse(absent))
    assert parse(dumps(null)) == parse(null)
    assert parse(dumps(absent)) == parse(absent)


@given(records(), st.data())
def test_all_optional_keys_can_be_missing(record: dict[str, Any], data: st.DataObject) -> None:
    """Any number of optional keys may be absent at once, or null."""
    chosen = (
        data.draw(st.lists(st.sampled_from(optional_places(record)), unique=True)) if optional_places(record) else []
    )
    outermost = [
        one for one in chosen if not any(one.path[: len(other.path)] == other.path != one.path for other in chosen)
    ]
    without = removed(record, *(place.path for place in outermost))
    nulled = record
    for place in outermost:
        nulled = replaced(nulled, place.path, None)
    assert says(parse(without)) == says(parse(nulled))


@given(records(), st.data())
def test_absent_reads_as_empty_or_none(record: dict[str, Any], data: st.DataObject) -> None:
    """Absent, null and {} never become zero: what is absent is ``None``, an empty tuple, object or summary."""
    path, attribute, model = data.draw(st.sampled_from(objects(record)))
    given_keys = at(record, path).keys()
    missing = {field.name: field for field in fields_by_key(model).values() if given_keys.isdisjoint(field.spellings)}
    run = parse(record)
    missing.pop("delivery", None)  # not part of the record
    for name, field in missing.items():
        value = reach(run, (*attribute, name))
        if field.kind == "object" and value is not None:
            assert value == type(value)()
            assert value.model_fields_set == set()
        else:
            assert value == EMPTY.get(field.kind)


@given(records().filter(lambda record: bool(containers(record))), st.data())
def test_empty_containers_of_the_other_kind(record: dict[str, Any], data: st.DataObject) -> None:
    """An empty list where an object belongs, or an empty object where a list belongs, is that empty one."""
    place = data.draw(st.sampled_from(containers(record)))
    own, other = ([], {}) if place.kind == "list" else ({}, [])
    read, wanted = (parse(replaced(record, place.path, empty)) for empty in (other, own))
    assert read == wanted
    assert parse(dumps(replaced(record, place.path, other))) == wanted
    assert read.to_payload() == wanted.to_payload()


def containers(record: dict[str, Any]) -> list[Place]:
    """Return the places where an object or a list belongs, and that a record need not have."""
    return [place for place in optional_places(record) if place.kind in ("object", "list", "open object")]


@given(records(), st.data())
def test_null_hides_nothing(record: dict[str, Any], data: st.DataObject) -> None:
    """A null under one spelling of a key never hides a value under another, in any order, at every level."""
    spelt = [
        (path, key, other)
        for path, _, model in objects(record)
        for key, field in fields_by_key(model).items()
        if at(record, path).get(key) is not None
        for other in field.spellings
        if other != key and at(record, path).get(other) is None
    ]
    if not spelt:
        record = {**record, "etag": "e"}
        record.pop("eTag", None)
        spelt = [((), "etag", "eTag")]
    path, key, other = data.draw(st.sampled_from(spelt))
    alone = copy_json(record)
    at(alone, path).pop(other, None)
    wanted = parse(alone)
    beside = {other: None} if data.draw(st.booleans()) else {}
    node = at(alone, path)
    changed = {**beside, **node, **({} if beside else {other: None})}
    payload = replaced(alone, path, changed) if path else changed
    for run in (parse(payload), parse(dumps(payload)), FlowRun.model_validate(payload)):
        assert says(run) == says(wanted)


@given(records(), st.sampled_from(["id", "flowId"]), st.sampled_from(["absent", "null", "number", "object"]))
def test_ids_are_required(record: dict[str, Any], key: str, how: str) -> None:
    """The ids of a run and of its flow are required, and must be text: a run without is broken, and only for that."""
    spelling = {"id": "xdm:flowRunId", "flowId": "xdm:flowId"}[key] if record.get(key) is None else key
    record = {name: value for name, value in record.items() if name not in (key, spelling)}
    record.setdefault("metrics" if spelling == key else "xdm:metrics", None)  # still a record
    if how != "absent":
        record[spelling] = {"null": None, "number": 7, "object": {}}[how]
    error = raised(record)
    assert [(problem.expected, problem.found) for problem in error.problems] == [
        ("text", {"absent": "nothing", "null": "null", "number": "a number", "object": "an object"}[how])
    ]
    assert str(raised(dumps(record))) == str(error)


def raised(payload: Any) -> InvalidFlowRunError:
    """Return the error that a broken run raises."""
    try:
        run: FlowRun = parse(payload)
    except InvalidFlowRunError as error:
        return error
    raise AssertionError(f"parsed as {type(run).__name__}")
