"""Units of database work: one snapshot to read, and staged writes that land together or not at all."""

import multiprocessing
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.domain.errors import Conflict, Unavailable
from app.domain.ids import new_id
from app.store.cases import cases
from app.store.database import Database, Transaction
from tests.databases import Databases, PostgresDatabases

WILLOW, HARBOUR = UUID(int=1), UUID(int=2)


@pytest.fixture
def impatient(databases: Databases) -> Iterator[Database]:
    """Gives up on a lock after a fifth of a second."""
    with closing(Database(databases.migrated(), patience_ms=200)) as database:
        yield database


def add(tx: Transaction, case: UUID, code: str) -> None:
    tx.stage(sa.insert(cases).values(id=case, code=code, opened=1))


def put(database: Database, *codes: str) -> None:
    tx = database.transaction()
    for code in codes:
        add(tx, new_id(), code)
    tx.commit()


def codes_in(database: Database) -> list[str]:
    tx = database.transaction()
    try:
        return [row.code for row in tx.all(sa.select(cases.c.code).order_by(cases.c.code))]
    finally:
        tx.release()


def opened_in(database: Database) -> list[int]:
    tx = database.transaction()
    try:
        return [row.opened for row in tx.all(sa.select(cases.c.opened))]
    finally:
        tx.release()


def count(tx: Transaction) -> int:
    return int(tx.value(sa.select(sa.func.count()).select_from(cases)))


def reopen(opened: int, *, was: int) -> sa.Update:
    return sa.update(cases).where(cases.c.id == WILLOW, cases.c.opened == was).values(opened=opened)


# Together or not at all


def test_staged_writes_land_together(database: Database) -> None:
    put(database, "Harbour 2", "Willow 1")
    assert codes_in(database) == ["Harbour 2", "Willow 1"]


def test_nothing_is_written_before_the_commit(database: Database) -> None:
    tx = database.transaction()
    add(tx, WILLOW, "Willow 1")
    assert codes_in(database) == []
    tx.release()
    assert codes_in(database) == []


def test_writes_see_each_other_in_the_order_they_were_staged(database: Database) -> None:
    tx = database.transaction()
    add(tx, WILLOW, "Willow 1")
    tx.stage(reopen(2, was=1), rows=1)
    tx.stage(reopen(3, was=2), rows=1)
    tx.commit()
    assert opened_in(database) == [3]


def test_a_name_that_is_taken_takes_the_other_writes_back(database: Database) -> None:
    put(database, "Willow 1")
    tx = database.transaction()
    add(tx, HARBOUR, "Harbour 2")
    add(tx, WILLOW, "Willow 1")
    with pytest.raises(Conflict, match="exists-already"):
        tx.commit()
    assert codes_in(database) == ["Willow 1"]


def test_what_somebody_changed_meanwhile_is_a_conflict_and_undoes_the_rest(database: Database) -> None:
    tx = database.transaction()
    add(tx, WILLOW, "Willow 1")
    tx.commit()
    first, second = database.transaction(), database.transaction()
    first.stage(reopen(2, was=1), rows=1)
    add(second, HARBOUR, "Harbour 2")
    second.stage(reopen(3, was=1), rows=1, conflict="case-moved")
    first.commit()
    with pytest.raises(Conflict, match="case-moved"):
        second.commit()
    assert codes_in(database) == ["Willow 1"]


def test_an_update_without_a_number_of_rows_may_find_none(database: Database) -> None:
    tx = database.transaction()
    tx.stage(reopen(2, was=1))
    tx.commit()
    assert codes_in(database) == []


def test_what_comes_last_in_the_commit_decides_over_all_of_it(database: Database) -> None:
    tx = database.transaction()
    add(tx, WILLOW, "Willow 1")

    def refuse(connection: sa.Connection) -> None:
        assert connection.scalar(sa.select(cases.c.code)) == "Willow 1"
        raise Conflict("no-place-in-the-log")

    with pytest.raises(Conflict, match="no-place-in-the-log"):
        tx.commit(refuse)
    assert codes_in(database) == []


def test_a_refused_commit_can_be_tried_again_and_lands_once(database: Database) -> None:
    put(database, "Willow 1")
    tx = database.transaction()
    add(tx, HARBOUR, "Harbour 2")
    add(tx, WILLOW, "Willow 1")
    with pytest.raises(Conflict):
        tx.commit()
    tx.staged.pop()
    tx.commit()
    tx.commit()
    assert codes_in(database) == ["Harbour 2", "Willow 1"]


def test_nothing_staged_opens_no_transaction(databases: Databases, impatient: Database) -> None:
    with databases.unwritable(impatient):
        impatient.transaction().commit()


# Reading


def test_a_reader_keeps_its_snapshot_while_others_write(database: Database) -> None:
    put(database, "Willow 1")
    reader = database.transaction()
    assert count(reader) == 1
    put(database, "Harbour 2")
    assert count(reader) == 1
    assert reader.first(sa.select(cases).where(cases.c.code == "Harbour 2")) is None
    reader.release()
    assert count(reader) == 2
    reader.release()


def test_a_row_that_is_not_there_is_none(database: Database) -> None:
    tx = database.transaction()
    assert tx.first(sa.select(cases)) is None
    assert tx.value(sa.select(cases.c.code)) is None
    assert tx.all(sa.select(cases)) == []
    tx.release()


def test_releasing_twice_is_harmless(database: Database) -> None:
    tx = database.transaction()
    count(tx)
    tx.release()
    tx.release()


# Side by side


def test_a_staged_write_holds_nobody_up(impatient: Database) -> None:
    slow = impatient.transaction()
    assert count(slow) == 0
    add(slow, WILLOW, "Willow 1")
    put(impatient, "Harbour 2")
    slow.commit()
    assert codes_in(impatient) == ["Harbour 2", "Willow 1"]


def test_a_writer_who_finds_another_waits_for_its_turn(database: Database) -> None:
    inside, let_go = threading.Event(), threading.Event()

    def dawdle(_: sa.Connection) -> None:
        inside.set()
        assert let_go.wait(10)

    def write_slowly() -> None:
        tx = database.transaction()
        add(tx, WILLOW, "Willow 1")
        tx.commit(dawdle)

    with ThreadPoolExecutor() as pool:
        slow = pool.submit(write_slowly)
        assert inside.wait(10)
        quick = pool.submit(put, database, "Harbour 2")
        let_go.set()
        slow.result()
        quick.result()
    assert codes_in(database) == ["Harbour 2", "Willow 1"]


def test_many_threads_writing_at_once_all_land(database: Database) -> None:
    codes = [f"Willow {number:03}" for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda code: put(database, code), codes))
    assert codes_in(database) == codes


def put_in_another_process(url: str, codes: list[str]) -> None:
    with closing(Database(url)) as database:
        for code in codes:
            put(database, code)


def test_two_processes_writing_at_once_both_land(databases: Databases) -> None:
    url = databases.migrated()
    halves = [[f"{name} {number:02}" for number in range(25)] for name in ("Harbour", "Willow")]
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=put_in_another_process, args=(url, half)) for half in halves]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with closing(Database(url)) as database:
        assert codes_in(database) == halves[0] + halves[1]


def test_of_two_who_rely_on_the_same_state_exactly_one_wins(database: Database) -> None:
    tx = database.transaction()
    add(tx, WILLOW, "Willow 1")
    tx.commit()

    def claim(opened: int) -> bool:
        mine = database.transaction()
        mine.stage(reopen(opened, was=1), rows=1)
        try:
            mine.commit()
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(claim, range(2, 10))) == [False] * 7 + [True]


def test_fresh_connections_opening_a_new_file_together_all_get_in(databases: Databases) -> None:
    url = databases.empty()

    def connect(_: int) -> None:
        with closing(Database(url)) as database, database.writing() as connection:
            connection.execute(sa.select(1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(connect, range(8)))


@pytest.mark.postgres
def test_two_who_wait_for_each_other_are_sorted_out(postgres_databases: PostgresDatabases) -> None:
    """A deadlock: PostgreSQL turns one of the two away, and that one's writes are repeated."""
    with closing(Database(postgres_databases.migrated())) as database:
        tx = database.transaction()
        add(tx, WILLOW, "Willow 1")
        add(tx, HARBOUR, "Harbour 2")
        tx.commit()
        meet = threading.Barrier(2)
        attempts: list[UUID] = []

        def cross(first: UUID, second: UUID) -> None:
            mine = database.transaction()
            mine.stage(later(first), rows=1)
            mine.commit(finish(first, second))

        def finish(first: UUID, second: UUID) -> Callable[[sa.Connection], None]:
            def locked(connection: sa.Connection) -> None:
                attempts.append(first)
                if attempts.count(first) == 1:
                    meet.wait(10)
                connection.execute(later(second))

            return locked

        with ThreadPoolExecutor() as pool:
            list(pool.map(cross, (WILLOW, HARBOUR), (HARBOUR, WILLOW)))
        assert opened_in(database) == [3, 3]
        assert len(attempts) > 2  # a busy machine lets the two meet once more


def later(case: UUID) -> sa.Update:
    return sa.update(cases).where(cases.c.id == case).values(opened=cases.c.opened + 1)


def refuse_as_unserialisable(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")


def count_cases(connection: sa.Connection) -> None:
    assert connection.scalar(sa.select(sa.func.count()).select_from(cases)) == 1


@pytest.mark.postgres
def test_a_serialization_failure_is_repeated(postgres_databases: PostgresDatabases) -> None:
    with closing(Database(postgres_databases.migrated())) as database:
        tx = database.transaction()
        add(tx, WILLOW, "Willow 1")
        attempts = iter((refuse_as_unserialisable, refuse_as_unserialisable, count_cases))

        def finish(connection: sa.Connection) -> None:
            next(attempts)(connection)

        tx.commit(finish)
        assert codes_in(database) == ["Willow 1"]


@pytest.mark.postgres
def test_a_serialization_failure_is_not_repeated_for_ever(postgres_databases: PostgresDatabases) -> None:
    with closing(Database(postgres_databases.migrated())) as database:
        tx = database.transaction()
        add(tx, WILLOW, "Willow 1")
        with pytest.raises(Unavailable, match="database"):
            tx.commit(refuse_as_unserialisable)
        assert codes_in(database) == []


# When the database does not answer


def test_a_database_that_takes_no_writes_is_unavailable_until_it_does(
    databases: Databases, impatient: Database
) -> None:
    put(impatient, "Willow 1")
    tx = impatient.transaction()
    add(tx, HARBOUR, "Harbour 2")
    with databases.unwritable(impatient), pytest.raises(Unavailable, match="database"):
        tx.commit()
    assert codes_in(impatient) == ["Willow 1"]
    tx.commit()
    assert codes_in(impatient) == ["Harbour 2", "Willow 1"]


def test_a_writer_at_work_holds_no_reader_up(sqlite_databases: Databases) -> None:
    with closing(Database(sqlite_databases.migrated(), patience_ms=0)) as database:
        put(database, "Willow 1")
        with sqlite_databases.unwritable(database):
            assert codes_in(database) == ["Willow 1"]


@pytest.mark.postgres
def test_a_server_that_is_gone_is_unavailable_and_found_again(postgres_databases: PostgresDatabases) -> None:
    with closing(Database(postgres_databases.migrated())) as database:
        put(database, "Willow 1")
        reading, fresh = database.transaction(), database.transaction()
        assert count(reading) == 1
        with postgres_databases.unwritable(database):
            with pytest.raises(Unavailable, match="database"):
                count(reading)
            with pytest.raises(Unavailable, match="database"):
                fresh.first(sa.select(cases))
        reading.release()
        assert codes_in(database) == ["Willow 1"]


def test_a_file_that_is_gone_is_unavailable_and_found_again(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    url = sqlite_databases.migrated()
    shelf = tmp_path.with_name(f"{tmp_path.name}-away")
    with closing(Database(url)) as database:
        tmp_path.rename(shelf)
        with pytest.raises(Unavailable, match="database"):
            codes_in(database)
        with pytest.raises(Unavailable, match="database"):
            put(database, "Willow 1")
        shelf.rename(tmp_path)
        put(database, "Willow 1")
        assert codes_in(database) == ["Willow 1"]


def test_a_full_disk_is_unavailable_and_nothing_was_written_until_there_is_room(
    sqlite_templates: Path, small_disk: Path
) -> None:
    shutil.copyfile(sqlite_templates / "main", small_disk / "main.db")
    with closing(Database(f"sqlite:///{small_disk / 'main.db'}")) as database:
        put(database, "Willow 1")
        fill_up(small_disk / "filler")
        with pytest.raises(Unavailable, match="database"):
            put(database, *(f"Harbour {number}" for number in range(5000)))
        assert codes_in(database) == ["Willow 1"]
        (small_disk / "filler").unlink()
        put(database, "Harbour 2")
        assert codes_in(database) == ["Harbour 2", "Willow 1"]


def fill_up(file: Path) -> None:
    with file.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(bytes(4096))


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "torn.db").write_bytes(b"not a database" * 100)
    torn = Database(f"sqlite:///{tmp_path / 'torn.db'}")
    with closing(torn), pytest.raises(Unavailable, match="database"):
        codes_in(torn)


# Settings


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 0)])
def test_only_the_session_store_may_lose_what_it_was_told(
    sqlite_databases: Databases, durable: bool, synchronous: int
) -> None:
    database = Database(sqlite_databases.empty(), durable=durable)
    with closing(database), database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == synchronous
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.postgres
@pytest.mark.parametrize(("durable", "synchronous"), [(True, "on"), (False, "off")])
def test_only_the_session_store_answers_before_postgresql_has_flushed(
    postgres_databases: PostgresDatabases, durable: bool, synchronous: str
) -> None:
    database = Database(postgres_databases.empty(), durable=durable)
    with closing(database), database.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == synchronous
