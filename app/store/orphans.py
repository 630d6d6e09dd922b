"""Blobs held against rows, over every table that names one: what is missing, and what belongs to nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.store.blobs import BlobStore
from app.store.cases import assets, segments
from app.store.database import Transaction
from app.store.jobs import derivatives
from app.store.keys import record_keys
from app.store.log import entries
from app.store.uploads import uploads

SETTLED_SECONDS: Final = 24 * 60 * 60
"""A blob younger than this may still be waiting for its row."""

NAMES_OF_BLOBS: Final[Mapping[str, sa.Select[Any]]] = MappingProxyType(
    {
        "assets": sa.select(assets.c.id).where(~sa.exists().where(segments.c.asset == assets.c.id)),
        "derivatives": sa.select(derivatives.c.id),
        "segments": sa.select(segments.c.blob),
    }
)
"""Table -> the ids of blobs that its rows name. A table that is not here has its blobs taken for strays, and removed."""
GROWING: Final = sa.select(uploads.c.key).where(uploads.c.key.is_not(None))
"""Blobs that are still coming in, or have just got their name."""


@dataclass(frozen=True)
class Held:
    """`files`: rows with a blob; `missing`: rows without one; `unowned`: blobs for a day without a row, with when they were written."""

    files: int
    missing: tuple[UUID, ...]
    unowned: dict[UUID, float]


def hold_against_rows(tx: Transaction, blobs: BlobStore, now: float) -> Held:
    """The rows come first: what is sent meanwhile is a young blob, never a missing one."""
    rows = {row[0] for named in NAMES_OF_BLOBS.values() for row in tx.all(named)}
    growing = {row.key for row in tx.all(GROWING)}
    tx.release()
    there = dict(blobs.finished())
    settled = now - SETTLED_SECONDS
    unowned = {blob: at for blob, at in there.items() if blob not in rows | growing and at < settled}
    return Held(len(rows & there.keys()), tuple(sorted(rows - there.keys())), dict(sorted(unowned.items())))


def sweep(tx: Transaction, blobs: BlobStore, now: float, since: float) -> int:
    """Remove unfinished parts a day old, and blobs that belong to nothing; how many went.

    A blob that the log names, or that still has a key, is a file whose row was lost, and one from before `since` may have had its row in a
    database that was put back: both are kept, for somebody to look at.
    """
    growing = {row.key for row in tx.all(GROWING)}
    parts = blobs.sweep(now - SETTLED_SECONDS)
    for blob, at in blobs.growing():
        if blob not in growing and since <= at < now - SETTLED_SECONDS:
            blobs.give_up(blob)
            parts += 1
    unowned = hold_against_rows(tx, blobs, now).unowned
    strays = [blob for blob, at in unowned.items() if at >= since and not _is_known(tx, blob)]
    tx.release()
    for blob in strays:
        blobs.delete(blob)
    return parts + len(strays)


def _is_known(tx: Transaction, blob: UUID) -> bool:
    """A file of one piece is in the log by its name; a segment has the name of its key."""
    logged = sa.select(entries.c.sequence).where(entries.c.record == blob).limit(1)
    return any(
        tx.first(known) for known in (logged, sa.select(record_keys.c.id).where(record_keys.c.id == blob))
    )
