"""Finds known words in a text: names inflected and in other scripts, numbers whatever separates them, phrases anywhere."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain, pairwise

from app.detection.normalise import fold
from app.detection.transliterate import Sound, sound_of

SHORT = 4
"""Letters; shorter names are looked for as whole words only."""
LONG = 8
"""Letters; longer names are also found with one letter wrong, longer phrases inside other words."""
SURE_BY_SOUND = 5
"""Letters; a shorter name that only sounds the same is more often another word."""
SHORTEST_NUMBER = 5
LOCAL_NUMBER = 8
"""Digits; of a longer phone number these last ones tell it, whatever prefix stands before them."""

_SHORTEST_BY_SOUND = 3
_LONGEST_ENDING = 5
_LETTER = r"[^\W_]"
_NO_LETTER_BEFORE = r"(?<![^\W_])"
_NO_LETTER_AFTER = r"(?![^\W_])"
_BETWEEN_WORDS = r"[\W_]{0,3}"
_BETWEEN_DIGITS = r"[\W_]{0,2}"
_GAP = re.compile(_BETWEEN_WORDS)
_ARABIC = re.compile(r"[\u0621-\u064a]")
_AL = "\u0627\u0644"
_ARABIC_PREFIX = r"[\u0648\u0641]?(?:[\u0628\u0643]?(?:\u0627\u0644)?|\u0644{1,2})"
"""And, so; in, like, the; to, to the: written in one with the word they stand before."""
_WORD = re.compile(rf"{_LETTER}+")
_SPOKEN = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*")
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
    TRANSLITERATED = "transliterated"
    SOUNDS_LIKE = "sounds-like"


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
    """Needles made ready once, for many texts. `across_scripts`: names are found in another script as well."""

    def __init__(self, needles: Iterable[Needle], *, across_scripts: bool = False) -> None:
        every = list(needles)
        self._traps: list[_Trap | _LooseTrap | _SoundTrap] = [
            trap for needle in every for trap in _traps(needle)
        ]
        if across_scripts:
            self._traps += [trap for needle in every for trap in _sound_traps(needle)]

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

    @cached_property
    def halves(self) -> Mapping[str, Sequence[re.Match[str]]]:
        """Long words by what they begin and end with: of two that are one letter apart, one half is the same."""
        by_half: dict[str, list[re.Match[str]]] = {}
        for word in chain.from_iterable(same for length, same in self.words.items() if length >= LONG - 1):
            for half in _halves(word[0]):
                by_half.setdefault(half, []).append(word)
        return by_half

    @cached_property
    def signs(self) -> str:
        """Letters and digits alone."""
        return "".join(_WORD.findall(self.folded))

    @cached_property
    def spoken(self) -> Sequence["_Spoken"]:
        """Its words as they sound, in order; none where a word is no word of the scripts we know."""
        known: dict[str, Sound | None] = {}
        words = []
        for found in _SPOKEN.finditer(self.folded):
            first, last = self._folded.span(*found.span())
            word = self._original[first:last]
            if word not in known:
                known[word] = sound_of(word)
            words.append(_Spoken(found.start(), found.end(), known[word], not word[0].islower()))
        return words

    @cached_property
    def by_sound(self) -> Mapping[str, Sequence[int]]:
        """Key -> which words of `spoken` have it."""
        places: dict[str, list[int]] = {}
        for number, word in enumerate(self.spoken):
            for key in word.sound.keys | word.sound.bent if word.sound else ():
                places.setdefault(key, []).append(number)
        return places


_Found = tuple[int, int, Certainty]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """`[start, end)` in the folded text."""

    start: int
    end: int
    sound: Sound | None
    capitalised: bool


class _Pattern:
    """Compiled when a text first asks for it: of thousands of forms few stand in any text."""

    def __init__(self, written: str) -> None:
        self._written = written

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        return re.compile(self._written)


@dataclass(frozen=True, slots=True)
class _Trap:
    """`may_stand_in` is quick and true of every text that `pattern` matches: most are passed over without a look.

    What is found is the group `name`.
    """

    needle: Needle
    may_stand_in: Callable[[Text], bool]
    pattern: _Pattern
    judge: Callable[[re.Match[str], str], Certainty]

    def spring(self, text: Text) -> Iterator[_Found]:
        if self.may_stand_in(text):
            for found in self.pattern.compiled.finditer(text.folded):
                yield *found.span("name"), self.judge(found, text.folded)


@dataclass(frozen=True, slots=True)
class _LooseTrap:
    """For a long word with one letter wrong; `known` is what the other trap finds already."""

    needle: Needle
    word: str
    known: _Pattern

    def spring(self, text: Text) -> Iterator[_Found]:
        near = {found.start(): found for half in _halves(self.word) for found in text.halves.get(half, ())}
        for found in near.values():
            if is_one_letter_off(self.word, found[0]) and not self.known.compiled.fullmatch(found[0]):
                yield found.start(), found.end(), Certainty.APPROXIMATE


@dataclass(frozen=True, slots=True)
class _SoundTrap:
    """For a name in another script."""

    needle: Needle
    sounds: Sequence[Sound]

    def spring(self, text: Text) -> Iterator[_Found]:
        first = self.sounds[0]
        places = {place for key in first.keys | first.stems for place in text.by_sound.get(key, ())}
        for place in sorted(places):
            words = text.spoken[place : place + len(self.sounds)]
            if len(words) == len(self.sounds) and _stand_together(words, text.folded):
                certainty = _certainty_of_sound(self.sounds, words)
                if certainty is not None:
                    yield words[0].start, words[-1].end, certainty


def _stand_together(words: Sequence[_Spoken], text: str) -> bool:
    return all(_GAP.fullmatch(text, one.end, other.start) for one, other in pairwise(words))


def _certainty_of_sound(name: Sequence[Sound], words: Sequence[_Spoken]) -> Certainty | None:
    """None where it is not that name. Small letters, a few letters: more often a word of that language."""
    pairs = [(sound, word.sound) for sound, word in zip(name, words, strict=True) if word.sound]
    if len(pairs) < len(words) or not all(_is_spoken(*pair) for pair in pairs):
        return None
    is_whole = all(heard.equals(sound) for sound, heard in pairs)
    is_long = sum(min(sound.letters, heard.letters) for sound, heard in pairs) >= SURE_BY_SOUND
    if is_long and (words[0].capitalised or len(words) > 1):
        return Certainty.TRANSLITERATED
    return Certainty.SOUNDS_LIKE if words[0].capitalised or (is_long and is_whole) else None


def _is_spoken(name: Sound, heard: Sound) -> bool:
    return heard.is_another_script(name) and (heard.equals(name) or heard.is_bent_from(name))


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
    pattern = rf"{before}(?P<name>{_BETWEEN_DIGITS.join(map(re.escape, tail))})(?!\d)"
    yield _Trap(
        needle, lambda text: tail in text.signs, _Pattern(pattern), lambda _found, _text: Certainty.WHOLE
    )


def _phrase_traps(needle: Needle) -> Iterator[_Trap]:
    """Anywhere, across any white space; what is shorter than four characters tells nothing."""
    phrase = fold(needle.text).text.strip()
    if len(phrase) >= SHORT:
        pattern = _Pattern(rf"(?P<name>{re.escape(phrase)})")
        yield _Trap(needle, lambda text: phrase in text.folded, pattern, _certainty_of_phrase)


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
    prefix, name = (_ARABIC_PREFIX, _after_a_prefix(forms)) if _ARABIC.match(words[0]) else ("", forms)
    pattern = _Pattern(rf"{_NO_LETTER_BEFORE}{prefix}(?P<name>{name}){_NO_LETTER_AFTER}")
    rarest = max((_after_al(stem) for stem in stems), key=len)
    yield _Trap(needle, lambda text: rarest in text.folded, pattern, _judge_of_name(words))
    if len(words) == 1 and len(words[0]) >= LONG:
        yield _LooseTrap(needle, words[0], pattern)


def _sound_traps(needle: Needle) -> Iterator[_SoundTrap]:
    """Only of a name that is written in scripts whose sounds we know, and not of an initial."""
    if needle.kind not in {Kind.NAME, Kind.PLACE}:
        return
    sounds = [sound_of(word) for word in _SPOKEN.findall(needle.text)]
    known = [sound for sound in sounds if sound is not None]
    if len(known) == len(sounds) and sum(sound.letters for sound in known) >= _SHORTEST_BY_SOUND:
        yield _SoundTrap(needle, known)


def _judge_of_name(words: Sequence[str]) -> Callable[[re.Match[str], str], Certainty]:
    whole = _Pattern(_BETWEEN_WORDS.join(map(re.escape, words)))
    is_short = len(words) == 1 and len(words[0]) < SHORT

    def judge(found: re.Match[str], _text: str) -> Certainty:
        if whole.compiled.fullmatch(found[0]):
            return Certainty.WHOLE
        return Certainty.INSIDE if is_short else Certainty.INFLECTED

    return judge


def _after_al(stem: str) -> str:
    """What of an Arabic name is left when `li-` swallows the first letter of its article."""
    return stem.removeprefix("\u0627") if stem.startswith(_AL) else stem


def _after_a_prefix(forms: str) -> str:
    return forms.replace("\u0627", "\u0627?", 1) if forms.startswith(_AL) else forms


def _stem(word: str, is_cyrillic: bool) -> str:
    """In Cyrillic an ending may replace the last vowel."""
    return _CYRILLIC_ENDING.sub("", word) if is_cyrillic and len(word) >= SHORT else word


def _with_endings(word: str, stem: str) -> str:
    """A short word stands as it is, a longer one may have an ending."""
    ending = rf"{_LETTER}{{0,{_LONGEST_ENDING}}}" if len(word) >= SHORT else ""
    return re.escape(stem) + ending


def _halves(word: str) -> set[str]:
    return {f"{word[: LONG // 2]}-", f"-{word[-LONG // 2 :]}"}


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
