"""How a case begins and who comes onto it: an administrator names it, its lead opens it, and signs every list of people."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.domain.duties import Duty
from app.store import cases
from app.vault.casework import CASE_ZERO
from tests.cast import Browser, Cast, assemble


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    assembled = assemble(tmp_path_factory.mktemp("staffing"))
    yield assembled
    assembled.close()


def chartered(cast: Cast, code: str, lead: str = "ruben") -> str:
    """The id of a case that nobody is on yet."""
    answer = cast.client("helga").post(
        "/administration/charter", {"code": code, "lead": cast.people[lead].person.hex}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    tx = cast.services.database.transaction()
    found = tx.value(sa.select(cases.cases.c.id).where(cases.cases.c.code == code))
    tx.release()
    return str(found)


def duty(cast: Cast, name: str, *held: Duty) -> list[str]:
    return [f"{cast.people[name].card.hex()}:{each.value}" for each in held]


def expected_on(browser: Browser, page: str) -> str:
    found = re.search(r'name="expected"[^>]*value="([0-9a-f]*)"', browser.get(page).get_data(as_text=True))
    assert found is not None
    return found[1]


def signed(browser: Browser, page: str, ticked: list[str], **more: str) -> int:
    fields: dict[str, object] = {"expected": expected_on(browser, page), "duty": ticked, **more}
    return browser.post(page, fields, token_from=page).status_code


def opened(cast: Cast, code: str) -> str:
    case = chartered(cast, code)
    page = f"/cases/{case}/opening"
    ticked = [
        *duty(cast, "ruben", Duty.LEAD),
        *duty(cast, "lilit", Duty.TRANSCRIBER),
        *duty(cast, "anahit", Duty.INTERVIEWER),
    ]
    assert signed(cast.client("ruben"), page, ticked, title="The mill", purpose="") == 303
    return case


def duties_of(cast: Cast, case: str, name: str) -> frozenset[Duty]:
    from uuid import UUID

    uow = cast.uow(name)
    try:
        return uow.vault.trust.roster(UUID(case)).duties_of(cast.people[name].card)
    finally:
        uow.end()


def test_a_case_begins_and_an_interviewer_sends_to_it(cast: Cast):
    case = opened(cast, "Mill-2")
    assert "The mill" in cast.client("lilit").get(f"/cases/{case}").get_data(as_text=True)
    assert "The mill" not in cast.client("anahit").get("/notebook").get_data(as_text=True)
    assert cast.client("anahit").get(f"/notebook/cases/{case}/form").status_code == 200
    assert cast.client("selma").get(f"/cases/{case}").status_code == 404
    for path in (f"/cases/{case}", f"/cases/{case}/people", f"/cases/{case}/people/change"):
        assert cast.client("helga").get(path).status_code in {403, 404}


def test_its_charters_lead_alone_opens_it_and_once(cast: Cast):
    case = chartered(cast, "Gate-1")
    page = f"/cases/{case}/opening"
    assert "Open it</a>" in cast.client("ruben").get("/cases").get_data(as_text=True)
    assert cast.client("lilit").get(page).status_code == 404
    ruben = cast.client("ruben")
    assert signed(ruben, page, duty(cast, "ruben", Duty.LEAD), title="", purpose="") == 303
    assert ruben.get(page).status_code == 404


@pytest.mark.parametrize(
    ("said", "status"),
    [({"code": "Linden-4"}, 409), ({"code": "a b"}, 422), ({"code": ""}, 422), ({"lead": "00" * 16}, 422)],
)
def test_a_charter_that_cannot_be_is_told_why(cast: Cast, said: dict[str, str], status: int):
    fields: dict[str, object] = {"code": "Free-7", "lead": cast.people["ruben"].person.hex, **said}
    answer = cast.client("helga").post("/administration/charter", fields)
    assert (answer.status_code, 'class="wrong"' in answer.get_data(as_text=True)) == (status, True)


def test_nobody_who_was_not_vouched_for_is_offered(cast: Cast):
    page = cast.client("helga").get("/administration/charter").get_data(as_text=True)
    assert ("Ruben Oskan" in page, "Nil Tander" in page, "Helga Rund</option>" in page) == (
        True,
        False,
        False,
    )
    case = opened(cast, "Offer-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    text = ruben.get(staff).get_data(as_text=True)
    assert ("Selma Idrane" in text, "Nil Tander" in text) == (True, False)
    planted = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "nobody", Duty.READER)]
    assert signed(ruben, staff, planted) == 422
    misfit = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "anahit", Duty.READER)]
    assert signed(ruben, staff, misfit) == 422


def test_duties_are_given_and_taken_and_whoever_leaves_opens_nothing_more(cast: Cast):
    case = opened(cast, "Turn-3")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    lilit, selma = cast.client("lilit"), cast.client("selma")
    assert lilit.get(f"/cases/{case}").status_code == 200
    now = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "selma", Duty.READER, Duty.REDACTOR)]
    assert signed(ruben, staff, now) == 303
    assert duties_of(cast, case, "selma") == {Duty.READER, Duty.REDACTOR}
    assert (lilit.get(f"/cases/{case}").status_code, selma.get(f"/cases/{case}").status_code) == (404, 200)


def test_a_list_without_a_lead_is_not_signed(cast: Cast):
    case = opened(cast, "Lone-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    assert signed(ruben, staff, duty(cast, "lilit", Duty.READER)) == 422
    assert duties_of(cast, case, "ruben") == {Duty.LEAD}


def test_the_later_of_two_leads_is_told_and_keeps_their_ticks(cast: Cast):
    case = opened(cast, "Two-9")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    both = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "lilit", Duty.LEAD)]
    assert signed(ruben, staff, both) == 303
    lilit = cast.client("lilit")
    looked_at = expected_on(lilit, staff)
    assert signed(ruben, staff, [*both, *duty(cast, "irina", Duty.READER)]) == 303
    fields: dict[str, object] = {"expected": looked_at, "duty": [*both, *duty(cast, "nadim", Duty.READER)]}
    answer = lilit.post(staff, fields, token_from=staff)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "Another lead signed" in page) == (409, True)
    assert "now: held" in page
    assert "now: not held" in page
    assert duties_of(cast, case, "nadim") == frozenset()


def test_a_lead_who_was_removed_while_choosing_signs_nothing(cast: Cast):
    case = opened(cast, "Gone-5")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    both = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "lilit", Duty.LEAD)]
    assert signed(ruben, staff, both) == 303
    lilit = cast.client("lilit")
    looked_at = expected_on(lilit, staff)
    assert signed(ruben, staff, duty(cast, "ruben", Duty.LEAD)) == 303
    fields: dict[str, object] = {"expected": looked_at, "duty": both}
    assert lilit.post(staff, fields).status_code == 404
    assert duties_of(cast, case, "lilit") == frozenset()


def test_a_publisher_gets_the_release_key_in_the_same_press(cast: Cast):
    case = opened(cast, "Press-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    now = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "selma", Duty.PUBLISHER)]
    assert signed(ruben, staff, now) == 303
    assert duties_of(cast, str(CASE_ZERO), "selma") == {Duty.PUBLISHER}
    assert "release key yet" not in ruben.get(f"/cases/{case}/people").get_data(as_text=True)


def test_where_another_holds_the_release_key_the_page_says_who_waits(cast: Cast):
    case = chartered(cast, "Wait-1", lead="stranger")
    stranger, page = cast.client("stranger"), f"/cases/{case}/opening"
    ticked = [*duty(cast, "stranger", Duty.LEAD), *duty(cast, "nadim", Duty.PUBLISHER)]
    assert signed(stranger, page, ticked, title="", purpose="") == 303
    text = stranger.get(f"/cases/{case}/people").get_data(as_text=True)
    assert "Nadim Karaz publishes here, but does not hold the release key yet" in text


def test_only_a_lead_who_confirmed_lately_signs(cast: Cast):
    case = opened(cast, "Conf-1")
    staff = f"/cases/{case}/people/change"
    assert cast.client("lilit").get(staff).status_code == 403
    ruben = cast.client("ruben")
    cast.clock.ahead += 700
    assert urlsplit(ruben.get(staff).location).path == "/confirm"
