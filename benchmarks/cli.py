"""The command: what to measure, how often, and what to do with it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING

from benchmarks import fresh, report
from benchmarks.rows import BRIEF, FULL, best
from benchmarks.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.rows import Row

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints the table, and says whether something is grossly too slow."""
    options = _parser().parse_args(arguments)
    names = tuple(section.name for section in SECTIONS if not options.only or section.name in options.only)
    earlier = report.read_json(options.compare) if options.compare else None
    count: int = options.processes or (3 if options.check else 1)
    processes = [fresh.call(_measure, names, brief=options.brief) for _ in range(count)]
    rows = best(processes)
    how = {"brief": options.brief, "processes": count}
    print(fill(", ".join(f"{name} {version}" for name, version in report.versions().items()), 80))
    print(f"{'brief' if options.brief else 'full'} run, {'best of ' * (count > 1)}{count} process{'es' * (count > 1)}")
    for line in report.table(SECTIONS, rows, earlier):
        print(line)
    if options.json:
        report.write_json(options.json, rows, how)
    regressions = report.gross_regressions(rows) if options.check else []
    for regression in regressions:
        print(f"gross regression: {regression}", file=sys.stderr)
    return 1 if regressions else 0


def _measure(names: Sequence[str], *, brief: bool) -> list[Row]:
    rows: list[Row] = []
    for section in SECTIONS:
        if section.name in names:
            print(f"measuring {section.name} ...", file=sys.stderr)
            rows += section.measure(BRIEF if brief else FULL)
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        metavar="NAME",
        choices=[section.name for section in SECTIONS],
        help="measure these sections only: " + ", ".join(section.name for section in SECTIONS),
    )
    parser.add_argument("--brief", action="store_true", help="fewer rounds, smaller payloads: a minute, not minutes")
    parser.add_argument("--processes", type=int, metavar="N", help="the best of N new processes (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to a file")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="say what has changed since such a file")
    parser.add_argument(
        "--check",
        action="store_true",
        help=f'fail if a ratio is over {report.GROSS:g} times its "must" in the best of 3 processes',
    )
    return parser
