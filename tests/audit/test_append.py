"""Entries take their places at the commit, one after the other, whoever else is writing."""

import multiprocessing
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.headfile import HeadFile
from app.audit.log import LogKeys, Note
from app.audit.verify import Verdict
from app.crypto.keys import SigningSeed
from app.crypto.log import ZERO
from app.domain.errors import Conflict, Frozen, Tampered
from app.store.database import Database
from app.store.log import heads
from tests.audit.logbook import AT, Logbook, new_keys

INTERVIEWER, REVIEWER, CASE, STATEMENT = (UUID(int=number) for number in range(1, 5))


def test_an_entry_says_who_did_what_to_which_record(logbook: Logbook) -> None:
    logbook.write(
        Note(
            Act.STATEMENT_OPENED,
            person=REVIEWER,
            case=CASE,
            record=STATEMENT,
            field="statements.part",
            version=3,
            digest=bytes(32),
            session=b"8 octets",
            note="for-review",
        )
    )
    [row] = logbook.rows()
    assert (row.sequence, row.era, row.at, row.act) == (1, 1, AT, "statement.opened")
    assert (row.person, row.case, row.record) == (REVIEWER, CASE, STATEMENT)
    assert (row.field, row.version, row.object_digest) == ("statements.part", 3, bytes(32))
    assert (row.session_tag, row.note) == (b"8 octets", "for-review")


def test_entries_of_one_unit_of_work_stand_together_in_their_order(logbook: Logbook) -> None:
    logbook.write(Note(Act.CASE_CHARTERED), Note(Act.ROSTER_CHANGED), Note(Act.GRANTED))
    logbook.write(Note(Act.SIGNED_OUT))
    assert [(row.sequence, row.act) for row in logbook.rows()] == [
        (1, "case.chartered"),
        (2, "case.roster-changed"),
        (3, "case.granted"),
        (4, "session.signed-out"),
    ]
    assert logbook.verify() == Verdict(4)


def test_the_head_is_the_last_entrys(logbook: Logbook) -> None:
    assert logbook.head().chain == ZERO
    logbook.write_signing_in(2, INTERVIEWER)
    head, last = logbook.head(), logbook.rows()[-1]
    assert (head.sequence, head.chain) == (last.sequence, last.chain)
    assert logbook.check_head() == logbook.mark_at(2)


def test_what_depends_on_an_entrys_place_is_told_it_inside_the_same_transaction(logbook: Logbook) -> None:
    places: list[tuple[int, int]] = []

    def settle(connection: sa.Connection, era: int, sequence: int) -> None:
        assert connection.scalar(sa.select(heads.c.sequence)) == 1
        places.append((era, sequence))

    logbook.write(Note(Act.SIGNED_IN))
    logbook.write(Note(Act.PART_SEALED), Note(Act.FILE_SEALED), settle=settle)
    assert places == [(1, 2), (1, 3)]


def test_a_unit_of_work_that_is_refused_leaves_no_entry_and_no_gap(logbook: Logbook) -> None:
    def refuse(_connection: sa.Connection, _era: int, _sequence: int) -> None:
        raise Conflict("newer-version")

    logbook.write(Note(Act.SIGNED_IN))
    with pytest.raises(Conflict):
        logbook.write(Note(Act.PART_SEALED), settle=refuse)
    logbook.write(Note(Act.SIGNED_OUT))
    assert [row.act for row in logbook.rows()] == ["session.signed-in", "session.signed-out"]
    assert logbook.verify() == Verdict(2)


def test_a_refused_commit_that_is_repeated_writes_its_entries_once(logbook: Logbook) -> None:
    log = logbook.open()
    log.note(Note(Act.STATEMENT_ADOPTED))
    first = logbook.database.transaction()
    first.stage(sa.update(heads).where(heads.c.sequence == 7).values(at=heads.c.at), rows=1)
    with pytest.raises(Conflict):
        first.commit(log.append)
    logbook.database.transaction().commit(log.append)
    log.committed()
    logbook.database.transaction().commit(log.append)
    assert len(logbook.rows()) == 1
    assert logbook.verify() == Verdict(1)


def test_work_that_notes_nothing_leaves_the_log_as_it_is(logbook: Logbook) -> None:
    before = logbook.head()
    logbook.write()
    assert logbook.head() == before
    assert logbook.rows() == []


def test_nothing_is_appended_without_a_head(logbook: Logbook) -> None:
    logbook.tamper(sa.delete(heads))
    with pytest.raises(Frozen, match="head-missing"):
        logbook.write(Note(Act.SIGNED_IN))
    assert logbook.rows() == []


def test_a_chain_that_somebody_else_wrote_is_never_signed(logbook: Logbook) -> None:
    logbook.write_signing_in(2, INTERVIEWER)
    logbook.tamper(sa.update(heads).values(chain=bytes(32)))
    with pytest.raises(Tampered, match="head-signature"):
        logbook.write(Note(Act.SIGNED_OUT))
    assert len(logbook.rows()) == 2


def test_a_head_put_back_in_time_does_not_overwrite_an_entry(logbook: Logbook) -> None:
    early = logbook.head()
    logbook.write_signing_in(2, INTERVIEWER)
    logbook.restore_head(early)
    with pytest.raises(Conflict):
        logbook.write(Note(Act.SIGNED_OUT))
    assert [row.act for row in logbook.rows()] == ["session.signed-in"] * 2


# Side by side


def test_threads_appending_at_once_leave_no_gap_and_no_double(logbook: Logbook) -> None:
    people = [INTERVIEWER, REVIEWER]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: logbook.write_signing_in(5, people[number % 2]), range(8)))
    rows = logbook.rows()
    assert [row.sequence for row in rows] == list(range(1, 41))
    assert Counter(row.person for row in rows) == {INTERVIEWER: 20, REVIEWER: 20}
    assert logbook.verify(logbook.head_file.read()) == Verdict(40)


def sign_in_from_another_server(
    url: str, installation: UUID, seed: bytes, public: bytes, head: Path, person: UUID
) -> None:
    keys = LogKeys(installation, SigningSeed(seed), public)
    with closing(Database(url)) as database:
        Logbook(database, keys, HeadFile(head)).write_signing_in(20, person)


def test_two_servers_appending_at_once_leave_no_gap_and_no_double(logbook: Logbook, tmp_path: Path) -> None:
    url = logbook.database.url.render_as_string(hide_password=False)
    keys = (logbook.keys.installation, logbook.keys.server_seed.reveal(), logbook.keys.server_public)
    spawn = multiprocessing.get_context("spawn")
    files = [tmp_path / "head-1", tmp_path / "head-2"]
    servers = [
        spawn.Process(target=sign_in_from_another_server, args=(url, *keys, file, person))
        for file, person in zip(files, (INTERVIEWER, REVIEWER), strict=True)
    ]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    rows = logbook.rows()
    assert [row.sequence for row in rows] == list(range(1, 41))
    assert Counter(row.person for row in rows) == {INTERVIEWER: 20, REVIEWER: 20}
    for file in files:
        assert logbook.verify(HeadFile(file).read()) == Verdict(40)


def test_a_log_of_another_installation_is_not_taken_for_ones_own(logbook: Logbook) -> None:
    logbook.write_signing_in(1, INTERVIEWER)
    stranger = Logbook(logbook.database, new_keys(), logbook.head_file)
    with pytest.raises(Tampered, match="head-signature"):
        stranger.check_head()
    assert stranger.verify().fault == "altered"
