"""What a notebook shows to whoever holds it: dates, states and receipts, and never a word."""

import sqlalchemy as sa

from app.domain.duties import Duty
from app.domain.ids import new_id
from app.store import trust
from app.store.cases import statements
from tests.cast import Cast, open_case
from tests.intake.notebook import SHORT, Notebook, SheetOfPaper, code_on, only, receipt_on, stored


def test_it_lists_receipts_and_states_without_a_name(cast: Cast, notebook: Notebook):
    answer = notebook.send_short({"files": ("road.png", b"bytes")})
    home = notebook.browser.get("/notebook").text
    assert receipt_on(answer) in home
    assert "Received" in home
    for word in (SHORT["code_name"], SHORT["account"], "road.png"):
        assert word not in home


def test_it_shows_ones_own_alone(cast: Cast, notebook: Notebook):
    answer = notebook.send_short()
    theirs = cast.client("davit").get("/notebook").text
    assert receipt_on(answer) not in theirs
    assert "Nothing sent yet." in theirs


def test_a_statement_that_was_begun_says_so(notebook: Notebook):
    notebook.send(notebook.open("long"), code_name="Quince")
    assert "Begun, not finished" in notebook.browser.get("/notebook").text


def test_with_one_case_one_press_leads_to_the_form(cast: Cast, notebook: Notebook):
    assert f'class="take" href="/notebook/cases/{cast.case}/form"' in notebook.browser.get("/notebook").text


def test_with_several_cases_one_is_chosen(cast: Cast, notebook: Notebook):
    duties = {"ruben": frozenset({Duty.LEAD}), "anahit": frozenset({Duty.INTERVIEWER})}
    open_case(cast, new_id(), "Tern-7", "ruben", duties, title="The yard")
    home = notebook.browser.get("/notebook").text
    assert "Linden-4" in home
    assert "Tern-7" in home
    assert "Alder-9" not in home


def test_without_a_case_it_says_who_can_help(cast: Cast):
    with cast.acting("ruben") as uow:
        roster = uow.vault.trust.roster(cast.case)
        uow.vault.casework.change_roster(
            cast.case, roster.digest, {cast.people["ruben"].card: frozenset({Duty.LEAD})}
        )
    assert "You are on no case yet" in cast.client("anahit").get("/notebook").text


def test_a_case_whose_roster_is_gone_does_not_block_the_page(cast: Cast, notebook: Notebook):
    notebook.send_short()
    with cast.services.database.writing() as connection:
        connection.execute(sa.delete(trust.rosters).where(trust.rosters.c.case == cast.case))
    home = notebook.browser.get("/notebook")
    assert home.status_code == 200
    assert "Linden-4 cannot be checked just now" in home.text


def test_what_is_sent_while_the_list_of_people_is_gone_is_taken_and_set_apart(cast: Cast, notebook: Notebook):
    notebook.send_short()
    with cast.services.database.writing() as connection:
        connection.execute(sa.delete(trust.rosters).where(trust.rosters.c.case == cast.case))
    assert "is sealed and waits until its lead has looked" in notebook.browser.get("/notebook").text
    assert receipt_on(notebook.send_short())
    assert [row.state for row in sorted(stored(cast), key=lambda row: row.arrival)] == [
        "received",
        "quarantined",
    ]


def test_a_receipt_that_was_swapped_shows_and_blocks_nothing(cast: Cast, notebook: Notebook):
    notebook.send_short()
    good = notebook.send_short()
    first, second = (row.id for row in sorted(stored(cast), key=lambda row: row.arrival))
    with cast.services.database.writing() as connection:
        other = sa.select(statements.c.receipt).where(statements.c.id == second).scalar_subquery()
        connection.execute(sa.update(statements).where(statements.c.id == first).values(receipt=other))
    home = notebook.browser.get("/notebook").text
    assert "not the one we signed" in home
    assert receipt_on(good) in home


def test_older_ones_are_a_press_away(cast: Cast, notebook: Notebook):
    for _n in range(31):
        notebook.send(notebook.open("long"), code_name="Quince")
    first = notebook.browser.get("/notebook").text
    assert first.count("Begun, not finished") == 30
    oldest = min(row.arrival for row in stored(cast))
    assert notebook.browser.get(f"/notebook?before={oldest + 1}").text.count("Begun, not finished") == 1


def test_a_receipt_can_be_read_again_without_the_number_of_the_card(cast: Cast, notebook: Notebook):
    answer = notebook.send_short()
    assert code_on(answer)
    page = notebook.browser.get(f"/notebook/receipts/{only(cast).id}")
    assert receipt_on(page) == receipt_on(answer)
    assert code_on(page) == ""


def test_nobody_else_reads_a_receipt(cast: Cast, notebook: Notebook):
    notebook.send_short()
    path = f"/notebook/receipts/{only(cast).id}"
    assert cast.client("davit").get(path).status_code in {403, 404}
    assert cast.client("stranger").get(path).status_code == 404


def test_a_statement_without_a_receipt_has_no_page(cast: Cast, notebook: Notebook):
    notebook.send(notebook.open("long"), code_name="Quince")
    assert notebook.browser.get(f"/notebook/receipts/{only(cast).id}").status_code == 404


def test_the_pages_speak_the_readers_language(cast: Cast, notebook: Notebook):
    notebook.browser.client.set_cookie("demo-lang", "ar")
    page = notebook.browser.get(f"/notebook/cases/{cast.case}/form?way=long")
    assert '<html lang="ar" dir="rtl">' in page.text
    consent = notebook.send(SheetOfPaper.on(page), code_name="Quince")
    aloud = consent.text.index('<figure class="aloud">')
    assert 'lang="ar" dir="rtl"' in consent.text[aloud : aloud + 700]
