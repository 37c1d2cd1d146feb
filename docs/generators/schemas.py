"""Makes the JSON Schemas that are published with the documentation, from the models.

What pydantic generates describes each model. Added here are what the fields mean, and every spelling under which a
key is read; left out are titles that repeat the keys, and defaults, which are no part of a payload.
"""

from __future__ import annotations

import json
from typing import Any

from fields import MODELS, Field, fields_of, in_words
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from flowrun_notifications import EventNotification, FlowRun, MessagesNotification

__all__ = ["schemas"]

_Schema = dict[str, Any]
_HEADER: _Schema = {
    "description": "Of the delivery, though it stands inside the record; mostly absent since 2025. "
    "What cannot be used of it is ignored.",
    "properties": {
        "_adobeio": {
            "properties": {
                "eventCode": {"description": "The event's code."},
                "providerMetadata": {"description": "Who sent it."},
            }
        }
    },
}


def schemas() -> dict[str, str]:
    """The text of every schema by the name of its file."""
    return {
        "flow-run-record.json": _of_payload(TypeAdapter(FlowRun), "A flow run's record, as Flow Service writes it"),
        "event-notification.json": _of_payload(
            TypeAdapter(EventNotification), "An event around a flow run: the documented success form"
        ),
        "messages-notification.json": _of_payload(
            TypeAdapter(list[MessagesNotification] | MessagesNotification),
            "Messages around flow runs: the documented failure form",
        ),
        "flow-run.json": _of_model(FlowRun, "A flow run as FlowRun.model_dump_json() writes it"),
    }


class _WithoutNoise(GenerateJsonSchema):
    """Leaves out defaults, and titles of fields."""

    def default_schema(self, schema: Any) -> _Schema:
        """Describes what may stand there, and not what an absent one is read as."""
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        """Leaves the title out: it would be the key once more."""
        return False


def _of_payload(adapter: TypeAdapter[Any], title: str) -> str:
    schema = adapter.json_schema(mode="validation", schema_generator=_WithoutNoise)
    for part in _models_in(schema):
        for field in _fields_named(part):
            _describe_key(part, field)
    _drop_unused(schema)
    return _text(schema, title)


def _of_model(model: type[BaseModel], title: str) -> str:
    schema = model.model_json_schema(mode="serialization", by_alias=False, schema_generator=_WithoutNoise)
    for part in _models_in(schema):
        for field in _fields_named(part):
            part["properties"][field.name]["description"] = in_words(field.meaning)
    return _text(schema, title)


def _models_in(schema: _Schema) -> list[_Schema]:
    parts = (schema, *schema.get("$defs", {}).values())
    return [part for part in parts if part.get("title") in MODELS and part["title"] != "Delivery"]


def _fields_named(part: _Schema) -> list[Field]:
    return fields_of(MODELS[part["title"]])


def _describe_key(part: _Schema, field: Field) -> None:
    properties: _Schema = part["properties"]
    key, *others = field.keys
    if field.name == "delivery":
        properties[key] = _HEADER
        return
    for other in others:
        properties[other] = dict(properties[other])
    properties[key]["description"] = in_words(field.meaning)
    for other in others:
        properties[other]["description"] = f"Another spelling of {key}."


def _drop_unused(schema: _Schema) -> None:
    definitions: _Schema = schema.get("$defs", {})
    while unused := [name for name in definitions if f'"#/$defs/{name}"' not in json.dumps(schema)]:
        for name in unused:
            del definitions[name]


def _text(schema: _Schema, title: str) -> str:
    head = {"$schema": GenerateJsonSchema.schema_dialect, "title": title}
    body = {key: value for key, value in schema.items() if key != "title"}
    return json.dumps(head | _tidied(body), indent=2, ensure_ascii=False) + "\n"


_SAYS_NOTHING: tuple[tuple[str, Any], ...] = (("additionalProperties", True), ("additionalProperties", {}))


def _tidied(value: Any) -> Any:
    """Without what says nothing, and with docstrings as plain words."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {
        key: _tidied(item) for key, item in value.items() if key != "additionalProperties" or item not in ({}, True)
    }
    if isinstance(tidy.get("description"), str):
        tidy["description"] = in_words(tidy["description"])
    return tidy
