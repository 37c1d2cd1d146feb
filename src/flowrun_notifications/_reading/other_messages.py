"""The messages that share a subscription with flow runs: alerts, audit events, validation requests and others."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError
from typing_extensions import override

from flowrun_notifications._models.delivery import UNKNOWN_DELIVERY, Delivery
from flowrun_notifications._models.shown import show_in_notebook
from flowrun_notifications._models.timestamps import to_utc
from flowrun_notifications._models.values import AnyJSON, is_object
from flowrun_notifications._reading.exceptions import FlowRunNotificationError, at_path
from flowrun_notifications._reading.kinds import Kind, kind_of_value
from flowrun_notifications._reading.look_alikes import find_look_alike

if TYPE_CHECKING:
    from flowrun_notifications._reading.items import Item

__all__ = [
    "Alert",
    "AuditEvent",
    "DataIngestionEvent",
    "NotAFlowRunError",
    "OtherMessage",
    "ValidationRequest",
    "make_message",
]

_MAX_KEYS = 10
_MAX_KEY = 40


class OtherMessage(BaseModel, frozen=True):
    """A message that is not a flow run. It is not malformed: answer it with success and go on."""

    model_config: ClassVar[ConfigDict] = ConfigDict(hide_input_in_errors=True)

    kind: Kind = "other"
    """``alert``, ``audit_event``, ``data_ingestion_event``, ``validation_request`` or ``other``."""

    path: str = ""
    """The place where it stands in the payload; empty if it is all of it."""

    delivery: Delivery = UNKNOWN_DELIVERY
    """How it came, as far as its wrappers say."""

    content: AnyJSON = None
    """The JSON as it came."""

    hint: str | None = None
    """Why it was not opened, for something that nests too deeply; else ``None``."""

    @property
    def description(self) -> str:
        """A sentence about it that names keys and types, never values."""
        return f"not a flow run{at_path(self.path)}: {self.hint or self._describe()}"

    def _describe(self) -> str:
        content = self.content
        if isinstance(content, str):
            return "it is a string; if it holds JSON itself, decode it once more"
        if not is_object(content):
            return f"{kind_of_value(content)} is neither a record nor a wrapper"
        if not content:
            return "it has neither metrics nor flowId; it is an empty object"
        keys = ", ".join(map(_shorten_key, islice(content, _MAX_KEYS)))
        more = f" and {len(content) - _MAX_KEYS} more" if len(content) > _MAX_KEYS else ""
        text = f"it has neither metrics nor flowId; its keys are {keys}{more}"
        for key in ("flowId", "metrics"):
            found = find_look_alike(key, content)
            if found is not None:
                text += f"; {_shorten_key(found)} looks like {key}"
        return text

    @override
    def __hash__(self) -> int:
        return hash((type(self), self.path, self.delivery))

    @override
    def __str__(self) -> str:
        return self.description


class Alert(OtherMessage, frozen=True):
    """An alert on a rule, such as a run that takes too long. It may name a flow and a run, but is not one."""

    _repr_html_ = show_in_notebook

    id: str | None = None
    """The alert's id."""

    name: str | None = None
    """The name of its rule."""

    status: str | None = None
    """``FIRING`` or ``INACTIVE``, as it came."""

    severity: str | None = None
    """Such as ``high``."""

    message: str | None = None
    """A sentence for people."""

    value: str | None = None
    """The value that was measured, as text."""

    url: str | None = None
    """A page about it in the user interface."""

    created_at: datetime | None = None
    """When it was raised, UTC."""

    resolved_at: datetime | None = None
    """When it was resolved, UTC; ``None`` while it fires."""

    flow_id: str | None = None
    """The dataflow that it is about."""

    flow_run_id: str | None = None
    """The run that it is about."""

    ims_org_id: str | None = None
    """The organisation."""

    sandbox_id: str | None = None
    """The sandbox's id."""

    sandbox_name: str | None = None
    """The sandbox's name."""

    @property
    def is_firing(self) -> bool:
        """True if its status is ``FIRING``."""
        return (self.status or "").upper() == "FIRING"

    @override
    def _describe(self) -> str:
        return "it is an alert; answer it with success and go on"


class AuditEvent(OtherMessage, frozen=True):
    """An audit event: somebody did something to a resource."""

    asset_type: str | None = None
    """The kind of resource."""

    asset_id: str | None = None
    """The resource's id."""

    asset_name: str | None = None
    """The resource's name."""

    action: str | None = None
    """The action, such as ``Create``."""

    timestamp: datetime | None = None
    """When it happened, UTC."""

    request_id: str | None = None
    """The request that did it."""

    @override
    def _describe(self) -> str:
        return "it is an audit event; answer it with success and go on"


class DataIngestionEvent(OtherMessage, frozen=True):
    """A data ingestion event, the deprecated notification about batches."""

    ingestion_id: str | None = None
    """The batch."""

    customer_ingestion_id: str | None = None
    """The customer's own id of the batch."""

    dataset_id: str | None = None
    """The dataset."""

    event_code: str | None = None
    """Such as ``ing_load_failure``."""

    completed: datetime | None = None
    """When the ingestion ended, UTC."""

    @override
    def _describe(self) -> str:
        return "it is a data ingestion event; answer it with success and go on"


class ValidationRequest(OtherMessage, frozen=True):
    """A request to prove that a webhook is yours: fetch its URL within 5 minutes."""

    validation_url: str | None = None
    """The URL to fetch."""

    @override
    def _describe(self) -> str:
        return "it asks to verify a webhook; fetch its validation_url within 5 minutes"


_MODELS: dict[str, type[OtherMessage]] = {
    "other": OtherMessage,
    "alert": Alert,
    "audit_event": AuditEvent,
    "data_ingestion_event": DataIngestionEvent,
    "validation_request": ValidationRequest,
}
_KEYS: dict[type[OtherMessage], dict[str, str]] = {
    Alert: {
        **{key: key for key in ("id", "name", "status", "severity", "message", "value", "url")},
        "created_at": "createdAt",
        "resolved_at": "resolvedAt",
        "flow_id": "flowId",
        "flow_run_id": "flowRunId",
        "ims_org_id": "imsOrgId",
        "sandbox_id": "sandboxId",
        "sandbox_name": "sandboxName",
    },
    AuditEvent: {
        "asset_type": "assetType",
        "asset_id": "assetId",
        "asset_name": "assetName",
        "action": "action",
        "timestamp": "timestamp",
        "request_id": "requestId",
    },
    DataIngestionEvent: {
        "ingestion_id": "xdm:ingestionId",
        "customer_ingestion_id": "xdm:customerIngestionId",
        "dataset_id": "xdm:datasetId",
        "event_code": "xdm:eventCode",
        "completed": "xdm:completed",
    },
    ValidationRequest: {"validation_url": "validationUrl"},
}
_GIVEN = {cls: set(cls.model_fields) for cls in _MODELS.values()}
_TIMES = frozenset({"created_at", "resolved_at", "timestamp", "completed"})
_new = object.__new__
_set = object.__setattr__


def make_message(item: Item) -> OtherMessage:
    """Return the model of an item that is not a flow run. An unusable value in it is ``None``."""
    cls = _MODELS[item.kind]
    content, path = item.content, item.path
    values: dict[str, Any] = {"kind": item.kind, "path": path, "delivery": item.delivery_at(path), "content": content}
    values["hint"] = item.hint
    keys = _KEYS.get(cls)
    if keys is not None:
        payload = content.get("payload") if cls is AuditEvent else None
        source = {**content, **payload} if is_object(payload) else content
        for name, key in keys.items():
            values[name] = (_read_time if name in _TIMES else _read_text)(source.get(key))
    # Four slots filled by hand, as for a delivery: a payload may hold a million tiny messages.
    message = _new(cls)
    _set(message, "__dict__", values)
    _set(message, "__pydantic_fields_set__", _GIVEN[cls])
    _set(message, "__pydantic_extra__", None)
    _set(message, "__pydantic_private__", None)
    return message


def _read_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _read_time(value: object) -> datetime | None:
    try:
        return to_utc(value)
    except PydanticCustomError:
        return None


class NotAFlowRunError(FlowRunNotificationError):
    """Valid JSON that holds no flow run, only other messages. Not malformed."""

    other: OtherMessage
    """The first of them."""

    def __init__(self, other: OtherMessage) -> None:
        self.other = other
        super().__init__()

    @property
    def kind(self) -> Kind:
        """The kind of the message."""
        return self.other.kind

    @property
    def path(self) -> str:
        """The place where it stands in the payload; empty if it is all of it."""
        return self.other.path

    @override
    def __str__(self) -> str:
        return self.other.description


def _shorten_key(key: str) -> str:
    """Return a key of a payload, printable and short: it helps to see what came."""
    return ascii(key if len(key) <= _MAX_KEY else key[:_MAX_KEY] + "...")
