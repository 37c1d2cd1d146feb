"""The items of a payload, before they are validated."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from flowrun_notifications._models.delivery import Delivery, Details, make_delivery, read_header
from flowrun_notifications._models.values import is_object
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications._reading.paths import Step, path_text

__all__ = ["Item"]


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
        """The way it came."""
        return self.delivery_at(self.path)

    def delivery_at(self, path: str) -> Delivery:
        """Return how it came, given its path."""
        header = self.content.get("header") if is_object(self.content) else None
        return make_delivery(self.details, path, self.wrappers, read_header(header))
