"""What is done to a statement: written down, let in, held, returned, withdrawn."""

from dataclasses import dataclass
from functools import reduce

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.capacity import MAX_NOTE_CHARACTERS
from app.domain.consent import ConsentState
from app.domain.errors import Conflict, InvalidInput, Tampered
from app.domain.lifecycle import Standing, StatementAct, StatementState, advance
from app.domain.record import canonical_json
from app.domain.text import clean_text
from app.policy.facts import StatementFacts
from app.store import cases
from app.transcription import queries
from app.transcription.transcript import Transcript
from app.unit_of_work import UnitOfWork
from app.vault.fields import REMARK, TRANSCRIPT

TRANSCRIBED = "transcribed"
"""How the table of who worked on what calls it; `app.web.subjects` reads it for the approvals."""


@dataclass(frozen=True)
class Saved:
    """`revision`: the version in force now; `is_new`: this save made it; `at`: seconds since 1970."""

    revision: int
    at: int
    is_new: bool


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

    Raises:
        InvalidInput: what was typed is not the case's code.
    """
    if typed_code.strip() != queries.case_code(uow, statement.case.id):
        raise InvalidInput({"code": "another-code"})
    standing = queries.standing_of(uow, statement.id)
    values = {"consent_state": ConsentState.WITHDRAWN.value}
    _stage_standing(uow, statement, standing, advance(standing, StatementAct.WITHDRAW), values)
    _note(uow, Act.WITHDRAWN, statement, StatementAct.WITHDRAW)


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
