"""Known words are found however they are bent, and not where they only seem to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.matcher import Certainty, Kind, Needle, find, is_one_letter_off, needles_of


def hits(kind, text, haystack):
    return [
        (haystack[hit.start : hit.end], hit.certainty) for hit in find([Needle(kind, text, "n")], haystack)
    ]


def found(kind, text, haystack):
    return [words for words, _ in hits(kind, text, haystack)]


@pytest.mark.parametrize(
    ("name", "haystack", "words"),
    [
        ("Vera", "We met Vera there.", ["Vera"]),
        ("Vera", "VERA, Vera's and vera", ["VERA", "Vera", "vera"]),
        ("Vera Talin", "/stories/vera-talin/index", ["vera-talin"]),
        ("Vera Talin", "Vera_Talin and VeraTalin", ["Vera_Talin", "VeraTalin"]),
        ("Вера", "говорили с Верой о Вере", ["Верой", "Вере"]),
        ("Анна", "с Анной", ["Анной"]),
        ("Աննա", "Աննայի տունը", ["Աննայի"]),
        ("Anahit", "the house of Anahits", ["Anahits"]),
        ("Ani", "Ani came", ["Ani"]),
        ("Տաթև", "Տաթեւի մոտ", ["Տաթեւի"]),
        ("Мария", "Vеra и Мaрия", ["Мaрия"]),  # a Latin a among Cyrillic
    ],
)
def test_a_name_is_found_in_its_forms(name, haystack, words):
    assert found(Kind.NAME, name, haystack) == words


@pytest.mark.parametrize(
    ("name", "haystack"),
    [
        ("Ani", "an animal in the Anise field, Titani"),
        ("Vera", "severally, Aloevera"),
        ("Vera Talin", "Vera and also Talin"),
        ("!!", "nothing to look for !!"),
        ("Vera", "Veracitysomething"),
    ],
)
def test_other_words_are_left_alone(name, haystack):
    assert found(Kind.NAME, name, haystack) == []


def test_a_long_name_is_found_with_one_letter_wrong():
    assert hits(Kind.PLACE, "Orchardhill", "near Orchardhil and Orchard") == [
        ("Orchardhil", Certainty.APPROXIMATE)
    ]


@pytest.mark.parametrize(
    "number", ["+374 55 123456", "055-12-34-56", "(055) 12.34.56", "0 5 5 1 2 3 4 5 6", "٠٥٥١٢٣٤٥٦"]
)
def test_a_phone_number_is_found_whatever_separates_it(number):
    assert found(Kind.NUMBER, "+374 55 123 456", f"call {number}!")


@pytest.mark.parametrize("haystack", ["551234567", "45 123457", "the year 2031"])
def test_other_numbers_are_left_alone(haystack):
    assert found(Kind.NUMBER, "+374 55 123 456", haystack) == []


def test_a_paper_is_found_by_its_letters_and_digits():
    assert found(Kind.NUMBER, "AB 123456", "passport ab-123 456.") == ["ab-123 456"]
    assert found(Kind.NUMBER, "123", "123") == []


def test_a_phrase_is_found_across_lines_and_inside_words():
    assert hits(Kind.PHRASE, "the red well", "by the red\n  well") == [("the red\n  well", Certainty.WHOLE)]
    assert hits(Kind.PHRASE, "arch", "arches, search") == [
        ("arch", Certainty.INFLECTED),
        ("arch", Certainty.INSIDE),
    ]
    assert found(Kind.PHRASE, "the", "the") == []


def test_hits_tell_whether_they_begin_with_a_capital():
    small, large = find([Needle(Kind.NAME, "Vera", "n")], "vera Vera")
    assert (small.capitalised, large.capitalised) == (False, True)


def test_hits_come_by_place_and_name_their_needle():
    needles = [*needles_of(Kind.NAME, ["Talin", "Talyn"], "p1"), Needle(Kind.PLACE, "Orchard", "p2")]
    assert [hit.needle.id for hit in find(needles, "Orchard: Talyn, Talin")] == ["p2", "p1", "p1"]


@pytest.mark.parametrize(
    ("one", "other", "is_off"),
    [
        ("talin", "talyn", True),
        ("talin", "tain", True),
        ("talin", "talins", True),
        ("talin", "talin", False),
        ("talin", "tamyn", False),
        ("talin", "talinis", False),
        ("", "a", True),
    ],
)
def test_one_letter_off_is_one_letter(one, other, is_off):
    assert is_one_letter_off(one, other) is is_off


NAMES = st.text("abcdefghijklmnoprstuvyz", min_size=4, max_size=12)
INVISIBLE = st.sampled_from(["", "\u00ad", "\u200b", "\u2060", "\u0301"])


@given(NAMES, st.data())
def test_nothing_invisible_hides_a_name(name, data):
    disguised = "".join(letter + data.draw(INVISIBLE) for letter in name)
    assert found(Kind.NAME, name, f"so {disguised.upper()} said")
