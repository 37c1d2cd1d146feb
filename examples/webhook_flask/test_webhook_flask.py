"""The promises of the smallest webhook, over HTTP: the program as its README starts it, and a fake key host."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from fake_adobe import FORGER, KEY_PATHS, Fake, pem, published_keys, serve, signature, signed
from flowrun_notifications import explain, parse

HERE = Path(__file__).parent
CLIENT_ID = "client-of-ours"
CLIENT = httpx2.Client(timeout=60)


@dataclass
class Receiver:
    """The webhook at work."""

    url: str
    key_host: Fake
    log_file: Path
    process: subprocess.Popen[bytes]

    def post(self, payload: object, headers: dict[str, str] | None = None) -> int:
        """Return the status that a payload is answered with; signed by Adobe if nothing else is said."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = signed(body) if headers is None else headers
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return CLIENT.post(self.url, content=body, headers=encoded).status_code

    def log(self) -> list[dict[str, Any]]:
        """Return what was logged."""
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]

    def refusals(self, since: int) -> list[tuple[int, str]]:
        """Return status and reason of what was refused."""
        return [(entry["status"], entry["reason"]) for entry in self.log()[since:] if entry["message"] == "refused"]


@contextmanager
def run_receiver(folder: Path, key_host_url: str, client_id: str = CLIENT_ID) -> Generator[Receiver, None, None]:
    """Start the webhook."""
    log_file = folder / "log"
    settings = {"PYTHONPATH": str(HERE.parent), "ADOBE_CLIENT_ID": client_id, "ADOBE_KEY_HOST": key_host_url}
    command = [sys.executable, str(HERE / "webhook_flask.py"), "--port", "0"]
    with log_file.open("w") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
    try:
        wait_until(lambda: "Serving on" in log_file.read_text() or process.poll() is not None)
        found = re.search(r"Serving on (http://[\d.:]+)", log_file.read_text())
        assert found, log_file.read_text()
        yield Receiver(f"{found[1]}/webhook", Fake({}, url=key_host_url), log_file, process)
    finally:
        process.kill()
        process.wait()


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A receiver for all tests of this module."""
    with serve(published_keys()) as key_host, run_receiver(tmp_path_factory.mktemp("log"), key_host.url) as receiver:
        receiver.key_host = key_host
        yield receiver


def delivery(status: str = "failed", **changes: Any) -> dict[str, Any]:
    """Return a delivery of a run."""
    errors = [{"code": "133", "message": "no files"}] if status == "failed" else []
    run = {"id": "run-1", "flowId": "flow-1", "metrics": {"statusSummary": {"status": status, "errors": errors}}}
    return {"event_id": "event-1", "event": run, "recipient_client_id": CLIENT_ID, **changes}


def by(path: str, body: bytes) -> dict[str, str]:
    """Return headers of a forger who names a key."""
    return {"x-adobe-public-key1-path": path, "x-adobe-digital-signature-1": signature(FORGER, body)}


def connect(receiver: Receiver) -> socket.socket:
    """Return a connection to a receiver."""
    address = urlsplit(receiver.url)
    return socket.create_connection((str(address.hostname), address.port or 80), timeout=60)


def test_challenge(receiver: Receiver) -> None:
    """The challenge comes back as plain text, byte for byte."""
    answer = CLIENT.get(receiver.url, params={"challenge": "8ec8d794-e0ab"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content == b"8ec8d794-e0ab"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert CLIENT.get(receiver.url).status_code == 400


def test_health(receiver: Receiver) -> None:
    """The health endpoint answers."""
    answer = CLIENT.get(receiver.url.replace("/webhook", "/health"))
    assert (answer.status_code, answer.text) == (200, "ok")


def test_runs_that_need_attention(receiver: Receiver) -> None:
    """The runs of a batch that need attention are logged, and nothing else."""
    alert = {"id": "a", "name": "late", "status": "FIRING", "severity": "high"}
    before = len(receiver.log())
    runs = [delivery(status) for status in ("success", "failed", "partialSuccess", "inProgress")]
    assert receiver.post([*runs, delivery(event=alert), delivery(event={"other": 1})]) == 200
    logged = receiver.log()[before:]
    assert [(entry["levelname"], entry["message"]) for entry in logged] == [("ERROR", "a run needs attention")] * 2
    assert [entry["run"] for entry in logged] == [explain(parse(run)) for run in (runs[1], runs[2])]


def test_broken_runs(receiver: Receiver) -> None:
    """A run that cannot be read is logged with its problems, and not asked for again."""
    before = len(receiver.log())
    assert receiver.post([delivery(event={"id": "run-2", "flowId": 1})]) == 200
    (entry,) = receiver.log()[before:]
    assert (entry["levelname"], entry["message"]) == ("ERROR", "a run cannot be read")
    assert entry["problems"] == (
        "flow run at [0].event has 1 problem:\n  [0].event.flowId: expected text, found a number"
    )


def test_emoji_cut_in_half(receiver: Receiver) -> None:
    """A text that ends in half an emoji does not cost the notification."""
    run = {**delivery()["event"], "flowName": "half \ud83d"}
    before = len(receiver.log())
    assert receiver.post(delivery(event=run)) == 200
    assert len(receiver.log()) == before + 1


def test_forged_requests(receiver: Receiver) -> None:
    """Without Adobe's signature nothing is believed, and the log says why."""
    body = json.dumps(delivery()).encode()
    forged = {
        "no signature": {},
        "the signature does not match": signed(body + b" "),
        "the key host answers 404": by("/prod/keys/none.pem", body),
        "key path 1 is malformed": by("http://elsewhere/k.pem", body),
        "signature 1 is malformed": {**by(KEY_PATHS[0], body), "x-adobe-digital-signature-1": "é"},
    }
    before = len(receiver.log())
    assert [receiver.post(body, headers) for headers in forged.values()] == [401] * len(forged)
    assert receiver.refusals(before) == [(401, reason) for reason in forged]
    assert len(receiver.log()) == before + len(forged)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_client_id": "client-of-others"},
        {"recipient_client_id": None},
        {"recipient_client_id": "client-of-others", "event": delivery()},
    ],
    ids=["another", "none", "ours further in"],
)
def test_event_for_another_client(receiver: Receiver, changes: dict[str, Any]) -> None:
    """An event for somebody else's registration is refused, also in a batch, and no key is fetched."""
    unknown = {"x-adobe-public-key1-path": "/never.pem", "x-adobe-digital-signature-1": "AAAA"}
    before, asked = len(receiver.log()), len(receiver.key_host.requests)
    assert receiver.post(delivery(**changes), unknown) == 403
    assert receiver.post([delivery(), delivery(**changes)]) == 403
    assert receiver.refusals(before) == [(403, "sent to another client")] * 2
    assert len(receiver.log()) == before + 2
    assert len(receiver.key_host.requests) == asked


def test_rubbish(receiver: Receiver) -> None:
    """A body that is not JSON or too large is refused with a status that is not retried."""
    limit = 4 * 1024 * 1024
    body = json.dumps(delivery("success")).encode()
    before = len(receiver.log())
    assert receiver.post(b'{"event_id": ') == 400
    assert receiver.post(body.ljust(limit)) == 200
    assert receiver.post(body.ljust(limit + 1)) == 413
    reasons = [(400, "not JSON"), (413, "The data value transmitted exceeds the capacity limit.")]
    assert receiver.refusals(before) == reasons
    assert receiver.post(b" " * 4 * limit + b" ") == 413


def test_key_host_that_is_down(receiver: Receiver) -> None:
    """While no key can be fetched Adobe is asked to try again."""
    body = json.dumps(delivery("success")).encode()
    before = len(receiver.log())
    receiver.key_host.answers["/later.pem"] = (503, b"")
    assert receiver.post(body, by("/later.pem", body)) == 503
    assert receiver.refusals(before) == [(503, "the key host answers 503")]
    receiver.key_host.answers["/later.pem"] = (200, pem(FORGER))
    assert receiver.post(body, by("/later.pem", body)) == 200


def test_slow_clients(receiver: Receiver) -> None:
    """Clients that do not finish their requests do not keep others from being served."""
    connections = [connect(receiver) for _ in range(30)]
    for connection in connections:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
    assert receiver.post(delivery("success")) == 200
    for connection in connections:
        connection.close()


def test_graceful_shutdown(tmp_path: Path) -> None:
    """A program that is told to end answers the request that it is at, then ends."""
    with serve({"/late.pem": (200, pem(FORGER))}) as key_host, run_receiver(tmp_path, key_host.url) as receiver:
        key_host.is_open.clear()
        body = json.dumps(delivery("success")).encode()
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(receiver.post, body, by("/late.pem", body))
            wait_until(lambda: key_host.requests)
            receiver.process.send_signal(signal.SIGTERM)
            time.sleep(0.2)
            key_host.is_open.set()
            assert answer.result() == 200
        assert receiver.process.wait(timeout=60) == 0


def test_killed(tmp_path: Path) -> None:
    """A request at which the program is killed is not answered; sent again, as Adobe does, it is logged."""
    with serve(published_keys()) as key_host:
        with run_receiver(tmp_path, key_host.url) as receiver:
            key_host.is_open.clear()
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(receiver.post, delivery())
                wait_until(lambda: key_host.requests)
                receiver.process.kill()
                assert isinstance(answer.exception(), httpx2.TransportError)
        key_host.is_open.set()
        with run_receiver(tmp_path, key_host.url) as receiver:
            assert receiver.post(delivery()) == 200
            assert receiver.log()[-1]["message"] == "a run needs attention"


def test_what_a_newcomer_sees(tmp_path: Path) -> None:
    """The challenge is answered, the forged notification refused, the other logged; and so the next time."""
    with run_receiver(tmp_path, "http://127.0.0.1:8001", client_id="test") as receiver:
        command = [sys.executable, str(HERE / "be_adobe.py"), receiver.url, "test"]
        for _ in range(2):
            done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
            assert done.stdout.splitlines() == ["challenge: 200 hello", "forged notification: 401", "notification: 200"]
        logged = [entry["run"] for entry in receiver.log() if entry["message"] == "a run needs attention"]
        assert len(logged) == 2
        assert "133" in logged[0]


def run_program(*arguments: str, **settings: str) -> tuple[int, str]:
    """Return the exit code and the output of a program."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=HERE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE.parent), "COLUMNS": "100", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_help() -> None:
    """`--help` names every setting and says which are required."""
    code, output = run_program("webhook_flask.py", "--help")
    words = " ".join(output.split())
    assert code == 0
    for option in (
        "--adobe-client-id str the client id of the registration; others are refused (required)",
        "--host str the address to listen on; 0.0.0.0 for all (default: 127.0.0.1)",
        "--port int the port to listen on (default: 8000)",
        "--adobe-key-host HttpUrl where Adobe's public keys are",
        "ADOBE_CLIENT_ID for --adobe-client-id",
    ):
        assert option in words
    code, output = run_program("be_adobe.py", "--help")
    assert code == 0
    assert "ADOBE_KEY_HOST" in output


def test_settings_that_are_missing_or_wrong() -> None:
    """Without its settings the program says what it lacks."""
    assert run_program("webhook_flask.py", PORT="x") == (1, WRONG)


WRONG = """\
ADOBE_CLIENT_ID: Field required
PORT: Input should be a valid integer, unable to parse string as an integer
See --help.
"""
