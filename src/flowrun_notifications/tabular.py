"""Flow runs as flat rows for data frames, engines and files: pandas, polars, Arrow, DuckDB, Spark, ``csv``.

Three tables, each with its published columns: one row for a run (:func:`run_row`, :data:`RUN_COLUMNS`), one for each of
its activities (:func:`activity_rows`, :data:`ACTIVITY_COLUMNS`), and one for each distinct error, skip and warning
(:func:`error_rows`, :data:`ERROR_COLUMNS`). Every row of a table has the same keys in the order of its columns,
whatever the run, and every value is of its column's type, or ``None``::

    rows = [run_row(run) for run in parse_lines(archive)]
    frame = pandas.DataFrame(rows, columns=[column.name for column in RUN_COLUMNS])

- Columns are named as the attributes are. Where an attribute's name says too little on its own, what it belongs to
  comes before it: ``flow_run_id``, ``flow_spec_version``, ``latency_min_ms``, ``delivery_path``.
- Every table starts with ``flow_run_id``, ``flow_id``, ``event_id`` and ``updated_at``, so that rows can be joined, and
  repeated deliveries told from later news of the same run.
- Times are aware UTC datetimes, durations seconds as ``float``. Whole numbers fit into 64 bits: a larger one, which no
  engine's column takes and no run has, is ``None``.
- A column that holds several ids is a JSON array as text (``["b1", "b2"]``), which loses nothing and every engine
  takes apart; ``None`` where there are none. The same goes for ``details`` of an error, which may be any JSON.
- Open bags (``params``, ``extensions``, …), unknown keys and breakdowns by connection have no columns; read them from
  the run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from flowrun_notifications._models.status import read_status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._models.parts import Activity, Metrics
    from flowrun_notifications._models.run_errors import RunError

__all__ = [
    "ACTIVITY_COLUMNS",
    "ERROR_COLUMNS",
    "RUN_COLUMNS",
    "Column",
    "ColumnType",
    "Row",
    "activity_rows",
    "error_rows",
    "run_row",
]

Row = dict[str, str | int | float | bool | datetime | None]
"""A row: values by column name."""

ColumnType = type[str] | type[int] | type[float] | type[bool] | type[datetime]
"""What the values of a column are: text, 64-bit whole numbers, numbers, truth values, or aware UTC datetimes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    """The key in every row."""

    type: ColumnType
    """The exact type of its values, ``None`` apart."""

    description: str
    """What it says, and in which unit."""


_KEY_COLUMNS = (
    Column("flow_run_id", str, "The run's id; never null."),
    Column("flow_id", str, "The dataflow's id; never null."),
    Column("event_id", str, "The notification's id; null where the run came without one, as from the API."),
    Column("updated_at", datetime, "When the run's record last changed."),
)

_MEASURE_COLUMNS = (
    Column("started_at", datetime, "When it started."),
    Column("completed_at", datetime, "When it ended."),
    Column("duration_seconds", float, "From start to end, in seconds; null where either is unknown."),
    Column("latency_min_ms", float, "The shortest latency, in milliseconds; streaming only."),
    Column("latency_max_ms", float, "The longest latency, in milliseconds; streaming only."),
    Column("latency_avg_ms", float, "The mean latency, in milliseconds; streaming only."),
    Column("input_bytes", int, "Bytes read."),
    Column("output_bytes", int, "Bytes written."),
    Column("failed_bytes", int, "Bytes that could not be processed."),
    Column("skipped_bytes", int, "Bytes passed over."),
    Column("input_record_count", int, "Records read."),
    Column("output_record_count", int, "Records written."),
    Column("created_record_count", int, "Records created in the target."),
    Column("updated_record_count", int, "Records updated in the target."),
    Column("deleted_record_count", int, "Records deleted from the target."),
    Column("skipped_record_count", int, "Records passed over, by rule rather than by failure."),
    Column("failed_record_count", int, "Records that could not be processed."),
    Column("warning_record_count", int, "Records processed with a warning."),
    Column("ingested_record_percentage", float, "The share of records ingested, 0 to 100; streaming only."),
    Column("input_file_count", int, "Files read."),
    Column("output_file_count", int, "Files written."),
    Column("skipped_file_count", int, "Files passed over."),
    Column("failed_file_count", int, "Files that could not be processed."),
)

RUN_COLUMNS: tuple[Column, ...] = (
    *_KEY_COLUMNS,
    Column("flow_name", str, "The dataflow's name; may hold line breaks."),
    Column("flow_type", str, "Such as streaming."),
    Column("flow_spec_id", str, "Which kind of dataflow it is."),
    Column("flow_spec_version", str, "The version of that kind."),
    Column("provider_ref_id", str, "The run's id at the engine that did the work."),
    Column("etag", str, "The record's version, its own double quotes included."),
    Column("ims_org_id", str, "The organisation."),
    Column("sandbox_id", str, "The sandbox's id."),
    Column("sandbox_name", str, "The sandbox's name."),
    Column("created_at", datetime, "When the run's record was created."),
    Column("created_by", str, "Who created the record."),
    Column("updated_by", str, "Who changed it last."),
    Column("created_client", str, "The client that created the record."),
    Column("updated_client", str, "The client that changed it last."),
    Column("parent_flow_run_id", str, "The run that this one is part of."),
    Column("child_flow_run_ids", str, "The runs that are part of this one; a JSON array."),
    Column("predecessor_flow_run_ids", str, "The runs that this one consumed; a JSON array."),
    Column("record_types", str, "The types of its records; a JSON array."),
    Column("alert_name", str, "The alert rule that the notification was sent for."),
    Column("message", str, "A sentence for people."),
    Column("url", str, "The run's page in the monitoring user interface."),
    Column("sla_created_at", datetime, "Stamped by the notification pipeline."),
    Column("process_start_time", datetime, "Stamped by the notification pipeline."),
    Column("transformed_time", datetime, "Stamped by the notification pipeline."),
    Column("status", str, "How the run stands: a value of RunStatus where known, else the text as it came."),
    Column("succeeded", bool, "Whether the status is success; never null."),
    Column("failed", bool, "Whether the status is failed; never null."),
    Column("is_partial", bool, "Whether something went missing though the run did not fail; never null."),
    Column("is_finished", bool, "Whether the run is over; never null."),
    *_MEASURE_COLUMNS,
    Column("activity_count", int, "How many activities it has; never null."),
    Column("error_count", int, "How many distinct errors it has; never null."),
    Column("skip_count", int, "How many distinct reasons for skipped records it has; never null."),
    Column("warning_count", int, "How many distinct warnings it has; never null."),
    Column("cause_code", str, "The code of its first cause; all causes are rows of the errors."),
    Column("cause_title", str, "What that code means, in a few words; null where it is not documented."),
    Column("cause_message", str, "The text of its first cause."),
    Column("batch_ids", str, "The batches read or written; a JSON array."),
    Column("source_connection_ids", str, "The connections read from; a JSON array."),
    Column("target_connection_ids", str, "The connections written to; a JSON array."),
    Column("event_code", str, "Such as sources_flow_run_success."),
    Column("recipient_client_id", str, "The client id that the notification was sent to."),
    Column("sent_at", datetime, "When the notification was sent."),
    Column("delivery_category", str, "The category that the message gives."),
    Column("delivery_provider", str, "Who sent it."),
    Column("delivery_position", str, "Its position in the journal."),
    Column("delivery_path", str, "Where the run stood in its payload; empty for a bare run, never null."),
    Column("delivery_wrappers", str, "The wrappers around it, outermost first; a JSON array."),
)
"""The columns of :func:`run_row`."""

ACTIVITY_COLUMNS: tuple[Column, ...] = (
    *_KEY_COLUMNS,
    Column("activity_index", int, "Its place among the run's activities, from 0; never null."),
    Column("activity_id", str, "The step's id; newer ones are the same in every run."),
    Column("activity_name", str, "The step's name."),
    Column(
        "activity_kind", str, "What the step does: copy, promotion, profile, identity, segmentation, activation, query."
    ),
    Column("activity_updated_at_utc", datetime, "When the activity's record last changed."),
    Column("context_id", str, "The context it ran in."),
    Column("status", str, "How the activity stands: a value of RunStatus where known, else the text as it came."),
    *_MEASURE_COLUMNS,
    Column("source_connection_ids", str, "The connections of its source_info; a JSON array."),
    Column("target_connection_ids", str, "The connections of its target_info; a JSON array."),
)
"""The columns of :func:`activity_rows`."""

ERROR_COLUMNS: tuple[Column, ...] = (
    *_KEY_COLUMNS,
    Column("kind", str, "cause (an error that the run puts down to nothing else), error, skip or warning; never null."),
    Column("code", str, "The code as it came."),
    Column("message", str, "What happened, for people."),
    Column("record_count", int, "How many records it concerns."),
    Column("count", int, "How often it occurred."),
    Column("type", str, "Error or Warning, where given."),
    Column("details", str, "Further details; JSON."),
    Column("activity_id", str, "The first activity that reports it; null where only the run as a whole does."),
    Column("is_nested", bool, "Whether it stood nested within another; never null."),
    Column("is_documented", bool, "Whether the code is documented; never null."),
    Column("title", str, "What the code means, in a few words; like all that follow, null where it is not known."),
    Column("meaning", str, "What went wrong, in a sentence."),
    Column("remedy", str, "What to do about it."),
    Column("stage", str, "Where in the dataflow it arises."),
    Column("retryable", bool, "Whether trying again unchanged may help; null where no source says."),
    Column("family", str, "What stands before the code's number."),
    Column("http_status", int, "The code's last part, modelled on HTTP."),
    Column("evidence", str, "Whose word the explanation rests on: adobe, microsoft or third_party."),
)
"""The columns of :func:`error_rows`."""

_LARGEST = 2**63 - 1
_json = json.JSONEncoder(ensure_ascii=False).encode


def run_row(run: FlowRun) -> Row:
    """The run as one row, keyed as in :data:`RUN_COLUMNS`."""
    delivery, flow_spec, status = run.delivery, run.flow_spec, run.status
    errors = run.errors
    cause = next((error for error in errors if error.is_nested), errors[0] if errors else None)
    return {
        **_keys(run),
        "flow_name": run.flow_name,
        "flow_type": run.flow_type,
        "flow_spec_id": flow_spec.id if flow_spec else None,
        "flow_spec_version": flow_spec.version if flow_spec else None,
        "provider_ref_id": run.provider_ref_id,
        "etag": run.etag,
        "ims_org_id": run.ims_org_id,
        "sandbox_id": run.sandbox_id,
        "sandbox_name": run.sandbox_name,
        "created_at": _utc(run.created_at),
        "created_by": run.created_by,
        "updated_by": run.updated_by,
        "created_client": run.created_client,
        "updated_client": run.updated_client,
        "parent_flow_run_id": run.parent_flow_run_id,
        "child_flow_run_ids": _array(run.child_flow_run_ids),
        "predecessor_flow_run_ids": _array(predecessor.flow_run_id for predecessor in run.predecessors),
        "record_types": _array(run.record_types),
        "alert_name": run.alert_name,
        "message": run.message,
        "url": run.url,
        "sla_created_at": _utc(run.sla_created_at),
        "process_start_time": _utc(run.process_start_time),
        "transformed_time": _utc(run.transformed_time),
        "status": None if status is None else str(status),
        "succeeded": run.succeeded,
        "failed": run.failed,
        "is_partial": run.is_partial,
        "is_finished": run.is_finished,
        **_measures(run.metrics),
        "activity_count": len(run.activities),
        "error_count": len(errors),
        "skip_count": len(run.skips),
        "warning_count": len(run.warnings),
        "cause_code": cause.code if cause else None,
        "cause_title": cause.info.title if cause else None,
        "cause_message": cause.message if cause else None,
        "batch_ids": _array(run.batch_ids),
        "source_connection_ids": _array(run.source_connection_ids),
        "target_connection_ids": _array(run.target_connection_ids),
        "event_code": delivery.event_code,
        "recipient_client_id": delivery.recipient_client_id,
        "sent_at": _utc(delivery.sent_at),
        "delivery_category": delivery.category,
        "delivery_provider": delivery.provider,
        "delivery_position": delivery.position,
        "delivery_path": delivery.path,
        "delivery_wrappers": _array(delivery.wrappers),
    }


def activity_rows(run: FlowRun) -> list[Row]:
    """The run's activities in order, each as a row keyed as in :data:`ACTIVITY_COLUMNS`."""
    keys = _keys(run)
    return [
        {
            **keys,
            "activity_index": index,
            "activity_id": activity.id,
            "activity_name": activity.name,
            "activity_kind": activity.kind,
            "activity_updated_at_utc": _utc(activity.updated_at_utc),
            "context_id": activity.context_id,
            "status": _status(activity.status_summary.status),
            **_measures(activity),
            "source_connection_ids": _array(dict.fromkeys(connection.id for connection in activity.source_info)),
            "target_connection_ids": _array(dict.fromkeys(connection.id for connection in activity.target_info)),
        }
        for index, activity in enumerate(run.activities)
    ]


def error_rows(run: FlowRun) -> list[Row]:
    """The run's errors, then its skips, then its warnings, each as a row keyed as in :data:`ERROR_COLUMNS`."""
    keys = _keys(run)
    errors = run.errors
    none_is_nested = not any(error.is_nested for error in errors)
    rows = [_error_row(keys, "cause" if error.is_nested or none_is_nested else "error", error) for error in errors]
    rows += [_error_row(keys, "skip", skip) for skip in run.skips]
    rows += [_error_row(keys, "warning", warning) for warning in run.warnings]
    return rows


def _error_row(keys: Row, kind: str, error: RunError) -> Row:
    info = error.info
    return {
        **keys,
        "kind": kind,
        "code": error.code,
        "message": error.message,
        "record_count": _whole(error.record_count),
        "count": _whole(error.count),
        "type": error.type,
        "details": None if error.details is None else _json(error.details),
        "activity_id": error.activity_id,
        "is_nested": error.is_nested,
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


def _keys(run: FlowRun) -> Row:
    return {
        "flow_run_id": run.id,
        "flow_id": run.flow_id,
        "event_id": run.delivery.event_id,
        "updated_at": _utc(run.updated_at),
    }


def _measures(part: Metrics | Activity) -> Row:
    """What the summaries of a run or of an activity measure."""
    times, latency, size = part.duration_summary, part.latency_summary, part.size_summary
    records, files = part.record_summary, part.file_summary
    started, completed = times.started_at_utc, times.completed_at_utc
    return {
        "started_at": _utc(started),
        "completed_at": _utc(completed),
        "duration_seconds": None if started is None or completed is None else (completed - started).total_seconds(),
        "latency_min_ms": latency.min_ms,
        "latency_max_ms": latency.max_ms,
        "latency_avg_ms": latency.avg_ms,
        "input_bytes": _whole(size.input_bytes),
        "output_bytes": _whole(size.output_bytes),
        "failed_bytes": _whole(size.failed_bytes),
        "skipped_bytes": _whole(size.skipped_bytes),
        "input_record_count": _whole(records.input_record_count),
        "output_record_count": _whole(records.output_record_count),
        "created_record_count": _whole(records.created_record_count),
        "updated_record_count": _whole(records.updated_record_count),
        "deleted_record_count": _whole(records.deleted_record_count),
        "skipped_record_count": _whole(records.skipped_record_count),
        "failed_record_count": _whole(records.failed_record_count),
        "warning_record_count": _whole(records.warning_record_count),
        "ingested_record_percentage": records.ingested_record_percentage,
        "input_file_count": _whole(files.input_file_count),
        "output_file_count": _whole(files.output_file_count),
        "skipped_file_count": _whole(files.skipped_file_count),
        "failed_file_count": _whole(files.failed_file_count),
    }


def _utc(instant: datetime | None) -> datetime | None:
    """The instant with one zone object for all: pandas makes no time column of several, even where each is UTC."""
    return None if instant is None else instant.astimezone(timezone.utc)


def _whole(number: int | None) -> int | None:
    return None if number is None or number > _LARGEST else number


def _status(text: str | None) -> str | None:
    """An activity's status, spelt as :attr:`FlowRun.status` spells a run's."""
    status = read_status(text)
    return None if status is None else str(status)


def _array(ids: Iterable[str | None]) -> str | None:
    known = [id_ for id_ in ids if id_]
    return _json(known) if known else None
