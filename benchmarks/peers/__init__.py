"""Other ways to read the documented payloads, and where they do less."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.peers import by_hand, structs

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PEERS", "Peer"]


@dataclass(frozen=True)
class Peer:
    """Another way to read the documented payloads."""

    name: str
    parse: Callable[[bytes], object]
    less: str
    """What it does not do that `parse` does."""


PEERS = (
    Peer(
        "msgspec structs",
        structs.parse,
        "knows the documented wrappers only, and says nothing of the delivery; drops unknown keys; -1 stays; "
        "times stay numbers; stops at the first bad value",
    ),
    Peer(
        "pydantic models by hand",
        by_hand.parse,
        "is told the wrapper, and leaves the run in it; drops unknown keys; -1 stays; "
        "times without a zone stay so; errors show values",
    ),
)
