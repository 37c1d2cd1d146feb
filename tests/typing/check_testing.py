"""The types of `flowrun_notifications.testing` for type checkers; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis.strategies import SearchStrategy
from typing_extensions import assert_type

from flowrun_notifications import FlowRun
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications.testing import (
    ABSENT,
    Layout,
    Outcome,
    Wrapper,
    flow_runs,
    make_archive,
    make_flow_run,
    make_other_message,
    make_payload,
    make_record,
    other_messages,
    payloads,
    records,
    wrap,
)


def check_builders(outcome: Outcome, wrapper: Wrapper, kind: Kind, layout: Layout) -> None:
    """Builders give decoded JSON, and runs."""
    assert_type(make_record(), dict[str, Any])
    assert_type(make_record(outcome, flowName="x", url=ABSENT, metrics={}), dict[str, Any])
    assert_type(make_payload(wrapper, "event", outcome=outcome, flowName=None), Any)
    assert_type(make_flow_run("journal", "cloud_event", outcome="failed"), FlowRun)
    assert_type(make_other_message(kind, name="x"), dict[str, Any])
    assert_type(wrap("list", {}, []), Any)
    assert_type(make_archive({}, [], layout=layout, compress=True), bytes)
    make_record("cancelled")  # type: ignore[arg-type]
    make_payload("envelope")  # type: ignore[arg-type]
    wrap("envelope", {})  # type: ignore[arg-type]
    wrap("event:new", {})  # type: ignore[arg-type]
    make_other_message("flow_run")  # type: ignore[arg-type]
    make_archive({}, layout="csv")  # type: ignore[arg-type]


def check_strategies(outcome: Outcome, wrapper: Wrapper, kind: Kind) -> None:
    """Strategies give the same."""
    assert_type(records(), SearchStrategy[dict[str, Any]])
    assert_type(records(outcome), SearchStrategy[dict[str, Any]])
    assert_type(payloads(wrapper, "event", outcome=outcome), SearchStrategy[Any])
    assert_type(flow_runs(wrapper, outcome="failed"), SearchStrategy[FlowRun])
    assert_type(other_messages(kind), SearchStrategy[dict[str, Any]])

    @given(flow_runs(), payloads())
    def check_test(run: FlowRun, payload: Any) -> None:
        assert_type(run, FlowRun)
        del payload

    check_test()
