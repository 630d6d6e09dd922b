"""The page of a file stays open while a worker prepares it, and says by itself how that goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from app.jobs.actions import Rebuild
from app.store.jobs import jobs
from tests import cast
from tests.browser.houses import House, house
from tests.browser.test_session_limit import code_of_this_moment, sign_out_behind
from tests.browser.visitors import Visitor, visitor
from tests.cast import Cast
from tests.jobs.desk import Desk, issue
from tests.media.files import picture
from tests.transcription.scenes import Sent, send, touch

pytestmark = pytest.mark.slow

SOON = 10_000
ASKED = """() => performance.getEntriesByType("resource").filter(each => each.name.endsWith("/preparing")).length"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("preparing")


@pytest.fixture(scope="module")
def troupe(folder: Path) -> Iterator[Cast]:
    assembled = cast.assemble(folder)
    yield assembled
    assembled.close()


@pytest.fixture(scope="module")
def desk(troupe: Cast) -> Desk:
    return Desk(troupe, Rebuild(strict=False))


@pytest.fixture(scope="module")
def homestead(folder: Path, troupe: Cast) -> Iterator[House]:
    with house(folder, troupe.password, code_of_this_moment(folder)) as served:
        yield served


@pytest.fixture
def lilit(chromium: Browser, homestead: House) -> Iterator[Visitor]:
    with visitor(chromium, homestead, "lilit") as who:
        yield who


@pytest.fixture
def sent(troupe: Cast, desk: Desk) -> Sent:
    sent = send(troupe, files=[(picture("PNG"), {"type": "image/png", "title": "The mill"})])
    desk.ledger.beat(None, troupe.clock())
    issue(troupe, sent.files[0])
    return sent


def opened(who: Visitor, sent: Sent) -> Page:
    """The page of the file, with a mark that goes when it is loaded anew."""
    assert who.go(sent.file(rest="/about")).ok
    who.page.evaluate("() => { window.stayed = true }")
    return who.page


def goes_on(troupe: Cast, sent: Sent, thousandths: int) -> None:
    running = {"state": "running", "progress": thousandths}
    touch(troupe, sa.update(jobs).where(jobs.c.subject == sent.files[0]).values(running))


def work(troupe: Cast, desk: Desk, sent: Sent) -> None:
    touch(troupe, sa.update(jobs).where(jobs.c.subject == sent.files[0]).values(state="waiting", progress=0))
    (job,) = desk.ledger.due(troupe.clock())
    assert desk.do(job)


def test_the_page_says_how_far_it_is_and_leads_to_what_came_of_it(
    lilit: Visitor, troupe: Cast, desk: Desk, sent: Sent
) -> None:
    page = opened(lilit, sent)
    entry = page.locator("[data-preparing]")
    expect(entry).to_contain_text("Being prepared")
    goes_on(troupe, sent, 420)
    expect(entry.locator(".state")).to_have_text("Being prepared (42%)", timeout=SOON)
    page.get_by_role("button", name="Cancel").focus()
    work(troupe, desk, sent)
    expect(entry.get_by_role("status")).to_have_text("Its preparing has ended", timeout=SOON)
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert page.evaluate("() => window.stayed")
    way = page.get_by_role("link", name="See what came of it")
    expect(way).to_be_focused()
    asked = page.evaluate(ASKED)
    page.wait_for_timeout(3_000)
    assert page.evaluate(ASKED) == asked, "it asks on after the end"
    page.keyboard.press("Enter")
    expect(page.locator(".screen img")).to_be_visible()
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()


def test_who_was_signed_out_is_not_asked_for_on_and_on(
    lilit: Visitor, folder: Path, troupe: Cast, sent: Sent
) -> None:
    page = opened(lilit, sent)
    sign_out_behind(folder)
    with page.expect_response(lambda answer: answer.url.endswith("/preparing") and answer.status == 302):
        pass
    asked = page.evaluate(ASKED)
    page.wait_for_timeout(5_000)
    assert page.evaluate(ASKED) == asked
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
