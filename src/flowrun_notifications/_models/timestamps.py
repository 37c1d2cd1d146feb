"""Epochs and ISO 8601 text to aware UTC datetimes, and back to epochs.

Adobe documents epoch milliseconds, yet its own samples hold seconds beside them, within one summary even
(``startedAtUTC`` 1592689437 with ``completedAtUTC`` 1592782069117), and ISO 8601 text in alerts. One rule reads them
all: above 2e10 in magnitude a number is milliseconds, otherwise seconds. The boundary is the year 2603 in seconds and
August 1970 in milliseconds, so no instant that a flow run can have is misread. Zero and negative numbers mean "never"
or "unknown".
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

__all__ = ["INSTANT_SCHEMA", "MILLISECONDS_ABOVE", "UTC", "Instant", "to_epoch", "to_utc"]

MILLISECONDS_ABOVE = 20_000_000_000
"""The magnitude above which an epoch is in milliseconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_NUMBER = r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?"

_read_in_core = SchemaValidator(core_schema.datetime_schema()).validate_python
UTC = _read_in_core("1970-01-01T00:00:00Z").tzinfo
"""The zone of every time: the one object that pydantic's core gives to UTC times, or one that equals it."""


def to_utc(value: object) -> datetime | None:
    """Return the instant that a value of a payload stands for.

    Args:
        value: An epoch (a number, or text that is one) or ISO 8601 text, which is UTC where it names no zone.

    Returns:
        An aware UTC datetime; ``None`` for ``None``, empty text, and anything up to 1970-01-01T00:00Z.

    Raises:
        pydantic_core.PydanticCustomError: For anything else, ``True`` and ``False`` included, and for instants after
            the year 9999.
    """
    if isinstance(value, str):
        value = value.strip()
        if re.fullmatch(_NUMBER, value):
            value = float(value) if re.search(r"[.eE]", value) else int(value)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _from_epoch(value)
        instant: datetime = _read_in_core(value)
        instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValidationError, OverflowError, ValueError):
        raise PydanticCustomError("instant", "expected an epoch or ISO 8601 text") from None
    return instant if instant > _EPOCH else None


def _from_epoch(epoch: float) -> datetime | None:
    if epoch <= 0:
        return None
    unit = 1_000 if epoch > MILLISECONDS_ABOVE else 1_000_000
    whole = int(epoch)
    # Half a microsecond is rounded up, as pydantic's core does.
    microseconds = whole * unit + math.floor((epoch - whole) * unit + 0.5)
    return (_EPOCH + timedelta(microseconds=microseconds)).replace(tzinfo=UTC) if microseconds else None


def to_epoch(instant: datetime) -> int | float | str:
    """Return the epoch that Flow Service would write for an instant, and that :func:`to_utc` reads as that instant.

    Milliseconds; seconds for the few instants (around 1970) whose milliseconds would be read as seconds. A whole
    number unless the instant is finer than its unit; ISO 8601 text where it is too fine for any number.
    """
    microseconds = (instant - _EPOCH) // _MICROSECOND
    unit = 1_000 if abs(microseconds) > MILLISECONDS_ABOVE * 1_000 else 1_000_000
    whole, rest = divmod(microseconds, unit)
    if not rest:
        return whole
    epoch = microseconds / unit
    try:
        return epoch if to_utc(epoch) == instant else instant.isoformat()
    except PydanticCustomError:  # rounded up beyond the year 9999
        return instant.isoformat()


def _core_schema() -> core_schema.CoreSchema:
    """Return the schema of a time: read in core where core reads as we do, else by :func:`to_utc`."""
    in_core: core_schema.CoreSchema = core_schema.datetime_schema(tz_constraint=0, gt=_EPOCH)
    if not all(_reads_alike(epoch) for epoch in (20_000_000_000.5, 1_592_689_437_123.5)):
        # pydantic 2.11 takes fractional milliseconds for seconds beyond the boundary: leave all but integers to us.
        in_core = core_schema.chain_schema([core_schema.int_schema(strict=True), in_core])
    never = core_schema.chain_schema(
        [
            core_schema.int_schema(strict=True, le=0),
            # Such a number always fails none_schema, so the default (None) replaces it.
            core_schema.with_default_schema(core_schema.none_schema(), default=None, on_error="default"),
        ]
    )
    return core_schema.nullable_schema(
        core_schema.union_schema(
            [in_core, never, core_schema.no_info_plain_validator_function(to_utc)],
            mode="left_to_right",
            custom_error_type="instant",
            custom_error_message="expected an epoch or ISO 8601 text",
        )
    )


def _reads_alike(epoch: float) -> bool:
    instant: datetime = _read_in_core(epoch)
    return instant.replace(tzinfo=UTC) == to_utc(epoch)


INSTANT_SCHEMA = _core_schema()
"""The core schema of a time."""


class _Instant:
    """Validates a time with :data:`INSTANT_SCHEMA`, and describes it in a JSON Schema."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return INSTANT_SCHEMA

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        text = {"type": "string", "format": "date-time"}
        if handler.mode == "serialization":
            return {"anyOf": [text, {"type": "null"}]}
        return {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}


Instant = Annotated[datetime | None, _Instant()]
"""A time as an aware UTC datetime; ``None`` where it is absent, null, empty, zero or negative."""
