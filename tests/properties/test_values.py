"""Times, counts and measures mean what their rules say, wherever they stand."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from flowrun_notifications import InvalidFlowRunError, parse
from properties.strategies import Place, dumps, places, reach, replaced, written

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
BOUNDARY = 20_000_000_000
EPOCHS = st.one_of(
    st.integers(-BOUNDARY - 10, -BOUNDARY + 10),
    st.integers(BOUNDARY - 10, BOUNDARY + 10),
    st.integers(0, 4_102_444_800_000),
    st.integers(-62_135_596_800_000, 253_402_300_799_999),
)


SUMMARIES: dict[str, Any] = {
    "durationSummary": {"startedAtUTC": 1, "completedAtUTC": 1},
    "latencySummary": {"minMs": 1, "maxMs": 1, "avgMs": 1},
    "sizeSummary": {"inputBytes": 1, "outputBytes": 1, "failedBytes": 1, "skippedBytes": 1},
    "recordSummary": {
        "inputRecordCount": 1,
        "ingestedRecordPercentage": 1,
        "failedInfo": [{"recordCount": 1, "count": 1}],
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
    """The places in `FULL` where a kind of value belongs."""
    return st.sampled_from([place for place in places(FULL) if place.kind == kind])


def read_at(place: Place, value: Any) -> Any:
    """What a run says where a value is put, or the problem that it is; the same from text."""
    payload = replaced(FULL, place.path, value)
    read = read_payload_at(place, payload)
    assert read_payload_at(place, dumps(payload)) == read
    return read


def read_payload_at(place: Place, payload: Any) -> Any:
    """What a run says at a place, or the problem there."""
    try:
        return reach(parse(payload), place.attribute)
    except InvalidFlowRunError as error:
        (problem,) = error.problems
        if problem.path != written(place.path):
            raise
        return problem.expected, problem.found


def instant(number: float) -> datetime | None:
    """The time that an epoch stands for, by the calendar; `None` where the calendar does not reach."""
    try:
        if abs(number) > BOUNDARY:
            return EPOCH + timedelta(milliseconds=number)
        return EPOCH + timedelta(seconds=number)
    except OverflowError:
        return None


@given(places_of("time"), EPOCHS, st.sampled_from([int, float, str, "{}.0".format]))
def test_epochs(place: Place, epoch: int, form: Any) -> None:
    """By "above 2e10 in magnitude a number is milliseconds, else seconds", each epoch reads so, as text too."""
    assume(epoch != 0 or place.path[-1] != "updatedAtUTC")
    read, wanted = read_at(place, form(epoch)), instant(epoch)
    if isinstance(read, datetime) and wanted is not None:
        assert abs(read - wanted) <= timedelta(microseconds=1)  # which pydantic 2.11 loses of a number with a point
    else:
        assert read == wanted


@given(places_of("time"), st.integers(20_000_001, BOUNDARY), st.booleans())
@example(places(FULL)[2], BOUNDARY, False)
@example(places(FULL)[2], 20_000_001, True)
def test_seconds_and_milliseconds_of_an_instant_agree(place: Place, seconds: int, negative: bool) -> None:
    """The same instant reads the same in seconds and in milliseconds, up to the last second before the boundary."""
    seconds = -seconds if negative else seconds
    assert read_at(place, seconds) == read_at(place, seconds * 1000) == EPOCH + timedelta(seconds=seconds)


@given(places_of("time"), st.integers(253_402_300_800_000, 10**30), st.booleans())
def test_epochs_beyond_the_calendar_are_problems(place: Place, epoch: int, negative: bool) -> None:
    """An epoch outside the years 1 to 9999 is a problem at its path."""
    wanted = ("a time (an epoch or ISO 8601 text)", "a number")
    assert read_at(place, -epoch if negative else epoch) == wanted


@given(places_of("time"), st.datetimes(timezones=st.timezones() | st.none()))
def test_iso_texts(place: Place, time: datetime) -> None:
    """By "without a zone: UTC", ISO 8601 text reads as the instant it names, an aware UTC time."""
    offset = time.utcoffset() or timedelta()
    assume(offset % timedelta(minutes=1) == timedelta())  # ISO 8601 has no seconds in offsets
    try:
        wanted = (time.replace(tzinfo=None) - offset).replace(tzinfo=timezone.utc)
    except OverflowError:
        return
    assume(wanted != EPOCH or place.path[-1] != "updatedAtUTC")
    read = read_at(place, time.isoformat())
    assert read == wanted
    assert read.utcoffset() == timedelta()


@given(places_of("time"), st.sampled_from([0, 0.0, "0", "1970-01-01T00:00:00Z"]))
def test_zero_means_never_where_an_activity_was_updated(place: Place, zero: Any) -> None:
    """By "`0` in `updatedAtUTC` is `None`", zero is no time there, and the epoch's start elsewhere."""
    assert read_at(place, zero) == (None if place.path[-1] == "updatedAtUTC" else EPOCH)


@given(places_of("count"), st.integers() | st.integers(-(10**300), 10**400))
def test_whole_numbers(place: Place, number: int) -> None:
    """By "a negative count or size is `None`", a negative number never becomes a count, and others are kept exactly."""
    read = read_at(place, number)
    assert read == (number if number >= 0 else None)
    assert type(read) in (int, type(None))


@given(places_of("count"), st.integers(-(10**20), 10**20), st.sampled_from(["{}", " {} ", "{}.0", "+{}", "00{}"]))
def test_numbers_as_text(place: Place, number: int, form: str) -> None:
    """By "numeric strings are numbers", a whole number as text counts as the number, negative ones as unknown."""
    text = form.format(number)
    assume("+-" not in text and "00-" not in text)
    assume("." not in text or abs(number) < 2**53)
    assert read_at(place, text) == (number if number >= 0 else None)


@given(places_of("count"), st.floats(allow_nan=False, allow_infinity=False))
def test_fractions_of_things(place: Place, number: float) -> None:
    """By "1.5 records are a problem", a whole float is a number, a fraction is not, what is negative is unknown."""
    read = read_at(place, number)
    if number < 0:
        assert read is None
    elif number.is_integer():
        assert (read, type(read)) == (int(number), int)
    else:
        assert read == ("a whole number", "a number")


@given(places_of("measure"), st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**25), 10**25))
def test_measures(place: Place, number: float) -> None:
    """By "a negative latency or percentage is `None`", measures are numbers from zero up."""
    read = read_at(place, number)
    assert read == (None if number < 0 else float(number))
    assert type(read) in (float, type(None))
    assert read is None or (read >= 0 and math.isfinite(read))


@given(places_of("text"), st.text(st.characters(codec=None)))
def test_lone_surrogates(place: Place, text: str) -> None:
    """By "a lone surrogate costs that character", every text reads, and only that character is replaced."""
    assert read_at(place, text) == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
