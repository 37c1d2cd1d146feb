"""Epochs and ISO 8601 text to aware UTC datetimes, and back to epochs.

Adobe documents epoch milliseconds, yet its own samples hold seconds beside them, within one summary even
(``startedAtUTC`` 1592689437 with ``completedAtUTC`` 1592782069117), and ISO 8601 text in alerts. One rule reads them
all: above 2e10 in magnitude a number is milliseconds, otherwise seconds. The boundary is the year 2603 in seconds and
August 1970 in milliseconds, so no instant a flow run can have is misread.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

__all__ = ["INSTANT_SCHEMA", "Instant", "Stamp", "to_epoch", "to_utc"]

MILLISECONDS_ABOVE = 20_000_000_000
"""The magnitude above which an epoch is milliseconds. It is pydantic's too, so its core reads epochs."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)

_any_zone = SchemaValidator(core_schema.datetime_schema()).validate_python


def to_utc(value: object) -> datetime | None:
    """The instant that a payload's value stands for.

    Args:
        value: An epoch (a number, or text that is one) or ISO 8601 text; without a zone it is read as UTC.

    Returns:
        An aware UTC datetime; ``None`` for ``None`` and for empty text.

    Raises:
        pydantic_core.PydanticCustomError: For anything else, ``True`` and ``False`` among it, and for instants
            outside the years 1 to 9999.
    """
    if value is None or value == "":
        return None
    try:
        instant: datetime = _any_zone(value)
        return instant.astimezone(timezone.utc) if instant.tzinfo else instant.replace(tzinfo=timezone.utc)
    except (ValidationError, OverflowError):
        raise PydanticCustomError("instant", "expected an epoch or ISO 8601 text") from None


def to_stamp(value: object) -> datetime | None:
    """The same, where 0 means "never" (``updatedAtUTC`` of an activity that was not updated)."""
    instant = to_utc(value)
    return None if instant == _EPOCH else instant


def to_epoch(instant: datetime) -> int | float | str:
    """The epoch that Flow Service would write for an instant, and that :func:`to_utc` reads as the same instant.

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


class _Time:
    """How a time is validated: inside pydantic's core where it is UTC already, in :func:`to_utc` where it is not."""

    __slots__ = ("schema",)

    def __init__(self, *, zero_is_never: bool) -> None:
        read = to_stamp if zero_is_never else to_utc
        after_zero: dict[str, Any] = {"gt": _EPOCH} if zero_is_never else {}
        self.schema = core_schema.nullable_schema(
            core_schema.union_schema(
                [
                    core_schema.datetime_schema(tz_constraint=0, **after_zero),
                    core_schema.no_info_plain_validator_function(read),
                ],
                mode="left_to_right",
                custom_error_type="instant",
                custom_error_message="expected an epoch or ISO 8601 text",
            )
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return self.schema

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        text = {"type": "string", "format": "date-time"}
        if handler.mode == "serialization":
            return {"anyOf": [text, {"type": "null"}]}
        return {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}


_INSTANT = _Time(zero_is_never=False)

INSTANT_SCHEMA: core_schema.CoreSchema = _INSTANT.schema
"""The core schema of a time."""

Instant = Annotated[datetime | None, _INSTANT]
"""A time as an aware UTC datetime; ``None`` where it is absent, null or empty."""

Stamp = Annotated[datetime | None, _Time(zero_is_never=True)]
"""A time where 0 means "never" and reads as ``None``."""
