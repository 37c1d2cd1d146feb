"""Builders: one plausible notification, the same at every call, with overrides."""

from __future__ import annotations

import gzip
import json
from typing import Any, Literal

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.values import copy_json, is_object
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications._reading.parsing import parse
from flowrun_notifications.testing.samples import ABSENT, OTHER_MESSAGES, OUTCOMES, SUCCESS, JSONObject, Outcome
from flowrun_notifications.testing.shapes import SHAPES, Wrapper

__all__ = [
    "Layout",
    "gather",
    "make_archive",
    "make_flow_run",
    "make_other_message",
    "make_payload",
    "make_record",
    "merge",
    "wrap",
]

Layout = Literal["lines", "pretty", "concatenated", "records"]
"""How the documents of an archive follow each other.

``lines``: one on each line. ``pretty``: printed over many lines. ``concatenated``: without anything between them, as
Amazon Firehose writes them. ``records``: each after a record separator (RFC 7464).
"""

_SEPARATORS: dict[Layout, tuple[str, str]] = {
    "lines": ("", "\n"),
    "pretty": ("", "\n"),
    "concatenated": ("", ""),
    "records": ("\x1e", "\n"),
}


def make_record(outcome: Outcome = "success", **overrides: Any) -> dict[str, Any]:
    """Return a decoded run record as Flow Service writes it: the innermost part of every payload.

    Args:
        outcome: How the run stands.
        **overrides: Values by Adobe's key. An object is merged into the one that stands there, key by key; anything
            else, lists included, takes its place; `ABSENT` removes the key.

    Returns:
        A new object at every call.
    """
    return merge(merge(SUCCESS, OUTCOMES[outcome]), overrides)


def make_payload(*wrappers: Wrapper, outcome: Outcome = "success", **overrides: Any) -> Any:
    """Return a decoded payload that holds one run.

    Args:
        *wrappers: The wrappers around the run, outermost first; none for a bare run.
        outcome: How the run stands.
        **overrides: Changes to the record; see `make_record`.
    """
    payload: Any = make_record(outcome, **overrides)
    for wrapper in reversed(wrappers):
        payload = wrap(wrapper, payload)
    return payload


def make_flow_run(*wrappers: Wrapper, outcome: Outcome = "success", **overrides: Any) -> FlowRun:
    """Return a flow run: `parse` of `make_payload` with the same arguments.

    Raises:
        InvalidFlowRunError: The overrides make the record unusable.
    """
    return parse(make_payload(*wrappers, outcome=outcome, **overrides))


def make_other_message(kind: Kind = "alert", **overrides: Any) -> dict[str, Any]:
    """Return a decoded message that shares the subscription with flow runs but is not one.

    Args:
        kind: Its kind, as in `OtherMessage.kind`.
        **overrides: Changes to it, as in `make_record`.
    """
    return merge(OTHER_MESSAGES[kind], overrides)


def make_archive(*documents: Any, layout: Layout = "lines", compress: bool = False) -> bytes:
    """Return the bytes of a file that holds several payloads, for `parse_archive`.

    Args:
        *documents: Decoded payloads.
        layout: How the documents follow each other.
        compress: Whether the file is gzip.
    """
    before, after = _SEPARATORS[layout]
    indent = 2 if layout == "pretty" else None
    data = "".join(before + json.dumps(document, indent=indent) + after for document in documents).encode()
    return gzip.compress(data, mtime=0) if compress else data


def wrap(wrapper: Wrapper, *contents: Any) -> Any:
    """Return decoded JSON in a wrapper.

    Args:
        wrapper: The wrapper's name.
        *contents: Records, or what is wrapped already. ``messages``, ``messages:object``, ``messages:bare``,
            ``journal``, ``api_list``, ``list``, ``other:sqs`` and ``other:sns`` hold any number of them, the others
            exactly one.

    Returns:
        A copy: the contents are not shared with it.

    Raises:
        ValueError: The wrapper does not hold that number of things.
    """
    shape = SHAPES[wrapper]
    return gather(wrapper, [shape.enclose(shape.details, content) for content in contents])


def gather(wrapper: Wrapper, entries: list[Any]) -> Any:
    """Return a copy of enclosed contents, put together as the wrapper holds them."""
    gather_entries = SHAPES[wrapper].gather
    if gather_entries is None and len(entries) != 1:
        raise ValueError(f"the wrapper {wrapper!r} holds exactly one thing, {len(entries)} were given")
    return copy_json(entries[0] if gather_entries is None else gather_entries(entries))


def merge(base: JSONObject, overrides: JSONObject) -> JSONObject:
    """Return a copy of an object with overrides merged into it, as `make_record` describes."""
    merged: JSONObject = copy_json(base)
    for key, value in overrides.items():
        below = merged.get(key)
        if value is ABSENT:
            merged.pop(key, None)
        elif is_object(value) and is_object(below):
            merged[key] = merge(below, value)
        else:
            merged[key] = copy_json(value)
    return merged
