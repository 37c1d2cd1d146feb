"""Strategies for the wrappers around runs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from flowrun_notifications.testing.builders import gather
from flowrun_notifications.testing.samples import RELAY, JSONObject, Outcome
from flowrun_notifications.testing.shapes import SHAPES, Wrapper, delivery_names
from flowrun_notifications.testing.strategies.runs import draw_record
from flowrun_notifications.testing.strategies.values import objects

__all__ = ["draw_payload"]

_MARKS = frozenset({"specversion", "detail-type", "__adobe_headers"})
"""The keys that tell a wrapper from objects that only look like it."""

_LISTS = frozenset({"messages", "messages:bare", "list"})

_SEARCHED_FOR = ("metrics", "xdm:metrics", "activities", "activites")
"""A record in an object that nobody documented has one of these keys."""


def _details(details: JSONObject) -> st.SearchStrategy[JSONObject]:
    marks = {key: value for key, value in details.items() if key in _MARKS}
    others = objects({key: st.just(value) for key, value in details.items() if key not in _MARKS})
    return others.map(lambda drawn: {**marks, **drawn})


_DETAILS = {wrapper: _details(shape.details) for wrapper, shape in SHAPES.items()}
_KEYS_OF_CONTENT = st.sampled_from(("content", "payload", "data", "requestPayload", "a.b", "x[0]", ""))


def _can_nest(wrappers: list[Wrapper]) -> bool:
    # The headers of `runtime` stand beside the keys of an object, so a list cannot stand in it.
    return not any(outer == "runtime" and inner in _LISTS for outer, inner in pairwise(wrappers))


_NESTINGS = st.lists(st.sampled_from(tuple(SHAPES)), max_size=3).filter(_can_nest).map(tuple)


@st.composite
def draw_payload(draw: st.DrawFn, wrappers: tuple[Wrapper, ...], outcome: Outcome | None) -> Any:
    """Draw a record in these wrappers, or in any where none are given."""
    nesting = wrappers or draw(_NESTINGS)
    payload: Any = draw(draw_record(outcome))
    is_searched = any("other" in delivery_names(wrapper) for wrapper in nesting)
    if is_searched and payload.keys().isdisjoint(_SEARCHED_FOR):
        payload["activities"] = []
    for wrapper in reversed(nesting):
        shape = SHAPES[wrapper]
        enclosed = shape.enclose(draw(_DETAILS[wrapper]), payload)
        if shape.details is RELAY:
            enclosed[draw(_KEYS_OF_CONTENT)] = enclosed.pop("content")
        payload = gather(wrapper, [enclosed])
    return payload
