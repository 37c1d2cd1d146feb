"""Tests of the questions that a run answers, and of its use as a pydantic model."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any, ClassVar

import pytest
from documented_runs import (
    DOCUMENTED,
    DOCUMENTED_2020_PREVIEW_FAILURE,
    DOCUMENTED_2020_PREVIEW_SUCCESS,
    DOCUMENTED_FAILURE,
    DOCUMENTED_SUCCESS,
)
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model
from samples import EVERY_KEY, LEAST, PATHS, SUMMARIES, Path, at, unknown_keys

from flowrun_notifications import Delivery, EventNotification, FlowRun, RecordSummary, RunStatus, parse

UTC = timezone.utc


def with_status(status: object = "success", **metrics: Any) -> FlowRun:
    """Return the run with this status and these further summaries."""
    return parse(LEAST | {"metrics": {"statusSummary": {"status": status}, **metrics}})


def with_code(code: str, **more: Any) -> FlowRun:
    """Return the run that came with this event code."""
    return parse(LEAST | {"header": {"_adobeio": {"eventCode": code}}, **more})


def outcome(run: FlowRun) -> tuple[bool, ...]:
    """Return the answers about how a run ended."""
    return (run.succeeded, run.failed, run.is_partial, run.is_finished, run.needs_attention)


class TestDocumented:
    """The documented payloads."""

    @pytest.mark.parametrize(("name", "run"), DOCUMENTED.items(), ids=DOCUMENTED.keys())
    def test_whole_run(self, read_payload: Callable[[str], bytes], name: str, run: FlowRun) -> None:
        """Each reads as exactly this run, without any unknown key, from bytes, text and decoded JSON."""
        payload = read_payload(name)
        assert [parse(payload), parse(payload.decode()), parse(json.loads(payload))] == [run] * 3
        assert unknown_keys(parse(payload)) == {}

    def test_success(self) -> None:
        """The answers of the successful run."""
        run = DOCUMENTED_SUCCESS
        assert (run.status, outcome(run)) == (RunStatus.SUCCESS, (True, False, False, True, False))
        assert (run.started_at, run.completed_at, run.duration) == (
            datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            timedelta(0),
        )
        assert [activity.kind for activity in run.activities] == ["copy", "promotion"]
        batches = "https://platform.adobe.io/data/foundation/export/batches"
        assert (run.batch_ids, run.source_connection_ids, run.target_connection_ids, run.file_info_urls) == (
            ("b1",),
            ("sourceConnectionId1",),
            ("targetConnectionId1",),
            (f"{batches}/01E4TSJNM2H5M74J0XB8MFWDHK/meta?path=input_files",),
        )
        assert (run.errors, run.causes, run.skips, run.warnings) == ((), (), (), ())

    def test_failure(self) -> None:
        """The answers of the failed run, of which neither sizes (-1) nor the end are known."""
        run = DOCUMENTED_FAILURE
        assert (run.status, outcome(run)) == (RunStatus.FAILED, (False, True, False, True, True))
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
        """The answers of the preview's successful run: 0 is 0, and an absent count is None."""
        run = DOCUMENTED_2020_PREVIEW_SUCCESS
        assert (run.duration, outcome(run)) == (
            timedelta(seconds=27, milliseconds=225),
            (True, False, False, True, False),
        )
        assert run.metrics.file_summary.output_file_count == 0
        assert run.metrics.record_summary == RecordSummary()
        assert (run.batch_ids, run.source_connection_ids) == ((), ("478b4613-5f21-4895-8b46-135f21389513",))

    def test_preview_failure(self) -> None:
        """The answers of the preview's failed run, with seconds and milliseconds within one summary."""
        run = DOCUMENTED_2020_PREVIEW_FAILURE
        assert (run.duration, outcome(run)) == (
            timedelta(hours=25, minutes=43, seconds=52, milliseconds=117),
            (False, True, False, True, True),
        )
        assert [error.code for error in run.errors] == ["CTOR-2001-500", "INGEST-1205-400", "INGEST-1205-400"]


ERRORS = {"errors": [{"code": "C-1"}]}
COMPLETED = {"completedAtUTC": 1597095471861}


class TestOutcome:
    """`status`, `succeeded`, `failed`, `is_partial`, `is_finished` and `needs_attention`."""

    @pytest.mark.parametrize(
        ("status", "read"),
        [("IN_PROGRESS", RunStatus.IN_PROGRESS), (" Failed ", RunStatus.FAILED), ("Paused", "Paused")],
    )
    def test_status(self, status: str, read: RunStatus | str) -> None:
        """A known status is a member whatever its spelling; the summary keeps the text as it came."""
        run = with_status(status)
        assert (run.status, type(run.status), run.metrics.status_summary.status) == (read, type(read), status)

    @pytest.mark.parametrize(
        ("status", "answers"),
        [
            ("success", (True, False, False, True, False)),
            ("failed", (False, True, False, True, True)),
            ("partialSuccess", (False, False, True, True, True)),
            ("inProgress", (False, False, False, False, False)),
            ("scheduled", (False, False, False, False, False)),
            ("processing", (False, False, False, False, False)),
            ("waiting", (False, False, False, False, False)),
        ],
    )
    @pytest.mark.parametrize("durations", [{}, COMPLETED])
    def test_known(self, status: str, answers: tuple[bool, ...], durations: dict[str, Any]) -> None:
        """A known status decides, with a completion time or without."""
        assert outcome(with_status(status, durationSummary=durations)) == answers

    @pytest.mark.parametrize("status", [None, "", "  ", "cancelled", "COMPLETED", "PARTIAL_FAILURE", "sucess"])
    def test_unknown(self, status: str | None) -> None:
        """An unknown status, or none, is finished by its completion time, and needs attention either way."""
        assert outcome(with_status(status)) == (False, False, False, False, True)
        assert outcome(with_status(status, durationSummary=COMPLETED)) == (False, False, False, True, True)

    @pytest.mark.parametrize("completed", [0, -1, "0", None])
    def test_never_completed(self, completed: object) -> None:
        """A completion time of zero or below is none, so such a run is not finished."""
        run = with_status("inProgress", durationSummary={"startedAtUTC": 1767600000500, "completedAtUTC": completed})
        assert (run.completed_at, run.duration, outcome(run)) == (None, None, (False,) * 5)
        assert outcome(with_status("running", durationSummary={"completedAtUTC": completed}))[3] is False

    @pytest.mark.parametrize(
        ("status", "answers"),
        [
            ("inProgress", (False, False, False, False, True)),
            ("failed", (False, True, False, True, True)),
            ("success", (True, False, True, True, True)),
            ("partialSuccess", (False, False, True, True, True)),
            ("paused", (False, False, False, False, True)),
        ],
    )
    def test_errors(self, status: str, answers: tuple[bool, ...]) -> None:
        """Errors make a success partial, and any run worth a look."""
        assert outcome(parse(LEAST | {"metrics": {"statusSummary": {"status": status, **ERRORS}}})) == answers

    def test_empty_entries(self) -> None:
        """Entries that say nothing are not errors."""
        for entry in ({}, {"code": None}, {"message": ""}, {"code": "", "details": None}):
            run = parse(LEAST | {"metrics": {"statusSummary": {"status": "success", "errors": [entry]}}})
            assert (run.errors, outcome(run)) == ((), (True, False, False, True, False))

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
        ],
    )
    def test_event_code(self, code: str, status: RunStatus | None) -> None:
        """Where the record has no status, the end of the event code decides."""
        for metrics in ({}, {"statusSummary": {"status": None}}, {"statusSummary": {"status": " "}}):
            run = with_code(code, metrics=metrics)
            assert (run.delivery.event_code, run.status) == (code, status)
            assert run.is_finished is (status is not None)

    @pytest.mark.parametrize("code", ["sources_flow_run_success", "sources_flow_run_failed", "source_flow_run_error"])
    @pytest.mark.parametrize("status", ["success", "failed", "inProgress", "paused"])
    def test_record_beats_event_code(self, code: str, status: str) -> None:
        """Where the record has a status, the event code decides nothing."""
        assert with_code(code, metrics={"statusSummary": {"status": status}}).status == status

    def test_partial_by_event_code(self) -> None:
        """A success that only the event code tells is partial by the same rule."""
        assert outcome(with_code("x_success", metrics={"statusSummary": ERRORS})) == (True, False, True, True, True)


class TestTimes:
    """`started_at`, `completed_at` and `duration`."""

    @pytest.mark.parametrize(
        ("times", "duration"),
        [
            ({"startedAtUTC": 1592689437, "completedAtUTC": 1592782069117}, timedelta(seconds=92632, milliseconds=117)),
            ({"startedAtUTC": 1592689437, "completedAtUTC": 1592689437000}, timedelta(0)),
            ({"startedAtUTC": 1592689437, "stoppedAtUTC": 1592689438}, timedelta(seconds=1)),
            ({"startedAtUTC": 1592689437}, None),
            ({"completedAtUTC": 1592689437}, None),
            ({"startedAtUTC": 0, "completedAtUTC": 1592689437}, None),
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


class TestDedupKey:
    """`dedup_key`."""

    def test_form(self) -> None:
        """It is the run's id and a digest."""
        assert with_status("failed").dedup_key == "r-1:" + with_status("failed").dedup_key.partition(":")[2]
        assert len(with_status("failed").dedup_key) == len("r-1:") + 32

    @pytest.mark.parametrize(
        "same",
        [
            {"header": {"_adobeio": {"eventCode": "source_flow_run_info"}}},
            {"createdAt": "2020-08-12T06:25:29.158Z", "createdBy": "somebody"},
            {"createdBy": "somebody", "createdAt": 1597213529158},
        ],
    )
    def test_same(self, same: dict[str, Any]) -> None:
        """A repeated delivery has the same key, however it came, was spelt, or was ordered."""
        record = LEAST | {"createdAt": 1597213529158, "createdBy": "somebody"}
        assert parse({"event_id": "e-1", "event": {**record, **same}}).dedup_key == parse(record).dedup_key

    @pytest.mark.parametrize(
        "other",
        [
            LEAST | {"id": "r-2"},
            LEAST | {"flowId": "f-2"},
            LEAST | {"unknown": 1},
            LEAST | {"metrics": {"statusSummary": {"status": "failed"}}},
            LEAST | {"header": {"_adobeio": {"eventCode": "x_failed"}}},
        ],
    )
    def test_other(self, other: dict[str, Any]) -> None:
        """Another run or another state has another key."""
        assert parse(other).dedup_key != parse(LEAST).dedup_key


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
    """`summary()`: one line for a log."""

    @pytest.mark.parametrize(("name", "summary"), LINES.items(), ids=LINES.keys())
    def test_documented(self, name: str, summary: str) -> None:
        """It tells how the run ended, which run of which flow, how long, how much, why."""
        assert DOCUMENTED[name].summary() == summary

    def test_least(self) -> None:
        """Everything unknown is left out."""
        assert parse(LEAST).summary() == "status unknown: flow run r-1 of f-1"

    def test_unknown_status(self) -> None:
        """An unknown status is shown as it came."""
        assert with_status("Paused").summary() == "Paused: flow run r-1 of f-1"

    def test_thousands(self) -> None:
        """Large counts have separators."""
        run = parse(LEAST | {"metrics": {"recordSummary": {"inputRecordCount": 1234567, "failedRecordCount": 1}}})
        assert run.summary() == "status unknown: flow run r-1 of f-1, 1,234,567 records in, 1 failed"

    @pytest.mark.parametrize(
        ("errors", "shown"),
        [
            ([{"code": "C-1"}], "C-1"),
            ([{"message": "text"}], "text"),
            ([{"code": "C-1", "message": "one"}, {"code": "C-2", "message": "two"}], "C-1 one (and 1 more)"),
            ([{"message": "x" * 200}], "x" * 200),
            ([{"message": "x" * 201}], "x" * 199 + "\u2026"),
        ],
    )
    def test_causes(self, errors: list[dict[str, str]], shown: str) -> None:
        """It shows the first cause, cut after 200 characters, and how many more there are."""
        run = with_status("failed", statusSummary={"status": "failed", "errors": errors})
        assert run.summary() == f"failed: flow run r-1 of f-1; {shown}"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            *((f"two{space}words", "two words") for space in ("\n", "\r\n", "\t", "\u2028", "\x0b", "\x85", "  ")),
            ("\x1b[31mred", "\\x1b[31mred"),
            ("\u202egpj.exe", "\\u202egpj.exe"),
            ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ],
    )
    def test_one_line(self, text: str, shown: str) -> None:
        """Line breaks become spaces, control and bidirectional characters are escaped, wherever they stand."""
        run = parse(
            {
                "id": text,
                "flowId": "f-1",
                "flowName": text,
                "sandboxName": text,
                "metrics": {"statusSummary": {"status": text, "errors": [{"code": text, "message": text}]}},
            }
        )
        assert run.summary() == f"{shown}: flow run {shown} of {shown} in {shown}; {shown} {shown}"


def test_repr() -> None:
    """A run shows what a person wants to see first."""
    assert repr(DOCUMENTED_2020_PREVIEW_FAILURE) == (
        "FlowRun(id='1149044a-2536-4dca-8904-4a25364dca98', flow_id='3a4a152c-ba1a-4f71-8a15-2cba1abf719e', "
        "status='failed', started_at='2020-06-20 21:43:57+00:00', duration='1 day, 1:43:52.117000', "
        "input_record_count=14, output_record_count=8, error_count=3)"
    )
    assert repr(parse(LEAST)) == (
        "FlowRun(id='r-1', flow_id='f-1', status=None, started_at=None, duration=None, "
        "input_record_count=None, output_record_count=None, error_count=0)"
    )


@pytest.mark.parametrize(
    "key",
    ["model_fields", "model_extra", "errors", "failed", "summary", "__class__", "__dict__", "copy", "started_at"],
)
def test_keys_like_other_names(key: str) -> None:
    """An unknown key that is spelt like a property or a method is kept beside it, and replaces nothing."""
    run = parse(LEAST | {key: "mine"})
    assert run.model_extra == {key: "mine"}
    assert (run.status, run.errors, run.started_at, type(run)) == (None, (), None, FlowRun)
    assert run.summary() == parse(LEAST).summary()
    assert run.to_payload() == LEAST | {key: "mine"}
    assert FlowRun.model_validate_json(run.model_dump_json()) == run


def test_unknown_words() -> None:
    """Unknown statuses, codes, event codes and activities pass with their text."""
    errors = {"status": "Paused", "errors": [{"code": "NEW-1"}]}
    run = with_code("new_event", metrics={"statusSummary": errors}, activities=[{"id": "newActivity", "name": "New"}])
    (error,), (activity,) = run.errors, run.activities
    assert (run.status, error.code, run.delivery.event_code, activity.id, activity.name, activity.kind) == (
        *("Paused", "NEW-1", "new_event"),
        *("newActivity", "New", None),
    )


@pytest.mark.parametrize("missing", ["id", "flowId"])
def test_required(missing: str) -> None:
    """The ids are required of a run that is made in Python, too."""
    with pytest.raises(ValidationError) as caught:
        FlowRun.model_validate({key: value for key, value in LEAST.items() if key != missing})
    assert [(problem["type"], problem["loc"]) for problem in caught.value.errors()] == [("missing", (missing,))]


def dump_again(**options: Any) -> Callable[[FlowRun], list[FlowRun]]:
    """Return a function that dumps a run with options and reads it again, in three ways."""
    return lambda run: [
        FlowRun.model_validate(run.model_dump(**options)),
        FlowRun.model_validate(run.model_dump(mode="json", **options)),
        FlowRun.model_validate_json(run.model_dump_json(**options)),
    ]


AGAIN: dict[str, Callable[[FlowRun], list[FlowRun]]] = {
    "copies": lambda run: [copy.copy(run), copy.deepcopy(run), run.model_copy(), run.model_copy(deep=True)],
    "pickle": lambda run: [pickle.loads(pickle.dumps(run))],
    "dumps by name": dump_again(),
    "dumps by alias": dump_again(by_alias=True),
    "dumps of given keys": dump_again(exclude_unset=True),
    "dumps of given keys by alias": dump_again(exclude_unset=True, by_alias=True),
    "dumps without defaults": dump_again(exclude_defaults=True),
}
"""The ways to more runs that say the same."""

DECOYS: dict[str, Any] = {
    "flow_id": "decoy",
    "flow_name": None,
    "created_at": {"a": [1]},
    "delivery": {"event_id": "decoy", "wrappers": ["decoy"]},
    "__html__": "decoy",
}
"""Unknown keys that are spelt like attributes, and the like."""

TWINS: dict[str, Any] = {"xdm:metrics": {"decoy": True}, "eTag": "decoy", "activites": 5}
"""Other spellings of keys."""

RUNS: dict[str, FlowRun] = {
    **DOCUMENTED,
    "every key": parse({"event_id": "e-1", "event": EVERY_KEY}),
    "least": parse(LEAST),
    "decoys": parse({"event_id": "e-1", "event": EVERY_KEY | DECOYS | TWINS}),
    "decoys alone": parse(LEAST | DECOYS),
    "header and delivery": parse(LEAST | {"header": {"_adobeio": {"eventCode": "c"}}, "delivery": {"path": "decoy"}}),
}


class TestCopies:
    """Round trips, equality and hashes."""

    @pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN.keys())
    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
    def test_round_trips(self, run: FlowRun, again: Callable[[FlowRun], list[FlowRun]]) -> None:
        """A copy says the same, its delivery and its unknown keys included, and hashes the same."""
        for copied in again(run):
            assert (copied, hash(copied), copied.errors) == (run, hash(run), run.errors)
            assert copied.model_extra == run.model_extra

    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
    def test_delivery_counts(self, run: FlowRun) -> None:
        """Runs that came in different ways are not equal."""
        assert run != run.model_copy(update={"delivery": Delivery(event_id="another")})

    @pytest.mark.parametrize("path", PATHS, ids=str)
    def test_every_value_counts(self, path: Path) -> None:
        """Runs that differ in any one key, at any level, are not equal."""
        run = parse(EVERY_KEY)
        for key in at(EVERY_KEY, path).keys() - {"id", "flowId"}:
            record = copy.deepcopy(EVERY_KEY)
            del at(record, path)[key]
            assert parse(record) != run, key

    def test_hash(self, documented: bytes) -> None:
        """Equal runs are the same member of a set."""
        runs: list[Any] = [parse(documented), parse(json.loads(documented)), parse(LEAST)]
        assert len(set(runs)) == 2


class Subclass(FlowRun, frozen=True):
    """A run with an answer of its own."""

    team: str = "nobody"

    @cached_property
    def error_codes(self) -> tuple[str | None, ...]:
        """The codes of its errors."""
        return tuple(error.code for error in self.errors)


class Report(BaseModel):
    """A model of somebody else's."""

    title: str
    run: FlowRun
    others: list[FlowRun] = []
    notification: EventNotification | None = None


class TestElsewhere:
    """Runs in other people's code."""

    def test_subclass(self) -> None:
        """A subclass reads what a run does, and its equal instances have equal hashes, whatever was cached."""
        runs = [Subclass.model_validate(EVERY_KEY | {"team": "data"}) for _ in "ab"]
        assert runs[0].error_codes == ("C-1", "Word")
        assert (runs[0] == runs[1], hash(runs[0]) == hash(runs[1]), runs[0].team) == (True, True, "data")
        assert Subclass.model_validate_json(runs[0].model_dump_json()) == runs[0]
        assert runs[0].to_payload() == EVERY_KEY | {"team": "data"}

    def test_subclass_elsewhere(self) -> None:
        """A module that imports nothing but FlowRun can subclass it, and create models from it."""
        namespace: dict[str, Any] = {"__name__": "elsewhere"}
        exec(
            "from flowrun_notifications import FlowRun\nclass Mine(FlowRun):\n    team: str = 'nobody'\n",
            namespace,
        )
        mine = namespace["Mine"].model_validate(EVERY_KEY | {"unknown": [1]})
        made = create_model("Made", __base__=FlowRun, team=(str, "nobody")).model_validate(EVERY_KEY | {"unknown": [1]})
        assert (mine.team, mine.unknown, mine.metrics, made.model_extra) == (
            "nobody",
            [1],
            parse(EVERY_KEY).metrics,
            {"unknown": [1]},
        )

    @pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
    def test_field(self, run: FlowRun) -> None:
        """A run is a field of another model, which dumps it and reads it again."""
        report = Report(title="t", run=run, others=[run, run])
        assert report.run is run
        assert Report.model_validate_json(report.model_dump_json()) == report
        assert Report.model_validate(report.model_dump()) == report
        assert Report.model_validate_json(report.model_dump_json(by_alias=True)) == report

    BODIES: ClassVar[dict[str, dict[str, Any]]] = {
        "every key": EVERY_KEY,
        "null beside a value": LEAST | {"metrics": None, "xdm:metrics": {"statusSummary": {"status": "failed"}}},
        "empty, of the other kind": LEAST | {"metrics": [], "activities": {}, "params": []},
        "forged header": LEAST
        | {"header": {"_adobeio": {"eventCode": "x_failed"}, "event_id": "forged", "path": "forged"}},
    }

    @pytest.mark.parametrize("record", BODIES.values(), ids=BODIES.keys())
    def test_body(self, record: dict[str, Any]) -> None:
        """A body that is validated as a run, as web frameworks do it, reads as `parse` reads it."""
        adapter = TypeAdapter(FlowRun)
        assert adapter.validate_python(record) == adapter.validate_json(json.dumps(record)) == parse(record)
        assert TypeAdapter(list[FlowRun]).validate_json(json.dumps([record])) == [parse(record)]
        assert Report.model_validate({"title": "t", "run": record}).run == parse(record)

    def test_response(self) -> None:
        """A run that is dumped as a response has its delivery under that name."""
        dumped = TypeAdapter(FlowRun).dump_python(
            parse({"event_id": "e-1", "event": LEAST}), by_alias=True, mode="json"
        )
        assert dumped["delivery"]["event_id"] == "e-1"
        assert "header" not in dumped

    def test_wrapper_as_body(self, read_payload: Callable[[str], bytes]) -> None:
        """A notification in another model gives the run that `parse` gives."""
        payload = json.loads(read_payload("documented_success"))
        report = Report.model_validate({"title": "t", "run": LEAST, "notification": payload})
        assert report.notification is not None
        assert report.notification.event == DOCUMENTED_SUCCESS
