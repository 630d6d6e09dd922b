"""What the pages say: consent with its limits, facts of any shape, whoever holds the names."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.consent import (
    Answer,
    ConsentState,
    Embargo,
    Given,
    Likeness,
    PlacePrecision,
    Publishing,
    Sharing,
)
from app.domain.errors import InvalidInput
from app.domain.ids import NIL
from app.domain.lifecycle import Standing, StatementAct, StatementState
from app.media.shapes import FAILURES, KINDS, NOTES
from app.transcription import file_words, words
from app.transcription.actions import change_state_because
from app.transcription.files import FileFacts, Prepared
from app.transcription.queries import Head
from app.vault.jobs import NEVER, JobStanding
from tests.cast import Cast
from tests.transcription.scenes import agreed, facts_of, send

IN_FORCE = ConsentState.IN_FORCE.value


@pytest.fixture
def said(cast: Cast):
    with cast.app.test_request_context("/"):
        yield words


def test_consent_says_each_limit_with_its_mark(said):
    public = Publishing(
        allowed=True,
        place=PlacePrecision.EXACT,
        voice=Likeness.AS_IS,
        face=Likeness.ALTERED,
        languages=("hy",),
    )
    embargo = Embargo(date(2027, 3, 1), "the trial ends")
    items = said.consent_items(replace(agreed(), publishing=public, embargo=embargo), IN_FORCE)
    assert items == [
        ("yes", "Short parts, no name"),
        ("yes", "Voice as it is"),
        ("limit", "Face altered"),
        ("yes", "Exact place"),
        ("limit", "Only in Armenian"),
        ("wait", "From 1 March 2027"),
        ("wait", "After: the trial ends"),
    ]


def test_what_stops_everything_stands_first(said):
    stopped = replace(agreed(), take_part=False, publishing=Publishing(), state=ConsentState.HELD)
    assert said.consent_items(stopped, ConsentState.WITHDRAWN.value) == [
        ("no", "Withdrawn"),
        ("wait", "Held"),
        ("no", "Takes no part"),
        ("no", "Nothing for the public"),
    ]


def test_how_it_was_given_and_to_whom_it_may_go(said):
    given = Given(language="hy", script_version="3.2", understood_in_own_words="…")
    sharing = Sharing(international_mechanism=Answer.YES, media=Answer.ASK_AGAIN)
    assert said.consent_given(replace(agreed(), given=given, sharing=sharing)) == (
        "Given by voice on 2 October 2026, script 3.2, in Armenian, repeated in their own words. "
        "May go to an international body. Ask again before it goes to journalists."
    )


@pytest.mark.parametrize(
    ("changes", "kept"),
    [({}, "Yes"), ({"store": False}, "No"), ({"store_until": date(2030, 1, 2)}, "Until 2 January 2030")],
)
def test_all_of_a_consent_says_how_long_it_is_kept(said, changes, kept):
    assert dict(said.consent_in_full(replace(agreed(), **changes)))["Keep it"] == kept


def test_facts_of_any_shape_become_rows(said):
    told = {
        "name": "Ara",
        "aliases": ["A.", "Aram"],
        "recontact": {"phrase": "sewing", "times": None},
        "odd_one": True,
        "n": 3,
    }
    assert said.pairs(told) == [
        ("Name", "Ara"), ("Other names", "A., Aram"), ("Phrase", "sewing"), ("Odd one", "Yes"), ("N", "3"),
    ]  # fmt: skip
    assert said.pairs({"summary": "x" * 60}) == [("In short", "x" * 60, "wide")]


def test_a_case_without_a_custodian_says_so(said):
    nobody = Head("Linden-4", "", None, 1, (), Standing(StatementState.ACCEPTED), IN_FORCE)
    assert "Nobody on this case holds names." in said.identity_keeper(nobody)
    two = replace(nobody, custodians=("Anush", "Vera"))
    assert said.identity_keeper(two) == "Anush, Vera, the identity custodians, hold it."


def test_a_language_without_a_name_is_shown_by_its_code(said):
    assert [said.language_name(code) for code in ("hy", "qqx", "<b>")] == ["Armenian", "qqx", "<b>"]


@pytest.mark.parametrize(
    ("kind", "called", "glyph"),
    [
        ("application/pdf", "Document", "doc"),
        ("application/zip", "File", "doc"),
        ("audio/ogg", "Sound", "voice"),
    ],
)
def test_until_it_is_prepared_a_file_is_called_by_what_its_sender_said(said, kind, called, glyph):
    family = file_words.family_of(FileFacts(NIL, "", kind, "", "", "", 1), Prepared(JobStanding(NEVER)))
    assert (file_words.about(family), file_words.glyph_of(family)) == (called, glyph)


def test_every_way_to_fail_and_every_note_has_a_sentence():
    """Of what this installation lacks nobody is told that the file failed."""
    assert file_words.FAILED.keys() | {"sandbox-missing", "extra-missing"} == set(FAILURES)
    assert file_words.NOTES.keys() == set(NOTES)
    assert file_words.MADE.keys() == set(KINDS)


@pytest.mark.parametrize("reason", ["  ", "x" * 4001, "\x00"])
def test_a_reason_that_cannot_be_kept_moves_nothing(cast: Cast, reason):
    sent = send(cast)
    facts = facts_of(cast, sent, "ruben")
    uow = cast.uow("ruben")
    with pytest.raises(InvalidInput):
        change_state_because(uow, facts, StatementAct.HOLD, reason)
    assert uow.tx.staged == []
    uow.end()
