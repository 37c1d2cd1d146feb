"""Several notifications of the same run: which state is the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from flowrun_notifications._models.flow_run import FlowRun

__all__ = ["latest_states"]


def latest_states(runs: Iterable[FlowRun]) -> tuple[FlowRun, ...]:
    """Return the newest state of each run, in order of first appearance.

    Notifications arrive more than once and in any order. A finished state beats an unfinished one; then the later
    ``updated_at``, ``completed_at`` and ``delivery.sent_at`` counts, a missing one being the earliest. Content
    decides between states that are still equal, so the order of the input never does.

    Args:
        runs: Runs of any number of flows, such as ``parse_archive`` yields. One state of each run is kept in memory.
    """
    newest: dict[tuple[str, str], FlowRun] = {}
    for run in runs:
        key = (run.flow_id, run.id)
        known = newest.setdefault(key, run)
        if known is not run and _is_newer(run, known):
            newest[key] = run
    return tuple(newest.values())


def _is_newer(run: FlowRun, known: FlowRun) -> bool:
    one, other = _age(run), _age(known)
    return one > other if one != other else _content(run) > _content(known)


def _age(run: FlowRun) -> tuple[Any, ...]:
    return (run.is_finished, *map(_or_earliest, (run.updated_at, run.completed_at, run.delivery.sent_at)))


def _or_earliest(instant: datetime | None) -> tuple[bool, Any]:
    return (instant is not None, instant)


def _content(run: FlowRun) -> tuple[str, str]:
    return run.dedup_key, run.delivery.model_dump_json()
