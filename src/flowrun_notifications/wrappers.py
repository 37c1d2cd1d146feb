"""How a run travels: one row per wrapper, and one function that opens them.

Wrappers nest in any order. What each says of the delivery is noted on the way in, so an inner one has the last word.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from pydantic_core import SchemaValidator, core_schema

from flowrun_notifications.decoding import decode_json, to_bytes
from flowrun_notifications.models import NO_HEADER, Delivery, FlowRun
from flowrun_notifications.timestamps import INSTANT_SCHEMA
from flowrun_notifications.values import is_list, is_object

__all__ = [
    "CLOUD_EVENT",
    "DEEPEST",
    "EVENT",
    "EVENTBRIDGE",
    "EVENT_CODES",
    "MESSAGE",
    "MESSAGES",
    "RUN_KEYS",
    "WRAPPERS",
    "Found",
    "Said",
    "Says",
    "Wrapper",
    "deliver",
    "details",
    "find",
    "hear_runtime_headers",
    "is_alert",
    "is_run_record",
    "runtime_body",
    "settle",
    "wrapper_of",
]

DEEPEST = 16
"""How deep wrappers may nest. What lies deeper is not opened, and is no flow run."""

RUN_KEYS = ("flowId", "metrics", "xdm:flowId", "xdm:metrics")
"""An object with one of these keys is a record, not something around one."""

Said = dict[str, Any]
"""What wrappers say of the delivery: the details of :class:`Delivery`, and those that may stand in for them."""

_Node = dict[str, Any]
Says = tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]


@dataclass(frozen=True, eq=False)
class Wrapper:
    """One way a run travels."""

    name: str
    key: str
    """The key that holds what is wrapped."""

    says: Says = ()
    """What it says of the delivery: each detail with the places where it may stand, the first that is there counts."""

    is_list: bool = False
    """Whether the key holds a list, of which each entry is, or wraps, one thing."""

    entry_key: str | None = None
    """For a list of entries that wrap something: the key within an entry that holds it."""

    mark: str | None = None
    """Another key it must have, to be told from objects that only look like it."""

    @cached_property
    def hear(self) -> Callable[[object], Said]:
        """Reads off a wrapper, or off an entry of it, what it says of the delivery."""
        return _listener(self.says)


def details(says: Says) -> dict[str, core_schema.TypedDictField]:
    """The schema of what is said. A detail that is absent, null or unusable is left out."""
    return {
        detail: core_schema.typed_dict_field(
            _TIME if detail == "sent_at" else _TEXT,
            required=False,
            validation_alias=[list[str | int](place) for place in places],
        )
        for detail, places in says
    }


def _listener(says: Says) -> Callable[[object], Said]:
    return SchemaValidator(core_schema.typed_dict_schema(details(says))).validate_python


_TEXT = core_schema.with_default_schema(core_schema.str_schema(), on_error="omit")
_TIME = core_schema.with_default_schema(
    core_schema.chain_schema([INSTANT_SCHEMA, core_schema.is_instance_schema(datetime)]), on_error="omit"
)

_LABEL = "label of eventbridge"
_CLOUD_EVENT_ID = "id of cloud event"

_EVENT: Says = (
    ("event_id", (("eventid",), ("event_id",))),
    ("recipient_client_id", (("recipientclientid",), ("recipient_client_id",))),
)
_MESSAGE: Says = (
    ("sent_at", (("timestamp",),)),
    ("provider", (("provider",),)),
    ("category", (("_eventNotificationMeta", "category"),)),
    ("code of message", (("_eventNotificationMeta", "type"),)),
)
_CLOUD_EVENT: Says = (
    *_EVENT,
    (_CLOUD_EVENT_ID, (("id",),)),
    ("code of cloud event", (("type",),)),
    ("sent_at", (("time",),)),
)
_EVENTBRIDGE: Says = ((_LABEL, (("detail-type",),)), ("sent_at", (("time",),)))
_HEADER: Says = (
    ("code of header", (("header", "_adobeio", "eventCode"),)),
    ("provider", (("header", "_adobeio", "providerMetadata"),)),
)
_RUNTIME_HEADERS: Says = (
    ("event_id", (("x-adobe-event-id",),)),
    ("code of runtime headers", (("x-adobe-event-code",),)),
    ("provider", (("x-adobe-provider",),)),
)

EVENT = Wrapper("event", "event", _EVENT)
MESSAGES = Wrapper("messages", "messages", _MESSAGE, is_list=True, entry_key="value")
MESSAGE = Wrapper("messages", "value", _MESSAGE)
CLOUD_EVENT = Wrapper("cloud_event", "data", _CLOUD_EVENT, mark="specversion")
EVENTBRIDGE = Wrapper("eventbridge", "detail", _EVENTBRIDGE, mark="detail-type")
JOURNAL = Wrapper("journal", "events", (("position", (("position",),)),), is_list=True, entry_key="event")
API_LIST = Wrapper("api_list", "items", is_list=True)
BODY = Wrapper("body", "body", _HEADER)

WRAPPERS = (EVENT, MESSAGES, MESSAGE, CLOUD_EVENT, EVENTBRIDGE, JOURNAL, API_LIST, BODY)
"""In the order in which they are tried. Lists and Runtime actions, which have no key of their own, come besides."""

EVENT_CODES = (
    "code of header",
    "code of message",
    "code of cloud event",
    "code of runtime headers",
    _LABEL,
)
"""Where an event code may stand, the most specific place first. The record's own ``header`` comes before them."""

_KEYS = frozenset(wrapper.key for wrapper in WRAPPERS)
_CONTAINERS = (dict, list)
_ALERT_STATUSES = ("FIRING", "INACTIVE")
_JSON_STARTS = ("{", "[", '"')
_TOO_DEEP = f"its wrappers nest more than {DEEPEST} deep"
_DETAILS = set(Delivery.model_fields)
_new = object.__new__
_set = object.__setattr__
_hear_runtime_headers = _listener(_RUNTIME_HEADERS)


def deliver(run: FlowRun, said: Said, path: str, wrappers: tuple[str, ...]) -> None:
    """Completes a new run by how it came, as its wrappers say, which is settled already."""
    # Nobody else has it yet, so what is frozen can still be filled in; NO_HEADER others have, so it never is.
    run.__pydantic_fields_set__.add("delivery")
    fields = vars(run)
    if fields["delivery"] is not NO_HEADER:
        _complete(fields["delivery"], said, path, wrappers)
        return
    fields["delivery"] = delivery = _new(Delivery)
    _set(delivery, "__dict__", {**NO_HEADER.__dict__, **said, "path": path, "wrappers": wrappers})
    _set(delivery, "__pydantic_fields_set__", _DETAILS)
    _set(delivery, "__pydantic_extra__", None)
    _set(delivery, "__pydantic_private__", None)


def _complete(delivery: Delivery, said: Said, path: str, wrappers: tuple[str, ...]) -> None:
    """Completes a new delivery, which holds what the record's own header says so far."""
    _set(delivery, "__pydantic_fields_set__", _DETAILS)
    details = vars(delivery)
    event_code = details["event_code"]
    details.update(said)
    if event_code is not None:
        details["event_code"] = event_code
    details["path"] = path
    details["wrappers"] = wrappers


def settle(said: Said) -> Said:
    """What was said in the end, where several wrappers may have said the same in different places."""
    settled = {detail: value for detail, value in said.items() if detail in _DETAILS}
    if "event_id" not in settled and _CLOUD_EVENT_ID in said:
        settled["event_id"] = said[_CLOUD_EVENT_ID]
    for place in EVENT_CODES if "event_code" not in settled else ():
        if place in said:
            # An EventBridge event is labelled "<provider>:<event code>".
            settled["event_code"] = said[place].rpartition(":")[2] if place == _LABEL else said[place]
            break
    return settled


def hear_runtime_headers(headers: object) -> Said:
    """What ``__adobe_headers`` or ``__ow_headers`` say of the delivery."""
    return _hear_runtime_headers(headers) if is_object(headers) else {}


class Found(NamedTuple):
    """Something in a payload, and what the wrappers around it say."""

    content: object
    path: str
    wrappers: tuple[str, ...]
    said: Said
    """What the wrappers said of the delivery. It is shared, and never changed."""

    is_run: bool = False
    """Whether it is known to be a flow run, sound or not."""

    obstacle: str | None = None
    """Why it is not opened, where it is not simply that nothing wraps anything any more."""

    def delivery(self) -> Delivery:
        """How it came."""
        header = self.content.get("header") if is_object(self.content) else None
        delivery = Delivery.model_validate(header if is_object(header) else {}, by_alias=True, by_name=False)
        _complete(delivery, settle(self.said), self.path, self.wrappers)
        return delivery


def find(payload: object) -> list[Found]:
    """Everything in a decoded payload that no wrapper wraps any further, in document order."""
    found: list[Found] = []
    _open(Found(payload, "", (), {}), found)
    return found


def _open(place: Found, found: list[Found]) -> None:
    """Adds what is at a place, or in what is wrapped there, to what was found."""
    place, inside = _look(place)
    if inside is None:
        found.append(place)
    elif len(place.wrappers) >= DEEPEST:
        found.append(place._replace(obstacle=_TOO_DEEP))
    else:
        for inner in inside:
            _open(inner, found)


def _look(place: Found) -> tuple[Found, Iterator[Found] | None]:
    """A place, and what is inside it; ``None`` where nothing wraps anything any more."""
    node = place.content
    if is_list(node):
        return place, _in_list(place, node)
    if not is_object(node) or place.obstacle:
        return place, None
    if "__adobe_headers" in node:
        return place, _beside_runtime_headers(place, node)
    if place.is_run or is_run_record(node):
        return place._replace(is_run=place.is_run or not is_alert(node)), None
    wrapper = wrapper_of(node)
    if wrapper is not None:
        return place, _in_wrapper(place, node, wrapper)
    return place, _in_runtime_body(place, node) if "__ow_body" in node else None


def _in_wrapper(place: Found, node: _Node, wrapper: Wrapper) -> Iterator[Found]:
    inside = node[wrapper.key]
    path = f"{place.path}.{wrapper.key}" if place.path else wrapper.key
    names = (*place.wrappers, wrapper.name)
    if not wrapper.is_list:
        yield Found(inside, path, names, {**place.said, **wrapper.hear(node)})
        return
    key = wrapper.entry_key
    are_runs = wrapper is API_LIST and "_links" in node
    # A single entry may stand there without a list.
    for i, entry in enumerate(inside) if is_list(inside) else [(None, inside)]:
        at = path if i is None else f"{path}[{i}]"
        if key is not None and is_object(entry) and type(entry.get(key)) in _CONTAINERS:
            yield Found(entry[key], f"{at}.{key}", names, {**place.said, **wrapper.hear(entry)})
        else:
            # An entry of an API list is a run whatever it looks like, unless it wraps something.
            yield Found(entry, at, names, place.said, is_run=are_runs and not _wraps_something(entry))


def _in_list(place: Found, node: list[Any]) -> Iterator[Found]:
    in_list = (*place.wrappers, "list")
    for i, item in enumerate(node):
        # Adobe sends messages, and objects that hold them, as entries of a list: that is one wrapper, not two.
        is_messages = is_object(item) and wrapper_of(item) in (MESSAGES, MESSAGE)
        yield Found(item, f"{place.path}[{i}]", place.wrappers if is_messages else in_list, place.said)


def _beside_runtime_headers(place: Found, node: _Node) -> Iterator[Found]:
    """The delivery among the parameters of a Runtime action, beside its headers."""
    said = {**place.said, **hear_runtime_headers(node["__adobe_headers"])}
    delivery = {key: value for key, value in node.items() if key != "__adobe_headers"}
    yield Found(delivery, place.path, (*place.wrappers, "runtime"), said, is_run=place.is_run)


def _in_runtime_body(place: Found, node: _Node) -> Iterator[Found]:
    """The raw body that a Runtime web action was called with."""
    body: object = node["__ow_body"]
    path = f"{place.path}.__ow_body" if place.path else "__ow_body"
    names = (*place.wrappers, "runtime")
    said = {**place.said, **hear_runtime_headers(node.get("__ow_headers"))}
    try:
        content = decode_json(runtime_body(body)) if isinstance(body, str) else body
    except ValueError:  # neither JSON nor base64 of JSON
        yield Found(body, path, names, said, obstacle="the body is not JSON")
    else:
        yield Found(content, path, names, said)


def runtime_body(body: str) -> bytes:
    """The bytes that ``__ow_body`` stands for: base64 or plain JSON.

    Raises:
        ValueError: It is neither.
    """
    # JSON text of an object, a list or a text starts with a character that base64 does not have.
    is_json = body.lstrip(" \t\r\n\ufeff").startswith(_JSON_STARTS)
    return to_bytes(body) if is_json else base64.b64decode(body, validate=True)


def wrapper_of(node: _Node) -> Wrapper | None:
    """The wrapper that an object is, if it is one and not a record."""
    if node.keys().isdisjoint(_KEYS) or is_run_record(node):
        return None
    for wrapper in WRAPPERS:
        if type(node.get(wrapper.key)) in _CONTAINERS and (wrapper.mark is None or wrapper.mark in node):
            return wrapper if wrapper is not API_LIST or _lists_runs(node) else None
    return None


def _lists_runs(node: _Node) -> bool:
    """Whether ``items`` lists runs, or what wraps them: many products have a key of that name."""
    items = node["items"]
    return is_list(items) and ("_links" in node or not items or any(map(_may_hold_runs, items)))


def _may_hold_runs(item: object) -> bool:
    return _wraps_something(item) or (is_object(item) and is_run_record(item))


def _wraps_something(item: object) -> bool:
    return is_list(item) or (
        is_object(item) and not is_run_record(item) and (wrapper_of(item) is not None or "__ow_body" in item)
    )


def is_run_record(node: _Node) -> bool:
    """Whether an object is a record rather than something around one."""
    return "flowId" in node or "metrics" in node or "xdm:flowId" in node or "xdm:metrics" in node


def is_alert(node: _Node) -> bool:
    """Whether an object is an alert, which may name a flow and a run: it has a status of its own, and no metrics."""
    status = node.get("status")
    return (
        isinstance(status, str)
        and (status.upper() in _ALERT_STATUSES or "severity" in node)
        and "metrics" not in node
        and "xdm:metrics" not in node
    )
