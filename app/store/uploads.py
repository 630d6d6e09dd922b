"""Tables of files that are still coming in: routing facts, wrapped keys, digests of ciphertext."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, digest, identifier, metadata, number, word

uploads: Final = sa.Table(
    "uploads",
    metadata,
    identifier("asset", primary_key=True),
    digest("tag"),  # SHA-256 of the id in the address
    word("way"),  # sealed: ciphertext comes; clear: another program's bytes, sealed on arrival
    word("state"),  # open, whole
    identifier("person"),
    identifier("case"),
    identifier("statement"),
    blob("capsule"),  # of the form that it belongs to: an HMAC over ids and digests
    number("total"),  # of the file in clear
    digest("mark", nullable=True),  # an HMAC, to tell another file from the one begun
    number("segment"),  # the one that is being written
    number("origin"),  # where in the file it begins
    identifier("key", nullable=True),
    blob("wrap", nullable=True),
    number("length"),  # of what comes at this address
    number("offset"),  # how much of it is durable
    sa.Column("holder", sa.LargeBinary(8), nullable=True),  # the request that is writing
    identifier("said_key", nullable=True),  # what its sender says of it, sealed and not signed yet
    blob("said", nullable=True),
    blob("said_wrap", nullable=True),
    digest("proof"),  # an HMAC over what its author will sign
    number("began"),
    number("touched"),
    sa.UniqueConstraint("tag"),
    sa.Index(None, "person", "began"),
    sa.Index(None, "statement"),
    sa.Index(None, "touched"),
)

upload_blocks: Final = sa.Table(
    "upload_blocks",
    metadata,
    # digests of the blocks of the segment that is being written
    identifier("asset", primary_key=True),
    number("segment", primary_key=True),
    number("number", primary_key=True),
    digest("digest"),
)
