"""Files on their way that nobody went on with for ninety days go, with their bytes and a line of the log; no other file does."""

from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.verify import verify_log
from app.crypto.stream import CHUNK
from app.domain.capacity import UPLOAD_DAYS
from app.domain.jobs import DAY, Pace
from app.jobs.actions import Action
from app.jobs.runner import Runner
from app.jobs.sweeping import discard_expired
from app.jobs.worker import _Process
from app.store.cases import statements
from app.store.log import entries
from app.store.uploads import upload_blocks, uploads
from app.vault.restore import accept_restore
from app.vault.submissions import open_form
from app.vault.upload_rows import Upload
from app.vault.uploads import Announced
from app.vault.work import WorkerKey
from tests.intake.sender import SealedFile, random_bytes
from tests.jobs.conftest import Room
from tests.jobs.test_sweeping import put_database_back
from tests.vault.test_uploads import found, sealed_piece, send

LIFE = UPLOAD_DAYS * DAY


def on_its_way(room: Room, upto: int | None = CHUNK) -> SealedFile:
    """Anahit's, of which so many bytes have come."""
    with room.cast.acting("anahit") as uow:
        capsule = uow.vault.submissions.begin(room.cast.case)
    file = SealedFile(room.cast, random_bytes(2 * CHUNK), capsule)
    told = Announced(file.asset, 1, file.key_id, file.box, len(file.content), 0, file.mark)
    with room.cast.acting("anahit") as uow:
        uow.vault.uploads.begin_sealed(capsule, told, len(file.sealed))
    send(room.cast, file, upto)
    return file


def waiting(room: Room) -> set[UUID]:
    with room.cast.services.database.engine.connect() as connection:
        return {row.asset for row in connection.execute(sa.select(uploads.c.asset))}


def lying(room: Room) -> list[Path]:
    return sorted(path for path in room.cast.services.blobs.root.rglob("*") if path.is_file())


def expiries(room: Room) -> list[UUID]:
    with room.cast.services.database.engine.connect() as connection:
        told = sa.select(entries.c.record).where(entries.c.act == "statement.file-expired")
        return [row.record for row in connection.execute(told)]


def pass_time(room: Room, seconds: int) -> None:
    """Somebody signs in at the end of it."""
    room.cast.clock.ahead += seconds
    room.cast.client("ruben")


def test_a_clock_that_jumped_lets_nothing_go(room: Room) -> None:
    """By it a file is older than ninety days; nobody's phone has agreed with it."""
    file = on_its_way(room)
    room.cast.client("ruben")
    room.cast.clock.ahead += LIFE + DAY
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}
    room.cast.client("ruben")
    discard_expired(room.cast.services)
    assert waiting(room) == set()


def test_a_sign_in_that_is_still_to_come_is_no_witness(room: Room) -> None:
    file = on_its_way(room)
    pass_time(room, 2 * LIFE)
    room.cast.clock.ahead -= LIFE - DAY
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}


def test_what_nobody_went_on_with_goes_with_its_bytes_and_a_line_of_the_log(room: Room) -> None:
    before = lying(room)
    file = on_its_way(room)
    pass_time(room, LIFE + 1)
    discard_expired(room.cast.services)
    assert (waiting(room), lying(room)) == (set(), before)
    assert expiries(room) == [file.asset]
    uow = room.cast.uow()
    services = room.cast.services
    assert verify_log(uow.tx, services.installation.log_keys, services.head_file.read()).broken is None
    uow.end()


def test_every_piece_gives_it_ninety_days_more(room: Room) -> None:
    file = on_its_way(room, 1000)
    pass_time(room, LIFE - 60)
    piece = file.sealed[1000:2000]
    upload = found(room.cast, file.asset)
    going_on = sealed_piece(room.cast, upload)
    going_on.write(piece)
    going_on.land()
    going_on.close()
    pass_time(room, LIFE - 60)
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}
    pass_time(room, 120)
    discard_expired(room.cast.services)
    assert waiting(room) == set()


def test_a_whole_one_waits_as_long_for_its_words(room: Room) -> None:
    file = on_its_way(room, None)
    pass_time(room, LIFE - 60)
    with room.cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), bytes.fromhex(file.digest), {})
    pass_time(room, LIFE - 60)
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}
    pass_time(room, 120)
    discard_expired(room.cast.services)
    assert waiting(room) == set()
    assert file.key_id not in room.blobs()
    assert room.asset in room.blobs()


def test_a_whole_one_of_a_statement_that_was_sent_stays(room: Room) -> None:
    """Its sender was told that it is here. Only where the witness has withdrawn the statement it goes like any other."""
    file = on_its_way(room, None)
    with room.cast.acting("anahit") as uow:
        uow.vault.uploads.complete(uow.vault.uploads.find_asset(file.asset), bytes.fromhex(file.digest), {})
    with room.cast.acting("anahit") as uow:
        form = open_form(uow.installation, file.capsule, uow.clock())
        sealed = uow.vault.submissions.seal_part(form, {"account": "x"}, {}, {}, [])
        uow.vault.submissions.finish(sealed.capsule, sealed)
    pass_time(room, LIFE + 1)
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}
    with room.cast.services.database.writing() as connection:
        connection.execute(sa.update(statements).values(state="withdrawn"))
    discard_expired(room.cast.services)
    assert waiting(room) == set()


def test_all_that_is_known_of_it_goes(room: Room) -> None:
    on_its_way(room)
    pass_time(room, LIFE + 1)
    discard_expired(room.cast.services)
    with room.cast.services.database.engine.connect() as connection:
        assert connection.execute(sa.select(upload_blocks)).all() == []


def test_whoever_goes_on_at_that_moment_keeps_it(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    file = on_its_way(room)
    pass_time(room, LIFE + 1)

    def touched_meanwhile(tx: object, installation: object, moment: int) -> list[Upload]:
        stale = found(room.cast, file.asset)
        with room.cast.services.database.writing() as connection:
            connection.execute(sa.update(uploads).values(touched=room.cast.clock()))
        return [stale]

    monkeypatch.setattr("app.jobs.sweeping.untouched_since", touched_meanwhile)
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}
    assert expiries(room) == []
    send(room.cast, file, 0)


def test_nothing_goes_while_the_database_is_older_than_what_was_seen(room: Room) -> None:
    file = on_its_way(room)
    pass_time(room, LIFE + 1)
    put_database_back(room)
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}


def test_after_a_restore_the_time_begins_anew(room: Room) -> None:
    file = on_its_way(room)
    pass_time(room, LIFE + 1)
    put_database_back(room)
    uow = room.cast.uow()
    accept_restore(uow.tx, uow.installation, room.cast.services.head_file, room.cast.clock)
    uow.end()
    discard_expired(room.cast.services)
    assert waiting(room) == {file.asset}
    pass_time(room, LIFE + 1)
    discard_expired(room.cast.services)
    assert waiting(room) == set()


def test_a_worker_that_lives_long_looks_every_day(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    file, services = on_its_way(room), room.cast.services
    key, actions = WorkerKey.generate(room.cast.clock()), dict[str, Action]()
    process = _Process(services, Runner(services, key, actions), once=False)
    process.runner.ledger.sign_on(key.signed(services.installation), room.cast.clock())
    pass_time(room, LIFE + 1)
    process._tick()
    assert waiting(room) == {file.asset}
    started = monotonic()
    monkeypatch.setattr("app.jobs.worker.monotonic", lambda: started + Pace().lifetime)
    process._tick()
    assert waiting(room) == set()
