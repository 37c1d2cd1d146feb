"""What a measurement says: one row of the table, and how several processes' rows become one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from benchmarks.timing import Score

__all__ = ["BRIEF", "FULL", "Effort", "Limits", "Row", "Section", "best", "limits", "timed"]


@dataclass(frozen=True)
class Row:
    """One number: what something costs, as a multiple of what something else costs. Less is better."""

    section: str
    name: str
    ratio: float
    spread: float | None = None
    """Within one process half the interquartile range over the rounds, between processes their range; as a share."""
    must: float | None = None
    """What it must not exceed."""
    aim: float | None = None
    """What it should not exceed."""
    note: str = ""
    """Where it does less than what it is compared with, or what else a reader must know."""


class Limits(TypedDict, total=False):
    """What a row must not exceed, and what it should not."""

    must: float
    aim: float


def limits(from_3_13: float, before: float, aim: float) -> Limits:
    """The limits of a row: what it must not exceed on CPython 3.13, what before, and the aim."""
    return {"must": from_3_13 if sys.version_info >= (3, 13) else before, "aim": aim}


def timed(
    section: str, name: str, score: Score, *, must: float | None = None, aim: float | None = None, note: str = ""
) -> Row:
    """A row from times."""
    return Row(section, name, score.ratio, score.spread, must, aim, note)


def best(processes: Sequence[Sequence[Row]]) -> list[Row]:
    """Of each row the best one of several processes: noise only ever makes slower."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for process in processes:
        for row in process:
            rows.setdefault((row.section, row.name), []).append(row)
    return [_best(same) for same in rows.values()]


def _best(rows: Sequence[Row]) -> Row:
    least = min(rows, key=lambda row: row.ratio)
    if len(rows) == 1:
        return least
    most = max(row.ratio for row in rows)
    return replace(least, spread=(most - least.ratio) / least.ratio if least.ratio else 0.0)


@dataclass(frozen=True)
class Effort:
    """How much to measure."""

    rounds: int
    """Rounds of everything that fits a slice."""
    few_rounds: int
    """Rounds of what takes longer, and of new processes."""
    lines: int
    """Lines read one after the other."""
    kept: int
    """Runs of each payload kept in memory."""
    most_runs: int
    """Runs in the largest journal page and API list."""
    size: int
    """Bytes of the payloads that are large on purpose."""


FULL = Effort(rounds=60, few_rounds=15, lines=100_000, kept=200, most_runs=10_000, size=2_000_000)
BRIEF = Effort(rounds=25, few_rounds=5, lines=5_000, kept=40, most_runs=1_000, size=1_000_000)


@dataclass(frozen=True)
class Section:
    """Rows that belong together."""

    name: str
    """What `--only` calls it."""
    title: str
    unit: str
    """What the numbers are multiples of."""
    measure: Callable[[Effort], Iterator[Row]]
