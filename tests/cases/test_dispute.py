"""A case whose stored list of people is not the one that was seen: it stops, says so, and shows its leads both versions."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.crypto.objects import Roster, sign_object
from app.domain.duties import Duty
from app.store.trust import rosters
from tests.cases.scenes import read, touch
from tests.cast import LINDEN, Cast


def newest(cast: Cast) -> Roster:
    tx = cast.services.database.transaction()
    query = sa.select(rosters.c.object).where(rosters.c.case == cast.case).order_by(rosters.c.number.desc())
    row = tx.first(query.limit(1))
    tx.release()
    assert row is not None
    return Roster.decode(row.object)


def digits(cast: Cast, roster: Roster) -> str:
    uow = cast.uow()
    found = uow.vault.people.digits_of(roster.digest(cast.services.installation.id))
    uow.end()
    return found


def everybody_looks(cast: Cast, *names: str) -> None:
    for name in names:
        with cast.acting(name) as uow:
            uow.vault.trust.roster(cast.case)


def fork(cast: Cast, without: str = "selma") -> Roster:
    """Another list under the number that everybody has seen, signed by a lead who was made to, or whose key was taken."""
    seen, left_out = newest(cast), cast.people[without].card
    other = replace(
        seen, issued=seen.issued + 1, members=tuple(m for m in seen.members if m.card != left_out)
    )
    installation = cast.services.installation.id
    values = {
        "digest": other.digest(installation),
        "object": other.encode(),
        "signature": sign_object(cast.people["ruben"].seeds.signing, installation, other),
    }
    touch(cast, sa.update(rosters).where(rosters.c.case == cast.case).values(**values))
    return other


def roll_back(cast: Cast) -> None:
    """The lead signs a second list, everybody sees it, and then it is gone."""
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "selma"}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    everybody_looks(cast, "ruben", "lilit")
    touch(cast, sa.delete(rosters).where(rosters.c.case == cast.case, rosters.c.number == 2))


@pytest.mark.parametrize("path", ["/desk", "/cases"])
def test_a_stopped_case_says_so_with_the_digits_that_colleagues_compare(cast: Cast, path: str):
    everybody_looks(cast, "ruben", "lilit")
    seen = digits(cast, newest(cast))
    fork(cast)
    for name, way in (("ruben", "Look at both lists"), ("lilit", "Tell its lead.")):
        page = cast.client(name).get(path).text
        assert "the list of its people that is stored is not the one that you have seen" in page
        assert "You have seen list 1, era 1" in page
        assert seen in page
        assert way in page


def test_a_lead_sees_both_versions(cast: Cast):
    everybody_looks(cast, "ruben")
    seen = newest(cast)
    other = fork(cast)
    page = cast.client("ruben").get(f"/cases/{cast.case}/people/versions")
    assert page.status_code == 200
    assert "Linden-4 is stopped" in page.text
    assert digits(cast, seen) in page.text
    assert digits(cast, other) in page.text
    assert "This very list is not stored any more" in page.text
    assert "Signed by Ruben Oskan" in page.text
    names = re.findall(r'<th scope="row">([^<]+)', page.text)
    assert "Anush Berdents" in names
    assert "Selma Idrane" not in names


def test_an_older_list_that_was_put_back_is_told_from_a_fork(cast: Cast):
    roll_back(cast)
    ruben = cast.client("ruben")
    assert "the storage shows an older list of its people than you have seen" in ruben.get("/cases").text
    page = ruben.get(f"/cases/{cast.case}/people/versions").text
    assert "List 2, era 1" in page
    assert "List 1, era 1" in page
    assert "Selma Idrane" in page


def test_a_list_that_nobody_can_prove_shows_no_people(cast: Cast):
    roll_back(cast)
    touch(cast, sa.update(rosters).where(rosters.c.case == cast.case).values(signature=bytes(64)))
    answer = cast.client("ruben").get(f"/cases/{cast.case}/people/versions")
    assert answer.status_code == 503
    assert "Selma Idrane" not in answer.text


def test_the_list_that_was_seen_is_shown_where_it_is_still_stored(cast: Cast):
    """A first lead who signs a second beginning, in a later era."""
    everybody_looks(cast, "ruben")
    seen = newest(cast)
    lead_alone = tuple(m for m in seen.members if m.card == cast.people["ruben"].card)
    side = replace(seen, era=2, members=lead_alone)
    installation = cast.services.installation.id
    values = {
        "digest": side.digest(installation),
        "case": cast.case,
        "era": side.era,
        "number": side.number,
        "signer_card": side.signer,
        "object": side.encode(),
        "signature": sign_object(cast.people["ruben"].seeds.signing, installation, side),
    }
    touch(cast, sa.insert(rosters).values(**values))
    page = cast.client("ruben").get(f"/cases/{cast.case}/people/versions").text
    seen_part, stored_part = page.split("What is stored now")
    assert "Selma Idrane" in seen_part
    assert "List 1, era 2" in stored_part
    assert "Selma Idrane" not in stored_part


@pytest.mark.parametrize("path", ["", "/people", "/people/change", "/register"])
def test_nothing_of_a_stopped_case_opens_and_the_page_says_what_is_safe(cast: Cast, path: str):
    read(cast, "Juniper")
    everybody_looks(cast, "ruben", "lilit")
    fork(cast)
    for name in ("ruben", "lilit"):
        answer = cast.client(name).get(f"/cases/{cast.case}{path}")
        assert answer.status_code == 503
        assert "This case is stopped" in answer.text
        assert "nothing was lost" in answer.text
        assert "Juniper" not in answer.text
        assert "The road in winter" not in answer.text


def test_a_lead_signs_no_list_on_top_of_one_that_is_disputed(cast: Cast):
    everybody_looks(cast, "ruben")
    seen = newest(cast).digest(cast.services.installation.id).hex()
    ruben = cast.client("ruben")
    other = fork(cast)
    ticked = [f"{cast.people['ruben'].card.hex()}:{Duty.LEAD}"]
    answer = ruben.post(f"/cases/{cast.case}/people/change", {"expected": seen, "duty": ticked})
    assert answer.status_code == 503
    assert newest(cast) == other


@pytest.mark.parametrize(
    ("name", "status"), [("lilit", 503), ("anahit", 503), ("stranger", 404), ("helga", 404)]
)
def test_only_a_lead_of_either_list_sees_both(cast: Cast, name: str, status: int):
    everybody_looks(cast, "ruben", "lilit", "anahit")
    fork(cast)
    answer = cast.client(name).get(f"/cases/{cast.case}/people/versions")
    assert answer.status_code == status
    assert "Anush Berdents" not in answer.text


def test_a_case_that_is_not_stopped_has_no_versions_to_look_at(cast: Cast):
    ruben = cast.client("ruben")
    assert ruben.get(f"/cases/{cast.case}/people/versions").status_code == 404
    assert ruben.get(f"/cases/{uuid4()}/people/versions").status_code == 404


def test_a_fork_of_one_case_stops_no_other(cast: Cast):
    everybody_looks(cast, "stranger")
    fork(cast)
    assert cast.client("stranger").get(f"/cases/{cast.other_case}").status_code == 200
