"""The result of reading a payload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import override

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.shown import show_in_notebook
from flowrun_notifications._models.values import count_text
from flowrun_notifications._reading.exceptions import MAX_SHOWN, FlowRunNotificationError
from flowrun_notifications._reading.items import Item
from flowrun_notifications._reading.records import InvalidFlowRunError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowrun_notifications._reading.other_messages import OtherMessage

__all__ = ["ParseResult", "PartialParseError", "make_result"]

_T = TypeVar("_T")


class _Lazily(Sequence[_T]):
    """A sequence that makes other messages when they are asked for: a payload may hold a million tiny ones."""

    __slots__ = ("_entries", "_make")

    def __init__(self, entries: Sequence[Any], make: Callable[[Item], OtherMessage]) -> None:
        self._entries = entries
        self._make = make

    @overload
    def __getitem__(self, index: int) -> _T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[_T]: ...

    @override
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return _Lazily[_T](self._entries[index], self._make)
        entry = self._entries[index]
        return self._make(entry) if isinstance(entry, Item) else entry

    @override
    def __iter__(self) -> Iterator[_T]:
        for entry in self._entries:
            yield self._make(entry) if isinstance(entry, Item) else entry  # type: ignore[misc]

    @override
    def __len__(self) -> int:
        return len(self._entries)

    @override
    def __eq__(self, other: object) -> bool:
        entries: Any = other
        return isinstance(other, (tuple, _Lazily)) and tuple(self) == tuple(entries)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self))

    @override
    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, repr=False)
class ParseResult:
    """The items of a payload. Runs, other messages and errors account for every one."""

    _repr_html_ = show_in_notebook

    runs: tuple[FlowRun, ...]
    """The flow runs, in document order."""

    others: Sequence[OtherMessage]
    """The messages that are not flow runs: alerts, audit events and whatever else shares the subscription."""

    errors: tuple[InvalidFlowRunError, ...]
    """The flow runs that are broken."""

    items: Sequence[FlowRun | OtherMessage | InvalidFlowRunError]
    """All three in document order, made for ``match``."""

    def raise_for_errors(self) -> None:
        """Raise an error if a flow run is broken. Other messages are not errors.

        Raises:
            PartialParseError: With the sound runs, the other messages and the errors.
        """
        if self.errors:
            raise PartialParseError(self.runs, self.others, self.errors)

    @override
    def __repr__(self) -> str:
        return f"<ParseResult runs={len(self.runs)} others={len(self.others)} errors={len(self.errors)}>"


def make_result(entries: Sequence[FlowRun | Item | InvalidFlowRunError]) -> ParseResult:
    """Return a result with these entries, of which each item is another message."""
    runs = tuple(entry for entry in entries if isinstance(entry, FlowRun))
    errors = tuple(entry for entry in entries if isinstance(entry, InvalidFlowRunError))
    if len(runs) + len(errors) == len(entries):
        return ParseResult(runs, (), errors, tuple(entries))  # type: ignore[arg-type]
    # Loaded here because most programs never see another message.
    from flowrun_notifications._reading.other_messages import make_message  # noqa: PLC0415

    others = [entry for entry in entries if isinstance(entry, Item)]
    return ParseResult(runs, _Lazily(others, make_message), errors, _Lazily(entries, make_message))


class PartialParseError(FlowRunNotificationError):
    """Some of the things in a payload are unusable."""

    runs: tuple[FlowRun, ...]
    """The sound flow runs."""

    others: Sequence[OtherMessage]
    """The messages that are not flow runs."""

    errors: tuple[FlowRunNotificationError, ...]
    """An error for each broken flow run."""

    def __init__(
        self,
        runs: Sequence[FlowRun],
        others: Sequence[OtherMessage],
        errors: Sequence[FlowRunNotificationError],
    ) -> None:
        self.runs = tuple(runs)
        self.others = others
        self.errors = tuple(errors)
        super().__init__()

    @override
    def __str__(self) -> str:
        count = len(self.errors) + len(self.others)
        shown = [str(error) for error in self.errors[:MAX_SHOWN]]
        shown += [other.description for other in self.others[: MAX_SHOWN - len(shown)]]
        if count > len(shown):
            shown.append(f"and {count - len(shown):,} more")
        head = [f"{len(self.errors):,} of the payload's flow runs could not be read"] if self.errors else []
        if self.others:
            is_one = len(self.others) == 1
            head.append(
                f"{count_text(len(self.others), 'message')} {'is not a flow run' if is_one else 'are not flow runs'}"
            )
        return "\n".join([f"{', '.join(head)}:", *shown])
