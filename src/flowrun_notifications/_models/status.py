"""The status of a run, how its text is read, and how it is told from that of an alert."""

from __future__ import annotations

from enum import Enum
from typing import Any

from typing_extensions import override

__all__ = ["RunStatus", "is_alert", "read_status"]


class RunStatus(str, Enum):
    """A known status of a flow run, from ``metrics.statusSummary.status``.

    The values are ``success``, ``failed``, ``partialSuccess``, ``inProgress``, ``scheduled``, ``processing`` and
    ``waiting``. The Flow Service writes the first five, and the Destinations API the last three with a capital letter;
    both write ``scheduled``. Any other status is kept as its text.
    """

    SUCCESS = "success"
    FAILED = "failed"
    PARTIAL_SUCCESS = "partialSuccess"
    IN_PROGRESS = "inProgress"
    SCHEDULED = "scheduled"
    PROCESSING = "processing"
    WAITING = "waiting"

    # Python 3.11 changed what both give for an enum that is also text.
    @override
    def __str__(self) -> str:
        return str.__str__(self)

    @override
    def __format__(self, spec: str) -> str:
        return str.__format__(self, spec)


_WITHOUT_SEPARATORS = str.maketrans("", "", " _-")
_STATUSES: dict[str, RunStatus] = {status.value.lower(): status for status in RunStatus}


def read_status(text: str | None) -> RunStatus | str | None:
    """Return the status that a text stands for.

    Letter case, spaces, ``_`` and ``-`` do not matter: Adobe's OpenAPI file has ``PARTIAL_SUCCESS`` and the like.

    Returns:
        A :class:`RunStatus` where the text is known, else the text as it came; ``None`` for none, and for one of spaces
        only.
    """
    if not text or text.isspace():
        return None
    return _STATUSES.get(text) or _STATUSES.get(text.strip().translate(_WITHOUT_SEPARATORS).lower(), text)


_ALERT_STATUSES = ("FIRING", "INACTIVE")


def is_alert(node: dict[str, Any]) -> bool:
    """Tell whether an object is an alert. It has a status of its own and no metrics, and may name a flow and a run."""
    status = node.get("status")
    return (
        isinstance(status, str)
        and (status.upper() in _ALERT_STATUSES or ("severity" in node and "name" in node))
        and "metrics" not in node
        and "xdm:metrics" not in node
    )
