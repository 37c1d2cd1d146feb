"""What several test files share: the documented payloads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

PAYLOADS = Path(__file__).parent / "payloads"


@pytest.fixture(scope="session")
def read_payload() -> Callable[[str], bytes]:
    """Reads a payload of `payloads/` by its file's name without the suffix, as the bytes that were published."""
    return lambda name: PAYLOADS.joinpath(f"{name}.json").read_bytes()


@pytest.fixture(scope="session", params=sorted(path.stem for path in PAYLOADS.glob("documented_*.json")))
def documented(request: pytest.FixtureRequest) -> bytes:
    """Each documented payload in turn."""
    return PAYLOADS.joinpath(f"{request.param}.json").read_bytes()
