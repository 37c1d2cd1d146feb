"""Tests of `_display.terminal`: blocks and tables in the width and colours of a terminal, and progress."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import pytest

from display.runs import DOCUMENTED, fail_with, make_run
from flowrun_notifications import FlowRun, explain, parse
from flowrun_notifications._display import terminal
from flowrun_notifications._display.facts import Fact
from flowrun_notifications._display.terminal import (
    Progress,
    Style,
    code_block,
    cut,
    run_block,
    style_of,
    table_head,
    table_row,
)

PLAIN = Style()
COLOURED = Style(in_colour=True)


class Terminal(io.StringIO):
    """A terminal, as far as anybody asks."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


class SizedTerminal(Terminal):
    """A terminal with a number of its own."""

    def fileno(self) -> int:
        """Return a number that no file has."""
        return -1


class TestStyle:
    """`style_of`."""

    def test_file(self) -> None:
        """A file has any width, and no colours."""
        assert style_of(io.StringIO()) == Style(None, in_colour=False, is_terminal=False)

    @pytest.mark.parametrize(
        ("environment", "on_windows", "in_colour"),
        [
            ({}, False, True),
            ({"NO_COLOR": "1"}, False, False),
            ({"NO_COLOR": "0"}, False, False),
            ({"NO_COLOR": ""}, False, True),
            ({"TERM": "dumb"}, False, False),
            ({}, True, False),
            ({"WT_SESSION": "id"}, True, True),
        ],
    )
    def test_colours(
        self, environment: dict[str, str], on_windows: bool, in_colour: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A terminal has colours unless NO_COLOR is set, or it would print their codes."""
        for name in ("NO_COLOR", "TERM", "WT_SESSION"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(terminal, "ON_WINDOWS", on_windows)
        assert style_of(Terminal()) == Style(80, in_colour=in_colour, is_terminal=True)

    @pytest.mark.parametrize(("columns", "width"), [(60, 60), (0, 80)])
    def test_width(self, columns: int, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """The width is the terminal's; one that does not know it counts as 80 columns wide."""
        sizes = {-1: os.terminal_size((columns, 24))}
        monkeypatch.setattr(os, "get_terminal_size", sizes.__getitem__)
        assert style_of(SizedTerminal()).width == width


class TestBlock:
    """`run_block` and `code_block`."""

    def test_plain(self) -> None:
        """A block is the explanation, and the place that the run came from."""
        run = parse([{"id": "r1", "flowId": "f1"}])
        assert run_block(run, "a\x1b.ndjson:7", PLAIN) == f"{explain(run)}\n  source      a\\x1b.ndjson:7, at [0]\n"
        assert run_block(make_run(), "in.json:1", PLAIN).endswith("\n  source      in.json:1\n")

    @pytest.mark.parametrize(
        ("status", "words", "colour"),
        [
            ("success", "SUCCESS", "1;32"),
            ("failed", "FAILED", "1;31"),
            ("partialSuccess", "PARTIAL SUCCESS", "1;33"),
            ("inProgress", "IN PROGRESS", "1;36"),
            ("odd", "odd", "1;36"),
        ],
    )
    def test_colours(self, status: str, words: str, colour: str) -> None:
        """Outcomes have colours; labels are dim."""
        run = make_run(status=status, activities=[{"id": "a", "statusSummary": {"status": status}}])
        lines = run_block(run, "in.json:1", COLOURED).splitlines()
        note = ["  \x1b[2mstatus\x1b[0m      not a known status"] if status == "odd" else []
        first = f"\x1b[{colour}m{words}\x1b[0m  flow f1"
        assert lines[: len(note) + 2] == [first, *note, "  \x1b[2mrun\x1b[0m         r1"]
        assert f"  \x1b[2mactivity\x1b[0m    \x1b[{colour}m{words.lower()}\x1b[0m  a" in lines

    def test_width(self) -> None:
        """A block is as wide as the terminal."""
        run = parse({"id": "r1", "flowId": "f1", "message": "word " * 20})
        assert max(map(len, run_block(run, "in.json:1", Style(40)).splitlines())) == 38

    def test_code(self) -> None:
        """An error code is explained like a run."""
        facts = [Fact("meaning", (("It fails.",),)), Fact("step", (("copy",),))]
        assert code_block(("X-1", "  ", "Title"), facts, COLOURED) == (
            "X-1  Title\n  \x1b[2mmeaning\x1b[0m     It fails.\n  \x1b[2mstep\x1b[0m        copy\n"
        )


class TestTable:
    """`table_head` and `table_row`."""

    @pytest.fixture
    def runs(self, read_payload: Callable[[str], bytes]) -> list[FlowRun]:
        """Return the documented runs."""
        return [parse(read_payload(name)) for name in DOCUMENTED]

    @staticmethod
    def table(runs: list[FlowRun], style: Style) -> list[str]:
        """Return the lines of a table."""
        return (table_head(style) + "".join(table_row(run, style) for run in runs)).splitlines()

    def test_unlimited(self, runs: list[FlowRun]) -> None:
        """Where width does not matter, nothing is cut."""
        flows = [run.flow_id for run in runs]
        assert self.table(runs, PLAIN) == [
            "OUTCOME     STARTED UTC        TOOK     IN    OUT FLOW                                 CAUSE",
            f"failed      2020-06-20 21:43   1d1h     14      8 {flows[0]} INGEST-1205-400 Field not in target schema",
            f"success     2020-08-10 21:37  27.2s               {flows[1]}",
            f"failed      2020-08-14 19:42                      {flows[2]} 133 No files in batch",
            f"success     2020-05-26 16:54     0s    100     70 {flows[3]}",
        ]

    @pytest.mark.parametrize(
        ("width", "head", "row"),
        [
            (
                111,
                "OUTCOME     STARTED UTC        TOOK     IN    OUT FLOW                                 CAUSE",
                "failed      2020-06-20 21:43   1d1h     14      8 {} INGEST-1205-400 Field n…",
            ),
            (
                80,
                "OUTCOME     STARTED UTC        TOOK FLOW                CAUSE",
                "failed      2020-06-20 21:43   1d1h {:.18}… INGEST-1205-400 Field n…",
            ),
            (
                70,
                "OUTCOME     STARTED UTC      FLOW             CAUSE",
                "failed      2020-06-20 21:43 {:.15}… INGEST-1205-400 Field n…",
            ),
            (50, "OUTCOME     FLOW             CAUSE", "failed      {:.15}… INGEST-1205-400 Fiel…"),
        ],
    )
    def test_terminal(self, width: int, head: str, row: str, runs: list[FlowRun]) -> None:
        """Outcome, flow and cause are shown at every width; of the rest as much as fits beside them."""
        assert self.table(runs, Style(width))[:2] == [head, row.format(runs[0].flow_id)]

    def test_without_cause(self) -> None:
        """A flow without a cause may take the room of both."""
        run = parse({"id": "r1", "flowId": "f1", "flowName": "Streaming connection for loyalty members"})
        assert table_row(run, Style(50)) == "unknown     Streaming connection for loyalty memb…\n"

    @pytest.mark.parametrize("width", [1, 20, 30, 49, 50, 69, 70, 77, 78, 90, 91, 92, 200])
    def test_every_width(self, width: int, runs: list[FlowRun]) -> None:
        """No row is wider than the terminal."""
        assert max(map(len, self.table(runs, Style(width)))) <= width

    def test_wide_characters(self) -> None:
        """Text behind characters of two columns keeps its column."""
        status = {"status": "failed", "errors": [{"code": "X-1"}]}
        run = parse(
            {"id": "r1", "flowId": "f1", "flowName": "顧客データ取り込み処理", "metrics": {"statusSummary": status}}
        )
        assert table_row(run, Style(50)) == "failed      顧客データ取り…  X-1\n"

    @pytest.mark.parametrize(
        ("status", "cell"),
        [
            ("partialSuccess", "partial    "),
            ("inProgress", "in progress"),
            ("Aborted by\nuser", "Aborted by…"),
            ("all success", "all success"),
            (None, "unknown    "),
        ],
    )
    def test_outcome(self, status: str | None, cell: str) -> None:
        """A known status is told in a word or two, another one as it came."""
        assert table_row(make_run(status=status), PLAIN)[:11] == cell

    @pytest.mark.parametrize(
        ("milliseconds", "cell"),
        [(7, "0.007s"), (27_250, "27.2s"), (267_999, "4m27s"), (93_784_000, "1d2h"), (-90_000, "-1m30s")],
    )
    def test_took(self, milliseconds: int, cell: str) -> None:
        """A duration takes two units at most."""
        start = 1_700_000_000_000
        run = make_run(durationSummary={"startedAtUTC": start, "completedAtUTC": start + milliseconds})
        assert table_row(run, PLAIN)[28:35] == f" {cell:>6}"

    @pytest.mark.parametrize(
        ("number", "cell"),
        [(None, ""), (0, "0"), (999_999, "999999"), (1_000_000, "1.0M"), (12_345_678, "12.3M"), (10**12, "1.0T")],
    )
    def test_counts(self, number: int | None, cell: str) -> None:
        """A large count is told in short."""
        run = make_run(recordSummary={"inputRecordCount": number, "outputRecordCount": number})
        assert table_row(run, PLAIN)[36:49] == f"{cell:>6} {cell:>6}"

    def test_first_cause(self) -> None:
        """Of several causes a row tells the first."""
        row = table_row(fail_with(*({"code": f"X-{i}", "message": f"m{i}"} for i in range(3))), PLAIN)
        assert row[50:] == f"{'f1':<36} X-0 m0\n"

    def test_colours(self) -> None:
        """The outcome has its colour; the head is dim."""
        head, row = table_head(PLAIN).rstrip("\n"), table_row(make_run(status="failed"), PLAIN)
        assert table_head(COLOURED) == f"\x1b[2m{head}\x1b[0m\n"
        assert table_row(make_run(status="failed"), COLOURED) == f"\x1b[1;31mfailed     \x1b[0m{row[11:]}"

    def test_control_characters(self) -> None:
        """What a terminal would obey is escaped."""
        hostile = "\x1b[2J\n\x9b"
        run = parse(
            {
                "id": "r1",
                "flowId": hostile,
                "metrics": {"statusSummary": {"status": hostile, "errors": [{"code": hostile, "message": hostile}]}},
            }
        )
        shown = r"\x1b[2J \x9b"
        assert table_row(run, PLAIN) == f"{shown[:10]}…{' ' * 39}{shown:<36} {shown} {shown}\n"


class TestCut:
    """`cut`."""

    @pytest.mark.parametrize(
        ("text", "width", "expected"),
        [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("顧客デ", 6, "顧客デ"),
            ("顧客データ", 6, "顧客…"),
            ("e\u0301tude", 5, "e\u0301tude"),
            ("e\u0301tude", 4, "e\u0301tu…"),
            ("e\u0301" * 6, 5, "e\u0301" * 4 + "…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
            ("", 0, ""),
        ],
    )
    def test_columns(self, text: str, width: int, expected: str) -> None:
        """A text is cut by the columns that it takes: wide characters take two, accents none."""
        assert cut(text, width) == expected


class TestProgress:
    """`Progress`."""

    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """Return a clock that stands still: its time."""
        now = [100.0]
        monkeypatch.setattr(terminal, "monotonic", lambda: now[0])
        return now

    def test_file(self, clock: list[float]) -> None:
        """A file has no progress."""
        progress = Progress(io.StringIO())
        clock[0] += 10
        assert not progress.is_due()

    def test_twice_a_second(self, clock: list[float]) -> None:
        """It is due half a second after the start, and after each time it was shown."""
        progress = Progress(Terminal())
        due: list[bool] = []
        for seconds in (0.25, 0.25, 0, 0.25, 0.25):
            clock[0] += seconds
            due.append(progress.is_due())
            if due[-1]:
                progress.show("text")
        assert due == [False, True, False, False, True]

    def test_one_line(self) -> None:
        """A text takes the place of the one before, and is cleared once."""
        stream = Terminal()
        progress = Progress(stream)
        progress.clear()
        progress.show("first")
        progress.show("second" * 20)
        progress.clear()
        progress.clear()
        cleared = "\r" + " " * 79 + "\r"
        assert stream.getvalue() == f"first{cleared}{('second' * 20)[:78]}…{cleared}"
