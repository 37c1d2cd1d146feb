"""Models back to the objects that they were read from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flowrun_notifications._models.timestamps import to_epoch
from flowrun_notifications._models.wire_model import WireModel

__all__ = ["to_record"]


def to_record(model: WireModel, leave_out: str = "") -> dict[str, Any]:
    """Return the object that a model was read from: the keys that were given, each under its usual spelling."""
    given = model.model_fields_set
    record: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        if name in given and name != leave_out:
            record[field.serialization_alias or name] = _to_json(getattr(model, name))
    return {**record, **model.model_extra}


def _to_json(value: object) -> Any:
    if isinstance(value, WireModel):
        return to_record(value)
    if isinstance(value, datetime):
        return to_epoch(value)
    items: Any = value
    return [_to_json(item) for item in items] if isinstance(value, tuple) else value
