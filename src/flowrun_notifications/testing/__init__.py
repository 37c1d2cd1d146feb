"""Payloads and flow runs for tests of your own: builders with overrides, and Hypothesis strategies.

The builders give one plausible notification, the same at every call; you override what your test is about::

    make_payload("event", outcome="failed", flowName="Orders")
    make_record(metrics={"recordSummary": {"failedRecordCount": 3}}, url=ABSENT)
    wrap("journal", make_payload("cloud_event"), make_other_message("alert"))

The strategies give whatever Adobe and the systems on the way may send: every documented key, spelling, unit and
wrapper, null, -1, keys that nobody documented, and objects, lists and texts around all of it. Every payload can be
parsed::

    @given(payloads(outcome="failed"))
    def test_every_failure_is_reported(payload): ...

Only the strategies need Hypothesis (``pip install hypothesis``); nothing else in this package does.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowrun_notifications.testing.builders import (
    Layout,
    make_archive,
    make_flow_run,
    make_other_message,
    make_payload,
    make_record,
    wrap,
)
from flowrun_notifications.testing.samples import ABSENT, Outcome
from flowrun_notifications.testing.shapes import Wrapper

if TYPE_CHECKING:
    from flowrun_notifications.testing.strategies import flow_runs, other_messages, payloads, records

__all__ = [
    "ABSENT",
    "Layout",
    "Outcome",
    "Wrapper",
    "flow_runs",
    "make_archive",
    "make_flow_run",
    "make_other_message",
    "make_payload",
    "make_record",
    "other_messages",
    "payloads",
    "records",
    "wrap",
]

_STRATEGIES = frozenset({"flow_runs", "other_messages", "payloads", "records"})

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return a strategy; Hypothesis is imported when somebody asks for the first one."""
        if name not in _STRATEGIES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        try:
            strategies = import_module("flowrun_notifications.testing.strategies")
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "the strategies of flowrun_notifications.testing need Hypothesis; "
                "install it with `pip install hypothesis`",
                name=error.name,
            ) from error
        return getattr(strategies, name)
