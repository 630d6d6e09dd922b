"""Every main page over a filled installation: it fits, it can be used by everybody, and its policy stops nothing of it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser import looking
from tests.browser.town import PAGES, SIGNED_IN, Town
from tests.browser.visitors import DESK, PHONE, Visitor, visitor

WIDTHS = (PHONE, DESK)
RULES = {
    "resultTypes": ["violations"],
    "iframes": False,  # a preview stands in one, which runs nothing; its pages are among the public ones
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
CONTRAST = {
    "resultTypes": ["violations"],
    "iframes": False,
    "runOnly": {"type": "rule", "values": ["color-contrast"]},
}
PREFERENCES: dict[str, Any] = {
    "dark": {"color_scheme": "dark", "contrast": "no-preference"},
    "more contrast": {"color_scheme": "light", "contrast": "more"},
    "dark with more contrast": {"color_scheme": "dark", "contrast": "more"},
}
LOOKED_AT = (
    "notebook", "files", "form-short", "health", "desk", "people", "statement", "file", "redaction", "approval", "proposals", "come-back",
    "public-story",
)  # fmt: skip
TABBED = (
    "sign-in", "form-short", "form-long-1", "colleagues", "vouch", "duties", "person", "proposals", "come-in",
    "come-back", "second-factor",
)  # fmt: skip

# Each page


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_and_can_be_used_by_everybody(town: Town, page: str) -> None:
    who = town.look(page)
    for size in WIDTHS:
        who.page.set_viewport_size(size)
        assert who.fits(), f"{page} has to be pushed sideways at {size['width']}"
        found = Axe().run(who.page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
    assert who.complaints == []


@pytest.mark.parametrize("page", ["public-front", "public-story", "public-how"])
def test_a_public_page_holds_in_each_of_its_languages(town: Town, page: str) -> None:
    faults = []
    reader = town.look(page)
    ways = reader.page.locator("nav a[hreflang], ul a[hreflang]")
    for address in [reader.page.url, *{way.evaluate("a => a.href") for way in ways.all()}]:
        reader.page.goto(address)
        for width in (1280, 768, 360, 320):
            reader.page.set_viewport_size(ViewportSize(width=width, height=800))
            faults += [f"{address} at {width}: {fault}" for fault in looking.squeezed(reader.page)]
    assert faults == []


# With a finger, in the dark, without scripts


def everywhere(
    town: Town, pages: Sequence[str] = tuple(PAGES), **options: Any
) -> Iterator[tuple[str, Visitor]]:
    """Each page with whoever looks at it, who opens one window of this kind for all of theirs."""
    for name in ("", *SIGNED_IN):
        with town.window(name, **options) as who:
            for page in [page for page in pages if PAGES[page][0] == name]:
                town.show(page, who)
                yield page, who


def test_a_finger_finds_every_control(town: Town) -> None:
    touched = everywhere(town, viewport=PHONE, has_touch=True, is_mobile=True)
    faults = [f"{page}: {fault}" for page, who in touched for fault in looking.too_small(who.page)]
    assert faults == []


def test_words_stand_out_however_somebody_prefers_to_read(town: Town) -> None:
    faults = []
    for page, who in everywhere(town, LOOKED_AT, reduced_motion="reduce"):
        for name, preferring in PREFERENCES.items():
            who.page.emulate_media(**preferring)
            found = Axe().run(who.page, options=CONTRAST)
            faults += [f"{page}, {name}: {each['nodes'][0]['html']}" for each in found.response["violations"]]
    assert faults == []


def test_colours_that_the_system_forces_leave_every_button_its_words(town: Town) -> None:
    forced = everywhere(town, LOOKED_AT, forced_colors="active", color_scheme="dark")
    faults = [f"{page}: {fault}" for page, who in forced for fault in looking.blank(who.page)]
    assert faults == []


def test_without_scripts_nothing_on_a_page_is_dead(town: Town) -> None:
    faults = []
    for page, who in everywhere(town, java_script_enabled=False):
        faults += [f"{page}: {fault}" for fault in looking.dead(who.page)]
        if who.page.locator("#keys").count():
            assert "need JavaScript" in who.reads(), page
    assert faults == []


def test_without_scripts_an_administrator_looks_for_what_somebody_did(town: Town) -> None:
    with town.window("helga", java_script_enabled=False) as helga:
        helga.go("/administration/audit")
        helga.follow("Check the whole log now")
        expect(helga.page.get_by_text("are where they belong, as they were written")).to_be_visible()
        helga.go("/administration/audit?choose=person")
        helga.follow("Lilit Ashkhar")
        expect(helga.page.locator("td", has_text="Nadim Karaz")).to_have_count(0)
        expect(helga.page.locator("td", has_text="Lilit Ashkhar").first).to_be_visible()


# By keyboard


@pytest.mark.parametrize("page", TABBED)
def test_the_keyboard_gets_everywhere_in_the_order_of_reading_and_out_again(town: Town, page: str) -> None:
    who = town.look(page)
    who.page.set_viewport_size(DESK)
    every = looking.stops(who.page)
    found, unseen = looking.tabbed(who.page)
    assert found == every
    assert found[0].startswith("A #main")
    assert unseen == []


def test_somebody_takes_a_statement_by_keyboard_alone(town: Town) -> None:
    with visitor(town.chromium, town.house) as who:
        _signs_in_by_keyboard(who, "davit")
        _tabs_to(who, who.page.get_by_role("link", name="Linden-4"))
        who.page.keyboard.press("Enter")
        _tabs_to(who, who.page.get_by_label("Code name"))
        who.page.keyboard.type("Rowan")
        _tabs_to(who, who.page.get_by_label("Spoken in"))
        who.page.keyboard.type("Eng")
        _tabs_to(who, who.page.get_by_label("They take part"))
        who.page.keyboard.press("Space")
        _tabs_to(who, who.page.get_by_label("What happened"))
        who.page.keyboard.type("The bridge was closed on a Tuesday.")
        _tabs_to(who, who.page.get_by_role("button", name="Seal and send"))
        who.page.keyboard.press("Enter")
        expect(who.page.get_by_role("heading", name="Sealed and sent")).to_be_visible()
        expect(who.page.get_by_role("heading", name="Receipt")).to_be_visible()


def _tabs_to(who: Visitor, target: Locator) -> None:
    for _stop in range(40):
        if target.first.evaluate("element => element === document.activeElement"):
            return
        who.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {target}")


def _signs_in_by_keyboard(who: Visitor, name: str) -> None:
    who.go("/sign-in")
    keys = who.page.keyboard
    keys.press("Tab")
    expect(who.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keys.press("Enter")
    code = who.house.code(name)
    for label, text in (
        ("Your sign-in name", name),
        ("Your words", who.house.words(name)),
        ("Six digits", code),
    ):
        keys.press("Tab")
        expect(who.page.get_by_label(label)).to_be_focused()
        keys.type(text)
    keys.press("Enter")
    expect(who.page).not_to_have_url(re.compile("/sign-in"))
    who.page.wait_for_load_state()  # with its script, which listens for keys


def test_somebody_signs_in_and_opens_a_statement_by_keyboard_alone(town: Town) -> None:
    with visitor(town.chromium, town.house) as who:
        _signs_in_by_keyboard(who, "irina")
        expect(who.page).to_have_url(re.compile("/desk"))
        _goes_down_and_up_the_desk(who)
        name = who.page.locator("[data-row][aria-current=true] a.name").inner_text()
        who.page.keyboard.press("Enter")
        expect(who.page).to_have_url(re.compile("/statements/"))
        expect(who.page.get_by_role("heading", level=1)).to_have_text(name)


def _goes_down_and_up_the_desk(who: Visitor) -> None:
    rows, keys = who.page.locator("[data-row]"), who.page.keyboard
    for key, number in (("j", 0), ("j", 1), ("k", 0)):
        keys.press(key)
        expect(rows.nth(number)).to_have_attribute("aria-current", "true")
        expect(rows.nth(number).locator("a.name")).to_be_focused()


# From right to left


@pytest.mark.parametrize("page", ["form-short", "form-long-1", "desk", "statement", "file", "redaction"])
def test_a_page_in_arabic_runs_from_right_to_left(town: Town, page: str) -> None:
    name, _path = PAGES[page]
    who = town.people[name]
    who.choose_language("ar")
    try:
        town.look(page)
        for size in WIDTHS:
            who.page.set_viewport_size(size)
            _runs_from_right_to_left(who, size["width"])
    finally:
        who.page.context.clear_cookies(name="demo-lang")
    assert who.complaints == []


def _runs_from_right_to_left(who: Visitor, width: int) -> None:
    assert who.page.locator("html").get_attribute("dir") == "rtl"
    assert who.page.locator("html").get_attribute("lang") == "ar"
    assert who.fits()
    for start in (who.page.locator("a.brand"), who.page.locator("h1").first):
        box = start.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] > width / 2  # what begins a line begins it at the right
