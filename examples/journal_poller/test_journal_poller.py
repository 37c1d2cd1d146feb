"""The poller's promises, against a journal on loopback that kills it, refuses it and runs dry."""

from __future__ import annotations

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from pydantic import HttpUrl, SecretStr

import journal_poller
from journal_poller import GiveUpError, Settings, read_journal

HERE = Path(__file__).parent
PATH = "/events/organizations/1/integrations/2/3"


@dataclass
class Journal:
    """A journal, and the token service beside it, on loopback."""

    pages: list[list[dict[str, Any]]] = field(default_factory=list[list[dict[str, Any]]])
    url: str = ""
    tokens: int = 0
    """The number of access tokens given out."""
    expired: int = 0
    """The number of those, the oldest, that are no longer taken."""
    fetched: list[int] = field(default_factory=list[int])
    """The pages that were sent, in order."""
    queries: list[str] = field(default_factory=list[str])
    """The queries of all requests, in order."""
    unusual: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list[tuple[int, dict[str, str], bytes]])
    """Answers that the next requests get instead; the status 0 is nothing unusual."""
    token_failures: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    """Answers that the next requests for a token get instead."""
    kills: dict[int, list[float | None]] = field(default_factory=dict[int, "list[float | None]"])
    """By page: the seconds after sending it at which the poller is killed, or None for in the middle of it."""
    poller: subprocess.Popen[str] | None = None
    end_headers: dict[str, str] = field(default_factory=lambda: {"retry-after": "7"})

    def fill(self, pages: int, events: int) -> list[tuple[str, str]]:
        """Fill the journal; return position and run of every event, in order."""
        for page in range(pages):
            numbers = range(page * events, (page + 1) * events)
            self.pages.append([{"position": f"camel:{n}:x", "event": delivery(n)} for n in numbers])
        return [(f"camel:{n}:x", f"run-{n}") for n in range(pages * events)]


def delivery(number: int, **changes: Any) -> dict[str, Any]:
    """Return an event as a journal holds it."""
    run = {"id": f"run-{number}", "flowId": "flow-1", "metrics": {"statusSummary": {"status": "success"}}, **changes}
    return {"event_id": f"event-{number}", "event": run, "recipient_client_id": "client"}


class Handler(BaseHTTPRequestHandler):
    """Answers as the journal says."""

    journal: ClassVar[Journal]

    def do_POST(self) -> None:
        """Give out an access token."""
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        if self.journal.token_failures:
            status, body = self.journal.token_failures.pop(0)
            self.answer(status, {}, body)
            return
        assert form == {
            "grant_type": ["client_credentials"],
            "client_id": ["client"],
            "client_secret": ["secret"],
            "scope": ["openid,adobeio_api"],
        }
        self.journal.tokens += 1
        token = {"access_token": f"token-{self.journal.tokens}", "token_type": "bearer", "expires_in": 86399}
        self.answer(200, {}, json.dumps(token).encode())

    def do_GET(self) -> None:
        """Send a page, or what is to come instead."""
        assert (self.headers["x-api-key"], self.headers["x-ims-org-id"]) == ("client", "org@AdobeOrg")
        if int(self.headers["authorization"].removeprefix("Bearer token-")) <= self.journal.expired:
            self.answer(401, {}, b"")
            return
        self.journal.queries.append(urlsplit(self.path).query)
        status, headers, body = self.journal.unusual.pop(0) if self.journal.unusual else (0, {}, b"")
        if status:
            self.answer(status, headers, body)
            return
        since = parse_qs(urlsplit(self.path).query).get("since", ["zebra:0:x"])[0]
        number = int(since.split(":")[1])
        if number < len(self.journal.pages):
            self.send_page(number)
        else:
            validate = f'<{PATH}/validate?since={since}>; rel="validate"'
            headers = {"Link": f'<{PATH}?since={since}>; rel="next"', "link": validate, **self.journal.end_headers}
            self.answer(204, headers, b"")

    def send_page(self, number: int) -> None:
        """Send a page, all of it unless the poller is to be killed."""
        events = self.journal.pages[number]
        body = json.dumps({"events": events, "_page": {"last": events[-1]["position"], "count": len(events)}}).encode()
        link = {"Link": f'<{PATH}?since=rabbit:{number + 1}:x>; rel="next"'}
        self.journal.fetched.append(number)
        plan = self.journal.kills.get(number)
        if not plan or self.journal.poller is None:
            self.answer(200, link, body)
            return
        moment = plan.pop(0)
        self.answer(200, link, body, sent=len(body) // 2 if moment is None else len(body))
        self.wfile.flush()
        time.sleep(moment or 0)
        self.journal.poller.kill()

    def answer(self, status: int, headers: dict[str, str], body: bytes, sent: int | None = None) -> None:
        """Send a response, or the beginning of one."""
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:sent])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def journal() -> Iterator[Journal]:
    """An empty journal."""
    journal = Journal()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("BoundHandler", (Handler,), {"journal": journal})) as server:
        journal.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield journal
        server.shutdown()


@pytest.fixture
def environ(journal: Journal, tmp_path: Path) -> dict[str, str]:
    """Return the poller's settings as environment variables."""
    return {
        "JOURNAL_URL": journal.url + PATH,
        "ADOBE_CLIENT_ID": "client",
        "ADOBE_CLIENT_SECRET": "secret",
        "ADOBE_SCOPES": "openid,adobeio_api",
        "ADOBE_ORG_ID": "org@AdobeOrg",
        "ADOBE_TOKEN_URL": f"{journal.url}/ims/token/v3",
        "DATABASE": str(tmp_path / "journal.sqlite3"),
    }


@pytest.fixture
def settings(journal: Journal, tmp_path: Path) -> Settings:
    """Return the poller's settings, to the journal's end."""
    return Settings(
        journal_url=HttpUrl(journal.url + PATH),
        adobe_client_id="client",
        adobe_client_secret=SecretStr("secret"),
        adobe_scopes="openid,adobeio_api",
        adobe_org_id="org@AdobeOrg",
        adobe_token_url=HttpUrl(f"{journal.url}/ims/token/v3"),
        database=tmp_path / "journal.sqlite3",
        once=True,
    )


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses of the program, which are noted and not waited for."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


def start(environ: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start the program in a process of its own, to read to the journal's end."""
    command = [sys.executable, str(HERE / "journal_poller.py"), "--once", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ADOBE", "JOURNAL"))}
    return subprocess.Popen(
        command, env={**inherited, **environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def end(process: subprocess.Popen[str]) -> int:
    """Wait for the program; return its exit status."""
    process.communicate(timeout=60)
    return process.returncode


def rows(database: str | Path, query: str = "SELECT position, run_id FROM runs ORDER BY rowid") -> list[Any]:
    """Return what was written."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def test_journal_is_read_to_its_end(journal: Journal, environ: dict[str, str]) -> None:
    """Every event of every page is written, in order, and each page is fetched once."""
    expected = journal.fill(pages=5, events=3)
    assert end(start(environ)) == 0
    assert rows(environ["DATABASE"]) == expected
    assert journal.fetched == [0, 1, 2, 3, 4]
    assert rows(environ["DATABASE"], "SELECT event_id, flow_id, summary FROM runs")[0] == (
        "event-0",
        "flow-1",
        "success: flow run run-0 of flow-1",
    )


def test_reading_goes_on_where_it_ended(journal: Journal, settings: Settings) -> None:
    """A program that is started again reads what is new, and nothing else."""
    expected = journal.fill(pages=2, events=2)
    read_journal(settings)
    journal.fetched.clear()
    journal.pages.append([{"position": "camel:9:x", "event": delivery(9)}])
    read_journal(settings)
    assert journal.fetched == [2]
    assert rows(settings.database) == [*expected, ("camel:9:x", "run-9")]


def test_no_page_is_lost_or_repeated_when_it_is_killed(journal: Journal, environ: dict[str, str]) -> None:
    """However often and whenever the program is killed, in the end everything is there once, in order."""
    expected = journal.fill(pages=8, events=400)
    # In the middle of a page, and while a whole one is read, written, and the next one asked for.
    journal.kills = {1: [None], 2: [0.0], 4: [0.02], 6: [0.01]}
    planned = sum(map(len, journal.kills.values()))
    endings: list[int] = []
    while not endings or endings[-1] != 0:
        assert len(endings) <= planned, endings
        journal.poller = start(environ)
        endings.append(end(journal.poller))
        assert set(endings) <= {-signal.SIGKILL, 0}
    assert endings.count(-signal.SIGKILL) >= 2
    assert rows(environ["DATABASE"]) == expected


@pytest.mark.parametrize("statement", ["UPDATE journal", "INSERT INTO runs", "COMMIT"])
def test_page_is_written_with_its_link_or_not_at_all(journal: Journal, environ: dict[str, str], statement: str) -> None:
    """Killed just before any of the statements that write a page, the program writes it in full the next time."""
    expected = journal.fill(pages=3, events=4)
    kill = """if True:
        import os, signal, sqlite3, sys

        statement, pages = sys.argv.pop(1), 0
        sys.path.insert(0, sys.argv.pop(1))
        import journal_poller

        def kill(text):
            global pages
            pages += text.startswith("UPDATE journal")
            if pages == 2 and text.startswith(statement):
                os.kill(os.getpid(), signal.SIGKILL)

        prepare = journal_poller.prepare

        def prepare_and_watch(database, url):
            prepare(database, url)
            database.set_trace_callback(kill)

        journal_poller.prepare = prepare_and_watch
        journal_poller.main()
    """
    command = [sys.executable, "-c", kill, statement, str(HERE), "--once"]
    killed = subprocess.run(command, env={**os.environ, **environ}, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert rows(environ["DATABASE"]) == expected[:4]
    assert end(start(environ)) == 0
    assert rows(environ["DATABASE"]) == expected
    assert journal.fetched == [0, 1, 1, 2]


def test_two_pollers_do_not_repeat_each_other(journal: Journal, environ: dict[str, str]) -> None:
    """Two programs that read one journal into one database write each event once."""
    expected = journal.fill(pages=20, events=20)
    processes = [start(environ) for _ in range(2)]
    assert [end(process) for process in processes] == [0, 0]
    assert rows(environ["DATABASE"]) == expected


def test_pauses_at_the_end_are_as_long_as_adobe_says(
    journal: Journal, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end the poller waits for as many seconds as `retry-after` says, 300 at most, or for ten."""
    journal.fill(pages=2, events=1)
    journal.unusual = [(204, {"retry-after": "42", "link": f'<{PATH}?since=rabbit:1:x>; rel="next"'}, b"")]
    end_headers = iter([{"retry-after": "1" + 400 * "0"}, {}])
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise KeyboardInterrupt
        if len(pauses) > 1:
            journal.end_headers = next(end_headers)

    monkeypatch.setattr(time, "sleep", pause)
    with pytest.raises(KeyboardInterrupt):
        read_journal(settings.model_copy(update={"once": False}))
    assert pauses == [42.0, 7.0, 300.0, 10.0]
    assert journal.fetched == [1]


def test_journal_that_is_down_is_asked_less_and_less_often(
    journal: Journal, settings: Settings, pauses: list[float]
) -> None:
    """After 429 and 5xx, of the journal or of the token service, the poller waits longer each time, then reads on."""
    expected = journal.fill(pages=2, events=1)
    journal.token_failures = [(503, b""), (429, b""), (200, b"<html>"), (200, b"[]"), (200, b"{}")]
    journal.unusual = [(429, {}, b""), *[(500, {}, b"")] * 4]
    read_journal(settings)
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert rows(settings.database) == expected


def test_retry_after_lengthens_the_pause(journal: Journal, settings: Settings, pauses: list[float]) -> None:
    """The seconds that Adobe asks for after 429 and 503 are waited for on top."""
    journal.fill(pages=1, events=1)
    journal.unusual = [(429, {"retry-after": "20"}, b""), (503, {"retry-after": "soon"}, b"")]
    read_journal(settings)
    assert pauses == [22.0, 4.0]


def test_back_off_starts_anew_after_a_page(journal: Journal, settings: Settings, pauses: list[float]) -> None:
    """Once a page was read the next trouble is met with a short pause again."""
    journal.fill(pages=2, events=1)
    journal.unusual = [(503, {}, b""), (503, {}, b""), (0, {}, b""), (503, {}, b"")]
    read_journal(settings)
    assert pauses == [2.0, 4.0, 2.0]


LINK = {"link": f'<{PATH}?since=rabbit:1:x>; rel="next"'}


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (LINK, b""),
        (LINK, b"<html>"),
        ({**LINK, "content-encoding": "gzip"}, gzip.compress(b"[]")[:-4] + b"oops"),
        ({**LINK, "content-encoding": "gzip"}, b"not gzip"),
        ({}, b"[]"),
        ({"link": '</x>; rel="last"'}, b"[]"),
    ],
    ids=["empty", "not JSON", "gzip with a wrong sum", "not gzip", "no link", "no next link"],
)
def test_page_that_makes_no_sense_is_fetched_again(
    journal: Journal, settings: Settings, pauses: list[float], headers: dict[str, str], body: bytes
) -> None:
    """Where a page cannot be read the poller waits and fetches the same one again, and loses nothing."""
    expected = journal.fill(pages=2, events=1)
    journal.unusual = [(200, headers, body)]
    read_journal(settings)
    assert pauses == [2.0]
    assert rows(settings.database) == expected


def test_journal_that_cannot_be_reached_is_tried_again(
    journal: Journal, settings: Settings, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody answers the poller waits and tries again."""
    expected = journal.fill(pages=1, events=1)
    get = httpx2.Client.get
    failures = [httpx2.ConnectError("refused"), httpx2.ReadTimeout("too late")]

    def fail_at_first(client: httpx2.Client, url: str) -> httpx2.Response:
        if failures:
            raise failures.pop()
        return get(client, url)

    monkeypatch.setattr(httpx2.Client, "get", fail_at_first)
    read_journal(settings)
    assert pauses == [2.0, 4.0]
    assert rows(settings.database) == expected


@pytest.fixture
def other(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Return another program's connection to the database, which holds some tables already."""
    read_journal(settings)
    with closing(sqlite3.connect(settings.database, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


def test_database_in_use_at_the_start_is_waited_for(
    journal: Journal,
    settings: Settings,
    other: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While another program writes, longer than a transaction waits, the poller does not begin."""
    expected = journal.fill(pages=2, events=1)
    monkeypatch.setattr(journal_poller, "BUSY_TIMEOUT", 0.05)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            other.execute("COMMIT")

    monkeypatch.setattr(time, "sleep", pause)
    other.execute("BEGIN IMMEDIATE")
    read_journal(settings)
    assert rows(settings.database) == expected
    assert pauses == [2.0, 4.0]
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        f"trying again in {pause:g} seconds: database is locked" for pause in pauses
    ]


@pytest.mark.parametrize("timeout", [0.05, journal_poller.BUSY_TIMEOUT])
def test_database_in_use_is_waited_for(
    journal: Journal,
    settings: Settings,
    other: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    timeout: float,
) -> None:
    """A page is written after a short lock; after a longer one than a transaction waits for it is fetched again."""
    repeated = [2.0, 4.0] if timeout < 1 else []
    expected = journal.fill(pages=2, events=1)
    monkeypatch.setattr(journal_poller, "BUSY_TIMEOUT", timeout)
    write: Callable[..., None] = journal_poller.write
    pauses: list[float] = []

    def lock_and_write(*arguments: Any) -> None:
        monkeypatch.setattr(journal_poller, "write", write)
        other.execute("BEGIN IMMEDIATE")
        if not repeated:
            threading.Timer(0.2, other.execute, ["COMMIT"]).start()
        write(*arguments)

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            other.execute("COMMIT")

    monkeypatch.setattr(journal_poller, "write", lock_and_write)
    monkeypatch.setattr(time, "sleep", pause)
    read_journal(settings)
    assert rows(settings.database) == expected
    assert pauses == repeated
    assert journal.fetched == [0] * len(repeated) + [0, 1]


def test_other_trouble_with_the_database_ends_the_program(journal: Journal, settings: Settings) -> None:
    """A database that cannot be used is an error, not something to be tried for ever."""
    journal.fill(pages=1, events=1)
    settings.database.mkdir()
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):
        read_journal(settings)


def test_readers_do_not_block_the_poller(journal: Journal, settings: Settings, pauses: list[float]) -> None:
    """A program that reads the database all the while sees what was there, and the poller writes on."""
    expected = journal.fill(pages=1, events=1)
    read_journal(settings)
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT position, run_id FROM runs").fetchall() == expected
        journal.pages.append([{"position": "camel:9:x", "event": delivery(9)}])
        read_journal(settings)
        assert reader.execute("SELECT position, run_id FROM runs").fetchall() == expected
    assert pauses == []
    assert rows(settings.database) == [*expected, ("camel:9:x", "run-9")]


def test_access_token_that_has_expired_is_renewed(
    journal: Journal, settings: Settings, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is no longer taken is replaced, at once and without losing a page."""
    expected = journal.fill(pages=3, events=1)
    write: Callable[..., None] = journal_poller.write

    def expire(*arguments: Any) -> None:
        write(*arguments)
        if len(journal.fetched) == 2:
            journal.expired = journal.tokens

    monkeypatch.setattr(journal_poller, "write", expire)
    read_journal(settings)
    assert (journal.tokens, pauses) == (2, [])
    assert rows(settings.database) == expected


@pytest.mark.parametrize("query", ["", "?latest=true", "?since=camel:7:x&latest=true&limit=50&seek=-2"])
def test_expired_position_leads_to_the_oldest_event(
    journal: Journal, settings: Settings, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    """Where the journal no longer knows the position, reading goes on at its beginning, and that is logged."""
    settings = settings.model_copy(update={"journal_url": HttpUrl(journal.url + PATH + query)})
    journal.fill(pages=1, events=1)
    read_journal(settings)
    journal.pages = [[{"position": "camel:8:x", "event": delivery(8)}]]
    journal.unusual = [(410, {}, b"")]
    journal.queries.clear()
    read_journal(settings)
    assert rows(settings.database)[-1] == ("camel:8:x", "run-8")
    assert journal.queries[1] == ("limit=50" if "limit" in query else "")
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "the position has expired, as all do after 7 days; going on from the oldest event there is"
    ]


def test_journal_that_is_gone_ends_the_program(journal: Journal, settings: Settings) -> None:
    """Where not even the oldest event can be asked for there is nothing to go on from."""
    journal.unusual = [(410, {}, b"gone")]
    with pytest.raises(GiveUpError, match=r"^127\.0\.0\.1 answered 410: gone$"):
        read_journal(settings)


@pytest.mark.parametrize("status", [302, 400, 404])
def test_what_waiting_does_not_mend_is_an_error(journal: Journal, settings: Settings, status: int) -> None:
    """A wrong URL or a missing permission is not tried for ever."""
    journal.unusual = [(status, {}, b"no such registration")]
    with pytest.raises(GiveUpError, match=rf"^127\.0\.0\.1 answered {status}: no such registration$"):
        read_journal(settings)


def test_error_that_ends_the_program_is_shown(journal: Journal, environ: dict[str, str]) -> None:
    """The last line is Adobe's text, on one line and without control characters, and no traceback."""
    journal.unusual = [(403, {}, b'{"error_code": "403025",\n "message": "no access\x1b[31m"}')]
    process = start(environ)
    _, errors = process.communicate(timeout=60)
    assert errors == '127.0.0.1 answered 403: {"error_code": "403025",  "message": "no access [31m"}\n'
    assert process.returncode == 1


def test_refused_credential_ends_the_program(journal: Journal, settings: Settings) -> None:
    """A wrong secret is an error with the token service's text, and without the secret."""
    journal.token_failures = [(400, b'{"error":"invalid_client"}')]
    with pytest.raises(GiveUpError, match=r'^127\.0\.0\.1 answered 400: {"error":"invalid_client"}$'):
        read_journal(settings)


def test_texts_of_passing_errors_are_logged(
    journal: Journal, settings: Settings, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    """Adobe's text is logged with what is tried again, up to a length."""
    journal.fill(pages=1, events=1)
    journal.token_failures = [(503, b"maintenance")]
    journal.unusual = [(429, {}, b"x" * 1000), (500, {}, b"")]
    read_journal(settings)
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [
        "trying again in 2 seconds: 127.0.0.1 answered 503: maintenance",
        f"trying again in 4 seconds: 127.0.0.1 answered 429: {'x' * 500}",
        "trying again in 8 seconds: 127.0.0.1 answered 500: without a text",
    ]
    assert pauses == [2.0, 4.0, 8.0]


@pytest.mark.parametrize("link", ["https://example.com/events", "//example.com/events", "http://127.0.0.1:1/events"])
def test_access_token_goes_to_the_journal_only(journal: Journal, settings: Settings, link: str) -> None:
    """A next page on another host is an error: it would get the access token."""
    journal.unusual = [(204, {"link": f'<{link}>; rel="next"'}, b"")]
    with pytest.raises(GiveUpError, match="the next page is on another host"):
        read_journal(settings)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("JOURNAL_URL", "events.adobe.io/events", "Input should be a valid URL, relative URL without a base"),
        ("JOURNAL_URL", "ftp://events.adobe.io/events", "URL scheme should be 'http' or 'https'"),
        ("ADOBE_TOKEN_URL", "ims-na1.adobelogin.com", "Input should be a valid URL, relative URL without a base"),
        ("ADOBE_CLIENT_SECRET", "", "Value should have at least 1 item after validation, not 0"),
    ],
)
def test_settings_that_cannot_be_used_are_named(environ: dict[str, str], name: str, value: str, problem: str) -> None:
    """A URL without a scheme or an empty secret ends the program at once, with the setting and what is wrong."""
    process = start({**environ, name: value})
    _, errors = process.communicate(timeout=60)
    assert errors == f"{name}: {problem}\nSee --help.\n"
    assert process.returncode == 1


def test_missing_settings_are_named_and_help_tells_about_all() -> None:
    """Without settings the program names all it needs; --help describes every one."""
    process = start({})
    _, errors = process.communicate(timeout=60)
    needed = ["JOURNAL_URL", "ADOBE_CLIENT_ID", "ADOBE_CLIENT_SECRET", "ADOBE_SCOPES", "ADOBE_ORG_ID"]
    assert errors.splitlines() == [*(f"{name}: Field required" for name in needed), "See --help."]
    process = start({}, "--help")
    shown, _ = process.communicate(timeout=60)
    for name, setting in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in shown
        assert " ".join((setting.description or "?").split()) in " ".join(shown.split())
    assert process.returncode == 0


def test_broken_run_is_kept_with_its_page(journal: Journal, settings: Settings) -> None:
    """A run that cannot be read costs no other; its page is kept as it came, with the problem."""
    broken = {"position": "camel:1:x", "event": delivery(1, flowId=None)}
    alert = {"position": "camel:2:x", "event": {"name": "late", "status": "FIRING", "severity": "high"}}
    sound = {"position": "camel:3:x", "event": delivery(3)}
    journal.pages = [[broken, alert, sound]]
    read_journal(settings)
    assert rows(settings.database) == [("camel:3:x", "run-3")]
    ((problems, page),) = rows(settings.database, "SELECT problems, page FROM quarantine")
    where = "events[0].event.event"
    assert problems == f"flow run at {where} has 1 problem:\n  {where}.flowId: expected text, found null"
    assert json.loads(page)["events"] == journal.pages[0]


def test_times_are_written_in_utc(journal: Journal, environ: dict[str, str]) -> None:
    """Times in the database are UTC, wherever the program runs."""
    journal.pages = [[{"position": "camel:1:x", "event": delivery(1, updatedAt=1772400000000)}]]
    assert end(start({**environ, "TZ": "Pacific/Auckland"})) == 0
    assert rows(environ["DATABASE"], "SELECT updated_at FROM runs") == [("2026-03-01T21:20:00+00:00",)]


def test_what_a_newcomer_sees(tmp_path: Path) -> None:
    """The journal that the README plays is read to its end; read again, it has nothing new."""
    settings = {
        "JOURNAL_URL": "http://127.0.0.1:8001/journal",
        "ADOBE_TOKEN_URL": "http://127.0.0.1:8001/token",
        **dict.fromkeys(["ADOBE_CLIENT_ID", "ADOBE_CLIENT_SECRET", "ADOBE_SCOPES"], "test"),
        "ADOBE_ORG_ID": "test@AdobeOrg",
    }
    command = [sys.executable, str(HERE / "journal_poller.py"), "--once"]
    with subprocess.Popen(
        [sys.executable, "-u", str(HERE / "be_journal.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as adobe:
        assert adobe.stdout is not None
        assert adobe.stdout.readline() == "http://127.0.0.1:8001/journal\n"
        first, second = (
            subprocess.run(
                command, check=True, capture_output=True, text=True, timeout=60, cwd=tmp_path, env=os.environ | settings
            ).stderr
            for _ in range(2)
        )
        adobe.kill()
    told = [line.partition(" INFO ")[2] for line in first.splitlines()]
    assert told == ["1 runs, 1 other messages, 0 broken", "1 runs, 0 other messages, 0 broken"]
    assert second == ""
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as database:
        assert database.execute("SELECT position FROM runs").fetchall() == [("1",), ("3",)]
