"""Sealing to a public key: HPKE with X-Wing (FORMAT section 6)."""

import hashlib
from functools import cached_property
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from app.crypto.context import Context
from app.crypto.keys import HpkeSeed, domain
from app.crypto.sealed import PREFIX_LENGTH, Prefix, id_of, read_prefix, require_context, require_recipient
from app.domain.errors import Malformed, Refused

MAGIC: Final = b"VSH1"
PUBLIC_LENGTH: Final = 1216
RECIPIENT_LENGTH: Final = 16
OVERHEAD: Final = PREFIX_LENGTH + 1120 + 16

_MLKEM_PUBLIC_LENGTH: Final = 1184
_MLKEM_SEED_LENGTH: Final = 64
_EXPANDED_LENGTH: Final = 96
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class HpkePrivate:
    """A private key, expanded from its seed when it is first used; keep one to open many boxes."""

    def __init__(self, seed: HpkeSeed) -> None:
        self._seed = seed

    @property
    def public(self) -> bytes:
        """1,216 bytes, ML-KEM first."""
        mlkem, x25519 = self._halves
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def open_box(self, recipient: bytes, context: Context, installation: UUID, box: bytes) -> bytes:
        """As the function of that name."""
        prefix = read_prefix(box, MAGIC, OVERHEAD)
        require_recipient(prefix, recipient)
        require_context(prefix, context.digest(installation))
        try:
            return _SUITE.decrypt(box[PREFIX_LENGTH:], self._key, info=_info(prefix))
        except InvalidTag as error:
            raise Refused("not-authentic") from error

    @cached_property
    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        expanded = hashlib.shake_256(self._seed.reveal()).digest(_EXPANDED_LENGTH)
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_LENGTH]),
            X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_LENGTH:]),
        )

    @cached_property
    def _key(self) -> MLKEM768X25519PrivateKey:
        return MLKEM768X25519PrivateKey(*self._halves)


def public_of(seed: HpkeSeed) -> bytes:
    """The X-Wing public key, 1,216 bytes."""
    return HpkePrivate(seed).public


def seal_box(
    public: bytes, recipient: bytes, context: Context, installation: UUID, plaintext: bytes
) -> bytes:
    """A box that only the holder of `public`'s seed opens; 1,189 bytes longer than `plaintext`.

    `recipient` is 16 bytes: an intake key id, a trustee id, or the first 16 bytes of a card digest.
    Raises Malformed for a public key or a recipient that is none.
    """
    if len(recipient) != RECIPIENT_LENGTH:
        raise Malformed("recipient-length")
    prefix = Prefix(MAGIC, recipient, context.digest(installation))
    try:
        return prefix.encode() + _SUITE.encrypt(plaintext, _public_key(public), info=_info(prefix))
    except ValueError as error:
        raise Malformed("bad-public-key") from error


def open_box(
    seed: HpkeSeed | HpkePrivate, recipient: bytes, context: Context, installation: UUID, box: bytes
) -> bytes:
    """The plaintext of a box.

    Raises UnknownFormat, Malformed, WrongKey where it names another recipient, Refused where it is not
    authentic.
    """
    private = seed if isinstance(seed, HpkePrivate) else HpkePrivate(seed)
    return private.open_box(recipient, context, installation, box)


def recipient_of(box: bytes) -> UUID:
    """The recipient id that a box names; nothing proves it before the box was opened."""
    return id_of(read_prefix(box, MAGIC, OVERHEAD))


def _public_key(public: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_LENGTH]),
        X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_LENGTH:]),
    )


def _info(prefix: Prefix) -> bytes:
    return domain("box") + b"\x00" + prefix.encode()
