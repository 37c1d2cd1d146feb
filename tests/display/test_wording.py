"""Tests of `_display.wording`: words for outcomes, times and amounts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from display.runs import END, make_run
from flowrun_notifications import FlowRun
from flowrun_notifications._display.wording import (
    GAP,
    Outcome,
    Quote,
    count_runs,
    describe_outcome,
    describe_status,
    quote,
    scale,
    size_text,
    took,
)


class TestQuote:
    """`quote`."""

    @pytest.mark.parametrize(
        ("text", "limit", "quoted"),
        [
            ("two\r\nlines \x1b[31m\xa0\u202e", None, r"two lines \x1b[31m \u202e"),
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("", 3, ""),
        ],
    )
    def test_text(self, text: str, limit: int | None, quoted: str) -> None:
        """A quote is on one line, escaped, as long as allowed, and known as a quote."""
        result = quote(text, limit)
        assert (result, type(result)) == (quoted, Quote)


def outcome_of(run: FlowRun) -> Outcome:
    """Return how a run ended."""
    return describe_outcome(run, run.status, is_partial=run.is_partial)


class TestOutcome:
    """`describe_outcome` and `describe_status`."""

    @pytest.mark.parametrize(
        ("status", "outcome"),
        [
            ("SUCCESS", Outcome("success", "success")),
            ("Failed", Outcome("failed", "failed")),
            ("PARTIAL_SUCCESS", Outcome("partial success", "partial")),
            ("inProgress", Outcome("in progress", "other")),
            ("scheduled", Outcome("scheduled", "other")),
            ("Processing", Outcome("processing", "other")),
            ("Waiting", Outcome("waiting", "other")),
            ("Aborted by\nuser", Outcome("Aborted by user", "other")),
            ("x" * 50, Outcome("x" * 39 + "…", "other")),
        ],
    )
    def test_status(self, status: str, outcome: Outcome) -> None:
        """A known status is told in words, another one as a quote; a run and a step are told alike."""
        assert outcome_of(make_run(status=status)) == describe_status(status) == outcome
        assert isinstance(describe_status(status).words, Quote) is (status.startswith(("Aborted", "x")))

    def test_success_with_losses(self) -> None:
        """A success in which something was lost is a partial one."""
        run = make_run(status="success", recordSummary={"failedRecordCount": 1})
        assert outcome_of(run) == Outcome("partial success", "partial")

    def test_no_status(self) -> None:
        """A run without a status is finished if it has an end; a step without one says so."""
        assert outcome_of(make_run()) == Outcome("unknown", "other")
        assert outcome_of(make_run(durationSummary={"completedAtUTC": END})) == Outcome("finished", "other")
        assert describe_status(None) == Outcome("status not reported", "other")

    @pytest.mark.parametrize(
        ("counts", "text"),
        [
            ((0, 0, 0), "0 flow runs"),
            ((1, 0, 0), "1 flow run"),
            ((1_234, 2, 0), "1,234 flow runs (2 failed)"),
            ((4, 1, 2), "4 flow runs (1 failed, 2 partial)"),
        ],
    )
    def test_count(self, counts: tuple[int, int, int], text: str) -> None:
        """A total counts failed and partial runs apart, where there are any."""
        assert count_runs(*counts) == text


class TestTook:
    """`took`."""

    @pytest.mark.parametrize(
        ("milliseconds", "text"),
        [
            (0, "0 s"),
            (7, "0.007 s"),
            (999, "0.999 s"),
            (1_000, "1 s"),
            (1_040, "1 s"),
            (27_250, "27.2 s"),
            (60_000, "1 min"),
            (267_999, "4 min 27 s"),
            (3_600_000, "1 h"),
            (93_784_000, "1 d 2 h 3 min 4 s"),
            (86_400_000, "1 d"),
            (-90_000, "-1 min 30 s"),
        ],
    )
    def test_units(self, milliseconds: int, text: str) -> None:
        """A duration is told in the units that people use; no line breaks between a number and its unit."""
        assert took(timedelta(milliseconds=milliseconds)).replace(GAP, " ") == text
        assert took(timedelta(milliseconds=milliseconds)).count(" ") == (len(text.split()) // 2 - 1)


class TestAmounts:
    """`size_text` and `scale`."""

    @pytest.mark.parametrize(
        ("number", "text"),
        [
            (0, "0 bytes"),
            (1, "1 byte"),
            (9_999, "9,999 bytes"),
            (10_000, "10.0 kB"),
            (12_345, "12.3 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (5 * 10**9, "5.0 GB"),
            (12 * 10**12, "12.0 TB"),
            (1_234 * 10**15, "1,234.0 PB"),
        ],
    )
    def test_size(self, number: int, text: str) -> None:
        """Many bytes are told in thousands, rounded down."""
        assert size_text(number).replace(GAP, " ") == text

    @pytest.mark.parametrize(("number", "text"), [(1_000, "1.0k"), (1_999_999, "1.9M")])
    def test_scale(self, number: int, text: str) -> None:
        """A number in short has one decimal."""
        assert scale(number) == text
