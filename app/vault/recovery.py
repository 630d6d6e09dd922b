"""Recovery by trustees: each opens one share, on paper words, for one receiver; the receiver's session combines them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import hpke, sharing
from app.crypto.context import Context
from app.crypto.keys import CaseSecret, HpkeSeed
from app.crypto.objects import TrusteeShare
from app.crypto.words import from_words
from app.domain.errors import CryptoError, Forbidden, InvalidInput, NotFound, Refused, Tampered
from app.store import people as people_tables
from app.store.database import Transaction
from app.store.keys import recovered_shares, trustee_shares
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.secrets import MAY_GRANT, Secrets, share_context
from app.vault.trust import Trust, VerifiedRoster, decode_card

Which = tuple[UUID, str, int]
"""Case, kind of secret, epoch."""


def recovered_context(which: Which, trustee: UUID) -> Context:
    case, kind, epoch = which
    return Context("recovered_shares", kind, case, trustee, epoch)


def open_share(
    tx: Transaction, installation: Installation, audit: AuditLog, which: Which, words: str, receiver: bytes
) -> UUID:
    """A trustee opens their share of one secret, and nothing else; it is sealed at once to the receiver's card; staged.

    Args:
        words: the trustee's 24 words.
        receiver: digest of the receiver's card. Whether it is vouched for is proved when the receiver combines.

    Returns: the trustee's id.

    Raises:
        InvalidInput: the words are no key, or no share of this secret is sealed to them.
    """
    case, kind, epoch = which
    try:
        seed = HpkeSeed(from_words(words))
    except CryptoError as error:
        raise InvalidInput({"words": "not-a-key"}) from error
    table = trustee_shares
    rows = tx.all(sa.select(table).where(table.c.case == case, table.c.kind == kind, table.c.epoch == epoch))
    for row in rows:
        try:
            plain = hpke.open_box(
                seed, row.trustee.bytes, share_context(kind, case, row.trustee, epoch), installation.id, row.box
            )
        except Refused:
            continue  # somebody else's share
        _stage_for_receiver(tx, installation, which, row.trustee, plain, receiver)
        audit.note(Note(Act.RECOVERY_SHARE_OPENED, case=case, record=row.trustee, note=kind))
        trustee: UUID = row.trustee
        return trustee
    raise InvalidInput({"words": "no-share-for-these-words"})


def _stage_for_receiver(
    tx: Transaction, installation: Installation, which: Which, trustee: UUID, plain: bytes, receiver: bytes
) -> None:
    card_row = tx.first(sa.select(people_tables.cards).where(people_tables.cards.c.digest == receiver))
    if card_row is None:
        raise NotFound("card")
    public = decode_card(card_row.object).hpke_public
    box = hpke.seal_box(public, receiver[:16], recovered_context(which, trustee), installation.id, plain)
    case, kind, epoch = which
    same = (
        recovered_shares.c.case == case,
        recovered_shares.c.kind == kind,
        recovered_shares.c.epoch == epoch,
        recovered_shares.c.trustee == trustee,
        recovered_shares.c.member_card == receiver,
    )
    tx.stage(sa.delete(recovered_shares).where(*same))
    tx.stage(
        sa.insert(recovered_shares).values(
            case=case, kind=kind, epoch=epoch, trustee=trustee, member_card=receiver, box=box
        )
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
            Forbidden: `too-few-shares`; `not-the-lead`, only a lead can grant, also to themselves.
            Tampered: the shares do not make the secret that was split.
        """
        case, kind, epoch = which
        roster = self.trust.roster(case)
        if not roster.duties_of(self.holder.card) & MAY_GRANT[kind]:
            raise Forbidden("not-the-lead")
        shares = [self._open(row) for row in self._rows(which)]
        if not shares or len(shares) < shares[0].k:
            raise Forbidden("too-few-shares")
        secret = self._combined(which, shares)
        self.secrets.keep(case, kind, epoch, secret)
        self.secrets.grant_own(roster, kind, secret, self.trust.card(self.holder.card).hpke_public)
        self.tx.stage(
            sa.delete(recovered_shares).where(
                recovered_shares.c.case == case, recovered_shares.c.member_card == self.holder.card
            )
        )
        self.audit.note(
            Note(Act.RECOVERY_COMBINED, self.holder.person, case, session=self.holder.session_tag, note=kind)
        )
        return roster

    def _rows(self, which: Which) -> list[sa.Row[Any]]:
        case, kind, epoch = which
        table = recovered_shares
        return list(
            self.tx.all(
                sa.select(table).where(
                    table.c.case == case,
                    table.c.kind == kind,
                    table.c.epoch == epoch,
                    table.c.member_card == self.holder.card,
                )
            )
        )

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
        pieces = [sharing.Share(share.index, share.share) for share in shares]
        try:
            return sharing.combine(pieces, shares[0].commitment)
        except CryptoError as error:
            raise Tampered("shares-do-not-fit", table="trustee_shares", record=case) from error
