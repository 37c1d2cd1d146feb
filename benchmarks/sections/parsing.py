"""One run from bytes: in the documented wrappers, bare, in every other wrapper, and in several."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from benchmarks import data
from benchmarks.peers import PEERS
from benchmarks.rows import Limits, Section, limits, timed
from benchmarks.timing import contest
from flowrun_notifications import parse, parse_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.rows import Effort, Row
    from benchmarks.timing import Score

__all__ = ["BARE", "DOCUMENTED", "NESTED", "WRAPPERS"]


def _documented(effort: Effort) -> Iterator[Row]:
    payloads = [data.dumps(payload) for payload in data.DOCUMENTED.values()]
    decoded: dict[bytes, Any] = {payload: json.loads(payload) for payload in payloads}
    texts = {payload: payload.decode() for payload in payloads}
    ours: dict[str, Callable[[bytes], object]] = {
        "parse(bytes)": parse,
        "parse_all(bytes)": parse_all,
        "parse(str)": lambda payload: parse(texts[payload]),
        "parse(decoded JSON)": lambda payload: parse(decoded[payload]),
    }
    peers = {peer.name: peer.parse for peer in PEERS}
    scores = contest({**ours, **peers}, json.loads, payloads, rounds=effort.rounds)
    notes = {peer.name: peer.less for peer in PEERS}
    for name, score in scores.items():
        own = limits(2.0, 2.3, 1.8) if name == "parse(bytes)" else Limits()
        yield timed("documented", name, score, **own, note=notes.get(name, ""))
    yield _other_layouts(effort)


def _other_layouts(effort: Effort) -> Row:
    indented = [json.dumps(payload, indent=2).encode() for payload in data.DOCUMENTED.values()]
    scores = contest({"parse": parse}, json.loads, indented, rounds=effort.rounds)
    return timed("documented", "parse(bytes), indented by 2", scores["parse"], note="json.loads of the indented bytes")


DOCUMENTED = Section("documented", "The documented shapes", "json.loads of the same bytes", _documented)


def _bare(effort: Effort) -> Iterator[Row]:
    payloads = [data.dumps(record) for record in data.RECORDS.values()]
    scores = contest({"parse": parse}, json.loads, payloads, rounds=effort.rounds)
    yield timed("bare", "parse(bytes)", scores["parse"], **limits(2.2, 2.5, 1.9))
    backwards = [data.dumps(dict(reversed(record.items()))) for record in data.RECORDS.values()]
    scores = contest({"parse": parse}, json.loads, backwards, rounds=effort.rounds)
    yield timed("bare", "parse(bytes), keys in reverse order", scores["parse"])


BARE = Section("bare", "A bare run", "json.loads of the same bytes", _bare)


def _wrappers(effort: Effort) -> Iterator[Row]:
    scores = {name: _in_wrappers((name,), effort) for name in data.OTHER_WRAPPERS}
    for name, score in scores.items():
        yield timed("wrappers", name, score, **limits(2.7, 3.0, 2.2), note=_OPENED if name in _BODIES else "")
    worst = max(scores.values(), key=lambda score: score.ratio)
    yield timed("wrappers", "the worst of them", worst, **limits(2.7, 3.0, 2.2))


def _in_wrappers(names: tuple[str, ...], effort: Effort) -> Score:
    payloads = [data.dumps(data.nest(record, names)) for record in data.RECORDS.values()]
    reference = _BODIES.get(names[0], json.loads)
    return contest({"parse": parse}, reference, payloads, rounds=effort.rounds)["parse"]


def _loads_text(payload: bytes) -> Any:
    return json.loads(json.loads(payload)["__ow_body"])


def _loads_base64(payload: bytes) -> Any:
    return json.loads(base64.b64decode(json.loads(payload)["__ow_body"]))


_BODIES = {"web action, JSON text": _loads_text, "web action, base64": _loads_base64}
_OPENED = "against json.loads of the request, then of the body in it"

WRAPPERS = Section("wrappers", "Every other single wrapper", "json.loads of the same bytes", _wrappers)


def _nested(effort: Effort) -> Iterator[Row]:
    scores = {names: _in_wrappers(names, effort) for names in data.NESTED}
    for names, score in scores.items():
        yield timed("nested", " > ".join(names), score, **limits(3.0, 3.3, 2.5))
    worst = max(scores.values(), key=lambda score: score.ratio)
    yield timed("nested", "the worst of them", worst, **limits(3.0, 3.3, 2.5))


NESTED = Section("nested", "Wrappers three deep", "json.loads of the same bytes", _nested)
