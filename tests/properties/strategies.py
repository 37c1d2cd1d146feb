"""What the properties share: any JSON, places in a record, and how a path leads to an attribute."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, cast, get_args, get_origin

from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel

from flowrun_notifications import Delivery, FlowRun, explain
from flowrun_notifications._models.values import Code, copy_json, is_list, is_object

Path = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""

Kind = Literal["count", "measure", "time", "text", "code", "object", "list", "open object", "open"]
"""What belongs at a place."""

ANY_TEXT = st.text() | st.text(st.characters(codec=None), max_size=8)  # with lone surrogates

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        ANY_TEXT,
        st.sampled_from([-1, 0, 2**53, 10**400, "-1", "1.5", "1e400", "NaN", "2020-01-01", "success", "FIRING"]),
        st.sampled_from(["{}", '{"a":1}', "[1]", '{"metrics":{}}', "e30=", "{broken", "eyJhIjoxfQ"]),
    ),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.deferred(lambda: ANY_KEY), values, max_size=4),
    max_leaves=12,
)
"""Any JSON value, by preference one with keys that mean something."""

WIRE_KEYS = (
    *("id", "flowId", "xdm:flowId", "xdm:flowRunId", "metrics", "xdm:metrics", "activities", "activites", "header"),
    *("event", "event_id", "eventid", "body", "messages", "value", "msgType", "_eventNotificationMeta", "timestamp"),
    *("specversion", "data", "data_base64", "type", "time", "events", "_page", "position", "detail", "detail-type"),
    *("__adobe_headers", "__ow_body", "__ow_headers", "__ow_method", "headers", "x-adobe-event-code"),
    *("items", "_links", "version", "count", "_adobeio", "eventCode"),
    *("status", "severity", "validationUrl", "payload", "assetType", "xdm:ingestionId", "createdAt", "params"),
    *("durationSummary", "startedAtUTC", "recordSummary", "failedInfo", "statusSummary", "errors", "extensions"),
)

DECOYS = (
    *("model_fields", "model_extra", "model_config", "model_copy", "model_fields_set", "errors", "causes", "summary"),
    *("delivery", "flow_id", "flow_name", "started_at_utc", "record_summary", "to_payload", "status", "duration"),
    *("__class__", "__dict__", "__init__", "__slots__", "__proto__", "__getattr__", "__pydantic_extra__", "_private"),
    *("copy", "json", "dict", "schema", "", " ", "self", "cls", "a.b", "a[0]", "1", "also:flow_name", "also:x"),
)
"""Keys that look like attributes, methods, Python's own, or like marks in a dump."""

ANY_KEY: st.SearchStrategy[str] = st.one_of(st.sampled_from(WIRE_KEYS), st.sampled_from(DECOYS), ANY_TEXT)


def dumps(payload: Any) -> bytes:
    """Return decoded JSON as UTF-8 bytes; with escapes only where lone surrogates need them."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(payload, separators=(",", ":")).encode()


def mended(value: Any) -> Any:
    """Return a JSON value as it reads: a lone surrogate costs that character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if is_list(value):
        return [mended(item) for item in value]
    if is_object(value):
        return {mended(key): mended(item) for key, item in value.items()}
    return value


def delivered(run: FlowRun, delivery: Delivery | None = None) -> FlowRun:
    """Return the same run with another delivery, or none: what it says, apart from how it came."""
    return run.model_copy(update={"delivery": delivery or Delivery()})


def known(value: Any) -> Any:
    """Return what the attributes of a model say, without its unknown keys and how it came."""
    if isinstance(value, Delivery):
        return None
    if isinstance(value, BaseModel):
        return type(value), {name: known(getattr(value, name)) for name in type(value).model_fields}
    return [known(item) for item in cast("tuple[object, ...]", value)] if isinstance(value, tuple) else value


def answers(run: FlowRun) -> tuple[Any, ...]:
    """Return what a run answers to the questions about it."""
    return (
        *(run.status, run.succeeded, run.failed, run.is_partial, run.is_finished, run.needs_attention),
        *(run.started_at, run.completed_at, run.duration, run.errors, run.causes, run.skips, run.warnings),
        *(run.batch_ids, run.source_connection_ids, run.target_connection_ids),
        *(run.file_info_urls, run.failed_records_urls, run.sample_errors_urls, run.summary(), explain(run)),
    )


def says(run: FlowRun) -> tuple[Any, ...]:
    """Return all that a run says, its unknown keys and how it came apart."""
    return known(run), answers(run)


# --- places in a payload --------------------------------------------------------------------------------------------

_STEP = re.compile(r'\.?([^.\[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def follow(payload: Any, path: str) -> Any:
    """Return what stands at a path of `Delivery`, which leads through JSON text and base64 as through objects."""
    value = payload
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        assert step is not None
        at = step.end()
        key, index, quoted = step.groups()
        value = opened(value)[int(index) if index else json.loads(quoted) if quoted else key]
    return opened(value)


def opened(value: Any) -> Any:
    """Return the object or list that a text holds, written out or in base64; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        if value.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            content = json.loads(value.lstrip("\ufeff"))
        else:
            digits = value.translate(str.maketrans("-_", "+/", "=\r\n"))
            data = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
            content = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return value
    return content if isinstance(content, (dict, list)) else value


def values_in(payload: Any) -> Iterator[Any]:
    """Yield every value in decoded JSON, and in JSON texts and base64 in it."""
    pending: list[Any] = [payload]
    while pending:
        value = pending.pop()
        yield value
        content = opened(value)
        if content is not value:
            pending.append(content)
        elif is_object(value):
            pending += value.values()
        elif is_list(value):
            pending += value


# --- places in a record ---------------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A value in a record."""

    path: Path
    kind: Kind
    attribute: Path
    """The names and indexes by which the model gives it."""

    required: bool
    is_entry: bool
    """Whether it is an entry of a list, rather than what a key holds."""


class Field(NamedTuple):
    """A field of a model."""

    name: str
    kind: Kind
    model: type[BaseModel] | None
    """What an object, or each entry of a list, is read as."""

    required: bool
    spellings: tuple[str, ...]
    """Every key that it is read from; the first that holds a value counts."""


_KINDS: dict[Any, Kind] = {int: "count", float: "measure", datetime: "time", str: "text", Any: "open"}
_CODE = get_args(Code)[1]


@cache
def fields_by_key(model: type[BaseModel]) -> dict[str, Field]:
    """Return a model's fields by every key that a payload may give them under."""
    by_key: dict[str, Field] = {}
    for name, info in model.model_fields.items():
        alias = info.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
        spellings = tuple(key for key in choices if isinstance(key, str))
        kind, inner = _kind(info.annotation)
        if _CODE in info.metadata:
            kind = "code"
        by_key.update((key, Field(name, kind, inner, info.is_required(), spellings)) for key in spellings)
    return by_key


def _kind(annotation: Any) -> tuple[Kind, type[BaseModel] | None]:
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is dict:
        return "open object", None
    if get_origin(annotation) is tuple:
        entry = get_args(annotation)[0]
        return "list", entry if isinstance(entry, type) and issubclass(entry, BaseModel) else None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "object", annotation
    return _KINDS[annotation], None


def places(record: dict[str, Any], model: type[BaseModel] = FlowRun) -> list[Place]:
    """Return every place in a record that a model has a name for, from the top down, `header` apart."""
    return list(_places(record, model, (), ()))


def _places(value: Any, model: type[BaseModel], path: Path, attribute: Path) -> Iterator[Place]:
    for key, field in fields_by_key(model).items():
        if key not in value or key == "header":
            continue
        here, there = (*path, key), (*attribute, field.name)
        inside = value[key]
        yield Place(here, field.kind, there, field.required, is_entry=False)
        if field.kind == "object" and is_object(inside):
            yield from _places(inside, field.model or BaseModel, here, there)
        elif field.kind == "list" and is_list(inside):
            for index, entry in enumerate(inside):
                kind: Kind = "text" if field.model is None else "object"
                yield Place((*here, index), kind, (*there, index), required=False, is_entry=True)
                if field.model is not None:
                    yield from _places(entry, field.model, (*here, index), (*there, index))


def objects(record: dict[str, Any]) -> list[tuple[Path, Path, type[BaseModel]]]:
    """Return every object in a record that is read as a model: its path, its attribute, its model."""
    return list(_objects(record, FlowRun, (), ()))


def _objects(
    value: Any, model: type[BaseModel], path: Path, attribute: Path
) -> Iterator[tuple[Path, Path, type[BaseModel]]]:
    yield path, attribute, model
    for key, field in fields_by_key(model).items():
        if key == "header" or field.model is None or key not in value:
            continue
        inside: dict[Path, Any] = {(): value[key]} if field.kind == "object" else {}
        if field.kind == "list" and is_list(value[key]):
            inside = {(index,): entry for index, entry in enumerate(value[key])}
        for index, entry in inside.items():
            if is_object(entry):
                yield from _objects(entry, field.model, (*path, key, *index), (*attribute, field.name, *index))


def at(value: Any, path: Path) -> Any:
    """Return what stands at a path in decoded JSON."""
    for step in path:
        value = value[step]
    return value


def reach(model: Any, attribute: Path) -> Any:
    """Return what a model gives at a path of attributes and indexes."""
    for step in attribute:
        model = model[step] if isinstance(step, int) else getattr(model, step)
    return model


def replaced(value: Any, path: Path, new: Any) -> Any:
    """Return a copy of decoded JSON with something else at a path."""
    twin = copy_json(value)
    at(twin, path[:-1])[path[-1]] = new
    return twin


def removed(value: Any, *paths: Path) -> Any:
    """Return a copy of decoded JSON without what stands at these paths; entries of a list close up."""
    twin = copy_json(value)
    for path in sorted(paths, key=_from_the_end, reverse=True):
        del at(twin, path[:-1])[path[-1]]
    return twin


def _from_the_end(path: Path) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def written(path: Path) -> str:
    """Return a path as problems name it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


WRONG: dict[Kind, st.SearchStrategy[Any]] = {
    "count": st.sampled_from(["many", "1.5", "1e3", "٣", "0x1", True, False, 1.5, [], {}, [1]]),
    "measure": st.sampled_from(["much", "1e3", "inf", True, False, 10**400, [], {}]),
    "time": st.sampled_from(["yesterday", "2020-13-01", "24:00", True, False, 1e300, 10**18, [], {}, [0]]),
    "text": st.sampled_from([0, 1.5, True, False, [], {}, ["text"]]),
    "code": st.sampled_from([1.5, True, False, [], {}, ["text"]]),
    "object": st.sampled_from([0, "", "text", True, False, [{}]]),
    "list": st.sampled_from([0, "", "text", True, False, {"0": {}}]),
    "open object": st.sampled_from([0, "", "text", True, False, [{}]]),
}
"""What cannot stand at a place, by what belongs there; anything can stand where the value is open."""
