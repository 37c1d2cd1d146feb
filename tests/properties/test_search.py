"""A run is found wherever it stands, and everything beside it is accounted for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any, Literal, NamedTuple

from fuzz.oracle import general_outcomes, outcomes
from hypothesis import assume, given
from hypothesis import strategies as st

from flowrun_notifications import FlowRun, InvalidFlowRunError, OtherMessage, ParseResult, parse, parse_all
from flowrun_notifications._models.values import is_object
from flowrun_notifications.testing import Wrapper, make_record, other_messages, records, wrap
from flowrun_notifications.testing.shapes import delivery_names
from properties.strategies import ANY_JSON, ANY_KEY, delivered, dumps, follow, values_in

KNOWN_MESSAGES = st.one_of(
    *(other_messages(kind) for kind in ("alert", "audit_event", "data_ingestion_event", "validation_request"))
)
SCALARS = st.sampled_from([None, True, 0, 1.5, "", "plain", "{broken", "[", "eyJhIjo", "e30x", "prod", "1e400"])
"""What is never opened: numbers, and texts that are not JSON though some look like it."""

KEYS = st.sampled_from(
    ["a", "content", "payload", "Records", "Message", "requestPayload", "a.b", "x[0]", "", "ключ", "detail", "data"]
)
"""Keys that no known wrapper has; `detail` and `data` belong to one only beside another key."""


def to_base64(encode: Callable[[bytes], bytes], *, padded: bool = True, before: str = "") -> Callable[[Any], str]:
    """Return a function that writes JSON in base64."""

    def write(value: Any) -> str:
        text = encode((before + json.dumps(value, ensure_ascii=False)).encode()).decode()
        return text if padded else text.rstrip("=")

    return write


WAYS: dict[str, Callable[[Any], str]] = {
    "text": json.dumps,
    "pretty text": lambda value: json.dumps(value, indent=1, ensure_ascii=False),
    "text after a byte order mark": lambda value: "\ufeff" + json.dumps(value),
    "text between white space": lambda value: "\r\n\t " + json.dumps(value) + " \n",
    "base64": to_base64(base64.b64encode),
    "base64, not padded": to_base64(base64.b64encode, padded=False),
    "base64 for URLs": to_base64(base64.urlsafe_b64encode),
    "base64 for URLs, not padded": to_base64(base64.urlsafe_b64encode, padded=False),
    "base64 in lines": to_base64(base64.encodebytes),
    "base64 of text after a byte order mark": to_base64(base64.b64encode, before="\ufeff"),
    "base64 of text after white space": to_base64(base64.b64encode, before="\r\n "),
}
"""The ways to write JSON as text that are opened."""


def read(payload: Any) -> ParseResult:
    """Return everything in a payload; the same whether it is decoded or text, and whichever way it is read."""
    text = dumps(payload)
    wanted = outcomes(text)
    assert general_outcomes(text) == wanted
    assert isinstance(payload, str) or outcomes(payload) == wanted
    return parse_all(text)


# --- any number of things in objects, lists and texts that nobody documented ---------------------------------------


class Tree(NamedTuple):
    """What a payload is made of."""

    kind: Literal["run", "message", "scalar", "object", "list", "text"]
    value: Any = None
    """The JSON of a run, a message or a scalar; the way in which a text is written."""

    inside: tuple[tuple[str | int, Tree], ...] = ()
    """What stands in an object, a list or a text, each with its key or index."""


def in_object(inside: dict[str, Tree]) -> Tree:
    """Return an object."""
    return Tree("object", None, tuple(inside.items()))


def in_list(inside: list[Tree]) -> Tree:
    """Return a list."""
    return Tree("list", None, tuple(enumerate(inside)))


def with_content(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record that can be found by searching: it has metrics or activities."""
    keys = ("metrics", "xdm:metrics", "activities", "activites")
    return record if any(key in record for key in keys) else {**record, "activities": []}


RUNS = records().map(with_content)
LEAVES = st.one_of(
    SCALARS.map(lambda value: Tree("scalar", value)),
    RUNS.map(lambda record: Tree("run", record)),
    KNOWN_MESSAGES.map(lambda message: Tree("message", message)),
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.dictionaries(KEYS, trees, max_size=3).map(in_object),
        st.lists(trees, max_size=3).map(in_list),
        st.tuples(st.sampled_from(list(WAYS)), trees.filter(lambda tree: tree.kind not in ("scalar", "text"))).map(
            lambda drawn: Tree("text", drawn[0], ((0, drawn[1]),))
        ),
    ),
    max_leaves=6,
)


def numbered(tree: Tree, numbers: Iterator[int]) -> Tree:
    """Return a tree in which no two runs are equal."""
    if tree.kind == "run":
        record = {key: value for key, value in tree.value.items() if key not in ("id", "xdm:flowRunId")}
        return tree._replace(value={**record, "id": f"run {next(numbers)}"})
    return tree._replace(inside=tuple((step, numbered(inside, numbers)) for step, inside in tree.inside))


def build(tree: Tree) -> Any:
    """Return the JSON of a tree."""
    if tree.kind == "object":
        return {key: build(inside) for key, inside in tree.inside}
    if tree.kind == "list":
        return [build(inside) for _, inside in tree.inside]
    return WAYS[tree.value](build(tree.inside[0][1])) if tree.kind == "text" else tree.value


Found = tuple[Any, str, tuple[str, ...]]
"""The JSON of a run or a known message, ``None`` for another message; its path; the wrappers around it."""


def expect(payload: Tree) -> list[Found]:
    """Return what a payload holds, by the words of the rule."""
    return [(None, "", ())] if payload.kind == "scalar" else expect_at_top(payload, "", ())


def expect_at_top(tree: Tree, path: str, wrappers: tuple[str, ...]) -> list[Found]:
    """Return what stands in the payload itself, in a list there, or in a text there."""
    if tree.kind == "text":
        return expect_at_top(tree.inside[0][1], path, wrappers)
    if tree.kind == "scalar":
        return []
    if tree.kind != "list":
        return search(tree, path, wrappers) or [(None, path, wrappers)]
    if tree.inside and all(is_plain(entry) for _, entry in tree.inside):
        return [(None, path, wrappers)]
    return [
        found for index, entry in tree.inside for found in expect_at_top(entry, f"{path}[{index}]", (*wrappers, "list"))
    ]


def is_plain(entry: Tree) -> bool:
    """Tell whether an entry of a list is a number, plain text, null, ``{}`` or ``[]``."""
    return entry.kind == "scalar" or (entry.kind in ("object", "list") and not entry.inside)


def search(tree: Tree, path: str, wrappers: tuple[str, ...]) -> list[Found]:
    """Return what stands in a value that is searched; an empty list where it holds nothing."""
    if tree.kind in ("run", "message"):
        return [(tree.value, path, wrappers)]
    if tree.kind == "text":
        return search(tree.inside[0][1], path, wrappers)
    if tree.kind == "object":
        names = (*wrappers, "other")
        return [found for key, value in tree.inside for found in search(value, join(path, key), names)]
    entries = [search(entry, f"{path}[{index}]", wrappers) for index, entry in tree.inside]
    if not any(entries):
        return []
    for index, entry in tree.inside:
        if entry.kind in ("object", "text") and not entries[index]:
            entries[index].append((None, f"{path}[{index}]", wrappers))
    return [found for entry in entries for found in entry]


def join(path: str, key: str) -> str:
    """Return the path of a value in an object."""
    if not key or any(mark in key for mark in ".[]"):
        return f"{path}[{json.dumps(key, ensure_ascii=False)}]"
    return f"{path}.{key}" if path else key


@given(TREES)
def test_everything_in_objects_lists_and_texts(tree: Tree) -> None:
    """What is found are the items: each run and known message, and in lists each other message beside them."""
    tree = numbered(tree, count())
    payload = build(tree)
    result = read(payload)
    items = [
        (item, item.path if isinstance(item, InvalidFlowRunError) else item.delivery.path) for item in result.items
    ]
    wanted = expect(tree)
    assert [path for _, path in items] == [path for _, path, _ in wanted]
    for (item, path), (content, _, wrappers) in zip(items, wanted, strict=True):
        assert not isinstance(item, InvalidFlowRunError)
        assert item.delivery.wrappers == wrappers
        if isinstance(item, FlowRun):
            alone = parse(content)
            assert delivered(item) == delivered(alone)
            assert follow(payload, path) == content
        elif content is not None:
            (alone_too,) = parse_all(content).others
            assert (item.kind, item.content) == (alone_too.kind, content)
        else:
            assert item.kind == "other"
            assert follow(payload, path) == follow(item.content, "")


# --- one run in any nesting, known wrappers included ---------------------------------------------------------------

Step = tuple[str, Any]
"""A level around a run: its kind, and what it takes to build it."""

ONE_LEVEL: tuple[Wrapper, ...] = (
    *("event", "event:old", "event:entry", "messages:object", "messages:single", "cloud_event", "eventbridge"),
    *("journal", "api_list", "body", "body:entry"),
)
HARMLESS_ENTRIES = st.lists(SCALARS, max_size=2)
HARMLESS_OBJECTS = st.dictionaries(
    st.sampled_from(["name", "uuid", "count", "b", "id", "c.d"]), SCALARS | HARMLESS_ENTRIES, max_size=2
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("object"), st.tuples(HARMLESS_OBJECTS, KEYS, HARMLESS_OBJECTS)),
    st.tuples(st.just("list"), st.tuples(HARMLESS_ENTRIES, HARMLESS_ENTRIES)),
    st.tuples(st.just("text"), st.sampled_from(list(WAYS))),
    st.tuples(st.just("known"), st.sampled_from(ONE_LEVEL)),
)


def can_follow(outer: Step, inner: Step) -> bool:
    """Tell whether a level may stand around another.

    Text in a text is not opened; the list around messages is not a level of its own.
    """
    if inner[0] == "text":
        return outer[0] != "text"
    return outer[0] != "list" or not str(inner[1]).startswith("messages")


@st.composite
def nestings(draw: st.DrawFn, min_size: int = 0, max_size: int = 8) -> list[Step]:
    """Draw levels, outermost first."""
    levels: list[Step] = []
    for _ in range(draw(st.integers(min_size, max_size))):
        levels.append(draw(STEPS.filter(lambda step: not levels or can_follow(levels[-1], step))))
    return levels


def nest(levels: list[Step], record: dict[str, Any]) -> Any:
    """Return a record in these levels."""
    payload: Any = record
    for kind, how in reversed(levels):
        if kind == "object":
            before, key, after = how
            payload = {**before, key: payload, **after}
        elif kind == "list":
            payload = [*how[0], payload, *how[1]]
        else:
            payload = WAYS[how](payload) if kind == "text" else wrap(how, payload)
    return payload


def names_of(levels: list[Step]) -> tuple[str, ...]:
    """Return the names of wrappers: "the known wrappers, and other once for each searched object"."""
    names: list[str] = []
    is_searched = False
    for kind, how in levels:
        if kind == "known":
            names += delivery_names(how)
            is_searched = False
        elif kind == "object":
            names.append("other")
            is_searched = True
        elif kind == "list" and not is_searched:
            names.append("list")
    return tuple(names)


@given(RUNS, nestings())
def test_one_run_in_any_nesting(record: dict[str, Any], levels: list[Step]) -> None:
    """A run is found wherever it stands: it reads as it does bare, and ``delivery.path`` leads to it."""
    payload = nest(levels, record)
    (run,) = read(payload).items
    assert isinstance(run, FlowRun)
    assert delivered(run) == delivered(parse(record))
    assert follow(payload, run.delivery.path) == record
    assert run.delivery.wrappers == names_of(levels)


@given(nestings(min_size=13, max_size=20))
def test_sixteen_deep_and_no_deeper(levels: list[Step]) -> None:
    """Known wrappers, searched objects, other lists and opened texts may nest 16 deep in all."""
    payload = nest(levels, make_record())
    result = read(payload)
    if len(levels) <= 16:
        assert [run.delivery.wrappers for run in result.runs] == [names_of(levels)]
        assert len(result.items) == 1
    else:
        # "What lies deeper is other."
        assert [item.kind for item in result.items if isinstance(item, OtherMessage)] == ["other"]
        assert len(result.items) == 1


# --- the same run twice, siblings, empty pages ----------------------------------------------------------------------


@given(RUNS, RUNS, st.sampled_from(list(WAYS)), st.permutations(["run", "text", "other"]), st.booleans())
def test_a_run_in_a_text_beside_the_same_in_an_object(
    record: dict[str, Any], another: dict[str, Any], way: str, order: list[str], is_deep: bool
) -> None:
    """A run in a text that equals a run found in an object beside it is the same run; another one is not."""
    assume(record != another)
    values = {"run": {"a": [record]} if is_deep else record, "text": WAYS[way](record), "other": WAYS[way](another)}
    payload = {f"{key}s": values[key] for key in order}
    runs = read(payload).runs
    wanted = {"run": record, "other": another}
    assert [delivered(run) for run in runs] == [delivered(parse(wanted[key])) for key in order if key != "text"]
    assert [run.delivery.path.partition("s")[0] for run in runs] == [key for key in order if key != "text"]


@given(RUNS, st.integers(1, 3))
def test_objects_are_never_the_same_run(record: dict[str, Any], number: int) -> None:
    """Two objects are two runs, and so are two texts without an object."""
    for write in (lambda value: value, json.dumps):
        runs = read({str(i): write(record) for i in range(number)}).runs
        assert [delivered(run) for run in runs] == [delivered(parse(record))] * number
        assert [run.delivery.path for run in runs] == [str(i) for i in range(number)]


KNOWN_KEYS = ("event", "messages", "value", "events", "items", "body", "data", "data_base64", "detail")


@given(RUNS, st.sampled_from(KNOWN_KEYS), SCALARS | HARMLESS_OBJECTS, nestings(max_size=3), st.booleans())
def test_siblings_of_a_known_key(
    record: dict[str, Any], key: str, content: Any, levels: list[Step], is_first: bool
) -> None:
    """Where the content of the known key holds nothing, the whole object is searched."""
    marks = {"specversion": "1.0", "detail-type": "a:b"}
    sibling = {"payload": nest(levels, record)}
    payload = {**marks, key: content, **sibling} if is_first else {**sibling, **marks, key: content}
    (run,) = read(payload).items
    assert isinstance(run, FlowRun)
    assert delivered(run) == delivered(parse(record))
    assert run.delivery.wrappers == names_of([("object", None), *levels])
    assert follow(payload, run.delivery.path) == record


@given(
    st.sampled_from(["list", "items", "events", "messages"]),
    st.booleans(),
    st.lists(st.sampled_from(["event", "body"])),
)
def test_empty_lists_and_pages(kind: str, is_last: bool, around: list[Wrapper]) -> None:
    """[], and pages whose items or events are empty, are empty results: nothing is found, and nothing is other."""
    page: Any = [] if kind == "list" else {"_links": {}, kind: []} if is_last else {kind: [], "count": 0}
    assert read(page) == ParseResult((), (), (), ())


# --- where there is no run ------------------------------------------------------------------------------------------


def may_hold_a_run(payload: Any) -> bool:
    """Tell whether some object has both ids, or a text somewhere might."""
    return any(
        is_object(value)
        and any(isinstance(value.get(key), str) for key in ("id", "xdm:flowRunId"))
        and any(isinstance(value.get(key), str) for key in ("flowId", "xdm:flowId"))
        for value in values_in(payload)
    )


@given(ANY_JSON.filter(lambda payload: not may_hold_a_run(payload)), nestings(max_size=2))
def test_no_run_where_there_is_none(payload: Any, levels: list[Step]) -> None:
    """Any JSON in which no object has both ids gives no run."""
    assert read(nest(levels, payload)).runs == ()


IDLESS = st.dictionaries(
    ANY_KEY.filter(lambda key: key not in ("id", "xdm:flowRunId", "flowId", "xdm:flowId", "status", "validationUrl")),
    HARMLESS_OBJECTS | SCALARS,
    max_size=4,
).map(lambda event: {**event, "metrics": {"cpu": 5}})


@given(IDLESS, st.sampled_from(["cloud_event", "eventbridge", "body", "body:text", "other", "other:sqs", "text"]))
def test_other_products_have_metrics_too(event: dict[str, Any], wrapper: Any) -> None:
    """In CloudEvents, EventBridge events, body and opened text a record with metrics needs one of the ids."""
    assume("xdm:ingestionId" not in event and "xdm:eventCode" not in event)
    result = read(json.dumps(event) if wrapper == "text" else wrap(wrapper, event))
    assert (result.runs, result.errors) == ((), ())
    assert [message.kind for message in result.others] == ["other"]
