"""The payloads that everything is measured on, made from the four documented ones."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "DOCUMENTED",
    "HOSTILE",
    "NESTED",
    "OTHER_WRAPPERS",
    "RECORDS",
    "WRAPPERS",
    "WRONG_SHAPES",
    "Record",
    "api_list",
    "dumps",
    "journal_page",
    "nest",
    "renumber",
    "with_activities",
    "with_breakdowns",
    "with_errors",
]

Record = dict[str, Any]
_Json: TypeAlias = "dict[str, _Json] | list[_Json] | str | float | None"

_FOLDER = Path(__file__).parents[1] / "examples" / "payloads"


def dumps(payload: object) -> bytes:
    """JSON without white space, as it travels."""
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def _the_run(payload: Any) -> Record:
    """The record in a documented payload."""
    if type(payload) is list:
        return _the_run(payload[0])
    inside = next((payload[key] for key in ("event", "messages", "value") if key in payload), None)
    record: Record = payload
    return record if inside is None else _the_run(inside)


DOCUMENTED: Mapping[str, Any] = {
    path.stem.removeprefix("documented_"): json.loads(path.read_bytes())
    for path in sorted(_FOLDER.glob("documented_*.json"))
}
"""The documented payloads, decoded, by name: two events, a list of messages objects, a list of bare messages."""

RECORDS: Mapping[str, Record] = {name: _the_run(payload) for name, payload in DOCUMENTED.items()}
"""The run in each of them."""


# --- the same run again, with values of its own ---------------------------------------------------------------------

_OWN_IDS = frozenset({"event_id", "etag", "providerRefId", "xdm:flowRunId", "ids"})


def renumber(payload: Any, number: int) -> Any:
    """A copy that is another run of the same flow: its own ids, times and counts, everything else the same."""
    return _renumber(payload, number, is_own_id=False)


def _renumber(value: _Json, number: int, *, is_own_id: bool) -> _Json:
    if isinstance(value, dict):
        return {
            key: _renumber(item, number, is_own_id=key in _OWN_IDS or (key == "id" and "flowId" in value))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_renumber(item, number, is_own_id=is_own_id) for item in value]
    if isinstance(value, str) and is_own_id:
        return value.replace(value.strip('"')[:8], f"{number:08x}", 1)
    if isinstance(value, int) and value > 0:  # -1 means unknown
        return value + number
    return value


# --- wrappers -------------------------------------------------------------------------------------------------------

_EVENT_ID = "5d1ab0b6-3f1e-4c38-9b62-0a4b1c7a2c11"
_CLIENT_ID = "0123456789abcdef0123456789abcdef"
_EVENT_CODE = "source_flow_run_info"
_POSITION = "heron:1c0cbe1d-6d0f-4d2f-8a4b-2f0a0e2b7c55:7d9a5a10-6a31-4a0e-9a0f-5f3ed1b1a9c2"
_MESSAGE = {
    "msgType": "eventNotification",
    "version": "1.0",
    "timestamp": 1597434157622,
    "imsOrgId": "{ORG_ID}",
    "schema": {"name": "run-notification", "version": "1.0"},
    "provider": "FlowService",
    "_eventNotificationMeta": {"category": "Platform Notifications", "type": "sources_flow_run_failed"},
}
_HEADER = {
    "imsOrgId": "{ORG_ID}",
    "_adobeio": {"imsOrgId": "{ORG_ID}", "providerMetadata": "platform_notifications", "eventCode": _EVENT_CODE},
}
_HEADERS = {
    "x-adobe-event-code": _EVENT_CODE,
    "x-adobe-event-id": _EVENT_ID,
    "x-adobe-provider": "platform_notifications",
    "x-adobe-retry-count": "0",
}


def _event(inside: Any) -> Any:
    return {"event_id": _EVENT_ID, "event": inside, "recipient_client_id": _CLIENT_ID}


def _cloud_event(inside: Any) -> Any:
    return {
        "specversion": "1.0",
        "type": _EVENT_CODE,
        "source": "urn:flow_service",
        "id": "0f3e8a52-7d4f-4b7b-a2c5-8d1f3f6f7b10",
        "time": "2025-06-25T13:03:41Z",
        "datacontenttype": "application/json",
        "eventid": _EVENT_ID,
        "recipientclientid": _CLIENT_ID,
        "data": inside,
    }


def _eventbridge(inside: Any) -> Any:
    return {
        "version": "0",
        "id": "b4f2a8d0-52c4-4c6b-8b0e-0b7d2c9d5a77",
        "detail-type": f"Platform notifications:{_EVENT_CODE}",
        "source": "aws.partner/developer.adobe.com/example/registration",
        "account": "123456789012",
        "time": "2025-06-25T13:03:41Z",
        "region": "us-east-1",
        "resources": [],
        "detail": inside,
    }


def _web_action(body: str) -> Any:
    return {"__ow_method": "post", "__ow_path": "", "__ow_headers": _HEADERS, "__ow_body": body}


def journal_page(deliveries: list[Any]) -> Any:
    """A page of the journal that holds these deliveries."""
    events = [{"position": _POSITION, "event": delivery} for delivery in deliveries]
    return {"events": events, "_page": {"last": _POSITION, "count": len(events)}}


def api_list(records: list[Record]) -> Any:
    """An answer of the Flow Service API that lists these runs."""
    return {"items": records, "_links": {}, "count": len(records)}


WRAPPERS: Mapping[str, Callable[[Any], Any]] = {
    "event": _event,
    "event, header and body": lambda run: _event({"header": _HEADER, "body": run}),
    "body": lambda run: {"body": run},
    "messages": lambda run: [{"messages": [{**_MESSAGE, "value": run}]}],
    "messages, no list": lambda run: {"messages": [{**_MESSAGE, "value": run}]},
    "bare messages": lambda run: [{**_MESSAGE, "value": run}],
    "bare message": lambda run: {**_MESSAGE, "value": run},
    "list": lambda run: [run],
    "cloud event": _cloud_event,
    "journal page": lambda run: journal_page([run]),
    "eventbridge": _eventbridge,
    "runtime action": lambda run: {**run, "__adobe_headers": _HEADERS},
    "web action, JSON text": lambda run: _web_action(dumps(run).decode()),
    "web action, base64": lambda run: _web_action(base64.b64encode(dumps(run)).decode()),
    "API list": lambda run: api_list([run]),
}
"""What puts a run, or what is wrapped already, into each wrapper."""

OTHER_WRAPPERS = tuple(name for name in WRAPPERS if name not in {"event", "messages", "bare messages"})
"""The wrappers that the documented payloads do not have."""

NESTED = (
    ("list", "event", "body"),
    ("journal page", "event", "body"),
    ("journal page", "event", "cloud event"),
    ("journal page", "list", "messages"),
    ("event", "body", "cloud event"),
    ("eventbridge", "event", "body"),
    ("runtime action", "event", "body"),
)
"""Wrappers three deep, outermost first."""


def nest(run: Record, names: tuple[str, ...]) -> Any:
    """A run in several wrappers, the first one outermost."""
    payload: Any = run
    for name in reversed(names):
        payload = WRAPPERS[name](payload)
    return payload


# --- larger runs ----------------------------------------------------------------------------------------------------


def with_activities(record: Record, count: int) -> Record:
    """The run with so many activities, each with an id and errors of its own."""
    step = RECORDS["failure"]["activities"][0]
    return {**record, "activities": [{**renumber(step, n), "id": f"step-{n}"} for n in range(count)]}


def with_errors(record: Record, count: int) -> Record:
    """The run with so many distinct errors: half of them as its outer errors, half nested in their extensions."""
    errors = [{"code": f"CONNECTOR-{n:04}-500", "message": f"Step {n} could not read its input."} for n in range(count)]
    outer = (count + 1) // 2
    summary = {"status": "failed", "errors": errors[:outer], "extensions": {"errors": errors[outer:]}}
    return {**record, "metrics": {**record["metrics"], "statusSummary": summary}}


def with_breakdowns(record: Record) -> Record:
    """The run with its records broken down by source and target, and by entity, as newer notifications have them."""
    counts = {"inputRecordCount": 100, "outputRecordCount": 70, "failedRecordCount": 0, "skippedRecordCount": 30}
    summaries = [
        {"id": f"3f1e5d1a-4c38-4b62-9b62-{n:012}", **counts, "entitySummaries": [{"id": f"entity-{n}", **counts}]}
        for n in range(2)
    ]
    metrics = record["metrics"]
    records = {**metrics.get("recordSummary", {}), "sourceSummaries": summaries, "targetSummaries": summaries}
    return {**record, "metrics": {**metrics, "recordSummary": records}}


# --- large payloads that nobody means well with, or that are something else -----------------------------------------

_START = b'{"id":"1","flowId":"2",'


def _fill(start: bytes, unit: bytes, end: bytes, size: int) -> bytes:
    """A payload of about this size: the unit over and over, between start and end; a comma at its end is dropped."""
    return start + (unit * (size // len(unit) + 1)).removesuffix(b",") + end


_STEP = b'{"id":"step","sizeSummary":{"inputBytes":123456}},'  # 50 bytes: a million of them in 50 MB

HOSTILE: Mapping[str, Callable[[int], bytes]] = {
    "zeros": lambda size: _fill(b"[", b"0,", b"]", size),
    "other objects": lambda size: _fill(b"[", b'{"a":1},', b"]", size),
    "broken runs": lambda size: _fill(b"[", b'{"flowId":1},', b"]", size),
    "unknown lists": lambda size: _fill(b'{"a":[', b"[1],", b"]}", size),
    "texts of JSON": lambda size: _fill(b"[", rb'"{\"a\":[1,2,3]}",', b"]", size),
    "digits": lambda size: _fill(_START + b'"metrics":{"sizeSummary":{"inputBytes":', b"1", b"}}}", size),
    "escapes": lambda size: _fill(_START + b'"message":"', rb"\u0041", b'"}', size),
    "one key": lambda size: _fill(_START + b'"', b"k", b'":1}', size),
    "empty objects": lambda size: _fill(b"[", b"{},", b"]", size),
    "headers of Runtime": lambda size: _fill(
        b'{"event":' + _START[:-1] + b"},", b'"__adobe_headers":{},', b',"__ow_method":"post"}', size
    ),
    "activities": lambda size: _fill(_START + b'"activities":[', _STEP, b"]}", size),
    "empty activities": lambda size: _fill(_START + b'"activities":[', b"{},", b"]}", size * 3 // len(_STEP)),
}
"""Payloads of a given size in bytes that are made to cost more than they should."""

_OTHER = (
    b'{"munchkinId":"123-ABC-456","leadId":"1234","activityTypeId":108,"attributes":[{"name":"New","value":5678}]},'
)
_WRONG = b'{"createdAt":1597095487394,"id":17,"name":"not what belongs here","updatedAt":"yesterday"},'

WRONG_SHAPES: Mapping[str, Callable[[int], bytes]] = {
    "text": lambda size: _fill(b'"', b"x", b'"', size),
    "another product's text": lambda size: _fill(b'{"event_id":"1","event":{"note":"', b"x", b'"}}', size),
    "another product's objects": lambda size: _fill(b'{"event_id":"1","event":{"leads":[', _OTHER, b"]}}", size),
    "list of other objects": lambda size: _fill(b"[", _OTHER, b"]", size),
    "run with a list for an object": lambda size: _fill(_START + b'"metrics":[', _WRONG, b"]}", size),
    "run with wrong activities": lambda size: _fill(_START + b'"activities":[', _WRONG, b"]}", size),
    "run with a number for its id": lambda size: _fill(b'{"flowId":2,"id":1,"params":{"lead":[', _OTHER, b"]}}", size),
}
"""Payloads of a given size in bytes that :func:`flowrun_notifications.parse` refuses."""
