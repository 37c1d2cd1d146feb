"""The published columns of the three tables: names, types, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["ACTIVITY_COLUMNS", "ERROR_COLUMNS", "RUN_COLUMNS", "Column", "ColumnType"]

ColumnType = type[str] | type[int] | type[float] | type[bool] | type[datetime]
"""The type of the values of a column: text, 64-bit whole numbers, numbers, truth values, or aware UTC datetimes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    """The key in every row."""

    type: ColumnType
    """The exact type of its values, ``None`` apart."""

    description: str
    """The meaning of its values, with their unit."""


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
    Column("needs_attention", bool, "Whether a person should look at the run; never null."),
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
    Column("file_info_urls", str, "Where the lists of its files are; a JSON array."),
    Column("failed_records_urls", str, "Where its failed records are kept; a JSON array."),
    Column("sample_errors_urls", str, "Where samples of its errors are kept; a JSON array."),
    Column("event_code", str, "Such as sources_flow_run_success."),
    Column("recipient_client_id", str, "The client id that the notification was sent to."),
    Column("sent_at", datetime, "When the notification was sent."),
    Column("delivery_category", str, "The category that the message gives."),
    Column("delivery_provider", str, "Who sent it."),
    Column("delivery_position", str, "Its position in the journal."),
    Column("delivery_retry_count", int, "How often the delivery had failed before; null where not given."),
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
    Column("activity_name", str, "The name of that activity."),
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
