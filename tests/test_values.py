"""What `flowrun_notifications.values` promises."""

from __future__ import annotations

import copy
import json
import pickle
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter, ValidationError

from flowrun_notifications.values import EMPTY_BAG, Bag, Count, Measure, Open, OrEmpty, WireModel, own

COUNT: TypeAdapter[int | None] = TypeAdapter(Count)
MEASURE: TypeAdapter[float | None] = TypeAdapter(Measure)

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
    "negative means unknown": (-1, None, None),
    "negative float": (-0.5, None, None),
    "negative text": ("-1", None, None),
    "negative fraction as text": ("-0.5", None, None),
    "null": (None, None, None),
    "empty text": ("", None, None),
}
"""What a payload may hold, as a count and as a measure."""

NO_NUMBERS: dict[str, object] = {
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
    "list": [5],
    "object": {"count": 5},
}
"""What a payload may hold instead of a number, and is none."""


def read_twice(adapter: TypeAdapter[Any], value: object) -> list[object]:
    """The value as read from decoded JSON and from JSON text."""
    return [adapter.validate_python(value), adapter.validate_json(json.dumps(value))]


def problems_twice(adapter: TypeAdapter[Any], value: object) -> list[list[tuple[object, ...]]]:
    """What is wrong with the value, as decoded JSON and as JSON text: type, place and words of each problem."""
    with pytest.raises(ValidationError) as decoded:
        adapter.validate_python(value)
    with pytest.raises(ValidationError) as text:
        adapter.validate_json(json.dumps(value))
    return [
        [(problem["type"], problem["loc"], problem["msg"]) for problem in caught.value.errors()]
        for caught in (decoded, text)
    ]


class TestNumbers:
    """Rule 2: counts, sizes, latencies and percentages."""

    @pytest.mark.parametrize(("value", "count"), [row[:2] for row in NUMBERS.values()], ids=NUMBERS.keys())
    def test_count(self, value: object, count: int | None) -> None:
        """A count is a whole number or unknown."""
        read = read_twice(COUNT, value)
        assert (read, {type(number) for number in read}) == ([count, count], {type(count)})

    @pytest.mark.parametrize(("value", "measure"), [row[::2] for row in NUMBERS.values()], ids=NUMBERS.keys())
    def test_measure(self, value: object, measure: float | None) -> None:
        """A measure is a float or unknown."""
        read = read_twice(MEASURE, value)
        assert (read, {type(number) for number in read}) == ([measure, measure], {type(measure)})

    @pytest.mark.parametrize("value", [0.5, 99.5, "99.5"])
    def test_only_measures_have_fractions(self, value: object) -> None:
        """A fraction is a measure, and a problem as a count."""
        assert read_twice(MEASURE, value) == [float(str(value))] * 2
        assert problems_twice(COUNT, value) == [[("integer", (), "expected a whole number")]] * 2

    @pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS.keys())
    def test_no_count(self, value: object) -> None:
        """What is no number is one problem, in words that do not name it."""
        assert problems_twice(COUNT, value) == [[("integer", (), "expected a whole number")]] * 2

    @pytest.mark.parametrize("value", NO_NUMBERS.values(), ids=NO_NUMBERS.keys())
    def test_no_measure(self, value: object) -> None:
        """The same goes for measures."""
        assert problems_twice(MEASURE, value) == [[("number", (), "expected a number")]] * 2

    @pytest.mark.parametrize("value", [float("inf"), float("-inf")])
    @pytest.mark.parametrize("adapter", [COUNT, MEASURE], ids=["count", "measure"])
    def test_infinity(self, adapter: TypeAdapter[Any], value: float) -> None:
        """Infinity is no number."""
        with pytest.raises(ValidationError):
            adapter.validate_python(value)

    def test_beyond_floats(self) -> None:
        """A whole number that no float holds is a count, and a problem as a measure."""
        assert read_twice(COUNT, str(10**309)) == [10**309] * 2
        assert problems_twice(MEASURE, str(10**309)) == [[("number", (), "expected a number")]] * 2

    def test_largest_float(self) -> None:
        """The largest that a float holds is a measure, as text too."""
        assert read_twice(MEASURE, str(int(sys.float_info.max))) == [sys.float_info.max] * 2
        assert problems_twice(MEASURE, str(int(sys.float_info.max) + 1)) == [[("number", (), "expected a number")]] * 2

    @given(st.integers(max_value=-1) | st.floats(max_value=-5e-324, allow_infinity=False))
    def test_negative_numbers_never_count(self, value: float) -> None:
        """No negative number is ever a number of things."""
        assert (COUNT.validate_python(value), MEASURE.validate_python(value)) == (None, None)

    @pytest.mark.parametrize(("adapter", "name"), [(COUNT, "integer"), (MEASURE, "number")], ids=["count", "measure"])
    def test_json_schema(self, adapter: TypeAdapter[Any], name: str) -> None:
        """Numbers may be read from text; what a model dumps is a number or null."""
        assert [adapter.json_schema(mode="validation"), adapter.json_schema(mode="serialization")] == [
            {"anyOf": [{"type": name}, {"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": name}, {"type": "null"}]},
        ]


class Inner(WireModel, frozen=True):
    """A part of a part."""

    text: str | None = None


class Outer(WireModel, frozen=True):
    """A part with one field of each kind."""

    number: Count = None
    bag: Bag = EMPTY_BAG
    anything: Open = None
    part: Annotated[Inner, OrEmpty()] = Inner()
    parts: Annotated[tuple[Inner, ...], OrEmpty()] = ()


class TestAbsence:
    """Rule 3: what is absent, null or empty."""

    @pytest.mark.parametrize("payload", ["{}", '{"bag": null, "part": null, "parts": null, "anything": null}'])
    def test_absent_and_null_are_empty(self, payload: str) -> None:
        """An absent or null bag is {}, an object an empty one, a list (), anything else None."""
        assert [Outer.model_validate_json(payload), Outer.model_validate(json.loads(payload))] == [
            Outer(number=None, bag={}, anything=None, part=Inner(text=None), parts=())
        ] * 2

    def test_empty_object_says_nothing(self) -> None:
        """An empty object is the same as an absent one, and none of its values is zero."""
        assert Outer.model_validate_json('{"part": {}, "bag": {}, "parts": []}') == Outer()

    @pytest.mark.parametrize(
        ("payload", "problem"),
        [
            ({"bag": []}, ("dict_type", ("bag",))),
            ({"bag": "text"}, ("dict_type", ("bag",))),
            ({"parts": {}}, ("tuple_type", ("parts",))),
            ({"parts": "text"}, ("tuple_type", ("parts",))),
            ({"parts": [{}, {"text": 1}]}, ("string_type", ("parts", 1, "text"))),
        ],
    )
    def test_wrong_kinds_are_problems(self, payload: dict[str, Any], problem: tuple[object, ...]) -> None:
        """Something else where an object or list belongs is one problem, with its place, rather than empty."""
        assert [[problem[:2] for problem in found] for found in problems_twice(TypeAdapter(Outer), payload)] == [
            [problem]
        ] * 2

    @pytest.mark.parametrize("part", [[], "text", 1, True])
    def test_wrong_kind_of_part_is_a_problem(self, part: object) -> None:
        """Something else where a part belongs is one problem, rather than an empty part."""
        found = problems_twice(TypeAdapter(Outer), {"part": part})
        assert [[problem[1] for problem in problems] for problems in found] == [[("part",)]] * 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def containers(value: JsonValue) -> Iterator[JsonValue]:
    """Every list and object of a JSON value."""
    if isinstance(value, (dict, list)):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


ANY_JSON: dict[str, Any] = {"a": [1, {"b": [None, True, "text", 1.5]}], "c": {}}


class TestOpenJson:
    """Open JSON is kept as it came and handed out as copies."""

    FIELDS = ("bag", "anything", "unknown")

    @staticmethod
    def outer() -> Outer:
        """A model that holds the same JSON in a bag, in an open field, and under an unknown key."""
        return Outer.model_validate_json(json.dumps(dict.fromkeys(TestOpenJson.FIELDS, ANY_JSON)))

    @pytest.mark.parametrize("field", FIELDS)
    def test_kept_as_it_came(self, field: str) -> None:
        """Open JSON reads as the JSON it was."""
        assert getattr(self.outer(), field) == ANY_JSON

    @pytest.mark.parametrize("field", FIELDS)
    def test_handed_out_as_a_copy(self, field: str) -> None:
        """Changing what a model hands out, at any depth, does not change the model."""
        outer = self.outer()
        getattr(outer, field)["a"][1]["b"].append("changed")
        getattr(outer, field)["new"] = "changed"
        assert outer == self.outer()

    @pytest.mark.parametrize("field", FIELDS)
    def test_input_is_not_held(self, field: str) -> None:
        """Changing what a model was made from does not change the model, nor does making it change the input."""
        payload = copy.deepcopy(ANY_JSON)
        outer = Outer.model_validate({field: payload})
        assert payload == ANY_JSON
        payload["a"][1]["b"].append("changed")
        assert getattr(outer, field) == ANY_JSON

    @pytest.mark.parametrize("field", FIELDS)
    def test_iterating_hands_out_copies(self, field: str) -> None:
        """So does `dict(model)`."""
        outer = self.outer()
        dict(outer)[field]["a"].append("changed")
        assert outer == self.outer()

    @pytest.mark.parametrize("field", FIELDS)
    def test_dumping_hands_out_copies(self, field: str) -> None:
        """So does `model_dump`."""
        outer = self.outer()
        outer.model_dump()[field]["a"].append("changed")
        assert outer == self.outer()

    def test_model_extra_is_a_copy(self) -> None:
        """So does `model_extra`."""
        outer = self.outer()
        extra = outer.model_extra
        extra["unknown"]["a"].append("changed")
        extra["new"] = "changed"
        assert outer.model_extra == {"unknown": ANY_JSON}

    def test_empty_bags_are_copies_too(self) -> None:
        """The bag that all absent ones share cannot be changed through any of them."""
        bag = Outer().bag
        bag["new"] = "changed"
        assert (Outer().bag, EMPTY_BAG) == ({}, {})

    def test_unknown_attribute(self) -> None:
        """An attribute that is neither a field nor a key that came is an AttributeError."""
        with pytest.raises(AttributeError, match=r"^'Outer' object has no attribute 'missing'$"):
            Outer().missing  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    @pytest.mark.parametrize("field", ["bag", "anything"])
    def test_class_attribute(self, field: str) -> None:
        """As pydantic has it, a field is no attribute of the class."""
        with pytest.raises(AttributeError, match=rf"^{field}$"):
            getattr(Outer, field)

    @given(JSON)
    def test_own(self, value: JsonValue) -> None:
        """A copy equals its original and shares no list or object with it."""
        copied = own(value)
        assert copied == value
        assert not {id(node) for node in containers(copied)} & {id(node) for node in containers(value)}


class TestFrozen:
    """Models do not change."""

    CHANGES = ("number", "bag", "anything", "part", "parts", "unknown", "new")

    @pytest.mark.parametrize("name", CHANGES)
    def test_setting(self, name: str) -> None:
        """No attribute can be set, known or unknown."""
        outer = TestOpenJson.outer()
        with pytest.raises(ValidationError, match="frozen"):
            setattr(outer, name, None)
        assert outer == TestOpenJson.outer()

    @pytest.mark.parametrize("name", ["number", "bag", "anything", "part", "parts", "unknown"])
    def test_deleting(self, name: str) -> None:
        """No attribute can be deleted."""
        outer = TestOpenJson.outer()
        with pytest.raises(ValidationError, match="frozen"):
            delattr(outer, name)
        assert outer == TestOpenJson.outer()


class TestEquality:
    """Equality and hashes."""

    def test_null_equals_absent(self) -> None:
        """Whether a key was null or absent makes no difference."""
        assert Outer.model_validate_json('{"number": null, "bag": null, "part": null}') == Outer()

    @pytest.mark.parametrize(
        "other",
        [
            {"number": 1},
            {"bag": {"a": 1}},
            {"anything": 1},
            {"part": {"text": "a"}},
            {"parts": [{"text": None}]},
            {"part": {"unknown": 1}},
            {"unknown": None},
        ],
    )
    def test_every_difference_counts(self, other: dict[str, Any]) -> None:
        """Models that differ in anything, an unknown key or open JSON among it, are not equal."""
        assert Outer.model_validate(other) != Outer()

    def test_equal_models_have_equal_hashes(self) -> None:
        """Models that are equal hash the same, however they were made."""
        made: list[Any] = [
            Outer.model_validate_json('{"number": "5", "bag": {"a": [1]}, "x": 1, "part": {"text": "t"}}'),
            Outer.model_validate({"number": 5.0, "bag": {"a": [1]}, "x": 1, "part": {"text": "t"}}),
            Outer(number=5, bag={"a": [1]}, part=Inner(text="t"), x=1),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        ]
        assert len(set(made)) == 1

    def test_hash_tells_known_values_apart(self) -> None:
        """Models that differ in a known value hash apart, so that sets and dicts of them stay fast."""
        assert len({hash(Outer(number=number)) for number in range(100)}) == 100

    def test_different_classes(self) -> None:
        """Parts of different kinds are not equal, even where neither says anything."""

        class Other(WireModel, frozen=True):
            """A part like `Inner`."""

            text: str | None = None

        other: object = Other()
        assert (Inner() == other, hash(Inner()) == hash(other)) == (False, False)


AGAIN: dict[str, Callable[[Outer], Outer]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "model_copy": lambda outer: outer.model_copy(),
    "deep model_copy": lambda outer: outer.model_copy(deep=True),
    "pickle": lambda outer: pickle.loads(pickle.dumps(outer)),
    "JSON": lambda outer: Outer.model_validate_json(outer.model_dump_json()),
    "dump": lambda outer: Outer.model_validate(outer.model_dump()),
}
"""The ways to a second model that says the same."""


@pytest.mark.parametrize("again", AGAIN.values(), ids=AGAIN.keys())
def test_round_trips(again: Callable[[Outer], Outer]) -> None:
    """A copy in whatever way is equal, hashes the same, and hands out copies of its open JSON in its turn."""
    outer = TestOpenJson.outer()
    copied = again(outer)
    assert (copied, hash(copied)) == (outer, hash(outer))
    copied.bag["a"].append("changed")
    assert copied == outer


@pytest.mark.parametrize(("length", "shown"), [(100, "x" * 100), (101, "x" * 100 + "…")])
def test_repr(length: int, shown: str) -> None:
    """A part shows what it says in full or at its first 100 characters, and neither open JSON nor what is absent."""

    class Part(WireModel, frozen=True):
        name: str | None = None
        count: Count = None
        size: Count = None
        params: Bag = EMPTY_BAG
        details: Open = None

    part = Part.model_validate({"name": "x" * length, "count": 5, "params": {"a": 1}, "details": ["b"], "unknown": "c"})
    assert repr(part) == f"Part(name='{shown}', count=5)"
