"""How a run travels: one row per wrapper, and one function that opens them.

Wrappers nest in any order. What each says of the delivery is noted on the way in, so an inner one has the last word.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_notifications.decoding import decode_json
from flowrun_notifications.exceptions import InvalidJSONError
from flowrun_notifications.models import Delivery, FlowRun

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEEPEST", "Found", "find"]

DEEPEST = 16
"""How deep wrappers may nest. What lies deeper is not opened, and is no flow run."""

_Said = dict[str, Any]
_Node = dict[str, Any]


class Found(NamedTuple):
    """What stands where no further wrapper can be opened."""

    content: object
    """A record, decoded; a :class:`FlowRun` where it was validated while decoding; or anything else."""

    path: str
    wrappers: tuple[str, ...]
    said: _Said
    """What the wrappers said of the delivery."""

    is_run: bool = False
    """Whether it is a flow run, sound or not."""

    obstacle: str | None = None
    """Why opening ended here, where it is not simply that nothing wraps anything any more."""

    def delivery(self, header: Delivery | None = None) -> Delivery:
        """How it came: from the record's own ``header``, then from what the wrappers said."""
        said = {**self.said, "path": self.path, "wrappers": self.wrappers}
        if header is not None:
            if header.event_code is not None:
                said["event_code"] = header.event_code
            if header.provider is not None:
                said.setdefault("provider", header.provider)
        if "event_code" not in said:
            for source in _EVENT_CODE_SOURCES:
                if source in said:
                    said["event_code"] = said[source]
                    break
        return _validate_delivery(said, by_alias=False, by_name=True)


_validate_delivery = Delivery.__pydantic_validator__.validate_python


def _note_nothing(node: _Node, said: _Said) -> None:
    pass


class _Wrapper(NamedTuple):
    """One way a run travels."""

    name: str
    key: str
    """The key that holds what is wrapped."""

    note: Callable[[_Node, _Said], None]
    """Notes what the wrapper says of the delivery."""

    entry_key: str | None = None
    """Where the key holds a list of entries: the key within an entry that holds what is wrapped. Empty: the entry."""

    note_entry: Callable[[_Node, _Said], None] = _note_nothing
    """Notes what an entry says of the delivery."""

    mark: str | None = None
    """Another key that the wrapper must have to be told from an object that only looks like it."""


def _note(details: tuple[tuple[str, str], ...], node: _Node, said: _Said) -> None:
    for detail, key in details:
        value = node.get(key)
        if value is not None:
            said[detail] = value


_EVENT = (
    ("event_id", "event_id"),
    ("event_id", "eventid"),
    ("recipient_client_id", "recipient_client_id"),
    ("recipient_client_id", "recipientclientid"),
)
_MESSAGE = (("sent_at", "timestamp"), ("provider", "provider"))
_META = (("category", "category"), ("code of message", "type"))
_CLOUD_EVENT = (("code of cloud event", "type"), ("sent_at", "time"), *_EVENT)
_JOURNAL_ENTRY = (("position", "position"),)
_HEADERS = (
    ("event_id", "x-adobe-event-id"),
    ("code of headers", "x-adobe-event-code"),
    ("provider", "x-adobe-provider"),
)
_EVENT_CODE_SOURCES = (
    "code of header",
    "code of message",
    "code of cloud event",
    "code of headers",
    "code of detail-type",
)
"""Where an event code may stand, the most specific place first. The record's own ``header`` comes before all."""


def _note_event(node: _Node, said: _Said) -> None:
    _note(_EVENT, node, said)


def _note_message(node: _Node, said: _Said) -> None:
    _note(_MESSAGE, node, said)
    meta = node.get("_eventNotificationMeta")
    if isinstance(meta, dict):
        _note(_META, meta, said)


def _note_cloud_event(node: _Node, said: _Said) -> None:
    said.setdefault("event_id", node.get("id"))  # the event's own id, where nobody gives the notification's
    _note(_CLOUD_EVENT, node, said)


def _note_eventbridge(node: _Node, said: _Said) -> None:
    _note((("sent_at", "time"),), node, said)
    label = node.get("detail-type")
    if isinstance(label, str):
        said["code of detail-type"] = label.partition(":")[2] or label


def _note_header(node: _Node, said: _Said) -> None:
    header = node.get("header")
    adobe_io = header.get("_adobeio") if isinstance(header, dict) else None
    if isinstance(adobe_io, dict):
        _note((("code of header", "eventCode"), ("provider", "providerMetadata")), adobe_io, said)


def _note_journal_entry(node: _Node, said: _Said) -> None:
    _note(_JOURNAL_ENTRY, node, said)


_WRAPPERS = (
    _Wrapper("event", "event", _note_event),
    _Wrapper("messages", "messages", _note_nothing, entry_key="value", note_entry=_note_message),
    _Wrapper("messages", "value", _note_message),
    _Wrapper("cloud_event", "data", _note_cloud_event, mark="specversion"),
    _Wrapper("eventbridge", "detail", _note_eventbridge, mark="detail-type"),
    _Wrapper("journal", "events", _note_nothing, entry_key="event", note_entry=_note_journal_entry),
    _Wrapper("api_list", "items", _note_nothing, entry_key=""),
    _Wrapper("body", "body", _note_header),
)
_CONTAINERS = frozenset({dict, list, FlowRun})


def find(payload: object) -> list[Found]:
    """Everything in a decoded payload that no wrapper wraps any further, in document order."""
    found: list[Found] = []
    _open(payload, "", (), {}, found)
    return found


def _open(node: object, path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]) -> None:
    if type(node) is FlowRun:
        extra = node.__pydantic_extra__
        if extra and ("__adobe_headers" in extra or "status" in extra):
            _look_again(node, extra, path, wrappers, said, found)
        else:
            found.append(Found(node, path, wrappers, said, is_run=True))
    elif type(node) is dict:
        if "__adobe_headers" in node:
            _open_runtime_headers(node, path, wrappers, said, found)
        elif is_run_record(node):
            found.append(Found(node, path, wrappers, said, is_run=not is_alert(node)))
        else:
            _open_object(node, path, wrappers, said, found)
    elif type(node) is list:
        _open_list(node, path, wrappers, said, found)
    else:
        found.append(Found(node, path, wrappers, said))


def _open_object(node: _Node, path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]) -> None:
    for wrapper in _WRAPPERS:
        inside = node.get(wrapper.key)
        if type(inside) in _CONTAINERS and (wrapper.mark is None or wrapper.mark in node):
            break
    else:
        if "__ow_body" in node:
            _open_runtime_body(node, path, wrappers, said, found)
        else:
            found.append(Found(node, path, wrappers, said))
        return
    if wrapper.name == "api_list" and not _is_api_list(node, inside):
        found.append(Found(node, path, wrappers, said))
        return
    if len(wrappers) >= DEEPEST:
        found.append(Found(node, path, wrappers, said, obstacle=_TOO_DEEP))
        return
    path = f"{path}.{wrapper.key}" if path else wrapper.key
    wrappers = (*wrappers, wrapper.name)
    said = dict(said)
    wrapper.note(node, said)
    if wrapper.entry_key is None:
        _open(inside, path, wrappers, said, found)
    else:
        _open_entries(wrapper, node, inside, path, wrappers, said, found)


def _open_entries(
    wrapper: _Wrapper, node: _Node, inside: object, path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]
) -> None:
    """Opens each entry of a list of messages, journal entries or runs; one entry may stand there without a list."""
    entries = [(f"{path}[{i}]", entry) for i, entry in enumerate(inside)] if type(inside) is list else [(path, inside)]
    for entry_path, entry in entries:
        if wrapper.entry_key and type(entry) is dict and type(entry.get(wrapper.entry_key)) in _CONTAINERS:
            entry_said = dict(said)
            wrapper.note_entry(entry, entry_said)
            _open(entry[wrapper.entry_key], f"{entry_path}.{wrapper.entry_key}", wrappers, entry_said, found)
        elif wrapper.name == "api_list" and "_links" in node and not _wraps(entry):
            found.append(Found(entry, entry_path, wrappers, said, is_run=True))
        else:
            _open(entry, entry_path, wrappers, said, found)


def _open_list(node: list[Any], path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]) -> None:
    if len(wrappers) >= DEEPEST:
        found.append(Found(node, path, wrappers, said, obstacle=_TOO_DEEP))
        return
    in_list = (*wrappers, "list")
    for i, item in enumerate(node):
        # A list of messages, or of objects that hold messages, is one wrapper: Adobe never sends them without it.
        is_messages = type(item) is dict and (type(item.get("messages")) is list or "_eventNotificationMeta" in item)
        _open(item, f"{path}[{i}]", wrappers if is_messages else in_list, said, found)


def _open_runtime_headers(
    node: _Node, path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]
) -> None:
    """Takes the headers of a Runtime action off the delivery that they stand beside, and goes on with that."""
    if len(wrappers) >= DEEPEST:
        found.append(Found(node, path, wrappers, said, obstacle=_TOO_DEEP))
        return
    said = dict(said)
    headers = node["__adobe_headers"]
    if isinstance(headers, dict):
        _note(_HEADERS, headers, said)
    delivery = {key: value for key, value in node.items() if key != "__adobe_headers"}
    _open(delivery, path, (*wrappers, "runtime"), said, found)


def _open_runtime_body(node: _Node, path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]) -> None:
    """Opens the raw body that a Runtime web action was called with."""
    if len(wrappers) >= DEEPEST:
        found.append(Found(node, path, wrappers, said, obstacle=_TOO_DEEP))
        return
    said = dict(said)
    headers = node.get("__ow_headers")
    if isinstance(headers, dict):
        _note(_HEADERS, headers, said)
    path = f"{path}.__ow_body" if path else "__ow_body"
    wrappers = (*wrappers, "runtime")
    try:
        body = _decode_body(node["__ow_body"])
    except (InvalidJSONError, binascii.Error):
        found.append(Found(node["__ow_body"], path, wrappers, said, obstacle="the body is not JSON"))
    else:
        _open(body, path, wrappers, said, found)


def _decode_body(body: object) -> object:
    if not isinstance(body, str):
        return body
    # JSON starts with a character that base64 does not have, unless it is a bare number or word.
    return decode_json(body.encode() if body.lstrip()[:1] in _JSON_STARTS else base64.b64decode(body, validate=True))


def _look_again(
    run: FlowRun, extra: _Node, path: str, wrappers: tuple[str, ...], said: _Said, found: list[Found]
) -> None:
    """Looks once more at what was validated as a run before its other keys were known."""
    if "metrics" not in run.model_fields_set and is_alert(extra):
        found.append(Found({**extra, "flowId": run.flow_id}, path, wrappers, said))
        return
    if "__adobe_headers" in extra:
        headers = extra.pop("__adobe_headers")
        run.__pydantic_fields_set__.discard("__adobe_headers")
        wrappers = (*wrappers, "runtime")
        said = dict(said)
        if isinstance(headers, dict):
            _note(_HEADERS, headers, said)
    found.append(Found(run, path, wrappers, said, is_run=True))


def _is_api_list(node: _Node, items: object) -> bool:
    """Whether ``items`` lists runs: many products have a key of that name."""
    return type(items) is list and ("_links" in node or not items or any(map(_is_run, items)))


def _is_run(node: object) -> bool:
    return type(node) is FlowRun or (type(node) is dict and is_run_record(node))


def _wraps(node: object) -> bool:
    """Whether an entry of an API list is a wrapper or a sound run, rather than a run whatever it looks like."""
    return type(node) is FlowRun or (
        type(node) is dict
        and not is_run_record(node)
        and any(type(node.get(wrapper.key)) in _CONTAINERS for wrapper in _WRAPPERS)
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


_ALERT_STATUSES = frozenset({"FIRING", "INACTIVE"})
_JSON_STARTS = ("{", "[", '"')
_TOO_DEEP = f"its wrappers nest more than {DEEPEST} deep"
