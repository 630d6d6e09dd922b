"""The page of a statement: everything that opens is there, what does not says so, and nothing on it runs."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import sqlalchemy as sa

from app.demo import content
from app.domain.lifecycle import StatementState
from app.store.cases import assets
from app.store.cases import statements as table
from app.store.records import tips, versions
from app.vault.fields import ASSET_FACTS, CASE_SETTINGS, CONSENT, IDENTITY, NOTES, PART, REMARK, TRANSCRIPT
from tests.cast import Cast
from tests.transcription.scenes import (
    agreed,
    as_rows,
    from_demo,
    put,
    save,
    segment,
    segments_of,
    send,
    touch,
    words_of,
)

HOSTILE = "<script>alert(1)</script>\u202egnol\u202c \"' onmouseover=x {{ 7*7 }}"


@pytest.fixture(scope="module")
def lilit(cast: Cast):
    return cast.client("lilit")


class Marks(HTMLParser):
    """The elements of a page as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


def nothing_runs_on(page: str) -> bool:
    marks = Marks()
    marks.feed(page)
    scripts = [attributes for tag, attributes in marks.elements if tag == "script"]
    handlers = [name for _tag, attributes in marks.elements for name in attributes if name.startswith("on")]
    return not handlers and all((script.get("src") or "").startswith("/static/dist/") for script in scripts)


def spoil(cast: Cast, record, field, number: int = 1) -> None:
    """One bit of a stored envelope."""
    at = (versions.c.record == record, versions.c.field == field.path, versions.c.version == number)
    with cast.services.database.writing() as connection:
        envelope = bytearray(connection.execute(sa.select(versions.c.envelope).where(*at)).scalar_one())
        envelope[-1] ^= 1
        connection.execute(sa.update(versions).where(*at).values(envelope=bytes(envelope)))


def test_a_statement_shows_who_what_and_what_may_be_done(cast: Cast, lilit):
    sent = from_demo(cast, "juniper")
    text = words_of(lilit.get(sent.path()))
    told = content.load().statement("juniper")
    for expected in (
        told.code_name,
        "7 people can open this",
        "Accepted",
        "Linden-4, The road in winter",
        "Armenian, Russian",
        "Short parts, another name",
        "Voice altered",
        "No face",
        "Region only",
        "Given by voice on 2 October 2026",
        told.setting.place,
        "The call and the weather, recorded passage",
        told.account.split("\n\n")[0],
        "Write the transcript",
        "Redact it",
        "You took it over",
        "Anahit Veluni sent it, whole and sealed",
    ):
        assert expected in text, expected


def test_each_passage_says_its_language_and_direction(cast: Cast, lilit):
    part = {"languages": ["hy", "ar"], "account": "Քույրս մնաց այնտեղ։\n\nكنا ننام بثيابنا جميعا"}
    page = lilit.get(send(cast, parts=[part]).path()).get_data(as_text=True)
    assert re.search(r'lang="hy" dir="ltr">Քույրս', page)
    assert re.search(r'lang="ar" dir="rtl">كنا', page)


def test_every_part_of_a_long_form_is_there_in_order(cast: Cast, lilit):
    reply = {"answers": [{"question": "Who came?", "answer": "Nobody I knew."}]}
    parts: list[dict[str, Any]] = [
        {},
        {"account": "Then they went."},
        reply,
        {"exhibits": [{"what": "a ticket", "origin": "", "owner": "", "keeper": "the speaker"}]},
    ]
    text = words_of(lilit.get(send(cast, parts=parts).path()))
    assert (
        text.index("We heard it")
        < text.index("Then they went.")
        < text.index("Nobody I knew.")
        < text.index("a ticket")
    )


@pytest.mark.parametrize(
    "where", ["code_name", "account", "setting", "answers", "file", "transcript", "notes", "reason"]
)
def test_what_a_hostile_hand_wrote_is_shown_and_never_run(cast: Cast, lilit, where):
    parts: dict[str, dict[str, Any]] = {
        "code_name": {"code_name": HOSTILE},
        "account": {"account": HOSTILE},
        "setting": {"setting": {HOSTILE: HOSTILE}},
        "answers": {"answers": [{"question": HOSTILE, "answer": HOSTILE}]},
    }
    facts = dict.fromkeys(("title", "credit", "warning", "name"), HOSTILE) if where == "file" else {}
    sent = send(
        cast,
        files=[(b"x", facts)],
        parts=[parts.get(where, {})],
        notes={"risk": HOSTILE} if where == "notes" else {},
    )
    if where == "transcript":
        line = re.sub("[\u202e\u202c]", "", HOSTILE)
        assert save(lilit, sent, [segment(HOSTILE, speaker=line)], 0).status_code == 200
    if where == "reason":
        cast.client("ruben").post(sent.path("/state/hold"), {"reason": HOSTILE})
    for rest in ("", f"?show={sent.files[0]}", "/transcript"):
        page = lilit.get(sent.path(rest)).get_data(as_text=True)
        assert nothing_runs_on(page)
        assert not any("\u202e" in title for title in re.findall(r"<title>(.*?)</title>", page, re.DOTALL))
        for name in re.findall(r"<h1>(.*?)</h1>", page, re.DOTALL):
            assert "\u202e" not in name


def test_direction_marks_of_a_name_stay_inside_it(cast: Cast, lilit):
    sent = send(cast, files=[(b"x", {"title": "\u202egpj.exe"})])
    assert "<bdi>\u202egpj.exe</bdi>" in lilit.get(sent.path()).get_data(as_text=True)


@pytest.mark.parametrize("field", [NOTES, TRANSCRIPT, CONSENT, REMARK, ASSET_FACTS, CASE_SETTINGS])
def test_one_broken_piece_never_hides_the_rest(cast: Cast, lilit, field):
    sent = send(cast, files=[(b"a recording", {"title": "The call"})], notes={"risk": "high"})
    save(lilit, sent, [segment("a word")], 0)
    cast.client("ruben").post(sent.path("/state/hold"), {"reason": "wait"})
    with cast.acting("ruben") as uow:
        consent = json.dumps(agreed().to_dict()).encode()
        uow.vault.records.seal(CONSENT, cast.case, sent.statement, consent, expected=0)
    record = {ASSET_FACTS: sent.files[0], CASE_SETTINGS: cast.case}.get(field, sent.statement)
    spoil(cast, record, field)
    answer = lilit.get(sent.path())
    if field is CASE_SETTINGS:
        spoil(cast, record, field)  # the same bit again: the other tests want the title
        assert answer.status_code == 200
        return
    assert answer.status_code == 200
    text = words_of(answer)
    assert "We heard it at night." in text
    assert "not open" in text
    assert lilit.get(sent.path("/transcript")).status_code == 200


def test_a_part_that_does_not_open_is_named_and_the_others_are_read(cast: Cast, lilit):
    sent = send(cast, parts=[{}, {"account": "The second part."}])
    spoil(cast, sent.statement, PART, 1)
    text = words_of(lilit.get(sent.path()))
    assert "Part 1 does not open." in text
    assert "The second part." in text
    assert "We heard it" not in text


def test_words_of_another_shape_are_told_and_not_shown(cast: Cast):
    sent, ruben = send(cast, parts=[{"account": 7}]), cast.client("ruben")
    answer = ruben.get(sent.path())
    assert answer.status_code == 200
    assert "does not open" in words_of(answer)


def test_a_tip_that_was_touched_is_told(cast: Cast, lilit):
    sent = send(cast)
    touch(
        cast,
        sa.update(tips)
        .where(tips.c.record == sent.statement, tips.c.field == PART.path)
        .values(mac=bytes(32)),
    )
    assert "Part 1 does not open." in words_of(lilit.get(sent.path()))


def test_a_file_that_was_taken_away_shows_as_missing(cast: Cast, lilit):
    sent = send(cast, files=[(b"x", {})])
    touch(cast, sa.delete(assets).where(assets.c.id == sent.files[0]))
    assert "A file that the interviewer sealed is missing" in words_of(lilit.get(sent.path()))


def test_a_forged_manifest_shows(cast: Cast, lilit):
    sent = send(cast)
    touch(cast, sa.update(table).where(table.c.id == sent.statement).values(manifest_signature=bytes(64)))
    assert "is not what the interviewer signed" in words_of(lilit.get(sent.path()))


def test_a_damaged_identity_is_told_to_its_custodian(cast: Cast):
    sent, anush = send(cast), cast.client("anush")
    spoil(cast, sent.statement, IDENTITY)
    answer = anush.get(sent.path("/identity"))
    assert answer.status_code == 200
    assert "The identity does not open." in words_of(answer)


def test_graphic_media_stay_closed_until_a_press_that_says_what_is_in_them(cast: Cast, lilit):
    sent = send(cast, files=[(b"OggS", {"type": "audio/ogg", "warning": "an injured hand"})])
    closed = lilit.get(sent.path()).get_data(as_text=True)
    assert "an injured hand" in closed
    assert "Listen, knowing this" in closed
    assert "is-graphic" in closed
    assert "<audio" not in closed
    opened = lilit.get(sent.path(f"?show={sent.files[0]}")).get_data(as_text=True)
    assert f'<source src="{sent.file()}"' in opened


def test_what_waits_under_its_intake_keys_opens_and_offers_to_be_taken_over(cast: Cast, lilit):
    sent = send(cast, taken_over=False)
    page = lilit.get(sent.path()).get_data(as_text=True)
    assert "We heard it at night." in page
    assert f'action="/cases/{cast.case}/adoption"' in page
    assert "Let it in" not in page


def test_a_statement_that_is_still_being_sent_is_not_called_sealed(cast: Cast, lilit):
    sent = send(cast)
    touch(cast, sa.update(table).where(table.c.id == sent.statement).values(finished=None))
    assert "Not sealed yet" in words_of(lilit.get(sent.path()))


def test_who_worked_on_it_is_told_why_they_cannot_approve(cast: Cast, lilit):
    sent = send(cast)
    put(cast, sent, StatementState.IN_APPROVAL)
    assert "Look at it, then approve" in words_of(cast.client("irina").get(sent.path()))
    text = words_of(lilit.get(sent.path()))
    assert "You cannot, because" in text
    assert "You have another duty on this case." in text


def test_a_transcript_is_shown_by_its_first_words(cast: Cast, lilit):
    sent = from_demo(cast, "heron")
    save(lilit, sent, segments_of("heron"), 0)
    text = words_of(lilit.get(sent.path()))
    assert "8 segments in Armenian" in text
    assert "One place is still [uncertain]." in text
    assert "revision 1" in text


def test_nothing_typed_is_in_an_address(cast: Cast, lilit):
    sent = send(cast)
    answer = lilit.post(sent.path("/transcript"), as_rows([segment("a secret")], 0))
    assert answer.status_code == 303
    assert "secret" not in answer.location


def test_words_written_in_another_language_than_spoken_are_set_as_that_one(cast: Cast, lilit):
    sent = send(cast, parts=({"written": "en", "account": "They came at night."},))
    page = lilit.get(sent.path()).get_data(as_text=True)
    assert "Armenian, written in English" in page
    assert '<p class="lang-say said-by" lang="en" dir="ltr">They came at night.</p>' in page
    plain = lilit.get(send(cast).path()).get_data(as_text=True)
    assert "written in" not in plain
