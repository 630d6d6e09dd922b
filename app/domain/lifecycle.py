"""The states a statement and a story pass through, and which act leads from which to which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from app.domain.errors import InvalidTransition


class StatementState(StrEnum):
    RECEIVED = "received"
    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    TRANSCRIBING = "transcribing"
    TRANSCRIBED = "transcribed"
    REDACTING = "redacting"
    REDACTED = "redacted"
    IN_APPROVAL = "in approval"
    APPROVED = "approved"
    RETURNED = "returned"
    ON_HOLD = "on hold"
    WITHDRAWN = "withdrawn"
    DESTROYED = "destroyed"


class StatementAct(StrEnum):
    ACCEPT = "accept"
    QUARANTINE = "quarantine"
    START_TRANSCRIBING = "start transcribing"
    FINISH_TRANSCRIPT = "finish transcript"
    START_REDACTING = "start redacting"
    FINISH_REDACTION = "finish redaction"
    SEND_TO_APPROVAL = "send to approval"
    APPROVE = "approve"
    RETURN_WITH_NOTE = "return with note"
    RESUME = "resume"
    HOLD = "hold"
    RELEASE_HOLD = "release hold"
    WITHDRAW = "withdraw"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a statement stands, and what an interruption goes back to (`before`, oldest first).

    Of a withdrawn statement `before` is either empty or the hold that keeps it from being destroyed.
    """

    state: StatementState
    before: tuple[StatementState, ...] = ()

    @property
    def is_held(self) -> bool:
        return StatementState.ON_HOLD in (self.state, *self.before)

    def __str__(self) -> str:
        """One word per state, newest first: `on hold < returned < accepted`."""
        return " < ".join((self.state, *reversed(self.before)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `str`; ValueError for words that are no states."""
        state, *before = (StatementState(word) for word in text.split(" < "))
        return cls(state, tuple(reversed(before)))


_S = StatementState
_A = StatementAct

_FORWARD: Mapping[StatementAct, Mapping[StatementState, StatementState]] = MappingProxyType(
    {
        _A.ACCEPT: {_S.RECEIVED: _S.ACCEPTED, _S.QUARANTINED: _S.ACCEPTED},
        _A.QUARANTINE: {_S.RECEIVED: _S.QUARANTINED},
        _A.START_TRANSCRIBING: {_S.ACCEPTED: _S.TRANSCRIBING, _S.TRANSCRIBED: _S.TRANSCRIBING},
        _A.FINISH_TRANSCRIPT: {_S.TRANSCRIBING: _S.TRANSCRIBED},
        _A.START_REDACTING: {
            _S.ACCEPTED: _S.REDACTING,
            _S.TRANSCRIBED: _S.REDACTING,
            _S.REDACTED: _S.REDACTING,
            _S.IN_APPROVAL: _S.REDACTING,
            _S.APPROVED: _S.REDACTING,
        },
        _A.FINISH_REDACTION: {_S.REDACTING: _S.REDACTED},
        _A.SEND_TO_APPROVAL: {_S.REDACTED: _S.IN_APPROVAL},
        _A.APPROVE: {_S.IN_APPROVAL: _S.APPROVED},
    }
)
"""Text statements go from accepted straight to redacting; new marks on approved text void its approval."""

_INTERRUPTIONS: Mapping[StatementAct, StatementState] = MappingProxyType(
    {_A.RETURN_WITH_NOTE: _S.RETURNED, _A.HOLD: _S.ON_HOLD}
)
_ENDS_OF_INTERRUPTION: Mapping[StatementAct, StatementState] = MappingProxyType(
    {_A.RESUME: _S.RETURNED, _A.RELEASE_HOLD: _S.ON_HOLD}
)


def advance(standing: Standing, act: StatementAct) -> Standing:
    """Where `act` leads from `standing`; InvalidTransition if nowhere. Knows nothing of who may do it."""
    match standing.state:
        case _S.DESTROYED:
            after = None
        case _S.WITHDRAWN:
            after = _advance_withdrawn(standing, act)
        case _:
            after = _advance_live(standing, act)
    if after is None:
        raise InvalidTransition(standing.state, act)
    return after


def _advance_withdrawn(standing: Standing, act: StatementAct) -> Standing | None:
    """Nothing undoes a withdrawal; a hold (legal, or suspected coercion) only keeps the rest sealed off."""
    match act:
        case _A.HOLD if not standing.is_held:
            return Standing(_S.WITHDRAWN, (_S.ON_HOLD,))
        case _A.RELEASE_HOLD if standing.is_held:
            return Standing(_S.WITHDRAWN)
        case _A.DESTROY if not standing.is_held:
            return Standing(_S.DESTROYED)
        case _:
            return None


def _advance_live(standing: Standing, act: StatementAct) -> Standing | None:
    if act is _A.WITHDRAW:
        return Standing(_S.WITHDRAWN, (_S.ON_HOLD,) if standing.is_held else ())
    if act in _INTERRUPTIONS:
        return _interrupt(standing, _INTERRUPTIONS[act])
    if standing.state is _ENDS_OF_INTERRUPTION.get(act):
        return Standing(standing.before[-1], standing.before[:-1])
    after = _FORWARD.get(act, {}).get(standing.state)
    return None if after is None else Standing(after)


def _interrupt(standing: Standing, into: StatementState) -> Standing | None:
    """A hold covers even a return; nothing covers a hold."""
    if standing.state in {into, _S.ON_HOLD}:
        return None
    return Standing(into, (*standing.before, standing.state))


def acts_from(standing: Standing) -> frozenset[StatementAct]:
    """Every act that leads somewhere from here, for the buttons of a page."""
    return frozenset(act for act in StatementAct if _leads(standing, act))


def _leads(standing: Standing, act: StatementAct) -> bool:
    try:
        advance(standing, act)
    except InvalidTransition:
        return False
    return True


class StoryState(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"
    APPROVED = "approved"
    DUE = "due"
    PUBLISHED = "published"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class StoryAct(StrEnum):
    EDIT = "edit"
    CHECK = "check"
    APPROVE = "approve"
    MAKE_DUE = "make due"
    PUBLISH = "publish"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


_T = StoryState
_B = StoryAct
_STORY: Mapping[StoryAct, Mapping[StoryState, StoryState]] = MappingProxyType(
    {
        _B.EDIT: dict.fromkeys((_T.DRAFT, _T.CHECKED, _T.APPROVED, _T.DUE), _T.DRAFT),
        _B.CHECK: {_T.DRAFT: _T.CHECKED, _T.CHECKED: _T.CHECKED},
        _B.APPROVE: {_T.CHECKED: _T.APPROVED},
        _B.MAKE_DUE: {_T.APPROVED: _T.DUE},
        _B.PUBLISH: {_T.DUE: _T.PUBLISHED},
        _B.CORRECT: {_T.PUBLISHED: _T.CORRECTED, _T.CORRECTED: _T.CORRECTED},
        _B.WITHDRAW: dict.fromkeys(
            (_T.DRAFT, _T.CHECKED, _T.APPROVED, _T.DUE, _T.PUBLISHED, _T.CORRECTED), _T.WITHDRAWN
        ),
    }
)
"""APPROVE is what the last of the approvals does; earlier ones leave the story checked.

A correction is a story of its own, approved like any other; publishing it makes the older one corrected.
"""


def advance_story(state: StoryState, act: StoryAct) -> StoryState:
    """Where `act` leads from `state`; InvalidTransition if nowhere."""
    after = _STORY[act].get(state)
    if after is None:
        raise InvalidTransition(state, act)
    return after
