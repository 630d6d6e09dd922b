"""One job from its lease to its end: keys opened, the action run, its result sealed; or why not."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic
from typing import Final
from uuid import UUID

from app.domain.errors import Conflict, NotFound, Tampered, Unavailable
from app.jobs.actions import FAILED, Action, NotHereError
from app.jobs.ledger import Lease, Ledger
from app.services import Services
from app.vault.work import Work, WorkerKey

log = logging.getLogger("vouchsafe")

STOPPING: Final = "worker-stops"
DIGESTED: Final = 0.1
"""Where progress stands once the file has been read through for its digest."""
TOLD_EVERY: Final = 1.0
"""Seconds between two notes of progress."""


@dataclass
class Runner:
    """Runs the jobs of one worker, one at a time in each thread. `stop` makes a running one give up at its next step."""

    services: Services
    key: WorkerKey
    actions: Mapping[str, Action]
    stop: Event = field(default_factory=Event)
    opened_any: bool = False
    """Whether this process has held a file's key."""
    _told: dict[UUID, "_Told"] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.services.database, self.key.id, self.services.pace)

    def running(self) -> list[Lease]:
        with self._lock:
            return [told.lease for told in self._told.values()]

    def is_stuck(self) -> bool:
        """Whether an action has taken no step for so long that it will take none."""
        with self._lock:
            newest = [told.stepped for told in self._told.values()]
        return any(monotonic() - stepped > self.services.pace.silence for stepped in newest)

    def run(self, job: UUID) -> bool:
        """Do a job, if it waits for this worker and nobody has it; whether it was begun.

        Raises Unavailable where the database does not answer: the lease runs out, and the job is found again.
        """
        lease = self.ledger.claim(job, self.services.clock())
        if lease is None:
            return False
        told = _Told(self, lease)
        with self._lock:
            self._told[lease.id] = told
        try:
            self._attempt(lease, told)
        finally:
            with self._lock:
                del self._told[lease.id]
        return True

    def _attempt(self, lease: Lease, told: "_Told") -> None:
        """The one place that takes whatever an action raises; of it only its kind is told, for its words may be a file's."""
        try:
            self._do(lease, told)
        except Conflict:
            log.info("job %s was taken away from this worker", lease.job)
        except (Tampered, NotFound, NotHereError) as error:
            self.ledger.set_aside(lease, _reason(error), self.services.clock())
        except Unavailable as error:
            self._give_up(lease, error.what)
        except Exception as error:  # noqa: BLE001  # a decoder may raise anything, and the next job must not suffer for it
            log.warning("job %s: the action raised a %s", lease.job, type(error).__name__)
            self._give_up(lease, "crashed")

    def _give_up(self, lease: Lease, reason: str) -> None:
        now = self.services.clock()
        if reason == STOPPING:
            self.ledger.hand_back(lease, now)
        else:
            self.ledger.put_off(lease, reason, now)

    def _do(self, lease: Lease, told: "_Told") -> None:
        installation = self.services.installation
        self.opened_any = True
        order = self.key.open_order(installation, lease.row)
        work = Work(order, installation, self.services.blobs, told.require_held)
        try:
            sealed = self._result(work, told)
        except BaseException:
            work.discard()
            raise
        self._finish(lease, work, sealed)

    def _finish(self, lease: Lease, work: Work, sealed: bytes) -> None:
        """A database that does not answer may have taken it all the same: then what was made stays, for the sweep to judge."""
        try:
            self.ledger.finish(lease, sealed, work.made, self.services.clock())
        except Conflict:
            work.discard()
            raise

    def _result(self, work: Work, told: "_Told") -> bytes:
        action = self.actions.get(work.order.kind)
        if action is None:
            raise NotHereError("unknown-kind")
        source = work.source()
        try:
            digest = work.digest(source, told.part(0, DIGESTED))
            came_of_it = action(source, work.sink, told.part(DIGESTED, 1))
        finally:
            source.close()
        if came_of_it.outcome == FAILED:
            work.discard()
        return work.result(
            {
                "outcome": came_of_it.outcome,
                "reason": came_of_it.reason,
                "report": dict(came_of_it.report),
                "digest": digest.hex(),
            }
        )


@dataclass
class _Told:
    """What the job table is told while a job runs, and what it answers: whether the job is still this worker's."""

    runner: Runner
    lease: Lease
    stepped: float = field(default_factory=monotonic)
    _next: float = 0

    def require_held(self) -> None:
        """A step was taken. Raises Unavailable (`worker-stops`)."""
        self.stepped = monotonic()
        if self.runner.stop.is_set():
            raise Unavailable(STOPPING)

    def part(self, begin: float, end: float) -> Callable[[float], None]:
        """Progress of one part of the work, from 0 to 1, which stands for `begin` to `end` of all of it."""

        def progress(fraction: float) -> None:
            self.require_held()
            if monotonic() >= self._next:
                self._next = monotonic() + TOLD_EVERY
                self._tell(begin + (end - begin) * fraction)

        return progress

    def _tell(self, done: float) -> None:
        """Raises Conflict where the job is not this worker's any more. A database that is away for a moment stops nothing."""
        try:
            self.runner.ledger.progress(self.lease, done, self.runner.services.clock())
        except Unavailable as error:
            log.info("progress is told later: %s does not answer", error.what)


def _reason(error: Tampered | NotFound | NotHereError) -> str:
    match error:
        case Tampered():
            return error.fault
        case NotHereError():
            return error.reason
        case NotFound():
            return "not-found"
