"""Reads for administrators: who there is, cases by code, entries of the log, how the machine is."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.administration.background import JobHealth, job_health
from app.audit.acts import Act
from app.audit.verify import Verdict, verify_log
from app.domain.duties import Role
from app.domain.errors import Frozen, NotFound, Tampered, Unavailable
from app.domain.ids import NIL
from app.services import RefusalCount
from app.store import cases, log, people, sessions, trust
from app.store.migrate import MAIN, SESSIONS, is_current
from app.store.uploads import uploads
from app.unit_of_work import UnitOfWork
from app.vault.people import held_roles
from app.vault.proposals import Kind, Proposed, State
from app.vault.trust import ANCHOR

PAGE: Final = 50


# People and cases


@dataclass(frozen=True)
class Person:
    """`name` is empty where the stored one is not the one that the person's card is bound to."""

    id: UUID
    name: str
    roles: tuple[Role, ...]
    vouched: bool
    disabled: bool
    since: datetime

    @property
    def administers(self) -> bool:
        return Role.ADMINISTRATOR in self.roles


@dataclass(frozen=True)
class CharteredCase:
    """What the charter says, and nothing of the case. `lead` is empty where the charter does not verify."""

    id: UUID
    code: str
    lead: str
    opened: datetime


def everybody(uow: UnitOfWork) -> list[Person]:
    """Everybody with an account, by name; somebody whose row was altered stands there without a name."""
    rows = uow.tx.all(sa.select(people.people))
    return sorted((_person(uow, row) for row in rows), key=lambda person: (person.disabled, person.name))


def _person(uow: UnitOfWork, row: sa.Row[Any]) -> Person:
    return Person(
        id=row.id,
        name=uow.vault.people.shown_name(row.id),
        roles=tuple(role for role in Role if role in held_roles(row)),
        vouched=uow.vault.trust.is_vouched(row.card),
        disabled=row.disabled,
        since=_moment(row.created),
    )


@dataclass(frozen=True)
class Profile:
    """One account. `vouchers`: shown names; `cases`: codes of those it is on; `seen`: its newest sign-in, if any."""

    person: Person
    digits: str
    vouchers: tuple[str, ...]
    by_organisation: bool
    cases: tuple[str, ...]
    seen: datetime | None


def profile(uow: UnitOfWork, person: UUID) -> Profile:
    """Raises NotFound."""
    row = uow.vault.people.row(person)
    vouchers = _vouchers(uow, row.card)
    member = trust.memberships.c
    codes = sa.select(cases.cases.c.code).join(trust.memberships, member.case == cases.cases.c.id)
    on = uow.tx.all(
        codes.where(member.person == person, cases.cases.c.id != NIL).order_by(cases.cases.c.code)
    )
    entry = log.entries.c
    signed_in = sa.select(sa.func.max(entry.at)).where(
        entry.person == person, entry.act == Act.SIGNED_IN.value
    )
    seen = uow.tx.value(signed_in)
    return Profile(
        person=_person(uow, row),
        digits=uow.vault.people.digits_of(row.card),
        vouchers=tuple(sorted(uow.vault.people.shown_name(each) for each in vouchers - {ANCHOR})),
        by_organisation=ANCHOR in vouchers,
        cases=tuple(each.code for each in on),
        seen=None if seen is None else _moment(seen),
    )


def _vouchers(uow: UnitOfWork, card: bytes) -> frozenset[UUID]:
    try:
        return uow.vault.trust.vouchers_of(card)
    except Tampered:
        return frozenset()


# What takes two


@dataclass(frozen=True)
class Matter:
    """A proposal as it is told. `about`: a person's name or a case's code; empty where that does not verify."""

    proposed: Proposed
    about: str
    receiver: str
    proposer: str
    seconder: str
    made: datetime
    until: datetime
    mine: bool
    waits: bool


def matters(uow: UnitOfWork, me: UUID) -> list[Matter]:
    """The newest proposals, those that wait first."""
    found = uow.vault.proposals.newest()
    names = uow.vault.people.shown_name
    codes = _codes(uow, {each.subject for each in found if each.kind is Kind.RECOVERY})
    told = [
        Matter(
            proposed=each,
            about=codes.get(each.subject, "") if each.kind is Kind.RECOVERY else names(each.subject),
            receiver=_receiver(uow, each),
            proposer=names(each.proposer),
            seconder=names(each.seconder) if each.seconder else "",
            made=_moment(each.proposal.issued),
            until=_moment(each.ends),
            mine=each.proposer == me,
            waits=each.state is State.WAITING and uow.clock() <= each.ends,
        )
        for each in found
    ]
    return sorted(told, key=lambda matter: not matter.waits)


def _receiver(uow: UnitOfWork, proposed: Proposed) -> str:
    if proposed.proposal.receiver is None:
        return ""
    return uow.vault.people.shown_name(uow.vault.trust.card(proposed.proposal.receiver).person)


def waiting(uow: UnitOfWork) -> int:
    """How many proposals wait for another administrator."""
    return sum(matter.waits for matter in matters(uow, NIL))


def can_be_seconded(uow: UnitOfWork, me: UUID) -> bool:
    """Whether there is another administrator at all."""
    return bool(uow.vault.proposals.administrators() - {me})


def receivers(uow: UnitOfWork) -> list[Person]:
    """Who could be given a key back: reviewers whom somebody has vouched for."""
    return [
        person
        for person in everybody(uow)
        if person.vouched and not person.disabled and Role.REVIEWER in person.roles and not person.administers
    ]


def chartered_cases(uow: UnitOfWork) -> list[CharteredCase]:
    table = cases.cases
    rows = uow.tx.all(sa.select(table).where(table.c.id != NIL).order_by(table.c.code))
    return [CharteredCase(row.id, row.code, _lead(uow, row.id), _moment(row.opened)) for row in rows]


def _lead(uow: UnitOfWork, case: UUID) -> str:
    try:
        charter, _digest = uow.vault.trust.charter(case)
        return uow.vault.people.shown_name(uow.vault.trust.card(charter.lead).person)
    except (NotFound, Tampered):
        return ""


def openers(uow: UnitOfWork) -> int:
    """How many people can open something: reviewers who are on a case. No administrator ever is."""
    member, person = trust.memberships.c, people.people.c
    return int(
        uow.tx.value(
            sa.select(sa.func.count(sa.distinct(member.person)))
            .join(people.people, person.id == member.person)
            .where(member.case != NIL, person.reviewer, sa.not_(person.administrator))
        )
    )


# The log


@dataclass(frozen=True)
class LogLine:
    """Ids, acts and times; whoever is meant by `person` is named, every other id stays an id."""

    sequence: int
    at: datetime
    act: str
    person: UUID | None
    name: str
    case: str
    record: UUID | None
    note: str


@dataclass(frozen=True)
class LogPage:
    """Newest first. `older`: the sequence to go on from, 0 where there is nothing more."""

    lines: tuple[LogLine, ...]
    older: int = 0


@dataclass(frozen=True)
class ChainHead:
    """The log's newest place, and what is wrong with it as a code, if anything."""

    era: int
    sequence: int
    chain: str
    at: datetime
    fault: str = ""


def log_page(uow: UnitOfWork, before: int = 0, person: UUID | None = None, act: Act | None = None) -> LogPage:
    rows = uow.tx.all(log_query(before, person, act))
    shown = rows[:PAGE]
    names = {row.person: uow.vault.people.shown_name(row.person) for row in shown if row.person is not None}
    codes = _codes(uow, {row.case for row in shown if row.case is not None})
    lines = tuple(_line(row, names, codes) for row in shown)
    return LogPage(lines, lines[-1].sequence if len(rows) > PAGE else 0)


def log_query(before: int = 0, person: UUID | None = None, act: Act | None = None) -> sa.Select[Any]:
    c = log.entries.c
    query = sa.select(c.sequence, c.at, c.act, c.person, c.case, c.record, c.note)
    if before:
        query = query.where(c.sequence < before)
    if person is not None:
        query = query.where(c.person == person)
    if act is not None:
        query = query.where(c.act == act.value)
    return query.order_by(c.sequence.desc()).limit(PAGE + 1)


def _codes(uow: UnitOfWork, ids: set[UUID]) -> dict[UUID, str]:
    table = cases.cases
    return {row.id: row.code for row in uow.tx.all(sa.select(table).where(table.c.id.in_(ids)))}


def _line(row: sa.Row[Any], names: dict[UUID, str], codes: dict[UUID, str]) -> LogLine:
    return LogLine(
        sequence=row.sequence,
        at=_moment(row.at),
        act=row.act,
        person=row.person,
        name=names.get(row.person, ""),
        case=codes.get(row.case, ""),
        record=row.record if row.record != row.person else None,
        note=row.note,
    )


def chain_head(uow: UnitOfWork) -> ChainHead:
    """The head as it is stored; a quick look that walks nothing."""
    row = uow.tx.first(sa.select(log.heads))
    if row is None:
        return ChainHead(0, 0, "", _moment(0), "head-missing")
    return ChainHead(row.era, row.sequence, row.chain.hex(), _moment(row.at), _head_fault(uow))


def _head_fault(uow: UnitOfWork) -> str:
    try:
        uow.audit.check_head(uow.tx)
    except Frozen as frozen:
        return frozen.reason
    except Tampered as tampered:
        return tampered.fault
    return ""


def verdict(uow: UnitOfWork) -> Verdict:
    """Walk the whole log, against the mark that this server keeps outside the database."""
    return verify_log(uow.tx, uow.audit.keys, uow.audit.head_file.read())


# Health


@dataclass(frozen=True)
class Health:
    """Sizes in bytes. `blob_bytes`: of all files, sealed; `current`: the schema is this version's."""

    database: str
    database_bytes: int
    blob_count: int
    blob_bytes: int
    disk_free: int
    disk_total: int
    current: bool
    live_sessions: int
    coming: int
    """Files that are on their way in."""
    coming_bytes: int
    work: JobHealth
    head: ChainHead
    head_age: int
    refused: tuple[int, int]
    """Requests of strangers that this process refused in the last hour, and in its busiest minute."""

    @property
    def is_nearly_full(self) -> bool:
        return self.disk_free < self.disk_total // 10

    @property
    def lacks_a_worker(self) -> bool:
        return not self.work.workers and bool(self.work.live + self.work.keyless)


def health(uow: UnitOfWork, refusals: RefusalCount) -> Health:
    c, on_their_way = cases.assets.c, uploads.c
    disk = shutil.disk_usage(_existing(uow.vault.blobs.root))
    head = chain_head(uow)
    return Health(
        database="SQLite" if uow.database.is_sqlite else "PostgreSQL",
        database_bytes=_database_bytes(uow),
        blob_count=int(uow.tx.value(sa.select(sa.func.count(c.id)))),
        blob_bytes=int(uow.tx.value(sa.select(sa.func.coalesce(sa.func.sum(c.size), 0)))),
        disk_free=disk.free,
        disk_total=disk.total,
        current=is_current(uow.database, MAIN) and is_current(uow.vault.sessions.database, SESSIONS),
        live_sessions=_live_sessions(uow),
        coming=int(uow.tx.value(sa.select(sa.func.count(on_their_way.asset)))),
        coming_bytes=int(uow.tx.value(sa.select(sa.func.coalesce(sa.func.sum(on_their_way.total), 0)))),
        work=job_health(uow.tx, uow.clock() - int(uow.vault.pace.alive)),
        head=head,
        head_age=uow.clock() - int(head.at.timestamp()),
        refused=refusals.last_hour(uow.clock()),
    )


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there already."""
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _database_bytes(uow: UnitOfWork) -> int:
    if not uow.database.is_sqlite:
        return int(uow.tx.value(sa.select(sa.func.pg_database_size(sa.func.current_database()))))
    path = str(uow.database.url.database)
    try:
        return sum(part.stat().st_size for part in (Path(path), Path(f"{path}-wal")) if part.exists())
    except OSError as error:
        raise Unavailable("database") from error


def _live_sessions(uow: UnitOfWork) -> int:
    store, c, now = uow.vault.sessions, sessions.sessions.c, uow.clock()
    live = (c.seen >= now - store.limits.idle, c.started >= now - store.limits.absolute)
    tx = store.database.transaction()
    try:
        return int(tx.value(sa.select(sa.func.count()).select_from(sessions.sessions).where(*live)))
    finally:
        tx.release()


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
