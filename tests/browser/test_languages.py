"""Every page in two made-up languages: whatever is hard-coded, too narrow or does not mirror shows in one of them."""

from collections.abc import Iterator
from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel import Locale
from playwright.sync_api import ViewportSize

from app.demo.content import load
from app.web.locale import LANGUAGES, size
from tests.browser import houses, looking, pseudo
from tests.browser.lists import DISPUTED, TITLE, UNOPENED
from tests.browser.test_pages import RULES
from tests.browser.town import INVITED, NEWCOMER, PAGES, SIGNED_IN, Town
from tests.browser.visitors import Visitor

WIDTHS = (1280, 768, 360, 320)
STAFF_PAGES = [page for page, (_who, path) in PAGES.items() if not path.startswith("{public}")]
PUBLIC_PAGES = ["index", "how", "404"]


@pytest.fixture(scope="module")
def pretender(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[houses.House]:
    """The town's house once more, speaking languages that nobody speaks."""
    translations = tmp_path_factory.mktemp("translations")
    pseudo.write_catalogues(translations)
    application = "tests.browser.pseudo:translated_app()"
    settings = {pseudo.FOLDER: str(translations)}
    with houses.staff(town.folder, town.house.public, application, settings) as origin:
        yield houses.House(origin, town.house.public, town.house.words, town.house.code)


@cache
def names() -> frozenset[str]:
    """What people called things, what CLDR calls languages and sizes: nothing of it is for a translator of ours."""
    told = load()
    people = [part for person in told.people for part in (person.name, person.code_name)]
    things = [part for case in told.cases for part in (case.code, case.title, case.about)]
    written = [statement.code_name for statement in told.statements]
    protected = [form for case in told.cases for entity in case.register for form in entity.forms]
    products = ["SQLite", "PostgreSQL", INVITED, NEWCOMER, DISPUTED, TITLE, UNOPENED]
    cldr = [word for code in (pseudo.LONG, pseudo.RIGHT_TO_LEFT) for word in _cldr_words(code)]
    named = {*people, *things, *written, *protected, *products, *cldr, *LANGUAGES.values()}
    return frozenset(named - {""})


def _cldr_words(code: str) -> list[str]:
    units = [size(3 * 1000**power, code).strip("3 ") for power in (1, 2, 3)]
    return [*Locale(code).languages.values(), *units]


@pytest.mark.parametrize("language", [pseudo.LONG, pseudo.RIGHT_TO_LEFT])
def test_every_page_holds_in_a_language_nobody_thought_of(
    town: Town, pretender: houses.House, language: str
) -> None:
    faults: list[str] = []
    for name in ("", *SIGNED_IN):
        with town.window(name, pretender) as who:
            who.choose_language(language)
            for page in STAFF_PAGES:
                if PAGES[page][0] == name:
                    town.show(page, who)
                    faults += [f"{page} {fault}" for fault in _faults(who)]
    assert faults == [], "\n".join(faults)


def _faults(who: Visitor) -> Iterator[str]:
    yield from (f"says without a message: {words}" for words in looking.untranslated(who.page, names()))
    for width in WIDTHS:
        who.page.set_viewport_size(ViewportSize(width=width, height=800))
        yield from (f"at {width}: {fault}" for fault in looking.squeezed(who.page))
    found = Axe().run(who.page, options=RULES)
    yield from (f"axe: {each['id']}" for each in found.response["violations"])
