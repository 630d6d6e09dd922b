"""The segments that a file lies in, with their keys: for whoever may read it to hand on."""

from dataclasses import dataclass, field
from uuid import UUID

from app.crypto.keys import RecordKey
from app.crypto.stream import plain_length
from app.domain.errors import CryptoError, NotFound, Tampered
from app.store.database import Transaction
from app.vault.files import ASSET_WITH_KEY
from app.vault.records import Records
from app.vault.secrets import CASE


@dataclass(frozen=True)
class Segment:
    """`number`: from 1; `cut`: it was interrupted, so that no chunk says where it ends; `length`: bytes in clear."""

    number: int
    blob: UUID
    key: RecordKey = field(repr=False)
    key_id: UUID
    cut: bool
    length: int


def segments_of(tx: Transaction, records: Records, case: UUID, asset: UUID) -> list[Segment]:
    """In order.

    Raises:
        NotFound: there is no such file, or its key was destroyed.
        Forbidden: the holder may not read it.
        Tampered: a key is not what was sealed, or no stream has the length that the row names.
    """
    row = tx.first(ASSET_WITH_KEY, asset=asset, of_case=case)
    if row is None:
        raise NotFound("asset")
    key = records.record_key(row.key, case, asset, CASE, row)
    try:
        length = plain_length(row.size)
    except CryptoError as error:
        raise Tampered("stream-length", table="assets", record=asset) from error
    return [Segment(1, asset, key, row.key, cut=False, length=length)]
