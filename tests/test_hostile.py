"""Hostile input: each kind of it, and what it is answered with.

How much time and memory it takes beside `json.loads` is measured in the benchmarks. Here work is counted in calls: twice
the input must not take more than about twice the calls.
"""

from __future__ import annotations

import base64
import gc
import inspect
import json
import sys
import tracemalloc
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from types import FrameType
from typing import Any, cast

import pytest
from fuzz.oracle import outcome

from flowrun_notifications import (
    FlowRun,
    InvalidFlowRunError,
    InvalidJSONError,
    NotAFlowRunError,
    OtherMessage,
    ParseResult,
    Payload,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications.testing import Wrapper, make_payload, make_record, wrap

MILLION = 1_000_000
RUN = b'"id":"r","flowId":"f"'


def in_run(value: bytes) -> bytes:
    """Return a run with a value under an unknown key."""
    return b"{%s,%s:%s}" % (RUN, b'"x"', value)


def hint(error: InvalidJSONError) -> str:
    """Return a message without its position, which is in the attributes too."""
    text = str(error)
    position = f" (line {error.line}, column {error.column})"
    return text.removesuffix(position) if error.line is not None else text


# --- what is not JSON -----------------------------------------------------------------------------------------------

TOO_DEEP = "the payload nests too deeply"
UTF_16 = "the payload is not UTF-8; its first bytes look like UTF-16 or UTF-32"
NOT_JSON = "the payload is not JSON: "

NO_JSON: dict[str, tuple[bytes, str]] = {
    "lists 100,000 deep": (b"[" * 100_000 + b"]" * 100_000, TOO_DEEP),
    "objects 100,000 deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, TOO_DEEP),
    "lists 100,000 deep, not closed": (b"[" * 100_000, TOO_DEEP),
    "lists 100,000 deep in an unknown key": (in_run(b"[" * 100_000 + b"]" * 100_000), TOO_DEEP),
    "lists 100,000 deep in an open object": (
        b'{%s,"params":{"x":%s}}' % (RUN, b"[" * 100_000 + b"]" * 100_000),
        TOO_DEEP,
    ),
    "events 10,000 deep": (b'{"event":' * 10_000 + b"{%s}" % RUN + b"}" * 10_000, TOO_DEEP),
    "messages 10,000 deep": (b'{"messages":[{"value":' * 10_000 + b"{%s}" % RUN + b"}]}" * 10_000, TOO_DEEP),
    "an integer of a million digits": (b"1" * MILLION, NOT_JSON),
    "an integer of 10,000 digits": (in_run(b"9" * 10_000), NOT_JSON),
    "a negative integer of 10,000 digits": (b'{%s,"createdAt":-%s}' % (RUN, b"9" * 10_000), NOT_JSON),
    "NaN": (in_run(b"NaN"), NOT_JSON + "NaN is not a number in JSON"),
    "Infinity": (in_run(b"Infinity"), NOT_JSON + "Infinity is not a number in JSON"),
    "negative Infinity": (in_run(b"-Infinity"), NOT_JSON + "-Infinity is not a number in JSON"),
    "NaN as a count": (
        b'{%s,"metrics":{"sizeSummary":{"inputBytes":NaN}}}' % RUN,
        NOT_JSON + "NaN is not a number in JSON",
    ),
    "a million spaces": (b" " * MILLION, "the payload is empty"),
    "a million line breaks and a bracket": (b"\n" * MILLION + b"[", NOT_JSON),
    "a million backslashes": (b'"' + b"\\" * MILLION, NOT_JSON),
    "a million quotes": (b'"' * MILLION, NOT_JSON),
    "a million slashes": (b"/" * MILLION, NOT_JSON),
    "a lone surrogate in broken JSON": (b'{"id":"\\ud800"', NOT_JSON),
    "half a surrogate": (b'{"id":"\\ud8"}', NOT_JSON),
    "overlong UTF-8": (b'{"id":"\xc0\xaf","flowId":"f"}', NOT_JSON),
    "a surrogate in UTF-8": (b'{"id":"\xed\xa0\x80","flowId":"f"}', NOT_JSON),
    "beyond Unicode": (b'{"id":"\xf4\x90\x80\x80","flowId":"f"}', NOT_JSON),
    "Latin-1": ('{"id":"é","flowId":"f"}'.encode("latin-1"), NOT_JSON),
    "UTF-16": ('{"id":"r","flowId":"f"}'.encode("utf-16"), UTF_16),
    "UTF-16 without mark": ('{"id":"r","flowId":"f"}'.encode("utf-16-le"), UTF_16),
    "UTF-32": ('{"id":"r","flowId":"f"}'.encode("utf-32-be"), UTF_16),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + b"{}", NOT_JSON),
    "a byte order mark alone": (b"\xef\xbb\xbf", "the payload is empty"),
    "a NUL byte in text": (b'{"id":"a\0","flowId":"f"}', NOT_JSON),
    "a NUL byte after the end": (b"{%s}\0" % RUN, NOT_JSON),
    "two payloads": (b"{%s}{%s}" % (RUN, RUN), NOT_JSON),
    "a comment": (b"{/* c */%s}" % RUN, NOT_JSON),
    "a trailing comma": (b"{%s,}" % RUN, NOT_JSON),
    "Python": (b"{'id': None}", NOT_JSON),
    "nothing": (b"", "the payload is empty"),
}


@pytest.mark.parametrize("name", NO_JSON)
def test_what_is_not_json(name: str) -> None:
    """What is not JSON, or is beyond what JSON decoders take, is refused as such, with where and why."""
    payload, wanted = NO_JSON[name]
    for read in (parse, parse_all):
        with pytest.raises(InvalidJSONError) as caught:
            read(payload)
        assert hint(caught.value).startswith(wanted)
        assert hint(caught.value) == wanted or wanted == NOT_JSON
        assert caught.value.line is not None
        assert caught.value.column is not None


def cyclic() -> Any:
    """Return a list that holds itself, among dicts."""
    inner: list[Any] = []
    inner.append({"event": inner})
    return inner


def deep(levels: int) -> Any:
    """Return nested lists."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


class Endless(Mapping[str, Any]):
    """A mapping whose only value is another one of its kind."""

    def __getitem__(self, key: str) -> Any:
        return Endless()

    def __iter__(self) -> Iterator[str]:
        return iter(["event"])

    def __len__(self) -> int:
        return 1


def nan_beside_itself() -> Any:
    """Return a dict that holds itself, and NaN as a key."""
    node: dict[Any, Any] = {float("nan"): 1}
    node["x"] = node
    return node


NO_DECODED_JSON: dict[str, tuple[Any, str]] = {
    "a list that holds itself": (cyclic(), "it holds itself"),
    "lists 100,000 deep": (deep(100_000), "it nests too deeply"),
    "mappings without end": (Endless(), "it nests too deeply"),
    "NaN": ({"id": float("nan")}, "it holds NaN at id, which is not a number in JSON"),
    "infinite": ([float("-inf")], "it holds -Infinity at [0], which is not a number in JSON"),
    "NaN as a key": ({float("nan"): 1}, "it holds NaN at nan, which is not a number in JSON"),
    "NaN in a mapping": (UserDict({"a": [float("nan")]}), "it holds NaN at a[0], which is not a number in JSON"),
    "NaN in what holds itself": (nan_beside_itself(), "it holds NaN at nan, which is not a number in JSON"),
    "10,000 digits": ([10**10_000], "it holds a number that JSON does not have"),
    "a set": ({"id": {1}}, "a set cannot stand in JSON"),
    "bytes within": ({"id": b"r"}, "a bytes cannot stand in JSON"),
    "a date": ([datetime(2020, 1, 1, tzinfo=timezone.utc)], "a datetime cannot stand in JSON"),
    "a class": ([FlowRun], "a ModelMetaclass cannot stand in JSON"),
    "an iterator": (iter([5]), "a list_iterator cannot stand in JSON"),
}


@pytest.mark.parametrize("name", NO_DECODED_JSON)
def test_what_is_no_decoded_json(name: str) -> None:
    """Decoded input that JSON cannot hold is refused as such; its message names types, not values."""
    payload, wanted = NO_DECODED_JSON[name]
    with pytest.raises(InvalidJSONError) as caught:
        parse(payload)
    assert str(caught.value) == f"the payload is not decoded JSON: {wanted}"
    assert (caught.value.line, caught.value.column) == (None, None)


# --- what is a run all the same -------------------------------------------------------------------------------------

UNKNOWN: dict[str, tuple[bytes, Any]] = {
    "190 lists deep": (b"[" * 190 + b"]" * 190, deep(189)),
    "an integer of 4,300 digits": (b"9" * 4_300, 10**4_300 - 1),
    "a million digits after the point": (b"0." + b"1" * MILLION, 1 / 9),
    "a million escapes": (b'"' + b"\\u0041" * MILLION + b'"', "A" * MILLION),
    "a NUL escape": (b'"\\u0000"', "\0"),
    "lone surrogates": (b'"a\\ud800b\\udc00\\ud800"', "a\ufffdb\ufffd\ufffd"),
    "surrogates the wrong way round": (b'"\\udc00\\ud800"', "\ufffd\ufffd"),
    "a surrogate before a pair": (b'"\\ud83d\\ud83d\\ude00"', "\ufffd\U0001f600"),
    "an escaped backslash before what looks like a surrogate": (b'"\\\\ud800\\ud800"', "\\ud800\ufffd"),
    "a pair of surrogates": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "minus zero": (b"-0.0", 0.0),
    "a tiny number": (b"1e-400", 0.0),
    "a repeated key": (b'{"a":1,"a":2}', {"a": 2}),
    "__proto__": (b'{"__proto__":{"polluted":true}}', {"__proto__": {"polluted": True}}),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_hostile_values_are_kept(name: str) -> None:
    """A hostile value under an unknown key or in an open object is kept, and costs nothing else."""
    value, wanted = UNKNOWN[name]
    run = parse(in_run(value))
    assert (run.id, run.flow_id, run.model_extra) == ("r", "f", {"x": wanted})
    assert parse(b'{%s,"params":{"x":%s}}' % (RUN, value)).params == {"x": wanted}


@pytest.mark.parametrize("name", ["id", "flowId"])
def test_lone_surrogates_in_ids(name: str) -> None:
    """A lone surrogate in an id costs that character, never the notification; from text as well."""
    record = {**make_record(), name: "a\ud800b"}
    for payload in (record, json.dumps(record), json.dumps(record).encode(), json.dumps(record, ensure_ascii=False)):
        assert parse(payload).to_payload()[name] == "a\ufffdb"


def test_byte_order_mark() -> None:
    """A byte order mark is ignored, before text, before bytes and in a body."""
    text = json.dumps(make_record())
    assert parse("\ufeff" + text) == parse(text)
    assert parse(b"\xef\xbb\xbf" + text.encode()) == parse(text)
    for body in ("\ufeff" + text, base64.b64encode(b"\xef\xbb\xbf" + text.encode()).decode()):
        assert parse({"__ow_body": body}) == parse({"__ow_body": text})


ATTRIBUTES = (
    *("model_fields", "model_extra", "model_config", "model_fields_set", "model_dump", "model_copy", "copy", "json"),
    *(
        "errors",
        "causes",
        "status",
        "summary",
        "succeeded",
        "started_at",
        "to_payload",
        "delivery",
        "flow_id",
        "metrics",
    ),
)
DUNDERS = (
    *("__class__", "__dict__", "__init__", "__eq__", "__hash__", "__slots__", "__getattr__", "__reduce__", "__proto__"),
    *("__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_validator__", "__pydantic_private__"),
)


@pytest.mark.parametrize("key", [*ATTRIBUTES, *DUNDERS])
def test_keys_that_look_like_attributes(key: str) -> None:
    """A key that looks like an attribute, a method or Python's own is an unknown key, and stands in for nothing."""
    plain = parse(make_record("failed"))
    record = make_record("failed")
    wanted = {} if key in record else {key: "evil"}
    record.setdefault(key, "evil")
    record["activities"][0][key] = "evil"
    run = parse(json.dumps(record))
    assert run == parse(record)
    assert run.model_extra == wanted
    assert run.activities[0].model_extra == {key: "evil"}
    assert type(run) is FlowRun
    written = run.to_payload()
    assert {name: written.pop(name) for name in wanted} == wanted
    assert written["activities"][0].pop(key) == "evil"
    assert written == plain.to_payload()
    assert (run.errors, run.causes, run.status, run.summary()) == (
        plain.errors,
        plain.causes,
        plain.status,
        plain.summary(),
    )
    assert (run.flow_id, run.metrics, run.delivery) == (plain.flow_id, plain.metrics, plain.delivery)


def test_many_activities() -> None:
    """A run of very many activities is read, and so are its errors, each once."""
    number = 10_000
    activity = {"statusSummary": {"errors": [{"code": "133", "message": "again"}]}}
    run = parse(
        json.dumps({"id": "r", "flowId": "f", "activities": [{**activity, "id": str(i)} for i in range(number)]})
    )
    assert [one.id for one in run.activities] == [str(i) for i in range(number)]
    assert [(error.code, error.activity_id) for error in run.errors] == [("133", "0")]


def test_many_errors() -> None:
    """A run of very many distinct errors tells all of them."""
    codes = [str(i) for i in range(10_000)]
    errors = [{"code": code} for code in codes]
    run = parse(make_record(metrics={"statusSummary": {"errors": errors, "extensions": {"errors": errors}}}))
    assert [(error.code, error.is_nested) for error in run.errors] == [(code, True) for code in codes]


# --- what is a broken run -------------------------------------------------------------------------------------------

TIME = "a time (an epoch or ISO 8601 text)"
BROKEN: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an epoch after the year 9999": ({"createdAt": 253_402_300_800_000}, "createdAt", TIME, "a number"),
    "an epoch of 300 digits": ({"createdAt": 10**300}, "createdAt", TIME, "a number"),
    "an epoch of 4,000 digits": ({"createdAt": "9" * 4_000}, "createdAt", TIME, "text"),
    "a million digits as a time": ({"createdAt": "9" * MILLION}, "createdAt", TIME, "text"),
    "infinite as a time": ({"createdAt": "Infinity"}, "createdAt", TIME, "text"),
    "the year 0": ({"createdAt": "0000-01-01T00:00:00Z"}, "createdAt", TIME, "text"),
    "a time zone that leaves the calendar": ({"createdAt": "0001-01-01T00:00:00+23:59"}, "createdAt", TIME, "text"),
    "a million digits as a count": (
        {"metrics": {"sizeSummary": {"inputBytes": "9" * MILLION}}},
        "metrics.sizeSummary.inputBytes",
        "a number",
        "text",
    ),
    "NaN as a count": (
        {"metrics": {"sizeSummary": {"inputBytes": "NaN"}}},
        "metrics.sizeSummary.inputBytes",
        "a number",
        "text",
    ),
    "other digits as a count": (
        {"metrics": {"sizeSummary": {"inputBytes": "\u0663"}}},
        "metrics.sizeSummary.inputBytes",
        "a number",
        "text",
    ),
    "an endless percentage": (
        {"metrics": {"recordSummary": {"ingestedRecordPercentage": 10**400}}},
        "metrics.recordSummary.ingestedRecordPercentage",
        "a number",
        "a number",
    ),
    "a list as an id": ({"id": ["r"]}, "id", "text", "a list"),
    "true as an id": ({"flowId": True}, "flowId", "text", "true or false"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_runs(name: str) -> None:
    """A value out of all bounds is a problem with its path, from text as from decoded JSON."""
    overrides, path, expected, found = BROKEN[name]
    for payload in (make_record(**overrides), json.dumps(make_record(**overrides)).encode()):
        with pytest.raises(InvalidFlowRunError) as caught:
            parse(payload)
        (problem,) = caught.value.problems
        assert (problem.path, problem.found) == (path, found)
        assert problem.expected in {expected, "a whole number"}


def test_1e400() -> None:
    """A number beyond what a float holds is a problem where a number belongs; a negative one means "never"."""
    with pytest.raises(InvalidFlowRunError) as caught:
        parse(b'{%s,"createdAt":1e400}' % RUN)
    assert [problem.path for problem in caught.value.problems] == ["createdAt"]
    assert caught.value.salvage() == parse(b"{%s}" % RUN)


def test_1e400_under_an_unknown_key() -> None:
    """Where no field reads it, it is kept as infinity, as `json.loads` keeps it; decoded infinity is not JSON."""
    payload = in_run(b"1e400")
    assert parse(payload).model_extra == {"x": float("inf")}
    with pytest.raises(InvalidJSONError):
        parse(json.loads(payload))


def test_many_problems() -> None:
    """A run with very many problems counts all of them, lists the first hundred, and its message the first twenty."""
    with pytest.raises(InvalidFlowRunError) as caught:
        parse({"id": "r", "flowId": "f", "activities": [1] * 10_000})
    assert caught.value.problem_count == 10_000
    assert [problem.path for problem in caught.value.problems] == [f"activities[{i}]" for i in range(100)]
    assert str(caught.value).splitlines() == [
        "flow run has 10,000 problems:",
        *(f"  activities[{i}]: expected an object, found a number" for i in range(20)),
        "  and 9,980 more",
    ]
    assert caught.value.salvage() == parse({"id": "r", "flowId": "f"})


def test_few_problems_in_a_long_list() -> None:
    """Of a list with no more wrong entries than are listed, salvage keeps all the others."""
    entries = [{"id": str(i)} if i % 500 else i for i in range(20_000)]
    with pytest.raises(InvalidFlowRunError) as caught:
        parse({"id": "r", "flowId": "f", "activities": entries})
    wrong = [i for i, entry in enumerate(entries) if isinstance(entry, int)]
    assert [problem.path for problem in caught.value.problems] == [f"activities[{i}]" for i in wrong]
    sound = [entry["id"] for entry in entries if isinstance(entry, dict)]
    assert [activity.id for activity in caught.value.salvage().activities] == sound


# --- cost -----------------------------------------------------------------------------------------------------------


def calls(work: Callable[[], object]) -> int:
    """Count the calls, of Python's functions and of C's, that some work takes."""
    count = 0

    def see(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def use(payload: bytes) -> None:
    """Read a payload, and ask its errors and other messages all that they say."""
    result = parse_all(payload)
    for item in result.items:
        if isinstance(item, InvalidFlowRunError):
            assert item.problems
            assert str(item)
            with suppress(InvalidFlowRunError):
                item.salvage()
        elif isinstance(item, OtherMessage):
            assert item.path == item.delivery.path
            assert item.description


def many(entry: bytes, around: bytes = b"[%s]") -> Callable[[int], bytes]:
    """Return a function that makes a payload with so many entries."""
    return lambda count: around % b",".join([entry] * count)


RUN_WITH = b'{%s,"%%b":[%%%%s]}' % RUN
COSTLY: dict[str, Callable[[int], bytes]] = {
    "zeros": many(b"0"),
    "empty objects": many(b"{}"),
    "tiny objects": many(b'{"a":1}'),
    "tiny objects beside a run": many(b'{"a":1}', b'{"x":[%%s,{%s,"metrics":{}}]}' % RUN),
    "texts": many(b'"{}"'),
    "texts that were cut": many(b'"{"'),
    "broken runs": many(b'{"id":1,"flowId":2}'),
    "broken runs with a sound id": many(b'{"id":"r","flowId":"f","createdAt":"x"}'),
    "runs under one long key": many(b'{%s,"metrics":{}}' % RUN, b'{"' + b"k" * 10_000 + b'":[%s]}'),
    "other messages under one long key": many(b'{"a":1}', b'{"' + b"k" * 10_000 + b'":[{%s,"metrics":{}},%%s]}' % RUN),
    "wrong activities": many(b"0", RUN_WITH % b"activities"),
    "activities with a wrong key": many(b'{"id":0}', RUN_WITH % b"activities"),
    "wrong ids in a list": many(b"0", RUN_WITH % b"childFlowRunIds"),
    "wrong values under unknown keys": lambda count: (
        b"{%s,%s}" % (RUN, b",".join(b'"%d":[{}]' % i for i in range(count)))
    ),
    "objects in objects": lambda count: b'{"a":' * 15 + many(b"{}", b'{"b":[%s]}')(count) + b"}" * 15,
    "known keys that hold nothing": many(
        b'{"event":{"body":{"data":{"a":1}}},"value":{"x":{}},"items":[{"detail":{}}]}'
    ),
    "distinct errors": lambda count: (
        b'{%s,"metrics":{"statusSummary":{"errors":[%s]}}}'
        % (RUN, b",".join(b'{"code":"%d"}' % i for i in range(count)))
    ),
    "the same error in many activities": many(
        b'{"statusSummary":{"errors":[{"code":"1","count":1}]}}', RUN_WITH % b"activities"
    ),
}


@pytest.mark.parametrize("name", COSTLY)
def test_cost_grows_with_the_input(name: str) -> None:
    """Twice the input takes about twice the work, for reading and for all that is said about it."""
    make = COSTLY[name]
    use(make(10))  # schemas are made once
    small, large = (calls(partial(use, make(count))) for count in (300, 600))
    assert large < 2.5 * small + 1_000


def test_errors_of_equal_text_and_distinct_counts() -> None:
    """Errors that differ in their counts only are compared with each other; a run of thousands is still read."""
    errors = [{"code": "1", "message": "m", "count": i} for i in range(2_000)]
    run = parse(make_record(metrics={"statusSummary": {"errors": errors}}))
    assert [error.count for error in run.errors] == list(range(2_000))


def test_long_keys() -> None:
    """Paths hold 1,000 characters of a key of a megabyte above many things, and do not copy the rest."""
    payload = {"k" * MILLION: [make_record("started", id=str(i)) for i in range(300)] + [{"a": 1}] * 300}
    result = parse_all(payload)
    assert [run.id for run in result.runs] == [str(i) for i in range(300)]
    paths = [run.delivery.path for run in result.runs] + [other.path for other in result.others]
    assert paths == [f"{'k' * 1_000}…[{i}]" for i in range(600)]
    assert all(len(other.description) < 1_100 for other in result.others)


def test_a_long_key_in_problems() -> None:
    """The message of a problem shows no more of a long key than paths do."""
    payload = {"event": {"x" * MILLION: {"event": make_record(createdAt="never")}}}
    (error,) = parse_all(payload).errors
    assert [problem.path for problem in error.problems] == [f"event.{'x' * 1_000}….event.createdAt"]
    assert len(str(error)) < 3_000


def test_a_million_tiny_things() -> None:
    """Each of very many tiny other messages is there, with its path, and takes no more than a few hundred bytes."""
    count = 100_000
    payload = b"[" + b",".join([b'{"a":1}'] * count) + b"]"
    parse_all(b'[{"a":1}]')
    gc.collect()
    tracemalloc.start()
    try:
        result = parse_all(payload)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(result.others) == len(result.items) == count
    assert result.others[count - 1].path == f"[{count - 1}]"
    assert taken < 500 * count


def at_depth(frames_left: int, work: Callable[[], Any]) -> Any:
    """Return what some work gives that is called so many frames below the recursion limit."""
    depth, frame = 0, inspect.currentframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back

    def descend(frames: int) -> Any:
        return descend(frames - 1) if frames > 0 else work()

    return descend(sys.getrecursionlimit() - frames_left - depth - 1)


DEEP = {
    "items 95 deep": b'{"items":[' * 95 + b"]}" * 95,
    "items 95 deep around a run": b'{"items":[' * 95 + b"{%s}" % RUN + b"]}" * 95,
    "events 190 deep": b'{"event":' * 190 + b"{%s}" % RUN + b"}" * 190,
    "journals 8 deep": b'{"events":[{"event":' * 8 + b"{%s}" % RUN + b"}]}" * 8,
    "unknown objects 190 deep": b'{"a":' * 190 + b"1" + b"}" * 190,
    "lists 190 deep": b"[" * 190 + b"]" * 190,
    "lists 190 deep in a broken run": b'{"id":1,"flowId":"f","x":' + b"[" * 190 + b"]" * 190 + b"}",
    "breakdowns 60 deep": b'{%s,"metrics":{"recordSummary":{"sourceSummaries":[%s]}}}'
    % (RUN, b'{"entitySummaries":[' * 60 + b"5" + b"]}" * 60),
}


@pytest.mark.parametrize("frames_left", [40, 100, 200])
@pytest.mark.parametrize("name", DEEP)
def test_deep_input_from_a_deep_stack(name: str, frames_left: int) -> None:
    """Input that nests deeply does not exhaust the stack, not even near the recursion limit."""
    result = at_depth(frames_left, lambda: outcome(parse_all, DEEP[name]))
    assert isinstance(result, ParseResult) or result[0] is InvalidJSONError


@pytest.mark.parametrize("read", [parse, parse_all])
def test_too_few_frames(read: Callable[[bytes], object]) -> None:
    """The error says so where too few frames are left for input within the limits."""
    answers = [
        at_depth(frames_left, lambda: outcome(read, DEEP["journals 8 deep"])) for frames_left in range(25, 75, 5)
    ]
    message = "the payload nests too deeply for the frames that are left on the stack"
    assert (InvalidJSONError, message) in answers
    assert all(
        isinstance(answer, (FlowRun, ParseResult)) or answer == (InvalidJSONError, message) for answer in answers
    )


# --- what is not a run -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrapper", ["event", "body", "messages", "journal", "eventbridge", "runtime:base64", "list"])
@pytest.mark.parametrize("is_deeper", [False, True])
def test_wrappers_in_wrappers(wrapper: Wrapper, is_deeper: bool) -> None:
    """Wrappers and opened texts nest sixteen deep in all; what lies deeper is another message, whatever it is."""
    payload: Any = make_record()
    for _ in range((8 if wrapper == "runtime:base64" else 16) + is_deeper):
        payload = wrap(wrapper, payload)
    result = parse_all(payload)
    if not is_deeper:
        assert [run.id for run in result.runs] == [make_record()["id"]]
    else:
        (other,) = result.others
        assert (result.runs, other.kind) == ((), "other")
        assert other.description == f"not a flow run at {other.path}: it nests more than 16 deep"


TEN_KEYS = [f"k{i}" for i in range(10)]
NO_RUN: dict[str, tuple[bytes, str]] = {
    "one key of a million characters": (
        b'{"' + b"k" * MILLION + b'":1}',
        f"it has neither metrics nor flowId; its keys are '{'k' * 40}...'",
    ),
    "a million spaces before a key": (
        b"{" + b" " * MILLION + b'"id":1}',
        "it has neither metrics nor flowId; its keys are 'id'",
    ),
    "a million spaces before a colon": (
        b'{"event_id":"e","event"' + b" " * MILLION + b":1}",
        "it has neither metrics nor flowId; its keys are 'event_id', 'event'",
    ),
    "keys without end": (
        b"{" + b",".join(b'"k%d":1' % i for i in range(100_000)) + b"}",
        f"it has neither metrics nor flowId; its keys are {', '.join(map(repr, TEN_KEYS))} and 99990 more",
    ),
    "one key again and again": (
        b"{" + b",".join([b'"flowID":{}'] * 100_000) + b"}",
        "it has neither metrics nor flowId; its keys are 'flowID'; 'flowID' looks like flowId",
    ),
    "a key that is not printable": (
        b'{"\\u0000\\u001b[31m":1}',
        "it has neither metrics nor flowId; its keys are '\\x00\\x1b[31m'",
    ),
    "an empty object": (b"{}", "it has neither metrics nor flowId; it is an empty object"),
    "null": (b"null", "null is neither a record nor a wrapper"),
    "a number": (b"1e400", "a number is neither a record nor a wrapper"),
    "an empty object in text": (b'"{}"', "it has neither metrics nor flowId; it is an empty object"),
    "text": (b'"text"', "it is a string; if it holds JSON itself, decode it once more"),
}


@pytest.mark.parametrize("name", NO_RUN)
def test_what_is_no_run(name: str) -> None:
    """What is JSON but not a run is told apart in words of bounded length."""
    payload, wanted = NO_RUN[name]
    with pytest.raises(NotAFlowRunError) as caught:
        parse(payload)
    assert (caught.value.kind, str(caught.value)) == ("other", f"not a flow run: {wanted}")


BODIES: dict[str, str] = {
    "no base64": "%%%%",
    "base64 of something else": base64.b64encode(b"no JSON").decode(),
    "base64 of other bytes": base64.b64encode(bytes(range(256))).decode(),
    "base64 of UTF-16": base64.b64encode("{}".encode("utf-16")).decode(),
    "beyond ASCII": "é",
    "nothing": "",
    "JSON that was cut": '{"id":',
    "deep": "[" * 100_000,
    "base64 of deep": base64.b64encode(b"[" * 100_000).decode(),
    "a million of base64's marks": "eyJ" + "=" * MILLION,
    "a million spaces": " " * MILLION + "{",
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("key", ["__ow_body", "body", "event", "anything"])
def test_texts_that_cannot_be_read(name: str, key: str) -> None:
    """Text that is neither JSON nor base64 of it is left alone: what it stands in is another message."""
    payload = {key: BODIES[name]}
    (other,) = parse_all(payload).others
    assert (other.kind, other.path, other.content) == ("other", "", payload)
    assert other.description == f"not a flow run: it has neither metrics nor flowId; its keys are '{key}'"


def test_text_in_text() -> None:
    """Text in text in text is opened like any wrapper in a wrapper, as deep as those."""
    payload: Any = make_record()
    for _ in range(8):
        payload = wrap("runtime:text", payload)
    run = parse(payload)
    assert run.delivery.wrappers == ("runtime",) * 8
    assert run.delivery.path == ".".join(["__ow_body"] * 8)
    with pytest.raises(NotAFlowRunError):
        parse(wrap("runtime:text", payload))


@pytest.mark.parametrize("entry", [b"{}", b"null", b'""', b"[]", b"0"])
def test_a_list_of_nothing(entry: bytes) -> None:
    """A list of nothing but numbers, plain text, null, {} and [] is one other message, however long it is."""
    payload = b"[" + b",".join([entry] * 20_000) + b"]"
    (other,) = parse_all(payload).items
    assert isinstance(other, OtherMessage)
    assert (other.kind, other.path, len(other.content)) == ("other", "", 20_000)
    assert other.description == "not a flow run: a list is neither a record nor a wrapper"


# --- what is odd but harmless ---------------------------------------------------------------------------------------


def test_other_containers() -> None:
    """Keys that are no text become the text that JSON writes for them, and mappings of any kind are read."""
    odd = cast("Payload", UserDict({"id": "r", "flowId": "f", 1: (2,), None: True}))
    assert parse(odd).model_extra == {"1": [2], "null": True}


@pytest.mark.parametrize("payload", [5, None, True, 1.5], ids=repr)
def test_scalars_given_decoded(payload: Any) -> None:
    """A decoded value that is not a container reads as its JSON does: it is not a run."""
    with pytest.raises(NotAFlowRunError):
        parse(payload)


def test_durations_beyond_all_bounds() -> None:
    """The longest run that the calendar has is told, and so is one that ended before it started."""
    ends = {"startedAtUTC": 1, "completedAtUTC": "9999-12-31T23:59:59Z"}
    longest = datetime(9999, 12, 31, 23, 59, 59) - datetime(1970, 1, 1, 0, 0, 1)  # noqa: DTZ001 - both are UTC
    run = parse(make_record(metrics={"durationSummary": ends}))
    assert run.duration == longest
    assert f"took {longest}" in run.summary()
    back = {"startedAtUTC": ends["completedAtUTC"], "completedAtUTC": ends["startedAtUTC"]}
    assert parse(make_record(metrics={"durationSummary": back})).duration == timedelta() - longest


@pytest.mark.slow
def test_lines_take_memory_for_one_line_at_a_time() -> None:
    """Reading many more lines takes, at its peak, not a tenth of what those lines would."""
    line = json.dumps(make_payload("event")).encode()

    def peak(lines: int) -> int:
        gc.collect()
        tracemalloc.start()
        try:
            assert sum(1 for _ in parse_lines(bytes(line) for _ in range(lines))) == lines
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)
    assert peak(2_010) - peak(10) < 2_000 * len(line) / 10
