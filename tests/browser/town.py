"""A filled installation, served, with the people who look at it: every main page by its name."""

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
import sqlalchemy as sa
from playwright.sync_api import Browser

from app.config import Config
from app.demo.seed import read_sign_ins, seed
from app.domain.duties import Role
from app.services import Services
from app.store import cases, stories
from app.unit_of_work import UnitOfWork
from app.vault.invitations import FACTOR_BYTES
from tests.browser.houses import House, house
from tests.browser.lists import brings_about
from tests.browser.visitors import Visitor, visitor
from tests.browser.works import leaves_jobs, sends_files

BY_KEYBOARD = ("irina", "davit")
"""They sign in once each, while a test looks on."""
INVITED = "Vahan Ilpets"
NEWCOMER = "Nil Tander"
SIGNED_IN = ("anahit", "lilit", "nadim", "mark", "helga", "ruben")
PAGES = {
    # name of its picture: (who looks; nobody: ""), path with places in it
    "sign-in": ("", "/sign-in"),
    "notebook": ("anahit", "/notebook"),
    "form-short": ("anahit", "/notebook/cases/{case}/form?way=short"),
    "form-long-1": ("anahit", "/notebook/cases/{case}/form?way=long"),
    "files": ("anahit", "/notebook/files"),
    "file-discard": ("anahit", "{discarding}"),
    "receipt": ("anahit", "/notebook/receipts/{recorded}"),
    "addendum": ("anahit", "/notebook/receipts/{recorded}/addendum"),
    "desk": ("lilit", "/desk"),
    "cases": ("lilit", "/cases"),
    "case": ("lilit", "/cases/{case}"),
    "people": ("lilit", "/cases/{case}/people"),
    "register": ("lilit", "/cases/{case}/register"),
    "statement": ("lilit", "/statements/{recorded}"),
    "file": ("lilit", "/statements/{recorded}/files/{recording}/about"),
    "file-opened": ("lilit", "/statements/{recorded}/files/{recording}/about?show=1"),
    "transcript": ("lilit", "/statements/{recorded}/transcript"),
    "transcript-writing": ("lilit", "/statements/{untouched}/transcript"),
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
    "person": ("helga", "/administration/people/{colleague}"),
    "proposals": ("helga", "/administration/proposals"),
    "charter": ("helga", "/administration/charter"),
    "come-in": ("", "/join/{link}"),
    "colleagues": ("lilit", "/people"),
    "vouch": ("lilit", "/people/{colleague}/vouch"),
    "duties": ("ruben", "/cases/{case}/people/change"),
    "meeting": ("ruben", "/cases/{case}/people/{newcomer}/meeting"),
    "opening": ("ruben", "/cases/{unopened}/opening"),
    "versions": ("ruben", "/cases/{disputed}/people/versions"),
    "second-factor": ("lilit", "/account/second-factor"),
    "come-back": ("", "/come-back"),
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
    """Its people keep their windows open, for each signs in once.

    `folder`: the installation; `places`: what the paths of pages are filled with.
    """

    folder: Path
    house: House
    places: Mapping[str, str]
    chromium: Browser
    nobody: Visitor
    people: dict[str, Visitor]

    def look(self, page: str) -> Visitor:
        """Whoever may look at a page, before it."""
        name, _path = PAGES[page]
        who = self.people[name] if name else self.nobody
        self.show(page, who)
        return who

    def show(self, page: str, who: Visitor) -> None:
        """Bring somebody before a page of the house that they visit."""
        address = PAGES[page][1].format(**self.places)
        answer = who.page.goto(address if address.startswith("http") else who.house.staff + address)
        assert answer is not None
        assert answer.ok or page in REFUSED, f"{page}: {answer.status}"

    @contextmanager
    def window(self, name: str, house: House | None = None, **options: Any) -> Iterator[Visitor]:
        """Another window of somebody who is signed in, or of nobody, perhaps at another server of the house."""
        if name:
            options["storage_state"] = self.people[name].page.context.storage_state()
        with visitor(self.chromium, house or self.house, **options) as who:
            yield who


@contextmanager
def filled_town(chromium: Browser, folder: Path) -> Iterator[Town]:
    """Found, fill and serve an installation in a folder; everybody of SIGNED_IN signs in."""
    config = Config.from_env({"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1"})
    seed(config)
    words = {each.name: each.words for each in read_sign_ins(config)}
    factors, ids = _read(config)
    page = next((config.public_dir / "current" / "stories").iterdir()).name
    with ExitStack() as open_windows:
        served = open_windows.enter_context(house(folder, words.__getitem__, _codes(factors)))
        nobody = open_windows.enter_context(visitor(chromium, served))
        people = {name: open_windows.enter_context(visitor(chromium, served, name)) for name in SIGNED_IN}
        ids |= brings_about(folder, people["helga"], people["ruben"])
        discarding = sends_files(people["anahit"], ids["case"])
        leaves_jobs(folder, ids["case"])
        places = {
            **ids,
            "discarding": discarding,
            "public": served.public,
            "page": f"stories/{page}/index.html",
        }
        yield Town(folder, served, places, chromium, nobody, people)


def _read(config: Config) -> tuple[dict[str, bytes], dict[str, str]]:
    """Second factors, and ids to look at, from what nothing seals."""
    services = Services.start(config)
    uow = services.unit_of_work()
    try:
        accounts = {name: _account(uow, name) for name in (*SIGNED_IN, *BY_KEYBOARD)}
        factors = {name: uow.vault.people.second_factor(account) for name, account in accounts.items()}
        ids = _ids(uow, accounts["anahit"].id) | {"colleague": str(accounts["mark"].id)}
        reviewer = frozenset({Role.REVIEWER})
        _id, link = uow.vault.invitations.invite(accounts["helga"].id, "vahan", INVITED, reviewer)
        newcomer = uow.vault.people.add(
            "nil", NEWCOMER, reviewer, "seven plain words for nil alone", secrets.token_bytes(FACTOR_BYTES)
        )
        uow.commit()
        return factors, ids | {"link": link, "newcomer": str(newcomer.person)}
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
        sa.select(statements.id, statements.case, cases.assets.c.id.label("recording"))
        .join(cases.assets, cases.assets.c.statement == statements.id)
        .where(statements.state == "in approval", statements.submitter == interviewer)
    )
    assert recorded is not None
    return {
        "case": str(recorded.case),
        "recorded": str(recorded.id),
        "recording": str(recorded.recording),
        "untouched": str(uow.tx.value(sa.select(statements.id).where(statements.state == "accepted"))),
        "in_work": str(uow.tx.value(sa.select(statements.id).where(statements.state == "redacting"))),
        "published": str(uow.tx.value(sa.select(told.id).where(told.state == "published"))),
        "checked": str(uow.tx.value(sa.select(told.id).where(told.state == "checked"))),
    }


def _codes(factors: Mapping[str, bytes]) -> Callable[[str], str]:
    """Of this moment; a person asks once."""
    return lambda name: str(pyotp.TOTP(base64.b32encode(factors[name]).decode()).now())
