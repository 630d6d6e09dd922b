"""What people do with a story: begin, write, check, sign, look for names, publish, withdraw."""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.consent import Embargo
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Tampered, Unavailable
from app.domain.ids import StatementId, new_id
from app.domain.lifecycle import StoryAct, StoryState, advance_story
from app.domain.record import canonical_json
from app.domain.story import StoryDraft
from app.policy.facts import ApprovalKind, CaseFacts, StoryFacts
from app.release import check as checking
from app.release import standing
from app.release.bundle import Bundle
from app.release.compose import snapshot_of
from app.release.edition import Told
from app.release.manuscript import Manuscript
from app.release.report import Finding, Report
from app.release.shelf import Shelf, edition_for, tell, today, write_edition
from app.release.site.snapshot import StorySnapshot
from app.release.sources import Source, open_identity, open_register, read_source
from app.release.take_down import Removal, take_down
from app.release.tree import PublicFolder
from app.store import cases, people, stories
from app.unit_of_work import UnitOfWork
from app.vault.fields import BUNDLE, REPORT, STORY

PUBLIC_ID_BYTES: Final = 8
ALL_KINDS: Final = frozenset(ApprovalKind)


# Writing


def begin(uow: UnitOfWork, case: CaseFacts, language: str, headline: str) -> UUID:
    """A new story of a case, with one draft in it; staged. Raises InvalidInput."""
    story = new_id()
    manuscript = Manuscript((StoryDraft(language=language, headline=headline),))
    uow.vault.records.seal(STORY, case.id, story, canonical_json(manuscript.to_plain()), expected=0)
    uow.tx.insert(
        stories.stories,
        id=story,
        case=case.id,
        public_id=secrets.token_hex(PUBLIC_ID_BYTES),
        state=StoryState.DRAFT.value,
        created=uow.clock(),
    )
    _keep_author(uow, story)
    return story


def save(uow: UnitOfWork, story: StoryFacts, manuscript: Manuscript, revision: int) -> int:
    """Seal the next revision; staged. Its number, or the one in force where nothing changed.

    Whatever was approved is approved no longer. Raises Conflict: `newer-version`.
    """
    row = standing.story_row(uow, story.id)
    written = standing.open_manuscript(uow, row)
    if written.manuscript == manuscript:
        return written.revision
    if written.revision != revision:
        raise Conflict("newer-version", newest=written.revision)
    sealed = uow.vault.records.seal(
        STORY,
        row.case,
        row.id,
        canonical_json(manuscript.to_plain()),
        expected=revision,
        made_from=manuscript.statements,
    )
    _keep_author(uow, row.id)
    _back_to_draft(uow, row)
    return sealed.version


def _keep_author(uow: UnitOfWork, story: UUID) -> None:
    work, person = cases.work, uow.vault.holder.person
    same = (work.c.subject == story, work.c.kind == standing.WROTE, work.c.person == person)
    if uow.tx.first(sa.select(work).where(*same)) is None:
        uow.tx.insert(work, subject=story, kind=standing.WROTE, person=person)


def _back_to_draft(uow: UnitOfWork, row: standing.StoryRow) -> None:
    state = advance_story(row.state, StoryAct.EDIT)
    if row.bundle is not None:
        uow.vault.releases.void(row.id, row.case)
    _move(uow, row, state, StoryAct.EDIT, bundle=None, embargo_until=None)


def _move(
    uow: UnitOfWork, row: standing.StoryRow, state: StoryState, act: StoryAct, **values: object
) -> None:
    """Stage the story's next state, unless somebody moved it meanwhile; the log hears of it where it is another."""
    table = stories.stories
    same = (
        table.c.id == row.id,
        table.c.state == row.state.value,
        table.c.bundle.is_not_distinct_from(row.bundle),
    )
    uow.tx.stage(sa.update(table).where(*same).values(state=state.value, **values), rows=1)
    if state is not row.state:
        _note(uow, Act.STORY_STATE_CHANGED, row, act.value)


def _note(uow: UnitOfWork, act: Act, row: standing.StoryRow, note: str = "") -> None:
    holder = uow.vault.holder
    uow.audit.note(Note(act, holder.person, row.case, row.id, session=holder.session_tag, note=note))


# Checking


def check(uow: UnitOfWork, story: StoryFacts) -> Report:
    """Make the bundle and look for everything that must not leave; staged. Checked only if nothing stops it.

    The same bundle with the same findings changes nothing, so that its approvals stand.
    Raises NotFound, Tampered, Forbidden, InvalidInput.
    """
    row = standing.story_row(uow, story.id)
    written = standing.open_manuscript(uow, row)
    sources = read_sources(uow, row, written.manuscript)
    bundle, report = _checked(uow, row, written, sources)
    known = standing.open_report(uow, row)
    stands = row.state is not StoryState.DRAFT and report.speaks_of(row.bundle)
    if stands and known is not None and known.report == report:
        return report
    _seal_report(uow, row, report, bundle, written.manuscript)
    if row.bundle is not None:
        uow.vault.releases.void(row.id, row.case)
    if report.passed:
        state = advance_story(row.state, StoryAct.CHECK)
        _move(
            uow,
            row,
            state,
            StoryAct.CHECK,
            bundle=bytes.fromhex(report.bundle),
            embargo_until=_embargo(sources),
        )
    else:
        _move(
            uow, row, advance_story(row.state, StoryAct.EDIT), StoryAct.EDIT, bundle=None, embargo_until=None
        )
    return report


def _checked(
    uow: UnitOfWork, row: standing.StoryRow, written: standing.Written, sources: list[Source]
) -> tuple[Bundle | None, Report]:
    try:
        snapshot = _snapshot(uow, row, written.manuscript, sources)
    except InvalidInput as problems:
        return None, checking.unmakeable(written.manuscript, written.revision, problems)
    around = surroundings(uow, row)
    return checking.check(uow, written.manuscript, written.revision, snapshot, sources, around, today(uow))


def _snapshot(
    uow: UnitOfWork, row: standing.StoryRow, manuscript: Manuscript, sources: list[Source]
) -> StorySnapshot:
    """The day that its page names is that of the check, or the end of an embargo; the same as before if all else is."""
    day = max([today(uow), *filter(None, (_embargo_of(source).until for source in sources))])
    snapshot = snapshot_of(manuscript, row.public_id, day)
    if row.bundle is None:
        return snapshot
    before = standing.open_bundle(uow, row).snapshot
    return before if replace(snapshot, published_on=before.published_on) == before else snapshot


def read_sources(uow: UnitOfWork, row: standing.StoryRow, manuscript: Manuscript) -> list[Source]:
    ordered = sorted(manuscript.statements, key=lambda statement: statement.bytes)
    return [_source(uow, row, statement) for statement in ordered]


def _source(uow: UnitOfWork, row: standing.StoryRow, statement: StatementId) -> Source:
    """Held also where the log alone says that its witness took it back."""
    source = read_source(uow, row.case, statement)
    return replace(source, is_held=source.is_held or standing.was_withdrawn(uow, statement))


def surroundings(uow: UnitOfWork, row: standing.StoryRow) -> checking.Surroundings:
    """The case's register; our own ids, names and codes, of everybody and every case."""
    staff = uow.vault.people.names({row.id for row in uow.tx.all(sa.select(people.people.c.id))})
    codes = uow.tx.all(sa.select(cases.cases.c.code))
    return checking.Surroundings(
        open_register(uow, row.case),
        (row.id, row.case, *staff),
        tuple(staff.values()),
        tuple(code.code for code in codes if code.code),
    )


def _seal_report(
    uow: UnitOfWork, row: standing.StoryRow, report: Report, bundle: Bundle | None, manuscript: Manuscript
) -> None:
    records, sources = uow.vault.records, manuscript.statements
    if bundle is not None and report.passed:
        tip = records.tip(BUNDLE, row.id)
        newest = tip.version if tip else 0
        records.seal(BUNDLE, row.case, row.id, bundle.to_bytes(), expected=newest, made_from=sources)
    tip = records.tip(REPORT, row.id)
    newest = tip.version if tip else 0
    records.seal(REPORT, row.case, row.id, report.to_bytes(), expected=newest, made_from=sources)


def _embargo_of(source: Source) -> Embargo:
    return source.agreement.consent.embargo


def _embargo(sources: list[Source]) -> int | None:
    """Until when a server without keys may say that it waits; seconds since 1970."""
    days = [until for source in sources if (until := _embargo_of(source).until) is not None]
    return int(datetime.combine(max(days), time(), UTC).timestamp()) if days else None


# Signing


def sign(uow: UnitOfWork, story: StoryFacts, kind: ApprovalKind, unseen: Collection[str] = ()) -> None:
    """Sign one voice over the very bytes; the last of three makes the story due; staged.

    `unseen`: surfaces that the signer has not looked at. Raises Conflict: `not-all-seen`, `changed-meanwhile`.
    """
    if unseen:
        raise Conflict("not-all-seen")
    row = standing.story_row(uow, story.id)
    checked = _report_in_force(uow, row)
    leaning = standing.lean(uow, row.case, checked.report)
    given = standing.approvals_in_force(uow, row, checked, leaning)
    assert row.bundle is not None  # the report speaks of it
    _take_turn(uow, row)
    uow.vault.releases.approve(row.id, row.case, kind.value, row.bundle, checked.digest, leaning.consents)
    if given.keys() | {kind} == ALL_KINDS:
        approved = advance_story(row.state, StoryAct.APPROVE)
        _move(uow, row, advance_story(approved, StoryAct.MAKE_DUE), StoryAct.MAKE_DUE)


def _report_in_force(uow: UnitOfWork, row: standing.StoryRow) -> standing.Checked:
    checked = standing.open_report(uow, row)
    if checked is None or not checked.report.speaks_of(row.bundle):
        raise Conflict("changed-meanwhile")
    return checked


def _take_turn(uow: UnitOfWork, row: standing.StoryRow) -> None:
    """Two who sign in the same moment: the second learns of the first, or nobody would make the story due.

    The first update waits for the other's commit, the second looks at what that one left.
    """
    table, signed = stories.stories, stories.approvals
    every = sa.select(sa.func.count()).select_from(signed).where(signed.c.story == row.id)
    known = int(uow.tx.value(every))
    mine = (
        sa.update(table)
        .where(table.c.id == row.id, table.c.bundle == row.bundle)
        .values(state=row.state.value)
    )
    uow.tx.stage(mine.where(table.c.state == row.state.value), rows=1)
    uow.tx.stage(mine.where(every.scalar_subquery() == known), rows=1)


# The identity check


def check_identity(uow: UnitOfWork, story: StoryFacts) -> tuple[Finding, ...]:
    """In a custodian's session: look for what only the identity compartment knows in the very bytes.

    Signs if nothing stops it; staged. Findings name places in the bundle, never what stands there.
    The caller has noted whose identities are opened. Raises as `sign`, `check`.
    """
    row = standing.story_row(uow, story.id)
    checked = _report_in_force(uow, row)
    bundle = standing.open_bundle(uow, row)
    identities = [
        (read_source(uow, row.case, statement), open_identity(uow, row.case, statement))
        for statement in checked.report.statements
    ]
    register = open_register(uow, row.case)
    findings = checking.identity_findings(bundle, identities, register, demo=uow.installation.demo)
    if not any(finding.blocks for finding in findings):
        sign(uow, story, ApprovalKind.IDENTITY)
    return findings


# Publishing


def publish(uow: UnitOfWork, story: StoryFacts, folder: PublicFolder) -> None:
    """Sign and write the next edition with this story in it; staged, and what readers get once committed.

    Everything is looked at again: the bytes, the register as it is now, the consents (by policy, before).
    Raises Forbidden: `gate-not-passed`; Conflict: `address-taken`, `changed-meanwhile`; Unavailable; Tampered.
    """
    row = standing.story_row(uow, story.id)
    checked = _report_in_force(uow, row)
    bundle = standing.open_bundle(uow, row)
    if bundle.snapshot.public_id != row.public_id:  # or it would lie where a withdrawal does not look
        raise Tampered("public-id", table="stories", record=row.id)
    _check_again(uow, row, bundle, checked.report)
    approvals = standing.approvals_in_force(uow, row, checked, standing.lean(uow, row.case, checked.report))
    release = uow.vault.releases.sign_release(
        row.public_id, row.id, bundle.listed, approvals.values(), checked.digest
    )
    shelf = Shelf.read(uow)
    number = shelf.next_number(folder)
    told = [*_tell_all(shelf, folder), Told(row.public_id, bundle, *release)]
    try:
        edition = edition_for(uow, told, shelf.gone)
    except InvalidInput as repeated:
        raise Conflict("address-taken") from repeated
    write_edition(uow, folder, number, edition, uow.vault.releases.sign_site)
    shelf.guard(uow)
    uow.vault.releases.record(row.id, row.case, row.public_id, number, release)
    _move(uow, row, advance_story(row.state, StoryAct.PUBLISH), StoryAct.PUBLISH)
    uow.after_commit += [partial(folder.switch, number), partial(folder.remove_older, number, keep=1)]


def _check_again(uow: UnitOfWork, row: standing.StoryRow, bundle: Bundle, report: Report) -> None:
    """A name that came into the register after the check stops it now."""
    sources = [_source(uow, row, statement) for statement in report.statements]
    found = checking.leaks(bundle, sources, surroundings(uow, row), demo=uow.installation.demo)
    if any(finding.blocks for finding in found) or any(source.is_held for source in sources):
        raise Forbidden("gate-not-passed")
    _hold_still(uow, report)


def _hold_still(uow: UnitOfWork, report: Report) -> None:
    """Stage that no source is held or withdrawn before this commit; a withdrawal at the same moment wins or waits."""
    table = cases.statements
    for held in uow.tx.all(sa.select(table).where(table.c.id.in_(report.statements))):
        same = (
            table.c.id == held.id,
            table.c.state == held.state,
            table.c.before == held.before,
            table.c.consent_state == held.consent_state,
        )
        uow.tx.stage(sa.update(table).where(*same).values(state=held.state), rows=1)


def _tell_all(shelf: Shelf, folder: PublicFolder) -> list[Told]:
    """Raises Unavailable if what is out already cannot be told again: nothing may vanish by a publication."""
    try:
        return [tell(folder, release) for release in shelf.live]
    except NotFound as error:
        raise Unavailable("public-folder") from error


# Withdrawing


def withdraw(uow: UnitOfWork, story: StoryFacts, folder: PublicFolder) -> Removal:
    """Take a story back, whatever became of it; staged. What was published is gone from the public site."""
    row = standing.story_row(uow, story.id)
    removal = take_down(uow, folder, {row.id})
    if not removal.stories:
        if row.bundle is not None:
            uow.vault.releases.void(row.id, row.case)
        _move(uow, row, advance_story(row.state, StoryAct.WITHDRAW), StoryAct.WITHDRAW, bundle=None)
    return removal
