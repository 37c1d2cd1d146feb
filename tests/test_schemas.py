"""What the published JSON Schemas promise."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given

from flowrun_notifications import FlowRun, parse
from flowrun_notifications.testing import Outcome, flow_runs, make_flow_run, make_record, records

GENERATORS = Path(__file__).parents[1] / "docs" / "generators"
NAMES = ["event-notification", "flow-run", "flow-run-record", "messages-notification"]

FORMS = {
    "documented_success": "event-notification",
    "documented_2020_preview_success": "event-notification",
    "documented_failure": "messages-notification",
    "documented_2020_preview_failure": None,
}
"""The schema of each documented payload; bare messages have none of their own."""


@cache
def published() -> dict[str, str]:
    """Return the schemas that the documentation publishes, by the names of their files."""
    sys.path.insert(0, str(GENERATORS))
    try:
        texts: dict[str, str] = runpy.run_path(str(GENERATORS / "schemas.py"))["schemas"]()
    finally:
        sys.path.remove(str(GENERATORS))
    return texts


def read_schema(name: str) -> dict[str, Any]:
    """Return a schema as it is published."""
    schema: dict[str, Any] = json.loads(published()[f"{name}.json"])
    return schema


def problems(schema_name: str, instance: object) -> list[str]:
    """Where an independent validator finds something wrong with a JSON value."""
    jsonschema = pytest.importorskip("jsonschema", reason="not installed; run `nox -s thorough`")
    errors = jsonschema.Draft202012Validator(read_schema(schema_name)).iter_errors(instance)
    return [jsonschema.exceptions.best_match([error]).json_path for error in errors]


def has_its_ids(record: dict[str, Any]) -> bool:
    """Tell whether no id of a record is null beside another spelling; a schema cannot say which one counts."""
    return all(record.get(key, "") is not None for key in ("id", "flowId", "xdm:flowRunId", "xdm:flowId"))


class TestFiles:
    """The files that the build writes."""

    def test_names(self) -> None:
        """There are four."""
        assert published().keys() == {f"{name}.json" for name in NAMES}

    @pytest.mark.parametrize("name", NAMES)
    def test_valid(self, name: str) -> None:
        """Each is a JSON Schema of the draft that it names."""
        jsonschema = pytest.importorskip("jsonschema", reason="not installed; run `nox -s thorough`")
        schema = read_schema(name)
        assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
        jsonschema.Draft202012Validator.check_schema(schema)


class TestPayloads:
    """The schemas of what is read."""

    @pytest.mark.parametrize(("payload", "name"), [item for item in FORMS.items() if item[1]])
    def test_documented(self, payload: str, name: str, read_payload: Callable[[str], bytes]) -> None:
        """The documented payloads follow them."""
        assert problems(name, json.loads(read_payload(payload))) == []

    def test_documented_record(self, read_payload: Callable[[str], bytes]) -> None:
        """A record with the keys of 2020 does, too."""
        (message,) = json.loads(read_payload("documented_2020_preview_failure"))
        assert problems("flow-run-record", message["value"]) == []

    @given(records().filter(has_its_ids))
    def test_records(self, record: dict[str, Any]) -> None:
        """Whatever Adobe may write follows the schema of a record."""
        assert problems("flow-run-record", record) == []

    @given(flow_runs())
    def test_written(self, run: FlowRun) -> None:
        """What a run is written back as follows it."""
        assert problems("flow-run-record", run.to_payload()) == []

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("id", None),
            ("flowId", 7),
            ("createdAt", True),
            ("activities", {"name": "copy"}),
            ("metrics", [5]),
            ("params", [1]),
            ("metrics.recordSummary.inputRecordCount", 1.5),
            ("metrics.statusSummary.errors", "none"),
        ],
    )
    def test_broken(self, path: str, value: object) -> None:
        """What cannot be read does not follow it."""
        record = make_record()
        *outer, key = path.split(".")
        part: Any = record
        for step in outer:
            part = part[step]
        part[key] = value
        assert problems("flow-run-record", record) == [f"$.{path}"]

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("activities", {}),
            ("metrics", []),
            ("header", []),
            ("flowSpec", []),
            ("params", []),
            ("metrics.recordSummary", []),
            ("metrics.recordSummary.failedInfo", {}),
            ("metrics.statusSummary.extensions", []),
        ],
    )
    def test_empty(self, path: str, value: object) -> None:
        """An empty list for an object follows it, and an empty object for a list, as either is read."""
        record = make_record()
        *outer, key = path.split(".")
        part: Any = record
        for step in outer:
            part = part[step]
        part[key] = value
        assert problems("flow-run-record", record) == []
        assert parse(record).id == record["id"]

    @pytest.mark.parametrize("key", ["id", "flowId"])
    def test_ids_are_required(self, key: str) -> None:
        """A record needs its ids, in one spelling or another."""
        record = make_record()
        other = deepcopy(record)
        other[{"id": "xdm:flowRunId", "flowId": "xdm:flowId"}[key]] = other.pop(key)
        del record[key]
        assert problems("flow-run-record", record) == ["$"]
        assert problems("flow-run-record", other) == []
        assert parse(other) == parse(make_record())


class TestFlowRun:
    """The schema of a run as pydantic writes it."""

    def test_documented(self, documented: bytes) -> None:
        """The documented payloads, dumped, follow it."""
        assert problems("flow-run", json.loads(parse(documented).model_dump_json())) == []

    @pytest.mark.parametrize("outcome", get_args(Outcome))
    def test_dumped(self, outcome: Outcome) -> None:
        """Runs of every outcome do, too."""
        assert problems("flow-run", json.loads(make_flow_run("event", outcome=outcome).model_dump_json())) == []

    def test_names(self) -> None:
        """It describes the attributes, each with its meaning."""
        properties = read_schema("flow-run")["properties"]
        assert list(properties) == list(FlowRun.model_fields)
        assert [name for name, field in properties.items() if not field.get("description")] == []
