"""Has files prepared as soon as somebody may read them: beside the page that shows them, and never in its way."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import Conflict, Forbidden, Frozen, NotFound, Tampered, Unavailable
from app.domain.jobs import JobState
from app.domain.lifecycle import StatementState
from app.store import cases, keys
from app.store.jobs import jobs
from app.unit_of_work import UnitOfWork
from app.vault.jobs import IS_KEYLESS, NEVER, JobStanding
from app.vault.records import INTAKE
from app.web import again

WANTING: Final = frozenset({NEVER, JobState.KEYLESS.value})
AT_ONCE: Final = 50
"""Files that one request has prepared; the rest follows with the next."""
STOPPED: Final = frozenset({StatementState.QUARANTINED, StatementState.WITHDRAWN, StatementState.DESTROYED})
"""Nothing is made of the files of such a statement, even where its lead looks at them."""
KEYLESS: Final = (
    sa.select(jobs.c.subject, jobs.c.since)
    .join(cases.assets, cases.assets.c.id == jobs.c.subject)
    .join(cases.statements, cases.statements.c.id == cases.assets.c.statement)
    .where(
        jobs.c.case == sa.bindparam("of_case"),
        cases.statements.c.state.not_in([state.value for state in STOPPED]),
        IS_KEYLESS,
    )
    .order_by(jobs.c.since, jobs.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
)
"""Files whose preparing lost its worker, and with it its keys: a chore for whoever reads the case."""


def standings(uow: UnitOfWork, assets: Sequence[UUID]) -> dict[UUID, JobStanding]:
    """How the preparing of each stands."""
    return {asset: uow.vault.jobs.state(asset) for asset in assets}


def have_prepared(case: UUID, assets: Sequence[UUID]) -> dict[UUID, JobStanding]:
    """Have each file prepared that was not, in a unit of work of its own; how those stand then.

    Where somebody else had it done at that moment, or it cannot be done now, the next page sees to it.
    """
    if not assets:
        return {}
    stand: dict[UUID, JobStanding] = {}

    def ensure(uow: UnitOfWork) -> None:
        stand.clear()
        for asset in assets[:AT_ONCE]:
            with suppress(
                Forbidden, NotFound, Tampered
            ):  # a file that cannot be read shows where it is opened
                stand[asset] = uow.vault.jobs.ensure(case, asset)

    try:
        again.until_done(ensure)
    except (Conflict, Frozen, Unavailable):
        return {}
    return stand


def unprepared(uow: UnitOfWork, case: UUID) -> list[UUID]:
    """Files of the case's statements that were taken over and let in, and that nobody has had prepared yet."""
    assets, wraps, statements = cases.assets, keys.record_keys, cases.statements
    waits = sa.exists().where(wraps.c.record == assets.c.id, wraps.c.state == INTAKE)
    wanted: sa.Select[Any] = (
        sa.select(assets.c.id)
        .join(statements, statements.c.id == assets.c.statement)
        .where(
            assets.c.case == case,
            statements.c.state == StatementState.ACCEPTED.value,
            ~sa.exists().where(jobs.c.subject == assets.c.id),
            ~waits,
        )
        .order_by(assets.c.received, assets.c.id)
        .limit(AT_ONCE)
    )
    return [row.id for row in uow.tx.all(wanted)]


def keyless(uow: UnitOfWork, case: UUID) -> list[UUID]:
    """Files of the case whose preparing lost its worker, those that wait longest first."""
    return [row.subject for row in uow.tx.all(KEYLESS, of_case=case, most=AT_ONCE, **uow.vault.jobs.now())]
