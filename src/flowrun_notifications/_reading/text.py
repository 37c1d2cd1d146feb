"""Text that holds JSON: written out, or in base64."""

from __future__ import annotations

import binascii
import re
from typing import Any

from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications._reading.decoding import to_bytes, try_json

__all__ = ["decode_base64", "may_hold_json", "open_text"]

_FIRST = frozenset("{[ \t\r\n\ufeffeWICD7")
_SPACE = " \t\r\n\ufeff"
_BASE64 = r"(?a)(?:[eW][w-z0-9+/_-]|I[ACFH]|C[ginlQSVX]|D[QSVX]|77u[/_])[A-Za-z0-9+/_\-\r\n]+={0,2}\s*"
"""Base64 of JSON that begins with ``{`` or ``[``, perhaps behind white space or a byte order mark."""

_TO_STANDARD = str.maketrans("-_", "+/")
_BEGINNINGS = ("{", "[")
_ENDS = (b"}", b"]")


def may_hold_json(text: str) -> bool:
    """Tell by its first character whether a text may hold JSON; most do not."""
    return text[:1] in _FIRST


def open_text(text: str) -> dict[str, Any] | list[Any] | None:
    """Return the object or list that a text holds, as JSON or as base64 of JSON; ``None`` if it holds neither."""
    if text.lstrip(_SPACE).startswith(_BEGINNINGS):
        data = to_bytes(text)
    elif re.fullmatch(_BASE64, text):
        data = decode_base64(text)
    else:
        return None
    if not data.rstrip().endswith(_ENDS):
        return None
    content = try_json(data)
    return content if is_object(content) or is_list(content) else None


def decode_base64(text: str) -> bytes:
    """Return what base64 of either alphabet stands for, padded or not; empty where it is not base64."""
    if "-" in text or "_" in text:
        text = text.translate(_TO_STANDARD)
    try:
        return binascii.a2b_base64(text.rstrip("=\r\n\t ") + "==")
    except ValueError:
        return b""
