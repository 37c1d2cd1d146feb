"""Adobe Experience Platform flow run notifications as typed, immutable models.

:func:`parse` takes the JSON of a notification in whatever wrapper it came and gives the one :class:`FlowRun` in it;
:func:`parse_all` takes any number, and tells other messages apart; :func:`parse_archive` reads files of any size.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flowrun_notifications._models.delivery import Delivery
from flowrun_notifications._models.error_codes import ErrorCode, documented_error_codes, lookup_error
from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.parts import (
    Activity,
    ActivityKind,
    Connection,
    DurationSummary,
    FileSummary,
    FlowSpec,
    LatencySummary,
    Metrics,
    Predecessor,
    RecordBreakdown,
    RecordSummary,
    Reference,
    SizeSummary,
    StatusError,
    StatusSummary,
)
from flowrun_notifications._models.run_errors import RunError
from flowrun_notifications._models.shown import show_with
from flowrun_notifications._models.states import latest_states
from flowrun_notifications._models.status import RunStatus
from flowrun_notifications._reading.decoding import Payload
from flowrun_notifications._reading.exceptions import (
    FlowRunNotificationError,
    InvalidJSONError,
    LineError,
    RunCountError,
)
from flowrun_notifications._reading.parsing import parse, parse_all, parse_archive, parse_lines
from flowrun_notifications._reading.records import InvalidFlowRunError, Problem
from flowrun_notifications._reading.results import ParseResult, PartialParseError

if TYPE_CHECKING:
    from flowrun_notifications._display.markdown import to_markdown
    from flowrun_notifications._display.text import explain
    from flowrun_notifications._reading.notifications import EventNotification, Message, MessagesNotification
    from flowrun_notifications._reading.other_messages import (
        Alert,
        AuditEvent,
        DataIngestionEvent,
        NotAFlowRunError,
        OtherMessage,
        ValidationRequest,
    )

__version__ = "0.1.0"

__all__ = [
    "Activity",
    "ActivityKind",
    "Alert",
    "AuditEvent",
    "Connection",
    "DataIngestionEvent",
    "Delivery",
    "DurationSummary",
    "ErrorCode",
    "EventNotification",
    "FileSummary",
    "FlowRun",
    "FlowRunNotificationError",
    "FlowSpec",
    "InvalidFlowRunError",
    "InvalidJSONError",
    "LatencySummary",
    "LineError",
    "Message",
    "MessagesNotification",
    "Metrics",
    "NotAFlowRunError",
    "OtherMessage",
    "ParseResult",
    "PartialParseError",
    "Payload",
    "Predecessor",
    "Problem",
    "RecordBreakdown",
    "RecordSummary",
    "Reference",
    "RunCountError",
    "RunError",
    "RunStatus",
    "SizeSummary",
    "StatusError",
    "StatusSummary",
    "ValidationRequest",
    "__version__",
    "documented_error_codes",
    "explain",
    "latest_states",
    "lookup_error",
    "parse",
    "parse_all",
    "parse_archive",
    "parse_lines",
    "to_markdown",
]

# Loaded at the first use: most programs need few of them, and together they take a fifth of the package's import.
_LOADED_LATE = {
    "Alert": "_reading.other_messages",
    "AuditEvent": "_reading.other_messages",
    "DataIngestionEvent": "_reading.other_messages",
    "EventNotification": "_reading.notifications",
    "Message": "_reading.notifications",
    "MessagesNotification": "_reading.notifications",
    "NotAFlowRunError": "_reading.other_messages",
    "OtherMessage": "_reading.other_messages",
    "ValidationRequest": "_reading.other_messages",
    "explain": "_display.text",
    "to_markdown": "_display.markdown",
}


def __getattr__(name: str) -> Any:
    module = _LOADED_LATE.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(f"{__name__}.{module}"), name)
    return value


def __dir__() -> list[str]:
    return [*globals(), *_LOADED_LATE]


def _render(shown: "FlowRun | ParseResult | RunError | Alert") -> str:
    # Loaded when a notebook asks: everyone else does without it.
    from flowrun_notifications._display.notebook import to_html  # noqa: PLC0415

    return to_html(shown)


show_with(_render)
