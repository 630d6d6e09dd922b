"""What takes two administrators, on the screens: proposed by one, agreed to by another, closed where there is but one."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.duties import Role
from app.store.log import entries
from app.store.people import people
from app.store.trust import proposals
from app.vault.proposals import Kind
from tests.cast import Browser, Cast


def confirmed(cast: Cast, name: str) -> Browser:
    """Signed in, with the second factor shown a moment ago."""
    return cast.client(name)


def person(cast: Cast, name: str) -> UUID:
    return cast.people[name].person


def the_proposal(cast: Cast) -> UUID:
    uow = cast.uow()
    try:
        found: UUID = uow.tx.value(sa.select(proposals.c.id))
        return found
    finally:
        uow.end()


def roles(cast: Cast, name: str) -> frozenset[Role]:
    uow = cast.uow()
    try:
        return uow.vault.people.account(person(cast, name)).roles
    finally:
        uow.end()


def logged(cast: Cast, act: Act) -> int:
    uow = cast.uow()
    try:
        return int(uow.tx.value(sa.select(sa.func.count()).where(entries.c.act == act.value)))
    finally:
        uow.end()


def close_account(cast: Cast, name: str) -> None:
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(people).where(people.c.id == person(cast, name)).values(disabled=True))


def propose_role(browser: Browser, cast: Cast, name: str = "anahit") -> int:
    path = f"/administration/people/{person(cast, name)}"
    form = {"kind": "role-given", "role": "reviewer"}
    return browser.post(f"{path}/propose", form, token_from=path).status_code


def answer(browser: Browser, proposal: UUID, how: str = "agree") -> int:
    path = f"/administration/proposals/{proposal}/{how}"
    return browser.post(path, {}, token_from="/administration/proposals").status_code


def test_somebody_may_do_more_once_two_have_agreed(cast: Cast) -> None:
    helga, paul = confirmed(cast, "helga"), confirmed(cast, "paul")
    assert propose_role(helga, cast) == 303
    assert roles(cast, "anahit") == {Role.INTERVIEWER}
    assert "One proposal waits for another administrator." in paul.get("/administration").text
    page = paul.get("/administration/proposals").text
    assert "Anahit Veluni may do more: reviewer" in page
    assert "waits for you" in page

    proposal = the_proposal(cast)
    assert answer(helga, proposal) == 403
    assert roles(cast, "anahit") == {Role.INTERVIEWER}
    assert answer(paul, proposal) == 303
    assert roles(cast, "anahit") == {Role.INTERVIEWER, Role.REVIEWER}
    assert [logged(cast, act) for act in (Act.PROPOSED, Act.PROPOSAL_SECONDED, Act.ROLE_GIVEN)] == [1, 1, 1]
    assert answer(paul, proposal) == 409


def test_to_let_somebody_do_less_one_is_enough(cast: Cast) -> None:
    helga = confirmed(cast, "helga")
    with cast.acting("helga") as uow:
        uow.vault.people.give_role(person(cast, "anahit"), Role.REVIEWER, person(cast, "helga"))
    path = f"/administration/people/{person(cast, 'anahit')}"
    taken = helga.post(f"{path}/roles/take", {"role": "reviewer"}, token_from=path)
    assert taken.status_code == 303
    assert roles(cast, "anahit") == {Role.INTERVIEWER}


def test_nobodys_last_role_is_taken(cast: Cast) -> None:
    helga = confirmed(cast, "helga")
    path = f"/administration/people/{person(cast, 'anahit')}"
    assert "Take this from them" not in helga.get(path).text
    assert helga.post(f"{path}/roles/take", {"role": "interviewer"}, token_from=path).status_code == 422


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"kind": "recovery"},
        {"kind": "role-given"},
        {"kind": "role-given", "role": "administrator"},
        {"kind": "anything"},
    ],
)
def test_what_is_no_proposal_is_refused(cast: Cast, form: dict[str, str]) -> None:
    path = f"/administration/people/{person(cast, 'anahit')}"
    assert confirmed(cast, "helga").post(f"{path}/propose", form, token_from=path).status_code == 422


def test_an_administrator_is_shut_out_by_two_and_their_sessions_end(cast: Cast) -> None:
    helga, paul = confirmed(cast, "helga"), confirmed(cast, "paul")
    path = f"/administration/people/{person(cast, 'paul')}"
    helga.post(f"{path}/propose", {"kind": "administrator-shut-out"}, token_from=path)
    assert "Shut out Paul Adeyo, an administrator" in paul.get("/administration/proposals").text
    assert answer(paul, the_proposal(cast)) == 303
    assert paul.get("/administration").headers["Location"].startswith("/sign-in")


def test_with_one_administrator_the_screen_says_why_it_is_closed(cast: Cast) -> None:
    close_account(cast, "paul")
    helga = confirmed(cast, "helga")
    page = helga.get(f"/administration/people/{person(cast, 'anahit')}").text
    assert "takes two administrators. There is only one" in page
    assert "Propose it" not in page
    assert "vouchsafe appoint" in helga.get("/administration/proposals").text
    assert propose_role(helga, cast) == 403


def test_a_proposal_is_turned_down_or_taken_back(cast: Cast) -> None:
    helga, paul = confirmed(cast, "helga"), confirmed(cast, "paul")
    for who in (helga, paul):
        assert propose_role(helga, cast) == 303
        assert answer(who, the_proposal(cast), "withdraw") == 303
        with cast.services.database.writing() as connection:
            connection.execute(sa.delete(proposals))
    assert roles(cast, "anahit") == {Role.INTERVIEWER}


def test_a_recovery_is_proposed_for_a_case_and_a_person(cast: Cast) -> None:
    helga, paul = confirmed(cast, "helga"), confirmed(cast, "paul")
    form = {"case": cast.case.hex, "secret": "case", "receiver": person(cast, "ruben").hex}
    made = helga.post("/administration/recoveries", form, token_from="/administration/proposals")
    assert made.status_code == 303
    assert (
        "Trustees give the key of Linden-4 back to Ruben Oskan" in paul.get("/administration/proposals").text
    )
    assert answer(paul, the_proposal(cast)) == 303
    with cast.acting("helga") as uow:
        card = cast.people["ruben"].card
        assert uow.vault.proposals.agreed_recovery(cast.case, "case", card).kind is Kind.RECOVERY


@pytest.mark.parametrize(
    "wrong", [{"case": ""}, {"secret": "root"}, {"receiver": ""}, {"receiver": "00" * 16}, {"case": "zz"}]
)
def test_a_recovery_that_names_nobody_or_nothing_is_refused_with_words(
    cast: Cast, wrong: dict[str, str]
) -> None:
    form = {"case": cast.case.hex, "secret": "case", "receiver": person(cast, "ruben").hex} | wrong
    answered = confirmed(cast, "helga").post(
        "/administration/recoveries", form, token_from="/administration/proposals"
    )
    assert answered.status_code == 422
    assert 'class="wrong"' in answered.text


@pytest.mark.parametrize("name", ["nobody", "paul", "anahit"])
def test_no_key_is_given_back_to_who_cannot_hold_one(cast: Cast, name: str) -> None:
    form = {"case": cast.case.hex, "secret": "case", "receiver": person(cast, name).hex}
    answered = confirmed(cast, "helga").post(
        "/administration/recoveries", form, token_from="/administration/proposals"
    )
    assert answered.status_code == 422


def test_the_page_of_a_person_says_who_vouched_and_which_cases(cast: Cast) -> None:
    page = confirmed(cast, "helga").get(f"/administration/people/{person(cast, 'selma')}").text
    for said in ("Lilit Ashkhar", "Linden-4", "never"):
        assert said in page
    page = confirmed(cast, "helga").get(f"/administration/people/{person(cast, 'nobody')}").text
    assert "nobody yet; opens nothing" in page
    assert confirmed(cast, "paul").get(f"/administration/people/{UUID(int=7)}").status_code == 404


@pytest.mark.parametrize("who", ["lilit", "ruben", "anahit", None])
def test_it_is_for_administrators_alone(cast: Cast, who: str | None) -> None:
    browser = cast.client(who)
    refused = 403 if who else 302
    for path in ("/administration/proposals", f"/administration/people/{person(cast, 'selma')}"):
        assert browser.get(path).status_code == refused
