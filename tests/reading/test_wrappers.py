"""Tests of the known wrappers, and of the delivery details that each gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from flowrun_notifications import Delivery, parse, parse_all
from flowrun_notifications._reading.wrappers import merge_details, read_details, read_http_details
from reading.reads import RUN, deliveries, delivery, found, in_base64, read

Nest = Callable[[Any], Any]
"""Puts something into a wrapper."""

UTC = timezone.utc
SENT = datetime(2025, 1, 1, 10, 4, 2, 310_000, tzinfo=UTC)
LATER = datetime(2025, 1, 1, 10, 4, 3, tzinfo=UTC)

MESSAGE: dict[str, Any] = {
    "msgType": "eventNotification",
    "version": "1.0",
    "timestamp": 1735725842310,
    "imsOrgId": "org-1",
    "provider": "message provider",
    "_eventNotificationMeta": {"category": "category-1", "type": "message code"},
    "value": RUN,
}
OF_MESSAGE: dict[str, Any] = {
    "event_code": "message code",
    "category": "category-1",
    "provider": "message provider",
    "sent_at": SENT,
}
CLOUD_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "type": "cloud code",
    "source": "urn:source",
    "id": "cloud id",
    "time": "2025-01-01T11:04:02.310+01:00",
    "data": RUN,
}
OF_CLOUD_EVENT: dict[str, Any] = {"event_id": "cloud id", "event_code": "cloud code", "sent_at": SENT}
EVENTBRIDGE: dict[str, Any] = {
    "version": "0",
    "id": "bridge id",
    "detail-type": "Provider: label:bridge code",
    "source": "aws.partner/developer.adobe.com/1",
    "time": "2025-01-01T10:04:03Z",
    "detail": RUN,
}
OF_EVENTBRIDGE: dict[str, Any] = {"event_code": "bridge code", "sent_at": LATER}
HEADERS: dict[str, Any] = {
    "x-adobe-event-code": "headers code",
    "x-adobe-event-id": "headers id",
    "x-adobe-provider": "headers provider",
    "x-adobe-retry-count": "1",
}
OF_HEADERS: dict[str, Any] = {
    "event_id": "headers id",
    "event_code": "headers code",
    "provider": "headers provider",
    "retry_count": 1,
}
ODD: tuple[Any, ...] = (None, 5, True, "", [], {}, [5])
"""Values that are of no use as a text."""

ODD_TIMES: tuple[Any, ...] = (None, "", 0, -1, "0", "yesterday", 5.5e30, True, [], {})
"""Values that are of no use as a time."""


def header(name: str) -> dict[str, Any]:
    """Return a record's header, or that beside a body."""
    return {"_adobeio": {"imsOrgId": "org-1", "providerMetadata": f"{name} provider", "eventCode": f"{name} code"}}


def combined(*details: dict[str, Any]) -> dict[str, Any]:
    """Return the details of several places, of which the last has the last word."""
    return {name: value for place in details for name, value in place.items()}


class TestEvent:
    """`{"event_id": …, "event": …}`, the documented success form."""

    @pytest.mark.parametrize("event_id", ["event_id", "eventid"])
    @pytest.mark.parametrize("client_id", ["recipient_client_id", "recipientclientid"])
    def test_spellings(self, event_id: str, client_id: str) -> None:
        """Adobe's old and new spellings are read."""
        assert delivery({event_id: "e-1", client_id: "c-1", "event": RUN}) == Delivery(
            event_id="e-1", recipient_client_id="c-1", path="event", wrappers=("event",)
        )

    @pytest.mark.parametrize("odd", ODD)
    def test_both_spellings(self, odd: object) -> None:
        """Of both spellings the new one counts, unless it is of no use."""
        old = {"event_id": "old", "recipient_client_id": "old", "event": RUN}
        place: dict[str, Any] = {"path": "event", "wrappers": ("event",)}
        assert delivery({**old, "eventid": "new", "recipientclientid": "new"}) == Delivery(
            event_id="new", recipient_client_id="new", **place
        )
        assert delivery({**old, "eventid": odd, "recipientclientid": odd}) == Delivery(
            event_id="old", recipient_client_id="old", **place
        )

    @pytest.mark.parametrize("odd", ODD)
    def test_unusable(self, odd: object) -> None:
        """A detail of no use is None, and never decides whether the run is read."""
        assert delivery({"event_id": odd, "recipient_client_id": odd, "position": odd, "event": RUN}) == Delivery(
            path="event", wrappers=("event",)
        )

    def test_journal_entry(self) -> None:
        """An entry of a journal without its page gives its position."""
        assert delivery({"position": "p-1", "event": {"event_id": "e-1", "event": RUN}}) == Delivery(
            event_id="e-1", position="p-1", path="event.event", wrappers=("event", "event")
        )


class TestBody:
    """`{"header": …, "body": …}`."""

    def test_in_an_event(self) -> None:
        """The header beside the body gives the event code and the provider."""
        assert delivery({"event_id": "e-1", "event": {"header": header("body"), "body": RUN}}) == Delivery(
            event_id="e-1",
            event_code="body code",
            provider="body provider",
            path="event.body",
            wrappers=("event", "body"),
        )

    def test_alone(self) -> None:
        """A body needs neither the event around it nor the header beside it, and may stand beside ids."""
        assert delivery({"body": RUN}) == Delivery(path="body", wrappers=("body",))
        assert delivery({"eventid": "e-1", "recipientclientid": "c-1", "body": RUN}) == Delivery(
            event_id="e-1", recipient_client_id="c-1", path="body", wrappers=("body",)
        )

    def test_around_a_cloud_event(self) -> None:
        """A body may be a CloudEvent, which is further in and so knows the event code better."""
        assert delivery({"event": {"header": header("body"), "body": CLOUD_EVENT}}) == Delivery(
            **OF_CLOUD_EVENT,
            provider="body provider",
            path="event.body.data",
            wrappers=("event", "body", "cloud_event"),
        )

    def test_beside_an_event(self) -> None:
        """In a journal entry with `body` beside `event`, the header in `event` is the record's."""
        entry = {"position": "p-1", "event": {"header": header("record")}, "body": RUN}
        wanted = Delivery(
            event_code="record code",
            provider="record provider",
            position="p-1",
            path="body",
            wrappers=("body",),
        )
        assert delivery(entry) == wanted
        assert delivery({"header": header("around"), **entry}).event_code in {"record code", "around code"}


class TestMessages:
    """`{"messages": [{…, "value": …}]}`, the documented failure form, and its older ones."""

    @pytest.mark.parametrize(
        ("payload", "path"),
        [
            ([{"messages": [MESSAGE]}], "[0].messages[0].value"),
            ({"messages": [MESSAGE]}, "messages[0].value"),
            ({"messages": MESSAGE}, "messages.value"),
            ([MESSAGE], "[0].value"),
            (MESSAGE, "value"),
        ],
        ids=["in a list", "object", "single message", "bare in a list", "bare"],
    )
    def test_forms(self, payload: Any, path: str) -> None:
        """Each form is one wrapper, the list around it included."""
        assert delivery(payload) == Delivery(**OF_MESSAGE, path=path, wrappers=("messages",))

    def test_several(self) -> None:
        """Each message has a place, and details of its own."""
        second = {**MESSAGE, "provider": "another", "timestamp": 1735725843}
        first_details: dict[str, Any] = {**OF_MESSAGE, "wrappers": ("messages",)}
        second_details: dict[str, Any] = {**first_details, "provider": "another", "sent_at": LATER}
        assert deliveries([{"messages": [MESSAGE, second]}, {"messages": [second]}, MESSAGE]) == [
            Delivery(**first_details, path="[0].messages[0].value"),
            Delivery(**second_details, path="[0].messages[1].value"),
            Delivery(**second_details, path="[1].messages[0].value"),
            Delivery(**first_details, path="[2].value"),
        ]

    @pytest.mark.parametrize(
        ("timestamp", "sent_at"),
        [
            ("1735725842310", SENT),
            (1735725842.31, SENT),
            ("2025-01-01T10:04:02.310Z", SENT),
            *((odd, None) for odd in ODD_TIMES),
        ],
    )
    def test_timestamp(self, timestamp: object, sent_at: datetime | None) -> None:
        """The timestamp is read as any time is; one that is of no use is None."""
        assert delivery({"timestamp": timestamp, "value": RUN}) == Delivery(
            sent_at=sent_at, path="value", wrappers=("messages",)
        )

    @pytest.mark.parametrize("odd", ODD)
    def test_unusable(self, odd: object) -> None:
        """A detail of no use is None, also where the object that should hold it is none."""
        plain = Delivery(path="messages[0].value", wrappers=("messages",))
        assert delivery({"messages": [{"provider": odd, "_eventNotificationMeta": odd, "value": RUN}]}) == plain
        assert (
            delivery({"messages": [{"_eventNotificationMeta": {"category": odd, "type": odd}, "value": RUN}]}) == plain
        )


class TestCloudEvent:
    """`{"specversion": "1.0", …, "data": …}`."""

    def test_details(self) -> None:
        """Its type is the event code, and its id stands in for the event id."""
        assert delivery(CLOUD_EVENT) == Delivery(**OF_CLOUD_EVENT, path="data", wrappers=("cloud_event",))

    def test_event_id(self) -> None:
        """Adobe's own event id counts before its id, wherever it stands."""
        beside = {**CLOUD_EVENT, "eventid": "e-1", "recipientclientid": "c-1"}
        details: dict[str, Any] = {**OF_CLOUD_EVENT, "event_id": "e-1"}
        assert delivery(beside) == Delivery(
            **details, recipient_client_id="c-1", path="data", wrappers=("cloud_event",)
        )
        assert delivery({"event_id": "e-1", "event": CLOUD_EVENT}) == Delivery(
            **details, path="event.data", wrappers=("event", "cloud_event")
        )
        assert delivery({**CLOUD_EVENT, "data": {"event_id": "e-1", "event": RUN}}) == Delivery(
            **details, path="data.event", wrappers=("cloud_event", "event")
        )

    @pytest.mark.parametrize(
        ("key", "data"),
        [
            ("data", json.dumps(RUN)),
            ("data", in_base64(RUN)),
            ("data_base64", in_base64(RUN)),
            ("data_base64", in_base64(RUN).rstrip("=")),
            ("data_base64", RUN),
        ],
    )
    def test_text(self, key: str, data: object) -> None:
        """Its data may be text or base64, with or without a content type."""
        event = {name: value for name, value in CLOUD_EVENT.items() if name != "data"} | {key: data}
        wanted = Delivery(**OF_CLOUD_EVENT, path=key, wrappers=("cloud_event",))
        assert delivery(event) == delivery({**event, "datacontenttype": "application/json"}) == wanted

    def test_list(self) -> None:
        """Its data may be a list."""
        assert deliveries({**CLOUD_EVENT, "data": [RUN, MESSAGE]}) == [
            Delivery(**OF_CLOUD_EVENT, path="data[0]", wrappers=("cloud_event", "list")),
            Delivery(
                **combined(OF_CLOUD_EVENT, OF_MESSAGE), path="data[1].value", wrappers=("cloud_event", "messages")
            ),
        ]

    def test_mark(self) -> None:
        """With any `specversion` it is a CloudEvent; without one it is an object to be searched."""
        assert delivery({"specversion": None, "data": RUN}) == Delivery(path="data", wrappers=("cloud_event",))
        assert delivery({"type": "t", "data": RUN}) == Delivery(path="data", wrappers=("other",))


class TestEventBridge:
    """`{"detail-type": …, "detail": …}`, an event of Amazon EventBridge."""

    @pytest.mark.parametrize(
        ("label", "code"),
        [("Provider: label:bridge code", "bridge code"), ("code", "code"), ("label:", None), *((o, None) for o in ODD)],
    )
    def test_details(self, label: object, code: str | None) -> None:
        """The text behind the last colon of its label is the event code; its id is EventBridge's own."""
        assert delivery({**EVENTBRIDGE, "detail-type": label}) == Delivery(
            event_code=code, sent_at=LATER, path="detail", wrappers=("eventbridge",)
        )

    def test_around_an_event(self) -> None:
        """It may hold any other wrapper."""
        detail = {"event_id": "e-1", "event": {"header": header("body"), "body": RUN}}
        assert delivery({**EVENTBRIDGE, "detail": detail}) == Delivery(
            event_id="e-1",
            event_code="body code",
            provider="body provider",
            sent_at=LATER,
            path="detail.event.body",
            wrappers=("eventbridge", "event", "body"),
        )

    def test_mark(self) -> None:
        """Without `detail-type` it is an object to be searched."""
        assert delivery({"detail": RUN}) == Delivery(path="detail", wrappers=("other",))


class TestJournal:
    """`{"events": [{"position": …, "event": …}], "_page": …}`, a page of the journal."""

    def test_entries(self) -> None:
        """Each entry gives its position, and holds anything that a webhook would get."""
        entries = [
            {"position": "p-1", "event": RUN},
            {"position": "p-2", "event": {"event_id": "e-2", "event": RUN}},
            {"position": "p-3", "event": {**CLOUD_EVENT, "data": [{"messages": [MESSAGE]}]}},
            {"position": "p-4", "event": {"header": header("record")}, "body": RUN},
            {"position": "p-5", "event": json.dumps(RUN)},
        ]
        assert deliveries({"events": entries, "_page": {"last": "p-5", "count": 5}}) == [
            Delivery(position="p-1", path="events[0].event", wrappers=("journal",)),
            Delivery(event_id="e-2", position="p-2", path="events[1].event.event", wrappers=("journal", "event")),
            Delivery(
                **combined(OF_CLOUD_EVENT, OF_MESSAGE),
                position="p-3",
                path="events[2].event.data[0].messages[0].value",
                wrappers=("journal", "cloud_event", "messages"),
            ),
            Delivery(
                event_code="record code",
                provider="record provider",
                position="p-4",
                path="events[3].body",
                wrappers=("journal", "body"),
            ),
            Delivery(position="p-5", path="events[4].event", wrappers=("journal",)),
        ]

    def test_single_entry(self) -> None:
        """A single entry need not stand in a list."""
        assert delivery({"events": {"position": "p-1", "event": RUN}}) == Delivery(
            position="p-1", path="events.event", wrappers=("journal",)
        )

    def test_other_products(self) -> None:
        """Entries of other products are other messages, each in its place and with its position."""
        page = {"events": [{"position": "p-1", "event": {"@type": "xdmCreated"}}, {"position": "p-2", "event": RUN}]}
        result = read(page)
        assert [item.delivery for item in result.items] == [
            Delivery(position="p-1", path="events[0].event", wrappers=("journal",)),
            Delivery(position="p-2", path="events[1].event", wrappers=("journal",)),
        ]
        assert [other.content for other in result.others] == [{"@type": "xdmCreated"}]


class TestApiList:
    """`{"items": […], "_links": …}`, an answer of the Flow Service API."""

    @pytest.mark.parametrize("links", [{}, {"_links": {}, "count": 2}])
    def test_items(self, links: dict[str, Any]) -> None:
        """Each item is a run, or wraps one; it gives no details."""
        assert deliveries({"items": [RUN, [RUN], {"event": RUN}], **links}) == [
            Delivery(path="items[0]", wrappers=("api_list",)),
            Delivery(path="items[1][0]", wrappers=("api_list", "list")),
            Delivery(path="items[2].event", wrappers=("api_list", "event")),
        ]


def test_list() -> None:
    """`[…]` is a wrapper, but for the one in which messages stand."""
    assert deliveries([RUN, {"event_id": "e-1", "event": RUN}, [[RUN]], [MESSAGE], [{"messages": [MESSAGE]}]]) == [
        Delivery(path="[0]", wrappers=("list",)),
        Delivery(event_id="e-1", path="[1].event", wrappers=("list", "event")),
        Delivery(path="[2][0][0]", wrappers=("list", "list", "list")),
        Delivery(**OF_MESSAGE, path="[3][0].value", wrappers=("list", "messages")),
        Delivery(**OF_MESSAGE, path="[4][0].messages[0].value", wrappers=("list", "messages")),
    ]


HTTP: dict[str, Nest] = {
    "beside a body": lambda headers: {"headers": headers, "body": RUN},
    "beside a text": lambda headers: {"headers": headers, "body": json.dumps(RUN), "isBase64Encoded": False},
    "beside base64": lambda headers: {"headers": headers, "body": in_base64(RUN), "isBase64Encoded": True},
    "of a web action": lambda headers: {"__ow_method": "post", "__ow_headers": headers, "__ow_body": in_base64(RUN)},
    "of an action": lambda headers: {"__adobe_headers": headers, "event": RUN},
    "beside something unknown": lambda headers: {"headers": headers, "content": json.dumps(RUN)},
}
"""HTTP headers beside something that holds a run."""


SPELL: list[Nest] = [
    lambda headers: headers,
    lambda headers: {name.title(): value for name, value in headers.items()},
    lambda headers: {name.upper(): [value, "other"] for name, value in headers.items()},
    lambda headers: {"content-type": "application/json", "x-other": 5, **headers},
]
"""Ways to spell HTTP headers."""


ODD_HEADERS: list[Any] = [*ODD, dict.fromkeys(HEADERS), dict.fromkeys(HEADERS, ""), {name: [] for name in HEADERS}]


class TestHttpHeaders:
    """HTTP headers that are kept beside an opened key."""

    @pytest.mark.parametrize("wrap", HTTP.values(), ids=HTTP.keys())
    @pytest.mark.parametrize(
        "spell",
        SPELL,
        ids=["plain", "title case", "upper case, lists", "among others"],
    )
    def test_details(self, wrap: Nest, spell: Nest) -> None:
        """Their letter case does not matter, and of a list of values the first counts."""
        got = delivery(wrap(spell(HEADERS)))
        assert got == Delivery(**OF_HEADERS, path=got.path, wrappers=got.wrappers)

    @pytest.mark.parametrize("wrap", HTTP.values(), ids=HTTP.keys())
    @pytest.mark.parametrize("odd", ODD_HEADERS)
    def test_unusable(self, wrap: Nest, odd: object) -> None:
        """Headers of another shape give nothing, and cost nothing."""
        got = delivery(wrap(odd))
        assert got == Delivery(path=got.path, wrappers=got.wrappers)

    @pytest.mark.parametrize(("count", "read_as"), [("0", 0), (2, 2), ("-1", None), ("many", None), (True, None)])
    def test_retry_count(self, count: object, read_as: int | None) -> None:
        """The number of retries is a count."""
        got = delivery({"headers": {"x-adobe-retry-count": count}, "body": RUN})
        assert got == Delivery(retry_count=read_as, path="body", wrappers=("body",))

    def test_ids(self) -> None:
        """Their event id counts only where there is none in the payload; the innermost stands in for it."""
        assert delivery({"headers": HEADERS, "body": {"event_id": "e-1", "event": RUN}}).event_id == "e-1"
        assert delivery({"headers": HEADERS, "body": CLOUD_EVENT}).event_id == "cloud id"
        assert delivery({**CLOUD_EVENT, "data": {"headers": HEADERS, "body": RUN}}).event_id == "headers id"


ACTION: dict[str, Any] = {
    "SLACK_WEBHOOK_URL": "https://secret",
    "LOG_LEVEL": "debug",
    "__ow_method": "post",
    "__ow_path": "",
    "url": 5,
    "params": "secret",
}
"""Inputs of a Runtime action, and what Runtime adds to them."""


BESIDE: list[tuple[dict[str, Any], Delivery]] = [
    (
        {"event_id": "e-1", "event": RUN},
        Delivery(**combined(OF_HEADERS, {"event_id": "e-1"}), path="event", wrappers=("runtime", "event")),
    ),
    (
        CLOUD_EVENT,
        Delivery(**combined(OF_HEADERS, OF_CLOUD_EVENT), path="data", wrappers=("runtime", "cloud_event")),
    ),
    (
        {"messages": [MESSAGE]},
        Delivery(**combined(OF_HEADERS, OF_MESSAGE), path="messages[0].value", wrappers=("runtime", "messages")),
    ),
    (MESSAGE, Delivery(**combined(OF_HEADERS, OF_MESSAGE), path="value", wrappers=("runtime", "messages"))),
    (
        EVENTBRIDGE,
        Delivery(**combined(OF_HEADERS, OF_EVENTBRIDGE), path="detail", wrappers=("runtime", "eventbridge")),
    ),
    (
        {"events": [{"position": "p-1", "event": RUN}]},
        Delivery(**OF_HEADERS, position="p-1", path="events[0].event", wrappers=("runtime", "journal")),
    ),
    (
        {"items": [RUN], "_links": {}},
        Delivery(**OF_HEADERS, path="items[0]", wrappers=("runtime", "api_list")),
    ),
    (
        {"header": header("body"), "body": RUN},
        Delivery(**combined(OF_HEADERS, {"event_code": "body code"}), path="body", wrappers=("runtime", "body")),
    ),
    ({"__ow_body": in_base64(RUN)}, Delivery(**OF_HEADERS, path="__ow_body", wrappers=("runtime",))),
    ({"unknown": RUN}, Delivery(**OF_HEADERS, path="unknown", wrappers=("runtime", "other"))),
]
"""Wrappers that Runtime's headers may stand beside, and how the run came then."""


class TestRuntime:
    """Parameters of an Adobe I/O Runtime action."""

    @pytest.mark.parametrize("at_the_top", [True, False])
    def test_bare_run(self, at_the_top: bool) -> None:
        """Headers beside a bare run are not part of it, at the top level or under their key."""
        headers = HEADERS if at_the_top else {"__adobe_headers": HEADERS}
        run = parse({**RUN, **headers})
        assert (run.delivery, run.model_extra, run.to_payload()) == (
            Delivery(**OF_HEADERS, wrappers=("runtime",)),
            {},
            RUN,
        )
        assert delivery({**headers, **RUN}) == run.delivery

    @pytest.mark.parametrize(
        "headers", [HEADERS, {"__adobe_headers": HEADERS}, {"__ow_headers": {}}, {}, {"X-Adobe-Other": "x"}]
    )
    def test_inputs(self, headers: dict[str, Any]) -> None:
        """Inputs of the action, which may be secrets, never enter the run, nor do they break it."""
        sound = {**RUN, "flowName": "Orders", "sandboxName": "prod"}
        for payload in ({**sound, **headers, **ACTION}, {**ACTION, **headers, **sound}):
            (run,) = read(payload).runs
            assert (run.to_payload(), run.model_extra) == (sound, {})
            assert "secret" not in run.model_dump_json() + repr(run)

    def test_inputs_of_a_broken_run(self) -> None:
        """A wrong value within the record itself is still reported, and so is a wrong id."""
        payload = {**RUN, **ACTION, "metrics": {"sizeSummary": {"inputBytes": "x"}}}
        assert [[problem.path for problem in error.problems] for error in read(payload).errors] == [
            ["metrics.sizeSummary.inputBytes"]
        ]
        (error,) = read({**RUN, **ACTION, "id": 5}).errors
        assert [problem.path for problem in error.problems] == ["id"]

    def test_unknown_keys_without_parameters(self) -> None:
        """Without any parameter of Runtime's an unknown key is kept as always."""
        assert parse({**RUN, "LOG_LEVEL": "debug"}).model_extra == {"LOG_LEVEL": "debug"}

    @pytest.mark.parametrize(
        ("node", "wanted"),
        BESIDE,
        ids=[
            "event",
            "CloudEvent",
            "messages",
            "message",
            "EventBridge",
            "journal",
            "API list",
            "body",
            "raw",
            "unknown",
        ],
    )
    def test_beside_a_wrapper(self, node: dict[str, Any], wanted: Delivery) -> None:
        """Headers may stand beside the key of any wrapper, and are further out than it."""
        assert delivery({**node, "__adobe_headers": HEADERS}) == wanted
        assert delivery({"__adobe_headers": HEADERS, **node}) == wanted
        assert delivery({**HEADERS, **node}) == wanted

    def test_further_in(self) -> None:
        """They may stand further in, and then count before those around them."""
        outer = dict.fromkeys(HEADERS, "outer")
        inside = {"__adobe_headers": outer, "event": {"event": RUN, "__adobe_headers": HEADERS}, "event_id": "e-1"}
        assert delivery(inside) == Delivery(
            **combined(OF_HEADERS, {"event_id": "e-1"}),
            path="event.event",
            wrappers=("runtime", "event", "runtime", "event"),
        )
        assert delivery({"items": [{**RUN, "__adobe_headers": HEADERS}], "_links": {}}) == Delivery(
            **OF_HEADERS, path="items[0]", wrappers=("api_list", "runtime")
        )

    @pytest.mark.parametrize(
        "body", [in_base64(RUN), json.dumps(RUN), "\ufeff" + json.dumps(RUN), json.dumps(RUN, indent=2), RUN]
    )
    def test_raw_body(self, body: object) -> None:
        """The raw body of a web action is base64, text, or decoded already."""
        assert delivery({"__ow_method": "post", "__ow_headers": HEADERS, "__ow_body": body}) == Delivery(
            **OF_HEADERS, path="__ow_body", wrappers=("runtime",)
        )

    def test_batch_in_a_raw_body(self) -> None:
        """A raw body holds anything."""
        inner = {"__ow_body": json.dumps({"__ow_body": in_base64(MESSAGE)})}
        batch = [RUN, {"events": [{"position": "p-1", "event": RUN}]}, inner]
        assert deliveries({"__ow_body": in_base64(batch)}) == [
            Delivery(path="__ow_body[0]", wrappers=("runtime", "list")),
            Delivery(position="p-1", path="__ow_body[1].events[0].event", wrappers=("runtime", "list", "journal")),
            Delivery(
                **OF_MESSAGE,
                path="__ow_body[2].__ow_body.__ow_body.value",
                wrappers=("runtime", "list", "runtime", "runtime", "messages"),
            ),
        ]

    def test_body_merged_into_the_parameters(self) -> None:
        """A web action that is not raw has the body's keys among its parameters."""
        payload = {"__ow_headers": HEADERS, "__ow_method": "post", "__ow_path": "", "event_id": "e-1", "event": RUN}
        assert delivery(payload) == Delivery(
            **combined(OF_HEADERS, {"event_id": "e-1"}), path="event", wrappers=("runtime", "event")
        )
        assert delivery({**RUN, **payload} | {"event": None, "event_id": None}) == Delivery(
            **OF_HEADERS, wrappers=("runtime",)
        )


SAME_KIND: dict[str, tuple[Callable[[str, Any], Any], frozenset[str], frozenset[str]]] = {
    "event": (
        lambda name, node: {"event_id": name, "recipientclientid": name, "position": name, "event": node},
        frozenset({"position"}),
        frozenset({"event_id", "recipient_client_id"}),
    ),
    "message": (
        lambda name, node: {
            "provider": name,
            "_eventNotificationMeta": {"category": name, "type": name},
            "value": node,
        },
        frozenset({"event_code", "category", "provider"}),
        frozenset(),
    ),
    "CloudEvent": (
        lambda name, node: {"specversion": "1.0", "id": name, "eventid": name, "type": name, "data": node},
        frozenset({"event_code"}),
        frozenset({"event_id"}),
    ),
    "CloudEvent without event id": (
        lambda name, node: {"specversion": "1.0", "id": name, "type": name, "data": node},
        frozenset({"event_code", "event_id"}),
        frozenset(),
    ),
    "EventBridge": (
        lambda name, node: {"detail-type": f"l:{name}", "detail": node},
        frozenset({"event_code"}),
        frozenset(),
    ),
    "journal": (
        lambda name, node: {"events": [{"position": name, "event": node}]},
        frozenset({"position"}),
        frozenset(),
    ),
    "body": (
        lambda name, node: {
            "eventid": name,
            "recipient_client_id": name,
            "header": {"_adobeio": {"eventCode": name, "providerMetadata": name}},
            "body": node,
        },
        frozenset({"event_code", "provider"}),
        frozenset({"event_id", "recipient_client_id"}),
    ),
    "HTTP": (
        lambda name, node: {
            "headers": {"x-adobe-event-code": name, "x-adobe-event-id": name, "x-adobe-provider": name},
            "body": node,
        },
        frozenset({"event_code", "event_id", "provider"}),
        frozenset(),
    ),
}
"""Wrappers that give a name as each detail that they can; which details the inner one decides, and which the outer."""


AROUND: list[tuple[Nest, str]] = [
    (lambda node: {**MESSAGE, "value": node}, "message provider"),
    (lambda node: {"headers": HEADERS, "body": node}, "headers provider"),
    (lambda node: {"header": header("around"), "body": node}, "record provider"),
    (lambda node: {"headers": HEADERS, "body": {**MESSAGE, "value": node}}, "message provider"),
    (lambda node: {**MESSAGE, "value": {"headers": HEADERS, "body": node}}, "message provider"),
    (lambda node: {"event": node}, "record provider"),
]
"""Wrappers, and the provider that counts."""


class TestPrecedence:
    """Several places that give the same detail."""

    @pytest.mark.parametrize("kind", SAME_KIND)
    def test_same_kind(self, kind: str) -> None:
        """Of two wrappers of a kind the outer one gives Adobe's ids, the inner one everything else."""
        wrap, by_inner, by_outer = SAME_KIND[kind]
        got = delivery(wrap("outer", wrap("inner", RUN))).model_dump(exclude={"path", "wrappers"}, exclude_none=True)
        assert got == {**dict.fromkeys(by_inner, "inner"), **dict.fromkeys(by_outer, "outer")}

    @pytest.mark.parametrize("outer", SAME_KIND)
    @pytest.mark.parametrize("inner", SAME_KIND)
    def test_different_kinds(self, outer: str, inner: str) -> None:
        """So it is with two wrappers of different kinds: depth counts, not kind, but for the provider."""
        wrap_outer, outer_1, outer_2 = SAME_KIND[outer]
        wrap_inner, inner_1, inner_2 = SAME_KIND[inner]
        got = delivery(wrap_outer("outer", wrap_inner("inner", RUN)))
        gives_outer, gives_inner = outer_1 | outer_2, inner_1 | inner_2
        for detail in ("event_code", "category", "position"):
            assert getattr(got, detail) == (
                "inner" if detail in gives_inner else "outer" if detail in gives_outer else None
            )
        for detail in ("event_id", "recipient_client_id"):
            order = (("outer", outer_2), ("inner", inner_2), ("inner", inner_1), ("outer", outer_1))
            assert getattr(got, detail) == next((name for name, gives in order if detail in gives), None)

    @pytest.mark.parametrize(
        "spoofed",
        [{"event_id": "inner"}, {"eventid": "inner"}, {"recipient_client_id": "inner"}, {"recipientclientid": "inner"}],
    )
    def test_spoofed_ids(self, spoofed: dict[str, str]) -> None:
        """An id that the publisher puts further in never replaces one of Adobe's, whatever the spellings."""
        for outer in ({"event_id": "e", "recipient_client_id": "c"}, {"eventid": "e", "recipientclientid": "c"}):
            got = delivery({**outer, "event": {**spoofed, "event": {**spoofed, "body": RUN}}})
            assert (got.event_id, got.recipient_client_id) == ("e", "c")

    @pytest.mark.parametrize("odd", ODD)
    def test_empty_is_absent(self, odd: object) -> None:
        """A detail that the outermost, or the innermost, gives in no usable form is left to the other."""
        assert delivery({"event_id": odd, "event": {"event_id": "inner", "event": RUN}}).event_id == "inner"
        message = {"provider": odd, "_eventNotificationMeta": odd, "timestamp": odd if odd != 5 else None, "value": RUN}
        assert delivery({**MESSAGE, "value": message}) == Delivery(
            **OF_MESSAGE, path="value.value", wrappers=("messages", "messages")
        )
        record = {**RUN, "header": {"_adobeio": {"eventCode": odd, "providerMetadata": odd}}}
        assert delivery({**CLOUD_EVENT, "data": record}).event_code == "cloud code"

    @pytest.mark.parametrize(
        ("around", "provider"),
        AROUND,
        ids=["message", "HTTP", "header", "message in HTTP", "HTTP in message", "none"],
    )
    def test_provider(self, around: Nest, provider: str) -> None:
        """The provider is the message's, else that of the headers, else that of the record's header."""
        got = delivery(around({**RUN, "header": header("record")}))
        assert (got.provider, got.event_code) == (provider, "record code")

    def test_record_is_innermost(self) -> None:
        """The record's own header has the last word on the event code, however many wrappers give one."""
        payload: Any = {**RUN, "header": header("record")}
        around: list[Nest] = [
            lambda node: {"header": header("body"), "body": node},
            lambda node: {**MESSAGE, "value": node},
            lambda node: {**CLOUD_EVENT, "data": node},
            lambda node: {"headers": HEADERS, "body": json.dumps(node)},
            lambda node: {**EVENTBRIDGE, "detail": node},
        ]
        for wrap in around:
            payload = wrap(payload)
            assert delivery(payload).event_code == "record code"


def test_other_messages_have_a_delivery() -> None:
    """Other messages and broken runs tell how they came, too."""
    alert: dict[str, Any] = {"status": "FIRING", "header": header("alert")}
    broken: dict[str, Any] = {**RUN, "createdAt": "soon"}
    for inside in (alert, broken):
        (item,) = parse_all({"event_id": "e-1", "event": {**MESSAGE, "value": inside}}).items
        code = "alert code" if inside is alert else "message code"
        assert item.delivery == Delivery(
            **combined(OF_MESSAGE, {"event_code": code}),
            event_id="e-1",
            path="event.value",
            wrappers=("event", "messages"),
        )
    assert found({"event": alert}) == [("alert", "event")]


class TestDetails:
    """The functions that read and merge details."""

    def test_read(self) -> None:
        """Of several places of a detail the first that holds it counts."""
        paths = (("event_id", ("a",)), ("event_id", ("b", "c")), ("sent_at", ("d",)))
        assert read_details(paths, {"a": None, "b": {"c": "e-1"}, "d": "soon"}) == {"event_id": "e-1"}
        assert read_details(paths, {"a": "e-2", "b": 5, "d": 1735725843}) == {"event_id": "e-2", "sent_at": LATER}

    def test_read_headers(self) -> None:
        """Headers at the top level do not replace those under a key."""
        assert read_http_details({"headers": {"X-Adobe-Event-Code": "a"}, "x-adobe-event-code": "b"}) == {
            "event_code": "a"
        }

    def test_merge(self) -> None:
        """Details are merged by depth, and the input is not changed."""
        outer, inner = {"event_id": "o", "category": "o"}, {"event_id": "i", "category": "i", "position": "i"}
        assert merge_details(outer, inner) == {"event_id": "o", "category": "i", "position": "i"}
        assert (outer, inner) == (
            {"event_id": "o", "category": "o"},
            {"event_id": "i", "category": "i", "position": "i"},
        )
        assert merge_details(outer, {}) is outer
