"""Tells which of a statement's languages a passage is in, so that it is set and read aloud as that one."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

SCRIPTS: Final = MappingProxyType(
    {
        "ARMENIAN": frozenset({"hy", "hyw"}),
        "CYRILLIC": frozenset({"ru", "uk", "be", "bg", "sr", "kk", "ky", "tg", "os", "ab"}),
        "ARABIC": frozenset({"ar", "fa", "ckb", "ur", "ps"}),
        "GEORGIAN": frozenset({"ka"}),
        "HEBREW": frozenset({"he", "yi"}),
        "GREEK": frozenset({"el"}),
    }
)
"""Script, as Unicode names its letters -> languages that are written in it; the rest is Latin."""

SAMPLE: Final = 2_000


def language_of(text: str, languages: Sequence[str]) -> str:
    """The first of `languages` in the script that most letters are of; else the first of all, or empty."""
    letters = Counter(
        unicodedata.name(letter, "").split(" ")[0] for letter in text[:SAMPLE] if letter.isalpha()
    )
    for script, _count in letters.most_common():
        for language in languages:
            if _script_of(language) == script:
                return language
    return languages[0] if languages else ""


def _script_of(language: str) -> str:
    plain = language.partition("-")[0]
    return next((script for script, written in SCRIPTS.items() if plain in written), "LATIN")
