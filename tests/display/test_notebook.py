"""Tests of `_display.notebook`: what notebooks show of runs, results, errors and alerts."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given

from flowrun_notifications import Alert, FlowRun, documented_error_codes, parse, parse_all
from flowrun_notifications.testing import (
    ABSENT,
    flow_runs,
    make_flow_run,
    make_other_message,
    make_payload,
    make_record,
)

TEXT_TAGS = {"style", "div", "p", "b", "strong", "small", "code", "a", "br", "ul", "li", "span", "i"}
TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
TAGS = TEXT_TAGS | TABLE_TAGS
ATTRIBUTES = {"class", "style", "href", "target", "rel"}


class Page(HTMLParser):
    """HTML taken apart: each block's text, the bars, links and classes of cells. Refuses what is not balanced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.bars: list[dict[str, str | None]] = []
        self.links: list[str | None] = []
        self.rows: list[list[str | None]] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.style = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []
        self.lines = [" ".join(line.split()) for line in self.lines if line.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes a tag."""
        self.tags.add(tag)
        self.attributes |= dict(attrs).keys()
        if tag == "i":
            self.bars.append(dict(attrs))
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag in {"p", "tr", "li", "br"}:
            self.lines.append("")
        if tag == "tr":
            self.rows.append([])
        if tag in {"th", "td"}:
            self.lines[-1] += " | "
            self.rows[-1].append(dict(attrs).get("class"))
        if tag != "br":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Demands that the tag that was opened last is closed first."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes text."""
        if self._open[-1] == "style":
            self.style += data
        else:
            self.lines[-1] += data


def html_of(shown: Any) -> str:
    """Return what a notebook gets when it asks."""
    return str(shown._repr_html_())


def show(shown: Any) -> Page:
    """Return the same, taken apart."""
    return Page(html_of(shown))


def position(bar: dict[str, str | None]) -> tuple[float, float]:
    """Return where a bar begins, and how wide it is, in per cent."""
    place = re.fullmatch(r"left:min\((.+)%,100% - 3px\);width:(.+)%", bar["style"] or "")
    assert place is not None
    return float(place[1]), float(place[2])


class TestRun:
    """A run."""

    def test_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """A run tells how it ended, which run, each step, and the cause with what to do about it."""
        run = parse(read_payload("documented_failure"))
        assert show(run).lines == [
            "failed flow cf4fce79-8822-456d-8fce-798822556dc6",
            "run d9024c32-2174-4271-824c-322174627101 · prod",
            "| Step | Status | Started (UTC) | Took | Time line | Records in | out",
            "| whole run | failed | 2020-08-14 19:42:27 | | | |",
            "| promotionActivity | failed | 2020-08-14 19:42:27 | 10 s | | |",
            "Cause",
            "133 No files in batch",
            f"promotionActivity: {run.causes[0].message}",
            "What to do: Upload files, then ingest.",
            "Reported as",
            "CONNECTOR-2001-500 Processing of copied data failed",
            f"promotionActivity: {run.errors[0].message}",
            "File list",
            run.file_info_urls[0],
        ]

    def test_success(self, read_payload: Callable[[str], bytes]) -> None:
        """A success tells what went in and out of each step, and nothing of causes."""
        run = parse(read_payload("documented_success"))
        assert show(run).lines == [
            "success flow 1c6f1047-dcaf-48fe-af10-47dcaf08feaf",
            "run 933cf9f4-cf01-4d75-bcf9-f4cf010d750a · prod",
            "| Step | Status | Started (UTC) | Took | Time line | Records in | out | Files in, out | Bytes in, out",
            "| whole run | success | 2020-05-26 16:54:13 | 0 s | | 100 | 70 | 10 → 10 | 2,048 → 1,024",
            "| copyActivity | success | 2020-05-26 16:54:13 | 0 s | | 100 | 100 | 10 → 10 | 2,048 → 1,098",
            "| promotionActivity | success | | | | | | 10 → 10 | 1,098 → 1,024",
            "File list",
            *run.file_info_urls,
        ]

    def test_partial(self) -> None:
        """A success with errors is told from a full one, and a step by its kind where its name does not say it."""
        run = make_flow_run(
            outcome="partial_ingestion", flowName="Orders", flowType="batch", message="Some rows failed."
        )
        lines = show(run).lines
        assert lines[:3] == [
            "partial success Orders status success, but with errors or losses",
            f"run {run.id} · flow {run.flow_id} · batch · {run.sandbox_name}",
            "Some rows failed.",
        ]
        assert lines[3].endswith("| Records in | out | failed | Files in, out | Bytes in, out")

    @pytest.mark.parametrize(
        ("status", "shown", "note"),
        [
            ("Processing", "processing", ""),
            ("onHold", "onHold", " status not a known status"),
            (None, "unknown", " status not reported"),
        ],
    )
    def test_status(self, status: str | None, shown: str, note: str) -> None:
        """Any status is shown, and so is the lack of one."""
        run = parse({"id": "r", "flowId": "f", "metrics": {"statusSummary": {"status": status}}})
        assert show(run).lines == [
            f"{shown} flow f{note}",
            "run r",
            "| Step | Status | Started (UTC) | Took | Records in | out",
            f"| whole run | {shown} | | | |",
        ]

    @pytest.mark.parametrize(
        ("activity", "shown"),
        [
            ({"name": "SFTP Copy Activity"}, "SFTP Copy Activity"),
            ({"name": "UIS Batch Activity"}, "UIS Batch Activity (identity)"),
            ({"id": "37b34f84-1ada-11eb-adc1-0242ac120002"}, "37b34f84-1ada-11eb-adc1-0242ac120002 (promotion)"),
            ({"id": "another"}, "another"),
            ({"contextId": "c"}, "without a name"),
        ],
    )
    def test_step(self, activity: dict[str, str], shown: str) -> None:
        """A step is called by its name, else by its id, and its kind is told where that does not say it."""
        run = parse({"id": "r", "flowId": "f", "activities": [activity]})
        assert show(run).lines[-1] == f"| {shown} | status not reported | | | |"

    def test_columns(self) -> None:
        """Numbers stand at the right, bars in a column of their own, and cells as their heading does."""
        assert show(make_flow_run()).rows == [[None, None, "n", "n", "t", "n", "n", "n", "n"]] * 4

    def test_half_known_amounts(self) -> None:
        """What is not known of a pair is a question mark, of both nothing."""
        sizes: list[dict[str, Any]] = [{}, {"inputBytes": 5000}, {"outputBytes": 0}]
        run = parse({"id": "r", "flowId": "f", "activities": [{"id": "a", "sizeSummary": size} for size in sizes]})
        cells = [line.rpartition("|")[2].strip() for line in show(run).lines[2:]]
        assert cells == ["Bytes in, out", "", "", "5,000 → ?", "? → 0"]

    @pytest.mark.parametrize(("number", "rest"), [(50, []), (51, ["and 1 more step"]), (52, ["and 2 more steps"])])
    def test_many_steps(self, number: int, rest: list[str]) -> None:
        """The first fifty steps have a row, the others are counted."""
        run = parse({"id": "r", "flowId": "f", "activities": [{"name": f"s{n}"} for n in range(number)]})
        assert show(run).lines[4:] == [*(f"| s{n} | status not reported | | | |" for n in range(50)), *rest]

    def test_no_cause_given(self) -> None:
        """A failure without errors says that it has none."""
        run = parse({"id": "r", "flowId": "f", "metrics": {"statusSummary": {"status": "failed"}}})
        assert show(run).lines[-2:] == ["Cause", "none is given"]

    def test_facts(self) -> None:
        """Reasons of one code are gathered; what is known of the code is told once; skips and warnings follow."""
        reasons = [{"code": "MAPPER-3700-400", "message": f"Row {n}", "recordCount": n, "count": 1} for n in (1, 2)]
        records = {
            "failedInfo": [*reasons, {"code": "X-1"}, {"message": "Only text"}],
            "skippedInfo": [{"code": "S", "message": "Known already"}],
            "warningInfo": [{"code": "2202", "message": "Late"}],
        }
        status = {"status": "failed", "errors": [{"code": "Y-9", "description": "Outer"}, {"message": "Bare"}]}
        run = parse({"id": "r", "flowId": "f", "metrics": {"recordSummary": records, "statusSummary": status}})
        lines = show(run).lines
        info = run.causes[0].info
        assert lines[lines.index("Cause") :] == [
            "Cause",
            f"MAPPER-3700-400 {info.title}",
            "- Row 1 (1 record, 1 time)",
            "- Row 2 (2 records, 1 time)",
            f"What to do: {info.remedy}",
            "X-1 no text is given",
            "Only text",
            "Reported as",
            "Y-9 Outer",
            "Bare",
            "Skip",
            "S Known already",
            "Warning",
            "2202 Late",
        ]

    @pytest.mark.parametrize(("number", "rest"), [(10, []), (11, ["- and 1 more with this code"])])
    def test_many_with_one_code(self, number: int, rest: list[str]) -> None:
        """Of many causes with one code the first ten are told."""
        errors = [{"code": "X-1", "message": f"m{n}"} for n in range(number)]
        run = parse({"id": "r", "flowId": "f", "metrics": {"statusSummary": {"status": "failed", "errors": errors}}})
        assert show(run).lines[4:] == [
            "Cause",
            f"X-1 {number} messages",
            *(f"- m{n}" for n in range(10)),
            *rest,
        ]

    @pytest.mark.parametrize(
        ("retryable", "told"),
        [(True, "Trying again unchanged may help."), (False, "Trying again unchanged does not help.")],
    )
    def test_retryable(self, retryable: bool, told: str) -> None:
        """Where a source says whether trying again helps, so does the notebook."""
        code = next(known.code for known in documented_error_codes() if known.retryable is retryable)
        errors = [{"code": code, "message": "m"}]
        run = parse({"id": "r", "flowId": "f", "metrics": {"statusSummary": {"errors": errors}}})
        assert show(run).lines[-1] == told


class TestTimeLine:
    """The time line of the activities."""

    def test_places(self) -> None:
        """Bars lie where the steps lie between the first and the last instant, in the shade of their outcome."""
        run = make_flow_run(activities=[step("a", 100, 150, "success"), step("b", 125, 300, "failed")])
        run = parse(run.to_payload() | {"metrics": {"durationSummary": {"startedAtUTC": 100, "completedAtUTC": 300}}})
        bars = show(run).bars
        assert [position(bar) for bar in bars] == [(0, 100), (0, 25), (12.5, 87.5)]
        assert [bar["class"] for bar in bars] == ["bar", "bar success", "bar failed"]

    def test_open_end(self) -> None:
        """The bar of a step whose end is not known goes on to the last instant, and fades."""
        run = make_flow_run(metrics=ABSENT, activities=[step("a", 100, None), step("b", 150, 200)])
        bars = show(run).bars
        assert [(position(bar), bar["class"]) for bar in bars] == [((0, 100), "bar open"), ((50, 50), "bar")]

    def test_only_end(self) -> None:
        """A step of which only the end is known is a mark at its end."""
        run = make_flow_run(metrics=ABSENT, activities=[step("a", 100, 200), step("b", None, 200)])
        assert [position(bar) for bar in show(run).bars] == [(0, 100), (100, 0)]

    def test_ends_before_it_starts(self) -> None:
        """A step that ends before it starts is a mark at its start."""
        run = make_flow_run(metrics=ABSENT, activities=[step("a", 300, 200), step("b", 100, 200)])
        assert [position(bar) for bar in show(run).bars] == [(100, 0), (0, 50)]

    def test_instant(self) -> None:
        """A run that took no time is a mark."""
        run = make_flow_run(metrics=ABSENT, activities=[step("a", 100, 100)])
        assert [position(bar) for bar in show(run).bars] == [(0, 0)]

    def test_without_times(self) -> None:
        """Where no time is known there is none."""
        page = show(make_flow_run(metrics=ABSENT, activities=[step("a", None, None)]))
        assert page.bars == []
        assert not any("Time line" in line for line in page.lines)


def step(activity_id: str, started: int | None, completed: int | None, status: str | None = None) -> dict[str, Any]:
    """An activity by its times in seconds."""
    return {
        "id": activity_id,
        "durationSummary": {"startedAtUTC": started, "completedAtUTC": completed},
        "statusSummary": {"status": status},
    }


class TestResult:
    """The result of parsing."""

    def test_mixed_batch(self) -> None:
        """A row for each run, and what else the payload holds."""
        broken = make_record(metrics={"recordSummary": {"inputRecordCount": "many"}}, createdAt=True)
        failed = make_payload("messages", outcome="failed")
        result = parse_all([make_payload("event"), failed, make_other_message("alert"), broken])
        success, failure = result.runs
        cause = failure.causes[0]
        assert show(result).lines == [
            "2 flow runs (1 failed), 1 other message, 1 error",
            "| Outcome | Flow | Cause | Started (UTC) | Took | Records in | out",
            f"| success | {success.flow_name} | | 2025-01-01 10:00:00 | 3 min 50 s | 120 | 120",
            f"| failed | {failure.flow_name} | {cause.code} {cause.info.title} | 2025-01-01 10:00:00 | | |",
            "Other messages",
            "not a flow run at [2]: alert",
            "Could not be read",
            *(line.strip() for line in str(result.errors[0]).splitlines()),
        ]

    def test_causes(self) -> None:
        """Of several causes a run's row tells the first."""
        errors = [{"code": f"X-{n}", "message": f"m{n}"} for n in range(3)]
        result = parse_all(make_record("failed", metrics={"statusSummary": {"errors": errors}}, activities=[]))
        assert show(result).lines[2].split(" | ")[2] == "X-0 m0"

    def test_empty(self) -> None:
        """An empty batch says that it is empty."""
        assert show(parse_all([])).lines == ["0 flow runs, 0 other messages, 0 errors"]

    def test_counts(self) -> None:
        """The heading counts failed and partial runs."""
        result = parse_all(
            [make_record(), make_record("failed"), make_record("failed"), make_record("partial_success")]
        )
        assert show(result).lines[0] == "4 flow runs (2 failed, 1 partial), 0 other messages, 0 errors"


class TestError:
    """An error, a skip or a warning."""

    def test_documented(self, read_payload: Callable[[str], bytes]) -> None:
        """A card tells the code and its title, where it arose, the message, and what to do."""
        (cause,) = parse(read_payload("documented_failure")).causes
        assert show(cause).lines == [
            "error 133 No files in batch",
            f"promotionActivity: {cause.message}",
            "What to do: Upload files, then ingest.",
        ]

    def test_warning(self) -> None:
        """A warning is told from an error; without a code, the message is enough."""
        records = {"warningInfo": [{"message": "Slow <b>source</b>", "type": "Warning", "count": 2}]}
        (warning,) = parse({"id": "r", "flowId": "f", "metrics": {"recordSummary": records}}).warnings
        page = show(warning)
        assert page.lines == ["warning Slow <b>source</b> (2 times)"]
        assert '<b class="is partial">warning</b>' in html_of(warning)


class TestAlert:
    """An alert."""

    def test_everything(self) -> None:
        """A card tells whether it fires, its rule, what it is about, and its values."""
        alert = make_alert(
            id="a1",
            status="FIRING",
            name="late",
            severity="high",
            message="Too <late>.",
            value="151",
            url="https://example.com/a",
            createdAt="2023-09-01T04:27:44.922Z",
            resolvedAt="2023-09-01T05:00:00Z",
            flowId="f1",
            flowRunId="r1",
            sandboxName="prod",
        )
        page = show(alert)
        assert page.lines == [
            "firing late",
            "alert a1 · flow f1 · run r1 · prod · monitoring",
            "Too <late>.",
            "severity high · value 151 · raised 2023-09-01 04:27:44 UTC · resolved 2023-09-01 05:00:00 UTC",
        ]
        assert page.links == ["https://example.com/a"]
        assert '<b class="is failed">firing</b>' in html_of(alert)

    def test_little(self) -> None:
        """What an alert does not say is left out."""
        alert = make_alert(status="INACTIVE")
        assert show(alert).lines == ["inactive alert"]
        assert '<b class="is">inactive</b>' in html_of(alert)

    def test_hostile(self) -> None:
        """Markup in any text of an alert is text."""
        hostile = TestSafety.HOSTILE
        keys = ("id", "name", "severity", "message", "value", "url", "flowId", "flowRunId", "sandboxName")
        page = show(make_alert(status=hostile, **dict.fromkeys(keys, hostile)))
        assert (page.tags - TAGS, page.attributes - ATTRIBUTES, page.links) == (set(), set(), [])
        # The badge is in lower case, as the hostile text is; a URL that is not one is not shown.
        assert sum(line.count(hostile) for line in page.lines) == len(["status", *keys]) - len(["url"])


def make_alert(**values: str) -> Alert:
    """Return an alert that says this."""
    (alert,) = parse_all(values).others
    assert isinstance(alert, Alert)
    return alert


class TestSafety:
    """What a payload holds is shown, and nothing more than shown."""

    HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</style>"

    def test_escaping(self) -> None:
        """Markup in any text of a payload is text."""
        hostile = self.HOSTILE
        error = {"code": hostile, "message": hostile}
        run = parse(
            {
                "id": hostile,
                "flowId": hostile,
                "flowName": hostile,
                "flowType": hostile,
                "sandboxName": hostile,
                "message": hostile,
                "url": f"https://{hostile}",
                "metrics": {
                    "statusSummary": {"status": hostile, "errors": [error], "extensions": {"errors": [error]}},
                    "recordSummary": {"skippedInfo": [error], "warningInfo": [error]},
                },
                "activities": [
                    {"id": hostile, "name": hostile, "statusSummary": {"status": hostile, "errors": [error]}}
                ],
            }
        )
        page = show(run)
        assert (page.tags - TAGS, page.attributes - ATTRIBUTES) == (set(), set())
        assert page.links == [f"https://{hostile}"]
        of_the_run = ["name", "run", "flow", "type", "sandbox", "message", "step"]
        of_the_reasons = ["code", "activity", "text", "skip", "its text", "warning", "its text"]
        assert sum(line.count(hostile) for line in page.lines) == len([*of_the_run, *of_the_reasons])
        statuses = ["status", "status of the whole run", "status of the step"]
        assert sum(line.count(f"{hostile[:39]}…") for line in page.lines) == len(statuses)

    @given(flow_runs())
    def test_any_run(self, run: FlowRun) -> None:
        """Every run is shown, in balanced HTML of known tags."""
        page = show(run)
        assert (page.tags - TAGS, page.attributes - ATTRIBUTES) == (set(), set())
        assert page.lines

    def test_control_characters(self) -> None:
        """Characters that change how text runs are shown by their number."""
        run = make_flow_run(flowName="a\u202eb\x07c\nd")
        assert show(run).lines[0] == r"success a\u202eb\x07c d"

    @pytest.mark.parametrize(
        ("url", "links"),
        [
            ("https://example.com/a b?c=d&e", ["https://example.com/a b?c=d&e"]),
            ("javascript:alert(1)", []),
            ("http://example.com", []),
            (" https://example.com", []),
            (None, []),
        ],
    )
    def test_links(self, url: str | None, links: list[str]) -> None:
        """Only an https URL becomes a link."""
        assert show(make_flow_run(url=url)).links == links

    def test_self_contained(self) -> None:
        """Nothing is fetched and nothing is run."""
        html = html_of(make_flow_run(outcome="failed", url=ABSENT))
        assert re.findall(r"https?:|url\(|@import|<script|<link|<img|src=|\bon\w+=", html) == []

    @pytest.mark.parametrize(("length", "shown"), [(600, "<" * 600), (601, "<" * 599 + "…")])
    def test_long_texts(self, length: int, shown: str) -> None:
        """A long text is cut, and escaped whether it is cut or not."""
        run = parse({"id": "r", "flowId": "f", "message": "<" * length})
        assert f"<p>{shown.replace('<', '&lt;')}</p>" in html_of(run)

    def test_size(self) -> None:
        """However many steps, errors, runs and broken things there are, what is shown stays small."""

        def html(count: int) -> str:
            codes = [max(n - 20, 0) for n in range(count)]  # many errors with one code, and many codes
            errors = [{"code": f"C{code}", "message": f"m{n}"} for n, code in enumerate(codes)]
            extensions = {"errors": [{"code": f"N{code}", "message": f"m{n}"} for n, code in enumerate(codes)]}
            status = {"status": "failed", "errors": errors, "extensions": extensions}
            run = {"metrics": {"statusSummary": status}, "activities": [{"id": "a"}] * count}
            broken = make_record(activities=[True] * 30)
            result = parse_all([make_record("failed", **run), *[make_record(), broken, {}] * count])
            return html_of(result) + html_of(result.runs[0])

        small, large = html(60), html(120)
        digits = re.compile(r"[\d,]+")
        assert digits.sub("", small) == digits.sub("", large)
        assert "and 10 more steps" in small
        assert "and 11 more flow runs" in small
        assert small.count("and 11 more with this code") == len(["cause", "reported"])
        assert small.count("<li>and 20 more codes</li>") == len(["causes", "reported"])
        assert small.count("<li>and 40 more</li>") == len(["other messages", "could not be read"])


class TestColours:
    """Light and dark."""

    def test_themes(self) -> None:
        """A notebook's theme decides on paper and ink, else the system's preference does."""
        style = show(make_flow_run()).style
        assert "color:var(--jp-content-font-color1,var(--vscode-foreground,var(--ink)))" in style
        assert "background:var(--jp-layout-color0,var(--vscode-editor-background,var(--paper)))" in style
        assert "@media(prefers-color-scheme:dark){.flowrun{--ink:#e6edf3;--paper:#15191f}}" in style

    @pytest.mark.parametrize("background", ["#57606a", "#1a7f37", "#cf222e", "#9a6700"])
    def test_contrast(self, background: str) -> None:
        """White text on a badge can be read: its contrast is that of WCAG's level AA."""
        assert f"background:{background}" in show(make_flow_run()).style
        assert 1.05 / (luminance(background) + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
