"""One request's piece of a file on its way: written by one request at a time, durable before it counts, sealed if it came in clear."""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final, Protocol

import sqlalchemy as sa

from app.crypto.tree import BLOCK, TreeDigest
from app.domain.capacity import MIB
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.ids import new_id
from app.store.blobs import HOLDER_BYTES, BlobStore, GrowingBlob
from app.store.cases import segments
from app.store.database import Database, Transaction
from app.store.uploads import upload_blocks, uploads
from app.vault.background import Background
from app.vault.installation import Installation
from app.vault.records import IntakeTarget, intake_wrap
from app.vault.submissions import Hash, StreamIntake, segment_context
from app.vault.upload_rows import MOST_SEGMENTS, OPEN, Segment, Upload, stage_segment

LANDING_BYTES: Final = 32 * MIB
"""What a long piece has at risk: after so much it is made durable and counts."""
ALGORITHMS: Final = ("sha256", "sha1")


@dataclass(frozen=True)
class Checksum:
    """What the sender says of a piece. `algorithm`: one of ALGORITHMS."""

    algorithm: str
    digest: bytes


class Piece(Protocol):
    """Where the bytes of one request go. Nothing counts before `land` has returned."""

    landed: int
    """The upload's offset, as far as it counts."""

    def write(self, data: bytes) -> None:
        """Raises, for this or for what was written before, Conflict (`another-holder`) where another request has taken over;
        Unavailable. Nothing of it counts then.
        """

    def land(self, checksum: Checksum | None = None) -> None:
        """All that was written is durable and counts. Raises as `write`, and InvalidInput where the checksum is another."""

    def close(self) -> None:
        """Let go. What has not landed is forgotten."""


_HERE: Final = (
    uploads.c.asset == sa.bindparam("of_asset"),
    uploads.c.state == OPEN,
    uploads.c.segment == sa.bindparam("of_segment"),
    uploads.c.key.is_not_distinct_from(sa.bindparam("of_key", type_=uploads.c.key.type)),
)
_OFFSET: Final = sa.select(uploads.c.offset).where(*_HERE)
_MOVE: Final = (
    sa.update(uploads)
    .where(*_HERE, uploads.c.offset == sa.bindparam("come"))
    .values(offset=sa.bindparam("now_come"), touched=sa.bindparam("now"))
)
_COUNTED: Final = sa.select(sa.func.count()).where(segments.c.asset == sa.bindparam("of_asset"))


class _Landing:
    """What both kinds of pieces do with the row."""

    def __init__(self, database: Database, upload: Upload, clock: Callable[[], int]) -> None:
        self._database = database
        self._upload = upload
        self._clock = clock
        self._here = {"of_asset": upload.asset, "of_segment": upload.segment, "of_key": upload.key}
        self.landed = upload.offset

    def _move(self, tx: Transaction, written: int) -> None:
        """Raises Conflict, and nothing was written; Unavailable, and nobody knows."""
        moved = {"come": self.landed, "now_come": self.landed + written, "now": self._clock()}
        tx.stage(_MOVE, rows=1, conflict="another-holder", **self._here, **moved)
        tx.commit()
        self.landed += written


class SealedPiece(_Landing):
    """Ciphertext, written where it belongs in the segment's blob; each block's digest is kept as it ends."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        upload: Upload,
        clock: Callable[[], int],
        algorithm: str | None = None,
    ) -> None:
        super().__init__(database, upload, clock)
        assert upload.key is not None
        try:
            self._growing: GrowingBlob = blobs.grow(upload.key, secrets.token_bytes(HOLDER_BYTES))
        except NotFound as error:
            raise Conflict("lost") from error
        with ExitStack() as undo:
            undo.callback(self._growing.close)
            self._require_here()
            self._hashes = _Hashes(self._growing, self.landed, algorithm)
            undo.pop_all()
        self._hashing = Background(self._hashes.update)
        self._writing = Background(self._write_on)
        self._written = 0

    def _require_here(self) -> None:
        """Whoever wrote before landed, or never will: only now is the offset what it says."""
        tx = self._database.transaction()
        try:
            offset = tx.value(_OFFSET, **self._here)
        finally:
            tx.release()
        if offset != self.landed:
            raise Conflict("another-holder")
        if self._growing.is_settled or self._growing.size() < self.landed:
            raise Conflict("lost")  # or its end was cut off just before its row was to say so

    def write(self, data: bytes) -> None:
        self._writing.put(data)
        self._hashing.put(data)

    def _write_on(self, data: bytes) -> None:
        self._growing.write_at(self.landed + self._written, data)
        self._written += len(data)

    def land(self, checksum: Checksum | None = None) -> None:
        self._hashing.finish()
        self._writing.finish()
        _require(checksum, self._hashes.digest())
        come = self.landed + self._written
        self._growing.sync(come - come % BLOCK)
        upload, tx = self._upload, self._database.transaction()
        for number, digest in self._hashes.ended():
            tx.insert(upload_blocks, asset=upload.asset, segment=upload.segment, number=number, digest=digest)
        with self._growing.held():  # who takes over waits, and then reads the offset anew
            self._move(tx, self._written)
        self._written = 0

    def close(self) -> None:
        self._writing.stop()
        self._hashing.stop()
        self._growing.close()


class _Hashes:
    """SHA-256 of each block that ends, one that began in an earlier request read again up to here; and of all that is written.

    A piece that is one block, or the beginning of one, is hashed once for both.
    """

    def __init__(self, growing: GrowingBlob, offset: int, algorithm: str | None) -> None:
        self._number, self._filled = divmod(offset, BLOCK)
        self._block = hashlib.sha256(growing.read_at(offset - self._filled, self._filled))
        self._ended: list[tuple[int, bytes]] = []
        shares = algorithm == "sha256" and self._filled == 0
        self._own = None if shares or algorithm is None else hashlib.new(algorithm, usedforsecurity=False)
        self._shared = self._block if shares else None
        self._count = 0

    def update(self, data: bytes) -> None:
        rest = memoryview(data)
        self._keep_apart(len(data))
        if self._own is not None:
            self._own.update(data)
        while rest:
            taken = rest[: BLOCK - self._filled]
            self._block.update(taken)
            self._filled += len(taken)
            rest = rest[len(taken) :]
            if self._filled == BLOCK:
                self._ended.append((self._number, self._block.digest()))
                self._number, self._filled, self._block = self._number + 1, 0, hashlib.sha256()

    def _keep_apart(self, size: int) -> None:
        """The piece goes on beyond its first block: from here on it is hashed by itself."""
        self._count += size
        if self._shared is not None and self._count > BLOCK:
            self._own, self._shared = self._shared.copy(), None

    def digest(self) -> bytes:
        """Of all that was written; nothing where no algorithm was asked for."""
        whole = self._own or self._shared
        return whole.digest() if whole is not None else b""

    def ended(self) -> list[tuple[int, bytes]]:
        ended, self._ended = self._ended, []
        return ended


class ClearPiece(_Landing):
    """Bytes in clear from another program, sealed on arrival: what lands at once is a segment under a key of its own."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        upload: Upload,
        clock: Callable[[], int],
        installation: Installation,
        target: IntakeTarget,
        algorithm: str | None = None,
    ) -> None:
        super().__init__(database, upload, clock)
        self._blobs = blobs
        self._installation = installation
        self._target = target
        self._sum: Hash | None = hashlib.new(algorithm, usedforsecurity=False) if algorithm else None
        self._number = self._next_number()
        self._key = new_id()
        self._intake: StreamIntake | None = None
        self._fence = blobs.fence(upload.asset, secrets.token_bytes(HOLDER_BYTES))

    def _next_number(self) -> int:
        """Raises Conflict (`too-many-segments`) for a sender of crumbs."""
        tx = self._database.transaction()
        try:
            number = int(tx.value(_COUNTED, of_asset=self._upload.asset)) + 1
        finally:
            tx.release()
        if number > MOST_SEGMENTS:
            raise Conflict("too-many-segments")
        return number

    def write(self, data: bytes) -> None:
        if self._intake is None:
            self._intake = self._begun()
        if self._sum is not None:
            self._sum.update(data)
        self._intake.write(data)

    def _begun(self) -> StreamIntake:
        upload, self._key = self._upload, new_id()
        context = segment_context(upload.case, upload.asset, self._number)
        return StreamIntake(self._installation.id, context, self._key, self._key, self._blobs, TreeDigest())

    def land(self, checksum: Checksum | None = None) -> None:
        _require(checksum, self._sum.digest() if self._sum is not None else b"")
        intake, self._intake = self._intake, None
        if intake is None:
            return
        segment, tx = self._finished(intake), self._database.transaction()
        stage_segment(tx, self._installation, self._upload.asset, segment)
        try:
            with self._fence.held():  # whoever asks where it goes on shuts this request out
                self._move(tx, segment.length)
        except Conflict:  # nothing was written; where nobody knows, a blob that no row names is swept later
            self._blobs.delete(segment.blob)
            raise
        self._number += 1

    def _finished(self, intake: StreamIntake) -> Segment:
        receipt, upload = intake.finish(), self._upload
        wrap = intake_wrap(
            self._installation.id, receipt.key, receipt.key_id, upload.case, upload.asset, self._target
        )
        return Segment(
            number=self._number,
            blob=self._key,
            key=receipt.key_id,
            size=receipt.size,
            length=receipt.length,
            header_digest=receipt.header_digest,
            tree_digest=receipt.whole_digest,
            cut=False,
            wrap=wrap,
        )

    def close(self) -> None:
        intake, self._intake = self._intake, None
        if intake is not None:
            intake.abandon()
        self._fence.remove()
        self._fence.close()


def _require(checksum: Checksum | None, digest: bytes) -> None:
    if checksum is not None and not compare_digest(checksum.digest, digest):
        raise InvalidInput({"checksum": "another"})
