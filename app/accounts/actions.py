"""Signing in and out, and showing the second factor again."""

import logging
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.errors import Conflict, Frozen, NotFound, NotSignedIn
from app.unit_of_work import UnitOfWork
from app.vault.identity import Holder
from app.vault.sessions import Session, SessionStore
from app.vault.throttle import Throttle, throttle_of
from app.vault.totp import accepted_step

log = logging.getLogger("vouchsafe")


@dataclass(frozen=True)
class Knock:
    """What somebody at the door shows. `mark`: what their browser was given at an earlier sign-in, or nothing.

    `name`: as it was typed, or the id of whom the page in front of them was made for.
    """

    name: str | UUID
    words: str = field(repr=False)
    code: str = field(repr=False)
    address: str
    mark: str = field(default="", repr=False)


@dataclass(frozen=True)
class Admitted:
    """`session`: the cookie's text; `mark`: by which this browser is known from now on.

    `log_is_whole`: every entry since this person's last visit stands in its place.
    """

    session: str = field(repr=False)
    mark: str = field(repr=False)
    log_is_whole: bool = True


@dataclass(frozen=True)
class Entrance:
    """Where sign-ins pass: the sessions, the throttle, and a narrow door, for each attempt takes 64 MiB."""

    sessions: SessionStore
    throttle: Throttle
    slots: threading.BoundedSemaphore

    def sign_in(self, uow: UnitOfWork, knock: Knock) -> Admitted:
        """Check words and second factor, begin a session.

        Raises:
            NotSignedIn: one of the three is wrong; which one is not told.
            TooManyAttempts: this account, this address or this known browser must wait.
        """
        account = self._account(uow, knock.name)
        known_as = account.id if account is not None else None
        lanes = self.throttle.lanes(known_as, _lane_of(uow, knock.name), knock.address, knock.mark)
        self.throttle.check(lanes)
        try:
            with self.slots:
                unlocked = uow.vault.people.unlock(account, knock.words)
            assert account is not None  # nothing unlocks without one
            step = accepted_step(uow.vault.people.second_factor(account), knock.code, uow.clock())
            uow.vault.people.use_factor_step(account, step)
            uow.vault.as_holder = Holder(
                unlocked.person, unlocked.card, unlocked.seeds, secrets.token_bytes(8)
            )
            log_is_whole = self._remember_head(uow)
            uow.audit.note(Note(Act.SIGNED_IN, unlocked.person))
            uow.commit()
        except (NotSignedIn, Conflict) as error:
            self.throttle.failed(lanes)
            raise NotSignedIn from error
        self.throttle.succeeded(lanes)
        known = self.throttle.is_mark_of(unlocked.person, knock.mark)
        mark = knock.mark if known else self.throttle.mark(unlocked.person)
        begun = self.sessions.begin(unlocked.person, unlocked.card, unlocked.seeds)
        return Admitted(begun, mark, log_is_whole)

    def _account(self, uow: UnitOfWork, name: str | UUID) -> sa.Row[Any] | None:
        if isinstance(name, str):
            return uow.vault.people.lookup(name)
        try:
            row = uow.vault.people.row(name)
        except NotFound:
            return None
        return None if row.disabled else row

    def _remember_head(self, uow: UnitOfWork) -> bool:
        """The trust book takes the newest head, if the log goes on to it entry by entry; whether it does.

        Who was not vouched for has no book yet; a head that does not fit stops openings, not sign-ins: statements must
        still be sent.
        """
        with suppress(Frozen):
            verdict = uow.vault.log_since()
            if verdict.broken is not None:
                log.error("log entry %d: %s", verdict.broken, verdict.fault)
                return False
            uow.vault.learn_head()
        return True

    def confirm(self, uow: UnitOfWork, live: Session, code: str, address: str) -> None:
        """Show the second factor again, before a dangerous act.

        Raises:
            NotSignedIn: the code is wrong or was used; TooManyAttempts.
        """
        lanes = ("account", f"person {live.holder.person.hex}"), ("address", address)
        self.throttle.check(lanes)
        account = uow.vault.people.row(live.holder.person)
        try:
            step = accepted_step(uow.vault.people.second_factor(account), code, uow.clock())
            uow.vault.people.use_factor_step(account, step)
            uow.commit()
        except (NotSignedIn, Conflict) as error:
            self.throttle.failed(lanes)
            raise NotSignedIn from error
        self.throttle.succeeded(lanes)
        self.sessions.confirm(live.id)


def _lane_of(uow: UnitOfWork, name: str | UUID) -> str:
    return uow.vault.people.folded(name) if isinstance(name, str) else name.hex


def entrance(uow: UnitOfWork, sessions: SessionStore, slots: threading.BoundedSemaphore) -> Entrance:
    return Entrance(sessions, throttle_of(uow.installation, sessions, uow.clock), slots)


def sign_out(uow: UnitOfWork, sessions: SessionStore, live: Session) -> None:
    uow.audit.note(Note(Act.SIGNED_OUT, live.holder.person, session=live.holder.session_tag))
    uow.commit()
    sessions.end(live.id)


def sign_out_everywhere(uow: UnitOfWork, sessions: SessionStore, live: Session) -> None:
    uow.audit.note(Note(Act.SIGNED_OUT_EVERYWHERE, live.holder.person, session=live.holder.session_tag))
    uow.commit()
    sessions.end_all(live.holder.person)
