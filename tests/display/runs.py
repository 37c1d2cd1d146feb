"""Runs that several of these test files show."""

from __future__ import annotations

from typing import Any

from flowrun_notifications import FlowRun, parse

START, END = 1_700_000_000_000, 1_700_000_027_200
"""2023-11-14 22:13:20 UTC, and 27.2 seconds later, in milliseconds."""

DOCUMENTED = (
    "documented_2020_preview_failure",
    "documented_2020_preview_success",
    "documented_failure",
    "documented_success",
)


def make_run(*, status: str | None = None, activities: Any = (), **metrics: Any) -> FlowRun:
    """Return a run with these summaries."""
    summaries = {"statusSummary": {"status": status}, **metrics}
    return parse({"id": "r1", "flowId": "f1", "metrics": summaries, "activities": list(activities)})


def fail_with(*errors: dict[str, Any], nested: Any = ()) -> FlowRun:
    """Return a failed run with these errors, and these nested ones."""
    extensions = {"errors": list(nested)}
    return make_run(statusSummary={"status": "failed", "errors": list(errors), "extensions": extensions})


FULL = parse(
    {
        "id": "r1",
        "flowId": "f1",
        "flowName": "Loyalty\nmembers",
        "flowType": "streaming",
        "sandboxName": "dev two",
        "message": "Half of it\r\narrived.",
        "url": "https://example.com/a b/" + "c" * 80,
        "metrics": {
            "durationSummary": {"startedAtUTC": START, "completedAtUTC": END},
            "latencySummary": {"minMs": 12, "maxMs": 1234.5, "avgMs": 99.4},
            "sizeSummary": {"inputBytes": 1, "outputBytes": 12_345, "skippedBytes": 10},
            "recordSummary": {
                "inputRecordCount": 1_000,
                "outputRecordCount": 1,
                "createdRecordCount": 0,
                "updatedRecordCount": 5,
                "deletedRecordCount": 6,
                "warningRecordCount": 7,
                "failedRecordCount": 3,
                "ingestedRecordPercentage": 97.5,
                "skippedInfo": [{"code": "SKIP-1", "message": "No consent", "count": 2}],
                "warningInfo": [{"message": "Slow source", "recordCount": 1, "count": 1}],
            },
            "fileSummary": {
                "failedFileCount": 1,
                "skippedFileCount": 0,
                "manifest": {"fileInfo": [{"path": "https://files.example/1"}, {"path": "https://files.example/2"}]},
            },
            "statusSummary": {
                "status": "Partialsuccess",
                "errors": [{"code": "OUT-1", "message": "Try later"}],
                "extensions": {
                    "manifest": {"failedRecords": "https://rows.example/x y", "sampleErrors": "https://samples.example"}
                },
            },
        },
        "activities": [
            {
                "id": "4f008a00-3a04-11eb-adc1-0242ac120002",
                "name": "SFTP Copy Activity",
                "durationSummary": {"startedAtUTC": START},
                "recordSummary": {
                    "skippedRecordCount": 4,
                    "failedRecordCount": 0,
                    "failedInfo": [{"code": "NEW-1-CODE"}],
                },
                "statusSummary": {"status": "PROCESSING", "extensions": {"batchId": "b1"}},
            },
            {"id": "37b34f84-1ada-11eb-adc1-0242ac120002"},
            {},
        ],
    }
)
"""A run that says everything a run can say."""
