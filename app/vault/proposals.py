"""What takes two administrators: one proposes and signs, another agrees and signs, and both signatures are proved."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto.objects import Proposal, Seconding, sign_object, verify_object
from app.domain.errors import Conflict, CryptoError, Forbidden, NotFound, Tampered
from app.domain.ids import new_id
from app.store.database import Transaction
from app.store.people import people
from app.store.trust import proposals as table
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.trust import Trust

OPEN_SECONDS: Final = 7 * 24 * 3600
"""How long a proposal waits for another administrator."""
AGREED_SECONDS: Final = 7 * 24 * 3600
"""How long a recovery may be run after two have agreed to it."""
SHOWN: Final = 50
ACCOUNT: Final = sa.select(people).where(people.c.id == sa.bindparam("id"))
PROPOSAL: Final = sa.select(table).where(table.c.id == sa.bindparam("id"))


class Kind(StrEnum):
    """Acts that one administrator alone may not do."""

    ROLE_GIVEN = "role-given"
    ADMINISTRATOR_SHUT_OUT = "administrator-shut-out"
    ADMINISTRATOR_LET_IN = "administrator-let-in"
    RECOVERY = "recovery"


class State(StrEnum):
    WAITING = "waiting"
    AGREED = "agreed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Proposed:
    """A proposal whose signatures were proved; `seconder` and `seconding` are None unless two agreed."""

    proposal: Proposal
    digest: bytes
    proposer: UUID
    state: State
    seconder: UUID | None = None
    seconding: Seconding | None = None

    @property
    def id(self) -> UUID:
        return self.proposal.id

    @property
    def subject(self) -> UUID:
        """A person, or of a recovery the case."""
        return self.proposal.subject

    @property
    def kind(self) -> Kind:
        return Kind(self.proposal.act)

    @property
    def signers(self) -> tuple[bytes, ...]:
        """The cards that signed."""
        return (self.proposal.proposer, *([self.seconding.seconder] if self.seconding else []))

    @property
    def ends(self) -> int:
        """Until when it may be agreed to, or a recovery that was agreed to may be run; seconds since 1970."""
        if self.seconding is not None:
            return self.seconding.issued + AGREED_SECONDS
        return self.proposal.issued + OPEN_SECONDS


@dataclass
class Proofs:
    """What two administrators agreed to, as anybody can prove it from the organisation key down."""

    tx: Transaction
    installation: Installation
    trust: Trust
    clock: Callable[[], int]

    def administrators(self) -> frozenset[UUID]:
        """Who may propose and agree: certified by the organisation key, and not shut out."""
        found = set()
        for row in self.tx.all(sa.select(people).where(people.c.administrator)):
            with suppress(Tampered, Forbidden):
                found.add(self.administrator(row.card))
        return frozenset(found)

    def administrator(self, card: bytes) -> UUID:
        """The person of an administrator's card that is in use.

        Raises:
            Tampered: the card is not what it says it is.
            Forbidden: `not-an-administrator`, the organisation key did not certify it, its owner has another one now, or was
                shut out.
        """
        person = self.trust.card(card).person
        row = self.tx.first(ACCOUNT, id=person)
        if row is None or row.disabled or row.card != card or not self.trust.is_administrator(card):
            raise Forbidden("not-an-administrator")
        return person

    def find(self, proposal: UUID) -> Proposed:
        """Raises NotFound, or Tampered where it is not what was signed."""
        row = self.tx.first(PROPOSAL, id=proposal)
        if row is None:
            raise NotFound("proposal")
        return self._proved(row)

    def newest(self) -> list[Proposed]:
        """The newest ones, in any state; those that somebody altered are left out."""
        rows = self.tx.all(sa.select(table).order_by(table.c.made.desc(), table.c.id).limit(SHOWN))
        return list(self._whole(rows))

    def agreed_recovery(self, case: UUID, secret: str, receiver: bytes) -> Proposed:
        """The agreement by which this secret may now be recovered for this card.

        Raises:
            Forbidden: `no-second-administrator`, there is none that two administrators signed in the last seven days.
        """
        about = (
            table.c.act == Kind.RECOVERY.value,
            table.c.subject == case,
            table.c.state == State.AGREED.value,
        )
        for found in self._whole(self.tx.all(sa.select(table).where(*about))):
            same = (found.proposal.detail, found.proposal.receiver) == (secret, receiver)
            if same and self.clock() <= found.ends and self._still_administrators(found):
                return found
        raise Forbidden("no-second-administrator")

    def _still_administrators(self, found: Proposed) -> bool:
        """Whether neither of the two was shut out, or got another card, since."""
        try:
            for card in found.signers:
                self.administrator(card)
        except Forbidden:
            return False
        return True

    def _whole(self, rows: Any) -> Iterator[Proposed]:
        for row in rows:
            with suppress(Tampered):
                yield self._proved(row)

    def _proved(self, row: sa.Row[Any]) -> Proposed:
        try:
            proposal = Proposal.decode(row.object)
            card = self.trust.card(proposal.proposer)
            verify_object(card.signing_public, row.signature, self.installation.id, proposal)
        except CryptoError as error:
            raise Tampered("proposal", table="proposals", record=row.id) from error
        digest = proposal.digest(self.installation.id)
        written = (row.id, row.digest, row.act, row.subject)
        if written != (proposal.id, digest, proposal.act, proposal.subject):
            raise Tampered("proposal", table="proposals", record=row.id)
        if not self.trust.is_administrator(proposal.proposer):
            raise Tampered("proposal-signer", table="proposals", record=row.id)
        state = State(row.state)
        if state is not State.AGREED:
            return Proposed(proposal, digest, card.person, state)
        seconding, seconder = self._proved_seconding(row, digest, card.person)
        return Proposed(proposal, digest, card.person, state, seconder, seconding)

    def _proved_seconding(self, row: sa.Row[Any], digest: bytes, proposer: UUID) -> tuple[Seconding, UUID]:
        try:
            seconding = Seconding.decode(row.seconding or b"")
            card = self.trust.card(seconding.seconder)
            verify_object(
                card.signing_public, row.seconding_signature or b"", self.installation.id, seconding
            )
        except CryptoError as error:
            raise Tampered("seconding", table="proposals", record=row.id) from error
        by_another = card.person != proposer and self.trust.is_administrator(seconding.seconder)
        if seconding.proposal != digest or not by_another:
            raise Tampered("seconding", table="proposals", record=row.id)
        return seconding, card.person


@dataclass
class Proposals(Proofs):
    """The acts themselves, in an administrator's own session."""

    holder: Holder
    audit: AuditLog

    def propose(self, kind: Kind, subject: UUID, detail: str = "", receiver: bytes | None = None) -> UUID:
        """Sign a proposal; staged. Nothing happens until another administrator agrees.

        Raises:
            Forbidden: `not-an-administrator`; `no-second-administrator`, nobody could ever agree.
            Conflict: `proposed-already`, the same waits.
        """
        self.administrator(self.holder.card)
        if self.administrators() == {self.holder.person}:
            raise Forbidden("no-second-administrator")
        if self._waits_already(kind, subject, detail, receiver):
            raise Conflict("proposed-already")
        proposal = Proposal(new_id(), kind.value, subject, detail, receiver, self.holder.card, self.clock())
        digest = proposal.digest(self.installation.id)
        self.tx.insert(
            table,
            id=proposal.id,
            digest=digest,
            act=kind.value,
            subject=subject,
            state=State.WAITING.value,
            made=proposal.issued,
            object=proposal.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, proposal),
        )
        self._note(Act.PROPOSED, proposal, digest)
        return proposal.id

    def _waits_already(self, kind: Kind, subject: UUID, detail: str, receiver: bytes | None) -> bool:
        about = (table.c.subject == subject, table.c.state == State.WAITING.value)
        wanted = (kind.value, detail, receiver)
        return any(
            (found.proposal.act, found.proposal.detail, found.proposal.receiver) == wanted
            and self.clock() <= found.ends
            for found in self._whole(self.tx.all(sa.select(table).where(*about)))
        )

    def second(self, proposal: UUID) -> Proposed:
        """Agree to what another administrator proposed; staged. Whoever calls does in the same commit what was agreed to.

        Raises:
            Forbidden: `you-proposed-it`; `not-an-administrator`, of the holder, or of the proposer by now.
            Conflict: `proposal-over`, it waited too long, was taken back, or has been agreed to, here or at the commit.
        """
        found = self.find(proposal)
        if found.proposer == self.administrator(self.holder.card):
            raise Forbidden("you-proposed-it")
        self.administrator(found.proposal.proposer)
        now = self.clock()
        if found.state is not State.WAITING or now > found.ends:
            raise Conflict("proposal-over")
        seconding = Seconding(found.digest, self.holder.card, now)
        self._move(
            proposal,
            State.AGREED,
            seconding=seconding.encode(),
            seconding_signature=sign_object(self.holder.seeds.signing, self.installation.id, seconding),
        )
        self._note(Act.PROPOSAL_SECONDED, found.proposal, seconding.digest(self.installation.id))
        return replace(found, state=State.AGREED, seconder=self.holder.person, seconding=seconding)

    def withdraw(self, proposal: UUID) -> None:
        """Take a proposal back, one's own or another's; staged. Raises Conflict (`proposal-over`) at the commit if it waits no longer."""
        found = self.find(proposal)
        self.administrator(self.holder.card)
        self._move(proposal, State.WITHDRAWN)
        self._note(Act.PROPOSAL_WITHDRAWN, found.proposal, found.digest)

    def _move(self, proposal: UUID, to: State, **values: Any) -> None:
        waits = (table.c.id == proposal, table.c.state == State.WAITING.value)
        self.tx.stage(
            sa.update(table).where(*waits).values(state=to.value, **values), rows=1, conflict="proposal-over"
        )

    def _note(self, act: Act, proposal: Proposal, digest: bytes) -> None:
        case = proposal.subject if proposal.act == Kind.RECOVERY else None
        about = None if case else proposal.subject
        tag = self.holder.session_tag
        self.audit.note(
            Note(act, self.holder.person, case, about, digest=digest, session=tag, note=proposal.act)
        )
