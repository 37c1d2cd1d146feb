"""What the README and the documentation show is what happens.

The blocks of a page run in order, in a folder that holds `examples/payloads`, and share one namespace:

- `python` runs. Where `text` follows, that is its output. `pycon` is read as doctest reads it. `py` needs libraries
  that the tests do not have: it is compiled.
- `console` holds commands. Those that call the command line of this library run, and print what is shown below them.
- A line `...` in an output stands for any number of lines.
- `json` is JSON, `ndjson` has some on each line. With `title="name"` a block is a file of that name, for what follows.
- `--8<-- "examples/…"` includes a program from there, which has tests of its own. (Its language is written `{.python}`,
  so that no formatter takes the line for Python.)
"""

from __future__ import annotations

import contextlib
import doctest
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import flowrun_notifications as library

PROJECT = Path(__file__).parents[1]
PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.joinpath("docs").rglob("*.md")])
MANY_COMMANDS = {"chat.md", "command-line.md"}
"""Pages that start many processes."""

FENCE = re.compile(
    r'^(?P<indent> *)```(?:\{\.)?(?P<language>\w*)\}?(?: +title="(?P<title>[^"]+)")?[^\n]*\n'
    r"(?P<body>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)
INCLUDE = re.compile(r'-+8<-+ "([^"]+)"')
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)[^)]*\)")
OUR_COMMAND = re.compile(r"(?:^|[|;] *)(?:\S*python3? -m flowrun_notifications|flowrun-notifications)(?= |$)")
INTERPRETER = re.compile(r"\S*python3?(?= -m flowrun_notifications)")

needs_a_shell = pytest.mark.skipif(os.name == "nt", reason="commands are those of a POSIX shell")


@dataclass(frozen=True)
class Block:
    """A block of code on a page."""

    language: str
    body: str
    title: str | None
    page: Path
    line: int
    follows_directly: bool
    """Whether nothing but white space stands between it and the block before."""

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"

    def commands(self) -> Iterator[tuple[str, str]]:
        """The commands of a console that call the library's command line, each with the output shown."""
        for session in re.split(r"^\$ ", self.body, flags=re.MULTILINE)[1:]:
            command, _, output = session.replace("\\\n", " ").partition("\n")
            ours = [part for part in command.split(" && ") if OUR_COMMAND.search(part)]
            for part in ours:
                yield part, output if part is ours[-1] else ""


def blocks_of(page: Path) -> list[Block]:
    """The blocks of a page in order."""
    text = page.read_text(encoding="utf-8")
    blocks: list[Block] = []
    end = 0
    for found in FENCE.finditer(text):
        blocks.append(
            Block(
                language=found["language"],
                body=textwrap.dedent(found["body"]),
                title=found["title"],
                page=page,
                line=text.count("\n", 0, found.start("body")) + 1,
                follows_directly=not text[end : found.start()].strip(),
            )
        )
        end = found.end()
    return blocks


def agree(shown: str, printed: str) -> bool:
    """Whether an output is as shown."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", tidy(shown), flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*".join(parts), tidy(printed)) is not None


def tidy(output: str) -> str:
    """An output without what cannot be seen."""
    return "".join(f"{line.rstrip()}\n" for line in output.strip("\n").split("\n"))


def check(block: Block, shown: str, printed: str) -> None:
    """Demands that an output is as shown."""
    assert agree(shown, printed), f"{block.place} prints:\n{printed}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the blocks of a page run."""
    shutil.copytree(PROJECT / "examples" / "payloads", tmp_path / "examples" / "payloads")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def commands(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the commands that pages call on the path."""
    programs = tmp_path_factory.mktemp("bin")
    for name, arguments in (("python", ""), ("flowrun-notifications", "-m flowrun_notifications ")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(library.__path__[0]).parent))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("PYTHONWARNINGS", raising=False)


@pytest.fixture
def unhurried() -> Iterator[None]:
    """Lets Hypothesis, where a page uses it, take its time: a busy machine must not fail a page."""
    usual = settings.get_current_profile_name()
    too_slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    settings.register_profile("pages", settings.get_profile(usual), deadline=None, suppress_health_check=too_slow)
    settings.load_profile("pages")
    yield
    settings.load_profile(usual)


class Runner:
    """Runs the blocks of one page."""

    def __init__(self) -> None:
        self._namespace: dict[str, Any] = {"__name__": "page"}

    def run(self, blocks: list[Block]) -> None:
        """Runs those that are to be run."""
        for block, following in zip_longest(blocks, blocks[1:]):
            self._run(block, following)

    def _run(self, block: Block, following: Block | None) -> None:
        if block.title is not None:
            Path(block.title).write_text(block.body, encoding="utf-8")
        if INCLUDE.match(block.body):
            return
        match block.language:
            case "python":
                self._run_program(block, following)
            case "py":
                compile(block.body, str(block.page), "exec")
            case "pycon":
                self._run_session(block)
            case "console":
                run_commands(block)
            case "json":
                json.loads(block.body)
            case "ndjson":
                list(map(json.loads, block.body.splitlines()))
            case _:
                pass

    def _run_program(self, block: Block, following: Block | None) -> None:
        program = compile("\n" * (block.line - 1) + block.body, str(block.page), "exec", dont_inherit=True)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program, self._namespace)
        is_shown = following is not None and following.language == "text" and following.follows_directly
        check(block, following.body if following and is_shown else "", printed.getvalue())

    def _run_session(self, block: Block) -> None:
        session = doctest.DocTestParser().get_doctest(
            block.body, self._namespace, block.place, str(block.page), block.line
        )
        session.globs = self._namespace  # names live on in the page
        report = io.StringIO()
        doctest.DocTestRunner(verbose=False).run(session, out=report.write, clear_globs=False)
        assert report.getvalue() == ""


def run_commands(block: Block) -> None:
    """Runs the commands of a console that are the library's."""
    for command, shown in block.commands():
        command_line = INTERPRETER.sub("python", command)
        done = subprocess.run(
            ["sh", "-c", command_line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=120,
        )
        if shown.strip():
            check(block, shown, done.stdout)
        else:
            assert done.returncode == 0, f"{block.place}: {command} ends with {done.returncode}:\n{done.stdout}"


@needs_a_shell
@pytest.mark.usefixtures("folder", "commands", "unhurried")
@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow if page.name in MANY_COMMANDS else ()) for page in PAGES],
    ids=lambda page: str(page.relative_to(PROJECT)),
)
def test_blocks_run(page: Path) -> None:
    """Every block of a page runs, and does what the page shows."""
    Runner().run(blocks_of(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_blocks_are_labelled(page: Path) -> None:
    """Every block says what it is, and text is what the block before it prints: nothing escapes by having no name."""
    blocks = blocks_of(page)
    languages = {"console", "json", "ndjson", "py", "pycon", "python", "text", "sql", "yaml"}
    assert [block.place for block in blocks if block.language not in languages] == []
    for before, block in pairwise(blocks):
        if block.language == "text":
            assert (block.place, before.language, block.follows_directly) == (block.place, "python", True)
    assert [block.place for block in blocks[:1] if block.language == "text"] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_fences_are_closed(page: Path) -> None:
    """No block is overlooked because its fence is not found."""
    fences = re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(blocks_of(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_includes_exist(page: Path) -> None:
    """What a page includes is there: the changelog, or a file of an example that has a test."""
    for name in INCLUDE.findall(page.read_text(encoding="utf-8")):
        included = PROJECT / name
        assert included.is_file()
        assert included.name == "CHANGELOG.md" or list(included.parent.glob("test_*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_pieces_exist(page: Path) -> None:
    """A piece of a program that a page asks for is there, and begins with its own definition."""
    pieces = runpy.run_path(str(PROJECT / "docs" / "generators" / "pieces.py"))
    for name, path in pieces["ASKED"].findall(page.read_text(encoding="utf-8")):
        assert re.match(rf"(@.*\n)*((async )?def|class) {name.rpartition('.')[2]}\b", pieces["piece"](path, name))


@pytest.mark.parametrize("page", sorted(PROJECT.glob("*.md")), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """What a page beside the documentation links to is there; of the documentation its build checks that."""
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_guarantees_name_their_tests() -> None:
    """Each guarantee names its tests, and they are there."""
    page = PROJECT.joinpath("docs", "guarantees.md").read_text(encoding="utf-8")
    holders = [line.split("|")[2] for line in page.splitlines() if line.startswith("| ") and line.count("|") == 3]
    named = [re.findall(r"`([^`]+)`", holder) for holder in holders if holder.strip() != "tested by"]
    assert [names for names in named if not names] == []
    assert sorted({name for names in named for name in names if not PROJECT.joinpath(name).exists()}) == []


class TestHarness:
    """What would be noticed."""

    @pytest.mark.parametrize(
        ("shown", "printed", "agrees"),
        [
            ("a\nb\n", "a\nb\n", True),
            ("a\n", "a  \n\n", True),
            ("a\n", "b\n", False),
            ("", "a\n", False),
            ("a\n...\nd\n", "a\nb\nc\nd\n", True),
            ("a\n...\n", "a\n", True),
            ("...\nd\n", "a\nd\ne\n", False),
            ("a.c\n", "abc\n", False),
        ],
    )
    def test_output(self, shown: str, printed: str, agrees: bool) -> None:
        """An output is as shown, line by line, white space at the ends apart."""
        assert agree(shown, printed) is agrees

    @pytest.mark.parametrize(
        "text",
        [
            "```python\nprint(1)\n```\n\n```text\n2\n```\n",
            "```python\nprint(1)\n```\n",
            "```python\nvalue = 1\n```\n\nand\n\n```python\nassert value == 2\n```\n",
            "```pycon\n>>> 1 + 1\n3\n```\n",
            "- in a list\n\n  ```python\n  assert False\n  ```\n",
            "```json\n{\n```\n",
            '```json title="a.json"\n[]\n```\n\n```console\n$ flowrun-notifications a.json\nno flow runs\n```\n',
            "```console\n$ flowrun-notifications --version\nflowrun-notifications 0\n```\n",
            "```console\n$ cd . && python3 -m flowrun_notifications missing.json\n```\n",
        ],
    )
    @needs_a_shell
    @pytest.mark.slow
    @pytest.mark.usefixtures("folder", "commands")
    def test_what_is_wrong(self, text: str) -> None:
        """A page that shows what does not happen fails."""
        page = Path("page.md").resolve()
        page.write_text(text, encoding="utf-8")
        with pytest.raises((AssertionError, ValueError)):
            Runner().run(blocks_of(page))

    def test_commands(self) -> None:
        """Of a console, the commands that are the library's run; what stands below the last of a line is its output."""
        body = (
            "$ pip install flowrun-notifications\nnot looked at\n"
            "$ cd x && .venv/bin/python -m flowrun_notifications a \\\n    b\none\ntwo\n"
            "$ zcat a.gz | flowrun-notifications --format csv\n"
        )
        block = Block("console", body, None, PROJECT / "page.md", 1, follows_directly=False)
        assert list(block.commands()) == [
            (".venv/bin/python -m flowrun_notifications a      b", "one\ntwo\n"),
            ("zcat a.gz | flowrun-notifications --format csv", ""),
        ]
