"""It does not matter in which form a payload is given."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict, UserList
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fuzz.oracle import outcomes
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications.testing import payloads
from properties.strategies import ANY_JSON, WIRE_KEYS, dumps

PAYLOADS = payloads() | st.lists(payloads(), max_size=2) | ANY_JSON.map(lambda value: [value])


def in_other_types(value: Any, kind: type[Any]) -> Any:
    """Return decoded JSON in mappings and sequences of other types than `dict` and `list`."""
    if is_object(value):
        mapping = {key: in_other_types(item, kind) for key, item in value.items()}
        return kind(mapping)
    if is_list(value):
        items = [in_other_types(item, kind) for item in value]
        return tuple(items) if kind is MappingProxyType else UserList(items)
    return value


@given(PAYLOADS)
def test_types_of_text(payload: Any) -> None:
    """Text, `bytes`, `bytearray` and `memoryview` of one payload give equal results."""
    data = dumps(payload)
    wanted = outcomes(data)
    assert outcomes(bytearray(data)) == wanted
    assert outcomes(memoryview(data)) == wanted
    assert outcomes(memoryview(bytearray(b"x" + data + b"x"))[1:-1]) == wanted
    assert outcomes(data.decode("utf-8", "surrogatepass")) == wanted


@given(payloads() | st.lists(payloads(), max_size=2))
def test_decoded(payload: Any) -> None:
    """Decoded JSON and its text give equal results."""
    assert outcomes(payload) == outcomes(dumps(payload))


@given(ANY_JSON.map(lambda value: [value]))
def test_decoded_json_of_any_kind(payload: Any) -> None:
    """Decoded JSON and its text give equal results, lone surrogates and huge numbers included."""
    assert outcomes(payload) == outcomes(json.dumps(payload))


@given(PAYLOADS, st.sampled_from([OrderedDict, UserDict, MappingProxyType]))
def test_other_mappings_and_sequences(payload: Any, kind: type[Mapping[str, Any]]) -> None:
    """Mappings and sequences of any type read as dicts and lists do."""
    assert outcomes(in_other_types(payload, kind)) == outcomes(payload)


@given(PAYLOADS, st.sampled_from([None, 0, 1, "\t", "\r\n "]), st.booleans())
def test_white_space_and_escapes(payload: Any, indent: int | str | None, ascii_only: bool) -> None:
    """White space between tokens and escapes within texts do not matter."""
    separators = (" ,  ", "\n:\t") if indent is None else None
    text = json.dumps(payload, indent=indent, separators=separators, ensure_ascii=ascii_only)
    assert outcomes(f"\n \t\r{text}\r\n") == outcomes(payload)


@given(PAYLOADS)
def test_byte_order_mark(payload: Any) -> None:
    """A byte order mark in front is ignored."""
    data = dumps(payload)
    assert outcomes(b"\xef\xbb\xbf" + data) == outcomes(data)


@given(payloads(), st.randoms(use_true_random=False))
def test_key_order(payload: Any, random: Any) -> None:
    """The order of keys does not matter, at any level."""

    def shuffled(value: Any) -> Any:
        if is_list(value):
            return [shuffled(item) for item in value]
        if not is_object(value):
            return value
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key]) for key in keys}

    assert outcomes(shuffled(payload)) == outcomes(payload)


@given(payloads(), ANY_JSON, st.sets(st.sampled_from(WIRE_KEYS), min_size=1))
def test_last_of_repeated_keys_wins(payload: Any, decoy: Any, repeated: set[str]) -> None:
    """Where a key is repeated the last one wins, at any level."""

    def write(value: Any) -> bytes:
        if is_list(value):
            return b"[" + b",".join(map(write, value)) + b"]"
        if not is_object(value):
            return dumps(value)
        pairs = [
            dumps(key) + b":" + text
            for key, item in value.items()
            for text in ([dumps(decoy)] if key in repeated else []) + [write(item)]
        ]
        return b"{" + b",".join(pairs) + b"}"

    assert outcomes(write(payload)) == outcomes(payload)
