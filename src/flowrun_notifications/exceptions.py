"""What can go wrong, each with what a caller needs to act on.

Messages name keys, types and paths, never values, and so does whatever they are chained to: payloads hold customer
data, and tracebacks go to logs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import override

if TYPE_CHECKING:
    from pydantic_core import ValidationError

    from flowrun_notifications.models import Delivery, FlowRun
    from flowrun_notifications.other_messages import Told
    from flowrun_notifications.wrappers import Found

__all__ = [
    "FlowRunNotificationError",
    "InvalidFlowRunError",
    "InvalidJSONError",
    "LineError",
    "NotAFlowRunError",
    "NotAFlowRunKind",
    "PartialParseError",
    "Problem",
    "RunCountError",
]

NotAFlowRunKind = Literal["alert", "audit_event", "data_ingestion_event", "validation_request", "other"]
"""What a message that is no flow run is instead."""

_MOST_SHOWN = 20


class FlowRunNotificationError(ValueError):
    """The base of every error that this library raises."""

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        # An exception pickles by its args, which ours do not have: rebuild it as it is.
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(
    cls: type[FlowRunNotificationError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> FlowRunNotificationError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(attributes)
    return error


def _at(path: str) -> str:
    return f" at {path}" if path else ""


class InvalidJSONError(FlowRunNotificationError):
    """The payload is not JSON: malformed, empty, not UTF-8, nested too deeply, or holding NaN or Infinity."""

    line: int | None
    """The line of the JSON text where reading stopped, from 1; ``None`` for decoded input that is no JSON at all."""

    column: int | None
    """The column where reading stopped, in bytes; ``None`` for decoded input that is no JSON at all."""

    def __init__(self, message: str, *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class NotAFlowRunError(FlowRunNotificationError):
    """Valid JSON that is no flow run: something else that shares the subscription. Not malformed.

    A receiver should answer it with success and go on.
    """

    # A payload may hold a million things that are no runs: each is kept small, and what to say of it waits.
    __slots__ = ("_found",)

    def __init__(self, found: Found) -> None:
        super().__init__()
        self._found = found

    @property
    def kind(self) -> NotAFlowRunKind:
        """What it is: ``alert``, ``audit_event``, ``data_ingestion_event``, ``validation_request`` or ``other``."""
        return self._told.kind

    @property
    def path(self) -> str:
        """Where it stands in the payload; empty if it is all of it."""
        return self._found.path

    @property
    def delivery(self) -> Delivery:
        """How it came, as far as its wrappers say."""
        return self._found.delivery()

    @property
    def validation_url(self) -> str | None:
        """For a ``validation_request``: the URL to fetch within 5 minutes; else ``None``."""
        return self._told.validation_url

    @property
    def name(self) -> str | None:
        """For an ``alert``: its rule's name, where given; else ``None``."""
        return self._told.name

    @property
    def status(self) -> str | None:
        """For an ``alert``: ``FIRING`` or ``INACTIVE``; else ``None``."""
        return self._told.status

    @property
    def flow_id(self) -> str | None:
        """For an ``alert``: the dataflow it is about, where given; else ``None``."""
        return self._told.flow_id

    @property
    def flow_run_id(self) -> str | None:
        """For an ``alert``: the run it is about, where given; else ``None``."""
        return self._told.flow_run_id

    @property
    def _told(self) -> Told:
        from flowrun_notifications.other_messages import tell_apart  # noqa: PLC0415 - it needs this module

        return tell_apart(self._found)

    @override
    def __str__(self) -> str:
        return f"not a flow run{_at(self.path)}: {self._told.words}"

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._found,), self.__dict__


@dataclass(frozen=True)
class Problem:
    """One unusable value of a flow run."""

    path: str
    """Where it stands in the payload, in Adobe's spelling, such as ``[0].messages[0].value.flowId``."""

    expected: str
    """What belongs there."""

    found: str
    """The kind of value that stands there, never the value itself."""

    def __str__(self) -> str:
        return f"{self.path or 'payload'}: expected {self.expected}, found {self.found}"


class InvalidFlowRunError(FlowRunNotificationError):
    """A flow run with unusable values. All of them are listed."""

    def __init__(self, error: ValidationError, found: Found) -> None:
        # They are listed when somebody asks: a payload may hold a million of them.
        super().__init__()
        self._error = error
        self._found = found
        self._listed: tuple[tuple[Problem, ...], tuple[tuple[str | int, ...], ...]] | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every unusable value."""
        return self._list()[0]

    @property
    def locations(self) -> tuple[tuple[str | int, ...], ...]:
        """The same places within the record, as keys and indexes."""
        return self._list()[1]

    def _list(self) -> tuple[tuple[Problem, ...], tuple[tuple[str | int, ...], ...]]:
        from flowrun_notifications.parsing import problem  # noqa: PLC0415 - it imports this module

        if self._listed is None:
            details = self._error.errors(include_url=False, include_context=False, include_input=False)
            found = [problem(detail, self._found) for detail in details]
            self._listed = tuple(found), tuple(detail["loc"] for detail in details)
        return self._listed

    @property
    def path(self) -> str:
        """Where the run stands in the payload; empty if it is all of it."""
        return self._found.path

    @property
    def delivery(self) -> Delivery:
        """How it came, as far as its wrappers say."""
        return self._found.delivery()

    @override
    def __str__(self) -> str:
        count = len(self.problems)
        shown = [f"  {problem}" for problem in self.problems[:_MOST_SHOWN]]
        if count > _MOST_SHOWN:
            shown.append(f"  and {count - _MOST_SHOWN} more")
        words = f"flow run{_at(self.path)} has {count} {'problem' if count == 1 else 'problems'}:"
        return "\n".join([words, *shown])

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        # Pydantic's error does not pickle in every version that is supported; what it says goes instead.
        return _rebuild, (type(self), self.args, {**self.__dict__, "_listed": self._list(), "_error": None})

    def salvage(self) -> FlowRun:
        """The run with exactly the unusable values read as absent.

        Raises:
            InvalidFlowRunError: This error, where ``id`` or ``flowId`` is not sound.
        """
        from flowrun_notifications.parsing import salvage  # noqa: PLC0415 - it imports this module

        run = salvage(self._found, self.locations)
        if run is None:
            raise self
        return run


class RunCountError(FlowRunNotificationError):
    """:func:`parse` takes exactly one flow run, and the payload holds none or several."""

    count: int
    """How many it holds, broken ones included."""

    def __init__(self, count: int) -> None:
        self.count = count
        found = "no flow run" if count == 0 else f"{count} flow runs"
        super().__init__(f"expected one flow run, the payload holds {found}; parse_all() reads any number")


class PartialParseError(FlowRunNotificationError):
    """Some of the flow runs in a payload are broken."""

    runs: tuple[FlowRun, ...]
    """The sound ones."""

    errors: tuple[FlowRunNotificationError, ...]
    """An error for each of the others."""

    def __init__(self, runs: Sequence[FlowRun], errors: Sequence[FlowRunNotificationError]) -> None:
        self.runs = tuple(runs)
        self.errors = tuple(errors)
        super().__init__()

    @override
    def __str__(self) -> str:
        shown = [str(error) for error in self.errors[:_MOST_SHOWN]]
        if len(self.errors) > _MOST_SHOWN:
            shown.append(f"and {len(self.errors) - _MOST_SHOWN} more")
        return "\n".join([f"{len(self.errors)} of the payload's items could not be read:", *shown])


class LineError(FlowRunNotificationError):
    """A line of an archive that could not be read, or that holds something other than flow runs."""

    number: int
    """The line's number, from 1."""

    line: str | bytes
    """The line as given, for a quarantine file."""

    error: FlowRunNotificationError
    """What is wrong with it; a :class:`PartialParseError` where several items of the line are."""

    def __init__(self, number: int, line: str | bytes, error: FlowRunNotificationError) -> None:
        self.number = number
        self.line = line
        self.error = error
        super().__init__()

    @override
    def __str__(self) -> str:
        return f"line {self.number}: {self.error}"
