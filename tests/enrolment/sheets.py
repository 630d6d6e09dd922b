"""Coming back by hand: what stands on a sheet and on the pages, and the forms as a person fills them in."""

import html
import re
from dataclasses import dataclass, field

import pyotp
from werkzeug.test import TestResponse

from app.vault.invitations import recovery_words
from tests.cast import Browser, Cast

PAGE = "/come-back"
FINISH = "/come-back/finish"
DAY = 24 * 3600


@dataclass
class Lost:
    """Somebody who lost something, with what they know by now. `sheet`: the twelve words."""

    cast: Cast
    name: str
    lost: str = "words"
    sheet: str = ""
    words: str = ""
    factor: str = ""
    address: str = "127.0.0.1"
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.cast.client()
        self.sheet = self.sheet or recovery_words(self.cast.people[self.name].recovery_code)

    def arrive(self, **otherwise: object) -> TestResponse:
        """Show the code, and what is left."""
        fields: dict[str, object] = {"lost": self.lost, "name": self.name, "recovery": self.sheet}
        if self.lost == "factor":
            fields["words"] = self.cast.password(self.name)
        if self.lost == "words" and "code" not in otherwise:
            fields["code"] = self.cast.code(self.name)
        return self.browser.post(
            PAGE,
            {**fields, **otherwise},
            token_from=PAGE,
            environ_overrides={"REMOTE_ADDR": self.address},
        )

    def finish(self, page: TestResponse, **otherwise: object) -> TestResponse:
        """Type back what the page proposes."""
        text = page.get_data(as_text=True)
        fields: dict[str, object] = {"ticket": hidden(text, "ticket"), "offer": hidden(text, "offer")}
        if self.lost != "factor":
            self.words = str(fields.setdefault("words", listed(text)))
        if self.lost != "words":
            self.factor = copied(text)
            fields["code"] = self.first_code()
        return self.browser.post(FINISH, {**fields, **otherwise}, token_from="/sign-in")

    def first_code(self) -> str:
        """Of the new second factor."""
        return str(pyotp.TOTP(self.factor).at(self.cast.clock()))

    def come_back(self) -> str:
        """From the first page to the sheet; its twelve words."""
        answer = self.finish(self.arrive())
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200, text
        assert "Your keys are locked anew" in text
        self.sheet = listed(text)
        return self.sheet

    def sign_in(self) -> TestResponse:
        """With what holds now."""
        if self.factor:
            self.cast.clock.ahead += 60
            code = self.first_code()
        else:
            code = self.cast.code(self.name)
        words = self.words or self.cast.password(self.name)
        fields: dict[str, object] = {"name": self.name, "words": words, "code": code}
        return self.cast.client().post("/sign-in", fields, token_from="/sign-in")


def listed(page: str) -> str:
    found = re.search(r'<ol class="words"[^>]*>(.*?)</ol>', page, re.DOTALL)
    assert found, page
    return " ".join(re.findall(r"<li>(\w+)</li>", found[1]))


def copied(page: str) -> str:
    found = re.search(r'<bdi class="copied"[^>]*>([A-Z2-7 ]+)</bdi>', page)
    assert found, page
    return found[1].replace(" ", "")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])
