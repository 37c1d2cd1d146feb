"""Hostile input: each kind of it, and what it is answered with.

The large ones are as large as they must be for a cost that grows faster than its input to make the test hang; how much
time and memory they take beside `json.loads` is measured in the benchmarks.
"""

from __future__ import annotations

import base64
import gc
import json
import tracemalloc
from collections import UserDict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any, cast

import pytest

from flowrun_notifications import (
    FlowRun,
    InvalidFlowRunError,
    InvalidJSONError,
    NotAFlowRunError,
    Payload,
    RunCountError,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications.testing import Wrapper, make_payload, make_record, wrap

MILLION = 1_000_000
RUN = b'"id":"r","flowId":"f"'


def in_run(value: bytes) -> bytes:
    """A run with a value under an unknown key."""
    return b"{%s,%s:%s}" % (RUN, b'"x"', value)


def hint(error: InvalidJSONError) -> str:
    """A message without its position, which is in the attributes too."""
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
    "NaN": (in_run(b"NaN"), NOT_JSON),
    "Infinity": (in_run(b"Infinity"), NOT_JSON),
    "negative Infinity": (in_run(b"-Infinity"), NOT_JSON),
    "NaN as a count": (b'{%s,"metrics":{"sizeSummary":{"inputBytes":NaN}}}' % RUN, NOT_JSON),
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
    """A list that holds itself, among dicts."""
    inner: list[Any] = []
    inner.append({"event": inner})
    return inner


def deep(levels: int) -> Any:
    """Nested lists."""
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


NO_DECODED_JSON: dict[str, tuple[Any, str]] = {
    "a list that holds itself": (cyclic(), "the payload is not decoded JSON: it holds itself"),
    "lists 100,000 deep": (deep(100_000), "the payload is not decoded JSON: it nests too deeply"),
    "mappings without end": (Endless(), "the payload is not decoded JSON: it nests too deeply"),
    "NaN": ({"id": float("nan")}, "the payload is not decoded JSON: it holds a number that JSON does not have"),
    "infinite": ([float("-inf")], "the payload is not decoded JSON: it holds a number that JSON does not have"),
    "10,000 digits": ([10**10_000], "the payload is not decoded JSON: it holds a number that JSON does not have"),
    "a set": ({"id": {1}}, "the payload is not decoded JSON: a set cannot stand in JSON"),
    "bytes within": ({"id": b"r"}, "the payload is not decoded JSON: a bytes cannot stand in JSON"),
    "a date": (
        [datetime(2020, 1, 1, tzinfo=timezone.utc)],
        "the payload is not decoded JSON: a datetime cannot stand in JSON",
    ),
    "a class": ([FlowRun], "the payload is not decoded JSON: a ModelMetaclass cannot stand in JSON"),
    "an iterator": (iter([5]), "the payload is not decoded JSON: a list_iterator cannot stand in JSON"),
}


@pytest.mark.parametrize("name", NO_DECODED_JSON)
def test_what_is_no_decoded_json(name: str) -> None:
    """Decoded input that JSON cannot hold is refused as such; its message names types, not values."""
    payload, wanted = NO_DECODED_JSON[name]
    with pytest.raises(InvalidJSONError) as caught:
        parse(payload)
    assert str(caught.value) == wanted
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
    "an epoch before the year 1": ({"createdAt": -62_135_596_800_001}, "createdAt", TIME, "a number"),
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
    """A number beyond what a float holds is a problem where a number belongs."""
    for key, value in ((b"createdAt", b"1e400"), (b"updatedAt", b"-1e400")):
        with pytest.raises(InvalidFlowRunError) as caught:
            parse(b'{%s,"%s":%s}' % (RUN, key, value))
        assert [problem.path for problem in caught.value.problems] == [key.decode()]
        assert caught.value.salvage() == parse(b"{%s}" % RUN)


def test_1e400_under_an_unknown_key() -> None:
    """Where no field reads it, it is kept as infinity, as `json.loads` keeps it; decoded infinity is no JSON."""
    payload = in_run(b"1e400")
    assert parse(payload).model_extra == {"x": float("inf")}
    with pytest.raises(InvalidJSONError):
        parse(json.loads(payload))


def test_many_problems() -> None:
    """A run with very many problems tells all of them, and its message the first twenty."""
    number = 10_000
    with pytest.raises(InvalidFlowRunError) as caught:
        parse({"id": "r", "flowId": "f", "activities": [1] * number})
    assert [problem.path for problem in caught.value.problems] == [f"activities[{i}]" for i in range(number)]
    lines = str(caught.value).splitlines()
    assert lines == [
        "flow run has 10000 problems:",
        *(f"  activities[{i}]: expected an object, found a number" for i in range(20)),
        "  and 9980 more",
    ]
    assert caught.value.salvage() == parse({"id": "r", "flowId": "f"})


# --- what is no run -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrapper", ["event", "body", "messages", "journal", "eventbridge", "runtime_body", "list"])
@pytest.mark.parametrize("depth", [16, 17, 20])
def test_wrappers_in_wrappers(wrapper: Wrapper, depth: int) -> None:
    """Wrappers are opened sixteen deep; what lies deeper is something else, whatever it is."""
    payload: Any = make_record()
    for _ in range(depth):
        payload = wrap(wrapper, payload)
    result = parse_all(payload)
    if depth == 16:
        assert [run.id for run in result.runs] == [make_record()["id"]]
    else:
        (error,) = result.skipped
        assert (result.runs, error.kind) == ((), "other")
        assert str(error) == f"not a flow run at {error.path}: its wrappers nest more than 16 deep"


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
        "it has neither metrics nor flowId; its keys are 'flowID'",
    ),
    "a key that is not printable": (
        b'{"\\u0000\\u001b[31m":1}',
        "it has neither metrics nor flowId; its keys are '\\x00\\x1b[31m'",
    ),
    "an empty object": (b"{}", "it has neither metrics nor flowId; it is an empty object"),
    "null": (b"null", "null is neither a record nor a wrapper"),
    "a number": (b"1e400", "a number is neither a record nor a wrapper"),
    "JSON in JSON": (b'"{}"', "it is text; where that holds JSON in its turn, decode it once more"),
}


@pytest.mark.parametrize("name", NO_RUN)
def test_what_is_no_run(name: str) -> None:
    """What is JSON but no run is told apart in words of bounded length."""
    payload, wanted = NO_RUN[name]
    with pytest.raises(NotAFlowRunError) as caught:
        parse(payload)
    assert (caught.value.kind, str(caught.value)) == ("other", f"not a flow run: {wanted}")


BODIES: dict[str, object] = {
    "no base64": "%%%%",
    "base64 of no JSON": base64.b64encode(b"no JSON").decode(),
    "base64 of other bytes": base64.b64encode(bytes(range(256))).decode(),
    "base64 of UTF-16": base64.b64encode("{}".encode("utf-16")).decode(),
    "base64 that was cut": base64.b64encode(b'{"id":1}').decode()[:-1],
    "URL-safe base64": base64.urlsafe_b64encode(b'{"id":"\xc3\xbe\xc3\xbf>?"}').decode(),
    "beyond ASCII": "é",
    "nothing": "",
    "JSON that was cut": '{"id":',
    "deep": "[" * 100_000,
    "base64 of deep": base64.b64encode(b"[" * 100_000).decode(),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_that_cannot_be_read(name: str) -> None:
    """A body that is neither JSON nor base64 of it is no run; nothing else is raised."""
    with pytest.raises(NotAFlowRunError) as caught:
        parse({"__ow_body": BODIES[name], "__ow_headers": {"x-adobe-event-id": "e"}})
    assert (caught.value.kind, str(caught.value)) == ("other", "not a flow run at __ow_body: the body is not JSON")
    assert caught.value.delivery.event_id == "e"


def test_body_in_body() -> None:
    """A body that holds a body is opened like any wrapper in a wrapper, and counts as one."""
    payload: Any = make_record()
    for _ in range(16):
        payload = wrap("runtime_text_body", payload)
    run = parse(payload)
    assert run.delivery.wrappers == ("runtime",) * 16
    assert run.delivery.path == ".".join(["__ow_body"] * 16)
    with pytest.raises(NotAFlowRunError):
        parse(wrap("runtime_text_body", payload))


@pytest.mark.parametrize(("empty", "count"), [(b"{}", 20_000), (b"null", 20_000), (b'""', 20_000)])
def test_many_things_that_are_no_runs(empty: bytes, count: int) -> None:
    """Of very many things that are no runs, each is accounted for, with its path."""
    payload = b"[" + b",".join([empty] * count) + b"]"
    result = parse_all(payload)
    assert [error.path for error in result.skipped] == [f"[{i}]" for i in range(count)]
    with pytest.raises(NotAFlowRunError):
        parse(payload)


def test_many_empty_lists() -> None:
    """Empty lists hold nothing, however many there are."""
    payload = b"[" + b",".join([b"[]"] * 20_000) + b"]"
    result = parse_all(payload)
    assert (result.runs, result.skipped, result.errors) == ((), (), ())
    with pytest.raises(RunCountError) as caught:
        parse(payload)
    assert caught.value.count == 0


# --- what is odd but harmless ---------------------------------------------------------------------------------------


def test_other_containers() -> None:
    """Keys that are no text become the text that JSON writes for them, and mappings of any kind are read."""
    odd = cast("Payload", UserDict({"id": "r", "flowId": "f", 1: (2,), None: True}))
    assert parse(odd).model_extra == {"1": [2], "null": True}


@pytest.mark.parametrize("payload", [5, None, True, 1.5], ids=repr)
def test_scalars_given_decoded(payload: Any) -> None:
    """A decoded value that is no container reads as its JSON does: it is no run."""
    with pytest.raises(NotAFlowRunError):
        parse(payload)


def test_durations_beyond_all_bounds() -> None:
    """The longest run that the calendar has is told, and so is one that ended before it started."""
    ends = {"startedAtUTC": "0001-01-01T00:00:00Z", "completedAtUTC": "9999-12-31T23:59:59Z"}
    longest = timedelta(days=date.max.toordinal() - date.min.toordinal(), hours=23, minutes=59, seconds=59)
    run = parse(make_record(metrics={"durationSummary": ends}))
    assert run.duration == longest
    assert f"took {longest}" in run.summary()
    back = {"startedAtUTC": ends["completedAtUTC"], "completedAtUTC": ends["startedAtUTC"]}
    assert parse(make_record(metrics={"durationSummary": back})).duration == timedelta() - longest


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
