"""What the models say of their fields: the docstring that follows each, its keys, and what stands there."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass
from itertools import pairwise

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

import flowrun_notifications as library

__all__ = ["MODELS", "Field", "fields_of", "in_markdown", "in_words"]

MODELS: dict[str, type[BaseModel]] = {
    name: item
    for name, item in ((name, getattr(library, name)) for name in library.__all__)
    if inspect.isclass(item) and issubclass(item, BaseModel)
}
"""The public models by name."""

_ROLE = re.compile(r":[a-z]+:`~?([^`]+)`")


@dataclass(frozen=True)
class Field:
    """One field of a model."""

    name: str
    """The attribute."""

    keys: tuple[str, ...]
    """The keys that it is read from, first the one that Flow Service writes."""

    info: FieldInfo
    meaning: str
    """Its docstring, as it stands there."""


def fields_of(model: type[BaseModel]) -> list[Field]:
    """The fields of a model in order, inherited ones included."""
    meanings = _docstrings(model)
    return [Field(name, _keys(name, info), info, meanings[name]) for name, info in model.model_fields.items()]


def _keys(name: str, info: FieldInfo) -> tuple[str, ...]:
    alias = info.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(str(choice) for choice in alias.choices)
    return (alias if isinstance(alias, str) else name,)


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__[: model.__mro__.index(BaseModel)]):
        source = textwrap.dedent(inspect.getsource(cls))
        body = next(node.body for node in ast.parse(source).body if isinstance(node, ast.ClassDef))
        for statement, following in pairwise(body):
            match statement, following:
                case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                    found[name] = inspect.cleandoc(text)
                case _:
                    pass
    return found


def in_markdown(docstring: str) -> str:
    """A docstring's roles and literals as Markdown's code, on one line a paragraph."""
    paragraphs = _ROLE.sub(r"`\1`", docstring).replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def in_words(docstring: str) -> str:
    """A docstring without any marks."""
    return in_markdown(docstring).replace("`", "")
