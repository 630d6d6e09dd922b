"""Taking over what was sent: read in by a reader's press, each on record, nothing lost, nothing blocked."""

import json
import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.capacity import MAX_ADOPTIONS_PER_REQUEST
from app.domain.lifecycle import StatementState
from app.store import cases
from app.store.keys import record_keys
from app.store.records import versions
from app.vault.fields import LINE
from app.vault.submissions import open_form
from tests.cases.scenes import logged, read, send, take_over, touch
from tests.cast import Cast

S = StatementState


def state_of(cast: Cast, statement: UUID) -> str:
    tx = cast.services.database.transaction()
    try:
        return str(tx.value(sa.select(cases.statements.c.state).where(cases.statements.c.id == statement)))
    finally:
        tx.release()


def line_of(cast: Cast, statement: UUID) -> dict[str, Any]:
    uow = cast.uow("lilit")
    try:
        return dict(json.loads(uow.vault.records.open(LINE, cast.case, statement).content))
    finally:
        uow.end()


def test_one_press_opens_what_waits_and_gives_it_its_line(cast: Cast):
    juniper = send(
        cast, "Juniper", languages=["hy", "ru"], answers=[{"question": "When?", "answer": "In May."}]
    )
    browser = cast.client("lilit")
    answer = browser.post(f"/cases/{cast.case}/adoption")
    assert answer.status_code == 303
    assert answer.location.endswith("?done=taken")
    page = browser.get(f"/cases/{cast.case}").text
    assert "Juniper" in page
    assert "7 words" in page
    assert "Armenian, Russian" in page
    assert line_of(cast, juniper) == {
        "code_name": "Juniper",
        "files": 0,
        "languages": ["hy", "ru"],
        "words": 7,
        "written": "",
    }
    assert state_of(cast, juniper) == S.ACCEPTED


def pressed_on_the_desk(cast: Cast, who: str, statement: UUID) -> str:
    """Where "Take it over" in the row of a statement leads."""
    browser = cast.client(who)
    page = browser.get("/desk").text
    row = page[page.index(f"/statements/{statement}") :]
    form = r'<form method="post" action="([^"]*/adoption)".*?name="statement" value="([^"]+)"'
    action, named = re.findall(form, row, re.DOTALL)[0]
    answer = browser.post(action, {"statement": named})
    assert answer.status_code == 303
    return str(answer.location)


def test_who_takes_over_from_the_desk_stands_on_the_statement(cast: Cast):
    juniper, heron = send(cast, "Juniper"), send(cast, "Heron")
    where = pressed_on_the_desk(cast, "lilit", heron)
    assert where == f"/statements/{heron}?done=taken"
    assert "Taken over." in cast.client("lilit").get(where).text
    assert (state_of(cast, juniper), state_of(cast, heron)) == (S.RECEIVED, S.ACCEPTED)
    page = cast.client("lilit").get(f"/statements/{juniper}").text
    assert f'name="statement" value="{juniper}"' in page


def test_what_is_set_apart_for_the_lead_leads_others_back_to_the_case(cast: Cast):
    for who, where in (("lilit", "/cases/{case}"), ("ruben", "/statements/{statement}")):
        statement = send(cast, "Juniper", languages="Armenian")
        expected = where.format(case=cast.case, statement=statement) + "?done=taken"
        assert pressed_on_the_desk(cast, who, statement) == expected
        assert state_of(cast, statement) == S.QUARANTINED


def test_a_statement_of_another_case_is_not_taken_over_by_this_ones_press(cast: Cast):
    juniper = send(cast, "Juniper")
    browser = cast.client("stranger")
    answer = browser.post(f"/cases/{cast.other_case}/adoption", {"statement": str(juniper)})
    assert (answer.status_code, answer.location) == (303, f"/cases/{cast.other_case}?done=taken")
    assert state_of(cast, juniper) == S.RECEIVED
    answer = browser.post(f"/cases/{cast.other_case}/adoption", {"statement": "juniper"})
    assert answer.status_code == 422


def test_a_line_of_before_it_said_what_it_was_written_in_still_shows(cast: Cast):
    (juniper,) = read(cast, "Juniper")
    older = {"code_name": "Juniper", "files": 0, "languages": ["hy"], "words": 5}
    with cast.acting("lilit") as uow:
        uow.vault.records.seal(LINE, cast.case, juniper, json.dumps(older).encode(), expected=1)
    assert "Juniper" in cast.client("lilit").get("/desk").text


def test_who_took_it_over_is_on_record_once_for_each(cast: Cast):
    juniper, heron = read(cast, "Juniper", "Heron")
    for statement in (juniper, heron):
        (entry,) = logged(cast, Act.STATEMENT_ADOPTED, statement)
        assert entry.person == cast.people["lilit"].person


def test_an_unfinished_statement_is_read_in_and_stays_received(cast: Cast):
    juniper = send(cast, "Juniper", finished=False)
    take_over(cast)
    assert state_of(cast, juniper) == S.RECEIVED
    assert "Juniper" in cast.client("lilit").get("/desk").text


def test_a_later_part_renews_the_line_and_the_finish_lets_it_in(cast: Cast):
    with cast.acting("anahit") as uow:
        token = uow.vault.submissions.begin(cast.case)
    with cast.acting("anahit") as uow:
        capsule = open_form(uow.installation, token, uow.clock())
        sealed = uow.vault.submissions.seal_part(
            capsule, {"code_name": "Juniper", "account": "One."}, {}, {}, []
        )
    take_over(cast)
    with cast.acting("anahit") as uow:
        last = uow.vault.submissions.seal_part(sealed.capsule, {"account": "And two more."}, {}, {}, [])
        uow.vault.submissions.finish(last.capsule, last)
    take_over(cast)
    assert line_of(cast, capsule.submission)["words"] == 4
    assert state_of(cast, capsule.submission) == S.ACCEPTED


def test_the_same_part_sent_twice_is_no_fault_and_other_words_are(cast: Cast):
    for second, state in (("The same.", S.ACCEPTED), ("Something else.", S.QUARANTINED)):
        with cast.acting("anahit") as uow:
            token = uow.vault.submissions.begin(cast.case)
        with cast.acting("anahit") as uow:
            capsule = open_form(uow.installation, token, uow.clock())
            uow.vault.submissions.seal_part(capsule, {"account": "The same."}, {}, {}, [])
        with cast.acting("anahit") as uow:
            double = uow.vault.submissions.seal_part(capsule, {"account": second}, {}, {}, [])
            uow.vault.submissions.finish(double.capsule, double)
        take_over(cast)
        assert state_of(cast, capsule.submission) == state


def test_a_part_that_was_tampered_with_sets_its_statement_apart_and_no_other(cast: Cast):
    juniper, heron = send(cast, "Juniper"), send(cast, "Heron")
    of_juniper = (versions.c.record == juniper, versions.c.field == "statements.part")
    touch(cast, sa.update(versions).where(*of_juniper).values(envelope=b"something else"))
    take_over(cast)
    assert (state_of(cast, juniper), state_of(cast, heron)) == (S.QUARANTINED, S.ACCEPTED)
    (entry,) = logged(cast, Act.STATEMENT_ADOPTED, juniper)
    assert entry.note == "unreadable"
    assert "Heron" in cast.client("lilit").get("/desk").text


def test_a_manifest_that_is_none_sets_its_statement_apart(cast: Cast):
    juniper = send(cast, "Juniper")
    touch(
        cast,
        sa.update(cases.statements).where(cases.statements.c.id == juniper).values(manifest=b"no manifest"),
    )
    take_over(cast)
    assert state_of(cast, juniper) == S.QUARANTINED


def test_words_that_are_no_statement_are_set_apart(cast: Cast):
    juniper = send(cast, "Juniper", languages="Armenian")
    take_over(cast)
    assert state_of(cast, juniper) == S.QUARANTINED


def test_a_press_takes_no_more_than_its_share(cast: Cast):
    sent = [send(cast, f"Bird {number}") for number in range(MAX_ADOPTIONS_PER_REQUEST // 2 + 5)]
    assert take_over(cast) == MAX_ADOPTIONS_PER_REQUEST
    assert take_over(cast) == 2 * len(sent) - MAX_ADOPTIONS_PER_REQUEST
    assert take_over(cast) == 0


@pytest.mark.parametrize(("who", "left"), [("lilit", 1), ("anush", 0)])
def test_only_the_custodian_takes_names_over(cast: Cast, who: str, left: int):
    send(cast, "Juniper")
    cast.client(who).post(f"/cases/{cast.case}/adoption")
    tx = cast.services.database.transaction()
    waiting = tx.all(
        sa.select(record_keys).where(record_keys.c.state == "intake", record_keys.c.kind == "identity")
    )
    tx.release()
    assert len(waiting) == left


def test_two_readers_who_press_at_once_lose_nothing(cast: Cast):
    from app.cases import actions
    from app.domain.errors import Conflict
    from tests.cases.scenes import facts

    juniper = send(cast, "Juniper")
    one, other = cast.uow("lilit"), cast.uow("irina")
    actions.take_over(one, facts(cast, "lilit"))
    actions.take_over(other, facts(cast, "irina"))
    one.commit()
    with pytest.raises(Conflict):
        other.commit()
    other.end()
    assert line_of(cast, juniper)["code_name"] == "Juniper"
    assert state_of(cast, juniper) == S.ACCEPTED
