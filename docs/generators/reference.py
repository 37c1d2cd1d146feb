"""The pages of the reference that are made from the library itself, so that they cannot drift from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, get_args

from fields import MODELS, Field, fields_of, in_markdown
from pydantic import BaseModel

from flowrun_notifications import Delivery, parse, tabular, testing
from flowrun_notifications.wrappers import DEEPEST, EVENT_CODES, RUN_KEYS, WRAPPERS, Wrapper

__all__ = ["PAGES"]

# --- keys -----------------------------------------------------------------------------------------------------------

_KEYS_HEAD = """\
# Keys

Every key of a flow run that is documented, and the attribute that it becomes. Attributes are Adobe's keys in
snake_case, nested as in the payload: `metrics.recordSummary.inputRecordCount` is
`run.metrics.record_summary.input_record_count`. Any key may be absent or `null`, `id` and `flowId` apart. Keys that
are not listed are kept, too: in `model_extra` of the part where they stand.

What stands there:

| | read as |
|---|---|
| *text* | `str`; `None` where absent |
| *time* | an aware `datetime` in UTC, from an epoch in milliseconds or seconds, a number or text, or ISO 8601 text |
| *count* | `int`; `None` where absent, and where negative, which means "unknown" |
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
    """Every key, by model."""
    left_out = {"Delivery", "EventNotification", "Message", "MessagesNotification"}
    order = ["FlowRun", "Metrics", "Activity", *sorted(MODELS.keys() - left_out)]
    return _KEYS_HEAD + "".join(_model_table(MODELS[name]) for name in dict.fromkeys(order))


def _model_table(model: type[BaseModel]) -> str:
    rows = [_key_row(field) for field in fields_of(model) if field.name != "delivery"]
    meaning = in_markdown(model.__doc__ or "").partition("\n\n")[0]
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

How a flow run travels. Wrappers may nest in any order, up to {DEEPEST} deep; what lies deeper is not opened, and is
told apart as no flow run. [`Delivery`][flowrun_notifications.Delivery] says how a run came: `run.delivery.wrappers`
names the wrappers, outermost first.

## How they are told

An object that has one of the keys `{"`, `".join(RUN_KEYS)}` is a record, not something around one. In
any other, these keys are looked for, in this order:

"""

_FORMS_HEAD = """
A list that holds anything is a wrapper, too (`list`), unless it holds messages: then the two are one. An object with
`__adobe_headers`, or with `__ow_body`, is the parameters of a Runtime action (`runtime`): the delivery's own keys stand
beside the former; the latter is the body that a web action was called with, JSON or base64 of JSON.

## What they say

Where two wrappers say the same thing the inner one wins; an event code counts from the most specific place, which is
the record's own `header`, then a header beside a body, a message, a CloudEvent, the headers of a Runtime action, and
the label of an EventBridge event.

"""

_EXAMPLES_HEAD = """
## What each looks like

The run is `…` here. Each was put around a run and parsed when this page was made; the second part is what
`run.delivery` said then.
"""


def wrappers() -> str:
    """Every wrapper: its keys, what it says, and what it looks like."""
    told = [(f"`{wrapper.name}`", _sign(wrapper), _place(wrapper)) for wrapper in WRAPPERS]
    said = [
        (f"`{wrapper.name}`", f"`delivery.{_detail(name)}`", " or ".join(f"`{'.'.join(place)}`" for place in places))
        for wrapper in WRAPPERS
        for name, places in wrapper.says
    ]
    said = list(dict.fromkeys(said))  # messages come in two forms
    return "".join(
        (
            _WRAPPERS_HEAD,
            _table(("wrapper", "has", "what it wraps stands in"), told),
            _FORMS_HEAD,
            _table(("wrapper", "detail", "key"), said),
            _EXAMPLES_HEAD,
            *map(_example, get_args(testing.Wrapper)),
        )
    )


def _sign(wrapper: Wrapper) -> str:
    return f"`{wrapper.key}`" + (f" and `{wrapper.mark}`" if wrapper.mark else "")


def _place(wrapper: Wrapper) -> str:
    place = f"{wrapper.key}[…]" if wrapper.is_list else wrapper.key
    return f"`{place}.{wrapper.entry_key}`, or `{place}` itself" if wrapper.entry_key else f"`{place}`"


def _detail(name: str) -> str:
    if name in Delivery.model_fields:
        return name
    return "event_code" if name in EVENT_CODES else "event_id"


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

Every error code that [`lookup_error`][flowrun_notifications.lookup_error] knows, with what is known of it and whose
word that is. Nothing here is made up: what no source says is left out. `RunError.info` is the same for each error of
a run. A code that is not listed is still answered, with the parts that its own text gives.

Evidence: **adobe** is Adobe's documentation or a payload that it prints. **microsoft** is a code of Azure Data Factory,
the engine behind the copy step, which Adobe does not list. **third party** is a description by somebody else.

<input type="search" class="code-filter" placeholder="Filter by code or words" aria-label="Filter error codes" hidden>

"""

_EVIDENCE = {"adobe": "adobe", "microsoft": "microsoft", "third_party": "third party"}


def error_codes() -> str:
    """Every documented error code, by family."""
    entries = json.loads(files("flowrun_notifications").joinpath("error_codes.json").read_bytes())
    families: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        families.setdefault(entry["family"] or "Others", []).append(entry)
    return _CODES_HEAD + "".join(
        f"\n## {family}\n" + "".join(map(_code, members)) for family, members in sorted(families.items())
    )


def _code(entry: dict[str, Any]) -> str:
    retry = {None: None, True: "may help", False: "does not help"}[entry["retryable"]]
    facts = (
        ("What to do", entry["remedy"]),
        ("Trying again unchanged", retry),
        ("Stage", None if entry["stage"] == "unknown" else entry["stage"]),
        ("Notes", entry["notes"]),
        ("Evidence", _EVIDENCE[entry["evidence"]]),
        ("Sources", "; ".join(f"{source}" for source in entry["sources"])),
    )
    told = "".join(f"- **{label}:** {_escaped(value)}\n" for label, value in facts if value)
    meaning = f"{_escaped(entry['meaning'])}\n\n" if entry["meaning"] else ""
    heading = entry["code"] if entry["title"] == entry["code"] else f"{entry['code']}: {_escaped(entry['title'])}"
    return f"\n### {heading} {{ #{entry['code'].lower()} }}\n\n{meaning}{told}"


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
