"""An operator is told how many jobs stand where, and what to do; never what they are about."""

import pytest
import sqlalchemy as sa

from app.doctor import examine
from app.domain.errors import Unavailable
from app.jobs.actions import FAILED, NotHereError, Outcome, Rebuild, production
from app.store.jobs import workers
from app.store.queue import WakeUps
from tests.jobs.conftest import Room
from tests.jobs.desk import Desk, issue


def test_a_well_kept_worker_is_counted(room: Room, desk: Desk) -> None:
    line, facts, code = examine(room.cast.services)
    assert (code, facts["background"]) == (0, {"workers": 1, "jobs": {}, "set_aside": {}})
    assert "workers: 1" in line


def test_jobs_that_wait_with_no_worker_are_found_wrong(room: Room, desk: Desk) -> None:
    issue(room.cast, room.asset)
    with room.cast.services.database.writing() as connection:
        connection.execute(sa.delete(workers))
    line, _facts, code = examine(room.cast.services)
    assert code == 1
    assert "No worker is running, and 1 jobs wait: start `vouchsafe worker`." in line


def test_jobs_that_wait_for_a_person_are_told_of(room: Room, desk: Desk) -> None:
    issue(room.cast, room.asset)
    room.put(state="keyless")
    line, _facts, code = examine(room.cast.services)
    assert code == 0
    assert "wait for a reader's next session: 1." in line
    room.put(state="set-aside", reason="sandbox-missing")
    line, facts, code = examine(room.cast.services)
    assert code == 0
    assert "until a reader asks again: sandbox-missing 1." in line
    assert facts["background"]["set_aside"] == {"sandbox-missing": 1}
    assert room.asset.hex not in line


def test_a_queue_that_does_not_answer_keeps_nobody_from_issuing(room: Room, desk: Desk) -> None:
    room.cast.services.wake_ups.file.write_bytes(b"no database" * 500)
    assert desk.do(issue(room.cast, room.asset))
    with pytest.raises(Unavailable):
        WakeUps(room.cast.services.wake_ups.file).heard_by(desk.runner.key.id, print)


def test_every_kind_has_its_action(room: Room) -> None:
    assert set(production(room.cast.services.config)) == {"rebuild"}
    assert Outcome("rebuilt").outcome != FAILED


def test_without_decoders_a_job_is_set_aside_until_they_are_there(
    room: Room, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        __import__("sys").modules, "app.media.rebuild", None
    )  # as where it cannot be imported
    desk.runner.actions = {"rebuild": Rebuild(strict=True)}
    assert desk.do(issue(room.cast, room.asset))
    assert (room.job.state, room.job.reason) == ("set-aside", "extra-missing")
    assert str(NotHereError("extra-missing")) == "extra-missing"
