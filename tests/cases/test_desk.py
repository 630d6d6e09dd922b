"""The desk: my work first, then what nobody has taken, then what waits for others; nothing of other cases."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.cases.desk import Group, Worker, group_of
from app.domain.duties import Duty
from app.domain.lifecycle import StatementState
from app.store.records import tips, versions
from app.store.trust import memberships, rosters
from tests.cases.scenes import move, read, send, touch
from tests.cast import Cast

S = StatementState
ME, OTHER = uuid4(), uuid4()


@pytest.mark.parametrize(
    ("state", "duties", "workers", "group"),
    [
        (S.RECEIVED, {Duty.READER}, (), Group.UNTAKEN),
        (S.QUARANTINED, {Duty.LEAD}, (), Group.MINE),
        (S.ACCEPTED, {Duty.TRANSCRIBER}, (), Group.UNTAKEN),
        (S.ACCEPTED, {Duty.PUBLISHER}, (), Group.WAITING),
        (S.TRANSCRIBING, {Duty.TRANSCRIBER}, ((ME, "transcribed"),), Group.MINE),
        (S.TRANSCRIBING, {Duty.TRANSCRIBER}, ((OTHER, "transcribed"),), Group.WAITING),
        (S.TRANSCRIBING, {Duty.TRANSCRIBER}, (), Group.UNTAKEN),
        (S.TRANSCRIBED, {Duty.REDACTOR}, ((OTHER, "transcribed"),), Group.UNTAKEN),
        (S.REDACTING, {Duty.REDACTOR}, ((ME, "redacted"),), Group.MINE),
        (S.REDACTED, {Duty.REDACTOR}, ((OTHER, "redacted"),), Group.WAITING),
        (S.IN_APPROVAL, {Duty.EDITORIAL_APPROVER}, ((OTHER, "redacted"),), Group.MINE),
        (S.IN_APPROVAL, {Duty.EDITORIAL_APPROVER}, ((ME, "redacted"),), Group.WAITING),
        (S.IN_APPROVAL, {Duty.REDACTOR}, (), Group.WAITING),
        (S.RETURNED, {Duty.REDACTOR}, ((ME, "translated"),), Group.MINE),
        (S.RETURNED, {Duty.REDACTOR}, ((OTHER, "redacted"),), Group.WAITING),
        (S.ON_HOLD, {Duty.LEAD}, ((ME, "redacted"),), Group.WAITING),
        (S.WITHDRAWN, {Duty.LEAD}, (), Group.WAITING),
    ],
)
def test_a_statement_stands_where_the_next_step_is(state, duties, workers, group):
    assert group_of(state, frozenset(duties), ME, frozenset(Worker(*one) for one in workers)) is group


def groups(page: str) -> dict[str, list[str]]:
    """Title of each group -> the names under it, as they are read."""
    found: dict[str, list[str]] = {}
    for body in re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL):
        title = re.search(r'scope="rowgroup">([^<]+)', body)
        found[title[1] if title else ""] = re.findall(r"<bdi>([^<]*)</bdi></a>", body)
    return found


def test_my_work_stands_before_what_nobody_took_and_what_waits_for_others(cast: Cast):
    juniper, heron, _plover = read(cast, "Juniper", "Heron", "Plover")
    move(cast, juniper, S.TRANSCRIBING, ("lilit", "transcribed"))
    move(cast, heron, S.IN_APPROVAL)
    page = cast.client("lilit").get("/desk").text
    assert groups(page) == {
        "With you": ["Juniper"],
        "Not taken yet": ["Plover"],
        "Waiting for somebody else": ["Heron"],
    }
    assert "One statement waits for you" in page


def test_it_says_by_name_whom_a_statement_waits_for(cast: Cast):
    (heron, marten) = read(cast, "Heron", "Marten")
    move(cast, heron, S.IN_APPROVAL)
    move(cast, marten, S.TRANSCRIBING, ("lilit", "transcribed"))
    page = cast.client("mark").get("/desk").text
    assert "Waits for Irina Veslova, Nadim Karaz" in page
    assert "Waits for Lilit Ashkhar" in page


def test_what_nobody_has_opened_says_so_and_gives_no_name(cast: Cast):
    send(cast, "Juniper")
    page = cast.client("lilit").get("/desk").text
    assert "sealed, not yet opened" in page
    assert "Juniper" not in page


def test_the_choice_of_state_case_and_language_lives_in_the_url(cast: Cast):
    juniper, heron = send(cast, "Juniper"), send(cast, "Heron", languages=["ru"])
    read(cast)
    move(cast, heron, S.TRANSCRIBED)
    browser = cast.client("lilit")
    assert groups(browser.get("/desk?state=accepted").text) == {"Not taken yet": ["Juniper"]}
    assert groups(browser.get("/desk?language=ru").text) == {"Not taken yet": ["Heron"]}
    assert groups(browser.get(f"/desk?case={cast.case.hex}").text) == {"Not taken yet": ["Heron", "Juniper"]}
    assert 'href="/desk?language=ru&amp;state=accepted"' in browser.get("/desk?language=ru&choose=state").text
    assert juniper != heron


def test_a_nonsense_choice_chooses_nothing(cast: Cast):
    read(cast, "Juniper")
    page = cast.client("lilit").get("/desk?state=flying&case=me&choose=everything")
    assert page.status_code == 200
    assert "Juniper" in page.text


def test_withdrawn_and_quarantined_ones_are_there_for_the_lead_alone(cast: Cast):
    rowan, finch = read(cast, "Rowan", "Finch")
    move(cast, rowan, S.WITHDRAWN)
    move(cast, finch, S.QUARANTINED)
    lead, other = cast.client("ruben").get("/desk").text, cast.client("lilit").get("/desk").text
    assert groups(lead) == {"With you": ["Finch"], "Waiting for somebody else": ["Rowan"]}
    assert "Rowan" not in other
    assert "Finch" not in other


def test_a_stranger_sees_nothing_of_the_case(cast: Cast):
    read(cast, "Juniper")
    page = cast.client("stranger").get(f"/desk?case={cast.case.hex}").text
    assert "Alder-9" in page
    assert "Linden-4" not in page
    assert "Juniper" not in page


def test_a_row_among_the_memberships_puts_nobody_on_a_case(cast: Cast):
    read(cast, "Juniper")
    touch(cast, sa.insert(memberships).values(case=cast.case, person=cast.people["stranger"].person))
    browser = cast.client("stranger")
    assert "Linden-4" not in browser.get("/desk").text + browser.get("/cases").text


@pytest.mark.parametrize("who", ["anahit", "helga"])
def test_interviewers_and_administrators_have_no_desk(cast: Cast, who: str):
    assert cast.client(who).get("/desk").status_code == 403


def spoil(cast: Cast, how: str, juniper, heron) -> None:
    line = (versions.c.field == "statements.line", versions.c.record == juniper)
    other = sa.select(versions.c.envelope).where(
        versions.c.field == "statements.line", versions.c.record == heron
    )
    tip = (tips.c.field == "statements.line", tips.c.record == juniper)
    match how:
        case "swapped line":
            touch(cast, sa.update(versions).where(*line).values(envelope=other.scalar_subquery()))
        case "flipped bit":
            tx = cast.services.database.transaction()
            sealed = bytearray(tx.value(sa.select(versions.c.envelope).where(*line)))
            tx.release()
            sealed[-1] ^= 1
            touch(cast, sa.update(versions).where(*line).values(envelope=bytes(sealed)))
        case "tampered tip":
            touch(cast, sa.update(tips).where(*tip).values(sequence=tips.c.sequence + 1))


@pytest.mark.parametrize("how", ["swapped line", "flipped bit", "tampered tip"])
@pytest.mark.parametrize("path", ["/desk", "/cases/{case}"])
def test_a_line_that_was_tampered_with_says_so_and_blocks_nothing(cast: Cast, how: str, path: str):
    juniper, heron = read(cast, "Juniper", "Heron")
    spoil(cast, how, juniper, heron)
    page = cast.client("lilit").get(path.format(case=cast.case))
    assert page.status_code == 200
    assert "not what was sealed" in page.text
    assert "Heron" in page.text
    assert "Juniper" not in page.text


def fork(cast: Cast) -> None:
    """Another roster under the number that everybody has seen."""
    tx = cast.services.database.transaction()
    row = tx.first(sa.select(rosters).where(rosters.c.case == cast.other_case))
    tx.release()
    assert row is not None
    values = {
        "digest": bytes(32),
        "object": row.object,
        "signature": row.signature,
        "signer_card": row.signer_card,
    }
    touch(cast, sa.update(rosters).where(rosters.c.case == cast.case).values(**values))


def test_a_forked_roster_stops_its_case_and_no_other(cast: Cast):
    read(cast, "Juniper")
    lilit = cast.people["lilit"]
    with cast.acting("stranger") as uow:
        held = {cast.people["stranger"].card: frozenset({Duty.LEAD}), lilit.card: frozenset({Duty.READER})}
        roster = uow.vault.trust.roster(cast.other_case)
        uow.vault.casework.change_roster(cast.other_case, roster.digest, held)
    browser = cast.client("lilit")
    assert browser.get("/cases").text.count("opens") >= 2
    fork(cast)
    for path in ("/desk", "/cases"):
        page = browser.get(path)
        assert page.status_code == 200
        assert "Stopped" in page.text
        assert "Nothing to you" in page.text
        assert "Juniper" not in page.text
    assert browser.get(f"/cases/{cast.case}").status_code in {409, 503}


def test_the_same_statement_is_never_twice_on_a_desk(cast: Cast):
    juniper, *_others = read(cast, "Juniper", "Heron")
    move(
        cast,
        juniper,
        S.TRANSCRIBING,
        ("lilit", "transcribed"),
        ("lilit", "translated"),
        ("irina", "translated"),
    )
    page = cast.client("lilit").get("/desk").text
    assert page.count(">Juniper<") == 1
