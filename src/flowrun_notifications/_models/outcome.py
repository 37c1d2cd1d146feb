"""The outcome of a run: whether it is over, lost something, or needs a person, given its status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_notifications._models.run_errors import gather_reasons
from flowrun_notifications._models.status import RunStatus, read_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_notifications._models.parts import Activity, Metrics, RecordBreakdown

__all__ = ["is_finished", "is_partial", "needs_attention"]

# Tuples, because to hash a member of an enum calls Python.
_UNDER_WAY = (RunStatus.IN_PROGRESS, RunStatus.SCHEDULED, RunStatus.PROCESSING, RunStatus.WAITING)
_FINISHED = (RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.PARTIAL_SUCCESS)


def is_finished(status: RunStatus | str | None, metrics: Metrics) -> bool:
    """Tell whether a run is over: by its status; without one, or with an unknown one, by its completion time."""
    if isinstance(status, RunStatus):
        return status in _FINISHED
    return metrics.duration_summary.completed_at_utc is not None


def is_partial(
    status: RunStatus | str | None,
    metrics: Metrics,
    activities: Sequence[Activity],
    errors: Sequence[object] | None = None,
) -> bool:
    """Tell whether something went missing though the run did not fail, given its errors where they are known."""
    if status is not RunStatus.SUCCESS:
        return status is RunStatus.PARTIAL_SUCCESS
    return _has_losses(metrics, activities) or _has_errors(metrics, activities, errors)


def needs_attention(
    status: RunStatus | str | None,
    metrics: Metrics,
    activities: Sequence[Activity],
    errors: Sequence[object] | None = None,
) -> bool:
    """Tell whether a person should look at the run, given its errors where they are known."""
    if status is RunStatus.SUCCESS:
        return is_partial(status, metrics, activities, errors)
    return status not in _UNDER_WAY or _has_errors(metrics, activities, errors)


def _has_errors(metrics: Metrics, activities: Sequence[Activity], errors: Sequence[object] | None) -> bool:
    return bool(gather_reasons(metrics, activities).errors if errors is None else errors)


def _has_losses(metrics: Metrics, activities: Sequence[Activity]) -> bool:
    """Tell whether a record or file failed anywhere, breakdowns included, or an activity did."""
    for part in (metrics, *activities):
        summaries = part.__dict__  # faster than attributes, where the class differs from time to time
        records = summaries["record_summary"]
        if (
            records.failed_record_count
            or summaries["file_summary"].failed_file_count
            or (records.source_summaries and _has_failed_records(records.source_summaries))
            or (records.target_summaries and _has_failed_records(records.target_summaries))
            or read_status(summaries["status_summary"].status) is RunStatus.FAILED
        ):
            return True
    return False


def _has_failed_records(breakdowns: tuple[RecordBreakdown, ...]) -> bool:
    return bool(breakdowns) and any(
        entry.failed_record_count or _has_failed_records(entry.entity_summaries) for entry in breakdowns
    )
