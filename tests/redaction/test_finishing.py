"""From the first mark to approval: states, the sealed redacted text, approvals that end when marks change."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from app.domain.ids import new_id
from app.store import cases, records, stories
from tests.cast import Browser, Cast
from tests.redaction.conftest import ACCOUNT, Scene, entity, send, text_of, visible


def finished(scene: Scene, lilit: Browser) -> Scene:
    assert (
        scene.mark(lilit, words="Нина", action="pseudonym", replacement="Лида", everywhere="y").status_code
        == 303
    )
    scene.mark(lilit, words="Нинина", action="pseudonym", replacement="Лидина")
    assert scene.press(lilit, "finish").status_code == 303
    return scene


def test_finishing_seals_what_the_public_will_read(scene: Scene, lilit: Browser) -> None:
    finished(scene, lilit)
    sealed = scene.redacted()
    assert sealed["marks_version"] == scene.revision()
    assert sealed["transcript_version"] == 0
    assert sealed["targets"] == {
        "account": ACCOUNT.replace("Нинина", "Лидина").replace("Нина", "Лида"),
    }
    assert scene.state() == "redacted"
    assert "statement.state-changed start redacting" in scene.acts()
    assert "statement.state-changed finish redaction" in scene.acts()


def test_what_is_undecided_at_the_end_is_withheld_by_a_mark(scene: Scene, lilit: Browser) -> None:
    scene.register(entity("Вера Полынцева", ru="Ольга"))
    scene.press(lilit, "finish")
    (mark,) = scene.marks()
    assert mark["action"] == "remove"
    assert "[[withheld:name]]" in scene.redacted()["targets"]["account"]
    assert "Вера" not in scene.redacted()["targets"]["account"]


def test_a_text_with_nothing_to_hide_is_finished_in_one_press(scene: Scene, lilit: Browser) -> None:
    assert scene.press(lilit, "finish").status_code == 303
    assert scene.redacted()["targets"]["account"] == ACCOUNT
    assert scene.state() == "redacted"


def test_finishing_over_an_older_revision_is_refused(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина")
    assert scene.press(lilit, "finish", revision=0).status_code == 409
    assert scene.state() == "redacting"


def test_finishing_twice_changes_nothing(scene: Scene, lilit: Browser) -> None:
    finished(scene, lilit)
    scene.press(lilit, "approval")
    assert scene.press(lilit, "finish").status_code == 409
    assert scene.state() == "in approval"


def test_somebody_else_approves_what_they_saw(scene: Scene, lilit: Browser, nadim: Browser) -> None:
    finished(scene, lilit)
    assert scene.press(lilit, "approval").status_code == 303
    page = scene.page(nadim, "?public=1")
    assert "Approve this statement" in page
    assert scene.press(nadim, "approve", revision=1).status_code == 303
    assert scene.state() == "approved"
    assert "statement.state-changed approve" in scene.acts()


def test_who_redacted_it_does_not_approve_it(
    scene: Scene, lilit: Browser, nadim: Browser, cast: Cast
) -> None:
    finished(scene, lilit)
    scene.press(lilit, "approval")
    assert scene.press(lilit, "approve", revision=1).status_code == 403
    worked = sa.insert(cases.work).values(
        subject=scene.statement, kind="redacted", person=cast.people["nadim"].person
    )
    scene.stage(worked)
    answer = scene.press(nadim, "approve", revision=1)
    assert answer.status_code == 403
    assert "You worked on this" in text_of(answer)
    assert scene.state() == "in approval"


@pytest.mark.parametrize("version", [0, 2])
def test_an_approval_of_another_version_is_refused(
    scene: Scene, lilit: Browser, nadim: Browser, version: int
) -> None:
    finished(scene, lilit)
    scene.press(lilit, "approval")
    assert scene.press(nadim, "approve", revision=version).status_code == 409
    assert scene.state() == "in approval"


def test_a_name_registered_after_the_end_keeps_it_from_being_approved(
    scene: Scene, lilit: Browser, nadim: Browser
) -> None:
    finished(scene, lilit)
    scene.press(lilit, "approval")
    scene.register(entity("Вера Полынцева"))
    assert "finished again" in scene.page(nadim, "?public=1")
    assert scene.press(nadim, "approve", revision=1).status_code == 409
    assert scene.press(lilit, "finish").status_code == 303
    assert scene.state() == "redacted"
    assert "Вера" not in scene.redacted()["targets"]["account"]


def a_story(scene: Scene, state: str, *sources: UUID) -> UUID:
    """Rows of a story made from these statements, with one live approval."""
    story = new_id()
    made_from = [sa.insert(records.sources).values(record=story, source=source) for source in sources]
    scene.stage(
        sa.insert(stories.stories).values(
            id=story, case=scene.cast.case, public_id=story.hex[:12], state=state, created=1
        ),
        sa.insert(stories.approvals).values(
            digest=story.bytes * 2,
            story=story,
            kind="editorial",
            person=scene.cast.people["irina"].person,
            bundle=b"b" * 32,
            object=b"o",
            signature=b"s",
        ),
        *made_from,
    )
    return story


def state_and_voided(scene: Scene, story: UUID) -> tuple[str, bool]:
    state = scene.value(sa.select(stories.stories.c.state).where(stories.stories.c.id == story))
    voided = scene.value(sa.select(stories.approvals.c.voided).where(stories.approvals.c.story == story))
    return state, voided is not None


def test_a_new_mark_on_approved_text_ends_every_approval_that_rests_on_it(
    scene: Scene, lilit: Browser
) -> None:
    finished(scene, lilit)
    scene.set_state("approved")
    mine, published, other = (
        a_story(scene, "approved", scene.statement),
        a_story(scene, "published", scene.statement),
        a_story(scene, "approved", new_id()),
    )
    assert scene.mark(lilit, words="Овасета").status_code == 303
    assert scene.state() == "redacting"
    assert state_and_voided(scene, mine) == ("draft", True)
    assert state_and_voided(scene, published) == ("published", True)
    assert state_and_voided(scene, other) == ("approved", False)
    assert scene.acts().count("release.approvals-voided") == 2
    assert "story.state-changed edit" in scene.acts()


def test_a_save_that_changes_nothing_voids_nothing(scene: Scene, lilit: Browser) -> None:
    finished(scene, lilit)
    scene.set_state("approved")
    story = a_story(scene, "due", scene.statement)
    scene.mark(lilit, words="Нинина", action="pseudonym", replacement="Лидина")
    assert scene.state() == "approved"
    assert state_and_voided(scene, story) == ("due", False)


# The words change under the marks


def test_marks_move_with_their_words(cast: Cast, lilit: Browser) -> None:
    scene = Scene(cast, send(cast, languages=["ru"]))
    scene.transcribe("Потом пришла Нина.", "Стало тихо.")
    scene.mark(lilit, words="Нина")
    scene.transcribe("Потом, ночью, пришла Нина.", "Стало тихо.")
    assert "Нина" not in scene.page(lilit, "?public=1")
    assert "m-remove" in scene.page(lilit)
    scene.mark(lilit, words="тихо", action="keep")
    moved = next(mark for mark in scene.marks() if mark["action"] == "remove")
    assert moved["start"] == "Потом, ночью, пришла Нина.".index("Нина")
    assert scene.decisions()["transcript"]["version"] == 2
    assert scene.decisions()["lost"] == []


def test_a_mark_that_lost_its_words_waits_for_a_person_and_hides_them_wherever_they_went(
    cast, lilit: Browser
) -> None:
    scene = Scene(cast, send(cast, languages=["ru"]))
    scene.transcribe("Потом пришла Тамара.", "Стало тихо.")
    scene.mark(lilit, words="Тамара")
    scene.transcribe("Стало тихо. Потом пришла Тамара.", "Тамара.", first=7)
    page = scene.page(lilit)
    assert "Marks that lost their words" in page
    assert "Тамара" not in scene.page(lilit, "?public=1")
    refused = scene.press(lilit, "finish")
    assert refused.status_code == 422
    assert "lost its words" in text_of(refused)
    scene.mark(lilit, words="Тамара", everywhere="y")
    (lost,) = scene.decisions()["lost"]
    assert lost["words"] == "Тамара"
    scene.mark(lilit, do="drop", mark=lost["mark"]["id"], action=None)
    assert scene.decisions()["lost"] == []
    assert scene.press(lilit, "finish").status_code == 303
    assert "Тамара" not in visible(scene.page(lilit, "?public=1"))
    assert scene.redacted()["transcript_version"] == 2
