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
    OtherMessage,
    ParseResult,
    Payload,
    RunCountError,
    explain,
    parse,
    parse_all,
    parse_lines,
    to_markdown,
)
from flowrun_notifications.tabular import activity_rows, error_rows, run_row

_T = TypeVar("_T")

Failure = tuple[type[FlowRunNotificationError], str]

NOTHING = ParseResult((), (), (), ())


def is_blank(line: str | bytes) -> bool:
    """Tell whether a line holds nothing but what JSON takes for white space."""
    return not (line.strip(b" \t\r\n") if isinstance(line, bytes) else line.strip(" \t\r\n"))


def outcome(read: Callable[[Any], _T], payload: Any) -> _T | Failure:
    """Return what reading gives, in a form that compares: the result, or which library error with which message."""
    try:
        return read(payload)
    except FlowRunNotificationError as error:
        return type(error), str(error)


def outcomes(payload: Any) -> tuple[Any, Any]:
    """Return all that `parse` and `parse_all` make of a payload, in a form that compares."""
    result = outcome(parse_all, payload)
    return outcome(parse, payload), plain(result) if isinstance(result, ParseResult) else result


def general_outcomes(payload: Any) -> tuple[Any, Any]:
    """Return the same without the fast path."""
    with patch("flowrun_notifications._reading.parsing.read_fast", return_value=None):
        return outcomes(payload)


def plain(result: ParseResult) -> list[Any]:
    """Return the items of a result, in a form that compares."""
    return [
        (str(item), item.problems, item.delivery) if isinstance(item, InvalidFlowRunError) else item
        for item in result.items
    ]


def check(payload: Payload) -> None:
    """Demand of a payload that it is answered with runs or library errors, which agree and can be used."""
    one = outcome(parse, payload)
    result = outcome(parse_all, payload)
    if not isinstance(result, ParseResult):
        assert result == one
        assert result[0] is InvalidJSONError
        return
    check_result(result)
    count = len(result.runs) + len(result.errors)
    if count == 1:
        assert one == (result.runs[0] if result.runs else (InvalidFlowRunError, str(result.errors[0])))
    elif count == 0 and result.others:
        assert one == (NotAFlowRunError, result.others[0].description)
    else:
        found = f"{count} flow runs" if count else "no flow run"
        assert one == (RunCountError, f"expected one flow run, the payload holds {found}; parse_all() reads any number")


def check_result(result: ParseResult) -> None:
    """Demand that runs, other messages and errors account for every item, and that each can be used."""
    runs = [item for item in result.items if isinstance(item, FlowRun)]
    others = [item for item in result.items if isinstance(item, OtherMessage)]
    errors = [item for item in result.items if not isinstance(item, (FlowRun, OtherMessage))]
    assert (tuple(runs), others, errors) == (result.runs, list(result.others), list(result.errors))
    paths = [item.path if isinstance(item, InvalidFlowRunError) else item.delivery.path for item in result.items]
    assert len(set(paths)) == len(paths)
    for run in result.runs:
        check_run(run)
    for message in result.others:
        check_other(message)
    for error in result.errors:
        check_error(error)


def check_run(run: FlowRun) -> None:
    """Demand of a run that every question about it is answered, and that it can leave and come back."""
    check_answers(run)
    assert pickle.loads(pickle.dumps(run)) == run == copy.deepcopy(run)
    record = run.to_payload()
    if has_infinity(record):
        return  # decoded, it is not JSON
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    again = parse(record)
    assert again.model_copy(update={"delivery": run.delivery}) == run
    assert again.to_payload() == record
    for by_alias in (False, True):
        text = run.model_dump_json(by_alias=by_alias)
        assert FlowRun.model_validate_json(text) == run
        assert FlowRun.model_validate(run.model_dump(by_alias=by_alias)) == run


def check_answers(run: FlowRun) -> None:
    """Demand of a run that every question about it is answered."""
    assert isinstance(run.id, str)
    assert isinstance(run.flow_id, str)
    assert run.summary().isprintable()
    assert all(cause in run.errors for cause in run.causes)
    assert not (run.succeeded and run.failed)
    assert run.is_finished or not run.failed
    assert run.needs_attention or run.succeeded or not run.is_finished
    for error in (*run.errors, *run.skips, *run.warnings):
        assert error.info.code == (error.code or "").strip() or error.info.is_documented
        assert str(error)
    for ids in (run.batch_ids, run.source_connection_ids, run.target_connection_ids, run.file_info_urls):
        assert len(set(ids)) == len(ids)
        assert all(isinstance(id_, str) for id_ in ids)
    assert len(error_rows(run)) == len(run.errors) + len(run.skips) + len(run.warnings)
    assert len(activity_rows(run)) == len(run.activities)
    assert run_row(run)["flow_run_id"] == run.id
    assert explain(run)
    assert to_markdown(run)
    repr(run)


def check_other(message: OtherMessage) -> None:
    """Demand of another message that it says where it stands and what it is, and can leave and come back."""
    assert message.path == message.delivery.path
    assert message.description.startswith("not a flow run")
    assert pickle.loads(pickle.dumps(message)) == message == copy.deepcopy(message)
    assert hash(message) == hash(copy.deepcopy(message))


def check_error(error: InvalidFlowRunError) -> None:
    """Demand of a broken run that its problems are told, and that it can be salvaged unless its ids are broken."""
    assert error.problems
    assert error.problems == tuple(dict.fromkeys(error.problems))
    assert error.problem_count >= len(error.problems)
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
    assert general_outcomes(data) == wanted
    _check_lines(data)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        assert _is_not_json(wanted)
        return
    assert outcomes(text) == wanted
    try:
        decoded = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return
    if not isinstance(decoded, (dict, list)) or has_infinity(decoded):
        return
    if _is_not_json(wanted):  # whose message has a position in the text
        assert _is_not_json(outcomes(decoded))
    else:
        assert outcomes(decoded) == wanted


def _is_not_json(results: tuple[Any, Any]) -> bool:
    return isinstance(results[0], tuple) and results[0][0] is InvalidJSONError


def has_infinity(payload: Any) -> bool:
    """Tell whether decoded JSON holds what JSON does not have: `json.loads` takes NaN, and reads 1e400 as infinite."""
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
        if not isinstance(result, ParseResult) or result.others or result.errors:
            broken.append(number)
    assert runs == wanted
    assert [error.number for error in errors] == broken
