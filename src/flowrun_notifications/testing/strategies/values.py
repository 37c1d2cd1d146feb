"""Strategies for single values, and for objects of them.

Each choice of Hypothesis costs time, and the first draw of a test may take a second in all. So one choice decides about
as much as it can: a number about a value and the way to write it, a byte about a key or a piece of text. ``st.text`` is
not used: where no earlier test has left its tables on disk, it takes seconds to prepare them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from flowrun_notifications.testing.samples import JSONObject

__all__ = [
    "ANY_JSON",
    "ANY_OBJECT",
    "COUNTS",
    "IDS",
    "ID_LISTS",
    "MEASURES",
    "NO_LOSSES",
    "TEXTS",
    "TIMES",
    "Keys",
    "objects",
    "same_for",
]

Keys = dict[str, st.SearchStrategy[Any]]
"""Values by key."""

_PIECES = (
    *("a", "Z9", " ", "\n", "\t", "\0", "\x1b", '"', "'", "\\", "{", "[", "]", "/", ".", ":", "<b>", "&amp;", "prod"),
    *("Größe", "e\u0301", "数据", "\U0001f6f0", "\xa0", "\u200b", "\u202e", "\u2028", "\ufeff", "Loyalty members"),
)
_IDS = (
    *("6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10", "4f008a00-3a04-11eb-adc1-0242ac120002", "66d0aa11bb22cc33dd44ee55"),
    *("test-7", "segment:0c8d", "dataset:66d0", "1735725600000-1735729200000", "a b"),
)


def _pick(pieces: tuple[str, ...]) -> Callable[[bytes], list[str]]:
    return lambda choices: [pieces[choice % len(pieces)] for choice in choices]


TEXTS = st.binary(max_size=4).map(_pick(_PIECES)).map("".join)
IDS = st.sampled_from(_IDS)
ID_LISTS = st.binary(max_size=2).map(_pick(_IDS))


def _write_count(drawn: int) -> int | float | str:
    number, way = divmod(drawn, 10)
    return (number, number, number, number, number * 10**6, str(number), float(number), -1 - number, "-1", "")[way]


COUNTS = st.integers(0, 10**6).map(_write_count)
"""Whole numbers in every way that Adobe writes them; negative ones and empty text mean that they are not known."""

NO_LOSSES = st.sampled_from((0, "0", 0.0, -1, "-1", -250, ""))
"""Counts of failures that say that nothing failed, or nothing at all."""

MEASURES = COUNTS | st.floats(0, 1e6)

_SCALARS = st.sampled_from((None, True, False, 0, -1, 0.5, -2e300, 10**30)) | TEXTS | st.integers(-(2**53), 2**53)
_FLAT_OBJECTS = st.dictionaries(TEXTS, _SCALARS, max_size=2)
ANY_JSON = _SCALARS | st.lists(_SCALARS | _FLAT_OBJECTS, max_size=2) | _FLAT_OBJECTS
ANY_OBJECT = st.dictionaries(st.sampled_from(("adf/run/id", "windowStart", "")) | TEXTS, ANY_JSON, max_size=2)

_YEAR_1971 = datetime(1971, 1, 1, tzinfo=timezone.utc)
_STEP = timedelta(minutes=44, milliseconds=7)  # as many as fit reach the year 2099
_INDIA = timezone(timedelta(hours=5, minutes=30))


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


_WAYS_TO_WRITE_TIMES: tuple[Callable[[datetime], float | str], ...] = (
    _milliseconds,
    lambda time: _milliseconds(time) // 1000,
    lambda time: _milliseconds(time) / 1000,
    lambda time: str(_milliseconds(time)),
    lambda time: str(_milliseconds(time) // 1000),
    lambda time: time.isoformat().replace("+00:00", "Z"),
    lambda time: time.astimezone(_INDIA).isoformat(),
    lambda time: time.replace(tzinfo=None).isoformat(),
    # Never, or unknown.
    lambda _: 0,
    lambda _: -1,
    lambda _: "",
)


def _write_time(number: int) -> float | str:
    steps, way = divmod(number, len(_WAYS_TO_WRITE_TIMES))
    return _WAYS_TO_WRITE_TIMES[way](_YEAR_1971 + steps * _STEP)


TIMES = st.integers(0, 2**24 - 1).map(_write_time)
"""Times of the years 1971 to 2099 in every way that Adobe writes them, and the values that mean "never"."""


# --- objects --------------------------------------------------------------------------------------------------------

_UNKNOWN_KEYS = (
    *("futureKey", "xdm:future", "future key", ""),
    # Names of attributes and methods, and Python's own.
    *("flow_id", "record_summary", "errors", "summary", "delivery", "to_payload", "model_fields", "model_extra"),
    *("__class__", "__dict__", "__pydantic_extra__", "__proto__"),
)
# Each key of an object has a drawn byte: it is absent, null, or has a value. Another byte is for an unknown key.
_ABSENT_BELOW = 96
_NULL_BELOW = 128
_UNKNOWN_FROM = 224


def same_for(keys: str, values: st.SearchStrategy[Any]) -> Keys:
    """Return the same strategy for several keys."""
    return dict.fromkeys(keys.split(), values)


def objects(keys: Keys) -> st.SearchStrategy[JSONObject]:
    """Return a strategy for objects with each of these keys there, null or absent, and sometimes an unknown one."""
    unknown_keys = st.sampled_from([key for key in _UNKNOWN_KEYS if key not in keys])
    return _draw_object(st.binary(min_size=len(keys) + 1, max_size=len(keys) + 1), keys, unknown_keys)


@st.composite
def _draw_object(
    draw: st.DrawFn, patterns: st.SearchStrategy[bytes], keys: Keys, unknown_keys: st.SearchStrategy[str]
) -> JSONObject:
    *pattern, unknown = draw(patterns)
    drawn: JSONObject = {}
    for byte, (key, values) in zip(pattern, keys.items(), strict=True):
        if byte >= _ABSENT_BELOW:
            drawn[key] = None if byte < _NULL_BELOW else draw(values)
    if unknown >= _UNKNOWN_FROM:
        drawn[draw(unknown_keys)] = draw(ANY_JSON)
    return drawn
