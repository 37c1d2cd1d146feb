"""Changes the library in small ways, one at a time, and demands that a test notices each.

``python tests/mutation`` goes through all modules, ``python tests/mutation timestamps values.own`` through those named.
Each change is tried in a process of its own that imports the library anew, so that what runs at import is put to the
test like the rest: first with the tests of the changed module, then with the others.
"""

# ruff: noqa: T201 - a program that tells how far it is

from __future__ import annotations

import argparse
import ast
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType
from typing import Literal, cast, get_args

import pytest
from typing_extensions import override

Fate = Literal["killed", "timed out", "known", "survived"]
"""`known`: survived, and listed in README.md with the reason."""

Place = tuple[str, ast.AST, Callable[[object], None]]

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "flowrun_notifications"
TESTS = ROOT / "tests"
README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")

# They take seconds, or look at what no change reaches: other processes, memory, benchmarks, types.
LEFT_OUT = {f"test_{name}" for name in ("benchmarks", "concurrency", "docs", "leaks", "package", "testing", "typing")}
QUIETLY = "-W", "ignore::pytest.PytestAssertRewriteWarning"  # plugins are imported before pytest looks at them
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=ci", *QUIETLY]

SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}
TWINS = {
    "all": "any",
    "max": "min",
    "lower": "upper",
    "casefold": "upper",
    "lstrip": "rstrip",
    "removeprefix": "removesuffix",
    "partition": "rpartition",
    "split": "rsplit",
    "startswith": "endswith",
    "search": "match",
    "fullmatch": "match",
}


def changes(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901, PLR0912 - one case for each kind of node
    """What to put in the place of a node."""
    match node:
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=str(value)):
            yield ast.Constant(f"XX{value}")
        case ast.Constant(value=bytes(value)):
            yield ast.Constant(b"XX" + value)
        case ast.Name(id=name) if name in TWINS:
            yield ast.Name(TWINS[name], ast.Load())
        case ast.Attribute(value=value, attr=name) if name in TWINS:
            yield ast.Attribute(value, TWINS[name], ast.Load())
        case ast.operator() | ast.cmpop() | ast.Break() | ast.Continue() if type(node) in SWAPS:
            yield SWAPS[type(node)]()
        case ast.BoolOp(op=op, values=values):
            for index in range(len(values)):
                yield ast.BoolOp(op, values[:index] + values[index + 1 :]) if len(values) > 2 else values[1 - index]
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse
        case ast.If(body=body, orelse=orelse):
            yield ast.If(ast.Constant(value=True), body, orelse)
            yield ast.If(ast.Constant(value=False), body, orelse)
        case ast.comprehension(target, iter_, ifs, is_async) if ifs:
            yield ast.comprehension(target, iter_, [], is_async)
        case ast.Return(value=ast.expr()):
            yield ast.Return(ast.Constant(None))
        case ast.Assign(targets=targets, value=value):
            yield ast.Assign(targets, ast.Constant("" if ast.unparse(value) == "None" else None))
        case ast.AnnAssign(target=target, annotation=annotation, value=ast.expr() as value, simple=simple):
            none = ast.Constant("" if ast.unparse(value) == "None" else None)
            yield ast.AnnAssign(target, annotation, none, simple)
        case ast.AugAssign(target=target, value=value):
            yield ast.Assign([target], value)
        case ast.Raise() | ast.Expr(value=ast.Call()) | ast.Expr(value=ast.Yield()) | ast.Expr(value=ast.YieldFrom()):
            yield ast.Pass()
        case ast.ExceptHandler(type=ast.Tuple(elts=kinds), name=name, body=body):
            for kind in kinds:
                yield ast.ExceptHandler(ast.Tuple([other for other in kinds if other is not kind]), name, body)
        case ast.Call(func=func, args=args, keywords=keywords):
            for index, argument in enumerate(args):
                if not isinstance(argument, ast.Starred) and ast.unparse(argument) != "None":
                    yield ast.Call(func, [*args[:index], ast.Constant(None), *args[index + 1 :]], keywords)
            if len(args) > 1:
                yield ast.Call(func, args[:-1], keywords)
            for keyword in keywords:
                yield ast.Call(func, args, [other for other in keywords if other is not keyword])
        case _:
            pass


def places(node: ast.AST, scope: str = "") -> Iterator[Place]:
    """Every node that says what the program does, with the function it is in and a way to put another in its place."""
    for name, value in ast.iter_fields(node):
        children = cast("list[object]", value if isinstance(value, list) else [value])
        for index, child in enumerate(children):
            if not isinstance(child, ast.AST) or is_for_readers(node, name, index, child):
                continue

            def put(new: object, name: str = name, index: int = index, children: list[object] = children) -> None:
                children[index] = new
                if not isinstance(getattr(node, name), list):
                    setattr(node, name, new)

            inner = f"{scope}.{child.name}" if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else scope
            yield inner.removeprefix("."), child, put
            yield from places(child, inner)


def is_for_readers(parent: ast.AST, name: str, index: int, node: ast.AST) -> bool:  # noqa: PLR0911 - a case each
    """Whether a node is there for people and type checkers alone."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Compare(left=ast.Name(id="__name__"))):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")]):
            return True
        case ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.FunctionDef(decorator_list=[ast.Name(id="overload")]):
            return True
        case _:
            if isinstance(parent, ast.Call) and name == "args":
                return (ast.unparse(parent.func), index) in {("cast", 0), ("Column", 2)}
            return name in {"annotation", "returns"}


def difference(node: ast.AST, changed: ast.AST) -> str:
    """What a change changes, without the text around it; empty if nothing."""
    if isinstance(node, (ast.operator, ast.cmpop)):
        return f"`{type(node).__name__}` to `{type(changed).__name__}`"
    old, new = (" ".join(ast.unparse(one).split()) for one in (node, changed))
    if old == new:
        return ""
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    pairs = zip(reversed(old[same:]), reversed(new[same:]), strict=False)
    same_at_end = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)) - same)
    start = max(0, same - 40)
    stop = max(0, same_at_end - 20)
    return f"`{old[start : len(old) - stop]}` to `{new[start : len(new) - stop]}`"


class Importer(SourceFileLoader):
    """Imports one module of the library from changed code."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        super().__init__(f"flowrun_notifications.{path.stem}".removesuffix(".__init__"), str(path))
        self._tree = tree

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Find nothing but that module, so that all others are imported as ever."""
        return spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")


def try_out(path: Path, tree: ast.Module, tests: list[Path], seconds: int) -> Fate:
    """Run tests against changed code in a child."""
    child = os.fork()
    if not child:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(1, 2)
            sys.meta_path.insert(0, Importer(path, tree))
            status = pytest.main([*OPTIONS, *map(str, tests)])
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timed out"
    return "killed" if os.WEXITSTATUS(status) else "survived"


def examine(path: Path, function: str, *, own_only: bool) -> Counter[Fate]:
    """Try every change of a module, or of one function in it, and tell of each that no test notices."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = TESTS / f"test_{path.stem.strip('_').replace('init', 'package')}.py"
    others = [test for test in sorted(TESTS.glob("test_*.py")) if test.stem not in LEFT_OUT and test != own]
    stages: list[tuple[list[Path], int]] = []
    for tests in [[own]] if own_only else [[own], others]:
        start = time.monotonic()
        if try_out(path, tree, tests, 600) != "survived":
            sys.exit(f"the tests fail without any change to {path.stem}: {' '.join(map(str, tests))}")
        stages.append((tests, 10 + 5 * round(time.monotonic() - start)))

    fates: Counter[Fate] = Counter()
    for scope, node, put in list(places(tree)):
        if function and not f"{scope}.".startswith(f"{function}."):
            continue
        for changed in changes(node):
            ast.fix_missing_locations(ast.copy_location(changed, node))
            what = difference(node, changed)
            if not what:
                continue
            name = f"`{path.stem}.{scope}`: {what}".replace(".`:", "`:")
            is_known = name in README
            put(changed)
            fate: Fate = "survived"
            for tests, seconds in stages[:1] if is_known else stages:
                if fate == "survived":
                    fate = try_out(path, tree, tests, seconds)
            put(node)
            fates["known" if is_known and fate == "survived" else fate] += 1
            if is_known != (fate == "survived"):
                print(f"line {getattr(node, 'lineno', '?')} {fate}: {name}", flush=True)
    return fates


def main() -> None:
    """Go through the modules named, and exit with status 1 if a change that is not listed in README.md survived."""
    parser = argparse.ArgumentParser(prog="python tests/mutation", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="MODULE[.FUNCTION]", help="all modules unless named")
    parser.add_argument("--own", action="store_true", help="with the tests of the changed module alone")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    survived = 0
    for name in arguments.names or [path.stem for path in sorted(SOURCES.glob("*.py"))]:
        module, _, function = name.partition(".")
        fates = examine(SOURCES / f"{module}.py", function, own_only=arguments.own)
        survived += fates["survived"]
        counts = ", ".join(f"{fates[fate]} {fate}" for fate in get_args(Fate))
        print(f"{name}: {fates.total()} made, {counts}", flush=True)
    sys.exit(1 if survived else 0)


main()
