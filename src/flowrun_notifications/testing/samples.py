"""The data that the builders build from: one record, how each outcome changes it, other messages, wrappers."""

from __future__ import annotations

from typing import Any, Final, Literal

from flowrun_notifications._reading.kinds import Kind

__all__ = [
    "ABSENT",
    "ADOBE_HEADERS",
    "ADOBE_IO",
    "API_GATEWAY",
    "CLOUD_EVENT",
    "EVENT",
    "EVENTBRIDGE",
    "MESSAGE",
    "OLD_EVENT",
    "OTHER_MESSAGES",
    "OUTCOMES",
    "POSITION",
    "RELAY",
    "SNS",
    "SQS",
    "SUCCESS",
    "WEB_REQUEST",
    "JSONObject",
    "Outcome",
]

JSONObject = dict[str, Any]

Outcome = Literal["success", "partial_ingestion", "partial_success", "failed", "started"]
"""How a run stands.

``partial_ingestion`` is a success with errors or failed records, below the threshold that would make it a failure;
``partial_success`` is the status of that name; ``started`` is a run that is not finished.
"""


class _Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""The value of an override that leaves the key out."""


# --- records --------------------------------------------------------------------------------------------------------

SUCCESS: JSONObject = {
    "id": "6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10",
    "createdAt": 1735725605120,
    "updatedAt": 1735725842310,
    "createdBy": "acp_foundation_connectors@AdobeID",
    "updatedBy": "acp_foundation_connectors@AdobeID",
    "createdClient": "acp_foundation_connectors",
    "updatedClient": "acp_foundation_connectors",
    "sandboxId": "0b8f2a60-3f5e-11ef-9f0a-6b2f7a1d9c11",
    "sandboxName": "prod",
    "imsOrgId": "0A1B2C3D4E5F60718293A4B5@AdobeOrg",
    "flowId": "2c9be0a4-31f7-4f0e-8a6d-7e5b9d2c4f21",
    "flowName": "Loyalty members, hourly",
    "providerRefId": "M-2c9be0a4-31f7-4f0e-8a6d-7e5b9d2c4f21-incremental-0:f1a7c3d9-5b20-4e64-8d13-9c0e2b7a6f32",
    "etag": '"3100c5d2-0000-0200-0000-677511120000"',
    "metrics": {
        "durationSummary": {"startedAtUTC": 1735725600000, "completedAtUTC": 1735725830500},
        "sizeSummary": {"inputBytes": 48210, "outputBytes": 51733},
        "recordSummary": {"inputRecordCount": 120, "outputRecordCount": 120, "failedRecordCount": 0},
        "fileSummary": {"inputFileCount": 2, "outputFileCount": 1},
        "statusSummary": {"status": "success"},
    },
    "activities": [
        {
            "id": "4f008a00-3a04-11eb-adc1-0242ac120002",
            "name": "SFTP Copy Activity",
            "updatedAtUTC": 0,
            "durationSummary": {"startedAtUTC": 1735725600000, "completedAtUTC": 1735725712000},
            "sizeSummary": {"inputBytes": 48210, "outputBytes": 48210},
            "recordSummary": {"inputRecordCount": 120, "outputRecordCount": 120},
            "fileSummary": {"inputFileCount": 2, "outputFileCount": 2},
            "statusSummary": {"status": "success", "extensions": {"type": "incremental"}},
            "sourceInfo": [
                {
                    "id": "7a60d2c8-94b3-4d1f-b5e2-3f8c1a0d6e43",
                    "type": "SourceConnection",
                    "reference": {"type": "AdfRunId", "ids": ["f1a7c3d9-5b20-4e64-8d13-9c0e2b7a6f32"]},
                }
            ],
        },
        {
            "id": "37b34f84-1ada-11eb-adc1-0242ac120002",
            "name": "Promotion Activity",
            "updatedAtUTC": 0,
            "durationSummary": {"startedAtUTC": 1735725712000, "completedAtUTC": 1735725830500},
            "sizeSummary": {"inputBytes": 48210, "outputBytes": 51733},
            "recordSummary": {"inputRecordCount": 120, "outputRecordCount": 120, "failedRecordCount": 0},
            "fileSummary": {"inputFileCount": 2, "outputFileCount": 1},
            "statusSummary": {"status": "success", "extensions": {}},
            "targetInfo": [
                {
                    "id": "e4b19f70-6c2d-4a83-9e0b-58d7c1f3a254",
                    "type": "TargetConnection",
                    "reference": {"type": "Batch", "ids": ["01JGGZ6Q8W4T2N5R7B9C0D1E2F"]},
                }
            ],
        },
    ],
}
_REFUSED = {"code": "INGEST-1205-400", "message": "The field: loyaltyTier does not exist in the target schema."}
_OUTER = {"code": "CONNECTOR-1001-500", "message": "Error in copying the data from Source."}
_NESTED = {"code": "2200", "message": "The server did not answer within 30 seconds."}
_SOME_FAILED = {"inputRecordCount": 120, "outputRecordCount": 117, "failedRecordCount": 3}

OUTCOMES: dict[Outcome, JSONObject] = {
    "success": {},
    "partial_ingestion": {"metrics": {"recordSummary": _SOME_FAILED, "statusSummary": {"errors": [_REFUSED]}}},
    "partial_success": {
        "metrics": {
            "recordSummary": {**_SOME_FAILED, "failedInfo": [{**_REFUSED, "count": 3}]},
            "statusSummary": {"status": "partialSuccess"},
        }
    },
    "failed": {
        "metrics": {
            "durationSummary": {"completedAtUTC": ABSENT},
            "sizeSummary": ABSENT,
            "recordSummary": {"inputRecordCount": ABSENT, "outputRecordCount": ABSENT, "failedRecordCount": ABSENT},
            "fileSummary": {"inputFileCount": -1, "outputFileCount": ABSENT},
            "statusSummary": {"status": "failed", "errors": [_OUTER]},
        },
        "activities": [
            {
                "id": "4f008a00-3a04-11eb-adc1-0242ac120002",
                "name": "SFTP Copy Activity",
                "updatedAtUTC": 0,
                "durationSummary": {"startedAtUTC": 1735725600000, "completedAtUTC": 1735725640000},
                "recordSummary": {"failedInfo": [_NESTED]},
                "fileSummary": {"inputFileCount": -1},
                "statusSummary": {"status": "failed", "errors": [_OUTER], "extensions": {"errors": [_NESTED]}},
            }
        ],
    },
    "started": {
        "metrics": {
            "durationSummary": ABSENT,
            "sizeSummary": ABSENT,
            "recordSummary": ABSENT,
            "fileSummary": ABSENT,
            "statusSummary": {"status": "inProgress"},
        },
        "activities": [],
    },
}


# --- other messages -------------------------------------------------------------------------------------------------

_IMS_ORG_ID = "0A1B2C3D4E5F60718293A4B5@AdobeOrg"
_SANDBOX = {"sandboxId": "0b8f2a60-3f5e-11ef-9f0a-6b2f7a1d9c11", "sandboxName": "prod"}

ADOBE_IO: JSONObject = {
    "imsOrgId": _IMS_ORG_ID,
    "providerMetadata": "aep_observability_catalog_events",
    "eventCode": "source_flow_run_info",
}

OTHER_MESSAGES: dict[Kind, JSONObject] = {
    "alert": {
        "id": "b8d4e6f0-27c1-4b9a-8e35-6a0f9d1c2b65",
        "name": "sources_flow_run_delay",
        "status": "FIRING",
        "severity": "high",
        "message": "The run has been going on for more than 150 minutes.",
        "value": "151",
        "url": "https://experience.adobe.com/#/@example/sname:prod/platform/monitoring",
        "createdAt": "2025-01-01T12:30:00.000Z",
        "flowId": "2c9be0a4-31f7-4f0e-8a6d-7e5b9d2c4f21",
        "flowRunId": "6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10",
        "imsOrgId": _IMS_ORG_ID,
        **_SANDBOX,
    },
    "audit_event": {
        "id": "5e2a7c19-0d84-4f36-b1e8-92c3d6f0a776",
        "timestamp": "2025-01-01T09:15:30.000Z",
        "requestId": "9Yc2Vd0sQ1m8Lr4TtB7w",
        "payload": {
            "assetType": "Dataset",
            "assetId": "66d0aa11bb22cc33dd44ee55",
            "assetName": "Loyalty members",
            "action": "Create",
        },
        "header": {"_adobeio": {**ADOBE_IO, "eventCode": "audit_events_info"}},
    },
    "data_ingestion_event": {
        "xdm:ingestionId": "01JGGZ6Q8W4T2N5R7B9C0D1E2F",
        "xdm:customerIngestionId": "01JGGZ6Q8W4T2N5R7B9C0D1E2F",
        "xdm:datasetId": "66d0aa11bb22cc33dd44ee55",
        "xdm:eventCode": "ing_load_failure",
        "xdm:completed": 1735725830500,
        "xdm:imsOrg": _IMS_ORG_ID,
        "xdm:sandboxName": "prod",
    },
    "validation_request": {"validationUrl": "https://webhooks.example/validate?id=1f2e3d4c"},
    "other": {"productName": "another product", "assetPath": "/content/images/42"},
}


# --- wrappers: their keys beside the one that holds the content ------------------------------------------------------

_EVENT_ID = "c3f5a1d7-68e2-4b0c-9d41-7e8f2a6b5c87"
_CLIENT_ID = "4d3c2b1a0f9e8d7c6b5a493827160504"
POSITION = "salmon:2f6d1b0a-7c3e-4a59-8e14-b0d9c2f7a698:1735725843"
ADOBE_HEADERS: JSONObject = {
    "x-adobe-event-code": "source_flow_run_info",
    "x-adobe-event-id": _EVENT_ID,
    "x-adobe-provider": "aep_observability_catalog_events",
    "x-adobe-retry-count": "1",
}
EVENT: JSONObject = {"eventid": _EVENT_ID, "recipientclientid": _CLIENT_ID}
OLD_EVENT: JSONObject = {"event_id": _EVENT_ID, "recipient_client_id": _CLIENT_ID}
MESSAGE: JSONObject = {
    "msgType": "eventNotification",
    "version": "1.0",
    "timestamp": 1735725843000,
    "imsOrgId": _IMS_ORG_ID,
    "schema": {"name": "run-notification", "version": "1.0"},
    "provider": "FlowService",
    "_eventNotificationMeta": {"category": "flowRun", "type": "source_flow_run_info"},
}
CLOUD_EVENT: JSONObject = {
    "specversion": "1.0",
    "type": "source_flow_run_info",
    "source": "urn:uuid:9b0c1d2e-3f4a-4b5c-8d6e-7f8091a2b3c4",
    "id": _EVENT_ID,
    "time": "2025-01-01T10:04:03.000Z",
    "datacontenttype": "application/json",
    **EVENT,
}
EVENTBRIDGE: JSONObject = {
    "version": "0",
    "id": "3a9d8c7b-6e5f-4d21-a0b9-c8d7e6f5a4b3",
    "detail-type": "Platform notifications:source_flow_run_info",
    "source": "aws.partner/developer.adobe.com/123456/example",
    "account": "123456789012",
    "time": "2025-01-01T10:04:05Z",
    "region": "eu-central-1",
    "resources": [],
}
API_GATEWAY: JSONObject = {
    "version": "2.0",
    "routeKey": "POST /adobe",
    "headers": {"content-type": "application/json", **ADOBE_HEADERS},
    "requestContext": {"http": {"method": "POST", "path": "/adobe"}},
}
WEB_REQUEST: JSONObject = {"__ow_method": "post", "__ow_headers": ADOBE_HEADERS, "__ow_path": ""}
RELAY: JSONObject = {"relay": "collector-2", "receivedAt": "2025-01-01T10:04:06Z"}
SQS: JSONObject = {"messageId": "71d0c2b4-9e3f-4a56-8b17-2c4d6e8f0a13", "eventSource": "aws:sqs"}
SNS: JSONObject = {"EventVersion": "1.0", "EventSource": "aws:sns"}
