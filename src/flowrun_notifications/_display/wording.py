"""Words for outcomes, times and amounts, shared by everything that shows a run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowrun_notifications._models.status import RunStatus, read_status
from flowrun_notifications._models.values import count_text, printable

if TYPE_CHECKING:
    from flowrun_notifications._models.flow_run import FlowRun

__all__ = [
    "GAP",
    "MAX_NAME",
    "Outcome",
    "Quote",
    "Shade",
    "clock",
    "count_runs",
    "describe_outcome",
    "describe_status",
    "quote",
    "scale",
    "size_text",
    "split_duration",
    "took",
]

GAP = "\xa0"
"""A space at which no line is broken. Quotes have none: it is white space, and becomes a plain space there."""

MAX_NAME = 200
"""The longest name, in characters."""

Shade = Literal["success", "failed", "partial", "other"]
"""The colour of an outcome."""

_MAX_STATUS = 40
_NO_TIME = timedelta(0)
_A_MINUTE = timedelta(minutes=1)
_MIN_SCALED_BYTES = 10_000
_SCALES = ((10**15, "P"), (10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


class Quote(str):
    """Text of a payload, on one line. Every other text is ours; a renderer need not escape that."""

    __slots__ = ()


def quote(text: str, limit: int | None = None) -> Quote:
    """Return a text of a payload on one line, with control characters escaped, cut to so many characters."""
    line = printable(text)
    return Quote(line if limit is None or len(line) <= limit else line[: limit - 1] + "…")


# --- outcomes -------------------------------------------------------------------------------------------------------


class Outcome(NamedTuple):
    """How a run or a step ended."""

    words: str
    """A few words in lower case, or a `Quote` of a status that is not known."""

    shade: Shade = "other"
    """The colour for it."""


# By their text: to hash a member of an enum calls Python.
_OUTCOMES = {
    RunStatus.SUCCESS.value: Outcome("success", "success"),
    RunStatus.FAILED.value: Outcome("failed", "failed"),
    RunStatus.PARTIAL_SUCCESS.value: Outcome("partial success", "partial"),
    RunStatus.IN_PROGRESS.value: Outcome("in progress"),
    RunStatus.SCHEDULED.value: Outcome("scheduled"),
    RunStatus.PROCESSING.value: Outcome("processing"),
    RunStatus.WAITING.value: Outcome("waiting"),
}


def describe_outcome(run: FlowRun, status: RunStatus | str | None, *, is_partial: bool) -> Outcome:
    """Return how a run ended, given its status and whether it is partial."""
    if status is None:
        return Outcome("finished" if run.is_finished else "unknown")
    return _outcome_of(RunStatus.PARTIAL_SUCCESS if is_partial else status)


def describe_status(text: str | None) -> Outcome:
    """Return how a step ended, by its status as it came."""
    if text in _OUTCOMES:
        return _OUTCOMES[text]
    status = read_status(text)
    return Outcome("status not reported") if status is None else _outcome_of(status)


def _outcome_of(status: RunStatus | str) -> Outcome:
    return _OUTCOMES[str.__str__(status)] if isinstance(status, RunStatus) else Outcome(quote(status, _MAX_STATUS))


def count_runs(total: int, failed: int, partial: int) -> str:
    """Return a total such as ``4 flow runs (2 failed, 1 partial)``."""
    parts = [f"{number:,} {what}" for number, what in ((failed, "failed"), (partial, "partial")) if number]
    return count_text(total, "flow run") + (f" ({', '.join(parts)})" if parts else "")


# --- times and amounts ----------------------------------------------------------------------------------------------


def clock(instant: datetime) -> str:
    """Return an instant to the second, such as ``2020-08-14 19:42:27``."""
    return str(instant)[:19]


def took(duration: timedelta) -> str:
    """Return a duration such as ``4 min 27 s``."""
    if duration < _NO_TIME:
        return f"-{took(-duration)}"
    return " ".join([f"{number}{GAP}{unit}" for number, unit in split_duration(duration)])


def split_duration(duration: timedelta) -> list[tuple[str, str]]:
    """Return a duration in its units, such as 4 minutes and 27 seconds.

    Seconds have one decimal below a minute, three below a second.
    """
    if duration < _A_MINUTE:
        seconds = duration.total_seconds()
        return [(f"{round(seconds, 1 if seconds >= 1 else 3):g}", "s")]
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((duration.days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return [(str(number), unit) for number, unit in parts if number]


def size_text(number: int) -> str:
    """Return a number of bytes, such as ``2,048 bytes`` or ``12.3 kB``."""
    return count_text(number, "byte", GAP) if number < _MIN_SCALED_BYTES else f"{scale(number, GAP)}B"


def scale(number: int, gap: str = "") -> str:
    """Return a number from 1,000 up in short, such as ``12.3k`` or ``4.5M``."""
    size, unit = next((size, unit) for size, unit in _SCALES if number >= size)
    return f"{number // size:,}.{number * 10 // size % 10}{gap}{unit}"
