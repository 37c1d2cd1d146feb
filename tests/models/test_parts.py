"""Tests of the parts of a run: every key of the documentation as an attribute, and the kinds of activities."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timezone
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from samples import EVERY_KEY, LEAST, PATHS, Path, at, model_at, parts, snake_case, unknown_keys

import flowrun_notifications as library
from flowrun_notifications import (
    Activity,
    ActivityKind,
    Connection,
    Delivery,
    DurationSummary,
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
    SizeSummary,
    StatusError,
    StatusSummary,
    parse,
)
from flowrun_notifications._models.wire_model import WireModel

UTC = timezone.utc
MODELS = [item for item in vars(library).values() if isinstance(item, type) and issubclass(item, WireModel)]


class TestAttributes:
    """Attributes are Adobe's keys in snake_case."""

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_names(self, model: type[BaseModel]) -> None:
        """The names follow from the keys, but for two that cannot."""
        named_otherwise = {
            ("Message", "schema_"),  # pydantic's models have a method of that name
            ("Message", "event_notification_meta"),  # the key starts with an underscore
        }
        assert {
            (model.__name__, name)
            for name, field in model.model_fields.items()
            if name != snake_case(field.serialization_alias or name)
        } == {name for name in named_otherwise if name[0] == model.__name__}

    def test_every_field_has_a_key(self) -> None:
        """The record with every key has no unknown key, and sets every field of every model that it is made of."""
        run = parse(EVERY_KEY)
        given: dict[type[BaseModel], set[str]] = {}
        for _, part in parts(run):
            given.setdefault(type(part), set()).update(part.model_fields_set)
        assert unknown_keys(run) == {}
        models = set(MODELS) - {EventNotification, Message, MessagesNotification}
        fields = {(model.__name__, name) for model in models for name in model.model_fields}
        assert fields - {(model.__name__, name) for model, names in given.items() for name in names} == set()

    def test_values(self) -> None:
        """Each attribute has the value of its key."""
        reason = StatusError(
            code="C-1", message="text", record_count=1, count=2, type="Error", format="parquet", details=[{"row": 1}]
        )
        counts: dict[str, Any] = {
            "input_record_count": 20,
            "output_record_count": 21,
            "created_record_count": 22,
            "updated_record_count": 23,
            "deleted_record_count": 24,
            "skipped_record_count": 25,
            "failed_record_count": 26,
            "warning_record_count": 27,
            "ingested_record_percentage": 99.5,
        }
        breakdown = RecordBreakdown(
            id="connection", entity_summaries=(RecordBreakdown(id="segment:1", **counts),), **counts
        )
        summaries: dict[str, Any] = {
            "duration_summary": DurationSummary(
                started_at_utc=datetime(2020, 8, 10, 21, 37, 24, 636000, tzinfo=UTC),
                completed_at_utc=datetime(2020, 8, 10, 21, 37, 51, 861000, tzinfo=UTC),
                extensions={"windowStart": 1597094520000},
            ),
            "latency_summary": LatencySummary(min_ms=1.0, max_ms=9.5, avg_ms=4.0, extensions={"p99Ms": 9}),
            "size_summary": SizeSummary(
                input_bytes=10, output_bytes=11, failed_bytes=12, skipped_bytes=13, extensions={"unit": "bytes"}
            ),
            "record_summary": RecordSummary(
                failed_info=(reason,),
                skipped_info=(reason,),
                warning_info=(reason,),
                source_summaries=(breakdown,),
                target_summaries=(breakdown,),
                extensions={"sampled": False},
                **counts,
            ),
            "file_summary": FileSummary(
                input_file_count=30,
                output_file_count=31,
                skipped_file_count=32,
                failed_file_count=33,
                manifest={"fileInfo": [{"path": "/a", "pathPrefix": "/"}]},
                activity_refs=("a-1",),
                extensions={"manifest": {"fileInfo": "https://example.com/files"}},
            ),
            "status_summary": StatusSummary(
                status="failed",
                errors=(reason,),
                activity_refs=("a-1", "a-2"),
                extensions={"errorDetail": "ErrorCode=Word", "adf/run/id": "1234"},
            ),
        }
        connection = Connection(
            id="connection", type="SourceConnection", reference=Reference(type="Batch", ids=("b-1", "b-2"))
        )
        run = FlowRun(
            id="r-1",
            flow_id="f-1",
            flow_name="Orders\nby day",
            flow_type="streaming",
            flow_spec=FlowSpec(id="fs-1", version="1.0"),
            provider_ref_id="ref-1",
            etag='"1"',
            ims_org_id="org@AdobeOrg",
            sandbox_id="s-1",
            sandbox_name="two words",
            created_at=datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=UTC),
            updated_at=datetime(2020, 8, 12, 6, 25, 30, 760000, tzinfo=UTC),
            created_by="creator",
            updated_by="updater",
            created_client="creating client",
            updated_client="updating client",
            parent_flow_run_id="r-0",
            child_flow_run_ids=("r-2", "r-3"),
            record_types=("profile",),
            predecessors=(Predecessor(flow_id="f-0", flow_run_id="p-1", flow_spec=FlowSpec(id="fs-0", version="2.0")),),
            params={"windowStartTime": "1590512053", "deltaColumn.name": "modified"},
            alert_name="Run failed",
            message="A sentence.",
            url="https://example.com/a run",
            sla_created_at=datetime(2020, 8, 12, 6, 25, 31, 124000, tzinfo=UTC),
            process_start_time=datetime(2020, 8, 12, 6, 25, 31, 213000, tzinfo=UTC),
            transformed_time=datetime(2020, 8, 12, 6, 25, 31, 214000, tzinfo=UTC),
            metrics=Metrics(custom_summary={"own": [1, 2]}, **summaries),
            activities=(
                Activity(
                    id="a-1",
                    name="Copy",
                    updated_at_utc=datetime(2020, 8, 10, 21, 38, 7, 336000, tzinfo=UTC),
                    context_id="ctx-1",
                    source_info=(connection,),
                    target_info=(connection,),
                    **summaries,
                ),
            ),
        )
        assert parse(EVERY_KEY).model_dump() == run.model_dump()  # tells which key differs, as models do not
        assert parse(EVERY_KEY) == run

    def test_absent(self) -> None:
        """Of a run that says nothing every attribute is None, empty or an empty summary; none is zero."""
        run = parse(LEAST)
        empty: dict[str, Any] = {
            "id": "r-1",
            "flow_id": "f-1",
            "child_flow_run_ids": (),
            "record_types": (),
            "predecessors": (),
            "params": {},
            "metrics": Metrics(),
            "activities": (),
            "delivery": Delivery(),
        }
        assert dict(run) == {name: empty.get(name) for name in FlowRun.model_fields}
        assert dict(run.metrics) == {
            "duration_summary": DurationSummary(),
            "latency_summary": LatencySummary(),
            "size_summary": SizeSummary(),
            "record_summary": RecordSummary(),
            "file_summary": FileSummary(),
            "status_summary": StatusSummary(),
            "custom_summary": {},
        }
        for _, part in parts(run.metrics):
            values = [value for _, value in part if not isinstance(value, BaseModel)]
            assert [value for value in values if value not in (None, (), {})] == []

    @pytest.mark.parametrize("path", PATHS, ids=str)
    def test_null_is_absent(self, path: Path) -> None:
        """Every key but the ids may be null, which reads as if it were absent."""
        nulled, without = copy.deepcopy(EVERY_KEY), copy.deepcopy(EVERY_KEY)
        for key in at(EVERY_KEY, path).keys() - ({"id", "flowId"} if path == () else set()):
            at(nulled, path)[key] = None
            del at(without, path)[key]
        assert parse(nulled) == parse(without)


ADDED: dict[str, Any] = {"newKey": {"deep": [1, None]}, "xdm:new": "text", "class": True}
"""Keys that no model has a field for."""


class TestUnknownKeys:
    """Keys that nobody documented."""

    @pytest.mark.parametrize("path", PATHS, ids=str)
    def test_kept_at_every_level(self, path: Path) -> None:
        """An unknown key is readable where it stood, is written again, and changes nothing that is known."""
        record = copy.deepcopy(EVERY_KEY)
        at(record, path).update(ADDED)
        run = parse(json.dumps(record))
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{snake_case(step)}" for step in path)
        assert unknown_keys(run) == {place: ADDED}
        assert model_at(run, path).newKey == {"deep": [1, None]}
        assert run.to_payload() == record

    def test_levels(self) -> None:
        """The record with every key has an object for every model."""
        assert {type(model_at(parse(EVERY_KEY), path)) for path in PATHS} == {
            model for model in MODELS if model not in (Delivery, EventNotification, Message, MessagesNotification)
        }


class TestKind:
    """`Activity.kind`."""

    @pytest.mark.parametrize(
        ("id_", "kind"),
        [
            ("copyActivity", "copy"),
            ("promotionActivity", "promotion"),
            ("4f008a00-3a04-11eb-adc1-0242ac120002", "copy"),
            ("37b34f84-1ada-11eb-adc1-0242ac120002", "promotion"),
            ("08e3217c-2f46-11eb-adc1-0242ac120002", "profile"),
            ("46382888-2f46-11eb-adc1-0242ac120002", "identity"),
            ("3c8e49bc-27a6-11ec-9621-0242ac130002", "segmentation"),
            ("c4f238e3-7334-4933-8b56-64d7ea43ea54", "activation"),
            ("51d82b36-6b8f-11eb-9439-0242ac130002", "activation"),
            ("076085f8-255a-11ee-be56-0242ac120002", "activation"),
            ("8816f6a2-2533-4dff-9026-c23a27b38691", "query"),
        ],
    )
    def test_known_ids(self, id_: str, kind: str) -> None:
        """A known id decides, whatever the name."""
        assert (Activity(id=id_).kind, Activity(id=id_, name="Copy query promotion").kind) == (kind, kind)

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("SFTP Copy Activity", "copy"),
            ("Promotion Activity", "promotion"),
            ("Profile Activity", "profile"),
            ("Identity Activity", "identity"),
            ("UIS Activity", "identity"),
            ("Segmentation Activity", "segmentation"),
            ("Segment evaluation", "segmentation"),
            ("Activation Publishing", "activation"),
            ("Query Service", "query"),
            ("COPY", "copy"),
            ("Something else", None),
            ("", None),
            (None, None),
        ],
    )
    @pytest.mark.parametrize("id_", [None, "", "0e8e2d84-0000-0000-0000-000000000000"])
    def test_names(self, id_: str | None, name: str | None, kind: str | None) -> None:
        """Where the id is unknown, a word in the name decides, whatever its case."""
        assert Activity(id=id_, name=name).kind == kind

    def test_every_kind(self) -> None:
        """The kinds that there are."""
        assert get_args(ActivityKind) == (
            "copy",
            "promotion",
            "profile",
            "identity",
            "segmentation",
            "activation",
            "query",
        )
