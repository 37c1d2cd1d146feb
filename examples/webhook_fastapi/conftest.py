"""Databases for the tests: SQLite files, and databases of a PostgreSQL server that the tests start themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from throwaway_postgresql import run_postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    with run_postgresql() as url:
        yield url


@pytest.fixture
def postgresql(postgresql_server: str) -> Iterator[str]:
    """The URL of an empty database of PostgreSQL. A new one would take much longer."""
    yield postgresql_server
    execute(postgresql_server, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'webhook.sqlite3'}"
    url: str = request.getfixturevalue("postgresql")
    return url


@pytest.fixture(scope="module")
def another_postgresql(postgresql_server: str) -> Iterator[str]:
    """The URL of another database of PostgreSQL, for all tests of a module."""
    execute(postgresql_server, "CREATE DATABASE another")
    yield postgresql_server.replace("/postgres?", "/another?")
    execute(postgresql_server, "DROP DATABASE another WITH (FORCE)")


def execute(url: str, *statements: str) -> None:
    """Execute statements in a database."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
