"""What waits for whom: derived from states, keys and duties, said once, with the way to do it for whoever can."""

import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.cases.team import team_of
from app.cases.waiting import STATES, Wait, waits_of
from app.domain.duties import Duty
from app.domain.ids import new_id
from app.domain.lifecycle import StatementState
from app.store import stories
from app.store.trust import installation
from tests.cases.scenes import facts, move, read, send, touch
from tests.cast import LINDEN, Cast

S = StatementState


def waits(cast: Cast, who: str = "lilit") -> dict[str, Wait]:
    uow = cast.uow(who)
    try:
        return {wait.kind: wait for wait in waits_of(uow, facts(cast, who), team_of(uow, cast.case))}
    finally:
        uow.end()


def story(cast: Cast, state: str, bundle: bytes = bytes(32), **columns: Any) -> UUID:
    made = new_id()
    values = {
        "id": made,
        "case": cast.case,
        "public_id": made.hex,
        "bundle": bundle,
        "created": 1_700_000_000,
    }
    touch(cast, sa.insert(stories.stories).values(**values, state=state, **columns))
    return made


def approval(cast: Cast, of: UUID, kind: str, bundle: bytes = bytes(32), voided: int | None = None) -> None:
    values = {"digest": new_id().bytes * 2, "story": of, "kind": kind, "bundle": bundle, "voided": voided}
    person = cast.people["irina"].person
    touch(cast, sa.insert(stories.approvals).values(**values, person=person, object=b"", signature=b""))


def test_each_state_waits_for_whoever_has_the_duty(cast: Cast):
    one, other, third = read(cast, "Juniper", "Heron", "Rowan")
    move(cast, one, S.IN_APPROVAL)
    move(cast, other, S.IN_APPROVAL)
    move(cast, third, S.RETURNED)
    found = waits(cast)
    assert found[S.IN_APPROVAL].count == 2
    assert found[S.IN_APPROVAL].people == ("Irina Veslova", "Nadim Karaz")
    assert found[S.IN_APPROVAL].duties == (Duty.EDITORIAL_APPROVER, Duty.PROTECTION_APPROVER)
    assert found[S.RETURNED].people == ("Ruben Oskan",)
    assert not found[S.RETURNED].doable
    assert waits(cast, "ruben")[S.RETURNED].doable


def test_names_wait_for_the_custodian_and_pieces_for_any_reader(cast: Cast):
    send(cast, "Juniper")
    found = waits(cast)
    assert (found["take-over"].doable, found["take-over"].people) == (True, ())
    assert found["take-over"].since is not None
    assert (found["take-over-names"].doable, found["take-over-names"].people) == (False, ("Anush Berdents",))
    assert found["take-over-names"].since == found["take-over"].since
    page = cast.client("lilit").get(f"/cases/{cast.case}").text
    assert "Waits for Anush Berdents (identity custodian), since" in page
    assert "Take over the names" not in page
    assert "Take over the names" in cast.client("anush").get("/desk").text


def test_it_waits_since_it_came_into_its_state(cast: Cast):
    (juniper,) = read(cast, "Juniper")
    move(cast, juniper, S.IN_APPROVAL)
    cast.clock.ahead += 3 * 24 * 3600
    with cast.acting("lilit") as uow:
        note = Note(Act.STATE_CHANGED, cast.people["lilit"].person, cast.case, juniper, note="send")
        uow.audit.note(note)
    since = waits(cast)[S.IN_APPROVAL].since
    assert since is not None
    assert abs(since.timestamp() - cast.clock()) < 60


def test_a_story_waits_for_each_voice_that_has_not_signed_these_very_bytes(cast: Cast):
    one, other = story(cast, "checked"), story(cast, "checked", bundle=bytes(31) + b"2")
    approval(cast, one, "editorial")
    approval(cast, one, "protection", voided=1_700_000_000)
    approval(cast, other, "editorial")
    found = waits(cast)
    assert {kind: found[f"story-{kind}"].count for kind in ("editorial", "protection", "identity")} == {
        "editorial": 1,
        "protection": 2,
        "identity": 2,
    }
    assert found["story-editorial"].people == ("Irina Veslova",)
    assert waits(cast, "nadim")["story-protection"].doable
    assert "Stories to be read and signed as an editor" in cast.client("irina").get("/desk").text


def test_a_story_under_embargo_waits_for_nobody_yet(cast: Cast):
    story(cast, "due", embargo_until=cast.clock() + 3600)
    assert "story-publish" not in waits(cast)
    story(cast, "due")
    assert waits(cast)["story-publish"].people == ("Mark Tolland",)


def test_a_publisher_without_the_release_key_waits_for_whoever_gives_it(cast: Cast):
    held = {cast.people[name].card: duties for name, duties in LINDEN.items()}
    held[cast.people["selma"].card] = frozenset({Duty.PUBLISHER})
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    found = waits(cast)["release-key"]
    assert (found.people, found.doable) == (("Ruben Oskan",), False)
    assert waits(cast, "ruben")["release-key"].doable


def test_a_list_from_before_a_restore_waits_for_its_lead(cast: Cast):
    touch(cast, sa.update(installation).values(era=2))
    page = cast.client("ruben").get("/desk").text
    assert "The list of people is to be signed anew" in page
    assert f"/cases/{cast.case}/people/change" in page


def test_what_nobody_can_do_says_so(cast: Cast):
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "anush"}
    send(cast, "Juniper")
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    found = waits(cast)
    assert found["take-over-names"].is_stuck
    assert found["renew-names"].is_stuck
    assert not found["take-over"].is_stuck


def test_where_it_is_done_is_offered_to_whoever_can_alone(cast: Cast):
    (juniper,) = read(cast, "Juniper")
    move(cast, juniper, S.IN_APPROVAL)
    way = f'href="/cases/{cast.case}?state=in+approval"'
    assert way in cast.client("irina").get(f"/cases/{cast.case}").text
    assert way not in cast.client("lilit").get(f"/cases/{cast.case}").text


@pytest.mark.parametrize("who", ["stranger", "helga"])
def test_nobody_else_learns_what_waits(cast: Cast, who: str):
    read(cast, "Juniper")
    assert "Statements to transcribe" not in cast.client(who).get("/desk").text
    assert cast.client(who).get(f"/cases/{cast.case}").status_code in {403, 404}


def test_states_are_counted_along_their_index_and_no_further_than_a_thousand(cast: Cast):
    query = STATES.params(of_case=cast.case)
    compiled = query.compile(cast.services.database.engine, compile_kwargs={"literal_binds": True})
    assert str(compiled).count("LIMIT 1001") == str(compiled).count("count(")
    with cast.services.database.engine.connect() as connection:
        plan = "\n".join(
            str(line[-1]) for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        )
    assert plan.count("ix_statements_case_state_arrival") >= 2 * str(compiled).count("count(")
    assert "SCAN statements" not in plan
    assert "TEMP B-TREE" not in plan


def test_a_long_list_of_people_is_folded_and_a_short_one_is_not(cast: Cast):
    page = cast.client("lilit").get(f"/cases/{cast.case}").text
    assert re.search(r"<details><summary>Everybody on this case: 9 people", page)
    assert "Anush Berdents" in page
    other = cast.client("stranger").get(f"/cases/{cast.other_case}").text
    assert "Everybody on this case" not in other
    assert "Sona Hale" in other
