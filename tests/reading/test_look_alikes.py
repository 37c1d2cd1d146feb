"""Tests of keys that look like one that is missing."""

from __future__ import annotations

import pytest

from flowrun_notifications._reading.look_alikes import find_look_alike


@pytest.mark.parametrize(
    "key",
    [
        "flowid",
        "FlowId",
        "FLOW_ID",
        "flow-id",
        "flow id",
        "flwId",
        "floowId",
        "flowIds",
        "fl0wId",
        "folwId",
        "lowId",
        "flowI",
    ],
)
def test_alike(key: str) -> None:
    """Letter case and separators do not count; one letter may be wrong, missing, too many or misplaced."""
    assert find_look_alike("flowId", ["createdAt", key, "other"]) == key


@pytest.mark.parametrize(
    "key", ["flowId", "flow", "flId", "fwloId", "flowIdent", "wolfId", "", "_", "flowRunId", "\u00e9"]
)
def test_not_alike(key: str) -> None:
    """The key itself, and one with two wrong letters, do not count."""
    assert find_look_alike("flowId", [key]) is None


@pytest.mark.parametrize(("key", "found"), [("ID", "ID"), ("_id", "_id"), ("Id ", "Id "), ("i", None), ("ids", None)])
def test_short_keys(key: str, found: str | None) -> None:
    """Of a short key only letter case and separators may differ."""
    assert find_look_alike("id", [key]) == found


def test_first() -> None:
    """Of several that look like it the first is named."""
    assert find_look_alike("flowId", ["x", "flow_id", "flowid"]) == "flow_id"


def test_bounds() -> None:
    """Only the first hundred keys are looked at, and none that is much longer."""
    assert find_look_alike("flowId", [*map(str, range(99)), "flowid"]) == "flowid"
    assert find_look_alike("flowId", [*map(str, range(100)), "flowid"]) is None
    assert find_look_alike("flowId", ["__flow__id_"]) == "__flow__id_"
    assert find_look_alike("flowId", ["__flow__id__", "_" * 1_000_000 + "flowid"]) is None


@pytest.mark.parametrize("key", ["statusSummary", "metrics"])
def test_swapped_letters(key: str) -> None:
    """Any two neighbouring letters may be swapped, and any letter may be missing or doubled."""
    for i in range(len(key) - 1):
        assert find_look_alike(key, [key[:i] + key[i + 1] + key[i] + key[i + 2 :]]) is not None or key[i] == key[i + 1]
        assert find_look_alike(key, [key[:i] + key[i + 1 :]]) is not None
        assert find_look_alike(key, [key[:i] + key[i] + key[i:]]) is not None
