"""Files as a real Chromium shows them: from the sealed original, from what was made of it, and not before somebody asked."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from app.jobs.actions import Rebuild
from tests import cast
from tests.browser.houses import house
from tests.browser.visitors import PHONE, Visitor, visitor
from tests.cast import FACTOR, Cast
from tests.jobs.desk import Desk, issue
from tests.media.files import pdf, picture, recording
from tests.transcription.scenes import Sent, send

pytestmark = pytest.mark.slow

AUDIO, FILM, PHOTOGRAPH, DOCUMENT, GRAPHIC = range(5)
MINUTES = 3
PLAYS = """async () => {
  const player = document.querySelector("[data-player]");
  player.muted = true;
  const happens = (name) => new Promise((done, fail) => {
    player.addEventListener(name, done, {once: true});
    setTimeout(() => fail(new Error(`no ${name}`)), 8000);
  });
  if (player.readyState < 1) await happens("loadedmetadata");
  const leapt = happens("seeked");
  player.currentTime = player.duration / 2;
  await leapt;
  const goesOn = happens("timeupdate");
  await player.play();
  await goesOn;
  player.pause();
  return {length: player.duration, at: player.currentTime, from: player.currentSrc};
}"""
LONG_PLAYING = """() => {
  const player = document.querySelector("[data-player]");
  Object.defineProperty(player, "paused", {get: () => false, configurable: true});
  let now = performance.now();
  performance.now = () => now;
  for (let seconds = 0; seconds < 51 * 60; seconds += 1) {
    now += 1000;
    player.dispatchEvent(new Event("timeupdate"));
  }
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shown")


@pytest.fixture(scope="module")
def troupe(folder: Path) -> Iterator[Cast]:
    assembled = cast.assemble(folder)
    yield assembled
    assembled.close()


@pytest.fixture(scope="module")
def sent(troupe: Cast) -> Sent:
    """A statement whose files a worker has really prepared."""
    files = [
        (recording("ogg", "libopus", seconds=60 * MINUTES), {"type": "audio/ogg", "title": "Long talk"}),
        (recording("avi", "pcm_s16le", "mpeg4", seconds=20, size=(320, 240)), {"type": "video/x-msvideo"}),
        (picture("PNG"), {"type": "image/png"}),
        (pdf(2), {"type": "application/pdf"}),
        (recording("webm", "libopus", "libvpx", seconds=10), {"type": "video/webm", "warning": "a wound"}),
    ]
    sent = send(troupe, files=files)
    desk = Desk(troupe, Rebuild(strict=False))
    for asset in sent.files:
        desk.ledger.beat(None, troupe.clock())
        assert desk.do(issue(troupe, asset))
    return sent


@pytest.fixture(scope="module")
def lilit(chromium: Browser, folder: Path, troupe: Cast, sent: Sent) -> Iterator[Visitor]:
    def code(_name: str) -> str:
        return str(pyotp.TOTP(base64.b32encode(FACTOR).decode()).now())

    with house(folder, troupe.password, code) as served, visitor(chromium, served, "lilit") as who:
        yield who


def opened(who: Visitor, path: str) -> Page:
    assert who.go(path).ok
    return who.page


def plays(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(PLAYS)
    return found


def test_a_recording_plays_from_its_middle_out_of_the_sealed_original(lilit: Visitor, sent: Sent) -> None:
    page = opened(lilit, sent.file(AUDIO, "/about"))
    heard = plays(page)
    assert heard["from"].endswith(sent.file(AUDIO))
    assert heard["length"] == pytest.approx(60 * MINUTES, abs=1)
    assert heard["at"] >= 60 * MINUTES / 2


def test_its_waveform_is_drawn_and_a_click_goes_there(lilit: Visitor, sent: Sent) -> None:
    page = opened(lilit, sent.path("/transcript"))
    wave = page.locator(".waveform svg")
    expect(wave).to_be_visible()
    assert (page.locator(".w-rest").get_attribute("d") or "").count("M") > 100
    page.wait_for_function("() => document.querySelector('[data-player]').readyState > 0")
    box = wave.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.querySelector('[data-player]').currentTime > 0")
    at = page.evaluate("() => document.querySelector('[data-player]').currentTime")
    assert at == pytest.approx(60 * MINUTES * 0.75, abs=2)


def test_a_film_that_no_browser_plays_is_watched_from_its_copy(lilit: Visitor, sent: Sent) -> None:
    page = opened(lilit, sent.file(FILM, "/about"))
    seen = plays(page)
    assert "/made/" in seen["from"]
    assert seen["at"] >= 10
    assert page.evaluate("() => document.querySelector('video').videoWidth") == 320


def test_pictures_and_pages_are_seen_as_they_were_made_anew(lilit: Visitor, sent: Sent) -> None:
    for number, many in ((PHOTOGRAPH, 1), (DOCUMENT, 2)):
        page = opened(lilit, sent.file(number, "/about"))
        shown = page.locator(".screen img")
        expect(shown).to_have_count(many)
        for each in shown.all():
            each.scroll_into_view_if_needed()
            page.wait_for_function("image => image.naturalWidth > 0", arg=each.element_handle())
            assert re.search("/made/", each.get_attribute("src") or "")


def test_what_may_hurt_to_see_opens_veiled_and_silent_by_keyboard_alone(lilit: Visitor, sent: Sent) -> None:
    page = opened(lilit, sent.file(GRAPHIC, "/about"))
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_text("a wound").first).to_be_visible()
    page.get_by_role("link", name="Watch, knowing this").focus()
    page.keyboard.press("Enter")
    film = page.locator("video")
    expect(film).to_be_visible()
    assert film.evaluate(
        "film => film.muted && film.paused && getComputedStyle(film).filter.includes('blur')"
    )
    page.get_by_label("Show it clearly").focus()
    page.keyboard.press("Space")
    expect(film).to_have_css("filter", "none")
    assert film.evaluate("film => film.muted")


def test_after_fifty_minutes_a_break_is_offered_until_somebody_wants_none(lilit: Visitor, sent: Sent) -> None:
    page = opened(lilit, sent.file(AUDIO, "/about"))
    offer = page.get_by_text("You have listened for 50 minutes")
    page.evaluate(LONG_PLAYING)
    expect(offer).to_be_visible()
    page.get_by_role("button", name="Do not remind me again").click()
    expect(offer).to_have_count(0)
    page.reload()
    page.evaluate(LONG_PLAYING)
    expect(offer).to_have_count(0)


@pytest.mark.parametrize("number", [AUDIO, FILM, DOCUMENT, GRAPHIC])
def test_the_page_of_a_file_fits_a_small_phone(lilit: Visitor, sent: Sent, number: int) -> None:
    page = lilit.page
    size = page.viewport_size
    page.set_viewport_size(PHONE)
    try:
        opened(lilit, sent.file(number, "/about?show=1"))
        assert lilit.fits()
        opened(lilit, sent.path(f"?show={sent.files[number]}"))
        assert lilit.fits()
    finally:
        if size is not None:
            page.set_viewport_size(size)
    assert lilit.complaints == []
