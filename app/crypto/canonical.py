"""Canonical bytes (FORMAT section 1): one way to write each value, and a reader that takes no other."""

from typing import Final, Self
from uuid import UUID

from app.domain.errors import Malformed

UINT_LENGTH: Final = 8
UINT_MAX: Final = 2**64 - 1
COUNT_LENGTH: Final = 4
COUNT_MAX: Final = 2**32 - 1
ID_LENGTH: Final = 16


class Writer:
    """Puts values behind each other; every method gives the writer back."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = bytearray()

    def uint(self, value: int) -> Self:
        """Raises Malformed outside 0 .. 2^64 - 1."""
        if not 0 <= value <= UINT_MAX:
            raise Malformed("uint-range")
        self._bytes += value.to_bytes(UINT_LENGTH)
        return self

    def octets(self, value: bytes) -> Self:
        self.count(len(value))
        self._bytes += value
        return self

    def text(self, value: str) -> Self:
        return self.octets(utf8(value))

    def id(self, value: UUID) -> Self:
        return self.octets(value.bytes)

    def count(self, items: int) -> Self:
        """The number of list items, or of bytes, that follow. Raises Malformed from 2^32."""
        if items > COUNT_MAX:
            raise Malformed("too-long")
        self._bytes += items.to_bytes(COUNT_LENGTH)
        return self

    def done(self) -> bytes:
        return bytes(self._bytes)


class Reader:
    """Takes values from the front. Every method raises Malformed where the bytes are not such a value."""

    __slots__ = ("_bytes", "_position")

    def __init__(self, data: bytes) -> None:
        self._bytes = data
        self._position = 0

    def uint(self) -> int:
        return int.from_bytes(self._take(UINT_LENGTH))

    def octets(self) -> bytes:
        return self._take(self.count())

    def text(self) -> str:
        try:
            return self.octets().decode()
        except UnicodeDecodeError as error:
            raise Malformed("bad-utf8") from error

    def id(self) -> UUID:
        value = self.octets()
        if len(value) != ID_LENGTH:
            raise Malformed("id-length")
        return UUID(bytes=value)

    def count(self) -> int:
        return int.from_bytes(self._take(COUNT_LENGTH))

    def end(self) -> None:
        """Raises Malformed where bytes are left."""
        if self._position != len(self._bytes):
            raise Malformed("trailing-bytes")

    def _take(self, length: int) -> bytes:
        start, self._position = self._position, self._position + length
        if self._position > len(self._bytes):
            raise Malformed("cut-short")
        return self._bytes[start : self._position]


def utf8(text: str) -> bytes:
    """Raises Malformed for a lone surrogate, which UTF-8 cannot say."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("bad-utf8") from error
