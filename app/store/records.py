"""Tables of sealed records: every version of every field, and the tip of each."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, identifier, metadata, number, word

versions: Final = sa.Table(
    "versions",
    metadata,
    identifier("record", primary_key=True),
    word("field", primary_key=True),
    number("version", primary_key=True),
    identifier("case"),
    identifier("key"),
    digest("digest"),
    digest("author"),
    blob("envelope"),
    blob("object"),
    blob("signature"),
)

tips: Final = sa.Table(
    "tips",
    metadata,
    identifier("record", primary_key=True),
    word("field", primary_key=True),
    number("version"),
    digest("digest"),
    number("sequence"),
    digest("mac"),
)

sources: Final = sa.Table(
    "sources",
    metadata,
    # what a record was made from, in clear, so that destruction needs no key
    identifier("record", primary_key=True),
    identifier("source", primary_key=True),
    sa.Index(None, "source"),
)
