"""Adobe's keys from Python's names, for peers that can derive the ones from the others."""

from __future__ import annotations

__all__ = ["wire_name"]


def wire_name(attribute: str) -> str:
    """``startedAtUTC`` for ``started_at_utc``."""
    first, *rest = attribute.split("_")
    return first + "".join("UTC" if word == "utc" else word.title() for word in rest)
