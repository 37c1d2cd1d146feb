"""Archives: whatever separates, breaks or compresses their documents, each is accounted for."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from fuzz.oracle import outcome
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import FlowRun, InvalidJSONError, LineError, parse_all, parse_archive
from flowrun_notifications.testing import other_messages, payloads
from properties.strategies import dumps, mended


class Document(NamedTuple):
    """A document as it stands in an archive."""

    text: str
    is_broken: bool = False


LAYOUTS: dict[str, Callable[[Any], str]] = {
    "compact": lambda payload: json.dumps(payload, separators=(",", ":")),
    "spaced": lambda payload: json.dumps(payload, ensure_ascii=False),
    "pretty": lambda payload: json.dumps(payload, indent=2, ensure_ascii=False),
    "pretty, with tabs": lambda payload: json.dumps(payload, indent="\t"),
    "with line feeds and carriage returns": lambda payload: json.dumps(payload, indent=1).replace("\n", "\r\n"),
}
PAYLOADS = st.one_of(
    payloads(),
    other_messages(),
    st.lists(payloads() | other_messages(), max_size=2),
    st.sampled_from([{}, [], {"id": "r", "flowId": 5}, {"a": '}{ "\\" ]['}, [[{}]]]),
).map(mended)
SOUND = st.tuples(PAYLOADS, st.sampled_from(list(LAYOUTS))).map(lambda drawn: Document(LAYOUTS[drawn[1]](drawn[0])))


@st.composite
def broken(draw: st.DrawFn) -> Document:
    """Draw a document that was damaged, all on one line."""
    text = json.dumps({"id": "r", "flowId": "f", "metrics": {"statusSummary": {"status": "failed"}}})
    at = draw(st.integers(1, len(text) - 1))
    spoilt = draw(st.sampled_from([text[:at], f"{text[:at]}\\{text[at:]}", f"{text[:at]},,{text[at:]}"]))
    return Document(spoilt, is_broken=isinstance(outcome(parse_all, spoilt), tuple))


SEPARATORS = {
    "lines": ("", "\n"),
    "lines of Windows": ("", "\r\n"),
    "blank lines between": ("", "\n \n\t\n"),
    "records": ("\x1e", "\n"),
    "records without line feeds": ("\x1e", ""),
    "nothing": ("", ""),
}
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "with a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "gzip": gzip.compress,
    "gzip in several members": lambda data: b"".join(
        gzip.compress(data[at : at + 100]) for at in range(0, len(data), 100)
    ),
    "gzip with a byte order mark": lambda data: gzip.compress(b"\xef\xbb\xbf" + data),
}


class Slowly(io.BytesIO):
    """A file that gives a few bytes at a time, as a pipe does."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Read some bytes, however many are asked for."""
        return super().read(self._size if size is None or size < 0 else min(size, self._size))


def read(data: bytes, size: int = 1 << 20) -> tuple[list[FlowRun], list[LineError]]:
    """Return what comes out of an archive."""
    errors: list[LineError] = []
    return list(parse_archive(Slowly(data, size), on_error=errors.append)), errors


def account(documents: list[Document], before: str, after: str) -> tuple[list[FlowRun], list[tuple[int, str]]]:
    """Return the runs of sound documents, and the line and the kind of each document that gives an error."""
    runs: list[FlowRun] = []
    errors: list[tuple[int, str]] = []
    line = 1
    for document in documents:
        line += before.count("\n")
        result = None if document.is_broken else parse_all(document.text)
        if result is None:
            errors.append((line, "InvalidJSONError"))
        else:
            runs += result.runs
            if len(result.items) == 1 and result.errors:
                errors.append((line, "InvalidFlowRunError"))
            elif len(result.items) == 1 and result.others:
                errors.append((line, "NotAFlowRunError"))
            elif result.others or result.errors:
                errors.append((line, "PartialParseError"))
        line += document.text.count("\n") + after.count("\n")
    return runs, errors


@given(
    st.lists(SOUND, max_size=5),
    st.sampled_from(list(SEPARATORS)),
    st.sampled_from(list(COMPRESSIONS)),
    st.sampled_from([1, 7, 100, 1 << 20]),
)
def test_sound_documents(documents: list[Document], separator: str, compression: str, size: int) -> None:
    """Documents are read whatever separates them, plain or gzip: every one, with the line on which it starts."""
    before, after = SEPARATORS[separator]
    if separator == "nothing":  # nothing tells where a list ends and the next begins
        documents = [document for document in documents if document.text.startswith("{")]
    text = "".join(before + document.text + after for document in documents)
    runs, errors = read(COMPRESSIONS[compression](text.encode()), size)
    wanted_runs, wanted_errors = account(documents, before, after)
    assert runs == wanted_runs
    assert [(error.number, type(error.error).__name__) for error in errors] == wanted_errors


@given(
    st.lists(SOUND | broken(), max_size=6),
    st.sampled_from(["lines", "lines of Windows", "records"]),
    st.sampled_from([1, 100, 1 << 20]),
)
def test_a_broken_document_costs_only_itself(documents: list[Document], separator: str, size: int) -> None:
    """Behind a broken document reading goes on at the next line that starts with { or [ in its first column, at the next record separator."""
    before, after = SEPARATORS[separator]
    documents = [document for document in documents if document.text.strip() and "\n" not in document.text]
    text = "".join(before + document.text + after for document in documents)
    runs, errors = read(text.encode(), size)
    wanted_runs, wanted_errors = account(documents, before, after)
    assert runs == wanted_runs
    assert [(error.number, type(error.error).__name__) for error in errors] == wanted_errors
    lines = text.encode().replace(b"\x1e", b"").splitlines()
    for error in errors:
        assert error.line == lines[error.number - 1].rstrip()


@given(st.lists(SOUND, min_size=1, max_size=4), broken(), st.integers(0, 4), st.data())
def test_a_broken_document_among_pretty_ones(
    documents: list[Document], spoilt: Document, position: int, data: st.DataObject
) -> None:
    """A broken document costs none of those that are printed over many lines around it."""
    position = min(position, len(documents))
    runs, errors = read(
        "\n".join(document.text for document in [*documents[:position], spoilt, *documents[position:]]).encode()
    )
    wanted_runs, wanted_errors = account([*documents[:position], spoilt, *documents[position:]], "", "\n")
    assert runs == wanted_runs
    assert [(error.number, type(error.error).__name__) for error in errors] == wanted_errors


@given(st.lists(payloads().map(mended), min_size=1, max_size=4), st.integers(0, 3), st.data())
def test_a_broken_document_among_concatenated_ones(documents: list[Any], position: int, data: st.DataObject) -> None:
    """Within a line, after the next } that is followed by {, reading goes on."""
    documents = [document if isinstance(document, dict) else {"event": document} for document in documents]
    position = min(position, len(documents))
    texts = [json.dumps(document) for document in documents]
    spoilt = '{"id":"r","flowId":"f" "x":1}'
    runs, errors = read("".join([*texts[:position], spoilt, *texts[position:]]).encode())
    assert runs == [run for document in documents for run in parse_all(document).runs]
    assert [(error.number, type(error.error), error.line) for error in errors] == [
        (1, InvalidJSONError, spoilt.encode())
    ]


@given(
    st.lists(
        st.binary(max_size=40) | SOUND.map(lambda one: one.text.encode()) | broken().map(lambda one: one.text.encode()),
        max_size=6,
    ),
    st.sampled_from([b"\n", b"", b"\x1e", b"\r\n", b" "]),
    st.sampled_from([1, 13, 1 << 20]),
)
def test_nothing_vanishes(pieces: list[bytes], separator: bytes, size: int) -> None:
    """Every document is accounted for: no byte is lost, in whatever pieces an archive arrives."""
    archive = separator.join(pieces)
    if archive.startswith(b"\x1f\x8b"):
        return
    outcome_at_once = summary(read(archive))
    assert summary(read(archive, size)) == outcome_at_once


def summary(outcome: tuple[list[FlowRun], list[LineError]]) -> tuple[Any, ...]:
    """Return what came out of an archive, in a form that compares."""
    runs, errors = outcome
    return runs, [(error.number, error.line, str(error)) for error in errors]


@given(st.lists(PAYLOADS, max_size=4))
def test_lines_and_archives_agree(documents: list[Any]) -> None:
    """An archive with a document on each line reads as its lines do."""
    from flowrun_notifications import parse_lines

    lines = [dumps(document) + b"\n" for document in documents]
    errors: list[LineError] = []
    runs = list(parse_lines(lines, on_error=errors.append))
    archive_runs, archive_errors = read(b"".join(lines))
    assert archive_runs == runs
    assert [(error.number, error.line + b"\n", str(error)) for error in archive_errors] == [
        (error.number, error.line, str(error)) for error in errors
    ]
