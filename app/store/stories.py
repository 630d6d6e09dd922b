"""Tables of stories, approvals and releases."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, identifier, metadata, number, word

stories: Final = sa.Table(
    "stories",
    metadata,
    identifier("id", primary_key=True),
    identifier("case"),
    word("public_id"),
    word("state"),
    digest("bundle", nullable=True),  # digest of the bundle that is being approved
    number("embargo_until", nullable=True),
    number("created"),
    sa.UniqueConstraint("public_id"),
    sa.Index(None, "case"),
)

approvals: Final = sa.Table(
    "approvals",
    metadata,
    digest("digest", primary_key=True),
    identifier("story"),
    word("kind"),  # editorial, protection, identity
    identifier("person"),
    digest("bundle"),
    blob("object"),
    blob("signature"),
    number("voided", nullable=True),
    sa.Index(None, "story"),
)

releases: Final = sa.Table(
    "releases",
    metadata,
    word("public_id", primary_key=True),
    number("number", primary_key=True),
    identifier("story"),
    digest("digest"),
    blob("object"),
    blob("signature"),
    number("published"),
    number("withdrawn", nullable=True),
    sa.Index(None, "story"),
)
