"""Tables of the append-only log and its head."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, identifier, metadata, number, word

entries: Final = sa.Table(
    "log_entries",
    metadata,
    number("sequence", primary_key=True),
    number("era"),
    number("at"),
    word("act"),
    identifier("person", nullable=True),
    identifier("case", nullable=True),
    identifier("record", nullable=True),
    word("field"),  # empty unless the entry stands for a new version of that field
    number("version"),
    digest("object_digest", nullable=True),
    sa.Column("session_tag", sa.LargeBinary(8), nullable=True),
    sa.Column("note", sa.String(120), nullable=False),
    digest("leaf"),
    digest("chain"),
    sa.Index(None, "record", "field", "sequence"),
    sa.Index(None, "case", "sequence"),
    sa.Index(None, "person", "sequence"),
)

heads: Final = sa.Table(
    "log_head",
    metadata,
    # one row: the newest signed head; locked by whoever appends
    number("only", primary_key=True),
    number("era"),
    number("sequence"),
    digest("chain"),
    number("at"),
    blob("signature"),
    sa.CheckConstraint('"only" = 1', name="single_row"),
)
