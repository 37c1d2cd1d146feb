"""What `flowrun_notifications.parsing` promises."""

from __future__ import annotations

import copy
import gzip
import inspect
import io
import json
import pickle
import weakref
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from datetime import datetime, timezone
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import ValidationError

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
    Problem,
    RunCountError,
    parse,
    parse_all,
    parse_lines,
)

ALERT: dict[str, Any] = {"status": "FIRING", "name": "delay rule", "severity": "high"}
FOREIGN: dict[str, Any] = {"productName": "another product"}
BROKEN: dict[str, Any] = {"id": "r-0", "flowId": "f-1", "createdAt": "secret"}

ALERT_MESSAGE = "it is an alert; answer it with success and go on"
FOREIGN_MESSAGE = "it has neither metrics nor flowId; its keys are 'productName'"
BROKEN_MESSAGE = "createdAt: expected a time (an epoch or ISO 8601 text), found text"


def record(id_: str = "r-1", **more: Any) -> dict[str, Any]:
    """A sound run record."""
    return {"id": id_, "flowId": "f-1", **more}


def run(id_: str = "r-1", path: str = "", *wrappers: str, **more: Any) -> FlowRun:
    """The run that such a record is, and how it came."""
    return FlowRun(id=id_, flow_id="f-1", delivery=Delivery(path=path, wrappers=wrappers), **more)


def raised(payload: Any, kind: type[FlowRunNotificationError]) -> str:
    """The message that `parse` fails with on a payload; the error is of exactly this kind."""
    with pytest.raises(kind) as caught:
        parse(payload)
    assert type(caught.value) is kind
    return str(caught.value)


def invalid(payload: Any) -> InvalidFlowRunError:
    """The error that says what is wrong with the one run in a payload, which both entry points tell alike."""
    with pytest.raises(InvalidFlowRunError) as caught:
        parse(payload)
    (error,) = parse_all(payload).errors
    assert (error.problems, error.delivery) == (caught.value.problems, caught.value.delivery)
    return error


class TestParse:
    """`parse`: exactly one run."""

    def test_one(self) -> None:
        """It gives the run, and how it came."""
        assert parse({"event": record(flowName="Orders")}) == run("r-1", "event", "event", flow_name="Orders")

    def test_documented(self, documented: bytes) -> None:
        """Bytes, text and decoded JSON of a payload give equal runs, which stand in for each other."""
        wanted = parse(documented)
        forms: list[Any] = [documented.decode(), json.loads(documented), bytearray(documented), memoryview(documented)]
        assert [parse(form) for form in forms] == [wanted] * 4
        assert parse_all(documented) == ParseResult((wanted,), (), ())

    @pytest.mark.parametrize("beside", [[ALERT], [FOREIGN, None, 5, "text"], [[], {"events": []}], [{}, ALERT, {}]])
    @pytest.mark.parametrize("first", [True, False])
    def test_one_among_others(self, beside: list[Any], first: bool) -> None:
        """Things beside it that are no runs do not count."""
        payload = [record(), *beside] if first else [*beside, record()]
        assert parse(payload) == run("r-1", "[0]" if first else f"[{len(beside)}]", "list")

    @pytest.mark.parametrize(
        "payload", ["[]", '{"events": []}', '{"messages": []}', '{"items": [], "_links": {}}', "[[], [[]]]"]
    )
    def test_none(self, payload: str) -> None:
        """Nothing at all is no run."""
        assert raised(payload, RunCountError) == (
            "expected one flow run, the payload holds no flow run; parse_all() reads any number"
        )

    @pytest.mark.parametrize(
        ("payload", "count"),
        [
            ([record("r-1"), record("r-2")], 2),
            ([record(), record()], 2),
            ({"events": [{"event": [record(), record()]}, {"event": record()}]}, 3),
            ([record(), BROKEN], 2),
            ([BROKEN, ALERT, record()], 2),
            ([BROKEN, BROKEN], 2),
            ({"items": [record(), {}], "_links": {}}, 2),
        ],
    )
    def test_several(self, payload: Any, count: int) -> None:
        """Several runs, the same one twice or broken ones included, are too many."""
        with pytest.raises(RunCountError) as caught:
            parse(payload)
        assert caught.value.count == count
        assert str(caught.value) == (
            f"expected one flow run, the payload holds {count} flow runs; parse_all() reads any number"
        )

    @pytest.mark.parametrize("payload", [BROKEN, [ALERT, BROKEN, FOREIGN]])
    def test_one_that_is_broken(self, payload: Any) -> None:
        """Where the one run is broken, that is told, whatever stands beside it."""
        where, path = (" at [1]", "[1].") if isinstance(payload, list) else ("", "")
        assert raised(payload, InvalidFlowRunError) == f"flow run{where} has 1 problem:\n  {path}{BROKEN_MESSAGE}"

    @pytest.mark.parametrize(
        ("payload", "message"),
        [
            (ALERT, f"not a flow run: {ALERT_MESSAGE}"),
            ([ALERT], f"not a flow run at [0]: {ALERT_MESSAGE}"),
            ((5, FOREIGN), "not a flow run at [0]: a number is neither a record nor a wrapper"),
            (({"events": ()}, FOREIGN, ALERT), f"not a flow run at [1]: {FOREIGN_MESSAGE}"),
            ({"event": FOREIGN}, f"not a flow run at event: {FOREIGN_MESSAGE}"),
        ],
    )
    def test_only_others(self, payload: Any, message: str) -> None:
        """Where there is something but no run, the first thing is told."""
        assert raised(payload, NotAFlowRunError) == message

    def test_cause(self) -> None:
        """A broken run's error is chained to pydantic's, any other stands alone or on the decoder's."""
        for payload, kind in ((BROKEN, ValidationError), ("[]", None), (ALERT, None), (b"{", ValueError)):
            with pytest.raises(FlowRunNotificationError) as caught:
                parse(payload)
            assert type(caught.value.__cause__) is (kind or type(None))

    def test_no_state(self) -> None:
        """Parsing the same twice gives equal runs that share nothing that can be changed, and leaves the input be."""
        payload: list[Any] = [{"event_id": "e-1", "event": record(params={"a": [1]}, other=[{}])}]
        before = copy.deepcopy(payload)
        first, second = parse(payload), parse(payload)
        first.params["a"].append(2)
        first.model_extra["other"].append(2)
        payload[0]["event"]["params"]["a"].append(3)
        assert first == second
        assert (second.params, second.model_extra) == ({"a": [1]}, {"other": [{}]})
        payload[0]["event"]["params"]["a"].pop()
        assert payload == before


LOOKS_LIKE_A_PATH = "looks like a file's path; read the file and pass what it holds"


class TestUsualMistakes:
    """What people pass by mistake, and what the message tells them to do."""

    @pytest.mark.parametrize(
        ("payload", "kind", "message"),
        [
            (
                json.dumps(json.dumps(record())),
                NotAFlowRunError,
                "not a flow run: it is text; where that holds JSON in its turn, decode it once more",
            ),
            (
                {"event": [json.dumps(record())]},
                NotAFlowRunError,
                "not a flow run at event[0]: it is text; where that holds JSON in its turn, decode it once more",
            ),
            (b"", InvalidJSONError, "the payload is empty (line 1, column 0)"),
            (
                '{"validationUrl": "https://webhooks.example/validate?id=1"}',
                NotAFlowRunError,
                "not a flow run: it asks to verify a webhook; fetch its validation_url within 5 minutes",
            ),
            (ALERT, NotAFlowRunError, "not a flow run: it is an alert; answer it with success and go on"),
            (
                {"id": "r-1", "metrics": {}},
                InvalidFlowRunError,
                "flow run has 1 problem:\n  flowId: expected text, found nothing",
            ),
            (
                {"flowId": "f-1"},
                InvalidFlowRunError,
                "flow run has 1 problem:\n  id: expected text, found nothing",
            ),
            (
                [record("r-1"), record("r-2")],
                RunCountError,
                "expected one flow run, the payload holds 2 flow runs; parse_all() reads any number",
            ),
            (
                "/data/runs.json",
                InvalidJSONError,
                f"the payload is not JSON but {LOOKS_LIKE_A_PATH} (line 1, column 1)",
            ),
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
                "the payload is not JSON: expected value (line 1, column 41)",
            ),
            (
                record(other=float("nan")),
                InvalidJSONError,
                "the payload is not decoded JSON: it holds a number that JSON does not have",
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
        """A structure that holds itself is told so."""
        payload = record()
        payload["other"] = [payload]
        assert raised(payload, InvalidJSONError) == "the payload is not decoded JSON: it holds itself"

    @pytest.mark.parametrize("depth", [300, 100_000])
    def test_nested_too_deeply(self, depth: int) -> None:
        """What nests too deeply is told so, where it stands."""
        with pytest.raises(InvalidJSONError) as caught:
            parse('{"flowId": ' + "[" * depth)
        error = caught.value
        assert str(error) == f"the payload nests too deeply (line 1, column {error.column})"

    @pytest.mark.parametrize("payload", [b"", "{", [float("inf")], Path("runs.json")])
    def test_every_entry_point(self, payload: Any) -> None:
        """What is not JSON raises in `parse_all` as in `parse`."""
        message = raised(payload, InvalidJSONError)
        with pytest.raises(InvalidJSONError) as caught:
            parse_all(payload)
        assert str(caught.value) == message


class TestParseAll:
    """`parse_all`: any number of runs, and everything else."""

    def test_batch(self) -> None:
        """A batch of 20 deliveries with a broken run, an alert and a foreign event gives all 20, each in its place."""
        batch: list[Any] = [{"event_id": f"e-{i}", "event": record(f"r-{i}")} for i in range(20)]
        batch[3]["event"] = BROKEN
        batch[11]["event"] = ALERT
        batch[19]["event"] = FOREIGN
        result = parse_all(json.dumps(batch))
        assert (len(result.runs), len(result.skipped), len(result.errors)) == (17, 2, 1)
        deliveries = [Delivery(event_id=f"e-{i}", path=f"[{i}].event", wrappers=("list", "event")) for i in range(20)]
        assert result.runs == tuple(
            FlowRun(id=f"r-{i}", flow_id="f-1", delivery=deliveries[i]) for i in range(20) if i not in (3, 11, 19)
        )
        assert [(error.kind, error.path, error.delivery, str(error)) for error in result.skipped] == [
            ("alert", "[11].event", deliveries[11], f"not a flow run at [11].event: {ALERT_MESSAGE}"),
            ("other", "[19].event", deliveries[19], f"not a flow run at [19].event: {FOREIGN_MESSAGE}"),
        ]
        assert [(error.path, error.delivery, str(error)) for error in result.errors] == [
            ("[3].event", deliveries[3], f"flow run at [3].event has 1 problem:\n  [3].event.{BROKEN_MESSAGE}")
        ]

    @pytest.mark.parametrize("payload", [[], {"events": []}, {"items": [], "_links": {}}, '{"messages": []}', "[[]]"])
    def test_empty(self, payload: Any) -> None:
        """An empty list or page is an empty result."""
        assert parse_all(payload) == ParseResult((), (), ())

    @pytest.mark.parametrize("payload", [ALERT, "null", "5", '"text"', "{}", [ALERT]])
    def test_something_else(self, payload: Any) -> None:
        """A payload that is wholly something else is one entry in `skipped`."""
        result = parse_all(payload)
        assert (result.runs, len(result.skipped), result.errors) == ((), 1, ())

    def test_document_order(self) -> None:
        """Runs come in document order, from however deep."""
        payload = [
            {"events": [{"event": record("1")}, {"event": [record("2"), {"value": record("3")}]}]},
            record("4"),
            {"messages": [{"value": record("5")}]},
        ]
        assert [found.id for found in parse_all(payload).runs] == ["1", "2", "3", "4", "5"]

    def test_repeated_keys(self) -> None:
        """Of a repeated key the last one wins, of a wrapper as of a run."""
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


class TestParseResult:
    """What `parse_all` gives."""

    def test_raise_for_errors(self) -> None:
        """With broken runs it raises an error that holds the sound runs and the errors."""
        result = parse_all([record(), BROKEN, ALERT])
        with pytest.raises(PartialParseError) as caught:
            result.raise_for_errors()
        assert (caught.value.runs, caught.value.errors) == (result.runs, result.errors)
        assert str(caught.value) == (
            f"1 of the payload's items could not be read:\nflow run at [1] has 1 problem:\n  [1].{BROKEN_MESSAGE}"
        )

    def test_nothing_to_raise(self) -> None:
        """What was skipped is no error."""
        result = parse_all([record(), ALERT, FOREIGN])
        result.raise_for_errors()
        assert len(result.skipped) == 2

    def test_frozen(self) -> None:
        """It does not change."""
        with pytest.raises(FrozenInstanceError):
            parse_all([]).runs = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    def test_repr(self) -> None:
        """It shows how many there are of each, and no values."""
        assert repr(parse_all([record(), BROKEN, ALERT, FOREIGN])) == "<ParseResult runs=1 skipped=2 errors=1>"

    def test_pickling(self) -> None:
        """It survives pickling."""
        result = parse_all([record(), BROKEN, ALERT])
        again = pickle.loads(pickle.dumps(result))
        assert again.runs == result.runs
        assert [str(error) for error in again.skipped] == [str(error) for error in result.skipped]
        assert [str(error) for error in again.errors] == [str(error) for error in result.errors]


def line(*nodes: Any) -> str:
    """A line of an archive that holds one thing, or a list of several."""
    return json.dumps(nodes[0] if len(nodes) == 1 else nodes) + "\n"


def read_lines(lines: Any) -> tuple[list[FlowRun], list[LineError]]:
    """The runs in these lines, and what was said of the lines that hold something else or are broken."""
    failures: list[LineError] = []
    return list(parse_lines(lines, on_error=failures.append)), failures


def told(failures: list[LineError]) -> list[tuple[int, str | bytes, type[Exception], str]]:
    """What failures tell; each is chained to what is wrong with the line only where it was raised."""
    return [(failure.number, failure.line, type(failure.error), str(failure)) for failure in failures]


class TestParseLines:
    """`parse_lines`: archives of any size."""

    def test_lines(self) -> None:
        """Each line may be any payload, and its runs come one after the other."""
        lines = [line(record("1")), line(record("2"), record("3")), line({"event": record("4")})]
        wanted = [
            run("1"),
            run("2", "[0]", "list"),
            run("3", "[1]", "list"),
            run("4", "event", "event"),
        ]
        assert list(parse_lines(lines)) == wanted
        assert read_lines(lines) == (wanted, [])

    def test_text_and_bytes(self) -> None:
        """Text and bytes read alike, whatever ends the lines, even both in one archive."""
        text = json.dumps(record())
        data = text.encode()
        lines: list[str | bytes] = [text, text + "\n", text + "\r\n", f" \t{text}\t \r\n", data, data + b"\n"]
        assert list(parse_lines(lines)) == [run()] * 6

    def test_open_files(self, tmp_path: Path) -> None:
        """Open files do, compressed ones too."""
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

    @pytest.mark.parametrize("blank", ["", "\n", "\r\n", " ", " \t \r\n", b"", b"\n", b" \t\r\n"])
    def test_blank_lines(self, blank: str | bytes) -> None:
        """A blank line is nothing, but it counts."""
        runs, failures = read_lines([blank, line(record()), blank, "{"])
        assert (runs, [failure.number for failure in failures]) == ([run()], [4])

    @pytest.mark.parametrize("line", ["\u00a0\n", "\x0c", "\u2028", "\x1c"])
    def test_odd_space(self, line: str) -> None:
        """Space that JSON does not know is no blank line, in text as in bytes."""
        assert [failure.line for failure in read_lines([line, line.encode()])[1]] == [line, line.encode()]

    @pytest.mark.parametrize("empty", ["[]", '{"events": []}', '{"items": [], "_links": {}}'])
    def test_empty_batches(self, empty: str) -> None:
        """A line that holds an empty list or page is nothing to tell of."""
        assert read_lines([empty, line(record())]) == ([run()], [])

    def test_first_broken_line_raises(self) -> None:
        """Without `on_error` the first broken line raises, after the runs before it."""
        lines = [line(record("1")), "\n", line(ALERT), line(FOREIGN), '{"id": secret}\n', line(record("2"))]
        reading = parse_lines(lines)
        assert next(reading) == run("1")
        with pytest.raises(LineError) as caught:
            next(reading)
        error = caught.value
        assert told([error]) == [
            (
                5,
                '{"id": secret}\n',
                InvalidJSONError,
                "line 5: the payload is not JSON: expected value (line 1, column 8)",
            )
        ]
        assert error.__cause__ is error.error
        assert list(reading) == []

    def test_broken_run_raises(self) -> None:
        """So does the first broken run, after the sound ones of its line."""
        reading = parse_lines([line(BROKEN, record("1"), ALERT, record("2")), line(record("3"))])
        assert [next(reading).id, next(reading).id] == ["1", "2"]
        with pytest.raises(LineError) as caught:
            next(reading)
        assert str(caught.value) == f"line 1: flow run at [0] has 1 problem:\n  [0].{BROKEN_MESSAGE}"
        assert caught.value.__cause__ is caught.value.error

    def test_several_broken_runs_raise(self) -> None:
        """Several in one line come together."""
        with pytest.raises(LineError) as caught:
            list(parse_lines([line(BROKEN, ALERT, BROKEN, record())]))
        error = caught.value.error
        assert isinstance(error, PartialParseError)
        assert error.runs == (run("r-1", "[3]", "list"),)
        assert str(caught.value) == (
            "line 1: 2 of the payload's items could not be read:\n"
            f"flow run at [0] has 1 problem:\n  [0].{BROKEN_MESSAGE}\n"
            f"flow run at [2] has 1 problem:\n  [2].{BROKEN_MESSAGE}"
        )

    def test_every_line_is_accounted_for(self) -> None:
        """With `on_error` every line that is broken or holds something else is told of, and reading goes on."""
        lines: list[str | bytes] = [
            line(ALERT),
            line(record("1")),
            b"{\n",
            "\n",
            line(BROKEN).encode(),
            line([record("2"), FOREIGN]),
            "\ufeff" + line(record("3")),
        ]
        runs, failures = read_lines(lines)
        assert [found.id for found in runs] == ["1", "2", "3"]
        assert told(failures) == [
            (1, lines[0], NotAFlowRunError, f"line 1: not a flow run: {ALERT_MESSAGE}"),
            (
                3,
                lines[2],
                InvalidJSONError,
                "line 3: the payload is not JSON: EOF while parsing an object (line 1, column 1)",
            ),
            (5, lines[4], InvalidFlowRunError, f"line 5: flow run has 1 problem:\n  {BROKEN_MESSAGE}"),
            (6, lines[5], NotAFlowRunError, f"line 6: not a flow run at [1]: {FOREIGN_MESSAGE}"),
        ]

    def test_several_failures_in_one_line(self) -> None:
        """Of one line there is one error, with all that is wrong with it, broken runs first."""
        runs, (failure,) = read_lines([line(ALERT, BROKEN, record(), FOREIGN)])
        assert runs == [run("r-1", "[2]", "list")]
        error = failure.error
        assert isinstance(error, PartialParseError)
        assert error.runs == tuple(runs)
        assert [type(inner) for inner in error.errors] == [InvalidFlowRunError, NotAFlowRunError, NotAFlowRunError]
        assert str(failure) == (
            "line 1: 3 of the payload's items could not be read:\n"
            f"flow run at [1] has 1 problem:\n  [1].{BROKEN_MESSAGE}\n"
            f"not a flow run at [0]: {ALERT_MESSAGE}\n"
            f"not a flow run at [3]: {FOREIGN_MESSAGE}"
        )

    def test_line_breaks_within_a_line(self) -> None:
        """A line is what the iterable gives, so documents of several lines can be read too."""
        assert list(parse_lines([json.dumps(record(), indent=2), b"\n\n" + line(record()).encode()])) == [run(), run()]

    def test_lazy(self) -> None:
        """It is a generator: no line is asked for before its runs are."""
        assert inspect.isgenerator(parse_lines([]))
        asked: list[int] = []

        def lines() -> Iterator[str]:
            for number in range(3):
                asked.append(number)
                yield line(record(str(number)))

        reading = parse_lines(lines())
        assert asked == []
        assert (next(reading).id, asked) == ("0", [0])
        assert (next(reading).id, asked) == ("1", [0, 1])

    def test_runs_of_a_line_before_its_failure(self) -> None:
        """`on_error` is called when the runs of its line have been handed out, before the next line is asked for."""
        happened: list[str] = []

        def lines() -> Iterator[str]:
            for number in (1, 2):
                happened.append(f"line {number}")
                yield line(record(), ALERT)

        reading = parse_lines(lines(), on_error=lambda failure: happened.append(f"failure {failure.number}"))
        happened.extend(found.id for found in reading)
        assert happened == ["line 1", "r-1", "failure 1", "line 2", "r-1", "failure 2"]

    def test_error_of_the_callable(self) -> None:
        """What `on_error` raises ends the reading."""

        def refuse(failure: LineError) -> None:
            raise KeyError(failure.number)

        with pytest.raises(KeyError, match="1"):
            list(parse_lines(["{"], on_error=refuse))

    @pytest.mark.parametrize("nodes", [[record()], [ALERT], [BROKEN], [record(), ALERT, BROKEN], []])
    def test_bounded_memory(self, nodes: list[Any]) -> None:
        """However long the archive, no more than a few of its lines, runs and errors are alive at once."""

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
            text = line(*nodes) if nodes else "{"
            for copied in repeat(text, 3_000):
                made = Line(copied)
                watch(made)
                yield made
                del made

        for found in parse_lines(lines(), on_error=watch):
            watch(found)
        assert most <= 8

    def test_failures_can_be_kept(self) -> None:
        """A failure survives pickling, as a quarantine queue wants it."""
        (failure,) = read_lines([line(BROKEN)])[1]
        again = pickle.loads(pickle.dumps(failure))
        assert told([again]) == told([failure])
        assert isinstance(failure.error, InvalidFlowRunError)
        assert again.error.salvage() == failure.error.salvage()


class TestProblems:
    """What is said of a broken run."""

    @pytest.mark.parametrize(
        ("wrong", "problem"),
        [
            ({"id": None}, Problem("id", "text", "null")),
            ({"flowId": 5}, Problem("flowId", "text", "a number")),
            ({"flowName": ["x"]}, Problem("flowName", "text", "a list")),
            ({"createdAt": True}, Problem("createdAt", "a time (an epoch or ISO 8601 text)", "true or false")),
            ({"flowSpec": "x"}, Problem("flowSpec", "an object", "text")),
            ({"metrics": [1]}, Problem("metrics", "an object", "a list")),
            ({"params": 5}, Problem("params", "an object", "a number")),
            ({"activities": {}}, Problem("activities", "a list", "an object")),
            ({"childFlowRunIds": ["r", 5]}, Problem("childFlowRunIds[1]", "text", "a number")),
            (
                {"metrics": {"sizeSummary": {"inputBytes": 1.5}}},
                Problem("metrics.sizeSummary.inputBytes", "a whole number", "a number"),
            ),
            (
                {"metrics": {"latencySummary": {"avgMs": "fast"}}},
                Problem("metrics.latencySummary.avgMs", "a number", "text"),
            ),
            (
                {"activities": [{}, {"targetInfo": [{"reference": {"ids": [None]}}]}]},
                Problem("activities[1].targetInfo[0].reference.ids[0]", "text", "null"),
            ),
            ({"xdm:metrics": 5}, Problem("xdm:metrics", "an object", "a number")),
        ],
    )
    def test_each(self, wrong: dict[str, Any], problem: Problem) -> None:
        """A value of the wrong kind is told by its path in Adobe's spelling, what belongs there, what is there."""
        assert invalid({**record(), **wrong}).problems == (problem,)
        nested = invalid([{"messages": [{"value": {**record(), **wrong}}]}])
        path = f"[0].messages[0].value.{problem.path}"
        assert nested.problems == (Problem(path, problem.expected, problem.found),)
        assert str(nested) == f"flow run at [0].messages[0].value has 1 problem:\n  {nested.problems[0]}"

    @pytest.mark.parametrize(("item", "found"), [(None, "null"), (5, "a number"), ("text", "text")])
    def test_no_object(self, item: object, found: str) -> None:
        """An item of an API list that is no object is a problem as a whole."""
        error = invalid({"items": [item], "_links": {}})
        assert error.problems == (Problem("items[0]", "an object", found),)
        with pytest.raises(InvalidFlowRunError) as caught:
            error.salvage()
        assert caught.value is error


EXACTLY: tuple[Any, ...] = (
    ({"createdAt": "soon", "updatedAt": 1735725842310}, {"updatedAt": 1735725842310}),
    ({"metrics": "x", "flowName": "kept"}, {"flowName": "kept"}),
    (
        {"metrics": {"sizeSummary": {"inputBytes": "x", "outputBytes": 5, "other": "kept"}}},
        {"metrics": {"sizeSummary": {"outputBytes": 5, "other": "kept"}}},
    ),
    (
        {"metrics": {"sizeSummary": 5, "recordSummary": {"inputRecordCount": {}}, "customSummary": {"a": 1}}},
        {"metrics": {"recordSummary": {}, "customSummary": {"a": 1}}},
    ),
    (
        {"activities": [5, {"id": "a"}, None, {"id": 5, "name": "b"}, "x", {"id": "c"}]},
        {"activities": [{"id": "a"}, {"name": "b"}, {"id": "c"}]},
    ),
    ({"childFlowRunIds": [1, "a", None, "b", {}]}, {"childFlowRunIds": ["a", "b"]}),
    (
        {"activities": [[], {"targetInfo": [5, {"id": "t", "reference": {"ids": [1, "b", 2]}}]}]},
        {"activities": [{"targetInfo": [{"id": "t", "reference": {"ids": ["b"]}}]}]},
    ),
    (
        {"metrics": {"statusSummary": {"errors": [{"code": 5, "message": "m"}, 7], "status": []}}},
        {"metrics": {"statusSummary": {"errors": [{"message": "m"}]}}},
    ),
    ({"params": [], "other": {"kept": [None]}}, {"other": {"kept": [None]}}),
)
"""What a record says with unusable values, and without."""


class TestSalvage:
    """`InvalidFlowRunError.salvage`: the run with exactly the unusable values read as absent."""

    @pytest.mark.parametrize(("broken", "sound"), EXACTLY)
    def test_exactly(self, broken: dict[str, Any], sound: dict[str, Any]) -> None:
        """What is sound stays, entries of lists close up, and the run is that of the payload without those values."""
        payload = {**record(), **broken}
        before = copy.deepcopy(payload)
        assert invalid(payload).salvage() == invalid(json.dumps(payload)).salvage() == parse({**record(), **sound})
        assert payload == before

    @pytest.mark.parametrize(
        ("broken", "sound"),
        [
            ({"etag": 5, "eTag": '"1"'}, {"etag": '"1"'}),
            ({"etag": 5, "eTag": 6}, {}),
            ({"metrics": 5, "xdm:metrics": {"sizeSummary": 7}}, {"metrics": {}}),
            (
                {"metrics": [], "xdm:metrics": {"sizeSummary": {"inputBytes": 7}}},
                {"metrics": {"sizeSummary": {"inputBytes": 7}}},
            ),
            ({"activities": 5, "activites": [6, {"id": "a"}]}, {"activities": [{"id": "a"}]}),
        ],
    )
    def test_several_spellings(self, broken: dict[str, Any], sound: dict[str, Any]) -> None:
        """Where a key stands in several spellings, another one counts when the first is unusable; if it is usable."""
        assert invalid({**record(), **broken}).salvage() == parse({**record(), **sound})

    def test_spellings_of_ids(self) -> None:
        """An id may be sound in another spelling."""
        broken = {"id": 5, "xdm:flowRunId": "r-1", "flowId": None, "xdm:flowId": "f-1"}
        assert invalid(broken).salvage() == run()

    @pytest.mark.parametrize(
        "ids",
        [
            {"id": None},
            {"flowId": 5},
            {"id": [], "flowId": {}},
            {"id": 5, "xdm:flowRunId": 6},
            {"flowId": None, "xdm:flowId": None, "createdAt": "x"},
        ],
    )
    def test_unsound_ids(self, ids: dict[str, Any]) -> None:
        """Without sound ids there is no run, and the very same error is raised."""
        error = invalid({**record(), **ids, "flowName": 5})
        with pytest.raises(InvalidFlowRunError) as caught:
            error.salvage()
        assert caught.value is error

    def test_absent_ids(self) -> None:
        """Nor is there one where they are absent."""
        error = invalid({"metrics": {"sizeSummary": 5}})
        assert [problem.path for problem in error.problems] == ["id", "flowId", "metrics.sizeSummary"]
        with pytest.raises(InvalidFlowRunError) as caught:
            error.salvage()
        assert caught.value is error

    def test_delivery(self) -> None:
        """The run tells how it came, as a sound one does."""
        page = {"events": [{"position": "p-1", "event": {"event_id": "e-1", "event": BROKEN}}]}
        assert invalid(page).salvage().delivery == Delivery(
            event_id="e-1", position="p-1", path="events[0].event.event", wrappers=("journal", "event")
        )

    def test_twice(self) -> None:
        """Asked again it gives an equal run."""
        error = invalid({**BROKEN, "other": [1]})
        error.salvage().model_extra["other"].append(2)
        assert error.salvage() == error.salvage() == run("r-0", other=[1])

    def test_pickling(self) -> None:
        """It survives pickling and copying."""
        error = invalid({"event_id": "e-1", "event": {**BROKEN, "activities": [5, {"id": "a"}]}})
        salvaged = error.salvage()
        assert [activity.id for activity in salvaged.activities] == ["a"]
        for again in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
            assert again.salvage() == salvaged
