"""Faults that are run again and again, each round another: killed servers, killed workers, cut lines, crossed requests, full disks."""

import ctypes
import os
import random
import socket
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from app.domain.errors import VouchsafeError
from tests.faults.evidence import Evidence
from tests.faults.senders import InClear, Sender, sender
from tests.faults.servers import eventually
from tests.faults.test_workers import CONTENT, a_file, ask, is_done, worker
from tests.faults.town import MIB, STEP, Town, town
from tests.intake.sender import BYTES, summed
from tests.jobs.desk import derivative

TENTHS = range(1, 10)
GIB = 1 << 30
MS_REMOUNT = 32
THREADS = 4


@dataclass
class Tally:
    """What came of one kind of fault. `lost`: files or bytes that were acknowledged and are not there."""

    kind: str
    rounds: int = 0
    resumed: int = 0
    refused: int = 0
    lost: int = 0
    readable: int = 0
    repeated: int = 0
    streams: int = 0
    compared: int = 0
    seconds: float = 0
    failures: list[str] = field(default_factory=list)
    not_run: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.failures or self.lost or self.readable or self.repeated)

    def take(self, evidence: Evidence) -> None:
        self.readable, self.repeated = evidence.readable, evidence.repeated
        self.streams, self.compared = evidence.streams, evidence.compared

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "seconds": round(self.seconds, 1)}


Round = Callable[[int, random.Random, Tally], None]


def run(tally: Tally, rounds: int, seed: int, evidence: Evidence, one: Round) -> None:
    """So many rounds; one that fails is told and does not stop the next."""
    began = monotonic()
    for number in range(rounds):
        tally.rounds += 1
        try:
            one(number, random.Random(f"{seed} {tally.kind} {number}"), tally)
        except (AssertionError, OSError, VouchsafeError) as error:
            tally.lost += "lost" in str(error) or isinstance(error, VouchsafeError)
            tally.failures.append(f"round {number}: {type(error).__name__}: {str(error)[:300]}")
        evidence.look()
        tally.take(evidence)
    tally.seconds = monotonic() - began


# Killed servers


class Fuse:
    """Kills a server once so many bytes have gone, after a moment; at the latest when it is asked to."""

    def __init__(self, place: Town, at: int, delay: float) -> None:
        self._place, self._at = place, at
        self._killing = threading.Timer(delay, place.server.kill)

    def burn(self, gone: int) -> None:
        if gone >= self._at and self._killing.ident is None:
            self._killing.start()

    def end(self) -> None:
        self.burn(self._at)
        self._killing.join()


def killed_server(place: Town, number: int, rng: random.Random, tally: Tally) -> None:
    sending = sender(place, rng, number)
    sending.begin()
    fuse = Fuse(place, rng.randrange(len(sending.body) + 1), rng.random() * 0.03)
    try:
        sending.send_on(fuse.burn)
        fuse.burn(len(sending.body))
        sending.end()
    except OSError:
        tally.resumed += 1
    fuse.end()
    place.evidence.look()
    place.server.start()
    sending.go_on()
    tally.refused += sending.refused
    sending.require_arrived()


def killed_servers(folder: Path, rounds: int, seed: int) -> Tally:
    tally = Tally("server killed")
    with town(folder) as place:
        run(tally, rounds, seed, place.evidence, lambda *of: killed_server(place, *of))
    return tally


# Killed workers


def killed_workers(folder: Path, rounds: int, seed: int) -> Tally:
    tally = Tally("worker killed")
    with town(folder) as place:
        asset = a_file(place.cast)

        def killed(_number: int, rng: random.Random, tally: Tally) -> None:
            with worker(place.cast, folder / "worker") as process:
                ask(place.cast, asset)
                try:
                    process.process.wait(rng.uniform(0, 0.8))
                except subprocess.TimeoutExpired:
                    process.kill()
            tally.resumed += not is_done(place.cast, asset)
            place.evidence.look()
            with worker(place.cast, folder / "worker", step=0):
                if not is_done(place.cast, asset):
                    ask(place.cast, asset)
                eventually(lambda: is_done(place.cast, asset))
            assert derivative(place.cast, "playback", asset) == CONTENT
            assert not list((folder / "worker" / "temporary").iterdir())

        run(tally, rounds, seed, place.evidence, killed)
    return tally


# Cut lines


def cut_line(place: Town, number: int, rng: random.Random, tally: Tally) -> None:
    """At every tenth, of both kinds, with a checksum and without, with a farewell and without one."""
    tenth = TENTHS[number // 4 % len(TENTHS)]
    checksum, politely = bool(number // 2 % 2), rng.random() < 0.5
    sending = sender(place, rng, number, MIB)
    sending.begin()
    came = len(sending.body) * tenth // 10
    _send_cut(place, sending, came, checksum=checksum, politely=politely)
    offset = sending.ask_where()
    assert offset is not None
    place.evidence.look()
    assert (offset == 0) if checksum else (offset <= came), f"{offset} of {came}"
    if politely and not checksum:
        assert offset == came, "bytes that came and were answered are lost"
    tally.resumed += 1
    sending.go_on()
    tally.refused += sending.refused
    sending.require_arrived()


def _send_cut(place: Town, sending: Sender, came: int, *, checksum: bool, politely: bool) -> None:
    """A piece of which only the first bytes come. Whoever says farewell hears what became of them."""
    body = sending.body
    told = f"Upload-Checksum: {summed(body)}\r\n" if checksum else ""
    head = (
        f"PATCH {sending.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nTus-Resumable: 1.0.0\r\n"
        f"Cookie: demo-session={place.cookie}\r\nContent-Type: {BYTES}\r\nUpload-Offset: 0\r\n{told}"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", place.server.port), 60) as line:
        line.sendall(head.encode() + body[:came])
        if politely:
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass


def cut_lines(folder: Path, rounds: int, seed: int) -> Tally:
    tally = Tally("line cut")
    with town(folder) as place:
        run(tally, rounds, seed, place.evidence, lambda *of: cut_line(place, *of))
    return tally


# Crossed requests


def crossed(place: Town, number: int, rng: random.Random, tally: Tally) -> None:
    """Four threads send all the pieces, each in an order of its own, some twice, until nothing is left to send."""
    sending = sender(place, rng, number, MIB)
    sending.begin()
    body, seen = sending.body, Counter[int]()
    edges = sorted({0, len(body), *(rng.randrange(len(body)) for _ in range(5))})
    pieces = list(pairwise(edges))
    orders = [rng.sample(pieces * 2, 2 * len(pieces)) for _ in range(THREADS)]

    def send(order: list[tuple[int, int]], own: random.Random) -> None:
        for begin, end in order:
            headers: dict[str, Any] = (
                {"Upload_Checksum": summed(body[begin:end])} if own.random() < 0.5 else {}
            )
            answer = place.ask(
                "PATCH",
                sending.path,
                body[begin:end],
                Upload_Offset=str(begin),
                Content_Type=BYTES,
                **headers,
            )
            seen[answer.status] += 1

    threads = [threading.Thread(target=send, args=(order, random.Random(rng.random()))) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.evidence.look()
    assert set(seen) <= {204, 409, 423}, seen
    assert sum(seen.values()) == 2 * len(pieces) * THREADS
    assert seen[204] <= len(pieces) + (2 * THREADS if isinstance(sending, InClear) else 0), seen
    tally.refused += seen[409] + seen[423]
    assert sending.ask_where() is not None
    sending.send_on()
    sending.end()
    sending.require_arrived()


def crossings(folder: Path, rounds: int, seed: int) -> Tally:
    tally = Tally("requests crossed")
    with town(folder) as place:
        run(tally, rounds, seed, place.evidence, lambda *of: crossed(place, *of))
    return tally


# Full disks


@dataclass
class Disk:
    """In memory, as large as it is told to be at any moment."""

    folder: Path

    @property
    def used(self) -> int:
        standing = os.statvfs(self.folder)
        return (standing.f_blocks - standing.f_bfree) * standing.f_frsize

    def leave(self, room: int) -> None:
        """So many bytes are free from now on."""
        _mount(self.folder, MS_REMOUNT, self.used + room)


def _mount(folder: Path, flags: int, size: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", bytes(folder), b"tmpfs", flags, f"size={size}".encode()) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Raises OSError for anybody but root."""
    folder.mkdir(parents=True)
    _mount(folder, 0, 2 * GIB)
    try:
        yield Disk(folder)
    finally:
        ctypes.CDLL(None).umount2(bytes(folder), 2)


def full_disk(place: Town, small: Disk, number: int, rng: random.Random, tally: Tally) -> None:
    """Every other round the reserve is touched, else the last byte is gone in the middle of a piece."""
    sending = sender(place, rng, number, 2 * MIB)
    sending.begin()
    first = rng.randrange(len(sending.body) // 2)
    if first:
        assert sending.patch(0, sending.body[:first]) == 204
    acknowledged = sending.offset
    try:
        if number // 2 % 2:
            _fill_in_the_middle(sending, small)
        else:
            _touch_the_reserve(place, sending, small, rng, number)
    finally:
        small.leave(GIB)
    tally.refused += 1
    place.evidence.look()
    assert sending.ask_where() == acknowledged, "the offset moved"
    tally.resumed += 1
    sending.go_on()
    sending.require_arrived()


def _touch_the_reserve(place: Town, sending: Sender, small: Disk, rng: random.Random, number: int) -> None:
    small.leave(100 * MIB)
    assert sending.patch(sending.offset, sending.body[sending.offset :]) == 507
    place.send_words(place.capsule())
    later = sender(place, rng, number + 1, MIB)
    with pytest.raises(AssertionError, match="status=507"):
        later.begin()


def _fill_in_the_middle(sending: Sender, small: Disk) -> None:
    at, rest = sending.offset, sending.body[sending.offset :]

    def watch(gone: int) -> None:
        if gone // STEP == len(rest) // STEP // 2:
            small.leave(STEP)

    assert sending.patch(at, rest, watch) in {503, 507}


def full_disks(folder: Path, rounds: int, seed: int) -> Tally:
    tally = Tally("disk full")
    try:
        with disk(folder / "disk") as small, town(folder / "town", small.folder / "data") as place:
            run(tally, rounds, seed, place.evidence, lambda *of: full_disk(place, small, *of))
    except PermissionError:
        tally.not_run = "only root can mount a disk of a size of its own"
    return tally


KINDS: dict[str, Callable[[Path, int, int], Tally]] = {
    "servers": killed_servers,
    "workers": killed_workers,
    "lines": cut_lines,
    "requests": crossings,
    "disks": full_disks,
}


def run_kind(name: str, rounds: int, seed: int) -> Tally:
    """In a folder of its own, which goes afterwards."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        return KINDS[name](Path(folder), rounds, seed)
