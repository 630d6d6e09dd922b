"""After a restore: a new era begins, on an operator's word, and both heads stand in the log."""

from collections.abc import Callable

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.headfile import HeadFile
from app.audit.log import AuditLog, Note, head_values, verify_head
from app.crypto.log import HeadMark
from app.domain.errors import Unusable
from app.store import log as log_tables
from app.store import trust as tables
from app.store.database import Transaction
from app.vault.installation import Installation


def accept_restore(
    tx: Transaction, installation: Installation, head_file: HeadFile, clock: Callable[[], int]
) -> tuple[HeadMark, HeadMark | None]:
    """Take the database as it stands: era + 1, an entry that names both heads, the head file moved to it.

    Returns: the database's head before, and the head that the server remembered.

    Raises:
        Tampered: the head is not one that this installation signed.
        Unusable: nothing was restored: the database extends what this server saw.
    """
    row = tx.first(sa.select(log_tables.heads))
    if row is None:
        raise Unusable("This database has no log head. Restore another backup.")
    found, known = verify_head(installation.log_keys, row), head_file.read()
    if known is None or not _lags(tx, found, known):
        raise Unusable("The database extends what this server saw; there is nothing to accept.")
    era = max(found.era, known.era) + 1
    accepted = head_values(installation.log_keys, HeadMark(era, found.sequence, found.chain), clock())
    tx.stage(sa.update(tables.installation).values(era=era))
    tx.stage(sa.update(log_tables.heads).values(accepted))
    audit = AuditLog(installation.log_keys, head_file, clock)
    note = f"database {found.era}/{found.sequence}, server {known.era}/{known.sequence}"
    audit.note(Note(Act.RESTORE_ACCEPTED, digest=known.chain, version=era, note=note))
    tx.commit(audit.append)
    audit.settle_head_file()
    return found, known


def _lags(tx: Transaction, found: HeadMark, known: HeadMark) -> bool:
    if (found.era, found.sequence) < (known.era, known.sequence):
        return True
    at_known = tx.value(
        sa.select(log_tables.entries.c.chain).where(log_tables.entries.c.sequence == known.sequence)
    )
    return bool(known.sequence) and at_known != known.chain
