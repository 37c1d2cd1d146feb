"""What an error code means, and what to do about it.

The facts stand in ``error_codes.json``, gathered from public documentation; each of its entries names its sources.
They are read at the first look-up, not at import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal

__all__ = ["ErrorCode", "Evidence", "Stage", "documented_error_codes", "lookup_error"]

Stage = Literal["copy", "promotion", "mapping", "validation", "profile", "identity", "destination", "unknown"]
"""Where in a dataflow an error arises; `unknown` where the documentation leaves that open."""

Evidence = Literal["adobe", "microsoft", "third_party"]
"""Whose word an entry rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """An error code and what is known about it.

    Of an undocumented code only the parts that its own text gives are known; all else is `None`.
    """

    code: str
    """The code in its documented spelling, or, of an undocumented one, the text looked up without surrounding space."""

    family: str | None = None
    """What stands before the number, in upper case: `INGEST` of `INGEST-1205-400`.

    Documented codes without such a prefix carry a label of this library (`ADF`, `BATCH`, `JOB`, `QUERY`,
    `SEGMENTATION`); undocumented ones have `None`.
    """

    number: str | None = None
    """The digits that name the error within its family, leading zeros kept; `None` where the code has none."""

    http_status: int | None = None
    """The last part of `INGEST-1205-400`, or `None` where the code has none.

    It is modelled on HTTP, but answers no request: every `CONNECTOR` code ends in 500, even where the data is at fault.
    """

    title: str | None = None
    """The error in a few words; `None` only if undocumented."""

    meaning: str | None = None
    """What went wrong, in a sentence; `None` if undocumented, or documented without explanation."""

    remedy: str | None = None
    """What to do about it; `None` where no source says."""

    stage: Stage | None = None
    """Where in the dataflow it arises, as classified by this library; `None` only if undocumented."""

    retryable: bool | None = None
    """Whether trying again unchanged may help: `True` or `False` only where a source says so, which is rare."""

    evidence: Evidence | None = None
    """Whose word the entry rests on; `None` only if undocumented.

    `microsoft`: a code of Azure Data Factory, the engine behind the copy step, which Adobe does not list.
    """

    notes: str | None = None
    """Caveats, and where the sources contradict each other; `None` where there is nothing to add."""

    is_documented: bool = False
    """Whether the code is one of `documented_error_codes`."""


# FAMILY-NUMBER, then nothing, an HTTP status, or a word: UPINGT-030075, INGEST-1205-400, ACTIVATION_BATCH-0000-SKIP.
# Or a number alone: 2200, 0090000009.
_GRAMMAR = re.compile(
    r"(?P<family>[A-Z][A-Z_]*)-(?P<number>[0-9]{4,6})(?:-(?:(?P<http_status>[0-9]{3})|[A-Z][A-Z_]*))?"
    r"|(?P<digits>[0-9]+)",
    re.ASCII | re.IGNORECASE,
)


def lookup_error(code: str) -> ErrorCode:
    """Tell what is known about an error code.

    Surrounding space and letter case do not matter.
    An undocumented code is answered with the parts that its text gives.

    Args:
        code: Any text that stands where a payload has an error code.

    Returns:
        The documented entry, or one whose `is_documented` is `False`.
    """
    code = code.strip()
    documented = _documented().get(code.casefold())
    if documented is not None:
        return documented
    parts = _GRAMMAR.fullmatch(code)
    if parts is None:
        return ErrorCode(code=code)
    family, http_status = parts["family"], parts["http_status"]
    return ErrorCode(
        code=code,
        family=None if family is None else family.upper(),
        number=parts["number"] or parts["digits"],
        http_status=None if http_status is None else int(http_status),
    )


def documented_error_codes() -> tuple[ErrorCode, ...]:
    """Return every documented code, sorted by `code`."""
    return tuple(_documented().values())


@cache
def _documented() -> dict[str, ErrorCode]:
    """Read the documented codes, by their casefolded spelling."""
    # Imported here because most programs never look a code up.
    import json  # noqa: PLC0415
    from importlib.resources import files  # noqa: PLC0415

    entries: list[dict[str, Any]] = json.loads(files("flowrun_notifications").joinpath("error_codes.json").read_bytes())
    names = [field.name for field in fields(ErrorCode) if field.name != "is_documented"]
    return {
        entry["code"].casefold(): ErrorCode(**{name: entry[name] for name in names}, is_documented=True)
        for entry in entries
    }
