"""Tests of `_display.text`: `explain`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from display.runs import DOCUMENTED, END, FULL, START, fail_with, make_run
from flowrun_notifications import FlowRun, explain, parse
from flowrun_notifications._display.facts import Fact, facts, read_ending
from flowrun_notifications._display.text import lay_out


def told(run: FlowRun, width: int) -> list[str]:
    """Return the lines about a run, the first one empty."""
    return lay_out("", facts(run, read_ending(run)), width, lambda text, _: text).split("\n")


class TestExplain:
    """`explain`."""

    def test_documented_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """A failed run tells what ran, when, each step, the cause with its remedy, and the step that reported it."""
        assert explain(parse(read_payload("documented_failure"))) == (
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
            "  reported as CONNECTOR-2001-500  Processing of copied data failed\n"
            "              promotionActivity: Error in processing (parsing, validation or\n"
            "              transformation) the copied data.\n"
            "  file list   https://platform-stage.adobe.io/data/foundation/export/batches/"
            "6f6a900f-e40d-4f0e-9bb9-b614436c3465/meta?path=input_files\n"
            "  batch       6f6a900f-e40d-4f0e-9bb9-b614436c3465"
        )

    def test_documented_success(self, read_payload: Callable[[str], bytes]) -> None:
        """A run that succeeded tells how much went in and out, as a whole and in each step."""
        assert explain(parse(read_payload("documented_success"))) == (
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
            "  file list   https://platform.adobe.io/data/foundation/export/batches/"
            "01E4TSJNM2H5M74J0XB8MFWDHK/meta?path=input_files\n"
            "  batch       b1"
        )

    def test_documented_preview_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """Two causes with one code explain the code once, and a run over midnight gives both dates."""
        assert explain(parse(read_payload("documented_2020_preview_failure"))) == (
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
            "  reported as CTOR-2001-500  Promotion step failed (legacy spelling)\n"
            "              Internal error in Promotion activity step"
        )

    def test_everything(self) -> None:
        """A run that says everything is told in full."""
        assert explain(FULL) == (
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
            "  reported as OUT-1  Try later\n"
            "  skip        SKIP-1  No consent (2 times)\n"
            "  warning     Slow source (1 record, 1 time)\n"
            "  file list   https://files.example/1\n"
            "              https://files.example/2\n"
            "  failed rows https://rows.example/x%20y\n"
            "  samples     https://samples.example\n"
            "  batch       b1\n"
            "  message     Half of it arrived.\n"
            f"  see         https://example.com/a%20b/{'c' * 80}"
        )

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            ("success", "SUCCESS"),
            ("partialSuccess", "PARTIAL SUCCESS"),
            ("inProgress", "IN PROGRESS"),
            ("Aborted by\nuser", "Aborted by user"),
            (None, "UNKNOWN"),
        ],
    )
    def test_outcome(self, status: str | None, words: str) -> None:
        """A known status stands in capitals, another one as it came."""
        assert explain(make_run(status=status)).partition("\n")[0] == f"{words}  flow f1"

    def test_misspelt_status(self) -> None:
        """A run without a status names the key that looks like the missing one."""
        run = parse({"id": "r1", "flowId": "f1", "metrics": {"statusSumary": {"status": "failed"}}})
        assert explain(run).splitlines()[1] == (
            "  status      not reported; the key statusSumary looks like statusSummary"
        )

    def test_control_characters(self) -> None:
        """What a terminal would obey is escaped, wherever it stands."""
        hostile = "\x1b[2J\x07\u202e\r\n\x9b"
        run = parse(
            {
                **dict.fromkeys(("flowName", "flowType", "sandboxName", "message", "url"), hostile),
                "id": hostile,
                "flowId": hostile,
                "metrics": {"statusSummary": {"status": hostile, "errors": [{"code": hostile, "message": hostile}]}},
                "activities": [{"name": hostile, "statusSummary": {"status": hostile}}],
            }
        )
        text = explain(run)
        assert text.count(r"\x1b[2J\x07\u202e \x9b") == 11
        assert {char for char in text if not char.isprintable()} == {"\n"}


class TestLayout:
    """`lay_out`."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    @pytest.mark.parametrize("width", [40, 60, 80, 100])
    def test_width(self, name: str, width: int, read_payload: Callable[[str], bytes]) -> None:
        """No line is longer than the width, unless it is a single word."""
        lines = told(parse(read_payload(name)), width)
        assert [line for line in lines if len(line) > width and " " in line[14:]] == []

    @pytest.mark.parametrize(
        ("width", "room"), [(1, 20), (34, 20), (35, 21), (79, 65), (80, 66), (100, 86), (101, 86), (300, 86)]
    )
    def test_room(self, width: int, room: int) -> None:
        """Text gets the width without the labels, from 20 columns up to as many as a person likes to read."""
        fitting = f"{'a' * 9} {'b' * (room - 10)}"
        fact = Fact("message", ((f"{fitting} {'c' * 10} {'d' * (room - 10)}",),))
        indent = " " * 14
        assert lay_out("", [fact], width, lambda text, _: text).split("\n") == [
            "",
            f"  message     {fitting}",
            indent + "c" * 10,
            indent + "d" * (room - 10),
        ]

    def test_unbroken(self) -> None:
        """However narrow the place, words, ids and numbers with their units stay whole."""
        run = make_run(status="success", durationSummary={"startedAtUTC": START, "completedAtUTC": END})
        lines = told(run, 1)
        assert lines[2:5] == [
            "  when        2023-11-14 22:13:20",
            "              to 22:13:47 UTC,",
            "              27.2 s",
        ]
        run_id = "loyalty-members-from-here-to-there"
        assert lay_out("", [Fact("run", ((run_id,),))], 1, lambda text, _: text) == f"\n  run         {run_id}"

    @pytest.mark.parametrize("length", [64, 65, 66, 67])
    def test_gap_behind_a_lead(self, length: int) -> None:
        """Where a line ends behind the lead, the gap behind it goes."""
        fact = Fact("cause", (("word",),), "x" * length)
        indent = " " * 14
        assert lay_out("", [fact], 80, lambda text, _: text) == f"\n  cause       {'x' * length}\n{indent}word"

    def test_paint(self) -> None:
        """Labels and leads are painted, a long lead as far as the first line goes."""
        run = fail_with({"code": "two words " * 12, "message": "m"})
        fact = [fact for fact in facts(run, read_ending(run)) if fact.label == "cause"]
        words = "two words two words two words two words two words two words two"
        rest = "words two words two words two words two words two words  m"
        assert lay_out("what ran", fact, 80, lambda text, shade: f"<{shade}>{text}</{shade}>").split("\n") == [
            "what ran",
            f"  <label>cause</label>       <failed>{words}</failed>",
            f"              {rest}",
        ]
