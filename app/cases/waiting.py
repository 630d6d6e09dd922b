"""What waits for whom on one case: derived from states, keys and duties, at a cost that does not grow with the case."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.cases import staffing
from app.cases.desk import NEEDS
from app.cases.team import Team
from app.domain.duties import Duty
from app.domain.lifecycle import StatementState, StoryState
from app.policy.facts import ApprovalKind, CaseFacts
from app.store import cases, keys, stories
from app.store.log import entries
from app.unit_of_work import UnitOfWork
from app.vault.records import ADOPTED, INTAKE
from app.vault.secrets import CASE, IDENTITY
from app.web import preparing

COUNTED: Final = 1_000
"""A backlog is counted this far; beyond it a page says "more than"."""

NOTED: Final = 50
"""Noted chores and stories that are looked at, oldest first."""

_S = StatementState
AT_WORK: Final = (
    _S.QUARANTINED, _S.RETURNED, _S.ACCEPTED, _S.TRANSCRIBING, _S.TRANSCRIBED, _S.REDACTING, _S.REDACTED,
    _S.IN_APPROVAL, _S.ON_HOLD,
)  # fmt: skip
"""States in which a statement waits for somebody's duty. Its taking over waits for keys, and is told by them."""

VOICES: Final[Mapping[ApprovalKind, Duty]] = MappingProxyType(
    {
        ApprovalKind.EDITORIAL: Duty.EDITORIAL_APPROVER,
        ApprovalKind.PROTECTION: Duty.PROTECTION_APPROVER,
        ApprovalKind.IDENTITY: Duty.IDENTITY_CUSTODIAN,
    }
)

# Built once: to put them together takes longer than to ask them.


def _some(which: sa.Select[Any]) -> sa.Select[Any]:
    """How many there are, at most one more than COUNTED: a large backlog costs no more than a small one."""
    return sa.select(sa.func.count()).select_from(which.limit(COUNTED + 1).subquery())


def _of_state(state: StatementState) -> sa.Select[Any]:
    c = cases.statements.c
    of_state = sa.select(c.id, c.received).where(c.case == sa.bindparam("of_case"), c.state == state.value)
    oldest = of_state.order_by(c.arrival).limit(1).subquery()
    return sa.select(
        sa.literal(state.value).label("state"),
        _some(of_state.with_only_columns(c.id)).scalar_subquery().label("waiting"),
        oldest.c.id.label("oldest"),
        oldest.c.received.label("received"),
    )


_keys, _statements, _stories, _approvals, _entries = (
    table.c for table in (keys.record_keys, cases.statements, stories.stories, stories.approvals, entries)
)
_of_case: sa.BindParameter[UUID] = sa.bindparam("of_case")

STATES: Final = sa.select(sa.union_all(*(_of_state(state) for state in AT_WORK)).subquery())
"""Of each state that has any: how many, counted so far; the oldest, and when that came. Along the index of states."""

_sealed = (
    sa.select(_keys.id, _keys.record)
    .where(_keys.case == _of_case, _keys.kind == sa.bindparam("kind"), _keys.state == INTAKE)
    .limit(COUNTED + 1)
    .subquery()
)
_how_many: tuple[sa.ColumnElement[Any], ...] = (
    sa.func.count().label("waiting"),
    sa.func.min(_statements.received).label("received"),
)
SEALED: Final = sa.select(*_how_many).select_from(
    _sealed.outerjoin(cases.statements, _statements.id == _sealed.c.record)
)
"""How many keys nobody has taken over, counted so far, and when the first statement among them came."""

_lost = preparing.KEYLESS.subquery()
_of_lost: tuple[sa.ColumnElement[Any], ...] = (
    sa.func.count().label("waiting"),
    sa.func.min(_lost.c.since).label("since"),
)
LOST: Final = sa.select(*_of_lost).select_from(_lost)
"""How many files have to be handed to another worker, counted so far, and since when the first of them."""

OF_EARLIER_EPOCHS: Final = _some(
    sa.select(_keys.id).where(
        _keys.case == _of_case,
        _keys.kind == CASE,
        _keys.state == ADOPTED,
        _keys.epoch < sa.bindparam("epoch"),
    )
)
LAST_CHANGES: Final = (
    sa.select(_entries.record, sa.func.max(_entries.at).label("at"))
    .where(
        _entries.record.in_(sa.bindparam("records", expanding=True)),
        _entries.field == "",
        _entries.act == sa.bindparam("act"),
    )
    .group_by(_entries.record)
)
STORIES: Final = (
    sa.select(_stories.id, _stories.state, _stories.bundle, _stories.embargo_until)
    .where(
        _stories.case == _of_case,
        _stories.state.in_(
            [state.value for state in (StoryState.CHECKED, StoryState.APPROVED, StoryState.DUE)]
        ),
    )
    .order_by(_stories.created)
    .limit(NOTED)
)
APPROVALS: Final = sa.select(_approvals.story, _approvals.kind, _approvals.bundle).where(
    _approvals.story.in_(sa.bindparam("of_stories", expanding=True)), _approvals.voided.is_(None)
)
NOTES: Final = (
    sa.select(cases.chores)
    .where(cases.chores.c.case == _of_case)
    .order_by(cases.chores.c.since, cases.chores.c.id)
    .limit(NOTED)
)


# What waits


@dataclass(frozen=True)
class Wait:
    """Something that waits.

    `count`: at most one more than COUNTED; `people`: names; `duties`: any of them will do; `since`: of what has waited
    longest; `doable`: by who looks. Nobody named and no duty, yet doable, stand for any reader.
    """

    kind: str
    count: int
    people: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    since: datetime | None = None
    doable: bool = False

    @property
    def is_uncounted(self) -> bool:
        return self.count > COUNTED

    @property
    def is_stuck(self) -> bool:
        """Whether nobody can do it as the duties are."""
        return not self.doable and not self.people


def waits_of(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    """Everything that waits on a case, what who looks can do first."""
    taking_over = _taking_over(uow, facts, "take-over", CASE, doable=True)
    statements = [wait for wait in (taking_over, *_of_statements(uow, facts, team)) if wait.count]
    return _mine_first([*statements, *beside_statements(uow, facts, team)])


def beside_statements(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    """What waits besides the statements themselves: names, keys, lists, stories, what somebody noted."""
    found = (_of_keys, _of_files, _of_the_list, _of_stories, _noted)
    return _mine_first([wait for waits in found for wait in waits(uow, facts, team)])


def _mine_first(waits: list[Wait]) -> list[Wait]:
    return sorted(waits, key=lambda wait: not wait.doable)


def _for(team: Team, facts: CaseFacts, duties: Iterable[Duty]) -> dict[str, Any]:
    """Whom it waits for, by duty."""
    wanted = tuple(duty for duty in Duty if duty in set(duties))
    return {
        "people": team.names_of(team.holders(*wanted)),
        "duties": wanted,
        "doable": not facts.duties.isdisjoint(wanted),
    }


# Keys


def _of_keys(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    custodian = _for(team, facts, {Duty.IDENTITY_CUSTODIAN})
    older = int(uow.tx.value(OF_EARLIER_EPOCHS, of_case=facts.id, epoch=team.roster.roster.epoch))
    counted = [
        _taking_over(uow, facts, "take-over-names", IDENTITY, **custodian),
        Wait("renew-keys", older, doable=True),
    ]
    return [wait for wait in counted if wait.count]


def _taking_over(uow: UnitOfWork, facts: CaseFacts, kind: str, secret: str, **whom: Any) -> Wait:
    found = uow.tx.all(SEALED, of_case=facts.id, kind=secret)[0]
    return Wait(kind, found.waiting, since=_moment(found.received), **whom)


# Files


def _of_files(uow: UnitOfWork, facts: CaseFacts, _team: Team) -> list[Wait]:
    """Whose preparing lost its worker: another one is handed the keys in the session of any reader."""
    found = uow.tx.all(LOST, of_case=facts.id, most=COUNTED + 1, **uow.vault.jobs.now())[0]
    wait = Wait("prepare", found.waiting, since=_moment(found.since), doable=True)
    return [wait] if wait.count else []


# Statements


def _of_statements(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    rows = uow.tx.all(STATES, of_case=facts.id)
    since = _since(uow, Act.STATE_CHANGED, [row.oldest for row in rows])
    return [
        Wait(
            row.state,
            row.waiting,
            since=since.get(row.oldest) or _moment(row.received),
            **_for(team, facts, NEEDS[_S(row.state)]),
        )
        for row in rows
    ]


def _since(uow: UnitOfWork, act: Act, records: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of a few statements or stories came into its state, by the log."""
    rows = uow.tx.all(LAST_CHANGES, records=list(records), act=act.value)
    return {row.record: datetime.fromtimestamp(row.at, UTC) for row in rows}


# Lists of people


def _of_the_list(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    found = []
    if facts.frozen:
        found.append(Wait("sign-list", 1, **_for(team, facts, {Duty.LEAD})))
    if team.roster.roster.identity_epoch_pending:
        found.append(Wait("renew-names", 1, **_for(team, facts, {Duty.IDENTITY_CUSTODIAN})))
    keyless = staffing.publishers_without_key(uow, team.roster)
    if keyless:
        leads = tuple(staffing.release_key_leads(uow))
        found.append(Wait("release-key", len(keyless), leads, doable=staffing.hands_out_release_key(uow)))
    return found


# Stories


def _of_stories(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    """By the columns that stand beside what was signed: a hint where to look, never the decision."""
    rows, now = uow.tx.all(STORIES, of_case=facts.id), uow.clock()
    checked = [row for row in rows if row.state == StoryState.CHECKED]
    given = _given(uow, [row.id for row in checked])
    waiting = {
        (kind.value, duty): [row.id for row in checked if (row.id, kind, row.bundle) not in given]
        for kind, duty in VOICES.items()
    }
    due = [row.id for row in rows if row.state != StoryState.CHECKED and (row.embargo_until or 0) <= now]
    since = _since(uow, Act.STORY_STATE_CHANGED, [row.id for row in rows])
    return [
        Wait(
            f"story-{kind}",
            len(ids),
            since=min((since[each] for each in ids if each in since), default=None),
            **_for(team, facts, {duty}),
        )
        for (kind, duty), ids in (waiting | {("publish", Duty.PUBLISHER): due}).items()
        if ids
    ]


def _given(uow: UnitOfWork, of: Sequence[UUID]) -> set[tuple[UUID, str, bytes]]:
    rows = uow.tx.all(APPROVALS, of_stories=list(of))
    return {(row.story, row.kind, row.bundle) for row in rows}


# Noted


def _noted(uow: UnitOfWork, facts: CaseFacts, team: Team) -> list[Wait]:
    rows = uow.tx.all(NOTES, of_case=facts.id)
    return [
        Wait(
            row.kind,
            1,
            since=_moment(row.since),
            **_for(team, facts, {duty for duty in Duty if duty == row.waits_for}),
        )
        for row in rows
    ]


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
