"""Validates runs while decoding: one pass from bytes to models, where the leading bytes tell how the runs are wrapped.

The wrappers on the way are the rows of :mod:`flowrun_notifications.wrappers`, turned into a schema for pydantic's
core; nothing here decides what a payload means. Whatever turns out otherwise than its leading bytes promise (another
shape, a broken run, an alert) is left to the general path, which reads every payload and gives the same runs.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import islice, zip_longest
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from flowrun_notifications.decoding import decode_json
from flowrun_notifications.models import FlowRun
from flowrun_notifications.values import is_object
from flowrun_notifications.wrappers import (
    CLOUD_EVENT,
    DEEPEST,
    EVENT,
    EVENT_CODES,
    EVENTBRIDGE,
    MESSAGE,
    MESSAGES,
    RUN_KEYS,
    WRAPPERS,
    Said,
    Wrapper,
    deliver,
    details,
    hear_runtime_headers,
    is_alert,
    is_run_record,
    runtime_body,
    settle,
    wrapper_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _Gather = Callable[[Any, str, "_Names", Said, list[FlowRun]], None]

__all__ = ["read"]

_MOST_BYTES = 32_000_000
"""A longer payload is decoded first: where validation fails on a large node, core keeps a copy of it."""

_MOST_LEAD = 4_000
_MOST_BRACKETS = 40
_MOST_SIGNS = 10
_INSIDE = "inside"
_RUNTIME = "__adobe_headers"

_Around = tuple[Wrapper | None, ...]
"""The wrappers around runs, outermost first; ``None`` is a list."""

_Names = tuple[str, ...]
"""Names of wrappers, outermost first."""

_NOTHING_SAID: Said = {}


def read(data: bytes, path: str = "", names: _Names = (), said: Said = _NOTHING_SAID) -> list[FlowRun] | None:
    """The runs in a payload, or ``None`` where it takes the general path to tell.

    Args:
        data: The payload.
        path: Where it stands in another, which is open already.
        names: The wrappers around it in that.
        said: What they say.
    """
    plan, follows, at = _LEADS.get(data[:7]) or _LEADS.get(data[:9], _NO_LEAD)
    if not data.startswith(follows, at):
        if data.startswith(_WEB_ACTION):
            return None if path else _read_web_action(data)
        plan = _signposted(data)
    if plan is None or len(data) > _MOST_BYTES or _find_nan(data):
        return None
    runs: list[FlowRun] = []
    try:
        plan.gather(plan.validate(data, by_alias=True, by_name=False), path, names, said, runs)
    except (ValidationError, _SurpriseError):
        return None
    return runs


def _read_web_action(data: bytes) -> list[FlowRun] | None:
    """The runs in the raw body that a Runtime web action was called with."""
    try:
        node = decode_json(data)
        if not is_object(node) or "__adobe_headers" in node or is_run_record(node) or wrapper_of(node) is not None:
            return None
        body = runtime_body(node["__ow_body"])
    except (ValueError, LookupError, AttributeError):  # no JSON, no body, or one that is decoded already
        return None
    said = {**hear_runtime_headers(node.get("__ow_headers")), _RUNTIME: True}
    return read(body, "__ow_body", ("runtime",), said)


# Core's regular expressions find two words in a payload ten times faster than ``in`` does.
_find_nan = SchemaValidator(
    core_schema.with_default_schema(core_schema.str_schema(pattern="NaN|Infinity"), default=None, on_error="default")
).validate_python
"""Answers something true where NaN or Infinity stands in a payload: in a text, or as what core's JSON takes for one."""


# --- the schema of a plan -------------------------------------------------------------------------------------------


class _Plan:
    """How to read the runs in a payload in one pass, given the wrappers around them."""

    def __init__(self, *wrappers: Wrapper | None) -> None:
        self.wrappers = wrappers
        self.depth = sum(len(name) for _, name in _named(wrappers))

    @cached_property
    def validate(self) -> Callable[..., Any]:
        """Validates a payload; the records in it become runs."""
        schema: Any = FlowRun.__pydantic_core_schema__
        for wrapper in reversed(self.wrappers):
            schema = (
                core_schema.list_schema(schema)
                if wrapper is None
                else _schema(wrapper, schema, is_settled=self._is_settled)
            )
        return SchemaValidator(schema).validate_json

    @cached_property
    def gather(self) -> _Gather:
        """Opens the wrappers in what was validated, and completes each run by how it came."""
        gather = _completion(is_settled=self._is_settled)
        for wrapper, name in reversed(tuple(_named(self.wrappers))):
            if wrapper is None:
                gather = _in_list(name, gather)
            elif wrapper.is_list:
                gather = _in_wrapper_of_many(wrapper, name, gather)
            else:
                gather = _in_wrapper_of_one(wrapper, name, gather)
        return gather

    @cached_property
    def _is_settled(self) -> bool:
        """Whether no two wrappers can give the event code, and what each says needs no interpreting."""
        codes = [detail for wrapper in self.wrappers if wrapper for detail, _ in wrapper.says if detail in EVENT_CODES]
        return len(codes) <= 1 and not {CLOUD_EVENT, EVENTBRIDGE} & {*self.wrappers}


def _in_list(name: _Names, gather: _Gather) -> _Gather:
    """Goes through a list, and leaves each item to ``gather``."""

    def gather_list(node: Any, path: str, names: _Names, said: Said, runs: list[FlowRun]) -> None:
        names += name
        for i, item in enumerate(node):
            gather(item, f"{path}[{i}]", names, said, runs)

    return gather_list


def _in_wrapper_of_one(wrapper: Wrapper, name: _Names, gather: _Gather) -> _Gather:
    """Opens a wrapper, and leaves what is inside to ``gather``."""
    key = wrapper.key

    def gather_wrapped(node: Any, path: str, names: _Names, said: Said, runs: list[FlowRun]) -> None:
        if _RUNTIME in node:
            names, said = _hear_runtime(node[_RUNTIME], names, said)
        inside = node.pop(_INSIDE)
        gather(inside, f"{path}.{key}" if path else key, names + name, {**said, **node} if said else node, runs)

    return gather_wrapped


def _in_wrapper_of_many(wrapper: Wrapper, name: _Names, gather: _Gather) -> _Gather:
    """Opens a wrapper that lists things, and leaves each to ``gather``."""
    key, entry_key = wrapper.key, wrapper.entry_key

    def gather_listed(node: Any, path: str, names: _Names, said: Said, runs: list[FlowRun]) -> None:
        if _RUNTIME in node:
            names, said = _hear_runtime(node[_RUNTIME], names, said)
        names += name
        path = f"{path}.{key}" if path else key
        for i, entry in enumerate(node.pop(_INSIDE)):
            if entry_key is None:
                gather(entry, f"{path}[{i}]", names, said, runs)
            else:
                item = entry.pop(_INSIDE)
                gather(item, f"{path}[{i}].{entry_key}", names, {**said, **entry} if said else entry, runs)

    return gather_listed


def _completion(*, is_settled: bool) -> _Gather:
    """Completes a run by how it came, and adds it to the runs."""

    def complete(run: FlowRun, path: str, names: _Names, said: Said, runs: list[FlowRun]) -> None:
        extra = run.__pydantic_extra__
        if extra:
            if "metrics" not in run.__pydantic_fields_set__ and is_alert(extra):
                raise _SurpriseError
            if _RUNTIME in extra:
                run.__pydantic_fields_set__.discard(_RUNTIME)
                names, said = _hear_runtime(extra.pop(_RUNTIME), names, said)
        if _RUNTIME in said and len(names) > DEEPEST:  # a plan itself is never as deep as that
            raise _SurpriseError
        deliver(run, said if is_settled and _RUNTIME not in said else settle(said), path, names)
        runs.append(run)

    return complete


def _hear_runtime(headers: object, names: _Names, said: Said) -> tuple[_Names, Said]:
    return (*names, "runtime"), {**said, **hear_runtime_headers(headers), _RUNTIME: True}


class _SurpriseError(Exception):
    """Something in a validated payload is no run after all, or lies too deep."""


def _named(wrappers: _Around) -> Iterator[tuple[Wrapper | None, _Names]]:
    """The wrappers, each with the name that it adds to a delivery's."""
    for wrapper, inner in zip_longest(wrappers, wrappers[1:]):
        if wrapper is not None:
            yield wrapper, (wrapper.name,)
        else:  # with messages their list is one wrapper
            yield None, () if inner in (MESSAGES, MESSAGE) else ("list",)


def _schema(wrapper: Wrapper, inside: Any, *, is_settled: bool) -> Any:
    said = details(wrapper.says)
    if is_settled:
        said = {"event_code" if detail in EVENT_CODES else detail: place for detail, place in said.items()}
    if wrapper.entry_key is not None:
        said[_INSIDE] = core_schema.typed_dict_field(inside, validation_alias=wrapper.entry_key)
        inside, said = core_schema.typed_dict_schema(said), {}
    if wrapper.is_list:
        inside = core_schema.list_schema(inside)
    said[_INSIDE] = core_schema.typed_dict_field(inside, validation_alias=wrapper.key)
    said[_RUNTIME] = core_schema.typed_dict_field(_ANYTHING, required=False)
    if wrapper.mark is not None:
        said[wrapper.mark] = core_schema.typed_dict_field(_ANYTHING)
    # An object with one of these keys is something else than its leading bytes promised.
    for surprise in (*RUN_KEYS, *(other.key for other in WRAPPERS[: WRAPPERS.index(wrapper)])):
        said[surprise] = core_schema.typed_dict_field(_NEVER, required=False)
    return core_schema.typed_dict_schema(said)


class _Nothing:
    """What no JSON value is an instance of."""


_NEVER = core_schema.is_instance_schema(_Nothing)
_ANYTHING = core_schema.any_schema()


# --- which wrappers come --------------------------------------------------------------------------------------------

_SIGNPOST = re.compile(
    rb'"(?=[bcdefimuvx])(?:(event|messages|value|data|detail|events|items|body)"\s{0,9}:\s{0,99}(\{|\[[\[\s]{0,99})'
    rb'|(?:createdAt|updatedAt|createdBy|flowId|metrics|xdm:flowId|xdm:flowRunId|xdm:metrics)"\s{0,9}:)'
)
_BY_KEY = {wrapper.key.encode(): wrapper for wrapper in WRAPPERS}


def _signposted(data: bytes) -> _Plan | None:
    """The plan whose keys stand in the leading bytes, down to the first key of a record."""
    signs = [data[:_MOST_BRACKETS].split(b"{", 1)[0]]
    for sign in islice(_SIGNPOST.finditer(data, 0, _MOST_LEAD), _MOST_SIGNS):
        if sign.lastindex is None:
            return _plan_for(*signs)
        signs += sign.groups()
    return None


@lru_cache(maxsize=128)
def _plan_for(opening: bytes, *signs: bytes) -> _Plan | None:
    """The plan for what stands before a record: what opens the payload, then keys and what opens after each."""
    around: list[Wrapper | None] = [None] * opening.count(b"[")
    entry_key: bytes | None = None
    for key, opens in zip(signs[::2], signs[1::2], strict=True):
        brackets = opens.count(b"[")
        if entry_key is not None:
            if key != entry_key:
                return None
            entry_key = None
        else:
            wrapper = _BY_KEY[key]
            around.append(wrapper)
            if wrapper.is_list:
                if not brackets:
                    return None
                brackets -= 1
                entry_key = wrapper.entry_key.encode() if wrapper.entry_key else None
        around += [None] * brackets
    plan = _plan(*around)
    return plan if entry_key is None and plan.depth < DEEPEST else None


_plan = lru_cache(maxsize=32)(_Plan)

_WEB_ACTION = b'{"__ow_'

_AFTER_EVENT_ID = tuple(
    between + key
    for between in (b',"event":{"', b'"event":{"', b'", "event": {"', b', "event": {"')
    for key in (b'id":', b'createdAt":')
)
_RECORD_KEYS = (b'createdAt":', b'updatedAt":', b'flowId":')
_Lead = tuple[_Plan | None, tuple[bytes, ...], int]
_LEADS: dict[bytes, _Lead] = {
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

By their first seven or nine bytes: the plan, what else stands there, and where, an id being 36 characters long.
"""

_NO_LEAD: _Lead = (None, (), 0)  # nothing begins with one of none
