"""Payloads and flow runs for tests of your own: builders with overrides, and Hypothesis strategies."""

from flowrun_notifications.testing.strategies import (
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

__all__ = [
    "ABSENT",
    "Outcome",
    "Wrapper",
    "flow_runs",
    "make_flow_run",
    "make_other_message",
    "make_payload",
    "make_record",
    "other_messages",
    "payloads",
    "records",
    "wrap",
]
