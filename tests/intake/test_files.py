"""Files that go with a form: sealed while they come in, named by their own first bytes, or refused in words."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cast import Cast, assemble
from tests.intake.notebook import (
    PNG,
    SHORT,
    Notebook,
    SheetOfPaper,
    blobs,
    file_bytes,
    file_facts,
    nothing_is_kept,
    read,
    receipt_on,
    wrong_on,
)

SMALL = 100_000


@pytest.fixture
def cast(tmp_path: Path) -> Iterator[Cast]:
    """With a low limit for files."""
    assembled = assemble(tmp_path / "data")
    assembled.services = replace(
        assembled.services, config=replace(assembled.services.config, max_file_bytes=SMALL)
    )
    yield assembled
    assembled.close()


def test_three_files_arrive_byte_for_byte(cast: Cast, notebook: Notebook):
    sent = [(f"{n}.bin", bytes([n]) * (SMALL - n)) for n in range(3)]
    assert receipt_on(notebook.send_short({"files": sent}))
    assert [file_bytes(cast, asset) for asset in read(cast).files] == [content for _name, content in sent]
    assert [facts["name"] for facts in file_facts(cast)] == ["0.bin", "1.bin", "2.bin"]


def test_four_are_one_too_many(cast: Cast, notebook: Notebook):
    answer = notebook.send_short({"files": [(f"{n}.png", PNG) for n in range(4)]})
    assert answer.status_code == 422
    assert wrong_on(answer) == ["files"]
    assert "Only 3 files go with one form." in answer.text
    assert SHORT["account"] in answer.text
    assert nothing_is_kept(cast)


def test_a_file_over_the_limit_is_refused_and_the_words_come_back(cast: Cast, notebook: Notebook):
    answer = notebook.send_short({"files": ("long.mp4", b"x" * (SMALL + 1))})
    assert answer.status_code == 422
    assert wrong_on(answer) == ["files"]
    assert SHORT["account"] in answer.text
    assert nothing_is_kept(cast)


def test_far_too_large_a_form_is_refused_before_it_is_read(cast: Cast, notebook: Notebook):
    answer = notebook.send_short({"files": ("long.mp4", b"x" * (70 * 1024 * 1024))})
    assert answer.status_code == 413
    assert nothing_is_kept(cast)


def test_the_limit_is_said_before_anything_is_sent(notebook: Notebook):
    page = notebook.browser.get(f"/notebook/cases/{notebook.cast.case}/form")
    assert "At most 3 files" in page.text


def test_an_empty_file_is_refused(cast: Cast, notebook: Notebook):
    answer = notebook.send_short({"files": [("road.png", PNG), ("empty.png", b"")]})
    assert answer.status_code == 422
    assert "A file is empty." in answer.text
    assert "Choose the files again" in answer.text
    assert nothing_is_kept(cast)


def test_files_of_a_form_that_came_back_are_deleted(cast: Cast, notebook: Notebook):
    answer = notebook.send_short({"files": ("road.png", PNG)}, account="")
    assert wrong_on(answer) == ["account"]
    assert "Choose the files again" in answer.text
    assert not blobs(cast)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("road.jpg", PNG, "image/png"),
        ("road.png", b"<html><script>alert(1)</script>", "application/octet-stream"),
        ("road.png", b"MZ" + bytes(400), "application/octet-stream"),
        ("road.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "application/octet-stream"),
        ("paper.txt", b"%PDF-1.7\n" + bytes(400), "application/pdf"),
        ("one-byte", b"x", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(
    cast: Cast, notebook: Notebook, name: str, content: bytes, kind: str
):
    notebook.send_short({"files": (name, content)})
    (facts,) = file_facts(cast)
    assert (facts["name"], facts["type"], facts["length"]) == (name, kind, len(content))


def test_a_name_that_would_read_otherwise_is_made_plain(cast: Cast, notebook: Notebook):
    notebook.send_short({"files": ("..\\..\\photo\u202egpj.exe", PNG)})
    assert [facts["name"] for facts in file_facts(cast)] == ["photogpj.exe"]


def test_each_file_of_the_account_is_blamed_at_its_own_place(cast: Cast, notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince")
    page = notebook.send(SheetOfPaper.on(page), take_part="y")
    answer = notebook.send(
        SheetOfPaper.on(page),
        {"file_1": ("road.png", PNG), "file_2": ("empty.png", b"")},
        account="They came.",
        title_1="The road",
    )
    assert wrong_on(answer) == ["file_2"]
    assert "The road" in answer.text
    assert not blobs(cast)


def test_a_file_under_another_fields_name_is_kept_all_the_same(cast: Cast, notebook: Notebook):
    page = notebook.send(notebook.open("long"), code_name="Quince")
    page = notebook.send(SheetOfPaper.on(page), take_part="y")
    strange = {"attachment": ("road.png", PNG)}
    assert receipt_on(notebook.send(SheetOfPaper.on(page), strange, account="They came.", end="1"))
    assert [facts["title"] for facts in file_facts(cast)] == [""]
