"""The conversation between the parent, which holds the file, and the child, which decodes it.

A frame is one byte of kind, four of length (big endian), and the payload. The child speaks and the parent only ever
answers READ. Everything from the child is hostile once it has read a hostile file: see `app.media.rebuild`.
"""

import struct
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from typing import Final

from app.media.shapes import FAILURES, KINDS, TYPES_OF_OUTPUTS, FailureCode, Limits, OutputHead

BLOCK: Final = 256 * 1024
"""The most bytes in a frame, either way."""

SETUP, DATA = range(1, 3)
READY, READ, BEGIN, BYTES, END, PROGRESS, FACT, DONE, FAILED = range(11, 20)

HEAD: Final = struct.Struct(">BI")
_READ: Final = struct.Struct(">QI")
_BEGIN: Final = struct.Struct(">BHBIIQ")
_PROGRESS: Final = struct.Struct(">H")
_CODE: Final = struct.Struct(">B")
_SETUP: Final = struct.Struct(f">Q{len(fields(Limits))}Q")
_MAX_KEY: Final = 64


class BrokenFrame(ValueError):  # noqa: N818  # reads as what happened
    """The other side does not keep to the format."""


@dataclass(frozen=True, slots=True)
class Frame:
    kind: int
    payload: bytes


def encode(kind: int, payload: bytes = b"") -> bytes:
    return HEAD.pack(kind, len(payload)) + payload


def receive(read_exactly: Callable[[int], bytes]) -> Frame:
    """The next frame; `read_exactly` gives just so many bytes or raises."""
    kind, length = HEAD.unpack(read_exactly(HEAD.size))
    if length > BLOCK:
        raise BrokenFrame("too long")
    return Frame(kind, read_exactly(length) if length else b"")


def _unpack(layout: struct.Struct, payload: bytes) -> tuple[int, ...]:
    if len(payload) != layout.size:
        raise BrokenFrame("length")
    return layout.unpack(payload)


def setup(size: int, limits: Limits) -> bytes:
    return encode(SETUP, _SETUP.pack(size, *astuple(limits)))


def read_setup(payload: bytes) -> tuple[int, Limits]:
    size, *rest = _unpack(_SETUP, payload)
    return size, Limits(*rest)


def read(offset: int, size: int) -> bytes:
    return encode(READ, _READ.pack(offset, size))


def read_read(payload: bytes) -> tuple[int, int]:
    offset, size = _unpack(_READ, payload)
    return offset, size


def begin(head: OutputHead) -> bytes:
    kind, kind_of_bytes = KINDS.index(head.kind), TYPES_OF_OUTPUTS[head.kind].index(head.type)
    return encode(
        BEGIN,
        _BEGIN.pack(kind, head.number, kind_of_bytes, head.width, head.height, head.duration_ms),
    )


def read_begin(payload: bytes) -> OutputHead:
    kind, number, kind_of_bytes, width, height, duration_ms = _unpack(_BEGIN, payload)
    if kind >= len(KINDS) or kind_of_bytes >= len(TYPES_OF_OUTPUTS[KINDS[kind]]):
        raise BrokenFrame("kind of output")
    of = KINDS[kind]
    return OutputHead(of, number, TYPES_OF_OUTPUTS[of][kind_of_bytes], width, height, duration_ms)


def progress(share: float) -> bytes:
    return encode(PROGRESS, _PROGRESS.pack(round(1000 * min(max(share, 0.0), 1.0))))


def read_progress(payload: bytes) -> float:
    (permille,) = _unpack(_PROGRESS, payload)
    return min(permille, 1000) / 1000


def fact(key: str, value: str) -> bytes:
    name = key.encode()
    return encode(FACT, _CODE.pack(len(name)) + name + value.encode())


def read_fact(payload: bytes) -> tuple[str, str]:
    length = payload[0] if payload else 0
    if not 0 < length <= _MAX_KEY or len(payload) < 1 + length:
        raise BrokenFrame("fact")
    try:
        return payload[1 : 1 + length].decode("ascii"), payload[1 + length :].decode()
    except UnicodeDecodeError as not_text:
        raise BrokenFrame("fact") from not_text


def failed(code: FailureCode) -> bytes:
    return encode(FAILED, _CODE.pack(FAILURES.index(code)))


def read_failed(payload: bytes) -> FailureCode:
    (index,) = _unpack(_CODE, payload)
    if index >= len(FAILURES):
        raise BrokenFrame("failure")
    return FAILURES[index]
