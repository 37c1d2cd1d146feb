"""The wrappers that builders and strategies put around things, one row each."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from flowrun_notifications.testing.samples import (
    ADOBE_HEADERS,
    ADOBE_IO,
    API_GATEWAY,
    CLOUD_EVENT,
    EVENT,
    EVENTBRIDGE,
    MESSAGE,
    OLD_EVENT,
    POSITION,
    RELAY,
    SNS,
    SQS,
    WEB_REQUEST,
    JSONObject,
)

__all__ = ["SHAPES", "Shape", "Wrapper", "delivery_names", "enclose_under"]

Wrapper = Literal[
    "event",
    "event:old",
    "event:entry",
    "messages",
    "messages:object",
    "messages:bare",
    "messages:single",
    "cloud_event",
    "cloud_event:text",
    "cloud_event:base64",
    "eventbridge",
    "journal",
    "api_list",
    "body",
    "body:entry",
    "body:text",
    "body:base64",
    "runtime",
    "runtime:text",
    "runtime:base64",
    "list",
    "other",
    "other:text",
    "other:base64",
    "other:sqs",
    "other:sns",
]
"""A wrapper: its name in ``Delivery.wrappers`` and, after a colon, the form it has, if it has several.

====================== ========================================================================================
``event``              ``{"eventid": …, "recipientclientid": …, "event": …}``
``event:old``          the same with ``event_id`` and ``recipient_client_id``, which end in 2026
``event:entry``        ``{"position": …, "event": …}``, an entry of a journal without its page
``messages``           ``[{"messages": [{…, "value": …}]}]``
``messages:object``    ``{"messages": [{…, "value": …}]}``
``messages:bare``      ``[{…, "value": …}]``
``messages:single``    ``{…, "value": …}``
``cloud_event``        ``{"specversion": "1.0", …, "data": …}``
``cloud_event:text``   the same with JSON text in ``data``
``cloud_event:base64`` the same with base64 in ``data_base64``
``eventbridge``        ``{"detail-type": …, …, "detail": …}``
``journal``            ``{"events": [{"position": …, "event": …}], "_page": …}``
``api_list``           ``{"items": […], "_links": …, "count": …}``
``body``               ``{"header": …, "body": …}``; in an ``event`` it is an event with header and body
``body:entry``         ``{"position": …, "event": {"header": …}, "body": …}``, an entry of a journal as well
``body:text``          ``{"headers": …, "body": "…", "isBase64Encoded": false, …}``, from API Gateway
``body:base64``        the same in base64
``runtime``            the content's own keys, and ``__adobe_headers`` beside them
``runtime:text``       ``{"__ow_body": "…", …}``, JSON text
``runtime:base64``     the same in base64
``list``               ``[…]``, a webhook's batch
``other``              ``{"relay": …, "content": …}``, an object that nobody documented
``other:text``         the same with JSON text in ``content``
``other:base64``       the same in base64
``other:sqs``          ``{"Records": [{"body": "…", …}]}``; ``Delivery.wrappers`` says ``other``, ``body``
``other:sns``          ``{"Records": [{"Sns": {"Message": "…"}}]}``; ``Delivery.wrappers`` says ``other`` three times
====================== ========================================================================================
"""

_Enclose = Callable[[JSONObject, Any], Any]


class Shape(NamedTuple):
    """How a wrapper is put around things."""

    details: JSONObject
    """Its keys beside the content."""

    enclose: _Enclose
    """Puts details around one thing."""

    gather: Callable[[list[Any]], Any] | None = None
    """Puts any number of enclosed things together; ``None`` for a wrapper of one thing."""

    inner_names: tuple[str, ...] = ()
    """The names in ``Delivery.wrappers`` that follow its own."""


def _as_is(content: Any) -> Any:
    return content


def _to_text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _to_base64(content: Any) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def enclose_under(key: str, encode: Callable[[Any], Any] = _as_is) -> _Enclose:
    """Return a function that puts a content under a key, beside the details of its wrapper."""

    def enclose(details: JSONObject, content: Any) -> JSONObject:
        return {**details, key: encode(content)}

    return enclose


def _enclose_beside(details: JSONObject, content: JSONObject) -> JSONObject:
    return {**content, **details}


def _enclose_in_sns(details: JSONObject, content: Any) -> JSONObject:
    return {**details, "Sns": {"Type": "Notification", "Message": _to_text(content)}}


def _leave_alone(_: JSONObject, content: Any) -> Any:
    return content


def _gather_page(entries: list[Any]) -> JSONObject:
    return {"events": entries, "_page": {"last": POSITION, "count": len(entries)}}


def _gather_api_list(runs: list[Any]) -> JSONObject:
    return {"items": runs, "_links": {}, "count": len(runs)}


def _gather_object(messages: list[Any]) -> JSONObject:
    return {"messages": messages}


def _gather_messages(messages: list[Any]) -> list[Any]:
    return [_gather_object(messages)]


def _gather_records(records: list[Any]) -> JSONObject:
    return {"Records": records}


_HEADER: JSONObject = {"header": {"_adobeio": ADOBE_IO}}

SHAPES: dict[Wrapper, Shape] = {
    "event": Shape(EVENT, enclose_under("event")),
    "event:old": Shape(OLD_EVENT, enclose_under("event")),
    "event:entry": Shape({"position": POSITION}, enclose_under("event")),
    "messages": Shape(MESSAGE, enclose_under("value"), _gather_messages),
    "messages:object": Shape(MESSAGE, enclose_under("value"), _gather_object),
    "messages:bare": Shape(MESSAGE, enclose_under("value"), list),
    "messages:single": Shape(MESSAGE, enclose_under("value")),
    "cloud_event": Shape(CLOUD_EVENT, enclose_under("data")),
    "cloud_event:text": Shape(CLOUD_EVENT, enclose_under("data", _to_text)),
    "cloud_event:base64": Shape(CLOUD_EVENT, enclose_under("data_base64", _to_base64)),
    "eventbridge": Shape(EVENTBRIDGE, enclose_under("detail")),
    "journal": Shape({"position": POSITION}, enclose_under("event"), _gather_page),
    "api_list": Shape({}, _leave_alone, _gather_api_list),
    "body": Shape(_HEADER, enclose_under("body")),
    "body:entry": Shape({"position": POSITION, "event": _HEADER}, enclose_under("body")),
    "body:text": Shape({**API_GATEWAY, "isBase64Encoded": False}, enclose_under("body", _to_text)),
    "body:base64": Shape({**API_GATEWAY, "isBase64Encoded": True}, enclose_under("body", _to_base64)),
    "runtime": Shape({"__adobe_headers": ADOBE_HEADERS}, _enclose_beside),
    "runtime:text": Shape(WEB_REQUEST, enclose_under("__ow_body", _to_text)),
    "runtime:base64": Shape(WEB_REQUEST, enclose_under("__ow_body", _to_base64)),
    "list": Shape({}, _leave_alone, list),
    "other": Shape(RELAY, enclose_under("content")),
    "other:text": Shape(RELAY, enclose_under("content", _to_text)),
    "other:base64": Shape(RELAY, enclose_under("content", _to_base64)),
    "other:sqs": Shape(SQS, enclose_under("body", _to_text), _gather_records, inner_names=("body",)),
    "other:sns": Shape(SNS, _enclose_in_sns, _gather_records, inner_names=("other", "other")),
}


def delivery_names(wrapper: Wrapper) -> tuple[str, ...]:
    """Return the names that ``Delivery.wrappers`` gives to a wrapper."""
    return (wrapper.partition(":")[0], *SHAPES[wrapper].inner_names)
