"""Reads for the case file: my cases, pages of statements by list line, chores with whom they wait for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self
from uuid import UUID

import sqlalchemy as sa

from app.cases.dispute import STOPPED as DISPUTED
from app.cases.dispute import Seen, seen_of
from app.cases.shapes import Line, Settings, decoded
from app.domain.duties import Duty, reads_case
from app.domain.errors import Forbidden, Frozen, InvalidInput, NotFound, Tampered
from app.domain.ids import NIL, CaseId
from app.domain.lifecycle import StatementState
from app.domain.record import from_plain
from app.policy.facts import CaseFacts
from app.store import cases, trust
from app.unit_of_work import UnitOfWork
from app.vault.fields import CASE_SETTINGS
from app.vault.records import Broken

PAGE: Final = 50
STOPPED: Final = (StatementState.QUARANTINED, StatementState.WITHDRAWN, StatementState.DESTROYED)
"""Only a case's lead opens, and so only a lead is shown, statements in these states."""


# My cases


@dataclass(frozen=True)
class MyCase:
    """`stopped`: why nothing of it opens, as a code; `title` is empty where this person may not read it.

    `seen`: which list of its people this person has seen, where another one is stored.
    """

    facts: CaseFacts
    code: str
    title: str = ""
    stopped: str = ""
    seen: Seen | None = None

    @property
    def id(self) -> UUID:
        return self.facts.id

    @property
    def opens(self) -> bool:
        return not self.stopped and reads_case(self.facts.duties)


def my_cases(uow: UnitOfWork) -> list[MyCase]:
    """Every case whose verified roster names the holder, by code; one that is stopped blocks no other."""
    table = trust.memberships
    rows = uow.tx.all(
        sa.select(cases.cases.c.id, cases.cases.c.code)
        .join(table, table.c.case == cases.cases.c.id)
        .where(table.c.person == uow.vault.holder.person, cases.cases.c.id != NIL)
        .order_by(cases.cases.c.code)
    )
    found = (_my_case(uow, row.id, row.code) for row in rows)
    return [case for case in found if case is not None]


def _my_case(uow: UnitOfWork, case: UUID, code: str) -> MyCase | None:
    """None where the memberships table says more than the roster does."""
    nobody = CaseFacts(CaseId(case), frozenset())
    try:
        duties = uow.vault.trust.roster(case).duties_of(uow.vault.holder.card)
    except NotFound:
        return MyCase(nobody, code, stopped="not-opened") if _leads_charter(uow, case) else None
    except Frozen as frozen:
        seen = seen_of(uow, case) if frozen.reason in DISPUTED else None
        return MyCase(nobody, code, stopped=frozen.reason, seen=seen)
    except Tampered:
        return MyCase(nobody, code, stopped="tampered")
    if not duties:
        return None
    facts = replace(nobody, duties=duties)
    return _titled(uow, MyCase(facts, code)) if reads_case(duties) else MyCase(facts, code)


def _leads_charter(uow: UnitOfWork, case: UUID) -> bool:
    try:
        charter, _digest = uow.vault.trust.charter(case)
    except (NotFound, Tampered):
        return False
    return charter.lead == uow.vault.holder.card


def _titled(uow: UnitOfWork, case: MyCase) -> MyCase:
    try:
        return replace(case, title=settings_of(uow, case.id).title)
    except Forbidden:
        return replace(case, stopped="no-grant")
    except Frozen as frozen:
        return replace(case, stopped=frozen.reason)
    except Tampered:
        return replace(case, stopped="settings")


def settings_of(uow: UnitOfWork, case: UUID) -> Settings:
    """Title and purpose; both empty where none were ever sealed.

    Raises:
        Tampered: what is stored is not what was sealed.
        Forbidden: the holder has no grant.
    """
    opened = uow.vault.records.open_if_any(CASE_SETTINGS, case, case)
    if opened is None:
        return Settings("", "")
    try:
        return from_plain(Settings, decoded(opened.content))
    except InvalidInput as error:
        raise Tampered("settings", table="cases", record=case, field="settings") from error


def code_of(uow: UnitOfWork, case: UUID) -> str:
    code = uow.tx.value(sa.select(cases.cases.c.code).where(cases.cases.c.id == case))
    if code is None:
        raise NotFound("case")
    return str(code)


# Statements


@dataclass(frozen=True)
class Place:
    """Where a page begins or ends: the key that statements are listed by. In a URL as `<arrival>-<id>`."""

    arrival: int
    id: UUID

    def __str__(self) -> str:
        return f"{self.arrival}-{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """NotFound for a text that is no place."""
        arrival, _dash, name = text.partition("-")
        try:
            return cls(int(arrival), UUID(hex=name))
        except ValueError as error:
            raise NotFound("place") from error


@dataclass(frozen=True)
class Listed:
    """A statement in a list. `fault`: why its line does not open, as a code; no line yet is no fault."""

    id: UUID
    case: UUID
    state: StatementState
    received: datetime
    place: Place
    size: int
    line: Line | None = None
    fault: str = ""


@dataclass(frozen=True)
class Page:
    """Newest first. `newer` and `older`: the places to go on from, where there is more."""

    rows: tuple[Listed, ...]
    newer: Place | None = None
    older: Place | None = None


def listing() -> sa.Select[Any]:
    """What a list needs of a statement; manifests and receipts are left where they are."""
    c = cases.statements.c
    return sa.select(c.id, c.case, c.state, c.received, c.arrival, c.size)


def statements_page(
    uow: UnitOfWork,
    facts: CaseFacts,
    state: StatementState | None = None,
    older_than: Place | None = None,
    newer_than: Place | None = None,
) -> Page:
    """One page, at a cost that does not grow with the case; by key, not by number, so none is shown twice."""
    rows = uow.tx.all(page_query(facts, state, older_than, newer_than))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if newer_than is not None:
        rows = rows[::-1]
    listed = with_lines(uow, facts.id, rows)
    if not listed:
        return Page(())
    has_newer = more if newer_than is not None else older_than is not None
    has_older = newer_than is not None or more
    return Page(
        tuple(listed),
        newer=listed[0].place if has_newer else None,
        older=listed[-1].place if has_older else None,
    )


def page_query(
    facts: CaseFacts,
    state: StatementState | None = None,
    older_than: Place | None = None,
    newer_than: Place | None = None,
) -> sa.Select[Any]:
    """One row more than a page, along the index of a case's arrivals, or of its arrivals in one state."""
    c = cases.statements.c
    query = listing().where(c.case == facts.id).limit(PAGE + 1)
    if state is not None:
        query = query.where(c.state == state.value)
    if Duty.LEAD not in facts.duties:
        query = query.where(c.state.not_in([stopped.value for stopped in STOPPED]))
    if newer_than is not None:
        query = query.where(
            c.arrival >= newer_than.arrival,
            (c.arrival > newer_than.arrival) | (c.id > newer_than.id),
        )
        return query.order_by(c.arrival, c.id)
    if older_than is not None:
        query = query.where(
            c.arrival <= older_than.arrival,
            (c.arrival < older_than.arrival) | (c.id < older_than.id),
        )
    return query.order_by(c.arrival.desc(), c.id.desc())


def with_lines(uow: UnitOfWork, case: UUID, rows: Sequence[sa.Row[Any]]) -> list[Listed]:
    """Each row with its list line opened; a line that was tampered with never blocks the rest."""
    lines = uow.vault.records.lines(case, [row.id for row in rows])
    return [_listed(row, lines) for row in rows]


def _listed(row: sa.Row[Any], lines: Mapping[UUID, bytes | Broken]) -> Listed:
    listed = Listed(
        id=row.id,
        case=row.case,
        state=StatementState(row.state),
        received=datetime.fromtimestamp(row.received, UTC),
        place=Place(row.arrival, row.id),
        size=row.size,
    )
    content = lines.get(row.id)
    if content is None:
        return listed
    if isinstance(content, Broken):
        return replace(listed, fault=content.fault)
    try:
        return replace(listed, line=Line.from_bytes(content))
    except InvalidInput:
        return replace(listed, fault="line")
