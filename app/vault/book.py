"""A person's trust book: the newest of everything they have seen, so that nothing older or other can be put before them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope
from app.crypto.context import Context
from app.crypto.keys import derive
from app.crypto.log import HeadMark
from app.crypto.objects import BookIntakeKey, CardMark, RosterMark, TrustBook
from app.domain.errors import CryptoError, Frozen, Tampered
from app.domain.ids import NIL
from app.store import trust
from app.store.database import Transaction
from app.vault.identity import Holder
from app.vault.installation import Installation


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

    @classmethod
    def read(cls, tx: Transaction, installation: Installation, holder: Holder) -> "OpenBook":
        """Raises Tampered if the stored book is not the holder's own, or is an older one under a newer number."""
        row = tx.first(sa.select(trust.trust_books).where(trust.trust_books.c.person == holder.person))
        if row is None:
            raise Frozen("no-trust-book")
        try:
            key = derive(holder.seeds.hpke, "book")
            content = envelope.open_(key, book_context(holder.person, row.version), installation.id, row.book)
            book = TrustBook.decode(content)
        except CryptoError as error:
            raise Tampered("trust-book", table="trust_books", record=holder.person) from error
        if book.anchor != installation.anchor:
            raise Tampered("trust-book-anchor", table="trust_books", record=holder.person)
        return cls(installation, holder, row.version, book)._index()

    @classmethod
    def first(cls, installation: Installation, holder: Holder, book: TrustBook) -> "OpenBook":
        """A new book for somebody who has none yet: a founder, or who accepted an introduction."""
        opened = cls(installation, holder, 0, book)._index()
        opened.changed = True
        return opened

    def _index(self) -> "OpenBook":
        self._verified = set(self.book.verified)
        self._cards = {mark.person: mark.card for mark in self.book.cards}
        self._rosters = {mark.case: mark for mark in self.book.rosters}
        self._intake = {(key.case, key.kind): key for key in self.book.intake_keys}
        self._policy = (self.book.policy_number, self.book.policy)
        self._head = HeadMark(self.book.era, self.book.sequence, self.book.chain)
        return self

    # What it knows.

    def has_verified(self, digest: bytes) -> bool:
        return digest in self._verified

    def roster_mark(self, case: UUID) -> RosterMark | None:
        return self._rosters.get(case)

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

    def learn_card(self, person: UUID, card: bytes) -> None:
        if self._cards.get(person) != card:
            self._cards[person] = card
            self.changed = True

    def learn_policy(self, number: int, digest: bytes) -> None:
        if number > self._policy[0]:
            self._policy = (number, digest)
            self.changed = True

    def learn_roster(self, mark: RosterMark, intake: Iterable[BookIntakeKey]) -> None:
        """Take a newer roster; the (era, number) of a case never goes down."""
        known = self._rosters.get(mark.case)
        if known is not None and (mark.era, mark.number) <= (known.era, known.number):
            return
        self._rosters[mark.case] = mark
        for key in intake:
            self._intake[(key.case, key.kind)] = key
        self.changed = True

    def learn_head(self, mark: HeadMark) -> None:
        if (mark.era, mark.sequence) > (self.head.era, self.head.sequence):
            self._head = mark
            self.changed = True

    def sealed(self) -> tuple[int, bytes]:
        """The next version's number and envelope."""
        book = TrustBook(
            anchor=self.book.anchor,
            policy_number=self._policy[0],
            policy=self._policy[1],
            cards=tuple(CardMark(person, card) for person, card in self._cards.items()),
            rosters=tuple(self._rosters.values()),
            intake_keys=tuple(self._intake.values()),
            era=self.head.era,
            sequence=self.head.sequence,
            chain=self.head.chain,
            verified=tuple(self._verified),
        )
        version = self.version + 1
        key = derive(self.holder.seeds.hpke, "book")
        context = book_context(self.holder.person, version)
        return version, envelope.seal(key, NIL, context, self.installation.id, book.encode())

    def stage(self, tx: Transaction) -> None:
        """Write the book back by compare-and-set, if this work taught it something."""
        if not self.changed:
            return
        version, sealed = self.sealed()
        table = trust.trust_books
        if self.version == 0:
            tx.stage(sa.insert(table).values(person=self.holder.person, version=version, book=sealed))
        else:
            tx.stage(
                sa.update(table)
                .where(table.c.person == self.holder.person, table.c.version == self.version)
                .values(version=version, book=sealed),
                rows=1,
                conflict="trust-book-moved",
            )
        self.version, self.changed = version, False

    def rebase(self, tx: Transaction) -> "OpenBook":
        """The newest stored book with this work's news merged in, after somebody else's write came first."""
        newest = OpenBook.read(tx, self.installation, self.holder)
        newest.learn_verified(self._verified)
        newest.learn_policy(*self._policy)
        newest.learn_head(self.head)
        for person, card in self._cards.items():
            newest.learn_card(person, card)
        for mark in self._rosters.values():
            newest.learn_roster(mark, (key for key in self._intake.values() if key.case == mark.case))
        return newest
