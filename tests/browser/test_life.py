"""One statement's whole life, through every hand that it takes, against real servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import cast
from tests.browser import hands
from tests.browser.houses import House, house
from tests.browser.visitors import PHONE, visitor


@pytest.fixture
def homestead(tmp_path: Path) -> Iterator[House]:
    """The cast's installation, served."""
    troupe = cast.assemble(tmp_path)
    try:
        with house(tmp_path, troupe.password, troupe.code) as served:
            yield served
    finally:
        troupe.close()


def test_a_statement_lives_from_the_notebook_to_the_front_page_and_is_taken_back(
    chromium: Browser, homestead: House, tmp_path: Path
) -> None:
    with visitor(chromium, homestead, "anahit", viewport=PHONE, java_script_enabled=False) as anahit:
        statement, code = hands.takes_a_statement(anahit)
        hands.cannot_open(anahit, statement)
    with visitor(chromium, homestead, "lilit") as lilit, visitor(chromium, homestead, "nadim") as nadim:
        hands.takes_it_over(lilit, statement)
        hands.listens(lilit)
        hands.transcribes(lilit)
        hands.redacts(lilit)
        hands.approves_the_statement(nadim)
        story = hands.writes_a_story(lilit)
        with visitor(chromium, homestead, "irina") as irina:
            hands.signs(irina, story, "Sign as an editor")
        hands.signs(nadim, story, "Sign for the safety of the people in it")
    with visitor(chromium, homestead, "anush") as anush:
        anush.go(f"{story}/approval")
        anush.press("Look for names, then sign")
        expect(anush.page.get_by_text("Signed.")).to_be_visible()
    with visitor(chromium, homestead, "mark") as mark:
        hands.ten_minutes_pass(tmp_path)
        hands.publishes(mark, story)
    with visitor(chromium, homestead, java_script_enabled=False) as reader:
        address = hands.reads_in_public(reader)
        hands.name_is_nowhere(tmp_path / "public")
        with visitor(chromium, homestead, "helga") as helga:
            hands.gets_nothing(helga, statement, story)
        with visitor(chromium, homestead, "ruben") as ruben:
            hands.ten_minutes_pass(tmp_path)  # a witness who calls does not wait for anybody's second factor
            hands.takes_it_back(ruben, code)
        hands.finds_it_gone(reader, address)
