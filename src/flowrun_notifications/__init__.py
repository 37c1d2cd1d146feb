"""Adobe Experience Platform flow run notifications as typed, immutable models.

:func:`parse` takes the JSON of a notification in whatever wrapper it came and gives the one :class:`FlowRun` in it;
:func:`parse_all` takes any number, :func:`parse_lines` an archive.
"""

from flowrun_notifications.decoding import Payload
from flowrun_notifications.error_codes import ErrorCode, documented_error_codes, lookup_error
from flowrun_notifications.exceptions import (
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    NotAFlowRunKind,
    PartialParseError,
    Problem,
    RunCountError,
)
from flowrun_notifications.models import (
    Activity,
    ActivityKind,
    Connection,
    Delivery,
    DurationSummary,
    EventNotification,
    FileSummary,
    FlowRun,
    FlowSpec,
    LatencySummary,
    Message,
    MessagesNotification,
    Metrics,
    Predecessor,
    RecordBreakdown,
    RecordSummary,
    Reference,
    RunStatus,
    SizeSummary,
    StatusError,
    StatusSummary,
)
from flowrun_notifications.parsing import ParseResult, parse, parse_all, parse_lines
from flowrun_notifications.run_errors import RunError

__version__ = "0.1.0"

__all__ = [
    "Activity",
    "ActivityKind",
    "Connection",
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
    "NotAFlowRunKind",
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
    "__version__",
    "documented_error_codes",
    "lookup_error",
    "parse",
    "parse_all",
    "parse_lines",
]
