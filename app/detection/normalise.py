"""One spelling for what looks or reads the same, and the way back to the characters it came from."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

_ARMENIAN_IN_WORD_MARKS = frozenset("\u055a\u055b\u055c\u055d\u055e\u055f")
_TATWEEL = "\u0640"
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
_VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_DROPPED = _ARMENIAN_IN_WORD_MARKS | _BLANKS | _VARIATION_SELECTORS | {_TATWEEL}
_APOSTROPHES = frozenset("'`\u00b4\u02bc\u02b9\u2018\u2019\u201b\u2032")

_ALPHABETS = (
    # Cyrillic
    ("авеёкмнорстухіїјѕԁһԛԝӏ", "abeekmhopctyxiijsdhqwl"),
    # Greek, by the look of its capitals: names begin with them
    ("αβεζηικμνορτυχω", "abezhikmnoptyxw"),
    # Armenian
    ("օսհոցյզլտ", "ouhngjqls"),
    # Arabic letters that the same name is spelled with
    ("ىةکی", "يهكي"),
    # Latin without dots and bars
    ("ıɡłøđ", "iglod"),
)
_LOOK_ALIKES = MappingProxyType(
    {letter: twin for letters, twins in _ALPHABETS for letter, twin in zip(letters, twins, strict=True)}
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`origins[i]` is the index, in the original, of the character that `text[i]` came from."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """`[start, end)` of the folded text as a span of the original."""
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """NFKC-like and caseless, without what cannot be seen, look-alikes as one letter, digits in ASCII.

    Every run of white space is one space. A name is found under soft hyphens, zero-width characters, accents,
    Armenian marks inside a word, and letters borrowed from other scripts.
    """
    pairs = [*_single_spaced(_folded_characters(text))]
    return Folded("".join(letter for letter, _ in pairs), tuple(origin for _, origin in pairs))


def _folded_characters(text: str) -> Iterator[tuple[str, int]]:
    seen: dict[str, str] = {}
    before = ""
    for origin, character in enumerate(text):
        if character not in seen:
            seen[character] = _fold_character(character)
        for letter in seen[character]:
            # The ligature և, եւ and եվ are one spelling.
            before = "վ" if before == "ե" and letter == "ւ" else letter
            yield before, origin


def _single_spaced(pairs: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    before = ""
    for letter, origin in pairs:
        if not letter == before == " ":
            yield letter, origin
        before = letter


def _fold_character(character: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(_fold_letter(letter) for letter in decomposed)


def _fold_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if letter.isspace():
        return " "
    if letter in _DROPPED or category in {"Cf", "Cc"} or unicodedata.combining(letter):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(letter))
    if category == "Pd":
        return "-"
    return "'" if letter in _APOSTROPHES else _LOOK_ALIKES.get(letter, letter)
