"""What `flowrun_notifications.timestamps` promises."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pydantic
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from flowrun_notifications.timestamps import Instant, Stamp, to_epoch, to_utc

UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

INSTANT: TypeAdapter[datetime | None] = TypeAdapter(Instant)
STAMP: TypeAdapter[datetime | None] = TypeAdapter(Stamp)

READ: dict[str, tuple[object, datetime | None]] = {
    "seconds": (1590512053, datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC)),
    "milliseconds": (1597213529158, datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=UTC)),
    "the documented placeholder": (87473822, datetime(1972, 10, 9, 10, 17, 2, tzinfo=UTC)),
    "largest seconds": (20_000_000_000, datetime(2603, 10, 11, 11, 33, 20, tzinfo=UTC)),
    "smallest milliseconds": (20_000_000_001, datetime(1970, 8, 20, 11, 33, 20, 1000, tzinfo=UTC)),
    "largest negative seconds": (-20_000_000_000, datetime(1336, 3, 23, 12, 26, 40, tzinfo=UTC)),
    "smallest negative milliseconds": (-20_000_000_001, datetime(1969, 5, 14, 12, 26, 39, 999000, tzinfo=UTC)),
    "one second before 1970": (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "fraction of a second": (1590512053.25, datetime(2020, 5, 26, 16, 54, 13, 250000, tzinfo=UTC)),
    "first instant": (-62_135_596_800_000, datetime(1, 1, 1, tzinfo=UTC)),
    "last millisecond": (253_402_300_799_999, datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
    "seconds as text": ("1590512053", datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC)),
    "milliseconds as text": ("1591632364092", datetime(2020, 6, 8, 16, 6, 4, 92000, tzinfo=UTC)),
    "largest seconds as text": ("20000000000", datetime(2603, 10, 11, 11, 33, 20, tzinfo=UTC)),
    "smallest milliseconds as text": ("20000000001", datetime(1970, 8, 20, 11, 33, 20, 1000, tzinfo=UTC)),
    "negative text": ("-1", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
    "fraction as text": ("1590512053.25", datetime(2020, 5, 26, 16, 54, 13, 250000, tzinfo=UTC)),
    "ISO 8601 in UTC": ("2023-10-17T21:45:02Z", datetime(2023, 10, 17, 21, 45, 2, tzinfo=UTC)),
    "ISO 8601 with milliseconds": ("2023-10-17T21:45:02.123Z", datetime(2023, 10, 17, 21, 45, 2, 123000, tzinfo=UTC)),
    "ISO 8601 in another zone": ("2023-10-17T23:45:02+02:00", datetime(2023, 10, 17, 21, 45, 2, tzinfo=UTC)),
    "ISO 8601 without a zone": ("2023-10-17T21:45:02", datetime(2023, 10, 17, 21, 45, 2, tzinfo=UTC)),
    "ISO 8601 date": ("2023-10-17", datetime(2023, 10, 17, tzinfo=UTC)),
    "null": (None, None),
    "empty text": ("", None),
}
"""Everything that a payload may hold as a time, 0 apart."""

ZERO: dict[str, object] = {"number": 0, "float": 0.0, "text": "0", "ISO 8601 without a zone": "1970-01-01T00:00:00"}

UNREADABLE: dict[str, object] = {
    "true": True,
    "false": False,
    "word": "yesterday",
    "time of day": "12:00",
    "ISO 8601 duration": "PT5M",
    "list": [1590512053],
    "object": {"seconds": 1590512053},
    "after the year 9999": 253_402_300_800_000,
    "before the year 1": "0001-01-01T00:00:00+01:00",
    "huge": 10**30,
}
"""What a payload may hold instead of a time, and is none."""

EXPECTED = "expected an epoch or ISO 8601 text"


@pytest.mark.parametrize(("value", "instant"), READ.values(), ids=READ.keys())
class TestReading:
    """Rule 1, for every value that is a time."""

    def test_to_utc(self, value: object, instant: datetime | None) -> None:
        """A time is read as the instant it means."""
        assert to_utc(value) == instant

    def test_instant_of_decoded_json(self, value: object, instant: datetime | None) -> None:
        """A field of a model reads the same."""
        assert INSTANT.validate_python(value) == instant

    def test_instant_of_json_text(self, value: object, instant: datetime | None) -> None:
        """A field of a model that is validated while decoding reads the same."""
        assert INSTANT.validate_json(json.dumps(value)) == instant

    def test_stamp(self, value: object, instant: datetime | None) -> None:
        """A stamp reads the same wherever the value is not 0."""
        assert (STAMP.validate_python(value), STAMP.validate_json(json.dumps(value))) == (instant, instant)

    def test_zone_is_utc(self, value: object, instant: datetime | None) -> None:
        """Every instant is aware and in UTC, whatever zone it was given in."""
        read = [to_utc(value), INSTANT.validate_python(value), STAMP.validate_python(value)]
        assert [None if it is None else it.utcoffset() for it in read] == [
            None if instant is None else timedelta(0)
        ] * 3


@pytest.mark.skipif(not hasattr(clock, "tzset"), reason="the zone of the machine cannot be set here")
class TestZoneOfTheMachine:
    """The zone of the machine has no part in it."""

    @pytest.fixture(autouse=True)
    def far_from_utc(self) -> Iterator[None]:
        """A zone that is not UTC, for as long as a test runs."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", "XXX-05:30")
            clock.tzset()
            yield
        clock.tzset()

    @pytest.mark.parametrize("text", ["2023-10-17T21:45:02", "2023-10-17T23:45:02+02:00"])
    def test_to_utc(self, text: str) -> None:
        """Text with a zone and without one is read in UTC wherever the program runs."""
        assert str(to_utc(text)) == "2023-10-17 21:45:02+00:00"


@pytest.mark.parametrize("zero", ZERO.values(), ids=ZERO.keys())
class TestZero:
    """0 is 1970, except where Adobe writes it for "never"."""

    def test_instant(self, zero: object) -> None:
        """0 is an instant like any other."""
        assert (INSTANT.validate_python(zero), INSTANT.validate_json(json.dumps(zero))) == (EPOCH, EPOCH)

    def test_stamp(self, zero: object) -> None:
        """0 in a stamp means never."""
        assert (STAMP.validate_python(zero), STAMP.validate_json(json.dumps(zero))) == (None, None)


@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
class TestRefusing:
    """What is no time is refused, in one and the same sentence."""

    def test_to_utc(self, value: object) -> None:
        """Whatever is no time says so without naming the value."""
        with pytest.raises(PydanticCustomError) as caught:
            to_utc(value)
        assert (caught.value.type, str(caught.value), caught.value.__cause__) == ("instant", EXPECTED, None)

    @pytest.mark.parametrize("adapter", [INSTANT, STAMP], ids=["instant", "stamp"])
    def test_fields(self, value: object, adapter: TypeAdapter[Any]) -> None:
        """A field of a model reports one problem, from decoded JSON and from text alike."""
        with pytest.raises(ValidationError) as decoded:
            adapter.validate_python(value)
        with pytest.raises(ValidationError) as text:
            adapter.validate_json(json.dumps(value))
        problems = [caught.value.errors(include_input=False, include_url=False) for caught in (decoded, text)]
        assert problems == [[{"type": "instant", "loc": (), "msg": EXPECTED}]] * 2


@pytest.mark.xfail(
    pydantic.VERSION.startswith("2.11."),
    strict=True,
    reason="pydantic 2.11 takes a fraction of a millisecond for one of a second",
)
class TestFractionOfAMillisecond:
    """Finer times than Adobe writes, as numbers."""

    INSTANT = datetime(2020, 8, 12, 6, 25, 29, 158250, tzinfo=UTC)

    def test_reading(self) -> None:
        """A fraction of a millisecond is read."""
        assert (to_utc(1597213529158.25), INSTANT.validate_json("1597213529158.25")) == (self.INSTANT, self.INSTANT)

    def test_writing(self) -> None:
        """It is written as one."""
        assert to_epoch(self.INSTANT) == 1597213529158.25


class TestPythonTimes:
    """Models may be built in Python too."""

    @pytest.mark.parametrize("adapter", [INSTANT, STAMP], ids=["instant", "stamp"])
    def test_aware_datetime_is_kept(self, adapter: TypeAdapter[Any]) -> None:
        """A datetime in UTC is taken as it is."""
        instant = datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC)
        assert adapter.validate_python(instant) is instant

    @pytest.mark.parametrize("adapter", [INSTANT, STAMP], ids=["instant", "stamp"])
    def test_other_zone_is_converted(self, adapter: TypeAdapter[Any]) -> None:
        """A datetime in another zone becomes UTC."""
        read = adapter.validate_python(datetime(2020, 5, 26, 18, 54, 13, tzinfo=timezone(timedelta(hours=2))))
        assert (read, read.utcoffset()) == (datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC), timedelta(0))

    def test_naive_datetime_is_utc(self) -> None:
        """A datetime or date without a zone is UTC, as text without one is."""
        naive = datetime(2020, 5, 26, 16, 54, 13)  # noqa: DTZ001
        assert [to_utc(naive), to_utc(date(2020, 5, 26))] == [
            datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC),
            datetime(2020, 5, 26, tzinfo=UTC),
        ]

    @pytest.mark.parametrize("value", [time(12), timedelta(days=1), float("nan"), float("inf")])
    def test_other_objects_are_refused(self, value: object) -> None:
        """A time of day, a duration and what is no number are no instants."""
        with pytest.raises(PydanticCustomError, match=f"^{EXPECTED}$"):
            to_utc(value)


class TestToEpoch:
    """Writing an instant as Flow Service does."""

    @pytest.mark.parametrize(
        ("instant", "epoch"),
        [
            (datetime(2020, 8, 12, 6, 25, 29, 158000, tzinfo=UTC), 1597213529158),
            (datetime(2020, 5, 26, 16, 54, 13, tzinfo=UTC), 1590512053000),
            (EPOCH, 0),
            (datetime(1970, 8, 20, 11, 33, 20, tzinfo=UTC), 20_000_000),
            (datetime(1970, 8, 20, 11, 33, 20, 1000, tzinfo=UTC), 20_000_000_001),
            (datetime(1969, 5, 14, 12, 26, 40, tzinfo=UTC), -20_000_000),
            (datetime(1969, 5, 14, 12, 26, 39, 999000, tzinfo=UTC), -20_000_000_001),
            (datetime(1969, 12, 31, 23, 59, 59, 500000, tzinfo=UTC), -0.5),
            (datetime(2603, 10, 11, 11, 33, 20, tzinfo=UTC), 20_000_000_000_000),
            (datetime(1, 1, 1, tzinfo=UTC), -62_135_596_800_000),
        ],
    )
    def test_unit(self, instant: datetime, epoch: float) -> None:
        """Milliseconds, but seconds where these would be read as seconds; whole unless the instant is finer."""
        written = to_epoch(instant)
        assert (written, type(written)) == (epoch, type(epoch))

    def test_other_zones(self) -> None:
        """The zone of the instant does not matter."""
        assert to_epoch(datetime(2020, 5, 26, 18, 54, 13, tzinfo=timezone(timedelta(hours=2)))) == 1590512053000

    @given(st.integers(min_value=-62_135_596_800_000, max_value=253_402_300_799_999))
    def test_round_trip_of_milliseconds(self, milliseconds: int) -> None:
        """Every millisecond of the years 1 to 9999 is written as a whole number that reads as the same instant."""
        instant = EPOCH + timedelta(milliseconds=milliseconds)
        written = to_epoch(instant)
        assert to_utc(written) == instant
        assert isinstance(written, int) or abs(milliseconds) <= 20_000_000_000

    @given(st.integers(min_value=-62_135_596_800_000_000, max_value=253_402_300_799_999_999))
    @example(253_402_300_799_999_999)
    @example(9_007_199_254_740_981)
    def test_round_trip_of_microseconds(self, microseconds: int) -> None:
        """Every microsecond is written as what reads as the same instant, a number or ISO 8601 text."""
        instant = EPOCH + microseconds * MICROSECOND
        assert to_utc(to_epoch(instant)) == instant

    def test_too_fine_for_a_number(self) -> None:
        """An instant that no number holds is ISO 8601 text."""
        instant = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
        assert to_epoch(instant) == "9999-12-31T23:59:59.999999+00:00"


@pytest.mark.parametrize("adapter", [INSTANT, STAMP], ids=["instant", "stamp"])
class TestJsonSchema:
    """A time in JSON Schema."""

    def test_what_is_read(self, adapter: TypeAdapter[Any]) -> None:
        """What is read may be a number, text or null."""
        assert adapter.json_schema(mode="validation") == {
            "anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]
        }

    def test_what_is_written(self, adapter: TypeAdapter[Any]) -> None:
        """What a model dumps is ISO 8601 text or null."""
        assert adapter.json_schema(mode="serialization") == {
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]
        }
