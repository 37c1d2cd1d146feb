"""Archives: lines of notifications, one after the other."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections import deque
from functools import partial
from itertools import chain, islice, repeat
from typing import TYPE_CHECKING

from benchmarks import data, fresh
from benchmarks.rows import Row, Section, limits, timed
from benchmarks.timing import Turns, compare, no_garbage_collection
from flowrun_notifications import parse_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from benchmarks.rows import Effort

__all__ = ["GROWTH", "LINES"]

_BLOCK = 20


def _archive(lines: int) -> Iterator[bytes]:
    """Lines of the documented payloads in turn, each another run."""
    payloads = list(data.DOCUMENTED.values())
    return (data.dumps(data.renumber(payloads[n % len(payloads)], n)) + b"\n" for n in range(lines))


def _lines(effort: Effort) -> Iterator[Row]:
    # No line is read twice, and never are all of them in memory: each block of lines is one round.
    times: dict[str, list[float]] = {}
    calls = dict.fromkeys(_READERS, 1)
    archive = _archive(effort.lines)
    turns = Turns()
    with no_garbage_collection():
        while block := list(islice(archive, _BLOCK)):
            readers = {name: partial(read, block) for name, read in _READERS.items()}
            for name, time in turns.take(readers, calls).items():
                times.setdefault(name, []).append(time)
    score = compare(times["parse_lines"], times["json.loads"])
    yield timed("lines", f"parse_lines, {effort.lines:,} lines", score, **limits(2.3, 2.6, 1.8))


def _drain(iterator: Iterable[object]) -> None:
    deque(iterator, maxlen=0)


_READERS: dict[str, Callable[[list[bytes]], None]] = {
    "json.loads": lambda block: _drain(map(json.loads, block)),
    "parse_lines": lambda block: _drain(parse_lines(block)),
}

LINES = Section("lines", "An archive, line by line", "json.loads of every line", _lines)


def _growth(effort: Effort) -> Iterator[Row]:
    lines = effort.lines // 50
    # A hundred runs over and over: pydantic keeps short texts that it has seen, up to a limit.
    block = list(_archive(100))
    peaks = [_traced_peak(block, times=lines * factor // len(block)) for factor in (1, 1, 10)]  # the first one fills up
    yield _grown("what is in use", 10 * lines, peaks[1:])
    if fresh.can_tell_memory():
        yield _grown("the whole process", effort.lines, fresh.call(_resident_peaks, effort.lines))


def _grown(what: str, lines: int, peaks: Sequence[int]) -> Row:
    tenth, whole = peaks
    note = f"{whole / 1e6:,.2f} MB at most"
    return Row("growth", f"{what}, {lines:,} lines", whole / tenth, must=1.1, note=note)


def _traced_peak(block: list[bytes], *, times: int) -> int:
    """The most that is in memory while the lines are read so many times over."""
    gc.collect()
    tracemalloc.start()
    try:
        _drain(parse_lines(chain.from_iterable(repeat(block, times))))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _resident_peaks(lines: int) -> tuple[int, int]:
    """The process at its largest after a tenth of the lines, none of which repeats, and after all of them."""
    runs = parse_lines(_archive(lines))
    _drain(islice(runs, lines // 10))
    tenth = fresh.most_memory()
    _drain(runs)
    return tenth, fresh.most_memory()


GROWTH = Section("growth", "Memory that an archive takes", "a tenth of the lines", _growth)
