"""What is wrong with a page as it stands before somebody's eyes, each fault as a line to read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.browser.pseudo import CLOSING, OPENING

_SCRIPT: Final = (Path(__file__).parent / "looking.js").read_text()
_MANY: Final = 300
_DATA: Final = "[lang]:not(html), [dir=auto], bdi, time, code, kbd, svg, .lang, .copied, .receipt"


def squeezed(page: Page) -> list[str]:
    """What is pushed off the page, out of its box or over something else."""
    return _look(page, "squeezed")


def too_small(page: Page) -> list[str]:
    """What a finger would miss: less than 44 pixels high."""
    return _look(page, "tooSmall")


def untranslated(page: Page, known: Iterable[str]) -> list[str]:
    """Words outside of every message that are neither testimony, names, codes nor moments.

    `known`: what people called things and CLDR calls languages, wherever it stands.
    """
    return _look(page, "untranslated", OPENING, CLOSING, _DATA, sorted(known, key=len, reverse=True))


def dead(page: Page) -> list[str]:
    """Controls that do nothing where no script runs."""
    return _look(page, "dead")


def blank(page: Page) -> list[str]:
    """Buttons that keep their own colours where the system forces others, and lose their words by it."""
    return _look(page, "blank")


def stops(page: Page) -> list[str]:
    """Every control, in the order of reading."""
    return _look(page, "stops")


def tabbed(page: Page) -> tuple[list[str], list[str]]:
    """Where the keyboard stops from the beginning of the page to its end, and where of these it cannot be seen."""
    found: list[str] = []
    unseen: list[str] = []
    for _press in range(_MANY):
        page.keyboard.press("Tab")
        at, *fault = _look(page, "stop") or [""]
        if found and at in {"", found[0]}:
            return found, unseen
        found += [at] if at not in found[-1:] else []  # a date is several presses, but one stop
        unseen += [at] if fault else []
    raise AssertionError("the keyboard does not come out of the page")


def _look(page: Page, *what: object) -> list[str]:
    found = page.evaluate(_SCRIPT, what)
    return [str(fault) for fault in found]
