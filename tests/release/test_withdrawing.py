"""Withdrawing: the page, its card and its feed entry go at once, with nobody's testimony key."""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from app.domain.errors import Conflict, Unavailable
from app.domain.lifecycle import StoryState
from app.domain.story import Block
from app.public.factory import PublicConfig, create_public_app
from app.release import actions
from app.release.take_down import reconcile, take_down, take_down_for_statement
from app.release.tree import PublicFolder
from app.store import log, stories
from app.store.records import versions
from tests.release.stage import Stage
from tests.release.test_publishing import anonymous, faults, slugs

ADDRESS = "on-the-phone-we-talk-about-the-weather"
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


def test_its_page_becomes_a_tombstone_and_its_traces_go(fresh: Stage) -> None:
    story = fresh.published()
    browser = fresh.cast.client("mark")
    answer = browser.post(f"/stories/{story}/withdrawal", {"code": "Linden-4"})
    assert answer.status_code == 303
    assert fresh.state(story) is StoryState.WITHDRAWN
    assert b"This story was withdrawn" in what_readers_get(fresh, f"/stories/{ADDRESS}/")
    for path in ("/", "/index.hy.html", "/feed.atom", f"/stories/{ADDRESS}/", "/manifest.json"):
        page = what_readers_get(fresh, path).replace(ADDRESS.encode(), b"")
        assert WORDS not in page
        assert b"weather" not in page
    assert b"Page not found" in what_readers_get(fresh, f"/stories/{ADDRESS}/story.json")
    assert faults(fresh) == []


def test_no_copy_of_it_stays_on_the_disk(fresh: Stage) -> None:
    story = fresh.published()
    fresh.published(fresh.manuscript(fresh.draft(headline="The second story")))
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {story}))
    held = [path for path in fresh.folder.root.rglob("*") if path.is_file()]
    assert not [
        path for path in held if path.parts[-3:-1] == ("stories", ADDRESS) and WORDS in path.read_bytes()
    ]
    assert slugs(fresh) == {"the-second-story"}
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
    gone = [fresh.published(), fresh.published(fresh.manuscript(fresh.draft(headline="The second story")))]
    quote = Block("excerpt", excerpt=fresh.excerpt(statement=other))
    stays = fresh.published(
        fresh.manuscript(fresh.draft(quote, headline="Of somebody else", pull_quote=""), naming=())
    )
    removal = anonymous(fresh, lambda uow: take_down_for_statement(uow, fresh.folder, fresh.statement))
    assert set(removal.stories) == set(gone)
    assert fresh.state(stays) is StoryState.PUBLISHED
    assert slugs(fresh) == {"of-somebody-else"}


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
    second = fresh.due(fresh.manuscript(fresh.draft(headline="The second story")))
    late = fresh.cast.uow("mark")
    actions.publish(late, fresh.facts(late, second), fresh.folder)  # an edition with both is on the disk
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {first}))
    with pytest.raises(Conflict):
        late.commit()
    late.end()
    assert slugs(fresh) == set()
    assert not [*fresh.folder.root.rglob(f"stories/{ADDRESS}/story.json")]


def test_another_story_that_is_damaged_does_not_keep_it_up(fresh: Stage) -> None:
    first = fresh.published()
    fresh.published(fresh.manuscript(fresh.draft(headline="The second story")))
    for page in fresh.folder.root.rglob("stories/the-second-story/index.html"):
        page.write_bytes(b"defaced")
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {first}))
    assert slugs(fresh) == set()
    assert faults(fresh) == []


def test_with_a_disk_that_takes_nothing_more_the_pages_are_deleted_where_they_lie(
    fresh: Stage,
) -> None:
    story = fresh.published()
    full = FullFolder(fresh.folder.root)
    removal = anonymous(fresh, lambda uow: take_down(uow, full, {story}))
    assert removal.milliseconds is not None
    assert not [*fresh.folder.root.rglob(f"stories/{ADDRESS}/*.html")]
    assert fresh.state(story) is StoryState.WITHDRAWN
    assert b"cannot be read at the moment" in what_readers_get(fresh, f"/stories/{ADDRESS}/")
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert b"This story was withdrawn" in what_readers_get(fresh, f"/stories/{ADDRESS}/")
    assert faults(fresh) == []


def test_a_crash_after_the_commit_is_put_right(fresh: Stage) -> None:
    story = fresh.published()
    uow = fresh.cast.uow()
    take_down(uow, fresh.folder, {story})
    uow.after_commit.clear()
    uow.commit()
    uow.end()
    assert slugs(fresh) == {ADDRESS}
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert slugs(fresh) == set()
    assert not [*fresh.folder.root.rglob(f"stories/{ADDRESS}/story.json")]


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
    assert slugs(fresh) == set()


def test_a_withdrawn_address_is_never_given_again(fresh: Stage) -> None:
    story = fresh.published()
    anonymous(fresh, lambda uow: take_down(uow, fresh.folder, {story}))
    fresh.published()
    assert slugs(fresh) == {f"{ADDRESS}-2"}
    with fresh.cast.acting("ruben") as uow:
        withdrawn = sa.select(sa.func.count()).where(stories.releases.c.withdrawn.is_not(None))
        assert uow.tx.value(withdrawn) == 1
