"""The core schema by which records are read: that of `FlowRun`, without the step that settles spellings.

Settling takes decoded JSON, so it would cost `parse` its pass from bytes to models; `parse` settles where it has to.
"""

from __future__ import annotations

from typing import Any

from pydantic_core import CoreConfig, CoreSchema, SchemaValidator

from flowrun_notifications._models.delivery import HEADER_SCHEMA
from flowrun_notifications._models.flow_run import FlowRun

__all__ = ["HIDE_INPUT", "RECORD_SCHEMA", "validate_record"]


def _plain_schema() -> Any:
    schema: Any = FlowRun.__pydantic_core_schema__
    definitions = schema if schema["type"] == "definitions" else None
    step = definitions["schema"] if definitions else schema
    model = {key: value for key, value in step["schema"].items() if key != "ref"}
    fields = model["schema"]["fields"]
    delivery = {**fields["delivery"], "schema": HEADER_SCHEMA}
    model["schema"] = {**model["schema"], "fields": {**fields, "delivery": delivery}}
    return {**definitions, "schema": model} if definitions else model


HIDE_INPUT = CoreConfig(hide_input_in_errors=True)
"""The configuration of every validator made of the schema: errors are chained, and payloads hold customer data."""

RECORD_SCHEMA: CoreSchema = _plain_schema()
"""The schema of a record; `attach_delivery` comes next, as the result holds the header's details for a delivery."""

validate_record = SchemaValidator(RECORD_SCHEMA, HIDE_INPUT).validate_python
"""Validate a decoded record."""
