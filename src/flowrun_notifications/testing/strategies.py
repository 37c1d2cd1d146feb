"""Payloads and flow runs for tests of your own: builders with overrides, and Hypothesis strategies.

The builders give one plausible notification, the same at every call; you override what your test is about::

    make_payload("event", outcome="failed", flowName="Orders")
    make_record(metrics={"recordSummary": {"failedRecordCount": 3}}, url=ABSENT)
    wrap("journal", make_payload("cloud_event"), make_other_message("alert"))

The strategies give whatever Adobe may send: every documented key, spelling, unit and wrapper, null, -1, keys that
nobody has documented yet. All of it can be parsed::

    @given(payloads(outcome="failed"))
    def test_every_failure_is_reported(payload): ...

This module needs Hypothesis (``pip install hypothesis``); nothing else in this package does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, TypeGuard, get_args

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.values import copy_json as own
from flowrun_notifications._reading.kinds import Kind as NotAFlowRunKind
from flowrun_notifications._reading.parsing import parse

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "flowrun_notifications.testing needs Hypothesis; install it with `pip install hypothesis`", name=_error.name
    ) from _error

__all__ = [
    "ABSENT",
    "Outcome",
    "Wrapper",
    "flow_runs",
    "make_flow_run",
    "make_other_message",
    "make_payload",
    "make_record",
    "other_messages",
    "payloads",
    "records",
    "wrap",
]

Outcome = Literal["success", "partial_ingestion", "partial_success", "failed", "started"]
"""How a run stands.

``partial_ingestion`` is a success with errors or failed records, below the threshold that would make it a failure;
``partial_success`` is the status of that name; ``started`` is a run that is not finished.
"""

Wrapper = Literal[
    "event",
    "event_old",
    "event_body",
    "body",
    "messages",
    "messages_object",
    "message_list",
    "message",
    "list",
    "cloud_event",
    "journal",
    "eventbridge",
    "runtime",
    "runtime_body",
    "runtime_text_body",
    "api_list",
]
"""A wrapper by what it looks like.

=================== ====================================================================================
``event``           ``{"eventid": …, "event": …}``; ``event_old`` has ``event_id``, as before 2026
``event_body``      ``{"eventid": …, "event": {"header": …, "body": …}}``; ``body`` is the inner part alone
``messages``        ``[{"messages": [{…, "value": …}]}]``; ``messages_object`` lacks the outer list
``message_list``    ``[{…, "value": …}]``; ``message`` lacks the list
``list``            ``[…]``, a webhook's batch
``cloud_event``     ``{"specversion": "1.0", …, "data": …}``
``journal``         ``{"events": [{"position": …, "event": …}], "_page": …}``
``eventbridge``     ``{"detail-type": …, …, "detail": …}``
``runtime``         the content's own keys, and ``__adobe_headers`` beside them
``runtime_body``    ``{"__ow_body": …}``, in base64; ``runtime_text_body`` has plain JSON text there
``api_list``        ``{"items": […], "_links": …, "count": …}``
=================== ====================================================================================
"""


_Object = dict[str, Any]


class _Absent:
    """The type of `ABSENT`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()
"""As the value of an override: the key is left out."""


# --- builders -------------------------------------------------------------------------------------------------------


def make_record(outcome: Outcome = "success", **overrides: Any) -> dict[str, Any]:
    """A run record as Flow Service writes it, decoded: what stands innermost in every wrapper.

    Args:
        outcome: How the run stands.
        **overrides: Values by Adobe's key. An object is merged into the one that stands there, key by key; anything
            else, lists included, takes its place; `ABSENT` removes the key.

    Returns:
        A new object at every call.
    """
    return _merged(_merged(_SUCCESS, _OUTCOMES[outcome]), overrides)


def make_payload(*wrappers: Wrapper, outcome: Outcome = "success", **overrides: Any) -> Any:
    """A decoded payload that holds one run.

    Args:
        *wrappers: What the run comes in, outermost first; none for a bare run.
        outcome: How the run stands.
        **overrides: Changes to the record; see `make_record`.
    """
    payload: Any = make_record(outcome, **overrides)
    for wrapper in reversed(wrappers):
        payload = wrap(wrapper, payload)
    return payload


def make_flow_run(*wrappers: Wrapper, outcome: Outcome = "success", **overrides: Any) -> FlowRun:
    """A flow run, for code that takes one: what `parse` makes of `make_payload` with the same arguments.

    Raises:
        InvalidFlowRunError: The overrides make the record unusable.
    """
    return parse(make_payload(*wrappers, outcome=outcome, **overrides))


def make_other_message(kind: NotAFlowRunKind = "alert", **overrides: Any) -> dict[str, Any]:
    """Something decoded that shares the subscription with flow runs but is none.

    Args:
        kind: What it is instead, as `NotAFlowRunError.kind` names it.
        **overrides: Changes to it, as in `make_record`.
    """
    return _merged(_OTHER_MESSAGES[kind], overrides)


def wrap(wrapper: Wrapper, *contents: Any) -> Any:
    """Decoded JSON in a wrapper.

    Args:
        wrapper: The wrapper's name.
        *contents: What it holds: records, or what is wrapped already. ``messages``, ``messages_object``,
            ``message_list``, ``list``, ``journal`` and ``api_list`` hold any number, the others exactly one.

    Returns:
        A copy: the contents are not shared with it.

    Raises:
        ValueError: The wrapper does not hold that number of things.
    """
    shape = _SHAPES[wrapper]
    return _gathered(wrapper, [shape.enclose(shape.details, content) for content in contents])


def _merged(base: _Object, overrides: _Object) -> _Object:
    merged: _Object = own(base)
    for key, value in overrides.items():
        below = merged.get(key)
        if value is ABSENT:
            merged.pop(key, None)
        elif _is_object(value) and _is_object(below):
            merged[key] = _merged(below, value)
        else:
            merged[key] = own(value)
    return merged


def _is_object(value: object) -> TypeGuard[_Object]:
    return isinstance(value, dict)


def _gathered(wrapper: Wrapper, entries: list[Any]) -> Any:
    gather = _SHAPES[wrapper].gather
    if gather is None and len(entries) != 1:
        raise ValueError(f"the wrapper {wrapper!r} holds exactly one thing, {len(entries)} were given")
    return own(entries[0] if gather is None else gather(entries))


_SUCCESS: _Object = {
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

_OUTCOMES: dict[Outcome, _Object] = {
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

_ADOBE_IO = {
    "imsOrgId": "0A1B2C3D4E5F60718293A4B5@AdobeOrg",
    "providerMetadata": "aep_observability_catalog_events",
    "eventCode": "source_flow_run_info",
}

_OTHER_MESSAGES: dict[NotAFlowRunKind, _Object] = {
    "alert": {
        "id": "b8d4e6f0-27c1-4b9a-8e35-6a0f9d1c2b65",
        "status": "FIRING",
        "name": "sources_flow_run_delay",
        "message": "The run has been going on for more than 150 minutes.",
        "createdAt": "2025-01-01T12:30:00.000Z",
        "severity": "high",
        "sandboxName": "prod",
        "value": "151",
        "flowId": "2c9be0a4-31f7-4f0e-8a6d-7e5b9d2c4f21",
        "flowRunId": "6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10",
    },
    "audit_event": {
        "id": "5e2a7c19-0d84-4f36-b1e8-92c3d6f0a776",
        "payload": {"assetType": "Dataset", "assetName": "Loyalty members", "action": "Create"},
        "header": {"_adobeio": {**_ADOBE_IO, "eventCode": "audit_events_info"}},
    },
    "data_ingestion_event": {
        "xdm:ingestionId": "01JGGZ6Q8W4T2N5R7B9C0D1E2F",
        "xdm:eventCode": "ing_load_failure",
        "xdm:datasetId": "66d0aa11bb22cc33dd44ee55",
    },
    "validation_request": {"validationUrl": "https://webhooks.example/validate?id=1f2e3d4c"},
    "other": {"productName": "another product", "assetPath": "/content/images/42"},
}


class _Shape(NamedTuple):
    """How a wrapper is put around things."""

    details: _Object
    """What it says beside what it wraps."""

    enclose: Callable[[_Object, Any], Any]
    """Puts details around one thing."""

    gather: Callable[[list[Any]], Any] | None = None
    """Puts any number of enclosed things together; `None` for a wrapper of one thing."""


def _under(key: str) -> Callable[[_Object, Any], _Object]:
    def enclose(details: _Object, content: Any) -> _Object:
        return {**details, key: content}

    return enclose


def _beside(details: _Object, content: _Object) -> _Object:
    return {**content, **details}


def _alone(_: _Object, content: Any) -> Any:
    return content


def _with_header(details: _Object, content: Any) -> _Object:
    return {**details, "event": {"header": {"_adobeio": _ADOBE_IO}, "body": content}}


def _as_base64(details: _Object, content: Any) -> _Object:
    return {**details, "__ow_body": base64.b64encode(json.dumps(content).encode()).decode()}


def _as_text(details: _Object, content: Any) -> _Object:
    return {**details, "__ow_body": json.dumps(content, ensure_ascii=False)}


def _journal_page(entries: list[Any]) -> _Object:
    return {"events": entries, "_page": {"last": _POSITION, "count": len(entries)}}


def _api_list(runs: list[Any]) -> _Object:
    return {"items": runs, "_links": {}, "count": len(runs)}


def _messages_object(messages: list[Any]) -> _Object:
    return {"messages": messages}


def _messages(messages: list[Any]) -> list[Any]:
    return [_messages_object(messages)]


_POSITION = "salmon:2f6d1b0a-7c3e-4a59-8e14-b0d9c2f7a698:1735725843"
_EVENT_ID = "c3f5a1d7-68e2-4b0c-9d41-7e8f2a6b5c87"
_CLIENT_ID = "4d3c2b1a0f9e8d7c6b5a493827160504"
_EVENT = {"eventid": _EVENT_ID, "recipientclientid": _CLIENT_ID}
_MESSAGE = {
    "msgType": "eventNotification",
    "version": "1.0",
    "timestamp": 1735725843000,
    "imsOrgId": "0A1B2C3D4E5F60718293A4B5@AdobeOrg",
    "schema": {"name": "run-notification", "version": "1.0"},
    "provider": "FlowService",
    "_eventNotificationMeta": {"category": "flowRun", "type": "source_flow_run_info"},
}
_CLOUD_EVENT = {
    "specversion": "1.0",
    "type": "source_flow_run_info",
    "source": "urn:uuid:9b0c1d2e-3f4a-4b5c-8d6e-7f8091a2b3c4",
    "id": _EVENT_ID,
    "time": "2025-01-01T10:04:03.000Z",
    "datacontenttype": "application/json",
    **_EVENT,
}
_EVENTBRIDGE: _Object = {
    "version": "0",
    "id": "3a9d8c7b-6e5f-4d21-a0b9-c8d7e6f5a4b3",
    "detail-type": "Platform notifications:source_flow_run_info",
    "source": "aws.partner/developer.adobe.com/123456/example",
    "account": "123456789012",
    "time": "2025-01-01T10:04:05Z",
    "region": "eu-central-1",
    "resources": [],
}
_ADOBE_HEADERS = {
    "x-adobe-event-code": "source_flow_run_info",
    "x-adobe-event-id": _EVENT_ID,
    "x-adobe-provider": "aep_observability_catalog_events",
    "x-adobe-retry-count": "1",
}
_WEB_REQUEST = {"__ow_method": "post", "__ow_headers": _ADOBE_HEADERS, "__ow_path": ""}

_SHAPES: dict[Wrapper, _Shape] = {
    "event": _Shape(_EVENT, _under("event")),
    "event_old": _Shape({"event_id": _EVENT_ID, "recipient_client_id": _CLIENT_ID}, _under("event")),
    "event_body": _Shape(_EVENT, _with_header),
    "body": _Shape({"header": {"_adobeio": _ADOBE_IO}}, _under("body")),
    "messages": _Shape(_MESSAGE, _under("value"), _messages),
    "messages_object": _Shape(_MESSAGE, _under("value"), _messages_object),
    "message_list": _Shape(_MESSAGE, _under("value"), list),
    "message": _Shape(_MESSAGE, _under("value")),
    "list": _Shape({}, _alone, list),
    "cloud_event": _Shape(_CLOUD_EVENT, _under("data")),
    "journal": _Shape({"position": _POSITION}, _under("event"), _journal_page),
    "eventbridge": _Shape(_EVENTBRIDGE, _under("detail")),
    "runtime": _Shape({"__adobe_headers": _ADOBE_HEADERS}, _beside),
    "runtime_body": _Shape(_WEB_REQUEST, _as_base64),
    "runtime_text_body": _Shape(_WEB_REQUEST, _as_text),
    "api_list": _Shape({}, _alone, _api_list),
}


# --- strategies -----------------------------------------------------------------------------------------------------


def records(outcome: Outcome | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Decoded run records that can be parsed, each documented key there or not.

    Args:
        outcome: How the runs stand; without it they may also have a status that nobody has documented, or none.
    """
    return _record(outcome)


def payloads(*wrappers: Wrapper, outcome: Outcome | None = None) -> st.SearchStrategy[Any]:
    """Decoded payloads that hold one run each.

    Args:
        *wrappers: What the run comes in, outermost first; without any, whatever wrappers may come, none included.
        outcome: How the runs stand; see `records`.
    """
    return _wrapped(st.just(wrappers) if wrappers else _NESTINGS, records(outcome))


def flow_runs(*wrappers: Wrapper, outcome: Outcome | None = None) -> st.SearchStrategy[FlowRun]:
    """Flow runs: what `parse` makes of `payloads` with the same arguments."""
    return payloads(*wrappers, outcome=outcome).map(parse)


def other_messages(kind: NotAFlowRunKind | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Decoded things that share the subscription with flow runs but are none.

    Args:
        kind: What they are instead, as `NotAFlowRunError.kind` names it; without it anything.
    """
    kinds: tuple[NotAFlowRunKind, ...] = get_args(NotAFlowRunKind) if kind is None else (kind,)
    return st.builds(_joined, st.sampled_from(kinds).map(make_other_message), _UNKNOWN_DETAILS)


def _joined(first: _Object, second: _Object) -> _Object:
    return {**first, **second}


# Single values.

_Keys = dict[str, st.SearchStrategy[Any]]

_TEXTS = st.one_of(
    st.sampled_from(
        ("prod", "Loyalty members, hourly", "two\nlines", '"quoted" \\', "Größe 数据 🛰", "nul\0inside", "")
    ),
    st.text(max_size=12),
)
_IDS = st.one_of(
    st.uuids().map(str),
    st.sampled_from(("test-7", "66d0aa11bb22cc33dd44ee55", "segment:0c8d", "1735725600000-1735729200000")),
)
_LISTS_OF_IDS = st.lists(_IDS, max_size=2)
_COUNTS = st.one_of(
    st.integers(0, 10**12),
    st.just(-1),
    st.integers(0, 10**9).map(str),
    st.integers(0, 10**9).map(float),
)
_MEASURES = st.one_of(_COUNTS, st.floats(0, 1e6))

_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _TEXTS),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(_TEXTS, values, max_size=3),
    max_leaves=4,
)
_BAGS = st.dictionaries(
    st.sampled_from(("adf/run/id", "incremental.batchId", "windowStart", "x")) | _TEXTS, _JSON, max_size=3
)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)


_WAYS_TO_WRITE_TIMES: tuple[Callable[[datetime], float | str], ...] = (
    _milliseconds,
    lambda time: _milliseconds(time) // 1000,
    lambda time: _milliseconds(time) / 1000,
    lambda time: str(_milliseconds(time)),
    lambda time: str(_milliseconds(time) // 1000),
    lambda time: time.isoformat().replace("+00:00", "Z"),
    lambda time: time.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
    lambda time: time.replace(tzinfo=None).isoformat(),
)


def _written(minutes: int, milliseconds: int, write: Callable[[datetime], float | str]) -> float | str:
    return write(_EPOCH + timedelta(minutes=minutes, milliseconds=milliseconds))


_TIMES = st.builds(
    _written,
    st.integers(525_600, 68_374_079),  # the years 1971 to 2099
    st.integers(0, 59_999),
    st.sampled_from(_WAYS_TO_WRITE_TIMES),
)

# Objects.

_UNKNOWN_KEYS = st.sampled_from(
    (
        *("futureKey", "xdm:future", "future key", ""),
        # Names of attributes and methods, and Python's own.
        *("flow_id", "record_summary", "errors", "summary", "delivery", "to_payload", "model_fields", "model_extra"),
        *("__class__", "__dict__", "__pydantic_extra__", "__proto__"),
    )
)
_UNKNOWN_DETAILS = st.dictionaries(
    st.sampled_from(("futureKey", "xdm:future", "delivery", "model_fields", "__class__")), _JSON, max_size=1
)


def _objects(keys: _Keys, always: _Keys | None = None) -> st.SearchStrategy[_Object]:
    """Objects with these keys there, null or absent, others always there, and sometimes an unknown one."""
    always = always or {}
    return st.builds(
        _joined,
        st.fixed_dictionaries(always, optional={key: st.none() | values for key, values in keys.items()}),
        st.dictionaries(_UNKNOWN_KEYS.filter(lambda key: key not in keys and key not in always), _JSON, max_size=1),
    )


def _each(keys: str, values: st.SearchStrategy[Any]) -> _Keys:
    return dict.fromkeys(keys.split(), values)


_ERRORS = st.builds(
    _joined,
    _objects(
        {
            **_each("recordCount count", _COUNTS),
            "type": st.sampled_from(("Error", "Warning")),
            "format": st.just("json"),
            "details": _JSON,
        },
        always={"code": st.sampled_from(("CONNECTOR-2001-500", "INGEST-1205-400", "133", "2200", "NEW-7", ""))},
    ),
    st.dictionaries(
        st.sampled_from(("message", "description")),
        st.sampled_from(("It failed.", "It failed", "The field: a does not exist.")) | _TEXTS,
        min_size=1,
        max_size=1,
    ),
)
_LISTS_OF_ERRORS = st.lists(_ERRORS, min_size=1, max_size=2)
_ERROR_DETAILS = st.sampled_from(
    ("ErrorCode=SftpNetworkIssue,'Type=IOException,Message=no route\r\n'", 'ErrorCode={"code": 1}', "no code at all")
)
_RECORD_COUNTS: _Keys = {
    **_each("inputRecordCount outputRecordCount createdRecordCount updatedRecordCount deletedRecordCount", _COUNTS),
    **_each("skippedRecordCount warningRecordCount", _COUNTS),
    "ingestedRecordPercentage": _MEASURES,
}
_BREAKDOWN: _Keys = {"id": _IDS, "failedRecordCount": _COUNTS, **_RECORD_COUNTS}
_BREAKDOWNS = st.lists(
    _objects({**_BREAKDOWN, "entitySummaries": st.lists(_objects(_BREAKDOWN), max_size=1)}), max_size=1
)
_FLOW_SPECS = _objects({"id": _IDS, "version": st.just("1.0")})
_PREDECESSORS = st.lists(_objects({"flowId": _IDS, "flowRunId": _IDS, "flowSpec": _FLOW_SPECS}), max_size=1)
_REFERENCES = _objects({"type": st.sampled_from(("AdfRunId", "Batch", "batch")), "ids": _LISTS_OF_IDS})
_CONNECTIONS = st.lists(
    _objects({"id": _IDS, "type": st.sampled_from(("SourceConnection", "TargetConnection")), "reference": _REFERENCES}),
    max_size=2,
)
_MANIFESTS = st.fixed_dictionaries(
    {"fileInfo": _IDS | st.lists(st.fixed_dictionaries({"path": _IDS, "pathPrefix": _IDS}), max_size=1)}
)
_FILE_SUMMARIES = _objects(
    {
        **_each("inputFileCount outputFileCount skippedFileCount failedFileCount", _COUNTS),
        "manifest": _MANIFESTS,
        "activityRefs": _LISTS_OF_IDS,
        "extensions": st.fixed_dictionaries({}, optional={"manifest": _MANIFESTS}),
    }
)
_HEADERS = st.fixed_dictionaries(
    {"_adobeio": st.fixed_dictionaries({}, optional={key: st.just(_ADOBE_IO[key]) for key in _ADOBE_IO})}
)


def _summaries(completed: str, *, spotless: bool) -> _Keys:
    """What a run as a whole and an activity have in common, the status apart; spotless: without error or failure."""
    failed_counts = st.sampled_from((0, -1, "0")) if spotless else _COUNTS
    return {
        "durationSummary": _objects({**_each(f"startedAtUTC {completed}", _TIMES), "extensions": _BAGS}),
        "latencySummary": _objects({**_each("minMs maxMs avgMs", _MEASURES), "extensions": _BAGS}),
        "sizeSummary": _objects(
            {**_each("inputBytes outputBytes failedBytes skippedBytes", _COUNTS), "extensions": _BAGS}
        ),
        "recordSummary": _objects(
            {
                **_RECORD_COUNTS,
                "failedRecordCount": failed_counts,
                "failedInfo": st.just([]) if spotless else _LISTS_OF_ERRORS,
                **_each("skippedInfo warningInfo", _LISTS_OF_ERRORS),
                **_each("sourceSummaries targetSummaries", _BREAKDOWNS),
                "extensions": _BAGS,
            }
        ),
        "fileSummary": _FILE_SUMMARIES,
    }


def _status_summaries(always: _Keys | None = None, *, spotless: bool) -> st.SearchStrategy[_Object]:
    errors = st.just([]) if spotless else _LISTS_OF_ERRORS
    extensions: _Keys = {
        "batchId": _IDS,
        "type": st.sampled_from(("incremental", "one-time")),
        "adf/run/id": _IDS,
        "futureKey": _JSON,
        "errors": errors,
        "errorDetail": st.just("") if spotless else _ERROR_DETAILS,
    }
    keys: _Keys = {
        "status": st.sampled_from(("success", "failed", "cancelled", "")),
        "errors": errors,
        "activityRefs": _LISTS_OF_IDS,
        "extensions": st.fixed_dictionaries({}, optional=extensions),
    }
    always = always or {}
    return _objects({key: values for key, values in keys.items() if key not in always}, always)


def _records(status: _Keys | None = None, *, spotless: bool = False) -> st.SearchStrategy[_Object]:
    """Records whose status summary has these keys, or that need not have a status at all."""
    activities = _objects(
        {
            "id": st.sampled_from(("copyActivity", "37b34f84-1ada-11eb-adc1-0242ac120002")) | _IDS,
            "name": st.sampled_from(("SFTP Copy Activity", "Activation Batch Publisher Activity")) | _TEXTS,
            "updatedAtUTC": st.just(0) | _TIMES,
            "contextId": _IDS,
            **_each("sourceInfo targetInfo", _CONNECTIONS),
            **_summaries("stoppedAtUTC", spotless=spotless),
            "statusSummary": _status_summaries(spotless=spotless),
        }
    )
    summaries = {**_summaries("completedAtUTC", spotless=spotless), "customSummary": _BAGS}
    status_summaries = {"statusSummary": _status_summaries(status, spotless=spotless)}
    keys: _Keys = {
        **_each("createdAt updatedAt slaCreatedAt processStartTime transformedTime", _TIMES),
        **_each("createdBy updatedBy createdClient updatedClient", _TEXTS),
        **_each("sandboxId imsOrgId providerRefId parentFlowRunId", _IDS),
        **_each("flowName flowType sandboxName message url alertName", _TEXTS),
        **_each("childFlowRunIds recordTypes", _LISTS_OF_IDS),
        "etag": _TEXTS.map('"{}"'.format),
        "flowSpec": _FLOW_SPECS,
        "predecessors": _PREDECESSORS,
        "params": st.just({"windowStartTime": "1735722000", "deltaColumn": {"name": "ts"}}) | _BAGS,
        "activities": st.lists(activities, max_size=2),
        "header": _HEADERS,
    }
    ids = {"id": _IDS, "flowId": _IDS}
    if status is None:
        records = _objects({**keys, "metrics": _objects({**summaries, **status_summaries})}, ids)
    else:
        records = _objects(keys, {**ids, "metrics": _objects(summaries, status_summaries)})
    return st.builds(_respelt, records, st.sampled_from(_OTHER_SPELLINGS))


_OTHER_SPELLINGS: tuple[dict[str, str], ...] = (
    {},
    {"etag": "eTag", "activities": "activites"},
    {
        "id": "xdm:flowRunId",
        "flowId": "xdm:flowId",
        "imsOrgId": "xdm:imsOrg",
        "sandboxName": "xdm:sandboxName",
        "metrics": "xdm:metrics",
    },
)


def _respelt(record: _Object, spellings: dict[str, str]) -> _Object:
    return {spellings.get(key, key): value for key, value in record.items()}


def _having(*statuses: str) -> _Keys:
    return {"status": st.sampled_from(statuses)}


_RECORDS: dict[Outcome, st.SearchStrategy[_Object]] = {
    "success": _records(_having("success", "Success"), spotless=True),
    "partial_ingestion": _records({**_having("success", "Success"), "errors": _LISTS_OF_ERRORS}),
    "partial_success": _records(_having("partialSuccess")),
    "failed": _records(_having("failed", "Failed")),
    "started": _records(_having("inProgress", "scheduled", "Processing", "Waiting")),
}
_ANY_RECORDS = st.one_of(_records(), *_RECORDS.values())


@st.composite
def _record(draw: st.DrawFn, outcome: Outcome | None) -> _Object:
    """Drawn here so that Hypothesis shows the strategy by its name: written out it takes pages."""
    return draw(_ANY_RECORDS if outcome is None else _RECORDS[outcome])


# Wrappers.

_MARKS = frozenset({"specversion", "detail-type", "__adobe_headers"})
"""What tells a wrapper from an object that only looks like it."""

_OFTEN = st.sampled_from((True, True, True, False))


@st.composite
def _wrapped(
    draw: st.DrawFn, nestings: st.SearchStrategy[tuple[Wrapper, ...]], contents: st.SearchStrategy[Any]
) -> Any:
    payload = draw(contents)
    for wrapper in reversed(draw(nestings)):
        shape = _SHAPES[wrapper]
        details = {key: value for key, value in shape.details.items() if key in _MARKS or draw(_OFTEN)}
        details = {key: value if key in _MARKS or draw(_OFTEN) else None for key, value in details.items()}
        if shape.enclose is not _beside:  # else they would be unknown keys of the record
            details |= draw(_UNKNOWN_DETAILS)
        payload = _gathered(wrapper, [shape.enclose(details, payload)])
    return payload


_NOT_IN_RUNTIME = frozenset({"runtime", "messages", "message_list", "list"})
"""What cannot stand in `runtime`, whose headers stand beside the keys of an object."""


def _can_nest(wrappers: list[Wrapper]) -> bool:
    return not any(outer == "runtime" and inner in _NOT_IN_RUNTIME for outer, inner in pairwise(wrappers))


_NESTINGS = st.lists(st.sampled_from(tuple(_SHAPES)), max_size=4).filter(_can_nest).map(tuple)
