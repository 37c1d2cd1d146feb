"""Answers that take a walk over a run and its activities: ids, URLs, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from flowrun_notifications._models.status import RunStatus, read_status
from flowrun_notifications._models.values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics, RecordBreakdown

__all__ = ["batch_ids", "connection_ids", "has_losses", "manifest_urls", "manifests"]


def batch_ids(metrics: Metrics, activities: Sequence[Activity]) -> tuple[str, ...]:
    """Return the batches that the activities name, then those in the status extensions."""
    found: list[object] = []
    for activity in activities:
        for connection in (*activity.target_info, *activity.source_info):
            reference = connection.reference
            if reference is not None and reference.ids and (reference.type or "").lower() == "batch":
                found += reference.ids
    for part in (metrics, *activities):
        extensions = part.status_summary.extensions
        if extensions:
            found.append(extensions.get("batchId"))
    return _distinct(found)


def connection_ids(
    metrics: Metrics, activities: Sequence[Activity], direction: Literal["source", "target"]
) -> tuple[str, ...]:
    """Return the connections of the activities, then those of the breakdowns."""
    is_source = direction == "source"
    found: list[object] = []
    for activity in activities:
        found += [connection.id for connection in (activity.source_info if is_source else activity.target_info)]
    for part in (metrics, *activities):
        records = part.record_summary
        found += [entry.id for entry in (records.source_summaries if is_source else records.target_summaries)]
    return _distinct(found)


def has_losses(metrics: Metrics, activities: Sequence[Activity]) -> bool:
    """Tell whether a record or file failed anywhere, breakdowns included, or an activity did."""
    for part in (metrics, *activities):
        records = part.record_summary
        if (
            records.failed_record_count
            or part.file_summary.failed_file_count
            or _has_failed_records(records.source_summaries)
            or _has_failed_records(records.target_summaries)
        ):
            return True
    return any(read_status(activity.status_summary.status) is RunStatus.FAILED for activity in activities)


def _has_failed_records(breakdowns: tuple[RecordBreakdown, ...]) -> bool:
    return bool(breakdowns) and any(
        entry.failed_record_count or _has_failed_records(entry.entity_summaries) for entry in breakdowns
    )


def manifests(metrics: Metrics, activities: Sequence[Activity]) -> list[dict[str, Any]]:
    """Return the manifests of a run and its activities."""
    found: list[object] = []
    for part in (metrics, *activities):
        files = part.file_summary
        found.append(files.manifest)
        for summary in (
            files,
            part.status_summary,
            part.record_summary,
            part.size_summary,
            part.duration_summary,
            part.latency_summary,
        ):
            extensions = summary.extensions
            if extensions:
                found.append(extensions.get("manifest"))
    return [manifest for manifest in found if manifest and is_object(manifest)]


def manifest_urls(manifests: Iterable[dict[str, Any]], key: str) -> tuple[str, ...]:
    """Return what manifests have under a key: a URL, or the paths of a list."""
    found: list[object] = []
    for manifest in manifests:
        value = manifest.get(key)
        if is_list(value):
            found += [entry.get("path") if is_object(entry) else entry for entry in value]
        else:
            found.append(value.get("path") if is_object(value) else value)
    return _distinct(found)


def _distinct(ids: list[object]) -> tuple[str, ...]:
    """Return the texts among the ids, each once, in order."""
    return tuple(dict.fromkeys([id_ for id_ in ids if isinstance(id_, str) and id_])) if ids else ()
