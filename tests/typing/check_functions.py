"""The types of the functions and their results for type checkers; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import gzip
import io
import sys
from collections import OrderedDict, UserDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from typing_extensions import assert_never, assert_type

from flowrun_notifications import (
    Alert,
    ErrorCode,
    FlowRun,
    InvalidFlowRunError,
    LineError,
    OtherMessage,
    ParseResult,
    Payload,
    documented_error_codes,
    explain,
    lookup_error,
    parse,
    parse_all,
    parse_archive,
    parse_lines,
    to_markdown,
)


def check_forms(text: str, data: bytes, view: memoryview, mapping: Mapping[str, Any], path: Path) -> None:
    """A payload may be text, bytes of every kind, or decoded JSON; no argument changes the type of the result."""
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
    """A result holds runs, other messages and errors, and all of them as items."""
    assert_type(result.runs, tuple[FlowRun, ...])
    assert_type(result.others, Sequence[OtherMessage])
    assert_type(result.errors, tuple[InvalidFlowRunError, ...])
    assert_type(result.items, Sequence[FlowRun | OtherMessage | InvalidFlowRunError])
    assert_type(result.raise_for_errors, Callable[[], None])
    result.runs = ()  # type: ignore[misc]


def check_match(result: ParseResult) -> None:
    """A match statement over the items is exhaustive."""
    for item in result.items:
        match item:
            case FlowRun():
                assert_type(item, FlowRun)
            case InvalidFlowRunError():
                assert_type(item.salvage(), FlowRun)
            case Alert():
                assert_type(item.name, str | None)
            case OtherMessage():
                assert_type(item, OtherMessage)
            case _:
                assert_never(item)


def check_lines(path: Path, lines: list[str], both: Iterable[str | bytes], failures: list[LineError]) -> None:
    """Lines may come from any iterable of text or bytes."""
    assert_type(parse_lines(lines), Iterator[FlowRun])
    assert_type(parse_lines(both), Iterator[FlowRun])
    assert_type(parse_lines(io.BytesIO()), Iterator[FlowRun])
    with path.open() as as_text, path.open("rb") as as_bytes, gzip.open(path) as compressed:
        assert_type(parse_lines(as_text), Iterator[FlowRun])
        assert_type(parse_lines(as_bytes), Iterator[FlowRun])
        assert_type(parse_lines(compressed), Iterator[FlowRun])
    assert_type(parse_lines(lines, on_error=failures.append), Iterator[FlowRun])
    assert_type(parse_lines(lines, on_error=None), Iterator[FlowRun])
    parse_lines(lines, failures.append)  # type: ignore[call-arg]
    parse_lines(path)  # type: ignore[arg-type]
    parse_lines([1])  # type: ignore[list-item]


def check_archives(path: Path, failures: list[LineError]) -> None:
    """An archive is a path or a binary file."""
    assert_type(parse_archive(path), Iterator[FlowRun])
    assert_type(parse_archive(str(path), on_error=failures.append), Iterator[FlowRun])
    assert_type(parse_archive(sys.stdin.buffer), Iterator[FlowRun])
    assert_type(parse_archive(io.BytesIO()), Iterator[FlowRun])
    with path.open() as as_text, path.open("rb") as as_bytes:
        assert_type(parse_archive(as_bytes), Iterator[FlowRun])
        parse_archive(as_text)  # type: ignore[arg-type]
    parse_archive(b"")  # type: ignore[arg-type]
    parse_archive(path, failures.append)  # type: ignore[call-arg]


def check_display(run: FlowRun) -> None:
    """A run is shown as text."""
    assert_type(explain(run), str)
    assert_type(to_markdown(run), str)


def check_error_codes(code: ErrorCode) -> None:
    """A look-up always answers."""
    assert_type(lookup_error("CONNECTOR-2001-500"), ErrorCode)
    assert_type(documented_error_codes(), tuple[ErrorCode, ...])
    assert_type(code.http_status, int | None)
    assert_type({code: 1}, dict[ErrorCode, int])
    lookup_error(None)  # type: ignore[arg-type]
    code.title = ""  # type: ignore[misc]
