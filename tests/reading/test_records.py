"""Tests of broken runs: the problems that are listed, and the runs that are salvaged."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from pydantic import ValidationError

from flowrun_notifications import Delivery, FlowRun, InvalidFlowRunError, Problem, parse, parse_all

SOUND: dict[str, Any] = {"id": "r-1", "flowId": "f-1"}
TIME = "a time (an epoch or ISO 8601 text)"


def broken(payload: Any) -> InvalidFlowRunError:
    """Return the error about the one run in a payload, the same from either entry point and from text."""
    with pytest.raises(InvalidFlowRunError) as caught:
        parse(payload)
    (error,) = parse_all(json.dumps(payload)).errors
    assert (error.problems, error.problem_count, error.delivery, str(error)) == (
        caught.value.problems,
        caught.value.problem_count,
        caught.value.delivery,
        str(caught.value),
    )
    return error


PROBLEMS: list[Any] = [
    ({"id": None}, Problem("id", "text", "null")),
    ({"flowId": 5}, Problem("flowId", "text", "a number")),
    ({"flowName": ["x"]}, Problem("flowName", "text", "a list")),
    ({"flowName": {}}, Problem("flowName", "text", "an object")),
    ({"createdAt": True}, Problem("createdAt", TIME, "true or false")),
    ({"createdAt": "soon"}, Problem("createdAt", TIME, "text")),
    ({"flowSpec": "x"}, Problem("flowSpec", "an object", "text")),
    ({"metrics": [1]}, Problem("metrics", "an object", "a list")),
    ({"params": 5}, Problem("params", "an object", "a number")),
    ({"activities": {"a": 1}}, Problem("activities", "a list", "an object")),
    ({"activities": [{}, 5]}, Problem("activities[1]", "an object", "a number")),
    ({"childFlowRunIds": ["r", 5]}, Problem("childFlowRunIds[1]", "text", "a number")),
    (
        {"metrics": {"sizeSummary": {"inputBytes": 1.5}}},
        Problem("metrics.sizeSummary.inputBytes", "a whole number", "a number"),
    ),
    (
        {"metrics": {"latencySummary": {"avgMs": "fast"}}},
        Problem("metrics.latencySummary.avgMs", "a number", "text"),
    ),
    (
        {"metrics": {"statusSummary": {"errors": {"code": "C-1"}}}},
        Problem("metrics.statusSummary.errors", "a list", "an object"),
    ),
    (
        {"metrics": {"statusSummary": {"errors": [{"code": 1.5}]}}},
        Problem("metrics.statusSummary.errors[0].code", "text or a whole number", "a number"),
    ),
    (
        {"activities": [{}, {"targetInfo": [{"reference": {"ids": [None]}}]}]},
        Problem("activities[1].targetInfo[0].reference.ids[0]", "text", "null"),
    ),
    ({"xdm:metrics": 5}, Problem("xdm:metrics", "an object", "a number")),
    ({"metrics": None, "xdm:metrics": 5}, Problem("xdm:metrics", "an object", "a number")),
    (
        {"metrics": {"durationSummary": {"stoppedAtUTC": "x"}}},
        Problem("metrics.durationSummary.stoppedAtUTC", TIME, "text"),
    ),
]
"""Wrong values in a record, with the problem of each."""


IDS: list[Any] = [
    ({"id": "r-1", "metrics": {}}, [Problem("flowId", "text", "nothing")]),
    ({"metrics": {}}, [Problem("id", "text", "nothing"), Problem("flowId", "text", "nothing")]),
    ({"id": "r-1", "flowid": "f-1", "metrics": {}}, [Problem("flowId", "text", "nothing", "flowid")]),
    ({"id": "r-1", "flow_id": "f-1", "metrics": {}}, [Problem("flowId", "text", "nothing", "flow_id")]),
    (
        {"ID": "r-1", "FlowId": "f-1", "metrics": {}},
        [
            Problem("id", "text", "nothing", "ID"),
            Problem("flowId", "text", "nothing", "FlowId"),
        ],
    ),
    ({"xdm:flowRunId": 5, "flowId": "f-1"}, [Problem("xdm:flowRunId", "text", "a number")]),
    ({"id": None, "xdm:flowRunId": 5, "flowId": "f-1"}, [Problem("xdm:flowRunId", "text", "a number")]),
]
"""Records with unsound ids, with their problems."""


class TestProblem:
    """Each kind of problem."""

    @pytest.mark.parametrize(
        ("wrong", "problem"),
        PROBLEMS,
    )
    def test_each(self, wrong: dict[str, Any], problem: Problem) -> None:
        """A value of the wrong kind has its path in Adobe's spelling, what belongs there, and what stands there."""
        assert broken({**SOUND, **wrong}).problems == (problem,)
        nested = broken([{"messages": [{"value": {**SOUND, **wrong}}]}])
        path = f"[0].messages[0].value.{problem.path}"
        assert nested.problems == (Problem(path, problem.expected, problem.found),)
        assert str(nested) == f"flow run at [0].messages[0].value has 1 problem:\n  {nested.problems[0]}"
        assert (nested.path, nested.delivery) == (
            "[0].messages[0].value",
            Delivery(path="[0].messages[0].value", wrappers=("messages",)),
        )

    @pytest.mark.parametrize(
        ("record", "problems"),
        IDS,
    )
    def test_ids(self, record: dict[str, Any], problems: list[Problem]) -> None:
        """A missing id is named, with a key that looks like it."""
        assert list(broken(record).problems) == problems

    @pytest.mark.parametrize(
        ("problem", "words"),
        [
            (Problem("activities[1]", "an object", "text"), "activities[1]: expected an object, found text"),
            (Problem("", "an object", "text"), "payload: expected an object, found text"),
            (
                Problem("flowId", "text", "nothing", "flowid"),
                "flowId: expected text, found nothing; the key 'flowid' looks like it",
            ),
            (
                Problem("flowId", "text", "nothing", "flöw\nid"),
                "flowId: expected text, found nothing; the key 'fl\\xf6w\\nid' looks like it",
            ),
        ],
    )
    def test_words(self, problem: Problem, words: str) -> None:
        """A problem is a sentence; a key in it is printable."""
        assert str(problem) == words

    def test_frozen(self) -> None:
        """A problem does not change."""
        with pytest.raises(FrozenInstanceError):
            Problem("a", "b", "c").path = "d"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


BROKEN: dict[str, Any] = {
    "id": "r-2",
    "flowId": "f-1",
    "sandboxName": ["secret"],
    "createdAt": "secret yesterday",
    "metrics": {
        "durationSummary": {"startedAtUTC": True, "completedAtUTC": 1597213529158},
        "sizeSummary": "secret",
        "recordSummary": {"inputRecordCount": 1.5, "outputRecordCount": 7, "ingestedRecordPercentage": "secret"},
        "statusSummary": {"status": "failed", "errors": {"code": "secret"}, "extensions": ["secret"]},
    },
    "activities": [{"id": "a-1"}, "secret", {"id": 5, "name": "kept"}],
}
"""A run with a value of the wrong kind wherever one can stand."""

MENDED: dict[str, Any] = {
    "id": "r-2",
    "flowId": "f-1",
    "metrics": {
        "durationSummary": {"completedAtUTC": 1597213529158},
        "recordSummary": {"outputRecordCount": 7},
        "statusSummary": {"status": "failed"},
    },
    "activities": [{"id": "a-1"}, {"name": "kept"}],
}
"""The same without exactly those values."""

MESSAGE = f"""\
flow run has 10 problems:
  sandboxName: expected text, found a list
  createdAt: expected {TIME}, found text
  metrics.durationSummary.startedAtUTC: expected {TIME}, found true or false
  metrics.sizeSummary: expected an object, found text
  metrics.recordSummary.inputRecordCount: expected a whole number, found a number
  metrics.recordSummary.ingestedRecordPercentage: expected a number, found text
  metrics.statusSummary.errors: expected a list, found an object
  metrics.statusSummary.extensions: expected an object, found a list
  activities[1]: expected an object, found text
  activities[2].id: expected text, found a number"""


AGAIN: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
"""Ways to a copy."""


class TestError:
    """The error about a broken run."""

    def test_every_problem(self) -> None:
        """All unusable values of a run are listed at once."""
        error = broken(BROKEN)
        assert (str(error), error.problem_count, len(error.problems)) == (MESSAGE, 10, 10)
        assert repr(error) == f"InvalidFlowRunError({MESSAGE!r})"

    def test_listed_when_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Problems are listed when somebody asks, and once."""
        (error,) = parse_all([BROKEN]).errors
        assert error.problems is error.problems
        (other,) = parse_all([BROKEN]).errors
        monkeypatch.setattr("flowrun_notifications._reading.records._FaultFinder", None)
        assert (other.path, other.delivery.wrappers) == ("[0]", ("list",))
        with pytest.raises(TypeError):
            _ = other.problems

    def test_no_values(self) -> None:
        """No traceback, of this error or of the one that it is chained to, shows a value of the payload."""
        error = broken(BROKEN)
        shown = "".join(traceback.format_exception(error))
        assert isinstance(error.__cause__, ValidationError)
        assert "sandboxName: expected text, found a list" in shown
        assert "secret" not in shown

    @pytest.mark.parametrize("again", AGAIN)
    def test_copies(self, again: Any) -> None:
        """A copy has the same problems, and salvages the same run."""
        error = broken({"event_id": "e-1", "event": BROKEN})
        copied = again(error)
        assert (str(copied), copied.problems, copied.problem_count, copied.path, copied.delivery) == (
            str(error),
            error.problems,
            error.problem_count,
            error.path,
            error.delivery,
        )
        assert copied.salvage() == error.salvage()

    @pytest.mark.parametrize(("count", "more"), [(20, []), (21, ["  and 1 more"]), (99, ["  and 79 more"])])
    def test_long_message(self, count: int, more: list[str]) -> None:
        """A message shows the first 20 problems."""
        error = broken({**SOUND, "activities": [{"id": 5}] * count})
        assert str(error).splitlines() == [
            f"flow run has {count} problems:",
            *(f"  activities[{i}].id: expected text, found a number" for i in range(20)),
            *more,
        ]
        assert (len(error.problems), error.problem_count) == (count, count)


LISTS: dict[str, tuple[Any, Any]] = {
    "entries of the wrong kind": ([5], "an object"),
    "objects with a wrong value": ([{"id": 5}], "text"),
    "objects with two wrong values": ([{"id": 5, "name": 6}], "text"),
    "mixed": ([5, {"id": 5}, None], "an object"),
    "wrong values further in": ([{"metrics": 1, "statusSummary": {"status": 5}}], "text"),
    "wrong lists further in": ([{"sourceInfo": [5]}], "an object"),
}
"""Entries that a list of activities may repeat, and what is expected of the first."""


class TestManyProblems:
    """Runs with more problems than are worth listing."""

    @pytest.mark.parametrize(("entries", "expected"), LISTS.values(), ids=LISTS.keys())
    def test_counted(self, entries: list[Any], expected: str) -> None:
        """The first hundred are listed, and all are counted."""
        times = 3_000 // len(entries)
        error = broken({**SOUND, "activities": entries * times})
        one = broken({**SOUND, "activities": entries})
        assert (len(error.problems), error.problem_count) == (100, one.problem_count * times)
        assert error.problems[: len(one.problems)] == one.problems
        assert error.problems[0].expected == expected
        assert f"\n  and {error.problem_count - 20:,} more" in str(error)

    def test_texts(self) -> None:
        """So it is for a list of texts."""
        error = broken({**SOUND, "childFlowRunIds": ["a", *range(2_000), "b"]})
        assert (error.problems[0], len(error.problems), error.problem_count) == (
            Problem("childFlowRunIds[1]", "text", "a number"),
            100,
            2_000,
        )

    def test_several_lists(self) -> None:
        """Several lists share the hundred, and each is counted."""
        record = {**SOUND, "childFlowRunIds": [5] * 60, "recordTypes": [5] * 60, "activities": [5] * 60}
        error = broken(record)
        assert (len(error.problems), error.problem_count) == (100, 180)
        assert error.salvage() == parse({**SOUND, "childFlowRunIds": [], "recordTypes": [], "activities": []})

    @pytest.mark.parametrize(("wrong", "kept"), [(100, True), (101, False)])
    def test_salvage(self, wrong: int, kept: bool) -> None:
        """A list with more than a hundred wrong entries is read as absent as a whole, and no other value is."""
        record = {
            **SOUND,
            "flowName": "Orders",
            "activities": [{"id": "a-1", "targetInfo": [{"id": "t"}, *[5] * wrong]}, *[5] * (wrong - 1), {"id": "a-2"}],
        }
        mended: dict[str, Any] = {"activities": []}
        if kept:
            mended["activities"] = [{"id": "a-1", "targetInfo": [{"id": "t"}]}, {"id": "a-2"}]
        assert broken(record).salvage() == parse({**SOUND, "flowName": "Orders", **mended})

    def test_salvage_within_an_entry(self) -> None:
        """Such a list within an entry costs itself only."""
        record = {**SOUND, "activities": [{"id": "a-1", "targetInfo": [{"id": "t"}, *[5] * 101]}, {"id": "a-2"}]}
        assert broken(record).salvage() == parse({**SOUND, "activities": [{"id": "a-1"}, {"id": "a-2"}]})

    @pytest.mark.parametrize("count", range(1, 12))
    def test_salvage_of_few(self, count: int) -> None:
        """Of a list with fewer wrong entries every sound entry is kept."""
        entries = [entry for i in range(count) for entry in (i, f"r-{i}")]
        assert broken({**SOUND, "childFlowRunIds": entries}).salvage() == parse(
            {**SOUND, "childFlowRunIds": [f"r-{i}" for i in range(count)]}
        )


EXACTLY: tuple[Any, ...] = (
    (BROKEN, MENDED),
    ({"createdAt": "soon", "updatedAt": 1735725842310}, {"updatedAt": 1735725842310}),
    ({"metrics": "x", "flowName": "kept"}, {"flowName": "kept"}),
    (
        {"metrics": {"sizeSummary": {"inputBytes": "x", "outputBytes": 5, "other": "kept"}}},
        {"metrics": {"sizeSummary": {"outputBytes": 5, "other": "kept"}}},
    ),
    (
        {"metrics": {"sizeSummary": 5, "recordSummary": {"inputRecordCount": {}}, "customSummary": {"a": 1}}},
        {"metrics": {"recordSummary": {}, "customSummary": {"a": 1}}},
    ),
    (
        {"activities": [5, {"id": "a"}, None, {"id": 5, "name": "b"}, "x", {"id": "c"}]},
        {"activities": [{"id": "a"}, {"name": "b"}, {"id": "c"}]},
    ),
    (
        {"activities": [True, {"targetInfo": [5, {"id": "t", "reference": {"ids": [1, "b", 2]}}]}]},
        {"activities": [{"targetInfo": [{"id": "t", "reference": {"ids": ["b"]}}]}]},
    ),
    (
        {"metrics": {"statusSummary": {"errors": [{"code": 5.5, "message": "m"}, 7], "status": []}}},
        {"metrics": {"statusSummary": {"errors": [{"message": "m"}]}}},
    ),
    ({"params": [1], "other": {"kept": [None]}}, {"other": {"kept": [None]}}),
    ({"etag": 5, "eTag": '"1"'}, {"etag": '"1"'}),
    ({"etag": 5, "eTag": 6}, {}),
    ({"metrics": 5, "xdm:metrics": {"sizeSummary": 7}}, {"metrics": {}}),
    (
        {"metrics": [1], "xdm:metrics": {"sizeSummary": {"inputBytes": 7}}},
        {"metrics": {"sizeSummary": {"inputBytes": 7}}},
    ),
    ({"activities": 5, "activites": [6, {"id": "a"}]}, {"activities": [{"id": "a"}]}),
    ({"createdAt": "x", "metrics": [], "activities": {}}, {"metrics": {}, "activities": []}),
    ({"id": 5, "xdm:flowRunId": "r-1", "flowId": [], "xdm:flowId": "f-1"}, {}),
)
"""What a record says with unusable values, and without."""


class TestSalvage:
    """`salvage`: the run with exactly the unusable values read as absent."""

    @pytest.mark.parametrize(("wrong", "sound"), EXACTLY)
    def test_exactly(self, wrong: dict[str, Any], sound: dict[str, Any]) -> None:
        """Sound values stay, entries of lists close up, other spellings are used; the input is not changed."""
        payload = {**SOUND, **wrong}
        before = copy.deepcopy(payload)
        error = broken(payload)
        assert error.salvage() == error.salvage() == parse({**SOUND, **sound})
        assert payload == before

    def test_delivery(self) -> None:
        """The run tells how it came, as a sound one does."""
        page = {"events": [{"position": "p-1", "event": {"event_id": "e-1", "event": BROKEN}}]}
        assert broken(page).salvage() == parse(
            {"events": [{"position": "p-1", "event": {"event_id": "e-1", "event": MENDED}}]}
        )

    @pytest.mark.parametrize(
        "ids",
        [
            {"id": None},
            {"flowId": 5},
            {"id": [], "flowId": {}},
            {"id": 5, "xdm:flowRunId": 6},
            {"flowId": None, "xdm:flowId": None, "createdAt": "x"},
        ],
    )
    def test_unsound_ids(self, ids: dict[str, Any]) -> None:
        """Without sound ids there is no run, and the very same error is raised."""
        error = broken({**SOUND, **ids, "flowName": 5})
        with pytest.raises(InvalidFlowRunError) as caught:
            error.salvage()
        assert caught.value is error

    def test_absent_ids(self) -> None:
        """So it is where they are absent."""
        error = broken({"metrics": {"sizeSummary": 5}})
        assert [problem.path for problem in error.problems] == ["id", "flowId", "metrics.sizeSummary"]
        with pytest.raises(InvalidFlowRunError) as caught:
            error.salvage()
        assert caught.value is error

    def test_nothing_shared(self) -> None:
        """Two runs that are salvaged share nothing that can be changed."""
        error = broken({**SOUND, "createdAt": "x", "other": [1]})
        error.salvage().model_extra["other"].append(2)
        assert error.salvage().model_extra == {"other": [1]}

    def test_inputs_of_an_action(self) -> None:
        """Inputs of a Runtime action do not come back by salvaging."""
        payload = {**BROKEN, "__adobe_headers": {"x-adobe-event-id": "e-1"}, "SLACK_URL": "secret", "url": 5}
        run = broken(payload).salvage()
        assert (run.to_payload(), run.delivery.event_id) == (MENDED, "e-1")


def test_only_flow_runs() -> None:
    """A sound run comes out as a FlowRun, whichever way it was validated."""
    general = parse(json.dumps({"x": {**SOUND, "metrics": {}}}))
    assert [type(run) for run in (general, parse(SOUND), broken(BROKEN).salvage())] == [FlowRun] * 3
