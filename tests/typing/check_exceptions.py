"""The types of the exceptions for type checkers; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import assert_type

from flowrun_notifications import (
    Delivery,
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    OtherMessage,
    PartialParseError,
    Payload,
    Problem,
    RunCountError,
    parse,
)


def check_base() -> None:
    """All of them derive from the one base, which is a ValueError."""
    base: type[ValueError] = FlowRunNotificationError
    leaves: list[type[FlowRunNotificationError]] = [
        InvalidJSONError,
        NotAFlowRunError,
        InvalidFlowRunError,
        RunCountError,
        PartialParseError,
        LineError,
    ]
    del base, leaves


def check_receiver(payload: Payload) -> FlowRun | None:
    """A receiver tells them apart, and each carries what it takes to act."""
    try:
        return parse(payload)
    except NotAFlowRunError as error:
        assert_type(error.other, OtherMessage)
        assert_type(error.path, str)
        if error.kind == "unknown":  # type: ignore[comparison-overlap]
            raise
        return None
    except InvalidFlowRunError as error:
        assert_type(error.problems, tuple[Problem, ...])
        assert_type(error.problem_count, int)
        assert_type(error.delivery, Delivery)
        assert_type(error.salvage(), FlowRun)
        return error.salvage()
    except InvalidJSONError as error:
        assert_type(error.line, int | None)
        assert_type(error.column, int | None)
        raise
    except RunCountError as error:
        assert_type(error.count, int)
        raise


def check_problem(problem: Problem) -> None:
    """A problem is frozen, and can be a key."""
    assert_type(problem.look_alike, str | None)
    assert_type({problem: 1}, dict[Problem, int])
    problem.path = ""  # type: ignore[misc]


def check_partial(error: PartialParseError) -> None:
    """Everything stays at hand where some runs are broken."""
    assert_type(error.runs, tuple[FlowRun, ...])
    assert_type(error.others, Sequence[OtherMessage])
    assert_type(error.errors, tuple[FlowRunNotificationError, ...])


def check_line(error: LineError) -> None:
    """A line is text or bytes, as it was given."""
    assert_type(error.line, str | bytes)
    assert_type(error.error, FlowRunNotificationError)
    assert_type(LineError(1, b"", RunCountError(0)), LineError)
