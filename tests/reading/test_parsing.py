"""Tests of the entry points: one run, everything in a payload, lines and archives."""

from __future__ import annotations

import copy
import gzip
import inspect
import io
import json
import pickle
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from flowrun_notifications import (
    Delivery,
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    ParseResult,
    PartialParseError,
    RunCountError,
    parse,
    parse_all,
    parse_archive,
    parse_lines,
)

ALERT: dict[str, Any] = {"status": "FIRING", "name": "delay rule", "severity": "high"}
FOREIGN: dict[str, Any] = {"productName": "another product"}
BROKEN: dict[str, Any] = {"id": "r-0", "flowId": "f-1", "createdAt": "secret"}

ALERT_MESSAGE = "it is an alert; answer it with success and go on"
FOREIGN_MESSAGE = "it has neither metrics nor flowId; its keys are 'productName'"
BROKEN_MESSAGE = "createdAt: expected a time (an epoch or ISO 8601 text), found text"
NO_RUN = "expected one flow run, the payload holds no flow run; parse_all() reads any number"


def record(id_: str = "r-1", **more: Any) -> dict[str, Any]:
    """Return a sound record."""
    return {"id": id_, "flowId": "f-1", **more}


def run(id_: str = "r-1", path: str = "", *wrappers: str, **more: Any) -> FlowRun:
    """Return the run that such a record is, and how it came."""
    return FlowRun(id=id_, flow_id="f-1", delivery=Delivery(path=path, wrappers=wrappers), **more)


def raised(payload: Any, kind: type[FlowRunNotificationError]) -> str:
    """Return the message of the error, of exactly this kind, that `parse` raises."""
    with pytest.raises(kind) as caught:
        parse(payload)
    assert type(caught.value) is kind
    return str(caught.value)


class TestParse:
    """`parse`: exactly one run."""

    def test_one(self) -> None:
        """It returns the run, and how it came."""
        assert parse({"event": record(flowName="Orders")}) == run("r-1", "event", "event", flow_name="Orders")

    def test_forms(self, documented: bytes) -> None:
        """Bytes, text and decoded JSON of a payload give equal runs."""
        wanted = parse(documented)
        forms: list[Any] = [documented.decode(), json.loads(documented), bytearray(documented), memoryview(documented)]
        assert [parse(form) for form in forms] == [wanted] * 4
        assert parse_all(documented) == ParseResult((wanted,), (), (), (wanted,))

    @pytest.mark.parametrize("beside", [[ALERT], [FOREIGN, None, 5, "text"], [[], {"events": []}], [{}, ALERT, {}]])
    @pytest.mark.parametrize("first", [True, False])
    def test_one_among_others(self, beside: list[Any], first: bool) -> None:
        """Other messages beside it do not count."""
        payload = [record(), *beside] if first else [*beside, record()]
        assert parse(payload) == run("r-1", "[0]" if first else f"[{len(beside)}]", "list")

    @pytest.mark.parametrize("payload", ["[]", '{"events": []}', '{"messages": []}', '{"items": [], "_links": {}}'])
    def test_none(self, payload: str) -> None:
        """An empty list or page holds no run."""
        assert raised(payload, RunCountError) == NO_RUN

    @pytest.mark.parametrize(
        ("payload", "count"),
        [
            ([record("r-1"), record("r-2")], 2),
            ([record(), record()], 2),
            ({"events": [{"event": [record(), record()]}, {"event": record()}]}, 3),
            ([record(), BROKEN], 2),
            ([BROKEN, ALERT, record()], 2),
            ([BROKEN, BROKEN], 2),
            ({"items": [record(), {"flowId": "f-1"}], "_links": {}}, 2),
        ],
    )
    def test_several(self, payload: Any, count: int) -> None:
        """Several runs are too many, the same one twice and broken ones included."""
        with pytest.raises(RunCountError) as caught:
            parse(payload)
        assert caught.value.count == count
        assert str(caught.value) == (
            f"expected one flow run, the payload holds {count} flow runs; parse_all() reads any number"
        )

    @pytest.mark.parametrize("payload", [BROKEN, [ALERT, BROKEN, FOREIGN]])
    def test_broken(self, payload: Any) -> None:
        """Where the one run is broken, the error says so, whatever stands beside it."""
        where, path = (" at [1]", "[1].") if isinstance(payload, list) else ("", "")
        assert raised(payload, InvalidFlowRunError) == f"flow run{where} has 1 problem:\n  {path}{BROKEN_MESSAGE}"

    @pytest.mark.parametrize(
        ("payload", "message"),
        [
            (ALERT, f"not a flow run: {ALERT_MESSAGE}"),
            ([ALERT], f"not a flow run at [0]: {ALERT_MESSAGE}"),
            ((5, FOREIGN), f"not a flow run at [1]: {FOREIGN_MESSAGE}"),
            ([FOREIGN, ALERT], f"not a flow run at [0]: {FOREIGN_MESSAGE}"),
            ({"event": FOREIGN}, f"not a flow run at event: {FOREIGN_MESSAGE}"),
        ],
    )
    def test_only_others(self, payload: Any, message: str) -> None:
        """Where there are only other messages, the first is told."""
        assert raised(payload, NotAFlowRunError) == message

    def test_no_state(self) -> None:
        """Parsing twice gives equal runs that share nothing, and leaves the input as it was."""
        payload: list[Any] = [{"event_id": "e-1", "event": record(params={"a": [1]}, other=[{}])}]
        before = copy.deepcopy(payload)
        first, second = parse(payload), parse(payload)
        first.params["a"].append(2)
        first.model_extra["other"].append(2)
        payload[0]["event"]["params"]["a"].append(3)
        assert (second.params, second.model_extra) == ({"a": [1]}, {"other": [{}]})
        payload[0]["event"]["params"]["a"].pop()
        assert payload == before


PATH_HINT = "looks like a file's path; read the file and pass what it holds"


class TestUsualMistakes:
    """Things that people pass by mistake, and what the message tells them to do."""

    @pytest.mark.parametrize(
        ("payload", "kind", "message"),
        [
            (
                json.dumps(json.dumps(json.dumps(record()))),
                NotAFlowRunError,
                "not a flow run: it is a string; if it holds JSON itself, decode it once more",
            ),
            (b"", InvalidJSONError, "the payload is empty (line 1, column 0)"),
            (
                '{"validationUrl": "https://webhooks.example/validate?id=1"}',
                NotAFlowRunError,
                "not a flow run: it asks to verify a webhook; fetch its validation_url within 5 minutes",
            ),
            (ALERT, NotAFlowRunError, f"not a flow run: {ALERT_MESSAGE}"),
            (
                {"id": "r-1", "flowid": "f-1", "metrics": {}},
                InvalidFlowRunError,
                "flow run has 1 problem:\n  flowId: expected text, found nothing; the key 'flowid' looks like it",
            ),
            ({"flowId": "f-1"}, InvalidFlowRunError, "flow run has 1 problem:\n  id: expected text, found nothing"),
            (
                {"flowid": "f-1"},
                NotAFlowRunError,
                "not a flow run: it has neither metrics nor flowId; its keys are 'flowid'; 'flowid' looks like flowId",
            ),
            (
                [record("r-1"), record("r-2")],
                RunCountError,
                "expected one flow run, the payload holds 2 flow runs; parse_all() reads any number",
            ),
            ("/data/runs.json", InvalidJSONError, f"the payload is not JSON but {PATH_HINT} (line 1, column 1)"),
            (
                Path("/data/runs.json"),
                InvalidJSONError,
                "the payload is not decoded JSON: it is a path; read the file and pass what it holds",
            ),
            (
                json.dumps(record()).encode("utf-16"),
                InvalidJSONError,
                "the payload is not UTF-8; its first bytes look like UTF-16 or UTF-32 (line 1, column 1)",
            ),
            (
                b'{"id": "r-1", "flowId": "f-1", "other": NaN}',
                InvalidJSONError,
                "the payload is not JSON: NaN is not a number in JSON (line 1, column 41)",
            ),
            (
                record(other=float("nan")),
                InvalidJSONError,
                "the payload is not decoded JSON: it holds NaN at other, which is not a number in JSON",
            ),
            ({"id": {"r-1"}}, InvalidJSONError, "the payload is not decoded JSON: a set cannot stand in JSON"),
            (record(other=b"x"), InvalidJSONError, "the payload is not decoded JSON: a bytes cannot stand in JSON"),
            (
                record(createdAt=datetime(2025, 1, 1, tzinfo=timezone.utc)),
                InvalidJSONError,
                "the payload is not decoded JSON: a datetime cannot stand in JSON",
            ),
            ({}, NotAFlowRunError, "not a flow run: it has neither metrics nor flowId; it is an empty object"),
        ],
    )
    def test_message(self, payload: Any, kind: type[FlowRunNotificationError], message: str) -> None:
        """The whole message, which quotes nothing of the payload but keys."""
        assert raised(payload, kind) == message

    def test_cycle(self) -> None:
        """The message says so where a structure holds itself."""
        payload = record()
        payload["other"] = [payload]
        assert raised(payload, InvalidJSONError) == "the payload is not decoded JSON: it holds itself"

    @pytest.mark.parametrize("depth", [300, 100_000])
    def test_nested_too_deeply(self, depth: int) -> None:
        """The message says so where a payload nests too deeply, and where."""
        with pytest.raises(InvalidJSONError) as caught:
            parse('{"flowId": ' + "[" * depth)
        error = caught.value
        assert str(error) == f"the payload nests too deeply (line 1, column {error.column})"

    @pytest.mark.parametrize("payload", [b"", "{", [float("inf")], Path("runs.json")])
    def test_every_entry_point(self, payload: Any) -> None:
        """Input that is not JSON raises in `parse_all` as in `parse`."""
        message = raised(payload, InvalidJSONError)
        with pytest.raises(InvalidJSONError) as caught:
            parse_all(payload)
        assert str(caught.value) == message

    @pytest.mark.parametrize("place", ['"createdAt"', '"metrics": {"sizeSummary": {"inputBytes"'])
    def test_numbers_beyond_floats(self, place: str) -> None:
        """A number beyond every float is a problem where a field reads it."""
        text = f'{{"id": "r-1", "flowId": "f-1", {place}: 1e400{"}" * place.count("{")}}}'
        with pytest.raises(InvalidFlowRunError):
            parse(text)

    def test_numbers_beyond_floats_in_open_json(self) -> None:
        """Elsewhere it is kept as infinity, as `json.loads` keeps it: to look for it would slow down every payload."""
        assert parse('{"id": "r-1", "flowId": "f-1", "params": {"a": 1e400}}').params == {"a": float("inf")}


class TestParseAll:
    """`parse_all`: any number of runs, and everything else."""

    def test_batch(self) -> None:
        """A batch of 20 deliveries with a broken run, an alert and a foreign event gives all 20, each in its place."""
        batch: list[Any] = [{"event_id": f"e-{i}", "event": record(f"r-{i}")} for i in range(20)]
        batch[3]["event"] = BROKEN
        batch[11]["event"] = ALERT
        batch[19]["event"] = FOREIGN
        result = parse_all(json.dumps(batch))
        deliveries = [Delivery(event_id=f"e-{i}", path=f"[{i}].event", wrappers=("list", "event")) for i in range(20)]
        assert result.runs == tuple(
            FlowRun(id=f"r-{i}", flow_id="f-1", delivery=deliveries[i]) for i in range(20) if i not in (3, 11, 19)
        )
        assert [(other.kind, other.delivery, other.description) for other in result.others] == [
            ("alert", deliveries[11], f"not a flow run at [11].event: {ALERT_MESSAGE}"),
            ("other", deliveries[19], f"not a flow run at [19].event: {FOREIGN_MESSAGE}"),
        ]
        assert [(error.path, error.delivery, str(error)) for error in result.errors] == [
            ("[3].event", deliveries[3], f"flow run at [3].event has 1 problem:\n  [3].event.{BROKEN_MESSAGE}")
        ]
        assert [getattr(item, "path", None) or item.delivery.path for item in result.items] == [
            f"[{i}].event" for i in range(20)
        ]

    @pytest.mark.parametrize("payload", [[], {"events": []}, {"items": [], "_links": {}}, '{"messages": []}'])
    def test_empty(self, payload: Any) -> None:
        """An empty list or page is an empty result."""
        assert parse_all(payload) == ParseResult((), (), (), ())

    def test_repeated_keys(self) -> None:
        """Of a repeated key the last one counts, of a wrapper as of a run."""
        text = (
            '{"event": {"id": "a", "flowId": "f"}, "event_id": "old", "event_id": "new",'
            '"event": {"id": "b", "flowId": "f", "id": "c"}}'
        )
        (found,) = parse_all(text).runs
        assert (found.id, found.delivery.event_id) == ("c", "new")

    def test_lone_surrogates(self) -> None:
        """A lone surrogate costs that character, never the notification."""
        text = '[{"id": "r\\ud800", "flowId": "f-1", "a\\udfff": "\\ud83d\\ude80"}]'
        for payload in (text, text.encode(), json.loads(text)):
            (found,) = parse_all(payload).runs
            assert (found.id, found.model_extra) == ("r\ufffd", {"a\ufffd": "🚀"})

    def test_byte_order_mark(self) -> None:
        """A byte order mark is ignored."""
        text = json.dumps(record())
        assert parse_all("\ufeff" + text) == parse_all(b"\xef\xbb\xbf" + text.encode()) == parse_all(text)


def line(*nodes: Any) -> str:
    """Return a line of an archive that holds one thing, or a list of several."""
    return json.dumps(nodes[0] if len(nodes) == 1 else nodes) + "\n"


Reader = Callable[..., Iterator[FlowRun]]


def read_as_lines(lines: list[str], **options: Any) -> Iterator[FlowRun]:
    """Read lines one by one."""
    return parse_lines(lines, **options)


def read_as_archive(lines: list[str], **options: Any) -> Iterator[FlowRun]:
    """Read lines as one file."""
    return parse_archive(io.BytesIO("".join(lines).encode()), **options)


def account(reader: Reader, lines: Any) -> tuple[list[FlowRun], list[LineError]]:
    """Return the runs in these lines, and the errors about the others."""
    failures: list[LineError] = []
    return list(reader(lines, on_error=failures.append)), failures


@pytest.mark.parametrize("reader", [read_as_lines, read_as_archive])
class TestLinesAndArchives:
    """`parse_lines` and `parse_archive`, where a document stands on each line."""

    def test_lines(self, reader: Reader) -> None:
        """Each line may be any payload, and its runs come one after the other."""
        lines = [line(record("1")), line(record("2"), record("3")), line({"event": record("4")})]
        wanted = [run("1"), run("2", "[0]", "list"), run("3", "[1]", "list"), run("4", "event", "event")]
        assert list(reader(lines)) == wanted
        assert account(reader, lines) == (wanted, [])

    @pytest.mark.parametrize("blank", ["\n", "\r\n", " \n", " \t \r\n"])
    def test_blank_lines(self, reader: Reader, blank: str) -> None:
        """A blank line is skipped, but counted."""
        runs, failures = account(reader, [blank, line(record()), blank, "{"])
        assert (runs, [failure.number for failure in failures]) == ([run()], [4])

    @pytest.mark.parametrize("empty", ["[]\n", '{"events": []}\n', '{"items": [], "_links": {}}\n'])
    def test_empty_batches(self, reader: Reader, empty: str) -> None:
        """A line that holds an empty list or page is not an error."""
        assert account(reader, [empty, line(record())]) == ([run()], [])

    def test_first_broken_line(self, reader: Reader) -> None:
        """Without `on_error` the first broken line raises, after the runs before it; other messages are passed over."""
        lines = [line(record("1")), "\n", line(ALERT), line(FOREIGN), '{"id": secret}\n', line(record("2"))]
        reading = reader(lines)
        assert next(reading) == run("1")
        with pytest.raises(LineError) as caught:
            next(reading)
        error = caught.value
        assert (error.number, str(error)) == (5, "line 5: the payload is not JSON: expected value (column 8)")
        assert error.__cause__ is error.error
        assert isinstance(error.error, InvalidJSONError)
        assert list(reading) == []

    def test_first_broken_run(self, reader: Reader) -> None:
        """So does the first broken run, after the sound ones of its line."""
        reading = reader([line(record("1"), BROKEN, ALERT, record("2")), line(record("3"))])
        assert [next(reading).id, next(reading).id] == ["1", "2"]
        with pytest.raises(LineError) as caught:
            next(reading)
        error = caught.value.error
        assert isinstance(error, PartialParseError)
        assert [found.id for found in error.runs] == ["1", "2"]
        assert [other.kind for other in error.others] == ["alert"]
        assert [str(broken) for broken in error.errors] == [f"flow run at [1] has 1 problem:\n  [1].{BROKEN_MESSAGE}"]
        assert str(caught.value) == f"line 1: {error}"

    def test_every_line_is_accounted_for(self, reader: Reader) -> None:
        """With `on_error` every line that is broken or holds another message is reported, and reading goes on."""
        lines = [
            line(ALERT),
            line(record("1")),
            "{\n",
            "\n",
            line(BROKEN),
            line([record("2"), FOREIGN]),
            line(BROKEN, BROKEN),
            line(record("3")),
        ]
        runs, failures = account(reader, lines)
        assert [found.id for found in runs] == ["1", "2", "3"]
        assert [(failure.number, type(failure.error)) for failure in failures] == [
            (1, NotAFlowRunError),
            (3, InvalidJSONError),
            (5, InvalidFlowRunError),
            (6, PartialParseError),
            (7, PartialParseError),
        ]
        assert [str(failures[i]) for i in (0, 1, 2)] == [
            f"line 1: not a flow run: {ALERT_MESSAGE}",
            "line 3: the payload is not JSON: EOF while parsing an object (column 1)",
            f"line 5: flow run has 1 problem:\n  {BROKEN_MESSAGE}",
        ]
        texts = [failure.line.decode() if isinstance(failure.line, bytes) else failure.line for failure in failures]
        assert [text.strip() for text in texts] == [lines[failure.number - 1].strip() for failure in failures]
        assert failures[3].__cause__ is None

    @pytest.mark.parametrize("nodes", [[record()], [ALERT], [BROKEN], [record(), ALERT, BROKEN]])
    def test_failures_can_be_kept(self, reader: Reader, nodes: list[Any]) -> None:
        """An error survives pickling, as a quarantine queue wants it."""
        for failure in account(reader, [line(*nodes)])[1]:
            again = pickle.loads(pickle.dumps(failure))
            assert (str(again), again.number, again.line) == (str(failure), failure.number, failure.line)

    def test_order(self, reader: Reader) -> None:
        """`on_error` is called when the runs of its line have been handed out, before the next line is read."""
        happened: list[str] = []

        def note(failure: LineError) -> None:
            happened.append(f"failure {failure.number}")

        reading = reader([line(record("1"), ALERT), line(record("2"), ALERT)], on_error=note)
        happened.extend(found.id for found in reading)
        assert happened == ["1", "failure 1", "2", "failure 2"]

    def test_error_of_the_callable(self, reader: Reader) -> None:
        """An exception of `on_error` ends the reading."""

        def refuse(failure: LineError) -> None:
            raise KeyError(failure.number)

        with pytest.raises(KeyError, match="1"):
            list(reader(["{"], on_error=refuse))

    def test_generator(self, reader: Reader) -> None:
        """The result is a generator."""
        assert inspect.isgenerator(reader([]))


class TestParseLines:
    """`parse_lines`: an iterable of lines."""

    def test_text_and_bytes(self) -> None:
        """Text and bytes read alike, whatever ends the lines, even both in one archive."""
        text = json.dumps(record())
        data = text.encode()
        lines: list[str | bytes] = [text, text + "\n", text + "\r\n", f" \t{text}\t \r\n", data, data + b"\n"]
        lines += ["\ufeff" + text, b"\xef\xbb\xbf" + data, json.dumps(record(), indent=2), b"\n\n" + data]
        assert list(parse_lines(lines)) == [run()] * 10

    def test_open_files(self, tmp_path: Path) -> None:
        """Open files are iterables of lines, compressed ones too."""
        text = line(record("1")) + "\n" + line(record("2"))
        path = tmp_path / "archive.ndjson"
        path.write_text(text, encoding="utf-8")
        path.with_suffix(".gz").write_bytes(gzip.compress(text.encode()))
        with (
            path.open(encoding="utf-8") as as_text,
            path.open("rb") as as_bytes,
            gzip.open(path.with_suffix(".gz")) as compressed,
        ):
            files: list[Any] = [as_text, as_bytes, compressed, io.StringIO(text)]
            assert [list(parse_lines(file)) for file in files] == [[run("1"), run("2")]] * 4

    def test_line_as_given(self) -> None:
        """The error holds the line as it was given."""
        lines: list[str | bytes] = ["{\r\n", b" {\n"]
        assert [failure.line for failure in account(parse_lines, lines)[1]] == lines

    @pytest.mark.parametrize("odd", ["\u00a0\n", "\x0c", "\u2028", "\x1c"])
    def test_odd_space(self, odd: str) -> None:
        """Space that JSON does not know is not a blank line, in text as in bytes."""
        assert [failure.line for failure in account(parse_lines, [odd, odd.encode()])[1]] == [odd, odd.encode()]

    def test_lazy(self) -> None:
        """No line is asked for before its runs are."""
        asked: list[int] = []

        def lines() -> Iterator[str]:
            for number in range(3):
                asked.append(number)
                yield line(record(str(number)))

        reading = parse_lines(lines())
        assert asked == []
        assert (next(reading).id, asked) == ("0", [0])
        assert (next(reading).id, asked) == ("1", [0, 1])

    @pytest.mark.parametrize("nodes", [[record()], [ALERT], [BROKEN], [record(), ALERT, BROKEN], []])
    def test_bounded_memory(self, nodes: list[Any]) -> None:
        """However long the archive, only a few of its lines, runs and errors are alive at once."""

        class Line(str):
            """Text to which weak references can be made."""

            __slots__ = ("__weakref__",)

        alive: list[weakref.ref[Any]] = []
        most = 0

        def watch(thing: Any) -> None:
            nonlocal alive, most
            alive = [ref for ref in alive if ref() is not None]
            most = max(most, len(alive))
            alive.append(weakref.ref(thing))

        def lines() -> Iterator[str]:
            for text in repeat(line(*nodes) if nodes else "{", 300):
                made = Line(text)
                watch(made)
                yield made
                del made

        for found in parse_lines(lines(), on_error=watch):
            watch(found)
        assert most <= 8

    @pytest.mark.parametrize(
        ("lines", "given"),
        [
            ('{"id": "r-1"}', "a str"),
            ("/data/runs.ndjson", "a str"),
            (b"{}", "a bytes"),
            (bytearray(b"{}"), "a bytearray"),
            (memoryview(b"{}"), "a memoryview"),
            ({"id": "r-1"}, "a dict"),
        ],
    )
    def test_something_else(self, lines: Any, given: str) -> None:
        """Anything that is surely not lines is refused at once, with the name of what reads it."""
        with pytest.raises(TypeError) as caught:
            parse_lines(lines)
        assert str(caught.value) == (
            f"parse_lines() takes an iterable of lines, such as an open file, not {given}; parse_archive() takes the "
            "path of a file, parse_all() a payload"
        )

    def test_path(self, tmp_path: Path) -> None:
        """So is a path."""
        with pytest.raises(
            TypeError, match=r"^parse_lines\(\) takes .*, not a \w+Path; parse_archive\(\) takes the path"
        ):
            parse_lines(tmp_path)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize(("entry", "kind"), [({}, "a dict"), (5, "an int"), (None, "a NoneType"), ([], "a list")])
    def test_entries_of_another_type(self, entry: Any, kind: str) -> None:
        """An entry that is neither text nor bytes is refused, by its number and type."""
        with pytest.raises(TypeError) as caught:
            list(parse_lines(["\n", entry], on_error=print))
        assert str(caught.value) == f"line 2 is {kind}, neither text nor bytes; parse_all() takes decoded JSON"
