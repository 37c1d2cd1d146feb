"""Tests of small inputs from the field: runs behind receivers, queues, functions and other languages."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from flowrun_notifications import (
    Activity,
    Delivery,
    DurationSummary,
    FileSummary,
    FlowRun,
    InvalidJSONError,
    LineError,
    Metrics,
    RecordSummary,
    SizeSummary,
    StatusError,
    StatusSummary,
    parse,
    parse_all,
    parse_archive,
)

CASES = Path(__file__).parents[1] / "cases"


def utc(*numbers: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(*numbers, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]


METRICS = Metrics(
    duration_summary=DurationSummary(
        started_at_utc=utc(2026, 1, 5, 8, 0, 0, 500_000), completed_at_utc=utc(2026, 1, 5, 8, 2, 0, 750_000)
    ),
    size_summary=SizeSummary(input_bytes=5120, output_bytes=None),
    record_summary=RecordSummary(input_record_count=240, output_record_count=0, failed_record_count=240),
    file_summary=FileSummary(input_file_count=2, output_file_count=0),
    status_summary=StatusSummary(
        status="failed",
        errors=(StatusError(code="CONNECTOR-2001-500", message="The copied data could not be processed."),),
    ),
)
RUN = FlowRun(
    id="0b9d7c1e-52f4-4b0a-9d3e-6a1f0c7e2211",
    flow_id="7f3a1c52-0e44-4c19-8b7d-2d9be0f5a310",
    flow_name="Loyalty members hourly",
    ims_org_id="77A0B1C2D3E4F5060A49AAAA@AdobeOrg",
    sandbox_name="uat",
    created_at=utc(2026, 1, 5, 8, 0, 1, 234_000),
    updated_at=utc(2026, 1, 5, 8, 2, 3, 456_000),
    metrics=METRICS,
    activities=(
        Activity(
            id="37b34f84-1ada-11eb-adc1-0242ac120002",
            name="Promotion Activity",
            duration_summary=DurationSummary(
                started_at_utc=utc(2026, 1, 5, 8, 1), completed_at_utc=utc(2026, 1, 5, 8, 2)
            ),
            status_summary=StatusSummary(
                status="failed",
                extensions={"errors": [{"code": "133", "message": "No files were found for the batch."}]},
            ),
        ),
    ),
)
"""The run that most of the inputs hold."""

IDS: dict[str, Any] = {
    "event_id": "5d1f3f0c-8a11-4c0e-bb1e-0a9d7a6a4c01",
    "recipient_client_id": "0f0e0d0c0b0a09080706050403020100",
}
CODE: dict[str, Any] = {"event_code": "source_flow_run_error"}
PROVIDER: dict[str, Any] = {"provider": "platform_notifications"}
SENT: dict[str, Any] = {"sent_at": utc(2026, 1, 5, 8, 2, 3)}

WRAPPED: dict[str, Delivery] = {
    "apigw_http_v2_base64_body": Delivery(**IDS, **CODE, **PROVIDER, path="body.event", wrappers=("body", "event")),
    "eventbridge_sqs_lambda_records": Delivery(
        **IDS,
        **CODE,
        **SENT,
        path="Records[0].body.detail.event",
        wrappers=("other", "body", "eventbridge", "event"),
    ),
    "lambda_failure_destination": Delivery(
        **IDS, **CODE, **SENT, path="requestPayload.detail.event", wrappers=("other", "eventbridge", "event")
    ),
    "n8n_webhook_item_bare_run": Delivery(
        event_id=IDS["event_id"], **CODE, **PROVIDER, path="[0].body", wrappers=("list", "body")
    ),
    "pipedream_body_raw": Delivery(**IDS, **CODE, **PROVIDER, path="body.event", wrappers=("body", "event")),
    "runtime_action_inputs_beside_bare_run": Delivery(
        event_id=IDS["event_id"], **CODE, **PROVIDER, wrappers=("runtime",)
    ),
    "runtime_slack_guide_params": Delivery(event_id=IDS["event_id"], **CODE, **PROVIDER, wrappers=("runtime",)),
    "sdk_journal_body_beside_event": Delivery(
        **CODE, **PROVIDER, position="heron:9c1:2", path="events[0].body", wrappers=("journal", "body")
    ),
}
"""Inputs that hold the one run, with how it came."""


def read(name: str) -> bytes:
    """Return an input, byte for byte."""
    return CASES.joinpath(name).read_bytes()


@pytest.mark.parametrize(("name", "delivery"), WRAPPED.items(), ids=WRAPPED.keys())
def test_wrapped(name: str, delivery: Delivery) -> None:
    """The run is found in whatever it came, and everything beside it stays out of it."""
    run = parse(read(f"{name}.json"))
    assert run == RUN.model_copy(update={"delivery": delivery})
    shown = run.model_dump_json(exclude={"delivery"}) + repr(run) + run.summary() + str(run.to_payload())
    for secret in ("SLACK_WEBHOOK_URL", "S3CRET", "LOG_LEVEL", "x-adobe-", "__adobe_headers", "__ow_"):
        assert secret not in shown


def test_webhook_site() -> None:
    """Each request in an answer of webhook.site gives its run."""
    first, second = parse_all(read("webhook_site_requests_page.json")).runs
    place: dict[str, Any] = {**IDS, **CODE, "wrappers": ("other", "other", "event")}
    assert first == RUN.model_copy(update={"delivery": Delivery(**place, path="data[0].content.event")})
    assert (second.id, second.delivery) == (
        "2c0e4d11-7b3a-49a1-8f0e-000000000002",
        Delivery(**place, path="data[1].content.event"),
    )


def test_firehose() -> None:
    """Documents that follow each other without a separator are read from a file."""
    runs = list(parse_archive(CASES / "firehose_concatenated.json"))
    place: dict[str, Any] = {"path": "detail.event", "wrappers": ("eventbridge", "event")}
    assert runs[0] == runs[2] == RUN.model_copy(update={"delivery": Delivery(**IDS, **CODE, **SENT, **place)})
    assert [run.id for run in runs] == [RUN.id, "2c0e4d11-7b3a-49a1-8f0e-000000000002", RUN.id]


def test_php() -> None:
    """Empty objects that PHP wrote as lists are empty objects."""
    run = parse(read("php_empty_objects_as_lists.json"))
    assert run == RUN.model_copy(
        update={
            "metrics": METRICS.model_copy(update={"record_summary": RecordSummary()}),
            "delivery": Delivery(**IDS, path="event", wrappers=("event",)),
        }
    )


def test_completed_zero() -> None:
    """A run under way that gives 0 as its end has none."""
    run = parse(read("completed_zero_while_running.json"))
    assert (run.status, run.started_at, run.completed_at, run.duration) == (
        "inProgress",
        utc(2026, 1, 5, 8, 0, 0, 500_000),
        None,
        None,
    )
    assert (run.is_finished, run.needs_attention) == (False, False)


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("error_code_integer", "1001", "Copy failed."),
        ("error_msg_and_callstack", "0090000009", "The export could not be written to its path."),
    ],
)
def test_errors(name: str, code: str, message: str) -> None:
    """Whole numbers as codes, and `msg` as message, are read."""
    run = parse(read(f"{name}.json"))
    assert [(error.code, error.message) for error in run.errors] == [(code, message)]
    assert run.causes == run.errors


def test_statuses() -> None:
    """Statuses in the spellings of other systems: status, finished, in need of attention."""
    failures: list[LineError] = []
    runs = list(parse_archive(CASES / "status_spellings.ndjson", on_error=failures.append))
    assert failures == []
    assert [(run.id, run.status, run.is_finished, run.needs_attention) for run in runs] == [
        ("s0", "inProgress", False, False),
        ("s1", "COMPLETED", True, True),
        ("s2", "success", True, False),
        ("s3", "partialSuccess", True, True),
        ("s4", "failed", True, True),
        ("s5", "PARTIAL_FAILURE", True, True),
        ("s6", "QUEUED", True, True),
        ("s7", "scheduled", False, False),
        ("s8", "pending", True, True),
        ("s9", "cancelled", True, True),
    ]
    assert {run.duration for run in runs} == {timedelta(seconds=120, milliseconds=250)}


def test_flows() -> None:
    """A list of dataflows is one other message, and not a list of broken runs."""
    result = parse_all(read("flows_list_last_run_details.json"))
    assert ([(other.kind, other.path) for other in result.others], result.runs, result.errors) == (
        [("other", "")],
        (),
        (),
    )


def test_nan() -> None:
    """NaN in one run of a batch is named, with its place."""
    with pytest.raises(InvalidJSONError) as caught:
        parse_all(read("nan_in_one_run_of_a_batch.json"))
    error = caught.value
    assert str(error) == f"the payload is not JSON: NaN is not a number in JSON (line 1, column {error.column})"
    assert error.column == 1848
