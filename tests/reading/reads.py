"""Ways to read a payload that hold every path through the library to the same answer."""

from __future__ import annotations

import base64
import json
from typing import Any
from unittest.mock import patch

from flowrun_notifications import Delivery, FlowRun, InvalidFlowRunError, ParseResult, parse_all

RUN: dict[str, Any] = {"id": "r-1", "flowId": "f-1", "metrics": {}}
"""A record that is one wherever it stands."""


def minified(payload: Any) -> bytes:
    """Return a payload as bytes without white space."""
    return json.dumps(payload, separators=(",", ":")).encode()


def read_generally(payload: Any) -> ParseResult:
    """Read a payload by the general path."""
    with patch("flowrun_notifications._reading.parsing.read_fast", return_value=None):
        return parse_all(payload)


def facts(result: ParseResult) -> list[Any]:
    """Return everything that a result says, in a form that compares."""
    return [
        (item, item.model_fields_set, item.model_extra)
        if isinstance(item, FlowRun)
        else (str(item), item.problems, item.delivery)
        if isinstance(item, InvalidFlowRunError)
        else (str(item), item)
        for item in result.items
    ]


def read(payload: Any) -> ParseResult:
    """Read decoded JSON, as it is and as text with and without white space, by the fast path and the general one."""
    result = read_generally(minified(payload))
    wanted = facts(result)
    for form in (minified(payload), json.dumps(payload, indent=1)):
        assert facts(parse_all(form)) == wanted
    if isinstance(payload, (dict, list)):  # text would be taken for JSON text
        assert facts(parse_all(payload)) == wanted  # pyright: ignore[reportUnknownArgumentType]
    assert len(result.items) == len(result.runs) + len(result.others) + len(result.errors)
    return result


def found(payload: Any) -> list[tuple[str, str]]:
    """Return the kind and the path of each item in a payload: `run`, `broken`, or the kind of another message."""
    return [
        ("run", item.delivery.path)
        if isinstance(item, FlowRun)
        else ("broken", item.path)
        if isinstance(item, InvalidFlowRunError)
        else (item.kind, item.path)
        for item in read(payload).items
    ]


def deliveries(payload: Any) -> list[Delivery]:
    """Return how each run in a payload came; it holds nothing else."""
    result = read(payload)
    assert len(result.runs) == len(result.items)
    return [run.delivery for run in result.runs]


def delivery(payload: Any) -> Delivery:
    """Return how the one run in a payload came; it holds nothing else."""
    (only,) = deliveries(payload)
    return only


def in_base64(payload: Any) -> str:
    """Return a payload as base64 of its JSON."""
    return base64.b64encode(json.dumps(payload).encode()).decode()
