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
from app.vault.jobs import NEVER, JobStanding
from app.vault.records import INTAKE
from app.web import again

WANTING: Final = frozenset({NEVER, JobState.KEYLESS.value})
AT_ONCE: Final = 50
"""Files that one request has prepared; the rest follows with the next."""


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
