"""What every test may ask for: a migrated database of either kind."""

import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
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
from tests.foreign.node import NO_NODE
from tests.operator import Command, Said

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


@pytest.fixture
def sqlite_databases(tmp_path: Path, sqlite_templates: Path) -> SqliteDatabases:
    return SqliteDatabases(tmp_path, sqlite_templates)


@pytest.fixture
def postgres_databases(postgres_server: PostgresServer) -> PostgresDatabases:
    """For what only PostgreSQL does; such a test is marked `postgres`."""
    return PostgresDatabases(postgres_server)


@pytest.fixture(params=BOTH_KINDS)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Both kinds, one after the other: a test that asks for a database runs twice."""
    chosen: Databases = request.getfixturevalue(f"{request.param}_databases")
    return chosen


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


@pytest.fixture
def vouchsafe(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Runs the command as its entry point does: `vouchsafe(folder, "audit", "verify", DEMO="1")`."""
    umask = os.umask(0o077)

    def run(folder: Path, *arguments: str, **settings: str) -> Said:
        for name, value in {"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1", **settings}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["vouchsafe", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(ended.value.code if isinstance(ended.value.code, int) else 0, said.out, said.err)

    yield run
    os.umask(umask)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None, None, None]:
    """Tests that went without PostgreSQL or Node are not passed over in silence: the last word of the run."""
    yield
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    for missing, title in (
        (NO_POSTGRES, "NOT TESTED ON POSTGRESQL"),
        (NO_NODE, "NOT TESTED WITH TUS-JS-CLIENT"),
    ):
        without = [reason for reason in reasons if missing in reason]
        if without:
            terminalreporter.section(title, red=True)
            terminalreporter.line(f"{len(without)} tests did not run: {without[0]}")
