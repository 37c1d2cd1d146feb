"""Strategies for messages that are not flow runs."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from flowrun_notifications._models.values import copy_json
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications.testing.samples import ADOBE_IO, JSONObject
from flowrun_notifications.testing.strategies.values import ANY_JSON, IDS, TEXTS, TIMES, Keys, objects, same_for

__all__ = ["draw_message"]

_ANY_TEXT = TEXTS | ANY_JSON
_ANY_TIME = TIMES | ANY_JSON


def _messages(always: Keys, optional: Keys) -> st.SearchStrategy[JSONObject]:
    return st.tuples(st.fixed_dictionaries(always), objects(optional)).map(lambda drawn: {**drawn[1], **drawn[0]})


_ALERT: Keys = {
    **same_for("id flowId flowRunId imsOrgId sandboxId", IDS | ANY_JSON),
    **same_for("message value url sandboxName", _ANY_TEXT),
    **same_for("createdAt resolvedAt", _ANY_TIME),
}
_NAMES: Keys = {"name": st.just("sources_flow_run_delay") | _ANY_TEXT, "severity": st.just("high") | _ANY_TEXT}
_AUDIT: Keys = {
    **same_for("assetType assetId assetName", _ANY_TEXT),
    "action": st.sampled_from(("Create", "Delete")),
}
_MESSAGES: dict[Kind, st.SearchStrategy[JSONObject]] = {
    "alert": _messages({"status": st.sampled_from(("FIRING", "INACTIVE", "firing"))}, {**_ALERT, **_NAMES})
    | _messages({"status": st.just("RESOLVED"), **_NAMES}, _ALERT),
    "audit_event": _messages(
        {"payload": _messages({"assetType": _ANY_TEXT}, _AUDIT)},
        {
            **same_for("id requestId", IDS | ANY_JSON),
            "timestamp": _ANY_TIME,
            "header": st.just({"_adobeio": {**ADOBE_IO, "eventCode": "audit_events_info"}}),
        },
    ),
    "data_ingestion_event": _messages(
        {"xdm:ingestionId": IDS | ANY_JSON},
        {
            **same_for("xdm:customerIngestionId xdm:datasetId", IDS | ANY_JSON),
            "xdm:eventCode": st.sampled_from(("ing_load_success", "ing_load_failure")),
            "xdm:completed": _ANY_TIME,
        },
    ),
    "validation_request": _messages({"validationUrl": st.just("https://webhooks.example/validate?id=1") | TEXTS}, {}),
    "other": _messages({"productName": TEXTS}, same_for("assetPath details", ANY_JSON)),
}
_KINDS: tuple[Kind, ...] = get_args(Kind)


@st.composite
def draw_message(draw: st.DrawFn, kind: Kind | None) -> JSONObject:
    """Draw a message of a kind, or of any."""
    message: JSONObject = copy_json(draw(_MESSAGES[draw(st.sampled_from(_KINDS)) if kind is None else kind]))
    return message
