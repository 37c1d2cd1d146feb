"""The exceptions of this library, each with the data a caller needs to act on it.

::

    FlowRunNotificationError(ValueError)
    ├── InvalidJSONError        not JSON
    ├── NotAFlowRunError        only other messages
    ├── InvalidFlowRunError     a run with unusable values
    ├── RunCountError           no run where one was expected, or several
    ├── PartialParseError       several things in one payload, some of them unusable
    └── LineError               a line of an archive, with one of the above

``NotAFlowRunError`` is defined beside the messages it is about, ``InvalidFlowRunError`` beside the validation that
finds it, ``PartialParseError`` beside the results. Messages name keys, types and paths, never values, and neither do
the exceptions chained to them: payloads hold customer data, and tracebacks go to logs.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import override

__all__ = [
    "MAX_SHOWN",
    "FlowRunNotificationError",
    "InvalidJSONError",
    "LineError",
    "RunCountError",
    "at_path",
    "rebuild",
]

MAX_SHOWN = 20
"""How many problems, or errors, a message lists."""


class FlowRunNotificationError(ValueError):
    """The base of every error that this library raises."""

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    @override
    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by their args; ours keep attributes instead, so restore those.
        return rebuild, (type(self), self.args, self.__dict__)


def rebuild(
    cls: type[FlowRunNotificationError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> FlowRunNotificationError:
    """Restore a pickled exception."""
    error = cls.__new__(cls)
    error.args = args
    for name, value in attributes.items():
        setattr(error, name, value)
    return error


def at_path(path: str) -> str:
    """Return a path for a message, in which it is left out where the payload itself is meant."""
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


class RunCountError(FlowRunNotificationError):
    """:func:`parse` takes exactly one flow run, and the payload holds none or several."""

    count: int
    """How many it holds, broken ones included."""

    def __init__(self, count: int) -> None:
        self.count = count
        held = "no flow run" if count == 0 else f"{count} flow runs"
        super().__init__(f"expected one flow run, the payload holds {held}; parse_all() reads any number")


class LineError(FlowRunNotificationError):
    """A document of an archive that could not be read, or that holds something other than flow runs."""

    number: int
    """The line on which it starts, from 1."""

    line: str | bytes
    """Its text as given, for a quarantine file."""

    error: FlowRunNotificationError
    """The reason; a :class:`PartialParseError` where it holds several such things, or such a thing beside runs."""

    def __init__(self, number: int, line: str | bytes, error: FlowRunNotificationError) -> None:
        self.number = number
        self.line = line
        self.error = error
        super().__init__()

    @override
    def __str__(self) -> str:
        error = self.error
        reason = str(error)
        if isinstance(error, InvalidJSONError) and error.line is not None:
            # The error counts lines within the document, which starts on this one.
            within = "" if error.line == 1 else f"its line {error.line}, "
            reason = reason.replace(f"(line {error.line}, column", f"({within}column")
        return f"line {self.number}: {reason}"
