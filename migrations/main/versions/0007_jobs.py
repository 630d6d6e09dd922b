"""Jobs: background work, who does it, and what it makes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("seen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("not_before", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("progress", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("worker", sa.Uuid(), nullable=False),
        sa.Column("sealed_order", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("created", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("subject", "kind", name=op.f("uq_jobs_subject_kind")),
    )
    op.create_index(op.f("ix_jobs_case_state"), "jobs", ["case", "state"])
    op.create_index(op.f("ix_jobs_state_worker"), "jobs", ["state", "worker"])
    op.create_table(
        "derivatives",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("asset", sa.Uuid(), nullable=False),
        sa.Column("job", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_derivatives")),
    )
    op.create_index(op.f("ix_derivatives_asset"), "derivatives", ["asset"])
    op.create_index(op.f("ix_derivatives_job"), "derivatives", ["job"])


def downgrade() -> None:
    for table in ("derivatives", "jobs", "workers"):
        op.drop_table(table)
