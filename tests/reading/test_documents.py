"""Tests of archives: how they are split into documents, and that a broken document costs only itself."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import tracemalloc
import zlib
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from flowrun_notifications import InvalidJSONError, LineError, parse_archive
from flowrun_notifications._reading.decoding import decode_json
from flowrun_notifications._reading.documents import open_archive, read_documents

A, B, C = b'{"id":"a"}', b'{"id":"b"}', b'{"id":"c"}'
PRETTY = b'{\n  "id": "a",\n\n  "x": [\n    {},\n    "}{"\n  ]\n}'


class Dribble(io.RawIOBase):
    """A file that hands out a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._file = io.BytesIO(content)
        self._size = size

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read a few bytes, however many are wanted."""
        return self._file.read(self._size if size < 0 else min(size, self._size))


Documents = list[tuple[int, bytes, bool]]


def documents(content: bytes) -> Documents:
    """Return line, content and soundness of each document, the same however many bytes are read at a time."""
    found: list[Documents] = []
    sizes = (7, 100) if len(content) < 10_000 else (300_000,)  # what is torn apart often is read again often
    for file in (io.BytesIO(content), *(Dribble(content, size) for size in sizes)):
        with open_archive(file) as archive:  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            found.append(
                [
                    (document.line, document.content, not isinstance(outcome, InvalidJSONError))
                    for document, outcome in read_documents(archive, decode_json)
                ]
            )
    assert found[1:] == found[:1] * len(sizes)
    return found[0]


SOUND: dict[str, tuple[bytes, list[tuple[int, bytes]]]] = {
    "nothing": (b"", []),
    "blank": (b" \r\n\t\n", []),
    "only separators": (b"\x1e\x1e\n\x1e", []),
    "one a line": (A + b"\n" + B + b"\n", [(1, A), (2, B)]),
    "no last line feed": (A + b"\n" + B, [(1, A), (2, B)]),
    "carriage returns": (A + b"\r\n" + B + b"\r\n", [(1, A), (2, B)]),
    "blank lines": (b"\n\n" + A + b"\n \t\n\r\n" + B, [(3, A), (6, B)]),
    "byte order mark": (b"\xef\xbb\xbf" + A + b"\n" + B, [(1, A), (2, B)]),
    "only a byte order mark": (b"\xef\xbb\xbf", []),
    "byte order mark, pretty": (b"\xef\xbb\xbf" + PRETTY + b"\n" + B, [(1, PRETTY), (9, B)]),
    "byte order mark, concatenated": (b"\xef\xbb\xbf" + A + B, [(1, A), (1, B)]),
    "concatenated": (A + B + C, [(1, A), (1, B), (1, C)]),
    "concatenated, with spaces": (A + b" " + B + b"\t" + C + b" \n" + A, [(1, A), (1, B), (1, C), (2, A)]),
    "concatenated, then lines": (A + B + b"\n" + C + b"\n" + A + A, [(1, A), (1, B), (2, C), (3, A), (3, A)]),
    "pretty": (PRETTY, [(1, PRETTY)]),
    "pretty, several": (PRETTY + b"\n" + PRETTY + b"\n\n" + PRETTY, [(1, PRETTY), (9, PRETTY), (18, PRETTY)]),
    "pretty, concatenated": (PRETTY + PRETTY + A, [(1, PRETTY), (8, PRETTY), (15, A)]),
    "pretty, carriage returns": (
        PRETTY.replace(b"\n", b"\r\n") + b"\r\n" + A,
        [(1, PRETTY.replace(b"\n", b"\r\n")), (9, A)],
    ),
    "pretty between lines": (A + b"\n" + PRETTY + b"\n" + B, [(1, A), (2, PRETTY), (10, B)]),
    "record separators": (b"\x1e" + A + b"\n\x1e" + PRETTY + b"\n\x1e" + B + b"\n", [(1, A), (2, PRETTY), (10, B)]),
    "record separators alone": (b"\x1e" + A + b"\x1e" + B + b"\x1e\x1e" + C, [(1, A), (1, B), (1, C)]),
    "lists": (
        b'[{"id":"a"},\n{"id":"b"}]\n[]\n[[1],[2]][3]',
        [(1, b'[{"id":"a"},\n{"id":"b"}]'), (3, b"[]"), (4, b"[[1],[2]]"), (4, b"[3]")],
    ),
    "an entry on each line": (b"[\n" + A + b",\n" + B + b"\n]\n" + C, [(1, b"[\n" + A + b",\n" + B + b"\n]"), (5, C)]),
    "scalars": (b'"text"\nnull\n5\n', [(1, b'"text"'), (2, b"null"), (3, b"5")]),
    "brackets in texts": (
        b'{"x":"}{[]\\"}{"}{"y":"\\\\"}' + b'{"z":\n"}{"}',
        [(1, b'{"x":"}{[]\\"}{"}'), (1, b'{"y":"\\\\"}'), (1, b'{"z":\n"}{"}')],
    ),
    "lone surrogates": (b'{"id":"\\ud800"}' + A, [(1, b'{"id":"\\ud800"}'), (1, A)]),
}
"""Archives of sound documents, with the line and the content of each."""

TORN = b'{"id":"t","x":[1,2'
RECOVERED: dict[str, tuple[bytes, Documents]] = {
    "a line cut short": (A + b"\n" + TORN + b"\n" + B, [(1, A, True), (2, TORN, False), (3, B, True)]),
    "the last line cut short": (A + b"\n" + TORN, [(1, A, True), (2, TORN, False)]),
    "a key cut short": (A + b'\n{"id\n' + B, [(1, A, True), (2, b'{"id', False), (3, B, True)]),
    "a text cut short": (A + b'\n{"id":"x\n' + B, [(1, A, True), (2, b'{"id":"x', False), (3, B, True)]),
    "an escape cut short": (A + b'\n{"id":"x\\\n' + B, [(1, A, True), (2, b'{"id":"x\\', False), (3, B, True)]),
    "a log line": (
        b"starting up\n" + A + b"\nstopped",
        [(1, b"starting up", False), (2, A, True), (3, b"stopped", False)],
    ),
    "an indented line cut short": (A + b'\n  {"id":\n' + B, [(1, A, True), (2, b'{"id":', False), (3, B, True)]),
    "a comma too many": (A + b'\n{"id":"x",}\n' + B, [(1, A, True), (2, b'{"id":"x",}', False), (3, B, True)]),
    "not UTF-8": (A + b'\n{"id":"\xff"}\n' + B, [(1, A, True), (2, b'{"id":"\xff"}', False), (3, B, True)]),
    "a bracket too many": (A + b"}\n" + B, [(1, A, True), (1, b"}", False), (2, B, True)]),
    "pretty, cut short": (
        b'{\n  "id": "a",\n' + PRETTY + b"\n" + B,
        [(1, b'{\n  "id": "a",', False), (3, PRETTY, True), (11, B, True)],
    ),
    "pretty, broken within": (
        PRETTY.replace(b'"a",', b'"a"') + b"\n" + B,
        [(1, PRETTY.replace(b'"a",', b'"a"'), False), (9, B, True)],
    ),
    "pretty, a bracket of another kind": (
        b'{\n  "x": [1}\n}\n' + B,
        [(1, b'{\n  "x": [1}\n}', False), (4, B, True)],
    ),
    "concatenated, one cut short": (
        A + b'{"id":"t"' + b"}" + b'{"id":,}' + B,
        [(1, A, True), (1, b'{"id":"t"}', True), (1, b'{"id":,}', False), (1, B, True)],
    ),
    "concatenated, an opening lost": (A + b'"id":"x"}' + B, [(1, A, True), (1, b'"id":"x"}', False), (1, B, True)]),
    "concatenated, a closing lost": (
        A + b'{"x":{"y":1}' + B,
        [(1, A, True), (1, b'{"x":{"y":1}', False), (1, B, True)],
    ),
    "record separators, one cut short": (
        b"\x1e" + A + b"\n\x1e" + TORN + b"\n\x1e" + B + b"\n",
        [(1, A, True), (2, TORN, False), (3, B, True)],
    ),
    "record separators within a line": (b"\x1e" + TORN + b"\x1e" + B, [(1, TORN, False), (1, B, True)]),
    "record separator in a text": (b'{"id":"x\x1e' + B, [(1, b'{"id":"x', False), (1, B, True)]),
    "two in a row": (TORN + b"\n" + TORN + b"\n" + B, [(1, TORN, False), (2, TORN, False), (3, B, True)]),
    "a list cut short": (
        b"[" + A + b",\n" + B + b"\n[]",
        [(1, b"[" + A + b",", False), (2, B, True), (3, b"[]", True)],
    ),
    "UTF-16": (
        A.decode().encode("utf-16-be"),
        [(1, A.decode().encode("utf-16-be"), False)],
    ),
}
"""Archives with broken documents: line, content and soundness of each."""


class TestSplitting:
    """Documents and what separates them."""

    @pytest.mark.parametrize(("content", "wanted"), SOUND.values(), ids=SOUND.keys())
    def test_sound(self, content: bytes, wanted: list[tuple[int, bytes]]) -> None:
        """Each document is found, with the line on which it starts, whatever separates them."""
        assert documents(content) == [(number, document, True) for number, document in wanted]

    @pytest.mark.parametrize(("content", "wanted"), RECOVERED.values(), ids=RECOVERED.keys())
    def test_broken(self, content: bytes, wanted: Documents) -> None:
        """A broken document costs only itself, and the lines behind it are counted right."""
        assert documents(content) == wanted

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_single_bytes(self, size: int) -> None:
        """A file may hand out single bytes, also of a byte order mark and of gzip."""
        content = b"\xef\xbb\xbf" + A + b"\n" + PRETTY + b"\n" + TORN + b"\n" + B
        for written in (content, gzip.compress(content)):
            with open_archive(Dribble(written, size)) as archive:  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
                read = [document.content for document, _ in read_documents(archive, decode_json)]
            assert read == [A, PRETTY, TORN, B]

    @pytest.mark.parametrize("size", [1 << 18, 600_000])
    @pytest.mark.parametrize("separator", [b"", b"\n", b"\x1e"])
    def test_long_documents(self, size: int, separator: bytes) -> None:
        """A document may be longer than any piece that is read."""
        long = b'{"x":["%s",\n{"y":"}{"}]}' % (b"y" * size)
        assert documents(long + separator + long + separator + A) == [
            (1, long, True),
            (2 + separator.count(b"\n"), long, True),
            (3 + 2 * separator.count(b"\n"), A, True),
        ]

    def test_long_line(self) -> None:
        """So may a line."""
        long = b'{"x":"%s"}' % (b"y" * 600_000)
        assert documents(A + b"\n" + long + b"\n" + B) == [(1, A, True), (2, long, True), (3, B, True)]

    @pytest.mark.parametrize("nesting", [200, 255, 256, 300, 100_000])
    def test_nesting(self, nesting: int) -> None:
        """A document that nests too deeply is broken, and the next is read."""
        deep = b'{"x":' * nesting + b"1" + b"}" * nesting
        found = documents(deep + b"\n" + B)
        assert (found[0][0], found[-1]) == (1, (2, B, True))
        assert b"".join(content for _, content, _ in found[:-1]) == deep

    def test_garbage(self) -> None:
        """Garbage without end is reported piece by piece, so that it does not fill the memory."""
        garbage = b"x" * 5_000_000
        found = [
            (document.content, document.line)
            for document, _ in read_documents(io.BytesIO(garbage + b"\n" + B), decode_json)
        ]
        assert found[-1] == (B, 2)
        assert b"".join(content for content, _ in found[:-1]) == garbage
        assert all(len(content) < 2_200_000 for content, _ in found)


def line_of(content: bytes) -> bytes:
    """Return a run on a line."""
    return json.dumps({"id": content.decode(), "flowId": "f-1"}).encode()


class Endless(io.RawIOBase):
    """A file that repeats a line for ever."""

    def __init__(self, line: bytes) -> None:
        self._line = line

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read whole lines."""
        return self._line * (max(size, 1) // len(self._line) + 1)


COMPRESS: list[Callable[[bytes], bytes]] = [
    bytes,
    gzip.compress,
    lambda content: b"".join(gzip.compress(content[i : i + 7]) for i in range(0, len(content), 7)),
]
"""Ways to write a file."""


FORMS: list[Callable[[tuple[bytes, ...]], bytes]] = [
    b"\n".join,
    b"".join,
    lambda runs: b"\x1e" + b"\n\x1e".join(runs) + b"\n",
    lambda runs: b"\xef\xbb\xbf" + b"\r\n".join(runs),
    lambda runs: b"\n".join(json.dumps(json.loads(run), indent=2).encode() for run in runs),
    lambda runs: b"[" + b",\n".join(runs) + b"]",
]
"""Ways to put runs into an archive."""


class TestParseArchive:
    """`parse_archive`: the runs of a file."""

    RUNS = (line_of(b"1"), line_of(b"2"), line_of(b"3"))

    @pytest.fixture(
        params=FORMS,
        ids=["lines", "concatenated", "record separators", "carriage returns", "pretty", "one document"],
    )
    def content(self, request: pytest.FixtureRequest) -> bytes:
        """Return three runs in an archive of each form."""
        written: bytes = request.param(self.RUNS)
        return written

    @pytest.mark.parametrize(
        "compress",
        COMPRESS,
        ids=["plain", "gzip", "gzip members"],
    )
    def test_forms(self, content: bytes, compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
        """A path and a binary file read alike, plain or gzip, of one or several members, whatever its name."""
        path = tmp_path / "archive"
        path.write_bytes(compress(content))
        with path.open("rb") as file, gzip.open(path) if compress is not bytes else path.open("rb") as unpacked:
            sources: list[Any] = [path, str(path), file, unpacked, io.BytesIO(compress(content))]
            ids = [[run.id for run in parse_archive(source)] for source in sources]
        assert ids == [["1", "2", "3"]] * len(sources)

    def test_account(self) -> None:
        """Every document that is broken, or holds another message, is reported with its line and its text."""
        alert = b'{"status":"FIRING"}'
        content = self.RUNS[0] + b"\n" + alert + TORN + b"\n\n" + b'{"x":\n"y"}' + b"\n" + self.RUNS[1]
        failures: list[LineError] = []
        runs = list(parse_archive(io.BytesIO(content), on_error=failures.append))
        assert [run.id for run in runs] == ["1", "2"]
        assert [(failure.number, failure.line) for failure in failures] == [
            (2, alert),
            (2, TORN),
            (4, b'{"x":\n"y"}'),
        ]
        assert [str(failure) for failure in failures] == [
            "line 2: not a flow run: it is an alert; answer it with success and go on",
            "line 2: the payload is not JSON: EOF while parsing a list (column 18)",
            "line 4: not a flow run: it has neither metrics nor flowId; its keys are 'x'",
        ]

    def test_place_within_a_document(self) -> None:
        """The message counts the document's own lines, where it has several."""
        with pytest.raises(LineError) as caught:
            list(parse_archive(io.BytesIO(b'\n\n{\n  "id": "r-1",\n  "x": nope\n}\n')))
        assert str(caught.value) == "line 3: the payload is not JSON: expected ident (its line 3, column 9)"
        assert caught.value.number == 3

    def test_streaming(self) -> None:
        """The first runs of a file are there without its end."""
        source: Any = Endless(self.RUNS[0] + b"\n")
        assert [run.id for run in islice(parse_archive(source), 5)] == ["1"] * 5

    def test_live_stream(self) -> None:
        """A document is there as soon as its line is written, before the next one is."""
        receive, send = os.pipe()
        with os.fdopen(send, "wb", buffering=0) as writer, os.fdopen(receive, "rb") as reader:
            give_up = Timer(20, writer.close)
            give_up.start()
            reading = parse_archive(reader)
            for run in self.RUNS:
                writer.write(run + b"\n")
                assert next(reading).id == json.loads(run)["id"]
                assert not writer.closed
            give_up.cancel()

    def test_lazy(self, tmp_path: Path) -> None:
        """Nothing is opened before the first run is asked for."""
        reading = parse_archive(tmp_path / "missing")
        with pytest.raises(FileNotFoundError):
            next(reading)

    def test_files_stay_open(self) -> None:
        """A file that was given open stays open."""
        file = io.BytesIO(self.RUNS[0])
        assert len(list(parse_archive(file))) == 1
        assert not file.closed

    @pytest.mark.slow
    @pytest.mark.parametrize("separator", [b"\n", b"", b"\x1e"])
    def test_memory(self, separator: bytes) -> None:
        """Memory does not grow with the archive."""

        class Repeated(io.RawIOBase):
            def __init__(self, times: int) -> None:
                run = json.dumps({"id": "1", "flowId": "f-1", "flowName": "x" * 960}).encode()
                self._pieces = iter([run + separator] * times)

            def readable(self) -> bool:
                return True

            def read(self, size: int = -1) -> bytes:
                return b"".join(islice(self._pieces, max(size, 1) // 1_000))

        def peak(times: int) -> int:
            tracemalloc.start()
            source: Any = Repeated(times)
            count = sum(1 for _ in parse_archive(source))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert count == times
            return most

        peak(10)  # what is made once
        assert peak(3_000) < 1.5 * peak(1_000)

    @pytest.mark.parametrize("separator", [b"\n", b"", b"\x1e"])
    def test_memory_for_a_long_document(self, separator: bytes, tmp_path: Path) -> None:
        """Memory stays below ten times the longest document, however many there are."""
        path = tmp_path / "archive"
        run = json.dumps({"id": "1", "flowId": "f-1", "unknown": ["x" * 10_000] * 100}).encode()
        path.write_bytes((run + separator) * 12)
        tracemalloc.start()
        count = sum(1 for _ in parse_archive(path))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (count, most < 10 * len(run)) == (12, True)

    def test_text_file(self, tmp_path: Path) -> None:
        """A file that was opened as text is refused at once, with what to do."""
        path = tmp_path / "archive"
        path.write_bytes(self.RUNS[0])
        with path.open(encoding="utf-8") as file, pytest.raises(TypeError) as caught:
            parse_archive(file)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert str(caught.value) == (
            "parse_archive() takes a path or a file opened in binary mode, not a text file; open it with 'rb'"
        )
        with pytest.raises(TypeError):
            parse_archive(io.StringIO("{}"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestBrokenGzip:
    """Compressed files that are damaged."""

    LINES = tuple(line_of(str(i).encode() + os.urandom(12).hex().encode()) for i in range(2_000))

    def read(self, content: bytes) -> tuple[int, type[Exception], str]:
        """Return how many runs are read, and the error that ends the reading."""
        runs: list[Any] = []
        with pytest.raises((OSError, EOFError, zlib.error)) as caught:
            runs.extend(run.id for run in parse_archive(io.BytesIO(content)))
        assert runs == [json.loads(line)["id"] for line in self.LINES[: len(runs)]]
        return len(runs), type(caught.value), str(caught.value)

    def test_cut_short(self) -> None:
        """Of a file that is cut short the whole documents are read first."""
        count, kind, message = self.read(gzip.compress(b"\n".join(self.LINES))[:-2_000])
        assert (kind, message) == (EOFError, "Compressed file ended before the end-of-stream marker was reached")
        assert count > 1_000

    def test_damaged(self) -> None:
        """A file that is damaged is told so."""
        count, kind, message = self.read(gzip.compress(b"\n".join(self.LINES))[:10] + b"\xff" * 20)
        assert (count, kind) == (0, zlib.error)
        assert re.match("Error -3 while decompressing data: ", message)

    def test_checksum(self) -> None:
        """So is a file whose checksum is wrong."""
        compressed = bytearray(gzip.compress(self.LINES[0]))
        compressed[-8:-4] = b"\0\0\0\0"
        assert self.read(bytes(compressed))[1] is gzip.BadGzipFile
