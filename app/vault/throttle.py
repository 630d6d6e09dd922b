"""Slows guessing down, account by account and address by address, in the session store, so that a restart forgets nothing."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import Conflict, TooManyAttempts
from app.store.database import Database
from app.store.sessions import attempts
from app.vault.installation import Installation
from app.vault.sessions import SessionStore

FREE: Final = {"account": 5, "browser": 5, "address": 20}
"""Failures that cost nothing."""
FIRST_WAIT: Final = 30
LONGEST_WAIT: Final = 15 * 60
FORGET_AFTER: Final = 24 * 60 * 60
MARK_BYTES: Final = 16

Lanes = tuple[tuple[str, str], ...]
"""Kind and name of everything that one attempt counts for."""


@dataclass(frozen=True)
class Throttle:
    """`key`: secret bytes; names and addresses are kept as keyed hashes only."""

    database: Database
    key: bytes
    clock: Callable[[], int]

    def check(self, lanes: Lanes) -> None:
        """Raises TooManyAttempts, with the seconds to wait, while one of the lanes is being slowed down."""
        wait = max(self._wait(kind, who) for kind, who in lanes)
        if wait > 0:
            raise TooManyAttempts(wait)

    def failed(self, lanes: Lanes) -> None:
        for kind, who in lanes:
            self._count(kind, who)

    def succeeded(self, lanes: Lanes) -> None:
        """The failures are forgotten, but an address's are not, or one known account would free it."""
        own = [self._key(kind, who) for kind, who in lanes if kind != "address"]
        tx = self.database.transaction()
        tx.stage(sa.delete(attempts).where(attempts.c.key.in_(own)))
        tx.commit()

    def lanes(self, person: UUID | None, name: str, address: str, mark: str) -> Lanes:
        """What an attempt at the door counts for.

        A browser that this very account has signed in with before waits for its own mistakes alone.

        Args:
            person: whose account goes by this name; None: nobody's does.
            name: as it was typed, folded.
            mark: what the browser was given at an earlier sign-in, or nothing.
        """
        if person is not None and self.is_mark_of(person, mark):
            return (("browser", mark),)
        account = f"name {name}" if person is None else f"id {person.hex}"
        return ("account", account), ("address", address)

    # Browsers

    def mark(self, person: UUID) -> str:
        """For a browser that this person has just signed in with: it gets a lane of its own, out of which nobody who fails
        on purpose elsewhere can lock them.

        A random number and its MAC with the person: without our key it tells neither who that was nor whether two
        browsers are the same person's.
        """
        number = secrets.token_hex(MARK_BYTES)
        return number + self._mac_of_mark(person, number)

    def is_mark_of(self, person: UUID, mark: str) -> bool:
        number, tag = mark[: 2 * MARK_BYTES], mark[2 * MARK_BYTES :]
        return hmac.compare_digest(tag.encode(), self._mac_of_mark(person, number).encode())

    def _mac_of_mark(self, person: UUID, number: str) -> str:
        return self._key("mark", f"{person.hex} {number}").hex()

    # Counting

    def _wait(self, kind: str, who: str) -> int:
        tx = self.database.transaction()
        try:
            row = tx.first(sa.select(attempts).where(attempts.c.key == self._key(kind, who)))
        finally:
            tx.release()
        if row is None or row.failures < FREE[kind]:
            return 0
        wait: int = min(FIRST_WAIT * 2 ** min(int(row.failures) - FREE[kind], 10), LONGEST_WAIT)
        since = self.clock() - int(row.last)
        if since < -LONGEST_WAIT:
            return 0  # counted by a clock that was put right meanwhile; else it would shut out for as long
        return max(0, wait - since)

    def _count(self, kind: str, who: str) -> None:
        key, now = self._key(kind, who), self.clock()
        tx = self.database.transaction()
        tx.stage(sa.delete(attempts).where(attempts.c.last < now - FORGET_AFTER))
        known = tx.first(sa.select(attempts.c.key).where(attempts.c.key == key))
        if known is None:
            tx.insert(attempts, key=key, kind=kind, failures=1, last=now)
        else:
            tx.stage(
                sa.update(attempts)
                .where(attempts.c.key == key)
                .values(failures=attempts.c.failures + 1, last=now)
            )
        try:
            tx.commit()
        except Conflict:  # another guess was counted first, at the same moment
            self._count(kind, who)

    def _key(self, kind: str, who: str) -> bytes:
        return hmac.new(self.key, f"{kind}\x00{who}".encode(), hashlib.sha256).digest()


def throttle_of(installation: Installation, sessions: SessionStore, clock: Callable[[], int]) -> Throttle:
    """The one that every door of this installation shares."""
    return Throttle(sessions.database, installation.under_root("forms").reveal(), clock)
