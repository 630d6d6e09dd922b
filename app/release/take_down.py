"""Taking stories down, which needs nobody's testimony key, and making the public folder say what the database says."""

import json
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.errors import NotFound, NotSignedIn, Unavailable
from app.domain.lifecycle import StoryAct, StoryState, advance_story
from app.release.edition import Edition, signed_part
from app.release.shelf import (
    Shelf,
    edition_for,
    tell_what_is_whole,
    write_edition,
)
from app.release.standing import IN_APPROVAL
from app.release.tree import MANIFEST, PublicFolder
from app.release.verify import verify_tree
from app.store import records, stories
from app.unit_of_work import UnitOfWork
from app.vault.releases import Listed, Released, SignedSite, sign_take_down

ABANDONED_SECONDS: Final = 60 * 60
"""An edition that nobody switched to for this long belongs to a publisher that died."""


@dataclass
class Removal:
    """What came of taking stories down. `milliseconds`: from the call until no reader gets them, once committed."""

    stories: tuple[UUID, ...]
    milliseconds: int | None = None
    _started: int = field(default_factory=time.monotonic_ns)

    def is_over(self) -> None:
        self.milliseconds = (time.monotonic_ns() - self._started) // 1_000_000


def take_down_for_statement(uow: UnitOfWork, folder: PublicFolder, statement: UUID) -> Removal:
    """Take down every published story that was made from a statement; staged, done at the commit.

    Those that wait for their readers lose their approvals and are drafts again. Needs nobody signed in: this
    is what a withdrawal code does. Raises Conflict at the commit if somebody published or signed meanwhile:
    do it again. Raises Tampered.
    """
    table = records.sources
    rows = uow.tx.all(sa.select(table.c.record).where(table.c.source == statement))
    made_of_it = {row.record for row in rows}
    _void_approvals(uow, made_of_it)
    return take_down(uow, folder, made_of_it)


def _void_approvals(uow: UnitOfWork, chosen: Collection[UUID]) -> None:
    table, signed = stories.stories, stories.approvals
    for row in uow.tx.all(sa.select(table).where(table.c.id.in_(chosen), table.c.bundle.is_not(None))):
        if StoryState(row.state) not in IN_APPROVAL:
            continue
        draft = advance_story(StoryState(row.state), StoryAct.EDIT)
        uow.tx.stage(
            sa.update(signed)
            .where(signed.c.story == row.id, signed.c.voided.is_(None))
            .values(voided=uow.clock())
        )
        uow.tx.stage(
            sa.update(table)
            .where(table.c.id == row.id, table.c.state == row.state, table.c.bundle == row.bundle)
            .values(state=draft.value, bundle=None, embargo_until=None),
            rows=1,
        )
        person = _person(uow)
        uow.audit.note(Note(Act.APPROVALS_VOIDED, person, row.case, row.id))
        uow.audit.note(Note(Act.STORY_STATE_CHANGED, person, row.case, row.id, note=StoryAct.EDIT.value))


def take_down(uow: UnitOfWork, folder: PublicFolder, chosen: Collection[UUID]) -> Removal:
    """Withdraw those of the chosen stories that are out, in one edition; staged, done at the commit.

    Each page becomes the neutral tombstone; cards and feed entries go; older editions leave the disk. With a
    full disk the pages are deleted where they lie, and `reconcile` makes the rest. Raises as above.
    """
    shelf = Shelf.read(uow)
    going = shelf.of(chosen)
    removal = Removal(tuple(release.story for release in going))
    if going:
        _stage(uow, shelf, going)
        gone = (*shelf.gone, *going)
        staying = [release for release in shelf.live if release not in going]
        number = shelf.next_number(folder)
        finish = partial(_finish, folder, number, {release.public_id for release in gone})
        try:
            edition = edition_for(uow, tell_what_is_whole(folder, staying), gone)
            write_edition(uow, folder, number, edition, partial(_sign, uow))
        except Unavailable:
            finish = partial(_delete_where_it_lies, folder, {release.public_id for release in going})
        uow.after_commit += [finish, removal.is_over]
    elif chosen:
        shelf.guard(uow)  # a publication of one of them at this very moment must not slip by
    return removal


def _stage(uow: UnitOfWork, shelf: Shelf, going: Iterable[Released]) -> None:
    shelf.guard(uow)
    now = uow.clock()
    for release in going:
        row = uow.tx.first(sa.select(stories.stories).where(stories.stories.c.id == release.story))
        if row is None:
            raise NotFound("story")
        withdrawn = advance_story(StoryState(row.state), StoryAct.WITHDRAW)
        uow.tx.stage(
            sa.update(stories.releases)
            .where(stories.releases.c.public_id == release.public_id, stories.releases.c.withdrawn.is_(None))
            .values(withdrawn=now)
        )
        uow.tx.stage(
            sa.update(stories.stories)
            .where(stories.stories.c.id == release.story, stories.stories.c.state == row.state)
            .values(state=withdrawn.value),
            rows=1,
        )
        uow.audit.note(Note(Act.TAKEN_DOWN, _person(uow), row.case, release.story, digest=release.digest))


def _person(uow: UnitOfWork) -> UUID | None:
    """Whoever is signed in, if anybody is."""
    try:
        return uow.vault.holder.person
    except NotSignedIn:
        return None


def _sign(
    uow: UnitOfWork,
    number: int,
    marks: Iterable[tuple[str, bytes]],
    files: Iterable[Listed],
    withdrawn: Iterable[str],
) -> SignedSite:
    return sign_take_down(uow.installation, number, marks, files, withdrawn, uow.clock())


def _finish(folder: PublicFolder, number: int, public_ids: Collection[str]) -> None:
    """Readers get the new edition; whatever else lies there and still holds one of the stories goes."""
    folder.switch(number)
    folder.remove_older(number)
    folder.remove_holding(public_ids)


def _delete_where_it_lies(folder: PublicFolder, public_ids: Collection[str]) -> None:
    folder.delete_stories(public_ids)


def reconcile(uow: UnitOfWork, folder: PublicFolder) -> bool:
    """Make what readers get equal to what the database says is released; whether anything had to change.

    For start-up, and after a crash: an edition is on the disk before the commit that it belongs to, and becomes
    current after it. A first start gets an edition without stories. Writes nothing to the database.
    """
    shelf = Shelf.read(uow)
    edition = edition_for(uow, tell_what_is_whole(folder, shelf.live), shelf.gone)
    current = folder.current
    if current is not None and _fits(uow, folder, current, edition):
        folder.remove_older(current, keep=1)
        folder.remove_abandoned(current, ABANDONED_SECONDS)
        return False
    newer = (number for number in folder.numbers if current is None or number > current)
    number = next((number for number in newer if _fits(uow, folder, number, edition)), None)
    if number is None:
        number = shelf.next_number(folder)
        write_edition(uow, folder, number, edition, partial(_sign, uow))
    _finish(folder, number, {release.public_id for release in shelf.gone})
    return True


def _fits(uow: UnitOfWork, folder: PublicFolder, number: int, edition: Edition) -> bool:
    """Whether an edition on the disk is whole, signed by us, and tells and withdraws exactly these stories."""
    place = folder.folder(number)
    if verify_tree(place, uow.installation.anchor):
        return False
    signed = signed_part(edition.listed, edition.marks, edition.withdrawn, number, demo=uow.installation.demo)
    found = json.loads(folder.read(number, MANIFEST))["signed"]
    return all(found[name] == signed[name] for name in ("releases", "withdrawn"))
