"""Shows runs, results, errors and alerts in notebooks: self-contained HTML, with no script and nothing to fetch.

Colours are those of the notebook's theme, elsewhere those that the system prefers. A notebook that is not trusted
drops the style sheet; what remains are the same words in plain tables and lists.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from flowrun_notifications._display.facts import (
    Fact,
    activity_name,
    describe_other,
    diagnostics,
    error_fact,
    heading,
    read_ending,
    reasons,
    status_note,
    summarise,
)
from flowrun_notifications._display.wording import (
    GAP,
    MAX_NAME,
    Outcome,
    Quote,
    clock,
    count_runs,
    describe_outcome,
    describe_status,
    quote,
    took,
)
from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.ids_and_urls import find
from flowrun_notifications._models.run_errors import RunError
from flowrun_notifications._models.values import count_text
from flowrun_notifications._reading.results import ParseResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from flowrun_notifications._models.parts import Activity, DurationSummary, Metrics
    from flowrun_notifications._reading.other_messages import Alert

__all__ = ["to_html"]

_MAX_ROWS = 50
_MAX_LISTED = 20
_MAX_TEXT = 600

# Set the background together with the text colour, so that text stays readable outside any theme. The class stands
# twice where a notebook's own rules for tables and code would win otherwise.
_STYLE = """<style>
.flowrun{--ink:#1f2328;--paper:#fff;--line:#8885;max-width:72em;padding:.8em 1em;border:1px solid var(--line);
border-radius:6px;font:13px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;
color:var(--jp-content-font-color1,var(--vscode-foreground,var(--ink)));
background:var(--jp-layout-color0,var(--vscode-editor-background,var(--paper)))}
@media(prefers-color-scheme:dark){.flowrun{--ink:#e6edf3;--paper:#15191f}}
.flowrun p,.flowrun ul{margin:.3em 0;padding:0}
.flowrun ul{padding-left:1.3em}
.flowrun.flowrun a{color:inherit;text-decoration:underline}
.flowrun.flowrun code{font:12px ui-monospace,monospace;color:inherit;background:none;padding:0}
.flowrun small{font-size:inherit;opacity:.75}
.flowrun b.is{margin-right:.3em;padding:.1em .5em;border-radius:4px;color:#fff;white-space:nowrap}
.flowrun .is,.flowrun .bar{background:#57606a}
.flowrun .success{background:#1a7f37}
.flowrun .failed{background:#cf222e}
.flowrun .partial{background:#9a6700}
.flowrun div{overflow-x:auto;margin:.6em 0}
.flowrun.flowrun table{table-layout:auto;border-collapse:collapse;margin:0;font:inherit;width:100%}
.flowrun.flowrun tr{background:none;border-bottom:1px solid var(--line)}
.flowrun.flowrun :is(th,td){padding:.25em .7em .25em 0;text-align:left;vertical-align:top;border:0;line-height:inherit}
.flowrun th{font-weight:600;white-space:nowrap}
.flowrun td{overflow-wrap:normal}
.flowrun td:first-child{min-width:7em}
.flowrun.flowrun .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.flowrun .t{min-width:8em;width:25%}
.flowrun .t span{display:block;position:relative;height:1.4em}
.flowrun .bar{position:absolute;top:.3em;height:.8em;min-width:3px;border-radius:2px}
.flowrun .open{-webkit-mask:linear-gradient(90deg,#000,#0000);mask:linear-gradient(90deg,#000,#0000)}
</style>"""


def to_html(shown: FlowRun | ParseResult | RunError | Alert) -> str:
    """Return what a notebook shows."""
    if isinstance(shown, FlowRun):
        parts = _run(shown)
    elif isinstance(shown, ParseResult):
        parts = _result(shown)
    elif isinstance(shown, RunError):
        fact = error_fact(shown)
        parts = [f"<p>{_badge(Outcome(fact.label, fact.shade))} {_explanation(fact)}</p>"]
    else:
        parts = _alert(shown)
    return f'{_STYLE}<div class="flowrun">{"".join(parts)}</div>'


def _run(run: FlowRun) -> Iterable[str]:
    """Yield how a run ended, what ran, when and how much by step, and why, with what to do about it."""
    ending = read_ending(run)
    head = heading(run, ending)
    note = _html(status_note(run, ending))
    more = f" <small>status {note}</small>" if note else ""
    yield f"<p>{_badge(head.outcome)} <strong>{_html(head.name)}</strong>{more}</p>"
    about = [f"run <code>{_text(run.id)}</code>"]
    if run.flow_name:
        about.append(f"flow <code>{_text(run.flow_id)}</code>")
    about += [_text(text) for text in (run.flow_type, run.sandbox_name) if text]
    yield _small([*about, *_link(run.url)])
    if run.message:
        yield f"<p>{_text(run.message)}</p>"
    yield _steps(run, head.outcome)
    manifests = find(run.metrics, run.activities).manifests
    yield _facts([*reasons(ending), *diagnostics(manifests)])


def _result(result: ParseResult) -> Iterable[str]:
    """Yield a row for each run of a payload, and what else it holds."""
    runs, others, errors = result.runs, result.others, result.errors
    total = count_runs(len(runs), sum(run.failed for run in runs), sum(run.is_partial for run in runs))
    counts = (total, count_text(len(others), "other message"), count_text(len(errors), "error"))
    yield f"<p><strong>{', '.join(counts)}</strong></p>"
    if runs:
        yield _runs(runs)
    if others:
        yield _list("Other messages", [_html(describe_other(other)) for other in others[:_MAX_LISTED]], len(others))
    if errors:
        items = ["<br>".join(map(_text, str(error).splitlines())) for error in errors[:_MAX_LISTED]]
        yield _list("Could not be read", items, len(errors))


def _alert(alert: Alert) -> Iterable[str]:
    """Yield whether an alert fires, on which rule, what it says, and what it is about."""
    outcome = Outcome(quote(alert.status or "alert", MAX_NAME).lower(), "failed" if alert.is_firing else "other")
    yield f"<p>{_badge(outcome)} <strong>{_text(alert.name or 'alert')}</strong></p>"
    ids = (("alert", alert.id), ("flow", alert.flow_id), ("run", alert.flow_run_id))
    about = [f"{what} <code>{_text(id_)}</code>" for what, id_ in ids if id_]
    yield _small([*about, *([_text(alert.sandbox_name)] if alert.sandbox_name else []), *_link(alert.url)])
    if alert.message:
        yield f"<p>{_text(alert.message)}</p>"
    told = [
        f"{what} {_text(text)}"
        for what, text in (
            ("severity", alert.severity),
            ("value", alert.value),
            ("raised", alert.created_at and f"{clock(alert.created_at)} UTC"),
            ("resolved", alert.resolved_at and f"{clock(alert.resolved_at)} UTC"),
        )
        if text
    ]
    yield _small(told)


def _text(text: str) -> str:
    """Return a text of a payload on one line, cut, with everything escaped that would be more than text."""
    return escape(quote(text, _MAX_TEXT))


def _html(paragraph: Iterable[str]) -> str:
    return "".join(_text(part) if isinstance(part, Quote) else escape(part.replace(GAP, " ")) for part in paragraph)


def _small(parts: Sequence[str]) -> str:
    return f"<p><small>{' · '.join(parts)}</small></p>" if parts else ""


def _link(url: str | None) -> list[str]:
    if url is None or not url.startswith("https://"):
        return []
    return [f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">monitoring</a>']


def _badge(outcome: Outcome) -> str:
    shade = "" if outcome.shade == "other" else f" {outcome.shade}"
    return f'<b class="is{shade}">{escape(outcome.words)}</b>'


# --- the steps, and when they ran -----------------------------------------------------------------------------------


def _steps(run: FlowRun, outcome: Outcome) -> str:
    """Return a table of the run and its activities."""
    activities = run.activities[:_MAX_ROWS]
    parts: list[Metrics | Activity] = [run.metrics, *activities]
    outcomes = [outcome, *(describe_status(activity.status_summary.status) for activity in activities)]
    times = [part.duration_summary for part in parts]
    columns = [
        ("Step", ["whole run", *(_html(activity_name(activity)) for activity in activities)]),
        ("Status", [_badge(outcome) for outcome in outcomes]),
        *_times(times),
    ]
    instants = [at for time in times for at in (time.started_at_utc, time.completed_at_utc) if at is not None]
    if instants:
        whole = min(instants), max(instants)
        bars = [_bar(time, outcome, *whole) for time, outcome in zip(times, outcomes, strict=True)]
        columns.append(("@Time line", bars))
    columns += _amounts(parts)
    return _table(columns) + _and_more(len(run.activities) - len(activities), "step")


def _amounts(parts: Sequence[Metrics | Activity]) -> Iterable[tuple[str, list[str]]]:
    """Yield the columns of amounts; those of losses, files and bytes only where something is known of them."""
    records = [part.record_summary for part in parts]
    yield "#Records in", [_number(counts.input_record_count) for counts in records]
    yield "#out", [_number(counts.output_record_count) for counts in records]
    failed = [counts.failed_record_count for counts in records]
    skipped = [counts.skipped_record_count for counts in records]
    for title, numbers in (("#failed", failed), ("#skipped", skipped)):
        if any(numbers):
            yield title, [_number(number) for number in numbers]
    files = [(part.file_summary.input_file_count, part.file_summary.output_file_count) for part in parts]
    sizes = [(part.size_summary.input_bytes, part.size_summary.output_bytes) for part in parts]
    for title, pairs in (("#Files in, out", files), ("#Bytes in, out", sizes)):
        if any(pair != (None, None) for pair in pairs):
            yield title, [" → ".join(_number(number) or "?" for number in pair).replace("? → ?", "") for pair in pairs]


def _number(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _times(times: Sequence[DurationSummary]) -> list[tuple[str, list[str]]]:
    """Return the columns for when each began, and how long it took."""
    spans = [(time.started_at_utc, time.completed_at_utc) for time in times]
    return [
        ("#Started (UTC)", ["" if begin is None else clock(begin) for begin, _ in spans]),
        ("#Took", ["" if begin is None or end is None else _html([took(end - begin)]) for begin, end in spans]),
    ]


def _bar(time: DurationSummary, outcome: Outcome, begin: datetime, end: datetime) -> str:
    """Return a bar where a step lies between two instants. It fades where the step's end is not known."""
    length = end - begin or timedelta(1)
    started, completed = time.started_at_utc, time.completed_at_utc
    first = started or completed
    if first is None:
        return ""
    left = (first - begin) / length * 100
    width = max(((completed or end) - first) / length * 100, 0)
    shade = "" if outcome.shade == "other" else outcome.shade
    kind = " ".join(filter(None, ("bar", shade, "open" if completed is None else "")))
    return f'<span><i class="{kind}" style="left:min({left:.4g}%,100% - 3px);width:{width:.4g}%"></i></span>'


def _runs(runs: Sequence[FlowRun]) -> str:
    shown = runs[:_MAX_ROWS]
    records = [run.metrics.record_summary for run in shown]
    columns = [
        ("Outcome", [_badge(describe_outcome(run, run.status, is_partial=run.is_partial)) for run in shown]),
        ("Flow", [_text(run.flow_name or run.flow_id) for run in shown]),
        ("Cause", ["".join(map(_summary, run.causes[:1])) for run in shown]),
        *_times([run.metrics.duration_summary for run in shown]),
        ("#Records in", [_number(counts.input_record_count) for counts in records]),
        ("#out", [_number(counts.output_record_count) for counts in records]),
    ]
    return _table(columns) + _and_more(len(runs) - len(shown), "flow run")


def _table(columns: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return a table by its columns. A title that starts with # heads numbers, one that starts with @ heads bars."""
    kinds = [{"#": ' class="n"', "@": ' class="t"'}.get(title[0], "") for title, _ in columns]
    head = "".join(f"<th{kind}>{title.lstrip('#@')}</th>" for kind, (title, _) in zip(kinds, columns, strict=True))
    rows = zip(*(cells for _, cells in columns), strict=True)
    body = "".join(f"<tr>{''.join(map('<td{}>{}</td>'.format, kinds, row))}</tr>" for row in rows)
    return f'<div><table class="steps"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _and_more(number: int, what: str) -> str:
    return f"<p><small>and {count_text(number, f'more {what}')}</small></p>" if number > 0 else ""


def _list(title: str, items: Sequence[str], total: int) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    more = f"<li>and {total - len(items):,} more</li>" if total > len(items) else ""
    return f"<p><strong>{title}</strong></p><ul>{listed}{more}</ul>"


# --- the reasons ----------------------------------------------------------------------------------------------------


def _facts(facts: Iterable[Fact]) -> str:
    """Return a list for each label."""
    by_label: dict[str, list[str]] = {}
    for fact in facts:
        by_label.setdefault(fact.label, []).append(_explanation(fact))
    return "".join(_list(label.capitalize(), items, len(items)) for label, items in by_label.items())


def _explanation(fact: Fact) -> str:
    lead = f"<code><b>{_text(fact.lead)}</b></code> " if fact.lead else ""
    return lead + "<br>".join(map(_html, fact.paragraphs))


def _summary(error: RunError) -> str:
    first, *rest = summarise(error)
    return f"<code><b>{_text(first)}</b></code>{_html(rest)}" if error.code else _html([first])
