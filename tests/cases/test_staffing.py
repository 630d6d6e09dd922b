"""How a case begins and who comes onto it: an administrator names it, its lead opens it, and signs every list of people."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.cases import words
from app.domain.duties import Duty
from app.store import cases
from app.store.keys import record_keys
from app.vault.casework import CASE_ZERO
from tests.cast import Browser, Cast, assemble
from tests.statements import send


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
    """Signs, all the same where the page says first what such a list would lack."""
    fields: dict[str, object] = {"expected": expected_on(browser, page), "duty": ticked, **more}
    answer = browser.post(page, fields, token_from=page)
    heard = re.search(r'name="heard" value="([^"]+)"', answer.get_data(as_text=True))
    if heard is not None:
        answer = browser.post(page, {**fields, "heard": heard[1]}, token_from=page)
    return answer.status_code


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
    assert duty(cast, "selma", Duty.READER)[0] in text
    assert cast.people["nobody"].card.hex() not in text
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


def test_after_somebody_left_a_small_case_is_under_its_new_key_at_once(cast: Cast):
    case = opened(cast, "Elm-5")
    send(cast, UUID(case), "before they left")
    with cast.acting("lilit") as uow:
        uow.vault.submissions.adopt(UUID(case), 50)
    assert signed(cast.client("ruben"), f"/cases/{case}/people/change", duty(cast, "ruben", Duty.LEAD)) == 303
    tx = cast.services.database.transaction()
    own = (record_keys.c.case == UUID(case), record_keys.c.kind == "case")
    epochs = {row.epoch for row in tx.all(sa.select(record_keys.c.epoch).where(*own))}
    tx.release()
    assert epochs == {2}


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


# What is said before a list is signed


def pressed(browser: Browser, page: str, ticked: list[str], **more: str):
    """The one press, whatever it answers."""
    fields: dict[str, object] = {"expected": expected_on(browser, page), "duty": ticked, **more}
    return browser.post(page, fields, token_from=page)


def heard_in(page: str) -> str:
    found = re.search(r'name="heard" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_what_a_list_would_lack_is_said_once_and_then_signed(cast: Cast):
    case = opened(cast, "Said-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    now = [
        *duty(cast, "ruben", Duty.LEAD),
        *duty(cast, "irina", Duty.EDITORIAL_APPROVER),
        *duty(cast, "lilit", Duty.PROTECTION_APPROVER, Duty.TRANSCRIBER),
        *duty(cast, "anahit", Duty.INTERVIEWER),
    ]
    answer = pressed(ruben, staff, now)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Both approvers, Irina Veslova and Lilit Ashkhar, are vouched for by Ruben Oskan only." in page
    assert "to vouch for Lilit Ashkhar: two minutes." in page
    assert "Lilit Ashkhar is transcriber and approves" in page
    assert "Nobody here is publisher" not in page  # that was so before
    assert duties_of(cast, case, "irina") == frozenset()
    for tick in now:
        assert re.search(rf'value="{tick}"[^>]* checked', page)
    assert pressed(ruben, staff, now, heard=heard_in(page)).status_code == 303
    for path in (f"/cases/{case}", f"/cases/{case}/people"):
        text = ruben.get(path).get_data(as_text=True)
        assert "Both approvers, Irina Veslova and Lilit Ashkhar" in text
        assert "Nobody here is publisher." in text


def test_other_ticks_after_the_warning_are_warned_of_again(cast: Cast):
    case = opened(cast, "Said-2")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    lead = duty(cast, "ruben", Duty.LEAD)
    one = [*lead, *duty(cast, "lilit", Duty.REDACTOR, Duty.EDITORIAL_APPROVER)]
    other = [*lead, *duty(cast, "irina", Duty.REDACTOR, Duty.EDITORIAL_APPROVER)]
    heard = heard_in(pressed(ruben, staff, one).get_data(as_text=True))
    answer = pressed(ruben, staff, other, heard=heard)
    assert (answer.status_code, "Irina Veslova is redactor" in answer.get_data(as_text=True)) == (422, True)


def test_a_list_that_lacks_no_more_than_before_is_signed_at_once(cast: Cast):
    case = opened(cast, "Said-3")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    same = [
        *duty(cast, "ruben", Duty.LEAD),
        *duty(cast, "lilit", Duty.TRANSCRIBER),
        *duty(cast, "irina", Duty.READER),
    ]
    assert pressed(ruben, staff, same).status_code == 303


def test_everybodys_vouchers_stand_beside_them(cast: Cast):
    case = opened(cast, "Said-4")
    page = cast.client("ruben").get(f"/cases/{case}/people/change").get_data(as_text=True)
    nadim = page[page.index("Nadim Karaz") :]
    assert "vouched for by Anush Berdents" in nadim[: nadim.index("</fieldset>")]


def test_a_lead_who_does_not_hold_the_names_is_told_why_they_give_no_custodian(cast: Cast):
    case = opened(cast, "Names-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    now = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "anush", Duty.IDENTITY_CUSTODIAN)]
    answer = pressed(ruben, staff, now)
    assert answer.status_code == 422
    assert "You cannot give the key of the names" in answer.get_data(as_text=True)
    assert duties_of(cast, case, "ruben") == {Duty.LEAD}


# The release key


def holds_release_key(cast: Cast, name: str) -> bool:
    from app.store.trust import grants

    tx = cast.services.database.transaction()
    kept = tx.first(
        sa.select(grants).where(
            grants.c.case == CASE_ZERO,
            grants.c.kind == "release",
            grants.c.member_card == cast.people[name].card,
        )
    )
    tx.release()
    return kept is not None and Duty.PUBLISHER in duties_of(cast, str(CASE_ZERO), name)


@pytest.mark.parametrize("leaves", [True, False])
def test_a_publisher_who_publishes_nowhere_any_more_loses_the_release_key_in_the_same_press(
    cast: Cast, leaves: bool
):
    case = opened(cast, f"Drop-{leaves}")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    lead = duty(cast, "ruben", Duty.LEAD)
    assert signed(ruben, staff, [*lead, *duty(cast, "irina", Duty.PUBLISHER, Duty.READER)]) == 303
    assert holds_release_key(cast, "irina")
    assert signed(ruben, staff, [*lead, *([] if leaves else duty(cast, "irina", Duty.READER))]) == 303
    assert not holds_release_key(cast, "irina")
    assert holds_release_key(cast, "mark")


def test_who_still_publishes_in_another_case_keeps_the_release_key(cast: Cast):
    first, second = opened(cast, "Keep-1"), opened(cast, "Keep-2")
    ruben, lead = cast.client("ruben"), duty(cast, "ruben", Duty.LEAD)
    both = [*lead, *duty(cast, "lilit", Duty.PUBLISHER)]
    assert signed(ruben, f"/cases/{first}/people/change", both) == 303
    assert signed(ruben, f"/cases/{second}/people/change", both) == 303
    assert signed(ruben, f"/cases/{first}/people/change", lead) == 303
    assert holds_release_key(cast, "lilit")
    assert signed(ruben, f"/cases/{second}/people/change", lead) == 303
    assert not holds_release_key(cast, "lilit")


def test_where_another_leads_the_publishers_the_page_says_who_takes_the_key_back(cast: Cast):
    case = opened(cast, "Idle-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    leads = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "anush", Duty.LEAD)]
    assert signed(ruben, staff, [*leads, *duty(cast, "davit", Duty.INTERVIEWER)]) == 303
    assert signed(ruben, staff, [*leads, *duty(cast, "stranger", Duty.PUBLISHER)]) == 303
    anush = cast.client("anush")
    assert signed(anush, staff, leads) == 303
    assert holds_release_key(cast, "stranger")
    text = anush.get(f"/cases/{case}/people").get_data(as_text=True)
    assert "Sona Hale publishes in no case any more, but still holds the release key." in text
    assert "Ruben Oskan takes it back" in text
    assert "Making a new release key takes the organisation key." in text
    other = opened(cast, "Idle-2")
    assert not holds_release_key(cast, "stranger")
    assert "Sona Hale" not in ruben.get(f"/cases/{other}/people").get_data(as_text=True)


def test_a_planted_membership_keeps_nobody_the_release_key(cast: Cast):
    """Whoever writes the database says that somebody is on a case; its signed list says otherwise."""
    from app.store.trust import memberships

    case = opened(cast, "Plant-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    lead = duty(cast, "ruben", Duty.LEAD)
    assert signed(ruben, staff, [*lead, *duty(cast, "lilit", Duty.PUBLISHER)]) == 303
    with cast.services.database.writing() as connection:
        person = cast.people["lilit"].person
        connection.execute(sa.insert(memberships).values(case=cast.other_case, person=person))
    assert signed(ruben, staff, lead) == 303
    assert not holds_release_key(cast, "lilit")


# Two leads at once


@contextmanager
def overtaken_by(cast: Cast, act: Callable[[], None]) -> Iterator[None]:
    """Something lands after the next press has read everything and given its snapshot back, and before it writes."""
    landed: list[bool] = []

    def after_reading(*_event: object) -> None:
        if not landed:
            landed.append(True)
            act()

    engine = cast.services.database.engine
    sa.event.listen(engine, "checkin", after_reading)
    yield
    sa.event.remove(engine, "checkin", after_reading)
    assert landed


def test_of_two_leads_who_press_at_once_the_later_keeps_their_ticks(cast: Cast):
    case = opened(cast, "Race-1")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    lead = duty(cast, "ruben", Duty.LEAD)
    now = [*lead, *duty(cast, "selma", Duty.READER)]
    fields: dict[str, object] = {
        "expected": expected_on(ruben, staff),
        "duty": now,
        "csrf_token": ruben.token(staff),
    }

    def another_list() -> None:
        with cast.acting("ruben") as other:
            before = other.vault.trust.roster(UUID(case)).digest
            held = {cast.people["ruben"].card: frozenset({Duty.LEAD})}
            other.vault.casework.change_roster(UUID(case), before, held)

    with overtaken_by(cast, another_list):
        answer = ruben.client.post(staff, data=fields)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "Another lead signed a new list" in page) == (409, True)
    assert re.search(rf'value="{now[-1]}"[^>]* checked', page)
    assert duties_of(cast, case, "selma") == frozenset()
    assert pressed(ruben, staff, now).status_code == 303
    assert duties_of(cast, case, "selma") == {Duty.READER}


def test_whoever_was_overtaken_on_the_list_of_publishers_keeps_their_ticks(cast: Cast):
    case = opened(cast, "Race-2")
    ruben, staff = cast.client("ruben"), f"/cases/{case}/people/change"
    now = [*duty(cast, "ruben", Duty.LEAD), *duty(cast, "irina", Duty.PUBLISHER)]
    fields: dict[str, object] = {
        "expected": expected_on(ruben, staff),
        "duty": now,
        "csrf_token": ruben.token(staff),
    }

    def other_publishers() -> None:
        with cast.acting("ruben") as other:
            zero = other.vault.trust.roster(CASE_ZERO)
            held = {member.card: zero.duties_of(member.card) for member in zero.roster.members}
            other.vault.casework.change_publishers(held)

    with overtaken_by(cast, other_publishers):
        answer = ruben.client.post(staff, data=fields)
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "Somebody else was a moment faster" in page) == (409, True)
    assert re.search(rf'value="{now[-1]}"[^>]* checked', page)
    assert duties_of(cast, case, "irina") == frozenset()
    assert pressed(ruben, staff, now).status_code == 303
    assert holds_release_key(cast, "irina")


def test_beside_every_duty_stands_what_it_lets_do_and_what_it_excludes(cast: Cast):
    ruben, nobody = cast.client("ruben"), cast.people["nobody"].person
    for page in (f"/cases/{cast.case}/people/change", f"/cases/{cast.case}/people/{nobody}/meeting"):
        text = ruben.get(page).get_data(as_text=True)
        boxes = re.findall(r'name="duty" value="[^"]*?([a-z-]+)"[^>]*aria-describedby="([^"]+)"', text)
        assert len({described for _duty, described in boxes}) == len(boxes) > 8
        for held, described in boxes:
            said = re.search(rf'<p class="hint" id="{described}">([^<]+)</p>', text)
            assert said is not None
            assert said[1] == str(words.DOES[Duty(held)])
