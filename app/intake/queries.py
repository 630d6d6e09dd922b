"""Reads what an interviewer may see: the cases to send to, own submissions without a word of them, consent scripts."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.domain.duties import reads_case, reads_identity
from app.domain.errors import Frozen, NotFound, Tampered
from app.store import cases, trust
from app.unit_of_work import UnitOfWork
from app.vault.secrets import CASE
from app.vault.submissions import ReceiptFacts, capsule_of
from app.vault.trust import VerifiedRoster

SCRIPT_LANGUAGES: Final = ("en", "hy", "ru", "ar")
PAGE: Final = 30
NEWEST: Final = 2**62


@dataclass(frozen=True)
class Place:
    """A case that statements can be sent to, by its neutral code."""

    case: UUID
    code: str


@dataclass(frozen=True)
class Places:
    """`unproved`: codes of cases whose roster does not prove just now, and whether statements can be sent there all the same."""

    open: tuple[Place, ...]
    unproved: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Submission:
    """One line of the notebook. `digits` is empty for one that was begun and never finished, or whose receipt is not ours."""

    statement: UUID
    state: str
    at: int
    arrival: int
    finished: bool
    digits: str


@dataclass(frozen=True)
class Circle:
    """How many people can open statements of a case, and how many of them names; 0 where no roster proves just now."""

    readers: int
    custodians: int


@dataclass(frozen=True)
class Script:
    """What is read aloud before a witness is asked. `checked`: a native speaker has read this very version."""

    language: str
    version: str
    checked: bool
    paragraphs: tuple[str, ...]


def places(uow: UnitOfWork, person: UUID) -> Places:
    """Where this person may send statements; a bad roster never blocks the others, nor what their own book remembers."""
    found, unproved = [], []
    for row in uow.tx.all(_cases_of(person)):
        can_begin = uow.vault.submissions.can_begin(row.id)
        if can_begin:
            found.append(Place(row.id, row.code))
        if not _is_proved(uow, row.id):
            unproved.append((row.code, can_begin))
    return Places(tuple(found), tuple(unproved))


def _is_proved(uow: UnitOfWork, case: UUID) -> bool:
    try:
        uow.vault.trust.roster(case)
    except (Frozen, NotFound, Tampered):
        return False
    return True


def _cases_of(person: UUID) -> sa.Select[tuple[UUID, str]]:
    member = trust.memberships
    return (
        sa.select(cases.cases.c.id, cases.cases.c.code)
        .join(member, member.c.case == cases.cases.c.id)
        .where(member.c.person == person)
        .order_by(cases.cases.c.code)
    )


def code_of(uow: UnitOfWork, case: UUID) -> str:
    """The neutral code of a case."""
    return str(uow.tx.value(sa.select(cases.cases.c.code).where(cases.cases.c.id == case)) or "")


def submissions(uow: UnitOfWork, person: UUID, before: int = NEWEST) -> Sequence[Submission]:
    """The newest of one's own that arrived before `before` (microseconds since 1970), a page of them at most."""
    table = cases.statements
    rows = uow.tx.all(
        sa.select(table)
        .where(table.c.submitter == person, table.c.arrival < before)
        .order_by(table.c.arrival.desc())
        .limit(PAGE)
    )
    return [
        Submission(
            row.id, row.state, row.received, row.arrival, row.finished is not None, _digits(uow, row.id)
        )
        for row in rows
    ]


def _digits(uow: UnitOfWork, statement: UUID) -> str:
    try:
        return uow.vault.submissions.receipt(statement).digits
    except (NotFound, Tampered):
        return ""


@dataclass(frozen=True)
class Receipt:
    """A receipt with what stands beside it on the page."""

    facts: ReceiptFacts
    case: UUID
    state: str


def receipt(uow: UnitOfWork, statement: UUID) -> Receipt:
    """Raises as `Submissions.receipt`."""
    facts = uow.vault.submissions.receipt(statement)
    row = uow.tx.first(sa.select(cases.statements).where(cases.statements.c.id == statement))
    if row is None:
        raise NotFound("statement")
    return Receipt(facts, row.case, row.state)


@dataclass(frozen=True)
class UploadTarget:
    """What a browser needs to seal a file: for which place, and for whom. `public`: an X-Wing key in base64."""

    installation: str
    case: str
    key: str
    public: str
    capsule: str


def upload_target(uow: UnitOfWork, token: str) -> UploadTarget:
    """For the files of a form. Raises Tampered where neither roster nor book knows the key that it was given."""
    capsule = capsule_of(uow.installation, token)
    target = uow.vault.submissions.target(capsule, CASE)
    return UploadTarget(
        uow.installation.id.hex,
        capsule.case.hex,
        target.key.hex,
        base64.b64encode(target.public).decode(),
        token,
    )


def circle(uow: UnitOfWork, case: UUID) -> Circle:
    """Who can open what is sent, in numbers."""
    try:
        roster = uow.vault.trust.roster(case)
    except (Frozen, NotFound, Tampered):
        return Circle(0, 0)
    return _counted(roster)


def _counted(roster: VerifiedRoster) -> Circle:
    held = [roster.duties_of(member.card) for member in roster.roster.members]
    return Circle(sum(map(reads_case, held)), sum(map(reads_identity, held)))


@cache
def script(language: str) -> Script:
    """The consent script in one of SCRIPT_LANGUAGES."""
    head, *paragraphs = (
        files("app.intake").joinpath("scripts", f"{language}.txt").read_text("utf-8").strip().split("\n\n")
    )
    facts = dict(line.split(": ") for line in head.splitlines())
    return Script(language, facts["version"], facts["checked"] == "yes", tuple(paragraphs))


def scripts() -> tuple[Script, ...]:
    return tuple(script(language) for language in SCRIPT_LANGUAGES)
