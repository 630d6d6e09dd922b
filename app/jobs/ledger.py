"""The job table as workers write it: leases taken, kept, given back and swept. The row is the truth; wake-ups are not."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import Conflict
from app.domain.ids import new_id
from app.domain.jobs import LIVE, JobState, Pace, lost
from app.store.database import Database, Transaction
from app.store.jobs import derivatives, jobs, workers
from app.vault.work import Made

LEASE_LOST = "lease-lost"
LEASE_RAN_OUT = "lease-ran-out"
WORKER_GONE = "worker-gone"


@dataclass(frozen=True)
class Lease:
    """One worker's claim to one job; whoever holds another, or none, writes nothing."""

    id: UUID
    row: sa.Row[Any]

    @property
    def job(self) -> UUID:
        job: UUID = self.row.id
        return job

    def held(self) -> sa.ColumnElement[bool]:
        return (jobs.c.id == self.job) & (jobs.c.lease == self.id)


@dataclass(frozen=True)
class Ledger:
    """`worker`: in whose name."""

    database: Database
    worker: UUID
    pace: Pace

    # The worker itself

    def sign_on(self, row: dict[str, Any], now: int) -> None:
        """Show a worker to those who issue jobs. Raises Unavailable."""
        tx = self.database.transaction()
        tx.insert(workers, **row, seen=now)
        tx.commit()

    def beat(self, lease: Lease | None, now: int) -> None:
        """A sign of life, and the running job's lease made longer. Raises Unavailable."""
        tx = self.database.transaction()
        tx.stage(sa.update(workers).where(workers.c.id == self.worker).values(seen=now))
        if lease is not None:
            tx.stage(sa.update(jobs).where(lease.held()).values(lease_until=self._until(now)))
        tx.commit()

    def sign_off(self, now: int) -> None:
        """Jobs that only this worker could open are keyless from now on. Raises Unavailable."""
        for row in self._read(sa.select(jobs).where(_is_live(), jobs.c.worker == self.worker)):
            self._lost(row, now)
        tx = self.database.transaction()
        tx.stage(sa.delete(workers).where(workers.c.id == self.worker))
        tx.commit()

    def has_work(self) -> bool:
        return bool(self._read(sa.select(jobs.c.id).where(_is_live(), jobs.c.worker == self.worker).limit(1)))

    def due(self, now: int) -> list[UUID]:
        """Jobs of this worker that could be begun, oldest first."""
        waiting = (
            jobs.c.worker == self.worker,
            jobs.c.state == JobState.WAITING.value,
            jobs.c.not_before <= now,
        )
        return [row.id for row in self._read(sa.select(jobs.c.id).where(*waiting).order_by(jobs.c.created))]

    # One job

    def claim(self, job: UUID, now: int) -> Lease | None:
        """Take a job that waits for this worker and is due; None where there is none, or somebody was faster."""
        lease = new_id()
        claimable = (
            jobs.c.id == job,
            jobs.c.worker == self.worker,
            jobs.c.state == JobState.WAITING.value,
            jobs.c.not_before <= now,
        )
        taken = {
            "state": JobState.RUNNING.value,
            "reason": "",
            "attempts": jobs.c.attempts + 1,
            "progress": 0,
            "lease": lease,
            "lease_until": self._until(now),
            "since": now,
        }
        if not self._moved(sa.update(jobs).where(*claimable).values(taken)):
            return None
        rows = self._read(sa.select(jobs).where(jobs.c.id == job, jobs.c.lease == lease))
        return Lease(lease, rows[0]) if rows else None

    def progress(self, lease: Lease, fraction: float, now: int) -> None:
        """Raises Conflict (`lease-lost`) where the job is not this worker's any more."""
        thousandths = min(1000, max(0, int(fraction * 1000)))
        values = {"progress": thousandths, "lease_until": self._until(now)}
        self._require(sa.update(jobs).where(lease.held()).values(values))

    def finish(self, lease: Lease, result: bytes, made: list[Made], now: int) -> None:
        """The result and its derivatives, all or nothing; the order goes, and with it the way to the keys.

        Raises:
            Conflict: `lease-lost`, the job is not this worker's any more; nothing was written.
            Unavailable: nothing was written, or the line broke before that was said.
        """
        tx = self.database.transaction()
        ended = _ended(JobState.DONE, "", now) | {"result": result, "progress": 1000}
        tx.stage(sa.update(jobs).where(lease.held()).values(ended), rows=1, conflict=LEASE_LOST)
        for each in made:
            row = lease.row
            tx.insert(derivatives, id=each.id, case=row.case, asset=row.subject, job=row.id, size=each.size)
        tx.commit()

    def put_off(self, lease: Lease, reason: str, now: int) -> None:
        """After a failure that another attempt may not meet: later again, or set aside after the last one."""
        self._failed(lease.row, lease.held(), reason, now)

    def set_aside(self, lease: Lease, reason: str, now: int) -> None:
        """No attempt would end otherwise."""
        self._moved(sa.update(jobs).where(lease.held()).values(_ended(JobState.SET_ASIDE, reason, now)))

    def hand_back(self, lease: Lease, now: int) -> None:
        """The worker stops in the middle: its key goes, and this attempt does not count."""
        ended = _ended(JobState.KEYLESS, WORKER_GONE, now) | {"attempts": jobs.c.attempts - 1}
        self._moved(sa.update(jobs).where(lease.held()).values(ended))

    # Everybody's

    def sweep(self, now: int) -> None:
        """Leases that ran out, and jobs of workers that are gone. Any worker may do it."""
        for row in self._read(
            sa.select(jobs).where(jobs.c.state == JobState.RUNNING.value, jobs.c.lease_until < now)
        ):
            self._failed(row, _as_read(row), LEASE_RAN_OUT, now)
        living = sa.select(workers.c.id).where(workers.c.seen >= now - int(self.pace.alive))
        for row in self._read(sa.select(jobs).where(_is_live(), jobs.c.worker.not_in(living))):
            self._lost(row, now)

    def forget_gone(self, now: int) -> list[UUID]:
        """Drop workers that gave no sign of life for a lifetime; who they were."""
        old = workers.c.seen < now - self.pace.lifetime
        gone = [row.id for row in self._read(sa.select(workers.c.id).where(old))]
        tx = self.database.transaction()
        tx.stage(sa.delete(workers).where(workers.c.id.in_(gone)))
        tx.commit()
        return gone

    def _failed(self, row: sa.Row[Any], unchanged: sa.ColumnElement[bool], reason: str, now: int) -> None:
        again = {
            "state": JobState.WAITING.value,
            "reason": reason,
            "not_before": now + self.pace.wait_after(row.attempts),
            "lease": None,
            "lease_until": None,
            "since": now,
        }
        last = row.attempts >= self.pace.attempts
        values = _ended(JobState.SET_ASIDE, reason, now) if last else again
        self._moved(sa.update(jobs).where(unchanged).values(values))

    def _lost(self, row: sa.Row[Any], now: int) -> None:
        becomes = lost(JobState(row.state), row.attempts, self.pace)
        ended = _ended(becomes, WORKER_GONE, now)
        self._moved(sa.update(jobs).where(_as_read(row)).values(ended))

    def _until(self, now: int) -> int:
        return now + max(1, int(self.pace.lease))

    def _require(self, statement: sa.UpdateBase) -> None:
        tx = self.database.transaction()
        tx.stage(statement, rows=1, conflict=LEASE_LOST)
        tx.commit()

    def _moved(self, statement: sa.UpdateBase) -> bool:
        """Whether the row was still what the statement takes it for."""
        try:
            self._require(statement)
        except Conflict:
            return False
        return True

    def _read(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        tx: Transaction = self.database.transaction()
        try:
            return list(tx.all(query))
        finally:
            tx.release()


def _is_live() -> sa.ColumnElement[bool]:
    return jobs.c.state.in_([state.value for state in LIVE])


def _as_read(row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    return sa.and_(
        jobs.c.id == row.id, jobs.c.state == row.state, jobs.c.lease.is_not_distinct_from(row.lease)
    )


def _ended(state: JobState, reason: str, now: int) -> dict[str, Any]:
    return {
        "state": state.value,
        "reason": reason,
        "lease": None,
        "lease_until": None,
        "sealed_order": None,
        "since": now,
    }
