"""Two languages nobody speaks, made from the program's own messages: one much too long, one from right to left.

They take the places of English and Arabic, so that nothing of the program knows them. Whatever a page says
stands between the brackets of its message; what does not was never handed to a translator.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask

from app.factory import create_app
from tests.web.test_messages import said_by_the_program

LONG, RIGHT_TO_LEFT = "en", "ar"
OPENING, CLOSING = "⟦", "⟧"
FOLDER = "PSEUDO_TRANSLATIONS"
"""Of the environment: where `write_catalogues` wrote."""

_KEPT = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>|&\w+;")
_ACCENTED = str.maketrans(
    "abcdeghijklnorstuwyzACDEGHIJKLNORSTUWYZ", "åƀçďéĝĥîĵķļñöŕšţûŵýžÅÇĎÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽ"
)
_ARABIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابتثجحخدذرزسشصضطظعغفقكلمنه")
_VOWELS = re.compile(r"([aeiouy])", re.IGNORECASE)
_SWELL = 1.4


def write_catalogues(folder: Path) -> None:
    """Compile every message of the program in both languages, as `<code>/LC_MESSAGES/messages.mo`."""
    for code, say in ((LONG, _swollen), (RIGHT_TO_LEFT, _turned)):
        place = folder / code / "LC_MESSAGES"
        place.mkdir(parents=True)
        with (place / "messages.mo").open("wb") as file:
            write_mo(file, _catalogue(code, say))


def translated_app() -> Flask:
    """The staff application as it is, but for the folder that its translations come from."""
    app = create_app()
    app.extensions["babel"].translation_directories[:] = [os.environ[FOLDER]]
    return app


def _catalogue(code: str, say: Callable[[str], str]) -> Catalog:
    catalogue = Catalog(locale=code)
    for context, message in said_by_the_program():
        if isinstance(message, str):
            catalogue.add(message, _bracketed(message, say), context=context)
        else:
            several = (_bracketed(message[-1], say),) * (catalogue.num_plurals - 1)
            catalogue.add(message, (_bracketed(message[0], say), *several), context=context)
    return catalogue


def _bracketed(message: str, say: Callable[[str], str]) -> str:
    """With what a program fills in, and markup, as it was; a message without a letter stays what it is."""
    if not re.search("[^\\W\\d_]", _KEPT.sub("", message)):
        return message
    return f"{OPENING}{''.join(_pieces(message, say))}{CLOSING}"


def _pieces(message: str, say: Callable[[str], str]) -> Iterator[str]:
    said = _KEPT.split(message)
    for words, kept in zip(said, [*_KEPT.findall(message), ""], strict=True):
        yield say(words) + kept


def _swollen(words: str) -> str:
    """Every vowel twice, and dots up to two fifths more."""
    longer = _VOWELS.sub(r"\1\1", words).translate(_ACCENTED)
    missing = round(len(words) * _SWELL) - len(longer)
    return longer + "·" * missing


def _turned(words: str) -> str:
    return words.lower().translate(_ARABIC)
