"""Other ways to read the documented payloads, and where they do less."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
import pydantic_core

from benchmarks.peers import by_hand, structs

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True)
class Peer:
    """Another way to read the documented payloads."""

    name: str
    parse: Callable[[bytes], object]
    less: str
    """What it does not do that `parse` does."""


_DICTS = "gives dicts: nothing is typed or checked, the wrapper stays"
_STRUCTS = (
    "knows the documented wrappers only, and says nothing of the delivery; drops unknown keys; -1 stays; "
    "stops at the first bad value"
)
_BY_HAND = (
    "knows the documented wrappers only, and leaves the run in them; drops unknown keys; -1 stays; "
    "times without a zone stay so; errors show values"
)

PEERS = (
    Peer("json.loads", json.loads, _DICTS),
    Peer("orjson.loads", orjson.loads, _DICTS),
    Peer("pydantic_core.from_json", pydantic_core.from_json, _DICTS),
    Peer("msgspec structs, epochs as numbers", structs.parse, f"{_STRUCTS}; times stay numbers"),
    Peer("msgspec structs, datetimes in Python", structs.parse_times, _STRUCTS),
    Peer("models by hand, wrapper told beforehand", by_hand.by_leading_bytes, _BY_HAND),
    Peer("models by hand, callable discriminator", by_hand.by_discriminator, _BY_HAND),
    Peer("models by hand, union left to right", by_hand.by_union_left_to_right, _BY_HAND),
    Peer("models by hand, smart union", by_hand.by_smart_union, _BY_HAND),
    Peer("models by hand, json.loads first", by_hand.by_dicts, _BY_HAND),
)
