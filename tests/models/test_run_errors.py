"""Tests of the errors, skips and warnings of a run, collected from every place where a payload may hold them."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict
from typing import Any

import pytest

from flowrun_notifications import FlowRun, RunError, lookup_error, parse

DETAIL = (
    "Failure happened on 'Source' side.\r\n"
    "ErrorCode=SftpNetworkIssue,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,"
    'Message=Cannot connect to {"host": "sftp.example.com"}; ErrorCode=SftpTimeout,Source=...\''
)
"""Free text of a copy engine, over several lines, with two names."""


def outer(*entries: Any) -> dict[str, Any]:
    """Return a summary with errors in the outermost place."""
    return {"statusSummary": {"status": "failed", "errors": list(entries)}}


def nested(*entries: Any) -> dict[str, Any]:
    """Return a summary with errors in its extensions."""
    return {"statusSummary": {"status": "failed", "extensions": {"errors": list(entries)}}}


def failed_info(*entries: Any) -> dict[str, Any]:
    """Return a summary with reasons why records failed."""
    return {"recordSummary": {"failedInfo": list(entries)}}


def detail(text: Any) -> dict[str, Any]:
    """Return a summary with a copy engine's free text."""
    return {"statusSummary": {"status": "failed", "extensions": {"errorDetail": text}}}


Place = Callable[..., dict[str, Any]]
PLACES: dict[str, Place] = {"outer": outer, "extensions": nested, "failedInfo": failed_info}
"""The places where a summary lists errors."""

in_every_place = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())


def run_of(metrics: dict[str, Any] | None = None, *activities: dict[str, Any]) -> FlowRun:
    """Return the run with these metrics and activities, read from JSON."""
    return parse(json.dumps({"id": "r-1", "flowId": "f-1", "metrics": metrics or {}, "activities": list(activities)}))


def codes(run: FlowRun) -> list[str | None]:
    """Return the codes of a run's errors."""
    return [error.code for error in run.errors]


class TestPlaces:
    """Every place where an error may stand."""

    @in_every_place
    def test_whole_entry(self, place: Place) -> None:
        """Every key of an entry is an attribute; an error of the run has no activity, and one further in is nested."""
        entry = {
            "code": "C-1",
            "message": "text",
            "recordCount": 7,
            "count": "3",
            "type": "Error",
            "details": {"rows": [1, 2]},
        }
        (error,) = run_of(place(entry)).errors
        assert asdict(error) == {
            "code": "C-1",
            "message": "text",
            "record_count": 7,
            "count": 3,
            "type": "Error",
            "details": {"rows": [1, 2]},
            "activity_id": None,
            "activity_name": None,
            "is_nested": place is not outer,
        }

    @in_every_place
    def test_activity(self, place: Place) -> None:
        """An error of an activity names it."""
        run = run_of({}, {"id": "a-1", "name": "Copy", **place({"code": "C-1", "message": "text"})})
        assert run.errors == (
            RunError("C-1", "text", activity_id="a-1", activity_name="Copy", is_nested=place is not outer),
        )

    @in_every_place
    @pytest.mark.parametrize(
        "entry",
        [
            {"message": "text"},
            {"description": "text"},
            {"msg": "text", "callStack": "secret"},
            {"message": None, "description": "text"},
            {"message": None, "description": None, "msg": "text"},
            {"msg": "third", "description": "other", "message": "text"},
            {"msg": "other", "description": "text"},
        ],
    )
    def test_text(self, place: Place, entry: dict[str, Any]) -> None:
        """The text may be called message, description or msg; the first that is not null counts."""
        assert run_of(place({"code": "C-1", **entry})).errors == (
            RunError("C-1", "text", is_nested=place is not outer),
        )

    @in_every_place
    @pytest.mark.parametrize(("code", "text"), [(1001, "1001"), (0, "0"), (-1, "-1"), ("0133", "0133")])
    def test_code(self, place: Place, code: object, text: str) -> None:
        """A whole number as code is its text."""
        assert codes(run_of(place({"code": code, "message": "text"}))) == [text]

    @in_every_place
    def test_half_an_entry(self, place: Place) -> None:
        """An entry may have a code only, or a text only."""
        errors = run_of(place({"code": "C-1"}, {"message": "text"})).errors
        assert [(error.code, error.message) for error in errors] == [("C-1", None), (None, "text")]

    @in_every_place
    @pytest.mark.parametrize("entry", [{}, {"code": None}, {"code": "", "message": None}, {"unknown": None, "msg": ""}])
    def test_empty_entry(self, place: Place, entry: dict[str, Any]) -> None:
        """An entry that says nothing is not an error."""
        assert run_of(place(entry)).errors == ()

    @in_every_place
    def test_entry_of_unknown_keys(self, place: Place) -> None:
        """An entry that says something under an unknown key is one."""
        assert run_of(place({"reason": "text"})).errors == (RunError(None, None, is_nested=place is not outer),)

    def test_none(self) -> None:
        """A run without any of it has no errors, no causes, no skips and no warnings."""
        run = run_of({}, {"id": "a-1"})
        assert (run.errors, run.causes, run.skips, run.warnings) == ((), (), (), ())

    def test_order(self) -> None:
        """The run comes first, then each activity; in each the outer ones, extensions, failedInfo, errorDetail."""

        def summaries(name: str) -> dict[str, Any]:
            return {
                "recordSummary": {"failedInfo": [{"code": f"{name} failed"}]},
                "statusSummary": {
                    "extensions": {"errorDetail": f"ErrorCode={name}_detail", "errors": [{"code": f"{name} nested"}]},
                    "errors": [{"code": f"{name} b"}, {"code": f"{name} a"}],
                },
            }

        run = run_of(summaries("run"), {"id": "1", **summaries("one")}, {"id": "2", **summaries("two")})
        assert codes(run) == [
            *("run b", "run a", "run nested", "run failed", "run_detail"),
            *("one b", "one a", "one nested", "one failed", "one_detail"),
            *("two b", "two a", "two nested", "two failed", "two_detail"),
        ]


class TestExtensions:
    """`extensions` is open JSON, so anything may stand in its `errors`."""

    def test_text(self) -> None:
        """A text is an error without a code."""
        assert run_of(nested("text", "")).errors == (RunError(None, "text", is_nested=True),)

    def test_one_object(self) -> None:
        """One object in place of a list is one error."""
        run = run_of({"statusSummary": {"extensions": {"errors": {"code": "C-1", "message": "text"}}}})
        assert run.errors == (RunError("C-1", "text", is_nested=True),)

    @pytest.mark.parametrize("entry", [None, 1, True, [], [{"code": "C-1"}]])
    def test_other_entries(self, entry: object) -> None:
        """An entry that cannot be an error costs the others nothing."""
        assert codes(run_of(nested(entry, {"code": "C-1"}))) == ["C-1"]

    @pytest.mark.parametrize("errors", [None, {}, "text", 1, True])
    def test_not_a_list(self, errors: object) -> None:
        """Where `errors` is neither a list nor an object that says something, there are none."""
        assert run_of({"statusSummary": {"extensions": {"errors": errors}}}).errors == ()

    @pytest.mark.parametrize("wrong", [True, [], {}, 1.5, None])
    def test_unusable_values(self, wrong: object) -> None:
        """A value of the wrong kind reads as absent, and the rest of the entry is read."""
        entry = {"code": wrong, "message": wrong, "description": "text", "recordCount": wrong, "type": wrong}
        assert run_of(nested(entry)).errors == (RunError(None, "text", is_nested=True),)

    def test_unknown_counts(self) -> None:
        """-1 is not a count here either."""
        (error,) = run_of(nested({"code": "C-1", "recordCount": -1, "count": "-1"})).errors
        assert (error.record_count, error.count) == (None, None)


class TestErrorCodeInText:
    """The name after the first `ErrorCode=` in a text."""

    @pytest.mark.parametrize("activity", [None, {"id": "a-1", "name": "Copy"}])
    def test_detail(self, activity: dict[str, Any] | None) -> None:
        """In the copy engine's free text the name is the code, and the whole text the message."""
        run = run_of(detail(DETAIL)) if activity is None else run_of({}, {**activity, **detail(DETAIL)})
        name, id_ = ("Copy", "a-1") if activity else (None, None)
        assert run.errors == (
            RunError("SftpNetworkIssue", DETAIL, activity_id=id_, activity_name=name, is_nested=True),
        )

    @in_every_place
    def test_message(self, place: Place) -> None:
        """In the message of an entry the name is a nested error beside the entry."""
        run = run_of(place({"code": "C-1", "message": DETAIL}))
        assert run.errors == (
            RunError("C-1", DETAIL, is_nested=place is not outer),
            RunError("SftpNetworkIssue", DETAIL, is_nested=True),
        )

    def test_same_as_its_entry(self) -> None:
        """Where the entry has that name as its code, it is one error."""
        assert run_of(outer({"code": "SftpNetworkIssue", "message": DETAIL, "count": 2})).errors == (
            RunError("SftpNetworkIssue", DETAIL, count=2, is_nested=True),
        )

    @pytest.mark.parametrize(
        "text",
        [
            *("", "Failure happened.", "ErrorCode=", "errorcode=Sftp", "ErrorCode=  Sftp", "ErrorCode:Sftp"),
            *("ErrorCode=2200;", "ErrorCode=-2146232060", "SocketErrorCode=TimedOut", "xErrorCode=Sftp"),
            *(None, 1, ["ErrorCode=Sftp"]),
        ],
    )
    def test_without_a_name(self, text: object) -> None:
        """A text without such a name, or something that is not text, is not an error."""
        assert run_of(detail(text)).errors == ()

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("ErrorCode=Sftp", "Sftp"),
            ("ErrorCode = Sftp", "Sftp"),
            ("(ErrorCode=A_b-c", "A_b"),
            ("ErrorCode=A\u00e9", "A"),
            ("SocketErrorCode=One ErrorCode=-1 ErrorCode=Two", "Two"),
        ],
    )
    def test_name(self, text: str, code: str) -> None:
        """A name begins with a letter, and is made of ASCII letters, digits and underscores."""
        assert codes(run_of(detail(text))) == [code]


class TestDistinct:
    """Errors that are the same."""

    ENTRY = {"code": "C-1", "message": "text"}  # noqa: RUF012

    def test_repeated_by_activities(self) -> None:
        """An error of the run that activities repeat is one, and names the first of them."""
        first, second = {"id": "a-1", "name": "Copy"}, {"id": "a-2"}
        run = run_of(outer(self.ENTRY), {**first, **outer(self.ENTRY)}, {**second, **outer(self.ENTRY)})
        assert run.errors == (RunError("C-1", "text", activity_id="a-1", activity_name="Copy"),)

    def test_activity_without_id(self) -> None:
        """An activity without an id does not stand in the way of the next that reports the same."""
        run = run_of({}, outer(self.ENTRY), {"id": "a-2", **outer(self.ENTRY)})
        assert run.errors == (RunError("C-1", "text", activity_id="a-2"),)

    @pytest.mark.parametrize(("first", "second"), [("text.", "text"), ("text", "text."), ("text.", "text.")])
    def test_final_full_stop(self, first: str, second: str) -> None:
        """Texts that differ in a final full stop are the same; the first is kept as it came."""
        run = run_of(outer({"code": "C-1", "message": first}, {"code": "C-1", "message": second}))
        assert run.errors == (RunError("C-1", first),)

    @pytest.mark.parametrize("other", ["text..", "Text", "text ", " text", "te.xt", "", "."])
    def test_other_texts(self, other: str) -> None:
        """Texts that differ in anything else are different errors."""
        run = run_of(outer(self.ENTRY, {"code": "C-1", "message": other}))
        assert run.errors == (RunError("C-1", "text"), RunError("C-1", other))

    @pytest.mark.parametrize("other", ["c-1", "C-1 ", "C-2", "", None])
    def test_other_codes(self, other: str | None) -> None:
        """Codes that differ are different errors, also where one is missing."""
        run = run_of(outer(self.ENTRY, {"code": other, "message": "text"}))
        assert run.errors == (RunError("C-1", "text"), RunError(other, "text"))

    def test_message_and_description(self) -> None:
        """Where the text stands does not matter."""
        run = run_of(outer(self.ENTRY), {"id": "a", **outer({"code": "C-1", "description": "text"})})
        assert run.errors == (RunError("C-1", "text", activity_id="a"),)

    def test_without_text(self) -> None:
        """Codes without a text are the same as codes with an empty one."""
        assert run_of(outer({"code": "C-1"}, {"code": "C-1", "message": ""})).errors == (RunError("C-1", None),)

    @pytest.mark.parametrize("place", [nested, failed_info])
    def test_outer_and_nested(self, place: Place) -> None:
        """An error that stands both outermost and nested is nested, in its first place."""
        second = {"code": "C-2", "message": "text"}
        run = run_of(outer(self.ENTRY, second), {"id": "a-1", **place(self.ENTRY)})
        assert run.errors == (RunError("C-1", "text", activity_id="a-1", is_nested=True), RunError("C-2", "text"))
        run = run_of(place(self.ENTRY), {"id": "a-1", **outer(self.ENTRY)})
        assert run.errors == (RunError("C-1", "text", activity_id="a-1", is_nested=True),)

    def test_completed(self) -> None:
        """The second mention fills in what the first leaves out, and changes nothing that it gives."""
        first = {"recordCount": 1}
        second = {"recordCount": 1, "count": 3, "type": "Error", "details": {"row": 1}}
        third = {"count": 3, "type": "Warning", "details": [2]}
        run = run_of(outer(*({"code": "C-1", **more} for more in (first, second, third))))
        assert run.errors == (RunError("C-1", None, record_count=1, count=3, type="Error", details={"row": 1}),)

    @pytest.mark.parametrize(("key", "attribute"), [("recordCount", "record_count"), ("count", "count")])
    def test_different_counts(self, key: str, attribute: str) -> None:
        """Entries whose counts differ are different errors; one without counts is the same as the first."""
        run = run_of(outer({**self.ENTRY, key: 1}, {**self.ENTRY, key: 2}, self.ENTRY, {**self.ENTRY, key: 2}))
        assert run.errors == (
            RunError("C-1", "text", **{attribute: 1}),  # type: ignore[arg-type]
            RunError("C-1", "text", **{attribute: 2}),  # type: ignore[arg-type]
        )

    def test_many(self) -> None:
        """However many there are, each distinct error is kept once."""
        run = run_of(outer(*({"code": "C-1", "message": str(i % 500)} for i in range(1000))))
        assert [error.message for error in run.errors] == [str(i) for i in range(500)]


class TestCauses:
    """`causes`: the errors to show a person who asks why."""

    def test_nested(self) -> None:
        """Where errors are nested, these are the causes, in their order."""
        run = run_of(outer({"code": "C-1"}), {"id": "a-1", **nested({"code": "C-2"}), **failed_info({"code": "C-3"})})
        assert run.causes == (
            RunError("C-2", None, activity_id="a-1", is_nested=True),
            RunError("C-3", None, activity_id="a-1", is_nested=True),
        )

    def test_outer(self) -> None:
        """Where none is nested, all errors are causes."""
        run = run_of(outer({"code": "C-1"}), {"id": "a-1", **outer({"code": "C-2"})})
        assert run.causes == run.errors == (RunError("C-1", None), RunError("C-2", None, activity_id="a-1"))


@pytest.mark.parametrize(("key", "attribute"), [("skippedInfo", "skips"), ("warningInfo", "warnings")])
class TestReasons:
    """`skips` and `warnings`."""

    def test_collected(self, key: str, attribute: str) -> None:
        """Reasons come from the run and its activities, each once, and are not errors."""
        entry = {"code": "C-1", "message": "text.", "count": 2, "type": "Warning"}
        run = run_of(
            {"recordSummary": {key: [entry, {"code": "C-2"}, {}]}},
            {"id": "a-1", "recordSummary": {key: [{"code": "C-1", "message": "text"}, {"code": "C-3"}]}},
        )
        assert getattr(run, attribute) == (
            RunError("C-1", "text.", count=2, type="Warning", activity_id="a-1"),
            RunError("C-2", None),
            RunError("C-3", None, activity_id="a-1"),
        )
        assert run.errors == ()

    def test_other_lists(self, key: str, attribute: str) -> None:
        """Entries of any other list are not such reasons."""
        others = {"failedInfo", "skippedInfo", "warningInfo"} - {key}
        run = run_of({"recordSummary": {other: [{"code": "C-1"}] for other in others}, **outer({"code": "C-2"})})
        assert getattr(run, attribute) == ()


class TestDocumented:
    """The errors of the documented payloads."""

    def test_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """The first error stands in two places and is given once; the nested one is the cause."""
        outer_error = RunError(
            "CONNECTOR-2001-500",
            "Error in processing (parsing, validation or transformation) the copied data.",
            activity_id="promotionActivity",
        )
        cause = RunError(
            "133",
            "We are unable to locate any files uploaded for this batch. Please upload files to ingest.",
            activity_id="promotionActivity",
            is_nested=True,
        )
        run = parse(read_payload("documented_failure"))
        assert (run.errors, run.causes) == ((outer_error, cause), (cause,))

    def test_preview_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """The nested error comes twice, with two texts, and both are causes."""
        run = parse(read_payload("documented_2020_preview_failure"))
        causes = tuple(
            RunError(
                "INGEST-1205-400",
                f"The field: {field} does not exist in the target schema. Remove the field and try again.",
                is_nested=True,
            )
            for field in ("_id", "person")
        )
        step = RunError("CTOR-2001-500", "Internal error in Promotion activity step")
        assert (run.errors, run.causes) == ((step, *causes), causes)


class TestRunError:
    """`RunError` as a value."""

    ERROR = RunError("C-1", "text", record_count=1, count=2, type="Error", details={"rows": [1]}, activity_id="a-1")

    @pytest.mark.parametrize(("code", "looked_up"), [("INGEST-1205-400", "INGEST-1205-400"), (None, ""), ("", "")])
    def test_info(self, code: str | None, looked_up: str) -> None:
        """`info` explains the code, and answers also where there is none."""
        assert RunError(code, "text").info == lookup_error(looked_up)

    def test_frozen(self) -> None:
        """It does not change."""
        with pytest.raises(FrozenInstanceError):
            self.ERROR.code = "C-2"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]

    def test_copies(self) -> None:
        """It can be copied and pickled."""
        copies = [copy.copy(self.ERROR), copy.deepcopy(self.ERROR), pickle.loads(pickle.dumps(self.ERROR))]
        assert copies == [self.ERROR] * 3

    def test_details(self) -> None:
        """Details, which may be open JSON, are neither hashed nor shown."""
        error, bare = (RunError("133", "words", details=details) for details in ({"secret": [1]}, None))
        assert (hash(error), repr(error)) == (hash(bare), repr(bare))
        assert error != bare

    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (RunError("C-1", "text"), "C-1: text"),
            (RunError("C-1", "text", activity_id="a-1"), "C-1 in a-1: text"),
            (RunError("C-1", "text", activity_id="a-1", activity_name="Copy"), "C-1 in Copy: text"),
            (RunError("C-1", "text", record_count=1, count=2000), "C-1: text (1 record, 2,000 times)"),
            (RunError("C-1", "text", count=1), "C-1: text (1 time)"),
            (RunError("C-1", "text", record_count=0), "C-1: text (0 records)"),
            (RunError(None, "text"), "error without a code: text"),
            (RunError(None, "text", type="Warning"), "warning without a code: text"),
            (RunError("INGEST-1205-400", None), f"INGEST-1205-400: {lookup_error('INGEST-1205-400').meaning}"),
            (RunError("INGEST-1554-400", None), f"INGEST-1554-400: {lookup_error('INGEST-1554-400').title}"),
            (RunError("NEW-1", None), "NEW-1: no text is given"),
            (RunError("a\nb", "two\r\nlines\x1b", activity_id="\u202e"), "a b in \\u202e: two lines\\x1b"),
        ],
    )
    def test_text(self, error: RunError, sentence: str) -> None:
        """Its text is a sentence for people, on one line."""
        assert str(error) == sentence


FINGERPRINTS: list[tuple[str, str]] = [
    ("File 12 is missing.", "file 3456 is missing"),
    ("Cannot open /data/in/a.csv", "Cannot open /other/b.csv"),
    ("Batch 01E4TSJNM2H5M74J0XB8MFWDHK failed", "Batch 6f6a900f-e40d-4f0e-9bb9-b614436c3465 failed"),
    ("Failed at 2024-01-02T03:04:05Z.", "Failed at 2025-06-07T08:09:10.123+02:00."),
    ("Failed on Jan 2, 2024 3:04:05 PM UTC", "Failed on December 31, 2025 11:59:59 AM UTC"),
    ("Write to orders.parquet failed", "Write to customers.parquet failed"),
    ("Token deadbeef is gone", "Token cafebabe is gone"),
    ("Mail to a@example.com bounced", "Mail to b.c@example.org bounced"),
    ("Two  words\nhere", "two words here"),
    ("C:\\data\\x failed", "D:\\y failed"),
]


class TestFingerprint:
    """`RunError.fingerprint`, which groups recurring errors."""

    @pytest.mark.parametrize(("one", "other"), FINGERPRINTS)
    def test_same(self, one: str, other: str) -> None:
        """Messages that differ in ids, numbers, paths, names of files and times have the same one."""
        assert RunError("C-1", one).fingerprint == RunError("c-1", other, count=5, activity_id="a").fingerprint

    @pytest.mark.parametrize(
        "other",
        [
            RunError("C-2", "The column is missing"),
            RunError(None, "The column is missing"),
            RunError("C-1", "The column is there"),
            RunError("C-1", None),
        ],
    )
    def test_different(self, other: RunError) -> None:
        """Another code, or other words, have another one."""
        assert other.fingerprint != RunError("C-1", "The column is missing").fingerprint

    def test_form(self) -> None:
        """It is twelve hexadecimal digits, also for text that is not Unicode."""
        for error in (RunError("C-1", "The column is missing"), RunError(None, None), RunError("\ud800", "\ud800")):
            assert re.fullmatch("[0-9a-f]{12}", error.fingerprint)
