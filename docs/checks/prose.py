"""Check the prose of documents and docstrings: `python docs/checks/prose.py [FILE ...]`.

A match of a rule makes it exit with 1. A long sentence is a warning.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

CHECKED = ["*.md", "docs/**/*.md", "examples/*/README.md", "src/**/*.py"]
MAX_WORDS = 35

RULES = {
    r"(?<![Tt]here )\b(is|are|was|were) (no (?!better|fewer|less|longer|more|worse)|none\b)": "say 'is not a'",
    r"^(What|Whatever|Whoever)\b.*\.$": "begin with a subject, not with a clause",
    r"^Of (?!course|these,|those,)": "begin with the subject",
    r"^(Never|Nor|Not only|Nowhere|So) (are|can|did|do|does|has|have|is|may|will)\b": "put the subject before the verb",
    r"\b(amongst|hitherto|lest|there(by|in|of|upon)|whence|where(by|in|of|upon)|whilst)\b": "use a common word",
    r"\b(of them all|in (its|their) turn)\b": "use common words",
}
"""Patterns that no sentence may match, and what to do instead."""

# MkDocs takes four spaces after an admonition or a tab for prose, not for code.
MARKDOWN = MarkdownIt().enable("table").disable("code")


def main(names: list[str]) -> int:
    """Print a line for each complaint; return the exit status."""
    paths = [Path(name) for name in names] or sorted(path for glob in CHECKED for path in Path().glob(glob))
    failed = False
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for start, document in docstrings(text) if path.suffix == ".py" else [(1, text)]:
            for line, sentence in sentences(document):
                for rule, advice in RULES.items():
                    if re.search(rule, sentence):
                        failed = True
                        print(f"{path}:{start + line}: error: {advice}: {sentence}")
                if len(sentence.split()) > MAX_WORDS:
                    print(f"{path}:{start + line}: warning: more than {MAX_WORDS} words: {sentence}")
    return int(failed)


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the docstrings of a module and everything in it, each with the number of its first line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def sentences(document: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a Markdown document, each with the index of the line where its paragraph starts."""
    for token in MARKDOWN.parse(document):
        if token.type == "inline" and token.map and token.children:
            for sentence in re.split(r"(?<=[.?!])(?<!\be\.g\.)(?<!\bi\.e\.)\s+", _text(token.children)):
                yield token.map[0], sentence


def _text(tokens: Iterable[Token]) -> str:
    shown = {"softbreak": " ", "hardbreak": " ", "html_inline": ""}
    return "".join(shown.get(token.type, token.content) for token in tokens)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
