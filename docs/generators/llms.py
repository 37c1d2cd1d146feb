"""Lists the pages for programs that read documentation: llms.txt has a title, a summary, and a line for each page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["llms_txt"]


def llms_txt(name: str, summary: str, nav: list[Any], read: Callable[[str], tuple[str, str]]) -> str:
    """Return the list of the pages.

    Args:
        name: The name of the site.
        summary: What it is about.
        nav: The navigation, as it stands in ``mkdocs.yml``.
        read: Returns the address of a page and its Markdown.
    """
    lines = [f"# {name}", "", f"> {summary}", ""]
    for title, path in _pages(nav):
        address, markdown = read(path)
        sentence = _first_sentence(markdown)
        lines.append(f"- [{title}]({address})" + (f": {sentence}" if sentence else ""))
    return "\n".join([*lines, ""])


def _pages(nav: list[Any]) -> Iterator[tuple[str, str]]:
    for entry in nav:
        for title, inside in entry.items():
            if isinstance(inside, str):
                yield title, inside
            else:
                yield from _pages(inside)


def _first_sentence(markdown: str) -> str:
    """Return the first sentence of a page in plain text; empty where there is none."""
    blocks = [block.strip() for block in markdown.split("\n\n")]
    texts = [block for block in blocks if re.match(r"[\w\[`]", block)]
    text = texts[0] if texts else ""
    plain = re.sub(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])|[`*]", r"\1", " ".join(text.split()))
    return re.split(r"(?<=[.:]) ", plain, maxsplit=1)[0].rstrip(":")
