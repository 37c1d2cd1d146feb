"""The parts of a run: its steps, and the summaries that the run and each step have, named as Adobe names its keys.

Every attribute is Adobe's key in snake_case. A key that is absent or null reads as ``None``, a summary as an empty
summary, a list as ``()``, open JSON as ``{}``; none of them ever reads as zero. Facts about keys come from Adobe's
documentation of flow run notifications, alert subscriptions and the Flow Service API, and from its OpenAPI file.
"""

# No `from __future__ import annotations`: to evaluate them takes pydantic a tenth of the import of these models.

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, Field

from flowrun_notifications._models.timestamps import Instant
from flowrun_notifications._models.values import AnyJSON, Code, Count, JSONObject, Measure, NullAsEmpty, new_object
from flowrun_notifications._models.wire_model import WireModel

__all__ = [
    "Activity",
    "ActivityKind",
    "Connection",
    "DurationSummary",
    "FileSummary",
    "FlowSpec",
    "LatencySummary",
    "Metrics",
    "Part",
    "Predecessor",
    "RecordBreakdown",
    "RecordSummary",
    "Reference",
    "SizeSummary",
    "StatusError",
    "StatusSummary",
    "open_key",
    "wire_key",
]

_T = TypeVar("_T")
Part = Annotated[_T, NullAsEmpty()]
"""An object or list that reads as an empty one where it is absent or null."""


def wire_key(key: str, *other_spellings: str, default: Any = None) -> Any:
    """Return a field with the key that Flow Service writes; the other spellings are read too."""
    spellings = AliasChoices(key, *other_spellings) if other_spellings else key
    return Field(default=default, validation_alias=spellings, serialization_alias=key)


def open_key(key: str) -> Any:
    """Return a field of open JSON with the key that Flow Service writes."""
    return Field(default_factory=new_object, validation_alias=key, serialization_alias=key)


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

    started_at_utc: Instant = wire_key("startedAtUTC")
    """When it started, UTC. Published payloads give it in milliseconds or in seconds; ``None`` before it starts."""

    completed_at_utc: Instant = wire_key("completedAtUTC", "stoppedAtUTC")
    """When it ended, UTC; ``None`` while it runs, and on a run that failed before its end was known."""

    extensions: JSONObject = Field(default_factory=new_object)
    """Further keys, such as ``windowStart`` and ``windowEnd`` of an incremental copy (epoch ms), as they came."""


class LatencySummary(WireModel, frozen=True):
    """The latency of records; streaming runs only."""

    min_ms: Measure = wire_key("minMs")
    """The shortest latency, in milliseconds."""

    max_ms: Measure = wire_key("maxMs")
    """The longest latency, in milliseconds."""

    avg_ms: Measure = wire_key("avgMs")
    """The mean latency, in milliseconds."""

    extensions: JSONObject = Field(default_factory=new_object)
    """Further keys, as they came."""


class SizeSummary(WireModel, frozen=True):
    """The bytes that went in and out. ``None`` where it is unknown, which Adobe also writes as -1."""

    input_bytes: Count = wire_key("inputBytes")
    """Bytes read."""

    output_bytes: Count = wire_key("outputBytes")
    """Bytes written."""

    failed_bytes: Count = wire_key("failedBytes")
    """Bytes that could not be processed."""

    skipped_bytes: Count = wire_key("skippedBytes")
    """Bytes passed over."""

    extensions: JSONObject = Field(default_factory=new_object)
    """Further keys, as they came."""


class StatusError(WireModel, frozen=True):
    """One reason, as it stands in a list of errors, failures, skips or warnings."""

    code: Code = None
    """The code, always text (``CONNECTOR-2001-500``, ``133``). :func:`lookup_error` explains it."""

    message: str | None = wire_key("message", "description", "msg")
    """What happened, for people. Adobe writes it as ``message``, ``description`` or ``msg``."""

    record_count: Count = wire_key("recordCount")
    """How many records it concerns."""

    count: Count = None
    """How often it occurred."""

    type: str | None = None
    """``Error`` or ``Warning``, where given."""

    format: str | None = None
    """The format of the data concerned, where given."""

    details: AnyJSON = None
    """Further details, any JSON, as they came."""


class _RecordCounts(WireModel, frozen=True):
    """Counts of records. ``None`` where unknown; an absent count is never zero."""

    input_record_count: Count = wire_key("inputRecordCount")
    """Records read."""

    output_record_count: Count = wire_key("outputRecordCount")
    """Records written."""

    created_record_count: Count = wire_key("createdRecordCount")
    """Records created in the target."""

    updated_record_count: Count = wire_key("updatedRecordCount")
    """Records updated in the target."""

    deleted_record_count: Count = wire_key("deletedRecordCount")
    """Records deleted from the target."""

    skipped_record_count: Count = wire_key("skippedRecordCount")
    """Records passed over, by rule rather than by failure."""

    failed_record_count: Count = wire_key("failedRecordCount")
    """Records that could not be processed."""

    warning_record_count: Count = wire_key("warningRecordCount")
    """Records processed with a warning."""

    ingested_record_percentage: Measure = wire_key("ingestedRecordPercentage")
    """The share of records ingested, 0 to 100; streaming runs only."""


class RecordBreakdown(_RecordCounts, frozen=True):
    """The records of one connection, or of one entity (a segment, a dataset) within it.

    Entries of one list may have different keys.
    """

    id: str | None = None
    """A connection's id; for an entity ``segment:<uuid>`` or ``dataset:<hex>``."""

    entity_summaries: "Part[tuple[RecordBreakdown, ...]]" = wire_key("entitySummaries", default=())
    """The same counts for each entity of the connection."""


class RecordSummary(_RecordCounts, frozen=True):
    """The records that went in and out, and the reasons why some did not."""

    failed_info: Part[tuple[StatusError, ...]] = wire_key("failedInfo", default=())
    """Why records failed. A failed run may give its reason here only."""

    skipped_info: Part[tuple[StatusError, ...]] = wire_key("skippedInfo", default=())
    """Why records were skipped."""

    warning_info: Part[tuple[StatusError, ...]] = wire_key("warningInfo", default=())
    """What was worth a warning."""

    source_summaries: Part[tuple[RecordBreakdown, ...]] = wire_key("sourceSummaries", default=())
    """Records by source connection."""

    target_summaries: Part[tuple[RecordBreakdown, ...]] = wire_key("targetSummaries", default=())
    """Records by target connection."""

    extensions: JSONObject = Field(default_factory=new_object)
    """Further keys, as they came."""


class FileSummary(WireModel, frozen=True):
    """The files that went in and out. ``None`` where it is unknown, which Adobe also writes as -1."""

    input_file_count: Count = wire_key("inputFileCount")
    """Files read."""

    output_file_count: Count = wire_key("outputFileCount")
    """Files written."""

    skipped_file_count: Count = wire_key("skippedFileCount")
    """Files passed over."""

    failed_file_count: Count = wire_key("failedFileCount")
    """Files that could not be processed."""

    manifest: JSONObject = Field(default_factory=new_object)
    """Where the files are listed, as it came.

    In a run's metrics ``fileInfo`` is a list of ``{"path", "pathPrefix"}``. An activity has its manifest in
    ``extensions["manifest"]`` instead, and there ``fileInfo`` is one text, a URL.
    """

    activity_refs: Part[tuple[str, ...]] = wire_key("activityRefs", default=())
    """Ids of the activities that the numbers come from."""

    extensions: JSONObject = Field(default_factory=new_object)
    """Further keys, as they came; ``manifest`` among them in an activity."""


class StatusSummary(WireModel, frozen=True):
    """The outcome of a run or an activity."""

    status: str | None = None
    """The status as it came. :attr:`FlowRun.status` reads it whatever its case."""

    errors: Part[tuple[StatusError, ...]] = ()
    """The errors by step, outermost. The cause is often nested in ``extensions``; see :attr:`FlowRun.causes`."""

    activity_refs: Part[tuple[str, ...]] = wire_key("activityRefs", default=())
    """Ids of the activities that the status comes from."""

    extensions: JSONObject = Field(default_factory=new_object)
    """Further keys, as they came: ``errors``, ``errorDetail``, ``batchId``, ``type``, ``manifest``, ``queryId``, …"""


class Reference(WireModel, frozen=True):
    """The use of a connection in a run."""

    type: str | None = None
    """What the ids are: ``AdfRunId``, ``Batch`` or ``batch``."""

    ids: Part[tuple[str, ...]] = ()
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

    flow_id: str | None = wire_key("flowId")
    """The predecessor's dataflow."""

    flow_run_id: str | None = wire_key("flowRunId")
    """The predecessor's run."""

    flow_spec: FlowSpec | None = wire_key("flowSpec")
    """The kind of its dataflow."""


class _Summaries(WireModel, frozen=True):
    """The summaries that a run as a whole and each of its activities hold. An absent one is an empty one."""

    duration_summary: Part[DurationSummary] = wire_key("durationSummary", default=DurationSummary())
    """When it ran."""

    latency_summary: Part[LatencySummary] = wire_key("latencySummary", default=LatencySummary())
    """How long records took; streaming only."""

    size_summary: Part[SizeSummary] = wire_key("sizeSummary", default=SizeSummary())
    """Bytes in and out."""

    record_summary: Part[RecordSummary] = wire_key("recordSummary", default=RecordSummary())
    """Records in and out."""

    file_summary: Part[FileSummary] = wire_key("fileSummary", default=FileSummary())
    """Files in and out."""

    status_summary: Part[StatusSummary] = wire_key("statusSummary", default=StatusSummary())
    """How it ended, and its errors."""


class Metrics(_Summaries, frozen=True):
    """The run as a whole. A notification that a run started holds a ``status_summary`` only."""

    custom_summary: JSONObject = open_key("customSummary")
    """An open object, in Adobe's OpenAPI file only."""


class Activity(_Summaries, frozen=True):
    """One step of a run, with an outcome of its own."""

    id: str | None = None
    """The step's id: ``copyActivity`` and the like in 2020, later a UUID that is the same in every run."""

    name: str | None = None
    """The step's name, such as "SFTP Copy Activity"; newer notifications only."""

    updated_at_utc: Instant = wire_key("updatedAtUTC")
    """When its record last changed, UTC; ``None`` also where Adobe writes 0."""

    context_id: str | None = wire_key("contextId")
    """The context it ran in, where given."""

    source_info: Part[tuple[Connection, ...]] = wire_key("sourceInfo", default=())
    """The connections it read from."""

    target_info: Part[tuple[Connection, ...]] = wire_key("targetInfo", default=())
    """The connections it wrote to."""

    @property
    def kind(self) -> ActivityKind | None:
        """The kind of step: by its id where that is known, else by a word in its name, else ``None``."""
        known = _ACTIVITY_KINDS.get(self.id or "")
        if known is not None:
            return known
        name = (self.name or "").lower()
        return next((kind for word, kind in _WORDS_IN_NAMES if word in name), None)
