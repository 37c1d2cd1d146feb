"""Replaces everything in a payload that could identify somebody, so that it still reads the same way.

Keys (ids and addresses apart), kinds, units and structure stay. The words that decide how a payload reads stay, too:
statuses, error codes, event codes, known types and steps. Every other text, number and time is replaced by a made-up
one of the same form, the same one wherever it stands. Text that holds JSON is redacted inside.
"""

from __future__ import annotations

import base64
import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

from pydantic_core import PydanticCustomError

from flowrun_notifications._models.parts import Activity, Metrics
from flowrun_notifications._models.run_errors import gather_reasons
from flowrun_notifications._models.status import RunStatus, read_status
from flowrun_notifications._models.timestamps import MILLISECONDS_ABOVE, to_utc
from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications._reading.text import may_hold_json, open_text

__all__ = ["Redactor"]

_KNOWN_WORDS = frozenset(
    (
        *("firing", "inactive", "high", "medium", "low", "error", "warning"),
        *("streaming", "incremental", "one-time"),
        *("adfrunid", "batch", "sourceconnection", "targetconnection"),
    )
)
_REASONS = frozenset(("errors", "failedInfo", "skippedInfo", "warningInfo"))
_CODES = ("eventcode", "xdm:eventcode", "x-adobe-event-code")
_CODE = re.compile(r"[\w.:/-]{1,80}", re.ASCII)
_STATUS = re.compile(r"[A-Za-z][A-Za-z _-]{0,39}")
_SHAPES = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE), "00000000-0000-4000-8000-{:012}"),
    (re.compile(r"[0-9A-Z]+@AdobeOrg"), "{:024}@AdobeOrg"),
    (re.compile(r"https?://\S+"), "https://example.com/{}"),
    (re.compile(r"[^\s@]+@[^\s@]+"), "user{}@example.com"),
)
_NAMING_KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^\s@]+@[^\s@]+", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?[0-9]+(?:\.[0-9]+)?\s*", re.ASCII)
_DIGITS = re.compile(r"[1-9][0-9]*")

_MAX_KEPT = 99
_MAX_EXACT = 2**53
_MAX_MILLISECONDS = 253_402_300_799_999
"""The end of the year 9999; what is larger is not a time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLENNIUM = datetime(2000, 1, 1, tzinfo=timezone.utc)
_PLAUSIBLE = range(1_262_304_000, 2_208_988_800)
"""The epochs, in seconds, that are taken for times: the years 2010 to 2039."""

_FIRST_TIME = 1_577_836_800
"""The first time of the input becomes 2020-01-01T00:00:00Z; all others keep their distance."""


class Redactor:
    """Redacts payloads, the same text in the same way in all of them."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._numbers: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._shift: timedelta | None = None

    def redact_document(self, content: object) -> str:
        """Return a decoded payload as redacted JSON, indented, in ASCII."""
        return json.dumps(self.redact(content), indent=2).replace("\x7f", "\\u007f") + "\n"

    def redact(self, value: Any, key: str = "", around: str = "", node: Any = None) -> Any:
        """Return a redacted JSON value.

        Args:
            value: The value.
            key: The key that it stands under, or the list that it is in.
            around: The key of the object around it.
            node: The object around it.
        """
        if is_object(value):
            return {self._redact_key(name): self.redact(item, name, key, value) for name, item in value.items()}
        if is_list(value):
            return [self.redact(item, key, around, node) for item in value]
        if isinstance(value, str):
            return self._redact_text(value, key, around, node or {})
        if isinstance(value, bool) or value is None:
            return value
        if key == "code" and around in _REASONS:
            return value
        return self._redact_number(value)

    def _redact_key(self, key: str) -> str:
        return self._made_up(key) if _NAMING_KEY.fullmatch(key) else key

    # --- text -------------------------------------------------------------------------------------------------------

    def _redact_text(self, text: str, key: str, around: str, node: dict[str, Any]) -> str:
        if not text.strip() or _stays(text, key, around, node):
            return text
        content = open_text(text)
        if content is not None:
            return self._redact_json(text, content)
        if _NUMBER.fullmatch(text):
            return _DIGITS.sub(lambda digits: str(self._whole(int(digits[0]))), text)
        try:
            instant = to_utc(text)
        except PydanticCustomError:
            pass
        else:
            return self._redact_instant(instant, text)
        if key == "detail-type" and _CODE.fullmatch(text.rpartition(":")[2]):  # <provider>:<event code>
            label, colon, code = text.rpartition(":")
            return (self._made_up(label) if label else "") + colon + code
        kind = Activity.model_validate({"name": text}).kind if key == "name" else None
        # Errors are the same when their text is, a final full stop apart.
        end = "." if text.endswith(".") else ""
        return self._made_up(text.removesuffix(end), f" ({kind})" if kind else "") + end

    def _redact_json(self, text: str, content: object) -> str:
        redacted = json.dumps(self.redact(content))
        return redacted if text.lstrip("\ufeff \t\r\n")[0] in "{[" else base64.b64encode(redacted.encode()).decode()

    def _made_up(self, text: str, suffix: str = "") -> str:
        number = self._texts.setdefault(text, len(self._texts) + 1)
        cause = _name_of_cause(text)
        shape = next((shape for pattern, shape in _SHAPES if pattern.fullmatch(text)), None)
        if shape and not cause:
            return shape.format(number) + suffix
        # Its first character decides whether a text is looked into: that of "entry" does, that of "text" does not.
        word = "entry" if may_hold_json(text) else "text"
        return f"{word} {number}{cause}{suffix}"

    # --- numbers and times ------------------------------------------------------------------------------------------

    def _redact_number(self, number: float) -> int | float:
        if isinstance(number, int):
            return self._whole(abs(number)) * (-1 if number < 0 else 1)
        if not abs(number) < _MAX_EXACT or "e" in repr(number):
            return number
        return float(_DIGITS.sub(lambda digits: str(self._whole(int(digits[0]))), repr(number)))

    def _whole(self, number: int) -> int:
        """Return another whole number of the same size, or a time as far from the first time as this one."""
        if number <= _MAX_KEPT:
            return number
        if number in _PLAUSIBLE:
            return number + int(self._shift_from(number) / timedelta(seconds=1))
        if number // 1_000 in _PLAUSIBLE:
            return number + int(self._shift_from(number / 1_000) / timedelta(milliseconds=1))
        if number not in self._numbers:
            start = 10 ** (len(str(number)) - 1)
            # The same unit, and neither more nor less usable as a time.
            for boundary in (MILLISECONDS_ABOVE, _MAX_MILLISECONDS):
                start = boundary + 1 if start <= boundary < number else start
            self._counts[start] = self._counts.get(start, -1) + 1
            self._numbers[number] = start + self._counts[start]
        return self._numbers[number]

    def _shift_from(self, epoch: float) -> timedelta:
        if self._shift is None:
            self._shift = timedelta(seconds=_FIRST_TIME - int(epoch))
        return self._shift

    def _redact_instant(self, instant: datetime | None, text: str) -> str:
        if instant is not None and int(instant.timestamp()) in _PLAUSIBLE:
            return (instant + self._shift_from(instant.timestamp())).isoformat()
        days = timedelta(days=self._texts.setdefault(text, len(self._texts) + 1) % 10_000)
        # What is not later than 1970 means "never".
        return (_EPOCH - days if instant is None else _MILLENNIUM + days).isoformat()


def _stays(text: str, key: str, around: str, node: dict[str, Any]) -> bool:
    """Tell whether a text decides how the payload reads, and names nobody."""
    status = read_status(text)
    if isinstance(status, RunStatus) or text.lower() in _KNOWN_WORDS:
        return True
    if key == "status" and around == "statusSummary":
        return _STATUS.fullmatch(text) is not None
    if key.lower() in _CODES or (key == "code" and around in _REASONS):
        return _CODE.fullmatch(text) is not None
    if key == "type" and (around == "_eventNotificationMeta" or "specversion" in node):
        return _CODE.fullmatch(text) is not None
    return key in {"id", "activityRefs"} and Activity.model_validate({"id": text}).kind is not None


def _name_of_cause(text: str) -> str:
    """Return the name of the error that a free text tells, written so that it is found again."""
    if "ErrorCode" not in text:
        return ""
    extensions = {"errorDetail": text}
    causes = gather_reasons(Metrics.model_validate({"statusSummary": {"extensions": extensions}}), ()).errors
    return f": ErrorCode={causes[0]['code']}" if causes else ""
