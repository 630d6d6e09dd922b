"""What can be proved from the anchor down: certificates, policy, cards, vouches, charters and rosters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto.objects import (
    BookIntakeKey,
    Card,
    Charter,
    IntakeKey,
    Policy,
    Roster,
    RosterMark,
    Vouch,
    verify_object,
)
from app.crypto.signing import verify
from app.domain.duties import Duty
from app.domain.errors import CryptoError, Frozen, NotFound, Tampered
from app.domain.ids import NIL
from app.store import people
from app.store import trust as tables
from app.store.database import Transaction
from app.store.log import entries
from app.vault.book import OpenBook
from app.vault.installation import Installation, certificates

ADMINISTRATOR: Final = "administrator"
LEAD: Final = "lead"
ANCHOR: Final = NIL
"""Stands for the organisation key where a founder's voucher is asked for."""

CARD: Final = sa.select(people.cards).where(people.cards.c.digest == sa.bindparam("digest"))
NEWEST_ROSTER: Final = (
    sa.select(tables.rosters)
    .where(tables.rosters.c.case == sa.bindparam("of_case"))
    .order_by(tables.rosters.c.era.desc(), tables.rosters.c.number.desc())
    .limit(1)
)

ROSTER_PATH: Final = "rosters.roster"
"""A roster's name in the log, whose newest line tells which one is in force."""
LOGGED_ROSTER: Final = (
    sa.select(entries.c.object_digest)
    .where(entries.c.record == sa.bindparam("record"), entries.c.field == ROSTER_PATH)
    .order_by(entries.c.sequence.desc())
    .limit(1)
)

decode_card = lru_cache(1024)(Card.decode)
decode_roster = lru_cache(256)(Roster.decode)


@dataclass(frozen=True)
class VerifiedRoster:
    """The newest roster of a case, proved from the charter on."""

    roster: Roster
    digest: bytes

    @property
    def case(self) -> UUID:
        return self.roster.case

    def duties_of(self, card: bytes) -> frozenset[Duty]:
        for member in self.roster.members:
            if member.card == card:
                return frozenset(Duty(duty) for duty in member.duties)
        return frozenset()

    def intake_key(self, kind: str) -> IntakeKey:
        for key in self.roster.intake_keys:
            if key.kind == kind:
                return key
        raise NotFound("intake-key")

    @property
    def mark(self) -> RosterMark:
        return RosterMark(self.roster.case, self.roster.era, self.roster.number, self.digest)


@dataclass
class Trust:
    """Proves objects once and remembers them in the holder's book; what cannot be proved does not exist."""

    tx: Transaction
    installation: Installation
    book: OpenBook
    _rosters: dict[UUID, VerifiedRoster] = field(default_factory=dict)
    _certified: dict[bytes, str] | None = None
    _at_hand: dict[bytes, bytes] = field(default_factory=dict)
    _colleagues: set[bytes] = field(default_factory=set)

    # Cards

    def founders(self) -> dict[bytes, str]:
        """Card digest -> `administrator` or `lead`, for every card that the organisation key certified."""
        if self._certified is None:
            certified = certificates(self.tx, self.installation.id, self.installation.anchor)
            self._certified = {subject: kind for kind, subject in certified if kind in {ADMINISTRATOR, LEAD}}
        return self._certified

    def is_administrator(self, card: bytes) -> bool:
        """Whether the organisation key certified this card, or one that it succeeds, as an administrator's."""
        if card in self.founders():
            return self.founders()[card] == ADMINISTRATOR
        previous = self.card(card).previous
        return previous is not None and self.is_administrator(previous)

    def hand(self, digest: bytes, encoded: bytes) -> None:
        """Spare a query for a card that was read with something else; it is proved like any other."""
        self._at_hand[digest] = encoded

    def card(self, digest: bytes) -> Card:
        """A card that signed itself and is certified, vouched for, or the successor of one that is.

        Raises:
            Tampered: `card` the stored bytes are not that card; `card-unvouched` nobody who may has vouched for it;
                `card-forked` its owner has another one under the same number.
        """
        return self._card(digest, frozenset())

    def _card(self, digest: bytes, path: frozenset[bytes]) -> Card:
        if self.book.has_verified(digest) and digest in self._at_hand:
            known = decode_card(self._at_hand[digest])
            if known.digest(self.installation.id) == digest:
                return known
        row = self.tx.first(CARD, digest=digest)
        if row is None:
            raise Tampered("card-missing", table="cards", record=NIL)
        card = self._decoded_card(row)
        if card.digest(self.installation.id) != digest:
            raise Tampered("card", table="cards", record=card.person)
        if not self.book.has_verified(digest):
            self._prove_card(card, digest, row, path)
            self._learn_card(card, digest)
        return card

    def _decoded_card(self, row: sa.Row[Any]) -> Card:
        try:
            return decode_card(row.object)
        except CryptoError as error:
            raise Tampered("card", table="cards", record=row.person) from error

    def _learn_card(self, card: Card, digest: bytes) -> None:
        """Remember it; a second card of a person under the same number is somebody else's."""
        known = self.book.card_of(card.person)
        newest = card if known in {None, digest} else self.card(known)
        if newest is not card and newest.number == card.number:
            raise Tampered("card-forked", table="cards", record=card.person)
        self.book.learn_verified([digest])
        if newest.number <= card.number:
            self.book.learn_card(card.person, digest)

    def _prove_card(self, card: Card, digest: bytes, row: sa.Row[Any], path: frozenset[bytes]) -> None:
        try:
            verify_object(card.signing_public, row.signature, self.installation.id, card)
        except CryptoError as error:
            raise Tampered("card-signature", table="cards", record=card.person) from error
        if digest in self.founders() or self._succeeds(card, row, path | {digest}):
            return
        if next(self._vouchers(digest, path | {digest}), None) is None:
            raise Tampered("card-unvouched", table="cards", record=card.person)

    def _succeeds(self, card: Card, row: sa.Row[Any], path: frozenset[bytes]) -> bool:
        if not card.previous or row.previous_signature is None or card.previous in path:
            return False
        try:
            previous = self._card(card.previous, path)
            verify(
                previous.signing_public,
                row.previous_signature,
                Card.TYPE,
                self.installation.id,
                card.encode(),
            )
        except (CryptoError, Tampered):
            return False
        return previous.person == card.person and previous.number + 1 == card.number

    def _vouchers(self, digest: bytes, path: frozenset[bytes]) -> Iterator[Card]:
        """Cards of people, never administrators, whose vouch for this card verifies."""
        for row in self.tx.all(sa.select(people.vouches).where(people.vouches.c.card == digest)):
            try:
                vouch = Vouch.decode(row.object)
                if vouch.card != digest or vouch.voucher in path:
                    continue
                voucher = self._card(vouch.voucher, path)
                verify_object(voucher.signing_public, row.signature, self.installation.id, vouch)
                if not self._is_colleague(vouch.voucher, path):
                    continue
            except (CryptoError, Tampered):
                continue  # a forged vouch counts for nothing; another one may be true
            yield voucher

    def is_colleague(self, digest: bytes) -> bool:
        """Whether a card is somebody's who may hold a duty, or vouch: never an administrator's.

        Proved by what stands there now, not by what the book remembers: that an administrator is one, a certificate alone
        says, and whoever deleted that row would make a colleague of them.
        """
        return self._is_colleague(digest, frozenset())

    def _is_colleague(self, digest: bytes, path: frozenset[bytes]) -> bool:
        if digest not in self._colleagues and self._stands_as_colleague(digest, path | {digest}):
            self._colleagues.add(digest)
        return digest in self._colleagues

    def _stands_as_colleague(self, digest: bytes, path: frozenset[bytes]) -> bool:
        if digest in self.founders():
            return self.founders()[digest] == LEAD
        row = self.tx.first(CARD, digest=digest)
        if row is None:
            return False
        card = self._decoded_card(row)
        if card.previous and self._succeeds(card, row, path):
            return self._is_colleague(card.previous, path)
        return next(self._vouchers(digest, path), None) is not None

    def is_vouched(self, digest: bytes) -> bool:
        try:
            self.card(digest)
        except Tampered:
            return False
        return True

    def vouchers_of(self, digest: bytes) -> frozenset[UUID]:
        """Who vouched for a card: ids of people; `ANCHOR` for a founder."""
        people_ids = {voucher.person for voucher in self._vouchers(digest, frozenset({digest}))}
        card = self.card(digest)
        if digest in self.founders():
            people_ids.add(ANCHOR)
        if card.previous:
            people_ids |= self.vouchers_of(card.previous)
        return frozenset(people_ids)

    def adopt_vouched(self, card: Card, digest: bytes) -> None:
        """Take a card that the holder has just vouched for, before the vouch can be read back.

        Raises:
            Tampered: `card-forked`, its owner has another one under the same number.
        """
        self._learn_card(card, digest)
        self._colleagues.add(digest)

    # Policy and charters

    def policy(self) -> tuple[Policy, bytes]:
        """The newest policy that the organisation key signed, with its digest; never older than the book's."""
        row = self.tx.first(sa.select(tables.policies).order_by(tables.policies.c.number.desc()).limit(1))
        if row is None:
            raise Tampered("policy-missing", table="policies", record=NIL)
        policy = self._decoded_policy(row)
        digest = policy.digest(self.installation.id)
        known_number, known_digest = self.book.policy
        if policy.number < known_number or (policy.number == known_number and digest != known_digest):
            raise Frozen("policy-rolled-back")
        if not self.book.has_verified(digest):
            try:
                verify_object(self.installation.anchor, row.signature, self.installation.id, policy)
            except CryptoError as error:
                raise Tampered("policy", table="policies", record=NIL) from error
            self.book.learn_verified([digest])
        self.book.learn_policy(policy.number, digest)
        return policy, digest

    def policy_number(self, digest: bytes) -> int:
        """The number of the policy with this digest. Raises Tampered if there is none."""
        row = self.tx.first(sa.select(tables.policies).where(tables.policies.c.digest == digest))
        if row is None:
            raise Tampered("policy-missing", table="policies", record=NIL)
        policy = self._decoded_policy(row)
        if policy.digest(self.installation.id) != digest:
            raise Tampered("policy", table="policies", record=NIL)
        return policy.number

    def _decoded_policy(self, row: sa.Row[Any]) -> Policy:
        try:
            return Policy.decode(row.object)
        except CryptoError as error:
            raise Tampered("policy", table="policies", record=NIL) from error

    def charter(self, case: UUID) -> tuple[Charter, bytes]:
        """The case's charter, signed by an administrator whom the organisation key certified."""
        row = self.tx.first(sa.select(tables.charters).where(tables.charters.c.case == case))
        if row is None:
            raise NotFound("charter")
        try:
            charter = Charter.decode(row.object)
        except CryptoError as error:
            raise Tampered("charter", table="charters", record=case) from error
        if charter.case != case:
            raise Tampered("charter", table="charters", record=case)
        digest = charter.digest(self.installation.id)
        if not self.book.has_verified(digest):
            self._prove_charter(charter, row)
            self.book.learn_verified([digest])
        return charter, digest

    def _prove_charter(self, charter: Charter, row: sa.Row[Any]) -> None:
        administrator = self.card(row.administrator_card)
        if not self.is_administrator(row.administrator_card):
            raise Tampered("charter-signer", table="charters", record=charter.case)
        try:
            verify_object(administrator.signing_public, row.signature, self.installation.id, charter)
        except CryptoError as error:
            raise Tampered("charter", table="charters", record=charter.case) from error

    # Rosters

    def roster(self, case: UUID) -> VerifiedRoster:
        """The newest roster of a case.

        Raises:
            NotFound: the case has none.
            Frozen: `fork` another roster stands under a number that the book knows; `roster-rolled-back` the book
                knows a newer one than the database.
            Tampered: a link of the chain does not verify.
        """
        if case not in self._rosters:
            self._rosters[case] = self._read_roster(case)
        return self._rosters[case]

    def _read_roster(self, case: UUID) -> VerifiedRoster:
        verified = self.stored_roster(case)
        self._require_newest(verified)
        self.book.learn_roster(verified.mark, _book_keys(verified.roster))
        return verified

    def stored_roster(self, case: UUID) -> VerifiedRoster:
        """The newest roster that the database proves, also where the log tells of a newer one; nothing is learnt.

        Raises: as `roster`.
        """
        newest = self.tx.first(NEWEST_ROSTER, of_case=case)
        known = self.book.roster_mark(case)
        if newest is None:
            raise Frozen("roster-rolled-back", case) if known else NotFound("roster")
        roster = self._decoded(newest, case)
        if known is not None and (roster.era, roster.number) < (known.era, known.number):
            raise Frozen("roster-rolled-back", case)
        if known is None or newest.digest != known.digest:
            self._prove_chain(newest, known.digest if known else None)
        return VerifiedRoster(roster, newest.digest)

    def _require_newest(self, found: VerifiedRoster) -> None:
        """A newer roster than this, of which the log tells, was taken away: who left by it must not be sealed to."""
        logged = self.tx.value(LOGGED_ROSTER, record=found.case)
        if logged != found.digest and (logged is not None or found.roster.number > 1):
            raise Frozen("roster-rolled-back", found.case)

    def _decoded(self, row: sa.Row[Any], case: UUID) -> Roster:
        try:
            roster = decode_roster(row.object)
        except CryptoError as error:
            raise Tampered("roster", table="rosters", record=case) from error
        same_place = (roster.case, roster.era, roster.number) == (case, row.era, row.number)
        if not same_place or roster.digest(self.installation.id) != row.digest:
            raise Tampered("roster", table="rosters", record=case)
        return roster

    def _prove_chain(self, newest: sa.Row[Any], known: bytes | None) -> None:
        """From the newest roster back to the one the book knows (or to the charter), every signature and link."""
        row, proved = newest, []
        while row.digest != known:
            roster = self._decoded(row, newest.case)
            proved.append(row.digest)
            previous = self._previous(roster)
            self._prove_link(row, roster, previous)
            if previous is None:
                if known:
                    raise Frozen("fork", newest.case)
                break
            row = previous
        self.book.learn_verified(proved)

    def _previous(self, roster: Roster) -> sa.Row[Any] | None:
        if not roster.previous:
            return None
        row = self.tx.first(sa.select(tables.rosters).where(tables.rosters.c.digest == roster.previous))
        if row is None or row.number + 1 != roster.number or row.era > roster.era:
            raise Tampered("roster-chain", table="rosters", record=roster.case)
        return row

    def _prove_link(self, row: sa.Row[Any], roster: Roster, previous: sa.Row[Any] | None) -> None:
        charter, charter_digest = self.charter(roster.case)
        if previous is None:
            may_sign = roster.number == 1 and roster.signer == charter.lead
        else:
            before = VerifiedRoster(self._decoded(previous, roster.case), previous.digest)
            may_sign = Duty.LEAD in before.duties_of(roster.signer)
        if not may_sign or roster.charter != charter_digest:
            raise Tampered("roster-signer", table="rosters", record=roster.case)
        try:
            verify_object(
                self.card(roster.signer).signing_public, row.signature, self.installation.id, roster
            )
        except CryptoError as error:
            raise Tampered("roster-signature", table="rosters", record=roster.case) from error
        for member in roster.members:
            self.card(member.card)
            if self.is_administrator(member.card):
                raise Tampered("administrator-on-roster", table="rosters", record=roster.case)

    def adopt_own(self, roster: VerifiedRoster) -> None:
        """Take a roster that the holder has just signed as the newest, before it can be read back."""
        self._rosters[roster.case] = roster
        self.book.learn_verified([roster.digest])
        self.book.learn_roster(roster.mark, _book_keys(roster.roster))

    def roster_by_digest(self, case: UUID, digest: bytes) -> Roster:
        """The newest roster of a case, or one that it descends from: a side branch signed by an earlier lead is none.

        Raises:
            Tampered: there is no such proved roster.
        """
        newest = self.roster(case)
        if newest.digest == digest:
            return newest.roster
        roster = newest.roster
        while (row := self._previous(roster)) is not None:
            roster = self._decoded(row, case)
            if row.digest == digest:
                return roster
        raise Tampered("roster-missing", table="rosters", record=case)


def _book_keys(roster: Roster) -> tuple[BookIntakeKey, ...]:
    return tuple(BookIntakeKey(roster.case, key.kind, key.key_id, key.public) for key in roster.intake_keys)
