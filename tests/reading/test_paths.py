"""Tests of how places in a payload are written."""

from __future__ import annotations

import pytest

from flowrun_notifications._reading.paths import Step, path_text


def place(*steps: str | int) -> Step:
    """Return the place at the end of these steps."""
    where: Step = None
    for step in steps:
        where = (where, step)
    return where


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ((), ""),
        ((0,), "[0]"),
        ((0, 12), "[0][12]"),
        (("event",), "event"),
        ((0, "messages", 1, "value"), "[0].messages[1].value"),
        (("Records", 0, "body", "detail", "event"), "Records[0].body.detail.event"),
        (("a.b",), '["a.b"]'),
        (("x", "a.b", "c"), 'x["a.b"].c'),
        (("a[0]", 0, "b]"), '["a[0]"][0]["b]"]'),
        (("",), '[""]'),
        (("x", ""), 'x[""]'),
        (('say "a.b"',), '["say \\"a.b\\""]'),
        (("é.🛰", "é"), '["é.🛰"].é'),
        (("a b", "adf/run/id", "xdm:metrics", "@type"), "a b.adf/run/id.xdm:metrics.@type"),
        (("line\nbreak.",), '["line\\nbreak."]'),
    ],
)
def test_path(steps: tuple[str | int, ...], path: str) -> None:
    """Keys are joined by dots, a key that holds a dot or a bracket is quoted, an index stands in brackets."""
    assert path_text(place(*steps)) == path


def test_long_keys() -> None:
    """A path holds 1,000 characters of a key."""
    assert path_text(place("k" * 1_000)) == "k" * 1_000
    assert path_text(place("k" * 1_001, 0)) == "k" * 1_000 + "…[0]"
