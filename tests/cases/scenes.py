"""What the tests of the case file begin with: statements that were sent, taken over, worked on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.cases import actions
from app.domain.duties import Duty
from app.domain.ids import CaseId
from app.domain.lifecycle import StatementState
from app.policy.facts import CaseFacts
from app.store import cases
from app.store.log import entries
from app.vault.submissions import open_form
from tests.cast import LINDEN, Cast


def send(cast: Cast, code_name: str, who: str = "anahit", *, finished: bool = True, **part: Any) -> UUID:
    """A statement in one part, sealed to the readers of the case; nobody has opened it yet."""
    with cast.acting(who) as uow:
        token = uow.vault.submissions.begin(cast.case)
    said = {"code_name": code_name, "languages": ["hy"], "account": "We heard it at night.", **part}
    with cast.acting(who) as uow:
        capsule = open_form(uow.installation, token, uow.clock())
        sealed = uow.vault.submissions.seal_part(capsule, said, {}, {"name": "somebody"}, [])
        if finished:
            uow.vault.submissions.finish(sealed.capsule, sealed)
    return capsule.submission


def facts(cast: Cast, who: str, duties: frozenset[Duty] | None = None) -> CaseFacts:
    return CaseFacts(CaseId(cast.case), LINDEN[who] if duties is None else duties)


def take_over(cast: Cast, who: str = "lilit") -> int:
    with cast.acting(who) as uow:
        return actions.take_over(uow, facts(cast, who))


def read(cast: Cast, *code_names: str) -> list[UUID]:
    """Statements that were sent and taken over."""
    sent = [send(cast, name) for name in code_names]
    while take_over(cast):
        pass
    return sent


def move(cast: Cast, statement: UUID, state: StatementState, *workers: tuple[str, str]) -> None:
    """Put a statement where a test needs it; `workers`: (name, kind of work)."""
    with cast.services.database.writing() as connection:
        table = cases.statements
        connection.execute(sa.update(table).where(table.c.id == statement).values(state=state.value))
        for name, kind in workers:
            person = cast.people[name].person
            connection.execute(sa.insert(cases.work).values(subject=statement, kind=kind, person=person))


def touch(cast: Cast, *writes: sa.UpdateBase) -> None:
    """Write behind the product's back, as whoever holds the database could."""
    with cast.services.database.writing() as connection:
        for write in writes:
            connection.execute(write)


def logged(cast: Cast, act: Act, record: UUID | None = None) -> Sequence[sa.Row[Any]]:
    query = sa.select(entries).where(entries.c.act == act.value)
    tx = cast.services.database.transaction()
    try:
        return tx.all(query if record is None else query.where(entries.c.record == record))
    finally:
        tx.release()
