"""The transcript's script in a real browser: it saves by itself, moves by keys, and never drops a word."""

import logging
import threading

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.cast import Cast
from tests.transcription.scenes import from_demo, save, segment, send

pytestmark = pytest.mark.browser

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def origin(cast: Cast):
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, cast.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def lilit(cast: Cast):
    return cast.client("lilit")


@pytest.fixture
def page(browser, origin, lilit):
    context = browser.new_context(base_url=origin)
    cookie = lilit.client.get_cookie("demo-session").value
    context.add_cookies([{"name": "demo-session", "value": cookie, "url": origin}])
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None
    )
    yield opened
    context.close()
    assert complaints == []


def words(page: Page) -> list[str]:
    return [area.input_value() for area in page.locator("[data-segment] textarea").all()]


def seal(page: Page):
    return page.locator("[data-saved]")


@pytest.fixture
def sent(cast: Cast, lilit):
    made = send(cast, files=[(b"a recording", {})])
    save(lilit, made, [segment("Ո՞վ է վերցրել", speaker="Wren"), segment("Հրամանատարը", "0:04", "0:09")], 0)
    return made


def test_what_is_typed_is_saved_by_itself(page, sent):
    page.goto(sent.path("/transcript"))
    first = page.locator("textarea").first
    first.fill("անձնագիրը")
    expect(seal(page)).to_have_text("Not saved yet")
    expect(seal(page)).to_contain_text("revision 2", timeout=8000)
    first.press_sequentially(" էր")
    expect(seal(page)).to_contain_text("revision 3", timeout=8000)
    page.reload()
    assert words(page)[0] == "անձնագիրը էր"


def test_keys_move_mark_and_change_who_speaks(page, sent):
    page.goto(sent.path("/transcript"))
    first, second = page.locator("textarea").nth(0), page.locator("textarea").nth(1)
    first.focus()
    page.keyboard.press("Enter")
    expect(second).to_be_focused()
    second.select_text()
    page.keyboard.press("Alt+u")
    expect(second).to_have_value("[uncertain: Հրամանատարը]")
    page.keyboard.press("Alt+s")
    expect(page.locator("[name=speaker-1]")).to_have_value("Wren")
    page.keyboard.press("Enter")
    expect(page.locator("textarea").nth(2)).to_be_focused()
    page.keyboard.type("եւ")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("ոչ")
    expect(seal(page)).to_contain_text("revision 2", timeout=8000)
    page.reload()
    assert words(page) == ["Ո՞վ է վերցրել", "[uncertain: Հրամանատարը]", "եւ\nոչ"]


def test_segments_change_in_place(page, sent):
    page.goto(sent.path("/transcript"))
    page.locator("textarea").first.evaluate("area => { area.focus(); area.setSelectionRange(5, 5); }")
    page.get_by_role("button", name="Split").first.click()
    assert words(page) == ["Ո՞վ է", "վերցրել", "Հրամանատարը"]
    page.get_by_role("button", name="Join with next").nth(1).click()
    assert words(page) == ["Ո՞վ է", "վերցրել\nՀրամանատարը"]
    page.get_by_role("button", name="Remove").first.click()
    assert words(page) == ["վերցրել\nՀրամանատարը"]
    expect(seal(page)).to_contain_text("revision 2", timeout=8000)
    page.reload()
    assert words(page) == ["վերցրել\nՀրամանատարը"]


def test_escape_plays_and_pauses_and_the_row_that_is_heard_is_marked(cast: Cast, page, lilit):
    sent = from_demo(cast, "heron")
    save(lilit, sent, [segment("one", "0:00", "0:30"), segment("two", "0:30", "0:50")], 0)
    page.goto(sent.path("/transcript?show=1"))  # it came with a warning
    player = page.locator("[data-player]")
    page.locator("textarea").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator("#row-0")).to_have_class("playing", timeout=8000)
    page.keyboard.press("Escape")
    assert player.evaluate("player => player.paused")
    at = player.evaluate("player => { player.currentTime = 20; return player.currentTime; }")
    page.keyboard.press("Alt+l")
    assert player.evaluate("player => player.currentTime") == pytest.approx(at + 2, abs=0.1)
    page.keyboard.press("Alt+j")
    assert player.evaluate("player => player.currentTime") == pytest.approx(at, abs=0.1)


def test_a_newer_version_is_told_and_both_are_shown(page, sent, lilit):
    page.goto(sent.path("/transcript"))
    theirs = [segment("theirs")]
    assert save(lilit, sent, theirs, 1).status_code == 200
    page.locator("textarea").first.fill("mine")
    expect(page.get_by_role("alert")).to_contain_text("Somebody saved a newer version", timeout=8000)
    assert words(page)[0] == "mine"
    page.get_by_role("button", name="See both").click()
    expect(page.locator("h1")).to_have_text("Two versions of this transcript")
    expect(page.locator("table")).to_contain_text("theirs")
    expect(page.locator("textarea").nth(1)).to_have_value("mine")


def test_without_an_answer_it_says_so_keeps_the_words_and_tries_again(page, sent):
    page.goto(sent.path("/transcript"))
    page.context.set_offline(True)
    page.locator("textarea").first.fill("written in the dark")
    expect(page.get_by_role("alert")).to_contain_text("Not saved: no answer", timeout=8000)
    page.context.set_offline(False)
    expect(seal(page)).to_contain_text("revision 2", timeout=20_000)


def test_leaving_with_unsaved_words_is_asked_about(page, sent):
    page.goto(sent.path("/transcript"))
    page.locator("textarea").first.press_sequentially("!")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.evaluate("setTimeout(() => location.assign('/desk'), 0)")
    page.wait_for_timeout(800)
    assert asked == ["beforeunload"]
    assert "/transcript" in page.url
    expect(seal(page)).to_contain_text("revision 2", timeout=8000)


def test_a_time_that_cannot_be_read_is_marked_and_not_sent(page, sent):
    page.goto(sent.path("/transcript"))
    page.locator("[name=start-0]").fill("soon")
    expect(page.get_by_role("alert")).to_contain_text("Not saved.", timeout=8000)
    expect(page.locator("[name=start-0]")).to_have_attribute("aria-invalid", "true")
    page.locator("[name=start-0]").fill("0:01")
    expect(seal(page)).to_contain_text("revision 2", timeout=8000)
