"""Drafts are written down and read back strictly."""

from datetime import date
from typing import Any

import pytest

from app.domain.consent import Consent
from app.domain.errors import InvalidInput
from app.domain.ids import StatementId, new_id
from app.domain.story import Block, Excerpt, StoryDraft

STATEMENT = StatementId(new_id())
EXCERPT = Excerpt(STATEMENT, "account", 3, 8, "water", "", "en", "a resident", "00ff")
DRAFT = StoryDraft(
    language="en",
    headline="The well",
    blocks=(Block("paragraph", "It was dry."), Block("excerpt", excerpt=EXCERPT)),
    month="2031-05",
    credits=("Footage courtesy of the Orchard Archive",),
    languages=("en", "zh-Hant"),
)


def test_a_draft_survives_being_written_down():
    assert StoryDraft.from_dict(DRAFT.to_dict()) == DRAFT


def test_a_draft_knows_whom_it_quotes():
    assert DRAFT.statements == {STATEMENT}
    assert DRAFT.excerpts == (EXCERPT,)


@pytest.mark.parametrize(
    "change",
    [
        {"language": "English!"},
        {"languages": ["x"]},
        {"month": "2031-05-09"},
        {"headline": 3},
        {"headline": None},
        {"blocks": "none"},
        {"blocks": [{"kind": "paragraph"}]},
        {"blocks": [{"kind": "poem", "text": "x", "excerpt": None}]},
        {"blocks": [{"kind": "paragraph", "text": "", "excerpt": None}]},
        {"blocks": [{"kind": "excerpt", "text": "", "excerpt": None}]},
        {"blocks": [{"kind": "paragraph", "text": "x", "excerpt": None}] * 201},
        {"surprise": "field"},
    ],
)
def test_it_refuses_what_is_no_draft(change):
    with pytest.raises(InvalidInput):
        StoryDraft.from_dict(DRAFT.to_dict() | change)


@pytest.mark.parametrize(
    "change",
    [
        {"start": 9},
        {"text": "water and bread"},
        {"statement": "not-an-id"},
        {"statement": str(STATEMENT)},
        {"statement": 7},
        {"start": True},
    ],
)
def test_it_refuses_an_excerpt_that_is_not_its_span(change):
    plain: Any = DRAFT.to_dict()
    plain["blocks"][1]["excerpt"] |= change
    with pytest.raises(InvalidInput):
        StoryDraft.from_dict(plain)


@pytest.mark.parametrize("plain", [None, [], "text", {}])
def test_it_refuses_what_is_no_record(plain):
    with pytest.raises(InvalidInput):
        Consent.from_dict(plain)


def test_it_names_the_field_that_is_wrong():
    plain: Any = DRAFT.to_dict()
    plain["blocks"][1]["excerpt"]["start"] = "3"
    with pytest.raises(InvalidInput) as refused:
        StoryDraft.from_dict(plain)
    assert refused.value.problems == {"storydraft.blocks[1].excerpt.start": "wrong-type"}


def test_a_date_has_one_spelling():
    plain = Consent(take_part=True, given_on=date(2031, 5, 1)).to_dict()
    with pytest.raises(InvalidInput):
        Consent.from_dict(plain | {"given_on": "20310501"})
