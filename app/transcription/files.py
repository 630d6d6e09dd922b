"""The files of a statement: what is said of each, where it lies, what was made of it, and which others are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.domain.errors import InvalidInput, NotFound
from app.domain.jobs import JobState
from app.policy.facts import StatementFacts
from app.store import cases
from app.store.jobs import jobs
from app.transcription.queries import mapping, or_broken, text
from app.unit_of_work import UnitOfWork
from app.vault.fields import ASSET_FACTS, LATER_FILES
from app.vault.files import OpenFile
from app.vault.jobs import JobStanding
from app.vault.prepared import JobResult, OpenDerivative
from app.vault.records import Broken
from app.vault.work import Made

ASSET_HERE: Final = sa.select(cases.assets.c.id).where(
    cases.assets.c.id == sa.bindparam("asset"), cases.assets.c.statement == sa.bindparam("statement")
)
SEALED_APART: Final = 64 * 1024
"""Bytes by which the sealed streams of two equal files may differ: one of them may have come in more pieces."""
ALIKE_AT_MOST: Final = 200
REBUILT: Final = "rebuilt"


@dataclass(frozen=True)
class FileFacts:
    """What is said of one original. `warning`: what it shows that may hurt to see; `length` in bytes."""

    asset: UUID
    name: str
    type: str
    title: str
    credit: str
    warning: str
    length: int


@dataclass(frozen=True)
class BrokenFile:
    """A file whose description does not open."""

    asset: UUID
    fault: str


@dataclass(frozen=True)
class Arrival:
    """How a file came. `at`: seconds since 1970; `pieces`: it was sealed in; `later`: after its statement had been sent."""

    at: int
    pieces: int
    later: bool


@dataclass(frozen=True)
class Report:
    """What a file turned out to be, as the worker that opened it sealed it; zero and empty where nothing was told."""

    family: str = ""
    type: str = ""
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    pages: int = 0
    streams: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    captured: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Report":
        """InvalidInput for a value of another kind than ours."""
        captured = told.get("captured", {})
        if not isinstance(captured, Mapping):
            raise InvalidInput({"captured": "wrong-type"})
        return cls(
            family=text(told, "family"),
            type=text(told, "type"),
            width=_number(told, "width"),
            height=_number(told, "height"),
            duration_ms=_number(told, "duration_ms"),
            pages=_number(told, "pages"),
            streams=_words(told, "streams"),
            notes=_words(told, "notes"),
            captured={name: text(captured, name) for name in captured},
        )


def _words(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = told.get(name, ())
    if not isinstance(value, (list, tuple)) or not all(isinstance(word, str) for word in value):
        raise InvalidInput({name: "wrong-type"})
    return tuple(value)


def _number(told: Mapping[str, Any], name: str) -> int:
    value = told.get(name, 0)
    if not isinstance(value, int):
        raise InvalidInput({name: "wrong-type"})
    return value


@dataclass(frozen=True)
class Prepared:
    """How a file's preparing stands, and what came of it. `fault`: why what came of it does not open."""

    standing: JobStanding
    report: Report = field(default_factory=Report)
    made: tuple[Made, ...] = ()
    failure: str = ""
    fault: str = ""
    digest: bytes = b""

    @property
    def is_ready(self) -> bool:
        return bool(self.report.family)

    def only(self, kind: str) -> Made | None:
        return next((made for made in self.made if made.kind == kind), None)

    @property
    def pages(self) -> list[Made]:
        return sorted((made for made in self.made if made.kind == "page"), key=lambda made: made.number)


@dataclass(frozen=True)
class SameFile:
    """The same bytes elsewhere in the case."""

    statement: UUID
    asset: UUID


# What is said of them


def read_files(uow: UnitOfWork, statement: StatementFacts) -> list[FileFacts | BrokenFile]:
    """What is said of every original, in the order in which they came; no file is opened."""
    table = cases.assets
    rows = uow.tx.all(
        sa.select(table.c.id).where(table.c.statement == statement.id).order_by(table.c.position)
    )
    return [_file_or_broken(uow, statement.case.id, row.id) for row in rows]


def read_file(uow: UnitOfWork, statement: StatementFacts, asset: UUID) -> FileFacts:
    """What is said of one original of this very statement.

    Raises:
        NotFound: there is no such file, or it is another statement's.
        Tampered: what is said of it was altered.
    """
    require_here(uow, statement, asset)
    return _file(uow, statement.case.id, asset)


def require_here(uow: UnitOfWork, statement: StatementFacts, asset: UUID) -> None:
    """Raises NotFound where the statement has no such file."""
    if uow.tx.first(ASSET_HERE, asset=asset, statement=statement.id) is None:
        raise NotFound("asset")


def _file_or_broken(uow: UnitOfWork, case: UUID, asset: UUID) -> FileFacts | BrokenFile:
    found = or_broken(lambda: _file(uow, case, asset))
    return BrokenFile(asset, found.fault) if isinstance(found, Broken) else found


def _file(uow: UnitOfWork, case: UUID, asset: UUID) -> FileFacts:
    facts = mapping(uow.vault.records.open(ASSET_FACTS, case, asset).content)
    said = {name: text(facts, name) for name in ("name", "type", "title", "credit", "warning")}
    return FileFacts(asset=asset, length=int(facts.get("length", 0)), **said)


def read_arrivals(uow: UnitOfWork, statement: StatementFacts) -> dict[UUID, Arrival | Broken]:
    """How each of its files came."""
    table = cases.assets
    rows = uow.tx.all(sa.select(table).where(table.c.statement == statement.id))
    later = _added_later(uow, statement)

    def read(row: sa.Row[Any]) -> Callable[[], Arrival]:
        def arrival() -> Arrival:
            pieces = len(uow.vault.files.locate(statement.case.id, row.id).segments)
            return Arrival(row.received, pieces, row.id.hex in later)

        return arrival

    return {row.id: or_broken(read(row)) for row in rows}


def _added_later(uow: UnitOfWork, statement: StatementFacts) -> set[str]:
    """Ids of the files that came once the statement had been sent, each named by a list of its own that its author signed."""

    def read() -> set[str]:
        if uow.vault.records.tip(LATER_FILES, statement.id) is None:
            return set()
        lists = uow.vault.records.open_all(LATER_FILES, statement.case.id, statement.id)
        return {text(mapping(listed.content), "asset") for listed in lists}

    listed = or_broken(read)
    return set() if isinstance(listed, Broken) else listed


# Originals


def open_file(uow: UnitOfWork, statement: StatementFacts, asset: UUID) -> OpenFile:
    """One original of this very statement, to be read at any offset and closed.

    Raises:
        NotFound: there is no such file, it is another statement's, or its key was destroyed.
        Tampered: it was cut, lengthened, swapped or altered.
    """
    opened = uow.vault.files.open(statement.case.id, asset)
    if opened.statement != statement.id:
        opened.close()
        raise NotFound("asset")
    return opened


def check_file(uow: UnitOfWork, statement: StatementFacts, asset: UUID) -> Broken | None:
    """Whether a file's frame, header and length, is as it was sealed; its middle shows while it is read."""
    opened = or_broken(lambda: uow.vault.files.open(statement.case.id, asset))
    if isinstance(opened, Broken):
        return opened
    opened.close()
    return None


# What was made of them


def read_prepared(uow: UnitOfWork, case: UUID, asset: UUID, standing: JobStanding) -> Prepared:
    """What came of preparing a file, as far as it opens."""
    if standing.state != JobState.DONE.value:
        return Prepared(standing)
    read = or_broken(lambda: _came_of_it(uow.vault.jobs.result(case, asset), standing))
    return Prepared(standing, fault=read.fault) if isinstance(read, Broken) else read


def _came_of_it(result: JobResult, standing: JobStanding) -> Prepared:
    if result.outcome != REBUILT:
        return Prepared(standing, failure=result.reason, digest=result.digest)
    return Prepared(standing, Report.of(result.report), result.derivatives, digest=result.digest)


def find_made(uow: UnitOfWork, statement: StatementFacts, asset: UUID, derivative: UUID) -> Made:
    """What the sealed result tells of something that was made of one file of this very statement.

    Raises:
        NotFound: it is not what the newest job made of this file.
        Tampered: the result is not what the worker sealed.
    """
    require_here(uow, statement, asset)
    made = uow.vault.jobs.result(statement.case.id, asset).derivatives
    found = next((each for each in made if each.id == derivative), None)
    if found is None:
        raise NotFound("derivative")
    return found


def open_made(uow: UnitOfWork, statement: StatementFacts, made: Made) -> OpenDerivative:
    """To be read at any offset and closed. Raises Tampered where it was cut, lengthened, swapped or altered."""
    return uow.vault.jobs.open_derivative(statement.case.id, made.id)


def same_files(uow: UnitOfWork, case: UUID, asset: UUID, digest: bytes) -> list[SameFile]:
    """Other files of the case that hold the same bytes, so far as they were prepared; at most a page of those alike in size."""
    mine, other = cases.assets, cases.assets.alias()
    size = sa.select(mine.c.size).where(mine.c.id == asset).scalar_subquery()
    rows = uow.tx.all(
        sa.select(other.c.id, other.c.statement)
        .join(jobs, jobs.c.subject == other.c.id)
        .where(
            other.c.case == case,
            other.c.id != asset,
            jobs.c.state == JobState.DONE.value,
            other.c.size.between(size - SEALED_APART, size + SEALED_APART),
        )
        .order_by(other.c.received, other.c.id)
        .limit(ALIKE_AT_MOST)
    )
    return [SameFile(row.statement, row.id) for row in rows if _digest(uow, case, row.id) == digest]


def _digest(uow: UnitOfWork, case: UUID, asset: UUID) -> bytes | None:
    """None of what does not open: that shows where it is opened."""
    found = or_broken(lambda: uow.vault.jobs.result(case, asset).digest)
    return None if isinstance(found, Broken) else found
