"""Hygiene of text that comes in, and of one-line fields that go to a screen; any script."""

import re
import unicodedata

from app.domain.capacity import MAX_LINE_CHARACTERS, MAX_TEXT_BYTES
from app.domain.errors import InvalidInput

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NEWLINES = re.compile(r"\r\n?|\u0085|\u2028|\u2029")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str, field: str = "text", limit: int = MAX_TEXT_BYTES) -> str:
    """Testimony with line feeds as its only newlines; at most `limit` bytes of UTF-8.

    Refuses (InvalidInput: `control-character`, `not-unicode`, `too-long`) rather than repairs: words that a
    witness signs off must be the words that were sent. Direction marks stay; they are part of the writing.
    """
    cleaned = _NEWLINES.sub("\n", text)
    if _CONTROLS.search(cleaned):
        raise InvalidInput({field: "control-character"})
    try:
        size = len(cleaned.encode())
    except UnicodeEncodeError as lone_surrogate:
        raise InvalidInput({field: "not-unicode"}) from lone_surrogate
    if size > limit:
        raise InvalidInput({field: "too-long"})
    return cleaned


def clean_line(text: str, field: str = "text", limit: int = MAX_LINE_CHARACTERS) -> str:
    """A one-line field: NFC, no direction marks, single spaces, none at the ends; `limit` in characters."""
    cleaned = clean_text(text, field)
    if "\n" in cleaned.strip("\n"):
        raise InvalidInput({field: "more-than-one-line"})
    line = " ".join(unicodedata.normalize("NFC", neutralise_bidi(cleaned)).split())
    if len(line) > limit:
        raise InvalidInput({field: "too-long"})
    return line


def neutralise_bidi(line: str) -> str:
    """Without the marks that could make a name or a file name read otherwise than it is."""
    return _BIDI.sub("", line)
