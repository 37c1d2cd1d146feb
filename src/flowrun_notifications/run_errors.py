"""The errors of a run, gathered from the five places where a payload may hold them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import PydanticCustomError

from flowrun_notifications.values import is_list, is_object, own, to_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flowrun_notifications.error_codes import ErrorCode
    from flowrun_notifications.models import Activity, FlowRun, Metrics, StatusError

__all__ = ["RunError", "gather", "gather_reasons"]

_NAME_IN_DETAIL = re.compile(r"ErrorCode=(\w+)", re.ASCII)


@dataclass(frozen=True)
class RunError:
    """One error, skip or warning of a run, wherever the payload holds it."""

    code: str | None
    """The code as it came, such as ``CONNECTOR-2001-500`` or ``133``; ``None`` where only a text was given."""

    message: str | None
    """What happened, for people, from ``message`` or ``description``; ``None`` where only a code was given."""

    record_count: int | None = None
    """How many records it concerns; ``None`` where not given."""

    count: int | None = None
    """How often it occurred; ``None`` where not given."""

    type: str | None = None
    """``Error`` or ``Warning``, where given."""

    details: Any = field(default=None, hash=False, repr=False)
    """Further details, any JSON, as a copy; ``None`` where not given."""

    activity_id: str | None = None
    """The first activity that reports it; ``None`` where only the run as a whole does."""

    is_nested: bool = False
    """Whether it is a cause: found within ``extensions``, ``failedInfo`` or ``errorDetail`` rather than outermost."""

    @property
    def info(self) -> ErrorCode:
        """What is known of the code; it always answers. See :func:`lookup_error`."""
        from flowrun_notifications.error_codes import lookup_error  # noqa: PLC0415 - few read it

        return lookup_error(self.code or "")


def gather(run: FlowRun) -> tuple[RunError, ...]:
    """Every distinct error: of the run, then of each activity; outer before nested ones within each."""
    found = _Distinct()
    for activity_id, part in _parts(run):
        status = part.status_summary
        extensions = status.extensions
        for entry in status.errors:
            found.add(_from_entry(entry), activity_id)
        nested = extensions.get("errors")
        for raw in nested if is_list(nested) else ():
            found.add(_from_open_json(raw), activity_id, is_nested=True)
        for entry in part.record_summary.failed_info:
            found.add(_from_entry(entry), activity_id, is_nested=True)
        found.add(_from_detail(extensions.get("errorDetail")), activity_id, is_nested=True)
    return found.errors()


def gather_reasons(run: FlowRun, attribute: Literal["skipped_info", "warning_info"]) -> tuple[RunError, ...]:
    """Every distinct entry of one list of the record summaries: of the run, then of each activity."""
    found = _Distinct()
    for activity_id, part in _parts(run):
        entries: Iterable[StatusError] = getattr(part.record_summary, attribute)
        for entry in entries:
            found.add(_from_entry(entry), activity_id)
    return found.errors()


class _Distinct:
    """Errors by code and text, each where it was found first."""

    def __init__(self) -> None:
        self._found: dict[tuple[str | None, str], RunError] = {}

    def add(self, error: RunError | None, activity_id: str | None, *, is_nested: bool = False) -> None:
        if error is None:
            return
        # The same text stands with a final full stop in the run and without one in its activity.
        key = (error.code, (error.message or "").removesuffix("."))
        known = self._found.get(key, error)
        self._found[key] = replace(
            known,
            activity_id=activity_id if known.activity_id is None else known.activity_id,
            is_nested=known.is_nested or is_nested,
        )

    def errors(self) -> tuple[RunError, ...]:
        return tuple(self._found.values())


def _parts(run: FlowRun) -> Iterator[tuple[str | None, Metrics | Activity]]:
    yield None, run.metrics
    for activity in run.activities:
        yield activity.id, activity


def _from_entry(entry: StatusError) -> RunError | None:
    if not entry.model_fields_set:  # unknown keys are among them
        return None
    return RunError(entry.code, entry.message, entry.record_count, entry.count, entry.type, entry.details)


def _from_open_json(entry: object) -> RunError | None:
    """An entry of ``extensions.errors``: open JSON, so anything may stand there; what is usable is read."""
    if isinstance(entry, str):
        return RunError(None, entry)
    if not is_object(entry) or not entry:
        return None
    code, type_ = entry.get("code"), entry.get("type")
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    texts = (entry.get("message"), entry.get("description"))
    return RunError(
        code if isinstance(code, str) else None,
        next((text for text in texts if isinstance(text, str)), None),
        _count(entry.get("recordCount")),
        _count(entry.get("count")),
        type_ if isinstance(type_, str) else None,
        own(entry.get("details")),
    )


def _count(value: object) -> int | None:
    try:
        return to_count(value)
    except PydanticCustomError:
        return None


def _from_detail(detail: object) -> RunError | None:
    """The copy engine's free text; its useful token is the name after the first ``ErrorCode=``."""
    name = _NAME_IN_DETAIL.search(detail) if isinstance(detail, str) else None
    return RunError(name[1], name.string) if name else None
