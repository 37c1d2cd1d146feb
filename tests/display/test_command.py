"""What the command line promises."""

from __future__ import annotations

import base64
import errno
import gzip
import io
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flowrun_notifications.report import Style, block, csv_head, csv_row, json_line, table_head, table_row

from flowrun_notifications import __main__ as command_line
from flowrun_notifications import __version__, parse, parse_all
from flowrun_notifications.__main__ import main

PAYLOADS = Path(__file__).parent / "payloads"
EXAMPLES = Path(__file__).parent.parent / "examples" / "payloads"
DOCUMENTED = sorted(PAYLOADS.glob("documented_*.json"))
PLAIN = Style()

RUN = b'{"id": "r1", "flowId": "f1", "metrics": {"statusSummary": {"status": "success"}}}'
FAILED_RUN = b'{"id": "r2", "flowId": "f2", "metrics": {"statusSummary": {"status": "failed"}}}'
BROKEN_RUN = b'{"id": "r3", "metrics": {"recordSummary": {"inputRecordCount": "many"}}}'
ALERT = b'{"name": "late", "status": "FIRING", "severity": "high"}'
CUT_SHORT = b'{"id": "r4", '


class Outcome(NamedTuple):
    """What a call of the command came to."""

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs the command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: bytes = b"", stdin_class: type[io.TextIOWrapper] = io.TextIOWrapper) -> Outcome:
        monkeypatch.setattr("sys.stdin", stdin_class(io.BufferedReader(io.BytesIO(stdin))))
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


def text(*places: tuple[bytes, str]) -> str:
    """The blocks of runs, each with the place that it was read from."""
    return "\n".join(block(parse(content), where, PLAIN) for content, where in places)


def lines(*texts: str) -> str:
    """The texts, each on a line."""
    return "".join(f"{text}\n" for text in texts)


class Terminal(io.StringIO):
    """A terminal, as far as the command asks."""

    def isatty(self) -> bool:
        """Whether it is one."""
        return True


class TerminalInput(io.TextIOWrapper):
    """A terminal to read from."""

    def isatty(self) -> bool:
        """Whether it is one."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Terminal]:
    """Makes a standard stream a terminal that shows colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def make(name: str) -> Terminal:
        stream = Terminal()
        monkeypatch.setattr(sys, name, stream)
        return stream

    return make


class TestRuns:
    """What is told of runs."""

    def test_standard_input(self, command: Command) -> None:
        """Without files, standard input is read; one run is told and nothing else."""
        assert command(stdin=RUN) == (0, text((RUN, "<stdin>:1")), "")

    def test_files(self, command: Command) -> None:
        """Files are read in the order given, standard input among them, and the total is told at the end."""
        Path("a.json").write_bytes(RUN)
        Path("b.ndjson.gz").write_bytes(gzip.compress(RUN + b"\n\n" + FAILED_RUN))
        pretty = json.dumps(json.loads(RUN), indent=2).encode()
        assert command("b.ndjson.gz", "-", "a.json", stdin=pretty) == (
            0,
            text((RUN, "b.ndjson.gz:1"), (FAILED_RUN, "b.ndjson.gz:3"), (pretty, "<stdin>"), (RUN, "a.json:1")),
            "4 flow runs (1 failed)\n",
        )

    def test_documented(self, command: Command) -> None:
        """The documented payloads, printed over many lines, are one document each."""
        places = [(path.read_bytes(), str(path)) for path in DOCUMENTED]
        assert command(*DOCUMENTED) == (0, text(*places), "4 flow runs (2 failed)\n")

    def test_table(self, command: Command) -> None:
        """A table has a head and a row for each run."""
        rows = table_row(parse(RUN), PLAIN) + table_row(parse(FAILED_RUN), PLAIN)
        assert command("--format", "table", stdin=RUN + b"\n" + FAILED_RUN) == (
            0,
            table_head(PLAIN) + rows,
            "2 flow runs (1 failed)\n",
        )

    def test_json(self, command: Command) -> None:
        """JSON is a line for each run, which the command reads again to the same lines, and nothing beside it."""
        expected = "".join(json_line(parse(path.read_bytes())) for path in DOCUMENTED)
        assert command("--format", "json", *DOCUMENTED) == (0, expected, "")
        assert command("--format", "json", stdin=expected.encode()) == (0, expected, "")

    def test_csv(self, command: Command) -> None:
        """CSV has a head and a row for each run, and nothing beside it."""
        rows = "".join(csv_row(parse(path.read_bytes()), PLAIN) for path in DOCUMENTED)
        assert command("--format", "csv", *DOCUMENTED) == (0, csv_head() + rows, "")

    @pytest.mark.parametrize(
        ("format_name", "out"), [("text", ""), ("table", table_head(PLAIN)), ("json", ""), ("csv", csv_head())]
    )
    @pytest.mark.parametrize("content", [b"", b"\n", b"[]", b'{"items": [], "_links": {}}'])
    def test_no_runs(self, content: bytes, format_name: str, out: str, command: Command) -> None:
        """Where there are no runs, this is said, and is no failure."""
        assert command("--format", format_name, stdin=content) == (0, out, "0 flow runs\n")

    def test_partial(self, command: Command) -> None:
        """The total counts partial runs apart."""
        partial = RUN.replace(b"success", b"partialSuccess")
        assert command(stdin=RUN + b"\n" + partial).err == "2 flow runs (1 partial)\n"

    def test_example_payloads(self) -> None:
        """The payloads to try things on are the documented ones."""
        assert {path.name: path.read_bytes() for path in EXAMPLES.glob("*.json")} == {
            path.name: path.read_bytes() for path in DOCUMENTED
        }


class TestSkipped:
    """What is told of things that are no runs."""

    def test_kinds(self, command: Command) -> None:
        """What is no run is named with its place, as skipped, not as an error."""
        lines = [
            ALERT,
            b'[{"validationUrl": "https://example.com/v?secret=s"}]',
            b'{"event_id": "e", "event": {"payload": {"assetType": "a"}}}',
            b'{"event": {"xdm:ingestionId": "i"}}',
            b'{"some\\u001bkey": 1}',
            b"null",
        ]
        status, out, err = command(stdin=b"\n".join(lines))
        other = [str(parse_all(line).skipped[0]) for line in lines[4:]]
        assert (status, out) == (0, "")
        assert err.splitlines() == [
            "<stdin>:1: skipped: alert",
            "<stdin>:2: skipped: validation request at [0]",
            "<stdin>:3: skipped: audit event at event",
            "<stdin>:4: skipped: data ingestion event at event",
            f"<stdin>:5: skipped: {other[0]}",
            f"<stdin>:6: skipped: {other[1]}",
            "0 flow runs, 6 skipped",
        ]

    @pytest.mark.parametrize(
        ("number", "rest"),
        [
            (20, ["0 flow runs, 20 skipped"]),
            (21, ["what else is skipped is only counted", "0 flow runs, 21 skipped"]),
            (1_234, ["what else is skipped is only counted", "0 flow runs, 1,234 skipped"]),
        ],
    )
    def test_many(self, number: int, rest: list[str], command: Command) -> None:
        """The first twenty are named, all are counted."""
        err = command(stdin=(ALERT + b"\n") * number).err
        assert err.splitlines() == [*(f"<stdin>:{line}: skipped: alert" for line in range(1, 21)), *rest]


class TestUnreadable:
    """What is told of things that cannot be read."""

    def test_broken_lines(self, command: Command) -> None:
        """A line that is not JSON is told with file, line and column; the others are read."""
        Path("a.ndjson").write_bytes(b"\n".join([RUN, CUT_SHORT, b"", b"\xff", b"NaN", FAILED_RUN]))
        assert command("a.ndjson") == (
            1,
            text((RUN, "a.ndjson:1"), (FAILED_RUN, "a.ndjson:6")),
            lines(
                "a.ndjson:2:13: error: the payload is not JSON: EOF while parsing a value",
                "a.ndjson:4:1: error: the payload is not JSON: expected value",
                "a.ndjson:5:1: error: the payload is not JSON: expected value",
                "2 flow runs (1 failed), 3 could not be read",
            ),
        )

    def test_broken_document(self, command: Command) -> None:
        """A document that is not JSON is told once, with its line and column."""
        Path("a.json").write_bytes(b'{\n  "id": "r1",\n  "flowId": f1\n}\n')
        assert command("a.json") == (
            1,
            "",
            "a.json:3:14: error: the payload is not JSON: expected ident\n0 flow runs, 1 could not be read\n",
        )

    def test_broken_run(self, command: Command) -> None:
        """A run that is broken is told with all its problems; what stands beside it is read."""
        content = b"[" + b", ".join([RUN, BROKEN_RUN, ALERT]) + b"]"
        (error,) = parse_all(content).errors
        told = str(error).splitlines()
        assert len(told) == 3
        assert command(stdin=content) == (
            1,
            block(parse_all(content).runs[0], "<stdin>:1", PLAIN),
            lines(
                "<stdin>:1: skipped: alert at [2]",
                f"<stdin>:1: error: {told[0]}",
                *told[1:],
                "1 flow run, 1 skipped, 1 could not be read",
            ),
        )

    def test_batch(self, command: Command) -> None:
        """Of a batch of 20 with a broken run, an alert and a foreign event, all is accounted for."""
        runs = [RUN.replace(b"r1", b"r%d" % number) for number in range(17)]
        batch = (
            b"["
            + b", ".join([*runs[:5], BROKEN_RUN, *runs[5:10], ALERT, *runs[10:], b'{"specversion": "1.0", "data": {}}'])
            + b"]"
        )
        status, out, err = command("--format", "json", stdin=batch)
        assert status == 1
        assert [json.loads(line)["id"] for line in out.splitlines()] == [f"r{number}" for number in range(17)]
        assert err.splitlines() == [
            "<stdin>:1: skipped: alert at [11]",
            f"<stdin>:1: skipped: {parse_all(batch).skipped[1]}",
            "<stdin>:1: error: flow run at [5] has 2 problems:",
            "  [5].flowId: expected text, found nothing",
            "  [5].metrics.recordSummary.inputRecordCount: expected a whole number, found text",
            "17 flow runs, 2 skipped, 1 could not be read",
        ]

    def test_missing_file(self, command: Command) -> None:
        """A file that is not there, or is a folder, is told; the others are read."""
        Path("folder").mkdir()
        Path("a.json").write_bytes(RUN)
        assert command("missing\x1b[2J", "folder", "a.json") == (
            1,
            text((RUN, "a.json:1")),
            lines(
                "missing\\x1b[2J: error: cannot be read: No such file or directory",
                "folder: error: cannot be read: Is a directory",
                "1 flow run, 2 could not be read",
            ),
        )

    def test_cut_archive(self, command: Command) -> None:
        """Of a compressed archive that is cut short, what can be read is."""
        archive = gzip.compress(RUN + b"\n" + os.urandom(50_000).hex().encode())
        status, out, err = command(stdin=archive[:-100])
        reason = "Compressed file ended before the end-of-stream marker was reached"
        assert (status, out) == (1, text((RUN, "<stdin>:1")))
        assert err == lines(
            f"<stdin>: error: cannot be read beyond line 1: {reason}", "1 flow run, 1 could not be read"
        )


class TestErrorsFile:
    """`--errors FILE`."""

    @staticmethod
    def entries() -> list[dict[str, Any]]:
        """What it holds."""
        return [json.loads(line) for line in Path("errors").read_bytes().splitlines()]

    def test_lines(self, command: Command) -> None:
        """Each line that could not be read stands in it, unchanged, with its file, its number and the reason."""
        lines = [RUN, CUT_SHORT + b"\r", '{"é": "\x1b'.encode(), ALERT, b'{"id": "\xff\xfe"}', BROKEN_RUN]
        Path("a.ndjson").write_bytes(b"\n".join(lines))
        assert command("--errors", "errors", "a.ndjson").status == 1
        not_json = "the payload is not JSON: "
        assert self.entries() == [
            {
                "file": "a.ndjson",
                "line": 2,
                "reason": f"{not_json}EOF while parsing a value",
                "original": lines[1].decode(),
            },
            {
                "file": "a.ndjson",
                "line": 3,
                "reason": f"{not_json}control character (\\u0000-\\u001F) found while parsing a string",
                "original": lines[2].decode(),
            },
            {
                "file": "a.ndjson",
                "line": 5,
                "reason": f"{not_json}invalid unicode code point",
                "original_base64": base64.b64encode(lines[4]).decode(),
            },
            {
                "file": "a.ndjson",
                "line": 6,
                "reason": str(parse_all(BROKEN_RUN).errors[0]),
                "original": lines[5].decode(),
            },
        ]

    def test_document(self, command: Command) -> None:
        """A document over many lines stands in it as one entry, however many of its runs are broken."""
        content = b"[\n" + BROKEN_RUN + b",\n" + RUN + b",\n" + BROKEN_RUN + b"\n]\n"
        command("--errors", "errors", stdin=content)
        reasons = [str(error) for error in parse_all(content).errors]
        assert len(reasons) == 2
        assert self.entries() == [
            {"file": "<stdin>", "line": None, "reason": "\n".join(reasons), "original": content.decode()}
        ]

    def test_read_again(self, command: Command) -> None:
        """What stands in it can be taken out, mended, and read."""
        command("--errors", "errors", stdin=b"\n".join([RUN, CUT_SHORT, FAILED_RUN]))
        mended = "\n".join(entry["original"] + '"flowId": "f4"}' for entry in self.entries())
        assert command("--format", "json", stdin=mended.encode()) == (0, '{"id":"r4","flowId":"f4"}\n', "")

    def test_all_read(self, command: Command) -> None:
        """Where all could be read it is empty, whatever it held before."""
        Path("errors").write_text("old")
        assert command("--errors", "errors", stdin=RUN + b"\n" + ALERT).status == 0
        assert self.entries() == []

    def test_without_it(self, command: Command, tmp_path: Path) -> None:
        """Without the option nothing is written."""
        command(stdin=BROKEN_RUN)
        assert list(tmp_path.iterdir()) == []

    def test_is_no_input(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that is also to be read is refused, and left as it is."""
        Path("a.json").write_bytes(RUN)
        with pytest.raises(SystemExit, match=r"^2$"):
            command("missing.json", "a.json", "--errors", "./a.json")
        assert capsys.readouterr().err.endswith("error: argument --errors: a.json is also to be read\n")
        assert Path("a.json").read_bytes() == RUN

    def test_unwritable(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that cannot be written is refused before anything is read."""
        with pytest.raises(SystemExit, match=r"^2$"):
            command("--errors", "missing/errors", stdin=RUN)
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.endswith(
            "error: argument --errors: cannot write missing/errors: No such file or directory\n"
        )


class TestUsage:
    """Arguments and exit status."""

    @pytest.mark.parametrize(
        ("content", "arguments", "status"),
        [
            (RUN, (), 0),
            (RUN, ("--fail-on-failed-run",), 0),
            (FAILED_RUN, (), 0),
            (FAILED_RUN, ("--fail-on-failed-run",), 1),
            (RUN.replace(b"success", b"partialSuccess"), ("--fail-on-failed-run",), 0),
            (ALERT, ("--fail-on-failed-run",), 0),
            (BROKEN_RUN, (), 1),
            (CUT_SHORT, ("--fail-on-failed-run",), 1),
        ],
    )
    def test_status(self, content: bytes, arguments: tuple[str, ...], status: int, command: Command) -> None:
        """A failed run is read, unless it shall fail the command; what cannot be read always does."""
        assert command(*arguments, stdin=content).status == status

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--form", "json"], "unrecognized arguments: --form"),
            (["--format", "xml"], "argument --format: invalid choice: 'xml'"),
            (["--errors"], "argument --errors: expected one argument"),
        ],
    )
    def test_wrong(self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Wrong usage exits with 2, and says what is wrong."""
        with pytest.raises(SystemExit, match=r"^2$"):
            main(arguments)
        assert f"flowrun-notifications: error: {message}" in capsys.readouterr().err

    def test_arguments_of_the_process(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without arguments given, those of the process count; options may stand between files."""
        path = tmp_path / "a.json"
        path.write_bytes(RUN)
        monkeypatch.setattr("sys.argv", ["flowrun-notifications", str(path), "--format", "json", str(path)])
        assert (main(), capsys.readouterr().out) == (0, json_line(parse(RUN)) * 2)

    def test_any_stream(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """Standard output may be any stream of text."""
        out = io.StringIO()
        monkeypatch.setattr("sys.stdout", out)
        assert (command(stdin=RUN).status, out.getvalue()) == (0, text((RUN, "<stdin>:1")))

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The version is told."""
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["--version"])
        assert capsys.readouterr().out == f"flowrun-notifications {__version__}\n"

    def test_help(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """The help names every option, format and exit status, and fits the usual terminal."""
        monkeypatch.setenv("COLUMNS", "80")
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["--help"])
        lines = capsys.readouterr().out.splitlines()
        first_words = {tuple(line.split()[:1]) for line in lines}
        for word in (
            "--format",
            "--errors",
            "--fail-on-failed-run",
            "--version",
            "text",
            "table",
            "json",
            "csv",
            "0",
            "1",
            "2",
        ):
            assert (word,) in first_words
        assert max(map(len, lines)) < 80


class TestTerminal:
    """What differs where a stream is a terminal."""

    def test_colour(self, command: Command, terminal: Callable[[str], Terminal]) -> None:
        """On a terminal there are colours, and space before the total."""
        out = terminal("stdout")
        style = Style(80, in_colour=True, is_terminal=True)
        blocks = [block(parse(content), f"<stdin>:{line}", style) for line, content in ((1, RUN), (2, FAILED_RUN))]
        assert command(stdin=RUN + b"\n" + FAILED_RUN).err == "2 flow runs (1 failed)\n"
        assert out.getvalue() == "\n".join([*blocks, ""])
        assert out.getvalue().startswith("\x1b[1;32mSUCCESS\x1b[0m")

    def test_one_run(self, command: Command, terminal: Callable[[str], Terminal]) -> None:
        """A single run is told without total, and so without space before it."""
        out = terminal("stdout")
        assert command(stdin=RUN).err == ""
        assert out.getvalue() == block(parse(RUN), "<stdin>:1", Style(80, in_colour=True, is_terminal=True))

    @pytest.mark.parametrize(
        ("environment", "on_windows", "expected"),
        [
            ({"NO_COLOR": "1"}, False, False),
            ({"NO_COLOR": "0"}, False, False),
            ({"NO_COLOR": ""}, False, True),
            ({"TERM": "dumb"}, False, False),
            ({}, True, False),
            ({"WT_SESSION": "id"}, True, True),
        ],
    )
    def test_whether_colour(
        self,
        environment: dict[str, str],
        on_windows: bool,
        expected: bool,
        command: Command,
        terminal: Callable[[str], Terminal],
    ) -> None:
        """There are no colours where NO_COLOR says so, or where the terminal would print their codes."""
        out = terminal("stdout")
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("WT_SESSION", raising=False)
            patch.setattr(command_line, "_ON_WINDOWS", on_windows)
            for name, value in environment.items():
                patch.setenv(name, value)
            command("--format", "table", stdin=RUN)
        assert ("\x1b[" in out.getvalue()) is expected

    @pytest.mark.parametrize(("on_windows", "key"), [(False, "Ctrl-D"), (True, "Ctrl-Z")])
    def test_waiting(self, on_windows: bool, key: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where standard input is a terminal, the command says what it waits for, and how to end it."""
        monkeypatch.setattr(command_line, "_ON_WINDOWS", on_windows)
        err = command(stdin=RUN, stdin_class=TerminalInput).err
        assert err == f"reading standard input; end it with {key}\n"

    def test_progress(
        self, command: Command, terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A long input shows how far it has been read, on one line that makes way for anything else."""
        seconds = count()
        monkeypatch.setattr(command_line, "monotonic", lambda: next(seconds))
        err = terminal("stderr")
        content = b"\n".join([RUN, ALERT, FAILED_RUN])
        first, second = len(RUN) / len(content), (len(RUN) + len(ALERT)) / len(content)
        Path("a.ndjson").write_bytes(content)
        pretty = json.dumps(json.loads(RUN), indent=2).encode()
        command("a.ndjson", "-", stdin=pretty)
        assert err.getvalue().replace("\r" + " " * 79 + "\r", "<cleared>") == (
            f"a.ndjson {first:.0%}, line 1: 1 flow run"
            "<cleared>a.ndjson:2: skipped: alert\n"
            f"a.ndjson {second:.0%}, line 2: 1 flow run, 1 skipped"
            "<cleared>a.ndjson 100%, line 3: 2 flow runs (1 failed), 1 skipped"
            "<cleared><stdin>: 3 flow runs (1 failed), 1 skipped"
            "<cleared>3 flow runs (1 failed), 1 skipped\n"
        )

    def test_progress_among_output(
        self, command: Command, terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where both streams are the terminal, the progress makes way for each run."""
        seconds = count()
        monkeypatch.setattr(command_line, "monotonic", lambda: next(seconds))
        both = terminal("stdout")
        monkeypatch.setattr("sys.stderr", both)
        command("--format", "json", stdin=RUN + b"\n" + FAILED_RUN)
        assert both.getvalue().replace("\r" + " " * 79 + "\r", "<cleared>") == (
            f"{json_line(parse(RUN))}<stdin>, line 1: 1 flow run"
            f"<cleared>{json_line(parse(FAILED_RUN))}<stdin>, line 2: 2 flow runs (1 failed)<cleared>"
        )

    def test_progress_now_and_then(
        self, command: Command, terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The progress is not shown more than twice a second, and not in the first half second."""
        seconds = count(0.0, 1 / 128)
        monkeypatch.setattr(command_line, "monotonic", lambda: next(seconds))
        err = terminal("stderr")
        command("--format", "json", stdin=(RUN + b"\n") * 200)
        shown = [text.strip() for text in err.getvalue().split("\r") if text.strip()]
        assert shown == [f"<stdin>, line {number}: {number} flow runs" for number in (64, 128, 192)]

    def test_terminal_size(self, monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
        """A terminal's width is asked of the terminal; one that does not know it gets the usual one."""

        class SizedTerminal(Terminal):
            def fileno(self) -> int:
                return -1

        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setenv("LINES", "100")
        for columns, expected in ((60, 60), (0, 80)):
            sizes = {-1: os.terminal_size((columns, 24))}
            monkeypatch.setattr(os, "get_terminal_size", sizes.__getitem__)
            out = SizedTerminal()
            monkeypatch.setattr("sys.stdout", out)
            command("--format", "table", stdin=DOCUMENTED[0].read_bytes())
            run = parse(DOCUMENTED[0].read_bytes())
            assert out.getvalue() == table_head(Style(expected)) + table_row(run, Style(expected))


class Unwritable(io.StringIO):
    """A stream that cannot be written."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:  # noqa: ARG002
        """Fails."""
        raise self._error


class TestEnd:
    """How the command ends where it cannot go on."""

    @pytest.mark.parametrize(
        ("error", "status", "err"),
        [
            (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
            (
                OSError(errno.ENOSPC, "No space left on device"),
                1,
                "flowrun-notifications: cannot write: No space left on device\n",
            ),
        ],
        ids=["broken pipe", "full"],
    )
    def test_unwritable(
        self, error: OSError, status: int, err: str, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who has read enough hears no more; any other reason is told."""
        monkeypatch.setattr("sys.stdout", Unwritable(error))
        assert command(stdin=RUN) == (status, "", err)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
    def test_full_device(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is left in the buffer of a stream that is full does not fail again."""
        with Path("/dev/full").open("w") as full:
            monkeypatch.setattr("sys.stdout", full)
            assert command(stdin=RUN).status == 1

    @pytest.mark.parametrize("is_terminal", [False, True])
    def test_interrupted(
        self, is_terminal: bool, command: Command, terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An interrupted command leaves the signal to the system, as if it had not caught it."""
        calls: list[tuple[object, ...]] = []

        def note(*arguments: object) -> None:
            calls.append(arguments)

        monkeypatch.setattr(signal, "signal", note)
        monkeypatch.setattr(signal, "raise_signal", note)
        monkeypatch.setattr("sys.stdout", Unwritable(KeyboardInterrupt()))
        err = terminal("stderr") if is_terminal else io.StringIO()
        monkeypatch.setattr("sys.stderr", err)
        assert command(stdin=RUN).status == 130
        assert calls == [(signal.SIGINT, signal.SIG_DFL), (signal.SIGINT,)]
        assert err.getvalue() == ("\n" if is_terminal else "")


MODULE = [sys.executable, "-m", "flowrun_notifications"]


@pytest.mark.slow
class TestProcess:
    """The command as a process."""

    def test_pipe(self) -> None:
        """It reads standard input, and writes what is no ASCII as UTF-8 in any locale."""
        run = '{"id": "r1", "flowId": "f1", "flowName": "顧客"}'.encode()
        process = subprocess.run(
            [*MODULE, "--format", "csv"],
            input=run,
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "LC_ALL": "C",
                "PYTHONUTF8": "0",
                "PYTHONCOERCECLOCALE": "0",
                "PYTHONIOENCODING": "latin-1",
            },
        )
        assert process.stdout.decode().splitlines() == (csv_head() + csv_row(parse(run), PLAIN)).splitlines()
        assert process.stderr == b""

    def test_exit_status(self) -> None:
        """The process exits with the command's status."""
        process = subprocess.run([*MODULE, "missing.json"], capture_output=True, check=False)
        assert (process.returncode, process.stdout) == (1, b"")

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE")
    def test_broken_pipe(self) -> None:
        """It ends in silence when nobody reads on, as `head` does not."""
        with subprocess.Popen(
            [*MODULE, "--format", "json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            try:
                process.stdin.write((RUN + b"\n") * 10_000)
                process.stdin.close()
            except BrokenPipeError:
                pass
            assert process.stderr.read() == b""
            assert process.wait() == 141

    @pytest.fixture
    def interruptible(self) -> Iterator[None]:
        """Interrupts are not ignored, as they are by what is started in the background."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
    @pytest.mark.usefixtures("interruptible")
    def test_interrupt(self) -> None:
        """It dies of the interrupt, without a traceback, and what it had read is not lost."""
        with subprocess.Popen(
            [*MODULE, "--format", "json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdin.write(RUN + b"\n" + ALERT + b"\n")
            process.stdin.flush()
            assert process.stderr.readline() == b"<stdin>:2: skipped: alert\n"
            process.send_signal(signal.SIGINT)
            assert process.wait() == -signal.SIGINT
            assert process.stdout.read() == json_line(parse(RUN)).encode()
            assert process.stderr.read() == b""

    def test_terminal(self) -> None:
        """On a real terminal the lines fit, and there are colours."""
        fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        process = subprocess.Popen(
            [*MODULE, *DOCUMENTED],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm"},
        )
        os.close(theirs)
        shown = b""
        with process, suppress(OSError):  # Linux says so where the other side is closed
            while received := os.read(ours, 65_536):
                shown += received
        os.close(ours)
        style = Style(60, in_colour=True)
        blocks = [block(parse(path.read_bytes()), str(path), style) for path in DOCUMENTED]
        assert process.returncode == 0
        assert shown.decode().replace("\r\n", "\n") == "\n".join([*blocks, "4 flow runs (2 failed)\n"])
