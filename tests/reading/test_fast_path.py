"""What `flowrun_notifications.one_pass` promises: the same as the general path, or nothing."""

from __future__ import annotations

import base64
import json
from itertools import product
from typing import Any, get_args
from unittest.mock import patch

import pytest

from flowrun_notifications import FlowRun, ParseResult, RunCountError, parse, parse_all
from flowrun_notifications.one_pass import read
from flowrun_notifications.testing import Wrapper, make_payload, make_record, wrap

RUN: dict[str, Any] = {"id": "r-1", "flowId": "f-1", "metrics": {"statusSummary": {"status": "success"}}}
LONG_ID: dict[str, Any] = {"id": "fe9739ab-14ba-4575-bdc7-5aef839f2c64", "flowId": "f-1"}
ALERT: dict[str, Any] = {"id": "a-1", "flowId": "f-1", "status": "FIRING", "severity": "high"}
HEADERS: dict[str, Any] = {"x-adobe-event-code": "code", "x-adobe-event-id": "e-0", "x-adobe-provider": "provider"}

WRAPPERS: tuple[Wrapper, ...] = get_args(Wrapper)
LIKE_A_LIST = ("messages", "message_list", "list")


def minified(payload: Any) -> bytes:
    """A payload as bytes without white space."""
    return json.dumps(payload, separators=(",", ":")).encode()


def indented(payload: Any) -> bytes:
    """A payload as people write it."""
    return json.dumps(payload, indent=4).encode()


def generally(data: bytes) -> ParseResult:
    """What the general path makes of a payload."""
    with patch("flowrun_notifications.parsing.read", return_value=None):
        return parse_all(data)


def plain(result: ParseResult) -> tuple[Any, ...]:
    """A result in a form that compares, to the last detail."""
    return (
        [(run, run.model_fields_set, run.model_extra, run.to_payload()) for run in result.runs],
        [(str(error), error.kind, error.delivery) for error in result.skipped],
        [(str(error), error.problems, error.delivery) for error in result.errors],
    )


def same(data: bytes) -> list[FlowRun] | None:
    """What one pass makes of a payload: all that the general path finds, or nothing."""
    runs = read(data)
    general = plain(generally(data))
    if runs is not None:
        assert plain(ParseResult(tuple(runs), (), ())) == general
    assert plain(parse_all(data)) == general
    return runs


def left(payload: Any) -> ParseResult:
    """What the general path makes of a payload that one pass leaves to it."""
    data = payload if isinstance(payload, bytes) else minified(payload)
    assert same(data) is None
    return generally(data)


def ids(result: ParseResult) -> list[str]:
    """The ids of the runs in a result."""
    return [run.id for run in result.runs]


def fits(outer: Wrapper, inner: Wrapper) -> bool:
    """Whether one wrapper may stand in another: headers stand beside the keys of an object, once."""
    return outer != "runtime" or (inner != "runtime" and inner not in LIKE_A_LIST)


class TestPlans:
    """What is read in one pass."""

    def test_documented(self, documented: bytes) -> None:
        """The documented payloads are, as published and minified."""
        for data in (documented, minified(json.loads(documented))):
            runs = same(data)
            assert runs is not None
            assert parse(data) == runs[0]

    def test_bare(self) -> None:
        """So are bare runs, whatever key comes first."""
        keys = ("id", "flowId", "createdAt", "updatedAt", "createdBy", "metrics", "xdm:flowId", "xdm:flowRunId")
        for key in keys:
            record = {key: None} | make_record() | {"xdm:flowRunId": "r", "xdm:flowId": "f"}
            runs = same(minified(record))
            assert [run.id for run in runs or ()] == [record["id"]]

    @pytest.mark.parametrize("wrapper", WRAPPERS)
    @pytest.mark.parametrize("outcome", ["success", "failed"])
    def test_every_wrapper(self, wrapper: Wrapper, outcome: Any) -> None:
        """So is every wrapper around one run, with all it says."""
        data = minified(make_payload(wrapper, outcome=outcome))
        runs = same(data)
        assert runs is not None
        assert [parse(data)] == runs

    @pytest.mark.parametrize("wrapper", ["messages", "messages_object", "message_list", "list", "journal", "api_list"])
    @pytest.mark.parametrize("count", [2, 20])
    def test_batches(self, wrapper: Wrapper, count: int) -> None:
        """So is every wrapper around several runs, each with its place."""
        runs = same(minified(wrap(wrapper, *(make_record(id=f"r-{i}") for i in range(count)))))
        assert [run.id for run in runs or ()] == [f"r-{i}" for i in range(count)]

    @pytest.mark.parametrize("outer", WRAPPERS)
    def test_nested(self, outer: Wrapper) -> None:
        """Whatever nests, the runs are the general path's, with white space or without."""
        for middle, inner in product(WRAPPERS, (None, *WRAPPERS)):
            if fits(outer, middle) and (inner is None or fits(middle, inner)):
                payload = wrap(outer, wrap(middle, RUN if inner is None else wrap(inner, RUN)))
                same(minified(payload))
                same(indented(payload))

    @pytest.mark.parametrize("key", ["event", "value", "data", "detail", "body", "messages", "events", "items"])
    @pytest.mark.parametrize("before", [True, False])
    def test_details_on_either_side(self, key: str, before: bool) -> None:
        """What a wrapper says may stand before or after what it holds."""
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
            "_eventNotificationMeta": {"category": "c", "type": "message"},
            "header": {"_adobeio": {"eventCode": "body", "providerMetadata": "q"}},
            "__adobe_headers": HEADERS,
            "_links": {},
        }
        runs = same(minified({**details, key: inside} if before else {key: inside, **details}))
        assert [run.id for run in runs or ()] == ["r-1"]

    @pytest.mark.parametrize("odd", [None, True, 5, "text", [], {}, [{}], {"_adobeio": 5}])
    def test_odd_details(self, odd: object) -> None:
        """Unusable details cost nothing but themselves."""
        names = (
            *("eventid", "recipientclientid", "type", "id", "time", "timestamp", "provider", "header"),
            *("_eventNotificationMeta", "__adobe_headers", "_links", "_page"),
        )
        for key, value in (("event", RUN), ("data", RUN), ("value", RUN), ("detail", RUN), ("body", RUN)):
            node = {**dict.fromkeys(names, odd), "specversion": odd, "detail-type": odd, key: value}
            runs = same(minified(node))
            assert [run.id for run in runs or ()] == ["r-1"]

    def test_two_event_codes(self) -> None:
        """Of two event codes the one from the more specific place counts, though its wrapper be the outer one."""
        message = {"msgType": "notification", "_eventNotificationMeta": {"type": "inner"}, "value": RUN}
        runs = same(minified({"header": {"_adobeio": {"eventCode": "outer"}}, "body": message}))
        assert [run.delivery.event_code for run in runs or []] == ["outer"]

    @pytest.mark.parametrize("header", [None, 5, {}, {"_adobeio": {"eventCode": "own", "providerMetadata": 5}}])
    def test_header_of_the_record(self, header: object) -> None:
        """The record's own header is read alike, beside whatever is around it."""
        for wrapper in WRAPPERS:
            assert same(minified(wrap(wrapper, {**RUN, "header": header}))) is not None

    @pytest.mark.parametrize(
        "wrapper",
        ["event", "event_body", "messages_object", "message", "cloud_event", "journal", "eventbridge", "api_list"],
    )
    def test_headers_of_runtime(self, wrapper: Wrapper) -> None:
        """Runtime's headers may stand beside any wrapper, and beside the record in it."""
        beside = {**RUN, "__adobe_headers": HEADERS}
        for payload in (wrap("runtime", wrap(wrapper, RUN)), wrap(wrapper, beside)):
            assert same(minified(payload)) is not None
        assert same(minified(wrap("runtime", wrap(wrapper, beside)))) is not None

    @pytest.mark.parametrize("body", [wrapper for wrapper in WRAPPERS if "body" not in wrapper])
    @pytest.mark.parametrize("as_text", [True, False])
    def test_raw_bodies(self, body: Wrapper, as_text: bool) -> None:
        """The raw body of a web action is read in one pass too, whatever it holds."""
        data = minified(wrap(body, RUN))
        raw = data.decode() if as_text else base64.b64encode(data).decode()
        assert same(minified({"__ow_headers": HEADERS, "__ow_body": raw})) is not None

    def test_repeated_keys(self) -> None:
        """Of a repeated key the last one counts, even where an earlier one is broken."""
        for text in (
            '{"event":{"id":"a","flowId":"f"},"event":{"id":"b","flowId":"f"}}',
            '{"event":{"id":5,"flowId":"f"},"event":{"id":"b","flowId":"f"}}',
            '{"id":"a","flowId":"f","id":"b"}',
            '[{"messages":[{"value":5}],"messages":[{"value":{"id":"a","flowId":"f","id":"b"}}]}]',
        ):
            same(text.encode())
            assert ids(parse_all(text)) == ["b"]

    @pytest.mark.parametrize(
        "text",
        [
            '[{"messages":[]}]',
            '{"events":[],"_page":{"flowId":1}}',
            '{"items":[],"metrics ":{},"x":{"metrics":1}}',
            '[[],[{"id":"r-1","flowId":"f-1"}]]',
            '[{"messages":[]},{"messages":[{"value":{"id":"r-1","flowId":"f-1"}}]}]',
        ],
    )
    def test_empty(self, text: str) -> None:
        """Where a list is empty, no run is made up."""
        same(text.encode())
        assert len(parse_all(text).runs) == text.count("r-1")


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


class TestLeads:
    """Payloads that begin as the most common ones do."""

    @pytest.mark.parametrize(
        "payload",
        [
            LONG_ID,
            {"id": LONG_ID["id"], "createdAt": 1, "flowId": "f-1"},
            {"id": LONG_ID["id"], "updatedAt": 1, "flowId": "f-1"},
            {"createdAt": 1, **RUN},
            {"flowId": "f-1", "id": "r-1"},
            {"xdm:flowId": "f-1", "id": "r-1"},
            {"event_id": LONG_ID["id"], "event": RUN},
            {"event_id": LONG_ID["id"], "event": {"createdAt": 1, **RUN}},
            {"eventid": LONG_ID["id"], "event": RUN},
            {"eventid": LONG_ID["id"], "event": {"createdAt": 1, **RUN}},
            [{"messages": [{"msgType": "eventNotification", "value": RUN}]}],
            [{"msgType": "eventNotification", "value": RUN}],
        ],
    )
    def test_no_search(self, payload: Any) -> None:
        """They are read without a search for what is around the run."""
        with patch("flowrun_notifications.one_pass._signposted", side_effect=AssertionError):
            assert same(minified(payload))
            assert same(json.dumps(payload).encode())

    @pytest.mark.parametrize(
        "payload",
        [
            {"id": "c-1", "specversion": "1.0", "type": "code", "data": RUN},
            {"id": LONG_ID["id"], "specversion": "1.0", "type": "code", "data": RUN},
            {"event_id": "e-1", "event": RUN},
            {"event_id": LONG_ID["id"], "event": {"messages": [{"msgType": "eventNotification", "value": RUN}]}},
            {"eventid": LONG_ID["id"], "events": [{"event": RUN}]},
            {"events": [{"position": "p" * 24, "event": RUN}]},
            [{"messages": [{"value": RUN}]}],
        ],
    )
    def test_others(self, payload: Any) -> None:
        """What begins like them and goes on otherwise is read in one pass all the same."""
        assert same(minified(payload))


class TestReasonsToLeave:
    """What one pass leaves to the general path, since it is not what its leading bytes promise."""

    @pytest.mark.parametrize("wrapper", WRAPPERS)
    def test_alert(self, wrapper: Wrapper) -> None:
        """An alert that names a flow and has an id, so that it could be read as a run."""
        result = left(wrap(wrapper, ALERT))
        assert [error.kind for error in result.skipped] == ([] if wrapper == "api_list" else ["alert"])

    def test_alert_among_runs(self) -> None:
        """Such an alert behind a run."""
        result = left([RUN, ALERT])
        assert (ids(result), [error.path for error in result.skipped]) == (["r-1"], ["[1]"])

    @pytest.mark.parametrize("wrapper", WRAPPERS)
    @pytest.mark.parametrize("broken", [{"id": None}, {"createdAt": "soon"}, {"metrics": {"sizeSummary": 5}}])
    def test_broken_run(self, wrapper: Wrapper, broken: dict[str, Any]) -> None:
        """A broken run."""
        assert len(left(wrap(wrapper, {**RUN, **broken})).errors) == 1

    @pytest.mark.parametrize("other", [None, 5, "text", {}, {"x": 1}, [], [RUN], {"event": RUN}])
    @pytest.mark.parametrize("wrapper", ["messages", "message_list", "list", "journal", "api_list"])
    def test_something_else_behind(self, wrapper: Wrapper, other: Any) -> None:
        """Something else behind the first run of a batch."""
        result = left(wrap(wrapper, RUN, other))
        assert ids(result)[0] == "r-1"

    @pytest.mark.parametrize(
        ("payload", "wanted"),
        [
            ({"event": RUN, "flowId": "f-2", "id": "r-2"}, ["r-2"]),
            ({"event": RUN, "metrics": None}, []),
            ({"value": RUN, "event": {"id": "r-2", "flowId": "f"}}, ["r-2"]),
            ({"specversion": "1.0", "data": RUN, "messages": [{"value": {"id": "r-2", "flowId": "f"}}]}, ["r-2"]),
            (
                {"detail-type": "l:c", "detail": RUN, "specversion": "1.0", "data": {"id": "r-2", "flowId": "f"}},
                ["r-2"],
            ),
            ({"body": RUN, "detail-type": "l:c", "detail": [{"id": "r-2", "flowId": "f"}]}, ["r-2"]),
            ({"items": [RUN], "events": [{"event": {"id": "r-2", "flowId": "f"}}]}, ["r-2"]),
            ({"messages": [{"value": RUN, "event": {"id": "r-2", "flowId": "f"}}]}, ["r-1"]),
            ({"event": {"body": RUN, "xdm:metrics": {}}}, []),
            ({"event": {"body": RUN, "xdm:flowId": "f", "xdm:flowRunId": "r-2"}}, ["r-2"]),
        ],
    )
    def test_surprising_keys(self, payload: Any, wanted: list[str]) -> None:
        """A key further on that makes the object a record, or another wrapper, than it seemed."""
        same(minified(payload))
        assert ids(parse_all(payload)) == wanted

    @pytest.mark.parametrize("key", ["event", "value", "body", "detail", "data"])
    @pytest.mark.parametrize("inner", ["event", "messages", "value", "data", "detail", "events", "items", "body"])
    @pytest.mark.parametrize("odd", [None, 5, "text", []])
    def test_keys_of_other_wrappers(self, key: str, inner: str, odd: object) -> None:
        """The key of another wrapper around nothing it could wrap makes no difference."""
        if key != inner:
            payload = {"specversion": "1.0", "detail-type": "l:c", key: RUN, inner: odd}
            same(minified(payload))
            same(minified({"specversion": "1.0", "detail-type": "l:c", inner: odd, key: RUN}))

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    @pytest.mark.parametrize("place", ['"x":{}', '"metrics":{{"sizeSummary":{{"inputBytes":{}}}}}', '"createdAt":{}'])
    def test_numbers_that_json_does_not_have(self, number: str, place: str) -> None:
        """Numbers that core's JSON takes, which are not JSON."""
        data = f'{{"id":"r-1","flowId":"f-1",{place.format(number)}}}'.encode()
        assert read(data) is None
        with pytest.raises(ValueError, match=r"^the payload is not JSON: "):
            parse(data)

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "notNaNatall"])
    def test_the_same_as_text(self, text: str) -> None:
        """The same words within a text, which are."""
        assert ids(left({**RUN, "flowName": text})) == ["r-1"]

    @pytest.mark.parametrize(
        "data", [b"", b"{", b'{"id":', b'{"id":"r-1","flowId":"f-1"', b'{"event":{"id":"r"}', b"\xff"]
    )
    def test_not_json(self, data: bytes) -> None:
        """What is not JSON."""
        assert read(data) is None

    @pytest.mark.parametrize(
        "data",
        [
            b'{"id":"r\\ud800","flowId":"f-1"}',
            b'{"event":{"id":"r-1","flowId":"f-1","x":["\\udc00"]}}',
            b"\xef\xbb\xbf" + minified([RUN]),
            b"\xef\xbb\xbf" + minified({"event": RUN}),
        ],
    )
    def test_what_has_to_be_mended(self, data: bytes) -> None:
        """Text with lone surrogates, or a byte order mark in front."""
        same(data)
        assert len(parse_all(data).runs) == 1

    @pytest.mark.parametrize("size", [20_000_000, 33_000_000])
    def test_size(self, size: int) -> None:
        """A payload of many megabytes, which would cost too much memory; smaller ones are read."""
        data = minified({**RUN, "x": "x" * size})
        assert (read(data) is None) == (size > 32_000_000)
        assert ids(parse_all(data)) == ["r-1"]

    @pytest.mark.parametrize("wrapper", ["event", "cloud_event", "messages", "journal", "eventbridge", "api_list"])
    @pytest.mark.parametrize("size", [100, 5_000])
    def test_markers_far_behind(self, wrapper: Wrapper, size: int) -> None:
        """A wrapper whose key stands far behind the start, beyond where it is looked for."""
        data = minified(wrap(wrapper, RUN))
        opening = data.index(b"{") + 1
        filled = data[:opening] + b'"x":"' + b"x" * size + b'",' + data[opening:]
        assert (same(filled) is None) == (size > 4_000)
        assert parse(filled) == parse(data)

    def test_record_far_behind(self) -> None:
        """A record whose first known key stands far behind its start."""
        record = {"x": "x" * 5_000, **RUN}
        assert ids(left({"event": record})) == ["r-1"]

    @pytest.mark.parametrize("details", MISLEADING)
    @pytest.mark.parametrize("wrapper", ["event", "cloud_event", "messages_object", "eventbridge", "journal", "list"])
    def test_misleading_signs(self, details: dict[str, Any], wrapper: Wrapper) -> None:
        """Keys of wrappers and records where they mean nothing, within a record or beside a wrapper's key."""
        payload = wrap(wrapper, {**details, **RUN})
        same(minified(payload))
        if wrapper != "list":
            same(minified({**details, **payload}))
            assert ids(parse_all({**details, **payload})) == ["r-1"]
        assert ids(parse_all(payload)) == ["r-1"]

    @pytest.mark.parametrize(
        "payload",
        [
            {"messages": {"value": RUN}},
            {"events": {"event": RUN}},
            {"events": [RUN]},
            {"messages": [RUN]},
            {"events": [{"value": RUN}]},
            {"messages": [{"event": RUN}]},
        ],
    )
    def test_lists_of_another_shape(self, payload: Any) -> None:
        """Entries that are no entries, or none but one and without a list."""
        assert ids(left(payload)) == ["r-1"]

    @pytest.mark.parametrize("payload", [{"data": RUN}, {"detail": RUN}, {"specversion": "1.0", "detail": RUN}])
    def test_missing_mark(self, payload: Any) -> None:
        """An object that only looks like a wrapper."""
        assert [error.kind for error in left(payload).skipped] == ["other"]

    @pytest.mark.parametrize("payload", [{"items": {"flowId": "f"}, "_links": {}}, {"items": [{"id": "r"}]}])
    def test_other_items(self, payload: Any) -> None:
        """Items of another product."""
        assert [error.kind for error in left(payload).skipped] == ["other"]

    def test_broken_item(self) -> None:
        """An item of an API list that lacks its flow."""
        result = left({"items": [RUN, {"id": "r-2", "status": "x"}], "_links": {}})
        assert (ids(result), [error.path for error in result.errors]) == (["r-1"], ["items[1]"])

    @pytest.mark.parametrize("body", [None, 5, "", "{", "no base64", "eHg=", '"text"', RUN, [RUN], {"x": 1}])
    def test_raw_bodies(self, body: object) -> None:
        """A raw body that is broken, something else, or decoded already."""
        payload = {"__ow_method": "post", "__ow_body": body}
        same(minified(payload))
        assert len(parse_all(payload).runs) == (body in (RUN, [RUN]))

    @pytest.mark.parametrize(
        "around",
        [
            {"flowId": "f-2", "id": "r-2"},
            {"__adobe_headers": HEADERS},
            {"__ow_headers": 5},
        ],
    )
    def test_beside_raw_bodies(self, around: dict[str, Any]) -> None:
        """Something beside a raw body that makes it a record, or says more of the delivery."""
        raw = minified(RUN).decode()
        for payload in ({"__ow_body": raw, **around}, {**around, "__ow_body": raw}):
            same(minified(payload))
            assert ids(parse_all(payload)) == ["r-2" if "flowId" in around else "r-1"]

    @pytest.mark.parametrize("key", ["event", "value", "body", "items"])
    def test_wrappers_beside_raw_bodies(self, key: str) -> None:
        """A wrapper's key beside a raw body, which it comes before."""
        raw = minified({"id": "r-2", "flowId": "f-2"}).decode()
        for payload in ({key: [RUN], "__ow_body": raw}, {"__ow_body": raw, key: [RUN]}):
            same(minified(payload))
            assert ids(parse_all(payload)) == ["r-1"]


class TestDepth:
    """How deep wrappers may nest."""

    @pytest.mark.parametrize("depth", range(1, 20))
    @pytest.mark.parametrize("lists", range(0, 20, 3))
    def test_limit(self, depth: int, lists: int) -> None:
        """The limit is the general path's."""
        payload: Any = RUN
        for _ in range(lists):
            payload = [payload]
        for _ in range(depth):
            payload = {"event": payload}
        same(minified(payload))
        assert len(parse_all(payload).runs) == (depth + lists <= 16)

    @pytest.mark.parametrize("lists", [1, 15, 16, 17, 39, 40, 41, 100])
    def test_lists(self, lists: int) -> None:
        """So it is for lists alone."""
        data = b"[" * lists + minified(RUN) + b"]" * lists
        same(data)
        assert len(parse_all(data).runs) == (lists <= 16)

    def test_headers_of_runtime(self) -> None:
        """Runtime's headers count, wherever they stand."""
        payload: Any = {**RUN, "__adobe_headers": HEADERS}
        for _ in range(10):
            payload = [payload]
        for _ in range(4):
            payload = {"__adobe_headers": HEADERS, "event": payload}
        same(minified(payload))
        assert parse_all(payload).runs == ()

    @pytest.mark.parametrize("headers", [1, 2, 3])
    @pytest.mark.parametrize("lists", range(11, 16))
    def test_headers_of_runtime_outside(self, headers: int, lists: int) -> None:
        """So they do around what is nearly too deep by itself."""
        payload: Any = RUN
        for _ in range(lists):
            payload = [payload]
        for _ in range(headers):
            payload = {"__adobe_headers": HEADERS, "body": payload}
        same(minified(payload))
        assert len(parse_all(payload).runs) == (lists + 2 * headers <= 16)

    @pytest.mark.parametrize("lists", [12, 13, 14, 15])
    def test_headers_of_runtime_in_a_web_action(self, lists: int) -> None:
        """So they do in the body of a web action, which counts, too."""
        inside: Any = RUN
        for _ in range(lists):
            inside = [inside]
        body = minified({"__adobe_headers": HEADERS, "body": inside}).decode()
        payload = {"__ow_body": body}
        same(minified(payload))
        assert len(parse_all(payload).runs) == (lists + 3 <= 16)


class TestManyRuns:
    """Payloads with several runs, given to `parse`."""

    @pytest.mark.parametrize("count", [2, 3])
    def test_several(self, count: int) -> None:
        """Several are too many on either path."""
        data = minified([RUN] * count)
        with pytest.raises(RunCountError) as caught:
            parse(data)
        assert (caught.value.count, len(same(data) or ())) == (count, count)
