"""What `flowrun_notifications.exceptions` promises."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from dataclasses import FrozenInstanceError
from typing import Any, get_args
from unittest.mock import patch

import pytest

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
    Problem,
    RunCountError,
    parse,
    parse_all,
    parse_lines,
)

SOUND: dict[str, Any] = {
    "id": "r-1",
    "flowId": "f-1",
    "createdAt": 1597213529158,
    "metrics": {"recordSummary": {"inputRecordCount": 3}},
}
RUN = FlowRun.model_validate(SOUND)

BROKEN: dict[str, Any] = {
    "id": "r-2",
    "flowId": "f-1",
    "createdAt": "secret yesterday",
    "sandboxName": ["secret"],
    "metrics": {
        "durationSummary": {"startedAtUTC": True, "completedAtUTC": 1597213529158},
        "sizeSummary": "secret",
        "recordSummary": {"inputRecordCount": 1.5, "outputRecordCount": 7, "ingestedRecordPercentage": "secret"},
        "statusSummary": {"status": "failed", "errors": {"code": "secret"}, "extensions": ["secret"]},
    },
    "activities": [{"id": "a-1"}, "secret", {"id": 5, "name": "kept"}],
}
"""A run with a value of the wrong kind wherever one can stand."""

BROKEN_PROBLEMS = (
    Problem("sandboxName", "text", "a list"),
    Problem("createdAt", "a time (an epoch or ISO 8601 text)", "text"),
    Problem("metrics.durationSummary.startedAtUTC", "a time (an epoch or ISO 8601 text)", "true or false"),
    Problem("metrics.sizeSummary", "an object", "text"),
    Problem("metrics.recordSummary.inputRecordCount", "a whole number", "a number"),
    Problem("metrics.recordSummary.ingestedRecordPercentage", "a number", "text"),
    Problem("metrics.statusSummary.errors", "a list", "an object"),
    Problem("metrics.statusSummary.extensions", "an object", "a list"),
    Problem("activities[1]", "an object", "text"),
    Problem("activities[2].id", "text", "a number"),
)


def invalid(payload: Any) -> InvalidFlowRunError:
    """The error that says what is wrong with the run in a payload."""
    with pytest.raises(InvalidFlowRunError) as caught:
        parse(json.dumps(payload))
    return caught.value


def not_a_run() -> NotAFlowRunError:
    """The error that says what an alert is."""
    alert = {"name": "Delay", "status": "FIRING", "flowId": "f-1", "flowRunId": "r-1"}
    (error,) = parse_all([{"event_id": "e-1", "event": alert}]).skipped
    return error


ERRORS: dict[str, FlowRunNotificationError] = {
    "FlowRunNotificationError": FlowRunNotificationError("something"),
    "InvalidJSONError": InvalidJSONError("the payload is empty (line 1, column 0)", line=1, column=0),
    "NotAFlowRunError": not_a_run(),
    "InvalidFlowRunError": invalid(BROKEN),
    "RunCountError": RunCountError(2),
    "PartialParseError": PartialParseError([RUN], [invalid(BROKEN), not_a_run()]),
    "LineError": LineError(7, b'{"id": 1}', InvalidJSONError("the payload is empty")),
}
"""One of each kind."""


def attributes(error: BaseException) -> dict[str, object]:
    """What an error carries for its callers, errors within it by their words."""
    names = {name for name in dir(error) if not name.startswith("_")} - {*dir(ValueError), "salvage"}
    carried = {name: getattr(error, name) for name in names}
    return {
        name: [str(item) for item in value] if name == "errors" else str(value) if name == "error" else value
        for name, value in carried.items()
    }


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())
class TestEveryError:
    """What holds for every error of the library."""

    def test_base(self, error: FlowRunNotificationError) -> None:
        """Each derives from the one base, which is a ValueError."""
        assert isinstance(error, FlowRunNotificationError)
        assert isinstance(error, ValueError)

    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    def test_pickling(self, error: FlowRunNotificationError, protocol: int) -> None:
        """Each pickles, with its message and all it carries."""
        again = pickle.loads(pickle.dumps(error, protocol))
        assert (type(again), str(again), again.args, attributes(again)) == (
            type(error),
            str(error),
            error.args,
            attributes(error),
        )

    @pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
    def test_copying(self, error: FlowRunNotificationError, copied: Any) -> None:
        """Each can be copied."""
        again = copied(error)
        assert (type(again), str(again), attributes(again)) == (type(error), str(error), attributes(error))

    def test_what_was_added(self, error: FlowRunNotificationError) -> None:
        """What a caller adds to one, such as a note, travels with it."""
        noted = copy.copy(error)
        noted.__dict__["__notes__"] = ["seen in the archive of May"]
        assert vars(pickle.loads(pickle.dumps(noted)))["__notes__"] == ["seen in the archive of May"]

    def test_pickled_error_can_be_raised(self, error: FlowRunNotificationError) -> None:
        """A process that gets one from another can raise it."""
        again = pickle.loads(pickle.dumps(error))
        with pytest.raises(type(error)) as caught:
            raise again
        assert str(caught.value) == str(error)


class TestInvalidJSON:
    """The payload is not JSON."""

    def test_chained(self) -> None:
        """It tells where reading stopped, and is chained to the decoder's error."""
        with pytest.raises(InvalidJSONError) as caught:
            parse(b'{\n  "id": secret}')
        error = caught.value
        assert str(error) == "the payload is not JSON: expected value (line 2, column 9)"
        assert (error.line, error.column) == (2, 9)
        assert (type(error.__cause__), str(error.__cause__)) == (ValueError, "expected value at line 2 column 9")

    def test_without_position(self) -> None:
        """Decoded input has no lines."""
        error = InvalidJSONError("it holds itself")
        assert (str(error), error.line, error.column) == ("it holds itself", None, None)


class TestNotAFlowRun:
    """Something else that shares the subscription."""

    def test_attributes(self) -> None:
        """It carries what a receiver needs to answer; its path is that of the delivery."""
        assert str(not_a_run()) == "not a flow run at [0].event: it is an alert; answer it with success and go on"
        assert attributes(not_a_run()) == {
            "kind": "alert",
            "path": "[0].event",
            "delivery": Delivery(event_id="e-1", path="[0].event", wrappers=("list", "event")),
            "validation_url": None,
            "name": "Delay",
            "status": "FIRING",
            "flow_id": "f-1",
            "flow_run_id": "r-1",
        }

    def test_defaults(self) -> None:
        """What is not known is None."""
        with pytest.raises(NotAFlowRunError) as caught:
            parse("5")
        assert attributes(caught.value) == {
            "kind": "other",
            "path": "",
            "delivery": Delivery(),
            "validation_url": None,
            "name": None,
            "status": None,
            "flow_id": None,
            "flow_run_id": None,
        }

    def test_kinds(self) -> None:
        """These are all the kinds there are."""
        assert get_args(NotAFlowRunKind) == (
            "alert",
            "audit_event",
            "data_ingestion_event",
            "validation_request",
            "other",
        )


class TestInvalidFlowRun:
    """A run with unusable values."""

    def test_every_problem(self) -> None:
        """All unusable values are listed, each with its path in Adobe's spelling, what belongs and what is there."""
        error = invalid(BROKEN)
        assert set(error.problems) == set(BROKEN_PROBLEMS)
        assert len(error.problems) == len(BROKEN_PROBLEMS)

    def test_message(self) -> None:
        """The message is a heading and a line for each problem."""
        error = invalid({"id": "r-1", "flowId": 5, "metrics": {"recordSummary": {"inputRecordCount": "many"}}})
        assert str(error) == (
            "flow run has 2 problems:\n"
            "  flowId: expected text, found a number\n"
            "  metrics.recordSummary.inputRecordCount: expected a whole number, found text"
        )

    def test_single_problem(self) -> None:
        """One problem is not called problems; a key that is not there is nothing."""
        assert str(invalid({"id": "r-1", "metrics": {}})) == (
            "flow run has 1 problem:\n  flowId: expected text, found nothing"
        )

    def test_place_in_the_payload(self) -> None:
        """Paths start at the top of the payload, and the message says where the run stands."""
        error = invalid([{"messages": [{"value": SOUND | {"flowId": None}}]}])
        assert str(error) == (
            "flow run at [0].messages[0].value has 1 problem:\n"
            "  [0].messages[0].value.flowId: expected text, found null"
        )
        assert (error.path, error.delivery.path, error.delivery.wrappers) == (
            "[0].messages[0].value",
            "[0].messages[0].value",
            ("messages",),
        )

    @pytest.mark.parametrize(("count", "more"), [(20, []), (21, ["  and 1 more"]), (1000, ["  and 980 more"])])
    def test_long_message(self, count: int, more: list[str]) -> None:
        """A message shows the first 20 problems; all of them are in the attribute."""
        error = invalid({"id": "r-1", "flowId": "f-1", "activities": [{"id": 5}] * count})
        assert str(error).splitlines() == [
            f"flow run has {count} problems:",
            *(f"  activities[{i}].id: expected text, found a number" for i in range(20)),
            *more,
        ]
        assert len(error.problems) == count

    def test_listed_when_asked(self) -> None:
        """They are listed when somebody asks, once, whichever error holds this one."""
        told: list[LineError] = []
        with patch("flowrun_notifications.parsing.problem") as listing:
            list(parse_lines([json.dumps([BROKEN, BROKEN])], on_error=told.append))
            assert not listing.called
        (line,) = told
        assert isinstance(line.error, PartialParseError)
        (first, second) = line.error.errors
        assert isinstance(first, InvalidFlowRunError)
        assert first.problems is first.problems
        assert [problem.found for problem in first.problems] == [problem.found for problem in invalid(BROKEN).problems]
        assert str(line) == f"line 1: 2 of the payload's items could not be read:\n{first}\n{second}"

    def test_repr(self) -> None:
        """Its repr holds the message, as that of any exception does."""
        assert repr(invalid({"id": "r-1", "metrics": {}})) == (
            "InvalidFlowRunError('flow run has 1 problem:\\n  flowId: expected text, found nothing')"
        )

    def test_chained(self) -> None:
        """It is chained to pydantic's error, for whoever wants to look closer."""
        cause = invalid(BROKEN).__cause__
        assert (type(cause).__name__, type(cause).__module__) == ("ValidationError", "pydantic_core._pydantic_core")

    def test_no_values(self) -> None:
        """Neither its traceback, nor those of the errors it is chained to, show a value of the payload."""
        shown = "".join(traceback.format_exception(invalid(BROKEN)))
        assert "sandboxName: expected text, found a list" in shown
        assert "secret" not in shown

    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (None, "null"),
            (True, "true or false"),
            (5, "a number"),
            (1.5, "a number"),
            ([], "a list"),
            ({}, "an object"),
        ],
    )
    def test_kinds_of_values(self, value: object, found: str) -> None:
        """The kind of value that stands there is told in words."""
        assert invalid(SOUND | {"flowId": value}).problems == (Problem("flowId", "text", found),)


class TestProblem:
    """One unusable value."""

    def test_words(self) -> None:
        """It reads as in the message."""
        assert str(Problem("activities[1]", "an object", "text")) == "activities[1]: expected an object, found text"

    def test_whole_payload(self) -> None:
        """Where all of the payload is the problem, it says so."""
        assert str(Problem("", "an object", "text")) == "payload: expected an object, found text"

    def test_frozen(self) -> None:
        """It does not change."""
        with pytest.raises(FrozenInstanceError):
            Problem("a", "b", "c").path = "d"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


class TestSalvage:
    """Reading on without the unusable values."""

    def test_exactly_those_values(self) -> None:
        """The run is the one of the same payload without exactly the unusable values."""
        without: dict[str, Any] = {
            "id": "r-2",
            "flowId": "f-1",
            "metrics": {
                "durationSummary": {"completedAtUTC": 1597213529158},
                "recordSummary": {"outputRecordCount": 7},
                "statusSummary": {"status": "failed"},
            },
            "activities": [{"id": "a-1"}, {"name": "kept"}],
        }
        assert invalid(BROKEN).salvage() == parse(without)

    def test_place_in_the_payload(self) -> None:
        """The run tells how it came, as a sound one does."""
        broken = invalid({"event_id": "e-1", "event": SOUND | {"createdAt": "word"}})
        sound = {key: value for key, value in SOUND.items() if key != "createdAt"}
        assert broken.salvage() == parse({"event_id": "e-1", "event": sound})

    def test_after_pickling(self) -> None:
        """A process that gets the error from another can salvage the run."""
        error = invalid(BROKEN)
        assert pickle.loads(pickle.dumps(error)).salvage() == error.salvage()

    @pytest.mark.parametrize("ids", [{"id": None}, {"flowId": 5}, {"id": [], "flowId": {}}])
    def test_unsound_ids(self, ids: dict[str, Any]) -> None:
        """Without sound ids there is no run, and the error itself is raised."""
        error = invalid(BROKEN | ids)
        with pytest.raises(InvalidFlowRunError) as caught:
            error.salvage()
        assert caught.value is error


class TestRunCount:
    """Not exactly one run."""

    @pytest.mark.parametrize(("count", "found"), [(0, "no flow run"), (2, "2 flow runs"), (20, "20 flow runs")])
    def test_message(self, count: int, found: str) -> None:
        """The message tells how many there are, and what reads them."""
        error = RunCountError(count)
        assert (str(error), error.count) == (
            f"expected one flow run, the payload holds {found}; parse_all() reads any number",
            count,
        )


class TestPartialParse:
    """Some runs of a payload are broken."""

    def test_message(self) -> None:
        """The message tells every error, and the runs and errors are at hand."""
        payload: list[dict[str, Any]] = [SOUND, {"id": "r-2", "metrics": {}}, {"id": 3, "flowId": "f-1"}]
        result = parse_all(payload)
        with pytest.raises(PartialParseError) as caught:
            result.raise_for_errors()
        assert str(caught.value) == (
            "2 of the payload's items could not be read:\n"
            "flow run at [1] has 1 problem:\n"
            "  [1].flowId: expected text, found nothing\n"
            "flow run at [2] has 1 problem:\n"
            "  [2].id: expected text, found a number"
        )
        assert (caught.value.runs, caught.value.errors) == (result.runs, result.errors)

    @pytest.mark.parametrize(("count", "more"), [(20, []), (21, ["and 1 more"]), (100, ["and 80 more"])])
    def test_long_message(self, count: int, more: list[str]) -> None:
        """A message shows the first 20 errors."""
        error = PartialParseError([], [RunCountError(0)] * count)
        assert str(error).splitlines() == [
            f"{count} of the payload's items could not be read:",
            *["expected one flow run, the payload holds no flow run; parse_all() reads any number"] * 20,
            *more,
        ]
        assert len(error.errors) == count


class TestLine:
    """A line of an archive."""

    def test_attributes(self) -> None:
        """It carries the number, the line as it was, and what is wrong with it."""
        cause = RunCountError(0)
        error = LineError(7, b"line\n", cause)
        assert str(error) == f"line 7: {cause}"
        assert (error.number, error.line, error.error) == (7, b"line\n", cause)

    def test_chained(self) -> None:
        """A raised one is chained to what is wrong with the line."""
        with pytest.raises(LineError) as caught:
            list(parse_lines([json.dumps(SOUND), "{"]))
        assert caught.value.__cause__ is caught.value.error
        assert str(caught.value) == ("line 2: the payload is not JSON: EOF while parsing an object (line 1, column 1)")
