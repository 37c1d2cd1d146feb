"""Look at the built site as a browser shows it: `mkdocs build && python docs/checks/screenshots.py [PAGE ...]`.

Takes a picture of every page, or of those whose path begins with a PAGE, as wide as a laptop and as a phone, light and
dark, into `.cache/screenshots`. Prints what is cut off, hidden or missing. Exits with 1 for anything but code that is
wider than a phone, or than a laptop where it is the code of an example.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Literal

from playwright.sync_api import Page, ViewportSize, sync_playwright

SITE = Path("site")
PICTURES = Path(".cache/screenshots")
FIND = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

LAPTOP, PHONE = 1280, 390
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FIRST_PAGES = ("index.html", "tutorial/index.html")
"""The pages whose code must not scroll sideways on a laptop."""

# Chromium calls home without these, and the theme asks GitHub for stars. There is no sandbox for root.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--no-sandbox",
]


class Handler(SimpleHTTPRequestHandler):
    """Serves the site without a line in the terminal for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def served() -> Generator[str]:
    """Serve the site on a free port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(SITE))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def look(page: Page, url: str, path: str, width: int, scheme: str) -> bool:
    """Take the picture of a page, print its findings if it is light, and tell whether one of them must be mended."""
    page.goto(url + path, wait_until="load")
    page.evaluate("document.fonts.ready")
    name = path.removesuffix("index.html").strip("/").replace("/", "-") or "index"
    page.screenshot(path=PICTURES / f"{name}-{width}-{scheme}.png", full_page=True, animations="disabled")
    failed = False
    for kind, where, pixels in page.evaluate(FIND) if scheme == "light" else ():
        if kind == "code scrolls sideways" and width == PHONE:
            continue
        is_error = kind != "code scrolls sideways" or path in FIRST_PAGES
        failed |= is_error
        print(f"{path} at {width}: {'error' if is_error else 'warning'}: {kind} by {pixels} px: {where}")
    return failed


def main(asked: list[str]) -> int:
    """Look at the pages in every width and scheme; return the exit status."""
    paths = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    paths = [path for path in paths if path.startswith(tuple(asked) or "")]
    PICTURES.mkdir(parents=True, exist_ok=True)
    failed = False
    with served() as url, sync_playwright() as playwright:
        # Without a browser of the system, the one that `playwright install chromium` brings.
        executable = shutil.which("chromium") or shutil.which("google-chrome")
        with playwright.chromium.launch(executable_path=executable, args=FLAGS) as browser:
            for width in (LAPTOP, PHONE):
                for scheme in SCHEMES:
                    viewport: ViewportSize = {"width": width, "height": 900}
                    touch = width == PHONE
                    with browser.new_context(
                        viewport=viewport, color_scheme=scheme, is_mobile=touch, has_touch=touch
                    ) as context:
                        page = context.new_page()
                        for path in paths:
                            failed |= look(page, url, path, width, scheme)
    print(f"{len(paths)} pages are in {PICTURES}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
