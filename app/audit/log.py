"""Appending to the log: entries are noted during the work and take their places at the commit, the last."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.headfile import HeadFile
from app.crypto.keys import SigningSeed
from app.crypto.log import Entry, HeadMark, chain, leaf
from app.crypto.objects import Head, sign_object, verify_object
from app.domain.errors import CryptoError, Frozen, Tampered, Unavailable
from app.domain.ids import NIL
from app.store.database import Transaction
from app.store.log import entries, heads

log = logging.getLogger("vouchsafe")

HEAD: Final = sa.select(heads)
CHAIN_AT: Final = sa.select(entries.c.chain).where(entries.c.sequence == sa.bindparam("sequence"))


@dataclass(frozen=True)
class Note:
    """An entry that waits for its place. `note` holds our own fixed words only."""

    act: Act
    person: UUID | None = None
    case: UUID | None = None
    record: UUID | None = None
    field: str = ""
    version: int = 0
    digest: bytes | None = None
    session: bytes | None = None
    note: str = ""


Settle = Callable[[sa.Connection, int, int], None]
"""Called inside the write transaction with (connection, era, sequence of the note it belongs to)."""


@dataclass(frozen=True)
class LogKeys:
    """What writing and checking the log takes: whose log it is, and the server key's two halves."""

    installation: UUID
    server_seed: SigningSeed
    server_public: bytes


@dataclass
class AuditLog:
    """The notes of one unit of work. Before they are committed nothing is durable, no plaintext may leave."""

    keys: LogKeys
    head_file: HeadFile
    clock: Callable[[], int]
    notes: list[tuple[Note, Settle | None]] = field(default_factory=list)
    _appended: HeadMark | None = None
    _extends: bool = False

    def note(self, note: Note, settle: Settle | None = None) -> None:
        """Keep an entry for the commit; `settle` may write what depends on its place (tips, receipts)."""
        self.notes.append((note, settle))

    def forget(self, act: Act) -> None:
        """Take the notes of one act back, before they are committed."""
        self.notes = [(note, settle) for note, settle in self.notes if note.act is not act]

    def check_head(self, tx: Transaction, remembered: HeadMark | None = None) -> HeadMark:
        """The database's head, proved to be signed by the server key and to extend what this server saw.

        Args:
            remembered: a head that must be extended too, as the one in a person's trust book.

        Raises:
            Frozen: `head-behind` or `head-forked`; nothing may be opened until a restore was accepted.
            Tampered: the head's signature is not the server's.
        """
        known = self.head_file.read()
        earlier = {mark for mark in (known, remembered) if mark is not None}
        head = self._signed_head(tx)
        if known is None or not _is_before(head, known):
            return _extending(tx, head, earlier)
        fresh = tx.database.transaction()  # somebody may have committed since `tx` began to read: look again
        try:
            return _extending(fresh, self._signed_head(fresh), earlier)
        finally:
            fresh.release()

    def _signed_head(self, tx: Transaction) -> HeadMark:
        row = tx.first(HEAD)
        if row is None:
            raise Frozen("head-missing")
        return verify_head(self.keys, row)

    def append(self, connection: sa.Connection) -> None:
        """Give every note its place, inside the write transaction that is about to commit.

        Raises:
            Frozen: `head-missing`.
            Tampered: the head's signature is not the server's.
        """
        if not self.notes:
            return
        row = connection.execute(sa.select(heads).with_for_update()).one_or_none()
        if row is None:
            raise Frozen("head-missing")
        verify_head(self.keys, row)  # or the new signature would vouch for a chain that somebody else wrote
        era, sequence, link = row.era, row.sequence, row.chain
        at = self.clock()
        rows = []
        for note, settle in self.notes:
            sequence += 1
            entry = self._entry(note, era, sequence, at)
            entry_leaf = leaf(self.keys.installation, entry)
            link = chain(link, entry_leaf)
            rows.append(_row(entry, entry_leaf, link))
            if settle is not None:
                settle(connection, era, sequence)
        connection.execute(sa.insert(entries), rows)
        mark = HeadMark(era, sequence, link)
        connection.execute(sa.update(heads).values(head_values(self.keys, mark, at)))
        self._appended = mark
        self._extends = self._extends_known(connection, HeadMark(row.era, row.sequence, row.chain))

    def _extends_known(self, connection: sa.Connection, before: HeadMark) -> bool:
        """Whether what was appended to is what this server remembers; else it was restored, and must stay noticed."""
        try:
            known = self.head_file.read()
        except Unavailable as error:
            log.warning("head file not read: %s", error.what)
            return False
        if known is None or known == before:
            return True
        if (before.era, before.sequence) < (known.era, known.sequence):
            return False
        at_known = connection.execute(CHAIN_AT, {"sequence": known.sequence}).scalar()
        return known.sequence == 0 or at_known == known.chain

    def committed(self) -> None:
        """After the commit: forget the notes and move the head file on, unless the database was put back."""
        self.notes.clear()
        if self._appended is not None and self._extends:
            try:
                self.head_file.advance(self._appended)
            except Unavailable as error:
                # what was committed stands; only the notice of a rollback grows weaker
                log.warning("head file not moved on: %s", error.what)
        self._appended = None

    def settle_head_file(self) -> None:
        """After a founding or an accepted restore: the head file takes the new head, whatever stood there."""
        if self._appended is not None:
            self.head_file.write(self._appended)
        self.committed()

    def _entry(self, note: Note, era: int, sequence: int, at: int) -> Entry:
        return Entry(
            era=era,
            sequence=sequence,
            at=at,
            act=note.act.value,
            person=note.person,
            case=note.case,
            record=note.record,
            field=note.field,
            version=note.version,
            digest=note.digest,
            session_tag=note.session,
            note=note.note,
        )


def head_values(keys: LogKeys, mark: HeadMark, at: int) -> dict[str, Any]:
    """The row of the head table for a mark, signed."""
    head = Head(era=mark.era, sequence=mark.sequence, chain=mark.chain, at=at)
    signature = sign_object(keys.server_seed, keys.installation, head)
    return {"era": mark.era, "sequence": mark.sequence, "chain": mark.chain, "at": at, "signature": signature}


def verify_head(keys: LogKeys, row: sa.Row[tuple[object, ...]]) -> HeadMark:
    """The mark of this head row. Raises Tampered unless the server key signed it."""
    try:
        head = (row.era, row.sequence, row.chain, row.at)
        return _verified(keys.server_public, keys.installation, row.signature, head)
    except CryptoError as error:
        raise Tampered("head-signature", table="log_head", record=NIL) from error


@lru_cache(8)
def _verified(
    public: bytes, installation: UUID, signature: bytes, values: tuple[int, int, bytes, int]
) -> HeadMark:
    era, sequence, link, at = values
    head = Head(era=era, sequence=sequence, chain=link, at=at)
    verify_object(public, signature, installation, head)
    return HeadMark(era, sequence, link)


def _is_before(mark: HeadMark, other: HeadMark) -> bool:
    return (mark.era, mark.sequence) < (other.era, other.sequence)


def _extending(tx: Transaction, head: HeadMark, earlier: Iterable[HeadMark]) -> HeadMark:
    for mark in earlier:
        _require_extension(tx, head, mark)
    return head


def _require_extension(tx: Transaction, head: HeadMark, known: HeadMark) -> None:
    """Raises Frozen unless the log that ends at `head` goes on from `known`, or a restore was accepted since."""
    if _is_before(head, known):
        raise Frozen("head-behind")
    if head == known or head.era > known.era or not known.sequence:
        return
    at_known = tx.value(CHAIN_AT, sequence=known.sequence)
    if at_known != known.chain:
        raise Frozen("head-forked")


def _row(entry: Entry, entry_leaf: bytes, link: bytes) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "era": entry.era,
        "at": entry.at,
        "act": entry.act,
        "person": entry.person,
        "case": entry.case,
        "record": entry.record,
        "field": entry.field,
        "version": entry.version,
        "object_digest": entry.digest,
        "session_tag": entry.session_tag,
        "note": entry.note,
        "leaf": entry_leaf,
        "chain": link,
    }
