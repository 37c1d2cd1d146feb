"""Says how much a run or a step moved: records, files, bytes, and the time that records took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrun_notifications._display.wording import GAP, size_text
from flowrun_notifications._models.values import count_text

if TYPE_CHECKING:
    from flowrun_notifications._models.parts import Activity, Metrics

__all__ = ["tell_amounts", "tell_record_details"]

_AMOUNTS = tuple(
    (label, f"{direction}_record_count", f"{direction}_file_count", f"{direction}_bytes", is_loss)
    for label, direction, is_loss in (
        ("in", "input", False),
        ("out", "output", False),
        ("failed", "failed", True),
        ("skipped", "skipped", True),
    )
)
"""The words for what went in and out, failed and was skipped, with the fields of its records, files and bytes."""


def tell_amounts(part: Metrics | Activity) -> dict[str, str]:
    """Return amounts such as ``100 records, 1 file, 2,048 bytes`` by label: what is known, and losses above zero."""
    # Attributes by name take twice as long.
    records, files, sizes = part.record_summary.__dict__, part.file_summary.__dict__, part.size_summary.__dict__
    told: dict[str, str] = {}
    for label, record_field, file_field, size_field, is_loss in _AMOUNTS:
        record_count, file_count, size = records[record_field], files[file_field], sizes[size_field]
        if is_loss and not (record_count or file_count or size):
            continue
        texts: list[str] = []
        if record_count is not None:
            texts.append(count_text(record_count, "record", GAP))
        if file_count is not None:
            texts.append(count_text(file_count, "file", GAP))
        if size is not None:
            texts.append(size_text(size))
        if texts:
            told[label] = ", ".join(texts)
    return told


def tell_record_details(metrics: Metrics) -> dict[str, str]:
    """Return what became of the records, and how long they took, by label, as far as it is known."""
    records, latency = metrics.record_summary, metrics.latency_summary
    counts = (
        (records.created_record_count, "created"),
        (records.updated_record_count, "updated"),
        (records.deleted_record_count, "deleted"),
        (records.warning_record_count or None, "with a warning"),
    )
    delays = ((latency.min_ms, "at least"), (latency.avg_ms, "on average"), (latency.max_ms, "at most"))
    percentage = records.ingested_record_percentage
    told: dict[str, str] = {}
    changes = [f"{number:,} {what}" for number, what in counts if number is not None]
    if changes:
        told["records"] = ", ".join(changes)
    if percentage is not None:
        told["ingested"] = f"{percentage:g} % of the records"
    times = [f"{number:,.0f} ms {what}" for number, what in delays if number is not None]
    if times:
        told["latency"] = ", ".join(times)
    return told
