"""Loads the subject of a route: verified facts about a case, a statement, a person, or NotFound."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import NotFound
from app.domain.ids import CaseId, PersonId, StatementId
from app.domain.lifecycle import StatementState
from app.policy.actor import Actor
from app.policy.facts import NOBODY, CaseFacts, FrozenReason, PersonFacts, ProposalFacts, StatementFacts
from app.store import cases
from app.store.trust import installation
from app.unit_of_work import UnitOfWork

TRANSCRIBED = "transcribed"
TRANSLATED = "translated"
REDACTED = "redacted"
WROTE = "wrote"

ERA: Final = sa.select(installation.c.era)
STATEMENT: Final = sa.select(cases.statements).where(cases.statements.c.id == sa.bindparam("id"))
WORK_ON_ONE: Final = sa.select(cases.work).where(cases.work.c.subject == sa.bindparam("subject"))
WORK_ON: Final = sa.select(cases.work).where(
    cases.work.c.subject.in_(sa.bindparam("subjects", expanding=True))
)


def case_facts(uow: UnitOfWork, case: UUID) -> CaseFacts:
    """The actor's duties on a case, from its newest verified roster; none where they are not on it."""
    roster = uow.vault.trust.roster(case)
    era = uow.tx.value(ERA)
    frozen = FrozenReason.NEW_ERA if roster.roster.era < era else None
    return CaseFacts(CaseId(case), roster.duties_of(uow.vault.holder.card), frozen)


def a_case(uow: UnitOfWork, _actor: Actor, *, case: UUID) -> CaseFacts:
    return case_facts(uow, case)


def a_person(_uow: UnitOfWork, _actor: Actor, *, person: UUID) -> PersonFacts:
    return PersonFacts(PersonId(person))


def a_proposal(uow: UnitOfWork, _actor: Actor, *, proposal: UUID) -> ProposalFacts:
    found = uow.vault.proposals.find(proposal)
    seconder = PersonId(found.seconder) if found.seconder else NOBODY
    return ProposalFacts(found.kind.value, PersonId(found.proposer), seconder, found.id)


def a_statement(uow: UnitOfWork, _actor: Actor, *, statement: UUID) -> StatementFacts:
    return statement_facts(uow, statement)


def statement_facts(uow: UnitOfWork, statement: UUID) -> StatementFacts:
    row = uow.tx.first(STATEMENT, id=statement)
    if row is None:
        raise NotFound("statement")
    by_kind = _by_kind(uow.tx.all(WORK_ON_ONE, subject=statement))
    return StatementFacts(
        case=case_facts(uow, row.case),
        id=StatementId(statement),
        state=StatementState(row.state),
        submitter=PersonId(row.submitter),
        transcribed_by=by_kind.get(TRANSCRIBED, frozenset()),
        translated_by=by_kind.get(TRANSLATED, frozenset()),
        redacted_by=by_kind.get(REDACTED, frozenset()),
    )


def workers(uow: UnitOfWork, subjects: list[UUID]) -> dict[str, frozenset[PersonId]]:
    return _by_kind(uow.tx.all(WORK_ON, subjects=subjects))


def _by_kind(rows: Sequence[sa.Row[Any]]) -> dict[str, frozenset[PersonId]]:
    kinds = {row.kind for row in rows}
    return {kind: frozenset(PersonId(row.person) for row in rows if row.kind == kind) for kind in kinds}
