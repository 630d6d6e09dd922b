"""What it costs a request to get from the cookie's secret to a statement's words: person, case, record, content."""

import base64
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope, hpke
from app.crypto.context import Context
from app.crypto.keys import CaseSecret, CookieSecret, PersonSeeds, derive
from app.domain.ids import NIL
from app.store.sessions import sessions
from app.store.trust import grants
from app.vault.fields import PART
from app.vault.identity import Holder
from app.vault.records import ADOPTED, VERSION_WITH_KEY
from app.vault.secrets import CASE, grant_context
from app.vault.sessions import SEEDS_LENGTH, SecretCache
from bench.report import Figure, publish
from tests import cast
from tests.statements import send

WARM = 200
ROUNDS = 3_000
ACCOUNT = "They came in the morning, before the bread. " * 60
BOUND_US = 500
READER = "lilit"
EVERYTHING = 100


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        troupe = cast.assemble(Path(folder))
        chain = _prepare(troupe)
        cached = _timed(lambda: chain.keys(chain.cached))
        granted = _timed(lambda: chain.keys(chain.granted))
        whole = _timed(chain.with_database)
        chain.end()
        troupe.close()
    publish(
        "chain",
        [
            _bounded("keys, median", statistics.median(cached)),
            _bounded("keys, 95th percentile", _late(cached)),
            Figure("keys, the session's first time, median", statistics.median(granted), "us", "", True),
            Figure("keys, the session's first time, 95th", _late(granted), "us", "", True),
            Figure("with rows, roster, log and signatures, median", statistics.median(whole), "us", "", True),
            Figure("with rows, roster, log and signatures, 95th", _late(whole), "us", "", True),
        ],
        {"rounds": ROUNDS, "bytes": len(ACCOUNT), "database": "sqlite"},
    )


def _bounded(name: str, value: float) -> Figure:
    return Figure(name, value, "us", f"<= {BOUND_US}", value <= BOUND_US)


def _late(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _timed(walk: Callable[[], bytes]) -> list[float]:
    """Microseconds of each walk; every one must end at the witness's words."""
    times = []
    for number in range(WARM + ROUNDS):
        began = time.perf_counter()
        content = walk()
        taken = time.perf_counter() - began
        assert ACCOUNT.encode() in content
        if number >= WARM:
            times.append(taken * 1e6)
    return times


@dataclass
class Chain:
    """A signed-in reader's cookie, a statement, and the rows in between as the database holds them."""

    troupe: cast.Cast
    cookie: str
    statement: UUID
    session: sa.Row[Any]
    kept: dict[bytes, bytes]
    grant: sa.Row[Any]
    version: sa.Row[Any]

    def __post_init__(self) -> None:
        self.uow = self.troupe.uow(READER)
        self.records = self.uow.vault.records

    def end(self) -> None:
        self.uow.end()

    def keys(self, case_secret: Callable[[Holder], CaseSecret]) -> bytes:
        """Every key in turn, each by what opens it in a request; the rows are there."""
        holder = self._person()
        self.records.secrets.keep(self.troupe.case, CASE, self.version.epoch, case_secret(holder))
        row = self.version
        key = self.records.record_key(row.key, self.troupe.case, self.statement, CASE, row)
        context = PART.context(self.troupe.case, self.statement, row.version)
        return envelope.open_(key, context, self._installation, row.envelope, floor=PART.floor)

    def _person(self) -> Holder:
        secret = CookieSecret(base64.urlsafe_b64decode(self.cookie + "="))
        context = Context("sessions", "seeds", NIL, self.session.person, 1)
        opened = envelope.open_(
            derive(secret, "session"), context, self._installation, self.session.seeds, floor=0
        )
        seeds, card = PersonSeeds.from_bytes(opened[:SEEDS_LENGTH]), opened[SEEDS_LENGTH:]
        return Holder(self.session.person, card, seeds, self.session.id[:8])

    def cached(self, holder: Holder) -> CaseSecret:
        """As a session gives it that has opened it before."""
        cache = SecretCache(self.troupe.services.sessions, holder, self.session.id, self.kept)
        found = cache.get(self.grant.digest)
        assert found is not None
        return CaseSecret(found.reveal())

    def granted(self, holder: Holder) -> CaseSecret:
        """Out of the grant itself, by HPKE."""
        context = grant_context(CASE, self.troupe.case, self.grant.epoch, holder.card)
        box = self.grant.box
        return CaseSecret(
            hpke.open_box(holder.seeds.hpke, holder.card[:16], context, self._installation, box)
        )

    def with_database(self) -> bytes:
        """The same by one request's own calls: what must be proved is proved, what must be asked is asked."""
        services = self.troupe.services
        uow = services.unit_of_work(services.sessions.resume(self.cookie))
        try:
            return uow.vault.records.open(PART, self.troupe.case, self.statement).content
        finally:
            uow.end()

    @property
    def _installation(self) -> UUID:
        return self.troupe.services.installation.id


def _prepare(troupe: cast.Cast) -> Chain:
    """A statement that was taken over, and a reader whose session has opened the case once."""
    statement, _same = send(troupe, troupe.case, ACCOUNT)
    with troupe.acting(READER) as uow:
        uow.vault.submissions.adopt(troupe.case, EVERYTHING)
    person, services = troupe.people[READER], troupe.services
    cookie = services.sessions.begin(person.person, person.card, person.seeds)
    uow = services.unit_of_work(services.sessions.resume(cookie))
    uow.vault.records.open(PART, troupe.case, statement)
    uow.end()
    tx = services.sessions.database.transaction()
    session = tx.first(sa.select(sessions).where(sessions.c.person == person.person))
    tx.release()
    tx = services.database.transaction()
    granted = (grants.c.case == troupe.case, grants.c.kind == CASE, grants.c.member_card == person.card)
    grant = tx.first(sa.select(grants).where(*granted))
    version = tx.first(VERSION_WITH_KEY, of_record=statement, of_field=PART.path, number=1)
    tx.release()
    assert session is not None
    assert grant is not None
    assert version is not None
    assert version.state == ADOPTED
    kept = dict(services.sessions.resume(cookie).secrets)
    return Chain(troupe, cookie, statement, session, kept, grant, version)


if __name__ == "__main__":
    main()
