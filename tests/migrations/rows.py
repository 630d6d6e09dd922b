"""One plausible row for each table, so that every revision is walked with data in place."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa


def fill(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """One row in every table that `metadata` holds."""
    for table in metadata.sorted_tables:
        values = {column.name: value_of(column.type) for column in table.columns}
        connection.execute(sa.insert(table).values(values))


def value_of(kind: sa.types.TypeEngine[Any]) -> object:
    match kind:
        case sa.Uuid():
            return UUID(int=7)
        case sa.Boolean():
            return True
        case sa.BigInteger():
            return 1
        case sa.LargeBinary(length=length):
            return bytes(range(length or 100))
        case sa.String():
            return "word"
        case _:
            raise AssertionError(f"no sample for {kind}")
