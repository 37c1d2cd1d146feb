"""Shows the library in the API reference as its users see it.

Docstrings are written for editors: their roles (:func:`parse`) become links here, and their tables tables. Attributes
are shown with the values they hold, not with their validation: ``started_at_utc: datetime | None`` instead of
``started_at_utc: Instant = wire_key("startedAtUTC")``.
"""

from __future__ import annotations

import ast
import re
from typing import Any

import griffe

import flowrun_notifications as library

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")
_TABLE = re.compile(r"^(=+) (=+)\n(.*?)^=+ =+$", re.DOTALL | re.MULTILINE)
_MAX_VALUE = 200

_HELD: dict[str, str] = {
    "AnyJSON": "Any",
    "Code": "str | None",
    "Count": "int | None",
    "Instant": "datetime | None",
    "JSONObject": "dict[str, Any]",
    "Measure": "float | None",
}
"""The values of a field, by its annotation."""


class AsUsersSeeIt(griffe.Extension):
    """Rewrites docstrings and attributes."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Turn the marks of a docstring into Markdown."""
        if obj.docstring is not None:
            text = _ROLE.sub(_link, obj.docstring.value)
            obj.docstring.value = re.sub("::$", ":", _TABLE.sub(_table, text), flags=re.MULTILINE)

    def on_attribute(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Show the values of an attribute, and no default that nobody would read."""
        if attr.value is not None and len(str(attr.value)) > _MAX_VALUE:
            attr.value = None
        owner = attr.parent
        if not attr.module.path.startswith("flowrun_notifications._") or owner is None or attr.annotation is None:
            return
        if not owner.is_class:
            return
        attr.value = None
        held = _Held().visit(ast.parse(str(attr.annotation), mode="eval")).body
        attr.annotation = griffe.get_expression(held, parent=owner)


class _Held(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse(_HELD[node.id], mode="eval").body if node.id in _HELD else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=ast.Name(id="Part"), slice=inner):
                return inner
            case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
                return inner
            case _:
                return node


def _table(drawn: re.Match[str]) -> str:
    width = len(drawn[1])
    rows = [f"| {line[:width].strip()} | {line[width:].strip()} |" for line in drawn[3].splitlines()]
    return "\n".join(["| | |", "|---|---|", *rows])


def _link(role: re.Match[str]) -> str:
    name = role[1]
    if name.split(".")[0] in library.__all__:
        return f"[`{name}`][flowrun_notifications.{name}]"
    return f"`{name}`"
