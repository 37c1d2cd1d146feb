"""The names of `flowrun_notifications.testing`, with Hypothesis and without it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from flowrun_notifications import testing

PUBLIC = [
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
WITHOUT_HYPOTHESIS = """
import json, sys
sys.modules["hypothesis"] = None

import flowrun_notifications
names = [name for name in sys.modules if "testing" in name and name.startswith("flowrun")]

from flowrun_notifications.testing import make_payload
run = flowrun_notifications.parse(make_payload("event"))

try:
    from flowrun_notifications.testing import payloads
except ModuleNotFoundError as error:
    print(json.dumps([names, run.id, error.name, str(error)]))
"""


def test_public_names() -> None:
    """These names can be imported, and no others are meant to be."""
    namespace: dict[str, Any] = {}
    exec("from flowrun_notifications.testing import *", namespace)
    assert sorted(namespace.keys() - {"__builtins__"}) == testing.__all__ == PUBLIC


def test_unknown_name() -> None:
    """A name that is not there is missed as in any module."""
    with pytest.raises(AttributeError) as caught:
        _ = testing.nothing  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert str(caught.value) == "module 'flowrun_notifications.testing' has no attribute 'nothing'"


def test_without_hypothesis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Hypothesis is missing, asking for a strategy says so and what to do."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for name in [name for name in sys.modules if name.startswith("flowrun_notifications.testing.strategies")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ModuleNotFoundError) as caught:
        _ = testing.payloads
    assert (caught.value.name, str(caught.value)) == (
        "hypothesis",
        "the strategies of flowrun_notifications.testing need Hypothesis; install it with `pip install hypothesis`",
    )


@pytest.mark.slow
def test_builders_without_hypothesis() -> None:
    """Builders work without Hypothesis, strategies name it, and the package imports neither."""
    command = [sys.executable, "-c", WITHOUT_HYPOTHESIS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        [],
        "6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10",
        "hypothesis",
        "the strategies of flowrun_notifications.testing need Hypothesis; install it with `pip install hypothesis`",
    ]
