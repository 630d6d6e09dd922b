"""The one table of who may do what: any line grants, all of a line must hold, the rest is denied."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.domain.duties import Duty
from app.domain.errors import Forbidden, Frozen, NotConfirmed, NotFound, NotSignedIn
from app.domain.lifecycle import StatementState, StoryState
from app.policy.actor import Actor
from app.policy.facts import NOTHING, CaseFacts, Facts, Installation, case_of
from app.policy.permissions import Permission
from app.policy.predicates import (
    Predicate,
    Reason,
    approvers_are_independent,
    approvers_did_not_make_it,
    case_opens,
    consent_covers_it,
    did_none_of_its_work,
    did_not_propose_it,
    did_not_work_on_it,
    did_not_write_it,
    embargo_is_over,
    gate_has_passed,
    has_confirmed_lately,
    holds_duty,
    identity_was_checked,
    is_a_reviewer,
    is_an_administrator,
    is_an_interviewer,
    is_no_administrator,
    is_not_the_other_voice,
    is_on_the_roster,
    is_signed_in,
    is_somebody_else,
    is_vouched,
    is_vouched_differently,
    no_source_is_held,
    reads_the_case,
    statement_is,
    story_is,
    submitted_it,
    two_administrators_agree,
    two_have_approved,
    was_given_this_identity,
)

Line = tuple[Predicate, ...]

_S = StatementState
_T = StoryState

_LIVE = (
    _S.RECEIVED, _S.ACCEPTED, _S.TRANSCRIBING, _S.TRANSCRIBED, _S.REDACTING, _S.REDACTED,
    _S.IN_APPROVAL, _S.APPROVED, _S.RETURNED, _S.ON_HOLD,
)  # fmt: skip
_AT_WORK = tuple(state for state in _LIVE if state not in {_S.RECEIVED, _S.RETURNED, _S.ON_HOLD})
_STOPPED = (_S.QUARANTINED, _S.WITHDRAWN)

_anybody: Line = ()
_signed_in: Line = (is_signed_in,)
_interviewer: Line = (is_signed_in, is_an_interviewer)
_interviewer_on_case: Line = (*_interviewer, is_on_the_roster, holds_duty(Duty.INTERVIEWER))
_reviewer: Line = (is_signed_in, is_a_reviewer)
_administrator: Line = (is_signed_in, is_an_administrator)
_two_administrators: Line = (*_administrator, has_confirmed_lately, two_administrators_agree)
_member: Line = (*_reviewer, is_on_the_roster, reads_the_case, is_vouched, case_opens)


def _duty(*duties: Duty) -> Line:
    return (*_member, holds_duty(*duties))


def _duty_even_if_frozen(*duties: Duty) -> Line:
    """For what opens nothing and makes people safer, or settles why the case is frozen."""
    return (*_reviewer, is_on_the_roster, is_vouched, holds_duty(*duties))


_lead = _duty(Duty.LEAD)
_custodian = _duty(Duty.IDENTITY_CUSTODIAN)
_publisher = _duty(Duty.PUBLISHER)
_writer = _duty(Duty.LEAD, Duty.TRANSCRIBER, Duty.TRANSLATOR, Duty.REDACTOR)
_second_pair_of_eyes: Line = (
    did_not_write_it, did_not_work_on_it, is_not_the_other_voice, is_vouched_differently,
    story_is(_T.CHECKED), gate_has_passed, consent_covers_it, no_source_is_held,
)  # fmt: skip
_fit_to_publish: Line = (
    two_have_approved, approvers_did_not_make_it, approvers_are_independent, identity_was_checked,
    gate_has_passed, consent_covers_it, no_source_is_held, embargo_is_over,
)  # fmt: skip

_P = Permission
RULES: Mapping[Permission, tuple[Line, ...]] = MappingProxyType(
    {
        _P.PUBLIC: (_anybody,),
        _P.LANGUAGE_CHOOSE: (_anybody,),
        _P.SIGN_IN: (_anybody,),
        _P.ACCOUNT_CLAIM: (_anybody,),
        _P.ACCOUNT_RECOVER: (_anybody,),
        _P.WITHDRAWAL_CODE_USE: (_anybody,),
        _P.SIGN_OUT: (_signed_in,),
        _P.HOME: (_signed_in,),
        _P.HELP: (_signed_in,),
        _P.ACCOUNT_OWN: (_signed_in,),
        _P.ACCOUNT_CONFIRM: (_signed_in,),
        _P.ACCOUNT_REPLACE_KEY: ((*_signed_in, has_confirmed_lately),),
        _P.PEOPLE_MEET: ((is_signed_in, is_no_administrator, is_vouched),),
        _P.PERSON_VOUCH: ((is_signed_in, is_no_administrator, is_vouched, is_somebody_else),),
        # Intake goes on while a case is frozen: what arrives then waits in quarantine.
        _P.FORM_START: (_interviewer_on_case,),
        _P.FORM_PART_SEND: (_interviewer_on_case,),
        _P.FORM_FILE_SEND: (_interviewer_on_case,),
        _P.FORM_FINISH: (_interviewer_on_case,),
        _P.FORM_LATE_DECIDE: ((*_interviewer, submitted_it),),
        _P.RECEIPTS_LIST: (_interviewer,),
        _P.RECEIPT_READ: ((*_interviewer, submitted_it),),
        _P.DESK_VIEW: (_reviewer,),
        _P.CASE_VIEW: (_member,),
        _P.CASE_ACTIVITY: (_member,),
        _P.CASE_SEARCH: (_member,),
        _P.CASE_SETTINGS: (_lead,),
        _P.REGISTER_VIEW: (_member,),
        _P.REGISTER_EDIT: (_duty(Duty.LEAD, Duty.REDACTOR, Duty.PROTECTION_APPROVER),),
        # A lead must see a forked roster to settle it.
        _P.ROSTER_VIEW: (_member, _duty_even_if_frozen(Duty.LEAD)),
        # After a restore a lead says who may still open it, while it is frozen for everybody else.
        _P.ROSTER_EDIT: ((*_duty_even_if_frozen(Duty.LEAD), has_confirmed_lately),),
        # Of somebody on the case, who asked to come back: stopping opens nothing.
        _P.RETURN_STOP: ((*_duty_even_if_frozen(Duty.LEAD), has_confirmed_lately),),
        _P.CHORES_VIEW: (_member,),
        _P.CHORE_DO: (_member,),
        _P.KEY_ROTATE: ((*_lead, has_confirmed_lately),),
        _P.STATEMENT_OPEN: ((*_member, statement_is(*_LIVE)), (*_lead, statement_is(*_STOPPED))),
        _P.STATEMENT_HISTORY: (_member,),
        _P.STATEMENT_ACCEPT: ((*_member, statement_is(_S.RECEIVED)),),
        _P.STATEMENT_QUARANTINE_DECIDE: ((*_lead, statement_is(_S.RECEIVED, _S.QUARANTINED)),),
        # What is added is sealed by itself; nobody reads the statement by it.
        _P.STATEMENT_ADD: (
            (*_member, statement_is(*_LIVE)),
            (*_interviewer, submitted_it, statement_is(*_LIVE, _S.QUARANTINED)),
        ),
        _P.STATEMENT_COMMENT: ((*_member, statement_is(*_LIVE)),),
        _P.STATEMENT_ASSIGN: ((*_lead, statement_is(*_LIVE)),),
        _P.STATEMENT_HOLD: (
            (
                *_duty_even_if_frozen(Duty.LEAD, Duty.IDENTITY_CUSTODIAN, Duty.PROTECTION_APPROVER),
                statement_is(*(state for state in _LIVE if state != _S.ON_HOLD), *_STOPPED),
            ),
        ),
        _P.STATEMENT_RELEASE_HOLD: ((*_lead, statement_is(_S.ON_HOLD, _S.WITHDRAWN)),),
        _P.STATEMENT_RETURN: (
            (
                *_duty(
                    Duty.LEAD,
                    Duty.TRANSLATOR,
                    Duty.REDACTOR,
                    Duty.EDITORIAL_APPROVER,
                    Duty.PROTECTION_APPROVER,
                ),
                statement_is(*_AT_WORK),
            ),
        ),
        _P.STATEMENT_RESUME: ((*_member, statement_is(_S.RETURNED)),),
        _P.STATEMENT_WITHDRAW: (
            (*_duty_even_if_frozen(Duty.LEAD, Duty.IDENTITY_CUSTODIAN), statement_is(*_LIVE, _S.QUARANTINED)),
        ),
        _P.STATEMENT_DESTROY: (_two_administrators,),
        _P.CONSENT_VIEW: (_member,),
        _P.CONSENT_CHANGE: (
            (*_duty(Duty.LEAD, Duty.IDENTITY_CUSTODIAN), statement_is(*_LIVE, _S.WITHDRAWN)),
        ),
        _P.ASSET_OPEN: ((*_member, statement_is(*_LIVE)), (*_lead, statement_is(*_STOPPED))),
        _P.ASSET_DOWNLOAD: (
            (*_duty(Duty.LEAD, Duty.TRANSCRIBER, Duty.REDACTOR), has_confirmed_lately, statement_is(*_LIVE)),
        ),
        _P.NOTES_READ: (
            (
                *_duty(Duty.LEAD, Duty.REDACTOR, Duty.PROTECTION_APPROVER, Duty.IDENTITY_CUSTODIAN),
                statement_is(*_LIVE),
            ),
        ),
        _P.TRANSCRIPT_VIEW: ((*_member, statement_is(*_LIVE)),),
        _P.TRANSCRIPT_EDIT: (
            (*_duty(Duty.TRANSCRIBER), statement_is(_S.ACCEPTED, _S.TRANSCRIBING, _S.TRANSCRIBED)),
        ),
        _P.TRANSLATION_EDIT: ((*_duty(Duty.TRANSLATOR), statement_is(*_AT_WORK)),),
        _P.REDACTION_VIEW: ((*_member, statement_is(*_LIVE)),),
        # New marks on approved text void its approvals.
        _P.REDACTION_EDIT: (
            (
                *_duty(Duty.REDACTOR),
                statement_is(
                    _S.ACCEPTED, _S.TRANSCRIBED, _S.REDACTING, _S.REDACTED, _S.IN_APPROVAL, _S.APPROVED
                ),
            ),
        ),
        _P.REDACTED_VIEW: ((*_member, statement_is(*_LIVE)),),
        _P.STATEMENT_APPROVE: (
            (
                *_duty(Duty.EDITORIAL_APPROVER, Duty.PROTECTION_APPROVER),
                did_none_of_its_work,
                statement_is(_S.IN_APPROVAL),
            ),
        ),
        _P.EVIDENCE_EXPORT: ((*_lead, has_confirmed_lately, statement_is(*_LIVE)),),
        _P.IDENTITY_READ: (
            (*_custodian, statement_is(*_LIVE)),
            (*_member, was_given_this_identity, statement_is(*_LIVE)),
        ),
        _P.IDENTITY_REQUEST: ((*_member, statement_is(*_LIVE)),),
        _P.IDENTITY_RELEASE: ((*_custodian, has_confirmed_lately, statement_is(*_LIVE)),),
        _P.IDENTITY_CHECK: ((*_custodian, story_is(_T.CHECKED, _T.APPROVED)),),
        _P.STORY_LIST: (_member,),
        _P.STORY_CREATE: (_writer,),
        _P.STORY_VIEW: ((*_member, story_is(*_T)),),
        _P.STORY_EDIT: ((*_writer, story_is(_T.DRAFT, _T.CHECKED, _T.APPROVED, _T.DUE)),),
        _P.STORY_GATE: ((*_member, story_is(_T.DRAFT, _T.CHECKED)),),
        _P.RELEASE_VIEW: ((*_member, story_is(*_T)),),
        _P.RELEASE_APPROVE_EDITORIAL: ((*_duty(Duty.EDITORIAL_APPROVER), *_second_pair_of_eyes),),
        _P.RELEASE_APPROVE_PROTECTION: ((*_duty(Duty.PROTECTION_APPROVER), *_second_pair_of_eyes),),
        _P.RELEASE_PUBLISH: ((*_publisher, has_confirmed_lately, story_is(_T.DUE), *_fit_to_publish),),
        _P.RELEASE_CORRECT: ((*_writer, story_is(_T.PUBLISHED, _T.CORRECTED)),),
        _P.RELEASE_WITHDRAW: ((*_duty_even_if_frozen(Duty.LEAD, Duty.PUBLISHER), story_is(*_T)),),
        # Administrators see ids, counts and times; no line of theirs leads to testimony.
        _P.PEOPLE_VIEW: (_administrator,),
        _P.PEOPLE_EDIT: ((*_administrator, has_confirmed_lately),),
        _P.PEOPLE_EMPOWER: (_two_administrators,),
        _P.CASE_CHARTER: ((*_administrator, has_confirmed_lately),),
        _P.RETENTION_EDIT: ((*_administrator, has_confirmed_lately),),
        _P.SAFEGUARD_TURN_OFF: (_two_administrators,),
        _P.RECOVERY_RUN: (_two_administrators,),
        _P.PROPOSAL_MAKE: ((*_administrator, has_confirmed_lately),),
        _P.PROPOSAL_SECOND: ((*_administrator, has_confirmed_lately, did_not_propose_it),),
        _P.RELEASE_TAKE_DOWN: (_two_administrators,),
        _P.AUDIT_VIEW: (_administrator,),
        _P.HEALTH_VIEW: (_administrator,),
        _P.KEYS_VIEW: (_administrator,),
    }
)


class Outcome(StrEnum):
    GRANTED = "granted"
    SIGN_IN_FIRST = "sign in first"
    NOT_FOUND = "not found"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Decision:
    """`reasons`: what stands in the way on the line that came nearest; empty where granted or not found."""

    outcome: Outcome
    reasons: tuple[Reason, ...] = ()

    @property
    def granted(self) -> bool:
        return self.outcome is Outcome.GRANTED


GRANTED = Decision(Outcome.GRANTED)
NOT_FOUND = Decision(Outcome.NOT_FOUND)


def decide(permission: Permission, actor: Actor, facts: Facts = NOTHING) -> Decision:
    """Whether `actor` may; off the roster the subject does not exist, on it the reasons are told."""
    objections = [_objections(line, actor, facts) for line in RULES.get(permission, ())]
    if () in objections:
        return GRANTED
    if not actor.is_signed_in:
        return Decision(Outcome.SIGN_IN_FIRST, (Reason.NOT_SIGNED_IN,))
    case = case_of(facts)
    if case is not None and not case.duties:
        return NOT_FOUND
    return Decision(Outcome.REFUSED, min(objections, key=len, default=(Reason.NO_RULE,)))


def enforce(permission: Permission, actor: Actor, facts: Facts = NOTHING) -> None:
    """Pass where granted, or NotSignedIn, NotFound, NotConfirmed, Frozen, or Forbidden with its reasons."""
    decision = decide(permission, actor, facts)
    case = case_of(facts)
    match decision.outcome, decision.reasons:
        case Outcome.GRANTED, _:
            return
        case Outcome.SIGN_IN_FIRST, _:
            raise NotSignedIn
        case Outcome.NOT_FOUND, _:
            raise NotFound
        case _, (Reason.NOT_CONFIRMED,):
            raise NotConfirmed(Reason.NOT_CONFIRMED)
        case _, (Reason.CASE_FROZEN,) if case is not None and case.frozen is not None:
            raise Frozen(case.frozen, case.id)
        case _:
            raise Forbidden(*decision.reasons)


def subject_of(permission: Permission) -> type[object]:
    """Which kind of subject a route must load for this permission."""
    kinds = {p.kind for line in RULES[permission] for p in line if p.kind is not None}
    return max(kinds, key=_narrowness, default=Installation)


def _narrowness(kind: type[object]) -> bool:
    return kind is not CaseFacts


def _objections(line: Line, actor: Actor, facts: Facts) -> tuple[Reason, ...]:
    objections = (predicate(actor, facts) for predicate in line)
    return tuple(dict.fromkeys(reason for reason in objections if reason is not None))
