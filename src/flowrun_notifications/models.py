"""What a flow run says: typed, immutable models of the record and its parts, named as Adobe names its keys.

Every attribute is Adobe's key in snake_case. A key that is absent or null reads as ``None``, a summary as an empty
summary, a list as ``()``, an open bag as ``{}``; none of them ever reads as zero. Facts about keys come from Adobe's
documentation of flow run notifications, alert subscriptions and the Flow Service API, and from its OpenAPI file.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AliasChoices, AliasGenerator, AliasPath, ConfigDict, Field
from typing_extensions import override

from flowrun_notifications import run_errors
from flowrun_notifications.timestamps import Instant, Stamp, to_epoch
from flowrun_notifications.values import EMPTY_BAG, Bag, Count, Measure, Open, OrDefault, OrEmpty, WireModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

    from flowrun_notifications.run_errors import RunError

__all__ = [
    "NO_HEADER",
    "Activity",
    "ActivityKind",
    "Connection",
    "Delivery",
    "DurationSummary",
    "EventNotification",
    "FileSummary",
    "FlowRun",
    "FlowSpec",
    "LatencySummary",
    "Message",
    "MessagesNotification",
    "Metrics",
    "Predecessor",
    "RecordBreakdown",
    "RecordSummary",
    "Reference",
    "RunStatus",
    "SizeSummary",
    "StatusError",
    "StatusSummary",
]

_T = TypeVar("_T")
_Part = Annotated[_T, OrEmpty()]
"""An object or list that reads as an empty one where it is absent or null."""


def _key(key: str, *other_spellings: str, default: Any = None) -> Any:
    """A field by the key that Flow Service writes; the other spellings are read too."""
    spellings = AliasChoices(key, *other_spellings) if other_spellings else key
    return Field(default=default, validation_alias=spellings, serialization_alias=key)


def _in_header(key: str) -> Any:
    """A detail of the delivery that the record's own ``header._adobeio`` may give."""
    return Field(default=None, validation_alias=AliasPath("_adobeio", key))


class RunStatus(str, Enum):
    """How a flow run stands, as ``metrics.statusSummary.status`` says it.

    The Flow Service writes the first five, the Destinations API the last three with a capital letter. A status that
    is not listed here is kept as its text.
    """

    SUCCESS = "success"
    FAILED = "failed"
    PARTIAL_SUCCESS = "partialSuccess"
    IN_PROGRESS = "inProgress"
    SCHEDULED = "scheduled"
    PROCESSING = "processing"
    WAITING = "waiting"


_STATUSES = {status.value.lower(): status for status in RunStatus}
_FINISHED = frozenset({RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.PARTIAL_SUCCESS})

ActivityKind = Literal["copy", "promotion", "profile", "identity", "segmentation", "activation", "query"]
"""What a step of a flow run does."""

_ACTIVITY_KINDS: dict[str, ActivityKind] = {
    "copyActivity": "copy",
    "promotionActivity": "promotion",
    # Since 2023 an activity's id is the same for every run of that step, and its name tells the source.
    "4f008a00-3a04-11eb-adc1-0242ac120002": "copy",
    "37b34f84-1ada-11eb-adc1-0242ac120002": "promotion",
    "08e3217c-2f46-11eb-adc1-0242ac120002": "profile",
    "46382888-2f46-11eb-adc1-0242ac120002": "identity",
    "3c8e49bc-27a6-11ec-9621-0242ac130002": "segmentation",
    "c4f238e3-7334-4933-8b56-64d7ea43ea54": "activation",
    "51d82b36-6b8f-11eb-9439-0242ac130002": "activation",
    "076085f8-255a-11ee-be56-0242ac120002": "activation",
    "8816f6a2-2533-4dff-9026-c23a27b38691": "query",
}
_WORDS_IN_NAMES: tuple[tuple[str, ActivityKind], ...] = (
    ("copy", "copy"),
    ("promotion", "promotion"),
    ("activation", "activation"),
    ("segment", "segmentation"),
    ("identity", "identity"),
    ("uis", "identity"),
    ("profile", "profile"),
    ("query", "query"),
)


class DurationSummary(WireModel, frozen=True):
    """When a run or an activity ran."""

    started_at_utc: Instant = _key("startedAtUTC")
    """When it started, UTC. Published payloads give it in milliseconds or in seconds; ``None`` before it starts."""

    completed_at_utc: Instant = _key("completedAtUTC", "stoppedAtUTC")
    """When it ended, UTC; ``None`` while it runs, and on a run that failed before its end was known."""

    extensions: Bag = EMPTY_BAG
    """Further keys, such as ``windowStart`` and ``windowEnd`` of an incremental copy (epoch ms), as they came."""


class LatencySummary(WireModel, frozen=True):
    """How long records took on their way; streaming runs only."""

    min_ms: Measure = _key("minMs")
    """The shortest latency, in milliseconds."""

    max_ms: Measure = _key("maxMs")
    """The longest latency, in milliseconds."""

    avg_ms: Measure = _key("avgMs")
    """The mean latency, in milliseconds."""

    extensions: Bag = EMPTY_BAG
    """Further keys, as they came."""


class SizeSummary(WireModel, frozen=True):
    """How much data went in and out. ``None`` where it is unknown, which Adobe also writes as -1."""

    input_bytes: Count = _key("inputBytes")
    """Bytes read."""

    output_bytes: Count = _key("outputBytes")
    """Bytes written."""

    failed_bytes: Count = _key("failedBytes")
    """Bytes that could not be processed."""

    skipped_bytes: Count = _key("skippedBytes")
    """Bytes passed over."""

    extensions: Bag = EMPTY_BAG
    """Further keys, as they came."""


class StatusError(WireModel, frozen=True):
    """One reason, as it stands in a list of errors, failures, skips or warnings."""

    code: str | None = None
    """The code, always text (``CONNECTOR-2001-500``, ``133``). :func:`lookup_error` explains it."""

    message: str | None = _key("message", "description")
    """What happened, for people. Adobe writes it as ``message`` or as ``description``."""

    record_count: Count = _key("recordCount")
    """How many records it concerns."""

    count: Count = None
    """How often it occurred."""

    type: str | None = None
    """``Error`` or ``Warning``, where given."""

    format: str | None = None
    """The format of the data concerned, where given."""

    details: Open = None
    """Further details, any JSON, as they came."""


class _MessageOrDescription:
    """Reads ``message``; where that is null and ``description`` stands beside it, the description."""

    def __get__(self, error: StatusError | None, owner: type[StatusError]) -> str | None:
        if error is None:  # as pydantic expects of a field: the class does not have it
            raise AttributeError("message")
        message: str | None = error.__dict__["message"]
        if message is None:
            description = (error.__pydantic_extra__ or {}).get("description")
            return description if isinstance(description, str) else None
        return message

    def __set__(self, error: StatusError, value: object) -> None:
        """Never reached, as the models are frozen; it makes the class ask here before the instance."""


setattr(StatusError, "message", _MessageOrDescription())  # noqa: B010 - the annotation says what it reads as


class _RecordCounts(WireModel, frozen=True):
    """Counts of records. ``None`` where unknown; an absent count is never zero."""

    input_record_count: Count = _key("inputRecordCount")
    """Records read."""

    output_record_count: Count = _key("outputRecordCount")
    """Records written."""

    created_record_count: Count = _key("createdRecordCount")
    """Records created in the target."""

    updated_record_count: Count = _key("updatedRecordCount")
    """Records updated in the target."""

    deleted_record_count: Count = _key("deletedRecordCount")
    """Records deleted from the target."""

    skipped_record_count: Count = _key("skippedRecordCount")
    """Records passed over, by rule rather than by failure."""

    failed_record_count: Count = _key("failedRecordCount")
    """Records that could not be processed."""

    warning_record_count: Count = _key("warningRecordCount")
    """Records processed with a warning."""

    ingested_record_percentage: Measure = _key("ingestedRecordPercentage")
    """The share of records ingested, 0 to 100; streaming runs only."""


class RecordBreakdown(_RecordCounts, frozen=True):
    """The records of one connection, or of one entity (a segment, a dataset) within it.

    Entries of one list may have different keys.
    """

    id: str | None = None
    """A connection's id; for an entity ``segment:<uuid>`` or ``dataset:<hex>``."""

    entity_summaries: _Part[tuple[RecordBreakdown, ...]] = _key("entitySummaries", default=())
    """The same counts for each entity of the connection."""


class RecordSummary(_RecordCounts, frozen=True):
    """How many records went in and out, and why some did not."""

    failed_info: _Part[tuple[StatusError, ...]] = _key("failedInfo", default=())
    """Why records failed. A failed run may give its reason here only."""

    skipped_info: _Part[tuple[StatusError, ...]] = _key("skippedInfo", default=())
    """Why records were skipped."""

    warning_info: _Part[tuple[StatusError, ...]] = _key("warningInfo", default=())
    """What was worth a warning."""

    source_summaries: _Part[tuple[RecordBreakdown, ...]] = _key("sourceSummaries", default=())
    """Records by source connection."""

    target_summaries: _Part[tuple[RecordBreakdown, ...]] = _key("targetSummaries", default=())
    """Records by target connection."""

    extensions: Bag = EMPTY_BAG
    """Further keys, as they came."""


class FileSummary(WireModel, frozen=True):
    """How many files went in and out. ``None`` where it is unknown, which Adobe also writes as -1."""

    input_file_count: Count = _key("inputFileCount")
    """Files read."""

    output_file_count: Count = _key("outputFileCount")
    """Files written."""

    skipped_file_count: Count = _key("skippedFileCount")
    """Files passed over."""

    failed_file_count: Count = _key("failedFileCount")
    """Files that could not be processed."""

    manifest: Bag = EMPTY_BAG
    """Where the files are listed, as it came.

    In a run's metrics ``fileInfo`` is a list of ``{"path", "pathPrefix"}``. An activity has its manifest in
    ``extensions["manifest"]`` instead, and there ``fileInfo`` is one text, a URL.
    """

    activity_refs: _Part[tuple[str, ...]] = _key("activityRefs", default=())
    """Ids of the activities that the numbers come from."""

    extensions: Bag = EMPTY_BAG
    """Further keys, as they came; ``manifest`` among them in an activity."""


class StatusSummary(WireModel, frozen=True):
    """How a run or an activity ended."""

    status: str | None = None
    """The status as it came. :attr:`FlowRun.status` reads it whatever its case."""

    errors: _Part[tuple[StatusError, ...]] = ()
    """The errors by step, outermost. The cause is often nested in ``extensions``; see :attr:`FlowRun.causes`."""

    activity_refs: _Part[tuple[str, ...]] = _key("activityRefs", default=())
    """Ids of the activities that the status comes from."""

    extensions: Bag = EMPTY_BAG
    """Further keys, as they came: ``errors``, ``errorDetail``, ``batchId``, ``type``, ``manifest``, ``queryId``, …"""


class Reference(WireModel, frozen=True):
    """What a connection was used for in a run."""

    type: str | None = None
    """What the ids are: ``AdfRunId``, ``Batch`` or ``batch``."""

    ids: _Part[tuple[str, ...]] = ()
    """The ids; empty in some documented payloads."""


class Connection(WireModel, frozen=True):
    """A source or target connection that an activity used."""

    id: str | None = None
    """The connection's id."""

    type: str | None = None
    """``SourceConnection`` or ``TargetConnection``."""

    reference: Reference | None = None
    """What was read or written through it, such as the batch; ``None`` where not given."""


class FlowSpec(WireModel, frozen=True):
    """Which kind of dataflow it is."""

    id: str | None = None
    """The specification's id."""

    version: str | None = None
    """The specification's version, text."""


class Predecessor(WireModel, frozen=True):
    """A run that this one consumed; identity and profile runs name them."""

    flow_id: str | None = _key("flowId")
    """The predecessor's dataflow."""

    flow_run_id: str | None = _key("flowRunId")
    """The predecessor's run."""

    flow_spec: FlowSpec | None = _key("flowSpec")
    """The kind of its dataflow."""


class _Summaries(WireModel, frozen=True):
    """The summaries that a run as a whole and each of its activities hold. An absent one is an empty one."""

    duration_summary: _Part[DurationSummary] = _key("durationSummary", default=DurationSummary())
    """When it ran."""

    latency_summary: _Part[LatencySummary] = _key("latencySummary", default=LatencySummary())
    """How long records took; streaming only."""

    size_summary: _Part[SizeSummary] = _key("sizeSummary", default=SizeSummary())
    """Bytes in and out."""

    record_summary: _Part[RecordSummary] = _key("recordSummary", default=RecordSummary())
    """Records in and out."""

    file_summary: _Part[FileSummary] = _key("fileSummary", default=FileSummary())
    """Files in and out."""

    status_summary: _Part[StatusSummary] = _key("statusSummary", default=StatusSummary())
    """How it ended, and its errors."""


class Metrics(_Summaries, frozen=True):
    """The run as a whole. A notification that a run started holds a ``status_summary`` only."""

    custom_summary: Bag = _key("customSummary", default=EMPTY_BAG)
    """An open object, in Adobe's OpenAPI file only."""


class Activity(_Summaries, frozen=True):
    """One step of a run, with an outcome of its own."""

    id: str | None = None
    """The step's id: ``copyActivity`` and the like in 2020, later a UUID that is the same in every run."""

    name: str | None = None
    """The step's name, such as "SFTP Copy Activity"; newer notifications only."""

    updated_at_utc: Stamp = _key("updatedAtUTC")
    """When its record last changed, UTC; ``None`` also where Adobe writes 0."""

    context_id: str | None = _key("contextId")
    """The context it ran in, where given."""

    source_info: _Part[tuple[Connection, ...]] = _key("sourceInfo", default=())
    """The connections it read from."""

    target_info: _Part[tuple[Connection, ...]] = _key("targetInfo", default=())
    """The connections it wrote to."""

    @property
    def kind(self) -> ActivityKind | None:
        """What the step does: by its id where that is known, else by a word in its name, else ``None``."""
        if self.id in _ACTIVITY_KINDS:
            return _ACTIVITY_KINDS[self.id]
        name = (self.name or "").lower()
        return next((kind for word, kind in _WORDS_IN_NAMES if word in name), None)


class Delivery(WireModel, frozen=True):
    """How a run came: what the wrappers around it say, and what stands in its own ``header``.

    Where two wrappers say the same thing the inner one wins. A detail that is unusable reads as ``None``: how a run
    came never decides whether it is read.
    """

    # The header of a record is read as a delivery, in which two keys count; no header has keys of the other spellings.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="ignore", alias_generator=AliasGenerator(validation_alias=lambda name: f"flowrun_notifications:{name}")
    )

    event_id: str | None = None
    """The notification's id; the same notification may be delivered more than once, then with the same id."""

    event_code: Annotated[str | None, OrDefault(None)] = _in_header("eventCode")
    """Such as ``sources_flow_run_success``: from the record's ``header._adobeio``, else the message's meta, else the
    CloudEvent's ``type``, else ``x-adobe-event-code``, else the part of ``detail-type`` after the colon."""

    category: str | None = None
    """The message's ``_eventNotificationMeta.category``."""

    provider: Annotated[str | None, OrDefault(None)] = _in_header("providerMetadata")
    """Who sent it: the message's ``provider``, else ``x-adobe-provider``, else ``header._adobeio.providerMetadata``."""

    recipient_client_id: str | None = None
    """The client id of the registration that it was sent to. A receiver should compare it with its own."""

    position: str | None = None
    """Its position in the journal, to go on reading from."""

    sent_at: Instant = None
    """When the message or event was sent, UTC: a message's ``timestamp``, an event's ``time``."""

    path: str = ""
    """Where the run stands in the payload, such as ``[0].messages[0].value``; empty for a bare run."""

    wrappers: tuple[str, ...] = ()
    """The names of the wrappers around it, outermost first; empty for a bare run."""

    @classmethod
    @override
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, Any]:
        """In a schema of what is read it is the ``header`` of a record."""
        if handler.mode == "serialization":
            return handler(core_schema)
        text = {"type": "string"}
        codes = {"type": "object", "properties": {"eventCode": text, "providerMetadata": text}}
        return {"title": "Header", "type": "object", "properties": {"_adobeio": codes}}


NO_HEADER = Delivery()
"""What records without a header share, until it is known how they came."""


class FlowRun(WireModel, frozen=True):
    """One execution of a dataflow, whatever wrapper it came in.

    Made by :func:`parse`, :func:`parse_all` and :func:`parse_lines`. Two runs are equal when all they say is, their
    ``delivery`` included.
    """

    id: str = Field(validation_alias=AliasChoices("id", "xdm:flowRunId"), serialization_alias="id")
    """The run's id. Usually a UUID, not always: compare it as text."""

    flow_id: str = Field(validation_alias=AliasChoices("flowId", "xdm:flowId"), serialization_alias="flowId")
    """The dataflow's id."""

    flow_name: str | None = _key("flowName")
    """The dataflow's name, which may hold line breaks; newer notifications only."""

    flow_type: str | None = _key("flowType")
    """Such as ``streaming``; newer notifications only."""

    flow_spec: FlowSpec | None = _key("flowSpec")
    """Which kind of dataflow it is; ``None`` where not given."""

    provider_ref_id: str | None = _key("providerRefId")
    """The run's id at the engine that did the work; free form."""

    etag: str | None = _key("etag", "eTag")
    """The record's version; holds its own double quotes."""

    ims_org_id: str | None = _key("imsOrgId", "xdm:imsOrg")
    """The organisation; absent in some API lists."""

    sandbox_id: str | None = _key("sandboxId")
    """The sandbox's id."""

    sandbox_name: str | None = _key("sandboxName", "xdm:sandboxName")
    """The sandbox's name, such as ``prod``."""

    created_at: Instant = _key("createdAt")
    """When the record was created, UTC. When the run itself started is :attr:`started_at`."""

    updated_at: Instant = _key("updatedAt")
    """When the record last changed, UTC. Of two notifications of one run, the later says more."""

    created_by: str | None = _key("createdBy")
    """Who created the record."""

    updated_by: str | None = _key("updatedBy")
    """Who changed it last."""

    created_client: str | None = _key("createdClient")
    """The client that created the record."""

    updated_client: str | None = _key("updatedClient")
    """The client that changed it last."""

    parent_flow_run_id: str | None = _key("parentFlowRunId")
    """The run that this one is part of; in Adobe's OpenAPI file only."""

    child_flow_run_ids: _Part[tuple[str, ...]] = _key("childFlowRunIds", default=())
    """The runs that are part of this one; in Adobe's OpenAPI file only."""

    record_types: _Part[tuple[str, ...]] = _key("recordTypes", default=())
    """The types of its records; in Adobe's OpenAPI file only."""

    predecessors: _Part[tuple[Predecessor, ...]] = ()
    """The runs that this one consumed (identity and profile runs)."""

    params: Bag = EMPTY_BAG
    """How it was started, as it came: ``windowStartTime`` and ``windowEndTime`` are text, epochs in SECONDS."""

    alert_name: str | None = _key("alertName")
    """The alert rule that the notification was sent for."""

    message: str | None = None
    """A sentence for people; newer notifications only."""

    url: str | None = None
    """The run's page in the monitoring user interface. May hold an unescaped space."""

    sla_created_at: Instant = _key("slaCreatedAt")
    """Stamped by the notification pipeline, UTC."""

    process_start_time: Instant = _key("processStartTime")
    """Stamped by the notification pipeline, UTC."""

    transformed_time: Instant = _key("transformedTime")
    """Stamped by the notification pipeline, UTC."""

    metrics: _Part[Metrics] = _key("metrics", "xdm:metrics", default=Metrics())
    """The run as a whole: durations, sizes, records, files, status."""

    activities: _Part[tuple[Activity, ...]] = _key("activities", "activites", default=())
    """The steps of the run, in the order given; streaming runs have none."""

    delivery: Annotated[Delivery, OrDefault(NO_HEADER)] = Field(
        default=NO_HEADER, validation_alias="header", serialization_alias="header"
    )
    """How the run came. It is no part of the record: :meth:`to_payload` leaves it out."""

    @property
    def status(self) -> RunStatus | str | None:
        """How the run stands.

        A :class:`RunStatus` where the text is known, whatever its case; else the text as it came. Where the record
        has no status, an event code that ends in ``_success``, ``_failed`` or ``_failure`` decides. Codes that end in
        ``_info`` or ``_error`` decide nothing: a failed streaming run arrives under the former.
        """
        text = self.metrics.status_summary.status
        if text:
            return _STATUSES.get(text.strip().lower(), text)
        code = (self.delivery.event_code or "").lower()
        if code.endswith("_success"):
            return RunStatus.SUCCESS
        if code.endswith(("_failed", "_failure")):
            return RunStatus.FAILED
        return None

    @property
    def succeeded(self) -> bool:
        """Whether the status is ``success``. A run may have succeeded and be partial; see :attr:`is_partial`."""
        return self.status is RunStatus.SUCCESS

    @property
    def failed(self) -> bool:
        """Whether the status is ``failed``."""
        return self.status is RunStatus.FAILED

    @property
    def is_partial(self) -> bool:
        """Whether something went missing though the run did not fail.

        True for status ``partialSuccess``, and for ``success`` with errors or failed records (partial ingestion
        below its threshold).
        """
        status = self.status
        if status is not RunStatus.SUCCESS:
            return status is RunStatus.PARTIAL_SUCCESS
        return bool(self.errors) or any(part.record_summary.failed_record_count for part in self._parts())

    @property
    def is_finished(self) -> bool:
        """Whether the run is over: by its status, or without one by having a completion time."""
        status = self.status
        return self.completed_at is not None if status is None else status in _FINISHED

    @property
    def started_at(self) -> datetime | None:
        """When the run started, UTC: ``metrics.durationSummary.startedAtUTC``."""
        return self.metrics.duration_summary.started_at_utc

    @property
    def completed_at(self) -> datetime | None:
        """When the run ended, UTC: ``metrics.durationSummary.completedAtUTC``; its activities may know more."""
        return self.metrics.duration_summary.completed_at_utc

    @property
    def duration(self) -> timedelta | None:
        """From start to end; ``None`` where either is unknown."""
        started, completed = self.started_at, self.completed_at
        return None if started is None or completed is None else completed - started

    @property
    def errors(self) -> tuple[RunError, ...]:
        """Every distinct error of the run and of its activities, once each, the run's first.

        A run that succeeded may have some. Two errors are the same when their code and text are, a final full stop
        apart; Adobe repeats an activity's errors on the run, not always to the letter.
        """
        return run_errors.gather(self)

    @property
    def causes(self) -> tuple[RunError, ...]:
        """The most specific errors: what to show a person who asks why. The nested ones, or all if none is nested."""
        errors = self.errors
        return tuple(error for error in errors if error.is_nested) or errors

    @property
    def skips(self) -> tuple[RunError, ...]:
        """Why records were skipped: the ``skippedInfo`` of the run, then of its activities, each reason once."""
        return run_errors.gather_reasons(self, "skipped_info")

    @property
    def warnings(self) -> tuple[RunError, ...]:
        """What was worth a warning: the ``warningInfo`` of the run, then of its activities, each once."""
        return run_errors.gather_reasons(self, "warning_info")

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The batches read or written, each once.

        The references of type batch in the activities' ``targetInfo`` and ``sourceInfo``, then
        ``statusSummary.extensions.batchId`` of the run and of its activities.
        """
        return _distinct(self._batch_ids())

    def _batch_ids(self) -> Iterator[object]:
        for activity in self.activities:
            for connection in (*activity.target_info, *activity.source_info):
                reference = connection.reference
                if reference is not None and (reference.type or "").lower() == "batch":
                    yield from reference.ids
        for part in self._parts():
            yield part.status_summary.extensions.get("batchId")

    @property
    def source_connection_ids(self) -> tuple[str, ...]:
        """The connections read from: the activities' ``sourceInfo``, then ``sourceSummaries``; each once."""
        activities = (connection.id for activity in self.activities for connection in activity.source_info)
        summaries = (entry.id for part in self._parts() for entry in part.record_summary.source_summaries)
        return _distinct((*activities, *summaries))

    @property
    def target_connection_ids(self) -> tuple[str, ...]:
        """The connections written to: the activities' ``targetInfo``, then ``targetSummaries``; each once."""
        activities = (connection.id for activity in self.activities for connection in activity.target_info)
        summaries = (entry.id for part in self._parts() for entry in part.record_summary.target_summaries)
        return _distinct((*activities, *summaries))

    def _parts(self) -> tuple[Metrics | Activity, ...]:
        """What holds summaries: the run as a whole, then each activity."""
        return (self.metrics, *self.activities)

    def summary(self) -> str:
        """One line for a log or a chat message: how it ended, which run of which flow, how long, how much, why.

        It shows values of the payload, names and error texts among them.
        """
        status = self.status
        words = [
            f"{status.value if isinstance(status, RunStatus) else _one_line(status or 'status unknown')}:",
            f"flow run {_one_line(self.id)} of {_one_line(self.flow_name or self.flow_id)}",
        ]
        if self.sandbox_name:
            words.append(f"in {_one_line(self.sandbox_name)}")
        duration = self.duration
        if duration is not None:
            words.append(f"took {duration}")
        records = self.metrics.record_summary
        counts = [
            f"{count:,} {what}"
            for count, what in (
                (records.input_record_count, "records in"),
                (records.output_record_count, "out"),
                (records.failed_record_count, "failed"),
            )
            if count is not None
        ]
        line = " ".join(words) + (", " + ", ".join(counts) if counts else "")
        causes = self.causes
        if causes:
            first = _one_line(" ".join(filter(None, (causes[0].code, causes[0].message))))
            line += f"; {first}" + (f" (and {len(causes) - 1} more)" if len(causes) > 1 else "")
        return line

    @override
    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """What a person wants to see first; the rest has names of its own."""
        status, records = self.status, self.metrics.record_summary
        yield "id", self.id
        yield "flow_id", self.flow_id
        yield "status", status.value if isinstance(status, RunStatus) else status
        yield "started_at", None if self.started_at is None else str(self.started_at)
        yield "duration", None if self.duration is None else str(self.duration)
        yield "input_record_count", records.input_record_count
        yield "output_record_count", records.output_record_count
        yield "error_count", len(self.errors)

    def _repr_html_(self) -> str:
        """The run as a notebook shows it."""
        from flowrun_notifications._notebook import run_html  # noqa: PLC0415 - few are in a notebook

        return run_html(self)

    def to_payload(self) -> dict[str, Any]:
        """The run as Flow Service would write it: plain JSON values under Adobe's keys.

        Times are epoch milliseconds (seconds only where milliseconds would be misread), unknown keys are kept, and
        what the payload did not say is left out. :func:`parse` of it gives an equal run, its ``delivery`` apart.
        """
        return _as_record(self, leave_out="delivery")


def _as_record(model: WireModel, leave_out: str = "") -> dict[str, Any]:
    """A model as the object it was read from: the keys that were given, each under its usual spelling."""
    extra = model.model_extra
    record: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        # An unknown key that is spelt like an attribute counts as set, though the attribute's own key was not given.
        if name in model.model_fields_set and name != leave_out and not (name in extra and value == field.default):
            record[field.serialization_alias or name] = _as_json(value)
    return {**record, **extra}


def _as_json(value: object) -> Any:
    if isinstance(value, WireModel):
        return _as_record(value)
    if isinstance(value, datetime):
        return to_epoch(value)
    items: Any = value
    return [_as_json(item) for item in items] if isinstance(value, tuple) else value


def _distinct(ids: Iterable[object]) -> tuple[str, ...]:
    """The texts among the ids, each once, in order."""
    return tuple(dict.fromkeys(id_ for id_ in ids if isinstance(id_, str) and id_))


def _one_line(text: str, *, most: int = 200) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


class EventNotification(WireModel, frozen=True):
    """The documented success form, ``{"event_id": …, "event": …}``: one run in a webhook event."""

    event: FlowRun
    """The run."""

    event_id: str | None = _key("event_id", "eventid")
    """The notification's id. Adobe is replacing ``event_id`` by ``eventid``; both are read."""

    recipient_client_id: str | None = _key("recipient_client_id", "recipientclientid")
    """The client id that it was sent to. Adobe is replacing it by ``recipientclientid``; both are read."""


class Message(WireModel, frozen=True):
    """One message of the documented failure form, around one run."""

    value: FlowRun
    """The run."""

    msg_type: str | None = _key("msgType")
    """``eventNotification`` in every published sample."""

    version: str | None = None
    """The version of the message's form, text."""

    timestamp: Instant = None
    """When the message was sent, UTC."""

    ims_org_id: str | None = _key("imsOrgId")
    """The organisation."""

    schema_: Bag = _key("schema", default=EMPTY_BAG)
    """The name and version of the message's schema, as they came."""

    provider: str | None = None
    """Who sent it: ``FlowService``."""

    event_notification_meta: Bag = _key("_eventNotificationMeta", default=EMPTY_BAG)
    """``category`` and ``type``, the latter being the event code, as they came."""


class MessagesNotification(WireModel, frozen=True):
    """The documented failure form, ``{"messages": [{…, "value": …}]}``; Adobe sends a list of them."""

    messages: tuple[Message, ...]
    """The messages."""
