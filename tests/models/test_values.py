"""Tests of numbers, codes, empty parts and open JSON as values of a payload."""

from __future__ import annotations

import copy
import json
import sys
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from flowrun_notifications._models.values import (
    AnyJSON,
    Code,
    Count,
    InvalidAsDefault,
    JSONObject,
    Measure,
    NullAsEmpty,
    copy_json,
    count_text,
    is_list,
    is_object,
    printable,
)

COUNT: TypeAdapter[int | None] = TypeAdapter(Count)
MEASURE: TypeAdapter[float | None] = TypeAdapter(Measure)
CODE: TypeAdapter[str | None] = TypeAdapter(Code)

NUMBERS: dict[str, tuple[object, int | None, float | None]] = {
    "zero": (0, 0, 0.0),
    "zero as text": ("0", 0, 0.0),
    "zero float": (0.0, 0, 0.0),
    "whole": (5, 5, 5.0),
    "whole float": (5.0, 5, 5.0),
    "text": ("5", 5, 5.0),
    "text with a sign": ("+5", 5, 5.0),
    "text amid space": (" 5 ", 5, 5.0),
    "whole float as text": ("5.0", 5, 5.0),
    "beyond 64 bits": (2**64, 2**64, 1.8446744073709552e19),
    "beyond 64 bits as text": (str(2**64), 2**64, 1.8446744073709552e19),
    "beyond exact floats as text": (str(2**53 + 1), 2**53 + 1, 9007199254740992.0),
    "negative": (-1, None, None),
    "negative beyond 64 bits": (-(2**64), None, None),
    "negative float": (-0.5, None, None),
    "negative text": ("-1", None, None),
    "negative fraction as text": ("-0.5", None, None),
    "null": (None, None, None),
    "empty text": ("", None, None),
}
"""Values that a payload may hold, each as a count and as a measure."""

NOT_NUMBERS: dict[str, object] = {
    "true": True,
    "false": False,
    "word": "many",
    "space": " ",
    "exponent as text": "1e3",
    "separators": "1,000",
    "underscores": "1_000",
    "half a fraction": "5.",
    "hexadecimal": "0x10",
    "digits of another script": "\u0663",
    "space beyond ASCII": "\u00a05",
    "text of too many digits": "0" * 401,
    "beyond floats": 1e400,
    "list": [5],
    "empty list": [],
    "object": {"count": 5},
}

NOT_A_COUNT = [("integer", (), "expected a whole number")]
NOT_A_MEASURE = [("number", (), "expected a number")]


def read(adapter: TypeAdapter[Any], value: object) -> Any:
    """Return the value as read from decoded JSON; reading it from JSON text must give the same."""
    from_python, from_json = adapter.validate_python(value), adapter.validate_json(json.dumps(value))
    assert (from_json, type(from_json)) == (from_python, type(from_python))
    return from_python


def problems(adapter: TypeAdapter[Any], value: object) -> list[tuple[str, tuple[int | str, ...], str]]:
    """Return type, place and message of each problem; JSON text must have the same ones at the same places."""
    with pytest.raises(ValidationError) as from_python:
        adapter.validate_python(value)
    with pytest.raises(ValidationError) as from_json:
        adapter.validate_json(json.dumps(value))
    first, second = (caught.value.errors() for caught in (from_python, from_json))
    assert [(error["type"], error["loc"]) for error in first] == [(error["type"], error["loc"]) for error in second]
    return [(error["type"], error["loc"], error["msg"]) for error in first]


class TestNumbers:
    """Counts, sizes, latencies and percentages."""

    @pytest.mark.parametrize(("value", "count"), [row[:2] for row in NUMBERS.values()], ids=NUMBERS.keys())
    def test_count(self, value: object, count: int | None) -> None:
        """A count is a whole number, or None where it is negative, null or empty."""
        number = read(COUNT, value)
        assert (number, type(number)) == (count, type(count))

    @pytest.mark.parametrize(("value", "measure"), [row[::2] for row in NUMBERS.values()], ids=NUMBERS.keys())
    def test_measure(self, value: object, measure: float | None) -> None:
        """A measure is a float, or None where it is negative, null or empty."""
        number = read(MEASURE, value)
        assert (number, type(number)) == (measure, type(measure))

    @pytest.mark.parametrize("value", [0.5, 99.5, "99.5"])
    def test_only_measures_have_fractions(self, value: object) -> None:
        """A fraction is a measure, and a problem as a count."""
        assert read(MEASURE, value) == float(str(value))
        assert problems(COUNT, value) == NOT_A_COUNT

    @pytest.mark.parametrize("value", NOT_NUMBERS.values(), ids=NOT_NUMBERS.keys())
    def test_not_a_number(self, value: object) -> None:
        """Anything else is one problem, whose message does not show the value."""
        assert (problems(COUNT, value), problems(MEASURE, value)) == (NOT_A_COUNT, NOT_A_MEASURE)

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_not_finite(self, value: float) -> None:
        """NaN and Infinity, which only Python can give, are problems too."""
        for adapter, expected in ((COUNT, NOT_A_COUNT), (MEASURE, NOT_A_MEASURE)):
            with pytest.raises(ValidationError) as caught:
                adapter.validate_python(value)
            assert [(error["type"], error["loc"], error["msg"]) for error in caught.value.errors()] == expected

    def test_largest_measure(self) -> None:
        """A whole number that no float holds is a count, and a problem as a measure."""
        largest = int(sys.float_info.max)
        assert read(MEASURE, str(largest)) == sys.float_info.max
        assert read(COUNT, str(10**309)) == 10**309
        assert problems(MEASURE, str(largest + 1)) == problems(MEASURE, str(10**309)) == NOT_A_MEASURE

    @pytest.mark.parametrize(("adapter", "name"), [(COUNT, "integer"), (MEASURE, "number")], ids=["count", "measure"])
    def test_json_schema(self, adapter: TypeAdapter[Any], name: str) -> None:
        """A number may be read from text; a dump writes a number or null."""
        assert [adapter.json_schema(mode="validation"), adapter.json_schema(mode="serialization")] == [
            {"anyOf": [{"type": name}, {"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": name}, {"type": "null"}]},
        ]


class TestCode:
    """Error codes."""

    @pytest.mark.parametrize(
        ("value", "code"),
        [("C-1", "C-1"), ("", ""), (1001, "1001"), (0, "0"), (-5, "-5"), (2**70, str(2**70)), (None, None)],
    )
    def test_text(self, value: object, code: str | None) -> None:
        """A code is text; a whole number is read as its text."""
        assert read(CODE, value) == code

    @pytest.mark.parametrize("value", [True, 1.5, 1.0, [], ["C-1"], {}, {"code": "C-1"}])
    def test_not_a_code(self, value: object) -> None:
        """Anything else is one problem."""
        assert problems(CODE, value) == [("code", (), "expected text or a whole number")]

    def test_json_schema(self) -> None:
        """A code may be read from a whole number; a dump writes text or null."""
        assert [CODE.json_schema(mode="validation"), CODE.json_schema(mode="serialization")] == [
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ]


OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(JSONObject)
TEXTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(Annotated[tuple[str, ...], NullAsEmpty()])
ANY_JSON: dict[str, Any] = {"a": [1, {"b": [None, True, "text", 1.5]}], "c": {}}


class TestNullAsEmpty:
    """Parts that are empty rather than None."""

    def test_null(self) -> None:
        """Null is the empty object or list that an absent key stands for."""
        assert (read(OBJECT, None), read(TEXTS, None)) == ({}, ())

    def test_new_each_time(self) -> None:
        """Two empty objects are never the same object."""
        assert OBJECT.validate_python(None) is not OBJECT.validate_python(None)

    @pytest.mark.parametrize("value", ["text", 5, True, [], [1]])
    def test_wrong_kind_of_object(self, value: object) -> None:
        """Anything else where an object belongs is one problem."""
        assert [problem[:2] for problem in problems(OBJECT, value)] == [("dict_type", ())]

    @pytest.mark.parametrize("value", ["text", 5, True, {}])
    def test_wrong_kind_of_list(self, value: object) -> None:
        """Anything else where a list belongs is one problem."""
        assert [problem[:2] for problem in problems(TEXTS, value)] == [("tuple_type", ())]

    def test_stops_at_the_first_wrong_entry(self) -> None:
        """Of a list the first wrong entry is reported: a list may hold a million of them."""
        assert [problem[:2] for problem in problems(TEXTS, ["a", 1, 2, 3])] == [("string_type", (1,))]

    def test_json_schema(self) -> None:
        """Null may be read; a dump never writes it."""
        texts = {"type": "array", "items": {"type": "string"}}
        assert [TEXTS.json_schema(mode="validation"), TEXTS.json_schema(mode="serialization")] == [
            {"anyOf": [texts, {"type": "null"}]},
            texts,
        ]


class TestInvalidAsDefault:
    """Details that never break what they stand in."""

    def test_invalid(self) -> None:
        """An invalid value reads as the default."""
        adapter: TypeAdapter[str | None] = TypeAdapter(Annotated[str | None, InvalidAsDefault(None)])
        assert (read(adapter, 5), read(adapter, "text")) == (None, "text")


class TestOpenJSON:
    """JSON whose keys nobody lists."""

    ANYTHING: TypeAdapter[Any] = TypeAdapter(AnyJSON)

    @pytest.mark.parametrize("value", [ANY_JSON, [ANY_JSON], "text", 5, 1.5, True, None])
    def test_as_it_came(self, value: object) -> None:
        """It reads, and is dumped, as it came."""
        assert read(self.ANYTHING, value) == self.ANYTHING.dump_python(value) == value

    def test_input_is_not_held(self) -> None:
        """A later change of the input does not change what was read from it."""
        value = copy.deepcopy(ANY_JSON)
        kept = self.ANYTHING.validate_python(value)
        value["a"][1]["b"].append("changed")
        assert kept == ANY_JSON

    def test_copy(self) -> None:
        """A copy shares no list and no object with its original."""
        copied = copy_json(ANY_JSON)
        assert copied == ANY_JSON
        copied["a"][1]["b"].append("changed")
        copied["c"]["new"] = "changed"
        assert ANY_JSON == {"a": [1, {"b": [None, True, "text", 1.5]}], "c": {}}


def test_kinds() -> None:
    """Decoded JSON has objects and lists; anything else is neither."""
    values: list[object] = [{}, [], (), "text", None, 5]
    assert ([*map(is_object, values)], [*map(is_list, values)]) == (
        [True, False, False, False, False, False],
        [False, True, False, False, False, False],
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two words é 🛰", "two words é 🛰"),
        (" two\r\n\twords\u2028more\x0b\x85 ", "two words more"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\u202eb\u2066c\u200fd\u061c", "a\\u202eb\\u2066c\\u200fd\\u061c"),
        ("\U000e0001\ud800\ufeff", "\\U000e0001\\ud800\\ufeff"),
    ],
    ids=["plain", "white space", "control characters", "bidirectional", "others"],
)
def test_printable(text: str, line: str) -> None:
    """A text becomes one line; control and bidirectional characters are escaped."""
    assert printable(text) == line


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (1_234_567, "1,234,567 records")]
)
def test_count_text(number: int, text: str) -> None:
    """A count is written with its unit, in the plural but for one."""
    assert count_text(number, "record") == text


def test_count_text_with_gap() -> None:
    """The gap between number and unit can be another one."""
    assert count_text(2, "byte", "\u00a0") == "2\u00a0bytes"
