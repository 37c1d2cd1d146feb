"""The spellings of a key: which one counts, and how the others are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import AliasChoices, AliasPath, BaseModel, ValidationInfo
from pydantic_core import PydanticCustomError

from flowrun_notifications._models.timestamps import to_utc
from flowrun_notifications._models.values import Reading, is_list, is_object

__all__ = [
    "ALSO",
    "drop_hiding_nulls",
    "field_model",
    "known_keys",
    "other_empties",
    "other_spellings",
    "settle_spellings",
    "spelling_marker",
]

ALSO = "also:"
"""Stands before an unknown key that is another spelling of a known one, in ``model_dump`` and its like.

Without it the two would share a name in the dump, and the unknown one would win.
"""


class _Field(NamedTuple):
    """A field that may need settling."""

    name: str

    spellings: tuple[str, ...]
    """The keys that it is read from; the first that is there counts."""

    model: type[BaseModel] | None
    """The model of its value, or of the entries of its value."""

    empty: type[dict[str, Any] | list[Any]] | None
    """The kind of value that belongs there, for an object or a list."""

    is_time: bool


def _describe_field(name: str, info: Any) -> _Field:
    alias = info.validation_alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
    annotation = info.annotation
    kinds = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    model = next((kind for kind in kinds if issubclass(kind, BaseModel)), None)
    origin = get_origin(annotation)
    holds_object = origin is dict or model is not None
    spellings = tuple(choice for choice in choices if isinstance(choice, str))
    empty: Any = list if origin is tuple else dict if holds_object else None
    return _Field(name, spellings, model, empty, datetime in kinds)


def other_spellings(cls: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Yield the keys that have several spellings, the usual one first."""
    fields = (_describe_field(name, info) for name, info in cls.model_fields.items())
    return (field.spellings for field in fields if len(field.spellings) > 1)


_EMPTY_LIST = {"type": "array", "maxItems": 0}
_EMPTY_OBJECT = {"type": "object", "maxProperties": 0}


def other_empties(cls: type[BaseModel]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the keys of objects and lists, each with the JSON Schema of what else reads as an empty one."""
    for name, info in cls.model_fields.items():
        field = _describe_field(name, info)
        if field.empty is not None:
            yield field.spellings[0], _EMPTY_LIST if field.empty is dict else _EMPTY_OBJECT


@cache
def _other_spellings(cls: type[BaseModel]) -> frozenset[str]:
    return frozenset(key for _, *others in other_spellings(cls) for key in others)


@cache
def _names_to_mark(cls: type[BaseModel]) -> frozenset[str]:
    """Return the names under which an unknown key would hide a known one."""
    return _other_spellings(cls) | cls.model_fields.keys()


@cache
def known_keys(cls: type[BaseModel]) -> frozenset[str]:
    """Return every key that a model reads, in every spelling."""
    fields = (_describe_field(name, info) for name, info in cls.model_fields.items())
    return frozenset(key for field in fields for key in field.spellings)


def spelling_marker(cls: type[BaseModel]) -> Callable[[str, ValidationInfo], str]:
    """Return a function that marks an unknown key of a model where it is another spelling of a known one."""

    def mark(key: str, info: ValidationInfo) -> str:
        if key not in _names_to_mark(cls) and not key.startswith(ALSO):
            return key
        if key in _other_spellings(cls) and info.context is Reading.UNSETTLED:
            raise PydanticCustomError("spelling", "another spelling of this key is there, too")
        # In a dump, a key that begins with the mark is marked already.
        return ALSO + key if key in _names_to_mark(cls) or isinstance(info.context, Reading) else key

    return mark


@cache
def _fields_to_settle(cls: type[BaseModel], *, by_name: bool) -> dict[str, _Field]:
    """Return the fields that may need settling, by each of their keys."""
    fields = [_describe_field(name, info) for name, info in cls.model_fields.items()]
    if by_name:
        fields = [field._replace(spellings=tuple(dict.fromkeys((*field.spellings, field.name)))) for field in fields]
    settled = [field for field in fields if len(field.spellings) > 1 or field.empty is not None]
    return {key: field for field in settled for key in field.spellings}


def field_model(cls: type[BaseModel], key: str) -> type[BaseModel] | None:
    """Return the model of the value of a key, or of the entries of its value; ``None`` if there is none."""
    field = _fields_to_settle(cls, by_name=False).get(key)
    return None if field is None else field.model


def drop_hiding_nulls(cls: type[BaseModel], node: dict[str, Any]) -> dict[str, Any]:
    """Return an object without the nulls that stand beside a value under another spelling of their key."""
    hiding = {
        key
        for spellings in other_spellings(cls)
        if any(node.get(key) is not None for key in spellings)
        for key in spellings
        if key in node and node[key] is None
    }
    return {key: value for key, value in node.items() if key not in hiding} if hiding else node


def settle_spellings(cls: type[BaseModel], node: dict[str, Any], *, by_name: bool = False) -> dict[str, Any]:
    """Return an object in which no empty value of a key stands in the way of a sound one.

    - Null, or a time of zero, under one spelling of a key goes where another spelling has a value, or the same.
    - An empty list where an object belongs, or an empty object where a list belongs, becomes that object or list: PHP
      and Lua write them so.

    Args:
        cls: The model that the object is to be validated with.
        node: The object. It is never changed.
        by_name: Whether an attribute's name is one more spelling of its key, the last to count.

    Returns:
        The object itself where there is nothing to settle, else a copy.
    """
    changed: dict[str, Any] | None = None
    fields = _fields_to_settle(cls, by_name=by_name)
    for found in fields.keys() & node.keys():
        field = fields[found]
        if field.empty is None and not _says_nothing(field, node[found]):
            continue
        given = [key for key in field.spellings if key in node]
        if found != given[0]:  # once for each field
            continue
        nulls = [key for key in given if _says_nothing(field, node[key])]
        if len(nulls) == len(given):
            nulls = nulls[1:]
        key = next(key for key in given if key not in nulls)
        value = node[key]
        settled = _settle_value(field, value, by_name=by_name)
        model = field.model
        if by_name and key != field.name and model is not None and model.model_config.get("extra") == "ignore":
            settled = _without_names(model, settled)
        if nulls or settled is not value:
            changed = dict(node) if changed is None else changed
            changed[key] = settled
            for null in nulls:
                del changed[null]
    return node if changed is None else changed


def _says_nothing(field: _Field, value: object) -> bool:
    """Tell whether a value is null, or a time that means "never"."""
    if value is None or not field.is_time:
        return value is None
    try:
        return to_utc(value) is None
    except PydanticCustomError:
        return False


def _without_names(model: type[BaseModel], value: Any) -> Any:
    """Return a record's ``header`` with Adobe's keys only; those named as attributes count in a dump's ``delivery``."""
    if not is_object(value):
        return value
    aliases = (info.validation_alias for info in model.model_fields.values())
    read = {alias.path[0] for alias in aliases if isinstance(alias, AliasPath)}
    return value if value.keys() <= read else {key: item for key, item in value.items() if key in read}


def _settle_value(field: _Field, value: Any, *, by_name: bool) -> Any:
    if field.empty is not None and not value and (is_object(value) or is_list(value)):
        return value if isinstance(value, field.empty) else field.empty()
    model = field.model
    if model is not None and is_object(value):
        return settle_spellings(model, value, by_name=by_name)
    if model is not None and is_list(value):
        entries = [settle_spellings(model, entry, by_name=by_name) if is_object(entry) else entry for entry in value]
        return value if all(new is old for new, old in zip(entries, value, strict=True)) else entries
    return value
