"""Whatever comes in is answered with a run or with an error of the library."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from flowrun_notifications import (
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    ParseResult,
    RunCountError,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications.testing import payloads
from properties.strategies import ANY_JSON, ANY_KEY, ANY_TEXT, dumps, outcome


def check(payload: Any) -> None:
    """Demand that the entry points answer, each with what it documents, and agree."""
    one = outcome(parse, payload)
    result = outcome(parse_all, payload)
    if not isinstance(result, ParseResult):
        assert result == one
        assert result[0] is InvalidJSONError
        return
    count = len(result.runs) + len(result.errors)
    if count == 1:
        assert one == (result.runs[0] if result.runs else (InvalidFlowRunError, str(result.errors[0])))
    elif count == 0 and result.skipped:
        assert one == (NotAFlowRunError, str(result.skipped[0]))
    else:
        found = f"{count} flow runs" if count else "no flow run"
        assert one == (RunCountError, f"expected one flow run, the payload holds {found}; parse_all() reads any number")
    for run in result.runs:
        look_at(run)


def look_at(run: FlowRun) -> None:
    """Ask a run everything."""
    assert isinstance(run.id, str)
    assert isinstance(run.flow_id, str)
    assert run.summary().startswith(str(getattr(run.status, "value", run.status) or "status unknown"))
    assert all(cause in run.errors for cause in run.causes)
    assert [run.succeeded, run.failed].count(True) <= 1
    assert run.is_finished or not run.failed
    for error in (*run.errors, *run.skips, *run.warnings):
        assert error.info.code == (error.code or "").strip() or error.info.is_documented
    assert all(isinstance(batch_id, str) for batch_id in run.batch_ids)
    assert json.loads(json.dumps(run.to_payload(), allow_nan=False)) == run.to_payload()
    repr(run)


@given(st.binary())
@example(b"\xff\xfe{\0}\0")
@example(b"\xef\xbb\xbf")
@example(b"\xc0\xaf")
@example(b'{"id":"\xed\xa0\x80","flowId":"f"}')
def test_any_bytes(payload: bytes) -> None:
    """Any bytes give a run or an error of the library."""
    check(payload)
    check(bytearray(payload))


@given(ANY_TEXT)
@example("\ud83d")
@example("\ufeff{}")
@example("NaN")
def test_any_text(payload: str) -> None:
    """Any text gives a run or an error of the library."""
    check(payload)


@given(ANY_JSON)
def test_any_json(payload: Any) -> None:
    """Any JSON value gives a run or an error of the library, decoded and as text."""
    check(payload if isinstance(payload, (dict, list)) else [payload])
    check(dumps(payload))


@given(
    st.dictionaries(ANY_KEY, ANY_JSON, min_size=1, max_size=8), st.sampled_from(["id", "flowId", "metrics", "event"])
)
def test_any_object_that_looks_like_a_run(payload: dict[str, Any], key: str) -> None:
    """Any object with keys of runs and wrappers gives a run or an error of the library."""
    check({"id": "r", "flowId": "f", **payload})
    check({**payload, key: payload})


@given(payloads(), st.data())
def test_any_damaged_notification(payload: Any, data: st.DataObject) -> None:
    """A notification that was cut, or in which bytes were changed or inserted, gives a run or an error."""
    text = dumps(payload)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    check(text[:start])
    check(text[:start] + data.draw(st.binary(max_size=3)) + text[end:])
    check(
        text[:start]
        + data.draw(st.sampled_from([b"null", b"{}", b"[]", b'"', b",", b"-1", b"1e999", b"NaN"]))
        + text[end:]
    )


@given(
    st.recursive(
        st.one_of(
            st.none(),
            st.floats(),
            st.complex_numbers(),
            st.binary(max_size=3),
            st.datetimes(),
            st.sets(st.integers(), max_size=2),
            ANY_TEXT,
            st.just(object),
        ),
        lambda values: st.one_of(
            st.lists(values, max_size=3),
            st.tuples(values, values),
            st.dictionaries(st.one_of(ANY_KEY, st.integers(), st.none(), st.tuples(st.integers())), values, max_size=3),
        ),
    )
)
def test_any_decoded_input(payload: Any) -> None:
    """Any Python value, of kinds that JSON does not have too, gives a run or an error of the library."""
    check(payload)


@given(st.lists(st.one_of(payloads().map(dumps), st.binary(), ANY_TEXT, ANY_JSON.map(dumps)), max_size=6))
def test_any_lines(lines: list[str | bytes]) -> None:
    """Of any lines, every one that is not blank gives runs, or one error, or both, and the others none."""
    assume(
        not any(isinstance(line, str) and line.isspace() != line.encode("utf-8", "replace").isspace() for line in lines)
    )
    errors: list[LineError] = []
    runs = list(parse_lines(lines, on_error=errors.append))
    wanted: list[FlowRun] = []
    broken: list[int] = []
    for number, line in enumerate(lines, start=1):
        result = outcome(parse_all, line) if not is_blank(line) else NOTHING
        wanted += result.runs if isinstance(result, ParseResult) else ()
        if not isinstance(result, ParseResult) or result.skipped or result.errors:
            broken.append(number)
    assert runs == wanted
    assert [(error.number, error.line) for error in errors] == [(number, lines[number - 1]) for number in broken]


@given(st.lists(payloads().map(dumps) | ANY_JSON.map(dumps) | st.binary(), max_size=4))
def test_strict_lines_end_at_the_first_broken_one(lines: list[bytes]) -> None:
    """Without a handler the runs before the first broken line are given, then its error is raised."""
    runs: list[FlowRun] = []
    broken_at: int | None = None
    try:
        for run in parse_lines(lines):
            runs.append(run)  # noqa: PERF402 - the runs before an error count too
    except LineError as error:
        broken_at = error.number
    wanted: list[FlowRun] = []
    wanted_broken_at: int | None = None
    for number, line in enumerate(lines, start=1):
        result = outcome(parse_all, line) if not is_blank(line) else NOTHING
        wanted += result.runs if isinstance(result, ParseResult) else ()
        if not isinstance(result, ParseResult) or result.errors:
            wanted_broken_at = number
            break
    assert (runs, broken_at) == (wanted, wanted_broken_at)


@given(st.sampled_from([parse, parse_all]), ANY_JSON)
def test_errors_have_one_base(read: Callable[[Any], object], payload: Any) -> None:
    """Every error derives from one base, which is a `ValueError`."""
    caught: Exception | None = None
    try:
        read([payload])
    except ValueError as error:
        caught = error
    assert caught is None or isinstance(caught, FlowRunNotificationError)
