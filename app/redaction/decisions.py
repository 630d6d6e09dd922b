"""The marks of one statement as they are sealed, with the versions of the words that they were made on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from app.domain.capacity import MAX_MARKS_PER_STATEMENT
from app.domain.errors import InvalidInput
from app.domain.ids import MarkId
from app.domain.record import Plain, from_plain, to_plain
from app.domain.redaction import Mark, rebase


@dataclass(frozen=True, slots=True)
class Source:
    """A version of sealed words: its number, 0 for none, and its digest in hex."""

    version: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class LostMark:
    """A mark whose `words` went elsewhere when the text changed; a person has to say what becomes of it."""

    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """Everything that was decided. `parts`, `transcript`: the words that the marks' spans count in."""

    marks: tuple[Mark, ...] = ()
    lost: tuple[LostMark, ...] = ()
    parts: Source = field(default_factory=Source)
    transcript: Source = field(default_factory=Source)

    def __post_init__(self) -> None:
        if len(self.marks) + len(self.lost) > MAX_MARKS_PER_STATEMENT:
            raise InvalidInput({"marks": "too-many"})
        ids = [mark.id for mark in (*self.marks, *(lost.mark for lost in self.lost))]
        if len(set(ids)) < len(ids):
            raise InvalidInput({"marks": "id-twice"})

    def find(self, mark: MarkId) -> Mark:
        """InvalidInput where it has gone."""
        for known in self.marks:
            if known.id == mark:
                return known
        raise InvalidInput({"mark": "gone"})

    def on(self, target: str) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if mark.target == target)

    def to_plain(self) -> dict[str, Plain]:
        return to_plain(self)

    @classmethod
    def from_plain(cls, plain: object) -> Self:
        """InvalidInput unless every field is there, none is strange, each has its type."""
        return from_plain(cls, plain)


def in_order(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """One order for one set of marks, so that the same decisions are sealed as the same bytes."""
    return tuple(sorted(marks, key=lambda mark: (mark.target, mark.start, mark.end, mark.id.bytes)))


def moved_to(
    decisions: Decisions,
    parts: Source,
    transcript: Source,
    old_texts: Mapping[str, str],
    new_texts: Mapping[str, str],
) -> Decisions:
    """The decisions over changed words, target by target; what has no sure place is lost, never dropped."""
    kept: list[Mark] = []
    lost = [*decisions.lost]
    for target in dict.fromkeys(mark.target for mark in decisions.marks):
        old = old_texts.get(target, "")
        rebased = rebase(decisions.on(target), old, new_texts.get(target, ""))
        kept += rebased.kept
        lost += [LostMark(mark, old[mark.start : mark.end]) for mark in rebased.lost]
    return Decisions(in_order(kept), tuple(lost), parts, transcript)
