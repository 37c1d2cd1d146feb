"""What type checkers know of the models; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from typing_extensions import assert_type

from flowrun_notifications import (
    Activity,
    ActivityKind,
    Connection,
    Delivery,
    DurationSummary,
    ErrorCode,
    EventNotification,
    FileSummary,
    FlowRun,
    FlowSpec,
    LatencySummary,
    Message,
    MessagesNotification,
    Metrics,
    Predecessor,
    RecordBreakdown,
    RecordSummary,
    Reference,
    RunError,
    RunStatus,
    SizeSummary,
    StatusError,
    StatusSummary,
)


def check_run(run: FlowRun) -> None:
    """What a run says."""
    assert_type(run.id, str)
    assert_type(run.flow_id, str)
    assert_type(run.flow_name, str | None)
    assert_type(run.flow_type, str | None)
    assert_type(run.flow_spec, FlowSpec | None)
    assert_type(run.provider_ref_id, str | None)
    assert_type(run.etag, str | None)
    assert_type(run.ims_org_id, str | None)
    assert_type(run.sandbox_id, str | None)
    assert_type(run.sandbox_name, str | None)
    assert_type(run.created_at, datetime | None)
    assert_type(run.updated_at, datetime | None)
    assert_type(run.created_by, str | None)
    assert_type(run.updated_by, str | None)
    assert_type(run.created_client, str | None)
    assert_type(run.updated_client, str | None)
    assert_type(run.parent_flow_run_id, str | None)
    assert_type(run.child_flow_run_ids, tuple[str, ...])
    assert_type(run.record_types, tuple[str, ...])
    assert_type(run.predecessors, tuple[Predecessor, ...])
    assert_type(run.params, dict[str, Any])
    assert_type(run.alert_name, str | None)
    assert_type(run.message, str | None)
    assert_type(run.url, str | None)
    assert_type(run.sla_created_at, datetime | None)
    assert_type(run.process_start_time, datetime | None)
    assert_type(run.transformed_time, datetime | None)
    assert_type(run.metrics, Metrics)
    assert_type(run.activities, tuple[Activity, ...])
    assert_type(run.delivery, Delivery)


def check_answers(run: FlowRun) -> None:
    """What a run answers."""
    assert_type(run.status, RunStatus | str | None)
    assert_type(run.succeeded, bool)
    assert_type(run.failed, bool)
    assert_type(run.is_partial, bool)
    assert_type(run.is_finished, bool)
    assert_type(run.started_at, datetime | None)
    assert_type(run.completed_at, datetime | None)
    assert_type(run.duration, timedelta | None)
    assert_type(run.errors, tuple[RunError, ...])
    assert_type(run.causes, tuple[RunError, ...])
    assert_type(run.skips, tuple[RunError, ...])
    assert_type(run.warnings, tuple[RunError, ...])
    assert_type(run.batch_ids, tuple[str, ...])
    assert_type(run.source_connection_ids, tuple[str, ...])
    assert_type(run.target_connection_ids, tuple[str, ...])
    assert_type(run.summary(), str)
    assert_type(run.to_payload(), dict[str, Any])


def check_status(run: FlowRun) -> None:
    """A status compares with members and with text."""
    if run.status is RunStatus.FAILED or run.status == "cancelled":
        return
    assert_type(RunStatus("success"), RunStatus)
    assert_type([status.value for status in RunStatus], list[str])
    text: str = RunStatus.PARTIAL_SUCCESS
    del text


def check_pydantic(run: FlowRun) -> None:
    """What pydantic gives models keeps its types, and no model can be changed."""
    assert_type(run.model_extra, dict[str, Any])
    assert_type(run.model_fields_set, set[str])
    assert_type(run.model_dump(), dict[str, Any])
    assert_type(run.model_dump_json(), str)
    assert_type(run.model_copy(update={"flow_name": None}), FlowRun)
    assert_type(FlowRun.model_validate({}), FlowRun)
    assert_type(FlowRun.model_validate_json(b""), FlowRun)
    assert_type(FlowRun.model_json_schema(), dict[str, Any])
    assert_type({run: 1}, dict[FlowRun, int])
    assert_type(FlowRun(id="r-1", flow_id="f-1"), FlowRun)
    run.flow_name = "x"  # type: ignore[misc]
    run.metrics.size_summary.input_bytes = 5  # type: ignore[misc]
    run.delivery.path = ""  # type: ignore[misc]
    run.flowName  # type: ignore[attr-defined]  # noqa: B018
    FlowRun(id="r-1")  # type: ignore[call-arg]


def check_delivery(delivery: Delivery) -> None:
    """How a run came."""
    assert_type(delivery.event_id, str | None)
    assert_type(delivery.event_code, str | None)
    assert_type(delivery.category, str | None)
    assert_type(delivery.provider, str | None)
    assert_type(delivery.recipient_client_id, str | None)
    assert_type(delivery.position, str | None)
    assert_type(delivery.sent_at, datetime | None)
    assert_type(delivery.path, str)
    assert_type(delivery.wrappers, tuple[str, ...])
    assert_type(Delivery(event_id="e-1", wrappers=("event",)), Delivery)


def check_metrics(metrics: Metrics, activity: Activity) -> None:
    """The summaries of a run as a whole and of each step are there, empty if need be."""
    assert_type(metrics.custom_summary, dict[str, Any])
    for part in (metrics, activity):
        assert_type(part.duration_summary, DurationSummary)
        assert_type(part.latency_summary, LatencySummary)
        assert_type(part.size_summary, SizeSummary)
        assert_type(part.record_summary, RecordSummary)
        assert_type(part.file_summary, FileSummary)
        assert_type(part.status_summary, StatusSummary)


def check_activity(activity: Activity) -> None:
    """What a step says."""
    assert_type(activity.id, str | None)
    assert_type(activity.name, str | None)
    assert_type(activity.updated_at_utc, datetime | None)
    assert_type(activity.context_id, str | None)
    assert_type(activity.source_info, tuple[Connection, ...])
    assert_type(activity.target_info, tuple[Connection, ...])
    assert_type(activity.kind, ActivityKind | None)
    assert_type(
        activity.kind,
        Literal["copy", "promotion", "profile", "identity", "segmentation", "activation", "query"] | None,
    )


def check_measures(durations: DurationSummary, latencies: LatencySummary, sizes: SizeSummary) -> None:
    """What the summaries of times and sizes say."""
    assert_type(durations.started_at_utc, datetime | None)
    assert_type(durations.completed_at_utc, datetime | None)
    assert_type(durations.extensions, dict[str, Any])
    assert_type(latencies.min_ms, float | None)
    assert_type(latencies.max_ms, float | None)
    assert_type(latencies.avg_ms, float | None)
    assert_type(latencies.extensions, dict[str, Any])
    assert_type(sizes.input_bytes, int | None)
    assert_type(sizes.output_bytes, int | None)
    assert_type(sizes.failed_bytes, int | None)
    assert_type(sizes.skipped_bytes, int | None)
    assert_type(sizes.extensions, dict[str, Any])


def check_files(files: FileSummary) -> None:
    """What is said of files."""
    assert_type(files.input_file_count, int | None)
    assert_type(files.output_file_count, int | None)
    assert_type(files.skipped_file_count, int | None)
    assert_type(files.failed_file_count, int | None)
    assert_type(files.manifest, dict[str, Any])
    assert_type(files.activity_refs, tuple[str, ...])
    assert_type(files.extensions, dict[str, Any])


def check_status_summary(status: StatusSummary) -> None:
    """What is said of the outcome."""
    assert_type(status.status, str | None)
    assert_type(status.errors, tuple[StatusError, ...])
    assert_type(status.activity_refs, tuple[str, ...])
    assert_type(status.extensions, dict[str, Any])


def check_records(records: RecordSummary, breakdown: RecordBreakdown) -> None:
    """What is said of records, in all and by connection."""
    for counts in (records, breakdown):
        assert_type(counts.input_record_count, int | None)
        assert_type(counts.output_record_count, int | None)
        assert_type(counts.created_record_count, int | None)
        assert_type(counts.updated_record_count, int | None)
        assert_type(counts.deleted_record_count, int | None)
        assert_type(counts.skipped_record_count, int | None)
        assert_type(counts.failed_record_count, int | None)
        assert_type(counts.warning_record_count, int | None)
        assert_type(counts.ingested_record_percentage, float | None)
    assert_type(records.failed_info, tuple[StatusError, ...])
    assert_type(records.skipped_info, tuple[StatusError, ...])
    assert_type(records.warning_info, tuple[StatusError, ...])
    assert_type(records.source_summaries, tuple[RecordBreakdown, ...])
    assert_type(records.target_summaries, tuple[RecordBreakdown, ...])
    assert_type(records.extensions, dict[str, Any])
    assert_type(breakdown.id, str | None)
    assert_type(breakdown.entity_summaries, tuple[RecordBreakdown, ...])


def check_parts(
    error: StatusError, connection: Connection, reference: Reference, spec: FlowSpec, predecessor: Predecessor
) -> None:
    """What the small parts say."""
    assert_type(error.code, str | None)
    assert_type(error.message, str | None)
    assert_type(error.record_count, int | None)
    assert_type(error.count, int | None)
    assert_type(error.type, str | None)
    assert_type(error.format, str | None)
    assert_type(error.details, Any)
    assert_type(connection.id, str | None)
    assert_type(connection.type, str | None)
    assert_type(connection.reference, Reference | None)
    assert_type(reference.type, str | None)
    assert_type(reference.ids, tuple[str, ...])
    assert_type(spec.id, str | None)
    assert_type(spec.version, str | None)
    assert_type(predecessor.flow_id, str | None)
    assert_type(predecessor.flow_run_id, str | None)
    assert_type(predecessor.flow_spec, FlowSpec | None)


def check_run_error(error: RunError) -> None:
    """What an error of a run says, wherever it stood."""
    assert_type(error.code, str | None)
    assert_type(error.message, str | None)
    assert_type(error.record_count, int | None)
    assert_type(error.count, int | None)
    assert_type(error.type, str | None)
    assert_type(error.details, Any)
    assert_type(error.activity_id, str | None)
    assert_type(error.is_nested, bool)
    assert_type(error.info, ErrorCode)
    assert_type({error: 1}, dict[RunError, int])
    error.code = None  # type: ignore[misc]


def check_notifications(event: EventNotification, messages: MessagesNotification, message: Message) -> None:
    """What the two documented forms say."""
    assert_type(event.event, FlowRun)
    assert_type(event.event_id, str | None)
    assert_type(event.recipient_client_id, str | None)
    assert_type(messages.messages, tuple[Message, ...])
    assert_type(message.value, FlowRun)
    assert_type(message.msg_type, str | None)
    assert_type(message.version, str | None)
    assert_type(message.timestamp, datetime | None)
    assert_type(message.ims_org_id, str | None)
    assert_type(message.schema_, dict[str, Any])
    assert_type(message.provider, str | None)
    assert_type(message.event_notification_meta, dict[str, Any])


def check_empty_parts() -> None:
    """Every part that need not say anything can be made empty."""
    parts = (Metrics(), Activity(), DurationSummary(), LatencySummary(), SizeSummary(), RecordSummary())
    others = (FileSummary(), StatusSummary(), StatusError(), Connection(), Reference(), FlowSpec(), Predecessor())
    assert_type(parts[0], Metrics)
    assert_type(others[0], FileSummary)
    assert_type(RecordBreakdown(), RecordBreakdown)
