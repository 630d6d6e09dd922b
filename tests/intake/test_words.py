"""Words that cannot be taken as they are: the form comes back with them, and says where to look."""

from typing import Any

import pytest

from app.domain.capacity import MAX_TEXT_BYTES
from tests.cast import Cast
from tests.intake.notebook import SHORT, Notebook, nothing_is_kept, read, receipt_on, wrong_on

UNTRUE = {"account": "   \n ", "code_name": " \t", "take_part": None}


def test_an_empty_form_names_all_that_it_needs(cast: Cast, notebook: Notebook):
    answer = notebook.send(notebook.open())
    assert answer.status_code == 422
    assert wrong_on(answer) == ["code_name", "take_part", "account"]
    assert "Not sent yet. Your words are still here." in answer.text
    assert nothing_is_kept(cast)


@pytest.mark.parametrize(("missing", "blank"), UNTRUE.items())
def test_what_is_missing_is_asked_for_and_the_rest_stays(
    cast: Cast, notebook: Notebook, missing: str, blank: str | None
):
    filled = {**SHORT, "code_name": "Juniper", "spoken": "hy", missing: blank}
    sent: dict[str, Any] = {name: value for name, value in filled.items() if value is not None}
    answer = notebook.send(notebook.open(), recording=["video"], **sent)
    assert answer.status_code == 422
    assert wrong_on(answer) == [missing]
    for name in {"account", "code_name"} - {missing}:
        assert SHORT[name] in answer.text
    assert '<option selected value="hy">' in answer.text
    assert 'value="video" checked' in answer.text
    assert nothing_is_kept(cast)


def test_words_in_markup_come_back_as_words(notebook: Notebook):
    answer = notebook.send_short(code_name="", account="</textarea><script>alert(1)</script>")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_the_longest_account_fits(cast: Cast, notebook: Notebook):
    room = MAX_TEXT_BYTES - 400
    assert receipt_on(notebook.send_short(account="ա" * (room // 2)))
    assert len(read(cast).account) == room // 2


def test_a_longer_one_comes_back_whole(cast: Cast, notebook: Notebook):
    words = "ա" * (MAX_TEXT_BYTES // 2 + 1)
    answer = notebook.send_short(account=words)
    assert answer.status_code == 422
    assert wrong_on(answer) == ["account"]
    assert words in answer.text
    assert nothing_is_kept(cast)


def test_all_fields_of_a_part_together_have_one_limit(cast: Cast, notebook: Notebook):
    half = "a" * (MAX_TEXT_BYTES // 2)
    answer = notebook.send(notebook.open("long"), code_name="Quince", risk=half, safety_plan=half + "b")
    assert answer.status_code == 422
    assert wrong_on(answer) == ["safety_plan"]
    assert nothing_is_kept(cast)


def test_far_too_much_is_refused_and_the_page_says_where_the_words_are(cast: Cast, notebook: Notebook):
    answer = notebook.send_short(account="a" * 3_000_000)
    assert answer.status_code == 413
    assert "your browser still holds the words" in answer.text
    assert nothing_is_kept(cast)


def test_a_line_of_too_many_characters_comes_back(notebook: Notebook):
    answer = notebook.send_short(code_name="J" * 201)
    assert wrong_on(answer) == ["code_name"]


def test_a_nul_is_refused(cast: Cast, notebook: Notebook):
    answer = notebook.send_short(account="They\0came.")
    assert answer.status_code == 422
    assert nothing_is_kept(cast)


def test_an_invisible_character_comes_back_visible(cast: Cast, notebook: Notebook):
    answer = notebook.send_short(account="They\x0bcame.")
    assert answer.status_code == 422
    assert wrong_on(answer) == ["account"]
    assert "They\N{SYMBOL FOR VERTICAL TABULATION}came." in answer.text
    assert nothing_is_kept(cast)


def test_direction_marks_stay_in_an_account_and_leave_a_name(cast: Cast, notebook: Notebook):
    words = "قالت \u202bSDK\u202c ثم \u2067سكتت\u2069."
    notebook.send_short(account=words, code_name="Jun\u202eiper")
    assert read(cast).account == words
    assert read(cast).code_name == "Juniper"


def test_any_script_and_many_lines_arrive_as_they_were_written(cast: Cast, notebook: Notebook):
    words = "Եկան առավոտյան։\r\n\r\nОни сказали: «Завтра».\r\n𐔀 🕊"
    notebook.send_short(account=words)
    assert read(cast).account == words.replace("\r\n", "\n")


def test_a_day_that_is_none_is_said_so(notebook: Notebook):
    answer = notebook.send(notebook.open("long"), code_name="Quince", taken_on="14.11.2026")
    assert wrong_on(answer) == ["taken_on"]
    assert "as in 2026-11-14" in answer.text


def test_a_choice_that_is_not_offered_is_refused(cast: Cast, notebook: Notebook):
    assert notebook.send_short(public="everything").status_code == 422
    assert nothing_is_kept(cast)
