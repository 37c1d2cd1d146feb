"""Tests of the package as a whole: its names, its layout, its docstrings, and the cost of importing it."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import itertools
import json
import os
import pkgutil
import re
import subprocess
import sys
import textwrap
import tracemalloc
import weakref
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import flowrun_notifications as library
from flowrun_notifications.tabular import activity_rows, error_rows, run_row
from flowrun_notifications.testing import make_payload, make_record

PUBLIC = [
    "Activity",
    "ActivityKind",
    "Alert",
    "AuditEvent",
    "Connection",
    "DataIngestionEvent",
    "Delivery",
    "DurationSummary",
    "ErrorCode",
    "EventNotification",
    "FileSummary",
    "FlowRun",
    "FlowRunNotificationError",
    "FlowSpec",
    "InvalidFlowRunError",
    "InvalidJSONError",
    "LatencySummary",
    "LineError",
    "Message",
    "MessagesNotification",
    "Metrics",
    "NotAFlowRunError",
    "OtherMessage",
    "ParseResult",
    "PartialParseError",
    "Payload",
    "Predecessor",
    "Problem",
    "RecordBreakdown",
    "RecordSummary",
    "Reference",
    "RunCountError",
    "RunError",
    "RunStatus",
    "SizeSummary",
    "StatusError",
    "StatusSummary",
    "ValidationRequest",
    "__version__",
    "documented_error_codes",
    "explain",
    "latest_states",
    "lookup_error",
    "parse",
    "parse_all",
    "parse_archive",
    "parse_lines",
    "to_markdown",
]
"""Other people's code depends on these names."""

PROJECT = Path(__file__).parents[1]
SOURCE = Path(library.__path__[0])
MODULES = sorted(
    module.name for module in pkgutil.walk_packages(library.__path__, "flowrun_notifications.") if not module.ispkg
)
NAMED = [getattr(library, name) for name in PUBLIC]
ITEMS = [item for item in NAMED if inspect.isclass(item) or inspect.isfunction(item)]
MODELS = [item for item in ITEMS if inspect.isclass(item) and issubclass(item, BaseModel)]


class TestNames:
    """The names that can be imported."""

    def test_all(self) -> None:
        """`__all__` is this list, and a star import gives these names and no others."""
        namespace: dict[str, Any] = {}
        exec("from flowrun_notifications import *", namespace)
        assert library.__all__ == PUBLIC == sorted(namespace.keys() - {"__builtins__"})

    def test_listed(self) -> None:
        """`dir` lists every name, those too that are loaded at their first use."""
        assert set(PUBLIC) - set(dir(library)) == set()

    def test_loaded_late(self) -> None:
        """Parsing a run loads neither the display, nor archives, nor the models of other messages and notifications."""
        program = """if True:
            import sys
            from flowrun_notifications import parse
            parse('{"id": "r-1", "flowId": "f-1"}')
            print(*sorted(name for name in sys.modules if name.startswith("flowrun_notifications.")))
        """
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        late = (
            *("._display", "._reading.notifications", "._reading.other_messages", "._reading.documents"),
            *(".tabular", ".testing"),
        )
        assert [
            name for name in done.stdout.split() if name.removeprefix("flowrun_notifications").startswith(late)
        ] == []

    def test_unknown(self) -> None:
        """A name that does not exist is an ``AttributeError`` as of any module."""
        with pytest.raises(AttributeError, match=r"^module 'flowrun_notifications' has no attribute 'pares'$"):
            library.pares  # noqa: B018

    @pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith(("__main__", ".strategies"))])
    def test_modules(self, name: str) -> None:
        """Each module has a docstring, and the names of its `__all__`, each once."""
        module = importlib.import_module(name)
        names: list[str] = module.__all__
        assert module.__doc__
        assert [name for name in names if not hasattr(module, name)] == []
        assert len(set(names)) == len(names)

    @pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.__name__)
    def test_items(self, item: Any) -> None:
        """Each public class and function has a docstring of its own, and is found where pickle looks for it."""
        inherited = [base.__doc__ for base in item.__mro__[1:]] if inspect.isclass(item) else []
        assert item.__doc__
        assert item.__doc__ not in inherited
        assert getattr(importlib.import_module(item.__module__), item.__name__) is item

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_fields(self, model: type[BaseModel]) -> None:
        """Each field of a model is followed by its docstring."""
        documented: set[str] = set()
        for cls in model.__mro__[: model.__mro__.index(BaseModel)]:
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
            assert isinstance(definition, ast.ClassDef)
            for statement, following in itertools.pairwise(definition.body):
                match statement, following:
                    case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str())):
                        documented.add(name)
                    case _:
                        pass
        assert model.model_fields.keys() - documented == set()


def imports(tree: ast.AST, *, within: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield the modules that a part of a program imports, each with whether a function does."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", within
        elif isinstance(node, ast.Import):
            yield from ((alias.name, within) for alias in node.names)
        yield from imports(node, within=within or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


IMPORTS = {
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts): list(
        imports(ast.parse(path.read_text(encoding="utf-8")))
    )
    for path in SOURCE.rglob("*.py")
}
"""The imports of each module, those for type checkers included."""

WINGS = {"_models": 0, "_reading": 1, "_display": 2, "tabular": 2, "testing": 2, "__init__": 3, "__main__": 3}

INSIDE_FUNCTIONS = {
    ("flowrun_notifications._models.error_codes", "json"),  # the catalogue: most programs never look up a code
    ("flowrun_notifications._models.error_codes", "importlib.resources"),
    ("flowrun_notifications._reading.parsing", "flowrun_notifications._reading.documents"),  # only archives ask
    # Most programs never see another message.
    ("flowrun_notifications._reading.parsing", "flowrun_notifications._reading.other_messages"),
    ("flowrun_notifications._reading.results", "flowrun_notifications._reading.other_messages"),
    ("flowrun_notifications.__init__", "flowrun_notifications._display.notebook"),  # only notebooks ask
    ("flowrun_notifications.tabular.schemas", "polars"),  # installed by whoever calls the function
    ("flowrun_notifications.tabular.schemas", "pyarrow"),
}
"""Imports that wait until they are needed, because importing the package is faster without them."""


class TestLayout:
    """The three wings: models, reading, display."""

    def test_imports_point_down(self) -> None:
        """No module imports from a wing above its own, and no two import each other in a circle."""
        ours = {
            module: {name for name, _ in names if name.startswith("flowrun_notifications.")}
            for module, names in IMPORTS.items()
        }
        wing = {name: WINGS[name.split(".")[1]] for name in {*ours, *itertools.chain(*ours.values())}}
        assert [(module, name) for module, names in ours.items() for name in names if wing[name] > wing[module]] == []
        tuple(TopologicalSorter(ours).static_order())

    def test_exports(self) -> None:
        """A module within a wing lists the names that others import from it."""
        missing = {
            (node.module, alias.name)
            for path in SOURCE.rglob("*.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module in IMPORTS and "._" in node.module
            for alias in node.names
            if alias.name not in importlib.import_module(node.module).__all__
        }
        assert missing == set()

    def test_imports_inside_functions(self) -> None:
        """Only these imports stand inside a function."""
        late = {(module, name) for module, names in IMPORTS.items() for name, within in names if within}
        assert late == INSIDE_FUNCTIONS

    def test_size(self) -> None:
        """No file has more than 400 lines."""
        lines = {
            str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines())
            for path in SOURCE.rglob("*.py")
        }
        assert {name: count for name, count in lines.items() if count > 400} == {}


class TestMetadata:
    """What installers and type checkers are told."""

    def test_version(self) -> None:
        """The version is one that PyPI takes, stands in one file, and has a section in the changelog."""
        assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", library.__version__)
        settings = PROJECT.joinpath("pyproject.toml").read_text(encoding="utf-8")
        assert 'dynamic = ["version"]' in settings
        assert '[tool.hatch.version]\npath = "src/flowrun_notifications/__init__.py"\n' in settings
        changelog = PROJECT.joinpath("CHANGELOG.md").read_text(encoding="utf-8")
        sections = re.findall(r"^## \[?([^\]\s]+)", changelog, re.MULTILINE)
        # Before the first release there is nothing but what it will hold.
        assert library.__version__ in sections or sections == ["Unreleased"]

    def test_typed(self) -> None:
        """The package tells type checkers that it is typed."""
        assert files("flowrun_notifications").joinpath("py.typed").is_file()


def run_python(program: str) -> Any:
    """Return the JSON that a program prints in an interpreter of its own."""
    environment = os.environ | {"PYTHONPATH": str(SOURCE.parent)}
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, env=environment)
    return json.loads(output.stdout)


@pytest.mark.slow
class TestImport:
    """The cost of an import."""

    def test_nothing_before_it_is_needed(self) -> None:
        """Importing the package and parsing load nothing that only other uses need."""
        loaded = run_python(
            "import json, sys, flowrun_notifications as library;"
            'library.parse(b\'{"id": "r", "flowId": "f", "metrics": {}}\');'
            "print(json.dumps(sorted(sys.modules)))"
        )
        late = {"hypothesis", "argparse", "asyncio", "sqlite3"}
        late |= {f"flowrun_notifications.{name}" for name in ("__main__", "tabular", "testing", "_display.notebook")}
        assert late.intersection(loaded) == set()

    def test_silence(self) -> None:
        """Importing the package sets nothing up: no log handlers, no warning filters, no environment."""
        assert run_python(
            "import json, logging, os, warnings, pydantic;"
            "state = lambda: (*logging.root.handlers, logging.root.level, *warnings.filters, dict(os.environ));"
            "before = state(); import flowrun_notifications; print(json.dumps(before == state()))"
        )


class TestParsing:
    """What parsing does not do."""

    def test_opens_nothing(self) -> None:
        """Once everything is loaded, parsing opens no file and no connection, starts nothing and imports nothing."""
        events = run_python(
            """if True:
            import json, sys
            from flowrun_notifications import parse_all, parse_lines
            from flowrun_notifications.testing import make_other_message, make_payload

            sound = json.dumps(make_payload("event", outcome="failed"))
            broken = sound.replace('"flowId": "', '"flowId": 1, "other": "')
            other = json.dumps(make_other_message("alert"))

            def read():
                assert len(parse_all(f"[{sound}, {broken}, {other}]").items) == 3
                assert len(list(parse_lines([sound, broken, other], on_error=str))) == 1

            read()
            events = []
            sys.addaudithook(lambda event, _: events.append(event))
            read()
            print(json.dumps(events))
            """
        )
        assert events == []

    def test_reads_no_clock(self) -> None:
        """No module that reads payloads can ask for the time, or for anything random."""
        asking = re.compile(r"^\s*(import|from) (time|random|secrets|uuid)\b|\.(now|utcnow|today)\(", re.MULTILINE)
        modules = [module for module in MODULES if "._models." in module or "._reading." in module]
        assert [module for module in modules if asking.search(inspect.getsource(importlib.import_module(module)))] == []

    def test_keeps_no_payload(self) -> None:
        """However many payloads are read, sound or not, nothing of them stays in memory."""

        def read(number: int) -> None:
            text = f"{number} {'x' * 10_000}"
            library.parse_all([make_payload("event", message=text), make_record(message=text, createdAt=text), text])
            library.parse(json.dumps(make_payload("messages", message=text)))

        for number in range(20):
            read(number)
        gc.collect()
        tracemalloc.start()
        try:
            for number in range(20):
                read(number)
            gc.collect()
            kept, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert kept < 10_000

    def test_keeps_nothing(self) -> None:
        """A run goes with the last reference to it, and its rows do not keep it."""
        run = library.parse(make_payload("event", outcome="failed"))
        rows = [run_row(run), *activity_rows(run), *error_rows(run)]
        reference = weakref.ref(run)
        del run
        gc.collect()
        assert (reference(), len(rows)) == (None, 4)
