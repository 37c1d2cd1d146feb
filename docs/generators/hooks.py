"""Hooks of MkDocs: add the pages that are made from the library, and show the examples' own READMEs."""

from __future__ import annotations

import re
from pathlib import Path

from llms import llms_txt
from members import in_groups
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from performance import chart, table
from pieces import ASKED, piece
from reference import PAGES, error_codes_json
from schemas import schemas

from flowrun_notifications import parse
from flowrun_notifications._display.notebook import to_html

EXAMPLES = Path(__file__).parents[2] / "examples"
_README = re.compile(r"^\[Its README\]\((?:\.\./)+examples/(\w+)/README\.md\)$", re.MULTILINE)
_NOTEBOOK = re.compile(r"^<!-- (\w+) as a notebook shows it -->$", re.MULTILINE)
_MADE = {"<!-- benchmark table -->": table, "<!-- benchmark chart -->": chart}
_LINK = re.compile(r"\]\(\.\./(\w+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for path, make in PAGES.items():
        files.append(File.generated(config, path, content=make()))
    files.append(File.generated(config, "reference/error-codes.json", content=error_codes_json()))
    for name, schema in schemas().items():
        files.append(File.generated(config, f"schemas/{name}", content=schema))

    def read(path: str) -> tuple[str, str]:
        file = files.src_uris[path]
        return f"{config.site_url or ''}{file.url}", file.content_string

    summary = f"{config.site_description}."
    content = llms_txt(config.site_name, summary, config.nav or [], read)
    files.append(File.generated(config, "llms.txt", content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Put the README of an example without its title, the HTML of a run, and the benchmark's numbers, where asked."""
    home = f"{config.repo_url}/tree/main/examples"

    def read(asked: re.Match[str]) -> str:
        _, _, text = EXAMPLES.joinpath(asked[1], "README.md").read_text(encoding="utf-8").partition("\n")
        linked = _LINK.sub(lambda link: f"]({home}/{link[1]})", text.strip())
        linked = linked.replace("`../", "`examples/")
        linked = linked.replace("\n## ", "\n### ")  # it stands in a section of the page
        return f"{linked}\n\nAll of it: [`examples/{asked[1]}`]({home}/{asked[1]})."

    for mark, make in _MADE.items():
        if mark in markdown:
            markdown = markdown.replace(mark, make())
    markdown = ASKED.sub(lambda asked: f"```python\n{piece(asked['path'], asked['name'])}\n```", markdown)
    return _NOTEBOOK.sub(_shown, _README.sub(read, in_groups(markdown)))


def _shown(asked: re.Match[str]) -> str:
    run = parse(EXAMPLES.joinpath("payloads", f"{asked[1]}.json").read_bytes())
    return to_html(run)
