"""Tests of the fast path: it gives the runs that the general path gives, or leaves the payload to that."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from pydantic_core import ValidationError
from samples import EVERY_KEY

from flowrun_notifications import FlowRun, ParseResult, RunCountError, parse, parse_all
from flowrun_notifications._models.delivery import attach_delivery
from flowrun_notifications._models.record_schema import RECORD_SCHEMA, validate_record
from flowrun_notifications._reading import fast_path
from flowrun_notifications._reading.fast_path import MAX_BYTES, read_fast
from flowrun_notifications._reading.wrappers import MAX_DEPTH, WRAPPERS
from reading.reads import facts, in_base64, minified, read_generally

RUN: dict[str, Any] = {"id": "r-1", "flowId": "f-1", "metrics": {"statusSummary": {"status": "success"}}}
ALERT: dict[str, Any] = {"id": "a-1", "flowId": "f-1", "status": "FIRING", "severity": "high"}
UUID = "fe9739ab-14ba-4575-bdc7-5aef839f2c64"
HEADERS: dict[str, Any] = {"x-adobe-event-code": "code", "x-adobe-event-id": "e-0", "x-adobe-provider": "provider"}

Nest = Callable[[Any], Any]
NestAll = Callable[..., Any]

SINGLE: dict[str, Nest] = {
    "event": lambda node: {"event_id": "e-1", "recipientclientid": "c-1", "event": node},
    "header and body": lambda node: {"header": {"_adobeio": {"eventCode": "c", "providerMetadata": "p"}}, "body": node},
    "bare message": lambda node: {
        "msgType": "m",
        "timestamp": "1735725843",
        "provider": "p",
        "_eventNotificationMeta": {"category": "c", "type": "t"},
        "value": node,
    },
    "CloudEvent": lambda node: {"specversion": "1.0", "type": "t", "id": "i", "time": "2025-01-01", "data": node},
    "EventBridge": lambda node: {"detail-type": "l:c", "id": "i", "time": "2025-01-01T00:00:00Z", "detail": node},
}
SEVERAL: dict[str, NestAll] = {
    "list": lambda *nodes: list(nodes),
    "messages": lambda *nodes: [{"messages": [{"provider": "p", "timestamp": 5, "value": node} for node in nodes]}],
    "messages object": lambda *nodes: {"messages": [{"value": node} for node in nodes]},
    "bare messages": lambda *nodes: [{"msgType": "m", "value": node} for node in nodes],
    "journal": lambda *nodes: {"events": [{"position": "p", "event": node} for node in nodes], "_page": {}},
    "API list": lambda *nodes: {"items": list(nodes), "_links": {}},
}
NESTS: dict[str, NestAll] = {**SINGLE, **SEVERAL}
"""Wrappers around one thing, or around several."""


def compare(payload: Any) -> list[FlowRun] | None:
    """Read a payload by the fast path; it gives nothing, or everything that the general path gives."""
    data = payload if isinstance(payload, bytes) else minified(payload)
    runs = read_fast(data)
    general = facts(read_generally(data))
    if runs is not None:
        assert facts(ParseResult(tuple(runs), (), (), tuple(runs))) == general
        assert [run.to_payload() for run in runs] == [run.to_payload() for run, *_ in general]
    assert facts(parse_all(data)) == general
    return runs


def ids(payload: Any) -> list[str]:
    """Return the ids of the runs that the fast path reads; it must read the payload."""
    runs = compare(payload)
    assert runs is not None
    return [run.id for run in runs]


def left(payload: Any) -> ParseResult:
    """Return the answer of the general path about a payload that the fast path must leave to it."""
    assert compare(payload) is None
    return read_generally(payload if isinstance(payload, bytes) else minified(payload))


def test_every_wrapper() -> None:
    """The nestings that are tried here cover every wrapper of the table, those of Runtime and of base64 apart."""
    names = {name for nest in NESTS.values() for name in parse(nest(RUN)).delivery.wrappers}
    assert names == {"list", *(wrapper.name for wrapper in WRAPPERS)} - {"runtime"}


class TestRead:
    """Payloads that the fast path reads."""

    def test_documented(self, documented: bytes) -> None:
        """The documented payloads are read, as published and without white space."""
        for data in (documented, minified(json.loads(documented))):
            assert ids(data) == [parse(documented).id]

    @pytest.mark.parametrize(
        "key", ["id", "flowId", "createdAt", "updatedAt", "createdBy", "metrics", "xdm:flowId", "xdm:flowRunId"]
    )
    def test_bare(self, key: str) -> None:
        """A bare run is read, whatever key comes first."""
        record: dict[str, Any] = RUN
        if key.startswith("xdm:"):
            record = {"xdm:flowRunId": "r-1", "xdm:flowId": "f-1", "xdm:metrics": {}}
        value = record.get(key)
        assert ids({key: value, **{name: record[name] for name in record if name != key}}) == ["r-1"]

    @pytest.mark.parametrize("wrapper", NESTS)
    def test_wrappers(self, wrapper: str) -> None:
        """A run with every key is read in every wrapper, with an unknown key at the top, too."""
        assert ids(NESTS[wrapper](EVERY_KEY)) == ["r-1"]
        assert ids(json.dumps(NESTS[wrapper]({**RUN, "unknown": [1]}), indent=4).encode()) == ["r-1"]

    @pytest.mark.parametrize("wrapper", SEVERAL)
    @pytest.mark.parametrize("count", [2, 20])
    def test_batches(self, wrapper: str, count: int) -> None:
        """Several runs are read in every wrapper that holds several, each with its place."""
        wanted = [f"r-{i}" for i in range(count)]
        assert ids(SEVERAL[wrapper](*({**RUN, "id": id_} for id_ in wanted))) == wanted

    @pytest.mark.slow
    @pytest.mark.parametrize("outer", NESTS)
    def test_nested(self, outer: str) -> None:
        """Wrappers in wrappers are read three deep, with white space or without."""
        for middle, inner in product(NESTS, (None, *NESTS)):
            payload = NESTS[outer](NESTS[middle](RUN if inner is None else NESTS[inner](RUN)))
            compare(payload)
            compare(json.dumps(payload, indent=4).encode())
            if outer != "bare messages":  # whose first bytes promise runs right inside
                assert ids(NESTS[outer](NESTS[middle](RUN))) == ["r-1"]

    @pytest.mark.parametrize("key", ["event", "value", "data", "detail", "body", "messages", "events", "items"])
    @pytest.mark.parametrize("before", [True, False])
    def test_details_on_either_side(self, key: str, before: bool) -> None:
        """Details may stand before or behind the content."""
        inside: Any = {"messages": [{"value": RUN}], "events": [{"event": RUN}], "items": [RUN]}.get(key, RUN)
        details = {
            "eventid": "e-1",
            "recipientclientid": "c-1",
            "specversion": "1.0",
            "detail-type": "l:bridge",
            "type": "cloud",
            "id": "x",
            "time": 1735725843,
            "timestamp": "1735725843",
            "provider": "p",
            "position": "p-1",
            "_eventNotificationMeta": {"category": "c", "type": "message"},
            "header": {"_adobeio": {"eventCode": "body", "providerMetadata": "q"}},
            "_links": {},
        }
        assert ids({**details, key: inside} if before else {key: inside, **details}) == ["r-1"]

    @pytest.mark.parametrize("odd", [None, True, 5, "", "text", [], {}, [{}], {"_adobeio": 5}])
    def test_odd_details(self, odd: object) -> None:
        """Details of no use cost nothing but themselves."""
        names = (
            *("eventid", "event_id", "recipientclientid", "type", "id", "time", "timestamp", "provider", "position"),
            *("header", "_eventNotificationMeta", "__adobe_headers", "_links", "_page"),
        )
        for key in ("event", "data", "value", "detail", "body"):
            node = {**dict.fromkeys(names, odd), "specversion": odd, "detail-type": odd, key: RUN}
            compare(node)
            assert [run.id for run in parse_all(node).runs] == ["r-1"]

    @pytest.mark.parametrize("wrapper", NESTS)
    @pytest.mark.parametrize(
        "header",
        [None, 5, {}, {"_adobeio": {"eventCode": "own", "providerMetadata": 5}}, {"_adobeio": {"eventCode": ""}}],
    )
    def test_header_of_the_record(self, wrapper: str, header: object) -> None:
        """The record's own header is read alike in every wrapper."""
        assert ids(NESTS[wrapper]({**RUN, "header": header})) == ["r-1"]

    @pytest.mark.parametrize("wrapper", NESTS)
    @pytest.mark.parametrize("headers", [HEADERS, {**HEADERS, "x-adobe-retry-count": "2"}, {}, None, 5])
    def test_headers_of_runtime(self, wrapper: str, headers: object) -> None:
        """Runtime's headers may stand beside any wrapper, and beside the record in it."""
        beside = {**RUN, "__adobe_headers": headers}
        assert ids(NESTS[wrapper](beside)) == ["r-1"]
        outer = NESTS[wrapper](RUN)
        if isinstance(outer, dict):
            assert ids({**outer, "__adobe_headers": headers}) == ["r-1"]
            assert ids({"__adobe_headers": headers, **NESTS[wrapper](beside)}) == ["r-1"]

    @pytest.mark.parametrize("wrapper", [None, *NESTS])
    def test_raw_bodies(self, wrapper: str | None) -> None:
        """The raw body of a web action is read, as base64 or as text."""
        body = RUN if wrapper is None or "body" in wrapper else NESTS[wrapper](RUN)
        for raw in (in_base64(body), json.dumps(body)):
            assert ids({"__ow_headers": HEADERS, "__ow_method": "post", "__ow_body": raw}) == ["r-1"]

    @pytest.mark.parametrize(
        "text",
        [
            '{"event":{"id":"a","flowId":"f"},"event":{"id":"b","flowId":"f"}}',
            '{"event":{"id":5,"flowId":"f"},"event":{"id":"b","flowId":"f"}}',
            '{"id":"a","flowId":"f","id":"b"}',
            '[{"messages":[{"value":5}],"messages":[{"value":{"id":"a","flowId":"f","id":"b"}}]}]',
        ],
    )
    def test_repeated_keys(self, text: str) -> None:
        """Of a repeated key the last one counts, even where an earlier one is broken."""
        compare(text.encode())
        assert [run.id for run in parse_all(text).runs] == ["b"]

    def test_several(self) -> None:
        """Several runs are too many for `parse`, whichever path reads them."""
        data = minified([RUN] * 3)
        assert len(ids(data)) == 3
        with pytest.raises(RunCountError) as caught:
            parse(data)
        assert caught.value.count == 3


COMMON: tuple[Any, ...] = (
    {"id": UUID, "flowId": "f-1"},
    {"id": UUID, "createdAt": 1, "flowId": "f-1"},
    {"id": UUID, "updatedAt": 1, "flowId": "f-1"},
    {"createdAt": 1, **RUN},
    {"flowId": "f-1", "id": "r-1"},
    {"xdm:flowId": "f-1", "id": "r-1"},
    {"event_id": UUID, "event": RUN},
    {"event_id": UUID, "event": {"createdAt": 1, **RUN}},
    {"eventid": UUID, "event": RUN},
    {"eventid": UUID, "event": {"createdAt": 1, **RUN}},
    [{"messages": [{"msgType": "eventNotification", "value": RUN}]}],
    [{"msgType": "eventNotification", "value": RUN}],
)
"""Payloads that begin as the most common ones do."""


class TestKnownPrefixes:
    """Payloads whose first bytes alone tell the wrappers."""

    @pytest.mark.parametrize("payload", COMMON, ids=lambda payload: json.dumps(payload)[:24])
    def test_without_a_search(self, payload: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """They are read without a search for keys, with spaces or without."""
        monkeypatch.setattr(fast_path, "_plan_from_keys", None)
        for data in (minified(payload), json.dumps(payload).encode()):
            assert len(read_fast(data) or ()) == 1

    @pytest.mark.parametrize(
        "payload",
        [
            *COMMON,
            {"id": "c-1", "specversion": "1.0", "type": "code", "data": RUN},
            {"id": UUID, "specversion": "1.0", "type": "code", "data": RUN},
            {"event_id": "e-1", "event": RUN},
            {"event_id": UUID, "event": {"messages": [{"msgType": "eventNotification", "value": RUN}]}},
            {"eventid": UUID, "events": [{"event": RUN}]},
            {"events": [{"position": "p" * 24, "event": RUN}]},
            [{"messages": [{"value": RUN}]}],
        ],
        ids=lambda payload: json.dumps(payload)[:24],
    )
    def test_same(self, payload: Any) -> None:
        """They, and payloads that begin like them and go on otherwise, are read the same."""
        assert len(ids(payload)) == len(ids(json.dumps(payload).encode())) == 1


MISLEADING: tuple[dict[str, Any], ...] = (
    {"x": {"event": {"id": "x"}}},
    {"x": {"flowId": "f"}},
    {"x": [{"messages": [{"value": {"metrics": {}}}]}]},
    {"metrics ": 1, "x": {"metrics": 2}},
    {"x": '"event":{"flowId":'},
    {"x": '{"data": [{"metrics": '},
    {"x": {"body": [[{"createdAt": 1}]]}},
    {"events": 5, "x": {"items": [1]}},
)
"""Keys of wrappers and records where they mean nothing."""


OTHER_SHAPES: list[Any] = [
    {"messages": {"value": RUN}},
    {"events": {"event": RUN}},
    {"events": [{"event": RUN}, RUN]},
    {"messages": [RUN]},
    {"events": [{"value": RUN}]},
    {"messages": [{"event": RUN}]},
    {"items": RUN},
    {"data": RUN},
    {"detail": RUN},
    {"specversion": "1.0", "detail": RUN},
    {"x": RUN},
]
"""Objects that only look like a wrapper."""


SURPRISING: list[Any] = [
    {"event": RUN, "flowId": "f-2", "id": "r-2"},
    {"event": RUN, "metrics": None},
    {"value": RUN, "event": {"id": "r-2", "flowId": "f"}},
    {"specversion": "1.0", "data": RUN, "messages": [{"value": {"id": "r-2", "flowId": "f"}}]},
    {"detail-type": "l:c", "detail": RUN, "specversion": "1.0", "data": {"id": "r-2", "flowId": "f"}},
    {"body": RUN, "detail-type": "l:c", "detail": [{"id": "r-2", "flowId": "f"}]},
    {"items": [RUN], "events": [{"event": {"id": "r-2", "flowId": "f"}}]},
    {"messages": [{"value": RUN, "event": {"id": "r-2", "flowId": "f"}}]},
    {"event": {"body": RUN, "xdm:metrics": {}}},
    {"event": {"body": RUN, "xdm:flowId": "f", "xdm:flowRunId": "r-2"}},
    {"event": RUN, "status": "FIRING"},
    {"event": RUN, "validationUrl": "https://example.com"},
    {"event": RUN, "payload": {"action": "Create"}},
    {"event": RUN, "xdm:eventCode": "x"},
    {"event": RUN, "headers": HEADERS},
    {"event": RUN, "X-Adobe-Event-Code": "code"},
    {"event": RUN, "x-adobe-event-code": "code"},
    {"event": RUN, "__ow_headers": HEADERS},
    {"event": RUN, "__ow_method": "post"},
    {"event": RUN, "__ow_path": ""},
    {"items": [RUN], "__ow_path": ""},
    {"items": [RUN], "X-ADOBE-PROVIDER": "p"},
    {"items": [RUN], "X-adobe-Provider": "p"},
    {"event": RUN, "x-adobe-anything": "p"},
    {"event": RUN, "__ow_user": ""},
    {"event": RUN, "__adobe_headers": {**HEADERS, "x-adobe-more": {}}},
    {"events": [{"event": RUN, "X-ADOBE-Provider": "p"}]},
    {"events": [{"event": RUN, "headers": HEADERS}]},
    {"events": [{"event": RUN, "body": {"id": "r-2", "flowId": "f"}}]},
    {"event": {**RUN, "x-adobe-event-code": "code"}},
    {"event": {**RUN, "__ow_method": "post", "SECRET": "x"}},
    {"event": {**RUN, "__adobe_headers": HEADERS, "SECRET": "x"}},
    {"event": {**RUN, "__adobe_headers": HEADERS, "url": 5}},
]
"""Wrappers with a key that makes them something else than they seemed."""


EMPTY: list[Any] = [[], [[]], {"messages": []}, {"events": []}, {"items": []}, {"event": []}, [{"event": []}]]


TWINS: list[Any] = [
    {"etag": "1", "eTag": "2"},
    {"etag": None, "eTag": "2"},
    {"metrics": None, "xdm:metrics": {}},
    {"activities": [], "activites": [{}]},
    {"metrics": {"durationSummary": {"completedAtUTC": 1, "stoppedAtUTC": 2}}},
]
"""Keys in two spellings."""


class TestLeft:
    """Payloads that the fast path leaves to the general one, or must not misread."""

    @pytest.mark.parametrize("wrapper", NESTS)
    def test_alert(self, wrapper: str) -> None:
        """An alert that names a flow and has an id is an alert, though it could be read as a run."""
        assert left(NESTS[wrapper](ALERT)).runs == ()

    def test_alert_among_runs(self) -> None:
        """Such an alert behind a run is one, too."""
        result = left([RUN, {**ALERT, "name": "n"}])
        assert [type(item).__name__ for item in result.items] == ["FlowRun", "Alert"]

    @pytest.mark.parametrize("wrapper", NESTS)
    @pytest.mark.parametrize("broken", [{"id": None}, {"createdAt": "soon"}, {"metrics": {"sizeSummary": 5}}])
    def test_broken_run(self, wrapper: str, broken: dict[str, Any]) -> None:
        """A broken run is left to the general path."""
        assert len(left(NESTS[wrapper]({**RUN, **broken})).errors) == 1

    @pytest.mark.parametrize("other", [None, 5, "text", {}, {"x": 1}, [], [RUN], {"event": RUN}])
    @pytest.mark.parametrize("wrapper", SEVERAL)
    def test_something_else_behind(self, wrapper: str, other: Any) -> None:
        """Something else behind the first run of a batch is left to the general path."""
        assert left(SEVERAL[wrapper](RUN, other)).runs[0].id == "r-1"

    @pytest.mark.parametrize(
        "twins",
        TWINS,
    )
    def test_twins(self, twins: dict[str, Any]) -> None:
        """A key that stands in two spellings reads as on the general path."""
        assert len(left({"event": {**RUN, **twins}}).runs) == 1

    @pytest.mark.parametrize(
        "empty", [{"metrics": []}, {"activities": {}}, {"params": []}, {"metrics": {"sizeSummary": []}}]
    )
    def test_empty_of_the_other_kind(self, empty: dict[str, Any]) -> None:
        """An empty list for an object, or the other way round, reads as on the general path."""
        assert len(left({"event": {**RUN, **empty}}).runs) == 1

    @pytest.mark.parametrize("wrapper", NESTS)
    def test_text(self, wrapper: str) -> None:
        """A text in place of the content is opened, as on the general path."""
        assert len(left(NESTS[wrapper](json.dumps(RUN))).runs) == 1

    @pytest.mark.parametrize(
        "payload",
        SURPRISING,
    )
    def test_surprising_keys(self, payload: Any) -> None:
        """A key further on that makes the object something else than it seemed is not overlooked."""
        compare(payload)
        compare(dict(reversed(payload.items())))

    @pytest.mark.parametrize(
        ("key", "other"),
        [
            (key, wrapper.key)
            for key in ("event", "value", "body", "detail", "data")
            for wrapper in WRAPPERS
            if wrapper.key != key
        ],
    )
    @pytest.mark.parametrize("odd", [None, 5, "text", [], {}, json.dumps({"id": "r-2", "flowId": "f", "metrics": {}})])
    def test_keys_of_other_wrappers(self, key: str, other: str, odd: object) -> None:
        """The key of another wrapper beside a wrapper's own changes no answer."""
        marks = {"specversion": "1.0", "detail-type": "l:c"}
        compare({**marks, key: RUN, other: odd})
        compare({**marks, other: odd, key: RUN})

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    @pytest.mark.parametrize("place", ['"x":{}', '"metrics":{{"sizeSummary":{{"inputBytes":{}}}}}', '"createdAt":{}'])
    def test_numbers_that_json_does_not_have(self, number: str, place: str) -> None:
        """Numbers that core's JSON takes are refused, as they are not JSON."""
        data = f'{{"id":"r-1","flowId":"f-1",{place.format(number)}}}'.encode()
        assert read_fast(data) is None
        with pytest.raises(ValueError, match=rf"^the payload is not JSON: {number} is not a number in JSON"):
            parse(data)

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "notNaNatall"])
    def test_the_same_as_text(self, text: str) -> None:
        """The same words within a text are text."""
        assert len(left({**RUN, "flowName": text}).runs) == 1

    @pytest.mark.parametrize(
        "data", [b"", b"{", b'{"id":', b'{"id":"r-1","flowId":"f-1"', b'{"event":{"id":"r"}', b"\xff", b"[" * 300]
    )
    def test_not_json(self, data: bytes) -> None:
        """Input that is not JSON is told as on the general path."""
        assert read_fast(data) is None

    @pytest.mark.parametrize(
        "data",
        [
            b'{"id":"r\\ud800","flowId":"f-1"}',
            b'{"event":{"id":"r-1","flowId":"f-1","x":["\\udc00"]}}',
            b"\xef\xbb\xbf" + minified([RUN]),
            b"\xef\xbb\xbf" + minified({"event": RUN}),
        ],
    )
    def test_to_be_mended(self, data: bytes) -> None:
        """Text with lone surrogates, or a byte order mark in front, reads as on the general path."""
        compare(data)
        assert len(parse_all(data).runs) == 1

    def test_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A payload beyond a limit is left to the general path, because core would take too much memory."""
        assert MAX_BYTES == 32_000_000
        data = minified({"event": RUN})
        monkeypatch.setattr(fast_path, "MAX_BYTES", len(data))
        assert len(ids(data)) == 1
        assert len(left(data + b" ").runs) == 1

    @pytest.mark.parametrize("wrapper", ["event", "CloudEvent", "messages", "journal", "EventBridge", "API list"])
    @pytest.mark.parametrize("size", [100, 5_000])
    def test_keys_far_behind(self, wrapper: str, size: int) -> None:
        """A wrapper whose key stands far behind the start reads the same."""
        data = minified(NESTS[wrapper](RUN))
        opening = data.index(b"{") + 1
        filled = data[:opening] + b'"x":"' + b"x" * size + b'",' + data[opening:]
        assert (compare(filled) is None) == (size > 4_000)
        assert parse(filled) == parse(data)

    def test_record_far_behind(self) -> None:
        """A record whose first known key stands far behind its start reads the same."""
        assert len(left({"event": {"x": "x" * 5_000, **RUN}}).runs) == 1

    def test_many_keys(self) -> None:
        """A payload with more wrapper keys than are looked at reads the same."""
        assert len(left({**{f"x{i}": {"event": {}} for i in range(20)}, "event": RUN}).runs) == 1

    @pytest.mark.parametrize("details", MISLEADING)
    @pytest.mark.parametrize("wrapper", NESTS)
    def test_misleading_keys(self, details: dict[str, Any], wrapper: str) -> None:
        """Keys of wrappers and records mean nothing within a record or beside a wrapper's key."""
        payload = NESTS[wrapper]({**details, **RUN})
        compare(payload)
        if "list" not in wrapper and wrapper not in {"messages", "bare messages"}:
            compare({**details, **payload})
        assert [run.id for run in parse_all(payload).runs] == ["r-1"]

    @pytest.mark.parametrize(
        "payload",
        OTHER_SHAPES,
    )
    def test_other_shapes(self, payload: Any) -> None:
        """An object that only looks like a wrapper reads as on the general path."""
        assert left(payload).runs[0].id == "r-1"

    @pytest.mark.parametrize("payload", EMPTY)
    def test_empty(self, payload: Any) -> None:
        """An empty list is an empty result."""
        assert left(payload).runs == ()

    @pytest.mark.parametrize(
        "body", [None, 5, "", "{", "no base64", "eHg=", '"text"', RUN, [RUN], {"x": 1}, "\ufeff{}", in_base64(5)]
    )
    def test_other_raw_bodies(self, body: object) -> None:
        """A raw body that is broken, something else, or decoded already reads as on the general path."""
        assert len(left({"__ow_method": "post", "__ow_body": body}).runs) == (body in (RUN, [RUN]))

    @pytest.mark.parametrize(
        "around",
        [
            {"flowId": "f-2", "id": "r-2"},
            {"__adobe_headers": HEADERS},
            {"__ow_headers": 5},
            {"x-adobe-event-code": "code"},
            {"headers": HEADERS},
            {"status": "FIRING"},
            *({key: inside} for key in ("event", "value", "body", "items") for inside in (RUN, [RUN])),
        ],
    )
    def test_beside_raw_bodies(self, around: dict[str, Any]) -> None:
        """What stands beside a raw body and comes before it, or gives more details, is not overlooked."""
        raw = minified({"id": "r-3", "flowId": "f"}).decode()
        for payload in ({"__ow_body": raw, **around}, {"__ow_method": "post", **around, "__ow_body": raw}):
            compare(payload)

    def test_web_action_in_a_web_action(self) -> None:
        """A raw body within a raw body reads as on the general path."""
        inner = json.dumps({"__ow_headers": {}, "__ow_body": json.dumps(RUN)})
        assert len(left({"__ow_headers": {}, "__ow_body": inner}).runs) == 1


class TestDepth:
    """How deep wrappers may nest: as deep as on the general path."""

    @pytest.mark.parametrize("depth", [1, 2, 10, 14, 15, 16, 17, 18])
    @pytest.mark.parametrize("lists", [0, 1, 2, 6, 15, 16])
    def test_limit(self, depth: int, lists: int) -> None:
        """Lists and wrappers count together."""
        payload: Any = RUN
        for _ in range(lists):
            payload = [payload]
        for _ in range(depth):
            payload = {"event": payload}
        compare(payload)
        assert len(parse_all(payload).runs) == (depth + lists <= MAX_DEPTH)

    @pytest.mark.parametrize("lists", [1, 15, 16, 17, 39, 40, 41, 100])
    def test_lists(self, lists: int) -> None:
        """Lists alone count, too."""
        data = b"[" * lists + minified(RUN) + b"]" * lists
        compare(data)
        assert len(parse_all(data).runs) == (lists <= MAX_DEPTH)

    @pytest.mark.parametrize("headers", [1, 2, 3])
    @pytest.mark.parametrize("lists", range(10, 16))
    def test_headers_of_runtime(self, headers: int, lists: int) -> None:
        """Runtime's headers count, around a wrapper and in the record."""
        payload: Any = {**RUN, "__adobe_headers": HEADERS}
        for _ in range(lists):
            payload = [payload]
        for _ in range(headers - 1):
            payload = {"__adobe_headers": HEADERS, "body": payload}
        compare(payload)
        assert len(parse_all(payload).runs) == (1 + lists + 2 * (headers - 1) <= MAX_DEPTH)

    @pytest.mark.parametrize("lists", range(10, 17))
    def test_web_action(self, lists: int) -> None:
        """The raw body of a web action counts, and so does the opened text."""
        inside: Any = RUN
        for _ in range(lists):
            inside = [inside]
        for body in (json.dumps(inside), base64.b64encode(minified(inside)).decode()):
            compare({"__ow_headers": HEADERS, "__ow_body": body})


class TestRecordSchema:
    """The schema of a record, which the fast path puts into those of its wrappers."""

    def test_same_as_the_model(self) -> None:
        """With its delivery attached, its result is what the model gives: the same values in the very class."""
        record = validate_record(EVERY_KEY, by_alias=True, by_name=False)
        attach_delivery(record, {}, "", ())
        model = FlowRun.model_validate(EVERY_KEY)
        keys = model.model_fields_set | {"delivery"}
        assert (type(record), record, record.model_fields_set) == (FlowRun, model, keys)
        assert hash(record) == hash(model)

    def test_without_settling(self) -> None:
        """It does not settle spellings, which takes decoded JSON; the model does."""
        record: dict[str, Any] = {**RUN, "metrics": []}
        assert FlowRun.model_validate(record).id == "r-1"
        with pytest.raises(ValidationError):
            validate_record(record, by_alias=True, by_name=False)

    def test_shape(self) -> None:
        """The core schema has the shape that it is taken apart by, on every supported pydantic."""
        schema: Any = RECORD_SCHEMA
        model = schema["schema"] if schema["type"] == "definitions" else schema
        assert (model["type"], issubclass(model["cls"], FlowRun)) == ("model", True)
        assert FlowRun.__pydantic_core_schema__["type"] in {"definitions", "function-wrap"}
