"""The errors of a run, collected from every place where a payload may hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import PydanticCustomError

from flowrun_notifications._models.error_codes import ErrorCode, lookup_error
from flowrun_notifications._models.values import (
    copy_json,
    count_text,
    is_list,
    is_object,
    printable,
    to_code,
    to_count,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics, StatusError

__all__ = ["RunError", "collect_errors", "collect_reasons", "select_causes"]

# A letter comes first: nested .NET errors hold `ErrorCode=-2146232060`, and sockets a `SocketErrorCode=`.
_NAME_IN_TEXT = re.compile(r"(?<!\w)ErrorCode ?= ?([A-Za-z]\w*)", re.ASCII)


@dataclass(frozen=True)
class RunError:
    """One error, skip or warning of a run, wherever the payload holds it."""

    code: str | None
    """The code as it came, such as ``CONNECTOR-2001-500`` or ``133``; ``None`` where only a text was given."""

    message: str | None
    """The text for people; ``None`` where only a code was given."""

    record_count: int | None = None
    """How many records it concerns; ``None`` where not given."""

    count: int | None = None
    """How often it occurred; ``None`` where not given."""

    type: str | None = None
    """``Error`` or ``Warning``, where given."""

    details: Any = field(default=None, hash=False, repr=False)
    """Further details, any JSON; ``None`` where not given."""

    activity_id: str | None = None
    """The first activity that reports it; ``None`` where only the run as a whole does."""

    activity_name: str | None = None
    """The name of that activity, such as ``SFTP Copy Activity``; ``None`` where it has none."""

    is_nested: bool = False
    """True for a cause: an error found within ``extensions``, ``failedInfo`` or a text rather than outermost."""

    @property
    def info(self) -> ErrorCode:
        """The explanation of the code; it always answers. See :func:`lookup_error`."""
        return lookup_error(self.code or "")

    @property
    def fingerprint(self) -> str:
        """A short text that groups recurring errors: twelve hexadecimal digits.

        It is equal for the same code and the same message with other ids, numbers, paths and times in it. Best
        effort: messages are free text, so rarely two causes share a fingerprint, or one cause has two.
        """
        template = _VARIABLE_WORD.sub("#", (self.message or "").lower())
        template = _NAMES_OF_TIMES.sub("#", _NAMES_OF_TIMES.sub("#", template))
        template = _RUN_OF_MARKS.sub("#", " ".join(template.split())).rstrip(". ")
        return blake2b(f"{(self.code or '').lower()}\n{template}".encode("utf-8", "replace"), digest_size=6).hexdigest()

    def __str__(self) -> str:
        """Return a sentence for people, on one line: the code, the activity, the text, the counts."""
        info = self.info
        where = self.activity_name or self.activity_id
        words = printable(self.code) if self.code else f"{(self.type or 'error').lower()} without a code"
        if where:
            words += f" in {printable(where)}"
        words += f": {printable(self.message or info.meaning or info.title or 'no text is given')}"
        counts = ((self.record_count, "record"), (self.count, "time"))
        counted = ", ".join(count_text(number, unit) for number, unit in counts if number is not None)
        return f"{words} ({counted})" if counted else words


# A word with a digit, a slash, a backslash or an at sign: an id, a number, a time, a path, a URL, an address. Then file
# names, and hexadecimal digits without a decimal one among them.
_VARIABLE_WORD = re.compile(
    r"""[^\s'"`,;()\[\]{}<>=|]*[0-9/\\@][^\s'"`,;()\[\]{}<>=|]*"""
    r"|[\w.-]+\.(?:avro|csv|dat|gz|json|log|orc|parquet|snappy|tsv|txt|xlsx?|xml|zip)\b"
    r"|\b[a-f]{8,}\b"
)
_NAMES_OF_TIMES = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+#|#(?:\s*(?:am|pm|utc|gmt)\b)+"
)
_RUN_OF_MARKS = re.compile(r"#(?:[\s,:.]*#)+")


def collect_errors(metrics: Metrics, activities: Sequence[Activity]) -> tuple[RunError, ...]:
    """Return every distinct error: of the run, then of each activity; outer before nested ones within each."""
    collector = _ErrorCollector()
    _collect_from(metrics, None, collector)
    for activity in activities:
        _collect_from(activity, activity, collector)
    return collector.errors()


def collect_reasons(
    metrics: Metrics, activities: Sequence[Activity], attribute: Literal["skipped_info", "warning_info"]
) -> tuple[RunError, ...]:
    """Return every distinct entry of one list of the record summaries: of the run, then of each activity."""
    collector = _ErrorCollector()
    for part, activity in ((metrics, None), *((activity, activity) for activity in activities)):
        entries: Iterable[StatusError] = getattr(part.record_summary, attribute)
        for entry in entries:
            collector.add(_from_entry(entry), activity)
    return collector.errors()


def select_causes(errors: tuple[RunError, ...]) -> tuple[RunError, ...]:
    """Return the most specific errors: the nested ones, or all if none is nested."""
    return tuple(error for error in errors if error.is_nested) or errors


def _collect_from(part: Metrics | Activity, activity: Activity | None, collector: _ErrorCollector) -> None:
    status = part.status_summary
    extensions = status.extensions
    failed_info = part.record_summary.failed_info
    nested = extensions.get("errors") if extensions else None
    if is_object(nested):
        nested = [nested]
    elif not is_list(nested):
        nested = ()
    detail = extensions.get("errorDetail") if extensions else None
    if not (status.errors or nested or failed_info or detail):
        return
    found: list[RunError | None] = []
    for entry in status.errors:
        found.append(error := _from_entry(entry))
        collector.add(error, activity)
    inner = [*map(_from_open_json, nested), *map(_from_entry, failed_info)]
    for error in inner:
        collector.add(error, activity, is_nested=True)
    texts = [detail, *(error.message for error in (*found, *inner) if error is not None)]
    for text in texts:
        collector.add(_from_text(text), activity, is_nested=True)


class _ErrorCollector:
    """Collects errors, each once: by code, text and counts."""

    def __init__(self) -> None:
        self._errors: dict[tuple[str | None, str], list[RunError]] = {}
        self._order: list[tuple[tuple[str | None, str], int]] = []

    def add(self, error: RunError | None, activity: Activity | None, *, is_nested: bool = False) -> None:
        """Add an error, or complete an equal one that is there already."""
        if error is None:
            return
        # The same text stands with a final full stop in the run and without one in its activity.
        key = (error.code, (error.message or "").removesuffix("."))
        known = self._errors.setdefault(key, [])
        place = next((i for i, other in enumerate(known) if _may_be_one(other, error)), len(known))
        if place == len(known):
            known.append(error)
            self._order.append((key, place))
        other = known[place]
        is_new_place = activity is not None and other.activity_id is None
        known[place] = replace(
            other,
            record_count=error.record_count if other.record_count is None else other.record_count,
            count=error.count if other.count is None else other.count,
            type=other.type or error.type,
            details=error.details if other.details is None else other.details,
            activity_id=activity.id if is_new_place else other.activity_id,
            activity_name=activity.name if is_new_place else other.activity_name,
            is_nested=other.is_nested or is_nested,
        )

    def errors(self) -> tuple[RunError, ...]:
        """Return the errors in the order in which they were found first."""
        return tuple(self._errors[key][place] for key, place in self._order)


def _may_be_one(one: RunError, other: RunError) -> bool:
    """Tell whether no count that both give differs."""
    pairs = ((one.record_count, other.record_count), (one.count, other.count))
    return all(first is None or second is None or first == second for first, second in pairs)


def _from_entry(entry: StatusError) -> RunError | None:
    values = entry.__dict__
    if not any(_says_something(value) for value in (*values.values(), *(entry.__pydantic_extra__ or {}).values())):
        return None
    return RunError(
        values["code"], values["message"], values["record_count"], values["count"], values["type"], values["details"]
    )


def _says_something(value: object) -> bool:
    return value is not None and value != ""


def _from_open_json(entry: object) -> RunError | None:
    """Read an entry of ``extensions.errors``: open JSON, so anything may stand there; take what is usable."""
    if isinstance(entry, str):
        return RunError(None, entry) if entry else None
    if not is_object(entry) or not any(map(_says_something, entry.values())):
        return None
    type_ = entry.get("type")
    texts = (entry.get("message"), entry.get("description"), entry.get("msg"))
    return RunError(
        _read(to_code, entry.get("code")),
        next((text for text in texts if isinstance(text, str)), None),
        _read(to_count, entry.get("recordCount")),
        _read(to_count, entry.get("count")),
        type_ if isinstance(type_, str) else None,
        copy_json(entry.get("details")),
    )


def _read(read: Any, value: object) -> Any:
    try:
        return read(value)
    except PydanticCustomError:
        return None


def _from_text(text: object) -> RunError | None:
    """Read the copy engine's free text; its useful token is the name after the first ``ErrorCode=``."""
    name = _NAME_IN_TEXT.search(text) if isinstance(text, str) else None
    return RunError(name[1], name.string) if name else None
