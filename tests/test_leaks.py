"""Nothing that is raised, logged or warned of holds a value from a payload: payloads hold customer data."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from flowrun_notifications import (
    Delivery,
    EventNotification,
    FlowRun,
    FlowRunNotificationError,
    InvalidFlowRunError,
    LineError,
    MessagesNotification,
    NotAFlowRunError,
    ParseResult,
    RunCountError,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications._models.values import copy_json as own
from flowrun_notifications.testing import make_other_message, make_payload, make_record, wrap

EXAMPLES = Path(__file__).parents[1] / "examples"

WORD = "s3cr3t"
NUMBER = 73915046281937
SECRETS: dict[str, Any] = {
    "text": WORD,
    "list": [WORD, NUMBER],
    "object": {"id": WORD, "message": WORD, "value": NUMBER},
    "number": NUMBER,
    "number as text": f"{NUMBER}{NUMBER}.5",
    "base64": base64.b64encode(f"{WORD}{NUMBER}{WORD}".encode()).decode(),
    "error detail": f"ErrorCode={WORD}",
}
MARKS = (WORD, str(NUMBER), base64.b64encode(f"{WORD}{NUMBER}{WORD}".encode()).decode())

PAYLOADS: dict[str, Any] = {
    "event": make_payload("event", outcome="failed", header={"_adobeio": {"eventCode": "a", "providerMetadata": "b"}}),
    "messages": make_payload("messages", outcome="partial_success"),
    "journal": make_payload("journal", "cloud_event", "body"),
    "eventbridge": make_payload("eventbridge", "event", "body", outcome="partial_ingestion"),
    "runtime": make_payload("runtime", "messages:single"),
    "web action": make_payload("runtime:text", "event"),
    "runs": wrap("api_list", make_record("started"), make_record("started")),
    "others": [make_other_message(kind) for kind in ("alert", "audit_event", "data_ingestion_event", "other")],
    "validation request": make_other_message("validation_request"),
    **{path.stem: json.loads(path.read_bytes()) for path in EXAMPLES.glob("payloads/documented_*.json")},
}
EVERYDAY = {"others", "validation request", "web action"}
"""The payloads with the fewest positions."""


def planted(payload: Any) -> Iterator[Any]:
    """The payload with a secret in each of its positions in turn."""
    copy = [own(payload)]
    pending: list[Any] = [copy]
    for node in pending:
        for key in list(node) if hasattr(node, "keys") else range(len(node)):
            value = node[key]
            for secret in SECRETS.values():
                node[key] = secret
                yield copy[0]
            node[key] = value
            if isinstance(value, (dict, list)):
                pending.append(value)


def told(error: BaseException) -> list[str]:
    """All the words of an exception, and of those that it came from, shown or not."""
    pending: list[BaseException] = [error]
    words = traceback.format_exception(error)
    for one in pending:
        words += [str(one), repr(one)]
        words += getattr(one, "__notes__", [])
        pending += [other for other in (one.__cause__, one.__context__) if other is not None and other not in pending]
    return words


def errors_of(payload: Any) -> list[FlowRunNotificationError]:
    """Every error that the entry points raise or hand out for a payload."""
    errors: list[FlowRunNotificationError] = []
    try:
        parse(payload)
    except FlowRunNotificationError as error:
        errors.append(error)
    try:
        result = parse_all(payload)
        errors += [*map(NotAFlowRunError, result.others), *result.errors]
        result.raise_for_errors()
    except FlowRunNotificationError as error:
        errors.append(error)
    errors += filter(None, [salvage_error(error) for error in errors if isinstance(error, InvalidFlowRunError)])
    if isinstance(payload, (str, bytes)):
        lines: list[LineError] = []
        list(parse_lines([payload, "\n"], on_error=lines.append))
        errors += lines
        try:
            list(parse_lines([payload]))
        except FlowRunNotificationError as error:
            errors.append(error)
    return errors


def salvage_error(error: InvalidFlowRunError) -> InvalidFlowRunError | None:
    """The error that salvaging raises, if it does."""
    try:
        error.salvage()
    except InvalidFlowRunError as raised:
        return raised
    return None


def assert_silent(errors: list[FlowRunNotificationError]) -> None:
    """Demand that no error, nor what it was made of, nor its pickled twin, says a secret."""
    for error in errors:
        twin: FlowRunNotificationError = pickle.loads(pickle.dumps(error))
        words = "".join([*told(error), str(twin), repr(twin)])
        assert not [mark for mark in MARKS if mark in words]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in EVERYDAY else pytest.mark.slow) for name in PAYLOADS],
)
def test_errors_hold_no_values(
    name: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With a secret in any position of any payload, no error says it, and nothing is logged or printed."""
    caplog.set_level(logging.DEBUG)
    raised = 0
    for payload in planted(PAYLOADS[name]):
        for form in (payload, json.dumps(payload)):
            errors = errors_of(form)
            assert_silent(errors)
            raised += len(errors)
    assert raised > 20
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["event", "messages"])
def test_errors_of_broken_json_hold_no_values(name: str) -> None:
    """Wherever the text of a payload full of secrets is cut or spoilt, no error says one."""
    text = json.dumps(PAYLOADS[name]).replace("CONNECTOR", WORD).replace("prod", WORD).encode()
    for at in range(0, len(text), 23):
        for spoilt in (text[:at], text[:at] + b"\x00" + text[at:], text[:at] + b"NaN" + text[at:], text[at:]):
            assert_silent(errors_of(spoilt))
            assert_silent(errors_of(spoilt.decode()))


class Secretive:
    """Something that says a secret wherever it is shown."""

    def __repr__(self) -> str:
        return WORD


@pytest.mark.parametrize(
    "payload",
    [
        f"/home/{WORD}/payload.json",
        f"{WORD}",
        f'"{WORD}"',
        f"{{'id': '{WORD}'}}",
        f'{{"id": "{WORD}\\q"}}',
        f'{{"id": "{WORD}\\ud800", "flowId": 5}}',
        f'{{"id": {NUMBER}{"0" * 5000}}}',
        f"\ufeff\ufeff{WORD}",
        WORD.encode("utf-16"),
        b"\xff" + WORD.encode(),
        {"id": Secretive()},
        {("id", WORD): 1},
        {"id": {WORD}},
        [WORD, float("nan")],
        [WORD, NUMBER * 10**5000],
        [WORD, Path(WORD)],
        Path(WORD),
        Secretive(),
        {"__ow_body": WORD},
        {"__ow_body": "é" + WORD},
        {"__ow_body": '{"' + WORD},
        {"validationUrl": f"https://example.com/{WORD}"},
        [{"event": WORD}, make_record(flowId=NUMBER, id=WORD), make_record(id=WORD)],
    ],
    ids=lambda payload: type(payload).__name__,
)
def test_errors_of_odd_input_hold_no_values(payload: Any) -> None:
    """Whatever holds the secret, text or not, no error says it."""
    errors = errors_of(payload)
    assert errors
    assert_silent(errors)


def test_errors_of_models_hold_no_values() -> None:
    """A validation of the models themselves does not show its input either."""
    attempts: list[Callable[[], object]] = [
        lambda: FlowRun.model_validate({"id": 5, "flowId": [WORD], "createdAt": WORD}),
        lambda: FlowRun.model_validate_json(json.dumps({"id": 5, "flowId": [WORD], "createdAt": WORD})),
        lambda: FlowRun.model_validate_json(f'{{"id": "{WORD}'),
        lambda: EventNotification.model_validate({"event": {"id": [WORD]}, "event_id": [WORD]}),
        lambda: MessagesNotification.model_validate({"messages": [{"value": WORD, "timestamp": WORD}]}),
        lambda: Delivery(path=[WORD]),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    ]
    for attempt in attempts:
        with pytest.raises(ValidationError) as caught:
            attempt()
        assert not [words for words in told(caught.value) if WORD in words]


def test_counts_hold_no_values() -> None:
    """Errors that speak of several runs name none of them."""
    runs = [make_record(id=WORD, flowId=WORD, flowName=WORD), make_record(id=WORD), {"metrics": WORD, "id": NUMBER}]
    errors = errors_of(json.dumps(runs))
    assert {RunCountError, InvalidFlowRunError, LineError} <= {type(error) for error in errors}
    assert_silent(errors)


def test_reprs_of_results_hold_no_errors_of_values() -> None:
    """The repr of a result shows what it shows of its runs, and of errors no values."""
    result = parse_all([{"metrics": WORD, "id": NUMBER}, {"status": "FIRING", "severity": WORD, "name": WORD}])
    assert isinstance(result, ParseResult)
    assert [other.kind for other in result.others] == ["alert"]
    assert not [mark for mark in MARKS if mark in repr(result)]
