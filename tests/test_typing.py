"""What `typing/`, which type checkers read and nobody runs, covers."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flowrun_notifications.values import WireModel
from pydantic import BaseModel

import flowrun_notifications as library
from flowrun_notifications import tabular, testing

FILES = sorted(Path(__file__).parent.joinpath("typing").glob("*.py"))
TREES = [ast.parse(path.read_text(encoding="utf-8")) for path in FILES]

PUBLIC: dict[str, Any] = {name: getattr(library, name) for name in library.__all__} | {"Column": tabular.Column}
CLASSES: list[type[Any]] = [item for item in PUBLIC.values() if inspect.isclass(item) and not issubclass(item, Enum)]


def attributes(cls: type[Any]) -> set[str]:
    """What an object of a public class has: fields, properties and methods of its own."""
    names: set[str] = set()
    for base in cls.__mro__:
        if base.__module__.startswith("flowrun_notifications") and base is not WireModel:
            names |= {
                name for name, value in vars(base).items() if isinstance(value, property) or inspect.isfunction(value)
            }
            names |= vars(base).get("__annotations__", {}).keys() if issubclass(cls, Exception) else set()
    if issubclass(cls, BaseModel):
        names |= cls.model_fields.keys()
    if is_dataclass(cls):
        names |= {field.name for field in fields(cls)}
    return {name for name in names if not name.startswith("_")}


def asserted() -> set[tuple[str, str]]:
    """The classes and attributes whose types are asserted."""
    return {found for tree in TREES for node in tree.body for found in _asserted(node, {})}


def _asserted(node: ast.AST, owners: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """In a part of a program, given what classes the variables are of."""
    match node:
        case ast.FunctionDef(args=ast.arguments(args=args)):
            owners = {arg.arg: [arg.annotation.id] for arg in args if isinstance(arg.annotation, ast.Name)}
        case ast.ExceptHandler(type=ast.Name(kind), name=str(name)):
            owners = {**owners, name: [kind]}
        case ast.For(target=ast.Name(name), iter=ast.Tuple(elts=items)):
            owners = {**owners, name: [cls for item in items if isinstance(item, ast.Name) for cls in owners[item.id]]}
        case ast.Call(func=ast.Name("assert_type"), args=[checked, _]):
            called = checked.func if isinstance(checked, ast.Call) else checked
            match called:
                case ast.Attribute(value=ast.Name(name), attr=attribute):
                    yield from ((cls, attribute) for cls in owners.get(name, ()))
                case _:
                    pass
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield from _asserted(child, owners)


ASSERTED = asserted()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_attributes(cls: type[Any]) -> None:
    """The type of each attribute of a public class is asserted."""
    assert attributes(cls) - {attribute for name, attribute in ASSERTED if name == cls.__name__} == set()


def test_attributes_without() -> None:
    """An attribute whose type is not asserted would be found."""
    assert attributes(library.Predecessor) == {"flow_id", "flow_run_id", "flow_spec"}
    assert attributes(library.ParseResult) == {"runs", "skipped", "errors", "raise_for_errors"}
    assert attributes(library.RunCountError) == {"count"}
    assert attributes(library.FlowRun) > {"id", "status", "summary", "to_payload", "delivery"}
    assert ("FlowRun", "ids") not in ASSERTED


@pytest.mark.parametrize("module", [library, tabular, testing], ids=lambda module: module.__name__)
def test_names(module: ModuleType) -> None:
    """Each public name is used there."""
    used = {node.id for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names: list[str] = module.__all__
    assert set(names) - used == set()


def test_settings() -> None:
    """The type checkers read them: both take all of the tests."""
    settings = Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8")
    assert '[tool.mypy]\nstrict = true\npython_version = "3.10"\nfiles = ["src", "tests"]\n' in settings
    assert (
        '[tool.pyright]\ntypeCheckingMode = "strict"\npythonVersion = "3.10"\ninclude = ["src", "tests"]\n' in settings
    )
