"""Tests of times: epochs in seconds or milliseconds and ISO 8601 text, all as aware UTC datetimes."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, SchemaValidator

from flowrun_notifications._models import timestamps
from flowrun_notifications._models.timestamps import UTC, Instant, to_epoch, to_utc

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MICROSECOND = timedelta(microseconds=1)
INSTANT: TypeAdapter[datetime | None] = TypeAdapter(Instant)


def utc(*numbers: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(*numbers, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]


READ: dict[str, tuple[object, datetime | None]] = {
    "seconds": (1590512053, utc(2020, 5, 26, 16, 54, 13)),
    "milliseconds": (1597213529158, utc(2020, 8, 12, 6, 25, 29, 158000)),
    "the documented placeholder": (87473822, utc(1972, 10, 9, 10, 17, 2)),
    "one second": (1, utc(1970, 1, 1, 0, 0, 1)),
    "largest seconds": (20_000_000_000, utc(2603, 10, 11, 11, 33, 20)),
    "smallest milliseconds": (20_000_000_001, utc(1970, 8, 20, 11, 33, 20, 1000)),
    "just above the boundary": (20_000_000_000.5, utc(1970, 8, 20, 11, 33, 20, 500)),
    "fraction of a second": (1590512053.25, utc(2020, 5, 26, 16, 54, 13, 250000)),
    "fraction of a millisecond": (1597213529158.25, utc(2020, 8, 12, 6, 25, 29, 158250)),
    "whole float": (1597213529158.0, utc(2020, 8, 12, 6, 25, 29, 158000)),
    "last millisecond": (253_402_300_799_999, utc(9999, 12, 31, 23, 59, 59, 999000)),
    "seconds as text": ("1590512053", utc(2020, 5, 26, 16, 54, 13)),
    "milliseconds as text": ("1591632364092", utc(2020, 6, 8, 16, 6, 4, 92000)),
    "text amid space": (" 1591632364092\n", utc(2020, 6, 8, 16, 6, 4, 92000)),
    "text with a sign": ("+1591632364092", utc(2020, 6, 8, 16, 6, 4, 92000)),
    "largest seconds as text": ("20000000000", utc(2603, 10, 11, 11, 33, 20)),
    "smallest milliseconds as text": ("20000000001", utc(1970, 8, 20, 11, 33, 20, 1000)),
    "just above the boundary as text": ("20000000000.5", utc(1970, 8, 20, 11, 33, 20, 500)),
    "fraction as text": ("1590512053.25", utc(2020, 5, 26, 16, 54, 13, 250000)),
    "half a second as text": (".5", utc(1970, 1, 1, 0, 0, 0, 500000)),
    "exponent as text": ("1.592e12", utc(2020, 6, 12, 22, 13, 20)),
    "upper case exponent as text": ("1592E9", utc(2020, 6, 12, 22, 13, 20)),
    "ISO 8601 in UTC": ("2023-10-17T21:45:02Z", utc(2023, 10, 17, 21, 45, 2)),
    "ISO 8601 with milliseconds": ("2023-10-17T21:45:02.123Z", utc(2023, 10, 17, 21, 45, 2, 123000)),
    "ISO 8601 in another zone": ("2023-10-17T23:45:02+02:00", utc(2023, 10, 17, 21, 45, 2)),
    "ISO 8601 without a zone": ("2023-10-17T21:45:02", utc(2023, 10, 17, 21, 45, 2)),
    "ISO 8601 date": ("2023-10-17", utc(2023, 10, 17)),
    "null": (None, None),
    "empty text": ("", None),
    "space": (" \n", None),
    "zero": (0, None),
    "zero float": (0.0, None),
    "zero as text": ("0", None),
    "ISO 8601 of the epoch": ("1970-01-01T00:00:00Z", None),
    "ISO 8601 of the epoch without a zone": ("1970-01-01", None),
    "ISO 8601 before the epoch": ("1969-12-31T23:59:59Z", None),
    "ISO 8601 before the epoch in another zone": ("1970-01-01T01:00:00+02:00", None),
    "less than a microsecond": (1e-9, None),
    "negative": (-1, None),
    "negative milliseconds": (-20_000_000_001, None),
    "negative beyond 64 bits": (-(10**30), None),
    "negative float": (-0.5, None),
    "negative text": ("-1", None),
}
"""Every kind of value that reads as a time, or as none."""

UNREADABLE: dict[str, object] = {
    "true": True,
    "false": False,
    "word": "yesterday",
    "time of day": "12:00",
    "ISO 8601 duration": "PT5M",
    "underscores": "1_590_512_053",
    "digits of another script": "\u0661\u0665",
    "text of too many digits": "1" * 401,
    "list": [1590512053],
    "object": {"seconds": 1590512053},
    "after the year 9999": 253_402_300_800_000,
    "after the year 9999 as text": "9999-12-31T23:59:59-01:00",
    "before the year 1": "0001-01-01T00:00:00+01:00",
    "huge": 10**30,
    "huge as text": "1e300",
    "beyond floats": 1e400,
    "beyond floats as text": "1e400",
}

EXPECTED = "expected an epoch or ISO 8601 text"


class TestReading:
    """Values that are times."""

    @pytest.mark.parametrize(("value", "instant"), READ.values(), ids=READ.keys())
    def test_value(self, value: object, instant: datetime | None) -> None:
        """A time reads the same by the function, as decoded JSON and as JSON text."""
        read = [to_utc(value), INSTANT.validate_python(value), INSTANT.validate_json(json.dumps(value))]
        assert read == [instant] * 3

    @pytest.mark.parametrize("value", [value for value, instant in READ.values() if instant])
    def test_zone(self, value: object) -> None:
        """All times have equal zones, so that pandas makes one column of them."""
        read = [to_utc(value), INSTANT.validate_python(value), INSTANT.validate_json(json.dumps(value))]
        assert [instant and instant.tzinfo for instant in read] == [UTC] * 3

    @pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE.keys())
    def test_refused(self, value: object) -> None:
        """Anything else is one problem, whose message does not show the value."""
        with pytest.raises(PydanticCustomError) as refused:
            to_utc(value)
        assert (refused.value.type, str(refused.value), refused.value.__cause__) == ("instant", EXPECTED, None)
        with pytest.raises(ValidationError) as from_python:
            INSTANT.validate_python(value)
        with pytest.raises(ValidationError) as from_json:
            INSTANT.validate_json(json.dumps(value))
        for caught in (from_python, from_json):
            problems = caught.value.errors(include_input=False, include_url=False)
            assert problems == [{"type": "instant", "loc": (), "msg": EXPECTED}]

    @given(st.floats(20_000_000_000, 253_402_300_799_999) | st.floats(0.001, 20_000_000_000))
    @example(20_000_000_000.000004)
    def test_fractions(self, epoch: float) -> None:
        """A fraction reads the same wherever it is validated, whichever pydantic is installed."""
        read = to_utc(epoch)
        assert INSTANT.validate_python(epoch) == INSTANT.validate_json(json.dumps(epoch)) == read

    @pytest.mark.skipif(not hasattr(clock, "tzset"), reason="the zone of the machine cannot be set here")
    @pytest.mark.parametrize("text", ["2023-10-17T21:45:02", "2023-10-17T23:45:02+02:00"])
    @pytest.mark.usefixtures("far_from_utc")
    def test_zone_of_the_machine(self, text: str) -> None:
        """The zone of the machine does not matter."""
        assert str(to_utc(text)) == "2023-10-17 21:45:02+00:00"

    @pytest.fixture
    def far_from_utc(self) -> Iterator[None]:
        """Set the machine's zone to one far from UTC."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", "XXX-05:30")
            clock.tzset()
            yield
        clock.tzset()

    def test_where_core_reads_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Times read the same where core takes fractions of milliseconds for seconds, as that of pydantic 2.11 does."""
        reads_otherwise: Callable[[float], bool] = lambda _: False  # noqa: E731
        monkeypatch.setattr(timestamps, "_reads_alike", reads_otherwise)
        validator = SchemaValidator(timestamps._core_schema())  # pyright: ignore[reportPrivateUsage]
        values = [value for value, _ in READ.values()]
        assert [validator.validate_python(value) for value in values] == [to_utc(value) for value in values]


class TestPythonTimes:
    """Times of models that are made in Python."""

    def test_utc(self) -> None:
        """A datetime in UTC is kept."""
        assert INSTANT.validate_python(utc(2020, 5, 26, 16, 54, 13)) == utc(2020, 5, 26, 16, 54, 13)

    def test_other_zone(self) -> None:
        """A datetime in another zone becomes UTC."""
        there = datetime(2020, 5, 26, 18, 54, 13, tzinfo=timezone(timedelta(hours=2)))
        read = INSTANT.validate_python(there)
        assert (read, read and read.utcoffset()) == (utc(2020, 5, 26, 16, 54, 13), timedelta(0))

    @pytest.mark.parametrize("naive", [datetime(2020, 5, 26), date(2020, 5, 26)])  # noqa: DTZ001
    def test_naive(self, naive: date) -> None:
        """A datetime or date without a zone is UTC, as text without one is."""
        assert to_utc(naive) == INSTANT.validate_python(naive) == utc(2020, 5, 26)

    @pytest.mark.parametrize("value", [time(12), timedelta(days=1), float("nan"), float("inf"), object()])
    def test_others(self, value: object) -> None:
        """Other objects are refused."""
        with pytest.raises(PydanticCustomError, match=f"^{EXPECTED}$"):
            to_utc(value)
        with pytest.raises(ValidationError):
            INSTANT.validate_python(value)


class TestToEpoch:
    """Times as Flow Service writes them."""

    @pytest.mark.parametrize(
        ("instant", "epoch"),
        [
            (utc(2020, 8, 12, 6, 25, 29, 158000), 1597213529158),
            (utc(2020, 5, 26, 16, 54, 13), 1590512053000),
            (utc(2020, 8, 12, 6, 25, 29, 158250), 1597213529158.25),
            (utc(1970, 8, 20, 11, 33, 20), 20_000_000),
            (utc(1970, 8, 20, 11, 33, 20, 1000), 20_000_000_001),
            (utc(1970, 1, 1, 0, 0, 0, 500000), 0.5),
            (utc(2603, 10, 11, 11, 33, 20), 20_000_000_000_000),
            (utc(9999, 12, 31, 23, 59, 59, 999000), 253_402_300_799_999),
            (utc(9999, 12, 31, 23, 59, 59, 999999), "9999-12-31T23:59:59.999999+00:00"),
            (datetime(2020, 5, 26, 18, 54, 13, tzinfo=timezone(timedelta(hours=2))), 1590512053000),
        ],
        ids=str,
    )
    def test_unit(self, instant: datetime, epoch: float | str) -> None:
        """Milliseconds; seconds where those would be misread; text where no number is fine enough."""
        written = to_epoch(instant)
        assert (written, type(written)) == (epoch, type(epoch))

    @given(st.integers(1, 253_402_300_799_999))
    def test_milliseconds(self, milliseconds: int) -> None:
        """Every millisecond is written as a number that reads as the same instant, a whole one beyond August 1970."""
        instant = EPOCH + timedelta(milliseconds=milliseconds)
        written = to_epoch(instant)
        assert to_utc(written) == instant
        assert isinstance(written, int) or milliseconds <= 20_000_000_000

    @given(st.integers(1, 253_402_300_799_999_999))
    @example(253_402_300_799_999_999)
    @example(9_007_199_254_740_981)
    def test_microseconds(self, microseconds: int) -> None:
        """Every microsecond is written as a number or text that reads as the same instant."""
        instant = EPOCH + microseconds * MICROSECOND
        assert to_utc(to_epoch(instant)) == instant


def test_json_schema() -> None:
    """A time may be read from a number or text; a dump writes ISO 8601 text or null."""
    assert [INSTANT.json_schema(mode="validation"), INSTANT.json_schema(mode="serialization")] == [
        {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]},
        {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
    ]
