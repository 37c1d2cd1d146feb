"""Absent and null are the same, and neither is an error nor zero."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import FlowRun, InvalidFlowRunError, parse
from flowrun_notifications.testing import records
from properties.strategies import Place, at, dumps, fields_by_key, objects, places, reach, removed, replaced

EMPTY: dict[str, Any] = {"list": (), "bag": {}}


def optional_places(record: dict[str, Any]) -> list[Place]:
    """The places whose keys a record need not have."""
    return [place for place in places(record) if not place.required and not place.is_entry]


@given(records().filter(lambda record: bool(optional_places(record))), st.data())
def test_null_is_absent(record: dict[str, Any], data: st.DataObject) -> None:
    """By "any other field, list or object may be absent or null", either reads, and both read the same."""
    place = data.draw(st.sampled_from(optional_places(record)))
    absent = parse(removed(record, place.path))
    null = parse(replaced(record, place.path, None))
    assert null == absent
    assert parse(dumps(replaced(record, place.path, None))) == null
    assert parse(dumps(removed(record, place.path))) == absent


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
    assert parse(without) == parse(nulled)


@given(records(), st.data())
def test_absent_reads_as_empty_or_none(record: dict[str, Any], data: st.DataObject) -> None:
    """By "absent, null and {} never become zero", what is absent reads as `None`, an empty tuple, bag or summary."""
    path, attribute, model = data.draw(st.sampled_from(objects(record)))
    missing = {
        field.name: field
        for field in fields_by_key(model).values()
        if not any(key in at(record, path) for key, other in fields_by_key(model).items() if other.name == field.name)
    }
    run = parse(record)
    missing.pop("delivery", None)  # no part of the record
    for name, field in missing.items():
        value = reach(run, (*attribute, name))
        if field.kind == "object" and value is not None:
            assert value == type(value)()
            assert value.model_fields_set == set()
        else:
            assert value == EMPTY.get(field.kind)


@given(records(), st.sampled_from(["id", "flowId"]), st.sampled_from(["absent", "null", "number", "object"]))
def test_ids_are_required(record: dict[str, Any], key: str, how: str) -> None:
    """By "`id` and `flowId` are required, and must be text", a run without is broken, and only for that."""
    spelling = key if key in record else {"id": "xdm:flowRunId", "flowId": "xdm:flowId"}[key]
    del record[spelling]
    record.setdefault("metrics" if spelling == key else "xdm:metrics", None)  # still a record
    if how != "absent":
        record[spelling] = {"null": None, "number": 7, "object": {}}[how]
    error = raised(record)
    assert [(problem.expected, problem.found) for problem in error.problems] == [
        ("text", {"absent": "nothing", "null": "null", "number": "a number", "object": "an object"}[how])
    ]
    assert str(raised(dumps(record))) == str(error)


def raised(payload: Any) -> InvalidFlowRunError:
    """The error that a broken run raises."""
    try:
        run: FlowRun = parse(payload)
    except InvalidFlowRunError as error:
        return error
    raise AssertionError(f"parsed as {type(run).__name__}")
