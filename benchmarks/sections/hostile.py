"""Bodies of 2 MB that mean harm, or are something else: what it costs to read them and to say what is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from benchmarks import data, fresh
from benchmarks.rows import Row, Section, timed
from benchmarks.timing import Turns, compare
from flowrun_notifications import FlowRunNotificationError, InvalidFlowRunError, PartialParseError, parse_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.rows import Effort

__all__ = ["HOSTILE", "HOSTILE_MEMORY"]

_PAYLOADS: Mapping[str, Callable[[int], bytes]] = {**data.WRONG_SHAPES, **data.HOSTILE}
_PATIENCE = 10  # seconds for one payload, once both had a turn


_ASKED = 100
"""How many other messages and errors are asked what they are, as a program that logs them would."""


def _say(payload: bytes) -> None:
    """Reads a body, and says what is wrong with it."""
    try:
        result = parse_all(payload)
        result.raise_for_errors()
    except PartialParseError as error:
        str(error)
        for broken in error.errors[:_ASKED]:
            str(broken)
            if isinstance(broken, InvalidFlowRunError):
                broken.problems  # noqa: B018
                with suppress(InvalidFlowRunError):
                    broken.salvage()
    except FlowRunNotificationError as error:
        str(error)
    else:
        for other in result.others[:_ASKED]:
            str(other)


def _loads(payload: bytes) -> None:
    with suppress(ValueError):  # a number of millions of digits
        _open(json.loads(payload))


def _open(value: object) -> None:
    """Decodes the texts of a list, for opened text counts as payload."""
    entries: Any = value if isinstance(value, list) else ()
    for entry in entries:
        if isinstance(entry, str):
            json.loads(entry)


_READERS: Mapping[str, Callable[[bytes], None]] = {"parse_all": _say, "json.loads": _loads}


def _hostile(effort: Effort) -> Iterator[Row]:
    for name, make in _PAYLOADS.items():
        payload = make(effort.size)
        variants = {reader: partial(read, payload) for reader, read in _READERS.items()}
        times: dict[str, list[float]] = {reader: [] for reader in variants}
        turns = Turns()
        deadline = monotonic() + _PATIENCE
        for _ in range(effort.few_rounds):
            # The garbage collector stays on: it is a part of what such a body costs.
            for reader, time in turns.take(variants, dict.fromkeys(variants, 1)).items():
                times[reader].append(time)
            if monotonic() > deadline:
                break
        must, aim = _MOST_TIME.get(name, (10.0, 5.0))
        yield timed("hostile", name, compare(times["parse_all"], times["json.loads"]), must=must, aim=aim)


# 150,000 errors, and 700,000 activities that are sound: empty ones are the least that a model can be made of.
_MOST_TIME: dict[str, tuple[float, float | None]] = {"broken runs": (25.0, None), "empty activities": (75.0, None)}
_MOST_MEGABYTES: dict[str, tuple[float, float | None]] = {"broken runs": (150.0, None)}

HOSTILE = Section("hostile", "2 MB that mean harm, and what is said of them", "json.loads, opened text too", _hostile)


def _memory(effort: Effort) -> Iterator[Row]:
    for name, make in _PAYLOADS.items() if fresh.can_tell_memory() else ():
        grown = {reader: fresh.call(_growth, reader, name, effort.size) / 1e6 for reader in _READERS}
        must, aim = _MOST_MEGABYTES.get(name, (100.0, 50.0))
        size = len(make(effort.size)) / 1e6
        note = f"json.loads: {grown['json.loads']:.0f}; {size:.0f} MB of payload"
        yield Row("hostile-memory", name, grown["parse_all"], must=must, aim=aim, note=note)


def _growth(reader: str, name: str, size: int) -> int:
    """By how many bytes the process grows at most while it reads a payload."""
    payload = _PAYLOADS[name](size)
    read = _READERS[reader]
    read(b"{}")
    fresh.forget_most_memory()
    before = fresh.memory()
    read(payload)
    return fresh.most_memory() - before


HOSTILE_MEMORY = Section("hostile-memory", "Memory for the same", "a megabyte", _memory)
