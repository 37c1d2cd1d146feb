"""Tests of the spellings of a key: which one counts, and how the others are kept."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, ValidationError
from samples import EVERY_KEY, LEAST, PATHS, Path, at, model_at

from flowrun_notifications import Activity, Delivery, FlowRun, Metrics, StatusError, parse
from flowrun_notifications._models.record_schema import validate_record
from flowrun_notifications._models.spellings import (
    field_model,
    known_keys,
    settle_spellings,
)
from flowrun_notifications._models.status import is_alert
from flowrun_notifications._models.values import Reading
from flowrun_notifications._models.wire_model import WireModel
from flowrun_notifications._reading.kinds import has_both_ids
from flowrun_notifications._reading.wrappers import RECORD_KEYS

SPELLINGS: list[tuple[Path, str, str]] = [
    ((), "id", "xdm:flowRunId"),
    ((), "flowId", "xdm:flowId"),
    ((), "imsOrgId", "xdm:imsOrg"),
    ((), "sandboxName", "xdm:sandboxName"),
    ((), "metrics", "xdm:metrics"),
    ((), "etag", "eTag"),
    ((), "activities", "activites"),
    (("metrics", "durationSummary"), "completedAtUTC", "stoppedAtUTC"),
    (("activities", 0, "durationSummary"), "completedAtUTC", "stoppedAtUTC"),
    (("metrics", "statusSummary", "errors", 0), "message", "description"),
    (("metrics", "statusSummary", "errors", 0), "message", "msg"),
    (("activities", 0, "recordSummary", "failedInfo", 0), "message", "description"),
]
"""Where a key of the record with every key has another spelling."""

OTHER_SPELLINGS = [(path, spelling) for path, _, spelling in SPELLINGS]


def respelt(path: Path, key: str, spelling: str, *, usual: Any = ...) -> dict[str, Any]:
    """Return the record with every key, one of them in another spelling, perhaps beside its usual one."""
    record = copy.deepcopy(EVERY_KEY)
    node = at(record, path)
    value = node.pop(key)
    if usual is not ...:
        node[key] = usual
    node[spelling] = value
    return record


class TestRecords:
    """Records as `parse` and the models read them."""

    @pytest.mark.parametrize(("path", "key", "spelling"), SPELLINGS)
    def test_other_spelling(self, path: Path, key: str, spelling: str) -> None:
        """Another spelling of a key is the same attribute, and no unknown key."""
        record = respelt(path, key, spelling)
        assert parse(record) == FlowRun.model_validate(record) == parse(EVERY_KEY)

    @pytest.mark.parametrize(("path", "key", "spelling"), SPELLINGS)
    def test_null_hides_nothing(self, path: Path, key: str, spelling: str) -> None:
        """Null under the usual spelling goes where another has the value, in text and in decoded JSON."""
        record = respelt(path, key, spelling, usual=None)
        text = json.dumps(record)
        assert [parse(text), parse(record), FlowRun.model_validate(record), FlowRun.model_validate_json(text)] == [
            parse(EVERY_KEY)
        ] * 4

    @pytest.mark.parametrize(("path", "spelling"), OTHER_SPELLINGS)
    def test_null_beside_a_value(self, path: Path, spelling: str) -> None:
        """Null under another spelling changes nothing that is known."""
        record = copy.deepcopy(EVERY_KEY)
        at(record, path)[spelling] = None
        for run in (parse(record), FlowRun.model_validate(record)):
            assert model_at(run, path).__dict__ == model_at(parse(EVERY_KEY), path).__dict__
            assert model_at(run, path).model_extra in ({}, {spelling: None})

    @pytest.mark.parametrize(("path", "spelling"), OTHER_SPELLINGS)
    def test_usual_spelling_wins(self, path: Path, spelling: str) -> None:
        """Of two values the one under the usual spelling is read, and the other is kept as it came."""
        record = copy.deepcopy(EVERY_KEY)
        at(record, path)[spelling] = "other"
        run = parse(record)
        part = model_at(run, path)
        assert part.model_extra == {spelling: "other"}
        assert part.__dict__ == model_at(parse(EVERY_KEY), path).__dict__
        assert run.to_payload() == record

    def test_all_null(self) -> None:
        """Null under every spelling is null, as under one."""
        run = parse(LEAST | {"metrics": None, "xdm:metrics": None, "etag": None, "eTag": None})
        assert (run.metrics, run.etag) == (Metrics(), None)
        assert run == parse(LEAST | {"metrics": None, "etag": None}) == parse(run.to_payload())

    @pytest.mark.parametrize("path", PATHS, ids=str)
    def test_empty_of_the_other_kind(self, path: Path) -> None:
        """An empty list where an object belongs is empty, and so is an empty object where a list belongs."""
        record, plain = copy.deepcopy(EVERY_KEY), copy.deepcopy(EVERY_KEY)
        for key, value in at(EVERY_KEY, path).items():
            empty: dict[type, tuple[Any, Any]] = {dict: ([], {}), list: ({}, [])}
            if type(value) in empty and key != "details":
                at(record, path)[key], at(plain, path)[key] = empty[type(value)]
        assert parse(record) == parse(json.dumps(record)) == FlowRun.model_validate(record) == parse(plain)
        assert parse(record).to_payload() == plain


LIKE_ATTRIBUTES = [
    (path, name)
    for model, path in ((FlowRun, ()), (Metrics, ("metrics",)), (Activity, ("activities", 0)))
    for name, field in model.model_fields.items()
    if field.serialization_alias not in {None, name}
]
"""Attributes that are not spelt like their keys, by the path of a part that has them."""


class TestLikeAttributes:
    """Unknown keys that are spelt like attributes."""

    @pytest.mark.parametrize(("path", "name"), LIKE_ATTRIBUTES)
    @pytest.mark.parametrize("value", ["mine", None, {"a": 1}], ids=str)
    def test_beside_its_key(self, path: Path, name: str, value: object) -> None:
        """Such a key changes neither the attribute nor its dump, and is kept."""
        record = copy.deepcopy(EVERY_KEY)
        at(record, path)[name] = value
        run = parse(record)
        part = model_at(run, path)
        assert (getattr(part, name), part.model_extra) == (
            getattr(model_at(parse(EVERY_KEY), path), name),
            {name: value},
        )
        assert part.model_dump()[name] == model_at(parse(EVERY_KEY), path).model_dump()[name]
        assert run.to_payload() == record
        assert [FlowRun.model_validate_json(run.model_dump_json(by_alias=by_alias)) for by_alias in (False, True)] == [
            run,
            run,
        ]

    @pytest.mark.parametrize("name", ["flow_name", "flow_spec", "created_at", "xdm:new"])
    def test_alone(self, name: str) -> None:
        """Such a key alone is unknown to `parse`."""
        run = parse(LEAST | {name: "mine"})
        assert (run.flow_name, run.flow_spec, run.created_at, run.model_extra) == (None, None, None, {name: "mine"})
        assert run.to_payload() == LEAST | {name: "mine"}
        assert FlowRun.model_validate_json(run.model_dump_json()) == run

    def test_of_a_model(self) -> None:
        """A model takes its attributes' names as the last of their spellings, so that dumps can be read."""
        assert FlowRun.model_validate({"id": "r-1", "flow_id": "f-1", "flow_name": "Orders"}) == parse(
            LEAST | {"flowName": "Orders"}
        )
        both = FlowRun.model_validate(LEAST | {"flow_id": "other", "flow_name": "name", "flowName": None})
        assert (both.flow_id, both.flow_name, both.model_extra) == ("f-1", "name", {"flow_id": "other"})

    def test_mark_in_a_dump(self) -> None:
        """In a dump such a key stands under a name of its own."""
        dumped = parse(LEAST | {"flow_id": "other", "eTag": "2", "etag": "1", "new": 3}).model_dump()
        assert {key: dumped[key] for key in ("flow_id", "etag", "new", "also:flow_id", "also:eTag")} == {
            "flow_id": "f-1",
            "etag": "1",
            "new": 3,
            "also:flow_id": "other",
            "also:eTag": "2",
        }

    @pytest.mark.parametrize("record", [{"also:x": 1}, {"also:flow_name": 1, "flow_name": 2}, {"also:also:x": 1}])
    def test_keys_like_marked_ones(self, record: dict[str, Any]) -> None:
        """A key that looks like a marked one is kept as it came."""
        run = parse(LEAST | record)
        assert (run.model_extra, run.to_payload()) == (record, LEAST | record)
        assert FlowRun.model_validate_json(run.model_dump_json()) == parse(run.to_payload()) == run


HEADERS: list[Any] = [None, {}, [], {"_adobeio": {"eventCode": "code"}}]


class TestDelivery:
    """The one attribute whose key is not spelt like it: a record's `header` gives the delivery."""

    FORGED = {"_adobeio": {"eventCode": "code"}, "event_id": "forged", "path": "forged", "wrappers": ["forged"]}  # noqa: RUF012

    def test_header(self) -> None:
        """A header gives the event code and the provider, and no other detail, whatever names it holds."""
        record = LEAST | {"header": self.FORGED}
        delivery = Delivery(event_code="code")
        assert FlowRun.model_validate(record).delivery == parse(record).delivery == delivery
        assert FlowRun.model_validate_json(json.dumps(record)).delivery == delivery

    @pytest.mark.parametrize("header", HEADERS)
    def test_own_delivery(self, header: object) -> None:
        """A record's own `delivery` is unknown to `parse`; in a model it is the delivery, unless a header gives one."""
        record = LEAST | {"delivery": self.FORGED, "header": header}
        run = parse(record)
        assert run.model_extra == {"delivery": self.FORGED}
        assert (run.delivery.event_id, run.delivery.path) == (None, "")
        assert FlowRun.model_validate_json(run.model_dump_json()) == run


SETTLED: list[Any] = [
    ({"etag": None, "eTag": "1"}, {"eTag": "1"}),
    ({"etag": None, "eTag": None}, {"etag": None}),
    ({"metrics": {}, "xdm:metrics": None}, {"metrics": {}}),
    ({"metrics": []}, {"metrics": {}}),
    ({"activities": {}}, {"activities": []}),
    ({"params": []}, {"params": {}}),
    ({"flowSpec": []}, {"flowSpec": {}}),
    ({"metrics": None, "xdm:metrics": []}, {"xdm:metrics": {}}),
    ({"metrics": {"sizeSummary": []}}, {"metrics": {"sizeSummary": {}}}),
    ({"activities": [{"sourceInfo": {}}, 5]}, {"activities": [{"sourceInfo": []}, 5]}),
    (
        {"activities": [{}, {"targetInfo": [{"reference": {"ids": {}}}]}]},
        {"activities": [{}, {"targetInfo": [{"reference": {"ids": []}}]}]},
    ),
]
"""Objects, and what they become."""


UNCHANGED: list[Any] = [
    {},
    EVERY_KEY,
    {"etag": "1", "eTag": "2"},
    {"metrics": [1], "activities": {"a": 1}, "params": "text", "unknown": []},
    {"activities": [{}, 5, None]},
]
"""Objects with nothing to settle."""


class TestSettle:
    """`settle_spellings`."""

    @pytest.mark.parametrize(
        ("node", "settled"),
        SETTLED,
    )
    def test_changed(self, node: dict[str, Any], settled: dict[str, Any]) -> None:
        """Nulls beside values go, and what is empty becomes of the right kind; the input is not changed."""
        before = copy.deepcopy(node)
        assert (settle_spellings(FlowRun, node), node) == (settled, before)

    @pytest.mark.parametrize(
        "node",
        UNCHANGED,
    )
    def test_unchanged(self, node: dict[str, Any]) -> None:
        """Where there is nothing to settle, the object itself comes back."""
        assert settle_spellings(FlowRun, node) is node
        assert settle_spellings(FlowRun, node, by_name=True) is node

    def test_by_name(self) -> None:
        """An attribute's name is one more spelling where the caller says so, the last to count."""
        node = {"flowName": None, "flow_name": "name"}
        assert settle_spellings(FlowRun, node) is node
        assert settle_spellings(FlowRun, node, by_name=True) == {"flow_name": "name"}


def test_known_keys() -> None:
    """The keys of a model are those that it reads, in every spelling."""
    assert known_keys(StatusError) == {
        "code",
        "message",
        "description",
        "msg",
        "recordCount",
        "count",
        "type",
        "format",
        "details",
    }


@pytest.mark.parametrize(
    ("model", "key", "found"),
    [
        (FlowRun, "metrics", Metrics),
        (FlowRun, "xdm:metrics", Metrics),
        (FlowRun, "activities", Activity),
        (FlowRun, "params", None),
        (FlowRun, "id", None),
        (FlowRun, "childFlowRunIds", None),
        (FlowRun, "unknown", None),
    ],
)
def test_field_model(model: type[BaseModel], key: str, found: type[BaseModel] | None) -> None:
    """A key leads to the model of its value, or of the entries of its value."""
    assert field_model(model, key) is found


def spellings(model: type[BaseModel], *names: str) -> set[str]:
    """Return every key that some attributes of a model are read from."""
    aliases = [model.model_fields[name].validation_alias or name for name in names]
    keys = [alias.choices if isinstance(alias, AliasChoices) else [alias] for alias in aliases]
    return {str(key) for choices in keys for key in choices}


class TestKnownByHand:
    """The keys by which records and errors are known before a model reads them stand in lists of their own."""

    def test_records(self) -> None:
        """A record is known by every spelling of its metrics and of the id of its flow."""
        assert set(RECORD_KEYS) == spellings(FlowRun, "metrics", "flow_id")

    @pytest.mark.parametrize("id_", sorted(spellings(FlowRun, "id")))
    @pytest.mark.parametrize("flow_id", sorted(spellings(FlowRun, "flow_id")))
    @pytest.mark.parametrize("content", sorted(spellings(FlowRun, "metrics", "activities")))
    def test_searched(self, id_: str, flow_id: str, content: str) -> None:
        """A record in an unknown object is found by every spelling of its ids, and of its metrics or activities."""
        record: dict[str, Any] = {id_: "r-1", flow_id: "f-1", content: {} if content.endswith("metrics") else []}
        assert has_both_ids(record)
        assert parse({"x": record}).delivery.path == "x"

    @pytest.mark.parametrize("key", sorted(spellings(FlowRun, "metrics")))
    def test_alerts(self, key: str) -> None:
        """What has metrics, in any spelling, is not an alert."""
        assert is_alert({"status": "FIRING"})
        assert not is_alert({"status": "FIRING", key: {}})

    @pytest.mark.parametrize("key", sorted(spellings(StatusError, "message")))
    def test_messages(self, key: str) -> None:
        """The text of an error reads alike outermost and in open JSON, in every spelling."""
        entry = {"code": "C-1", key: "text"}
        outer = parse({**LEAST, "metrics": {"statusSummary": {"errors": [entry]}}})
        nested = parse({**LEAST, "metrics": {"statusSummary": {"extensions": {"errors": [entry]}}}})
        assert [error.message for run in (outer, nested) for error in run.errors] == ["text", "text"]


class TestReading:
    """The contexts of a validation by `parse`."""

    TWINS = LEAST | {"etag": "1", "eTag": "2", "flow_name": "x", "also:y": 3}

    def test_unsettled(self) -> None:
        """A key beside another spelling of itself is an error until spellings are settled."""
        with pytest.raises(ValidationError) as caught:
            validate_record(self.TWINS, context=Reading.UNSETTLED, by_alias=True, by_name=False)
        assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [("spelling", ("eTag",))]

    def test_settled(self) -> None:
        """Afterwards it is kept with a mark, and so are keys like attributes, and like marked ones."""
        run = validate_record(self.TWINS, context=Reading.SETTLED, by_alias=True, by_name=False)
        assert run.__pydantic_extra__ == {"also:eTag": "2", "also:flow_name": "x", "also:also:y": 3}
        assert run.model_extra == {"eTag": "2", "flow_name": "x", "also:y": 3}


def test_model_with_plain_aliases() -> None:
    """A model of one's own on the same base needs no other spellings."""

    class Plain(WireModel, frozen=True):
        model_config = ConfigDict(extra="allow")

        a: int = 0

    assert Plain.model_validate({"a": 1, "b": 2}).model_extra == {"b": 2}
