"""Tests of the command: `_display.command` and `__main__`."""

from __future__ import annotations

import base64
import errno
import gzip
import io
import json
import os
import platform
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pydantic
import pytest

from display.runs import DOCUMENTED
from flowrun_notifications import __version__, lookup_error, parse, parse_all, to_markdown
from flowrun_notifications.__main__ import main
from flowrun_notifications._display import command as command_module
from flowrun_notifications._display import terminal as terminal_module
from flowrun_notifications._display.export import csv_head, csv_row, json_line
from flowrun_notifications._display.redact import Redactor
from flowrun_notifications._display.terminal import Style, run_block, table_head, table_row

PLAIN = Style()
COLOURED = Style(80, in_colour=True, is_terminal=True)

RUN = b'{"id": "r1", "flowId": "f1", "metrics": {"statusSummary": {"status": "success"}}}'
FAILED_RUN = b'{"id": "r2", "flowId": "f2", "metrics": {"statusSummary": {"status": "failed"}}}'
BROKEN_RUN = b'{"id": "r3", "metrics": {"recordSummary": {"inputRecordCount": "many"}}}'
ALERT = b'{"name": "late", "status": "FIRING", "severity": "high"}'
CUT_SHORT = b'{"id": "r4", '
PARTIAL_RUN = RUN.replace(b"success", b"partialSuccess").replace(b"r1", b"r5")


class Outcome(NamedTuple):
    """The outcome of a call of the command."""

    status: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Return a function that runs the command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object, stdin: bytes = b"", stdin_class: type[io.TextIOWrapper] = io.TextIOWrapper) -> Outcome:
        monkeypatch.setattr("sys.stdin", stdin_class(io.BufferedReader(io.BytesIO(stdin))))
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture
def documented_files(tmp_path: Path, read_payload: Callable[[str], bytes]) -> list[Path]:
    """Return files with the documented payloads."""
    paths = [tmp_path / f"{name}.json" for name in DOCUMENTED]
    for path in paths:
        path.write_bytes(read_payload(path.stem))
    return paths


def text(*places: tuple[bytes, str]) -> str:
    """Return the blocks of runs, each with the place that it was read from."""
    return "\n".join(run_block(parse(content), where, PLAIN) for content, where in places)


def lines(*texts: str) -> str:
    """Return the texts, each on a line."""
    return "".join(f"{text}\n" for text in texts)


class Terminal(io.StringIO):
    """A terminal, as far as the command asks."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


class TerminalInput(io.TextIOWrapper):
    """A terminal to read from."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Terminal]:
    """Return a function that makes a standard stream a terminal with colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def make(name: str) -> Terminal:
        stream = Terminal()
        monkeypatch.setattr(sys, name, stream)
        return stream

    return make


class TestRuns:
    """Runs in every format."""

    def test_standard_input(self, command: Command) -> None:
        """Without files, standard input is read; one run is shown and nothing else."""
        assert command(stdin=RUN) == (0, text((RUN, "<stdin>:1")), "")

    def test_files(self, command: Command) -> None:
        """Files are read in the order given, standard input among them, and the total stands at the end."""
        Path("a.json").write_bytes(RUN)
        Path("b.ndjson.gz").write_bytes(gzip.compress(RUN + b"\n\n" + FAILED_RUN))
        pretty = b"\n" + json.dumps(json.loads(RUN), indent=2).encode()
        assert command("b.ndjson.gz", "-", "a.json", stdin=pretty) == (
            0,
            text((RUN, "b.ndjson.gz:1"), (FAILED_RUN, "b.ndjson.gz:3"), (pretty, "<stdin>:2"), (RUN, "a.json:1")),
            "4 flow runs (1 failed)\n",
        )

    def test_documents(self, command: Command) -> None:
        """Documents are told apart whatever separates them, as `parse_archive` does."""
        content = RUN + FAILED_RUN + b"\n\x1e" + PARTIAL_RUN
        assert command("--format", "json", stdin=content) == (
            0,
            "".join(json_line(parse(run)) for run in (RUN, FAILED_RUN, PARTIAL_RUN)),
            "",
        )

    def test_documented(self, command: Command, documented_files: list[Path]) -> None:
        """The documented payloads, printed over many lines, are one document each."""
        places = [(path.read_bytes(), f"{path}:1") for path in documented_files]
        assert command(*documented_files) == (0, text(*places), "4 flow runs (2 failed)\n")

    def test_table(self, command: Command) -> None:
        """A table has a head and a row for each run."""
        rows = table_row(parse(RUN), PLAIN) + table_row(parse(FAILED_RUN), PLAIN)
        assert command("--format", "table", stdin=RUN + b"\n" + FAILED_RUN) == (
            0,
            table_head(PLAIN) + rows,
            "2 flow runs (1 failed)\n",
        )

    @pytest.mark.parametrize("arguments", [("--markdown",), ("--format", "markdown")])
    def test_markdown(self, arguments: tuple[str, ...], command: Command) -> None:
        """Markdown has a list for each run, with an empty line between two."""
        assert command(*arguments, stdin=RUN + b"\n" + FAILED_RUN) == (
            0,
            f"{to_markdown(parse(RUN))}\n\n{to_markdown(parse(FAILED_RUN))}\n",
            "2 flow runs (1 failed)\n",
        )

    def test_json(self, command: Command, documented_files: list[Path]) -> None:
        """JSON is a line for each run, which the command reads again to the same lines, and nothing beside it."""
        expected = "".join(json_line(parse(path.read_bytes())) for path in documented_files)
        assert command("--format", "json", *documented_files) == (0, expected, "")
        assert command("--format", "json", stdin=expected.encode()) == (0, expected, "")

    def test_csv(self, command: Command, documented_files: list[Path]) -> None:
        """CSV has a head and a row for each run, and nothing beside it."""
        rows = "".join(csv_row(parse(path.read_bytes()), to_terminal=False) for path in documented_files)
        assert command("--format", "csv", *documented_files) == (0, csv_head() + rows, "")

    @pytest.mark.parametrize(
        ("format_name", "out"),
        [("text", ""), ("table", table_head(PLAIN)), ("markdown", ""), ("json", ""), ("csv", csv_head())],
    )
    @pytest.mark.parametrize("content", [b"", b"\n", b"[]", b'{"items": [], "_links": {}}'])
    def test_no_runs(self, content: bytes, format_name: str, out: str, command: Command) -> None:
        """An input without runs is told as such, and is not a failure."""
        assert command("--format", format_name, stdin=content) == (0, out, "0 flow runs\n")

    def test_partial(self, command: Command) -> None:
        """The total counts partial runs apart."""
        assert command(stdin=RUN + b"\n" + PARTIAL_RUN).err == "2 flow runs (1 partial)\n"


class TestAttention:
    """`--attention`."""

    def test_some(self, command: Command) -> None:
        """Only runs that need attention are shown; all are counted."""
        content = b"\n".join([RUN, FAILED_RUN, PARTIAL_RUN])
        assert command("--attention", stdin=content) == (
            0,
            text((FAILED_RUN, "<stdin>:2"), (PARTIAL_RUN, "<stdin>:3")),
            "3 flow runs (1 failed, 1 partial), 2 need attention\n",
        )

    def test_one(self, command: Command) -> None:
        """One run that needs attention is told in the singular."""
        err = command("--attention", stdin=RUN + b"\n" + FAILED_RUN).err
        assert err == "2 flow runs (1 failed), 1 needs attention\n"

    def test_none(self, command: Command) -> None:
        """Where nothing is shown for people, the total says why; for programs the output is enough."""
        assert command("--attention", stdin=RUN) == (0, "", "1 flow run, 0 need attention\n")
        assert command("--attention", "--format", "json", stdin=RUN) == (0, "", "")


class TestLatest:
    """`--latest`."""

    STARTED = RUN.replace(b"success", b"inProgress")

    @pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
    def test_states(self, order: tuple[int, ...], command: Command) -> None:
        """The latest state of each run is shown, in order of first appearance, with its own place."""
        states = [self.STARTED, RUN, FAILED_RUN]
        content = b"\n".join(states[i] for i in order)
        assert command("--latest", stdin=content) == (
            0,
            text((RUN, f"<stdin>:{order.index(1) + 1}"), (FAILED_RUN, "<stdin>:3")),
            "2 flow runs (1 failed)\n",
        )

    def test_repeated(self, command: Command) -> None:
        """A repeated delivery counts once, and of the same state the first is kept."""
        assert command("--latest", stdin=RUN + b"\n" + RUN) == (0, text((RUN, "<stdin>:1")), "")

    def test_failed_then_succeeded(self, command: Command) -> None:
        """A state that is not the latest neither needs attention nor fails the command."""
        failed, succeeded = (
            json.dumps({"id": "r", "flowId": "f", "updatedAt": at, "metrics": {"statusSummary": {"status": status}}})
            for at, status in ((1_700_000_000_000, "failed"), (1_700_000_001_000, "success"))
        )
        content = f"{failed}\n{succeeded}\n".encode()
        assert command("--latest", "--attention", "--fail-on-failed-run", stdin=content) == (
            0,
            "",
            "1 flow run, 0 need attention\n",
        )


class TestRedact:
    """`--redact`."""

    def test_payloads(self, command: Command) -> None:
        """Each payload is written redacted, the same id in the same way."""
        other = json.loads(ALERT)
        redactor = Redactor()
        out = "".join(redactor.redact_document(json.loads(content)) for content in (RUN, FAILED_RUN, ALERT))
        assert '"id": "text 1"' in out
        assert command("--redact", stdin=b"\n".join([RUN, FAILED_RUN, ALERT])) == (
            0,
            out,
            "<stdin>:3: not a flow run: alert\n2 flow runs (1 failed), 1 other message\n",
        )
        assert other["name"] not in out

    def test_reads_again(self, command: Command, documented_files: list[Path]) -> None:
        """The output can be read by the command, and holds the same runs."""
        redacted = command("--redact", *documented_files)
        assert redacted.err == ""
        again = command("--format", "table", stdin=redacted.out.encode())
        assert again.err == "4 flow runs (2 failed)\n"

    def test_broken(self, command: Command) -> None:
        """A broken run is written and told; what is not JSON cannot be redacted."""
        status, out, err = command("--redact", stdin=BROKEN_RUN + b"\n" + CUT_SHORT)
        assert (status, out) == (1, Redactor().redact_document(json.loads(BROKEN_RUN)))
        assert err.splitlines() == [
            "<stdin>:1: error: flow run has 2 problems:",
            "  flowId: expected text, found nothing",
            "  metrics.recordSummary.inputRecordCount: expected a whole number, found text",
            "<stdin>:2:12: error: the payload is not JSON: EOF while parsing a value",
            "0 flow runs, 2 could not be read",
        ]


class TestCode:
    """`--code`."""

    def test_documented(self, command: Command) -> None:
        """A documented code is explained, and nothing is read."""
        info = lookup_error("133")
        status, out, err = command("--code", "133", stdin=CUT_SHORT)
        assert (status, err) == (0, "")
        assert out == (
            f"133  {info.title}\n"
            f"  meaning     {info.meaning}\n"
            f"  what to do  {info.remedy}\n"
            f"  step        {info.stage}\n"
            "  family      BATCH\n"
            "  number      133\n"
            "  source      Adobe\n"
        )

    def test_undocumented(self, command: Command) -> None:
        """An undocumented code is told as such, and is not a failure."""
        assert command("--code", "INGEST-9999-404\x1b") == (0, "INGEST-9999-404\\x1b  not documented\n", "")

    def test_unwritable(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """A stream that cannot be written fails the command."""
        monkeypatch.setattr("sys.stdout", Unwritable(OSError(errno.ENOSPC, "No space left on device")))
        assert command("--code", "133").status == 1


class TestOthers:
    """Messages that are not flow runs."""

    def test_kinds(self, command: Command) -> None:
        """Each is named with its place; it is not an error."""
        contents = [
            ALERT,
            b'[{"validationUrl": "https://example.com/v?secret=s"}]',
            b'{"event_id": "e", "event": {"payload": {"assetType": "a"}}}',
            b'{"event": {"xdm:ingestionId": "i"}}',
            b'{"some\\u001bkey": 1}',
            b"null",
        ]
        assert command(stdin=b"\n".join(contents)) == (
            0,
            "",
            lines(
                "<stdin>:1: not a flow run: alert",
                "<stdin>:2: not a flow run at [0]: validation request",
                "<stdin>:3: not a flow run at event: audit event",
                "<stdin>:4: not a flow run at event: data ingestion event",
                "<stdin>:5: not a flow run: it has neither metrics nor flowId; its keys are 'some\\x1bkey'",
                "<stdin>:6: not a flow run: null is neither a record nor a wrapper",
                "0 flow runs, 6 other messages",
            ),
        )

    @pytest.mark.parametrize(
        ("number", "rest"),
        [
            (20, ["0 flow runs, 20 other messages"]),
            (
                21,
                ["further messages that are not flow runs are only counted", "0 flow runs, 21 other messages"],
            ),
            (
                1_234,
                ["further messages that are not flow runs are only counted", "0 flow runs, 1,234 other messages"],
            ),
        ],
    )
    def test_many(self, number: int, rest: list[str], command: Command) -> None:
        """The first twenty are named, all are counted."""
        err = command(stdin=(ALERT + b"\n") * number).err
        assert err.splitlines() == [*(f"<stdin>:{line}: not a flow run: alert" for line in range(1, 21)), *rest]


class TestUnreadable:
    """Documents and files that cannot be read."""

    def test_broken_lines(self, command: Command) -> None:
        """A line that is not JSON is named with file, line and column; the others are read."""
        Path("a.ndjson").write_bytes(b"\n".join([RUN, CUT_SHORT, b"", FAILED_RUN, b"\xff", b"", RUN]))
        assert command("a.ndjson") == (
            1,
            text((RUN, "a.ndjson:1"), (FAILED_RUN, "a.ndjson:4"), (RUN, "a.ndjson:7")),
            lines(
                "a.ndjson:2:12: error: the payload is not JSON: EOF while parsing a value",
                "a.ndjson:5:1: error: the payload is not JSON: expected value",
                "3 flow runs (1 failed), 2 could not be read",
            ),
        )

    def test_broken_document(self, command: Command) -> None:
        """A document that is not JSON is named once, with its line and column."""
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
            run_block(parse_all(content).runs[0], "<stdin>:1", PLAIN),
            lines(
                "<stdin>:1: not a flow run at [2]: alert",
                f"<stdin>:1: error: {told[0]}",
                *told[1:],
                "1 flow run, 1 other message, 1 could not be read",
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
            "<stdin>:1: not a flow run at [11]: alert",
            f"<stdin>:1: {parse_all(batch).others[1].description}",
            "<stdin>:1: error: flow run at [5] has 2 problems:",
            "  [5].flowId: expected text, found nothing",
            "  [5].metrics.recordSummary.inputRecordCount: expected a whole number, found text",
            "17 flow runs, 2 other messages, 1 could not be read",
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
                "original": CUT_SHORT.decode().strip(),
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
        content = b"\n[\n" + BROKEN_RUN + b",\n" + RUN + b",\n" + BROKEN_RUN + b"\n]\n"
        command("--errors", "errors", stdin=content)
        reasons = [str(error) for error in parse_all(content).errors]
        assert len(reasons) == 2
        assert self.entries() == [
            {"file": "<stdin>", "line": 2, "reason": "\n".join(reasons), "original": content.decode().strip()}
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
            (["--redact", "--markdown"], "argument --markdown: not allowed with argument --redact"),
            (
                ["--redact", "--latest"],
                "argument --redact: writes whole payloads; not allowed with --attention or --latest",
            ),
            (["--redact", "--attention"], "argument --redact: writes whole payloads"),
            (["--code", "1", "--format", "csv"], "argument --format: not allowed with argument --code"),
            (["--code", "1", "a.json"], "argument --code: reads nothing; not allowed with FILE"),
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
        """The version is shown, and those that a bug report needs beside it."""
        with pytest.raises(SystemExit, match=r"^0$"):
            main(["--version"])
        versions = f"Python {platform.python_version()}, pydantic {pydantic.VERSION}"
        assert capsys.readouterr().out == f"flowrun-notifications {__version__} ({versions})\n"

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
            "--markdown",
            "--redact",
            "--code",
            "--attention",
            "--latest",
            "--version",
            "text",
            "table",
            "markdown",
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
        blocks = [
            run_block(parse(content), f"<stdin>:{line}", COLOURED) for line, content in ((1, RUN), (2, FAILED_RUN))
        ]
        assert command(stdin=RUN + b"\n" + FAILED_RUN).err == "2 flow runs (1 failed)\n"
        assert out.getvalue() == "\n".join([*blocks, ""])
        assert out.getvalue().startswith("\x1b[1;32mSUCCESS\x1b[0m")

    def test_one_run(self, command: Command, terminal: Callable[[str], Terminal]) -> None:
        """A single run is told without total, and so without space before it."""
        out = terminal("stdout")
        assert command(stdin=RUN).err == ""
        assert out.getvalue() == run_block(parse(RUN), "<stdin>:1", COLOURED)

    @pytest.mark.parametrize(("on_windows", "key"), [(False, "Ctrl-D"), (True, "Ctrl-Z")])
    def test_waiting(self, on_windows: bool, key: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where standard input is a terminal, the command says what it waits for, and how to end it."""
        monkeypatch.setattr(command_module, "ON_WINDOWS", on_windows)
        err = command(stdin=RUN, stdin_class=TerminalInput).err
        assert err == f"reading standard input; end it with {key}\n"

    def test_progress(
        self, command: Command, terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A long input shows how far it has been read, on one line that makes way for anything else."""
        seconds = count()
        monkeypatch.setattr(terminal_module, "monotonic", lambda: next(seconds))
        err = terminal("stderr")
        Path("a.ndjson").write_bytes(b"\n".join([RUN, ALERT, FAILED_RUN]))
        command("a.ndjson", "-", stdin=RUN)
        assert err.getvalue().replace("\r" + " " * 79 + "\r", "<cleared>") == (
            "a.ndjson 100%, line 1: 1 flow run"
            "<cleared>a.ndjson:2: not a flow run: alert\n"
            "a.ndjson 100%, line 2: 1 flow run, 1 other message"
            "<cleared>a.ndjson 100%, line 3: 2 flow runs (1 failed), 1 other message"
            "<cleared><stdin>, line 1: 3 flow runs (1 failed), 1 other message"
            "<cleared>3 flow runs (1 failed), 1 other message\n"
        )

    @pytest.mark.parametrize("compress", [bytes, gzip.compress])
    def test_progress_of_a_long_file(
        self,
        compress: Callable[[bytes], bytes],
        command: Command,
        terminal: Callable[[str], Terminal],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The share of a file that has been read grows up to all of it, compressed or not."""
        seconds = count()
        monkeypatch.setattr(terminal_module, "monotonic", lambda: next(seconds))
        err = terminal("stderr")
        noise = base64.b64encode(os.urandom(300_000))
        Path("a").write_bytes(compress(RUN + b'\n{"a": "%s"}\n' % noise + RUN))
        command("--format", "json", "a")
        shares = [int(share) for share in re.findall(r"a (\d+)%", err.getvalue())]
        assert (shares[0] < 50, shares == sorted(shares), shares[-1]) == (True, True, 100)

    def test_progress_among_output(
        self, command: Command, terminal: Callable[[str], Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where both streams are the terminal, the progress makes way for each run."""
        seconds = count()
        monkeypatch.setattr(terminal_module, "monotonic", lambda: next(seconds))
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
        monkeypatch.setattr(terminal_module, "monotonic", lambda: next(seconds))
        err = terminal("stderr")
        command("--format", "json", stdin=(RUN + b"\n") * 200)
        shown = [text.strip() for text in err.getvalue().split("\r") if text.strip()]
        assert shown == [f"<stdin>, line {number}: {number} flow runs" for number in (64, 128, 192)]


class Unwritable(io.StringIO):
    """A stream that cannot be written."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:  # noqa: ARG002
        """Fails."""
        raise self._error


class TestEnd:
    """The end of the command where it cannot go on."""

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
        """A reader that has enough is told nothing; any other reason is told."""
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
        assert (
            process.stdout.decode().splitlines() == (csv_head() + csv_row(parse(run), to_terminal=False)).splitlines()
        )
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
            assert process.stderr.readline() == b"<stdin>:2: not a flow run: alert\n"
            process.send_signal(signal.SIGINT)
            assert process.wait() == -signal.SIGINT
            assert process.stdout.read() == json_line(parse(RUN)).encode()
            assert process.stderr.read() == b""

    def test_terminal(self, documented_files: list[Path]) -> None:
        """On a real terminal the lines fit, and there are colours."""
        fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        process = subprocess.Popen(
            [*MODULE, *documented_files],
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
        blocks = [run_block(parse(path.read_bytes()), f"{path}:1", style) for path in documented_files]
        assert process.returncode == 0
        assert shown.decode().replace("\r\n", "\n") == "\n".join([*blocks, "4 flow runs (2 failed)\n"])
