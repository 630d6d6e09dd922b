"""Walks the whole log and names the first entry that is not what was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.audit.log import LogKeys, verify_head
from app.crypto.log import ZERO, Entry, HeadMark, chain, leaf
from app.domain.errors import Malformed, Tampered
from app.store.database import STRANGE_VALUES, Transaction
from app.store.log import entries, heads

PAGE: Final = 2_000
BEFORE_ALL: Final = -(2**63)
NEVER_WRITTEN: Final = (Malformed, *STRANGE_VALUES)
"""What an entry that nobody wrote raises when it is read or hashed."""


@dataclass(frozen=True)
class Verdict:
    """`broken` is the sequence of the first entry that is not what was written, None when all is well.

    `fault`, at an entry: `missing`, `altered`, `chain`, `differs-from-head-file`; at the end: `head-missing`,
    `head-signature`, `cut` (the head tells of more entries), `unsigned` (the head does not know the entry),
    `differs-from-head` (the last entry is another, and so may be earlier ones), `behind-head-file`.
    """

    entries: int
    broken: int | None = None
    fault: str = ""


def verify_log(tx: Transaction, keys: LogKeys, known: HeadMark | None = None) -> Verdict:
    """Check places, leaves, chain, the signed head, and the mark kept outside the database (`known`)."""
    return _verify(tx, keys, BEFORE_ALL, (ZERO, 1), known)


def verify_since(tx: Transaction, keys: LogKeys, seen: HeadMark) -> Verdict:
    """The same for what came after a head that somebody remembers; `entries` counts from the first of all."""
    return _verify(tx, keys, seen.sequence, (seen.chain, seen.sequence + 1), None)


def _verify(
    tx: Transaction, keys: LogKeys, after: int, start: tuple[bytes, int], known: HeadMark | None
) -> Verdict:
    link, expected = start
    try:
        for row in _rows(tx, after):
            fault = _fault(keys, row, expected, link, known)
            if fault:
                return Verdict(expected - 1, expected, fault)
            link, expected = row.chain, expected + 1
    except NEVER_WRITTEN:
        return Verdict(expected - 1, expected, "altered")
    return _check_end(tx, keys, expected - 1, link, known)


def _check_end(tx: Transaction, keys: LogKeys, last: int, link: bytes, known: HeadMark | None) -> Verdict:
    head = tx.first(sa.select(heads))
    if head is None:
        return Verdict(last, last + 1, "head-missing")
    try:
        verify_head(keys, head)
    except Tampered:
        return Verdict(last, last + 1, "head-signature")
    fault_at = _head_fault(head, last, link)
    if fault_at is not None:
        return Verdict(last, *fault_at)
    if known is not None and known.sequence > last:
        return Verdict(last, last + 1, "behind-head-file")
    return Verdict(last)


def _head_fault(head: sa.Row[Any], last: int, link: bytes) -> tuple[int, str] | None:
    if head.sequence > last:
        return last + 1, "cut"
    if head.sequence < last:
        return head.sequence + 1, "unsigned"
    return None if head.chain == link else (last, "differs-from-head")


def _rows(tx: Transaction, after: int) -> Iterator[sa.Row[Any]]:
    page = _page(tx, after, PAGE)
    while page:
        yield from page
        page = _page(tx, page[-1].sequence, PAGE)


def _page(tx: Transaction, after: int, size: int) -> Sequence[sa.Row[Any]]:
    """A smaller page where a row cannot be read at all, so that those before it are still looked at."""
    later = sa.select(entries).where(entries.c.sequence > after)
    try:
        return tx.all(later.order_by(entries.c.sequence).limit(size))
    except NEVER_WRITTEN:
        if size == 1:
            raise
        return _page(tx, after, size // 2)


def _fault(keys: LogKeys, row: sa.Row[Any], expected: int, link: bytes, known: HeadMark | None) -> str:
    if row.sequence != expected:
        return "missing"
    if leaf(keys.installation, _entry_of(row)) != row.leaf:
        return "altered"
    if chain(link, row.leaf) != row.chain:
        return "chain"
    if known is not None and row.sequence == known.sequence and row.chain != known.chain:
        return "differs-from-head-file"
    return ""


def _entry_of(row: sa.Row[Any]) -> Entry:
    return Entry(
        era=row.era,
        sequence=row.sequence,
        at=row.at,
        act=row.act,
        person=row.person,
        case=row.case,
        record=row.record,
        field=row.field,
        version=row.version,
        digest=row.object_digest,
        session_tag=row.session_tag,
        note=row.note,
    )
