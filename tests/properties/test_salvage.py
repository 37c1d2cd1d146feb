"""A broken run tells every problem, and what is sound of it can be had."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from flowrun_notifications import (
    FlowRun,
    InvalidFlowRunError,
    LineError,
    PartialParseError,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications._reading.records import MAX_PROBLEMS
from flowrun_notifications.testing import Wrapper, make_record, records, wrap
from properties.strategies import WRONG, Place, delivered, dumps, places, removed, replaced, written

EXPECTED = {
    "count": {"a whole number", "a number"},
    "measure": {"a number"},
    "time": {"a time (an epoch or ISO 8601 text)"},
    "text": {"text"},
    "code": {"text or a whole number"},
    "object": {"an object"},
    "list": {"a list"},
    "open object": {"an object"},
}


Broken = tuple[dict[str, Any], dict[str, Any], list[Place]]


@st.composite
def broken_records(draw: st.DrawFn) -> Broken:
    """Draw a record with unusable values, the same record without them, and where they stand."""
    record = draw(records() | st.just(make_record("failed")))
    candidates = [place for place in places(record) if place.kind != "open" and not place.required]
    assume(candidates)
    chosen: list[Place] = []
    for place in draw(st.lists(st.sampled_from(candidates), min_size=1, max_size=5, unique=True)):
        # By attribute: of two spellings of a key only one is read.
        if not any(
            starts(place.attribute, other.attribute) or starts(other.attribute, place.attribute) for other in chosen
        ):
            chosen.append(place)
    chosen = [place for place in chosen if is_read(record, place, candidates)]
    assume(chosen)
    broken = record
    for place in chosen:
        broken = replaced(broken, place.path, draw(WRONG[place.kind]))
    return broken, removed(record, *(place.path for place in chosen)), chosen


def starts(path: tuple[str | int, ...], start: tuple[str | int, ...]) -> bool:
    """Tell whether a path leads through another."""
    return path[: len(start)] == start


def is_read(record: dict[str, Any], place: Place, candidates: list[Place]) -> bool:
    """Tell whether no other spelling of a key, or of one above it, stands beside the place and would be read instead."""
    return not any(
        starts(place.attribute, other.attribute) and not starts(place.path, other.path) for other in candidates
    )


def error_of(payload: Any) -> InvalidFlowRunError:
    """Return the one error in a payload."""
    (error,) = parse_all(payload).errors
    return error


@given(broken_records())
def test_every_problem_is_reported(drawn: Broken) -> None:
    """A value of the wrong kind is reported with its path, with all others in the same run: none missing or more."""
    broken, _, chosen = drawn
    wanted = {written(place.path): EXPECTED[place.kind] for place in chosen}
    for payload in (broken, dumps(broken)):
        error = error_of(payload)
        assert sorted(problem.path for problem in error.problems) == sorted(wanted)
        assert all(problem.expected in wanted[problem.path] for problem in error.problems)
        assert error.problem_count == len(wanted)


@given(broken_records())
def test_salvage_reads_on_without_the_problems(drawn: Broken) -> None:
    """``salvage()`` gives the run with exactly those values read as absent, and changes nothing."""
    broken, sound, _ = drawn
    assert error_of(broken).salvage() == parse(sound)
    assert error_of(dumps(broken)).salvage() == parse(sound)


@given(broken_records(), st.sampled_from(["id", "flowId"]), st.sampled_from([None, 1, {}, ...]))
def test_salvage_needs_sound_ids(drawn: Broken, key: str, value: Any) -> None:
    """``salvage()`` of a run without both ids raises the error that it was asked of."""
    broken, _, _ = drawn
    broken = {"metrics": None, **broken}
    for spelling in (key, {"id": "xdm:flowRunId", "flowId": "xdm:flowId"}[key]):
        if spelling in broken:
            del broken[spelling]
            if value is not ...:
                broken[spelling] = value
    error = error_of(broken)
    raised: InvalidFlowRunError | None = None
    try:
        error.salvage()
    except InvalidFlowRunError as caught:
        raised = caught
    assert raised is error


@given(
    broken_records(),
    st.sampled_from(
        ["event", "messages", "journal", "cloud_event", "api_list", "runtime:base64", "body:text", "other"]
    ),
)
def test_problems_and_salvage_in_wrappers(drawn: Broken, wrapper: Wrapper) -> None:
    """In a wrapper the problems' paths start with the run's, and what is salvaged has its delivery."""
    broken, sound, chosen = drawn
    if "activites" not in broken:  # the other spelling, which would go unread beside this one
        broken, sound = {"activities": [], **broken}, {"activities": [], **sound}
    payload = wrap(wrapper, broken)
    error = error_of(payload)
    wanted = parse(wrap(wrapper, sound))
    assert error.salvage() == wanted
    assert error.path == wanted.delivery.path
    assert error.delivery == wanted.delivery
    assert sorted(problem.path for problem in error.problems) == sorted(
        f"{error.path}.{written(place.path)}" for place in chosen
    )


@given(st.lists(st.tuples(broken_records(), records(), st.booleans()), min_size=1, max_size=4))
def test_salvage_everywhere(drawn: list[tuple[Broken, dict[str, Any], bool]]) -> None:
    """The entry points tell broken runs alike, and each error can be salvaged."""
    payload = wrap("journal", *(broken[0] if is_broken else record for broken, record, is_broken in drawn))
    result = parse_all(payload)
    salvaged = [delivered(error.salvage()) for error in result.errors]
    assert salvaged == [delivered(parse(sound)) for (_, sound, _), _, is_broken in drawn if is_broken]
    lines: list[LineError] = []
    runs: list[FlowRun] = list(parse_lines([dumps(payload)], on_error=lines.append))
    assert runs == list(result.runs)
    errors = [line.error for line in lines]
    if len(errors) == 1 and isinstance(errors[0], PartialParseError):
        assert errors[0].runs == result.runs
        errors = list(errors[0].errors)
    assert [str(error) for error in errors] == [str(error) for error in result.errors]


@given(
    st.lists(st.booleans(), min_size=95, max_size=110),
    st.sampled_from(["activities", "predecessors", "childFlowRunIds"]),
    st.integers(0, 5),
)
def test_lists_with_very_many_wrong_entries(are_wrong: list[bool], key: str, others: int) -> None:
    """Of a list with more wrong entries than problems lists, the whole list is read as absent; all are counted."""
    sound: Any = "id" if key == "childFlowRunIds" else {}
    entries: list[Any] = [True if is_wrong else sound for is_wrong in [*are_wrong, *[True] * 95]]
    times = ("createdAt", "updatedAt", "slaCreatedAt", "processStartTime", "transformedTime")[:others]
    record = {"id": "r", "flowId": "f", **dict.fromkeys(times, "never"), key: entries}
    wrong = sum(entry is True for entry in entries)
    error = error_of(record)
    assert error.problem_count == wrong + others
    assert len(error.problems) == min(MAX_PROBLEMS, wrong + others)
    kept = [entry for entry in entries if entry is not True] if wrong <= MAX_PROBLEMS else []
    assert error.salvage().to_payload().get(key, []) == kept
