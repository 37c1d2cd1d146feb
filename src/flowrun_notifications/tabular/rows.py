"""Runs, activities and errors as flat rows, keyed as in the published columns.

Rows are what an archive is read for, so this is written for speed: a row begins as a copy of an empty one, and only
what the run says is filled in.
"""

from __future__ import annotations

import json
import weakref
from datetime import datetime, timezone
from functools import cache, lru_cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from flowrun_notifications._models.error_codes import lookup_error
from flowrun_notifications._models.ids_and_urls import find, manifest_urls
from flowrun_notifications._models.outcome import is_finished, is_partial, needs_attention
from flowrun_notifications._models.run_errors import Reasons, gather_reasons
from flowrun_notifications._models.status import RunStatus, read_status
from flowrun_notifications._models.timestamps import UTC
from flowrun_notifications.tabular.columns import ACTIVITY_COLUMNS, ERROR_COLUMNS, RUN_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from flowrun_notifications._models.error_codes import ErrorCode
    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._models.parts import Activity, Metrics
    from flowrun_notifications._models.run_errors import Draft

__all__ = ["Row", "activity_rows", "error_rows", "run_row"]

Row = dict[str, str | int | float | bool | datetime | None]
"""A row: values by column name."""

_EMPTY_RUN_ROW: Row = dict.fromkeys(column.name for column in RUN_COLUMNS)
_EMPTY_ACTIVITY_ROW: Row = dict.fromkeys(column.name for column in ACTIVITY_COLUMNS)
_EMPTY_ERROR_ROW: Row = dict.fromkeys(column.name for column in ERROR_COLUMNS)

_MAX_WHOLE = 2**63 - 1
_encode = json.JSONEncoder(ensure_ascii=False).encode


def run_row(run: FlowRun) -> Row:
    """Return the run as one row, keyed as in :data:`RUN_COLUMNS`."""
    fields = run.__dict__
    metrics, activities = fields["metrics"], fields["activities"]
    row = _EMPTY_RUN_ROW.copy()
    _fill_keys(row, fields)
    row["flow_name"] = fields["flow_name"]
    row["flow_type"] = fields["flow_type"]
    row["provider_ref_id"] = fields["provider_ref_id"]
    row["etag"] = fields["etag"]
    row["ims_org_id"] = fields["ims_org_id"]
    row["sandbox_id"] = fields["sandbox_id"]
    row["sandbox_name"] = fields["sandbox_name"]
    row["created_by"] = fields["created_by"]
    row["updated_by"] = fields["updated_by"]
    row["created_client"] = fields["created_client"]
    row["updated_client"] = fields["updated_client"]
    row["parent_flow_run_id"] = fields["parent_flow_run_id"]
    row["alert_name"] = fields["alert_name"]
    row["message"] = fields["message"]
    row["url"] = fields["url"]
    for name in _TIMES:
        if fields[name] is not None:
            row[name] = _utc(fields[name])
    if run.flow_spec is not None:
        row["flow_spec_id"], row["flow_spec_version"] = run.flow_spec.id, run.flow_spec.version
    for name in _ID_LISTS:
        if fields[name]:
            row[name] = _array(fields[name])
    if fields["predecessors"]:
        row["predecessor_flow_run_ids"] = _array([predecessor.flow_run_id for predecessor in run.predecessors])
    reasons = _gather(run)
    _fill_outcome(row, run.status, metrics, activities, reasons.errors)
    _fill_measures(row, metrics)
    _fill_reasons(row, reasons)
    row["activity_count"] = len(activities)
    _fill_ids(row, metrics, activities)
    _fill_delivery(row, fields["delivery"].__dict__)
    return row


_TIMES = ("created_at", "sla_created_at", "process_start_time", "transformed_time")
_ID_LISTS = ("child_flow_run_ids", "record_types")


def _fill_outcome(
    row: Row, status: RunStatus | str | None, metrics: Metrics, activities: Sequence[Activity], errors: list[Draft]
) -> None:
    succeeded = status is RunStatus.SUCCESS
    row["status"] = None if status is None else str.__str__(status)  # not a member of an enum
    row["succeeded"] = succeeded
    row["failed"] = status is RunStatus.FAILED
    row["is_partial"] = partial = is_partial(status, metrics, activities, errors)
    row["is_finished"] = is_finished(status, metrics)
    # For a run that succeeded the two are the same.
    row["needs_attention"] = partial if succeeded else needs_attention(status, metrics, activities, errors)


def _fill_ids(row: Row, metrics: Metrics, activities: Sequence[Activity]) -> None:
    batches, sources, targets, manifests = find(metrics, activities)
    if batches:
        row["batch_ids"] = _array(batches)
    if sources:
        row["source_connection_ids"] = _array(sources)
    if targets:
        row["target_connection_ids"] = _array(targets)
    if manifests:
        row["file_info_urls"] = _array(manifest_urls(manifests, "fileInfo"))
        row["failed_records_urls"] = _array(manifest_urls(manifests, "failedRecords"))
        row["sample_errors_urls"] = _array(manifest_urls(manifests, "sampleErrors"))


class _Gatherer:
    """Gathers the reasons of a run, and keeps those of the last one: its rows for two tables are asked for in turn."""

    def __init__(self) -> None:
        self._last: tuple[Callable[[], FlowRun | None], Reasons] = (lambda: None), Reasons([], [], [])

    def __call__(self, run: FlowRun) -> Reasons:
        last, reasons = self._last
        if last() is not run:
            reasons = gather_reasons(run.metrics, run.activities)
            self._last = weakref.ref(run), reasons  # in one step, so threads may share it
        return reasons


_gather = _Gatherer()


def _fill_reasons(row: Row, reasons: Reasons) -> None:
    errors = reasons.errors
    row["error_count"] = len(errors)
    row["skip_count"] = len(reasons.skips)
    row["warning_count"] = len(reasons.warnings)
    if errors:
        cause = next((error for error in errors if error["is_nested"]), errors[0])
        row["cause_code"] = cause["code"]
        row["cause_title"] = lookup_error(cause["code"] or "").title
        row["cause_message"] = cause["message"]


def _fill_delivery(row: Row, details: Mapping[str, Any]) -> None:
    row["event_code"] = details["event_code"]
    row["recipient_client_id"] = details["recipient_client_id"]
    if details["sent_at"] is not None:
        row["sent_at"] = _utc(details["sent_at"])
    row["delivery_category"] = details["category"]
    row["delivery_provider"] = details["provider"]
    row["delivery_position"] = details["position"]
    if details["retry_count"] is not None:
        row["delivery_retry_count"] = _whole(details["retry_count"])
    row["delivery_path"] = details["path"]
    row["delivery_wrappers"] = _array_of_names(details["wrappers"])


def activity_rows(run: FlowRun) -> list[Row]:
    """Return the run's activities in order, each as a row keyed as in :data:`ACTIVITY_COLUMNS`."""
    empty = _EMPTY_ACTIVITY_ROW.copy()
    _fill_keys(empty, run.__dict__)
    rows: list[Row] = []
    for index, activity in enumerate(run.activities):
        fields = activity.__dict__
        row = empty.copy()
        row["activity_index"] = index
        row["activity_id"] = fields["id"]
        row["activity_name"] = fields["name"]
        row["activity_kind"] = activity.kind
        if fields["updated_at_utc"] is not None:
            row["activity_updated_at_utc"] = _utc(fields["updated_at_utc"])
        row["context_id"] = fields["context_id"]
        status = read_status(fields["status_summary"].status)
        row["status"] = None if status is None else str.__str__(status)
        _fill_measures(row, activity)
        if fields["source_info"]:
            row["source_connection_ids"] = _array({connection.id: None for connection in activity.source_info})
        if fields["target_info"]:
            row["target_connection_ids"] = _array({connection.id: None for connection in activity.target_info})
        rows.append(row)
    return rows


def error_rows(run: FlowRun) -> list[Row]:
    """Return the run's errors, then its skips, then its warnings, each as a row keyed as in :data:`ERROR_COLUMNS`."""
    errors, skips, warnings = _gather(run)
    if not (errors or skips or warnings):
        return []
    keys = _EMPTY_ERROR_ROW.copy()
    _fill_keys(keys, run.__dict__)
    none_is_nested = not any(error["is_nested"] for error in errors)
    rows = [_error_row(keys, "cause" if error["is_nested"] or none_is_nested else "error", error) for error in errors]
    rows += [_error_row(keys, "skip", skip) for skip in skips]
    rows += [_error_row(keys, "warning", warning) for warning in warnings]
    return rows


def _error_row(keys: Row, kind: str, error: Draft) -> Row:
    row: Row = {**keys, **error, **_explanation(error["code"] or "")}
    row["kind"] = kind
    if error["record_count"] is not None:
        row["record_count"] = _whole(error["record_count"])
    if error["count"] is not None:
        row["count"] = _whole(error["count"])
    if error["details"] is not None:
        row["details"] = _encode(error["details"])
    return row


def _explanation(code: str) -> Row:
    info = lookup_error(code)
    return _explain_documented(info.code) if info.is_documented else _explain(info)


@cache
def _explain_documented(code: str) -> Row:
    return _explain(lookup_error(code))


def _explain(info: ErrorCode) -> Row:
    return {
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


def _fill_keys(row: Row, fields: Mapping[str, Any]) -> None:
    row["flow_run_id"] = fields["id"]
    row["flow_id"] = fields["flow_id"]
    row["event_id"] = fields["delivery"].event_id
    row["updated_at"] = None if fields["updated_at"] is None else _utc(fields["updated_at"])


def _fill_measures(row: Row, part: Metrics | Activity) -> None:
    """Fill in what the summaries of a run or of an activity measure."""
    summaries = part.__dict__
    times = summaries["duration_summary"]
    started, completed = times.started_at_utc, times.completed_at_utc
    if started is not None:
        row["started_at"] = _utc(started)
        if completed is not None:
            row["duration_seconds"] = (completed - started).total_seconds()
    if completed is not None:
        row["completed_at"] = _utc(completed)
    latency, size, records, files = _get_summaries(summaries)
    if latency.__pydantic_fields_set__:
        row["latency_min_ms"] = latency.min_ms
        row["latency_max_ms"] = latency.max_ms
        row["latency_avg_ms"] = latency.avg_ms
    row["ingested_record_percentage"] = records.ingested_record_percentage
    counts: tuple[int | None, ...] = (
        size.input_bytes,
        size.output_bytes,
        size.failed_bytes,
        size.skipped_bytes,
        records.input_record_count,
        records.output_record_count,
        records.created_record_count,
        records.updated_record_count,
        records.deleted_record_count,
        records.skipped_record_count,
        records.failed_record_count,
        records.warning_record_count,
        files.input_file_count,
        files.output_file_count,
        files.skipped_file_count,
        files.failed_file_count,
    )
    if sum(filter(None, counts)) > _MAX_WHOLE:  # one may be too large; all are small nearly always
        counts = tuple(map(_whole, counts))
    (
        row["input_bytes"],
        row["output_bytes"],
        row["failed_bytes"],
        row["skipped_bytes"],
        row["input_record_count"],
        row["output_record_count"],
        row["created_record_count"],
        row["updated_record_count"],
        row["deleted_record_count"],
        row["skipped_record_count"],
        row["failed_record_count"],
        row["warning_record_count"],
        row["input_file_count"],
        row["output_file_count"],
        row["skipped_file_count"],
        row["failed_file_count"],
    ) = counts


_get_summaries = itemgetter("latency_summary", "size_summary", "record_summary", "file_summary")

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SAME_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _utc(instant: datetime) -> datetime:
    """Return an instant with ``timezone.utc``: pandas makes no time column of other zones, even if all are UTC."""
    # This is replace(tzinfo=timezone.utc), which takes many times as long on CPython 3.11.
    return _EPOCH + (instant - _SAME_EPOCH)


def _whole(number: int | None) -> int | None:
    return None if number is None or number > _MAX_WHOLE else number


def _array(ids: Iterable[str | None]) -> str | None:
    """Return ids as a JSON array, as ``json.dumps`` would, which takes ten times as long."""
    texts = ", ".join(map(encode_basestring, filter(None, ids)))
    return f"[{texts}]" if texts else None


_array_of_names = lru_cache(maxsize=256)(_array)
