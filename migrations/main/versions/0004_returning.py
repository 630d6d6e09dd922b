"""Returning: who asked to come back by their recovery code, and waits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "return_requests",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lost", sa.String(length=40), nullable=False),
        sa.Column("asked", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stopped", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("stopper", sa.Uuid(), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_return_requests")),
    )


def downgrade() -> None:
    op.drop_table("return_requests")
