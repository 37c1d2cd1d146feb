"""Times, counts and measures mean what their rules say, wherever they stand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from flowrun_notifications import InvalidFlowRunError, parse
from properties.strategies import Place, dumps, places, reach, replaced, written

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
BOUNDARY = 20_000_000_000
EPOCHS = st.one_of(
    st.integers(BOUNDARY - 10, BOUNDARY + 10),
    st.integers(1, 4_102_444_800_000),
    st.integers(1, 253_402_300_799_999),
)


SUMMARIES: dict[str, Any] = {
    "durationSummary": {"startedAtUTC": 1, "completedAtUTC": 1},
    "latencySummary": {"minMs": 1, "maxMs": 1, "avgMs": 1},
    "sizeSummary": {"inputBytes": 1, "outputBytes": 1, "failedBytes": 1, "skippedBytes": 1},
    "recordSummary": {
        "inputRecordCount": 1,
        "ingestedRecordPercentage": 1,
        "failedInfo": [{"recordCount": 1, "count": 1, "code": "1"}],
        "sourceSummaries": [{"failedRecordCount": 1, "entitySummaries": [{"outputRecordCount": 1}]}],
    },
    "fileSummary": {"inputFileCount": 1, "outputFileCount": 1, "skippedFileCount": 1, "failedFileCount": 1},
}
FULL: dict[str, Any] = {
    "id": "r",
    "flowId": "f",
    "createdAt": 1,
    "updatedAt": 1,
    "metrics": SUMMARIES,
    "activities": [{**SUMMARIES, "updatedAtUTC": 1}],
}
"""A record with a value of each kind wherever one can stand."""


def places_of(kind: str) -> st.SearchStrategy[Place]:
    """Return a strategy for the places in `FULL` where a kind of value belongs."""
    return st.sampled_from([place for place in places(FULL) if place.kind == kind])


def read_at(place: Place, value: Any) -> Any:
    """Return what a run says where a value is put, or the problem that it is; the same from text."""
    payload = replaced(FULL, place.path, value)
    read = read_payload_at(place, payload)
    assert read_payload_at(place, dumps(payload)) == read
    return read


def read_payload_at(place: Place, payload: Any) -> Any:
    """Return what a run says at a place, or the problem there."""
    try:
        return reach(parse(payload), place.attribute)
    except InvalidFlowRunError as error:
        (problem,) = error.problems
        if problem.path != written(place.path):
            raise
        return problem.expected, problem.found


A_TIME = "a time (an epoch or ISO 8601 text)"


def instant(epoch: Fraction) -> datetime:
    """Return the time that an epoch stands for, by the calendar; half a microsecond is rounded up."""
    microseconds = math.floor(epoch * (1_000 if epoch > BOUNDARY else 1_000_000) + Fraction(1, 2))
    return EPOCH + timedelta(microseconds=microseconds)


@given(places_of("time"), EPOCHS, st.sampled_from([int, float, str, "{}.0".format, " {} ".format, "{}e0".format]))
@example(places(FULL)[2], BOUNDARY, int)
@example(places(FULL)[2], BOUNDARY + 1, "{}.0".format)
def test_epochs(place: Place, epoch: int, form: Any) -> None:
    """Above 2e10 in magnitude a number is milliseconds, else seconds, as text too."""
    read = read_at(place, form(epoch))
    assert read == instant(Fraction(epoch))
    assert read.utcoffset() == timedelta()
    assert read.tzinfo == parse(FULL).created_at.tzinfo  # type: ignore[union-attr] # pyright: ignore[reportOptionalMemberAccess]


@given(places_of("time"), st.floats(min_value=0.01, max_value=2.5e14), st.sampled_from([float, repr]))
@example(places(FULL)[2], 20_000_000_000.5, float)
@example(places(FULL)[2], 4_503_599_627_370.875, float)
@example(places(FULL)[2], 1e10 + 0.0000005, float)
def test_fractional_epochs(place: Place, epoch: float, form: Any) -> None:
    """An epoch with a fraction reads to the nearest microsecond, "the same on every pydantic version"."""
    assert abs(read_at(place, form(epoch)) - instant(Fraction(epoch))) <= timedelta(microseconds=1)


@given(places_of("time"), st.integers(20_000_001, BOUNDARY))
@example(places(FULL)[2], BOUNDARY)
@example(places(FULL)[2], 20_000_001)
def test_seconds_and_milliseconds_of_an_instant_agree(place: Place, seconds: int) -> None:
    """The same instant reads the same in seconds and in milliseconds, up to the last second before the boundary."""
    assert read_at(place, seconds) == read_at(place, seconds * 1000) == EPOCH + timedelta(seconds=seconds)


@given(places_of("time"), st.integers(253_402_300_800_000, 10**30))
def test_epochs_beyond_the_calendar_are_problems(place: Place, epoch: int) -> None:
    """An epoch after the year 9999 is a problem at its path."""
    assert read_at(place, epoch) == (A_TIME, "a number")


@given(places_of("time"), st.datetimes(timezones=st.timezones() | st.none()))
def test_iso_texts(place: Place, time: datetime) -> None:
    """ISO 8601 text reads as the instant it names, an aware UTC time; without a zone it is in UTC."""
    offset = time.utcoffset() or timedelta()
    assume(offset % timedelta(minutes=1) == timedelta())  # ISO 8601 has no seconds in offsets
    try:
        wanted = (time.replace(tzinfo=None) - offset).replace(tzinfo=timezone.utc)
    except OverflowError:
        return
    read = read_at(place, time.isoformat())
    assert read == (wanted if wanted > EPOCH else None)
    assert read is None or read.utcoffset() == timedelta()


@given(
    places_of("time"),
    st.one_of(
        st.integers(max_value=0),
        st.floats(max_value=0, allow_nan=False, allow_infinity=False),
        st.datetimes(max_value=datetime(1970, 1, 1)).map(datetime.isoformat),  # noqa: DTZ001 - local to no zone
    ),
    st.booleans(),
)
@example(places(FULL)[2], 0, False)
@example(places(FULL)[2], -0.0, True)
@example(places(FULL)[2], "1970-01-01T00:00:00Z", False)
@example(places(FULL)[2], "1970-01-01T01:00:00+01:00", False)
def test_never(place: Place, value: Any, as_text: bool) -> None:
    """Zero, negative numbers and instants up to 1970-01-01T00:00Z are None, wherever a time belongs."""
    assert read_at(place, repr(value) if as_text and not isinstance(value, str) else value) is None


@given(places_of("count"), st.integers() | st.integers(-(10**300), 10**400))
def test_whole_numbers(place: Place, number: int) -> None:
    """A negative count or size is None, and other whole numbers are kept exactly."""
    read = read_at(place, number)
    assert read == (number if number >= 0 else None)
    assert type(read) in (int, type(None))


@given(places_of("count"), st.integers(-(10**20), 10**20), st.sampled_from(["{}", " {} ", "{}.0", "+{}", "00{}"]))
def test_numbers_as_text(place: Place, number: int, form: str) -> None:
    """Numeric strings are numbers: a whole number as text counts as the number, negative ones as unknown."""
    text = form.format(number)
    assume("+-" not in text and "00-" not in text)
    assume("." not in text or abs(number) < 2**53)
    assert read_at(place, text) == (number if number >= 0 else None)


@given(places_of("count"), st.floats(allow_nan=False, allow_infinity=False))
def test_fractions_of_things(place: Place, number: float) -> None:
    """Whole floats are numbers; 1.5 records are a problem, and what is negative is unknown."""
    read = read_at(place, number)
    if number < 0:
        assert read is None
    elif number.is_integer():
        assert (read, type(read)) == (int(number), int)
    else:
        assert read == ("a whole number", "a number")


@given(places_of("measure"), st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**25), 10**25))
def test_measures(place: Place, number: float) -> None:
    """A negative latency or percentage is None, and measures are numbers from zero up."""
    read = read_at(place, number)
    assert read == (None if number < 0 else float(number))
    assert type(read) in (float, type(None))
    assert read is None or (read >= 0 and math.isfinite(read))


@given(places_of("code"), st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False))
def test_codes(place: Place, code: Any) -> None:
    """A whole number as an error code is its text; a fraction is a problem."""
    wanted = ("text or a whole number", "a number") if isinstance(code, float) else str(code)
    assert read_at(place, code) == wanted


@given(places_of("text"), st.text(st.characters(codec=None)))
def test_lone_surrogates(place: Place, text: str) -> None:
    """A lone surrogate costs that character (U+FFFD), never the notification."""
    assert read_at(place, text) == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
