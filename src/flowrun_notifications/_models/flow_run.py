"""A flow run: the unified model of a record, and the questions it answers."""

# No `from __future__ import annotations`: to evaluate them takes pydantic a tenth of the import of these models.

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field, GetCoreSchemaHandler
from pydantic_core import core_schema
from typing_extensions import override

from flowrun_notifications._models.delivery import UNKNOWN_DELIVERY, Delivery
from flowrun_notifications._models.ids_and_urls import find, manifest_urls
from flowrun_notifications._models.outcome import is_finished, is_partial, needs_attention
from flowrun_notifications._models.parts import Activity, FlowSpec, Metrics, Part, Predecessor, wire_key
from flowrun_notifications._models.run_errors import RunError, finish, gather_reasons, select_causes
from flowrun_notifications._models.shown import show_in_notebook
from flowrun_notifications._models.spellings import settle_spellings
from flowrun_notifications._models.status import RunStatus, is_alert, read_status
from flowrun_notifications._models.timestamps import Instant
from flowrun_notifications._models.values import InvalidAsDefault, JSONObject, is_object, new_object, printable
from flowrun_notifications._models.wire_model import WireModel
from flowrun_notifications._models.writing import to_record

__all__ = ["FlowRun"]

_MAX_TEXT = 200


class FlowRun(WireModel, frozen=True):
    """One execution of a dataflow, whatever wrapper it came in.

    Made by :func:`parse`, :func:`parse_all` and :func:`parse_lines`. Two runs are equal when all they say is, their
    ``delivery`` included.
    """

    _repr_html_ = show_in_notebook

    id: str = Field(validation_alias=AliasChoices("id", "xdm:flowRunId"), serialization_alias="id")
    """The run's id. Usually a UUID, not always: compare it as text."""

    flow_id: str = Field(validation_alias=AliasChoices("flowId", "xdm:flowId"), serialization_alias="flowId")
    """The dataflow's id."""

    flow_name: str | None = wire_key("flowName")
    """The dataflow's name, which may hold line breaks; newer notifications only."""

    flow_type: str | None = wire_key("flowType")
    """Such as ``streaming``; newer notifications only."""

    flow_spec: FlowSpec | None = wire_key("flowSpec")
    """Which kind of dataflow it is; ``None`` where not given."""

    provider_ref_id: str | None = wire_key("providerRefId")
    """The run's id at the engine that did the work; free form."""

    etag: str | None = wire_key("etag", "eTag")
    """The record's version; holds its own double quotes."""

    ims_org_id: str | None = wire_key("imsOrgId", "xdm:imsOrg")
    """The organisation; absent in some API lists."""

    sandbox_id: str | None = wire_key("sandboxId")
    """The sandbox's id."""

    sandbox_name: str | None = wire_key("sandboxName", "xdm:sandboxName")
    """The sandbox's name, such as ``prod``."""

    created_at: Instant = wire_key("createdAt")
    """When the record was created, UTC. When the run itself started is :attr:`started_at`."""

    updated_at: Instant = wire_key("updatedAt")
    """When the record last changed, UTC. Of two notifications of one run, the later says more."""

    created_by: str | None = wire_key("createdBy")
    """Who created the record."""

    updated_by: str | None = wire_key("updatedBy")
    """Who changed it last."""

    created_client: str | None = wire_key("createdClient")
    """The client that created the record."""

    updated_client: str | None = wire_key("updatedClient")
    """The client that changed it last."""

    parent_flow_run_id: str | None = wire_key("parentFlowRunId")
    """The run that this one is part of; in Adobe's OpenAPI file only."""

    child_flow_run_ids: Part[tuple[str, ...]] = wire_key("childFlowRunIds", default=())
    """The runs that are part of this one; in Adobe's OpenAPI file only."""

    record_types: Part[tuple[str, ...]] = wire_key("recordTypes", default=())
    """The types of its records; in Adobe's OpenAPI file only."""

    predecessors: Part[tuple[Predecessor, ...]] = ()
    """The runs that this one consumed (identity and profile runs)."""

    params: JSONObject = Field(default_factory=new_object)
    """How it was started, as it came: ``windowStartTime`` and ``windowEndTime`` are text, epochs in SECONDS."""

    alert_name: str | None = wire_key("alertName")
    """The alert rule that the notification was sent for."""

    message: str | None = None
    """A sentence for people; newer notifications only."""

    url: str | None = None
    """The run's page in the monitoring user interface; may hold an unescaped space."""

    sla_created_at: Instant = wire_key("slaCreatedAt")
    """Stamped by the notification pipeline, UTC."""

    process_start_time: Instant = wire_key("processStartTime")
    """Stamped by the notification pipeline, UTC."""

    transformed_time: Instant = wire_key("transformedTime")
    """Stamped by the notification pipeline, UTC."""

    metrics: Part[Metrics] = wire_key("metrics", "xdm:metrics", default=Metrics())
    """The run as a whole: durations, sizes, records, files, status."""

    activities: Part[tuple[Activity, ...]] = wire_key("activities", "activites", default=())
    """The steps of the run, in the order given; streaming runs have none."""

    delivery: Annotated[Delivery, InvalidAsDefault(UNKNOWN_DELIVERY)] = Field(
        default=UNKNOWN_DELIVERY, validation_alias="header", serialization_alias="delivery"
    )
    """How the run came. It is no part of the record: :meth:`to_payload` leaves it out."""

    @classmethod
    @override
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /
    ) -> core_schema.CoreSchema:
        def settle(data: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
            return validate(settle_spellings(source, data, by_name=True) if is_object(data) else data)

        # Wrapping, because core reuses the validator of a class unless that wraps (pydantic-core, `prebuilt.rs`):
        # so `RECORD_SCHEMA` can go without this step.
        return core_schema.no_info_wrap_validator_function(
            settle, super().__get_pydantic_core_schema__(source, handler)
        )

    @property
    def status(self) -> RunStatus | str | None:
        """The outcome of the run, or its state while it is under way.

        A :class:`RunStatus` where the text is known, whatever its case, spaces, ``_`` and ``-``; else the text as it
        came. Where the record has no status, an event code that ends in ``_success``, ``_failed`` or ``_failure``
        decides. Codes that end in ``_info`` or ``_error`` decide nothing: a failed streaming run arrives under the
        former.
        """
        status = read_status(self.metrics.status_summary.status)
        if status is not None:
            return status
        code = (self.delivery.event_code or "").lower()
        if code.endswith("_success"):
            return RunStatus.SUCCESS
        return RunStatus.FAILED if code.endswith(("_failed", "_failure")) else None

    @property
    def succeeded(self) -> bool:
        """True if the status is ``success``. A run may have succeeded and be partial; see :attr:`is_partial`."""
        return self.status is RunStatus.SUCCESS

    @property
    def failed(self) -> bool:
        """True if the status is ``failed``."""
        return self.status is RunStatus.FAILED

    @property
    def is_partial(self) -> bool:
        """True if something went missing though the run did not fail.

        That is status ``partialSuccess``, or ``success`` with errors, with failed records or files anywhere
        (breakdowns included), or with a failed activity: partial ingestion below its threshold.
        """
        return is_partial(self.status, self.metrics, self.activities)

    @property
    def is_finished(self) -> bool:
        """True if the run is over: by its status; without one, or with an unknown one, by its completion time."""
        return is_finished(self.status, self.metrics)

    @property
    def needs_attention(self) -> bool:
        """True if a person should look at the run.

        False only for a run that succeeded and is not partial, and for one that is under way (``inProgress``,
        ``scheduled``, ``processing``, ``waiting``) without errors. A missing or unknown status needs a look.
        """
        return needs_attention(self.status, self.metrics, self.activities)

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

        A run that succeeded may have some. Adobe repeats an activity's errors on the run, not always to the letter: two
        errors are the same when their code and text are, a final full stop apart, and no count that both give differs.
        """
        return finish(gather_reasons(self.metrics, self.activities).errors)

    @property
    def causes(self) -> tuple[RunError, ...]:
        """The most specific errors, for a person who asks why: the nested ones, or all if none is nested."""
        return select_causes(self.errors)

    @property
    def skips(self) -> tuple[RunError, ...]:
        """The reasons for skipped records: the ``skippedInfo`` of the run, then of its activities, each reason once."""
        return finish(gather_reasons(self.metrics, self.activities).skips)

    @property
    def warnings(self) -> tuple[RunError, ...]:
        """The ``warningInfo`` of the run, then of its activities, each warning once."""
        return finish(gather_reasons(self.metrics, self.activities).warnings)

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The batches read or written, each once.

        The references of type batch in the activities' ``targetInfo`` and ``sourceInfo``, then
        ``statusSummary.extensions.batchId`` of the run and of its activities.
        """
        return tuple(find(self.metrics, self.activities).batch_ids)

    @property
    def source_connection_ids(self) -> tuple[str, ...]:
        """The connections read from: the activities' ``sourceInfo``, then ``sourceSummaries``; each once."""
        return tuple(find(self.metrics, self.activities).source_connection_ids)

    @property
    def target_connection_ids(self) -> tuple[str, ...]:
        """The connections written to: the activities' ``targetInfo``, then ``targetSummaries``; each once."""
        return tuple(find(self.metrics, self.activities).target_connection_ids)

    @property
    def file_info_urls(self) -> tuple[str, ...]:
        """The URLs of the lists of files: ``fileInfo`` of every manifest of the run and its activities, each once.

        A URL to fetch with the Flow Service's credentials, or the ``path`` of each entry where it is a list.
        """
        return tuple(manifest_urls(find(self.metrics, self.activities).manifests, "fileInfo"))

    @property
    def failed_records_urls(self) -> tuple[str, ...]:
        """The URLs of the failed records: ``failedRecords`` of every manifest, each once."""
        return tuple(manifest_urls(find(self.metrics, self.activities).manifests, "failedRecords"))

    @property
    def sample_errors_urls(self) -> tuple[str, ...]:
        """The URLs of samples of the errors: ``sampleErrors`` of every manifest, each once."""
        return tuple(manifest_urls(find(self.metrics, self.activities).manifests, "sampleErrors"))

    @property
    def dedup_key(self) -> str:
        """A text that is the same for a repeated delivery, and differs for any other state or run.

        The run's id and a digest of everything the run says; how it came does not count. Keep it as the key of a
        table to handle each state of each run once.
        """
        content = json.dumps([self.status, self.to_payload()], sort_keys=True, separators=(",", ":"))
        return f"{self.id}:{blake2b(content.encode(), digest_size=16).hexdigest()}"

    def summary(self) -> str:
        """Return one line for a log: how it ended, which run of which flow, how long, how much, why.

        It shows values of the payload, names and error texts among them; control characters are escaped.
        """
        status = self.status
        words = [
            f"{_shorten(status) if status else 'status unknown'}:",
            f"flow run {_shorten(self.id)} of {_shorten(self.flow_name or self.flow_id)}",
        ]
        if self.sandbox_name:
            words.append(f"in {_shorten(self.sandbox_name)}")
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
            first = _shorten(" ".join(filter(None, (causes[0].code, causes[0].message))))
            line += f"; {first}" + (f" (and {len(causes) - 1} more)" if len(causes) > 1 else "")
        return line

    def to_payload(self) -> dict[str, Any]:
        """Return the run as Flow Service would write it: plain JSON values under Adobe's keys.

        Times are epoch milliseconds (seconds only where milliseconds would be misread), unknown keys are kept, and
        keys that the payload did not have are left out. :func:`parse` of it gives an equal run, its ``delivery``
        apart.
        """
        payload = to_record(self, leave_out="delivery")
        if is_alert(payload):
            payload["metrics"] = {}  # an alert has none
        return payload

    @override
    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield what a person wants to see first; the rest has names of its own."""
        status, records = self.status, self.metrics.record_summary
        yield "id", self.id
        yield "flow_id", self.flow_id
        yield "status", None if status is None else str(status)
        yield "started_at", None if self.started_at is None else str(self.started_at)
        yield "duration", None if self.duration is None else str(self.duration)
        yield "input_record_count", records.input_record_count
        yield "output_record_count", records.output_record_count
        yield "error_count", len(self.errors)


def _shorten(text: str) -> str:
    line = printable(text)
    return line if len(line) <= _MAX_TEXT else line[: _MAX_TEXT - 1] + "…"
