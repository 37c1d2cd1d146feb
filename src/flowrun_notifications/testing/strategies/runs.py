"""Strategies for run records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from flowrun_notifications._models.values import copy_json, is_list, is_object
from flowrun_notifications.testing.builders import merge
from flowrun_notifications.testing.samples import ADOBE_IO, JSONObject, Outcome
from flowrun_notifications.testing.strategies.values import (
    ANY_JSON,
    ANY_OBJECT,
    COUNTS,
    ID_LISTS,
    IDS,
    MEASURES,
    NO_LOSSES,
    TEXTS,
    TIMES,
    Keys,
    objects,
    same_for,
)

__all__ = ["draw_record"]

# --- parts ----------------------------------------------------------------------------------------------------------

_REASONS = st.sampled_from(
    ("It failed.", "It failed", "The field: a does not exist.", "", "ErrorCode=SftpNetworkIssue,'no route\r\n'")
)
_ERRORS = objects(
    {
        "code": st.sampled_from(("CONNECTOR-2001-500", "INGEST-1205-400", "133", 133, 2200, "NEW-7", "")),
        **same_for("message description msg", _REASONS),
        **same_for("recordCount count", COUNTS),
        "type": st.sampled_from(("Error", "Warning")),
        "format": st.just("json"),
        "details": ANY_JSON,
    }
)
_ERROR_LISTS = st.lists(_ERRORS, min_size=1, max_size=2)
_NO_ERRORS: st.SearchStrategy[list[JSONObject]] = st.just([])
_ERROR_DETAILS = st.sampled_from(
    ("ErrorCode=SftpNetworkIssue,'Type=IOException,Message=no route\r\n'", 'ErrorCode={"code": 1}', "no code at all")
)
_RECORD_COUNTS: Keys = {
    **same_for("inputRecordCount outputRecordCount createdRecordCount updatedRecordCount deletedRecordCount", COUNTS),
    **same_for("skippedRecordCount warningRecordCount", COUNTS),
    "ingestedRecordPercentage": MEASURES,
}
_FLOW_SPECS = objects({"id": IDS, "version": st.just("1.0")})
_PREDECESSORS = st.lists(objects({"flowId": IDS, "flowRunId": IDS, "flowSpec": _FLOW_SPECS}), max_size=1)
_REFERENCES = objects({"type": st.sampled_from(("AdfRunId", "Batch", "batch")), "ids": ID_LISTS})
_CONNECTIONS = st.lists(
    objects({"id": IDS, "type": st.sampled_from(("SourceConnection", "TargetConnection")), "reference": _REFERENCES}),
    max_size=2,
)
_URLS = st.sampled_from(("https://platform.adobe.io/data/foundation/export/batches/b-1/meta", "s3://bucket/a b", ""))
_MANIFESTS = objects(
    {
        "fileInfo": _URLS | st.lists(st.fixed_dictionaries({"path": IDS, "pathPrefix": IDS}), max_size=1),
        **same_for("failedRecords sampleErrors pathPrefix", _URLS),
    }
)
_EXTENSIONS = objects({"manifest": _MANIFESTS, **same_for("windowStart windowEnd", TIMES)})
_HEADERS = objects({"_adobeio": objects({key: st.just(value) for key, value in ADOBE_IO.items()})})


def _status_summaries(statuses: tuple[str, ...], *, spotless: bool) -> st.SearchStrategy[JSONObject]:
    errors = _NO_ERRORS if spotless else _ERROR_LISTS
    extensions: Keys = {
        "errors": errors if spotless else errors | _ERRORS,
        "errorDetail": st.just("") if spotless else _ERROR_DETAILS,
        "batchId": IDS,
        "type": st.sampled_from(("incremental", "one-time")),
        "adf/run/id": IDS,
        "manifest": _MANIFESTS,
    }
    return objects(
        {
            "status": st.sampled_from(statuses),
            "errors": errors,
            "activityRefs": ID_LISTS,
            "extensions": objects(extensions),
        }
    )


def _summaries(*, spotless: bool) -> Keys:
    """Return the summaries that a run and an activity have in common, except the status."""
    failures = NO_LOSSES if spotless else COUNTS
    breakdown: Keys = {"id": IDS, "failedRecordCount": failures, **_RECORD_COUNTS}
    breakdowns = st.lists(
        objects({**breakdown, "entitySummaries": st.lists(objects(breakdown), max_size=1)}), max_size=1
    )
    return {
        "durationSummary": objects(
            {**same_for("startedAtUTC completedAtUTC stoppedAtUTC", TIMES), "extensions": _EXTENSIONS}
        ),
        "latencySummary": objects({**same_for("minMs maxMs avgMs", MEASURES), "extensions": _EXTENSIONS}),
        "sizeSummary": objects(
            {**same_for("inputBytes outputBytes failedBytes skippedBytes", COUNTS), "extensions": _EXTENSIONS}
        ),
        "recordSummary": objects(
            {
                **_RECORD_COUNTS,
                "failedRecordCount": failures,
                "failedInfo": _NO_ERRORS if spotless else _ERROR_LISTS,
                **same_for("skippedInfo warningInfo", _ERROR_LISTS),
                **same_for("sourceSummaries targetSummaries", breakdowns),
                "extensions": _EXTENSIONS,
            }
        ),
        "fileSummary": objects(
            {
                **same_for("inputFileCount outputFileCount skippedFileCount", COUNTS),
                "failedFileCount": failures,
                "manifest": _MANIFESTS,
                "activityRefs": ID_LISTS,
                "extensions": _EXTENSIONS,
            }
        ),
    }


# --- records --------------------------------------------------------------------------------------------------------


def _records(*, spotless: bool) -> st.SearchStrategy[JSONObject]:
    """Return a strategy for records, or for spotless ones, in which no error, failure or loss stands anywhere."""
    statuses = ("success", "cancelled", "") if spotless else ("success", "failed", "cancelled", "")
    parts: Keys = {
        **_summaries(spotless=spotless),
        "statusSummary": _status_summaries(statuses, spotless=spotless),
    }
    activities = objects(
        {
            "id": st.sampled_from(("copyActivity", "37b34f84-1ada-11eb-adc1-0242ac120002")) | IDS,
            "name": st.sampled_from(("SFTP Copy Activity", "Activation Batch Publisher Activity")) | TEXTS,
            "updatedAtUTC": TIMES,
            "contextId": IDS,
            **same_for("sourceInfo targetInfo", _CONNECTIONS),
            **parts,
        }
    )
    return objects(
        {
            "metrics": objects({**parts, "customSummary": ANY_OBJECT}),
            "activities": st.lists(activities, max_size=2),
            "header": _HEADERS,
            **same_for("createdAt updatedAt slaCreatedAt processStartTime transformedTime", TIMES),
            **same_for("createdBy updatedBy createdClient updatedClient", TEXTS),
            **same_for("sandboxId imsOrgId providerRefId parentFlowRunId", IDS),
            **same_for("flowName flowType sandboxName message url alertName", TEXTS),
            **same_for("childFlowRunIds recordTypes", ID_LISTS),
            "etag": TEXTS.map('"{}"'.format),
            "flowSpec": _FLOW_SPECS,
            "predecessors": _PREDECESSORS,
            "params": st.just({"windowStartTime": "1735722000", "deltaColumn": {"name": "ts"}}) | ANY_OBJECT,
        }
    )


_RUN_IDS = IDS | st.uuids().map(str)
_ANY_RECORDS = _records(spotless=False)
_SPOTLESS_RECORDS = _records(spotless=True)

_SUCCESS = ("success", "Success", "SUCCESS")
_STATUSES: dict[Outcome, st.SearchStrategy[str]] = {
    "success": st.sampled_from(_SUCCESS),
    "partial_ingestion": st.sampled_from(_SUCCESS),
    "partial_success": st.sampled_from(("partialSuccess", "PARTIAL_SUCCESS", "partial success", "Partial-Success")),
    "failed": st.sampled_from(("failed", "Failed", "FAILED")),
    "started": st.sampled_from(("inProgress", "IN_PROGRESS", "scheduled", "Processing", "Waiting", "WAITING")),
}
_LOSSES: tuple[JSONObject, ...] = (
    {"metrics": {"statusSummary": {"errors": [{"code": "INGEST-1205-400"}]}}},
    {"metrics": {"statusSummary": {"extensions": {"errors": [{"code": 133}]}}}},
    {"metrics": {"recordSummary": {"failedRecordCount": 3}}},
    {"metrics": {"recordSummary": {"failedInfo": [{"message": "It failed."}]}}},
    {"metrics": {"fileSummary": {"failedFileCount": "1"}}},
    {"metrics": {"recordSummary": {"targetSummaries": [{"failedRecordCount": 3}]}}},
    {"activities": [{"id": "copyActivity", "statusSummary": {"status": "failed"}}]},
)
"""Each of these makes a success a partial ingestion."""


def _respell(record: JSONObject, spellings: dict[str, str]) -> JSONObject:
    return {spellings.get(key, key): value for key, value in record.items()}


_MISSPELT = {"etag": "eTag", "activities": "activites"}
_PREVIEW = {
    "id": "xdm:flowRunId",
    "flowId": "xdm:flowId",
    "imsOrgId": "xdm:imsOrg",
    "sandboxName": "xdm:sandboxName",
    "metrics": "xdm:metrics",
}


def _re_encode(value: Any, empty: type[Any], instead: type[Any]) -> Any:
    """Return a copy in which empty containers of one type are of another.

    Where a language has one type for objects and lists, an empty one loses its kind. Entries of lists keep theirs.
    """
    if isinstance(value, empty) and not value:
        return instead()
    if is_object(value):
        return {key: _re_encode(entry, empty, instead) for key, entry in value.items()}
    if is_list(value):
        return [_re_encode(entry, empty, instead) if entry else entry for entry in value]
    return value


_REWRITES: tuple[Callable[[JSONObject], JSONObject], ...] = (
    lambda record: record,
    lambda record: _respell(record, _MISSPELT),
    lambda record: _respell(record, _PREVIEW),
    # Both spellings, with null under the one that counts first.
    lambda record: {**{key: None for key in record if key in _PREVIEW}, **_respell(record, _PREVIEW)},
    lambda record: _re_encode(record, dict, list),  # PHP
    lambda record: _re_encode(record, list, dict),  # Lua
)


@st.composite
def draw_record(draw: st.DrawFn, outcome: Outcome | None) -> JSONObject:
    """Draw a record of an outcome, or one that may have any status or none."""
    if outcome is None:
        outcome = draw(st.sampled_from((None, *_STATUSES)))
    record = draw(_SPOTLESS_RECORDS if outcome == "success" else _ANY_RECORDS)
    if outcome is not None:
        record = merge(record, {"metrics": {"statusSummary": {"status": draw(_STATUSES[outcome])}}})
    if outcome == "partial_ingestion":
        record = merge(record, draw(st.sampled_from(_LOSSES)))
    rewrite = draw(st.sampled_from(_REWRITES))
    return rewrite({"id": draw(_RUN_IDS), "flowId": draw(IDS), **copy_json(record)})
