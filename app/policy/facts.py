"""What a decision is judged by: verified facts about a subject, gathered before anything of it is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from app.domain.duties import Duty
from app.domain.ids import NIL, CaseId, PersonId, StatementId, StoryId
from app.domain.lifecycle import StatementState, StoryState

ANCHOR = PersonId(NIL)
"""The voucher of a founder: the organisation key. Two founders count as vouched by different people."""


NOBODY = PersonId(NIL)


class FrozenReason(StrEnum):
    """Why a case opens nothing for now."""

    FORK = "fork"
    HEAD_BEHIND = "head-behind"
    NEW_ERA = "new-era"
    ROSTER_UNVERIFIED = "roster-unverified"


class ApprovalKind(StrEnum):
    EDITORIAL = "editorial"
    PROTECTION = "protection"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Installation:
    """No subject of its own: pages about oneself, lists, the whole installation."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    id: PersonId


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """A dangerous act that one administrator proposes and another seconds."""

    act: str
    proposer: PersonId
    seconded_by: PersonId = NOBODY
    id: UUID = NIL


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """`duties` are the actor's, from the newest verified roster; empty means: not on it."""

    id: CaseId
    duties: frozenset[Duty]
    frozen: FrozenReason | None = None


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """`identity_released_to`: to whom a custodian has released this identity, while it has not run out."""

    case: CaseFacts
    id: StatementId
    state: StatementState
    submitter: PersonId
    transcribed_by: frozenset[PersonId] = field(default_factory=frozenset)
    translated_by: frozenset[PersonId] = field(default_factory=frozenset)
    redacted_by: frozenset[PersonId] = field(default_factory=frozenset)
    identity_released_to: frozenset[PersonId] = field(default_factory=frozenset)

    @property
    def worked(self) -> frozenset[PersonId]:
        return self.transcribed_by | self.translated_by | self.redacted_by


@dataclass(frozen=True, slots=True)
class StoryFacts:
    """What stands between a story and its readers.

    `worked`: who transcribed, translated or redacted any statement in it. `vouchers`: who vouched for each
    possible approver. `approvals` are the signatures that verify over the digest now in force;
    `gate_passed` speaks of the same digest. `missing_scopes` are what publication needs and the consents in
    force do not give.
    """

    case: CaseFacts
    id: StoryId
    state: StoryState
    authors: frozenset[PersonId]
    worked: frozenset[PersonId] = field(default_factory=frozenset)
    approvals: Mapping[ApprovalKind, PersonId] = field(default_factory=lambda: MappingProxyType({}))
    vouchers: Mapping[PersonId, frozenset[PersonId]] = field(default_factory=lambda: MappingProxyType({}))
    gate_passed: bool = False
    missing_scopes: tuple[str, ...] = ()
    source_held: bool = False
    embargo_over: bool = True


Facts = Installation | PersonFacts | ProposalFacts | CaseFacts | StatementFacts | StoryFacts

NOTHING = Installation()


def case_of(facts: Facts) -> CaseFacts | None:
    """The case a subject belongs to; None for what belongs to no case."""
    if isinstance(facts, StatementFacts | StoryFacts):
        return facts.case
    return facts if isinstance(facts, CaseFacts) else None
