"""What `vouchsafe doctor` looks at: settings, keys, log, storage, background work. It changes nothing."""

import stat
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.administration.background import JobHealth, job_health
from app.audit.verify import Verdict, verify_log
from app.services import Services
from app.store.database import Transaction
from app.store.log import heads
from app.store.orphans import Held, hold_against_rows

FOUND_WRONG: Final = 1
NAMED: Final = 20
"""Ids that are told of many."""
CLOCKS_DIFFER: Final = 2 * 60
"""Seconds by which the clocks of two servers on one database may lie apart."""


def examine(services: Services) -> tuple[str, dict[str, Any], int]:
    """Lines for people, the same for machines, and the exit code."""
    tx = services.database.transaction()
    try:
        verdict = verify_log(tx, services.installation.log_keys, services.head_file.read())
        behind = _clock_behind(tx, services) if verdict.broken is None else 0
        work = job_health(tx, services.clock() - int(services.pace.alive))
        storage = services.blobs.storage()
        kept = hold_against_rows(tx, services.blobs, services.clock())
    finally:
        tx.release()
    root_key = services.config.root_key_file
    facts = {
        "log_entries": verdict.entries,
        "log_well": verdict.broken is None,
        "clock_behind_seconds": behind,
        "demo": services.installation.demo,
        "root_key_mode": f"{stat.S_IMODE(root_key.stat().st_mode):04o}",
        "blobs": {
            "mount": str(storage.mount),
            "kind": storage.kind,
            "free": storage.free,
            **_facts(kept),
        },
        "background": work.facts(),
    }
    faults = [*_faults(verdict, kept, root_key, behind), *work.faults()]
    line = (
        f"Well: {verdict.entries} log entries in order, files in their places: {kept.files}, {storage.free} bytes free"
        f" on {storage.mount} ({storage.kind}); workers: {work.workers}."
    )
    said = [*(faults or [line]), *_remarks(kept, work)]
    return "\n".join(said), facts, FOUND_WRONG if faults else 0


def _facts(kept: Held) -> dict[str, Any]:
    unowned = tuple(kept.unowned)
    return {
        "files": kept.files,
        "missing": len(kept.missing),
        "missing_ids": [blob.hex for blob in kept.missing[:NAMED]],
        "unowned": len(unowned),
        "unowned_ids": [blob.hex for blob in unowned[:NAMED]],
    }


def _clock_behind(tx: Transaction, services: Services) -> int:
    """Seconds by which the clock is behind the newest line of a log that is whole; 0 where it is not."""
    written: int = tx.value(sa.select(heads.c.at))
    return max(0, written - services.clock())


def _faults(verdict: Verdict, kept: Held, root_key: Path, clock_behind: int) -> list[str]:
    faults = []
    if clock_behind > CLOCKS_DIFFER:
        faults.append(
            f"The clock is {timedelta(seconds=clock_behind)} behind the newest line of the log, so it is wrong now or was "
            "wrong then. Compare it, as with `timedatectl`. Nothing is lost, and the log keeps its order."
        )
    if verdict.broken is not None:
        faults.append(f"The log is broken at entry {verdict.broken}: {verdict.fault}.")
    if kept.missing:
        faults.append(f"Files that are missing from the blob folder: {_counted(kept.missing)}.")
    if root_key.parent.stat().st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH:
        faults.append(f"Anybody can replace the root key file: run `chmod o-w {root_key.parent}`.")
    return faults


def _remarks(kept: Held, work: JobHealth) -> list[str]:
    said = work.remarks()
    if kept.unowned:
        unowned = _counted(tuple(kept.unowned))
        said.append(
            f"Files that belong to no statement, for a day or longer; nothing was deleted: {unowned}."
        )
    return said


def _counted(ids: tuple[UUID, ...]) -> str:
    more = " and others" if len(ids) > NAMED else ""
    return f"{len(ids)} ({', '.join(blob.hex for blob in ids[:NAMED])}{more})"
