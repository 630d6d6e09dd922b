"""A second, plain writing of FORMAT.md with the randomness handed in, which the vectors are made from.

It shares no code with `app.crypto`, so that a slip in one of them shows.
"""

import hashlib
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Plain = int | str | bytes | UUID | None | list["Plain"] | tuple["Plain", ...]

CHUNK = 262_144
BLOCK = 8_388_608


def canonical(*values: Plain) -> bytes:
    """A tuple is a nested object, a list is a list in the order given, None is absent."""
    return b"".join(_one(value) for value in values)


def _one(value: Plain) -> bytes:
    match value:
        case int():
            return struct.pack(">Q", value)
        case list():
            return struct.pack(">I", len(value)) + canonical(*value)
        case tuple():
            return canonical(*value)
        case str():
            return _sized(value.encode())
        case UUID():
            return _sized(value.bytes)
        case _:
            return _sized(value or b"")


def _sized(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def by_bytes(items: Iterable[Plain]) -> list[Plain]:
    return sorted(items, key=canonical)


def signing_input(type_: str, installation: UUID, encoded: bytes) -> bytes:
    return b"vouchsafe/1/" + type_.encode() + b"\0" + installation.bytes + encoded


def digest(type_: str, installation: UUID, encoded: bytes) -> bytes:
    return hashlib.sha256(signing_input(type_, installation, encoded)).digest()


def sign(seed: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def signing_public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def hkdf(material: bytes, salt: bytes, label: str) -> bytes:
    """One block of HKDF-SHA256 is all that 32 bytes take."""
    extracted = hmac.digest(salt or bytes(32), material, "sha256")
    return hmac.digest(extracted, b"vouchsafe/1/" + label.encode() + b"\x01", "sha256")


def mac(key: bytes, label: str, message: bytes) -> bytes:
    return hmac.digest(hkdf(key, b"", label), message, "sha256")


def padded_size(needed: int, floor: int) -> int:
    if not floor:
        return needed
    exponent = needed.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return max(floor, (needed + step - 1) // step * step)


def pad(content: bytes, floor: int) -> bytes:
    return _sized(content).ljust(padded_size(len(content) + 4, floor), b"\0")


@dataclass(frozen=True)
class Place:
    """A key, its id, and a context digest."""

    key: bytes
    key_id: UUID
    context_digest: bytes


def envelope(place: Place, salt: bytes, nonce: bytes, padded: bytes, *, suite: int = 1) -> bytes:
    commitment = hkdf(place.key, salt, "envelope/commit")
    header = b"VSE1" + bytes([suite]) + place.key_id.bytes + place.context_digest + salt + commitment + nonce
    return header + AESGCM(hkdf(place.key, salt, "envelope/key")).encrypt(nonce, padded, header)


def stream_header(place: Place, salt: bytes) -> bytes:
    return (
        b"VSS1\x01"
        + place.key_id.bytes
        + place.context_digest
        + salt
        + hkdf(place.key, salt, "stream/commit")
    )


def stream_chunk(place: Place, salt: bytes, counter: int, plain: bytes, *, last: bool) -> bytes:
    nonce = struct.pack(">3xQB", counter, last)
    binding = hashlib.sha256(stream_header(place, salt)).digest()
    return AESGCM(hkdf(place.key, salt, "stream/key")).encrypt(nonce, plain, binding)


def tree_digest(data: bytes) -> bytes:
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]
    return hashlib.sha256(b"\3" + b"".join(hashlib.sha256(block).digest() for block in blocks)).digest()


def pattern(start: int, length: int) -> bytes:
    """The plaintext of stream vectors: byte i is i mod 251."""
    turn = bytes(range(251))
    first = start % 251
    return (turn * (length // 251 + 2))[first : first + length]
