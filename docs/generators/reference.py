"""Makes the pages of the reference that come from the library itself, so that they cannot drift from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, get_args

from fields import MODELS, Field, fields_of, in_markdown
from pydantic import BaseModel

from flowrun_notifications import Delivery, parse, tabular, testing
from flowrun_notifications._models.wire_model import WireModel
from flowrun_notifications._reading.wrappers import MAX_DEPTH, RECORD_KEYS, WRAPPERS, Wrapper

__all__ = ["PAGES"]

# --- keys -----------------------------------------------------------------------------------------------------------

_KEYS_HEAD = """\
# Keys

Every documented key of a flow run, and the attribute that it becomes. Attributes are Adobe's keys in snake_case, nested
as in the payload: `metrics.recordSummary.inputRecordCount` is `run.metrics.record_summary.input_record_count`. Any key
but `id` and `flowId` may be absent or `null`. Keys that are not listed are kept in `model_extra` of their part.

The kinds of values:

| | read as |
|---|---|
| *text* | `str`; `None` where absent |
| *time* | an aware `datetime` in UTC, from an epoch or ISO 8601 text; `None` where absent, zero or negative |
| *count* | `int`; `None` where absent or negative, which means "unknown" |
| *measure* | `float`; `None` likewise |
| *open object* | a `dict`, as it came; `{}` where absent |
| *list of …* | a `tuple`; `()` where absent |
| a name | another table on this page; an empty one of its kind where absent, unless it says otherwise |
"""

_KINDS = {
    "Optional[str]": "text",
    "str": "text",
    "Optional[datetime]": "time",
    "Optional[int]": "count",
    "Optional[float]": "measure",
    "Any": "any JSON",
}


def keys() -> str:
    """Every key, by model; those that two models share stand once."""
    left_out = {name for name, model in MODELS.items() if not issubclass(model, WireModel)}
    left_out |= {"Delivery", "EventNotification", "Message", "MessagesNotification"}
    order = ["FlowRun", "Metrics", "Activity", "RecordSummary", *sorted(MODELS.keys() - left_out)]
    listed: dict[type[BaseModel], str] = {}
    return _KEYS_HEAD + "".join(_model_table(MODELS[name], listed) for name in dict.fromkeys(order))


def _model_table(model: type[BaseModel], listed: dict[type[BaseModel], str]) -> str:
    """The keys of a model, without those of a base whose keys another model lists."""
    meaning = in_markdown(model.__doc__ or "").partition("\n\n")[0]
    fields = [field for field in fields_of(model) if field.name != "delivery"]
    base: Any = model.__mro__[1]
    if base is not WireModel and listed.setdefault(base, model.__name__) != model.__name__:
        shared = [field.keys[0] for field in fields if field.name in base.model_fields]
        fields = [field for field in fields if field.name not in base.model_fields]
        other = listed[base]
        meaning += f" Like [{other}](#{other.lower()}) it has `{shared[0]}` to `{shared[-1]}`, and these:"
    rows = [_key_row(field) for field in fields]
    return f"\n## {model.__name__}\n\n{meaning}\n\n" + _table(("key", "attribute", "what", "meaning"), rows)


def _key_row(field: Field) -> tuple[str, ...]:
    key, *others = field.keys
    spelt = f"`{key}`" + "".join(f"<br>or `{other}`" for other in others)
    return spelt, f"`{field.name}`", _kind(field), in_markdown(field.meaning)


def _kind(field: Field) -> str:
    annotation = field.info.annotation
    named = _display(annotation)
    if named in _KINDS:
        return _KINDS[named]
    if named.startswith("dict"):
        return "open object"
    arguments = get_args(annotation)
    models = [item for item in (annotation, *arguments) if isinstance(item, type) and issubclass(item, BaseModel)]
    model = models[0] if models else None
    shown = "text" if model is None else f"[{model.__name__}](#{model.__name__.lower()})"
    if named.startswith("tuple"):
        return f"list of {shown}"
    return f"{shown}, or `None`" if type(None) in arguments else shown


def _display(annotation: Any) -> str:
    names = [getattr(item, "__name__", "") for item in get_args(annotation) if item is not type(None)]
    if type(None) in get_args(annotation):
        return f"Optional[{names[0]}]"
    return str(getattr(annotation, "__name__", annotation))


# --- wrappers -------------------------------------------------------------------------------------------------------

_WRAPPERS_HEAD = f"""\
# Wrappers

A flow run is found wherever it stands. Known wrappers are opened by the table below; everything else is searched:
objects, lists, JSON text and base64. Wrappers, searched objects, lists and opened texts may nest up to {MAX_DEPTH}
deep; what lies deeper is an `other` message. [`Delivery`][flowrun_notifications.Delivery] tells how a run came:
`run.delivery.wrappers` names the wrappers, outermost first, and `run.delivery.path` leads to the run.

![A queue's record holds text, the text an EventBridge event, that an event, and in it the run](../assets/wrappers.svg)

## Known wrappers

An object with one of the keys `{"`, `".join(RECORD_KEYS)}` is a record. In any other object these keys are looked for,
in this order:

"""

_FORMS_HEAD = """
The content may be JSON text or base64 of JSON, too. A list that is not part of another wrapper is named `list`. The
parameters of a Runtime action (keys such as `__adobe_headers`, `__ow_headers` or `x-adobe-event-code` beside a delivery
or a record) are named `runtime`; inputs of the action are not part of the run.

## Other objects

Where the content of the known key holds nothing, and in any unknown object, every value is searched. A record that is
found so must have both ids, as text, and `metrics` or `activities`: other products have metrics, too. Each searched
object is named `other`. A run in a text that equals a run in an object beside it is the same run.

## Details of the delivery

| detail | which place counts |
|---|---|
| `event_id`, `recipient_client_id` | the outermost, which Adobe writes |
| `event_id` where there is none | the innermost id in HTTP headers, or a CloudEvent's `id` |
| `provider` | the message's, else that of the HTTP headers, else that of the record's header |
| all others | the innermost; the record's own `header` is innermost of all |

HTTP headers are read from `headers`, `__ow_headers` and `__adobe_headers` beside an opened key, whatever their letter
case: `x-adobe-event-id`, `x-adobe-event-code`, `x-adobe-provider`, `x-adobe-retry-count`.

"""

_EXAMPLES_HEAD = """
## Examples

The run is `…` here. Each example was parsed when this page was made; the list below it is what `run.delivery` said.
"""


def wrappers() -> str:
    """Every wrapper: its keys, the details that it gives, and an example."""
    known = [(f"`{wrapper.name}`", _sign(wrapper), _place(wrapper)) for wrapper in WRAPPERS]
    details = [
        (f"`{wrapper.name}`", f"`{name}`", f"`{'.'.join(path)}`")
        for wrapper in WRAPPERS
        for name, path in wrapper.detail_paths
        if name in Delivery.model_fields
    ]
    return "".join(
        (
            _WRAPPERS_HEAD,
            _table(("wrapper", "has", "its content stands in"), known),
            _FORMS_HEAD,
            _table(("wrapper", "detail", "key"), dict.fromkeys(details)),
            _EXAMPLES_HEAD,
            *map(_example, get_args(testing.Wrapper)),
        )
    )


def _sign(wrapper: Wrapper) -> str:
    return f"`{wrapper.key}`" + (f" and `{wrapper.mark}`" if wrapper.mark else "")


def _place(wrapper: Wrapper) -> str:
    place = f"{wrapper.key}[…]" if wrapper.is_list else wrapper.key
    return f"`{place}.{wrapper.entry_key}`, or `{place}` itself" if wrapper.entry_key else f"`{place}`"


def _example(name: testing.Wrapper) -> str:
    looks_like = testing.wrap(name, {"…": "…"})
    delivery = parse(testing.make_payload(name)).delivery
    known = {key: value for key, value in delivery.model_dump(mode="json").items() if value}
    return (
        f"\n### {name}\n\n```json\n{_in_short(looks_like)}\n```\n\n"
        + "\n".join(f"- `{key}`: `{json.dumps(value, ensure_ascii=False)}`" for key, value in known.items())
        + "\n"
    )


def _in_short(value: Any) -> str:
    """JSON in which the run is one character."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text.replace('{\n  "…": "…"', "{\n  …").replace('"…": "…"', "…")


# --- error codes ----------------------------------------------------------------------------------------------------

_CODES_HEAD = """\
# Error codes

Every error code that [`lookup_error`][flowrun_notifications.lookup_error] knows. `RunError.info` gives the same for
each error of a run, and `flowrun-notifications --code CODE` in a terminal. A code that is not listed is still answered,
with the parts that its own text gives. The table is also there [as JSON](error-codes.json).

Evidence: **adobe** is Adobe's documentation, or a payload in it. **microsoft** is Azure Data Factory, the engine behind
the copy step. **third party** is somebody else's description.

<input type="search" class="code-filter" placeholder="Filter by code or words" aria-label="Filter error codes" hidden>
<p class="code-count" aria-live="polite" hidden></p>

"""

_EVIDENCE = {"adobe": "adobe", "microsoft": "microsoft", "third_party": "third party"}


def error_codes_json() -> str:
    """The table of error codes, as the package holds it."""
    return files("flowrun_notifications._models").joinpath("error_codes.json").read_text(encoding="utf-8")


def error_codes() -> str:
    """Every documented error code, by family."""
    entries = json.loads(error_codes_json())
    families: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        families.setdefault(entry["family"] or "Others", []).append(entry)
    return _CODES_HEAD + "".join(
        f"\n## {family}\n" + "".join(map(_code, members)) for family, members in sorted(families.items())
    )


def _code(entry: dict[str, Any]) -> str:
    retry = {None: None, True: "may help", False: "does not help"}[entry["retryable"]]
    facts = (
        ("Also known as", ", ".join(entry["names"])),
        ("What to do", entry["remedy"]),
        ("Trying again unchanged", retry),
        ("Stage", None if entry["stage"] == "unknown" else entry["stage"]),
        ("Notes", entry["notes"]),
        ("Evidence", _EVIDENCE[entry["evidence"]]),
        ("Sources", "; ".join(f"{source}" for source in entry["sources"])),
    )
    told = "".join(f"- **{label}:** {_escaped(value)}\n" for label, value in facts if value)
    meaning = f"{_escaped(entry['meaning'])}\n\n" if entry["meaning"] else ""
    anchors = "".join(f'<a id="{name.lower()}"></a>' for name in entry["names"])
    heading = f"{entry['code']}: {_escaped(entry['title'])}"
    return f"\n{anchors}\n\n### {heading} {{ #{entry['code'].lower().replace(' ', '-')} }}\n\n{meaning}{told}"


def _escaped(text: str) -> str:
    for mark in "\\`*_<>[]|{}":
        text = text.replace(mark, f"\\{mark}" if mark not in "<>" else {"<": "&lt;", ">": "&gt;"}[mark])
    return text


# --- columns --------------------------------------------------------------------------------------------------------

_COLUMNS_HEAD = """\
# Columns

The columns of [`flowrun_notifications.tabular`][flowrun_notifications.tabular]: flat rows for data frames, engines and
files. Every row of a table has all of its keys, in this order, whatever the run; a value is of the type given, or
`None` where its meaning does not say "never null".
"""


def columns() -> str:
    """The columns of each table."""
    tables = (
        ("run_row", "RUN_COLUMNS", "one row for a run", tabular.RUN_COLUMNS),
        ("activity_rows", "ACTIVITY_COLUMNS", "one row for each activity", tabular.ACTIVITY_COLUMNS),
        ("error_rows", "ERROR_COLUMNS", "one row for each error, skip and warning", tabular.ERROR_COLUMNS),
    )
    return _COLUMNS_HEAD + "".join(
        f"\n## {function}\n\n`{function}(run)` gives {what}; `{constant}` lists the columns.\n\n"
        + _table(
            ("column", "type", "meaning"),
            [(f"`{column.name}`", f"`{column.type.__name__}`", _escaped(column.description)) for column in given],
        )
        for function, constant, what, given in tables
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(' '.join(cell.split()) for cell in line)} |\n" for line in lines)


PAGES = {
    "reference/keys.md": keys,
    "reference/wrappers.md": wrappers,
    "reference/error-codes.md": error_codes,
    "reference/columns.md": columns,
}
"""What makes each page."""
