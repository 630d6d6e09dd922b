"""Roles of the whole installation, duties on one case, and which of them hold which key."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from app.domain.errors import InvalidInput


class Role(StrEnum):
    INTERVIEWER = "interviewer"
    REVIEWER = "reviewer"
    ADMINISTRATOR = "administrator"


class Duty(StrEnum):
    INTERVIEWER = "interviewer"
    LEAD = "lead"
    TRANSCRIBER = "transcriber"
    TRANSLATOR = "translator"
    REDACTOR = "redactor"
    EDITORIAL_APPROVER = "editorial-approver"
    PROTECTION_APPROVER = "protection-approver"
    PUBLISHER = "publisher"
    IDENTITY_CUSTODIAN = "identity-custodian"
    READER = "reader"


READING_DUTIES = frozenset(Duty) - {Duty.INTERVIEWER}
"""Who holds one of these gets the grant of the case secret."""

IDENTITY_DUTIES = frozenset({Duty.IDENTITY_CUSTODIAN})
"""Who holds one of these gets the grant of the identity secret as well."""

RELEASE_DUTIES = frozenset({Duty.PUBLISHER})
"""Who holds one of these gets the grant of the release key."""

GUARDED_DUTIES = frozenset({Duty.LEAD, Duty.IDENTITY_CUSTODIAN, Duty.PUBLISHER})
"""Who holds one of these uses proposed words, and waits 24 hours after a reset."""

NEEDED_TO_PUBLISH = frozenset(
    {
        Duty.LEAD,
        Duty.REDACTOR,
        Duty.EDITORIAL_APPROVER,
        Duty.PROTECTION_APPROVER,
        Duty.IDENTITY_CUSTODIAN,
        Duty.PUBLISHER,
    }
)
"""A case that lacks one of these says so."""


def check_roles(roles: AbstractSet[Role]) -> None:
    """InvalidInput unless these may be held by one person: an administrator holds nothing else."""
    if not roles:
        raise InvalidInput({"roles": "none-chosen"})
    if Role.ADMINISTRATOR in roles and len(roles) > 1:
        raise InvalidInput({"roles": "administrator-excludes-others"})


def check_duties(roles: AbstractSet[Role], duties: AbstractSet[Duty]) -> None:
    """InvalidInput unless a person with these roles may hold these duties on a case."""
    if Role.ADMINISTRATOR in roles:
        raise InvalidInput({"duties": "administrator-has-no-duty"})
    if Duty.INTERVIEWER in duties and Role.INTERVIEWER not in roles:
        raise InvalidInput({"duties": "not-an-interviewer"})
    if duties & READING_DUTIES and Role.REVIEWER not in roles:
        raise InvalidInput({"duties": "not-a-reviewer"})


def reads_case(duties: AbstractSet[Duty]) -> bool:
    return bool(duties & READING_DUTIES)


def reads_identity(duties: AbstractSet[Duty]) -> bool:
    return bool(duties & IDENTITY_DUTIES)


def missing_to_publish(held: AbstractSet[Duty]) -> frozenset[Duty]:
    """Which duties nobody on a case holds yet, given all that somebody holds."""
    return NEEDED_TO_PUBLISH - held
