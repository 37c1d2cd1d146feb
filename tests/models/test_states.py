"""Tests of `latest_states`: of several notifications of the same run, the newest state."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from flowrun_notifications import Delivery, FlowRun, latest_states, parse


def state(status: str | None = None, *, id_: str = "r-1", flow: str = "f-1", **more: Any) -> FlowRun:
    """Return a run in a state."""
    completed = more.pop("completedAtUTC", None)
    metrics = {"statusSummary": {"status": status}, "durationSummary": {"completedAtUTC": completed}}
    sent = more.pop("timestamp", None)
    return parse({"value": {"id": id_, "flowId": flow, "metrics": metrics, **more}, "timestamp": sent})


YOUNGER: list[tuple[str, FlowRun, FlowRun]] = [
    ("a finished state", state("inProgress", updatedAt=2_000), state("success", updatedAt=1_000)),
    ("updated later", state("inProgress", updatedAt=1_000), state("scheduled", updatedAt=2_000)),
    ("updated at all", state("inProgress"), state("scheduled", updatedAt=1)),
    (
        "updated later though completed earlier",
        state("success", updatedAt=1_000, completedAtUTC=5_000),
        state("failed", updatedAt=2_000, completedAtUTC=4_000),
    ),
    ("completed later", state("success", completedAtUTC=1_000), state("failed", completedAtUTC=2_000)),
    ("sent later", state("failed", timestamp=1_000), state("success", timestamp=2_000)),
    (
        "an unknown status with a completion time",
        state("inProgress", updatedAt=2_000),
        state("COMPLETED", completedAtUTC=1_000),
    ),
]


@pytest.mark.parametrize(("older", "younger"), [row[1:] for row in YOUNGER], ids=[row[0] for row in YOUNGER])
def test_newest(older: FlowRun, younger: FlowRun) -> None:
    """The newer of two states is kept, whichever comes first."""
    assert latest_states([older, younger]) == latest_states([younger, older]) == (younger,)


@pytest.mark.parametrize(
    "states",
    [
        [state("failed"), state("success"), state("partialSuccess")],
        [state("failed", flowName=name) for name in "abc"],
        [state("failed").model_copy(update={"delivery": Delivery(event_id=id_)}) for id_ in "abc"],
    ],
    ids=["status", "content", "delivery"],
)
def test_order_does_not_decide(states: list[FlowRun]) -> None:
    """Which of equally new states is kept depends on their content, not on their order."""
    assert len({latest_states(order) for order in permutations(states)}) == 1


def test_order_of_first_appearance() -> None:
    """The runs come in order of first appearance, however often and late the others are seen."""
    first, second = state("inProgress"), state("success", id_="r-2")
    finished = state("success")
    assert latest_states(iter([first, second, finished, second, first])) == (finished, second)


def test_runs_of_different_flows() -> None:
    """Runs with the same id in different flows are different runs."""
    runs = (state("success"), state("failed", flow="f-2"))
    assert latest_states(runs) == runs


def test_repeated_delivery() -> None:
    """The same state twice is one; the first is kept."""
    run, again = state("success"), state("success")
    assert [found is run for found in latest_states([run, again])] == [True]


def test_none() -> None:
    """Without runs there are no states."""
    assert latest_states([]) == ()
