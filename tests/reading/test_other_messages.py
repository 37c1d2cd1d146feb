"""Tests of the messages that share a subscription with flow runs: how they are told apart, and what they say."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from flowrun_notifications import (
    Alert,
    AuditEvent,
    DataIngestionEvent,
    Delivery,
    NotAFlowRunError,
    OtherMessage,
    ValidationRequest,
    parse,
    parse_all,
)
from flowrun_notifications._reading.items import Around, Item
from flowrun_notifications._reading.kinds import Kind, kind_of_value
from flowrun_notifications._reading.other_messages import make_message
from reading.reads import RUN, read

UTC = timezone.utc
ALERT: dict[str, Any] = {
    "id": "a-1",
    "name": "delay rule",
    "status": "FIRING",
    "severity": "high",
    "message": "secret: the run takes long",
    "value": "151",
    "url": "https://secret.example/a",
    "createdAt": "2025-01-01T12:30:00.000Z",
    "resolvedAt": 1735735000,
    "flowId": "f-1",
    "flowRunId": "r-1",
    "imsOrgId": "org-1",
    "sandboxId": "s-1",
    "sandboxName": "prod",
    "header": {"_adobeio": {"providerMetadata": "provider-1", "eventCode": "source_flow_run_error"}},
}
AUDIT_EVENT: dict[str, Any] = {
    "id": "u-1",
    "payload": {
        "assetType": "Dataset",
        "assetId": "d-1",
        "assetName": "secret",
        "action": "Create",
        "timestamp": 1735735000000,
        "requestId": "q-1",
    },
    "header": {"_adobeio": {"eventCode": "audit_events_info"}},
}
INGESTION_EVENT: dict[str, Any] = {
    "xdm:ingestionId": "i-1",
    "xdm:customerIngestionId": "c-1",
    "xdm:datasetId": "d-1",
    "xdm:eventCode": "ing_load_failure",
    "xdm:completed": 1735735000000,
}
URL = "https://secret.example/validate?id=1"
VALIDATION: dict[str, Any] = {"validationUrl": URL}

MODELS: dict[str, OtherMessage] = {
    "alert": Alert(
        kind="alert",
        delivery=Delivery(event_code="source_flow_run_error", provider="provider-1"),
        content=ALERT,
        id="a-1",
        name="delay rule",
        status="FIRING",
        severity="high",
        message="secret: the run takes long",
        value="151",
        url="https://secret.example/a",
        created_at=datetime(2025, 1, 1, 12, 30, tzinfo=UTC),
        resolved_at=datetime(2025, 1, 1, 12, 36, 40, tzinfo=UTC),
        flow_id="f-1",
        flow_run_id="r-1",
        ims_org_id="org-1",
        sandbox_id="s-1",
        sandbox_name="prod",
    ),
    "audit_event": AuditEvent(
        kind="audit_event",
        delivery=Delivery(event_code="audit_events_info"),
        content=AUDIT_EVENT,
        asset_type="Dataset",
        asset_id="d-1",
        asset_name="secret",
        action="Create",
        timestamp=datetime(2025, 1, 1, 12, 36, 40, tzinfo=UTC),
        request_id="q-1",
    ),
    "data_ingestion_event": DataIngestionEvent(
        kind="data_ingestion_event",
        content=INGESTION_EVENT,
        ingestion_id="i-1",
        customer_ingestion_id="c-1",
        dataset_id="d-1",
        event_code="ing_load_failure",
        completed=datetime(2025, 1, 1, 12, 36, 40, tzinfo=UTC),
    ),
    "validation_request": ValidationRequest(kind="validation_request", content=VALIDATION, validation_url=URL),
    "other": OtherMessage(kind="other", content={"x": 1}),
}
"""A message of each kind, as its model."""


def message(payload: Any) -> OtherMessage:
    """Return the one message in a payload, which `parse` raises, too."""
    result = read(payload)
    assert (result.runs, result.errors) == ((), ())
    (only,) = result.others
    with pytest.raises(NotAFlowRunError) as caught:
        parse(json.dumps(payload))
    assert (caught.value.other, caught.value.kind, caught.value.path, str(caught.value)) == (
        only,
        only.kind,
        only.path,
        only.description,
    )
    return only


def kind(payload: Any) -> Kind:
    """Return the kind of the one message in a payload."""
    return message(payload).kind


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS.keys())
class TestModels:
    """Messages of every kind."""

    def test_whole(self, model: OtherMessage) -> None:
        """Each is a model with all that it says, how it came, and the JSON as it came."""
        got = message(model.content)
        assert (got, type(got)) == (model, type(model))

    def test_in_a_wrapper(self, model: OtherMessage) -> None:
        """In a wrapper it has its place, and what the wrappers say."""
        got = message({"events": [{"position": "p-1", "event": {"event_id": "e-1", "event": model.content}}]})
        place: dict[str, Any] = {"path": "events[0].event.event", "wrappers": ("journal", "event")}
        delivery = model.delivery.model_copy(update={"event_id": "e-1", "position": "p-1", **place})
        assert got == model.model_copy(update={"path": delivery.path, "delivery": delivery})

    def test_made_by_hand(self, model: OtherMessage) -> None:
        """Slot by slot it equals the model that pydantic constructs, so that a change of pydantic is noticed."""
        made = make_message(Item(model.content, Around(None, (), {}, "known", 0, 0), kind=model.kind))
        constructed = type(model).model_construct(_fields_set=set(type(model).model_fields), **dict(model))
        slots = {slot for cls in type(model).__mro__ for slot in getattr(cls, "__slots__", ())} - {"__weakref__"}
        assert {slot: getattr(made, slot) for slot in slots} == {slot: getattr(constructed, slot) for slot in slots}

    def test_copies(self, model: OtherMessage) -> None:
        """It can be copied, pickled, dumped and read again, and hashed."""
        got = message(model.content)
        again = [copy.copy(got), copy.deepcopy(got), pickle.loads(pickle.dumps(got))]
        again += [type(got).model_validate(got.model_dump()), type(got).model_validate_json(got.model_dump_json())]
        assert again == [model] * 5
        assert {hash(one) for one in again} == {hash(model)}

    def test_frozen(self, model: OtherMessage) -> None:
        """It does not change."""
        with pytest.raises(ValidationError, match="frozen"):
            model.path = "elsewhere"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    def test_no_values(self, model: OtherMessage) -> None:
        """Its description names keys and types, and no value."""
        description = message([model.content]).description
        assert description.startswith("not a flow run at [0]: it ")
        assert not any(value in description for value in ("secret", "f-1", "r-1", "a-1", "FIRING", "delay rule"))
        assert str(message([model.content])) == description


@pytest.mark.parametrize("odd", [True, [], {}, [5], None])
def test_unusable_values(odd: object) -> None:
    """A value of no use is None, so that a message never breaks."""
    contents: dict[str, Any] = {
        "alert": {**dict.fromkeys(ALERT, odd), "status": "FIRING"},
        "audit_event": {"payload": dict.fromkeys(AUDIT_EVENT["payload"], odd)},
        "data_ingestion_event": dict.fromkeys(INGESTION_EVENT, odd),
    }
    for told, content in contents.items():
        got = message(content)
        read_from_it = {name for name in type(got).model_fields if name not in OtherMessage.model_fields} - {"status"}
        assert (got.kind, {name for name in read_from_it if getattr(got, name) is not None}) == (told, set())


def test_kinds() -> None:
    """The kinds that there are."""
    assert get_args(Kind) == ("alert", "audit_event", "data_ingestion_event", "validation_request", "other")
    assert set(MODELS) == set(get_args(Kind))


class TestAlert:
    """Alerts on a rule."""

    @pytest.mark.parametrize(
        ("status", "is_firing"),
        [("FIRING", True), ("INACTIVE", False), ("firing", True), ("Inactive", False)],
    )
    def test_status(self, status: str, is_firing: bool) -> None:
        """Its status alone tells it, whatever its case."""
        alert = message({"status": status})
        assert isinstance(alert, Alert)
        assert (alert.status, alert.is_firing) == (status, is_firing)

    @pytest.mark.parametrize("more", [{}, {"flowId": "f-1"}, {"id": "a", "flowId": "f-1", "activities": []}])
    def test_name_and_severity(self, more: dict[str, Any]) -> None:
        """With a name and a severity any text will do as status, also beside the ids of a run."""
        alert = message({"status": "ESCALATED", "name": None, "severity": None, **more})
        assert isinstance(alert, Alert)
        assert alert.is_firing is False

    @pytest.mark.parametrize("key", ["metrics", "xdm:metrics"])
    @pytest.mark.parametrize("metrics", [{}, None])
    def test_metrics(self, key: str, metrics: object) -> None:
        """With metrics it is a run."""
        run = parse({**ALERT, key: metrics})
        assert run.model_extra == {
            name: ALERT[name] for name in ("status", "name", "severity", "value", "flowRunId", "resolvedAt")
        }

    @pytest.mark.parametrize(
        "more",
        [
            {"status": "success"},
            {"status": ""},
            {"status": None, "name": "n", "severity": "s"},
            {"status": ["FIRING"]},
            {"status": "ESCALATED", "severity": "high"},
            {"status": "ESCALATED", "name": "n"},
            {"name": "n", "severity": "high"},
        ],
    )
    def test_other_status(self, more: dict[str, Any]) -> None:
        """Anything less makes no alert of a run."""
        assert parse({"id": "r-1", "flowId": "f-1", **more}).model_extra == more

    def test_before_wrappers(self) -> None:
        """It is told before any wrapper is opened: it has a `value`, too."""
        assert kind({"status": "FIRING", "value": RUN, "event": RUN}) == "alert"


CODES = {"audit_events_info": "audit_event", "platform_event": "data_ingestion_event", "other_info": "other"}


AROUND: list[Callable[[str], Any]] = [
    lambda code: {"x": 1, "header": {"_adobeio": {"eventCode": code}}},
    lambda code: {"header": {"_adobeio": {"eventCode": code}}, "body": {"x": 1}},
    lambda code: {"specversion": "1.0", "type": code, "data": {"x": 1}},
    lambda code: {"specversion": "1.0", "type": code, "data": [{"x": 1}]},
    lambda code: {"detail-type": f"l:{code}", "detail": {"x": 1}},
    lambda code: {"_eventNotificationMeta": {"type": code}, "value": {"x": 1}},
    lambda code: {"x": 1, "__adobe_headers": {"x-adobe-event-code": code}},
    lambda code: {"headers": {"X-Adobe-Event-Code": [code]}, "body": json.dumps({"x": 1})},
]
"""Places of an event code."""


class TestEventCode:
    """Messages that are told by their event code alone."""

    @pytest.mark.parametrize(("code", "told"), CODES.items())
    @pytest.mark.parametrize(
        "around",
        AROUND,
    )
    def test_places(self, code: str, told: str, around: Any) -> None:
        """The code tells it wherever it stands."""
        assert kind(around(code)) == told

    @pytest.mark.parametrize("field", [1, [1], {"y": 1}], ids=["number", "list", "object"])
    def test_in_a_list(self, field: Any) -> None:
        """In a list it is told as on its own, also where headers stand among the message's own keys."""
        message = {"x-adobe-event-code": "audit_events_info", "x": field}
        (other,) = parse_all([message]).others
        assert (other.kind, other.content, other.delivery.event_code) == ("audit_event", message, "audit_events_info")
        assert kind(message) == "audit_event"

    def test_innermost(self) -> None:
        """The message's own header counts before its wrappers."""
        own = {"x": 1, "header": {"_adobeio": {"eventCode": "audit_events_info"}}}
        assert kind({"specversion": "1.0", "type": "platform_event", "data": own}) == "audit_event"

    def test_in_a_searched_object(self) -> None:
        """It says nothing about objects further in that are found by searching only."""
        assert (
            kind({"specversion": "1.0", "type": "audit_events_info", "data": {"x": {"y": {"z": 1}}}}) == "audit_event"
        )


class TestOtherKinds:
    """Audit events, data ingestion events and validation requests by their keys."""

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ({"payload": {"assetType": None}}, "audit_event"),
            ({"payload": {"action": "Create", "other": 1}}, "audit_event"),
            ({"payload": {"asset": 1}}, "other"),
            ({"payload": "assetType"}, "other"),
            ({"payload": ["assetType"]}, "other"),
            ({"payload": {}}, "other"),
            ({"xdm:ingestionId": None}, "data_ingestion_event"),
            ({"xdm:eventCode": "ing_load_success"}, "data_ingestion_event"),
            ({"validationUrl": URL, **AUDIT_EVENT}, "validation_request"),
            ({"validationUrl": None}, "other"),
            ({"validationUrl": [URL]}, "other"),
        ],
    )
    def test_keys(self, content: dict[str, Any], told: str) -> None:
        """A key of its own tells each; a validation request before anything else."""
        assert kind(content) == told

    def test_batch(self) -> None:
        """In a batch each has its place, in document order, beside runs."""
        contents = [model.content for model in MODELS.values()]
        result = read([*contents, RUN])
        assert [(other.kind, other.path) for other in result.others] == [
            (told, f"[{i}]") for i, told in enumerate(MODELS)
        ]
        assert [run.delivery.path for run in result.runs] == ["[5]"]

    def test_first_is_raised(self) -> None:
        """Of several `parse` raises the first."""
        with pytest.raises(NotAFlowRunError) as caught:
            parse([AUDIT_EVENT, ALERT])
        assert str(caught.value) == "not a flow run at [0]: it is an audit event; answer it with success and go on"


DESCRIPTIONS: dict[str, str] = {
    "alert": "it is an alert; answer it with success and go on",
    "audit_event": "it is an audit event; answer it with success and go on",
    "data_ingestion_event": "it is a data ingestion event; answer it with success and go on",
    "validation_request": "it asks to verify a webhook; fetch its validation_url within 5 minutes",
    "other": "it has neither metrics nor flowId; its keys are 'x'",
}


class TestDescription:
    """Sentences about messages."""

    @pytest.mark.parametrize(("told", "description"), DESCRIPTIONS.items())
    def test_kinds(self, told: str, description: str) -> None:
        """Each kind has a sentence, with its place where it has one."""
        assert message(MODELS[told].content).description == f"not a flow run: {description}"
        assert message([MODELS[told].content]).description == f"not a flow run at [0]: {description}"

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
        """It names some keys, cut and printable."""
        assert message(node).description == f"not a flow run: it has neither metrics nor flowId; {keys}"

    @pytest.mark.parametrize(
        ("node", "hint"),
        [
            ({"id": "r-1", "flowid": "f-1"}, "; 'flowid' looks like flowId"),
            ({"flow_id": "f-1", "metric": {}}, "; 'flow_id' looks like flowId; 'metric' looks like metrics"),
            ({"FlowId": "f-1"}, "; 'FlowId' looks like flowId"),
            ({"flowIdentity": "f-1"}, ""),
        ],
    )
    def test_look_alikes(self, node: dict[str, Any], hint: str) -> None:
        """It names keys that look like those that make a record."""
        keys = ", ".join(map(repr, node))
        assert message(node).description == (
            f"not a flow run: it has neither metrics nor flowId; its keys are {keys}{hint}"
        )

    @pytest.mark.parametrize(
        ("value", "sentence"),
        [
            (5, "a number is neither a record nor a wrapper"),
            (1e5, "a number is neither a record nor a wrapper"),
            (True, "true or false is neither a record nor a wrapper"),
            (None, "null is neither a record nor a wrapper"),
            ([5], "a list is neither a record nor a wrapper"),
            ("secret", "it is a string; if it holds JSON itself, decode it once more"),
            (json.dumps(json.dumps(RUN)), "it is a string; if it holds JSON itself, decode it once more"),
        ],
    )
    def test_values(self, value: object, sentence: str) -> None:
        """A value that is not an object is named by its kind."""
        assert message(value).description == f"not a flow run: {sentence}"

    @pytest.mark.parametrize(
        ("value", "words"),
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
    def test_kind_of_value(self, value: object, words: str) -> None:
        """Each kind of JSON value has its words."""
        assert kind_of_value(value) == words


def test_content_is_kept() -> None:
    """The content is the JSON as it came, of each entry of a list, too."""
    payload = [{"x": [1, {"y": None}]}, [5], "text"]
    assert [other.content for other in parse_all(payload).others] == [{"x": [1, {"y": None}]}, [5]]
