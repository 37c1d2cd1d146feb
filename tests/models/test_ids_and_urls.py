"""Tests of the answers that take a walk over a run and its activities: ids, URLs, losses."""

from __future__ import annotations

from typing import Any

import pytest

from flowrun_notifications import FlowRun, parse


def run_of(metrics: dict[str, Any] | None = None, *activities: dict[str, Any]) -> FlowRun:
    """Return the run with these metrics and activities."""
    return parse({"id": "r-1", "flowId": "f-1", "metrics": metrics or {}, "activities": list(activities)})


def connection(id_: str | None, type_: str | None, *ids: str) -> dict[str, Any]:
    """Return a connection with a reference."""
    return {"id": id_, "reference": {"type": type_, "ids": list(ids)}}


class TestBatches:
    """`batch_ids`."""

    def test_order(self) -> None:
        """The activities' targets and sources come first, then the statuses' batches, the run's first; each once."""
        run = run_of(
            {"statusSummary": {"extensions": {"batchId": "b-7"}}},
            {
                "statusSummary": {"extensions": {"batchId": "b-8"}},
                "sourceInfo": [connection("s-1", "batch", "b-3")],
                "targetInfo": [connection("t-1", "Batch", "b-1", "b-2"), connection("t-2", "BATCH", "b-1")],
            },
            {
                "statusSummary": {"extensions": {"batchId": "b-1"}},
                "sourceInfo": [connection("s-1", "batch", "b-5"), connection("s-2", "batch", "b-4", ""), {}],
            },
        )
        assert run.batch_ids == ("b-1", "b-2", "b-3", "b-5", "b-4", "b-7", "b-8")
        assert (run.source_connection_ids, run.target_connection_ids) == (("s-1", "s-2"), ("t-1", "t-2"))

    @pytest.mark.parametrize("type_", ["AdfRunId", "batches", "", None])
    def test_other_references(self, type_: str | None) -> None:
        """References of another type are not batches."""
        assert run_of({}, {"targetInfo": [connection("t-1", type_, "b-1")]}).batch_ids == ()

    @pytest.mark.parametrize("batch", [None, "", 5, ["b-1"], {"id": "b-1"}])
    def test_unusable(self, batch: object) -> None:
        """A batch id in open JSON counts if it is text."""
        assert run_of({"statusSummary": {"extensions": {"batchId": batch}}}).batch_ids == ()


def test_connections() -> None:
    """The activities' connections come first, then those of the breakdowns, the run's first; each once."""

    def records(*ids: str | None) -> dict[str, Any]:
        entries = [{"id": id_, "entitySummaries": [{"id": "segment:1"}]} for id_ in ids]
        return {"recordSummary": {"sourceSummaries": entries, "targetSummaries": entries[::-1]}}

    run = run_of(
        records("c-4", "c-1", None),
        {"sourceInfo": [{"id": "c-1"}, {"id": ""}, {}], "targetInfo": [{"id": "c-2"}], **records("c-5")},
        {"sourceInfo": [{"id": "c-3"}, {"id": "c-1"}], **records("c-4", "c-6")},
    )
    assert run.source_connection_ids == ("c-1", "c-3", "c-4", "c-5", "c-6")
    assert run.target_connection_ids == ("c-2", "c-1", "c-4", "c-5", "c-6")


URLS = ("fileInfo", "file_info_urls"), ("failedRecords", "failed_records_urls"), ("sampleErrors", "sample_errors_urls")


@pytest.mark.parametrize(("key", "attribute"), URLS)
class TestURLs:
    """`file_info_urls`, `failed_records_urls` and `sample_errors_urls`."""

    def test_order(self, key: str, attribute: str) -> None:
        """The run's manifests come first, then those of each activity; each URL once."""

        def extensions(name: str) -> dict[str, Any]:
            return {"extensions": {"manifest": {key: name}}}

        run = run_of(
            {
                "fileSummary": {"manifest": {key: "run files"}, **extensions("run files extensions")},
                "statusSummary": extensions("run status"),
                "recordSummary": extensions("run records"),
                "sizeSummary": extensions("run sizes"),
                "durationSummary": extensions("run durations"),
                "latencySummary": extensions("run latencies"),
            },
            {"fileSummary": extensions("first")},
            {"fileSummary": {"manifest": {key: "second files"}}, "statusSummary": extensions("first")},
        )
        assert getattr(run, attribute) == (
            *("run files", "run files extensions", "run status", "run records"),
            *("run sizes", "run durations", "run latencies"),
            *("first", "second files"),
        )

    @pytest.mark.parametrize(
        ("value", "urls"),
        [
            ("url", ("url",)),
            ([{"path": "/a", "pathPrefix": "/"}, {"path": "/b"}], ("/a", "/b")),
            (["/a", {"path": "/b"}, {"path": 5}, {}, None, 5, "/a", ""], ("/a", "/b")),
            ({"path": "/a"}, ("/a",)),
            ("", ()),
            (None, ()),
            (5, ()),
            ([[{"path": "/a"}]], ()),
        ],
        ids=str,
    )
    def test_forms(self, key: str, attribute: str, value: object, urls: tuple[str, ...]) -> None:
        """A manifest holds a URL, or a list of entries with paths; anything else is passed over."""
        assert getattr(run_of({"fileSummary": {"manifest": {key: value}}}), attribute) == urls

    @pytest.mark.parametrize("manifest", [None, "url", 5, ["url"], {}])
    def test_other_manifests(self, key: str, attribute: str, manifest: object) -> None:
        """A manifest of another kind in open JSON is passed over."""
        run = run_of({"statusSummary": {"extensions": {"manifest": manifest, key: "not in a manifest"}}})
        assert getattr(run, attribute) == ()


ERROR = {"errors": [{"code": "C-1"}]}
FAILED = {"failedRecordCount": 1}


@pytest.mark.parametrize(
    ("metrics", "activity", "is_partial"),
    [
        ({}, {}, False),
        ({"statusSummary": ERROR}, {}, True),
        ({"statusSummary": {"extensions": ERROR}}, {}, True),
        ({"recordSummary": {"failedInfo": [{"code": "C-1"}]}}, {}, True),
        ({"statusSummary": {"extensions": {"errorDetail": "ErrorCode=Word"}}}, {}, True),
        ({}, {"statusSummary": ERROR}, True),
        ({}, {"statusSummary": {"extensions": ERROR}}, True),
        ({"recordSummary": FAILED}, {}, True),
        ({}, {"recordSummary": FAILED}, True),
        ({"fileSummary": {"failedFileCount": 1}}, {}, True),
        ({}, {"fileSummary": {"failedFileCount": 1}}, True),
        ({"recordSummary": {"sourceSummaries": [{}, FAILED]}}, {}, True),
        ({"recordSummary": {"targetSummaries": [{"entitySummaries": [{}, FAILED]}]}}, {}, True),
        ({}, {"recordSummary": {"sourceSummaries": [{"entitySummaries": [{"entitySummaries": [FAILED]}]}]}}, True),
        ({}, {"recordSummary": {"targetSummaries": [FAILED]}}, True),
        ({}, {"statusSummary": {"status": "FAILED"}}, True),
        ({}, {"statusSummary": {"status": "partialSuccess"}}, False),
        ({"recordSummary": {"failedRecordCount": 0}}, {"recordSummary": {"failedRecordCount": 0}}, False),
        ({"recordSummary": {"failedRecordCount": -1}}, {}, False),
        ({"recordSummary": {"sourceSummaries": [{"failedRecordCount": 0}]}}, {}, False),
        ({"recordSummary": {"skippedRecordCount": 5, "skippedInfo": [{"code": "C-1"}]}}, {}, False),
        ({"recordSummary": {"warningRecordCount": 5, "warningInfo": [{"code": "C-1"}]}}, {}, False),
        ({"recordSummary": {"inputRecordCount": 100, "outputRecordCount": 70}}, {}, False),
        ({"sizeSummary": {"failedBytes": 1}}, {}, False),
        ({"statusSummary": {"errors": [{}, {"code": None}]}}, {}, False),
    ],
)
def test_losses(metrics: dict[str, Any], activity: dict[str, Any], is_partial: bool) -> None:
    """A success is partial with errors, failed records or files anywhere, or a failed activity, and nothing else."""
    status = {"status": "success", **metrics.get("statusSummary", {})}
    run = run_of({**metrics, "statusSummary": status}, activity)
    assert (run.is_partial, run.needs_attention, run.succeeded) == (is_partial, is_partial, True)
