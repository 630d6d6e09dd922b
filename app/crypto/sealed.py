"""What the headers of boxes, envelopes and streams have in common."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.domain.errors import Malformed, Refused, UnknownFormat, WrongKey

SUITE: Final = b"\x01"
PREFIX_LENGTH: Final = 53


@dataclass(frozen=True)
class Prefix:
    """magic (4) || suite (1) || key or recipient id (16) || context digest (32)."""

    magic: bytes
    key_id: bytes
    context_digest: bytes

    def encode(self) -> bytes:
        return self.magic + SUITE + self.key_id + self.context_digest


def read_prefix(sealed: bytes, magic: bytes, header_length: int) -> Prefix:
    """Raises UnknownFormat for another magic or suite, Malformed where the header is cut."""
    if sealed[:4] != magic:
        raise UnknownFormat("unknown-magic")
    if sealed[4:5] != SUITE:
        raise UnknownFormat("unknown-suite")
    if len(sealed) < header_length:
        raise Malformed("cut-header")
    return Prefix(magic, sealed[5:21], sealed[21:PREFIX_LENGTH])


def require_context(prefix: Prefix, expected: bytes) -> None:
    """Raises Refused where the sealed thing belongs somewhere else."""
    if prefix.context_digest != expected:
        raise Refused("wrong-context")


def require_recipient(prefix: Prefix, recipient: bytes) -> None:
    """Raises WrongKey where the sealed thing names another recipient."""
    if prefix.key_id != recipient:
        raise WrongKey("another-recipient")


def id_of(prefix: Prefix) -> UUID:
    return UUID(bytes=prefix.key_id)
