"""The errors of a run, collected from every place where a payload may hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic_core import PydanticCustomError

from flowrun_notifications._models.error_codes import ErrorCode, lookup_error
from flowrun_notifications._models.parts import StatusError
from flowrun_notifications._models.spellings import known_keys
from flowrun_notifications._models.values import (
    count_text,
    is_list,
    is_object,
    printable,
    to_code,
    to_count,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics

__all__ = [
    "Draft",
    "ReasonList",
    "RunError",
    "collect_errors",
    "collect_reasons",
    "draft_errors",
    "draft_reasons",
    "select_causes",
]

_T = TypeVar("_T")

ReasonList = Literal["skipped_info", "warning_info"]
"""A list of reasons in a record summary that are not errors."""

# A letter comes first: nested .NET errors hold `ErrorCode=-2146232060`, and sockets a `SocketErrorCode=`. What must not
# stand before the word is asked after it: Python finds a pattern that begins with plain text many times as fast.
_NAME_IN_TEXT = re.compile(r"ErrorCode(?<!\wErrorCode) ?= ?([A-Za-z]\w*)", re.ASCII)


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
        template = (self.message or "").lower()
        for variable in (_VARIABLE_WORD, _NAME_OF_TIME, _NAME_OF_TIME):
            template = re.sub(variable, "#", template)
        template = re.sub(_RUN_OF_MARKS, "#", " ".join(template.split())).rstrip(". ")
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
_VARIABLE_WORD = (
    r"""[^\s'"`,;()\[\]{}<>=|]*[0-9/\\@][^\s'"`,;()\[\]{}<>=|]*"""
    r"|[\w.-]+\.(?:avro|csv|dat|gz|json|log|orc|parquet|snappy|tsv|txt|xlsx?|xml|zip)\b"
    r"|\b[a-f]{8,}\b"
)
_NAME_OF_TIME = r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+#|#(?:\s*(?:am|pm|utc|gmt)\b)+"
_RUN_OF_MARKS = r"#(?:[\s,:.]*#)+"


Draft = dict[str, Any]
"""An error that is still being completed: the fields of a `RunError` by name."""


def collect_errors(metrics: Metrics, activities: Sequence[Activity]) -> tuple[RunError, ...]:
    """Return every distinct error: of the run, then of each activity; outer before nested ones within each."""
    return tuple([_finish(draft) for draft in draft_errors(metrics, activities)])


def collect_reasons(metrics: Metrics, activities: Sequence[Activity], attribute: ReasonList) -> tuple[RunError, ...]:
    """Return every distinct entry of one list of the record summaries: of the run, then of each activity."""
    return tuple([_finish(draft) for draft in draft_reasons(metrics, activities, attribute)])


def select_causes(errors: tuple[RunError, ...]) -> tuple[RunError, ...]:
    """Return the most specific errors: the nested ones, or all if none is nested."""
    return tuple([error for error in errors if error.is_nested]) or errors


def draft_errors(metrics: Metrics, activities: Sequence[Activity]) -> list[Draft]:
    """Return what :func:`collect_errors` returns, as dicts for the caller to keep."""
    collector = _ErrorCollector()
    _collect_from(metrics, None, collector)
    for activity in activities:
        _collect_from(activity, activity, collector)
    return collector.drafts


def draft_reasons(metrics: Metrics, activities: Sequence[Activity], attribute: ReasonList) -> list[Draft]:
    """Return what :func:`collect_reasons` returns, as dicts for the caller to keep."""
    found: list[tuple[StatusError, Activity | None]] = [
        (entry, None) for entry in getattr(metrics.record_summary, attribute)
    ]
    for activity in activities:
        found += [(entry, activity) for entry in getattr(activity.record_summary, attribute)]
    if not found:
        return []
    collector = _ErrorCollector()
    for entry, reporter in found:
        draft = _from_entry(entry, is_nested=False)
        if draft:
            collector.add(draft, reporter)
    return collector.drafts


def _collect_from(part: Metrics | Activity, activity: Activity | None, collector: _ErrorCollector) -> None:
    status = part.status_summary
    outer, extensions, failed_info = status.errors, status.extensions, part.record_summary.failed_info
    nested, detail = extensions.get("errors"), extensions.get("errorDetail")
    if not (outer or nested or failed_info or detail):
        return
    nested = nested if is_list(nested) else [nested] if is_object(nested) else ()
    drafts = [_from_entry(entry, is_nested=False) for entry in outer]
    drafts += [_from_open_json(entry) for entry in nested]
    drafts += [_from_entry(entry, is_nested=True) for entry in failed_info]
    texts = [detail, *(draft["message"] for draft in drafts if draft)]
    drafts += map(_from_text, texts)
    for draft in drafts:
        if draft:
            collector.add(draft, activity)


_MAX_ALIKE = 20
"""How many errors that differ in their counts only are compared with each other; Adobe writes two or three."""


class _ErrorCollector:
    """Collects errors, each once: by code, text and counts."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        """The errors, in the order in which they were found first."""
        self._alike: dict[tuple[object, ...], list[Draft]] = {}
        """The errors by code and text; where these have many different counts, the later ones by their counts, too."""

    def add(self, draft: Draft, activity: Activity | None) -> None:
        """Add an error, or complete an equal one that is there already."""
        # The same text stands with a final full stop in the run and without one in its activity.
        key = (draft["code"], (draft["message"] or "").removesuffix("."))
        alike = self._alike.setdefault(key, [])
        known = _find(alike, draft)
        if known is None and len(alike) == _MAX_ALIKE:
            alike = self._alike.setdefault((*key, draft["record_count"], draft["count"]), [])
            known = _find(alike, draft)
        if known is None:
            known = draft
            alike.append(draft)
            self.drafts.append(draft)
        else:
            _complete(known, draft)
        if activity is not None and known["activity_id"] is None:
            known["activity_id"], known["activity_name"] = activity.id, activity.name


def _find(alike: list[Draft], draft: Draft) -> Draft | None:
    """Return the first of some errors from which no count that both give differs."""
    for known in alike:
        for name in ("record_count", "count"):
            first, second = known[name], draft[name]
            if first != second and first is not None and second is not None:
                break
        else:
            return known
    return None


def _complete(known: Draft, other: Draft) -> None:
    """Fill in what an error leaves out and an equal one gives."""
    for name in ("record_count", "count", "details"):
        if known[name] is None:
            known[name] = other[name]
    known["type"] = known["type"] or other["type"]
    known["is_nested"] = known["is_nested"] or other["is_nested"]


def _finish(draft: Draft) -> RunError:
    # A frozen dataclass sets its fields one by one, which takes three times as long.
    error = object.__new__(RunError)
    object.__setattr__(error, "__dict__", draft)
    return error


def _from_entry(entry: StatusError, *, is_nested: bool) -> Draft | None:
    values = entry.__dict__
    code, message = values["code"], values["message"]
    if not code and not message:
        others = (*values.values(), *(entry.__pydantic_extra__ or {}).values())
        if not any(map(_says_something, others)):
            return None
    return {
        "code": code,
        "message": message,
        "record_count": values["record_count"],
        "count": values["count"],
        "type": values["type"],
        "details": values["details"],
        "activity_id": None,
        "activity_name": None,
        "is_nested": is_nested,
    }


def _says_something(value: object) -> bool:
    return value is not None and value != ""


_NESTED: Draft = {
    **dict.fromkeys(("code", "message", "record_count", "count", "type", "details", "activity_id", "activity_name")),
    "is_nested": True,
}


_KNOWN_KEYS = known_keys(StatusError)


def _from_open_json(entry: object) -> Draft | None:
    """Read an entry of ``extensions.errors``: open JSON, so anything may stand there; take what is usable."""
    if isinstance(entry, str):
        return {**_NESTED, "message": entry} if entry else None
    if not is_object(entry):
        return None
    code, type_ = entry.get("code"), entry.get("type")
    draft: Draft = {
        **_NESTED,
        "code": code if isinstance(code, str) else _read(to_code, code),
        "message": _first_text(entry),
        "record_count": _read(to_count, entry.get("recordCount")),
        "count": _read(to_count, entry.get("count")),
        "type": type_ if isinstance(type_, str) else None,
        "details": entry.get("details"),
    }
    if draft["code"] or draft["message"]:
        return draft
    unknown = (value for key, value in entry.items() if key not in _KNOWN_KEYS)
    said = (draft["record_count"], draft["count"], draft["type"], draft["details"], *unknown)
    return draft if any(map(_says_something, said)) else None


def _first_text(entry: dict[str, Any]) -> str | None:
    for key in ("message", "description", "msg"):
        text = entry.get(key)
        if isinstance(text, str):
            return text
    return None


def _read(read: Callable[[object], _T], value: object) -> _T | None:
    try:
        return None if value is None else read(value)
    except PydanticCustomError:
        return None


def _from_text(text: object) -> Draft | None:
    """Read the copy engine's free text; its useful token is the name after the first ``ErrorCode=``."""
    name = _NAME_IN_TEXT.search(text) if isinstance(text, str) else None
    return {**_NESTED, "code": name[1], "message": name.string} if name else None
