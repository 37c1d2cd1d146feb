"""Tests of `_display.facts`: what people are told about a run, whatever shows it."""

from __future__ import annotations

from typing import Any

import pytest

from display.runs import END, FULL, START, fail_with, make_run
from flowrun_notifications import FlowRun, OtherMessage, documented_error_codes, lookup_error, parse, parse_all
from flowrun_notifications._display import facts as facts_module
from flowrun_notifications._display.facts import (
    Fact,
    code_facts,
    describe_other,
    error_fact,
    facts,
    heading,
    read_ending,
    status_note,
    summarise,
)
from flowrun_notifications._display.wording import GAP, Outcome, Quote
from flowrun_notifications._models.values import printable


def told(run: FlowRun, label: str) -> list[list[str]]:
    """Return the facts of a run under a label, each as its paragraphs, the first one with the lead."""
    return [_plain(fact) for fact in facts(run, read_ending(run)) if fact.label == label]


def _plain(fact: Fact) -> list[str]:
    first, *others = ("".join(paragraph).replace(GAP, " ") for paragraph in fact.paragraphs)
    return [f"{fact.lead}  {first}" if fact.lead else first, *others]


class TestFacts:
    """`heading` and `facts`."""

    def test_everything(self) -> None:
        """A run that says everything is told in this order."""
        head = heading(FULL, read_ending(FULL))
        assert (head.outcome, head.name) == (Outcome("partial success", "partial"), ("Loyalty members",))
        assert [(fact.label, *_plain(fact)) for fact in facts(FULL, read_ending(FULL))] == [
            ("run", "r1"),
            ("flow", "f1"),
            ("type", "streaming"),
            ("sandbox", "dev two"),
            ("when", "2023-11-14 22:13:20 to 22:13:47 UTC, 27.2 s"),
            ("in", "1,000 records, 1 byte"),
            ("out", "1 record, 12.3 kB"),
            ("failed", "3 records, 1 file"),
            ("skipped", "0 files, 10 bytes"),
            ("records", "0 created, 5 updated, 6 deleted, 7 with a warning"),
            ("ingested", "97.5 % of the records"),
            ("latency", "12 ms at least, 99 ms on average, 1,234 ms at most"),
            (
                "activity",
                "processing  SFTP Copy Activity",
                "started 2023-11-14 22:13:20 UTC, end not reported; skipped 4 records",
            ),
            ("activity", "status not reported  37b34f84-1ada-11eb-adc1-0242ac120002 (promotion)"),
            ("activity", "status not reported  without a name"),
            ("cause", "NEW-1-CODE  SFTP Copy Activity: no text is given"),
            ("reported as", "OUT-1  Try later"),
            ("skip", "SKIP-1  No consent (2 times)"),
            ("warning", "Slow source (1 record, 1 time)"),
            ("file list", "https://files.example/1", "https://files.example/2"),
            ("failed rows", "https://rows.example/x%20y"),
            ("samples", "https://samples.example"),
            ("batch", "b1"),
            ("message", "Half of it arrived."),
            ("see", f"https://example.com/a%20b/{'c' * 80}"),
        ]

    def test_quotes(self) -> None:
        """Every text of the payload is a quote, and nothing else is."""
        parts = [
            part
            for fact in facts(FULL, read_ending(FULL))
            for paragraph in (*fact.paragraphs, (fact.lead,))
            for part in paragraph
        ]
        assert [part for part in parts if isinstance(part, Quote) and part] == [
            *("r1", "f1", "streaming", "dev two"),
            *("SFTP Copy Activity", "37b34f84-1ada-11eb-adc1-0242ac120002"),
            *("SFTP Copy Activity", "NEW-1-CODE"),
            *("Try later", "OUT-1", "No consent", "SKIP-1", "Slow source"),
            *("https://files.example/1", "https://files.example/2", "https://rows.example/x%20y"),
            *("https://samples.example", "b1", "Half of it arrived.", f"https://example.com/a%20b/{'c' * 80}"),
        ]

    def test_nothing(self) -> None:
        """A run that says nothing is told as one of which nothing is known."""
        run = parse({"id": "r1", "flowId": "f1"})
        assert (heading(run, read_ending(run)).outcome, heading(run, read_ending(run)).name) == (
            Outcome("unknown", "other"),
            ("flow ", "f1"),
        )
        assert [(fact.label, *_plain(fact)) for fact in facts(run, read_ending(run))] == [
            ("status", "not reported"),
            ("run", "r1"),
            ("when", "not reported"),
            ("in", "not reported"),
            ("out", "not reported"),
        ]

    def test_nothing_lost(self) -> None:
        """Zero failed and skipped records are no news."""
        run = make_run(recordSummary={"failedRecordCount": 0, "skippedRecordCount": 0, "warningRecordCount": 0})
        assert [told(run, label) for label in ("failed", "skipped", "records")] == [[], [], []]

    @pytest.mark.parametrize(("length", "name"), [(200, "n" * 200), (201, "n" * 199 + "…")])
    def test_long_name(self, length: int, name: str) -> None:
        """A name takes 200 characters at most, the last of which shows that it was longer."""
        assert told(make_run(activities=[{"name": "n" * length}]), "activity") == [[f"status not reported  {name}"]]

    @pytest.mark.parametrize(
        ("number", "batches"), [(5, "b0, b1, b2, b3, b4"), (1_005, "b0, b1, b2, b3, b4, and 1,000 more")]
    )
    def test_many_batches(self, number: int, batches: str) -> None:
        """Of many batches the first five are told."""
        target = {"type": "TargetConnection", "reference": {"type": "Batch", "ids": [f"b{i}" for i in range(number)]}}
        assert told(make_run(activities=[{"targetInfo": [target]}]), "batch") == [[batches]]

    @pytest.mark.parametrize(("number", "more"), [(5, []), (6, ["and 1 more"]), (1_005, ["and 1,000 more"])])
    def test_many_urls(self, number: int, more: list[str]) -> None:
        """Of many URLs the first five are told."""
        urls = [f"https://files.example/{i}" for i in range(number)]
        run = make_run(fileSummary={"manifest": {"failedRecords": urls}})
        assert told(run, "failed rows") == [[*urls[:5], *more]]


class TestStatus:
    """`status_note`."""

    @pytest.mark.parametrize(
        ("record", "note"),
        [
            ({"metric": {"statusSummary": {"status": "failed"}}}, "the key metric looks like metrics"),
            ({"metrics": {"statusSumary": {"status": "failed"}}}, "the key statusSumary looks like statusSummary"),
            ({"metrics": {"statusSummary": {"Status": "failed"}}}, "the key Status looks like status"),
            ({"metrics": {"status_summary": {"status": "failed"}}}, "the key status_summary looks like statusSummary"),
            ({"Metrics": {}, "activities": []}, "the key Metrics looks like metrics"),
            ({"metrics": {"statusSummary": {}}}, None),
            ({"metrics": {"statusSummary": {"status": None}, "statusSumary": {}}}, None),
            ({"metrics": {"summary": {}}}, None),
            ({}, None),
        ],
    )
    def test_look_alike(self, record: dict[str, Any], note: str | None) -> None:
        """A run without a status tells of the key that looks like the missing one."""
        run = parse({"id": "r1", "flowId": "f1", **record})
        assert "".join(status_note(run, read_ending(run))) == (
            "not reported" if note is None else f"not reported; {note}"
        )

    def test_key_is_quoted(self) -> None:
        """The key is the payload's, so it is a quote."""
        run = parse({"id": "r1", "flowId": "f1", "metrics": {"status\x1b_summary": {}}})
        assert status_note(run, read_ending(run)) == (
            "not reported",
            "; the key ",
            r"status\x1b_summary",
            " looks like statusSummary",
        )
        assert isinstance(status_note(run, read_ending(run))[2], Quote)

    def test_status_of_the_event_code(self) -> None:
        """Where the event code tells the outcome, nothing is missing."""
        header = {"_adobeio": {"eventCode": "sources_flow_run_failed"}}
        run = parse({"id": "r1", "flowId": "f1", "metric": {}, "header": header})
        assert status_note(run, read_ending(run)) == ()

    def test_unknown_status(self) -> None:
        """A status that is not known says so, because a person should look at such a run."""
        run = make_run(status="onHold")
        assert run.needs_attention
        assert status_note(run, read_ending(run)) == ("not a known status",)

    def test_losses(self) -> None:
        """A success that is partial says so beside its outcome."""
        run = make_run(status="success", recordSummary={"failedRecordCount": 1})
        assert status_note(run, read_ending(run)) == ("success, but with errors or losses",)
        assert told(run, "cause") == [["none is given"]]


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
                {"startedAtUTC": START, "completedAtUTC": START + 93_784_000},
                "2023-11-14 22:13:20 to 2023-11-16 00:16:24 UTC, 1 d 2 h 3 min 4 s",
            ),
        ],
    )
    def test_times(self, status: str, summary: dict[str, Any], expected: str) -> None:
        """Unknown times are told as such."""
        assert told(make_run(status=status, durationSummary=summary), "when") == [[expected]]

    def test_recorded(self) -> None:
        """Where no time is known, the record's own helps to place the run."""
        run = parse({"id": "r1", "flowId": "f1", "createdAt": START})
        assert told(run, "when") == [["not reported; recorded 2023-11-14 22:13:20 UTC"]]


class TestActivities:
    """What is told of a step."""

    def test_amounts(self) -> None:
        """A step tells how long it took, what went in and out, and what was lost."""
        activity = {
            "name": "Copy",
            "durationSummary": {"startedAtUTC": START, "completedAtUTC": END},
            "recordSummary": {"inputRecordCount": 2, "outputRecordCount": 1, "failedRecordCount": 1},
            "sizeSummary": {"inputBytes": 10_000},
            "statusSummary": {"status": "failed"},
        }
        assert told(make_run(activities=[activity]), "activity") == [
            ["failed  Copy", "27.2 s; in 2 records, 10.0 kB; out 1 record; failed 1 record"]
        ]

    @pytest.mark.parametrize(
        ("activity", "name"),
        [
            ({"name": "SFTP Copy Activity"}, "SFTP Copy Activity"),
            ({"name": "UIS Batch Activity"}, "UIS Batch Activity (identity)"),
            ({"id": "37b34f84-1ada-11eb-adc1-0242ac120002"}, "37b34f84-1ada-11eb-adc1-0242ac120002 (promotion)"),
            ({"id": "another"}, "another"),
            ({"contextId": "c"}, "without a name"),
            ({"id": "", "name": ""}, "without a name"),
        ],
    )
    def test_name(self, activity: dict[str, str], name: str) -> None:
        """A step is called by its name, else by its id; its kind is told where that does not say it."""
        assert told(make_run(activities=[activity]), "activity") == [[f"status not reported  {name}"]]


class TestReasons:
    """Why a run ended as it did."""

    def test_failure_without_reason(self) -> None:
        """A failed run that gives no reason says so."""
        assert told(make_run(status="failed"), "cause") == [["none is given"]]

    def test_many_with_one_code(self) -> None:
        """Of many causes with one code the first ten are told, and how many more there are."""
        errors = [{"code": "X-1", "message": f"row {i}"} for i in range(1_012)]
        ten = [f"- row {i}" for i in range(10)]
        assert told(fail_with(*errors), "cause") == [["X-1  1,012 messages", *ten, "- and 1,002 more with this code"]]
        assert told(fail_with(*errors[:10]), "cause") == [["X-1  10 messages", *ten]]

    def test_many_codes(self) -> None:
        """Of many codes the first twenty are told, and how many more there are."""
        errors = [{"code": f"X-{i}", "message": "m"} for i in range(21)]
        assert told(fail_with(*errors[:20]), "cause") == [[f"X-{i}  m"] for i in range(20)]
        assert told(fail_with(*errors), "cause")[20:] == [["and 1 more code"]]

    def test_reported_as(self) -> None:
        """Every outer error is told, those of one code and those without a code as well."""
        outer = [
            {"code": "X-1", "message": "first"},
            {"code": "X-1", "message": "second"},
            {"message": "third"},
            {"message": "fourth"},
        ]
        run = fail_with(*outer, nested=[{"code": "133", "message": "No files."}])
        assert told(run, "reported as") == [
            ["X-1  2 messages", "- first", "- second"],
            ["2 messages", "- third", "- fourth"],
        ]

    def test_advice_belongs_to_the_cause(self) -> None:
        """What to do is told for the cause, not for the step that reports it."""
        outer = {"code": "INGEST-1205-400", "message": "Outer."}
        run = fail_with(outer, nested=[{"code": "140", "message": "Inner.", "recordCount": 2, "count": 1}])
        info = lookup_error("140")
        assert told(run, "cause") == [
            [
                f"140  {info.title}",
                "Inner. (2 records, 1 time)",
                f"What to do: {info.remedy}",
                "Trying again unchanged does not help.",
            ]
        ]
        assert told(run, "reported as") == [[f"INGEST-1205-400  {lookup_error('INGEST-1205-400').title}", "Outer."]]

    def test_meaning_for_want_of_a_message(self) -> None:
        """Where the payload gives a documented code alone, its meaning stands for the message."""
        info = lookup_error("133")
        assert told(fail_with({"code": "133", "message": " "}), "cause") == [
            [f"133  {info.title}", info.meaning, f"What to do: {info.remedy}"]
        ]

    @pytest.mark.parametrize(
        ("code", "advice"),
        [("ACTSVC-9001-500", "Trying again unchanged may help."), ("140", "Trying again unchanged does not help.")],
    )
    def test_trying_again(self, code: str, advice: str) -> None:
        """Whether trying again helps is told where a source says so."""
        assert told(fail_with({"code": code}), "cause")[0][-1] == advice

    def test_long_message(self) -> None:
        """A message of many lines is cut where a person stops reading; the end shows that there is more."""
        assert told(fail_with({"message": "word\r\n" * 500}), "cause") == [["word " * 119 + "word…"]]

    def test_name_of_the_activity(self) -> None:
        """An error tells the step that it arose in, by name, or else by id."""
        errors = [{"code": "X-1", "message": "m"}], [{"code": "X-2", "message": "m"}]
        activities = [
            {"id": "a", "name": "SFTP Copy Activity", "statusSummary": {"errors": errors[0]}},
            {"id": "b", "statusSummary": {"errors": errors[1]}},
        ]
        run = make_run(status="failed", activities=activities)
        assert told(run, "cause") == [["X-1  SFTP Copy Activity: m"], ["X-2  b: m"]]

    @pytest.mark.parametrize(
        ("status", "label", "shade"),
        [("failed", "cause", "failed"), ("partialSuccess", "cause", "partial"), ("failed", "skip", "partial")],
    )
    def test_shade(self, status: str, label: str, shade: str) -> None:
        """The code of a cause is coloured as the run's outcome, that of a skip as a partial one."""
        records = {"skippedInfo": [{"code": "S-1"}]}
        run = make_run(statusSummary={"status": status, "errors": [{"code": "X-1"}]}, recordSummary=records)
        assert [fact.shade for fact in facts(run, read_ending(run)) if fact.label == label] == [shade]

    def test_catalogue_needs_no_escaping(self) -> None:
        """The texts about error codes are shown as they are."""
        texts = [text for code in documented_error_codes() for text in (code.title, code.meaning, code.remedy) if text]
        assert texts == [printable(text) for text in texts]


class TestSummary:
    """`summarise`."""

    @pytest.mark.parametrize(
        ("error", "summary"),
        [
            ({"code": "133", "message": "m"}, ("133", " ", "No files in batch")),
            ({"code": "X-1", "message": "m"}, ("X-1", " ", "m")),
            ({"code": "X-1"}, ("X-1",)),
            ({"code": "", "message": "m"}, ("m",)),
            ({"count": 1}, ("",)),
        ],
    )
    def test_error(self, error: dict[str, Any], summary: tuple[str, ...]) -> None:
        """An error is told by its code and title, or else by its message."""
        assert summarise(fail_with(error).errors[0]) == summary


class TestErrorFact:
    """`error_fact`."""

    @pytest.mark.parametrize(
        ("type_", "label", "shade"),
        [(None, "error", "failed"), ("Warning", "warning", "partial"), ("<b>", "error", "failed")],
    )
    def test_label(self, type_: str | None, label: str, shade: str) -> None:
        """An error on its own is told as an error or as a warning."""
        error = fail_with({"code": "X-1", "message": "m", "type": type_}).errors[0]
        fact = error_fact(error)
        assert (fact.label, fact.lead, fact.paragraphs, fact.shade) == (label, "X-1", (("m",),), shade)


class TestCodes:
    """`code_facts`."""

    def test_documented(self) -> None:
        """Everything that is known about a documented code is told."""
        info = lookup_error("ACTSVC-9001-500")
        name, told = code_facts("actsvc-9001-500 ")
        assert name == ("ACTSVC-9001-500", "  ", info.title)
        assert [(fact.label, *_plain(fact)) for fact in told] == [
            ("meaning", info.meaning),
            ("what to do", info.remedy),
            ("try again", "may help"),
            ("step", "destination"),
            ("family", "ACTSVC"),
            ("number", "9001"),
            ("HTTP status", "500"),
            ("source", "Adobe"),
            ("notes", info.notes),
        ]

    def test_names(self) -> None:
        """The other names of a code are told."""
        info = next(code for code in documented_error_codes() if code.names)
        _, told = code_facts(info.names[0])
        assert [_plain(fact) for fact in told if fact.label == "other names"] == [[", ".join(info.names)]]

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("ingest-9999-404", [("family", "INGEST"), ("number", "9999"), ("HTTP status", "404")]),
            ("anything", []),
        ],
    )
    def test_undocumented(self, code: str, expected: list[tuple[str, str]]) -> None:
        """An undocumented code is told as such, with the parts in its text."""
        name, told = code_facts(code)
        assert name == (code, "  ", "not documented")
        assert [(fact.label, *_plain(fact)) for fact in told] == expected

    def test_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Once the error codes have a page, documented codes point to it."""
        monkeypatch.setattr(facts_module, "ERROR_CODES_URL", "https://docs.example/codes/")
        url = "https://docs.example/codes/#ingest-1205-400"
        _, told = code_facts("INGEST-1205-400")
        assert _plain(told[-1]) == [url]
        assert _plain(error_fact(fail_with({"code": "INGEST-1205-400"}).errors[0]))[-1] == f"More: {url}"
        assert _plain(error_fact(fail_with({"code": "INGEST-9999-400"}).errors[0])) == [
            "INGEST-9999-400  no text is given"
        ]


class TestOthers:
    """`describe_other`."""

    @pytest.mark.parametrize(
        ("payload", "description"),
        [
            ({"name": "late", "status": "FIRING", "severity": "high"}, "not a flow run: alert"),
            ([{"validationUrl": "https://example.com"}], "not a flow run at [0]: validation request"),
            (
                {"some\x1bkey": "secret"},
                r"not a flow run: it has neither metrics nor flowId; its keys are 'some\x1bkey'",
            ),
        ],
    )
    def test_kinds(self, payload: Any, description: str) -> None:
        """A message is told by its kind and place, one of no known kind by its keys."""
        other = parse_all(payload).others[0]
        assert isinstance(other, OtherMessage)
        assert "".join(describe_other(other)) == description
