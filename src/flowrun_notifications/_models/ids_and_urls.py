"""Answers that take a walk over a run and its activities: ids and URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_notifications._models.values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowrun_notifications._models.parts import Activity, Connection, Metrics

__all__ = ["find", "manifest_urls"]


Distinct = dict[str, None]
"""Texts, each once and in order: the keys of a dict, which is the fastest way to keep them so."""


class Found(NamedTuple):
    """The ids and the manifests of a run and its activities."""

    batch_ids: Distinct
    """The batches that the activities name, then those in the status extensions."""

    source_connection_ids: Distinct
    """The connections read from: of the activities, then of the breakdowns."""

    target_connection_ids: Distinct
    """The connections written to: of the activities, then of the breakdowns."""

    manifests: list[dict[str, Any]]


def find(metrics: Metrics, activities: Sequence[Activity]) -> Found:
    """Return the ids and the manifests of a run and its activities."""
    found = Found({}, {}, {}, [])
    batches, sources, targets, manifests = found
    for activity in activities:
        for connection in activity.target_info:
            _add_connection(connection, targets, batches)
        for connection in activity.source_info:
            _add_connection(connection, sources, batches)
    for part in (metrics, *activities):
        summaries = part.__dict__  # faster than attributes, where the class differs from time to time
        status, records, files = summaries["status_summary"], summaries["record_summary"], summaries["file_summary"]
        if records.source_summaries or records.target_summaries:
            sources.update((entry.id, None) for entry in records.source_summaries if entry.id)
            targets.update((entry.id, None) for entry in records.target_summaries if entry.id)
        batch = status.extensions.get("batchId")
        if batch and isinstance(batch, str):
            batches[batch] = None
        if files.manifest:
            manifests.append(files.manifest)
        for extensions in (
            files.extensions,
            status.extensions,
            records.extensions,
            summaries["size_summary"].extensions,
            summaries["duration_summary"].extensions,
            summaries["latency_summary"].extensions,
        ):
            if extensions and "manifest" in extensions and is_object(extensions["manifest"]):
                manifests.append(extensions["manifest"])
    return found


def _add_connection(connection: Connection, ids: Distinct, batches: Distinct) -> None:
    if connection.id:
        ids[connection.id] = None
    reference = connection.reference
    if reference is not None and reference.ids and (reference.type or "").lower() == "batch":
        batches.update(dict.fromkeys(filter(None, reference.ids)))


def manifest_urls(manifests: Iterable[dict[str, Any]], key: str) -> Distinct:
    """Return what manifests have under a key: a URL, or the paths of a list."""
    urls: Distinct = {}
    for manifest in manifests:
        if key in manifest:
            value = manifest[key]
            for entry in value if is_list(value) else (value,):
                url = entry.get("path") if is_object(entry) else entry
                if url and isinstance(url, str):
                    urls[url] = None
    return urls
