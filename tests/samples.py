"""Records that several test files share, and ways to walk over them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from pydantic import BaseModel, JsonValue

from flowrun_notifications import Delivery, FlowRun

COUNTS: dict[str, Any] = {
    "inputRecordCount": 20,
    "outputRecordCount": 21,
    "createdRecordCount": 22,
    "updatedRecordCount": 23,
    "deletedRecordCount": 24,
    "skippedRecordCount": 25,
    "failedRecordCount": 26,
    "warningRecordCount": 27,
    "ingestedRecordPercentage": 99.5,
}
REASON: dict[str, Any] = {
    "code": "C-1",
    "message": "text",
    "recordCount": 1,
    "count": 2,
    "type": "Error",
    "format": "parquet",
    "details": [{"row": 1}],
}
BREAKDOWN: dict[str, Any] = {
    "id": "connection",
    **COUNTS,
    "entitySummaries": [{"id": "segment:1", **COUNTS}],
}
SUMMARIES: dict[str, Any] = {
    "durationSummary": {
        "startedAtUTC": 1597095444636,
        "completedAtUTC": 1597095471861,
        "extensions": {"windowStart": 1597094520000},
    },
    "latencySummary": {"minMs": 1, "maxMs": 9.5, "avgMs": 4, "extensions": {"p99Ms": 9}},
    "sizeSummary": {
        "inputBytes": 10,
        "outputBytes": 11,
        "failedBytes": 12,
        "skippedBytes": 13,
        "extensions": {"unit": "bytes"},
    },
    "recordSummary": {
        **COUNTS,
        "failedInfo": [REASON],
        "skippedInfo": [REASON],
        "warningInfo": [REASON],
        "sourceSummaries": [BREAKDOWN],
        "targetSummaries": [BREAKDOWN],
        "extensions": {"sampled": False},
    },
    "fileSummary": {
        "inputFileCount": 30,
        "outputFileCount": 31,
        "skippedFileCount": 32,
        "failedFileCount": 33,
        "manifest": {"fileInfo": [{"path": "/a", "pathPrefix": "/"}]},
        "activityRefs": ["a-1"],
        "extensions": {"manifest": {"fileInfo": "https://example.com/files"}},
    },
    "statusSummary": {
        "status": "failed",
        "errors": [REASON],
        "activityRefs": ["a-1", "a-2"],
        "extensions": {"errorDetail": "ErrorCode=Word", "adf/run/id": "1234"},
    },
}
CONNECTION: dict[str, Any] = {
    "id": "connection",
    "type": "SourceConnection",
    "reference": {"type": "Batch", "ids": ["b-1", "b-2"]},
}
_EVERY_KEY: dict[str, Any] = {
    "id": "r-1",
    "flowId": "f-1",
    "flowName": "Orders\nby day",
    "flowType": "streaming",
    "flowSpec": {"id": "fs-1", "version": "1.0"},
    "providerRefId": "ref-1",
    "etag": '"1"',
    "imsOrgId": "org@AdobeOrg",
    "sandboxId": "s-1",
    "sandboxName": "two words",
    "createdAt": 1597213529158,
    "updatedAt": 1597213530760,
    "createdBy": "creator",
    "updatedBy": "updater",
    "createdClient": "creating client",
    "updatedClient": "updating client",
    "parentFlowRunId": "r-0",
    "childFlowRunIds": ["r-2", "r-3"],
    "recordTypes": ["profile"],
    "predecessors": [{"flowId": "f-0", "flowRunId": "p-1", "flowSpec": {"id": "fs-0", "version": "2.0"}}],
    "params": {"windowStartTime": "1590512053", "deltaColumn.name": "modified"},
    "alertName": "Run failed",
    "message": "A sentence.",
    "url": "https://example.com/a run",
    "slaCreatedAt": 1597213531124,
    "processStartTime": 1597213531213,
    "transformedTime": 1597213531214,
    "metrics": {**SUMMARIES, "customSummary": {"own": [1, 2]}},
    "activities": [
        {
            "id": "a-1",
            "name": "Copy",
            "updatedAtUTC": 1597095487336,
            "contextId": "ctx-1",
            **SUMMARIES,
            "sourceInfo": [CONNECTION],
            "targetInfo": [CONNECTION],
        }
    ],
}
EVERY_KEY: dict[str, Any] = json.loads(json.dumps(_EVERY_KEY))
"""A record with every key that a model has a field for; a copy, in which no part stands twice."""

OPEN_KEYS = frozenset({"extensions", "params", "manifest", "customSummary", "details"})
"""Keys of open JSON, whose own keys nobody lists."""

LEAST: dict[str, Any] = {"id": "r-1", "flowId": "f-1"}
"""A run that says nothing."""

Path = tuple[str | int, ...]


def objects(record: JsonValue, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every object in a record that is read as a model."""
    if isinstance(record, dict):
        yield path
        for key, value in record.items():
            if key not in OPEN_KEYS:
                yield from objects(value, (*path, key))
    elif isinstance(record, list):
        for index, item in enumerate(record):
            yield from objects(item, (*path, index))


PATHS = sorted(objects(EVERY_KEY), key=str)
"""The path of every object in the record with every key."""


def at(record: Any, path: Path) -> Any:
    """Return the value at a path of a record."""
    for step in path:
        record = record[step]
    return record


def model_at(model: Any, path: Path) -> Any:
    """Return the part of a model that stands at a path of its record."""
    for step in path:
        model = model[step] if isinstance(step, int) else getattr(model, snake_case(step))
    return model


def parts(model: BaseModel, path: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Yield a model and every model in it, each with the attributes that lead to it."""
    yield path, model
    for name in type(model).model_fields:
        value: Any = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from parts(value, f"{path}.{name}")
        elif isinstance(value, tuple):
            for index, item in enumerate(cast("tuple[object, ...]", value)):
                if isinstance(item, BaseModel):
                    yield from parts(item, f"{path}.{name}[{index}]")


def unknown_keys(model: BaseModel) -> dict[str, dict[str, Any]]:
    """Return the unknown keys of a model and its parts, by the attributes that lead to each."""
    return {path: part.model_extra for path, part in parts(model) if part.model_extra}


def snake_case(key: str) -> str:
    """Return an attribute's name for a key: ``started_at_utc`` for ``startedAtUTC``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()


def without_delivery(run: FlowRun) -> FlowRun:
    """Return the same run without how it came."""
    return run.model_copy(update={"delivery": Delivery()})
