"""The command line: arguments and exit codes. See :mod:`flowrun_notifications._display.command` for the rest."""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import pydantic

from flowrun_notifications import __version__
from flowrun_notifications._display.command import FORMATS, STANDARD_INPUT, Command, Options
from flowrun_notifications._display.facts import code_facts
from flowrun_notifications._display.terminal import code_block, style_of
from flowrun_notifications._models.values import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

__all__ = ["main"]

_ALL_READ, _NOT_ALL_READ = 0, 1
_BY_SIGNAL = 128
_SIGPIPE = 13  # Windows has none

_DESCRIPTION = """\
Show what happened in the flow runs of Adobe Experience Platform, from their
notifications in any wrapper.

Each FILE may be plain or gzip, and hold one JSON document or many, whatever
separates them. Without FILE, or where FILE is -, standard input is read.
Messages that are not flow runs are named on standard error.
"""

_EPILOG = """\
formats:
  text      a block for each run: what ran, how it ended, when, how much, why,
            what to do, and where the failed rows are
  table     a line for each run
  markdown  the same as text, for a chat, a mail or a ticket; no text of the
            payload becomes markup, a mention or a link
  json      a line of JSON for each run, as Flow Service would write it, and
            the event's id, code and provider beside it; it can be read again
  csv       a row for each run, with the columns that the documentation of
            flowrun_notifications.tabular lists; a text that a spreadsheet
            would run as a formula gets an apostrophe in front of it

documents that could not be read:
  --errors FILE gets a line of JSON for each document that could not be read,
  or only in part:
    {"file": ..., "line": ..., "reason": ..., "original": ...}
  "line" is the line on which the document starts, "original" its text; if it
  is not UTF-8, "original_base64" holds its bytes. This takes the documents
  out again:
    jq -r .original FILE

exit status:
  0  everything was read, or a code was explained
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
    arguments = parser.parse_intermixed_args(argv)
    if arguments.code is not None and arguments.files:
        parser.error("argument --code: reads nothing; not allowed with FILE")
    if arguments.redact and (arguments.attention or arguments.latest):
        parser.error("argument --redact: writes whole payloads; not allowed with --attention or --latest")
    names: list[str] = arguments.files or [STANDARD_INPUT]
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        # A file is UTF-8 whatever the locale; a terminal that cannot show a character shows its number.
        reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="backslashreplace")
    try:
        if arguments.code is not None:
            sys.stdout.write(code_block(*code_facts(arguments.code), style_of(sys.stdout)))
            sys.stdout.flush()
            return _ALL_READ
        options = Options(arguments.format, arguments.attention, arguments.latest, arguments.redact)
        with _open_for_errors(arguments.errors, names, parser) as errors:
            command = Command(options, errors)
            for name in names:
                command.read(name)
            command.finish()
    except KeyboardInterrupt:
        return _end_interrupted()
    except OSError as error:  # read errors are handled in Command.read
        return _end_unwritable(error)
    return _NOT_ALL_READ if command.unreadable or (arguments.fail_on_failed_run and command.failed) else _ALL_READ


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flowrun-notifications",
        usage="%(prog)s [OPTION ...] [FILE ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="a file to read")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--format", choices=FORMATS, default="text", help="how to show runs; text if not given")
    shown.add_argument(
        "--markdown", action="store_const", dest="format", const="markdown", help="the same as --format markdown"
    )
    shown.add_argument(
        "--redact",
        action="store_true",
        help="write the payloads instead, with made-up ids, names, texts and numbers, to paste into an issue",
    )
    shown.add_argument("--code", metavar="CODE", help="explain an error code, and read nothing")
    parser.add_argument("--attention", action="store_true", help="show only runs that need attention")
    parser.add_argument("--latest", action="store_true", help="show only the latest state of each run")
    parser.add_argument("--errors", type=Path, metavar="FILE", help="write what could not be read to FILE")
    parser.add_argument("--fail-on-failed-run", action="store_true", help="exit with 1 if a run failed")
    versions = f"Python {platform.python_version()}, pydantic {pydantic.VERSION}"
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__} ({versions})")
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
    """Die from the signal, so that a surrounding shell loop stops too."""
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
    if isinstance(error, BrokenPipeError):  # the reader closed the pipe, for example `head`
        return _BY_SIGNAL + _SIGPIPE
    sys.stderr.write(f"flowrun-notifications: cannot write: {error.strerror}\n")
    return _NOT_ALL_READ


if __name__ == "__main__":
    sys.exit(main())
