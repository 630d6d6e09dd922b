"""Finds known words in a text: names inflected, numbers whatever separates them, phrases anywhere."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain

from app.detection.normalise import fold

SHORT = 4
"""Letters; shorter names are looked for as whole words only."""
LONG = 8
"""Letters; longer names are also found with one letter wrong, longer phrases inside other words."""
SHORTEST_NUMBER = 5
LOCAL_NUMBER = 8
"""Digits; of a longer phone number these last ones tell it, whatever prefix stands before them."""

_LONGEST_ENDING = 5
_LETTER = r"[^\W_]"
_NO_LETTER_BEFORE = r"(?<![^\W_])"
_NO_LETTER_AFTER = r"(?![^\W_])"
_BETWEEN_WORDS = r"[\W_]{0,3}"
_BETWEEN_DIGITS = r"[\W_]{0,2}"
_WORD = re.compile(rf"{_LETTER}+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_CYRILLIC_ENDING = re.compile(r"(?<=[^\W_]{3})[aeyoиыюяэьй]$")


class Kind(StrEnum):
    NAME = "name"
    PLACE = "place"
    NUMBER = "number"
    PHRASE = "phrase"


class Certainty(StrEnum):
    WHOLE = "whole"
    INFLECTED = "inflected"
    APPROXIMATE = "approximate"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Needle:
    """`id` names it in findings, which never hold `text`."""

    kind: Kind
    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """`[start, end)` in the original text, in code points. `capitalised`: it begins with no small letter."""

    needle: Needle
    start: int
    end: int
    certainty: Certainty
    capitalised: bool


def find(needles: Iterable[Needle], haystack: str) -> list[Hit]:
    """Every hit, by place; each needle under its surest reading. To search much, keep a `Matcher`."""
    return Matcher(needles).find(haystack)


class Matcher:
    """Needles made ready once, for many texts."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._traps = [trap for needle in needles for trap in _traps(needle)]

    def find(self, haystack: str) -> list[Hit]:
        return self.find_in(Text(haystack))

    def find_in(self, text: "Text") -> list[Hit]:
        hits = [text.hit(trap.needle, *found) for trap in self._traps for found in trap.spring(text)]
        return sorted(hits, key=lambda hit: (hit.start, hit.end, hit.needle.id))


class Text:
    """A text folded once, for many matchers."""

    def __init__(self, original: str) -> None:
        self._original = original
        self._folded = fold(original)
        self.folded = self._folded.text

    def hit(self, needle: Needle, start: int, end: int, certainty: Certainty) -> Hit:
        first, last = self._folded.span(start, end)
        return Hit(needle, first, last, certainty, not self._original[first].islower())

    @cached_property
    def words(self) -> Mapping[int, Sequence[re.Match[str]]]:
        """By their length."""
        by_length: dict[int, list[re.Match[str]]] = {}
        for word in _WORD.finditer(self.folded):
            by_length.setdefault(len(word[0]), []).append(word)
        return by_length


_Found = tuple[int, int, Certainty]


@dataclass(frozen=True, slots=True)
class _Trap:
    """`hint` stands in every text that `pattern` matches: most texts are passed over without a look."""

    needle: Needle
    hint: str
    pattern: re.Pattern[str]
    judge: Callable[[re.Match[str], str], Certainty]

    def spring(self, text: Text) -> Iterator[_Found]:
        if self.hint in text.folded:
            for found in self.pattern.finditer(text.folded):
                yield found.start(), found.end(), self.judge(found, text.folded)


@dataclass(frozen=True, slots=True)
class _LooseTrap:
    """For a long word with one letter wrong; `known` is what the other trap finds already."""

    needle: Needle
    word: str
    known: re.Pattern[str]

    def spring(self, text: Text) -> Iterator[_Found]:
        length = len(self.word)
        for found in chain.from_iterable(text.words.get(n, ()) for n in (length - 1, length, length + 1)):
            if is_one_letter_off(self.word, found[0]) and not self.known.fullmatch(found[0]):
                yield found.start(), found.end(), Certainty.APPROXIMATE


def _traps(needle: Needle) -> Iterator[_Trap | _LooseTrap]:
    match needle.kind:
        case Kind.NUMBER:
            yield from _number_traps(needle)
        case Kind.PHRASE:
            yield from _phrase_traps(needle)
        case _:
            yield from _name_traps(needle)


def _number_traps(needle: Needle) -> Iterator[_Trap]:
    """Digits (and letters, as on papers and plates) with anything short between them; no digit may follow."""
    signs = "".join(_WORD.findall(fold(needle.text).text))
    tail = signs[-LOCAL_NUMBER:] if signs.isdigit() else signs
    if len(tail) < SHORTEST_NUMBER:
        return
    before = "" if len(tail) == LOCAL_NUMBER else r"(?<!\d)"
    pattern = before + _BETWEEN_DIGITS.join(map(re.escape, tail)) + r"(?!\d)"
    yield _Trap(needle, tail[0], re.compile(pattern), lambda _found, _text: Certainty.WHOLE)


def _phrase_traps(needle: Needle) -> Iterator[_Trap]:
    """Anywhere, across any white space; what is shorter than four characters tells nothing."""
    phrase = fold(needle.text).text.strip()
    if len(phrase) >= SHORT:
        yield _Trap(needle, phrase, re.compile(re.escape(phrase)), _certainty_of_phrase)


def _certainty_of_phrase(found: re.Match[str], text: str) -> Certainty:
    starts = found.start() == 0 or not text[found.start() - 1].isalnum()
    ends = found.end() == len(text) or not text[found.end()].isalnum()
    if starts and ends:
        return Certainty.WHOLE
    return Certainty.INFLECTED if starts or len(found[0]) >= LONG else Certainty.INSIDE


def _name_traps(needle: Needle) -> Iterator[_Trap | _LooseTrap]:
    words = _WORD.findall(fold(needle.text).text)
    if not words:
        return
    is_cyrillic = _CYRILLIC.search(needle.text) is not None
    stems = [_stem(word, is_cyrillic) for word in words]
    forms = _BETWEEN_WORDS.join(_with_endings(word, stem) for word, stem in zip(words, stems, strict=True))
    pattern = re.compile(_NO_LETTER_BEFORE + forms + _NO_LETTER_AFTER)
    whole = re.compile(_BETWEEN_WORDS.join(map(re.escape, words)))
    yield _Trap(needle, stems[0], pattern, lambda found, _text: _certainty_of_name(whole, found))
    if len(words) == 1 and len(words[0]) >= LONG:
        yield _LooseTrap(needle, words[0], pattern)


def _certainty_of_name(whole: re.Pattern[str], found: re.Match[str]) -> Certainty:
    return Certainty.WHOLE if whole.fullmatch(found[0]) else Certainty.INFLECTED


def _stem(word: str, is_cyrillic: bool) -> str:
    """In Cyrillic an ending may replace the last vowel."""
    return _CYRILLIC_ENDING.sub("", word) if is_cyrillic and len(word) >= SHORT else word


def _with_endings(word: str, stem: str) -> str:
    """A short word stands as it is, a longer one may have an ending."""
    ending = rf"{_LETTER}{{0,{_LONGEST_ENDING}}}" if len(word) >= SHORT else ""
    return re.escape(stem) + ending


def is_one_letter_off(one: str, other: str) -> bool:
    """One letter changed, added or left out; at eight letters a likeness of 90 in 100."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or short == long:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest = short[at + 1 :] if len(short) == len(long) else short[at:]
    return rest == long[at + 1 :]


def needles_of(kind: Kind, forms: Sequence[str], id_: str) -> list[Needle]:
    """One needle per spelling of the same person, place or number."""
    return [Needle(kind, form, id_) for form in forms]
