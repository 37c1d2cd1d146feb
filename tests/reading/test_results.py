"""Tests of `ParseResult`: everything in a payload, accounted for."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from flowrun_notifications import (
    Alert,
    FlowRun,
    InvalidFlowRunError,
    OtherMessage,
    ParseResult,
    PartialParseError,
    ValidationRequest,
    parse_all,
)

RUN: dict[str, Any] = {"id": "r-1", "flowId": "f-1"}
BROKEN: dict[str, Any] = {"id": "r-2", "flowId": "f-1", "createdAt": "soon"}
ALERT: dict[str, Any] = {"status": "FIRING", "name": "delay"}
BATCH: list[Any] = [ALERT, RUN, {"x": 1}, BROKEN, {"validationUrl": "https://example.com"}, RUN]


def test_account() -> None:
    """Runs, other messages and errors are in document order, and together they are the items."""
    result = parse_all(BATCH)
    assert [type(item) for item in result.items] == [
        Alert,
        FlowRun,
        OtherMessage,
        InvalidFlowRunError,
        ValidationRequest,
        FlowRun,
    ]
    assert [run.delivery.path for run in result.runs] == ["[1]", "[5]"]
    assert [other.path for other in result.others] == ["[0]", "[2]", "[4]"]
    assert [error.path for error in result.errors] == ["[3]"]
    assert [item for item in result.items if isinstance(item, FlowRun)] == list(result.runs)
    assert [item for item in result.items if isinstance(item, OtherMessage)] == list(result.others)
    assert [item for item in result.items if isinstance(item, InvalidFlowRunError)] == list(result.errors)


def test_match() -> None:
    """A match statement answers a whole subscription."""
    answers: list[str] = []
    for item in parse_all(BATCH).items:
        match item:
            case FlowRun(id=id_):
                answers.append(f"run {id_}")
            case InvalidFlowRunError():
                answers.append("broken run")
            case Alert(name=name):
                answers.append(f"alert {name}")
            case ValidationRequest(validation_url=url):
                answers.append(f"validate {url}")
            case OtherMessage():
                answers.append("other")
    assert answers == ["alert delay", "run r-1", "other", "broken run", "validate https://example.com", "run r-1"]


class TestRaising:
    """`raise_for_errors`."""

    def test_broken(self) -> None:
        """With broken runs it raises an error that holds everything."""
        result = parse_all(BATCH)
        with pytest.raises(PartialParseError) as caught:
            result.raise_for_errors()
        assert (caught.value.runs, caught.value.others, caught.value.errors) == (
            result.runs,
            result.others,
            result.errors,
        )

    @pytest.mark.parametrize("payload", [[], [RUN], [ALERT], [RUN, ALERT, 5]])
    def test_sound(self, payload: list[Any]) -> None:
        """Other messages are not errors."""
        parse_all(payload).raise_for_errors()


class TestSequences:
    """`others` and `items`, whose other messages are made when somebody asks."""

    @pytest.mark.parametrize("name", ["others", "items"])
    def test_sequence(self, name: str) -> None:
        """They behave as tuples do."""
        entries: Sequence[Any] = getattr(parse_all([ALERT, RUN, {"x": 1}, ALERT]), name)
        plain = tuple(entries)
        assert isinstance(entries, Sequence)
        assert (len(entries), entries[0], entries[-1], tuple(entries[1:]), tuple(entries[::-1])) == (
            len(plain),
            plain[0],
            plain[-1],
            plain[1:],
            plain[::-1],
        )
        assert (
            entries == plain,
            plain == entries,
            entries == entries[:],
            entries == [*plain],
            entries != plain[:1],
        ) == (
            True,
            True,
            True,
            False,
            True,
        )
        assert (hash(entries), repr(entries)) == (hash(plain), repr(plain))
        assert (plain[1] in entries, entries.index(plain[1]), entries.count(plain[0])) == (
            True,
            1,
            plain.count(plain[0]),
        )
        with pytest.raises(IndexError):
            entries[len(plain)]

    @pytest.mark.parametrize("payload", [[], [RUN], [BROKEN, RUN]])
    def test_without_others(self, payload: list[Any]) -> None:
        """Without other messages they are tuples."""
        result = parse_all(payload)
        assert (result.others, type(result.items), len(result.items)) == ((), tuple, len(payload))

    def test_tiny_messages(self) -> None:
        """However many other messages there are, none is made before somebody asks."""
        result = parse_all([{"a": i} for i in range(2_000)])
        alive = sum(isinstance(thing, OtherMessage) for thing in gc.get_objects())
        assert (len(result.others), result.others[1_999].content) == (2_000, {"a": 1_999})
        assert alive < 2_000


AGAIN: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda result: pickle.loads(pickle.dumps(result))]
"""Ways to a copy."""


class TestValue:
    """A result as a value."""

    def test_equality(self) -> None:
        """Results of equal payloads are equal."""
        assert parse_all([RUN, ALERT]) == parse_all([RUN, ALERT]) != parse_all([RUN, RUN])
        assert parse_all([]) == ParseResult((), (), (), ())

    def test_frozen(self) -> None:
        """It does not change."""
        with pytest.raises(FrozenInstanceError):
            parse_all([]).runs = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    def test_repr(self) -> None:
        """It shows how many there are of each, and no values."""
        assert repr(parse_all(BATCH)) == "<ParseResult runs=2 others=3 errors=1>"

    @pytest.mark.parametrize("again", AGAIN)
    def test_copies(self, again: Any) -> None:
        """It can be copied and pickled, with all that it holds."""
        result = parse_all(BATCH)
        copied = again(result)
        assert (copied.runs, copied.others, list(map(str, copied.errors))) == (
            result.runs,
            result.others,
            list(map(str, result.errors)),
        )
        assert [type(item) for item in copied.items] == [type(item) for item in result.items]
