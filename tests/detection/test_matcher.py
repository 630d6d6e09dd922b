"""Known words are found however they are bent, and not where they only seem to be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detection.matcher import Certainty, Kind, Matcher, Needle, _Trap, find, is_one_letter_off, needles_of


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


# In other scripts


def by_sound(name, haystack):
    needles = [Needle(Kind.NAME, name, "n")]
    hits = Matcher(needles, across_scripts=True).find(haystack)
    return [(haystack[hit.start : hit.end], hit.certainty) for hit in hits]


@pytest.mark.parametrize(
    ("name", "haystack", "words"),
    [
        ("Vera Talin", "Пришла Вера Талин.", "Вера Талин"),
        ("Vera Talin", "Հետո Վերա Տալինի տունը", "Վերա Տալինի"),
        ("Вера Талин", "/stories/vera-talin/index", "vera-talin"),
        ("Տալինե", "said Taline's sister", "Taline's"),
        ("Талине", "Տալինեից հետո", "Տալինեից"),
        ("Orshavan", "в Оршаване", "Оршаване"),
        ("Оршаван", "near Or\u00adsha\u200bvan.", "Or\u00adsha\u200bvan"),
        ("Ղարշակ", "in Gharshak, or Qarşak", "Gharshak"),
    ],
)
def test_a_name_is_found_in_another_script(name, haystack, words):
    assert by_sound(name, haystack)[0] == (words, Certainty.TRANSLITERATED)
    assert found(Kind.NAME, name, haystack) == []


@pytest.mark.parametrize(
    ("name", "haystack", "hits"),
    [
        ("Vera", "это Вера", [("Вера", Certainty.SOUNDS_LIKE)]),
        ("Vera", "с Верой", [("Верой", Certainty.SOUNDS_LIKE)]),
        ("Vera", "их вера", []),
        ("Ani", "сказала Ани", [("Ани", Certainty.SOUNDS_LIKE)]),
        ("Oravna", "это оравна", [("оравна", Certainty.SOUNDS_LIKE)]),
        ("Oravna", "с оравной", []),
    ],
)
def test_a_few_or_small_letters_are_doubtful(name, haystack, hits):
    assert by_sound(name, haystack) == hits


@pytest.mark.parametrize(
    ("name", "haystack"),
    [
        ("Vera Talin", "Вера и Талин"),
        ("Vera Talin", "Вера ---- Талин"),
        ("Vera Talin", "Вера 1912"),
        ("Vera Talin", "это Вера"),
        ("Talina", "Talyna"),
        ("يوسف", "Юсуф"),
        ("Vera 2", "Вера 2"),
    ],
)
def test_what_only_begins_like_a_name_is_none(name, haystack):
    assert by_sound(name, haystack) == []


def test_numbers_and_phrases_have_no_sound():
    needles = [Needle(Kind.PHRASE, "talin", "n"), Needle(Kind.NUMBER, "talin12", "n")]
    assert Matcher(needles, across_scripts=True).find("Талин Талин12") == []


# Arabic


@pytest.mark.parametrize(
    "word",
    [
        "وسليما",
        "فسليما",
        "بسليما",
        "كسليما",
        "لسليما",
        "السليما",
        "والسليما",
        "بالسليما",
        "للسليما",
        "وبسليما",
    ],
)
def test_a_name_is_found_behind_what_arabic_writes_in_one_with_it(word):
    assert hits(Kind.NAME, "سليما", f"قال {word} شيئا") == [("سليما", Certainty.INFLECTED)]


def test_an_article_of_the_name_itself_may_lose_its_first_letter():
    assert hits(Kind.NAME, "الدلماري", "قال للدلماري") == [("لدلماري", Certainty.INFLECTED)]
    assert hits(Kind.NAME, "الدلماري", "قال الدلماري") == [("الدلماري", Certainty.WHOLE)]


def test_a_short_name_behind_a_prefix_is_doubtful():
    assert hits(Kind.NAME, "منى", "ومنى") == [("منى", Certainty.INSIDE)]
    assert found(Kind.NAME, "سليما", "تسليما") == []


# Many forms


def test_a_pattern_is_compiled_only_where_a_text_may_hold_it():
    names = ["Tarbo", "Melin", "Orsha", "Vanek", "+374 55 123 456", "Talin Vero"]
    matcher = Matcher(Needle(Kind.NUMBER if name[0] == "+" else Kind.NAME, name, name) for name in names)
    assert [hit.needle.id for hit in matcher.find("here Melin came with Vero at 1912")] == ["Melin"]
    traps = [trap for trap in matcher._traps if isinstance(trap, _Trap)]
    assert [trap.needle.id for trap in traps if "compiled" in vars(trap.pattern)] == ["Melin"]


@pytest.mark.parametrize(
    "seen", ["rchardhil", "Archardhil", "Orchaardhil", "Orchadhil", "Orchardhix", "Orchardhilt"]
)
def test_one_wrong_letter_is_found_wherever_it_is(seen):
    assert found(Kind.PLACE, "Orchardhil", f"near {seen}.") == [seen]
