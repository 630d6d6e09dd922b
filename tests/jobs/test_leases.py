"""The job row with its lease is the truth: one worker at a time, again after a failure, aside after too many."""

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import Conflict, Unavailable
from app.domain.jobs import JobState, Pace
from app.jobs.actions import FAILED, NotHereError, Outcome
from app.jobs.runner import STOPPING
from app.store.jobs import derivatives, workers
from tests.jobs.conftest import CONTENT, Room
from tests.jobs.desk import Desk, copy, derivative, issue, result

SECRET_WORDS = "the mill by the ford"


def raising(error: BaseException) -> Any:
    """An action that makes half an output, then fails."""

    def action(source: Any, open_output: Any, progress: Any) -> Outcome:
        copy(source, open_output, progress)
        raise error

    return action


def test_of_two_who_reach_for_one_job_one_has_it(room: Room, desk: Desk) -> None:
    job = issue(room.cast, room.asset)
    begun: list[bool] = []
    reaching = threading.Barrier(4)

    def reach() -> None:
        reaching.wait()
        begun.append(desk.do(job))

    threads = [threading.Thread(target=reach) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(begun) == [False, False, False, True]
    assert room.job.attempts == 1
    assert derivative(room.cast, "playback", room.asset) == CONTENT


def test_a_job_is_done_by_no_worker_that_it_was_not_handed_to(room: Room, desk: Desk) -> None:
    job = issue(room.cast, room.asset)
    other = Desk(room.cast)
    assert not other.do(job)
    room.put(worker=other.runner.key.id)
    assert other.do(job)
    assert (room.job.state, room.job.reason) == ("set-aside", "order")


def test_after_a_failure_it_waits_longer_and_longer_then_it_is_set_aside(
    room: Room, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.runner.actions = {"rebuild": raising(ValueError(SECRET_WORDS))}
    job, before = issue(room.cast, room.asset), room.blobs()
    waits = []
    for _attempt in range(5):
        assert desk.do(job)
        waits.append(room.job.not_before - room.job.since)
        assert not desk.do(job)  # not yet
        room.cast.clock.ahead += waits[-1]
    assert waits[:4] == [60, 240, 960, 3840]
    assert (room.job.state, room.job.reason, room.job.attempts) == ("set-aside", "crashed", 5)
    assert room.job.sealed_order is None
    assert room.blobs() == before
    assert list(room.cast.services.blobs.root.rglob("*.part")) == []
    assert SECRET_WORDS not in caplog.text
    assert "ValueError" in caplog.text


def test_what_passes_by_itself_is_tried_again(room: Room, desk: Desk) -> None:
    desk.runner.actions = {"rebuild": raising(Unavailable("storage"))}
    job = issue(room.cast, room.asset)
    desk.do(job)
    assert (room.job.state, room.job.reason) == ("waiting", "storage")
    desk.runner.actions = {"rebuild": copy}
    room.cast.clock.ahead += 60
    assert desk.ledger.due(room.cast.clock()) == [job]
    assert desk.do(job)
    assert (room.job.state, room.job.reason, room.job.attempts) == ("done", "", 2)


@pytest.mark.parametrize("reason", ["extra-missing", "sandbox-missing"])
def test_what_this_installation_cannot_do_is_set_aside_at_once(room: Room, desk: Desk, reason: str) -> None:
    desk.runner.actions = {"rebuild": raising(NotHereError(reason))}
    desk.do(issue(room.cast, room.asset))
    assert (room.job.state, room.job.reason, room.job.attempts) == ("set-aside", reason, 1)


def test_a_kind_that_nobody_knows_is_set_aside(room: Room, desk: Desk) -> None:
    desk.runner.actions = {}
    desk.do(issue(room.cast, room.asset))
    assert (room.job.state, room.job.reason) == ("set-aside", "unknown-kind")


def test_a_file_that_cannot_be_decoded_is_told_to_its_readers_alone(room: Room, desk: Desk) -> None:
    def fails(source: Any, open_output: Any, progress: Any) -> Outcome:
        copy(source, open_output, progress)
        return Outcome(FAILED, "encrypted")

    desk.runner.actions = {"rebuild": fails}
    before = room.blobs()
    desk.do(issue(room.cast, room.asset))
    told = result(room.cast, room.asset)
    assert (told.outcome, told.reason, told.derivatives) == ("failed", "encrypted", ())
    assert (room.job.state, room.job.reason) == ("done", "")
    assert room.blobs() == before
    assert len(told.digest) == 32


def test_stopped_in_the_middle_it_leaves_nothing(room: Room, desk: Desk) -> None:
    def stopped_meanwhile(source: Any, open_output: Any, progress: Any) -> Outcome:
        made = copy(source, open_output, progress)
        with room.cast.acting("selma") as uow:
            uow.vault.jobs.cancel(room.job.id)
        return made

    desk.runner.actions = {"rebuild": stopped_meanwhile}
    before = room.blobs()
    assert desk.do(issue(room.cast, room.asset))
    assert room.job.state == "cancelled"
    assert room.job.result is None
    assert room.blobs() == before


def test_an_action_that_is_told_of_no_end_notices_that_its_job_is_gone(room: Room, desk: Desk) -> None:
    def goes_on(source: Any, open_output: Any, progress: Any) -> Outcome:
        with room.cast.acting("selma") as uow:
            uow.vault.jobs.cancel(room.job.id)
        while True:
            progress(0.5)

    desk.runner.actions = {"rebuild": goes_on}
    assert desk.do(issue(room.cast, room.asset))
    assert room.job.state == "cancelled"


def test_a_worker_that_must_stop_hands_its_job_back_uncounted(room: Room, desk: Desk) -> None:
    def asked_to_stop(source: Any, open_output: Any, progress: Any) -> Outcome:
        desk.runner.stop.set()
        source.read_at(0, 1)
        raise AssertionError

    desk.runner.actions = {"rebuild": asked_to_stop}
    assert desk.do(issue(room.cast, room.asset))
    assert (room.job.state, room.job.attempts) == ("keyless", 0)
    assert room.job.sealed_order is None


def test_a_lease_that_ran_out_goes_round_again_and_the_late_comer_writes_nothing(
    room: Room, desk: Desk
) -> None:
    def sleeps(source: Any, open_output: Any, progress: Any) -> Outcome:
        made = copy(source, open_output, progress)
        room.cast.clock.ahead += 120
        desk.ledger.beat(None, room.cast.clock())
        desk.ledger.sweep(room.cast.clock())
        assert (room.job.state, room.job.reason) == ("waiting", "lease-ran-out")
        return made

    desk.runner.actions = {"rebuild": sleeps}
    job, before = issue(room.cast, room.asset), room.blobs()
    assert desk.do(job)
    assert room.job.state == "waiting"
    assert room.blobs() == before
    desk.runner.actions = {"rebuild": copy}
    room.cast.clock.ahead += 60
    assert desk.do(job)
    assert derivative(room.cast, "playback", room.asset) == CONTENT


def test_a_lease_that_ran_out_too_often_is_set_aside(room: Room, desk: Desk) -> None:
    issue(room.cast, room.asset)
    room.put(state="running", attempts=5, lease=room.asset, lease_until=room.cast.clock() - 1)
    desk.ledger.sweep(room.cast.clock())
    assert (room.job.state, room.job.reason) == ("set-aside", "lease-ran-out")


def test_a_beat_keeps_the_worker_alive_and_the_lease_its_own(room: Room, desk: Desk) -> None:
    def long(source: Any, open_output: Any, progress: Any) -> Outcome:
        for _minute in range(3):
            room.cast.clock.ahead += 40
            desk.ledger.beat(desk.runner.running()[0], room.cast.clock())
            desk.ledger.sweep(room.cast.clock())
        return copy(source, open_output, progress)

    desk.runner.actions = {"rebuild": long}
    assert desk.do(issue(room.cast, room.asset))
    assert room.job.state == "done"
    assert desk.runner.running() == []


def test_jobs_of_a_worker_that_is_gone_are_keyless_and_nobody_is_told_twice(room: Room, desk: Desk) -> None:
    issue(room.cast, room.asset)
    room.cast.clock.ahead += 60
    other = Desk(room.cast)
    other.ledger.sweep(room.cast.clock())
    assert (room.job.state, room.job.reason) == ("keyless", "worker-gone")
    other.ledger.sweep(room.cast.clock())
    assert issue(room.cast, room.asset) != room.asset
    assert room.job.worker == other.runner.key.id


def test_a_sweep_meanwhile_keeps_nobody_from_handing_a_job_on(room: Room, desk: Desk) -> None:
    desk.ledger.claim(issue(room.cast, room.asset), room.cast.clock())
    room.cast.clock.ahead += 60
    other = Desk(room.cast)
    with room.cast.acting("lilit") as uow:
        again = uow.vault.jobs.ensure(room.cast.case, room.asset).job
        other.ledger.sweep(room.cast.clock())
        assert room.job.state == "keyless"
    assert other.do(again)
    assert derivative(room.cast, "playback", room.asset) == CONTENT


def test_a_worker_that_was_only_slow_keeps_what_it_has_done(room: Room, desk: Desk) -> None:
    lease = desk.ledger.claim(issue(room.cast, room.asset), room.cast.clock())
    assert lease is not None
    room.cast.clock.ahead += 60
    Desk(room.cast)
    uow = room.cast.uow("lilit")
    uow.vault.jobs.ensure(room.cast.case, room.asset)
    desk.ledger.finish(lease, b"a result", [], room.cast.clock())
    with pytest.raises(Conflict, match="job-moved"):
        uow.commit()
    uow.end()
    assert room.job.state == "done"


def test_a_job_that_took_five_workers_down_is_set_aside(room: Room, desk: Desk) -> None:
    job = issue(room.cast, room.asset)
    for attempt in range(1, 6):
        lease = desk.ledger.claim(job, room.cast.clock())
        assert lease is not None
        assert lease.row.attempts == attempt
        room.cast.clock.ahead += 60  # killed
        desk = Desk(room.cast)
        desk.ledger.sweep(room.cast.clock())
        if attempt < 5:
            job = issue(room.cast, room.asset)
    assert (room.job.state, room.job.reason) == ("set-aside", "worker-gone")


def test_a_worker_that_signs_off_leaves_no_key_behind(room: Room, desk: Desk) -> None:
    issue(room.cast, room.asset)
    assert desk.ledger.has_work()
    desk.ledger.sign_off(room.cast.clock())
    assert (room.job.state, room.job.sealed_order) == ("keyless", None)
    assert not desk.ledger.has_work()
    with room.cast.services.database.engine.connect() as connection:
        assert connection.execute(sa.select(workers)).all() == []


def test_workers_that_left_without_a_word_are_forgotten_after_a_day(room: Room, desk: Desk) -> None:
    assert desk.ledger.forget_gone(room.cast.clock()) == []
    room.cast.clock.ahead += 25 * 3600
    assert Desk(room.cast).ledger.forget_gone(room.cast.clock()) == [desk.runner.key.id]


def test_progress_is_kept_and_not_by_those_who_lost_the_lease(room: Room, desk: Desk) -> None:
    lease = desk.ledger.claim(issue(room.cast, room.asset), room.cast.clock())
    assert lease is not None
    desk.ledger.progress(lease, 0.4567, room.cast.clock())
    assert room.standing().progress == 0.456
    room.put(lease=room.asset)
    with pytest.raises(Conflict, match="lease-lost"):
        desk.ledger.progress(lease, 0.5, room.cast.clock())


def test_a_database_that_is_away_for_a_moment_stops_no_job(
    room: Room, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_told: Any) -> None:
        raise Unavailable("database")

    monkeypatch.setattr(type(desk.ledger), "progress", away)
    assert desk.do(issue(room.cast, room.asset))
    assert (room.job.state, room.job.attempts) == ("done", 1)


def test_a_result_that_may_have_landed_keeps_what_it_names(
    room: Room, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database took it, and the line broke before it said so."""
    finish = type(desk.ledger).finish

    def breaks(*told: Any) -> None:
        finish(*told)
        raise Unavailable("database")

    monkeypatch.setattr(type(desk.ledger), "finish", breaks)
    assert desk.do(issue(room.cast, room.asset))
    assert room.job.state == "done"
    assert derivative(room.cast, "playback", room.asset) == CONTENT
    with room.cast.services.database.engine.connect() as connection:
        assert len(connection.execute(sa.select(derivatives)).all()) == 2


def test_an_action_that_takes_no_step_is_noticed(room: Room, desk: Desk) -> None:
    seen = []

    def silent(source: Any, open_output: Any, progress: Any) -> Outcome:
        (told,) = desk.runner._told.values()
        seen.append(desk.runner.is_stuck())
        told.stepped -= 601
        seen.append(desk.runner.is_stuck())
        source.read_at(0, 1)
        seen.append(desk.runner.is_stuck())
        return copy(source, open_output, progress)

    desk.runner.actions = {"rebuild": silent}
    assert desk.do(issue(room.cast, room.asset))
    assert seen == [False, True, False]
    assert not desk.runner.is_stuck()


def test_the_words_of_the_life_of_a_job_are_what_the_pages_know() -> None:
    assert {state.value for state in JobState} == {
        "waiting", "running", "done", "set-aside", "cancelled", "keyless",
    }  # fmt: skip
    assert [Pace().wait_after(attempt) // 60 for attempt in range(1, 5)] == [1, 4, 16, 64]
    assert Pace.hastened(10).lease == 6
    assert STOPPING == "worker-stops"
