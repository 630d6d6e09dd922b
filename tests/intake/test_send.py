"""Taking a statement on one screen or in four parts, and what becomes of it."""

import json
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.domain.consent import Answer, Extent, Likeness, Manner, Naming, PlacePrecision
from app.domain.errors import Forbidden, InvalidInput, NotFound
from app.domain.statement import Exhibit, Reply
from app.vault.fields import IDENTITY, NOTES, PART
from app.vault.submissions import new_withdrawal_code, withdrawal_tag
from tests.cast import Cast
from tests.intake.notebook import (
    PNG,
    SHORT,
    Notebook,
    SheetOfPaper,
    code_on,
    contents,
    file_bytes,
    file_facts,
    only,
    read,
    reading,
    receipt_on,
    stored,
    wrong_on,
)


def test_one_screen_makes_a_statement(cast: Cast, notebook: Notebook):
    answer = notebook.send_short(recording=["audio"], spoken="hy", script="hy")
    assert answer.status_code == 200
    statement = read(cast)
    assert (statement.code_name, statement.account) == ("Juniper", "They took her papers.")
    assert statement.languages == ("hy",)
    assert statement.consent is not None
    assert statement.consent.take_part
    assert statement.consent.recording.audio
    assert not statement.consent.recording.video
    assert statement.consent.publishing.allowed
    assert statement.consent.publishing.extent is Extent.EXTRACT
    assert statement.consent.publishing.naming is Naming.ANONYMOUS
    assert (statement.consent.given.language, statement.consent.given.script_version) == ("hy", "1.0")
    assert not statement.consent.given.script_checked_by_native_speaker


def test_what_was_written_in_another_language_than_spoken_says_so(cast: Cast, notebook: Notebook):
    page = notebook.browser.get(f"/notebook/cases/{cast.case}/form?way=short").text
    assert "Which language is it written in?" in page
    assert '<option selected value="">The one it was spoken in</option>' in page
    assert notebook.send_short(spoken="hy", written="en").status_code == 200
    statement = read(cast)
    assert (statement.languages, statement.written) == (("hy",), "en")


def test_what_was_not_asked_is_a_no(cast: Cast, notebook: Notebook):
    notebook.send_short(public="nothing")
    consent = read(cast).consent
    assert consent is not None
    assert not consent.publishing.allowed
    assert consent.contact_again is Answer.NO
    assert consent.given.script_version == ""


def test_the_answer_is_a_receipt_that_proves(cast: Cast, notebook: Notebook):
    answer = notebook.send_short()
    row = only(cast)
    with reading(cast, "anahit") as vault:
        assert receipt_on(answer) == vault.submissions.receipt(row.id).digits
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(row.id) == ()
    assert "7 people can open it; you cannot." in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_sent_it_cannot_open_it(cast: Cast, notebook: Notebook):
    notebook.send_short()
    with reading(cast, "anahit") as vault, pytest.raises((Forbidden, NotFound)):
        vault.records.open(PART, cast.case, only(cast).id)


def test_from_sign_in_to_receipt_there_are_three_screens_and_six_fields(cast: Cast):
    browser = cast.client()
    screens = [browser.get("/sign-in")]
    browser.sign_in("anahit")  # name, words, code
    screens.append(browser.get(browser.get("/").headers["Location"]))
    notebook = Notebook(cast, browser)
    screens.append(browser.get(f"/notebook/cases/{cast.case}/form"))
    answer = notebook.send(
        SheetOfPaper.on(screens[-1]), code_name="Juniper", take_part="y", account="She was there."
    )
    assert len(screens) == 3
    assert receipt_on(answer)


def test_four_parts_make_one_statement(cast: Cast, notebook: Notebook):
    safety = notebook.open("long")
    page = notebook.send(
        safety,
        code_name="Quince",
        spoken="hy",
        spoken_too="ru",
        place="Hovasit",
        place_precision="town",
        taken_on="2026-11-14",
        risk="Her brother is still there.",
        decision="text-only",
    )
    assert "Part 1 is sealed" in page.text
    consent = SheetOfPaper.on(page)
    page = notebook.send(
        consent,
        script="hy",
        take_part="y",
        recording=["photo_of_injury"],
        public="pseudonym",
        place="none",
        voice="altered",
        media="ask-again",
        national_court="yes",
        contact_again="yes",
        recipients="A commission\n\nHer lawyer",
        embargo_until="2027-03-01",
        manner="written",
        purpose_explained="y",
        decides_with="y",
        guardian="Aunt",
        child_assents="yes",
        understood="My name stays away.",
    )
    account = SheetOfPaper.on(page)
    page = notebook.send(
        account,
        {"file_1": ("road.jpg", PNG)},
        account="They came in the morning.",
        written="en",
        question_2="Who?",
        answer_2="Soldiers.",
        relation=["eyewitness", "relative"],
        thing_1="A letter",
        keeper_1="she",
        name="Marta Elbeny",
        keep_from="The neighbour",
        title_1="The road",
        credit_1="A neighbour",
        graphic_1="y",
    )
    closing = SheetOfPaper.on(page)
    card = code_on(page)
    answer = notebook.send(
        closing, read_back="yes", corrections="It was Tuesday.", adopted="y", impressions="Calm."
    )
    row = only(cast)
    assert row.finished is not None
    assert receipt_on(answer)
    assert code_on(answer) == card
    assert row.withdrawal_tag == withdrawal_tag(cast.services.installation, card)
    statement = read(cast)
    assert statement.code_name == "Quince"
    assert statement.languages == ("hy", "ru")
    assert (statement.account, statement.written) == ("They came in the morning.", "en")
    assert statement.answers == (
        Reply("Who?", "Soldiers."),
        Reply("What do you want to set right?", "It was Tuesday."),
    )
    assert statement.exhibits == (Exhibit("A letter", "", "", "she"),)
    assert statement.setting["relation"] == "eyewitness, relative"
    assert (statement.setting["place"], statement.setting["place_precision"]) == ("Hovasit", "town")
    assert statement.setting["taken_on"] == "2026-11-14"
    assert statement.setting["adopted"] == "yes"
    given = statement.consent
    assert given is not None
    assert given.recording.photo_of_injury
    assert given.publishing.naming is Naming.PSEUDONYM
    assert given.publishing.place is PlacePrecision.NONE
    assert given.publishing.voice is Likeness.ALTERED
    assert given.sharing.national_court is Answer.YES
    assert given.sharing.media is Answer.ASK_AGAIN
    assert given.sharing.recipients == ("A commission", "Her lawyer")
    assert given.embargo.until == date(2027, 3, 1)
    assert given.given.manner is Manner.WRITTEN
    assert given.given.purpose_explained
    assert not given.given.has_capacity
    assert given.given.child_assents is True
    (facts,) = file_facts(cast)
    assert (facts["title"], facts["credit"], facts["warning"]) == ("The road", "A neighbour", "graphic")
    assert facts["type"] == "image/png"
    assert file_bytes(cast, statement.files[0]) == PNG


def test_names_go_to_the_custodian_alone(cast: Cast, notebook: Notebook):
    _take_in_parts(notebook, name="Marta Elbeny")
    row = only(cast)
    assert contents(cast, IDENTITY, row.id, "anush") == [{"name": "Marta Elbeny"}]
    with reading(cast, "lilit") as vault, pytest.raises(Forbidden):
        vault.records.open(IDENTITY, cast.case, row.id)
    assert "Elbeny" not in json.dumps(contents(cast, PART, row.id))


def test_working_notes_are_kept_apart_from_the_statement(cast: Cast, notebook: Notebook):
    _take_in_parts(notebook, risk="Her brother is still there.")
    row = only(cast)
    assert contents(cast, NOTES, row.id)[0] == {"risk": "Her brother is still there."}
    assert "brother" not in json.dumps(contents(cast, PART, row.id))


def test_the_words_to_read_aloud_come_in_the_language_of_the_witness(notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince", spoken="ru")
    aloud = page.text.index('<figure class="aloud">')
    assert 'lang="ru"' in page.text[aloud : aloud + 700]
    assert "Script 1.0, not yet checked by a native speaker" in page.text


def test_nothing_sealed_is_shown_again(notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince", risk="Her brother is still there.")
    assert "Quince" not in page.text
    assert "brother" not in page.text


def test_it_can_be_sent_before_the_closing(cast: Cast, notebook: Notebook):
    answer = _take_in_parts(notebook, end="1")
    assert receipt_on(answer)
    assert only(cast).finished is not None
    assert len(contents(cast, PART, only(cast).id)) == 3


def test_without_consent_to_take_part_the_second_part_is_not_sealed(cast: Cast, notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince")
    page = notebook.send(SheetOfPaper.on(page), public="named", understood="I said no.")
    assert page.status_code == 422
    assert wrong_on(page) == ["take_part"]
    assert "I said no." in page.text
    assert len(contents(cast, PART, only(cast).id)) == 1
    assert only(cast).finished is None


def test_a_form_that_came_back_can_be_sent_as_it_stands(cast: Cast, notebook: Notebook):
    page = notebook.send_short(account="")
    answer = notebook.send(SheetOfPaper.on(page), **SHORT)
    assert receipt_on(answer)
    assert len(stored(cast)) == 1


def test_a_withdrawal_code_has_106_bits_and_is_found_in_any_figures(cast: Cast):
    code = new_withdrawal_code()
    assert len(code.replace(" ", "")) == 32
    eastern = code.translate({ord("0") + n: 0x0660 + n for n in range(10)}).replace(" ", "-")
    installation = cast.services.installation
    assert withdrawal_tag(installation, eastern) == withdrawal_tag(installation, code)
    with pytest.raises(InvalidInput):
        withdrawal_tag(installation, code[:-1])


def test_a_code_that_is_none_is_refused_and_nothing_is_kept(cast: Cast, notebook: Notebook):
    assert notebook.send_short(withdrawal="1234").status_code == 422
    assert not stored(cast)


def _take_in_parts(notebook: Notebook, *, risk: str = "", name: str = "", **account: Any) -> TestResponse:
    page = notebook.send(notebook.open("long"), code_name="Quince", risk=risk)
    page = notebook.send(SheetOfPaper.on(page), take_part="y")
    page = notebook.send(SheetOfPaper.on(page), account="They came.", name=name, **account)
    return page if receipt_on(page) else notebook.send(SheetOfPaper.on(page))
