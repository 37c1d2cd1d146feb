"""What a payload holds, before it is validated: items, and the places where they stand."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from flowrun_notifications._models.delivery import Delivery, Details, make_delivery, resolve_details
from flowrun_notifications._reading.kinds import Kind

__all__ = ["MAX_KEY", "Item", "Step", "path_text"]

Step = tuple[Any, ...] | None
"""A place in a payload: the place around it, and a key or an index in that; ``None`` is the payload itself.

Paths are written out when somebody asks: a key may be long, and stand above many items.
"""

MAX_KEY = 1_000
"""The longest key that a path shows in full."""


class Item(NamedTuple):
    """Something in a payload, and what the wrappers around it say."""

    content: Any
    """The JSON as it came."""

    where: Step
    """The place where it stands."""

    wrappers: tuple[str, ...]
    """The names of the wrappers around it, outermost first."""

    details: Details
    """The details of the delivery that they give. Shared, and never changed."""

    kind: Kind | Literal["run"] = "other"
    """A flow run, sound or not, or the kind of another message."""

    texts: int = 0
    """How many opened texts it stands in."""

    hint: str | None = None
    """Why it was not opened; ``None`` if it is simply not a wrapper."""

    is_action: bool = False
    """True if parameters of a Runtime action stood beside the record; see :func:`validate`."""

    @property
    def path(self) -> str:
        """The place where it stands, as text."""
        return path_text(self.where)

    @property
    def delivery(self) -> Delivery:
        """How it came."""
        header = self.content.get("header") if isinstance(self.content, dict) else None
        own = Delivery.model_validate(header if isinstance(header, dict) else {}, by_alias=True, by_name=False)
        return make_delivery(resolve_details(self.details, own), self.path, self.wrappers)


def path_text(where: Step) -> str:
    """Return a place as Adobe would write it: ``[0].messages[1].value``, ``Records[0].body["a.b"]``."""
    steps: list[str | int] = []
    while where is not None:
        where, step = where
        steps.append(step)
    path = ""
    for step in reversed(steps):
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            key = step if len(step) <= MAX_KEY else step[:MAX_KEY] + "…"
            if not key or "." in key or "[" in key or "]" in key:
                path += f"[{json.dumps(key, ensure_ascii=False)}]"
            else:
                path += f".{key}" if path else key
    return path
