"""Whatever comes in is answered with runs, other messages, or an error of the library."""

from __future__ import annotations

import io
import zlib
from typing import Any

from fuzz.oracle import NOTHING, check, check_bytes, check_run, is_blank, outcome
from hypothesis import example, given
from hypothesis import strategies as st

from flowrun_notifications import (
    FlowRun,
    LineError,
    ParseResult,
    parse_all,
    parse_archive,
    parse_lines,
)
from flowrun_notifications.testing import payloads
from properties.strategies import ANY_JSON, ANY_KEY, ANY_TEXT, dumps


@given(st.binary())
@example(b"\xff\xfe{\0}\0")
@example(b"\xef\xbb\xbf")
@example(b"\xc0\xaf")
@example(b'{"id":"\xed\xa0\x80","flowId":"f"}')
def test_any_bytes(payload: bytes) -> None:
    """Any bytes give a result or an error of the library."""
    check_bytes(payload)


@given(ANY_TEXT)
@example("\ud83d")
@example("\ufeff{}")
@example("NaN")
def test_any_text(payload: str) -> None:
    """Any text gives a result or an error of the library."""
    check(payload)


@given(ANY_JSON)
def test_any_json(payload: Any) -> None:
    """Any JSON value gives a result, decoded and as text, whatever way it is read."""
    check([payload])
    check({"event": payload})
    check_bytes(dumps(payload))


@given(
    st.dictionaries(ANY_KEY, ANY_JSON, min_size=1, max_size=8), st.sampled_from(["id", "flowId", "metrics", "event"])
)
def test_any_object_that_looks_like_a_run(payload: dict[str, Any], key: str) -> None:
    """Any object with keys of runs and wrappers gives a result."""
    check({"id": "r", "flowId": "f", **payload})
    check_bytes(dumps({**payload, key: payload}))


@given(payloads(), st.data())
def test_any_damaged_notification(payload: Any, data: st.DataObject) -> None:
    """A notification that was cut, or in which bytes were changed or inserted, gives a result or an error."""
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
    """Any Python value, of kinds that JSON does not have too, gives a result or an error of the library."""
    check(payload)


LINES = st.lists(st.one_of(payloads().map(dumps), st.binary(), ANY_TEXT, ANY_JSON.map(dumps)), max_size=6)


@given(LINES)
def test_any_lines(lines: list[str | bytes]) -> None:
    """``on_error`` is called once for every line that is broken or holds other messages: no line is lost, and none told twice."""
    errors: list[LineError] = []
    runs = list(parse_lines(lines, on_error=errors.append))
    wanted: list[FlowRun] = []
    broken: list[int] = []
    for number, line in enumerate(lines, start=1):
        result = outcome(parse_all, line) if not is_blank(line) else NOTHING
        wanted += result.runs if isinstance(result, ParseResult) else ()
        if not isinstance(result, ParseResult) or result.others or result.errors:
            broken.append(number)
    assert runs == wanted
    assert [(error.number, error.line) for error in errors] == [(number, lines[number - 1]) for number in broken]


@given(st.lists(payloads().map(dumps) | ANY_JSON.map(dumps) | st.binary(), max_size=4))
def test_strict_lines_end_at_the_first_broken_one(lines: list[bytes]) -> None:
    """Without on_error the first broken line raises: the runs before it are given first."""
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


@given(LINES.map(lambda lines: b"\n".join(mixed(line) for line in lines)) | st.binary())
@example(b"\x1f\x8b")
@example(b"\x1f\x8bno gzip")
def test_any_archive(archive: bytes) -> None:
    """Any bytes can be read as an archive: runs and ``LineError`` come out, and each error can be used."""
    errors: list[LineError] = []
    try:
        runs = list(parse_archive(io.BytesIO(archive), on_error=errors.append))
    except (OSError, EOFError, zlib.error):
        assert archive.startswith(b"\x1f\x8b")  # damaged gzip
        return
    for run in runs:
        check_run(run)
    for error in errors:
        assert str(error).startswith(f"line {error.number}: ")
        assert 1 <= error.number <= archive.count(b"\n") + 1


def mixed(line: str | bytes) -> bytes:
    """Return a line as bytes."""
    return line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
