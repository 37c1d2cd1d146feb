"""Large payloads: what is refused, and what is made to cost more than it should."""

from __future__ import annotations

import gc
import json
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from pydantic_core import from_json

from benchmarks import data, fresh
from benchmarks.rows import Row, Section, timed
from benchmarks.timing import Turns, compare, no_garbage_collection
from flowrun_notifications import FlowRunNotificationError, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.rows import Effort

__all__ = ["HOSTILE", "HOSTILE_MEMORY", "REFUSAL", "REFUSAL_MEMORY"]


_PATIENCE = 10  # seconds for one payload, once every parser had a turn


def _parse(payload: bytes) -> None:
    with suppress(FlowRunNotificationError):
        parse(payload)


def _loads(payload: bytes) -> None:
    with suppress(ValueError):  # a number of millions of digits
        json.loads(payload)


def _from_json(payload: bytes) -> None:
    with suppress(ValueError):
        from_json(payload)


_PARSERS = {"parse": _parse, "json.loads": _loads, "from_json": _from_json}


def _label(name: str, payload: bytes) -> str:
    return f"{name}, {len(payload) / 1e6:.0f} MB"


def _time(section: str, name: str, payload: bytes, must: float) -> Row:
    variants = {parser: partial(read, payload) for parser, read in _PARSERS.items()}
    times: dict[str, list[float]] = {parser: [] for parser in variants}
    turns = Turns()
    with no_garbage_collection():
        deadline = monotonic() + _PATIENCE
        for _ in range(3):
            for parser, time in turns.take(variants, dict.fromkeys(variants, 1)).items():
                times[parser].append(time)
            gc.collect()
            if monotonic() > deadline:
                break
    note = f"from_json: {compare(times['from_json'], times['json.loads']).ratio:.1f}"
    return timed(section, _label(name, payload), compare(times["parse"], times["json.loads"]), must=must, note=note)


def _refusal(effort: Effort) -> Iterator[Row]:
    for name, make in data.WRONG_SHAPES.items():
        yield _time("refusal", name, make(effort.size), 3.0)


def _hostile(effort: Effort) -> Iterator[Row]:
    for name, make in data.HOSTILE.items():
        yield _time("hostile", name, make(effort.size), _MOST_TIME.get(name, 3.0))


_MOST_TIME = {"activities": 6.0, "empty activities": 60.0}  # a model with its summaries is more than an empty dict

REFUSAL = Section(
    "refusal", "Time to refuse large payloads of the wrong shape", "json.loads of the same bytes", _refusal
)
HOSTILE = Section("hostile", "Time for large payloads that mean harm", "json.loads of the same bytes", _hostile)


# --- memory ---------------------------------------------------------------------------------------------------------


def _refusal_memory(effort: Effort) -> Iterator[Row]:
    for name, make in data.WRONG_SHAPES.items() if fresh.can_tell_memory() else ():
        payload = make(effort.size)
        grown = {parser: growth / len(payload) for parser, growth in _growths("WRONG_SHAPES", name, effort).items()}
        note = f"json.loads: {grown['json.loads']:.1f}, from_json: {grown['from_json']:.1f}"
        yield Row("refusal-memory", _label(name, payload), grown["parse"], must=3.0, note=note)


def _hostile_memory(effort: Effort) -> Iterator[Row]:
    for name, make in data.HOSTILE.items() if fresh.can_tell_memory() else ():
        payload = make(effort.size)
        grown = _growths("HOSTILE", name, effort)
        note = f"json.loads: {grown['json.loads'] / len(payload):.1f} times the payload's size"
        ratio = grown["parse"] / grown["json.loads"]
        yield Row("hostile-memory", _label(name, payload), ratio, must=_MOST_MEMORY.get(name, 3.0), note=note)


_MOST_MEMORY = {"activities": 6.0, "empty activities": 15.0}


def _growths(payloads: str, name: str, effort: Effort) -> dict[str, int]:
    return {parser: fresh.call(_growth, parser, payloads, name, effort.size) for parser in _PARSERS}


def _growth(parser: str, payloads: str, name: str, size: int) -> int:
    """By how many bytes the process grows at most while it parses a payload."""
    payload = getattr(data, payloads)[name](size)
    read = _PARSERS[parser]
    read(b"{}")
    fresh.forget_most_memory()
    before = fresh.memory()
    read(payload)
    return fresh.most_memory() - before


REFUSAL_MEMORY = Section(
    "refusal-memory", "Memory to refuse a large wrong shape", "the payload's size", _refusal_memory
)
HOSTILE_MEMORY = Section(
    "hostile-memory", "Memory for large payloads that mean harm", "what json.loads takes", _hostile_memory
)
