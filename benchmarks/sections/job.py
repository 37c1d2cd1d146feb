"""What comes after parsing: rows, the payload again, answers, text; and parsing with other work between the calls."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import data
from benchmarks.rows import Limits, Section, limits, timed
from benchmarks.timing import Score, combine, compare, contest, race
from flowrun_notifications import FlowRun, explain, parse, to_markdown
from flowrun_notifications.tabular import activity_rows, error_rows, run_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.rows import Effort, Row

    _Asked = Mapping[str, tuple[Callable[[FlowRun], object], Limits]]

__all__ = ["ANSWERS", "BETWEEN", "JOB", "TEXTS"]


def _rows(payload: bytes) -> object:
    run = parse(payload)
    return run_row(run), activity_rows(run), error_rows(run)


_JOBS: Mapping[str, Callable[[bytes], object]] = {
    "parse, run_row, activity_rows, error_rows": _rows,
    "parse, to_payload": lambda payload: parse(payload).to_payload(),
    "parse, model_dump_json": lambda payload: parse(payload).model_dump_json(),
}
_LIMITS = {
    "parse, run_row, activity_rows, error_rows": limits(5.2, 5.7, 4.0),
    "parse, to_payload": limits(4.8, 5.3, 4.0),
}


def _job(effort: Effort) -> Iterator[Row]:
    documented = [data.dumps(payload) for payload in data.DOCUMENTED.values()]
    newer = [data.dumps(data.with_breakdowns(data.RECORDS[name])) for name in ("failure", "success")]
    for kind, payloads in {"": documented, ", breakdowns": newer}.items():
        for name, score in contest(_JOBS, json.loads, payloads, rounds=effort.rounds).items():
            short = name.replace(", activity_rows, error_rows", " and other rows")
            yield timed("job", short + kind, score, **_LIMITS.get(name, Limits()))


JOB = Section("job", "The whole job: bytes to rows, bytes to bytes", "json.loads of the same bytes", _job)


_ANSWER: Limits = {"must": 1.0}
_ANSWERS: _Asked = {
    "errors": (lambda run: run.errors, _ANSWER),
    "causes": (lambda run: run.causes, _ANSWER),
    "is_partial": (lambda run: run.is_partial, _ANSWER),
    "needs_attention": (lambda run: run.needs_attention, _ANSWER),
    "summary()": (lambda run: run.summary(), _ANSWER),
    "dedup_key": (lambda run: run.dedup_key, Limits()),
}
_TEXTS: _Asked = {
    "explain()": (explain, {"must": 3.0}),
    "to_markdown()": (to_markdown, Limits()),
}


def _ask(section: str, asked: _Asked, effort: Effort) -> Iterator[Row]:
    scores: dict[str, list[Score]] = {name: [] for name in asked}
    for payload in map(data.dumps, data.DOCUMENTED.values()):
        run = parse(payload)
        questions = {name: partial(ask, run) for name, (ask, _) in asked.items()}
        times = race({**questions, "": partial(json.loads, payload)}, rounds=effort.rounds)
        for name in asked:
            scores[name].append(compare(times[name], times[""]))
    for name, (_, limit) in asked.items():
        yield timed(section, name, combine(scores[name]), **limit)


def _answers(effort: Effort) -> Iterator[Row]:
    return _ask("answers", _ANSWERS, effort)


def _texts(effort: Effort) -> Iterator[Row]:
    return _ask("texts", _TEXTS, effort)


ANSWERS = Section("answers", "An answer of a run that is parsed", "json.loads of its payload", _answers)
TEXTS = Section("texts", "A text about a run that is parsed", "json.loads of its payload", _texts)


class _Receiver:
    """The work of a webhook around parsing: decode a header, check a signature, store the body."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:", isolation_level=None)
        self._database.execute("CREATE TABLE bodies (digest TEXT PRIMARY KEY, body BLOB)")
        self._header = json.dumps({f"x-header-{n}": f"value {n}" for n in range(40)})

    def work(self, payload: bytes) -> None:
        json.loads(self._header)
        digest = hmac.new(b"secret", payload, hashlib.sha256).hexdigest()
        self._database.execute("INSERT OR REPLACE INTO bodies VALUES (?, ?)", (digest, payload))


def _between(effort: Effort) -> Iterator[Row]:
    receiver = _Receiver()
    scores: list[Score] = []
    for payload in map(data.dumps, data.DOCUMENTED.values()):
        times = race(
            {
                "work": partial(receiver.work, payload),
                "parse": lambda payload=payload: (receiver.work(payload), parse(payload)),  # type: ignore[misc]
                "json": lambda payload=payload: (receiver.work(payload), json.loads(payload)),  # type: ignore[misc]
            },
            rounds=effort.rounds * 2,
        )
        work = median(times["work"])
        scores.append(Score((median(times["parse"]) - work) / (median(times["json"]) - work), 0.0))
    yield timed("between", "parse(bytes)", combine(scores))


BETWEEN = Section(
    "between", "The documented shapes, other work between the calls", "json.loads, the work taken off", _between
)
