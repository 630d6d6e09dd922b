"""Finds several words in a row of one text in another: a piece of a hidden passage, a pasted sentence."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType
from typing import Final

from app.detection.normalise import fold

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*|\|{5}")
"""Five bars stand between two texts in one: they are a word that nobody says."""

_Row = tuple[str, ...]

_SMALL_WORDS: Final = MappingProxyType(
    {
        "en": """a about after again all am an and any are as at back be because been before but by came can come could
            day did do don't down for from get go got had has have he her here him his how i if i'm in into is it it's
            its just know like me more my no not now of off on one or other our out over said say she so some than
            that the their them then there they this time to told two up us was we went were what when where which
            who will with would you your""",
        "hy": """այդ այն այնտեղ այս այստեղ ապա առանց բայց բոլոր դա դեռ ես եթե ել ենք են երբ երեկ եք եմ է էի էին էինք
            էիր էր թե ինչ ինչպես իսկ իր իրենց կամ հետ հետո հիմա մենք մեզ մեր մեկ մի միայն մինչև նա ներս նրա նրան
            նրանք նրանց որ որը որտեղ ով չէ չէր չեմ պետք սա վրա տակ մեջ մոտ և ու էլ ասաց ասացին ինձ իմ քո դու""",
        "ru": """а без был была были было в во вот все всё вы где да даже для до его ее её если есть еще ещё же за и из
            или им их к как ко когда который кто мне мой мы на над нам нас наш не него нее них но о об он она они от
            очень по под при с сказал сказала сказали со так там то тогда того только тот ты у уже чем что чтобы эта
            эти это этот я меня мной""",
        "az": """bu bir biz bizim da də daha deyil edən heç həm həmin idi ilə isə kimi ki mən mənim nə o olan oldu
            onlar onun orada özü sən siz sonra üçün və var vardı ya yox dedi""",
        "ar": """من في على الى إلى عن مع ما لا لم لن ان أن إن كان كانت كنت هو هي هم هذا هذه ذلك التي الذي ثم او أو قد كل
            بعد قبل عند لي له لها لنا قال قالت انا أنا نحن و""",
    }
)
"""What is said in any passage. A run of these alone tells nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """`words`: how many in a row; `telling`: how many of them are not small words; `source`: which text they are of."""

    source: str
    words: int
    telling: int


class Runs:
    """Texts by name, made ready once, to find rows of `length` or more of their words in other texts.

    Every text here is folded already, all in the same way: by `fold`, or `as_typed`.
    """

    def __init__(self, texts: Iterable[tuple[str, str]], length: int, shortest: int = 0) -> None:
        """`shortest`: characters that `length` words have together at the least, with their spaces."""
        self._length = length
        self._places: dict[_Row, list[tuple[str, _Row, int]]] = {}
        for name, text in texts:
            words = _words(text)
            for at, row in self._rows(words):
                if len(" ".join(row)) >= shortest and _telling(row):
                    self._places.setdefault(row, []).append((name, words, at))

    def __bool__(self) -> bool:
        return bool(self._places)

    def find(self, text: str, told: Sequence[str] = ()) -> set[Run]:
        """Each row as long as it goes, once. What stands in one piece in one of `told`, `spaced`, is left out."""
        words = _words(text)
        rows = ((name, words[at : at + length]) for name, at, length in self._longest(words))
        return {
            Run(name, len(row), _telling(row))
            for name, row in rows
            if not any(_spaced(row) in text for text in told)
        }

    def _rows(self, words: _Row) -> Iterator[tuple[int, _Row]]:
        for at in range(len(words) - self._length + 1):
            yield at, words[at : at + self._length]

    def _longest(self, words: _Row) -> Iterator[tuple[str, int, int]]:
        """Which text, from which word, how many; none that is a part of one before it."""
        reached: dict[tuple[str, int], int] = {}
        for at, row in self._rows(words):
            for name, source, there in self._places.get(row, ()):
                side_by_side = (name, there - at)
                if at >= reached.get(side_by_side, 0):
                    length = _common(words[at:], source[there:])
                    reached[side_by_side] = at + length
                    yield name, at, length


def as_typed(text: str) -> str:
    """Small letters; many times quicker than `fold`, for what nobody disguised."""
    return unicodedata.normalize("NFKC", text).casefold()


def spaced(text: str) -> str:
    """A folded text as its words alone."""
    return _spaced(_words(text))


def _words(text: str) -> _Row:
    return tuple(_WORD.findall(text))


def _spaced(words: _Row) -> str:
    return f" {' '.join(words)} "


def _common(one: _Row, other: _Row) -> int:
    """How many words in a row are the same from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _telling(words: _Row) -> int:
    return sum(word not in _FOLDED_SMALL_WORDS for word in words)


_FOLDED_SMALL_WORDS: Final = frozenset(
    word for words in _SMALL_WORDS.values() for word in (*_words(fold(words).text), *_words(as_typed(words)))
)
