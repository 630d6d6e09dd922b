"""A disk that is small enough to fill."""

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES_ON_SMALL_DISK = 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, with room for twenty names."""
    disk = tmp_path / "disk"
    disk.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size=1m,nr_inodes={NAMES_ON_SMALL_DISK}".encode()
    if libc.mount(b"tmpfs", bytes(disk), b"tmpfs", 0, options) != 0:
        pytest.skip("only root can mount a disk that is small enough to fill")
    yield disk
    libc.umount2(bytes(disk), 0)
