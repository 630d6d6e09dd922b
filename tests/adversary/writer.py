"""Somebody who can write every row of the database, and keeps what stood there before."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.store.database import Database
from app.store.log import entries, heads
from app.store.schema import metadata

FEW: Final = 4
Row = dict[str, Any]
Key = tuple[str, tuple[Any, ...]]
"""Table and primary key."""
Photograph = dict[str, list[Row]]

TABLES: Final = tuple(metadata.sorted_tables)
BY_NAME: Final = {table.name: table for table in TABLES}
LOG: Final = frozenset({entries.name, heads.name})
OF_OPERATIONS: Final = frozenset(
    {"installation", "operation_keys", "invitations", "work", "chores", "sources"}
)
"""What no reading of testimony depends on."""
TARGETS: Final = tuple(table for table in TABLES if table.name not in OF_OPERATIONS)


class Refused(Exception):  # noqa: N818  # as the product names its own: for what happened
    """The database itself would not take the rows, or there was nothing to write."""


def primary(table: sa.Table) -> list[str]:
    return [column.name for column in table.primary_key]


def columns_of(table: sa.Table, kind: type[sa.types.TypeEngine[Any]]) -> list[str]:
    return [column.name for column in table.columns if isinstance(column.type, kind)]


WHERE: Final = {
    table.name: [table.c[name] == sa.bindparam(f"of_{name}") for name in primary(table)] for table in TABLES
}
SELECT: Final = {table.name: sa.select(table).where(*WHERE[table.name]) for table in TABLES}
DELETE: Final = {table.name: sa.delete(table).where(*WHERE[table.name]) for table in TABLES}
INSERT: Final = {table.name: sa.insert(table) for table in TABLES}


@dataclass
class Change:
    """A row before the writer came and as the writer left it; None where there was, or is, none."""

    before: Row | None
    after: Row | None


@dataclass
class Writer:
    """`changes`: what stands otherwise than honest people left it; `scarred`: some of it cannot be put back any more."""

    database: Database
    changes: dict[Key, Change] = field(default_factory=dict)
    scarred: bool = False

    # Looking

    def rows(self, table: sa.Table) -> list[Row]:
        """In the order in which they were written, so that the same choice means the same row."""
        order = sa.text("rowid" if self.database.is_sqlite else "ctid")
        with self.database.engine.connect() as connection:
            found = connection.execute(sa.select(table).order_by(order))
            return [dict(row._mapping) for row in found]

    def photograph(self) -> Photograph:
        return {table.name: self.rows(table) for table in TABLES}

    def touches(self, names: Iterable[str]) -> bool:
        return not {name for name, _key in self.changes}.isdisjoint(names)

    @property
    def is_clean(self) -> bool:
        return not self.changes and not self.scarred

    # Writing

    def put(self, table: sa.Table, *wanted: tuple[Row | None, Row | None]) -> None:
        """Replace rows: each pair is the row that stands there and the one that shall; None for none.

        Raises:
            Refused: the database's own constraints say no; nothing was written.
        """
        self.put_all([(table, *pair) for pair in wanted])

    def put_all(self, wanted: Iterable[tuple[sa.Table, Row | None, Row | None]]) -> None:
        """As `put`, in several tables at once."""
        aimed: dict[Key, Row | None] = {}
        for table, old, new in wanted:
            if old is not None:
                aimed.setdefault(_key(table, old), None)
            if new is not None:
                aimed[_key(table, new)] = new
        with _writing(self.database) as connection:
            found = self._found(connection, aimed)
            moved = {key: row for key, row in aimed.items() if row != found[key]}
            if not moved:
                raise Refused
            _replace(connection, moved)
        for key, row in moved.items():
            self._remember(key, found[key], row)

    def _found(self, connection: sa.Connection, keys: Iterable[Key]) -> dict[Key, Row | None]:
        """What stands under these keys now; whole tables are read where many rows are asked for."""
        by_table: dict[str, list[Key]] = {}
        for key in keys:
            by_table.setdefault(key[0], []).append(key)
        found: dict[Key, Row | None] = {}
        for name, wanted in by_table.items():
            if len(wanted) > FEW:
                table = BY_NAME[name]
                rows = [dict(row._mapping) for row in connection.execute(sa.select(table))]
                standing = {_key(table, row): row for row in rows}
                found |= {key: standing.get(key) for key in wanted}
            else:
                found |= {key: _first(connection, key) for key in wanted}
        return found

    def _remember(self, key: Key, found: Row | None, row: Row | None) -> None:
        known = self.changes.get(key)
        before = known.before if known is not None and known.after == found else found
        if known is not None and known.after != found:
            self.scarred = True  # an honest act stood on what the writer had left
        if before == row:
            self.changes.pop(key, None)
        else:
            self.changes[key] = Change(before, row)

    def put_back(self) -> None:
        """As it was before, but for what honest people wrote meanwhile: that stays, and is a scar."""
        changes, self.changes = self.changes, {}
        with _writing(self.database) as connection:
            current = self._found(connection, changes)
            mine = {key: each for key, each in changes.items() if current[key] == each.after}
            self.scarred |= len(mine) < len(changes)
            try:
                with connection.begin_nested():
                    _replace(connection, {key: change.before for key, change in mine.items()})
            except DBAPIError:
                self.scarred = True  # an honest row has taken a place that was another's


def _first(connection: sa.Connection, key: Key) -> Row | None:
    row = connection.execute(SELECT[key[0]], _bound(key)).first()
    return dict(row._mapping) if row is not None else None


def _replace(connection: sa.Connection, wanted: Mapping[Key, Row | None]) -> None:
    """Delete what stands under these keys, then write what shall, table by table."""
    for name in dict.fromkeys(name for name, _values in wanted):
        keys = [key for key in wanted if key[0] == name]
        rows = [row for key in keys if (row := wanted[key]) is not None]
        connection.execute(DELETE[name], [_bound(key) for key in keys])
        if rows:
            connection.execute(INSERT[name], rows)


@contextmanager
def _writing(database: Database) -> Iterator[sa.Connection]:
    """A write transaction whose refusal by the database is the writer's bad luck."""
    try:
        with database.writing() as connection:
            yield connection
    except DBAPIError as refusal:
        raise Refused from refusal


def _key(table: sa.Table, row: Mapping[str, Any]) -> Key:
    return table.name, tuple(row[name] for name in primary(table))


def _bound(key: Key) -> dict[str, Any]:
    name, values = key
    return {f"of_{column}": value for column, value in zip(primary(BY_NAME[name]), values, strict=True)}
