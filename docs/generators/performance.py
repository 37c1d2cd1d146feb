"""Makes the table and the chart of the performance page from the benchmark's own numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["chart", "table"]

_FOLDER = Path(__file__).with_name("benchmarks")
_PYTHONS = ("3.13", "3.11")


class _What(NamedTuple):
    """A number that the page shows."""

    section: str
    row: str
    """How the row's name begins."""
    words: str


_PEERS = (
    _What("documented", "msgspec structs", "msgspec structs: no unknown keys, the first problem only"),
    _What("documented", "pydantic models by hand", "pydantic models by hand: told the wrapper, fewer fields"),
)
_OURS = (
    _What("documented", "parse(bytes)", "`parse`, the documented payloads"),
    _What("bare", "parse(bytes)", "`parse`, a bare run"),
    _What("wrappers", "the worst of them", "`parse`, any other single wrapper, the slowest"),
    _What("nested", "the worst of them", "`parse`, wrappers three deep, the slowest"),
    _What("lines", "parse_lines", "`parse_lines`, for each of 100,000 lines"),
    _What("between", "parse(bytes)", "`parse`, with the other work of a webhook between the calls"),
    _What("job", "parse, to_payload", "`parse` and `to_payload`"),
    _What("job", "parse, run_row", "`parse`, `run_row`, `activity_rows`, `error_rows`"),
)
_LATER = (
    _What("answers", "summary", "`summary()` of a parsed run"),
    _What("answers", "needs_attention", "`needs_attention`"),
    _What("texts", "explain", "`explain()`"),
    _What("texts", "to_markdown", "`to_markdown()`"),
)
_ELSE = (
    _What("retained", "parse", "memory of a run that is kept, beside the dicts"),
    _What("import", "import flowrun", "import and first parse, beside one trivial pydantic model"),
    _What("hostile", "other objects", "2 MB of a million other objects in a list: read, and said what they are"),
    _What("hostile", "broken runs", "2 MB of 150,000 broken runs: read, and said what is wrong"),
)


@cache
def _numbers(python: str) -> dict[str, Any]:
    numbers: dict[str, Any] = json.loads(_FOLDER.joinpath(f"cpython-{python}.json").read_bytes())
    return numbers


def _row(python: str, what: _What) -> dict[str, Any]:
    rows: list[dict[str, Any]] = _numbers(python)["rows"]
    return next(row for row in rows if row["section"] == what.section and row["name"].startswith(what.row))


def table() -> str:
    """Return the numbers of both Pythons side by side, with their limits, as a table in Markdown."""
    lines = ["| what | " + " | ".join(f"CPython {python}" for python in _PYTHONS) + " | limit |", "|---|---|---|---|"]
    for what in (*_PEERS, *_OURS, *_LATER, *_ELSE):
        rows = [_row(python, what) for python in _PYTHONS]
        limits = list(dict.fromkeys(f"{row['must']:g}" for row in rows if row["must"] is not None))
        cells = [what.words, *(_cell(row) for row in rows), " / ".join(limits)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", _versions()])


def _cell(row: dict[str, Any]) -> str:
    number = f"{row['ratio']:.2f}"
    return f"**{number}**" if row["must"] is not None and row["ratio"] > row["must"] else number


def _versions() -> str:
    """Return what was measured with what, in a sentence."""
    first = _numbers(_PYTHONS[0])
    versions = first["versions"]
    pythons = " and ".join(_numbers(python)["versions"]["python"].removeprefix("CPython ") for python in _PYTHONS)
    return (
        f"Measured with CPython {pythons}, pydantic {versions['pydantic']} and msgspec {versions['msgspec']} on"
        f" {versions['machine']}, the best of {first['processes']} processes. A number in bold is over its limit."
    )


_WIDTH, _LINE, _BAR, _GAP = 400, 16, 9, 12
_STYLE = """
    .label { fill: #1f2328; } .a { fill: #00897b; } .b { fill: #80cbc4; }
    .rule { stroke: #00897b; stroke-dasharray: 3 3; }
    @media (prefers-color-scheme: dark) { .label { fill: #e6edf3; } .a { fill: #4db6ac; } .b { fill: #00695c; } }
"""


def chart() -> str:
    """Return a bar for each way to read a documented payload, as SVG that is readable on a phone."""
    whats = (*_PEERS, *_OURS)
    largest = max(_row(python, what)["ratio"] for what in whats for python in _PYTHONS)
    scale = (_WIDTH - 40) / largest
    parts = list(_bars(whats, scale))
    height = len(whats) * (_LINE + 2 * _BAR + _GAP) + 30
    rule = f'<path class="rule" d="M{scale:.1f} 22V{height}"/>'
    title = "Times as long as json.loads (dashed), CPython " + " and ".join(_PYTHONS)
    head = f'<text class="label" x="0" y="14" font-weight="600">{title}</text>'
    label = "What parsing takes, as a multiple of json.loads"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}"'
        f' style="max-width:28rem;width:100%" font-family="system-ui, sans-serif" font-size="11">'
        f"<style>{_STYLE}</style>{head}{rule}{''.join(parts)}</svg>"
    )


def _bars(whats: tuple[_What, ...], scale: float) -> Iterator[str]:
    top = 30
    for what in whats:
        words = escape(what.words.replace("`", "").partition(":")[0])
        yield f'<text class="label" x="0" y="{top + 11}">{words}</text>'
        for python, colour in zip(_PYTHONS, "ab", strict=True):
            ratio = _row(python, what)["ratio"]
            y = top + _LINE + (_BAR if colour == "b" else 0)
            yield f'<rect class="{colour}" x="0" y="{y}" width="{ratio * scale:.1f}" height="{_BAR - 1}"/>'
            yield f'<text class="label" x="{ratio * scale + 4:.1f}" y="{y + 8}" font-size="9">{ratio:.2f}</text>'
        top += _LINE + 2 * _BAR + _GAP
