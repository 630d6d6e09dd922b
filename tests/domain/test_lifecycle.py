"""Statements and stories move only along the lines of the design, and interruptions lead back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidTransition
from app.domain.lifecycle import (
    Standing,
    StatementAct,
    StatementState,
    StoryAct,
    StoryState,
    acts_from,
    advance,
    advance_story,
)

S, A, T, B = StatementState, StatementAct, StoryState, StoryAct
WALKS = st.lists(st.sampled_from(A), max_size=30)


def walk(start, *acts):
    for act in acts:
        start = advance(start, act)
    return start


def wander(acts):
    """The standings passed, ignoring acts that lead nowhere."""
    passed = [Standing(S.RECEIVED)]
    for act in acts:
        if act in acts_from(passed[-1]):
            passed.append(advance(passed[-1], act))
    return passed


def test_a_statement_goes_from_received_to_approved():
    path = (
        A.ACCEPT, A.START_TRANSCRIBING, A.FINISH_TRANSCRIPT, A.START_REDACTING,
        A.FINISH_REDACTION, A.SEND_TO_APPROVAL, A.APPROVE,
    )  # fmt: skip
    assert walk(Standing(S.RECEIVED), *path) == Standing(S.APPROVED)


def test_an_odd_package_is_quarantined_and_can_still_be_accepted():
    assert walk(Standing(S.RECEIVED), A.QUARANTINE, A.ACCEPT) == Standing(S.ACCEPTED)


def test_text_needs_no_transcript():
    assert walk(Standing(S.ACCEPTED), A.START_REDACTING) == Standing(S.REDACTING)


def test_a_hold_over_a_return_leads_back_through_both():
    held = walk(Standing(S.REDACTED), A.RETURN_WITH_NOTE, A.HOLD)
    assert held == Standing(S.ON_HOLD, (S.REDACTED, S.RETURNED))
    assert str(held) == "on hold < returned < redacted"
    assert walk(held, A.RELEASE_HOLD, A.RESUME) == Standing(S.REDACTED)


def test_a_held_statement_that_is_withdrawn_is_not_destroyed_until_the_hold_is_released():
    sealed_off = walk(Standing(S.APPROVED), A.HOLD, A.WITHDRAW)
    assert sealed_off.state is S.WITHDRAWN
    assert sealed_off.is_held
    with pytest.raises(InvalidTransition):
        advance(sealed_off, A.DESTROY)
    assert walk(sealed_off, A.RELEASE_HOLD, A.DESTROY) == Standing(S.DESTROYED)


def test_a_withdrawn_statement_can_be_put_on_hold_but_never_brought_back():
    withdrawn = walk(Standing(S.ACCEPTED), A.WITHDRAW)
    assert acts_from(withdrawn) == {A.HOLD, A.DESTROY}
    assert acts_from(advance(withdrawn, A.HOLD)) == {A.RELEASE_HOLD}


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (S.RECEIVED, A.APPROVE),
        (S.ACCEPTED, A.DESTROY),
        (S.APPROVED, A.ACCEPT),
        (S.ON_HOLD, A.HOLD),
        (S.ON_HOLD, A.RETURN_WITH_NOTE),
        (S.RETURNED, A.RETURN_WITH_NOTE),
        (S.ACCEPTED, A.RELEASE_HOLD),
        (S.ACCEPTED, A.RESUME),
    ],
)
def test_other_acts_lead_nowhere(state, act):
    with pytest.raises(InvalidTransition) as refused:
        advance(Standing(state, (S.ACCEPTED,)), act)
    assert (refused.value.state, refused.value.act) == (state, act)


def test_nothing_leads_out_of_destruction():
    assert acts_from(Standing(S.DESTROYED)) == frozenset()


@given(WALKS)
def test_nothing_is_destroyed_that_was_not_withdrawn_first(acts):
    passed = wander(acts)
    for before, after in pairwise(passed):
        if after.state is S.DESTROYED:
            assert before == Standing(S.WITHDRAWN)


@given(WALKS)
def test_nothing_is_approved_that_was_not_redacted(acts):
    states = [standing.state for standing in wander(acts)]
    if S.APPROVED in states:
        assert S.REDACTED in states[: states.index(S.APPROVED)]


@given(WALKS)
def test_a_standing_survives_being_written_down(acts):
    for standing in wander(acts):
        assert Standing.parse(str(standing)) == standing


def test_strange_words_are_no_standing():
    with pytest.raises(ValueError):
        Standing.parse("lost < received")


def test_a_story_goes_from_draft_to_corrected():
    state = T.DRAFT
    for act in (B.CHECK, B.CHECK, B.APPROVE, B.MAKE_DUE, B.PUBLISH, B.CORRECT, B.CORRECT, B.WITHDRAW):
        state = advance_story(state, act)
    assert state is T.WITHDRAWN


@pytest.mark.parametrize("state", [T.DRAFT, T.CHECKED, T.APPROVED, T.DUE])
def test_any_edit_makes_a_story_a_draft_again(state):
    assert advance_story(state, B.EDIT) is T.DRAFT


@pytest.mark.parametrize(
    ("state", "act"),
    [(T.DRAFT, B.PUBLISH), (T.APPROVED, B.PUBLISH), (T.PUBLISHED, B.EDIT), (T.WITHDRAWN, B.CHECK)],
)
def test_a_story_skips_no_step(state, act):
    with pytest.raises(InvalidTransition):
        advance_story(state, act)
