"""At a worker's start strays go, and only strays; what is missing is said of the job that it is of, and of no other."""

import os
from uuid import UUID

import sqlalchemy as sa

from app.audit.headfile import HeadFile
from app.crypto.log import HeadMark
from app.domain.ids import new_id
from app.jobs.sweeping import sweep_blobs
from app.services import Services
from app.store.cases import assets
from app.store.keys import record_keys
from app.store.log import heads
from app.store.orphans import NAMES_OF_BLOBS, hold_against_rows
from app.store.schema import metadata
from app.vault.restore import accept_restore
from tests.jobs.conftest import CONTENT, Room
from tests.jobs.desk import Desk, derivative, issue, result

DAY = 24 * 3600


def stray(room: Room, age: int = 2 * DAY) -> UUID:
    blob, blobs = new_id(), room.cast.services.blobs
    writer = blobs.create(blob)
    writer.write(b"sealed")
    writer.commit()
    grow_old(room, blob, age)
    return blob


def grow_old(room: Room, blob: UUID, age: int) -> None:
    at = room.cast.clock() - age
    os.utime(room.cast.services.blobs.path(blob), (at, at))


def witnessed(room: Room) -> Services:
    """Somebody has just signed in, whose phone tells the same time."""
    room.cast.client("ruben")
    return room.cast.services


def test_a_clock_that_jumped_sweeps_nothing(room: Room) -> None:
    """What is being sent at this moment would look days old by it."""
    room.cast.client("ruben")
    blob = stray(room, 0)
    room.cast.clock.ahead += 25 * 3600
    sweep_blobs(room.cast.services)
    assert blob in room.blobs()
    sweep_blobs(witnessed(room))
    assert blob not in room.blobs()


def test_a_whole_blob_does_not_go_with_what_was_left_beside_it(room: Room) -> None:
    """Two requests crossed, and one left an empty file where the other had given the blob its name."""
    path = room.cast.services.blobs.path(room.asset)
    left = path.with_name(path.name + ".growing")
    left.touch()
    old = room.cast.clock() - 3 * DAY
    os.utime(left, (old, old))
    sweep_blobs(witnessed(room))
    assert room.asset in room.blobs()
    assert not left.exists()


def test_a_stray_blob_goes_after_a_day_and_nothing_else(room: Room, desk: Desk) -> None:
    assert desk.do(issue(room.cast, room.asset))
    kept = room.blobs()
    for blob in kept:
        grow_old(room, blob, 3 * DAY)
    young, old = stray(room, 3600), stray(room)
    sweep_blobs(witnessed(room))
    assert room.blobs() == kept | {young}
    assert old not in room.blobs()
    assert derivative(room.cast, "playback", room.asset) == CONTENT


def test_a_part_that_nobody_finishes_goes_after_a_day(room: Room) -> None:
    blobs, names = room.cast.services.blobs, [new_id(), new_id()]
    for name in names:
        blobs.create(name).write(b"half")
    parts = sorted(blobs.root.rglob("*.part"))
    old = room.cast.clock() - 2 * DAY
    os.utime(parts[0], (old, old))
    sweep_blobs(witnessed(room))
    assert list(blobs.root.rglob("*.part")) == parts[1:]


def test_what_was_made_before_and_replaced_goes(room: Room, desk: Desk) -> None:
    job = issue(room.cast, room.asset)
    desk.do(job)
    before = {made.id for made in result(room.cast, room.asset).derivatives}
    with room.cast.acting("lilit") as uow:
        again = uow.vault.jobs.retry(job)
    desk.do(again.job)
    for blob in before:
        grow_old(room, blob, 2 * DAY)
    sweep_blobs(witnessed(room))
    assert room.blobs().isdisjoint(before)
    assert derivative(room.cast, "playback", room.asset) == CONTENT


def test_a_file_whose_row_somebody_deleted_is_kept(room: Room) -> None:
    grow_old(room, room.asset, 2 * DAY)
    with room.cast.services.database.writing() as connection:
        connection.execute(sa.delete(assets))
    sweep_blobs(room.cast.services)
    assert room.asset in room.blobs()


def test_a_segment_whose_row_somebody_deleted_is_kept_while_its_key_is_there(room: Room) -> None:
    blob = stray(room)
    with room.cast.services.database.writing() as connection:
        a_key = connection.execute(sa.select(record_keys.c.id).limit(1)).scalar_one()
        connection.execute(sa.update(record_keys).where(record_keys.c.id == a_key).values(id=blob))
    sweep_blobs(room.cast.services)
    assert blob in room.blobs()


def test_a_fence_that_was_left_over_goes_after_a_day(room: Room) -> None:
    blobs, name = room.cast.services.blobs, new_id()
    blobs.fence(name, bytes(8)).close()
    sweep_blobs(witnessed(room))
    assert list(blobs.root.rglob("*.holder"))
    old = room.cast.clock() - 2 * DAY
    os.utime(next(blobs.root.rglob("*.holder")), (old, old))
    sweep_blobs(witnessed(room))
    assert not list(blobs.root.rglob("*.holder"))


def put_database_back(room: Room) -> None:
    """The server has seen more of the log than there is."""
    head_file = HeadFile(room.cast.services.config.head_file)
    known = head_file.read()
    assert known is not None
    head_file.write(HeadMark(known.era, known.sequence + 5, bytes(32)))


def test_nothing_goes_while_the_database_is_older_than_what_was_seen(room: Room) -> None:
    put_database_back(room)
    old = stray(room)
    sweep_blobs(room.cast.services)
    assert old in room.blobs()


def test_what_lay_there_before_a_restore_was_accepted_is_kept(room: Room) -> None:
    before = stray(room)
    put_database_back(room)
    uow = room.cast.uow()
    accept_restore(uow.tx, uow.installation, room.cast.services.head_file, room.cast.clock)
    uow.end()
    room.cast.clock.ahead += 3 * DAY
    after = stray(room)
    sweep_blobs(witnessed(room))
    assert before in room.blobs()
    assert after not in room.blobs()


def test_a_forged_head_lets_nothing_go(room: Room) -> None:
    old = stray(room)
    with room.cast.services.database.writing() as connection:
        connection.execute(sa.update(heads).values(signature=bytes(64)))
    sweep_blobs(room.cast.services)
    assert old in room.blobs()


def test_a_missing_derivative_is_said_of_its_job_and_can_be_made_again(room: Room, desk: Desk) -> None:
    job = issue(room.cast, room.asset)
    desk.do(job)
    made = result(room.cast, room.asset).derivatives[0]
    room.cast.services.blobs.delete(made.id)
    sweep_blobs(room.cast.services)
    assert (room.job.state, room.job.reason) == ("set-aside", "blob-missing")
    with room.cast.acting("lilit") as uow:
        again = uow.vault.jobs.retry(job)
    desk.do(again.job)
    assert derivative(room.cast, "playback", room.asset) == CONTENT


def test_a_missing_original_leaves_the_jobs_of_others_alone(room: Room, desk: Desk) -> None:
    desk.do(issue(room.cast, room.asset))
    room.cast.services.blobs.delete(room.asset)
    sweep_blobs(room.cast.services)
    assert room.job.state == "done"
    tx = room.cast.services.database.transaction()
    held = hold_against_rows(tx, room.cast.services.blobs, room.cast.clock())
    assert held.missing == (room.asset,)


def test_every_table_whose_streams_lie_in_blobs_is_swept() -> None:
    """A table with the size of a sealed stream, with a blob's id or with how far one has come, names a blob."""
    telling = {"size", "blob", "offset"}
    naming = {table.name for table in metadata.sorted_tables if telling & set(table.columns.keys())}
    assert naming - {"statements"} == {*NAMES_OF_BLOBS, "uploads"}


def test_originals_and_derivatives_are_counted(room: Room, desk: Desk) -> None:
    desk.do(issue(room.cast, room.asset))
    tx = room.cast.services.database.transaction()
    held = hold_against_rows(tx, room.cast.services.blobs, room.cast.clock())
    assert (held.files, held.missing, held.unowned) == (3, (), {})
