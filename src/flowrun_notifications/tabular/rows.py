"""Runs, activities and errors as flat rows, keyed as in the published columns.

Rows are what an archive is read for, so this is written for speed: a row begins as a copy of an empty one, and only
what the run says is filled in.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from json.encoder import encode_basestring
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_notifications._models.error_codes import lookup_error
from flowrun_notifications._models.lookups import find, manifest_urls
from flowrun_notifications._models.outcome import is_finished, is_partial, needs_attention
from flowrun_notifications._models.run_errors import draft_errors, draft_reasons
from flowrun_notifications._models.status import RunStatus, read_status
from flowrun_notifications._models.timestamps import UTC
from flowrun_notifications.tabular.columns import ACTIVITY_COLUMNS, RUN_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection

    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._models.parts import Activity, Metrics
    from flowrun_notifications._models.run_errors import Draft, ReasonList

__all__ = ["Row", "activity_rows", "error_rows", "run_row"]

Row = dict[str, str | int | float | bool | datetime | None]
"""A row: values by column name."""

_EMPTY_RUN_ROW: Row = dict.fromkeys(column.name for column in RUN_COLUMNS)
_EMPTY_ACTIVITY_ROW: Row = dict.fromkeys(column.name for column in ACTIVITY_COLUMNS)

_MAX_WHOLE = 2**63 - 1
_encode = json.JSONEncoder(ensure_ascii=False).encode


def run_row(run: FlowRun) -> Row:
    """Return the run as one row, keyed as in :data:`RUN_COLUMNS`."""
    row = _EMPTY_RUN_ROW.copy()
    fields = run.__dict__
    metrics, activities = fields["metrics"], fields["activities"]
    _fill_keys(row, run)
    row.update(zip(_TEXTS, _get_texts(fields), strict=True))
    for name in _TIMES:
        if fields[name] is not None:
            row[name] = _utc(fields[name])
    if run.flow_spec is not None:
        row["flow_spec_id"], row["flow_spec_version"] = run.flow_spec.id, run.flow_spec.version
    row["child_flow_run_ids"] = _array(run.child_flow_run_ids)
    row["predecessor_flow_run_ids"] = _array([predecessor.flow_run_id for predecessor in run.predecessors])
    row["record_types"] = _array(run.record_types)
    reasons = _gather(run)
    _fill_outcome(row, run, reasons.errors)
    _fill_measures(row, metrics)
    _fill_reasons(row, reasons)
    row["activity_count"] = len(activities)
    batches, sources, targets, manifests = find(metrics, activities)
    row["batch_ids"] = _array(batches)
    row["source_connection_ids"] = _array(sources)
    row["target_connection_ids"] = _array(targets)
    if manifests:
        row["file_info_urls"] = _array(manifest_urls(manifests, "fileInfo"))
        row["failed_records_urls"] = _array(manifest_urls(manifests, "failedRecords"))
        row["sample_errors_urls"] = _array(manifest_urls(manifests, "sampleErrors"))
    _fill_delivery(row, run)
    return row


_TIMES = ("created_at", "sla_created_at", "process_start_time", "transformed_time")
_TEXTS = (
    "flow_name",
    "flow_type",
    "provider_ref_id",
    "etag",
    "ims_org_id",
    "sandbox_id",
    "sandbox_name",
    "created_by",
    "updated_by",
    "created_client",
    "updated_client",
    "parent_flow_run_id",
    "alert_name",
    "message",
    "url",
)
_get_texts = itemgetter(*_TEXTS)


def _fill_outcome(row: Row, run: FlowRun, errors: list[Draft]) -> None:
    status, metrics = run.status, run.metrics
    succeeded = status is RunStatus.SUCCESS
    row["status"] = None if status is None else str(status)
    row["succeeded"] = succeeded
    row["failed"] = status is RunStatus.FAILED
    row["is_partial"] = partial = is_partial(status, metrics, run.activities, errors)
    row["is_finished"] = is_finished(status, metrics)
    # For a run that succeeded the two are the same.
    row["needs_attention"] = partial if succeeded else needs_attention(status, metrics, run.activities, errors)


class _Reasons(NamedTuple):
    """Why a run ended as it did."""

    errors: list[Draft]
    skips: list[Draft]
    warnings: list[Draft]


class _Gatherer:
    """Gathers the reasons of a run, and keeps those of the last one: its rows for two tables are asked for in turn."""

    def __init__(self) -> None:
        self._last: tuple[FlowRun | None, _Reasons] = None, _Reasons([], [], [])

    def __call__(self, run: FlowRun) -> _Reasons:
        last, reasons = self._last
        if last is not run:
            metrics, activities = run.metrics, run.activities
            skips, warnings = [draft_reasons(metrics, activities, name) for name in _REASON_LISTS]
            reasons = _Reasons(draft_errors(metrics, activities), skips, warnings)
            self._last = run, reasons  # in one step, so threads may share it
        return reasons


_REASON_LISTS: tuple[ReasonList, ReasonList] = ("skipped_info", "warning_info")
_gather = _Gatherer()


def _fill_reasons(row: Row, reasons: _Reasons) -> None:
    errors = reasons.errors
    row["error_count"] = len(errors)
    row["skip_count"] = len(reasons.skips)
    row["warning_count"] = len(reasons.warnings)
    if errors:
        cause = next((error for error in errors if error["is_nested"]), errors[0])
        row["cause_code"] = cause["code"]
        row["cause_title"] = lookup_error(cause["code"] or "").title
        row["cause_message"] = cause["message"]


def _fill_delivery(row: Row, run: FlowRun) -> None:
    delivery = run.delivery
    row["event_code"] = delivery.event_code
    row["recipient_client_id"] = delivery.recipient_client_id
    if delivery.sent_at is not None:
        row["sent_at"] = _utc(delivery.sent_at)
    row["delivery_category"] = delivery.category
    row["delivery_provider"] = delivery.provider
    row["delivery_position"] = delivery.position
    row["delivery_retry_count"] = _whole(delivery.retry_count)
    row["delivery_path"] = delivery.path
    row["delivery_wrappers"] = _array(delivery.wrappers)


def activity_rows(run: FlowRun) -> list[Row]:
    """Return the run's activities in order, each as a row keyed as in :data:`ACTIVITY_COLUMNS`."""
    empty = _EMPTY_ACTIVITY_ROW.copy()
    _fill_keys(empty, run)
    rows: list[Row] = []
    for index, activity in enumerate(run.activities):
        row = empty.copy()
        row["activity_index"] = index
        row["activity_id"] = activity.id
        row["activity_name"] = activity.name
        row["activity_kind"] = activity.kind
        if activity.updated_at_utc is not None:
            row["activity_updated_at_utc"] = _utc(activity.updated_at_utc)
        row["context_id"] = activity.context_id
        status = read_status(activity.status_summary.status)
        row["status"] = None if status is None else str(status)
        _fill_measures(row, activity)
        row["source_connection_ids"] = _array(dict.fromkeys([connection.id for connection in activity.source_info]))
        row["target_connection_ids"] = _array(dict.fromkeys([connection.id for connection in activity.target_info]))
        rows.append(row)
    return rows


def error_rows(run: FlowRun) -> list[Row]:
    """Return the run's errors, then its skips, then its warnings, each as a row keyed as in :data:`ERROR_COLUMNS`."""
    errors, skips, warnings = _gather(run)
    if not (errors or skips or warnings):
        return []
    keys: Row = {}
    _fill_keys(keys, run)
    none_is_nested = not any(error["is_nested"] for error in errors)
    rows = [_error_row(keys, "cause" if error["is_nested"] or none_is_nested else "error", error) for error in errors]
    rows += [_error_row(keys, "skip", skip) for skip in skips]
    rows += [_error_row(keys, "warning", warning) for warning in warnings]
    return rows


def _error_row(keys: Row, kind: str, error: Draft) -> Row:
    info = lookup_error(error["code"] or "")
    return {
        **keys,
        "kind": kind,
        **error,
        "record_count": _whole(error["record_count"]),
        "count": _whole(error["count"]),
        "details": None if error["details"] is None else _encode(error["details"]),
        "is_documented": info.is_documented,
        "title": info.title,
        "meaning": info.meaning,
        "remedy": info.remedy,
        "stage": info.stage,
        "retryable": info.retryable,
        "family": info.family,
        "http_status": info.http_status,
        "evidence": info.evidence,
    }


def _fill_keys(row: Row, run: FlowRun) -> None:
    row["flow_run_id"] = run.id
    row["flow_id"] = run.flow_id
    row["event_id"] = run.delivery.event_id
    row["updated_at"] = None if run.updated_at is None else _utc(run.updated_at)


def _fill_measures(row: Row, part: Metrics | Activity) -> None:
    """Fill in what the summaries of a run or of an activity measure."""
    times = part.duration_summary
    started, completed = times.started_at_utc, times.completed_at_utc
    if started is not None:
        row["started_at"] = _utc(started)
        if completed is not None:
            row["duration_seconds"] = (completed - started).total_seconds()
    if completed is not None:
        row["completed_at"] = _utc(completed)
    summaries: tuple[Any, ...] = (part.latency_summary, part.size_summary, part.record_summary, part.file_summary)
    for summary in summaries:
        values = summary.__dict__
        for name in summary.__pydantic_fields_set__:
            if name in _MEASURES:
                value = values[name]
                if value is None or value <= _MAX_WHOLE or isinstance(value, float):
                    row[_MEASURES[name]] = value


_MEASURES = {
    "min_ms": "latency_min_ms",
    "max_ms": "latency_max_ms",
    "avg_ms": "latency_avg_ms",
    **{
        name: name
        for name in (
            "input_bytes",
            "output_bytes",
            "failed_bytes",
            "skipped_bytes",
            "input_record_count",
            "output_record_count",
            "created_record_count",
            "updated_record_count",
            "deleted_record_count",
            "skipped_record_count",
            "failed_record_count",
            "warning_record_count",
            "ingested_record_percentage",
            "input_file_count",
            "output_file_count",
            "skipped_file_count",
            "failed_file_count",
        )
    },
}
"""The attributes of summaries that are numbers, with their columns."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SAME_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _utc(instant: datetime) -> datetime:
    """Return an instant with ``timezone.utc``: pandas makes no time column of other zones, even if all are UTC."""
    # This is replace(tzinfo=timezone.utc), which takes many times as long on CPython 3.11.
    return _EPOCH + (instant - _SAME_EPOCH)


def _whole(number: int | None) -> int | None:
    return None if number is None or number > _MAX_WHOLE else number


def _array(ids: Collection[str | None]) -> str | None:
    """Return ids as a JSON array, as ``json.dumps`` would, which takes ten times as long."""
    if not ids:
        return None
    texts = [encode_basestring(id_) for id_ in ids if id_]
    return f"[{', '.join(texts)}]" if texts else None
