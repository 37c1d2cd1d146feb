"""The builders: one plausible notification, the same at every call, with overrides."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from io import BytesIO
from typing import Any, get_args

import pytest

from flowrun_notifications import (
    Alert,
    AuditEvent,
    DataIngestionEvent,
    Delivery,
    FlowRun,
    NotAFlowRunError,
    OtherMessage,
    RunStatus,
    ValidationRequest,
    parse,
    parse_all,
    parse_archive,
)
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications.testing import (
    ABSENT,
    Layout,
    Outcome,
    make_archive,
    make_flow_run,
    make_other_message,
    make_payload,
    make_record,
    wrap,
)

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
KINDS: tuple[Kind, ...] = get_args(Kind)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


# --- records --------------------------------------------------------------------------------------------------------


def answers(run: FlowRun) -> tuple[RunStatus | str | None, bool, bool, bool, bool]:
    """Return the answers of a run about its outcome."""
    return run.status, run.succeeded, run.is_partial, run.failed, run.is_finished


@pytest.mark.parametrize(
    ("outcome", "wanted"),
    [
        ("success", (RunStatus.SUCCESS, True, False, False, True)),
        ("partial_ingestion", (RunStatus.SUCCESS, True, True, False, True)),
        ("partial_success", (RunStatus.PARTIAL_SUCCESS, False, True, False, True)),
        ("failed", (RunStatus.FAILED, False, False, True, True)),
        ("started", (RunStatus.IN_PROGRESS, False, False, False, False)),
    ],
)
def test_outcomes(outcome: Outcome, wanted: tuple[Any, ...]) -> None:
    """A record of each outcome answers the questions about it accordingly."""
    assert answers(make_flow_run(outcome=outcome)) == wanted


def test_activities_follow_one_another() -> None:
    """The activities of a run share its time, and each takes in the output of the one before it."""
    record = make_record()
    whole, (first, last) = record["metrics"], record["activities"]
    run, copy, promotion = (part["durationSummary"] for part in (whole, first, last))
    assert [run["startedAtUTC"], copy["completedAtUTC"], promotion["completedAtUTC"]] == [
        copy["startedAtUTC"],
        promotion["startedAtUTC"],
        run["completedAtUTC"],
    ]
    assert [amounts(whole, "input"), amounts(first, "output"), amounts(last, "output")] == [
        amounts(first, "input"),
        amounts(last, "input"),
        amounts(whole, "output"),
    ]
    failed = make_record("failed")
    assert failed["activities"][0]["durationSummary"]["startedAtUTC"] == run["startedAtUTC"]


def amounts(part: dict[str, Any], direction: str) -> list[int]:
    """Return the records, files and bytes that went into a run or an activity, or came out of it."""
    return [
        part["recordSummary"][f"{direction}RecordCount"],
        part["fileSummary"][f"{direction}FileCount"],
        part["sizeSummary"][f"{direction}Bytes"],
    ]


@pytest.mark.parametrize("outcome", ["success", "partial_ingestion", "partial_success"])
def test_records_of_a_finished_run_add_up(outcome: Outcome) -> None:
    """The input of a finished run came out or failed."""
    record, taken_in = make_record(outcome), amounts(make_record()["metrics"], "input")[0]
    for part in (record["metrics"], record["activities"][-1]):
        counts = part["recordSummary"]
        assert counts["outputRecordCount"] + counts["failedRecordCount"] == counts["inputRecordCount"] == taken_in
        for failed in counts.get("failedInfo", []):
            assert failed["count"] == counts["failedRecordCount"]


def test_unknown_values_as_adobe_writes_them() -> None:
    """An unknown count is -1 in a failure, and an unknown time of update is 0 in any activity."""
    failed = make_record("failed")
    parts = [failed["metrics"], *failed["activities"]]
    assert [part["fileSummary"] for part in parts] == [{"inputFileCount": -1}] * 2
    activities = [activity for outcome in OUTCOMES for activity in make_record(outcome)["activities"]]
    assert {activity["updatedAtUTC"] for activity in activities} == {0}


def test_failure_has_a_cause() -> None:
    """A failure has an outer error and the nested one that caused it."""
    run = make_flow_run(outcome="failed")
    assert [error.code for error in run.errors] == ["CONNECTOR-1001-500", "2200"]
    assert [(cause.code, cause.activity_id) for cause in run.causes] == [
        ("2200", "4f008a00-3a04-11eb-adc1-0242ac120002")
    ]


def test_overrides_merge_into_objects() -> None:
    """An object given as an override changes the keys it has and leaves the others."""
    plain = make_record()
    record = make_record(metrics={"recordSummary": {"failedRecordCount": 3}}, flowName="Orders")
    assert record["metrics"]["recordSummary"] == {**plain["metrics"]["recordSummary"], "failedRecordCount": 3}
    assert record["metrics"]["statusSummary"] == plain["metrics"]["statusSummary"]
    assert {**record, "metrics": None} == {**plain, "metrics": None, "flowName": "Orders"}


def test_overrides_replace_lists_and_values() -> None:
    """A list, a null or a value given as an override replaces anything, an object too."""
    record = make_record(activities=[], metrics=None, id=["x"], params={"new": 1})
    assert (record["activities"], record["metrics"], record["id"], record["params"]) == ([], None, ["x"], {"new": 1})


def test_absent_removes_a_key() -> None:
    """`ABSENT` removes a key at any level, and does nothing where there is none."""
    record = make_record(url=ABSENT, flowName=ABSENT, metrics={"statusSummary": {"status": ABSENT}})
    assert "url" not in record
    assert "flowName" not in record
    assert record["metrics"]["statusSummary"] == {}
    assert repr(ABSENT) == "ABSENT"


def test_keys_that_are_not_identifiers_can_be_overridden() -> None:
    """Keys with a colon are given by a dict, as with any call."""
    overrides: dict[str, Any] = {"id": ABSENT, "xdm:flowRunId": "r-1"}
    assert make_flow_run(**overrides).id == "r-1"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_records_share_nothing_within(outcome: Outcome) -> None:
    """No object stands at two places of a record, so that a change at one place stays there."""
    pending: list[Any] = [make_record(outcome)]
    seen: list[int] = []
    for value in pending:
        seen.append(id(value))
        inside: Iterable[Any] = value.values() if hasattr(value, "values") else value
        pending += [item for item in inside if isinstance(item, (dict, list))]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_records_are_new_at_every_call(outcome: Outcome) -> None:
    """Changing a record changes neither the next one nor the overrides."""
    details = {"rows": [1]}
    first = make_record(outcome, params=details)
    wanted = make_record(outcome, params=details)
    first["metrics"]["statusSummary"].clear()
    first["params"]["rows"].append(2)
    assert make_record(outcome, params=details) == wanted
    assert details == {"rows": [1]}


# --- payloads -------------------------------------------------------------------------------------------------------


def test_wrappers_nest_outermost_first() -> None:
    """Several wrappers stand around a run in the order given."""
    payload = make_payload("journal", "cloud_event", outcome="failed", id="r-1")
    assert payload == wrap("journal", wrap("cloud_event", make_record("failed", id="r-1")))
    assert parse(payload).delivery.path == "events[0].event.data"
    assert make_flow_run("journal", "cloud_event", outcome="failed", id="r-1") == parse(payload)


def test_wrappers_tell_of_one_moment() -> None:
    """The wrappers that say when a run was sent agree."""
    sent_at = datetime(2025, 1, 1, 10, 4, 3, tzinfo=timezone.utc)
    assert make_flow_run("cloud_event").delivery.sent_at == sent_at
    assert make_flow_run("messages").delivery.sent_at == sent_at
    assert (make_flow_run("journal").delivery.position or "").endswith(f":{sent_at.timestamp():.0f}")


# --- other messages -------------------------------------------------------------------------------------------------


def delivery_of(event_code: str | None = None, provider: str | None = None) -> Delivery:
    """Return a delivery that tells only these."""
    return Delivery.model_construct(event_code=event_code, provider=provider)


MESSAGES: dict[Kind, OtherMessage] = {
    "alert": Alert(
        kind="alert",
        content=make_other_message("alert"),
        id="b8d4e6f0-27c1-4b9a-8e35-6a0f9d1c2b65",
        name="sources_flow_run_delay",
        status="FIRING",
        severity="high",
        message="The run has been going on for more than 150 minutes.",
        value="151",
        url="https://experience.adobe.com/#/@example/sname:prod/platform/monitoring",
        created_at=datetime(2025, 1, 1, 12, 30, tzinfo=timezone.utc),
        flow_id="2c9be0a4-31f7-4f0e-8a6d-7e5b9d2c4f21",
        flow_run_id="6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10",
        ims_org_id="0A1B2C3D4E5F60718293A4B5@AdobeOrg",
        sandbox_id="0b8f2a60-3f5e-11ef-9f0a-6b2f7a1d9c11",
        sandbox_name="prod",
    ),
    "audit_event": AuditEvent(
        kind="audit_event",
        delivery=delivery_of("audit_events_info", "aep_observability_catalog_events"),
        content=make_other_message("audit_event"),
        asset_type="Dataset",
        asset_id="66d0aa11bb22cc33dd44ee55",
        asset_name="Loyalty members",
        action="Create",
        timestamp=datetime(2025, 1, 1, 9, 15, 30, tzinfo=timezone.utc),
        request_id="9Yc2Vd0sQ1m8Lr4TtB7w",
    ),
    "data_ingestion_event": DataIngestionEvent(
        kind="data_ingestion_event",
        content=make_other_message("data_ingestion_event"),
        ingestion_id="01JGGZ6Q8W4T2N5R7B9C0D1E2F",
        customer_ingestion_id="01JGGZ6Q8W4T2N5R7B9C0D1E2F",
        dataset_id="66d0aa11bb22cc33dd44ee55",
        event_code="ing_load_failure",
        completed=datetime(2025, 1, 1, 10, 3, 50, 500_000, tzinfo=timezone.utc),
    ),
    "validation_request": ValidationRequest(
        kind="validation_request",
        content=make_other_message("validation_request"),
        validation_url="https://webhooks.example/validate?id=1f2e3d4c",
    ),
    "other": OtherMessage(kind="other", content=make_other_message("other")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_other_messages(kind: Kind) -> None:
    """A message of each kind reads as that kind, with every attribute that such a message has."""
    assert parse_all(make_other_message(kind)).items == (MESSAGES[kind],)
    own = type(MESSAGES[kind]).model_fields.keys() - OtherMessage.model_fields
    absent = {name for name, value in MESSAGES[kind] if name in own and value is None}
    assert absent == ({"resolved_at"} if kind == "alert" else set())


@pytest.mark.parametrize("kind", KINDS)
def test_other_messages_in_a_wrapper(kind: Kind) -> None:
    """A message of each kind is told from a run in a wrapper too."""
    with pytest.raises(NotAFlowRunError) as caught:
        parse(wrap("event", make_other_message(kind)))
    assert caught.value.other.content == make_other_message(kind)
    assert caught.value.kind == kind


def test_other_messages_take_overrides() -> None:
    """A message takes overrides as a record does."""
    (alert,) = parse_all(make_other_message("alert", status="INACTIVE", name="delay", flowRunId=ABSENT)).others
    assert isinstance(alert, Alert)
    assert (alert.name, alert.flow_run_id, alert.status, alert.is_firing) == ("delay", None, "INACTIVE", False)


# --- archives -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_archives(layout: Layout, compress: bool) -> None:
    """Every layout of an archive, plain or gzip, gives the runs of its documents in order."""
    documents = [make_payload("event", id="r-1"), make_record("failed", id="r-2"), wrap("list", make_record(id="r-3"))]
    data = make_archive(*documents, layout=layout, compress=compress)
    assert [run.id for run in parse_archive(BytesIO(data))] == ["r-1", "r-2", "r-3"]
    assert make_archive(*documents, layout=layout, compress=compress) == data


@pytest.mark.parametrize(
    ("layout", "wanted"),
    [
        ("lines", b'{"a": 1}\n[2]\n'),
        ("pretty", b'{\n  "a": 1\n}\n[\n  2\n]\n'),
        ("concatenated", b'{"a": 1}[2]'),
        ("records", b'\x1e{"a": 1}\n\x1e[2]\n'),
    ],
)
def test_layouts(layout: Layout, wanted: bytes) -> None:
    """The documents of an archive follow each other as its layout says."""
    assert make_archive({"a": 1}, [2], layout=layout) == wanted
