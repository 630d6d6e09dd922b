"""Coming back by the recovery code on paper: at once, or after a day in which it can be stopped where much hangs on it."""

import base64
import secrets as randomness
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto import envelope, lock
from app.crypto.canonical import Reader, Writer
from app.crypto.context import Context
from app.crypto.keys import DerivedKey, PersonSeeds, SecretKey, mac, macs_equal
from app.crypto.words import from_words
from app.domain.duties import GUARDED_DUTIES, Duty
from app.domain.errors import (
    Conflict,
    CryptoError,
    Forbidden,
    Frozen,
    NotFound,
    NotSignedIn,
    Tampered,
    UnreadableWords,
)
from app.domain.ids import NIL
from app.store import people as people_tables
from app.store import returning as tables
from app.store import trust as trust_tables
from app.store.database import Transaction
from app.store.log import entries
from app.vault.book import OpenBook
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.invitations import Offer
from app.vault.people import RECOVERY, RECOVERY_BYTES, SALT_LENGTH, People, accept_introduction, lock_context
from app.vault.trust import ROSTER_PATH, Trust

WAIT_SECONDS: Final = 24 * 3600
HELD_SECONDS: Final = 7 * 24 * 3600
"""How long somebody may take to finish after asking, and how long a stop holds."""
TICKET_SECONDS: Final = 3600
TICKET_SECRET_BYTES: Final = 32
TICKET_CONTEXT: Final = Context("return_requests", "ticket", NIL, NIL, 1)
PATH: Final = "return_requests.request"
"""A request's name in the log, whose entries tell a row that was put back from the newest."""

OF_PERSON: Final = entries.c.record == sa.bindparam("person")
LOGGED: Final = (
    sa.select(entries.c.version)
    .where(OF_PERSON, entries.c.field == PATH)
    .order_by(entries.c.sequence.desc())
    .limit(1)
)
REQUEST: Final = sa.select(tables.requests).where(tables.requests.c.person == sa.bindparam("person"))
LOCK: Final = sa.select(people_tables.locks).where(
    people_tables.locks.c.person == sa.bindparam("person"), people_tables.locks.c.kind == RECOVERY
)
TOLD: Final = (
    sa.select(entries.c.record, entries.c.person, entries.c.act, entries.c.at, entries.c.note)
    .where(entries.c.record.in_(sa.bindparam("people", expanding=True)), entries.c.field == PATH)
    .order_by(entries.c.sequence)
)
CASES: Final = sa.select(trust_tables.rosters.c.case).distinct()
LOGGED_CASES: Final = sa.select(entries.c.record).where(entries.c.field == ROSTER_PATH).distinct()


class Lost(StrEnum):
    """What somebody has not any more. What they still have, they show beside the recovery code."""

    WORDS = "words"
    FACTOR = "factor"
    BOTH = "both"

    @property
    def words(self) -> bool:
        return self is not Lost.FACTOR

    @property
    def factor(self) -> bool:
        return self is not Lost.WORDS


class Gate(StrEnum):
    """Whether somebody may come back: at once, once they have asked and waited, or not."""

    OPEN = "open"
    UNASKED = "unasked"
    WAITS = "waits"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Recovered:
    """Whose keys a recovery code opened. `salt`: of the lock that it opened, which tells one code from the next."""

    person: UUID
    card: bytes
    seeds: PersonSeeds
    salt: bytes


@dataclass(frozen=True)
class Request:
    """Somebody asked to come back; times in seconds since 1970. `stopped`: None while nobody has stopped it."""

    person: UUID
    version: int
    lost: Lost
    asked: int
    stopped: int | None = None
    stopper: UUID | None = None

    @property
    def begins(self) -> int:
        """From when on they can come in."""
        return self.asked + WAIT_SECONDS

    @property
    def ends(self) -> int:
        """Until when they can, or until when a stop holds."""
        return (self.stopped or self.asked) + HELD_SECONDS

    def covers(self, lost: Lost) -> bool:
        """Whether it told everybody at least this much."""
        return self.lost in {lost, Lost.BOTH}


@dataclass(frozen=True)
class Standing:
    """`request`: the one that is waited for or was stopped; None where nobody waits."""

    gate: Gate
    request: Request | None = None


@dataclass(frozen=True)
class Ticket:
    """What somebody has proved, for the page on which they finish. `code`: opens their keys, once more and only then."""

    person: UUID
    sign_in_name: str
    lost: Lost
    code: bytes = field(repr=False)


@dataclass(frozen=True)
class SealedTicket:
    """Two halves, for a form and for a cookie: neither opens without the other and the root key; nothing is stored."""

    sealed: str = field(repr=False)
    secret: str = field(repr=False)


def recovery_code(words: str) -> bytes:
    """The sixteen bytes of the twelve words on a sheet. Raises UnreadableWords."""
    code = from_words(words)
    if len(code) != RECOVERY_BYTES:
        raise UnreadableWords("word-count")
    return code


@dataclass
class Returning:
    """Whoever holds the recovery code comes back to their own keys; card, vouches and grants stay as they are."""

    tx: Transaction
    installation: Installation
    audit: AuditLog
    clock: Callable[[], int]
    people: People

    # The code

    def open(self, account: sa.Row[Any] | None, code: bytes) -> Recovered:
        """Open the recovery copy of somebody's keys.

        Raises:
            NotSignedIn: nobody of this name, somebody who was shut out, or another code: at the same cost.
        """
        row = self.tx.first(LOCK, person=account.id if account is not None else NIL)
        if account is None or account.disabled or row is None:
            person, card, (salt, locked) = NIL, bytes(32), _nobodys_lock(self.installation.id)
        else:
            person, card, salt, locked = account.id, account.card, row.salt, row.locked
        try:
            key = lock.recovery_key(code, salt)
            context = lock_context(person, RECOVERY)
            opened = envelope.open_(key, context, self.installation.id, locked, floor=0)
            return Recovered(person, card, PersonSeeds.from_bytes(opened), salt)
        except CryptoError as error:
            raise NotSignedIn from error

    # Asking and waiting

    def standing(self, known: Recovered, lost: Lost) -> Standing:
        """Where somebody stands who has just shown everything that they still have.

        Raises:
            Frozen: the storage is older than what was seen; nobody comes back into that.
        """
        request = self._request(known)
        if request is not None and request.stopped is not None:
            return Standing(Gate.STOPPED, request)
        if lost is not Lost.BOTH and not self._is_guarded(known):
            return Standing(Gate.OPEN)
        if request is None or not request.covers(lost):
            return Standing(Gate.UNASKED)
        return Standing(Gate.OPEN if self.clock() >= request.begins else Gate.WAITS, request)

    def ask(self, known: Recovered, lost: Lost) -> Standing:
        """Begin to wait, from now; staged. Whatever was asked before counts no more."""
        request = Request(known.person, self._logged(known.person) + 1, lost, self.clock())
        self._keep(request, known.salt)
        self.audit.note(_note(Act.RETURN_ASKED, request, known.person))
        return Standing(Gate.WAITS, request)

    def stop(self, person: UUID, by: UUID) -> None:
        """End somebody's waiting, whatever its row says; staged. The code that asked is of no use for seven days.

        Raises:
            Conflict: `return-over`, nobody waits any more; `changed-meanwhile`, at the commit.
        """
        waiting = [told for told in self.told({person}) if told.stopped is None]
        row = self.tx.first(LOCK, person=person)
        if not waiting:
            raise Conflict("return-over")
        request = Request(
            person,
            self._logged(person) + 1,
            waiting[0].lost,
            waiting[0].asked,
            stopped=self.clock(),
            stopper=by,
        )
        self._keep(request, row.salt if row else b"")  # a row that was hidden stops nobody from stopping it
        self.audit.note(_note(Act.RETURN_STOPPED, request, by))

    def told(self, people: Collection[UUID]) -> list[Request]:
        """Who of these people asks to come back, or was stopped, as the log has it, oldest first.

        From the log and not from the rows: who could hide a row, for as long as the waiting lasts, would hide it here.
        """
        told: dict[UUID, Request] = {}
        for row in self.tx.all(TOLD, people=list(people)):
            before = told.pop(row.record, None)
            if row.act == Act.RETURN_ASKED:
                told[row.record] = Request(row.record, 0, _lost(row.note), row.at)
            elif row.act == Act.RETURN_STOPPED and before is not None:
                told[row.record] = Request(
                    row.record, 0, before.lost, before.asked, stopped=row.at, stopper=row.person
                )
        return [request for request in told.values() if self.clock() <= request.ends]

    # Coming in

    def finish(self, known: Recovered, lost: Lost, offer: Offer, typed: str, step: int) -> bytes:
        """Lock the keys anew, under new words, a new second factor, or both; a new recovery code; staged.

        Args:
            offer: what was proposed on the page. `typed`: its words, where words are lost.
            step: of the first code of its second factor, where that is lost.

        Raises:
            Forbidden: `return-unasked`, `return-waits`, `return-stopped`.
            InvalidInput: `words: not-the-proposed`.
            Conflict: at the commit: `recovery-code-used`; `changed-meanwhile`, it was stopped at this very moment.
        """
        standing = self.standing(known, lost)
        if standing.gate is not Gate.OPEN:
            raise Forbidden(f"return-{standing.gate}")
        if lost.words:
            offer.require(typed)
        self._use_up(known, standing.request)
        if lost.words:
            self.people.change_words(known.person, known.seeds, offer.words)
        if lost.factor:
            self.people.change_factor(self.people.row(known.person), offer.second_factor, step)
        code = self.people.renew_recovery(known.person, known.seeds)
        done = Request(known.person, self._logged(known.person) + 1, lost, self.clock())
        self.audit.note(_note(Act.RETURNED, done, known.person))
        return code

    def _use_up(self, known: Recovered, request: Request | None) -> None:
        """The code and the request are good for one coming back: who loses the race for either changes nothing."""
        locks, requests = people_tables.locks.c, tables.requests.c
        this_code = (locks.person == known.person, locks.kind == RECOVERY, locks.salt == known.salt)
        self.tx.stage(sa.delete(people_tables.locks).where(*this_code), rows=1, conflict="recovery-code-used")
        if request is not None:
            this_request = (requests.person == known.person, requests.version == request.version)
            self.tx.stage(sa.delete(tables.requests).where(*this_request), rows=1)

    # The ticket

    def ticket(self, ticket: Ticket) -> SealedTicket:
        """For the page on which somebody finishes, so that they need not type twelve words twice."""
        secret = randomness.token_bytes(TICKET_SECRET_BYTES)
        content = Writer().uint(self.clock()).id(ticket.person).text(ticket.sign_in_name)
        content = content.text(ticket.lost).octets(ticket.code)
        key, installation = self._ticket_key(secret), self.installation.id
        sealed = envelope.seal(key, NIL, TICKET_CONTEXT, installation, content.done(), floor=0)
        return SealedTicket(_text(sealed), _text(secret))

    def redeem(self, sealed: SealedTicket) -> Ticket:
        """What was proved at most an hour ago, in this browser. Raises Forbidden (`ticket-over`) otherwise."""
        try:
            key, installation = self._ticket_key(_bytes(sealed.secret)), self.installation.id
            content = envelope.open_(key, TICKET_CONTEXT, installation, _bytes(sealed.sealed), floor=0)
        except (ValueError, CryptoError) as error:
            raise Forbidden("ticket-over") from error
        reader = Reader(content)
        made, person, name = reader.uint(), reader.id(), reader.text()
        if self.clock() - made > TICKET_SECONDS:
            raise Forbidden("ticket-over")
        return Ticket(person, name, Lost(reader.text()), reader.octets())

    def _ticket_key(self, secret: bytes) -> SecretKey:
        return DerivedKey(mac(self.installation.root, "return-ticket", secret))

    # Rows

    def _request(self, known: Recovered) -> Request | None:
        """The request in force; None where there is none, or the row is not the newest that this server wrote for this code."""
        row = self.tx.first(REQUEST, person=known.person)
        if row is None or row.version != self._logged(known.person):
            return None
        if not self._is_ours(row, known.salt):
            return None
        request = Request(row.person, row.version, Lost(row.lost), row.asked, row.stopped, row.stopper)
        return request if self.clock() <= request.ends else None

    def _is_ours(self, row: sa.Row[Any], salt: bytes) -> bool:
        try:
            return macs_equal(row.mac, self._mac(row, salt))
        except CryptoError:  # values that nothing of ours ever held
            return False

    def _logged(self, person: UUID) -> int:
        return self.tx.value(LOGGED, person=person) or 0

    def _keep(self, request: Request, salt: bytes) -> None:
        """In the place of whatever row stands there."""
        values: dict[str, Any] = {
            "version": request.version,
            "lost": request.lost.value,
            "asked": request.asked,
            "stopped": request.stopped,
            "stopper": request.stopper,
            "mac": self._mac(request, salt),
        }
        row, table = self.tx.first(REQUEST, person=request.person), tables.requests
        if row is None:
            self.tx.insert(table, person=request.person, **values)
        else:
            same = (table.c.person == request.person, table.c.version == row.version)
            self.tx.stage(sa.update(table).where(*same).values(values), rows=1)

    def _mac(self, request: Request | sa.Row[Any], salt: bytes) -> bytes:
        """Over the row, the code it was asked with, and the era: what a restored backup says was asked counts no more."""
        era = self.audit.check_head(self.tx).era
        said = Writer().id(request.person).uint(era).uint(request.version).text(request.lost)
        said = said.uint(request.asked).uint(request.stopped or 0).id(request.stopper or NIL).octets(salt)
        return mac(self.installation.root, "return-requests", said.done())

    # Whether much hangs on it

    def _is_guarded(self, known: Recovered) -> bool:
        """Whether somebody holds a guarded duty anywhere, or it cannot be proved that they hold none.

        Every case there is is asked, those that only the log or their trust book knows too, and by whose card it is: no
        row that was deleted or changed makes the waiting shorter.
        """
        holder = Holder(known.person, known.card, known.seeds, bytes(8))
        try:
            book = self._book(holder)
            self.audit.check_head(self.tx, book.head)
            trust = Trust(self.tx, self.installation, book)
            cases = {row.case for row in self.tx.all(CASES)} | {
                row.record for row in self.tx.all(LOGGED_CASES)
            }
            cases |= {mark.case for mark in book.rosters}
            return any(_duties_in(trust, case, known.person) & GUARDED_DUTIES for case in cases)
        except (Frozen, NotFound, Tampered):
            return True

    def _book(self, holder: Holder) -> OpenBook:
        """Read here and never written: nothing is learnt in the name of somebody who has not come in yet."""
        try:
            return OpenBook.read(self.tx, self.installation, holder)
        except Frozen:
            return accept_introduction(self.tx, self.installation, holder)


def _duties_in(trust: Trust, case: UUID, person: UUID) -> frozenset[Duty]:
    """What somebody may do on a case, whichever of their cards stands in its roster."""
    duties: frozenset[Duty] = frozenset()
    roster = trust.roster(case)
    for member in roster.roster.members:
        if trust.card(member.card).person == person:
            duties |= roster.duties_of(member.card)
    return duties


def _lost(note: str) -> Lost:
    """What an entry says is lost; the most where it says nothing of ours."""
    return next((lost for lost in Lost if lost == note), Lost.BOTH)


def _note(act: Act, request: Request, by: UUID) -> Note:
    return Note(act, by, record=request.person, field=PATH, version=request.version, note=request.lost.value)


@lru_cache(4)
def _nobodys_lock(installation: UUID) -> tuple[bytes, bytes]:
    """Salt and envelope of a lock that no code opens, so that an unknown name is tried like a known one."""
    salt = randomness.token_bytes(SALT_LENGTH)
    key = lock.recovery_key(randomness.token_bytes(RECOVERY_BYTES), salt)
    nothing = PersonSeeds.generate().reveal()
    return salt, envelope.seal(key, NIL, lock_context(NIL, RECOVERY), installation, nothing, floor=0)


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text, altchars=b"-_", validate=True)
