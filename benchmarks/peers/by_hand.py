"""The documented payloads in pydantic models, as people write them by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, TypeAdapter

from benchmarks.peers.naming import wire_name

__all__ = ["parse"]


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=wire_name)


class _Duration(_Wire):
    started_at_utc: datetime | None = None
    completed_at_utc: datetime | None = None
    extensions: dict[str, Any] | None = None


class _Size(_Wire):
    input_bytes: int | None = None
    output_bytes: int | None = None


class _Records(_Wire):
    input_record_count: int | None = None
    output_record_count: int | None = None
    skipped_record_count: int | None = None
    failed_record_count: int | None = None


class _Files(_Wire):
    input_file_count: int | None = None
    output_file_count: int | None = None
    skipped_file_count: int | None = None
    failed_file_count: int | None = None
    extensions: dict[str, Any] | None = None


class _Error(_Wire):
    code: str | None = None
    message: str | None = None


class _Status(_Wire):
    status: str | None = None
    errors: list[_Error] | None = None
    extensions: dict[str, Any] | None = None


class _Metrics(_Wire):
    duration_summary: _Duration | None = None
    size_summary: _Size | None = None
    record_summary: _Records | None = None
    file_summary: _Files | None = None
    status_summary: _Status | None = None


class _Reference(_Wire):
    type: str | None = None
    ids: list[str] | None = None


class _Connection(_Wire):
    id: str
    type: str | None = None
    reference: _Reference | None = None


class _Activity(_Metrics):
    id: str
    updated_at_utc: datetime | None = None
    source_info: list[_Connection] | None = None
    target_info: list[_Connection] | None = None


class _Run(_Wire):
    id: str = Field(validation_alias=AliasChoices("id", "xdm:flowRunId"))
    flow_id: str = Field(validation_alias=AliasChoices("flowId", "xdm:flowId"))
    ims_org_id: str | None = Field(None, validation_alias=AliasChoices("imsOrgId", "xdm:imsOrg"))
    sandbox_id: str | None = None
    sandbox_name: str | None = Field(None, validation_alias=AliasChoices("sandboxName", "xdm:sandboxName"))
    created_at: datetime | None = None
    updated_at: datetime | None = None
    created_by: str | None = None
    updated_by: str | None = None
    created_client: str | None = None
    updated_client: str | None = None
    provider_ref_id: str | None = None
    etag: str | None = None
    metrics: _Metrics = Field(validation_alias=AliasChoices("metrics", "xdm:metrics"))
    activities: list[_Activity] | None = None
    sla_created_at: datetime | None = None
    process_start_time: datetime | None = None
    transformed_time: datetime | None = None
    header: dict[str, Any] | None = None


class _Event(BaseModel):
    event_id: str
    event: _Run


class _Message(_Wire):
    msg_type: str
    version: str
    timestamp: datetime
    ims_org_id: str
    provider: str
    event_notification_meta: dict[str, Any] = Field(alias="_eventNotificationMeta")
    value: _Run


class _Messages(BaseModel):
    messages: list[_Message]


_events = TypeAdapter(_Event)
_lists_of_messages = TypeAdapter(list[_Messages])
_bare_messages = TypeAdapter(list[_Message])


def parse(payload: bytes) -> object:
    """Validate in one pass, with the model that the payload's first bytes promise."""
    if payload.startswith(b'{"event_id"'):
        return _events.validate_json(payload)
    return (_lists_of_messages if payload.startswith(b'[{"messages"') else _bare_messages).validate_json(payload)
