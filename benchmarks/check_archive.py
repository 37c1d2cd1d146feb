"""Reads an archive that `make_archive.py` wrote, and says whether everything in it was accounted for.

``python benchmarks/check_archive.py archive.ndjson`` exits with 1 if a count is not the one written beside the archive,
or if the process grew while it read on (where the system tells).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import fresh
from benchmarks.make_archive import Counts, counts_path
from flowrun_notifications import (
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    PartialParseError,
    parse_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Reader", "expected", "main"]

_MOST_GROWTH = 1.1
_KINDS: dict[type[FlowRunNotificationError], str] = {
    InvalidJSONError: "not_json",
    NotAFlowRunError: "skipped",
    InvalidFlowRunError: "errors",
}


class Reader:
    """Counts what :func:`flowrun_notifications.parse_lines` finds, and watches how large the process grows."""

    def __init__(self, lines: Iterable[bytes], *, early: int = 0) -> None:
        self._lines = lines
        self._early = early
        self._numbers = Counter[str]()
        self._filled = 0
        """The last line that held something."""
        self._run_ids = hashlib.sha256()
        self._reported_lines = hashlib.sha256()
        self.early_memory: int | None = None
        """The most that the process held until it had read so many lines as ``early`` says."""

    def read(self) -> Counts:
        """What is in the lines."""
        for run in parse_lines(self._watched(), on_error=self._note):
            self._fill("runs")
            self._run_ids.update(f"{run.id}\n".encode())
        numbers = self._numbers
        return Counts(
            lines=numbers["lines"],
            blank=numbers["blank"],
            empty=numbers["lines"] - numbers["blank"] - numbers["filled"],
            runs=numbers["runs"],
            errors=numbers["errors"],
            skipped=numbers["skipped"],
            not_json=numbers["not_json"],
            reported=numbers["reported"],
            run_ids=self._run_ids.hexdigest(),
            reported_lines=self._reported_lines.hexdigest(),
        )

    def _watched(self) -> Iterator[bytes]:
        for line in self._lines:
            self._numbers["lines"] += 1
            self._numbers["blank"] += not line.strip()
            if self._numbers["lines"] == self._early and fresh.can_tell_memory():
                self.early_memory = fresh.most_memory()
            yield line

    def _note(self, error: LineError) -> None:
        self._numbers["reported"] += 1
        self._reported_lines.update(f"{error.number}\n".encode())
        for single in error.error.errors if isinstance(error.error, PartialParseError) else (error.error,):
            self._fill(_KINDS[type(single)])

    def _fill(self, kind: str) -> None:
        self._numbers[kind] += 1
        if self._filled < self._numbers["lines"]:
            self._filled = self._numbers["lines"]
            self._numbers["filled"] += 1


def expected(archive: Path) -> Counts:
    """What is written beside an archive."""
    return Counts(**json.loads(counts_path(archive).read_bytes()))


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, help="a file that make_archive.py wrote")
    archive: Path = parser.parse_args().archive
    wanted = expected(archive)
    with archive.open("rb") as file:
        reader = Reader(file, early=wanted.lines // 10)
        started = process_time()
        found = reader.read()
        seconds = process_time() - started
    wrong = [
        f"{name}: found {asdict(found)[name]}, wrote {number}"
        for name, number in asdict(wanted).items()
        if asdict(found)[name] != number
    ]
    print(f"{found.lines:,} lines, {archive.stat().st_size / 1e6:,.0f} MB, {seconds:.1f} s")
    print(f"{found.runs:,} runs, {found.errors:,} broken, {found.skipped:,} skipped, {found.not_json:,} not JSON")
    if reader.early_memory is not None:
        grown = fresh.most_memory() / reader.early_memory
        print(f"the process was {grown:.2f} times as large at the end as after a tenth")
        if grown > _MOST_GROWTH:
            wrong.append(f"memory: grew to {grown:.2f} times its size, not more than {_MOST_GROWTH} was allowed")
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        print("every line is accounted for")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
