"""Finds what ought to be marked and is not: names of the register, words hidden elsewhere; people decide."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from app.detection.matcher import SHORTEST_NUMBER, Certainty, Hit, Kind, Matcher, Needle
from app.domain.errors import InvalidInput
from app.domain.ids import EntityId, MarkId, new_id
from app.domain.redaction import SHORTEST_SECRET, Action, Mark, RedactionReason, apply, spans
from app.domain.register import Entity, Register
from app.redaction.decisions import Decisions
from app.redaction.passages import Passage, texts_of

KINDS: Final = MappingProxyType(
    {
        "person": Kind.NAME,
        "place": Kind.PLACE,
        "phone": Kind.NUMBER,
        "paper": Kind.NUMBER,
        "workplace": Kind.NAME,
        "other": Kind.NAME,
    }
)
REASONS: Final = MappingProxyType(
    {
        "person": RedactionReason.THIRD_PARTY,
        "place": RedactionReason.HOME_WORK_PLACE,
        "phone": RedactionReason.CONTACT,
        "paper": RedactionReason.NUMBER,
        "workplace": RedactionReason.HOME_WORK_PLACE,
        "other": RedactionReason.SECURITY,
    }
)
"""Why, as far as the kind of a thing tells; a person may know better."""

_ACTIONS: Final = MappingProxyType({"pseudonym": Action.PSEUDONYM, "generalise": Action.GENERALISE})
_LONGEST_ECHO: Final = 60
"""Characters; longer hidden passages are not looked for elsewhere by themselves."""
_NUMBER_BEFORE: Final = re.compile(r"(?:\+?\d+[\s().\-/]{0,2})+$")
"""A number is known by its last figures; what stands before them, prefix and country, is part of it."""
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`[start, end)` of a target, undecided. Until a person decides, it counts as withheld."""

    target: str
    start: int
    end: int
    words: str
    action: Action
    reason: RedactionReason
    replacement: str = ""
    entity: EntityId | None = None

    @property
    def id(self) -> str:
        return f"{self.target}:{self.start}-{self.end}"

    def as_mark(self) -> Mark:
        """The decision to take it as it is suggested."""
        return Mark(
            MarkId(new_id()),
            self.target,
            self.start,
            self.end,
            self.action,
            self.reason,
            self.replacement,
            self.entity,
        )

    def withheld(self) -> Mark:
        """What it counts as meanwhile."""
        return replace(self.as_mark(), action=Action.REMOVE, replacement="")

    def is_like(self, other: "Suggestion") -> bool:
        """The same words for the same reason: one decision serves both."""
        return (self.words, self.entity, self.action, self.replacement) == (
            other.words,
            other.entity,
            other.action,
            other.replacement,
        )


Propose = Callable[[Passage, Hit], Suggestion]


@dataclass(frozen=True, slots=True)
class _Clue:
    needle: Needle
    propose: Propose
    entity: EntityId | None


def suggest(passages: Sequence[Passage], register: Register, decisions: Decisions) -> tuple[Suggestion, ...]:
    """Every undecided occurrence, in reading order, none within another."""
    clues = [*_clues_of_register(register), *_echoes(passages, decisions)]
    by_id = {clue.needle.id: clue for clue in reversed(clues)}
    matcher = Matcher(clue.needle for clue in clues)
    return tuple(
        suggestion
        for passage in passages
        for suggestion in _in_passage(passage, matcher, by_id, decisions.on(passage.target))
    )


# What is looked for


def _clues_of_register(register: Register) -> Iterator[_Clue]:
    for entity, form in register.needles():
        needle = Needle(_kind(entity, form), form, f"entity-{entity.id.hex}")
        yield _Clue(needle, _from_entity(entity), entity.id)


def _kind(entity: Entity, form: str) -> Kind:
    """A number too short to be told from others by its figures is looked for as a word."""
    signs = sum(sign.isalnum() for sign in form)
    return Kind.NAME if signs < SHORTEST_NUMBER else KINDS[entity.kind]


def _from_entity(entity: Entity) -> Propose:
    def propose(passage: Passage, hit: Hit) -> Suggestion:
        action, replacement = shown_for(entity, passage.language)
        return _suggestion(passage, hit, action, REASONS[entity.kind], replacement, entity.id)

    return propose


def shown_for(entity: Entity, language: str) -> tuple[Action, str]:
    """What the register decides for an entry in a language: to withhold, where it gives no words for it."""
    action, shown = _ACTIONS.get(entity.protection), entity.shown_in(language)
    return (action, shown) if action and shown else (Action.REMOVE, "")


def _echoes(passages: Sequence[Passage], decisions: Decisions) -> Iterator[_Clue]:
    """Words that are hidden in one place, for their other places; those of lost marks above all."""
    texts = texts_of(passages)
    hidden = [(mark, texts.get(mark.target, "")[mark.start : mark.end]) for mark in decisions.marks]
    hidden += [(lost.mark, lost.words) for lost in decisions.lost]
    for mark, words in hidden:
        secret = _EDGES.sub("", words)
        if mark.action is not Action.KEEP and SHORTEST_SECRET <= len(secret) <= _LONGEST_ECHO:
            kind = Kind.NAME if mark.action is Action.PSEUDONYM else Kind.PHRASE
            yield _Clue(Needle(kind, secret, f"mark-{mark.id.hex}"), _from_mark(mark), mark.entity)


def _from_mark(mark: Mark) -> Propose:
    def propose(passage: Passage, hit: Hit) -> Suggestion:
        return _suggestion(passage, hit, mark.action, mark.reason, mark.replacement, mark.entity)

    return propose


def _suggestion(
    passage: Passage,
    hit: Hit,
    action: Action,
    reason: RedactionReason,
    replacement: str,
    entity: EntityId | None,
) -> Suggestion:
    """Withheld where the words that would stand there say what they hide."""
    words = passage.text[hit.start : hit.end]
    found = Suggestion(passage.target, hit.start, hit.end, words, action, reason, replacement, entity)
    try:
        apply(words, [replace(found.as_mark(), start=0, end=len(words))])
    except InvalidInput:
        return replace(found, action=Action.REMOVE, replacement="")
    return found


# What was decided already


def _in_passage(
    passage: Passage, matcher: Matcher, clues: dict[str, _Clue], marks: Sequence[Mark]
) -> Iterator[Suggestion]:
    hidden = spans(passage.text, marks)
    kept = [mark for mark in marks if mark.action is Action.KEEP]
    has_capitals = any(letter.isupper() for letter in passage.text)
    hits = [
        hit
        for hit in (_whole(passage, found) for found in matcher.find(passage.text))
        if not _is_doubtful(hit, has_capitals)
        and not any(start <= hit.start and hit.end <= end for start, end in hidden)
        and not any(_keeps(mark, hit, clues[hit.needle.id].entity) for mark in kept)
    ]
    for hit in _widest(hits):
        yield clues[hit.needle.id].propose(passage, hit)


def _whole(passage: Passage, hit: Hit) -> Hit:
    before = _NUMBER_BEFORE.search(passage.text, 0, hit.start) if hit.needle.kind is Kind.NUMBER else None
    return replace(hit, start=before.start()) if before else hit


def _is_doubtful(hit: Hit, has_capitals: bool) -> bool:
    """An ending on a small letter is more often another word, unless no name has a capital here."""
    is_perhaps_a_name = hit.certainty is Certainty.INFLECTED and hit.needle.kind is not Kind.PHRASE
    is_another_word = is_perhaps_a_name and has_capitals and not hit.capitalised
    return hit.certainty is Certainty.INSIDE or is_another_word


def _keeps(mark: Mark, hit: Hit, entity: EntityId | None) -> bool:
    """A long passage that was kept says nothing of a name in it that the register learns later."""
    if (mark.start, mark.end) == (hit.start, hit.end):
        return True
    return entity is not None and mark.entity == entity and mark.start <= hit.start and hit.end <= mark.end


def _widest(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Without those that lie within another; the first clue speaks for a span that several found."""
    furthest = -1
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.needle.id)):
        if hit.end > furthest:
            furthest = hit.end
            yield hit


def groups_of(suggestions: Sequence[Suggestion]) -> list[list[Suggestion]]:
    """Suggestions that one decision serves, in reading order of the first of each."""
    groups: list[list[Suggestion]] = []
    for suggestion in suggestions:
        alike = next((group for group in groups if group[0].is_like(suggestion)), None)
        if alike is None:
            groups.append([suggestion])
        else:
            alike.append(suggestion)
    return groups
