"""The blob store: whole or not there, written once, closed to others, clean after a full disk or a crash."""

import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from app.domain.errors import Conflict, NotFound, Unavailable
from app.domain.ids import new_id
from app.store.blobs import BlobStore
from tests.store.conftest import NAMES_ON_SMALL_DISK

SEALED = bytes(range(256)) * 1024
NAME = UUID(int=0xAB << 120 | 7)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "data" / "blobs")


def put(blobs: BlobStore, blob: UUID, data: bytes = SEALED) -> None:
    writer = blobs.create(blob)
    writer.write(data)
    writer.commit()


def read(blobs: BlobStore, blob: UUID) -> bytes:
    reader = blobs.open(blob)
    try:
        return reader.read_at(0, reader.size())
    finally:
        reader.close()


def files_in(blobs: BlobStore) -> list[str]:
    return sorted(file.name for file in blobs.root.rglob("*") if file.is_file())


def open_descriptors() -> set[str]:
    return {descriptor.name for descriptor in Path("/proc/self/fd").iterdir()}


# Whole or not there


def test_what_was_committed_is_read_back(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.write(SEALED[:1000])
    writer.write(memoryview(SEALED)[1000:])
    writer.commit()
    assert writer.size == len(SEALED)
    assert read(blobs, NAME) == SEALED


def test_any_range_can_be_read_and_a_range_past_the_end_is_short(blobs: BlobStore) -> None:
    put(blobs, NAME)
    reader = blobs.open(NAME)
    assert reader.size() == len(SEALED)
    assert reader.read_at(70_000, 512) == SEALED[70_000:70_512]
    assert reader.read_at(len(SEALED) - 3, 512) == SEALED[-3:]
    assert reader.read_at(len(SEALED), 512) == b""
    reader.close()


def test_a_part_is_never_seen_under_the_blobs_name(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    for _ in range(4):
        writer.write(SEALED)
        assert not blobs.path(NAME).exists()
        with pytest.raises(NotFound):
            blobs.open(NAME)
    writer.commit()
    assert files_in(blobs) == [NAME.hex]


def test_an_abandoned_blob_leaves_nothing(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.write(SEALED)
    writer.abandon()
    assert files_in(blobs) == []
    with pytest.raises(NotFound):
        blobs.open(NAME)


def test_abandoning_after_the_commit_takes_nothing_back(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.write(SEALED)
    writer.commit()
    writer.abandon()
    assert read(blobs, NAME) == SEALED


def test_abandoning_twice_closes_nobody_elses_file(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.abandon()
    put(blobs, NAME)
    other = blobs.open(NAME)  # likely to have been given the number that the writer had
    writer.abandon()
    assert other.read_at(0, 4) == SEALED[:4]
    other.close()


def test_writing_after_the_end_is_refused_and_changes_nothing(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.write(SEALED)
    writer.commit()
    with pytest.raises(Unavailable):
        writer.write(b"more")
    assert read(blobs, NAME) == SEALED


def test_a_blob_that_was_deleted_is_not_found_and_deleting_it_again_is_harmless(blobs: BlobStore) -> None:
    put(blobs, NAME)
    blobs.delete(NAME)
    blobs.delete(NAME)
    with pytest.raises(NotFound):
        blobs.open(NAME)
    assert files_in(blobs) == []


# Once


def test_a_name_that_is_being_written_is_refused(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.write(b"first")
    with pytest.raises(Conflict, match="blob-exists"):
        blobs.create(NAME)
    writer.commit()
    assert read(blobs, NAME) == b"first"


def test_a_name_that_was_written_is_refused_and_kept_as_it_is(blobs: BlobStore) -> None:
    put(blobs, NAME, b"first")
    with pytest.raises(Conflict, match="blob-exists"):
        blobs.create(NAME)
    assert read(blobs, NAME) == b"first"
    assert files_in(blobs) == [NAME.hex]


# For nobody else


def test_nobody_else_may_read_a_blob_or_list_its_folders(blobs: BlobStore) -> None:
    before = os.umask(0)
    try:
        put(blobs, NAME)
        unfinished = blobs.create(new_id())
    finally:
        os.umask(before)
    folders = [blobs.root, *(path for path in blobs.root.rglob("*") if path.is_dir())]
    files = [path for path in blobs.root.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert len(files) == 2
    unfinished.abandon()


# A disk that is full or gone


def test_a_full_disk_is_unavailable_and_leaves_nothing(small_disk: Path) -> None:
    blobs = BlobStore(small_disk / "blobs")
    before = open_descriptors()
    writer = blobs.create(NAME)
    writer.write(SEALED)
    with pytest.raises(Unavailable, match="storage"):
        writer.write(SEALED * 4)
    assert files_in(blobs) == []
    assert open_descriptors() == before
    put(blobs, NAME)
    assert read(blobs, NAME) == SEALED


def test_a_disk_without_room_for_another_name_is_unavailable(small_disk: Path) -> None:
    blobs = BlobStore(small_disk / "blobs")
    put(blobs, NAME)
    for number in range(NAMES_ON_SMALL_DISK):
        with suppress(OSError):
            (small_disk / str(number)).touch()
    with pytest.raises(Unavailable, match="storage"):
        blobs.create(UUID(int=NAME.int + 1))
    with pytest.raises(Unavailable, match="storage"):
        blobs.create(UUID(int=1))
    assert files_in(blobs) == [NAME.hex]
    assert read(blobs, NAME) == SEALED


FILLS_UP = """
import resource, signal, sys
from pathlib import Path
from uuid import UUID
from app.domain.errors import Unavailable
from app.store.blobs import BlobStore
from tests.store.conftest import NAMES_ON_SMALL_DISK

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
blobs = BlobStore(Path(sys.argv[1]))
writer = blobs.create(UUID(int=7))
try:
    for _ in range(100):
        writer.write(bytes(4096))
except Unavailable as error:
    print(error.what, sorted(file.name for file in blobs.root.rglob("*") if file.is_file()))
"""


def test_a_file_that_may_not_grow_is_unavailable_and_leaves_nothing(blobs: BlobStore) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FILLS_UP, blobs.root], capture_output=True, text=True, check=True
    )
    assert done.stdout == "storage []\n"


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file stands where the folder should")
    with pytest.raises(Unavailable, match="storage"):
        BlobStore(tmp_path / "blobs").create(NAME)


def test_a_blob_that_cannot_get_its_name_leaves_nothing(blobs: BlobStore) -> None:
    writer = blobs.create(NAME)
    writer.write(SEALED)
    blobs.path(NAME).mkdir()  # a rename onto a folder fails
    with pytest.raises(Unavailable, match="storage"):
        writer.commit()
    assert files_in(blobs) == []


# After a crash

WRITES_FOR_EVER = """
import sys
from pathlib import Path
from uuid import UUID
from app.store.blobs import BlobStore
from tests.store.conftest import NAMES_ON_SMALL_DISK

writer = BlobStore(Path(sys.argv[1])).create(UUID(sys.argv[2]))
while writer.size < 200_000_000:
    writer.write(bytes(65536))
    if writer.size == 1_048_576:
        print("on the way", flush=True)
"""


def test_a_kill_in_mid_write_leaves_a_part_that_the_sweep_removes(blobs: BlobStore) -> None:
    arguments: list[str | Path] = [sys.executable, "-c", WRITES_FOR_EVER, blobs.root, str(NAME)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"on the way\n"
        writer.kill()
    assert writer.returncode == -signal.SIGKILL
    assert files_in(blobs) == [f"{NAME.hex}.part"]
    with pytest.raises(NotFound):
        blobs.open(NAME)
    assert blobs.sweep(older_than=time.time() + 1) == 1
    assert files_in(blobs) == []
    put(blobs, NAME)


def test_the_sweep_spares_blobs_and_parts_that_are_being_written(blobs: BlobStore) -> None:
    put(blobs, NAME)
    fresh, stale = blobs.create(UUID(int=1)), blobs.create(UUID(int=2))
    an_hour_ago = time.time() - 3600
    os.utime(blobs.path(UUID(int=2)).with_suffix(".part"), (an_hour_ago, an_hour_ago))
    assert blobs.sweep(older_than=time.time() - 60) == 1
    fresh.write(SEALED)
    fresh.commit()
    stale.abandon()
    assert read(blobs, NAME) == read(blobs, UUID(int=1)) == SEALED
    assert files_in(blobs) == sorted([NAME.hex, UUID(int=1).hex])


def test_there_is_nothing_to_sweep_before_the_first_blob(blobs: BlobStore) -> None:
    assert blobs.sweep(older_than=time.time()) == 0


# What lies there


def test_whole_blobs_are_told_and_nothing_else_is(blobs: BlobStore) -> None:
    assert list(blobs.finished()) == []
    put(blobs, NAME)
    unfinished = blobs.create(UUID(int=9))
    (blobs.path(NAME).parent / "notes.txt").write_bytes(b"")
    (blobs.path(NAME).parent / new_id().hex[2:].rjust(32, "f")).write_bytes(
        b""
    )  # in a folder that is not its own
    os.utime(blobs.path(NAME), (1000, 1000))
    assert list(blobs.finished()) == [(NAME, 1000.0)]
    unfinished.abandon()


def test_the_storage_says_where_it_is_and_leaves_nothing_behind(blobs: BlobStore) -> None:
    storage = blobs.storage()
    assert os.path.ismount(storage.mount)
    assert blobs.root.is_relative_to(storage.mount)
    assert storage.kind
    assert storage.free > 0
    assert files_in(blobs) == []


def test_a_mounted_disk_is_told_by_its_own_name(small_disk: Path) -> None:
    storage = BlobStore(small_disk / "blobs").storage()
    assert (storage.mount, storage.kind) == (small_disk, "tmpfs")
    assert storage.free <= 1 << 20


def test_a_storage_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"a file, not a folder")
    with pytest.raises(Unavailable):
        BlobStore(tmp_path / "blobs").storage()
