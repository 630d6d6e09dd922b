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
    """Reads and moves the mark forward; flushed to the disk at most every ten seconds.

    A lost or stale file weakens only the notice of a rolled-back database, by at most those ten seconds.
    """

    path: Path
    _synced: float = field(default=0.0, repr=False)

    def read(self) -> HeadMark | None:
        """The mark, or None where this server has not seen a head yet.

        Raises:
            Unavailable: the file cannot be read, or holds something else.
        """
        try:
            return parse_head_line(self.path.read_bytes().decode("ascii"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, Malformed) as error:
            raise Unavailable("head-file") from error

    def advance(self, mark: HeadMark) -> None:
        """Remember a newer head, if the file was not flushed in the last ten seconds."""
        now = time.monotonic()
        if self._synced and now - self._synced < SYNC_SECONDS:
            return
        with self._locked():
            known = self.read()
            if known is None or (known.era, known.sequence) < (mark.era, mark.sequence):
                self._replace(mark)
        self._synced = now

    def write(self, mark: HeadMark) -> None:
        """Set the mark, also backwards: only a founding or an accepted restore does that."""
        with self._locked():
            self._replace(mark)

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

    def _replace(self, mark: HeadMark) -> None:
        part = self.path.with_name(f"{self.path.name}.part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, format_head_line(mark).encode("ascii"))
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            part.replace(self.path)
        except OSError as error:
            raise Unavailable("head-file") from error
