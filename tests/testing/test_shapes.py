"""The wrappers of the builders: each reads as its name says."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, get_args

import pytest

from flowrun_notifications import FlowRun, parse, parse_all
from flowrun_notifications._reading.wrappers import WRAPPERS
from flowrun_notifications.testing import Wrapper, make_flow_run, make_payload, make_record, shapes, wrap
from flowrun_notifications.testing.shapes import SHAPES, delivery_names

NAMES: tuple[Wrapper, ...] = get_args(Wrapper)
HOLD_ANY_NUMBER: tuple[Wrapper, ...] = (
    *("messages", "messages:object", "messages:bare", "journal", "api_list", "list", "other:sqs", "other:sns"),
)


IDS = {
    "event_id": "c3f5a1d7-68e2-4b0c-9d41-7e8f2a6b5c87",
    "recipient_client_id": "4d3c2b1a0f9e8d7c6b5a493827160504",
}
CODE = {"event_code": "source_flow_run_info"}
POSITION = {"position": "salmon:2f6d1b0a-7c3e-4a59-8e14-b0d9c2f7a698:1735725843"}
SENT = {"sent_at": datetime(2025, 1, 1, 10, 4, 3, tzinfo=timezone.utc)}
MESSAGE = {**CODE, **SENT, "category": "flowRun", "provider": "FlowService"}
HEADER = {**CODE, "provider": "aep_observability_catalog_events"}
HTTP = {**HEADER, "event_id": IDS["event_id"], "retry_count": 1}
DELIVERIES: dict[Wrapper, dict[str, Any]] = {
    "event": {**IDS, "path": "event"},
    "event:old": {**IDS, "path": "event"},
    "event:entry": {**POSITION, "path": "event"},
    "messages": {**MESSAGE, "path": "[0].messages[0].value"},
    "messages:object": {**MESSAGE, "path": "messages[0].value"},
    "messages:bare": {**MESSAGE, "path": "[0].value"},
    "messages:single": {**MESSAGE, "path": "value"},
    "cloud_event": {**IDS, **CODE, **SENT, "path": "data"},
    "cloud_event:text": {**IDS, **CODE, **SENT, "path": "data"},
    "cloud_event:base64": {**IDS, **CODE, **SENT, "path": "data_base64"},
    "eventbridge": {**CODE, "sent_at": datetime(2025, 1, 1, 10, 4, 5, tzinfo=timezone.utc), "path": "detail"},
    "journal": {**POSITION, "path": "events[0].event"},
    "api_list": {"path": "items[0]"},
    "body": {**HEADER, "path": "body"},
    "body:entry": {**HEADER, **POSITION, "path": "body"},
    "body:text": {**HTTP, "path": "body"},
    "body:base64": {**HTTP, "path": "body"},
    "runtime": HTTP,
    "runtime:text": {**HTTP, "path": "__ow_body"},
    "runtime:base64": {**HTTP, "path": "__ow_body"},
    "list": {"path": "[0]"},
    "other": {"path": "content"},
    "other:text": {"path": "content"},
    "other:base64": {"path": "content"},
    "other:sqs": {"path": "Records[0].body"},
    "other:sns": {"path": "Records[0].Sns.Message"},
}
"""The delivery of the run in each wrapper, the wrappers' names apart."""


def bare(run: FlowRun) -> FlowRun:
    """Return a run as if it had come bare."""
    return run.model_copy(update={"delivery": make_flow_run().delivery})


@pytest.mark.parametrize("wrapper", NAMES)
def test_every_wrapper_is_read(wrapper: Wrapper) -> None:
    """A run in each wrapper reads as the bare run, and its delivery holds the wrapper's details and its name."""
    run = parse(make_payload(wrapper))
    assert bare(run) == make_flow_run()
    given = {name: value for name, value in vars(run.delivery).items() if value not in (None, "")}
    assert given == {**DELIVERIES[wrapper], "wrappers": delivery_names(wrapper)}


def test_names_are_those_of_the_delivery() -> None:
    """The part of a name before the colon is a name that `Delivery.wrappers` gives, and each of those is there."""
    names = {wrapper.partition(":")[0] for wrapper in NAMES}
    assert names == {wrapper.name for wrapper in WRAPPERS} | {"list", "other"}


def test_every_wrapper_is_documented() -> None:
    """The table in the source lists the wrappers in order; where a delivery gives further names, it says so."""
    source = Path(shapes.__file__).read_text(encoding="utf-8")
    rows = re.findall(r"^``([\w:]+)`` +(.*)$", source, re.MULTILINE)
    assert tuple(name for name, _ in rows) == NAMES == tuple(SHAPES)
    assert {name for name, text in rows if "Delivery.wrappers" in text} == {
        wrapper for wrapper in NAMES if len(delivery_names(wrapper)) > 1
    }


@pytest.mark.slow
def test_nested_wrappers() -> None:
    """In two wrappers, one in the other, a run reads the same; the delivery names both.

    A few have the shape of one: parameters of an action, and messages that Adobe sends in a list. Lists in searched
    objects have no name.
    """
    run = make_flow_run()
    for outer in NAMES:
        for inner in NAMES:
            if outer == "runtime" and isinstance(make_payload(inner), list):
                continue  # headers stand beside keys, and a list has none
            nested = make_flow_run(outer, inner)
            assert bare(nested) == run, (outer, inner)
            wanted = delivery_names(outer) + delivery_names(inner)
            if outer == "runtime" and delivery_names(inner) == ("runtime",):
                wanted = ("runtime",)
            elif outer == "list" and inner in ("messages:object", "messages:single"):
                wanted = ("messages",)
            elif inner == "list" and delivery_names(outer)[-1] == "other":
                wanted = delivery_names(outer)
            assert nested.delivery.wrappers == wanted, (outer, inner)


@pytest.mark.parametrize("wrapper", HOLD_ANY_NUMBER)
@pytest.mark.parametrize("number", [1, 3])
def test_batches_hold_any_number(wrapper: Wrapper, number: int) -> None:
    """A wrapper of many holds copies of the things given, in order."""
    contents = [make_record(id=f"r-{i}") for i in range(number)]
    payload = wrap(wrapper, *contents)
    for content in contents:
        content.clear()
    assert [run.id for run in parse_all(payload).runs] == [f"r-{i}" for i in range(number)]


def test_empty_batches() -> None:
    """A wrapper of many may hold nothing."""
    assert {wrapper: wrap(wrapper) for wrapper in HOLD_ANY_NUMBER} == {
        "messages": [{"messages": []}],
        "messages:object": {"messages": []},
        "messages:bare": [],
        "journal": {
            "events": [],
            "_page": {"last": "salmon:2f6d1b0a-7c3e-4a59-8e14-b0d9c2f7a698:1735725843", "count": 0},
        },
        "api_list": {"items": [], "_links": {}, "count": 0},
        "list": [],
        "other:sqs": {"Records": []},
        "other:sns": {"Records": []},
    }


@pytest.mark.parametrize("wrapper", [wrapper for wrapper in NAMES if wrapper not in HOLD_ANY_NUMBER])
@pytest.mark.parametrize("number", [0, 2])
def test_wrappers_of_one_refuse_any_other_number(wrapper: Wrapper, number: int) -> None:
    """A wrapper of one thing refuses none and two, in words."""
    with pytest.raises(ValueError, match=f"^the wrapper '{wrapper}' holds exactly one thing, {number} were given$"):
        wrap(wrapper, *[make_record()] * number)


def test_contents_as_text() -> None:
    """The wrappers of text hold the content as JSON text, or as base64 of it."""
    content = {"id": "é"}
    assert [
        wrap("cloud_event:text", content)["data"],
        wrap("body:text", content)["body"],
        wrap("runtime:text", content)["__ow_body"],
        wrap("other:text", content)["content"],
        wrap("other:sqs", content)["Records"][0]["body"],
        wrap("other:sns", content)["Records"][0]["Sns"]["Message"],
    ] == ['{"id": "é"}'] * 6
    assert [
        wrap("cloud_event:base64", content)["data_base64"],
        wrap("body:base64", content)["body"],
        wrap("runtime:base64", content)["__ow_body"],
        wrap("other:base64", content)["content"],
    ] == [base64.b64encode(b'{"id": "\\u00e9"}').decode()] * 4


def test_event_with_header_and_body() -> None:
    """The documented event with header and body is a body in an event."""
    record = make_record()
    assert wrap("event", wrap("body", record)) == {
        "eventid": "c3f5a1d7-68e2-4b0c-9d41-7e8f2a6b5c87",
        "recipientclientid": "4d3c2b1a0f9e8d7c6b5a493827160504",
        "event": {
            "header": {
                "_adobeio": {
                    "imsOrgId": "0A1B2C3D4E5F60718293A4B5@AdobeOrg",
                    "providerMetadata": "aep_observability_catalog_events",
                    "eventCode": "source_flow_run_info",
                }
            },
            "body": record,
        },
    }
