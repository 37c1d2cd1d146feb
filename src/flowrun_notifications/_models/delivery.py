"""The delivery of a run: the details that its wrappers give, and how they get into the run."""

# No `from __future__ import annotations`: to evaluate them takes pydantic a tenth of the import of these models.

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import AliasGenerator, AliasPath, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema, SchemaValidator, core_schema
from typing_extensions import override

from flowrun_notifications._models.timestamps import Instant
from flowrun_notifications._models.values import Count, InvalidAsDefault
from flowrun_notifications._models.wire_model import WireModel

__all__ = [
    "HEADER_SCHEMA",
    "ID_FALLBACK",
    "PROVIDER_FROM_HEADER",
    "PROVIDER_FROM_HTTP",
    "UNKNOWN_DELIVERY",
    "Delivery",
    "Details",
    "attach_delivery",
    "make_delivery",
    "read_header",
]

Details = dict[str, Any]
"""Delivery details read so far: fields of `Delivery`, and fallbacks that `make_delivery` chooses from."""


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
"""The delivery of a record without a header, as long as nothing else is known of it."""

HEADER_SCHEMA = core_schema.with_default_schema(
    core_schema.typed_dict_schema(
        {
            name: core_schema.typed_dict_field(
                core_schema.with_default_schema(core_schema.str_schema(min_length=1), on_error="omit"),
                required=False,
                validation_alias=list(info.validation_alias.path),
            )
            for name, info in Delivery.model_fields.items()
            if isinstance(info.validation_alias, AliasPath)
        }
    ),
    default=None,
    on_error="default",
)
"""The core schema of a record's ``header``: the details that it gives, ``None`` where it is absent or unusable."""

read_header: Callable[[object], Details | None] = SchemaValidator(HEADER_SCHEMA).validate_python
"""Return the details that the decoded ``header`` of a record gives, if any."""

_UNKNOWN = UNKNOWN_DELIVERY.__dict__
_DETAILS = set(_UNKNOWN)
_NO_DETAILS: Details = {}
_new = object.__new__
_set = object.__setattr__


def make_delivery(details: Details, path: str, wrappers: tuple[str, ...], header: Details | None = None) -> Delivery:
    """Return a delivery with details that are validated already.

    Args:
        details: The details that the wrappers give.
        path: The place of the run or message.
        wrappers: The names of the wrappers.
        header: The details that the record's own ``header`` gives.
    """
    header = header or _NO_DETAILS
    filled = {**_UNKNOWN, **header, **details, "path": path, "wrappers": wrappers}
    if len(filled) > len(_UNKNOWN):
        _choose_fallbacks(filled, details)
    if "event_code" in header:
        filled["event_code"] = header["event_code"]
    # Four slots filled by hand: Delivery.model_construct takes half a parse of a documented payload.
    delivery = _new(Delivery)
    _set(delivery, "__dict__", filled)
    _set(delivery, "__pydantic_fields_set__", _DETAILS)
    _set(delivery, "__pydantic_extra__", None)
    _set(delivery, "__pydantic_private__", None)
    return delivery


def attach_delivery(run: WireModel, details: Details, path: str, wrappers: tuple[str, ...]) -> None:
    """Attach the delivery to a freshly validated record, which holds the details of its header in its place."""
    # The run is not shared yet, so bypassing `frozen` is safe.
    run.__pydantic_fields_set__.add("delivery")
    fields: Any = run.__dict__
    fields["delivery"] = make_delivery(details, path, wrappers, fields["delivery"])


ID_FALLBACK = "id of a CloudEvent or of HTTP headers"
PROVIDER_FROM_HTTP = "provider from HTTP headers"
PROVIDER_FROM_HEADER = "provider from a record header that stands around the record"


def _choose_fallbacks(filled: Details, details: Details) -> None:
    """Choose among the places that give the same detail, and leave only what `Delivery` has.

    Args:
        filled: All details, the record's own ``header`` included, which is innermost; changed in place.
        details: Those that the wrappers gave.
    """
    id_ = filled.pop(ID_FALLBACK, None)
    from_http = filled.pop(PROVIDER_FROM_HTTP, None)
    from_header = filled.pop(PROVIDER_FROM_HEADER, None)
    if "event_id" not in details:
        filled["event_id"] = id_
    if "provider" not in details:
        filled["provider"] = from_http or filled["provider"] or from_header
