"""Reads the journal of an event registration into SQLite: every event once, however often the program is killed.

What a page holds and the link to the next page are written in one transaction. So a page that was not written in full
is fetched again, and one that was is not.

    python journal_poller.py           reads, and goes on reading
    python journal_poller.py --once    reads to the end of the journal
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Generator
from contextlib import closing
from http import HTTPStatus

import httpx

from flowrun_notifications import FlowRun, InvalidJSONError, parse_all

JOURNAL_URL = os.environ["JOURNAL_URL"]
CLIENT_ID = os.environ["ADOBE_CLIENT_ID"]
CLIENT_SECRET = os.environ["ADOBE_CLIENT_SECRET"]
SCOPES = os.environ["ADOBE_SCOPES"]
ORG_ID = os.environ["ADOBE_ORG_ID"]
DATABASE = os.environ.get("DATABASE", "journal.sqlite3")
TOKEN_URL = os.environ.get("ADOBE_TOKEN_URL", "https://ims-na1.adobelogin.com/ims/token/v3")
USUAL_PAUSE = 10.0  # seconds, at the end of the journal, where Adobe does not say how long
LONGEST_PAUSE = 300.0

logger = logging.getLogger("journal")


class TryAgainError(Exception):
    """Adobe does not answer just now."""


class AccessToken(httpx.Auth):
    """An OAuth server-to-server token, fetched anew when it is no longer taken; it lives for a day."""

    requires_response_body = True
    _token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sends the request with the token, and once more with a new one if that is refused."""
        if self._token is None:
            yield from self._fetch()
        request.headers["authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            yield from self._fetch()
            request.headers["authorization"] = f"Bearer {self._token}"
            yield request

    def _fetch(self) -> Generator[httpx.Request, httpx.Response, None]:
        credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": SCOPES}
        response = yield httpx.Request("POST", TOKEN_URL, data={"grant_type": "client_credentials", **credentials})
        check(response)
        self._token = response.json()["access_token"]


def check(response: httpx.Response) -> None:
    """Raises an error unless all is well, and tells what will pass from what a person has to mend."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
        raise TryAgainError(f"{response.url.host} answered {response.status_code}")
    response.raise_for_status()


def read_page(client: httpx.Client, database: sqlite3.Connection) -> float | None:
    """Takes what comes next. If that is nothing, at the journal's end, returns how many seconds to wait."""
    (url,) = database.execute("SELECT next FROM journal WHERE url = ?", (JOURNAL_URL,)).fetchone()
    response = client.get(url)
    if response.status_code == HTTPStatus.GONE and url != JOURNAL_URL:
        logger.error("the position has expired, as all do after 7 days; going on from the oldest event there is")
        write(database, url, JOURNAL_URL)
        return None
    check(response)
    home, link = httpx.URL(JOURNAL_URL), httpx.URL(url).join(response.links["next"]["url"])
    if (link.scheme, link.netloc) != (home.scheme, home.netloc):
        raise ValueError("the next page is on another host, which must not get the access token")
    if response.status_code == HTTPStatus.NO_CONTENT:
        write(database, url, str(link))
        seconds = response.headers.get("retry-after", "")
        return float(seconds) if seconds.isdecimal() else USUAL_PAUSE
    write(database, url, str(link), response.content)
    return None


def write(database: sqlite3.Connection, url: str, link: str, page: bytes = b"[]") -> None:
    """Writes what the page at a URL holds and the link to the next one, both or neither."""
    result = parse_all(page)
    with database:
        # If another program took this page in the meantime, the link is no longer there.
        update = "UPDATE journal SET next = ? WHERE url = ? AND next = ?"
        if not database.execute(update, (link, JOURNAL_URL, url)).rowcount:
            return
        database.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", map(to_row, result.runs))
        if result.errors:
            problems = "\n".join(map(str, result.errors))
            database.execute("INSERT INTO quarantine VALUES (?, ?)", (problems, page))
    counts = len(result.runs), len(result.skipped), len(result.errors)
    if any(counts):
        logger.info("%d runs, %d skipped, %d broken", *counts)


def to_row(run: FlowRun) -> tuple[str | None, ...]:
    """What table ``runs`` keeps of a run."""
    updated_at = run.updated_at.isoformat() if run.updated_at else None
    delivery, payload = run.delivery, json.dumps(run.to_payload())
    return delivery.position, delivery.event_id, run.id, run.flow_id, updated_at, run.summary(), payload


def main(*, once: bool) -> None:
    """Reads the journal, to its end or for ever."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    headers = {"x-api-key": CLIENT_ID, "x-ims-org-id": ORG_ID}
    with closing(sqlite3.connect(DATABASE)) as database, httpx.Client(auth=AccessToken(), headers=headers) as client:
        database.executescript("""
            CREATE TABLE IF NOT EXISTS journal (url TEXT PRIMARY KEY, next TEXT);
            CREATE TABLE IF NOT EXISTS quarantine (problems TEXT, page BLOB);
            CREATE TABLE IF NOT EXISTS runs (position TEXT, event_id TEXT, run_id TEXT, flow_id TEXT, updated_at TEXT,
                                             summary TEXT, payload TEXT);
        """)
        with database:
            database.execute("INSERT OR IGNORE INTO journal VALUES (?, ?)", (JOURNAL_URL, JOURNAL_URL))
        back_off = 1.0
        while True:
            try:
                pause = read_page(client, database)
            except (TryAgainError, InvalidJSONError, httpx.TransportError) as error:
                pause = back_off = min(2 * back_off, LONGEST_PAUSE)
                logger.warning("trying again in %g seconds: %s", pause, error)
            else:
                back_off = 1.0
                if once and pause is not None:
                    return
            if pause:
                time.sleep(pause)


if __name__ == "__main__":
    main(once="--once" in sys.argv[1:])
