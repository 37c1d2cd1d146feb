"""Tells the messages that share a subscription with flow runs apart."""

from __future__ import annotations

from typing import Any, Literal

from flowrun_notifications._models.values import is_list, is_object

__all__ = ["EVENT_CODES", "TELLING_KEYS", "Kind", "classify", "has_both_ids", "kind_of_value"]

Kind = Literal["alert", "audit_event", "data_ingestion_event", "validation_request", "other"]
"""What a message is that is not a flow run."""

EVENT_CODES: dict[str, Kind] = {"audit_events_info": "audit_event", "platform_event": "data_ingestion_event"}
"""The event codes that tell the kind of a message."""

TELLING_KEYS = ("status", "validationUrl", "xdm:ingestionId", "xdm:eventCode", "payload")
"""An object without any of these keys is a known message only by its event code."""


def has_both_ids(node: dict[str, Any]) -> bool:
    """Tell whether an object has the ids of a run and of its flow, as text."""
    get = node.get
    return (isinstance(get("id"), str) or isinstance(get("xdm:flowRunId"), str)) and (
        isinstance(get("flowId"), str) or isinstance(get("xdm:flowId"), str)
    )


def classify(node: dict[str, Any], event_code: str | None) -> Kind:
    """Return the kind of a message that is neither a flow run nor an alert.

    Args:
        node: The message.
        event_code: The event code that it came with, where that tells about this very object.
    """
    if isinstance(node.get("validationUrl"), str):
        return "validation_request"
    payload = node.get("payload")
    if is_object(payload) and ("assetType" in payload or "action" in payload):
        return "audit_event"
    if "xdm:ingestionId" in node or "xdm:eventCode" in node:
        return "data_ingestion_event"
    return EVENT_CODES.get(event_code or "", "other")


def kind_of_value(value: object) -> str:
    """Return the kind of a JSON value, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if is_list(value) else "an object"
