"""What every test may ask for: a migrated database of either kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.store.database import Database
from tests.databases import (
    NO_POSTGRES,
    Databases,
    NoPostgresError,
    PostgresDatabases,
    PostgresServer,
    SqliteDatabases,
    make_sqlite_templates,
)

BOTH_KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sqlite_templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer.start()
    except NoPostgresError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(params=BOTH_KINDS)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Both kinds, one after the other: a test that asks for a database runs twice."""
    if request.param == "postgres":
        return PostgresDatabases(request.getfixturevalue("postgres_server"))
    return sqlite_databases(request)


def sqlite_databases(request: pytest.FixtureRequest) -> SqliteDatabases:
    return SqliteDatabases(
        request.getfixturevalue("tmp_path"), request.getfixturevalue("sqlite_templates")
    )


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """Of the newest schema, empty."""
    opened = Database(databases.migrated())
    yield opened
    opened.close()


@pytest.fixture
def empty_database(databases: Databases) -> Iterator[Database]:
    """Without a single table."""
    opened = Database(databases.empty())
    yield opened
    opened.close()


@pytest.fixture
def session_database(databases: Databases) -> Iterator[Database]:
    """The session store, of the newest schema, empty."""
    opened = Database(databases.migrated_sessions(), durable=False)
    yield opened
    opened.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_POSTGRES in str(report.longrepr)]
    if skipped:
        reason = skipped[0].longrepr[2]
        terminalreporter.section("NOT TESTED ON POSTGRESQL", red=True)
        terminalreporter.line(f"{len(skipped)} tests did not run: {reason}")
