"""People: their names, cards and locks; coming in by their words, being vouched for, being introduced."""

import hmac
import re
import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope, hpke, lock, signing
from app.crypto.canonical import Reader, Writer
from app.crypto.context import Context
from app.crypto.keys import PersonSeeds, mac
from app.crypto.lock import Argon2Cost
from app.crypto.numbers import card_digits
from app.crypto.objects import (
    BookIntakeKey,
    Card,
    CardMark,
    Introduction,
    RosterMark,
    TrustBook,
    Vouch,
    name_hash,
    sign_object,
    verify_object,
)
from app.domain.duties import Role, check_roles
from app.domain.errors import CryptoError, Forbidden, Frozen, InvalidInput, NotFound, NotSignedIn, Tampered
from app.domain.ids import NIL, new_id
from app.store import people as tables
from app.store import trust as trust_tables
from app.store.database import Transaction
from app.vault.book import OpenBook
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.trust import Trust, decode_card

PASSWORD: Final = "password"  # noqa: S105  # the kind of a lock
RECOVERY: Final = "recovery"
SALT_LENGTH: Final = 16
RECOVERY_BYTES: Final = 16
TYPED_DIGITS: Final = 8
"""Of the twenty-four: two groups, which the voucher hears and does not see."""
WITH_CARD: Final = sa.select(tables.people, tables.cards.c.object.label("card_object")).join(
    tables.cards, tables.cards.c.digest == tables.people.c.card, isouter=True
)
PERSON: Final = WITH_CARD.where(tables.people.c.id == sa.bindparam("id"))


def lock_context(person: UUID, kind: str) -> Context:
    return Context("locks", kind, NIL, person, 1)


def name_context(person: UUID) -> Context:
    return Context("people", "name", NIL, person, 1)


def factor_context(person: UUID) -> Context:
    return Context("people", "second_factor", NIL, person, 1)


def introduction_context(person: UUID) -> Context:
    return Context("introductions", "introduction", NIL, person, 1)


@dataclass(frozen=True)
class NewPerson:
    """Somebody who was just added. `password` and `recovery_code` are shown once and kept nowhere."""

    person: UUID
    card: bytes
    seeds: PersonSeeds
    password: str
    recovery_code: bytes


@dataclass(frozen=True)
class Unlocked:
    person: UUID
    card: bytes
    seeds: PersonSeeds


@dataclass(frozen=True)
class Account:
    """What the server may know of a person with nobody signed in."""

    person: UUID
    name: str
    roles: frozenset[Role]
    card: bytes
    disabled: bool
    created: int
    card_object: bytes
    """The card as it is stored; whoever takes it for one compares its digest."""


def held_roles(row: sa.Row[Any]) -> frozenset[Role]:
    """The roles that an account's row names."""
    return frozenset(role for role in Role if getattr(row, role.value))


@dataclass
class People:
    """Accounts and cards. Opening a lock is the sign-in check: no verifier is stored anywhere."""

    tx: Transaction
    installation: Installation
    audit: AuditLog
    clock: Callable[[], int]
    cost: Argon2Cost

    # Adding

    def add(
        self, sign_in_name: str, name: str, roles: frozenset[Role], password: str, second_factor: bytes
    ) -> NewPerson:
        """An account with new keys, a self-signed card, a lock and a recovery copy; staged. Harmless until vouched for."""
        check_roles(roles)
        person, seeds = new_id(), PersonSeeds.generate()
        salt = randomness.token_bytes(SALT_LENGTH)
        card = Card(
            person=person,
            name_hash=name_hash(salt, name),
            hpke_public=hpke.public_of(seeds.hpke),
            signing_public=signing.public_of(seeds.signing),
            number=1,
            previous=None,
            issued=self.clock(),
        )
        digest = card.digest(self.installation.id)
        self._stage_card(card, digest, seeds)
        recovery_code = randomness.token_bytes(RECOVERY_BYTES)
        self._stage_password_lock(person, password, seeds)
        self._stage_recovery_lock(person, recovery_code, seeds)
        self.tx.insert(
            tables.people,
            id=person,
            sign_in_tag=self._sign_in_tag(sign_in_name),
            name=self._sealed_name(person, salt, name),
            interviewer=Role.INTERVIEWER in roles,
            reviewer=Role.REVIEWER in roles,
            administrator=Role.ADMINISTRATOR in roles,
            disabled=False,
            card=digest,
            second_factor=self._under_root(factor_context(person), "operations", second_factor),
            second_factor_step=0,
            created=self.clock(),
        )
        self.audit.note(Note(Act.PERSON_ADDED, person=person, digest=digest))
        return NewPerson(person, digest, seeds, password, recovery_code)

    def _stage_card(self, card: Card, digest: bytes, seeds: PersonSeeds) -> None:
        self.tx.insert(
            tables.cards,
            digest=digest,
            person=card.person,
            number=card.number,
            object=card.encode(),
            signature=sign_object(seeds.signing, self.installation.id, card),
        )

    def _stage_password_lock(self, person: UUID, password: str, seeds: PersonSeeds) -> None:
        salt = randomness.token_bytes(SALT_LENGTH)
        key = lock.password_key(self.installation.root, password, salt, self.cost)
        self._stage_lock(
            person,
            PASSWORD,
            salt,
            envelope.seal(
                key, NIL, lock_context(person, PASSWORD), self.installation.id, seeds.reveal(), floor=0
            ),
        )

    def _stage_recovery_lock(self, person: UUID, code: bytes, seeds: PersonSeeds) -> None:
        salt = randomness.token_bytes(SALT_LENGTH)
        key = lock.recovery_key(code, salt)
        self._stage_lock(
            person,
            RECOVERY,
            salt,
            envelope.seal(
                key, NIL, lock_context(person, RECOVERY), self.installation.id, seeds.reveal(), floor=0
            ),
        )

    def _stage_lock(self, person: UUID, kind: str, salt: bytes, locked: bytes) -> None:
        self.tx.insert(
            tables.locks,
            person=person,
            kind=kind,
            salt=salt,
            time_cost=self.cost.t,
            memory_kib=self.cost.m_kib,
            lanes=self.cost.p,
            locked=locked,
            created=self.clock(),
        )

    def change_words(self, person: UUID, seeds: PersonSeeds, words: str) -> None:
        """Lock the person's keys under other words; staged. The keys stay the same."""
        self._drop_lock(person, PASSWORD)
        self._stage_password_lock(person, words, seeds)
        self.audit.note(Note(Act.WORDS_CHANGED, person, record=person))

    def renew_recovery(self, person: UUID, seeds: PersonSeeds) -> bytes:
        """A new recovery code, shown once; the earlier one opens nothing from the commit on; staged."""
        code = randomness.token_bytes(RECOVERY_BYTES)
        self._drop_lock(person, RECOVERY)
        self._stage_recovery_lock(person, code, seeds)
        self.audit.note(Note(Act.RECOVERY_RENEWED, person, record=person))
        return code

    def change_factor(self, account: sa.Row[Any], seed: bytes, step: int) -> None:
        """Take another second factor, whose code of `step` was just shown; staged.

        The earlier one counts for nothing from the commit on, which raises `Conflict("factor-moved")` where another
        change came first.
        """
        table = tables.people
        self.tx.stage(
            sa.update(table)
            .where(table.c.id == account.id, table.c.second_factor == account.second_factor)
            .values(
                second_factor=self._under_root(factor_context(account.id), "operations", seed),
                second_factor_step=step,
            ),
            rows=1,
            conflict="factor-moved",
        )
        self.audit.note(Note(Act.FACTOR_CHANGED, account.id, record=account.id))

    def _drop_lock(self, person: UUID, kind: str) -> None:
        self.tx.stage(
            sa.delete(tables.locks).where(tables.locks.c.person == person, tables.locks.c.kind == kind)
        )

    def _sealed_name(self, person: UUID, salt: bytes, name: str) -> bytes:
        return self._under_root(name_context(person), "names", Writer().octets(salt).text(name).done())

    def _under_root(self, context: Context, label: str, content: bytes) -> bytes:
        key = self.installation.under_root(label)
        return envelope.seal(key, self.installation.root_key_id, context, self.installation.id, content)

    def _sign_in_tag(self, sign_in_name: str) -> bytes:
        return mac(self.installation.root, "sign-in-names", self.folded(sign_in_name).encode())

    def folded(self, sign_in_name: str) -> str:
        """One text for every spelling of a sign-in name that finds the same account."""
        return lock.normalise_words(sign_in_name)

    def give_role(self, person: UUID, role: Role, by: UUID) -> None:
        """Let somebody do more; staged. It opens nothing by itself: duties do, which leads give.

        Raises:
            InvalidInput: `roles` that one person may not hold together.
            Conflict: `changed-meanwhile`, they have it already.
        """
        row = self.row(person)
        check_roles({*held_roles(row), role})
        self._change_role(person, role, held=True)
        self.audit.note(Note(Act.ROLE_GIVEN, by, record=person, note=role.value))

    def take_role(self, person: UUID, role: Role, by: UUID) -> None:
        """Let somebody do less; staged. Duties and keys that a lead gave them stay, until the lead takes them.

        Raises:
            InvalidInput: `roles: none-chosen`, it is their last; `administrator-by-ceremony`.
            Conflict: `changed-meanwhile`, they do not have it any more.
        """
        if role is Role.ADMINISTRATOR:
            raise InvalidInput({"roles": "administrator-by-ceremony"})
        check_roles(held_roles(self.row(person)) - {role})
        self._change_role(person, role, held=False)
        self.audit.note(Note(Act.ROLE_TAKEN, by, record=person, note=role.value))

    def _change_role(self, person: UUID, role: Role, *, held: bool) -> None:
        table = tables.people
        before = (table.c.id == person, table.c[role.value].is_(not held))
        self.tx.stage(
            sa.update(table).where(*before).values({role.value: held}), rows=1, conflict="changed-meanwhile"
        )

    def shut_out(self, person: UUID, by: UUID, *, shut: bool, by_two: bool = False) -> None:
        """Close an account, or open it again; staged. What the person holds stays theirs, and no session of it opens anything.

        Args:
            by_two: two administrators have agreed, as an administrator's account asks.

        Raises:
            Forbidden: `administrator-by-two`, this takes more than one administrator.
        """
        if self.row(person).administrator and not by_two:
            raise Forbidden("administrator-by-two")
        table = tables.people
        self.tx.stage(sa.update(table).where(table.c.id == person).values(disabled=shut), rows=1)
        self.audit.note(Note(Act.PERSON_SHUT_OUT if shut else Act.PERSON_LET_IN, by, record=person))

    # Coming in

    def lookup(self, sign_in_name: str) -> sa.Row[Any] | None:
        """The account row of a sign-in name, or None; to be treated alike, at the same cost."""
        tag = self._sign_in_tag(sign_in_name)
        row = self.tx.first(sa.select(tables.people).where(tables.people.c.sign_in_tag == tag))
        return None if row is None or row.disabled else row

    def is_taken(self, sign_in_name: str) -> bool:
        """Whether somebody has this sign-in name, also if they were shut out."""
        tag = self._sign_in_tag(sign_in_name)
        taken = sa.select(tables.people.c.id).where(tables.people.c.sign_in_tag == tag)
        return self.tx.first(taken) is not None

    def unlock(self, account: sa.Row[Any] | None, password: str) -> Unlocked:
        """Open the lock with the person's words.

        Raises:
            NotSignedIn: unknown name or wrong words; both take as long as a right one.
        """
        row = None
        if account is not None:
            of_person = (tables.locks.c.person == account.id) & (tables.locks.c.kind == PASSWORD)
            row = self.tx.first(sa.select(tables.locks).where(of_person))
        self.tx.release()
        if account is None or row is None:
            lock.password_key(
                self.installation.root, password, randomness.token_bytes(SALT_LENGTH), self.cost
            )
            raise NotSignedIn
        try:
            cost = Argon2Cost(row.time_cost, row.memory_kib, row.lanes)
            key = lock.password_key(self.installation.root, password, row.salt, cost)
            opened = envelope.open_(
                key, lock_context(account.id, PASSWORD), self.installation.id, row.locked, floor=0
            )
            return Unlocked(account.id, account.card, PersonSeeds.from_bytes(opened))
        except CryptoError as error:
            raise NotSignedIn from error

    def second_factor(self, account: sa.Row[Any]) -> bytes:
        """The TOTP seed of an account. Raises Tampered where it is not what was sealed, or was taken away."""
        if account.second_factor is None:
            raise Tampered("second-factor", table="people", record=account.id)
        try:
            return envelope.open_(
                self.installation.under_root("operations"),
                factor_context(account.id),
                self.installation.id,
                account.second_factor,
            )
        except CryptoError as error:
            raise Tampered("second-factor", table="people", record=account.id) from error

    def use_factor_step(self, account: sa.Row[Any], step: int) -> None:
        """Take a time step, once; staged. A step taken already makes the commit fail with `Conflict`."""
        table = tables.people
        self.tx.stage(
            sa.update(table)
            .where(table.c.id == account.id, table.c.second_factor_step < step)
            .values(second_factor_step=step),
            rows=1,
            conflict="code-used",
        )

    # Knowing

    def row(self, person: UUID) -> sa.Row[Any]:
        """The account row of a person. Raises NotFound."""
        row = self.tx.first(PERSON, id=person)
        if row is None:
            raise NotFound("person")
        return row

    def account(self, person: UUID) -> Account:
        """Raises NotFound, or Tampered where the shown name is not the one that the card is bound to."""
        return self._account(self.row(person))

    def shown_name(self, person: UUID) -> str:
        """The shown name; empty where there is nobody, or the stored name is not the one that the card is bound to."""
        try:
            return self.account(person).name
        except (NotFound, Tampered):
            return ""

    def names(self, people: set[UUID]) -> dict[UUID, str]:
        """The shown names of some people, in one query."""
        rows = self.tx.all(WITH_CARD.where(tables.people.c.id.in_(people)))
        return {row.id: self._account(row).name for row in rows}

    def _account(self, row: sa.Row[Any]) -> Account:
        key = self.installation.under_root("names")
        try:
            reader = Reader(envelope.open_(key, name_context(row.id), self.installation.id, row.name))
            salt, name = reader.octets(), reader.text()
            genuine = decode_card(row.card_object or b"").name_hash == name_hash(salt, name)
        except CryptoError as error:
            raise Tampered("name", table="people", record=row.id) from error
        if not genuine:
            raise Tampered("name", table="people", record=row.id)
        roles = held_roles(row)
        return Account(row.id, name, roles, row.card, row.disabled, row.created, row.card_object)

    def digits_of(self, card: bytes) -> str:
        """What two people compare: 24 digits in six groups."""
        return card_digits(card)


@dataclass
class Vouching:
    """Vouching for a card and handing its owner their first trust book; in the voucher's name."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    audit: AuditLog
    clock: Callable[[], int]

    def vouch_compared(self, card: bytes, typed: str, manner: str) -> None:
        """Vouch for a card whose last two groups were typed as its owner read them; staged.

        Raises:
            InvalidInput: `groups: do-not-fit`; otherwise as `vouch`.
        """
        wanted = "".join(card_digits(card).split())[-TYPED_DIGITS:]
        given = re.sub(r"[\s-]", "", typed)
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            raise InvalidInput({"groups": "do-not-fit"})
        self.vouch(card, manner)

    def note_mismatch(self, person: UUID) -> None:
        """Leave a line in the log: it may have been a slip, or a card that somebody put in the place of another."""
        self.audit.note(Note(Act.VOUCH_REFUSED, self.holder.person, record=person))

    def vouch(self, card: bytes, manner: str) -> None:
        """Sign that this card is this person's, after its digits were compared; staged.

        It counts at once for what else this unit of work does: the next list of a case may name it.

        Raises:
            Forbidden: `administrators-never`.
            Tampered: the card is not what it says it is, or its owner has another one under the same number.
        """
        if not self.trust.is_colleague(self.holder.card):
            raise Forbidden("administrators-never")
        row = self.tx.first(sa.select(tables.cards).where(tables.cards.c.digest == card))
        if row is None:
            raise NotFound("card")
        newcomer = self._genuine(row)
        vouch = Vouch(voucher=self.holder.card, card=card, manner=manner, issued=self.clock())
        digest = vouch.digest(self.installation.id)
        self.tx.insert(
            tables.vouches,
            digest=digest,
            card=card,
            voucher_card=self.holder.card,
            object=vouch.encode(),
            signature=sign_object(self.holder.seeds.signing, self.installation.id, vouch),
        )
        self.audit.note(Note(Act.CARD_VOUCHED, self.holder.person, record=newcomer.person, digest=digest))
        self._introduce(newcomer, card)
        self.trust.adopt_vouched(newcomer, card)

    def _genuine(self, row: sa.Row[Any]) -> Card:
        """The card whose digits were compared, and no other that was put in its place."""
        try:
            card = decode_card(row.object)
            verify_object(card.signing_public, row.signature, self.installation.id, card)
        except CryptoError as error:
            raise Tampered("card-signature", table="cards", record=row.person) from error
        if card.digest(self.installation.id) != row.digest:
            raise Tampered("card", table="cards", record=row.person)
        return card

    def _introduce(self, newcomer: Card, card: bytes) -> None:
        """Seal what the newcomer's book begins with; a person who has a book or an introduction needs none.

        With it go the rosters that the voucher has seen in the present era; of an earlier one, an accepted restore may have
        lost some for good.
        """
        table = trust_tables.introductions
        if self.tx.first(sa.select(table.c.person).where(table.c.person == newcomer.person)) is not None:
            return
        head = self.trust.book.head
        _policy, policy_digest = self.trust.policy()
        introduction = Introduction(
            anchor=self.installation.anchor,
            card=card,
            voucher=self.holder.card,
            policy=policy_digest,
            era=head.era,
            sequence=head.sequence,
            chain=head.chain,
            rosters=tuple(mark for mark in self.trust.book.rosters if mark.era == head.era),
            issued=self.clock(),
        )
        context = introduction_context(newcomer.person)
        box = hpke.seal_box(
            newcomer.hpke_public, card[:16], context, self.installation.id, introduction.encode()
        )
        self.tx.insert(
            table,
            person=newcomer.person,
            voucher_card=self.holder.card,
            box=box,
            signature=sign_object(self.holder.seeds.signing, self.installation.id, introduction),
        )


def first_book(
    installation: Installation,
    card_marks: tuple[CardMark, ...],
    policy: tuple[int, bytes],
    head: tuple[int, int, bytes],
    rosters: tuple[RosterMark, ...] = (),
    intake_keys: tuple[BookIntakeKey, ...] = (),
) -> TrustBook:
    era, sequence, chain = head
    return TrustBook(
        anchor=installation.anchor,
        policy_number=policy[0],
        policy=policy[1],
        cards=card_marks,
        rosters=rosters,
        intake_keys=intake_keys,
        era=era,
        sequence=sequence,
        chain=chain,
        verified=(),
    )


def accept_introduction(tx: Transaction, installation: Installation, holder: Holder) -> OpenBook:
    """The first book of a newcomer, from the introduction that their voucher signed and sealed to their card.

    Raises:
        Frozen: `no-introduction`, nobody has vouched yet; `roster-rolled-back` or `fork`, the voucher has seen a roster
            that the database does not lead to.
        Tampered: the introduction is not the voucher's, or leads to another organisation key.
    """
    row = tx.first(
        sa.select(trust_tables.introductions).where(trust_tables.introductions.c.person == holder.person)
    )
    if row is None:
        raise Frozen("no-introduction")
    context = introduction_context(holder.person)
    try:
        content = hpke.open_box(holder.seeds.hpke, holder.card[:16], context, installation.id, row.box)
        introduction = Introduction.decode(content)
        proofs = Trust(tx, installation, OpenBook.blank(installation))
        policy = (proofs.policy_number(introduction.policy), introduction.policy)
        voucher = _voucher(proofs, holder, introduction)
        verify_object(voucher.signing_public, row.signature, installation.id, introduction)
    except CryptoError as error:
        raise Tampered("introduction", table="introductions", record=holder.person) from error
    if (introduction.anchor, introduction.card) != (installation.anchor, holder.card):
        raise Tampered("introduction", table="introductions", record=holder.person)
    for mark in introduction.rosters:
        _prove_mark(proofs, mark)
    head = (introduction.era, introduction.sequence, introduction.chain)
    own_card = (CardMark(holder.person, holder.card),)
    seen = proofs.book
    book = first_book(installation, own_card, policy, head, seen.rosters, seen.intake_keys)
    return OpenBook.first(installation, holder, book)


def _voucher(proofs: Trust, holder: Holder, introduction: Introduction) -> Card:
    """The card of who wrote the introduction: one who vouched for the holder."""
    voucher = proofs.card(introduction.voucher)
    if voucher.person not in proofs.vouchers_of(holder.card):
        raise Tampered("introduction-by-stranger", table="introductions", record=holder.person)
    return voucher


def _prove_mark(proofs: Trust, mark: RosterMark) -> None:
    """The case's newest roster, proved from its charter on, is the one that the voucher has seen, or descends from it.

    A voucher's word says how new a roster must be, never that one is genuine: that, a newcomer proves as everybody does.
    """
    try:
        newest = proofs.roster(mark.case).mark
    except NotFound as error:
        raise Frozen("roster-rolled-back", mark.case) from error
    if (newest.era, newest.number) < (mark.era, mark.number):
        raise Frozen("roster-rolled-back", mark.case)
    try:
        proofs.roster_by_digest(mark.case, mark.digest)
    except Tampered as error:
        raise Frozen("fork", mark.case) from error
