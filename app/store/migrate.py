"""Brings a database to the schema of this version; nothing else ever makes or changes a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from app.domain.errors import Unavailable, Unusable
from app.store import (
    cases,
    jobs,
    keys,
    late,
    log,
    people,
    records,
    returning,
    schema,
    sessions,
    stories,
    trust,
    uploads,
)
from app.store.database import Database

FOLDER: Final = Path(__file__).resolve().parents[2] / "migrations"
"""Beside the package: the product runs from its checkout."""

TABLE_MODULES: Final = (cases, jobs, keys, late, log, people, records, returning, stories, trust, uploads)
"""All that join the main metadata; importing them is what counts."""

_ONE_AT_A_TIME: Final = 0x766F756368
"""An advisory lock of PostgreSQL: two servers that start together take turns."""


@dataclass(frozen=True)
class History:
    """A line of revisions under `migrations/`, and the tables it makes."""

    folder: str
    metadata: sa.MetaData
    version_table: str

    def options(self) -> dict[str, Any]:
        """What Alembic is told in every `env.py`, and where models and database are compared."""
        return {
            "target_metadata": self.metadata,
            "version_table": self.version_table,
            "include_name": self._includes,
            "render_as_batch": True,
            "compare_server_default": True,
        }

    def _includes(self, name: str | None, kind: str, _parents: object) -> bool:
        """On PostgreSQL both histories share a database; each looks at its own tables only."""
        other = SESSIONS if self is MAIN else MAIN
        return kind != "table" or name not in {*other.metadata.tables, other.version_table}


MAIN: Final = History("main", schema.metadata, "main_revision")
SESSIONS: Final = History("sessions", sessions.metadata, "sessions_revision")


def upgrade_main(database: Database) -> None:
    """All revisions of the main database, in one transaction.

    Raises:
        Unusable: a newer version of the program has changed this database.
        Unavailable: the database is gone, full or locked.
    """
    upgrade(database, MAIN)


def upgrade_sessions(database: Database) -> None:
    """All revisions of the session store, in one transaction; raises as `upgrade_main`."""
    upgrade(database, SESSIONS)


def upgrade(database: Database, history: History, to: str = "head") -> None:
    """Up to a revision; raises as `upgrade_main`."""
    with _migrating(database, history) as config:
        command.upgrade(config, to)


def downgrade(database: Database, history: History, to: str = "base") -> None:
    """Down to a revision; raises as `upgrade_main`."""
    with _migrating(database, history) as config:
        command.downgrade(config, to)


def is_current(database: Database, history: History = MAIN) -> bool:
    """Whether the schema is exactly this version's.

    Raises:
        Unavailable: the database does not answer.
    """
    head = ScriptDirectory.from_config(configuration(history)).get_current_head()
    try:
        with database.reading() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": history.version_table})
            return context.get_current_revision() == head
    except DBAPIError as error:
        raise Unavailable("database") from error


def configuration(history: History) -> Config:
    """Alembic's settings, made here: no file, and no hand on anybody's logging.

    Raises:
        Unusable: the migrations are not beside the package.
    """
    folder = FOLDER / history.folder
    if not folder.is_dir():
        raise Unusable(f"There is no {folder}. Run from a checkout installed with `make install`.")
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def run_revisions(context: EnvironmentContext, connection: sa.Connection, history: History) -> None:
    """The body of each `env.py`."""
    context.configure(connection=connection, **history.options())
    with context.begin_transaction():
        context.run_migrations()


@contextmanager
def _migrating(database: Database, history: History) -> Iterator[Config]:
    config = configuration(history)
    try:
        with database.writing() as connection:
            if not database.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
            config.attributes["connection"] = connection
            yield config
    except CommandError as error:
        raise Unusable(
            "A newer version of the program has changed this database. Install that version."
        ) from error
    except DBAPIError as error:
        raise Unavailable("database") from error
