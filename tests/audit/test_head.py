"""The head file, outside the database, notices a database that was put back in time or took another turn."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.headfile import SYNC_SECONDS, HeadFile
from app.crypto.log import ZERO, HeadMark, format_head_line
from app.domain.errors import Frozen, Tampered, Unavailable
from app.store.log import entries, heads
from tests.audit.logbook import Logbook

INTERVIEWER, STRANGER = UUID(int=1), UUID(int=2)


def mark(sequence: int, era: int = 1) -> HeadMark:
    return HeadMark(era, sequence, sequence.to_bytes(32))


def long_unsynced(path: Path) -> HeadFile:
    """As a server sees the file more than ten seconds after it flushed it."""
    return HeadFile(path, _synced=time.monotonic() - SYNC_SECONDS - 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "head"


# The database against the file


def test_a_head_that_extends_what_the_server_saw_is_taken(logbook: Logbook) -> None:
    logbook.write_signing_in(3, INTERVIEWER)
    for seen in (1, 2, 3):
        logbook.head_file.write(logbook.mark_at(seen))
        assert logbook.check_head() == logbook.mark_at(3)


def test_a_server_that_saw_nothing_yet_takes_what_is_signed(logbook: Logbook, path: Path) -> None:
    logbook.write_signing_in(1, INTERVIEWER)
    path.unlink()
    assert logbook.check_head() == logbook.mark_at(1)


def test_a_server_that_saw_only_the_founding_takes_what_follows(logbook: Logbook) -> None:
    logbook.head_file.write(HeadMark(1, 0, ZERO))
    assert logbook.check_head() == HeadMark(1, 0, ZERO)
    logbook.write_signing_in(1, INTERVIEWER)
    assert logbook.check_head() == logbook.mark_at(1)


def test_a_database_behind_the_head_file_is_frozen(logbook: Logbook) -> None:
    logbook.write_signing_in(2, INTERVIEWER)
    early = logbook.head()
    logbook.write_signing_in(2, INTERVIEWER)
    logbook.head_file.write(logbook.mark_at(4))
    logbook.tamper(sa.delete(entries).where(entries.c.sequence > 2))
    logbook.restore_head(early)
    with pytest.raises(Frozen, match="head-behind"):
        logbook.check_head()


def test_a_database_of_an_earlier_era_is_frozen(logbook: Logbook) -> None:
    logbook.write_signing_in(2, INTERVIEWER)
    logbook.head_file.write(mark(1, era=2))
    with pytest.raises(Frozen, match="head-behind"):
        logbook.check_head()


@pytest.mark.parametrize("since", [1, 2, 3])
def test_a_database_that_took_another_turn_is_frozen(logbook: Logbook, since: int) -> None:
    logbook.write_signing_in(2, INTERVIEWER)
    early = logbook.head()
    logbook.write_signing_in(2, INTERVIEWER)
    logbook.head_file.write(logbook.mark_at(4))
    logbook.tamper(sa.delete(entries).where(entries.c.sequence > 2))
    logbook.restore_head(early)
    logbook.write_signing_in(1 + since, STRANGER)
    with pytest.raises(Frozen, match="head-forked"):
        logbook.check_head()


def test_a_database_without_a_head_is_frozen(logbook: Logbook) -> None:
    logbook.tamper(sa.delete(heads))
    with pytest.raises(Frozen, match="head-missing"):
        logbook.check_head()


@pytest.mark.parametrize("values", [{"chain": ZERO}, {"sequence": 9}, {"era": 2}, {"signature": bytes(64)}])
def test_a_forged_head_is_refused(logbook: Logbook, values: dict[str, object]) -> None:
    logbook.write_signing_in(2, INTERVIEWER)
    logbook.tamper(sa.update(heads).values(**values))
    with pytest.raises(Tampered, match="head-signature"):
        logbook.check_head()


# The file itself


def test_a_server_remembers_its_first_head_at_once(logbook: Logbook) -> None:
    logbook.write_signing_in(1, INTERVIEWER)
    assert logbook.head_file.read() == logbook.mark_at(1)


def test_the_file_is_flushed_once_in_ten_seconds(path: Path) -> None:
    head_file = HeadFile(path)
    for sequence in range(1, 50):
        head_file.advance(mark(sequence))
    assert path.read_text() == format_head_line(mark(1))


def test_what_was_not_flushed_yet_is_known_all_the_same(path: Path) -> None:
    """The last act before a quiet night, which may be somebody's removal."""
    head_file = HeadFile(path)
    for sequence in (1, 2, 3):
        head_file.advance(mark(sequence))
    assert HeadFile(path).read() == mark(3)
    path.with_name(f"{path.name}.recent").write_bytes(b"")
    assert HeadFile(path).read() == mark(1)
    head_file.advance(mark(4))
    HeadFile(path).write(mark(2))
    assert HeadFile(path).read() == mark(2)


def test_after_ten_seconds_the_file_moves_on(path: Path) -> None:
    HeadFile(path).advance(mark(1))
    long_unsynced(path).advance(mark(50))
    assert HeadFile(path).read() == mark(50)


@pytest.mark.parametrize("later", [mark(49), mark(50), mark(99, era=0)])
def test_the_file_never_steps_back(path: Path, later: HeadMark) -> None:
    HeadFile(path).advance(mark(50))
    long_unsynced(path).advance(later)
    assert HeadFile(path).read() == mark(50)


def test_a_new_era_counts_more_than_a_longer_log(path: Path) -> None:
    HeadFile(path).advance(mark(50))
    long_unsynced(path).advance(mark(3, era=2))
    assert HeadFile(path).read() == mark(3, era=2)


def test_the_newest_of_many_threads_marks_is_kept(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda sequence: HeadFile(path).advance(mark(sequence)),
                [*range(1, 100, 2), *range(100, 0, -2)],
            )
        )
    assert HeadFile(path).read() == mark(100)


def test_an_accepted_restore_sets_the_file_back(path: Path) -> None:
    head_file = HeadFile(path)
    head_file.advance(mark(50))
    head_file.write(mark(20, era=2))
    assert head_file.read() == mark(20, era=2)


def test_nobody_else_may_read_the_file(path: Path) -> None:
    before = os.umask(0)
    try:
        HeadFile(path).advance(mark(1))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"vouchsafe-head 1 1 1", b"\xff\xfe", b"vouchsafe-head 2 1 1 00\n"])
def test_a_file_that_says_something_else_opens_nothing(logbook: Logbook, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(Unavailable, match="head-file"):
        logbook.check_head()


def test_a_file_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="head-file"):
        HeadFile(tmp_path / "gone" / "head").advance(mark(1))
