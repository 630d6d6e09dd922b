"""What lies on the disk, looked at after every fault: nothing in clear, and no key that sealed two things in one place."""

import hashlib
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from app.crypto.stream import CHUNK, HEADER_LENGTH, key_id_of

SEALED_CHUNK = CHUNK + 16
SALT_AND_COMMITMENT = 64
MARKER = b"grey-heron"


@dataclass
class Seen:
    """A stream as it was: digests of its whole chunks, and the beginning of the one behind them."""

    header: bytes
    chunks: list[bytes]
    tail: bytes

    @classmethod
    def of(cls, data: bytes) -> "Seen":
        body = data[HEADER_LENGTH:]
        whole = len(body) // SEALED_CHUNK * SEALED_CHUNK
        chunks = [_digest(body[at : at + SEALED_CHUNK]) for at in range(0, whole, SEALED_CHUNK)]
        return cls(data[:HEADER_LENGTH], chunks, body[whole:])

    def contradicts(self, data: bytes) -> int:
        """Chunks of one stream and number that are another: each would be a nonce that was used twice."""
        now = Seen.of(data)
        others = [one != other for one, other in zip(self.chunks, now.chunks, strict=False)]
        others.append(not self._goes_on(data[HEADER_LENGTH + len(self.chunks) * SEALED_CHUNK :]))
        if len(now.chunks) < len(self.chunks):  # it was cut: what is left of the chunk there is its beginning
            others.append(bool(now.tail))
        return sum(others) + (now.header != self.header)

    def _goes_on(self, rest: bytes) -> bool:
        common = min(len(rest), len(self.tail))
        return rest[:common] == self.tail[:common]


@dataclass
class Evidence:
    """`places`: folders that a server, a worker and their logs write to; `blobs`: where the streams lie."""

    blobs: Path
    places: tuple[Path, ...]
    readable: int = 0
    repeated: int = 0
    compared: int = 0
    keys: dict[bytes, UUID] = field(default_factory=dict)
    _streams: dict[str, Seen] = field(default_factory=dict)
    _owners: dict[bytes, str] = field(default_factory=dict)
    _known: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def look(self) -> None:
        """At everything that has changed since."""
        for path in sorted({path for place in self.places for path in place.rglob("*") if path.is_file()}):
            with suppress(FileNotFoundError):  # it went meanwhile
                standing = path.stat()
                if self._known.get(path) != (standing.st_size, standing.st_mtime_ns):
                    self._look_at(path, read_elsewhere(path))
                    self._known[path] = (standing.st_size, standing.st_mtime_ns)

    def _look_at(self, path: Path, data: bytes) -> None:
        self.readable += MARKER in data
        if path.is_relative_to(self.blobs) and path.suffix != ".holder" and len(data) >= HEADER_LENGTH:
            self._hold_against(path.name.partition(".")[0], data)

    def _hold_against(self, stream: str, data: bytes) -> None:
        before, now = self._streams.get(stream), Seen.of(data)
        if before is not None:
            self.compared += len(before.chunks) + bool(before.tail)
            self.repeated += before.contradicts(data)
        if before is None or len(now.chunks) >= len(before.chunks):
            self._streams[stream] = now
        salt = now.header[-SALT_AND_COMMITMENT : -SALT_AND_COMMITMENT // 2]
        for mine in (now.header, salt, key_id_of(now.header).bytes):
            self.repeated += self._owners.setdefault(mine, stream) != stream

    @property
    def streams(self) -> int:
        return len(self._streams)

    def note_keys(self, keys: Iterable[tuple[UUID, bytes]]) -> None:
        """Streams by their blobs' names, with the keys that opened them: none may have opened two."""
        for stream, key in keys:
            self.repeated += self.keys.setdefault(_digest(key), stream) != stream


def read_elsewhere(path: Path) -> bytes:
    """A file that may be a database which this process has open.

    Another process reads it: whoever closes such a file gives up every lock that its own process holds on it, and the
    next server would take the database for nobody's.
    """
    if ".db" not in path.name:
        return path.read_bytes()
    return subprocess.run(["cat", str(path)], capture_output=True, check=False).stdout


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
