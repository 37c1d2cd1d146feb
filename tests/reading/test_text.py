"""Tests of text that holds JSON, written out or in base64."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from flowrun_notifications._reading.text import decode_base64, may_hold_json, open_text

VALUES: list[Any] = [
    {},
    [],
    {"a": 1},
    [{"a": "é 🛰 ?>~"}],
    {"b": ["\x7f~~~???>>>"]},
    [[[]]],
    {"a": None, "long": "x" * 500},
]


def in_base64(data: bytes, *, url_safe: bool = False, padded: bool = True, lines: bool = False) -> str:
    """Return bytes as base64, in one of its alphabets, padded or not, on one line or on several."""
    encoded = base64.encodebytes(data) if lines else (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data)
    return encoded.decode() if padded else encoded.decode().rstrip("=")


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:20])
class TestForms:
    """Every way to write an object or a list as text."""

    @pytest.mark.parametrize("before", ["", " ", "\t\r\n", "\ufeff", "\ufeff \n"])
    def test_json(self, value: Any, before: str) -> None:
        """JSON is opened, whatever space or byte order mark stands before it."""
        for text in (json.dumps(value), json.dumps(value, indent=2), json.dumps(value, ensure_ascii=False) + " \n"):
            assert may_hold_json(before + text)
            assert open_text(before + text) == value

    @pytest.mark.parametrize("url_safe", [True, False])
    @pytest.mark.parametrize("padded", [True, False])
    @pytest.mark.parametrize("indent", [None, 2])
    def test_base64(self, value: Any, url_safe: bool, padded: bool, indent: int | None) -> None:
        """Base64 of JSON is opened, in either alphabet, padded or not."""
        for filling in ("", " ", "  "):  # the three ways in which base64 ends
            data = (json.dumps(value, ensure_ascii=False, indent=indent) + filling).encode()
            text = in_base64(data, url_safe=url_safe, padded=padded)
            assert may_hold_json(text)
            assert open_text(text) == value

    @pytest.mark.parametrize("before", [" ", "\n", "\r\n\t", "\ufeff", "\ufeff\n"])
    def test_space_in_base64(self, value: Any, before: str) -> None:
        """So is base64 of JSON behind space or a byte order mark."""
        text = in_base64((before + json.dumps(value)).encode())
        assert may_hold_json(text)
        assert open_text(text) == value

    def test_base64_on_several_lines(self, value: Any) -> None:
        """Base64 may be broken into lines."""
        assert open_text(in_base64(json.dumps(value).encode(), lines=True)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "text", "5", "null", "true", '"text"', "1735725842310", "2025-01-01T00:00:00Z"),
        *("{", "[1", '{"a": 1', "{} {}", "{'a': 1}", "[x]", '{"a": NaN}', "{x}", "[]]", "\u00a0{}"),
        *("e", "eyJh", "W1", "eHg", "W3", "WyJ", "eyJhIjoxfQ===", "eyJ*IjoxfQ==", "ey Jh IjoxfQ==", "\u00e9yJh"),
        in_base64(b"5"),
        in_base64(b'"text"'),
        in_base64(b"{x}"),
        in_base64(b'{"a": NaN}'),
        in_base64(b'{"a": "\xff"}'),
        in_base64(b'{"a": 1}')[:-3],
        in_base64(b'{"a": 1}') + "é",
        "W" * 1000,
        "ey" * 1000,
    ],
)
def test_others(text: str) -> None:
    """Any other text is left closed."""
    assert open_text(text) is None


def test_only_objects_and_lists() -> None:
    """A number or text in a text is not opened, however deep."""
    assert open_text(json.dumps(json.dumps({"a": 1}))) is None


def test_lone_surrogates() -> None:
    """A lone surrogate costs that character, as it does outside of texts."""
    assert open_text('{"a": "\\ud800"}') == open_text('{"a": "\ud800"}') == {"a": "\ufffd"}


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("YQ", b"a"),
        ("YQ==", b"a"),
        ("YQ=", b"a"),
        ("-_-_", b"\xfb\xff\xbf"),
        ("+/+/", b"\xfb\xff\xbf"),
        ("Y\nW\r\nI=", b"ab"),
        ("Y", b""),
        ("é", b""),
        ("YQ==é", b""),
    ],
)
def test_decode_base64(text: str, data: bytes) -> None:
    """Base64 becomes bytes; anything else none."""
    assert decode_base64(text) == data
