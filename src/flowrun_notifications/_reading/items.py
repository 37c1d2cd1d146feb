"""The items of a payload, before they are validated, and the places where they stand."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from flowrun_notifications._models.delivery import Delivery, Details, make_delivery, read_header
from flowrun_notifications._models.values import is_object
from flowrun_notifications._reading.kinds import Kind
from flowrun_notifications._reading.paths import Step, path_text

__all__ = ["Around", "Item", "Place"]

Place = Literal["known", "strict", "searched"]
"""How much makes an object a record.

``known``: one of the keys of a record. ``strict``: an id as well, where other products have metrics too. ``searched``:
both ids as text, and metrics or activities.
"""


class Around(NamedTuple):
    """A place that is being opened, and what the wrappers around it say."""

    where: Step

    wrappers: tuple[str, ...]
    """The names of the wrappers around it, outermost first."""

    details: Details
    """The details of the delivery that they give. Shared, and never changed."""

    place: Place

    depth: int
    """How many wrappers, searched objects, lists and opened texts stand around it."""

    texts: int
    """How many of them are texts."""

    is_action: bool = False
    """True if the object at this place has the parameters of a Runtime action in it."""

    def move_to(self, where: Step) -> Around:
        """Return the same with another place."""
        # _replace() takes several times as long, and a payload may hold a million places.
        return Around(where, self.wrappers, self.details, self.place, self.depth, self.texts, self.is_action)


class Item(NamedTuple):
    """Something in a payload. It is small, because a payload may hold a million."""

    content: Any
    """The JSON as it came."""

    around: Around
    """The place where it stands, or the list that it is an entry of; many entries share that."""

    entry: int | None = None
    """Its index in that list."""

    kind: Kind | Literal["run"] = "other"
    """A flow run, sound or not, or the kind of another message."""

    hint: str | None = None
    """Why it was not opened; ``None`` if it is simply not a wrapper."""

    @property
    def where(self) -> Step:
        """The place where it stands."""
        return self.around.where if self.entry is None else (self.around.where, self.entry)

    @property
    def path(self) -> str:
        """The same as text."""
        return path_text(self.where)

    @property
    def delivery(self) -> Delivery:
        """The way it came."""
        return self.delivery_at(self.path)

    def delivery_at(self, path: str) -> Delivery:
        """Return how it came, given its path."""
        header = self.content.get("header") if is_object(self.content) else None
        return make_delivery(self.around.details, path, self.around.wrappers, read_header(header))
