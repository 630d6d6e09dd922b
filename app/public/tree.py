"""The released tree on disk: which files it lists, and how one of them is opened."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from app.domain.errors import NotFound, Unavailable

MANIFEST: Final = "manifest.json"
MAX_MANIFEST_SIZE: Final = 32 << 20  # bytes; some 200,000 files


@dataclass(frozen=True)
class Listed:
    """What the manifest says of a file: SHA-256 as hexadecimal digits, size in bytes."""

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """The listed files by path, and the identity of the file the list was read from."""

    identity: tuple[int, ...]
    files: Mapping[str, Listed]


@dataclass(frozen=True)
class Release:
    """One released tree, held open, with its manifest."""

    folder: int
    manifest: Manifest

    def holds_folder(self, path: str) -> bool:
        return f"{path}/index.html" in self.manifest.files

    def open(self, path: str) -> tuple[BinaryIO, Listed]:
        """The file, opened, and what is listed of it.

        Raises NotFound for a path that is not listed, Unavailable for a file that is not there as listed.
        """
        listed = self.manifest.files.get(path)
        if listed is None:
            raise NotFound
        try:
            file = _opened_below(self.folder, path)
        except OSError as error:
            raise Unavailable("file") from error
        if os.fstat(file.fileno()).st_size != listed.size:
            file.close()
            raise Unavailable("file")
        return file, listed


class Tree:
    """Whatever release `current` leads to now: publishing switches that link, and so the whole tree."""

    def __init__(self, public_dir: Path) -> None:
        self._current = public_dir / "current"
        self._known: Manifest | None = None

    @contextmanager
    def release(self) -> Iterator[Release]:
        """One release for the length of a request, even if another takes its place meanwhile.

        Raises Unavailable if there is none, or if its manifest cannot be read.
        """
        try:
            folder = os.open(self._current, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise Unavailable("release") from error
        try:
            yield Release(folder, self._manifest(folder))
        finally:
            os.close(folder)

    def _manifest(self, folder: int) -> Manifest:
        try:
            with _opened_below(folder, MANIFEST) as file:
                found = os.fstat(file.fileno())
                identity = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
                known = self._known
                if known is None or known.identity != identity:
                    self._known = known = Manifest(identity, _files(file.read(MAX_MANIFEST_SIZE)))
                return known
        except (OSError, ValueError) as error:
            raise Unavailable("manifest") from error


def _opened_below(folder: int, path: str) -> BinaryIO:
    """Opens step by step and follows no link, so that nothing outside the folder is reached."""
    *folders, name = path.split("/")
    with ExitStack() as opened:
        for step in folders:
            folder = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
            opened.callback(os.close, folder)
        file = os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise FileNotFoundError(path)
    return file


def _files(data: bytes) -> dict[str, Listed]:
    """What the manifest lists, and itself. Its signature is there for whoever checks a copy, not for us."""
    match json.loads(data):
        case {"signed": {"files": dict(entries)}}:
            files = {path: _listed(path, entry) for path, entry in entries.items()}
        case _:
            raise ValueError("no list of files")
    return files | {MANIFEST: Listed(hashlib.sha256(data).hexdigest(), len(data))}


def _listed(path: str, entry: object) -> Listed:
    if any(step in {"", ".", ".."} or "\0" in step for step in path.split("/")):
        raise ValueError(f"not a path in a tree: {path!r}")
    match entry:
        case [str(digest), int(size)]:
            return Listed(digest, size)
        case _:
            raise ValueError(f"neither digest nor size: {path}")
