"""What stands where in a passage: marks and suggestions that overlap are one place, with one outcome."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from app.domain.ids import EntityId
from app.domain.redaction import Action, Mark, Withheld, apply
from app.redaction.passages import Line, Passage
from app.redaction.suggestions import Suggestion

PlaceKind = Literal["remove", "pseudo", "general", "keep", "guess"]

KIND_OF_ACTION: Final[dict[Action, PlaceKind]] = {
    Action.REMOVE: "remove",
    Action.PSEUDONYM: "pseudo",
    Action.GENERALISE: "general",
    Action.KEEP: "keep",
}
_MARKER: Final = re.compile(rf"\[\[withheld:({'|'.join(Withheld)})\]\]")


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of what the public reads: `words`, or the kind of what is `withheld`."""

    words: str = ""
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """`[start, end)` of a target. `words`: what stands there; `shown`: what the public reads instead."""

    target: str
    start: int
    end: int
    kind: PlaceKind
    words: str
    shown: tuple[Shown, ...]
    marks: tuple[Mark, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def id(self) -> str:
        return self.suggestions[0].id if self.suggestions else self.marks[0].id.hex

    @property
    def ids(self) -> set[str]:
        """Everything that a link to this place may name."""
        return {*(mark.id.hex for mark in self.marks), *(suggestion.id for suggestion in self.suggestions)}

    @property
    def entities(self) -> set[EntityId]:
        every = {
            *(mark.entity for mark in self.marks),
            *(suggestion.entity for suggestion in self.suggestions),
        }
        return {entity for entity in every if entity is not None}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line. `ends`: the place ends here, and what the public reads is said here."""

    text: str
    place: Place | None = None
    ends: bool = False


@dataclass(slots=True)
class _Group:
    start: int
    end: int
    marks: list[Mark] = field(default_factory=list)
    suggestions: list[Suggestion] = field(default_factory=list)

    def take(self, item: Mark | Suggestion) -> None:
        self.end = max(self.end, item.end)
        if isinstance(item, Mark):
            self.marks.append(item)
        else:
            self.suggestions.append(item)


def places(passage: Passage, marks: Iterable[Mark], suggestions: Iterable[Suggestion]) -> list[Place]:
    """In order, none over another. A mark that keeps what another decision hides is listed in its place."""
    kept, hiding = _parted(marks)
    groups = _groups([*hiding, *(each for each in suggestions if each.target == passage.target)])
    for mark in kept:
        over = [group for group in groups if group.start < mark.end and mark.start < group.end]
        if over:
            over[0].marks.append(mark)
        else:
            groups.append(_Group(mark.start, mark.end, [mark]))
    return [_place(passage, group) for group in sorted(groups, key=lambda group: group.start)]


def _parted(marks: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
    every = list(marks)
    return (
        [mark for mark in every if mark.action is Action.KEEP],
        [mark for mark in every if mark.action is not Action.KEEP],
    )


def _groups(items: Iterable[Mark | Suggestion]) -> list[_Group]:
    groups: list[_Group] = []
    for item in sorted(items, key=lambda item: (item.start, item.end)):
        if not groups or item.start >= groups[-1].end:
            groups.append(_Group(item.start, item.end))
        groups[-1].take(item)
    return groups


def _place(passage: Passage, group: _Group) -> Place:
    words = passage.text[group.start : group.end]
    found = Place(
        passage.target,
        group.start,
        group.end,
        _kind(group),
        words,
        (),
        tuple(group.marks),
        tuple(group.suggestions),
    )
    return replace(found, shown=_outcome(found))


def _kind(group: _Group) -> PlaceKind:
    if group.suggestions:
        return "guess"
    kinds = {KIND_OF_ACTION[mark.action] for mark in group.marks}
    hiding = kinds - {"keep"}
    if not hiding:
        return "keep"
    return hiding.pop() if len(hiding) == 1 else "remove"


def _outcome(place: Place) -> tuple[Shown, ...]:
    """Of a lone suggestion what would stand there; of all else what stands there now."""
    if place.suggestions and not place.marks and len(place.suggestions) == 1:
        decided = [place.suggestions[0].as_mark()]
    else:
        decided = [*place.marks, *(suggestion.withheld() for suggestion in place.suggestions)]
    here = [
        replace(mark, start=mark.start - place.start, end=mark.end - place.start)
        for mark in decided
        if mark.action is not Action.KEEP
    ]
    return shown(apply(place.words, here))


def shown(text: str) -> tuple[Shown, ...]:
    """A redacted text in pieces; nobody but `apply` can have written its markers."""
    pieces = _MARKER.split(text)
    read: list[Shown] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            read.append(Shown(withheld=Withheld(piece)))
        elif piece:
            read.append(Shown(piece))
    return tuple(read)


def pieces_of(passage: Passage, line: Line, found: Sequence[Place]) -> Iterator[Piece]:
    """One line of a passage, cut where places begin and end."""
    at = line.start
    for place in found:
        start, end = max(place.start, line.start), min(place.end, line.end)
        if start >= end:
            continue
        if at < start:
            yield Piece(passage.text[at:start])
        is_last = not passage.text[end : place.end].strip()
        yield Piece(passage.text[start:end], place, ends=is_last)
        at = end
    if at < line.end:
        yield Piece(passage.text[at : line.end])
