"""Verbs of the case file: take over what was sent, renew keys, change the register."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.cases.shapes import Line, decoded
from app.domain.capacity import MAX_ADOPTIONS_PER_REQUEST
from app.domain.duties import Duty
from app.domain.errors import CryptoError, InvalidInput, NotFound, Tampered
from app.domain.lifecycle import Standing, StatementAct, StatementState, advance
from app.domain.record import canonical_json
from app.domain.register import Register
from app.domain.statement import from_parts
from app.policy.facts import CaseFacts
from app.store import cases
from app.unit_of_work import UnitOfWork
from app.vault.fields import DOUBLE, INNER, LINE, PART, REGISTER, Field

Part = Mapping[str, object]


# Taking over


def take_over(uow: UnitOfWork, facts: CaseFacts, only: UUID | None = None) -> int:
    """Adopt the keys of what was sent, or of one statement, and read each in; staged. How many keys were taken over.

    A custodian takes over the names as well. What cannot be read in stays as it was sent, and blocks nothing.
    """
    adopted = uow.vault.submissions.adopt(facts.id, MAX_ADOPTIONS_PER_REQUEST, only)
    names: list[UUID] = []
    if Duty.IDENTITY_CUSTODIAN in facts.duties:
        names = uow.vault.submissions.adopt_identity(facts.id, MAX_ADOPTIONS_PER_REQUEST, only)
    for row in _statements_among(uow, facts.id, adopted):
        _read_in(uow, row)
    return len(adopted) + len(names)


def _statements_among(uow: UnitOfWork, case: UUID, records: Sequence[UUID]) -> Sequence[sa.Row[Any]]:
    table = cases.statements
    return uow.tx.all(
        sa.select(table)
        .where(table.c.case == case, table.c.id.in_(set(records)))
        .order_by(table.c.arrival, table.c.id)
    )


def _read_in(uow: UnitOfWork, row: sa.Row[Any]) -> None:
    """Seal a statement's list line, and let it in or set it apart. The sealing is its line in the log."""
    try:
        parts = _opened(uow, row, PART)
        line = Line.of(from_parts(parts))
        _seal_line(uow, row, line)
        doubles = _opened(uow, row, DOUBLE)
        whole = (
            not _differ(doubles, parts)
            and not _lost_files(uow, row, [*parts, *doubles])
            and not uow.vault.submissions.verify_submission(row.id)
        )
    except (Tampered, CryptoError, NotFound, InvalidInput):
        person, session = uow.vault.holder.person, uow.vault.holder.session_tag
        note = Note(Act.STATEMENT_ADOPTED, person, row.case, row.id, session=session, note="unreadable")
        uow.audit.note(note)
        whole = False
    if row.state == StatementState.RECEIVED and row.finished is not None:
        _move(uow, row, StatementAct.ACCEPT if whole else StatementAct.QUARANTINE)


def _opened(uow: UnitOfWork, row: sa.Row[Any], where: Field) -> list[Part]:
    return [_part(opened.content) for opened in uow.vault.records.open_all(where, row.case, row.id)]


def _part(content: bytes) -> Part:
    plain = decoded(content)
    if not isinstance(plain, dict):
        raise InvalidInput({"part": "wrong-type"})
    return plain


def _differ(doubles: Sequence[Part], parts: Sequence[Part]) -> bool:
    """Whether a part came twice with other words; the same words twice are a form sent again, no harm."""
    return any(_said(double) not in [_said(part) for part in parts] for double in doubles)


def _said(part: Part) -> Part:
    """A part as it came, without what was noted of it on arrival."""
    return {name: value for name, value in part.items() if name not in {"beside", "files", "repeats"}}


def _lost_files(uow: UnitOfWork, row: sa.Row[Any], parts: Sequence[Part]) -> bool:
    """Whether a part came with a file that the manifest does not name: its row was gone before the statement was finished.

    Nothing else tells: the manifest is signed over what stood there then.
    """
    if row.finished is None:
        return False
    manifest = _part(uow.vault.records.open(INNER, row.case, row.id).content)
    return not set().union(*map(_files, parts)) <= _files(manifest)


def _files(part: Part) -> set[str]:
    """Ids of the files that were sealed with a part, or that a manifest names."""
    files = part.get("files", [])
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        raise InvalidInput({"files": "wrong-type"})
    return set(files)


def _seal_line(uow: UnitOfWork, row: sa.Row[Any], line: Line) -> None:
    tip = uow.vault.records.tip(LINE, row.id)
    uow.vault.records.seal(LINE, row.case, row.id, line.to_bytes(), expected=tip.version if tip else 0)


def _move(uow: UnitOfWork, row: sa.Row[Any], act: StatementAct) -> None:
    after = advance(Standing.parse(row.state), act)
    table = cases.statements
    uow.tx.stage(
        sa.update(table)
        .where(table.c.id == row.id, table.c.state == row.state)
        .values(state=after.state.value),
        rows=1,
    )
    person, session = uow.vault.holder.person, uow.vault.holder.session_tag
    uow.audit.note(Note(Act.STATE_CHANGED, person, row.case, row.id, session=session, note=act.value))


def renew_keys(uow: UnitOfWork, facts: CaseFacts) -> int:
    """Bring keys of earlier epochs under the newest secret, a batch at a time; staged. How many are left."""
    return uow.vault.casework.rewrap(facts.id)


# The register


@dataclass(frozen=True)
class KeptRegister:
    """The register in force; `revision` 0 stands for one that nobody has sealed yet."""

    register: Register
    revision: int


def open_register(uow: UnitOfWork, facts: CaseFacts) -> KeptRegister:
    """In clear; the caller has noted the opening.

    Raises:
        Tampered: what is stored is not what was sealed.
        Forbidden: the holder has no grant.
    """
    opened = uow.vault.records.open_if_any(REGISTER, facts.id, facts.id)
    if opened is None:
        return KeptRegister(Register(), 0)
    try:
        return KeptRegister(Register.from_dict(decoded(opened.content)), opened.version)
    except InvalidInput as error:
        raise Tampered("register", table="cases", record=facts.id, field="register") from error


def save_register(uow: UnitOfWork, facts: CaseFacts, register: Register, expected: int) -> None:
    """Seal the next revision; staged.

    Raises:
        Conflict: `newer-version`, somebody sealed another one after revision `expected`.
    """
    content = canonical_json(register.to_dict())
    uow.vault.records.seal(REGISTER, facts.id, facts.id, content, expected=expected)
