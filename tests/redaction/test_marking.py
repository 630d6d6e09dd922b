"""Making, changing and removing marks; two people at once; words that fight back."""

import re

import pytest
import sqlalchemy as sa

from app.domain.ids import new_id
from app.store import cases
from app.store.log import entries
from tests.cast import Browser, Cast
from tests.redaction.conftest import ACCOUNT, Scene, send, text_of, visible


def marked(scene: Scene) -> list[str]:
    return [ACCOUNT[mark["start"] : mark["end"]] for mark in scene.marks()]


def test_it_marks_the_words_that_were_typed(scene: Scene, lilit: Browser) -> None:
    answer = scene.mark(
        lilit, words="Вера Полынцева", action="pseudonym", replacement="Ольга", note="She asked."
    )
    assert answer.status_code == 303
    (mark,) = scene.marks()
    assert ACCOUNT[mark["start"] : mark["end"]] == "Вера Полынцева"
    assert (mark["action"], mark["replacement"], mark["note"]) == ("pseudonym", "Ольга", "She asked.")
    page = scene.page(lilit)
    assert "m-pseudo" in page
    assert "Saved" in page
    assert "revision 1" in page


def test_it_marks_a_span_that_was_pointed_at(scene: Scene, lilit: Browser) -> None:
    start = ACCOUNT.index("Нина побежала")
    scene.mark(lilit, target="account", start=start, end=start + 4, words="Нина")
    assert marked(scene) == ["Нина"]


def test_it_refuses_a_span_over_other_words_than_the_person_saw(scene: Scene, lilit: Browser) -> None:
    answer = scene.mark(lilit, target="account", start=0, end=4, words="Нина")
    assert answer.status_code == 422
    assert "others by now" in text_of(answer)
    assert scene.revision() == 0


@pytest.mark.parametrize(("start", "end"), [(0, 10_000), (5, 5), (9, 3)])
def test_it_refuses_a_span_that_is_not_in_the_text(
    scene: Scene, lilit: Browser, start: int, end: int
) -> None:
    assert scene.mark(lilit, target="account", start=start, end=end).status_code == 422
    assert scene.mark(lilit, target="answer:1", start=0, end=2).status_code == 422
    assert scene.revision() == 0


def test_words_are_marked_as_whole_words_and_everywhere_if_asked(cast: Cast, lilit: Browser) -> None:
    account = "Нина и Нинина мать. Нина."
    scene = Scene(cast, send(cast, languages=["ru"], account=account))
    scene.mark(lilit, words="Нина")
    assert [mark["start"] for mark in scene.marks()] == [0]
    scene.mark(lilit, words="Нина", everywhere="y")
    assert [mark["start"] for mark in scene.marks()] == [0, account.rindex("Нина")]


def test_one_decision_reaches_every_target(cast: Cast, lilit: Browser) -> None:
    answers = [{"question": "Who ran?", "answer": "Тихон бежал."}]
    scene = Scene(cast, send(cast, languages=["ru"], account="Тихон спал. Тихон встал.", answers=answers))
    scene.transcribe("Я видела: Тихон.", "Тихон?")
    scene.mark(lilit, words="Тихон", everywhere="y")
    public = scene.page(lilit, "?public=1")
    assert "Тихон" not in public
    assert public.count("имя не названо") == 5


def test_words_that_are_not_there_are_not_lost(scene: Scene, lilit: Browser) -> None:
    answer = scene.mark(lilit, words="Вера Пoлынцева")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "not in the statement" in page
    assert 'value="Вера Пoлынцева"' in page


def test_a_replacement_that_says_what_it_hides_is_refused(scene: Scene, lilit: Browser) -> None:
    answer = scene.mark(lilit, words="Вера", action="pseudonym", replacement="Вера П.")
    assert answer.status_code == 422
    assert "say what they should hide" in text_of(answer)
    assert scene.revision() == 0


@pytest.mark.parametrize("replacement", ["", "[[withheld:name]]"])
def test_another_name_has_to_be_one(scene: Scene, lilit: Browser, replacement: str) -> None:
    assert scene.mark(lilit, words="Вера", action="pseudonym", replacement=replacement).status_code == 422


def test_it_changes_a_mark(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина")
    (mark,) = scene.marks()
    answer = scene.mark(
        lilit, do="change", mark=mark["id"], action="pseudonym", replacement="Лида", reason="family"
    )
    assert answer.status_code == 303
    (changed,) = scene.marks()
    assert (changed["id"], changed["replacement"], changed["reason"]) == (mark["id"], "Лида", "family")


def test_it_changes_and_removes_every_place_of_one_decision(scene: Scene, cast: Cast, lilit: Browser) -> None:
    scene = Scene(cast, send(cast, languages=["ru"], account="Тихон спал. Тихон встал. Вера."))
    scene.mark(lilit, words="Тихон", everywhere="y")
    scene.mark(lilit, words="Вера")
    first = scene.marks()[0]["id"]
    scene.mark(lilit, do="change", mark=first, action="pseudonym", replacement="Миша", everywhere="y")
    assert [mark["replacement"] for mark in scene.marks()] == ["Миша", "Миша", ""]
    scene.mark(lilit, do="remove", mark=first, everywhere="y", action=None)
    assert len(scene.marks()) == 1


def test_a_press_withholds_what_had_another_name(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина", action="pseudonym", replacement="Лида")
    scene.mark(lilit, do="set", mark=scene.marks()[0]["id"], action="remove")
    assert [(mark["action"], mark["replacement"]) for mark in scene.marks()] == [("remove", "")]


@pytest.mark.parametrize(
    "press",
    [
        {"do": "remove", "mark": new_id().hex},
        {"do": "remove", "mark": "no id"},
        {"do": "set", "mark": new_id().hex, "action": "keep"},
        {"do": "set", "mark": new_id().hex, "action": ""},
        {"do": "drop", "mark": new_id().hex},
        {"do": "take", "place": "account:0-4", "action": "pseudonym"},
        {"do": "no such thing"},
        {"do": "add", "words": "Нина", "action": "shout"},
        {"do": "add", "words": "Нина", "entity": new_id().hex},
        {"do": "add", "words": "   "},
        {"do": "add", "words": "Нина", "revision": ""},
        {"do": "remove", "mark": new_id().hex, "revision": "x"},
    ],
)
def test_what_makes_no_sense_changes_nothing(scene: Scene, lilit: Browser, press: dict[str, str]) -> None:
    assert scene.mark(lilit, **press).status_code == 422
    assert scene.revision() == 0
    assert scene.state() == "accepted"


def test_the_second_of_two_people_keeps_their_words_and_sees_the_first_ones_marks(
    scene: Scene, lilit: Browser
) -> None:
    scene.mark(lilit, words="Вера Полынцева")
    answer = scene.mark(lilit, revision=0, words="Нина", action="pseudonym", replacement="Лида", note="a & b")
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Somebody saved while you were deciding" in page
    assert re.search(r'data-kind="remove"[^>]*><a[^>]*>Вера Полынцева</a>', page)  # theirs
    assert 'value="Нина"' in page  # mine
    assert 'value="Лида"' in page
    assert 'value="a &amp; b"' in page
    assert 'name="revision" type="hidden" value="1"' in page
    assert marked(scene) == ["Вера Полынцева"]


def test_a_press_that_came_too_late_changes_nothing(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина")
    mark = scene.marks()[0]["id"]
    scene.mark(lilit, words="Вера")
    answer = scene.mark(lilit, do="remove", mark=mark, revision=1)
    assert answer.status_code == 409
    assert "Your press changed nothing" in text_of(answer)
    assert len(scene.marks()) == 2


def test_a_change_to_a_mark_that_was_taken_away_becomes_a_new_one(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина")
    mark = scene.marks()[0]["id"]
    scene.mark(lilit, do="remove", mark=mark)
    answer = scene.mark(
        lilit, do="change", mark=mark, revision=1, words="Нина", action="pseudonym", replacement="Лида"
    )
    assert answer.status_code == 409
    assert re.search(r'name="do" type="hidden" value="add"', text_of(answer))


def test_a_save_that_changes_nothing_makes_no_revision(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина")
    assert scene.mark(lilit, words="Нина").status_code == 303
    assert scene.revision() == 1


def test_overlapping_marks_are_withheld_whole(scene: Scene, lilit: Browser) -> None:
    scene.mark(
        lilit, words="Вера Полынцева", action="pseudonym", replacement="Ольга", reason="witness-identity"
    )
    start = ACCOUNT.index("Полынцева")
    end = ACCOUNT.index("невестка")
    scene.mark(lilit, target="account", start=start, end=end, reason="family")
    public = visible(scene.page(lilit, "?public=1"))
    assert "Ольга" not in public
    assert "Полынцева" not in public
    assert "Меня зовут [имя не названо]невестка Нина" in public
    page = scene.page(lilit, f"?at={scene.marks()[0]['id']}")
    assert "More than one decision" in page


def test_a_mark_that_keeps_uncovers_nothing_that_another_hides(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Вера Полынцева")
    scene.mark(lilit, words="Полынцева", action="keep")
    assert "Полынцева" not in scene.page(lilit, "?public=1")
    assert scene.page(lilit).count('class="m m-remove') == 2  # the legend's and this one


def test_hostile_words_are_only_words(cast: Cast, lilit: Browser) -> None:
    account = 'Он сказал: <script>alert(1)</script> [[withheld:name]] "><img src=x onerror=a()> \u202eконец'
    scene = Scene(cast, send(cast, code_name="<b>Heron</b>", languages=["ru"], account=account))
    scene.mark(
        lilit, words="<script>alert(1)</script>", action="pseudonym", replacement="<i>тихо</i>", note="<u>"
    )
    for query in ("", "?public=1", f"?at={scene.marks()[0]['id']}", "?at=<script>"):
        page = scene.page(lilit, query)
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<i>тихо" not in page
        assert "<b>Heron" not in page
        assert "<u>" not in page
    assert "имя не названо" not in scene.page(lilit, "?public=1")


def test_it_notes_who_redacted_and_what_was_opened(scene: Scene, cast: Cast) -> None:
    browser = cast.client("lilit")
    scene.mark(browser, words="Нина")
    worker = scene.value(
        sa.select(cases.work.c.person).where(
            cases.work.c.subject == scene.statement, cases.work.c.kind == "redacted"
        )
    )
    assert worker == cast.people["lilit"].person
    scene.page(browser)
    scene.page(browser, "?public=1")
    with cast.acting("lilit") as uow:
        acts = [
            row.act
            for row in uow.tx.all(sa.select(entries.c.act).where(entries.c.record == scene.statement))
            if row.act.endswith("opened")
        ]
    assert sorted(acts) == ["redaction.opened", "statement.opened"]
    assert scene.state() == "redacting"


def test_a_statement_without_words_says_what_to_do(cast: Cast, lilit: Browser) -> None:
    scene = Scene(cast, send(cast, code_name="Silent", languages=["hy"]))
    assert "Transcribe the recording first" in scene.page(lilit)
    assert scene.page(lilit, "?public=1")


@pytest.mark.parametrize(
    ("name", "status"),
    [("stranger", 404), ("anahit", 403), ("helga", 404), ("nobody", 403), ("irina", 403), ("ruben", 403)],
)
def test_it_refuses_whoever_may_not_mark(scene: Scene, cast: Cast, name: str, status: int) -> None:
    browser = cast.client(name)
    for act in ("marks", "finish", "approval"):
        assert (
            browser.post(f"{scene.url}/{act}", {"revision": 0, "do": "add", "words": "Нина"}).status_code
            == status
        )
    assert scene.state() == "accepted"
    assert scene.revision() == 0


@pytest.mark.parametrize("name", ["stranger", "anahit", "helga", "nobody"])
def test_it_shows_nothing_to_whoever_may_not_read(scene: Scene, cast: Cast, name: str) -> None:
    for query in ("", "?public=1"):
        answer = cast.client(name).get(scene.url + query)
        assert answer.status_code in {403, 404}
        assert "Вера" not in text_of(answer)


def test_a_reader_sees_the_marks_and_why_they_cannot_make_any(
    scene: Scene, cast: Cast, lilit: Browser
) -> None:
    scene.mark(lilit, words="Нина")
    page = scene.page(cast.client("irina"))
    assert "m-remove" in page
    assert "You cannot, because" in page
    assert "data-mark>" not in page


def test_nobody_marks_what_is_on_hold(scene: Scene, lilit: Browser) -> None:
    scene.set_state("on hold")
    assert scene.mark(lilit, words="Нина").status_code == 403
