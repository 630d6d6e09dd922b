"""A 1 GiB file through the statement form under gunicorn, beside the same server writing plain bytes; then a random MiB of each."""

import http.client
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from app.store.cases import assets
from bench.report import Figure, publish
from bench.staff import HOST, ROOT, Staff, free_port, serving

GIB = 2**30
PIECE = 1 << 20
ROUNDS = 6
SEEKS = 60
MP4 = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"
BOUNDARY = "bench-boundary-0123456789"


def main() -> None:
    block = MP4 + random.Random(1).randbytes(PIECE - len(MP4))
    sealed, plain, idle, peak = [], [], [], []
    with (
        serving(workers=1) as staff,
        tempfile.TemporaryDirectory() as folder,
        PlainServer(Path(folder)) as port,
    ):
        cookie = staff.cookie("anahit")
        _upload(staff, cookie, block, 8 * PIECE, [])
        seen: list[int] = []

        def ours_once() -> None:
            idle.append(staff.memory())
            seen.clear()
            sealed.append(_upload(staff, cookie, block, GIB, seen))
            peak.append(max(seen))

        def theirs_once() -> None:
            plain.append(_put_plain(port, block))

        for number in range(ROUNDS):
            for once in (ours_once, theirs_once) if number % 2 else (theirs_once, ours_once):
                _make_room(staff, Path(folder))
                once()
        _upload(staff, cookie, block, GIB, [])
        _put_plain(port, block)
        ours, theirs = _seeks(staff, port)
    ratio = statistics.median(sealed) / statistics.median(plain)
    extra = max(high - low for high, low in zip(peak, idle, strict=True)) / 2**20
    seek = statistics.median(ours) / statistics.median(theirs)
    publish(
        "uploads",
        [
            Figure("upload 1 GiB, sealed / plain", ratio, "ratio", ">= 0.85", ratio >= 0.85),
            Figure("memory over idle", extra, "MiB", "<= 40", extra <= 40),
            Figure("random MiB of 1 GiB / plain read", seek, "ratio", "<= 3", seek <= 3),
            Figure("upload, sealed", statistics.median(sealed) / 2**20, "MiB/s", "", True),
            Figure("upload, plain", statistics.median(plain) / 2**20, "MiB/s", "", True),
            Figure("random MiB, sealed", statistics.median(ours) * 1000, "ms", "", True),
            Figure("random MiB, plain", statistics.median(theirs) * 1000, "ms", "", True),
        ],
        {"sealed": sealed, "plain": plain, "idle": idle, "peak": peak},
    )


def _make_room(staff: Staff, folder: Path) -> None:
    """Remove what was written before, so that both sides find the same memory free and nothing left to be flushed."""
    for large in (*folder.iterdir(), *staff.cast.services.blobs.root.glob("*/*")):
        large.unlink()
    os.sync()


def _upload(staff: Staff, cookie: str, block: bytes, size: int, seen: list[int]) -> float:
    """Bytes a second of one file in a short form; memory is looked at while it runs."""
    uow = staff.cast.uow("anahit")
    token = uow.vault.submissions.begin(staff.cast.case)
    uow.end()
    head, tail = _frame(token)
    length = len(head) + size + len(tail)
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(staff, seen, done))
    watcher.start()
    connection = staff.connect()
    headers = {
        "Cookie": cookie,
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(length),
    }
    began = time.perf_counter()
    connection.request("POST", "/notebook/parts", _body(head, block, size, tail), headers)
    answer = connection.getresponse()
    answer.read()
    seconds = time.perf_counter() - began
    done.set()
    watcher.join()
    assert answer.status == 200, answer.status
    return size / seconds


def watch(staff: Staff, seen: list[int], done: threading.Event) -> None:
    while not done.wait(0.1):
        seen.append(staff.memory())
    seen.append(staff.memory())


def _frame(token: str) -> tuple[bytes, bytes]:
    fields = {
        "capsule": token,
        "way": "short",
        "code_name": "Juniper",
        "take_part": "y",
        "public": "nothing",
        "account": "One long recording.",
        "withdrawal": "1234 5678 " * 4,
    }
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="long.mp4"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return "".join(parts).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _body(head: bytes, block: bytes, size: int, tail: bytes) -> Iterator[bytes]:
    yield head
    for _ in range(size // PIECE):
        yield block
    yield tail


class PlainServer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()

    def __enter__(self) -> int:
        environment = {
            **os.environ,
            "PLAIN_FILE": str(self.folder / "plain.bin"),
            "BIND": f"{HOST}:{self.port}",
            "WORKERS": "1",
            "PYTHONPATH": str(ROOT),
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            str(ROOT / "deploy" / "gunicorn.conf.py"),
        ]
        self.server = subprocess.Popen([*command, "bench.plain_app:application"], env=environment, cwd=ROOT)
        for _ in range(100):
            try:
                _get_plain(self.port, 0)
            except OSError:
                time.sleep(0.1)
            else:
                return self.port
        raise RuntimeError("the plain server did not start")

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(timeout=30)


def _put_plain(port: int, block: bytes) -> float:
    connection = http.client.HTTPConnection(HOST, port, timeout=300)
    began = time.perf_counter()
    connection.request("PUT", "/", _body(b"", block, GIB, b""), {"Content-Length": str(GIB)})
    connection.getresponse().read()
    return GIB / (time.perf_counter() - began)


def _get_plain(port: int, offset: int) -> bytes:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", "/", headers={"X-Offset": str(offset)})
    return connection.getresponse().read()


def _seeks(staff: Staff, port: int) -> tuple[list[float], list[float]]:
    """Seconds for a random MiB, as a reviewer's player asks for it, and from the plain server; one after the other.

    Each place was read once before: we let go of what was written, the plain server does not.
    """
    statement, asset = _largest(staff)
    with staff.cast.acting("lilit") as uow:
        uow.vault.submissions.adopt(staff.cast.case, 1_000)
    cookie = staff.cookie("lilit")
    connection = staff.connect()
    headers = {"Cookie": cookie}
    ours, theirs = [], []
    places = [random.Random(seek).randrange(0, GIB - PIECE) for seek in range(SEEKS)]
    for offset in places + places:
        began = time.perf_counter()
        connection.request(
            "GET",
            f"/statements/{statement}/files/{asset}",
            headers={**headers, "Range": f"bytes={offset}-{offset + PIECE - 1}"},
        )
        answer = connection.getresponse()
        got = answer.read()
        ours.append(time.perf_counter() - began)
        assert (answer.status, len(got)) == (206, PIECE), answer.status
        began = time.perf_counter()
        assert len(_get_plain(port, offset)) == PIECE
        theirs.append(time.perf_counter() - began)
    return ours[SEEKS:], theirs[SEEKS:]


def _largest(staff: Staff) -> tuple[UUID, UUID]:
    tx = staff.cast.services.database.transaction()
    row = tx.first(sa.select(assets).order_by(assets.c.size.desc(), assets.c.received.desc()).limit(1))
    tx.release()
    assert row is not None
    return row.statement, row.id


if __name__ == "__main__":
    main()
