"""Answers that take a walk over a run and its activities: ids, URLs, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flowrun_notifications._models.status import RunStatus, read_status
from flowrun_notifications._models.values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics, RecordBreakdown

__all__ = ["batch_ids", "connection_ids", "has_losses", "manifest_urls"]


def batch_ids(metrics: Metrics, activities: Sequence[Activity]) -> tuple[str, ...]:
    """Return the batches that the activities name, then those in the status extensions."""
    found: list[object] = []
    for activity in activities:
        for connection in (*activity.target_info, *activity.source_info):
            reference = connection.reference
            if reference is not None and (reference.type or "").lower() == "batch":
                found += reference.ids
    found += [part.status_summary.extensions.get("batchId") for part in (metrics, *activities)]
    return _distinct(found)


def connection_ids(
    metrics: Metrics, activities: Sequence[Activity], direction: Literal["source", "target"]
) -> tuple[str, ...]:
    """Return the connections of the activities, then those of the breakdowns."""
    found: list[object] = [
        connection.id for activity in activities for connection in getattr(activity, f"{direction}_info")
    ]
    for part in (metrics, *activities):
        found += [entry.id for entry in getattr(part.record_summary, f"{direction}_summaries")]
    return _distinct(found)


def has_losses(metrics: Metrics, activities: Sequence[Activity]) -> bool:
    """Tell whether a record or file failed anywhere, breakdowns included, or an activity did."""
    for part in (metrics, *activities):
        records = part.record_summary
        if records.failed_record_count or part.file_summary.failed_file_count:
            return True
        if _has_failed_records(records.source_summaries) or _has_failed_records(records.target_summaries):
            return True
    return any(read_status(activity.status_summary.status) is RunStatus.FAILED for activity in activities)


def _has_failed_records(breakdowns: Iterable[RecordBreakdown]) -> bool:
    return any(entry.failed_record_count or _has_failed_records(entry.entity_summaries) for entry in breakdowns)


def manifest_urls(metrics: Metrics, activities: Sequence[Activity], key: str) -> tuple[str, ...]:
    """Return what the manifests of a run and its activities have under a key: a URL, or the paths of a list."""
    return _distinct(
        url for part in (metrics, *activities) for manifest in _manifests(part) for url in _urls(manifest.get(key))
    )


def _manifests(part: Metrics | Activity) -> Iterator[dict[str, Any]]:
    yield part.file_summary.manifest
    for summary in (
        part.file_summary,
        part.status_summary,
        part.record_summary,
        part.size_summary,
        part.duration_summary,
        part.latency_summary,
    ):
        manifest = summary.extensions.get("manifest")
        if is_object(manifest):
            yield manifest


def _urls(value: object) -> Iterator[object]:
    for entry in value if is_list(value) else (value,):
        yield entry.get("path") if is_object(entry) else entry


def _distinct(ids: Iterable[object]) -> tuple[str, ...]:
    """Return the texts among the ids, each once, in order."""
    return tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and id_))
