"""Signatures that make a story public: approvals over exact bytes, the release key, the signed site."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto.keys import SigningSeed
from app.crypto.numbers import card_digits
from app.crypto.objects import (
    Approval,
    Consent,
    PublicFile,
    Release,
    ReleaseMark,
    Site,
    sign_object,
    story_digest,
    verify_object,
)
from app.domain.duties import Duty
from app.domain.errors import CryptoError, Tampered
from app.store.database import Transaction
from app.store.stories import approvals, releases
from app.store.trust import certificates
from app.vault.casework import CASE_ZERO
from app.vault.identity import Holder
from app.vault.installation import RELEASE_KEY, TAKE_DOWN_KEY, Installation
from app.vault.secrets import RELEASE, Secrets
from app.vault.trust import Trust

SECONDS_PER_DAY: Final = 86_400

_DUTY_OF_KIND: Final = MappingProxyType(
    {
        "editorial": Duty.EDITORIAL_APPROVER,
        "protection": Duty.PROTECTION_APPROVER,
        "identity": Duty.IDENTITY_CUSTODIAN,
    }
)


@dataclass(frozen=True)
class VerifiedApproval:
    """`person` signed `kind` over `bundle`; `digest` names the signature's object."""

    kind: str
    person: UUID
    card: bytes
    bundle: bytes
    gate_report: bytes
    consents: frozenset[tuple[UUID, bytes]]
    digest: bytes
    issued: int


@dataclass(frozen=True)
class Listed:
    """One public file: path relative to the tree's root, SHA-256, bytes."""

    path: str
    sha256: bytes
    size: int


@dataclass(frozen=True)
class Released:
    """A release that the release key signed. `withdrawn`: when it was taken down; seconds since 1970."""

    public_id: str
    story: UUID
    number: int
    digest: bytes
    object: bytes
    signature: bytes
    files: tuple[Listed, ...]
    withdrawn: int | None


@dataclass(frozen=True)
class SignedSite:
    """A public manifest with its signature. `signed_with`: kind of the certified key."""

    object: bytes
    signature: bytes
    signed_with: str


@dataclass
class Releases:
    """Signs and verifies in the holder's name."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    secrets: Secrets
    audit: AuditLog
    clock: Callable[[], int]

    # Approvals

    def approve(
        self,
        story: UUID,
        case: UUID,
        kind: str,
        bundle: bytes,
        gate_report: bytes,
        consents: Iterable[tuple[UUID, bytes]],
    ) -> None:
        """Sign one voice over the digest of exactly these bytes; staged. Four-eyes is asked of policy before."""
        approval = Approval(
            story=story,
            kind=kind,
            bundle=bundle,
            gate_report=gate_report,
            consents=tuple(Consent(statement, version) for statement, version in consents),
            approver=self.holder.card,
            issued=self.clock(),
        )
        digest = approval.digest(self.installation.id)
        self.tx.insert(
            approvals,
            digest=digest,
            story=story,
            kind=kind,
            person=self.holder.person,
            bundle=bundle,
            object=approval.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, approval),
        )
        self.audit.note(
            Note(
                Act.APPROVED,
                self.holder.person,
                case,
                story,
                digest=digest,
                session=self.holder.session_tag,
                note=kind,
            )
        )

    def approvals(self, story: UUID, case: UUID, bundle: bytes) -> dict[str, VerifiedApproval]:
        """Kind -> the newest approval of this bundle that verifies, by somebody who holds that duty on the case.

        What does not verify counts for nothing. Raises as `Trust.roster`.
        """
        rows = self.tx.all(
            sa.select(approvals).where(
                approvals.c.story == story, approvals.c.bundle == bundle, approvals.c.voided.is_(None)
            )
        )
        verified = [found for found in (self._verified(row, case) for row in rows) if found is not None]
        return {approval.kind: approval for approval in sorted(verified, key=lambda each: each.issued)}

    def _verified(self, row: sa.Row[Any], case: UUID) -> VerifiedApproval | None:
        try:
            approval = Approval.decode(row.object)
            card = self.trust.card(approval.approver)
            verify_object(card.signing_public, row.signature, self.installation.id, approval)
        except (CryptoError, Tampered):
            return None
        said = (approval.story, approval.kind, approval.bundle, card.person)
        may_sign = _DUTY_OF_KIND[approval.kind] in self.trust.roster(case).duties_of(approval.approver)
        if said != (row.story, row.kind, row.bundle, row.person) or not may_sign:
            return None
        return VerifiedApproval(
            approval.kind,
            card.person,
            approval.approver,
            approval.bundle,
            approval.gate_report,
            frozenset((consent.statement, consent.version) for consent in approval.consents),
            approval.digest(self.installation.id),
            approval.issued,
        )

    def void(self, story: UUID, case: UUID) -> None:
        """Every approval of a story ends, because something that it stood for changed; staged."""
        self.tx.stage(
            sa.update(approvals)
            .where(approvals.c.story == story, approvals.c.voided.is_(None))
            .values(voided=self.clock())
        )
        self.audit.note(Note(Act.APPROVALS_VOIDED, self.holder.person, case, story))

    # Publishing

    def _release_seed(self) -> SigningSeed:
        _epoch, secret = self.secrets.current(CASE_ZERO, RELEASE)
        return SigningSeed(secret.reveal())

    def sign_release(
        self,
        public_id: str,
        story: UUID,
        files: Iterable[Listed],
        approved: Iterable[VerifiedApproval],
        gate_report: bytes,
    ) -> tuple[bytes, bytes, bytes]:
        """The release object of one story, its signature and its digest, made with the release key of this session.

        Raises:
            Forbidden: the holder is no publisher.

        """
        voices = list(approved)
        release = Release(
            public_id=public_id,
            story=story_digest(self.installation.id, story),
            era=self.trust.roster(CASE_ZERO).roster.era,
            files=tuple(PublicFile(file.path, file.sha256, file.size) for file in files),
            approvals=tuple(voice.digest for voice in voices),
            consents=tuple({version for voice in voices for _statement, version in voice.consents}),
            gate_report=gate_report,
            published_day=self.clock() // SECONDS_PER_DAY,
        )
        signature = sign_object(self._release_seed(), self.installation.id, release)
        return release.encode(), signature, release.digest(self.installation.id)

    def sign_site(
        self,
        number: int,
        marks: Iterable[tuple[str, bytes]],
        files: Iterable[Listed],
        withdrawn: Iterable[str],
    ) -> SignedSite:
        """The public manifest, signed by the release key of this session. Raises as `sign_release`."""
        site = _site(self.installation, number, marks, files, withdrawn, self.clock())
        signature = sign_object(self._release_seed(), self.installation.id, site)
        return SignedSite(site.encode(), signature, RELEASE_KEY)

    def record(
        self, story: UUID, case: UUID, public_id: str, number: int, release: tuple[bytes, bytes, bytes]
    ) -> None:
        """Keep a release beside its story; staged."""
        encoded, signature, digest = release
        self.tx.insert(
            releases,
            public_id=public_id,
            number=number,
            story=story,
            digest=digest,
            object=encoded,
            signature=signature,
            published=self.clock(),
        )
        self.audit.note(
            Note(
                Act.PUBLISHED, self.holder.person, case, story, digest=digest, session=self.holder.session_tag
            )
        )


def sign_take_down(
    installation: Installation,
    number: int,
    marks: Iterable[tuple[str, bytes]],
    files: Iterable[Listed],
    withdrawn: Iterable[str],
    now: int,
) -> SignedSite:
    """The public manifest after releases were removed, signed with the take-down key: nobody has to be signed in."""
    site = _site(installation, number, marks, files, withdrawn, now)
    signature = sign_object(installation.take_down.seed, installation.id, site)
    return SignedSite(site.encode(), signature, TAKE_DOWN_KEY)


def released(tx: Transaction, installation: Installation) -> list[Released]:
    """Every release there ever was, oldest first, each proved to be signed by the release key; needs no holder.

    Raises:
        Tampered: `release`, one of them is not what the release key signed.

    """
    rows = tx.all(sa.select(releases).order_by(releases.c.number, releases.c.public_id))
    return [_released(row, installation) for row in rows]


def _released(row: sa.Row[Any], installation: Installation) -> Released:
    try:
        release = Release.decode(row.object)
        verify_object(installation.release_public, row.signature, installation.id, release)
    except CryptoError as error:
        raise Tampered("release", table="releases", record=row.story) from error
    story = story_digest(installation.id, row.story)
    if (release.public_id, release.story, release.digest(installation.id)) != (
        row.public_id,
        story,
        row.digest,
    ):
        raise Tampered("release", table="releases", record=row.story)
    files = tuple(Listed(file.path, file.sha256, file.size) for file in release.files)
    return Released(
        row.public_id, row.story, row.number, row.digest, row.object, row.signature, files, row.withdrawn
    )


def public_certificates(tx: Transaction) -> list[tuple[str, bytes, bytes]]:
    """Kind, object and signature of what proves the keys that sign in public; needs no holder."""
    kinds = certificates.c.kind.in_((RELEASE_KEY, TAKE_DOWN_KEY))
    rows = tx.all(sa.select(certificates).where(kinds).order_by(certificates.c.digest))
    return [(row.kind, row.object, row.signature) for row in rows]


def bundle_digits(bundle: bytes) -> str:
    """What two people compare of a version: 24 digits in six groups."""
    return card_digits(bundle)


def _site(
    installation: Installation,
    number: int,
    marks: Iterable[tuple[str, bytes]],
    files: Iterable[Listed],
    withdrawn: Iterable[str],
    now: int,
) -> Site:
    return Site(
        number=number,
        demo=int(installation.demo),
        releases=tuple(ReleaseMark(public_id, digest) for public_id, digest in marks),
        files=tuple(PublicFile(file.path, file.sha256, file.size) for file in files),
        withdrawn=tuple(withdrawn),
        day=now // SECONDS_PER_DAY,
    )
