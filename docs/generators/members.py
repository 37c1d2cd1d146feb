"""Shows the members of a class in groups of one's own: ``<!-- FlowRun: status, failed -->`` becomes their reference."""

from __future__ import annotations

import re

from mkdocs.exceptions import PluginError

import flowrun_notifications as library

__all__ = ["in_groups"]

_ASKED = re.compile(r"^<!-- (\w+): (\w+(?:,\s+\w+)*) -->$", re.MULTILINE)


def in_groups(markdown: str) -> str:
    """Return a page with the members that it asks for.

    Raises:
        PluginError: Of a class that it shows in groups, a member is missing or stands twice.
    """
    shown: dict[str, list[str]] = {}
    for name, members in _ASKED.findall(markdown):
        shown.setdefault(name, []).extend(re.split(r",\s+", members))
    for name, members in shown.items():
        if sorted(members) != _members(getattr(library, name)):
            odd = sorted({*members} ^ {*_members(getattr(library, name))})
            raise PluginError(f"the groups of {name} miss these members, or have one twice: {', '.join(odd)}")
    return _ASKED.sub(lambda asked: _directives(asked[1], re.split(r",\s+", asked[2])), markdown)


def _members(cls: type) -> list[str]:
    own = {*vars(cls), *getattr(cls, "model_fields", ())}
    return sorted(name for name in own if not name.startswith(("_", "model_")))


def _directives(name: str, members: list[str]) -> str:
    return "\n\n".join(
        f"::: flowrun_notifications.{name}.{member}\n    options:\n      heading_level: 4" for member in members
    )
