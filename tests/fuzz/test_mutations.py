"""What must hold of any input holds of mutated payloads: a fixed number of them, the same at every run."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from flowrun_notifications.testing import make_other_message, make_payload, make_record, wrap
from fuzz.mutator import mutate, to_text
from fuzz.oracle import check_bytes

REGRESSIONS = Path(__file__).parent / "regressions"
MUTANTS = 3 * settings().max_examples

MADE: dict[str, Any] = {
    "failed": make_record("failed"),
    "journal": wrap("journal", make_payload("cloud_event", "body"), make_other_message(), make_payload("event")),
    "runtime": make_payload("runtime", "cloud_event"),
    "web action": make_payload("runtime:base64", "event:old", outcome="partial_success"),
    "eventbridge": make_payload("eventbridge", "messages"),
    "runs": wrap("api_list", make_record("started"), make_record()),
}


def test_mutated_documented_payloads(documented: bytes) -> None:
    """Whatever a documented payload becomes, it is answered with runs or library errors that agree."""
    check_bytes(documented)
    check_mutants(json.loads(documented))


@pytest.mark.slow
@pytest.mark.parametrize("name", MADE)
def test_mutated_wrappers(name: str) -> None:
    """Whatever a payload in each kind of wrapper becomes, it is answered with runs or library errors that agree."""
    check_mutants(MADE[name])


def check_mutants(payload: Any) -> None:
    """Check so many mutants."""
    for seed in range(MUTANTS):
        random = Random(seed)
        text = to_text(mutate(payload, random), random)
        check_bytes(text)  # the traceback shows the text


@pytest.mark.parametrize("path", sorted(REGRESSIONS.glob("*.json")), ids=lambda path: path.stem)
def test_regressions(path: Path) -> None:
    """What once was answered wrongly is answered with runs or library errors that agree."""
    check_bytes(path.read_bytes())
