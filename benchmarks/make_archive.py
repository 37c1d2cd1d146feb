"""Writes an archive of mixed notifications as NDJSON, and beside it what a reader must find in it.

``python benchmarks/make_archive.py archive.ndjson --lines 200000`` also writes ``archive.ndjson.counts.json``. The same
seed gives the same bytes. What is in the archive is known from how it was made; the library has no part in it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Counts", "Line", "counts_path", "lines", "main", "make_archive"]


@dataclass(frozen=True)
class Counts:
    """What is in an archive."""

    lines: int
    blank: int
    """Lines of nothing but white space."""
    empty: int
    """Lines with an empty list or page: they hold nothing, and nothing is wrong with them."""
    runs: int
    """Sound flow runs."""
    errors: int
    """Broken flow runs."""
    skipped: int
    """Things that are no flow run."""
    not_json: int
    """Lines that are not JSON."""
    reported: int
    """Lines that ``on_error`` must be told of: with something broken, or something that is no flow run."""
    run_ids: str
    """SHA-256 of the ids of the sound runs in order, a line feed after each."""
    reported_lines: str
    """SHA-256 of the numbers of the reported lines in order, a line feed after each."""


class Line(NamedTuple):
    """One line of the archive, and what is in it."""

    text: bytes
    run_ids: tuple[str, ...] = ()
    errors: int = 0
    skipped: int = 0
    is_json: bool = True

    @property
    def is_reported(self) -> bool:
        """Whether something in it is broken or no flow run."""
        return not self.is_json or self.errors + self.skipped > 0


def lines(count: int, seed: int) -> Iterator[Line]:
    """The lines of an archive, without their line feeds."""
    chance = random.Random(seed)
    kinds, weights = zip(*_MIX, strict=True)
    for number in range(count):
        make: Callable[[random.Random, int], Line] = chance.choices(kinds, weights)[0]
        yield make(chance, number)


# --- one run --------------------------------------------------------------------------------------------------------


def _run(chance: random.Random, number: int) -> data.Record:
    run: data.Record = data.renumber(chance.choice(_RECORDS), number)
    return run


_RECORDS = tuple(data.RECORDS.values())


def _id(run: data.Record) -> str:
    run_id: str = run["id"] if "id" in run else run["xdm:flowRunId"]
    return run_id


def _wrapped(chance: random.Random, number: int) -> Line:
    run = _run(chance, number)
    wrap = chance.choice(_WAYS)
    return Line(data.dumps(data.nest(run, wrap)), (_id(run),))


_WAYS: tuple[tuple[str, ...], ...] = ((), *((name,) for name in data.WRAPPERS), *data.NESTED)


def _broken(chance: random.Random, number: int) -> Line:
    run = _run(chance, number)
    for spoil in chance.sample(_FAULTS, k=chance.choice((1, 1, 2))):
        run = spoil(run)
    return Line(data.dumps(data.nest(run, chance.choice(_WAYS))), errors=1)


def _metrics(run: data.Record, **summaries: object) -> data.Record:
    key = "metrics" if "metrics" in run else "xdm:metrics"
    return {**run, key: {**run[key], **summaries}}


_FAULTS: tuple[Callable[[data.Record], data.Record], ...] = (
    lambda run: {key: value for key, value in run.items() if key not in {"id", "xdm:flowRunId"}},
    lambda run: {**run, "createdAt": "yesterday, or so"},
    lambda run: {**run, "activities": {"id": "copyActivity"}},
    lambda run: _metrics(run, recordSummary={"inputRecordCount": 1.5}),
    lambda run: _metrics(run, sizeSummary={"inputBytes": True}),
    lambda run: _metrics(run, statusSummary={"status": "failed", "errors": ["nothing to read"]}),
)


# --- several items in one line --------------------------------------------------------------------------------------


def _page(chance: random.Random, number: int) -> Line:
    """A journal page or a webhook's batch, with whatever shares a subscription."""
    runs: list[str] = []
    errors = skipped = 0
    items: list[Any] = []
    for position in range(chance.randint(1, 20)):
        own_number = number * 100 + position
        kind = chance.choices(("run", "broken", "other"), (16, 1, 3))[0]
        if kind == "other":
            items.append(_other_message(chance, own_number))
            skipped += 1
            continue
        run = _run(chance, own_number)
        if kind == "broken":
            run = chance.choice(_FAULTS)(run)
            errors += 1
        else:
            runs.append(_id(run))
        items.append(data.nest(run, chance.choice((("event",), ("event", "body"), ("cloud event",), ("body",)))))
    page = data.journal_page(items) if chance.random() < 0.7 else items
    return Line(data.dumps(page), tuple(runs), errors, skipped)


def _api_list(chance: random.Random, number: int) -> Line:
    runs = [_run(chance, number * 100 + position) for position in range(chance.randint(1, 50))]
    return Line(data.dumps(data.api_list(runs)), tuple(map(_id, runs)))


def _empty(chance: random.Random, number: int) -> Line:
    del number
    return Line(data.dumps(chance.choice(([], data.journal_page([]), data.api_list([])))))


def _blank(chance: random.Random, number: int) -> Line:
    del number
    return Line(chance.choice((b"", b"   ", b"\t", b"\r")))


# --- what is no flow run, and what is not even JSON -----------------------------------------------------------------


def _other(chance: random.Random, number: int) -> Line:
    return Line(data.dumps(_other_message(chance, number)), skipped=1)


def _other_message(chance: random.Random, number: int) -> Any:
    message = chance.choice(_OTHER_MESSAGES)
    return {**message, "id": f"other-{number}"} if "id" in message else message


_OTHER_MESSAGES: tuple[dict[str, Any], ...] = (
    {
        "id": "",
        "status": "FIRING",
        "name": "flow_run_delay",
        "message": "A flow run takes longer than 150 minutes.",
        "createdAt": "2024-02-01T04:27:44.922Z",
        "severity": "high",
        "value": "1",
        "flowId": "0c1d7a0e-1b7e-4c86-9a53-0d0f4a0f6d11",
        "flowRunId": "2f3a0d7b-5a6c-4a52-8d85-3b9f8a6a5c22",
    },
    {
        "id": "",
        "payload": {"assetType": "Audience", "action": "Create", "timestamp": "1725652096559"},
        "header": {"_adobeio": {"providerMetadata": "platform_audit", "eventCode": "audit_events_info"}},
    },
    {"event": {"xdm:ingestionId": "01EF01X41KJD82Y9ZX6ET54PCZ", "xdm:eventCode": "ing_load_failure"}},
    {"validationUrl": "https://example.com/validate?id=1&challenge=2"},
    {"specversion": "1.0", "type": "changesegment", "source": "urn:leads", "id": "", "data": {"leadId": "1234"}},
)


def _not_json(chance: random.Random, number: int) -> Line:
    whole = data.dumps(data.WRAPPERS["event"](_run(chance, number)))
    cut, longer, not_utf8 = whole[: len(whole) // 2], whole + b"}", whole[:-3] + b"\xff}}"
    return Line(chance.choice((whole[:-1], cut, longer, not_utf8, b"oops", b'{"id":NaN}')), is_json=False)


_MIX: tuple[tuple[Callable[[random.Random, int], Line], float], ...] = (
    (_wrapped, 87),
    (_page, 1),
    (_api_list, 0.2),
    (_other, 5),
    (_broken, 3),
    (_not_json, 1),
    (_empty, 0.8),
    (_blank, 2),
)


# --- writing it -----------------------------------------------------------------------------------------------------


def counts_path(archive: Path) -> Path:
    """Where the counts of an archive stand."""
    return archive.with_name(archive.name + ".counts.json")


def make_archive(archive: Path, count: int, seed: int = 0) -> Counts:
    """Writes an archive of so many lines and its counts."""
    numbers = Counter[str]()
    run_ids, reported_lines = hashlib.sha256(), hashlib.sha256()
    with archive.open("wb") as file:
        for number, line in enumerate(lines(count, seed), start=1):
            file.write(line.text + b"\n")
            holds_nothing = line.is_json and not (line.run_ids or line.is_reported)
            is_blank = not line.text.strip()
            numbers.update(
                blank=is_blank,
                empty=holds_nothing and not is_blank,
                runs=len(line.run_ids),
                errors=line.errors,
                skipped=line.skipped,
                not_json=not line.is_json,
                reported=line.is_reported,
            )
            run_ids.update("".join(f"{run_id}\n" for run_id in line.run_ids).encode())
            if line.is_reported:
                reported_lines.update(f"{number}\n".encode())
    counts = Counts(lines=count, **numbers, run_ids=run_ids.hexdigest(), reported_lines=reported_lines.hexdigest())
    counts_path(archive).write_text(json.dumps(asdict(counts), indent=2) + "\n", encoding="utf-8")
    return counts


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="the file to write")
    parser.add_argument("--lines", type=int, default=200_000, metavar="N", help="how many lines (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another number, another archive")
    options = parser.parse_args()
    counts = make_archive(options.archive, options.lines, options.seed)
    print(json.dumps(asdict(counts), indent=2))


if __name__ == "__main__":
    main()
