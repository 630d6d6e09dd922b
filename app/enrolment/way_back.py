"""Coming back by a recovery code: arriving with it, waiting, being stopped, and locking one's keys anew."""

from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import Conflict, InvalidInput, NotFound, NotSignedIn
from app.unit_of_work import UnitOfWork
from app.vault.invitations import Offer
from app.vault.returning import Gate, Lost, SealedTicket, Standing, Ticket
from app.vault.sessions import Session, SessionStore
from app.vault.throttle import Throttle, throttle_of
from app.vault.totp import accepted_step


@dataclass(frozen=True)
class Shown:
    """What somebody shows who has lost something: the recovery code, and whatever they still have."""

    name: str
    lost: Lost
    code: bytes = field(repr=False)
    words: str = field(repr=False)
    digits: str = field(repr=False)
    address: str
    mark: str = field(repr=False)


@dataclass(frozen=True)
class Arrival:
    """Somebody who proved who they are. `ticket`: for the page on which they finish, where they may."""

    person: UUID
    standing: Standing
    ticket: SealedTicket


@dataclass(frozen=True)
class WayBack:
    """The door for those who cannot sign in, beside the one for those who can: the same throttle, the same slots."""

    sessions: SessionStore
    throttle: Throttle
    slots: BoundedSemaphore

    def arrive(self, uow: UnitOfWork, shown: Shown) -> Arrival:
        """Check the recovery code and the rest; who must wait begins to, on record; committed.

        Raises:
            NotSignedIn: something does not fit; what, is not told.
            TooManyAttempts: this account, this address or this known browser must wait.
            Frozen: the storage is older than what was seen.
        """
        account = uow.vault.people.lookup(shown.name)
        known_as = account.id if account is not None else None
        lanes = self.throttle.lanes(known_as, uow.vault.people.folded(shown.name), shown.address, shown.mark)
        self.throttle.check(lanes)
        try:
            standing = self._checked(uow, account, shown)
            uow.commit()
        except (NotSignedIn, Conflict) as error:
            self.throttle.failed(lanes)
            raise NotSignedIn from error
        if not shown.lost.factor:  # a sheet alone must not forgive the digits that were guessed elsewhere
            self.throttle.succeeded(lanes)
        assert account is not None  # nothing opens without one
        ticket = Ticket(account.id, shown.name.strip(), shown.lost, shown.code)
        return Arrival(account.id, standing, uow.vault.returning.ticket(ticket))

    def _checked(self, uow: UnitOfWork, account: sa.Row[Any] | None, shown: Shown) -> Standing:
        vault = uow.vault
        if not shown.lost.words:
            with self.slots:
                vault.people.unlock(account, shown.words)
        known = vault.returning.open(account, shown.code)
        assert account is not None  # nothing opens without one
        if not shown.lost.factor:
            step = accepted_step(vault.people.second_factor(account), shown.digits, uow.clock())
            vault.people.use_factor_step(account, step)
        standing = vault.returning.standing(known, shown.lost)
        return vault.returning.ask(known, shown.lost) if standing.gate is Gate.UNASKED else standing

    def finish(self, uow: UnitOfWork, ticket: Ticket, offer: Offer, typed: str, digits: str) -> bytes:
        """Lock somebody's keys anew and end every session of theirs; the new recovery code; committed.

        Raises:
            NotSignedIn: the code opens nothing any more, or the account was shut meanwhile.
            Forbidden: `return-unasked`, `return-waits`, `return-stopped`.
            InvalidInput: `words: not-the-proposed`, `code: does-not-fit`.
            Conflict: another page of theirs was faster, or it was stopped at this very moment.
        """
        known = uow.vault.returning.open(_account(uow, ticket), ticket.code)
        step = first_step(uow, offer, digits) if ticket.lost.factor else 0
        code = uow.vault.returning.finish(known, ticket.lost, offer, typed, step)
        self.sessions.end_all(ticket.person)  # before: should we die right after the commit, none lives on
        uow.after_commit.append(lambda: self.sessions.end_all(ticket.person))
        uow.commit()
        return code

    def change_factor(
        self, uow: UnitOfWork, live: Session, offer: Offer, present: str, first: str, address: str
    ) -> None:
        """Take a new second factor in the place of the one at hand; every other session ends; committed.

        Args:
            present: digits of the earlier one, for a cookie alone must not replace it. `first`: of the new one.

        Raises:
            InvalidInput: `present: does-not-fit`, `code: does-not-fit`.
            TooManyAttempts: this person or this address must wait.
        """
        person = live.holder.person
        lanes = ("account", f"person {person.hex}"), ("address", address)
        self.throttle.check(lanes)
        account = uow.vault.people.row(person)
        try:
            uow.vault.people.use_factor_step(
                account, accepted_step(uow.vault.people.second_factor(account), present, uow.clock())
            )
            uow.vault.people.change_factor(account, offer.second_factor, first_step(uow, offer, first))
            self.sessions.end_others(person, live.id)  # before: should we die after the commit, none lives on
            uow.after_commit.append(lambda: self.sessions.end_others(person, live.id))
            uow.commit()
        except (NotSignedIn, Conflict) as error:
            self.throttle.failed(lanes)
            raise InvalidInput({"present": "does-not-fit"}) from error
        self.throttle.succeeded(lanes)


def way_back(uow: UnitOfWork, sessions: SessionStore, slots: BoundedSemaphore) -> WayBack:
    return WayBack(sessions, throttle_of(uow.installation, sessions, uow.clock), slots)


def _account(uow: UnitOfWork, ticket: Ticket) -> sa.Row[Any] | None:
    try:
        return uow.vault.people.row(ticket.person)
    except NotFound:
        return None


def first_step(uow: UnitOfWork, offer: Offer, digits: str) -> int:
    """The time step of the first code of a new second factor. Raises InvalidInput (`code: does-not-fit`)."""
    try:
        return accepted_step(offer.second_factor, digits, uow.clock())
    except NotSignedIn as error:
        raise InvalidInput({"code": "does-not-fit"}) from error


def renew_recovery(uow: UnitOfWork) -> bytes:
    """A new recovery code; who asked to come back with the earlier one is stopped; staged."""
    holder = uow.vault.holder
    code = uow.vault.people.renew_recovery(holder.person, holder.seeds)
    if any(asked.stopped is None for asked in uow.vault.returning.told({holder.person})):
        uow.vault.returning.stop(holder.person, holder.person)
    return code
