"""Files in clear, piece by piece: any range of a sealed original, verified before it is handed out."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto.stream import HEADER_LENGTH, StreamOpener
from app.domain.errors import CryptoError, NotFound, Tampered
from app.store.blobs import BlobReader, BlobStore
from app.store.cases import assets
from app.store.database import Transaction
from app.store.keys import record_keys
from app.vault.installation import Installation
from app.vault.records import Records
from app.vault.secrets import CASE
from app.vault.submissions import asset_context

ASSET_WITH_KEY: Final = (
    sa.select(assets, record_keys.c.wrap, record_keys.c.state, record_keys.c.epoch, record_keys.c.intake_key)
    .join(record_keys, record_keys.c.id == assets.c.key, isouter=True)
    .where(assets.c.id == sa.bindparam("asset"), assets.c.case == sa.bindparam("of_case"))
)


@dataclass
class OpenFile:
    """`length`: bytes in clear. Close it when the last piece has left."""

    length: int
    statement: UUID
    _opener: StreamOpener
    _reader: BlobReader
    _asset: UUID

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """Up to `size` bytes from `offset`, a piece a chunk.

        Raises:
            Tampered: while iterating, at the first piece that is not what was sealed; it is not handed out.
        """
        try:
            yield from self._opener.read(offset, size)
        except CryptoError as error:
            raise Tampered("stream", table="assets", record=self._asset) from error

    def head(self, size: int) -> bytes:
        """The first bytes, at most `size`. Raises Tampered, having closed, if they are not what was sealed."""
        try:
            return b"".join(self.read(0, size))
        except Tampered:
            self.close()
            raise

    def close(self) -> None:
        self._reader.close()


@dataclass
class Files:
    """Opens originals for members of the case."""

    tx: Transaction
    installation: Installation
    records: Records
    blobs: BlobStore

    def open(self, case: UUID, asset: UUID) -> OpenFile:
        """Open a file for reading at any offset; header, length and last chunk are proved here.

        Raises:
            NotFound: there is none, or its key was destroyed.
            Tampered: it was cut, lengthened, swapped or altered.
        """
        row = self.tx.first(ASSET_WITH_KEY, asset=asset, of_case=case)
        if row is None:
            raise NotFound("asset")
        key = self.records.record_key(row.key, case, asset, CASE, row)
        reader = self._reader(row)
        try:
            opener = StreamOpener(key, asset_context(case, asset), self.installation.id, reader)
        except CryptoError as error:
            reader.close()
            raise Tampered("stream", table="assets", record=asset) from error
        return OpenFile(opener.length, row.statement, opener, reader, asset)

    def _reader(self, row: sa.Row[Any]) -> BlobReader:
        try:
            reader = self.blobs.open(row.id)
        except NotFound as error:
            raise Tampered("blob-missing", table="assets", record=row.id) from error
        if reader.size() != row.size:
            reader.close()
            raise Tampered("stream-length", table="assets", record=row.id)
        if hashlib.sha256(reader.read_at(0, HEADER_LENGTH)).digest() != row.header_digest:
            reader.close()
            raise Tampered("stream-header", table="assets", record=row.id)
        return reader
