"""Whoever writes the database puts other keys, cards and vouches there; none of them is taken for a person's."""

import pytest
import sqlalchemy as sa

from app.crypto.objects import Vouch, sign_object
from app.domain.duties import Duty, Role
from app.domain.errors import Forbidden, NotFound, Tampered
from app.store import people as tables
from app.store import trust as trust_tables
from app.vault.people import NewPerson
from app.vault.trust import ANCHOR
from tests.vault.scene import Scene, card_row, forged_card, stranger, vouch_row

cards, vouches, certificates = tables.cards, tables.vouches, trust_tables.certificates


def fault_of(scene: Scene, card: bytes, who: str = "lilit") -> str:
    """Why somebody who has never met this card would not take it."""
    with scene.reading(who) as uow, pytest.raises(Tampered) as caught:
        uow.vault.trust.card(card)
    return caught.value.fault


def newcomer(scene: Scene, *vouchers: str) -> NewPerson:
    """Somebody whom nobody but their vouchers has seen yet."""
    uow = scene.cast.uow()
    added = uow.vault.people.add("new", "Nila Orsan", frozenset({Role.REVIEWER}), "six words", b"seed")
    uow.commit()
    for voucher in vouchers:
        with scene.cast.acting(voucher) as vouching:
            vouching.vault.vouching.vouch(added.card, "call")
    return added


def test_a_swapped_public_key_is_refused(scene: Scene) -> None:
    forged, forger = forged_card(scene.cast, "anush")
    row = card_row(scene.cast, forged, forger)
    anush = scene.cast.people["anush"].card
    scene.tamper(
        sa.update(cards)
        .where(cards.c.digest == anush)
        .values(object=row["object"], signature=row["signature"])
    )
    assert fault_of(scene, anush) == "card"


def test_two_swapped_cards_are_refused(scene: Scene) -> None:
    anush, nadim = scene.cast.people["anush"].card, scene.cast.people["nadim"].card
    scene.swap(cards, "object", cards.c.digest == anush, cards.c.digest == nadim)
    assert fault_of(scene, anush) == fault_of(scene, nadim) == "card"


def test_a_card_that_is_no_card_is_refused(scene: Scene) -> None:
    anush = scene.cast.people["anush"].card
    scene.tamper(sa.update(cards).where(cards.c.digest == anush).values(object=b"\x00garbage"))
    assert fault_of(scene, anush) == "card"


def test_a_card_that_is_gone_is_missed(scene: Scene) -> None:
    anush = scene.cast.people["anush"].card
    scene.tamper(sa.delete(cards).where(cards.c.digest == anush))
    assert fault_of(scene, anush) == "card-missing"


def test_a_card_that_did_not_sign_itself_is_refused(scene: Scene) -> None:
    added = newcomer(scene, "ruben")
    scene.flip(cards, "signature", cards.c.digest == added.card)
    assert fault_of(scene, added.card) == "card-signature"


def test_a_card_of_somebody_unknown_is_not_taken_unvouched(scene: Scene) -> None:
    forged, forger = forged_card(scene.cast, "anush", number=2)
    scene.tamper(sa.insert(cards).values(card_row(scene.cast, forged, forger)))
    assert fault_of(scene, forger.card) == "card-unvouched"


def test_a_forged_vouch_counts_for_nothing(scene: Scene) -> None:
    added = newcomer(scene)
    forged = vouch_row(scene.cast, scene.cast.people["ruben"], added.card, signer=stranger())
    scene.tamper(sa.insert(vouches).values(forged))
    assert fault_of(scene, added.card) == "card-unvouched"


def test_a_damaged_vouch_hides_no_true_one(scene: Scene) -> None:
    added = newcomer(scene, "ruben", "lilit")
    by_ruben = vouches.c.voucher_card == scene.cast.people["ruben"].card
    scene.tamper(sa.update(vouches).where(vouches.c.card == added.card, by_ruben).values(object=b"garbage"))
    with scene.reading("selma") as uow:
        assert uow.vault.trust.is_vouched(added.card)
        assert uow.vault.trust.vouchers_of(added.card) == {scene.cast.people["lilit"].person}


def test_a_vouch_for_another_card_counts_for_nothing(scene: Scene) -> None:
    added = newcomer(scene)
    for_anush = vouches.c.card == scene.cast.people["anush"].card
    scene.tamper(sa.update(vouches).where(for_anush).values(card=added.card))
    assert fault_of(scene, added.card) == "card-unvouched"


def test_an_administrator_cannot_vouch(scene: Scene) -> None:
    added = newcomer(scene)
    with scene.reading("helga") as uow, pytest.raises(Forbidden, match="administrators-never"):
        uow.vault.vouching.vouch(added.card, "call")


def test_a_vouch_that_an_administrator_signs_anyway_counts_for_nothing(scene: Scene) -> None:
    added = newcomer(scene)
    scene.tamper(sa.insert(vouches).values(vouch_row(scene.cast, scene.cast.people["helga"], added.card)))
    assert fault_of(scene, added.card) == "card-unvouched"


def test_an_administrators_next_card_vouches_no_more_than_the_first(scene: Scene) -> None:
    helga = scene.cast.people["helga"]
    card, owner = forged_card(scene.cast, "helga", number=2, previous=helga.card)
    added = newcomer(scene)
    scene.tamper(
        sa.insert(cards).values(card_row(scene.cast, card, owner, previous=helga)),
        sa.insert(vouches).values(vouch_row(scene.cast, owner, added.card)),
    )
    with scene.reading("lilit") as uow:
        assert uow.vault.trust.is_vouched(owner.card)
        assert uow.vault.trust.is_administrator(owner.card)
        assert not uow.vault.trust.is_vouched(added.card)


def test_a_circle_of_vouches_without_the_anchor_carries_nobody(scene: Scene) -> None:
    one_card, one = forged_card(scene.cast, "nadim", number=2)
    other_card, other = forged_card(scene.cast, "mark", number=2)
    scene.tamper(
        sa.insert(cards).values(card_row(scene.cast, one_card, one)),
        sa.insert(cards).values(card_row(scene.cast, other_card, other)),
        sa.insert(vouches).values(vouch_row(scene.cast, one, other.card)),
        sa.insert(vouches).values(vouch_row(scene.cast, other, one.card)),
        sa.insert(vouches).values(vouch_row(scene.cast, one, one.card)),
    )
    assert fault_of(scene, one.card) == fault_of(scene, other.card) == "card-unvouched"


def test_a_new_card_signed_by_the_one_before_carries_its_vouches_over(scene: Scene) -> None:
    nadim = scene.cast.people["nadim"]
    card, owner = forged_card(scene.cast, "nadim", number=2, previous=nadim.card)
    scene.tamper(sa.insert(cards).values(card_row(scene.cast, card, owner, previous=nadim)))
    with scene.reading("lilit") as uow:
        assert uow.vault.trust.card(owner.card) == card
        assert uow.vault.trust.card(nadim.card).number == 1
        assert uow.vault.trust.vouchers_of(owner.card) == {scene.cast.people["anush"].person}
        assert uow.vault.book.card_of(nadim.person) == owner.card


def test_the_newest_card_of_a_person_is_remembered_whichever_is_met_first(scene: Scene) -> None:
    """After a reset the new card is vouched for anew; words signed with the old one still open."""
    mark = scene.cast.people["mark"]
    card, owner = forged_card(scene.cast, "mark", number=2)
    scene.tamper(sa.insert(cards).values(card_row(scene.cast, card, owner)))
    scene.tamper(sa.insert(vouches).values(vouch_row(scene.cast, scene.cast.people["lilit"], owner.card)))
    with scene.reading("selma") as uow:
        assert uow.vault.book.card_of(mark.person) is None
        assert uow.vault.trust.card(owner.card) == card
        assert uow.vault.trust.card(mark.card).number == 1
        assert uow.vault.book.card_of(mark.person) == owner.card


@pytest.mark.parametrize(
    "case", ["unsigned", "signed-by-another", "of-another", "number-left-out", "damaged-before"]
)
def test_a_card_that_does_not_follow_the_one_before_carries_nothing_over(scene: Scene, case: str) -> None:
    nadim, mark = scene.cast.people["nadim"], scene.cast.people["mark"]
    of, number = ("mark" if case == "of-another" else "nadim"), (3 if case == "number-left-out" else 2)
    card, owner = forged_card(scene.cast, of, number=number, previous=nadim.card)
    signer = None if case == "unsigned" else mark if case == "signed-by-another" else nadim
    scene.tamper(sa.insert(cards).values(card_row(scene.cast, card, owner, previous=signer)))
    if case == "damaged-before":
        scene.flip(cards, "object", cards.c.digest == nadim.card)
    assert fault_of(scene, owner.card) == "card-unvouched"


def test_a_second_card_under_the_same_number_is_somebody_elses_even_if_vouched_for(scene: Scene) -> None:
    """A dishonest reviewer vouches for keys of their own under another person's name."""
    card, impostor = forged_card(scene.cast, "anush")
    scene.tamper(
        sa.insert(cards).values(card_row(scene.cast, card, impostor)),
        sa.insert(vouches).values(vouch_row(scene.cast, scene.cast.people["selma"], impostor.card)),
    )
    assert fault_of(scene, impostor.card, "ruben") == "card-forked"


def test_a_certificate_that_the_organisation_key_did_not_sign_certifies_nobody(scene: Scene) -> None:
    nobody = scene.cast.people["nobody"].card
    forged = scene.row(certificates, certificates.c.subject == scene.cast.people["ruben"].card)
    scene.tamper(sa.insert(certificates).values({**forged, "digest": nobody, "subject": nobody}))
    scene.tamper(
        sa.insert(certificates).values(
            {**forged, "digest": bytes(32), "object": b"garbage", "signature": bytes(64)}
        )
    )
    with scene.reading("lilit") as uow:
        assert nobody not in uow.vault.trust.founders()
        assert not uow.vault.trust.is_vouched(nobody)
        assert uow.vault.trust.founders()[scene.cast.people["ruben"].card] == "lead"
    assert scene.transcript() == b"lights, then silence 3"


def test_a_founder_whose_certificate_was_altered_is_nobody_to_who_meets_them_first(scene: Scene) -> None:
    scene.flip(certificates, "signature", certificates.c.subject == scene.cast.people["paul"].card)
    assert fault_of(scene, scene.cast.people["paul"].card) == "card-unvouched"


def test_who_vouched_for_whom_is_known_by_person(scene: Scene) -> None:
    people = scene.cast.people
    with scene.reading("lilit") as uow:
        assert uow.vault.trust.vouchers_of(people["ruben"].card) == {ANCHOR}
        assert uow.vault.trust.vouchers_of(people["selma"].card) == {people["lilit"].person}


# Vouching


def test_a_voucher_signs_for_the_card_whose_digits_were_compared_and_no_other(scene: Scene) -> None:
    nobody = scene.cast.people["nobody"].card
    forged, forger = forged_card(scene.cast, "nobody")
    row = card_row(scene.cast, forged, forger)
    scene.tamper(
        sa.update(cards)
        .where(cards.c.digest == nobody)
        .values(object=row["object"], signature=row["signature"])
    )
    with scene.reading("ruben") as uow, pytest.raises(Tampered, match="card"):
        uow.vault.vouching.vouch(nobody, "call")


@pytest.mark.parametrize("column", ["object", "signature"])
def test_a_damaged_card_is_not_vouched_for(scene: Scene, column: str) -> None:
    nobody = scene.cast.people["nobody"].card
    scene.flip(cards, column, cards.c.digest == nobody)
    with scene.reading("ruben") as uow, pytest.raises(Tampered):
        uow.vault.vouching.vouch(nobody, "call")


def test_there_is_no_vouching_for_a_card_that_is_not_there(scene: Scene) -> None:
    with scene.reading("ruben") as uow, pytest.raises(NotFound):
        uow.vault.vouching.vouch(bytes(32), "call")


def test_a_second_voucher_adds_a_voice_and_no_second_introduction(scene: Scene) -> None:
    added = newcomer(scene, "ruben", "lilit")
    introductions = trust_tables.introductions
    assert len(scene.read(sa.select(introductions).where(introductions.c.person == added.person))) == 1
    with scene.reading("selma") as uow:
        people = scene.cast.people
        assert uow.vault.trust.vouchers_of(added.card) == {people["ruben"].person, people["lilit"].person}


def test_the_unvouched_are_put_on_no_case(scene: Scene) -> None:
    people = scene.cast.people
    duties = {people["ruben"].card: frozenset({Duty.LEAD}), people["nobody"].card: frozenset({Duty.READER})}
    with scene.reading("ruben") as uow:
        expected = uow.vault.trust.roster(scene.case).digest
        with pytest.raises(Tampered, match="card-unvouched"):
            uow.vault.casework.change_roster(scene.case, expected, duties)


def test_a_signature_for_another_installation_is_none(scene: Scene) -> None:
    added = newcomer(scene)
    ruben = scene.cast.people["ruben"]
    row = vouch_row(scene.cast, ruben, added.card)
    vouch = Vouch.decode(row["object"])
    scene.tamper(
        sa.insert(vouches).values({**row, "signature": sign_object(ruben.seeds.signing, added.person, vouch)})
    )
    assert fault_of(scene, added.card) == "card-unvouched"


def test_a_card_that_was_handed_over_is_taken_for_itself_only(scene: Scene) -> None:
    """A writer of the table of people joins another one's card to a row."""
    lilit, mark = (scene.cast.people[name] for name in ("lilit", "mark"))
    with scene.cast.acting("ruben") as uow:
        genuine = uow.vault.trust.card(lilit.card)
        uow.vault.trust.hand(lilit.card, uow.vault.trust.card(mark.card).encode())
        assert uow.vault.trust.card(lilit.card) == genuine
        uow.vault.trust.hand(lilit.card, genuine.encode())
        assert uow.vault.trust.card(lilit.card) == genuine
