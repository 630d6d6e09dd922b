"""Who works on a case: charters, rosters, the secrets made with them, and their rotation when somebody leaves."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope, hpke
from app.crypto.keys import CaseSecret, HpkeSeed, SecretKey, derive
from app.crypto.objects import Charter, IntakeKey, Member, Roster, RosterMark, sign_object
from app.domain.duties import IDENTITY_DUTIES, RELEASE_DUTIES, Duty
from app.domain.errors import Conflict, CryptoError, Forbidden, Frozen, NotFound, Tampered
from app.domain.ids import NIL, new_id
from app.store import cases as case_tables
from app.store import keys as key_tables
from app.store import trust as tables
from app.store.database import Transaction
from app.vault.book import OpenBook
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.records import ADOPTED, Records, intake_private_context
from app.vault.secrets import CASE, IDENTITY, MAY_OPEN, RELEASE, Secrets, kinds_for, link_context
from app.vault.trust import ROSTER_PATH, Trust, VerifiedRoster

CASE_ZERO: Final = NIL
"""The case whose members hold the release key; it has no statements."""
REWRAPS_PER_REQUEST: Final = 500

Duties = Mapping[bytes, frozenset[Duty]]
"""Card digest -> duties."""


@dataclass(frozen=True)
class Dispute:
    """Two lists of one case's people that cannot both be its newest.

    `seen`: the mark in the holder's book; `kept`: that very list, where the database still has it; `stored`: the newest that
    the database proves from the charter on, without the book.
    """

    seen: RosterMark
    kept: VerifiedRoster | None
    stored: VerifiedRoster | None


@dataclass
class Casework:
    """Acts on charters and rosters in the holder's name."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    secrets: Secrets
    records: Records
    audit: AuditLog
    clock: Callable[[], int]

    # Beginning

    def charter(self, case: UUID, code: str, lead: bytes) -> None:
        """Name a case and its first lead, as an administrator; staged. Reads nothing, opens nothing.

        Raises:
            Forbidden: `not-an-administrator`, the organisation key certified the holder as none; `administrators-never`,
                it certified the lead as one.
            Tampered: nobody vouched for the lead's card.
        """
        if not self.trust.is_administrator(self.holder.card):
            raise Forbidden("not-an-administrator")
        lead_card = self.trust.card(lead)
        if not self.trust.is_colleague(lead):
            raise Forbidden("administrators-never")
        _policy, policy_digest = self.trust.policy()
        charter = Charter(case=case, lead=lead, policy=policy_digest, issued=self.clock())
        digest = charter.digest(self.installation.id)
        self.tx.insert(
            tables.charters,
            case=case,
            digest=digest,
            administrator_card=self.holder.card,
            object=charter.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, charter),
        )
        self.tx.insert(case_tables.cases, id=case, code=code, opened=self.clock())
        self._stage_membership(case, lead_card.person)
        self.audit.note(Note(Act.CASE_CHARTERED, self.holder.person, case, lead_card.person, digest=digest))

    def open_case(self, case: UUID, duties: Duties) -> VerifiedRoster:
        """Roster 1, as the charter's lead: makes the secrets and intake keys, grants them, splits them; staged.

        Raises:
            Forbidden: the charter names somebody else.
            Tampered: a member's card is not vouched for.
        """
        charter, charter_digest = self.trust.charter(case)
        if charter.lead != self.holder.card:
            raise Forbidden("not-the-lead")
        policy, policy_digest = self.trust.policy()
        secrets = {CASE: CaseSecret.generate(), IDENTITY: CaseSecret.generate()}
        intake = tuple(self._new_intake_key(case, kind, 1, secrets[kind]) for kind in (CASE, IDENTITY))
        roster = self._sign(
            Roster(
                case=case,
                era=self._era(),
                number=1,
                epoch=1,
                identity_epoch=1,
                identity_epoch_pending=0,
                previous=None,
                policy=policy_digest,
                charter=charter_digest,
                members=_members(self._with_lead(duties)),
                intake_keys=intake,
                signer=self.holder.card,
                issued=self.clock(),
            )
        )
        for kind, secret in secrets.items():
            self.secrets.split(policy, case, kind, 1, secret)
            self.secrets.keep(case, kind, 1, secret)
        self._grant_missing(roster, secrets, before=None)
        self._note(Act.CASE_OPENED, roster)
        return roster

    def _with_lead(self, duties: Duties) -> dict[bytes, frozenset[Duty]]:
        held = dict(duties)
        held[self.holder.card] = held.get(self.holder.card, frozenset()) | {Duty.LEAD}
        return held

    def _new_intake_key(self, case: UUID, kind: str, epoch: int, secret: CaseSecret) -> IntakeKey:
        key_id, seed = new_id(), HpkeSeed.generate()
        public = hpke.public_of(seed)
        private = envelope.seal(
            derive(secret, "wrap"),
            key_id,
            intake_private_context(key_id, case, kind),
            self.installation.id,
            seed.reveal(),
            floor=0,
        )
        self.tx.insert(
            key_tables.intake_keys,
            id=key_id,
            case=case,
            kind=kind,
            public=public,
            epoch=epoch,
            private=private,
        )
        return IntakeKey(kind, key_id, public)

    # Changing

    def change_roster(self, case: UUID, expected: bytes, duties: Duties) -> VerifiedRoster:
        """The next roster, as a lead; staged. Who leaves or stops reading makes the case's secret rotate.

        Args:
            expected: digest of the roster that the lead was looking at.

        Raises:
            Conflict: `roster-moved`, somebody signed another one meanwhile; `no-lead`.
            Forbidden: the holder does not lead this case.
        """
        current = self.trust.roster(case)
        if current.digest != expected:
            raise Conflict("roster-moved")
        if Duty.LEAD not in current.duties_of(self.holder.card):
            raise Forbidden("lacks-duty")
        if not any(Duty.LEAD in held for held in duties.values()):
            raise Conflict("no-lead")
        _policy, policy_digest = self.trust.policy()
        following = replace(
            current.roster,
            era=self._era(),
            number=current.roster.number + 1,
            previous=current.digest,
            policy=policy_digest,
            members=_members(duties),
            signer=self.holder.card,
            issued=self.clock(),
        )
        secrets = self._current_secrets(current)
        if _loses_a_reader(current, duties):
            return self._rotate(current, following, secrets)
        roster = self._sign(following)
        self._grant_missing(roster, secrets, before=current)
        self._note(Act.ROSTER_CHANGED, roster)
        return roster

    def _current_secrets(self, roster: VerifiedRoster) -> dict[str, SecretKey]:
        """Those that the holder can grant on: always the case's; a custodian, or who recovered it, also the identities'."""
        secrets: dict[str, SecretKey] = {CASE: self.secrets.current(roster.case, CASE)[1]}
        with suppress(Forbidden):
            secrets[IDENTITY] = self.secrets.current(roster.case, IDENTITY)[1]
        return secrets

    def _rotate(
        self, current: VerifiedRoster, following: Roster, secrets: Mapping[str, SecretKey]
    ) -> VerifiedRoster:
        """A new epoch: new secret, old one wrapped under it so that nobody waits, new intake key, grants to who stays."""
        case, epoch = current.case, current.roster.epoch + 1
        old, new = secrets[CASE], CaseSecret.generate()
        link = envelope.seal(
            derive(new, "wrap"),
            NIL,
            link_context(CASE, case, current.roster.epoch),
            self.installation.id,
            old.reveal(),
            floor=0,
        )
        self.tx.insert(key_tables.epoch_links, case=case, kind=CASE, epoch=current.roster.epoch, wrap=link)
        fresh = self._new_intake_key(case, CASE, epoch, new)
        kept = tuple(key for key in following.intake_keys if key.kind == IDENTITY)
        lost_custodian = _loses(current, following, IDENTITY_DUTIES)
        roster = self._sign(
            replace(
                following,
                epoch=epoch,
                identity_epoch_pending=int(lost_custodian or bool(following.identity_epoch_pending)),
                intake_keys=(fresh, *kept),
            )
        )
        policy, _digest = self.trust.policy()
        self.secrets.split(policy, case, CASE, epoch, new)
        self.secrets.keep(case, CASE, epoch, new)
        self._grant_missing(roster, {**secrets, CASE: new}, before=current, renewed=frozenset({CASE}))
        self._drop_lost_grants(current, roster)
        self._note(Act.ROTATED, roster)
        return roster

    def _drop_lost_grants(self, before: VerifiedRoster, after: VerifiedRoster) -> None:
        """Whoever left, or has no duty any more that a secret is for, loses its grants at once."""
        table = tables.grants
        for member in before.roster.members:
            held = after.duties_of(member.card)
            by_duty = kinds_for(before.duties_of(member.card)) - kinds_for(held)
            lost = [kind for kind, duties in MAY_OPEN.items() if kind in by_duty or not held & duties]
            self.tx.stage(
                sa.delete(table).where(
                    table.c.case == after.case, table.c.member_card == member.card, table.c.kind.in_(lost)
                )
            )
            if not held:
                self._drop_membership(after.case, self.trust.card(member.card).person)

    def _drop_membership(self, case: UUID, person: UUID) -> None:
        table = tables.memberships
        self.tx.stage(sa.delete(table).where(table.c.case == case, table.c.person == person))

    def rewrap(self, case: UUID, limit: int = REWRAPS_PER_REQUEST) -> int:
        """Bring up to `limit` record keys of earlier epochs under the newest secret; staged. How many are left after.

        When none is left, the links to earlier epochs and their grants go: what they opened is opened by the newest alone.
        """
        epoch, secret = self.secrets.current(case, CASE)
        older = _older_keys(case, epoch)
        done = self.records.take_over(case, CASE, older, limit)
        left = int(self.tx.value(sa.select(sa.func.count()).where(older))) - len(done)
        if left == 0:
            self._rewrap_intake_keys(case, epoch, secret)
            self._forget_older_epochs(case, epoch)
        if done:
            self.audit.note(Note(Act.RECORDS_REWRAPPED, self.holder.person, case, version=epoch))
        return left

    def _rewrap_intake_keys(self, case: UUID, epoch: int, secret: CaseSecret) -> None:
        """Late statements may still arrive for an earlier intake key; its private half moves under the newest secret."""
        table = key_tables.intake_keys
        for row in self.tx.all(sa.select(table).where(_older_intake_keys(case, epoch))):
            try:
                seed = self.records.intake_private(case, row.id, CASE)
            except Tampered:
                continue  # it keeps the link to its epoch, as a record's key does
            context = intake_private_context(row.id, case, CASE)
            private = envelope.seal(
                derive(secret, "wrap"), row.id, context, self.installation.id, seed.reveal(), floor=0
            )
            same = (table.c.id == row.id, table.c.epoch == row.epoch)
            self.tx.stage(sa.update(table).where(*same).values(epoch=epoch, private=private))

    def _forget_older_epochs(self, case: UUID, epoch: int) -> None:
        """The grants first: whoever seals under one holds it, and what they sealed then keeps its link."""
        links, grants = key_tables.epoch_links, tables.grants
        self.tx.stage(
            sa.delete(grants).where(grants.c.case == case, grants.c.kind == CASE, grants.c.epoch < epoch)
        )
        needed = sa.exists().where(_older_keys(case, epoch)) | sa.exists().where(
            _older_intake_keys(case, epoch)
        )
        self.tx.stage(
            sa.delete(links).where(links.c.case == case, links.c.kind == CASE, links.c.epoch < epoch, ~needed)
        )

    # Stopped

    def dispute(self, case: UUID) -> Dispute:
        """What the holder has seen of a stopped case beside what the database shows; opens nothing, learns nothing.

        Raises:
            NotFound: the holder has never seen a list of this case.
        """
        seen = self.trust.book.roster_mark(case)
        if seen is None:
            raise NotFound("roster")
        proofs = Trust(self.tx, self.installation, OpenBook.blank(self.installation))
        stored = None
        with suppress(NotFound, Frozen, Tampered):
            stored = proofs.stored_roster(case)
        return Dispute(seen, self._kept(seen), stored)

    def _kept(self, seen: RosterMark) -> VerifiedRoster | None:
        """The list that a mark names. Its digest is proof enough: the book took it from a proved chain."""
        row = self.tx.first(sa.select(tables.rosters.c.object).where(tables.rosters.c.digest == seen.digest))
        with suppress(CryptoError):
            roster = Roster.decode(row.object if row else b"")
            if roster.digest(self.installation.id) == seen.digest:
                return VerifiedRoster(roster, seen.digest)
        return None

    # Release key

    def grant_release(self, card: bytes) -> None:
        """Give the release key on to a publisher of case 0; staged."""
        roster = self.trust.roster(CASE_ZERO)
        _epoch, seed = self.secrets.current(CASE_ZERO, RELEASE)
        self.secrets.grant(roster, RELEASE, seed, self.trust.card(card), card)

    def change_publishers(self, duties: Duties) -> VerifiedRoster:
        """The next roster of case 0, as its lead; its publishers get the release key; staged."""
        current = self.trust.roster(CASE_ZERO)
        if Duty.LEAD not in current.duties_of(self.holder.card):
            raise Forbidden("lacks-duty")
        if not any(Duty.LEAD in held for held in duties.values()):
            raise Conflict("no-lead")
        _epoch, seed = self.secrets.current(CASE_ZERO, RELEASE)
        roster = self._sign(
            replace(
                current.roster,
                era=self._era(),
                number=current.roster.number + 1,
                previous=current.digest,
                members=_members(duties),
                signer=self.holder.card,
                issued=self.clock(),
            )
        )
        for card, held in duties.items():
            if held & RELEASE_DUTIES and not current.duties_of(card) & RELEASE_DUTIES:
                self.secrets.grant(roster, RELEASE, seed, self.trust.card(card), card)
        self._drop_lost_grants(current, roster)
        self._note(Act.ROSTER_CHANGED, roster)
        return roster

    # Parts

    def _note(self, act: Act, roster: VerifiedRoster) -> None:
        """The log's newest line of a case's rosters tells which one is in force."""
        case, number = roster.case, roster.roster.number
        self.audit.note(Note(act, self.holder.person, case, case, ROSTER_PATH, number, digest=roster.digest))

    def _sign(self, roster: Roster) -> VerifiedRoster:
        """Raises Forbidden (`administrators-never`) where somebody on it may hold no duty at all."""
        digest = roster.digest(self.installation.id)
        people = [self.trust.card(member.card).person for member in roster.members]
        if not all(self.trust.is_colleague(member.card) for member in roster.members):
            raise Forbidden("administrators-never")
        self.tx.insert(
            tables.rosters,
            digest=digest,
            case=roster.case,
            era=roster.era,
            number=roster.number,
            signer_card=self.holder.card,
            object=roster.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, roster),
        )
        for person in people:
            self._stage_membership(roster.case, person)
        verified = VerifiedRoster(roster, digest)
        self.trust.adopt_own(verified)
        return verified

    def _stage_membership(self, case: UUID, person: UUID) -> None:
        table = tables.memberships
        self.tx.stage(sa.delete(table).where(table.c.case == case, table.c.person == person))
        self.tx.insert(table, case=case, person=person)

    def _grant_missing(
        self,
        roster: VerifiedRoster,
        secrets: Mapping[str, SecretKey],
        before: VerifiedRoster | None,
        renewed: frozenset[str] = frozenset(),
    ) -> None:
        """Grant each reader what their duties need and they do not have yet; everybody anew where a secret is `renewed`.

        Raises:
            Forbidden: `custodian-must-grant`, a new custodian needs a secret that only a custodian can give on.
        """
        for member in roster.roster.members:
            had = kinds_for(before.duties_of(member.card)) - renewed if before else frozenset()
            for kind in sorted(kinds_for(roster.duties_of(member.card)) - had):
                if kind not in secrets:
                    raise Forbidden("custodian-must-grant")
                self.secrets.grant(roster, kind, secrets[kind], self.trust.card(member.card), member.card)

    def _era(self) -> int:
        return int(self.tx.value(sa.select(tables.installation.c.era)))


def _older_keys(case: UUID, epoch: int) -> sa.ColumnElement[bool]:
    table = key_tables.record_keys
    return sa.and_(
        table.c.case == case, table.c.kind == CASE, table.c.state == ADOPTED, table.c.epoch < epoch
    )


def _older_intake_keys(case: UUID, epoch: int) -> sa.ColumnElement[bool]:
    table = key_tables.intake_keys
    return sa.and_(table.c.case == case, table.c.kind == CASE, table.c.epoch < epoch)


def _members(duties: Duties) -> tuple[Member, ...]:
    return tuple(Member(card, tuple(sorted(held))) for card, held in duties.items() if held)


def _loses_a_reader(current: VerifiedRoster, duties: Duties) -> bool:
    """Whether somebody who reads now would read no longer."""
    for member in current.roster.members:
        reads_now = kinds_for(current.duties_of(member.card))
        if reads_now - kinds_for(duties.get(member.card, frozenset())):
            return True
    return False


def _loses(current: VerifiedRoster, following: Roster, duties: frozenset[Duty]) -> bool:
    """Whether one of these duties is taken from somebody."""
    after = VerifiedRoster(following, b"")
    held = (member.card for member in current.roster.members if current.duties_of(member.card) & duties)
    return any(not after.duties_of(card) & duties for card in held)
