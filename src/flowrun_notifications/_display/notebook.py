"""How notebooks show a run and the result of parsing: self-contained HTML, with no script and nothing to fetch.

Colours are those of the notebook's theme, elsewhere those that the system prefers. A notebook that is not trusted
drops the style sheet; what remains are the same words in plain tables and lists.
"""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from flowrun_notifications._models.status import RunStatus
from flowrun_notifications._models.values import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from flowrun_notifications._models.flow_run import FlowRun
    from flowrun_notifications._models.parts import Activity, DurationSummary, Metrics
    from flowrun_notifications._models.run_errors import RunError
    from flowrun_notifications._reading.parsing import ParseResult

__all__ = ["result_html", "run_html"]

_MOST_ROWS = 50
_MOST_LISTED = 20
_MOST_MESSAGES = 10
_LONGEST = 600

# The paper is painted along with the ink, so that text can be read where neither notebook nor system has a say.
# The class stands twice where a notebook's own rules for tables and code would win otherwise.
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


def run_html(run: FlowRun) -> str:
    """A run as HTML: how it ended, what ran, when and how much by step, and why, with what to do about it."""
    status, shade = _outcome(run)
    head = f"{_badge(status, shade)} <strong>{_text(run.flow_name or f'flow {run.flow_id}')}</strong>"
    if run.succeeded and run.is_partial:
        head += " <small>success, yet something went missing</small>"
    about = [f"run <code>{_text(run.id)}</code>"]
    if run.flow_name:
        about.append(f"flow <code>{_text(run.flow_id)}</code>")
    about += [_text(text) for text in (run.flow_type, run.sandbox_name) if text]
    if run.url and run.url.startswith("https://"):
        about.append(f'<a href="{escape(run.url)}" target="_blank" rel="noopener noreferrer">monitoring</a>')
    parts = [f"<p>{head}</p><p><small>{' · '.join(about)}</small></p>"]
    if run.message:
        parts.append(f"<p>{_text(run.message)}</p>")
    parts += [_steps(run), *_reasons(run)]
    return _card(parts)


def result_html(result: ParseResult) -> str:
    """What a payload holds as HTML: a row for each run, and what was skipped or could not be read."""
    runs, skipped, errors = result.runs, result.skipped, result.errors
    counts = f"{_counted(len(runs), 'flow run')}, {len(skipped):,} skipped, {_counted(len(errors), 'error')}"
    parts = [f"<p><strong>{counts}</strong></p>"]
    if runs:
        parts.append(_runs(runs))
    if skipped:
        items = [f"{_text(error.kind.replace('_', ' '))}: {_text(str(error))}" for error in skipped[:_MOST_LISTED]]
        parts.append(_list("Skipped", items, len(skipped)))
    if errors:
        items = ["<br>".join(map(_text, str(error).splitlines())) for error in errors[:_MOST_LISTED]]
        parts.append(_list("Could not be read", items, len(errors)))
    return _card(parts)


def _card(parts: Iterable[str]) -> str:
    return f'{_STYLE}<div class="flowrun">{"".join(parts)}</div>'


def _text(text: str) -> str:
    """Text of a payload: on one line, cut, and with everything escaped that would be more than text."""
    line = printable(text)
    return escape(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _badge(text: str, shade: str) -> str:
    return f'<b class="{f"is {shade}".strip()}">{_text(text)}</b>'


def _outcome(run: FlowRun) -> tuple[str, str]:
    """How a run ended, and the shade for it."""
    status = run.status
    if run.is_partial:
        return "partial success", "partial"
    return _status(status.value if isinstance(status, RunStatus) else status)


def _status(text: str | None) -> tuple[str, str]:
    """The same for a status as it came."""
    if not text:
        return "status unknown", ""
    return text, _SHADES.get(text.strip().lower(), "")


_SHADES = {"success": "success", "failed": "failed", "partialsuccess": "partial"}


# --- the steps, and when they ran -----------------------------------------------------------------------------------


def _steps(run: FlowRun) -> str:
    """The run and its activities, a row each."""
    activities = run.activities[:_MOST_ROWS]
    parts: list[Metrics | Activity] = [run.metrics, *activities]
    outcomes = [_outcome(run), *(_status(activity.status_summary.status) for activity in activities)]
    times = [part.duration_summary for part in parts]
    columns = [
        ("Step", ["whole run", *map(_name, activities)]),
        ("Status", [_badge(*outcome) for outcome in outcomes]),
        *_times(times),
    ]
    instants = [at for time in times for at in (time.started_at_utc, time.completed_at_utc) if at is not None]
    if instants:
        whole = min(instants), max(instants)
        bars = [_bar(time, shade, *whole) for time, (_, shade) in zip(times, outcomes, strict=True)]
        columns.append(("@Time line", bars))
    columns += _amounts(parts)
    return _table(columns) + _and_more(len(run.activities) - len(activities), "step")


def _amounts(parts: Sequence[Metrics | Activity]) -> Iterable[tuple[str, list[str]]]:
    """The columns that tell how much went in and out. Where nothing was lost, and nothing is known, there is none."""
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


def _name(activity: Activity) -> str:
    name, kind = activity.name or activity.id or "without a name", activity.kind
    return _text(name if kind is None or kind in name.lower() else f"{name} ({kind})")


def _number(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _times(times: Sequence[DurationSummary]) -> list[tuple[str, list[str]]]:
    """The columns that tell when each began, and how long it took."""
    spans = [(time.started_at_utc, time.completed_at_utc) for time in times]
    return [
        ("#Started (UTC)", ["" if begin is None else begin.isoformat(sep=" ")[:19] for begin, _ in spans]),
        ("#Took", ["" if begin is None or end is None else _took(end - begin) for begin, end in spans]),
    ]


def _took(duration: timedelta) -> str:
    return str(duration).removesuffix("000")


def _bar(time: DurationSummary, shade: str, begin: datetime, end: datetime) -> str:
    """A bar where a step lies between two instants. It fades where the step's end is not known."""
    length = end - begin or timedelta(1)
    started, completed = time.started_at_utc, time.completed_at_utc
    first = started or completed
    if first is None:
        return ""
    left = (first - begin) / length * 100
    width = max(((completed or end) - first) / length * 100, 0)
    kind = " ".join(filter(None, ("bar", shade, "open" if completed is None else "")))
    return f'<span><i class="{kind}" style="left:min({left:.4g}%,100% - 3px);width:{width:.4g}%"></i></span>'


def _runs(runs: Sequence[FlowRun]) -> str:
    shown = runs[:_MOST_ROWS]
    records = [run.metrics.record_summary for run in shown]
    columns = [
        ("Outcome", [_badge(*_outcome(run)) for run in shown]),
        ("Flow", [_text(run.flow_name or run.flow_id) for run in shown]),
        ("Cause", ["".join(map(_heading, run.causes[:1])) for run in shown]),
        *_times([run.metrics.duration_summary for run in shown]),
        ("#Records in", [_number(counts.input_record_count) for counts in records]),
        ("#out", [_number(counts.output_record_count) for counts in records]),
    ]
    return _table(columns) + _and_more(len(runs) - len(shown), "flow run")


def _table(columns: Sequence[tuple[str, Sequence[str]]]) -> str:
    """A table by its columns. A title that starts with # heads numbers, one that starts with @ heads bars."""
    kinds = [{"#": ' class="n"', "@": ' class="t"'}.get(title[0], "") for title, _ in columns]
    head = "".join(f"<th{kind}>{title.lstrip('#@')}</th>" for kind, (title, _) in zip(kinds, columns, strict=True))
    rows = zip(*(cells for _, cells in columns), strict=True)
    body = "".join(f"<tr>{''.join(map('<td{}>{}</td>'.format, kinds, row))}</tr>" for row in rows)
    return f'<div><table class="steps"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _and_more(number: int, what: str) -> str:
    return f"<p><small>and {_counted(number, f'more {what}')}</small></p>" if number > 0 else ""


def _list(title: str, items: Sequence[str], total: int) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    more = f"<li>and {total - len(items):,} more</li>" if total > len(items) else ""
    return f"<p><strong>{title}</strong></p><ul>{listed}{more}</ul>"


# --- the reasons ----------------------------------------------------------------------------------------------------


def _reasons(run: FlowRun) -> Iterable[str]:
    """Why: every cause with what to do about it, what it was reported as, then skips and warnings."""
    errors, causes = run.errors, run.causes
    if (run.failed or run.is_partial) and not errors:
        yield "<p>No cause is given.</p>"
    yield from _explain("Cause", causes, run)
    outer = [error for error in errors if not error.is_nested] if len(causes) < len(errors) else []
    reported = list(dict.fromkeys(map(_heading, outer)))
    if reported:
        yield _list("Reported as", reported[:_MOST_LISTED], len(reported))
    yield from _explain("Skipped", run.skips, run)
    yield from _explain("Warning", run.warnings, run)


def _explain(title: str, reasons: Sequence[RunError], run: FlowRun) -> Iterable[str]:
    """The reasons by code, so that what is known of a code is told once."""
    by_code: dict[str | None, list[RunError]] = {}
    for reason in reasons:
        by_code.setdefault(reason.code, []).append(reason)
    if not by_code:
        return
    items = [_explain_code(group, run) for group in list(by_code.values())[:_MOST_LISTED]]
    yield _list(title, items, len(by_code))


def _explain_code(group: Sequence[RunError], run: FlowRun) -> str:
    info = group[0].info
    lines = [_code_and_title(group[0])]
    lines += [_message(reason, run) for reason in group[:_MOST_MESSAGES]]
    if len(group) > _MOST_MESSAGES:
        lines.append(f"and {len(group) - _MOST_MESSAGES:,} more with this code")
    if info.remedy:
        lines.append(f"<b>What to do:</b> {_text(info.remedy)}")
    if info.retryable is not None:
        lines.append(f"Trying again unchanged {'may help' if info.retryable else 'does not help'}.")
    return "<br>".join(filter(None, lines))


def _code_and_title(reason: RunError) -> str:
    info = reason.info
    code = f"<code><b>{_text(reason.code)}</b></code>" if reason.code else ""
    title = info.meaning if info.title == info.code else info.title  # some codes are words, and have no other title
    return " ".join(filter(None, (code, _text(title or ""))))


def _heading(error: RunError) -> str:
    """The code and what it means in a few words, or else what the payload says."""
    heading = _code_and_title(error)
    return heading if error.info.title else f"{heading} {_text(error.message or '')}".strip()


def _message(reason: RunError, run: FlowRun) -> str:
    """Where it arose, what happened, and how often."""
    text = _text(reason.message or reason.info.meaning or "no text is given")
    if reason.activity_id is not None:
        name = next(activity.name for activity in run.activities if activity.id == reason.activity_id)
        text = f"{_text(name or reason.activity_id)}: {text}"
    counts = ((reason.record_count, "record"), (reason.count, "time"))
    counted = ", ".join(_counted(number, unit) for number, unit in counts if number is not None)
    return f"{text} ({counted})" if counted else text
