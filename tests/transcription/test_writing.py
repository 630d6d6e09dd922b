"""Writing a transcript down: every save a revision, nobody's words lost, with and without script."""

import re

import pytest
import sqlalchemy as sa

from app.audit.acts import Act
from app.domain.lifecycle import StatementState
from app.store.cases import work
from app.store.records import versions
from app.vault.fields import TRANSCRIPT
from tests.cast import Cast
from tests.transcription.scenes import (
    as_rows,
    facts_of,
    logged,
    put,
    read,
    save,
    segment,
    send,
    state_of,
    told,
    touch,
    words_of,
)


@pytest.fixture(scope="module")
def lilit(cast: Cast):
    return cast.client("lilit")


@pytest.fixture
def sent(cast: Cast):
    return send(cast, files=[(b"a recording", {})])


def revisions(cast: Cast, sent) -> int:
    query = sa.select(versions.c.version).where(
        versions.c.record == sent.statement, versions.c.field == TRANSCRIPT.path
    )
    return len(read(cast, query))


def texts(browser, sent) -> list[str]:
    page = browser.get(sent.path("/transcript")).get_data(as_text=True)
    return re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page)


def test_each_save_is_a_revision_and_the_first_begins_the_work(cast: Cast, lilit, sent):
    first = segment("Ո՞վ է")
    assert told(save(lilit, sent, [first], 0))["revision"] == 1
    assert state_of(cast, sent) == ("transcribing", "")
    answer = save(lilit, sent, [{**first, "text": "Ո՞վ է վերցրել"}], 1)
    assert told(answer)["revision"] == 2
    assert re.fullmatch(r"Saved \d\d:\d\d, revision 2", told(answer)["words"])
    assert texts(lilit, sent) == ["Ո՞վ է վերցրել"]
    people = read(cast, sa.select(work).where(work.c.subject == sent.statement))
    assert [(row.kind, row.person) for row in people] == [("transcribed", cast.people["lilit"].person)]
    assert logged(cast, Act.TRANSCRIPT_SEALED, sent.statement) == 2


def test_a_save_that_changes_nothing_makes_no_revision(cast: Cast, lilit, sent):
    one = [segment("a word")]
    for _again in range(3):
        assert told(save(lilit, sent, one, 1 if revisions(cast, sent) else 0))["revision"] == 1
    assert revisions(cast, sent) == 1


def test_a_save_whose_answer_was_lost_may_be_sent_again(cast: Cast, lilit, sent):
    one = [segment("a word")]
    assert told(save(lilit, sent, one, 0))["revision"] == 1
    assert told(save(lilit, sent, one, 0))["revision"] == 1
    assert revisions(cast, sent) == 1


def test_an_empty_page_that_is_saved_leaves_nothing(cast: Cast, lilit, sent):
    answer = lilit.post(sent.path("/transcript"), as_rows([], 0, language=""))
    assert answer.status_code == 303
    assert revisions(cast, sent) == 0
    assert state_of(cast, sent) == ("accepted", "")


def test_who_comes_second_gets_both_texts_and_stores_none(cast: Cast, lilit, sent):
    shared, theirs, mine = segment("as it was"), segment("theirs alone"), segment("mine alone")
    save(lilit, sent, [shared], 0)
    save(lilit, sent, [{**shared, "text": "as they heard it"}, theirs], 1)
    answer = lilit.post(sent.path("/transcript"), as_rows([{**shared, "text": "as I heard it"}, mine], 1))
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    for words in ("as they heard it", "theirs alone", "as I heard it", "mine alone"):
        assert words in page
    assert "Lilit Ashkhar saved revision 2" in page
    assert '<input type="hidden" name="revision" value="2">' in page
    assert revisions(cast, sent) == 2
    kept = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert kept == ["as I heard it", "theirs alone", "mine alone"]


def test_what_was_brought_together_becomes_the_next_revision(cast: Cast, lilit, sent):
    shared = segment("one")
    save(lilit, sent, [shared], 0)
    save(lilit, sent, [{**shared, "text": "theirs"}], 1)
    assert lilit.post(sent.path("/transcript"), as_rows([{**shared, "text": "mine"}], 1)).status_code == 409
    assert lilit.post(sent.path("/transcript"), as_rows([{**shared, "text": "both"}], 2)).status_code == 303
    assert texts(lilit, sent) == ["both"]


def test_the_script_is_told_of_a_newer_version_with_its_text(lilit, sent):
    shared = segment("one")
    save(lilit, sent, [shared], 0)
    save(lilit, sent, [{**shared, "text": "theirs"}], 1)
    answer = save(lilit, sent, [{**shared, "text": "mine"}], 1)
    assert answer.status_code == 409
    assert told(answer)["error"] == "newer-version"
    assert told(answer)["revision"] == 2
    assert [kept["text"] for kept in told(answer)["newest"]["segments"]] == ["theirs"]


def test_two_saves_at_the_same_moment_make_one_revision(cast: Cast, sent):
    """Both read revision 0 before either commits."""
    from app.domain.errors import Conflict
    from app.transcription.actions import save_transcript
    from app.transcription.transcript import Segment, Transcript

    facts = facts_of(cast, sent, "lilit")
    units = [cast.uow("lilit") for _each in range(2)]
    for number, uow in enumerate(units):
        save_transcript(uow, facts, Transcript("", (Segment(f"{number:032x}", 0, 0, "", str(number)),)), 0)
    units[0].commit()
    with pytest.raises(Conflict):
        units[1].commit()
    for uow in units:
        uow.end()
    assert revisions(cast, sent) == 1


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("save", ["one\nhalf", "two"]),
        ("add:0", ["one\nhalf", "", "two"]),
        ("add:end", ["one\nhalf", "two", ""]),
        ("split:0", ["one", "half", "two"]),
        ("merge:0", ["one\nhalf\ntwo"]),
        ("delete:1", ["one\nhalf"]),
    ],
)
def test_without_script_each_button_saves_and_does_its_work(lilit, sent, do, expected):
    rows = [segment("one\nhalf"), segment("two", "0:04", "0:08.5")]
    answer = lilit.post(sent.path("/transcript"), as_rows(rows, 0, do=do))
    assert answer.status_code == 303
    assert texts(lilit, sent) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"do": "burn:0"}, {"do": "merge:0"}, {"do": "delete:7"}, {"do": "split:-1"}, {"start-0": "soon"},
        {"id-0": "x"}, {"revision": "-1"}, {"revision": ""}, {"rows": "999999999"}, {"text-0": "\x07"},
        {"language": "<b>"}, {"start-0": "9", "end-0": "1"},
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_and_nothing_is_stored(cast: Cast, lilit, sent, wrong):
    answer = lilit.post(sent.path("/transcript"), {**as_rows([segment("one")], 0), **wrong})
    assert answer.status_code == 422
    assert revisions(cast, sent) == 0


def body(**more: object) -> dict[str, object]:
    return {"revision": 0, "language": "", "segments": [], **more}


@pytest.mark.parametrize(
    "plain",
    [
        [],
        {},
        body(segments="x"),
        body(segments=[1]),
        body(segments=[{}]),
        body(segments=[{**segment(), "start": None}]),
        body(segments=[{**segment(), "more": "x"}]),
        body(revision=True),
        body(revision=-1),
        body(case="x"),
    ],
)
def test_json_of_another_shape_is_refused(lilit, sent, plain):
    headers = {"X-CSRF-Token": lilit.token(), "Accept": "application/json"}
    assert lilit.client.post(sent.path("/transcript"), json=plain, headers=headers).status_code == 422


def test_a_damaged_transcript_is_mended_by_the_next_save(cast: Cast, lilit, sent):
    save(lilit, sent, [segment("a word")], 0)
    at = (versions.c.record == sent.statement, versions.c.field == TRANSCRIPT.path)
    touch(cast, sa.update(versions).where(*at).values(envelope=b"x" * 2000))
    text = words_of(lilit.get(sent.path("/transcript")))
    assert "The newest transcript does not open." in text
    assert told(save(lilit, sent, [segment("again")], 1))["revision"] == 2
    assert texts(lilit, sent) == ["again"]


def test_finishing_saves_what_is_on_the_page(cast: Cast, lilit, sent):
    answer = lilit.post(sent.path("/state/finish"), as_rows([segment("all of it")], 0))
    assert answer.status_code == 303
    assert state_of(cast, sent) == ("transcribed", "")
    assert texts(lilit, sent) == ["all of it"]
    assert logged(cast, Act.STATE_CHANGED, sent.statement) == 3  # let in, begun, finished


def test_what_was_finished_can_be_corrected(cast: Cast, lilit, sent):
    one = segment("all of it")
    lilit.post(sent.path("/state/finish"), as_rows([one], 0))
    assert save(lilit, sent, [{**one, "text": "corrected"}], 1).status_code == 200
    assert state_of(cast, sent) == ("transcribing", "")


def test_nothing_cannot_be_finished(cast: Cast, lilit, sent):
    assert lilit.post(sent.path("/state/finish"), as_rows([], 0, language="")).status_code == 422
    assert state_of(cast, sent) == ("accepted", "")


def test_finishing_over_a_newer_version_shows_both(cast: Cast, lilit, sent):
    shared = segment("one")
    save(lilit, sent, [shared], 0)
    save(lilit, sent, [{**shared, "text": "theirs"}], 1)
    answer = lilit.post(sent.path("/state/finish"), as_rows([{**shared, "text": "mine"}], 1))
    assert answer.status_code == 409
    assert "theirs" in answer.get_data(as_text=True)
    assert state_of(cast, sent) == ("transcribing", "")


def test_a_statement_that_was_put_on_hold_meanwhile_keeps_what_was_sealed(cast: Cast, lilit, sent):
    save(lilit, sent, [segment("one")], 0)
    put(cast, sent, StatementState.ON_HOLD, "transcribing")
    assert save(lilit, sent, [segment("two")], 1).status_code == 403
    assert revisions(cast, sent) == 1


def test_the_player_can_be_told_which_recording_to_play(cast: Cast, lilit):
    sent = send(
        cast,
        files=[(b"one", {"title": "First"}), (b"two", {"title": "Second"}), (b"pic", {"type": "image/png"})],
    )
    page = lilit.get(sent.path(f"/transcript?file={sent.files[1]}")).get_data(as_text=True)
    assert f'src="{sent.file(1)}"' in page
    assert "First" in page
    assert f'src="{sent.file(0)}"' in lilit.get(sent.path("/transcript")).get_data(as_text=True)
    back = lilit.post(
        sent.path("/transcript"), as_rows([segment("x")], 0, file=sent.files[1], do="add:0")
    ).location
    assert f"file={sent.files[1]}" in back
    assert back.endswith("#row-0")


def test_a_statement_without_a_recording_says_so(cast: Cast, lilit):
    sent = send(cast)
    assert "There is no recording with this statement." in words_of(lilit.get(sent.path("/transcript")))
    assert "Write the transcript" not in words_of(lilit.get(sent.path()))
