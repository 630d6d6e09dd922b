"""Every reading is on record: one line for a person, a subject and a session, and nothing leaves without it."""

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.ids import new_id
from app.store.log import heads
from app.web.opening import note_opening, subject_of
from tests.cast import Cast, assemble
from tests.transcription.scenes import flip, logged, send, touch

RECORDING = b"OggS" + bytes(range(256)) * 4096


@pytest.fixture
def own_cast(tmp_path):
    made = assemble(tmp_path)
    yield made
    made.close()


def test_a_statement_leaves_one_line_however_often_it_is_opened(cast: Cast):
    sent, lilit = send(cast), cast.client("lilit")
    for _again in range(3):
        assert lilit.get(sent.path()).status_code == 200
    assert logged(cast, Act.STATEMENT_OPENED, sent.statement, "lilit") == 1


def test_each_person_and_each_session_leaves_its_own_line(cast: Cast):
    sent = send(cast)
    for name in ("lilit", "lilit", "irina"):
        cast.client(name).get(sent.path())
    assert logged(cast, Act.STATEMENT_OPENED, sent.statement, "lilit") == 2
    assert logged(cast, Act.STATEMENT_OPENED, sent.statement, "irina") == 1


def test_a_player_that_asks_for_many_ranges_leaves_one_line(cast: Cast):
    sent, lilit = send(cast, files=[(RECORDING, {})]), cast.client("lilit")
    for start in (0, 1000, 500_000):
        answer = lilit.get(sent.file(), headers={"Range": f"bytes={start}-{start + 9}"})
        assert answer.data == RECORDING[start : start + 10]
    assert logged(cast, Act.ASSET_OPENED, sent.files[0]) == 1


def test_statement_transcript_and_identity_are_three_openings(cast: Cast):
    sent, anush = send(cast), cast.client("anush")
    for rest in ("", "/transcript", "/identity"):
        assert anush.get(sent.path(rest)).status_code == 200
    for act in (Act.STATEMENT_OPENED, Act.TRANSCRIPT_OPENED, Act.IDENTITY_OPENED):
        assert logged(cast, act, sent.statement, "anush") == 1
    assert len({subject_of(act, sent.statement) for act in Act}) == len(Act)


def test_opening_twice_in_one_unit_of_work_is_one_line(cast: Cast):
    record = new_id()
    with cast.acting("lilit") as uow:
        note_opening(uow, Act.STATEMENT_OPENED, cast.case, record)
        note_opening(uow, Act.STATEMENT_OPENED, cast.case, record)
    assert logged(cast, Act.STATEMENT_OPENED, record) == 1


def test_every_original_that_is_taken_out_is_a_line(cast: Cast):
    sent, lilit = send(cast, files=[(RECORDING, {})]), cast.client("lilit")
    for _again in range(2):
        assert lilit.get(sent.file(rest="/original")).data == RECORDING
    assert logged(cast, Act.ASSET_OPENED, sent.files[0]) == 2


def test_a_browser_that_fetches_ahead_is_refused_and_leaves_no_reading(cast: Cast):
    sent, lilit = send(cast), cast.client("lilit")
    answer = lilit.get(sent.path(), headers={"Sec-Purpose": "prefetch;prerender"})
    assert answer.status_code == 403
    assert b"We heard it" not in answer.data
    assert logged(cast, Act.STATEMENT_OPENED, sent.statement) == 0


def test_an_opening_that_failed_is_asked_for_its_line_again(cast: Cast):
    sent, lilit = send(cast, files=[(RECORDING, {})]), cast.client("lilit")
    flip(cast, sent.files[0], -1)
    assert lilit.get(sent.file()).status_code == 409
    flip(cast, sent.files[0], -1)
    assert lilit.get(sent.file()).status_code == 200
    assert logged(cast, Act.ASSET_OPENED, sent.files[0]) == 1


def test_nothing_is_read_while_the_log_cannot_be_written(own_cast: Cast):
    sent, lilit = send(own_cast, files=[(RECORDING, {})]), own_cast.client("lilit")
    touch(own_cast, sa.delete(heads))
    for path in (sent.path(), sent.file(), sent.path("/transcript")):
        answer = lilit.get(path)
        assert answer.status_code == 503
        assert b"We heard it" not in answer.data
        assert RECORDING[:100] not in answer.data


def test_a_session_that_forgot_costs_a_line_and_no_reading(own_cast: Cast):
    sent, lilit = send(own_cast), own_cast.client("lilit")
    with own_cast.services.sessions.database.writing() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER no_memory BEFORE INSERT ON session_openings BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    for _again in range(2):
        assert lilit.get(sent.path()).status_code == 200
    assert logged(own_cast, Act.STATEMENT_OPENED, sent.statement) == 2
