"""The people of a case: who opens what, since when, by whose signature, known by whose word."""

import re

from app.domain.duties import Duty
from tests.cast import LINDEN, Cast


def row_of(page: str, name: str) -> str:
    rows: list[str] = re.findall(r"<tr>.*?</tr>", page, re.DOTALL)
    return next(body for body in rows if f'<th scope="row">{name}' in body)


def day_of(page: str, name: str) -> str:
    found = re.search(r'datetime="([\d-]+)', row_of(page, name))
    assert found is not None
    return found[1]


def test_it_shows_how_far_each_key_reaches(cast: Cast):
    page = cast.client("lilit").get(f"/cases/{cast.case}/people").text
    assert "opens statements and names" in row_of(page, "Anush Berdents")
    assert "opens statements" in row_of(page, "Mark Tolland")
    assert "only sends in" in row_of(page, "Anahit Veluni")


def test_it_shows_who_signed_it_and_who_vouched(cast: Cast):
    page = cast.client("lilit").get(f"/cases/{cast.case}/people").text
    nadim = row_of(page, "Nadim Karaz")
    assert 'data-label="Signed by">Ruben Oskan' in nadim
    assert 'data-label="Vouched for by">Anush Berdents' in nadim
    assert 'data-label="Vouched for by">the organisation' in row_of(page, "Ruben Oskan")


def test_it_shows_the_digits_that_two_people_compare(cast: Cast):
    page = cast.client("lilit").get(f"/cases/{cast.case}/people").text
    uow = cast.uow("lilit")
    assert uow.vault.people.digits_of(cast.people["nadim"].card) in page
    uow.end()


def test_a_new_list_changes_the_day_of_those_alone_whose_key_reaches_another_way(cast: Cast):
    cast.clock.ahead += 40 * 24 * 3600
    held = {cast.people[name].card: duties for name, duties in LINDEN.items()}
    held[cast.people["davit"].card] = frozenset()
    held[cast.people["irina"].card] = frozenset({Duty.EDITORIAL_APPROVER, Duty.READER})
    held[cast.people["stranger"].card] = frozenset({Duty.READER})
    with cast.acting("ruben") as uow:
        before = uow.vault.trust.roster(cast.case)
        uow.vault.casework.change_roster(cast.case, before.digest, held)
    page = cast.client("lilit").get(f"/cases/{cast.case}/people").text
    assert day_of(page, "Irina Veslova") < day_of(page, "Sona Hale")
    assert "Davit Orlends" not in page
    assert "List 2 of this case" in page
