"""What type checkers know of `flowrun_notifications.testing`; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis.strategies import SearchStrategy
from typing_extensions import assert_type

from flowrun_notifications import FlowRun, NotAFlowRunKind
from flowrun_notifications.testing import (
    ABSENT,
    Outcome,
    Wrapper,
    flow_runs,
    make_flow_run,
    make_other_message,
    make_payload,
    make_record,
    other_messages,
    payloads,
    records,
    wrap,
)


def check_builders(outcome: Outcome, wrapper: Wrapper, kind: NotAFlowRunKind) -> None:
    """Builders give decoded JSON, and runs."""
    assert_type(make_record(), dict[str, Any])
    assert_type(make_record(outcome, flowName="x", url=ABSENT, metrics={}), dict[str, Any])
    assert_type(make_payload(wrapper, "event", outcome=outcome, flowName=None), Any)
    assert_type(make_flow_run("journal", "cloud_event", outcome="failed"), FlowRun)
    assert_type(make_other_message(kind, name="x"), dict[str, Any])
    assert_type(wrap("list", {}, []), Any)
    make_record("cancelled")  # type: ignore[arg-type]
    make_payload("envelope")  # type: ignore[arg-type]
    wrap("envelope", {})  # type: ignore[arg-type]


def check_strategies(outcome: Outcome, wrapper: Wrapper, kind: NotAFlowRunKind) -> None:
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
