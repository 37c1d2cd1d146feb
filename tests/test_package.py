"""What `import flowrun_notifications` promises."""

from __future__ import annotations

import ast
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
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel

import flowrun_notifications as library

PUBLIC = [
    "Activity",
    "ActivityKind",
    "Connection",
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
    "NotAFlowRunKind",
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
    "__version__",
    "documented_error_codes",
    "lookup_error",
    "parse",
    "parse_all",
    "parse_lines",
]
"""Other people's code depends on these names: one may come, none may go."""

PROJECT = Path(__file__).parents[1]
MODULES = sorted(module.name for module in pkgutil.iter_modules(library.__path__))
"""The modules of the package."""

CORE = [name for name in MODULES if name not in {"__main__", "testing"}]
"""Those that anyone can import; `testing` wants Hypothesis, and `__main__` runs."""

ITEMS = [item for item in map(library.__dict__.get, PUBLIC) if inspect.isclass(item) or inspect.isfunction(item)]
"""The public classes and functions."""

MODELS = [item for item in ITEMS if inspect.isclass(item) and issubclass(item, BaseModel)]


def in_a_new_process(program: str) -> Any:
    """What a program prints as JSON when it is run by an interpreter of its own."""
    environment = os.environ | {"PYTHONPATH": str(Path(library.__path__[0]).parent)}
    command = [sys.executable, "-c", program]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, env=environment).stdout
    return json.loads(output)


class TestPublicNames:
    """The names that can be imported."""

    def test_all(self) -> None:
        """`__all__` is this list, sorted."""
        assert library.__all__ == PUBLIC == sorted(PUBLIC)

    @pytest.mark.parametrize("name", PUBLIC)
    def test_importable(self, name: str) -> None:
        """Each name is there."""
        assert hasattr(library, name)

    def test_star_import(self) -> None:
        """`from flowrun_notifications import *` gives these names and no others."""
        namespace: dict[str, Any] = {}
        exec("from flowrun_notifications import *", namespace)
        assert sorted(namespace.keys() - {"__builtins__"}) == PUBLIC

    @pytest.mark.parametrize("name", CORE)
    def test_modules(self, name: str) -> None:
        """Each module says which of its names are meant for others, in order, and has them."""
        module: ModuleType = importlib.import_module(f"flowrun_notifications.{name}")
        names: list[str] = module.__all__
        assert [name for name in names if not hasattr(module, name)] == []
        assert len(set(names)) == len(names)

    @pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.__name__)
    def test_defined_in_the_package(self, item: Any) -> None:
        """A public class or function belongs to the package, and can be found where it says, as pickle wants it."""
        assert item.__module__.split(".")[0] == "flowrun_notifications"
        assert getattr(importlib.import_module(item.__module__), item.__name__) is item


class TestDocstrings:
    """What an editor shows."""

    @pytest.mark.parametrize("name", CORE)
    def test_modules(self, name: str) -> None:
        """Each module has a docstring."""
        assert importlib.import_module(f"flowrun_notifications.{name}").__doc__

    @pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.__name__)
    def test_items(self, item: Any) -> None:
        """Each public class and function has a docstring of its own."""
        inherited = [base.__doc__ for base in item.__mro__[1:]] if inspect.isclass(item) else []
        assert item.__doc__
        assert item.__doc__ not in inherited

    @pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
    def test_fields(self, model: type[BaseModel]) -> None:
        """Each field of a model is followed by its docstring."""
        assert undocumented_fields(model) == []

    def test_fields_without(self) -> None:
        """A field without one would be found."""

        class Undocumented(BaseModel):
            """A model."""

            first: str
            """Said."""

            second: str

        assert undocumented_fields(Undocumented) == ["second"]


def undocumented_fields(model: type[BaseModel]) -> list[str]:
    """The fields of a model that no docstring follows in the source of the class that defines them."""
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
    return [name for name in model.model_fields if name not in documented]


class TestVersion:
    """The version."""

    def test_form(self) -> None:
        """It is a version as PyPI wants it."""
        assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", library.__version__)

    def test_single_source(self) -> None:
        """It stands in one file, from which the build takes it."""
        settings = PROJECT.joinpath("pyproject.toml").read_text(encoding="utf-8")
        assert 'dynamic = ["version"]' in settings
        assert '[tool.hatch.version]\npath = "src/flowrun_notifications/__init__.py"\n' in settings
        assert not re.search(r"^version *=", settings, re.MULTILINE)

    def test_changelog(self) -> None:
        """The changelog speaks of it, or of what is not released yet."""
        changelog = PROJECT.joinpath("CHANGELOG.md").read_text(encoding="utf-8")
        assert re.search(rf"^## \[?({re.escape(library.__version__)}|Unreleased)\b", changelog, re.MULTILINE)


class TestTyping:
    """Type checkers."""

    def test_marker(self) -> None:
        """The package tells them that it is typed."""
        assert files("flowrun_notifications").joinpath("py.typed").is_file()


class TestImport:
    """What an import costs."""

    def test_nothing_before_it_is_needed(self) -> None:
        """Importing the package and parsing load neither the catalogue of codes nor anything beside the core."""
        loaded = in_a_new_process(
            "import json, sys, flowrun_notifications as library;"
            'library.parse(b\'{"id": "r", "flowId": "f", "metrics": {}}\');'
            "print(json.dumps(sorted(sys.modules)))"
        )
        late = {"hypothesis", "argparse", "asyncio", "sqlite3", "flowrun_notifications.__main__"}
        late |= {f"flowrun_notifications.{name}" for name in ("tabular", "testing", "report")}
        assert late.intersection(loaded) == set()

    def test_catalogue_is_read_at_the_first_look_up(self) -> None:
        """The catalogue is read when a code is looked up, not before."""
        before, after = in_a_new_process(
            "import json, flowrun_notifications as library; from flowrun_notifications import error_codes;"
            "size = lambda: error_codes._documented.cache_info().currsize;"
            "before = size(); library.lookup_error('133'); print(json.dumps([before, size()]))"
        )
        assert (before, after) == (0, 1)

    def test_silence(self) -> None:
        """Importing the package sets nothing up: no log handlers, no warning filters, no environment."""
        same = in_a_new_process(
            "import json, logging, os, warnings, pydantic;"
            "state = lambda: (*logging.root.handlers, logging.root.level, *warnings.filters, dict(os.environ));"
            "before = state(); import flowrun_notifications; print(json.dumps(before == state()))"
        )
        assert same is True
