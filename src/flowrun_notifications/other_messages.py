"""What shares a subscription with flow runs but is none: alerts, audit events, validation requests and others."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_notifications.values import is_list, is_object
from flowrun_notifications.wrappers import is_alert

if TYPE_CHECKING:
    from flowrun_notifications.exceptions import NotAFlowRunKind
    from flowrun_notifications.wrappers import Found

__all__ = ["Told", "kind_of_value", "tell_apart"]

_MOST_KEYS = 10
_LONGEST_KEY = 40


class Told(NamedTuple):
    """What something that is no flow run is instead."""

    kind: NotAFlowRunKind
    words: str
    validation_url: str | None = None
    name: str | None = None
    status: str | None = None
    flow_id: str | None = None
    flow_run_id: str | None = None


def tell_apart(found: Found) -> Told:
    """What something that is no flow run is instead, in words that help."""
    content = found.content
    if found.obstacle:
        return Told("other", found.obstacle)
    if isinstance(content, str):
        return Told("other", "it is text; where that holds JSON in its turn, decode it once more")
    if not is_object(content):
        return Told("other", f"{kind_of_value(content)} is neither a record nor a wrapper")
    kind, details = _classify(content, found.delivery().event_code)
    words = _WORDS[kind] if kind != "other" else f"{_WORDS[kind]}; {_describe_keys(content)}"
    return Told(kind, words, **details)


_WORDS: dict[NotAFlowRunKind, str] = {
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
