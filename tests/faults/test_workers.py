"""A worker that is killed, stopped or idle: nothing lost, nothing in clear, and no key left in a memory that has no use for it."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.domain.jobs import JobState
from app.store.cases import assets
from app.store.jobs import workers
from app.vault.jobs import JobStanding
from tests.cast import Cast
from tests.faults.evidence import read_elsewhere
from tests.faults.servers import PATIENCE, ROOT, eventually
from tests.jobs.desk import derivative, result
from tests.vault.scene import adopt, submit

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "10"))
MARKER = b"grey-heron"
CONTENT = b"the-grey-heron-at-the-ford " * 100_000
HASTE = "20"


@dataclass
class Process:
    """One worker process over a cast's databases; `folder` keeps its log and its temporary files."""

    cast: Cast
    folder: Path
    process: "subprocess.Popen[bytes]"

    @property
    def log(self) -> str:
        return (self.folder / "worker.log").read_text()

    def kill(self) -> None:
        """At once; and the time passes after which everybody takes it for gone."""
        self.process.kill()
        self.process.wait(PATIENCE)
        with self.cast.services.database.writing() as connection:
            connection.execute(sa.update(workers).values(seen=0))

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def worker(cast: Cast, folder: Path, *arguments: str, step: float = 0.01) -> Iterator[Process]:
    """Returns once it has shown itself."""
    (folder / "temporary").mkdir(parents=True, exist_ok=True)
    config = cast.services.config
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(config.data_dir),
        "DEMO": "1",
        "ARGON2": "1,64,1",
        "WORKER_HASTE": HASTE,
        "STEP_SECONDS": str(step),
        "TMPDIR": str(folder / "temporary"),
    }
    known = living(cast)
    with (folder / "worker.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.slow_worker", *arguments],
            env=environment,
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    told = Process(cast, folder, process)

    def has_come() -> bool:
        assert process.poll() is None, told.log
        return bool(living(cast) - known)

    try:
        eventually(has_come)
        yield told
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE)


def living(cast: Cast) -> set[UUID]:
    with cast.services.database.engine.connect() as connection:
        return {row.id for row in connection.execute(sa.select(workers.c.id).where(workers.c.seen > 0))}


def a_file(cast: Cast) -> UUID:
    statement = submit(cast, "anahit", files=[CONTENT])
    adopt(cast)
    with cast.services.database.engine.connect() as connection:
        found: UUID = connection.execute(
            sa.select(assets.c.id).where(assets.c.statement == statement)
        ).scalar_one()
    return found


def ask(cast: Cast, asset: UUID) -> JobStanding:
    """As a reader does whose page shows the file; what was set aside, or is done, they ask for again."""
    with cast.acting("lilit") as uow:
        standing = uow.vault.jobs.state(asset)
        if standing.job is not None and standing.state in {JobState.SET_ASIDE.value, JobState.DONE.value}:
            return uow.vault.jobs.retry(standing.job)
        return uow.vault.jobs.ensure(cast.case, asset)


def state(cast: Cast, asset: UUID) -> JobStanding:
    uow = cast.uow("lilit")
    try:
        return uow.vault.jobs.state(asset)
    finally:
        uow.end()


def is_done(cast: Cast, asset: UUID) -> bool:
    return state(cast, asset).state == "done"


def is_running(cast: Cast, asset: UUID) -> bool:
    return state(cast, asset).state == "running"


def readable(*folders: Path) -> list[Path]:
    """Files in which the file's words can be read."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path for path in files if MARKER in read_elsewhere(path)]


def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_in_clear(cast: Cast, tmp_path: Path):
    asset, place = a_file(cast), tmp_path / "worker"
    moments = random.Random(KILLS)
    for _kill in range(KILLS):
        with worker(cast, place) as process:
            assert ask(cast, asset).state == "waiting"
            with pytest.raises(subprocess.TimeoutExpired):
                process.process.wait(moments.uniform(0, 0.8))
            process.kill()
        assert state(cast, asset).state in {"done", "keyless", "set-aside"}
        if is_done(cast, asset):
            assert derivative(cast, "playback", asset) == CONTENT
        assert readable(cast.services.config.data_dir, place) == []
    with worker(cast, place, step=0):
        wanted = ask(cast, asset).job
        eventually(lambda: state(cast, asset).state == "done")
        assert state(cast, asset).job == wanted
    assert derivative(cast, "playback", asset) == CONTENT
    assert [made.kind for made in result(cast, asset).derivatives] == ["playback", "thumbnail"]
    assert readable(cast.services.config.data_dir, place) == []
    assert list((place / "temporary").iterdir()) == []


def test_while_its_worker_is_dead_a_job_waits_for_the_next_session(cast: Cast, tmp_path: Path):
    asset = a_file(cast)
    with worker(cast, tmp_path / "one", step=0.2) as one:
        ask(cast, asset)
        eventually(lambda: is_running(cast, asset))
        one.kill()
    assert state(cast, asset).state == "keyless"
    with worker(cast, tmp_path / "two", step=0):
        assert ask(cast, asset).attempts == 1
        eventually(lambda: is_done(cast, asset))
    assert derivative(cast, "playback", asset) == CONTENT


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_in_the_middle_it_hands_its_job_back(cast: Cast, tmp_path: Path, how: signal.Signals):
    asset = a_file(cast)
    with worker(cast, tmp_path / "worker", step=0.1) as process:
        ask(cast, asset)
        eventually(lambda: is_running(cast, asset))
        assert process.stop(how) == 0
        assert "Traceback" not in process.log
    standing = state(cast, asset)
    assert (standing.state, standing.attempts) == ("keyless", 0)
    assert living(cast) == set()
    assert list(cast.services.blobs.root.rglob("*.part")) == []


def test_cancelled_in_the_middle_it_goes_on_with_the_next(cast: Cast, tmp_path: Path):
    first, second = a_file(cast), a_file(cast)
    with worker(cast, tmp_path / "worker", step=0.1):
        job = ask(cast, first).job
        assert job is not None
        eventually(lambda: is_running(cast, first))
        ask(cast, second)
        with cast.acting("selma") as uow:
            uow.vault.jobs.cancel(job)
        eventually(lambda: is_running(cast, second))
    assert state(cast, first).state == "cancelled"


def test_a_job_is_found_whose_wake_up_call_was_lost(cast: Cast, tmp_path: Path):
    asset = a_file(cast)
    queue = cast.services.wake_ups.file
    with worker(cast, tmp_path / "worker", step=0):
        with closing(sqlite3.connect(queue)) as calls:
            calls.execute("CREATE TRIGGER deaf AFTER INSERT ON task BEGIN DELETE FROM task; END")
        ask(cast, asset)
        with closing(sqlite3.connect(queue)) as calls:
            calls.execute("DROP TRIGGER deaf")
        eventually(lambda: is_done(cast, asset))


def test_in_the_queue_there_is_a_job_s_id_and_nothing_else(cast: Cast, tmp_path: Path):
    asset = a_file(cast)
    with worker(cast, tmp_path / "worker", step=0) as process:
        os.kill(process.process.pid, signal.SIGSTOP)
        job = ask(cast, asset).job
        assert job is not None
        with closing(sqlite3.connect(cast.services.wake_ups.file)) as calls:
            ((stored,),) = calls.execute("SELECT data FROM task").fetchall()
        os.kill(process.process.pid, signal.SIGCONT)
        told = json.loads(stored)
        assert [part for part in told[2:] if part] == [[[job.hex], {}]] or told[6] == [job.hex]
        assert asset.hex not in stored.decode()
        eventually(lambda: is_done(cast, asset))


def test_once_nobody_is_signed_in_the_memory_that_held_keys_goes(cast: Cast, tmp_path: Path):
    asset, browser = a_file(cast), cast.client("lilit")
    with worker(cast, tmp_path / "worker", step=0) as process:
        ask(cast, asset)
        eventually(lambda: is_done(cast, asset))
        with pytest.raises(subprocess.TimeoutExpired):
            process.process.wait(5)  # somebody is: their next file is prepared at once
        browser.post("/sign-out")
        assert process.process.wait(PATIENCE) == 0
        assert living(cast) == set()


def test_a_worker_that_held_nothing_stays(cast: Cast, tmp_path: Path):
    with worker(cast, tmp_path / "worker") as process, pytest.raises(subprocess.TimeoutExpired):
        process.process.wait(6)


def test_for_one_job_it_ends_after_it(cast: Cast, tmp_path: Path):
    asset = a_file(cast)
    with worker(cast, tmp_path / "worker", "--once", step=0) as process:
        ask(cast, asset)
        assert process.process.wait(PATIENCE) == 0
    assert is_done(cast, asset)
