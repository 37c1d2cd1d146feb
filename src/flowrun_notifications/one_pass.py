"""Validates runs while decoding: one pass from bytes to models, where the leading bytes tell how the runs are wrapped.

The wrappers on the way are the rows of :mod:`flowrun_notifications.wrappers`, turned into a schema for pydantic's
core; nothing here decides what a payload means. Whatever turns out otherwise than its leading bytes promise (another
shape, a broken run, an alert) is left to the general path, which reads every payload and gives the same runs.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic_core import SchemaValidator, ValidationError, core_schema

from flowrun_notifications.models import FlowRun
from flowrun_notifications.wrappers import (
    EVENT,
    MESSAGE,
    MESSAGES,
    RUN_KEYS,
    WRAPPERS,
    Said,
    Says,
    Wrapper,
    deliver,
    details,
    is_alert,
    hear_runtime_headers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["read"]

_Plan = tuple[Wrapper | None, ...]
"""The wrappers around the runs, outermost first; ``None`` is a list."""

_MOST_BYTES = 4_000_000
"""A longer payload is decoded first: where validation fails on a large node, core keeps a copy of it."""

_MOST_LEAD = 4_000
_MOST_WRAPPERS = 5
_INSIDE = "inside"


def read(data: bytes) -> list[FlowRun] | None:
    """The runs in a payload, or ``None`` where it takes the general path to tell."""
    lead = _LEAD.match(data)
    plan = _LEADS[lead.lastindex] if lead else _signposted(data)
    if plan is None or len(data) > _MOST_BYTES or b"Infinity" in data or _holds_nan(data):
        return None
    try:
        tree = _validator(plan)(data, by_alias=True, by_name=False)
    except ValidationError:
        return None
    runs: list[FlowRun] = []
    return runs if _collect(tree, plan, 0, "", (), {}, runs) else None


def _holds_nan(data: bytes) -> bool:
    at = data.find(b"N")  # many times faster than looking for three bytes
    while at >= 0:
        if data.startswith(b"NaN", at):
            return True
        at = data.find(b"N", at + 1)
    return False


# --- which wrappers come --------------------------------------------------------------------------------------------

_LEAD = re.compile(
    rb"""\s*(?:
    (\{\s*"(?:createdAt|id|flowId|xdm:flowId)"\s*:)
    |(\{\s*"event_?id"\s*:\s*"[^"\\]*"\s*,\s*"event"\s*:\s*\{\s*"(?:createdAt|id)"\s*:)
    |(\[\s*\{\s*"messages"\s*:\s*\[\s*\{\s*"msgType"\s*:)
    |(\[\s*\{\s*"msgType"\s*:)
    )""",
    re.VERBOSE,
)
"""How the documented payloads begin, so that the most common ones need no search."""

_LEADS: tuple[_Plan | None, ...] = (None, (), (EVENT,), (None, MESSAGES), (None, MESSAGE))

_SIGNPOST = re.compile(
    rb'"(?:(event|messages|value|data|detail|events|items|body)"\s*:\s*([\[{])'
    rb'|(?:createdAt|updatedAt|createdBy|flowId|metrics|xdm:flowId|xdm:flowRunId|xdm:metrics)"\s*:)'
)
_BY_KEY = {wrapper.key.encode(): wrapper for wrapper in WRAPPERS}


def _signposted(data: bytes) -> _Plan | None:
    """The wrappers whose keys stand in the leading bytes, down to the first key of a record."""
    plan: list[Wrapper | None] = [None] if data[:20].lstrip()[:1] == b"[" else []
    position = 0
    entry_key: bytes | None = None
    for _ in range(2 * _MOST_WRAPPERS):
        sign = _SIGNPOST.search(data, position, _MOST_LEAD)
        if sign is None:
            return None
        key, opening = sign.groups()
        if entry_key is not None:
            if key != entry_key:
                return None
            entry_key = None
        elif key is None:
            return tuple(plan)
        else:
            wrapper = _BY_KEY[key]
            plan.append(wrapper)
            if wrapper.is_list:
                if opening != b"[":
                    return None
                entry_key = wrapper.entry_key.encode() if wrapper.entry_key else None
                opening = b"{"
        if opening == b"[":
            plan.append(None)
        position = sign.end()
    return None


# --- the schema of a plan -------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _validator(plan: _Plan) -> Callable[..., Any]:
    return SchemaValidator(_schema(plan)).validate_json


def _schema(plan: _Plan) -> Any:
    if not plan:
        return FlowRun.__pydantic_core_schema__
    wrapper, inside = plan[0], _schema(plan[1:])
    if wrapper is None:
        return core_schema.list_schema(inside)
    if wrapper.entry_key is not None:
        inside = _object(wrapper.says, wrapper.entry_key, inside, others={})
    if wrapper.is_list:
        inside = core_schema.list_schema(inside)
    # An object with one of these keys is something else than its leading bytes promised.
    surprises = {*RUN_KEYS, *(other.key for other in WRAPPERS[: WRAPPERS.index(wrapper)])}
    others = {key: core_schema.typed_dict_field(_NEVER, required=False) for key in surprises}
    others[_RUNTIME] = core_schema.typed_dict_field(_ANYTHING, required=False)
    if wrapper.mark is not None:
        others[wrapper.mark] = core_schema.typed_dict_field(_ANYTHING)
    return _object(() if wrapper.entry_key else wrapper.says, wrapper.key, inside, others)


def _object(says: Says, key: str, inside: Any, others: dict[str, Any]) -> Any:
    """An object that wraps something, as what it says of the delivery and what is inside."""
    carried = core_schema.typed_dict_field(inside, validation_alias=key)
    return core_schema.typed_dict_schema({**details(says), **others, _INSIDE: carried})


class _Nothing:
    """What no JSON value is an instance of."""


_NEVER = core_schema.is_instance_schema(_Nothing)
_ANYTHING = core_schema.any_schema()
_INSIDE = "inside"
_RUNTIME = "__adobe_headers"


# --- gathering the runs ---------------------------------------------------------------------------------------------


def _collect(
    node: Any, plan: _Plan, step: int, path: str, names: tuple[str, ...], said: Said, runs: list[FlowRun]
) -> bool:
    """Gathers the runs at the end of a plan, noting on the way what the wrappers say.

    It returns false where something else than a run stands there after all.
    """
    while step < len(plan):
        wrapper = plan[step]
        step += 1
        if wrapper is None:
            if step == len(plan) or plan[step] not in _ONE_WITH_THEIR_LIST:
                names = (*names, "list")
            items = enumerate(node)
            return all([_collect(item, plan, step, f"{path}[{i}]", names, said, runs) for i, item in items])
        if _RUNTIME in node:
            names = (*names, "runtime")
            said = {**said, **hear_runtime_headers(node.pop(_RUNTIME))}
        names = (*names, wrapper.name)
        path = f"{path}.{wrapper.key}" if path else wrapper.key
        inside = node.pop(_INSIDE)
        if wrapper.entry_key is not None:
            entries = []
            for i, entry in enumerate(inside):
                content = entry.pop(_INSIDE)
                entries.append((content, f"{path}[{i}].{wrapper.entry_key}", {**said, **entry} if said else entry))
            return all([_collect(content, plan, step, at, names, told, runs) for content, at, told in entries])
        if wrapper.is_list:
            items = enumerate(inside)
            return all([_collect(item, plan, step, f"{path}[{i}]", names, said, runs) for i, item in items])
        said = {**said, **node} if said else node
        node = inside
    run: FlowRun = node
    extra = run.__pydantic_extra__
    if extra:
        if "metrics" not in run.model_fields_set and is_alert(extra):
            return False
        if _RUNTIME in extra:
            names = (*names, "runtime")
            said = {**said, **hear_runtime_headers(extra.pop(_RUNTIME))}
            run.__pydantic_fields_set__.discard(_RUNTIME)
    # Nobody else holds the run yet: its delivery can still be replaced.
    state = run.__dict__
    state["delivery"] = deliver(said, path, names, state["delivery"])
    runs.append(run)
    return True


_ONE_WITH_THEIR_LIST = (MESSAGES, MESSAGE)
