"""The blob store on a local folder: sealed streams, written once, under opaque names."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from app.domain.capacity import MIB
from app.domain.errors import Conflict, NotFound, Unavailable
from app.domain.ids import new_id

PART: Final = ".part"
GROWING: Final = ".growing"
HOLDER: Final = ".holder"
HOLDER_BYTES: Final = 8
CLOSED: Final = -1
BEHIND: Final = 16 * MIB
"""So far behind the last byte, what is being written has reached the disk."""
MOUNTS: Final = Path("/proc/self/mounts")


@dataclass(frozen=True)
class Storage:
    """The file system under a blob store. `kind`: as the kernel names it, or `unknown`; `free`: bytes that we may fill."""

    mount: Path
    kind: str
    free: int


@dataclass(frozen=True)
class BlobStore:
    """Files of 0600 in sharded folders of 0700. A blob appears under its name once whole and durable."""

    root: Path

    def path(self, blob: UUID) -> Path:
        return self.root / blob.hex[:2] / blob.hex

    def create(self, blob: UUID) -> "BlobWriter":
        """A writer for a new blob.

        Raises:
            Conflict: `blob-exists`, the name is taken, or somebody is writing it.
            Unavailable: the disk is full or gone.
        """
        final = self.path(blob)
        part = final.with_name(final.name + PART)
        with _storage():
            self._make_folder(final.parent)
            try:
                descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError as error:
                raise Conflict("blob-exists") from error
        writer = BlobWriter(descriptor, part, final)
        if final.exists():  # asked while the part is ours: nobody can finish the same name after this
            writer.abandon()
            raise Conflict("blob-exists")
        return writer

    def _make_folder(self, shard: Path) -> None:
        if shard.is_dir():
            return
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        shard.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(self.root)

    def claim(self, blob: UUID) -> None:
        """Let a blob begin to grow, under a name that was chosen elsewhere: nobody's blob is ever written over or dropped by it.

        Raises:
            Conflict: `blob-exists`, there is a blob of this name: whole, growing or being written.
            Unavailable: the disk is full or gone.
        """
        final = self.path(blob)
        growing = final.with_name(final.name + GROWING)
        others = (final, final.with_name(final.name + PART))
        if any(path.exists() for path in others):
            raise Conflict("blob-exists")
        with _storage():
            self._make_folder(final.parent)
            try:
                os.close(os.open(growing, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            except FileExistsError as error:
                raise Conflict("blob-exists") from error
            _sync_folder(final.parent)
        if any(path.exists() for path in others):  # asked once more: nobody else can begin it after this
            growing.unlink()
            raise Conflict("blob-exists")

    def grow(self, blob: UUID, holder: bytes) -> "GrowingBlob":
        """A blob that was claimed and comes in over many requests, for one of them: whoever held it before can write no more.

        One that has its name already, because a process died just then, can be read and kept once more.

        Args:
            holder: 8 bytes of this request's own.

        Raises:
            NotFound: nothing is there, as after a restore.
            Unavailable: the disk is full or gone.
        """
        final = self.path(blob)
        with _storage(), ExitStack() as undo:
            path, descriptor = _first_of(final.with_name(final.name + GROWING), final)
            undo.callback(os.close, descriptor)
            grown = GrowingBlob(descriptor, self.fence(blob, holder), path, final)
            undo.pop_all()
        return grown

    def fence(self, name: UUID, holder: bytes) -> "Fence":
        """Taken by a request, until another takes it. Raises Unavailable."""
        final = self.path(name)
        path = final.with_name(final.name + HOLDER)
        with _storage():
            self._make_folder(final.parent)
            fence = Fence(_kept(path), path, holder)
        with ExitStack() as undo:
            undo.callback(fence.close)
            fence.take()
            undo.pop_all()
        return fence

    def drop(self, blob: UUID) -> None:
        """Leave nothing of a blob, whole or growing; durable when this returns.

        Raises:
            Unavailable: the disk does not answer.
        """
        self.give_up(blob)
        self.delete(blob)

    def give_up(self, blob: UUID) -> None:
        """The same of one that is growing; one that has its name stays. Raises Unavailable."""
        final = self.path(blob)
        with _storage(), suppress(FileNotFoundError):
            for ending in (GROWING, HOLDER):
                final.with_name(final.name + ending).unlink(missing_ok=True)
            _sync_folder(final.parent)

    def size(self, blob: UUID) -> int:
        """Bytes of a whole blob; -1 where there is none. Raises Unavailable."""
        with _storage():
            try:
                return self.path(blob).stat().st_size
            except FileNotFoundError:
                return -1

    def shut_out(self, blob: UUID) -> None:
        """Whoever has taken the fence of this name has lost it: a growing blob's writer can write no more. Raises Unavailable."""
        if self.path(blob).with_name(blob.hex + HOLDER).exists():
            self.fence(blob, os.urandom(HOLDER_BYTES)).close()

    def growing(self) -> Iterator[tuple[UUID, float]]:
        """Every blob that is still coming in, with when it was last written, seconds since 1970, in no order."""
        for path in self.root.glob(f"*/*{GROWING}"):
            with suppress(ValueError, FileNotFoundError):
                yield UUID(hex=path.name.removesuffix(GROWING)), path.stat().st_mtime

    def open(self, blob: UUID) -> "BlobReader":
        """A reader of a whole blob.

        Raises:
            NotFound: there is no such blob.
            Unavailable: the disk does not answer.
        """
        with _storage():
            try:
                return BlobReader(os.open(self.path(blob), os.O_RDONLY | os.O_CLOEXEC))
            except FileNotFoundError as error:
                raise NotFound("blob") from error

    def delete(self, blob: UUID) -> None:
        """Remove a blob, if it is there; durable when this returns.

        Raises:
            Unavailable: the disk does not answer.
        """
        path = self.path(blob)
        with _storage(), suppress(FileNotFoundError):
            path.unlink()
            _sync_folder(path.parent)

    def finished(self) -> Iterator[tuple[UUID, float]]:
        """Every whole blob, with when it was last written, seconds since 1970, in no order; other files are passed over."""
        for path in self.root.glob("*/*"):
            with suppress(ValueError, FileNotFoundError):  # a part, a stranger's file; or deleted meanwhile
                blob = UUID(hex=path.name)
                if path == self.path(blob):
                    yield blob, path.stat().st_mtime

    def storage(self) -> Storage:
        """Write and remove a few bytes, and say where they lay.

        Raises:
            Unavailable: nothing can be written there.
        """
        probe = self.create(new_id())
        try:
            probe.write(bytes(1))
        finally:
            probe.abandon()
        with _storage():
            mount = _mount_of(self.root.resolve())
            return Storage(mount, _kind_of(mount), shutil.disk_usage(self.root).free)

    def free(self) -> int:
        """Bytes that we may still fill. Raises Unavailable."""
        with _storage():
            folder = next(place for place in (self.root, *self.root.parents) if place.exists())
            return shutil.disk_usage(folder).free

    def sweep(self, older_than: float) -> int:
        """Remove unfinished parts last written before `older_than` (seconds since 1970); the count. Fences left over go too."""
        for fence in self.root.glob(f"*/*{HOLDER}"):
            if not fence.with_suffix(GROWING).exists():
                _remove_stale(fence, older_than)
        return sum(_remove_stale(part, older_than) for part in self.root.glob(f"*/*{PART}"))


class BlobWriter:
    """Appends to a part file; `commit` makes it durable under its name, `abandon` leaves nothing."""

    def __init__(self, descriptor: int, part: Path, final: Path) -> None:
        self._descriptor = descriptor
        self._file = part
        self._final = final
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append all of `data`.

        Raises:
            Unavailable: the disk is full or gone; nothing is left of the blob.
        """
        view = memoryview(data)
        with self._or_nothing():
            while view:
                written = os.write(self._descriptor, view)
                _pass_on(self._descriptor, self.size - BEHIND, BEHIND + written)
                self.size += written
                view = view[written:]

    def commit(self) -> None:
        """Flush to the disk, then give the blob its name; durable when this returns.

        Raises:
            Unavailable: the disk is full or gone; nothing is left of the blob.
        """
        with self._or_nothing():
            os.fsync(self._descriptor)
            self._file = self._file.rename(self._final)
            _sync_folder(self._final.parent)
        self._close()

    def abandon(self) -> None:
        """Leave nothing; after a commit, or a second time, it changes nothing."""
        if self._descriptor == CLOSED:
            return
        self._close()
        with suppress(OSError):  # a disk that refuses even this keeps a part, which the sweep removes
            self._file.unlink(missing_ok=True)

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.abandon()
            raise Unavailable("storage") from error

    def _close(self) -> None:
        """Close once and for all: a moment later the number may stand for another thread's file."""
        descriptor, self._descriptor = self._descriptor, CLOSED
        with suppress(OSError):  # what could go wrong with the bytes, fsync has told
            os.close(descriptor)


class Fence:
    """A small file that says which of several requests may go on; each of them acts under its lock."""

    def __init__(self, descriptor: int, path: Path, holder: bytes) -> None:
        self._descriptor = descriptor
        self._path = path
        self._holder = holder

    def take(self) -> None:
        with _storage(), self._locked():
            os.pwrite(self._descriptor, self._holder, 0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody takes it over within the block. Raises Conflict (`another-holder`) where somebody has, or it is over."""
        with self._locked():
            is_over = os.fstat(self._descriptor).st_nlink == 0  # the blob has got its name, or was given up
            if is_over or os.pread(self._descriptor, HOLDER_BYTES, 0) != self._holder:
                raise Conflict("another-holder")
            yield

    def remove(self) -> None:
        """Leave nothing of it, unless somebody else has it."""
        with suppress(Conflict, OSError), self.held():
            self._path.unlink(missing_ok=True)

    def close(self) -> None:
        with suppress(OSError):  # nothing was written that counts
            os.close(self._descriptor)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)


class GrowingBlob:
    """Written in place, a request after the other; what lies beyond the length that was acknowledged is written over.

    A request that hangs and one that took its place may both have it open: each write is made by the one who holds
    the fence beside it.
    """

    def __init__(self, descriptor: int, fence: Fence, path: Path, final: Path) -> None:
        self._descriptor = descriptor
        self._fence = fence
        self._path = path
        self._final = final
        self.held = fence.held

    @property
    def is_settled(self) -> bool:
        """Whether it has its name already: its size is what it is."""
        return self._path == self._final

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def write_at(self, offset: int, data: bytes | memoryview) -> None:
        """Write all of `data`; durable after `sync`, for which the kernel begins to write at once.

        Raises:
            Conflict: `another-holder`, another request has taken over; nothing was written.
            Unavailable: the disk is full or gone.
        """
        view = memoryview(data)
        with _storage(), self.held():
            while view:
                written = os.pwrite(self._descriptor, view, offset)
                _pass_on(self._descriptor, offset, written)
                offset += written
                view = view[written:]

    def read_at(self, offset: int, size: int) -> bytes:
        """As of a whole blob."""
        with _storage():
            return os.pread(self._descriptor, size, offset)

    def sync(self, done: int) -> None:
        """What was written is durable when this returns; what lies before `done` is not read again soon. Raises Unavailable."""
        with _storage():
            os.fdatasync(self._descriptor)
            _pass_on(self._descriptor, 0, done)

    def keep(self, size: int) -> None:
        """Cut it to `size` and give it its name; durable when this returns.

        Raises:
            Conflict: `another-holder`.
            Unavailable: the disk is full or gone; it can be done again.
        """
        with _storage(), self.held():
            os.ftruncate(self._descriptor, size)
            os.fsync(self._descriptor)
            self._path.rename(self._final)
            self._final.with_name(self._final.name + HOLDER).unlink(missing_ok=True)
            _sync_folder(self._final.parent)

    def close(self) -> None:
        with suppress(OSError):  # what could go wrong with the bytes, a sync has told
            os.close(self._descriptor)
        self._fence.close()


class BlobReader:
    """Random access to the bytes of one blob."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only at the end.

        Raises:
            Unavailable: the disk does not answer.
        """
        with _storage():
            return os.pread(self._descriptor, size, offset)

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("storage") from error


def _pass_on(descriptor: int, offset: int, size: int) -> None:
    """The kernel begins to write these bytes at once, and lets go of those that it has written.

    Nobody reads them soon, and to find fresh memory for each byte of a long file costs more than all else (posix_fadvise(2)).
    """
    os.posix_fadvise(descriptor, max(offset, 0), size, os.POSIX_FADV_DONTNEED)


def _first_of(*paths: Path) -> tuple[Path, int]:
    """The first of these files that is there, open. Raises NotFound."""
    for path in paths:
        with suppress(FileNotFoundError):
            return path, os.open(path, os.O_RDWR | os.O_CLOEXEC)
    raise NotFound("blob")


def _kept(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _remove_stale(part: Path, older_than: float) -> bool:
    try:
        if part.stat().st_mtime >= older_than:
            return False
        part.unlink()
    except FileNotFoundError:  # it was finished or abandoned meanwhile
        return False
    return True


def _mount_of(folder: Path) -> Path:
    return next(parent for parent in (folder, *folder.parents) if os.path.ismount(parent))


def _kind_of(mount: Path) -> str:
    """The last file system that was mounted there (proc(5): device, mount point, type)."""
    if not MOUNTS.exists():
        return "unknown"
    mounted = [line.split() for line in MOUNTS.read_text("utf-8", "surrogateescape").splitlines()]
    return next((fields[2] for fields in reversed(mounted) if fields[1] == str(mount)), "unknown")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
