"""What every pair of hands does to a statement, at a browser, from the notebook to the front page and back."""

import re
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import expect

from app.store.database import Database
from app.store.sessions import sessions
from app.web.access import CONFIRMED_SECONDS
from bench.staff import ROOT
from tests.browser.visitors import Visitor

RECORDING = ROOT / "app" / "demo" / "content" / "media" / "heron.ogg"
NAME = "Vera Talin"
SHOWN = "Teren"
FROST = "If she says the frost came early, I know it has been a hard week."
ACCOUNT = (
    f"My name is {NAME} and I sort letters. On Sundays my sister calls.\n\n{FROST} We never agreed on this."
)
SAID = f"They wrote {NAME} on the list, and then they crossed it out."
HEADLINE = "On the phone, we talk about the weather"
REACHABLE = ("/desk", "/cases", "/stories", "/notebook")


# Beginning a case


def names_a_case(helga: Visitor, code: str, lead: str) -> None:
    helga.go("/administration")
    helga.follow("New case")
    helga.page.get_by_label("Code").fill(code)
    helga.page.get_by_label("Who leads it").select_option(label=lead)
    helga.press("Sign the charter")
    expect(helga.page.get_by_text("Its lead opens it next")).to_be_visible()


# Taking it


def takes_a_statement(anahit: Visitor) -> tuple[str, str]:
    """The path that its readers know it by, and the code on the witness's card."""
    page = anahit.page
    page.locator("a.take").click()
    page.get_by_label("Code name").fill("Juniper")
    page.get_by_label("Spoken in").select_option("en")
    page.get_by_label("They take part").check()
    page.get_by_label("Record the voice").check()
    page.get_by_label("Under a chosen name").check()
    page.get_by_label("What happened").fill(ACCOUNT)
    page.get_by_label("Files").set_input_files(RECORDING)
    assert anahit.fits()
    anahit.press("Seal and send")
    expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible()
    assert anahit.fits()
    assert "Receipt" in anahit.reads()
    assert NAME not in page.content()
    code = page.locator(".slip bdi.receipt").filter(has=page.locator("br")).inner_text()
    assert len(re.sub(r"\D", "", code)) == 32
    anahit.follow("Back to the notebook")
    assert "Juniper" not in page.content()
    receipt = page.get_by_role("link", name="Show the receipt").get_attribute("href") or ""
    return f"/statements/{receipt.rpartition('/')[2]}", code


def cannot_open(anahit: Visitor, statement: str) -> None:
    answer = anahit.go(statement)
    assert answer.status in {403, 404}
    assert "Juniper" not in answer.text()


# Working on it


def takes_it_over(lilit: Visitor, statement: str) -> None:
    """From the desk, and stands before it."""
    page = lilit.page
    assert page.url.endswith("/desk")
    row = page.get_by_role("row").filter(has=page.locator(f'a[href="{statement}"]'))
    row.get_by_role("button", name="Take it over").click()
    expect(page.get_by_text("Taken over.")).to_be_visible()
    assert page.url.endswith(f"{statement}?done=taken")
    assert NAME in lilit.reads()


def listens(lilit: Visitor) -> None:
    page = lilit.page
    with page.expect_response(lambda answer: answer.url.rpartition("/files/")[1] != "") as heard:
        lilit.follow("Listen")
    assert heard.value.status == 206
    assert heard.value.headers["content-range"].startswith("bytes 0-")
    page.wait_for_function("document.querySelector('audio').duration > 1")


def transcribes(lilit: Visitor) -> None:
    page = lilit.page
    lilit.follow("Write the transcript")
    lilit.press("Add a segment")
    page.get_by_label("Ends").fill("0:04")
    page.get_by_label("Who speaks").fill("Juniper")
    with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        page.get_by_label("What was said").fill(SAID)
    assert saved.value.status == 200
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    lilit.press("Finish the transcript")
    expect(page.get_by_role("link", name="Redact it")).to_be_visible()


def redacts(lilit: Visitor) -> None:
    page = lilit.page
    lilit.follow("Redact it")
    page.get_by_text("Mark words", exact=True).click()
    page.get_by_label("Words", exact=True).fill(NAME)
    page.get_by_label("In public").select_option(label="Give another name")
    page.get_by_label("Shown instead").fill(SHOWN)
    page.get_by_label("Because of").select_option(label="Who the witness is")
    page.get_by_label("Everywhere in this statement").check()
    lilit.press("Mark it")
    expect(page.locator("[data-mark][data-place]")).to_have_count(2)
    page.get_by_role("switch", name="As the public will see it").click()
    expect(page.get_by_text(f"They wrote {SHOWN} on the list")).to_be_visible()
    assert NAME not in page.content()
    lilit.press("Finish the redaction")
    lilit.press("Send it to approval")


def approves_the_statement(nadim: Visitor) -> None:
    nadim.go("/desk")
    nadim.follow("Juniper")
    nadim.follow("Look at it, then approve")
    assert NAME not in nadim.page.content()
    nadim.press("Approve this statement's redaction")
    expect(nadim.page.get_by_text("Signed.")).to_be_visible()


# Telling it


def writes_a_story(lilit: Visitor) -> str:
    """The path of the story, which the leak gate has let through."""
    page = lilit.page
    lilit.go("/stories")
    page.get_by_text("Begin a story").click()
    page.get_by_label("Working title").fill("Weather")
    lilit.press("Begin it")
    story = page.url.removeprefix(lilit.house.staff).partition("/edit")[0]
    quotes(lilit)
    page.get_by_label("Headline", exact=True).fill(HEADLINE)
    page.get_by_label("Standfirst").fill("What two sisters say to each other when somebody listens.")
    page.get_by_label("Go on writing").fill("On some Sundays they have four minutes.")
    page.get_by_label("Pull quote").fill(FROST)
    page.locator("#pull_speaker").fill(f"{SHOWN}, a relative")
    page.get_by_label("Place", exact=True).fill("The lower Ilvan")
    page.get_by_label("Month").fill("2026-03")
    page.get_by_label("Credits").fill("Interviews and editing: the desk")
    lilit.press("Seal this version")
    lilit.follow("Back to the story")
    lilit.press("Check it")
    expect(page).to_have_url(re.compile("/approval$"))
    expect(page.get_by_text("Nothing stops it")).to_be_visible()
    return story


def quotes(lilit: Visitor) -> None:
    page = lilit.page
    lilit.follow("Quote a statement")
    lilit.follow("Juniper")
    assert NAME not in page.content()
    page.get_by_label("Or paste the exact words").fill(FROST)
    page.get_by_label("Who says it").fill(f"{SHOWN}, a relative")
    page.get_by_label("How this source appears").select_option(label="Under another name")
    lilit.press("Quote it")


def signs(who: Visitor, story: str, label: str) -> None:
    """After looking at every surface, for the button is not there before."""
    page = who.page
    with page.expect_response(is_preview):
        who.go(f"{story}/approval")
    more = page.get_by_role("link", name=re.compile("^Look at .* more, then sign$"))
    looked = 1
    while more.count():
        expect(page.get_by_role("button", name=label)).to_have_count(0)
        with page.expect_response(is_preview) as shown:
            more.click()
        shown.value.finished()
        looked += 1
    assert looked == page.locator("nav.surf li").count()
    page.wait_for_load_state()
    who.press(label)
    expect(page.get_by_text("Signed.")).to_be_visible()


def is_preview(answer: object) -> bool:
    return "/preview/" in getattr(answer, "url", "") and getattr(answer, "status", 0) == 200


def ten_minutes_pass(folder: Path) -> None:
    """Since anybody showed a second factor; signing in was one showing."""
    database = Database(f"sqlite:///{folder / 'sessions.db'}", durable=False)
    tx = database.transaction()
    tx.stage(sa.update(sessions).values(confirmed=sessions.c.confirmed - CONFIRMED_SECONDS - 1))
    tx.commit()
    database.close()


def publishes(mark: Visitor, story: str, name: str = "mark") -> None:
    mark.go(story)
    mark.follow("Show your second factor, then publish")
    mark.page.get_by_label("Six digits").fill(mark.house.code(name))
    mark.press("Go on")
    mark.press("Publish it now")
    expect(mark.page.get_by_text("Published. Everybody can read it now.")).to_be_visible()


# Reading it


def reads_in_public(reader: Visitor) -> str:
    """The story's address."""
    page = reader.page
    page.goto(f"{reader.house.public}/")
    reader.follow(HEADLINE)
    assert FROST in " ".join(reader.reads().split())
    assert SHOWN in reader.reads()
    assert reader.fits()
    assert page.context.cookies() == []
    return page.url


def name_is_nowhere(folder: Path) -> None:
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    for word in (*NAME.split(), "Juniper", "Linden-4"):
        assert [file for file in files if word.encode() in file.read_bytes()] == []


def gets_nothing(helga: Visitor, statement: str, story: str) -> None:
    for path in (statement, f"{statement}/transcript", f"{statement}/redaction", story, *REACHABLE):
        answer = helga.go(path)
        assert answer.status in {403, 404}, path
        assert NAME not in answer.text()
    for path in ("/administration", "/administration/audit", "/administration/health"):
        words = helga.go(path).text()
        assert not [secret for secret in (NAME, "Juniper", "The road in winter", HEADLINE) if secret in words]


def takes_it_back(ruben: Visitor, code: str) -> None:
    """A witness calls; whoever answers types the code of the card. It stands in no address that the browser keeps."""
    page, digits = ruben.page, re.sub(r"\D", "", code)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    ruben.go("/desk")
    page.locator("aside").get_by_role("link", name="Linden-4").click()
    ruben.follow("A witness calls with a code")
    page.get_by_label("Withdrawal code").fill(code.replace("\n", " "))
    ruben.press("Find the statement")
    expect(page.get_by_role("heading", name="The code is right")).to_be_visible()
    assert NAME not in page.content()
    page.get_by_label("To be sure, type the code of the case").fill("Linden-4")
    ruben.press("Withdraw it for the witness")
    expect(page.get_by_text("Withdrawn. Its page is gone.")).to_be_visible()
    assert not [url for url in seen if digits[:8] in re.sub(r"\D", "", url)]


def finds_it_gone(reader: Visitor, address: str) -> None:
    page = reader.page
    page.goto(address)
    expect(page.locator(".tomb")).to_have_count(1)
    for path in (address, f"{reader.house.public}/", f"{reader.house.public}/feed.atom"):
        answer = page.request.get(path)
        assert answer.ok, path
        assert not [words for words in (HEADLINE, FROST, SHOWN) if words in answer.text()]
    assert page.context.cookies() == []
