"""Tests of the wrappers of the two documented shapes as models."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from documented_runs import (
    DOCUMENTED,
    DOCUMENTED_2020_PREVIEW_FAILURE,
    DOCUMENTED_FAILURE,
    DOCUMENTED_SUCCESS,
)
from pydantic import BaseModel, TypeAdapter, ValidationError
from samples import EVERY_KEY, LEAST

from flowrun_notifications import EventNotification, FlowRun, Message, MessagesNotification, parse, parse_all

UTC = timezone.utc
NULL_BESIDE: dict[str, Any] = {**LEAST, "metrics": None, "xdm:metrics": {"statusSummary": {"status": "failed"}}}
EMPTY_OF_THE_OTHER_KIND: dict[str, Any] = {**LEAST, "metrics": [], "activities": {}}
FORGED: dict[str, Any] = {
    **LEAST,
    "header": {"_adobeio": {"eventCode": "c"}, "event_id": "forged", "path": "forged", "wrappers": ["forged"]},
    "delivery": {"event_id": "kept"},
}
DECOYS: dict[str, Any] = {**EVERY_KEY, "flow_id": "decoy", "eTag": "decoy", "created_at": None}
RECORDS: dict[str, dict[str, Any]] = {
    "every key": EVERY_KEY,
    "least": LEAST,
    "null beside a value": NULL_BESIDE,
    "empty of the other kind": EMPTY_OF_THE_OTHER_KIND,
    "forged header": FORGED,
    "decoys": DECOYS,
}

EVENTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "event": lambda record: {"event_id": "e-1", "recipient_client_id": "c-1", "event": record},
    "new spellings": lambda record: {"eventid": "e-1", "recipientclientid": "c-1", "event": record},
    "null beside a value": lambda record: {"eventid": None, "event_id": "e-1", "event": record},
    "header and body": lambda record: {
        "event_id": "e-1",
        "event": {"header": {"_adobeio": {"eventCode": "h", "providerMetadata": "p"}}, "body": record},
    },
    "CloudEvent in a body": lambda record: {
        "event": {"body": {"specversion": "1.0", "type": "t", "id": "i", "data": record}}
    },
    "text": lambda record: {"event_id": "e-1", "event": json.dumps(record)},
    "event in an event": lambda record: {"event_id": "e-1", "event": {"event_id": "e-2", "event": record}},
}
"""Forms of the success notification."""

META = {"category": "category", "type": "code"}
MESSAGES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "one": lambda record: {
        "messages": [{"timestamp": 1735725842310, "provider": "p", "_eventNotificationMeta": META, "value": record}]
    },
    "two": lambda record: {"messages": [{"value": record}, {"provider": "q", "value": record}]},
    "text": lambda record: {"messages": [{"provider": "p", "value": json.dumps(record)}]},
    "wrapped once more": lambda record: {"messages": [{"provider": "p", "value": {"body": record}}]},
}
"""Forms of the failure notification."""


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
class TestSameAsParse:
    """The models give the runs that `parse` gives, their delivery included."""

    @pytest.mark.parametrize("form", EVENTS.values(), ids=EVENTS.keys())
    def test_event(self, form: Callable[[Any], dict[str, Any]], record: dict[str, Any]) -> None:
        """An event, from decoded JSON and from text."""
        payload = form(record)
        run = parse(payload)
        models = [EventNotification.model_validate(payload), EventNotification.model_validate_json(json.dumps(payload))]
        assert [model.event for model in models] == [run, run]
        assert models[0] == models[1]

    @pytest.mark.parametrize("form", MESSAGES.values(), ids=MESSAGES.keys())
    def test_messages(self, form: Callable[[Any], dict[str, Any]], record: dict[str, Any]) -> None:
        """Messages, from decoded JSON and from text, alone and in the list that Adobe sends."""
        payload = form(record)
        runs = parse_all(payload).runs
        models = [
            MessagesNotification.model_validate(payload),
            MessagesNotification.model_validate_json(json.dumps(payload)),
        ]
        assert [tuple(message.value for message in model.messages) for model in models] == [runs, runs]
        (listed,) = TypeAdapter(list[MessagesNotification]).validate_json(json.dumps([payload]))
        assert listed == models[0] == models[1]

    @pytest.mark.parametrize("form", MESSAGES.values(), ids=MESSAGES.keys())
    def test_bare_message(self, form: Callable[[Any], dict[str, Any]], record: dict[str, Any]) -> None:
        """A message alone, the preview's form."""
        message = form(record)["messages"][-1]
        run = parse(message)
        assert Message.model_validate(message).value == Message.model_validate_json(json.dumps(message)).value == run

    @pytest.mark.parametrize("by_alias", [False, True])
    def test_dumps(self, record: dict[str, Any], by_alias: bool) -> None:
        """A dump is read again as the same notification."""
        event = EventNotification.model_validate(EVENTS["header and body"](record))
        messages = MessagesNotification.model_validate(MESSAGES["two"](record))
        models: list[BaseModel] = [event, messages, messages.messages[1]]
        for model in models:
            again = [
                type(model).model_validate(model.model_dump(by_alias=by_alias)),
                type(model).model_validate_json(model.model_dump_json(by_alias=by_alias)),
                type(model).model_validate_json(model.model_dump_json(by_alias=by_alias, exclude_unset=True)),
            ]
            assert again == [model] * 3

    def test_made_in_python(self, record: dict[str, Any]) -> None:
        """A run that is given as one is kept as it is."""
        run = parse(record)
        assert EventNotification(event=run).event is run
        assert Message(value=run).value is run
        assert MessagesNotification(messages=(Message(value=run),)).messages[0].value is run


class TestDocumented:
    """The documented payloads."""

    def test_success(self, read_payload: Callable[[str], bytes]) -> None:
        """The success form is an event around the run."""
        notification = EventNotification.model_validate_json(read_payload("documented_success"))
        assert notification == EventNotification(
            event=DOCUMENTED_SUCCESS, event_id="aec55616-1715-487f-8044-ba648cc8ffee", recipient_client_id=None
        )
        assert notification.model_extra == {}

    def test_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """The failure form is a list of messages around the run."""
        (payload,) = json.loads(read_payload("documented_failure"))
        place = {"path": "messages[0].value"}
        assert MessagesNotification.model_validate(payload) == MessagesNotification(
            messages=(
                Message(
                    value=DOCUMENTED_FAILURE.model_copy(
                        update={"delivery": DOCUMENTED_FAILURE.delivery.model_copy(update=place)}
                    ),
                    msg_type="eventNotification",
                    version="1.0",
                    timestamp=datetime(2020, 8, 14, 19, 42, 37, 622000, tzinfo=UTC),
                    ims_org_id="{ORG_ID}",
                    schema_={"name": "run-notification", "version": "1.0"},
                    provider="FlowService",
                    event_notification_meta={"category": "Platform Notifications", "type": "sources_flow_run_failed"},
                ),
            )
        )

    def test_preview_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """The preview's failure form is the message alone, with the time of sending as text."""
        (payload,) = json.loads(read_payload("documented_2020_preview_failure"))
        message = Message.model_validate(payload)
        delivery = DOCUMENTED_2020_PREVIEW_FAILURE.delivery.model_copy(update={"path": "value"})
        assert message.value == DOCUMENTED_2020_PREVIEW_FAILURE.model_copy(update={"delivery": delivery})
        assert (message.timestamp, message.model_extra) == (datetime(2020, 6, 8, 16, 6, 4, 92000, tzinfo=UTC), {})

    @pytest.mark.parametrize("name", ["documented_success", "documented_2020_preview_success"])
    def test_written(self, read_payload: Callable[[str], bytes], name: str) -> None:
        """Dumped by alias, without what was not given, it can be parsed."""
        notification = EventNotification.model_validate_json(read_payload(name))
        again = parse(notification.model_dump_json(by_alias=True, exclude_unset=True))
        assert (again.id, again.metrics, again.activities) == (
            DOCUMENTED[name].id,
            DOCUMENTED[name].metrics,
            DOCUMENTED[name].activities,
        )


class TestRefused:
    """Notifications without a sound run."""

    @pytest.mark.parametrize(
        ("model", "payload", "missing"),
        [
            (EventNotification, '{"event_id": "e-1"}', ("event",)),
            (EventNotification, '{"event": {"id": "r-1"}}', ("event", "flowId")),
            (EventNotification, '{"event": {"id": "r-1", "metrics": {}}}', ("event", "flowId")),
            (MessagesNotification, "{}", ("messages",)),
            (MessagesNotification, '{"messages": [{}]}', ("messages", 0, "value")),
            (Message, '{"provider": "p"}', ("value",)),
        ],
    )
    def test_missing(self, model: type[BaseModel], payload: str, missing: tuple[str | int, ...]) -> None:
        """The run, and its ids, are required."""
        with pytest.raises(ValidationError) as from_json:
            model.model_validate_json(payload)
        with pytest.raises(ValidationError) as from_python:
            model.model_validate(json.loads(payload))
        for caught in (from_json, from_python):
            assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [("missing", missing)]

    @pytest.mark.parametrize(
        ("model", "payload", "place"),
        [
            (EventNotification, {"event": {**LEAST, "createdAt": "secret"}}, ("event", "createdAt")),
            (EventNotification, {"event": 5}, ("event",)),
            (MessagesNotification, {"messages": 5}, ("messages",)),
            (MessagesNotification, {"messages": [5]}, ("messages", 0)),
            (
                MessagesNotification,
                {"messages": [{"value": {**LEAST, "createdAt": "secret"}}]},
                ("messages", 0, "value", "createdAt"),
            ),
        ],
    )
    def test_broken(self, model: type[BaseModel], payload: Any, place: tuple[str | int, ...]) -> None:
        """A value of the wrong kind is one problem, at its place, and is not shown."""
        with pytest.raises(ValidationError) as caught:
            model.model_validate(payload)
        assert [error["loc"] for error in caught.value.errors()] == [place]
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize("payload", ["5", "[]", "null", '"text"'])
    @pytest.mark.parametrize("model", [EventNotification, Message, MessagesNotification])
    def test_not_an_object(self, model: type[BaseModel], payload: str) -> None:
        """Anything but an object is one problem."""
        with pytest.raises(ValidationError) as caught:
            model.model_validate_json(payload)
        assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [("model_type", ())]


def test_null_hides_nothing() -> None:
    """Null under one spelling of an id hides no value under the other."""
    for eventid, event_id in ((None, "e-1"), ("e-1", None)):
        payload = {"eventid": eventid, "event_id": event_id, "recipientclientid": "c-1", "event": LEAST}
        notification = EventNotification.model_validate({**payload, "recipient_client_id": None})
        assert (notification.event_id, notification.recipient_client_id) == ("e-1", "c-1")
        assert notification.event.delivery.event_id == "e-1"


def test_unknown_keys() -> None:
    """Unknown keys of a notification are kept."""
    notification = EventNotification.model_validate({"event": LEAST, "x": [1]})
    assert (notification.model_extra, type(notification.event)) == ({"x": [1]}, FlowRun)
