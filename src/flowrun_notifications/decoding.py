"""Bytes to JSON: what a payload is given as, and what it is decoded to.

Everything becomes UTF-8 bytes first, so that text, bytes and decoded JSON of one payload cannot read differently.
Where the leading bytes tell which wrapper comes, the runs in it are validated while decoding, in one pass; else the
payload is decoded to plain objects. Both give the same tree, but for the records that are validated already.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, ValidationError, core_schema, from_json

from flowrun_notifications.exceptions import InvalidJSONError
from flowrun_notifications.models import FlowRun

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Payload", "decode", "decode_json"]

Payload = str | bytes | bytearray | memoryview | Mapping[str, Any] | Sequence[Any]
"""What a payload may be given as: JSON text, its UTF-8 bytes, or decoded JSON."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ONE_PASS_MOST = 4_000_000
"""Above this many bytes a payload is decoded first: a validator that fails on a large node keeps a copy of it."""


def decode(payload: Payload) -> object:
    """A payload as decoded JSON, in which records may be validated :class:`FlowRun` models already.

    Raises:
        InvalidJSONError: The payload is not JSON.
    """
    data = payload if type(payload) is bytes else _to_bytes(payload)
    validate = _validator_for(data)
    if validate is not None:
        try:
            return validate(data, by_alias=True, by_name=False)
        except ValidationError:
            pass  # not what the leading bytes promised, or a broken run: the plain way tells
    return decode_json(data)


def decode_json(data: bytes) -> object:
    """UTF-8 bytes as plain decoded JSON.

    Raises:
        InvalidJSONError: They are not JSON.
    """
    data = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError as error:
        mended = _LONE_SURROGATES.sub(_replace_lone_surrogate, data)
        if mended != data:
            return decode_json(mended)
        raise _explain(error, data) from error


# Matches an escape: a pair of surrogates, a lone one (group 1), or any other.
_LONE_SURROGATES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


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
    elif len(data) <= len(start) and _PATH.fullmatch(start):
        hint = "the payload is not JSON but looks like a file's path; read the file and pass what it holds"
    elif what == "recursion limit exceeded":
        hint = "the payload nests too deeply"
    else:
        hint = f"the payload is not JSON: {what}"
    return InvalidJSONError(hint if line is None else f"{hint} (line {line}, column {column})", line=line, column=column)


_PATH = re.compile(rb'(?:[^\s{}\[\]":]|(?<=[A-Za-z]):(?=[\\/]))*[\\/.][^\s{}\[\]":]*', re.DOTALL)


def _to_bytes(payload: object) -> bytes:
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
        return "it holds itself" if "Circular" in str(error) else "it holds a number that JSON does not have"
    return str(error)


def _to_plain(value: object) -> object:
    """Mappings and sequences of other kinds as the dicts and lists that JSON has."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return list(value)
    raise TypeError(f"a {type(value).__name__} cannot stand in JSON")


_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_to_plain).encode


# --- one pass -------------------------------------------------------------------------------------------------------

_FIRST_KEY = re.compile(rb'\s*(\[?)\s*\{\s*"([A-Za-z_:]{1,30})"\s*:')
_STEPS = {
    b"event_id": ("event",),
    b"eventid": ("event",),
    b"messages": ("messages", "[]", "value"),
    b"msgType": ("value",),
    b"createdAt": (),
    b"id": (),
    b"flowId": (),
    b"xdm:flowId": (),
    b"specversion": ("data",),
}


def _validator_for(data: bytes) -> Callable[..., object] | None:
    """What validates the runs of this payload while decoding it, as far as its leading bytes tell."""
    lead = _FIRST_KEY.match(data)
    if lead is None or len(data) > _ONE_PASS_MOST or b"NaN" in data or b"Infinity" in data:
        return None
    steps = _STEPS.get(lead[2])
    if steps is None:
        return None
    return _validator(("[]", *steps) if lead[1] else steps)


@lru_cache(maxsize=64)
def _validator(steps: tuple[str, ...]) -> Callable[..., object]:
    """Validates a payload whose runs stand at the end of these steps: keys, and ``[]`` for the entries of a list."""
    schema: Any = FlowRun.__pydantic_core_schema__
    for step in reversed(steps):
        if step == "[]":
            schema = core_schema.list_schema(schema)
        else:
            schema = core_schema.typed_dict_schema(
                {step: core_schema.typed_dict_field(schema)}, extra_behavior="allow"
            )
    return SchemaValidator(schema).validate_json
