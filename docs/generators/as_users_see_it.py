"""Shows the library in the API reference as its users see it.

Roles in docstrings (:func:`parse`) become links. Fields of models are shown with what they hold, not with how they are
validated: ``started_at_utc: datetime | None`` instead of ``started_at_utc: Instant = _key("startedAtUTC")``.
"""

from __future__ import annotations

import ast
import re
from typing import Any

import griffe

import flowrun_notifications as library

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")

_HELD: dict[str, str] = {
    "Bag": "dict[str, Any]",
    "Count": "int | None",
    "Instant": "datetime | None",
    "Measure": "float | None",
    "Open": "Any",
    "Stamp": "datetime | None",
}
"""What a field holds that is annotated so."""


class AsUsersSeeIt(griffe.Extension):
    """Rewrites docstrings and fields."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Turns each role into a link where it names something public, else into code."""
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(_link, obj.docstring.value)

    def on_attribute(self, *, attr: griffe.Attribute, **_: Any) -> None:
        """Shows what a field of a model holds."""
        if attr.module.name != "models" or not attr.parent.is_class or attr.annotation is None:
            return
        attr.value = None
        held = _Held().visit(ast.parse(str(attr.annotation), mode="eval")).body
        attr.annotation = griffe.get_expression(held, parent=attr.parent)


class _Held(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.parse(_HELD[node.id], mode="eval").body if node.id in _HELD else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=ast.Name(id="_Part"), slice=inner):
                return inner
            case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
                return inner
            case _:
                return node


def _link(role: re.Match[str]) -> str:
    name = role[1]
    if name.split(".")[0] in library.__all__:
        return f"[`{name}`][flowrun_notifications.{name}]"
    return f"`{name}`"
