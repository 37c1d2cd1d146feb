"""What the function promises, run by AWS's runtime interface client against a runtime API on loopback."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AWS's runtime interface client runs on Linux only")

HERE = Path(__file__).parent
CLIENT_ID = "client-of-ours"
PATHS = ("/prod/keys/pub-key-one.pem", "/prod/keys/pub-key-two.pem")
KEYS = tuple(rsa.generate_private_key(65537, 2048) for _ in PATHS)
FORGER = rsa.generate_private_key(65537, 2048)
Json = dict[str, Any]
INVOCATION_HEADERS = {
    "content-type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": "request-1",
    "Lambda-Runtime-Deadline-Ms": "4102444800000",
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:flow-runs",
    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
}


@dataclass
class Lambda:
    """The service around the function: its runtime API, and on the same port fakes of Adobe's key host and the chat."""

    invocations: Queue[bytes] = field(default_factory=Queue[bytes])
    results: Queue[tuple[str, Json | None]] = field(default_factory=Queue[tuple[str, Json | None]])
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    requests: list[str] = field(default_factory=list[str])
    texts: list[str] = field(default_factory=list[str])

    def invoke(self, event: Json) -> tuple[str, Json | None]:
        """What the function returns, after the word ``response``; after ``error``, what it raises."""
        self.invocations.put(json.dumps(event).encode())
        return self.results.get(timeout=60)

    def request(self, body: bytes, headers: dict[str, str] | None = None, *, is_base64: bool = False) -> object:
        """What a POST to the function URL is answered with; signed by Adobe if nothing else is said."""
        text = base64.b64encode(body).decode() if is_base64 else body.decode()
        http = {
            "method": "POST",
            "path": "/",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "Adobe/1.0",
        }
        event = {"version": "2.0", "routeKey": "$default", "rawPath": "/", "requestContext": {"http": http}}
        headers = signed(body) if headers is None else headers
        how, result = self.invoke({**event, "headers": headers, "body": text, "isBase64Encoded": is_base64})
        # The function URL answers an invocation that fails with 502.
        return 502 if how == "error" else (result or {}).get("statusCode")


@contextmanager
def run_function(**settings: str) -> Generator[Lambda, None, None]:
    """Starts the function as Lambda would."""
    service = Lambda()
    for path, key in zip(PATHS, KEYS, strict=True):
        service.answers[path] = (200, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    service.answers["/chat"] = (200, b"ok")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.endswith("/invocation/next"):
                self.answer(200, service.invocations.get(), INVOCATION_HEADERS)
            else:
                service.requests.append(self.path)
                self.answer(*service.answers.get(self.path, (404, b"")), {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path == "/chat":
                service.texts.append(body["text"])
                self.answer(*service.answers["/chat"], {})
            else:
                self.answer(202, b"", {})
                service.results.put((self.path.rpartition("/")[2], body))

        def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False  # one of its threads waits for an invocation that never comes
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    address = f"127.0.0.1:{server.server_port}"
    environ = {
        **os.environ,
        "ADOBE_KEY_HOST": f"http://{address}",
        "AWS_LAMBDA_RUNTIME_API": address,
        "CHAT_WEBHOOK_URL": f"http://{address}/chat",
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "awslambdaric", "lambda_eventbridge.handler"], cwd=HERE, env=environ
    )
    try:
        yield service
    finally:
        process.kill()
        process.wait(timeout=30)
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def module_function() -> Iterator[Lambda]:
    """The function of this module."""
    with run_function(ADOBE_CLIENT_ID=CLIENT_ID) as service:
        yield service


@pytest.fixture
def function(module_function: Lambda) -> Lambda:
    """A function that everybody shares, with a chat in which nothing has been said."""
    module_function.texts.clear()
    return module_function


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


def record(status: str = "failed", **changes: Any) -> Json:
    """A flow run's record."""
    errors = [{"code": "133", "message": "no <files>"}] if status == "failed" else []
    return {
        "id": "run-1",
        "flowId": "flow-1",
        "metrics": {"statusSummary": {"status": status, "errors": errors}},
        **changes,
    }


def delivery(run: Json | None = None, **changes: Any) -> Json:
    """A delivery of a run."""
    return {"event_id": "event-1", "event": run or record(), "recipient_client_id": CLIENT_ID, **changes}


def eventbridge(detail: Json) -> Json:
    """An event of Adobe's on an event bus."""
    return {
        "version": "0",
        "id": "4bc56dd4-8009-9893-2bc0-000000000000",
        "detail-type": "Platform Notifications:source_flow_run_error",
        "source": "aws.partner/developer.adobe.com/registration",
        "account": "123456789012",
        "time": "2024-05-06T07:08:09Z",
        "region": "us-east-1",
        "resources": [],
        "detail": detail,
    }


TOLD = "failed: flow run run-1 of flow-1; 133 no &lt;files&gt;"


def test_failed_run_from_eventbridge_is_told(function: Lambda) -> None:
    """A failed run on the event bus becomes a message, with markup escaped."""
    assert function.invoke(eventbridge(record())) == ("response", None)
    assert function.texts == [TOLD]


def test_what_did_not_fail_is_not_told(function: Lambda) -> None:
    """A run that succeeded and an alert are taken in silence."""
    alert = {"id": "a", "name": "late", "status": "FIRING", "severity": "high"}
    assert function.invoke(eventbridge(delivery(record("success")))) == ("response", None)
    assert function.invoke(eventbridge(delivery(alert))) == ("response", None)
    assert function.texts == []


def test_broken_run_is_told_as_far_as_it_goes(function: Lambda) -> None:
    """A run with an unusable value is told with its problem, and what can be read of it too."""
    assert function.invoke(eventbridge(record(createdAt=True))) == ("response", None)
    problem = "detail.createdAt: expected a time (an epoch or ISO 8601 text), found true or false"
    assert function.texts == [f"flow run at detail has 1 problem:\n  {problem}\n\n{TOLD}"]


def test_event_is_tried_again_while_the_chat_is_down(function: Lambda) -> None:
    """An event that could not be told fails, so that Lambda tries it again; the chat's secret URL is not logged."""
    function.answers["/chat"] = (500, b"")
    how, error = function.invoke(eventbridge(record()))
    function.answers["/chat"] = (200, b"ok")
    assert how == "error"
    assert error is not None
    assert (error["errorType"], error["errorMessage"]) == ("RuntimeError", "the chat answered 500")
    assert "/chat" not in json.dumps(error)


def test_challenge_is_answered(function: Lambda) -> None:
    """The function URL gives the challenge back as plain text."""
    request = {"headers": {}, "requestContext": {"http": {"method": "GET"}}}
    _, response = function.invoke({**request, "queryStringParameters": {"challenge": "8ec8d794-e0ab"}})
    assert response == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain", "x-content-type-options": "nosniff"},
        "body": "8ec8d794-e0ab",
    }
    assert (function.invoke(request)[1] or {})["statusCode"] == 400


@pytest.mark.parametrize("is_base64", [False, True])
def test_signed_request_is_told(function: Lambda, is_base64: bool) -> None:
    """A request that Adobe signed is believed, in either form in which Lambda hands over its body."""
    body = json.dumps([delivery(), delivery(record("success"))], ensure_ascii=False).encode()
    assert function.request(body, is_base64=is_base64) == 200
    assert function.texts == [TOLD]


@pytest.mark.parametrize("number", [1, 2])
def test_either_signature_suffices(function: Lambda, number: int) -> None:
    """A request is accepted when one signature is right, also while the other's key cannot be fetched."""
    body = json.dumps(delivery()).encode()
    name = f"x-adobe-digital-signature-{number}"
    assert function.request(body, {**signed(body), name: signature(FORGER, body)}) == 200
    assert function.request(body, {key: value for key, value in signed(body).items() if key != name}) == 200
    assert function.request(body, {**signed(body), f"x-adobe-public-key{number}-path": "/prod/keys/away.pem"}) == 200


def test_forged_and_unsigned_requests_are_refused(function: Lambda) -> None:
    """Without Adobe's signature of exactly these bytes, by a key from Adobe's host, nothing is believed."""
    body = json.dumps(delivery()).encode()
    forged = {f"x-adobe-digital-signature-{number}": signature(FORGER, body) for number in (1, 2)}
    assert function.request(body, {}) == 401
    assert function.request(body, {**signed(body), **forged}) == 401
    assert function.request(body + b" ", signed(body)) == 401
    function.requests.clear()
    for path in ("http://127.0.0.1/k.pem", "@127.0.0.1/k.pem", "//127.0.0.1/k.pem", "/../k.pem"):
        assert function.request(body, {"x-adobe-public-key1-path": path, **forged}) == 401
    assert function.requests == []
    assert function.texts == []


def test_request_is_tried_again_while_the_key_host_is_down(function: Lambda) -> None:
    """While no key can be fetched Adobe is asked to try again; keys are fetched once."""
    body = json.dumps(delivery()).encode()
    away = {"x-adobe-public-key1-path": "/prod/keys/away.pem", "x-adobe-public-key2-path": "/prod/keys/away.pem"}
    assert function.request(body, {**signed(body), **away}) == 502
    assert function.request(body) == 200
    function.requests.clear()
    assert function.request(body) == 200
    assert function.requests == []


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
def test_request_for_another_client_is_refused(function: Lambda, changes: Json) -> None:
    """What Adobe signed for somebody else's registration is not ours, also as one of a batch."""
    assert function.request(json.dumps(delivery(**changes)).encode()) == 403
    assert function.request(json.dumps([delivery(), delivery(**changes)]).encode()) == 403
    lacking = {key: value for key, value in delivery().items() if key != "recipient_client_id"}
    assert function.request(json.dumps(lacking).encode()) == 403
    assert function.texts == []


def test_request_that_is_not_json_is_refused_for_good(function: Lambda) -> None:
    """What is not JSON is refused with a status that is not retried."""
    assert function.request(b'{"event_id": ') == 400


def test_function_without_a_client_refuses_requests(function: Lambda) -> None:
    """A function that is meant for EventBridge alone, and knows no client id, takes no request at all."""
    with run_function() as unprepared:
        for client in (None, "", CLIENT_ID):
            assert unprepared.request(json.dumps(delivery(recipient_client_id=client)).encode()) == 403
        assert unprepared.invoke(eventbridge(record())) == ("response", None)
        assert unprepared.texts == [TOLD]
    assert function.texts == []
