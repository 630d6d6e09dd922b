"""A log with real keys on a real database, ready to be written to, read and tampered with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.headfile import HeadFile
from app.audit.log import AuditLog, LogKeys, Note, Settle, head_values
from app.audit.verify import Verdict, verify_log
from app.crypto.keys import SigningSeed
from app.crypto.log import ZERO, HeadMark
from app.crypto.signing import public_of
from app.domain.ids import new_id
from app.store.database import Database
from app.store.log import entries, heads

AT = 1_700_000_000


def new_keys() -> LogKeys:
    seed = SigningSeed.generate()
    return LogKeys(new_id(), seed, public_of(seed))


@dataclass
class Logbook:
    """`head_file` is that of one app server; another server has another."""

    database: Database
    keys: LogKeys
    head_file: HeadFile

    def found(self) -> None:
        """The first head, before any entry."""
        tx = self.database.transaction()
        values = head_values(self.keys, HeadMark(1, 0, ZERO), AT)
        tx.stage(sa.insert(heads).values(only=1, **values))
        tx.commit()

    def write(self, *notes: Note, settle: Settle | None = None) -> None:
        """One unit of work that notes these and commits."""
        log = self.open()
        for note in notes:
            log.note(note, settle)
        self.database.transaction().commit(log.append)
        log.committed()

    def write_signing_in(self, times: int, person: UUID) -> None:
        for _ in range(times):
            self.write(Note(Act.SIGNED_IN, person=person))

    def open(self) -> AuditLog:
        return AuditLog(self.keys, self.head_file, lambda: AT)

    def check_head(self) -> HeadMark:
        tx = self.database.transaction()
        try:
            return self.open().check_head(tx)
        finally:
            tx.release()

    def verify(self, known: HeadMark | None = None) -> Verdict:
        tx = self.database.transaction()
        try:
            return verify_log(tx, self.keys, known)
        finally:
            tx.release()

    def rows(self) -> list[sa.Row[Any]]:
        tx = self.database.transaction()
        try:
            return list(tx.all(sa.select(entries).order_by(entries.c.sequence)))
        finally:
            tx.release()

    def mark_at(self, sequence: int) -> HeadMark:
        row = self.rows()[sequence - 1]
        return HeadMark(row.era, row.sequence, row.chain)

    def head(self) -> sa.Row[Any]:
        tx = self.database.transaction()
        try:
            row = tx.first(sa.select(heads))
        finally:
            tx.release()
        assert row is not None
        return row

    def tamper(self, statement: sa.UpdateBase) -> None:
        """What somebody with the database, but without the server key, can do."""
        with self.database.writing() as connection:
            connection.execute(statement)

    def restore_head(self, head: sa.Row[Any]) -> None:
        self.tamper(sa.update(heads).values(**head._asdict()))
