"""The check: every leak that is planted in a story is found, every consent that is missing is named."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.consent import ConsentState, Extent, Naming, PlacePrecision, Publishing
from app.domain.ids import MarkId, new_id
from app.domain.lifecycle import StoryState
from app.domain.redaction import Action, Mark, RedactionReason
from app.domain.story import Block, StoryDraft
from app.release import standing
from app.release.actions import surroundings
from app.release.bundle import Bundle
from app.release.check import leaks
from app.release.manuscript import Named
from app.release.sources import read_source
from app.store.records import versions
from app.vault.fields import MARKS
from tests.release.stage import ACCOUNT, AGREED, FROST, Stage, embargoed


def found(report: Any) -> set[str]:
    """What stops it."""
    return {finding.explanation for finding in report.blocking}


def check_draft(stage: Stage, *blocks: Block, **more: Any) -> Any:
    return stage.check(stage.write(stage.manuscript(stage.draft(*blocks, **more))))


def paragraph(stage: Stage, text: str) -> tuple[Block, ...]:
    return stage.blocks(Block("paragraph", text))


def test_a_clean_story_passes(stage: Stage) -> None:
    report = check_draft(stage)
    assert report.passed
    assert report.findings == ()


@pytest.mark.parametrize(("written", "language", "explanations"), [
    ("en", "en", set()),
    ("en", "hy", {"excerpt-language"}),
    ("", "hy", set()),
    ("", "en", {"excerpt-language"}),
])  # fmt: skip
def test_a_quote_is_in_the_language_that_its_words_were_written_in(
    stage: Stage, written: str, language: str, explanations: set[str]
) -> None:
    statement = stage.take_statement(code_name="Sorrel", spoken="hy", written=written)
    stage.redact(statement)
    told = {"language": language, "translation": FROST if language != "en" else ""}
    quote = Block("excerpt", excerpt=stage.excerpt(statement=statement, **told))
    naming = (Named(statement, Naming.PSEUDONYM),)
    report = stage.check(stage.write(stage.manuscript(stage.draft(quote), naming=naming)))
    assert found(report) == explanations


LEAKS = {
    "a name in the headline": ({"headline": "Vera speaks"}, "protected-name"),
    "a name in the kicker": ({"kicker": "Vera"}, "protected-name"),
    "a name in the credits": ({"credits": ("Footage courtesy of Vera Talin",)}, "protected-name"),
    "a name in a theme": ({"themes": ("Vera",)}, "protected-name"),
    "a place in the note": ({"content_note": "It happened on Orchard Lane."}, "protected-name"),
    "one of us in the credits": ({"credits": ("Interview: Lilit Ashkhar",)}, "staff-name"),
}
PLANTS = {
    "a name": ("Then Vera came.", "protected-name"),
    "a name with nothing in it": ("Then Ve\u200bra came.", "protected-name"),
    "a name with a soft hyphen": ("Then Ve\u00adra came.", "protected-name"),
    "a name in other letters": ("Then V\u0435r\u0430 came.", "protected-name"),
    "a number written otherwise": ("Call 055-12-34-56.", "protected-name"),
    "redacted words": ("It lies beside the dry well.", "redacted-text"),
    "a code name": ("Juniper said so.", "case-code"),
    "a case code": ("See Linden-4.", "case-code"),
    "a case code of another case": ("See Alder-9.", "case-code"),
    "the name of a file": ("From IMG_2041 orchard.mov.", "original-file-name"),
    "a working mark": ("She came on [uncertain] then.", "working-mark"),
    "a time of day": ("At 2026-03-01T06:10 it began.", "fine-time"),
}


@pytest.mark.parametrize(("fields", "explanation"), LEAKS.values(), ids=LEAKS)
def test_it_finds_a_leak_in_any_field(stage: Stage, fields: dict[str, Any], explanation: str) -> None:
    assert explanation in found(check_draft(stage, **fields))


@pytest.mark.parametrize(("text", "explanation"), PLANTS.values(), ids=PLANTS)
def test_it_finds_a_leak_in_a_paragraph(stage: Stage, text: str, explanation: str) -> None:
    assert explanation in found(check_draft(stage, *paragraph(stage, text)))


def test_it_finds_an_internal_id(stage: Stage) -> None:
    report = check_draft(stage, *paragraph(stage, f"See {stage.statement}."))
    assert found(report) == {"internal-id"}


def test_it_finds_a_leak_in_a_second_language(stage: Stage) -> None:
    other = StoryDraft(
        language="hy", headline="Vera", blocks=(Block("excerpt", excerpt=stage.excerpt(translation="Այո։")),)
    )
    report = stage.check(stage.write(stage.manuscript(stage.draft(), other)))
    assert "protected-name" in found(report)


def test_it_finds_a_leak_in_the_translation_of_a_quote(stage: Stage) -> None:
    quote = Block("excerpt", excerpt=stage.excerpt(language="hy", translation="So Vera told me."))
    assert "protected-name" in found(check_draft(stage, quote, pull_quote=""))


@pytest.mark.parametrize(
    ("planted", "explanation"),
    [
        (b'<img src="https://elsewhere.example/a.png">', "third-party-address"),
        (b"<script>go()</script>", "inline-script"),
        (b"<!-- Vera -->", "protected-name"),
        (b'<meta http-equiv="refresh" content="0;url=a">', "sends-on"),
    ],
)
def test_what_no_form_could_bring_in_is_found_in_the_very_bytes(
    stage: Stage, planted: bytes, explanation: str
) -> None:
    story = stage.checked()
    with stage.cast.acting("lilit") as uow:
        row = standing.story_row(uow, story)
        bundle = standing.open_bundle(uow, row)
        page = next(path for path in bundle.files if path.endswith("index.html"))
        spoilt = Bundle({**bundle.files, page: bundle.files[page] + planted})
        sources = [read_source(uow, row.case, stage.statement)]
        around = surroundings(uow, row)
        seen = {each.explanation for each in leaks(spoilt, sources, around, demo=True)}
    assert explanation in seen


def test_a_finding_repeats_nothing_of_what_it_found(stage: Stage) -> None:
    report = check_draft(stage, *paragraph(stage, "Vera, of Orchard Lane, beside the dry well, 055 123 456."))
    said = report.to_bytes().decode()
    for secret in ("Vera", "Orchard", "dry well", "123"):
        assert secret not in said


def test_a_pseudonym_is_no_leak(stage: Stage) -> None:
    assert check_draft(stage, *paragraph(stage, "Teren keeps a record.")).passed


def test_a_story_with_a_finding_stays_a_draft_and_has_no_bundle(stage: Stage) -> None:
    story = stage.write(stage.manuscript(stage.draft(headline="Vera")))
    stage.check(story)
    assert stage.state(story) is StoryState.DRAFT
    assert stage.row(story).bundle is None


def test_a_name_that_came_into_the_register_takes_a_checked_story_back(fresh: Stage) -> None:
    story = fresh.due()
    fresh.fill_register(("place", "lower Ilvan", (), "withhold", ()))
    fresh.save(story, fresh.manuscript(fresh.draft(kicker="Told")))
    assert "protected-name" in found(fresh.check(story))


# Quotes


def test_a_quote_that_left_the_redacted_text_is_stale(fresh: Stage) -> None:
    story = fresh.checked()
    start = ACCOUNT.index(FROST)
    mark = Mark(
        MarkId(new_id()), "account", start, start + len(FROST), Action.REMOVE, RedactionReason.SECURITY
    )
    with fresh.cast.acting("lilit") as uow:
        fresh.seal_redaction(uow, fresh.statement, ACCOUNT, [mark])
    assert {"excerpt-stale", "redacted-text"} <= found(fresh.check(story))


def test_a_quote_whose_redaction_changed_elsewhere_is_to_be_read_again(fresh: Stage) -> None:
    story = fresh.checked()
    mark = Mark(MarkId(new_id()), "account", 0, 2, Action.REMOVE, RedactionReason.SECURITY)
    with fresh.cast.acting("lilit") as uow:
        fresh.seal_redaction(uow, fresh.statement, ACCOUNT, [mark])
    report = fresh.check(story)
    assert {finding.explanation for finding in report.warnings} == {"excerpt-source-changed"}


def test_a_redaction_that_is_not_finished_stops_it(fresh: Stage) -> None:
    story = fresh.checked()
    with fresh.cast.acting("lilit") as uow:
        content = json.dumps({"marks": [], "lost": []}).encode()
        uow.vault.records.seal(MARKS, fresh.cast.case, fresh.statement, content, expected=1)
    assert "redaction-unfinished" in found(fresh.check(story))


def test_a_pull_quote_must_be_somebodys_words(stage: Stage) -> None:
    assert found(check_draft(stage, pull_quote="Nobody said this.")) == {"pull-quote-not-quoted"}


def test_a_pull_quote_may_be_part_of_a_quote(stage: Stage) -> None:
    assert check_draft(stage, pull_quote="I know it has been a hard week").passed


def test_a_quote_without_a_translation_stops_it(stage: Stage) -> None:
    quote = Block("excerpt", excerpt=stage.excerpt(language="ru"))
    assert "translation-missing" in found(check_draft(stage, quote, pull_quote=""))


@pytest.mark.parametrize(
    ("fields", "explanation", "path"),
    [
        ({"headline": ""}, "page-empty", "en.headline"),
        ({"pull_speaker": "Somebody else"}, "page-unknown-speaker", "en.pull_quote_speaker"),
        ({"language": "az"}, "page-unknown-language", "en.language"),
    ],
)
def test_what_no_page_can_be_made_of_is_named(
    stage: Stage, fields: dict[str, Any], explanation: str, path: str
) -> None:
    report = check_draft(stage, **fields)
    assert explanation in found(report)
    assert path.partition(".")[2] in {each.path.partition(".")[2] for each in report.findings}


def test_a_story_without_a_quote_is_no_story_yet(stage: Stage) -> None:
    assert "page-empty" in found(check_draft(stage, Block("paragraph", "Only our words."), pull_quote=""))


# Consent


REFUSED: dict[str, tuple[Publishing, str]] = {
    "publication": (replace(AGREED.publishing, allowed=False), "publish"),
    "another name": (replace(AGREED.publishing, naming=Naming.ANONYMOUS), "publish-pseudonym"),
    "any place": (replace(AGREED.publishing, place=PlacePrecision.NONE), "publish-place"),
    "this language": (replace(AGREED.publishing, languages=("hy",)), "publish-language"),
}


@pytest.mark.parametrize(("publishing", "scope"), REFUSED.values(), ids=REFUSED)
def test_a_consent_that_does_not_reach_is_named(fresh: Stage, publishing: Publishing, scope: str) -> None:
    fresh.change_consent(replace(AGREED, publishing=publishing))
    story = fresh.write()
    report = fresh.check(story)
    assert [(each.explanation, each.path) for each in report.blocking] == [("consent-missing", scope)]


def test_a_consent_that_shrinks_after_the_check_stops_the_approval(fresh: Stage) -> None:
    story = fresh.checked()
    fresh.change_consent(replace(AGREED, publishing=Publishing()))
    facts = fresh.facts_for("irina", story)
    assert "publish" in facts.missing_scopes


def test_a_consent_out_of_force_stops_it(fresh: Stage) -> None:
    story = fresh.checked()
    fresh.change_consent(replace(AGREED, state=ConsentState.HELD))
    assert "in-force" in fresh.facts_for("irina", story).missing_scopes


def test_to_tell_all_of_it_takes_consent_to_all_of_it(fresh: Stage) -> None:
    short = "It snowed."
    second = fresh.take_statement(account=short, code_name="Heron")
    fresh.redact(second, account=short)
    quote = Block("excerpt", excerpt=fresh.excerpt(short, statement=second))
    story = fresh.write(fresh.manuscript(fresh.draft(*fresh.blocks(quote))))
    assert ("consent-missing", "publish-full") in {
        (each.explanation, each.path) for each in fresh.check(story).blocking
    }
    fresh.change_consent(replace(AGREED, publishing=replace(AGREED.publishing, extent=Extent.FULL)), second)
    assert fresh.check(story).passed


def test_an_own_name_takes_consent_to_an_own_name_whatever_the_writer_says(fresh: Stage) -> None:
    fresh.fill_register(("person", "Iven Tarro", (), "keep", ()))
    manuscript = fresh.manuscript(
        fresh.draft(
            Block("excerpt", excerpt=fresh.excerpt(speaker="Iven Tarro, a nurse")), pull_speaker="Iven Tarro"
        ),
        naming=(),
    )
    report = fresh.check(fresh.write(manuscript))
    assert ("consent-missing", "publish-named") in {(each.explanation, each.path) for each in report.blocking}


def test_a_source_nobody_decided_on_is_anonymous(fresh: Stage) -> None:
    fresh.change_consent(replace(AGREED, publishing=replace(AGREED.publishing, naming=Naming.ANONYMOUS)))
    draft = fresh.draft(
        Block("excerpt", excerpt=fresh.excerpt(speaker="A woman who has left the town")), pull_quote=""
    )
    assert fresh.check(fresh.write(fresh.manuscript(draft, naming=()))).passed
    named = fresh.manuscript(draft, naming=(Named(fresh.statement, Naming.PSEUDONYM),))
    assert not fresh.check(fresh.write(named)).passed


def test_an_embargo_ahead_is_a_warning_and_keeps_the_publisher_waiting(fresh: Stage) -> None:
    until = datetime.now(UTC).date() + timedelta(days=30)
    fresh.change_consent(embargoed(until))
    story = fresh.write()
    report = fresh.check(story)
    assert [each.explanation for each in report.findings] == ["embargo-ahead"]
    assert report.passed
    facts = fresh.facts_for("mark", story)
    assert not facts.embargo_over
    assert facts.missing_scopes == ()
    assert fresh.row(story).embargo_until == int(
        datetime.combine(until, datetime.min.time(), UTC).timestamp()
    )


@pytest.mark.parametrize(
    ("state", "before"),
    [("on hold", "approved"), ("withdrawn", ""), ("destroyed", ""), ("returned", "on hold")],
)
def test_a_source_that_is_held_or_gone_stops_it(fresh: Stage, state: str, before: str) -> None:
    story = fresh.checked()
    with fresh.cast.acting("ruben") as uow:
        fresh.set_state(uow, fresh.statement, state, before)
    assert fresh.facts_for("irina", story).source_held
    assert "source-held" in found(fresh.check(story))


def test_a_source_that_was_tampered_with_holds_the_story_and_does_not_hide_it(fresh: Stage) -> None:
    story = fresh.checked()
    with fresh.cast.acting("ruben") as uow:
        of_it = (versions.c.record == fresh.statement, versions.c.field == "statements.part")
        uow.tx.stage(sa.update(versions).where(*of_it).values(envelope=b"something else"))
    assert fresh.facts_for("irina", story).source_held
    assert fresh.cast.client("irina").get(f"/stories/{story}").status_code == 200


def test_entities_of_the_register_are_told_apart_by_their_ids(stage: Stage) -> None:
    report = check_draft(stage, *paragraph(stage, "Vera. Orchard Lane."))
    needles = {finding.needle for finding in report.blocking if finding.explanation == "protected-name"}
    assert len(needles) == 2
