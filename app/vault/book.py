"""A person's trust book: the newest of everything they have seen, so that nothing older or other can be put before them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.crypto import envelope
from app.crypto.context import Context
from app.crypto.keys import PersonSeeds, derive
from app.crypto.log import HeadMark
from app.crypto.objects import BookIntakeKey, CardMark, RosterMark, TrustBook
from app.domain.errors import CryptoError, Frozen, Tampered
from app.domain.ids import NIL
from app.store import trust
from app.store.database import Transaction
from app.store.log import entries
from app.vault.identity import Holder
from app.vault.installation import Installation

BOOK_MOVED: Final = "trust-book-moved"
PATH: Final = "trust_books.book"
"""The book's name in the log, whose entries tell an older book that was put back from the newest."""
LOGGED_VERSION: Final = (
    sa.select(entries.c.version)
    .where(entries.c.record == sa.bindparam("person"), entries.c.field == PATH)
    .order_by(entries.c.sequence.desc())
    .limit(1)
)
BOOK_OF: Final = sa.select(trust.trust_books, LOGGED_VERSION.scalar_subquery().label("logged")).where(
    trust.trust_books.c.person == sa.bindparam("person")
)

decode_book = lru_cache(64)(TrustBook.decode)


def book_context(person: UUID, version: int) -> Context:
    return Context("trust_books", "book", NIL, person, version)


@dataclass
class OpenBook:
    """The book as it was read, and what this unit of work learnt; `stage` writes it back if there is news."""

    installation: Installation
    holder: Holder
    version: int
    book: TrustBook
    _verified: set[bytes] = field(default_factory=set)
    _cards: dict[UUID, bytes] = field(default_factory=dict)
    _rosters: dict[UUID, RosterMark] = field(default_factory=dict)
    _intake: dict[tuple[UUID, str], BookIntakeKey] = field(default_factory=dict)
    _policy: tuple[int, bytes] = (0, b"")
    _head: HeadMark | None = None
    changed: bool = False
    moved: bool = False
    """Whether a mark moved on: such a version stands in the log. What was merely verified may be verified again."""

    @classmethod
    def read(cls, tx: Transaction, installation: Installation, holder: Holder) -> "OpenBook":
        """The stored book.

        Raises:
            Frozen: `no-trust-book`, this person never had one.
            Tampered: it is not the holder's own, or the log knows of a later one.
        """
        row = tx.first(BOOK_OF, person=holder.person)
        if row is None and not tx.value(LOGGED_VERSION, person=holder.person):
            raise Frozen("no-trust-book")
        if row is None or row.version < (row.logged or 0):
            raise Tampered("trust-book-rolled-back", table="trust_books", record=holder.person)
        try:
            key = derive(holder.seeds.hpke, "book")
            content = envelope.open_(key, book_context(holder.person, row.version), installation.id, row.book)
            book = decode_book(content)
        except CryptoError as error:
            raise Tampered("trust-book", table="trust_books", record=holder.person) from error
        if book.anchor != installation.anchor:
            raise Tampered("trust-book-anchor", table="trust_books", record=holder.person)
        return cls(installation, holder, row.version, book)

    @classmethod
    def first(cls, installation: Installation, holder: Holder, book: TrustBook) -> "OpenBook":
        """A new book for somebody who has none yet: a founder, or who accepted an introduction."""
        opened = cls(installation, holder, 0, book)
        opened.changed = opened.moved = True
        return opened

    @classmethod
    def blank(cls, installation: Installation) -> "OpenBook":
        """Knows nothing but the anchor and is never written: for proofs where nobody is signed in."""
        nobody = Holder(NIL, bytes(32), PersonSeeds.generate(), bytes(8))
        nothing = TrustBook(
            anchor=installation.anchor,
            policy_number=0,
            policy=bytes(32),
            cards=(),
            rosters=(),
            intake_keys=(),
            era=0,
            sequence=0,
            chain=bytes(32),
            verified=(),
        )
        return cls(installation, nobody, 0, nothing)

    def __post_init__(self) -> None:
        self._verified = set(self.book.verified)
        self._cards = {mark.person: mark.card for mark in self.book.cards}
        self._rosters = {mark.case: mark for mark in self.book.rosters}
        self._intake = {(key.case, key.kind): key for key in self.book.intake_keys}
        self._policy = (self.book.policy_number, self.book.policy)
        self._head = HeadMark(self.book.era, self.book.sequence, self.book.chain)

    # What it knows.

    def has_verified(self, digest: bytes) -> bool:
        return digest in self._verified

    def card_of(self, person: UUID) -> bytes | None:
        return self._cards.get(person)

    @property
    def owners(self) -> dict[bytes, UUID]:
        """Card -> whose newest one it is."""
        return {card: person for person, card in self._cards.items()}

    def roster_mark(self, case: UUID) -> RosterMark | None:
        return self._rosters.get(case)

    @property
    def rosters(self) -> tuple[RosterMark, ...]:
        """The newest roster seen of every case."""
        return tuple(self._rosters.values())

    @property
    def intake_keys(self) -> tuple[BookIntakeKey, ...]:
        return tuple(self._intake.values())

    def intake_key(self, case: UUID, kind: str) -> BookIntakeKey | None:
        return self._intake.get((case, kind))

    @property
    def policy(self) -> tuple[int, bytes]:
        return self._policy

    @property
    def head(self) -> HeadMark:
        assert self._head is not None
        return self._head

    # What it learns.

    def learn_verified(self, digests: Iterable[bytes]) -> None:
        new = set(digests) - self._verified
        if new:
            self._verified |= new
            self.changed = True

    def _move(self) -> None:
        self.changed = self.moved = True

    def learn_card(self, person: UUID, card: bytes) -> None:
        """Take a person's newest card; which of two is newer, the caller has proved."""
        if self._cards.get(person) != card:
            self._cards[person] = card
            self._move()

    def learn_policy(self, number: int, digest: bytes) -> None:
        if number > self._policy[0]:
            self._policy = (number, digest)
            self._move()

    def learn_roster(self, mark: RosterMark, intake: Iterable[BookIntakeKey]) -> None:
        """Take a newer roster; the (era, number) of a case never goes down."""
        known = self._rosters.get(mark.case)
        if known is not None and (mark.era, mark.number) <= (known.era, known.number):
            return
        self._rosters[mark.case] = mark
        for key in intake:
            self._intake[(key.case, key.kind)] = key
        self._move()

    def learn_head(self, mark: HeadMark) -> None:
        if (mark.era, mark.sequence) > (self.head.era, self.head.sequence):
            self._head = mark
            self._move()

    def sealed(self) -> tuple[int, bytes]:
        """The next version's number and envelope."""
        book = TrustBook(
            anchor=self.book.anchor,
            policy_number=self._policy[0],
            policy=self._policy[1],
            cards=tuple(CardMark(person, card) for person, card in self._cards.items()),
            rosters=self.rosters,
            intake_keys=self.intake_keys,
            era=self.head.era,
            sequence=self.head.sequence,
            chain=self.head.chain,
            verified=tuple(self._verified),
        )
        version = self.version + 1
        key = derive(self.holder.seeds.hpke, "book")
        context = book_context(self.holder.person, version)
        return version, envelope.seal(key, NIL, context, self.installation.id, book.encode())

    def stage(self, tx: Transaction) -> Note | None:
        """Write the book back by compare-and-set, if this work taught it something; the log's entry, if one is due."""
        if not self.changed:
            return None
        version, sealed = self.sealed()
        person, table = self.holder.person, trust.trust_books
        if self.version == 0:
            tx.insert(table, person=person, version=version, book=sealed, conflict=BOOK_MOVED)
        else:
            known = (table.c.person == person, table.c.version == self.version)
            following = sa.update(table).where(*known).values(version=version, book=sealed)
            tx.stage(following, rows=1, conflict=BOOK_MOVED)
        note = Note(Act.BOOK_KEPT, person, record=person, field=PATH, version=version) if self.moved else None
        self.version, self.changed, self.moved = version, False, False
        return note

    def rebase(self, tx: Transaction) -> "OpenBook":
        """The newest stored book with this work's news merged in, after somebody else's write came first."""
        newest = OpenBook.read(tx, self.installation, self.holder)
        newest.learn_verified(self._verified)
        newest.learn_policy(*self._policy)
        newest.learn_head(self.head)
        before = {mark.person: mark.card for mark in self.book.cards}
        for person, card in self._cards.items():
            if newest.card_of(person) == before.get(person):  # or the other one was learnt meanwhile
                newest.learn_card(person, card)
        for mark in self._rosters.values():
            newest.learn_roster(mark, (key for key in self._intake.values() if key.case == mark.case))
        return newest
