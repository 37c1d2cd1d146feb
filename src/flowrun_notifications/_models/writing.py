"""Models back to the objects that they were read from."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from flowrun_notifications._models.spellings import ALSO
from flowrun_notifications._models.timestamps import to_epoch
from flowrun_notifications._models.wire_model import WireModel

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["to_record"]


def to_record(model: WireModel, leave_out: str | None = None) -> dict[str, Any]:
    """Return the object that a model was read from: the keys that were given, each under its usual spelling."""
    values, given = model.__dict__, model.__pydantic_fields_set__
    if leave_out is not None:
        given = given - {leave_out}
    record: dict[str, Any] = {}
    for name, key in _keys(type(model)):
        if name in given:
            value = values[name]
            write = _WRITERS[type(value)]
            record[key] = value if write is None else write(value)
    if model.__pydantic_extra__:
        for key, value in model.__pydantic_extra__.items():
            record[key.removeprefix(ALSO)] = _write(value)
    return record


@cache
def _keys(cls: type[WireModel]) -> tuple[tuple[str, str], ...]:
    """Return the attributes of a model, each with the key that Flow Service writes."""
    return tuple((name, field.serialization_alias or name) for name, field in cls.model_fields.items())


def _write(value: Any) -> Any:
    write = _WRITERS[type(value)]
    return value if write is None else write(value)


def _write_list(values: tuple[Any, ...] | list[Any]) -> list[Any]:
    return [_write(value) for value in values]


def _write_object(values: dict[str, Any]) -> dict[str, Any]:
    return {key: _write(value) for key, value in values.items()}


class _Writers(dict[type, "Callable[[Any], Any] | None"]):
    """The function that writes the values of each class, ``None`` where they are JSON already; filled when asked."""

    def __missing__(self, cls: type) -> Callable[[Any], Any] | None:
        self[cls] = next((write for base, write in _WRITERS_OF_BASES if issubclass(cls, base)), None)
        return self[cls]


_WRITERS_OF_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (WireModel, to_record),
    (datetime, to_epoch),
    (tuple, _write_list),
    (list, _write_list),
    (dict, _write_object),
)
_WRITERS = _Writers()
