"""Only a worker that the server key vouches for is handed keys, and only what that worker sealed is opened."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.crypto import hpke
from app.crypto.keys import HpkeSeed, SigningSeed
from app.crypto.objects import Worker, sign_object
from app.crypto.stream import CHUNK
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, NotFound, Tampered
from app.domain.ids import new_id
from app.domain.jobs import JobState
from app.store import keys as key_tables
from app.store.cases import assets
from app.store.jobs import derivatives, jobs, workers
from app.store.log import entries
from app.store.records import tips, versions
from app.vault.fields import DIGEST_KEY, JOB
from app.vault.work import Work, WorkerKey
from tests.jobs.desk import Desk, OutputHead, copy, derivative, issue, result
from tests.vault.scene import FILE, Scene, adopt, submit
from tests.vault.test_rosters import change


@pytest.fixture
def desk(scene: Scene) -> Desk:
    return Desk(scene.cast)


@pytest.fixture
def done(scene: Scene, desk: Desk) -> Scene:
    """The scene's file prepared."""
    assert desk.do(issue(scene.cast, scene.asset))
    return scene


def another(scene: Scene, content: bytes = FILE) -> Any:
    statement = submit(scene.cast, "anahit", "another", [content])
    return scene.read(sa.select(assets.c.id).where(assets.c.statement == statement))[0].id


def standing(scene: Scene, asset: Any = None) -> Any:
    with scene.reading("lilit") as uow:
        return uow.vault.jobs.state(asset or scene.asset)


# Issuing


def test_a_file_is_prepared_and_opens_for_every_reader(done: Scene) -> None:
    told = result(done.cast, done.asset, "irina")
    assert (told.outcome, told.reason) == ("rebuilt", "")
    assert told.report == {"family": "image", "notes": ["trailing-bytes"]}
    assert [(made.kind, made.length, made.width) for made in told.derivatives] == [
        ("playback", len(FILE), 0),
        ("thumbnail", 20, 160),
    ]
    assert derivative(done.cast, "playback", done.asset, "nadim") == FILE
    assert derivative(done.cast, "thumbnail", done.asset) == FILE[:20]


def test_a_piece_of_a_derivative_is_read_at_any_place(done: Scene) -> None:
    wanted = result(done.cast, done.asset).derivatives[0]
    with done.reading("selma") as uow:
        opened = uow.vault.jobs.open_derivative(done.case, wanted.id)
        assert b"".join(opened.read(CHUNK - 5, 10)) == FILE[CHUNK - 5 : CHUNK + 5]
        opened.close()


def test_issuing_is_on_record_and_asking_again_changes_nothing(scene: Scene, desk: Desk) -> None:
    job = issue(scene.cast, scene.asset)
    assert issue(scene.cast, scene.asset, "selma") == job
    assert standing(scene).state == "waiting"
    desk.do(job)
    assert issue(scene.cast, scene.asset, "selma") == job
    told = scene.read(sa.select(entries.c.person).where(entries.c.act == Act.JOB_ISSUED.value))
    assert [row.person for row in told] == [scene.cast.people["lilit"].person]
    assert standing(scene).progress == 1


@pytest.mark.parametrize("who", ["anahit", "stranger", "helga"])
def test_nobody_who_cannot_read_the_case_issues_or_stops_a_job(scene: Scene, desk: Desk, who: str) -> None:
    with scene.reading(who) as uow, pytest.raises((Forbidden, NotFound)):
        uow.vault.jobs.ensure(scene.case, scene.asset)
    job = issue(scene.cast, scene.asset)
    with scene.reading(who) as uow, pytest.raises((Forbidden, NotFound)):
        uow.vault.jobs.cancel(job)
    desk.do(job)
    with scene.reading(who) as uow, pytest.raises((Forbidden, NotFound)):
        uow.vault.jobs.result(scene.case, scene.asset)
    with scene.reading(who) as uow, pytest.raises((Forbidden, NotFound)):
        uow.vault.jobs.retry(job)


def test_there_is_no_job_where_there_is_no_file(scene: Scene, desk: Desk) -> None:
    with scene.reading("lilit") as uow:
        for ask in (uow.vault.jobs.ensure, uow.vault.jobs.result, uow.vault.jobs.open_derivative):
            with pytest.raises(NotFound):
                ask(scene.case, new_id())
        for act in (uow.vault.jobs.retry, uow.vault.jobs.cancel):
            with pytest.raises(NotFound):
                act(new_id())
        assert uow.vault.jobs.state(new_id()).state == "none"
    desk.do(issue(scene.cast, scene.asset))
    with scene.reading("stranger") as uow, pytest.raises(NotFound):
        uow.vault.jobs.ensure(scene.cast.other_case, scene.asset)


def test_nothing_is_issued_while_no_worker_runs(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        told = uow.vault.jobs.ensure(scene.case, scene.asset)
    assert (told.state, told.reason) == ("none", "no-worker")
    assert standing(scene).state == "none"
    assert scene.read(sa.select(jobs)) == []


def test_the_least_busy_worker_is_chosen(scene: Scene) -> None:
    one, other = Desk(scene.cast), Desk(scene.cast)
    issue(scene.cast, scene.asset)
    issue(scene.cast, another(scene))
    chosen = {row.worker for row in scene.read(sa.select(jobs.c.worker))}
    assert chosen == {one.runner.key.id, other.runner.key.id}


def test_two_who_open_a_page_at_once_issue_one_job(scene_on_both: Scene) -> None:
    scene = scene_on_both
    Desk(scene.cast)
    first, second = scene.cast.uow("lilit"), scene.cast.uow("selma")
    for uow in (first, second):
        uow.vault.jobs.ensure(scene.case, scene.asset)
    first.commit()
    with pytest.raises(Conflict):
        second.commit()
    second.end()
    assert len(scene.read(sa.select(jobs))) == 1


def test_equal_files_of_a_case_have_equal_digests_and_other_cases_tell_nothing(
    scene: Scene, desk: Desk
) -> None:
    twin, different = another(scene), another(scene, FILE[1:])
    for asset in (scene.asset, twin, different):
        desk.do(issue(scene.cast, asset))
    told = {asset: result(scene.cast, asset).digest for asset in (scene.asset, twin, different)}
    assert told[scene.asset] == told[twin] != told[different]
    with scene.cast.acting("stranger") as uow:
        lead = {scene.cast.people[name].card: frozenset({Duty.LEAD}) for name in ("stranger", "ruben")}
        uow.vault.casework.change_roster(
            scene.cast.other_case, uow.vault.trust.roster(scene.cast.other_case).digest, lead
        )
    keys = set()
    for case in (scene.case, scene.cast.other_case):
        with scene.reading("ruben") as uow:
            keys.add(uow.vault.jobs._digest_key(case).reveal())
    assert len(keys) == 2


def test_several_jobs_of_one_press_share_the_cases_digest_key(scene: Scene, desk: Desk) -> None:
    twin = another(scene)
    with scene.cast.acting("lilit") as uow:
        issued = [uow.vault.jobs.ensure(scene.case, asset).job for asset in (scene.asset, twin)]
    for job in issued:
        desk.do(job)
    assert result(scene.cast, scene.asset).digest == result(scene.cast, twin).digest


def test_digests_stay_comparable_after_the_cases_key_was_changed(done: Scene, desk: Desk) -> None:
    twin = another(done)
    change(done, "mark")
    with done.cast.acting("ruben") as uow:
        assert uow.vault.casework.rewrap(done.case, 500) == 0
    adopt(done.cast)
    desk.do(issue(done.cast, twin))
    assert result(done.cast, done.asset).digest == result(done.cast, twin).digest
    assert derivative(done.cast, "playback", done.asset) == FILE


def test_results_go_with_the_files_keys(done: Scene) -> None:
    done.tamper(sa.delete(key_tables.record_keys).where(key_tables.record_keys.c.record == done.asset))
    with pytest.raises(NotFound, match="destroyed"):
        result(done.cast, done.asset)


# Stopping, trying again, losing a worker


def test_a_job_that_waits_is_stopped_with_its_keys_taken_back(scene: Scene, desk: Desk) -> None:
    job = issue(scene.cast, scene.asset)
    with scene.cast.acting("selma") as uow:
        uow.vault.jobs.cancel(job)
    assert standing(scene).state == "cancelled"
    assert scene.row(jobs)["sealed_order"] is None
    assert not desk.do(job)
    told = scene.read(sa.select(entries.c.person).where(entries.c.act == Act.JOB_CANCELLED.value))
    assert [row.person for row in told] == [scene.cast.people["selma"].person]
    with scene.reading("lilit") as uow:
        assert uow.vault.jobs.ensure(scene.case, scene.asset).state == "cancelled"
    with pytest.raises(Conflict, match="not-live"), scene.cast.acting("lilit") as uow:
        uow.vault.jobs.cancel(job)


def test_what_was_stopped_is_done_when_somebody_asks_again(scene: Scene, desk: Desk) -> None:
    job = issue(scene.cast, scene.asset)
    with scene.reading("lilit") as uow, pytest.raises(Conflict, match="still-live"):
        uow.vault.jobs.retry(job)
    with scene.cast.acting("selma") as uow:
        uow.vault.jobs.cancel(job)
    with scene.cast.acting("lilit") as uow:
        again = uow.vault.jobs.retry(job)
    assert (again.state, again.attempts) == ("waiting", 0)
    assert desk.do(again.job)
    assert derivative(scene.cast, "playback", scene.asset) == FILE


def test_what_is_done_anew_replaces_what_was_made_before(done: Scene, desk: Desk) -> None:
    before = result(done.cast, done.asset)
    with done.cast.acting("lilit") as uow:
        again = uow.vault.jobs.retry(standing(done).job)
    assert desk.do(again.job)
    after = result(done.cast, done.asset)
    assert {made.id for made in before.derivatives}.isdisjoint(made.id for made in after.derivatives)
    assert len(done.read(sa.select(derivatives))) == 2
    with done.reading("lilit") as uow, pytest.raises(NotFound):
        uow.vault.jobs.open_derivative(done.case, before.derivatives[0].id)


def test_two_who_ask_again_at_once_are_one(done: Scene) -> None:
    job = standing(done).job
    first, second = done.cast.uow("lilit"), done.cast.uow("selma")
    for uow in (first, second):
        uow.vault.jobs.retry(job)
    first.commit()
    with pytest.raises(Conflict):
        second.commit()
    second.end()


def test_a_job_whose_worker_went_is_handed_to_another_by_the_next_session(scene: Scene, desk: Desk) -> None:
    job, twin = issue(scene.cast, scene.asset), another(scene)
    issue(scene.cast, twin)
    scene.tamper(sa.delete(workers))
    assert standing(scene).state == "keyless"
    with scene.cast.acting("selma") as uow:
        told = uow.vault.jobs.ensure(scene.case, scene.asset)
    assert (told.state, told.reason, told.job) == ("keyless", "no-worker", job)
    following = Desk(scene.cast)
    assert job not in {issue(scene.cast, asset, "selma") for asset in (scene.asset, twin)}
    for row in scene.read(sa.select(jobs.c.id)):
        assert not desk.do(row.id)
        assert following.do(row.id)
    assert derivative(scene.cast, "playback", scene.asset) == FILE


def test_a_job_that_took_its_workers_down_is_not_handed_on_for_ever(scene: Scene, desk: Desk) -> None:
    issue(scene.cast, scene.asset)
    scene.tamper(sa.update(jobs).values(state="running", attempts=5), sa.delete(workers))
    Desk(scene.cast)
    assert standing(scene).state == "set-aside"
    with scene.cast.acting("selma") as uow:
        assert uow.vault.jobs.ensure(scene.case, scene.asset).state == "set-aside"


# Somebody who writes the database


def forged_worker(scene: Scene, seed: HpkeSeed, **changed: Any) -> dict[str, Any]:
    """A row for a key of the writer's own, signed with a key of the writer's own."""
    worker = Worker(changed.get("worker", new_id()), hpke.public_of(seed), changed.get("issued", 0))
    signature = sign_object(SigningSeed.generate(), scene.cast.services.installation.id, worker)
    return {
        "id": worker.worker,
        "object": worker.encode(),
        "signature": signature,
        "seen": scene.cast.clock(),
    }


def test_a_planted_key_is_handed_nothing(scene: Scene) -> None:
    scene.tamper(sa.insert(workers).values(forged_worker(scene, HpkeSeed.generate())))
    with scene.cast.acting("lilit") as uow:
        assert uow.vault.jobs.ensure(scene.case, scene.asset).reason == "no-worker"
    genuine = Desk(scene.cast)
    issue(scene.cast, scene.asset)
    assert scene.row(jobs)["worker"] == genuine.runner.key.id


def test_a_key_put_in_a_true_workers_place_is_handed_nothing(scene: Scene, desk: Desk) -> None:
    mine = forged_worker(scene, HpkeSeed.generate(), worker=desk.runner.key.id)
    scene.tamper(sa.update(workers).values(object=mine["object"]))
    assert_no_worker(scene)
    scene.tamper(sa.update(workers).values(signature=mine["signature"]))
    assert_no_worker(scene)
    scene.tamper(sa.update(workers).values(object=b"no worker"))
    assert_no_worker(scene)


def assert_no_worker(scene: Scene) -> None:
    with scene.cast.acting("lilit") as uow:
        assert uow.vault.jobs.ensure(scene.case, scene.asset).reason == "no-worker"


def test_a_true_worker_under_another_name_is_handed_nothing(scene: Scene, desk: Desk) -> None:
    scene.tamper(sa.update(workers).values(id=new_id()))
    assert_no_worker(scene)


def test_the_key_of_a_worker_of_days_ago_is_handed_nothing(scene: Scene, desk: Desk) -> None:
    scene.cast.clock.ahead += 26 * 3600
    scene.tamper(sa.update(workers).values(seen=scene.cast.clock()))
    assert_no_worker(scene)
    scene.cast.clock.ahead -= 52 * 3600
    scene.tamper(sa.update(workers).values(seen=scene.cast.clock()))
    assert_no_worker(scene)


def test_an_order_moved_to_another_job_is_not_done(scene: Scene, desk: Desk) -> None:
    twin = another(scene)
    one, other = issue(scene.cast, scene.asset), issue(scene.cast, twin)
    scene.swap(jobs, "sealed_order", jobs.c.id == one, jobs.c.id == other)
    for job, asset in ((one, scene.asset), (other, twin)):
        assert desk.do(job)
        assert (standing(scene, asset).state, standing(scene, asset).reason) == ("set-aside", "order")


@pytest.mark.parametrize("column", ["subject", "kind", "case"])
def test_an_order_is_done_for_no_other_file(scene: Scene, desk: Desk, column: str) -> None:
    job = issue(scene.cast, scene.asset)
    values: dict[str, Any] = {"subject": new_id(), "kind": "other", "case": scene.cast.other_case}
    scene.tamper(sa.update(jobs).values({column: values[column]}))
    assert desk.do(job)
    assert (scene.row(jobs)["state"], scene.row(jobs)["reason"]) == ("set-aside", "order")


def test_an_emptied_order_is_set_aside(scene: Scene, desk: Desk) -> None:
    job = issue(scene.cast, scene.asset)
    scene.tamper(sa.update(jobs).values(sealed_order=None))
    assert desk.do(job)
    assert standing(scene).reason == "order"


def test_an_order_of_the_writers_own_makes_nothing_that_a_reader_opens(scene: Scene, desk: Desk) -> None:
    """A box names no sender: the worker does it, and what it seals is under a secret that no reader was given."""
    from app.crypto.keys import JobSecret
    from app.crypto.objects import SegmentKey, WorkOrder
    from app.vault.work import order_context

    job = issue(scene.cast, scene.asset)
    row, key = scene.row(jobs), desk.runner.key
    installation = scene.cast.services.installation
    with scene.reading("lilit") as uow:
        (segment,) = uow.vault.jobs._segment_keys(scene.case, scene.asset)
    assert isinstance(segment, SegmentKey)
    secret = JobSecret.generate().reveal()
    order = WorkOrder(job, row["case"], row["subject"], "rebuild", secret, secret, (segment,), 0)
    box = hpke.seal_box(
        key.private.public, key.id.bytes, order_context(row["case"], job), installation.id, order.encode()
    )
    scene.tamper(sa.update(jobs).values(sealed_order=box))
    assert desk.do(job)
    with pytest.raises(Tampered, match="result"):
        result(scene.cast, scene.asset)


def test_an_altered_or_emptied_result_is_refused(done: Scene) -> None:
    stored = done.row(jobs)["result"]
    done.flip(jobs, "result")
    with pytest.raises(Tampered, match="result"):
        result(done.cast, done.asset)
    for put_there in (None, b"", stored[:-1]):
        done.tamper(sa.update(jobs).values(result=put_there))
        with pytest.raises(Tampered, match="result"):
            result(done.cast, done.asset)


def test_the_result_of_another_file_is_refused(done: Scene, desk: Desk) -> None:
    twin = another(done)
    desk.do(issue(done.cast, twin))
    mine, theirs = jobs.c.subject == done.asset, jobs.c.subject == twin
    done.swap(jobs, "result", mine, theirs)
    for asset in (done.asset, twin):
        with pytest.raises(Tampered, match="result"):
            result(done.cast, asset)


def test_a_job_row_in_anothers_place_is_refused(done: Scene, desk: Desk) -> None:
    twin = another(done)
    desk.do(issue(done.cast, twin))
    row = done.row(jobs, jobs.c.subject == twin)
    done.tamper(sa.delete(jobs).where(jobs.c.subject == done.asset))
    done.tamper(sa.update(jobs).where(jobs.c.id == row["id"]).values(subject=done.asset))
    with pytest.raises(Tampered, match="another-job"):
        result(done.cast, done.asset)


def test_an_earlier_result_is_not_put_back(done: Scene, desk: Desk) -> None:
    earlier = done.row(jobs)
    older_derivatives = [dict(row._mapping) for row in done.read(sa.select(derivatives))]
    kept = [
        [dict(row._mapping) for row in done.read(sa.select(table).where(which))]
        for table, which in (
            (versions, versions.c.field == JOB.path),
            (tips, tips.c.field == JOB.path),
        )
    ]
    with done.cast.acting("lilit") as uow:
        again = uow.vault.jobs.retry(earlier["id"])
    desk.do(again.job)
    done.put_back(jobs, [earlier])
    done.put_back(derivatives, older_derivatives)
    with pytest.raises(Tampered, match="another-job"):
        result(done.cast, done.asset)
    done.put_back(versions, kept[0], versions.c.field == JOB.path)
    done.put_back(tips, kept[1], tips.c.field == JOB.path)
    with pytest.raises(Tampered):
        result(done.cast, done.asset)


def test_a_result_that_is_only_said_to_be_there_is_not(scene: Scene, desk: Desk) -> None:
    issue(scene.cast, scene.asset)
    scene.tamper(sa.update(jobs).values(state=JobState.DONE.value))
    with pytest.raises(Tampered, match="result"):
        result(scene.cast, scene.asset)


def test_an_issue_that_is_no_issue_is_refused(done: Scene) -> None:
    """Only a reader could seal one; it is refused all the same."""
    with done.cast.acting("lilit") as uow:
        uow.vault.records.seal(JOB, done.case, done.asset, b"no issue", expected=1)
    with pytest.raises(Tampered, match="result"):
        result(done.cast, done.asset)


def path_of(scene: Scene, kind: str) -> Path:
    made = next(made for made in result(scene.cast, scene.asset).derivatives if made.kind == kind)
    return scene.cast.services.blobs.path(made.id)


ALTERED: dict[str, Callable[[bytes], bytes]] = {
    "flipped-in-the-header": lambda stored: stored[:20] + bytes([stored[20] ^ 1]) + stored[21:],
    "flipped-in-a-chunk": lambda stored: stored[:300] + bytes([stored[300] ^ 1]) + stored[301:],
    "flipped-at-the-end": lambda stored: stored[:-1] + bytes([stored[-1] ^ 1]),
    "cut": lambda stored: stored[: 117 + CHUNK + 16],
    "lengthened": lambda stored: stored + b"\x00",
    "emptied": lambda _stored: b"",
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_altered_derivative_is_refused(done: Scene, alter: Callable[[bytes], bytes]) -> None:
    path = path_of(done, "playback")
    path.write_bytes(alter(path.read_bytes()))
    with pytest.raises(Tampered):
        derivative(done.cast, "playback", done.asset)


def test_a_derivative_in_anothers_place_is_refused(done: Scene, desk: Desk) -> None:
    twin = another(done)
    desk.do(issue(done.cast, twin))
    mine, theirs = (
        next(made for made in result(done.cast, asset).derivatives if made.kind == "playback")
        for asset in (done.asset, twin)
    )
    blobs = done.cast.services.blobs
    blobs.path(mine.id).write_bytes(blobs.path(theirs.id).read_bytes())
    with pytest.raises(Tampered, match="stream-header"):
        derivative(done.cast, "playback", done.asset)
    done.tamper(sa.update(derivatives).where(derivatives.c.id == theirs.id).values(asset=done.asset))
    with done.reading("selma") as uow, pytest.raises(Tampered, match="not-of-this-job"):
        uow.vault.jobs.open_derivative(done.case, theirs.id)


def test_a_derivative_that_is_not_on_the_disk_is_missed(done: Scene) -> None:
    path_of(done, "thumbnail").unlink()
    with pytest.raises(Tampered, match="blob-missing"):
        derivative(done.cast, "thumbnail", done.asset)
    assert derivative(done.cast, "playback", done.asset) == FILE


# What a worker makes of a file that is not what was sealed


@pytest.mark.parametrize(
    ("alter", "fault"),
    [
        (lambda path: path.unlink(), "blob-missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "stream"),
        (lambda path: path.write_bytes(path.read_bytes()[: 117 + 2 * (CHUNK + 16)]), "stream"),
        (lambda path: path.write_bytes(flipped(path.read_bytes(), 117 + 5)), "stream"),
    ],
    ids=["gone", "cut", "cut-at-a-chunks-edge", "flipped"],
)
def test_an_altered_file_is_set_aside_with_the_fault(
    scene: Scene, desk: Desk, alter: Callable[[Path], Any], fault: str
) -> None:
    job = issue(scene.cast, scene.asset)
    alter(scene.cast.services.blobs.path(scene.asset))
    assert desk.do(job)
    assert (standing(scene).state, standing(scene).reason) == ("set-aside", fault)
    assert scene.read(sa.select(derivatives)) == []


def flipped(stored: bytes, place: int) -> bytes:
    return stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1 :]


def work_of(scene: Scene, desk: Desk, **changed: Any) -> Work:
    """The work of a fresh job, with another order where one is asked for."""
    from dataclasses import replace

    issue(scene.cast, scene.asset)
    (row,) = scene.read(sa.select(jobs))
    order = desk.runner.key.open_order(scene.cast.services.installation, row)
    (segment,) = order.segments
    order = replace(order, segments=(replace(segment, **changed),))
    return Work(order, scene.cast.services.installation, scene.cast.services.blobs, lambda: None)


def test_a_file_of_another_length_than_the_order_says_is_refused(scene: Scene, desk: Desk) -> None:
    with pytest.raises(Tampered, match="stream-length"):
        work_of(scene, desk, length=len(FILE) - 1).source().read_at(0, 1)


def test_a_segment_is_read_in_no_other_place(scene: Scene, desk: Desk) -> None:
    with pytest.raises(Tampered, match="stream"):
        work_of(scene, desk, number=2).source().read_at(0, 1)
    scene.tamper(sa.delete(jobs))
    with pytest.raises(Tampered, match="stream"):
        work_of(scene, desk, cut=1).source().read_at(0, 1)


def test_a_file_of_several_segments_reads_as_one(scene: Scene, desk: Desk) -> None:
    from app.crypto.context import Context
    from app.crypto.keys import RecordKey
    from app.crypto.objects import SegmentKey
    from app.crypto.stream import StreamSealer

    work = work_of(scene, desk)
    pieces = (FILE[: 2 * CHUNK], FILE[2 * CHUNK : 2 * CHUNK + 10], FILE[2 * CHUNK + 10 :])
    segments = []
    for number, (piece, cut) in enumerate(zip(pieces, (True, False, False), strict=True), start=1):
        key, key_id, blob = RecordKey.generate(), new_id(), new_id()
        context = Context("assets", "original", scene.case, scene.asset, number)
        sealer = StreamSealer(key, key_id, context, work.installation.id)
        writer = work.blobs.create(blob)
        writer.write(sealer.header)
        writer.write(sealer.update(piece + b"x" if cut else piece))
        if not cut:
            writer.write(sealer.finish())
        writer.commit()
        segments.append(SegmentKey(number, blob, key_id, key.reveal(), int(cut), len(piece)))
    from dataclasses import replace

    work.order = replace(work.order, segments=tuple(segments))
    source = work.source()
    assert source.size() == len(FILE)
    assert source.read_at(0, len(FILE) + 5) == FILE
    for place in (0, CHUNK - 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 9, 2 * CHUNK + 10, len(FILE) - 1):
        assert source.read_at(place, 3) == FILE[place : place + 3]
    assert source.read_at(len(FILE), 3) == b""
    source.close()


def test_an_output_that_nobody_finished_is_no_derivative(scene: Scene, desk: Desk) -> None:
    def half(source: Any, open_output: Any, progress: Any) -> Any:
        made = copy(source, open_output, progress)
        open_output(OutputHead("page", 2)).write(b"half a page")
        return made

    desk.runner.actions = {"rebuild": half}
    assert desk.do(issue(scene.cast, scene.asset))
    assert [made.kind for made in result(scene.cast, scene.asset).derivatives] == ["playback", "thumbnail"]
    assert list(scene.folder.rglob("*.part")) == []


def test_nothing_of_an_order_shows_when_it_is_printed(scene: Scene, desk: Desk) -> None:
    work = work_of(scene, desk)
    for secret in (work.order.secret, work.order.digest_key, work.order.segments[0].key):
        assert repr(secret) not in repr(work.order)
    assert "HpkePrivate" not in repr(desk.runner.key)
    assert isinstance(desk.runner.key, WorkerKey)
    with scene.reading("lilit") as uow:
        assert uow.vault.records.open(DIGEST_KEY, scene.case, scene.case).content == work.order.digest_key
