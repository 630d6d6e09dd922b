"""Takes a picture of every page of a filled installation: `python -m tests.browser.pictures FOLDER [PAGE...]`."""

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import ViewportSize, sync_playwright

from tests.browser.chromium import launch
from tests.browser.town import PAGES, Town, filled_town
from tests.browser.visitors import Visitor

WIDTHS = {"en": (360, 768, 1280), "hy": (360, 1280), "ar": (360, 1280)}
FACES = "document.fonts.ready.then(() => true)"
GROWING = 4
"""What takes a part of the window's height grows with it, up to its own measure."""


def main(folder: Path, pages: Sequence[str]) -> None:
    """Write `page-language-width.png` into `folder`, for all pages unless some are named."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sorted(pages or PAGES, key=_who_looks)
    with TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = launch(playwright)
        with filled_town(browser, Path(place)) as town:
            for name, theirs in groupby(wanted, key=_who_looks):
                _take_all(town, name, list(theirs), folder)
        browser.close()


def _who_looks(page: str) -> str:
    return PAGES[page][0]


def _take_all(town: Town, name: str, pages: Sequence[str], folder: Path) -> None:
    for language, widths in WIDTHS.items():
        with town.window(name) as who:
            who.choose_language(language)
            for page in pages:
                town.show(page, who)
                for width in widths:
                    _take(who, width, folder / f"{page}-{language}-{width}.png")


def _take(who: Visitor, width: int, file: Path) -> None:
    """With a window as high as the page, so that what stays at its foot stands at its foot."""
    who.page.set_viewport_size(ViewportSize(width=width, height=800))
    who.page.evaluate(FACES)
    for _ in range(GROWING):
        height = who.page.evaluate("document.documentElement.scrollHeight")
        who.page.set_viewport_size(ViewportSize(width=width, height=height))
    who.page.screenshot(path=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
