"""What shares a subscription with flow runs but is none: alerts, audit events, validation requests and others."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from flowrun_notifications.exceptions import NotAFlowRunError
from flowrun_notifications.values import is_list, is_object
from flowrun_notifications.wrappers import is_alert

if TYPE_CHECKING:
    from flowrun_notifications.exceptions import NotAFlowRunKind
    from flowrun_notifications.wrappers import Found

__all__ = ["kind_of_value", "tell_apart"]

_MOST_KEYS = 10
_LONGEST_KEY = 40


def tell_apart(found: Found) -> NotAFlowRunError:
    """What something that is no flow run is instead, in words that help."""
    content, delivery = found.content, found.delivery()
    where = f" at {found.path}" if found.path else ""
    if found.obstacle:
        return NotAFlowRunError(f"not a flow run{where}: {found.obstacle}", kind="other", delivery=delivery)
    if not is_object(content):
        hint = f"{kind_of_value(content)} is neither a record nor a wrapper"
        if isinstance(content, str):
            hint = "it is text; where that holds JSON in its turn, decode it once more"
        return NotAFlowRunError(f"not a flow run{where}: {hint}", kind="other", delivery=delivery)
    kind, details = _classify(content, delivery.event_code)
    message = f"not a flow run{where}: {_MESSAGES[kind]}"
    if kind == "other":
        message += f"; {_describe_keys(content)}"
    return NotAFlowRunError(message, kind=kind, delivery=delivery, **details)


_MESSAGES: dict[NotAFlowRunKind, str] = {
    "alert": "it is an alert; answer it with success and go on",
    "audit_event": "it is an audit event; answer it with success and go on",
    "data_ingestion_event": "it is a data ingestion event; answer it with success and go on",
    "validation_request": "it asks to verify a webhook; fetch its validation_url within 5 minutes",
    "other": "it has neither metrics nor flowId",
}


def _classify(node: dict[str, Any], event_code: str | None) -> tuple[NotAFlowRunKind, dict[str, str | None]]:
    if isinstance(node.get("validationUrl"), str):
        return "validation_request", {"validation_url": node["validationUrl"]}
    if is_alert(node):
        keys = {"name": "name", "status": "status", "flow_id": "flowId", "flow_run_id": "flowRunId"}
        return "alert", {name: _text(node.get(key)) for name, key in keys.items()}
    payload = node.get("payload")
    if event_code == "audit_events_info" or (is_object(payload) and {"assetType", "action"} & payload.keys()):
        return "audit_event", {}
    if event_code == "platform_event" or "xdm:ingestionId" in node or "xdm:eventCode" in node:
        return "data_ingestion_event", {}
    return "other", {}


def _describe_keys(node: dict[str, Any]) -> str:
    """The keys of something unknown, printable and short: they help to see what came."""
    if not node:
        return "it is an empty object"
    short = [key if len(key) <= _LONGEST_KEY else key[:_LONGEST_KEY] + "..." for key in islice(node, _MOST_KEYS)]
    more = f" and {len(node) - _MOST_KEYS} more" if len(node) > _MOST_KEYS else ""
    return f"its keys are {', '.join(map(ascii, short))}{more}"


def kind_of_value(value: object) -> str:
    """The kind of a JSON value, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if is_list(value) else "an object"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
