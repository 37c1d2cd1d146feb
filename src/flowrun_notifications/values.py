"""What a single JSON value of a payload means: counts, measures, lists, objects and open bags.

Each type here is an annotation whose validation runs inside pydantic's core for the values Adobe documents; Python is
called only for the rare ones, such as a number written as text.
"""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError, core_schema
from typing_extensions import TypeIs, override

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

__all__ = [
    "EMPTY_BAG",
    "Bag",
    "Count",
    "Measure",
    "Open",
    "OrDefault",
    "OrEmpty",
    "WireModel",
    "is_list",
    "is_object",
    "own",
]

_LARGEST = sys.float_info.max
_LONGEST_SHOWN = 100
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?\s*", re.ASCII)


def to_count(value: object) -> int | None:
    """A whole number of things; ``None`` for null, empty text, and the negative numbers that mean "unknown"."""
    number = _to_number(value)
    if number is None:
        return None
    if number != int(number):
        raise PydanticCustomError("count", "expected a whole number")
    return int(number)


def to_measure(value: object) -> float | None:
    """A number that need not be whole; ``None`` as for :func:`to_count`."""
    number = _to_number(value)
    if number is not None and number > _LARGEST:
        raise PydanticCustomError("number", "expected a number")
    return None if number is None else float(number)


def _to_number(value: object) -> int | float | None:
    if value is None or value == "":
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError("number", "expected a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise PydanticCustomError("number", "expected a number")
    return value if value >= 0 else None


def is_object(value: object) -> TypeIs[dict[str, Any]]:
    """Whether a decoded JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeIs[list[Any]]:
    """Whether a decoded JSON value is a list."""
    return isinstance(value, list)


# A negative number is no null, and so becomes one.
_read_negative = core_schema.chain_schema(
    [
        core_schema.int_schema(strict=True, lt=0),
        core_schema.with_default_schema(core_schema.none_schema(), default=None, on_error="default"),
    ]
)


class _Number:
    """How a number is validated: in core where it is plain and not negative, in Python where it is not."""

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


class _EmptyBag(dict[str, Any]):
    """The one empty bag that all absent ones share.

    It can be hashed, so pydantic hands it out as a default instead of copying it for every absent key.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.dict_schema()  # asked for when a JSON Schema shows the default

    @override
    def __hash__(self) -> int:  # type: ignore[override]
        return 0


EMPTY_BAG: dict[str, Any] = _EmptyBag()
"""The default of every bag. Nobody can change it: what a model hands out is a copy."""


class OrEmpty:
    """Reads null as the empty object, list or bag that an absent key stands for.

    All of it happens in core: null passes a nullable schema as ``None``, is then no instance of the wanted class, and
    so becomes the default. A union would do too, but a union keeps a copy of whatever it fails on, and hides why.
    """

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        wanted = get_origin(source) or source
        empty = EMPTY_BAG if wanted is dict else wanted()
        is_there = core_schema.is_instance_schema(wanted)
        return core_schema.chain_schema(
            [
                core_schema.nullable_schema(handler(source)),
                core_schema.with_default_schema(is_there, default=empty, on_error="default"),
            ]
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        nullable: Any = cast("core_schema.ChainSchema", schema)["steps"][0]
        return handler(nullable if handler.mode == "validation" else nullable["schema"])


class OrDefault:
    """Reads whatever is unusable as what an absent key stands for."""

    __slots__ = ("_default",)

    def __init__(self, default: object) -> None:
        self._default = default

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.with_default_schema(handler(source), default=self._default, on_error="default")


def own(value: Any) -> Any:
    """A deep copy of a JSON value, for the caller to keep and change."""
    if is_object(value):
        return {key: own(item) for key, item in value.items()}
    if is_list(value):
        return [own(item) for item in value]
    return value


class _Owned:
    """Takes any JSON value as it is: freshly decoded from text, or a copy of what a caller still holds."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.json_or_python_schema(
            json_schema=core_schema.any_schema(),
            python_schema=core_schema.no_info_plain_validator_function(own),
            serialization=core_schema.simple_ser_schema("any"),
        )


Open = Annotated[Any, _Owned()]
"""Any JSON value, kept as it came."""

Bag = Annotated[dict[str, Open], OrEmpty()]
"""An open JSON object whose keys nobody lists, kept as it came; ``{}`` where it is absent or null."""


class _HandedOutAsCopy:
    """Reads a field that holds open JSON as a copy, so that no caller can change the model through it."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, model: BaseModel | None, owner: type[BaseModel]) -> Any:
        if model is None:  # as pydantic expects of a field: the class does not have it
            raise AttributeError(self._name)
        return own(model.__dict__[self._name])

    def __set__(self, model: BaseModel, value: object) -> None:
        """Never reached, as the models are frozen; it makes the class ask here before the instance."""


class WireModel(BaseModel, frozen=True):
    """A part of a payload: immutable, with the keys that nobody documented still readable.

    An unknown key is an attribute of its own name, and stands in :attr:`model_extra`. Open JSON (unknown values,
    ``extensions`` and the other bags) is handed out as copies: what you change in them stays yours.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    if TYPE_CHECKING:
        __pydantic_extra__: dict[str, Open] = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride]
    else:
        # A value here would stand in the way of the slot, and move the unknown keys among the attributes.
        __pydantic_extra__: dict[str, Open]

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        for name, field in cls.model_fields.items():
            if field.annotation is Any or get_origin(field.annotation) is dict:
                setattr(cls, name, _HandedOutAsCopy(name))

    @override
    def __hash__(self) -> int:
        # Open JSON has no hash; leaving it out keeps the rule that equal models have equal hashes.
        return hash((type(self), *(v for v in self.__dict__.values() if not isinstance(v, (dict, list)))))

    @property
    @override
    def model_extra(self) -> dict[str, Any]:
        """The keys that the model does not know, with their values as they came, as a copy."""
        return {key: own(value) for key, value in (self.__pydantic_extra__ or {}).items()}

    @property
    @override
    def model_fields_set(self) -> set[str]:
        """The names of the attributes that the payload gave, and its unknown keys, as a copy."""
        return set(self.__pydantic_fields_set__)

    @override
    def __iter__(self) -> Iterator[tuple[str, Any]]:  # type: ignore[override]
        """Names and values, open JSON as copies, so that ``dict(model)`` cannot change it either."""
        return ((name, own(value)) for name, value in super().__iter__())

    @override
    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """What it says, short enough for a log: no open JSON, no unknown keys, nothing absent, long texts cut."""
        for name, field in type(self).model_fields.items():
            value = self.__dict__[name]
            if value != field.default and not is_object(value) and not is_list(value):
                is_long = isinstance(value, str) and len(value) > _LONGEST_SHOWN
                yield name, value[:_LONGEST_SHOWN] + "…" if is_long else value

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            return own(super().__getattr__(name))
