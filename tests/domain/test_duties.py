"""Roles and duties: what may be held together, and which keys follow."""

import pytest

from app.domain.duties import (
    Duty,
    Role,
    check_duties,
    check_roles,
    missing_to_publish,
    reads_case,
    reads_identity,
)
from app.domain.errors import InvalidInput


def test_a_person_may_interview_and_review():
    check_roles({Role.INTERVIEWER, Role.REVIEWER})
    check_roles({Role.ADMINISTRATOR})


@pytest.mark.parametrize("other", [Role.INTERVIEWER, Role.REVIEWER])
def test_an_administrator_is_nothing_else(other):
    with pytest.raises(InvalidInput):
        check_roles({Role.ADMINISTRATOR, other})


def test_a_person_has_some_role():
    with pytest.raises(InvalidInput):
        check_roles(set())


def test_duties_follow_roles():
    check_duties({Role.INTERVIEWER, Role.REVIEWER}, set(Duty))
    check_duties({Role.REVIEWER}, set())


@pytest.mark.parametrize(
    ("roles", "duties"),
    [
        ({Role.ADMINISTRATOR}, {Duty.LEAD}),
        ({Role.ADMINISTRATOR}, set()),
        ({Role.REVIEWER}, {Duty.INTERVIEWER}),
        ({Role.INTERVIEWER}, {Duty.READER}),
    ],
)
def test_a_duty_without_its_role_is_refused(roles, duties):
    with pytest.raises(InvalidInput):
        check_duties(roles, duties)


def test_an_interviewer_reads_nothing_and_only_the_custodian_reads_identities():
    assert not reads_case({Duty.INTERVIEWER})
    assert all(reads_case({duty}) for duty in Duty if duty is not Duty.INTERVIEWER)
    assert [duty for duty in Duty if reads_identity({duty})] == [Duty.IDENTITY_CUSTODIAN]


def test_a_case_says_whom_it_lacks():
    assert missing_to_publish(set(Duty)) == frozenset()
    assert Duty.PUBLISHER in missing_to_publish({Duty.LEAD})
