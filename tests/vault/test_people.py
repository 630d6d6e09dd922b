"""Accounts: coming in by one's own words alone, under one's own name, with a second factor that is used once."""

from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.duties import Role
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, Tampered
from app.domain.ids import new_id
from app.store.people import cards, locks, people
from tests.vault.scene import Scene, card_row, forged_card


def of(scene: Scene, name: str) -> sa.ColumnElement[bool]:
    return people.c.id == scene.cast.people[name].person


def lock_of(scene: Scene, name: str, kind: str = "password") -> sa.ColumnElement[bool]:
    return sa.and_(locks.c.person == scene.cast.people[name].person, locks.c.kind == kind)


def come_in(scene: Scene, name: str, words: str) -> Any:
    with scene.reading(None) as uow:
        return uow.vault.people.unlock(uow.vault.people.lookup(name), words)


def test_ones_own_words_open_ones_own_keys(scene: Scene) -> None:
    lilit = scene.cast.people["lilit"]
    unlocked = come_in(scene, "  LILIT ", scene.cast.password("lilit").upper())
    assert (unlocked.person, unlocked.card, unlocked.seeds) == (lilit.person, lilit.card, lilit.seeds)


@pytest.mark.parametrize(("name", "words"), [("lilit", "anush"), ("nobody at all", "lilit")])
def test_wrong_words_and_unknown_names_look_the_same(scene: Scene, name: str, words: str) -> None:
    with pytest.raises(NotSignedIn):
        come_in(scene, name, scene.cast.password(words))


def test_a_disabled_account_is_an_unknown_name(scene: Scene) -> None:
    scene.tamper(sa.update(people).where(of(scene, "lilit")).values(disabled=True))
    with pytest.raises(NotSignedIn):
        come_in(scene, "lilit", scene.cast.password("lilit"))


def test_a_swapped_lock_opens_for_nobody(scene: Scene) -> None:
    for column in ("locked", "salt"):
        scene.swap(locks, column, lock_of(scene, "lilit"), lock_of(scene, "mark"))
    for name in ("lilit", "mark"):
        for words in ("lilit", "mark"):
            with pytest.raises(NotSignedIn):
                come_in(scene, name, scene.cast.password(words))


@pytest.mark.parametrize(
    "values", [{"memory_kib": 0}, {"time_cost": 10**9}, {"salt": b"short"}, {"locked": b""}]
)
def test_a_damaged_lock_opens_for_nobody(scene: Scene, values: dict[str, Any]) -> None:
    scene.tamper(sa.update(locks).where(lock_of(scene, "lilit")).values(values))
    with pytest.raises(NotSignedIn):
        come_in(scene, "lilit", scene.cast.password("lilit"))


def test_a_lock_that_was_taken_away_is_missed(scene: Scene) -> None:
    scene.tamper(sa.delete(locks).where(lock_of(scene, "lilit")))
    with pytest.raises(NotSignedIn):
        come_in(scene, "lilit", scene.cast.password("lilit"))


def test_the_recovery_copy_stands_in_for_no_password(scene: Scene) -> None:
    recovery = scene.row(locks, lock_of(scene, "lilit", "recovery"))
    values = {"locked": recovery["locked"], "salt": recovery["salt"]}
    scene.tamper(sa.update(locks).where(lock_of(scene, "lilit")).values(values))
    with pytest.raises(NotSignedIn):
        come_in(scene, "lilit", scene.cast.password("lilit"))


# Names


def test_the_shown_name_is_the_one_the_card_is_bound_to(scene: Scene) -> None:
    with scene.reading(None) as uow:
        account = uow.vault.people.account(scene.cast.people["lilit"].person)
        assert (account.name, account.roles, account.disabled) == (
            "Lilit Ashkhar",
            frozenset({Role.REVIEWER}),
            False,
        )
        both = {scene.cast.people[name].person for name in ("lilit", "helga")}
        assert set(uow.vault.people.names(both).values()) == {"Lilit Ashkhar", "Helga Rund"}
        assert uow.vault.people.digits_of(account.card).replace(" ", "").isdecimal()
        with pytest.raises(NotFound):
            uow.vault.people.account(new_id())


def name_refused(scene: Scene, name: str = "lilit") -> None:
    with scene.reading(None) as uow:
        with pytest.raises(Tampered, match="name"):
            uow.vault.people.account(scene.cast.people[name].person)
        assert uow.vault.people.account(scene.cast.people["anush"].person).name == "Anush Berdents"


def test_a_name_put_under_another_person_is_refused(scene: Scene) -> None:
    scene.swap(people, "name", of(scene, "lilit"), of(scene, "mark"))
    name_refused(scene)


def test_a_card_put_under_another_person_is_refused(scene: Scene) -> None:
    scene.swap(people, "card", of(scene, "lilit"), of(scene, "mark"))
    name_refused(scene)


@pytest.mark.parametrize("card", ["gone", "garbage"])
def test_a_name_without_a_card_is_refused(scene: Scene, card: str) -> None:
    mine = cards.c.digest == scene.cast.people["lilit"].card
    scene.tamper(
        sa.delete(cards).where(mine) if card == "gone" else sa.update(cards).where(mine).values(object=b"")
    )
    name_refused(scene)


def test_a_forged_card_with_a_copied_name_is_shown_and_still_nobody(scene: Scene) -> None:
    """The hash of a name can be copied; that is why a card counts only once its digits were compared."""
    card, forger = forged_card(scene.cast, "lilit", number=2)
    scene.tamper(sa.insert(cards).values(card_row(scene.cast, card, forger)))
    scene.tamper(sa.update(people).where(of(scene, "lilit")).values(card=forger.card))
    with scene.reading("ruben") as uow:
        account = uow.vault.people.account(scene.cast.people["lilit"].person)
        assert not uow.vault.trust.is_vouched(account.card)


# Second factor


def test_a_second_factor_belongs_to_its_person(scene: Scene) -> None:
    with scene.reading(None) as uow:
        assert uow.vault.people.second_factor(uow.vault.people.row(scene.cast.people["lilit"].person))
    uow = scene.cast.uow()
    scene.cast.people["new"] = uow.vault.people.add(
        "new", "Nila", frozenset({Role.REVIEWER}), "words", b"another seed"
    )
    uow.commit()
    scene.swap(people, "second_factor", of(scene, "lilit"), of(scene, "new"))
    for name in ("lilit", "new"):
        with scene.reading(None) as uow, pytest.raises(Tampered, match="second-factor"):
            uow.vault.people.second_factor(uow.vault.people.row(scene.cast.people[name].person))


def test_a_second_factor_that_was_taken_away_is_missed(scene: Scene) -> None:
    scene.tamper(sa.update(people).where(of(scene, "lilit")).values(second_factor=None))
    with scene.reading(None) as uow, pytest.raises(Tampered, match="second-factor"):
        uow.vault.people.second_factor(uow.vault.people.row(scene.cast.people["lilit"].person))


def test_a_code_is_taken_once(scene: Scene) -> None:
    first, second = scene.cast.uow(), scene.cast.uow()
    for uow in (first, second):
        account = uow.vault.people.lookup("lilit")
        assert account is not None
        uow.vault.people.use_factor_step(account, 60_000_000)
    first.commit()
    with pytest.raises(Conflict, match="code-used"):
        second.commit()
    second.end()


# Adding


def test_a_sign_in_name_is_taken_once_and_readable_nowhere(scene: Scene) -> None:
    uow = scene.cast.uow()
    uow.vault.people.add(" Lilit ", "Another Lilit", frozenset({Role.REVIEWER}), "words", b"seed")
    with pytest.raises(Conflict):
        uow.commit()
    uow.end()
    row = scene.row(people, of(scene, "lilit"))
    assert not any(b"ilit" in value for value in row.values() if isinstance(value, bytes))


def test_an_administrator_is_nothing_else(scene: Scene) -> None:
    with scene.reading(None) as uow, pytest.raises(InvalidInput):
        uow.vault.people.add("x", "X", frozenset({Role.REVIEWER, Role.ADMINISTRATOR}), "words", b"seed")


def test_every_spelling_of_a_sign_in_name_is_one(scene: Scene) -> None:
    with scene.reading(None) as uow:
        people_here = uow.vault.people
        assert {people_here.folded(name) for name in ("lilit", " LILIT\t", "Ｌｉｌｉｔ")} == {"lilit"}
        assert people_here.lookup("Ｌｉｌｉｔ") is not None


def test_an_account_is_shut_and_opened_but_no_administrators(scene: Scene) -> None:
    helga, lilit, paul = (scene.cast.people[name].person for name in ("helga", "lilit", "paul"))
    for shut in (True, False):
        with scene.cast.acting("helga") as uow:
            uow.vault.people.shut_out(lilit, helga, shut=shut)
        with scene.reading(None) as uow:
            assert uow.vault.people.account(lilit).disabled is shut
    with scene.reading(None) as uow:
        with pytest.raises(Forbidden):
            uow.vault.people.shut_out(paul, helga, shut=True)
        assert uow.vault.people.is_taken("LILIT")
        assert not uow.vault.people.is_taken("nobody at all")


def test_new_words_open_the_same_keys_and_the_old_ones_nothing(scene: Scene) -> None:
    lilit = scene.cast.people["lilit"]
    with scene.cast.acting("lilit") as uow:
        uow.vault.people.change_words(lilit.person, lilit.seeds, "seven other words than those before it")
    unlocked = come_in(scene, "lilit", "seven other words than those before it")
    assert (unlocked.seeds, unlocked.card) == (lilit.seeds, lilit.card)
    with pytest.raises(NotSignedIn):
        come_in(scene, "lilit", scene.cast.password("lilit"))


def test_a_new_recovery_code_takes_the_place_of_the_earlier_one(scene: Scene) -> None:
    lilit = scene.cast.people["lilit"]
    before = scene.row(locks, lock_of(scene, "lilit", "recovery"))["locked"]
    with scene.cast.acting("lilit") as uow:
        code = uow.vault.people.renew_recovery(lilit.person, lilit.seeds)
    assert code != lilit.recovery_code
    assert scene.row(locks, lock_of(scene, "lilit", "recovery"))["locked"] != before


def test_a_name_that_does_not_fit_its_card_is_shown_as_none(scene: Scene) -> None:
    scene.swap(people, "name", of(scene, "lilit"), of(scene, "mark"))
    with scene.reading(None) as uow:
        shown = [
            uow.vault.people.shown_name(person)
            for person in (scene.cast.people["lilit"].person, scene.cast.people["ruben"].person, new_id())
        ]
    assert shown == ["", "Ruben Oskan", ""]
