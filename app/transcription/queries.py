"""What a statement's pages show, each piece opened by itself: a damaged one never hides the others."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.addendum import Addendum
from app.domain.consent import Consent
from app.domain.duties import READING_DUTIES, Duty
from app.domain.errors import Forbidden, InvalidInput, NotFound, Tampered
from app.domain.lifecycle import Standing, StatementState
from app.domain.statement import Statement, consent_in_force, from_parts
from app.policy.facts import StatementFacts
from app.policy.permissions import Permission
from app.store import cases, keys, log, trust
from app.transcription.transcript import Transcript
from app.unit_of_work import UnitOfWork
from app.vault.fields import (
    ADDENDUM,
    ASSET_SEGMENTS,
    CASE_SETTINGS,
    CONSENT,
    IDENTITY,
    INNER,
    NOTES,
    PART,
    REMARK,
    TRANSCRIPT,
    Field,
)
from app.vault.records import INTAKE, Broken, Opened
from app.vault.submissions import withdrawal_tag

HISTORY_LENGTH: Final = 60
WRONG_CODE_SECONDS: Final = 15 * 60
ASKED_LENGTH: Final = 50
WITHDRAWAL: Final = "withdrawal"
"""The kind of chore, in `store.cases.chores`, of a withdrawal that waits for somebody who may."""
TOLD_OTHERWISE: Final = tuple(field.path for field in (REMARK, INNER, NOTES, IDENTITY, ASSET_SEGMENTS))
"""Fields that are sealed together with something that the history tells."""
UNREADABLE: Final = "unreadable"

logger = logging.getLogger("vouchsafe")

T = TypeVar("T")


@dataclass(frozen=True)
class Head:
    """What needs no key but the case's settings. `sealed`: seconds since 1970, None until it was finished."""

    code: str
    title: str
    sealed: int | None
    openers: int
    custodians: tuple[str, ...]
    standing: Standing
    consent_state: str


@dataclass(frozen=True)
class Record:
    """What the case's readers may read of a statement, as far as it opens.

    `missing_parts`: numbers of the parts that do not. `faults`: what its manifest says is wrong, as codes.
    """

    statement: Statement
    missing_parts: tuple[int, ...]
    faults: tuple[str, ...]
    consent: Consent | Broken | None
    consent_version: int

    @property
    def words(self) -> int:
        answers = (reply.answer for reply in self.statement.answers)
        return sum(len(text.split()) for text in (self.statement.account, *answers))


@dataclass(frozen=True)
class WrittenDown:
    """A transcript with its version. `at`: seconds since 1970; `author`: person id."""

    transcript: Transcript
    revision: int
    at: int
    author: UUID


@dataclass(frozen=True)
class Added:
    """Something that was added after the sealing. `author`: shown name, empty where it is damaged; `at`: seconds since 1970."""

    addendum: Addendum
    author: str
    at: int


@dataclass(frozen=True)
class Remark:
    act: str
    reason: str
    author: UUID
    at: int


@dataclass(frozen=True)
class Event:
    """One line of the history; `times`: how often the same person did the same, one after the other."""

    at: int
    act: Act
    note: str
    who: str
    times: int = 1


def or_broken(read: Callable[[], T]) -> T | Broken:
    """What `read` gives, or why it cannot be given; the fault goes to the operator's log, by ids only."""
    try:
        return read()
    except Tampered as error:
        logger.error("broken: %s", error)  # noqa: TRY400  # ids and a fault code; a trace would say no more
        return Broken(error.fault)
    except NotFound:
        return Broken("destroyed")
    except Forbidden as error:
        return Broken(error.reasons[0])
    except InvalidInput:
        return Broken(UNREADABLE)


def mapping(content: bytes) -> dict[str, Any]:
    """The JSON object that was sealed; InvalidInput if it is something else."""
    try:
        plain = json.loads(content)
    except ValueError as error:
        raise InvalidInput({"content": UNREADABLE}) from error
    if not isinstance(plain, dict):
        raise InvalidInput({"content": UNREADABLE})
    return plain


def text(plain: Mapping[str, Any], name: str) -> str:
    value = plain.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput({name: "wrong-type"})
    return value


# Where it stands


def standing_of(uow: UnitOfWork, statement: UUID) -> Standing:
    row = _row(uow, statement)
    return _standing(row)


def columns_of(standing: Standing) -> tuple[str, str]:
    """The two columns that hold a standing: the state, and what it goes back to, newest first."""
    state, _arrow, before = str(standing).partition(" < ")
    return state, before


def _standing(row: sa.Row[Any]) -> Standing:
    return Standing.parse(" < ".join(filter(None, (row.state, row.before))))


def _row(uow: UnitOfWork, statement: UUID) -> sa.Row[Any]:
    row = uow.tx.first(sa.select(cases.statements).where(cases.statements.c.id == statement))
    if row is None:
        raise NotFound("statement")
    return row


def case_code(uow: UnitOfWork, case: UUID) -> str:
    return str(uow.tx.value(sa.select(cases.cases.c.code).where(cases.cases.c.id == case)))


def read_head(uow: UnitOfWork, statement: StatementFacts) -> Head:
    """Raises NotFound if the statement has gone meanwhile."""
    row = _row(uow, statement.id)
    members = uow.vault.trust.roster(statement.case.id).roster.members
    custodians = [member.card for member in members if Duty.IDENTITY_CUSTODIAN in member.duties]
    return Head(
        code=case_code(uow, statement.case.id),
        title=_case_title(uow, statement.case.id),
        sealed=row.finished,
        openers=sum(bool(READING_DUTIES & {Duty(duty) for duty in member.duties}) for member in members),
        custodians=tuple(names(uow, {uow.vault.trust.card(card).person for card in custodians}).values()),
        standing=_standing(row),
        consent_state=row.consent_state,
    )


def _case_title(uow: UnitOfWork, case: UUID) -> str:
    def read() -> str:
        settings = uow.vault.records.open_if_any(CASE_SETTINGS, case, case)
        return str(mapping(settings.content).get("title", "")) if settings else ""

    title = or_broken(read)
    return "" if isinstance(title, Broken) else title


def read_code_name(uow: UnitOfWork, statement: StatementFacts) -> str:
    """What lists call a statement, without opening it; empty where its list line does not open."""
    line = uow.vault.records.lines(statement.case.id, [statement.id]).get(statement.id)
    if not isinstance(line, bytes):
        return ""
    name = or_broken(lambda: text(mapping(line), "code_name"))
    return "" if isinstance(name, Broken) else name


def own_name(uow: UnitOfWork) -> str:
    return _name(uow, uow.vault.holder.person)


def names(uow: UnitOfWork, people: set[UUID]) -> dict[UUID, str]:
    """Shown names by person; somebody whose name is damaged is left out, and nobody else with them."""
    found = {person: or_broken(partial(_name, uow, person)) for person in people}
    return {person: name for person, name in found.items() if isinstance(name, str)}


def _name(uow: UnitOfWork, person: UUID) -> str:
    return uow.vault.people.account(person).name


# What was said


def read_record(uow: UnitOfWork, statement: StatementFacts) -> Record:
    """Open every part and every later consent. Raises Forbidden without the case's grant."""
    uow.vault.secrets.current(statement.case.id)
    versions = _versions(uow, PART, statement)
    parts = {number: plain for number, plain in versions.items() if not isinstance(plain, Broken)}
    whole = from_parts(list(parts.values()))
    consent, version = _consent(uow, statement, whole)
    return Record(
        statement=whole,
        missing_parts=tuple(sorted(versions.keys() - parts.keys())),
        faults=_faults(uow, statement.id),
        consent=consent,
        consent_version=version,
    )


def _versions(uow: UnitOfWork, where: Field, statement: StatementFacts) -> dict[int, dict[str, Any] | Broken]:
    """Each version by its number; of PART only what reads as one."""
    tip = or_broken(lambda: uow.vault.records.tip(where, statement.id))
    if isinstance(tip, Broken):
        return {1: tip}

    newest = tip.version if tip else 0

    def read(number: int) -> dict[str, Any]:
        plain = mapping(_version(uow, where, statement, number, newest).content)
        if where is PART:
            from_parts([plain])
        return plain

    return {number: or_broken(partial(read, number)) for number in range(1, newest + 1)}


def _version(uow: UnitOfWork, where: Field, statement: StatementFacts, number: int, newest: int) -> Opened:
    """The newest by itself, so that no earlier one that was damaged hides it."""
    place = (where, statement.case.id, statement.id)
    records = uow.vault.records
    return records.open(*place) if number == newest else records.open_version(*place, number)


def read_addenda(uow: UnitOfWork, statement: StatementFacts) -> list[Added | Broken]:
    """What was added, oldest first; what was sent twice is told once."""
    tip = or_broken(lambda: uow.vault.records.tip(ADDENDUM, statement.id))
    if isinstance(tip, Broken):
        return [tip]

    newest = tip.version if tip else 0

    def read(number: int) -> Added:
        opened = _version(uow, ADDENDUM, statement, number, newest)
        addendum = Addendum.from_dict(mapping(opened.content))
        return Added(addendum, names(uow, {opened.author}).get(opened.author, ""), opened.issued)

    found = [or_broken(partial(read, number)) for number in range(1, newest + 1)]
    once = {
        (added.addendum, added.author) if isinstance(added, Added) else added: added
        for added in reversed(found)
    }
    return list(reversed(once.values()))


def _faults(uow: UnitOfWork, statement: UUID) -> tuple[str, ...]:
    faults = or_broken(lambda: uow.vault.submissions.verify_submission(statement))
    return (faults.fault,) if isinstance(faults, Broken) else faults


def _consent(
    uow: UnitOfWork, statement: StatementFacts, whole: Statement
) -> tuple[Consent | Broken | None, int]:
    """The one in force with its number, counting from the one given with the statement."""

    def read() -> list[Consent]:
        versions = uow.vault.records.open_all(CONSENT, statement.case.id, statement.id)
        return [Consent.from_dict(mapping(version.content)) for version in versions]

    later = or_broken(read)
    if isinstance(later, Broken):
        return later, 0
    if whole.consent is None and not later:
        return None, 0
    return consent_in_force(whole, later), len(later) + (whole.consent is not None)


def read_notes(uow: UnitOfWork, statement: StatementFacts) -> dict[str, Any] | Broken:
    """The working notes, of which newer words hold."""
    notes: dict[str, Any] = {}
    for version in _versions(uow, NOTES, statement).values():
        if isinstance(version, Broken):
            return version
        notes |= version
    return notes


def read_identity(uow: UnitOfWork, statement: StatementFacts) -> dict[str, Any] | Broken:
    """Who the source is, for whoever holds the identity secret."""

    def read() -> dict[str, Any]:
        versions = uow.vault.records.open_all(IDENTITY, statement.case.id, statement.id)
        return {name: value for version in versions for name, value in mapping(version.content).items()}

    return or_broken(read)


def read_transcript(uow: UnitOfWork, statement: StatementFacts) -> WrittenDown | Broken | None:
    """The newest version; None where nothing was written yet."""

    def read() -> WrittenDown | None:
        opened = uow.vault.records.open_if_any(TRANSCRIPT, statement.case.id, statement.id)
        if opened is None:
            return None
        transcript = Transcript.from_plain(mapping(opened.content))
        return WrittenDown(transcript, opened.version, opened.issued, opened.author)

    return or_broken(read)


def transcript_revision(uow: UnitOfWork, statement: StatementFacts) -> int:
    """The version a next one would follow, also where it does not open."""
    tip = uow.vault.records.tip(TRANSCRIPT, statement.id)
    return tip.version if tip else 0


def read_remark(uow: UnitOfWork, statement: StatementFacts) -> Remark | Broken | None:
    """The newest reason that was given for a hold or a return."""

    def read() -> Remark | None:
        opened = uow.vault.records.open_if_any(REMARK, statement.case.id, statement.id)
        if opened is None:
            return None
        plain = mapping(opened.content)
        return Remark(text(plain, "act"), text(plain, "reason"), opened.author, opened.issued)

    return or_broken(read)


# Whether it was taken over


def is_taken_over(uow: UnitOfWork, statement: UUID) -> bool:
    """Whether its own keys are under the case's secret; until then they wait under an intake key."""
    table = keys.record_keys
    waiting = sa.select(table.c.id).where(
        table.c.record == statement, table.c.kind == "case", table.c.state == INTAKE
    )
    return uow.tx.first(waiting.limit(1)) is None


# What happened


def read_history(uow: UnitOfWork, record: UUID) -> list[Event]:
    """The newest acts on a statement or a file, newest first; the same act of one person over and over is told once."""
    table = log.entries
    rows = uow.tx.all(
        sa.select(table)
        .where(
            table.c.record == record,
            table.c.act != Act.REFUSED.value,
            table.c.field.not_in(TOLD_OTHERWISE),
        )
        .order_by(table.c.sequence.desc())
        .limit(HISTORY_LENGTH)
    )
    known = names(uow, {row.person for row in rows if row.person})
    events: list[Event] = []
    for row in rows:
        event = Event(row.at, Act(row.act), row.note, known.get(row.person, ""))
        if events and (events[-1].act, events[-1].note, events[-1].who) == (event.act, event.note, event.who):
            events[-1] = Event(events[-1].at, event.act, event.note, event.who, events[-1].times + 1)
        else:
            events.append(event)
    return events


# Found by the code on a witness's card


@dataclass(frozen=True)
class ByCode:
    """The statement that a withdrawal code belongs to. `sealed`: seconds since 1970."""

    statement: UUID
    case: UUID
    sealed: int
    is_withdrawn: bool


def by_withdrawal_code(uow: UnitOfWork, code: str) -> ByCode:
    """Raises InvalidInput for what is no code, NotFound where no statement has it."""
    table = cases.statements
    tag = withdrawal_tag(uow.installation, code)
    row = uow.tx.first(sa.select(table).where(table.c.withdrawal_tag == tag))
    if row is None:
        raise NotFound("withdrawal-code")
    is_withdrawn = _standing(row).state in {StatementState.WITHDRAWN, StatementState.DESTROYED}
    return ByCode(row.id, row.case, row.finished, is_withdrawn)


@dataclass(frozen=True)
class Asked:
    """A withdrawal that somebody asked for by the code. `code`: of the case; `since`: seconds since 1970."""

    statement: UUID
    code: str
    since: int


def asked_withdrawals(uow: UnitOfWork) -> list[Asked]:
    """Those of the cases that this person is on, longest waiting first."""
    chores, mine = cases.chores, trust.memberships
    rows = uow.tx.all(
        sa.select(chores.c.subject, chores.c.since, cases.cases.c.code)
        .join(cases.cases, cases.cases.c.id == chores.c.case)
        .join(mine, mine.c.case == chores.c.case)
        .where(chores.c.kind == WITHDRAWAL, mine.c.person == uow.vault.holder.person)
        .order_by(chores.c.since, chores.c.id)
        .limit(ASKED_LENGTH)
    )
    return [Asked(row.subject, row.code, row.since) for row in rows]


def wrong_codes_lately(uow: UnitOfWork) -> list[int]:
    """When this person typed codes that no statement has, in the last minutes, oldest first; as the log says."""
    entries = log.entries
    rows = uow.tx.all(
        sa.select(entries.c.at)
        .where(
            entries.c.person == uow.vault.holder.person,
            entries.c.act == Act.REFUSED.value,
            entries.c.note == Permission.WITHDRAWAL_CODE_USE.value,
            entries.c.at > uow.clock() - WRONG_CODE_SECONDS,
        )
        .order_by(entries.c.sequence)
    )
    return [row.at for row in rows]
