"""The entry points: a payload to its run, a payload to everything in it, lines and archives to runs."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._reading.decoding import decode_json, to_bytes
from flowrun_notifications._reading.exceptions import (
    FlowRunNotificationError,
    InvalidJSONError,
    LineError,
    RunCountError,
)
from flowrun_notifications._reading.fast_path import read_fast
from flowrun_notifications._reading.records import validate
from flowrun_notifications._reading.results import ParseResult, PartialParseError, make_result
from flowrun_notifications._reading.unwrap import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from flowrun_notifications._reading.decoding import Payload

__all__ = ["parse", "parse_all", "parse_archive", "parse_lines"]


def parse(payload: Payload) -> FlowRun:
    """Return the one flow run in a payload, whatever wrapper it came in.

    Messages that are not flow runs are ignored; broken runs are counted.

    Args:
        payload: JSON text, its UTF-8 bytes, or decoded JSON. It is never changed.

    Raises:
        InvalidJSONError: The payload is not JSON.
        NotAFlowRunError: It holds other messages only.
        InvalidFlowRunError: The run has unusable values.
        RunCountError: It holds several runs, or nothing at all; :func:`parse_all` reads those.
    """
    data = to_bytes(payload)
    try:
        runs = read_fast(data)
        if runs is not None and len(runs) == 1:
            return runs[0]
        return _choose_run(data, runs)
    except RecursionError as error:
        raise InvalidJSONError(_NO_STACK) from error


def parse_all(payload: Payload) -> ParseResult:
    """Return everything in a payload: flow runs, other messages, broken runs.

    One broken run never costs the others.

    Args:
        payload: JSON text, its UTF-8 bytes, or decoded JSON. It is never changed.

    Raises:
        InvalidJSONError: The payload is not JSON.
    """
    return _read(to_bytes(payload))


_NO_STACK = "the payload nests too deeply for the frames that are left on the stack"


def _choose_run(data: bytes, runs: list[FlowRun] | None) -> FlowRun:
    """Return the one run in a payload, given the runs in it where they are known."""
    if runs is not None:
        raise RunCountError(len(runs))
    items = unwrap(decode_json(data))
    candidates = [item for item in items if item.kind == "run"]
    if len(candidates) == 1:
        outcome = validate(candidates[0])
        if isinstance(outcome, FlowRun):
            return outcome
        raise outcome
    if candidates or not items:
        raise RunCountError(len(candidates))
    # Loaded here because most programs never see another message.
    from flowrun_notifications._reading.other_messages import NotAFlowRunError, make_message  # noqa: PLC0415

    raise NotAFlowRunError(make_message(items[0]))


def _read(data: bytes) -> ParseResult:
    try:
        fast = read_fast(data)
        if fast is not None:
            runs = tuple(fast)
            return ParseResult(runs, (), (), runs)
        return make_result([validate(item) if item.kind == "run" else item for item in unwrap(decode_json(data))])
    except RecursionError as error:
        raise InvalidJSONError(_NO_STACK) from error


def parse_lines(
    lines: Iterable[str | bytes], *, on_error: Callable[[LineError], None] | None = None
) -> Iterator[FlowRun]:
    """Yield the flow runs of NDJSON lines one after the other, in bounded memory.

    Each line may be any payload. Blank lines are skipped. For a file, :func:`parse_archive` also reads gzip and
    documents that are not one on each line.

    Args:
        lines: The lines, such as an open file.
        on_error: Called once for every line that is broken or holds other messages; reading goes on, so that every
            line is accounted for.

    Raises:
        LineError: Without ``on_error``: for the first broken line. Lines that hold other messages are passed over.
        TypeError: ``lines`` is not an iterable of lines, or an entry of it is not a line.
    """
    given: Any = lines
    if isinstance(lines, (str, bytes, bytearray, memoryview, Mapping, os.PathLike)):
        kind = _with_article(type(given).__name__)
        raise TypeError(
            f"parse_lines() takes an iterable of lines, such as an open file, not {kind};"
            " parse_archive() takes the path of a file, parse_all() a payload"
        )
    return _parse_numbered(enumerate(lines, start=1), on_error)


def parse_archive(
    source: str | os.PathLike[str] | BinaryIO, *, on_error: Callable[[LineError], None] | None = None
) -> Iterator[FlowRun]:
    """Yield the flow runs of a file of any size one after the other, in the memory of its longest document.

    The file may be plain or gzip, and hold one document or many, whatever separates them: one on each line, printed
    over many lines, without a separator (Amazon Firehose), or behind record separators (RFC 7464).

    A broken document costs only itself. Reading goes on at the next line that starts with ``{`` or ``[`` or at the next
    record separator; within a line, after the next ``}`` that is followed by ``{``.

    Args:
        source: A path, or a file opened in binary mode.
        on_error: Called once for every document that is broken or holds other messages; reading goes on, so that
            every document is accounted for.

    Raises:
        LineError: Without ``on_error``: for the first broken document, with the number of the line on which it starts.
            Documents that hold other messages are passed over.
        TypeError: ``source`` is neither a path nor a binary file.
        OSError: The file cannot be read, or its compression is broken (``EOFError``, ``zlib.error``).
    """
    if isinstance(source, io.TextIOBase):
        raise TypeError(
            "parse_archive() takes a path or a file opened in binary mode, not a text file; open it with 'rb'"
        )
    return _parse_documents(source, on_error)


def _parse_documents(
    source: str | os.PathLike[str] | BinaryIO, on_error: Callable[[LineError], None] | None
) -> Iterator[FlowRun]:
    # Loaded here because most programs never read an archive.
    from flowrun_notifications._reading.documents import open_archive, read_documents  # noqa: PLC0415

    with open_archive(source) as file:
        for document, outcome in read_documents(file, _read):
            yield from _account(outcome, document.line, document.content, on_error)


def _parse_numbered(
    lines: Iterable[tuple[int, object]], on_error: Callable[[LineError], None] | None
) -> Iterator[FlowRun]:
    for number, line in lines:
        if not isinstance(line, (str, bytes)):
            kind = _with_article(type(line).__name__)
            raise TypeError(f"line {number} is {kind}, neither text nor bytes; parse_all() takes decoded JSON")
        content = line.rstrip(" \t\r\n") if isinstance(line, str) else line.rstrip(b" \t\r\n")
        if content:
            try:
                outcome: ParseResult | InvalidJSONError = _read(to_bytes(content))
            except InvalidJSONError as error:
                outcome = error
            yield from _account(outcome, number, line, on_error)


def _account(
    outcome: ParseResult | InvalidJSONError,
    number: int,
    line: str | bytes,
    on_error: Callable[[LineError], None] | None,
) -> Iterator[FlowRun]:
    """Yield the runs of a line, and report whatever else it holds."""
    error: FlowRunNotificationError
    if isinstance(outcome, ParseResult):
        yield from outcome.runs
        if not outcome.errors and (not outcome.others or on_error is None):
            return
        error = _reason(outcome)
    else:
        error = outcome
    line_error = LineError(number, line, error)
    if on_error is None:
        raise line_error from error
    on_error(line_error)


def _reason(result: ParseResult) -> FlowRunNotificationError:
    """Return the one error of a line, or one that holds several."""
    if not result.runs and not result.others and len(result.errors) == 1:
        return result.errors[0]
    if not result.runs and not result.errors and len(result.others) == 1:
        # As above.
        from flowrun_notifications._reading.other_messages import NotAFlowRunError  # noqa: PLC0415

        return NotAFlowRunError(result.others[0])
    return PartialParseError(result.runs, result.others, result.errors)


def _with_article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
