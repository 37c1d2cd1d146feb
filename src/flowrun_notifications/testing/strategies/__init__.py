"""Hypothesis strategies for payloads, runs and other messages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications._reading.parsing import parse
from flowrun_notifications.testing.samples import Outcome
from flowrun_notifications.testing.shapes import Wrapper
from flowrun_notifications.testing.strategies.messages import draw_message
from flowrun_notifications.testing.strategies.runs import draw_record
from flowrun_notifications.testing.strategies.wrappers import draw_payload

__all__ = ["flow_runs", "other_messages", "payloads", "records"]


def records(outcome: Outcome | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for decoded run records that can be parsed, each documented key there or not.

    Both ids are always there. In an object that nobody documented a record is found only if it has ``metrics`` or
    ``activities`` as well; `payloads` sees to that.

    Args:
        outcome: How the runs stand; without it they may also have a status that nobody documented, or none.
    """
    return draw_record(outcome)


def payloads(*wrappers: Wrapper, outcome: Outcome | None = None) -> st.SearchStrategy[Any]:
    """Return a strategy for decoded payloads that hold one run each.

    Args:
        *wrappers: The wrappers around the run, outermost first. If none are given, up to three are drawn; for bare
            runs only, see `records`.
        outcome: How the runs stand; see `records`.
    """
    return draw_payload(wrappers, outcome)


def flow_runs(*wrappers: Wrapper, outcome: Outcome | None = None) -> st.SearchStrategy[FlowRun]:
    """Return a strategy for flow runs: `parse` of `payloads` with the same arguments."""
    return payloads(*wrappers, outcome=outcome).map(parse)


def other_messages(kind: Kind | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for decoded messages that share the subscription with flow runs but are not runs.

    Args:
        kind: Their kind, as in `OtherMessage.kind`; without it any.
    """
    return draw_message(kind)
