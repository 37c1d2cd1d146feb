"""The documented payloads in msgspec structs: about the least that typed objects can cost in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field
from msgspec.json import Decoder

from benchmarks.peers.naming import wire_name

__all__ = ["parse"]

_Epoch = float | str | None


class _Wire(Struct, rename=wire_name):
    pass


class _Duration(_Wire):
    started_at_utc: _Epoch = None
    completed_at_utc: _Epoch = None
    extensions: dict[str, Any] = {}


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
    extensions: dict[str, Any] = {}


class _Error(_Wire):
    code: str | None = None
    message: str | None = None


class _Status(_Wire):
    status: str | None = None
    errors: list[_Error] = []
    extensions: dict[str, Any] = {}


class _Metrics(_Wire):
    duration_summary: _Duration | None = None
    size_summary: _Size | None = None
    record_summary: _Records | None = None
    file_summary: _Files | None = None
    status_summary: _Status | None = None


class _Reference(_Wire):
    type: str | None = None
    ids: list[str] = []


class _Connection(_Wire):
    id: str
    type: str | None = None
    reference: _Reference | None = None


class _Activity(_Metrics):
    id: str | None = None
    updated_at_utc: _Epoch = None
    source_info: list[_Connection] = []
    target_info: list[_Connection] = []


class _Run(_Wire):
    id: str | None = None
    flow_id: str | None = None
    ims_org_id: str | None = None
    sandbox_id: str | None = None
    sandbox_name: str | None = None
    created_at: _Epoch = None
    updated_at: _Epoch = None
    created_by: str | None = None
    updated_by: str | None = None
    created_client: str | None = None
    updated_client: str | None = None
    provider_ref_id: str | None = None
    etag: str | None = None
    metrics: _Metrics | None = None
    activities: list[_Activity] = []
    sla_created_at: _Epoch = None
    process_start_time: _Epoch = None
    transformed_time: _Epoch = None
    header: dict[str, Any] = {}
    # A struct knows one spelling of a key.
    xdm_flow_run_id: str | None = field(default=None, name="xdm:flowRunId")
    xdm_flow_id: str | None = field(default=None, name="xdm:flowId")
    xdm_ims_org: str | None = field(default=None, name="xdm:imsOrg")
    xdm_sandbox_name: str | None = field(default=None, name="xdm:sandboxName")
    xdm_metrics: _Metrics | None = field(default=None, name="xdm:metrics")


class _Event(Struct):
    event_id: str
    event: _Run


class _Message(_Wire):
    msg_type: str
    version: str
    timestamp: _Epoch
    ims_org_id: str
    provider: str
    value: _Run
    event_notification_meta: dict[str, Any] = field(name="_eventNotificationMeta")


class _Item(_Wire):
    """An entry of the outer list: an object that holds messages, or a message itself; a union of both cannot be."""

    messages: list[_Message] = []
    msg_type: str | None = None
    version: str | None = None
    timestamp: _Epoch = None
    ims_org_id: str | None = None
    provider: str | None = None
    value: _Run | None = None
    event_notification_meta: dict[str, Any] | None = field(default=None, name="_eventNotificationMeta")


_decode: Callable[[bytes], _Event | list[_Item]] = Decoder(_Event | list[_Item]).decode


def parse(payload: bytes) -> _Run:
    """Return the run, with its times as numbers."""
    decoded = _decode(payload)
    if isinstance(decoded, _Event):
        return decoded.event
    item = decoded[0]
    return item.messages[0].value if item.value is None else item.value
