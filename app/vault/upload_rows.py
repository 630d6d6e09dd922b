"""What the database holds of files on their way, and the proofs by which nobody exchanges it before its author signs."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from uuid import UUID

import sqlalchemy as sa

from app.crypto.canonical import Writer
from app.crypto.keys import mac, macs_equal
from app.crypto.stream import cut_length, plain_length
from app.domain.errors import Conflict
from app.domain.lifecycle import StatementState
from app.store.cases import assets, segments, statements
from app.store.database import Transaction
from app.store.uploads import upload_blocks, uploads
from app.vault.installation import Installation

SEALED: Final = "sealed"
CLEAR: Final = "clear"
OPEN: Final = "open"
WHOLE: Final = "whole"
CLOSED: Final = frozenset({StatementState.WITHDRAWN.value, StatementState.DESTROYED.value})
"""States of a statement that takes no file any more."""
MOST_SEGMENTS: Final = 20_000
"""Of one file. A sender who needs more sends crumbs, and every reader would pay for each of them."""

SEGMENTS_OF: Final = (
    sa.select(segments).where(segments.c.asset == sa.bindparam("asset")).order_by(segments.c.number)
)
JOINED: Final = sa.select(assets.c.id).where(assets.c.id == sa.bindparam("asset"))
_PROVED: Final = (
    "asset", "tag", "way", "state", "person", "case", "statement", "capsule", "total", "mark", "segment", "origin", "key",
    "wrap", "length", "said_key", "said", "said_wrap",
)  # fmt: skip
_PROVED_OF_SEGMENT: Final = (
    "asset",
    "number",
    "blob",
    "key",
    "size",
    "length",
    "header_digest",
    "tree_digest",
    "cut",
)


@dataclass(frozen=True)
class Upload:
    """A file on its way.

    `tag`: of the address where it comes; `length`, `offset`: of what comes there; `key`: None where it comes nowhere now.
    """

    asset: UUID
    tag: bytes
    way: str
    state: str
    person: UUID
    case: UUID
    statement: UUID
    capsule: bytes
    total: int
    mark: bytes | None
    segment: int
    origin: int
    key: UUID | None
    wrap: bytes | None
    length: int
    offset: int
    said_key: UUID | None
    said: bytes | None
    said_wrap: bytes | None
    began: int
    touched: int

    @classmethod
    def of(cls, row: sa.Row[Any]) -> Self:
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})

    @property
    def is_sealed(self) -> bool:
        return self.way == SEALED

    @property
    def is_whole(self) -> bool:
        """Nothing more has to come, nor to be said, before it can join its statement."""
        return self.state == WHOLE or (not self.is_sealed and self.offset == self.length)

    @property
    def arrived(self) -> int:
        """Bytes in clear that need not come again."""
        if self.state == WHOLE:
            return self.total
        if not self.is_sealed:
            return self.offset
        kept = cut_length(self.offset, self.length) if self.key else 0
        return self.origin + (plain_length(kept, cut=True) if kept else 0)


@dataclass(frozen=True)
class Segment:
    """One stream of a file, durable under its blob's name. `wrap`: its key for the case's readers, until that stands among the others."""

    number: int
    blob: UUID
    key: UUID
    size: int
    length: int
    header_digest: bytes
    tree_digest: bytes
    cut: bool
    wrap: bytes | None = None

    def line(self) -> dict[str, Any]:
        """Its line in the sealed list."""
        return {
            "number": self.number,
            "blob": self.blob.hex,
            "key": self.key.hex,
            "size": self.size,
            "length": self.length,
            "header": self.header_digest.hex(),
            "tree": self.tree_digest.hex(),
            "cut": self.cut,
        }


def segment_proof(installation: Installation, asset: UUID, segment: Segment) -> bytes:
    """Binds what will be signed to what arrived: no row, wrap or blob can be exchanged meanwhile."""
    values = {
        "asset": asset,
        **{name: getattr(segment, name) for name in _PROVED_OF_SEGMENT if name != "asset"},
    }
    wrapped = hashlib.sha256(segment.wrap or b"").digest()
    return mac(installation.root, "uploads", _canonical(values, _PROVED_OF_SEGMENT).octets(wrapped).done())


def stage_segment(tx: Transaction, installation: Installation, asset: UUID, segment: Segment) -> None:
    """Keep what is durable of a file, before it is part of its statement."""
    values = {name: getattr(segment, name) for name in Segment.__dataclass_fields__}
    tx.insert(
        segments,
        conflict="segment-exists",
        asset=asset,
        **values,
        proof=segment_proof(installation, asset, segment),
    )


def digest_of_segments(parts: Iterable[Segment]) -> bytes:
    """A file's digest from those of its segments: the tree digest itself where there is only one."""
    digests = [segment.tree_digest for segment in parts]
    return digests[0] if len(digests) == 1 else hashlib.sha256(b"".join(digests)).digest()


def stage_discard(tx: Transaction, upload: Upload) -> tuple[UUID, ...]:
    """Forget a file on its way, whoever asks; staged. Raises Conflict (`upload-joined`): what is part of a statement stays."""
    if tx.first(JOINED, asset=upload.asset) is not None:
        raise Conflict("upload-joined")
    blobs = [row.blob for row in tx.all(SEGMENTS_OF, asset=upload.asset)]
    for table in (upload_blocks, segments):
        tx.stage(sa.delete(table).where(table.c.asset == upload.asset))
    as_read = (
        uploads.c.asset == upload.asset,
        uploads.c.offset == upload.offset,
        uploads.c.touched == upload.touched,
    )
    tx.stage(sa.delete(uploads).where(*as_read), rows=1, conflict="upload-moved")
    return (*blobs, upload.key) if upload.key else tuple(blobs)


def upload_proof(installation: Installation, upload: Upload) -> bytes:
    """Binds what its author will sign to what arrived."""
    return proof_of_row(installation, {name: getattr(upload, name) for name in _PROVED})


def proof_of_row(installation: Installation, values: Mapping[str, Any]) -> bytes:
    """The same, of a row that is about to be written."""
    return mac(installation.root, "uploads", _canonical(values, _PROVED).done())


def untouched_since(tx: Transaction, installation: Installation, moment: int) -> list[Upload]:
    """Everybody's that nothing came of, and nobody went on with, since then, longest first.

    One that is whole, of a statement that is sent, waits for its author alone, who was told that it is here: it stays. So does
    a row that somebody touched: it could name another's blob.
    """
    is_whole = (uploads.c.state == WHOLE) | (
        (uploads.c.way == CLEAR) & (uploads.c.offset == uploads.c.length)
    )
    is_sent = sa.exists().where(
        statements.c.id == uploads.c.statement,
        statements.c.finished.is_not(None),
        statements.c.state.not_in(CLOSED),
    )
    stale = (
        sa.select(uploads)
        .where(uploads.c.touched < moment, ~(is_whole & is_sent))
        .order_by(uploads.c.touched)
    )
    rows = [(row.proof, Upload.of(row)) for row in tx.all(stale)]
    return [upload for proof, upload in rows if macs_equal(proof, upload_proof(installation, upload))]


def _canonical(values: Mapping[str, Any], names: Iterable[str]) -> Writer:
    """Fields in order as FORMAT section 1 writes them; None as no bytes, words as text."""
    writer = Writer()
    for name in names:
        value = values[name]
        match value:
            case UUID():
                writer.id(value)
            case bool() | int():
                writer.uint(int(value))
            case str():
                writer.text(value)
            case _:
                writer.octets(value or b"")
    return writer
