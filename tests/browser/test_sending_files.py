"""Files of any size through the notebook's own forms, to the readers of the case who open them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from app.store.cases import assets
from app.vault.fields import ASSET_FACTS
from tests import cast
from tests.browser.houses import House, house
from tests.browser.test_session_limit import code_of_this_moment, sign_in_again, sign_out_behind
from tests.browser.test_upload import arrives, made, nothing_is_stored
from tests.browser.tus import MIB
from tests.browser.visitors import PHONE, Visitor, visitor
from tests.cast import Cast
from tests.intake.notebook import contents, file_bytes

PICTURES = Path(__file__).parents[2] / "build" / "uploads"
ACCOUNT = "On Sundays my sister calls."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def troupe(folder: Path) -> Iterator[Cast]:
    assembled = cast.assemble(folder)
    yield assembled
    assembled.close()


@pytest.fixture(scope="module")
def homestead(folder: Path, troupe: Cast) -> Iterator[House]:
    with house(folder, troupe.password, code_of_this_moment(folder)) as served:
        yield served


@pytest.fixture
def anahit(chromium: Browser, homestead: House) -> Iterator[Visitor]:
    with visitor(chromium, homestead, "anahit", viewport=PHONE) as signed_in:
        yield signed_in


def begin(anahit: Visitor, troupe: Cast, way: str = "short") -> Page:
    """A form with its words."""
    anahit.go(f"/notebook/cases/{troupe.case}/form?way={way}")
    if way == "short":
        anahit.page.get_by_label("Code name").fill("Juniper")
        anahit.page.get_by_label("They take part").check()
        anahit.page.get_by_label("What happened").fill(ACCOUNT)
    return anahit.page


def sends(anahit: Visitor) -> None:
    anahit.page.get_by_role("button", name="Seal and send").click()
    expect(anahit.page.get_by_role("heading", name="Sealed and sent")).to_be_visible()


def received(troupe: Cast) -> dict[bytes, str]:
    """Every file that the readers of the case can open, with its name."""
    uow = troupe.uow("lilit")
    try:
        found = [row.id for row in uow.tx.all(sa.select(assets.c.id))]
    finally:
        uow.end()
    return {file_bytes(troupe, asset): contents(troupe, ASSET_FACTS, asset)[-1]["name"] for asset in found}


def picture(page: Page, name: str) -> None:
    if os.environ.get("PICTURES") == "1":
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_files_and_words_meet_in_one_statement(anahit: Visitor, troupe: Cast, tmp_path: Path) -> None:
    page = begin(anahit, troupe)
    files = [made(tmp_path, "road.mp4", 20 * MIB), made(tmp_path, "gate.jpg", 70_000)]
    page.get_by_label("Files").set_input_files(files)
    for each in files:
        arrives(page, each)
    assert anahit.fits()
    picture(page, "notebook-360")
    sends(anahit)
    opened = received(troupe)
    assert {path.read_bytes(): path.name for path in files}.items() <= opened.items()
    nothing_is_stored_but_the_session(page)


def nothing_is_stored_but_the_session(page: Page) -> None:
    page.context.clear_cookies()
    nothing_is_stored(page)


def test_words_go_first_and_the_file_is_gone_on_with_from_the_notebook(
    anahit: Visitor, troupe: Cast, tmp_path: Path
) -> None:
    page = begin(anahit, troupe)
    path = made(tmp_path, "long.mp4", 60 * MIB)
    page.get_by_label("Files").set_input_files(path)
    expect(page.locator("input[name=upload]")).to_have_count(1)
    page.get_by_role("button", name="Seal and send").click()
    page.get_by_role("button", name="Send my words now").click()
    expect(page.get_by_role("heading", name="Sealed and sent")).to_be_visible(timeout=60_000)
    anahit.go("/notebook")
    anahit.follow("Go on with them")
    picture(page, "on-their-way-360")
    other = made(tmp_path, "other.mp4", 60 * MIB)
    page.get_by_label("Choose the same file to go on").set_input_files(other)
    expect(page.get_by_role("alert").filter(has_text="That is another file")).to_be_visible()
    expect(page.get_by_text("of it are here, sealed.")).to_be_visible()
    page.get_by_label("Choose the same file to go on").set_input_files(path)
    expect(page.get_by_text("of it are here, sealed.")).to_be_hidden()
    arrives(page, path)
    assert anahit.fits()
    assert received(troupe)[path.read_bytes()] == "long.mp4"
    anahit.go("/notebook/files")
    expect(page.get_by_text("No file is on its way")).to_be_visible()


def test_signed_out_in_the_middle_it_goes_on_after_the_door(
    anahit: Visitor, troupe: Cast, folder: Path, tmp_path: Path
) -> None:
    page = begin(anahit, troupe)
    path = made(tmp_path, "road.mp4", 40 * MIB)
    page.get_by_label("Files").set_input_files(path)
    expect(page.locator("input[name=upload]")).to_have_count(1)
    sign_out_behind(folder)
    expect(page.get_by_role("dialog")).to_be_visible(timeout=60_000)
    sign_in_again(anahit, "anahit")
    arrives(page, path)
    sends(anahit)
    assert path.read_bytes() in received(troupe)


def test_a_file_taken_back_is_no_part_of_the_statement(anahit: Visitor, troupe: Cast, tmp_path: Path) -> None:
    page = begin(anahit, troupe)
    path = made(tmp_path, "wrong.jpg", 5_000)
    page.get_by_label("Files").set_input_files(path)
    arrives(page, path)
    with page.expect_response(lambda answer: answer.url.endswith("/discard")):
        page.get_by_role("button", name="Remove").click()
    sends(anahit)
    assert path.read_bytes() not in received(troupe)


def test_sizes_are_armenian_in_a_browser_that_knows_no_armenian_numbers(
    anahit: Visitor, troupe: Cast, tmp_path: Path
) -> None:
    anahit.choose_language("hy")
    anahit.go(f"/notebook/cases/{troupe.case}/form?way=short")
    path = made(tmp_path, "road.mp4", 1_500_000)
    anahit.page.locator("input[data-upload]").set_input_files(path)
    expect(anahit.page.locator("[data-upload-size]")).to_have_text("1,5 ՄԲ")


def test_what_is_said_of_a_file_in_the_long_form_goes_with_it(
    anahit: Visitor, troupe: Cast, tmp_path: Path
) -> None:
    page = begin(anahit, troupe, "long")
    while not page.locator("input[data-upload]").count():
        for box in page.get_by_label("They take part").all():
            box.check()
        for line in page.locator("input[name=code_name]").all():
            line.fill("Juniper")
        anahit.press("Seal this part and go on")
    page.get_by_label("What happened").fill(ACCOUNT)
    page.locator("[data-upload-said=title]").fill("The gate")
    page.locator("[data-upload-said=warning]").check()
    path = made(tmp_path, "gate.jpg", 9_000)
    page.locator("input[data-upload]").set_input_files(path)
    arrives(page, path)
    assert anahit.fits()
    picture(page, "long-form-360")
    expect(page.locator("[data-upload-said=title]")).to_have_value("")
    anahit.press("Seal this part and go on")
    assert path.read_bytes() in received(troupe)
    uow = troupe.uow("lilit")
    try:
        newest = uow.tx.all(
            sa.select(assets.c.id).order_by(assets.c.received.desc(), assets.c.position.desc())
        )
    finally:
        uow.end()
    facts = [contents(troupe, ASSET_FACTS, row.id)[-1] for row in newest]
    assert ("The gate", "graphic") in {(each["title"], each["warning"]) for each in facts}
