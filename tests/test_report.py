"""What `flowrun_notifications.report` promises."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flowrun_notifications import FlowRun, documented_error_codes, parse
from flowrun_notifications.report import (
    Style,
    block,
    csv_head,
    csv_row,
    cut,
    json_line,
    printable,
    table_head,
    table_row,
)
from flowrun_notifications.tabular import RUN_COLUMNS, run_row

PAYLOADS = Path(__file__).parent / "payloads"
DOCUMENTED = sorted(path.stem for path in PAYLOADS.glob("documented_*.json"))
PLAIN = Style()
TERMINAL = Style(80, in_colour=True, is_terminal=True)

START, END = 1_700_000_000_000, 1_700_000_027_200  # 2023-11-14 22:13:20 UTC, and 27.2 s later


def documented(name: str) -> FlowRun:
    """The run of a documented payload."""
    return parse((PAYLOADS / f"{name}.json").read_bytes())


def make(*, status: str | None = None, activities: Any = (), **metrics: Any) -> FlowRun:
    """A run with these summaries."""
    summaries = {"statusSummary": {"status": status}, **metrics}
    return parse({"id": "r1", "flowId": "f1", "metrics": summaries, "activities": list(activities)})


def told(run: FlowRun, label: str, style: Style = PLAIN) -> list[list[str]]:
    """What a block tells under a label: the lines of each entry."""
    entries: list[list[str]] = []
    is_wanted = False
    for line in block(run, "in.json", style).splitlines()[1:]:
        if line[2:14].strip():
            is_wanted = line[2:14].strip() == label
            entries += [[]] if is_wanted else []
        if is_wanted:
            entries[-1].append(line[14:])
    return entries


class TestPrintable:
    """`printable`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("plain, ünïcode, 顧客 🚀", "plain, ünïcode, 顧客 🚀"),
            (" two\r\nlines\t and\xa0spaces\u2028 ", "two lines and spaces"),
            ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
            ("\x00\x08\x7f\x9b", r"\x00\x08\x7f\x9b"),
            ("a\u202eb\u2066c\u200b\ufeff", r"a\u202eb\u2066c\u200b\ufeff"),
            ("\ud800\U000e0001", r"\ud800\U000e0001"),
            ("", ""),
        ],
    )
    def test_text(self, text: str, expected: str) -> None:
        """White space becomes single spaces; what a terminal obeys, hides or cannot encode is escaped."""
        assert printable(text) == expected

    def test_catalogue(self) -> None:
        """What is known of error codes needs no escaping: it is shown as it is."""
        shown = [text for code in documented_error_codes() for text in (code.title, code.meaning, code.remedy) if text]
        assert shown == [printable(text) for text in shown]


class TestBlock:
    """`block`: what a person reads."""

    def test_documented_failure(self) -> None:
        """A failed run tells what ran, when, each step, the cause with its remedy, and what it was reported as."""
        assert block(documented("documented_failure"), "runs.ndjson:7", PLAIN) == (
            "FAILED  flow cf4fce79-8822-456d-8fce-798822556dc6\n"
            "  run         d9024c32-2174-4271-824c-322174627101\n"
            "  sandbox     prod\n"
            "  when        2020-08-14 19:42:27 UTC, end not reported\n"
            "  in          not reported\n"
            "  out         not reported\n"
            "  activity    failed  promotionActivity\n"
            "              10 s\n"
            "  cause       133  No files in batch\n"
            "              promotionActivity: We are unable to locate any files uploaded for\n"
            "              this batch. Please upload files to ingest.\n"
            "              What to do: Upload files, then ingest.\n"
            "  reported as CONNECTOR-2001-500 Processing of copied data failed\n"
            "  batch       6f6a900f-e40d-4f0e-9bb9-b614436c3465\n"
            "  source      runs.ndjson:7, at [0].messages[0].value\n"
        )

    def test_documented_success(self) -> None:
        """A run that succeeded tells how much went in and out, as a whole and in each step."""
        assert block(documented("documented_success"), "in.json", PLAIN) == (
            "SUCCESS  flow 1c6f1047-dcaf-48fe-af10-47dcaf08feaf\n"
            "  run         933cf9f4-cf01-4d75-bcf9-f4cf010d750a\n"
            "  sandbox     prod\n"
            "  when        2020-05-26 16:54:13 to 16:54:13 UTC, 0 s\n"
            "  in          100 records, 10 files, 2,048 bytes\n"
            "  out         70 records, 10 files, 1,024 bytes\n"
            "  activity    success  copyActivity\n"
            "              0 s; in 100 records, 10 files, 2,048 bytes; out 100 records,\n"
            "              10 files, 1,098 bytes\n"
            "  activity    success  promotionActivity\n"
            "              in 10 files, 1,098 bytes; out 10 files, 1,024 bytes\n"
            "  batch       b1\n"
            "  source      in.json, at event\n"
        )

    def test_documented_preview_failure(self) -> None:
        """Two causes with one code tell once what the code means, and a run over midnight gives both dates."""
        assert block(documented("documented_2020_preview_failure"), "in.json", PLAIN) == (
            "FAILED  flow 3a4a152c-ba1a-4f71-8a15-2cba1abf719e\n"
            "  run         1149044a-2536-4dca-8904-4a25364dca98\n"
            "  sandbox     e2e-at-10-7-19-02\n"
            "  when        2020-06-20 21:43:57 to 2020-06-21 23:27:49 UTC, 1 d 1 h 43 min\n"
            "              52 s\n"
            "  in          14 records, 1 file, 223 bytes\n"
            "  out         8 records, 1 file, 2,235 bytes\n"
            "  cause       INGEST-1205-400  Field not in target schema\n"
            "              - The field: _id does not exist in the target schema. Remove the\n"
            "              field and try again.\n"
            "              - The field: person does not exist in the target schema. Remove\n"
            "              the field and try again.\n"
            "              What to do: Remove the field and ingest again.\n"
            "  reported as CTOR-2001-500 Promotion step failed (legacy spelling)\n"
            "  source      in.json, at [0].value\n"
        )

    def test_everything(self) -> None:
        """Whatever else a run says has its place, too."""
        copy_id = "4f008a00-3a04-11eb-adc1-0242ac120002"
        run = parse(
            {
                "id": "r1",
                "flowId": "f1",
                "flowName": "Loyalty\nmembers",
                "flowType": "streaming",
                "sandboxName": "dev two",
                "message": "Half of it\r\narrived.",
                "url": "https://example.com/a b/" + "c" * 80,
                "metrics": {
                    "durationSummary": {"startedAtUTC": START, "completedAtUTC": END},
                    "latencySummary": {"minMs": 12, "maxMs": 1234.5, "avgMs": 99.4},
                    "sizeSummary": {"inputBytes": 1, "outputBytes": 12_345, "skippedBytes": 10},
                    "recordSummary": {
                        "inputRecordCount": 1_000,
                        "outputRecordCount": 1,
                        "createdRecordCount": 0,
                        "updatedRecordCount": 5,
                        "deletedRecordCount": 6,
                        "warningRecordCount": 7,
                        "failedRecordCount": 3,
                        "ingestedRecordPercentage": 97.5,
                        "skippedInfo": [{"code": "SKIP-1", "message": "No consent", "count": 2}],
                        "warningInfo": [{"message": "Slow source", "recordCount": 1, "count": 1}],
                    },
                    "fileSummary": {"failedFileCount": 1, "skippedFileCount": 0},
                    "statusSummary": {
                        "status": "Partialsuccess",
                        "errors": [{"code": "OUT-1", "message": "Try later"}],
                    },
                },
                "activities": [
                    {
                        "id": copy_id,
                        "name": "SFTP Copy Activity",
                        "durationSummary": {"startedAtUTC": START},
                        "recordSummary": {
                            "skippedRecordCount": 4,
                            "failedRecordCount": 0,
                            "failedInfo": [{"code": "NEW-1-CODE"}],
                        },
                        "statusSummary": {"status": "PROCESSING", "extensions": {"batchId": "b1"}},
                    },
                    {"id": "37b34f84-1ada-11eb-adc1-0242ac120002"},
                    {},
                ],
            }
        )
        assert block(run, "in.json", PLAIN) == (
            "PARTIAL SUCCESS  Loyalty members\n"
            "  run         r1\n"
            "  flow        f1\n"
            "  type        streaming\n"
            "  sandbox     dev two\n"
            "  when        2023-11-14 22:13:20 to 22:13:47 UTC, 27.2 s\n"
            "  in          1,000 records, 1 byte\n"
            "  out         1 record, 12.3 kB\n"
            "  failed      3 records, 1 file\n"
            "  skipped     0 files, 10 bytes\n"
            "  records     0 created, 5 updated, 6 deleted, 7 with a warning\n"
            "  ingested    97.5 % of the records\n"
            "  latency     12 ms at least, 99 ms on average, 1,234 ms at most\n"
            "  activity    processing  SFTP Copy Activity\n"
            "              started 2023-11-14 22:13:20 UTC, end not reported; skipped\n"
            "              4 records\n"
            "  activity    status not reported  37b34f84-1ada-11eb-adc1-0242ac120002\n"
            "              (promotion)\n"
            "  activity    status not reported  without a name\n"
            "  cause       NEW-1-CODE  SFTP Copy Activity: no text is given\n"
            "  reported as OUT-1 Try later\n"
            "  skip        SKIP-1  No consent (2 times)\n"
            "  warning     Slow source (1 record, 1 time)\n"
            "  batch       b1\n"
            "  message     Half of it arrived.\n"
            f"  see         https://example.com/a%20b/{'c' * 80}\n"
            "  source      in.json\n"
        )


class TestOutcome:
    """The first words of a block, and of a row."""

    @pytest.mark.parametrize(
        ("status", "words", "cell"),
        [
            ("success", "SUCCESS", "success"),
            ("Failed", "FAILED", "failed"),
            ("partialSuccess", "PARTIAL SUCCESS", "partial"),
            ("inProgress", "IN PROGRESS", "in progress"),
            ("scheduled", "SCHEDULED", "scheduled"),
            ("Waiting", "WAITING", "waiting"),
            ("Aborted by\nuser", "Aborted by user", "Aborted by…"),
            ("x" * 50, "x" * 39 + "…", "x" * 10 + "…"),
            (None, "UNKNOWN", "unknown"),
        ],
    )
    def test_status(self, status: str | None, words: str, cell: str) -> None:
        """A known status is told in words, another one as it came."""
        run = make(status=status)
        assert block(run, "in.json", PLAIN).partition("  ")[0] == words
        assert table_row(run, PLAIN)[:12] == cell.ljust(12)

    def test_success_with_losses(self) -> None:
        """A success in which something went missing is a partial one, and the status is told beside it."""
        run = make(status="success", recordSummary={"failedRecordCount": 1})
        assert block(run, "in.json", PLAIN).startswith("PARTIAL SUCCESS  ")
        assert told(run, "status") == [["success, yet something went missing"]]
        assert told(run, "cause") == [["none is given"]]

    def test_no_status(self) -> None:
        """A run without a status is finished if it has an end."""
        run = make(durationSummary={"completedAtUTC": END})
        assert block(run, "in.json", PLAIN).startswith("FINISHED  ")
        assert told(run, "status") == [["not reported"]]

    def test_failure_without_reason(self) -> None:
        """A failed run that gives no reason says so."""
        assert told(make(status="failed"), "cause") == [["none is given"]]

    @pytest.mark.parametrize(
        ("status", "colour"),
        [("success", "1;32"), ("failed", "1;31"), ("partialSuccess", "1;33"), ("inProgress", "1;36"), ("odd", "1;36")],
    )
    def test_colour(self, status: str, colour: str) -> None:
        """Where there are colours, the outcome has one; the labels are dim."""
        style = Style(in_colour=True)
        run = make(status=status, activities=[{"id": "a", "statusSummary": {"status": status}}])
        words = {"partialSuccess": "partial success", "inProgress": "in progress"}.get(status, status)
        headline = words if status == "odd" else words.upper()
        lines = block(run, "in.json", style).splitlines()
        assert lines[:2] == [f"\x1b[{colour}m{headline}\x1b[0m  flow f1", "  \x1b[2mrun\x1b[0m         r1"]
        assert f"  \x1b[2mactivity\x1b[0m    \x1b[{colour}m{words}\x1b[0m  a" in lines
        cell = words.removesuffix(" success").ljust(11)
        assert table_row(run, style).startswith(f"\x1b[{colour}m{cell}\x1b[0m ")


class TestWhen:
    """When a run ran, and how long."""

    @pytest.mark.parametrize(
        ("status", "summary", "expected"),
        [
            ("success", {"startedAtUTC": START}, "2023-11-14 22:13:20 UTC, end not reported"),
            ("inProgress", {"startedAtUTC": START}, "2023-11-14 22:13:20 UTC, not finished"),
            ("odd", {"startedAtUTC": START}, "2023-11-14 22:13:20 UTC, end not reported"),
            ("success", {"completedAtUTC": END}, "until 2023-11-14 22:13:47 UTC, start not reported"),
            ("success", {}, "not reported"),
            (
                "success",
                {"startedAtUTC": "0001-01-01T00:00:00Z", "completedAtUTC": "0001-01-01T00:00:01Z"},
                "0001-01-01 00:00:00 to 00:00:01 UTC, 1 s",
            ),
        ],
    )
    def test_times(self, status: str, summary: dict[str, Any], expected: str) -> None:
        """What is not known of the times is said to be so."""
        assert told(make(status=status, durationSummary=summary), "when") == [[expected]]

    def test_recorded(self) -> None:
        """Where no time is known, the record's own helps to place the run."""
        run = parse({"id": "r1", "flowId": "f1", "createdAt": START})
        assert told(run, "when") == [["not reported; recorded 2023-11-14 22:13:20 UTC"]]

    @pytest.mark.parametrize(
        ("milliseconds", "expected", "briefly"),
        [
            (0, "0 s", "0s"),
            (7, "0.007 s", "0.007s"),
            (999, "0.999 s", "0.999s"),
            (1_000, "1 s", "1s"),
            (1_040, "1 s", "1s"),
            (27_250, "27.2 s", "27.2s"),
            (60_000, "1 min", "1m"),
            (267_999, "4 min 27 s", "4m27s"),
            (3_600_000, "1 h", "1h"),
            (6_232_117, "1 h 43 min 52 s", "1h43m"),
            (90_000_000, "1 d 1 h", "1d1h"),
            (-27_250, "-27.2 s", "-27.2s"),
        ],
    )
    def test_duration(self, milliseconds: int, expected: str, briefly: str) -> None:
        """A duration is given in the units that a person thinks in; a row has room for the two largest."""
        run = make(durationSummary={"startedAtUTC": START, "completedAtUTC": START + milliseconds})
        assert told(run, "when")[0][0].endswith(f" UTC, {expected}")
        assert table_row(run, PLAIN)[29:35] == briefly.rjust(6)

    def test_microseconds(self) -> None:
        """Under a second, thousandths are told and nothing finer."""
        run = make(
            durationSummary={"startedAtUTC": "2023-11-14T22:13:20Z", "completedAtUTC": "2023-11-14T22:13:20.123456Z"}
        )
        assert told(run, "when") == [["2023-11-14 22:13:20 to 22:13:20 UTC, 0.123 s"]]


class TestAmounts:
    """How much went in and out."""

    @pytest.mark.parametrize(
        ("number", "expected"),
        [
            (0, "0 bytes"),
            (1, "1 byte"),
            (9_999, "9,999 bytes"),
            (10_000, "10.0 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (2_560_000_000, "2.5 GB"),
            (10**12, "1.0 TB"),
            (10**15, "1.0 PB"),
            (10**400, f"{10**385:,}.0 PB"),
        ],
        ids=str,
    )
    def test_bytes(self, number: int, expected: str) -> None:
        """Few bytes are counted, many are rounded down to a unit, and none overflow."""
        assert told(make(sizeSummary={"inputBytes": number}), "in") == [[expected]]

    @pytest.mark.parametrize(
        ("number", "expected"),
        [(0, "0"), (999_999, "999999"), (1_000_000, "1.0M"), (999_999_999, "999.9M"), (10**9, "1.0G"), (None, "")],
        ids=str,
    )
    def test_records_in_a_row(self, number: int | None, expected: str) -> None:
        """A row counts records up to a million, and leaves open what is not known."""
        row = table_row(make(recordSummary={"inputRecordCount": number, "outputRecordCount": number}), PLAIN)
        assert row[36:49] == f"{expected:>6} {expected:>6}"

    def test_nothing_lost(self) -> None:
        """Zero failed and skipped records are no news."""
        run = make(recordSummary={"failedRecordCount": 0, "skippedRecordCount": 0, "warningRecordCount": 0})
        assert [told(run, label) for label in ("failed", "skipped", "records")] == [[], [], []]


class TestReasons:
    """Why a run ended as it did."""

    def errors(self, *entries: dict[str, Any]) -> FlowRun:
        """A failed run with these errors."""
        return make(statusSummary={"status": "failed", "errors": list(entries)})

    def test_many_with_one_code(self) -> None:
        """Of many causes with one code the first ten are told, and how many more there are."""
        errors = [{"code": "X-1", "message": f"row {i}"} for i in range(1_012)]
        ten = ["X-1  - row 0", *(f"- row {i}" for i in range(1, 10))]
        assert told(self.errors(*errors), "cause") == [[*ten, "- and 1,002 more with this code"]]
        assert told(self.errors(*errors[:10]), "cause") == [ten]

    def test_every_code(self) -> None:
        """Causes with different codes are told each, however many there are."""
        run = self.errors(*({"code": f"X-{i}", "message": "m"} for i in range(50)))
        assert told(run, "cause") == [[f"X-{i}  m"] for i in range(50)]

    def test_meaning_for_want_of_a_message(self) -> None:
        """Where the payload gives a documented code alone, its meaning stands for the message."""
        assert told(self.errors({"code": "133"}), "cause") == [
            [
                "133  No files in batch",
                "The batch has no uploaded files to ingest.",
                "What to do: Upload files, then ingest.",
            ]
        ]

    @pytest.mark.parametrize(
        ("code", "advice"),
        [("ACTSVC-9001-500", "Trying again unchanged may help."), ("140", "Trying again unchanged does not help.")],
    )
    def test_trying_again(self, code: str, advice: str) -> None:
        """Where a source says whether trying again helps, so does the block."""
        assert told(self.errors({"code": code}), "cause")[0][-1] == advice

    def test_long_message(self) -> None:
        """A message of many lines is cut where a person stops reading; the end says that there is more."""
        run = self.errors({"message": "word\r\n" * 500})
        (lines,) = told(run, "cause")
        assert " ".join(lines) == "word " * 119 + "word…"

    @pytest.mark.parametrize(("length", "name"), [(200, "n" * 200), (201, "n" * 199 + "…")])
    def test_long_name(self, length: int, name: str) -> None:
        """A name takes 200 characters at most, the last of them a sign that it was longer."""
        assert told(make(activities=[{"name": "n" * length}]), "activity") == [["status not reported", name]]

    def test_colour(self) -> None:
        """The code of a failed run's cause is red."""
        lines = block(self.errors({"code": "X-1", "message": "m"}), "in.json", Style(in_colour=True)).splitlines()
        assert "  \x1b[2mcause\x1b[0m       \x1b[1;31mX-1\x1b[0m  m" in lines

    @pytest.mark.parametrize(
        ("number", "batches"), [(5, "b0, b1, b2, b3, b4"), (1_005, "b0, b1, b2, b3, b4, and 1,000 more")]
    )
    def test_many_batches(self, number: int, batches: str) -> None:
        """Of many batches the first five are told."""
        ids = [f"b{i}" for i in range(number)]
        target = {"type": "TargetConnection", "reference": {"type": "Batch", "ids": ids}}
        assert told(make(activities=[{"targetInfo": [target]}]), "batch") == [[batches]]


class TestWidth:
    """How blocks and rows fit."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    @pytest.mark.parametrize("width", [40, 60, 80, 100])
    def test_block(self, name: str, width: int) -> None:
        """No line of a block is longer than the terminal is wide, but for a single word that is."""
        lines = block(documented(name), "in.json", Style(width)).splitlines()[1:]
        assert [line for line in lines if len(line) > width and " " in line[14:]] == []

    @pytest.mark.parametrize(
        ("width", "room"),
        [(1, 20), (34, 20), (35, 21), (79, 65), (80, 66), (None, 66), (100, 86), (101, 86), (300, 86)],
    )
    def test_room(self, width: int | None, room: int) -> None:
        """Text gets what the labels leave of the width; from 20 columns up to as many as a person likes to read."""
        fitting = f"{'a' * 9} {'b' * (room - 10)}"
        run = parse({"id": "r1", "flowId": "f1", "message": f"{fitting} {'c' * 10} {'d' * (room - 10)}"})
        assert told(run, "message", Style(width)) == [[fitting, "c" * 10, "d" * (room - 10)]]

    def test_narrow(self) -> None:
        """However narrow the terminal, words, ids and numbers with their units stay whole."""
        run = make(status="success", durationSummary={"startedAtUTC": START, "completedAtUTC": END})
        assert told(run, "when", Style(1)) == [["2023-11-14 22:13:20", "to 22:13:47 UTC,", "27.2 s"]]
        run_id = "loyalty-members-from-here-to-there"
        assert told(parse({"id": run_id, "flowId": "f1"}), "run", Style(1)) == [[run_id]]

    def test_long_lead(self) -> None:
        """A code that fills more than a line stays whole and coloured to the line's end."""
        run = make(statusSummary={"status": "failed", "errors": [{"code": "two words " * 12, "message": "m"}]})
        lines = block(run, "in.json", Style(80, in_colour=True)).splitlines()
        words = "two words two words two words two words two words two words two"
        assert f"  \x1b[2mcause\x1b[0m       \x1b[1;31m{words}\x1b[0m" in lines

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
    def test_cut(self, text: str, width: int, expected: str) -> None:
        """A text is cut by the columns that it takes: wide characters take two, accents none."""
        assert cut(text, width) == expected


FLOWS = [documented(name).flow_id for name in DOCUMENTED]


class TestTable:
    """`table_head` and `table_row`."""

    @staticmethod
    def table(style: Style) -> list[str]:
        """The documented payloads as a table."""
        return (table_head(style) + "".join(table_row(documented(name), style) for name in DOCUMENTED)).splitlines()

    def test_unlimited(self) -> None:
        """Where width does not matter, nothing is cut."""
        assert self.table(PLAIN) == [
            "OUTCOME     STARTED UTC        TOOK     IN    OUT FLOW                                 CAUSE",
            f"failed      2020-06-20 21:43   1d1h     14      8 {FLOWS[0]} INGEST-1205-400 Field not in target schema",
            f"success     2020-08-10 21:37  27.2s               {FLOWS[1]}",
            f"failed      2020-08-14 19:42                      {FLOWS[2]} 133 No files in batch",
            f"success     2020-05-26 16:54     0s    100     70 {FLOWS[3]}",
        ]

    def test_terminal(self) -> None:
        """A row fits on a line of the usual terminal."""
        assert self.table(Style(80)) == [
            "OUTCOME     STARTED UTC        TOOK     IN    OUT FLOW        CAUSE",
            "failed      2020-06-20 21:43   1d1h     14      8 3a4a152c-b… INGEST-1205-400 F…",
            "success     2020-08-10 21:37  27.2s               ba33133d-8…",
            "failed      2020-08-14 19:42                      cf4fce79-8… 133 No files in b…",
            "success     2020-05-26 16:54     0s    100     70 1c6f1047-d…",
        ]

    def test_wide_terminal(self) -> None:
        """A wider terminal shows the whole id first, then more of the cause."""
        assert self.table(Style(110))[1] == (
            f"failed      2020-06-20 21:43   1d1h     14      8 {FLOWS[0]} INGEST-1205-400 Field …"
        )

    @pytest.mark.parametrize(
        ("width", "shown"), [(61, 10), (79, 10), (80, 10), (81, 11), (104, 34), (105, 36), (106, 36), (200, 36)]
    )
    def test_flow(self, width: int, shown: int) -> None:
        """An id gets what is left beside 18 columns for the cause, not less than eleven and not more than it takes."""
        cell = FLOWS[0] if shown == 36 else FLOWS[0][:shown] + "…"
        assert self.table(Style(width))[1][50:].split(" ")[0] == cell

    @pytest.mark.parametrize("width", [1, 20, 50, 60, 80, 90, 200])
    def test_every_width(self, width: int) -> None:
        """No row is wider than the terminal."""
        assert max(map(len, self.table(Style(width)))) <= width

    def test_wide_characters(self) -> None:
        """What stands behind characters of two columns keeps its own."""
        run = parse(
            {
                "id": "r1",
                "flowId": "f1",
                "flowName": "顧客データ取り込み",
                "metrics": {"statusSummary": {"status": "failed", "errors": [{"code": "X-1"}]}},
            }
        )
        assert table_row(run, Style(80))[50:] == "顧客データ… X-1\n"

    def test_first_cause(self) -> None:
        """Of several causes a row tells the first."""
        errors = [{"code": f"X-{i}", "message": f"m{i}"} for i in range(3)]
        row = table_row(make(statusSummary={"status": "failed", "errors": errors}), PLAIN)
        assert row[50:] == f"{'f1':<36} X-0 m0\n"

    def test_colour(self) -> None:
        """Where there are colours, the head is dim."""
        head = table_head(PLAIN).removesuffix("\n")
        assert table_head(Style(in_colour=True)) == f"\x1b[2m{head}\x1b[0m\n"


class TestJSON:
    """`json_line`."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_reads_back(self, name: str) -> None:
        """The line reads back as an equal run, with what is known of its event."""
        run = documented(name)
        line = json_line(run)
        again = parse(line)
        assert (line.count("\n"), line[-1:]) == (1, "\n")
        assert again.to_payload() == run.to_payload()
        for detail in ("event_id", "event_code", "provider"):
            assert getattr(again.delivery, detail) == getattr(run.delivery, detail)
        assert json_line(again) == line

    def test_bare_run(self) -> None:
        """A run of which no event is known is its payload and nothing else."""
        assert json_line(parse({"id": "r1", "flowId": "f1"})) == '{"id":"r1","flowId":"f1"}\n'

    def test_event(self) -> None:
        """What is known of the event stands beside the run, as in what Runtime actions get."""
        run = parse(
            {
                "event_id": "e1",
                "event": {"id": "r1", "flowId": "f1", "header": {"_adobeio": {"eventCode": "x_success"}}},
            }
        )
        assert json.loads(json_line(run)) == {
            "id": "r1",
            "flowId": "f1",
            "__adobe_headers": {"x-adobe-event-id": "e1", "x-adobe-event-code": "x_success"},
        }

    def test_outcome_survives(self) -> None:
        """A run whose outcome stands in its event code alone keeps it."""
        run = parse({"id": "r1", "flowId": "f1", "header": {"_adobeio": {"eventCode": "sources_flow_run_success"}}})
        assert (run.succeeded, parse(json_line(run)).succeeded) == (True, True)

    def test_ascii(self) -> None:
        """Every encoding and every terminal takes the line, whatever the run says."""
        name = "\x1b[31m\x7f\x9b\u202e顧客🚀"
        line = json_line(parse({"id": "r1", "flowId": "f1", "flowName": name}))
        assert line.removesuffix("\n").isprintable()
        assert line.isascii()
        assert parse(line).flow_name == name


class TestCSV:
    """`csv_head` and `csv_row`."""

    def test_columns(self) -> None:
        """The head names the published columns."""
        assert next(csv.reader([csv_head()])) == [column.name for column in RUN_COLUMNS]

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_values(self, name: str) -> None:
        """A row holds the values of `run_row`, each as its column's type writes it."""
        run = documented(name)
        (row,) = csv.DictReader([csv_head(), csv_row(run, PLAIN)])
        read: dict[type, Any] = {
            str: str,
            int: int,
            float: float,
            bool: {"true": True, "false": False}.__getitem__,
            datetime: datetime.fromisoformat,
        }
        expected = run_row(run)
        expected["delivery_path"] = expected["delivery_path"] or None
        assert {
            column.name: read[column.type](row[column.name]) if row[column.name] else None for column in RUN_COLUMNS
        } == expected

    def test_unchanged(self) -> None:
        """A file gets every text unchanged, line breaks and all."""
        name = 'two\r\nlines, "quoted" \x1b[31m'
        (row,) = csv.DictReader(
            (csv_head() + csv_row(parse({"id": "r1", "flowId": "f1", "flowName": name}), PLAIN)).splitlines(
                keepends=True
            )
        )
        assert row["flow_name"] == name


CONTROL = "\x1b[2J\x1b]0;owned\x07\r\n\x08\x00\x7f\x9b31m\u202e"


def poisoned(name: str) -> str:
    """A documented payload with control characters at the end of every text in it."""
    a_value_a_line = json.dumps(json.loads((PAYLOADS / f"{name}.json").read_bytes()), indent=0)
    return re.sub(r'"(?=,?$)', lambda _: json.dumps(CONTROL)[1:], a_value_a_line, flags=re.MULTILINE)


class TestSafety:
    """Nothing that a payload says reaches a terminal raw."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_no_control_characters(self, name: str) -> None:
        """Whatever text holds control characters, the terminal gets line feeds and our own colours only."""
        run = parse(poisoned(name))
        shown = block(run, "in.json" + CONTROL, TERMINAL) + table_row(run, TERMINAL)
        shown += json_line(run) + csv_row(run, TERMINAL)
        assert r"\x1b[2J\x1b]0;owned\x07" in shown
        assert {char for char in re.sub(r"\x1b\[(?:0|2|1;3[1236])m", "", shown) if not char.isprintable()} == {"\n"}
