"""Table of those who asked to come back and wait: one row to a person, proved by its MAC and by its place in the log."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import digest, identifier, metadata, number, word

requests: Final = sa.Table(
    "return_requests",
    metadata,
    identifier("person", primary_key=True),
    number("version"),  # as the log knows it; another one is no request
    word("lost"),  # words, factor, both
    number("asked"),
    number("stopped", nullable=True),
    identifier("stopper", nullable=True),
    digest("mac"),  # HMAC under the root key over all of it and the recovery code's lock
)
