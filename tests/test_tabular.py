"""What `flowrun_notifications.tabular` promises."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass
from datetime import datetime, timezone
from typing import Any

import pytest

from flowrun_notifications import FlowRun, RunStatus, lookup_error, parse
from flowrun_notifications.tabular import (
    ACTIVITY_COLUMNS,
    ERROR_COLUMNS,
    RUN_COLUMNS,
    Column,
    Row,
    activity_rows,
    arrow_schema,
    error_rows,
    pandas_dtypes,
    polars_schema,
    run_row,
)

UTC = timezone.utc


@dataclass(frozen=True)
class Table:
    """One of the three tables."""

    columns: tuple[Column, ...]
    rows: Callable[[FlowRun], list[Row]]


TABLES = {
    "run": Table(RUN_COLUMNS, lambda run: [run_row(run)]),
    "activity": Table(ACTIVITY_COLUMNS, activity_rows),
    "error": Table(ERROR_COLUMNS, error_rows),
}

SUMMARIES: dict[str, Any] = {
    "durationSummary": {"startedAtUTC": 1597095444636, "completedAtUTC": 1597095471861},
    "latencySummary": {"minMs": 1, "maxMs": 9.5, "avgMs": 4},
    "sizeSummary": {"inputBytes": 10, "outputBytes": 11, "failedBytes": 12, "skippedBytes": 13},
    "recordSummary": {
        "inputRecordCount": 20,
        "outputRecordCount": 21,
        "createdRecordCount": 22,
        "updatedRecordCount": 23,
        "deletedRecordCount": 24,
        "skippedRecordCount": 25,
        "failedRecordCount": 26,
        "warningRecordCount": 27,
        "ingestedRecordPercentage": 99,
        "failedInfo": [{"code": "INGEST-1205-400", "message": "failed", "recordCount": 2, "count": 1, "type": "Error"}],
        "skippedInfo": [{"code": "S-1", "message": "skipped"}],
        "warningInfo": [{"code": "W-1", "message": "warned", "details": {"rows": [1, "\u00e9"]}}],
        "sourceSummaries": [{"id": "source-3"}],
    },
    "fileSummary": {"inputFileCount": 30, "outputFileCount": 31, "skippedFileCount": 32, "failedFileCount": 33},
}

MEASURES: Row = {
    "started_at": datetime(2020, 8, 10, 21, 37, 24, 636000, tzinfo=UTC),
    "completed_at": datetime(2020, 8, 10, 21, 37, 51, 861000, tzinfo=UTC),
    "duration_seconds": 27.225,
    "latency_min_ms": 1.0,
    "latency_max_ms": 9.5,
    "latency_avg_ms": 4.0,
    "input_bytes": 10,
    "output_bytes": 11,
    "failed_bytes": 12,
    "skipped_bytes": 13,
    "input_record_count": 20,
    "output_record_count": 21,
    "created_record_count": 22,
    "updated_record_count": 23,
    "deleted_record_count": 24,
    "skipped_record_count": 25,
    "failed_record_count": 26,
    "warning_record_count": 27,
    "ingested_record_percentage": 99.0,
    "input_file_count": 30,
    "output_file_count": 31,
    "skipped_file_count": 32,
    "failed_file_count": 33,
}
"""What `SUMMARIES` measure."""

FULL: dict[str, Any] = {
    "eventid": "e-1",
    "recipientclientid": "c-1",
    "specversion": "1.0",
    "type": "source_flow_run_info",
    "time": "2025-06-25T13:03:41Z",
    "id": "e-1",
    "data": {
        "id": "r-1",
        "flowId": "f-1",
        "flowName": "Orders\nby day",
        "flowType": "streaming",
        "flowSpec": {"id": "fs-1", "version": "1.0"},
        "providerRefId": "ref-1",
        "etag": '"1"',
        "imsOrgId": "org@AdobeOrg",
        "sandboxId": "s-1",
        "sandboxName": "prod",
        "createdAt": 1597213529158,
        "updatedAt": "2020-08-12T08:25:30.760+02:00",
        "createdBy": "creator",
        "updatedBy": "updater",
        "createdClient": "creating client",
        "updatedClient": "updating client",
        "parentFlowRunId": "r-0",
        "childFlowRunIds": ["r-2", 'r-"3"'],
        "predecessors": [{"flowRunId": "p-1", "flowId": "f-0"}, {"flowId": "f-0"}, {"flowRunId": "p-2"}],
        "recordTypes": ["profile"],
        "alertName": "Run failed",
        "message": "A sentence.",
        "url": "https://example.com/a run",
        "slaCreatedAt": 1597213531124,
        "processStartTime": 1597213531213,
        "transformedTime": 1597213531214,
        "header": {"_adobeio": {"providerMetadata": "platform_notifications"}},
        "params": {"windowStartTime": "1590512053"},
        "metrics": {
            **SUMMARIES,
            "statusSummary": {
                "status": "Failed",
                "errors": [{"code": "CONNECTOR-2001-500", "message": "outer"}],
                "extensions": {"batchId": "b-3"},
            },
        },
        "activities": [
            {
                "id": "37b34f84-1ada-11eb-adc1-0242ac120002",
                "name": "Promotion Activity",
                "updatedAtUTC": 1597095487336,
                "contextId": "ctx-1",
                **SUMMARIES,
                "statusSummary": {"status": "SUCCESS"},
                "sourceInfo": [{"id": "source-1"}, {"id": "source-2"}],
                "targetInfo": [{"id": "target-1", "reference": {"type": "batch", "ids": ["b-1", "b-2"]}}],
            },
            {"statusSummary": {"status": "Paused"}},
        ],
    },
}
"""A run that says everything there is a column for, in a CloudEvent."""

KEYS: Row = {
    "flow_run_id": "r-1",
    "flow_id": "f-1",
    "event_id": "e-1",
    "updated_at": datetime(2020, 8, 12, 6, 25, 30, 760000, tzinfo=UTC),
}

LEAST = {"id": "r-1", "flowId": "f-1"}
"""A run that says nothing."""


def pairs(*rows: Row) -> list[list[tuple[str, Any]]]:
    """Return rows as lists of their items, so that the order of columns counts too."""
    return [list(row.items()) for row in rows]


@pytest.fixture
def full() -> FlowRun:
    """The run in `FULL`."""
    return parse(json.dumps(FULL))


HALF_FILLED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"flowSpec": {"id": "fs-1"}}, {"flow_spec_id": "fs-1"}),
    ({"flowSpec": {"version": "1.0"}}, {"flow_spec_version": "1.0"}),
    ({"predecessors": [{"flowId": "f-0"}, {}]}, {}),
    ({"childFlowRunIds": ["", "r-2"], "recordTypes": [""]}, {"child_flow_run_ids": '["r-2"]'}),
    (
        {"metrics": {"durationSummary": {"completedAtUTC": 1}}},
        {"completed_at": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)},
    ),
    ({"activities": [{"sourceInfo": [{}], "targetInfo": [{"reference": {"type": "Batch"}}]}]}, {}),
    (
        {"activities": [{"targetInfo": [{"reference": {"type": "Batch", "ids": ["", "b-1"]}}]}]},
        {"batch_ids": '["b-1"]'},
    ),
    ({"activities": [{"statusSummary": {"extensions": {"batchId": ["b-1"]}}}]}, {}),
    ({"activities": [{"fileSummary": {"extensions": {"manifest": {"fileInfo": [{}, ""]}}}}]}, {}),
]
"""Records with half-filled objects, and the columns that these fill."""


class TestRunRow:
    """`run_row`."""

    def test_full(self, full: FlowRun) -> None:
        """Every column holds what the run says, in the published order."""
        expected: Row = {
            **KEYS,
            "flow_name": "Orders\nby day",
            "flow_type": "streaming",
            "flow_spec_id": "fs-1",
            "flow_spec_version": "1.0",
            "provider_ref_id": "ref-1",
            "etag": '"1"',
            "ims_org_id": "org@AdobeOrg",
            "sandbox_id": "s-1",
            "sandbox_name": "prod",
            "created_at": datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=UTC),
            "created_by": "creator",
            "updated_by": "updater",
            "created_client": "creating client",
            "updated_client": "updating client",
            "parent_flow_run_id": "r-0",
            "child_flow_run_ids": '["r-2", "r-\\"3\\""]',
            "predecessor_flow_run_ids": '["p-1", "p-2"]',
            "record_types": '["profile"]',
            "alert_name": "Run failed",
            "message": "A sentence.",
            "url": "https://example.com/a run",
            "sla_created_at": datetime(2020, 8, 12, 6, 25, 31, 124000, tzinfo=UTC),
            "process_start_time": datetime(2020, 8, 12, 6, 25, 31, 213000, tzinfo=UTC),
            "transformed_time": datetime(2020, 8, 12, 6, 25, 31, 214000, tzinfo=UTC),
            "status": "failed",
            "succeeded": False,
            "failed": True,
            "is_partial": False,
            "is_finished": True,
            "needs_attention": True,
            **MEASURES,
            "activity_count": 2,
            "error_count": 2,
            "skip_count": 1,
            "warning_count": 1,
            "cause_code": "INGEST-1205-400",
            "cause_title": "Field not in target schema",
            "cause_message": "failed",
            "batch_ids": '["b-1", "b-2", "b-3"]',
            "source_connection_ids": '["source-1", "source-2", "source-3"]',
            "target_connection_ids": '["target-1"]',
            "file_info_urls": None,
            "failed_records_urls": None,
            "sample_errors_urls": None,
            "event_code": "source_flow_run_info",
            "recipient_client_id": "c-1",
            "sent_at": datetime(2025, 6, 25, 13, 3, 41, tzinfo=UTC),
            "delivery_category": None,
            "delivery_provider": "platform_notifications",
            "delivery_position": None,
            "delivery_retry_count": None,
            "delivery_path": "data",
            "delivery_wrappers": '["cloud_event"]',
        }
        assert pairs(run_row(full)) == pairs(expected)

    def test_least(self) -> None:
        """A run that says nothing has the same columns, and what is not known is None rather than zero."""
        known: Row = {
            "flow_run_id": "r-1",
            "flow_id": "f-1",
            "succeeded": False,
            "failed": False,
            "is_partial": False,
            "is_finished": False,
            "needs_attention": True,
            "activity_count": 0,
            "error_count": 0,
            "skip_count": 0,
            "warning_count": 0,
            "delivery_path": "",
        }
        assert run_row(parse(LEAST)) == {column.name: known.get(column.name) for column in RUN_COLUMNS}

    def test_how_it_came(self) -> None:
        """A message tells its category, a journal its position."""
        message = {
            "value": LEAST,
            "timestamp": 1591632364092,
            "provider": "FlowService",
            "_eventNotificationMeta": {"category": "flowRun", "type": "sources_flow_run_failed"},
        }
        journal = {"events": [{"position": "p-7", "event": message}], "_page": {"count": 1}}
        row = run_row(parse(journal))
        names = (
            "event_code",
            "sent_at",
            "delivery_category",
            "delivery_provider",
            "delivery_position",
            "delivery_path",
        )
        assert {name: row[name] for name in (*names, "delivery_wrappers")} == {
            "event_code": "sources_flow_run_failed",
            "sent_at": datetime(2020, 6, 8, 16, 6, 4, 92000, tzinfo=UTC),
            "delivery_category": "flowRun",
            "delivery_provider": "FlowService",
            "delivery_position": "p-7",
            "delivery_path": "events[0].event.value",
            "delivery_wrappers": '["journal", "messages"]',
        }

    @pytest.mark.parametrize(("record", "filled"), HALF_FILLED)
    def test_half_filled(self, record: dict[str, Any], filled: dict[str, Any]) -> None:
        """What an object leaves out stays null, and no other column holds a stand-in for it."""
        least = run_row(parse(LEAST))
        ends = {"is_finished": True} if "completed_at" in filled else {}
        assert run_row(parse({**LEAST, **record})) == {
            **least,
            **ends,
            **filled,
            "activity_count": len(record.get("activities", ())),
        }

    @pytest.mark.parametrize("status", [status.value for status in RunStatus])
    def test_known_status(self, status: str) -> None:
        """A known status is its usual spelling, as plain text, whatever its case."""
        row = run_row(parse(LEAST | {"metrics": {"statusSummary": {"status": status.upper()}}}))
        assert (row["status"], type(row["status"])) == (status, str)

    def test_unknown_status(self) -> None:
        """An unknown status is its text."""
        assert run_row(parse(LEAST | {"metrics": {"statusSummary": {"status": "Paused"}}}))["status"] == "Paused"

    @pytest.mark.parametrize(
        ("times", "seconds"),
        [
            ({"startedAtUTC": 1592689437, "completedAtUTC": 1592782069117}, 92632.117),
            ({"startedAtUTC": 1590512053, "completedAtUTC": 1590512053}, 0.0),
            ({"startedAtUTC": 1590512053}, None),
            ({"completedAtUTC": 1590512053}, None),
        ],
    )
    def test_duration(self, times: dict[str, Any], seconds: float | None) -> None:
        """A duration is seconds as a float, and None where either end is unknown."""
        row = run_row(parse(LEAST | {"metrics": {"durationSummary": times}}))
        assert (row["duration_seconds"], type(row["duration_seconds"])) == (seconds, type(seconds))

    def test_first_cause(self) -> None:
        """The cause is the first nested error, or the first error where none is nested."""
        outer = {"errors": [{"code": "C-1", "message": "outer"}, {"code": "C-2"}]}
        nested = {"extensions": {"errors": [{"code": "133", "message": "nested"}, {"code": "C-3"}]}}
        rows = [run_row(parse(LEAST | {"metrics": {"statusSummary": summary}})) for summary in (outer, outer | nested)]
        assert [(row["cause_code"], row["cause_title"], row["cause_message"]) for row in rows] == [
            ("C-1", None, "outer"),
            ("133", "No files in batch", "nested"),
        ]


class TestActivityRows:
    """`activity_rows`."""

    def test_full(self, full: FlowRun) -> None:
        """Every activity is a row, in order, and every column holds what it says, in the published order."""
        expected: list[Row] = [
            {
                **KEYS,
                "activity_index": 0,
                "activity_id": "37b34f84-1ada-11eb-adc1-0242ac120002",
                "activity_name": "Promotion Activity",
                "activity_kind": "promotion",
                "activity_updated_at_utc": datetime(2020, 8, 10, 21, 38, 7, 336000, tzinfo=UTC),
                "context_id": "ctx-1",
                "status": "success",
                **MEASURES,
                "source_connection_ids": '["source-1", "source-2"]',
                "target_connection_ids": '["target-1"]',
            },
            {
                **dict.fromkeys(column.name for column in ACTIVITY_COLUMNS),
                **KEYS,
                "activity_index": 1,
                "status": "Paused",
            },
        ]
        assert pairs(*activity_rows(full)) == pairs(*expected)

    def test_none(self) -> None:
        """A run without activities has no rows."""
        assert activity_rows(parse(LEAST)) == []

    def test_repeated_connection(self) -> None:
        """A connection that stands twice in an activity is given once, as in the run's row."""
        activity = {"sourceInfo": [{"id": "s-1"}, {"id": "s-1"}], "targetInfo": [{"id": "t-1"}, {}, {"id": "t-1"}]}
        run = parse(LEAST | {"activities": [activity]})
        names = ("source_connection_ids", "target_connection_ids")
        (row,) = activity_rows(run)
        assert [row[name] for name in names] == [run_row(run)[name] for name in names] == ['["s-1"]', '["t-1"]']


class TestErrorRows:
    """`error_rows`."""

    def test_full(self, full: FlowRun) -> None:
        """Errors, then skips, then warnings; each with what is known of its code, and with its activity."""
        promotion = "37b34f84-1ada-11eb-adc1-0242ac120002"
        rows = error_rows(full)
        assert [row["kind"] for row in rows] == ["error", "cause", "skip", "warning"]
        expected: list[Row] = [
            {
                **KEYS,
                "kind": "cause",
                "code": "INGEST-1205-400",
                "message": "failed",
                "record_count": 2,
                "count": 1,
                "type": "Error",
                "details": None,
                "activity_id": promotion,
                "activity_name": "Promotion Activity",
                "is_nested": True,
                "is_documented": True,
                "title": "Field not in target schema",
                "meaning": "The data holds a field that the target schema does not define; "
                "the message names the field.",
                "remedy": "Remove the field and ingest again.",
                "stage": "validation",
                "retryable": None,
                "family": "INGEST",
                "http_status": 400,
                "evidence": "adobe",
            },
            {
                **dict.fromkeys(column.name for column in ERROR_COLUMNS),
                **KEYS,
                "kind": "skip",
                "code": "S-1",
                "message": "skipped",
                "activity_id": promotion,
                "activity_name": "Promotion Activity",
                "is_nested": False,
                "is_documented": False,
            },
            {
                **dict.fromkeys(column.name for column in ERROR_COLUMNS),
                **KEYS,
                "kind": "warning",
                "code": "W-1",
                "message": "warned",
                "details": '{"rows": [1, "\u00e9"]}',
                "activity_id": promotion,
                "activity_name": "Promotion Activity",
                "is_nested": False,
                "is_documented": False,
            },
        ]
        assert pairs(*rows[1:]) == pairs(*expected)

    def test_none(self) -> None:
        """A run without errors has no rows."""
        assert error_rows(parse(LEAST)) == []

    def test_agrees_with_the_run(self, documented: bytes) -> None:
        """The rows are the run's own errors, and those of kind cause its causes."""
        run = parse(documented)
        rows = error_rows(run)
        assert [(row["code"], row["message"], row["activity_id"], row["is_nested"]) for row in rows] == [
            (error.code, error.message, error.activity_id, error.is_nested) for error in run.errors
        ]
        assert [(row["code"], row["message"]) for row in rows if row["kind"] == "cause"] == [
            (cause.code, cause.message) for cause in run.causes
        ]

    def test_outer_errors_alone_are_causes(self) -> None:
        """Where no error is nested, all of them are causes."""
        run = parse(LEAST | {"metrics": {"statusSummary": {"errors": [{"code": "C-1"}, {"code": "C-2"}]}}})
        assert [(row["kind"], row["code"]) for row in error_rows(run)] == [("cause", "C-1"), ("cause", "C-2")]

    @pytest.mark.parametrize("details", [False, 0, "", [], {}, "text", [1, {"a": None}]])
    def test_details(self, details: object) -> None:
        """Details are JSON as text, so that they read back as they were."""
        run = parse(LEAST | {"metrics": {"recordSummary": {"warningInfo": [{"code": "C-1", "details": details}]}}})
        text = error_rows(run)[0]["details"]
        assert isinstance(text, str)
        assert json.loads(text) == details

    def test_error_without_code(self) -> None:
        """An error that is only a text has no code, and nothing is known of it."""
        run = parse(LEAST | {"metrics": {"statusSummary": {"errors": [{"message": "text"}]}}})
        row = error_rows(run)[0]
        assert (row["code"], row["message"], row["is_documented"], row["title"]) == (None, "text", False, None)

    def test_undocumented_code(self) -> None:
        """Of an undocumented code the rows give what its text gives."""
        run = parse(LEAST | {"metrics": {"statusSummary": {"errors": [{"code": "ABC-1234-418"}]}}})
        row, info = error_rows(run)[0], lookup_error("ABC-1234-418")
        assert (row["family"], row["http_status"], row["is_documented"]) == ("ABC", 418, False)
        assert (row["family"], row["http_status"], row["is_documented"]) == (info.family, info.http_status, False)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
class TestColumns:
    """What holds for all three tables."""

    def test_names_are_unique(self, table: Table) -> None:
        """No name stands twice."""
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)

    def test_keys(self, table: Table, full: FlowRun) -> None:
        """Every row has the columns' names as keys, in their order, whatever the run says."""
        names = [column.name for column in table.columns]
        made = [*table.rows(full), *table.rows(parse(LEAST)), *table.rows(parse(LEAST | {"activities": [{}]}))]
        assert [list(row) for row in made] == [names] * len(made)

    def test_types(self, table: Table, full: FlowRun) -> None:
        """Every value is None or exactly of its column's type: no subclass, no bool for an int, no int for a float."""
        wrong = [
            (column.name, value)
            for row in table.rows(full)
            for column in table.columns
            if (value := row[column.name]) is not None and type(value) is not column.type
        ]
        assert wrong == []

    def test_documented_payloads(self, table: Table, documented: bytes) -> None:
        """The same goes for every documented payload."""
        types = {column.name: {column.type, type(None)} for column in table.columns}
        assert [
            (name, value)
            for row in table.rows(parse(documented))
            for name, value in row.items()
            if type(value) not in types[name]
        ] == []

    def test_zone(self, table: Table, full: FlowRun) -> None:
        """Every time is in one and the same zone, UTC, as data frames want a column of times."""
        times = [value for row in table.rows(full) for value in row.values() if isinstance(value, datetime)]
        assert {id(time.tzinfo) for time in times} == {id(UTC)}

    def test_descriptions(self, table: Table) -> None:
        """Every column is described in a sentence."""
        assert [column.name for column in table.columns if not column.description.endswith(".")] == []

    def test_never_null(self, table: Table) -> None:
        """A column that is said never to be null is not, in the run that says the least."""
        never_null = [column.name for column in table.columns if "never null" in column.description]
        least = parse(LEAST | {"activities": [{}], "metrics": {"statusSummary": {"errors": [{"details": 1}]}}})
        assert [name for row in table.rows(least) for name in never_null if row[name] is None] == []
        assert {"flow_run_id", "flow_id"} < set(never_null)

    def test_run_is_not_held(self, table: Table, full: FlowRun) -> None:
        """Rows are the caller's own: changing one changes neither the run nor the rows made next."""
        first = table.rows(full)
        expected = copy.deepcopy(first)
        for row in first:
            row.clear()
        assert table.rows(full) == expected
        assert full == parse(json.dumps(FULL))

    def test_csv(self, table: Table, full: FlowRun) -> None:
        """Rows go into a CSV file and come back with the same text in every cell."""
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, [column.name for column in table.columns])
        writer.writeheader()
        writer.writerows(table.rows(full))
        file.seek(0)
        assert list(csv.DictReader(file)) == [
            {name: "" if value is None else str(value) for name, value in row.items()} for row in table.rows(full)
        ]


class TestWholeNumbers:
    """Whole numbers fit into the columns of engines."""

    PLACES = (
        ("sizeSummary", "inputBytes"),
        ("sizeSummary", "outputBytes"),
        ("sizeSummary", "failedBytes"),
        ("sizeSummary", "skippedBytes"),
        ("recordSummary", "inputRecordCount"),
        ("recordSummary", "outputRecordCount"),
        ("recordSummary", "createdRecordCount"),
        ("recordSummary", "updatedRecordCount"),
        ("recordSummary", "deletedRecordCount"),
        ("recordSummary", "skippedRecordCount"),
        ("recordSummary", "failedRecordCount"),
        ("recordSummary", "warningRecordCount"),
        ("fileSummary", "inputFileCount"),
        ("fileSummary", "outputFileCount"),
        ("fileSummary", "skippedFileCount"),
        ("fileSummary", "failedFileCount"),
    )

    @pytest.mark.parametrize(("number", "given"), [(2**63 - 1, 2**63 - 1), (2**63, None), (10**30, None), (-1, None)])
    def test_measures(self, number: int, given: int | None) -> None:
        """The largest is 2**63 - 1; one beyond it is unknown, in the rows only."""
        summaries: dict[str, dict[str, int]] = {}
        for summary, key in self.PLACES:
            summaries.setdefault(summary, {})[key] = number
        run = parse(LEAST | {"metrics": summaries, "activities": [summaries]})
        whole = [column.name for column in RUN_COLUMNS if column.name in MEASURES and column.type is int]
        assert len(whole) == len(self.PLACES)
        for row in (run_row(run), *activity_rows(run)):
            assert {name: row[name] for name in whole} == dict.fromkeys(whole, given)
        assert run.metrics.size_summary.input_bytes == (number if number > 0 else None)

    @pytest.mark.parametrize(("number", "given"), [(2**63 - 1, 2**63 - 1), (2**63, None)])
    def test_errors(self, number: int, given: int | None) -> None:
        """The counts of errors fit too."""
        entry = {"code": "C-1", "recordCount": number, "count": number}
        (row,) = error_rows(parse(LEAST | {"metrics": {"recordSummary": {"failedInfo": [entry]}}}))
        assert (row["record_count"], row["count"]) == (given, given)


class TestColumn:
    """The value itself."""

    def test_frozen(self) -> None:
        """It does not change."""
        with pytest.raises(FrozenInstanceError):
            Column("name", str, "A name.").name = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    def test_pickling(self) -> None:
        """The published columns can be sent to the processes of an engine."""
        columns = (RUN_COLUMNS, ACTIVITY_COLUMNS, ERROR_COLUMNS)
        assert pickle.loads(pickle.dumps(columns)) == columns

    def test_types(self) -> None:
        """A column's type is one of five."""
        columns = (*RUN_COLUMNS, *ACTIVITY_COLUMNS, *ERROR_COLUMNS)
        assert {column.type for column in columns} == {str, int, float, bool, datetime}

    def test_tables_join(self) -> None:
        """The three tables start with the same columns, by which their rows are joined."""
        assert RUN_COLUMNS[:4] == ACTIVITY_COLUMNS[:4] == ERROR_COLUMNS[:4]
        assert [column.name for column in RUN_COLUMNS[:4]] == ["flow_run_id", "flow_id", "event_id", "updated_at"]


RUN = {"createdAt": 1_735_725_600_000, "metrics": {"sizeSummary": {"inputBytes": 2**53 + 1}}}
"""A record with a whole number that no float holds."""


class TestSchemas:
    """The schemas for data frames: counts stay whole numbers beside gaps, times stay UTC."""

    def test_pandas_dtypes(self) -> None:
        """Each type has a dtype that knows missing values."""
        columns = [Column(type_.__name__, type_, "") for type_ in (str, int, float, bool, datetime)]
        assert pandas_dtypes(columns) == {
            "str": "string",
            "int": "Int64",
            "float": "Float64",
            "bool": "boolean",
            "datetime": "datetime64[us, UTC]",
        }

    def test_pandas(self) -> None:
        """Every value is the same in pandas, and a missing one is its own."""
        pandas = pytest.importorskip("pandas", reason="not installed; run `nox -s coverage`")
        rows = [run_row(parse(LEAST)), run_row(parse(LEAST | RUN))]
        frame = pandas.DataFrame(rows, dtype=object).astype(pandas_dtypes(RUN_COLUMNS))
        read = [
            {name: None if pandas.isna(value) else value for name, value in row.items()}
            for row in frame.to_dict("records")
        ]
        assert read == rows
        assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == pandas_dtypes(RUN_COLUMNS)

    def test_polars(self) -> None:
        """Every value is the same in polars."""
        polars = pytest.importorskip("polars", reason="not installed; run `nox -s coverage`")
        rows = [run_row(parse(LEAST)), run_row(parse(LEAST | RUN))]
        frame = polars.DataFrame(rows, schema=polars_schema(RUN_COLUMNS))
        assert frame.to_dicts() == rows
        assert frame.schema["input_bytes"] == polars.Int64
        assert frame.schema["created_at"] == polars.Datetime("us", "UTC")

    def test_arrow(self) -> None:
        """Every value is the same in Arrow."""
        pyarrow = pytest.importorskip("pyarrow", reason="not installed; run `nox -s coverage`")
        rows = [run_row(parse(LEAST)), run_row(parse(LEAST | RUN))]
        table = pyarrow.Table.from_pylist(rows, schema=arrow_schema(RUN_COLUMNS))
        assert table.to_pylist() == rows
        assert table.schema.field("input_bytes").type == pyarrow.int64()
        assert table.schema.field("created_at").type == pyarrow.timestamp("us", tz="UTC")
