"""A cast at work: two statements sent, one of them taken over and transcribed; and the hands of who can write the database."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.crypto import hpke, signing
from app.crypto.keys import PersonSeeds
from app.crypto.objects import Capsule, Card, Vouch, sign_object
from app.domain.ids import new_id
from app.store import people as people_tables
from app.store import sessions as session_tables
from app.store.cases import assets
from app.store.database import Database
from app.unit_of_work import UnitOfWork
from app.vault.fields import LINE, TRANSCRIPT
from app.vault.people import NewPerson
from app.vault.submissions import FileReceipt, Sealed, file_intake, open_form
from tests.cast import Cast, assemble
from tests.cast import copied as cast_copied

ACCOUNT = "I saw the lights go out on Linden street"
NOTES = "her hands were shaking when she said it"
NAME = "Teodora Vashlin"
FILE = b"bytes of a photograph of the bridge " * 20_000
SAID = "lights, then silence"
TITLE = "Juniper"


@dataclass
class Scene:
    """`statement` was taken over and transcribed in three versions; `waiting` was sent and not yet opened."""

    cast: Cast
    folder: Path
    statement: UUID
    waiting: UUID

    @property
    def case(self) -> UUID:
        return self.cast.case

    @property
    def asset(self) -> UUID:
        found: UUID = self.read(sa.select(assets.c.id).where(assets.c.statement == self.statement))[0][0]
        return found

    @contextmanager
    def reading(self, name: str | None) -> Iterator[UnitOfWork]:
        """A unit of work that commits nothing, so that nothing is remembered either."""
        uow = self.cast.uow(name)
        try:
            yield uow
        finally:
            uow.end()

    def transcript(self, name: str = "lilit", statement: UUID | None = None) -> bytes:
        with self.reading(name) as uow:
            return uow.vault.records.open(TRANSCRIPT, self.case, statement or self.statement).content

    # What somebody can do who writes the database, and has no key.

    def read(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        with self._home(query.get_final_froms()[0]).engine.connect() as connection:
            return list(connection.execute(query))

    def row(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> dict[str, Any]:
        (row,) = self.read(sa.select(table).where(*where))
        return dict(row._mapping)

    def tamper(self, *statements: sa.UpdateBase) -> None:
        with self._home(statements[0].entity_description["table"]).writing() as connection:
            for statement in statements:
                connection.execute(statement)

    def _home(self, table: sa.FromClause) -> Database:
        """The database that a table is in."""
        services = self.cast.services
        return (
            services.sessions.database
            if table in session_tables.metadata.sorted_tables
            else services.database
        )

    def put_back(
        self, table: sa.Table, rows: Iterable[dict[str, Any]], *where: sa.ColumnElement[bool]
    ) -> None:
        """Replace what fits `where` by rows that were read earlier."""
        self.tamper(sa.delete(table).where(*where), *(sa.insert(table).values(row) for row in rows))

    def swap(
        self, table: sa.Table, column: str, one: sa.ColumnElement[bool], other: sa.ColumnElement[bool]
    ) -> None:
        """Exchange one column between two rows."""
        first, second = self.row(table, one)[column], self.row(table, other)[column]
        assert first != second
        self.tamper(
            sa.update(table).where(one).values({column: second}),
            sa.update(table).where(other).values({column: first}),
        )

    def flip(self, table: sa.Table, column: str, *where: sa.ColumnElement[bool], bit: int = -9) -> None:
        """Turn one bit of one stored value."""
        stored = bytearray(self.row(table, *where)[column])
        bit %= len(stored) * 8
        stored[bit // 8] ^= 1 << bit % 8
        self.tamper(sa.update(table).where(*where).values({column: bytes(stored)}))


def build(folder: Path, database_url: str = "", sessions_url: str = "") -> Scene:
    cast = assemble(folder, database_url, sessions_url)
    statement = submit(cast, "anahit", files=[FILE])
    adopt(cast)
    with cast.acting("lilit") as uow:
        uow.vault.records.seal(LINE, cast.case, statement, b'{"title":"Juniper"}', expected=0)
    for version in range(3):
        with cast.acting("lilit") as uow:
            text = f"{SAID} {version + 1}".encode()
            uow.vault.records.seal(TRANSCRIPT, cast.case, statement, text, expected=version)
    return Scene(cast, folder, statement, submit(cast, "davit"))


def copied(scene: Scene, folder: Path, url: str = "") -> Scene:
    """The same scene on files of its own, or on a copy of its database; the one it is copied from must be closed."""
    cast = cast_copied(scene.cast, scene.folder, folder, url)
    return Scene(cast, folder, scene.statement, scene.waiting)


# Acts


def form(cast: Cast, name: str, case: UUID | None = None) -> Capsule:
    uow = cast.uow(name)
    try:
        token = uow.vault.submissions.begin(case or cast.case)
    finally:
        uow.end()
    return open_form(cast.services.installation, token, cast.clock())


def seal_file(cast: Cast, content: bytes, case: UUID | None = None) -> FileReceipt:
    intake = file_intake(cast.services.installation.id, case or cast.case, cast.services.blobs)
    intake.write(content)
    return intake.finish()


def seal_part(cast: Cast, name: str, capsule: Capsule, account: str, files: Iterable[bytes] = ()) -> Sealed:
    sealed_files = [(seal_file(cast, content, capsule.case), {"title": "a file"}) for content in files]
    with cast.acting(name) as uow:
        return uow.vault.submissions.seal_part(
            capsule, {"account": account}, {"risk": NOTES}, {"name": NAME}, sealed_files
        )


def submit(
    cast: Cast, name: str, account: str = ACCOUNT, files: Iterable[bytes] = (), case: UUID | None = None
) -> UUID:
    capsule = form(cast, name, case)
    sealed_files = [(seal_file(cast, content, capsule.case), {"title": "a file"}) for content in files]
    with cast.acting(name) as uow:
        sealed = uow.vault.submissions.seal_part(
            capsule, {"account": account}, {"risk": NOTES}, {"name": NAME}, sealed_files
        )
        uow.vault.submissions.finish(sealed.capsule, sealed)
    return capsule.submission


def adopt(cast: Cast, reader: str = "lilit", custodian: str = "anush", case: UUID | None = None) -> None:
    with cast.acting(reader) as uow:
        uow.vault.submissions.adopt(case or cast.case, 500)
    with cast.acting(custodian) as uow:
        uow.vault.submissions.adopt_identity(case or cast.case, 500)


def forged_card(
    cast: Cast, of: str, number: int = 1, previous: bytes | None = None
) -> tuple[Card, NewPerson]:
    """A card that says it is somebody's, made by whoever read the database: the keys are the forger's."""
    genuine, seeds = card_of(cast, of), PersonSeeds.generate()
    card = Card(
        person=genuine.person,
        name_hash=genuine.name_hash,
        hpke_public=hpke.public_of(seeds.hpke),
        signing_public=signing.public_of(seeds.signing),
        number=number,
        previous=previous,
        issued=cast.clock(),
    )
    digest = card.digest(cast.services.installation.id)
    return card, NewPerson(card.person, digest, seeds, "", b"")


def card_of(cast: Cast, name: str) -> Card:
    with cast.services.database.engine.connect() as connection:
        query = sa.select(people_tables.cards.c.object).where(
            people_tables.cards.c.digest == cast.people[name].card
        )
        return Card.decode(connection.execute(query).scalar_one())


def card_row(cast: Cast, card: Card, owner: NewPerson, previous: NewPerson | None = None) -> dict[str, Any]:
    """A row of `cards`, signed by the card's own key, and by the one before where there is one."""
    installation = cast.services.installation.id
    return {
        "digest": owner.card,
        "person": card.person,
        "number": card.number,
        "object": card.encode(),
        "signature": sign_object(owner.seeds.signing, installation, card),
        "previous_signature": sign_object(previous.seeds.signing, installation, card) if previous else None,
    }


def vouch_row(cast: Cast, voucher: NewPerson, card: bytes, signer: NewPerson | None = None) -> dict[str, Any]:
    """A row of `vouches` in the voucher's name, signed by whoever `signer` is."""
    installation = cast.services.installation.id
    vouch = Vouch(voucher=voucher.card, card=card, manner="call", issued=cast.clock())
    return {
        "digest": vouch.digest(installation),
        "card": card,
        "voucher_card": voucher.card,
        "object": vouch.encode(),
        "signature": sign_object((signer or voucher).seeds.signing, installation, vouch),
    }


def stranger() -> NewPerson:
    """Somebody with keys of their own and no account."""
    return NewPerson(new_id(), bytes(32), PersonSeeds.generate(), "", b"")
