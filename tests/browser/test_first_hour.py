"""The first hour of an organisation: founded at a terminal, then everything by the screens, until the public reads."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, expect

from bench.staff import ROOT
from tests.browser import hands
from tests.browser.houses import House, house
from tests.browser.visitors import PHONE, Visitor, visitor

STEP = 30
LEADING = ("lead", "identity custodian", "publisher")


@dataclass
class Papers:
    """What each person keeps on paper: their words, the seed of their second factor, the digits of their card."""

    words: dict[str, str] = field(default_factory=dict)
    seeds: dict[str, str] = field(default_factory=dict)
    digits: dict[str, str] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)

    def code(self, name: str) -> str:
        """A code that was not used yet; a server takes one that is a step early or late."""
        step = max(int(time.time()) // STEP - 1, self.used.get(name, 0) + 1)
        while step > time.time() // STEP + 1:
            time.sleep(1)
        self.used[name] = step
        return pyotp.TOTP(self.seeds[name]).generate_otp(step)


def vouchsafe(folder: Path, *arguments: str) -> dict[str, object]:
    """The command as an operator runs it."""
    environment = {
        **os.environ,
        "DATA_DIR": str(folder),
        "DEMO": "1",
        "ARGON2": "1,64,1",
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", *arguments, "--json"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    facts: dict[str, object] = json.loads(done.stdout)
    return facts


@pytest.fixture
def papers() -> Papers:
    return Papers()


@pytest.fixture
def founded(tmp_path: Path, papers: Papers) -> Iterator[House]:
    """An installation with its two founders and nothing else."""
    sheet = vouchsafe(
        tmp_path,
        "init",
        *("--administrator", "helga", "--administrator-name", "Helga Rund"),
        *("--reviewer", "ruben", "--reviewer-name", "Ruben Oskan"),
    )
    people = sheet["people"]
    assert isinstance(people, list)
    for person in people:
        papers.words[person["sign_in_name"]] = person["words"]
        seed = parse_qs(urlsplit(person["second_factor"]).query)["secret"][0]
        papers.seeds[person["sign_in_name"]] = seed
    with house(tmp_path, papers.words.__getitem__, papers.code) as served:
        yield served


def test_four_people_and_an_interviewer_publish_within_the_hour(
    chromium: Browser, founded: House, papers: Papers, tmp_path: Path
) -> None:
    with visitor(chromium, founded, "helga") as helga:
        for name, shown, work in (
            ("lilit", "Lilit Ashkhar", "Work on cases"),
            ("irina", "Irina Veslova", "Work on cases"),
            ("nadim", "Nadim Karaz", "Work on cases"),
            ("anahit", "Anahit Veluni", "Take statements"),
        ):
            comes_in(chromium, founded, papers, invites(helga, name, shown, work), name)
    with visitor(chromium, founded, "ruben") as ruben:
        for name, shown in (
            ("lilit", "Lilit Ashkhar"),
            ("irina", "Irina Veslova"),
            ("anahit", "Anahit Veluni"),
        ):
            vouches(ruben, shown, papers.digits[name])
        with visitor(chromium, founded, "lilit") as lilit:
            vouches(lilit, "Nadim Karaz", papers.digits["nadim"])
            with visitor(chromium, founded, "helga") as helga:
                hands.names_a_case(helga, "Linden-4", "Ruben Oskan")
            opens_it(ruben)
            with visitor(chromium, founded, "anahit", viewport=PHONE, java_script_enabled=False) as anahit:
                statement, _code = hands.takes_a_statement(anahit)
            lilit.go("/desk")
            hands.takes_it_over(lilit, statement)
            hands.transcribes(lilit)
            hands.redacts(lilit)
            with visitor(chromium, founded, "nadim") as nadim:
                hands.approves_the_statement(nadim)
                story = hands.writes_a_story(lilit)
                with visitor(chromium, founded, "irina") as irina:
                    hands.signs(irina, story, "Sign as an editor")
                hands.signs(nadim, story, "Sign for the safety of the people in it")
        ruben.go(f"{story}/approval")
        ruben.press("Look for names, then sign")
        hands.ten_minutes_pass(tmp_path)
        hands.publishes(ruben, story, "ruben")
    with visitor(chromium, founded, java_script_enabled=False) as reader:
        hands.reads_in_public(reader)
        hands.name_is_nowhere(tmp_path / "public")


def invites(helga: Visitor, name: str, shown: str, work: str) -> str:
    """The link, as it is read to the newcomer."""
    page = helga.page
    helga.go("/administration")
    helga.follow("Invitations")
    page.get_by_label("Their name", exact=True).fill(shown)
    page.get_by_label("Their sign-in name").fill(name)
    page.get_by_label(work).check()
    assert helga.fits()
    helga.press("Make the link")
    return page.locator("bdi.copied").inner_text()


def comes_in(chromium: Browser, founded: House, papers: Papers, link: str, name: str) -> None:
    """On a phone without script, with paper and pen."""
    with visitor(chromium, founded, viewport=PHONE, java_script_enabled=False) as newcomer:
        page = newcomer.page
        page.goto(link)
        assert newcomer.fits()
        papers.words[name] = " ".join(page.locator("ol.words li").all_inner_texts())
        papers.seeds[name] = page.locator("bdi.copied").inner_text().replace(" ", "")
        page.get_by_label("Type your seven words").fill(papers.words[name])
        page.get_by_label("Six digits").fill(pyotp.TOTP(papers.seeds[name]).now())
        newcomer.press("Make my keys")
        assert page.locator("ol.words li").count() == 12
        assert newcomer.fits()
        papers.digits[name] = page.locator("bdi.receipt").inner_text()
        newcomer.follow("I have it on paper: sign in")


def vouches(voucher: Visitor, shown: str, digits: str) -> None:
    page = voucher.page
    voucher.go("/people")
    page.get_by_role("row", name=re.compile(shown)).get_by_role("link", name="Compare and vouch").click()
    assert digits[:19] in voucher.reads()
    page.get_by_label("The last two groups").fill(digits[-9:])
    page.get_by_label("Face to face").check()
    assert voucher.fits()
    voucher.press(f"Vouch for {shown}")
    expect(page.get_by_text("Your voice stands for their card now.")).to_be_visible()


def opens_it(ruben: Visitor) -> None:
    page = ruben.page
    ruben.go("/cases")
    ruben.follow("Open it")
    page.get_by_label("Title").fill("The road in winter")
    for shown, duties in (
        ("Ruben Oskan", LEADING),
        ("Lilit Ashkhar", ("transcriber", "redactor")),
        ("Irina Veslova", ("editorial approver",)),
        ("Nadim Karaz", ("protection approver",)),
        ("Anahit Veluni", ("interviewer",)),
    ):
        group = page.get_by_role("group", name=re.compile(shown))
        for duty in duties:
            group.get_by_label(duty, exact=True).check()
    assert ruben.fits()
    ruben.press("Sign, and open the case")
    expect(page.get_by_text("Ruben Oskan leads and is the only identity custodian")).to_be_visible()
    ruben.press("Open it all the same")
    expect(page.get_by_text("Signed.")).to_be_visible()
