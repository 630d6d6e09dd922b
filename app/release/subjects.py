"""Loads the subject of a story's routes: complete, verified facts, or NotFound."""

from types import MappingProxyType
from uuid import UUID

from app.domain.duties import reads_case
from app.domain.ids import PersonId, StoryId
from app.policy.actor import Actor
from app.policy.facts import StoryFacts
from app.release import standing
from app.release.sources import statements_of
from app.unit_of_work import UnitOfWork
from app.web.subjects import case_facts


def a_story(uow: UnitOfWork, _actor: Actor, *, story: UUID) -> StoryFacts:
    row = standing.story_row(uow, story)
    case = case_facts(uow, row.case)
    bare = StoryFacts(case=case, id=StoryId(row.id), state=row.state, authors=frozenset())
    if not reads_case(case.duties):
        return bare
    return _in_approval(uow, row, bare) if row.state in standing.IN_APPROVAL else _at_rest(uow, row, bare)


def _at_rest(uow: UnitOfWork, row: standing.StoryRow, bare: StoryFacts) -> StoryFacts:
    """A draft, or what is out already: nothing is signed over it now, so nothing of it is opened."""
    return StoryFacts(
        case=bare.case,
        id=bare.id,
        state=row.state,
        authors=standing.authors_of(uow, row.id),
        worked=standing.workers_of(uow, statements_of(uow, row.id)),
    )


def _in_approval(uow: UnitOfWork, row: standing.StoryRow, bare: StoryFacts) -> StoryFacts:
    checked = standing.open_report(uow, row)
    if checked is None or not checked.report.speaks_of(row.bundle):
        return _at_rest(uow, row, bare)
    leaning = standing.lean(uow, row.case, checked.report)
    approvals = standing.approvals_in_force(uow, row, checked, leaning)
    return StoryFacts(
        case=bare.case,
        id=bare.id,
        state=row.state,
        authors=standing.authors_of(uow, row.id),
        worked=standing.workers_of(uow, frozenset(checked.report.statements)),
        approvals=MappingProxyType({kind: PersonId(each.person) for kind, each in approvals.items()}),
        vouchers=MappingProxyType(standing.vouchers(uow, approvals)),
        gate_passed=checked.report.passed,
        missing_scopes=leaning.missing,
        source_held=leaning.held,
        embargo_over=leaning.embargo_over,
    )
