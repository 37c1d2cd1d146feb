"""Tests of what every model has in common: unknown keys, equality, hashes, dumps, representation."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any

import pytest
from pydantic import ConfigDict, Field, ValidationError

from flowrun_notifications._models.values import AnyJSON, Count, JSONObject, NullAsEmpty
from flowrun_notifications._models.wire_model import WireModel


class Inner(WireModel, frozen=True):
    """A part of a part."""

    text: str | None = None


class Outer(WireModel, frozen=True):
    """A part with one field of each kind."""

    number: Count = None
    bag: JSONObject = Field(default_factory=dict)
    anything: AnyJSON = None
    part: Annotated[Inner, NullAsEmpty()] = Inner()
    parts: Annotated[tuple[Inner, ...], NullAsEmpty()] = ()


ANY_JSON: dict[str, Any] = {"a": [1, {"b": [None, True, "text", 1.5]}], "c": {}}
FULL: dict[str, Any] = {
    "number": 5,
    "bag": ANY_JSON,
    "anything": ANY_JSON,
    "part": {"text": "t", "own": [1]},
    "parts": [{"text": "u"}, {}],
    "unknown": ANY_JSON,
}


def read(payload: dict[str, Any]) -> Outer:
    """Return a payload as a model; JSON text must give an equal one."""
    model = Outer.model_validate(payload)
    assert Outer.model_validate_json(json.dumps(payload)) == model
    return model


class TestAbsence:
    """Keys that are absent, null or empty."""

    @pytest.mark.parametrize(
        "payload",
        [
            {},
            {"number": None, "bag": None, "anything": None, "part": None, "parts": None},
            {"bag": {}, "part": {}, "parts": []},
        ],
        ids=["absent", "null", "empty"],
    )
    def test_empty(self, payload: dict[str, Any]) -> None:
        """Absent, null and empty read alike, and never as zero."""
        assert read(payload) == Outer(number=None, bag={}, anything=None, part=Inner(text=None), parts=())

    @pytest.mark.parametrize(
        ("payload", "problem"),
        [
            ({"bag": [1]}, ("dict_type", ("bag",))),
            ({"bag": "text"}, ("dict_type", ("bag",))),
            ({"parts": {"text": "t"}}, ("tuple_type", ("parts",))),
            ({"parts": "text"}, ("tuple_type", ("parts",))),
            ({"parts": [{}, {"text": 1}]}, ("string_type", ("parts", 1, "text"))),
            ({"part": [1]}, ("model_type", ("part",))),
            ({"part": True}, ("model_type", ("part",))),
        ],
    )
    def test_wrong_kind(self, payload: dict[str, Any], problem: tuple[object, ...]) -> None:
        """A value of another kind is one problem, with its place, rather than empty."""
        with pytest.raises(ValidationError) as caught:
            Outer.model_validate(payload)
        assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [problem]
        with pytest.raises(ValidationError) as caught:
            Outer.model_validate_json(json.dumps(payload))
        assert [error["loc"] for error in caught.value.errors()] == [problem[1]]


class TestUnknownKeys:
    """Keys that no field has."""

    def test_readable(self) -> None:
        """An unknown key is readable by its name, and in `model_extra`, at every level."""
        outer = read(FULL)
        assert (outer.unknown, outer.part.own) == (ANY_JSON, [1])  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        assert (outer.model_extra, outer.part.model_extra, outer.parts[0].model_extra) == (
            {"unknown": ANY_JSON},
            {"own": [1]},
            {},
        )

    def test_missing(self) -> None:
        """An attribute that is neither a field nor a key raises AttributeError."""
        with pytest.raises(AttributeError, match=r"^'Outer' object has no attribute 'missing'$"):
            Outer().missing  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

    @pytest.mark.parametrize("name", ["__html__", "__array_interface__", "__len__", "__dataclass_fields__"])
    def test_dunder_names(self, name: str) -> None:
        """A name that begins with two underscores is kept, but never served: Jinja and numpy ask for such names."""
        outer = read({name: "mine"})
        assert (hasattr(outer, name), outer.model_extra) == (False, {name: "mine"})
        with pytest.raises(AttributeError, match=rf"^'Outer' object has no attribute '{name}'$"):
            getattr(outer, name)

    def test_plain_dicts(self) -> None:
        """Open JSON is handed out as plain dicts and lists."""
        outer = read(FULL)
        assert [type(value) for value in (outer.bag, outer.bag["a"], outer.anything, outer.model_extra)] == [
            dict,
            list,
            dict,
            dict,
        ]


class TestEquality:
    """Equality and hashes."""

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
        """Models that differ in anything are not equal."""
        assert read(other) != Outer()

    def test_equal_models_have_equal_hashes(self) -> None:
        """Equal models have equal hashes, however they were made."""
        made: list[Any] = [
            Outer.model_validate_json('{"number": "5", "bag": {"a": [1]}, "x": 1, "part": {"text": "t"}}'),
            Outer.model_validate({"number": 5.0, "bag": {"a": [1]}, "x": 1, "part": {"text": "t"}}),
            Outer(number=5, bag={"a": [1]}, part=Inner(text="t"), x=1),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        ]
        assert (len(set(made)), len({*map(hash, made)})) == (1, 1)

    def test_hashes_differ(self) -> None:
        """Models that differ in a known value have different hashes, so that sets of them stay fast."""
        assert len({hash(Outer(number=number)) for number in range(100)}) == 100

    def test_cached_property(self) -> None:
        """A property that a subclass caches changes neither equality nor hash."""

        class Caching(Outer, frozen=True):
            """A model with a cached property."""

            @cached_property
            def doubled(self) -> int:
                """The number twice."""
                return 2 * (self.number or 0)

        asked, fresh = Caching(number=2), Caching(number=2)
        assert asked.doubled == 4
        assert (asked == fresh, hash(asked) == hash(fresh)) == (True, True)

    def test_different_classes(self) -> None:
        """Models of different classes are not equal, even where neither says anything."""

        class Other(WireModel, frozen=True):
            """A model like `Inner`."""

            text: str | None = None

        other: object = Other()
        assert (Inner() == other, hash(Inner()) == hash(other)) == (False, False)


class TestFrozen:
    """Models do not change."""

    @pytest.mark.parametrize("name", ["number", "bag", "part", "unknown", "new"])
    def test_no_attribute_can_be_set(self, name: str) -> None:
        """No attribute can be set, known or unknown."""
        outer = read(FULL)
        with pytest.raises(ValidationError, match="frozen"):
            setattr(outer, name, None)
        assert outer == read(FULL)

    def test_input_is_not_held(self) -> None:
        """A later change of the input does not change the model, nor does reading change the input."""
        payload = copy.deepcopy(FULL)
        outer = Outer.model_validate(payload)
        assert payload == FULL
        payload["bag"]["a"].append("changed")
        payload["unknown"]["a"].append("changed")
        payload["part"]["own"].append("changed")
        assert outer == read(FULL)


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
    """A copy is equal, hashes the same, and has the same unknown keys, however it is made."""
    outer = read(FULL)
    copied = again(outer)
    assert (copied, hash(copied), copied.model_extra) == (outer, hash(outer), {"unknown": ANY_JSON})


@pytest.mark.parametrize(("length", "shown"), [(100, "x" * 100), (101, "x" * 100 + "…")])
def test_repr(length: int, shown: str) -> None:
    """A model shows long texts cut, and neither open JSON nor anything absent."""

    class Part(WireModel, frozen=True):
        name: str | None = None
        count: Count = None
        size: Count = None
        params: JSONObject = Field(default_factory=dict)
        details: AnyJSON = None

    part = Part.model_validate({"name": "x" * length, "count": 5, "params": {"a": 1}, "details": ["b"], "unknown": "c"})
    assert repr(part) == f"Part(name='{shown}', count=5)"


def test_errors_do_not_show_values() -> None:
    """An error of pydantic's names keys and types, and never the value."""
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"number": "secret", "part": {"text": ["secret"]}})
    assert "secret" not in str(caught.value)


def test_subclass_without_extra() -> None:
    """A subclass may ignore unknown keys."""

    class Closed(WireModel, frozen=True):
        model_config = ConfigDict(extra="ignore")

        number: Count = None

    assert Closed.model_validate({"number": 1, "other": 2}).model_extra == {}
