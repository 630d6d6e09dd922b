"""What waits unsigned is decided about once, by its author alone."""

from uuid import UUID

import pytest

from app.domain.errors import Conflict, NotFound
from app.vault.late import LateContent
from tests.vault.scene import Scene


@pytest.fixture
def form(scene: Scene) -> UUID:
    """A form that Anahit left behind."""
    with scene.reading("anahit") as uow:
        token = uow.vault.submissions.begin(scene.case)
    content = LateContent(
        {"account": "Left behind."}, {}, {}, "short", closing=True, withdrawal_tag=bytes(32)
    )
    uow = scene.cast.uow()
    kept = uow.vault.late_arrivals.keep(token, content)
    uow.commit()
    return kept.id


@pytest.mark.parametrize("first", ["send", "discard"])
@pytest.mark.parametrize("second", ["send", "discard"])
def test_it_is_decided_about_once(scene: Scene, form: UUID, first: str, second: str) -> None:
    with scene.cast.acting("anahit") as uow:
        getattr(uow.vault.late, first)(form)
    with scene.reading("anahit") as uow, pytest.raises(Conflict, match="late-decided"):
        getattr(uow.vault.late, second)(form)


@pytest.mark.parametrize("act", ["find", "is_waiting", "send", "discard", "sent_before"])
def test_for_anybody_else_there_is_nothing(scene: Scene, form: UUID, act: str) -> None:
    for name in ("davit", "ruben"):
        with scene.reading(name) as uow, pytest.raises(NotFound):
            getattr(uow.vault.late, act)(form)


def test_while_it_waits_nothing_follows_it(scene: Scene, form: UUID) -> None:
    with scene.reading("anahit") as uow:
        assert uow.vault.late.sent_before(form) is None
        assert uow.vault.late.count() == 1
    with scene.reading("davit") as uow:
        assert uow.vault.late.waiting() == []
