"""Publishing: by a publisher, once all is signed and its day has come; what a crash leaves behind is put right."""

import base64
import json
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.errors import Conflict, Forbidden, Tampered, Unavailable
from app.domain.ids import StoryId
from app.domain.lifecycle import StoryState
from app.policy.facts import ApprovalKind
from app.release import actions, standing
from app.release.take_down import reconcile
from app.release.tree import PublicFolder
from app.release.verify import verify_tree
from app.store import stories
from app.store.records import versions
from app.unit_of_work import UnitOfWork
from app.vault.fields import BUNDLE
from app.vault.releases import bundle_digits
from tests.release.stage import Stage, embargoed


class KilledError(Exception):
    """Stands for a process that dies."""


FIRST, SECOND = "On the phone, we talk about the weather", "The second story"


def addresses(stage: Stage) -> set[str]:
    """Where the stories lie that readers can open now."""
    if stage.folder.current is None:
        return set()
    return {path.parent.name for path in stage.current().glob("stories/*/story.json")}


def told(stage: Stage) -> set[str]:
    """The headlines of the stories that readers can open now."""
    places = [stage.current() / "stories" / address / "story.json" for address in addresses(stage)]
    return {json.loads(place.read_bytes())["texts"][0]["headline"] for place in places}


def faults(stage: Stage) -> list[str]:
    return verify_tree(stage.folder.root, stage.cast.services.installation.anchor)


def anonymous(stage: Stage, act: Callable[[UnitOfWork], Any]) -> Any:
    uow = stage.cast.uow()
    try:
        result = act(uow)
        uow.commit()
    finally:
        uow.end()
    return result


# Who, and when


def test_a_publisher_publishes_what_is_due(fresh: Stage) -> None:
    story = fresh.published()
    assert fresh.state(story) is StoryState.PUBLISHED
    assert told(fresh) == {FIRST}
    assert b"If she says the frost came early" in (fresh.current() / "index.html").read_bytes()
    assert faults(fresh) == []


def test_what_readers_get_is_byte_for_byte_what_was_approved(stage: Stage) -> None:
    story = stage.due()
    with stage.cast.acting("mark") as uow:
        approved = standing.open_bundle(uow, standing.story_row(uow, story)).files
    stage.publish(story)
    assert approved == {path: (stage.current() / path).read_bytes() for path in approved}


def test_nobody_else_may(stage: Stage) -> None:
    story = stage.due()
    for name in ("lilit", "irina", "anush"):
        assert stage.cast.client(name).post(f"/stories/{story}/publication").status_code == 403
    assert stage.state(story) is StoryState.DUE


def test_no_administrator_may(stage: Stage) -> None:
    story = stage.due()
    assert stage.cast.client("helga").post(f"/stories/{story}/publication").status_code in {403, 404}
    assert stage.state(story) is StoryState.DUE


def test_it_takes_the_second_factor_of_a_moment_ago(stage: Stage) -> None:
    story = stage.due()
    browser = stage.cast.client("mark")
    stage.cast.clock.ahead += 11 * 60
    answer = browser.post(f"/stories/{story}/publication")
    assert answer.status_code == 403
    assert stage.state(story) is StoryState.DUE
    assert "/confirm?back=" in browser.get(f"/stories/{story}").get_data(as_text=True)
    browser.post("/confirm", {"code": stage.cast.code("mark"), "back": "/account"})
    assert browser.post(f"/stories/{story}/publication").status_code == 303
    assert stage.state(story) is StoryState.PUBLISHED


def test_a_story_that_two_have_not_approved_cannot_be_published(stage: Stage) -> None:
    story = stage.checked()
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    assert stage.cast.client("mark").post(f"/stories/{story}/publication").status_code == 403


def test_an_embargo_is_waited_for(fresh: Stage) -> None:
    until = datetime.now(UTC).date() + timedelta(days=3)
    fresh.change_consent(embargoed(until))
    story = fresh.due()
    assert fresh.cast.client("mark").post(f"/stories/{story}/publication").status_code == 403
    fresh.cast.clock.ahead += 4 * 24 * 3600
    assert fresh.cast.client("mark").post(f"/stories/{story}/publication").status_code == 303
    assert until.isoformat().encode() in next(fresh.current().glob("stories/*/story.json")).read_bytes()


def test_a_source_held_meanwhile_stops_it(fresh: Stage) -> None:
    story = fresh.due()
    with fresh.cast.acting("ruben") as uow:
        fresh.set_state(uow, fresh.statement, "on hold", "approved")
    assert fresh.cast.client("mark").post(f"/stories/{story}/publication").status_code == 403


def test_a_name_that_came_into_the_register_meanwhile_stops_it(fresh: Stage) -> None:
    story = fresh.due()
    fresh.fill_register(("place", "lower Ilvan", (), "withhold", ()))
    with pytest.raises(Forbidden, match="gate-not-passed"):
        fresh.publish(story)
    assert told(fresh) == set()


def test_a_bundle_that_was_swapped_after_the_approval_is_refused(fresh: Stage) -> None:
    story, other = fresh.due(), fresh.checked(fresh.manuscript(fresh.draft(headline="Another")))
    with fresh.cast.acting("ruben") as uow:
        bundle = fresh.row(other).bundle
        uow.tx.stage(sa.update(stories.stories).where(stories.stories.c.id == story).values(bundle=bundle))
    mark = fresh.cast.client("mark")
    before = fresh.folder.current
    answer = mark.post(f"/stories/{story}/publication")
    assert answer.status_code == 403
    assert fresh.folder.current == before


def test_sealed_bytes_that_were_altered_after_the_approval_are_refused(fresh: Stage) -> None:
    story = fresh.due()
    with fresh.cast.acting("ruben") as uow:
        of_it = (versions.c.record == story, versions.c.field == "stories.bundle")
        uow.tx.stage(sa.update(versions).where(*of_it).values(envelope=b"something else"))
    with pytest.raises(Tampered):
        fresh.publish(story)


def test_another_bundle_sealed_by_one_with_the_key_is_refused(fresh: Stage) -> None:
    story = fresh.due()
    with fresh.cast.acting("lilit") as uow:
        content = json.dumps({"files": {"stories/x/story.json": base64.b64encode(b"{}").decode()}}).encode()
        uow.vault.records.seal(BUNDLE, fresh.cast.case, story, content, expected=1)
    with pytest.raises(Tampered, match="bundle"):
        fresh.publish(story)


def test_an_address_is_random_and_has_no_word_of_its_story(fresh: Stage) -> None:
    both = [fresh.published(), fresh.published()]
    assert addresses(fresh) == {fresh.row(story).public_id for story in both}
    for path in fresh.current().rglob("*"):
        assert "weather" not in path.relative_to(fresh.current()).as_posix()
    assert faults(fresh) == []


def give_address(stage: Stage, story: StoryId, public_id: str) -> None:
    """As whoever holds the database could."""
    with stage.cast.services.database.writing() as connection:
        of_it = stories.stories.c.id == story
        connection.execute(sa.update(stories.stories).where(of_it).values(public_id=public_id))


def test_an_address_that_somebody_changed_after_the_check_is_refused(fresh: Stage) -> None:
    story = fresh.due()
    give_address(fresh, story, "abcdef0123456789")
    with pytest.raises(Tampered, match="public-id"):
        fresh.publish(story)
    assert addresses(fresh) == set()


def test_the_address_of_another_story_is_a_conflict(fresh: Stage) -> None:
    first = fresh.published()
    address = fresh.row(first).public_id
    second = fresh.write()
    give_address(fresh, first, "abcdef0123456789")
    give_address(fresh, second, address)
    assert fresh.check(second).passed
    fresh.sign(second, "irina", ApprovalKind.EDITORIAL)
    fresh.sign(second, "nadim", ApprovalKind.PROTECTION)
    fresh.check_identity(second)
    with pytest.raises(Conflict, match="address-taken"):
        fresh.publish(second)


def test_a_version_is_compared_as_24_digits(stage: Stage) -> None:
    assert len(bundle_digits(b"\x07" * 32).replace(" ", "")) == 24


# Crashes and races


def test_a_crash_before_the_commit_leaves_readers_what_they_had(fresh: Stage) -> None:
    first = fresh.published()
    second = fresh.due(fresh.manuscript(fresh.draft(headline="The second story")))
    uow = fresh.cast.uow("mark")
    actions.publish(uow, fresh.facts(uow, second), fresh.folder)
    uow.end()  # the process died: nothing was committed
    assert fresh.state(second) is StoryState.DUE
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert told(fresh) == {FIRST}
    assert fresh.state(first) is StoryState.PUBLISHED
    fresh.publish(second)
    assert told(fresh) == {FIRST, SECOND}
    assert faults(fresh) == []


def test_a_crash_between_the_commit_and_the_switch_is_put_right(fresh: Stage) -> None:
    fresh.published()
    second = fresh.due(fresh.manuscript(fresh.draft(headline="The second story")))
    uow = fresh.cast.uow("mark")
    actions.publish(uow, fresh.facts(uow, second), fresh.folder)

    def die() -> None:
        raise KilledError

    uow.after_commit.insert(0, die)
    with pytest.raises(KilledError):
        uow.commit()
    uow.end()
    assert fresh.state(second) is StoryState.PUBLISHED
    assert SECOND not in told(fresh)
    assert anonymous(fresh, lambda uow: reconcile(uow, fresh.folder)) is True
    assert SECOND in told(fresh)
    assert faults(fresh) == []
    assert anonymous(fresh, lambda uow: reconcile(uow, fresh.folder)) is False


def test_a_crash_between_the_commit_and_the_switch_is_healed_by_the_next_publication(fresh: Stage) -> None:
    first = fresh.due()
    uow = fresh.cast.uow("mark")
    actions.publish(uow, fresh.facts(uow, first), fresh.folder)
    uow.after_commit.clear()
    uow.commit()
    uow.end()
    assert fresh.folder.current is None
    fresh.published(fresh.manuscript(fresh.draft(headline="The second story")))
    assert told(fresh) == {FIRST, SECOND}
    assert faults(fresh) == []


def test_of_two_who_publish_at_once_one_is_told_and_no_story_is_lost(fresh: Stage) -> None:
    first = fresh.due()
    second = fresh.due(fresh.manuscript(fresh.draft(headline="The second story")))
    ready, outcomes = threading.Barrier(2), []

    def publish(name: str, story: StoryId) -> None:
        uow = fresh.cast.uow(name)
        try:
            actions.publish(uow, fresh.facts(uow, story), fresh.folder)
            ready.wait(10)
            uow.commit()
            outcomes.append("published")
        except (Conflict, Unavailable) as error:
            ready.abort()
            outcomes.append(type(error).__name__)
        except threading.BrokenBarrierError:
            outcomes.append("later")
        finally:
            uow.end()

    threads = [threading.Thread(target=publish, args=(n, s)) for n, s in (("mark", first), ("mark", second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for story in (first, second):
        if fresh.state(story) is StoryState.DUE:
            fresh.publish(story)
    assert told(fresh) == {FIRST, SECOND}
    assert faults(fresh) == []
    assert outcomes != ["published", "published"]


def test_who_prepared_an_edition_from_an_older_shelf_loses(fresh: Stage) -> None:
    first = fresh.due()
    second = fresh.due(fresh.manuscript(fresh.draft(headline="The second story")))
    late = fresh.cast.uow("mark")
    actions.publish(late, fresh.facts(late, second), fresh.folder)
    fresh.publish(first)
    with pytest.raises(Conflict):
        late.commit()
    late.end()
    assert told(fresh) == {FIRST}


def test_a_switch_never_goes_back(fresh: Stage) -> None:
    fresh.folder.write(1, {"index.html": b"one"})
    fresh.folder.write(2, {"index.html": b"two"})
    fresh.folder.switch(2)
    fresh.folder.switch(1)
    assert fresh.folder.current == 2


def test_a_first_start_gives_readers_a_site_without_stories(fresh: Stage) -> None:
    assert anonymous(fresh, lambda uow: reconcile(uow, fresh.folder)) is True
    assert b"No story has been published yet" in (fresh.current() / "index.html").read_bytes()
    assert faults(fresh) == []


def test_a_damaged_edition_is_made_anew(fresh: Stage) -> None:
    fresh.published()
    (fresh.current() / "index.html").write_bytes(b"defaced")
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert faults(fresh) == []
    assert told(fresh) == {FIRST}


def test_what_a_dead_publisher_left_is_removed_after_an_hour(fresh: Stage) -> None:
    fresh.published()
    number = (fresh.folder.current or 0) + 5
    fresh.folder.write(number, {"index.html": b"unfinished"})
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert number in fresh.folder.numbers
    old = time.time() - 2 * 3600
    os.utime(fresh.folder.folder(number), (old, old))
    anonymous(fresh, lambda uow: reconcile(uow, fresh.folder))
    assert number not in fresh.folder.numbers


def test_nothing_vanishes_by_a_publication(fresh: Stage) -> None:
    fresh.published()
    next(fresh.current().glob("stories/*/index.html")).write_bytes(b"defaced")
    story = fresh.due(fresh.manuscript(fresh.draft(headline="The second story")))
    with pytest.raises(Unavailable):
        fresh.publish(story)
    assert fresh.state(story) is StoryState.DUE


def test_a_disk_that_does_not_take_it_keeps_everything_as_it_was(fresh: Stage, tmp_path: Path) -> None:
    story = fresh.due()
    blocked = tmp_path / "a file, not a folder"
    blocked.write_bytes(b"")
    with fresh.cast.acting("mark") as uow, pytest.raises(Unavailable):
        actions.publish(uow, fresh.facts(uow, story), PublicFolder(blocked))
    assert fresh.folder.current is None


def test_whoever_serves_it_can_read_it_whatever_the_umask(fresh: Stage) -> None:
    before = os.umask(0o077)
    try:
        fresh.published()
    finally:
        os.umask(before)
    for path in fresh.current().rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)
