"""The schema is made only by migrations, and they make what the table modules describe, on both databases."""

import importlib
import logging
import multiprocessing
import pkgutil
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import app.store
from app.domain.errors import Unavailable, Unusable
from app.store import schema
from app.store.database import Database
from app.store.migrate import (
    MAIN,
    SESSIONS,
    History,
    configuration,
    downgrade,
    is_current,
    upgrade,
    upgrade_main,
    upgrade_sessions,
)
from tests.databases import Databases, PostgresDatabases
from tests.migrations.rows import fill
from tests.migrations.shape import shape_of

REVISIONS = [
    pytest.param(history, revision.revision, id=f"{history.folder}-{revision.revision}")
    for history in (MAIN, SESSIONS)
    for revision in ScriptDirectory.from_config(configuration(history)).walk_revisions()
]
HISTORIES = [pytest.param(history, id=history.folder) for history in (MAIN, SESSIONS)]


def tables_in(database: Database, history: History) -> sa.MetaData:
    """The tables as they are in the database now, whatever the models say."""
    found = sa.MetaData()
    with database.engine.connect() as connection:
        found.reflect(connection, only=lambda name, _: history.options()["include_name"](name, "table", {}))
    if history.version_table in found.tables:
        found.remove(found.tables[history.version_table])
    return found


def start_server(url: str) -> None:
    with closing(Database(url)) as database:
        upgrade_main(database)


@pytest.mark.parametrize(("history", "revision"), REVISIONS)
def test_every_revision_goes_up_and_down_with_data(
    empty_database: Database, history: History, revision: str
) -> None:
    upgrade(empty_database, history, revision)
    with empty_database.writing() as connection:
        fill(connection, tables_in(empty_database, history))
    upgrade(empty_database, history)
    downgrade(empty_database, history, revision)
    filled = tables_in(empty_database, history)
    assert filled.tables
    with empty_database.reading() as connection:
        for table in filled.sorted_tables:
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 1, table.name
    downgrade(empty_database, history, f"{revision}-1" if revision != "0001" else "base")
    upgrade(empty_database, history)
    assert is_current(empty_database, history)


@pytest.mark.parametrize("history", HISTORIES)
def test_going_all_the_way_down_leaves_no_table(empty_database: Database, history: History) -> None:
    upgrade(empty_database, history)
    downgrade(empty_database, history)
    assert shape_of(empty_database) == {}


@pytest.mark.parametrize("history", HISTORIES)
def test_the_models_are_what_the_newest_revision_makes(empty_database: Database, history: History) -> None:
    upgrade(empty_database, history)
    with empty_database.reading() as connection:
        context = MigrationContext.configure(connection, opts={**history.options(), "compare_type": True})
        difference = produce_migrations(context, history.metadata).upgrade_ops
    assert difference is not None
    assert difference.is_empty(), (
        "models differ from head; see migrations/alembic.ini for how to write a revision that does:\n"
        + render_python_code(difference)
    )


@pytest.mark.parametrize("history", HISTORIES)
def test_names_keys_and_constraints_are_the_models_too(databases: Databases, history: History) -> None:
    with closing(Database(databases.empty())) as migrated, closing(Database(databases.empty())) as created:
        upgrade(migrated, history)
        with created.writing() as connection:
            history.metadata.create_all(connection)
        assert shape_of(migrated) == shape_of(created)


def test_both_histories_can_share_a_database_without_seeing_each_other(empty_database: Database) -> None:
    upgrade_main(empty_database)
    assert not is_current(empty_database, SESSIONS)
    upgrade_sessions(empty_database)
    assert is_current(empty_database, MAIN)
    assert is_current(empty_database, SESSIONS)
    downgrade(empty_database, SESSIONS)
    assert set(shape_of(empty_database)) == set(MAIN.metadata.tables)


@pytest.mark.postgres
def test_session_tables_are_not_written_to_postgresqls_log(postgres_databases: PostgresDatabases) -> None:
    unlogged = sa.text("SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'")
    with closing(Database(postgres_databases.migrated_sessions())) as shared, shared.reading() as connection:
        assert set(connection.scalars(unlogged)) == set(SESSIONS.metadata.tables)


def test_every_module_with_tables_is_known_to_the_migrations() -> None:
    known = set(schema.metadata.tables)
    for module in pkgutil.iter_modules(app.store.__path__, "app.store."):
        importlib.import_module(module.name)
    assert set(schema.metadata.tables) == known


def test_a_database_without_tables_is_not_current(empty_database: Database) -> None:
    assert not is_current(empty_database)
    upgrade_main(empty_database)
    assert is_current(empty_database)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = shape_of(database)
    upgrade_main(database)
    assert shape_of(database) == before


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE {MAIN.version_table} SET version_num = '9999'")
    assert not is_current(database)
    with pytest.raises(Unusable, match="newer version"):
        upgrade_main(database)


def test_a_failing_revision_leaves_nothing_behind(empty_database: Database) -> None:
    with empty_database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE log_head (stranger INTEGER)")
    with pytest.raises(Unavailable):
        upgrade_main(empty_database)
    assert set(shape_of(empty_database)) == {"log_head"}
    assert not is_current(empty_database)


def test_servers_that_start_together_take_turns(databases: Databases) -> None:
    url = databases.empty()
    spawn = multiprocessing.get_context("spawn")
    servers = [spawn.Process(target=start_server, args=(url,)) for _ in range(3)]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    assert [server.exitcode for server in servers] == [0, 0, 0]
    with closing(Database(url)) as upgraded:
        assert is_current(upgraded)


def test_nobodys_logging_is_touched(empty_database: Database) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("alembic").level)
    upgrade_main(empty_database)
    assert (root.level, list(root.handlers), logging.getLogger("alembic").level) == before


def test_the_migrations_are_found_from_anywhere(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    upgrade_main(empty_database)
    assert is_current(empty_database)
