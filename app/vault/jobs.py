"""Background work as a case's readers see it: issued with the keys it needs, and what came of it opened."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import hpke
from app.crypto.keys import JobSecret, RecordKey
from app.crypto.objects import JobIssue, SegmentKey, Worker, WorkOrder
from app.domain.errors import Conflict, NotFound, Tampered
from app.domain.ids import new_id
from app.domain.jobs import LIVE, JobState, Pace, lost
from app.store.blobs import BlobStore
from app.store.database import Transaction
from app.store.jobs import derivatives, jobs, workers
from app.vault.fields import DIGEST_KEY, JOB
from app.vault.files import Files
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.prepared import JOB_OF, REBUILD, JobResult, OpenDerivative, Prepared, job_of
from app.vault.records import Records
from app.vault.secrets import CASE
from app.vault.work import order_context, proved_worker

NO_WORKER: Final = "no-worker"
NEVER: Final = "none"
JOB_BY_ID: Final = sa.select(jobs).where(jobs.c.id == sa.bindparam("id"))
ALIVE: Final = (
    sa.select(workers)
    .where(workers.c.seen >= sa.bindparam("since"), workers.c.seen <= sa.bindparam("until"))
    .order_by(workers.c.id)
)
_is_live = jobs.c.state.in_([state.value for state in LIVE])
_living = sa.select(workers.c.id).where(
    workers.c.seen >= sa.bindparam("since"), workers.c.seen <= sa.bindparam("until")
)
_given_up = (jobs.c.state == JobState.RUNNING.value) & (jobs.c.attempts >= sa.bindparam("attempts"))
IS_KEYLESS: Final = jobs.c.state.in_([state.value for state in (JobState.KEYLESS, *LIVE)]) & (
    (jobs.c.state == JobState.KEYLESS.value) | (jobs.c.worker.not_in(_living) & ~_given_up)
)
"""Of `jobs`, as `Jobs.now` binds it; also those whose worker has just gone, before another one has swept."""
BUSY: Final = sa.select(sa.func.count()).where(jobs.c.worker == sa.bindparam("worker"), _is_live)
LATENESS: Final = 3600
"""A worker's key may be this much older than its lifetime: it finishes what it has begun."""
CLOCKS_DIFFER: Final = 120


@dataclass(frozen=True)
class JobStanding:
    """How a file's preparing stands. `state`: one of `JobState`, or `none`; `progress`: 0 to 1; `since`: seconds since 1970.

    `reason`: a code: why it was set aside, waits again or lost its key; `no-worker` where none is running.
    """

    state: str
    progress: float = 0
    reason: str = ""
    attempts: int = 0
    since: int = 0
    job: UUID | None = None


@dataclass
class Jobs:
    """Issues jobs, and opens what came of them, in the name of somebody who may read the case."""

    tx: Transaction
    installation: Installation
    holder: Holder
    records: Records
    files: Files
    audit: AuditLog
    blobs: BlobStore
    clock: Callable[[], int]
    pace: Pace
    issued: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Worker and job of what was issued, to be woken once it is committed."""
    _fresh_digest_key: RecordKey | None = None

    # Asking

    def state(self, asset: UUID) -> JobStanding:
        """What the rows say; needs no key."""
        row = self.tx.first(JOB_OF, asset=asset)
        if row is None:
            return JobStanding(NEVER)
        return _standing(row, self._state_of(row))

    def _state_of(self, row: sa.Row[Any]) -> JobState:
        """Who lost their worker is told so at once, not only when another one has swept."""
        state = JobState(row.state)
        if state not in LIVE or row.worker in {each.id for each in self._alive()}:
            return state
        return lost(state, row.attempts, self.pace)

    def _alive(self) -> Sequence[sa.Row[Any]]:
        return self.tx.all(ALIVE, **self._signs_of_life())

    def now(self) -> dict[str, int]:
        """What `IS_KEYLESS` asks for."""
        return {"attempts": self.pace.attempts, **self._signs_of_life()}

    def _signs_of_life(self) -> dict[str, int]:
        """A sign of life from the future is nobody's."""
        now = self.clock()
        return {"since": now - int(self.pace.alive), "until": now + CLOCKS_DIFFER}

    # Issuing

    def ensure(self, case: UUID, asset: UUID) -> JobStanding:
        """Have a file prepared, unless that was done, is under way, or somebody must ask for it; staged.

        Returns: as it will stand; `none` with the reason `no-worker` where no worker is running, and nothing is staged.

        Raises:
            NotFound, Forbidden, Tampered: the holder cannot read the file.
            Conflict: at the commit, somebody else had it prepared at the same moment.
        """
        row = job_of(self.tx, case, asset)
        standing = self.state(asset)
        if standing.state == NEVER:
            return self._issue(case, asset, 0, None)
        if standing.state == JobState.KEYLESS.value:
            return self._issue(case, asset, standing.attempts, row)
        return standing

    def retry(self, job: UUID) -> JobStanding:
        """Try again from the beginning what was set aside, cancelled, or done otherwise than hoped for; staged.

        Raises:
            NotFound: there is no such job.
            Conflict: `still-live`, it waits or runs.
            Forbidden, Tampered: as `ensure`.
        """
        row = self._row(job)
        if self.state(row.subject).state in {state.value for state in LIVE}:
            raise Conflict("still-live")
        return self._issue(row.case, row.subject, 0, row)

    def cancel(self, job: UUID) -> None:
        """Stop a job that waits or runs, and take its keys back; staged. Its worker notices at the next step.

        Raises:
            NotFound: there is no such job.
            Forbidden: the holder may not read the case.
            Conflict: `not-live`, it has ended meanwhile.
        """
        row = self._row(job)
        self.records.secrets.require_living(row.case, CASE)
        self.tx.stage(
            sa.update(jobs)
            .where(jobs.c.id == job, _is_live)
            .values(
                state=JobState.CANCELLED.value,
                since=self.clock(),
                lease=None,
                lease_until=None,
                sealed_order=None,
            ),
            rows=1,
            conflict="not-live",
        )
        self.audit.note(Note(Act.JOB_CANCELLED, self.holder.person, row.case, row.subject))

    def _row(self, job: UUID) -> sa.Row[Any]:
        row = self.tx.first(JOB_BY_ID, id=job)
        if row is None:
            raise NotFound("job")
        return row

    def _issue(self, case: UUID, asset: UUID, attempts: int, replaced: sa.Row[Any] | None) -> JobStanding:
        worker = self._worker()
        if worker is None:
            return JobStanding(NEVER, reason=NO_WORKER) if replaced is None else self._left(replaced)
        job, secret, now = new_id(), JobSecret.generate(), self.clock()
        order = WorkOrder(
            job,
            case,
            asset,
            REBUILD,
            secret.reveal(),
            self._digest_key(case).reveal(),
            self._segment_keys(case, asset),
            now,
        )
        self._seal_issue(case, asset, JobIssue(job, REBUILD, secret.reveal()))
        if replaced is not None:
            self._stage_removal(replaced)
        self.tx.insert(
            jobs,
            id=job,
            case=case,
            subject=asset,
            kind=REBUILD,
            state=JobState.WAITING.value,
            reason="",
            attempts=attempts,
            not_before=now,
            progress=0,
            lease=None,
            lease_until=None,
            worker=worker.worker,
            sealed_order=hpke.seal_box(
                worker.public,
                worker.worker.bytes,
                order_context(case, job),
                self.installation.id,
                order.encode(),
            ),
            result=None,
            created=now,
            since=now,
        )
        self.issued.append((worker.worker, job))
        return JobStanding(JobState.WAITING.value, attempts=attempts, since=now, job=job)

    def _left(self, row: sa.Row[Any]) -> JobStanding:
        return replace(self.state(row.subject), reason=NO_WORKER)

    def _worker(self) -> Worker | None:
        """The least busy of those that live; a row that the server key did not sign is nobody's."""
        known = [
            (int(self.tx.value(BUSY, worker=worker.worker)), worker.worker.bytes, worker)
            for worker in self._workers()
        ]
        return min(known, key=lambda each: each[:2])[2] if known else None

    def _workers(self) -> Iterator[Worker]:
        now = self.clock()
        oldest = now - self.pace.lifetime - LATENESS
        for row in self._alive():
            with suppress(Tampered):  # a planted row must not hide a true one
                worker = proved_worker(self.installation, row)
                if oldest <= worker.issued <= now + CLOCKS_DIFFER:
                    yield worker

    def _digest_key(self, case: UUID) -> RecordKey:
        """What the case's files are digested under: made once, for the digests must stay comparable."""
        known = self.records.open_if_any(DIGEST_KEY, case, case)
        if known is not None:
            return RecordKey(known.content)
        if self._fresh_digest_key is None:
            self._fresh_digest_key = RecordKey.generate()
            self.records.seal(DIGEST_KEY, case, case, self._fresh_digest_key.reveal(), expected=0)
        return self._fresh_digest_key

    def _segment_keys(self, case: UUID, asset: UUID) -> tuple[SegmentKey, ...]:
        located = self.files.locate(case, asset)
        return tuple(
            SegmentKey(
                each.number,
                each.blob,
                each.key,
                self.files.key(case, asset, each).reveal(),
                int(each.cut),
                each.length,
            )
            for each in located.segments
        )

    def _seal_issue(self, case: UUID, asset: UUID, issue: JobIssue) -> None:
        """Signed and logged as any record: which job's result counts cannot be put back."""
        tip = self.records.tip(JOB, asset)
        self.records.seal(JOB, case, asset, issue.encode(), expected=tip.version if tip else 0)

    def _stage_removal(self, row: sa.Row[Any]) -> None:
        """Its derivatives' blobs go with the next sweep. A sweep may have noticed meanwhile what was seen here."""
        noticed = (row.state, JobState.KEYLESS.value, JobState.SET_ASIDE.value)
        self.tx.stage(sa.delete(derivatives).where(derivatives.c.job == row.id))
        self.tx.stage(
            sa.delete(jobs).where(jobs.c.id == row.id, jobs.c.state.in_(noticed)),
            rows=1,
            conflict="job-moved",
        )

    # Opening

    def result(self, case: UUID, asset: UUID) -> JobResult:
        """As `Prepared.result`."""
        return self._prepared.result(case, asset)

    def open_derivative(self, case: UUID, derivative: UUID) -> OpenDerivative:
        """As `Prepared.open`."""
        return self._prepared.open(case, derivative)

    @cached_property
    def _prepared(self) -> Prepared:
        return Prepared(self.tx, self.installation, self.records, self.blobs)


def _standing(row: sa.Row[Any], state: JobState) -> JobStanding:
    return JobStanding(state.value, row.progress / 1000, row.reason, row.attempts, row.since, row.id)
