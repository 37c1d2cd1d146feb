"""Tests of `to_payload`: a run as Flow Service would write it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from pydantic import JsonValue
from samples import EVERY_KEY, LEAST, OPEN_KEYS, Path, at, without_delivery

from flowrun_notifications import Delivery, FlowRun, Metrics, RecordSummary, parse, parse_all

RENAMED = {
    "xdm:flowRunId": "id",
    "xdm:flowId": "flowId",
    "xdm:imsOrg": "imsOrgId",
    "xdm:sandboxName": "sandboxName",
    "xdm:metrics": "metrics",
}
TIMES = frozenset({"createdAt", "updatedAt", "slaCreatedAt", "processStartTime", "transformedTime"})


def as_flow_service_writes(record: JsonValue, key: str = "") -> JsonValue:
    """Return a documented record in one spelling: no prefixes, no `header`, milliseconds, null for -1."""
    if isinstance(record, dict):
        usual = {RENAMED.get(key, key): value for key, value in record.items() if key != "header"}
        return {key: value if key in OPEN_KEYS else as_flow_service_writes(value, key) for key, value in usual.items()}
    if isinstance(record, list):
        return [as_flow_service_writes(item) for item in record]
    if isinstance(record, int) and (key in TIMES or key.endswith("AtUTC")):
        return record * 1000 if record < 20_000_000_000 else record
    return None if record == -1 else record


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("documented_success", ("event",)),
        ("documented_failure", (0, "messages", 0, "value")),
        ("documented_2020_preview_success", ("event",)),
        ("documented_2020_preview_failure", (0, "value")),
    ],
)
def test_documented(read_payload: Callable[[str], bytes], name: str, path: Path) -> None:
    """A documented record comes back with all its keys and no others, in one spelling."""
    payload = read_payload(name)
    run = parse(payload)
    written = run.to_payload()
    assert written == as_flow_service_writes(at(json.loads(payload), path))
    assert parse(json.dumps(written)) == without_delivery(run)


def test_usual_record() -> None:
    """A record in the usual spelling comes back exactly."""
    assert parse(EVERY_KEY).to_payload() == EVERY_KEY


KEYS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (LEAST, LEAST),
    (
        LEAST | {"metrics": None, "activities": None, "params": None, "flowSpec": None, "createdAt": None},
        LEAST | {"metrics": {}, "activities": [], "params": {}, "flowSpec": None, "createdAt": None},
    ),
    (
        LEAST | {"metrics": {"recordSummary": {}, "durationSummary": None}},
        LEAST | {"metrics": {"recordSummary": {}, "durationSummary": {}}},
    ),
    (
        LEAST | {"activities": [{}, {"sourceInfo": [{"reference": {}}, {"reference": None}]}]},
        LEAST | {"activities": [{}, {"sourceInfo": [{"reference": {}}, {"reference": None}]}]},
    ),
    (
        LEAST | {"metrics": {"statusSummary": {"errors": [{"message": None, "description": "text"}]}}},
        LEAST | {"metrics": {"statusSummary": {"errors": [{"message": "text"}]}}},
    ),
    (LEAST | {"metrics": [], "activities": {}}, LEAST | {"metrics": {}, "activities": []}),
    (LEAST | {"delivery": {"by": "post"}}, LEAST | {"delivery": {"by": "post"}}),
    (LEAST | {"header": {"_adobeio": {"eventCode": "x_success"}}}, LEAST),
    ({"xdm:flowRunId": "r-1", "flowId": "f-1", "etag": "1", "eTag": "2"}, LEAST | {"etag": "1", "eTag": "2"}),
]
"""Records, and what is written of them."""


@pytest.mark.parametrize(("record", "written"), KEYS)
def test_keys(record: dict[str, Any], written: dict[str, Any]) -> None:
    """A key that was not there is not written; a null object or list is written as an empty one."""
    run = parse(record)
    assert run.to_payload() == written
    assert parse(run.to_payload()) == without_delivery(run)


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (1590512053, 1590512053000),
        ("1590512053", 1590512053000),
        ("2020-05-26T16:54:13Z", 1590512053000),
        (1590512053.5, 1590512053500),
        (1, 1),
        (86400, 86400),
        (19_999_999, 19_999_999),
        (20_000_001, 20_000_001_000),
        (0, None),
        (-1, None),
    ],
)
def test_times(given: object, written: int | None) -> None:
    """Times are milliseconds, and seconds only where those would be misread."""
    record = parse(LEAST | {"createdAt": given}).to_payload()
    assert (record["createdAt"], type(record["createdAt"])) == (written, type(written))


def test_open_json() -> None:
    """Open JSON is written as it came, also where it looks like times and unknown counts."""
    bag = {"windowStart": 1590512053, "at": "2020-05-26T16:54:13Z", "unknown": -1}
    record = LEAST | {"params": bag, "newKey": bag, "metrics": {"statusSummary": {"extensions": bag}}}
    assert parse(record).to_payload() == record


def test_made_in_python() -> None:
    """A run that is made in Python is written with the keys that were set."""
    run = FlowRun(
        id="r-1",
        flow_id="f-1",
        created_at=datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=timezone.utc),
        metrics=Metrics(record_summary=RecordSummary(input_record_count=3)),
        delivery=Delivery(event_id="e-1"),
    )
    assert run.to_payload() == LEAST | {
        "createdAt": 1597213529158,
        "metrics": {"recordSummary": {"inputRecordCount": 3}},
    }


ALERT_LIKE: dict[str, Any] = {"status": "FIRING", "name": "n", "severity": "high"}


class TestLikeAnAlert:
    """Runs with a `status` of their own, which tells an alert where there are no metrics."""

    @pytest.mark.parametrize("metrics", [{}, None, {"sizeSummary": {}}])
    def test_parsed(self, metrics: object) -> None:
        """Such a run has metrics, which are written again."""
        run = parse(LEAST | ALERT_LIKE | {"metrics": metrics})
        assert parse(run.to_payload()) == run

    def test_salvaged(self) -> None:
        """Where its metrics were unusable, empty ones are written, so that it stays a run."""
        (error,) = parse_all(LEAST | ALERT_LIKE | {"metrics": 5}).errors
        run = error.salvage()
        assert parse(run.to_payload()) == run

    @pytest.mark.parametrize("status", ["FIRING", "other", 5])
    def test_without_metrics(self, status: object) -> None:
        """Empty metrics are written where a run without them looks like an alert, and only there."""
        run = FlowRun.model_validate(LEAST | {"status": status})
        assert run.to_payload() == LEAST | {"status": status} | ({"metrics": {}} if status == "FIRING" else {})

    def test_made_in_python(self) -> None:
        """So are they for a run that is made in Python."""
        run = FlowRun.model_validate(LEAST | ALERT_LIKE)
        assert parse(run.to_payload()) == run
