"""Writes runs for other programs: a line of JSON, or a row of CSV."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from typing import TYPE_CHECKING

from flowrun_notifications._models.values import printable
from flowrun_notifications.tabular import RUN_COLUMNS, run_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowrun_notifications._models.flow_run import FlowRun

__all__ = ["csv_head", "csv_row", "json_line"]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins with one of these; see OWASP, CSV Injection."""


def json_line(run: FlowRun) -> str:
    """Return a run as one line of JSON that :func:`parse` reads back.

    It is :meth:`FlowRun.to_payload`, and beside it, as Adobe gives them to Runtime actions, the id, code and provider
    of the event that it came with. ASCII only, so that every encoding and every terminal takes it.
    """
    payload = run.to_payload()
    delivery = run.delivery
    headers = {
        "x-adobe-event-id": delivery.event_id,
        "x-adobe-event-code": delivery.event_code,
        "x-adobe-provider": delivery.provider,
    }
    known = {key: value for key, value in headers.items() if value is not None}
    if known:
        payload["__adobe_headers"] = known
    return json.dumps(payload, separators=(",", ":")).replace("\x7f", "\\u007f") + "\n"


def csv_head() -> str:
    """Return the names of the columns."""
    return _csv_line(column.name for column in RUN_COLUMNS)


def csv_row(run: FlowRun, *, to_terminal: bool) -> str:
    """Return the values of a run in those columns: times in ISO 8601, truth values as ``true`` and ``false``.

    A text that a spreadsheet would run as a formula gets an apostrophe in front of it. On a terminal, control
    characters are escaped.
    """
    cells = map(_csv_cell, run_row(run).values())
    return _csv_line(map(printable, cells) if to_terminal else cells)


def _csv_cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else str(value)


def _csv_line(cells: Iterable[str]) -> str:
    # The default end of a line makes the writer put quotes around a carriage return, on every Python.
    line: str = csv.writer(_Line()).writerow(cells)
    return line.removesuffix("\r\n") + "\n"


class _Line:
    """A file for :mod:`csv` that gives each line back."""

    @staticmethod
    def write(line: str) -> str:
        """Return what is written."""
        return line
