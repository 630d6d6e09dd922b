"""A transcript: what was said, in segments with their times and speakers; and the few ways to change it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final, Self

from app.domain.capacity import MAX_TEXT_BYTES
from app.domain.errors import InvalidInput
from app.domain.ids import new_id
from app.domain.record import Plain, from_plain, to_plain
from app.domain.text import clean_line, clean_text

MAX_SEGMENTS: Final = 5_000
MAX_MILLISECONDS: Final = 100 * 3_600_000

UNCERTAIN: Final = re.compile(r"\[uncertain\b[^\[\]]*\]")
"""`[uncertain]`, or `[uncertain: a guess]`; the leak gate lets neither pass."""

_ID: Final = re.compile(r"[0-9a-f]{32}")
_LANGUAGE: Final = re.compile(r"|[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_TIME: Final = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,4}):)?(\d{1,6})(?:[.,](\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a recording, `[start, end)` in milliseconds. `text` may be in any script, and empty."""

    id: str
    start: int
    end: int
    speaker: str
    text: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise InvalidInput({"segment": "bad-id"})
        if not 0 <= self.start <= self.end <= MAX_MILLISECONDS:
            raise InvalidInput({f"segment-{self.id}": "bad-time"})


@dataclass(frozen=True, slots=True)
class Transcript:
    """`language`: of most of it, as a tag such as `hy`; empty where nobody has said."""

    language: str = ""
    segments: tuple[Segment, ...] = ()

    def __post_init__(self) -> None:
        if not _LANGUAGE.fullmatch(self.language):
            raise InvalidInput({"language": "bad-tag"})
        if len(self.segments) > MAX_SEGMENTS:
            raise InvalidInput({"segments": "too-many"})
        if len({segment.id for segment in self.segments}) != len(self.segments):
            raise InvalidInput({"segments": "repeated-id"})

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """Of JSON values, with every text made fit to keep; InvalidInput names what is wrong."""
        read = from_plain(cls, plain)
        if sum(len(segment.text) for segment in read.segments) > MAX_TEXT_BYTES:
            raise InvalidInput({"segments": "too-long"})
        return replace(read, segments=tuple(_cleaned(segment) for segment in read.segments))

    def to_plain(self) -> dict[str, Plain]:
        return to_plain(self)

    @property
    def uncertain(self) -> int:
        """How many segments hold something that could not be made out."""
        return sum(bool(UNCERTAIN.search(segment.text)) for segment in self.segments)


def _cleaned(segment: Segment) -> Segment:
    return replace(
        segment,
        speaker=clean_line(segment.speaker, f"segment-{segment.id}"),
        text=clean_text(segment.text, f"segment-{segment.id}"),
    )


# Times as people write them


def write_time(milliseconds: int) -> str:
    """`1:02:10.5`: hours only where there are any, and of a second's parts only what is needed."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    written = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{written}.{rest:03}".rstrip("0") if rest else written


def read_time(text: str, field: str = "time") -> int:
    """Milliseconds of `18:07`, `18:07.5`, `1:02:10` or `42`; InvalidInput for anything else."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise InvalidInput({field: "bad-time"})
    hours, minutes, seconds, parts = found.groups(default="")
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return whole * 1000 + int(parts.ljust(3, "0"))


# Changing it

Change = Callable[[Transcript, int], Transcript]
"""Takes the number of a segment, from 0; InvalidInput where there is none."""


def add_after(transcript: Transcript, index: int) -> Transcript:
    """An empty segment after another, or the first of all in an empty transcript."""
    if not transcript.segments:
        return replace(transcript, segments=(_empty(0, 0, ""),))
    at = _at(transcript, index)
    following = transcript.segments[index + 1 :]
    end = max(at.end, following[0].start) if following else at.end
    return _spliced(transcript, index, (at, _empty(at.end, end, at.speaker)))


def split(transcript: Transcript, index: int) -> Transcript:
    """Two segments at the first line break of the text, the time between them by the length of the words."""
    at = _at(transcript, index)
    before, _break, after = at.text.partition("\n")
    share = len(before) / (len(before) + len(after)) if after else 1
    middle = at.start + round((at.end - at.start) * share)
    second = replace(_empty(middle, at.end, at.speaker), text=after.lstrip("\n"))
    return _spliced(transcript, index, (replace(at, end=middle, text=before), second))


def merge(transcript: Transcript, index: int) -> Transcript:
    """A segment and the one after it, as one; the first one's id and speaker stay."""
    at, following = _at(transcript, index), _at(transcript, index + 1)
    text = "\n".join(text for text in (at.text, following.text) if text)
    whole = replace(at, end=max(at.end, following.end), text=text)
    return _spliced(transcript, index, (whole,), taken=2)


def remove(transcript: Transcript, index: int) -> Transcript:
    _at(transcript, index)
    return _spliced(transcript, index, ())


def _at(transcript: Transcript, index: int) -> Segment:
    if not 0 <= index < len(transcript.segments):
        raise InvalidInput({"segment": "none-there"})
    return transcript.segments[index]


def _empty(start: int, end: int, speaker: str) -> Segment:
    return Segment(new_id().hex, start, end, speaker, "")


def _spliced(transcript: Transcript, index: int, put: Sequence[Segment], taken: int = 1) -> Transcript:
    segments = transcript.segments
    return replace(transcript, segments=(*segments[:index], *put, *segments[index + taken :]))


# Two versions of one transcript


@dataclass(frozen=True, slots=True)
class Pair:
    """One segment in two versions; None where that version does not have it."""

    newer: Segment | None
    mine: Segment | None

    @property
    def differs(self) -> bool:
        return self.newer != self.mine

    @property
    def segment(self) -> Segment:
        """Mine where there is one: the words in hand stay in hand."""
        found = self.mine or self.newer
        assert found is not None
        return found


def side_by_side(newer: Transcript, mine: Transcript) -> tuple[Pair, ...]:
    """Every segment of both, in the order of mine; what only the newer has follows its neighbour there."""
    theirs = {segment.id: segment for segment in newer.segments}
    own = {segment.id for segment in mine.segments}
    waiting = _after_neighbour(newer, own)
    pairs = [Pair(only, None) for only in waiting.get("", ())]
    for segment in mine.segments:
        pairs.append(Pair(theirs.get(segment.id), segment))
        pairs += [Pair(only, None) for only in waiting.get(segment.id, ())]
    return tuple(pairs)


def _after_neighbour(newer: Transcript, own: set[str]) -> dict[str, list[Segment]]:
    """Segments that only the newer has, by the id of the shared one before them (empty: none before)."""
    waiting: dict[str, list[Segment]] = {}
    neighbours = accumulate(
        newer.segments, lambda last, segment: segment.id if segment.id in own else last, initial=""
    )
    for neighbour, segment in zip(neighbours, newer.segments, strict=False):
        if segment.id not in own:
            waiting.setdefault(neighbour, []).append(segment)
    return waiting
