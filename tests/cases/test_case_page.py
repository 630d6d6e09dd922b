"""The page of a case: its statements a page at a time, its people, what it lacks, what waits to be done."""

import re
import time
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.cases.desk import IN_WORK, desk_query
from app.cases.queries import PAGE, Place, page_query
from app.cases.waiting import COUNTED
from app.domain.duties import Duty
from app.domain.ids import new_id
from app.domain.lifecycle import StatementState
from app.store import cases
from app.store.keys import record_keys
from app.store.records import versions
from tests.cases.scenes import facts, logged, move, read, send, touch
from tests.cast import LINDEN, Cast

S = StatementState


def rows(cast: Cast, count: int, state: str = "accepted") -> list[UUID]:
    """Routing rows alone, as many as a test needs; oldest first."""
    made = [new_id() for _ in range(count)]
    touch(
        cast,
        sa.insert(cases.statements).values([row(cast, one, place, state) for place, one in enumerate(made)]),
    )
    return made


def row(cast: Cast, statement: UUID, place: int, state: str = "accepted") -> dict[str, object]:
    return {
        "id": statement,
        "case": cast.case,
        "submitter": cast.people["anahit"].person,
        "state": state,
        "before": "",
        "consent_state": "in-force",
        "received": 1_700_000_000 + place,
        "finished": 1_700_000_000 + place,
        "arrival": 1_700_000_000_000_000 + place // 2,  # two arrive in the same microsecond
        "size": 1000,
        "roster": bytes(32),
        "statement_intake_key": new_id(),
        "identity_intake_key": new_id(),
    }


def linked(page: str) -> list[UUID]:
    return [
        UUID(found) for found in re.findall(r'class="name[^"]*" href="/statements/([0-9a-f-]{36})"', page)
    ]


def later(page: str) -> str:
    return way(page, "next")


def earlier(page: str) -> str:
    return way(page, "prev")


def way(page: str, kind: str) -> str:
    """Where a page leads on, or nothing."""
    found = re.search(rf'rel="{kind}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


def test_all_pages_together_hold_every_statement_once_even_while_new_ones_arrive(cast: Cast):
    made = rows(cast, 2 * PAGE + 7)
    browser, path = cast.client("lilit"), f"/cases/{cast.case}"
    found: list[UUID] = []
    while path:
        page = browser.get(path).text
        found += linked(page)
        path = later(page)
        touch(cast, sa.insert(cases.statements).values(row(cast, new_id(), 10_000 + len(found))))
    assert len(found) == len(set(found)) == len(made)
    assert set(found) == set(made)


def test_going_back_shows_the_same_page_again(cast: Cast):
    rows(cast, 2 * PAGE + 7)
    browser = cast.client("lilit")
    first = browser.get(f"/cases/{cast.case}").text
    second = browser.get(later(first)).text
    third = browser.get(later(second)).text
    assert not later(third)
    back = browser.get(earlier(third)).text
    assert linked(back) == linked(second)
    assert linked(browser.get(earlier(back)).text) == linked(first)
    assert not earlier(first)


def test_one_state_can_be_looked_at_alone(cast: Cast):
    rows(cast, PAGE + 1)
    waiting = rows(cast, 2, "transcribed")
    page = cast.client("lilit").get(f"/cases/{cast.case}?state=transcribed").text
    assert set(linked(page)) == set(waiting)
    assert not later(page)


def test_a_place_that_is_none_is_not_found(cast: Cast):
    assert cast.client("lilit").get(f"/cases/{cast.case}?after=yesterday").status_code == 404


def plan(cast: Cast, query: sa.Select[Any]) -> str:
    compiled = query.compile(cast.services.database.engine, compile_kwargs={"literal_binds": True})
    with cast.services.database.engine.connect() as connection:
        return "\n".join(
            str(line[-1]) for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        )


@pytest.mark.parametrize("who", ["ruben", "lilit"])
@pytest.mark.parametrize("cursor", [{}, {"older_than": Place(9, uuid4())}, {"newer_than": Place(9, uuid4())}])
def test_a_page_is_read_along_the_index_and_sorts_nothing_as_a_whole(cast: Cast, who: str, cursor):
    told = plan(cast, page_query(facts(cast, who), **cursor))
    assert "ix_statements_case_arrival" in told
    assert "SCAN" not in told
    assert "TEMP B-TREE FOR ORDER BY" not in told


def test_a_state_is_read_along_its_own_index(cast: Cast):
    told = plan(cast, page_query(facts(cast, "lilit"), S.TRANSCRIBED))
    assert "ix_statements_case_state_arrival" in told


def test_a_desk_reads_each_state_along_its_index(cast: Cast):
    told = plan(cast, desk_query(cast.case, cast.people["lilit"].person, IN_WORK))
    assert told.count("ix_statements_case_state_arrival") == len(IN_WORK) + 4
    assert "SCAN statements" not in told
    assert "SCAN work" not in told


def test_a_case_of_ten_thousand_is_counted_nowhere(cast: Cast):
    """Every query of the page stops after a page; nothing of it grows with the case."""
    for _ in range(10):
        rows(cast, 1_000)
    asked: list[str] = []
    engine = cast.services.database.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *event: asked.append(event[2]))
    browser = cast.client("lilit")
    asked.clear()
    started = time.perf_counter()
    assert len(linked(browser.get(f"/cases/{cast.case}").text)) == PAGE
    assert time.perf_counter() - started < 5
    unbounded = [text for text in asked if "count(" in text.lower() and "LIMIT" not in text]
    assert unbounded == []


def test_nobody_reads_more_on_the_page_than_list_lines(cast: Cast):
    send(cast, "Juniper")
    read(cast, "Heron")
    browser = cast.client("lilit")
    before = len(logged(cast, Act.STATEMENT_OPENED)), len(logged(cast, Act.STATEMENT_ADOPTED))
    browser.get(f"/cases/{cast.case}")
    browser.get("/desk")
    assert (len(logged(cast, Act.STATEMENT_OPENED)), len(logged(cast, Act.STATEMENT_ADOPTED))) == before


def test_a_page_asked_for_in_advance_is_refused(cast: Cast):
    answer = cast.client("lilit").get(f"/cases/{cast.case}", headers={"Sec-Purpose": "prefetch"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["", "/people", "/register"])
def test_a_stranger_finds_no_such_case(cast: Cast, path: str):
    read(cast, "Juniper")
    browser = cast.client("stranger")
    there, nowhere = browser.get(f"/cases/{cast.case}{path}"), browser.get(f"/cases/{uuid4()}{path}")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert "Linden" not in there.text


def test_a_stranger_takes_nothing_over(cast: Cast):
    send(cast, "Juniper")
    assert cast.client("stranger").post(f"/cases/{cast.case}/adoption").status_code == 404
    assert cast.client("stranger").post(f"/cases/{cast.case}/register").status_code == 404


@pytest.mark.parametrize("path", ["", "/people", "/register"])
def test_an_interviewer_sees_no_list_line(cast: Cast, path: str):
    read(cast, "Juniper")
    answer = cast.client("anahit").get(f"/cases/{cast.case}{path}")
    assert answer.status_code == 403
    assert "Juniper" not in answer.text
    assert "The road in winter" not in answer.text


@pytest.mark.parametrize(
    "path", ["/desk", "/cases", "/cases/{case}", "/cases/{case}/people", "/cases/{case}/register"]
)
def test_an_administrator_sees_no_title_and_no_line(cast: Cast, path: str):
    read(cast, "Juniper")
    answer = cast.client("helga").get(path.format(case=cast.case))
    assert answer.status_code in {403, 404}
    assert "The road in winter" not in answer.text
    assert "Juniper" not in answer.text


def test_a_title_that_was_tampered_with_is_not_shown_and_blocks_no_list(cast: Cast):
    settings = (versions.c.field == "cases.settings", versions.c.record == cast.case)
    touch(cast, sa.update(versions).where(*settings).values(envelope=b"another title"))
    page = cast.client("lilit").get("/cases")
    assert page.status_code == 200
    assert "Its title is not what was sealed" in page.text


def test_whoever_reads_no_case_knows_codes_alone_of_those_they_send_to(cast: Cast):
    held = {cast.people[name].card: duties for name, duties in LINDEN.items()}
    held |= {cast.people["stranger"].card: frozenset({Duty.INTERVIEWER})}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    page = cast.client("stranger").get("/cases").text
    assert "you only send in" in page
    assert "The road in winter" not in page


def test_my_cases_show_title_code_and_my_duties(cast: Cast):
    page = cast.client("lilit").get("/cases").text
    assert "The road in winter" in page
    assert "Linden-4" in page
    assert "transcriber, redactor" in page
    assert "Alder-9" not in page


def test_a_case_that_nobody_opened_yet_shows_to_its_lead_alone(cast: Cast):
    with cast.acting("helga") as uow:
        uow.vault.casework.charter(new_id(), "Moss-5", cast.people["lilit"].card)
    assert "Moss-5" in cast.client("lilit").get("/cases").text
    assert "Moss-5" not in cast.client("ruben").get("/cases").text


def test_a_case_without_its_grant_says_so(cast: Cast):
    from app.store.trust import grants

    touch(
        cast,
        sa.delete(grants).where(grants.c.member_card == cast.people["lilit"].card, grants.c.kind == "case"),
    )
    page = cast.client("lilit").get("/cases")
    assert page.status_code == 200
    assert "Nobody has given you the key" in page.text


def test_the_page_says_who_can_open_it_and_who_vouched_for_them(cast: Cast):
    page = cast.client("lilit").get(f"/cases/{cast.case}").text
    readers = sum(duties != {Duty.INTERVIEWER} for duties in LINDEN.values())
    assert f"{readers} people can open this" in page
    assert "Anush Berdents" in page
    assert "identity custodian" in page
    assert "vouched for by the organisation" in page
    assert "Before anything can be published" not in page


def test_a_case_that_lacks_somebody_says_whom(cast: Cast):
    page = cast.client("stranger").get(f"/cases/{cast.other_case}").text
    assert "Nobody here is publisher." in page
    assert "Nobody here is redactor." in page
    assert "Nobody here is lead." not in page


def test_two_approvers_known_by_the_same_word_are_warned_of(cast: Cast):
    """Irina was vouched for by Ruben; with Lilit, whom Ruben vouched for too, the two could not both sign."""
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "nadim"}
    held[cast.people["lilit"].card] = frozenset({Duty.PROTECTION_APPROVER, Duty.REDACTOR})
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    page = cast.client("ruben").get(f"/cases/{cast.case}").text
    assert "Both approvers, Irina Veslova and Lilit Ashkhar, are vouched for by Ruben Oskan only." in page
    assert "Ask Anush Berdents to vouch for Lilit Ashkhar: two minutes." in page
    assert "Lilit Ashkhar is redactor and approves" in page


def test_chores_say_whom_they_wait_for(cast: Cast):
    send(cast, "Juniper")
    chore = {
        "id": new_id(),
        "case": cast.case,
        "kind": "take-down",
        "subject": new_id(),
        "since": 1_700_000_000,
    }
    touch(cast, sa.insert(cases.chores).values(**chore, waits_for=Duty.PUBLISHER.value))
    page = cast.client("lilit").get(f"/cases/{cast.case}").text
    assert "Take over 2 sealed pieces" in page
    assert "Waits for Anush Berdents" in page
    assert "something is to be taken down" in page
    assert "Waits for Mark Tolland" in page


def test_a_chore_that_nobody_can_do_says_that(cast: Cast):
    chore = {
        "id": new_id(),
        "case": cast.other_case,
        "kind": "take-down",
        "subject": new_id(),
        "since": 1_700_000_000,
    }
    touch(cast, sa.insert(cases.chores).values(**chore, waits_for=Duty.PUBLISHER.value))
    assert "Nobody on this case can do it" in cast.client("stranger").get(f"/cases/{cast.other_case}").text


def test_a_large_backlog_is_not_counted_to_its_end(cast: Cast):
    key = {
        "case": cast.case,
        "kind": "case",
        "state": "intake",
        "epoch": 0,
        "intake_key": new_id(),
        "wrap": b"",
    }
    waiting = [{"id": new_id(), "record": new_id(), **key} for _ in range(COUNTED + 5)]
    touch(cast, sa.insert(record_keys).values(waiting[:600]), sa.insert(record_keys).values(waiting[600:]))
    assert f"more than {COUNTED}" in cast.client("lilit").get(f"/cases/{cast.case}").text


def test_after_somebody_left_keys_are_renewed_with_a_press(cast: Cast):
    read(cast, "Juniper")
    held = {cast.people[name].card: duties for name, duties in LINDEN.items() if name != "selma"}
    with cast.acting("ruben") as uow:
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, held)
    browser, path = cast.client("lilit"), f"/cases/{cast.case}"
    assert "Keys from before somebody left" in browser.get(path).text
    assert browser.post(f"{path}/adoption", {"chore": "renew-keys"}).status_code == 303
    page = browser.get(path).text
    assert "Keys from before somebody left" not in page
    assert "Juniper" in page


def test_an_unknown_chore_is_refused(cast: Cast):
    assert cast.client("lilit").post(f"/cases/{cast.case}/adoption", {"chore": "burn"}).status_code == 422


def test_a_forged_name_hides_no_other_name(cast: Cast):
    from app.store.people import people

    tx = cast.services.database.transaction()
    other = tx.value(sa.select(people.c.name).where(people.c.id == cast.people["mark"].person))
    tx.release()
    touch(cast, sa.update(people).where(people.c.id == cast.people["nadim"].person).values(name=other))
    page = cast.client("lilit").get(f"/cases/{cast.case}")
    assert page.status_code == 200
    assert "a name that does not fit its card" in page.text
    assert "Irina Veslova" in page.text


def test_withdrawn_ones_are_listed_for_the_lead_alone(cast: Cast):
    (rowan,) = read(cast, "Rowan")
    move(cast, rowan, S.WITHDRAWN)
    assert "Rowan" in cast.client("ruben").get(f"/cases/{cast.case}").text
    assert "Rowan" not in cast.client("lilit").get(f"/cases/{cast.case}").text
    assert "Rowan" not in cast.client("lilit").get(f"/cases/{cast.case}?state=withdrawn").text


def test_pages_of_statements_stand_under_cases_among_the_ways(cast: Cast):
    (juniper,) = read(cast, "Juniper")
    browser = cast.client("lilit")
    for path in ("/cases", f"/cases/{cast.case}", f"/statements/{juniper}"):
        assert '<a href="/cases" aria-current="page">Cases</a>' in browser.get(path).text


def test_a_reason_that_stands_against_several_acts_is_said_once(cast: Cast):
    (juniper,) = read(cast, "Juniper")
    page = cast.client("mark").get(f"/statements/{juniper}").text
    cannot = page[page.index("You cannot, because") :]
    reasons = re.findall(r"</b>([^<]+)</span>", cannot[: cannot.index("</ul>")])
    assert len(reasons) == len(set(reasons))
