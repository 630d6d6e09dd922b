"""Proves a copy of the public tree from the anchor down: certificates, the site's signature, each release's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.crypto.objects import Certificate, PublicFile, Release, Site, verify_object
from app.domain.errors import Refused
from app.vault.installation import RELEASE_KEY, TAKE_DOWN_KEY
from app.vault.releases import Listed

SITE_KEYS: Final = (RELEASE_KEY, TAKE_DOWN_KEY)


@dataclass(frozen=True)
class ProvedSite:
    """What was signed of a whole tree. `releases`: public id -> digest; `day`: days since 1970-01-01."""

    number: int
    demo: bool
    releases: Mapping[str, bytes]
    files: tuple[Listed, ...]
    withdrawn: tuple[str, ...]
    day: int


@dataclass(frozen=True)
class ProvedRelease:
    """What the release key signed of one story."""

    public_id: str
    digest: bytes
    files: tuple[Listed, ...]


@dataclass(frozen=True)
class ProvedKeys:
    """The keys that the organisation key certified for one installation, by kind."""

    installation: UUID
    keys: Mapping[str, frozenset[bytes]]

    @classmethod
    def from_certificates(
        cls, anchor: bytes, installation: UUID, certificates: Iterable[tuple[bytes, bytes]]
    ) -> "ProvedKeys":
        """`certificates`: (object, signature). Raises CryptoError if one is not the organisation key's."""
        proved: dict[str, set[bytes]] = {}
        for encoded, signature in certificates:
            certificate = Certificate.decode(encoded)
            verify_object(anchor, signature, installation, certificate)
            proved.setdefault(certificate.kind, set()).add(certificate.subject)
        return cls(installation, {kind: frozenset(subjects) for kind, subjects in proved.items()})

    def site(self, encoded: bytes, signature: bytes, signed_with: str) -> ProvedSite:
        """Raises CryptoError unless a key certified to sign sites signed exactly this."""
        site = Site.decode(encoded)
        self._verify(site, signature, signed_with if signed_with in SITE_KEYS else "")
        return ProvedSite(
            site.number,
            bool(site.demo),
            {mark.public_id: mark.digest for mark in site.releases},
            _listed(site.files),
            site.withdrawn,
            site.day,
        )

    def release(self, encoded: bytes, signature: bytes) -> ProvedRelease:
        """Raises CryptoError unless a certified release key signed exactly this; the take-down key never can."""
        release = Release.decode(encoded)
        self._verify(release, signature, RELEASE_KEY)
        return ProvedRelease(release.public_id, release.digest(self.installation), _listed(release.files))

    def _verify(self, signed: Site | Release, signature: bytes, kind: str) -> None:
        for public in sorted(self.keys.get(kind, ())):
            try:
                verify_object(public, signature, self.installation, signed)
            except Refused:
                continue  # a renewed key leaves the older one certified
            return
        raise Refused("not-certified")


def _listed(files: Iterable[PublicFile]) -> tuple[Listed, ...]:
    return tuple(Listed(file.path, file.sha256, file.size) for file in files)
