"""Shows runs on a terminal: blocks and tables in its width and colours, and how far reading has come.

Nothing of a payload reaches a terminal raw: control characters are escaped.
"""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from time import monotonic
from typing import TYPE_CHECKING, Literal, TextIO

from flowrun_notifications._display.facts import Fact, facts, heading, read_ending, summarise
from flowrun_notifications._display.text import DEFAULT_WIDTH, heading_line, lay_out
from flowrun_notifications._display.wording import Quote, Shade, clock, describe_outcome, quote, scale, split_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from flowrun_notifications._display.facts import Paragraph
    from flowrun_notifications._models.flow_run import FlowRun

__all__ = ["ON_WINDOWS", "Progress", "Style", "code_block", "cut", "run_block", "style_of", "table_head", "table_row"]

ON_WINDOWS = os.name == "nt"

_COLOURS: dict[Shade | Literal["label"], str] = {
    "failed": "1;31",
    "partial": "1;33",
    "success": "1;32",
    "other": "1;36",
    "label": "2",
}


@dataclass(frozen=True)
class Style:
    """The abilities of the place that output goes to."""

    width: int | None = None
    """Its columns; ``None`` for any number."""

    in_colour: bool = False
    """True if it shows colours."""

    is_terminal: bool = False
    """True if it is a terminal, which obeys control characters."""

    def paint(self, text: str, shade: Shade | Literal["label"]) -> str:
        """Return a text in a colour, where there are colours."""
        return f"\x1b[{_COLOURS[shade]}m{text}\x1b[0m" if self.in_colour else text


def style_of(stream: TextIO) -> Style:
    """Return the style of a stream: colours only on a terminal, and never with ``NO_COLOR``."""
    if not stream.isatty():
        return Style()
    knows_colours = os.environ.get("TERM") != "dumb" and (not ON_WINDOWS or "WT_SESSION" in os.environ)
    return Style(_columns(stream), in_colour=knows_colours and not os.environ.get("NO_COLOR"), is_terminal=True)


def _columns(terminal: TextIO) -> int:
    with suppress(OSError):
        return os.get_terminal_size(terminal.fileno()).columns or DEFAULT_WIDTH
    return DEFAULT_WIDTH


# --- blocks ---------------------------------------------------------------------------------------------------------


def run_block(run: FlowRun, where: str, style: Style) -> str:
    """Return the explanation of a run in a style.

    Args:
        run: The run.
        where: The input that it came in, and the line.
        style: The style of the output.
    """
    path = run.delivery.path
    source = Fact("source", ((quote(f"{where}, at {path}" if path else where),),))
    ending = read_ending(run)
    first_line = heading_line(heading(run, ending), style.paint)
    return lay_out(first_line, [*facts(run, ending), source], style.width or DEFAULT_WIDTH, style.paint) + "\n"


def code_block(name: Paragraph, told: Sequence[Fact], style: Style) -> str:
    """Return the explanation of an error code in a style."""
    return lay_out("".join(name), told, style.width or DEFAULT_WIDTH, style.paint) + "\n"


# --- tables ---------------------------------------------------------------------------------------------------------

_OUTCOME_WIDTH = 11
_STARTED_WIDTH = 16
_NUMBER_WIDTH = 6
_MIN_FLOW_WIDTH = 16
_MAX_FLOW_WIDTH = 36
_CAUSE_WIDTH = 24
_MIN_SCALED = 1_000_000
_OPTIONAL_WIDTHS = (_STARTED_WIDTH, _NUMBER_WIDTH, _NUMBER_WIDTH, _NUMBER_WIDTH)
_LAYOUTS = (4, 2, 1, 0)
"""The numbers of optional columns that a table may show, from wide to narrow."""


def table_head(style: Style) -> str:
    """Return the line above the rows."""
    return (
        style.paint(_in_columns("OUTCOME", ["STARTED UTC", "TOOK", "IN", "OUT"], "FLOW", "CAUSE", style), "label")
        + "\n"
    )


def table_row(run: FlowRun, style: Style) -> str:
    """Return a run on one line, cut to the width of the terminal if it goes to one.

    Outcome, flow and cause are always there; of the rest as much as fits.
    """
    words, shade = describe_outcome(run, run.status, is_partial=run.is_partial)
    records, causes = run.metrics.record_summary, run.causes
    optional = [
        "" if run.started_at is None else clock(run.started_at)[:_STARTED_WIDTH],
        "" if run.duration is None else _took_briefly(run.duration),
        _count_briefly(records.input_record_count),
        _count_briefly(records.output_record_count),
    ]
    outcome = words if isinstance(words, Quote) else words.removesuffix(" success")
    cause = "".join(summarise(causes[0])) if causes else ""
    line = _in_columns(outcome, optional, quote(run.flow_name or run.flow_id), cause, style)
    return style.paint(line[:_OUTCOME_WIDTH], shade) + line[_OUTCOME_WIDTH:] + "\n"


def _in_columns(outcome: str, optional: Sequence[str], flow: str, cause: str, style: Style) -> str:
    shown = next(number for number in _LAYOUTS if not number or _room(style.width, number) >= _ENOUGH)
    cells = [cell.rjust(width) for cell, width in zip(optional[1:], _OPTIONAL_WIDTHS[1:], strict=True)]
    cells = [_pad(cut(outcome, _OUTCOME_WIDTH), _OUTCOME_WIDTH), _pad(optional[0], _STARTED_WIDTH), *cells][: 1 + shown]
    if style.width is None:
        return " ".join([*cells, _pad(flow, _MAX_FLOW_WIDTH), cause]).rstrip()
    if not cause:
        return cut(" ".join([*cells, flow]), style.width)
    flow_width = min(max(_room(style.width, shown) - _CAUSE_WIDTH, _MIN_FLOW_WIDTH), _MAX_FLOW_WIDTH)
    return cut(" ".join([*cells, _pad(cut(flow, flow_width), flow_width), cause]).rstrip(), style.width)


_ENOUGH = _MIN_FLOW_WIDTH + _CAUSE_WIDTH


def _room(width: int | None, optional: int) -> int:
    """Return the columns that are left for flow and cause beside so many optional columns."""
    if width is None:
        return _ENOUGH
    return width - _OUTCOME_WIDTH - sum(1 + column for column in _OPTIONAL_WIDTHS[:optional]) - 2


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def cut(text: str, width: int) -> str:
    """Return as much of a text as fits into so many columns."""
    if _width(text) <= width:
        return text
    fitting = sum(end < width for end in accumulate(map(_width, text)))
    return text[:fitting] + "…"[:width]


def _width(text: str) -> int:
    """Return the columns that a text takes.

    Chinese, Japanese and Korean characters take two columns, accents on a letter none.
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )


def _took_briefly(duration: timedelta) -> str:
    sign = "-" if duration.days < 0 else ""
    return sign + "".join(f"{number}{unit.removesuffix('in')}" for number, unit in split_duration(abs(duration))[:2])


def _count_briefly(number: int | None) -> str:
    if number is None:
        return ""
    return str(number) if number < _MIN_SCALED else scale(number)


# --- progress -------------------------------------------------------------------------------------------------------

_SECONDS_BETWEEN = 0.5


class Progress:
    """One line on a terminal that shows how far reading has come; nothing where the stream is not a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_possible = stream.isatty()
        self._next = monotonic() + _SECONDS_BETWEEN
        self._shown = 0

    def is_due(self) -> bool:
        """Tell whether it is time to show it, or to show it again."""
        return self._is_possible and monotonic() >= self._next

    def show(self, text: str) -> None:
        """Show a text in place of the one before."""
        self.clear()
        self._shown = _columns(self._stream) - 1
        self._stream.write(cut(text, self._shown))
        self._stream.flush()
        self._next = monotonic() + _SECONDS_BETWEEN

    def clear(self) -> None:
        """Take it off the terminal."""
        if self._shown:
            self._stream.write("\r" + " " * self._shown + "\r")
            self._stream.flush()
            self._shown = 0
