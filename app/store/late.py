"""Tables of late forms: what came without a session, sealed, and waits for its author to sign in."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, flag, identifier, metadata, number, word

late_forms: Final = sa.Table(
    "late_forms",
    metadata,
    identifier("id", primary_key=True),
    identifier("person"),
    identifier("case"),
    identifier("submission"),
    number("part"),
    number("slot", nullable=True),  # one of a person's few places to wait in; none once it was decided
    number("received"),
    word("way"),  # short or long
    flag("closing"),  # the statement is finished with it
    digest("withdrawal_tag"),
    blob("capsule"),  # as the form carried it
    digest("mac"),  # over all of this and the sealed pieces, under a root-derived key
    sa.UniqueConstraint("person", "slot"),
    sa.UniqueConstraint("submission", "part"),
)

late_pieces: Final = sa.Table(
    "late_pieces",
    metadata,
    identifier("form", primary_key=True),
    word("field", primary_key=True),
    number("version"),  # the one it was sealed for
    identifier("key"),
    blob("envelope"),
    blob("wrap"),
)
