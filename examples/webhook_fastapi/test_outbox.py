"""The promises of the outbox, on SQLite and on a real PostgreSQL server, with a chat on loopback."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.exc import SQLAlchemyError

import outbox
from announcements import split
from fake_adobe import Fake, serve
from flowrun_notifications import parse, parse_all, to_markdown
from outbox import Counts, Outbox, Sender, bodies, insert_new, messages, open_database, runs, senders

TOLD = re.compile(r"\*run\* `([^`]+)`")
DAY = timedelta(days=1)
CREATED_AT = """\
flow run at [0].event has 1 problem:
  [0].event.createdAt: expected a time (an epoch or ISO 8601 text), found true or false"""
FLOW_ID = """\
flow run at [1].event has 1 problem:
  [1].event.flowId: expected text, found null"""


def record(run_id: str, status: str = "failed", **changes: Any) -> dict[str, Any]:
    """Return a flow run's record."""
    return {"id": run_id, "flowId": "flow", "metrics": {"statusSummary": {"status": status}}, **changes}


def delivery(run: dict[str, Any], event_id: str | None = None) -> dict[str, Any]:
    """Return a delivery of a run."""
    return {"event_id": event_id or f"event-{run['id']}", "event": run}


def store(engine: Engine, *payload: dict[str, Any], limit: int = 4000) -> int:
    """Store a batch, and return how many of its runs are new."""
    body = json.dumps(payload).encode()
    return Outbox(engine, limit).store(body, parse_all(body))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with the tables."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """A database of SQLite with the tables, for what does not depend on the database."""
    engine = open_database(f"sqlite:///{tmp_path / 'webhook.sqlite3'}")
    yield engine
    engine.dispose()


@pytest.fixture
def chat() -> Iterator[Fake]:
    """A chat that takes every message."""
    with serve({"/chat": (200, b"ok")}) as chat:
        yield chat


def text_of(run_id: str) -> str:
    """Return the message about a run that failed."""
    return to_markdown(parse(json.dumps(record(run_id))))


def told(chat: Fake) -> list[str]:
    """Return the ids of the runs that the chat was told about, in order."""
    return [TOLD.findall(json.loads(body)["text"])[0] for _, body in chat.requests]


@contextmanager
def sending(engine: Engine, chat: Fake, give_up_after: timedelta = DAY) -> Generator[Sender, None, None]:
    """Run a sender."""
    sender = Sender(engine, f"{chat.url}/chat", give_up_after=give_up_after)
    sender.start()
    yield sender
    sender.stop()


def wait_until(is_true: Callable[[], object]) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def all_done(engine: Engine) -> bool:
    """Whether no message waits."""
    return Outbox(engine, 4000).count().waiting == 0


def test_programs_that_start_at_a_time(database_url: str) -> None:
    """Programs that start at the same moment on an empty database all find its tables."""
    together = threading.Barrier(4)

    def start(_: int) -> Counts:
        together.wait()
        engine = open_database(database_url)
        counts = Outbox(engine, 4000).count()
        engine.dispose()
        return counts

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [Counts(waiting=0, given_up=0)] * 4


def test_start_while_another_program_writes(tmp_path: Path) -> None:
    """A program that starts waits for one that writes to a new database of SQLite."""
    url = f"sqlite:///{tmp_path / 'webhook.sqlite3'}"
    with ThreadPoolExecutor(1) as pool, locked(url) as unlock:
        opening = pool.submit(open_database, url)
        time.sleep(0.2)
        assert not opening.done()
        unlock()
        opening.result().dispose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that waits for nothing long."""
    monkeypatch.setattr(outbox, "MAX_WAIT", 0.01)
    monkeypatch.setattr(outbox, "POLL", 0.01)
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.5))


class TestStore:
    """Runs and messages are stored once."""

    def test_runs_and_messages(self, engine: Engine) -> None:
        """Each run is stored with its record; those that need attention leave a message, in the order of the batch."""
        before = datetime.now(timezone.utc)
        batch = [delivery(record(f"run-{n}", status)) for n, status in enumerate(["failed", "success", "failed"])]
        assert store(engine, *batch) == 3
        with engine.connect() as connection:
            stored = connection.execute(select(runs).order_by(runs.c.run_id)).all()
            texts = connection.scalars(select(messages.c.text).order_by(messages.c.id)).all()
        assert [row.run_id for row in stored] == ["run-0", "run-1", "run-2"]
        assert [json.loads(row.record)["id"] for row in stored] == ["run-0", "run-1", "run-2"]
        assert [(row.problems, row.body_digest) for row in stored] == [(None, None)] * 3
        assert texts == [text_of("run-0"), text_of("run-2")]
        for row in stored:
            assert row.received_at.endswith("+00:00")
            assert before <= datetime.fromisoformat(row.received_at) <= datetime.now(timezone.utc)

    def test_replay(self, engine: Engine) -> None:
        """A run that was stored is not stored again, in whatever batch and under whatever event id it comes."""
        first, second = record("run-1"), record("run-2")
        assert store(engine, delivery(first)) == 1
        assert store(engine, delivery(second), delivery(first)) == 1
        assert store(engine, delivery(first, "another"), delivery(second, "another"), delivery(second)) == 0
        assert Outbox(engine, 4000).count() == Counts(waiting=2, given_up=0)

    def test_replay_at_the_same_time(self, engine: Engine) -> None:
        """When batches with the same runs come at the same time, in any order, each run is stored once."""
        batch = [delivery(record(f"run-{n}")) for n in range(50)]
        counts: list[int] = []

        def replay(step: int) -> None:
            counts.append(store(engine, *batch[::step]))

        threads = [threading.Thread(target=replay, args=[step]) for step in (1, -1) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(counts), sum(counts)) == (8, 50)
        assert Outbox(engine, 4000).count().waiting == 50

    def test_later_states(self, engine: Engine) -> None:
        """Another state of a run that was stored is new."""
        assert store(engine, delivery(record("run-1", "inProgress", updatedAt=1700000000000))) == 1
        assert store(engine, delivery(record("run-1", "failed", updatedAt=1700000001000))) == 1
        assert Outbox(engine, 4000).count().waiting == 1

    def test_broken_runs(self, engine: Engine) -> None:
        """A broken run is stored as far as it can be read, with its problems and the body that it came in, and told."""
        broken, hopeless = record("run-1", createdAt=True), record("run-2", flowId=None)
        assert store(engine, delivery(broken), delivery(hopeless)) == 2
        body = json.dumps([delivery(broken), delivery(hopeless)]).encode()
        with engine.connect() as connection:
            stored = connection.execute(select(runs).order_by(runs.c.run_id.is_(None))).all()
            (kept,) = connection.execute(select(bodies)).all()
            texts = connection.scalars(select(messages.c.text).order_by(messages.c.id)).all()
        assert [(row.run_id, row.record is not None, row.problems, row.body_digest) for row in stored] == [
            (
                "run-1",
                True,
                CREATED_AT,
                kept.digest,
            ),
            (
                None,
                False,
                FLOW_ID,
                kept.digest,
            ),
        ]
        assert kept.body == body
        advice = "cannot be read: see table `runs`, key"
        assert texts == [
            f"{text_of('run-1')}\n\nOther values of this run {advice} `{stored[0].key}`.",
            f"A flow run notification {advice} `{stored[1].key}`.",
        ]

    def test_replay_of_broken_runs(self, engine: Engine) -> None:
        """A broken run is told once, also when it comes in another batch, or without an event id."""
        broken, hopeless = delivery(record("run-1", createdAt=True)), delivery(record("run-2", flowId=None))
        assert store(engine, broken, hopeless) == 2
        assert store(engine, hopeless, broken) == 0
        del hopeless["event_id"]
        assert store(engine, hopeless) == 1
        assert store(engine, hopeless) == 0
        assert store(engine, hopeless, hopeless) == 2
        assert Outbox(engine, 4000).count().waiting == 5

    def test_null_characters(self, engine: Engine) -> None:
        """A character that PostgreSQL cannot store costs no run."""
        assert store(engine, delivery(record("run\0-1", flowName="a\0b"))) == 1
        with engine.connect() as connection:
            (row,) = connection.execute(select(runs)).all()
        assert row.run_id == "run-1"
        assert json.loads(row.record)["id"] == "run\0-1"

    def test_all_or_nothing(self, engine: Engine) -> None:
        """A run whose message cannot be stored is not stored either, and the error holds no value."""
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE messages RENAME TO away"))
        with pytest.raises(SQLAlchemyError) as caught:
            store(engine, delivery(record("run-secret")))
        assert "run-secret" not in str(caught.value)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO messages"))
        assert store(engine, delivery(record("run-secret"))) == 1

    def test_long_messages(self, engine: Engine) -> None:
        """A message that the chat would not take is stored in parts."""
        assert store(engine, delivery(record("run-1")), limit=20) == 1
        with engine.connect() as connection:
            parts = connection.scalars(select(messages.c.text).order_by(messages.c.id)).all()
        assert parts == split(text_of("run-1"), 20)
        assert len(parts) > 1

    def test_open_reader(self, engine: Engine) -> None:
        """Somebody who reads the database does not keep runs from being stored, nor messages from being noted."""
        store(engine, delivery(record("run-1")))
        with engine.connect() as reader, reader.begin():
            reader.execute(text("BEGIN" if engine.dialect.name == "sqlite" else "SELECT 1"))
            assert len(reader.execute(select(runs)).all()) == 1
            assert store(engine, delivery(record("run-2"))) == 1
            assert len(reader.execute(select(runs)).all()) in {1, 2}

    def test_busy_database(self, engine: Engine, database_url: str) -> None:
        """While somebody else writes, storing waits."""
        with locked(database_url) as release:
            timer = threading.Timer(0.5, release)
            timer.start()
            assert store(engine, delivery(record("run-1"))) == 1
            timer.join()

    def test_database_that_stays_busy(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """While somebody else writes for longer than Adobe waits for an answer, storing fails."""
        monkeypatch.setattr(outbox, "BUSY_TIMEOUT", 1)
        engine = open_database(database_url)
        with locked(database_url), pytest.raises(SQLAlchemyError):
            store(engine, delivery(record("run-1")))
        assert store(engine, delivery(record("run-1"))) == 1
        engine.dispose()


@contextmanager
def locked(database_url: str) -> Generator[Callable[[], None], None, None]:
    """Keep others from writing until the yielded function is called."""
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    connection = engine.connect()
    if engine.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("LOCK TABLE runs, messages")
    try:
        yield connection.rollback
    finally:
        connection.close()
        engine.dispose()


@pytest.mark.usefixtures("impatient")
class TestSender:
    """How messages are sent: in order, and until the chat takes them."""

    def test_order(self, engine: Engine, chat: Fake) -> None:
        """Messages are sent in the order in which they were stored, each once."""
        store(engine, delivery(record("run-1")), delivery(record("run-2")))
        store(engine, delivery(record("run-3")))
        with sending(engine, chat) as sender:
            wait_until(lambda: all_done(engine))
            store(engine, delivery(record("run-4")))
            sender.wake()
            wait_until(lambda: all_done(engine))
        assert told(chat) == ["run-1", "run-2", "run-3", "run-4"]
        with engine.connect() as connection:
            rows = connection.execute(select(messages)).all()
        for row in rows:
            assert row.created_at < row.sent_at
            assert row.sent_at.endswith("+00:00")
            assert (row.given_up_at, row.problem) == (None, None)

    def test_messages_of_other_processes(self, sqlite_engine: Engine, chat: Fake) -> None:
        """A sender that nobody wakes finds messages by itself."""
        with sending(sqlite_engine, chat):
            store(sqlite_engine, delivery(record("run-1")))
            wait_until(lambda: all_done(sqlite_engine))
        assert told(chat) == ["run-1"]

    @pytest.mark.parametrize("status", [302, 401, 403, 404, 429, 500, 503])
    def test_chat_that_is_down(
        self, sqlite_engine: Engine, chat: Fake, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        """While the chat does not work the oldest message is tried again and no other; then all are sent, in order."""
        store(sqlite_engine, delivery(record("run-1")), delivery(record("run-2")))
        chat.answers["/chat"] = (status, b"")
        with sending(sqlite_engine, chat):
            wait_until(lambda: len(chat.requests) >= 3)
            assert set(told(chat)) == {"run-1"}
            assert Outbox(sqlite_engine, 4000).count() == Counts(waiting=2, given_up=0)
            chat.answers["/chat"] = (200, b"ok")
            wait_until(lambda: all_done(sqlite_engine))
        assert told(chat)[-2:] == ["run-1", "run-2"]
        assert set(told(chat)[:-2]) == {"run-1"}
        retries = [entry for entry in caplog.records if entry.message == "trying again"]
        assert len(retries) == len(chat.requests) - 2
        assert {vars(entry)["problem"] for entry in retries} == {f"the chat answers {status}"}
        assert [vars(entry)["attempt"] for entry in retries] == list(range(1, len(retries) + 1))

    def test_chat_that_cannot_be_reached(self, sqlite_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
        """A chat that refuses connections is tried again, and its URL is not logged."""
        store(sqlite_engine, delivery(record("run-1")))
        with serve({}) as chat:
            pass
        with sending(sqlite_engine, chat):
            wait_until(lambda: "trying again" in caplog.messages)
        assert vars(caplog.records[0])["problem"] == "ConnectError"
        assert chat.url not in caplog.text

    def test_chat_that_hangs(
        self, sqlite_engine: Engine, chat: Fake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A chat that does not answer is tried again."""
        monkeypatch.setattr(outbox, "CHAT_TIMEOUT", 0.2)
        store(sqlite_engine, delivery(record("run-1")))
        chat.is_open.clear()
        with sending(sqlite_engine, chat):
            wait_until(lambda: len(chat.requests) >= 2)
            chat.is_open.set()
            wait_until(lambda: all_done(sqlite_engine))
        assert vars(caplog.records[0])["problem"] == "ReadTimeout"

    def test_retry_after(self, sqlite_engine: Engine, chat: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
        """A chat that says when to try again is not asked before."""
        monkeypatch.setattr(outbox, "MAX_WAIT", 0)
        store(sqlite_engine, delivery(record("run-1")))
        chat.answers["/chat"], chat.headers = (429, b""), {"retry-after": "1"}
        with sending(sqlite_engine, chat):
            wait_until(lambda: chat.requests)
            start = time.monotonic()
            chat.answers["/chat"] = (200, b"ok")
            wait_until(lambda: all_done(sqlite_engine))
        assert len(chat.requests) == 2
        assert time.monotonic() - start > 0.9

    @pytest.mark.parametrize("status", [400, 413, 422])
    def test_message_that_the_chat_refuses(
        self, sqlite_engine: Engine, chat: Fake, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A message that the chat will never take is given up at once and visibly, and the next is sent."""
        store(sqlite_engine, delivery(record("run-1")), delivery(record("run-2")))
        chat.script = [(status, b"")]
        with sending(sqlite_engine, chat):
            wait_until(lambda: all_done(sqlite_engine))
        assert told(chat) == ["run-1", "run-2"]
        assert Outbox(sqlite_engine, 4000).count() == Counts(waiting=0, given_up=1)
        with sqlite_engine.connect() as connection:
            first, second = connection.execute(select(messages).order_by(messages.c.id)).all()
        assert (first.sent_at, first.problem) == (None, f"the chat answers {status}")
        assert first.created_at < first.given_up_at
        assert (second.given_up_at, second.problem) == (None, None)
        (entry,) = caplog.records
        assert (entry.levelno, entry.message) == (logging.ERROR, "gave up on a message")
        assert (vars(entry)["message_id"], vars(entry)["problem"]) == (first.id, first.problem)

    def test_message_that_is_too_old(self, sqlite_engine: Engine, chat: Fake, caplog: pytest.LogCaptureFixture) -> None:
        """A message that the chat did not take for so long is given up; a younger one is tried again."""
        store(sqlite_engine, delivery(record("run-1")), delivery(record("run-2")))
        with sqlite_engine.begin() as connection:
            old = update(messages).where(messages.c.id == 1).values(created_at=outbox.utc(-timedelta(hours=1)))
            connection.execute(old)
        chat.answers["/chat"] = (503, b"")
        with sending(sqlite_engine, chat, give_up_after=timedelta(minutes=59)):
            wait_until(lambda: len(chat.requests) >= 3)
            assert Outbox(sqlite_engine, 4000).count() == Counts(waiting=1, given_up=1)
        assert told(chat)[0] == "run-1"
        assert set(told(chat)[1:]) == {"run-2"}
        assert caplog.messages[0] == "gave up on a message"

    def test_message_that_is_sent_again(self, sqlite_engine: Engine, chat: Fake) -> None:
        """A message that was given up is sent when its times are reset, as the README says."""
        store(sqlite_engine, delivery(record("run-1")))
        chat.script = [(400, b"")]
        with sending(sqlite_engine, chat) as sender:
            wait_until(lambda: all_done(sqlite_engine))
            with sqlite_engine.begin() as connection:
                connection.execute(update(messages).values(created_at=outbox.utc(), given_up_at=None))
            sender.wake()
            wait_until(lambda: all_done(sqlite_engine))
        assert told(chat) == ["run-1", "run-1"]

    def test_old_message_that_the_chat_takes(self, sqlite_engine: Engine, chat: Fake) -> None:
        """A message is tried before it is given up, however old it is."""
        store(sqlite_engine, delivery(record("run-1")))
        with sending(sqlite_engine, chat, give_up_after=timedelta(0)):
            wait_until(lambda: all_done(sqlite_engine))
        assert Outbox(sqlite_engine, 4000).count() == Counts(waiting=0, given_up=0)

    def test_busy_database_after_sending(
        self, database_url: str, chat: Fake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A message that the chat took is not sent again because the database is busy when that is noted."""
        monkeypatch.setattr(outbox, "BUSY_TIMEOUT", 1)
        engine = open_database(database_url)
        store(engine, delivery(record("run-1")))
        chat.is_open.clear()
        with sending(engine, chat):
            wait_until(lambda: chat.requests)
            with locked(database_url):
                chat.is_open.set()
                wait_until(lambda: "trying again" in caplog.messages)
            wait_until(lambda: all_done(engine))
        assert told(chat) == ["run-1"]
        engine.dispose()

    def test_database_that_goes_away(self, engine: Engine, chat: Fake) -> None:
        """A sender whose database is away goes on when it is back."""
        with sending(engine, chat) as sender:
            with engine.begin() as connection:
                connection.execute(text("ALTER TABLE messages RENAME TO away"))
            time.sleep(0.1)
            with engine.begin() as connection:
                connection.execute(text("ALTER TABLE away RENAME TO messages"))
            store(engine, delivery(record("run-1")))
            wait_until(lambda: all_done(engine))
            assert sender.is_alive
        assert told(chat) == ["run-1"]

    def test_several_senders(self, engine: Engine, chat: Fake) -> None:
        """When several programs share a database, one sends at a time: each message is sent once, and in order."""
        names = [f"run-{n}" for n in range(30)]
        store(engine, *[delivery(record(name)) for name in names])
        with sending(engine, chat), sending(engine, chat), sending(engine, chat):
            wait_until(lambda: all_done(engine))
        assert told(chat) == names

    def test_sender_that_dies(self, engine: Engine, chat: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
        """While another sender holds the lease nothing is sent; when it is over, another sends."""
        monkeypatch.setattr(outbox, "LEASE", timedelta(minutes=5))
        store(engine, delivery(record("run-1")))
        with engine.begin() as connection:
            connection.execute(update(senders).values(name="another", until=outbox.utc(timedelta(minutes=5))))
        with sending(engine, chat) as sender:
            assert sender.send_next() is False
            assert chat.requests == []
            with engine.begin() as connection:
                connection.execute(update(senders).values(until=outbox.utc()))
            wait_until(lambda: all_done(engine))
            with engine.connect() as connection:
                (lease,) = connection.execute(select(senders)).all()
            assert lease.name != "another"
            assert lease.until > outbox.utc(timedelta(minutes=4))
        with engine.connect() as connection:
            assert connection.scalar(select(senders.c.until)) == ""
        assert told(chat) == ["run-1"]

    def test_stopping(self, sqlite_engine: Engine, chat: Fake) -> None:
        """A sender that is told to stop finishes the message that it sends, and sends no other."""
        store(sqlite_engine, delivery(record("run-1")), delivery(record("run-2")))
        chat.is_open.clear()
        with sending(sqlite_engine, chat) as sender:
            wait_until(lambda: chat.requests)
            threading.Timer(0.2, chat.is_open.set).start()
            sender.stop()
            assert not sender.is_alive
        assert told(chat) == ["run-1"]
        assert Outbox(sqlite_engine, 4000).count() == Counts(waiting=1, given_up=0)

    def test_stopping_while_the_chat_is_down(
        self, sqlite_engine: Engine, chat: Fake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A sender that is told to stop does not wait for its next attempt."""
        store(sqlite_engine, delivery(record("run-1")))
        monkeypatch.setattr(outbox, "MAX_RETRY_AFTER", 10**6)
        chat.answers["/chat"], chat.headers = (503, b""), {"retry-after": "1000000"}
        with sending(sqlite_engine, chat) as sender:
            wait_until(lambda: chat.requests)
            sender.stop()
            assert not sender.is_alive
        assert len(chat.requests) == 1


def test_same_runs_in_another_order(postgresql: str) -> None:
    """Transactions that store the same runs in different orders wait for each other, and not both."""
    engine = open_database(postgresql)
    rows = {key: {"key": key, "received_at": outbox.utc()} for key in "ab"}
    is_waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with ThreadPoolExecutor(1) as pool, engine.connect() as watching, engine.begin() as first:
        watching.execution_options(isolation_level="AUTOCOMMIT")
        assert insert_new(first, runs, [rows["a"]]) == {"a"}

        def insert_both() -> set[object]:
            with engine.begin() as second:
                return insert_new(second, runs, [rows["b"], rows["a"]])

        both = pool.submit(insert_both)
        wait_until(lambda: watching.scalar(is_waiting))
        assert insert_new(first, runs, [rows["b"]]) == {"b"}
        first.commit()
        assert both.result() == set()
    engine.dispose()


def test_lost_connections(postgresql: str) -> None:
    """Connections that PostgreSQL has ended are replaced."""
    engine = open_database(postgresql)
    store(engine, delivery(record("run-1")))
    killer = create_engine(engine.url)
    with killer.connect() as connection:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    killer.dispose()
    assert store(engine, delivery(record("run-2"))) == 1
    engine.dispose()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("7", 7), ("-7", 0), ("soon", 0), ("²", 0), ("1" * 30, 3600), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)
def test_retry_after_headers(header: str, seconds: float) -> None:
    """A `Retry-After` header holds seconds or a date; what else it holds, and more than an hour, is not waited for."""
    assert outbox.seconds_to_wait(header) == seconds


def test_retry_after_dates() -> None:
    """A date is as many seconds away as it is from now."""
    date = datetime.now(timezone.utc) + timedelta(seconds=100)
    assert 98 < outbox.seconds_to_wait(format_datetime(date, usegmt=True)) <= 100
    assert outbox.seconds_to_wait("Thu, 01 Jan 2099 00:00:00 GMT") == 3600
    assert outbox.seconds_to_wait("Thu, 01 Jan 2099 00:00:00 -0000") == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("abc", ["abc"]),
        ("abcde", ["abcde"]),
        ("abcdef", ["abcde", "f"]),
        ("abcde\nf", ["abcde", "f"]),
        ("abc\ndef", ["abc", "def"]),
        ("a\nb\nc\nd", ["a\nb\nc", "d"]),
        ("\nabcdef", ["\nabcd", "ef"]),
        ("a\n\nbcdef", ["a\n", "bcdef"]),
        ("abcdefghijk", ["abcde", "fghij", "k"]),
    ],
)
def test_split(text: str, parts: list[str]) -> None:
    """A text is cut at ends of lines where that is possible, and no part is longer than the limit."""
    assert split(text, 5) == parts
