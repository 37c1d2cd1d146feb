"""How a run came: which of several places decides, and what never gets into the run."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any, NamedTuple

from fuzz.oracle import general_outcomes, outcomes
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications import Delivery, FlowRun, parse
from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications.testing import Wrapper, make_record, records, wrap
from properties.strategies import ANY_JSON, ANY_KEY, WRONG, delivered, dumps, fields_by_key

# --- which place decides --------------------------------------------------------------------------------------------

NOTHING = st.sampled_from([None, "", 5, [], {}, [None], True])
"""What gives no detail: "empty text counts as absent", and so does what is unusable."""

SENT_AT = datetime(2025, 1, 1, tzinfo=timezone.utc)


class Layer(NamedTuple):
    """A wrapper around a run, and the details that it must give."""

    json: dict[str, Any]
    """Its keys beside the content."""

    key: str
    """The key of its content; empty where the content's own keys stand beside it."""

    details: dict[str, Any]


@st.composite
def layers(draw: st.DrawFn, number: int, *, is_innermost: bool) -> Layer:
    """Draw a wrapper in which each place of a detail is absent, gives nothing, or gives a value of its own."""
    details: dict[str, Any] = {}

    def place(detail: str, value: Any = None, usable: Any = None) -> Any:
        """Return what stands at a place; `None` stands for an absent key too."""
        if not draw(st.booleans()):
            return draw(NOTHING) if detail not in ("sent_at", "retry_count") else draw(st.sampled_from([None, "", "x"]))
        value = f"{detail} {number}" if value is None else value
        details.setdefault(detail, value if usable is None else usable)
        return value

    def ids() -> dict[str, Any]:
        spellings = draw(st.permutations([("eventid", "recipientclientid"), ("event_id", "recipient_client_id")]))
        (event_id, client_id), (other_event_id, other_client_id) = spellings
        return {
            other_event_id: draw(NOTHING),
            event_id: place("event_id"),
            client_id: place("recipient_client_id"),
            other_client_id: draw(NOTHING),
        }

    def instant() -> Any:
        return place("sent_at", 1735689600 + number, SENT_AT.replace(second=number))

    def http_headers() -> dict[str, Any]:
        values = {
            "x-adobe-event-id": place("id fallback"),
            "x-adobe-event-code": place("event_code"),
            "x-adobe-provider": place("provider of HTTP"),
            "x-adobe-retry-count": place("retry_count", str(number), number),
        }
        respell = draw(st.sampled_from([str, str.title, str.upper]))
        as_list = draw(st.booleans())
        return {
            respell(key): [value, "second"] if as_list and isinstance(value, str) else value
            for key, value in values.items()
            if value is not None
        }

    def record_header() -> dict[str, Any]:
        codes = {"eventCode": place("event_code"), "providerMetadata": place("provider of a header")}
        return {"header": {"_adobeio": codes}}

    kind = draw(
        st.sampled_from(
            ["event", "messages", "cloud_event", "eventbridge", "journal", "body", "http", "web action", "other"]
            + ["record", "action", "action's parameters"] * is_innermost
        )
    )
    match kind:
        case "event":
            return Layer({**ids(), "position": place("position")}, "event", details)
        case "messages":
            meta = {"category": place("category"), "type": place("event_code")}
            message = {"timestamp": instant(), "provider": place("provider"), "_eventNotificationMeta": meta}
            return Layer(message, "value", details)
        case "cloud_event":
            event = {"specversion": "1.0", **ids(), "id": place("id fallback")}
            return Layer({**event, "type": place("event_code"), "time": instant()}, "data", details)
        case "eventbridge":
            label = place("event_code", f"a:b:event_code {number}", f"event_code {number}")
            return Layer({"detail-type": label, "time": instant()}, "detail", details)
        case "journal":
            return Layer({"position": place("position")}, "events", details)
        case "body":
            return Layer({**ids(), "position": place("position"), **record_header()}, "body", details)
        case "http":
            return Layer({"headers": http_headers()}, "body", details)
        case "web action":
            return Layer({"__ow_headers": http_headers(), "__ow_method": "post"}, "__ow_body", details)
        case "action":
            return Layer({"__adobe_headers": http_headers()}, "", details)
        case "action's parameters":
            return Layer({"__ow_method": "post", **http_headers()}, "", details)
        case "record":
            return Layer(record_header(), "", details)
        case _:
            return Layer({"headers": http_headers()}, "content", details)


@st.composite
def stacks(draw: st.DrawFn) -> list[Layer]:
    """Draw wrappers, outermost first."""
    depth = draw(st.integers(1, 5))
    return [draw(layers(number, is_innermost=number == depth)) for number in range(1, depth + 1)]


def stack(record: dict[str, Any], around: list[Layer]) -> Any:
    """Return a record in wrappers."""
    payload: Any = record
    for layer in reversed(around):
        if layer.key == "events":
            payload = {"events": [{**layer.json, "event": payload}]}
        elif layer.key == "__ow_body":
            payload = {**layer.json, "__ow_body": base64.b64encode(json.dumps(payload).encode()).decode()}
        else:
            payload = {**layer.json, **({layer.key: payload} if layer.key else payload)}
    return payload


def expect(around: list[Layer]) -> dict[str, Any]:
    """Return the details of the delivery, by the words of the rule."""

    def outermost(detail: str) -> Any:
        return next((layer.details[detail] for layer in around if detail in layer.details), None)

    def innermost(detail: str) -> Any:
        return next((layer.details[detail] for layer in reversed(around) if detail in layer.details), None)

    providers = ("provider", "provider of HTTP", "provider of a header")
    return {
        # "Among eventid/event_id and among recipientclientid/recipient_client_id the outermost wins; ids in HTTP headers
        # and a CloudEvent's id count only where there is none."
        "event_id": outermost("event_id") or innermost("id fallback"),
        "recipient_client_id": outermost("recipient_client_id"),
        # "provider is the message's, else that of the headers, else the record header's."
        "provider": next(filter(None, map(innermost, providers)), None),
        # "Everything else comes from the innermost, by depth."
        **{key: innermost(key) for key in ("event_code", "category", "position", "sent_at", "retry_count")},
    }


@given(stacks())
def test_which_place_decides(around: list[Layer]) -> None:
    """The outermost wins for both ids, and everything else comes from the innermost, by depth."""
    record = {key: value for key, value in make_record().items() if key != "header"}
    payload = stack(record, around)
    run = parse(payload)
    assert run.delivery.model_dump(exclude={"path", "wrappers"}) == expect(around)
    assert delivered(run) == delivered(parse(record))
    assert outcomes(dumps(payload)) == outcomes(payload) == general_outcomes(payload)


@given(
    st.dictionaries(
        st.sampled_from(["eventCode", "providerMetadata"]), st.sampled_from(["code", "", None, 5]) | ANY_JSON
    ),
    st.dictionaries(ANY_KEY | st.sampled_from(list(Delivery.model_fields)), ANY_JSON, max_size=3),
    st.sampled_from([None, "event", "body:entry"]),
)
def test_a_header_fills_nothing_but_code_and_provider(
    codes: dict[str, Any], others: dict[str, Any], wrapper: Wrapper | None
) -> None:
    """No header of a payload can fill ``delivery.path``, ``event_id`` or any detail that is not its own."""
    others.pop("_adobeio", None)
    record = {**make_record(), "header": {**others, "_adobeio": {**others, **codes}}}
    plain = make_record(header={"_adobeio": codes})
    wanted, payload = (wrap(wrapper, one) if wrapper else one for one in (plain, record))
    assert parse(payload) == parse(wanted)
    assert parse(dumps(payload)) == parse(wanted)
    assert FlowRun.model_validate(record) == FlowRun.model_validate(plain)
    assert FlowRun.model_validate_json(dumps(record)) == FlowRun.model_validate(plain)


# --- what a wrapper or an action adds -------------------------------------------------------------------------------

STRUCTURE = frozenset(
    {"event", "body", "messages", "value", "data", "data_base64", "specversion", "events", "detail", "detail-type"}
    | {"items", "__ow_body", "__adobe_headers", "content", "Records", "Sns", "Message"}
)
"""The keys that make a wrapper what it is."""


def with_any_details(node: Any, record: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for the same wrapper with any JSON in its details."""
    if node == record:
        return st.just(node)
    if is_list(node):
        return st.tuples(*(with_any_details(item, record) for item in node)).map(list)
    if not is_object(node):
        return st.just(node)
    return st.fixed_dictionaries(
        {key: with_any_details(item, record) if key in STRUCTURE else ANY_DETAIL for key, item in node.items()}
    )


ANY_DETAIL = ANY_JSON.filter(lambda value: not isinstance(value, (dict, list)) or not value)
"""What may stand in a detail; objects and lists that hold something might hold a run of their own."""


@given(records(), st.sampled_from(["event", "messages", "cloud_event", "eventbridge", "journal", "body"]), st.data())
def test_how_a_run_came_never_decides_whether_it_is_read(
    record: dict[str, Any], wrapper: Wrapper, data: st.DataObject
) -> None:
    """Any JSON may stand in the details of a wrapper; the run says the same."""
    payload = data.draw(with_any_details(wrap(wrapper, record), record))
    assert delivered(parse(payload)) == delivered(parse(record))
    assert parse(dumps(payload)) == parse(payload)


SIGNS_OF_AN_ACTION = st.fixed_dictionaries(
    {},
    optional={
        "__ow_method": st.just("post"),
        "__ow_headers": st.just({"authorization": "Bearer s3cr3t"}),
        "__ow_path": st.just(""),
        "__adobe_headers": st.just({"x-adobe-event-code": "source_flow_run_info"}),
        "x-adobe-event-code": st.just("source_flow_run_info"),
        "X-Adobe-Provider": st.just("p"),
    },
).filter(bool)
UNDOCUMENTED = ANY_KEY.filter(lambda key: key not in fields_by_key(FlowRun) and key[:8].lower() != "x-adobe-")
ONCE = [
    key
    for key, field in fields_by_key(FlowRun).items()
    if not field.required and field.kind in ("text", "time", "list", "open object") and len(field.spellings) == 1
]


@given(records(), SIGNS_OF_AN_ACTION, st.dictionaries(UNDOCUMENTED, ANY_JSON, max_size=3), st.data())
def test_inputs_of_an_action_never_enter_the_run(
    record: dict[str, Any], signs: dict[str, Any], inputs: dict[str, Any], data: st.DataObject
) -> None:
    """Parameters of an action that no record documents, or whose value has the wrong kind, are not part of the run."""
    record = {key: value for key, value in record.items() if key in fields_by_key(FlowRun) and key != "header"}
    record.setdefault("metrics" if "xdm:metrics" not in record else "xdm:metrics", {})
    inputs = {key: value for key, value in inputs.items() if key not in WRAPPER_KEYS}
    for key in data.draw(st.lists(st.sampled_from([key for key in ONCE if key not in record] or ["x"]), max_size=2)):
        inputs[key] = data.draw(WRONG[fields_by_key(FlowRun)[key].kind]) if key != "x" else 1
    payload = {**inputs, **record, **signs}
    run, bare = parse(payload), parse(record)
    assert delivered(run) == delivered(bare)
    assert run.to_payload() == bare.to_payload()
    assert run.delivery.wrappers == ("runtime",)
    assert outcomes(dumps(payload)) == outcomes(payload) == general_outcomes(payload)


WRAPPER_KEYS = frozenset({"status", "validationUrl"})
"""Keys that would make something else of a record."""
