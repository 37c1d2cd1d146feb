"""Answers that take a walk over a run and its activities: ids and URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrun_notifications._models.values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics

__all__ = ["batch_ids", "connection_ids", "manifest_urls", "manifests"]


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


def connection_ids(metrics: Metrics, activities: Sequence[Activity]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the connections read from, and those written to: of the activities, then of the breakdowns."""
    sources: list[object] = []
    targets: list[object] = []
    for activity in activities:
        sources += [connection.id for connection in activity.source_info]
        targets += [connection.id for connection in activity.target_info]
    for part in (metrics, *activities):
        records = part.record_summary
        sources += [entry.id for entry in records.source_summaries]
        targets += [entry.id for entry in records.target_summaries]
    return _distinct(sources), _distinct(targets)


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
