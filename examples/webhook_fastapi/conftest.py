"""Databases for the tests: SQLite files, and databases of a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from outbox import open_database
from throwaway_postgresql import run_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    with run_postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'webhook.sqlite3'}"
    return new_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def postgresql_engine(postgresql: str) -> Iterator[Engine]:
    """A database of PostgreSQL with the tables."""
    engine = open_database(new_database(postgresql))
    yield engine
    engine.dispose()


def new_database(server: str) -> str:
    """Create a database of a PostgreSQL server, and return its URL."""
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")
