"""Fixtures that several test files share, and how many examples Hypothesis tries.

`pytest` takes the profile `everyday`, `nox -s thorough` the other. A test that needs more examples asks for a multiple
of the profile's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

PAYLOADS = Path(__file__).parents[1] / "examples" / "payloads"

everyday = settings(
    max_examples=10,
    derandomize=True,  # an honest change must not fail by chance
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # explaining a failure takes minutes
    suppress_health_check=[HealthCheck.too_slow],  # nor must a busy machine fail it
)
settings.register_profile("everyday", everyday)
settings.register_profile("thorough", everyday, max_examples=100)
settings.load_profile("everyday")


@pytest.fixture(scope="session")
def read_payload() -> Callable[[str], bytes]:
    """Return a function that reads a documented payload, byte for byte, by its file's name without the suffix."""
    return lambda name: PAYLOADS.joinpath(f"{name}.json").read_bytes()


@pytest.fixture(scope="session", params=sorted(path.stem for path in PAYLOADS.glob("documented_*.json")))
def documented(request: pytest.FixtureRequest) -> bytes:
    """Return each documented payload in turn."""
    return PAYLOADS.joinpath(f"{request.param}.json").read_bytes()
