"""What waits for whom: every statement that work goes on with, across my cases, in three groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.cases.queries import Listed, MyCase, listing, with_lines
from app.cases.team import Team
from app.domain.duties import Duty
from app.domain.lifecycle import StatementState
from app.store import cases
from app.unit_of_work import UnitOfWork
from app.web.subjects import REDACTED, TRANSCRIBED, TRANSLATED

SHOWN: Final = 20
"""Statements of one state and case that a desk looks at, oldest first; it does not grow with a case."""

_S = StatementState

IN_WORK: Final = (
    _S.RETURNED, _S.IN_APPROVAL, _S.REDACTED, _S.REDACTING, _S.TRANSCRIBED, _S.TRANSCRIBING, _S.ACCEPTED,
    _S.RECEIVED, _S.ON_HOLD,
)  # fmt: skip
"""What was begun comes before what was not. Approved statements wait for a story, not here."""

FOR_LEADS: Final = (_S.QUARANTINED, _S.WITHDRAWN)
ORDER: Final = (_S.RETURNED, _S.QUARANTINED, *IN_WORK[1:], _S.WITHDRAWN)

_APPROVERS: Final = frozenset({Duty.EDITORIAL_APPROVER, Duty.PROTECTION_APPROVER})
_TAKEN_BY: Final[Mapping[StatementState, str]] = MappingProxyType(
    {_S.TRANSCRIBING: TRANSCRIBED, _S.REDACTING: REDACTED, _S.REDACTED: REDACTED}
)
"""Whose work of this kind is recorded has the statement in hand."""
_IN_HAND: Final = frozenset({*_TAKEN_BY, _S.RETURNED})

NEEDS: Final[Mapping[StatementState, frozenset[Duty]]] = MappingProxyType(
    {
        _S.QUARANTINED: frozenset({Duty.LEAD}),
        _S.RETURNED: frozenset({Duty.LEAD}),
        _S.ACCEPTED: frozenset({Duty.TRANSCRIBER, Duty.REDACTOR}),
        _S.TRANSCRIBING: frozenset({Duty.TRANSCRIBER}),
        _S.TRANSCRIBED: frozenset({Duty.REDACTOR, Duty.TRANSLATOR}),
        _S.REDACTING: frozenset({Duty.REDACTOR}),
        _S.REDACTED: frozenset({Duty.REDACTOR}),
        _S.IN_APPROVAL: _APPROVERS,
        _S.ON_HOLD: frozenset({Duty.LEAD}),
        _S.WITHDRAWN: frozenset({Duty.LEAD}),
    }
)
"""Who can bring a statement on from there; a received one is anybody's."""


class Group(StrEnum):
    MINE = "mine"
    UNTAKEN = "untaken"
    WAITING = "waiting"


@dataclass(frozen=True)
class Worker:
    """Who did which kind of work on a statement."""

    person: UUID
    kind: str


@dataclass(frozen=True)
class Task:
    """A statement on the desk. `with_people`: who has it in hand, nobody where it waits for a duty."""

    listed: Listed
    case: MyCase
    group: Group
    with_people: frozenset[UUID]

    def waits_for(self, team: Team) -> tuple[str, ...]:
        """Names of those who have it in hand, or else of those whose duty it is to go on with it."""
        if self.with_people:
            return team.names_of(member for member in team.members if member.person in self.with_people)
        return team.names_of(team.holders(*NEEDS.get(self.listed.state, ())))


@dataclass(frozen=True)
class Choice:
    """What a person chose to see, as it stands in the URL; None is everything."""

    state: StatementState | None = None
    case: UUID | None = None
    language: str | None = None


def group_of(state: StatementState, duties: frozenset[Duty], me: UUID, workers: frozenset[Worker]) -> Group:
    """Where a statement stands on one person's desk, by what may be done next and by whom."""
    hands = in_hand_of(state, workers)
    if state in {_S.ON_HOLD, _S.WITHDRAWN}:
        return Group.WAITING
    if state in {_S.QUARANTINED, _S.IN_APPROVAL}:
        worked = any(worker.person == me for worker in workers)
        return Group.MINE if duties & NEEDS[state] and not worked else Group.WAITING
    if hands:
        return Group.MINE if me in hands else Group.WAITING
    return Group.UNTAKEN if state is _S.RECEIVED or duties & NEEDS[state] else Group.WAITING


def in_hand_of(state: StatementState, workers: frozenset[Worker]) -> frozenset[UUID]:
    """Who has it now, by the work of theirs that is recorded."""
    if state is _S.RETURNED:
        return frozenset(worker.person for worker in workers)
    return frozenset(worker.person for worker in workers if worker.kind == _TAKEN_BY.get(state))


def tasks(uow: UnitOfWork, mine: Sequence[MyCase], choice: Choice) -> list[Task]:
    """Everything on the holder's desk, as chosen; begun work first, then by age."""
    chosen = [case for case in mine if case.opens and choice.case in {None, case.id}]
    found = list(chain.from_iterable(_of_case(uow, case, choice.state) for case in chosen))
    found.sort(key=lambda task: (ORDER.index(task.listed.state), task.listed.place.arrival))
    return [task for task in found if _speaks(task.listed, choice.language)]


def _speaks(listed: Listed, language: str | None) -> bool:
    return language is None or (listed.line is not None and language in listed.line.languages)


def _of_case(uow: UnitOfWork, case: MyCase, state: StatementState | None) -> list[Task]:
    states = [*IN_WORK, *FOR_LEADS] if Duty.LEAD in case.facts.duties else [*IN_WORK]
    states = [known for known in states if state in {None, known}]
    if not states:
        return []
    listed = with_lines(uow, case.id, uow.tx.all(desk_query(case.id, uow.vault.holder.person, states)))
    workers = _workers(uow, [row.id for row in listed])
    return [_task(uow, case, row, workers.get(row.id, frozenset())) for row in listed]


def _task(uow: UnitOfWork, case: MyCase, listed: Listed, workers: frozenset[Worker]) -> Task:
    group = group_of(listed.state, case.facts.duties, uow.vault.holder.person, workers)
    return Task(listed, case, group, in_hand_of(listed.state, workers))


def desk_query(case: UUID, me: UUID, states: Sequence[StatementState]) -> sa.Select[Any]:
    """The oldest of each state, and of what is in hand the oldest that I worked on, along the index of states."""
    arms = [_oldest(case, state) for state in states]
    arms += [_oldest_of_mine(case, state, me) for state in states if state in _IN_HAND]
    return sa.select(sa.union(*(sa.select(arm.subquery()) for arm in arms)).subquery())


def _oldest(case: UUID, state: StatementState) -> sa.Select[Any]:
    c = cases.statements.c
    return listing().where(c.case == case, c.state == state.value).order_by(c.arrival).limit(SHOWN)


def _oldest_of_mine(case: UUID, state: StatementState, me: UUID) -> sa.Select[Any]:
    work, statements = cases.work.c, cases.statements.c
    of_mine = sa.exists().where(
        work.subject == statements.id,
        work.kind.in_((TRANSCRIBED, TRANSLATED, REDACTED)),
        work.person == me,
    )
    return _oldest(case, state).where(of_mine)


def _workers(uow: UnitOfWork, statements: list[UUID]) -> dict[UUID, frozenset[Worker]]:
    rows = uow.tx.all(sa.select(cases.work).where(cases.work.c.subject.in_(statements)))
    return {
        statement: frozenset(Worker(row.person, row.kind) for row in rows if row.subject == statement)
        for statement in {row.subject for row in rows}
    }
