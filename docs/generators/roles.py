"""Reads the roles in docstrings (:func:`parse`) as links."""

from __future__ import annotations

import re
from typing import Any

import griffe

import flowrun_notifications as library

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")


class Roles(griffe.Extension):
    """Turns each role into a link where it names something public, else into code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrites the docstring of anything that has one."""
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(_link, obj.docstring.value)


def _link(role: re.Match[str]) -> str:
    name = role[1]
    if name.split(".")[0] in library.__all__:
        return f"[`{name}`][flowrun_notifications.{name}]"
    return f"`{name}`"
