"""What one process works with, put together once: databases, blobs, installation, clock."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Event, Lock
from typing import Final
from uuid import UUID

from app.audit.headfile import HeadFile
from app.audit.log import AuditLog
from app.config import Config
from app.crypto.lock import Argon2Cost
from app.domain.errors import Unusable
from app.domain.jobs import Pace
from app.store.blobs import BlobStore
from app.store.database import Database
from app.store.migrate import is_current
from app.store.queue import WakeUps
from app.unit_of_work import UnitOfWork
from app.vault.book import OpenBook
from app.vault.files import KnownLists
from app.vault.identity import Holder
from app.vault.installation import Installation, load_installation
from app.vault.rootfile import RootFile
from app.vault.sessions import Limits, Session, SessionStore
from app.vault.vault import Vault

MINUTE: Final = 60
MINUTES_KEPT: Final = 60


def now() -> int:
    """Seconds since 1970, UTC."""
    return int(time.time())


@dataclass(frozen=True)
class RefusalCount:
    """How often strangers were refused, by the minute, for the last hour; in this process alone, and nothing of whom."""

    _minutes: Counter[int] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def add(self, now: int) -> None:
        minute = now // MINUTE
        with self._lock:
            self._minutes[minute] += 1
            for old in [known for known in self._minutes if known <= minute - MINUTES_KEPT]:
                del self._minutes[old]

    def last_hour(self, now: int) -> tuple[int, int]:
        """All of the last sixty minutes, and those of the busiest one."""
        with self._lock:
            counts = [
                count for minute, count in self._minutes.items() if minute > now // MINUTE - MINUTES_KEPT
            ]
        return sum(counts), max(counts, default=0)


LINES_PER_PERSON: Final = 4


@dataclass(frozen=True)
class Lines:
    """How many bodies of one person are being read at once, in this process alone."""

    _taken: Counter[UUID] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def take(self, person: UUID) -> bool:
        """False where they have as many as one person may have."""
        with self._lock:
            if self._taken[person] >= LINES_PER_PERSON:
                return False
            self._taken[person] += 1
            return True

    def give_back(self, person: UUID) -> None:
        with self._lock:
            self._taken[person] -= 1
            if not self._taken[person]:
                del self._taken[person]


@dataclass(frozen=True)
class Services:
    """`database` and `sessions` are durable and expendable, in this order."""

    config: Config
    database: Database
    sessions: SessionStore
    blobs: BlobStore
    head_file: HeadFile
    installation: Installation
    clock: Callable[[], int] = now
    argon2_slots: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(2))
    """Two sign-ins at once: each takes 64 MiB and a core."""
    served_somebody: Event = field(default_factory=Event)
    """Set once this process has held a person's seeds; it is recycled when nobody is signed in any more."""
    refusals: RefusalCount = field(default_factory=RefusalCount)
    lines: Lines = field(default_factory=Lines)
    known_lists: KnownLists = field(default_factory=KnownLists)

    @property
    def wake_ups(self) -> WakeUps:
        return WakeUps(self.config.data_dir / "queue.db")

    @property
    def pace(self) -> Pace:
        return Pace.hastened(self.config.worker_haste)

    @classmethod
    def start(cls, config: Config, clock: Callable[[], int] = now) -> "Services":
        """Connect and check.

        Raises:
            Unusable: the schema is older than the code, the root key file lies among the data or is not this
                database's, or a demo database is used outside a demo.
        """
        config.require_keys_apart()
        database = Database(config.database_url)
        if not is_current(database):
            raise Unusable(
                "The database's schema is not this version's. Run `vouchsafe init` or `vouchsafe upgrade`."
            )
        tx = database.transaction()
        try:
            installation = load_installation(tx, RootFile.read(config.root_key_file))
        finally:
            tx.release()
        if installation.demo != config.demo:
            raise Unusable(
                "This database is a demo, for ever; it runs only with DEMO=1, on loopback."
                if installation.demo
                else "DEMO=1 is set, but this database is not a demo."
            )
        limits = Limits(config.idle_seconds, config.absolute_seconds)
        sessions = SessionStore(Database(config.sessions_url, durable=False), installation.id, clock, limits)
        return cls(
            config,
            database,
            sessions,
            BlobStore(config.data_dir / "blobs"),
            HeadFile(config.head_file),
            installation,
            clock,
        )

    @property
    def cost(self) -> Argon2Cost:
        return Argon2Cost(*self.config.argon2)

    def unit_of_work(
        self, session: Session | None = None, holder: Holder | None = None, book: OpenBook | None = None
    ) -> UnitOfWork:
        """A fresh unit of work, in the name of a session's person, of a holder, or of nobody.

        `book`: the person's trust book, where it has been read in this request already.
        """
        tx = self.database.transaction()
        audit = AuditLog(self.installation.log_keys, self.head_file, self.clock)
        vault = Vault(
            tx,
            self.installation,
            audit,
            self.clock,
            self.sessions,
            self.blobs,
            self.cost,
            session=session,
            as_holder=holder,
            known_book=book,
            known_lists=self.known_lists,
            pace=self.pace,
        )
        return UnitOfWork(self.database, tx, vault, audit, self.clock, wake=self.wake_ups.wake)

    def close(self) -> None:
        self.database.close()
        self.sessions.database.close()
