"""The statements that rules are made of: each true or false of actor and subject, knowing its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import TypeVar

from app.domain.duties import READING_DUTIES, Duty, Role
from app.domain.ids import PersonId
from app.domain.lifecycle import StatementState, StoryState
from app.policy.actor import Actor
from app.policy.facts import (
    ANCHOR,
    NOBODY,
    ApprovalKind,
    CaseFacts,
    Facts,
    FrozenReason,
    PersonFacts,
    ProposalFacts,
    StatementFacts,
    StoryFacts,
    case_of,
)


class Reason(StrEnum):
    """Why a person may not; `app.web` holds the sentence for each."""

    NOT_SIGNED_IN = "not-signed-in"
    NOT_AN_INTERVIEWER = "not-an-interviewer"
    NOT_A_REVIEWER = "not-a-reviewer"
    NOT_AN_ADMINISTRATOR = "not-an-administrator"
    ADMINISTRATORS_NEVER = "administrators-never"
    NOT_VOUCHED = "not-vouched"
    NOT_CONFIRMED = "not-confirmed"
    NOT_ON_ROSTER = "not-on-roster"
    LACKS_DUTY = "lacks-duty"
    CASE_FROZEN = "case-frozen"
    WRONG_STATE = "wrong-state"
    NOT_SUBMITTED_BY_YOU = "not-submitted-by-you"
    YOU_WORKED_ON_IT = "you-worked-on-it"
    YOU_WROTE_IT = "you-wrote-it"
    YOU_ARE_THE_OTHER_VOICE = "you-are-the-other-voice"
    VOUCHED_BY_THE_SAME = "vouched-by-the-same"
    NOT_APPROVED_BY_TWO = "not-approved-by-two"
    APPROVED_BY_ITS_MAKERS = "approved-by-its-makers"
    IDENTITY_NOT_CHECKED = "identity-not-checked"
    GATE_NOT_PASSED = "gate-not-passed"
    CONSENT_MISSING = "consent-missing"
    SOURCE_HELD = "source-held"
    EMBARGO_AHEAD = "embargo-ahead"
    IDENTITY_NOT_RELEASED = "identity-not-released"
    IT_IS_YOU = "it-is-you"
    YOU_PROPOSED_IT = "you-proposed-it"
    NO_SECOND_ADMINISTRATOR = "no-second-administrator"
    WRONG_SUBJECT = "wrong-subject"
    NO_RULE = "no-rule"


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named statement about an actor and a subject; `kind` is None if it is of the actor alone."""

    name: str
    kind: type[object] | None
    judge: Callable[[Actor, Facts], Reason | None]

    def __call__(self, actor: Actor, facts: Facts) -> Reason | None:
        """None where the statement is true, else the reason to refuse."""
        return self.judge(actor, facts)


F = TypeVar("F", bound=Facts)


def of_actor(reason: Reason) -> Callable[[Callable[[Actor], bool]], Predicate]:
    def state(holds: Callable[[Actor], bool]) -> Predicate:
        def judge(actor: Actor, _facts: Facts) -> Reason | None:
            return None if holds(actor) else reason

        return Predicate(holds.__name__, None, judge)

    return state


def over(kind: type[F], reason: Reason, name: str = "") -> Callable[[Callable[[Actor, F], bool]], Predicate]:
    """A statement over one kind of subject; false of every other kind, so that a mix-up refuses."""

    def state(holds: Callable[[Actor, F], bool]) -> Predicate:
        def judge(actor: Actor, facts: Facts) -> Reason | None:
            subject = case_of(facts) if kind is CaseFacts else facts
            if not isinstance(subject, kind):
                return Reason.WRONG_SUBJECT
            return None if holds(actor, subject) else reason

        return Predicate(name or holds.__name__, kind, judge)

    return state


# The actor alone


@of_actor(Reason.NOT_SIGNED_IN)
def is_signed_in(actor: Actor) -> bool:
    return actor.is_signed_in


@of_actor(Reason.NOT_AN_INTERVIEWER)
def is_an_interviewer(actor: Actor) -> bool:
    return Role.INTERVIEWER in actor.roles and Role.ADMINISTRATOR not in actor.roles


@of_actor(Reason.NOT_A_REVIEWER)
def is_a_reviewer(actor: Actor) -> bool:
    """An administrator's account never counts as a reviewer's, whatever else its row says."""
    return Role.REVIEWER in actor.roles and Role.ADMINISTRATOR not in actor.roles


@of_actor(Reason.NOT_AN_ADMINISTRATOR)
def is_an_administrator(actor: Actor) -> bool:
    return Role.ADMINISTRATOR in actor.roles


@of_actor(Reason.ADMINISTRATORS_NEVER)
def is_no_administrator(actor: Actor) -> bool:
    return Role.ADMINISTRATOR not in actor.roles


@of_actor(Reason.NOT_VOUCHED)
def is_vouched(actor: Actor) -> bool:
    return actor.vouched


@of_actor(Reason.NOT_CONFIRMED)
def has_confirmed_lately(actor: Actor) -> bool:
    """The second factor was shown again a moment ago."""
    return actor.confirmed


# A person, a proposal


@over(PersonFacts, Reason.IT_IS_YOU)
def is_somebody_else(actor: Actor, person: PersonFacts) -> bool:
    return actor.person != person.id


@over(ProposalFacts, Reason.YOU_PROPOSED_IT)
def did_not_propose_it(actor: Actor, proposal: ProposalFacts) -> bool:
    return actor.person != proposal.proposer


@over(ProposalFacts, Reason.NO_SECOND_ADMINISTRATOR)
def two_administrators_agree(_actor: Actor, proposal: ProposalFacts) -> bool:
    return proposal.seconded_by not in {NOBODY, proposal.proposer}


# A case


@over(CaseFacts, Reason.NOT_ON_ROSTER)
def is_on_the_roster(_actor: Actor, case: CaseFacts) -> bool:
    return bool(case.duties)


def holds_duty(*duties: Duty) -> Predicate:
    """One of these duties, on this case."""

    @over(CaseFacts, Reason.LACKS_DUTY, name=f"holds_duty({' or '.join(duties)})")
    def holds(_actor: Actor, case: CaseFacts) -> bool:
        return not case.duties.isdisjoint(duties)

    return holds


@over(CaseFacts, Reason.LACKS_DUTY)
def reads_the_case(_actor: Actor, case: CaseFacts) -> bool:
    return not case.duties.isdisjoint(READING_DUTIES)


@over(CaseFacts, Reason.CASE_FROZEN)
def case_opens(_actor: Actor, case: CaseFacts) -> bool:
    """After a restore only leads open, until each case's lead has signed its roster again."""
    if case.frozen is FrozenReason.NEW_ERA:
        return Duty.LEAD in case.duties
    return case.frozen is None


# A statement


def statement_is(*states: StatementState) -> Predicate:
    @over(StatementFacts, Reason.WRONG_STATE, name=f"statement_is({' or '.join(states)})")
    def holds(_actor: Actor, statement: StatementFacts) -> bool:
        return statement.state in states

    return holds


@over(StatementFacts, Reason.NOT_SUBMITTED_BY_YOU)
def submitted_it(actor: Actor, statement: StatementFacts) -> bool:
    return actor.person == statement.submitter


@over(StatementFacts, Reason.YOU_WORKED_ON_IT)
def did_none_of_its_work(actor: Actor, statement: StatementFacts) -> bool:
    return actor.person not in statement.worked


@over(StatementFacts, Reason.IDENTITY_NOT_RELEASED)
def was_given_this_identity(actor: Actor, statement: StatementFacts) -> bool:
    """A custodian released it to this person on a reasoned request, and the time has not run out."""
    return actor.person in statement.identity_released_to


# A story


def story_is(*states: StoryState) -> Predicate:
    @over(StoryFacts, Reason.WRONG_STATE, name=f"story_is({' or '.join(states)})")
    def holds(_actor: Actor, story: StoryFacts) -> bool:
        return story.state in states

    return holds


@over(StoryFacts, Reason.YOU_WORKED_ON_IT)
def did_not_work_on_it(actor: Actor, story: StoryFacts) -> bool:
    """Neither transcribed, translated nor redacted anything in it."""
    return actor.person not in story.worked


@over(StoryFacts, Reason.YOU_WROTE_IT)
def did_not_write_it(actor: Actor, story: StoryFacts) -> bool:
    return actor.person not in story.authors


@over(StoryFacts, Reason.YOU_ARE_THE_OTHER_VOICE)
def is_not_the_other_voice(actor: Actor, story: StoryFacts) -> bool:
    """Has not given the other of the two approvals; giving the same kind again would change nothing."""
    return actor.person not in _voices(story).values()


@over(StoryFacts, Reason.VOUCHED_BY_THE_SAME)
def is_vouched_differently(actor: Actor, story: StoryFacts) -> bool:
    """Independent of every voice already given."""
    others = set(_voices(story).values()) - {actor.person}
    return all(are_independent(actor.person, other, story) for other in others)


@over(StoryFacts, Reason.NOT_APPROVED_BY_TWO)
def two_have_approved(_actor: Actor, story: StoryFacts) -> bool:
    return len(_voices(story)) == 2 == len(set(_voices(story).values()))  # noqa: PLR2004  # two is the rule itself


@over(StoryFacts, Reason.APPROVED_BY_ITS_MAKERS)
def approvers_did_not_make_it(_actor: Actor, story: StoryFacts) -> bool:
    return (story.authors | story.worked).isdisjoint(_voices(story).values())


@over(StoryFacts, Reason.VOUCHED_BY_THE_SAME)
def approvers_are_independent(_actor: Actor, story: StoryFacts) -> bool:
    return all(are_independent(one, other, story) for one, other in combinations(_voices(story).values(), 2))


@over(StoryFacts, Reason.IDENTITY_NOT_CHECKED)
def identity_was_checked(_actor: Actor, story: StoryFacts) -> bool:
    """A custodian's session found no name from the identity compartment in the very bytes."""
    return ApprovalKind.IDENTITY in story.approvals


@over(StoryFacts, Reason.GATE_NOT_PASSED)
def gate_has_passed(_actor: Actor, story: StoryFacts) -> bool:
    return story.gate_passed


@over(StoryFacts, Reason.CONSENT_MISSING)
def consent_covers_it(_actor: Actor, story: StoryFacts) -> bool:
    return not story.missing_scopes


@over(StoryFacts, Reason.SOURCE_HELD)
def no_source_is_held(_actor: Actor, story: StoryFacts) -> bool:
    """No statement in it is on hold, withdrawn or destroyed."""
    return not story.source_held


@over(StoryFacts, Reason.EMBARGO_AHEAD)
def embargo_is_over(_actor: Actor, story: StoryFacts) -> bool:
    return story.embargo_over


def are_independent(one: PersonId, other: PersonId, story: StoryFacts) -> bool:
    """Each has a vouch by a different person, neither of them the other voice; founders' vouches differ."""
    return any(
        (by_one != by_other or by_one == ANCHOR) and by_one != other and by_other != one
        for by_one, by_other in product(story.vouchers.get(one, ()), story.vouchers.get(other, ()))
    )


def _voices(story: StoryFacts) -> dict[ApprovalKind, PersonId]:
    """The two approvals that must come from different people; the identity check is a third thing."""
    return {kind: who for kind, who in story.approvals.items() if kind is not ApprovalKind.IDENTITY}
