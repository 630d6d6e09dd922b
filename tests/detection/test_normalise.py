"""Words that look or read the same fold to one spelling, and the way back is exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.normalise import fold


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("Ve\u00adra", "Vera"),  # soft hyphen
        ("V\u200be\u2060r\ufeffa", "Vera"),  # zero width
        ("Ver\u202ea", "Vera"),  # direction override
        ("\uff36\uff45\uff52\uff41", "Vera"),  # full width
        ("Vérà", "Vera"),
        ("Vеrа", "Vera"),  # Cyrillic е and а
        ("ΒΕΤΗ", "Beth"),  # Greek capitals
        ("Սօս", "Uou"),  # Armenian
        ("Ստեփան\u055e", "Ստեփան"),
        ("Սեր\u055bյան", "Սերյան"),
        ("Արև", "Արեւ"),
        ("Արև", "ԱՐԵՎ"),
        ("Ёлкин", "Елкин"),
        ("مـحـمـد", "محمد"),
        ("علیٰ", "علي"),
        ("٠٤١ ۲۳", "041 23"),
        ("a\u00a0\n\t b", "a b"),
        ("O\u2019Hara", "O'Hara"),
        ("x\u2013y", "x-y"),
        ("İstanbul", "istanbul"),
        ("Straße", "STRASSE"),
    ],
)
def test_two_spellings_of_one_word_are_one(disguised, plain):
    assert fold(disguised).text == fold(plain).text


@pytest.mark.parametrize(("one", "other"), [("Vera", "Vara"), ("Աննա", "Աննի"), ("Нина", "Инна")])
def test_different_words_stay_different(one, other):
    assert fold(one).text != fold(other).text


def test_a_span_leads_back_to_the_original():
    text = "saw Ve\u00adra, then"
    folded = fold(text)
    at = folded.text.index("vera")
    assert text[slice(*folded.span(at, at + 4))] == "Ve\u00adra"


@given(st.text())
def test_every_folded_character_has_its_origin(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.origins)
    assert list(folded.origins) == sorted(folded.origins)
    assert all(0 <= origin < len(text) for origin in folded.origins)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    once = fold(text).text
    assert fold(once).text == once
