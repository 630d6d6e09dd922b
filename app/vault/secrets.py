"""Case, identity and release secrets: opened from a verified grant, granted on, split for trustees."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope, hpke, sharing
from app.crypto.context import Context
from app.crypto.keys import CaseSecret, SecretKey, derive
from app.crypto.objects import Card, Grant, Policy, Trustee, TrusteeShare, sign_object, verify_object
from app.crypto.signing import ciphertext_digest
from app.domain.duties import IDENTITY_DUTIES, READING_DUTIES, Duty
from app.domain.errors import CryptoError, Forbidden, Frozen, Tampered
from app.domain.ids import NIL
from app.store import keys as key_tables
from app.store import trust as trust_tables
from app.store.database import Transaction
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.sessions import SecretCache
from app.vault.trust import Trust, VerifiedRoster

CASE: Final = "case"
IDENTITY: Final = "identity"
RELEASE: Final = "release"
GRANTS_OF: Final = sa.select(trust_tables.grants).where(
    trust_tables.grants.c.case == sa.bindparam("of_case"),
    trust_tables.grants.c.kind == sa.bindparam("kind"),
    trust_tables.grants.c.member_card == sa.bindparam("card"),
    trust_tables.grants.c.epoch == sa.bindparam("epoch"),
)

MAY_GRANT: Final = {
    CASE: frozenset({Duty.LEAD}),
    IDENTITY: frozenset({Duty.LEAD, Duty.IDENTITY_CUSTODIAN}),
    RELEASE: frozenset({Duty.LEAD, Duty.PUBLISHER}),
}
"""Whose grants count; the identity secret comes from the lead who opened the case, later from a custodian."""
MAY_OPEN: Final = {CASE: READING_DUTIES, IDENTITY: MAY_GRANT[IDENTITY], RELEASE: MAY_GRANT[RELEASE]}

decode_grant = lru_cache(1024)(Grant.decode)
"""Who may use a grant; a row that somebody left, or planted, for anybody else opens nothing."""


def grant_context(kind: str, case: UUID, epoch: int, member: bytes) -> Context:
    return Context("grants", kind, case, UUID(bytes=member[:16]), epoch)


def link_context(kind: str, case: UUID, epoch: int) -> Context:
    return Context("epoch_links", kind, case, NIL, epoch)


def share_context(kind: str, case: UUID, trustee: UUID, epoch: int) -> Context:
    return Context("trustee_shares", kind, case, trustee, epoch)


@dataclass
class Secrets:
    """Opens and gives on secrets in the holder's name. Opened ones stay in memory for this unit of work only."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    audit: AuditLog
    clock: Callable[[], int]
    cache: SecretCache
    _open: dict[tuple[UUID, str, int], CaseSecret] = field(default_factory=dict)
    _used: dict[tuple[UUID, str, int], bytes] = field(default_factory=dict)
    """Digests of the holder's own grants that these were opened from, or given in."""

    # Opening

    def current(self, case: UUID, kind: str = CASE) -> tuple[int, CaseSecret]:
        """The newest epoch and its secret.

        Raises:
            Forbidden: `no-grant` this person was given none, or has no duty for it any more.
            Frozen: this database is older than the log that the person or the server has seen; `new-era` a restore
                was accepted and no lead has signed the roster since.
            Tampered: the only grants that stand there are not what a lead signed.
        """
        roster = self.trust.roster(case)
        epoch = epoch_of(roster, kind)
        return epoch, self.of_epoch(case, kind, epoch)

    def of_epoch(self, case: UUID, kind: str, epoch: int) -> CaseSecret:
        """The secret of one epoch; an earlier one opens through the links that a rotation left.

        Raises: as `current`; an epoch to which no link leads is Tampered.
        """
        known = self._open.get((case, kind, epoch))
        if known is not None:
            return known
        newest = epoch_of(self.trust.roster(case), kind)
        if epoch > newest:
            raise Tampered("epoch-ahead", table="record_keys", record=case)
        if (case, kind, newest) not in self._open:
            self._open[(case, kind, newest)] = self._granted(case, kind, newest)
        for earlier in range(newest - 1, epoch - 1, -1):
            if (case, kind, earlier) not in self._open:
                self._open[(case, kind, earlier)] = self._linked(case, kind, earlier)
        return self._open[(case, kind, epoch)]

    def keep(self, case: UUID, kind: str, epoch: int, secret: CaseSecret) -> None:
        """Use a secret made in this unit of work, before its grant can be read back."""
        self._open[(case, kind, epoch)] = secret

    def stage_hold(self, case: UUID, kind: str, epoch: int) -> None:
        """Make the commit fail if the grant behind this secret is gone by then, for what is sealed under it.

        Somebody who was removed meanwhile writes nothing, and nothing lands under an epoch that a finished
        rotation has just forgotten. The row is written, not just read, so that both cannot happen at once.
        """
        table = trust_tables.grants
        digest = self._used.get((case, kind, epoch))
        if digest is None:
            raise Forbidden("no-grant")
        hold = sa.update(table).where(table.c.digest == digest).values(epoch=table.c.epoch)
        self.tx.stage(hold, rows=1, conflict="roster-moved")

    def _linked(self, case: UUID, kind: str, epoch: int) -> CaseSecret:
        row = self.tx.first(
            sa.select(key_tables.epoch_links.c.wrap).where(
                key_tables.epoch_links.c.case == case,
                key_tables.epoch_links.c.kind == kind,
                key_tables.epoch_links.c.epoch == epoch,
            )
        )
        if row is None:
            raise Tampered("epoch-gone", table="epoch_links", record=case)
        newer = derive(self._open[(case, kind, epoch + 1)], "wrap")
        try:
            return CaseSecret(
                envelope.open_(
                    newer, link_context(kind, case, epoch), self.installation.id, row.wrap, floor=0
                )
            )
        except CryptoError as error:
            raise Tampered("epoch-link", table="epoch_links", record=case) from error

    def _granted(self, case: UUID, kind: str, epoch: int) -> CaseSecret:
        self.require_living(case, kind)
        rows = self.tx.all(GRANTS_OF, of_case=case, kind=kind, card=self.holder.card, epoch=epoch)
        fault: Tampered | None = None
        for row in rows:
            try:
                return self._open_grant(row)
            except Tampered as error:
                fault = error  # a planted grant must not hide a true one
        raise fault or Forbidden("no-grant")

    def require_living(self, case: UUID, kind: str) -> None:
        """A grant counts while its holder has a duty for it, in a database that nobody put back in time.

        After a restore only leads open, until a lead has signed the case's roster anew: who was removed since the
        backup stands in it again.
        """
        roster = self.trust.roster(case)
        duties = roster.duties_of(self.holder.card)
        if not duties & MAY_OPEN[kind]:
            raise Forbidden("no-grant")
        head = self.audit.check_head(self.tx, self.trust.book.head)
        if roster.roster.era < head.era and Duty.LEAD not in duties:
            raise Frozen("new-era", case)

    def _open_grant(self, row: sa.Row[Any]) -> CaseSecret:
        try:
            grant = decode_grant(row.object)
        except CryptoError as error:
            raise Tampered("grant", table="grants", record=row.case) from error
        digest = grant.digest(self.installation.id)
        if digest != row.digest or not self._fits(grant, row):
            raise Tampered("grant", table="grants", record=row.case)
        if not self.trust.book.has_verified(digest):
            self._prove_grant(grant, row)
            self.trust.book.learn_verified([digest])
        if not self._is_still_due(grant):
            raise Tampered("grant-outlived", table="grants", record=row.case)
        secret = self._unsealed(grant, digest, row)
        self._used[(grant.case, grant.kind, grant.epoch)] = digest
        return secret

    def _unsealed(self, grant: Grant, digest: bytes, row: sa.Row[Any]) -> CaseSecret:
        cached = self.cache.get(digest)
        if cached is not None:
            return CaseSecret(cached.reveal())
        context = grant_context(grant.kind, grant.case, grant.epoch, grant.member)
        try:
            secret = CaseSecret(
                hpke.open_box(
                    self.holder.seeds.hpke, self.holder.card[:16], context, self.installation.id, row.box
                )
            )
        except CryptoError as error:
            raise Tampered("grant-box", table="grants", record=row.case) from error
        self.cache.put(digest, secret)
        return secret

    def _fits(self, grant: Grant, row: sa.Row[Any]) -> bool:
        return (
            (grant.case, grant.kind, grant.epoch, grant.member)
            == (row.case, row.kind, row.epoch, self.holder.card)
            and grant.grantor == row.grantor_card
            and grant.ciphertext == ciphertext_digest(row.box)
        )

    def _prove_grant(self, grant: Grant, row: sa.Row[Any]) -> None:
        """A former lead may have signed under a roster of their time; then it stands for that time's epoch only."""
        roster = VerifiedRoster(self.trust.roster_by_digest(grant.case, grant.roster), grant.roster)
        leads = (
            roster.roster.signer == grant.grantor
        )  # of the roster before, which they may leave by this very one
        if not leads and not roster.duties_of(grant.grantor) & MAY_GRANT[grant.kind]:
            raise Tampered("grant-by-stranger", table="grants", record=grant.case)
        if epoch_of(roster, grant.kind) != grant.epoch:
            raise Tampered("grant-of-another-epoch", table="grants", record=grant.case)
        try:
            verify_object(
                self.trust.card(grant.grantor).signing_public, row.signature, self.installation.id, grant
            )
        except CryptoError as error:
            raise Tampered("grant-signature", table="grants", record=grant.case) from error

    def _is_still_due(self, grant: Grant) -> bool:
        """What came with a custodian's duty goes with it, also where they lead; what a lead recovered stays while they lead."""
        if grant.kind != IDENTITY or self.trust.roster(grant.case).duties_of(grant.member) & IDENTITY_DUTIES:
            return True
        then = VerifiedRoster(self.trust.roster_by_digest(grant.case, grant.roster), grant.roster)
        return not then.duties_of(grant.member) & IDENTITY_DUTIES

    # Giving

    def grant(
        self, roster: VerifiedRoster, kind: str, secret: SecretKey, member: Card, member_card: bytes
    ) -> None:
        """Seal a secret to a verified card and sign that it was given; staged.

        Raises:
            Forbidden: `administrators-never`, the card is nobody's who may hold a duty.
        """
        if not self.trust.is_colleague(member_card):
            raise Forbidden("administrators-never")
        self._grant(roster, kind, secret, member.person, member.hpke_public, member_card)

    def grant_own(self, roster: VerifiedRoster, kind: str, secret: SecretKey, public: bytes) -> None:
        """Seal a secret to the holder's own card, before that card can be read back; staged."""
        self._grant(roster, kind, secret, self.holder.person, public, self.holder.card)

    def _grant(
        self,
        roster: VerifiedRoster,
        kind: str,
        secret: SecretKey,
        person: UUID,
        public: bytes,
        member_card: bytes,
    ) -> None:
        case, epoch = roster.case, epoch_of(roster, kind)
        context = grant_context(kind, case, epoch, member_card)
        box = hpke.seal_box(public, member_card[:16], context, self.installation.id, secret.reveal())
        grant = Grant(
            kind=kind,
            case=case,
            epoch=epoch,
            roster=roster.digest,
            grantor=self.holder.card,
            member=member_card,
            ciphertext=ciphertext_digest(box),
            issued=self.clock(),
        )
        digest = grant.digest(self.installation.id)
        if member_card == self.holder.card:
            self._used[(case, kind, epoch)] = digest
        self.tx.insert(
            trust_tables.grants,
            digest=digest,
            kind=kind,
            case=case,
            epoch=epoch,
            member_card=member_card,
            grantor_card=self.holder.card,
            box=box,
            object=grant.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, grant),
        )
        self.audit.note(Note(Act.GRANTED, self.holder.person, case, person, digest=digest, note=kind))

    def split(self, policy: Policy, case: UUID, kind: str, epoch: int, secret: CaseSecret) -> None:
        """One share of a secret for every trustee of the policy, each sealed to that trustee; staged."""
        trustees = policy.trustees
        if not trustees:
            return
        commitment = sharing.commitment(secret)
        shares = sharing.split(secret, policy.k, len(trustees))
        for trustee, share in zip(trustees, shares, strict=True):
            self._stage_share(case, kind, epoch, policy.k, trustee, share, commitment)

    def _stage_share(
        self,
        case: UUID,
        kind: str,
        epoch: int,
        k: int,
        trustee: Trustee,
        share: sharing.Share,
        commitment: bytes,
    ) -> None:
        plain = TrusteeShare(kind, case, epoch, share.index, k, share.share, commitment)
        context = share_context(kind, case, trustee.trustee, epoch)
        box = hpke.seal_box(
            trustee.public, trustee.trustee.bytes, context, self.installation.id, plain.encode()
        )
        self.tx.insert(
            key_tables.trustee_shares,
            case=case,
            kind=kind,
            epoch=epoch,
            trustee=trustee.trustee,
            commitment=commitment,
            box=box,
        )


def epoch_of(roster: VerifiedRoster, kind: str) -> int:
    return roster.roster.identity_epoch if kind == IDENTITY else roster.roster.epoch


def kinds_for(duties: Iterable[Duty]) -> frozenset[str]:
    """Which secrets a member with these duties is granted."""
    held = frozenset(duties)
    kinds = {CASE} if held & READING_DUTIES else set()
    if held & IDENTITY_DUTIES:
        kinds.add(IDENTITY)
    return frozenset(kinds)
