"""One unit of database work: reads see one snapshot, writes are staged and land together at the commit."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from app.domain.errors import Conflict, Unavailable

ATTEMPTS: Final = 3
BUSY_TIMEOUT_MS: Final = 10_000
TURN_SECONDS: Final = 0.001

Row = sa.Row[Any]


STRANGE_VALUES: Final = (ValueError, TypeError, AttributeError)
"""What values of a kind that a column never has raise when they are read: one of SQLite's holds anything."""


@dataclass(frozen=True)
class Staged:
    """A write that waits for the commit; `rows` is how many rows it must touch, or None for any number."""

    statement: sa.UpdateBase
    values: Mapping[str, Any] | None = None
    rows: int | None = None
    conflict: str = "changed-meanwhile"


class Database:
    """An engine with the settings that testimony needs, for SQLite and PostgreSQL alike.

    `durable=False` is for the session store alone: what it holds may be lost with the power.
    `patience_ms`: how long SQLite waits for another writer before the work is given up.
    """

    def __init__(self, url: str, *, durable: bool = True, patience_ms: int = BUSY_TIMEOUT_MS) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.durable = durable
        self.patience_ms = patience_ms
        self.engine = sa.create_engine(self.url, **self._options())
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", self._prepare_sqlite)
            sa.event.listen(self.engine, "begin", self._begin_sqlite)

    def _options(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {"pool_size": 32, "max_overflow": 32, "connect_args": {"check_same_thread": False}}
        options = {} if self.durable else {"options": "-c synchronous_commit=off"}
        return {"pool_size": 16, "max_overflow": 32, "pool_pre_ping": True, "connect_args": options}

    def _prepare_sqlite(self, connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN decides; see _begin_sqlite
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={self.patience_ms}",  # first: the others wait for a lock too
            "journal_mode=WAL",
            f"synchronous={'FULL' if self.durable else 'OFF'}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def _begin_sqlite(self, connection: sa.Connection) -> None:
        """On the driver's own connection: SQLAlchemy's way costs as much as a query."""
        driver: Any = connection.connection.driver_connection
        if not connection.get_execution_options().get("writes", False):
            driver.execute("BEGIN")
            return
        driver.execute("PRAGMA busy_timeout=0")
        try:
            if not self._took_turn(driver):
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, for SQLAlchemy's own error
        finally:
            driver.execute(f"PRAGMA busy_timeout={self.patience_ms}")

    def _took_turn(self, connection: Any) -> bool:
        """Wait for the write lock, asking every millisecond: SQLite's own waiting sleeps up to 100 ms at a time."""
        ends = time.monotonic() + self.patience_ms / 1000
        while time.monotonic() < ends:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    return False
                time.sleep(TURN_SECONDS)
            else:
                return True
        return False

    def transaction(self) -> "Transaction":
        return Transaction(self)

    def reading(self) -> sa.Connection:
        """A connection whose reads see one snapshot, from the first of them on."""
        connection = self.engine.connect()
        return (
            connection if self.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")
        )

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A write transaction, committed at the end of the block; any error undoes it."""
        # READ COMMITTED: who waited for a row, above all the log's head, goes on with the newest one
        options = {"writes": True} if self.is_sqlite else {"isolation_level": "READ COMMITTED"}
        with self.engine.connect() as fresh:
            connection = fresh.execution_options(**options)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


@dataclass
class Transaction:
    """Reads now, in one snapshot; writes staged, applied in order in one short write transaction.

    No write lock is held while cryptography runs or a body is read. `finalise` runs last inside the write
    transaction: there the log takes its next places. A serialization failure repeats the database part.
    """

    database: Database
    staged: list[Staged] = field(default_factory=list)
    _reading: sa.Connection | None = None
    snapshot: int = 0
    """Names the snapshot that is being read, or the one that the next read opens."""

    def all(self, statement: sa.Select[Any], /, **values: Any) -> Sequence[Row]:
        """Every row. `values`: of the statement's bound parameters, where it was built once for all."""
        with _answering():
            return self._reader().execute(statement, values).all()

    def first(self, statement: sa.Select[Any], /, **values: Any) -> Row | None:
        with _answering():
            return self._reader().execute(statement, values).first()

    def value(self, statement: sa.Select[Any], /, **values: Any) -> Any:
        """The first column of the first row, or None where there is no row."""
        with _answering():
            return self._reader().execute(statement, values).scalar()

    def stage(
        self,
        statement: sa.UpdateBase,
        /,
        *,
        rows: int | None = None,
        conflict: str = "changed-meanwhile",
        **values: Any,
    ) -> None:
        """Keep a write for the commit, which raises `Conflict(conflict)` unless it touches `rows` rows.

        `values`: of the statement's bound parameters, where it was built once for all.
        """
        self.staged.append(Staged(statement, values or None, rows, conflict))

    def insert(self, table: sa.Table, /, *, conflict: str = "changed-meanwhile", **values: Any) -> None:
        """Keep a new row for the commit."""
        self.staged.append(Staged(sa.insert(table), values, None, conflict))

    def release(self) -> None:
        """End the snapshot, so that nothing is held open while a body is read or sent."""
        reading, self._reading = self._reading, None
        if reading is not None:
            self.snapshot += 1
            with suppress(DBAPIError):  # a connection that is lost holds nothing open
                reading.close()

    def commit(self, finalise: Callable[[sa.Connection], None] | None = None) -> None:
        """Apply what was staged, then `finalise`, all or nothing.

        Raises:
            Conflict: somebody else changed what this work relied on; nothing was written.
            Unavailable: the database is gone, full or locked; nothing was written.
        """
        self.release()
        if not self.staged and finalise is None:
            return
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._apply(finalise)
                break
            except IntegrityError as error:
                raise Conflict("exists-already") from error
            except OperationalError as error:
                if attempt == ATTEMPTS or not _may_repeat(error):
                    raise Unavailable("database") from error
            except (DBAPIError, PoolExhausted, sqlite3.Error) as error:
                raise Unavailable("database") from error
        self.staged.clear()

    def _apply(self, finalise: Callable[[sa.Connection], None] | None) -> None:
        with self.database.writing() as connection:
            for write in self.staged:
                result = connection.execute(write.statement, write.values)
                if write.rows is not None and result.rowcount != write.rows:
                    raise Conflict(write.conflict)
            if finalise is not None:
                finalise(connection)

    def _reader(self) -> sa.Connection:
        if self._reading is None:
            self._reading = self.database.reading()
        return self._reading


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, PoolExhausted, sqlite3.Error) as error:
        raise Unavailable("database") from error


def _may_repeat(error: OperationalError) -> bool:
    """Serialization failures and deadlocks; SQLite has waited for its lock already."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}
