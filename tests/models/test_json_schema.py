"""Tests of the JSON Schemas that pydantic makes of the models."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from documented_runs import DOCUMENTED
from pydantic import BaseModel, JsonValue, ValidationError
from samples import EVERY_KEY, LEAST, PATHS, Path, at

import flowrun_notifications as library
from flowrun_notifications import FlowRun, parse

jsonschema: Any = pytest.importorskip("jsonschema", reason="not installed; run `nox -s thorough`")


def accepts(schema: dict[str, Any], value: JsonValue) -> bool:
    """Tell whether a JSON Schema accepts a value."""
    valid: bool = jsonschema.Draft202012Validator(schema).is_valid(value)
    return valid


SCHEMA = FlowRun.model_json_schema()

WRONG_KINDS: list[tuple[Path, JsonValue]] = [
    (("id",), 5),
    (("flowName",), ["x"]),
    (("createdAt",), True),
    (("flowSpec",), "x"),
    (("metrics",), [1]),
    (("params",), 5),
    (("activities",), {"a": 1}),
    (("activities",), [5]),
    (("childFlowRunIds",), [5]),
    (("metrics", "sizeSummary", "inputBytes"), True),
    (("metrics", "sizeSummary", "inputBytes"), 1.5),
    (("metrics", "latencySummary", "avgMs"), []),
    (("metrics", "statusSummary", "errors", 0, "code"), 1.5),
    (("metrics", "statusSummary", "errors", 0), "x"),
]
"""Values of the wrong kind, each at a path of the record with every key."""


class TestFlowRun:
    """The schema of a run."""

    @pytest.mark.parametrize("name", DOCUMENTED)
    def test_documented(self, read_payload: Callable[[str], bytes], name: str) -> None:
        """It accepts every documented record, those of the 2020 preview included."""
        payload: Any = json.loads(read_payload(name))
        record = payload["event"] if name.endswith("success") else payload[0].get("messages", payload)[0]["value"]
        assert accepts(SCHEMA, record)

    @pytest.mark.parametrize("path", PATHS, ids=str)
    def test_null(self, path: Path) -> None:
        """It accepts null for every key but the ids, and keys that it does not list."""
        record = copy.deepcopy(EVERY_KEY)
        node = at(record, path)
        node.update(dict.fromkeys(node.keys() - ({"id", "flowId"} if path == () else set())), newKey=1)
        assert accepts(SCHEMA, record)

    @pytest.mark.parametrize(("path", "value"), WRONG_KINDS)
    def test_wrong_kinds(self, path: Path, value: JsonValue) -> None:
        """It refuses values of a wrong kind, as the model does."""
        record = copy.deepcopy(EVERY_KEY)
        at(record, path[:-1])[path[-1]] = value
        assert not accepts(SCHEMA, record)
        with pytest.raises(ValidationError):
            FlowRun.model_validate(record)

    @pytest.mark.parametrize("missing", ["id", "flowId"])
    def test_required(self, missing: str) -> None:
        """It requires the ids, in one of their spellings."""
        assert accepts(SCHEMA, LEAST)
        assert not accepts(SCHEMA, {key: value for key, value in LEAST.items() if key != missing})

    PREVIEW: ClassVar[dict[str, JsonValue]] = {"xdm:flowRunId": "r-1", "xdm:flowId": "f-1", "xdm:metrics": {}}

    @pytest.mark.parametrize(
        ("record", "is_sound"),
        [
            (PREVIEW, True),
            (PREVIEW | {"xdm:flowId": 5}, False),
            (PREVIEW | {"xdm:metrics": 5}, False),
            (PREVIEW | {"xdm:metrics": {"sizeSummary": {"inputBytes": "many", "outputBytes": True}}}, False),
            (PREVIEW | {"xdm:imsOrg": ["org"]}, False),
            (PREVIEW | {"activites": "x"}, False),
            ({"xdm:flowRunId": "r-1", "xdm:metrics": {}}, False),
        ],
    )
    def test_other_spellings(self, record: dict[str, JsonValue], is_sound: bool) -> None:
        """It knows the other spellings of keys as well, with the same kinds of values."""
        assert accepts(SCHEMA, record) is is_sound

    @pytest.mark.parametrize("by_alias", [True, False])
    def test_dump(self, by_alias: bool) -> None:
        """The schema of what is written accepts every dump, and has the delivery under that name."""
        schema = FlowRun.model_json_schema(mode="serialization", by_alias=by_alias)
        for run in (*DOCUMENTED.values(), parse({"event_id": "e-1", "event": EVERY_KEY}), parse(LEAST)):
            assert accepts(schema, json.loads(run.model_dump_json(by_alias=by_alias)))
        assert "delivery" in schema["properties"]


MODELS = [item for item in vars(library).values() if isinstance(item, type) and issubclass(item, BaseModel)]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_every_model(mode: Any) -> None:
    """Every public model has a schema, which is plain JSON."""
    for model in MODELS:
        schema = model.model_json_schema(mode=mode)
        assert json.loads(json.dumps(schema)) == schema
        assert schema.get("title", model.__name__) in {model.__name__, "Header"}


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_valid_schema(mode: Any) -> None:
    """The schema of a run, which holds those of its parts, is a valid one."""
    jsonschema.Draft202012Validator.check_schema(FlowRun.model_json_schema(mode=mode))
