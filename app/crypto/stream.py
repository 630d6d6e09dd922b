"""Sealing files of any size in chunks that can be read at any offset (FORMAT section 8)."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Final, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.crypto.context import Context
from app.crypto.keys import SecretKey, derive, macs_equal
from app.crypto.sealed import PREFIX_LENGTH, Prefix, id_of, read_prefix, require_context
from app.domain.errors import Malformed, Refused, WrongKey

MAGIC: Final = b"VSS1"
CHUNK: Final = 262_144
"""Plaintext bytes in every chunk but the last."""
CHUNKS_MAX: Final = 2**32

_SALT_LENGTH: Final = 32
_COMMITMENT_LENGTH: Final = 32
_TAG_LENGTH: Final = 16
_SEALED_CHUNK: Final = CHUNK + _TAG_LENGTH
_SALT: Final = slice(PREFIX_LENGTH, PREFIX_LENGTH + _SALT_LENGTH)
_COMMITMENT: Final = slice(_SALT.stop, _SALT.stop + _COMMITMENT_LENGTH)
HEADER_LENGTH: Final = PREFIX_LENGTH + _SALT_LENGTH + _COMMITMENT_LENGTH

ReadInto = Callable[[memoryview], int]
"""Puts bytes into the front of the view and says how many; 0 at the end. A file's `readinto` is one."""
Sink = Callable[[memoryview], object]
"""Takes bytes before it returns: the view is written over afterwards. A buffered file's `write` is one."""


class ReadAt(Protocol):
    """Sealed bytes at rest."""

    def read_at(self, offset: int, size: int) -> bytes:
        """The `size` bytes from `offset`; fewer only at the end."""

    def size(self) -> int: ...


class StreamSealer:
    """Seals one stream, once: pieces through `update` and `finish`, or a whole source through `seal_into`.

    After an interrupted write begin anew, with a new key.
    """

    def __init__(self, key: SecretKey, key_id: UUID, context: Context, installation: UUID) -> None:
        salt = secrets.token_bytes(_SALT_LENGTH)
        prefix = Prefix(MAGIC, key_id.bytes, context.digest(installation))
        self.header = prefix.encode() + salt + _commitment(key, salt)
        self._binding = hashlib.sha256(self.header).digest()
        self._cipher = _cipher(key, salt)
        self._chunks = 0
        self._finished = False
        self._plain = memoryview(bytearray(CHUNK))
        self._filled = 0
        self._sealed = memoryview(bytearray(_SEALED_CHUNK))

    def update(self, data: bytes | bytearray | memoryview) -> bytes:
        """Take plaintext in pieces of any size; give the chunks that cannot be the last, sealed."""
        self._require_unfinished()
        sealed, rest = [], memoryview(data).cast("B")
        while rest:
            if self._filled == CHUNK:
                sealed.append(bytes(self._seal_chunk(last=False)))
            taken = min(CHUNK - self._filled, len(rest))
            self._plain[self._filled : self._filled + taken] = rest[:taken]
            self._filled += taken
            rest = rest[taken:]
        return b"".join(sealed)

    def finish(self) -> bytes:
        """The last chunk. The sealer takes nothing more."""
        return bytes(self._seal_chunk(last=True))

    def seal_into(self, source: ReadInto, sink: Sink) -> int:
        """Seal all of `source`, header first, through buffers that are used again; the plaintext's length."""
        if self._chunks or self._filled:
            raise RuntimeError("this stream has begun")
        sink(memoryview(self.header))
        spare, length = memoryview(bytearray(CHUNK)), 0
        self._filled = _fill(self._plain, source)
        while not self._finished:
            length += self._filled
            following = _fill(spare, source)
            sink(self._seal_chunk(last=not following))
            self._plain, spare, self._filled = spare, self._plain, following
        return length

    def _seal_chunk(self, *, last: bool) -> memoryview:
        self._require_unfinished()
        if self._chunks == CHUNKS_MAX:
            raise Malformed("too-long")
        nonce = _nonce(self._chunks, last=last)
        sealed = self._sealed[: self._filled + _TAG_LENGTH]
        self._cipher.encrypt_into(nonce, self._plain[: self._filled], self._binding, sealed)
        self._chunks, self._filled, self._finished = self._chunks + 1, 0, last
        return sealed

    def _require_unfinished(self) -> None:
        if self._finished:
            raise RuntimeError("a finished stream takes nothing more")


class StreamOpener:
    """Reads a stream at any offset. Making one proves the header, the key and, by the last chunk, the length.

    A `cut` stream was interrupted: no chunk has the last flag, so that only who signed its length vouches
    for it; compare `length` with that.
    Raises UnknownFormat, Malformed, WrongKey where the key's commitment differs, Refused where it is not
    authentic.
    """

    def __init__(
        self, key: SecretKey, context: Context, installation: UUID, source: ReadAt, *, cut: bool = False
    ) -> None:
        header = source.read_at(0, HEADER_LENGTH)
        require_context(read_prefix(header, MAGIC, HEADER_LENGTH), context.digest(installation))
        if not macs_equal(header[_COMMITMENT], _commitment(key, header[_SALT])):
            raise WrongKey("wrong-commitment")
        self.length = plain_length(source.size(), cut=cut)
        self._source = source
        self._binding = hashlib.sha256(header).digest()
        self._cipher = _cipher(key, header[_SALT])
        end = _chunks_of(self.length) - 1
        self._last = None if cut else end
        self._open_chunk(end)

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """Up to `size` bytes of plaintext from `offset` (0 or more), a piece a chunk, each verified before.

        Raises Refused, while iterating, at the first chunk that is not authentic.
        """
        end = min(offset + size, self.length)
        while offset < end:
            number, start = divmod(offset, CHUNK)
            stop = min(CHUNK, end - number * CHUNK)
            yield self._open_chunk(number)[start:stop]
            offset = number * CHUNK + stop

    def _open_chunk(self, number: int) -> bytes:
        sealed = self._source.read_at(HEADER_LENGTH + number * _SEALED_CHUNK, _SEALED_CHUNK)
        try:
            return self._cipher.decrypt(_nonce(number, last=number == self._last), sealed, self._binding)
        except InvalidTag as error:
            raise Refused("not-authentic") from error


def ciphertext_length(plain_length: int, *, cut: bool = False) -> int:
    """Bytes of the stream, header included, that seals `plain_length` bytes.

    Raises Malformed for a cut stream that would not end on a chunk edge.
    """
    if cut and (plain_length < CHUNK or plain_length % CHUNK):
        raise Malformed("impossible-length")
    return HEADER_LENGTH + plain_length + _TAG_LENGTH * _chunks_of(plain_length)


def plain_length(ciphertext_length: int, *, cut: bool = False) -> int:
    """The inverse of `ciphertext_length`. Raises Malformed for a length that no stream has."""
    body = ciphertext_length - HEADER_LENGTH
    chunks, rest = divmod(body, _SEALED_CHUNK)
    if body < _TAG_LENGTH or (chunks and 0 < rest <= _TAG_LENGTH) or (cut and rest):
        raise Malformed("impossible-length")
    if chunks + bool(rest) > CHUNKS_MAX:
        raise Malformed("too-long")
    return body - _TAG_LENGTH * (chunks + bool(rest))


def cut_length(arrived: int, whole: int) -> int:
    """Bytes that stay of a stream of `whole` bytes, of which `arrived` came, when it is closed as cut.

    It ends behind the last whole chunk; 0 where there is none. The chunk with the last flag never stays.
    """
    chunks = (min(arrived, whole - 1) - HEADER_LENGTH) // _SEALED_CHUNK
    return HEADER_LENGTH + chunks * _SEALED_CHUNK if chunks > 0 else 0


def key_id_of(header: bytes) -> UUID:
    """The id of the key that opens a stream with this header. Raises UnknownFormat or Malformed."""
    return id_of(read_prefix(header, MAGIC, HEADER_LENGTH))


def _chunks_of(plain_length: int) -> int:
    return max(1, -(-plain_length // CHUNK))


def _fill(buffer: memoryview, source: ReadInto) -> int:
    filled = 0
    while filled < len(buffer) and (got := source(buffer[filled:])):
        filled += got
    return filled


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + last.to_bytes(1)


def _commitment(key: SecretKey, salt: bytes) -> bytes:
    return derive(key, "stream/commit", salt).reveal()


def _cipher(key: SecretKey, salt: bytes) -> AESGCM:
    return AESGCM(derive(key, "stream/key", salt).reveal())
