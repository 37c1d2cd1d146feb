"""Turns any accepted input into UTF-8 bytes, and bytes into JSON.

Everything becomes bytes first, so that text, bytes and decoded JSON of one payload cannot read differently.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from flowrun_notifications._reading.exceptions import InvalidJSONError, at_path
from flowrun_notifications._reading.paths import Step, path_text

__all__ = ["Payload", "decode_json", "to_bytes", "try_json"]

Payload = str | bytes | bytearray | memoryview | Mapping[str, Any] | Sequence[Any]
"""What a payload may be given as: JSON text, its UTF-8 bytes, or decoded JSON."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def decode_json(data: bytes) -> object:
    """Return UTF-8 bytes as plain decoded JSON.

    Raises:
        InvalidJSONError: They are not JSON.
    """
    try:
        return _decode(data)
    except ValueError as error:
        raise _explain(error, data.removeprefix(_BYTE_ORDER_MARK)) from error


def try_json(data: bytes) -> object:
    """Return UTF-8 bytes as plain decoded JSON; ``None`` where they are not JSON."""
    try:
        return _decode(data)
    except ValueError:
        return None


def _decode(data: bytes) -> object:
    data = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError:
        mended = re.sub(_ESCAPES, _replace_lone_surrogate, data) if re.search(_SURROGATE, data) else data
        if mended == data:
            raise
        return from_json(mended, allow_inf_nan=False)


_SURROGATE = rb"\\u[dD][89a-fA-F]"
_ESCAPES = rb"(?:\\\\)+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
"""Backslashes that escape each other, a pair of surrogates, or (group 1) a lone one."""


def _replace_lone_surrogate(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]


def _explain(error: ValueError, data: bytes) -> InvalidJSONError:
    position = re.search(r"^(.*) at line (\d+) column (\d+)$", str(error))
    what, line, column = (position[1], int(position[2]), int(position[3])) if position else (str(error), None, None)
    start = data.lstrip()[:300]
    if not start:
        hint = "the payload is empty"
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]:
        hint = "the payload is not UTF-8; its first bytes look like UTF-16 or UTF-32"
    elif len(data) <= len(start) and re.fullmatch(_PATH, start):
        hint = "the payload is not JSON but looks like a file's path; read the file and pass what it holds"
    elif what == "recursion limit exceeded":
        hint = "the payload nests too deeply"
    elif position and (number := _name_number_at(data, _offset(data, line, column))):
        hint = f"the payload is not JSON: {number} is not a number in JSON"
    else:
        hint = f"the payload is not JSON: {what}"
    where = "" if line is None else f" (line {line}, column {column})"
    return InvalidJSONError(hint + where, line=line, column=column)


_NOT_A_NUMBER = rb"NaN|-?Infinity"


def _name_number_at(data: bytes, offset: int) -> str | None:
    """Name the number at an offset that JSON does not have; reading may have stopped behind its sign."""
    around = data[offset - 1 : offset + len("Infinity")]
    number = re.match(_NOT_A_NUMBER, around) or re.match(_NOT_A_NUMBER, around[1:])
    return number[0].decode() if number else None


def _offset(data: bytes, line: int | None, column: int | None) -> int:
    start = 0
    for _ in range((line or 1) - 1):
        start = data.index(b"\n", start) + 1
    return max(start + (column or 1) - 1, 1)


_PATH = rb'(?:[^\s{}\[\]":]|(?<=[A-Za-z]):(?=[\\/]))*[\\/.][^\s{}\[\]":]*'


def to_bytes(payload: Payload) -> bytes:
    """A payload as the UTF-8 bytes of its JSON.

    Raises:
        InvalidJSONError: It is neither text nor bytes nor decoded JSON.
    """
    if type(payload) is bytes:
        return payload
    if isinstance(payload, str):
        try:
            return payload.encode()
        except UnicodeEncodeError:  # lone surrogates; pairs of them are characters
            return payload.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    if isinstance(payload, (bytes, bytearray, memoryview)):
        return bytes(payload)
    try:
        return _encode(payload).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidJSONError(f"the payload is not decoded JSON: {_why_not(payload, error)}") from error


def _why_not(payload: object, error: Exception) -> str:
    if isinstance(payload, os.PathLike):
        return "it is a path; read the file and pass what it holds"
    if isinstance(error, RecursionError):
        return "it nests too deeply"
    if isinstance(error, ValueError):
        return "it holds itself" if "Circular" in str(error) else _name_number(payload)
    return str(error)


def _name_number(payload: object) -> str:
    """Name the first number that JSON does not have, and its place."""
    places: list[tuple[object, Step]] = [(payload, None)]
    seen: set[int] = set()
    while places:
        value, where = places.pop()
        inside: Any = value
        if isinstance(value, float) and not math.isfinite(value):
            name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
            return f"it holds {name}{at_path(path_text(where))}, which is not a number in JSON"
        if id(value) in seen or isinstance(value, (str, bytes, bytearray, memoryview)):
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            places += [(key, (where, str(key))) for key in inside if isinstance(key, float)]
            places += [(item, (where, str(key))) for key, item in inside.items()][::-1]
        elif isinstance(value, Sequence):
            places += [(item, (where, i)) for i, item in enumerate(inside)][::-1]
    return "it holds a number that JSON does not have"


def _to_plain(value: object) -> object:
    """Mappings and sequences of other kinds as the dicts and lists that JSON has."""
    items: Any = value
    kind = type(value).__name__
    if isinstance(value, Mapping):
        return dict(items)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(items)
    raise TypeError(f"a {kind} cannot stand in JSON")


_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_to_plain).encode
