"""How much memory a run takes that is kept."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.peers import PEERS
from benchmarks.rows import Row, Section
from benchmarks.timing import Score, combine
from flowrun_notifications import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.rows import Effort

__all__ = ["RETAINED"]


def _retained(effort: Effort) -> Iterator[Row]:
    parsers = {"parse": parse, "json.loads": json.loads} | {peer.name: peer.parse for peer in PEERS}
    notes = {peer.name: peer.less for peer in PEERS}
    scores: dict[str, list[Score]] = {name: [] for name in parsers}
    sizes: dict[str, list[float]] = {name: [] for name in parsers}
    for payload in data.DOCUMENTED.values():
        # Each parser gets runs of its own, for pydantic keeps short texts that it has seen.
        for turn, (name, read) in enumerate(parsers.items()):
            numbers = range(turn * (effort.kept + 1), (turn + 1) * (effort.kept + 1))
            sizes[name].append(_bytes_per_run(read, [data.dumps(data.renumber(payload, n)) for n in numbers]))
    for name, own in sizes.items():
        scores[name] = [Score(size / base, 0.0) for size, base in zip(own, sizes["json.loads"], strict=True)]
    for name, values in scores.items():
        must, aim = (1.6, 1.3) if name == "parse" else (None, None)
        mean = sum(sizes[name]) / len(sizes[name])
        note = f"{mean:,.0f} bytes" + (f"; {notes[name]}" if name in notes else "")
        yield Row("retained", name, combine(values).ratio, must=must, aim=aim, note=note)


def _bytes_per_run(read: Callable[[bytes], object], payloads: list[bytes]) -> float:
    read(payloads.pop())  # what is made once
    gc.collect()
    tracemalloc.start()
    try:
        kept = [read(payload) for payload in payloads]
        size = tracemalloc.get_traced_memory()[0] - sys.getsizeof(kept)
    finally:
        tracemalloc.stop()
    return size / len(kept)


RETAINED = Section("retained", "Memory of a run that is kept", "the dicts of json.loads", _retained)
