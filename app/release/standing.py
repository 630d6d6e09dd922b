"""Where a story stands: its row, its sealed manuscript, bundle and report, and the approvals that count now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.consent import Scope, missing_scopes
from app.domain.errors import InvalidInput, NotFound, Tampered
from app.domain.ids import PersonId, StatementId
from app.domain.lifecycle import StoryState
from app.policy.facts import ApprovalKind
from app.release.bundle import Bundle
from app.release.manuscript import Manuscript
from app.release.report import Report
from app.release.shelf import today
from app.release.sources import is_held, read_agreement
from app.store import cases, log, records, stories
from app.unit_of_work import UnitOfWork
from app.vault.fields import BUNDLE, MARKS, PART, REDACTED, REPORT, STORY, TRANSCRIPT, Field
from app.vault.releases import VerifiedApproval

WROTE: Final = "wrote"
"""The kind of work, in `store.cases.work`, of whoever wrote a story."""

IN_APPROVAL: Final = frozenset({StoryState.CHECKED, StoryState.APPROVED, StoryState.DUE})
"""States in which a bundle waits for its readers, so that consent and sources are asked about each time."""


@dataclass(frozen=True)
class StoryRow:
    """What the database says of a story in clear. `bundle`: digest in force; `embargo_until`: seconds since 1970."""

    id: UUID
    case: UUID
    public_id: str
    state: StoryState
    bundle: bytes | None
    embargo_until: int | None
    created: int


@dataclass(frozen=True)
class Written:
    """A manuscript and its version. `at`: seconds since 1970; `author`: person id."""

    manuscript: Manuscript
    revision: int
    at: int
    author: UUID


@dataclass(frozen=True)
class Checked:
    """The newest report, and the digest by which approvals name it."""

    report: Report
    digest: bytes
    at: int


@dataclass(frozen=True)
class Leaning:
    """What the sources of a bundle say now. `consents`: (statement, digest of the version in force)."""

    missing: tuple[str, ...]
    embargo_over: bool
    held: bool
    consents: frozenset[tuple[UUID, bytes]]


def story_row(uow: UnitOfWork, story: UUID) -> StoryRow:
    """Raises NotFound."""
    row = uow.tx.first(sa.select(stories.stories).where(stories.stories.c.id == story))
    if row is None:
        raise NotFound("story")
    return row_of(row)


def row_of(row: sa.Row[Any]) -> StoryRow:
    return StoryRow(
        row.id, row.case, row.public_id, StoryState(row.state), row.bundle, row.embargo_until, row.created
    )


def open_manuscript(uow: UnitOfWork, row: StoryRow) -> Written:
    """Raises NotFound, Tampered, Forbidden, InvalidInput."""
    opened = uow.vault.records.open(STORY, row.case, row.id)
    try:
        plain = json.loads(opened.content)
    except ValueError as error:
        raise InvalidInput({"story": "not-json"}) from error
    return Written(Manuscript.from_plain(plain), opened.version, opened.issued, opened.author)


def open_bundle(uow: UnitOfWork, row: StoryRow) -> Bundle:
    """The bytes that are being approved. Raises as above; Tampered if they are not those whose digest is in force."""
    bundle = Bundle.from_bytes(uow.vault.records.open(BUNDLE, row.case, row.id).content)
    if bundle.digest != row.bundle:
        raise Tampered("bundle", table="stories", record=row.id, field=BUNDLE.name)
    return bundle


def open_report(uow: UnitOfWork, row: StoryRow) -> Checked | None:
    """The newest report, whichever revision it speaks of; it repeats no testimony. Raises as above."""
    tip = uow.vault.records.tip(REPORT, row.id)
    if tip is None:
        return None
    opened = uow.vault.records.open(REPORT, row.case, row.id)
    return Checked(Report.from_bytes(opened.content), tip.version_digest, opened.issued)


def lean(uow: UnitOfWork, case: UUID, report: Report) -> Leaning:
    """Hold a report's uses against the consents in force. What cannot be opened or proved holds the story.

    Only the scopes leave this function, so that it is no reading of the statements it opens.
    """
    missing: dict[str, None] = {}
    consents: set[tuple[UUID, bytes]] = set()
    for use in report.uses:
        try:
            agreement = read_agreement(uow, case, use.statement)
            if is_stopped(uow, use.statement):
                return Leaning((), embargo_over=True, held=True, consents=frozenset())
        except (NotFound, Tampered, InvalidInput):
            return Leaning((), embargo_over=True, held=True, consents=frozenset())
        missing |= dict.fromkeys(missing_scopes(agreement.consent, use.publication, today(uow)))
        consents.add((use.statement, agreement.digest))
    scopes = tuple(scope for scope in missing if scope != Scope.EMBARGO)
    return Leaning(scopes, Scope.EMBARGO not in missing, held=False, consents=frozenset(consents))


def is_stopped(uow: UnitOfWork, statement: UUID) -> bool:
    """Held, gone, or taken back by its witness, whatever the columns say now. Raises NotFound."""
    return is_held(uow, statement) or was_withdrawn(uow, statement)


def was_withdrawn(uow: UnitOfWork, statement: UUID) -> bool:
    """As the log says: nothing undoes a withdrawal, and a column that was set back undoes none either."""
    entries = log.entries
    withdrawal = sa.select(entries.c.sequence).where(
        entries.c.record == statement, entries.c.field == "", entries.c.act == Act.WITHDRAWN.value
    )
    return uow.tx.first(withdrawal.limit(1)) is not None


def approvals_in_force(
    uow: UnitOfWork, row: StoryRow, checked: Checked, leaning: Leaning
) -> dict[ApprovalKind, VerifiedApproval]:
    """Signatures that verify over this very bundle, its newest report, and the consents as they are now."""
    if row.bundle is None:
        return {}
    found = uow.vault.releases.approvals(row.id, row.case, row.bundle)
    return {
        ApprovalKind(kind): approval
        for kind, approval in found.items()
        if approval.gate_report == checked.digest and approval.consents == leaning.consents
    }


def makers(
    uow: UnitOfWork, subjects: frozenset[UUID], kinds: frozenset[str], *fields: Field
) -> frozenset[PersonId]:
    """Who did such work on any of these: those that the table names, and whoever signed a version of the fields."""
    if not subjects:
        return frozenset()
    rows = uow.tx.all(
        sa.select(cases.work.c.person).where(cases.work.c.subject.in_(subjects), cases.work.c.kind.in_(kinds))
    )
    paths = [field.path for field in fields]
    signed = uow.tx.all(
        sa.select(records.versions.c.author)
        .where(records.versions.c.record.in_(subjects), records.versions.c.field.in_(paths))
        .distinct()
    )
    authors = {uow.vault.trust.card(version.author).person for version in signed}
    return frozenset(PersonId(person) for person in {*(row.person for row in rows), *authors})


def authors_of(uow: UnitOfWork, story: UUID) -> frozenset[PersonId]:
    return makers(uow, frozenset({story}), frozenset({WROTE}), STORY)


def workers_of(uow: UnitOfWork, statements: frozenset[StatementId]) -> frozenset[PersonId]:
    """Who took, transcribed, translated or redacted any of them."""
    kinds = frozenset({"transcribed", "translated", "redacted"})
    return makers(uow, frozenset(statements), kinds, PART, TRANSCRIPT, MARKS, REDACTED)


def vouchers(
    uow: UnitOfWork, approvals: Mapping[ApprovalKind, VerifiedApproval]
) -> dict[PersonId, frozenset[PersonId]]:
    """Who vouched for each voice that was given, and for the holder."""
    trust = uow.vault.trust
    cards = {approval.person: approval.card for approval in approvals.values()}
    cards[uow.vault.holder.person] = uow.vault.holder.card
    return {
        PersonId(person): frozenset(PersonId(voucher) for voucher in trust.vouchers_of(card))
        for person, card in cards.items()
    }
