"""Fixtures that several test files share: the documented payloads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).parents[1] / "examples" / "payloads"


@pytest.fixture(scope="session")
def read_payload() -> Callable[[str], bytes]:
    """Return a function that reads a documented payload, byte for byte, by its file's name without the suffix."""
    return lambda name: PAYLOADS.joinpath(f"{name}.json").read_bytes()


@pytest.fixture(scope="session", params=sorted(path.stem for path in PAYLOADS.glob("documented_*.json")))
def documented(request: pytest.FixtureRequest) -> bytes:
    """Return each documented payload in turn."""
    return PAYLOADS.joinpath(f"{request.param}.json").read_bytes()
