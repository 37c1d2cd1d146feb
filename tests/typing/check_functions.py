"""What type checkers know of the functions, and of what they give; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import gzip
import io
from collections import OrderedDict, UserDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flowrun_notifications.error_codes import Evidence, Stage
from typing_extensions import assert_type

import flowrun_notifications
from flowrun_notifications import (
    ErrorCode,
    FlowRun,
    InvalidFlowRunError,
    LineError,
    NotAFlowRunError,
    ParseResult,
    Payload,
    documented_error_codes,
    lookup_error,
    parse,
    parse_all,
    parse_lines,
)


def check_forms(text: str, data: bytes, view: memoryview, mapping: Mapping[str, Any], path: Path) -> None:
    """A payload may be text, bytes of every kind, or decoded JSON; the result does not depend on it."""
    assert_type(parse(text), FlowRun)
    assert_type(parse(data), FlowRun)
    assert_type(parse(bytearray(data)), FlowRun)
    assert_type(parse(view), FlowRun)
    assert_type(parse(mapping), FlowRun)
    assert_type(parse({"id": "r-1", "metrics": {}}), FlowRun)
    assert_type(parse([{"id": "r-1"}]), FlowRun)
    assert_type(parse(({}, [])), FlowRun)
    assert_type(parse(OrderedDict(mapping)), FlowRun)
    assert_type(parse(UserDict(mapping)), FlowRun)
    assert_type(parse(MappingProxyType(mapping)), FlowRun)
    assert_type(parse(deque([mapping])), FlowRun)
    assert_type(parse_all(text), ParseResult)
    assert_type(parse_all([mapping]), ParseResult)
    parse(path)  # type: ignore[arg-type]
    parse(5)  # type: ignore[arg-type]
    parse(None)  # type: ignore[arg-type]
    parse({data: 1})  # type: ignore[dict-item]
    parse({1, 2})  # type: ignore[arg-type]


def check_payload(payload: Payload) -> None:
    """`Payload` names what a payload may be given as."""
    assert_type(payload, str | bytes | bytearray | memoryview | Mapping[str, Any] | Sequence[Any])
    parse(payload)
    parse_all(payload=payload)


def check_result(result: ParseResult) -> None:
    """A result holds runs, what was skipped, and errors."""
    assert_type(result.runs, tuple[FlowRun, ...])
    assert_type(result.skipped, tuple[NotAFlowRunError, ...])
    assert_type(result.errors, tuple[InvalidFlowRunError, ...])
    assert_type(result.raise_for_errors, Callable[[], None])
    assert_type(ParseResult((), (), ()), ParseResult)
    result.runs = ()  # type: ignore[misc]


def check_lines(path: Path, lines: list[str], both: Iterable[str | bytes], failures: list[LineError]) -> None:
    """Lines may come from any iterable of text or bytes; runs come out either way."""
    assert_type(parse_lines(lines), Iterator[FlowRun])
    assert_type(parse_lines(both), Iterator[FlowRun])
    assert_type(parse_lines(io.BytesIO()), Iterator[FlowRun])
    with path.open() as as_text, path.open("rb") as as_bytes, gzip.open(path) as compressed:
        assert_type(parse_lines(as_text), Iterator[FlowRun])
        assert_type(parse_lines(as_bytes), Iterator[FlowRun])
        assert_type(parse_lines(compressed), Iterator[FlowRun])
    assert_type(parse_lines(lines, on_error=failures.append), Iterator[FlowRun])
    assert_type(parse_lines(lines, on_error=None), Iterator[FlowRun])
    for run in parse_lines(lines, on_error=lambda failure: print(failure.number, failure.line)):  # noqa: T201
        assert_type(run, FlowRun)
    parse_lines(lines, failures.append)  # type: ignore[call-arg]
    parse_lines(path)  # type: ignore[arg-type]
    parse_lines([1])  # type: ignore[list-item]


def check_error_codes(code: ErrorCode) -> None:
    """A look-up always answers."""
    assert_type(lookup_error("CONNECTOR-2001-500"), ErrorCode)
    assert_type(documented_error_codes(), tuple[ErrorCode, ...])
    assert_type(code.code, str)
    assert_type(code.family, str | None)
    assert_type(code.number, str | None)
    assert_type(code.http_status, int | None)
    assert_type(code.title, str | None)
    assert_type(code.meaning, str | None)
    assert_type(code.remedy, str | None)
    assert_type(code.stage, Stage | None)
    assert_type(code.retryable, bool | None)
    assert_type(code.evidence, Evidence | None)
    assert_type(code.notes, str | None)
    assert_type(code.is_documented, bool)
    assert_type({code: 1}, dict[ErrorCode, int])
    lookup_error(None)  # type: ignore[arg-type]
    code.title = ""  # type: ignore[misc]


def check_version() -> None:
    """The version is text."""
    assert_type(flowrun_notifications.__version__, str)
