"""What an operator is told of background work: counts and codes, never what a job is about."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.domain.jobs import LIVE, JobState
from app.store.database import Transaction
from app.store.jobs import jobs, workers


@dataclass(frozen=True)
class JobHealth:
    """`workers`: alive; `jobs`: state -> how many; `reasons`: why jobs were set aside -> how many."""

    workers: int
    jobs: dict[str, int]
    reasons: dict[str, int]

    @property
    def live(self) -> int:
        """Jobs that wait for a worker, or run."""
        return sum(self.jobs.get(state, 0) for state in LIVE)

    @property
    def keyless(self) -> int:
        return self.jobs.get(JobState.KEYLESS, 0)

    def facts(self) -> dict[str, Any]:
        return {"workers": self.workers, "jobs": self.jobs, "set_aside": self.reasons}

    def faults(self) -> list[str]:
        waiting = self.live + self.keyless
        if self.workers or not waiting:
            return []
        return [f"No worker is running, and {waiting} jobs wait: start `vouchsafe worker`."]

    def remarks(self) -> list[str]:
        said = []
        if self.keyless:
            said.append(f"Jobs that lost their worker, and wait for a reader's next session: {self.keyless}.")
        if self.reasons:
            told = ", ".join(f"{reason} {count}" for reason, count in self.reasons.items())
            said.append(f"Jobs that were set aside until a reader asks again: {told}.")
        return said


def job_health(tx: Transaction, alive_since: int) -> JobHealth:
    """How jobs stand now, and how many workers were seen since then (seconds since 1970)."""
    alive = workers.c.seen >= alive_since
    count = sa.func.count()
    by_state = sa.select(jobs.c.state, count.label("many")).group_by(jobs.c.state).order_by(jobs.c.state)
    aside = (
        sa.select(jobs.c.reason, count.label("many"))
        .where(jobs.c.state == JobState.SET_ASIDE.value)
        .group_by(jobs.c.reason)
        .order_by(jobs.c.reason)
    )
    return JobHealth(
        int(tx.value(sa.select(count).select_from(workers).where(alive))),
        {row.state: row.many for row in tx.all(by_state)},
        {row.reason: row.many for row in tx.all(aside)},
    )
