"""What the command line reads: files and standard input, gzip-compressed or not, as JSON documents in order.

An input is one document, perhaps printed over many lines, or holds one document on each line. A bounded look at how it
begins tells which, so that an archive of any size passes through in the memory that its longest line needs.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["STANDARD_INPUT", "Document", "Input", "UnreadableInputError"]

STANDARD_INPUT = "-"
"""The file name that stands for standard input."""

_LOOK_AT = 65_536
"""How many bytes after the first line are looked at, where that does not tell already."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP_STARTS_WITH = b"\x1f\x8b"
_UTF_16_STARTS_WITH = (b"\xff\xfe", b"\xfe\xff")


class UnreadableInputError(Exception):
    """An input that cannot be opened, or not be read to its end; its text says why."""


class Document(NamedTuple):
    """One JSON document, not yet parsed."""

    content: bytes
    """Its bytes; where it stands on a line, that line as it is up to the line feed."""

    line: int | None
    """The line it stands on, from 1; ``None`` where it is the whole input."""


class Input:
    """A file, or standard input."""

    name: str
    """What to call it: the file's name, or ``<stdin>``."""

    def __init__(self, name: str) -> None:
        self.name = "<stdin>" if name == STANDARD_INPUT else name
        self._path = None if name == STANDARD_INPUT else Path(name)
        self._file: io.BufferedReader | None = None

    def documents(self) -> Iterator[Document]:
        """The documents in it. Blank lines are none.

        Raises:
            UnreadableInputError: It cannot be opened, or not be read to its end.
        """
        number = 0
        try:
            with ExitStack() as stack:
                file = self._open(stack)
                opening, is_one_document = _look(file)
                if is_one_document:
                    yield Document(b"".join([*opening, file.read()]), None)
                    return
                for number, line in enumerate(chain(opening, file), start=1):
                    if not line.isspace():
                        yield Document(line.removesuffix(b"\n"), number)
        except (OSError, EOFError, zlib.error) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            where = f" beyond line {number}" if number else ""
            raise UnreadableInputError(f"cannot be read{where}: {reason}") from error

    def fraction_read(self) -> float | None:
        """How much of it has been read, from 0 to 1; ``None`` where nobody knows its length, as of a pipe."""
        if self._file is None or self._file.closed:
            return None
        try:
            size = os.fstat(self._file.fileno()).st_size
            return min(self._file.tell() / size, 1.0) if size else None
        except OSError:
            return None

    def _open(self, stack: ExitStack) -> io.BufferedIOBase:
        if self._path is None:
            file = cast("io.BufferedReader", sys.stdin.buffer)
        else:
            file = stack.enter_context(self._path.open("rb"))
        self._file = file
        # No JSON begins like that, so the file need not be called .gz.
        if file.peek(2).startswith(_GZIP_STARTS_WITH):
            return stack.enter_context(gzip.GzipFile(fileobj=file))
        return file


def _look(file: Iterable[bytes]) -> tuple[list[bytes], bool]:
    """The first lines, and whether they begin one document rather than a document on each line."""
    lines: list[bytes] = []
    first = b""
    for first in file:
        lines.append(first)
        if not first.isspace():
            break
    if first.startswith(_UTF_16_STARTS_WITH) or b"\0" in first[:4]:
        return lines, True  # not UTF-8: one error will do
    if _is_whole(first) or not _opens(first):
        return lines, False
    size = 0
    for line in file:
        lines.append(line)
        size += len(line)
        if size > _LOOK_AT:
            break
    return lines, _begin_one_document(lines)


def _begin_one_document(lines: list[bytes]) -> bool:
    try:
        from_json(b"".join(lines).removeprefix(_BYTE_ORDER_MARK))
    except ValueError as error:
        if str(error).startswith("EOF while parsing"):
            return True
    else:
        return True
    # Something is broken: one document, or the first of many lines? Lines of one document hardly ever stand alone.
    return 2 * sum(map(_is_whole, lines)) < len(lines)


def _is_whole(line: bytes) -> bool:
    """Whether a line is an object or a list from its start to its end."""
    if not _opens(line):
        return False
    try:
        from_json(line.removeprefix(_BYTE_ORDER_MARK))
    except ValueError:
        return False
    return True


def _opens(line: bytes) -> bool:
    return line.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith((b"{", b"["))
