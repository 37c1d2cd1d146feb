"""The errors of a run, collected from every place where a payload may hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic_core import PydanticCustomError

from flowrun_notifications._models.error_codes import ErrorCode, lookup_error
from flowrun_notifications._models.parts import StatusError
from flowrun_notifications._models.shown import show_in_notebook
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
    from collections.abc import Callable, Iterable, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics, RecordSummary, StatusSummary

__all__ = [
    "Draft",
    "Reasons",
    "RunError",
    "finish",
    "gather_reasons",
    "select_causes",
]

_T = TypeVar("_T")

# A letter comes first: nested .NET errors hold `ErrorCode=-2146232060`, and sockets a `SocketErrorCode=`. What must not
# stand before the word is asked after it: Python finds a pattern that begins with plain text many times as fast.
_NAME_IN_TEXT = r"(?a)ErrorCode(?<!\wErrorCode) ?= ?([A-Za-z]\w*)"


@dataclass(frozen=True)
class RunError:
    """One error, skip or warning of a run, wherever the payload holds it."""

    _repr_html_ = show_in_notebook

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


class Reasons(NamedTuple):
    """Why a run ended as it did: every distinct error, skip and warning of the run, then of each activity."""

    errors: list[Draft]
    """Outer before nested ones, within the run and within each activity."""

    skips: list[Draft]
    warnings: list[Draft]


def finish(drafts: Iterable[Draft]) -> tuple[RunError, ...]:
    """Return drafts as what people get. The drafts are theirs from then on."""
    return tuple([_finish(draft) for draft in drafts])


def select_causes(errors: tuple[RunError, ...]) -> tuple[RunError, ...]:
    """Return the most specific errors: the nested ones, or all if none is nested."""
    return tuple([error for error in errors if error.is_nested]) or errors


def gather_reasons(metrics: Metrics, activities: Sequence[Activity]) -> Reasons:
    """Return every distinct error, skip and warning of a run, as dicts for the caller to keep."""
    reasons = Reasons([], [], [])
    errors, skips, warnings = reasons
    known_errors: _Known = {}
    known_skips: _Known = {}
    known_warnings: _Known = {}
    for activity in (None, *activities):
        # Faster than attributes, where the class differs from time to time.
        summaries = (metrics if activity is None else activity).__dict__
        status, records = summaries["status_summary"], summaries["record_summary"]
        extensions = status.extensions
        if status.errors or records.failed_info or "errors" in extensions or "errorDetail" in extensions:
            _add(_errors_of(status, records), activity, errors, known_errors)
        if records.skipped_info:
            _add(map(_from_entry, records.skipped_info), activity, skips, known_skips)
        if records.warning_info:
            _add(map(_from_entry, records.warning_info), activity, warnings, known_warnings)
    return reasons


def _errors_of(status: StatusSummary, records: RecordSummary) -> list[Draft | None]:
    """Return the errors of a run or of an activity, outer before nested ones; ``None`` for what says nothing."""
    extensions = status.extensions
    nested, detail = extensions.get("errors"), extensions.get("errorDetail")
    drafts = [_from_entry(entry) for entry in status.errors]
    if is_list(nested):
        drafts += [_from_open_json(entry) for entry in nested]
    elif is_object(nested):
        drafts.append(_from_open_json(nested))
    if records.failed_info:
        drafts += [_from_entry(entry, is_nested=True) for entry in records.failed_info]
    texts = [detail, *[draft["message"] for draft in drafts if draft]]
    drafts += [_from_text(text) for text in texts if isinstance(text, str) and "ErrorCode" in text]
    return drafts


_MAX_ALIKE = 20
"""How many errors that differ in their counts only are compared with each other; Adobe writes two or three."""


_Known = dict[tuple[object, ...], list[Draft]]
"""Errors by code and text; where these have many different counts, the later ones by their counts, too."""


def _add(found: Iterable[Draft | None], activity: Activity | None, drafts: list[Draft], known: _Known) -> None:
    """Add what an activity reports to some drafts, or complete equal ones that are there already."""
    for draft in found:
        if draft is None:
            continue
        # The same text stands with a final full stop in the run and without one in its activity.
        key = (draft["code"], (draft["message"] or "").removesuffix("."))
        alike = known.setdefault(key, [])
        same = _find(alike, draft) if alike else None
        if same is None and len(alike) == _MAX_ALIKE:
            alike = known.setdefault((*key, draft["record_count"], draft["count"]), [])
            same = _find(alike, draft)
        if same is None:
            same = draft
            alike.append(draft)
            drafts.append(draft)
        else:
            _complete(same, draft)
        if activity is not None and same["activity_id"] is None:
            same["activity_id"], same["activity_name"] = activity.id, activity.name


def _find(alike: list[Draft], draft: Draft) -> Draft | None:
    """Return the first of some errors from which no count that both give differs."""
    record_count, count = draft["record_count"], draft["count"]
    for known in alike:
        if (record_count is None or known["record_count"] in (None, record_count)) and (
            count is None or known["count"] in (None, count)
        ):
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


def _from_entry(entry: StatusError, *, is_nested: bool = False) -> Draft | None:
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
    code, message, type_ = entry.get("code"), entry.get("message"), entry.get("type")
    draft: Draft = {
        "code": code if isinstance(code, str) else _read(to_code, code),
        "message": message if isinstance(message, str) else _other_text(entry),
        "record_count": _read(to_count, entry["recordCount"]) if "recordCount" in entry else None,
        "count": _read(to_count, entry["count"]) if "count" in entry else None,
        "type": type_ if isinstance(type_, str) else None,
        "details": entry.get("details"),
        "activity_id": None,
        "activity_name": None,
        "is_nested": True,
    }
    if draft["code"] or draft["message"]:
        return draft
    unknown = (value for key, value in entry.items() if key not in _KNOWN_KEYS)
    said = (draft["record_count"], draft["count"], draft["type"], draft["details"], *unknown)
    return draft if any(map(_says_something, said)) else None


def _other_text(entry: dict[str, Any]) -> str | None:
    for key in ("description", "msg"):
        text = entry.get(key)
        if isinstance(text, str):
            return text
    return None


def _read(read: Callable[[object], _T], value: object) -> _T | None:
    try:
        return None if value is None else read(value)
    except PydanticCustomError:
        return None


def _from_text(text: str) -> Draft | None:
    """Read the copy engine's free text; its useful token is the name after the first ``ErrorCode=``."""
    name = re.search(_NAME_IN_TEXT, text)
    return {**_NESTED, "code": name[1], "message": name.string} if name else None
