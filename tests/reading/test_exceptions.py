"""Tests of the exceptions: their messages, what they carry, and that they pickle."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from flowrun_notifications import (
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    PartialParseError,
    RunCountError,
    parse,
    parse_all,
)

RESULT = parse_all(
    [
        {"id": "r-1", "flowId": "f-1"},
        {"id": "r-2", "flowId": "f-1", "createdAt": "soon"},
        {"event_id": "e-1", "event": {"status": "FIRING", "name": "delay"}},
    ]
)

ERRORS: dict[str, tuple[FlowRunNotificationError, dict[str, Any]]] = {
    "FlowRunNotificationError": (FlowRunNotificationError("something"), {}),
    "InvalidJSONError": (InvalidJSONError("it is empty", line=1, column=0), {"line": 1, "column": 0}),
    "InvalidJSONError without place": (InvalidJSONError("it holds itself"), {"line": None, "column": None}),
    "NotAFlowRunError": (
        NotAFlowRunError(RESULT.others[0]),
        {"other": RESULT.others[0], "kind": "alert", "path": "[2].event"},
    ),
    "InvalidFlowRunError": (
        RESULT.errors[0],
        {
            "problems": RESULT.errors[0].problems,
            "problem_count": 1,
            "path": "[1]",
            "delivery": RESULT.errors[0].delivery,
        },
    ),
    "RunCountError": (RunCountError(2), {"count": 2}),
    "PartialParseError": (
        PartialParseError(RESULT.runs, RESULT.others, []),
        {"runs": RESULT.runs, "others": RESULT.others, "errors": ()},
    ),
    "LineError": (
        LineError(7, b'{"id": 1}', error := InvalidJSONError("it is empty")),
        {"number": 7, "line": b'{"id": 1}', "error": error},
    ),
}
"""An error of each kind, with its public attributes."""


AGAIN: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
"""Ways to a copy."""


@pytest.mark.parametrize(("error", "attributes"), ERRORS.values(), ids=ERRORS.keys())
class TestEveryError:
    """Errors of every kind."""

    def test_base(self, error: FlowRunNotificationError, attributes: dict[str, Any]) -> None:
        """Each derives from the one base, which is a ValueError, and carries these attributes."""
        assert isinstance(error, (FlowRunNotificationError, ValueError))
        assert {name: getattr(error, name) for name in attributes} == attributes
        public = {name for name in dir(error) if not name.startswith("_")} - {*dir(ValueError), "salvage"}
        assert public == attributes.keys()

    @pytest.mark.parametrize("again", AGAIN)
    def test_copies(self, error: FlowRunNotificationError, attributes: dict[str, Any], again: Any) -> None:
        """A copy has the same message and attributes, and can be raised."""
        copied = again(error)
        assert (type(copied), str(copied), repr(copied), copied.args) == (
            type(error),
            str(error),
            repr(error),
            error.args,
        )
        for name, value in attributes.items():
            got = getattr(copied, name)
            assert (str(got), type(got)) == (str(value), type(value))
        with pytest.raises(type(error)) as caught:
            raise copied
        assert str(caught.value) == str(error)

    def test_notes(self, error: FlowRunNotificationError, attributes: dict[str, Any]) -> None:
        """A note that a caller adds travels with it."""
        noted = copy.copy(error)
        noted.__dict__["__notes__"] = ["seen in the archive of May"]
        assert vars(pickle.loads(pickle.dumps(noted)))["__notes__"] == ["seen in the archive of May"]
        assert {name: str(getattr(noted, name)) for name in attributes} == {
            name: str(value) for name, value in attributes.items()
        }


class TestMessages:
    """The messages of errors that are raised."""

    @pytest.mark.parametrize(("count", "held"), [(0, "no flow run"), (2, "2 flow runs"), (20, "20 flow runs")])
    def test_run_count(self, count: int, held: str) -> None:
        """The message says how many runs there are, and names the function that reads them."""
        assert str(RunCountError(count)) == (
            f"expected one flow run, the payload holds {held}; parse_all() reads any number"
        )

    def test_partial(self) -> None:
        """The message has a heading, every error, and every other message."""
        assert str(PartialParseError(RESULT.runs, RESULT.others, RESULT.errors)) == (
            "1 of the payload's flow runs could not be read, 1 message is not a flow run:\n"
            "flow run at [1] has 1 problem:\n"
            "  [1].createdAt: expected a time (an epoch or ISO 8601 text), found text\n"
            "not a flow run at [2].event: it is an alert; answer it with success and go on"
        )

    @pytest.mark.parametrize(
        ("errors", "others", "head"),
        [
            (1, 0, "1 of the payload's flow runs could not be read:"),
            (0, 1, "1 message is not a flow run:"),
            (0, 2, "2 messages are not flow runs:"),
            (1_000, 2_000, "1,000 of the payload's flow runs could not be read, 2,000 messages are not flow runs:"),
        ],
    )
    def test_heading(self, errors: int, others: int, head: str) -> None:
        """The heading counts both."""
        error = PartialParseError([], tuple(RESULT.others) * others, [RunCountError(0)] * errors)
        assert str(error).splitlines()[0] == head

    @pytest.mark.parametrize(
        ("errors", "others", "shown", "more"),
        [
            (20, 0, 20, []),
            (21, 0, 20, ["and 1 more"]),
            (2_000, 0, 20, ["and 1,980 more"]),
            (19, 2, 20, ["and 1 more"]),
            (20, 1, 20, ["and 1 more"]),
            (0, 30, 20, ["and 10 more"]),
        ],
    )
    def test_long(self, errors: int, others: int, shown: int, more: list[str]) -> None:
        """It shows twenty of them at most, and says how many more there are."""
        error = PartialParseError([], tuple(RESULT.others) * others, [RunCountError(0)] * errors)
        lines = str(error).splitlines()
        assert lines[1:] == [
            *["expected one flow run, the payload holds no flow run; parse_all() reads any number"]
            * min(errors, shown),
            *["not a flow run at [2].event: it is an alert; answer it with success and go on"]
            * (shown - min(errors, shown)),
            *more,
        ]

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("{", "line 7: the payload is not JSON: EOF while parsing an object (column 1)"),
            ('{\n "id": secret}', "line 7: the payload is not JSON: expected value (its line 2, column 8)"),
            ("", "line 7: the payload is empty (column 0)"),
        ],
    )
    def test_line(self, line: str, message: str) -> None:
        """The line is said once; within a document of several lines its own lines are counted."""
        with pytest.raises(InvalidJSONError) as caught:
            parse(line)
        assert str(LineError(7, line, caught.value)) == message

    def test_line_without_place(self) -> None:
        """Other errors are quoted as they are."""
        assert str(LineError(7, "", RunCountError(0))) == f"line 7: {RunCountError(0)}"
        assert str(LineError(7, "", InvalidJSONError("it holds itself"))) == "line 7: it holds itself"


class TestChaining:
    """Errors are chained to the foreign ones that they come from."""

    def test_json(self) -> None:
        """An error about JSON has the decoder's as its cause, and tells where reading stopped."""
        with pytest.raises(InvalidJSONError) as caught:
            parse(b'{\n  "id": secret}')
        error = caught.value
        assert (str(error), error.line, error.column) == (
            "the payload is not JSON: expected value (line 2, column 9)",
            2,
            9,
        )
        assert (type(error.__cause__), str(error.__cause__)) == (ValueError, "expected value at line 2 column 9")

    @pytest.mark.parametrize(
        ("payload", "kind"),
        [([], RunCountError), ({"status": "FIRING"}, NotAFlowRunError), ({"flowId": "f-1"}, InvalidFlowRunError)],
    )
    def test_alone(self, payload: Any, kind: type[FlowRunNotificationError]) -> None:
        """An error of our own finding stands alone."""
        with pytest.raises(kind) as caught:
            parse(json.dumps(payload))
        assert caught.value.__cause__ is None


def test_runs_of_an_error() -> None:
    """The sound runs stay at hand."""
    with pytest.raises(PartialParseError) as caught:
        RESULT.raise_for_errors()
    assert caught.value.runs == (parse([{"id": "r-1", "flowId": "f-1"}]),)
    assert isinstance(caught.value.runs[0], FlowRun)
