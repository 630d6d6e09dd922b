"""Tables of signed objects: installation, policy, certificates, charters, rosters, grants, trust books."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, flag, identifier, metadata, number, word

installation: Final = sa.Table(
    "installation",
    metadata,
    number("only", primary_key=True),
    identifier("id"),
    identifier("root_key"),  # the id of the root key that everything under it was made with
    flag("demo"),
    number("era"),
    number("founded"),
    sa.CheckConstraint('"only" = 1', name="single_row"),
)

operation_keys: Final = sa.Table(
    "operation_keys",
    metadata,
    word("kind", primary_key=True),  # server-key, take-down-key, release-key (public half only)
    blob("public"),
    blob("sealed", nullable=True),  # envelope under the root key; none for the release key
)

policies: Final = sa.Table(
    "policies",
    metadata,
    number("number", primary_key=True),
    digest("digest"),
    blob("object"),
    blob("signature"),
)

certificates: Final = sa.Table(
    "certificates",
    metadata,
    digest("digest", primary_key=True),
    word("kind"),
    blob("subject"),
    blob("object"),
    blob("signature"),
)

charters: Final = sa.Table(
    "charters",
    metadata,
    identifier("case", primary_key=True),
    digest("digest"),
    digest("administrator_card"),
    blob("object"),
    blob("signature"),
)

rosters: Final = sa.Table(
    "rosters",
    metadata,
    digest("digest", primary_key=True),
    identifier("case"),
    number("era"),
    number("number"),
    digest("signer_card"),
    blob("object"),
    blob("signature"),
    sa.UniqueConstraint("case", "era", "number"),
)

memberships: Final = sa.Table(
    "memberships",
    metadata,
    # finds the cases of a person; who may do what is read from the roster itself
    identifier("case", primary_key=True),
    identifier("person", primary_key=True),
    sa.Index(None, "person"),
)

proposals: Final = sa.Table(
    "proposals",
    metadata,
    identifier("id", primary_key=True),
    digest("digest"),
    word("act"),
    identifier("subject"),
    word("state"),  # waiting, agreed, withdrawn; what was agreed is proved by the two signatures
    number("made"),
    blob("object"),
    blob("signature"),
    blob("seconding", nullable=True),
    blob("seconding_signature", nullable=True),
    sa.Index(None, "state"),
)

grants: Final = sa.Table(
    "grants",
    metadata,
    digest("digest", primary_key=True),
    word("kind"),
    identifier("case"),
    number("epoch"),
    digest("member_card"),
    digest("grantor_card"),
    blob("box"),
    blob("object"),
    blob("signature"),
    sa.Index(None, "case", "kind", "member_card"),
)

trust_books: Final = sa.Table(
    "trust_books",
    metadata,
    identifier("person", primary_key=True),
    number("version"),
    blob("book"),
)

introductions: Final = sa.Table(
    "introductions",
    metadata,
    identifier("person", primary_key=True),
    digest("voucher_card"),
    blob("box"),
    blob("signature"),
)
