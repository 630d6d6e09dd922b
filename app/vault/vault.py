"""The vault of one unit of work: everything that the signed-in person's keys can do, made when first asked for."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from app.audit.acts import Act
from app.audit.log import AuditLog
from app.audit.verify import Verdict, verify_since
from app.crypto.lock import Argon2Cost
from app.domain.errors import Conflict, Frozen, NotSignedIn
from app.domain.jobs import Pace
from app.store.blobs import BlobStore
from app.store.database import Transaction
from app.vault.book import BOOK_MOVED, OpenBook
from app.vault.casework import Casework
from app.vault.files import Files, KnownLists
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.invitations import Invitations
from app.vault.jobs import Jobs
from app.vault.joining import Joining
from app.vault.late import LateArrivals, LateForms
from app.vault.people import People, Vouching, accept_introduction
from app.vault.proposals import Proposals
from app.vault.records import Records
from app.vault.recovery import Recovery
from app.vault.releases import Releases
from app.vault.returning import Returning
from app.vault.secrets import Secrets
from app.vault.sessions import SecretCache, Session, SessionStore
from app.vault.submissions import Submissions
from app.vault.trust import Trust
from app.vault.uploads import Uploads

EXISTS_ALREADY = "exists-already"
"""What a first book meets where another request of the same person brought one first."""


@dataclass
class Vault:
    """`session`: None where nobody is signed in; then only `people` works, the rest raises NotSignedIn."""

    tx: Transaction
    installation: Installation
    audit: AuditLog
    clock: Callable[[], int]
    sessions: SessionStore
    blobs: BlobStore
    cost: Argon2Cost
    session: Session | None = None
    as_holder: Holder | None = None
    """Somebody whose seeds are at hand without a session: at a founding, at sign-in."""
    known_book: OpenBook | None = None
    """The holder's book, where an earlier unit of work of this same request has read it."""
    known_lists: KnownLists = field(default_factory=KnownLists)
    pace: Pace = field(default_factory=Pace)

    @cached_property
    def people(self) -> People:
        return People(self.tx, self.installation, self.audit, self.clock, self.cost)

    @property
    def holder(self) -> Holder:
        """Raises NotSignedIn where nobody's seeds are at hand."""
        holder = self.session.holder if self.session else self.as_holder
        if holder is None:
            raise NotSignedIn
        return holder

    @cached_property
    def book(self) -> OpenBook:
        if self.known_book is not None:
            return self.known_book
        try:
            return OpenBook.read(self.tx, self.installation, self.holder)
        except Frozen:
            return accept_introduction(self.tx, self.installation, self.holder)

    @cached_property
    def trust(self) -> Trust:
        return Trust(self.tx, self.installation, self.book)

    @cached_property
    def secrets(self) -> Secrets:
        kept = self.session.secrets if self.session else {}
        cache = SecretCache(self.sessions, self.holder, self.session.id if self.session else None, kept)
        return Secrets(self.tx, self.installation, self.holder, self.trust, self.audit, self.clock, cache)

    @cached_property
    def records(self) -> Records:
        return Records(
            self.tx, self.installation, self.holder, self.trust, self.secrets, self.audit, self.clock
        )

    @cached_property
    def invitations(self) -> Invitations:
        return Invitations(self.tx, self.installation, self.audit, self.clock, self.people)

    @cached_property
    def returning(self) -> Returning:
        return Returning(self.tx, self.installation, self.audit, self.clock, self.people)

    @cached_property
    def casework(self) -> Casework:
        return Casework(
            self.tx,
            self.installation,
            self.holder,
            self.trust,
            self.secrets,
            self.records,
            self.audit,
            self.clock,
        )

    @cached_property
    def proposals(self) -> Proposals:
        return Proposals(self.tx, self.installation, self.trust, self.clock, self.holder, self.audit)

    @cached_property
    def vouching(self) -> Vouching:
        return Vouching(self.tx, self.installation, self.holder, self.trust, self.audit, self.clock)

    @cached_property
    def submissions(self) -> Submissions:
        return Submissions(
            self.tx,
            self.installation,
            self.holder,
            self.trust,
            self.records,
            self.audit,
            self.blobs,
            self.clock,
            lambda: time.time_ns() // 1000,
        )

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(
            self.tx,
            self.installation,
            self.holder,
            self.submissions,
            self.blobs,
            self.clock,
        )

    @cached_property
    def joining(self) -> Joining:
        return Joining(
            self.tx,
            self.installation,
            self.records,
            self.submissions,
            self.uploads,
            self.blobs,
            self.clock,
        )

    @cached_property
    def late_arrivals(self) -> LateArrivals:
        return LateArrivals(self.tx, self.installation, self.people, self.audit, self.clock)

    @cached_property
    def late(self) -> LateForms:
        return LateForms(self.tx, self.installation, self.holder, self.submissions, self.audit)

    @cached_property
    def files(self) -> Files:
        return Files(self.tx, self.installation, self.records, self.blobs, self.known_lists)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(
            self.tx,
            self.installation,
            self.holder,
            self.records,
            self.files,
            self.audit,
            self.blobs,
            self.clock,
            self.pace,
        )

    def issued_jobs(self) -> list[tuple[UUID, UUID]]:
        """Worker and job of everything that this unit of work has issued."""
        return self.jobs.issued if "jobs" in self.__dict__ else []

    @cached_property
    def releases(self) -> Releases:
        return Releases(
            self.tx, self.installation, self.holder, self.trust, self.secrets, self.audit, self.clock
        )

    @cached_property
    def recovery(self) -> Recovery:
        return Recovery(
            self.tx, self.installation, self.holder, self.trust, self.secrets, self.audit, self.clock
        )

    def learn_head(self) -> None:
        """Remember the newest head in the book, at sign-in, sign-out and own signing acts.

        Raises:
            Frozen: the database's head does not extend the one that this person, or this server, has seen.
        """
        self.book.learn_head(self.audit.check_head(self.tx, self.book.head))

    def log_since(self) -> Verdict:
        """Whether the log goes on, entry by entry, from the head in the holder's book.

        Raises:
            Frozen: there is no book yet.
        """
        return verify_since(self.tx, self.installation.log_keys, self.book.head)

    def stage_book(self) -> None:
        """Put the book's news among the staged writes, if it was read at all and learnt something."""
        if "book" not in self.__dict__:
            return
        if self.book.moved:
            with suppress(Frozen):  # intake goes on; such a head is not one to remember
                self.learn_head()
        self._stage(self.book)

    def _stage(self, book: OpenBook) -> None:
        note = book.stage(self.tx)
        if note is not None:
            self.audit.note(note)

    def rebase_book(self, conflict: Conflict) -> None:
        """After losing a race for the book, merge and stage it anew; any other conflict is raised again."""
        try:
            merged = self._merged(conflict)
        except Frozen as error:  # there is no book yet: something else stood in the way
            raise conflict from error
        self.tx.staged = [write for write in self.tx.staged if write.conflict != BOOK_MOVED]
        self.audit.forget(Act.BOOK_KEPT)
        self._stage(merged)

    def _merged(self, conflict: Conflict) -> OpenBook:
        staged = any(write.conflict == BOOK_MOVED for write in self.tx.staged)
        if not staged or conflict.reason not in {BOOK_MOVED, EXISTS_ALREADY}:
            raise conflict
        return self.book.rebase(self.tx)
