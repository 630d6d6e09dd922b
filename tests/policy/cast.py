"""The cast of the matrix: one person per duty on one case, somebody from another case, and nobody."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from app.domain.duties import Duty, Role
from app.domain.ids import CaseId, PersonId, StatementId, StoryId
from app.domain.lifecycle import StatementState, StoryState
from app.policy.actor import ANONYMOUS, Actor
from app.policy.facts import (
    ANCHOR,
    ApprovalKind,
    CaseFacts,
    Facts,
    FrozenReason,
    Installation,
    PersonFacts,
    ProposalFacts,
    StatementFacts,
    StoryFacts,
)

CASE, STATEMENT, STORY = CaseId(UUID(int=100)), StatementId(UUID(int=101)), StoryId(UUID(int=102))
DUTY_OF = {
    "interviewer": Duty.INTERVIEWER,
    "lead": Duty.LEAD,
    "transcriber": Duty.TRANSCRIBER,
    "translator": Duty.TRANSLATOR,
    "redactor": Duty.REDACTOR,
    "editor": Duty.EDITORIAL_APPROVER,
    "protector": Duty.PROTECTION_APPROVER,
    "publisher": Duty.PUBLISHER,
    "custodian": Duty.IDENTITY_CUSTODIAN,
    "reader": Duty.READER,
}
NAMES = (*DUTY_OF, "unvouched", "elsewhere", "admin", "admin-2", "nobody")
PERSON = {name: PersonId(UUID(int=number)) for number, name in enumerate(NAMES, 1)}
VOUCHERS = {
    PERSON["lead"]: frozenset({ANCHOR}),
    PERSON["editor"]: frozenset({PERSON["lead"]}),
    PERSON["protector"]: frozenset({PERSON["lead"], PERSON["reader"]}),
}
APPROVED = {ApprovalKind.EDITORIAL: PERSON["editor"], ApprovalKind.PROTECTION: PERSON["protector"]}
CHECKED = {ApprovalKind.IDENTITY: PERSON["custodian"]}


def _role(name):
    if name.startswith("admin"):
        return Role.ADMINISTRATOR
    return Role.INTERVIEWER if name == "interviewer" else Role.REVIEWER


def actor(name, *, confirmed=True):
    """Everybody has just shown their second factor, unless told otherwise."""
    if name == "nobody":
        return ANONYMOUS
    return Actor(PERSON[name], frozenset({_role(name)}), vouched=name != "unvouched", confirmed=confirmed)


def duties(name):
    if name == "unvouched":
        return frozenset({Duty.READER})
    return frozenset({DUTY_OF[name]}) if name in DUTY_OF else frozenset()


def case(name, frozen=None):
    return CaseFacts(CASE, duties(name), frozen)


def statement(name, state=StatementState.ACCEPTED, frozen=None):
    return StatementFacts(
        case(name, frozen),
        STATEMENT,
        state,
        submitter=PERSON["interviewer"],
        transcribed_by=frozenset({PERSON["transcriber"]}),
        translated_by=frozenset({PERSON["translator"]}),
        redacted_by=frozenset({PERSON["redactor"]}),
        identity_released_to=frozenset({PERSON["reader"]}),
    )


def story(name, state=StoryState.CHECKED, **facts):
    basis: dict[str, Any] = {
        "authors": frozenset({PERSON["redactor"]}),
        "worked": frozenset({PERSON["transcriber"], PERSON["translator"], PERSON["redactor"]}),
        "vouchers": VOUCHERS,
        "gate_passed": True,
    }
    return StoryFacts(case(name), STORY, state, **(basis | facts))


def _due(name, **facts):
    return story(name, StoryState.DUE, **({"approvals": APPROVED | CHECKED} | facts))


SCENARIOS: Mapping[object, Mapping[str, Callable[[str], Facts]]] = {
    Installation: {"": lambda name: Installation()},
    PersonFacts: {"about the reader": lambda name: PersonFacts(PERSON["reader"])},
    ProposalFacts: {
        "proposed by admin": lambda name: ProposalFacts("recovery", PERSON["admin"]),
        "seconded by admin-2": lambda name: ProposalFacts("recovery", PERSON["admin"], PERSON["admin-2"]),
    },
    CaseFacts: {
        "open": case,
        "forked": lambda name: case(name, FrozenReason.FORK),
        "head behind": lambda name: case(name, FrozenReason.HEAD_BEHIND),
        "new era": lambda name: case(name, FrozenReason.NEW_ERA),
    },
    StatementFacts: {state: lambda name, state=state: statement(name, state) for state in StatementState}
    | {"accepted, forked": lambda name: statement(name, frozen=FrozenReason.FORK)},
    StoryFacts: {state: lambda name, state=state: story(name, state) for state in StoryState}
    | {
        "checked, gate blocks": lambda name: story(name, gate_passed=False),
        "checked, consent missing": lambda name: story(name, missing_scopes=("publish-voice",)),
        "checked, editor approved": lambda name: story(
            name, approvals={ApprovalKind.EDITORIAL: PERSON["editor"]}
        ),
        "due, two approved, identity checked": _due,
        "due, identity not checked": lambda name: _due(name, approvals=APPROVED),
        "due, one approved": lambda name: _due(
            name, approvals=CHECKED | {ApprovalKind.EDITORIAL: PERSON["editor"]}
        ),
        "due, same person twice": lambda name: _due(
            name, approvals=CHECKED | dict.fromkeys(APPROVED, PERSON["editor"])
        ),
        "due, approved by its author": lambda name: _due(name, authors=frozenset({PERSON["editor"]})),
        "due, both vouched by the lead": lambda name: _due(
            name, vouchers=VOUCHERS | {PERSON["protector"]: frozenset({PERSON["lead"]})}
        ),
        "due, embargo ahead": lambda name: _due(name, embargo_over=False),
        "due, source held": lambda name: _due(name, source_held=True),
        "due, consent missing": lambda name: _due(name, missing_scopes=("publish-voice",)),
        "due, gate blocks": lambda name: _due(name, gate_passed=False),
    },
}
