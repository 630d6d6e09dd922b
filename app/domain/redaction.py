"""Marks over a text, and what remains of the text once they are applied; the text itself stays as it was."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from app.domain.errors import InvalidInput
from app.domain.ids import EntityId, MarkId


class Action(StrEnum):
    REMOVE = "remove"
    PSEUDONYM = "pseudonym"
    GENERALISE = "generalise"
    KEEP = "keep"


class RedactionReason(StrEnum):
    WITNESS_IDENTITY = "witness-identity"
    FAMILY = "family"
    THIRD_PARTY = "third-party"
    MINOR = "minor"
    HOME_WORK_PLACE = "home-work-place"
    DATE_OR_TIME = "date-or-time"
    CONTACT = "contact"
    NUMBER = "number"
    HEALTH_OR_SEXUAL_VIOLENCE = "health-or-sexual-violence"
    SECURITY = "security"
    PRESUMPTION_OF_INNOCENCE = "presumption-of-innocence"
    ON_REQUEST = "on-request"
    LEGAL = "legal"


class Withheld(StrEnum):
    """What kind of thing the public is told was withheld; wide enough that it does not point at anybody."""

    NAME = "name"
    PLACE = "place"
    DATE = "date"
    CONTACT = "contact"
    NUMBER = "number"
    PASSAGE = "passage"


KIND_OF_REASON: Mapping[RedactionReason, Withheld] = MappingProxyType(
    {
        RedactionReason.WITNESS_IDENTITY: Withheld.NAME,
        RedactionReason.FAMILY: Withheld.NAME,
        RedactionReason.THIRD_PARTY: Withheld.NAME,
        RedactionReason.MINOR: Withheld.NAME,
        RedactionReason.HOME_WORK_PLACE: Withheld.PLACE,
        RedactionReason.DATE_OR_TIME: Withheld.DATE,
        RedactionReason.CONTACT: Withheld.CONTACT,
        RedactionReason.NUMBER: Withheld.NUMBER,
        RedactionReason.HEALTH_OR_SEXUAL_VIOLENCE: Withheld.PASSAGE,
        RedactionReason.SECURITY: Withheld.PASSAGE,
        RedactionReason.PRESUMPTION_OF_INNOCENCE: Withheld.NAME,
        RedactionReason.ON_REQUEST: Withheld.PASSAGE,
        RedactionReason.LEGAL: Withheld.PASSAGE,
    }
)

SHORTEST_SECRET = 4
"""Characters; shorter words stand inside others by chance."""

Label = Callable[[Withheld], str]
"""What stands in place of a kind: a constant each, so that no length mirrors what it hides."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One decision over `[start, end)` of a target, in Unicode code points.

    `target`: `account`, `answer:<number>`, `segment:<id>`. `replacement`: what stands instead, where the
    action is to give a pseudonym or to generalise. `entity`: whom or what it protects, if the register knows.
    """

    id: MarkId
    target: str
    start: int
    end: int
    action: Action
    reason: RedactionReason
    replacement: str = ""
    entity: EntityId | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise InvalidInput({"mark": "bad-span"})
        if (self.action in _REPLACING) != bool(self.replacement.strip()):
            raise InvalidInput({"mark": "bad-replacement"})
        if "[[" in self.replacement or "]]" in self.replacement:
            raise InvalidInput({"mark": "bad-replacement"})


_REPLACING = frozenset({Action.PSEUDONYM, Action.GENERALISE})


def marker(kind: Withheld) -> str:
    """The neutral marker that a template turns into a localised label."""
    return f"[[withheld:{kind}]]"


def apply(text: str, marks: Iterable[Mark], label: Label = marker) -> str:
    """The text with every mark effective. InvalidInput: mark beyond the text, replacement that tells.

    Overlapping marks merge into one span that is removed whole (fail wide): of two decisions over the same
    words neither may uncover what the other hides. Marks that keep change nothing. A marker typed into the
    text itself is broken up, so that none is forged.
    """
    pieces: list[str] = []
    at = 0
    for span in _merge(_checked(text, marks)):
        pieces += [_unforged(text[at : span.start]), _outcome(span, text[span.start : span.end], label)]
        at = span.end
    return "".join([*pieces, _unforged(text[at:])])


def spans(text: str, marks: Iterable[Mark]) -> list[tuple[int, int]]:
    """The merged spans that `apply` takes out, in order."""
    return [(span.start, span.end) for span in _merge(_checked(text, marks))]


def hidden_texts(text: str, marks: Iterable[Mark]) -> list[str]:
    """What each merged span held, for the leak gate to look for."""
    return [text[start:end] for start, end in spans(text, marks)]


def _checked(text: str, marks: Iterable[Mark]) -> list[Mark]:
    effective = [mark for mark in marks if mark.action is not Action.KEEP]
    if any(mark.end > len(text) for mark in effective):
        raise InvalidInput({"mark": "beyond-text"})
    return sorted(effective, key=lambda mark: (mark.start, mark.end))


def _merge(marks: Sequence[Mark]) -> list[Mark]:
    merged: list[Mark] = []
    for mark in marks:
        if merged and mark.start < merged[-1].end:
            merged[-1] = _union(merged[-1], mark)
        else:
            merged.append(mark)
    return merged


def _union(one: Mark, other: Mark) -> Mark:
    """Removed whole; what is then named is the common kind, else "passage"."""
    if _same_decision(one, other):
        return replace(one, end=max(one.end, other.end))
    kinds = {KIND_OF_REASON[one.reason], KIND_OF_REASON[other.reason]}
    reason = one.reason if len(kinds) == 1 else RedactionReason.SECURITY
    return replace(one, end=max(one.end, other.end), action=Action.REMOVE, replacement="", reason=reason)


def _same_decision(one: Mark, other: Mark) -> bool:
    return (one.action, one.reason, one.replacement) == (other.action, other.reason, other.replacement)


def _outcome(span: Mark, hidden: str, label: Label) -> str:
    if span.action not in _REPLACING:
        return label(KIND_OF_REASON[span.reason])
    if _tells(span.replacement, hidden):
        raise InvalidInput({"mark": "replacement-tells"})
    return span.replacement


def _tells(replacement: str, hidden: str) -> bool:
    """Says what it hides, or holds it in whole; short words may chance to stand in longer ones."""
    shown, secret = replacement.strip().casefold(), hidden.strip().casefold()
    return shown == secret or (len(secret) >= SHORTEST_SECRET and secret in shown)


def _unforged(text: str) -> str:
    return text.replace("[[withheld:", "[[ withheld:")


@dataclass(frozen=True, slots=True)
class Rebased:
    """`lost` marks need a person: their words are gone from the new text, or stand there more than once."""

    kept: tuple[Mark, ...]
    lost: tuple[Mark, ...]


def rebase(marks: Iterable[Mark], old_text: str, new_text: str) -> Rebased:
    """Each mark over the same words in a changed text.

    A mark within the unchanged beginning or end moves with it. Any other is re-anchored only if its words
    stand exactly once in the new text; a guess between several would uncover somebody.
    """
    head, tail = _common_ends(old_text, new_text)
    kept: list[Mark] = []
    lost: list[Mark] = []
    for mark in marks:
        moved = _moved(mark, old_text, new_text, head, tail)
        (lost if moved is None else kept).append(moved or mark)
    return Rebased(tuple(kept), tuple(lost))


def _common_ends(old: str, new: str) -> tuple[int, int]:
    """Lengths of the longest common beginning and, after it, of the longest common end."""
    shortest = min(len(old), len(new))
    head = next((i for i in range(shortest) if old[i] != new[i]), shortest)
    room = shortest - head
    tail = next((i for i in range(room) if old[-1 - i] != new[-1 - i]), room)
    return head, tail


def _moved(mark: Mark, old: str, new: str, head: int, tail: int) -> Mark | None:
    if mark.end <= head:
        return mark
    if mark.start >= len(old) - tail:
        shift = len(new) - len(old)
        return replace(mark, start=mark.start + shift, end=mark.end + shift)
    words = old[mark.start : mark.end]
    first = new.find(words)
    if first < 0 or new.find(words, first + 1) >= 0:
        return None
    return replace(mark, start=first, end=first + len(words))
