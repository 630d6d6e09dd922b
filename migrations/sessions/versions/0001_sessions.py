"""The first schema of the session store."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("sessions", "session_secrets", "session_openings", "sign_in_attempts")


def upgrade() -> None:
    # PostgreSQL writes no log of these tables: they are gone after a crash, and in no backup of its log
    prefixes = ["UNLOGGED"] if op.get_context().dialect.name == "postgresql" else []
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("card", sa.LargeBinary(length=32), nullable=False),
        sa.Column("seeds", sa.LargeBinary(), nullable=False),
        sa.Column("started", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("confirmed", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        prefixes=prefixes,
    )
    op.create_index("ix_sessions_person", "sessions", ["person"], unique=False)
    op.create_table(
        "session_secrets",
        sa.Column("session", sa.LargeBinary(length=32), nullable=False),
        sa.Column("grant", sa.LargeBinary(length=32), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("session", "grant"),
        prefixes=prefixes,
    )
    op.create_table(
        "session_openings",
        sa.Column("session", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("session", "subject"),
        prefixes=prefixes,
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("failures", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key"),
        prefixes=prefixes,
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
