"""Seals and opens a 1 GiB stream in memory, beside `openssl speed` in the same run."""

import re
import statistics
import subprocess
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

from app.crypto.context import Context
from app.crypto.keys import RecordKey
from app.crypto.stream import StreamOpener, StreamSealer, ciphertext_length
from app.domain.ids import NIL, new_id
from bench.report import Figure, publish

GIB = 2**30
ROUNDS = 5
PIECE = 262_144
CONTEXT = Context("assets", "original", NIL, NIL, 1)


class Memory:
    """A stream at rest in memory."""

    def __init__(self, room: int) -> None:
        self.bytes = bytearray(room)
        self.end = 0

    def write(self, data: memoryview) -> None:
        self.bytes[self.end : self.end + len(data)] = data
        self.end += len(data)

    def read_at(self, offset: int, size: int) -> bytes:
        return bytes(memoryview(self.bytes)[offset : offset + size])

    def size(self) -> int:
        return self.end


def main() -> None:
    installation, key = new_id(), RecordKey.generate()
    sealing, opening, plain = [], [], []
    for _ in range(ROUNDS):
        plain.append(_openssl())
        memory = Memory(ciphertext_length(GIB))
        sealing.append(_rate(partial(_seal, key, installation, memory)))
        opening.append(_rate(partial(_open, key, installation, memory)))
    seal, open_, openssl = (statistics.median(rates) for rates in (sealing, opening, plain))
    publish(
        "streams",
        [
            Figure("seal 1 GiB / openssl", seal / openssl, "ratio", ">= 0.8", seal / openssl >= 0.8),
            Figure("open 1 GiB / openssl", open_ / openssl, "ratio", ">= 0.8", open_ / openssl >= 0.8),
            Figure("seal", seal, "GiB/s", "", True),
            Figure("open", open_, "GiB/s", "", True),
            Figure("openssl speed", openssl, "GiB/s", "", True),
        ],
        {"seal": sealing, "open": opening, "openssl": plain},
    )


def _seal(key: RecordKey, installation: UUID, memory: Memory) -> None:
    left = GIB

    def source(buffer: memoryview) -> int:
        nonlocal left
        taken = min(left, len(buffer))
        left -= taken
        return taken

    StreamSealer(key, new_id(), CONTEXT, installation).seal_into(source, memory.write)


def _open(key: RecordKey, installation: UUID, memory: Memory) -> None:
    opener = StreamOpener(key, CONTEXT, installation, memory)
    assert sum(len(piece) for piece in opener.read(0, opener.length)) == GIB


def _rate(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return GIB / (time.perf_counter() - began) / GIB


def _openssl() -> float:
    command = ["openssl", "speed", "-evp", "aes-256-gcm", "-bytes", str(PIECE), "-seconds", "1", "-elapsed"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"AES-256-GCM\s+([0-9.]+)k", told, re.IGNORECASE)
    assert found, told
    return float(found[1]) * 1000 / GIB


if __name__ == "__main__":
    main()
