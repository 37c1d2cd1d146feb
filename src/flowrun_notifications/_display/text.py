"""Shows a run as plain text: a heading, and a labelled paragraph for each fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal

from flowrun_notifications._display.facts import Fact, Heading, facts, heading, read_ending
from flowrun_notifications._display.wording import GAP, Quote, Shade

if TYPE_CHECKING:
    from flowrun_notifications._models.flow_run import FlowRun

__all__ = ["DEFAULT_WIDTH", "explain", "heading_line", "lay_out"]

DEFAULT_WIDTH = 80
"""The width of a terminal where nobody says otherwise."""

Paint = Callable[[str, Shade | Literal["label"]], str]
"""Colours a text, where there are colours."""

_INDENT = 14
_MIN_ROOM = 20
_MAX_WIDTH = 100


def explain(run: FlowRun) -> str:
    """Return what happened in a run as plain text, for a log, a mail or a terminal.

    It says what ran, how it ended, when, how much, each step, why with what to do about it, and where the failed rows
    are. Lines have up to 80 characters, except that ids and URLs are never broken. Control characters of the payload
    are escaped, and long texts cut.
    """
    ending = read_ending(run)
    return lay_out(heading_line(heading(run, ending), _plain), facts(run, ending), DEFAULT_WIDTH, _plain)


def _plain(text: str, _shade: Shade | Literal["label"]) -> str:
    return text


def heading_line(heading: Heading, paint: Paint) -> str:
    """Return the first line about a run. A status that is not known stays as it came."""
    words, shade = heading.outcome
    return f"{paint(words if isinstance(words, Quote) else words.upper(), shade)}  {''.join(heading.name)}"


def lay_out(first_line: str, facts: Iterable[Fact], width: int, paint: Paint) -> str:
    """Return a line, and below it facts as lines of so many characters: labels on the left, paragraphs on the right."""
    room = max(min(width, _MAX_WIDTH) - _INDENT, _MIN_ROOM)
    lines = [first_line]
    for label, paragraphs, lead, shade in facts:
        start = len(lines)
        begin = margin = f"  {paint(label, 'label')}{_GAPS[len(label)]}"
        for paragraph in paragraphs:
            text = "".join(paragraph)
            if lead and margin is begin:
                text = f"{lead}  {text}"
            if len(text) <= room:
                lines.append(margin + text)
            else:
                _wrap(text, room, margin, lines)
            margin = _MARGIN
        if lead:
            # A long lead may go on in the second line, without its colour.
            shown = lines[start][len(begin) :]
            lines[start] = begin + paint(shown[: len(lead)], shade) + shown[len(lead) :]
    return "\n".join(lines).replace(GAP, " ")


_MARGIN = " " * _INDENT
_GAPS = [" " * (_INDENT - 2 - length) for length in range(_INDENT)]
"""The space behind a label, by its length."""


def _wrap(paragraph: str, room: int, begin: str, lines: list[str]) -> None:
    """Add a paragraph as lines, the first with a beginning. Ids and URLs stay whole, so that they can be copied."""
    # textwrap does the same, but slower: it allows for much that no paragraph here has.
    while len(paragraph) > room:
        end = paragraph.rfind(" ", 0, room + 1)
        if end <= 0:
            end = paragraph.find(" ", room)
        if end < 0:
            break
        lines.append(begin + paragraph[:end].rstrip())
        paragraph = paragraph[end:].lstrip(" ")
        begin = _MARGIN
    lines.append(begin + paragraph)
