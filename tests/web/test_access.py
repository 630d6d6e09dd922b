"""The access check: what declares nothing does not start, prefetching opens nothing, refusals are on record."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.factory import create_app
from app.policy.permissions import Permission
from app.store import people
from app.store.log import entries
from app.web.access import check_declarations, requires
from tests.cast import Cast
from tests.vault.scene import card_of, card_row


def refusals(cast: Cast) -> list[tuple[UUID, str]]:
    uow = cast.uow()
    rows = uow.tx.all(
        sa.select(entries).where(entries.c.act == Act.REFUSED.value).order_by(entries.c.sequence)
    )
    uow.end()
    return [(row.person, row.note) for row in rows]


def test_a_route_that_declares_nothing_keeps_the_app_from_starting(cast: Cast):
    app = create_app(services=cast.services)
    app.add_url_rule("/back-door", "back_door", lambda: "open")
    with pytest.raises(RuntimeError, match="back_door"):
        check_declarations(app)


def test_a_declared_route_does_not(cast: Cast):
    app = create_app(services=cast.services)
    app.add_url_rule("/front-door", "front_door", requires(Permission.PUBLIC)(lambda _uow, _actor: "open"))
    check_declarations(app)
    assert app.test_client().get("/front-door").text == "open"


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender"])
def test_a_browser_that_prefetches_opens_nothing(cast: Cast, purpose: str):
    browser = cast.client("lilit")
    answer = browser.get(f"/cases/{cast.case}", headers={"Sec-Purpose": purpose})
    assert answer.status_code == 403
    assert "Open it yourself." in answer.text
    assert "The road in winter" not in answer.text


def test_a_refusal_of_somebody_known_is_on_record(cast: Cast):
    cast.client("helga").get(f"/cases/{cast.case}")
    person, permission = refusals(cast)[-1]
    assert person == cast.people["helga"].person
    assert permission == Permission.CASE_VIEW.value


def test_refusals_of_strangers_do_not_fill_the_log(cast: Cast):
    before = refusals(cast)
    for path in (f"/cases/{cast.case}", "/administration", "/language"):
        cast.client().get(path)
        cast.client().client.post(path)
    assert refusals(cast) == before


def test_a_case_that_one_may_not_know_of_looks_like_none(cast: Cast):
    browser = cast.client("stranger")
    nowhere = UUID(int=7)
    hidden, missing = browser.get(f"/cases/{cast.case}"), browser.get(f"/cases/{nowhere}")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(str(cast.case), "") == missing.text.replace(str(nowhere), "")


def test_a_card_that_was_changed_underneath_signs_its_person_out(cast: Cast):
    """Whoever writes the table cannot turn a live session into another card's."""
    browser = cast.client("davit")
    table = people.people
    person, genuine = cast.people["davit"].person, cast.people["davit"].card
    for card, status in ((cast.people["anahit"].card, 409), (genuine, 200)):
        uow = cast.uow()
        uow.tx.stage(sa.update(table).where(table.c.id == person).values(card=card))
        uow.commit()
        assert browser.get("/account").status_code == status


def test_an_administrators_next_card_is_an_administrators(cast: Cast):
    """Their keys as before under a second card, which the first one signed."""
    helga, installation = cast.people["helga"], cast.services.installation.id
    card = replace(card_of(cast, "helga"), number=2, previous=helga.card)
    successor = replace(helga, card=card.digest(installation))
    rows, table = people.cards, people.people
    before = cast.client("helga").get("/administration").status_code
    with cast.services.database.writing() as connection:
        connection.execute(sa.insert(rows).values(card_row(cast, card, successor, previous=helga)))
        connection.execute(sa.update(table).where(table.c.id == helga.person).values(card=successor.card))
    after = cast.client("helga").get("/administration").status_code
    with cast.services.database.writing() as connection:
        connection.execute(sa.update(table).where(table.c.id == helga.person).values(card=helga.card))
        connection.execute(sa.delete(rows).where(rows.c.digest == successor.card))
    assert (before, after) == (200, 200)
