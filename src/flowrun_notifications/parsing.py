"""The three entry points, and what they share: a record becomes a run, or the error that says why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError
from typing_extensions import override

from flowrun_notifications.decoding import decode_json, to_bytes
from flowrun_notifications.exceptions import (
    FlowRunNotificationError,
    InvalidFlowRunError,
    InvalidJSONError,
    LineError,
    NotAFlowRunError,
    PartialParseError,
    Problem,
    RunCountError,
)
from flowrun_notifications.models import FlowRun
from flowrun_notifications.one_pass import read
from flowrun_notifications.other_messages import kind_of_value
from flowrun_notifications.values import is_object
from flowrun_notifications.wrappers import Found, deliver, find, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic_core import ErrorDetails

    from flowrun_notifications.decoding import Payload

__all__ = ["ParseResult", "parse", "parse_all", "parse_lines", "problem", "salvage"]

_Location = tuple[str | int, ...]

_validate_record = FlowRun.__pydantic_validator__.validate_python


def parse(payload: Payload) -> FlowRun:
    """The one flow run in a payload, whatever wrapper it came in.

    Things beside it that are no runs do not count; broken runs do.

    Args:
        payload: JSON text, its UTF-8 bytes, or decoded JSON. It is never changed.

    Raises:
        InvalidJSONError: The payload is not JSON.
        NotAFlowRunError: It holds something, but no flow run.
        InvalidFlowRunError: The run has unusable values.
        RunCountError: It holds several runs, or nothing at all.
    """
    data = to_bytes(payload)
    runs = read(data)
    if runs is not None:
        if len(runs) == 1:
            return runs[0]
        raise RunCountError(len(runs))
    found = find(decode_json(data))
    candidates = [item for item in found if item.is_run] or found[:1]
    if len(candidates) != 1:
        raise RunCountError(len(candidates))
    outcome = _judge(candidates[0])
    if isinstance(outcome, FlowRun):
        return outcome
    raise outcome


def parse_all(payload: Payload) -> ParseResult:
    """Every flow run in a payload, and everything else in it told apart.

    One broken run never costs the others.

    Args:
        payload: JSON text, its UTF-8 bytes, or decoded JSON. It is never changed.

    Raises:
        InvalidJSONError: The payload is not JSON.
    """
    runs, skipped, errors = _sort(to_bytes(payload))
    return ParseResult(tuple(runs), tuple(skipped), tuple(errors))


def _sort(data: bytes) -> tuple[list[FlowRun], Sequence[NotAFlowRunError], Sequence[InvalidFlowRunError]]:
    """Every item of a payload as what it is: a run, no run, or a broken one."""
    sound = read(data)
    if sound is not None:
        return sound, (), ()
    runs: list[FlowRun] = []
    skipped: list[NotAFlowRunError] = []
    errors: list[InvalidFlowRunError] = []
    for item in find(decode_json(data)):
        outcome = _judge(item)
        if isinstance(outcome, FlowRun):
            runs.append(outcome)
        elif isinstance(outcome, NotAFlowRunError):
            skipped.append(outcome)
        else:
            errors.append(outcome)
    return runs, skipped, errors


@dataclass(frozen=True)
class ParseResult:
    """What a payload holds. The three together account for every item in it."""

    runs: tuple[FlowRun, ...]
    """The flow runs, in document order."""

    skipped: tuple[NotAFlowRunError, ...]
    """What is no flow run: alerts, audit events and whatever else shares the subscription."""

    errors: tuple[InvalidFlowRunError, ...]
    """The flow runs that are broken."""

    def raise_for_errors(self) -> None:
        """Raises an error if a flow run is broken. What was skipped is no error.

        Raises:
            PartialParseError: With the sound runs and the errors.
        """
        if self.errors:
            raise PartialParseError(self.runs, self.errors)

    @override
    def __repr__(self) -> str:
        return f"<ParseResult runs={len(self.runs)} skipped={len(self.skipped)} errors={len(self.errors)}>"

    def _repr_html_(self) -> str:
        """The result as a notebook shows it."""
        from flowrun_notifications._notebook import result_html  # noqa: PLC0415 - few are in a notebook

        return result_html(self)


def parse_lines(
    lines: Iterable[str | bytes], *, on_error: Callable[[LineError], None] | None = None
) -> Iterator[FlowRun]:
    """The flow runs of an NDJSON archive of any size, one after the other, in bounded memory.

    Each line may be any payload; blank lines are nothing.

    Args:
        lines: The lines, such as an open file.
        on_error: Called once for every line that is broken or holds something other than flow runs; reading goes on,
            so that every line is accounted for.

    Raises:
        LineError: Without ``on_error``: for the first broken line. Lines that hold something other than flow runs are
            passed over.
    """
    for number, line in enumerate(lines, start=1):
        content = line.rstrip(" \t\r\n") if isinstance(line, str) else line.rstrip(b" \t\r\n")
        if not content:
            continue
        runs: Sequence[FlowRun] = ()
        failures: Sequence[FlowRunNotificationError]
        try:
            runs, skipped, failures = _sort(to_bytes(content))
        except InvalidJSONError as error:
            failures = (error,)
        else:
            yield from runs
            if skipped and on_error is not None:
                failures = (*failures, *skipped)
        if failures:
            reason = failures[0] if len(failures) == 1 else PartialParseError(runs, failures)
            line_error = LineError(number, line, reason)
            if on_error is None:
                raise line_error from reason
            on_error(line_error)


def _judge(found: Found) -> FlowRun | NotAFlowRunError | InvalidFlowRunError:
    """What stands at a place: a run, or the error that says why it is none."""
    if not found.is_run:
        return NotAFlowRunError(found)
    try:
        run: FlowRun = _validate_record(found.content, by_alias=True, by_name=False)
    except ValidationError as error:
        invalid = InvalidFlowRunError(error, found)
        invalid.__cause__ = error.with_traceback(None)
        return invalid
    deliver(run, settle(found.said), found.path, found.wrappers)
    return run


def problem(detail: ErrorDetails, found: Found) -> Problem:
    """What is wrong with a value of a record, as validating it told."""
    where = detail["loc"]
    expected = _EXPECTED.get(detail["type"], "a usable value")
    return Problem(_path(found.path, where), expected, _found_at(found.content, where))


_EXPECTED = {
    "missing": "text",  # only ids are required
    "string_type": "text",
    "integer": "a whole number",
    "number": "a number",
    "instant": "a time (an epoch or ISO 8601 text)",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def _path(start: str, location: _Location) -> str:
    path = start
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def _found_at(record: object, location: _Location) -> str:
    value: Any = record
    for step in location:
        if isinstance(step, str) and step not in value:
            return "nothing"
        value = value[step]
    return kind_of_value(value)


def salvage(found: Found, locations: Iterable[_Location]) -> FlowRun | None:
    """The run in a record with the values at these locations read as absent; ``None`` if its ids are among them."""
    outcome: object = None
    while all(locations):
        found = found._replace(content=_without(found.content, locations))
        outcome = _judge(found)
        if not isinstance(outcome, InvalidFlowRunError):
            break
        if any(problem.found == "nothing" for problem in outcome.problems):
            return None
        locations = outcome.locations  # another spelling of a key, hidden until now
    return outcome if isinstance(outcome, FlowRun) else None


def _without(value: Any, locations: Iterable[_Location]) -> Any:
    """A JSON value without what stands at these locations; entries of a list close up."""
    below: dict[str | int, list[_Location]] = {}
    for location in locations:
        below.setdefault(location[0], []).append(location[1:])
    steps = value.items() if is_object(value) else enumerate(value)
    kept = [
        (step, _without(item, below[step]) if step in below else item)
        for step, item in steps
        if () not in below.get(step, ())
    ]
    return dict(kept) if is_object(value) else [item for _, item in kept]
