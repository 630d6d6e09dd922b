"""Where a picture or a document ends by its own account: what follows is noted, and never reaches an output."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from app.media.channel import RemoteFile

_LOOKED_AT: Final = 64 * 1024
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_BOX: Final = re.compile(rb"[A-Za-z0-9 ]{4}")
_MAX_STEPS: Final = 1_000_000


def has_trailing_bytes(file: RemoteFile, kind: str) -> bool:
    """Whether something other than zeros and white space follows the end. False where no end is found."""
    finder = _FINDERS.get(kind)
    end = finder(file) if finder else None
    if end is None or end >= file.size:
        return False
    file.seek(end)
    return bool(file.read(_LOOKED_AT).strip(b"\x00\r\n\t "))


def _number(file: RemoteFile, count: int, order: str = "big") -> int:
    return int.from_bytes(file.read(count), "little" if order == "little" else "big")


def _jpeg(file: RemoteFile) -> int | None:
    file.seek(2)
    for _ in range(_MAX_STEPS):
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:  # noqa: PLR2004  # ISO/IEC 10918-1 B.1.1.2
            return None
        if mark[1] == _JPEG_END:
            return file.tell()
        length = _number(file, 2)
        file.seek(length - 2 if length > 1 else 0, 1)
        if mark[1] == _JPEG_SCAN and not _skip_scan(file):
            return None
    return None


def _skip_scan(file: RemoteFile) -> bool:
    """To the marker after entropy-coded data, in which 0xFF is followed by 0 or a restart number."""
    start = file.tell()
    while window := file.read(_LOOKED_AT):
        if found := _MARKER.search(window):
            file.seek(start + found.start())
            return True
        if len(window) < _LOOKED_AT:
            return False
        start += len(window) - 1
        file.seek(start)
    return False


def _png(file: RemoteFile) -> int | None:
    file.seek(8)
    for _ in range(_MAX_STEPS):
        length, name = _number(file, 4), file.read(4)
        if len(name) < 4:  # noqa: PLR2004  # ISO/IEC 15948 5.3
            return None
        file.seek(length + 4, 1)
        if name == b"IEND":
            return file.tell()
    return None


def _gif(file: RemoteFile) -> int | None:
    file.seek(10)
    _skip_colours(file, 2)
    for _ in range(_MAX_STEPS):
        match file.read(1):
            case b"\x3b":
                return file.tell()
            case b"\x21":
                file.seek(1, 1)
            case b"\x2c":
                file.seek(8, 1)
                _skip_colours(file, 0)
                file.seek(1, 1)
            case _:
                return None
        while (length := _number(file, 1)) and file.tell() < file.size:
            file.seek(length, 1)
    return None


def _skip_colours(file: RemoteFile, more: int) -> None:
    flags = _number(file, 1)
    table = 3 << ((flags & 7) + 1) if flags & 0x80 else 0
    file.seek(more + table, 1)


def _riff(file: RemoteFile) -> int:
    file.seek(4)
    length = _number(file, 4, "little")
    return 8 + length + length % 2


def _boxes(file: RemoteFile) -> int | None:
    position = 0
    for _ in range(_MAX_STEPS):
        file.seek(position)
        length, name = _number(file, 4), file.read(4)
        if length == 1:
            length = _number(file, 8)
        if position >= file.size or length == 0:
            return None
        if length < 8 or position + length > file.size or not _BOX.fullmatch(name):  # noqa: PLR2004  # ISO/IEC 14496-12 4.2
            return position
        position += length
    return None


def _pdf(file: RemoteFile) -> int | None:
    start = max(file.size - _LOOKED_AT, 0)
    file.seek(start)
    found = file.read(_LOOKED_AT).rfind(b"%%EOF")
    return None if found < 0 else start + found + len(b"%%EOF")


_FINDERS: Final[Mapping[str, Callable[[RemoteFile], int | None]]] = MappingProxyType(
    {
        "image/jpeg": _jpeg,
        "image/png": _png,
        "image/gif": _gif,
        "image/webp": _riff,
        "image/heic": _boxes,
        "image/avif": _boxes,
        "application/pdf": _pdf,
    }
)
