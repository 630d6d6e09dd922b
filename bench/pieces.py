"""A file of 1 GiB by pieces of 8 MiB, sealed by its sender or on arrival, beside the same server writing plain pieces; then read back."""

import http.client
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.vault.submissions import open_form
from bench.report import Figure, publish
from bench.staff import HOST, Staff, serving
from bench.uploads import MP4, PlainServer, watch
from tests.intake.sender import BYTES, TUS, SealedFile, encoded, summed

GIB = 2**30
MIB = 2**20
PIECE = 8 * MIB
ROUNDS = 3
SEEKS = 100
READ = 1 << 20


@dataclass
class Line:
    """One connection of somebody who is signed in."""

    connection: http.client.HTTPConnection
    cookie: str
    token: str

    @classmethod
    def of(cls, staff: Staff, name: str) -> "Line":
        return cls(staff.connect(), staff.cookie(name), "")

    def ask(self, verb: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(verb, path, body, {**TUS, "Cookie": self.cookie, **named})
        return self.connection.getresponse()

    def begin(self, length: int, told: str) -> str:
        """The address for a file; on a new connection, for an idle one may have been closed."""
        self.connection.close()
        answer = self.done("POST", "/uploads", Upload_Length=str(length), Upload_Metadata=told)
        return answer.headers["Location"] or ""

    def done(self, verb: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        answer = self.ask(verb, path, body, **headers)
        told = answer.read()
        assert answer.status < 300, (answer.status, told)
        return answer


def main() -> None:
    content = (
        MP4 + random.Random(1).randbytes(MIB - len(MP4)) + random.Random(2).randbytes(MIB) * (GIB // MIB - 1)
    )
    sealed: list[float] = []
    clear: list[float] = []
    plain: list[float] = []
    grown: list[int] = []
    with (
        serving(workers=1) as staff,
        tempfile.TemporaryDirectory() as folder,
        PlainServer(Path(folder)) as port,
    ):
        line = Line.of(staff, "anahit")
        for _round in range(ROUNDS):
            for once in (
                lambda: sealed.append(_send_sealed(staff, line, content)),
                lambda: plain.append(_send_plain(port, content)),
                lambda: clear.append(_send_clear(staff, line, content)),
            ):
                _make_room(staff, Path(folder))
                once()
        grown.append(_growth(staff, line, content))
        downloads, firsts = _read_back(staff, line, content)
    ratio = statistics.median(sealed) / statistics.median(plain)
    arrival = statistics.median(clear) / statistics.median(plain)
    speed, first = statistics.median(downloads) / 1e6, statistics.median(firsts) * 1000
    publish(
        "pieces",
        [
            Figure(
                "1 GiB in 8 MiB pieces, sealed by its sender / plain",
                ratio,
                "ratio",
                ">= 0.85",
                ratio >= 0.85,
            ),
            Figure("the same, sealed on arrival / plain", arrival, "ratio", "", True),
            Figure("sealed by its sender", statistics.median(sealed) / MIB, "MiB/s", "", True),
            Figure("plain", statistics.median(plain) / MIB, "MiB/s", "", True),
            Figure("memory over idle", max(grown) / MIB, "MiB", "<= 40", max(grown) / MIB <= 40),
            Figure("decrypting download of 1 GiB", speed, "MB/s", ">= 700", speed >= 700),
            Figure("first byte at a random offset of 2 GiB", first, "ms", "<= 5", first <= 5),
        ],
        {"sealed": sealed, "plain": plain, "clear": clear, "downloads": downloads, "firsts": firsts},
    )


def _make_room(staff: Staff, folder: Path) -> None:
    for large in (*folder.iterdir(), *staff.cast.services.blobs.root.glob("*/*")):
        large.unlink()
    os.sync()


def _pieces(data: bytes) -> list[tuple[int, bytes, str]]:
    """Offset, bytes and checksum: made before the clock runs."""
    return [(at, data[at : at + PIECE], summed(data[at : at + PIECE])) for at in range(0, len(data), PIECE)]


def _capsule(staff: Staff) -> str:
    uow = staff.cast.uow("anahit")
    try:
        return uow.vault.submissions.begin(staff.cast.case)
    finally:
        uow.end()


def _send_sealed(staff: Staff, line: Line, content: bytes) -> float:
    """Bytes a second, from the announcement to the last piece that counts."""
    file = SealedFile(staff.cast, content, _capsule(staff))
    pieces, told = _pieces(file.sealed), encoded(file.told)
    began = time.perf_counter()
    _patch_all(line, line.begin(len(file.sealed), told), pieces)
    return len(content) / (time.perf_counter() - began)


def _growth(staff: Staff, line: Line, content: bytes) -> int:
    """Bytes that the server takes more while a file comes in: looked at in a round of its own, for looking costs time."""
    idle, seen, done = staff.memory(), list[int](), threading.Event()
    watcher = threading.Thread(target=watch, args=(staff, seen, done))
    watcher.start()
    _send_sealed(staff, line, content)
    done.set()
    watcher.join()
    return max(seen) - idle


def _send_clear(staff: Staff, line: Line, content: bytes) -> float:
    pieces, told = _pieces(content), encoded({"capsule": _capsule(staff).encode()})
    began = time.perf_counter()
    _patch_all(line, line.begin(len(content), told), pieces)
    return len(content) / (time.perf_counter() - began)


def _patch_all(line: Line, path: str, pieces: Sequence[tuple[int, bytes, str]]) -> None:
    for at, data, checksum in pieces:
        line.done("PATCH", path, data, Upload_Offset=str(at), Upload_Checksum=checksum, Content_Type=BYTES)


def _send_plain(port: int, content: bytes) -> float:
    connection = http.client.HTTPConnection(HOST, port, timeout=300)
    pieces = _pieces(content)
    began = time.perf_counter()
    for at, data, _checksum in pieces:
        connection.request("PATCH", "/", data, {"X-Offset": str(at)})
        connection.getresponse().read()
    return len(content) / (time.perf_counter() - began)


def _read_back(staff: Staff, line: Line, content: bytes) -> tuple[list[float], list[float]]:
    """Bytes a second of whole downloads of 1 GiB; seconds to the first byte at random offsets of 2 GiB."""
    one, two = stored(staff, line, content), stored(staff, line, content + content)
    with staff.cast.acting("lilit") as uow:
        uow.vault.submissions.adopt(staff.cast.case, 1_000)
    reader = Line.of(staff, "lilit")
    downloads = [_download(reader, one) for _round in range(ROUNDS)]
    places = random.Random(2)
    firsts = [_first_byte(reader, two, places.randrange(0, 2 * GIB - READ)) for _seek in range(SEEKS)]
    return downloads, firsts


def stored(staff: Staff, line: Line, content: bytes) -> str:
    """The address where a reader plays it."""
    file = SealedFile(staff.cast, content, _capsule(staff))
    pieces, told = _pieces(file.sealed), encoded(file.told)
    _patch_all(line, line.begin(len(file.sealed), told), pieces)
    with staff.cast.acting("anahit") as uow:
        uploads = uow.vault.uploads
        uploads.complete(uploads.find_asset(file.asset), bytes.fromhex(file.digest), {"type": "video/mp4"})
    with staff.cast.acting("anahit") as uow:
        capsule = open_form(uow.installation, file.capsule, uow.clock())
        words = {"account": "One long recording."}
        joined = uow.vault.submissions.seal_part(capsule, words, {}, {}, [])
        uow.vault.submissions.finish(joined.capsule, joined)
    with staff.cast.acting("anahit") as uow:
        assert uow.vault.joining.attach(file.asset)
    return f"/statements/{capsule.submission}/files/{file.asset}"


def _download(reader: Line, path: str) -> float:
    began, size = time.perf_counter(), 0
    answer = reader.ask("GET", path)
    buffer = bytearray(4 * MIB)
    while got := answer.readinto(buffer):
        size += got
    assert (answer.status, size) == (200, GIB), (answer.status, size)
    return size / (time.perf_counter() - began)


def _first_byte(reader: Line, path: str, offset: int) -> float:
    began = time.perf_counter()
    answer = reader.ask("GET", path, Range=f"bytes={offset}-{offset + READ - 1}")
    assert answer.status == 206
    answer.read(1)
    seconds = time.perf_counter() - began
    answer.read()
    return seconds


if __name__ == "__main__":
    main()
