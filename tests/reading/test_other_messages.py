"""What `flowrun_notifications.other_messages` promises."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from flowrun_notifications import Delivery, NotAFlowRunError, parse, parse_all
from flowrun_notifications.other_messages import kind_of_value
from flowrun_notifications.wrappers import Found

ALERT: dict[str, Any] = {
    "id": "a-1",
    "status": "FIRING",
    "name": "delay rule",
    "message": "secret: the run takes long",
    "createdAt": "2025-01-01T12:30:00.000Z",
    "severity": "high",
    "value": "151",
    "flowId": "f-1",
    "flowRunId": "r-1",
    "header": {"_adobeio": {"providerMetadata": "provider-1", "eventCode": "source_flow_run_error"}},
}
ALERT_DELIVERY = Delivery(event_code="source_flow_run_error", provider="provider-1")
AUDIT_EVENT: dict[str, Any] = {
    "id": "u-1",
    "payload": {"assetType": "Dataset", "assetName": "secret", "action": "Create"},
    "header": {"_adobeio": {"eventCode": "audit_events_info"}},
}
INGESTION_EVENT: dict[str, Any] = {"xdm:ingestionId": "i-1", "xdm:eventCode": "ing_load_failure"}
URL = "https://webhooks.example/validate?id=1"


def error_of(payload: Any) -> NotAFlowRunError:
    """The error that `parse` raises for something that is no run; `parse_all` skips the same."""
    with pytest.raises(NotAFlowRunError) as caught:
        parse(payload)
    result = parse_all(payload)
    assert (result.runs, result.errors) == ((), ())
    assert list(map(told, result.skipped)) == [told(caught.value)]
    return caught.value


def told(error: NotAFlowRunError) -> dict[str, Any]:
    """All that an error says, what is None left out."""
    names = ("kind", "path", "delivery", "validation_url", "name", "status", "flow_id", "flow_run_id")
    said = {name: getattr(error, name) for name in names}
    return {"message": str(error), **{name: value for name, value in said.items() if value is not None}}


class TestAlert:
    """A message that something is late, or beyond a threshold."""

    def test_whole(self) -> None:
        """It tells its name, its status, the flow and the run it is about, and how it came."""
        assert told(error_of(ALERT)) == {
            "message": "not a flow run: it is an alert; answer it with success and go on",
            "kind": "alert",
            "path": "",
            "delivery": ALERT_DELIVERY,
            "name": "delay rule",
            "status": "FIRING",
            "flow_id": "f-1",
            "flow_run_id": "r-1",
        }

    def test_in_a_wrapper(self) -> None:
        """In a wrapper it tells its place."""
        error = error_of({"events": [{"position": "p-1", "event": {"event_id": "e-1", "event": ALERT}}]})
        assert str(error) == (
            "not a flow run at events[0].event.event: it is an alert; answer it with success and go on"
        )
        assert (error.path, error.delivery) == (
            "events[0].event.event",
            ALERT_DELIVERY.model_copy(
                update={
                    "event_id": "e-1",
                    "position": "p-1",
                    "path": "events[0].event.event",
                    "wrappers": ("journal", "event"),
                }
            ),
        )

    @pytest.mark.parametrize("status", ["FIRING", "INACTIVE", "firing", "Inactive"])
    def test_status(self, status: str) -> None:
        """Its status alone tells it, whatever its case."""
        assert told(error_of({"status": status})) == {
            "message": "not a flow run: it is an alert; answer it with success and go on",
            "kind": "alert",
            "path": "",
            "delivery": Delivery(),
            "status": status,
        }

    def test_severity(self) -> None:
        """With a severity any status will do."""
        assert error_of({"status": "ESCALATED", "severity": None, "flowId": "f-1"}).kind == "alert"

    @pytest.mark.parametrize("key", ["metrics", "xdm:metrics"])
    def test_metrics(self, key: str) -> None:
        """With metrics it is a run."""
        record: dict[str, Any] = {**ALERT, key: {}}
        assert parse(record).model_extra == {
            name: ALERT[name] for name in ("status", "name", "severity", "value", "flowRunId")
        }

    @pytest.mark.parametrize("status", ["success", "", None, 5, ["FIRING"]])
    def test_other_status(self, status: object) -> None:
        """Another status without a severity makes no alert of a run."""
        assert parse({"id": "r-1", "flowId": "f-1", "status": status}).model_extra == {"status": status}

    def test_severity_alone(self) -> None:
        """Nor does a severity without a status."""
        assert parse({"id": "r-1", "flowId": "f-1", "severity": "high"}).model_extra == {"severity": "high"}

    @pytest.mark.parametrize("odd", [None, 5, True, [], {}])
    def test_odd_details(self, odd: object) -> None:
        """A detail that is no text is None."""
        error = error_of({"status": "FIRING", "name": odd, "flowId": odd, "flowRunId": odd})
        assert (error.kind, error.status, error.name, error.flow_id, error.flow_run_id) == (
            *("alert", "FIRING"),
            *(None, None, None),
        )


class TestAuditEvent:
    """A note that somebody changed something."""

    def test_whole(self) -> None:
        """It says nothing beyond how it came."""
        assert told(error_of(AUDIT_EVENT)) == {
            "message": "not a flow run: it is an audit event; answer it with success and go on",
            "kind": "audit_event",
            "path": "",
            "delivery": Delivery(event_code="audit_events_info"),
        }

    @pytest.mark.parametrize("payload", [{"assetType": None}, {"action": "Create", "other": 1}])
    def test_payload(self, payload: dict[str, Any]) -> None:
        """What it is about tells it without an event code."""
        assert error_of({"payload": payload}).kind == "audit_event"

    @pytest.mark.parametrize(
        "around",
        [
            {"header": {"_adobeio": {"eventCode": "audit_events_info"}}, "body": {"x": 1}},
            {"specversion": "1.0", "type": "audit_events_info", "data": {"x": 1}},
            {"detail-type": "l:audit_events_info", "detail": {"x": 1}},
            {"x": 1, "__adobe_headers": {"x-adobe-event-code": "audit_events_info"}},
        ],
    )
    def test_event_code(self, around: dict[str, Any]) -> None:
        """The event code tells it, wherever it stands."""
        assert error_of(around).kind == "audit_event"

    @pytest.mark.parametrize("payload", [None, "assetType", ["assetType"], {"asset": 1}, {}])
    def test_other_payload(self, payload: object) -> None:
        """Another `payload` does not."""
        assert error_of({"payload": payload}).kind == "other"


class TestDataIngestionEvent:
    """A note that a batch was loaded, or not."""

    def test_whole(self) -> None:
        """It says nothing beyond how it came."""
        assert told(error_of({"event_id": "e-1", "event": INGESTION_EVENT})) == {
            "message": "not a flow run at event: it is a data ingestion event; answer it with success and go on",
            "kind": "data_ingestion_event",
            "path": "event",
            "delivery": Delivery(event_id="e-1", path="event", wrappers=("event",)),
        }

    @pytest.mark.parametrize(
        "event",
        [
            {"xdm:ingestionId": None},
            {"xdm:eventCode": "ing_load_success"},
            {"specversion": "1.0", "type": "platform_event", "data": {"x": 1}},
        ],
    )
    def test_how_to_know_it(self, event: dict[str, Any]) -> None:
        """One of its keys or its event code tells it."""
        assert error_of(event).kind == "data_ingestion_event"


class TestValidationRequest:
    """A request to show that a webhook is meant to get events."""

    def test_whole(self) -> None:
        """It says what to do, and the URL to do it with, which no message shows."""
        assert told(error_of({"validationUrl": URL})) == {
            "message": "not a flow run: it asks to verify a webhook; fetch its validation_url within 5 minutes",
            "kind": "validation_request",
            "path": "",
            "delivery": Delivery(),
            "validation_url": URL,
        }

    def test_beside_other_keys(self) -> None:
        """The URL tells it before anything else."""
        assert error_of({**AUDIT_EVENT, "validationUrl": URL}).kind == "validation_request"

    @pytest.mark.parametrize("url", [None, 5, [URL], {}])
    def test_no_url(self, url: object) -> None:
        """Without a URL that is text it is something else."""
        assert told(error_of({"validationUrl": url})) == {
            "message": "not a flow run: it has neither metrics nor flowId; its keys are 'validationUrl'",
            "kind": "other",
            "path": "",
            "delivery": Delivery(),
        }


class TestOther:
    """Whatever else there may be."""

    @pytest.mark.parametrize(
        ("node", "keys"),
        [
            ({}, "it is an empty object"),
            ({"id": "secret"}, "its keys are 'id'"),
            ({"a": 1, "b": {"c": 2}}, "its keys are 'a', 'b'"),
            (dict.fromkeys("0123456789"), f"its keys are {', '.join(map(repr, '0123456789'))}"),
            (dict.fromkeys("0123456789x"), f"its keys are {', '.join(map(repr, '0123456789'))} and 1 more"),
            (dict.fromkeys(map(str, range(1000))), f"its keys are {', '.join(map(repr, '0123456789'))} and 990 more"),
            ({"k" * 40: 1, "l" * 41: 2}, f"its keys are '{'k' * 40}', '{'l' * 40}...'"),
            ({"": 1, "é\n\x1b[31m": 2, "it's": 3}, "its keys are '', '\\xe9\\n\\x1b[31m', \"it's\""),
        ],
        ids=["empty", "one", "two", "ten", "eleven", "thousand", "long", "odd"],
    )
    def test_keys(self, node: dict[str, Any], keys: str) -> None:
        """The message shows its keys, a few of them and cut short, printable in any terminal; no values."""
        assert told(error_of(node)) == {
            "message": f"not a flow run: it has neither metrics nor flowId; {keys}",
            "kind": "other",
            "path": "",
            "delivery": Delivery(),
        }

    @pytest.mark.parametrize(
        ("value", "what"),
        [
            ("5", "a number is neither a record nor a wrapper"),
            ("1e5", "a number is neither a record nor a wrapper"),
            ("true", "true or false is neither a record nor a wrapper"),
            ("null", "null is neither a record nor a wrapper"),
            ('"secret"', "it is text; where that holds JSON in its turn, decode it once more"),
            ('"{\\"id\\": \\"r-1\\"}"', "it is text; where that holds JSON in its turn, decode it once more"),
        ],
    )
    def test_values(self, value: str, what: str) -> None:
        """A value that is no object is named by its kind; JSON text within JSON gets a hint."""
        for payload, where in ((value, ""), (f'{{"event": [{value}]}}', " at event[0]")):
            error = error_of(payload)
            assert (error.kind, str(error)) == ("other", f"not a flow run{where}: {what}")

    def test_obstacle(self) -> None:
        """Where something stands in the way of looking, the message says what."""
        error = NotAFlowRunError(Found({"flowId": "f-1"}, "[0]", ("list",), {}, obstacle="it is far away"))
        assert told(error) == {
            "message": "not a flow run at [0]: it is far away",
            "kind": "other",
            "path": "[0]",
            "delivery": Delivery(path="[0]", wrappers=("list",)),
        }


class TestEveryKind:
    """What holds for all of them."""

    ALL = (ALERT, AUDIT_EVENT, INGESTION_EVENT, {"validationUrl": URL}, {"other": 1})

    def test_no_values(self) -> None:
        """No message shows a value."""
        messages = " ".join(str(error) for error in parse_all(self.ALL).skipped)
        assert not any(value in messages for value in ("secret", URL, "f-1", "r-1", "a-1", "FIRING", "delay rule"))

    def test_in_a_batch(self) -> None:
        """In a batch each is skipped in its place, in document order."""
        assert [(error.kind, error.path) for error in parse_all(self.ALL).skipped] == [
            ("alert", "[0]"),
            ("audit_event", "[1]"),
            ("data_ingestion_event", "[2]"),
            ("validation_request", "[3]"),
            ("other", "[4]"),
        ]

    def test_first_is_raised(self) -> None:
        """Of several `parse` raises the first."""
        with pytest.raises(NotAFlowRunError) as caught:
            parse([AUDIT_EVENT, ALERT])
        assert str(caught.value) == "not a flow run at [0]: it is an audit event; answer it with success and go on"

    @pytest.mark.parametrize("message", ALL)
    def test_pickling(self, message: dict[str, Any]) -> None:
        """Each survives pickling, with all it says."""
        error = error_of([message])
        assert told(pickle.loads(pickle.dumps(error))) == told(error)

    def test_items_of_an_api_list(self) -> None:
        """As an item of an API list each is a run, broken or not, since nothing else is listed there."""
        result = parse_all({"items": self.ALL, "_links": {}})
        assert [run.id for run in result.runs] == [ALERT["id"]]
        assert [error.path for error in result.errors] == ["items[1]", "items[2]", "items[3]", "items[4]"]
        assert result.skipped == ()


class TestKindOfValue:
    """`kind_of_value`."""

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            (None, "null"),
            (True, "true or false"),
            (0, "a number"),
            (0.5, "a number"),
            ("", "text"),
            ([], "a list"),
            ({}, "an object"),
        ],
    )
    def test_words(self, value: object, kind: str) -> None:
        """Each kind of JSON value has its words."""
        assert kind_of_value(value) == kind
