"""A backup holds the database and every sealed file, tells when it was touched, and fills an empty place only."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.domain.errors import Unavailable, Unusable
from app.store import backup
from app.store.backup import LIST, back_up, check, restore
from app.store.blobs import BlobStore
from app.store.cases import cases
from app.store.database import Database
from app.store.sessions import sessions
from tests.databases import NO_POSTGRES, Databases, NoPostgresError, binaries_of_postgres


def programs() -> Path | None:
    """Of the server that the tests start; none where there is none."""
    try:
        return binaries_of_postgres()
    except NoPostgresError:
        return None


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    store = BlobStore(tmp_path / "blobs")
    for content in (b"sealed one", b"sealed two" * 100_000):
        writer = store.create(uuid4())
        writer.write(content)
        writer.commit()
    store.create(uuid4()).write(b"never finished")
    return store


@pytest.fixture
def filled(database: Database) -> Database:
    tx = database.transaction()
    tx.insert(cases, id=uuid4(), code="Linden-4", opened=1)
    tx.commit()
    return database


@pytest.fixture
def empty(databases: Databases) -> Iterator[Database]:
    opened = Database(databases.empty())
    yield opened
    opened.close()


def codes(database: Database) -> list[str]:
    tx = database.transaction()
    try:
        return [row.code for row in tx.all(sa.select(cases.c.code))]
    finally:
        tx.release()


def test_what_was_kept_comes_back(filled: Database, blobs: BlobStore, empty: Database, tmp_path: Path):
    kept = back_up(filled, blobs, tmp_path / "kept", 7, programs())
    assert kept.files == 2
    assert check(tmp_path / "kept") == kept
    fresh = BlobStore(tmp_path / "fresh")
    assert restore(tmp_path / "kept", empty, fresh, programs()) == kept
    assert codes(empty) == ["Linden-4"]
    found = {path.name: path.read_bytes() for path in fresh.root.glob("*/*")}
    assert found == {
        path.name: path.read_bytes() for path in blobs.root.glob("*/*") if path.suffix != ".part"
    }


def test_it_is_readable_by_its_owner_alone_and_holds_no_session(
    filled: Database, blobs: BlobStore, tmp_path: Path
):
    back_up(filled, blobs, tmp_path / "kept", 7, programs())
    for path in (tmp_path / "kept").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
        if path.is_file():
            assert sessions.name.encode() + b" (" not in path.read_bytes()


def test_a_backup_while_others_write_is_one_moment(
    filled: Database, blobs: BlobStore, empty: Database, tmp_path: Path
):
    with filled.writing() as connection:
        connection.execute(sa.insert(cases).values(id=uuid4(), code="Later-1", opened=2))
        back_up(filled, blobs, tmp_path / "kept", 7, programs())
    restore(tmp_path / "kept", empty, BlobStore(tmp_path / "fresh"), programs())
    assert codes(empty) == ["Linden-4"]


@pytest.fixture
def coming_in(blobs: BlobStore) -> UUID:
    """A blob of which some has come, with the fence of the request that brought it."""
    blob = uuid4()
    blobs.claim(blob)
    growing = blobs.grow(blob, bytes(8))
    growing.write_at(0, b"acknowledged")
    growing.close()
    return blob


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Something happens once a backup has listed what there is, before any of it is read."""
    acts, original = [act], backup._standing

    def interrupted(listed: Path) -> BinaryIO | None:
        while acts:
            acts.pop()()
        return original(listed)

    monkeypatch.setattr(backup, "_standing", interrupted)


def restored(folder: Path, empty: Database, tmp_path: Path) -> dict[str, bytes]:
    fresh = BlobStore(tmp_path / "fresh")
    restore(folder, empty, fresh, programs())
    return {path.name: path.read_bytes() for path in fresh.root.glob("*/*")}


def test_what_has_come_of_a_file_is_kept_without_its_fence(
    filled: Database, blobs: BlobStore, coming_in: UUID, empty: Database, tmp_path: Path
):
    assert blobs.path(coming_in).with_suffix(".holder").exists()
    assert back_up(filled, blobs, tmp_path / "kept", 7, programs()).files == 3
    found = restored(tmp_path / "kept", empty, tmp_path)
    assert found[f"{coming_in.hex}.growing"] == b"acknowledged"
    assert not any(name.endswith(".holder") for name in found)
    growing = BlobStore(tmp_path / "fresh").grow(coming_in, bytes(8))
    growing.write_at(12, b" and more")
    growing.keep(21)
    growing.close()


def test_a_file_that_is_finished_while_a_backup_runs_is_in_it(
    filled: Database,
    blobs: BlobStore,
    coming_in: UUID,
    empty: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    def finish() -> None:
        growing = blobs.grow(coming_in, bytes(8))
        growing.keep(12)
        growing.close()

    meanwhile(monkeypatch, finish)
    assert back_up(filled, blobs, tmp_path / "kept", 7, programs()).files == 3
    found = restored(tmp_path / "kept", empty, tmp_path)
    assert found[coming_in.hex] == b"acknowledged"
    assert f"{coming_in.hex}.growing" not in found


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_file_that_is_given_up_while_a_backup_runs_is_left_out(
    filled: Database,
    blobs: BlobStore,
    coming_in: UUID,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_finished: bool,
):
    if is_finished:
        growing = blobs.grow(coming_in, bytes(8))
        growing.keep(12)
        growing.close()
    meanwhile(monkeypatch, lambda: blobs.drop(coming_in))
    kept = back_up(filled, blobs, tmp_path / "kept", 7, programs())
    assert kept.files == 2
    assert check(tmp_path / "kept") == kept
    assert not list((tmp_path / "kept").glob(f"blobs/*/{coming_in.hex}*"))


def test_a_file_that_gets_its_name_while_the_folder_is_read_is_not_missed(
    filled: Database, blobs: BlobStore, coming_in: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The directory may then show it under neither name."""
    looks, original = [lambda path: coming_in.hex not in path.name], backup._kept

    def looking(store: BlobStore) -> list[Path]:
        return list(filter(looks.pop() if looks else None, original(store)))

    monkeypatch.setattr(backup, "_kept", looking)
    assert back_up(filled, blobs, tmp_path / "kept", 7, programs()).files == 3


@pytest.mark.parametrize("fault", ["changed", "missing", "no list", "cut list", "other format", "outside"])
def test_a_backup_that_was_touched_is_not_restored(
    filled: Database, blobs: BlobStore, empty: Database, tmp_path: Path, fault: str
):
    folder = tmp_path / "kept"
    back_up(filled, blobs, folder, 7, programs())
    blob, listed = next(folder.glob("blobs/*/*")), folder / LIST
    content = json.loads(listed.read_text())
    match fault:
        case "changed":
            blob.write_bytes(bytes([blob.read_bytes()[0] ^ 1]) + blob.read_bytes()[1:])
        case "missing":
            blob.unlink()
        case "no list":
            listed.unlink()
        case "cut list":
            listed.write_text(listed.read_text()[:-9])
        case "other format":
            listed.write_text(json.dumps({**content, "format": "vouchsafe-backup/9"}))
        case _:
            listed.write_text(json.dumps({**content, "files": {"../x": [1, "00"]}}))
    with pytest.raises(Unusable):
        restore(folder, empty, BlobStore(tmp_path / "fresh"), programs())
    assert not list((tmp_path / "fresh").glob("*/*"))


def test_nothing_is_written_over(filled: Database, blobs: BlobStore, empty: Database, tmp_path: Path):
    folder = tmp_path / "kept"
    back_up(filled, blobs, folder, 7, programs())
    with pytest.raises(Unusable, match="not empty"):
        back_up(filled, blobs, folder, 8, programs())
    with pytest.raises(Unusable, match="already"):
        restore(folder, filled, BlobStore(tmp_path / "fresh"), programs())
    with pytest.raises(Unusable, match="already"):
        restore(folder, empty, blobs, programs())


def test_a_restore_that_failed_half_way_can_be_done_again(
    filled: Database, blobs: BlobStore, empty: Database, tmp_path: Path
):
    folder, fresh = tmp_path / "kept", BlobStore(tmp_path / "fresh")
    kept = back_up(filled, blobs, folder, 7, programs())
    last = max((folder / "blobs").glob("*"))
    fresh.root.mkdir()
    (fresh.root / last.name).write_bytes(b"in the way of a folder")
    with pytest.raises(Unavailable):
        restore(folder, empty, fresh, programs())
    assert not list(fresh.root.glob("*/*"))
    (fresh.root / last.name).unlink()
    assert restore(folder, empty, fresh, programs()) == kept
    assert codes(empty) == ["Linden-4"]


def test_a_backup_of_the_other_kind_of_database_says_so(filled: Database, blobs: BlobStore, tmp_path: Path):
    folder = tmp_path / "kept"
    back_up(filled, blobs, folder, 7, programs())
    other = "postgresql+psycopg://127.0.0.1:1/none" if filled.is_sqlite else f"sqlite:///{tmp_path / 'x.db'}"
    with pytest.raises(Unusable, match="other kind"):
        restore(folder, Database(other), BlobStore(tmp_path / "fresh"), programs())


def test_without_postgresqls_programs_one_is_told_what_to_install(blobs: BlobStore, tmp_path: Path):
    database = Database("postgresql+psycopg://127.0.0.1:1/none")
    with pytest.raises(Unusable, match=r"no .*pg_dump here.*--pg-bin"):
        back_up(database, blobs, tmp_path / "kept", 7, tmp_path)
    assert not (tmp_path / "kept" / LIST).exists()


@pytest.mark.skipif(programs() is None, reason=NO_POSTGRES)
def test_a_database_that_does_not_answer_leaves_no_list(blobs: BlobStore, tmp_path: Path):
    with pytest.raises(Unavailable):
        back_up(Database("postgresql+psycopg://127.0.0.1:1/none"), blobs, tmp_path / "kept", 7, programs())
    assert not (tmp_path / "kept" / LIST).exists()
