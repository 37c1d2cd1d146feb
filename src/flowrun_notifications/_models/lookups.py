"""Answers that take a walk over a run and its activities: ids and URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_notifications._models.values import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowrun_notifications._models.parts import Activity, Metrics

__all__ = ["Found", "find", "manifest_urls"]


class Found(NamedTuple):
    """The ids and the manifests of a run and its activities."""

    batch_ids: tuple[str, ...]
    """The batches that the activities name, then those in the status extensions."""

    source_connection_ids: tuple[str, ...]
    """The connections read from: of the activities, then of the breakdowns."""

    target_connection_ids: tuple[str, ...]
    """The connections written to: of the activities, then of the breakdowns."""

    manifests: list[dict[str, Any]]


def find(metrics: Metrics, activities: Sequence[Activity]) -> Found:
    """Return the ids and the manifests of a run and its activities."""
    batches: list[object] = []
    sources: list[object] = []
    targets: list[object] = []
    manifests: list[object] = []
    for activity in activities:
        for connections, ids in ((activity.target_info, targets), (activity.source_info, sources)):
            for connection in connections:
                ids.append(connection.id)
                reference = connection.reference
                if reference is not None and reference.ids and (reference.type or "").lower() == "batch":
                    batches += reference.ids
    for part in (metrics, *activities):
        status, records, files = part.status_summary, part.record_summary, part.file_summary
        sources += [entry.id for entry in records.source_summaries]
        targets += [entry.id for entry in records.target_summaries]
        if files.manifest:
            manifests.append(files.manifest)
        for summary in (files, status, records, part.size_summary, part.duration_summary, part.latency_summary):
            extensions = summary.extensions
            if extensions:
                manifests.append(extensions.get("manifest"))
                if summary is status:
                    batches.append(extensions.get("batchId"))
    usable = [manifest for manifest in manifests if manifest and is_object(manifest)] if manifests else []
    return Found(_distinct(batches), _distinct(sources), _distinct(targets), usable)


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
