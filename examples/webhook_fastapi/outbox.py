"""Runs and the messages about them, stored in one transaction, and a thread that sends the messages to a chat.

Each state of a run is stored once, and so are its messages. The sender takes the oldest message, posts it, and notes
that it was sent. It tries again until the chat takes the message. So a message is posted twice only if the program dies
between the chat's answer and the note.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx2
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    func,
    make_url,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateIndex, CreateTable
from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_exception,
    wait_fixed,
    wait_random_exponential,
)

from announcements import read_received
from flowrun_notifications import ParseResult

BUSY_TIMEOUT = 4  # seconds to wait for the database; Adobe waits 10 for an answer
START_TIMEOUT = 30  # seconds to wait for other programs that start at the same time
CHAT_TIMEOUT = 5  # seconds
LEASE = timedelta(seconds=30)  # longer than it takes to post one message
POLL = 1.0  # seconds until the sender looks for messages that another process has stored
MAX_WAIT = 60.0  # seconds between two attempts, on top of what the chat asks for
MAX_RETRY_AFTER = 60 * 60  # seconds
MESSAGE_REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}

logger = logging.getLogger("outbox")

# Times are ISO 8601 text in UTC, which sorts and reads the same in every database.
metadata = MetaData()
runs = Table(
    "runs",
    metadata,
    Column("key", String, primary_key=True),
    Column("received_at", String, nullable=False),
    Column("run_id", String, index=True),
    Column("record", Text),
    Column("problems", Text),
    Column("body_digest", String),
)
bodies = Table(
    "bodies",  # those that hold a run that cannot be read in full
    metadata,
    Column("digest", String, primary_key=True),
    Column("received_at", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("sent_at", String),
    Column("given_up_at", String),
    Column("problem", String),
)
senders = Table(
    "senders",  # one row: who sends, so that the messages stay in order and are sent once where several programs run
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("until", String, nullable=False),
)
WAITING = messages.c.sent_at.is_(None) & messages.c.given_up_at.is_(None)


def utc(offset: timedelta = timedelta()) -> str:
    """Return the time as text."""
    return (datetime.now(timezone.utc) + offset).isoformat(timespec="microseconds")


def open_database(url: str) -> Engine:
    """Connect to SQLite or PostgreSQL, and create the tables that are missing."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT})

        @event.listens_for(engine, "connect")
        def _(connection: Any, _record: object) -> None:
            # Then readers do not block writers. SQLite does not wait for a writer here, whatever the timeout.
            retry = retry_if_exception_type(sqlite3.OperationalError)
            wait, stop = wait_fixed(0.05), stop_after_delay(BUSY_TIMEOUT)
            Retrying(retry=retry, wait=wait, stop=stop, reraise=True)(connection.execute, "PRAGMA journal_mode = WAL")

    else:
        options = {"connect_timeout": BUSY_TIMEOUT, "options": f"-c statement_timeout={BUSY_TIMEOUT}s"}
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_timeout=BUSY_TIMEOUT,
            connect_args=options,
        )
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Several programs may start at a time, and IF NOT EXISTS alone does not keep them apart.
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{START_TIMEOUT}s'")
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("outbox"))))
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
        insert_new(connection, senders, [{"id": 1, "name": "", "until": ""}])
    return engine


def insert_new(connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> set[object]:
    """Insert the rows whose primary key is new, and return the new keys."""
    (key,) = table.primary_key
    # In the same order in every transaction: PostgreSQL ends two that wait for each other.
    ordered = sorted(rows, key=lambda row: str(row[key.name]))
    if not ordered:
        return set()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return set(connection.scalars(insert(table).on_conflict_do_nothing().returning(key), ordered))


class Counts(NamedTuple):
    """The state of the messages."""

    waiting: int
    given_up: int


class Outbox:
    """The store of runs, and of messages about them that wait to be sent.

    Args:
        engine: The database.
        message_limit: Characters that the chat takes in one message.
    """

    def __init__(self, engine: Engine, message_limit: int) -> None:
        self._engine = engine
        self._message_limit = message_limit

    def store(self, body: bytes, result: ParseResult) -> int:
        """Store the runs that are new, with the messages about them, and return how many are new.

        Raises:
            SQLAlchemyError: Nothing was stored.
        """
        now, digest = utc(), hashlib.sha256(body).hexdigest()
        received = {one.key: one for one in read_received(result, digest)}
        rows = [
            {
                "key": one.key,
                "received_at": now,
                "run_id": one.run and storable(one.run.id),
                "record": one.run and one.run.model_dump_json(),
                "problems": one.problems and storable(one.problems),
                "body_digest": one.problems and digest,
            }
            for one in received.values()
        ]
        with self._engine.begin() as connection:
            new_keys = insert_new(connection, runs, rows)
            new = [one for key, one in received.items() if key in new_keys]
            if any(one.problems for one in new):
                insert_new(connection, bodies, [{"digest": digest, "received_at": now, "body": body}])
            texts = [storable(text) for one in new for text in one.messages(self._message_limit)]
            if texts:
                connection.execute(messages.insert(), [{"created_at": now, "text": text} for text in texts])
        return len(new)

    def count(self) -> Counts:
        """Count the messages that wait, and those that were given up."""
        given_up = messages.c.given_up_at.is_not(None)
        with self._engine.connect() as connection:
            row = connection.execute(
                select(func.count().filter(WAITING), func.count().filter(given_up)).select_from(messages)
            ).one()
        return Counts(*row)


def storable(text: str) -> str:
    """Return a text without the character that PostgreSQL cannot store."""
    return text.replace("\0", "")


class ChatUnavailableError(Exception):
    """The chat does not take a message now, but may take it later."""

    def __init__(self, problem: str, retry_after: float = 0) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class Sender:
    """A thread that sends the messages to the chat, one at a time and in order.

    Args:
        engine: The database.
        chat_url: Where `{"text": "…"}` is posted. It is a secret, and is never logged.
        give_up_after: The age at which a message that the chat does not take is given up.
    """

    def __init__(self, engine: Engine, chat_url: str, *, give_up_after: timedelta) -> None:
        self._engine = engine
        self._chat_url = chat_url
        self._give_up_after = give_up_after
        self._name = uuid.uuid4().hex
        self._client = httpx2.Client(timeout=CHAT_TIMEOUT)
        self._thread: threading.Thread | None = None
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._retry = Retrying(
            retry=retry_if_exception_type((ChatUnavailableError, SQLAlchemyError)),
            wait=wait_random_exponential(max=MAX_WAIT) + wait_exception(_retry_after),
            stop=stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            before_sleep=_log_retry,
        )

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="sender")
        self._thread.start()

    def wake(self) -> None:
        """Say that there are new messages."""
        self._news.set()

    def stop(self) -> None:
        """Finish the message that is being sent, and end."""
        self._stopping.set()
        self._news.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        with suppress(RetryError):
            while not self._stopping.is_set():
                self._news.clear()
                if not self._retry(self.send_next):
                    self._news.wait(POLL)
        with suppress(SQLAlchemyError):
            self._release()

    def send_next(self) -> bool:
        """Send the oldest message that waits, and return whether there was one.

        Raises:
            ChatUnavailableError: It waits still.
        """
        message = None if self._stopping.is_set() else self._take()
        if message is None:
            return False
        refused, retry_after = False, 0.0
        try:
            response = self._client.post(self._chat_url, json={"text": message.text})
        except httpx2.HTTPError as error:
            problem = type(error).__name__
        else:
            if response.is_success:
                self._note(message.id, sent_at=utc())
                return True
            problem = f"the chat answers {response.status_code}"
            refused = response.status_code in MESSAGE_REFUSED
            retry_after = seconds_to_wait(response.headers.get("retry-after", ""))
        if not refused and utc(-self._give_up_after) < message.created_at:
            raise ChatUnavailableError(problem, retry_after)
        self._note(message.id, given_up_at=utc(), problem=problem)
        logger.error("gave up on a message", extra={"message_id": message.id, "problem": problem})
        return True

    def _take(self) -> Any:
        """Return the oldest message that waits, if no other sender is at work."""
        oldest = select(messages).where(WAITING).order_by(messages.c.id).limit(1)
        with self._engine.connect() as connection:
            if connection.execute(oldest).first() is None:
                return None
        is_free = (senders.c.name == self._name) | (senders.c.until < utc())
        with self._engine.begin() as connection:
            lease = update(senders).where(is_free).values(name=self._name, until=utc(LEASE))
            return connection.execute(oldest).first() if connection.execute(lease).rowcount else None

    def _note(self, message_id: int, **values: str) -> None:
        """Note what became of a message, however long the database is busy: it must not be sent again."""

        def note() -> None:
            with self._engine.begin() as connection:
                connection.execute(update(messages).where(messages.c.id == message_id).values(values))

        self._retry.copy()(note)

    def _release(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(senders).where(senders.c.name == self._name).values(until=""))


def seconds_to_wait(retry_after: str) -> float:
    """Return the seconds that a `Retry-After` header asks for: it holds a number or a date."""
    seconds = 0.0
    if retry_after.isdecimal():
        seconds = float(retry_after)
    else:
        with suppress(ValueError, TypeError):
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(timezone.utc)).total_seconds()
    return min(max(seconds, 0), MAX_RETRY_AFTER)


def _retry_after(error: BaseException) -> float:
    return error.retry_after if isinstance(error, ChatUnavailableError) else 0


def _log_retry(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    problem = str(error) if isinstance(error, ChatUnavailableError) else type(error).__name__
    extra = {"problem": problem, "attempt": state.attempt_number, "next_in": round(state.upcoming_sleep, 1)}
    logger.warning("trying again", extra=extra)
