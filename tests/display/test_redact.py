"""Tests of `_display.redact`: payloads that read the same way, and name nobody."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from display.runs import DOCUMENTED
from flowrun_notifications import FlowRun, InvalidFlowRunError, ParseResult, parse_all
from flowrun_notifications._display.redact import Redactor
from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications.testing import make_other_message, make_payload, make_record, other_messages, payloads

COPY = "4f008a00-3a04-11eb-adc1-0242ac120002"


def redact(payload: Any) -> Any:
    """Return a redacted payload."""
    return json.loads(Redactor().redact_document(payload))


def reading(payload: Any) -> list[Any]:
    """Return everything about a payload that must not change."""
    return [_reading_of(item) for item in parse_all(payload).items]


def _reading_of(item: Any) -> Any:
    delivery = item.delivery
    where = (delivery.path, delivery.wrappers, delivery.event_code)
    if isinstance(item, InvalidFlowRunError):
        return (*where, item.problem_count, item.problems)
    if not isinstance(item, FlowRun):
        return (*where, item.kind, item.description)
    reasons = [
        [(error.code, error.is_nested, error.message is None, error.count is None) for error in errors]
        for errors in (item.errors, item.causes, item.skips, item.warnings)
    ]
    answers = (item.status, item.is_partial, item.is_finished, item.needs_attention)
    known = [value is None for value in (item.started_at, item.completed_at, item.duration, item.flow_name)]
    steps = [(activity.kind, activity.status_summary.status) for activity in item.activities]
    lists = (item.batch_ids, item.source_connection_ids, item.target_connection_ids, item.failed_records_urls)
    return (*where, *answers, *reasons, *known, *steps, *map(len, lists))


class TestRedact:
    """`Redactor`."""

    def test_run(self) -> None:
        """Ids, names, texts, numbers and times are made up; words that decide how a run reads stay."""
        run = {
            "id": "d9024c32-2174-4271-824c-322174627101",
            "flowId": "d9024c32-2174-4271-824c-322174627101",
            "flowName": "Loyalty of Jane",
            "imsOrgId": "5C1328435BF324E90A49402A@AdobeOrg",
            "createdBy": "jane@example.org",
            "createdAt": 1_697_579_102_733,
            "updatedAt": 1_697_579_103,
            "etag": '"0e01"',
            "url": "https://experience.adobe.com/@jane@x/1",
            "metrics": {
                "durationSummary": {"startedAtUTC": 0, "completedAtUTC": "2023-10-17T21:45:03Z"},
                "latencySummary": {"minMs": 1417.25, "avgMs": 0.5},
                "sizeSummary": {"inputBytes": -1, "outputBytes": 1_234_567},
                "recordSummary": {"inputRecordCount": "1234", "outputRecordCount": 10, "failedRecordCount": 1234},
                "statusSummary": {
                    "status": "failed",
                    "errors": [{"code": "CONNECTOR-1001-500", "message": "Row of Jane."}, {"message": "Row of Jane"}],
                    "extensions": {
                        "errorDetail": "ErrorCode=SftpNetworkIssue, server 13.55.109.14",
                        "type": "one-time",
                    },
                },
            },
            "activities": [
                {"id": COPY, "name": "Jane Copy Activity", "sourceInfo": [{"type": "SourceConnection"}]},
                {"id": "elsewhere", "statusSummary": {"status": "on hold"}},
            ],
            "params": {"flag": True, "nothing": None, "card": 4_111_111_111_111_111, "text": ""},
        }
        assert redact(run) == {
            "id": "00000000-0000-4000-8000-000000000001",
            "flowId": "00000000-0000-4000-8000-000000000001",
            "flowName": "text 2",
            "imsOrgId": "000000000000000000000003@AdobeOrg",
            "createdBy": "user4@example.com",
            "createdAt": 1_577_836_800_733,
            "updatedAt": 1_577_836_801,
            "etag": "text 5",
            "url": "https://example.com/6",
            "metrics": {
                "durationSummary": {"startedAtUTC": 0, "completedAtUTC": "2020-01-01T00:00:01+00:00"},
                "latencySummary": {"minMs": 1000.25, "avgMs": 0.5},
                "sizeSummary": {"inputBytes": -1, "outputBytes": 1_000_000},
                "recordSummary": {"inputRecordCount": "1001", "outputRecordCount": 10, "failedRecordCount": 1001},
                "statusSummary": {
                    "status": "failed",
                    "errors": [{"code": "CONNECTOR-1001-500", "message": "text 7."}, {"message": "text 7"}],
                    "extensions": {"errorDetail": "text 8: ErrorCode=SftpNetworkIssue", "type": "one-time"},
                },
            },
            "activities": [
                {"id": COPY, "name": "text 9 (copy)", "sourceInfo": [{"type": "SourceConnection"}]},
                {"id": "entry 10", "statusSummary": {"status": "on hold"}},
            ],
            "params": {"flag": True, "nothing": None, "card": 1_000_000_000_000_000, "text": ""},
        }

    def test_keys(self) -> None:
        """A key stays, unless it is an id or an address; it is the same one as where it stands as a text."""
        uuid, address = "8c1f27d4-5a90-4be3-a6d1-0e94c27f5b38", "jane@example.org"
        payload = {"owner": address, address: 1, uuid: {"@id": 2}, "xdm:key": 3, "1F2E@AdobeOrg": 4}
        assert Redactor().redact(payload) == {
            "owner": "user1@example.com",
            "user1@example.com": 1,
            "00000000-0000-4000-8000-000000000002": {"@id": 2},
            "xdm:key": 3,
            "000000000000000000000003@AdobeOrg": 4,
        }

    def test_text_that_holds_json(self) -> None:
        """JSON within text is redacted inside, written out or in base64, with the same ids as elsewhere."""
        run = {"id": "jane", "flowId": "f", "metrics": {"statusSummary": {"status": "failed"}}}
        redacted = redact([run, json.dumps([run]), base64.b64encode(json.dumps(run).encode()).decode()])
        expected = {"id": "text 1", "flowId": "text 2", "metrics": {"statusSummary": {"status": "failed"}}}
        assert redacted[0] == expected
        assert json.loads(redacted[1]) == [expected]
        assert json.loads(base64.b64decode(redacted[2])) == expected

    @pytest.mark.parametrize(
        ("wrapper", "code"),
        [
            ({"specversion": "1.0", "type": "sources_flow_run_failed", "id": "jane", "data": {}}, "type"),
            ({"_eventNotificationMeta": {"type": "sources_flow_run_failed"}, "value": {}}, "_eventNotificationMeta"),
            ({"header": {"_adobeio": {"eventCode": "sources_flow_run_failed"}}, "body": {}}, "header"),
            ({"headers": {"X-Adobe-Event-Code": ["sources_flow_run_failed"]}, "body": {}}, "headers"),
        ],
    )
    def test_event_codes(self, wrapper: dict[str, Any], code: str) -> None:
        """The event code stays, wherever it stands."""
        assert redact(wrapper)[code] == wrapper[code]

    def test_number_as_code(self) -> None:
        """A code that is a number stays, as one that is text does."""
        payload = {"failedInfo": [{"code": 4711}], "code": 4711}
        assert redact(payload) == {"failedInfo": [{"code": 4711}], "code": 1000}

    @pytest.mark.parametrize(
        ("label", "redacted"),
        [
            ("Adobe of Jane:sources_flow_run_failed", "text 1:sources_flow_run_failed"),
            (":sources_flow_run_failed", ":sources_flow_run_failed"),
            ("Jane Doe", "text 1"),
        ],
    )
    def test_label(self, label: str, redacted: str) -> None:
        """Of the label of an EventBridge event, the code stays."""
        assert redact({"detail-type": label}) == {"detail-type": redacted}

    @pytest.mark.parametrize(
        ("payload", "redacted"),
        [
            ({"metrics": {"statusSummary": {"status": "jane@example.org"}}}, "user1@example.com"),
            ({"status": "on hold"}, "text 1"),
            ({"errors": [{"code": "call Jane"}]}, "text 1"),
            ({"code": "1234"}, "1000"),
            ({"type": "Jane"}, "text 1"),
        ],
    )
    def test_words_that_decide_nothing(self, payload: Any, redacted: str) -> None:
        """A status, code or type that does not look like one, or stands elsewhere, is made up."""
        (written,) = re.findall(r'"([^"]*)"$', Redactor().redact_document(payload), re.MULTILINE)
        assert written == redacted

    @pytest.mark.parametrize(
        ("number", "redacted"),
        [
            (99, 99),
            (100, 100),
            (-250, -100),
            (9_000_000_000, 1_000_000_000),
            (20_000_000_000, 10_000_000_000),
            (20_000_000_001, 20_000_000_001),
            (90_000_000_000, 20_000_000_001),
            (253_402_300_799_999, 100_000_000_000_000),
            (999_999_999_999_999, 253_402_300_800_000),
            (12_345.678, 10_000.1),
            (1e300, 1e300),
            (1e-7, 1e-7),
            (2.0**60, 2.0**60),
            ("12345", "10000"),
            (" +0250.50 ", " +0100.50 "),
            ("1.597e9", "2020-01-01T00:00:00+00:00"),
            ("1965-05-01", "1969-12-31T00:00:00+00:00"),
            ("2345-05-01", "2000-01-02T00:00:00+00:00"),
        ],
    )
    def test_numbers(self, number: Any, redacted: Any) -> None:
        """A made-up number has the size, the sign and the unit of the original; small ones stay."""
        assert Redactor().redact(number) == redacted

    def test_distinct(self) -> None:
        """Equal numbers stay equal, others stay different, in all documents of a redactor."""
        redactor = Redactor()
        assert redactor.redact([500, 600, 500, 5_000]) == [100, 101, 100, 1_000]
        assert redactor.redact([600, "a", 700]) == [101, "text 1", 102]
        assert redactor.redact("a") == "text 1"

    def test_written(self) -> None:
        """A document is written in ASCII, over many lines."""
        assert Redactor().redact_document({"\x7fé": [1]}) == '{\n  "\\u007f\\u00e9": [\n    1\n  ]\n}\n'


class TestReadsTheSame:
    """A redacted payload reads the same way."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_documented(self, name: str, read_payload: Callable[[str], bytes]) -> None:
        """The documented payloads do."""
        payload = json.loads(read_payload(name))
        assert reading(redact(payload)) == reading(payload)

    def test_broken(self) -> None:
        """A broken run has the same problems."""
        wrong = {"recordSummary": {"inputRecordCount": "many"}, "durationSummary": {"startedAtUTC": "yesterday"}}
        payload: list[Any] = [
            make_record(metrics=wrong, createdAt=True, activities=[7]),
            {"id": "r", "flowid": "f", "metrics": {}},
            {"xdm:flowId": 5},
        ]
        result = parse_all(payload)
        assert [error.problem_count for error in result.errors] == [4, 1, 2]
        assert reading(redact(payload)) == reading(payload)

    @pytest.mark.parametrize(
        "payload",
        [
            [
                make_other_message(kind)
                for kind in ("alert", "audit_event", "data_ingestion_event", "validation_request")
            ],
            make_payload("journal", "cloud_event", outcome="failed"),
            {"status": "muted", "name": "n", "severity": "odd", "flowId": "f"},
            {"events": [{"event": "error"}, {"event": "fault"}]},
            {"a": "{not JSON", "b": ["[neither", "e30="], "c": " \t", "d": "eyJpZCI6"},
            [{"event": "error"}, {"id": "r", "flowId": "f", "metrics": {}}],
        ],
    )
    def test_others(self, payload: Any) -> None:
        """Other messages, and texts that only look like JSON, do."""
        assert reading(redact(payload)) == reading(payload)

    @given(payloads() | other_messages())
    def test_any(self, payload: Any) -> None:
        """Any payload does."""
        assert reading(redact(payload)) == reading(payload)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        ["id", "flowId", "metrics", "event", "events", "items", "messages", "value", "status"]
                    )
                    | st.text(max_size=5),
                    inner,
                    max_size=5,
                )
            ),
            max_leaves=20,
        )
    )
    def test_any_json(self, payload: Any) -> None:
        """Any JSON does."""
        result = parse_all(json.dumps(payload))
        redacted = parse_all(Redactor().redact_document(payload))
        assert kinds(redacted) == kinds(result)


def kinds(result: ParseResult) -> list[tuple[str, str]]:
    """Return the kind of each item of a result, and where it stands."""
    return [(type(item).__name__, item.delivery.path) for item in result.items]


class TestNamesNobody:
    """What could identify somebody is gone."""

    @given(payloads())
    def test_any(self, payload: Any) -> None:
        """A text and a number that stand in every place of a payload stand nowhere in the redacted one."""

        def put(value: Any, key: str = "") -> Any:
            if is_object(value):
                return {key: put(item, key) for key, item in value.items()}
            if is_list(value):
                return [put(item, key) for item in value]
            # A number as a code stays.
            return "Jane Doe 4711" if isinstance(value, str) or key == "code" else 471_147_114_711

        written = Redactor().redact_document(put(payload))
        assert [secret for secret in ("Jane", "4711") if secret in written] == []
