"""What the smallest webhook promises, over HTTP: a real server, real keys, and a fake of Adobe's key host."""

from __future__ import annotations

import base64
import importlib
import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.serving import make_server

CLIENT_ID = "client-of-ours"
PATHS = ("/prod/keys/pub-key-one.pem", "/prod/keys/pub-key-two.pem")
KEYS = tuple(rsa.generate_private_key(65537, 2048) for _ in PATHS)
FORGER = rsa.generate_private_key(65537, 2048)
PEMS = {
    path: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for path, key in zip(PATHS, KEYS, strict=True)
}


def signature(key: rsa.RSAPrivateKey, body: bytes) -> str:
    """A signature as it stands in a header."""
    return base64.b64encode(key.sign(body, PKCS1v15(), SHA256())).decode()


def signed(body: bytes) -> dict[str, str]:
    """The headers that I/O Events sends with a body."""
    return {
        "content-type": "application/json",
        "x-adobe-public-key1-path": PATHS[0],
        "x-adobe-public-key2-path": PATHS[1],
        "x-adobe-digital-signature-1": signature(KEYS[0], body),
        "x-adobe-digital-signature-2": signature(KEYS[1], body),
    }


class KeyHost(BaseHTTPRequestHandler):
    """Adobe's key host; a path whose key is missing is out of order."""

    keys: dict[str, bytes] = dict(PEMS)  # noqa: RUF012

    def do_GET(self) -> None:
        """Answer with a key."""
        content = self.keys.get(self.path, b"")
        self.send_response(200 if content else 503)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def run_receiver(module: ModuleType) -> Generator[str, None, None]:
    """Starts the webhook on Werkzeug's server."""
    server = make_server("127.0.0.1", 0, module.app, threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/webhook"
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The program, with its settings, and with no key fetched yet."""
    with ThreadingHTTPServer(("127.0.0.1", 0), KeyHost) as key_host:
        threading.Thread(target=key_host.serve_forever, args=(0.05,), daemon=True).start()
        monkeypatch.setenv("ADOBE_CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("ADOBE_KEY_HOST", f"http://127.0.0.1:{key_host.server_port}")
        module = importlib.import_module("webhook_flask")
        yield importlib.reload(module)
        key_host.shutdown()


@pytest.fixture
def url(webhook: ModuleType) -> Iterator[str]:
    """The URL of the webhook at work."""
    with run_receiver(webhook) as url:
        yield url


def delivery(status: str = "failed", **changes: Any) -> dict[str, Any]:
    """A delivery of a run."""
    errors = [{"code": "133", "message": "no files"}] if status == "failed" else []
    run = {"id": "run-1", "flowId": "flow-1", "metrics": {"statusSummary": {"status": status, "errors": errors}}}
    return {"event_id": "event-1", "event": run, "recipient_client_id": CLIENT_ID, **changes}


def post(url: str, payload: object, headers: dict[str, str] | None = None) -> int:
    """The status that a payload is answered with; signed by Adobe if nothing else is said."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return httpx.post(url, content=body, headers=signed(body) if headers is None else headers).status_code


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the program logged about runs."""
    return [record.getMessage() for record in caplog.records if record.name == "webhook_flask"]


def test_challenge_is_answered(url: str) -> None:
    """The challenge comes back as plain text, byte for byte."""
    answer = httpx.get(url, params={"challenge": "8ec8d794-e0ab"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content == b"8ec8d794-e0ab"
    assert httpx.get(url).status_code == 400


def test_failed_runs_are_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Of a batch the runs that failed are logged, and nothing else."""
    alert = {"id": "a", "name": "late", "status": "FIRING", "severity": "high"}
    assert post(url, [delivery("success"), delivery(), delivery(event=alert), delivery(event={"other": 1})]) == 200
    assert messages(caplog) == ["failed: flow run run-1 of flow-1; 133 no files"]


def test_broken_runs_are_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """A run that cannot be read is named with its place, and not asked for again."""
    assert post(url, [delivery(event={"id": "run-2", "flowId": 1})]) == 200
    assert messages(caplog) == [
        "flow run at [0].event has 1 problem:\n  [0].event.flowId: expected text, found a number"
    ]


@pytest.mark.parametrize("number", [1, 2])
def test_either_signature_suffices(url: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request is accepted when one signature is right, also while the other's key cannot be fetched."""
    body = json.dumps(delivery()).encode()
    name = f"x-adobe-digital-signature-{number}"
    assert post(url, body, {**signed(body), name: signature(FORGER, body)}) == 200
    assert post(url, body, {**signed(body), name: "*"}) == 200
    assert post(url, body, {key: value for key, value in signed(body).items() if key != name}) == 200
    monkeypatch.setattr(KeyHost, "keys", {PATHS[2 - number]: PEMS[PATHS[2 - number]]})
    assert post(url, body, {**signed(body), f"x-adobe-public-key{number}-path": "/prod/keys/away.pem"}) == 200


def test_forged_and_unsigned_requests_are_refused(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without Adobe's signature of exactly these bytes, by a key from Adobe's host, nothing is believed."""
    body = json.dumps(delivery()).encode()
    forged = signature(FORGER, body)
    assert post(url, body, {}) == 401
    assert post(url, body, {**signed(body), **{f"x-adobe-digital-signature-{n}": forged for n in (1, 2)}}) == 401
    assert post(url, body + b" ", signed(body)) == 401
    for path in ("http://127.0.0.1/k.pem", "@127.0.0.1/k.pem", "//127.0.0.1/k.pem", "/../k.pem"):
        assert post(url, body, {"x-adobe-public-key1-path": path, "x-adobe-digital-signature-1": forged}) == 401
    assert messages(caplog) == []


def test_key_host_that_is_down_is_tried_again(webhook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """While no key can be fetched Adobe is asked to try again."""
    with run_receiver(webhook) as url:
        monkeypatch.setattr(KeyHost, "keys", {})
        assert post(url, delivery()) == 500
        monkeypatch.setattr(KeyHost, "keys", PEMS)
        assert post(url, delivery()) == 200


def test_keys_are_kept_for_a_day_at_most(url: str, webhook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is fetched once on a day, and again on the next."""
    now = 86400.0 * 20000
    monkeypatch.setattr(webhook.time, "time", lambda: now)
    assert post(url, delivery()) == 200
    monkeypatch.setattr(KeyHost, "keys", {})
    now += 86399
    assert post(url, delivery()) == 200
    now += 1
    assert post(url, delivery()) == 500


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_client_id": "client-of-others"},
        {"recipientclientid": "client-of-others"},
        {"recipient_client_id": None},
        {"recipient_client_id": "client-of-others", "event": delivery()},
    ],
    ids=["another", "two that differ", "none", "ours further in"],
)
def test_event_for_another_client_is_refused(
    url: str, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """What Adobe signed for somebody else's registration is not ours, also as one of a batch."""
    assert post(url, delivery(**changes)) == 403
    assert post(url, [delivery(), delivery(**changes)]) == 403
    lacking = {key: value for key, value in delivery().items() if key != "recipient_client_id"}
    assert post(url, lacking) == 403
    assert messages(caplog) == []


def test_rubbish_is_refused_for_good(url: str) -> None:
    """What is not JSON or larger than the limit is refused with a status that is not retried."""
    limit = 4 * 1024 * 1024
    body = json.dumps(delivery()).encode()
    assert post(url, b'{"event_id": ') == 400
    assert post(url, body.ljust(limit)) == 200
    assert post(url, body.ljust(limit + 1)) == 413
