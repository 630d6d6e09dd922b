"""The public folder: one subfolder per edition, written and made durable first, then switched to in one step."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import NotFound, Unavailable
from app.release.bundle import STORY
from app.vault.releases import Listed

MANIFEST: Final = "manifest.json"
_CURRENT: Final = "current"
_TREES: Final = "trees"
_FOLDER_MODE: Final = 0o755
_FILE_MODE: Final = 0o644


@dataclass(frozen=True)
class PublicFolder:
    """`root/current` leads to `root/trees/<number>`: what readers get. All of it is public.

    Every method raises Unavailable where the disk does not answer or is full.
    """

    root: Path

    # Reading

    @property
    def numbers(self) -> list[int]:
        """Of the editions that lie here, finished or not, newest first."""
        with _storage():
            if not self._trees.is_dir():
                return []
            names = [entry.name for entry in self._trees.iterdir() if entry.is_dir()]
        return sorted((int(name) for name in names if name.isdecimal()), reverse=True)

    @property
    def current(self) -> int | None:
        """The number of the edition that readers get."""
        with _storage(), suppress(FileNotFoundError, ValueError):
            return int((self.root / _CURRENT).readlink().name)
        return None

    def folder(self, number: int) -> Path:
        return self._trees / str(number)

    def read(self, number: int, path: str) -> bytes:
        """Raises NotFound."""
        with _storage():
            try:
                return (self.folder(number) / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
                raise NotFound("public-file") from error

    def find(self, file: Listed) -> bytes:
        """The content of a released file, from whichever edition still holds it whole. Raises NotFound."""
        for number in self.numbers:
            with suppress(NotFound):
                content = self.read(number, file.path)
                if hashlib.sha256(content).digest() == file.sha256:
                    return content
        raise NotFound("public-file")

    # Writing

    def write(self, number: int, files: Mapping[str, bytes]) -> None:
        """A new edition, durable when this returns, and not yet what readers get.

        Raises Unavailable also where that number is taken.
        """
        with _storage():
            self._trees.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            folder = self.folder(number)
            folder.mkdir(mode=_FOLDER_MODE)
            for path, content in files.items():
                _write(folder / path, content)
            for each in (*_folders(folder), self._trees, self.root):
                _open_to_readers(each)
                _sync(each)

    def switch(self, number: int) -> None:
        """Readers get this edition from now on, unless they have a newer one; in one step, durable."""
        with _storage(), self._alone():
            newest = self.current
            if newest is not None and newest >= number:
                return
            self._point_to(number)

    def _point_to(self, number: int) -> None:
        link = self.root / f".{_CURRENT}.{number}"
        link.unlink(missing_ok=True)
        link.symlink_to(Path(_TREES) / str(number))
        link.replace(self.root / _CURRENT)
        _sync(self.root)

    def remove_older(self, number: int, keep: int = 0) -> None:
        """Delete editions older than `number`, but for the newest `keep` of them."""
        older = [each for each in self.numbers if each < number]
        with _storage():
            for each in older[keep:]:
                with suppress(FileNotFoundError):  # somebody else was removing it too
                    shutil.rmtree(self.folder(each))
            _sync(self._trees)

    def remove_holding(self, public_ids: Collection[str]) -> None:
        """Delete every edition but the current one that tells one of these stories."""
        current = self.current
        with _storage():
            for each in self.numbers:
                told = (self.folder(each) / "stories" / story / STORY for story in public_ids)
                if each != current and any(path.exists() for path in told):
                    shutil.rmtree(self.folder(each), ignore_errors=True)

    def remove_abandoned(self, number: int, seconds: int) -> None:
        """Delete editions newer than `number` that nobody has touched for so long."""
        with _storage():
            for each in self.numbers:
                if each > number and time.time() - self.folder(each).stat().st_mtime > seconds:
                    shutil.rmtree(self.folder(each), ignore_errors=True)

    def delete_stories(self, public_ids: Iterable[str]) -> None:
        """Delete stories out of every edition, the current one too: its list then names what is not there."""
        with _storage():
            for each in self.numbers:
                for story in public_ids:
                    shutil.rmtree(self.folder(each) / "stories" / story, ignore_errors=True)
                _sync(self.folder(each))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        descriptor = os.open(self.root / ".lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @property
    def _trees(self) -> Path:
        return self.root / _TREES


def listing(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every entry below a folder that is no folder itself: its path with `/`, and where it lies."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix(), path


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), _FILE_MODE)
        os.fsync(file.fileno())


def _folders(folder: Path) -> Iterable[Path]:
    """It, and every folder in it."""
    return (folder, *(path for path in folder.rglob("*") if path.is_dir()))


def _open_to_readers(folder: Path) -> None:
    """Whatever the process's umask: another account serves what lies here."""
    folder.chmod(_FOLDER_MODE)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("public-folder") from error
