"""The command: reads files or standard input, shows the runs in them, and accounts for everything else."""

from __future__ import annotations

import base64
import json
import os
import sys
import zlib
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from flowrun_notifications._display.export import csv_head, csv_row, json_line
from flowrun_notifications._display.facts import describe_other
from flowrun_notifications._display.markdown import to_markdown
from flowrun_notifications._display.redact import Redactor
from flowrun_notifications._display.terminal import (
    ON_WINDOWS,
    Progress,
    Style,
    run_block,
    style_of,
    table_head,
    table_row,
)
from flowrun_notifications._display.wording import count_runs
from flowrun_notifications._models.states import latest_states
from flowrun_notifications._models.values import count_text, printable
from flowrun_notifications._reading.decoding import decode_json
from flowrun_notifications._reading.documents import Document, open_archive, read_documents
from flowrun_notifications._reading.exceptions import InvalidJSONError
from flowrun_notifications._reading.parsing import parse_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._reading.other_messages import OtherMessage
    from flowrun_notifications._reading.results import ParseResult

__all__ = ["FORMATS", "STANDARD_INPUT", "Command", "Options"]

STANDARD_INPUT = "-"
"""The name of a file that stands for standard input."""

_MAX_OTHERS = 20


FORMATS = ("text", "table", "markdown", "json", "csv")
"""The names of the formats."""

_FOR_PROGRAMS = frozenset(("json", "csv"))
_SEPARATED_BY_LINES = frozenset(("text", "markdown"))


def _head(format_name: str, style: Style) -> str:
    """Return what stands above the first run."""
    match format_name:
        case "table":
            return table_head(style)
        case "csv":
            return csv_head()
        case _:
            return ""


def _render(run: FlowRun, where: str, format_name: str, style: Style) -> str:
    """Return a run, and the place that it came from, in a format."""
    match format_name:
        case "table":
            return table_row(run, style)
        case "markdown":
            return to_markdown(run) + "\n"
        case "json":
            return json_line(run)
        case "csv":
            return csv_row(run, to_terminal=style.is_terminal)
        case _:
            return run_block(run, where, style)


@dataclass(frozen=True)
class Options:
    """The choice of runs to show, and of their format."""

    format: str = "text"
    """One of `FORMATS`."""

    needs_attention: bool = False
    """True to show only runs that need attention."""

    latest: bool = False
    """True to show only the latest state of each run."""

    redact: bool = False
    """True to write the payloads, redacted, instead of the runs."""


class _UnreadableError(Exception):
    """A file cannot be read, or not to its end."""


@dataclass
class _Counts:
    """Counts of what has been read."""

    runs: int = 0
    failed: int = 0
    partial: int = 0
    in_need: int = 0
    """The runs that need attention."""

    others: int = 0
    unreadable: int = 0


class Command:
    """One call of the command.

    Args:
        options: What to show.
        errors: A file for the documents that could not be read.
    """

    def __init__(self, options: Options, errors: TextIO | None = None) -> None:
        self._options = options
        self._separator = "\n" if options.format in _SEPARATED_BY_LINES else ""
        self._style = style_of(sys.stdout)
        self._errors = errors
        self._progress = Progress(sys.stderr)
        self._redactor = Redactor()
        self._latest: dict[tuple[str, str], tuple[FlowRun, str]] = {}
        self._counts = _Counts()
        self._shown = 0
        if not options.redact:
            sys.stdout.write(_head(options.format, self._style))

    @property
    def unreadable(self) -> int:
        """The number of things that could not be read."""
        return self._counts.unreadable

    @property
    def failed(self) -> int:
        """The number of runs that failed."""
        return self._counts.failed

    def read(self, name: str) -> None:
        """Read all of a file, or of standard input."""
        if name == STANDARD_INPUT and sys.stdin.isatty():
            self._warn(f"reading standard input; end it with {'Ctrl-Z' if ON_WINDOWS else 'Ctrl-D'}")
        source = "<stdin>" if name == STANDARD_INPUT else name
        line = 0
        try:
            for document, outcome, share in _documents(name):
                line = document.line
                self._read_document(document, outcome, source)
                if self._progress.is_due():
                    percentage = "" if share is None else f" {share:.0%}"
                    self._progress.show(f"{printable(source)}{percentage}, line {line:,}: {self._total()}")
        except _UnreadableError as error:
            beyond = f" beyond line {line}" if line else ""
            self._warn_unreadable(source, f"cannot be read{beyond}: {error}")

    def finish(self) -> None:
        """Show what waited for the end of the input, and the total where that says more than the output does."""
        for run, where in self._latest.values():
            self._take(run, where)
        self._progress.clear()
        counts = self._counts
        if self._style.is_terminal and self._separator and self._shown > 1:
            sys.stdout.write("\n")
        is_for_people = self._options.format not in _FOR_PROGRAMS and not self._options.redact
        is_worth_a_line = is_for_people and (counts.runs > 1 or counts.runs > self._shown)
        if is_worth_a_line or counts.others or counts.unreadable or not counts.runs:
            self._warn(self._total())
        sys.stdout.flush()

    def _read_document(self, document: Document, outcome: ParseResult | InvalidJSONError, source: str) -> None:
        if isinstance(outcome, InvalidJSONError):
            reason = str(outcome).removesuffix(f" (line {outcome.line}, column {outcome.column})")
            line = document.line + (outcome.line or 1) - 1
            self._warn_unreadable(f"{source}:{line}:{outcome.column or 1}", reason)
            self._write_rejected(document, source, reason)
            return
        where = f"{source}:{document.line}"
        if self._options.redact:
            self._write(self._redactor.redact_document(decode_json(document.content)))
        for run in outcome.runs:
            self._read_run(run, where)
        for other in outcome.others:
            self._warn_of_other(other, where)
        for error in outcome.errors:
            self._warn_unreadable(where, str(error))
        if outcome.errors:
            self._write_rejected(document, source, "\n".join(map(str, outcome.errors)))

    def _read_run(self, run: FlowRun, where: str) -> None:
        if not self._options.latest:
            self._take(run, where)
            return
        key = (run.flow_id, run.id)
        known = self._latest.setdefault(key, (run, where))
        if latest_states((known[0], run))[0] is run:
            self._latest[key] = (run, where)

    def _take(self, run: FlowRun, where: str) -> None:
        """Count a run, and show it if it is wanted."""
        counts, options = self._counts, self._options
        needs_attention = run.needs_attention
        counts.runs += 1
        counts.failed += run.failed
        counts.partial += run.is_partial
        counts.in_need += needs_attention
        if not options.redact and (needs_attention or not options.needs_attention):
            separator = self._separator if self._shown else ""
            self._write(separator + _render(run, where, options.format, self._style))
            self._shown += 1

    def _write(self, text: str) -> None:
        if self._style.is_terminal:
            self._progress.clear()
        sys.stdout.write(text)

    def _warn_of_other(self, other: OtherMessage, where: str) -> None:
        self._counts.others += 1
        if self._counts.others <= _MAX_OTHERS:
            self._warn(f"{printable(where)}: {''.join(describe_other(other))}")
        elif self._counts.others == _MAX_OTHERS + 1:
            self._warn("further messages that are not flow runs are only counted")

    def _warn_unreadable(self, where: str, reason: str) -> None:
        self._counts.unreadable += 1
        self._warn(f"{printable(where)}: error: " + "\n  ".join(map(printable, reason.splitlines())))

    def _warn(self, text: str) -> None:
        self._progress.clear()
        sys.stdout.flush()  # so that the two stay in order where they go to the same place
        sys.stderr.write(f"{text}\n")

    def _write_rejected(self, document: Document, source: str, reason: str) -> None:
        if self._errors is None:
            return
        entry: dict[str, object] = {"file": source, "line": document.line, "reason": reason}
        try:
            entry["original"] = document.content.decode()
        except UnicodeDecodeError:
            entry["original_base64"] = base64.b64encode(document.content).decode()
        self._errors.write(json.dumps(entry) + "\n")

    def _total(self) -> str:
        counts = self._counts
        parts = [count_runs(counts.runs, counts.failed, counts.partial)]
        if self._options.needs_attention:
            parts.append(f"{counts.in_need:,} need{'s' if counts.in_need == 1 else ''} attention")
        if counts.others:
            parts.append(count_text(counts.others, "other message"))
        if counts.unreadable:
            parts.append(f"{counts.unreadable:,} could not be read")
        return ", ".join(parts)


def _documents(name: str) -> Iterator[tuple[Document, ParseResult | InvalidJSONError, float | None]]:
    """Yield the documents of a file, each with the share of the file that has been read, where its size is known.

    Only reading fails here: what the caller does with a document happens outside.
    """
    try:
        with nullcontext(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name).open("rb") as file:
            size = 0 if name == STANDARD_INPUT else os.fstat(file.fileno()).st_size
            with open_archive(cast("BinaryIO", file)) as archive:
                for document, outcome in read_documents(archive, parse_all):
                    yield document, outcome, file.tell() / size if size else None
    except OSError as error:
        raise _UnreadableError(error.strerror or error) from error
    except (EOFError, zlib.error) as error:
        raise _UnreadableError(error) from error
