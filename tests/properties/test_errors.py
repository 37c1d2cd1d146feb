"""A run's errors: each once, in order, and none lost."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import RunError, parse
from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications.testing import make_record, records
from properties.strategies import ANY_JSON, dumps

TEXTS = st.sampled_from(["a", "a.", "a..", "b", "", "ErrorCode=Inner, a"])
CODES = st.sampled_from(["1", "2", 2, "Inner", "", None])
COUNTS = st.sampled_from([None, 1, 2, -1, "2"])
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("message", "description", "msg"), TEXTS | st.none()),
        **dict.fromkeys(("count", "recordCount"), COUNTS),
        "code": CODES,
        "type": st.sampled_from(["Error", "", None]),
        "details": st.sampled_from([None, 1, {}, ["d"]]),
    },
)
LISTS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(ENTRIES, max_size=3)
DETAILS = st.sampled_from(
    ["ErrorCode=1,Message=a", "ErrorCode=One ErrorCode=Two", "errorcode=1", "ErrorCode=", "a\r\nErrorCode=Inner,a"]
)
PARTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "statusSummary": st.fixed_dictionaries(
            {},
            optional={
                "errors": LISTS,
                "extensions": st.fixed_dictionaries({}, optional={"errors": LISTS | ENTRIES, "errorDetail": DETAILS}),
            },
        ),
        "recordSummary": st.fixed_dictionaries({}, optional={"failedInfo": LISTS}),
    },
)
ACTIVITIES: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.tuples(PARTS, st.sampled_from(["A", "B", "C"])), max_size=3
).map(lambda parts: [{**part, "id": activity_id, "name": f"{activity_id}."} for part, activity_id in parts])


class Told:
    """An error as an entry tells it, by the words of the rule."""

    def __init__(self, code: Any, text: str | None, entry: dict[str, Any], activity: str | None, nested: bool) -> None:
        self.code = None if code is None else str(code)
        self.text = text
        self.counts = [count(entry.get(key)) for key in ("recordCount", "count")]
        self.type = entry.get("type")
        self.details = entry.get("details")
        self.activity = activity
        self.nested = nested

    def is_same(self, other: Told) -> bool:
        """Two errors are the same when code and text are, a final full stop apart, and no count that both give differs."""
        mine, its = ((told.code, (told.text or "").removesuffix(".")) for told in (self, other))
        return mine == its and all(
            one is None or two is None or one == two for one, two in zip(self.counts, other.counts, strict=True)
        )

    def fill_in(self, other: Told) -> None:
        """What the first of two equal errors leaves out (counts, details), the second fills in."""
        self.counts = [one if one is not None else two for one, two in zip(self.counts, other.counts, strict=True)]
        self.type = self.type or other.type
        self.details = other.details if self.details is None else self.details
        self.activity = self.activity or other.activity
        self.nested |= other.nested

    def told(self) -> tuple[Any, ...]:
        """Return it in a form that compares."""
        return self.code, self.text, *self.counts, self.type, self.details, self.activity, self.nested


def count(value: Any) -> int | None:
    """Return a count as it reads."""
    return None if value is None or int(value) < 0 else int(value)


def gather(record: dict[str, Any]) -> list[Told]:
    """Return the errors of a record by the words of the rule."""
    found: list[Told] = []
    for activity, part in [(None, record.get("metrics", {})), *((one["id"], one) for one in record["activities"])]:
        status = part.get("statusSummary", {})
        extensions = status.get("extensions", {})
        inner = extensions.get("errors", [])
        inner = [inner] if is_object(inner) else inner
        told = [read(entry, activity, nested=False) for entry in status.get("errors", [])]
        told += [
            read(entry, activity, nested=True)
            for entry in (*inner, *part.get("recordSummary", {}).get("failedInfo", []))
        ]
        texts = [extensions.get("errorDetail"), *(one.text for one in told if one is not None)]
        for text in texts:
            name = re.search("ErrorCode=([A-Za-z][A-Za-z0-9_]*)", text or "")
            told.append(Told(name[1], text, {}, activity, nested=True) if name else None)
        for one in told:
            if one is not None:
                same = next((other for other in found if other.is_same(one)), None)
                if same is None:
                    found.append(one)
                else:
                    same.fill_in(one)
    return found


def read(entry: dict[str, Any], activity: str | None, *, nested: bool) -> Told | None:
    """Return the error that an entry tells; "empty entries are ignored"."""
    texts = [entry.get(key) for key in ("message", "description", "msg")]
    text = next((text for text in texts if text is not None), None)
    said = (entry.get("code"), *texts, *(count(entry.get(key)) for key in ("count", "recordCount")), entry.get("type"))
    if all(value in (None, "") for value in said) and entry.get("details") is None:
        return None
    return Told(entry.get("code"), text, entry, activity, nested)


def told(error: RunError) -> tuple[Any, ...]:
    """Return what an error says, in a form that compares."""
    counts = (error.record_count, error.count)
    return error.code, error.message, *counts, error.type, error.details, error.activity_id, error.is_nested


@given(PARTS, ACTIVITIES)
def test_errors_are_gathered_by_the_rule(metrics: dict[str, Any], activities: list[dict[str, Any]]) -> None:
    """``errors`` has every distinct error of the run and its activities once: none is lost, repeated or out of order."""
    record = {"id": "r", "flowId": "f", "metrics": metrics, "activities": activities}
    run = parse(record)
    assert [told(error) for error in run.errors] == [error.told() for error in gather(record)]
    assert [error.activity_name for error in run.errors] == [
        error.activity_id and f"{error.activity_id}." for error in run.errors
    ]
    nested = tuple(error for error in run.errors if error.is_nested)
    assert run.causes == (nested or run.errors)
    assert parse(dumps(record)).errors == run.errors


@given(records())
def test_errors_are_distinct(record: dict[str, Any]) -> None:
    """Two errors are the same when code and text are, a final full stop apart: no two of a run's errors are."""
    run = parse(record)
    for reasons in (run.errors, run.causes, run.skips, run.warnings):
        keys = [
            (reason.code, (reason.message or "").removesuffix("."), reason.record_count, reason.count)
            for reason in reasons
        ]
        assert len(set(keys)) == len(keys)


@given(st.sampled_from(["errors", "errorDetail", "batchId", "manifest"]), ANY_JSON)
def test_any_json_may_stand_where_errors_do(key: str, value: Any) -> None:
    """Extensions are open: whatever stands where errors, details or batch ids do, the questions are answered."""
    run = parse(make_record(metrics={"statusSummary": {"extensions": {key: value}}}))
    assert len(run.errors) <= (2 * len(value) if is_list(value) else 2)
    assert all(type(error.code) in (str, type(None)) for error in run.errors)
    assert all(type(error.message) in (str, type(None)) for error in run.errors)
    assert all(type(error.count) in (int, type(None)) for error in run.errors)
    for texts in (run.batch_ids, run.file_info_urls, run.failed_records_urls, run.sample_errors_urls):
        assert all(type(text) is str and text for text in texts)
