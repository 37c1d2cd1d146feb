"""Decides what people are told about a run. The renderers (text, Markdown, HTML) only decide how that looks.

A run is told as a heading and a list of facts. A fact is made of paragraphs, a paragraph of parts: a `Quote` is text of
the payload, which each renderer escapes in its own way; every other part is ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flowrun_notifications._display.amounts import tell_amounts, tell_record_details
from flowrun_notifications._display.wording import (
    GAP,
    MAX_NAME,
    Outcome,
    Quote,
    Shade,
    clock,
    describe_outcome,
    describe_status,
    quote,
    took,
)
from flowrun_notifications._models.error_codes import lookup_error
from flowrun_notifications._models.ids_and_urls import find, manifest_urls
from flowrun_notifications._models.outcome import is_partial
from flowrun_notifications._models.run_errors import finish, gather_reasons, select_causes
from flowrun_notifications._models.status import RunStatus
from flowrun_notifications._models.values import count_text, printable
from flowrun_notifications._reading.look_alikes import find_look_alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowrun_notifications._models.error_codes import ErrorCode
    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._models.parts import Activity
    from flowrun_notifications._models.run_errors import Reasons, RunError
    from flowrun_notifications._reading.other_messages import OtherMessage

__all__ = [
    "Ending",
    "Fact",
    "Heading",
    "Paragraph",
    "activity_name",
    "code_facts",
    "describe_other",
    "diagnostics",
    "error_fact",
    "facts",
    "heading",
    "read_ending",
    "reasons",
    "status_note",
    "summarise",
]

Paragraph = tuple[str, ...]
"""The parts of a paragraph; `Quote` for text of the payload."""

ERROR_CODES_URL: str | None = None
"""The page that explains the error codes, each under its code in lower case; ``None`` until it has an address."""

_RETRYABLE = {True: "may help", False: "does not help"}
_EVIDENCE = {"adobe": "Adobe", "microsoft": "Microsoft", "third_party": "a third party"}

_MAX_MESSAGE = 600
_MAX_MESSAGES = 10
_MAX_CODES = 20
_MAX_IDS = 5


class Fact(NamedTuple):
    """One thing that is told about a run."""

    label: str
    """A word or two in lower case."""

    paragraphs: tuple[Paragraph, ...]
    """The text, one paragraph at least."""

    lead: str = ""
    """The outcome or the code that the first paragraph begins with; empty if there is none."""

    shade: Shade = "other"
    """The colour of the lead."""


class Heading(NamedTuple):
    """The first line about a run."""

    outcome: Outcome
    """How the run ended."""

    name: Paragraph
    """The flow's name, or else its id."""


class Ending(NamedTuple):
    """How a run ended, and why: read once, told in several places."""

    status: RunStatus | str | None
    """The status of the run."""

    is_partial: bool
    """Whether something went missing though the run did not fail."""

    reasons: Reasons
    """Its errors, skips and warnings."""


def read_ending(run: FlowRun) -> Ending:
    """Return how a run ended, and why."""
    status, metrics, activities = run.status, run.metrics, run.activities
    found = gather_reasons(metrics, activities)
    return Ending(status, is_partial(status, metrics, activities, found.errors), found)


def heading(run: FlowRun, ending: Ending) -> Heading:
    """Return the first line about a run: how it ended, and what ran."""
    name = (quote(run.flow_name, MAX_NAME),) if run.flow_name else ("flow ", quote(run.flow_id))
    return Heading(describe_outcome(run, ending.status, is_partial=ending.is_partial), name)


def facts(run: FlowRun, ending: Ending) -> list[Fact]:
    """Return everything that is told about a run, in order."""
    metrics, activities = run.metrics, run.activities
    told: list[Fact] = []
    note = status_note(run, ending)
    if note:
        told.append(Fact("status", (note,)))
    told.append(Fact("run", ((quote(run.id),),)))
    flow_id = run.flow_id if run.flow_name else None
    for label, text in (("flow", flow_id), ("type", run.flow_type), ("sandbox", run.sandbox_name)):
        if text:
            told.append(Fact(label, ((quote(text, MAX_NAME),),)))
    told.append(Fact("when", ((_when(run),),)))
    amounts = {"in": "not reported", "out": "not reported", **tell_amounts(metrics), **tell_record_details(metrics)}
    told += [Fact(label, ((text,),)) for label, text in amounts.items()]
    told += map(_activity, activities)
    told += reasons(ending)
    found = find(metrics, activities)
    told += diagnostics(found.manifests)
    if found.batch_ids:
        told.append(Fact("batch", (_shorten_ids(tuple(found.batch_ids)),)))
    if run.message:
        told.append(Fact("message", ((quote(run.message, _MAX_MESSAGE),),)))
    if run.url:
        told.append(Fact("see", ((_url(run.url),),)))
    return told


# --- how it ended, and when -----------------------------------------------------------------------------------------


def status_note(run: FlowRun, ending: Ending) -> Paragraph:
    """Return what the outcome does not say about the status; empty if there is nothing to add."""
    status = ending.status
    if status is None:
        return ("not reported", *_look_alike_hint(run))
    if not isinstance(status, RunStatus):
        return ("not a known status",)
    return ("success, but with errors or losses",) if status is RunStatus.SUCCESS and ending.is_partial else ()


def _look_alike_hint(run: FlowRun) -> Paragraph:
    """Return a hint at the key that looks like the missing one on the way to the status."""
    metrics, status = run.metrics, run.metrics.status_summary
    for model, name, key in (
        (run, "metrics", "metrics"),
        (metrics, "status_summary", "statusSummary"),
        (status, "status", "status"),
    ):
        if name not in model.model_fields_set:
            look_alike = find_look_alike(key, model.model_extra)
            return () if look_alike is None else ("; the key ", quote(look_alike, MAX_NAME), f" looks like {key}")
    return ()


def _when(run: FlowRun) -> str:
    started, completed = run.started_at, run.completed_at
    if started is not None and completed is not None:
        begin, end = clock(started), clock(completed)
        same_day = begin[:10] == end[:10]
        return f"{begin} to {end[11:] if same_day else end} UTC, {took(completed - started)}"
    if started is not None:
        is_open = isinstance(run.status, RunStatus) and not run.is_finished
        return f"{clock(started)} UTC, {'not finished' if is_open else 'end not reported'}"
    if completed is not None:
        return f"until {clock(completed)} UTC, start not reported"
    if run.created_at is not None:
        return f"not reported; recorded {clock(run.created_at)} UTC"
    return "not reported"


# --- the steps ------------------------------------------------------------------------------------------------------


def _activity(activity: Activity) -> Fact:
    outcome = describe_status(activity.status_summary.status)
    details = [f"{label} {text}" for label, text in tell_amounts(activity).items()]
    time = _activity_time(activity)
    if time:
        details.insert(0, time)
    name = activity_name(activity)
    return Fact("activity", (name, ("; ".join(details),)) if details else (name,), outcome.words, outcome.shade)


def activity_name(activity: Activity) -> Paragraph:
    """Return the name of a step, or else its id, and its kind where that does not say it."""
    name, kind = activity.name or activity.id, activity.kind
    if not name:
        return ("without a name",)
    return (quote(name, MAX_NAME), f" ({kind})") if kind and kind not in name.lower() else (quote(name, MAX_NAME),)


def _activity_time(activity: Activity) -> str:
    times = activity.duration_summary
    if times.started_at_utc is None:
        return ""
    if times.completed_at_utc is None:
        return f"started {clock(times.started_at_utc)} UTC, end not reported"
    return took(times.completed_at_utc - times.started_at_utc)


# --- why ------------------------------------------------------------------------------------------------------------


def reasons(ending: Ending) -> list[Fact]:
    """Return why a run ended as it did: the causes, what they were reported as, then skips and warnings."""
    drafts = ending.reasons
    failed = ending.status is RunStatus.FAILED
    told: list[Fact] = []
    if drafts.errors:
        shade: Shade = "failed" if failed else "partial"
        errors = finish(drafts.errors)
        causes = select_causes(errors)
        told += _by_code("cause", causes, shade)
        if len(causes) < len(errors):
            told += _by_code("reported as", [error for error in errors if not error.is_nested], shade)
    elif failed or ending.is_partial:
        told.append(Fact("cause", (("none is given",),)))
    if drafts.skips:
        told += _by_code("skip", finish(drafts.skips), "partial")
    if drafts.warnings:
        told += _by_code("warning", finish(drafts.warnings), "partial")
    return told


def _by_code(label: str, errors: Sequence[RunError], shade: Shade) -> list[Fact]:
    """Return a fact for each code, so that each code is explained once."""
    groups: dict[str | None, list[RunError]] = {}
    for error in errors:
        groups.setdefault(error.code or None, []).append(error)
    told = [_explain_group(label, group, shade) for group in list(groups.values())[:_MAX_CODES]]
    if len(groups) > _MAX_CODES:
        told.append(Fact(label, ((f"and {count_text(len(groups) - _MAX_CODES, 'more code')}",),)))
    return told


def _explain_group(label: str, group: Sequence[RunError], shade: Shade) -> Fact:
    info = group[0].info
    texts = [_message(error, info) for error in group[:_MAX_MESSAGES]]
    if len(group) > _MAX_MESSAGES:
        texts.append((f"and {len(group) - _MAX_MESSAGES:,} more with this code",))
    title = info.title
    if len(group) > 1:
        texts = [("- ", *text) for text in texts]
        title = title or count_text(len(group), "message")
    if title:
        texts.insert(0, (title,))
    if label != "reported as":  # an outer error only says which step failed: advice belongs to the cause
        texts += _advice(info)
    return Fact(label, tuple(texts), quote(group[0].code or "", MAX_NAME), shade)


def error_fact(error: RunError) -> Fact:
    """Return an error on its own: its code, the message, what to do."""
    is_warning = (error.type or "").lower() == "warning"
    return _explain_group("warning", [error], "partial") if is_warning else _explain_group("error", [error], "failed")


def _message(error: RunError, info: ErrorCode) -> Paragraph:
    """Return where an error arose, what happened, and how often."""
    name = quote(error.activity_name or error.activity_id or "", MAX_NAME)
    text = quote(error.message or "", _MAX_MESSAGE) or info.meaning or "no text is given"
    told = (name, ": ", text) if name else (text,)
    if error.record_count is None and error.count is None:
        return told
    counts = ((error.record_count, "record"), (error.count, "time"))
    counted = ", ".join(count_text(number, unit, GAP) for number, unit in counts if number is not None)
    return (*told, f" ({counted})")


def _advice(info: ErrorCode) -> list[Paragraph]:
    """Return what to do about an error, as far as anybody says."""
    advice: list[Paragraph] = []
    if info.remedy:
        advice.append((f"What to do: {info.remedy}",))
    if info.retryable is not None:
        advice.append((f"Trying again unchanged {_RETRYABLE[info.retryable]}.",))
    url = _code_url(info)
    if url:
        advice.append((f"More: {url}",))
    return advice


def _code_url(info: ErrorCode) -> str | None:
    return f"{ERROR_CODES_URL}#{info.code.lower()}" if ERROR_CODES_URL and info.is_documented else None


def summarise(error: RunError) -> Paragraph:
    """Return the code of an error and its title, or else its message."""
    title = error.info.title or quote(error.message or "", MAX_NAME)
    code = (quote(error.code, MAX_NAME),) if error.code else ()
    return (*code, " ", title) if code and title else code or (title,)


def diagnostics(manifests: Sequence[dict[str, Any]]) -> list[Fact]:
    """Return where Adobe keeps the lists of files, the failed rows, and samples of the errors."""
    told: list[Fact] = []
    for label, key in (("file list", "fileInfo"), ("failed rows", "failedRecords"), ("samples", "sampleErrors")):
        urls = list(manifest_urls(manifests, key))
        if urls:
            more: list[Paragraph] = [(f"and {len(urls) - _MAX_IDS:,} more",)] if len(urls) > _MAX_IDS else []
            told.append(Fact(label, (*[(_url(url),) for url in urls[:_MAX_IDS]], *more)))
    return told


def _url(url: str) -> Quote:
    # Published URLs hold unescaped spaces.
    return Quote(printable(url).replace(" ", "%20"))


def _shorten_ids(ids: Sequence[str]) -> Paragraph:
    parts: list[str] = [part for id_ in ids[:_MAX_IDS] for part in (", ", quote(id_))][1:]
    return (*parts, f", and {len(ids) - _MAX_IDS:,} more") if len(ids) > _MAX_IDS else tuple(parts)


# --- codes and other messages ---------------------------------------------------------------------------------------


def code_facts(code: str) -> tuple[Paragraph, list[Fact]]:
    """Return the heading of an error code, and everything that is known about it."""
    info = lookup_error(code)
    told = (
        ("meaning", info.meaning),
        ("what to do", info.remedy),
        ("try again", None if info.retryable is None else _RETRYABLE[info.retryable]),
        ("other names", ", ".join(info.names)),
        ("step", info.stage),
        ("family", info.family),
        ("number", info.number),
        ("HTTP status", None if info.http_status is None else str(info.http_status)),
        ("source", info.evidence and _EVIDENCE[info.evidence]),
        ("notes", info.notes),
        ("see", _code_url(info)),
    )
    title = info.title or "not documented"
    return (quote(info.code), "  ", title), [Fact(label, ((text,),)) for label, text in told if text]


def describe_other(other: OtherMessage) -> Paragraph:
    """Return what a message is that is not a flow run, and where it stands."""
    if other.kind == "other":
        return (Quote(quote(other.description)),)
    kind = other.kind.replace("_", " ")
    return ("not a flow run at ", quote(other.path), f": {kind}") if other.path else (f"not a flow run: {kind}",)
