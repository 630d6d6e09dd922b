"""Approvals and releases count only as they were signed, by whom their case's roster gave that voice."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.crypto.objects import Release
from app.domain.errors import Forbidden, Tampered
from app.domain.ids import new_id
from app.store.stories import approvals, releases
from app.vault.releases import Listed, released
from tests.vault.scene import Scene

BUNDLE, REPORT = b"b" * 32, b"r" * 32


def approve(scene: Scene, name: str, story: UUID, kind: str = "editorial") -> None:
    with scene.cast.acting(name) as uow:
        consents = [(scene.statement, bytes(32))]
        uow.vault.releases.approve(story, scene.case, kind, BUNDLE, REPORT, consents)


def voices(scene: Scene, story: UUID) -> dict[str, UUID]:
    with scene.reading("mark") as uow:
        found = uow.vault.releases.approvals(story, scene.case, BUNDLE)
        return {kind: approval.person for kind, approval in found.items()}


def release(scene: Scene, story: UUID, name: str = "mark") -> None:
    with scene.cast.acting(name) as uow:
        approved = uow.vault.releases.approvals(story, scene.case, BUNDLE).values()
        files = [Listed("stories/quiet-ash-07/index.html", bytes(32), 10)]
        signed = uow.vault.releases.sign_release("quiet-ash-07", story, files, approved, REPORT)
        uow.vault.releases.record(story, scene.case, "quiet-ash-07", 1, signed)


def read_published(scene: Scene) -> list[Any]:
    with scene.reading(None) as uow:
        return list(released(uow.tx, scene.cast.services.installation))


def test_a_voice_counts_for_its_bundle_until_it_is_voided(scene: Scene) -> None:
    story = new_id()
    approve(scene, "irina", story)
    approve(scene, "nadim", story, "protection")
    people = scene.cast.people
    assert voices(scene, story) == {"editorial": people["irina"].person, "protection": people["nadim"].person}
    with scene.cast.acting("ruben") as uow:
        uow.vault.releases.void(story, scene.case)
    assert voices(scene, story) == {}


def test_a_voice_of_somebody_without_that_duty_counts_for_nothing(scene: Scene) -> None:
    story = new_id()
    approve(scene, "selma", story)
    approve(scene, "irina", story, "protection")
    assert voices(scene, story) == {}


@pytest.mark.parametrize(
    "values",
    [
        {"object": b"garbage"},
        {"signature": bytes(64)},
        {"kind": "protection"},
        {"person": UUID(int=7)},
    ],
)
def test_an_altered_approval_counts_for_nothing_and_takes_no_other_with_it(
    scene: Scene, values: dict[str, Any]
) -> None:
    story = new_id()
    approve(scene, "irina", story)
    approve(scene, "nadim", story, "protection")
    scene.tamper(sa.update(approvals).where(approvals.c.kind == "editorial").values(values))
    assert voices(scene, story) == {"protection": scene.cast.people["nadim"].person}


def test_an_approval_moved_to_another_story_counts_for_nothing(scene: Scene) -> None:
    story, other = new_id(), new_id()
    approve(scene, "irina", story)
    scene.tamper(sa.update(approvals).values(story=other))
    assert voices(scene, other) == {}


def test_only_publishers_sign_releases(scene: Scene) -> None:
    with pytest.raises(Forbidden):
        release(scene, new_id(), "irina")


def test_a_release_is_read_back_as_it_was_signed(scene: Scene) -> None:
    story = new_id()
    approve(scene, "irina", story)
    release(scene, story)
    (found,) = read_published(scene)
    assert (found.public_id, found.story) == ("quiet-ash-07", story)
    assert len(Release.decode(scene.row(releases)["object"]).approvals) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"object": b"garbage"},
        {"signature": bytes(64)},
        {"story": UUID(int=7)},
        {"public_id": "loud-oak-08"},
        {"digest": bytes(32)},
    ],
)
def test_an_altered_release_is_not_published_on(scene: Scene, values: dict[str, Any]) -> None:
    release(scene, new_id())
    scene.tamper(sa.update(releases).values(values))
    with pytest.raises(Tampered, match="release"):
        read_published(scene)
