"""A worker's desk in tests: a real worker key, a real lease, and an action that only tests have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from app.jobs.actions import REBUILT, Action, Outcome, Sink, Source
from app.jobs.ledger import Ledger
from app.jobs.runner import Runner
from app.vault.prepared import REBUILD, JobResult
from app.vault.work import Head, WorkerKey
from tests.cast import Cast

PIECE = 100_000


@dataclass(frozen=True)
class OutputHead:
    """As whoever rebuilds a file says what an output is."""

    kind: str
    number: int = 1
    type: str = "application/octet-stream"
    width: int = 0
    height: int = 0
    duration_ms: int = 0


def copy(source: Source, open_output: Callable[[Head], Sink], progress: Callable[[float], None]) -> Outcome:
    """Two outputs: the file as it is, and its first bytes."""
    whole, size = open_output(OutputHead("playback")), source.size()
    for offset in range(0, size, PIECE):
        whole.write(source.read_at(offset, PIECE))
        progress(offset / size)
    whole.finish()
    first = open_output(OutputHead("thumbnail", width=160, height=90))
    first.write(source.read_at(0, 20))
    first.finish()
    return Outcome(REBUILT, report={"family": "image", "notes": ["trailing-bytes"]})


@dataclass
class Desk:
    """One worker of a cast's installation, in this very process."""

    cast: Cast
    action: Action = copy
    runner: Runner = field(init=False)

    def __post_init__(self) -> None:
        services = self.cast.services
        key = WorkerKey.generate(self.cast.clock())
        self.runner = Runner(services, key, {REBUILD: self.action})
        self.ledger.sign_on(key.signed(services.installation), self.cast.clock())

    @property
    def ledger(self) -> Ledger:
        return self.runner.ledger

    def do(self, job: UUID | None) -> bool:
        assert job is not None
        return self.runner.run(job)


def issue(cast: Cast, asset: UUID, who: str = "lilit", case: UUID | None = None) -> UUID:
    """Have a file prepared, as whoever opens its page; the job."""
    with cast.acting(who) as uow:
        job = uow.vault.jobs.ensure(case or cast.case, asset).job
    assert job is not None
    return job


def result(cast: Cast, asset: UUID, who: str = "selma") -> JobResult:
    uow = cast.uow(who)
    try:
        return uow.vault.jobs.result(cast.case, asset)
    finally:
        uow.end()


def derivative(cast: Cast, kind: str, asset: UUID, who: str = "selma") -> bytes:
    """All of it in clear."""
    uow = cast.uow(who)
    try:
        wanted = next(
            made for made in uow.vault.jobs.result(cast.case, asset).derivatives if made.kind == kind
        )
        opened = uow.vault.jobs.open_derivative(cast.case, wanted.id)
        try:
            return b"".join(opened.read(0, opened.length))
        finally:
            opened.close()
    finally:
        uow.end()
