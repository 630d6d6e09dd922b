"""Walks the whole log and names the first entry that is not what was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from app.audit.log import LogKeys, verify_head
from app.crypto.log import ZERO, Entry, HeadMark, chain, leaf
from app.domain.errors import Malformed, Tampered
from app.store.database import Transaction
from app.store.log import entries, heads

PAGE: Final = 2_000
BEFORE_ALL: Final = -(2**63)


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
    link, expected = ZERO, 1
    for row in _rows(tx):
        fault = _fault(keys, row, expected, link)
        if not fault and known is not None and row.sequence == known.sequence and row.chain != known.chain:
            fault = "differs-from-head-file"
        if fault:
            return Verdict(expected - 1, expected, fault)
        link, expected = row.chain, expected + 1
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


def _rows(tx: Transaction) -> Iterator[sa.Row[Any]]:
    last = BEFORE_ALL
    while True:
        later = sa.select(entries).where(entries.c.sequence > last)
        page = tx.all(later.order_by(entries.c.sequence).limit(PAGE))
        if not page:
            return
        yield from page
        last = page[-1].sequence


def _fault(keys: LogKeys, row: sa.Row[Any], expected: int, link: bytes) -> str:
    if row.sequence != expected:
        return "missing"
    try:
        if leaf(keys.installation, _entry_of(row)) != row.leaf:
            return "altered"
    except Malformed:
        return "altered"
    if chain(link, row.leaf) != row.chain:
        return "chain"
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
