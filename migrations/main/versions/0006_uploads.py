"""Uploads: files that come in pieces, and the segments of those that came so."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("asset", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("blob", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("header_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tree_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("wrap", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("asset", "number", name=op.f("pk_segments")),
        sa.UniqueConstraint("blob", name=op.f("uq_segments_blob")),
    )
    op.create_table(
        "uploads",
        sa.Column("asset", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.LargeBinary(length=32), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("case", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.Uuid(), nullable=False),
        sa.Column("capsule", sa.LargeBinary(), nullable=False),
        sa.Column("total", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=True),
        sa.Column("segment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Uuid(), nullable=True),
        sa.Column("wrap", sa.LargeBinary(), nullable=True),
        sa.Column("length", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.LargeBinary(length=8), nullable=True),
        sa.Column("said_key", sa.Uuid(), nullable=True),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("said_wrap", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.LargeBinary(length=32), nullable=False),
        sa.Column("began", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("touched", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("asset", name=op.f("pk_uploads")),
        sa.UniqueConstraint("tag", name=op.f("uq_uploads_tag")),
    )
    op.create_index(op.f("ix_uploads_person_began"), "uploads", ["person", "began"])
    op.create_index(op.f("ix_uploads_statement"), "uploads", ["statement"])
    op.create_index(op.f("ix_uploads_touched"), "uploads", ["touched"])
    op.create_table(
        "upload_blocks",
        sa.Column("asset", sa.Uuid(), nullable=False),
        sa.Column("segment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("asset", "segment", "number", name=op.f("pk_upload_blocks")),
    )


def downgrade() -> None:
    op.drop_table("upload_blocks")
    op.drop_table("uploads")
    op.drop_table("segments")
