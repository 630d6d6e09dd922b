"""What a worker sets right when it starts: stray blobs, and derivatives that are not on the disk any more."""

import logging
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog
from app.domain.errors import Frozen, Tampered
from app.domain.jobs import JobState
from app.services import Services
from app.store import orphans
from app.store.database import Transaction
from app.store.jobs import derivatives, jobs
from app.store.log import entries

log = logging.getLogger("vouchsafe")

BLOB_MISSING = "blob-missing"


def sweep_blobs(services: Services) -> None:
    """Remove what belongs to nothing, and mark the jobs whose derivatives are gone; no other file is touched.

    A database that does not extend what this server has seen says nothing of what belongs to whom: then all is left.

    Raises:
        Unavailable: the database or the disk does not answer.
    """
    tx = services.database.transaction()
    try:
        AuditLog(services.installation.log_keys, services.head_file, services.clock).check_head(tx)
        removed = orphans.sweep(tx, services.blobs, services.clock(), _era_began(tx))
        missing = orphans.hold_against_rows(tx, services.blobs, services.clock()).missing
        marked = _mark(tx, missing)
        tx.commit()
    except (Frozen, Tampered) as error:
        log.warning("no stray file was removed: %s", error)
    else:
        log.info("%d stray files removed; files of %d jobs are missing", removed, marked)
    finally:
        tx.release()


def _era_began(tx: Transaction) -> int:
    """When the newest restore was accepted; 0 where there was none."""
    accepted = entries.c.act == Act.RESTORE_ACCEPTED.value
    return tx.value(sa.select(sa.func.max(entries.c.at)).where(accepted)) or 0


def _mark(tx: Transaction, missing: tuple[UUID, ...]) -> int:
    """Set aside each job that a missing derivative is of, so that somebody can have it made again; how many."""
    of_missing: set[Any] = {
        row.job
        for blob in missing
        for row in tx.all(sa.select(derivatives.c.job).where(derivatives.c.id == blob))
    }
    done = jobs.c.state == JobState.DONE.value
    for job in of_missing:
        tx.stage(
            sa.update(jobs)
            .where(jobs.c.id == job, done)
            .values(state=JobState.SET_ASIDE.value, reason=BLOB_MISSING)
        )
    return len(of_missing)
