"""Write the picture of the README: `python docs/generators/pictures.py`. Needs rich."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flowrun_notifications import parse
from flowrun_notifications._display.terminal import Style, run_block

ROOT = Path(__file__).parents[2]
COLUMNS = 88


def main() -> None:
    """Show a documented failure as the command line shows it on a terminal."""
    payload = ROOT / "examples" / "payloads" / "documented_failure.json"
    run = parse(payload.read_bytes())
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(f"[bold]$[/bold] flowrun-notifications {payload.name}", highlight=False)
    block = run_block(run, payload.name, Style(COLUMNS, in_colour=True, is_terminal=True))
    console.print(Text.from_ansi(block), highlight=False)
    svg = console.export_svg(title="flowrun-notifications", unique_id="explain")
    ROOT.joinpath("docs", "assets", "explain.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
