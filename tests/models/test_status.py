"""Tests of the status of a run as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowrun_notifications import RunStatus
from flowrun_notifications._models.status import read_status

WRITE: list[Callable[[object], str]] = [str, format, "{}".format, "{!s}".format, "{:s}".format]

SPELL: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.lower,
    str.capitalize,
    " {} ".format,
    "\n{}\t".format,
    lambda text: text.replace("S", "_s").replace("P", "-P").upper(),
    lambda text: text.replace("S", " S").replace("P", "  P"),
    "_{}-".format,
]
"""Ways to spell a status."""


def test_members() -> None:
    """The known statuses."""
    assert [status.value for status in RunStatus] == [
        "success",
        "failed",
        "partialSuccess",
        "inProgress",
        "scheduled",
        "processing",
        "waiting",
    ]


@pytest.mark.parametrize("status", RunStatus)
@pytest.mark.parametrize("write", WRITE)
def test_text(status: RunStatus, write: Callable[[object], str]) -> None:
    """A member equals its text, and is written as its text on every Python."""
    assert status == status.value == write(status)


def test_format() -> None:
    """A member is padded as text is."""
    assert f"{RunStatus.FAILED:>8}|{RunStatus.FAILED!r}" == "  failed|<RunStatus.FAILED: 'failed'>"


@pytest.mark.parametrize("status", RunStatus)
@pytest.mark.parametrize("spell", SPELL)
def test_known(status: RunStatus, spell: Callable[[str], str]) -> None:
    """Letter case, spaces, `_` and `-` do not matter."""
    assert read_status(spell(status.value)) is status


@pytest.mark.parametrize(
    "text",
    ["paused", "Succeeded", "successful", "\u0130nProgress", "0", "COMPLETED", "PARTIAL_FAILURE", "in.progress", "_"],
)
def test_unknown(text: str) -> None:
    """An unknown status is its text as it came."""
    status = read_status(text)
    assert (status, type(status)) == (text, str)


@pytest.mark.parametrize("text", [None, "", " ", "\t\n"])
def test_none(text: str | None) -> None:
    """No text, and a text of spaces only, is no status."""
    assert read_status(text) is None
