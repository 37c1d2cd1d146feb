"""How the command line shows a run: to a person as a block or as a row of a table, to a program as JSON or CSV.

What a payload holds never reaches a terminal raw: whatever a terminal would obey rather than show is escaped.
"""

from __future__ import annotations

import json
import textwrap
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from flowrun_notifications._models.status import RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._models.parts import Activity, Metrics
    from flowrun_notifications._models.run_errors import RunError

__all__ = ["Style", "block", "csv_head", "csv_row", "cut", "json_line", "printable", "table_head", "table_row"]

Colour = Literal["red", "yellow", "green", "cyan", "dim"]


@dataclass(frozen=True)
class Style:
    """What the place that text goes to can show."""

    width: int | None = None
    """How many columns it has; ``None`` for any number."""

    in_colour: bool = False
    """Whether it shows colours."""

    is_terminal: bool = False
    """Whether it is a terminal, which obeys control characters."""

    def paint(self, text: str, colour: Colour) -> str:
        """The text in a colour, where there are colours."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.in_colour else text


_CODES: dict[Colour, str] = {"red": "1;31", "yellow": "1;33", "green": "1;32", "cyan": "1;36", "dim": "2"}


def printable(text: str) -> str:
    """A text on one line, in which control characters and the like are escaped."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def _short(text: str, most: int) -> str:
    line = printable(text)
    return line if len(line) <= most else line[: most - 1] + "…"


# --- a block for a person -------------------------------------------------------------------------------------------

_INDENT = 14
_NARROWEST = 20
_WIDEST = 100
_USUAL_WIDTH = 80
_UNBROKEN = "\xa0"  # a space at which no line is broken; what payloads say has none any more
_LONGEST_NAME = 200
_LONGEST_MESSAGE = 600
_MOST_MESSAGES = 10
_MOST_IDS = 5


def block(run: FlowRun, where: str, style: Style) -> str:
    """What happened in a run, for a tired person.

    Args:
        run: The run.
        where: The input that it came in, and the line.
        style: What the place can show that the block goes to.
    """
    words, colour = _outcome(run)
    what_ran = _short(run.flow_name, _LONGEST_NAME) if run.flow_name else f"flow {printable(run.flow_id)}"
    is_foreign = isinstance(run.status, str) and not isinstance(run.status, RunStatus)
    lines = [f"{style.paint(words if is_foreign else words.upper(), colour)}  {what_ran}"]
    for entry in _entries(run, where):
        lines += _lay_out(entry, style)
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Entry:
    """One thing that a block tells."""

    label: str
    paragraphs: Sequence[str]
    lead: str = ""
    """What the first paragraph begins with, two spaces apart from the rest."""

    colour: Colour = "cyan"
    """The colour of the lead."""


def _lay_out(entry: _Entry, style: Style) -> list[str]:
    first, *others = entry.paragraphs
    lines = _wrap(f"{entry.lead}  {first}" if entry.lead else first, style.width)
    if entry.lead:
        end = len(entry.lead)
        lines[0] = style.paint(lines[0][:end], entry.colour) + lines[0][end:]
    for paragraph in others:
        lines += _wrap(paragraph, style.width)
    label = "  " + style.paint(entry.label, "dim") + " " * (_INDENT - 2 - len(entry.label))
    return [label + lines[0], *(" " * _INDENT + line for line in lines[1:])]


def _wrap(paragraph: str, width: int | None) -> list[str]:
    """The lines of a paragraph. Ids and links are never broken, so that they can be copied."""
    room = max(min(width or _USUAL_WIDTH, _WIDEST) - _INDENT, _NARROWEST)
    if len(paragraph) <= room:
        return [paragraph.replace(_UNBROKEN, " ")]
    lines = textwrap.wrap(paragraph, room, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_UNBROKEN, " ") for line in lines]


def _entries(run: FlowRun, where: str) -> Iterator[_Entry]:
    metrics = run.metrics
    if run.status is None:
        yield _Entry("status", ["not reported"])
    elif run.succeeded and run.is_partial:
        yield _Entry("status", ["success, yet something went missing"])
    yield _Entry("run", [printable(run.id)])
    told = (("flow", run.flow_id if run.flow_name else None), ("type", run.flow_type), ("sandbox", run.sandbox_name))
    yield from (_Entry(label, [_short(text, _LONGEST_NAME)]) for label, text in told if text)
    yield _Entry("when", [_when(run)])
    yield _Entry("in", [_amounts(metrics, "input") or "not reported"])
    yield _Entry("out", [_amounts(metrics, "output") or "not reported"])
    yield from (_Entry(what, [amounts]) for what, amounts in _losses(metrics))
    yield from (_Entry(label, [text]) for label, text in _record_details(metrics) if text)
    yield from map(_activity, run.activities)
    yield from _reasons(run)
    if run.batch_ids:
        yield _Entry("batch", [_few(run.batch_ids)])
    if run.message:
        yield _Entry("message", [_short(run.message, _LONGEST_MESSAGE)])
    if run.url:
        yield _Entry("see", [printable(run.url).replace(" ", "%20")])
    path = run.delivery.path
    yield _Entry("source", [printable(f"{where}, at {path}" if path else where)])


# How it ended


def _outcome(run: FlowRun) -> tuple[str, Colour]:
    """How a run ended, in words, and the colour for it."""
    status = run.status
    if run.is_partial:
        return _WORDS["partialsuccess"]
    if status is None:
        return ("finished" if run.is_finished else "unknown"), "cyan"
    return _outcome_of(status.value if isinstance(status, RunStatus) else status)


def _outcome_of(status: str | None) -> tuple[str, Colour]:
    """The same for a status as it came."""
    if not status:
        return "status not reported", "cyan"
    return _WORDS.get(status.strip().lower()) or (_short(status, _LONGEST_STATUS), "cyan")


_LONGEST_STATUS = 40
_WORDS: dict[str, tuple[str, Colour]] = {
    "success": ("success", "green"),
    "failed": ("failed", "red"),
    "partialsuccess": ("partial success", "yellow"),
    "inprogress": ("in progress", "cyan"),
    "scheduled": ("scheduled", "cyan"),
    "processing": ("processing", "cyan"),
    "waiting": ("waiting", "cyan"),
}


# When, and how long


def _when(run: FlowRun) -> str:
    started, completed = run.started_at, run.completed_at
    if started is not None and completed is not None:
        begin, end = _clock(started), _clock(completed)
        same_day = begin[:10] == end[:10]
        return f"{begin} to {end[11:] if same_day else end} UTC, {_took(completed - started)}"
    if started is not None:
        is_open = isinstance(run.status, RunStatus) and not run.is_finished
        return f"{_clock(started)} UTC, {'not finished' if is_open else 'end not reported'}"
    if completed is not None:
        return f"until {_clock(completed)} UTC, start not reported"
    if run.created_at is not None:
        return f"not reported; recorded {_clock(run.created_at)} UTC"
    return "not reported"


def _clock(instant: datetime) -> str:
    return instant.isoformat(sep=" ")[:19]


def _took(duration: timedelta) -> str:
    sign = "-" if duration < timedelta(0) else ""
    return sign + " ".join(f"{number:g}{_UNBROKEN}{unit}" for number, unit in _in_units(abs(duration)))


def _in_units(duration: timedelta) -> list[tuple[float, str]]:
    """Such as 4 minutes and 27 seconds. Under a minute tenths of seconds count, under a second thousandths."""
    seconds = duration.total_seconds()
    if seconds < _MINUTE:
        return [(round(seconds, 1 if seconds >= 1 else 3), "s")]
    minutes, rest = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return [(number, unit) for number, unit in ((days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")) if number]


_MINUTE = 60


# How much

_Direction = Literal["input", "output", "failed", "skipped"]


def _amounts(part: Metrics | Activity, direction: _Direction) -> str:
    """Such as ``100 records, 1 file, 2,048 bytes``; empty if nothing is known."""
    return ", ".join(_bytes(n) if unit == "byte" else _count(n, unit) for n, unit in _known(part, direction))


def _known(part: Metrics | Activity, direction: _Direction) -> list[tuple[int, str]]:
    numbers: tuple[tuple[int | None, str], ...] = (
        (getattr(part.record_summary, f"{direction}_record_count"), "record"),
        (getattr(part.file_summary, f"{direction}_file_count"), "file"),
        (getattr(part.size_summary, f"{direction}_bytes"), "byte"),
    )
    return [(number, unit) for number, unit in numbers if number is not None]


def _losses(part: Metrics | Activity) -> Iterator[tuple[str, str]]:
    """What failed and what was skipped, where anything was."""
    directions: tuple[_Direction, ...] = ("failed", "skipped")
    for direction in directions:
        if any(number for number, _ in _known(part, direction)):
            yield direction, _amounts(part, direction)


def _record_details(metrics: Metrics) -> tuple[tuple[str, str], ...]:
    records, latency = metrics.record_summary, metrics.latency_summary
    changes = (
        (records.created_record_count, "created"),
        (records.updated_record_count, "updated"),
        (records.deleted_record_count, "deleted"),
        (records.warning_record_count or None, "with a warning"),
    )
    delays = ((latency.min_ms, "at least"), (latency.avg_ms, "on average"), (latency.max_ms, "at most"))
    percentage = records.ingested_record_percentage
    return (
        ("records", ", ".join(f"{number:,} {what}" for number, what in changes if number is not None)),
        ("ingested", "" if percentage is None else f"{percentage:g} % of the records"),
        ("latency", ", ".join(f"{number:,.0f} ms {what}" for number, what in delays if number is not None)),
    )


def _count(number: int, unit: str) -> str:
    return f"{number:,}{_UNBROKEN}{unit}{'' if number == 1 else 's'}"


def _bytes(number: int) -> str:
    return _count(number, "byte") if number < _MANY_BYTES else f"{_scaled(number, _UNBROKEN)}B"


def _scaled(number: int, gap: str = "") -> str:
    """A number from 1,000 up, in short: ``12.3k``, ``4.5M``."""
    size, unit = next((size, unit) for size, unit in _SCALES if number >= size)
    return f"{number // size:,}.{number * 10 // size % 10}{gap}{unit}"


_MANY_BYTES = 10_000
_SCALES = ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


# The steps, and the reasons


def _activity(activity: Activity) -> _Entry:
    words, colour = _outcome_of(activity.status_summary.status)
    name = _short(activity.name or activity.id or "without a name", _LONGEST_NAME)
    kind = activity.kind
    if kind and kind not in name.lower():
        name += f" ({kind})"
    details = [_activity_time(activity)]
    details += [
        f"{what} {amounts}"
        for what, amounts in (("in", _amounts(activity, "input")), ("out", _amounts(activity, "output")))
        if amounts
    ]
    details += [f"{what} {amounts}" for what, amounts in _losses(activity)]
    told = "; ".join(filter(None, details))
    return _Entry("activity", [name, told] if told else [name], words, colour)


def _activity_time(activity: Activity) -> str:
    times = activity.duration_summary
    if times.started_at_utc is None:
        return ""
    if times.completed_at_utc is None:
        return f"started {_clock(times.started_at_utc)} UTC, end not reported"
    return _took(times.completed_at_utc - times.started_at_utc)


def _reasons(run: FlowRun) -> Iterator[_Entry]:
    """Why: every cause, then what it was reported as, then what was skipped or worth a warning."""
    errors, causes = run.errors, run.causes
    names = {activity.id: activity.name for activity in reversed(run.activities)}
    colour: Colour = "red" if run.failed else "yellow"
    if (run.failed or run.is_partial) and not errors:
        yield _Entry("cause", ["none is given"])
    yield from _explain("cause", causes, names, colour)
    if len(causes) < len(errors):
        outer = {error.code: _heading(error) for error in errors if not error.is_nested}
        yield _Entry("reported as", list(outer.values()))
    yield from _explain("skip", run.skips, names, "yellow")
    yield from _explain("warning", run.warnings, names, "yellow")


def _explain(
    label: str, reasons: Iterable[RunError], names: Mapping[str | None, str | None], colour: Colour
) -> Iterator[_Entry]:
    """The reasons by code, so that what is known of a code is told once."""
    by_code: dict[str | None, list[RunError]] = {}
    for reason in reasons:
        by_code.setdefault(reason.code, []).append(reason)
    for group in by_code.values():
        info = group[0].info
        texts = [_text(reason, names) for reason in group[:_MOST_MESSAGES]]
        if len(group) > _MOST_MESSAGES:
            texts.append(f"and {len(group) - _MOST_MESSAGES:,} more with this code")
        if len(group) > 1:
            texts = [f"- {text}" for text in texts]
        if info.remedy:
            texts.append(f"What to do: {info.remedy}")
        if info.retryable is not None:
            texts.append(f"Trying again unchanged {'may help' if info.retryable else 'does not help'}.")
        code = _short(group[0].code or "", _LONGEST_NAME)
        # The copy engine's names are codes and titles at once; what they mean says more.
        title = info.meaning if info.title == code else info.title
        yield _Entry(label, [text for text in (title, *texts) if text], code, colour)


def _heading(error: RunError) -> str:
    """The code and what it means in a few words, or else what the payload says."""
    return _short(" ".join(filter(None, (error.code, error.info.title or error.message))), _LONGEST_NAME)


def _text(reason: RunError, names: Mapping[str | None, str | None]) -> str:
    """Where it arose, what happened, and how often."""
    text = _short(reason.message or reason.info.meaning or "no text is given", _LONGEST_MESSAGE)
    if reason.activity_id:
        text = f"{_short(names[reason.activity_id] or reason.activity_id, _LONGEST_NAME)}: {text}"
    counts = ((reason.record_count, "record"), (reason.count, "time"))
    counted = ", ".join(_count(number, unit) for number, unit in counts if number is not None)
    return f"{text} ({counted})" if counted else text


def _few(ids: Sequence[str]) -> str:
    shown = [printable(id_) for id_ in ids[:_MOST_IDS]]
    if len(ids) > _MOST_IDS:
        shown.append(f"and {len(ids) - _MOST_IDS:,} more")
    return ", ".join(shown)


# --- a row of a table for a person ----------------------------------------------------------------------------------

_OUTCOME_WIDTH = 11
_STARTED_WIDTH = 16
_NUMBER_WIDTH = 6
_FLOW_WIDTH = 36
_NARROWEST_FLOW = 11
_CAUSE_WIDTH = 18


def table_head(style: Style) -> str:
    """The line above the rows."""
    names = ["OUTCOME", "STARTED UTC", "TOOK", "IN", "OUT", "FLOW", "CAUSE"]
    return style.paint(_in_columns(names, style), "dim") + "\n"


def table_row(run: FlowRun, style: Style) -> str:
    """A run on one line, cut to the width of the terminal if it goes to one."""
    words, colour = _outcome(run)
    records, causes = run.metrics.record_summary, run.causes
    cells = [
        words.removesuffix(" success"),
        "" if run.started_at is None else _clock(run.started_at)[:_STARTED_WIDTH],
        "" if run.duration is None else _took_briefly(run.duration),
        _count_briefly(records.input_record_count),
        _count_briefly(records.output_record_count),
        printable(run.flow_name or run.flow_id),
        _heading(causes[0]) if causes else "",
    ]
    line = _in_columns(cells, style)
    return style.paint(line[:_OUTCOME_WIDTH], colour) + line[_OUTCOME_WIDTH:] + "\n"


def _in_columns(cells: Sequence[str], style: Style) -> str:
    outcome, started, *numbers, flow, cause = cells
    line = " ".join(
        [
            _pad(cut(outcome, _OUTCOME_WIDTH), _OUTCOME_WIDTH),
            _pad(started, _STARTED_WIDTH),
            *(number.rjust(_NUMBER_WIDTH) for number in numbers),
        ]
    )
    if style.width is None:
        return f"{line} {_pad(flow, _FLOW_WIDTH)} {cause}".rstrip()
    room = style.width - len(line) - _CAUSE_WIDTH - 2
    flow_width = min(max(room, _NARROWEST_FLOW), _FLOW_WIDTH)
    return cut(f"{line} {_pad(cut(flow, flow_width), flow_width)} {cause}".rstrip(), style.width)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def cut(text: str, width: int) -> str:
    """As much of a text as fits into so many columns."""
    if _width(text) <= width:
        return text
    fitting = sum(end < width for end in accumulate(map(_width, text)))
    return text[:fitting] + "…"[:width]


def _width(text: str) -> int:
    """How many columns a text takes: Chinese, Japanese and Korean characters take two, accents on a letter none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
        for char in text
    )


def _took_briefly(duration: timedelta) -> str:
    sign = "-" if duration < timedelta(0) else ""
    return sign + "".join(f"{number:g}{unit.removesuffix('in')}" for number, unit in _in_units(abs(duration))[:2])


def _count_briefly(number: int | None) -> str:
    if number is None:
        return ""
    return str(number) if number < _MANY_RECORDS else _scaled(number)


_MANY_RECORDS = 1_000_000


# --- a line for a program -------------------------------------------------------------------------------------------


def json_line(run: FlowRun) -> str:
    """The run as one line of JSON that :func:`parse` reads back.

    It is :meth:`FlowRun.to_payload`, and beside it, as Adobe gives them to Runtime actions, what is known of the event
    that it came with. ASCII only, so that every encoding and every terminal takes it.
    """
    payload = run.to_payload()
    delivery = run.delivery
    headers = {
        "x-adobe-event-id": delivery.event_id,
        "x-adobe-event-code": delivery.event_code,
        "x-adobe-provider": delivery.provider,
    }
    known = {key: value for key, value in headers.items() if value is not None}
    if known:
        payload["__adobe_headers"] = known
    return json.dumps(payload, separators=(",", ":")).replace("\x7f", "\\u007f") + "\n"


def csv_head() -> str:
    """The names of the columns."""
    from flowrun_notifications.tabular import RUN_COLUMNS  # noqa: PLC0415

    return _csv_line(column.name for column in RUN_COLUMNS)


def csv_row(run: FlowRun, style: Style) -> str:
    """The run's values in those columns; times in ISO 8601, truth values as ``true`` and ``false``."""
    from flowrun_notifications.tabular import run_row  # noqa: PLC0415

    cells = map(_csv_cell, run_row(run).values())
    return _csv_line(map(printable, cells) if style.is_terminal else cells)


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _csv_line(cells: Iterable[str]) -> str:
    import csv  # noqa: PLC0415

    line: str = csv.writer(_Line(), lineterminator="\n").writerow(cells)
    return line


class _Line:
    """What :mod:`csv` writes to: gives each line back."""

    @staticmethod
    def write(line: str) -> str:
        return line
