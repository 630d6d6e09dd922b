"""Splitting a secret among trustees so that k of n bring it back (FORMAT section 13)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from Crypto.Protocol.SecretSharing import Shamir

from app.crypto.keys import KEY_LENGTH, CaseSecret, derive, macs_equal
from app.domain.errors import Malformed, Refused

SHARES_MAX: Final = 255

_LABEL: Final = "share/commit"
_HALVES: Final = (slice(0, 16), slice(16, KEY_LENGTH))


@dataclass(frozen=True, slots=True)
class Share:
    """One trustee's share: its index from 1, and 32 bytes that are as secret as the key."""

    index: int
    share: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.index <= SHARES_MAX:
            raise Malformed("share-index")
        if len(self.share) != KEY_LENGTH:
            raise Malformed("share-length")


def split(secret: CaseSecret, k: int, n: int) -> list[Share]:
    """`n` shares, any `k` of which bring the secret back. Raises Malformed unless 1 <= k <= n <= 255."""
    if not 1 <= k <= n <= SHARES_MAX:
        raise Malformed("threshold")
    first, second = (Shamir.split(k, n, secret.reveal()[half]) for half in _HALVES)
    return [Share(index, left + right) for (index, left), (_, right) in zip(first, second, strict=True)]


def combine(shares: Sequence[Share], commitment: bytes) -> CaseSecret:
    """The secret.

    Raises Malformed where a share is given twice, Refused where the result is not what was committed to.
    """
    if len({share.index for share in shares}) != len(shares):
        raise Malformed("doubled-share")
    halves = [_combine_half(shares, half) for half in _HALVES]
    secret = CaseSecret(b"".join(halves))
    if not macs_equal(derive(secret, _LABEL).reveal(), commitment):
        raise Refused("wrong-shares")
    return secret


def commitment(secret: CaseSecret) -> bytes:
    """32 bytes that tell whether a rebuilt secret is this one, and nothing else about it."""
    return derive(secret, _LABEL).reveal()


def _combine_half(shares: Sequence[Share], half: slice) -> bytes:
    rebuilt: bytes = Shamir.combine([(share.index, share.share[half]) for share in shares])
    return rebuilt
