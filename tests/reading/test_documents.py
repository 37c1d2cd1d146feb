"""What `flowrun_notifications.inputs` promises."""

from __future__ import annotations

import gzip
import io
import os
from itertools import islice
from pathlib import Path

import pytest

from flowrun_notifications.inputs import Document, Input, UnreadableInputError

PAYLOADS = Path(__file__).parent / "payloads"
PRETTY = b'{\n  "id": "r1",\n\n  "flowId": "f1"\n}\n'


def documents(content: bytes, folder: Path) -> list[Document]:
    """What a file with this content holds."""
    path = folder / "input"
    path.write_bytes(content)
    return list(Input(str(path)).documents())


class Endless(io.RawIOBase):
    """A stream that begins in some way and then repeats a line for ever."""

    def __init__(self, beginning: bytes, line: bytes) -> None:
        self._rest = beginning
        self._line = line

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the buffer."""
        while len(self._rest) < len(buffer):
            self._rest += self._line * 100
        buffer[:] = self._rest[: len(buffer)]
        self._rest = self._rest[len(buffer) :]
        return len(buffer)


def standard_input(raw: io.RawIOBase | io.BytesIO, monkeypatch: pytest.MonkeyPatch) -> Input:
    """Standard input, reading from this stream."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(raw)))
    return Input("-")


@pytest.mark.parametrize(("given", "name"), [("runs.json", "runs.json"), ("-", "<stdin>")])
def test_name(given: str, name: str) -> None:
    """An input is called by its file's name; standard input has one too."""
    assert Input(given).name == name


class TestDocuments:
    """`Input.documents` and how it tells one document from many."""

    @pytest.mark.parametrize(
        "content",
        [
            PRETTY,
            b"\n \n" + PRETTY,
            b"\xef\xbb\xbf" + PRETTY,
            PRETTY.removesuffix(b"\n"),
            PRETTY.replace(b"\n", b"\r\n"),
            b'[\n{"id": "r1"},\n{"id": "r2"}\n]',
            b'[{"id": "r1"},\n{"id": "r2"}]',
            b'{"items": [\n' + b'  {"id": "r1"},\n' * 10_000 + b"  {}]}",
            b'{"id": "\\ud800",\n"flowId": "f1"}',
        ],
        ids=[
            "pretty",
            "after blank lines",
            "byte order mark",
            "no line end",
            "carriage returns",
            "an entry on each line",
            "no line of its own for a bracket",
            "longer than the look",
            "lone surrogate",
        ],
    )
    def test_one_document_over_many_lines(self, content: bytes, tmp_path: Path) -> None:
        """A document that spreads over lines is one, unchanged."""
        assert documents(content, tmp_path) == [Document(content, None)]

    @pytest.mark.parametrize(
        "content",
        [
            b'{"id": "r1",\n  "flowId": "f1",\n}\n',
            b'[\n{"id": "r1"},\n{"id": },\n{"id": "r3"}\n]\n',
            b'{\n"id": "r1"\n',
            b'{"id": "r1"',
            b"[\n{}\n",
            b"\xef\xbb\xbf[\n{}\n",
            b"[\n{}\nx\n",
            b' {\n"id": "r1"\n',
            '{"id": "r1"}\n{"id": "r2"}\n'.encode("utf-16"),
            '{"id": "r1"}\n'.encode("utf-32-le"),
            b"\xff\xfe\x57\x58\n\x57\x58",
            b"\xfe\xff\x57\x58\n\x57\x58",
        ],
        ids=[
            "comma too many",
            "broken entry",
            "cut short",
            "cut short on one line",
            "cut short after an entry that is whole",
            "the same after a byte order mark",
            "no comma after an entry that is whole",
            "cut short and indented",
            "UTF-16",
            "UTF-32",
            "UTF-16 that is not ASCII",
            "the same in the other order of bytes",
        ],
    )
    def test_one_broken_document(self, content: bytes, tmp_path: Path) -> None:
        """What begins as one document is one even if it is broken, so that one error tells of it."""
        assert documents(content, tmp_path) == [Document(content, None)]

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b'{"id": "r1"}\n{"id": "r2"}\n', [(b'{"id": "r1"}', 1), (b'{"id": "r2"}', 2)]),
            (b'{"id": "r1"}\r\n[]', [(b'{"id": "r1"}\r', 1), (b"[]", 2)]),
            (b'\n\n{"id": "r1"}\n \t\n{"id": "r2"}', [(b'{"id": "r1"}', 3), (b'{"id": "r2"}', 5)]),
            (b'\xef\xbb\xbf{"id": "r1"}\n[]\n', [(b'\xef\xbb\xbf{"id": "r1"}', 1), (b"[]", 2)]),
            (b'starting\n{"id": "r1"}\n', [(b"starting", 1), (b'{"id": "r1"}', 2)]),
            (b'"text"\nnull\n', [(b'"text"', 1), (b"null", 2)]),
            (b'{"id": {"a"\n{"id": "r2"}\n', [(b'{"id": {"a"', 1), (b'{"id": "r2"}', 2)]),
            (b'{"id": {"a": 1}\n[]\n{"id": "r3"}\n', [(b'{"id": {"a": 1}', 1), (b"[]", 2), (b'{"id": "r3"}', 3)]),
            (b'{"id": "\xff"}\n[]\n{}', [(b'{"id": "\xff"}', 1), (b"[]", 2), (b"{}", 3)]),
        ],
        ids=[
            "two",
            "carriage return",
            "blank lines",
            "byte order mark",
            "first line no JSON",
            "no objects",
            "first line cut short",
            "first line cut short where a comma may follow",
            "first line not UTF-8",
        ],
    )
    def test_one_document_a_line(self, content: bytes, expected: list[tuple[bytes, int]], tmp_path: Path) -> None:
        """Where each line stands for itself, each is a document with its number, without its line feed."""
        assert documents(content, tmp_path) == expected

    @pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n"])
    def test_nothing(self, content: bytes, tmp_path: Path) -> None:
        """An empty file holds no documents."""
        assert documents(content, tmp_path) == []

    @pytest.mark.parametrize("content", [PRETTY, b'{"id": "r1"}\n{"id": "r2"}\n', b""])
    def test_gzip(self, content: bytes, tmp_path: Path) -> None:
        """What is gzip-compressed reads as if it were not, whatever the file is called."""
        assert documents(gzip.compress(content), tmp_path) == documents(content, tmp_path)

    def test_gzip_members(self, tmp_path: Path) -> None:
        """Several gzip files in one, as log shippers write them, read as one."""
        content = gzip.compress(b'{"id": "r1"}\n') + gzip.compress(b'{"id": "r2"}\n')
        assert documents(content, tmp_path) == [(b'{"id": "r1"}', 1), (b'{"id": "r2"}', 2)]

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The name - stands for standard input, compressed or not, which stays open."""
        source = standard_input(io.BytesIO(gzip.compress(b"[]\n{}\n")), monkeypatch)
        assert (source.name, list(source.documents())) == ("<stdin>", [(b"[]", 1), (b"{}", 2)])
        import sys

        assert not sys.stdin.closed

    @pytest.mark.parametrize(
        "beginning", [b"[]\n", b'{"id": {"a": 1}\n', b"no JSON\n"], ids=["sound", "first line cut short", "no JSON"]
    )
    def test_lines_stream(self, beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first documents of an archive are there without its end: this one has none."""
        source = standard_input(Endless(beginning, b'{"id": "r"}\n'), monkeypatch)
        assert list(islice(source.documents(), 3)) == [
            (beginning.removesuffix(b"\n"), 1),
            (b'{"id": "r"}', 2),
            (b'{"id": "r"}', 3),
        ]

    def test_first_line_alone_tells(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A document on the first line is there before the next one is written, as a live stream needs."""
        receive, send = os.pipe()
        with os.fdopen(send, "wb") as writer, os.fdopen(receive, "rb") as reader:
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(reader))
            writer.write(b'{"id": "r1"}\n')
            writer.flush()
            assert next(Input("-").documents()) == (b'{"id": "r1"}', 1)


class TestUnreadable:
    """What cannot be read."""

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is told with the system's reason, and the error behind it is kept."""
        with pytest.raises(UnreadableInputError, match=r"^cannot be read: No such file or directory$") as caught:
            next(Input(str(tmp_path / "missing")).documents())
        assert isinstance(caught.value.__cause__, FileNotFoundError)

    def test_cut_gzip(self, tmp_path: Path) -> None:
        """Of a compressed file that is cut short, the lines that are whole are read first."""
        path = tmp_path / "archive.gz"
        lines = [b'{"id": "%s"}' % os.urandom(20).hex().encode() for _ in range(1_000)]
        path.write_bytes(gzip.compress(b"\n".join(lines))[:-2_000])
        read: list[Document] = []
        with pytest.raises(UnreadableInputError) as caught:
            read.extend(Input(str(path)).documents())
        assert read == [(line, number) for number, line in enumerate(lines[: len(read)], start=1)]
        assert str(caught.value) == (
            f"cannot be read beyond line {len(read)}: Compressed file ended before the end-of-stream marker was reached"
        )
        assert len(read) > 900

    def test_broken_gzip(self, tmp_path: Path) -> None:
        """A compressed file that is damaged is told so."""
        with pytest.raises(UnreadableInputError, match=r"^cannot be read: Error -3 while decompressing data: "):
            documents(gzip.compress(b"[]\n")[:10] + b"\xff" * 20, tmp_path)

    def test_gzip_checksum(self, tmp_path: Path) -> None:
        """A compressed file whose checksum is wrong is told so."""
        compressed = bytearray(gzip.compress(PRETTY))
        compressed[-8:-4] = b"\0\0\0\0"
        with pytest.raises(UnreadableInputError, match=r"^cannot be read: CRC check failed"):
            documents(bytes(compressed), tmp_path)


class TestFractionRead:
    """`Input.fraction_read`."""

    def test_file(self, tmp_path: Path) -> None:
        """Of a file it is how much was taken from it."""
        path = tmp_path / "archive"
        path.write_bytes(b"[]\n" * 100_000)
        source = Input(str(path))
        reading = source.documents()
        next(reading)
        first = source.fraction_read()
        for _ in islice(reading, 50_000):
            pass
        second = source.fraction_read()
        assert first is not None
        assert second is not None
        assert 0 < first < 0.1
        assert 0.45 < second < 0.6
        path.write_bytes(b"[]\n" * 10)
        assert source.fraction_read() == 1.0

    def test_pipe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of a stream whose length nobody knows it is None."""
        source = standard_input(Endless(b"", b"[]\n"), monkeypatch)
        reading = source.documents()
        next(reading)
        assert source.fraction_read() is None

    def test_emptied_file(self, tmp_path: Path) -> None:
        """Of a file that was emptied meanwhile it is None."""
        path = tmp_path / "archive"
        path.write_bytes(b"[]\n" * 2)
        source = Input(str(path))
        reading = source.documents()
        next(reading)
        path.write_bytes(b"")
        assert source.fraction_read() is None

    def test_not_being_read(self, tmp_path: Path) -> None:
        """Before and after reading it is None."""
        path = tmp_path / "archive"
        path.write_bytes(b"[]\n")
        source = Input(str(path))
        fractions = [
            source.fraction_read(),
            [source.fraction_read() for _ in source.documents()],
            source.fraction_read(),
        ]
        assert fractions == [None, [1.0], None]
