"""Sessions end while people work: in a page with scripts they sign in where they are; without, their words wait for them."""

import base64
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyotp
import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, expect

from app.store.database import Database
from app.store.people import people
from app.store.sessions import sessions
from tests import cast
from tests.browser.houses import House, house
from tests.browser.visitors import DESK, PHONE, Visitor, visitor
from tests.cast import FACTOR, Cast
from tests.statements import send
from tests.transcription.scenes import take_over

PICTURES = Path(__file__).parents[2] / "build" / "session-limit"
SAID = "They wrote her on the list, and then they crossed it out."
ACCOUNT = "On Sundays my sister calls."
ROAD: FilePayload = {"name": "road.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}
WARNED = 100
"""Seconds that a session has left when it is made to look old."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limit")


@pytest.fixture(scope="module")
def troupe(folder: Path) -> Iterator[Cast]:
    assembled = cast.assemble(folder)
    yield assembled
    assembled.close()


def code_of_this_moment(folder: Path) -> Callable[[str], str]:
    """Here one person signs in more often than digits change."""

    def code(_name: str) -> str:
        with closing(Database(f"sqlite:///{folder / 'vouchsafe.db'}")) as database:
            tx = database.transaction()
            tx.stage(sa.update(people).values(second_factor_step=0))
            tx.commit()
        return str(pyotp.TOTP(base64.b32encode(FACTOR).decode()).now())

    return code


@pytest.fixture(scope="module")
def homestead(folder: Path, troupe: Cast) -> Iterator[House]:
    with house(folder, troupe.password, code_of_this_moment(folder)) as served:
        yield served


@pytest.fixture
def transcript(troupe: Cast) -> str:
    """The path of a transcript that Lilit may write."""
    statement, _asset = send(troupe, troupe.case, ACCOUNT)
    take_over(troupe)
    return f"/statements/{statement}/transcript"


def sign_out_behind(folder: Path) -> None:
    """As at the limit, or by "sign out everywhere" on another device."""
    _change(folder, sa.delete(sessions))


def grow_old(folder: Path, *, left: int = WARNED) -> None:
    _change(folder, sa.update(sessions).values(seen=sessions.c.seen - 15 * 60 + left))


def near_eight_hours(folder: Path) -> None:
    _change(folder, sa.update(sessions).values(started=sessions.c.started - 8 * 3600 + WARNED))


def _change(folder: Path, statement: sa.UpdateBase) -> None:
    with closing(Database(f"sqlite:///{folder / 'sessions.db'}", durable=False)) as database:
        tx = database.transaction()
        tx.stage(statement)
        tx.commit()


def sign_in_again(who: Visitor, name: str, code_of: str = "") -> None:
    dialog = who.page.get_by_role("dialog")
    dialog.get_by_label("Your words").fill(who.house.words(name))
    dialog.get_by_label("Six digits").fill(who.house.code(code_of or name))
    dialog.get_by_role("button", name="Sign in and go on").click()


def begin(who: Visitor, transcript: str) -> None:
    """A transcript with one empty segment."""
    who.go(transcript)
    who.press("Add a segment")
    expect(who.page.get_by_label("What was said")).to_be_visible()


def writes(page: Page, words: str) -> None:
    page.get_by_label("Ends").first.fill("0:04")
    page.get_by_label("What was said").first.fill(words)


def picture(page: Page, name: str) -> None:
    if os.environ.get("PICTURES") == "1":
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def nothing_to_report(page: Page) -> None:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


# At the desk


def test_a_transcript_is_saved_after_signing_in_again_in_the_page(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        begin(lilit, transcript)
        sign_out_behind(folder)
        writes(page, SAID)
        dialog = page.get_by_role("dialog", name="Sign in again to go on")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text("Lilit Ashkhar")
        assert SAID not in lilit.reads()
        picture(page, "door-1280")
        nothing_to_report(page)
        with page.expect_response(
            lambda answer: (
                answer.url.endswith("/transcript") and answer.request.method == "POST" and answer.ok
            )
        ):
            sign_in_again(lilit, "lilit")
        expect(dialog).to_have_count(0)
        expect(page.locator("[data-saved]")).to_contain_text("Saved")
        expect(page.get_by_label("What was said").first).to_have_value(SAID)
        lilit.go(transcript)
        expect(page.get_by_label("What was said").first).to_have_value(SAID)


def test_the_dialog_keeps_the_focus_and_does_not_close(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        begin(lilit, transcript)
        sign_out_behind(folder)
        writes(page, SAID)
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_label("Your words")).to_be_focused()
        for _ in range(12):
            page.keyboard.press("Tab")
            assert page.evaluate(
                "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
            )
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(dialog).to_be_visible()
        assert SAID not in lilit.reads()


def test_wrong_words_and_another_persons_are_refused(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        begin(lilit, transcript)
        sign_out_behind(folder)
        writes(lilit.page, SAID)
        sign_in_again(lilit, "selma")
        expect(lilit.page.get_by_role("alert").filter(has_text="do not fit")).to_be_visible()
        picture(lilit.page, "door-refused-1280")
        sign_in_again(lilit, "lilit")
        expect(lilit.page.locator("[data-saved]")).to_contain_text("Saved")


def test_where_somebody_else_signed_in_meanwhile_the_page_clears(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        begin(lilit, transcript)
        sign_out_behind(folder)
        other = Visitor(homestead, page.context.new_page())
        other.sign_in("mark")
        writes(page, SAID)
        page.wait_for_url("**/desk")
        assert SAID not in page.content()
        expect(page.get_by_role("link", name="Mark Tolland")).to_be_visible()


def test_where_the_same_person_signed_in_on_another_page_work_goes_on_by_itself(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        begin(lilit, transcript)
        sign_out_behind(folder)
        Visitor(homestead, page.context.new_page()).sign_in("lilit")
        writes(page, SAID)
        expect(page.locator("[data-saved]")).to_contain_text("Saved")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_plain_form_is_sent_after_signing_in_again(
    chromium: Browser, homestead: House, folder: Path, troupe: Cast
) -> None:
    with visitor(chromium, homestead, "ruben") as ruben:
        page = ruben.page
        ruben.go("/people")
        sign_out_behind(folder)
        page.locator("details.lang summary").click()
        page.get_by_role("button", name="Русский").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        sign_in_again(ruben, "ruben")
        expect(page.locator("html")).to_have_attribute("lang", "ru")
        assert page.url.endswith("/people?") or page.url.endswith("/people")


# The last three minutes


def test_an_idle_page_says_how_long_is_left_and_one_press_prolongs_it(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        page.clock.install()
        lilit.go(transcript)
        grow_old(folder)
        page.clock.fast_forward("12:30")
        strip = page.locator("[data-session-strip]")
        expect(strip).to_be_visible()
        expect(strip).to_contain_text("Signed out in 1:")
        expect(page.get_by_role("status").filter(has_text="In three minutes")).to_have_count(1)
        picture(page, "strip-1280")
        nothing_to_report(page)
        page.get_by_role("button", name="Stay signed in").click()
        expect(strip).to_be_hidden()
        assert lilit.go(transcript).ok


def test_whoever_writes_is_here_and_is_not_warned(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        page.clock.install()
        lilit.go(transcript)
        page.clock.fast_forward("11:00")
        page.keyboard.press("Shift")
        grow_old(folder)
        with page.expect_response(
            lambda answer: answer.url.endswith("/session") and answer.request.method == "POST"
        ):
            page.clock.fast_forward("01:30")
        expect(page.locator("[data-session-strip]")).to_be_hidden()


def test_at_eight_hours_one_signs_in_before_the_end_and_goes_on(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        lilit.go("/desk")
        near_eight_hours(folder)
        lilit.go(transcript)
        button = page.get_by_role("button", name="Sign in again now")
        button.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("After eight hours everybody signs in anew.")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        button.click()
        sign_in_again(lilit, "lilit")
        expect(page.locator("[data-session-strip]")).to_be_hidden()


def test_a_page_that_is_left_alone_locks_itself(
    chromium: Browser, homestead: House, folder: Path, transcript: str
) -> None:
    with visitor(chromium, homestead, "lilit") as lilit:
        page = lilit.page
        page.clock.install()
        lilit.go(transcript)
        sign_out_behind(folder)
        page.clock.fast_forward("15:30")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert "Linden-4" not in lilit.reads()
        with page.expect_navigation():
            page.get_by_role("dialog").get_by_role("button", name="Leave now").click()
        assert page.url.endswith(("/leave", "/weather"))
        assert "Juniper" not in page.content()


# On the phone


def fill(anahit: Visitor, path: str) -> None:
    page = anahit.page
    anahit.go(path)
    page.get_by_label("Code name").fill("Juniper")
    page.get_by_label("They take part").check()
    page.get_by_label("What happened").fill(ACCOUNT)


def test_a_form_sent_after_sign_out_waits_and_is_sent_at_the_next_sign_in(
    chromium: Browser, homestead: House, folder: Path, troupe: Cast
) -> None:
    with visitor(chromium, homestead, "anahit", viewport=PHONE, java_script_enabled=False) as anahit:
        page = anahit.page
        fill(anahit, f"/notebook/cases/{troupe.case}/form")
        page.get_by_label("Files").set_input_files(ROAD)
        sign_out_behind(folder)
        anahit.press("Seal and send")
        expect(page.get_by_role("heading", name="Your words are sealed here.")).to_be_visible()
        expect(page.get_by_text("The file that you chose.")).to_be_visible()
        assert ACCOUNT not in page.content()
        assert anahit.fits()
        picture(page, "late-360")
        anahit.sign_in("anahit")
        expect(page.get_by_role("heading", name="You have one unsent statement")).to_be_visible()
        assert ACCOUNT not in page.content()
        assert anahit.fits()
        picture(page, "home-360")
        anahit.follow("Discard it")
        assert anahit.fits()
        picture(page, "discard-360")
        anahit.follow("Keep it")
        anahit.press("Send it")
        expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible()
        anahit.follow("Back to the notebook")
        expect(page.get_by_text("unsent")).to_have_count(0)


def test_with_scripts_an_interviewer_signs_in_on_the_form_and_loses_no_file(
    chromium: Browser, homestead: House, folder: Path, troupe: Cast
) -> None:
    with visitor(chromium, homestead, "anahit", viewport=PHONE) as anahit:
        page = anahit.page
        fill(anahit, f"/notebook/cases/{troupe.case}/form")
        page.get_by_label("Files").set_input_files(ROAD)
        expect(page.get_by_text("Sealed and here, whole.").first).to_be_visible()
        sign_out_behind(folder)
        page.get_by_role("button", name="Seal and send").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        assert "Anahit" not in anahit.reads()
        assert anahit.fits()
        picture(page, "door-360")
        nothing_to_report(page)
        sign_in_again(anahit, "anahit")
        expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible()


def test_or_leaves_the_words_sealed_and_signs_in_later(
    chromium: Browser, homestead: House, folder: Path, troupe: Cast
) -> None:
    with visitor(chromium, homestead, "anahit", viewport=PHONE) as anahit:
        page = anahit.page
        fill(anahit, f"/notebook/cases/{troupe.case}/form")
        sign_out_behind(folder)
        page.get_by_role("button", name="Seal and send").click()
        page.get_by_role("button", name="Keep what I wrote, sealed; sign in later").click()
        expect(page.get_by_role("heading", name="Your words are sealed here.")).to_be_visible()
        anahit.sign_in("anahit")
        anahit.follow("Discard it")
        anahit.press("Discard it for good")
        expect(page.get_by_text("Nobody can bring it back.")).to_be_visible()


@pytest.mark.parametrize("width", [PHONE, DESK], ids=["360", "1280"])
def test_it_all_fits_from_right_to_left(
    chromium: Browser, homestead: House, folder: Path, troupe: Cast, width: dict[str, int]
) -> None:
    with visitor(chromium, homestead, "anahit", viewport=width) as anahit:
        page = anahit.page
        fill(anahit, f"/notebook/cases/{troupe.case}/form")
        page.context.add_cookies([{"name": "demo-lang", "value": "ar", "url": homestead.staff}])
        sign_out_behind(folder)
        page.evaluate("document.querySelector('form#part').submit()")
        page.wait_for_load_state()
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        assert anahit.fits()
        picture(page, f"late-ar-{width['width']}")
        page.context.clear_cookies(name="demo-lang")
        anahit.sign_in("anahit")
        page.context.add_cookies([{"name": "demo-lang", "value": "ar", "url": homestead.staff}])
        anahit.go("/notebook")
        assert anahit.fits()
        picture(page, f"home-ar-{width['width']}")
        sign_out_behind(folder)
        page.locator(".unsent button").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert anahit.fits()
        picture(page, f"door-ar-{width['width']}")
