"""The function's promises, run by AWS's runtime interface client against a runtime API, a DynamoDB and a chat here."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from fake_adobe import FORGER, Fake, published_keys, serve, signature, signed

boto3 = import_module("boto3")  # it has no types
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AWS's runtime interface client runs on Linux only")

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[1]
CLIENT_ID = "client-of-ours"
SECRET = "/services/T000/secret-of-the-chat"
FAR = 4102444800.0  # seconds: a deadline that no test reaches
Json = dict[str, Any]


@dataclass
class Function:
    """The function under the runtime interface client, and the services around it."""

    process: subprocess.Popen[bytes]
    chat: Fake
    key_host: Fake
    invocations: Queue[tuple[bytes, float]]
    results: Queue[tuple[str, Any]]
    log_file: Path

    def invoke(self, event: object, *, deadline: float = FAR) -> tuple[str, Any]:
        """Return what the function returns, after the word ``response``; after ``error``, what it raises."""
        self.invocations.put((json.dumps(event).encode(), deadline))
        return self.results.get(timeout=60)

    def request(self, body: bytes, headers: dict[str, str] | None = None, *, is_base64: bool = False) -> object:
        """Return the status of a POST to the function URL, signed by Adobe if nothing else is said."""
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
        return 502 if how == "error" else result["statusCode"]  # the function URL answers a call that fails with 502

    def texts(self) -> list[str]:
        """Return what the chat was told."""
        return [json.loads(body)["text"] for _, body in self.chat.requests]

    def log(self) -> str:
        """Return what the function has logged."""
        return self.log_file.read_text()


@dataclass
class World:
    """Everything that outlives the function."""

    folder: Path
    dynamodb: str
    table: Any
    chat: Fake
    key_host: Fake
    starts: int = 0

    @contextmanager
    def run(self, *command: str, cwd: Path = HERE, **settings: str | None) -> Generator[Function, None, None]:
        """Start the function as Lambda would."""
        self.starts += 1
        invocations: Queue[tuple[bytes, float]] = Queue()
        results: Queue[tuple[str, Any]] = Queue()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                content, deadline = invocations.get()
                headers = {
                    "content-type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": "request-1",
                    "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:flow-runs",
                }
                self.answer(200, content, headers)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.answer(202, b"", {})
                results.put((self.path.rpartition("/")[2], body))

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
        environ = {
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_ENDPOINT_URL_DYNAMODB": self.dynamodb,
            "AWS_LAMBDA_FUNCTION_NAME": "flow-runs",
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
            "AWS_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "ADOBE_CLIENT_ID": CLIENT_ID,
            "ADOBE_KEY_HOST": self.key_host.url,
            "CHAT_WEBHOOK_URL": self.chat.url + SECRET,
            "IDEMPOTENCY_TABLE": "told",
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE.parent),
            **settings,
        }
        log_file = self.folder / f"log-{self.starts}"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                [*(command or (sys.executable, "-m", "awslambdaric")), "lambda_eventbridge.handler"],
                cwd=cwd,
                env={name: value for name, value in environ.items() if value is not None},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Function(process, self.chat, self.key_host, invocations, results, log_file)
        finally:
            process.kill()
            process.wait(timeout=30)
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a chat, Adobe's key host, and a DynamoDB with the table of what was told."""
    dynamodb = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    dynamodb.start()
    host, port = dynamodb.get_host_and_port()
    url = f"http://{host}:{port}"
    resource = boto3.resource(
        "dynamodb", "us-east-1", endpoint_url=url, aws_access_key_id="nobody", aws_secret_access_key="nothing"
    )
    table = resource.create_table(
        TableName="told",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with serve({SECRET: (200, b"ok")}) as chat, serve(published_keys()) as key_host:
        yield World(tmp_path_factory.mktemp("lambda"), url, table, chat, key_host)
    dynamodb.stop()


@pytest.fixture(scope="module")
def module_function(world: World) -> Iterator[Function]:
    """Run the function of this module."""
    with world.run() as function:
        yield function


@pytest.fixture
def chat(world: World) -> Fake:
    """Return the chat, which has been told nothing."""
    world.chat.requests.clear()
    return world.chat


@pytest.fixture
def function(module_function: Function, chat: Fake) -> Function:
    """Return a function that all tests share, with a chat that has been told nothing."""
    assert chat.requests == []
    module_function.key_host.requests.clear()
    return module_function


numbers = iter(range(1, 1000))


def record(status: str = "failed", **changes: Any) -> Json:
    """Return the record of another flow run."""
    errors = [{"code": "133", "message": "no <files>"}] if status == "failed" else []
    metrics = {"statusSummary": {"status": status, "errors": errors}}
    return {"id": f"run-{next(numbers)}", "flowId": "flow-1", "metrics": metrics, **changes}


def delivery(run: Json | None = None, **changes: Any) -> Json:
    """Return a delivery of a run."""
    return {"event_id": "event-1", "event": run or record(), "recipient_client_id": CLIENT_ID, **changes}


def eventbridge(detail: Json) -> Json:
    """Return an event of Adobe's on an event bus."""
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


def sqs(*bodies: str, groups: str = "") -> Json:
    """Return a batch of messages, m-0 and so on, of a FIFO queue if groups are given."""
    arn = "arn:aws:sqs:us-east-1:123456789012:runs" + (".fifo" if groups else "")
    return {
        "Records": [
            {
                "messageId": f"m-{number}",
                "receiptHandle": "handle",
                "body": body,
                "attributes": {"MessageGroupId": groups[number]} if groups else {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def kinesis(*contents: bytes) -> Json:
    """Return a batch of records of a stream, s-0 and so on."""
    return {
        "Records": [
            {
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": "1",
                    "sequenceNumber": f"s-{number}",
                    "data": base64.b64encode(content).decode(),
                    "approximateArrivalTimestamp": 1545084650.987,
                },
                "eventSource": "aws:kinesis",
                "eventID": f"shard:{number}",
            }
            for number, content in enumerate(contents)
        ]
    }


def sns(content: Json) -> Json:
    """Return a notification of a topic."""
    return sns_text(json.dumps(content))


def sns_text(message: str) -> Json:
    """Return a notification of a topic with any text."""
    return {
        "Records": [
            {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": {"Type": "Notification", "Message": message}}
        ]
    }


def failed(*identifiers: str) -> tuple[str, Json]:
    """Return what the function says of a batch in which these records failed."""
    return "response", {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def told(function: Function) -> list[str]:
    """Return the runs that the chat was told about, in order."""
    return [run for text in function.texts() for run in re.findall(r"run-\d+", text.replace("\\", ""))[:1]]


def test_failed_run_from_eventbridge_is_told(function: Function) -> None:
    """A failed run on the event bus becomes a message, with markup escaped."""
    run = record()
    assert function.invoke(eventbridge(run)) == ("response", None)
    assert told(function) == [run["id"]]
    (text,) = function.texts()
    assert "133" in text
    assert "<files>" not in text


def test_what_needs_no_attention_is_not_told(function: Function) -> None:
    """A run that succeeded and an alert are taken in silence."""
    alert = {"id": "a", "name": "late", "status": "FIRING", "severity": "high"}
    assert function.invoke(eventbridge(delivery(record("success")))) == ("response", None)
    assert function.invoke(eventbridge(delivery(alert))) == ("response", None)
    assert function.texts() == []


@pytest.mark.parametrize("wrap", [eventbridge, delivery])
def test_each_state_of_a_run_is_told_once(function: Function, wrap: Any) -> None:
    """A state that is delivered again is not told again, whatever it comes in; another state of the run is."""
    run = record()
    assert function.invoke(eventbridge(wrap(run))) == ("response", None)
    assert function.invoke(eventbridge(delivery(run, event_id="event-2"))) == ("response", None)
    assert function.invoke(sqs(json.dumps(run))) == failed()
    assert function.invoke(eventbridge({**run, "etag": "2"})) == ("response", None)
    assert told(function) == [run["id"]] * 2


def test_what_was_told_is_remembered_for_two_weeks(world: World, function: Function) -> None:
    """The table forgets a state when no source can send it again, and holds no value of it."""
    two_weeks = 14 * 24 * 60 * 60
    run = record()
    before = int(time.time())
    assert function.invoke(eventbridge(run)) == ("response", None)
    newest = max(world.table.scan()["Items"], key=lambda item: item["expiration"])
    assert before <= newest["expiration"] - two_weeks <= time.time()
    assert newest["status"] == "COMPLETED"
    assert run["id"] not in str(newest)


def test_broken_run_is_told_once_and_fails(function: Function) -> None:
    """A run with an unusable value is told as far as it can be read; the call fails, so that the event is kept."""
    run = record(createdAt=True)
    for _ in range(3):  # as often as Lambda tries
        how, error = function.invoke(eventbridge(run))
        assert (how, error["errorType"]) == ("error", "PartialParseError")
        assert (
            "detail.createdAt: expected a time (an epoch or ISO 8601 text), found true or false"
            in error["errorMessage"]
        )
    (text,) = function.texts()
    assert told(function) == [run["id"]]
    assert text.endswith("\n\nOther values of this run cannot be read.")


def test_run_without_an_id_is_told_once_for_each_event(function: Function) -> None:
    """A run that cannot be read at all is told by event, place and problem."""
    for event_id in ("e-1", "e-1", "e-2"):
        how, _ = function.invoke(eventbridge(delivery(record(id=None), event_id=event_id)))
        assert how == "error"
    assert function.texts() == ["A flow run notification cannot be read."] * 2


def test_long_message_is_cut_at_the_end_of_a_line(world: World, chat: Fake) -> None:
    """A message longer than the chat takes is cut, and the cut is shown."""
    errors = [{"code": f"{number}", "message": "It failed."} for number in range(100)]
    run = record(metrics={"statusSummary": {"status": "failed", "errors": errors}})
    with world.run(CHAT_MESSAGE_LIMIT="300") as function:
        assert function.invoke(eventbridge(run)) == ("response", None)
        (text,) = function.texts()
    assert 100 < len(text) <= 300
    assert text.endswith("\n…")
    assert chat.paths() == [SECRET]


POISON = '{"event_id": '


def test_batch_with_one_poisoned_message_returns_exactly_that_one(function: Function) -> None:
    """Of a batch from a queue only what is not JSON comes again; the messages before and behind it are told once."""
    runs = [record(), record()]
    bodies = [json.dumps(eventbridge(run)) for run in runs]
    assert function.invoke(sqs(bodies[0], POISON, bodies[1])) == failed("m-1")
    assert function.invoke(sqs(bodies[0], POISON, bodies[1])) == failed("m-1")
    assert told(function) == [run["id"] for run in runs]
    assert function.invoke(sqs(POISON)) == failed("m-0")
    assert function.invoke(sqs(bodies[0])) == failed()


def test_message_with_a_broken_run_is_told_and_returned(function: Function) -> None:
    """A broken run ends in the dead-letter queue, and the chat hears of it once."""
    runs = [record(), record(createdAt=True)]
    for _ in range(2):
        assert function.invoke(sqs(*map(json.dumps, runs))) == failed("m-1")
    assert told(function) == [run["id"] for run in runs]


def test_message_that_the_chat_refuses_is_returned(function: Function) -> None:
    """Only the message that could not be told comes again, and then it is told."""
    runs = [record(), record(), record()]
    function.chat.script = [(200, b""), (500, b"")]
    assert function.invoke(sqs(*map(json.dumps, runs))) == failed("m-1")
    assert function.invoke(sqs(json.dumps(runs[1]))) == failed()
    assert told(function) == [runs[index]["id"] for index in (0, 1, 2, 1)]


def test_order_of_a_fifo_queue_is_kept(function: Function) -> None:
    """In a FIFO queue a failed message takes those behind it in its group along, and no other group."""
    runs = [record(), record(), record()]
    bodies = [json.dumps(runs[0]), POISON, json.dumps(runs[1]), json.dumps(runs[2])]
    assert function.invoke(sqs(*bodies, groups="aaba")) == failed("m-1", "m-3")
    assert told(function) == [runs[0]["id"], runs[1]["id"]]
    assert function.invoke(sqs(POISON, groups="a")) == failed("m-0")


def test_record_of_a_stream_is_told_or_returned(function: Function) -> None:
    """Of a batch from Kinesis the poisoned record is returned; what comes again behind it is not told again."""
    runs = [record(), record()]
    contents = [json.dumps(delivery(runs[0])).encode(), b"\xff", json.dumps(delivery(runs[1])).encode()]
    assert function.invoke(kinesis(*contents)) == failed("s-1")
    assert function.invoke(kinesis(*contents[1:])) == failed("s-0")
    assert told(function) == [run["id"] for run in runs]


def test_notification_of_a_topic_is_told_or_fails(function: Function) -> None:
    """What SNS sends is told; what cannot be read fails, so that Lambda keeps it."""
    run = record()
    assert function.invoke(sns(delivery(run))) == ("response", None)
    assert told(function) == [run["id"]]
    how, error = function.invoke(sns_text(POISON))
    assert (how, error["errorType"]) == ("error", "InvalidJSONError")


@pytest.mark.parametrize("wrap", [eventbridge, sns])
def test_event_that_another_function_could_not_handle_is_told(function: Function, wrap: Any) -> None:
    """As a failure destination the function takes the event that failed, not a request."""
    run = record()
    event = {
        "version": "1.0",
        "timestamp": "2024-05-06T07:08:09.000Z",
        "requestContext": {"requestId": "r", "functionArn": "arn", "condition": "RetriesExhausted"},
        "requestPayload": wrap(run),
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "it failed"},
    }
    assert function.invoke(event) == ("response", None)
    assert function.invoke(sqs(json.dumps(event))) == failed()
    assert told(function) == [run["id"]]


def test_event_is_tried_again_while_the_chat_is_down(function: Function) -> None:
    """An event that could not be told fails, so that Lambda tries it again, and then it is told."""
    run = record()
    function.chat.script = [(500, b"")]
    how, error = function.invoke(eventbridge(run))
    assert (how, error["errorType"], error["errorMessage"]) == ("error", "RuntimeError", "the chat answered 500")
    assert function.invoke(eventbridge(run)) == ("response", None)
    assert told(function) == [run["id"]] * 2


def test_chat_that_hangs_does_not_hold_the_function(function: Function) -> None:
    """A chat that takes a message and never answers is an error, while it hangs."""
    function.chat.is_open.clear()
    try:
        how, error = function.invoke(eventbridge(record()))
    finally:
        function.chat.is_open.set()
    assert (how, error["errorType"]) == ("error", "ReadTimeout")


@pytest.mark.parametrize("is_over", [True, False])
def test_killed_while_it_posts_it_tells_again_once_the_call_is_over(world: World, chat: Fake, is_over: bool) -> None:
    """Killed before the chat answers, the function tells again, but not before the call that was killed had to end."""
    run = record()
    deadline = time.time() if is_over else FAR
    chat.is_open.clear()
    try:
        with world.run() as killed:
            killed.invocations.put((json.dumps(eventbridge(run)).encode(), deadline))
            while not chat.requests:
                assert killed.process.poll() is None
                assert killed.results.empty()
                time.sleep(0.01)
    finally:
        chat.is_open.set()
    with world.run() as function:
        how, result = function.invoke(eventbridge(run))
    if is_over:
        assert (how, result) == ("response", None)
        assert told(function) == [run["id"]] * 2
    else:
        assert (how, result["errorType"]) == ("error", "IdempotencyAlreadyInProgressError")
        assert told(function) == [run["id"]]


def test_killed_after_it_told_it_does_not_tell_again(world: World, chat: Fake) -> None:
    """Killed between two runs of a batch, the function tells only the second when the batch comes again."""
    runs = [record(), record()]
    batch = sqs(*map(json.dumps, runs))
    with world.run() as killed:
        chat.script = [(200, b"")]
        real, chat.answers = chat.answers, {}  # the second message gets a 404, and the process is killed behind it
        assert killed.invoke(batch) == failed("m-1")
        chat.answers = real
    chat.requests.clear()
    with world.run() as function:
        assert function.invoke(batch) == failed()
    assert told(function) == [runs[1]["id"]]


def test_chat_url_is_in_no_log_at_any_level(world: World, chat: Fake) -> None:
    """At the level DEBUG, in either format, the URL of the chat is logged neither after success nor after errors."""
    for log_format in ("JSON", "TEXT"):
        with world.run(AWS_LAMBDA_LOG_LEVEL="DEBUG", AWS_LAMBDA_LOG_FORMAT=log_format) as function:
            assert function.invoke(eventbridge(record()))[0] == "response"
            chat.script = [(404, b"no such chat")]
            assert function.invoke(eventbridge(record()))[0] == "error"
            chat.script = [(500, b"")]
            assert function.invoke(sqs(json.dumps(record()))) == failed("m-0")
            log = function.log()
        assert "DEBUG" in log
        assert "secret-of-the-chat" not in log
    for host, error_type in (("http://127.0.0.1:1", "ConnectError"), ("hooks.example.com", "ValidationError")):
        with world.run(AWS_LAMBDA_LOG_LEVEL="DEBUG", CHAT_WEBHOOK_URL=host + SECRET) as function:
            how, error = function.invoke(eventbridge(record()))
            assert (how, error["errorType"]) == ("error", error_type)
            assert "secret-of-the-chat" not in function.log() + json.dumps(error)


def test_missing_settings_are_named(world: World) -> None:
    """Without its settings the function says which it lacks."""
    with world.run(CHAT_WEBHOOK_URL=None, IDEMPOTENCY_TABLE=None) as function:
        how, error = function.invoke(eventbridge(record()))
    assert (how, error["errorType"]) == ("error", "ValidationError")
    assert re.findall(r"^(\w+)\n  Field required", error["errorMessage"], re.MULTILINE) == [
        "chat_webhook_url",
        "idempotency_table",
    ]


def test_help_tells_about_every_setting() -> None:
    """--help describes each setting, and needs none."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, str(HERE / "lambda_eventbridge.py"), "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=environ).stdout
    names = ["chat_webhook_url", "idempotency_table", "chat_message_limit", "adobe_client_id", "adobe_key_host"]
    assert [name for name in names if f"--{name}" in shown] == names


def test_challenge_is_answered(function: Function) -> None:
    """The function URL gives the challenge back as plain text."""
    request = {"headers": {}, "requestContext": {"http": {"method": "GET"}}}
    _, response = function.invoke({**request, "queryStringParameters": {"challenge": "8ec8d794-e0ab"}})
    assert response == {
        "statusCode": 200,
        "headers": {"content-type": "text/plain", "x-content-type-options": "nosniff"},
        "body": "8ec8d794-e0ab",
    }
    assert function.invoke(request)[1]["statusCode"] == 400


@pytest.mark.parametrize("is_base64", [False, True])
def test_signed_request_is_told(function: Function, is_base64: bool) -> None:
    """A request that Adobe signed is believed, in either form in which Lambda hands over its body."""
    run = record(flowName="naïve 🙂")
    body = json.dumps([delivery(run), delivery(record("success"))], ensure_ascii=False).encode()
    assert function.request(body, is_base64=is_base64) == 200
    assert told(function) == [run["id"]]


def test_half_an_emoji_does_not_cost_the_batch(function: Function) -> None:
    """A text that was cut within an emoji costs that character only."""
    run = record(flowName="cut \ud83d")
    assert function.request(json.dumps([delivery(run)]).encode()) == 200
    assert told(function) == [run["id"]]


def test_broken_run_in_a_request_is_told_and_logged(function: Function) -> None:
    """Adobe would only repeat it, so a broken run is answered with 200; the log has its problem."""
    run = record(createdAt=True)
    assert function.request(json.dumps(delivery(run)).encode()) == 200
    assert told(function) == [run["id"]]
    assert "event.createdAt: expected a time (an epoch or ISO 8601 text), found true or false" in function.log()


def test_forged_and_unsigned_requests_are_refused(function: Function) -> None:
    """Without Adobe's signature of exactly these bytes nothing is believed; the log has the reason, and no value."""
    body = json.dumps(delivery()).encode()
    forged = {f"x-adobe-digital-signature-{number}": signature(FORGER, body) for number in (1, 2)}
    assert function.request(body, {}) == 401
    assert function.request(body, {**signed(body), **forged}) == 401
    assert function.request(body + b" ", signed(body)) == 401
    assert function.texts() == []
    reasons = re.findall("refused with 401: (.*)", function.log())
    assert reasons == ["no signature", "the signature does not match", "the signature does not match"]


def test_recipient_is_checked_before_a_key_is_fetched(function: Function) -> None:
    """What was sent to another registration is refused, also as one of a batch, and nothing is fetched for it."""
    for client in ("client-of-others", None):
        headers = {name: value.replace("/prod/", "/new/") for name, value in signed(b"").items()}
        assert function.request(json.dumps(delivery(recipient_client_id=client)).encode(), headers) == 403
        assert function.request(json.dumps([delivery(), delivery(recipient_client_id=client)]).encode(), headers) == 403
    assert (function.key_host.requests, function.texts()) == ([], [])


def test_request_is_tried_again_while_the_key_host_is_down(world: World, chat: Fake) -> None:
    """While no key can be fetched Adobe is asked to try again; keys are fetched once."""
    body = json.dumps(delivery()).encode()
    with world.run() as function:
        world.key_host.script = [(500, b"")] * 2
        assert function.request(body) == 503
        assert function.request(body) == 200
        world.key_host.requests.clear()
        assert function.request(body) == 200
    assert world.key_host.requests == []
    assert len(chat.requests) == 1


@pytest.mark.parametrize(("body", "is_base64"), [(b'{"event_id": ', False), (b"\xff", True)])
def test_request_that_is_not_json_is_refused_for_good(function: Function, body: bytes, is_base64: bool) -> None:
    """What is not JSON is refused with a status that is not retried."""
    assert function.request(body, signed(body), is_base64=is_base64) == 400


def test_function_without_a_client_refuses_requests(world: World, chat: Fake) -> None:
    """A function that knows no client id takes no request, and still takes events."""
    run = record()
    with world.run(ADOBE_CLIENT_ID=None) as function:
        for client in (None, "", CLIENT_ID):
            assert function.request(json.dumps(delivery(recipient_client_id=client)).encode()) == 403
        assert function.invoke(eventbridge(run)) == ("response", None)
        assert told(function) == [run["id"]]
    assert len(chat.requests) == 1


def lambda_python(version: str) -> str | None:
    """Return a Python of a version on this machine."""
    for folder in os.environ["PATH"].split(os.pathsep):
        python = shutil.which(f"python{version}", path=folder)
        if python and subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    return None


def test_zip_of_the_readme_runs_on_the_python_it_names(world: World, chat: Fake, tmp_path: Path) -> None:
    """The README's commands make a zip that runs by itself on that Python, with only AWS's own packages beside it."""
    build = (HERE / "README.md").read_text().split("```")[1]  # the first block
    commands = "\n".join(re.findall(r"^\$ (.*)", build, re.MULTILINE))
    (version,) = re.findall(r"--python-version (\S+)", commands)
    python = lambda_python(version)
    if python is None:
        missing = f"there is no Python {version} on the PATH"
        if "CI" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    for name in ("src", "examples"):
        ignored = shutil.ignore_patterns("__pycache__", "build", "wheels")
        shutil.copytree(CHECKOUT / name, tmp_path / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(CHECKOUT / name, tmp_path)
    folder = tmp_path / "examples" / "lambda_eventbridge"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(["bash", "-euc", commands], cwd=tmp_path, check=True, timeout=600, env=environ)
    aws = ["awslambdaric", "boto3", "--target", "aws", "--python-version", version, "--only-binary", ":all:"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", *aws], cwd=tmp_path, check=True, timeout=600, env=environ
    )
    shutil.unpack_archive(folder / "function.zip", tmp_path / "task")
    run = record()
    aws_only = str(tmp_path / "aws")
    with world.run(python, "-m", "awslambdaric", cwd=tmp_path / "task", PYTHONPATH=aws_only) as function:
        assert function.invoke(sqs(json.dumps(run))) == failed()
        assert function.request(json.dumps(delivery(run)).encode()) == 200
    assert told(function) == [run["id"]]
    assert len(chat.requests) == 1


def test_what_a_newcomer_sees() -> None:
    """Whoever plays AWS sees the message about the failure at its first delivery, and none at its second."""
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    command = [sys.executable, str(HERE / "be_aws.py")]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, env=environ)
    first, second = done.stdout.split("--- second delivery\n")
    assert first.startswith("--- first delivery\n*FAILED* `Loyalty members, hourly`\n")
    assert (first.count("*FAILED*"), second) == (1, "")
