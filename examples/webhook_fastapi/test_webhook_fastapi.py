"""What the webhook promises, over HTTP: a real server, real keys, and fakes of Adobe's key host and of the chat."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adobe_signatures import KeyUnavailableError, Signatures
from flowrun_notifications import lookup_error

HERE = Path(__file__).parent
CLIENT_ID = "client-of-ours"
PATHS = ("/prod/keys/pub-key-one.pem", "/prod/keys/pub-key-two.pem")
KEYS = tuple(rsa.generate_private_key(65537, 2048) for _ in PATHS)
FORGER = rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """The public half, as Adobe publishes it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


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


@dataclass
class Fake:
    """A server on loopback that answers as it is told, and notes what it was asked."""

    answers: dict[str, tuple[int, bytes]]
    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    def texts(self) -> list[str]:
        """The chat messages among what it was sent."""
        return [json.loads(body)["text"] for _, body in self.requests]


@contextmanager
def serve(answers: dict[str, tuple[int, bytes]]) -> Generator[Fake, None, None]:
    """Runs a fake; paths that it does not know it answers with 404."""
    fake = Fake(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.requests.append((self.path, self.rfile.read(int(self.headers.get("content-length", 0)))))
            status, content = fake.answers.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield fake
        server.shutdown()


@dataclass
class Receiver:
    """The webhook at work."""

    url: str
    chat: Fake
    key_host: Fake
    log: Path
    database: Path

    def post(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        """The status that a request is answered with; signed by Adobe if nothing else is said."""
        return httpx.post(self.url, content=body, headers=signed(body) if headers is None else headers).status_code

    def rows(self, query: str) -> list[Any]:
        """What the database holds."""
        with closing(sqlite3.connect(self.database)) as database:
            return database.execute(query).fetchall()


@contextmanager
def run_receiver(folder: Path, chat: Fake, key_host: Fake) -> Generator[Receiver, None, None]:
    """Starts the webhook under uvicorn."""
    log, database = folder / "log.txt", folder / "webhook.sqlite3"
    settings = {
        "ADOBE_CLIENT_ID": CLIENT_ID,
        "ADOBE_KEY_HOST": key_host.url,
        "CHAT_WEBHOOK_URL": f"{chat.url}/chat",
        "DATABASE": str(database),
    }
    command = [sys.executable, "-m", "uvicorn", "webhook_fastapi:app", "--app-dir", str(HERE), "--port", "0"]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=stderr, stderr=stderr)
    try:
        deadline = time.monotonic() + 60
        while (found := re.search(r"running on (http://[\d.:]+)", log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Receiver(f"{found[1]}/webhook", chat, key_host, log, database)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def module_receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """The receiver of this module."""
    keys = {path: (200, pem(key)) for path, key in zip(PATHS, KEYS, strict=True)}
    with (
        serve(keys) as key_host,
        serve({"/chat": (200, b"ok")}) as chat,
        run_receiver(tmp_path_factory.mktemp("receiver"), chat, key_host) as receiver,
    ):
        yield receiver


@pytest.fixture
def receiver(module_receiver: Receiver) -> Receiver:
    """A receiver that everybody shares, with a chat in which nothing has been said."""
    module_receiver.chat.requests.clear()
    return module_receiver


def record(status: str = "failed", **changes: Any) -> dict[str, Any]:
    """A flow run's record."""
    error = {"code": "133", "message": "the source <b>&</b> is away"}
    return {
        "id": str(uuid.uuid4()),
        "flowId": "nightly-orders",
        "updatedAt": 1700000000000,
        "metrics": {"statusSummary": {"status": status, "errors": [error] if status == "failed" else []}},
        **changes,
    }


def event(run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A delivery around something."""
    return {"event_id": str(uuid.uuid4()), "event": run, "recipient_client_id": CLIENT_ID, **changes}


def dump(payload: object) -> bytes:
    """JSON as Adobe might lay it out: the signature is over these bytes and no others."""
    return json.dumps(payload, indent=1).encode()


def test_challenge_is_answered_as_text(receiver: Receiver) -> None:
    """The challenge comes back as plain text, byte for byte."""
    answer = httpx.get(receiver.url, params={"challenge": "8ec8d794-e0ab"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.content == b"8ec8d794-e0ab"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_challenge_is_answered_as_json(receiver: Receiver) -> None:
    """Where JSON is asked for, the challenge comes back in an object."""
    answer = httpx.get(receiver.url, params={"challenge": "8ec8d794-e0ab"}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"challenge": "8ec8d794-e0ab"}


def test_validation_request_is_shown_to_a_person(receiver: Receiver) -> None:
    """The unsigned request to open a URL of Adobe's is accepted, and the URL logged."""
    url = "https://csm.adobe.io/csm/registrations/validate?id=1&challenge=2"
    assert receiver.post(dump({"validationUrl": url}), {}) == 200
    assert url in receiver.log.read_text()


@pytest.mark.parametrize(
    "url",
    [
        "https://csm.adobe.io.example.com/",
        "http://csm.adobe.io/",
        "https://adobe.io@x/",
        "https://notadobe.io/",
        "https://[x",
    ],
)
def test_validation_request_to_elsewhere_is_refused(receiver: Receiver, url: str) -> None:
    """Nobody else can have a URL logged for somebody to open."""
    assert receiver.post(dump({"validationUrl": url}), {}) == 401
    assert url not in receiver.log.read_text()


def test_failed_run_becomes_a_message(receiver: Receiver) -> None:
    """A failed run is told to the chat: what, why, what to do and where to look, with markup escaped."""
    run = record(flowName="Orders", url="https://example.com/runs?a=1&b=2")
    assert receiver.post(dump(event(run))) == 200
    (text,) = receiver.chat.texts()
    assert text.splitlines() == [
        f"failed: flow run {run['id']} of Orders; 133 the source &lt;b&gt;&amp;&lt;/b&gt; is away",
        f"133: {html.escape(lookup_error('133').remedy or '', quote=False)}",
        "https://example.com/runs?a=1&amp;b=2",
    ]


def test_batch_becomes_one_message(receiver: Receiver) -> None:
    """Of a batch every failed run is told, in one message; other runs and alerts are not."""
    runs = [record(status) for status in ("failed", "success", "failed", "partialSuccess", "inProgress")]
    alert = {"id": "a", "name": "late", "status": "FIRING", "severity": "high"}
    assert receiver.post(dump([*map(event, runs), event(alert)])) == 200
    (text,) = receiver.chat.texts()
    assert [run["id"] in text for run in runs] == [True, False, True, False, False]
    assert "late" not in text


@pytest.mark.parametrize("number", [1, 2])
def test_either_signature_suffices(receiver: Receiver, number: int) -> None:
    """A request is accepted when one signature is right, whatever is wrong with the other."""
    body = dump(event(record()))
    for wrong in (signature(FORGER, body), "@@ not base64 @@", "", None):
        headers = signed(body)
        del headers[f"x-adobe-digital-signature-{number}"]
        if wrong is not None:
            headers[f"x-adobe-digital-signature-{number}"] = wrong
        assert receiver.post(body, headers) == 200
    assert len(receiver.chat.requests) == 1


def test_recipient_may_be_spelt_in_the_new_way(receiver: Receiver) -> None:
    """The newer spelling of the client id counts like the older one, alone or beside it."""
    new = event(record(), recipientclientid=CLIENT_ID)
    del new["recipient_client_id"]
    assert receiver.post(dump(new)) == 200
    assert receiver.post(dump(event(record(), recipientclientid=CLIENT_ID))) == 200
    assert len(receiver.chat.requests) == 2


def test_unsigned_request_is_refused(receiver: Receiver) -> None:
    """Without signatures nothing is believed."""
    run = record()
    assert receiver.post(dump(event(run)), {}) == 401
    assert_unheard(receiver, run)


def test_forged_request_is_refused(receiver: Receiver) -> None:
    """A signature by another key is none, and neither is Adobe's signature of another body or in each other's place."""
    run = record()
    body = dump(event(run))
    by_forger = {f"x-adobe-digital-signature-{number}": signature(FORGER, body) for number in (1, 2)}
    swapped = {f"x-adobe-digital-signature-{number}": signature(KEYS[2 - number], body) for number in (1, 2)}
    assert receiver.post(body, {**signed(body), **by_forger}) == 401
    assert receiver.post(body, signed(body.replace(b"failed", b"success"))) == 401
    assert receiver.post(body + b" ", signed(body)) == 401
    assert receiver.post(body, {**signed(body), **swapped}) == 401
    assert_unheard(receiver, run)


def test_keys_come_from_the_key_host_only(receiver: Receiver) -> None:
    """A forger who names a key of their own is refused, and the place that they name is not even asked."""
    run = record()
    body = dump(event(run))
    with serve({}) as elsewhere:
        host = elsewhere.url.removeprefix("http:")
        asked = len(receiver.key_host.requests)
        for path in (elsewhere.url + "/k.pem", host + "/k.pem", "@" + host[2:] + "/k.pem", "/../k.pem", "/k.pem?x", ""):
            elsewhere.answers[path] = elsewhere.answers["/k.pem"] = (200, pem(FORGER))
            headers = {"x-adobe-public-key1-path": path, "x-adobe-digital-signature-1": signature(FORGER, body)}
            assert receiver.post(body, headers) == 401
        assert elsewhere.requests == []
        assert len(receiver.key_host.requests) == asked
    assert_unheard(receiver, run)


def test_what_is_no_rsa_key_verifies_nothing(receiver: Receiver) -> None:
    """A path of the key host that holds something else, or a redirect, is no key."""
    body = dump(event(record()))
    curve = ec.generate_private_key(ec.SECP256R1())
    for status, content in ((200, b"<html>"), (200, pem(curve)), (302, pem(FORGER)), (404, pem(FORGER))):
        receiver.key_host.answers["/odd.pem"] = (status, content)
        headers = {"x-adobe-public-key1-path": "/odd.pem", "x-adobe-digital-signature-1": signature(FORGER, body)}
        assert receiver.post(body, headers) == 401


def assert_unheard(receiver: Receiver, run: dict[str, Any]) -> None:
    """Demands that a run left no trace."""
    assert receiver.chat.requests == []
    assert (run["id"],) not in receiver.rows("SELECT run_id FROM seen")


def test_replayed_request_changes_nothing(receiver: Receiver) -> None:
    """The same request again, under whatever unsigned event id, is answered with success and not told again."""
    body = dump(event(record()))
    for number in range(3):
        assert receiver.post(body, {**signed(body), "x-adobe-event-id": str(number)}) == 200
    assert len(receiver.chat.requests) == 1


def test_replay_at_the_same_time_changes_nothing(receiver: Receiver) -> None:
    """Of requests with one event that are there at once, one tells of it."""
    body = dump(event(record()))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(receiver.post, [body] * 8)) == [200] * 8
    assert len(receiver.chat.requests) == 1


def test_replay_is_known_after_a_restart(tmp_path: Path, receiver: Receiver) -> None:
    """What was told before the program was restarted is not told again."""
    body = dump(event(record()))
    for _ in range(2):
        with run_receiver(tmp_path, receiver.chat, receiver.key_host) as restarted:
            assert restarted.post(body) == 200
    assert len(receiver.chat.requests) == 1


def test_another_event_about_a_run_is_news(receiver: Receiver) -> None:
    """What makes an event the same is its id: the same words under another id are told again."""
    run = record()
    assert [receiver.post(dump(event(run, event_id=f"{run['id']}-{n}"))) for n in (1, 2, 1)] == [200] * 3
    assert len(receiver.chat.requests) == 2


def test_later_news_of_a_run_are_news(receiver: Receiver) -> None:
    """Another event about a run that is known already is told, even where events have no id."""
    run = record("success")
    for changes in ({}, record("failed", id=run["id"], updatedAt=run["updatedAt"] + 1)):
        assert receiver.post(dump({"event": {**run, **changes}, "recipient_client_id": CLIENT_ID})) == 200
    assert len(receiver.chat.requests) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient_client_id": "client-of-others"},
        {"recipientclientid": "client-of-others"},
        {"recipient_client_id": None},
        {"recipient_client_id": [CLIENT_ID]},
        {"recipient_client_id": "client-of-others", "event": event(record())},
    ],
    ids=["another", "two that differ", "none", "a list", "ours further in"],
)
def test_event_for_another_client_is_refused(receiver: Receiver, changes: dict[str, Any]) -> None:
    """What Adobe signed for somebody else's registration is not ours, also as one of a batch."""
    delivery = event(record(), **changes)
    assert receiver.post(dump(delivery)) == 403
    assert receiver.post(dump([event(record()), delivery])) == 403
    assert receiver.chat.requests == []


def test_signed_rubbish_is_refused_for_good(receiver: Receiver) -> None:
    """What is not JSON stays so: it is refused with a status that is not retried."""
    assert receiver.post(b'{"event_id": ') == 400
    assert receiver.post(b'"text"') == 403
    assert receiver.post(b"[]") == 200


def test_oversized_request_is_not_read(receiver: Receiver) -> None:
    """A body beyond the limit is refused for good, without reading it to its end; the limit itself is read."""
    limit = 4 * 1024 * 1024
    body = dump(event(record()))
    assert receiver.post(body.ljust(limit)) == 200
    assert receiver.post(body.ljust(limit + 1)) == 413

    address = urlsplit(receiver.url)
    with socket.create_connection((address.hostname, address.port or 80), timeout=60) as connection:
        connection.sendall(b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999999\r\n\r\n")
        connection.sendall(b" " * (limit + 1))
        answer = connection.makefile("rb").read()  # to the end, which comes when the server hangs up
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer


def test_broken_run_is_kept_and_told(receiver: Receiver) -> None:
    """A run that cannot be read in full is kept as it came, told as far as it goes, and not asked for again."""
    broken = record(createdAt=True)
    hopeless = record(flowId=None)
    sound = record()
    body = dump([event(broken), event(hopeless), event(sound)])
    assert [receiver.post(body), receiver.post(body)] == [200, 200]
    (text,) = receiver.chat.texts()
    assert [run["id"] in text for run in (broken, hopeless, sound)] == [True, False, True]
    problems = (
        "flow run at [0].event has 1 problem:\n"
        "  [0].event.createdAt: expected a time (an epoch or ISO 8601 text), found true or false\n"
        "flow run at [1].event has 1 problem:\n"
        "  [1].event.flowId: expected text, found null"
    )
    assert problems.replace("\nflow", "\n\nflow") in text
    assert (problems, body) in receiver.rows("SELECT problems, body FROM quarantine")


def test_chat_that_is_down_is_tried_again(receiver: Receiver) -> None:
    """While the chat cannot be reached Adobe is asked to try again, and then the message is sent once."""
    body = dump([event(record()), event(record())])
    receiver.chat.answers["/chat"] = (500, b"")
    assert [receiver.post(body), receiver.post(body)] == [503, 503]
    receiver.chat.answers["/chat"] = (200, b"ok")
    receiver.chat.requests.clear()
    assert [receiver.post(body), receiver.post(body)] == [200, 200]
    assert len(receiver.chat.requests) == 1


def test_database_that_is_down_is_tried_again(tmp_path: Path, receiver: Receiver) -> None:
    """While nothing can be recorded Adobe is asked to try again, and nothing is told."""
    body = dump(event(record()))
    with run_receiver(tmp_path, receiver.chat, receiver.key_host) as own:
        own.rows("ALTER TABLE seen RENAME TO away")
        assert own.post(body) == 503
        assert own.chat.requests == []
        own.rows("ALTER TABLE away RENAME TO seen")
        assert own.post(body) == 200
    assert len(receiver.chat.requests) == 1


def test_key_host_that_is_down_is_tried_again(tmp_path: Path, receiver: Receiver) -> None:
    """While no key can be fetched Adobe is asked to try again; one of the two keys suffices; both are fetched once."""
    body = dump(event(record()))
    with serve(dict.fromkeys(PATHS, (503, b""))) as key_host, run_receiver(tmp_path, receiver.chat, key_host) as own:
        assert own.post(body) == 503
        key_host.answers[PATHS[1]] = (200, pem(KEYS[1]))
        assert own.post(body) == 200
        key_host.answers[PATHS[0]] = (200, pem(KEYS[0]))
        key_host.requests.clear()
        assert [own.post(body) for _ in range(3)] == [200] * 3
        assert [path for path, _ in key_host.requests] == [PATHS[0]]


def test_log_keeps_what_it_is_told_to_itself(receiver: Receiver) -> None:
    """Neither what a payload holds nor the chat's secret URL gets into the log, whatever goes wrong."""
    secret = "a-secret-of-the-customer"
    receiver.post(dump(event(record(flowName=secret))))
    receiver.post(dump(event(record(flowName=secret, createdAt=secret))))
    receiver.chat.answers["/chat"] = (500, b"")
    receiver.post(dump(event(record(flowName=secret))))
    receiver.chat.answers["/chat"] = (200, b"ok")
    log = receiver.log.read_text()
    assert "not now: HTTPStatusError" in log
    assert secret not in log
    assert "/chat" not in log


def test_keys_are_kept_for_a_day_at_most() -> None:
    """A key that Adobe withdraws or replaces stops counting after a day, and not before."""
    now = 0.0
    body = b"{}"
    with serve({PATHS[0]: (200, pem(KEYS[0])), PATHS[1]: (200, pem(KEYS[1]))}) as key_host:
        signatures = Signatures(key_host.url, clock=lambda: now)
        headers = signed(body)
        del headers["x-adobe-digital-signature-2"]
        assert signatures.match(body, headers)
        key_host.answers[PATHS[0]] = (403, b"")
        now = 24 * 60 * 60 - 1
        assert signatures.match(body, headers)
        now = 24 * 60 * 60
        assert not signatures.match(body, headers)
        key_host.answers[PATHS[0]] = (500, b"")
        with pytest.raises(KeyUnavailableError):
            signatures.match(body, headers)
