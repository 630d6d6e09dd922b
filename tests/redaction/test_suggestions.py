"""What is suggested, and that it counts as withheld until somebody decides; with the demonstration's own words."""

import re
from dataclasses import replace

import pytest

from app.demo.content import Statement, load
from app.detection.normalise import fold
from app.domain.errors import InvalidInput
from app.domain.ids import EntityId, MarkId, new_id
from app.domain.redaction import Action, Mark, RedactionReason
from app.domain.register import Entity, Register
from app.redaction.decisions import Decisions
from app.redaction.passages import Passage
from app.redaction.suggestions import suggest
from tests.cast import Browser, Cast
from tests.redaction.conftest import Scene, entity, send, text_of, visible


def place_of(page: str, words: str) -> str:
    """The id of the place in which these words stand."""
    found = re.search(rf'data-place="([^"]+)"[^>]*><a[^>]*>{words}</a>', page)
    assert found, words
    return found[1]


def test_what_the_register_protects_is_suggested_inflected_and_withheld_meanwhile(
    scene: Scene, lilit: Browser
) -> None:
    scene.register(entity("Нина", ru="Лида"), entity("Овасет", kind="place", ru="ближайший город"))
    page = scene.page(lilit)
    assert page.count('data-kind="guess"') == 3
    assert "Лида?" in page
    assert "ближайший город?" in page
    assert "3 suggestions left" in page
    public = scene.page(lilit, "?public=1")
    for hidden in ("Нина", "Нинин", "Овасет", "Лида", "ближайший город"):
        assert hidden not in public
    assert "[место не названо]" in visible(public)


def test_one_press_takes_a_suggestion(scene: Scene, lilit: Browser) -> None:
    nina = entity("Нина", ru="Лида")
    scene.register(nina)
    place = place_of(scene.page(lilit), "Нинина")
    assert scene.mark(lilit, do="take", place=place, action=None).status_code == 303
    (mark,) = scene.marks()
    assert (mark["action"], mark["replacement"], mark["entity"]) == ("pseudonym", "Лида", nina.id.hex)
    assert "1 suggestion left" in scene.page(lilit)


def test_one_press_keeps_a_suggestion_on_purpose(scene: Scene, lilit: Browser) -> None:
    scene.register(entity("Вера Полынцева"))
    scene.mark(lilit, do="take", place=place_of(scene.page(lilit), "Вера Полынцева"), action="keep")
    assert scene.marks()[0]["action"] == "keep"
    assert "Вера Полынцева" in scene.page(lilit, "?public=1")
    assert "suggestion" not in scene.page(lilit).split("<main")[0]


def test_one_press_takes_all_that_are_alike_and_another_takes_all(cast: Cast, lilit: Browser) -> None:
    scene = Scene(cast, send(cast, languages=["ru"], account="Тихон и Вера. Тихон и Вера."))
    scene.register(entity("Тихон"), entity("Вера"))
    scene.mark(lilit, do="take", place=place_of(scene.page(lilit), "Тихон"), everywhere="y", action=None)
    assert len(scene.marks()) == 2
    scene.mark(lilit, do="take-all", action=None)
    assert len(scene.marks()) == 4


def test_a_suggestion_that_has_gone_is_not_taken(scene: Scene, lilit: Browser) -> None:
    scene.register(entity("Нина"))
    place = place_of(scene.page(lilit), "Нина")
    scene.register()
    answer = scene.mark(lilit, do="take", place=place, action=None)
    assert answer.status_code == 409
    assert "Your press changed nothing" in text_of(answer)


def test_the_registers_words_are_filled_in_for_an_entry(scene: Scene, lilit: Browser) -> None:
    nina = entity("Нина", ru="Лида")
    scene.register(nina)
    scene.mark(lilit, words="Нина", action="pseudonym", entity=nina.id.hex)
    assert scene.marks()[0]["replacement"] == "Лида"


def test_words_hidden_in_one_place_are_suggested_in_the_others(scene: Scene, lilit: Browser) -> None:
    scene.mark(lilit, words="Нина", action="pseudonym", replacement="Лида")
    page = scene.page(lilit)
    assert place_of(page, "Нинина")
    assert "Нинина" not in scene.page(lilit, "?public=1")


def test_a_name_the_register_learns_later_shows_even_in_a_passage_that_was_kept(
    scene: Scene, lilit: Browser
) -> None:
    scene.mark(lilit, words="Моя невестка Нина побежала в школу", action="keep")
    scene.register(entity("Нина"))
    assert "Нина" not in visible(scene.page(lilit, "?public=1"))
    scene.mark(lilit, do="take", place=place_of(scene.page(lilit), "Нина"), action="keep")
    assert "невестка Нина" in visible(scene.page(lilit, "?public=1"))


@pytest.mark.parametrize("disguise", ["Hина", "Ни\u00adна", "НИНА", "Ни\u200bна", "Нинa"])
def test_disguises_of_a_hidden_name_are_found_and_hidden(cast: Cast, lilit: Browser, disguise: str) -> None:
    scene = Scene(cast, send(cast, languages=["ru"], account=f"Это {disguise} пришла."))
    scene.register(entity("Нина"))
    public = scene.page(lilit, "?public=1")
    assert disguise not in public
    assert fold("Нина").text not in fold(visible(public)).text


def test_the_public_view_says_nothing_of_what_is_hidden(scene: Scene, lilit: Browser) -> None:
    """Not in the text, not in an attribute, not in a form, a title or a comment; not in another spelling."""
    scene.register(
        entity("Вера Полынцева", "Полынцевой"),
        entity("Нина", ru="Лида"),
        entity("055 01 42 07", kind="phone"),
    )
    scene.mark(lilit, words="Вера Полынцева", note="Полынцева's own wish")
    scene.mark(lilit, words="Нинина мать", action="pseudonym", replacement="Её мать", note="Нина's")
    folded = fold(scene.page(lilit, "?public=1")).text
    for hidden in ("Вера Полынцева", "Полынцев", "Нина", "055 01 42 07", "0550142", "Нинина мать"):
        assert fold(hidden).text not in folded, hidden
    assert fold("Её мать").text in folded


def _register_of(statement: Statement) -> Register:
    case = load().case(statement.case)
    return Register(
        tuple(
            Entity(
                EntityId(new_id()),
                known.kind,
                known.canonical,
                known.forms,
                known.protection,
                tuple(known.shown_as.items()),
            )
            for known in case.register
        )
    )


@pytest.mark.parametrize("key", ["heron", "finch", "juniper", "quince", "plover"])
def test_every_name_of_the_demonstration_is_found_in_its_account(key: str) -> None:
    statement = load().statement(key)
    register = _register_of(statement)
    passage = Passage("account", statement.account, statement.languages[0])
    found = suggest([passage], register, Decisions())
    covered = [(suggestion.start, suggestion.end) for suggestion in found]
    for _entity, form in register.needles():
        for place in re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", statement.account):
            assert any(start <= place.start() and place.end() <= end for start, end in covered), form
    assert found
    assert all(statement.account[each.start : each.end] == each.words for each in found)


@pytest.mark.parametrize(
    ("key", "inflected"),
    [
        ("juniper", "Արեգը"),
        ("juniper", "Հովասետում"),
        ("heron", "Артёмом"),
        ("heron", "Нинина"),
        ("heron", "Дзоравеше"),
    ],
)
def test_inflected_names_are_suggested_from_their_plain_form_alone(key: str, inflected: str) -> None:
    statement = load().statement(key)
    assert inflected in statement.account
    plain = tuple(
        Entity(known.id, known.kind, known.canonical, (), known.protection, known.pseudonyms)
        for known in _register_of(statement).entities
    )
    passage = Passage("account", statement.account, statement.languages[0])
    found = suggest([passage], Register(plain), Decisions())
    assert any(inflected in suggestion.words for suggestion in found)


def test_a_suggestion_can_be_decided_otherwise_in_the_form(scene: Scene, lilit: Browser) -> None:
    nina = entity("Нина", ru="Лида")
    scene.register(nina)
    place = place_of(scene.page(lilit), "Нинина")
    page = scene.page(lilit, f"?at={place}&action=generalise")
    assert '<details class="fold" data-panel open>' in page
    assert '<option selected value="generalise">' in page
    assert f'<option selected value="{nina.id.hex}">' in page
    assert 'value="Нинина"' in page
    assert "Until you decide, it is withheld" in page


def test_one_decision_about_a_span_reaches_its_words_everywhere(cast: Cast, lilit: Browser) -> None:
    scene = Scene(cast, send(cast, languages=["ru"], account="Тихон и Вера.\nТихон."))
    scene.mark(lilit, target="account", start=14, end=19, words="Тихон", everywhere="y")
    assert sorted(mark["start"] for mark in scene.marks()) == [0, 14]


def test_a_mark_on_a_whole_passage_reads_on_over_its_lines(cast: Cast, lilit: Browser) -> None:
    text = "Первая строка.\n\nВторая строка."
    scene = Scene(cast, send(cast, languages=["ru"], account=text))
    scene.mark(lilit, target="account", start=0, end=len(text), words=text, reason="on-request")
    assert scene.page(lilit).count('class="m m-remove"') == 3  # the legend's, and one to each line
    assert visible(scene.page(lilit, "?public=1")) == "[фрагмент опущен]"


def test_words_in_a_language_without_labels_of_its_own_get_english_ones(cast: Cast, lilit: Browser) -> None:
    scene = Scene(cast, send(cast, languages=["az"], account="Kərim gəldi."))
    scene.mark(lilit, words="Kərim")
    assert visible(scene.page(lilit, "?public=1")) == "[name withheld] gəldi."


def test_damaged_marks_are_told_from_none() -> None:
    damaged: list[object] = [{}, {"marks": []}, {"marks": [], "lost": [], "parts": 1, "transcript": 1}, []]
    for plain in damaged:
        with pytest.raises(InvalidInput):
            Decisions.from_plain(plain)
    mark = Mark(MarkId(new_id()), "account", 0, 4, Action.REMOVE, RedactionReason.FAMILY)
    with pytest.raises(InvalidInput):
        Decisions((mark, mark))
    with pytest.raises(InvalidInput):
        Decisions(tuple(replace(mark, id=MarkId(new_id())) for _ in range(5_001)))


def test_words_that_were_written_down_in_another_language_get_the_name_of_that_language(
    cast: Cast, lilit: Browser
) -> None:
    sent = send(cast, code_name="Heron", languages=["ru"], written="en", account="I saw Vera at the well.")
    scene = Scene(cast, sent)
    scene.register(entity("Vera", en="Teren", ru="Лида"))
    page = scene.page(lilit)
    assert "Teren?" in page
    assert "Лида?" not in page
