"""The documented payloads as the runs that they read as."""

from __future__ import annotations

from datetime import datetime, timezone

from flowrun_notifications import (
    Activity,
    Connection,
    Delivery,
    DurationSummary,
    FileSummary,
    FlowRun,
    Metrics,
    RecordSummary,
    Reference,
    SizeSummary,
    StatusError,
    StatusSummary,
)

UTC = timezone.utc

DOCUMENTED_SUCCESS = FlowRun(
    id="933cf9f4-cf01-4d75-bcf9-f4cf010d750a",
    flow_id="1c6f1047-dcaf-48fe-af10-47dcaf08feaf",
    provider_ref_id="test1234",
    etag='"5100ec97-0000-0200-0000-5f338b5b0000"',
    ims_org_id="{ORG_ID}",
    sandbox_id="7127a4f0-def8-11e9-83ce-e79494b1c2a5",
    sandbox_name="prod",
    created_at=datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=UTC),
    updated_at=datetime(2020, 8, 12, 6, 25, 30, 760000, tzinfo=UTC),
    created_by="{CREATED_BY}",
    updated_by="{UPDATED_BY}",
    created_client="{CREATED_CLIENT}",
    updated_client="{UPDATED_CLIENT}",
    sla_created_at=datetime(2020, 8, 12, 6, 25, 31, 124000, tzinfo=UTC),
    process_start_time=datetime(2020, 8, 12, 6, 25, 31, 213000, tzinfo=UTC),
    transformed_time=datetime(2020, 8, 12, 6, 25, 31, 214000, tzinfo=UTC),
    metrics=Metrics(
        duration_summary=DurationSummary(
            started_at_utc=datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            completed_at_utc=datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
        ),
        size_summary=SizeSummary(input_bytes=2048, output_bytes=1024),
        record_summary=RecordSummary(input_record_count=100, output_record_count=70),
        file_summary=FileSummary(input_file_count=10, output_file_count=10),
        status_summary=StatusSummary(status="success"),
    ),
    activities=(
        Activity(
            id="copyActivity",
            updated_at_utc=datetime(1972, 10, 9, 10, 17, 2, tzinfo=UTC),
            duration_summary=DurationSummary(
                started_at_utc=datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
                completed_at_utc=datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            ),
            size_summary=SizeSummary(input_bytes=2048, output_bytes=1098),
            record_summary=RecordSummary(input_record_count=100, output_record_count=100),
            file_summary=FileSummary(input_file_count=10, output_file_count=10),
            status_summary=StatusSummary(
                status="success", extensions={"adf/pipeline/id": "abcd", "adf/run/id": "1234"}
            ),
            source_info=(
                Connection(id="sourceConnectionId1", type="SourceConnection", reference=Reference(type="AdfRunId")),
            ),
        ),
        Activity(
            id="promotionActivity",
            updated_at_utc=datetime(1972, 10, 9, 10, 17, 2, tzinfo=UTC),
            duration_summary=DurationSummary(completed_at_utc=datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC)),
            size_summary=SizeSummary(input_bytes=1098, output_bytes=1024),
            file_summary=FileSummary(
                input_file_count=10,
                output_file_count=10,
                extensions={
                    "manifest": {
                        "fileInfo": "https://platform.adobe.io/data/foundation/export/batches/"
                        "01E4TSJNM2H5M74J0XB8MFWDHK/meta?path=input_files"
                    }
                },
            ),
            status_summary=StatusSummary(status="success", extensions={"batchId": "b1", "acp_request_id": "1234"}),
            target_info=(
                Connection(id="targetConnectionId1", type="TargetConnection", reference=Reference(type="batch")),
            ),
        ),
    ),
    delivery=Delivery(
        event_id="aec55616-1715-487f-8044-ba648cc8ffee",
        event_code="sources_flow_run_success",
        provider="platform_notifications",
        path="event",
        wrappers=("event",),
    ),
)

CONNECTOR_ERROR = StatusError(
    code="CONNECTOR-2001-500",
    message="Error in processing (parsing, validation or transformation) the copied data.",
)

DOCUMENTED_FAILURE = FlowRun(
    id="d9024c32-2174-4271-824c-322174627101",
    flow_id="cf4fce79-8822-456d-8fce-798822556dc6",
    etag='"0c003dbf-0000-0200-0000-5f36e92d0000"',
    ims_org_id="{ORG_ID}",
    sandbox_id="e49ebb00-d0fa-11e9-b164-ed6a398c8b35",
    sandbox_name="prod",
    created_at=datetime(2020, 8, 14, 19, 42, 27, 259000, tzinfo=UTC),
    updated_at=datetime(2020, 8, 14, 19, 42, 37, 567000, tzinfo=UTC),
    created_by="{CREATED_BY}",
    updated_by="{UPDATED_BY}",
    created_client="{CREATED_CLIENT}",
    updated_client="{UPDATED_CLIENT}",
    metrics=Metrics(
        duration_summary=DurationSummary(started_at_utc=datetime(2020, 8, 14, 19, 42, 27, 190000, tzinfo=UTC)),
        status_summary=StatusSummary(status="failed", errors=(CONNECTOR_ERROR,)),
    ),
    activities=(
        Activity(
            id="promotionActivity",
            updated_at_utc=datetime(2020, 8, 14, 19, 42, 37, 529000, tzinfo=UTC),
            duration_summary=DurationSummary(
                started_at_utc=datetime(2020, 8, 14, 19, 42, 27, 190000, tzinfo=UTC),
                completed_at_utc=datetime(2020, 8, 14, 19, 42, 37, 212000, tzinfo=UTC),
            ),
            file_summary=FileSummary(
                extensions={
                    "manifest": {
                        "fileInfo": "https://platform-stage.adobe.io/data/foundation/export/batches/"
                        "6f6a900f-e40d-4f0e-9bb9-b614436c3465/meta?path=input_files"
                    }
                }
            ),
            status_summary=StatusSummary(
                status="failed",
                errors=(CONNECTOR_ERROR,),
                extensions={
                    "errors": [
                        {
                            "code": "133",
                            "message": "We are unable to locate any files uploaded for this batch. "
                            "Please upload files to ingest.",
                        }
                    ]
                },
            ),
            target_info=(
                Connection(
                    id="e88737aa-27b8-4795-8737-aa27b8f7959e",
                    type="TargetConnection",
                    reference=Reference(type="Batch", ids=("6f6a900f-e40d-4f0e-9bb9-b614436c3465",)),
                ),
            ),
        ),
    ),
    delivery=Delivery(
        event_code="sources_flow_run_failed",
        category="Platform Notifications",
        provider="FlowService",
        sent_at=datetime(2020, 8, 14, 19, 42, 37, 622000, tzinfo=UTC),
        path="[0].messages[0].value",
        wrappers=("messages",),
    ),
)

DOCUMENTED_2020_PREVIEW_SUCCESS = FlowRun(
    id="1699fdb1-0f20-4323-99fd-b10f2033236b",
    flow_id="ba33133d-86f3-4513-b313-3d86f3451392",
    provider_ref_id="M-ba33133d-86f3-4513-b313-3d86f3451392-incremental-0:b4bae140-d41c-4b6c-abe9-0149be0b5899",
    etag='"49000119-0000-0200-0000-5f31be3f0000"',
    ims_org_id="{IMS_ORG}",
    sandbox_id="7127a4f0-def8-11e9-83ce-e79494b1c2a5",
    sandbox_name="prod",
    created_at=datetime(2020, 8, 10, 21, 38, 7, 394000, tzinfo=UTC),
    updated_at=datetime(2020, 8, 10, 21, 38, 7, 358000, tzinfo=UTC),
    created_by="{CREATED_BY}",
    updated_by="{UPDATED_BY}",
    created_client="{CREATED_CLIENT}",
    updated_client="{UPDATED_CLIENT}",
    process_start_time=datetime(2020, 8, 10, 21, 38, 7, 521000, tzinfo=UTC),
    transformed_time=datetime(2020, 8, 10, 21, 38, 7, 522000, tzinfo=UTC),
    metrics=Metrics(
        duration_summary=DurationSummary(
            started_at_utc=datetime(2020, 8, 10, 21, 37, 24, 636000, tzinfo=UTC),
            completed_at_utc=datetime(2020, 8, 10, 21, 37, 51, 861000, tzinfo=UTC),
        ),
        size_summary=SizeSummary(input_bytes=0, output_bytes=0),
        file_summary=FileSummary(input_file_count=1, output_file_count=0),
        status_summary=StatusSummary(status="success"),
    ),
    activities=(
        Activity(
            id="copyActivity",
            updated_at_utc=datetime(2020, 8, 10, 21, 38, 7, 336000, tzinfo=UTC),
            duration_summary=DurationSummary(
                started_at_utc=datetime(2020, 8, 10, 21, 37, 24, 636000, tzinfo=UTC),
                completed_at_utc=datetime(2020, 8, 10, 21, 37, 51, 861000, tzinfo=UTC),
                extensions={"windowStart": 1597094520000, "windowEnd": 1597095420000},
            ),
            size_summary=SizeSummary(input_bytes=0, output_bytes=0),
            file_summary=FileSummary(input_file_count=1, output_file_count=0),
            status_summary=StatusSummary(status="success", extensions={"type": "incremental"}),
            source_info=(
                Connection(
                    id="478b4613-5f21-4895-8b46-135f21389513",
                    type="SourceConnection",
                    reference=Reference(type="AdfRunId", ids=("b4bae140-d41c-4b6c-abe9-0149be0b5899",)),
                ),
            ),
        ),
    ),
    delivery=Delivery(
        event_id="fe9739ab-14ba-4575-bdc7-5aef839f2c64",
        event_code="sources_flow_run_success",
        provider="aep_observability_catalog_events",
        path="event",
        wrappers=("event",),
    ),
)

DOCUMENTED_2020_PREVIEW_FAILURE = FlowRun(
    id="1149044a-2536-4dca-8904-4a25364dca98",
    flow_id="3a4a152c-ba1a-4f71-8a15-2cba1abf719e",
    ims_org_id="555B08345D76A68D0A495E79@AdobeOrg",
    sandbox_name="e2e-at-10-7-19-02",
    metrics=Metrics(
        duration_summary=DurationSummary(
            started_at_utc=datetime(2020, 6, 20, 21, 43, 57, tzinfo=UTC),
            completed_at_utc=datetime(2020, 6, 21, 23, 27, 49, 117000, tzinfo=UTC),
        ),
        size_summary=SizeSummary(input_bytes=223, output_bytes=2235),
        record_summary=RecordSummary(
            input_record_count=14, output_record_count=8, skipped_record_count=0, failed_record_count=0
        ),
        file_summary=FileSummary(input_file_count=1, output_file_count=1, skipped_file_count=0, failed_file_count=0),
        status_summary=StatusSummary(
            status="failed",
            errors=(StatusError(code="CTOR-2001-500", message="Internal error in Promotion activity step"),),
            extensions={
                "errors": [
                    {
                        "code": "INGEST-1205-400",
                        "description": f"The field: {field} does not exist in the target schema. "
                        "Remove the field and try again.",
                    }
                    for field in ("_id", "person")
                ]
            },
        ),
    ),
    delivery=Delivery(
        event_code="sources_flow_run_failure",
        category="flowRun",
        provider="FlowService",
        sent_at=datetime(2020, 6, 8, 16, 6, 4, 92000, tzinfo=UTC),
        path="[0].value",
        wrappers=("messages",),
    ),
)

DOCUMENTED = {
    "documented_success": DOCUMENTED_SUCCESS,
    "documented_failure": DOCUMENTED_FAILURE,
    "documented_2020_preview_success": DOCUMENTED_2020_PREVIEW_SUCCESS,
    "documented_2020_preview_failure": DOCUMENTED_2020_PREVIEW_FAILURE,
}
"""Each documented payload, by the name of its file, as the whole run."""
