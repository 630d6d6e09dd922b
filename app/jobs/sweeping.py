"""What a worker sets right when it starts, and every day: files nobody went on with, stray blobs, derivatives that are gone."""

import logging
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.domain.capacity import UPLOAD_DAYS
from app.domain.errors import Conflict, Frozen, Tampered
from app.domain.jobs import DAY, JobState
from app.services import Services
from app.store import orphans
from app.store.database import Transaction
from app.store.jobs import derivatives, jobs
from app.store.log import entries
from app.vault.upload_rows import Upload, stage_discard, untouched_since

log = logging.getLogger("vouchsafe")

WITNESS_DAYS: Final = 3
BLOB_MISSING = "blob-missing"
EXPIRED = f"file, untouched for {UPLOAD_DAYS} days"


def sweep(services: Services) -> None:
    """All of it. Raises Unavailable where the database or the disk does not answer."""
    discard_expired(services)
    sweep_blobs(services)


def discard_expired(services: Services) -> None:
    """Forget files on their way that nobody has touched for so long; a line of the log for each.

    A whole one waits as long for its words as another for its next piece. The time counts from an accepted restore
    at the earliest: what was touched in between, the database does not know. A clock that nobody signed in by lately
    lets nothing go: it may have jumped.

    Raises:
        Unavailable: the database or the disk does not answer.
    """
    moment, tx = services.clock() - UPLOAD_DAYS * DAY, services.database.transaction()
    try:
        AuditLog(services.installation.log_keys, services.head_file, services.clock).check_head(tx)
        due = _era_began(tx) < moment and _is_witnessed(tx, services.clock(), WITNESS_DAYS * DAY)
        stale = untouched_since(tx, services.installation, moment) if due else []
    except (Frozen, Tampered) as error:
        log.warning("no file on its way was discarded: %s", error)
        return
    finally:
        tx.release()
    for upload in stale:
        _discard(services, upload)


def _discard(services: Services, upload: Upload) -> None:
    """With its blobs, once nothing names them any more: a crash in between leaves them to the next sweep."""
    tx = services.database.transaction()
    audit = AuditLog(services.installation.log_keys, services.head_file, services.clock)
    audit.note(Note(Act.FILE_EXPIRED, case=upload.case, record=upload.asset, note=EXPIRED))
    try:
        blobs = stage_discard(tx, upload)
        tx.commit(audit.append)
    except Conflict as conflict:
        log.info("a file that nobody had touched stays: %s", conflict.reason)
        return
    finally:
        tx.release()
    audit.committed()
    for blob in blobs:
        services.blobs.drop(blob)


def sweep_blobs(services: Services) -> None:
    """Remove what belongs to nothing, and mark the jobs whose derivatives are gone; no other file is touched.

    A database that does not extend what this server has seen says nothing of what belongs to whom, and a clock that nobody
    signed in by lately nothing of how old a file is: then all is left.

    Raises:
        Unavailable: the database or the disk does not answer.
    """
    if services.head_file.read() is None:
        log.warning("no stray file was removed: this server has seen no log yet, and cannot tell its age")
        return
    tx = services.database.transaction()
    try:
        AuditLog(services.installation.log_keys, services.head_file, services.clock).check_head(tx)
        now = services.clock()
        removed = (
            orphans.sweep(tx, services.blobs, now, _era_began(tx))
            if _is_witnessed(tx, now, orphans.SETTLED_SECONDS // 2)
            else 0
        )
        missing = orphans.hold_against_rows(tx, services.blobs, now).missing
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


def _is_witnessed(tx: Transaction, now: int, seconds: int) -> bool:
    """Whether somebody has signed in so lately by this clock: the digits of a phone are only right where both tell the same time."""
    signed_in = sa.select(sa.func.max(entries.c.at)).where(entries.c.act == Act.SIGNED_IN.value)
    newest = tx.value(signed_in)
    return newest is not None and now - seconds <= newest <= now


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
