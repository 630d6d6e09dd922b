"""Sealing small records and wrapped keys under a symmetric key (FORMAT section 7)."""

import secrets
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.crypto import padding
from app.crypto.context import Context
from app.crypto.keys import SecretKey, derive, macs_equal
from app.crypto.sealed import PREFIX_LENGTH, Prefix, id_of, read_prefix, require_context
from app.domain.errors import Malformed, Refused, WrongKey

MAGIC: Final = b"VSE1"
CONTENT_MAX: Final = 64 * 2**20

_SALT_LENGTH: Final = 16
_COMMITMENT_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_TAG_LENGTH: Final = 16
_SALT: Final = slice(PREFIX_LENGTH, PREFIX_LENGTH + _SALT_LENGTH)
_COMMITMENT: Final = slice(_SALT.stop, _SALT.stop + _COMMITMENT_LENGTH)
_NONCE: Final = slice(_COMMITMENT.stop, _COMMITMENT.stop + _NONCE_LENGTH)
HEADER_LENGTH: Final = PREFIX_LENGTH + _SALT_LENGTH + _COMMITMENT_LENGTH + _NONCE_LENGTH


def seal(
    key: SecretKey,
    key_id: UUID,
    context: Context,
    installation: UUID,
    content: bytes,
    floor: int = padding.FLOOR,
) -> bytes:
    """An envelope of `content`, padded to `floor` bytes or more. Raises Malformed over 64 MiB."""
    if len(content) > CONTENT_MAX:
        raise Malformed("too-long")
    salt, nonce = secrets.token_bytes(_SALT_LENGTH), secrets.token_bytes(_NONCE_LENGTH)
    prefix = Prefix(MAGIC, key_id.bytes, context.digest(installation))
    header = prefix.encode() + salt + _commitment(key, salt) + nonce
    return header + _cipher(key, salt).encrypt(nonce, padding.pad(content, floor), header)


def open_(
    key: SecretKey, context: Context, installation: UUID, envelope: bytes, floor: int = padding.FLOOR
) -> bytes:
    """The content that was sealed under `key`, for this context, with this floor.

    Raises UnknownFormat, Malformed, WrongKey where the key's commitment differs, Refused where it is not
    authentic.
    """
    prefix = read_prefix(envelope, MAGIC, HEADER_LENGTH + _TAG_LENGTH)
    if len(envelope) > HEADER_LENGTH + padding.padded_length(CONTENT_MAX, floor) + _TAG_LENGTH:
        raise Malformed("too-long")
    require_context(prefix, context.digest(installation))
    if not macs_equal(envelope[_COMMITMENT], _commitment(key, envelope[_SALT])):
        raise WrongKey("wrong-commitment")
    return padding.unpad(_decrypt(key, envelope), floor)


def key_id_of(envelope: bytes) -> UUID:
    """The id of the key that opens it, not proven before it did. Raises UnknownFormat or Malformed."""
    return id_of(read_prefix(envelope, MAGIC, HEADER_LENGTH + _TAG_LENGTH))


def _decrypt(key: SecretKey, envelope: bytes) -> bytes:
    header = envelope[:HEADER_LENGTH]
    try:
        return _cipher(key, header[_SALT]).decrypt(header[_NONCE], envelope[HEADER_LENGTH:], header)
    except InvalidTag as error:
        raise Refused("not-authentic") from error


def _commitment(key: SecretKey, salt: bytes) -> bytes:
    return derive(key, "envelope/commit", salt).reveal()


def _cipher(key: SecretKey, salt: bytes) -> AESGCM:
    return AESGCM(derive(key, "envelope/key", salt).reveal())
