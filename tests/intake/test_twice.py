"""A form that arrives more than once: one statement, and every word of either sending."""

import threading

from app.vault.fields import IDENTITY, PART
from tests.cast import Cast
from tests.intake.notebook import (
    PNG,
    SHORT,
    Notebook,
    SheetOfPaper,
    blobs,
    code_on,
    contents,
    doubles,
    file_facts,
    only,
    read,
    reading,
    receipt_on,
)


def test_the_second_sending_is_kept_beside_the_first(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    first = notebook.send(sheet, **SHORT)
    second = notebook.send(sheet, **{**SHORT, "account": "They took her papers, and his."})
    assert (first.status_code, second.status_code) == (200, 200)
    assert receipt_on(first) == receipt_on(second)
    assert "This form had come before." in second.text
    assert read(cast).account == "They took her papers."
    assert [double["account"] for double in doubles(cast)] == ["They took her papers, and his."]


def test_files_names_and_notes_of_the_second_sending_are_kept_too(cast: Cast, notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince")
    sheet = SheetOfPaper.on(notebook.send(SheetOfPaper.on(page), take_part="y"))
    for name in ("Marta", "Marta Elbeny"):
        notebook.send(sheet, {"file_1": (f"{name}.png", PNG)}, account="They came.", name=name, end="1")
    row = only(cast)
    assert [facts["name"] for facts in file_facts(cast)] == ["Marta.png", "Marta Elbeny.png"]
    names = contents(cast, IDENTITY, row.id, "anush")
    assert [identity["name"] for identity in names] == ["Marta", "Marta Elbeny"]


def test_the_card_shows_the_same_number_on_the_page_that_is_left(notebook: Notebook):
    sheet = notebook.open()
    assert code_on(notebook.send(sheet, **SHORT)) == code_on(notebook.send(sheet, **SHORT)) != ""


def test_two_at_the_same_moment_are_both_kept(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    _at_once(lambda n: notebook.send(sheet, **{**SHORT, "account": f"Sending {n}."}))
    kept = [read(cast).account, *(double["account"] for double in doubles(cast))]
    assert sorted(kept) == ["Sending 0.", "Sending 1."]
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()


def test_two_second_parts_at_the_same_moment_are_both_kept(cast: Cast, notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince")
    sheet = SheetOfPaper.on(page)
    _at_once(lambda n: notebook.send(sheet, take_part="y", understood=f"Sending {n}."))
    assert len(contents(cast, PART, only(cast).id)) == 2
    assert len(doubles(cast)) == 1


def test_a_part_sent_again_leads_on_to_where_the_statement_stands(cast: Cast, notebook: Notebook):
    first = notebook.open("long")
    second = SheetOfPaper.on(notebook.send(first, code_name="Quince"))
    notebook.send(second, take_part="y")
    again = notebook.send(first, code_name="Quince")
    assert "Part 3 of 4" in again.text
    assert "That part had come before." in again.text
    answer = notebook.send(SheetOfPaper.on(again), account="They came.", end="1")
    assert receipt_on(answer)
    with reading(cast, "lilit") as vault:
        assert vault.submissions.verify_submission(only(cast).id) == ()


def test_a_part_of_a_finished_statement_sent_again_leads_to_its_receipt(cast: Cast, notebook: Notebook):
    first = notebook.open("long")
    page = notebook.send(SheetOfPaper.on(notebook.send(first, code_name="Quince")), take_part="y")
    answer = notebook.send(SheetOfPaper.on(page), account="They came.", end="1")
    again = notebook.send(first, code_name="Quince", risk="Another word.")
    assert receipt_on(again) == receipt_on(answer)


def test_no_blob_without_a_record_is_left(cast: Cast, notebook: Notebook):
    sheet = notebook.open()
    for _sending in range(2):
        notebook.send(sheet, {"files": ("road.png", PNG)}, **SHORT)
    with reading(cast, "lilit") as vault:
        known = {entry.asset.hex for entry in vault.submissions._files(only(cast).id)}
    assert {blob.name for blob in blobs(cast)} == known


def _at_once(send) -> None:
    """Twice, from two threads that wait for each other first."""
    gate = threading.Barrier(2)
    answers: dict[int, int] = {}

    def run(n: int) -> None:
        gate.wait()
        answers[n] = send(n).status_code

    threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {0: 200, 1: 200}
