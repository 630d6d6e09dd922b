"""Signatures and object digests over canonical bytes (FORMAT section 2)."""

import hashlib
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.crypto.keys import SigningSeed, domain
from app.domain.errors import Refused

PUBLIC_LENGTH: Final = 32
SIGNATURE_LENGTH: Final = 64

_FIELD: Final = 2**255 - 19
_ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER: Final = frozenset({0, 1, _FIELD - 1, _ORDER_8, _FIELD - _ORDER_8})
"""The y coordinates of the eight points of small order; under such a key a signature fits many messages."""


def public_of(seed: SigningSeed) -> bytes:
    """The Ed25519 public key, 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed.reveal()).public_key().public_bytes_raw()


def sign(seed: SigningSeed, type_: str, installation: UUID, canonical: bytes) -> bytes:
    """64 bytes of Ed25519 (RFC 8032) over the signing input."""
    return sign_bytes(seed, signing_input(type_, installation, canonical))


def verify(public: bytes, signature: bytes, type_: str, installation: UUID, canonical: bytes) -> None:
    """Raises Refused unless `public`'s holder signed these bytes as this type, in this installation."""
    verify_bytes(public, signature, signing_input(type_, installation, canonical))


def signing_input(type_: str, installation: UUID, canonical: bytes) -> bytes:
    return domain(type_) + b"\x00" + installation.bytes + canonical


def object_digest(type_: str, installation: UUID, canonical: bytes) -> bytes:
    """SHA-256 of the signing input."""
    return hashlib.sha256(signing_input(type_, installation, canonical)).digest()


def ciphertext_digest(stored: bytes) -> bytes:
    """SHA-256 of sealed bytes as they are stored, header included."""
    return hashlib.sha256(stored).digest()


def sign_bytes(seed: SigningSeed, message: bytes) -> bytes:
    """Plain Ed25519; the project signs objects, through `sign`."""
    return Ed25519PrivateKey.from_private_bytes(seed.reveal()).sign(message)


def verify_bytes(public: bytes, signature: bytes, message: bytes) -> None:
    """Plain Ed25519 verification; raises Refused."""
    _refuse_weak_key(public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise Refused("bad-signature") from error


def _refuse_weak_key(public: bytes) -> None:
    if len(public) != PUBLIC_LENGTH:
        raise Refused("public-key-length")
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= _FIELD:
        raise Refused("non-canonical-key")
    if y in _SMALL_ORDER:
        raise Refused("small-order-key")
