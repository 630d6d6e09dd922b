"""One page, one press: a lead compares a newcomer's card, says what they will do, and signs both at once, or nothing."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.duties import Duty, Role
from app.store import people, trust
from tests.cases.scenes import logged
from tests.cast import LINDEN, Browser, Cast, assemble

FACE = "face-to-face"


@pytest.fixture
def cast(tmp_path) -> Iterator[Cast]:
    made = assemble(tmp_path)
    yield made
    made.close()


@pytest.fixture
def page(cast: Cast) -> str:
    return f"/cases/{cast.case}/people/{cast.people['nobody'].person}/meeting"


def digits(cast: Cast, name: str = "nobody") -> str:
    uow = cast.uow()
    found = uow.vault.people.digits_of(cast.people[name].card)
    uow.end()
    return found


def filled(browser: Browser, page: str, **said: object) -> dict[str, object]:
    """The form as a browser would send it, with what was typed and ticked."""
    text = browser.get(page).text
    hidden = dict(re.findall(r'name="(expected|card)"[^>]*value="([0-9a-f]{64})"', text))
    return {**hidden, "manner": FACE, **said}


def press(browser: Browser, page: str, **said: object):
    return browser.post(page, filled(browser, page, **said), token_from=page)


def count(cast: Cast, table: sa.Table) -> int:
    tx = cast.services.database.transaction()
    found = tx.value(sa.select(sa.func.count()).select_from(table))
    tx.release()
    return int(found)


def stored(cast: Cast) -> tuple[int, ...]:
    return tuple(count(cast, table) for table in (people.vouches, trust.rosters, trust.grants))


def duties_of(cast: Cast, name: str) -> frozenset[Duty]:
    uow = cast.uow("ruben")
    try:
        return uow.vault.trust.roster(cast.case).duties_of(cast.people[name].card)
    finally:
        uow.end()


def test_a_lead_finds_who_waits_and_puts_them_on_in_one_press(cast: Cast, page: str):
    ruben, nobody = cast.client("ruben"), cast.client("nobody")
    assert nobody.get(f"/cases/{cast.case}").status_code in {403, 404}
    assert f'href="{page}"' in ruben.get(f"/cases/{cast.case}/people").text
    assert f'href="{page}"' in ruben.get(f"/cases/{cast.case}/people/change").text
    text = ruben.get(page).text
    assert digits(cast)[:19] in text
    assert digits(cast)[-9:] not in text

    answer = press(ruben, page, groups=digits(cast)[-9:], duty=[Duty.READER, Duty.TRANSCRIBER])
    assert (answer.status_code, urlsplit(answer.location).path) == (303, f"/cases/{cast.case}/people")
    assert duties_of(cast, "nobody") == {Duty.READER, Duty.TRANSCRIBER}
    assert "The road in winter" in nobody.get(f"/cases/{cast.case}").text
    assert "Not vouched for yet" not in ruben.get(f"/cases/{cast.case}/people").text


def test_wrong_digits_change_nothing_and_stand_in_the_log(cast: Cast, page: str):
    ruben, before = cast.client("ruben"), stored(cast)
    answer = press(ruben, page, groups="0000 0000", duty=[Duty.READER])
    assert (answer.status_code, "do not vouch" in answer.text) == (422, True)
    assert re.search(r'value="reader"[^>]* checked', answer.text)
    assert stored(cast) == before
    assert len(logged(cast, Act.VOUCH_REFUSED, cast.people["nobody"].person)) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"groups": "", "duty": [Duty.READER]}, "Type the eight digits"),
        ({"manner": "", "duty": [Duty.READER]}, "Say how you compared"),
        ({}, "Tick what they will do on this case"),
        ({"duty": [Duty.INTERVIEWER]}, "may not hold that any more"),
        ({"duty": ["administrator"]}, "may not hold that any more"),
        ({"duty": [Duty.IDENTITY_CUSTODIAN]}, "You cannot give the key of the names"),
    ],
)
def test_what_cannot_be_signed_says_why_and_signs_nothing(cast: Cast, page: str, said, why: str):
    ruben, before = cast.client("ruben"), stored(cast)
    answer = press(ruben, page, **{"groups": digits(cast)[-9:], **said})
    assert (answer.status_code, why in answer.text) == (422, True)
    assert stored(cast) == before


def test_a_duty_for_another_card_is_not_slipped_in(cast: Cast, page: str):
    """Whoever forges the form names an unvouched card beside the one that was compared."""
    with cast.acting("helga") as uow:
        puppet = uow.vault.people.add("puppet", "Pup Pet", frozenset({Role.REVIEWER}), "some words", b"seed")
    ruben, before = cast.client("ruben"), stored(cast)
    fields = filled(ruben, page, groups=digits(cast)[-9:], duty=[Duty.READER, f"{puppet.card.hex()}:lead"])
    assert ruben.post(page, fields, token_from=page).status_code == 422
    other = {**fields, "card": puppet.card.hex(), "duty": [Duty.READER]}
    assert ruben.post(page, other, token_from=page).status_code == 409
    assert stored(cast) == before


def test_a_list_that_moved_meanwhile_keeps_what_was_ticked(cast: Cast, page: str):
    ruben = cast.client("ruben")
    fields = filled(ruben, page, groups=digits(cast)[-9:], duty=[Duty.READER])
    held = {cast.people[name].card: duties for name, duties in LINDEN.items()}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    before = stored(cast)
    answer = ruben.post(page, fields, token_from=page)
    assert (answer.status_code, "Another lead signed a new list" in answer.text) == (409, True)
    assert re.search(r'value="reader"[^>]* checked', answer.text)
    assert stored(cast) == before
    assert press(ruben, page, groups=digits(cast)[-9:], duty=[Duty.READER]).status_code == 303


def test_a_card_that_was_replaced_is_compared_again(cast: Cast, page: str):
    ruben, before = cast.client("ruben"), stored(cast)
    answer = press(ruben, page, card="0" * 64, groups=digits(cast)[-9:], duty=[Duty.READER])
    assert (answer.status_code, "Compare again" in answer.text) == (409, True)
    assert digits(cast)[-9:] not in answer.text
    assert stored(cast) == before


def test_pressing_twice_puts_nobody_on_twice(cast: Cast, page: str):
    ruben = cast.client("ruben")
    fields = filled(ruben, page, groups=digits(cast)[-9:], duty=[Duty.READER])
    assert ruben.post(page, fields, token_from=page).status_code == 303
    before = stored(cast)
    assert ruben.post(page, fields).status_code == 409
    assert stored(cast) == before


def test_what_would_lack_is_said_before_the_press_that_signs_it(cast: Cast, page: str):
    ruben, before = cast.client("ruben"), stored(cast)
    said = {"groups": digits(cast)[-9:], "duty": [Duty.REDACTOR, Duty.EDITORIAL_APPROVER]}
    answer = press(ruben, page, **said)
    assert (answer.status_code, "Nil Tander is redactor and approves" in answer.text) == (422, True)
    assert stored(cast) == before
    heard = re.search(r'name="heard" value="([^"]+)"', answer.text)
    assert heard is not None
    assert press(ruben, page, **said, heard=heard[1]).status_code == 303
    assert duties_of(cast, "nobody") == {Duty.REDACTOR, Duty.EDITORIAL_APPROVER}


def test_a_new_publisher_who_was_met_holds_the_release_key_at_once(cast: Cast, page: str):
    ruben = cast.client("ruben")
    assert press(ruben, page, groups=digits(cast)[-9:], duty=[Duty.PUBLISHER]).status_code == 303
    assert "release key yet" not in ruben.get(f"/cases/{cast.case}/people").text


def test_whoever_is_vouched_for_already_stands_on_the_page_of_duties(cast: Cast):
    stranger = cast.people["stranger"].person
    answer = cast.client("ruben").get(f"/cases/{cast.case}/people/{stranger}/meeting")
    assert urlsplit(answer.location).path == f"/cases/{cast.case}/people/change"


@pytest.mark.parametrize("name", ["helga", "nowhere"])
def test_administrators_and_nobody_are_not_met(cast: Cast, name: str):
    person = cast.people[name].person if name in cast.people else cast.case
    ruben, path = cast.client("ruben"), f"/cases/{cast.case}/people/{person}/meeting"
    assert ruben.get(path).status_code == 404
    assert ruben.post(path, {"duty": [Duty.LEAD]}).status_code == 404


def test_somebody_who_was_shut_out_is_not_met(cast: Cast, page: str):
    with cast.acting("helga") as uow:
        nobody = cast.people["nobody"].person
        uow.vault.people.shut_out(nobody, cast.people["helga"].person, shut=True)
    ruben = cast.client("ruben")
    assert ruben.get(page).status_code == 404
    assert "Nil Tander" not in ruben.get(f"/cases/{cast.case}/people").text


@pytest.mark.parametrize(
    ("name", "status"), [("lilit", 403), ("stranger", 404), ("helga", 404), ("anahit", 403)]
)
def test_only_a_lead_of_the_case_meets_somebody_for_it(cast: Cast, page: str, name: str, status: int):
    browser = cast.client(name)
    assert browser.get(page).status_code in {status, 403}
    assert browser.post(page, {"duty": [Duty.READER]}).status_code in {status, 403}
    people_page = browser.get(f"/cases/{cast.case}/people")
    assert "Nil Tander" not in people_page.text


def test_after_a_restore_nobody_is_met_before_the_list_was_looked_at(cast: Cast, page: str):
    ruben, before = cast.client("ruben"), stored(cast)
    fields = filled(ruben, page, groups=digits(cast)[-9:], duty=[Duty.READER])
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(trust.installation).values(era=2))
    assert urlsplit(ruben.get(page).location).path == f"/cases/{cast.case}/people/change"
    assert ruben.post(page, fields).status_code == 503
    assert "Nil Tander" not in ruben.get(f"/cases/{cast.case}/people").text
    assert stored(cast) == before


def test_it_takes_a_second_factor_that_was_shown_lately(cast: Cast, page: str):
    ruben = cast.client("ruben")
    cast.clock.ahead += 700
    assert urlsplit(ruben.get(page).location).path == "/confirm"
