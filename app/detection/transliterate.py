"""How a name sounds, whatever script it is written in: one set of keys for Latin, Cyrillic and Armenian spellings.

A key merges what romanisations confuse (BGN/PCGN, ISO 9, ISO 9985, Azerbaijani, popular spellings): kh and x and h,
y and i and j, doubled consonants, `-yan` and `-ian`. Where a letter reads in several ways, a word has several keys.
Arabic is left out: it writes no short vowels, and three consonants alone are shared by too many words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

_MOST_KEYS: Final = 32
"""From there on a letter is taken by its first reading: no crafted word may cost more."""
_SHORTEST_STEM: Final = 3


class Script(StrEnum):
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    ARMENIAN = "armenian"
    MIXED = "mixed"


def _readings(table: str) -> dict[str, tuple[str, ...]]:
    """`letters=reading/reading`, apart by spaces; `-` is silent. Small letters sound as they look, capitals are
    one sound each: C as in church, S as in ship, Z as in pleasure.
    """
    pairs = (entry.split("=") for entry in table.split())
    return {letters: tuple(each.replace("-", "") for each in sounds.split("/")) for letters, sounds in pairs}


_LATIN: Final = """
a=a b=b d=d e=e f=f g=g i=i k=k l=l m=m n=n o=o p=p r=r s=s t=t u=u v=v z=z
c=k/s/ts/dZ h=h/g/- j=dZ/i/Z q=k/g w=v x=h/ks y=i
shch=S sch=S sh=S zh=Z kh=h ch=C gh=g ph=p/f th=t ck=k tz=ts ou=u
š=S ş=S č=C ç=C/ts ž=Z ǰ=dZ ğ=g ġ=g ə=a/e ı=i ł=l ø=o đ=d
"""
_CYRILLIC: Final = """
а=a б=b в=v г=g д=d е=e ё=o/e ж=Z з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=ts ч=C ш=S щ=S
ъ=- ы=i ь=- э=e ю=u я=a і=i ї=i є=e ґ=g ј=i ў=u/v
"""
_ARMENIAN: Final = """
ա=a բ=b գ=g դ=d ե=e զ=z է=e ը=i/- թ=t ժ=Z ի=i լ=l խ=h ծ=ts կ=k հ=h/g/- ձ=dz ղ=g ճ=C/dZ մ=m յ=i ն=n շ=S ո=o չ=C
պ=p ջ=dZ ռ=r ս=s վ=v տ=t ր=r ց=ts ւ=v փ=p/f ք=k օ=o ֆ=f ու=u
"""
_TABLES: Final = MappingProxyType(
    {
        Script.LATIN: _readings(_LATIN),
        Script.CYRILLIC: _readings(_CYRILLIC),
        Script.ARMENIAN: _readings(_ARMENIAN),
    }
)
_READINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {letters: sounds for table in _TABLES.values() for letters, sounds in table.items()}
)
_SCRIPTS: Final[Mapping[str, Script]] = MappingProxyType(
    {letter: script for script, table in _TABLES.items() for letters in table for letter in letters}
)
_UNIT: Final = re.compile("|".join(sorted(_READINGS, key=len, reverse=True)))
_FIRST_O: Final = re.compile("^ո(?!ւ)")
_DOUBLED: Final = re.compile(r"([^aeiouаеиоуաեիո])\1+")
_GLIDE: Final = re.compile("i(?=[aeiou])")
_POSSESSIVE: Final = re.compile("'s$")

_ENDINGS: Final[Mapping[Script, re.Pattern[str]]] = MappingProxyType(
    {
        Script.LATIN: re.compile("(?:dan|dən|nın|nin|da|də|s)$"),
        Script.CYRILLIC: re.compile(
            "(?:ами|ями|ого|ему|ому|ыми|ими|[оеая]м|[ая]х|[ыи][мхй]|[ое][йюв]|[ую]ю|ая|[аяыиеую])$"
        ),
        Script.ARMENIAN: re.compile("(?:ներ(?:ից|ով|ին|ում|ի)?|յ?(?:ից|ին|ով|ում|ի)|[ըն])$"),
    }
)
_LAST_VOWELS: Final = (re.compile("[aeiouyаеёиоуыэюяйաեէըիո]$"), re.compile("[iyjиьй][aeouая]$"))


@dataclass(frozen=True, slots=True)
class Sound:
    """`keys`: of the whole word; `bent`: without the ending of a case; `stems`: without a last vowel, which an
    ending replaces in Cyrillic; `letters`: how many it is written with.
    """

    script: Script
    letters: int
    keys: frozenset[str]
    bent: frozenset[str]
    stems: frozenset[str]

    def is_another_script(self, other: "Sound") -> bool:
        return self.script is not other.script or self.script is Script.MIXED

    def equals(self, other: "Sound") -> bool:
        """The same word."""
        return not self.keys.isdisjoint(other.keys)

    def is_bent_from(self, name: "Sound") -> bool:
        """The same name in another case; a short one is bent out of all likeness."""
        if min(name.letters, self.letters) <= _SHORTEST_STEM:
            return False
        roots = name.keys | name.stems if self.script is Script.CYRILLIC else name.keys
        return not self.bent.isdisjoint(roots)


def sound_of(word: str) -> Sound | None:
    """None for what is no word of these scripts: digits, other letters."""
    letters = _letters(word)
    scripts = {_SCRIPTS.get(letter) for letter in letters}
    script = scripts.pop() if len(scripts) == 1 else Script.MIXED
    if script is None or None in scripts or not letters:
        return None
    ending = _ENDINGS.get(script)
    return Sound(
        script,
        len(letters),
        keys_of(letters),
        _keys_without([ending] if ending else [], letters),
        _keys_without(_LAST_VOWELS, letters),
    )


def keys_of(letters: str) -> frozenset[str]:
    """Of a word in small letters of one of the three scripts; at least one, at most 32."""
    single = _DOUBLED.sub(r"\1", letters)
    keys = {"", "v"} if _FIRST_O.match(single) else {""}
    for unit in _UNIT.findall(single):
        readings = _READINGS[unit]
        chosen = readings if len(keys) * len(readings) <= _MOST_KEYS else readings[:1]
        keys = {key + sound for key in keys for sound in chosen}
    return frozenset(map(_smooth, keys))


def _smooth(key: str) -> str:
    """A glide before a vowel is not heard, nor is the stop before the sound that begins with it."""
    return _GLIDE.sub("", _GLIDE.sub("", key.replace("tC", "C").replace("ddZ", "dZ")))


def _keys_without(endings: Iterable[re.Pattern[str]], letters: str) -> frozenset[str]:
    roots = (ending.sub("", letters) for ending in endings)
    return frozenset(
        key for root in roots if _SHORTEST_STEM <= len(root) < len(letters) for key in keys_of(root)
    )


def _letters(word: str) -> str:
    """Small letters alone: no marks, no signs, no possessive."""
    plain = _POSSESSIVE.sub("", unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word).casefold()))
    return "".join(letter for character in plain for letter in _known(character))


def _known(character: str) -> Iterator[str]:
    """The letter itself, or what it is without its accents."""
    if character in _SCRIPTS:
        yield character
    else:
        for part in unicodedata.normalize("NFKD", character):
            if part.isalnum() and unicodedata.category(part) != "Lm":
                yield part
