"""Keys that neither print, pickle nor copy themselves, and what is derived from them."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import ClassVar, Final, Self, SupportsIndex

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.errors import Malformed

KEY_LENGTH: Final = 32


class SecretKey:
    """Thirty-two secret bytes. They leave only through `reveal`, which is easy to search for."""

    __slots__ = ("_secret",)

    __hash__: ClassVar[None]  # type: ignore[assignment]  # a secret is no dictionary key

    def __init__(self, secret: bytes) -> None:
        """Raises Malformed unless `secret` has 32 bytes."""
        if len(secret) != KEY_LENGTH:
            raise Malformed("key-length")
        self._secret = bytes(secret)

    @classmethod
    def generate(cls) -> Self:
        return cls(secrets.token_bytes(KEY_LENGTH))

    def reveal(self) -> bytes:
        return self._secret

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return macs_equal(self._secret, other._secret)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __reduce_ex__(self, protocol: SupportsIndex) -> str:
        raise TypeError(f"a {type(self).__name__} is neither pickled nor copied")


class RootKey(SecretKey):
    """The installation's operations key; it opens no testimony."""

    __slots__ = ()


class RecordKey(SecretKey):
    """Seals one record version or one file."""

    __slots__ = ()


class JobSecret(SecretKey):
    """What one job's results are sealed under; known to the case's readers and to the worker that has the job."""

    __slots__ = ()


class CaseSecret(SecretKey):
    """A case, identity or release secret of one epoch."""

    __slots__ = ()


class CookieSecret(SecretKey):
    """Lives in a browser's session cookie and nowhere else."""

    __slots__ = ()


class HpkeSeed(SecretKey):
    """An X-Wing seed; `hpke.HpkePrivate` expands it."""

    __slots__ = ()


class SigningSeed(SecretKey):
    """An Ed25519 private key."""

    __slots__ = ()


class DerivedKey(SecretKey):
    """What `derive` and the password lock give."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class PersonSeeds:
    """Both halves of a person key."""

    hpke: HpkeSeed
    signing: SigningSeed

    @classmethod
    def generate(cls) -> Self:
        return cls(HpkeSeed.generate(), SigningSeed.generate())

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The inverse of `reveal`. Raises Malformed unless `data` has 64 bytes."""
        return cls(HpkeSeed(data[:KEY_LENGTH]), SigningSeed(data[KEY_LENGTH:]))

    def reveal(self) -> bytes:
        """HPKE seed || signing seed, 64 bytes."""
        return self.hpke.reveal() + self.signing.reveal()


def derive(key: SecretKey, label: str, salt: bytes = b"") -> DerivedKey:
    """FORMAT section 3: the key for one purpose."""
    return DerivedKey(hkdf(key.reveal(), salt, domain(label)))


def mac(key: SecretKey, label: str, message: bytes) -> bytes:
    """FORMAT section 3: 32 bytes of HMAC-SHA256 under `derive(key, label)`."""
    return hmac.digest(derive(key, label).reveal(), message, hashlib.sha256)


def macs_equal(a: bytes, b: bytes) -> bool:
    """Compares in time that does not depend on where they differ."""
    return hmac.compare_digest(a, b)


def domain(label: str) -> bytes:
    """The ASCII string that sets one use of a key or hash apart from every other."""
    return f"vouchsafe/1/{label}".encode("ascii")


def hkdf(material: bytes, salt: bytes, info: bytes) -> bytes:
    """32 bytes of HKDF-SHA256 (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=salt, info=info).derive(material)
