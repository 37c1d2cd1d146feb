"""Tests of how a delivery is made, attached to a run, and resolved where several places give the same detail."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest
from pydantic import BaseModel

from flowrun_notifications import Delivery, FlowRun, parse
from flowrun_notifications._models.delivery import (
    ID_FALLBACK,
    PROVIDER_FROM_HEADER,
    PROVIDER_FROM_HTTP,
    attach_delivery,
    make_delivery,
)
from flowrun_notifications._models.record_schema import validate_record
from flowrun_notifications._models.timestamps import to_utc

DETAILS: dict[str, Any] = {
    "event_id": "e-1",
    "event_code": "code",
    "category": "category",
    "provider": "provider",
    "recipient_client_id": "c-1",
    "position": "p-1",
    "sent_at": to_utc("2025-01-01T00:00:00Z"),
    "retry_count": 2,
}
DELIVERY = Delivery(**DETAILS, path="event", wrappers=("event",))


class TestMadeByHand:
    """`make_delivery`, which fills the slots of a model by hand."""

    @pytest.mark.parametrize("details", [DETAILS, {"event_id": "e-1"}, {}])
    def test_slots(self, details: dict[str, Any]) -> None:
        """Slot by slot it equals the delivery that pydantic constructs, so that a change of pydantic is noticed."""
        made = make_delivery(details, "event", ("event",))
        fields = {**Delivery().__dict__, **details, "path": "event", "wrappers": ("event",)}
        constructed = Delivery.model_construct(_fields_set=set(Delivery.model_fields), **fields)
        slots = {slot for cls in Delivery.__mro__ for slot in getattr(cls, "__slots__", ())} - {"__weakref__"}
        assert slots == {"__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"}
        assert {slot: getattr(made, slot) for slot in slots} == {slot: getattr(constructed, slot) for slot in slots}

    def test_value(self) -> None:
        """It equals the one that is validated, and is as good as that."""
        made = make_delivery(DETAILS, "event", ("event",))
        assert (made, hash(made), repr(made), made.model_dump()) == (
            DELIVERY,
            hash(DELIVERY),
            repr(DELIVERY),
            DELIVERY.model_dump(),
        )
        assert [copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))] == [DELIVERY] * 3

    def test_details_are_not_held(self) -> None:
        """The details, which several deliveries share, are not changed through it."""
        details = dict(DETAILS)
        made = make_delivery(details, "event", ("event",))
        vars(made)["event_id"] = "changed"
        assert details == DETAILS


class TestAttach:
    """`attach_delivery`."""

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ({}, ("code", "provider")),
            ({"_adobeio": {"eventCode": "own", "providerMetadata": "own"}}, ("own", "provider")),
            ({"_adobeio": {"eventCode": None}}, ("code", "provider")),
        ],
    )
    def test_header(self, header: dict[str, Any], expected: tuple[str, str]) -> None:
        """The record's own header gives the event code before any wrapper, the provider after all of them."""
        run = validate_record({"id": "r-1", "flowId": "f-1", "header": header})
        attach_delivery(run, DETAILS, "event", ("event",))
        assert (run.delivery.event_code, run.delivery.provider) == expected
        assert run.delivery == DELIVERY.model_copy(update={"event_code": expected[0]})

    def test_provider_of_the_header(self) -> None:
        """Where no wrapper names a provider, the header does."""
        header = {"_adobeio": {"providerMetadata": "own"}}
        run = validate_record({"id": "r-1", "flowId": "f-1", "header": header})
        attach_delivery(run, {"event_id": "e-1"}, "", ())
        assert run.delivery == Delivery(event_id="e-1", provider="own")

    def test_counts_as_given(self) -> None:
        """A delivery that was attached is dumped also where only given keys are."""
        run = validate_record({"id": "r-1", "flowId": "f-1"})
        attach_delivery(run, DETAILS, "event", ("event",))
        assert FlowRun.model_validate_json(run.model_dump_json(exclude_unset=True)) == run


@pytest.mark.parametrize(
    ("details", "header", "expected"),
    [
        ({}, {}, {}),
        (DETAILS, {}, DETAILS),
        ({"provider": "p", ID_FALLBACK: "x"}, {}, {"provider": "p", "event_id": "x"}),
        ({"provider": "p", ID_FALLBACK: "x", "event_id": "e"}, {}, {"provider": "p", "event_id": "e"}),
        ({"event_code": "c"}, {"event_code": "own"}, {"event_code": "own"}),
        ({}, {"event_code": "own", "provider": "own"}, {"event_code": "own", "provider": "own"}),
        ({PROVIDER_FROM_HTTP: "h"}, {"provider": "own"}, {"provider": "h"}),
        ({PROVIDER_FROM_HEADER: "around"}, {"provider": "own"}, {"provider": "own"}),
        ({PROVIDER_FROM_HEADER: "around"}, {}, {"provider": "around"}),
        ({PROVIDER_FROM_HTTP: "h", PROVIDER_FROM_HEADER: "around"}, {}, {"provider": "h"}),
        ({"provider": "p", PROVIDER_FROM_HTTP: "h"}, {"provider": "own"}, {"provider": "p"}),
    ],
)
def test_fallbacks(details: dict[str, Any], header: dict[str, Any], expected: dict[str, Any]) -> None:
    """An id of HTTP headers or a CloudEvent stands in; a provider is the message's, else HTTP's, else a header's."""
    assert make_delivery(details, "", (), header) == Delivery(**expected)


FORGED: dict[str, Any] = {**DETAILS, "sent_at": 1, "path": "forged", "wrappers": ["forged"]}
FORGED_HEADER: dict[str, Any] = {
    "_adobeio": {"eventCode": "code", "eventId": "forged", "path": "forged"},
    **FORGED,
    **{f"flowrun_notifications:{name}": value for name, value in FORGED.items()},
}
"""A header that has every detail under every name that one might read it from."""


class TestOfARecord:
    """The `header` of a record, from which its delivery is validated."""

    @pytest.mark.parametrize(
        "odd",
        [None, 5, "text", [], {}, {"_adobeio": None}, {"_adobeio": 5}, {"_adobeio": []}, {"other": {}}],
    )
    def test_odd_header(self, odd: object) -> None:
        """A header of another shape gives nothing, and costs nothing."""
        assert parse({"id": "r-1", "flowId": "f-1", "header": odd}).delivery == Delivery()

    @pytest.mark.parametrize("odd", [None, 5, True, "", [], {}])
    def test_odd_detail(self, odd: object) -> None:
        """A detail that is unusable or empty is None; the others count."""
        header = {"_adobeio": {"eventCode": odd, "providerMetadata": "p"}}
        assert parse({"id": "r-1", "flowId": "f-1", "header": header}).delivery == Delivery(provider="p")

    @pytest.mark.parametrize("how", ["parse", "model", "model from JSON", "field", "field from JSON"])
    def test_forged(self, how: str) -> None:
        """A header can fill no other detail, however the run is read."""

        class Report(BaseModel):
            run: FlowRun

        record = {"id": "r-1", "flowId": "f-1", "header": FORGED_HEADER}
        text = json.dumps(record)
        run = {
            "parse": lambda: parse(record),
            "model": lambda: FlowRun.model_validate(record),
            "model from JSON": lambda: FlowRun.model_validate_json(text),
            "field": lambda: Report.model_validate({"run": record}).run,
            "field from JSON": lambda: Report.model_validate_json(f'{{"run": {text}}}').run,
        }[how]()
        assert run.delivery == Delivery(event_code="code")


def test_json_schema() -> None:
    """What is read as a delivery is a record's header; what is written are its attributes."""
    text = {"type": "string"}
    assert Delivery.model_json_schema(mode="validation") == {
        "title": "Header",
        "type": "object",
        "properties": {
            "_adobeio": {"type": "object", "properties": {"eventCode": text, "providerMetadata": text}},
        },
    }
    written = Delivery.model_json_schema(mode="serialization")
    assert written["properties"].keys() == Delivery.model_fields.keys()
