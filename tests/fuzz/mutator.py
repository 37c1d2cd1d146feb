"""Changes decoded JSON at random, the way payloads change in life and in hostile hands."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

from flowrun_notifications._models.values import copy_json

__all__ = ["mutate", "to_text"]

_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, -0.0, 20_000_000_000, 20_000_000_001, 1_597_095_487_394, 10**400, 1e308),
    *("", " ", "-1", "1.5", "1e400", "NaN", "success", "FAILED", "2020-08-14T19:42:37Z", "0000-00-00", "\ud800", "\0"),
    *("FIRING", "a" * 300, "ErrorCode=", "ErrorCode=X", "true", "[]", "{}", '{"flowId":1}', "e30=", "é"),
    *([], {}, [None], [[]], [{}], {"": None}, {"flowId": "f"}, {"id": "i", "flowId": "f"}),
)
_KEYS = (
    *("id", "flowId", "xdm:flowId", "xdm:flowRunId", "metrics", "xdm:metrics", "activities", "activites", "header"),
    *("event", "event_id", "eventid", "recipientclientid", "body", "messages", "value", "_eventNotificationMeta"),
    *("specversion", "data", "type", "time", "events", "position", "detail", "detail-type", "items", "_links", "count"),
    *("__adobe_headers", "__ow_body", "__ow_headers", "_adobeio", "eventCode", "providerMetadata", "path", "wrappers"),
    *("status", "severity", "name", "validationUrl", "payload", "assetType", "xdm:ingestionId", "createdAt", "params"),
    *("durationSummary", "recordSummary", "failedInfo", "statusSummary", "errors", "extensions", "message", "code"),
    *("description", "details", "sourceInfo", "reference", "ids", "etag", "eTag", "delivery", "flow_id", "errorDetail"),
    *("model_fields", "model_extra", "__class__", "__dict__", "__pydantic_extra__", "__init__", "", "a.b"),
)

_Place = tuple[Any, Any]
"""A list or object, and an index or key in it."""


def mutate(payload: Any, random: Random) -> Any:
    """A copy of decoded JSON with one to four changes."""
    root = [copy_json(payload)]
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        places = _places(root)
        above, key = random.choice(places)
        random.choice(_CHANGES)(above, key, places, random)
    return root[0] if root else None


def _places(root: list[Any]) -> list[_Place]:
    places: list[_Place] = []
    pending: list[Any] = [root]
    for node in pending:
        keys: list[Any] = [*(node if hasattr(node, "keys") else range(len(node)))]
        places += [(node, key) for key in keys]
        pending += [node[key] for key in keys if isinstance(node[key], (dict, list))]
    return places or [([None], 0)]


def _retype(above: Any, key: Any, places: list[_Place], random: Random) -> None:
    value = above[key]
    others = (str(value), [value], {"": value}, value is None, None, len(places), float(len(places)), -1)
    above[key] = random.choice(others)


def _replace(above: Any, key: Any, _: list[_Place], random: Random) -> None:
    above[key] = copy_json(random.choice(_VALUES))


def _drop(above: Any, key: Any, *_: Any) -> None:
    del above[key]


def _repeat(above: Any, key: Any, _: list[_Place], random: Random) -> None:
    if isinstance(above, list):
        above[key:key] = [copy_json(above[key]) for _ in range(random.choice((1, 2, 20)))]
    else:
        above[random.choice(_KEYS)] = copy_json(above[key])


def _rename(above: Any, key: Any, _: list[_Place], random: Random) -> None:
    if not isinstance(above, list):
        value = above[key]
        del above[key]
        above[random.choice(_KEYS)] = value


def _swap(above: Any, key: Any, places: list[_Place], random: Random) -> None:
    other_above, other_key = random.choice(places)
    mine, other = copy_json(above[key]), copy_json(other_above[other_key])
    above[key] = other
    if other_key in other_above if isinstance(other_above, dict) else other_key < len(other_above):
        other_above[other_key] = mine


def _nest(above: Any, key: Any, _: list[_Place], random: Random) -> None:
    for _level in range(random.choice((1, 1, 2, 17, 250))):
        above[key] = [above[key]] if random.random() < 0.3 else {random.choice(_KEYS): above[key]}


def _wrap(above: Any, key: Any, _: list[_Place], random: Random) -> None:
    inside = above[key]
    text = json.dumps(inside)
    above[key] = random.choice(
        (
            {"event_id": "e", "event": inside},
            {"messages": [{"value": inside, "_eventNotificationMeta": {"type": "x_failed"}}]},
            {"specversion": "1.0", "type": "x_success", "data": inside},
            {"detail-type": "a:b", "detail": inside},
            {"events": [{"position": 1, "event": inside}]},
            {"items": [inside], "_links": {}},
            {"body": inside, "header": {"_adobeio": {"eventCode": "x_info"}}},
            {"__ow_body": base64.b64encode(text.encode()).decode(), "__ow_headers": {}},
            {"__ow_body": text},
            [inside],
        )
    )


def _add(above: Any, _key: Any, _: list[_Place], random: Random) -> None:
    value = copy_json(random.choice(_VALUES))
    if isinstance(above, dict):
        above[random.choice(_KEYS)] = value
    else:
        above.append(value)


_CHANGES: tuple[Callable[[Any, Any, list[_Place], Random], None], ...] = (
    *(_retype, _replace, _replace, _drop, _repeat, _rename, _swap, _nest, _wrap, _add, _add),
)


def to_text(payload: Any, random: Random) -> bytes:
    """Decoded JSON as text, mostly plain; at times escaped, spaced, with repeated keys, cut, or with a byte changed."""
    text = json.dumps(
        payload,
        ensure_ascii=random.random() < 0.5,
        indent=random.choice((None, None, 1)),
        separators=random.choice(((",", ":"), None)),
    ).encode("utf-8", "surrogatepass")
    spoil = random.randrange(20)
    at = random.randrange(len(text))
    if spoil == 0:
        return text[:at]
    if spoil == 1:
        return text[:at] + bytes([random.randrange(256)]) + text[at + random.randrange(2) :]
    if spoil == 2:
        return text.replace(b"{", b'{"flowId":1,"id":null,"metrics":[],', 1 + random.randrange(3))
    if spoil == 3:
        return random.choice((b"\xef\xbb\xbf", b"\n\n ", b"\0", b"\xff\xfe")) + text
    return text
