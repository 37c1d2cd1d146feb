"""The promises of `flowrun_notifications.error_codes`."""

from __future__ import annotations

import copy
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, fields
from importlib.resources import files
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrun_notifications._models.error_codes import (
    ErrorCode,
    Evidence,
    Stage,
    documented_error_codes,
    lookup_error,
)

DATA_TEXT = files(ErrorCode.__module__.rpartition(".")[0]).joinpath("error_codes.json").read_text(encoding="utf-8")
DATA: list[dict[str, Any]] = json.loads(DATA_TEXT)

FACTS = [field.name for field in fields(ErrorCode) if field.name != "is_documented"]
PROSE = ("meaning", "remedy", "notes")

SPELLINGS: dict[str, Callable[[str], str]] = {
    "as documented": str,
    "upper": str.upper,
    "lower": str.lower,
    "swapped": str.swapcase,
}

PREFIXED = [code for code in documented_error_codes() if "-" in code.code]
NUMBERS = [code for code in documented_error_codes() if code.code.isdecimal()]
SQLSTATES = [code for code in documented_error_codes() if code.family == "QUERY"]
WORDS = [code for code in documented_error_codes() if code not in PREFIXED + NUMBERS + SQLSTATES]


EXAMPLES = (
    ErrorCode(
        code="INGEST-1205-400",
        family="INGEST",
        number="1205",
        http_status=400,
        title="Field not in target schema",
        meaning="The data holds a field that the target schema does not define; the message names the field.",
        remedy="Remove the field and ingest again.",
        stage="validation",
        evidence="adobe",
        notes=(
            "Repeats once for each unknown field. "
            "A third party adds that the rejected file cannot be fetched afterwards. "
            "Unrelated to 1205-400 of the sources API (missing encryption passphrase)."
        ),
        is_documented=True,
    ),
    ErrorCode(
        code="20150",
        names=("GetOAuth2AccessTokenErrorResponse",),
        family="ADF",
        number="20150",
        title="OAuth2 token refused",
        meaning="The token endpoint answers with an error, because the client id or the client secret is not valid.",
        remedy="Correct the OAuth2 settings.",
        stage="copy",
        evidence="microsoft",
        notes=(
            "Microsoft's newest page prints the name JniException beside this number by mistake. "
            "Its older page gives this message the name GetOAuth2AccessTokenErrorResponse."
        ),
        is_documented=True,
    ),
    ErrorCode(
        code="DynamicsCreateServiceClientError",
        family="ADF",
        title="Dynamics temporarily unavailable",
        meaning="The Dynamics server has a transient issue.",
        remedy="Try again. If it stays, lower the parallelism or contact Dynamics support.",
        stage="copy",
        retryable=True,
        evidence="microsoft",
        is_documented=True,
    ),
    ErrorCode(
        code="42P01",
        family="QUERY",
        number="42P01",
        title="Table not found",
        meaning="The query names a table that does not exist.",
        stage="unknown",
        evidence="adobe",
        notes="A SQLSTATE from Adobe's table of Query Service errors. No published run shows it.",
        is_documented=True,
    ),
    ErrorCode(
        code="Unknown error code",
        family="SEGMENTATION",
        title="Segment evaluation failed, no code given",
        meaning="A segment evaluation job fails without a code of its own.",
        stage="unknown",
        evidence="adobe",
        notes="Prose in the place of a code. The family is a label of this library.",
        is_documented=True,
    ),
)


def by_code(code: ErrorCode) -> str:
    """Name a test case by its code."""
    return code.code


class TestLookup:
    """`lookup_error` for documented codes."""

    @pytest.mark.parametrize("expected", EXAMPLES, ids=by_code)
    def test_documented_code_is_answered_in_full(self, expected: ErrorCode) -> None:
        """A documented code carries every fact known about it."""
        assert lookup_error(expected.code) == expected

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("JreNotFound", "20000"),
            ("JniException", "20002"),
            ("GetOAuth2AccessTokenErrorResponse", "20150"),
            ("UserErrorOdbcInvalidQueryString", "9611"),
        ],
    )
    def test_name_and_number_are_one_entry(self, name: str, code: str) -> None:
        """The name that a message of Data Factory gives leads to the entry of the error's number."""
        assert lookup_error(name) is lookup_error(code)
        assert (lookup_error(name).code, lookup_error(name).names) == (code, (name,))

    @pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
    def test_space_and_case_do_not_matter(self, spelling: Callable[[str], str]) -> None:
        """Every code and name is found in any letter case and amid any space, and keeps its documented spelling."""
        entries = {text: code for code in documented_error_codes() for text in (code.code, *code.names)}
        assert {text: lookup_error(f" \t{spelling(text)}\r\n\u00a0") for text in entries} == entries

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
            ("1100-400", ErrorCode(code="1100-400", number="1100", http_status=400)),
            ("007002-500", ErrorCode(code="007002-500", number="007002", http_status=500)),
            ("7", ErrorCode(code="7", number="7")),
            ("0000000000000", ErrorCode(code="0000000000000", number="0000000000000")),
            ("22012", ErrorCode(code="22012", number="22012")),
            ("42P02", ErrorCode(code="42P02", number="42P02")),
            (" 42p02\n", ErrorCode(code="42p02", number="42P02")),
            ("0A001", ErrorCode(code="0A001", number="0A001")),
            ("0LP01", ErrorCode(code="0LP01", number="0LP01")),
            ("2200F", ErrorCode(code="2200F", number="2200F")),
        ],
    )
    def test_parts_come_from_the_text(self, text: str, expected: ErrorCode) -> None:
        """An undocumented code carries the parts that its text gives, and nothing else: a SQLSTATE has no family."""
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
            "123-400",
            "1234567-400",
            "1205-40",
            "1205-400-1",
            "1205-FAILED",
            "-1205-400",
            "_A-1205-400",
            "A1-1205-400",
            "INGEST\n-1205-400",
            "INGEST-١٢٠٥-400",  # digits, but not ASCII
            "١٢٣",
            "\u212aINGEST-1205-400",  # the Kelvin sign, which casefolds to k
            "42P0",
            "42P012",
            "42PP1",
            "42-01",
            "ERROR",
            "XX000",  # a SQLSTATE, but one that cannot be told from a word
            "-1",
            "1.5",
            "1 2",
            "\ud800",
        ],
    )
    def test_nothing_is_invented(self, text: str) -> None:
        """A text of any other shape is answered with itself alone."""
        assert lookup_error(text) == ErrorCode(code=text)

    def test_all_but_the_code_defaults_to_unknown(self) -> None:
        """A new error code is undocumented, and every fact but its code is unknown."""
        assert asdict(ErrorCode(code="new")) == {
            "code": "new",
            "names": (),
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
            ("42P" + "0" * 1_000_000, None),
        ],
        ids=[
            "digits",
            "letters",
            "dashes between",
            "long family",
            "long word",
            "dashes",
            "spaces between",
            "like a SQLSTATE",
        ],
    )
    def test_long_text_is_answered(self, text: str, number: str | None) -> None:
        """A hostile text of a million characters is answered at once: a look-up that backtracks would never end."""
        assert lookup_error(text) == ErrorCode(code=text, number=number)


class TestDocumented:
    """`documented_error_codes` and its agreement with the data."""

    def test_every_entry_is_listed_once(self) -> None:
        """Each entry of the data is one documented code, sorted, with the facts that the data states."""
        facts = [{name: entry[name] for name in FACTS} | {"names": tuple(entry["names"])} for entry in DATA]
        assert [asdict(code) for code in documented_error_codes()] == [fact | {"is_documented": True} for fact in facts]
        assert [entry["code"] for entry in DATA] == sorted(entry["code"] for entry in DATA)

    def test_no_two_entries_share_a_code_or_name(self) -> None:
        """Each code and each name leads to one entry, whatever the letter case."""
        spellings = [text.casefold() for entry in DATA for text in (entry["code"], *entry["names"])]
        assert len(set(spellings)) == len(spellings)

    def test_parts_of_prefixed_codes_agree_with_the_text(self) -> None:
        """The parts stated for a documented code are those that a look-up reads off a text of the same form."""
        for code in PREFIXED:
            assert lookup_error(f"X{code.code}") == ErrorCode(
                code=f"X{code.code}", family=f"X{code.family}", number=code.number, http_status=code.http_status
            )

    def test_parts_of_numbers_agree_with_the_text(self) -> None:
        """A documented code of digits only is its own number; 400 alone is an HTTP status, too."""
        assert [code.number for code in NUMBERS] == [code.code for code in NUMBERS]
        assert {code.code: code.http_status for code in NUMBERS if code.http_status} == {"400": 400}

    def test_sqlstates_are_their_own_number(self) -> None:
        """A documented SQLSTATE is its own number, with letters or without."""
        assert [code.number for code in SQLSTATES] == [code.code for code in SQLSTATES]
        assert {len(code.code) for code in SQLSTATES} == {5}

    def test_words_have_no_parts(self) -> None:
        """A documented name or prose has neither number nor HTTP status."""
        assert {(code.number, code.http_status) for code in WORDS} == {(None, None)}


class TestData:
    """The data file, which is published as it is."""

    def test_is_plain_json(self) -> None:
        """Writing the data again gives the same file: no key stands twice, and no character needs escaping."""
        assert json.dumps(DATA, indent=1) + "\n" == DATA_TEXT
        assert "\\u" not in DATA_TEXT

    def test_entries_are_complete(self) -> None:
        """Each entry has every key in the same order, and values of the documented kinds."""
        kinds: dict[str, Any] = {
            "stage": get_args(Stage),
            "retryable": (True, False, None),
            "evidence": get_args(Evidence),
        }
        kinds["where_seen"] = ("documentation", "message", "payload")
        kinds["scope"] = ("api", "batch", "copy_engine", "destination_run", "flow_run", "job", "profile", "row")
        kinds["scope"] += ("streaming_validation",)
        for entry in DATA:
            code = entry["code"]
            assert list(entry) == [*FACTS, "scope", "where_seen", "sources"], code
            for text in (code, entry["title"], *entry["names"], *entry["sources"]):
                assert text == " ".join(text.split()) != "", code
            assert {type(entry[key]) for key in ("family", "number", *PROSE)} <= {str, type(None)}, code
            assert entry["http_status"] is None or 100 <= entry["http_status"] <= 599, code
            assert {key for key, values in kinds.items() if entry[key] not in values} == set(), code
            assert entry["sources"], code

    def test_title_says_more_than_the_code(self) -> None:
        """A title has two words at least, and is neither the code nor one of its names in another spelling."""

        def letters(text: str) -> str:
            return re.sub("[^0-9a-z]", "", text.lower())

        for entry in DATA:
            assert letters(entry["title"]) not in map(letters, (entry["code"], *entry["names"]))
            assert re.fullmatch(r"[A-Z][^.]* [^.]*[a-z0-9)A-Z]", entry["title"]), entry["title"]

    def test_prose_is_short_sentences(self) -> None:
        """Meaning, remedy and notes are sentences of at most thirty words, each with a capital and a full stop."""
        prose = (entry[key] for entry in DATA for key in PROSE if entry[key])
        for sentence in (part for text in prose for part in re.split(r"(?<=\.) ", text)):
            assert re.fullmatch(r"[A-Z][^\n]*[^ .]\.", sentence), sentence
            assert "  " not in sentence
            assert len(sentence.split()) <= 30, sentence

    def test_remedies_are_imperative(self) -> None:
        """A remedy tells what to do, so it does not begin with a subject."""
        subjects = re.compile(r"(An?|It|None|The|This|You)\b")
        assert [entry["code"] for entry in DATA if entry["remedy"] and subjects.match(entry["remedy"])] == []

    def test_only_one_code_has_no_meaning(self) -> None:
        """All documented codes but the one that nobody explains have a meaning."""
        assert [entry["code"] for entry in DATA if not entry["meaning"]] == ["INGEST-1554-400"]

    def test_evidence_is_the_first_source(self) -> None:
        """The first source of an entry is of the party whose word it rests on."""
        beginnings = {
            "adobe": ("AdobeDocs/", "Experience "),
            "microsoft": ("MicrosoftDocs/",),
            "third_party": ("third party: ",),
        }
        for entry in DATA:
            allowed = beginnings[entry["evidence"]]
            assert entry["sources"][0].startswith(allowed), f"{entry['code']}: a source begins with one of {allowed}"

    def test_notes_tell_what_only_public_messages_show(self) -> None:
        """The notes say so where messages of Data Factory show a name that no payload of Adobe does."""
        noted = [entry["code"] for entry in DATA if "Data Factory messages" in (entry["notes"] or "")]
        assert noted == [entry["code"] for entry in DATA if entry["where_seen"] == "message"]

    def test_retry_is_advised_only_where_a_source_does(self) -> None:
        """Very few codes say whether a plain retry may help, and their remedy says the same."""
        said = {
            entry["code"]: (entry["retryable"], entry["remedy"]) for entry in DATA if entry["retryable"] is not None
        }
        assert said == {
            "140": (False, "Do nothing. The first copy of the data was ingested."),
            "ACTSVC-9001-500": (True, "Try again later. Contact the administrator if it stays."),
            "AzureBlobServiceNotReturnExpectedDataLength": (True, "Try again. Contact support if it keeps failing."),
            "DynamicsCreateServiceClientError": (
                True,
                "Try again. If it stays, lower the parallelism or contact Dynamics support.",
            ),
            "SqlConnectionIsClosed": (True, "Try again. Contact the support of the database if it stays."),
        }


class TestErrorCode:
    """`ErrorCode` as a value."""

    def test_copies(self) -> None:
        """An error code can be copied and pickled."""
        code = lookup_error("133")
        assert copy.copy(code) == copy.deepcopy(code) == pickle.loads(pickle.dumps(code)) == code

    def test_is_immutable_and_hashable(self) -> None:
        """A shared entry cannot be changed, so it can be a key."""
        code = lookup_error("20000")
        with pytest.raises(FrozenInstanceError):
            code.title = "changed"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
        assert {code: 1}[lookup_error(" jrenotfound ")] == 1


@given(
    st.text()
    | st.from_regex(r"[A-Za-z_]+-[0-9]+-[0-9A-Za-z]*", fullmatch=True)
    | st.from_regex(r"[0-9][0-9A-Za-z]{4}|[0-9]{4,6}-[0-9]{3}", fullmatch=True)
)
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
    """Importing the package does not read the data, and however many look-ups read it once."""
    program = """if True:
        import sys
        opened = []
        sys.addaudithook(
            lambda event, args: opened.append(args[0])
            if event == "open" and str(args[0]).endswith("error_codes.json")
            else None
        )
        from flowrun_notifications import documented_error_codes, lookup_error
        print(len(opened))
        lookup_error("133"), lookup_error("new"), documented_error_codes()
        print(len(opened))
    """
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["0", "1"]
