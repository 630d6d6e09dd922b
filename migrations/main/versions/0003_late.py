"""Late forms: what came without a session and waits for its author."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("submission", sa.Uuid(), nullable=False),
        sa.Column("part", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("received", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("closing", sa.Boolean(), nullable=False),
        sa.Column("withdrawal_tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("capsule", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_forms")),
        sa.UniqueConstraint("person", "slot", name=op.f("uq_late_forms_person_slot")),
        sa.UniqueConstraint("submission", "part", name=op.f("uq_late_forms_submission_part")),
    )
    op.create_table(
        "late_pieces",
        sa.Column("form", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("form", "field", name=op.f("pk_late_pieces")),
    )


def downgrade() -> None:
    op.drop_table("late_pieces")
    op.drop_table("late_forms")
