"""Strategies for single values, and for objects of them, drawn in few choices: every choice costs time.

Text is joined from a list of characters rather than drawn by ``st.text``, which takes seconds to prepare its tables
where no earlier test has left them on disk.
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

TEXTS = st.one_of(
    st.sampled_from(
        ("prod", "Loyalty members, hourly", "two\nlines", '"quoted" \\', "Größe 数据 🛰", "nul\0inside", "<b>&amp;", "")
    ),
    st.lists(st.sampled_from("aZ0 -_.:/@'{}[]\t\x1b\xa0\xe9\u0301\u200b\u202e\u2028\ufeff\U0001f6f0"), max_size=6).map(
        "".join
    ),
)
IDS = st.sampled_from(
    (
        "6d1f0c52-8f0b-4c5e-9a55-1f4f3c0a7b10",
        "4f008a00-3a04-11eb-adc1-0242ac120002",
        "test-7",
        "66d0aa11bb22cc33dd44ee55",
        "segment:0c8d",
        "1735725600000-1735729200000",
    )
) | st.uuids().map(str)
ID_LISTS = st.lists(IDS, max_size=2)

_UNKNOWN_NUMBERS = (-1, "-1", -1.0, -250, "")
COUNTS = st.integers(0, 10**6) | st.sampled_from((0, 1, 10**12, "0", "117", 117.0, *_UNKNOWN_NUMBERS))
NO_LOSSES = st.sampled_from((0, "0", 0.0, *_UNKNOWN_NUMBERS))
"""Counts of failures that say that nothing failed, or nothing at all."""

MEASURES = COUNTS | st.floats(0, 1e6)

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
_OPEN_KEYS = st.sampled_from(("adf/run/id", "incremental.batchId", "windowStart", "x", "")) | TEXTS
_FLAT_OBJECTS = st.dictionaries(_OPEN_KEYS, _SCALARS, max_size=2)
ANY_JSON = st.one_of(_SCALARS, st.lists(_SCALARS | _FLAT_OBJECTS, max_size=2), _FLAT_OBJECTS)
ANY_OBJECT = st.dictionaries(_OPEN_KEYS, ANY_JSON, max_size=2)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def _milliseconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(milliseconds=1)


_WAYS_TO_WRITE_TIMES: tuple[Callable[[datetime], float | str], ...] = (
    _milliseconds,
    lambda time: _milliseconds(time) // 1000,
    lambda time: _milliseconds(time) / 1000,
    lambda time: str(_milliseconds(time)),
    lambda time: str(_milliseconds(time) // 1000),
    lambda time: time.isoformat().replace("+00:00", "Z"),
    lambda time: time.astimezone(timezone(timedelta(hours=5, minutes=30))).isoformat(),
    lambda time: time.replace(tzinfo=None).isoformat(),
    # Never, or unknown.
    lambda _: 0,
    lambda _: -1,
    lambda _: "",
)


def _write_time(drawn: tuple[int, int, Callable[[datetime], float | str]]) -> float | str:
    days, milliseconds, write = drawn
    return write(_EPOCH + timedelta(days=days, milliseconds=milliseconds))


TIMES = st.tuples(
    st.integers(366, 47_481),  # the years 1971 to 2099
    st.integers(0, 86_399_999),
    st.sampled_from(_WAYS_TO_WRITE_TIMES),
).map(_write_time)


# --- objects --------------------------------------------------------------------------------------------------------

_UNKNOWN_KEYS = (
    *("futureKey", "xdm:future", "future key", ""),
    # Names of attributes and methods, and Python's own.
    *("flow_id", "record_summary", "errors", "summary", "delivery", "to_payload", "model_fields", "model_extra"),
    *("__class__", "__dict__", "__pydantic_extra__", "__proto__"),
)
_KEYS_PER_CHOICE = 7
_WAYS = 8
_NULL = 4
"""Of the ways to draw a key, those below leave it out, this one makes it null, and those above draw a value."""


def same_for(keys: str, values: st.SearchStrategy[Any]) -> Keys:
    """Return the same strategy for several keys."""
    return dict.fromkeys(keys.split(), values)


def objects(keys: Keys) -> st.SearchStrategy[JSONObject]:
    """Return a strategy for objects with each of these keys there, null or absent, and sometimes an unknown one."""
    entries = list(keys.items())
    groups = [entries[i : i + _KEYS_PER_CHOICE] for i in range(0, max(len(entries), 1), _KEYS_PER_CHOICE)]
    patterns = [st.integers(0, _WAYS ** (len(group) + 1) - 1) for group in groups]
    unknown_keys = st.sampled_from([key for key in _UNKNOWN_KEYS if key not in keys])
    return _draw_object(list(zip(patterns, groups, strict=True)), unknown_keys)


@st.composite
def _draw_object(
    draw: st.DrawFn,
    groups: list[tuple[st.SearchStrategy[int], list[tuple[str, st.SearchStrategy[Any]]]]],
    unknown_keys: st.SearchStrategy[str],
) -> JSONObject:
    """Draw an object. One number decides about several keys: each has an octal digit, unknown keys the first."""
    drawn: JSONObject = {}
    for patterns, entries in groups:
        pattern = draw(patterns)
        for key, values in entries:
            pattern, way = divmod(pattern, _WAYS)
            if way >= _NULL:
                drawn[key] = None if way == _NULL else draw(values)
        if pattern == _WAYS - 1:
            drawn[draw(unknown_keys)] = draw(ANY_JSON)
    return drawn
