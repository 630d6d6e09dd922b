"""One founded installation a process, and the way back to it: every walk begins where the founding ended."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import psycopg
import sqlalchemy as sa

from app.domain.duties import Role
from app.services import Services
from app.store import sessions as session_tables
from app.store.schema import metadata
from app.unit_of_work import UnitOfWork
from app.vault.people import NewPerson
from tests.cast import Cast, Clock, assemble

MEMORY: Final = Path("/dev/shm")
MARK: Final = "HEARTWOOD"
"""Stands in every plaintext that honest people seal, and nowhere else."""
PUPPETS: Final = ("puppet-one", "puppet-two")
ADMINISTRATOR: Final = "helga"
"""Turned: uses every verb of the role, enrols the puppets, signs whatever helps."""


@dataclass
class Ticking(Clock):
    """A second passes with every act and at no other time, so that a walk can be walked again."""

    began: int = 1_900_000_000

    def __call__(self) -> int:
        return self.began + self.ahead


class Pristine(Protocol):
    """The main database as it was founded."""

    def put_back(self) -> None: ...

    def raw(self) -> bytes:
        """Every byte that lies on the disk now."""


class PristineFile:
    """SQLite: a copy in memory, put back page by page."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._kept = sqlite3.connect(":memory:")
        self._live = sqlite3.connect(file)
        self._live.execute("PRAGMA synchronous=OFF")
        self._live.backup(self._kept)

    def put_back(self) -> None:
        self._kept.backup(self._live)
        self._live.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def raw(self) -> bytes:
        beside = self.file.with_name(f"{self.file.name}-wal")
        return self.file.read_bytes() + (beside.read_bytes() if beside.exists() else b"")


class PristineSchema:
    """PostgreSQL: a copy of each table in a schema of its own."""

    def __init__(self, url: sa.URL) -> None:
        self._connection = psycopg.connect(
            host=str(url.query["host"]), user="postgres", dbname=url.database, autocommit=True
        )
        self._names = [table.name for table in metadata.sorted_tables]
        self._run("CREATE SCHEMA pristine")
        for name in self._names:
            self._run(f'CREATE TABLE pristine."{name}" AS TABLE public."{name}"')
        emptied = ", ".join(f'public."{name}"' for name in self._names)
        filled = "; ".join(
            f'INSERT INTO public."{name}" SELECT * FROM pristine."{name}"' for name in self._names
        )
        self._again = f"TRUNCATE {emptied}; {filled}"

    def put_back(self) -> None:
        self._run(self._again)

    def raw(self) -> bytes:
        found = bytearray()
        with self._connection.cursor() as cursor:
            for name in self._names:
                with cursor.copy(f'COPY public."{name}" TO STDOUT (FORMAT binary)'.encode()) as copy:
                    for piece in copy:
                        found += piece
        return bytes(found)

    def _run(self, statement: str) -> None:
        with self._connection.transaction():
            self._connection.execute(statement.encode())


@dataclass
class World:
    """`puppets`: accounts that the administrator enrolled and whose keys they hold."""

    cast: Cast
    folder: Path
    puppets: dict[str, NewPerson]
    pristine: Pristine = field(init=False)
    cookies: dict[str, str] = field(default_factory=dict)
    _head: bytes = b""
    _began: int = 0

    @property
    def services(self) -> Services:
        return self.cast.services

    @property
    def clock(self) -> Ticking:
        assert isinstance(self.cast.clock, Ticking)
        return self.cast.clock

    def person(self, name: str) -> NewPerson:
        return self.puppets.get(name) or self.cast.people[name]

    @cached_property
    def genuine(self) -> dict[UUID, bytes]:
        """The card that each of the cast really made; puppets are nobody."""
        return {person.person: person.card for person in self.cast.people.values()}

    # Beginning again

    def remember(self) -> None:
        """From here on `begin_again` leads back to this moment."""
        self._relax()
        database = self.services.database
        self.pristine = (
            PristineFile(self.folder / "vouchsafe.db") if database.is_sqlite else PristineSchema(database.url)
        )
        self._head = self.services.config.head_file.read_bytes()
        self._began = self.clock.ahead

    def begin_again(self) -> None:
        self.pristine.put_back()
        self._forget_sessions()
        head = self.services.config.head_file
        head.with_name(f"{head.name}.recent").unlink(missing_ok=True)
        head.write_bytes(self._head)
        self.clock.ahead = self._began

    def _forget_sessions(self) -> None:
        with self.services.sessions.database.writing() as connection:
            for table in session_tables.metadata.sorted_tables:
                connection.execute(sa.delete(table))
        self.services.sessions._opened.clear()
        self.cookies.clear()

    def _relax(self) -> None:
        """What is tried here outlives no power cut."""
        for database in (self.services.database, self.services.sessions.database):
            if database.is_sqlite:
                database.engine.dispose()
                sa.event.listen(database.engine, "connect", _without_syncing)

    def close(self) -> None:
        self.cast.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Acting

    def uow(self, name: str) -> UnitOfWork:
        """A unit of work in somebody's name: in their session if they signed in."""
        self.clock.ahead += 1
        if name in self.cookies:
            return self.services.unit_of_work(self.services.sessions.resume(self.cookies[name]))
        holder = replace(self.cast.holder("ruben"), **_identity(self.person(name)))
        return self.services.unit_of_work(holder=holder)

    def sign_in(self, name: str) -> None:
        person = self.person(name)
        self.cookies[name] = self.services.sessions.begin(person.person, person.card, person.seeds)

    def sign_out(self, name: str) -> None:
        self.services.sessions.end_all(self.person(name).person)
        self.cookies.pop(name, None)

    def nobody(self) -> UnitOfWork:
        self.clock.ahead += 1
        return self.services.unit_of_work()


def _identity(person: NewPerson) -> dict[str, Any]:
    return {"person": person.person, "card": person.card, "seeds": person.seeds}


def _without_syncing(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def enrol_puppet(cast: Cast, name: str) -> NewPerson:
    """By the administrator's own verbs: an invitation, whose link they use themselves."""
    with cast.acting(ADMINISTRATOR) as uow:
        _id, link = uow.vault.invitations.invite(
            cast.people[ADMINISTRATOR].person, name, f"{name} of nowhere", frozenset({Role.REVIEWER})
        )
    uow = cast.uow()
    try:
        invitations = uow.vault.invitations
        invitation = invitations.find(link)
        offer = invitations.offer(invitation.id)
        puppet = invitations.claim(invitation, offer, offer.words)
        uow.commit()
    finally:
        uow.end()
    return puppet


@contextmanager
def founded(database_url: str = "") -> Iterator[World]:
    """A world in memory where there is a file system for it; the main database may be elsewhere."""
    folder = Path(tempfile.mkdtemp(prefix="adversary-", dir=MEMORY if MEMORY.is_dir() else None))
    cast = assemble(folder, database_url)
    cast.services.close()
    clock = Ticking(began=cast.clock())
    services = Services.start(cast.services.config, clock)
    cast = replace(cast, services=services, clock=clock)
    with closing(World(cast, folder, {})) as world:
        world.puppets.update({name: enrol_puppet(cast, name) for name in PUPPETS})
        yield world
