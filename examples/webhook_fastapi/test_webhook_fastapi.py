"""The promises of the webhook, over HTTP: the program as its README starts it, and fakes of Adobe and of the chat."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy import Engine, create_engine, text

from fake_adobe import FORGER, KEY_PATHS, Fake, pem, published_keys, serve, signature, signed

HERE = Path(__file__).parent
CLIENT_ID = "client-of-ours"
CLIENT = httpx2.Client(timeout=60)


@dataclass
class Receiver:
    """The webhook at work."""

    url: str
    chat: Fake
    key_host: Fake
    log_file: Path
    database: Engine
    process: subprocess.Popen[bytes]

    def post(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        """Return the status that a request is answered with; signed by Adobe if nothing else is said."""
        headers = signed(body) if headers is None else headers
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        return CLIENT.post(self.url, content=body, headers=encoded).status_code

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return what the health endpoint answers."""
        answer = CLIENT.get(self.url.replace("/webhook", "/health"))
        return answer.status_code, answer.json()

    def rows(self, query: str) -> list[Any]:
        """Return what the database holds."""
        with self.database.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def log(self) -> list[dict[str, Any]]:
        """Return what was logged."""
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]

    def refusals(self, since: int = 0) -> list[tuple[int, str]]:
        """Return status and reason of what was refused."""
        return [(entry["status"], entry["reason"]) for entry in self.log()[since:] if entry["message"] == "refused"]

    def texts(self) -> list[str]:
        """Return the messages in the chat, once all that wait have been sent."""
        wait_until(lambda: self.health()[1]["waiting"] == 0)
        return [json.loads(body)["text"] for _, body in self.chat.requests]

    def stop(self) -> int:
        """End the program as a supervisor would, and return its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=60)


@contextmanager
def run_receiver(
    database_url: str, chat: Fake, key_host: Fake, log_file: Path, **settings: str
) -> Generator[Receiver, None, None]:
    """Start the webhook."""
    environ = {
        "PYTHONPATH": str(HERE.parent),
        "ADOBE_CLIENT_ID": CLIENT_ID,
        "ADOBE_KEY_HOST": key_host.url,
        "CHAT_WEBHOOK_URL": f"{chat.url}/chat",
        "DATABASE_URL": database_url,
        "TZ": "Asia/Tokyo",
        **settings,
    }
    command = [sys.executable, str(HERE / "webhook_fastapi.py"), "--port", "0"]
    with log_file.open("w") as log:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=log, stderr=log)
    database = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        wait_until(lambda: "running on" in log_file.read_text() or process.poll() is not None)
        found = re.search(r"running on (http://[\d.:]+)", log_file.read_text())
        assert found, log_file.read_text()
        yield Receiver(f"{found[1]}/webhook", chat, key_host, log_file, database, process)
    finally:
        database.dispose()
        process.kill()
        process.wait()


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def run_all(database_url: str, folder: Path, **settings: str) -> Generator[Receiver, None, None]:
    """Start the webhook with fakes of its own."""
    with (
        serve(published_keys()) as key_host,
        serve({"/chat": (200, b"ok")}) as chat,
        run_receiver(database_url, chat, key_host, folder / "log", **settings) as receiver,
    ):
        yield receiver


@pytest.fixture(scope="module")
def with_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A receiver for all tests of this module."""
    folder = tmp_path_factory.mktemp("receiver")
    with run_all(f"sqlite:///{folder / 'webhook.sqlite3'}", folder) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def with_postgresql(another_postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """Another."""
    with run_all(another_postgresql, tmp_path_factory.mktemp("receiver")) as receiver:
        yield receiver


@pytest.fixture(params=["with_sqlite", "with_postgresql"])
def stored(request: pytest.FixtureRequest) -> Receiver:
    """A receiver, with a chat in which nothing has been said. It shows how things are stored."""
    receiver: Receiver = request.getfixturevalue(request.param)
    receiver.chat.requests.clear()
    return receiver


@pytest.fixture
def receiver(with_sqlite: Receiver) -> Receiver:
    """A receiver, with a chat in which nothing has been said."""
    with_sqlite.chat.requests.clear()
    return with_sqlite


def record(status: str = "failed", **changes: Any) -> dict[str, Any]:
    """Return a flow run's record."""
    error = {"code": "133", "message": "the source <b>&</b> is away"}
    return {
        "id": str(uuid.uuid4()),
        "flowId": "nightly-orders",
        "updatedAt": 1700000000000,
        "metrics": {"statusSummary": {"status": status, "errors": [error] if status == "failed" else []}},
        **changes,
    }


def event(run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a delivery around something."""
    return {"event_id": str(uuid.uuid4()), "event": run, "recipient_client_id": CLIENT_ID, **changes}


def dump(payload: object) -> bytes:
    """Return JSON as Adobe might lay it out: the signature is over these bytes and no others."""
    return json.dumps(payload, indent=1).encode()


class TestAdobe:
    """Adobe can verify the webhook."""

    def test_challenge_as_text(self, receiver: Receiver) -> None:
        """The challenge comes back as plain text, byte for byte."""
        answer = CLIENT.get(receiver.url, params={"challenge": "8ec8d794-e0ab"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert answer.content == b"8ec8d794-e0ab"
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_challenge_as_json(self, receiver: Receiver) -> None:
        """Where JSON is asked for, the challenge comes back in an object."""
        headers = {"accept": "application/json"}
        answer = CLIENT.get(receiver.url, params={"challenge": "8ec8d794-e0ab"}, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert answer.json() == {"challenge": "8ec8d794-e0ab"}

    def test_validation_request(self, receiver: Receiver) -> None:
        """The unsigned request to open a URL of Adobe's is accepted, and the URL logged."""
        url = f"https://csm.adobe.io/csm/registrations/validate?id={uuid.uuid4()}&challenge=2"
        assert receiver.post(dump({"validationUrl": url}), {}) == 200
        assert receiver.log()[-1]["url"] == url

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
    def test_validation_request_to_elsewhere(self, receiver: Receiver, url: str) -> None:
        """Nobody else can have a URL logged for somebody to open."""
        assert receiver.post(dump({"validationUrl": url}), {}) == 401
        assert url not in receiver.log_file.read_text()


class TestMessages:
    """The chat is told about runs that need attention, once each."""

    def test_batch(self, stored: Receiver) -> None:
        """Each run that needs attention is told, in the order of the batch; other runs and messages are not."""
        runs = [record(status) for status in ("failed", "success", "partialSuccess", "inProgress", "failed")]
        alert = {"id": "a", "name": "late", "status": "FIRING", "severity": "high"}
        assert stored.post(dump([*map(event, runs), event(alert)])) == 200
        texts = stored.texts()
        assert [[run["id"] in text for run in runs].index(True) for text in texts] == [0, 2, 4]
        entry = stored.log()[-1]
        counts = {"new": 5, "runs": 5, "others": 1, "broken": 0}
        assert {name: entry[name] for name in counts} == counts

    def test_emoji_cut_in_half(self, receiver: Receiver) -> None:
        """A text that ends in half an emoji does not cost the batch."""
        run = record(flowName="half \ud83d")
        assert receiver.post(dump([event(run), event(record())])) == 200
        assert len(receiver.texts()) == 2

    def test_replay(self, stored: Receiver) -> None:
        """The same request again, under whatever unsigned event id, is answered with 200 and not told again."""
        body = dump(event(record()))
        for number in range(3):
            assert stored.post(body, {**signed(body), "x-adobe-event-id": str(number)}) == 200
        assert len(stored.texts()) == 1

    def test_replay_at_the_same_time(self, stored: Receiver) -> None:
        """When requests with one event come at the same time, it is told once."""
        body = dump(event(record()))
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(stored.post, [body] * 8)) == [200] * 8
        assert len(stored.texts()) == 1

    def test_replay_in_another_event(self, receiver: Receiver) -> None:
        """The same state of a run under another event id is not told again; a later state is."""
        run = record("partialSuccess")
        later = record("failed", id=run["id"], updatedAt=run["updatedAt"] + 1)
        assert [receiver.post(dump(event(run))), receiver.post(dump(event(run)))] == [200, 200]
        assert receiver.post(dump(event(later))) == 200
        assert len(receiver.texts()) == 2

    def test_broken_run(self, stored: Receiver) -> None:
        """A run that cannot be read in full is told as far as it goes, and not asked for again."""
        broken, hopeless, sound = record(createdAt=True), record(flowId=None), record()
        body = dump([event(broken), event(hopeless), event(sound)])
        assert [stored.post(body), stored.post(body)] == [200, 200]
        first, second, third = stored.texts()
        assert broken["id"] in first
        assert second.startswith("A flow run notification cannot be read: see table `runs`, key `")
        assert sound["id"] in third

    def test_chat_that_hangs(self, receiver: Receiver) -> None:
        """While the chat does not answer Adobe is answered as ever, and the messages are sent when it does."""
        receiver.chat.is_open.clear()
        assert [receiver.post(dump(event(record()))) for _ in range(3)] == [200, 200, 200]
        wait_until(lambda: receiver.chat.requests)
        assert receiver.health()[1]["waiting"] == 3
        receiver.chat.is_open.set()
        assert len(receiver.texts()) == 3

    def test_chat_that_is_down(self, receiver: Receiver) -> None:
        """While the chat answers with errors Adobe is answered as ever, and the message is sent when it is back."""
        receiver.chat.script += [(503, b""), (429, b"")]
        assert receiver.post(dump(event(record()))) == 200
        assert len(receiver.texts()) == 3


class TestRefusals:
    """Requests are refused with a reason in the log, and without values."""

    def test_forged_requests(self, receiver: Receiver) -> None:
        """Without Adobe's signature nothing is believed."""
        run = record()
        body = dump(event(run))
        known = by(KEY_PATHS[0], body)
        forged = {
            "no signature": {},
            "the signature does not match": signed(body + b" "),
            "the key host answers 404": by("/prod/keys/none.pem", body),
            "key path 1 is malformed": by("http://elsewhere/k.pem", body),
            "signature 1 is malformed": {**known, "x-adobe-digital-signature-1": "é"},
        }
        before = len(receiver.log())
        assert [receiver.post(body, headers) for headers in forged.values()] == [401] * len(forged)
        assert receiver.refusals(before) == [(401, reason) for reason in forged]
        assert receiver.rows(f"SELECT * FROM runs WHERE run_id = '{run['id']}'") == []
        assert run["id"] not in receiver.log_file.read_text()

    @pytest.mark.parametrize(
        "changes",
        [
            {"recipient_client_id": "client-of-others"},
            {"recipient_client_id": None},
            {"recipient_client_id": [CLIENT_ID]},
            {"recipient_client_id": "client-of-others", "event": event(record())},
        ],
        ids=["another", "none", "a list", "ours further in"],
    )
    def test_event_for_another_client(self, receiver: Receiver, changes: dict[str, Any]) -> None:
        """An event for somebody else's registration is refused, also in a batch, and no key is fetched."""
        delivery = event(record(), **changes)
        unknown = {"x-adobe-public-key1-path": "/never.pem", "x-adobe-digital-signature-1": "AAAA"}
        before, asked = len(receiver.log()), len(receiver.key_host.requests)
        assert receiver.post(dump(delivery), unknown) == 403
        assert receiver.post(dump([event(record()), delivery])) == 403
        assert receiver.refusals(before) == [(403, "sent to another client")] * 2
        assert len(receiver.key_host.requests) == asked
        assert receiver.texts() == []

    def test_event_that_names_another_client_further_in(self, receiver: Receiver) -> None:
        """Adobe decides for whom an event is, whatever the publisher wrote into it."""
        inner = event(record(), recipient_client_id="client-of-others")
        assert receiver.post(dump(event(inner))) == 200
        assert len(receiver.texts()) == 1

    def test_rubbish(self, receiver: Receiver) -> None:
        """A body that is not JSON is refused with a status that is not retried."""
        before = len(receiver.log())
        assert receiver.post(b'{"event_id": ') == 400
        assert receiver.post(b'"text"') == 403
        assert receiver.post(b"[]") == 200
        assert receiver.refusals(before) == [(400, "not JSON"), (403, "sent to another client")]

    def test_oversized_request(self, receiver: Receiver) -> None:
        """A body beyond the limit is refused for good, without reading it to its end; the limit itself is read."""
        limit = 4 * 1024 * 1024
        body = dump(event(record()))
        before = len(receiver.log())
        assert receiver.post(body.ljust(limit)) == 200
        assert receiver.post(body.ljust(limit + 1)) == 413
        assert receiver.refusals(before) == [(413, "the body is larger than 4194304 bytes")]

        with connect(receiver) as connection:
            connection.sendall(b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999999\r\n\r\n")
            connection.sendall(b" " * (limit + 1))
            answer = connection.makefile("rb").read()  # to the end, which comes when the server hangs up
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"\r\nconnection: close\r\n" in answer

    def test_client_that_hangs_up(self, receiver: Receiver) -> None:
        """A client that hangs up before the end of its request is a refusal, and not an error."""
        before = len(receiver.log())
        with connect(receiver) as connection:
            connection.sendall(b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
        wait_until(lambda: receiver.refusals(before))
        assert receiver.refusals(before) == [(400, "the client hung up")]
        assert len(receiver.log()) == before + 1


def by(path: str, body: bytes) -> dict[str, str]:
    """Return headers of a forger who names a key."""
    return {"x-adobe-public-key1-path": path, "x-adobe-digital-signature-1": signature(FORGER, body)}


def connect(receiver: Receiver) -> socket.socket:
    """Return a connection to a receiver."""
    address = urlsplit(receiver.url)
    return socket.create_connection((str(address.hostname), address.port or 80), timeout=60)


class TestTrouble:
    """The webhook works while something else does not."""

    def test_database(self, stored: Receiver) -> None:
        """While nothing can be stored Adobe is asked to try again, nothing is told, and the program is not healthy."""
        body = dump(event(record()))
        before = len(stored.log())
        with stored.database.begin() as connection:
            connection.execute(text("ALTER TABLE messages RENAME TO away"))
        try:
            assert stored.post(body) == 503
            assert stored.health() == (503, {"status": "the database is away"})
        finally:
            with stored.database.begin() as connection:
                connection.execute(text("ALTER TABLE away RENAME TO messages"))
        assert stored.refusals(before)[0][0] == 503
        assert stored.refusals(before)[0][1] in {"OperationalError", "ProgrammingError"}
        assert stored.post(body) == 200
        assert len(stored.texts()) == 1

    def test_key_host(self, receiver: Receiver) -> None:
        """While no key can be fetched Adobe is asked to try again."""
        body = dump(event(record()))
        before = len(receiver.log())
        receiver.key_host.answers["/later.pem"] = (503, b"")
        assert receiver.post(body, by("/later.pem", body)) == 503
        assert receiver.refusals(before) == [(503, "the key host answers 503")]
        receiver.key_host.answers["/later.pem"] = (200, pem(FORGER))
        assert receiver.post(body, by("/later.pem", body)) == 200
        assert len(receiver.texts()) == 1

    def test_slow_clients(self, receiver: Receiver) -> None:
        """Clients that do not finish their requests do not keep others from being served."""
        connections = [connect(receiver) for _ in range(60)]
        for connection in connections:
            connection.sendall(b"POST /webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
        assert receiver.post(dump(event(record()))) == 200
        for connection in connections:
            connection.close()
        assert len(receiver.texts()) == 1

    def test_key_host_that_hangs(self, receiver: Receiver) -> None:
        """While keys hang a request that needs none of them is served."""
        body = dump(event(record()))
        assert receiver.post(body) == 200
        before, asked = len(receiver.log()), len(receiver.key_host.requests)
        receiver.key_host.is_open.clear()
        with ThreadPoolExecutor(60) as pool:
            waiting = [pool.submit(receiver.post, body, by(f"/hang-{number}.pem", body)) for number in range(60)]
            wait_until(lambda: len(receiver.key_host.requests) >= asked + 4)
            assert receiver.post(dump(event(record()))) == 200
            assert [done.result() for done in waiting] == [503] * 60
        receiver.key_host.is_open.set()
        reasons = {reason for _, reason in receiver.refusals(before)}
        assert reasons == {"too many keys are being fetched", "the key host is slow"}


class TestProgram:
    """How the program starts, ends and starts again."""

    def test_restart(self, tmp_path: Path) -> None:
        """After a restart nothing is told again, and the messages that waited are sent."""
        url = f"sqlite:///{tmp_path / 'webhook.sqlite3'}"
        first, second = dump(event(record())), dump(event(record()))
        with run_all(url, tmp_path) as receiver:
            assert receiver.post(first) == 200
            assert len(receiver.texts()) == 1
            receiver.chat.answers["/chat"] = (503, b"")
            assert receiver.post(second) == 200
            wait_until(lambda: len(receiver.chat.requests) > 1)
            assert receiver.stop() == -signal.SIGTERM
        with run_all(url, tmp_path) as receiver:
            assert [receiver.post(first), receiver.post(second)] == [200, 200]
            assert len(receiver.texts()) == 1

    def test_graceful_shutdown(self, tmp_path: Path) -> None:
        """A program that is told to end answers the request and finishes the message that it is at, then ends."""
        with run_all(f"sqlite:///{tmp_path / 'webhook.sqlite3'}", tmp_path) as receiver:
            receiver.chat.is_open.clear()
            assert receiver.post(dump(event(record()))) == 200
            wait_until(lambda: receiver.chat.requests)
            receiver.key_host.is_open.clear()
            body = dump(event(record()))
            receiver.key_host.answers["/late.pem"] = (200, pem(FORGER))
            with ThreadPoolExecutor(1) as pool:
                answer = pool.submit(receiver.post, body, by("/late.pem", body))
                wait_until(lambda: "/late.pem" in receiver.key_host.paths())
                receiver.process.terminate()
                wait_until(lambda: is_refused(receiver))
                receiver.key_host.is_open.set()
                assert answer.result() == 200
            receiver.chat.is_open.set()
            assert receiver.process.wait(timeout=60) == -signal.SIGTERM
            ((sent, count),) = receiver.rows("SELECT count(sent_at), count(*) FROM messages")
            assert (len(receiver.chat.requests), count) == (sent, 2)

    def test_health(self, receiver: Receiver) -> None:
        """The health endpoint counts the messages that wait and those that were given up, and the log names them."""
        status, health = receiver.health()
        assert (status, health["status"], health["waiting"]) == (200, "ok", 0)
        before = len(receiver.log())
        receiver.chat.script += [(400, b"")]
        assert receiver.post(dump(event(record()))) == 200
        given_up = {**health, "given_up": health["given_up"] + 1}
        wait_until(lambda: receiver.health() == (200, given_up))
        (entry,) = [entry for entry in receiver.log()[before:] if entry["levelname"] == "ERROR"]
        assert (entry["message"], entry["problem"]) == ("gave up on a message", "the chat answers 400")

    def test_times_are_utc(self, stored: Receiver) -> None:
        """Times are stored in UTC, also where the machine has another zone."""
        assert stored.post(dump(event(record()))) == 200
        assert len(stored.texts()) == 1
        ((received, created, sent),) = stored.rows(
            "SELECT max(received_at), max(created_at), max(sent_at) FROM runs, messages"
        )
        now = time.time()
        for instant in (received, created, sent):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", instant)
            assert instant[:13] in {time.strftime("%Y-%m-%dT%H", time.gmtime(now - ago)) for ago in (0, 600)}

    def test_settings_and_secrets(self, tmp_path: Path) -> None:
        """The limits can be set; and neither what a payload holds nor the chat's secret URL gets into the log."""
        secret = "a-secret-of-the-customer"
        limits = {"CHAT_MESSAGE_LIMIT": "100", "GIVE_UP_AFTER": "PT0S"}
        with run_all(f"sqlite:///{tmp_path / 'db'}", tmp_path, **limits) as receiver:
            receiver.chat.script = [(200, b"ok"), (500, secret.encode()), (400, secret.encode())]
            assert receiver.post(dump(event(record(flowName=secret * 5)))) == 200
            texts = receiver.texts()
            assert len(texts) > 2
            assert max(map(len, texts)) <= 100
            assert receiver.health()[1]["given_up"] == 2
            assert receiver.post(dump(event(record(flowName=secret, createdAt=secret)))) == 200
            body = dump(event(record(flowName=secret)))
            assert receiver.post(body, by(f"/{secret}.pem", b"")) == 401
            with receiver.database.begin() as connection:
                connection.execute(text("DROP TABLE messages"))
            assert receiver.post(body) == 503
            logged = {entry["message"] for entry in receiver.log()}
            assert {"trying again", "gave up on a message", "refused", "stored"} <= logged
            assert secret not in receiver.log_file.read_text()
            assert "/chat" not in receiver.log_file.read_text()


def is_refused(receiver: Receiver) -> bool:
    """Whether a receiver takes no connections any more."""
    with suppress(ConnectionRefusedError), connect(receiver):
        return False
    return True


def run_program(*arguments: str, **settings: str) -> tuple[int, str]:
    """Return the exit code and the output of the program."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE.parent), "COLUMNS": "100", **settings}
    done = subprocess.run(
        [sys.executable, HERE / "webhook_fastapi.py", *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_what_a_newcomer_sees(tmp_path: Path) -> None:
    """Whoever plays Adobe and the chat sees the message about the failure, and sees it once."""
    nobody = Fake({}, url="http://127.0.0.1:8001")
    with run_receiver(f"sqlite:///{tmp_path}/db", nobody, nobody, tmp_path / "log", ADOBE_CLIENT_ID="test") as receiver:
        first, second = (_be_adobe_and_chat(receiver) for _ in range(2))
        assert second == ["challenge: 200 hello", "forged notification: 401", "notification: 200"]
        assert [line for line in first if line in second] == second
        assert "chat: *FAILED* `Orders, nightly`" in first
        assert [entry["new"] for entry in receiver.log() if entry["message"] == "stored"] == [1, 0]


def _be_adobe_and_chat(receiver: Receiver) -> list[str]:
    """Play both until all messages have been sent, and return what is printed."""
    command = [sys.executable, str(HERE.parent / "webhook_flask" / "be_adobe.py"), receiver.url, "test", "--chat"]
    lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as player:
        assert player.stdout is not None
        try:
            while not lines or lines[-1] != "notification: 200\n":
                lines.append(player.stdout.readline())
                assert lines[-1]
            wait_until(lambda: receiver.health()[1]["waiting"] == 0)
            player.send_signal(signal.SIGINT)
            lines += player.stdout.readlines()
            assert player.wait(timeout=60) == 0
        finally:
            player.kill()  # else a test that fails would wait for it
    return "".join(lines).splitlines()


def test_help() -> None:
    """`--help` names every setting and says which are required."""
    code, output = run_program("--help")
    assert code == 0
    words = " ".join(output.split())
    for option in (
        "--adobe-client-id str the client id of the registration; others are refused (required)",
        "--chat-webhook-url Secret[HttpUrl] an incoming webhook",
        "--database-url SecretStr sqlite:///PATH or postgresql://",
        "--chat-message-limit int the characters that the chat takes in one message (default: 4000)",
        "--give-up-after timedelta the age at which",
        "--host str the address to listen on; 0.0.0.0 for all (default: 127.0.0.1)",
        "--port int the port to listen on (default: 8000)",
        "--adobe-key-host HttpUrl where Adobe's public keys are",
        "ADOBE_CLIENT_ID for --adobe-client-id",
    ):
        assert option in words


def test_settings_that_are_missing_or_wrong() -> None:
    """Without its settings the program says what it lacks, and keeps secrets to itself."""
    wrong = {"CHAT_WEBHOOK_URL": "secret", "DATABASE_URL": "mysql://secret", "PORT": "x"}
    assert run_program(**wrong) == (1, WRONG)
    away = {"ADOBE_CLIENT_ID": "x", "CHAT_WEBHOOK_URL": "http://x/", "DATABASE_URL": "sqlite:////no/such/folder/x"}
    assert run_program(**away) == (1, "DATABASE_URL: unable to open database file\n")


WRONG = """\
ADOBE_CLIENT_ID: Field required
CHAT_WEBHOOK_URL: Input should be a valid URL, relative URL without a base
DATABASE_URL: Value error, expected sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME
PORT: Input should be a valid integer, unable to parse string as an integer
See --help.
"""
