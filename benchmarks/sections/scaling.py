"""Whether twice as much costs twice as much: runs in a payload, activities and errors in a run, questions about it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import data
from benchmarks.rows import Row, Section, timed
from benchmarks.timing import compare, race
from flowrun_notifications import FlowRun, parse, parse_all
from flowrun_notifications.tabular import activity_rows, error_rows, run_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.rows import Effort
    from benchmarks.timing import Score

__all__ = ["PARTS", "QUESTIONS", "RUNS"]

_FLAT = 1.5
_LINEAR = 30.0  # ten times as much, and a cache that no longer holds it; the square would be a hundred times as much


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
    """Payloads that grow: what each costs, and how far that rises from one to a larger one."""
    scores: dict[str, Score] = {}
    for label, payload in payloads.items():
        # Each size on its own: a small payload would pay for the caches that a large one has emptied.
        both = {"ours": partial(read, payload), "json": partial(json.loads, payload)}
        times = race(both, rounds=effort.rounds, at_most=3)
        scores[label] = compare(times["ours"], times["json"])
        yield timed(section, f"{name}, {label}", scores[label])
    ratios = [score.ratio for score in scores.values()]
    rise = max(large / small for index, large in enumerate(ratios) for small in ratios[:index])
    note = "how far the numbers above rise from one size to a larger one, at most"
    yield Row(section, f"{name}, {list(scores)[-1]}: rise", rise, must=_FLAT, note=note)


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
                yield timed("questions", f"{name}, {what}", compare(times["large"], times["small"]), must=_LINEAR)


QUESTIONS = Section(
    "questions", "Questions to a run of 1,000 errors or activities", "the same for 100 of them", _questions
)
