"""The command line: tells a person, or another program, what happened in the flow runs of files or standard input."""

from __future__ import annotations

import argparse
import base64
import json
import os
import signal
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TextIO

from flowrun_notifications import __version__
from flowrun_notifications._display.text import (
    Style,
    block,
    csv_head,
    csv_row,
    cut,
    json_line,
    printable,
    table_head,
    table_row,
)
from flowrun_notifications._reading.exceptions import InvalidJSONError
from flowrun_notifications._reading.parsing import parse_all
from flowrun_notifications.inputs import STANDARD_INPUT, Input, UnreadableInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._reading.other_messages import NotAFlowRunError
    from flowrun_notifications.inputs import Document

__all__ = ["main"]

_ON_WINDOWS = os.name == "nt"
_ALL_READ, _NOT_ALL_READ = 0, 1
_BY_SIGNAL = 128
_SIGPIPE = 13  # Windows has none
_MOST_SKIPS_SHOWN = 20
_PROGRESS_EVERY = 0.5  # seconds
_USUAL_COLUMNS = 80

_DESCRIPTION = """\
Tell what happened in the flow runs of Adobe Experience Platform, from their
notifications in whatever wrapper.

Each FILE is one JSON document, or holds one on each line (NDJSON); either may
be gzip-compressed. Without FILE, or where FILE is -, standard input is read.
What is no flow run is skipped, and named on standard error.
"""

_EPILOG = """\
formats:
  text    a block for each run: what ran, how it ended, when, how much, why,
          and what to do
  table   a line for each run
  json    a line of JSON for each run, as Flow Service would write it, and the
          event's id, code and provider beside it; it can be read again
  csv     a row for each run, with the columns that the documentation of
          flowrun_notifications.tabular lists

what could not be read:
  --errors FILE gets a line of JSON for each document that could not be read,
  or only in part:
    {"file": ..., "line": ..., "reason": ..., "original": ...}
  "line" is null for a document that is the whole file. "original" is the text
  as it was; of one that is not UTF-8, "original_base64" holds the bytes. This
  takes the documents out again:
    jq -r .original FILE

exit status:
  0  everything was read
  1  something could not be read, or a run failed and --fail-on-failed-run is
     given
  2  wrong usage
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; those of the process if ``None``.

    Returns:
        The exit status: 0 if all was read, 1 if something could not be read.

    Raises:
        SystemExit: With status 2 where the arguments are wrong, with 0 after ``--help`` and ``--version``.
    """
    parser = _parser()
    options = parser.parse_intermixed_args(argv)
    names: list[str] = options.files or [STANDARD_INPUT]
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # A file is UTF-8 whatever the locale; a terminal that cannot show a character shows its number.
        reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="backslashreplace")
    try:
        with _open_for_errors(options.errors, names, parser) as errors:
            command = _Command(options.format, errors)
            for name in names:
                command.read(name)
            command.finish()
    except KeyboardInterrupt:
        return _end_interrupted()
    except OSError as error:  # what cannot be read is told where it is read
        return _end_unwritable(error)
    return _NOT_ALL_READ if command.unreadable or (options.fail_on_failed_run and command.failed) else _ALL_READ


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flowrun-notifications",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="what to read")
    parser.add_argument(
        "--format",
        choices=["text", "table", "json", "csv"],
        default="text",
        help="how runs are shown; text if not given",
    )
    parser.add_argument("--errors", type=Path, metavar="FILE", help="write what could not be read to FILE")
    parser.add_argument("--fail-on-failed-run", action="store_true", help="exit with 1 if a run failed")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _open_for_errors(
    path: Path | None, names: Sequence[str], parser: argparse.ArgumentParser
) -> AbstractContextManager[TextIO | None]:
    if path is None:
        return nullcontext()
    for name in names:
        with suppress(OSError):  # one of the two does not exist
            if path.samefile(name):
                parser.error(f"argument --errors: {printable(name)} is also to be read")
    try:
        return path.open("w", encoding="ascii", newline="\n")
    except OSError as error:
        parser.error(f"argument --errors: cannot write {printable(str(path))}: {error.strerror}")


def _end_interrupted() -> int:
    """Ends by the signal, as a shell expects: a loop around the command ends too."""
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    with suppress(OSError):
        sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.raise_signal(signal.SIGINT)
    return _BY_SIGNAL + signal.SIGINT


def _end_unwritable(error: OSError) -> int:
    with suppress(OSError):
        # What is left in the buffer would fail again at exit.
        stdout = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout)
    if isinstance(error, BrokenPipeError):  # whoever reads has seen enough
        return _BY_SIGNAL + _SIGPIPE
    sys.stderr.write(f"flowrun-notifications: cannot write: {error.strerror}\n")
    return _NOT_ALL_READ


def _head(format_name: str, style: Style) -> str:
    """What stands above the first run."""
    match format_name:
        case "table":
            return table_head(style)
        case "csv":
            return csv_head()
        case _:
            return ""


def _render(run: FlowRun, where: str, format_name: str, style: Style) -> str:
    """A run, and the input and line that it came from, in a format."""
    match format_name:
        case "table":
            return table_row(run, style)
        case "json":
            return json_line(run)
        case "csv":
            return csv_row(run, style)
        case _:
            return block(run, where, style)


def _style(stream: TextIO) -> Style:
    """What a stream can show: colours only on a terminal, and never with ``NO_COLOR``."""
    if not stream.isatty():
        return Style()
    knows_colours = os.environ.get("TERM") != "dumb" and (not _ON_WINDOWS or "WT_SESSION" in os.environ)
    return Style(_columns(stream), in_colour=knows_colours and not os.environ.get("NO_COLOR"), is_terminal=True)


def _columns(terminal: TextIO) -> int:
    with suppress(OSError):
        return os.get_terminal_size(terminal.fileno()).columns or _USUAL_COLUMNS
    return _USUAL_COLUMNS


class _Command:
    """What has been read so far, and where it goes."""

    unreadable: int
    """How many things could not be read."""

    failed: int
    """How many of the runs failed."""

    def __init__(self, format_name: str, errors: TextIO | None) -> None:
        self.unreadable = self.failed = 0
        self._runs = self._partial = self._skipped = 0
        self._format = format_name
        self._style = _style(sys.stdout)
        self._errors = errors
        self._progress = _Progress()
        sys.stdout.write(_head(self._format, self._style))

    def read(self, name: str) -> None:
        """Reads all of a file, or of standard input."""
        if name == STANDARD_INPUT and sys.stdin.isatty():
            self._tell(f"reading standard input; end it with {'Ctrl-Z' if _ON_WINDOWS else 'Ctrl-D'}")
        source = Input(name)
        try:
            for document in source.documents():
                self._read_document(document, source.name)
                if self._progress.is_due():
                    self._progress.show(self._how_far(source, document))
        except UnreadableInputError as error:
            self._tell_error(source.name, str(error))

    def finish(self) -> None:
        """Tells the total, where that says more than the output does."""
        self._progress.clear()
        if self._style.is_terminal and self._format == "text" and self._runs > 1:
            sys.stdout.write("\n")
        is_for_people = self._format in {"text", "table"}
        if self._skipped or self.unreadable or not self._runs or (is_for_people and self._runs > 1):
            self._tell(self._total())
        sys.stdout.flush()

    def _read_document(self, document: Document, source_name: str) -> None:
        where = source_name if document.line is None else f"{source_name}:{document.line}"
        try:
            result = parse_all(document.content)
        except InvalidJSONError as error:
            reason = str(error).removesuffix(f" (line {error.line}, column {error.column})")
            self._tell_error(f"{source_name}:{document.line or error.line}:{error.column}", reason)
            self._keep(document, source_name, reason)
            return
        for run in result.runs:
            self._show(run, where)
        for skipped in result.skipped:
            self._skip(skipped, where)
        for broken in result.errors:
            self._tell_error(where, str(broken))
        if result.errors:
            self._keep(document, source_name, "\n".join(map(str, result.errors)))

    def _show(self, run: FlowRun, where: str) -> None:
        text = _render(run, where, self._format, self._style)
        if self._style.is_terminal:
            self._progress.clear()
        if self._runs and self._format == "text":
            sys.stdout.write("\n")
        sys.stdout.write(text)
        self._runs += 1
        self.failed += run.failed
        self._partial += run.is_partial

    def _skip(self, skipped: NotAFlowRunError, where: str) -> None:
        self._skipped += 1
        if self._skipped <= _MOST_SKIPS_SHOWN:
            at = f" at {skipped.path}" if skipped.path else ""
            what = str(skipped) if skipped.kind == "other" else skipped.kind.replace("_", " ") + at
            self._tell(f"{printable(where)}: skipped: {printable(what)}")
        elif self._skipped == _MOST_SKIPS_SHOWN + 1:
            self._tell("what else is skipped is only counted")

    def _tell_error(self, where: str, reason: str) -> None:
        self.unreadable += 1
        self._tell(f"{printable(where)}: error: " + "\n  ".join(map(printable, reason.splitlines())))

    def _tell(self, text: str) -> None:
        self._progress.clear()
        sys.stdout.flush()  # so that the two stay in order where they go to the same place
        sys.stderr.write(f"{text}\n")

    def _keep(self, document: Document, source_name: str, reason: str) -> None:
        if self._errors is None:
            return
        entry: dict[str, object] = {"file": source_name, "line": document.line, "reason": reason}
        try:
            entry["original"] = document.content.decode()
        except UnicodeDecodeError:
            entry["original_base64"] = base64.b64encode(document.content).decode()
        self._errors.write(json.dumps(entry) + "\n")

    def _total(self) -> str:
        kinds = ((self.failed, "failed"), (self._partial, "partial"))
        of_them = ", ".join(f"{number:,} {kind}" for number, kind in kinds if number)
        parts = [f"{self._runs:,} flow run{'' if self._runs == 1 else 's'}" + (f" ({of_them})" if of_them else "")]
        if self._skipped:
            parts.append(f"{self._skipped:,} skipped")
        if self.unreadable:
            parts.append(f"{self.unreadable:,} could not be read")
        return ", ".join(parts)

    def _how_far(self, source: Input, document: Document) -> str:
        fraction = source.fraction_read()
        percentage = "" if fraction is None else f" {fraction:.0%}"
        line = "" if document.line is None else f", line {document.line:,}"
        return f"{printable(source.name)}{percentage}{line}: {self._total()}"


class _Progress:
    """One line on the terminal that tells how far reading has come; nothing where standard error is no terminal."""

    def __init__(self) -> None:
        self._is_possible = sys.stderr.isatty()
        self._next = monotonic() + _PROGRESS_EVERY
        self._room = 0

    def is_due(self) -> bool:
        """Whether it is time to show it, or to show it again."""
        return self._is_possible and monotonic() >= self._next

    def show(self, text: str) -> None:
        """Shows a text in place of the one before."""
        self.clear()
        self._room = _columns(sys.stderr) - 1
        sys.stderr.write(cut(text, self._room))
        sys.stderr.flush()
        self._next = monotonic() + _PROGRESS_EVERY

    def clear(self) -> None:
        """Takes it off the terminal."""
        if self._room:
            sys.stderr.write("\r" + " " * self._room + "\r")
            sys.stderr.flush()
            self._room = 0


if __name__ == "__main__":
    sys.exit(main())
