"""What `flowrun_notifications.error_codes` promises."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, fields
from importlib.resources import files
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications.error_codes import (
    ErrorCode,
    Evidence,
    Stage,
    documented_error_codes,
    lookup_error,
)

DATA: list[dict[str, Any]] = json.loads(files("flowrun_notifications").joinpath("error_codes.json").read_bytes())

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as documented": str,
    "upper": str.upper,
    "lower": str.lower,
    "swapped": str.swapcase,
}

PREFIXED = [code for code in documented_error_codes() if "-" in code.code]
NUMBERS = [code for code in documented_error_codes() if code.code.isdecimal()]
NAMES = [code for code in documented_error_codes() if code not in PREFIXED + NUMBERS]


def by_code(code: ErrorCode) -> str:
    """Name a test case by its code."""
    return code.code


class TestLookup:
    """`lookup_error` for documented codes."""

    def test_documented_code_is_answered_in_full(self) -> None:
        """A documented code carries every fact known about it."""
        assert lookup_error("INGEST-1205-400") == ErrorCode(
            code="INGEST-1205-400",
            family="INGEST",
            number="1205",
            http_status=400,
            title="Field not in target schema",
            meaning="The data holds a field that the target schema does not define; the message names the field.",
            remedy="Remove the field and ingest again.",
            stage="validation",
            retryable=None,
            evidence="adobe",
            notes=(
                "Repeats once per unknown field in one errors array. A third party adds that the rejected file cannot "
                "be fetched afterwards. Not to be confused with 1205-400 of the sources list (missing encryption "
                "passphrase)."
            ),
            is_documented=True,
        )

    def test_older_spelling_points_to_the_newer(self) -> None:
        """CTOR-2001-500 says that it is the older spelling of CONNECTOR-2001-500, and that this is inferred."""
        assert lookup_error("CTOR-2001-500").notes == (
            "The older spelling of CONNECTOR-2001-500; inferred from the same number and the same activity, "
            "as no page says so."
        )

    @pytest.mark.parametrize("code", documented_error_codes(), ids=by_code)
    @pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
    def test_space_and_case_do_not_matter(self, code: ErrorCode, spelling: Callable[[str], str]) -> None:
        """Every documented code is found in any letter case and amid any space, and keeps its documented spelling."""
        assert lookup_error(f" \t{spelling(code.code)}\r\n\u00a0") is code

    @pytest.mark.parametrize(
        ("text", "family"),
        [("133", "BATCH"), ("2200", "ADF"), ("0090000009", "JOB"), ("42602", "QUERY"), ("unknown", "JOB")],
    )
    def test_code_without_prefix_has_a_family_if_documented(self, text: str, family: str) -> None:
        """A documented code without a prefix carries the family that the library gives it."""
        assert lookup_error(text).family == family

    def test_leading_zeros_count(self) -> None:
        """A code is a text, not a number: with a leading zero it is another code."""
        assert lookup_error("0133") == ErrorCode(code="0133", number="0133")

    def test_retry_is_advised_only_where_a_source_does(self) -> None:
        """Very few codes say whether a plain retry may help."""
        said = {code.code: code.retryable for code in documented_error_codes() if code.retryable is not None}
        assert said == {
            "140": False,
            "42602": False,
            "ACTIVATION_BATCH-0000-SKIP": False,
            "ACTSVC-9001-500": True,
            "AzureBlobServiceNotReturnExpectedDataLength": True,
            "SqlOpenConnectionTimeout": True,
        }


class TestUndocumented:
    """`lookup_error` for every other text."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("INGEST-9999-404", ErrorCode(code="INGEST-9999-404", family="INGEST", number="9999", http_status=404)),
            (
                "UPINGT-000001-500",
                ErrorCode(code="UPINGT-000001-500", family="UPINGT", number="000001", http_status=500),
            ),
            ("A-0000-000", ErrorCode(code="A-0000-000", family="A", number="0000", http_status=0)),
            ("NEW_ONE-12345-DONE", ErrorCode(code="NEW_ONE-12345-DONE", family="NEW_ONE", number="12345")),
            ("X-1234-IN_PART", ErrorCode(code="X-1234-IN_PART", family="X", number="1234")),
            ("UPINGT-030076", ErrorCode(code="UPINGT-030076", family="UPINGT", number="030076")),
            (" ingest-9999-404\n", ErrorCode(code="ingest-9999-404", family="INGEST", number="9999", http_status=404)),
            ("7", ErrorCode(code="7", number="7")),
            ("0000000000000", ErrorCode(code="0000000000000", number="0000000000000")),
        ],
    )
    def test_parts_come_from_the_text(self, text: str, expected: ErrorCode) -> None:
        """An undocumented code carries the parts that its text gives, and nothing else."""
        assert lookup_error(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "SomeNewNetworkIssue",
            "no code at all",
            "HTTP-404",  # a number has four digits at least
            "INGEST-1234567-400",  # and six at most
            "INGEST-1205-40",
            "INGEST-1205-4000",
            "INGEST-1205-400-1",
            "INGEST-1205-",
            "INGEST-1205-_",
            "INGEST--1205",
            "INGEST",
            "1205-400",
            "-1205-400",
            "_A-1205-400",
            "A1-1205-400",
            "INGEST\n-1205-400",
            "INGEST-١٢٠٥-400",  # digits, but not ASCII
            "١٢٣",
            "\u212aINGEST-1205-400",  # the Kelvin sign, which casefolds to k
            "-1",
            "1.5",
            "1 2",
            "\ud800",
        ],
    )
    def test_nothing_is_invented(self, text: str) -> None:
        """A text outside the grammar is answered with itself alone."""
        assert lookup_error(text) == ErrorCode(code=text)

    def test_all_but_the_code_defaults_to_unknown(self) -> None:
        """What is not known of a code is None, and the code undocumented."""
        assert asdict(ErrorCode(code="new")) == {
            "code": "new",
            "family": None,
            "number": None,
            "http_status": None,
            "title": None,
            "meaning": None,
            "remedy": None,
            "stage": None,
            "retryable": None,
            "evidence": None,
            "notes": None,
            "is_documented": False,
        }

    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("9" * 1_000_000, "9" * 1_000_000),
            ("A" * 1_000_000, None),
            ("A-" * 500_000, None),
            ("A_" * 500_000 + "-1205-400!", None),
            ("A-1205-" + "A" * 1_000_000 + "!", None),
            ("-" * 1_000_000, None),
            ("1 " * 500_000 + "1", None),
        ],
        ids=["digits", "letters", "dashes between", "long family", "long word", "dashes", "spaces between"],
    )
    def test_long_text_is_answered(self, text: str, number: str | None) -> None:
        """A hostile text of a million characters is answered at once: a look-up that backtracks would never end."""
        assert lookup_error(text) == ErrorCode(code=text, number=number)


class TestDocumented:
    """`documented_error_codes` and the data behind it."""

    def test_every_entry_is_listed(self) -> None:
        """Each entry of the data is one documented code, sorted, with the facts that the data states."""
        names = {field.name for field in fields(ErrorCode)} - {"is_documented"}
        facts = [{name: entry[name] for name in names} | {"is_documented": True} for entry in DATA]
        assert [asdict(code) for code in documented_error_codes()] == facts
        assert [entry["code"] for entry in DATA] == sorted(entry["code"] for entry in DATA)

    def test_codes_are_unique(self) -> None:
        """No two documented codes differ only in letter case."""
        assert len({entry["code"].casefold() for entry in DATA}) == len(DATA)

    def test_every_code_has_a_source(self) -> None:
        """Each entry says where its facts come from, whom to believe, and which of its kind it is."""
        assert {key for entry in DATA for key in entry} == set(DATA[0])
        assert all(entry["sources"] and all(entry["sources"]) for entry in DATA)
        assert {entry["stage"] for entry in DATA} == set(get_args(Stage))
        assert {entry["evidence"] for entry in DATA} == set(get_args(Evidence))
        assert {entry["where_seen"] for entry in DATA} == {"documentation", "payload"}
        assert {entry["scope"] for entry in DATA} == {
            "batch",
            "copy_engine",
            "copy_engine_detail",
            "destination_run",
            "flow_run",
            "identity_api",
            "job",
            "profile",
            "row",
            "streaming_validation",
        }

    def test_only_one_code_has_no_meaning(self) -> None:
        """Every documented code has a title, and all but the one that nobody explains have a meaning."""
        assert all(code.title for code in documented_error_codes())
        assert [code.code for code in documented_error_codes() if not code.meaning] == ["INGEST-1554-400"]

    @pytest.mark.parametrize("code", PREFIXED, ids=by_code)
    def test_parts_of_prefixed_codes_agree_with_the_text(self, code: ErrorCode) -> None:
        """The parts stated for a documented code are those that a look-up reads off a text of the same form."""
        assert lookup_error(f"X{code.code}") == ErrorCode(
            code=f"X{code.code}", family=f"X{code.family}", number=code.number, http_status=code.http_status
        )

    def test_parts_of_numbers_agree_with_the_text(self) -> None:
        """A documented code of digits only is its own number; 400 alone is an HTTP status, too."""
        assert [code.number for code in NUMBERS] == [code.code for code in NUMBERS]
        assert {code.code: code.http_status for code in NUMBERS if code.http_status} == {"400": 400}

    def test_names_have_no_parts(self) -> None:
        """A documented name or prose has neither number nor HTTP status."""
        assert {(code.number, code.http_status) for code in NAMES} == {(None, None)}


class TestErrorCode:
    """`ErrorCode` as a value."""

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    @pytest.mark.parametrize("text", ["INGEST-1205-400", "NEW-1234-500"])
    def test_pickles(self, text: str, protocol: int) -> None:
        """An error code survives every pickle protocol."""
        code = lookup_error(text)
        assert pickle.loads(pickle.dumps(code, protocol)) == code

    def test_copies(self) -> None:
        """An error code can be copied, shallow and deep."""
        code = lookup_error("133")
        assert copy.copy(code) == copy.deepcopy(code) == code

    def test_is_immutable_and_hashable(self) -> None:
        """A shared entry cannot be changed, so it can be a key."""
        code = lookup_error("133")
        with pytest.raises(FrozenInstanceError):
            code.title = "changed"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
        assert {code: 1}[lookup_error(" 133 ")] == 1


@given(st.text() | st.from_regex(r"[A-Za-z_]+-[0-9]+-[0-9A-Za-z]*", fullmatch=True))
def test_any_text_is_answered(text: str) -> None:
    """Any text gets an answer, and looking up the answer's code gives the same answer."""
    answer = lookup_error(text)
    assert answer.code == text.strip() or answer.is_documented
    assert lookup_error(answer.code) == answer


@given(
    family=st.from_regex("[A-Z][A-Z_]*", fullmatch=True),
    number=st.from_regex("[0-9]{4,6}", fullmatch=True),
    http_status=st.integers(100, 599),
)
def test_grammar_is_open(family: str, number: str, http_status: int) -> None:
    """Any family, number and HTTP part are told apart, documented or not."""
    answer = lookup_error(f"{family}-{number}-{http_status}")
    assert (answer.family, answer.number, answer.http_status) == (family, number, http_status)


def test_data_is_read_at_the_first_lookup_and_once() -> None:
    """Importing the module does not read the data, and however many look-ups read it once."""
    program = """if True:
        import sys
        opened = []
        sys.addaudithook(
            lambda event, args: opened.append(args[0])
            if event == "open" and str(args[0]).endswith("error_codes.json")
            else None
        )
        from flowrun_notifications.error_codes import documented_error_codes, lookup_error
        print(len(opened))
        lookup_error("133"), lookup_error("new"), documented_error_codes()
        print(len(opened))
    """
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["0", "1"]
