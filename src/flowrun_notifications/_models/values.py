"""The values of a payload: counts, measures, codes, lists, objects and open JSON.

Each type here is an annotation whose validation runs inside pydantic's core for the values that Adobe documents.
Python is called only for rare ones, such as a number written as text.
"""

from __future__ import annotations

import math
import re
import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast, get_origin

from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypeIs

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo

__all__ = [
    "AnyJSON",
    "Code",
    "Count",
    "InvalidAsDefault",
    "JSONObject",
    "Measure",
    "NullAsEmpty",
    "Reading",
    "copy_json",
    "count_text",
    "is_list",
    "is_object",
    "new_object",
    "printable",
    "to_code",
    "to_count",
]

_MAX_FLOAT = sys.float_info.max
_MAX_DIGITS = 400
_NUMBER = r"(?a)\s*[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?\s*"


def to_count(value: object) -> int | None:
    """Return a whole number; ``None`` for null, empty text, and the negative numbers that mean "unknown".

    Raises:
        pydantic_core.PydanticCustomError: For anything else.
    """
    number = _to_number(value)
    if number is None:
        return None
    if number != int(number):
        raise PydanticCustomError("count", "expected a whole number")
    return int(number)


def to_measure(value: object) -> float | None:
    """Return a number that need not be whole; ``None`` as for :func:`to_count`."""
    number = _to_number(value)
    if number is not None and number > _MAX_FLOAT:
        raise PydanticCustomError("number", "expected a number")
    return None if number is None else float(number)


def _to_number(value: object) -> int | float | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if value.isdecimal() and value.isascii() and len(value) <= _MAX_DIGITS:
            return int(value)  # the usual case, for which a pattern takes several times as long
        if re.fullmatch(_NUMBER, value):
            value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError("number", "expected a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise PydanticCustomError("number", "expected a number")
    return value if value >= 0 else None


def to_code(value: object) -> str:
    """Return the text of an error code that is a whole number, as Adobe's export jobs write some.

    Raises:
        pydantic_core.PydanticCustomError: It is not a whole number.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise PydanticCustomError("code", "expected text or a whole number")


def is_object(value: object) -> TypeIs[dict[str, Any]]:
    """Tell whether a decoded JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeIs[list[Any]]:
    """Tell whether a decoded JSON value is a list."""
    return isinstance(value, list)


_read_negative = core_schema.chain_schema(
    [
        core_schema.int_schema(strict=True, lt=0),
        # A negative int always fails none_schema, so the default (None) replaces it.
        core_schema.with_default_schema(core_schema.none_schema(), default=None, on_error="default"),
    ]
)


class _Number:
    """Validates a number: in core where it is plain and not negative, in Python where it is not."""

    __slots__ = ("_json_type", "_schema")

    def __init__(self, plain: core_schema.CoreSchema, read: Any, json_type: str, expected: str) -> None:
        self._json_type = json_type
        self._schema = core_schema.nullable_schema(
            core_schema.union_schema(
                [plain, _read_negative, core_schema.no_info_plain_validator_function(read)],
                mode="left_to_right",
                custom_error_type=json_type,
                custom_error_message=f"expected {expected}",
            )
        )

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return self._schema

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        number = {"type": self._json_type}
        text = {"type": "string"}
        null = {"type": "null"}
        return {"anyOf": [number, null] if handler.mode == "serialization" else [number, text, null]}


Count = Annotated[int | None, _Number(core_schema.int_schema(strict=True, ge=0), to_count, "integer", "a whole number")]
"""A whole number; ``None`` where it is absent, null, or negative (Adobe's -1 means "unknown")."""

Measure = Annotated[
    float | None,
    _Number(core_schema.float_schema(strict=True, ge=0, allow_inf_nan=False), to_measure, "number", "a number"),
]
"""A number; ``None`` where it is absent, null, or negative."""


class _Code:
    """Validates an error code: text in core, a whole number in Python."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.nullable_schema(
            core_schema.union_schema(
                [core_schema.str_schema(strict=True), core_schema.no_info_plain_validator_function(to_code)],
                mode="left_to_right",
                custom_error_type="code",
                custom_error_message="expected text or a whole number",
            )
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        text, number, null = ({"type": kind} for kind in ("string", "integer", "null"))
        return {"anyOf": [text, null] if handler.mode == "serialization" else [text, number, null]}


Code = Annotated[str | None, _Code()]
"""An error code as text; a whole number becomes its text."""


_EMPTY: dict[str, Any] = {}
new_object = _EMPTY.copy
"""Return a new empty object. Core calls this method faster than it calls ``dict``: a hundredth of a parse."""


class NullAsEmpty:
    """Reads null as the empty object or list that an absent key stands for.

    All of it happens in core: null passes a nullable schema as ``None``, is then no instance of the wanted class, and
    so becomes the default. A union would work, but failing unions copy their input and hide the reason.
    """

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        wanted = get_origin(source) or source
        # A dict is made anew each time; core would deep-copy a default that cannot be hashed.
        empty: dict[str, Any] = {"default_factory": new_object} if wanted is dict else {"default": wanted()}
        is_there = core_schema.is_instance_schema(wanted)
        schema: Any = handler(source)
        if schema["type"] == "tuple":
            schema["fail_fast"] = True  # a list may hold a million wrong entries; who lists them looks again
        return core_schema.chain_schema(
            [
                core_schema.nullable_schema(schema),
                core_schema.with_default_schema(is_there, on_error="default", **empty),
            ]
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        nullable: Any = cast("core_schema.ChainSchema", schema)["steps"][0]
        return handler(nullable if handler.mode == "validation" else nullable["schema"])


class InvalidAsDefault:
    """Replaces invalid values by the default."""

    __slots__ = ("_default",)

    def __init__(self, default: object) -> None:
        self._default = default

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.with_default_schema(handler(source), default=self._default, on_error="default")


class Reading(Enum):
    """The context of a validation by `parse`."""

    UNSETTLED = "unsettled"
    """A key beside another spelling of itself is an error: its spellings have to be settled first."""

    SETTLED = "settled"
    """Spellings are settled."""

    TRIAL = "trial"
    """Only the problems count: what is read is thrown away, so open JSON is not copied."""


def copy_json(value: Any) -> Any:
    """Return a deep copy of a decoded JSON value."""
    if is_object(value):
        return {key: copy_json(item) for key, item in value.items()}
    if is_list(value):
        return [copy_json(item) for item in value]
    return value


def _copy_unless_trial(value: Any, info: ValidationInfo) -> Any:
    return value if info.context is Reading.TRIAL else copy_json(value)


class _CopiedJSON:
    """Takes any JSON value as it is: freshly decoded from text, or a copy of an object that the caller still holds."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.any_schema(),
            python_schema=core_schema.with_info_plain_validator_function(_copy_unless_trial),
            serialization=core_schema.simple_ser_schema("any"),
        )


AnyJSON = Annotated[Any, _CopiedJSON()]
"""Any JSON value, kept as it came."""

JSONObject = Annotated[dict[str, AnyJSON], NullAsEmpty()]
"""An open JSON object whose keys nobody lists, kept as it came; ``{}`` where it is absent or null."""


def printable(text: str) -> str:
    """Return a text on one line, with control characters, direction marks and the like escaped."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def count_text(number: int, unit: str, gap: str = " ") -> str:
    """Return a number with its unit, in the plural where it needs one: ``1 record``, ``2,048 bytes``."""
    return f"{number:,}{gap}{unit}{'' if number == 1 else 's'}"
