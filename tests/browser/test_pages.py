"""Every main page over a filled installation: it fits, it can be used by everybody, and its policy stops nothing of it."""

import base64
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from app.config import Config
from app.demo.seed import read_sign_ins, seed
from app.domain.duties import Role
from app.services import Services
from app.store import cases, stories
from app.unit_of_work import UnitOfWork
from bench.staff import ROOT
from tests.browser.houses import House, house
from tests.browser.visitors import DESK, PHONE, Visitor, visitor

PICTURES = ROOT / "build" / "pictures"
WIDTHS = (PHONE, DESK)
RULES = {
    "resultTypes": ["violations"],
    "iframes": False,  # a preview stands in one, which runs nothing; its pages are among the public ones
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
BY_KEYBOARD = "irina"
SIGNED_IN = ("anahit", "lilit", "nadim", "mark", "helga", "ruben")
PAGES = {
    # name of its picture: (who looks; nobody: ""), path with places in it
    "sign-in": ("", "/sign-in"),
    "notebook": ("anahit", "/notebook"),
    "form-short": ("anahit", "/notebook/cases/{case}/form?way=short"),
    "form-long-1": ("anahit", "/notebook/cases/{case}/form?way=long"),
    "receipt": ("anahit", "/notebook/receipts/{recorded}"),
    "desk": ("lilit", "/desk"),
    "cases": ("lilit", "/cases"),
    "case": ("lilit", "/cases/{case}"),
    "people": ("lilit", "/cases/{case}/people"),
    "register": ("lilit", "/cases/{case}/register"),
    "statement": ("lilit", "/statements/{recorded}"),
    "transcript": ("lilit", "/statements/{recorded}/transcript"),
    "redaction": ("lilit", "/statements/{in_work}/redaction"),
    "redaction-public": ("lilit", "/statements/{in_work}/redaction?public=1"),
    "redaction-in-approval": ("nadim", "/statements/{recorded}/redaction"),
    "account": ("lilit", "/account"),
    "stories": ("lilit", "/stories"),
    "story": ("mark", "/stories/{published}"),
    "story-writing": ("lilit", "/stories/{checked}/edit"),
    "story-quoting": ("lilit", "/stories/{checked}/quotes"),
    "approval": ("nadim", "/stories/{checked}/approval"),
    "confirm": ("mark", "/confirm?back=/desk"),
    "administration": ("helga", "/administration"),
    "audit": ("helga", "/administration/audit"),
    "health": ("helga", "/administration/health"),
    "invitations": ("helga", "/administration/invitations"),
    "charter": ("helga", "/administration/charter"),
    "come-in": ("", "/join/{link}"),
    "colleagues": ("lilit", "/people"),
    "vouch": ("lilit", "/people/{colleague}/vouch"),
    "duties": ("ruben", "/cases/{case}/people/change"),
    "words": ("lilit", "/account/words"),
    "withdrawal": ("lilit", "/withdrawal"),
    "stopped": ("lilit", "/statements/00000000-0000-4000-8000-000000000000"),
    "public-front": ("", "{public}/"),
    "public-story": ("", "{public}/{page}"),
    "public-how": ("", "{public}/how.html"),
    "public-front-ar": ("", "{public}/index.ar.html"),
}
REFUSED = {"stopped"}


@dataclass
class Town:
    """A filled installation, served; its people keep their windows open, for each signs in once.

    `places`: what the paths of pages are filled with.
    """

    house: House
    places: Mapping[str, str]
    chromium: Browser
    nobody: Visitor
    people: dict[str, Visitor]

    def look(self, page: str) -> Visitor:
        """Whoever may look at a page, before it."""
        name, path = PAGES[page]
        who = self.people[name] if name else self.nobody
        address = path.format(**self.places)
        answer = who.page.goto(address if address.startswith("http") else self.house.staff + address)
        assert answer is not None
        assert answer.ok or page in REFUSED, f"{page}: {answer.status}"
        return who


@pytest.fixture(scope="module")
def town(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    config = Config.from_env({"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1"})
    seed(config)
    words = {each.name: each.words for each in read_sign_ins(config)}
    factors, ids = _read(config)
    page = next((config.public_dir / "current" / "stories").iterdir()).name
    with ExitStack() as open_windows:
        served = open_windows.enter_context(house(folder, words.__getitem__, _codes(factors)))
        nobody = open_windows.enter_context(visitor(chromium, served))
        people = {name: open_windows.enter_context(visitor(chromium, served, name)) for name in SIGNED_IN}
        places = {**ids, "public": served.public, "page": f"stories/{page}/index.html"}
        yield Town(served, places, chromium, nobody, people)


def _read(config: Config) -> tuple[dict[str, bytes], dict[str, str]]:
    """Second factors, and ids to look at, from what nothing seals."""
    services = Services.start(config)
    uow = services.unit_of_work()
    try:
        accounts = {name: _account(uow, name) for name in (*SIGNED_IN, BY_KEYBOARD)}
        factors = {name: uow.vault.people.second_factor(account) for name, account in accounts.items()}
        ids = _ids(uow, accounts["anahit"].id) | {"colleague": str(accounts["mark"].id)}
        reviewer = frozenset({Role.REVIEWER})
        _id, link = uow.vault.invitations.invite(accounts["helga"].id, "vahan", "Vahan Ilpets", reviewer)
        uow.commit()
        return factors, ids | {"link": link}
    finally:
        uow.end()
        services.close()


def _account(uow: UnitOfWork, name: str) -> sa.Row[Any]:
    found = uow.vault.people.lookup(name)
    assert found is not None
    return found


def _ids(uow: UnitOfWork, interviewer: UUID) -> dict[str, str]:
    """A recording that was taken by the interviewer and is looked at now, a statement in work, a story of each kind."""
    statements, told = cases.statements.c, stories.stories.c
    recorded = uow.tx.first(
        sa.select(statements.id, statements.case)
        .join(cases.assets, cases.assets.c.statement == statements.id)
        .where(statements.state == "in approval", statements.submitter == interviewer)
    )
    assert recorded is not None
    return {
        "case": str(recorded.case),
        "recorded": str(recorded.id),
        "in_work": str(uow.tx.value(sa.select(statements.id).where(statements.state == "redacting"))),
        "published": str(uow.tx.value(sa.select(told.id).where(told.state == "published"))),
        "checked": str(uow.tx.value(sa.select(told.id).where(told.state == "checked"))),
    }


def _codes(factors: Mapping[str, bytes]) -> Callable[[str], str]:
    """Of this moment; a person asks once."""
    return lambda name: str(pyotp.TOTP(base64.b32encode(factors[name]).decode()).now())


# Each page


@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_and_can_be_used_by_everybody(town: Town, page: str) -> None:
    who = town.look(page)
    for size in WIDTHS:
        who.page.set_viewport_size(size)
        if os.environ.get("PICTURES") == "1":
            _take_picture(who, f"{page}-{size['width']}")
        assert who.fits(), f"{page} has to be pushed sideways at {size['width']}"
        found = Axe().run(who.page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
    assert who.complaints == []


def _take_picture(who: Visitor, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    who.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


# By keyboard


def test_somebody_signs_in_and_opens_a_statement_by_keyboard_alone(town: Town) -> None:
    with visitor(town.chromium, town.house) as who:
        who.go("/sign-in")
        keys = who.page.keyboard
        keys.press("Tab")
        expect(who.page.get_by_role("link", name="Skip to the content")).to_be_focused()
        keys.press("Enter")
        code = town.house.code(BY_KEYBOARD)
        for label, text in (
            ("Your sign-in name", BY_KEYBOARD),
            ("Your words", town.house.words(BY_KEYBOARD)),
            ("Six digits", code),
        ):
            keys.press("Tab")
            expect(who.page.get_by_label(label)).to_be_focused()
            keys.type(text)
        keys.press("Enter")
        expect(who.page).to_have_url(re.compile("/desk"))
        _goes_down_and_up_the_desk(who)
        name = who.page.locator("[data-row][aria-current=true] a.name").inner_text()
        keys.press("Enter")
        expect(who.page).to_have_url(re.compile("/statements/"))
        expect(who.page.get_by_role("heading", level=1)).to_have_text(name)


def _goes_down_and_up_the_desk(who: Visitor) -> None:
    rows, keys = who.page.locator("[data-row]"), who.page.keyboard
    for key, number in (("j", 0), ("j", 1), ("k", 0)):
        keys.press(key)
        expect(rows.nth(number)).to_have_attribute("aria-current", "true")
        expect(rows.nth(number).locator("a.name")).to_be_focused()


# From right to left


@pytest.mark.parametrize("page", ["form-short", "form-long-1", "desk", "statement", "redaction"])
def test_a_page_in_arabic_runs_from_right_to_left(town: Town, page: str) -> None:
    name, _path = PAGES[page]
    who = town.people[name]
    who.page.context.add_cookies([{"name": "demo-lang", "value": "ar", "url": town.house.staff}])
    try:
        town.look(page)
        for size in WIDTHS:
            who.page.set_viewport_size(size)
            _runs_from_right_to_left(who, size["width"])
            if os.environ.get("PICTURES") == "1":
                _take_picture(who, f"{page}-ar-{size['width']}")
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
