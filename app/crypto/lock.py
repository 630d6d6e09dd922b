"""Keys that come from a password or from a printed recovery code (FORMAT section 9)."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from app.crypto.canonical import utf8
from app.crypto.keys import KEY_LENGTH, DerivedKey, RootKey, domain, hkdf, mac
from app.domain.errors import Malformed

SALT_LENGTH: Final = 16
CODE_LENGTH: Final = 16

_T_MAX: Final = 64
_M_KIB_MAX: Final = 4 * 2**20
_P_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """Passes, KiB of memory, lanes.

    Raises Malformed for a cost that would stop the server, or that Argon2 forbids.
    """

    t: int
    m_kib: int
    p: int

    def __post_init__(self) -> None:
        sound = 1 <= self.t <= _T_MAX and 1 <= self.p <= _P_MAX and 8 * self.p <= self.m_kib <= _M_KIB_MAX
        if not sound:
            raise Malformed("argon2-cost")

    def reaches(self, floor: "Argon2Cost") -> bool:
        """Whether guessing costs at least as much as at `floor`; a lock row below it is not to be tried."""
        return self.t >= floor.t and self.m_kib >= floor.m_kib


RFC9106_SECOND: Final = Argon2Cost(3, 65536, 4)
"""The second recommended option of RFC 9106: 64 MiB."""


def password_key(root: RootKey, words: str, salt: bytes, cost: Argon2Cost) -> DerivedKey:
    """The lock key, slowly and in `cost.m_kib` of memory; nobody can guess at it without the root key."""
    _require_salt(salt)
    stretched = hash_secret_raw(
        utf8(normalise_words(words)), salt, cost.t, cost.m_kib, cost.p, KEY_LENGTH, Type.ID
    )
    return DerivedKey(hkdf(stretched + mac(root, "passwords", salt), salt, domain("lock")))


def recovery_key(code: bytes, salt: bytes) -> DerivedKey:
    """The key of a person's recovery copy, from the 16 bytes on paper; no root key: paper alone is enough."""
    _require_salt(salt)
    if len(code) != CODE_LENGTH:
        raise Malformed("code-length")
    return DerivedKey(hkdf(code, salt, domain("recovery")))


def normalise_words(words: str) -> str:
    """NFKC, lower-case, NFKC again, single spaces: what two keyboards agree on."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", words).lower())
    return " ".join(folded.split())


def _require_salt(salt: bytes) -> None:
    if len(salt) != SALT_LENGTH:
        raise Malformed("salt-length")
