"""How long Hypothesis searches: `default` for every run, `pytest tests/properties --hypothesis-profile=thorough`."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default",
    max_examples=60,
    derandomize=True,  # an honest change must not fail by chance
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],  # to explain a failure takes minutes
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine must not fail it either
)
settings.register_profile(
    "thorough",
    max_examples=3_000,
    derandomize=False,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("default")
