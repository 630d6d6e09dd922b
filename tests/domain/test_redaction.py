"""No redacted character survives, and no length tells what was hidden."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidInput
from app.domain.ids import MarkId, new_id
from app.domain.redaction import (
    KIND_OF_REASON,
    Action,
    Mark,
    RedactionReason,
    apply,
    hidden_texts,
    rebase,
    spans,
)

TEXT = "Vera Talin lived in Orchard Lane until the ninth of May."
ID = MarkId(UUID(int=1))
R = RedactionReason


def mark(start, end, action=Action.REMOVE, reason=R.WITNESS_IDENTITY, replacement=""):
    return Mark(MarkId(new_id()), "account", start, end, action, reason, replacement)


def mark_of(words, text=TEXT, **more):
    start = text.index(words)
    return mark(start, start + len(words), **more)


def test_removed_words_leave_a_marker_of_their_kind():
    marks = [mark_of("Vera Talin"), mark_of("Orchard Lane", reason=R.HOME_WORK_PLACE)]
    assert apply(TEXT, marks) == "[[withheld:name]] lived in [[withheld:place]] until the ninth of May."


def test_a_pseudonym_or_a_wider_word_stands_instead():
    marks = [
        mark_of("Vera Talin", action=Action.PSEUDONYM, replacement="Lusine"),
        mark_of("the ninth of May", action=Action.GENERALISE, reason=R.DATE_OR_TIME, replacement="spring"),
    ]
    assert apply(TEXT, marks) == "Lusine lived in Orchard Lane until spring."


def test_a_kept_mark_changes_nothing():
    assert apply(TEXT, [mark_of("Vera", action=Action.KEEP)]) == TEXT


def test_the_label_is_the_callers():
    assert apply("Vera", [mark(0, 4)], lambda kind: f"({kind})") == "(name)"


def test_every_reason_has_a_kind():
    assert KIND_OF_REASON.keys() == set(RedactionReason)


def test_overlapping_decisions_remove_the_whole():
    marks = [mark_of("Vera Talin", action=Action.PSEUDONYM, replacement="Lusine"), mark_of("Talin lived")]
    assert apply(TEXT, marks) == "[[withheld:name]] in Orchard Lane until the ninth of May."


def test_overlapping_marks_of_different_kinds_become_a_passage():
    marks = [mark_of("Vera Talin lived in"), mark_of("in Orchard", reason=R.HOME_WORK_PLACE)]
    assert apply(TEXT, marks).startswith("[[withheld:passage]] Lane")


def test_the_same_decision_twice_is_one():
    marks = [
        mark_of(words, action=Action.PSEUDONYM, replacement="Lusine") for words in ("Vera", "Vera Talin")
    ]
    assert apply(TEXT, marks).startswith("Lusine lived")
    assert spans(TEXT, marks) == [(0, 10)]
    assert hidden_texts(TEXT, marks) == ["Vera Talin"]


def test_a_marker_typed_into_testimony_is_not_taken_for_one():
    assert apply("[[withheld:name]] said", []) == "[[ withheld:name]] said"


@pytest.mark.parametrize(
    ("start", "end", "action", "replacement"),
    [
        (-1, 3, Action.REMOVE, ""),
        (3, 3, Action.REMOVE, ""),
        (0, 4, Action.REMOVE, "Lusine"),
        (0, 4, Action.PSEUDONYM, " "),
        (0, 4, Action.PSEUDONYM, "[[withheld:name]]"),
        (0, 4, Action.PSEUDONYM, "a]]"),
    ],
)
def test_it_refuses_marks_that_mean_nothing(start, end, action, replacement):
    with pytest.raises(InvalidInput):
        mark(start, end, action, replacement=replacement)


def test_it_refuses_a_mark_beyond_the_text():
    with pytest.raises(InvalidInput):
        apply("Vera", [mark(0, 5)])


@pytest.mark.parametrize("replacement", ["vera talin", "Mrs Vera Talin"])
def test_it_refuses_a_pseudonym_that_tells(replacement):
    with pytest.raises(InvalidInput) as refused:
        apply(TEXT, [mark_of("Vera Talin", action=Action.PSEUDONYM, replacement=replacement)])
    assert refused.value.problems == {"mark": "replacement-tells"}


WORDS = st.text("abcdefghij ", min_size=1, max_size=80)


@st.composite
def marked_texts(draw):
    text = draw(st.text(min_size=1, max_size=80))
    marks = []
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        action = draw(st.sampled_from(Action))
        replacement = "QQ" if action in {Action.PSEUDONYM, Action.GENERALISE} else ""
        marks.append(mark(start, end, action, draw(st.sampled_from(R)), replacement))
    return text, marks


def sequences(text, length=4):
    return {text[i : i + length] for i in range(len(text) - length + 1)}


@given(marked_texts())
def test_no_redacted_characters_survive(case):
    """Four characters in a row of what was hidden stand in the result only if they also stood outside it."""
    text, marks = case
    try:
        result = apply(text, marks, lambda _: "\uffff")
    except InvalidInput:
        return
    outside, at = [], 0
    for start, end in spans(text, marks):
        outside.append(text[at:start])
        at = end
    outside.append(text[at:])
    visible = set().union(*(sequences(piece.replace("[[withheld:", "[[ withheld:")) for piece in outside))
    seams = {run for run in sequences(result) if "\uffff" in run or "Q" in run}
    assert sequences(result) <= visible | seams


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from(R))
def test_length_never_mirrors_what_it_hides(one, other, reason):
    def hide(length):
        return apply("x" * length + " rest", [mark(0, length, reason=reason)])

    assert hide(one) == hide(other)


def test_marks_move_with_the_text_before_and_after_a_change():
    old, new = "Vera met Ana at noon", "Vera quietly met Ana at noon"
    rebased = rebase([mark_of("Vera", old), mark_of("Ana", old)], old, new)
    assert [new[m.start : m.end] for m in rebased.kept] == ["Vera", "Ana"]
    assert rebased.lost == ()


def test_a_mark_in_the_changed_part_is_found_again_if_its_words_are_unique():
    old, new = "one Vera two", "1 Vera 2"
    (moved,) = rebase([mark_of("Vera", old)], old, new).kept
    assert new[moved.start : moved.end] == "Vera"


@pytest.mark.parametrize("new", ["1 Anna 2", "1 Vera Vera 2"])
def test_a_mark_whose_words_are_gone_or_stand_twice_needs_a_person(new):
    old = "one Vera two"
    lost = mark_of("Vera", old)
    assert rebase([lost], old, new).lost == (lost,)


@given(WORDS, WORDS, st.data())
def test_a_rebased_mark_stands_over_the_same_words(old, new, data):
    start = data.draw(st.integers(0, len(old) - 1))
    before = mark(start, data.draw(st.integers(start + 1, len(old))))
    rebased = rebase([before], old, new)
    assert len(rebased.kept) + len(rebased.lost) == 1
    for after in rebased.kept:
        assert new[after.start : after.end] == old[before.start : before.end]
