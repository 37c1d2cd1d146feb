"""The webhook, killed between any two steps, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
from sqlalchemy import Engine, select

from fake_adobe import Fake, published_keys, serve, signed
from outbox import WAITING, messages, open_database, runs

HERE = Path(__file__).parent
CLIENT_ID = "client-of-ours"


class Victim:
    """The webhook, in a process that dies and is started again."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        port, self.steps = json.loads(self._read())
        self.url = f"http://127.0.0.1:{port}/webhook"
        self._is_dead = threading.Event()
        self._child = 0
        self._client = httpx2.Client(timeout=60, limits=httpx2.Limits(max_keepalive_connections=0))

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def start(self, step: object) -> None:
        """Start a process that dies before a step, if it comes to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(step) + "\n")
        self._process.stdin.flush()
        self._child = int(self._read())
        self._is_dead.clear()
        threading.Thread(target=self._wait_for_death).start()

    def _wait_for_death(self) -> None:
        self._read()
        self._is_dead.set()

    @property
    def is_dead(self) -> bool:
        """Whether the process has died."""
        return self._is_dead.is_set()

    def kill(self) -> None:
        """Kill the process, and wait for its end."""
        with suppress(ProcessLookupError):  # it is dead already
            os.kill(self._child, signal.SIGKILL)
        self._is_dead.wait()

    def post(self, body: bytes) -> bool:
        """Send a request as Adobe would, and return whether it was answered with 200."""
        try:
            return self._client.post(self.url, content=body, headers=signed(body, 1)).status_code == 200
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            self._is_dead.wait()
            return False


@contextmanager
def run_victim(database_url: str, chat: Fake, key_host: Fake) -> Generator[Victim, None, None]:
    """Prepare the webhook to be started."""
    settings = {
        "PYTHONPATH": str(HERE.parent),
        "ADOBE_CLIENT_ID": CLIENT_ID,
        "ADOBE_KEY_HOST": key_host.url,
        "CHAT_WEBHOOK_URL": f"{chat.url}/chat",
        "DATABASE_URL": database_url,
    }
    with subprocess.Popen(
        [sys.executable, HERE / "serve_until_killed.py"],
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        victim = Victim(process)
        yield victim
        victim.kill()


def request(run_id: str) -> bytes:
    """Return the body of a request about a run that failed."""
    run = {"id": run_id, "flowId": "flow", "metrics": {"statusSummary": {"status": "failed"}}}
    return json.dumps({"event_id": run_id, "event": run, "recipient_client_id": CLIENT_ID}).encode()


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def run_id(text: str) -> str:
    """Return the id of the run that a message is about."""
    (found,) = re.findall(r"\*run\* `([^`]+)`", text)
    return str(found)


def waiting(engine: Engine) -> list[str]:
    """Return the ids of the runs whose message waits."""
    with engine.connect() as connection:
        return [run_id(text) for text in connection.scalars(select(messages.c.text).where(WAITING))]


def stored(engine: Engine) -> list[str]:
    """Return the ids of the runs that are stored."""
    with engine.connect() as connection:
        return list(connection.scalars(select(runs.c.run_id)))


def test_killed_between_any_two_steps(database_url: str) -> None:
    """Whenever the program is killed, each run is stored once and told once; twice only if it died before noting it.

    On PostgreSQL it is killed within and around the transactions only.
    """
    engine = open_database(database_url)
    with serve({"/chat": (200, b"ok")}) as chat, serve(published_keys()) as key_host:

        def told() -> Counter[str]:
            return Counter(run_id(json.loads(body)["text"]) for _, body in chat.requests)

        expected: dict[str, int] = {}  # how often each run is told
        unanswered: list[str] = []
        killed_in: set[str] = set()
        twice_in: set[str] = set()
        with run_victim(database_url, chat, key_host) as victim:
            skipped = {"receive", "wake", "send_next"} if engine.dialect.name == "postgresql" else set[str]()
            steps = [step for step in victim.steps if step[0] not in skipped]
            for name, line, visit in steps:
                this = f"{name}-{line}-{visit}"
                victim.start((name, line, visit))
                wait_until(lambda: not waiting(engine))
                if not victim.post(request(this)):
                    unanswered.append(this)
                wait_until(lambda: victim.is_dead or not waiting(engine))
                if victim.is_dead:
                    killed_in.add(name)
                victim.kill()
                is_open = this not in stored(engine) or this in waiting(engine)
                expected[this] = told()[this] + is_open
                if expected[this] == 2:
                    twice_in.add(name)
            victim.start(None)
            for this in unanswered:
                assert victim.post(request(this))
            wait_until(lambda: not waiting(engine))

        assert killed_in == {name for name, _, _ in steps}
        assert sorted(stored(engine)) == sorted(expected)
        assert told() == expected
        assert {"note"} <= twice_in <= {"send_next", "_note", "note"}
    engine.dispose()
