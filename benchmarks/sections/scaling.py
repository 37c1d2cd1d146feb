"""Whether twice as much costs twice as much: runs in a payload, activities and errors in a run, questions about it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import data
from benchmarks.rows import Row, Section, timed
from benchmarks.timing import Score, compare, race
from flowrun_notifications import FlowRun, parse, parse_all
from flowrun_notifications.tabular import activity_rows, error_rows, run_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.rows import Effort

__all__ = ["PARTS", "QUESTIONS", "RUNS"]

_FLAT = 2.0  # a thousand times as much misses caches; what grows with the square would be far above


def _runs(effort: Effort) -> Iterator[Row]:
    counts = [count for count in (1, 10, 100, 1_000, 10_000) if count <= effort.most_runs]
    records = [data.renumber(data.RECORDS["success"], n) for n in range(counts[-1])]
    wholes: dict[str, Callable[[list[data.Record]], Any]] = {
        "journal page": data.journal_page,
        "list": list,
        "API list": data.api_list,
    }
    for name, whole in wholes.items():
        payloads = {f"{count:,} run{'s' * (count > 1)}": data.dumps(whole(records[:count])) for count in counts}
        yield from _family("runs", name, payloads, parse_all, effort)


RUNS = Section("runs", "Many runs in one payload", "json.loads of the same bytes", _runs)


def _parts(effort: Effort) -> Iterator[Row]:
    record = data.RECORDS["success"]
    activities = {f"{n} activities": data.dumps(data.with_activities(record, n)) for n in (1, 10, 50, 200)}
    yield from _family("parts", "run", activities, parse, effort)
    errors = {f"{n:,} errors": data.dumps(data.with_errors(record, n)) for n in (1, 10, 100, 1_000)}
    yield from _family("parts", "run", errors, parse, effort)


PARTS = Section("parts", "Much in one run", "json.loads of the same bytes", _parts)


def _family(
    section: str, name: str, payloads: Mapping[str, bytes], read: Callable[[bytes], object], effort: Effort
) -> Iterator[Row]:
    """Payloads that grow: what each costs, and how far the cost of a byte rises from one to a larger one."""
    variants: dict[str, Callable[[], object]] = {}
    for label, payload in payloads.items():
        variants[f"ours {label}"] = partial(read, payload)
        variants[f"json {label}"] = partial(json.loads, payload)
    times = race(variants, rounds=effort.few_rounds)
    for label in payloads:
        yield timed(section, f"{name}, {label}", compare(times[f"ours {label}"], times[f"json {label}"]))
    sizes = [len(payload) for payload in payloads.values()]
    rises = {who: _worst_rise([times[f"{who} {label}"] for label in payloads], sizes) for who in ("ours", "json")}
    yield timed(
        section,
        f"{name}, {list(payloads)[-1]}: rise per byte",
        rises["ours"],
        must=_FLAT,
        note="what a byte costs at most, against any smaller size of the same; json.loads has "
        f"{rises['json'].ratio:.2f} of that by itself",
    )


def _worst_rise(times: Sequence[Sequence[float]], sizes: Sequence[int]) -> Score:
    rises = [
        _per_unit(times[large], times[small], sizes[large] / sizes[small])
        for large in range(len(sizes))
        for small in range(large)
    ]
    return max(rises, key=lambda rise: rise.ratio)


def _per_unit(times: Sequence[float], reference: Sequence[float], factor: float) -> Score:
    score = compare(times, reference)
    return Score(score.ratio / factor, score.spread)


_QUESTIONS: Mapping[str, Callable[[FlowRun], object]] = {
    "errors": lambda run: run.errors,
    "causes": lambda run: run.causes,
    "summary()": lambda run: run.summary(),
    "to_payload()": lambda run: run.to_payload(),
    "model_dump_json()": lambda run: run.model_dump_json(),
    "run_row": run_row,
    "error_rows": error_rows,
    "activity_rows": activity_rows,
    "batch_ids": lambda run: run.batch_ids,
    "target_connection_ids": lambda run: run.target_connection_ids,
}
_OF_ACTIVITIES_ONLY = ("activity_rows", "batch_ids", "target_connection_ids")


def _questions(effort: Effort) -> Iterator[Row]:
    for what, grow in {"errors": data.with_errors, "activities": data.with_activities}.items():
        small, large = (parse(grow(data.RECORDS["failure"], count)) for count in (100, 1_000))
        for name, ask in _QUESTIONS.items():
            if what == "activities" or name not in _OF_ACTIVITIES_ONLY:
                times = race({"small": partial(ask, small), "large": partial(ask, large)}, rounds=effort.few_rounds)
                rise = _per_unit(times["large"], times["small"], 10)
                yield timed("questions", f"{name}, {what}", rise, must=_FLAT)


QUESTIONS = Section(
    "questions", "Questions to a run of 1,000 errors or activities", "ten times 100 of them", _questions
)
