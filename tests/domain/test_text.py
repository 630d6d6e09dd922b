"""Incoming testimony is cleaned without being changed; one-line fields cannot pose as something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.text import clean_line, clean_text, neutralise_bidi


def test_it_keeps_words_of_any_script_and_their_direction_marks():
    text = "Նա ասաց․ «گفت»\u200f\n\tда, é"
    assert clean_text(text) == text


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\u2028", "\u2029", "\u0085", "\n"])
def test_every_newline_becomes_a_line_feed(newline):
    assert clean_text(f"one{newline}two") == "one\ntwo"


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x0b", "\x1b", "\x7f"])
def test_it_refuses_control_characters(control):
    with pytest.raises(InvalidInput) as refused:
        clean_text(f"one{control}two", "account")
    assert refused.value.problems == {"account": "control-character"}


def test_it_refuses_what_is_no_unicode():
    with pytest.raises(InvalidInput) as refused:
        clean_text("\ud800")
    assert refused.value.problems == {"text": "not-unicode"}


def test_the_limit_counts_bytes_not_characters():
    assert clean_text("ա" * 5, limit=10)
    with pytest.raises(InvalidInput) as refused:
        clean_text("ա" * 6, limit=10)
    assert refused.value.problems == {"text": "too-long"}


def test_a_line_has_single_spaces_and_no_direction_overrides():
    assert clean_line("  report\u202egpj.exe\t2 \n") == "reportgpj.exe 2"


@pytest.mark.parametrize(("text", "code"), [("a\nb", "more-than-one-line"), ("a" * 201, "too-long")])
def test_it_refuses_more_than_one_short_line(text, code):
    with pytest.raises(InvalidInput) as refused:
        clean_line(text, "title")
    assert refused.value.problems == {"title": code}


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert neutralise_bidi(neutralise_bidi(text)) == neutralise_bidi(text)
