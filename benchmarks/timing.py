"""Times that can be compared although the machine is noisy: everything takes turns, and only ratios count."""

from __future__ import annotations

import gc
import random
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

__all__ = ["SLICE", "Score", "Turns", "combine", "compare", "contest", "no_garbage_collection", "race"]

# Time that other programs have taken does not count, where the system tells it finely enough.
_now = time.thread_time_ns if time.get_clock_info("thread_time").resolution < 1e-6 else time.perf_counter_ns

SLICE = 600_000
"""How long a variant runs before the next one has its turn, in nanoseconds: less than an operating system's slice."""


@dataclass(frozen=True)
class Score:
    """What something costs, as a multiple of what something else costs."""

    ratio: float
    """The median over the rounds."""

    spread: float
    """How far the rounds disagree: half their interquartile range, as a share of the median."""


class Turns:
    """Lets every variant run in each round, in random order."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def take(self, variants: Mapping[str, Callable[[], object]], calls: Mapping[str, int]) -> dict[str, float]:
        """One round: the nanoseconds that one call of each variant takes, over so many calls."""
        order = list(variants)
        self._random.shuffle(order)
        return {name: _time(variants[name], calls[name]) for name in order}


def race(variants: Mapping[str, Callable[[], object]], *, rounds: int, at_most: float = 20.0) -> dict[str, list[float]]:
    """Runs every variant once in each round, for a slice of time.

    Args:
        variants: What to run, by name.
        rounds: How many rounds; fewer, but at least three, where they would take too long.
        at_most: How many seconds all rounds may take, more or less.

    Returns:
        For each variant, the nanoseconds that one call took in each round.
    """
    results: dict[str, list[float]] = {name: [] for name in variants}
    with no_garbage_collection():
        costs = {name: _cost(variant) for name, variant in variants.items()}
        calls = {name: max(1, int(SLICE / cost)) for name, cost in costs.items()}
        one_round = sum(calls[name] * cost for name, cost in costs.items()) / 1e9
        turns = Turns()
        for _ in range(min(rounds, max(3, int(at_most / one_round)))):
            for name, cost in turns.take(variants, calls).items():
                results[name].append(cost)
            gc.collect(1)  # exceptions hold frames that hold exceptions
    return results


@contextmanager
def no_garbage_collection() -> Generator[None]:
    """Keeps the garbage collector from running at some variants' turns and not at others'."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _cost(variant: Callable[[], object]) -> float:
    """How many nanoseconds a call takes, roughly, after a first one, which may be slow."""
    variant()
    cost = _time(variant, 1)
    calls = 1
    while cost * calls < SLICE / 4:
        calls *= 4
        cost = _time(variant, calls)
    return cost


def _time(variant: Callable[[], object], calls: int) -> float:
    turns = repeat(None, calls)
    started = _now()
    for _ in turns:
        variant()
    return (_now() - started) / calls


def compare(times: Sequence[float], reference: Sequence[float]) -> Score:
    """What one variant costs against another, each time in the same round."""
    ratios = [cost / base for cost, base in zip(times, reference, strict=True)]
    median = statistics.median(ratios)
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Score(median, (high - low) / 2 / median)


def combine(scores: Sequence[Score]) -> Score:
    """The geometric mean of the scores on several payloads."""
    ratio = statistics.geometric_mean([score.ratio for score in scores])
    return Score(ratio, statistics.fmean(score.spread for score in scores))


def contest(
    parsers: Mapping[str, Callable[[bytes], object]],
    reference: Callable[[bytes], object],
    payloads: Sequence[bytes],
    *,
    rounds: int,
) -> dict[str, Score]:
    """What each parser costs against the reference: the geometric mean over the payloads."""
    scores: dict[str, list[Score]] = {name: [] for name in parsers}
    for payload in payloads:
        times = race({name: _bind(parse, payload) for name, parse in {**parsers, "": reference}.items()}, rounds=rounds)
        for name in parsers:
            scores[name].append(compare(times[name], times[""]))
    return {name: combine(values) for name, values in scores.items()}


def _bind(parse: Callable[[bytes], object], payload: bytes) -> Callable[[], object]:
    return lambda: parse(payload)
