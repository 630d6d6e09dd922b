"""Withdrawing: the page, its card and its feed entry go at once, with nobody's testimony key."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.log import head_values
from app.crypto.log import HeadMark
from app.domain.consent import ConsentState
from app.domain.errors import Conflict, Unavailable
from app.domain.lifecycle import StoryState
from app.domain.story import Block
from app.public.factory import PublicConfig, create_public_app
from app.release import actions, routes
from app.release.queries import quotable
from app.release.sources import read_agreement
from app.release.standing import StoryRow, was_withdrawn
from app.release.take_down import reconcile, take_down, take_down_for_statement
from app.release.tree import PublicFolder
from app.store import cases, log, stories, trust
from app.store.records import tips, versions
from app.vault.fields import CONSENT
from tests.release.stage import AGREED, Stage
from tests.release.test_publishing import FIRST, SECOND, addresses, anonymous, faults, told

WORDS = b"frost came early"


class FullFolder(PublicFolder):
    """On a disk that takes nothing more."""

    def write(self, number: int, files: Mapping[str, bytes]) -> None:
        raise Unavailable("public-folder")


def what_readers_get(stage: Stage, path: str) -> bytes:
    with create_public_app(PublicConfig(stage.folder.root)).test_client() as reader:
        answer = reader.get(path)
        content = bytes(answer.data)
        answer.close()
    return content


def page_of(stage: Stage, story: UUID) -> str:
    return f"/stories/{stage.row(story).public_id}/"


def copies(stage: Stage, story: UUID) -> list[bytes]:
    """Every data file of a story that any edition on the disk still has."""
    return [
        path.read_bytes()
        for path in stage.folder.root.rglob(f"*{page_of(stage, story)}*.json")
        if path.is_file()
    ]


def test_its_page_becomes_a_tombstone_and_its_traces_go(fresh: Stage) -> None:
    story = fresh.published()
    page = page_of(fresh, story)
    browser = fresh.cast.client("mark")
    answer = browser.post(f"/stories/{story}/withdrawal", {"code": "Linden-4"})
    assert answer.status_code == 303
    assert fresh.state(story) is StoryState.WITHDRAWN
    assert b"This story was withdrawn" in what_readers_get(fresh, page)
    assert b"Page not found" in what_readers_get(fresh, f"{page}story.json")
    assert faults(fresh) == []


def test_no_word_of_it_stays_in_the_public_tree_nor_in_any_address(fresh: Stage) -> None:
    story = fresh.published()
    fresh.cast.client("mark").post(f"/stories/{story}/withdrawal", {"code": "Linden-4"})
    tree = [path for path in fresh.folder.root.rglob("*") if path.is_file()]
    assert len(tree) > 20
    for path in tree:
        for trace in (WORDS, b"weather", b"Weather"):
            assert trace not in path.read_bytes(), path
            assert trace not in str(path.relative_to(fresh.folder.root)).encode(), path


def test_no_copy_of_it_stays_on_the_disk(fresh: Stage) -> None:
    story = fresh.published()
    fresh.published(fresh.manuscript(fresh.draft(headline=SECOND)))
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {story}))
    assert copies(fresh, story) == []
    assert told(fresh) == {SECOND}
    assert faults(fresh) == []


def test_it_needs_nobody_signed_in_and_says_how_long_it_took(fresh: Stage) -> None:
    story = fresh.published()
    removal = anonymous(fresh, lambda uow: take_down_for_statement(uow, fresh.folder, fresh.statement))
    assert removal.stories == (story,)
    assert removal.milliseconds is not None
    assert removal.milliseconds < 5_000
    assert fresh.state(story) is StoryState.WITHDRAWN


def test_every_story_made_from_the_statement_goes_and_no_other(fresh: Stage) -> None:
    other = fresh.take_statement(code_name="Heron")
    fresh.redact(other)
    gone = [fresh.published(), fresh.published(fresh.manuscript(fresh.draft(headline=SECOND)))]
    quote = Block("excerpt", excerpt=fresh.excerpt(statement=other))
    stays = fresh.published(
        fresh.manuscript(fresh.draft(quote, headline="Of somebody else", pull_quote=""), naming=())
    )
    removal = anonymous(fresh, lambda uow: take_down_for_statement(uow, fresh.folder, fresh.statement))
    assert set(removal.stories) == set(gone)
    assert fresh.state(stays) is StoryState.PUBLISHED
    assert told(fresh) == {"Of somebody else"}


def test_a_statement_that_nothing_was_made_of_takes_nothing_down(fresh: Stage) -> None:
    fresh.published()
    other = fresh.take_statement(code_name="Heron")
    removal = anonymous(fresh, lambda uow: take_down_for_statement(uow, fresh.folder, other))
    assert (removal.stories, removal.milliseconds) == ((), None)


def test_a_manifest_after_a_removal_is_signed_with_the_take_down_key(fresh: Stage) -> None:
    story = fresh.published()
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {story}))
    assert b'"signed_with":"take-down-key"' in (fresh.current() / "manifest.json").read_bytes()


def test_it_is_on_record(fresh: Stage) -> None:
    story = fresh.published()
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {story}))
    with fresh.cast.acting("ruben") as uow:
        lines = uow.tx.all(sa.select(log.entries.c.act).where(log.entries.c.record == story))
    assert "release.taken-down" in {line.act for line in lines}


def test_who_publishes_meanwhile_does_not_bring_it_back(fresh: Stage) -> None:
    first = fresh.published()
    second = fresh.due(fresh.manuscript(fresh.draft(headline=SECOND)))
    late = fresh.cast.uow("mark")
    actions.publish(late, fresh.facts(late, second), fresh.folder)  # an edition with both is on the disk
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {first}))
    with pytest.raises(Conflict):
        late.commit()
    late.end()
    assert told(fresh) == set()
    assert copies(fresh, first) == []


class MeanwhileFolder(PublicFolder):
    """Where, each time before an edition lands, somebody has done something else."""

    others: ClassVar[list[Callable[[], None]]] = []

    def write(self, number: int, files: Mapping[str, bytes]) -> None:
        super().write(number, files)
        if self.others:
            with ThreadPoolExecutor(1) as somebody_else:
                somebody_else.submit(self.others.pop(0)).result()


def test_it_is_not_lost_to_somebody_who_publishes_at_that_moment(
    fresh: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = fresh.published()
    second = fresh.due(fresh.manuscript(fresh.draft(headline=SECOND)))
    MeanwhileFolder.others[:] = [lambda: fresh.publish(second)]
    monkeypatch.setattr(routes, "_folder", lambda: MeanwhileFolder(fresh.folder.root))
    answer = fresh.cast.client("mark").post(f"/stories/{first}/withdrawal", {"code": "Linden-4"})
    assert answer.status_code == 303
    assert MeanwhileFolder.others == []
    assert fresh.state(first) is StoryState.WITHDRAWN
    assert told(fresh) == {SECOND}
    assert copies(fresh, first) == []
    assert faults(fresh) == []


def test_another_story_that_is_damaged_does_not_keep_it_up(fresh: Stage) -> None:
    first = fresh.published()
    second = fresh.published(fresh.manuscript(fresh.draft(headline=SECOND)))
    for page in fresh.folder.root.rglob(f"*{page_of(fresh, second)}index.html"):
        page.write_bytes(b"defaced")
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {first}))
    assert told(fresh) == set()
    assert faults(fresh) == []


def test_with_a_disk_that_takes_nothing_more_the_pages_are_deleted_where_they_lie(
    fresh: Stage,
) -> None:
    story = fresh.published()
    full = FullFolder(fresh.folder.root)
    removal = anonymous(fresh, lambda uow: take_down(uow, full, {story}))
    assert removal.milliseconds is not None
    assert not [*fresh.folder.root.rglob(f"*{page_of(fresh, story)}*.html")]
    assert fresh.state(story) is StoryState.WITHDRAWN
    assert b"cannot be read at the moment" in what_readers_get(fresh, page_of(fresh, story))
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert b"This story was withdrawn" in what_readers_get(fresh, page_of(fresh, story))
    assert faults(fresh) == []


def test_a_crash_after_the_commit_is_put_right(fresh: Stage) -> None:
    story = fresh.published()
    uow = fresh.cast.uow()
    take_down(uow, fresh.folder, {story})
    uow.after_commit.clear()
    uow.commit()
    uow.end()
    assert told(fresh) == {FIRST}
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert told(fresh) == set()
    assert copies(fresh, story) == []


def test_a_story_that_was_never_published_can_be_withdrawn_too(fresh: Stage) -> None:
    story = fresh.due()
    answer = fresh.cast.client("ruben").post(f"/stories/{story}/withdrawal", {"code": " linden-4 "})
    assert answer.status_code == 303
    assert fresh.state(story) is StoryState.WITHDRAWN
    assert fresh.approvals(story) == {}
    assert fresh.cast.client("ruben").get(f"/stories/{story}").status_code == 200


def test_the_code_of_the_case_is_asked_for(stage: Stage) -> None:
    story = stage.checked()
    answer = stage.cast.client("ruben").post(f"/stories/{story}/withdrawal", {"code": "Alder-9"})
    assert answer.status_code == 422
    assert "not the code of the case" in answer.get_data(as_text=True)
    assert stage.state(story) is StoryState.CHECKED


def test_a_writer_may_not(stage: Stage) -> None:
    story = stage.checked()
    browser = stage.cast.client("lilit")
    assert browser.post(f"/stories/{story}/withdrawal", {"code": "Linden-4"}).status_code == 403


def test_a_story_whose_draft_was_tampered_with_can_still_be_withdrawn(fresh: Stage) -> None:
    story = fresh.published()
    with fresh.cast.acting("ruben") as uow:
        of_it = (versions.c.record == story, versions.c.field == "stories.draft")
        uow.tx.stage(sa.update(versions).where(*of_it).values(envelope=b"something else"))
    browser = fresh.cast.client("mark")
    page = browser.get(f"/stories/{story}")
    assert page.status_code == 200
    assert "does not open" in page.get_data(as_text=True)
    assert browser.post(f"/stories/{story}/withdrawal", {"code": "Linden-4"}).status_code == 303
    assert told(fresh) == set()


def test_a_withdrawn_address_is_never_given_again(fresh: Stage) -> None:
    gone = fresh.published()
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {gone}))
    again = fresh.published()
    assert addresses(fresh) == {fresh.row(again).public_id}
    assert fresh.row(again).public_id != fresh.row(gone).public_id
    assert b"This story was withdrawn" in what_readers_get(fresh, page_of(fresh, gone))
    with fresh.cast.acting("ruben") as uow:
        withdrawn = sa.select(sa.func.count()).where(stories.releases.c.withdrawn.is_not(None))
        assert uow.tx.value(withdrawn) == 1


# A statement is taken back by its witness


def withdraw_statement(stage: Stage, by: str = "ruben") -> None:
    path = f"/statements/{stage.statement}/state/withdraw"
    assert stage.cast.client(by).post(path, {"code": "Linden-4"}).status_code == 303


def write(stage: Stage, *writes: sa.UpdateBase) -> None:
    """As whoever holds the database could."""
    with stage.cast.services.database.writing() as connection:
        for each in writes:
            connection.execute(each)


def set_back(stage: Stage, story: UUID, before: StoryRow) -> None:
    """Every column as if the witness had never taken anything back."""
    statement, row, signed = cases.statements, stories.stories, stories.approvals
    write(
        stage,
        sa.update(statement)
        .where(statement.c.id == stage.statement)
        .values(state="approved", before="", consent_state="in-force"),
        sa.update(row).where(row.c.id == story).values(state=before.state.value, bundle=before.bundle),
        sa.update(signed).where(signed.c.story == story).values(voided=None),
    )


def forget_the_version(stage: Stage) -> None:
    """The sealed withdrawal goes too, with the tip that named it."""
    of_it = [(table.c.record == stage.statement, table.c.field == CONSENT.path) for table in (tips, versions)]
    write(stage, sa.delete(tips).where(*of_it[0]), sa.delete(versions).where(*of_it[1]))


def test_what_waited_for_its_readers_loses_its_approvals_at_the_same_commit(fresh: Stage) -> None:
    due, published = fresh.due(), fresh.published(fresh.manuscript(fresh.draft(headline="Another")))
    withdraw_statement(fresh)
    assert fresh.state(due) is StoryState.DRAFT
    assert fresh.state(published) is StoryState.WITHDRAWN
    with fresh.cast.acting("ruben") as uow:
        signed = stories.approvals
        standing_yet = sa.select(signed.c.kind).where(signed.c.story == due, signed.c.voided.is_(None))
        assert uow.tx.all(standing_yet) == []
        lines = uow.tx.all(sa.select(log.entries.c.act).where(log.entries.c.record == due))
    assert "release.approvals-voided" in {line.act for line in lines}


def test_other_stories_keep_their_approvals(fresh: Stage) -> None:
    other = fresh.take_statement(code_name="Heron")
    fresh.redact(other)
    quote = Block("excerpt", excerpt=fresh.excerpt(statement=other))
    stays = fresh.due(fresh.manuscript(fresh.draft(quote, pull_quote=""), naming=()))
    withdraw_statement(fresh)
    assert fresh.state(stays) is StoryState.DUE
    assert len(fresh.approvals(stays)) == 3


@pytest.mark.parametrize("also", [lambda _stage: None, forget_the_version])
def test_who_writes_the_database_cannot_undo_it(fresh: Stage, also: Callable[[Stage], None]) -> None:
    story = fresh.due()
    before = fresh.row(story)
    withdraw_statement(fresh)
    set_back(fresh, story, before)
    also(fresh)
    facts = fresh.facts_for("mark", story)
    assert facts.state is StoryState.DUE
    assert facts.source_held
    assert facts.approvals == {}
    assert fresh.cast.client("mark").post(f"/stories/{story}/publication").status_code == 403
    assert told(fresh) == set()


def test_the_consent_itself_says_so_signed_by_who_withdrew_it(fresh: Stage) -> None:
    withdraw_statement(fresh, by="anush")
    with fresh.cast.acting("ruben") as uow:
        agreement = read_agreement(uow, fresh.cast.case, fresh.statement)
        newest = uow.vault.records.open(CONSENT, fresh.cast.case, fresh.statement)
    assert agreement.consent.state is ConsentState.WITHDRAWN
    assert not agreement.consent.publishing.allowed
    assert newest.author == fresh.cast.people["anush"].person


def begin_new_era(stage: Stage) -> None:
    """As after a restore that was accepted: only leads open anything."""
    keys, now = stage.cast.services.installation.log_keys, stage.cast.clock()
    with stage.cast.acting("ruben") as uow:
        head = uow.audit.check_head(uow.tx)
    later = HeadMark(head.era + 1, head.sequence, head.chain)
    write(
        stage,
        sa.update(log.heads).values(head_values(keys, later, now)),
        sa.update(trust.installation).values(era=later.era),
    )


def test_a_witness_need_not_wait_until_a_stopped_case_opens_again(fresh: Stage) -> None:
    begin_new_era(fresh)
    withdraw_statement(fresh, by="anush")
    with fresh.cast.acting("ruben") as uow:
        assert was_withdrawn(uow, fresh.statement)
        assert uow.vault.records.tip(CONSENT, fresh.statement) is None


def test_where_no_version_can_be_sealed_the_log_alone_is_believed(fresh: Stage) -> None:
    fresh.change_consent(AGREED)
    story = fresh.due()
    before = fresh.row(story)
    of_it = (tips.c.record == fresh.statement, tips.c.field == CONSENT.path)
    with fresh.cast.acting("ruben") as uow:
        mac = uow.tx.value(sa.select(tips.c.mac).where(*of_it))
    write(fresh, sa.update(tips).where(*of_it).values(mac=bytes(len(mac))))
    withdraw_statement(fresh)
    set_back(fresh, story, before)
    write(fresh, sa.update(tips).where(*of_it).values(mac=mac))
    with fresh.cast.acting("ruben") as uow:
        agreement = read_agreement(uow, fresh.cast.case, fresh.statement)
        assert not quotable(uow, fresh.cast.case)
    assert agreement.consent.state is ConsentState.IN_FORCE
    assert fresh.facts_for("mark", story).source_held
    assert fresh.cast.client("mark").post(f"/stories/{story}/publication").status_code == 403
    assert not fresh.check(story).passed
