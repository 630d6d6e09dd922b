"""Recovery by trustees: each opens one share, on paper words, for one receiver; the receiver's session combines them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope, hpke, sharing
from app.crypto.context import Context
from app.crypto.keys import CaseSecret, HpkeSeed, derive
from app.crypto.objects import Card, TrusteeShare
from app.crypto.words import from_words
from app.domain.errors import Conflict, CryptoError, Forbidden, InvalidInput, Tampered
from app.store.database import Transaction
from app.store.keys import intake_keys, recovered_shares, trustee_shares
from app.vault.book import OpenBook
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.proposals import Proofs
from app.vault.records import intake_private_context
from app.vault.secrets import MAY_GRANT, Secrets, epoch_of, share_context
from app.vault.trust import Trust, VerifiedRoster

Which = tuple[UUID, str, int]
"""Case, kind of secret, epoch."""


def recovered_context(which: Which, trustee: UUID) -> Context:
    case, kind, epoch = which
    return Context("recovered_shares", kind, case, trustee, epoch)


def agreed_receiver(
    tx: Transaction, installation: Installation, clock: Callable[[], int], which: Which, receiver: bytes
) -> Card:
    """The card that two administrators agreed to give this secret back to, proved from the organisation key down.

    Raises:
        Forbidden: `no-second-administrator`, no such agreement of the last seven days stands.
        Tampered: nobody vouched for the card, or it is not what stands there.
    """
    case, kind, _epoch = which
    trust = Trust(tx, installation, OpenBook.blank(installation))
    card = trust.card(receiver)
    Proofs(tx, installation, trust, clock).agreed_recovery(case, kind, receiver)
    return card


def open_share(
    tx: Transaction,
    installation: Installation,
    audit: AuditLog,
    clock: Callable[[], int],
    which: Which,
    words: str,
    receiver: bytes,
) -> UUID:
    """A trustee opens their share of one secret, and nothing else; it is sealed at once to the receiver's card; staged.

    Args:
        words: the trustee's 24 words.
        receiver: digest of the receiver's card, proved here from the organisation key down.

    Returns: the trustee's id.

    Raises:
        InvalidInput: the words are no key, or no share of this secret is sealed to them.
        Forbidden, Tampered: as `agreed_receiver` does.
        Frozen: the database was put back, and nobody has accepted that yet.
    """
    case, kind, epoch = which
    audit.check_head(tx)
    card = agreed_receiver(tx, installation, clock, which, receiver)
    try:
        seed = HpkeSeed(from_words(words))
    except CryptoError as error:
        raise InvalidInput({"words": "not-a-key"}) from error
    table = trustee_shares
    rows = tx.all(sa.select(table).where(table.c.case == case, table.c.kind == kind, table.c.epoch == epoch))
    for row in rows:
        try:
            plain = hpke.open_box(
                seed,
                row.trustee.bytes,
                share_context(kind, case, row.trustee, epoch),
                installation.id,
                row.box,
            )
        except CryptoError:
            continue  # somebody else's share
        _stage_for_receiver(tx, installation, which, row.trustee, plain, card)
        audit.note(Note(Act.RECOVERY_SHARE_OPENED, case=case, record=row.trustee, note=kind))
        trustee: UUID = row.trustee
        return trustee
    raise InvalidInput({"words": "no-share-for-these-words"})


def _stage_for_receiver(
    tx: Transaction, installation: Installation, which: Which, trustee: UUID, plain: bytes, card: Card
) -> None:
    case, kind, epoch = which
    receiver, context = card.digest(installation.id), recovered_context(which, trustee)
    box = hpke.seal_box(card.hpke_public, receiver[:16], context, installation.id, plain)
    same = (recovered_shares.c.trustee == trustee, _of(which, receiver))
    tx.stage(sa.delete(recovered_shares).where(*same))
    tx.insert(
        recovered_shares, case=case, kind=kind, epoch=epoch, trustee=trustee, member_card=receiver, box=box
    )


def _of(which: Which, receiver: bytes) -> sa.ColumnElement[bool]:
    case, kind, epoch = which
    table = recovered_shares
    return sa.and_(
        table.c.case == case, table.c.kind == kind, table.c.epoch == epoch, table.c.member_card == receiver
    )


@dataclass
class Recovery:
    """The receiver's side, in a session of their own."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    secrets: Secrets
    audit: AuditLog
    clock: Callable[[], int]

    def combine(self, which: Which) -> VerifiedRoster:
        """Rebuild one secret from the shares that were sealed to the holder, check it, grant it to the holder; staged.

        Raises:
            Conflict: `roster-moved`, this epoch is not the newest any more.
            Forbidden: `too-few-shares`; `not-the-lead`, only a lead can grant, also to themselves.
            Frozen: the database was put back, and nobody has accepted that yet.
            Tampered: the shares do not make the secret that was split.
        """
        case, kind, epoch = which
        roster = self.trust.roster(case)
        if not roster.duties_of(self.holder.card) & MAY_GRANT[kind]:
            raise Forbidden("not-the-lead")
        self.secrets.require_living(case, kind)
        if epoch != epoch_of(roster, kind):
            raise Conflict("roster-moved")
        mine = _of(which, self.holder.card)
        shares = [self._open(row) for row in self.tx.all(sa.select(recovered_shares).where(mine))]
        if not shares or len(shares) < shares[0].k:
            raise Forbidden("too-few-shares")
        secret = self._combined(which, shares)
        self._prove(roster, kind, secret)
        self.secrets.keep(case, kind, epoch, secret)
        self.secrets.grant_own(roster, kind, secret, self.trust.card(self.holder.card).hpke_public)
        self.tx.stage(sa.delete(recovered_shares).where(mine))
        self.audit.note(
            Note(Act.RECOVERY_COMBINED, self.holder.person, case, session=self.holder.session_tag, note=kind)
        )
        return roster

    def _open(self, row: sa.Row[Any]) -> TrusteeShare:
        context = recovered_context((row.case, row.kind, row.epoch), row.trustee)
        try:
            plain = hpke.open_box(
                self.holder.seeds.hpke, self.holder.card[:16], context, self.installation.id, row.box
            )
            return TrusteeShare.decode(plain)
        except CryptoError as error:
            raise Tampered("recovered-share", table="recovered_shares", record=row.case) from error

    def _combined(self, which: Which, shares: list[TrusteeShare]) -> CaseSecret:
        case, kind, epoch = which
        if any((share.case, share.kind, share.epoch) != (case, kind, epoch) for share in shares):
            raise Tampered("share-of-another", table="recovered_shares", record=case)
        try:
            pieces = [sharing.Share(share.index, share.share) for share in shares]
            return sharing.combine(pieces, shares[0].commitment)
        except CryptoError as error:
            raise Tampered("shares-do-not-fit", table="trustee_shares", record=case) from error

    def _prove(self, roster: VerifiedRoster, kind: str, secret: CaseSecret) -> None:
        """A box names no sender, so anybody could have sent shares of a secret of their own.

        The true one opens the private half of the intake key whose public half stands in the signed roster.
        """
        key = roster.intake_key(kind)
        sealed = self.tx.value(sa.select(intake_keys.c.private).where(intake_keys.c.id == key.key_id))
        context = intake_private_context(key.key_id, roster.case, kind)
        try:
            seed = HpkeSeed(
                envelope.open_(derive(secret, "wrap"), context, self.installation.id, sealed or b"", floor=0)
            )
        except CryptoError as error:
            raise Tampered("not-the-secret", table="recovered_shares", record=roster.case) from error
        if hpke.public_of(seed) != key.public:
            raise Tampered("not-the-secret", table="recovered_shares", record=roster.case)
