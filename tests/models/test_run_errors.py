"""What `flowrun_notifications.run_errors` promises: rule 7, in full."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, fields
from typing import Any

import pytest

from flowrun_notifications import FlowRun, RunError, lookup_error, parse

DETAIL = (
    "Failure happened on 'Source' side.\r\n"
    "ErrorCode=SftpNetworkIssue,'Type=Microsoft.DataTransfer.Common.Shared.HybridDeliveryException,"
    'Message=Cannot connect to {"host": "sftp.example.com"}; ErrorCode=SftpTimeout,Source=...\''
)
"""What a copy engine writes: free text over several lines, with two names of which the first counts."""


def outer(*entries: Any) -> dict[str, Any]:
    """A summary with errors in the outermost place."""
    return {"statusSummary": {"status": "failed", "errors": list(entries)}}


def nested(*entries: Any) -> dict[str, Any]:
    """A summary with errors in its extensions."""
    return {"statusSummary": {"status": "failed", "extensions": {"errors": list(entries)}}}


def failed_info(*entries: Any) -> dict[str, Any]:
    """A summary with reasons why records failed."""
    return {"recordSummary": {"failedInfo": list(entries)}}


def detail(text: Any) -> dict[str, Any]:
    """A summary with the copy engine's free text."""
    return {"statusSummary": {"status": "failed", "extensions": {"errorDetail": text}}}


PLACES: dict[str, Callable[..., dict[str, Any]]] = {
    "outer": outer,
    "extensions": nested,
    "failedInfo": failed_info,
}
"""The places where a summary lists errors."""


def run_of(metrics: dict[str, Any] | None = None, *activities: dict[str, Any]) -> FlowRun:
    """The run with these metrics and activities, read from JSON."""
    return parse(json.dumps({"id": "r-1", "flowId": "f-1", "metrics": metrics or {}, "activities": list(activities)}))


class TestPlaces:
    """`errors` gathers from every place where an error may stand."""

    @pytest.mark.parametrize(("place", "is_nested"), [("outer", False), ("extensions", True), ("failedInfo", True)])
    def test_run(self, place: str, is_nested: bool) -> None:
        """An error of the run has no activity; what is not outermost is nested."""
        run = run_of(PLACES[place]({"code": "C-1", "message": "text"}))
        assert run.errors == (RunError(code="C-1", message="text", is_nested=is_nested),)

    @pytest.mark.parametrize(("place", "is_nested"), [("outer", False), ("extensions", True), ("failedInfo", True)])
    def test_activity(self, place: str, is_nested: bool) -> None:
        """An error of an activity names it."""
        run = run_of({}, {"id": "a-1", **PLACES[place]({"code": "C-1", "message": "text"})})
        assert run.errors == (RunError(code="C-1", message="text", activity_id="a-1", is_nested=is_nested),)

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
    def test_every_attribute(self, place: Callable[..., dict[str, Any]]) -> None:
        """Whatever an entry says is an attribute, in whichever place it stands."""
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
            "is_nested": place is not outer,
        }

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
    def test_description_is_the_message(self, place: Callable[..., dict[str, Any]]) -> None:
        """The text may be called message or description."""
        (error,) = run_of(place({"code": "C-1", "description": "text"})).errors
        assert (error.code, error.message) == ("C-1", "text")

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
    def test_null_message_is_absent(self, place: Callable[..., dict[str, Any]]) -> None:
        """A message that is null leaves the description to be the text."""
        (error,) = run_of(place({"code": "C-1", "message": None, "description": "text"})).errors
        assert error.message == "text"

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
    def test_message_beats_description(self, place: Callable[..., dict[str, Any]]) -> None:
        """Where both are there, the message is the text."""
        (error,) = run_of(place({"description": "other", "code": "C-1", "message": "text"})).errors
        assert error.message == "text"

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
    def test_parts_may_be_missing(self, place: Callable[..., dict[str, Any]]) -> None:
        """An error may have a code only, or a text only; what is not there is None."""
        errors = run_of(place({"code": "C-1"}, {"message": "text"})).errors
        assert [(error.code, error.message) for error in errors] == [("C-1", None), (None, "text")]

    @pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
    def test_empty_entries_are_no_errors(self, place: Callable[..., dict[str, Any]]) -> None:
        """An empty object says nothing, so it is no error."""
        assert run_of(place({})).errors == ()

    def test_none(self) -> None:
        """A run without any of it has no errors, no causes, no skips and no warnings."""
        run = run_of({}, {"id": "a-1"})
        assert (run.errors, run.causes, run.skips, run.warnings) == ((), (), (), ())


class TestOpenEntries:
    """`extensions` is open, so anything may stand in its `errors`; what is usable is read."""

    def test_numbers_as_codes(self) -> None:
        """A code that is a number is its text."""
        (error,) = run_of(nested({"code": 133, "message": "text"})).errors
        assert error.code == "133"

    def test_text_alone(self) -> None:
        """A text alone is an error without a code."""
        assert run_of(nested("text")).errors == (RunError(code=None, message="text", is_nested=True),)

    @pytest.mark.parametrize("entry", [None, 1, True, [], [{"code": "C-1"}]])
    def test_other_entries_are_no_errors(self, entry: object) -> None:
        """Something that can be no error is none, and costs the others nothing."""
        (error,) = run_of(nested(entry, {"code": "C-1"})).errors
        assert error.code == "C-1"

    @pytest.mark.parametrize("errors", [None, {}, "text", 1, True, {"code": "C-1"}])
    def test_other_things_than_lists(self, errors: object) -> None:
        """Where `errors` is no list, there are none."""
        assert run_of({"statusSummary": {"extensions": {"errors": errors}}}).errors == ()

    @pytest.mark.parametrize("wrong", [True, [], {}, 1.5, None])
    def test_unusable_parts(self, wrong: object) -> None:
        """A part of the wrong kind reads as absent, and the rest of the entry is read."""
        entry = {"code": wrong, "message": wrong, "description": "text", "recordCount": wrong, "type": wrong}
        assert run_of(nested(entry)).errors == (RunError(code=None, message="text", is_nested=True),)

    def test_unknown_counts(self) -> None:
        """-1 is no count here either."""
        (error,) = run_of(nested({"code": "C-1", "recordCount": -1, "count": -1})).errors
        assert (error.record_count, error.count) == (None, None)

    def test_details_are_a_copy(self) -> None:
        """Changing the details of an error does not change the run."""
        run = run_of(nested({"code": "C-1", "details": {"rows": [1]}}))
        run.errors[0].details["rows"].append(2)
        assert run.errors[0].details == {"rows": [1]}


class TestErrorDetail:
    """The copy engine's free text."""

    def test_name_is_the_code(self) -> None:
        """The name after the first `ErrorCode=` is the code, the whole text the message."""
        assert run_of(detail(DETAIL)).errors == (RunError(code="SftpNetworkIssue", message=DETAIL, is_nested=True),)

    def test_activity(self) -> None:
        """In an activity, it names the activity."""
        (error,) = run_of({}, {"id": "a-1", **detail(DETAIL)}).errors
        assert (error.code, error.activity_id) == ("SftpNetworkIssue", "a-1")

    @pytest.mark.parametrize(
        "text",
        ["", "Failure happened.", "ErrorCode=", "ErrorCode= Sftp", "errorcode=Sftp", None, 1, ["ErrorCode=Sftp"]],
    )
    def test_without_a_name(self, text: object) -> None:
        """A text without such a name, or something that is no text, is no error."""
        assert run_of(detail(text)).errors == ()

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("ErrorCode=Sftp", "Sftp"),
            ("ErrorCode=2200;", "2200"),
            ("xErrorCode=A_b-c", "A_b"),
            ("ErrorCode=A\u00e9", "A"),
        ],
    )
    def test_where_a_name_ends(self, text: str, code: str) -> None:
        """A name is ASCII letters, digits and underscores."""
        (error,) = run_of(detail(text)).errors
        assert error.code == code


class TestOrder:
    """The order of rule 7."""

    def test_all_places(self) -> None:
        """The run first, then each activity; in each, outer ones, extensions, failedInfo, errorDetail."""

        def summaries(name: str) -> dict[str, Any]:
            return {
                "recordSummary": {"failedInfo": [{"code": f"{name} failed"}]},
                "statusSummary": {
                    "extensions": {"errorDetail": f"ErrorCode={name}_detail", "errors": [{"code": f"{name} nested"}]},
                    "errors": [{"code": f"{name} outer"}],
                },
            }

        run = run_of(summaries("run"), {"id": "1", **summaries("one")}, {"id": "2", **summaries("two")})
        assert [error.code for error in run.errors] == [
            *("run outer", "run nested", "run failed", "run_detail"),
            *("one outer", "one nested", "one failed", "one_detail"),
            *("two outer", "two nested", "two failed", "two_detail"),
        ]

    def test_entries_keep_their_order(self) -> None:
        """The entries of one list stay in its order."""
        run = run_of(outer({"code": "b"}, {"code": "a"}, {"code": "c"}))
        assert [error.code for error in run.errors] == ["b", "a", "c"]


class TestDistinct:
    """Each error once."""

    def test_repeated_by_an_activity(self) -> None:
        """An error of the run that an activity repeats is one error, and names the activity."""
        entry = {"code": "C-1", "message": "text"}
        run = run_of(outer(entry), {"id": "a-1", **outer(entry)}, {"id": "a-2", **outer(entry)})
        assert run.errors == (RunError(code="C-1", message="text", activity_id="a-1"),)

    @pytest.mark.parametrize(("first", "second"), [("text.", "text"), ("text", "text."), ("text.", "text.")])
    def test_final_full_stop(self, first: str, second: str) -> None:
        """Texts that differ in one final full stop are the same; the first is kept as it came."""
        run = run_of(outer({"code": "C-1", "message": first}, {"code": "C-1", "message": second}))
        assert [error.message for error in run.errors] == [first]

    @pytest.mark.parametrize("other", ["text..", "Text", "text ", " text", "te.xt", "", "."])
    def test_other_texts(self, other: str) -> None:
        """Texts that differ in anything else are different errors."""
        run = run_of(outer({"code": "C-1", "message": "text"}, {"code": "C-1", "message": other}))
        assert [error.message for error in run.errors] == ["text", other]

    @pytest.mark.parametrize("other", ["c-1", "C-1 ", "C-2", ""])
    def test_other_codes(self, other: str) -> None:
        """So are codes that differ."""
        run = run_of(outer({"code": "C-1", "message": "text"}, {"code": other, "message": "text"}))
        assert [error.code for error in run.errors] == ["C-1", other]

    def test_message_and_description(self) -> None:
        """An error told as message in one place and as description in another is the same."""
        run = run_of(
            outer({"code": "C-1", "message": "text"}), {"id": "a", **outer({"code": "C-1", "description": "text"})}
        )
        assert run.errors == (RunError(code="C-1", message="text", activity_id="a"),)

    def test_without_text(self) -> None:
        """Codes without a text are the same as codes with an empty one."""
        assert len(run_of(outer({"code": "C-1"}, {"code": "C-1", "message": ""}, {"code": "C-1"})).errors) == 1

    def test_without_code(self) -> None:
        """A text without a code is another error than the same text with one."""
        run = run_of(outer({"message": "text"}, {"code": "C-1", "message": "text"}))
        assert [error.code for error in run.errors] == [None, "C-1"]

    @pytest.mark.parametrize("place", [nested, failed_info])
    def test_outer_and_nested(self, place: Callable[..., dict[str, Any]]) -> None:
        """An error that stands both outermost and nested is nested, in its first place."""
        entries = [{"code": "C-1", "message": "text"}, {"code": "C-2", "message": "text"}]
        run = run_of(outer(*entries), {"id": "a-1", **place(entries[0])})
        assert run.errors == (
            RunError(code="C-1", message="text", activity_id="a-1", is_nested=True),
            RunError(code="C-2", message="text"),
        )

    def test_nested_then_outer(self) -> None:
        """So is one that stands nested first."""
        entry = {"code": "C-1", "message": "text"}
        run = run_of(nested(entry), {"id": "a-1", **outer(entry)})
        assert run.errors == (RunError(code="C-1", message="text", activity_id="a-1", is_nested=True),)

    def test_first_activity(self) -> None:
        """An activity without an id does not stand in the way of the next that reports the same."""
        entry = {"code": "C-1", "message": "text"}
        run = run_of({}, {**outer(entry)}, {"id": "a-2", **outer(entry)})
        assert run.errors == (RunError(code="C-1", message="text", activity_id="a-2"),)

    def test_first_details_are_kept(self) -> None:
        """What else a repeated error says is taken from its first place."""
        run = run_of(
            outer({"code": "C-1", "recordCount": 1, "type": "Error"}, {"code": "C-1", "recordCount": 2, "count": 3})
        )
        assert run.errors == (RunError(code="C-1", message=None, record_count=1, type="Error"),)

    def test_many(self) -> None:
        """Distinct errors are all kept, however many."""
        run = run_of(outer(*({"code": "C-1", "message": str(i % 500)} for i in range(1000))))
        assert [error.message for error in run.errors] == [str(i) for i in range(500)]


class TestCauses:
    """`causes`: what to show a person who asks why."""

    def test_nested_ones(self) -> None:
        """Where errors are nested, these are the causes, in their order."""
        run = run_of(outer({"code": "C-1"}), {"id": "a-1", **nested({"code": "C-2"}), **failed_info({"code": "C-3"})})
        assert run.causes == (
            RunError(code="C-2", message=None, activity_id="a-1", is_nested=True),
            RunError(code="C-3", message=None, activity_id="a-1", is_nested=True),
        )

    def test_outer_ones(self) -> None:
        """Where none is nested, all errors are causes."""
        run = run_of(outer({"code": "C-1"}), {"id": "a-1", **outer({"code": "C-2"})})
        assert (
            run.causes
            == run.errors
            == (
                RunError(code="C-1", message=None),
                RunError(code="C-2", message=None, activity_id="a-1"),
            )
        )


@pytest.mark.parametrize(("key", "attribute"), [("skippedInfo", "skips"), ("warningInfo", "warnings")])
class TestReasons:
    """`skips` and `warnings`."""

    def test_gathered(self, key: str, attribute: str) -> None:
        """Reasons are gathered from the run and its activities, each once, and are no errors."""
        entry = {"code": "C-1", "message": "text.", "count": 2, "type": "Warning"}
        run = run_of(
            {"recordSummary": {key: [entry, {"code": "C-2"}, {}]}},
            {"id": "a-1", "recordSummary": {key: [{"code": "C-1", "message": "text"}, {"code": "C-3"}]}},
        )
        assert getattr(run, attribute) == (
            RunError(code="C-1", message="text.", count=2, type="Warning", activity_id="a-1"),
            RunError(code="C-2", message=None),
            RunError(code="C-3", message=None, activity_id="a-1"),
        )
        assert run.errors == ()

    def test_nothing_else(self, key: str, attribute: str) -> None:
        """What stands in any other list is no such reason."""
        others = {"failedInfo", "skippedInfo", "warningInfo"} - {key}
        run = run_of({"recordSummary": {other: [{"code": "C-1"}] for other in others}, **outer({"code": "C-2"})})
        assert getattr(run, attribute) == ()


class TestDocumented:
    """The errors of the documented payloads."""

    CONNECTOR = RunError(
        code="CONNECTOR-2001-500",
        message="Error in processing (parsing, validation or transformation) the copied data.",
        activity_id="promotionActivity",
    )
    NO_FILES = RunError(
        code="133",
        message="We are unable to locate any files uploaded for this batch. Please upload files to ingest.",
        activity_id="promotionActivity",
        is_nested=True,
    )

    def test_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """The first error stands in two places and is given once; the nested one is the cause."""
        run = parse(read_payload("documented_failure"))
        assert (run.errors, run.causes) == ((self.CONNECTOR, self.NO_FILES), (self.NO_FILES,))

    def test_preview_failure(self, read_payload: Callable[[str], bytes]) -> None:
        """The nested error comes twice, with two texts, and both are causes."""
        run = parse(read_payload("documented_2020_preview_failure"))
        causes = tuple(
            RunError(
                code="INGEST-1205-400",
                message=f"The field: {field} does not exist in the target schema. Remove the field and try again.",
                is_nested=True,
            )
            for field in ("_id", "person")
        )
        step = RunError(code="CTOR-2001-500", message="Internal error in Promotion activity step")
        assert (run.errors, run.causes) == ((step, *causes), causes)

    @pytest.mark.parametrize("name", ["documented_success", "documented_2020_preview_success"])
    def test_success(self, read_payload: Callable[[str], bytes], name: str) -> None:
        """The successful runs have none."""
        run = parse(read_payload(name))
        assert (run.errors, run.causes, run.skips, run.warnings) == ((), (), (), ())


class TestRunError:
    """The value itself."""

    ERROR = RunError(
        code="INGEST-1205-400",
        message="text",
        record_count=1,
        count=2,
        type="Error",
        details={"rows": [1]},
        activity_id="a-1",
        is_nested=True,
    )

    def test_info(self) -> None:
        """`info` is the look-up of the code."""
        assert self.ERROR.info == lookup_error("INGEST-1205-400")
        assert self.ERROR.info.title == "Field not in target schema"

    @pytest.mark.parametrize("code", [None, ""])
    def test_info_without_code(self, code: str | None) -> None:
        """Without a code it answers too: nothing is known."""
        assert RunError(code=code, message="text").info == lookup_error("")

    def test_frozen(self) -> None:
        """It does not change."""
        for field in fields(RunError):
            with pytest.raises(FrozenInstanceError):
                setattr(self.ERROR, field.name, None)

    def test_copies(self) -> None:
        """It can be copied and pickled."""
        copies = [copy.copy(self.ERROR), copy.deepcopy(self.ERROR), pickle.loads(pickle.dumps(self.ERROR))]
        assert copies == [self.ERROR] * 3

    def test_hash(self) -> None:
        """Equal errors hash the same."""
        assert len({RunError(code="C-1", message="text"), RunError(code="C-1", message="text")}) == 1


def test_details_are_neither_hashed_nor_shown() -> None:
    """An error whose details are open JSON has a hash, and its repr leaves them out."""
    error, bare = (RunError("133", "words", details=details) for details in ({"secret": [1]}, None))
    assert (hash(error), repr(error)) == (hash(bare), repr(bare))
