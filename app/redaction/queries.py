"""What the workspace shows: the words, the decisions over them, what is suggested, what the public reads."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.duties import READING_DUTIES, Duty
from app.domain.errors import InvalidInput, NotFound
from app.domain.ids import EntityId
from app.domain.lifecycle import Standing
from app.domain.redaction import apply
from app.domain.register import Entity, Register
from app.domain.statement import Statement, from_parts
from app.policy.facts import StatementFacts
from app.redaction.decisions import Decisions, Source, moved_to
from app.redaction.passages import Passage, Transcript, passages, read_transcript, texts_of
from app.redaction.places import Place, places
from app.redaction.suggestions import Suggestion, suggest
from app.store import cases
from app.unit_of_work import UnitOfWork
from app.vault.fields import MARKS, PART, REDACTED, REGISTER, TRANSCRIPT, Field


@dataclass(frozen=True)
class Head:
    """What needs no key. `sealed`, `received`: seconds since 1970, the first None until it was finished."""

    code: str
    sealed: int | None
    received: int
    openers: int
    standing: Standing


@dataclass(frozen=True)
class Workspace:
    """A statement under redaction. `decisions` are over the words as they are now.

    `revision` 0: nothing saved yet. `saved_at`: seconds since 1970. `has_moved`: the words changed since.
    """

    code_name: str
    passages: tuple[Passage, ...]
    register: Register
    decisions: Decisions
    suggestions: tuple[Suggestion, ...]
    revision: int = 0
    saved_at: int | None = None
    has_moved: bool = False
    files: int = 0

    @property
    def places(self) -> dict[str, list[Place]]:
        """Target -> what stands there, in order."""
        return {
            passage.target: places(passage, self.decisions.on(passage.target), self.suggestions)
            for passage in self.passages
        }

    def passage(self, target: str) -> Passage:
        """InvalidInput where the statement has no such passage."""
        for passage in self.passages:
            if passage.target == target:
                return passage
        raise InvalidInput({"target": "gone"})

    def entity(self, entity: EntityId | None) -> Entity | None:
        return None if entity is None else self.register.find(entity)

    def public_texts(self) -> dict[str, str]:
        """Target -> what the public reads: everything decided, and everything undecided withheld."""
        undecided = [suggestion.withheld() for suggestion in self.suggestions]
        marks = [*self.decisions.marks, *undecided]
        return {
            passage.target: apply(passage.text, (mark for mark in marks if mark.target == passage.target))
            for passage in self.passages
        }


@dataclass(frozen=True)
class Redacted:
    """The redacted text as it was last sealed."""

    version: int
    marks_version: int
    targets: Mapping[str, str]


def openings(uow: UnitOfWork, statement: StatementFacts) -> list[tuple[Act, UUID]]:
    """What opening the workspace opens, and the record that each line of the log names."""
    case = statement.case.id
    asked = (
        (Act.STATEMENT_OPENED, PART, statement.id),
        (Act.TRANSCRIPT_OPENED, TRANSCRIPT, statement.id),
        (Act.REDACTION_OPENED, MARKS, statement.id),
        (Act.REGISTER_OPENED, REGISTER, case),
    )
    return [(act, record) for act, where, record in asked if source_of(uow, where, record).version]


def read_head(uow: UnitOfWork, statement: StatementFacts) -> Head:
    """Raises NotFound if the statement has gone meanwhile."""
    row = uow.tx.first(sa.select(cases.statements).where(cases.statements.c.id == statement.id))
    if row is None:
        raise NotFound("statement")
    members = uow.vault.trust.roster(statement.case.id).roster.members
    code = uow.tx.value(sa.select(cases.cases.c.code).where(cases.cases.c.id == statement.case.id))
    return Head(
        code=str(code),
        sealed=row.finished,
        received=row.received,
        openers=sum(bool(READING_DUTIES & {Duty(duty) for duty in member.duties}) for member in members),
        standing=Standing.parse(" < ".join(filter(None, (row.state, row.before)))),
    )


def read_workspace(uow: UnitOfWork, statement: StatementFacts) -> Workspace:
    """Open the words, the register and the marks.

    Raises Tampered if any of them is not what was sealed: spans over other words would uncover somebody.
    """
    parts = _open_parts(uow, statement)
    transcript = _open_transcript(uow, statement)
    told = from_parts(parts)
    read = passages(told, transcript)
    decisions, revision, saved_at, has_moved = _open_decisions(uow, statement, parts, read)
    register = _open_register(uow, statement.case.id)
    return Workspace(
        code_name=told.code_name,
        passages=read,
        register=register,
        decisions=decisions,
        suggestions=suggest(read, register, decisions),
        revision=revision,
        saved_at=saved_at,
        has_moved=has_moved,
        files=len(told.files),
    )


def read_redacted(uow: UnitOfWork, statement: StatementFacts) -> Redacted | None:
    """None until a redaction was finished."""
    opened = uow.vault.records.open_if_any(REDACTED, statement.case.id, statement.id)
    if opened is None:
        return None
    plain = _mapping(opened.content)
    targets, marks_version = plain.get("targets"), plain.get("marks_version")
    if not isinstance(targets, dict) or not isinstance(marks_version, int):
        raise InvalidInput({"redacted": "wrong-fields"})
    return Redacted(opened.version, marks_version, targets)


def source_of(uow: UnitOfWork, where: Field, statement: UUID) -> Source:
    tip = uow.vault.records.tip(where, statement)
    return Source(tip.version, tip.version_digest.hex()) if tip else Source()


# Words, as they are and as they were


def _open_parts(uow: UnitOfWork, statement: StatementFacts) -> list[Mapping[str, object]]:
    return [
        _mapping(part.content) for part in uow.vault.records.open_all(PART, statement.case.id, statement.id)
    ]


def _open_transcript(uow: UnitOfWork, statement: StatementFacts, version: int | None = None) -> Transcript:
    records = uow.vault.records
    if version == 0:
        return Transcript()
    if version is None:
        opened = records.open_if_any(TRANSCRIPT, statement.case.id, statement.id)
    else:
        opened = records.open_version(TRANSCRIPT, statement.case.id, statement.id, version)
    return read_transcript(_mapping(opened.content)) if opened else Transcript()


def _open_register(uow: UnitOfWork, case: UUID) -> Register:
    opened = uow.vault.records.open_if_any(REGISTER, case, case)
    return Register.from_dict(_mapping(opened.content)) if opened else Register()


def _mapping(content: bytes) -> dict[str, object]:
    try:
        plain = json.loads(content)
    except ValueError as error:
        raise InvalidInput({"content": "unreadable"}) from error
    if not isinstance(plain, dict):
        raise InvalidInput({"content": "unreadable"})
    return plain


# Decisions, over the words as they are now


def _open_decisions(
    uow: UnitOfWork,
    statement: StatementFacts,
    parts: Sequence[Mapping[str, object]],
    read: Sequence[Passage],
) -> tuple[Decisions, int, int | None, bool]:
    """The decisions, their revision, when they were saved, and whether the words have changed since."""
    now = (source_of(uow, PART, statement.id), source_of(uow, TRANSCRIPT, statement.id))
    opened = uow.vault.records.open_if_any(MARKS, statement.case.id, statement.id)
    if opened is None:
        return Decisions((), (), *now), 0, None, False
    saved = Decisions.from_plain(_mapping(opened.content))
    if (saved.parts, saved.transcript) == now:
        return saved, opened.version, opened.issued, False
    before = passages(_told(parts, saved.parts), _open_transcript(uow, statement, saved.transcript.version))
    moved = moved_to(saved, *now, texts_of(before), texts_of(read))
    return moved, opened.version, opened.issued, True


def _told(parts: Sequence[Mapping[str, object]], source: Source) -> Statement:
    """What had been said when the marks were made; parts are only ever added."""
    return from_parts(parts[: source.version])
