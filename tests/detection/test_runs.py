"""Pieces of a text are found in another by their words, and small words alone tell nothing."""

from app.detection.normalise import fold
from app.detection.runs import Run, Runs, as_typed, spaced

HIDDEN = "the grey horse stood beside the broken cart all night"


def find(text: str, *told: str, hidden: str = HIDDEN) -> set[Run]:
    runs = Runs([("one", fold(hidden).text)], 3, 12)
    return runs.find(fold(text).text, [spaced(fold(each).text) for each in told])


def test_a_row_is_found_as_long_as_it_goes_and_once() -> None:
    assert find("We saw that Grey horse, stood beside\nthe window.") == {Run("one", 5, 4)}


def test_every_row_is_found() -> None:
    assert find("A grey horse stood there. The broken cart all gone.") == {Run("one", 3, 3), Run("one", 4, 2)}


def test_two_words_or_few_characters_are_none() -> None:
    assert find("the grey hill, a broken cart") == set()
    assert find("I am so fat", hidden="I am so fat") == set()


def test_small_words_alone_are_none() -> None:
    assert find("because there was", hidden="because there was nobody") == set()
    assert find("потому что когда было", hidden="когда было для меня") == set()


def test_it_reads_through_what_cannot_be_seen() -> None:
    assert find("gr\u00adey h\u200borse sto\u2060od") == {Run("one", 3, 3)}


def test_what_was_told_is_no_secret() -> None:
    assert find("grey horse stood", "A grey horse stood by the well.") == set()
    assert find("grey horse stood beside", "A grey horse stood by the well.") == {Run("one", 4, 4)}


def test_no_row_reaches_over_the_seam_between_two_texts() -> None:
    assert find("grey horse ||||| stood beside") == set()


def test_repeated_words_do_not_break_a_row() -> None:
    runs = Runs([("one", "knock knock knock knock who")], 3)
    assert max(run.words for run in runs.find("knock knock knock knock who")) == 5


def test_nothing_to_look_for_is_nothing() -> None:
    assert not Runs([("one", "two words")], 3)
    assert Runs([("one", "three plain words")], 3)


def test_text_as_typed_is_small_and_plain() -> None:
    assert as_typed("\uff36\uff45ra Ж") == "vera ж"


def test_small_words_within_a_row_do_not_end_it() -> None:
    hidden = "a horse stood there and then it was a grey cart"
    assert find("The horse stood there and then it was a grey cart.", hidden=hidden) == {Run("one", 10, 4)}
