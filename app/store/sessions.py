"""Tables of sessions and throttling, in a database of their own that no backup holds."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, identifier, number, word

metadata: Final = sa.MetaData()

sessions: Final = sa.Table(
    "sessions",
    metadata,
    digest("id", primary_key=True),  # SHA-256 of the cookie's secret
    identifier("person"),
    digest("card"),
    blob("seeds"),  # envelope under the cookie's secret
    number("started"),
    number("seen"),
    number("confirmed"),  # when the second factor was last shown
    sa.Index("ix_sessions_person", "person"),
)

session_secrets: Final = sa.Table(
    "session_secrets",
    metadata,
    digest("session", primary_key=True),
    digest("grant", primary_key=True),
    blob("secret"),  # envelope under the person's cache key
)

openings: Final = sa.Table(
    "session_openings",
    metadata,
    # one audit line per person, asset and session
    digest("session", primary_key=True),
    identifier("subject", primary_key=True),
)

attempts: Final = sa.Table(
    "sign_in_attempts",
    metadata,
    digest("key", primary_key=True),  # keyed hash of the account or of the address
    word("kind"),
    number("failures"),
    number("last"),
)
