"""The demonstration's content is whole, says nothing it redacts, and keeps its own promises."""

import unicodedata
from itertools import pairwise
from typing import get_args

import pytest

from app.demo.content import (
    Case,
    DemoContentError,
    Entity,
    Language,
    Reason,
    Redaction,
    Statement,
    Story,
    Transcript,
    Version,
    load,
    media,
)

CONTENT = load()
STATEMENTS = [pytest.param(statement, id=statement.key) for statement in CONTENT.statements]
STORIES = [pytest.param(story, id=story.key) for story in CONTENT.stories]
CASES = [pytest.param(case, id=case.code) for case in CONTENT.cases]
MAKERS = {"lead", "transcriber", "translator", "redactor"}
SPEECH = {"ՙ", "՚", "՛", "՜", "՝", "՞"}  # Armenian marks stand inside words


def redacted(statement: Statement) -> str:
    """The account as the public may see it, by replacing plain text."""
    text = statement.account
    for redaction in statement.redactions:
        text = replaced(text, redaction)
    return text


def replaced(text: str, redaction: Redaction) -> str:
    if redaction.occurrence == "all":
        return text.replace(redaction.text, redaction.replacement)
    before = text.split(redaction.text, redaction.occurrence)
    return redaction.text.join(before[:-1]) + redaction.replacement + before[-1]


def hidden(case: Case) -> list[Entity]:
    return [entity for entity in case.register if entity.protection != "keep"]


def forms_left(text: str, case: Case) -> list[str]:
    return [form for entity in hidden(case) for form in entity.forms if form in text]


def said(story: Story, version: Version, language: Language) -> str:
    """Everything a reader of one language sees."""
    quotes = [words(story, block.excerpt, language) for block in version.body if block.excerpt]
    told = [block.text for block in version.body if block.text]
    heads = [version.kicker, version.headline, version.standfirst, version.place, version.month]
    tails = [version.content_note, *version.speakers.values(), *version.credits, *version.protected_how]
    return "\n".join([*heads, words(story, version.pull_quote, language), *told, *quotes, *tails])


def words(story: Story, key: str, language: Language) -> str:
    spoken = CONTENT.statement(story.excerpt(key).statement).languages[0]
    return story.wording(key, language, spoken)


def is_letter(character: str) -> bool:
    return character.isalnum() or character in SPEECH


# -- what the demonstration holds


def test_three_cases_hold_four_statements_each() -> None:
    for case in CONTENT.cases:
        assert len([s for s in CONTENT.statements if s.case == case.code]) >= 4
    assert len(CONTENT.cases) == 3


@pytest.mark.parametrize(("language", "at_least"), [("hy", 4), ("ru", 3), ("en", 3), ("ar", 1)])
def test_it_speaks_every_language(language: str, at_least: int) -> None:
    assert len([s for s in CONTENT.statements if s.languages[0] == language]) >= at_least


def test_code_names_tell_statements_apart() -> None:
    assert len({s.code_name for s in CONTENT.statements}) == len(CONTENT.statements)


def test_one_witness_took_the_words_back() -> None:
    withdrawn = [s for s in CONTENT.statements if s.withdrawal]
    assert [s.stage for s in withdrawn] == ["withdrawn"]


def test_two_statements_contradict_each_other() -> None:
    kinds = {link.kind for case in CONTENT.cases for link in case.links}
    assert kinds >= {"contradicts", "corroborates"}


@pytest.mark.parametrize("case", CASES)
def test_links_and_figures_point_at_statements_of_the_case(case: Case) -> None:
    named = [key for link in case.links for key in (link.first, link.second)]
    named += [figure.statement for figure in case.figures]
    assert {CONTENT.statement(key).case for key in named} == {case.code}


# -- accounts


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_account_has_a_plausible_length(statement: Statement) -> None:
    assert 600 <= len(statement.account.split()) <= 2500


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_account_is_in_composed_form(statement: Statement) -> None:
    assert unicodedata.is_normalized("NFC", statement.account)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_an_account_repeats_no_paragraph(statement: Statement) -> None:
    paragraphs = statement.account.split("\n\n")
    assert len(set(paragraphs)) == len(paragraphs)


# -- redactions


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_redaction_occurs_in_the_account(statement: Statement) -> None:
    assert statement.redactions
    for redaction in statement.redactions:
        assert redaction.spans(statement.account)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_two_redactions_overlap(statement: Statement) -> None:
    spans = sorted(span for r in statement.redactions for span in r.spans(statement.account))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_redaction_cuts_a_word_in_two(statement: Statement) -> None:
    padded = f" {statement.account} "
    for redaction in statement.redactions:
        for start, end in redaction.spans(statement.account):
            assert not (is_letter(padded[start]) and is_letter(padded[start + 1]))
            assert not (is_letter(padded[end]) and is_letter(padded[end + 1]))


@pytest.mark.parametrize("statement", STATEMENTS)
def test_nothing_protected_survives_redaction(statement: Statement) -> None:
    assert forms_left(redacted(statement), CONTENT.case(statement.case)) == []


@pytest.mark.parametrize("statement", STATEMENTS)
def test_replacing_plain_text_and_cutting_spans_give_the_same_words(statement: Statement) -> None:
    pieces, position = [], 0
    placed = [(span, r.replacement) for r in statement.redactions for span in r.spans(statement.account)]
    for (start, end), replacement in sorted(placed):
        pieces += [statement.account[position:start], replacement]
        position = end
    assert "".join([*pieces, statement.account[position:]]) == redacted(statement)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_redacted_entity_is_in_the_register(statement: Statement) -> None:
    keys = {entity.key for entity in CONTENT.case(statement.case).register}
    assert {r.entity for r in statement.redactions if r.entity} <= keys


def test_every_reason_for_redacting_occurs() -> None:
    used = {r.reason for s in CONTENT.statements for r in s.redactions}
    assert used == set(get_args(Reason))


@pytest.mark.parametrize("case", CASES)
def test_another_name_stands_in_four_languages_and_for_one_entity_only(case: Case) -> None:
    renamed = [e for e in case.register if e.protection in {"pseudonym", "generalise"}]
    assert all(set(entity.shown_as) == {"en", "hy", "ru", "ar"} for entity in renamed)
    shown = [name for e in renamed if e.protection == "pseudonym" for name in e.shown_as.values()]
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("case", CASES)
def test_another_name_is_nobodys_real_name(case: Case) -> None:
    real = {form for entity in case.register for form in entity.forms}
    staff = {part for person in CONTENT.people for part in person.name.split()}
    shown = {name for e in case.register if e.protection == "pseudonym" for name in e.shown_as.values()}
    assert not shown & (real | staff)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_witness_without_a_named_consent_is_protected(statement: Statement) -> None:
    if statement.consent.publish != "named":
        protected = {form for entity in hidden(CONTENT.case(statement.case)) for form in entity.forms}
        assert statement.identity.name in protected


# -- recordings and files


TRANSCRIPTS = [
    pytest.param(statement, transcript, id=transcript.file)
    for statement in CONTENT.statements
    for transcript in statement.transcripts
]


@pytest.mark.parametrize(("statement", "transcript"), TRANSCRIPTS)
def test_a_transcript_says_what_the_account_says(statement: Statement, transcript: Transcript) -> None:
    for segment in transcript.segments:
        heard = segment.text.split("[uncertain]") if segment.speaker == "witness" else []
        assert all(part in statement.account for part in heard)


@pytest.mark.parametrize(("statement", "transcript"), TRANSCRIPTS)
def test_segments_follow_one_another(statement: Statement, transcript: Transcript) -> None:
    assert all(segment.start < segment.end for segment in transcript.segments)
    assert all(before.end <= after.start for before, after in pairwise(transcript.segments))


def test_something_could_not_be_made_out() -> None:
    texts = [segment.text for s in CONTENT.statements for t in s.transcripts for segment in t.segments]
    assert any("[uncertain]" in text for text in texts)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_was_recorded_was_agreed_to(statement: Statement) -> None:
    kinds = {attachment.kind for attachment in statement.attachments}
    assert "audio" not in kinds or statement.consent.record_audio


@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_attachment_is_shipped(statement: Statement) -> None:
    for attachment in statement.attachments:
        assert len(media(attachment.file)) > 1000


def test_the_media_stay_small() -> None:
    shipped = [a.file for s in CONTENT.statements for a in s.attachments]
    assert sum(len(media(file)) for file in shipped) < 3_000_000
    assert all(len(media(file)) <= 400_000 for file in shipped if file.endswith(".webm"))


# -- stories


@pytest.mark.parametrize("story", STORIES)
def test_an_excerpt_is_found_in_redacted_words(story: Story) -> None:
    for excerpt in story.excerpts:
        assert excerpt.source_text in redacted(CONTENT.statement(excerpt.statement))


@pytest.mark.parametrize("story", STORIES)
def test_a_story_names_nobody_it_protects(story: Story) -> None:
    case = CONTENT.case(story.case)
    for language, version in story.versions.items():
        assert forms_left(said(story, version, language), case) == []


@pytest.mark.parametrize("story", STORIES)
def test_a_story_carries_no_withheld_words(story: Story) -> None:
    for language, version in story.versions.items():
        told = said(story, version, language)
        for excerpt in story.excerpts:
            removed = [r.text for r in CONTENT.statement(excerpt.statement).redactions]
            assert [text for text in removed if len(text) >= 4 and text in told] == []


@pytest.mark.parametrize("story", STORIES)
def test_every_excerpt_is_used_and_its_speaker_labelled(story: Story) -> None:
    for version in story.versions.values():
        used = {block.excerpt for block in version.body if block.excerpt}
        assert used == {excerpt.key for excerpt in story.excerpts}
        assert {excerpt.speaker for excerpt in story.excerpts} == set(version.speakers)
        assert all(bool(block.text) != bool(block.excerpt) for block in version.body)


@pytest.mark.parametrize("story", STORIES)
def test_consent_covers_every_excerpt(story: Story) -> None:
    for excerpt in story.excerpts:
        statement = CONTENT.statement(excerpt.statement)
        assert statement.case == story.case
        assert statement.consent.publish != "no"
        assert statement.withdrawal is None


def test_nothing_under_embargo_is_published() -> None:
    published = [story for story in CONTENT.stories if story.state == "published"]
    used = [CONTENT.statement(e.statement) for story in published for e in story.excerpts]
    assert published
    assert all(statement.consent.embargo_until is None for statement in used)


def test_the_published_story_stands_in_three_languages() -> None:
    published = next(story for story in CONTENT.stories if story.state == "published")
    assert set(published.versions) == {"en", "hy", "ru"}
    shapes = [[block.excerpt for block in version.body] for version in published.versions.values()]
    assert shapes[0] == shapes[1] == shapes[2]


def test_one_story_waits_for_its_approval() -> None:
    assert [s.key for s in CONTENT.stories if s.state == "waiting for approval"] == ["weather"]


# -- people


def test_whoever_made_it_does_not_approve_it() -> None:
    for person in CONTENT.people:
        for duties in person.duties.values():
            approves = {"editorial approver", "protection approver"} & set(duties)
            assert not (approves and (MAKERS & set(duties) or len(approves) > 1))


@pytest.mark.parametrize("case", CASES)
def test_the_two_approvers_are_vouched_for_by_different_people(case: Case) -> None:
    approvers = [
        person
        for person in CONTENT.people
        if {"editorial approver", "protection approver"} & set(person.duties.get(case.code, ()))
    ]
    vouchers = {person.vouched_by for person in approvers}
    assert len(approvers) == len(vouchers) == 2
    assert not vouchers & {person.sign_in for person in approvers}


def test_an_administrator_holds_no_other_role_and_no_duty() -> None:
    administrators = [person for person in CONTENT.people if "administrator" in person.roles]
    assert len(administrators) == 2
    assert all(person.roles == ("administrator",) and not person.duties for person in administrators)


def test_administrators_vouch_for_nobody_and_every_voucher_is_here() -> None:
    vouchers = {"anchor"} | {p.sign_in for p in CONTENT.people if "administrator" not in p.roles}
    assert {person.vouched_by for person in CONTENT.people} <= vouchers


def test_there_are_three_trustees() -> None:
    assert len([person for person in CONTENT.people if "trustee" in person.roles]) == 3


@pytest.mark.parametrize("case", CASES)
def test_every_duty_that_publishing_needs_is_held(case: Case) -> None:
    held = {duty for person in CONTENT.people for duty in person.duties.get(case.code, ())}
    needed = {"lead", "transcriber", "translator", "redactor", "editorial approver", "protection approver"}
    assert needed | {"publisher", "identity custodian", "interviewer"} <= held


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_interviewer_is_on_the_case(statement: Statement) -> None:
    taker = next(person for person in CONTENT.people if person.code_name == statement.interviewer)
    assert "interviewer" in taker.duties[statement.case]


# -- the loader refuses


def test_a_redaction_that_does_not_occur_is_refused() -> None:
    redaction = Redaction(text="nowhere", replacement="", action="remove", reason="place")
    with pytest.raises(DemoContentError, match="nowhere"):
        redaction.spans("an account without it")


def test_the_second_occurrence_alone_can_be_meant() -> None:
    redaction = Redaction(text="mill", replacement="", action="remove", reason="place", occurrence=2)
    assert redaction.spans("mill and mill and mill") == ((9, 13),)


def test_unknown_names_are_refused() -> None:
    story = CONTENT.stories[0]
    for ask in (CONTENT.statement, CONTENT.case, story.excerpt, media):
        with pytest.raises(DemoContentError):
            ask("nothing-of-that-name")


def test_words_that_were_never_translated_are_refused() -> None:
    with pytest.raises(DemoContentError, match="no words in ar"):
        CONTENT.stories[0].wording("evening", "ar", "ru")


def test_register_entries_are_found_in_the_account_they_protect() -> None:
    found = {entity.key for entity in CONTENT.protected_in(CONTENT.statement("heron"))}
    assert {"vera", "nina", "artyom", "dzoravesh", "phone-son"} <= found
