"""People at a browser: who signs in as they would, keeps to one window, and hears what the browser complains about."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Response, ViewportSize

from tests.browser.houses import House

PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1280, height=900)
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SENT = "() => document.querySelector('form[aria-busy=true]') === null"
POLICY_WORDS = re.compile(r"Content Security Policy|Permissions policy|Refused to|TrustedHTML", re.IGNORECASE)


@dataclass
class Visitor:
    """One person in a browser of their own, with their own cookies."""

    house: House
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if POLICY_WORDS.search(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> Response:
        """A page of the staff site, by its path."""
        answer = self.page.goto(self.house.staff + path)
        assert answer is not None
        return answer

    def choose_language(self, code: str) -> None:
        """As the menu of languages would, at the staff site."""
        self.page.context.add_cookies([{"name": "demo-lang", "value": code, "url": self.house.staff}])

    def sign_in(self, name: str) -> None:
        self.go("/sign-in")
        self.page.get_by_label("Your sign-in name").fill(name)
        self.page.get_by_label("Your words").fill(self.house.words(name))
        self.page.get_by_label("Six digits").fill(self.house.code(name))
        self.press("Sign in")
        assert "/sign-in" not in self.page.url, self.page.inner_text("main")

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).first.click()
        self.page.wait_for_function(SENT)  # a form asks first whether the session lives
        self.page.wait_for_load_state()

    def follow(self, label: str) -> None:
        self.page.get_by_role("link", name=label, exact=True).first.click()
        self.page.wait_for_load_state()

    def reads(self) -> str:
        """What stands on the page, as far as it can be seen."""
        return self.page.inner_text("body")

    def fits(self) -> bool:
        """Whether nothing has to be pushed sideways."""
        return bool(self.page.evaluate(SIDEWAYS) <= 0)


@contextmanager
def visitor(browser: Browser, house: House, name: str = "", **options: Any) -> Iterator[Visitor]:
    """Signed in where there is a name. When they leave, the browser must have had nothing to complain about."""
    context = browser.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
    try:
        who = Visitor(house, context.new_page())
        if name:
            who.sign_in(name)
        yield who
        assert not who.complaints
    finally:
        context.close()
