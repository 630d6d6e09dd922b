"""Slows guessing down: failures are counted per account and per address, in the session store, so a restart forgets none."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from app.domain.errors import Conflict, TooManyAttempts
from app.store.database import Database
from app.store.sessions import attempts

FREE: Final = {"account": 5, "address": 20}
"""Failures that cost nothing."""
FIRST_WAIT: Final = 30
LONGEST_WAIT: Final = 15 * 60
FORGET_AFTER: Final = 24 * 60 * 60


@dataclass(frozen=True)
class Throttle:
    """`key`: secret bytes; names and addresses are kept as keyed hashes only."""

    database: Database
    key: bytes
    clock: Callable[[], int]

    def check(self, account: str, address: str) -> None:
        """Raises TooManyAttempts, with the seconds to wait, while either is being slowed down."""
        wait = max(self._wait("account", account), self._wait("address", address))
        if wait > 0:
            raise TooManyAttempts(wait)

    def failed(self, account: str, address: str) -> None:
        self._count("account", account)
        self._count("address", address)

    def succeeded(self, account: str) -> None:
        """The account's failures are forgotten; an address's are not, or one known account would free it."""
        tx = self.database.transaction()
        tx.stage(sa.delete(attempts).where(attempts.c.key == self._key("account", account)))
        tx.commit()

    def _wait(self, kind: str, who: str) -> int:
        tx = self.database.transaction()
        try:
            row = tx.first(sa.select(attempts).where(attempts.c.key == self._key(kind, who)))
        finally:
            tx.release()
        if row is None or row.failures < FREE[kind]:
            return 0
        wait: int = min(FIRST_WAIT * 2 ** min(int(row.failures) - FREE[kind], 10), LONGEST_WAIT)
        return max(0, int(row.last) + wait - self.clock())

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
