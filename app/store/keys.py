"""Tables of wrapped keys: intake keys, record keys, trustees' shares, earlier case secrets."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, identifier, metadata, number, word

intake_keys: Final = sa.Table(
    "intake_keys",
    metadata,
    identifier("id", primary_key=True),
    identifier("case"),
    word("kind"),  # case, identity
    blob("public"),
    number("epoch"),
    blob("private"),  # envelope under the case or identity secret of that epoch
    number("retired", nullable=True),
    sa.Index(None, "case"),
)

record_keys: Final = sa.Table(
    "record_keys",
    metadata,
    identifier("id", primary_key=True),
    identifier("case"),
    identifier("record"),
    word("kind"),  # case, identity
    word("state"),  # intake: wrapped to the intake key; adopted: under the case secret
    number("epoch"),
    identifier("intake_key", nullable=True),
    blob("wrap"),
    sa.Index(None, "record"),
    sa.Index(None, "case", "kind", "state", "epoch"),
)

epoch_links: Final = sa.Table(
    "epoch_links",
    metadata,
    identifier("case", primary_key=True),
    word("kind", primary_key=True),
    number("epoch", primary_key=True),  # the older one, wrapped under the next
    blob("wrap"),
)

trustee_shares: Final = sa.Table(
    "trustee_shares",
    metadata,
    identifier("case", primary_key=True),
    word("kind", primary_key=True),
    number("epoch", primary_key=True),
    identifier("trustee", primary_key=True),
    digest("commitment"),
    blob("box"),
)

recovered_shares: Final = sa.Table(
    "recovered_shares",
    metadata,
    identifier("case", primary_key=True),
    word("kind", primary_key=True),
    number("epoch", primary_key=True),
    identifier("trustee", primary_key=True),
    digest("member_card", primary_key=True),
    blob("box"),
)
