"""Places in a payload, and how they are written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

__all__ = ["MAX_KEY", "Step", "extend_path", "path_text"]

Step = tuple[Any, ...] | None
"""A place in a payload: the place around it, and a key or an index in that; ``None`` is the payload itself.

Paths are written out when somebody asks: a key may be long, and stand above many items.
"""

MAX_KEY = 1_000
"""The longest key that a path shows in full."""


def path_text(where: Step) -> str:
    """Return a place as Adobe would write it: ``[0].messages[1].value``, ``Records[0].body["a.b"]``."""
    if where is not None and where[0] is None and type(where[1]) is int:
        return f"[{where[1]}]"  # an entry of a list, of which there may be a million
    steps: list[str | int] = []
    while where is not None:
        where, step = where
        steps.append(step)
    return extend_path("", reversed(steps))


def extend_path(path: str, steps: Iterable[str | int]) -> str:
    """Return the path of a place further in."""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            key = step if len(step) <= MAX_KEY else step[:MAX_KEY] + "…"
            if not key or "." in key or "[" in key or "]" in key:
                path += f"[{json.dumps(key, ensure_ascii=False)}]"
            else:
                path += f".{key}" if path else key
    return path
