"""What must hold of any input, whatever it is."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from typing import Any, TypeVar
from unittest.mock import patch

from flowrun_notifications import (
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    ParseResult,
    Payload,
    RunCountError,
    parse,
    parse_all,
    parse_lines,
)

_T = TypeVar("_T")

Failure = tuple[type[FlowRunNotificationError], str]


NOTHING = ParseResult((), (), ())


def is_blank(line: str | bytes) -> bool:
    """Whether a line holds nothing but what JSON takes for white space."""
    return not (line.strip(b" \t\r\n") if isinstance(line, bytes) else line.strip(" \t\r\n"))


def outcome(read: Callable[[Any], _T], payload: Any) -> _T | Failure:
    """What reading gives, in a form that compares: the result, or which library error with which message."""
    try:
        return read(payload)
    except FlowRunNotificationError as error:
        return type(error), str(error)


def outcomes(payload: Any) -> tuple[Any, Any]:
    """All that `parse` and `parse_all` make of a payload, in a form that compares."""
    result = outcome(parse_all, payload)
    return outcome(parse, payload), _plain(result) if isinstance(result, ParseResult) else result


def _plain(result: ParseResult) -> tuple[Any, ...]:
    return (
        result.runs,
        [(str(error), error.kind, error.delivery) for error in result.skipped],
        [(str(error), error.problems, error.delivery) for error in result.errors],
    )


def check(payload: Payload) -> None:
    """Demand of a payload that it is answered with runs or library errors, which agree and can be used."""
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
        check_run(run)
    for error in result.errors:
        check_error(error)


def check_run(run: FlowRun) -> None:
    """Demand of a run that every question about it is answered, and that it can leave and come back."""
    check_answers(run)
    assert pickle.loads(pickle.dumps(run)) == run == copy.deepcopy(run)
    if "status" in run.model_extra:
        return  # alone, it may look like an alert: only as an entry of an API list is it a run whatever it looks like
    record = run.to_payload()
    if _has_infinity(record):
        return  # decoded, it is no JSON
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    again = parse(record)
    assert again.model_copy(update={"delivery": run.delivery}) == run
    assert again.to_payload() == record


def check_answers(run: FlowRun) -> None:
    """Demand of a run that every question about it is answered."""
    assert isinstance(run.id, str)
    assert isinstance(run.flow_id, str)
    assert "\n" not in run.summary()
    assert all(cause in run.errors for cause in run.causes)
    assert not (run.succeeded and run.failed)
    assert run.is_finished or not run.failed
    for error in (*run.errors, *run.skips, *run.warnings):
        assert error.info.code == (error.code or "").strip() or error.info.is_documented
    for ids in (run.batch_ids, run.source_connection_ids, run.target_connection_ids):
        assert len(set(ids)) == len(ids)
        assert all(isinstance(id_, str) for id_ in ids)
    repr(run)


def check_error(error: InvalidFlowRunError) -> None:
    """Demand of a broken run that its problems are told, and that it can be salvaged unless its ids are broken."""
    assert error.problems
    assert error.problems == tuple(dict.fromkeys(error.problems))
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    salvaged = outcome(lambda broken: broken.salvage(), error)
    if isinstance(salvaged, FlowRun):
        check_answers(salvaged)
        assert salvaged.delivery.path == error.path
    else:
        assert salvaged == (InvalidFlowRunError, str(error))


def check_bytes(data: bytes) -> None:
    """Demand the same of bytes, and that their other forms and the other ways to read them give equal results."""
    check(data)
    wanted = outcomes(data)
    assert outcomes(bytearray(data)) == wanted
    with patch("flowrun_notifications.parsing.read", return_value=None):  # the way that reads every payload
        assert outcomes(data) == wanted
    _check_lines(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        assert _is_no_json(wanted)
        return
    assert outcomes(text) == wanted
    try:
        decoded = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return
    if not isinstance(decoded, (dict, list)) or _has_infinity(decoded):
        return
    if _is_no_json(wanted):  # whose message has a position in the text
        assert _is_no_json(outcomes(decoded))
    else:
        assert outcomes(decoded) == wanted


def _is_no_json(results: tuple[Any, Any]) -> bool:
    return isinstance(results[0], tuple) and results[0][0] is InvalidJSONError


def _has_infinity(payload: Any) -> bool:
    """Whether decoded JSON holds what JSON does not have: `json.loads` takes NaN, and reads 1e400 as infinite."""
    pending = [payload]
    for value in pending:
        if isinstance(value, float) and not math.isfinite(value):
            return True
        pending += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return False


def _check_lines(data: bytes) -> None:
    errors: list[LineError] = []
    lines = data.splitlines()
    runs = list(parse_lines(lines, on_error=errors.append))
    wanted: list[FlowRun] = []
    broken: list[int] = []
    for number, line in enumerate(lines, start=1):
        result = outcome(parse_all, line) if not is_blank(line) else NOTHING
        wanted += result.runs if isinstance(result, ParseResult) else ()
        if not isinstance(result, ParseResult) or result.skipped or result.errors:
            broken.append(number)
    assert runs == wanted
    assert [error.number for error in errors] == broken
