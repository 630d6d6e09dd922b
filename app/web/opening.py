"""Opening testimony leaves one line in the log per person, subject and session, before any of it leaves."""

import hashlib
from contextlib import suppress
from functools import partial
from uuid import UUID

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.errors import Conflict, Unavailable
from app.unit_of_work import UnitOfWork
from app.vault.sessions import SessionStore


def note_opening(uow: UnitOfWork, act: Act, case: UUID, record: UUID) -> None:
    """Note that `record` is opened, unless this session has a durable line of it; call before `vault.open`.

    The line commits with the unit of work, without which no plaintext leaves; only then does the session
    remember it, so that after a commit that failed it is asked for again. Further ranges of a file add none.
    """
    session, subject = uow.vault.session, subject_of(act, record)
    if session is not None and not uow.vault.sessions.first_opening(session.id, subject):
        return
    holder = uow.vault.holder
    line = Note(act, holder.person, case, record, session=holder.session_tag)
    if line in (noted for noted, _settle in uow.audit.notes):
        return
    uow.audit.note(line)
    if session is not None:
        uow.after_commit.append(partial(_remember, uow.vault.sessions, session.id, subject))


def subject_of(act: Act, record: UUID) -> UUID:
    """What a session remembers: a statement, its transcript and its identity share an id, not an opening."""
    return UUID(bytes=hashlib.sha256(act.value.encode() + record.bytes).digest()[:16])


def _remember(sessions: SessionStore, session: bytes, subject: UUID) -> None:
    with suppress(Conflict, Unavailable):  # forgotten, it costs one more line at the next opening
        sessions.note_opening(session, subject)
