"""What a story leans on: of each statement its redacted words, what they hide, its standing and its consent."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.domain.consent import Consent
from app.domain.errors import Forbidden, InvalidInput, NotFound, Tampered
from app.domain.ids import StatementId
from app.domain.lifecycle import Standing, StatementState
from app.domain.record import from_plain
from app.domain.redaction import SHORTEST_SECRET, Mark, hidden_texts
from app.domain.register import Register
from app.domain.statement import Statement, consent_in_force, from_parts
from app.store import cases, records
from app.unit_of_work import UnitOfWork
from app.vault.fields import (
    ASSET_FACTS,
    CONSENT,
    IDENTITY,
    LINE,
    MARKS,
    PART,
    REDACTED,
    REGISTER,
    TRANSCRIPT,
    Field,
)

_GONE: Final = {StatementState.WITHDRAWN, StatementState.DESTROYED, StatementState.QUARANTINED}
_CONSENT_GONE: Final = {"withdrawn", "held"}
SEGMENT: Final = "segment:"
"""What the target of a recording's words begins with."""
_MOST_OTHERS: Final = 200
"""Statements; each costs an opening at every check."""


@dataclass(frozen=True)
class RedactedWords:
    """Target -> its redacted text. `in_force`: nothing it was made from has changed since."""

    targets: Mapping[str, str]
    in_force: bool = True


NOTHING_REDACTED: Final = RedactedWords({}, in_force=False)


@dataclass(frozen=True)
class Agreement:
    """The consent in force, the number of its version, and the digest that an approval names."""

    consent: Consent
    number: int
    digest: bytes


@dataclass(frozen=True)
class Source:
    """One statement, as far as a story and its gate need it. `hidden`: what its marks take out, never shown.

    `spoken`: the languages of its recording; `written`: those that its written words may be in.
    """

    id: StatementId
    code_name: str
    spoken: tuple[str, ...]
    written: tuple[str, ...]
    is_held: bool
    agreement: Agreement
    redacted: RedactedWords
    hidden: tuple[str, ...]
    assets: tuple[UUID, ...]
    file_names: tuple[str, ...]

    def languages_of(self, target: str) -> tuple[str, ...]:
        """Which a quote from this target may be in; empty where nobody said."""
        return self.spoken if target.startswith(SEGMENT) else self.written


@dataclass(frozen=True)
class OtherTexts:
    """Redacted texts of statements that a story does not quote. `are_all`: none of the case was left out."""

    texts: tuple[tuple[StatementId, str], ...]
    are_all: bool


def statements_of(uow: UnitOfWork, story: UUID) -> frozenset[StatementId]:
    """Every statement that any version of a story was ever made from."""
    rows = uow.tx.all(sa.select(records.sources.c.source).where(records.sources.c.record == story))
    return frozenset(StatementId(row.source) for row in rows)


def read_source(uow: UnitOfWork, case: UUID, statement: StatementId) -> Source:
    """Opens what the case's readers may open of a statement; the caller has noted it.

    Raises NotFound, Tampered, Forbidden, InvalidInput.
    """
    told = _statement(uow, case, statement)
    transcript = _plain(uow, TRANSCRIPT, case, statement) or {}
    marks = _plain(uow, MARKS, case, statement) or {}
    assets = _assets(uow, statement)
    spoken = tuple(dict.fromkeys(filter(None, (str(transcript.get("language", "")), *told.languages))))
    return Source(
        id=statement,
        code_name=told.code_name,
        spoken=spoken,
        written=(told.written,) if told.written else spoken,
        is_held=is_held(uow, statement),
        agreement=_agreement(uow, case, statement, told),
        redacted=redacted_words(uow, case, statement),
        hidden=tuple(_hidden(_originals(told, transcript), marks)),
        assets=tuple(assets),
        file_names=tuple(filter(None, (_file_name(uow, case, asset) for asset in assets))),
    )


def is_held(uow: UnitOfWork, statement: UUID) -> bool:
    """On hold, withdrawn, destroyed, or in question. Raises NotFound."""
    row = uow.tx.first(sa.select(cases.statements).where(cases.statements.c.id == statement))
    if row is None:
        raise NotFound("statement")
    standing = Standing.parse(" < ".join(filter(None, (row.state, row.before))))
    return standing.is_held or standing.state in _GONE or row.consent_state in _CONSENT_GONE


def read_agreement(uow: UnitOfWork, case: UUID, statement: StatementId) -> Agreement:
    """The consent in force alone. Raises as `read_source`."""
    return _agreement(uow, case, statement, _statement(uow, case, statement))


def code_name_of(uow: UnitOfWork, case: UUID, statement: StatementId) -> tuple[str, Agreement]:
    """Whom the case calls it by, and the consent in force. Raises as `read_source`."""
    told = _statement(uow, case, statement)
    return told.code_name, _agreement(uow, case, statement, told)


def redacted_words(uow: UnitOfWork, case: UUID, statement: UUID) -> RedactedWords:
    """What may be quoted of a statement; nothing where it was not redacted yet. Raises as `read_source`."""
    plain = _plain(uow, REDACTED, case, statement)
    if plain is None:
        return NOTHING_REDACTED
    targets = _targets(plain)
    made_from = (plain.get("marks_version"), plain.get("transcript_version"))
    newest = (_newest(uow, MARKS, statement), _newest(uow, TRANSCRIPT, statement))
    lost = (_plain(uow, MARKS, case, statement) or {}).get("lost")
    return RedactedWords(targets, in_force=made_from == newest and not lost)


def other_texts(uow: UnitOfWork, case: UUID, quoted: Collection[StatementId]) -> OtherTexts:
    """Of the newest 200 other statements of the case, to compare with, never to show: nobody reads them by this.

    What cannot be opened is left out; that is its own page's to tell.
    """
    table = cases.statements
    left = (table.c.case == case, table.c.id.not_in(quoted), table.c.state != StatementState.DESTROYED.value)
    others = sa.select(table.c.id).where(*left)
    rows = uow.tx.all(others.order_by(table.c.arrival.desc()).limit(_MOST_OTHERS + 1))
    texts: list[tuple[StatementId, str]] = []
    unread = len(rows) > _MOST_OTHERS
    for row in rows[:_MOST_OTHERS]:
        try:
            plain = _plain(uow, REDACTED, case, row.id)
            targets = {} if plain is None else _targets(plain)
        except (Forbidden, InvalidInput, NotFound, Tampered):
            unread = True
        else:
            texts += [(StatementId(row.id), text) for text in targets.values()]
    return OtherTexts(tuple(texts), are_all=not unread)


def _targets(plain: Mapping[str, Any]) -> dict[str, str]:
    targets = plain.get("targets")
    if not isinstance(targets, dict) or not all(isinstance(text, str) for text in targets.values()):
        raise InvalidInput({"redacted": "wrong-type"})
    return targets


def case_of(uow: UnitOfWork, statement: UUID) -> UUID:
    """Raises NotFound."""
    row = uow.tx.first(sa.select(cases.statements.c.case).where(cases.statements.c.id == statement))
    if row is None:
        raise NotFound("statement")
    case: UUID = row.case
    return case


def listed_name(uow: UnitOfWork, case: UUID, statement: UUID) -> str:
    """The code name that the case's list shows; empty where nobody listed it yet. Raises as `read_source`."""
    return str((_plain(uow, LINE, case, statement) or {}).get("code_name", ""))


def open_register(uow: UnitOfWork, case: UUID) -> Register:
    """Empty where the case has none yet."""
    plain = _plain(uow, REGISTER, case, case)
    return Register.from_dict(plain) if plain is not None else Register()


def open_identity(uow: UnitOfWork, case: UUID, statement: UUID) -> dict[str, Any]:
    """What the identity compartment holds of a source; empty where nobody was named. Custodians only."""
    merged: dict[str, Any] = {}
    for number, opened in enumerate(uow.vault.records.open_all(IDENTITY, case, statement)):
        merged |= {f"{name}#{number}": value for name, value in _object(opened.content).items()}
    return merged


def seal_of(uow: UnitOfWork, statement: UUID, target: str, text: str) -> str:
    """Keyed digest of a redacted text, so that a later redaction is noticed and nothing can be guessed from it."""
    key = uow.installation.under_root("excerpts").reveal()
    return hmac.new(key, f"{statement.hex}\0{target}\0{text}".encode(), hashlib.sha256).hexdigest()


def _statement(uow: UnitOfWork, case: UUID, statement: UUID) -> Statement:
    return from_parts([_object(part.content) for part in uow.vault.records.open_all(PART, case, statement)])


def _agreement(uow: UnitOfWork, case: UUID, statement: UUID, told: Statement) -> Agreement:
    later = [
        Consent.from_dict(_object(each.content))
        for each in uow.vault.records.open_all(CONSENT, case, statement)
    ]
    where = CONSENT if later else PART
    tip = uow.vault.records.tip(where, statement)
    if tip is None:
        raise NotFound("record")
    return Agreement(
        consent_in_force(told, later), len(later) + (told.consent is not None), tip.version_digest
    )


def _originals(told: Statement, transcript: Mapping[str, Any]) -> dict[str, str]:
    """Target -> what was said, as marks count in it."""
    answers = {f"answer:{number}": reply.answer for number, reply in enumerate(told.answers, 1)}
    segments = {
        f"{SEGMENT}{segment['id']}": str(segment["text"]) for segment in transcript.get("segments", [])
    }
    return {"account": told.account, **answers, **segments}


def _hidden(originals: Mapping[str, str], plain: Mapping[str, Any]) -> Iterator[str]:
    marks = [from_plain(Mark, mark) for mark in plain.get("marks", [])]
    for target, text in originals.items():
        own = [mark for mark in marks if mark.target == target and mark.end <= len(text)]
        yield from (words for words in hidden_texts(text, own) if len(words.strip()) >= SHORTEST_SECRET)


def _assets(uow: UnitOfWork, statement: UUID) -> list[UUID]:
    rows = uow.tx.all(sa.select(cases.assets.c.id).where(cases.assets.c.statement == statement))
    return [row.id for row in rows]


def _file_name(uow: UnitOfWork, case: UUID, asset: UUID) -> str:
    return str((_plain(uow, ASSET_FACTS, case, asset) or {}).get("name", ""))


def _newest(uow: UnitOfWork, where: Field, record: UUID) -> int:
    tip = uow.vault.records.tip(where, record)
    return tip.version if tip else 0


def _plain(uow: UnitOfWork, where: Field, case: UUID, record: UUID) -> dict[str, Any] | None:
    opened = uow.vault.records.open_if_any(where, case, record)
    return None if opened is None else _object(opened.content)


def _object(content: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(content)
    except ValueError as error:
        raise InvalidInput({"record": "not-json"}) from error
    if not isinstance(plain, dict):
        raise InvalidInput({"record": "not-an-object"})
    return plain
