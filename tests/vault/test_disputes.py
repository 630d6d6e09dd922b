"""A case whose stored list of people is not the one that somebody has seen: both are shown, neither is believed."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.crypto.objects import Roster
from app.domain.errors import Frozen, NotFound
from app.store import trust as tables
from tests.vault.scene import Scene
from tests.vault.test_rosters import change, look, newest, roster_row

rosters = tables.rosters


def fork(scene: Scene, signer: str = "ruben") -> Roster:
    """Another list under the number that everybody has seen, signed by the lead's own hand."""
    seen = newest(scene)
    selma = scene.cast.people["selma"].card
    other = replace(seen, issued=seen.issued + 1, members=tuple(m for m in seen.members if m.card != selma))
    scene.put_back(rosters, [roster_row(scene, other, signer)], rosters.c.case == scene.case)
    return other


def test_a_fork_shows_what_was_seen_and_what_is_stored(scene: Scene) -> None:
    look(scene)
    seen = newest(scene).digest(scene.cast.services.installation.id)
    other = fork(scene)
    with scene.reading("lilit") as uow:
        with pytest.raises(Frozen, match="fork"):
            uow.vault.trust.roster(scene.case)
        dispute = uow.vault.casework.dispute(scene.case)
    assert (dispute.seen.digest, dispute.kept) == (seen, None)
    assert dispute.stored is not None
    assert dispute.stored.roster == other


def test_looking_at_a_dispute_teaches_the_book_nothing(scene: Scene) -> None:
    look(scene)
    fork(scene)
    with scene.cast.acting("lilit") as uow:
        uow.vault.casework.dispute(scene.case)
    with scene.reading("lilit") as uow, pytest.raises(Frozen, match="fork"):
        uow.vault.trust.roster(scene.case)


def test_an_older_list_that_was_put_back_stands_beside_the_one_that_is_gone(scene: Scene) -> None:
    change(scene, "selma")
    look(scene)
    scene.tamper(sa.delete(rosters).where(rosters.c.case == scene.case, rosters.c.number == 2))
    with scene.reading("lilit") as uow:
        dispute = uow.vault.casework.dispute(scene.case)
    assert (dispute.seen.number, dispute.kept) == (2, None)
    assert dispute.stored is not None
    assert dispute.stored.roster.number == 1


def test_the_list_that_was_seen_is_shown_as_long_as_it_is_stored(scene: Scene) -> None:
    look(scene)
    before = newest(scene)
    side = replace(before, number=2, previous=bytes(32))
    scene.tamper(sa.insert(rosters).values(roster_row(scene, side, "ruben")))
    with scene.reading("lilit") as uow:
        dispute = uow.vault.casework.dispute(scene.case)
    assert dispute.kept is not None
    assert dispute.kept.roster == before
    assert dispute.stored is None


@pytest.mark.parametrize("planted", [b"no list at all", None])
def test_another_object_under_the_digest_that_was_seen_is_not_taken_for_it(
    scene: Scene, planted: bytes | None
) -> None:
    look(scene)
    other = scene.row(rosters, rosters.c.case == scene.cast.other_case)
    stored = planted or other["object"]
    scene.tamper(sa.update(rosters).where(rosters.c.case == scene.case).values(object=stored))
    with scene.reading("lilit") as uow:
        dispute = uow.vault.casework.dispute(scene.case)
    assert (dispute.kept, dispute.stored) == (None, None)


def test_a_list_by_a_stranger_is_nothing_that_is_stored(scene: Scene) -> None:
    look(scene)
    fork(scene, signer="lilit")
    with scene.reading("lilit") as uow:
        assert uow.vault.casework.dispute(scene.case).stored is None


def test_nobody_disputes_a_case_that_they_have_never_seen(scene: Scene) -> None:
    with scene.reading("stranger") as uow, pytest.raises(NotFound):
        uow.vault.casework.dispute(scene.case)
