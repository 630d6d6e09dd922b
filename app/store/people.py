"""Tables of people: invitations, accounts, locks, cards and vouches."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, flag, identifier, metadata, number, word

people: Final = sa.Table(
    "people",
    metadata,
    identifier("id", primary_key=True),
    blob("sign_in_tag"),  # HMAC of the sign-in name: finds the row, tells no name
    blob("name"),  # envelope under the root key: shown name and its salt
    flag("interviewer"),
    flag("reviewer"),
    flag("administrator"),
    flag("disabled"),
    digest("card"),  # the card in use; what counts is the verified chain, this only finds it
    blob("second_factor", nullable=True),  # envelope under the root key: TOTP seed
    number("second_factor_step"),  # last time step that was accepted; an older one is a replay
    number("created"),
    sa.UniqueConstraint("sign_in_tag"),
)

locks: Final = sa.Table(
    "locks",
    metadata,
    identifier("person", primary_key=True),
    word("kind", primary_key=True),  # password, recovery
    blob("salt"),
    number("time_cost"),
    number("memory_kib"),
    number("lanes"),
    blob("locked"),
    number("created"),
)

cards: Final = sa.Table(
    "cards",
    metadata,
    digest("digest", primary_key=True),
    identifier("person"),
    number("number"),
    blob("object"),
    blob("signature"),
    blob("previous_signature", nullable=True),
    sa.Index(None, "person"),
)

vouches: Final = sa.Table(
    "vouches",
    metadata,
    digest("digest", primary_key=True),
    digest("card"),
    digest("voucher_card"),
    blob("object"),
    blob("signature"),
    sa.Index(None, "card"),
)

invitations: Final = sa.Table(
    "invitations",
    metadata,
    identifier("id", primary_key=True),
    digest("token_tag"),  # HMAC of what the link carries: finds the row, opens nothing
    blob("content"),  # envelope under the root key: sign-in name, shown name, roles
    identifier("inviter"),
    number("created"),
    number("used", nullable=True),
    identifier("person", nullable=True),  # whom it became
    sa.UniqueConstraint("token_tag"),
)
