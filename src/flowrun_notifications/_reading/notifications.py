"""The wrappers of the two documented shapes as models, for code that wants the whole notification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.parts import open_key, wire_key
from flowrun_notifications._models.spellings import drop_hiding_nulls
from flowrun_notifications._models.timestamps import Instant
from flowrun_notifications._models.values import JSONObject, is_list, is_object
from flowrun_notifications._models.wire_model import WireModel
from flowrun_notifications._reading.records import validate
from flowrun_notifications._reading.unwrap import unwrap
from flowrun_notifications._reading.wrappers import EVENT, OUTERMOST, read_details

if TYPE_CHECKING:
    from flowrun_notifications._reading.paths import Step

__all__ = ["EventNotification", "Message", "MessagesNotification"]


class EventNotification(WireModel, frozen=True):
    """The documented success form, ``{"event_id": …, "event": …}``: one run in a webhook event."""

    event: FlowRun
    """The run."""

    event_id: str | None = wire_key("event_id", "eventid")
    """The notification's id. Adobe is replacing ``event_id`` by ``eventid``; both are read."""

    recipient_client_id: str | None = wire_key("recipient_client_id", "recipientclientid")
    """The client id that it was sent to. Adobe is replacing it by ``recipientclientid``; both are read."""

    @model_validator(mode="before")
    @classmethod
    def _read_run(cls, data: Any) -> Any:
        return _with_run(drop_hiding_nulls(cls, data), "event") if is_object(data) else data


class Message(WireModel, frozen=True):
    """One message of the documented failure form, around one run."""

    value: FlowRun
    """The run."""

    msg_type: str | None = wire_key("msgType")
    """``eventNotification`` in every published sample."""

    version: str | None = None
    """The version of the message's form, text."""

    timestamp: Instant = None
    """When the message was sent, UTC."""

    ims_org_id: str | None = wire_key("imsOrgId")
    """The organisation."""

    schema_: JSONObject = open_key("schema")
    """The name and version of the message's schema, as they came."""

    provider: str | None = None
    """Who sent it: ``FlowService``."""

    event_notification_meta: JSONObject = open_key("_eventNotificationMeta")
    """``category`` and ``type``, the latter being the event code, as they came."""

    @model_validator(mode="before")
    @classmethod
    def _read_run(cls, data: Any) -> Any:
        return _with_run(data, "value") if is_object(data) else data


class MessagesNotification(WireModel, frozen=True):
    """The documented failure form, ``{"messages": [{…, "value": …}]}``; Adobe sends a list of them."""

    messages: tuple[Message, ...] = Field()
    """The messages."""

    @model_validator(mode="before")
    @classmethod
    def _read_runs(cls, data: Any) -> Any:
        if not is_object(data) or not is_list(data.get("messages")):
            return data
        runs = _runs_by_place(data)
        messages = [
            {**message, "value": runs[i]}
            if i in runs and is_object(message) and not _is_dump(message["value"])
            else message
            for i, message in enumerate(data["messages"])
        ]
        return {**data, "messages": messages}


def _with_run(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a wrapper with the run in it validated as ``parse`` does, if there is exactly one."""
    if isinstance(data.get(key), FlowRun):
        return data
    if _is_dump(data.get(key)):
        return {**data, key: _from_dump(data[key], data)}
    runs = _runs_by_place(data)
    return {**data, key: runs[key]} if set(runs) == {key} else data


def _from_dump(value: object, data: dict[str, Any]) -> FlowRun:
    """Return a run from its dump. The ids that the wrapper gives are Adobe's, so they count."""
    run = FlowRun.model_validate(value)
    given = {key: detail for key, detail in read_details(EVENT.detail_paths, data).items() if key in OUTERMOST}
    return run.model_copy(update={"delivery": run.delivery.model_copy(update=given)})


def _runs_by_place(data: dict[str, Any]) -> dict[str | int, FlowRun]:
    """Return the sound runs in a wrapper, by the key or the index of the message under which each stands."""
    runs: dict[str | int, FlowRun] = {}
    for item in unwrap(data):
        run = validate(item) if item.kind == "run" else None
        if isinstance(run, FlowRun):
            steps = _steps(item.where)
            runs[steps[1] if steps[0] == "messages" else steps[0]] = run
    return runs


def _steps(where: Step) -> list[str | int]:
    steps: list[str | int] = []
    while where is not None:
        where, step = where
        steps.append(step)
    return steps[::-1] or [""]


def _is_dump(value: object) -> bool:
    """Tell whether a run was dumped by ``model_dump``: its delivery is in it, and counts."""
    return is_object(value) and is_object(value.get("delivery")) and "wrappers" in value["delivery"]
