"""Signing in and out, and showing the second factor again."""

import base64
import secrets
import threading
import unicodedata
from contextlib import suppress
from dataclasses import dataclass

import pyotp

from app.accounts.throttle import Throttle
from app.audit.acts import Act
from app.audit.log import Note
from app.domain.errors import Conflict, Frozen, NotSignedIn
from app.store.database import Database
from app.unit_of_work import UnitOfWork
from app.vault.identity import Holder
from app.vault.sessions import Session, SessionStore

PERIOD = 30
"""Seconds of one code."""
DRIFT = 1
"""Steps that a clock may be off, either way."""


@dataclass(frozen=True)
class Entrance:
    """Where sign-ins pass: the sessions, the throttle, and a narrow door, for each attempt takes 64 MiB."""

    sessions: SessionStore
    throttle: Throttle
    slots: threading.BoundedSemaphore

    def sign_in(self, uow: UnitOfWork, name: str, words: str, code: str, address: str) -> str:
        """Check words and second factor, begin a session; the cookie's text.

        Raises:
            NotSignedIn: one of the three is wrong; which one is not told.
            TooManyAttempts: this account or this address must wait.
        """
        who = _name_key(name)
        self.throttle.check(who, address)
        account = uow.vault.people.lookup(name)
        try:
            with self.slots:
                unlocked = uow.vault.people.unlock(account, words)
            assert account is not None  # nothing unlocks without one
            step = accepted_step(uow.vault.people.second_factor(account), code, uow.clock())
            uow.vault.people.use_factor_step(account, step)
            uow.vault.as_holder = Holder(
                unlocked.person, unlocked.card, unlocked.seeds, secrets.token_bytes(8)
            )
            self._remember_head(uow)
            uow.audit.note(Note(Act.SIGNED_IN, unlocked.person))
            uow.commit()
        except (NotSignedIn, Conflict) as error:
            self.throttle.failed(who, address)
            raise NotSignedIn from error
        self.throttle.succeeded(who)
        return self.sessions.begin(unlocked.person, unlocked.card, unlocked.seeds)

    def _remember_head(self, uow: UnitOfWork) -> None:
        """The trust book takes the newest head. Who was not vouched for has no book yet; a head that does not fit stops
        openings, not sign-ins: statements must still be sent.
        """
        with suppress(Frozen):
            uow.vault.learn_head()

    def confirm(self, uow: UnitOfWork, live: Session, code: str, address: str) -> None:
        """Show the second factor again, before a dangerous act.

        Raises:
            NotSignedIn: the code is wrong or was used; TooManyAttempts.
        """
        who = f"person {live.holder.person.hex}"
        self.throttle.check(who, address)
        account = uow.vault.people.row(live.holder.person)
        try:
            step = accepted_step(uow.vault.people.second_factor(account), code, uow.clock())
            uow.vault.people.use_factor_step(account, step)
            uow.commit()
        except (NotSignedIn, Conflict) as error:
            self.throttle.failed(who, address)
            raise NotSignedIn from error
        self.sessions.confirm(live.id)


def _name_key(name: str) -> str:
    """One text for every spelling that finds the same account, or each spelling would be a fresh set of guesses."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    return f"name {' '.join(folded.split())}"


def accepted_step(seed: bytes, code: str, now: int) -> int:
    """The time step (RFC 6238) that a code belongs to.

    Raises:
        NotSignedIn: it belongs to none that is near.
    """
    totp = pyotp.TOTP(base64.b32encode(seed).decode("ascii"), interval=PERIOD)
    digits = "".join(code.split())
    for step in range(now // PERIOD - DRIFT, now // PERIOD + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    raise NotSignedIn


def entrance(uow: UnitOfWork, sessions: SessionStore, slots: threading.BoundedSemaphore) -> Entrance:
    database: Database = sessions.database
    key = uow.installation.under_root("forms").reveal()
    return Entrance(sessions, Throttle(database, key, uow.clock), slots)


def sign_out(uow: UnitOfWork, sessions: SessionStore, live: Session) -> None:
    uow.audit.note(Note(Act.SIGNED_OUT, live.holder.person, session=live.holder.session_tag))
    uow.commit()
    sessions.end(live.id)


def sign_out_everywhere(uow: UnitOfWork, sessions: SessionStore, live: Session) -> None:
    uow.audit.note(Note(Act.SIGNED_OUT_EVERYWHERE, live.holder.person, session=live.holder.session_tag))
    uow.commit()
    sessions.end_all(live.holder.person)
