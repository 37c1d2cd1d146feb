"""Validates runs while decoding: one pass from bytes to models, where the leading bytes tell how the runs are wrapped.

The wrappers on the way are the rows of the table, turned into a schema for pydantic's core; nothing here decides what
a payload means. Payloads that do not match their leading bytes (another shape, a broken run, an alert) fall back to
the general path, which reads every payload and gives the same runs.

Its schemas are made of pydantic's, which may change: hence the bound ``pydantic<3``, and a test that holds both paths
to the same answer.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache, cached_property, lru_cache
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from flowrun_notifications._models.delivery import Details, attach_delivery
from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.record_schema import HIDE_INPUT, RECORD_SCHEMA
from flowrun_notifications._models.status import is_alert
from flowrun_notifications._models.timestamps import INSTANT_SCHEMA
from flowrun_notifications._models.values import Reading, is_object
from flowrun_notifications._reading.decoding import decode_json
from flowrun_notifications._reading.kinds import TELLING_KEYS
from flowrun_notifications._reading.oddities import find_nan, find_odd
from flowrun_notifications._reading.text import decode_base64
from flowrun_notifications._reading.wrappers import (
    EVENT,
    HTTP_KEYS,
    LABEL,
    MAX_DEPTH,
    MESSAGE,
    MESSAGES,
    RECORD_KEYS,
    RUNTIME,
    RUNTIME_HEADERS,
    WRAPPERS,
    DetailPaths,
    Wrapper,
    code_in_label,
    is_runtime_key,
    merge_details,
    read_headers,
    read_http_details,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _Collect = Callable[[Any, str, "_Names", Details, list[FlowRun]], None]

__all__ = ["read_fast"]

MAX_BYTES = 32_000_000
"""A longer payload is decoded first: where validation fails on a large node, core keeps a copy of it."""

_MAX_LEAD = 4_000
_MAX_BRACKETS = 40
_MAX_KEYS = 10
_CONTENT = "content"

_Nesting = tuple[Wrapper | None, ...]
"""The wrappers around runs, outermost first; ``None`` is a list."""

_Names = tuple[str, ...]
"""Names of wrappers, outermost first."""

_NO_DETAILS: Details = {}
_UNSETTLED = Reading.UNSETTLED


def read_fast(data: bytes, path: str = "", names: _Names = (), details: Details = _NO_DETAILS) -> list[FlowRun] | None:
    """Return the runs in a payload, or ``None`` where it takes the general path to tell.

    Args:
        data: The payload.
        path: Where it stands in another, which is open already.
        names: The wrappers around it in that.
        details: The details that they give.
    """
    plan, follows, at = _KNOWN_PREFIXES.get(data[:7]) or _KNOWN_PREFIXES.get(data[:9], _NO_PREFIX)
    if not data.startswith(follows, at):
        if data.startswith(_WEB_ACTION):
            return None if path else _read_web_action(data)
        plan = _plan_from_keys(data)
    if plan is None or len(data) > MAX_BYTES or plan.is_misled_by(data):
        return None
    runs: list[FlowRun] = []
    try:
        content = plan.validate(data, context=_UNSETTLED, by_alias=True, by_name=False)
        plan.collect(content, path, names, details, runs)
    except (ValidationError, _NotAsPlannedError):
        return None
    return runs


def _read_web_action(data: bytes) -> list[FlowRun] | None:
    """Return the runs in the raw body that a Runtime web action was called with."""
    try:
        node = decode_json(data)
        if not is_object(node) or not node.keys().isdisjoint(_NOT_IN_WEB_ACTIONS):
            return None
        body = node[RUNTIME.key]
        data = body.encode() if body.startswith(("{", "[")) else decode_base64(body)
    except (ValueError, LookupError, AttributeError):  # not JSON, no body, or one that is decoded already
        return None
    return read_fast(data, RUNTIME.key, (RUNTIME.name,), read_http_details(node))


# --- the schema of a plan -------------------------------------------------------------------------------------------


class _Plan:
    """The way to read the runs in a payload in one pass, given the wrappers around them."""

    def __init__(self, *wrappers: Wrapper | None) -> None:
        self.wrappers = wrappers
        self.depth = sum(len(name) for _, name in _named(wrappers))
        self.is_misled_by: Callable[[bytes], object] = find_odd if wrappers else find_nan

    @cached_property
    def validate(self) -> Callable[..., Any]:
        """Validate a payload; the records in it become runs."""
        schema: Any = RECORD_SCHEMA
        for wrapper in reversed(self.wrappers):
            schema = (
                core_schema.list_schema(schema, min_length=1, fail_fast=True)
                if wrapper is None
                else _schema(wrapper, schema)
            )
        return SchemaValidator(schema, HIDE_INPUT).validate_json

    @cached_property
    def collect(self) -> _Collect:
        """Open the wrappers in a validated payload, and attach the delivery to each run."""
        collect: _Collect = _complete
        for wrapper, name in reversed(tuple(_named(self.wrappers))):
            if wrapper is None:
                collect = _in_list(name, collect)
            elif wrapper.is_list:
                collect = _in_wrapper_of_many(wrapper, name, collect)
            else:
                collect = _in_wrapper_of_one(wrapper, name, collect)
        return collect


def _in_list(name: _Names, collect: _Collect) -> _Collect:
    """Go through a list, and leave each item to ``collect``."""

    def collect_list(node: Any, path: str, names: _Names, details: Details, runs: list[FlowRun]) -> None:
        names += name
        for i, item in enumerate(node):
            collect(item, f"{path}[{i}]", names, details, runs)

    return collect_list


def _in_wrapper_of_one(wrapper: Wrapper, name: _Names, collect: _Collect) -> _Collect:
    """Open a wrapper, and leave its content to ``collect``."""
    key, mark = wrapper.key, wrapper.mark

    def collect_wrapped(node: Any, path: str, names: _Names, details: Details, runs: list[FlowRun]) -> None:
        if RUNTIME_HEADERS in node:
            names, details = _read_runtime_headers(node.pop(RUNTIME_HEADERS), names, details)
        content = node.pop(_CONTENT)
        if mark is not None:
            del node[mark]
        if LABEL in node:
            code = code_in_label(node.pop(LABEL))
            if code:
                node["event_code"] = code
        details = merge_details(details, node) if details else node
        collect(content, f"{path}.{key}" if path else key, names + name, details, runs)

    return collect_wrapped


def _in_wrapper_of_many(wrapper: Wrapper, name: _Names, collect: _Collect) -> _Collect:
    """Open a wrapper that lists things, and leave each to ``collect``."""
    key, entry_key = wrapper.key, wrapper.entry_key

    def collect_listed(node: Any, path: str, names: _Names, details: Details, runs: list[FlowRun]) -> None:
        if RUNTIME_HEADERS in node:
            names, details = _read_runtime_headers(node[RUNTIME_HEADERS], names, details)
        names += name
        path = f"{path}.{key}" if path else key
        for i, entry in enumerate(node[_CONTENT]):
            if entry_key is None:
                collect(entry, f"{path}[{i}]", names, details, runs)
            else:
                item = entry.pop(_CONTENT)
                entry = merge_details(details, entry) if details else entry  # noqa: PLW2901
                collect(item, f"{path}[{i}].{entry_key}", names, entry, runs)

    return collect_listed


def _complete(run: FlowRun, path: str, names: _Names, details: Details, runs: list[FlowRun]) -> None:
    """Attach the delivery to a run, and add it to the runs: the innermost step."""
    extra = run.__pydantic_extra__
    if extra:
        if "metrics" not in run.__pydantic_fields_set__ and is_alert(extra):
            raise _NotAsPlannedError
        if len(extra) == 1 and RUNTIME_HEADERS in extra:
            run.__pydantic_fields_set__.discard(RUNTIME_HEADERS)
            names, details = _read_runtime_headers(extra.pop(RUNTIME_HEADERS), names, details)
        else:
            joined = " ".join(extra)
            if ("-" in joined or "__" in joined) and any(map(is_runtime_key, extra)):
                raise _NotAsPlannedError  # other parameters of the action are dropped
    if len(names) >= MAX_DEPTH - 1:
        raise _NotAsPlannedError  # Runtime may add a wrapper to those of the plan
    attach_delivery(run, details, path, names)
    runs.append(run)


def _read_runtime_headers(headers: object, names: _Names, details: Details) -> tuple[_Names, Details]:
    read = read_headers(headers)
    return (*names, RUNTIME.name), merge_details(details, read) if details else read


class _NotAsPlannedError(Exception):
    """A validated item is not a run after all, or nests too deeply."""


def _named(wrappers: _Nesting) -> Iterator[tuple[Wrapper | None, _Names]]:
    """Yield the wrappers, each with the name that it adds to the delivery's."""
    for wrapper, inner in zip_longest(wrappers, wrappers[1:]):
        if wrapper is not None:
            yield wrapper, (wrapper.name,)
        else:  # with messages their list is one wrapper
            yield None, () if inner in (MESSAGES, MESSAGE) else ("list",)


def _schema(wrapper: Wrapper, content: Any) -> Any:
    fields = _details_schema(wrapper.detail_paths)
    if wrapper.entry_key is not None:
        fields[_CONTENT] = core_schema.typed_dict_field(content, validation_alias=wrapper.entry_key)
        content, fields = core_schema.typed_dict_schema({**fields, **_never(*_HTTP_SURPRISES, RUNTIME_HEADERS)}), {}
    if wrapper.is_list:
        content = _list(content)
    fields[_CONTENT] = core_schema.typed_dict_field(content, validation_alias=wrapper.key)
    fields[RUNTIME_HEADERS] = core_schema.typed_dict_field(_ANYTHING, required=False)
    if wrapper.mark is not None:
        fields[wrapper.mark] = core_schema.typed_dict_field(_ANYTHING)
    # Any of these keys means the object is not the wrapper we expected.
    earlier = (other.key for other in WRAPPERS[: WRAPPERS.index(wrapper)])
    return core_schema.typed_dict_schema({**fields, **_never(*_NEVER_BESIDE_CONTENT, *earlier)})


def _list(content: Any) -> Any:
    # A page may hold a million broken runs, and core would keep an error for each.
    return core_schema.list_schema(content, min_length=1, fail_fast=True)


def _details_schema(paths: DetailPaths) -> dict[str, core_schema.TypedDictField]:
    """Return the schema of the details that a wrapper gives. One that is absent or unusable is left out."""
    fields: dict[str, core_schema.TypedDictField] = {}
    for detail, _ in paths:
        choices = [list[str | int](other) for name, other in paths if name == detail]
        value = INSTANT_SCHEMA if detail == "sent_at" else _TEXT
        if len(choices) > 1:
            # Of several spellings the first that is there counts here; if that is unusable, the general path tells.
            fields[detail] = core_schema.typed_dict_field(value, required=False, validation_alias=choices)
        else:
            value = _PRESENT_TIME if detail == "sent_at" else value
            value = core_schema.with_default_schema(value, on_error="omit")
            fields[detail] = core_schema.typed_dict_field(value, required=False, validation_alias=choices)
    return fields


def _never(*keys: str) -> dict[str, core_schema.TypedDictField]:
    # One field for all keys takes core a third of the time that one for each would.
    choices = [list[str | int]([key]) for key in keys]
    return {"surprise": core_schema.typed_dict_field(_NOTHING, required=False, validation_alias=choices)}


class _Nothing:
    """A class that no JSON value is an instance of."""


_NOTHING = core_schema.is_instance_schema(_Nothing)
_ANYTHING = core_schema.any_schema()
_TEXT = core_schema.str_schema(min_length=1)
_PRESENT_TIME = core_schema.chain_schema([INSTANT_SCHEMA, core_schema.is_instance_schema(datetime)])
_HTTP_SURPRISES = (
    *("headers", "__ow_headers", "__ow_method", "__ow_path", RUNTIME.key),
    *(write(key) for key in HTTP_KEYS for write in (str.lower, str.title, str.upper)),
)
_NEVER_BESIDE_CONTENT = (*RECORD_KEYS, *TELLING_KEYS, *_HTTP_SURPRISES)
_NOT_IN_WEB_ACTIONS = frozenset(
    (*RECORD_KEYS, *TELLING_KEYS, "headers", RUNTIME_HEADERS, *(row.key for row in WRAPPERS if row is not RUNTIME))
)


# --- which wrappers come --------------------------------------------------------------------------------------------

_FIRST_KEYS = ("createdAt", "updatedAt", "createdBy", "flowId", "metrics", "xdm:flowId", "xdm:flowRunId", "xdm:metrics")
"""Keys that tell a record from the wrappers around it."""

_ROWS = {wrapper.key.encode(): wrapper for wrapper in WRAPPERS}


@cache
def _key_pattern() -> re.Pattern[bytes]:
    """Return the pattern of the keys that tell the wrappers. Compiling it takes a tenth of the package's import."""
    first = "".join(sorted({key[0] for key in (*(row.key for row in WRAPPERS), *_FIRST_KEYS)}))
    wrapper, other = "|".join(row.key for row in WRAPPERS), "|".join(_FIRST_KEYS)
    pattern = rf'"(?=[{first}])(?:({wrapper})"\s{{0,9}}:\s{{0,99}}(\{{|\[[\[\s]{{0,99}})|(?:{other})"\s{{0,9}}:)'
    return re.compile(pattern.encode())


def _plan_from_keys(data: bytes) -> _Plan | None:
    """Return the plan whose keys stand in the leading bytes, down to the first key of a record."""
    keys = [data[:_MAX_BRACKETS].split(b"{", 1)[0]]
    for key in islice(_key_pattern().finditer(data, 0, _MAX_LEAD), _MAX_KEYS):
        if key.lastindex is None:
            return _plan_for(*keys)
        keys += key.groups()
    return None


@lru_cache(maxsize=128)
def _plan_for(opening: bytes, *keys: bytes) -> _Plan | None:
    """Return the plan for what stands before a record: what opens the payload, then keys and what opens after each."""
    nesting: list[Wrapper | None] = [None] * opening.count(b"[")
    entry_key: bytes | None = None
    for key, opens in zip(keys[::2], keys[1::2], strict=True):
        brackets = opens.count(b"[")
        if entry_key is not None:
            if key != entry_key:
                return None
            entry_key = None
        else:
            wrapper = _ROWS[key]
            nesting.append(wrapper)
            if wrapper.is_list:
                if not brackets:
                    return None
                brackets -= 1
                entry_key = wrapper.entry_key.encode() if wrapper.entry_key else None
        nesting += [None] * brackets
    plan = _plan(*nesting)
    return plan if entry_key is None and plan.depth < MAX_DEPTH else None


_plan = lru_cache(maxsize=32)(_Plan)

_WEB_ACTION = b'{"__ow_'

_AFTER_EVENT_ID = tuple(
    between + key
    for between in (b',"event":{"', b'"event":{"', b'", "event": {"', b', "event": {"')
    for key in (b'id":', b'createdAt":')
)
_RECORD_KEYS = (b'createdAt":', b'updatedAt":', b'flowId":')
_Prefix = tuple[_Plan | None, tuple[bytes, ...], int]
_KNOWN_PREFIXES: dict[bytes, _Prefix] = {
    b'{"event_i': (_plan(EVENT), _AFTER_EVENT_ID, 50),
    b'{"eventid': (_plan(EVENT), _AFTER_EVENT_ID, 50),
    b'[{"mess': (_plan(None, MESSAGES), (b'ages":[{"msgType":', b'ages": [{"msgType":'), 7),
    b'[{"msgT': (_plan(None, MESSAGE), (b'ype":',), 7),
    b'{"id":"': (_plan(), tuple(b'","' + key for key in _RECORD_KEYS), 43),
    b'{"id": ': (_plan(), tuple(b'", "' + key for key in _RECORD_KEYS), 44),
    b'{"creat': (_plan(), (b'edAt":',), 7),
    b'{"flowI': (_plan(), (b'd":',), 7),
    b'{"xdm:f': (_plan(), (b'lowId":',), 7),
}
"""How the most common payloads begin, with and without spaces, so that they need no search.

By their first seven or nine bytes: the plan, what else stands there, and where, an id being 36 characters long. It
saves a third of the time of a documented payload (2.0 times json.loads instead of 2.7); a payload that begins
otherwise is read the same, only slower.
"""

_NO_PREFIX: _Prefix = (None, (), 0)  # nothing begins with one of none
