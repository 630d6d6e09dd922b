"""What an action may reach for; everything it stages lands together or not at all, once, at the commit."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from app.audit.log import AuditLog
from app.domain.errors import Conflict
from app.store.database import Database, Transaction
from app.vault.installation import Installation
from app.vault.vault import Vault

BOOK_RACES = 16
"""How often the trust book is merged anew: a page may send several requests of one person at once."""


@dataclass
class UnitOfWork:
    """`clock`: seconds since 1970. Reads through `tx`, `vault`; notes through `audit`; `commit` is the access check's."""

    database: Database
    tx: Transaction
    vault: Vault
    audit: AuditLog
    clock: Callable[[], int]
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    """What may only be remembered once the commit is durable; called in order, before the answer leaves."""
    wake: Callable[[UUID, UUID], None] = field(default=lambda _worker, _job: None)
    """Tells a worker of a job; nothing is lost where it does not hear."""

    @property
    def installation(self) -> Installation:
        return self.vault.installation

    def commit(self) -> None:
        """Staged rows, the trust book and, last of all, the log's new places: all or nothing, durable on return.

        Raises:
            Conflict, Unavailable: nothing was written.
        """
        self.vault.stage_book()
        self._land()
        self.audit.committed()
        for worker, job in self.vault.issued_jobs():
            self.wake(worker, job)
        self.vault.issued_jobs().clear()
        for remember in self.after_commit:
            remember()
        self.after_commit.clear()

    def _land(self) -> None:
        for _race in range(BOOK_RACES):
            try:
                return self._write()
            except Conflict as conflict:
                self.vault.rebase_book(conflict)
        return self._write()

    def _write(self) -> None:
        self.tx.commit(self.audit.append if self.audit.notes else None)

    def end(self) -> None:
        """Give the database connection back."""
        self.tx.release()
