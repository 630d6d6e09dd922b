"""The head file: the newest log head that this app server has seen, kept outside database and backups."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.crypto.log import HeadMark, format_head_line, parse_head_line
from app.domain.errors import Malformed, Unavailable

SYNC_SECONDS: Final = 10.0


@dataclass
class HeadFile:
    """Reads and moves the mark forward with every commit; flushed to the disk at most every ten seconds.

    What was not flushed stands in a file beside it, which a power failure may take: then the notice of a rolled-back
    database is weaker by at most those ten seconds.
    """

    path: Path
    _synced: float = field(default=0.0, repr=False)

    def read(self) -> HeadMark | None:
        """The mark, or None where this server has not seen a head yet.

        Raises:
            Unavailable: the file cannot be read, or holds something else.
        """
        try:
            flushed = parse_head_line(self.path.read_bytes().decode("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, Malformed) as error:
            raise Unavailable("head-file") from error
        recent = self._recent()
        return recent if recent is not None and _place(recent) > _place(flushed) else flushed

    def _recent(self) -> HeadMark | None:
        """What stands beside, if it is whole."""
        try:
            return parse_head_line(self._beside.read_bytes().decode("ascii"))
        except (OSError, UnicodeDecodeError, Malformed):
            return None

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f"{self.path.name}.recent")

    def advance(self, mark: HeadMark) -> None:
        """Remember a newer head; flushed if that was not done in the last ten seconds."""
        now = time.monotonic()
        flush = not self._synced or now - self._synced >= SYNC_SECONDS
        with self._locked():
            known = self.read()
            if known is None or _place(known) < _place(mark):
                self._replace(self.path if flush or known is None else self._beside, mark, flush=flush)
        if flush:
            self._synced = now

    def write(self, mark: HeadMark) -> None:
        """Set the mark, also backwards: only a founding or an accepted restore does that."""
        with self._locked():
            with _storing():
                self._beside.unlink(missing_ok=True)
            self._replace(self.path, mark, flush=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time, of all threads and processes of this server: the mark never steps back."""
        try:
            descriptor = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise Unavailable("head-file") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _replace(self, path: Path, mark: HeadMark, *, flush: bool) -> None:
        part = path.with_name(f"{path.name}.part")
        with _storing():
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, format_head_line(mark).encode("ascii"))
                if flush:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(path)


def _place(mark: HeadMark) -> tuple[int, int]:
    return mark.era, mark.sequence


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable("head-file") from error
