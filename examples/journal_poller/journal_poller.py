"""Read the journal of an event registration into SQLite: every event once, however often the program is killed.

The events of a page and the link to the next page are written in one transaction. So a page that was not written in
full is fetched again, and one that was is not.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
import time
from collections.abc import Generator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import httpx2
from pydantic import Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exception, wait_exponential

from flowrun_notifications import FlowRun, InvalidJSONError, parse_all

BUSY_TIMEOUT = 30.0  # seconds that a transaction waits for another program's
DEFAULT_PAUSE = 10.0  # seconds, at the end of the journal, where Adobe does not say how long
MAX_PAUSE = 300.0
MAX_ERROR_TEXT = 500  # characters of Adobe's error text that are logged

logger = logging.getLogger("journal")


class Settings(BaseSettings):
    """Read the journal of an event registration into SQLite, and go on reading.

    Each option can also be given as an environment variable: JOURNAL_URL for --journal-url. Give the secret,
    ADOBE_CLIENT_SECRET, only so: other users of the machine can read a command line.
    """

    model_config = SettingsConfigDict(cli_kebab_case=True, cli_implicit_flags=True, cli_prog_name="journal_poller.py")

    journal_url: HttpUrl = Field(
        description="the journal, from the registration's page in the Adobe Developer Console; "
        "with ?latest=true only what comes from now on"
    )
    adobe_client_id: str = Field(min_length=1, description="the OAuth server-to-server credential's client id")
    adobe_client_secret: SecretStr = Field(min_length=1, description="its secret")
    adobe_scopes: str = Field(min_length=1, description="its scopes; the credential needs the I/O Management API")
    adobe_org_id: str = Field(min_length=1, description="the organisation, ...@AdobeOrg")
    database: Path = Field(Path("journal.sqlite3"), description="the SQLite file; on a disk that outlives the program")
    adobe_token_url: HttpUrl = Field(
        HttpUrl("https://ims-na1.adobelogin.com/ims/token/v3"), description="where access tokens come from; for tests"
    )
    once: bool = Field(default=False, description="end at the end of the journal")


class TryAgainError(Exception):
    """Adobe does not answer as it should just now."""

    def __init__(self, problem: str, retry_after: float = 0.0) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class GiveUpError(Exception):
    """A person has to mend something."""


class AccessToken(httpx2.Auth):
    """An OAuth server-to-server token, replaced when it is no longer taken; it lives for a day."""

    requires_response_body = True

    def __init__(self, settings: Settings) -> None:
        self._url = str(settings.adobe_token_url)
        self._form = {
            "grant_type": "client_credentials",
            "client_id": settings.adobe_client_id,
            "client_secret": settings.adobe_client_secret.get_secret_value(),
            "scope": settings.adobe_scopes,
        }
        self._token: str | None = None

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the request with the token, and once more with a new one if that is refused."""
        if self._token is None:
            yield from self._fetch()
        request.headers["authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            yield from self._fetch()
            request.headers["authorization"] = f"Bearer {self._token}"
            yield request

    def _fetch(self) -> Generator[httpx2.Request, httpx2.Response, None]:
        response = yield httpx2.Request("POST", self._url, data=self._form)
        check(response)
        try:
            self._token = response.json()["access_token"]
        except (ValueError, KeyError, TypeError) as error:
            raise TryAgainError(f"{response.url.host} answered without an access token") from error


def check(response: httpx2.Response) -> None:
    """Return if all is well, else raise an error with Adobe's text.

    Raises:
        TryAgainError: It will pass.
        GiveUpError: It will not.
    """
    if response.is_success:
        return
    text = "".join(character if character.isprintable() else " " for character in response.text[:MAX_ERROR_TEXT])
    problem = f"{response.url.host} answered {response.status_code}: {text or 'without a text'}"
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
        raise TryAgainError(problem, seconds_to_wait(response, 0.0))
    raise GiveUpError(problem)


def seconds_to_wait(response: httpx2.Response, default: float) -> float:
    """Return how many seconds a response asks to wait."""
    text = response.headers.get("retry-after", "")
    return min(float(text), MAX_PAUSE) if text.isdecimal() else default


def read_page(client: httpx2.Client, database: sqlite3.Connection, journal_url: str) -> float | None:
    """Take what comes next. If that is nothing, at the journal's end, return how many seconds to wait."""
    (url,) = database.execute("SELECT next FROM journal WHERE url = ?", (journal_url,)).fetchone()
    oldest = httpx2.URL(journal_url)
    for parameter in ("latest", "since", "seek"):  # latest=true would skip what the journal still holds
        oldest = oldest.copy_remove_param(parameter)
    response = client.get(url)
    if response.status_code == HTTPStatus.GONE and url != str(oldest):
        logger.error("the position has expired, as all do after 7 days; going on from the oldest event there is")
        write(database, journal_url, url, str(oldest))
        return None
    check(response)
    if "next" not in response.links:
        raise TryAgainError(f"{response.url.host} answered without a link to the next page")
    link = httpx2.URL(url).join(response.links["next"]["url"])
    if (link.scheme, link.netloc) != (oldest.scheme, oldest.netloc):
        raise GiveUpError("the next page is on another host, which must not get the access token")
    if response.status_code == HTTPStatus.NO_CONTENT:
        write(database, journal_url, url, str(link))
        return seconds_to_wait(response, DEFAULT_PAUSE)
    write(database, journal_url, url, str(link), response.content)
    return None


def prepare(database: sqlite3.Connection, journal_url: str) -> None:
    """Create the tables where they are missing."""
    database.executescript("""
        PRAGMA journal_mode = WAL;  -- readers do not block the program
        CREATE TABLE IF NOT EXISTS journal (url TEXT PRIMARY KEY, next TEXT);
        CREATE TABLE IF NOT EXISTS quarantine (problems TEXT, page BLOB);
        CREATE TABLE IF NOT EXISTS runs (position TEXT, event_id TEXT, run_id TEXT, flow_id TEXT, updated_at TEXT,
                                         summary TEXT, payload TEXT);
    """)
    with database:
        database.execute("INSERT OR IGNORE INTO journal VALUES (?, ?)", (journal_url, journal_url))


def write(database: sqlite3.Connection, journal_url: str, url: str, link: str, page: bytes = b"[]") -> None:
    """Write what the page at a URL holds and the link to the next one, both or neither."""
    result = parse_all(page)
    with database:
        # If another program took this page in the meantime, the link is no longer there.
        update = "UPDATE journal SET next = ? WHERE url = ? AND next = ?"
        if not database.execute(update, (link, journal_url, url)).rowcount:
            return
        database.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", map(to_row, result.runs))
        if result.errors:
            problems = "\n".join(map(str, result.errors))
            database.execute("INSERT INTO quarantine VALUES (?, ?)", (problems, page))
    counts = len(result.runs), len(result.others), len(result.errors)
    if any(counts):
        logger.info("%d runs, %d other messages, %d broken", *counts)


def to_row(run: FlowRun) -> tuple[str | None, ...]:
    """Return what table ``runs`` keeps of a run."""
    updated_at = run.updated_at.isoformat() if run.updated_at else None
    delivery, payload = run.delivery, json.dumps(run.to_payload())
    return delivery.position, delivery.event_id, run.id, run.flow_id, updated_at, run.summary(), payload


def read_journal(settings: Settings) -> None:
    """Read the journal, to its end or for ever.

    Raises:
        GiveUpError: A person has to mend something.
    """
    journal_url = str(settings.journal_url)
    headers = {"x-api-key": settings.adobe_client_id, "x-ims-org-id": settings.adobe_org_id}
    retry = Retrying(
        retry=retry_if_exception(will_pass),
        wait=wait_exponential(multiplier=2, max=MAX_PAUSE) + wait_exception(retry_after),
        before_sleep=log_retry,
    )
    with (
        closing(sqlite3.connect(settings.database, timeout=BUSY_TIMEOUT)) as database,
        closing(httpx2.Client(auth=AccessToken(settings), headers=headers)) as client,
    ):
        retry(prepare, database, journal_url)
        while True:
            pause = retry(read_page, client, database, journal_url)
            if pause is not None:
                if settings.once:
                    return
                time.sleep(pause)


def will_pass(error: BaseException) -> bool:
    """Return whether an error goes away by itself."""
    if isinstance(error, sqlite3.OperationalError):
        return "locked" in str(error)  # by another program
    return isinstance(error, TryAgainError | InvalidJSONError | httpx2.TransportError | httpx2.DecodingError)


def retry_after(error: BaseException) -> float:
    """Return how many seconds an error asks to wait."""
    return error.retry_after if isinstance(error, TryAgainError) else 0.0


def log_retry(state: RetryCallState) -> None:
    """Say why and when something is tried again."""
    logger.warning("trying again in %g seconds: %s", state.upcoming_sleep, state.outcome and state.outcome.exception())


def main() -> None:
    """Read the journal as command line and environment say."""
    try:
        settings = CliApp.run(Settings)
    except ValidationError as error:
        problems = [f"{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors(include_input=False)]
        sys.exit("\n".join([*problems, "See --help."]))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    try:
        read_journal(settings)
    except GiveUpError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
