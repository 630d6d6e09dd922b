"""The child's account of the file, taken from frames that may lie: every word is measured before it is believed."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from app.media.frames import BrokenFrame
from app.media.shapes import FAMILIES, NOTES, Report
from app.media.sniffing import KNOWN_TYPES

MAX_CAPTURED: Final = 40
MAX_CAPTURED_CHARACTERS: Final = 200
_TYPES: Final = KNOWN_TYPES | {"audio/3gpp", "audio/webm", "video/ogg"}
"""What is only told apart once it is open is added to what the first bytes say."""
_MAX_NUMBER: Final = 10**12
_MAX_STREAMS: Final = 64
_NUMBERS: Final = ("width", "height", "duration_ms", "pages")
_CODEC: Final = re.compile(r"[a-z0-9_]{1,24}")
_CAPTURED: Final = re.compile(r"captured\.[a-z][a-z-]{0,31}")
_NUMBER: Final = re.compile(r"[0-9]{1,13}")


@dataclass(slots=True)
class Account:
    """Facts as they come; `report` once they have all come. BrokenFrame for what no honest child says."""

    family: str = ""
    type: str = ""
    numbers: dict[str, int] = field(default_factory=dict)
    streams: list[str] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, key: str, value: str) -> None:
        if key == "family":
            self.family = value
        elif key == "type":
            self.type = value
        elif key in _NUMBERS and _NUMBER.fullmatch(value):
            self.numbers[key] = min(int(value), _MAX_NUMBER)
        elif key == "stream" and len(self.streams) < _MAX_STREAMS and _CODEC.fullmatch(value):
            self.streams.append(value)
        elif key == "note" and value in NOTES and value not in self.notes:
            self.notes.append(value)
        elif _CAPTURED.fullmatch(key) and len(self.captured) < MAX_CAPTURED and is_plain(value):
            self.captured[key.removeprefix("captured.")] = value
        else:
            raise BrokenFrame("fact")

    def report(self) -> Report:
        family = next((known for known in FAMILIES if known == self.family), None)
        if family is None or self.type not in _TYPES:
            raise BrokenFrame("report")
        return Report(
            family,
            self.type,
            self.numbers.get("width", 0),
            self.numbers.get("height", 0),
            self.numbers.get("duration_ms", 0),
            self.numbers.get("pages", 0),
            tuple(self.streams),
            dict(self.captured),
            tuple(self.notes),
        )


def is_plain(text: str) -> bool:
    """One short line of printable characters, none of which turns the direction of what stands beside it."""
    return 0 < len(text) <= MAX_CAPTURED_CHARACTERS and all(unicodedata.category(c)[0] != "C" for c in text)
