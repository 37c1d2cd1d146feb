"""Tests of `_display.markdown`: `to_markdown`."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from display.runs import FULL, make_run
from flowrun_notifications import FlowRun, documented_error_codes, parse, to_markdown

BREAK = "\u200b"


class TestText:
    """Whole texts."""

    def test_documented_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """A failed run is a heading and a list."""
        assert to_markdown(parse(read_payload("documented_failure"))) == (
            "*FAILED* flow `cf4fce79-8822-456d-8fce-798822556dc6`\n"
            "\n"
            "- *run* `d9024c32-2174-4271-824c-322174627101`\n"
            "- *sandbox* `prod`\n"
            "- *when* 2020-08-14 19:42:27 UTC, end not reported\n"
            "- *in* not reported\n"
            "- *out* not reported\n"
            "- *activity* *failed* `promotionActivity`\n"
            "  10 s\n"
            "- *cause* `133` No files in batch\n"
            "  `promotionActivity`: `We are unable to locate any files uploaded for this batch."
            " Please upload files to ingest.`\n"
            "  What to do: Upload files, then ingest.\n"
            "- *reported as* `CONNECTOR-2001-500` Processing of copied data failed\n"
            "  `promotionActivity`: `Error in processing (parsing, validation or transformation) the copied data.`\n"
            f"- *file list* `https:/{BREAK}/platform-stage.{BREAK}adobe.{BREAK}io/data/foundation/export/batches/"
            "6f6a900f-e40d-4f0e-9bb9-b614436c3465/meta?path=input_files`\n"
            "- *batch* `6f6a900f-e40d-4f0e-9bb9-b614436c3465`"
        )

    def test_everything(self) -> None:
        """A run that says everything is told in full."""
        assert to_markdown(FULL).replace(BREAK, "|") == (
            "*PARTIAL SUCCESS* `Loyalty members`\n"
            "\n"
            "- *run* `r1`\n"
            "- *flow* `f1`\n"
            "- *type* `streaming`\n"
            "- *sandbox* `dev two`\n"
            "- *when* 2023-11-14 22:13:20 to 22:13:47 UTC, 27.2 s\n"
            "- *in* 1,000 records, 1 byte\n"
            "- *out* 1 record, 12.3 kB\n"
            "- *failed* 3 records, 1 file\n"
            "- *skipped* 0 files, 10 bytes\n"
            "- *records* 0 created, 5 updated, 6 deleted, 7 with a warning\n"
            "- *ingested* 97.5 % of the records\n"
            "- *latency* 12 ms at least, 99 ms on average, 1,234 ms at most\n"
            "- *activity* *processing* `SFTP Copy Activity`\n"
            "  started 2023-11-14 22:13:20 UTC, end not reported; skipped 4 records\n"
            "- *activity* *status not reported* `37b34f84-1ada-11eb-adc1-0242ac120002` (promotion)\n"
            "- *activity* *status not reported* without a name\n"
            "- *cause* `NEW-1-CODE` `SFTP Copy Activity`: no text is given\n"
            "- *reported as* `OUT-1` `Try later`\n"
            "- *skip* `SKIP-1` `No consent` (2 times)\n"
            "- *warning* `Slow source` (1 record, 1 time)\n"
            "- *file list* `https:/|/files.|example/1`\n"
            "  `https:/|/files.|example/2`\n"
            "- *failed rows* `https:/|/rows.|example/x%20y`\n"
            "- *samples* `https:/|/samples.|example`\n"
            "- *batch* `b1`\n"
            "- *message* `Half of it arrived.`\n"
            f"- *see* `https:/|/example.|com/a%20b/{'c' * 80}`"
        )

    def test_several_messages(self, read_payload: Callable[[str], bytes]) -> None:
        """Messages with one code stand on lines of their own, the advice behind them."""
        markdown = to_markdown(parse(read_payload("documented_2020_preview_failure")))
        assert markdown.split("\n- ")[6] == (
            "*cause* `INGEST-1205-400` Field not in target schema\n"
            "  \u2022 `The field: _id does not exist in the target schema. Remove the field and try again.`\n"
            "  \u2022 `The field: person does not exist in the target schema. Remove the field and try again.`\n"
            "  What to do: Remove the field and ingest again."
        )

    def test_unknown_status(self) -> None:
        """A status that is not known is the payload's text."""
        run = make_run(status="on @hold", activities=[{"name": "a", "statusSummary": {"status": "*odd*"}}])
        lines = to_markdown(run).replace(BREAK, "|").splitlines()
        assert (lines[0], lines[-1]) == ("`on |@|hold` flow `f1`", "- *activity* `\u2217odd\u2217` `a`")

    def test_empty_text(self) -> None:
        """A code span is never empty."""
        assert to_markdown(parse({"id": "", "flowId": " "})).splitlines()[:4] == [
            "*UNKNOWN* flow (empty)",
            "",
            "- *status* not reported",
            "- *run* (empty)",
        ]


class TestEscaping:
    """Texts of the payload that stay inert."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("6f6a900f-e40d-4f0e-9bb9-b614436c3465", "6f6a900f-e40d-4f0e-9bb9-b614436c3465"),
            ("The field: _id does not exist.", "The field: _id does not exist."),
            ("my_file_name", "my_file_name"),
            ("@channel <!channel> <@U123>", "|@|channel \u2039!channel\u203a \u2039|@|U123\u203a"),
            ("jane@example.com #general org/repo#12", "jane|@|example.|com #|general org/repo#|12"),
            ("[a](https://evil.example)", "[a]|(https:/|/evil.|example)"),
            ("[a][b] [a]: www.evil.example", "[a]|[b] [a]|: www.|evil.|example"),
            ("`rm` ```x```", "'rm' '''x'''"),
            ("*a* **b** ~c~ _d_ __e__", "\u2217a\u2217 \u2217\u2217b\u2217\u2217 \u223cc\u223c _d_| __e__|"),
            ("{{DATE(2017-02-14T06:00:00Z, SHORT)}}", "{|{DATE(2017-02-14T06:00:00Z, SHORT)}}"),
            ("<at>Jane</at> &lt;", "\u2039at\u203aJane\u2039/at\u203a &lt;"),
        ],
    )
    def test_text(self, text: str, shown: str) -> None:
        """What a chat would act on is broken by a zero-width space, or replaced; anything else is unchanged."""
        run = parse({"id": "r1", "flowId": "f1", "message": text})
        assert to_markdown(run).splitlines()[-1].replace(BREAK, "|") == f"- *message* `{shown}`"

    def test_catalogue(self) -> None:
        """The texts about error codes, which stand outside of code spans, hold no markup."""
        texts = [text for code in documented_error_codes() for text in (code.title, code.meaning, code.remedy) if text]
        assert [text for text in texts if re.search(r"[`*<>~@#&\\\[\]|]|\b_|_\b|://", text)] == []


HOSTILE = (
    *("@user", "@channel", "<!channel>", "<!subteam^S1|@team>", "<@U123>", "<#C1>", "<at>Jane</at>"),
    *("https://evil.example", "HTTP://evil.example", "www.evil.example", "evil.com", "j@evil.com", "mailto:j@evil.com"),
    *("<https://evil.example|x>", "<https://evil.example>", "[x](https://evil.example)", "![x](https://evil.example)"),
    *("[x][x]", "\n[x]: https://evil.example", "[^1]", "](", "javascript:alert(1)", "ftp://evil.example", "//evil.com"),
    *("`", "``", "```", "\n```\n", "*b*", "**b**", "*", "**", "_i_", "__b__", "_", "__", "~s~", "~~s~~", "~~", "***"),
    *("#1", "#general", "org/repo#1", "GH-1", ":tada:", "{{DATE(2017-02-14T06:00:00Z, SHORT)}}", "$x$", "||", "|"),
    *("<b>", "</code>", "<script>", "<!--", "-->", "&lt;", "&#42;", "&nbsp;", "\\", "\\`", "\\*", "!"),
    *("\n", "\r\n", "\n\n", "- ", "\n- x", "\n1. x", "\n# x", "\n> x", "\n---\n", "\n    x", "\t", "\u2028", "\u200b"),
    *(" ", "a", ".", "(", ")", '"', "é", "顧", "\N{PARTY POPPER}", "\N{COMBINING ACUTE ACCENT}"),
)


def fill_with(text: str) -> FlowRun:
    """Return a run with a text in every place that is shown."""
    error = {"code": text, "message": text}
    return parse(
        {
            **dict.fromkeys(("id", "flowId", "flowName", "flowType", "sandboxName", "message", "url"), text),
            "metrics": {
                "statusSummary": {"status": text, "errors": [error], "extensions": {"errors": [{"message": text}]}},
                "recordSummary": {"skippedInfo": [error], "warningInfo": [error, {"code": text}]},
                "fileSummary": {"manifest": {"fileInfo": text, "failedRecords": [text], "sampleErrors": text}},
            },
            "activities": [{"id": text, "name": text, "statusSummary": {"status": text, "errors": [error]}}],
        }
    )


HARMLESS = to_markdown(fill_with("x"))

# Not empty, and not a word that tells the kind of a step: either would be told in other words.
hostile_texts = (
    st.lists(st.sampled_from(HOSTILE) | st.text(max_size=3), min_size=1, max_size=6)
    .map(lambda parts: "".join(parts) + "x")
    .filter(lambda text: fill_with(text).activities[0].kind is None)
)


needs_a_renderer = pytest.mark.skipif(
    not (find_spec("markdown_it") and find_spec("linkify_it")), reason="needs markdown-it-py and linkify-it-py"
)


class TestHostile:
    """Whatever the payload says, it only fills the code spans."""

    @given(hostile_texts)
    def test_code_spans(self, text: str) -> None:
        """Outside of code spans, a hostile run reads as a harmless one."""
        shown = to_markdown(fill_with(text))
        assert [line.split("`")[::2] for line in shown.split("\n")] == [
            line.split("`")[::2] for line in HARMLESS.split("\n")
        ]

    @given(hostile_texts)
    def test_slack(self, text: str) -> None:
        """Within code spans, nothing is left that Slack would follow: no command, mention, channel, URL or domain."""
        shown = to_markdown(fill_with(text))
        assert (
            re.findall(rf"[<>]|[@#](?!{BREAK})|(?<!{BREAK})@|//|[^\W_]\.[^\W_]", "\n".join(shown.split("`")[1::2]))
            == []
        )

    @needs_a_renderer
    @pytest.mark.parametrize("rules_off", [(), ("backticks",)], ids=["GitHub", "without code spans, as in Teams"])
    @given(text=hostile_texts)
    @example(text="a_ **b** ~~c~~ [d](https://evil.com) www.evil.com j@evil.com _e_ ![f](g) x")
    @example(text="//evil.com mailto:j@evil.com x")
    def test_markdown(self, rules_off: tuple[str, ...], text: str) -> None:
        """A Markdown renderer that makes links of URLs sees the same structure, with code spans or without."""
        assert structure(to_markdown(fill_with(text)), rules_off) == structure(HARMLESS, rules_off)


@cache
def renderer(rules_off: tuple[str, ...]) -> Any:
    """Return a renderer of GitHub's Markdown that makes links of URLs."""
    markdown_it: Any = import_module("markdown_it")
    return markdown_it.MarkdownIt("gfm-like").disable(list(rules_off))


def structure(markdown: str, rules_off: tuple[str, ...]) -> list[str]:
    """Return the kinds of the tokens of a text, runs of plain text as one."""
    kinds: list[str] = []
    for token in renderer(rules_off).parse(markdown):
        for part in token.children or [token]:
            kind = part.type.removesuffix("_special")
            if kind != "text" or kinds[-1] != "text":
                kinds.append(kind)
    return kinds
