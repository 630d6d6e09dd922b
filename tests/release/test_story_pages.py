"""The story pages as people use them: writing, quoting, checking, looking at all of it, signing, publishing."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.domain.errors import InvalidInput
from app.domain.ids import StoryId, new_id
from app.domain.story import Block
from app.policy.facts import ApprovalKind
from app.release.forms import block_fields, read_blocks
from app.release.queries import chosen, locate
from app.store import log, stories
from app.store.records import versions
from app.vault.fields import LINE
from tests.cast import Browser
from tests.release.stage import FROST, Stage


def address(stage: Stage, story: UUID) -> str:
    """Of its folder in the public tree: its random id, and no word."""
    return f"stories/{stage.row(story).public_id}"


def text(answer: TestResponse) -> str:
    return unescape(answer.get_data(as_text=True))


def begun(stage: Stage, browser: Browser, headline: str = "On the phone, we talk about the weather") -> str:
    """The address of a new story, less `/edit`."""
    answer = browser.post(f"/cases/{stage.cast.case}/stories", {"headline": headline, "language": "en"})
    assert answer.status_code == 303
    return answer.location.partition("?")[0].removesuffix("/edit")


def form_of(browser: Browser, story: str, language: str = "en") -> dict[str, str]:
    """Every field of the editor as a browser would send it back."""
    page = browser.get(f"{story}/edit?lang={language}").get_data(as_text=True)
    form = page[page.index('id="version"') : page.index("</form>", page.index('id="version"'))]
    fields = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        picked = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = picked[1] if picked else ""
    fields.pop("csrf_token", None)
    return {name: unescape(value) for name, value in fields.items()}


def save(browser: Browser, story: str, language: str = "en", **changes: str) -> TestResponse:
    return browser.post(f"{story}/edit", {**form_of(browser, story, language), "do": "save", **changes})


def quote(stage: Stage, browser: Browser, story: str, **fields: Any) -> TestResponse:
    sent = {
        "language": "en",
        "statement": stage.statement.hex,
        "words": FROST,
        "spoken": "en",
        "speaker": "Teren, a relative",
        "naming": "pseudonym",
        **fields,
    }
    return browser.post(f"{story}/quotes", {name: value for name, value in sent.items() if value is not None})


def blocks_of(browser: Browser, story: str) -> list[tuple[str, str]]:
    fields = form_of(browser, story)
    kinds = [fields[f"kind-{number}"] for number in range(int(fields["blocks"]))]
    return [
        (kind, fields.get(f"text-{n}") or json.loads(fields[f"excerpt-{n}"])["text"])
        for n, kind in enumerate(kinds)
    ]


def look_at_everything(browser: Browser, story: str) -> None:
    page = browser.get(f"{story}/approval").get_data(as_text=True)
    for path in re.findall(r"approval\?at=([^\"]+)", page):
        assert browser.get(f"{story}/preview/{path.replace('%2F', '/')}").status_code == 200


def bundle_on(browser: Browser, story: str) -> str:
    found = re.search(r'name="bundle" value="(\w+)"', browser.get(f"{story}/approval").get_data(as_text=True))
    return found[1] if found else ""


# Writing


@pytest.mark.parametrize(("written", "offered"), [("en", "en"), ("", "hy")])
def test_a_quote_is_offered_in_the_language_that_it_was_written_in(
    stage: Stage, written: str, offered: str
) -> None:
    statement = stage.take_statement(code_name="Sorrel", spoken="hy", written=written)
    stage.redact(statement)
    writer = stage.cast.client("lilit")
    page = writer.get(f"{begun(stage, writer)}/quotes?statement={statement.hex}").get_data(as_text=True)
    assert f'<option selected value="{offered}"' in page
    assert f'<span lang="{offered}" dir="auto">' in page


def test_a_story_goes_all_the_way_from_its_first_line_to_its_readers(fresh: Stage) -> None:
    writer = fresh.cast.client("lilit")
    story = begun(fresh, writer)
    assert quote(fresh, writer, story).status_code == 303
    assert save(writer, story, more="On some Sundays they have four minutes.").status_code == 303
    assert writer.post(f"{story}/check").location.endswith("/approval")
    for name, act in (("irina", "editorial"), ("nadim", "protection")):
        approver = fresh.cast.client(name)
        look_at_everything(approver, story)
        signed = approver.post(f"{story}/approval/{act}", {"bundle": bundle_on(approver, story)})
        assert signed.location.endswith("done=signed")
    assert fresh.cast.client("anush").post(f"{story}/identity").location.endswith("done=signed")
    publisher = fresh.cast.client("mark")
    assert "Publish it now" in text(publisher.get(story))
    assert publisher.post(f"{story}/publication").location.endswith("done=published")
    assert FROST.encode() in (fresh.current() / address(fresh, _id(story)) / "index.html").read_bytes()
    assert "Published" in text(publisher.get("/stories"))


def test_the_list_shows_my_cases_alone(stage: Stage) -> None:
    begun(stage, stage.cast.client("lilit"), "A title nobody else sees")
    assert "A title nobody else sees" in text(stage.cast.client("ruben").get("/stories"))
    assert "A title nobody else sees" not in text(stage.cast.client("stranger").get("/stories"))
    assert stage.cast.client("davit").get("/stories").status_code == 403
    assert stage.cast.client("helga").get("/stories").status_code == 403


def test_a_story_that_does_not_open_blocks_no_other_in_the_list(fresh: Stage) -> None:
    broken, whole = fresh.write(), fresh.write()
    with fresh.cast.acting("ruben") as uow:
        of_it = (versions.c.record == broken, versions.c.field == "stories.draft")
        uow.tx.stage(sa.update(versions).where(*of_it).values(envelope=b"something else"))
    page = text(fresh.cast.client("ruben").get("/stories"))
    assert "does not open" in page
    assert str(whole) in page


def test_a_story_needs_a_working_title(stage: Stage) -> None:
    answer = stage.cast.client("lilit").post(
        f"/cases/{stage.cast.case}/stories", {"headline": "", "language": "en"}
    )
    assert answer.status_code == 422


def test_an_approver_may_not_begin_one(stage: Stage) -> None:
    browser = stage.cast.client("irina")
    sent: dict[str, object] = {"headline": "Mine", "language": "en"}
    assert browser.post(f"/cases/{stage.cast.case}/stories", sent).status_code == 403
    assert "Begin a story" not in text(browser.get("/stories"))


def test_paragraphs_and_headings_are_written_moved_and_taken_out(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    quote(stage, browser, story)
    save(browser, story, more="One.\n\n# A heading\nTwo.\n\nThree.")
    told = [("excerpt", FROST), ("paragraph", "One."), ("heading", "A heading"), ("paragraph", "Two.")]
    assert blocks_of(browser, story) == [*told, ("paragraph", "Three.")]
    save(browser, story, do="down:0")
    save(browser, story, do="up:4")
    save(browser, story, do="remove:2")
    assert [words for _kind, words in blocks_of(browser, story)] == ["One.", FROST, "Three.", "Two."]
    save(browser, story, **{"text-0": "", "text-2": "Three and\n\na half."})
    assert [words for _kind, words in blocks_of(browser, story)] == [FROST, "Three and", "a half.", "Two."]
    save(browser, story, do="up:0")
    assert blocks_of(browser, story)[0] == ("excerpt", FROST)


def test_every_field_comes_back_as_it_was_written(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    written = {
        "kicker": "Told by a relative",
        "headline": "The weather",
        "standfirst": "Two sentences. Both short.",
        "pull_quote": "I know it has been a hard week.",
        "pull_speaker": "Teren",
        "place": "A town on the lower Ilvan",
        "place_precision": "town",
        "month": "2026-03",
        "themes": "Calls\nPapers",
        "content_note": "It holds no images.",
        "protections": "A name we chose.",
        "credits": "The desk",
        "drawing": "river",
    }
    assert save(browser, story, **written).status_code == 303
    back = form_of(browser, story)
    assert {name: back[name] for name in written} == written


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("month", "March", "Write a year and a month"),
        ("headline", "x" * 300, "This is too long."),
        ("more", "a\x07b", "There is a character in it"),
        ("drawing", "a-face", "Not sent yet"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_kept(
    stage: Stage, field: str, value: str, said: str
) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    answer = save(browser, story, **{"kicker": "Kept", field: value})
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'value="Kept"' in text(answer)
    assert form_of(browser, story)["revision"] == "1"


@pytest.mark.parametrize(
    "forged",
    [
        {"blocks": "2", "kind-0": "excerpt", "excerpt-0": "no json"},
        {"blocks": "1", "kind-0": "excerpt", "excerpt-0": "[]"},
        {"blocks": "1", "kind-0": "excerpt", "excerpt-0": "{}"},
        {"blocks": "999999"},
        {"blocks": "many"},
    ],
)
def test_a_forged_block_is_refused(forged: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        read_blocks(forged)


def test_an_act_on_a_block_that_is_not_there_changes_nothing() -> None:
    form = {"blocks": "1", "kind-0": "paragraph", "text-0": "One."}
    for act in ("up:0", "down:0", "remove:5", "turn:0"):
        assert read_blocks(form, act) == (Block("paragraph", "One."),)


def test_blocks_travel_through_the_form_unchanged(stage: Stage) -> None:
    blocks = (*stage.blocks(), Block("heading", "A heading"))
    form = {"blocks": str(len(blocks))}
    for number, field in enumerate(block_fields(blocks)):
        form |= {f"kind-{number}": field["kind"], f"text-{number}": field["text"]}
        if field["excerpt"]:
            form |= {
                f"excerpt-{number}": field["sealed"],
                f"speaker-{number}": field["excerpt"].speaker,
                f"translation-{number}": field["excerpt"].translation,
            }
    assert read_blocks(form) == blocks


def test_of_two_who_write_at_once_neither_loses_a_word(stage: Stage) -> None:
    one, other = stage.cast.client("lilit"), stage.cast.client("selma")
    story = begun(stage, one)
    theirs, mine = form_of(one, story), form_of(other, story)
    one.post(f"{story}/edit", {**theirs, "do": "save", "headline": "Theirs", "more": "Their paragraph."})
    answer = other.post(f"{story}/edit", {**mine, "do": "save", "headline": "Mine", "more": "My paragraph."})
    page = text(answer)
    assert answer.status_code == 409
    assert "Lilit Ashkhar saved revision 2" in page
    for words in ("Theirs", "Their paragraph.", "Mine", "My paragraph."):
        assert words in page
    assert form_of(other, story)["headline"] == "Theirs"


def test_after_a_conflict_the_same_form_can_be_saved(stage: Stage) -> None:
    one, other = stage.cast.client("lilit"), stage.cast.client("selma")
    story = begun(stage, one)
    mine = form_of(other, story)
    save(one, story, headline="Theirs")
    refused = other.post(f"{story}/edit", {**mine, "do": "save", "headline": "Mine"})
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', text(refused))
    assert revision
    answer = other.post(f"{story}/edit", {**mine, "do": "save", "headline": "Mine", "revision": revision[1]})
    assert answer.status_code == 303
    assert form_of(one, story)["headline"] == "Mine"


def test_a_second_language_begins_with_the_same_quotes(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    quote(stage, browser, story)
    assert FROST in text(browser.get(f"{story}/edit?lang=hy"))
    answer = save(
        browser,
        story,
        "hy",
        headline="Եղանակը",
        **{"translation-0": "Ցուրտը շուտ եկավ։", "speaker-0": "Տերեն, հարազատ"},
    )
    assert answer.location.endswith("lang=hy&done=saved")
    page = text(browser.get(story))
    assert "Եղանակը" in page
    assert "On the phone" in page
    back = form_of(browser, story, "hy")
    assert back["translation-0"] == "Ցուրտը շուտ եկավ։"
    assert save(browser, story, "hy", do="drop").location.endswith("lang=en&done=saved")
    assert "Եղանակը" not in text(browser.get(story))


def test_the_last_language_stays(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    assert save(browser, story, do="drop").status_code == 422


# Quoting


def test_only_redacted_words_are_shown_and_quoted(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    page = text(browser.get(f"{story}/quotes?lang=en&statement={stage.statement.hex}"))
    assert "My name is Teren" in page
    assert "[place withheld]" in page
    for secret in ("Vera", "Orchard", "dry well", "055 "):
        assert secret not in page
    answer = quote(stage, browser, story, words="My name is Vera Talin")
    assert answer.status_code == 422
    assert "do not stand in the redacted text" in text(answer)


def test_sentences_that_follow_each_other_become_one_quote(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    page = text(browser.get(f"{story}/quotes?lang=en&statement={stage.statement.hex}"))
    places = re.findall(r'name="passage" value="([^"]+)"', page)
    assert quote(stage, browser, story, words=None, passage=places[2:4]).status_code == 303
    assert blocks_of(browser, story) == [("excerpt", f"{FROST} We never agreed on this.")]


def test_pasted_words_are_found_whatever_their_line_breaks_and_labels(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    quote(stage, browser, story, words="  The notebook\n lies [passage left out].")
    assert blocks_of(browser, story) == [("excerpt", "The notebook lies [[withheld:passage]].")]


def test_a_quote_needs_words_and_a_speaker(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser)
    assert "Choose a passage" in text(quote(stage, browser, story, words=""))
    assert quote(stage, browser, story, speaker="").status_code == 422
    assert quote(stage, browser, story, statement=new_id().hex).status_code == 404
    assert quote(stage, browser, story, naming="as they like").status_code == 422


def test_a_place_that_is_not_there_is_not_chosen() -> None:
    targets = {"account": "One. Two.", "answer:1": "Three."}
    assert chosen(targets, ["account|0|4"]) is not None
    for places in ([], ["account|0|4", "answer:1|0|6"], ["account|x|4"], ["account|0|99"], ["nowhere|0|4"]):
        assert chosen(targets, places) is None
    assert locate(targets, "Three.") is not None
    assert locate(targets, "  ") is None
    assert locate(targets, "Four.") is None


def test_a_held_statement_cannot_be_quoted(fresh: Stage) -> None:
    browser = fresh.cast.client("lilit")
    story = begun(fresh, browser)
    with fresh.cast.acting("ruben") as uow:
        fresh.set_state(uow, fresh.statement, "on hold", "approved")
    assert "Nothing can be quoted yet" in text(browser.get(f"{story}/quotes"))


def test_a_statement_whose_list_line_does_not_read_can_be_quoted_all_the_same(fresh: Stage) -> None:
    with fresh.cast.acting("lilit") as uow:
        uow.vault.records.seal(LINE, fresh.cast.case, fresh.statement, b"[]", expected=1)
    browser = fresh.cast.client("lilit")
    story = begun(fresh, browser)
    assert "no name yet" in text(browser.get(f"{story}/quotes?statement={fresh.statement.hex}"))
    assert quote(fresh, browser, story).status_code == 303


def test_opening_redacted_words_is_on_record_once_for_a_session(fresh: Stage) -> None:
    browser = fresh.cast.client("lilit")
    story = begun(fresh, browser)
    for _ in range(2):
        browser.get(f"{story}/quotes?statement={fresh.statement.hex}")
    with fresh.cast.acting("ruben") as uow:
        of_it = (log.entries.c.record == fresh.statement, log.entries.c.act == "redaction.opened")
        assert uow.tx.value(sa.select(sa.func.count()).where(*of_it)) == 1


# Checking and looking


def test_findings_are_said_in_words_with_what_to_do_and_without_the_secret(stage: Stage) -> None:
    story = stage.write(stage.manuscript(stage.draft(kicker="Vera", pull_quote="Nobody said this.")))
    browser = stage.cast.client("ruben")
    assert browser.post(f"/stories/{story}/check").location.endswith(f"/stories/{story}")
    page = text(browser.get(f"/stories/{story}"))
    assert "2 things stop it." in page
    assert "A name, place or number that the register protects stands in it." in page
    assert "Take its words from one of them." in page
    found = page[page.index("The leak gate") : page.index("Signed by")]
    assert "Vera" not in found


def test_a_draft_page_can_be_looked_at_while_it_is_written(stage: Stage) -> None:
    browser = stage.cast.client("lilit")
    story = begun(stage, browser, "The road in winter")
    assert "Its page can be looked at once" in text(browser.get(f"{story}/edit"))
    assert "no page to look at yet" in text(browser.get(f"{story}/preview/index.html"))
    quote(stage, browser, story)
    way = re.search(r'href="([^"]*/preview/[^"]+)"', text(browser.get(f"{story}/edit")))
    assert way
    answer = browser.get(way[1])
    assert answer.status_code == 200
    assert FROST in text(answer)


def test_a_preview_runs_nothing_and_goes_nowhere(stage: Stage) -> None:
    story = stage.checked()
    browser = stage.cast.client("ruben")
    answer = browser.get(f"/stories/{story}/preview/{address(stage, story)}/index.html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert browser.get(f"/stories/{story}/preview/static/site.css").mimetype == "text/css"
    assert browser.get(f"/stories/{story}/preview/feed.atom").mimetype == "text/plain"
    assert browser.get(f"/stories/{story}/preview/../../keys").status_code == 404
    assert browser.get(f"/stories/{story}/preview/nothing.html").status_code == 404


def test_previews_and_drafts_leave_nothing_readable_on_the_disk(fresh: Stage) -> None:
    story = fresh.checked()
    browser = fresh.cast.client("irina")
    look_at_everything(browser, f"/stories/{story}")
    browser.get(f"/stories/{story}/edit")
    data: Path = fresh.cast.services.config.data_dir
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"frost came early" not in content, path
            assert b"talk about the weather" not in content, path


def test_the_approval_page_lists_every_surface_and_frames_the_very_bytes(stage: Stage) -> None:
    story = stage.checked()
    browser = stage.cast.client("irina")
    answer = browser.get(f"/stories/{story}/approval")
    page = text(answer)
    for name in ("Page, English", "Front page, English", "Entry in the feed", "Data file"):
        assert name in page
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    assert f'<iframe src="/stories/{story}/preview/{address(stage, story)}/index.html"' in page
    assert "Look at 4 more, then sign" in page
    assert re.search(r"Version: .*\d{4} \d{4} \d{4} \d{4} \d{4} \d{4}", page)


def test_a_draft_has_no_approval_page(stage: Stage) -> None:
    story = stage.write()
    assert stage.cast.client("irina").get(f"/stories/{story}/approval").location.endswith(f"/stories/{story}")
    stage.check(story)
    with stage.cast.acting("ruben") as uow:
        uow.tx.stage(sa.update(stories.stories).where(stories.stories.c.id == story).values(bundle=bytes(32)))
    assert stage.cast.client("irina").get(f"/stories/{story}/approval").status_code == 303


def test_nobody_signs_what_they_have_not_looked_at(stage: Stage) -> None:
    story = f"/stories/{stage.checked()}"
    browser = stage.cast.client("irina")
    browser.get(f"{story}/preview/{address(stage, _id(story))}/index.html")
    look_at_everything(stage.cast.client("nadim"), story)  # somebody else's looking does not count
    row = stage.row(_id(story))
    assert row.bundle
    answer = browser.post(f"{story}/approval/editorial", {"bundle": row.bundle.hex()})
    assert answer.status_code == 409
    assert "Look at everything that will be public first." in text(answer)
    assert stage.approvals(_id(story)) == {}


def test_a_signature_is_over_the_version_that_stood_on_the_page(stage: Stage) -> None:
    story = f"/stories/{stage.checked()}"
    browser = stage.cast.client("irina")
    look_at_everything(browser, story)
    seen = bundle_on(browser, story)
    stage.save(_id(story), stage.manuscript(stage.draft(standfirst="Other words.")))
    stage.check(_id(story))
    look_at_everything(browser, story)
    assert browser.post(f"{story}/approval/editorial", {"bundle": seen}).status_code == 409
    assert stage.approvals(_id(story)) == {}


def test_an_old_look_does_not_count_for_new_bytes(stage: Stage) -> None:
    story = f"/stories/{stage.checked()}"
    browser = stage.cast.client("irina")
    look_at_everything(browser, story)
    stage.save(_id(story), stage.manuscript(stage.draft(standfirst="Other words.")))
    stage.check(_id(story))
    assert bundle_on(browser, story) == ""
    assert "not seen yet" in text(browser.get(f"{story}/approval"))


def test_it_says_why_a_person_cannot_sign(stage: Stage) -> None:
    story = stage.checked()
    page = text(stage.cast.client("lilit").get(f"/stories/{story}/approval"))
    assert "You have another duty on this case." in page
    assert "Sign as an editor" not in page
    assert stage.cast.client("lilit").post(f"/stories/{story}/approval/editorial").status_code == 403


def test_the_page_shows_the_consents_it_leans_on_and_who_has_signed(stage: Stage) -> None:
    story = stage.checked()
    stage.sign(story, "irina", ApprovalKind.EDITORIAL)
    page = text(stage.cast.client("nadim").get(f"/stories/{story}/approval"))
    assert "version 1: short parts, other name" in page
    assert "Irina Veslova" in page
    assert "1 of 3 signed" in page


def test_a_due_story_leads_on_to_publishing(stage: Stage) -> None:
    story = stage.due()
    assert "Go on to publishing" in text(stage.cast.client("mark").get(f"/stories/{story}/approval"))


def test_a_published_story_shows_with_whose_signatures_it_left(fresh: Stage) -> None:
    story = fresh.published()
    page = text(fresh.cast.client("mark").get(f"/stories/{story}"))
    for name in ("Irina Veslova", "Nadim Karaz", "Anush Berdents"):
        assert name in page
    assert fresh.cast.client("lilit").get(f"/stories/{story}/edit").status_code == 403


def _id(story: str) -> StoryId:
    return StoryId(UUID(story.rpartition("/")[2]))


def test_what_stands_in_the_way_of_publishing_is_not_hidden_behind_a_second_factor(fresh: Stage) -> None:
    """Nobody is sent to show their digits for a story that could not be published with them."""
    story = begun(fresh, fresh.cast.client("lilit"))
    fresh.cast.clock.ahead += 700
    page = fresh.cast.client("mark")
    fresh.cast.clock.ahead += 700
    said = text(page.get(f"/stories/{story}"))
    assert "Show your second factor again first." not in said
