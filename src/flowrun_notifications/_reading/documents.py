"""Splits an archive into its documents, whatever separates them, in the memory of the longest one.

An archive is plain or gzip. Its documents stand one on each line, are printed over many lines, follow each other
without any separator, or stand behind record separators (RFC 7464). A line that is JSON by itself is a document;
elsewhere the brackets tell where a document ends. A document whose brackets cannot be right is broken; reading goes on
behind it.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Generic, NamedTuple, TypeVar, cast

from flowrun_notifications._reading.exceptions import InvalidJSONError

__all__ = ["Document", "open_archive", "read_documents"]

_T = TypeVar("_T")
_Read = tuple["Document", _T | InvalidJSONError]

_CHUNK = 1 << 18
_MAX_NESTING = 256
_MAX_GARBAGE = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP_STARTS_WITH = b"\x1f\x8b"

_SPACE = b" \t\r\n\x1e"
_QUOTE = ord('"')
_MAX_GAP = 64
_GAP = re.compile(rb"[ \t\r\n\x1e]+")
_END_OF_LINE = re.compile(rb"[\n\x1e]")
_TOKEN = re.compile(rb'"[^"\\\n\x1e]*(?:\\[^\n\x1e][^"\\\n\x1e]*)*"|[{}\[\]"\x1e]')
_NEXT_START = re.compile(rb"\n[{\[]|\x1e|\}[ \t\r]*(?=\{)")
"""Where reading goes on behind a broken document: a line that starts like one, a record separator, or ``}{``."""

_OPENERS = {ord("}"): ord("{"), ord("]"): ord("[")}
_BEFORE_OPENER = {ord("{"): b":", ord("["): b"[,"}
"""The bytes after which an object or a list may begin, by what stands around it."""


class Document(NamedTuple):
    """One document of an archive."""

    content: bytes
    """Its bytes."""

    line: int
    """The line on which it starts, from 1."""


@contextmanager
def open_archive(source: str | os.PathLike[str] | BinaryIO) -> Generator[BinaryIO]:
    """Open a file by its path, or take an open one, and decompress it where it is gzip.

    Raises:
        OSError: It cannot be opened.
    """
    if isinstance(source, (str, os.PathLike)):
        with Path(source).open("rb") as file, open_archive(file) as archive:
            yield archive
        return
    start = source.read(1)
    start += source.read(1) if start else b""
    rewound = cast("BinaryIO", _Rewound(start, source))
    # No JSON begins like gzip, so the file need not be called .gz.
    yield cast("BinaryIO", gzip.GzipFile(fileobj=rewound)) if start == _GZIP_STARTS_WITH else rewound


class _Rewound:
    """A file of which the first bytes were read already; it need not be seekable."""

    def __init__(self, start: bytes, file: BinaryIO) -> None:
        self._start = start
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Read some bytes: of a pipe, the bytes that are there rather than as many as asked for."""
        start, self._start = self._start, b""
        return start or _read_some(self._file, size)


def _read_some(file: BinaryIO, size: int) -> bytes:
    """Read what is there, so that a run from a pipe comes at once, and everything before the cut of an archive."""
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)
    return read(size)


def read_documents(file: BinaryIO, read: Callable[[bytes], _T]) -> Iterator[_Read[_T]]:
    """Yield the documents of an archive, each with the result of reading it.

    Args:
        file: The archive, decompressed.
        read: Reads one document; raises `InvalidJSONError` if it is not JSON.
    """
    return _Splitter(file, read).documents()


class _Splitter(Generic[_T]):
    """Splits an archive; keeps the bytes from the start of the present document on."""

    def __init__(self, file: BinaryIO, read: Callable[[bytes], _T]) -> None:
        self._file = file
        self._read = read
        self._bytes = bytearray()
        self._at_end = False
        self._line = 1
        self._is_mid_line = False

    def documents(self) -> Iterator[_Read[_T]]:
        """Yield the documents."""
        while len(self._bytes) < len(_BYTE_ORDER_MARK) and self._fill():
            pass
        if self._bytes.startswith(_BYTE_ORDER_MARK):
            del self._bytes[: len(_BYTE_ORDER_MARK)]
        while self._skip_gap():
            document = None if self._is_mid_line else self._whole_line()
            if document is None:
                document = self._scan() if self._bytes[0] in b"{[" else self._broken()
            yield document

    def _fill(self) -> bool:
        """Read on; tell whether there was more."""
        # As much again as there is, so that a long document is looked through a few times, not once for each chunk.
        chunk = _read_some(self._file, max(_CHUNK, len(self._bytes)))
        self._bytes += chunk
        self._at_end = not chunk
        return bool(chunk)

    def _drop(self, size: int) -> None:
        self._line += self._bytes.count(b"\n", 0, size)
        del self._bytes[:size]

    def _skip_gap(self) -> bool:
        """Skip white space and separators; tell whether a document follows."""
        while not self._bytes or self._bytes[0] in _SPACE:
            gap = _GAP.match(self._bytes)
            if gap is not None:
                if b"\n" in gap[0]:
                    self._is_mid_line = False
                self._drop(gap.end())
            if not self._bytes and not self._fill():
                return False
        return True

    def _take(self, size: int) -> _Read[_T]:
        """Read the first bytes as a document."""
        content = bytes(memoryview(self._bytes)[:size])
        document = Document(content.rstrip(_SPACE), self._line)
        try:
            outcome: _T | InvalidJSONError = self._read(document.content)
        except InvalidJSONError as error:
            outcome = error
        self._is_mid_line = not content.endswith(b"\n")
        self._drop(size)
        return document, outcome

    def _whole_line(self) -> _Read[_T] | None:
        """Return the document on the next line, or ``None`` if that is not JSON by itself."""
        begin = 0
        while (end := self._bytes.find(b"\n", begin)) < 0:
            begin = len(self._bytes)
            if begin > _CHUNK:
                return None
            if not self._fill():
                end = begin
                break
        content = bytes(memoryview(self._bytes)[:end]).rstrip(_SPACE)
        try:
            outcome = self._read(content)
        except InvalidJSONError:
            return None
        document = Document(content, self._line)
        del self._bytes[: end + 1]
        self._line += 1
        return document, outcome

    def _scan(self) -> _Read[_T]:
        """Return the document that begins with the next bracket, by its brackets."""
        stack = bytearray()
        position = 0
        while True:
            token = _TOKEN.search(self._bytes, position)
            if token is None or token[0] == b'"':
                # The end of a string, or of the document, is not there yet, unless a line ends within the string.
                position = len(self._bytes) if token is None else token.start()
                if (token is not None and _END_OF_LINE.search(self._bytes, position)) or not self._fill():
                    return self._broken()
                continue
            byte = self._bytes[token.start()]
            position = token.end()
            if byte in b"{[":
                if stack and not self._may_open(stack, token.start()):
                    return self._broken()
                stack.append(byte)
            elif byte in _OPENERS:
                if stack.pop() != _OPENERS[byte]:
                    return self._broken()
                if not stack:
                    return self._take(position)
            elif byte != _QUOTE:
                return self._broken()

    def _may_open(self, stack: bytearray, position: int) -> bool:
        """Tell whether an object or a list may begin at a position, by what stands around and before it."""
        before = position - 1
        while self._bytes[before] in _SPACE:
            before -= 1
        return self._bytes[before] in _BEFORE_OPENER[stack[-1]] and len(stack) < _MAX_NESTING

    def _broken(self) -> _Read[_T]:
        """Return a broken document: everything up to where reading can go on."""
        begin = 1
        while (found := _NEXT_START.search(self._bytes, begin)) is None:
            begin = max(len(self._bytes) - _MAX_GAP, 1)
            if begin > _MAX_GARBAGE or not self._fill():
                return self._take(len(self._bytes))
        # Behind the bracket or the line feed, but before a record separator or the next bracket.
        return self._take(found.end() if found[0][:1] == b"}" else found.start() + (found[0] != b"\x1e"))
