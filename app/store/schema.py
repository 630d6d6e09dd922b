"""The one metadata that every table joins, and the column types they share."""

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identifier(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[object]:
    """A column for one of our 128-bit ids."""
    return sa.Column(name, sa.Uuid(), primary_key=primary_key, nullable=nullable)


def digest(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[bytes]:
    """A column for a SHA-256 digest."""
    return sa.Column(name, sa.LargeBinary(32), primary_key=primary_key, nullable=nullable)


def blob(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    """A column for ciphertext, canonical bytes or a signature."""
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def number(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[int]:
    """A column for a counter or a time in seconds since 1970 (UTC)."""
    return sa.Column(name, sa.BigInteger(), primary_key=primary_key, nullable=nullable, autoincrement=False)


def word(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    """A column for one of our own fixed words, never for text a person typed."""
    return sa.Column(name, sa.String(40), primary_key=primary_key, nullable=nullable)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)
