"""Models are frozen, input is never changed, and later changes to it do not show in a run."""

from __future__ import annotations

import copy
import json
from typing import Any, TypeGuard, get_args

import pytest
from pydantic import BaseModel, ValidationError

from flowrun_notifications import (
    EventNotification,
    FlowRun,
    FlowSpec,
    InvalidFlowRunError,
    MessagesNotification,
    StatusError,
    parse,
    parse_all,
    parse_lines,
)
from flowrun_notifications._models.values import copy_json as own
from flowrun_notifications.testing import Wrapper, make_payload, make_record

OPEN = {"list": [1, {"deep": [2]}], "object": {"key": "value"}}
RECORD = make_record(
    params=OPEN,
    futureKey=OPEN,
    flowSpec={"id": "s", "futureKey": OPEN},
    predecessors=[{"flowId": "p", "futureKey": OPEN}],
    header={"_adobeio": {"eventCode": "source_flow_run_error"}},
    metrics={
        "customSummary": OPEN,
        "durationSummary": {"extensions": OPEN},
        "fileSummary": {"manifest": OPEN},
        "statusSummary": {
            "errors": [{"code": "1", "details": OPEN, "futureKey": OPEN}],
            "extensions": {**OPEN, "errors": [{"code": "2", "details": OPEN}]},
        },
        "recordSummary": {
            "failedInfo": [{"code": "3", "details": OPEN}],
            "skippedInfo": [{"code": "4", "details": OPEN}],
            "warningInfo": [{"code": "5", "details": OPEN}],
            "sourceSummaries": [{"id": "c", "entitySummaries": [{"id": "e", "futureKey": OPEN}]}],
        },
    },
)
"""A record with open JSON wherever it can stand."""


def everything(run: FlowRun) -> tuple[Any, ...]:
    """All that a run says, in a form that later changes to the run cannot change."""
    return (
        json.dumps(run.to_payload()),
        run.model_dump_json(),
        run.summary(),
        repr(run),
        hash(run),
        copy.deepcopy((run.errors, run.skips, run.warnings, run.model_extra, run.model_fields_set)),
    )


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a tuple."""
    return isinstance(value, tuple)


def spoil(value: Any) -> None:
    """Change a value in every way that it allows, and all that it holds."""
    if isinstance(value, BaseModel):
        spoil_model(value)
    elif hasattr(value, "values"):
        spoil([*value.values()])
        value.clear()
        value["spoilt"] = True
    elif hasattr(value, "append"):
        spoil(tuple(value))
        value.append("spoilt")
        value.reverse()
    elif hasattr(value, "add"):
        value.clear()
    elif is_tuple(value):
        for item in value:
            spoil(item)
    elif hasattr(value, "details"):
        spoil(value.details)


def spoil_model(model: BaseModel) -> None:
    """Change all that a model hands out."""
    for name in (*type(model).model_fields, *(model.model_extra or {})):
        spoil(getattr(model, name))
    for handed_out in (
        model.model_extra,
        model.model_fields_set,
        model.model_dump(),
        model.model_dump(mode="json", by_alias=True),
        dict(model),
        [*model],
    ):
        spoil(handed_out)


def models(value: Any) -> list[BaseModel]:
    """A model and all models in it."""
    if is_tuple(value):
        return [model for item in value for model in models(item)]
    if not isinstance(value, BaseModel):
        return []
    return [value, *(model for name in type(value).model_fields for model in models(getattr(value, name)))]


def test_models_are_frozen() -> None:
    """No attribute of any model of a run can be set or deleted, known or unknown, new or not."""
    run = parse(RECORD)
    before = everything(run)
    found = models(run)
    assert {type(model).__name__ for model in found} >= {
        *("FlowRun", "Metrics", "Activity", "Delivery", "FlowSpec", "Predecessor", "StatusError", "RecordBreakdown"),
        *("Connection", "Reference"),
        *("DurationSummary", "LatencySummary", "SizeSummary", "RecordSummary", "FileSummary", "StatusSummary"),
    }
    for model in found:
        for name in (*type(model).model_fields, *(model.model_extra or {}), "brand_new"):
            with pytest.raises(ValidationError, match="Instance is frozen"):
                setattr(model, name, None)
            with pytest.raises((ValidationError, AttributeError)):
                delattr(model, name)
    assert everything(run) == before


def test_notifications_are_frozen() -> None:
    """So it is with the models of the two documented shapes."""
    event = EventNotification.model_validate({"event": RECORD})
    messages = MessagesNotification.model_validate({"messages": [{"value": RECORD}]})
    for model in (event, messages, *messages.messages):
        for name in type(model).model_fields:
            with pytest.raises(ValidationError, match="Instance is frozen"):
                setattr(model, name, None)


def test_results_are_frozen() -> None:
    """Neither a result's attributes nor those of its parts can be set."""
    result = parse_all([RECORD, {"metrics": 1}, {}])
    for name in ("runs", "others", "errors", "items"):
        with pytest.raises(AttributeError):
            setattr(result, name, ())
    with pytest.raises(ValidationError):
        result.others[0].path = "other"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError):
        parse(RECORD).errors[0].code = "other"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("wrapper", get_args(Wrapper))
def test_input_is_not_changed(wrapper: Wrapper) -> None:
    """Reading changes nothing of what was given: neither decoded JSON nor bytes that can be changed."""
    payload = make_payload(wrapper, outcome="failed", params=OPEN, header=None)
    given = own(payload)
    parse(given)
    parse_all(given)
    assert given == payload
    text = bytearray(json.dumps(payload).encode())
    parse(text)
    assert text == json.dumps(payload).encode()


def test_input_does_not_show_through() -> None:
    """What becomes of the input later does not show in what was read from it."""
    record = own(RECORD)
    text = bytearray(json.dumps(record).encode())
    view = memoryview(bytearray(text))
    runs = [parse(record), parse(text), parse(view), *parse_all([record]).runs]
    before = [everything(run) for run in runs]
    spoil(record)
    text[:] = b" " * len(text)
    view[:] = b" " * len(view)
    assert [everything(run) for run in runs] == before


def test_input_does_not_show_through_errors() -> None:
    """What becomes of the input later does not show in what is salvaged from it."""
    record = {**own(RECORD), "createdAt": "no time"}
    wanted = everything(parse({key: value for key, value in RECORD.items() if key != "createdAt"}))
    with pytest.raises(InvalidFlowRunError) as caught:
        parse(record)
    spoil(record)
    assert everything(caught.value.salvage()) == wanted


def test_given_values_do_not_show_through_models_that_are_built() -> None:
    """What is given to a model's constructor is copied where it is open JSON."""
    details = own(OPEN)
    error = StatusError(code="1", details=details)
    spec = FlowSpec.model_validate({"id": "s", "futureKey": details})
    spoil(details)
    assert (error.details, spec.model_extra) == (OPEN, {"futureKey": OPEN})


def test_runs_share_no_open_json() -> None:
    """Two runs of one payload are equal, and the open JSON that one hands out is not the other's."""
    first, second = parse_all([RECORD, RECORD]).runs
    before = everything(second)
    spoil(first.params)
    spoil(first.metrics.status_summary.extensions)
    spoil(first.model_extra["futureKey"])
    assert everything(second) == before


def test_lines_are_given_back_as_they_came() -> None:
    """A broken line comes back as the very object, for a quarantine file."""
    lines: list[str | bytes] = [b'{"metrics": 1}', "no JSON"]
    errors: list[Any] = []
    assert list(parse_lines(lines, on_error=errors.append)) == []
    assert [error.line for error in errors] == lines
    assert errors[0].line is lines[0]


def test_hash_is_stable_and_told_by_equality() -> None:
    """Every model of a run can be hashed, equal ones alike, whatever open JSON they hold."""
    run, twin = parse(RECORD), parse(json.dumps(RECORD))
    for model, other in zip(models(run), models(twin), strict=True):
        assert hash(model) == hash(other)
        assert model == other
    assert hash(run) != hash(parse({**RECORD, "id": "other"}))
    assert {error: error.code for error in run.errors} == {error: error.code for error in twin.errors}
