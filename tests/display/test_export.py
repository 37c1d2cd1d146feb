"""Tests of `_display.export`: runs for other programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from display.runs import DOCUMENTED
from flowrun_notifications import FlowRun, parse
from flowrun_notifications._display.export import csv_head, csv_row, json_line
from flowrun_notifications.tabular import RUN_COLUMNS, run_row


def named(name: str) -> FlowRun:
    """Return a run of a flow with this name."""
    return parse({"id": "r1", "flowId": "f1", "flowName": name})


class TestJSON:
    """`json_line`."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_reads_back(self, name: str, read_payload: Callable[[str], bytes]) -> None:
        """The line reads back as an equal run, with the details of its event."""
        run = parse(read_payload(name))
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
        """The details of the event stand beside the run, as in the parameters of Runtime actions."""
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
        """Every encoding and every terminal takes the line."""
        name = "\x1b[31m\x7f\x9b\u202e顧客🚀"
        line = json_line(named(name))
        assert line.removesuffix("\n").isprintable()
        assert line.isascii()
        assert parse(line).flow_name == name


class TestCSV:
    """`csv_head` and `csv_row`."""

    def test_columns(self) -> None:
        """The head names the published columns."""
        assert next(csv.reader([csv_head()])) == [column.name for column in RUN_COLUMNS]

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_values(self, name: str, read_payload: Callable[[str], bytes]) -> None:
        """A row holds the values of `run_row`, each as its column's type writes it."""
        run = parse(read_payload(name))
        (row,) = csv.DictReader([csv_head(), csv_row(run, to_terminal=False)])
        read: dict[type, Any] = {
            str: str,
            int: int,
            float: float,
            bool: {"true": True, "false": False}.__getitem__,
            datetime: datetime.fromisoformat,
        }
        expected = {name: value if value != "" else None for name, value in run_row(run).items()}
        assert {
            column.name: read[column.type](row[column.name]) if row[column.name] else None for column in RUN_COLUMNS
        } == expected

    @pytest.mark.parametrize(
        ("name", "cell"),
        [
            ('two\r\nlines, "quoted" \x1b[31m', 'two\r\nlines, "quoted" \x1b[31m'),
            ('=cmd|"/C calc"!A0', '\'=cmd|"/C calc"!A0'),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("1=1", "1=1"),
        ],
    )
    def test_text(self, name: str, cell: str) -> None:
        """A text is unchanged in a file, unless a spreadsheet would run it as a formula."""
        rows = io.StringIO(csv_head() + csv_row(named(name), to_terminal=False), newline="")
        (row,) = csv.DictReader(rows)
        assert row["flow_name"] == cell

    def test_numbers(self) -> None:
        """A negative number is no formula."""
        times = {"startedAtUTC": 1_700_000_005, "completedAtUTC": 1_700_000_000}
        run = parse({"id": "r1", "flowId": "f1", "metrics": {"durationSummary": times}})
        (row,) = csv.DictReader([csv_head(), csv_row(run, to_terminal=False)])
        assert row["duration_seconds"] == "-5.0"

    def test_terminal(self) -> None:
        """On a terminal, control characters are escaped."""
        (row,) = csv.DictReader([csv_head(), csv_row(named("a\x1b[31m\nb"), to_terminal=True)])
        assert row["flow_name"] == r"a\x1b[31m b"
