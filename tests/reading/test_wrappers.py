"""What `flowrun_notifications.wrappers` promises."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from flowrun_notifications import Delivery, NotAFlowRunError, RunCountError, parse, parse_all
from flowrun_notifications.wrappers import WRAPPERS, Found, find

Nest = Callable[[Any], Any]
"""Puts something into a wrapper."""

UTC = timezone.utc
LATER = datetime(2025, 1, 1, 10, 4, 3, tzinfo=UTC)
RUN: dict[str, Any] = {"id": "r-1", "flowId": "f-1"}
"""The least that a run says."""

MESSAGE: dict[str, Any] = {
    "msgType": "eventNotification",
    "version": "1.0",
    "timestamp": 1735725842310,
    "imsOrgId": "org-1",
    "provider": "message provider",
    "_eventNotificationMeta": {"category": "category-1", "type": "message code"},
    "value": RUN,
}
MESSAGE_SAYS: dict[str, Any] = {
    "event_code": "message code",
    "category": "category-1",
    "provider": "message provider",
    "sent_at": datetime(2025, 1, 1, 10, 4, 2, 310_000, tzinfo=UTC),
}
CLOUD_EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "type": "cloud code",
    "source": "urn:source",
    "id": "cloud id",
    "time": "2025-01-01T11:04:02.310+01:00",
    "data": RUN,
}
CLOUD_EVENT_SAYS: dict[str, Any] = {
    "event_id": "cloud id",
    "event_code": "cloud code",
    "sent_at": datetime(2025, 1, 1, 10, 4, 2, 310_000, tzinfo=UTC),
}
EVENTBRIDGE: dict[str, Any] = {
    "version": "0",
    "id": "bridge id",
    "detail-type": "Provider: label:bridge code",
    "source": "aws.partner/developer.adobe.com/1",
    "time": "2025-01-01T10:04:02Z",
    "detail": RUN,
}
EVENTBRIDGE_SAYS: dict[str, Any] = {
    "event_code": "bridge code",
    "sent_at": datetime(2025, 1, 1, 10, 4, 2, tzinfo=UTC),
}
HEADERS: dict[str, Any] = {
    "x-adobe-event-code": "headers code",
    "x-adobe-event-id": "headers id",
    "x-adobe-provider": "headers provider",
    "x-adobe-retry-count": "1",
}
HEADERS_SAY: dict[str, Any] = {
    "event_id": "headers id",
    "event_code": "headers code",
    "provider": "headers provider",
}


def header(code: str) -> dict[str, Any]:
    """A record's header, or that beside a body."""
    return {"_adobeio": {"imsOrgId": "org-1", "providerMetadata": f"{code} provider", "eventCode": f"{code} code"}}


def deliveries(payload: Any) -> list[Delivery]:
    """How each run in a payload came; in one pass, where that reads it, as in general."""
    runs = parse_all(payload).runs
    general = [found.delivery() for found in find(payload) if found.is_run]
    assert [run.delivery for run in runs] == general
    return general


def delivery(payload: Any) -> Delivery:
    """How the one run in a payload came."""
    (only,) = deliveries(payload)
    assert parse(payload).delivery == only
    return only


def skipped(payload: Any) -> list[tuple[str, str, str]]:
    """The kind, place and message of each thing in a payload that is no run."""
    return [(error.kind, error.path, str(error)) for error in parse_all(payload).skipped]


def other(where: str, why: str) -> tuple[str, str, str]:
    """As `skipped` gives it."""
    return "other", where, f"not a flow run{' at ' if where else ''}{where}: {why}"


def in_event(node: Any) -> dict[str, Any]:
    """Something in an event that says nothing."""
    return {"event": node}


def nested(depth: int, nest: Nest, node: Any) -> Any:
    """Something in as many wrappers of a kind."""
    for _ in range(depth):
        node = nest(node)
    return node


def both(*says: dict[str, Any]) -> dict[str, Any]:
    """What several places say of a delivery; the last has the last word."""
    return {detail: value for said in says for detail, value in said.items()}


def as_base64(payload: Any) -> str:
    """A payload as the body of a Runtime web action."""
    return base64.b64encode(json.dumps(payload).encode()).decode()


NO_RUN = "it has neither metrics nor flowId; its keys are"


class TestBareRun:
    """A record without a wrapper."""

    def test_bare(self) -> None:
        """Nothing is known of how it came."""
        assert delivery(RUN) == Delivery()

    def test_header(self) -> None:
        """Its own header says the event code and the provider."""
        assert delivery({**RUN, "header": header("record")}) == Delivery(
            event_code="record code", provider="record provider"
        )

    @pytest.mark.parametrize(
        "odd",
        [
            None,
            5,
            "text",
            [],
            {},
            {"_adobeio": None},
            {"_adobeio": 5},
            {"_adobeio": []},
            {"other": {}},
            {"event_id": "e-1", "provider": "p"},
        ],
    )
    def test_odd_header(self, odd: object) -> None:
        """A header of another shape says nothing, and costs nothing."""
        assert delivery({**RUN, "header": odd}) == Delivery()

    def test_unusable_detail_of_the_header(self) -> None:
        """An unusable detail is None; the others count."""
        assert delivery({**RUN, "header": {"_adobeio": {"eventCode": 5, "providerMetadata": "p"}}}) == Delivery(
            provider="p"
        )

    @pytest.mark.parametrize("key", ["flowId", "metrics", "xdm:flowId", "xdm:metrics"])
    def test_what_makes_a_record(self, key: str) -> None:
        """Any of these keys makes an object a run, whatever their values and whatever wrapper it looks like."""
        node = {key: None, "event": RUN, "messages": [MESSAGE], "value": RUN, "body": RUN, "__ow_body": "{}"}
        assert find(node) == [Found(node, "", (), {}, is_run=True)]


class TestEvent:
    """`{"event_id": …, "event": …}`, the documented success form."""

    @pytest.mark.parametrize("event_id", ["event_id", "eventid"])
    @pytest.mark.parametrize("client_id", ["recipient_client_id", "recipientclientid"])
    def test_spellings(self, event_id: str, client_id: str) -> None:
        """Old and new spellings say the same."""
        assert delivery({event_id: "e-1", client_id: "c-1", "event": RUN}) == Delivery(
            event_id="e-1", recipient_client_id="c-1", path="event", wrappers=("event",)
        )

    def test_both_spellings(self) -> None:
        """Of both spellings the new one, which is to stay, counts."""
        event = {"event_id": "old", "eventid": "new", "recipient_client_id": "old", "recipientclientid": "new"}
        assert delivery({**event, "event": RUN}) == Delivery(
            event_id="new", recipient_client_id="new", path="event", wrappers=("event",)
        )

    @pytest.mark.parametrize("odd", [None, 5, True, [], {}])
    def test_unusable_details(self, odd: object) -> None:
        """A detail that is no text is None, and never decides whether the run is read."""
        assert delivery({"event_id": odd, "recipient_client_id": odd, "event": RUN}) == Delivery(
            path="event", wrappers=("event",)
        )

    def test_header_and_body(self) -> None:
        """Inside there may be a header and a body, which is a wrapper of its own."""
        assert delivery({"event_id": "e-1", "event": {"header": header("body"), "body": RUN}}) == Delivery(
            event_id="e-1",
            event_code="body code",
            provider="body provider",
            path="event.body",
            wrappers=("event", "body"),
        )

    def test_body_alone(self) -> None:
        """A body needs neither the event around it nor the header beside it."""
        assert delivery({"body": RUN}) == Delivery(path="body", wrappers=("body",))

    def test_body_of_a_cloud_event(self) -> None:
        """A body may be a CloudEvent, and its header knows the event code better."""
        assert delivery({"event": {"header": header("body"), "body": CLOUD_EVENT}}) == Delivery(
            **both(CLOUD_EVENT_SAYS, {"event_code": "body code", "provider": "body provider"}),
            path="event.body.data",
            wrappers=("event", "body", "cloud_event"),
        )

    @pytest.mark.parametrize("inside", [None, 5, "text", True])
    def test_nothing_inside(self, inside: object) -> None:
        """What holds neither an object nor a list under the key is no event."""
        assert skipped({"event": inside}) == [other("", f"{NO_RUN} 'event'")]


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
        assert delivery(payload) == Delivery(**MESSAGE_SAYS, path=path, wrappers=("messages",))

    def test_several(self) -> None:
        """Each message has a place, and says its own."""
        second = {**MESSAGE, "provider": "another", "timestamp": 1735725842}
        says: dict[str, Any] = {**MESSAGE_SAYS, "wrappers": ("messages",)}
        seconds = both(says, {"provider": "another", "sent_at": datetime(2025, 1, 1, 10, 4, 2, tzinfo=UTC)})
        assert deliveries([{"messages": [MESSAGE, second]}, {"messages": [second]}, MESSAGE]) == [
            Delivery(**says, path="[0].messages[0].value"),
            Delivery(**seconds, path="[0].messages[1].value"),
            Delivery(**seconds, path="[1].messages[0].value"),
            Delivery(**says, path="[2].value"),
        ]

    def test_timestamp_as_text(self) -> None:
        """The timestamp may be the text of a number."""
        assert delivery({**MESSAGE, "timestamp": "1735725842310"}) == Delivery(
            **MESSAGE_SAYS, path="value", wrappers=("messages",)
        )

    def test_bare_message_without_details(self) -> None:
        """A lone value is a message too."""
        assert delivery({"value": RUN}) == Delivery(path="value", wrappers=("messages",))

    @pytest.mark.parametrize("odd", [None, "", "yesterday", [], {}])
    def test_details_of_the_outer_wrapper(self, odd: object) -> None:
        """Where a detail is null or unusable, the wrapper around the message has the last word."""
        message = {"timestamp": odd, "provider": [odd], "_eventNotificationMeta": odd, "value": RUN}
        says: dict[str, Any] = {**EVENTBRIDGE_SAYS, "path": "detail.value", "wrappers": ("eventbridge", "messages")}
        assert delivery({**EVENTBRIDGE, "detail": message}) == Delivery(**says)

    @pytest.mark.parametrize("odd", [5.5e30, True, "yesterday", [], {}])
    def test_unusable_details(self, odd: object) -> None:
        """A detail that is unusable is None, and never decides whether the run is read."""
        message = {"timestamp": odd, "provider": [odd], "_eventNotificationMeta": odd, "value": RUN}
        assert delivery({"messages": [message]}) == Delivery(path="messages[0].value", wrappers=("messages",))

    def test_empty(self) -> None:
        """No messages are no runs."""
        empty: dict[str, Any] = {"messages": []}
        assert find(empty) == find([empty, empty]) == []

    def test_entries_that_are_no_messages(self) -> None:
        """What stands between the messages without being one is judged by itself."""
        assert deliveries({"messages": [RUN, 5, MESSAGE]}) == [
            Delivery(path="messages[0]", wrappers=("messages",)),
            Delivery(**MESSAGE_SAYS, path="messages[2].value", wrappers=("messages",)),
        ]
        assert skipped({"messages": [RUN, 5, {"value": 7}, MESSAGE]}) == [
            other("messages[1]", "a number is neither a record nor a wrapper"),
            other("messages[2]", f"{NO_RUN} 'value'"),
        ]


class TestList:
    """`[…]`, a webhook's batch, or a list of anything."""

    def test_batch(self) -> None:
        """Each delivery in it has a place."""
        assert deliveries([RUN, {"event_id": "e-1", "event": RUN}, CLOUD_EVENT]) == [
            Delivery(path="[0]", wrappers=("list",)),
            Delivery(event_id="e-1", path="[1].event", wrappers=("list", "event")),
            Delivery(**CLOUD_EVENT_SAYS, path="[2].data", wrappers=("list", "cloud_event")),
        ]

    def test_lists_in_lists(self) -> None:
        """Lists nest, and only the one that messages stand in belongs to them."""
        assert deliveries([[RUN], [[RUN]], [MESSAGE], [{"messages": [MESSAGE]}]]) == [
            Delivery(path="[0][0]", wrappers=("list", "list")),
            Delivery(path="[1][0][0]", wrappers=("list", "list", "list")),
            Delivery(**MESSAGE_SAYS, path="[2][0].value", wrappers=("list", "messages")),
            Delivery(**MESSAGE_SAYS, path="[3][0].messages[0].value", wrappers=("list", "messages")),
        ]

    def test_anything(self) -> None:
        """Whatever else stands in it is told apart, each in its place."""
        assert skipped([1, "t", None, True, 1.5, {}, RUN, [0], {"event": {"x": 1}}]) == [
            other("[0]", "a number is neither a record nor a wrapper"),
            other("[1]", "it is text; where that holds JSON in its turn, decode it once more"),
            other("[2]", "null is neither a record nor a wrapper"),
            other("[3]", "true or false is neither a record nor a wrapper"),
            other("[4]", "a number is neither a record nor a wrapper"),
            other("[5]", "it has neither metrics nor flowId; it is an empty object"),
            other("[7][0]", "a number is neither a record nor a wrapper"),
            other("[8].event", f"{NO_RUN} 'x'"),
        ]

    @pytest.mark.parametrize("empty", ["[]", "[[]]", "[[], [[]]]", '{"event": []}'])
    def test_empty(self, empty: str) -> None:
        """An empty list, within others even, holds nothing."""
        assert find(json.loads(empty)) == []
        with pytest.raises(RunCountError):
            parse(empty)


class TestCloudEvent:
    """`{"specversion": "1.0", …, "data": …}`."""

    def test_says(self) -> None:
        """Its type is the event code, its id stands in for the event id."""
        assert delivery(CLOUD_EVENT) == Delivery(**CLOUD_EVENT_SAYS, path="data", wrappers=("cloud_event",))

    def test_event_id(self) -> None:
        """Where Adobe's own event id stands beside, that one counts; a client id may stand there too."""
        event = {**CLOUD_EVENT, "eventid": "e-1", "recipientclientid": "c-1"}
        assert delivery(event) == Delivery(
            **both(CLOUD_EVENT_SAYS, {"event_id": "e-1"}),
            recipient_client_id="c-1",
            path="data",
            wrappers=("cloud_event",),
        )

    def test_event_id_around(self) -> None:
        """Even where it stands further out."""
        assert delivery({"event_id": "e-1", "event": CLOUD_EVENT}) == Delivery(
            **both(CLOUD_EVENT_SAYS, {"event_id": "e-1"}), path="event.data", wrappers=("event", "cloud_event")
        )

    def test_batch_in_it(self) -> None:
        """Its data may be a list."""
        assert deliveries({**CLOUD_EVENT, "data": [RUN, MESSAGE]}) == [
            Delivery(**CLOUD_EVENT_SAYS, path="data[0]", wrappers=("cloud_event", "list")),
            Delivery(
                **both(CLOUD_EVENT_SAYS, MESSAGE_SAYS), path="data[1].value", wrappers=("cloud_event", "messages")
            ),
        ]

    def test_mark(self) -> None:
        """Without `specversion` an object with `data` is something else; with any it is a CloudEvent."""
        assert skipped({"type": "t", "data": RUN}) == [other("", f"{NO_RUN} 'type', 'data'")]
        assert delivery({"specversion": None, "data": RUN}) == Delivery(path="data", wrappers=("cloud_event",))

    def test_another_product(self) -> None:
        """Around another product's body it is told apart in its place, with what is known of the delivery."""
        (error,) = parse_all({**CLOUD_EVENT, "data": {"leadId": "1234", "attributes": [{"value": 5}]}}).skipped
        assert str(error) == f"not a flow run at data: {NO_RUN} 'leadId', 'attributes'"
        assert error.delivery == Delivery(**CLOUD_EVENT_SAYS, path="data", wrappers=("cloud_event",))


class TestEventBridge:
    """`{"detail-type": …, "detail": …}`, an event of Amazon EventBridge."""

    def test_says(self) -> None:
        """What follows the last colon of its label is the event code; its id is EventBridge's own."""
        assert delivery(EVENTBRIDGE) == Delivery(**EVENTBRIDGE_SAYS, path="detail", wrappers=("eventbridge",))

    def test_label_without_colon(self) -> None:
        """A label without a colon is the event code."""
        assert delivery({"detail-type": "code", "detail": RUN}) == Delivery(
            event_code="code", path="detail", wrappers=("eventbridge",)
        )

    def test_around_an_event(self) -> None:
        """The event within says more."""
        detail = {"event_id": "e-1", "event": {"header": header("body"), "body": RUN}}
        assert delivery({**EVENTBRIDGE, "detail": detail}) == Delivery(
            event_id="e-1",
            event_code="body code",
            provider="body provider",
            sent_at=EVENTBRIDGE_SAYS["sent_at"],
            path="detail.event.body",
            wrappers=("eventbridge", "event", "body"),
        )

    def test_mark(self) -> None:
        """Without `detail-type` an object with `detail` is something else; with any it is an EventBridge event."""
        assert skipped({"detail": RUN}) == [other("", f"{NO_RUN} 'detail'")]
        assert delivery({"detail-type": 5, "detail": RUN}) == Delivery(path="detail", wrappers=("eventbridge",))


class TestJournal:
    """`{"events": [{"position": …, "event": …}], "_page": …}`, a page of the journal."""

    def test_entries(self) -> None:
        """Each entry says its position, and holds what a webhook would get."""
        entries = [
            {"position": "p-1", "event": RUN},
            {"position": "p-2", "event": {"event_id": "e-2", "event": RUN}},
            {"position": "p-3", "event": {**CLOUD_EVENT, "data": [{"messages": [MESSAGE]}]}},
        ]
        assert deliveries({"events": entries, "_page": {"last": "p-3", "count": 3}}) == [
            Delivery(position="p-1", path="events[0].event", wrappers=("journal",)),
            Delivery(event_id="e-2", position="p-2", path="events[1].event.event", wrappers=("journal", "event")),
            Delivery(
                **both(CLOUD_EVENT_SAYS, MESSAGE_SAYS),
                position="p-3",
                path="events[2].event.data[0].messages[0].value",
                wrappers=("journal", "cloud_event", "messages"),
            ),
        ]

    @pytest.mark.parametrize("page", [{"events": [], "_page": {"count": 0}}, {"events": []}])
    def test_empty_page(self, page: Any) -> None:
        """An empty page is valid, and holds nothing."""
        assert find(page) == []

    def test_single_entry(self) -> None:
        """A single entry need not stand in a list."""
        assert delivery({"events": {"position": "p-1", "event": RUN}}) == Delivery(
            position="p-1", path="events.event", wrappers=("journal",)
        )

    def test_entries_of_other_products(self) -> None:
        """Entries of other products are told apart, each in its place and with its position."""
        page = {"events": [{"position": "p-1", "event": {"@type": "xdmCreated"}}, {"position": "p-2", "event": RUN}]}
        assert skipped(page) == [other("events[0].event", f"{NO_RUN} '@type'")]
        assert parse_all(page).skipped[0].delivery == Delivery(
            position="p-1", path="events[0].event", wrappers=("journal",)
        )
        assert delivery(page) == Delivery(position="p-2", path="events[1].event", wrappers=("journal",))

    def test_odd_entries(self) -> None:
        """An entry that wraps nothing is judged by itself."""
        page = {"events": [RUN, 5, {"position": "p-1"}, {"position": "p-2", "event": None}, {"body": RUN}]}
        assert deliveries(page) == [
            Delivery(path="events[0]", wrappers=("journal",)),
            Delivery(path="events[4].body", wrappers=("journal", "body")),
        ]
        assert skipped(page) == [
            other("events[1]", "a number is neither a record nor a wrapper"),
            other("events[2]", f"{NO_RUN} 'position'"),
            other("events[3]", f"{NO_RUN} 'position', 'event'"),
        ]


class TestApiList:
    """`{"items": […], "_links": …}`, an answer of the Flow Service API."""

    def test_items(self) -> None:
        """Each item is a run; nothing is said of its delivery but where it stands."""
        assert deliveries({"items": [RUN, RUN], "_links": {}, "count": 2}) == [
            Delivery(path="items[0]", wrappers=("api_list",)),
            Delivery(path="items[1]", wrappers=("api_list",)),
        ]

    @pytest.mark.parametrize("answer", [{"items": []}, {"items": [], "_links": {}, "count": 0}])
    def test_empty(self, answer: Any) -> None:
        """An answer without items holds nothing."""
        assert find(answer) == []

    def test_every_item_is_a_run(self) -> None:
        """With `_links` each item is a run whatever it looks like, a broken one if need be."""
        result = parse_all({"items": [RUN, {"id": "r-2"}, None, 5], "_links": {}})
        assert [run.delivery.path for run in result.runs] == ["items[0]"]
        assert [str(error) for error in result.errors] == [
            "flow run at items[1] has 1 problem:\n  items[1].flowId: expected text, found nothing",
            "flow run at items[2] has 1 problem:\n  items[2]: expected an object, found null",
            "flow run at items[3] has 1 problem:\n  items[3]: expected an object, found a number",
        ]
        assert [error.delivery for error in result.errors] == [
            Delivery(path=f"items[{i}]", wrappers=("api_list",)) for i in (1, 2, 3)
        ]
        assert result.skipped == ()

    def test_items_that_wrap(self) -> None:
        """An item that wraps something is opened."""
        assert deliveries({"items": [[RUN], {"event": RUN}], "_links": {}}) == [
            Delivery(path="items[0][0]", wrappers=("api_list", "list")),
            Delivery(path="items[1].event", wrappers=("api_list", "event")),
        ]

    def test_without_links(self) -> None:
        """Without `_links` it takes a record among the items to tell, and the others are judged by themselves."""
        answer = {"items": [{"id": "r-2"}, RUN]}
        assert delivery(answer) == Delivery(path="items[1]", wrappers=("api_list",))
        assert skipped(answer) == [other("items[0]", f"{NO_RUN} 'id'")]

    @pytest.mark.parametrize(
        "items",
        [
            [{"id": "r-1"}],
            ["text"],
            {"flowId": "f-1"},
        ],
    )
    def test_items_of_others(self, items: object) -> None:
        """Without `_links` and without a record, `items` is another product's."""
        assert skipped({"items": items}) == [other("", f"{NO_RUN} 'items'")]

    @pytest.mark.parametrize(("item", "path"), [([RUN], "items[0][0]"), ({"event": RUN}, "items[0].event")])
    def test_wrapped_items(self, item: object, path: str) -> None:
        """A run that is wrapped once more is found among the items, with `_links` and without."""
        answers: list[dict[str, Any]] = [{"items": [item]}, {"items": [item], "_links": {}}]
        assert [parse(answer).delivery.path for answer in answers] == [path, path]

    def test_links_without_a_list(self) -> None:
        """With `_links` too it takes a list."""
        assert skipped({"items": RUN, "_links": {}}) == [other("", f"{NO_RUN} 'items', '_links'")]


class TestRuntimeHeaders:
    """`__adobe_headers` beside the delivery's own keys, as a Runtime action gets it."""

    @pytest.mark.parametrize(
        ("node", "wanted"),
        [
            (RUN, Delivery(**HEADERS_SAY, wrappers=("runtime",))),
            (
                {"event_id": "e-1", "event": RUN},
                Delivery(**both(HEADERS_SAY, {"event_id": "e-1"}), path="event", wrappers=("runtime", "event")),
            ),
            (
                CLOUD_EVENT,
                Delivery(
                    **both(HEADERS_SAY, CLOUD_EVENT_SAYS, {"event_id": "headers id"}),
                    path="data",
                    wrappers=("runtime", "cloud_event"),
                ),
            ),
            (
                {"messages": [MESSAGE]},
                Delivery(**both(HEADERS_SAY, MESSAGE_SAYS), path="messages[0].value", wrappers=("runtime", "messages")),
            ),
            (MESSAGE, Delivery(**both(HEADERS_SAY, MESSAGE_SAYS), path="value", wrappers=("runtime", "messages"))),
            (
                EVENTBRIDGE,
                Delivery(
                    **HEADERS_SAY,
                    sent_at=EVENTBRIDGE_SAYS["sent_at"],
                    path="detail",
                    wrappers=("runtime", "eventbridge"),
                ),
            ),
            (
                {"events": [{"position": "p-1", "event": RUN}]},
                Delivery(**HEADERS_SAY, position="p-1", path="events[0].event", wrappers=("runtime", "journal")),
            ),
            (
                {"items": [RUN], "_links": {}},
                Delivery(**HEADERS_SAY, path="items[0]", wrappers=("runtime", "api_list")),
            ),
            (
                {"header": header("body"), "body": RUN},
                Delivery(
                    event_id="headers id",
                    event_code="body code",
                    provider="body provider",
                    path="body",
                    wrappers=("runtime", "body"),
                ),
            ),
            ({"__ow_body": as_base64(RUN)}, Delivery(**HEADERS_SAY, path="__ow_body", wrappers=("runtime", "runtime"))),
        ],
        ids=["run", "event", "CloudEvent", "messages", "message", "EventBridge", "journal", "API list", "body", "raw"],
    )
    def test_beside(self, node: dict[str, Any], wanted: Delivery) -> None:
        """They may stand beside the keys of anything; they say less than what they stand beside."""
        assert delivery({**node, "__adobe_headers": HEADERS}) == wanted
        assert delivery({"__adobe_headers": HEADERS, **node}) == wanted

    @pytest.mark.parametrize("odd", [None, 5, "text", [], {}, {"x-adobe-event-code": 5, "x-adobe-event-id": None}])
    def test_odd_headers(self, odd: object) -> None:
        """Headers of another shape say nothing, and cost nothing."""
        assert delivery({**RUN, "__adobe_headers": odd}) == Delivery(wrappers=("runtime",))

    def test_no_key_of_the_run(self) -> None:
        """They are no unknown key of the run."""
        run = parse({**RUN, "__adobe_headers": HEADERS, "other": 1})
        assert run.model_extra == {"other": 1}
        assert run.to_payload() == {**RUN, "other": 1}

    def test_within(self) -> None:
        """They may stand further in, and then say more than what stands around them."""
        inside = {"event": {"event": RUN, "__adobe_headers": HEADERS}, "event_id": "e-1"}
        assert delivery(inside) == Delivery(**HEADERS_SAY, path="event.event", wrappers=("event", "runtime", "event"))
        assert delivery({"items": [{**RUN, "__adobe_headers": HEADERS}], "_links": {}}) == Delivery(
            **HEADERS_SAY, path="items[0]", wrappers=("api_list", "runtime")
        )

    def test_beside_something_else(self) -> None:
        """What they stand beside is told apart without them."""
        payload = {"productName": "x", "__adobe_headers": HEADERS}
        assert skipped(payload) == [other("", f"{NO_RUN} 'productName'")]
        assert parse_all(payload).skipped[0].delivery == Delivery(**HEADERS_SAY, wrappers=("runtime",))


class TestRuntimeBody:
    """`__ow_body`, the raw body that a Runtime web action was called with."""

    @pytest.mark.parametrize(
        "body",
        [
            as_base64(RUN),
            base64.b64encode(b"\xef\xbb\xbf" + json.dumps(RUN).encode()).decode(),
            json.dumps(RUN),
            "\ufeff" + json.dumps(RUN),
            " \t\r\n" + json.dumps(RUN, indent=2),
            RUN,
        ],
        ids=["base64", "base64 with BOM", "text", "text with BOM", "text with space", "decoded"],
    )
    def test_forms(self, body: object) -> None:
        """It is base64 of JSON, or JSON text, or decoded already; a byte order mark is ignored."""
        assert delivery({"__ow_method": "post", "__ow_body": body}) == Delivery(path="__ow_body", wrappers=("runtime",))

    def test_headers(self) -> None:
        """The request's headers stand beside it."""
        assert delivery({"__ow_headers": HEADERS, "__ow_body": as_base64(RUN)}) == Delivery(
            **HEADERS_SAY, path="__ow_body", wrappers=("runtime",)
        )

    def test_batch(self) -> None:
        """What it holds is opened like anything else."""
        assert deliveries({"__ow_body": as_base64([RUN, {"events": [{"position": "p-1", "event": RUN}]}])}) == [
            Delivery(path="__ow_body[0]", wrappers=("runtime", "list")),
            Delivery(position="p-1", path="__ow_body[1].events[0].event", wrappers=("runtime", "list", "journal")),
        ]

    def test_nested(self) -> None:
        """A body within a body is opened too."""
        inner = {"__ow_body": json.dumps({"__ow_body": as_base64(MESSAGE)})}
        assert delivery({"event_id": "e-1", "event": {"__ow_body": as_base64(inner)}}) == Delivery(
            **MESSAGE_SAYS,
            event_id="e-1",
            path="event.__ow_body.__ow_body.__ow_body.value",
            wrappers=("event", "runtime", "runtime", "runtime", "messages"),
        )

    @pytest.mark.parametrize(
        "body",
        [
            *("", " ", "{", "[1", '"', "not base64", "é", "eHg", "eHg*"),
            base64.b64encode(b"no JSON").decode(),
            base64.b64encode(b'{"id": NaN}').decode(),
            base64.b64encode(b"\xff").decode(),
            as_base64(RUN)[:-2],
            f"{as_base64(RUN)[:8]}*{as_base64(RUN)[8:]}",
        ],
    )
    def test_broken(self, body: str) -> None:
        """A body that is neither JSON nor base64 of JSON is no run; it costs nothing beside it."""
        assert skipped([{"__ow_body": body}, RUN]) == [other("[0].__ow_body", "the body is not JSON")]
        (error,) = parse_all({"__ow_headers": HEADERS, "__ow_body": body}).skipped
        assert error.delivery == Delivery(**HEADERS_SAY, path="__ow_body", wrappers=("runtime",))

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (None, "null is neither a record nor a wrapper"),
            (5, "a number is neither a record nor a wrapper"),
            (as_base64(5), "a number is neither a record nor a wrapper"),
            ('"text"', "it is text; where that holds JSON in its turn, decode it once more"),
            ({"x": 1}, f"{NO_RUN} 'x'"),
            ("{}", "it has neither metrics nor flowId; it is an empty object"),
        ],
    )
    def test_something_else(self, body: object, why: str) -> None:
        """JSON that is neither record nor wrapper is told apart."""
        assert skipped({"__ow_body": body}) == [other("__ow_body", why)]


class TestEventCode:
    """Where the event code comes from."""

    PLACES = ("record", "body", "message", "cloud", "headers", "bridge")
    """The most specific first."""

    @staticmethod
    def payload(order: tuple[str, ...], without: tuple[str, ...]) -> Any:
        """A run in wrappers, outermost first, each of which says an event code, but for some."""
        node: Any = {**RUN} if "record" in without else {**RUN, "header": header("record")}
        for place in reversed(order):
            if place == "body":
                node = {"header": {} if place in without else header("body"), "body": node}
            elif place == "message":
                meta = {} if place in without else {"_eventNotificationMeta": {"type": "message code"}}
                node = {**meta, "value": node}
            elif place == "cloud":
                node = {**({} if place in without else {"type": "cloud code"}), "specversion": "1.0", "data": node}
            elif place == "headers":
                node = {"__ow_headers": {} if place in without else HEADERS, "__ow_body": as_base64(node)}
            else:
                node = {"detail-type": None if place in without else "Label:bridge code", "detail": node}
        return node

    @pytest.mark.parametrize(
        "order",
        [
            ("bridge", "headers", "cloud", "message", "body"),
            ("body", "message", "cloud", "headers", "bridge"),
            ("cloud", "body", "bridge", "headers", "message"),
        ],
        ids=["specific inside", "specific outside", "mixed"],
    )
    @pytest.mark.parametrize("first", range(len(PLACES)))
    def test_precedence(self, first: int, order: tuple[str, ...]) -> None:
        """The record's header, that beside a body, message, CloudEvent, Runtime's headers, label; in any nesting."""
        without = self.PLACES[:first]
        found = delivery(self.payload(order, without))
        assert (found.event_code, found.wrappers) == (
            f"{self.PLACES[first]} code",
            tuple(
                {"message": "messages", "cloud": "cloud_event", "headers": "runtime", "bridge": "eventbridge"}.get(
                    place, place
                )
                for place in order
            ),
        )

    def test_none(self) -> None:
        """Where no place says it, it is None."""
        assert delivery(self.payload(("bridge", "headers", "cloud", "message", "body"), self.PLACES)).event_code is None

    @pytest.mark.parametrize("odd", [None, 5, [], {}])
    def test_unusable(self, odd: object) -> None:
        """A code that is no text gives way to the next place."""
        record = {**RUN, "header": {"_adobeio": {"eventCode": odd}}}
        message = {"_eventNotificationMeta": {"type": odd}, "value": record}
        assert delivery({**CLOUD_EVENT, "data": message}).event_code == "cloud code"


SAME_KIND: dict[str, tuple[Nest, Nest, dict[str, Any]]] = {
    "event": (
        lambda node: {"event_id": "outer", "recipient_client_id": "outer", "event": node},
        lambda node: {"eventid": "inner", "recipientclientid": "inner", "event": node},
        {"event_id": "inner", "recipient_client_id": "inner"},
    ),
    "message": (
        lambda node: {**MESSAGE, "value": node},
        lambda node: {
            "timestamp": 1735725843,
            "provider": "inner",
            "_eventNotificationMeta": {"category": "inner", "type": "inner"},
            "value": node,
        },
        {"event_code": "inner", "category": "inner", "provider": "inner", "sent_at": LATER},
    ),
    "CloudEvent": (
        lambda node: {**CLOUD_EVENT, "data": node},
        lambda node: {
            "specversion": "1.0",
            "id": "inner",
            "type": "inner",
            "time": "2025-01-01T10:04:03Z",
            "data": node,
        },
        {"event_id": "inner", "event_code": "inner", "sent_at": LATER},
    ),
    "EventBridge": (
        lambda node: {**EVENTBRIDGE, "detail": node},
        lambda node: {"detail-type": "label:inner", "time": 1735725843, "detail": node},
        {"event_code": "inner", "sent_at": LATER},
    ),
    "journal": (
        lambda node: {"events": [{"position": "outer", "event": node}]},
        lambda node: {"events": [{"position": "inner", "event": node}]},
        {"position": "inner"},
    ),
    "body": (
        lambda node: {"header": header("outer"), "body": node},
        lambda node: {"header": header("inner"), "body": node},
        {"event_code": "inner code", "provider": "inner provider"},
    ),
    "runtime": (
        lambda node: {"__ow_headers": HEADERS, "__ow_body": node},
        lambda node: {
            "__ow_headers": {"x-adobe-event-code": "i", "x-adobe-event-id": "j", "x-adobe-provider": "k"},
            "__ow_body": node,
        },
        {"event_code": "i", "event_id": "j", "provider": "k"},
    ),
}
"""Two wrappers of a kind that say the same things, and what the second says."""


class TestInnerWins:
    """Where two wrappers say the same thing."""

    @pytest.mark.parametrize("kind", SAME_KIND)
    def test_same_kind(self, kind: str) -> None:
        """Of two wrappers of a kind the inner one wins, whichever of them is the inner one."""
        outer, inner, says = SAME_KIND[kind]

        def said(payload: Any) -> dict[str, Any]:
            return delivery(payload).model_dump(exclude={"path", "wrappers"}, exclude_none=True)

        assert said(outer(inner(RUN))) == says
        assert said(inner(outer(RUN))) == said(outer(RUN))

    def test_different_kinds(self) -> None:
        """An inner wrapper wins over an outer one of another kind."""
        message = {**MESSAGE, "value": RUN}
        assert delivery({**EVENTBRIDGE, "detail": {**CLOUD_EVENT, "data": message}}) == Delivery(
            **both(CLOUD_EVENT_SAYS, MESSAGE_SAYS),
            path="detail.data.value",
            wrappers=("eventbridge", "cloud_event", "messages"),
        )
        cloud_event = {**CLOUD_EVENT, "time": "2025-01-01T10:04:03Z"}
        assert delivery({**message, "value": cloud_event}) == Delivery(
            **both(MESSAGE_SAYS, {"sent_at": LATER}),
            event_id="cloud id",
            path="value.data",
            wrappers=("messages", "cloud_event"),
        )

    @pytest.mark.parametrize(
        ("around", "provider"),
        [(MESSAGE, "message provider"), ({"__ow_headers": HEADERS}, "headers provider")],
        ids=["message", "runtime"],
    )
    def test_record_is_innermost(self, around: dict[str, Any], provider: str) -> None:
        """The record's own header has the last word on the event code; it names a provider where nobody else does."""
        record = {**RUN, "header": header("record")}
        found = delivery({**around, "value" if "value" in around else "__ow_body": record})
        assert (found.event_code, found.provider) == ("record code", provider)

    @pytest.mark.parametrize("unsaid", [{}, {"event_id": None}, {"event_id": 5}])
    def test_unsaid(self, unsaid: dict[str, Any]) -> None:
        """A detail that the inner one does not say, or not usably, is left to the outer one."""
        assert delivery({"event_id": "outer", "event": {**unsaid, "event": RUN}}) == Delivery(
            event_id="outer", path="event.event", wrappers=("event", "event")
        )


NESTS: dict[str, tuple[Nest, str]] = {
    "event": (in_event, ".event"),
    "body": (lambda node: {"body": node}, ".body"),
    "message": (lambda node: {"value": node}, ".value"),
    "messages": (lambda node: [{"messages": [{"value": node}]}], "[0].messages[0].value"),
    "message in a list": (lambda node: [{"value": node}], "[0].value"),
    "list": (lambda node: [node], "[0]"),
    "CloudEvent": (lambda node: {"specversion": "1.0", "data": node}, ".data"),
    "EventBridge": (lambda node: {"detail-type": "x", "detail": node}, ".detail"),
    "journal": (lambda node: {"events": [{"event": node}]}, ".events[0].event"),
    "API list": (lambda node: {"items": [node], "_links": {}}, ".items[0]"),
    "Runtime body": (lambda node: {"__ow_body": node}, ".__ow_body"),
}
"""Wrappers that can be nested in themselves, and the step that each adds to a path."""


class TestDepth:
    """How deep wrappers may nest."""

    @pytest.mark.parametrize("kind", NESTS)
    def test_sixteen(self, kind: str) -> None:
        """Sixteen deep they are opened."""
        nest, step = NESTS[kind]
        found = delivery(nested(16, nest, RUN))
        assert (found.path, len(found.wrappers)) == ((step * 16).removeprefix("."), 16)

    @pytest.mark.parametrize("kind", NESTS)
    def test_seventeen(self, kind: str) -> None:
        """What lies deeper is not opened, and is no flow run."""
        nest, step = NESTS[kind]
        payload = nested(17, nest, RUN)
        wanted = other((step * 16).removeprefix("."), "its wrappers nest more than 16 deep")
        assert skipped(payload) == [wanted]
        with pytest.raises(NotAFlowRunError) as caught:
            parse(payload)
        assert (caught.value.kind, caught.value.path, str(caught.value)) == wanted

    def test_headers_count(self) -> None:
        """Runtime's headers count as a wrapper."""
        payload = nested(15, in_event, {**RUN, "__adobe_headers": HEADERS})
        assert delivery(payload).wrappers == (*["event"] * 15, "runtime")
        assert skipped(in_event(payload)) == [other("event" + ".event" * 15, "its wrappers nest more than 16 deep")]

    def test_raw_bodies_count(self) -> None:
        """A raw body counts as a wrapper, and is not decoded where it lies too deep."""
        payload = {"__ow_body": as_base64(RUN)}
        assert delivery(nested(15, in_event, payload)).wrappers == (*["event"] * 15, "runtime")
        assert skipped(nested(16, in_event, payload)) == [
            other("event" + ".event" * 15, "its wrappers nest more than 16 deep")
        ]

    def test_beside_what_lies_too_deep(self) -> None:
        """What lies too deep costs nothing beside it."""
        result = parse_all([nested(16, in_event, RUN), RUN])
        assert [run.delivery.path for run in result.runs] == ["[1]"]
        assert [error.path for error in result.skipped] == ["[0]" + ".event" * 15]

    def test_what_lies_too_deep_is_not_looked_at(self) -> None:
        """However much lies deeper, it is one item."""
        deep = nested(16, in_event, [RUN] * 1000)
        assert [found.obstacle for found in find(deep)] == ["its wrappers nest more than 16 deep"]


class TestTellingWrappersApart:
    """An object that could be several wrappers, or none."""

    def test_first_wins(self) -> None:
        """An object that looks like several wrappers is the first of them, in a fixed order."""
        node: dict[str, Any] = {
            **{wrapper.key: RUN for wrapper in WRAPPERS},
            **{wrapper.mark: "1" for wrapper in WRAPPERS if wrapper.mark},
            "items": [RUN],
            "_links": {},
        }
        opened: list[str] = []
        for wrapper in WRAPPERS:
            opened.append(delivery(node).wrappers[0])
            del node[wrapper.key]
        assert opened == ["event", "messages", "messages", "cloud_event", "eventbridge", "journal", "api_list", "body"]

    def test_raw_body_comes_last(self) -> None:
        """A raw body is opened where its object wraps nothing else."""
        assert delivery({"event": RUN, "__ow_body": as_base64({"x": 1})}) == Delivery(path="event", wrappers=("event",))

    @pytest.mark.parametrize("key", ["event", "value", "body", "messages", "events"])
    @pytest.mark.parametrize("inside", [None, 5, "text", False])
    def test_key_alone(self, key: str, inside: object) -> None:
        """A wrapper's key around no object and no list makes no wrapper."""
        assert skipped({key: inside}) == [other("", f"{NO_RUN} '{key}'")]

    def test_alert_with_value(self) -> None:
        """An alert has a `value` too, which is text, and is told apart whatever it is."""
        alert = {"status": "FIRING", "name": "n", "severity": "high", "value": "151"}
        assert [error.kind for error in parse_all(alert).skipped] == ["alert"]


class TestFind:
    """`find` itself."""

    def test_document_order(self) -> None:
        """Everything is found in document order, runs and others alike."""
        alert = {"status": "FIRING"}
        payload = [alert, {"events": [{"event": RUN}, {"event": alert}]}, RUN, 5]
        assert [(found.path, found.is_run, found.content) for found in find(payload)] == [
            ("[0]", False, alert),
            ("[1].events[0].event", True, RUN),
            ("[1].events[1].event", False, alert),
            ("[2]", True, RUN),
            ("[3]", False, 5),
        ]

    def test_input_is_never_changed(self) -> None:
        """What is searched stays as it was."""
        payload: list[Any] = [
            {**CLOUD_EVENT, "data": {"messages": [MESSAGE], "__adobe_headers": HEADERS}},
            {"items": [RUN], "_links": {}},
            {"__ow_body": as_base64({"events": [{"position": "p", "event": {**RUN, "header": header("x")}}]})},
        ]
        before = copy.deepcopy(payload)
        assert len(deliveries(payload)) == 3
        assert payload == before

    @pytest.mark.parametrize("payload", [None, True, 5, 1.5, "text"])
    def test_no_object(self, payload: object) -> None:
        """What is neither an object nor a list is one item."""
        assert find(payload) == [Found(payload, "", (), {})]
