"""Opens a decoded payload, whatever it is wrapped in, and lists what it holds.

Known wrappers are rows of a table. Everything else is searched: objects, lists, JSON text and base64, down to a
documented depth, each of them once.
"""

from __future__ import annotations

from typing import Any, Literal

from flowrun_notifications._models.flow_run import FlowRun
from flowrun_notifications._models.spellings import known_keys
from flowrun_notifications._models.status import is_alert
from flowrun_notifications._models.values import is_list, is_object
from flowrun_notifications._reading.items import Around, Item, Place
from flowrun_notifications._reading.kinds import EVENT_CODES, TELLING_KEYS, classify, has_both_ids
from flowrun_notifications._reading.paths import Step
from flowrun_notifications._reading.text import may_hold_json, open_text
from flowrun_notifications._reading.wrappers import (
    API_LIST,
    JOURNAL,
    MAX_DEPTH,
    MESSAGE,
    MESSAGES,
    RECORD_KEYS,
    RUNTIME,
    WRAPPERS,
    DetailPaths,
    Wrapper,
    is_header_key,
    is_runtime_key,
    merge_details,
    read_details,
    read_http_details,
)

__all__ = ["unwrap"]

_Node = dict[str, Any]

_CONTAINERS = (dict, list)
_WRAPPER_KEYS = frozenset(wrapper.key for wrapper in WRAPPERS)
_IDS = ("id", "xdm:flowRunId", "flowId", "xdm:flowId")
_CONTENT_KEYS = ("metrics", "xdm:metrics", "activities", "activites")
_DOCUMENTED_KEYS = known_keys(FlowRun)
_RECORD = frozenset(RECORD_KEYS)
_TELLING = frozenset((*RECORD_KEYS, *TELLING_KEYS, *(row.key for row in WRAPPERS if row.is_list)))
_BEYOND_RECORD = _TELLING - _RECORD
_OWN_CODE: DetailPaths = (("event_code", ("header", "_adobeio", "eventCode")),)
_NO_KEYS: frozenset[str] = frozenset()
_PLAIN = (int, float, bool, type(None))
_EMPTY: tuple[Any, ...] = ({}, [])
_TOO_DEEP = f"it nests more than {MAX_DEPTH} deep"


def unwrap(payload: object) -> list[Item]:
    """Return everything that a decoded payload holds, in document order. Empty lists and pages hold nothing."""
    top = Around(None, (), {}, "known", 0, 0)
    items = _open(payload, top)
    return [Item(payload, top)] if items is None else items


def _open(node: object, around: Around) -> list[Item] | None:
    """Return the items in a value; ``None`` where it is neither an object nor a list nor text that holds either.

    At a searched place the answer for a value in which nothing is found is an empty list, elsewhere an item of kind
    ``other``.
    """
    if is_object(node):
        return _open_object(node, around)
    if is_list(node):
        return _open_list(node, around)
    content = open_text(node) if isinstance(node, str) else None
    if content is None:
        return None
    if around.depth >= MAX_DEPTH:
        return _leave_closed(node, around)
    place: Place = "searched" if around.place == "searched" else "strict"
    return _open(content, around._replace(place=place, depth=around.depth + 1, texts=around.texts + 1))


def _leave_closed(node: object, around: Around) -> list[Item]:
    return [] if around.place == "searched" else [Item(node, around, hint=_TOO_DEEP)]


def _holds_something(items: list[Item]) -> bool:
    return any(item.kind != "other" for item in items)


# --- objects --------------------------------------------------------------------------------------------------------


def _open_object(node: _Node, around: Around, skip: frozenset[str] = _NO_KEYS) -> list[Item]:
    """Open an object: a known message, a record, a known wrapper, or something to be searched.

    Args:
        node: The object.
        around: The place where it stands.
        skip: Keys in which nothing was found already.
    """
    items = _as_message(node, around, skip)
    if items is not None:
        return items
    content, skip = _open_wrappers(node, around, skip)
    if content is not None and _holds_something(content):
        return content
    found = _search(node, around, skip)
    if found or around.place == "searched":
        return found
    if content is not None:
        return content
    is_closed = around.depth >= MAX_DEPTH and _may_be_opened(node)
    return [Item(node, around, hint=_TOO_DEEP if is_closed else None)]


def _as_message(node: _Node, around: Around, skip: frozenset[str]) -> list[Item] | None:
    """Return an object that is a known message or a record; ``None`` if it is neither."""
    is_searched = around.place == "searched"
    if is_alert(node):
        return [Item(node, _beside_headers(node, around), kind="alert")]
    if node.keys().isdisjoint(RECORD_KEYS):
        kind = classify(node, None if is_searched else _event_code(node, _beside_headers(node, around)))
        return None if kind == "other" else [Item(node, _beside_headers(node, around), kind=kind)]
    if has_both_ids(node) and (not is_searched or not node.keys().isdisjoint(_CONTENT_KEYS)):
        return [_record(node, around)]
    if around.place == "known" or (around.place == "strict" and _has_an_id(node)):
        # Without its ids it is a broken run, unless it only stands around one.
        return _search(node, around, skip) or [_record(node, around)]
    return None


def _open_wrappers(node: _Node, around: Around, skip: frozenset[str]) -> tuple[list[Item] | None, frozenset[str]]:
    """Open the known wrappers that an object may be, until one holds something.

    Returns:
        The items of that one, else of the first one, else ``None``; and the keys to skip from now on.
    """
    first: list[Item] | None = None
    if around.depth >= MAX_DEPTH or node.keys().isdisjoint(_WRAPPER_KEYS):
        return None, skip
    for wrapper in WRAPPERS:
        if wrapper.key in node and wrapper.key not in skip:
            items = _open_wrapper(node, wrapper, around)
            if items is None:
                continue
            if _holds_something(items):
                return items, skip
            skip |= {wrapper.key}
            first = items if first is None else first
    return first, skip


def _record(node: _Node, around: Around) -> Item:
    """Return the item for a record, without the parameters of an action that stand beside it."""
    outside = _beside_headers(node, around) if any(map(is_runtime_key, node)) else around
    if outside.is_action:
        if outside.depth > MAX_DEPTH:
            return Item(node, around, hint=_TOO_DEEP)
        node = {key: value for key, value in node.items() if key in _DOCUMENTED_KEYS}
    return Item(node, outside, kind="run")


def _beside_headers(node: _Node, around: Around) -> Around:
    """Return the place of an object, with what the HTTP headers in it and the parameters of an action say."""
    if not _may_have_headers(node):
        return around
    if any(map(is_header_key, node)):
        around = around._replace(details=merge_details(around.details, read_http_details(node)))
    if not any(map(is_runtime_key, node)):
        return around
    return around._replace(wrappers=(*around.wrappers, RUNTIME.name), depth=around.depth + 1, is_action=True)


def _may_have_headers(node: _Node) -> bool:
    """Tell whether HTTP headers or parameters of an action may be in an object, ten times as fast as key by key."""
    joined = " ".join(node)
    return "-" in joined or "__" in joined or "headers" in node


def _has_an_id(node: _Node) -> bool:
    return any(node.get(key) is not None for key in _IDS)


def _event_code(node: _Node, around: Around) -> str | None:
    """Return the event code that tells about an object: the one in its own header, else that of its wrappers."""
    code = read_details(_OWN_CODE, node).get("event_code") or around.details.get("event_code")
    return code if isinstance(code, str) else None


def _may_be_opened(value: object) -> bool:
    """Tell whether there may be something in a value: it is an object or a list that is not empty, or JSON text."""
    if isinstance(value, str):
        return may_hold_json(value)
    return (is_object(value) or is_list(value)) and bool(value)


def _search(node: _Node, around: Around, skip: frozenset[str] = _NO_KEYS) -> list[Item]:
    """Search the values of an object; an empty list where nothing is found."""
    within = _beside_headers(node, around)
    if within.depth >= MAX_DEPTH:
        return []
    wrappers = (*within.wrappers, "other")
    depth = within.depth + 1
    found: list[Item] = []
    for key, value in node.items():
        if type(value) not in _PLAIN and _may_be_opened(value) and key not in skip and not _is_plain(value):
            place = Around((around.where, key), wrappers, within.details, "searched", depth, around.texts)
            found += _open(value, place) or ()
    return _without_repeats(found, around.texts) if len(found) > 1 else found


def _without_repeats(items: list[Item], texts: int) -> list[Item]:
    """Drop runs in texts that equal a run in an object beside: they are the same run."""
    in_objects: dict[str, list[_Node]] = {}
    for item in items:
        if item.kind == "run" and item.around.texts == texts:
            in_objects.setdefault(_id_text(item.content), []).append(item.content)
    return [
        item
        for item in items
        if item.kind != "run"
        or item.around.texts == texts
        or item.content not in in_objects.get(_id_text(item.content), ())
    ]


def _id_text(record: _Node) -> str:
    return str(record.get("id", record.get("xdm:flowRunId")))


# --- wrappers -------------------------------------------------------------------------------------------------------


def _open_wrapper(node: _Node, wrapper: Wrapper, around: Around) -> list[Item] | None:
    """Open a known wrapper; ``None`` if the object is not one after all."""
    content = node[wrapper.key]
    if not _may_be_opened(content) and content not in _EMPTY:
        return None
    if wrapper.mark is not None and wrapper.mark not in node:
        return None
    outside = _beside_headers(node, around)
    names = (*outside.wrappers, wrapper.name) if wrapper is not RUNTIME or not outside.is_action else outside.wrappers
    within = outside._replace(
        where=(around.where, wrapper.key),
        wrappers=names,
        place="strict" if wrapper.needs_id or around.place != "known" else "known",
        depth=outside.depth + (names is not outside.wrappers),
        is_action=False,
    )
    if within.depth > MAX_DEPTH:
        return None
    if isinstance(content, str):
        opened = open_text(content)
        if opened is None or within.depth >= MAX_DEPTH:
            return None
        content = opened
        within = within._replace(place="strict", depth=within.depth + 1, texts=within.texts + 1)
    if wrapper.is_list:
        return _open_page(content, wrapper, within)
    within = within._replace(details=merge_details(within.details, read_details(wrapper.detail_paths, node)))
    return _open(content, within) if content != [] else None


def _open_page(content: object, wrapper: Wrapper, within: Around) -> list[Item] | None:
    """Open a wrapper of many; ``None`` if its list is a list of something else."""
    # A single entry may stand there without a list, except in an API list: other products have `items` too.
    entries = content if is_list(content) else [] if wrapper is API_LIST else [content]
    key = wrapper.entry_key
    if not entries:
        return [] if content == [] else None
    if wrapper is JOURNAL and not any(is_object(entry) and _may_be_opened(entry.get("event")) for entry in entries):
        return None
    items: list[Item] = []
    for i, entry in enumerate(entries):
        at = within.move_to((within.where, i)) if is_list(content) else within
        items += _open_entry(entry, key, wrapper, at)
    if wrapper is API_LIST and not _holds_something(items):
        return None
    return items or [Item(content, within)]


def _open_entry(entry: object, key: str | None, wrapper: Wrapper, at: Around) -> list[Item]:
    if key is None or not is_object(entry) or not _may_be_opened(entry.get(key)):
        if entry == {} and at.place != "searched":
            return [Item(entry, at)]
        return _open(entry, at) or []
    details = merge_details(at.details, read_details(wrapper.detail_paths, entry))
    within = _beside_headers(entry, at._replace(details=details))
    items = _open(entry[key], within._replace(where=(at.where, key), is_action=False)) or []
    if _holds_something(items):
        return items
    beside = _open_object(entry, within._replace(is_action=False), frozenset((key,)))
    return beside if _holds_something(beside) or not items else items


# --- lists ----------------------------------------------------------------------------------------------------------


def _open_list(node: list[Any], around: Around) -> list[Item]:
    """Open a list: each entry that is, or holds, something, and where one does, the other objects as well."""
    if not node:
        return []
    if not any(map(_may_be_opened, node)):
        return [] if around.place == "searched" else [Item(node, around)]
    if around.depth >= MAX_DEPTH:
        return _leave_closed(node, around)
    is_searched = around.place == "searched"
    where, wrappers, details, place, depth, texts, is_action = around
    wrappers = wrappers if is_searched else (*wrappers, "list")
    within = Around(where, wrappers, details, place, depth + 1, texts, is_action)
    are_plain = details.get("event_code") not in EVENT_CODES
    items: list[Item] = []
    is_message = found = False
    for i, entry in enumerate(node):
        if _is_plain_list(entry):
            if entry and not is_searched:
                items.append(Item(entry, within, i))
                is_message = True
            continue
        kind = _kind_of_plain(entry, place) if are_plain and is_object(entry) else None
        if kind is not None:
            items.append(Item(entry, within, i, kind))
            is_message, found = is_message or bool(entry), found or kind == "run"
            continue
        inside = _open_list_entry(entry, around, within, (where, i))
        if inside is not None:
            is_message = is_message or bool(entry)
            items += inside
            found = found or _holds_something(inside)
    if is_searched:
        return items if found else []
    return items if is_message else [Item(node, around)]


def _open_list_entry(entry: object, around: Around, within: Around, where: Step) -> list[Item] | None:
    """Return the items in an entry of a list; ``None`` if it is neither an object nor holds anything."""
    if not is_object(entry) and not _may_be_opened(entry):
        return None
    # Adobe sends messages, and objects that hold them, in a list: that is one wrapper, not two.
    at = (around if is_object(entry) and _are_messages(entry) else within).move_to(where)
    inside = _open(entry, at)
    if inside == [] and around.place == "searched" and not is_list(entry):
        return [Item(entry, at)]  # a message of its own, if another entry holds something
    return inside


def _kind_of_plain(entry: _Node, place: Place) -> Literal["run", "other"] | None:
    """Return the kind of an object that has nothing in it to be opened, where a glance tells; ``None`` if not.

    It saves most of the time where a payload holds a million tiny objects.
    """
    has_list = False
    for value in entry.values():
        if type(value) not in _PLAIN and _may_be_opened(value):
            if not _is_plain_list(value):
                return None
            has_list = True
    if _may_have_headers(entry) or (has_list and not _WRAPPER_KEYS.isdisjoint(entry)):
        return None
    if _TELLING.isdisjoint(entry):
        return "other"
    is_record = place == "known" and not _RECORD.isdisjoint(entry) and _BEYOND_RECORD.isdisjoint(entry)
    return "run" if is_record else None


def _is_plain_list(value: object) -> bool:
    """Tell whether a value is a list that has nothing in it to be opened."""
    return is_list(value) and not any(map(_may_be_opened, value))


def _is_plain(value: object) -> bool:
    """Tell whether a glance tells that nothing is found in a value where it is searched."""
    return _kind_of_plain(value, "searched") == "other" if is_object(value) else _is_plain_list(value)


def _are_messages(entry: _Node) -> bool:
    """Tell whether an object is a wrapper of messages, or a message with a record."""
    get = entry.get
    return (isinstance(get(MESSAGES.key), _CONTAINERS) or isinstance(get(MESSAGE.key), _CONTAINERS)) and not (
        "event" in entry or not entry.keys().isdisjoint(RECORD_KEYS)
    )
