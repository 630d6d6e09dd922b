"""Every main page over a filled installation: it fits, it can be used by everybody, and its policy stops nothing of it."""

import base64
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from app.config import Config
from app.demo.seed import read_sign_ins, seed
from app.services import Services
from tests.browser.houses import ROOT, House, house
from tests.browser.visitors import DESK, PHONE, Visitor, visitor

PICTURES = ROOT / "build" / "pictures"
WIDTHS = (PHONE, DESK)
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
SIGNED_IN = ("anahit", "lilit", "nadim", "mark", "helga")
PAGES = {
    # name of its picture: (who looks; nobody: ""), path with what stands in `Places`
    "sign-in": ("", "/sign-in"),
    "notebook": ("anahit", "/notebook"),
    "form-short": ("anahit", "/notebook/cases/{case}/form?way=short"),
    "form-long-1": ("anahit", "/notebook/cases/{case}/form?way=long"),
    "receipt": ("anahit", "/notebook/receipts/{sent}"),
    "desk": ("lilit", "/desk"),
    "cases": ("lilit", "/cases"),
    "case": ("lilit", "/cases/{case}"),
    "people": ("lilit", "/cases/{case}/people"),
    "register": ("lilit", "/cases/{case}/register"),
    "statement": ("lilit", "/statements/{recorded}"),
    "transcript": ("lilit", "/statements/{recorded}/transcript"),
    "redaction": ("lilit", "/statements/{recorded}/redaction"),
    "redaction-public": ("lilit", "/statements/{recorded}/redaction?public=1"),
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
    "stopped": ("lilit", "/statements/00000000-0000-4000-8000-000000000000"),
    "public-front": ("", "{public}/"),
    "public-story": ("", "{public}/{page}"),
    "public-how": ("", "{public}/how.html"),
    "public-front-ar": ("", "{public}/index.ar.html"),
}
MAY_BE_REFUSED = {"stopped"}


@dataclass(frozen=True)
class Places:
    """What the paths of pages are filled with: ids, the public site's origin, a published story's path on it."""

    case: str
    sent: str
    recorded: str
    published: str
    checked: str
    public: str
    page: str


@dataclass
class Town:
    """A filled installation, served; its people keep their windows open, for each signs in once."""

    house: House
    places: Places
    chromium: Browser
    nobody: Visitor
    people: dict[str, Visitor]

    def look(self, page: str) -> Visitor:
        """Whoever may look at a page, before it."""
        name, path = PAGES[page]
        who = self.people[name] if name else self.nobody
        address = path.format(**vars(self.places))
        answer = who.page.goto(address if address.startswith("http") else self.house.staff + address)
        assert answer is not None
        assert answer.ok or page in MAY_BE_REFUSED, f"{page}: {answer.status}"
        return who


@pytest.fixture(scope="module")
def town(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    config = Config.from_env({"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1"})
    seed(config)
    words = {each.name: each.words for each in read_sign_ins(config)}
    with ExitStack() as open_windows:
        served = open_windows.enter_context(house(folder, words.__getitem__, _codes(config)))
        people = {
            name: open_windows.enter_context(visitor(chromium, served, name)) for name in SIGNED_IN
        }
        nobody = open_windows.enter_context(visitor(chromium, served))
        yield Town(served, _places(folder, served), chromium, nobody, people)


def _codes(config: Config) -> Callable[[str], str]:
    """Each code once: after the present one, the next."""
    services = Services.start(config)
    uow = services.unit_of_work()
    seeds = {}
    for name in (*SIGNED_IN, "irina"):
        account = uow.vault.people.lookup(name)
        assert account is not None
        seeds[name] = uow.vault.people.second_factor(account)
    uow.end()
    services.close()
    return lambda name: str(pyotp.TOTP(base64.b32encode(seeds[name]).decode()).now())


def _places(folder: Path, served: House) -> Places:
    """From the rows that nothing seals: ids and states."""
    database = sqlite3.connect(folder / "vouchsafe.db")

    def ask(question: str) -> str:
        found = UUID(bytes=_bytes(database.execute(question).fetchone()[0]))
        return str(found)

    raise NotImplementedError(served, ask)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else bytes.fromhex(str(value))
