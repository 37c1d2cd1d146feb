"""A run's errors: each once, in order, and none lost."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import parse
from flowrun_notifications.testing import make_record, records
from properties.strategies import ANY_JSON, is_list

TEXTS = st.sampled_from(["a", "a.", "a..", "b", ""])
CODES = st.sampled_from(["1", "2", "ErrorCode", ""])
ENTRIES = st.fixed_dictionaries({}, optional={"code": CODES, "message": TEXTS, "count": st.integers(0, 3)})
SPELT = ENTRIES.map(lambda entry: {("description" if key == "message" else key): entry[key] for key in entry})
LISTS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(ENTRIES | SPELT, max_size=3)
DETAILS = st.sampled_from(
    ["ErrorCode=1,Message=a", "ErrorCode=One ErrorCode=Two", "errorcode=1", "ErrorCode=", "a\r\n"]
)
PARTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "statusSummary": st.fixed_dictionaries(
            {},
            optional={
                "errors": LISTS,
                "extensions": st.fixed_dictionaries({}, optional={"errors": LISTS, "errorDetail": DETAILS}),
            },
        ),
        "recordSummary": st.fixed_dictionaries({}, optional={"failedInfo": LISTS}),
    },
)
ACTIVITIES: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.tuples(PARTS, st.sampled_from(["A", "B", "C"])), max_size=3
).map(lambda parts: [{**part, "id": activity_id} for part, activity_id in parts])

Gathered = dict[tuple[str | None, str], tuple[str | None, str | None, bool]]


def gathered(record: dict[str, Any]) -> Gathered:
    """The errors of a record by code and text: the text as first found, the first activity, whether it is nested."""
    found: Gathered = {}
    for activity_id, part in [(None, record.get("metrics", {})), *((one["id"], one) for one in record["activities"])]:
        status = part.get("statusSummary", {})
        extensions = status.get("extensions", {})
        detail = extensions.get("errorDetail")
        name = re.search("ErrorCode=([A-Za-z0-9_]+)", detail) if detail else None
        outer, nested = status.get("errors", []), extensions.get("errors", [])
        failed = part.get("recordSummary", {}).get("failedInfo", [])
        named = [{"code": name[1], "message": detail}] if name else []
        for is_nested, entry in [(False, one) for one in outer] + [(True, one) for one in (*nested, *failed, *named)]:
            if entry:
                text = entry.get("message", entry.get("description"))
                key = (entry.get("code"), (text or "").removesuffix("."))
                first_text, first_activity, was_nested = found.get(key, (text, activity_id, is_nested))
                found[key] = (first_text, first_activity or activity_id, was_nested or is_nested)
    return found


@given(PARTS, ACTIVITIES)
def test_errors_are_gathered_by_the_rule(metrics: dict[str, Any], activities: list[dict[str, Any]]) -> None:
    """By the rule "every distinct error of the run and its activities", none is lost, repeated or out of order."""
    record = {"id": "r", "flowId": "f", "metrics": metrics, "activities": activities}
    run = parse(record)
    wanted = gathered(record)
    assert [(error.code, error.message, error.activity_id, error.is_nested) for error in run.errors] == [
        (code, text, activity_id, is_nested) for (code, _), (text, activity_id, is_nested) in wanted.items()
    ]
    nested = tuple(error for error in run.errors if error.is_nested)
    assert run.causes == (nested or run.errors)


@given(records())
def test_errors_are_distinct(record: dict[str, Any]) -> None:
    """By "two are the same when code and text are, a final full stop apart", no two of a run's errors are."""
    run = parse(record)
    for reasons in (run.errors, run.causes, run.skips, run.warnings):
        keys = [(reason.code, (reason.message or "").removesuffix(".")) for reason in reasons]
        assert len(set(keys)) == len(keys)


@given(st.sampled_from(["errors", "errorDetail", "batchId"]), ANY_JSON)
def test_any_json_may_stand_where_errors_do(key: str, value: Any) -> None:
    """Extensions are open: whatever stands where errors, details or batch ids do, the questions are answered."""
    run = parse(make_record(metrics={"statusSummary": {"extensions": {key: value}}}))
    assert len(run.errors) <= (len(value) if is_list(value) else 1)
    assert all(type(error.code) in (str, type(None)) for error in run.errors)
    assert all(type(error.message) in (str, type(None)) for error in run.errors)
    assert all(type(error.count) in (int, type(None)) for error in run.errors)
    assert all(batch_id for batch_id in run.batch_ids)
