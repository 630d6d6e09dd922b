"""A newcomer who is met: card, list and keys in one commit, or nothing of it."""

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.duties import Duty
from app.domain.errors import InvalidInput, Tampered
from app.store.log import entries
from app.store.people import cards, vouches
from app.store.trust import grants, rosters
from app.vault.fields import CASE_SETTINGS
from tests.cast import LINDEN
from tests.vault.scene import Scene, card_row, forged_card

READER = frozenset({Duty.READER})


def digits(scene: Scene, card: bytes) -> str:
    with scene.reading(None) as uow:
        return uow.vault.people.digits_of(card)


def count(scene: Scene, table: sa.Table) -> int:
    return int(scene.read(sa.select(sa.func.count()).select_from(table))[0][0])


def with_nobody(scene: Scene) -> dict[bytes, frozenset[Duty]]:
    """The list of Linden-4, and on it the one whom nobody has vouched for yet."""
    people = scene.cast.people
    return {people[name].card: held for name, held in {**LINDEN, "nobody": READER}.items()}


def test_whoever_was_met_reads_from_the_same_commit_on(scene: Scene) -> None:
    nobody = scene.cast.people["nobody"]
    with scene.cast.acting("ruben") as uow:
        uow.vault.vouching.vouch_compared(nobody.card, digits(scene, nobody.card)[-9:], "face-to-face")
        uow.vault.casework.change_roster(
            scene.case, uow.vault.trust.roster(scene.case).digest, with_nobody(scene)
        )
    with scene.reading("nobody") as uow:
        assert b"winter" in uow.vault.records.open(CASE_SETTINGS, scene.case, scene.case).content
    with scene.reading("lilit") as uow:
        assert uow.vault.trust.roster(scene.case).duties_of(nobody.card) == READER


def test_a_list_that_names_them_before_anybody_vouched_is_not_signed(scene: Scene) -> None:
    before = count(scene, rosters), count(scene, grants)
    with scene.reading("ruben") as uow, pytest.raises(Tampered, match="card-unvouched"):
        uow.vault.casework.change_roster(
            scene.case, uow.vault.trust.roster(scene.case).digest, with_nobody(scene)
        )
    assert (count(scene, rosters), count(scene, grants)) == before


@pytest.mark.parametrize("typed", ["0000 0000", "", "1", "٠٠٠٠٠٠٠٠"])
def test_digits_that_do_not_fit_vouch_for_nobody(scene: Scene, typed: str) -> None:
    before = count(scene, vouches)
    card = scene.cast.people["nobody"].card
    with scene.cast.acting("ruben") as uow, pytest.raises(InvalidInput, match="do-not-fit"):
        uow.vault.vouching.vouch_compared(card, typed, "call")
    assert count(scene, vouches) == before


def test_digits_are_taken_with_or_without_spaces_and_hyphens(scene: Scene) -> None:
    nobody = scene.cast.people["nobody"].card
    first, second = digits(scene, nobody).split()[-2:]
    for typed in (first + second, f" {first} {second} ", f"{first}-{second}"):
        with scene.reading("ruben") as uow:
            uow.vault.vouching.vouch_compared(nobody, typed, "call")


def test_a_mismatch_stands_in_the_log_with_who_compared_and_whose_card(scene: Scene) -> None:
    ruben, nobody = scene.cast.people["ruben"], scene.cast.people["nobody"]
    with scene.cast.acting("ruben") as uow:
        uow.vault.vouching.note_mismatch(nobody.person)
    (entry,) = scene.read(sa.select(entries).where(entries.c.act == Act.VOUCH_REFUSED.value))
    assert (entry.person, entry.record) == (ruben.person, nobody.person)


def test_a_second_card_under_a_number_that_is_known_is_not_vouched_for(scene: Scene) -> None:
    """Somebody who writes the database shows the voucher a card of their own, in the name of a known colleague."""
    with scene.cast.acting("ruben") as uow:
        uow.vault.trust.card(scene.cast.people["anush"].card)
    forged, forger = forged_card(scene.cast, "anush")
    scene.tamper(sa.insert(cards).values(card_row(scene.cast, forged, forger)))
    planted = forged.digest(scene.cast.services.installation.id)
    with scene.reading("ruben") as uow, pytest.raises(Tampered, match="card-forked"):
        uow.vault.vouching.vouch_compared(planted, digits(scene, planted)[-9:], "call")
