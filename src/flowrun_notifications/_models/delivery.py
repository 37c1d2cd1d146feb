"""The delivery of a run: the details that its wrappers give, and how they get into the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AliasGenerator, AliasPath, ConfigDict, Field
from typing_extensions import override

from flowrun_notifications._models.timestamps import Instant
from flowrun_notifications._models.values import Count, InvalidAsDefault
from flowrun_notifications._models.wire_model import WireModel

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

__all__ = [
    "ID_FALLBACK",
    "PROVIDER_FROM_HEADER",
    "PROVIDER_FROM_HTTP",
    "UNKNOWN_DELIVERY",
    "Delivery",
    "Details",
    "attach_delivery",
    "make_delivery",
    "resolve_details",
]

Details = dict[str, Any]
"""Delivery details read so far: fields of `Delivery`, and fallbacks that `resolve_details` chooses from."""


def _in_header(key: str) -> Any:
    """Return a field that the record's own ``header._adobeio`` may give."""
    return Field(default=None, min_length=1, validation_alias=AliasPath("_adobeio", key))


class Delivery(WireModel, frozen=True):
    """The way a run came, from the wrappers around it and from its own ``header``.

    A detail that is unusable or empty reads as ``None``: how a run came never decides whether it is read.
    """

    # A delivery is read from the `header` of a record, where two keys count; the other aliases match no header.
    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="ignore", alias_generator=AliasGenerator(validation_alias=lambda name: f"flowrun_notifications:{name}")
    )

    event_id: str | None = None
    """The notification's id; the same notification may be delivered more than once, then with the same id.

    The outermost ``eventid`` or ``event_id``, which Adobe writes; else the innermost ``x-adobe-event-id`` or ``id`` of
    a CloudEvent.
    """

    event_code: Annotated[str | None, InvalidAsDefault(None)] = _in_header("eventCode")
    """Such as ``sources_flow_run_success``, from the innermost place that gives one.

    The record's ``header._adobeio``, a message's meta, a CloudEvent's ``type``, ``x-adobe-event-code``, or the part of
    an EventBridge event's ``detail-type`` after the colon.
    """

    category: str | None = None
    """The message's ``_eventNotificationMeta.category``."""

    provider: Annotated[str | None, InvalidAsDefault(None)] = _in_header("providerMetadata")
    """Who sent it: the message's ``provider``, else ``x-adobe-provider``, else ``header._adobeio.providerMetadata``."""

    recipient_client_id: str | None = None
    """The client id of the registration that it was sent to. A receiver should compare it with its own.

    The outermost one, which Adobe writes: content further in is the publisher's.
    """

    position: str | None = None
    """Its position in the journal, to go on reading from."""

    sent_at: Instant = None
    """When the message or event was sent, UTC: a message's ``timestamp``, an event's ``time``."""

    retry_count: Count = None
    """How often the delivery had failed before, from ``x-adobe-retry-count``; ``None`` where not given."""

    path: str = ""
    """Where the run stands in the payload, such as ``[0].messages[0].value``; empty for a bare run.

    It leads through JSON text and base64 as if they were objects. A key that holds a dot or a bracket is written
    ``["a.b"]``.
    """

    wrappers: tuple[str, ...] = ()
    """The names of the wrappers around it, outermost first; empty for a bare run. A searched object is ``other``."""

    @classmethod
    @override
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, Any]:
        """Describe the ``header`` of a record, from which a delivery is validated."""
        if handler.mode == "serialization":
            return handler(core_schema)
        text = {"type": "string"}
        codes = {"type": "object", "properties": {"eventCode": text, "providerMetadata": text}}
        return {"title": "Header", "type": "object", "properties": {"_adobeio": codes}}


UNKNOWN_DELIVERY = Delivery()
"""Shared placeholder for records without a header, replaced when the delivery is known."""

_DETAILS = set(Delivery.model_fields)
_new = object.__new__
_set = object.__setattr__


def make_delivery(details: Details, path: str, wrappers: tuple[str, ...]) -> Delivery:
    """Return a delivery with details that are validated already."""
    # Four slots filled by hand: Delivery.model_construct takes half a parse of a documented payload.
    delivery = _new(Delivery)
    _set(delivery, "__dict__", {**UNKNOWN_DELIVERY.__dict__, **details, "path": path, "wrappers": wrappers})
    _set(delivery, "__pydantic_fields_set__", _DETAILS)
    _set(delivery, "__pydantic_extra__", None)
    _set(delivery, "__pydantic_private__", None)
    return delivery


def attach_delivery(
    run: WireModel, details: Details, path: str, wrappers: tuple[str, ...], *, are_resolved: bool = False
) -> None:
    """Attach the delivery to a freshly validated run."""
    # The run is not shared yet, so bypassing `frozen` is safe. UNKNOWN_DELIVERY is shared and must not be written to.
    run.__pydantic_fields_set__.add("delivery")
    fields = vars(run)
    header: Delivery = fields["delivery"]
    if not are_resolved:
        details = resolve_details(details, header)
    delivery = make_delivery(details, path, wrappers)
    if are_resolved and header is not UNKNOWN_DELIVERY:
        # What `resolve_details` does with a header, without its copy.
        filled = vars(delivery)
        filled["event_code"] = header.event_code or filled["event_code"]
        filled["provider"] = filled["provider"] or header.provider
    fields["delivery"] = delivery


ID_FALLBACK = "id of a CloudEvent or of HTTP headers"
PROVIDER_FROM_HTTP = "provider from HTTP headers"
PROVIDER_FROM_HEADER = "provider from a record header that stands around the record"


def resolve_details(details: Details, header: Delivery = UNKNOWN_DELIVERY) -> Details:
    """Resolve fallbacks: several places may give the same detail.

    Args:
        details: The details that the wrappers gave.
        header: The delivery that the record's own ``header`` gave; it is innermost.
    """
    if not details and header is UNKNOWN_DELIVERY:
        return details
    resolved = {detail: value for detail, value in details.items() if detail in _DETAILS}
    if "event_id" not in resolved and ID_FALLBACK in details:
        resolved["event_id"] = details[ID_FALLBACK]
    if header.event_code is not None:
        resolved["event_code"] = header.event_code
    fallbacks = (details.get(PROVIDER_FROM_HTTP), header.provider, details.get(PROVIDER_FROM_HEADER))
    if "provider" not in resolved:
        resolved["provider"] = next(filter(None, fallbacks), None)
    return resolved
