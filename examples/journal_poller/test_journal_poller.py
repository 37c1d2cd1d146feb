"""What the poller promises, against a journal on loopback that kills it, refuses it and runs dry."""

from __future__ import annotations

import importlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

HERE = Path(__file__).parent
PATH = "/events/organizations/1/integrations/2/3"


@dataclass
class Journal:
    """A journal, and the token service beside it, on loopback."""

    pages: list[list[dict[str, Any]]] = field(default_factory=list[list[dict[str, Any]]])
    url: str = ""
    tokens: int = 0
    """How many access tokens were given out."""
    expired: int = 0
    """How many of them, the oldest, are no longer taken."""
    fetched: list[int] = field(default_factory=list[int])
    """Which pages were sent, in order."""
    unusual: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    """Statuses and headers that the next requests are answered with instead, without a body; 0 is nothing unusual."""
    token_failures: list[int] = field(default_factory=list[int])
    """Statuses that the next requests for a token are answered with instead."""
    kills: dict[int, list[float | None]] = field(default_factory=dict[int, "list[float | None]"])
    """By page: how many seconds after sending it the poller is killed, or nothing for in the middle of it."""
    poller: subprocess.Popen[bytes] | None = None
    end_headers: dict[str, str] = field(default_factory=lambda: {"retry-after": "7"})

    def fill(self, pages: int, events: int) -> list[tuple[str, str]]:
        """Fills the journal. Returns position and run of every event, in order."""
        for page in range(pages):
            numbers = range(page * events, (page + 1) * events)
            self.pages.append([{"position": f"camel:{n}:x", "event": delivery(n)} for n in numbers])
        return [(f"camel:{n}:x", f"run-{n}") for n in range(pages * events)]


def delivery(number: int, **changes: Any) -> dict[str, Any]:
    """An event as a journal holds it."""
    run = {"id": f"run-{number}", "flowId": "flow-1", "metrics": {"statusSummary": {"status": "success"}}, **changes}
    return {"event_id": f"event-{number}", "event": run, "recipient_client_id": "client"}


class Handler(BaseHTTPRequestHandler):
    """Answers as the journal says."""

    journal: ClassVar[Journal]

    def do_POST(self) -> None:
        """Give out an access token."""
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        if self.journal.token_failures:
            self.answer(self.journal.token_failures.pop(0), {}, b"")
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
        status, headers = self.journal.unusual.pop(0) if self.journal.unusual else (0, {})
        if status:
            self.answer(status, headers, b"")
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
def settings(journal: Journal, tmp_path: Path) -> dict[str, str]:
    """The poller's settings."""
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
def poller(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program in this process, with pauses that are noted in ``pauses`` and not waited for."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    module = importlib.reload(importlib.import_module("journal_poller"))
    pauses: list[float] = []
    monkeypatch.setattr(module, "pauses", pauses, raising=False)
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    return module


def start(settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Starts the program in a process of its own, to read to the journal's end."""
    command = [sys.executable, str(HERE / "journal_poller.py"), "--once"]
    return subprocess.Popen(command, env={**os.environ, **settings}, stderr=subprocess.DEVNULL)


def rows(settings: dict[str, str], query: str = "SELECT position, run_id FROM runs ORDER BY rowid") -> list[Any]:
    """What was written."""
    with closing(sqlite3.connect(settings["DATABASE"])) as database:
        return database.execute(query).fetchall()


def test_journal_is_read_to_its_end(journal: Journal, settings: dict[str, str]) -> None:
    """Every event of every page is written, in order, and each page is fetched once."""
    expected = journal.fill(pages=5, events=3)
    assert start(settings).wait(timeout=60) == 0
    assert rows(settings) == expected
    assert journal.fetched == [0, 1, 2, 3, 4]
    assert rows(settings, "SELECT event_id, flow_id, summary FROM runs")[0] == (
        "event-0",
        "flow-1",
        "success: flow run run-0 of flow-1",
    )


def test_reading_goes_on_where_it_ended(journal: Journal, settings: dict[str, str]) -> None:
    """A program that is started again reads what is new, and nothing else."""
    expected = journal.fill(pages=2, events=2)
    assert start(settings).wait(timeout=60) == 0
    journal.fetched.clear()
    journal.pages.append([{"position": "camel:9:x", "event": delivery(9)}])
    assert start(settings).wait(timeout=60) == 0
    assert journal.fetched == [2]
    assert rows(settings) == [*expected, ("camel:9:x", "run-9")]


def test_no_page_is_lost_or_repeated_when_it_is_killed(journal: Journal, settings: dict[str, str]) -> None:
    """However often and whenever the program is killed, in the end everything is there once, in order."""
    expected = journal.fill(pages=8, events=400)
    # In the middle of a page, and while a whole one is read, written, and the next one asked for.
    journal.kills = {1: [None], 2: [0.0, 0.01], 3: [0.02, 0.005], 5: [None, 0.03, 0.015], 7: [0.0, 0.025]}
    planned = sum(map(len, journal.kills.values()))
    endings: list[int] = []
    while not endings or endings[-1] != 0:
        assert len(endings) <= planned, endings
        journal.poller = start(settings)
        endings.append(journal.poller.wait(timeout=60))
        assert set(endings) <= {-signal.SIGKILL, 0}
    assert endings.count(-signal.SIGKILL) >= 3
    assert rows(settings) == expected


def test_page_that_is_not_written_in_full_is_not_written(
    journal: Journal, settings: dict[str, str], poller: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When writing fails in the middle of a page nothing of it stays, and it is read again."""
    expected = journal.fill(pages=2, events=4)
    to_row = poller.to_row

    def fail_later(run: Any) -> Any:
        if run.id == "run-6":
            raise MemoryError
        return to_row(run)

    monkeypatch.setattr(poller, "to_row", fail_later)
    with pytest.raises(MemoryError):
        poller.main(once=True)
    assert rows(settings) == expected[:4]
    monkeypatch.setattr(poller, "to_row", to_row)
    poller.main(once=True)
    assert rows(settings) == expected
    assert journal.fetched == [0, 1, 1]


def test_two_pollers_do_not_repeat_each_other(journal: Journal, settings: dict[str, str]) -> None:
    """Two programs that read one journal into one database write each event once."""
    expected = journal.fill(pages=20, events=20)
    processes = [start(settings) for _ in range(2)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert rows(settings) == expected


def test_pauses_at_the_end_are_as_long_as_adobe_says(
    journal: Journal, poller: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end the poller waits as many seconds as `retry-after` says, or ten, and then follows the link."""
    journal.fill(pages=2, events=1)
    journal.unusual = [(204, {"retry-after": "42", "link": f'<{PATH}?since=rabbit:1:x>; rel="next"'})]

    def pause(seconds: float) -> None:
        poller.pauses.append(seconds)
        if len(poller.pauses) == 2:
            journal.end_headers = {}
        if len(poller.pauses) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(poller.time, "sleep", pause)
    with pytest.raises(KeyboardInterrupt):
        poller.main(once=False)
    assert poller.pauses == [42.0, 7.0, 10.0]
    assert journal.fetched == [1]


def test_journal_that_is_down_is_asked_less_and_less_often(
    journal: Journal, settings: dict[str, str], poller: ModuleType
) -> None:
    """After 429 and 5xx, of the journal or of the token service, the poller waits longer each time, then reads on."""
    expected = journal.fill(pages=2, events=1)
    journal.token_failures = [503, 429]
    journal.unusual = [(429, {}), *[(500, {})] * 7]
    poller.main(once=True)
    assert poller.pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert rows(settings) == expected


def test_back_off_starts_anew_after_a_page(journal: Journal, poller: ModuleType) -> None:
    """Once a page was read the next trouble is met with a short pause again."""
    journal.fill(pages=2, events=1)
    journal.unusual = [(503, {}), (503, {}), (0, {}), (503, {})]
    poller.main(once=True)
    assert poller.pauses == [2.0, 4.0, 2.0]


def test_journal_that_cannot_be_reached_is_tried_again(
    journal: Journal, settings: dict[str, str], poller: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody answers, or a page is empty, the poller waits and tries again."""
    expected = journal.fill(pages=1, events=1)
    get = httpx.Client.get
    failures = [httpx.ConnectError("refused"), httpx.ReadTimeout("too late")]

    def fail_at_first(client: httpx.Client, url: str) -> httpx.Response:
        if failures:
            raise failures.pop()
        return get(client, url)

    monkeypatch.setattr(httpx.Client, "get", fail_at_first)
    journal.unusual = [(200, {"link": f'<{PATH}?since=rabbit:1:x>; rel="next"'})]
    poller.main(once=True)
    assert poller.pauses == [2.0, 4.0, 8.0]
    assert rows(settings) == expected


def test_access_token_that_has_expired_is_renewed(
    journal: Journal, settings: dict[str, str], poller: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is no longer taken is replaced, at once and without losing a page."""
    expected = journal.fill(pages=3, events=1)
    write = poller.write

    def expire(*arguments: Any) -> None:
        write(*arguments)
        if len(journal.fetched) == 2:
            journal.expired = journal.tokens

    monkeypatch.setattr(poller, "write", expire)
    poller.main(once=True)
    assert (journal.tokens, poller.pauses) == (2, [])
    assert rows(settings) == expected


def test_expired_position_leads_to_the_oldest_event(
    journal: Journal, settings: dict[str, str], poller: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the position is older than what the journal keeps, reading goes on at its beginning, and that is said."""
    journal.fill(pages=1, events=1)
    poller.main(once=True)
    journal.pages = [[{"position": "camel:8:x", "event": delivery(8)}]]
    journal.unusual = [(410, {})]
    poller.main(once=True)
    assert rows(settings) == [("camel:0:x", "run-0"), ("camel:8:x", "run-8")]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "the position has expired, as all do after 7 days; going on from the oldest event there is"
    ]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_what_waiting_does_not_mend_ends_the_program(journal: Journal, poller: ModuleType, status: int) -> None:
    """A wrong URL or missing permission is an error, not something to be tried for ever."""
    journal.unusual = [(status, {})]
    with pytest.raises(httpx.HTTPStatusError, match=str(status)):
        poller.main(once=True)


@pytest.mark.parametrize("link", ["https://example.com/events", "//example.com/events", "http://127.0.0.1:1/events"])
def test_access_token_goes_to_the_journal_only(journal: Journal, poller: ModuleType, link: str) -> None:
    """A next page on another host is an error: it would get the access token."""
    journal.unusual = [(204, {"link": f'<{link}>; rel="next"'})]
    with pytest.raises(ValueError, match="the next page is on another host"):
        poller.main(once=True)


def test_broken_run_is_kept_with_its_page(journal: Journal, settings: dict[str, str], poller: ModuleType) -> None:
    """A run that cannot be read costs no other; its page is kept as it came, with what is wrong."""
    broken = {"position": "camel:1:x", "event": delivery(1, flowId=None)}
    alert = {"position": "camel:2:x", "event": {"name": "late", "status": "FIRING", "severity": "high"}}
    sound = {"position": "camel:3:x", "event": delivery(3)}
    journal.pages = [[broken, alert, sound]]
    poller.main(once=True)
    assert rows(settings) == [("camel:3:x", "run-3")]
    ((problems, page),) = rows(settings, "SELECT problems, page FROM quarantine")
    where = "events[0].event.event"
    assert problems == f"flow run at {where} has 1 problem:\n  {where}.flowId: expected text, found null"
    assert json.loads(page)["events"] == journal.pages[0]
