"""What is done to a statement: written down, let in, held, returned, withdrawn."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.addendum import Addendum
from app.domain.capacity import MAX_NOTE_CHARACTERS
from app.domain.consent import ConsentState, taken_back
from app.domain.duties import Duty
from app.domain.errors import (
    Conflict,
    Forbidden,
    Frozen,
    InvalidInput,
    NotFound,
    Tampered,
    TooManyAttempts,
)
from app.domain.ids import new_id
from app.domain.lifecycle import Standing, StatementAct, StatementState, advance
from app.domain.record import canonical_json
from app.domain.text import clean_text
from app.policy.facts import StatementFacts
from app.policy.permissions import Permission
from app.store import cases
from app.transcription import queries
from app.transcription.queries import WITHDRAWAL, ByCode
from app.transcription.transcript import Transcript
from app.unit_of_work import UnitOfWork
from app.vault.fields import ADDENDUM, CONSENT, REMARK, TRANSCRIPT

WRONG_CODES: Final = 5
"""How many wrong withdrawal codes somebody may type within `queries.WRONG_CODE_SECONDS`."""
TRANSCRIBED = "transcribed"
"""How the table of who worked on what calls it; `app.web.subjects` reads it for the approvals."""


@dataclass(frozen=True)
class Saved:
    """`revision`: the version in force now; `is_new`: this save made it; `at`: seconds since 1970."""

    revision: int
    at: int
    is_new: bool


# Adding


def add(uow: UnitOfWork, statement: StatementFacts, addendum: Addendum) -> None:
    """Seal what a reader of the case adds to a statement; staged. Raises Conflict where somebody else did at that moment."""
    tip = uow.vault.records.tip(ADDENDUM, statement.id)
    content = canonical_json(addendum.to_dict())
    place = (ADDENDUM, statement.case.id, statement.id)
    uow.vault.records.seal(*place, content, expected=tip.version if tip else 0)


# Writing down


def save_transcript(
    uow: UnitOfWork, statement: StatementFacts, transcript: Transcript, revision: int
) -> Saved:
    """Seal the next version; staged. A save that changes nothing makes no version, so one may be sent again.

    Args:
        revision: the version that the writer had in hand, 0 for none.

    Raises:
        Conflict: `newer-version`, somebody saved in between; nothing of the loser is staged.
    """
    saved = _seal(uow, statement, transcript, revision)
    if saved.is_new:
        _move(uow, statement, *_beginning(uow, statement))
    return saved


def finish_transcript(
    uow: UnitOfWork, statement: StatementFacts, transcript: Transcript, revision: int
) -> None:
    """Save, and say that it is whole; staged.

    Raises:
        Conflict: as `save_transcript`.
        InvalidInput: nothing has been written.
    """
    saved = _seal(uow, statement, transcript, revision)
    if saved.revision == 0:
        raise InvalidInput({"segments": "none-yet"})
    _move(uow, statement, *_beginning(uow, statement), StatementAct.FINISH_TRANSCRIPT)


def _seal(uow: UnitOfWork, statement: StatementFacts, transcript: Transcript, revision: int) -> Saved:
    content = canonical_json(transcript.to_plain())
    newest = queries.transcript_revision(uow, statement)
    if content == _newest_content(uow, statement):
        return Saved(newest, uow.clock(), is_new=False)
    if newest != revision:
        raise Conflict("newer-version", newest=newest)
    sealed = uow.vault.records.seal(TRANSCRIPT, statement.case.id, statement.id, content, expected=revision)
    _note_work(uow, statement)
    return Saved(sealed.version, uow.clock(), is_new=True)


def _newest_content(uow: UnitOfWork, statement: StatementFacts) -> bytes:
    """A damaged newest version is no reason to refuse the words that mend it."""
    try:
        newest = uow.vault.records.open_if_any(TRANSCRIPT, statement.case.id, statement.id)
    except Tampered:
        return b""
    return newest.content if newest else canonical_json(Transcript().to_plain())


def _beginning(uow: UnitOfWork, statement: StatementFacts) -> tuple[StatementAct, ...]:
    """What takes the statement to where it is being written down."""
    is_there = queries.standing_of(uow, statement.id).state is StatementState.TRANSCRIBING
    return () if is_there else (StatementAct.START_TRANSCRIBING,)


def _note_work(uow: UnitOfWork, statement: StatementFacts) -> None:
    person = uow.vault.holder.person
    if person in statement.transcribed_by:
        return
    row = (statement.id, TRANSCRIBED, person)
    table = cases.work
    known = sa.exists().where(table.c.subject == row[0], table.c.kind == row[1], table.c.person == row[2])
    values = [sa.literal(value, column.type) for value, column in zip(row, table.c, strict=True)]
    uow.tx.stage(sa.insert(table).from_select(list(table.c.keys()), sa.select(*values).where(~known)))


# Where it stands


def change_state(uow: UnitOfWork, statement: StatementFacts, act: StatementAct) -> None:
    """Take the statement where `act` leads; staged. InvalidTransition where it leads nowhere."""
    _move(uow, statement, act)


def change_state_because(uow: UnitOfWork, statement: StatementFacts, act: StatementAct, reason: str) -> None:
    """The same, with a reason that is sealed for the case's readers; staged. InvalidInput without one."""
    words = clean_text(reason, "reason").strip()
    if not words:
        raise InvalidInput({"reason": "missing"})
    if len(words) > MAX_NOTE_CHARACTERS:
        raise InvalidInput({"reason": "too-long"})
    change_state(uow, statement, act)
    tip = uow.vault.records.tip(REMARK, statement.id)
    remark = canonical_json({"act": act.value, "reason": words})
    expected = tip.version if tip else 0
    uow.vault.records.seal(REMARK, statement.case.id, statement.id, remark, expected=expected)


def withdraw(uow: UnitOfWork, statement: StatementFacts, typed_code: str) -> None:
    """Take a statement back in the witness's name; staged. Whoever calls this takes down what is public of it.

    The columns only route it: what publishing believes is the line in the log, and the signed version of the
    consent that says so.

    Raises:
        InvalidInput: what was typed is not the case's code.
    """
    if typed_code.strip() != queries.case_code(uow, statement.case.id):
        raise InvalidInput({"code": "another-code"})
    standing = queries.standing_of(uow, statement.id)
    values = {"consent_state": ConsentState.WITHDRAWN.value}
    _stage_standing(uow, statement, standing, advance(standing, StatementAct.WITHDRAW), values)
    _note(uow, Act.WITHDRAWN, statement, StatementAct.WITHDRAW)
    _seal_withdrawn_consent(uow, statement)
    uow.tx.stage(sa.delete(cases.chores).where(*_asked_for(statement.id)))


def _seal_withdrawn_consent(uow: UnitOfWork, statement: StatementFacts) -> None:
    """The newest version of the consent says no to everything; nothing is opened for it.

    Where this session cannot seal, as in a frozen case, or over a damaged version, the log alone says it:
    no witness waits for that.
    """
    consent = taken_back(datetime.fromtimestamp(uow.clock(), UTC).date())
    records = uow.vault.records
    try:
        tip = records.tip(CONSENT, statement.id)
        content = canonical_json(consent.to_dict())
        records.seal(CONSENT, statement.case.id, statement.id, content, expected=tip.version if tip else 0)
    except (Forbidden, Frozen, Tampered):
        return


def use_code(uow: UnitOfWork, code: str) -> ByCode:
    """The statement that a witness's code belongs to; a wrong one leaves its line in the log, staged.

    Raises:
        TooManyAttempts: this person typed too many wrong ones.
        InvalidInput: it is no code.
        NotFound: no statement has it.
    """
    wrong = queries.wrong_codes_lately(uow)
    if len(wrong) >= WRONG_CODES:
        raise TooManyAttempts(wrong[-WRONG_CODES] + queries.WRONG_CODE_SECONDS - uow.clock())
    try:
        return queries.by_withdrawal_code(uow, code)
    except NotFound:
        holder = uow.vault.holder
        refused = Permission.WITHDRAWAL_CODE_USE.value
        uow.audit.note(Note(Act.REFUSED, holder.person, session=holder.session_tag, note=refused))
        raise


def ask_to_withdraw(uow: UnitOfWork, found: ByCode) -> None:
    """Leave a chore for the lead, by somebody who may not withdraw; staged. One is enough."""
    table = cases.chores
    known = sa.exists().where(*_asked_for(found.statement))
    row = {
        "id": new_id(),
        "case": found.case,
        "kind": WITHDRAWAL,
        "subject": found.statement,
        "waits_for": Duty.LEAD.value,
        "since": uow.clock(),
    }
    values = sa.select(*(sa.literal(value, table.c[name].type) for name, value in row.items()))
    uow.tx.stage(sa.insert(table).from_select(list(row), values.where(~known)))


def _asked_for(statement: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return cases.chores.c.kind == WITHDRAWAL, cases.chores.c.subject == statement


def _move(uow: UnitOfWork, statement: StatementFacts, *acts: StatementAct) -> None:
    """Through all of `acts` at once, each with its own line in the log; nowhere without any."""
    if not acts:
        return
    standing = queries.standing_of(uow, statement.id)
    _stage_standing(uow, statement, standing, reduce(advance, acts, standing))
    for act in acts:
        _note(uow, Act.STATE_CHANGED, statement, act)


def _stage_standing(
    uow: UnitOfWork,
    statement: StatementFacts,
    standing: Standing,
    after: Standing,
    values: dict[str, str] | None = None,
) -> None:
    """Only from the very standing that was read: whoever moved it meanwhile was first."""
    table = cases.statements
    state, before = queries.columns_of(standing)
    new_state, new_before = queries.columns_of(after)
    uow.tx.stage(
        sa.update(table)
        .where(table.c.id == statement.id, table.c.state == state, table.c.before == before)
        .values(state=new_state, before=new_before, **(values or {})),
        rows=1,
    )


def _note(uow: UnitOfWork, act: Act, statement: StatementFacts, step: StatementAct) -> None:
    holder = uow.vault.holder
    uow.audit.note(
        Note(act, holder.person, statement.case.id, statement.id, session=holder.session_tag, note=step.value)
    )
