"""Shows single functions and classes of the examples, so that a page can explain a program piece by piece."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

__all__ = ["ASKED", "piece"]

EXAMPLES = Path(__file__).parents[2] / "examples"

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

ASKED = re.compile(r"^\[`(?P<name>[\w.]+)`\]\((?:\.\./)+examples/(?P<path>[\w/]+\.py)\)$", re.MULTILINE)
"""A line that asks for a piece of a program: a link to it, named as a function or a class in it."""


def piece(path: str, name: str) -> str:
    """Return a function or a class of an example as it stands there; a dot leads to one within another.

    Raises:
        LookupError: There is none.
    """
    source = EXAMPLES.joinpath(path).read_text(encoding="utf-8")
    first, *inner = name.split(".")
    node = _find(ast.parse(source).body, first)
    for part in inner:
        node = _find(node.body, part)
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return textwrap.dedent("\n".join(source.splitlines()[start - 1 : node.end_lineno]))


def _find(body: list[ast.stmt], name: str) -> _Definition:
    for statement in body:
        if isinstance(statement, _Definition) and statement.name == name:
            return statement
    raise LookupError(f"there is no {name}")
