"""Whoever touches the log without the server key is found, at the first entry that is not as written."""

from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.headfile import HeadFile
from app.audit.log import Note
from app.audit.verify import PAGE, Verdict, verify_log, verify_since
from app.crypto.log import Entry, chain, leaf
from app.store.database import Database
from app.store.log import entries, heads
from tests.audit.logbook import AT, Logbook, new_keys
from tests.databases import SqliteDatabases

INTERVIEWER, STRANGER, CASE = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.fixture
def written(logbook: Logbook) -> Logbook:
    """Six entries."""
    for act in (Act.SIGNED_IN, Act.CASE_OPENED, Act.PART_SEALED, Act.STATEMENT_FINISHED, Act.SIGNED_OUT):
        logbook.write(Note(act, person=INTERVIEWER, case=CASE, session=b"8 octets", note="word"))
    logbook.write(
        Note(Act.PUBLISHED, person=INTERVIEWER, record=CASE, field="a.b", version=1, digest=bytes(32))
    )
    return logbook


def forged_entry(logbook: Logbook, sequence: int, act: str) -> dict[str, Any]:
    """An entry with the right leaf and chain: hashing takes no key."""
    entry = Entry(
        era=1,
        sequence=sequence,
        at=AT,
        act=act,
        person=STRANGER,
        case=None,
        record=None,
        field="",
        version=0,
        digest=None,
        session_tag=None,
        note="",
    )
    own = leaf(logbook.keys.installation, entry)
    return {
        "sequence": sequence,
        "era": 1,
        "at": AT,
        "act": act,
        "person": STRANGER,
        "field": "",
        "version": 0,
        "note": "",
        "leaf": own,
        "chain": chain(logbook.rows()[sequence - 2].chain, own),
    }


def alter(logbook: Logbook, at: int, /, **values: object) -> None:
    logbook.tamper(sa.update(entries).where(entries.c.sequence == at).values(**values))


def test_a_log_as_it_was_written_is_well(written: Logbook) -> None:
    assert written.verify() == Verdict(6)
    assert written.verify(written.mark_at(6)) == Verdict(6)
    assert written.verify(written.mark_at(4)) == Verdict(6)


def test_a_log_without_entries_is_well(logbook: Logbook) -> None:
    assert logbook.verify() == Verdict(0)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("era", 2),
        ("at", AT + 1),
        ("act", "session.signed-out"),
        ("person", STRANGER),
        ("person", None),
        ("case", None),
        ("record", STRANGER),
        ("field", "a.c"),
        ("version", 1),
        ("object_digest", bytes(32)),
        ("session_tag", b"8 others"),
        ("session_tag", None),
        ("note", "another"),
        ("leaf", bytes(32)),
        ("at", -1),
        ("session_tag", b"short"),
    ],
)
def test_the_first_altered_entry_is_named(written: Logbook, column: str, value: object) -> None:
    alter(written, 3, **{column: value})
    alter(written, 5, note="another")
    assert written.verify() == Verdict(2, 3, "altered")


def test_an_entry_whose_leaf_was_made_to_fit_breaks_the_chain(written: Logbook) -> None:
    alter(written, 3, **{**forged_entry(written, 3, "session.signed-out"), "chain": written.rows()[2].chain})
    alter(written, 3, case=None, session_tag=None)
    assert written.verify() == Verdict(2, 3, "chain")


def test_an_altered_link_is_named(written: Logbook) -> None:
    alter(written, 3, chain=bytes(32))
    assert written.verify() == Verdict(2, 3, "chain")


@pytest.mark.parametrize("sequence", [1, 3, 5])
def test_the_first_missing_entry_is_named(written: Logbook, sequence: int) -> None:
    written.tamper(sa.delete(entries).where(entries.c.sequence == sequence))
    assert written.verify() == Verdict(sequence - 1, sequence, "missing")


def test_entries_that_changed_places_are_named(written: Logbook) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        alter(written, old, sequence=new)
    assert written.verify() == Verdict(1, 2, "altered")


def test_an_entry_put_before_the_first_is_found(written: Logbook) -> None:
    written.tamper(
        sa.insert(entries).values({**forged_entry(written, 2, "session.signed-in"), "sequence": 0})
    )
    assert written.verify() == Verdict(0, 1, "missing")


def test_a_log_cut_at_its_end_is_found(written: Logbook) -> None:
    written.tamper(sa.delete(entries).where(entries.c.sequence > 4))
    assert written.verify() == Verdict(4, 5, "cut")


def test_an_emptied_log_is_found(written: Logbook) -> None:
    written.tamper(sa.delete(entries))
    assert written.verify() == Verdict(0, 1, "cut")


def test_an_entry_that_the_head_does_not_know_is_named(written: Logbook) -> None:
    written.tamper(sa.insert(entries).values(forged_entry(written, 7, "session.signed-out")))
    written.tamper(sa.insert(entries).values(forged_entry(written, 8, "session.signed-out")))
    assert written.verify() == Verdict(8, 7, "unsigned")


def test_a_last_entry_that_was_made_to_fit_differs_from_the_head(written: Logbook) -> None:
    forged = forged_entry(written, 6, "session.signed-out")
    nothing = {"case": None, "record": None, "object_digest": None, "session_tag": None}
    alter(written, 6, **forged, **nothing)
    assert written.verify() == Verdict(6, 6, "differs-from-head")


def test_a_missing_head_is_found(written: Logbook) -> None:
    written.tamper(sa.delete(heads))
    assert written.verify() == Verdict(6, 7, "head-missing")


@pytest.mark.parametrize(
    "values", [{"chain": bytes(32)}, {"sequence": 5}, {"era": 2}, {"at": AT + 1}, {"signature": bytes(64)}]
)
def test_a_head_that_the_server_key_did_not_sign_is_found(
    written: Logbook, values: dict[str, object]
) -> None:
    written.tamper(sa.update(heads).values(**values))
    assert written.verify() == Verdict(6, 7, "head-signature")


# With the mark that is kept outside the database


def test_a_database_put_back_in_time_is_behind_the_head_file(written: Logbook) -> None:
    head = written.head()
    written.write_signing_in(2, INTERVIEWER)
    known = written.mark_at(8)
    written.tamper(sa.delete(entries).where(entries.c.sequence > head.sequence))
    written.restore_head(head)
    assert written.verify() == Verdict(6)
    assert written.verify(known) == Verdict(6, 7, "behind-head-file")


def test_a_history_that_took_another_turn_differs_from_the_head_file(written: Logbook) -> None:
    head = written.head()
    written.write_signing_in(2, INTERVIEWER)
    known = written.mark_at(8)
    written.tamper(sa.delete(entries).where(entries.c.sequence > head.sequence))
    written.restore_head(head)
    written.write_signing_in(3, STRANGER)
    assert written.verify() == Verdict(9)
    assert written.verify(known) == Verdict(7, 8, "differs-from-head-file")


def test_a_log_longer_than_a_page_is_walked_to_its_end(logbook: Logbook) -> None:
    logbook.write(*[Note(Act.RECORDS_REWRAPPED, case=CASE)] * (2 * PAGE + 1))
    assert logbook.verify() == Verdict(2 * PAGE + 1)
    alter(logbook, PAGE + 1, note="another")
    assert logbook.verify() == Verdict(PAGE, PAGE + 1, "altered")


def test_what_is_appended_during_the_walk_does_not_disturb_it(logbook: Logbook) -> None:
    logbook.write_signing_in(3, INTERVIEWER)
    tx = logbook.database.transaction()
    assert tx.value(sa.select(sa.func.count()).select_from(entries)) == 3
    logbook.write_signing_in(3, INTERVIEWER)
    assert verify_log(tx, logbook.keys) == Verdict(3)
    tx.release()
    assert logbook.verify() == Verdict(6)


@pytest.mark.parametrize(
    "assignment", ["at = 'noon'", "person = 'nobody'", "act = x'ff'", "session_tag = 'text'"]
)
def test_values_of_a_kind_that_never_was_written_are_found(
    sqlite_databases: SqliteDatabases, tmp_path: Path, assignment: str
) -> None:
    """SQLite lets a column hold anything."""
    with closing(Database(sqlite_databases.migrated())) as database:
        logbook = Logbook(database, new_keys(), HeadFile(tmp_path / "head"))
        logbook.found()
        logbook.write_signing_in(3, INTERVIEWER)
        with database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE log_entries SET {assignment} WHERE sequence = 2")
        assert logbook.verify() == Verdict(1, 2, "altered")


# From a head that somebody remembers


def since(logbook: Logbook, sequence: int) -> Verdict:
    tx = logbook.database.transaction()
    try:
        return verify_since(tx, logbook.keys, logbook.mark_at(sequence))
    finally:
        tx.release()


def test_what_came_after_a_remembered_head_is_walked_alone(written: Logbook) -> None:
    assert since(written, 3) == since(written, 6) == Verdict(6)
    alter(written, 2, note="another")  # this was looked at before
    assert since(written, 3) == Verdict(6)


def test_an_entry_that_went_since_then_is_named(written: Logbook) -> None:
    written.tamper(sa.delete(entries).where(entries.c.sequence == 5))
    assert since(written, 3) == Verdict(4, 5, "missing")


def test_another_turn_since_then_is_found(written: Logbook) -> None:
    mark = written.mark_at(3)
    alter(written, 3, chain=bytes(32))
    tx = written.database.transaction()
    try:
        assert verify_since(tx, written.keys, mark) == Verdict(6)
    finally:
        tx.release()
    alter(written, 4, chain=bytes(32))
    assert since(written, 3).broken == 4
