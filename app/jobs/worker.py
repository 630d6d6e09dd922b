"""The worker process: it shows itself, hears wake-up calls, keeps its leases, and ends so that its memory goes with it."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from uuid import UUID

from app.domain.errors import Unavailable
from app.domain.jobs import DAY
from app.jobs.actions import Action
from app.jobs.runner import Runner
from app.jobs.sweeping import sweep
from app.services import Services
from app.vault.work import WorkerKey

log = logging.getLogger("vouchsafe")

WELL: Final = 0
FAILED: Final = 1
LISTEN_SECONDS: Final = 1.0
"""Between two looks at an empty queue."""
FAREWELL_SECONDS: Final = 30


def work(services: Services, actions: Mapping[str, Action], *, once: bool = False) -> int:
    """Do jobs until told to stop, or until this memory should go; the exit code: 0, or 1 where a job was stuck.

    Args:
        once: end after the first job, whatever came of it.

    Raises:
        Unavailable: the database does not answer at the start.
    """
    logging.getLogger("huey").setLevel(logging.WARNING)
    sweep(services)
    key = WorkerKey.generate(services.clock())
    worker = _Process(services, Runner(services, key, actions), once)
    worker.runner.ledger.sign_on(key.signed(services.installation), services.clock())
    return worker.run()


@dataclass
class _Process:
    services: Services
    runner: Runner
    once: bool
    code: int = WELL
    _beaten: float = field(default_factory=monotonic)
    _quiet_since: float = field(default_factory=monotonic)
    _swept: float = field(default_factory=monotonic)

    def run(self) -> int:
        """The main thread listens for signals; one thread does jobs, another keeps time."""
        queue = self.services.wake_ups.heard_by(self.runner.key.id, self._called)
        consumer = queue.create_consumer(
            workers=1,
            periodic=False,
            scheduler_interval=60,
            max_delay=LISTEN_SECONDS,
            check_worker_health=False,
            shutdown_timeout=FAREWELL_SECONDS,
        )
        self.runner.stop = consumer.stop_flag
        keeper = threading.Thread(target=self._keep_time, daemon=True)
        keeper.start()
        consumer.run()
        self._leave(consumer, keeper)
        return self.code

    def _called(self, job: str) -> None:
        try:
            begun = self.runner.run(UUID(hex=job))
        except Unavailable as error:
            log.warning("a job must wait: %s does not answer", error.what)
            return
        if begun and self.once:
            self.runner.stop.set()

    def _keep_time(self) -> None:
        """Without this thread the worker counts as gone, so neither outlives the other."""
        stop, pace = self.runner.stop, self.services.pace
        try:
            while not stop.wait(min(pace.beat, pace.sweep)):
                try:
                    self._tick()
                except Unavailable as error:
                    log.warning("the next look must do: %s does not answer", error.what)
        except BaseException:
            self.code = FAILED
            raise
        finally:
            stop.set()

    def _tick(self) -> None:
        now, pace = self.services.clock(), self.services.pace
        running = self.runner.running()
        if monotonic() - self._beaten >= pace.beat:
            self._beaten = monotonic()
            self.runner.ledger.beat(running[0] if running else None, now)
        self.runner.ledger.sweep(now)
        self._call_for_what_nobody_was_woken_for(now)
        if monotonic() - self._swept >= DAY:
            self._swept = monotonic()
            sweep(self.services)
        if self.runner.is_stuck():
            log.warning("the job at hand takes no step; this worker ends, and it is handed to another")
            self.code = FAILED
            self.runner.stop.set()
        elif self._should_end(now):
            log.info("nothing to do and nobody signed in: this worker ends, its memory with it")
            self.runner.stop.set()

    def _call_for_what_nobody_was_woken_for(self, now: int) -> None:
        due = self.runner.ledger.due(now)
        if due:
            self.services.wake_ups.remind(self.runner.key.id, due)

    def _should_end(self, now: int) -> bool:
        """Whether this memory should go: it held keys and nobody works any more, or its own key is old."""
        if self.runner.ledger.has_work():
            self._quiet_since = monotonic()
            return False
        if now - self.runner.key.issued > self.services.pace.lifetime:
            return True
        if not self.runner.opened_any or self.services.sessions.sweep():
            self._quiet_since = monotonic()
        return monotonic() - self._quiet_since >= self.services.pace.idle

    def _leave(self, consumer: Any, keeper: threading.Thread) -> None:
        """Whoever runs gives up at its next step; what only this worker could open is keyless from now on."""
        for _worker, thread in consumer.worker_threads:
            thread.join(0 if self.code else FAREWELL_SECONDS)
        keeper.join(FAREWELL_SECONDS)
        try:
            self.runner.ledger.sign_off(self.services.clock())
            for gone in [self.runner.key.id, *self.runner.ledger.forget_gone(self.services.clock())]:
                self.services.wake_ups.forget(gone)
        except Unavailable as error:
            log.warning("this worker leaves without a word: %s does not answer", error.what)
