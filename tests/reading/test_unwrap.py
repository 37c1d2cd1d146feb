"""Tests of where runs and other messages are found: in known wrappers, and in anything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from flowrun_notifications import Delivery, NotAFlowRunError, RunCountError, parse, parse_all
from flowrun_notifications._reading.unwrap import unwrap
from flowrun_notifications._reading.wrappers import MAX_DEPTH, WRAPPERS
from reading.reads import RUN, deliveries, delivery, found, in_base64, minified, read

Nest = Callable[[Any], Any]

OTHER_RUN: dict[str, Any] = {"id": "r-2", "flowId": "f-1", "activities": []}
BARE: dict[str, Any] = {"id": "r-1", "flowId": "f-1"}
ALERT: dict[str, Any] = {"status": "FIRING", "name": "delay rule"}
AUDIT_EVENT: dict[str, Any] = {"payload": {"assetType": "Dataset", "action": "Create"}}
INGESTION_EVENT: dict[str, Any] = {"xdm:ingestionId": "i-1"}
VALIDATION: dict[str, Any] = {"validationUrl": "https://webhooks.example/1"}
MESSAGES: dict[str, dict[str, Any]] = {
    "alert": ALERT,
    "audit_event": AUDIT_EVENT,
    "data_ingestion_event": INGESTION_EVENT,
    "validation_request": VALIDATION,
}
"""A known message of each kind."""


def nested(depth: int, nest: Nest, node: Any) -> Any:
    """Put something into as many wrappers of a kind."""
    for _ in range(depth):
        node = nest(node)
    return node


FIELD: dict[str, tuple[Any, list[str]]] = {
    "webhook.site, one request": ({"uuid": "u", "method": "POST", "content": json.dumps(RUN)}, ["content"]),
    "webhook.site, a page": (
        {
            "data": [{"content": json.dumps({"event": RUN}), "headers": {}}, {"content": json.dumps(OTHER_RUN)}],
            "total": 2,
        },
        ["data[0].content.event", "data[1].content"],
    ),
    "API Gateway": (
        {"body": json.dumps({"event": RUN}), "isBase64Encoded": False, "requestContext": {}},
        ["body.event"],
    ),
    "API Gateway, base64": ({"body": in_base64({"event": RUN}), "isBase64Encoded": True}, ["body.event"]),
    "SQS": (
        {"Records": [{"messageId": "m", "body": json.dumps({"detail-type": "l:c", "detail": {"event": RUN}})}]},
        ["Records[0].body.detail.event"],
    ),
    "SNS": ({"Records": [{"Sns": {"Message": json.dumps(RUN)}}]}, ["Records[0].Sns.Message"]),
    "SNS in SQS": ({"Records": [{"body": json.dumps({"Message": json.dumps(RUN)})}]}, ["Records[0].body.Message"]),
    "failure destination": (
        {"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": {"detail-type": "l:c", "detail": RUN}},
        ["requestPayload.detail"],
    ),
    "Kinesis": ({"Records": [{"kinesis": {"data": in_base64(RUN)}}]}, ["Records[0].kinesis.data"]),
    "Kafka Connect": ({"schema": {"type": "struct"}, "payload": {"event_id": "e", "event": RUN}}, ["payload.event"]),
    "CloudWatch Logs": ({"events": [{"message": json.dumps(RUN), "timestamp": 5}]}, ["events[0].message"]),
    "Splunk": ({"event": json.dumps(RUN), "time": 5, "sourcetype": "aep"}, ["event"]),
    "n8n": ([{"headers": {}, "params": {}, "query": {}, "body": RUN}], ["[0].body"]),
    "Power Automate": ({"body": {"$content-type": "application/json", "$content": in_base64(RUN)}}, ["body.$content"]),
    "Pipedream": ({"body": {"event": RUN}, "bodyRaw": json.dumps({"event": RUN})}, ["body.event"]),
    "a dump of one's own": ({"flow": {"id": "f-1"}, "flowRuns": [RUN, OTHER_RUN]}, ["flowRuns[0]", "flowRuns[1]"]),
    "text at the top": (json.dumps(RUN), [""]),
    "base64 at the top": (in_base64([RUN]), ["[0]"]),
    "texts in a list": ([json.dumps(RUN), in_base64(OTHER_RUN)], ["[0]", "[1]"]),
}
"""Shapes in which people have runs in hand, with the paths of the runs."""


@pytest.mark.parametrize(("payload", "paths"), FIELD.values(), ids=FIELD.keys())
def test_shapes_from_the_field(payload: Any, paths: list[str]) -> None:
    """A run is found wherever it stands, and nothing is found twice."""
    assert found(payload) == [("run", path) for path in paths]


class TestRecords:
    """Objects that are records, by the place where they stand."""

    @pytest.mark.parametrize("key", ["flowId", "metrics", "xdm:flowId", "xdm:metrics"])
    @pytest.mark.parametrize("place", [None, "event", "value", "list", "items", "events", "messages"], ids=str)
    def test_known_place(self, key: str, place: str | None) -> None:
        """At a known place any key of a record makes one: without its ids it is a broken run."""
        node: dict[str, Any] = {key: "f-1" if "flowId" in key else {}}
        places: dict[str | None, tuple[Any, str]] = {
            None: (node, ""),
            "event": ({"event": node}, "event"),
            "value": ({"value": node}, "value"),
            "list": ([node], "[0]"),
            "items": ({"items": [node]}, "items[0]"),
            "events": ({"events": [{"event": node}]}, "events[0].event"),
            "messages": ({"messages": [{"value": node}]}, "messages[0].value"),
        }
        payload, path = places[place]
        assert found(payload) == [("broken", path)]

    STRICT: dict[str, Nest] = {  # noqa: RUF012
        "data": lambda node: {"specversion": "1.0", "data": node},
        "detail": lambda node: {"detail-type": "l:c", "detail": node},
        "body": lambda node: {"body": node},
        "event.body": lambda node: {"event": {"body": node}},
        "data.event": lambda node: {"specversion": "1.0", "data": {"event": node}},
        "event": lambda node: {"event": json.dumps(node)},
        "": json.dumps,
    }
    """Places where other products have metrics, too."""

    @pytest.mark.parametrize("path", STRICT)
    def test_strict_place(self, path: str) -> None:
        """In CloudEvents, EventBridge events, `body` and opened text a record needs one of the ids."""
        wrap = self.STRICT[path]
        assert [kind for kind, _ in found(wrap({"metrics": {"cpu": 5}}))] == ["other"]
        for ids in ({"id": "r-1"}, {"flowId": "f-1"}, {"xdm:flowRunId": "r-1"}, {"xdm:flowId": "f-1"}):
            assert found(wrap({"metrics": {}, **ids})) == [("broken", path)]
        assert found(wrap(BARE)) == [("run", path)]

    @pytest.mark.parametrize(
        ("node", "is_run"),
        [
            ({**BARE, "metrics": {}}, True),
            ({**BARE, "metrics": None}, True),
            ({**BARE, "xdm:metrics": {}}, True),
            ({**BARE, "activities": []}, True),
            ({**BARE, "activites": []}, True),
            ({"xdm:flowRunId": "r-1", "xdm:flowId": "f-1", "xdm:metrics": {}}, True),
            ({"id": None, "xdm:flowRunId": "r-1", "flowId": "f-1", "metrics": {}}, True),
            (BARE, False),
            ({"id": "r-1", "metrics": {}}, False),
            ({"flowId": "f-1", "metrics": {}}, False),
            ({"id": 5, "flowId": "f-1", "metrics": {}}, False),
            ({"id": "r-1", "flowId": None, "metrics": {}}, False),
        ],
    )
    def test_searched_place(self, node: dict[str, Any], is_run: bool) -> None:
        """A record that is found by searching has both ids, as text, and metrics or activities."""
        assert found({"x": node}) == [("run", "x") if is_run else ("other", "")]

    def test_broken_at_a_searched_place(self) -> None:
        """Such a record may be broken elsewhere."""
        assert found({"x": [{**RUN, "createdAt": "soon"}]}) == [("broken", "x[0]")]

    def test_whatever_it_looks_like(self) -> None:
        """A record with both ids is a run, whatever wrapper it looks like."""
        node = {**RUN, "event": OTHER_RUN, "messages": [{"value": OTHER_RUN}], "body": OTHER_RUN, "x": OTHER_RUN}
        assert found(node) == [("run", "")]

    @pytest.mark.parametrize(
        ("around", "path"),
        [
            ({"metrics": {}, "run": RUN}, "run"),
            ({"flowId": "f-1", "id": 5, "runs": [RUN]}, "runs[0]"),
            ({"flowId": "f-1", "lastRun": json.dumps(RUN)}, "lastRun"),
            ({"metrics": {"x": [RUN]}}, "metrics.x[0]"),
        ],
    )
    def test_around_a_run(self, around: dict[str, Any], path: str) -> None:
        """A record without its ids that has a run in it only stands around that."""
        assert found(around) == [("run", path)]
        assert found({"event": around}) == [("run", f"event.{path}")]


class TestSearch:
    """Objects that are no known wrapper."""

    NESTS: dict[str, tuple[Nest, str]] = {  # noqa: RUF012
        "object": (lambda node: {"a": 1, "x": node, "b": None}, ".x"),
        "list": (lambda node: {"x": ["text", node, 5]}, ".x[1]"),
        "text": (lambda node: {"x": json.dumps(node)}, ".x"),
        "text in a list": (lambda node: {"x": [json.dumps(node)]}, ".x[0]"),
        "base64": (lambda node: {"x": in_base64(node)}, ".x"),
        "lists": (lambda node: {"x": [[node]]}, ".x[0][0]"),
    }

    @pytest.mark.parametrize("outer", NESTS)
    @pytest.mark.parametrize("inner", NESTS)
    def test_nested(self, outer: str, inner: str) -> None:
        """Objects, lists, texts and base64 are searched, in any nesting."""
        (wrap, step), (wrap_inner, step_inner) = self.NESTS[outer], self.NESTS[inner]
        path = f"{step}{step_inner}.event".removeprefix(".")
        assert found(wrap(wrap_inner({"event": RUN}))) == [("run", path)]

    def test_names(self) -> None:
        """A searched object is named `other`, once each; lists and texts in it have no name."""
        payload = {"x": [{"y": json.dumps({"z": [[{"event": RUN}]]})}]}
        assert delivery(payload) == Delivery(path="x[0].y.z[0][0].event", wrappers=("other", "other", "other", "event"))
        assert delivery([{"x": RUN}]) == Delivery(path="[0].x", wrappers=("list", "other"))

    @pytest.mark.parametrize("kind", MESSAGES)
    def test_known_messages(self, kind: str) -> None:
        """Known messages are found, too, and are told before records are."""
        message = MESSAGES[kind]
        assert found({"x": [message, {"y": json.dumps(message)}]}) == [(kind, "x[0]"), (kind, "x[1].y")]
        assert found({"x": message, "y": RUN}) == [(kind, "x"), ("run", "y")]

    def test_everything_is_found(self) -> None:
        """All that is found are the items, in document order."""
        payload = {"a": {"event": RUN}, "b": [ALERT, OTHER_RUN], "c": json.dumps({"x": AUDIT_EVENT}), "d": "text"}
        assert found(payload) == [("run", "a.event"), ("alert", "b[0]"), ("run", "b[1]"), ("audit_event", "c.x")]

    @pytest.mark.parametrize(
        "payload",
        [
            {"x": 5},
            {"x": {"y": [{"z": "text"}]}, "e": [], "o": {}},
            {"x": '{"y": 5}', "y": in_base64({"a": [1]})},
            {"x": {"flowId": "f-1"}, "y": {"metrics": {}}},
            {"productName": "p", "status": "success", "severity": 5},
            {},
        ],
    )
    def test_nothing(self, payload: dict[str, Any]) -> None:
        """Where nothing is found the object is one other message, as it came."""
        assert found(payload) == [("other", "")]
        assert parse_all(payload).others[0].content == payload
        assert found({"event": payload}) == [("other", "event")]

    @pytest.mark.parametrize("payload", ["text", "5", "2025-01-01", "{", "eyJh", json.dumps(json.dumps(RUN))])
    def test_plain_text(self, payload: str) -> None:
        """A text that holds neither an object nor a list is one other message at the top."""
        assert found(payload) == [("other", "")]

    @pytest.mark.parametrize("text", ["{}", "[]", '{"x": 5}', "[5]"])
    def test_json_text_of_nothing(self, text: str) -> None:
        """JSON text in which nothing is found does not stand in the way."""
        assert found({"x": text, "y": RUN}) == [("run", "y")]


class TestRepeats:
    """A run that stands both in an object and in a text beside it."""

    @pytest.mark.parametrize(
        "payload",
        [
            {"body": RUN, "bodyRaw": json.dumps(RUN)},
            {"body": RUN, "bodyRaw": in_base64(RUN)},
            {"bodyRaw": json.dumps(RUN), "body": RUN},
            {"x": {"y": RUN}, "raw": json.dumps({"z": RUN})},
            {"x": [RUN], "raw": json.dumps([RUN])},
        ],
    )
    def test_once(self, payload: dict[str, Any]) -> None:
        """It is the same run, and the object's path counts."""
        ((kind, path),) = found(payload)
        assert (kind, "aw" in path) == ("run", False)

    def test_several(self) -> None:
        """So it is for several runs, each."""
        payload = {"x": [RUN, OTHER_RUN], "raw": json.dumps([OTHER_RUN, RUN, {**RUN, "id": "r-3"}])}
        assert found(payload) == [("run", "x[0]"), ("run", "x[1]"), ("run", "raw[2]")]

    def test_different(self) -> None:
        """A run in a text that differs in anything is another run."""
        payload = {"x": RUN, "raw": json.dumps({**RUN, "etag": "2"})}
        assert found(payload) == [("run", "x"), ("run", "raw")]

    def test_two_objects(self) -> None:
        """Two objects are two runs, and so are two texts."""
        assert found({"x": RUN, "y": RUN}) == [("run", "x"), ("run", "y")]
        assert found({"x": json.dumps(RUN), "y": json.dumps(RUN)}) == [("run", "x"), ("run", "y")]
        assert found([RUN, RUN]) == [("run", "[0]"), ("run", "[1]")]

    def test_preview(self) -> None:
        """Records with other spellings are compared, too."""
        record: dict[str, Any] = {"xdm:flowRunId": "r-1", "xdm:flowId": "f-1", "xdm:metrics": {}}
        assert found({"x": record, "raw": json.dumps(record)}) == [("run", "x")]


KEYS: dict[str, Nest] = {
    "event": lambda inside: {"event": inside},
    "value": lambda inside: {"value": inside},
    "body": lambda inside: {"body": inside},
    "messages": lambda inside: {"messages": [{"value": inside}]},
    "events": lambda inside: {"events": [{"event": inside}]},
    "items": lambda inside: {"items": [inside]},
    "data": lambda inside: {"specversion": "1.0", "data": inside},
    "data_base64": lambda inside: {"specversion": "1.0", "data_base64": inside},
    "detail": lambda inside: {"detail-type": "l:c", "detail": inside},
    "__ow_body": lambda inside: {"__ow_body": inside},
}
"""Each known wrapper around something."""


class TestKnownKeys:
    """Known wrappers whose content holds nothing, or is text."""

    def test_all(self) -> None:
        """Every wrapper of the table is among those that are tried here."""
        assert set(KEYS) == {wrapper.key for wrapper in WRAPPERS}

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("inside", [{"name": "x"}, {}, None, 5, "text", '{"name": "x"}', ["x"], [{"name": "x"}]])
    def test_siblings(self, key: str, inside: Any) -> None:
        """Where the content of the known key holds nothing, the whole object is searched."""
        assert found({**KEYS[key](inside), "payload": RUN}) == [("run", "payload")]
        assert found({"payload": json.dumps(RUN), **KEYS[key](inside)}) == [("run", "payload")]

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("inside", [RUN, ALERT, {"x": RUN}])
    def test_siblings_of_something(self, key: str, inside: Any) -> None:
        """Where it holds something, nothing else is opened."""
        ((kind, path),) = found({**KEYS[key](inside), "payload": OTHER_RUN})
        assert (kind, path.startswith(key)) == ("alert" if inside is ALERT else "run", True)

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("write", [json.dumps, in_base64, partial(json.dumps, indent=2)])
    def test_text(self, key: str, write: Nest) -> None:
        """Text that stands where a known wrapper has its content is opened."""
        ((kind, path),) = found(KEYS[key](write(RUN)))
        assert (kind, path.split("[")[0].split(".")[0]) == ("run", key)

    @pytest.mark.parametrize("key", KEYS)
    def test_nothing(self, key: str) -> None:
        """Where neither content nor siblings hold anything, the content is the other message."""
        ((kind, path),) = found({**KEYS[key]({"name": "x"}), "sibling": {"a": 1}})
        assert kind == "other"
        assert path in ({"": ""}.get(key, key), "", f"{key}[0]", f"{key}[0].value", f"{key}[0].event")

    def test_entries(self) -> None:
        """So it is for each entry of a page: its siblings are searched where its content holds nothing."""
        page = {"events": [{"event": {"name": "x"}, "payload": RUN}, {"event": OTHER_RUN, "payload": RUN}]}
        assert found(page) == [("run", "events[0].payload"), ("run", "events[1].event")]

    def test_another_known_key(self) -> None:
        """A known key beside one that holds nothing is opened as the wrapper that it is."""
        assert delivery({"event": {"name": "x"}, "body": RUN}) == Delivery(path="body", wrappers=("body",))

    def test_first_wins(self) -> None:
        """An object that looks like several wrappers is the first of them, in a fixed order."""
        node: dict[str, Any] = {
            **{wrapper.key: RUN for wrapper in WRAPPERS},
            **{wrapper.mark: "1" for wrapper in WRAPPERS if wrapper.mark},
            "events": [{"event": RUN}],
            "items": [RUN],
        }
        opened: list[str] = []
        for wrapper in WRAPPERS:
            opened.append(delivery(node).wrappers[-1])
            del node[wrapper.key]
        assert opened == [
            *("event", "messages", "messages", "cloud_event", "cloud_event", "eventbridge"),
            *("journal", "api_list", "body", "runtime"),
        ]


EMPTY: list[Any] = [
    [],
    {"events": []},
    {"events": [], "_page": {"count": 0}},
    {"items": []},
    {"items": [], "_links": {}, "count": 0},
    {"messages": []},
    [{"messages": []}],
    [{"events": []}, {"items": []}],
    {"event": {"events": []}},
]
"""Payloads that hold nothing."""


class TestLists:
    """Lists of anything."""

    def test_known_place(self) -> None:
        """Every object, and every text that was JSON, is an item; numbers, plain text, null and [] are not."""
        entries: list[Any] = [
            1,
            "t",
            None,
            True,
            1.5,
            [],
            {},
            RUN,
            [0],
            {"event": {"x": 1}},
            json.dumps({"y": 1}),
            [[], {"z": 1}],
        ]
        assert found(entries) == [
            ("other", "[6]"),
            ("run", "[7]"),
            ("other", "[8]"),
            ("other", "[9].event"),
            ("other", "[10]"),
            ("other", "[11][1]"),
        ]

    def test_searched_place(self) -> None:
        """So it is in a searched list in which some entry holds something."""
        payload = {"x": [{"a": 1}, 5, "text", json.dumps({"b": 1}), RUN, {}, [5], json.dumps({"d": OTHER_RUN})]}
        assert found(payload) == [
            ("other", "x[0]"),
            ("other", "x[3]"),
            ("run", "x[4]"),
            ("other", "x[5]"),
            ("run", "x[7].d"),
        ]

    def test_nothing_vanishes(self) -> None:
        """Of two records of SNS, one with a run, the other is an other message."""
        payload = {"Records": [{"Sns": {"Message": json.dumps(RUN)}}, {"Sns": {"Message": json.dumps({"x": 1})}}]}
        assert found(payload) == [("run", "Records[0].Sns.Message"), ("other", "Records[1]")]

    @pytest.mark.parametrize(
        "entries",
        [
            [1],
            ["t"],
            ["{t"],
            [None],
            [{}],
            [[]],
            [1, "t", None, True, {}, [], 1.5],
            [{}, {}],
            [{}, "{no JSON"],
            [[], "eyJ no base64"],
        ],
    )
    def test_nothing_but_scalars(self, entries: list[Any]) -> None:
        """A list of nothing but numbers, plain text, null, {} and [] is one other message, whatever the text."""
        assert found(entries) == [("other", "")]
        assert parse_all(entries).others[0].content == entries
        assert found({"event": entries}) == [("other", "event")]

    def test_lists_of_scalars_beside_a_run(self) -> None:
        """A list of numbers or plain text in a list is a message of its own, and none where it is searched for."""
        assert found([[1], ["x"], [], RUN]) == [("other", "[0]"), ("other", "[1]"), ("run", "[3]")]
        assert found({"x": [[1], ["x"], [], RUN, {"y": [1]}, {"event": [1]}]}) == [
            ("run", "x[3]"),
            ("other", "x[4]"),
            ("other", "x[5]"),
        ]
        assert found([{"y": [1]}, {"event": [1]}, RUN]) == [("other", "[0]"), ("other", "[1].event"), ("run", "[2]")]

    @pytest.mark.parametrize("entries", [["error"], ["{no JSON"], [5, None], [[]]])
    def test_no_messages(self, entries: list[Any]) -> None:
        """A list of messages that holds none is one other message."""
        assert found({"messages": entries}) == [("other", "messages")]
        assert parse_all({"messages": entries}).others[0].content == entries
        assert found([{"messages": entries}, {"event": RUN}]) == [("other", "[0].messages"), ("run", "[1].event")]

    @pytest.mark.parametrize(
        "payload",
        EMPTY,
    )
    def test_empty(self, payload: Any) -> None:
        """An empty list, or page, is an empty result."""
        assert (found(payload), unwrap(payload)) == ([], [])
        with pytest.raises(RunCountError):
            parse(payload)


class TestPages:
    """`items` and `events`, which other products have, too."""

    @pytest.mark.parametrize(
        "items",
        [
            [{"id": "r-1"}],
            [{"id": "f", "lastRunDetails": {"id": "r", "state": "failed"}}],
            ["text"],
            [5, {}],
            [{"event": {"x": 1}}],
            {"x": 1},
            "text",
            None,
        ],
    )
    @pytest.mark.parametrize("links", [{}, {"_links": {}}])
    def test_items_of_others(self, items: object, links: dict[str, Any]) -> None:
        """`items` without a record is not a list of runs, with `_links` or without: the list of flows, for one."""
        assert found({"items": items, **links}) == [("other", "")]

    def test_items(self) -> None:
        """Where one entry is a record, or wraps one, every object of the list is told of."""
        payload: dict[str, Any] = {
            "items": [{"id": "r-2"}, RUN, 5, None, {"flowId": "f-1"}, {"event": OTHER_RUN}],
            "_links": {},
        }
        assert found(payload) == [
            ("other", "items[0]"),
            ("run", "items[1]"),
            ("broken", "items[4]"),
            ("run", "items[5].event"),
        ]

    def test_items_that_are_no_list(self) -> None:
        """Without a list it is an object to be searched."""
        assert delivery({"items": RUN, "_links": {}}) == Delivery(path="items", wrappers=("other",))

    @pytest.mark.parametrize("events", [[{"message": "text"}], [{"x": 1}, {}], ["text"], {"x": 1}, 5, None])
    def test_events_of_others(self, events: object) -> None:
        """`events` without an entry that has `event` is not a journal page."""
        assert found({"events": events}) == [("other", "")]

    def test_events(self) -> None:
        """In a journal page an entry that wraps nothing is an item by itself."""
        payload = {
            "events": [RUN, 5, {"position": "p-1"}, {"position": "p-2", "event": None}, {"event": OTHER_RUN}, {}]
        }
        assert found(payload) == [
            ("run", "events[0]"),
            ("other", "events[2]"),
            ("other", "events[3]"),
            ("run", "events[4].event"),
            ("other", "events[5]"),
        ]

    def test_messages(self) -> None:
        """So it is in a list of messages."""
        assert found({"messages": [RUN, 5, {"value": 7}, {"value": OTHER_RUN}, {"value": ALERT}]}) == [
            ("run", "messages[0]"),
            ("other", "messages[2]"),
            ("run", "messages[3].value"),
            ("alert", "messages[4].value"),
        ]


NESTS: dict[str, tuple[Nest, str, int]] = {
    "event": (lambda node: {"event": node}, ".event", 1),
    "body": (lambda node: {"body": node}, ".body", 1),
    "message": (lambda node: {"value": node}, ".value", 1),
    "messages": (lambda node: [{"messages": [{"value": node}]}], "[0].messages[0].value", 1),
    "message in a list": (lambda node: [{"value": node}], "[0].value", 1),
    "list": (lambda node: [node], "[0]", 1),
    "CloudEvent": (lambda node: {"specversion": "1.0", "data": node}, ".data", 1),
    "EventBridge": (lambda node: {"detail-type": "x", "detail": node}, ".detail", 1),
    "journal": (lambda node: {"events": [{"event": node}]}, ".events[0].event", 1),
    "API list": (lambda node: {"items": [node], "_links": {}}, ".items[0]", 1),
    "Runtime body": (lambda node: {"__ow_body": node}, ".__ow_body", 1),
    "searched object": (lambda node: {"x": node}, ".x", 1),
    "searched object with a list": (lambda node: {"x": [node]}, ".x[0]", 2),
    "text in a wrapper": (lambda node: {"event": json.dumps(node)}, ".event", 2),
    "base64 in a searched object": (lambda node: {"x": in_base64(node)}, ".x", 2),
    "event and list": (lambda node: {"event": [node]}, ".event[0]", 2),
    "Runtime headers": (lambda node: {"__adobe_headers": {}, "event": node}, ".event", 2),
}
"""Wrappers that can be nested in themselves, the step that each adds to a path, and how many levels it counts for."""


class TestDepth:
    """How deep wrappers, searched objects, lists and texts may nest."""

    @pytest.mark.parametrize("kind", NESTS)
    def test_limit(self, kind: str) -> None:
        """Sixteen levels are opened; one more is an other message."""
        nest, step, levels = NESTS[kind]
        times = MAX_DEPTH // levels
        assert found(nested(times, nest, RUN)) == [("run", (step * times).removeprefix("."))]
        payload = nested(times + 1, nest, RUN)
        ((told, _),) = found(payload)
        assert told == "other"
        with pytest.raises(NotAFlowRunError):
            parse(payload)

    @pytest.mark.parametrize("kind", NESTS)
    def test_mixed(self, kind: str) -> None:
        """All kinds count together."""
        nest, step, levels = NESTS[kind]
        rest = MAX_DEPTH - levels
        sound = nested(rest, lambda node: {"event": node}, nest(RUN))
        assert found(sound) == [("run", (".event" * rest + step).removeprefix("."))]
        assert [kind for kind, _ in found({"event": sound})] == ["other"]

    def test_headers_in_the_record(self) -> None:
        """Headers of Runtime in the record itself count as a wrapper around it."""
        record: dict[str, Any] = {**RUN, "__adobe_headers": {}}
        sound = nested(MAX_DEPTH - 1, lambda node: {"event": node}, record)
        assert delivery(sound).wrappers == (*["event"] * (MAX_DEPTH - 1), "runtime")

    def test_message(self) -> None:
        """The message says why it was not opened."""
        (other,) = read(nested(MAX_DEPTH + 1, lambda node: {"event": node}, RUN)).others
        path = "event" + ".event" * (MAX_DEPTH - 1)
        assert (other.path, other.description) == (
            path,
            f"not a flow run at {path}: it nests more than {MAX_DEPTH} deep",
        )

    def test_beside_a_sound_run(self) -> None:
        """Something too deep costs nothing beside it, and is one item however much it holds."""
        deep = nested(MAX_DEPTH, lambda node: {"event": node}, [RUN] * 1000)
        assert found([deep, RUN]) == [("other", "[0]" + ".event" * (MAX_DEPTH - 1)), ("run", "[1]")]


class TestPaths:
    """The path of an item."""

    @pytest.mark.parametrize(
        ("key", "step"),
        [
            ("a.b", '["a.b"]'),
            ("a[0]", '["a[0]"]'),
            ("", '[""]'),
            ("a b", "a b"),
            ("é", "é"),
            ('a."b"', '["a.\\"b\\""]'),
        ],
    )
    def test_keys(self, key: str, step: str) -> None:
        """A key that holds a dot or a bracket is quoted."""
        assert found({key: RUN}) == [("run", step)]
        joined = step if step.startswith("[") else f".{step}"
        assert found({"x": {key: json.dumps([RUN])}}) == [("run", f"x{joined}[0]")]

    def test_problems(self) -> None:
        """The paths of problems begin with it."""
        (error,) = read({"a.b": json.dumps({"event": {**RUN, "createdAt": "soon"}})}).errors
        assert [problem.path for problem in error.problems] == ['["a.b"].event.createdAt']


class TestEveryInput:
    """Promises for whatever is unwrapped."""

    def test_input_is_never_changed(self) -> None:
        """The input stays as it was."""
        payload: list[Any] = [
            {
                "specversion": "1.0",
                "data": {"messages": [{"value": RUN}], "__adobe_headers": {"x-adobe-event-id": "e"}},
            },
            {"items": [RUN], "_links": {}},
            {"__ow_body": in_base64({"events": [{"position": "p", "event": {**RUN, "header": {}}}]}), "SECRET": 1},
            {"metrics": None, "xdm:metrics": {}, "id": "r", "flowId": "f", "activities": {}},
        ]
        before = copy.deepcopy(payload)
        assert len(deliveries(payload)) == 4
        assert payload == before

    @pytest.mark.parametrize("payload", [None, True, 5, 1.5])
    def test_scalars(self, payload: object) -> None:
        """A number, a truth value or null is one other message."""
        assert [(other.kind, other.content) for other in parse_all(minified(payload)).others] == [("other", payload)]

    @pytest.mark.parametrize(
        "event",
        [
            {"specversion": "1.0", "data": {"leadId": "1234", "attributes": [{"value": 5}]}},
            {"specversion": "1.0", "type": "t", "data": {"metrics": {"cpu": 5}, "name": "x"}},
            {"events": [{"position": "p", "event": {"@type": "xdmCreated", "xdmEntity": {"id": "x"}}}]},
            {"detail-type": "EC2 Instance State-change", "detail": {"instance-id": "i", "state": "stopped"}},
            {"body": {"metrics": {"p99": 5}, "activities": [1]}},
            {"id": "x", "status": "failed", "metrics_": {}, "activities": [{"id": "a"}]},
            {"name": "x", "labels": {"flowId": "f"}, "series": [{"metrics": {"a": 1}, "id": "s"}]},
        ],
    )
    def test_other_products(self, event: dict[str, Any]) -> None:
        """Nothing is found in the events of other products."""
        assert [kind for kind, _ in found(event)] == ["other"]
