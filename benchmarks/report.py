"""The table that people read, the JSON that programs read, and what has changed since an earlier one."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.rows import Section

__all__ = ["GROSS", "gross_regressions", "read_json", "table", "versions", "write_json"]

GROSS = 1.5
"""How many times its "must" a ratio may be before it is a gross regression rather than a noisy machine."""

_WIDTH = 80
_FORMAT = 1


def versions() -> dict[str, str]:
    """What was measured with what."""
    packages = ("pydantic", "pydantic_core", "msgspec")
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return {"python": python, "machine": platform.machine()} | {package: version(package) for package in packages}


def table(sections: Iterable[Section], rows: Sequence[Row], earlier: Sequence[Row] | None = None) -> Iterator[str]:
    """The lines of the table, for a terminal of 80 columns."""
    before = {(row.section, row.name): row.ratio for row in earlier or ()}
    for section in sections:
        own = [row for row in rows if row.section == section.name]
        if not own:
            continue
        yield ""
        yield f"{section.title} ({section.name})"
        yield f"{f'as a multiple of {section.unit}':<44}{'ratio':>8}{'+-':>6}{'must':>6}{'aim':>6}"
        notes = list(dict.fromkeys(row.note for row in own if row.note))
        for row in own:
            if earlier is None:
                last = f"[{notes.index(row.note) + 1}]" if row.note else ""
            else:
                last = _change(row, before.get((row.section, row.name)))
            yield _line(row, last)
        if earlier is None:
            for number, note in enumerate(notes, start=1):
                yield from wrap(note, _WIDTH, initial_indent=f"  [{number}] ", subsequent_indent="      ")


def _line(row: Row, last: str) -> str:
    spread = "" if row.spread is None else f"{row.spread * 100:.0f} %"
    must = "" if row.must is None else f"{row.must:g}"
    aim = "" if row.aim is None else f"{row.aim:g}"
    return f"  {row.name:<42}{row.ratio:>8.2f}{spread:>6}{must:>6}{aim:>6} {_verdict(row):<4} {last}".rstrip()


def _change(row: Row, before: float | None) -> str:
    return f"{(row.ratio / before - 1) * 100:+.0f}%" if before else "new"


def _verdict(row: Row) -> str:
    if row.must is None:
        return ""
    if row.ratio > row.must:
        return "OVER"
    return "aim" if row.aim is not None and row.ratio <= row.aim else "ok"


def gross_regressions(rows: Iterable[Row]) -> list[str]:
    """What is so far above its "must" that the machine cannot be to blame."""
    return [
        f"{row.section}: {row.name}: {row.ratio:.2f}, which is over {GROSS:g} times {row.must:g}"
        for row in rows
        if row.must is not None and row.ratio > GROSS * row.must
    ]


def write_json(path: Path, rows: Sequence[Row], how: Mapping[str, object]) -> None:
    """Writes the rows, the versions and how they were measured."""
    content = {"format": _FORMAT, "versions": versions(), **how, "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> list[Row]:
    """The rows that :func:`write_json` wrote.

    Raises:
        ValueError: They were written in another format.
    """
    content: dict[str, Any] = json.loads(path.read_bytes())
    if content.get("format") != _FORMAT:
        raise ValueError(f"{path} was written by another version of the benchmarks")
    return [Row(**row) for row in content["rows"]]
