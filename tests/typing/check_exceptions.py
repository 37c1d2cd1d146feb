"""What type checkers know of the exceptions; nobody runs this."""

# Both checkers demand that each line marked `type: ignore` be an error.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Literal

from typing_extensions import assert_type

from flowrun_notifications import (
    Delivery,
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    NotAFlowRunKind,
    PartialParseError,
    Payload,
    Problem,
    RunCountError,
    parse,
)


def check_base(errors: list[FlowRunNotificationError]) -> None:
    """All of them are errors of the library, and thereby of values."""
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
    assert_type(str(errors[0]), str)


def check_receiver(payload: Payload) -> FlowRun | None:
    """A receiver tells them apart, and each carries what it takes to act."""
    try:
        return parse(payload)
    except NotAFlowRunError as error:
        assert_type(error.kind, NotAFlowRunKind)
        assert_type(
            error.kind,
            Literal["alert", "audit_event", "data_ingestion_event", "validation_request", "other"],
        )
        assert_type(error.path, str)
        assert_type(error.delivery, Delivery)
        assert_type(error.validation_url, str | None)
        assert_type(error.name, str | None)
        assert_type(error.status, str | None)
        assert_type(error.flow_id, str | None)
        assert_type(error.flow_run_id, str | None)
        if error.kind == "unknown":  # type: ignore[comparison-overlap]
            raise
        return None
    except InvalidFlowRunError as error:
        assert_type(error.problems, tuple[Problem, ...])
        assert_type(error.path, str)
        assert_type(error.delivery, Delivery)
        assert_type(error.locations, tuple[tuple[str | int, ...], ...])
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
    """What is said of an unusable value."""
    assert_type(problem.path, str)
    assert_type(problem.expected, str)
    assert_type(problem.found, str)
    assert_type({problem: 1}, dict[Problem, int])
    problem.path = ""  # type: ignore[misc]


def check_partial(error: PartialParseError) -> None:
    """What is said where some of many are broken."""
    assert_type(error.runs, tuple[FlowRun, ...])
    assert_type(error.errors, tuple[FlowRunNotificationError, ...])


def check_line(error: LineError) -> None:
    """What is said of a line."""
    assert_type(error.number, int)
    assert_type(error.line, str | bytes)
    assert_type(error.error, FlowRunNotificationError)
    if isinstance(error.error, PartialParseError):
        check_partial(error.error)
    assert_type(LineError(1, b"", RunCountError(0)), LineError)
