"""The wrappers in which runs travel: one row per wrapper, and the delivery details that each gives.

Delivery details are collected from the outside in; inner wrappers override outer ones, except that the outermost event
id and client id count, because Adobe writes those.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticCustomError

from flowrun_notifications._models.delivery import ID_FALLBACK, PROVIDER_FROM_HEADER, PROVIDER_FROM_HTTP, Details
from flowrun_notifications._models.timestamps import to_utc
from flowrun_notifications._models.values import is_list, is_object, to_count

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "API_LIST",
    "EVENT",
    "HTTP_KEYS",
    "JOURNAL",
    "LABEL",
    "MAX_DEPTH",
    "MESSAGE",
    "MESSAGES",
    "OUTERMOST",
    "RECORD_KEYS",
    "RUNTIME",
    "RUNTIME_HEADERS",
    "WRAPPERS",
    "DetailPaths",
    "Wrapper",
    "code_in_label",
    "is_header_key",
    "is_runtime_key",
    "merge_details",
    "read_details",
    "read_headers",
    "read_http_details",
]

MAX_DEPTH = 16
"""How deep wrappers, searched objects, lists and opened texts may nest. What lies deeper is not opened."""

RECORD_KEYS = ("flowId", "metrics", "xdm:flowId", "xdm:metrics")
"""An object with one of these keys is a record, not something around one."""

DetailPaths = tuple[tuple[str, tuple[str, ...]], ...]
"""Details, each with a place where it may stand. Of several places of one detail the first that holds it counts."""


@dataclass(frozen=True, eq=False)
class Wrapper:
    """One way a run travels."""

    name: str
    """Its name in ``Delivery.wrappers``."""

    key: str
    """The key that holds its content."""

    detail_paths: DetailPaths = ()
    """The details of the delivery that it gives, or each entry of it."""

    is_list: bool = False
    """True if the key holds a list, each entry of which is, or wraps, one thing."""

    entry_key: str | None = None
    """For a list of entries that wrap something: the key within an entry that holds the content."""

    mark: str | None = None
    """Another key that it must have, to be told from objects that only look like it."""

    needs_id: bool = False
    """True if ``metrics`` alone makes no record in it, because other products have metrics too."""


LABEL = "detail-type of an EventBridge event"

_IDS: DetailPaths = (
    ("event_id", ("eventid",)),
    ("event_id", ("event_id",)),
    ("recipient_client_id", ("recipientclientid",)),
    ("recipient_client_id", ("recipient_client_id",)),
)
_POSITION: DetailPaths = (("position", ("position",)),)
_MESSAGE: DetailPaths = (
    ("sent_at", ("timestamp",)),
    ("provider", ("provider",)),
    ("category", ("_eventNotificationMeta", "category")),
    ("event_code", ("_eventNotificationMeta", "type")),
)
_CLOUD_EVENT: DetailPaths = (*_IDS, (ID_FALLBACK, ("id",)), ("event_code", ("type",)), ("sent_at", ("time",)))
_EVENTBRIDGE: DetailPaths = ((LABEL, ("detail-type",)), ("sent_at", ("time",)))
_BODY: DetailPaths = (
    *_IDS,
    *_POSITION,
    ("event_code", ("header", "_adobeio", "eventCode")),
    (PROVIDER_FROM_HEADER, ("header", "_adobeio", "providerMetadata")),
    # An entry of a journal may have `body` beside `event`, and the record's header in `event`.
    ("event_code", ("event", "header", "_adobeio", "eventCode")),
    (PROVIDER_FROM_HEADER, ("event", "header", "_adobeio", "providerMetadata")),
)

EVENT = Wrapper("event", "event", (*_IDS, *_POSITION))
MESSAGES = Wrapper("messages", "messages", _MESSAGE, is_list=True, entry_key="value")
MESSAGE = Wrapper("messages", "value", _MESSAGE)
CLOUD_EVENT = Wrapper("cloud_event", "data", _CLOUD_EVENT, mark="specversion", needs_id=True)
CLOUD_EVENT_IN_BASE64 = Wrapper("cloud_event", "data_base64", _CLOUD_EVENT, mark="specversion", needs_id=True)
EVENTBRIDGE = Wrapper("eventbridge", "detail", _EVENTBRIDGE, mark="detail-type", needs_id=True)
JOURNAL = Wrapper("journal", "events", _POSITION, is_list=True, entry_key="event")
API_LIST = Wrapper("api_list", "items", is_list=True)
BODY = Wrapper("body", "body", _BODY, needs_id=True)
RUNTIME = Wrapper("runtime", "__ow_body")

WRAPPERS = (
    EVENT,
    MESSAGES,
    MESSAGE,
    CLOUD_EVENT,
    CLOUD_EVENT_IN_BASE64,
    EVENTBRIDGE,
    JOURNAL,
    API_LIST,
    BODY,
    RUNTIME,
)
"""In the order in which they are tried. Lists, and the parameters of Runtime actions, have no key of their own."""

OUTERMOST = ("event_id", "recipient_client_id")
"""The details of which the outermost counts."""

RUNTIME_HEADERS = "__adobe_headers"
_HTTP_HEADERS = frozenset(("headers", "__ow_headers", RUNTIME_HEADERS))
_HTTP_DETAILS: dict[str, str] = {
    "x-adobe-event-id": ID_FALLBACK,
    "x-adobe-event-code": "event_code",
    "x-adobe-provider": PROVIDER_FROM_HTTP,
    "x-adobe-retry-count": "retry_count",
}


HTTP_KEYS = tuple(_HTTP_DETAILS)
"""The HTTP headers that give details, in lower case."""


def is_header_key(key: str) -> bool:
    """Tell whether HTTP headers, or one of Adobe's, may stand under a key."""
    return key in _HTTP_HEADERS or _is_adobe_header(key)


def is_runtime_key(key: str) -> bool:
    """Tell whether a key is one of those that Adobe I/O Runtime adds to the parameters of an action."""
    return key.startswith("__ow_") or key == RUNTIME_HEADERS or _is_adobe_header(key)


def _is_adobe_header(key: str) -> bool:
    return key[:8].lower() == "x-adobe-"


def merge_details(outer: Details, inner: Details) -> Details:
    """Return the details of two wrappers, one inside the other."""
    if not inner:
        return outer
    merged = {**outer, **inner}
    for detail in OUTERMOST:
        if detail in outer:
            merged[detail] = outer[detail]
    return merged


def read_details(paths: DetailPaths, node: dict[str, Any]) -> Details:
    """Return the details that an object gives. One that is absent, null, empty or unusable is left out."""
    details: Details = {}
    for detail, path in paths:
        if detail in details:
            continue
        value: Any = node
        for key in path:
            value = value.get(key) if is_object(value) else None
        value = _read_detail(detail, value)
        if value is not None:
            details[detail] = value
    label = details.pop(LABEL, None)
    if label is not None and code_in_label(label):
        details["event_code"] = code_in_label(label)
    return details


def code_in_label(label: str) -> str:
    """Return the event code in the label of an EventBridge event, ``<provider>:<event code>``."""
    return label.rpartition(":")[2]


def read_http_details(node: dict[str, Any]) -> Details:
    """Return the details in the HTTP headers that stand beside a content, or among the parameters of an action."""
    details: Details = {}
    headers: dict[str, Any] = {}
    for key, value in node.items():
        if key in _HTTP_HEADERS:
            details.update(read_headers(value))
        elif _is_adobe_header(key):
            headers[key] = value
    return {**read_headers(headers), **details} if headers else details


def read_headers(headers: object) -> Details:
    """Return the details in an object of HTTP headers. One that is absent, empty or unusable is left out."""
    details: Details = {}
    if is_object(headers):
        for name, value in headers.items():
            detail = _HTTP_DETAILS.get(name.lower())
            if detail is not None:
                if type(value) is not str or detail in _READERS:
                    value = _read_detail(detail, value[0] if is_list(value) and value else value)  # noqa: PLW2901
                if value is not None and value != "":
                    details[detail] = value
    return details


def _read_detail(detail: str, value: object) -> object:
    read = _READERS.get(detail)
    if read is None:
        return value if isinstance(value, str) and value else None
    try:
        return read(value)
    except PydanticCustomError:
        return None


_READERS: dict[str, Callable[[object], object]] = {"sent_at": to_utc, "retry_count": to_count}
