"""What `flowrun_notifications.models` promises."""

from __future__ import annotations

import copy
import json
import pickle
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any, cast, get_args

import pytest
from pydantic import BaseModel, JsonValue, ValidationError

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
    RunStatus,
    SizeSummary,
    StatusError,
    StatusSummary,
    parse,
)

UTC = timezone.utc


def with_status(status: object = "success", **metrics: Any) -> FlowRun:
    """The run with this status and these further summaries."""
    return parse(LEAST | {"metrics": {"statusSummary": {"status": status}, **metrics}})


class TestDocumentedPayloads:
    """What the documented payloads say."""

    @pytest.mark.parametrize(("name", "run"), DOCUMENTED.items(), ids=DOCUMENTED.keys())
    def test_whole_run(self, read_payload: Callable[[str], bytes], name: str, run: FlowRun) -> None:
        """Each reads as exactly this run, from bytes, text and decoded JSON."""
        payload = read_payload(name)
        assert [parse(payload), parse(payload.decode()), parse(json.loads(payload))] == [run] * 3

    @pytest.mark.parametrize("name", DOCUMENTED.keys())
    def test_nothing_else(self, read_payload: Callable[[str], bytes], name: str) -> None:
        """No documented key is unknown to the models, at any level."""
        assert unknown_keys(parse(read_payload(name))) == {}

    def test_an_unknown_key_would_be_seen(self, read_payload: Callable[[str], bytes]) -> None:
        """A key that came to the documentation would fail the test above, wherever it stands."""
        payload = json.loads(read_payload("documented_success"))
        payload["event"]["activities"][1]["targetInfo"][0]["reference"]["newKey"] = 1
        assert unknown_keys(parse(payload)) == {".activities[1].target_info[0].reference": {"newKey": 1}}

    def test_every_key_is_known(self) -> None:
        """Nor is any other key that Adobe documents somewhere."""
        assert unknown_keys(parse(EVERY_KEY)) == {}

    def test_success(self) -> None:
        """The success: what a user asks of it."""
        run = DOCUMENTED_SUCCESS
        assert (run.status, run.succeeded, run.failed, run.is_partial, run.is_finished) == (
            RunStatus.SUCCESS,
            True,
            False,
            False,
            True,
        )
        assert (run.started_at, run.completed_at, run.duration) == (
            datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            timedelta(0),
        )
        assert [activity.kind for activity in run.activities] == ["copy", "promotion"]
        assert (run.batch_ids, run.source_connection_ids, run.target_connection_ids) == (
            ("b1",),
            ("sourceConnectionId1",),
            ("targetConnectionId1",),
        )
        assert (run.errors, run.causes, run.skips, run.warnings) == ((), (), (), ())

    def test_failure(self) -> None:
        """The failure: sizes given as -1 are unknown, and so is the end of the run, though not of its activity."""
        run = DOCUMENTED_FAILURE
        assert (run.status, run.succeeded, run.failed, run.is_partial, run.is_finished) == (
            RunStatus.FAILED,
            False,
            True,
            False,
            True,
        )
        assert (run.metrics.size_summary.input_bytes, run.metrics.file_summary.input_file_count) == (None, None)
        assert (run.started_at, run.completed_at, run.duration) == (
            datetime(2020, 8, 14, 19, 42, 27, 190000, tzinfo=UTC),
            None,
            None,
        )
        assert [error.code for error in run.errors] == ["CONNECTOR-2001-500", "133"]
        assert [(cause.code, cause.activity_id) for cause in run.causes] == [("133", "promotionActivity")]
        assert (run.batch_ids, run.source_connection_ids, run.target_connection_ids) == (
            ("6f6a900f-e40d-4f0e-9bb9-b614436c3465",),
            (),
            ("e88737aa-27b8-4795-8737-aa27b8f7959e",),
        )

    def test_preview_success(self) -> None:
        """The preview's success: a count of 0 is 0, and counts that are not there are None."""
        run = DOCUMENTED_2020_PREVIEW_SUCCESS
        assert run.duration == timedelta(seconds=27, milliseconds=225)
        assert run.metrics.file_summary.output_file_count == 0
        assert run.metrics.record_summary == RecordSummary()
        assert run.activities[0].duration_summary.extensions == {
            "windowStart": 1597094520000,
            "windowEnd": 1597095420000,
        }
        assert (run.batch_ids, run.source_connection_ids) == ((), ("478b4613-5f21-4895-8b46-135f21389513",))

    def test_preview_failure(self) -> None:
        """The preview's failure: seconds and milliseconds within one summary."""
        run = DOCUMENTED_2020_PREVIEW_FAILURE
        assert run.duration == timedelta(hours=25, minutes=43, seconds=52, milliseconds=117)
        assert [error.code for error in run.errors] == ["CTOR-2001-500", "INGEST-1205-400", "INGEST-1205-400"]
        assert (run.failed, run.activities, run.batch_ids) == (True, (), ())


def unknown_keys(run: BaseModel) -> dict[str, dict[str, Any]]:
    """What fell among the unknown keys, by the part that it fell from."""
    return {path: part.model_extra for path, part in parts(run) if part.model_extra}


class TestAttributes:
    """Every attribute is Adobe's key in snake_case."""

    NAMED_OTHERWISE = frozenset(
        {
            ("FlowRun", "delivery"),
            ("Message", "schema_"),  # pydantic's models have a method of that name
            ("Message", "event_notification_meta"),  # the key starts with an underscore
        }
    )

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_names(self, model: type[BaseModel]) -> None:
        """The names follow from the keys, mechanically, but for the few that cannot."""
        otherwise = {
            (model.__name__, name)
            for name, field in model.model_fields.items()
            if name != snake_case(field.serialization_alias or name)
        }
        assert otherwise == {name for name in self.NAMED_OTHERWISE if name[0] == model.__name__}

    def test_every_field_has_a_key(self) -> None:
        """The record with every key sets every field of every model that a record is made of."""
        given: dict[type[BaseModel], set[str]] = {}
        for _, part in parts(parse(EVERY_KEY)):
            given.setdefault(type(part), set()).update(part.model_fields_set)
        del given[Delivery]
        given[FlowRun].add("delivery")
        assert given.keys() == set(MODELS) - {Delivery, EventNotification, Message, MessagesNotification}
        assert given == {model: set(model.model_fields) for model in given}

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
        assert parse(EVERY_KEY) == FlowRun(
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

    def test_absent(self) -> None:
        """Of a run that says nothing every attribute is None, empty, or an empty summary; none is zero."""
        run = parse(LEAST)
        summaries = {
            "duration_summary": DurationSummary(),
            "latency_summary": LatencySummary(),
            "size_summary": SizeSummary(),
            "record_summary": RecordSummary(),
            "file_summary": FileSummary(),
            "status_summary": StatusSummary(),
        }
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
        assert dict(run.metrics) == {**summaries, "custom_summary": {}}
        assert {
            (type(part).__name__, name): value
            for _, part in parts(run.metrics)
            for name, value in part
            if value not in (None, (), {}) and not isinstance(value, BaseModel)
        } == {}

    @pytest.mark.parametrize("path", sorted(objects(EVERY_KEY), key=str), ids=str)
    def test_null_is_absent(self, path: tuple[str | int, ...]) -> None:
        """Every key but the ids may be null, which reads as if it were not there."""
        nulled, without = copy.deepcopy(EVERY_KEY), copy.deepcopy(EVERY_KEY)
        required = ("id", "flowId") if path == () else ()
        for key in at(EVERY_KEY, path):
            if key not in required:
                at(nulled, path)[key] = None
                del at(without, path)[key]
        assert parse(nulled) == parse(without)

    @pytest.mark.parametrize(
        ("path", "key", "spelling"),
        [
            ((), "id", "xdm:flowRunId"),
            ((), "flowId", "xdm:flowId"),
            ((), "imsOrgId", "xdm:imsOrg"),
            ((), "sandboxName", "xdm:sandboxName"),
            ((), "metrics", "xdm:metrics"),
            ((), "etag", "eTag"),
            ((), "activities", "activites"),
            (("metrics", "durationSummary"), "completedAtUTC", "stoppedAtUTC"),
            (("metrics", "statusSummary", "errors", 0), "message", "description"),
        ],
    )
    def test_other_spellings(self, path: tuple[str | int, ...], key: str, spelling: str) -> None:
        """Another spelling of a key is the same attribute, and no unknown key."""
        respelt = copy.deepcopy(EVERY_KEY)
        at(respelt, path)[spelling] = at(respelt, path).pop(key)
        assert parse(respelt) == parse(EVERY_KEY)

    def test_usual_spelling_wins(self) -> None:
        """Where two spellings stand side by side, the usual one is read, and the other is kept as it came."""
        run = parse(LEAST | {"eTag": "other", "etag": "usual", "sandboxName": "usual", "xdm:sandboxName": "other"})
        assert (run.etag, run.sandbox_name) == ("usual", "usual")
        assert run.model_extra == {"eTag": "other", "xdm:sandboxName": "other"}

    @pytest.mark.parametrize("missing", ["id", "flowId"])
    def test_required(self, missing: str) -> None:
        """The ids are required, also of who makes a run in Python."""
        with pytest.raises(ValidationError) as caught:
            FlowRun.model_validate({key: value for key, value in LEAST.items() if key != missing})
        assert [(problem["type"], problem["loc"]) for problem in caught.value.errors()] == [("missing", (missing,))]


ADDED: dict[str, Any] = {"newKey": {"deep": [1, None]}, "xdm:new": "text", "class": True}
"""Keys that no model has a field for."""


class TestUnknownKeys:
    """Rule 5."""

    @pytest.mark.parametrize("path", sorted(objects(EVERY_KEY), key=str), ids=str)
    def test_kept_at_every_level(self, path: tuple[str | int, ...]) -> None:
        """An unknown key is readable where it stood, and changes nothing that is known."""
        record = copy.deepcopy(EVERY_KEY)
        at(record, path).update(ADDED)
        run = parse(json.dumps(record))
        assert model_at(run, path).model_extra == ADDED
        assert model_at(run, path).newKey == {"deep": [1, None]}
        assert {part for part, extra in unknown_keys(run).items() if extra} == {
            "".join(f"[{step}]" if isinstance(step, int) else f".{snake_case(step)}" for step in path)
        }
        assert run.to_payload() == record

    def test_at_least_twenty_levels(self) -> None:
        """The test above has something to test."""
        assert len(set(objects(EVERY_KEY))) >= 20

    @pytest.mark.parametrize(
        "key",
        ["model_fields", "model_extra", "errors", "status", "summary", "__class__", "__dict__", "copy", "started_at"],
    )
    def test_keys_like_attributes(self, key: str) -> None:
        """An unknown key that is spelt like something else of a run is kept beside it, and takes nothing over."""
        run = parse(LEAST | {key: "mine"})
        assert run.model_extra == {key: "mine"}
        assert (run.status, run.errors, run.started_at, type(run)) == (None, (), None, FlowRun)
        assert run.summary() == parse(LEAST).summary()
        assert run.to_payload() == LEAST | {key: "mine"}

    @pytest.mark.parametrize("key", ["flow_name", "metrics_", "created_at"])
    def test_keys_like_fields(self, key: str) -> None:
        """So is one that is spelt like an attribute: only Adobe's keys are read."""
        run = parse(LEAST | {key: "mine"})
        assert (run.flow_name, run.created_at, run.model_extra) == (None, None, {key: "mine"})

    def test_keys_like_fields_are_written_alone(self) -> None:
        """What is written has no more keys than what was read."""
        assert parse(LEAST | {"flow_name": "mine"}).to_payload() == LEAST | {"flow_name": "mine"}


class TestRunStatus:
    """`RunStatus` and `FlowRun.status`."""

    def test_members(self) -> None:
        """The known statuses."""
        assert [status.value for status in RunStatus] == [
            "success",
            "failed",
            "partialSuccess",
            "inProgress",
            "scheduled",
            "processing",
            "waiting",
        ]

    @pytest.mark.parametrize("status", RunStatus)
    @pytest.mark.parametrize("spell", [str, str.upper, str.lower, str.capitalize, " {} ".format])
    def test_known(self, status: RunStatus, spell: Callable[[str], str]) -> None:
        """A known status is a member, whatever its case; its own summary keeps the text as it came."""
        run = with_status(spell(status.value))
        assert run.status is status
        assert run.metrics.status_summary.status == spell(status.value)

    def test_member_is_text(self) -> None:
        """A member equals its text, so that either can be compared with."""
        assert with_status("Success").status == "success"

    @pytest.mark.parametrize("text", ["paused", "Succeeded", "successful", "\u0130nProgress", "0"])
    def test_unknown(self, text: str) -> None:
        """An unknown status is its text, and says neither that the run succeeded nor that it is over."""
        run = with_status(text)
        assert (run.status, type(run.status)) == (text, str)
        assert (run.succeeded, run.failed, run.is_partial, run.is_finished) == (False, False, False, False)

    @pytest.mark.parametrize("status", ["", None])
    def test_none(self, status: object) -> None:
        """Without a status and without an event code there is none."""
        run = with_status(status)
        assert (run.status, run.succeeded, run.failed, run.is_partial, run.is_finished) == (None, *[False] * 4)

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("sources_flow_run_success", RunStatus.SUCCESS),
            ("sources_flow_run_failed", RunStatus.FAILED),
            ("sources_flow_run_failure", RunStatus.FAILED),
            ("SOURCES_FLOW_RUN_SUCCESS", RunStatus.SUCCESS),
            ("source_flow_run_info", None),
            ("source_flow_run_error", None),
            ("success", None),
            ("sources_flow_run_successful", None),
            ("sources_flow_run_success_info", None),
            ("", None),
        ],
    )
    def test_event_code(self, code: str, status: RunStatus | None) -> None:
        """Where the record has no status, the end of the event code decides."""
        run = parse(LEAST | {"header": {"_adobeio": {"eventCode": code}}})
        assert (run.delivery.event_code, run.status) == (code, status)

    @pytest.mark.parametrize("code", ["sources_flow_run_success", "sources_flow_run_failed", "source_flow_run_error"])
    @pytest.mark.parametrize("status", ["success", "failed", "inProgress", "paused"])
    def test_record_beats_event_code(self, code: str, status: str) -> None:
        """Where it has one, that is the outcome, whatever the event code."""
        header = {"_adobeio": {"eventCode": code}}
        assert parse(LEAST | {"metrics": {"statusSummary": {"status": status}}, "header": header}).status == status


ERROR = {"errors": [{"code": "C-1"}]}
NESTED_ERROR = {"extensions": {"errors": [{"code": "C-1"}]}}


class TestOutcome:
    """`succeeded`, `failed`, `is_partial` and `is_finished`."""

    @pytest.mark.parametrize(
        ("status", "answers"),
        [
            ("success", (True, False, False, True)),
            ("failed", (False, True, False, True)),
            ("partialSuccess", (False, False, True, True)),
            ("inProgress", (False, False, False, False)),
            ("scheduled", (False, False, False, False)),
            ("processing", (False, False, False, False)),
            ("waiting", (False, False, False, False)),
            ("paused", (False, False, False, False)),
        ],
    )
    @pytest.mark.parametrize("completed", [None, 1597095471861])
    def test_by_status(self, status: str, answers: tuple[bool, ...], completed: int | None) -> None:
        """The status decides; a completion time makes no difference where there is a status."""
        run = with_status(status, durationSummary={"completedAtUTC": completed})
        assert (run.succeeded, run.failed, run.is_partial, run.is_finished) == answers

    @pytest.mark.parametrize(("completed", "is_finished"), [(None, False), (1597095471861, True)])
    def test_without_status(self, completed: int | None, is_finished: bool) -> None:
        """Without a status, a completion time says that the run is over, but not how."""
        run = with_status(None, durationSummary={"completedAtUTC": completed})
        assert (run.succeeded, run.failed, run.is_partial, run.is_finished) == (False, False, False, is_finished)

    @pytest.mark.parametrize(("code", "finished"), [("x_success", True), ("x_failed", True), ("x_info", False)])
    def test_finished_by_event_code(self, code: str, finished: bool) -> None:
        """So does an event code that decides the outcome."""
        assert parse(LEAST | {"header": {"_adobeio": {"eventCode": code}}}).is_finished is finished

    @pytest.mark.parametrize(
        ("metrics", "activity", "is_partial"),
        [
            ({}, {}, False),
            ({"statusSummary": ERROR}, {}, True),
            ({"statusSummary": NESTED_ERROR}, {}, True),
            ({"recordSummary": {"failedInfo": [{"code": "C-1"}]}}, {}, True),
            ({"statusSummary": {"extensions": {"errorDetail": "ErrorCode=Word"}}}, {}, True),
            ({}, {"statusSummary": ERROR}, True),
            ({}, {"statusSummary": NESTED_ERROR}, True),
            ({"recordSummary": {"failedRecordCount": 1}}, {}, True),
            ({}, {"recordSummary": {"failedRecordCount": 1}}, True),
            ({"recordSummary": {"failedRecordCount": 0}}, {"recordSummary": {"failedRecordCount": 0}}, False),
            ({"recordSummary": {"failedRecordCount": -1}}, {}, False),
            ({"recordSummary": {"skippedRecordCount": 5, "skippedInfo": [{"code": "C-1"}]}}, {}, False),
            ({"recordSummary": {"warningRecordCount": 5, "warningInfo": [{"code": "C-1"}]}}, {}, False),
            ({"recordSummary": {"inputRecordCount": 100, "outputRecordCount": 70}}, {}, False),
            ({"fileSummary": {"failedFileCount": 1}}, {}, False),
        ],
    )
    def test_partial_success(self, metrics: dict[str, Any], activity: dict[str, Any], is_partial: bool) -> None:
        """A success is partial if it has errors or failed records, its own or an activity's, and by nothing else."""
        status = {"status": "success", **metrics.get("statusSummary", {})}
        run = parse(LEAST | {"metrics": {**metrics, "statusSummary": status}, "activities": [activity]})
        assert (run.is_partial, run.succeeded) == (is_partial, True)

    @pytest.mark.parametrize("status", ["failed", "inProgress", "paused"])
    def test_other_statuses_are_not_partial(self, status: str) -> None:
        """Errors and failed records make no other status partial."""
        summary = {"status": status, **ERROR}
        run = parse(LEAST | {"metrics": {"statusSummary": summary, "recordSummary": {"failedRecordCount": 1}}})
        assert run.is_partial is False

    def test_success_by_event_code_may_be_partial(self) -> None:
        """A success that only the event code tells is partial by the same rule."""
        run = parse(LEAST | {"metrics": {"statusSummary": ERROR}, "header": {"_adobeio": {"eventCode": "x_success"}}})
        assert (run.succeeded, run.is_partial) == (True, True)


class TestTimes:
    """`started_at`, `completed_at` and `duration`."""

    @pytest.mark.parametrize(
        ("times", "duration"),
        [
            ({"startedAtUTC": 1592689437, "completedAtUTC": 1592782069117}, timedelta(seconds=92632, milliseconds=117)),
            ({"startedAtUTC": 1592689437, "completedAtUTC": 1592689437000}, timedelta(0)),
            ({"startedAtUTC": 1592689437}, None),
            ({"completedAtUTC": 1592689437}, None),
            ({}, None),
        ],
    )
    def test_duration(self, times: dict[str, Any], duration: timedelta | None) -> None:
        """A duration is known where both ends are."""
        assert with_status(durationSummary=times).duration == duration

    def test_activities_do_not_count(self) -> None:
        """Only the run's own times are the run's times."""
        run = parse(LEAST | {"createdAt": 1, "activities": [{"durationSummary": SUMMARIES["durationSummary"]}]})
        assert (run.started_at, run.completed_at, run.duration) == (None, None, None)


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
        """Where the id is not known, a word in the name decides, whatever its case; else there is no kind."""
        assert Activity(id=id_, name=name).kind == kind

    def test_every_kind(self) -> None:
        """These are all the kinds there are."""
        assert get_args(ActivityKind) == (
            "copy",
            "promotion",
            "profile",
            "identity",
            "segmentation",
            "activation",
            "query",
        )


class TestIds:
    """`batch_ids`, `source_connection_ids` and `target_connection_ids`."""

    @staticmethod
    def connection(id_: str | None, type_: str | None, *ids: str) -> dict[str, Any]:
        """A connection with a reference."""
        return {"id": id_, "reference": {"type": type_, "ids": list(ids)}}

    def test_order_of_batches(self) -> None:
        """The activities' targets and sources first, then the statuses' batches, the run's first; each once."""
        connection = self.connection
        run = parse(
            LEAST
            | {
                "metrics": {"statusSummary": {"extensions": {"batchId": "b-7"}}},
                "activities": [
                    {
                        "statusSummary": {"extensions": {"batchId": "b-8"}},
                        "sourceInfo": [connection("s-1", "batch", "b-3")],
                        "targetInfo": [connection("t-1", "Batch", "b-1", "b-2"), connection("t-2", "BATCH", "b-1")],
                    },
                    {
                        "statusSummary": {"extensions": {"batchId": "b-1"}},
                        "sourceInfo": [connection("s-1", "batch", "b-5"), connection("s-2", "batch", "b-4")],
                    },
                ],
            }
        )
        assert run.batch_ids == ("b-1", "b-2", "b-3", "b-5", "b-4", "b-7", "b-8")
        assert (run.source_connection_ids, run.target_connection_ids) == (("s-1", "s-2"), ("t-1", "t-2"))

    @pytest.mark.parametrize("type_", ["AdfRunId", "batches", "", None])
    def test_other_references(self, type_: str | None) -> None:
        """References of another type are no batches."""
        assert parse(LEAST | {"activities": [{"targetInfo": [self.connection("t-1", type_, "b-1")]}]}).batch_ids == ()

    @pytest.mark.parametrize("batch", [None, "", 5, ["b-1"], {"id": "b-1"}])
    def test_unusable_batch(self, batch: object) -> None:
        """A batch id in the open extensions counts if it is text."""
        assert with_status(statusSummary={"extensions": {"batchId": batch}}).batch_ids == ()

    def test_order_of_connections(self) -> None:
        """The activities' connections first, then those of the breakdowns, the run's first; each once."""

        def records(*ids: str | None) -> dict[str, Any]:
            entries = [{"id": id_, "entitySummaries": [{"id": "segment:1"}]} for id_ in ids]
            return {"recordSummary": {"sourceSummaries": entries, "targetSummaries": entries[::-1]}}

        run = parse(
            LEAST
            | {
                "metrics": records("c-4", "c-1", None),
                "activities": [
                    {"sourceInfo": [{"id": "c-1"}, {"id": ""}, {}], "targetInfo": [{"id": "c-2"}], **records("c-5")},
                    {"sourceInfo": [{"id": "c-3"}, {"id": "c-1"}], **records("c-4", "c-6")},
                ],
            }
        )
        assert run.source_connection_ids == ("c-1", "c-3", "c-4", "c-5", "c-6")
        assert run.target_connection_ids == ("c-2", "c-1", "c-4", "c-5", "c-6")


LINES: dict[str, str] = {
    "documented_success": (
        "success: flow run 933cf9f4-cf01-4d75-bcf9-f4cf010d750a of 1c6f1047-dcaf-48fe-af10-47dcaf08feaf in prod "
        "took 0:00:00, 100 records in, 70 out"
    ),
    "documented_failure": (
        "failed: flow run d9024c32-2174-4271-824c-322174627101 of cf4fce79-8822-456d-8fce-798822556dc6 in prod; "
        "133 We are unable to locate any files uploaded for this batch. Please upload files to ingest."
    ),
    "documented_2020_preview_success": (
        "success: flow run 1699fdb1-0f20-4323-99fd-b10f2033236b of ba33133d-86f3-4513-b313-3d86f3451392 in prod "
        "took 0:00:27.225000"
    ),
    "documented_2020_preview_failure": (
        "failed: flow run 1149044a-2536-4dca-8904-4a25364dca98 of 3a4a152c-ba1a-4f71-8a15-2cba1abf719e in "
        "e2e-at-10-7-19-02 took 1 day, 1:43:52.117000, 14 records in, 8 out, 0 failed; INGEST-1205-400 The field: "
        "_id does not exist in the target schema. Remove the field and try again. (and 1 more)"
    ),
}


class TestSummary:
    """`summary()`: one line."""

    @pytest.mark.parametrize(("name", "summary"), LINES.items(), ids=LINES.keys())
    def test_documented(self, name: str, summary: str) -> None:
        """How it ended, which run of which flow, how long, how much, why."""
        assert DOCUMENTED[name].summary() == summary

    def test_least(self) -> None:
        """What is not known is left out."""
        assert parse(LEAST).summary() == "status unknown: flow run r-1 of f-1"

    def test_thousands(self) -> None:
        """Large counts can be read."""
        run = parse(LEAST | {"metrics": {"recordSummary": {"inputRecordCount": 1234567, "failedRecordCount": 1}}})
        assert run.summary() == "status unknown: flow run r-1 of f-1, 1,234,567 records in, 1 failed"

    def test_unknown_status(self) -> None:
        """An unknown status is told as it came."""
        assert with_status("Paused").summary() == "Paused: flow run r-1 of f-1"

    @pytest.mark.parametrize("error", [{"code": "C-1"}, {"message": "C-1"}])
    def test_half_an_error(self, error: dict[str, str]) -> None:
        """An error may have a code only, or a text only."""
        run = with_status("failed", statusSummary={"status": "failed", "errors": [error]})
        assert run.summary() == "failed: flow run r-1 of f-1; C-1"

    @pytest.mark.parametrize("space", ["\n", "\r\n", "\t", "\u2028", "\x0b", "\x85", "  "])
    def test_one_line(self, space: str) -> None:
        """Whatever line breaks names and texts hold, it is one line."""
        text = f"two{space}words"
        status = {"status": "failed", "errors": [{"code": "C-1", "message": text}]}
        run = parse(LEAST | {"flowName": text, "sandboxName": text, "metrics": {"statusSummary": status}})
        assert run.summary() == "failed: flow run r-1 of two words in two words; C-1 two words"

    @pytest.mark.parametrize(
        "record",
        [
            {"id": "r-1\nr-2", "flowId": "f-1"},
            LEAST | {"metrics": {"statusSummary": {"status": "paused\nsuccess: flow run r-2 of f-2"}}},
        ],
    )
    def test_one_line_whatever_stands_there(self, record: dict[str, Any]) -> None:
        """It is one line also where statuses and ids hold line breaks, so that nobody can forge one in a log."""
        assert len(parse(record).summary().splitlines()) == 1

    @pytest.mark.parametrize(("length", "shown"), [(200, "x" * 200), (201, f"{'x' * 199}\u2026")])
    def test_long_texts(self, length: int, shown: str) -> None:
        """A text of more than 200 characters is cut, so that the line stays one to read."""
        run = with_status("failed", statusSummary={"status": "failed", "errors": [{"message": "x" * length}]})
        assert run.summary() == f"failed: flow run r-1 of f-1; {shown}"

    def test_first_of_several_causes(self) -> None:
        """Of several causes it tells the first, and how many more there are."""
        errors = [{"code": "C-1", "message": "one"}, {"code": "C-2", "message": "two"}]
        run = with_status("failed", statusSummary={"status": "failed", "errors": errors})
        assert run.summary() == "failed: flow run r-1 of f-1; C-1 one (and 1 more)"


RENAMED = {
    "xdm:flowRunId": "id",
    "xdm:flowId": "flowId",
    "xdm:imsOrg": "imsOrgId",
    "xdm:sandboxName": "sandboxName",
    "xdm:metrics": "metrics",
}
TIMES = frozenset({"createdAt", "updatedAt", "slaCreatedAt", "processStartTime", "transformedTime"})


def as_flow_service_writes(record: JsonValue, key: str = "") -> JsonValue:
    """A documented record in one spelling: no prefixes, no `header`, milliseconds, and null for what is unknown."""
    if isinstance(record, dict):
        usual = {RENAMED.get(key, key): value for key, value in record.items() if key != "header"}
        return {key: value if key in BAGS else as_flow_service_writes(value, key) for key, value in usual.items()}
    if isinstance(record, list):
        return [as_flow_service_writes(item) for item in record]
    if isinstance(record, int) and (key in TIMES or key.endswith("AtUTC")):
        return record * 1000 if record < 20_000_000_000 else record
    return None if record == -1 else record


SPARSE: list[dict[str, Any]] = [
    LEAST,
    EVERY_KEY,
    LEAST | {"metrics": {}, "activities": [], "params": {}},
    LEAST | {"metrics": None, "activities": None, "flowSpec": None, "createdAt": None},
    LEAST | {"metrics": {"recordSummary": {}, "durationSummary": None}},
    LEAST | {"activities": [{}, {"sourceInfo": [{"reference": {}}, {"reference": None}]}]},
]
"""Records with more and with fewer keys, some of them null or empty."""


class TestToPayload:
    """`to_payload()`: the run as Flow Service would write it."""

    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("documented_success", ("event",)),
            ("documented_failure", (0, "messages", 0, "value")),
            ("documented_2020_preview_success", ("event",)),
            ("documented_2020_preview_failure", (0, "value")),
        ],
    )
    def test_documented(self, read_payload: Callable[[str], bytes], name: str, path: tuple[str | int, ...]) -> None:
        """A documented record comes back with all its keys and no others, in one spelling."""
        payload = read_payload(name)
        assert parse(payload).to_payload() == as_flow_service_writes(at(json.loads(payload), path))

    def test_usual_record_comes_back_as_it_was(self) -> None:
        """A record in the usual spelling comes back exactly."""
        assert parse(EVERY_KEY).to_payload() == EVERY_KEY

    def test_plain_json(self, documented: bytes) -> None:
        """It is made of what JSON has: dicts, lists, texts, numbers, truth values and None."""

        def types(value: JsonValue) -> set[type]:
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            return {type(value), *(kind for item in inner for kind in types(item))}

        assert types(parse(documented).to_payload()) <= {dict, list, str, int, float, bool, type(None)}

    def test_parse_gives_an_equal_run(self, documented: bytes) -> None:
        """Parsing it gives an equal run, its delivery apart."""
        run = parse(documented)
        again = parse(json.dumps(run.to_payload()))
        assert again.delivery == Delivery()
        assert again == without_delivery(run)

    @pytest.mark.parametrize("record", SPARSE)
    def test_nothing_invented(self, record: dict[str, Any]) -> None:
        """What was not there is not written; what was null or empty still is, a null object or list as an empty one."""
        written = parse(record).to_payload()
        assert written.keys() == record.keys()
        assert parse(written) == parse(record)
        assert parse(written).to_payload() == written

    @pytest.mark.parametrize(
        ("given", "written"),
        [
            (1590512053, 1590512053000),
            ("1590512053", 1590512053000),
            ("2020-05-26T16:54:13Z", 1590512053000),
            (1590512053.5, 1590512053500),
            (0, 0),
            (86400, 86400),
            (19_999_999, 19_999_999),
            (20_000_001, 20_000_001_000),
        ],
    )
    def test_times(self, given: object, written: int) -> None:
        """Times are milliseconds, and seconds only where these would be misread."""
        record = parse(LEAST | {"createdAt": given}).to_payload()
        assert (record["createdAt"], type(record["createdAt"])) == (written, int)

    def test_times_in_bags_are_left_alone(self) -> None:
        """Open JSON is written as it came, numbers and texts like times among it."""
        bag = {"windowStart": 1590512053, "at": "2020-05-26T16:54:13Z", "unknown": -1}
        record = LEAST | {"params": bag, "newKey": bag, "metrics": {"statusSummary": {"extensions": bag}}}
        assert parse(record).to_payload() == record

    def test_delivery_is_no_part_of_it(self) -> None:
        """How the run came is left out."""
        record = LEAST | {"header": {"_adobeio": {"eventCode": "sources_flow_run_success"}}}
        assert parse(record).to_payload() == LEAST

    def test_unknown_delivery_is(self) -> None:
        """An unknown key of that name is kept."""
        record = LEAST | {"delivery": {"by": "post"}}
        assert parse(record).to_payload() == record

    def test_handed_out_as_a_copy(self) -> None:
        """Changing it does not change the run."""
        run = parse(EVERY_KEY)
        run.to_payload()["metrics"]["statusSummary"]["extensions"].clear()
        run.to_payload()["params"]["new"] = "changed"
        assert run.to_payload() == EVERY_KEY

    def test_run_made_in_python(self) -> None:
        """A run made in Python is written with the keys that were set."""
        run = FlowRun(
            id="r-1",
            flow_id="f-1",
            created_at=datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=UTC),
            metrics=Metrics(record_summary=RecordSummary(input_record_count=3)),
        )
        assert run.to_payload() == LEAST | {
            "createdAt": 1597213529158,
            "metrics": {"recordSummary": {"inputRecordCount": 3}},
        }


AGAIN: dict[str, Callable[[FlowRun], FlowRun]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda run: run.model_copy(),
    "deep model_copy": lambda run: run.model_copy(deep=True),
    "pickle": lambda run: pickle.loads(pickle.dumps(run)),
    "dump": lambda run: FlowRun.model_validate(run.model_dump()),
    "JSON": lambda run: FlowRun.model_validate_json(run.model_dump_json()),
    "dump of JSON values": lambda run: FlowRun.model_validate(run.model_dump(mode="json")),
    "only what was set": lambda run: FlowRun.model_validate_json(run.model_dump_json(exclude_unset=True)),
    "no defaults": lambda run: FlowRun.model_validate_json(run.model_dump_json(exclude_defaults=True)),
}
"""The ways to a second run that says the same."""

RUNS = {**DOCUMENTED, "every key": parse(EVERY_KEY), "least": parse(LEAST)}


class TestCopies:
    """Round trips, equality and hashes."""

    @pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN.keys())
    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
    def test_round_trips(self, run: FlowRun, again: Callable[[FlowRun], FlowRun]) -> None:
        """A copy in whatever way says the same, its delivery included, and hashes the same."""
        copied = again(run)
        assert (copied, hash(copied), copied.errors) == (run, hash(run), run.errors)

    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_every_pickle_protocol(self, documented: bytes, protocol: int) -> None:
        """Runs pickle in every protocol that Python's models have."""
        run = parse(documented)
        assert pickle.loads(pickle.dumps(run, protocol)) == run

    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
    def test_delivery_counts(self, run: FlowRun) -> None:
        """Runs that came in different ways are not equal."""
        assert run != run.model_copy(update={"delivery": Delivery(event_id="another")})

    @pytest.mark.parametrize("path", sorted(objects(EVERY_KEY), key=str), ids=str)
    def test_every_value_counts(self, path: tuple[str | int, ...]) -> None:
        """Runs that differ in any one key, at any level, are not equal."""
        run = parse(EVERY_KEY)
        for key in at(EVERY_KEY, path).keys() - {"id", "flowId"}:
            record = copy.deepcopy(EVERY_KEY)
            del at(record, path)[key]
            assert parse(record) != run, key

    def test_hash(self, documented: bytes) -> None:
        """Runs can be members of sets and keys of dicts; the same run is the same member."""
        runs: list[Any] = [parse(documented), parse(json.loads(documented)), parse(LEAST)]
        assert len(set(runs)) == 2

    def test_input_is_not_changed(self, documented: bytes) -> None:
        """What a run is parsed from is not changed, and what becomes of it does not change the run."""
        payload = json.loads(documented)
        run = parse(payload)
        assert payload == json.loads(documented)
        empty(payload)
        assert run == parse(documented)


def empty(value: JsonValue) -> None:
    """Empties every list and object within a JSON value."""
    if isinstance(value, (dict, list)):
        for item in list(value.values() if isinstance(value, dict) else value):
            empty(item)
        value.clear()


class TestFrozen:
    """Runs do not change."""

    def test_no_attribute_can_be_set_or_deleted(self) -> None:
        """Neither a run nor any of its parts takes another value, known or unknown."""
        record = EVERY_KEY | {"newKey": 1}
        run = parse(record)
        for path, part in parts(run):
            for name in (*type(part).model_fields, "newKey", "other"):
                with pytest.raises(ValidationError, match="frozen"):
                    setattr(part, name, None)
                if hasattr(part, name):
                    with pytest.raises(ValidationError, match="frozen"):
                        delattr(part, name)
            assert run == parse(record), path

    def test_lists_are_tuples(self) -> None:
        """No list can be changed, as none is there: lists are tuples."""
        lists = [
            f"{path}.{name}"
            for path, part in parts(parse(EVERY_KEY))
            for name, value in part
            if isinstance(value, list) and snake_case(name) not in {snake_case(bag) for bag in BAGS}
        ]
        assert lists == []

    def test_bags_are_copies(self) -> None:
        """What is changed in a bag stays the caller's."""
        run = parse(EVERY_KEY | {"newKey": {"a": [1]}})
        run.params["windowStartTime"] = "changed"
        run.metrics.custom_summary["own"].append("changed")
        run.metrics.file_summary.manifest["fileInfo"][0]["path"] = "changed"
        run.activities[0].status_summary.extensions.clear()
        run.model_extra["newKey"]["a"].append("changed")
        assert run == parse(EVERY_KEY | {"newKey": {"a": [1]}})

    def test_properties_do_not_change(self) -> None:
        """Properties cannot be set either."""
        run = parse(LEAST)
        for name in ("status", "errors", "started_at"):
            with pytest.raises(ValidationError, match="frozen"):
                setattr(run, name, None)
        assert (run.status, run.errors, run.started_at) == (None, (), None)


class TestWrapperModels:
    """`EventNotification` and `MessagesNotification`: the documented shapes, usable alone."""

    def test_event(self, read_payload: Callable[[str], bytes]) -> None:
        """The success form is an event around the run."""
        payload = read_payload("documented_success")
        notification = EventNotification.model_validate_json(payload)
        assert (notification.event_id, notification.recipient_client_id, notification.model_extra) == (
            "aec55616-1715-487f-8044-ba648cc8ffee",
            None,
            {},
        )
        assert notification.event.to_payload().keys() - {"header"} == DOCUMENTED_SUCCESS.to_payload().keys()
        assert notification.event.metrics == DOCUMENTED_SUCCESS.metrics
        assert notification.event.activities == DOCUMENTED_SUCCESS.activities

    @pytest.mark.parametrize("name", ["documented_success", "documented_2020_preview_success"])
    def test_header_belongs_to_the_delivery(self, read_payload: Callable[[str], bytes], name: str) -> None:
        """What stands in the record's own header is its delivery here too, and no unknown key."""
        run = EventNotification.model_validate_json(read_payload(name)).event
        assert unknown_keys(run) == {}
        assert run.delivery == Delivery(
            event_code=DOCUMENTED[name].delivery.event_code, provider=DOCUMENTED[name].delivery.provider
        )

    @pytest.mark.parametrize("event_id", ["event_id", "eventid"])
    @pytest.mark.parametrize("client_id", ["recipient_client_id", "recipientclientid"])
    def test_event_spellings(self, event_id: str, client_id: str) -> None:
        """Adobe's old and new spellings are read."""
        notification = EventNotification.model_validate({event_id: "e-1", client_id: "c-1", "event": LEAST})
        expected = EventNotification(event=FlowRun(id="r-1", flow_id="f-1"), event_id="e-1", recipient_client_id="c-1")
        assert notification == expected

    def test_messages(self, read_payload: Callable[[str], bytes]) -> None:
        """The failure form is a list of messages around the run."""
        (payload,) = json.loads(read_payload("documented_failure"))
        assert MessagesNotification.model_validate(payload) == MessagesNotification(
            messages=(
                Message(
                    value=without_delivery(DOCUMENTED_FAILURE),
                    msg_type="eventNotification",
                    version="1.0",
                    timestamp=datetime(2020, 8, 14, 19, 42, 37, 622000, tzinfo=UTC),
                    ims_org_id="{ORG_ID}",
                    schema_={"name": "run-notification", "version": "1.0"},
                    provider="FlowService",
                    event_notification_meta={
                        "category": "Platform Notifications",
                        "type": "sources_flow_run_failed",
                    },
                ),
            )
        )

    def test_bare_message(self, read_payload: Callable[[str], bytes]) -> None:
        """The preview's failure form is the message alone, with the time of sending as text."""
        (payload,) = json.loads(read_payload("documented_2020_preview_failure"))
        message = Message.model_validate(payload)
        assert message.value == without_delivery(DOCUMENTED_2020_PREVIEW_FAILURE)
        assert message.timestamp == datetime(2020, 6, 8, 16, 6, 4, 92000, tzinfo=UTC)
        assert unknown_keys(message) == {}

    @pytest.mark.parametrize(
        ("model", "payload", "missing"),
        [
            (EventNotification, '{"event_id": "e-1"}', ("event",)),
            (EventNotification, '{"event": {"id": "r-1"}}', ("event", "flowId")),
            (MessagesNotification, "{}", ("messages",)),
            (MessagesNotification, '{"messages": [{}]}', ("messages", 0, "value")),
        ],
    )
    def test_required(self, model: type[BaseModel], payload: str, missing: tuple[str | int, ...]) -> None:
        """The run is required."""
        with pytest.raises(ValidationError) as caught:
            model.model_validate_json(payload)
        assert [(problem["type"], problem["loc"]) for problem in caught.value.errors()] == [("missing", missing)]

    def test_what_they_write_can_be_parsed(self, read_payload: Callable[[str], bytes]) -> None:
        """Dumped by alias they are notifications again."""
        event = EventNotification.model_validate_json(read_payload("documented_success"))
        (payload,) = json.loads(read_payload("documented_failure"))
        messages = MessagesNotification.model_validate(payload)
        runs = [parse(model.model_dump_json(by_alias=True, exclude_unset=True)) for model in (event, messages)]
        assert [without_delivery(run) for run in runs] == [
            without_delivery(run) for run in (DOCUMENTED_SUCCESS, DOCUMENTED_FAILURE)
        ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
class TestJsonSchema:
    """JSON Schemas of the models."""

    @staticmethod
    def root(model: type[BaseModel], mode: Any) -> dict[str, Any]:
        """The schema of the model itself."""
        schema = model.model_json_schema(mode=mode)
        root: dict[str, Any] = schema["$defs"][model.__name__] if "$ref" in schema else schema
        return root

    @pytest.mark.parametrize("mode", ["validation", "serialization"])
    def test_keys(self, model: type[BaseModel], mode: str) -> None:
        """A schema lists Adobe's keys, and takes keys that it does not list."""
        root = self.root(model, mode)
        keys = {field.serialization_alias or name for name, field in model.model_fields.items()}
        if (model, mode) == (Delivery, "validation"):  # read from the header of a record
            keys = {"_adobeio"}
        assert root["properties"].keys() == keys
        assert root.get("additionalProperties", True) in (True, {})

    @pytest.mark.parametrize("mode", ["validation", "serialization"])
    def test_json(self, model: type[BaseModel], mode: Any) -> None:
        """A schema is JSON."""
        schema = model.model_json_schema(mode=mode)
        assert json.loads(json.dumps(schema)) == schema

    def test_required(self, model: type[BaseModel]) -> None:
        """A schema of what is read requires what a model requires, and no more."""
        required = {
            field.serialization_alias or name for name, field in model.model_fields.items() if field.is_required()
        }
        assert set(self.root(model, "validation").get("required", ())) == required


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_json_schema_without_warnings(mode: Any) -> None:
    """Making a schema warns of nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        FlowRun.model_json_schema(mode=mode)
    assert caught == []
