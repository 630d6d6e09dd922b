"""What a database says about itself: the shape of its tables, comparable by `==`."""

from typing import Any

import sqlalchemy as sa

from app.store.database import Database
from app.store.migrate import MAIN, SESSIONS


def shape_of(database: Database) -> dict[str, Any]:
    """Every table but Alembic's own: columns, keys, indexes and constraints, with their names."""
    inspector = sa.inspect(database.engine)
    own = {MAIN.version_table, SESSIONS.version_table}
    return {table: _table(inspector, table) for table in inspector.get_table_names() if table not in own}


def _table(inspector: sa.Inspector, table: str) -> dict[str, Any]:
    return {
        "columns": [
            (column["name"], str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(table)
        ],
        "primary key": inspector.get_pk_constraint(table),
        "indexes": _by_name(inspector.get_indexes(table)),
        "uniques": _by_name(inspector.get_unique_constraints(table)),
        "checks": _by_name(inspector.get_check_constraints(table)),
    }


def _by_name(found: list[Any]) -> list[Any]:
    return sorted(found, key=lambda each: each["name"] or "")
