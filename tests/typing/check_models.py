"""The types of the models for type checkers; nobody runs this. Fields follow from the models, so few stand here."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from typing_extensions import assert_type

from flowrun_notifications import (
    Activity,
    ActivityKind,
    Alert,
    AuditEvent,
    Connection,
    DataIngestionEvent,
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
    OtherMessage,
    Predecessor,
    RecordBreakdown,
    RecordSummary,
    Reference,
    RunError,
    RunStatus,
    SizeSummary,
    StatusError,
    StatusSummary,
    ValidationRequest,
    latest_states,
)


def check_fields(run: FlowRun) -> None:
    """Check a field of each kind: open JSON, counts, times, lists and parts."""
    assert_type(run.id, str)
    assert_type(run.flow_spec, FlowSpec | None)
    assert_type(run.params, dict[str, Any])
    assert_type(run.child_flow_run_ids, tuple[str, ...])
    assert_type(run.updated_at, datetime | None)
    assert_type(run.metrics.size_summary.input_bytes, int | None)
    assert_type(run.metrics.latency_summary.avg_ms, float | None)
    assert_type(run.metrics.record_summary.source_summaries, tuple[RecordBreakdown, ...])
    assert_type(run.metrics.status_summary.errors[0].code, str | None)
    assert_type(run.activities, tuple[Activity, ...])
    assert_type(run.activities[0].target_info[0].reference, Reference | None)
    assert_type(run.delivery.wrappers, tuple[str, ...])


def check_answers(run: FlowRun, activity: Activity) -> None:
    """Check the questions that a run answers."""
    assert_type(run.status, RunStatus | str | None)
    assert_type(run.needs_attention, bool)
    assert_type(run.started_at, datetime | None)
    assert_type(run.duration, timedelta | None)
    assert_type(run.errors, tuple[RunError, ...])
    assert_type(run.causes, tuple[RunError, ...])
    assert_type(run.batch_ids, tuple[str, ...])
    assert_type(run.failed_records_urls, tuple[str, ...])
    assert_type(run.dedup_key, str)
    assert_type(run.summary(), str)
    assert_type(run.to_payload(), dict[str, Any])
    assert_type(activity.kind, ActivityKind | None)
    assert_type(
        activity.kind,
        Literal["copy", "promotion", "profile", "identity", "segmentation", "activation", "query"] | None,
    )
    assert_type(latest_states([run]), tuple[FlowRun, ...])


def check_status(run: FlowRun) -> None:
    """A status compares with members and with text."""
    if run.status is RunStatus.FAILED or run.status == "cancelled":
        return
    assert_type([status.value for status in RunStatus], list[str])
    text: str = RunStatus.PARTIAL_SUCCESS
    del text


def check_pydantic(run: FlowRun) -> None:
    """The methods of pydantic keep their types, and no model can be changed."""
    assert_type(run.model_extra, dict[str, Any])
    assert_type(run.model_dump(), dict[str, Any])
    assert_type(run.model_copy(update={"flow_name": None}), FlowRun)
    assert_type(FlowRun.model_validate({}), FlowRun)
    assert_type(FlowRun.model_validate_json(b""), FlowRun)
    assert_type({run: 1}, dict[FlowRun, int])
    run.flow_name = "x"  # type: ignore[misc]
    run.metrics.size_summary.input_bytes = 5  # type: ignore[misc]
    run.delivery.path = ""  # type: ignore[misc]
    run.flowName  # type: ignore[attr-defined]  # noqa: B018


def check_made_in_python() -> None:
    """Models can be made in Python: the ids of a run are required, and nothing else is."""
    assert_type(FlowRun(id="r-1", flow_id="f-1"), FlowRun)
    assert_type(Delivery(event_id="e-1", wrappers=("event",)), Delivery)
    FlowRun(id="r-1")  # type: ignore[call-arg]
    Delivery()
    assert_type((Metrics(), Activity(), Connection(), Reference()), tuple[Metrics, Activity, Connection, Reference])
    summaries = (DurationSummary(), LatencySummary(), SizeSummary(), RecordSummary(), RecordBreakdown(), FileSummary())
    others = (StatusSummary(), StatusError(), FlowSpec(), Predecessor())
    messages = (OtherMessage(), Alert(), AuditEvent(), DataIngestionEvent(), ValidationRequest())
    del summaries, others, messages


class Mine(FlowRun, frozen=True):
    """A subclass with a field and an answer of its own."""

    team: str = "nobody"

    @property
    def is_ours(self) -> bool:
        """Tell whether it is ours."""
        return self.team == "ours"


def check_subclass() -> None:
    """A subclass is one."""
    mine = Mine.model_validate({})
    assert_type(mine, Mine)
    assert_type(mine.is_ours, bool)
    assert_type(Mine(id="r-1", flow_id="f-1", team="ours"), Mine)


def check_run_error(error: RunError) -> None:
    """An error of a run is frozen, and can be a key."""
    assert_type(error.info, ErrorCode)
    assert_type(error.details, Any)
    assert_type(error.fingerprint, str)
    assert_type({error: 1}, dict[RunError, int])
    error.code = None  # type: ignore[misc]


def check_notifications(event: EventNotification, messages: MessagesNotification) -> None:
    """The documented forms hold runs."""
    assert_type(event.event, FlowRun)
    assert_type(messages.messages, tuple[Message, ...])
    assert_type(messages.messages[0].value, FlowRun)
    assert_type(messages.messages[0].timestamp, datetime | None)


def check_other_messages(alert: Alert, other: OtherMessage) -> None:
    """Other messages tell their kind."""
    assert_type(alert.is_firing, bool)
    assert_type(alert.created_at, datetime | None)
    assert_type(other.content, Any)
    assert_type(other.description, str)
    assert_type(other.kind, Literal["alert", "audit_event", "data_ingestion_event", "validation_request", "other"])
