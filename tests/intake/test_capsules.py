"""Whose form it is: nothing is read, and nothing kept, of one that is not the sender's own or not ours."""

from dataclasses import replace

import pytest

from app.audit.acts import Act
from app.domain.duties import Duty
from app.policy.permissions import Permission
from app.store.log import entries
from app.vault.submissions import open_form
from tests.cast import LINDEN, Cast
from tests.intake.notebook import (
    PNG,
    SHORT,
    Notebook,
    nothing_is_kept,
    only,
    read,
    receipt_on,
    stored,
)

DAY = 24 * 3600


@pytest.mark.parametrize("forged", ["", "x", "A" * 400, "ա" * 40])
def test_a_capsule_that_is_none_is_refused(cast: Cast, notebook: Notebook, forged: str):
    answer = notebook.send(notebook.open().with_capsule(forged), {"files": ("road.png", PNG)}, **SHORT)
    assert answer.status_code == 403
    assert "not one of ours, or was altered" in answer.text
    assert nothing_is_kept(cast)


@pytest.mark.parametrize("place", [0, 60, -1])
def test_an_altered_capsule_is_refused(cast: Cast, notebook: Notebook, place: int):
    sheet = notebook.open()
    characters = list(sheet.capsule)
    characters[place] = "A" if characters[place] != "A" else "B"
    assert notebook.send(sheet.with_capsule("".join(characters)), **SHORT).status_code == 403
    assert nothing_is_kept(cast)


def test_the_capsule_comes_first_or_nothing_is_read(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    rest = {name: value for name, value in sheet.fields.items() if name != "capsule"}
    answer = notebook.send(replace(sheet, fields=rest), **SHORT, capsule=sheet.capsule)
    assert answer.status_code == 403
    assert nothing_is_kept(cast)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "multipart/form-data"])
def test_what_is_no_form_is_refused(cast: Cast, notebook: Notebook, kind: str):
    answer = notebook.browser.client.post("/notebook/parts", data=b"{}", content_type=kind)
    assert answer.status_code == 403
    assert nothing_is_kept(cast)


def test_a_form_without_files_may_come_as_browsers_send_plain_forms(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    answer = notebook.browser.client.post("/notebook/parts", data={**sheet.fields, **SHORT})
    assert receipt_on(answer)
    assert read(cast).code_name == "Juniper"


def test_a_form_is_good_for_seven_days(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    cast.clock.ahead += 7 * DAY - 60
    late = Notebook(cast, cast.client("anahit"))
    assert receipt_on(late.send(sheet, **SHORT))


def test_an_older_one_is_refused(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    cast.clock.ahead += 7 * DAY + 60
    late = Notebook(cast, cast.client("anahit"))
    answer = late.send(sheet, **SHORT)
    assert answer.status_code == 403
    assert "older than seven days" in answer.text
    assert nothing_is_kept(cast)


def test_another_interviewers_form_waits_for_its_author(cast: Cast, notebook: Notebook):
    theirs = Notebook(cast, cast.client("davit")).open()
    answer = notebook.send(theirs, {"files": ("road.png", PNG)}, **SHORT)
    assert answer.status_code == 202
    assert SHORT["account"] not in answer.text
    assert stored(cast) == []
    assert "You have one unsent statement" not in notebook.browser.get("/notebook").text
    assert "You have one unsent statement" in cast.client("davit").get("/notebook").text


def test_the_form_decides_the_case_and_nothing_that_is_sent_with_it_does(cast: Cast, notebook: Notebook):
    notebook.send(notebook.open(), case=str(cast.other_case), **SHORT)
    assert only(cast).case == cast.case


def test_who_was_taken_off_the_case_meanwhile_may_still_send(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    _take_off(cast, "anahit")
    assert notebook.browser.get(f"/notebook/cases/{cast.case}/form").status_code == 404
    answer = notebook.send(sheet, **SHORT)
    assert receipt_on(answer)
    assert read(cast).account == "They took her papers."


def test_who_never_was_on_it_does_not_see_that_there_is_a_case(cast: Cast, notebook: Notebook):
    assert notebook.browser.get(f"/notebook/cases/{cast.other_case}/form").status_code == 404


@pytest.mark.parametrize("name", ["lilit", "ruben", "nobody", "helga"])
def test_nobody_else_sends_an_interviewers_form(cast: Cast, notebook: Notebook, name: str):
    other = Notebook(cast, cast.client(name))
    assert other.browser.get("/notebook").status_code == 403
    answer = other.send(notebook.open(), **SHORT)
    assert (
        answer.status_code == 202
    )  # an interviewer's form, in somebody else's browser by now: it waits for her
    assert SHORT["account"] not in answer.text
    assert stored(cast) == []


def test_a_refusal_stands_in_the_log_without_a_word_of_the_form(cast: Cast, notebook: Notebook):
    notebook.send(notebook.open().with_capsule("forged"), **SHORT)
    uow = cast.uow()
    noted = uow.tx.first(entries.select().where(entries.c.act == Act.REFUSED.value))
    uow.end()
    assert noted is not None
    assert noted.person == cast.people["anahit"].person
    assert noted.note == Permission.FORM_PART_SEND.value


def test_signed_out_pages_of_the_notebook_lead_to_the_door(cast: Cast):
    answer = cast.client().get(f"/notebook/cases/{cast.case}/form")
    assert answer.status_code in {302, 303}
    assert answer.headers["Location"].endswith("/sign-in")


def test_a_form_keeps_the_key_it_was_given(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    capsule = open_form(cast.services.installation, sheet.capsule, cast.clock())
    notebook.send(sheet, **SHORT)
    assert (only(cast).id, only(cast).statement_intake_key) == (capsule.submission, capsule.statement_key)


def _take_off(cast: Cast, name: str) -> None:
    with cast.acting("ruben") as uow:
        duties: dict[bytes, frozenset[Duty]] = {
            cast.people[member].card: held for member, held in LINDEN.items() if member != name
        }
        uow.vault.casework.change_roster(cast.case, uow.vault.trust.roster(cast.case).digest, duties)
