"""Error codes, with what they mean and what to do about them.

The facts are in ``error_codes.json``, gathered from public documentation and read at the first look-up, not at import.
Each entry there has the fields of ``ErrorCode``, and three more for maintainers:

- ``scope``: what carries the code (``flow_run``, ``copy_engine``, ``batch``, ``row``, ``job``, ``profile``, ``api``,
  ``destination_run``, ``streaming_validation``).
- ``where_seen``: ``payload`` if a published sample of Adobe shows it, ``message`` if only a public message of Data
  Factory does, else ``documentation``.
- ``sources``: the pages that say so. The first begins as its evidence has it: ``AdobeDocs/`` or ``Experience ``,
  ``MicrosoftDocs/``, or ``third party: ``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from threading import Lock
from typing import Any, Literal

__all__ = ["ErrorCode", "Evidence", "Stage", "documented_error_codes", "lookup_error"]

Stage = Literal["copy", "promotion", "mapping", "validation", "profile", "identity", "destination", "unknown"]
"""The step of a dataflow in which an error arises; ``unknown`` where the documentation does not say."""

Evidence = Literal["adobe", "microsoft", "third_party"]
"""The party whose word an entry rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCode:
    """An error code and what is known about it.

    For an undocumented code only the parts in its own text are known. Everything else is ``None``.
    """

    code: str
    """The code in its documented spelling. Of an undocumented code, the text without surrounding space."""

    names: tuple[str, ...] = ()
    """Other codes of the same error, such as the name after ``ErrorCode=`` for a number of Data Factory.

    ``lookup_error`` finds the entry by each of them.
    """

    family: str | None = None
    """The word before the number, in upper case: ``INGEST`` of ``INGEST-1205-400``.

    Documented codes without such a prefix carry a label of this library (``ADF``, ``BATCH``, ``JOB``, ``QUERY``,
    ``SEGMENTATION``). Undocumented ones have ``None``.
    """

    number: str | None = None
    """The part that names the error within its family, or ``None``.

    Digits, leading zeros kept, or a SQLSTATE, which may hold letters: ``1205`` of ``INGEST-1205-400``, ``42P01``.
    """

    http_status: int | None = None
    """The last part of ``INGEST-1205-400``, or ``None`` where the code has none.

    It is modelled on HTTP, but does not answer a request: every ``CONNECTOR`` code ends in 500, even where the data is
    at fault.
    """

    title: str | None = None
    """The error in a few words. ``None`` only if undocumented."""

    meaning: str | None = None
    """An explanation of the error. ``None`` if undocumented, or documented without explanation."""

    remedy: str | None = None
    """Advice on what to do. ``None`` where no source gives any."""

    stage: Stage | None = None
    """The step of the dataflow, as classified by this library. ``None`` only if undocumented."""

    retryable: bool | None = None
    """Whether trying again unchanged may help: ``True`` or ``False`` only where a source says so, which is rare."""

    evidence: Evidence | None = None
    """The party whose word the entry rests on. ``None`` only if undocumented.

    ``microsoft``: a code of Azure Data Factory, the engine behind the copy step. Adobe does not list it.
    """

    notes: str | None = None
    """Caveats and contradictions between sources. ``None`` where there is nothing to add."""

    is_documented: bool = False
    """Whether the code is listed in ``documented_error_codes``."""


_SHAPES = (
    # INGEST-1205-400, UPINGT-030075, ACTIVATION_BATCH-0000-SKIP
    r"(?P<family>[A-Z][A-Z_]*)-(?P<number>[0-9]{4,6})(?:-(?:(?P<http_status>[0-9]{3})|[A-Z][A-Z_]*))?",
    # 1100-400
    r"(?P<number>[0-9]{4,6})-(?P<http_status>[0-9]{3})",
    # 2200, 0090000009
    r"(?P<number>[0-9]+)",
    # A SQLSTATE as PostgreSQL writes it: 0A000, 42P01, 2200F
    r"(?P<number>[0-9][0-9A-Z](?:[0-9]{3}|P[0-9]{2}|[0-9]{2}[A-Z]))",
)


def lookup_error(code: str) -> ErrorCode:
    """Return what is known about an error code.

    Surrounding space and letter case do not matter.

    An undocumented code is answered with the parts in its text: family, number and HTTP status of ``INGEST-9999-404``,
    number and HTTP status of ``1100-400``, the number of ``2201`` and of a SQLSTATE such as ``42P02``. Only a prefix
    gives an undocumented code a family: a SQLSTATE alone does not tell whether a query or a source database reports it.

    Args:
        code: Any text that stands where a payload has an error code.

    Returns:
        The documented entry, or one whose ``is_documented`` is ``False``.
    """
    code = code.strip()
    documented = _documented().get(code.casefold())
    if documented is not None:
        return documented
    match = next(filter(None, (re.fullmatch(shape, code, re.ASCII | re.IGNORECASE) for shape in _SHAPES)), None)
    parts: dict[str, str | None] = match.groupdict() if match else {}
    family, number, http_status = (parts.get(name) for name in ("family", "number", "http_status"))
    return ErrorCode(
        code=code,
        family=family and family.upper(),
        number=number and number.upper(),
        http_status=int(http_status) if http_status else None,
    )


def documented_error_codes() -> tuple[ErrorCode, ...]:
    """Return every documented code once, sorted by ``code``."""
    return tuple(entry for spelling, entry in _documented().items() if spelling == entry.code.casefold())


_LOADING = Lock()


@cache
def _documented() -> dict[str, ErrorCode]:
    # `cache` alone lets several threads load at once, and each keep its own.
    with _LOADING:
        return _load()


@cache
def _load() -> dict[str, ErrorCode]:
    """Read the documented codes and return them by the casefolded spellings of each."""
    # Imported here because most programs never look up a code.
    import json  # noqa: PLC0415
    from importlib.resources import files  # noqa: PLC0415

    entries: list[dict[str, Any]] = json.loads(
        files("flowrun_notifications._models").joinpath("error_codes.json").read_bytes()
    )
    known = {field.name for field in fields(ErrorCode)}
    codes: dict[str, ErrorCode] = {}
    for entry in entries:
        facts: dict[str, Any] = {name: value for name, value in entry.items() if name in known}
        facts["names"] = tuple(facts["names"])
        code = ErrorCode(**facts, is_documented=True)
        codes.update((spelling.casefold(), code) for spelling in (code.code, *code.names))
    return codes
