"""What a list of people would make fail later is found when a duty is given, with the concrete way out."""

from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.cases.safeguards import (
    ApprovesOwnWork,
    LeadKeepsNames,
    NobodyHolds,
    OneVoice,
    Remedy,
    SameWord,
    findings,
    new_since,
)
from app.cases.team import Member, are_two_voices
from app.domain.duties import NEEDED_TO_PUBLISH, Duty
from app.policy.facts import ANCHOR

EDITOR, GUARD = Duty.EDITORIAL_APPROVER, Duty.PROTECTION_APPROVER
LILIT, DAVIT, IRINA, NADIM, RUBEN = (uuid4() for _ in range(5))


def member(person: UUID, *duties: Duty, by: UUID = LILIT) -> Member:
    return Member(person, person.bytes, "somebody", frozenset(duties), frozenset({by}))


def voices(members: list[Member], *vouchers: UUID) -> list[SameWord | OneVoice]:
    return [found for found in findings(members, vouchers) if isinstance(found, SameWord | OneVoice)]


def test_it_names_who_could_vouch_for_whom() -> None:
    same = [member(IRINA, EDITOR), member(NADIM, GUARD)]
    (found,) = voices(same, DAVIT)
    assert found == SameWord(IRINA, NADIM, frozenset({LILIT}), Remedy(DAVIT, NADIM))


def test_the_one_who_vouched_for_both_is_no_way_out() -> None:
    (found,) = voices([member(IRINA, EDITOR), member(NADIM, GUARD)], LILIT)
    assert isinstance(found, SameWord)
    assert found.remedy is None


def test_neither_voice_vouches_for_the_other() -> None:
    """Nadim knows Irina, but as the other approver he is no word for her."""
    irina, nadim = member(IRINA, EDITOR, by=NADIM), member(NADIM, GUARD, by=ANCHOR)
    (found,) = voices([irina, nadim], IRINA, NADIM, DAVIT)
    assert isinstance(found, SameWord)
    assert found.remedy == Remedy(DAVIT, IRINA)


def test_another_pair_of_approvers_is_enough() -> None:
    assert not voices([member(IRINA, EDITOR), member(NADIM, GUARD), member(RUBEN, GUARD, by=ANCHOR)])


def test_two_founders_count_as_two_voices() -> None:
    assert not voices([member(IRINA, EDITOR, by=ANCHOR), member(NADIM, GUARD, by=ANCHOR)])


def test_one_person_with_both_approvals_is_one_voice() -> None:
    assert voices([member(IRINA, EDITOR, GUARD)]) == [OneVoice(IRINA)]
    assert not voices([member(IRINA, EDITOR, GUARD), member(NADIM, GUARD, by=DAVIT)])


def test_an_approval_that_nobody_holds_is_told_once() -> None:
    found = findings([member(IRINA, EDITOR)])
    assert NobodyHolds(GUARD) in found
    assert not voices([member(IRINA, EDITOR)])


def test_nothing_lacks_where_every_duty_is_held() -> None:
    assert findings([]) == tuple(NobodyHolds(duty) for duty in Duty if duty in NEEDED_TO_PUBLISH)
    full = [
        member(RUBEN, Duty.LEAD, Duty.PUBLISHER),
        member(LILIT, Duty.REDACTOR, by=RUBEN),
        member(IRINA, EDITOR),
        member(NADIM, GUARD, by=RUBEN),
        member(DAVIT, Duty.IDENTITY_CUSTODIAN),
    ]
    assert findings(full) == ()


def test_whoever_works_and_approves_is_told_which_work() -> None:
    found = findings([member(LILIT, Duty.TRANSCRIBER, Duty.REDACTOR, EDITOR)])
    assert ApprovesOwnWork(LILIT, (Duty.TRANSCRIBER, Duty.REDACTOR)) in found


def test_a_lead_who_alone_keeps_the_names_is_told() -> None:
    alone = member(RUBEN, Duty.LEAD, Duty.IDENTITY_CUSTODIAN)
    assert LeadKeepsNames(RUBEN) in findings([alone])
    assert LeadKeepsNames(RUBEN) not in findings([alone, member(DAVIT, Duty.IDENTITY_CUSTODIAN)])


def test_only_what_was_not_so_before_is_new() -> None:
    before = findings([member(RUBEN, Duty.LEAD)])
    after = findings([member(RUBEN, Duty.LEAD, Duty.IDENTITY_CUSTODIAN)])
    assert new_since(before, after) == (LeadKeepsNames(RUBEN),)
    assert new_since(after, after) == ()


PEOPLE = (LILIT, DAVIT, IRINA, NADIM, RUBEN)
KNOWN = st.sets(st.sampled_from((*PEOPLE, ANCHOR)), min_size=1)


@given(st.dictionaries(st.sampled_from(PEOPLE), st.tuples(st.sets(st.sampled_from((EDITOR, GUARD))), KNOWN)))
def test_a_remedy_always_makes_two_voices_and_is_missing_only_where_none_would(
    held: dict[UUID, tuple[set[Duty], set[UUID]]],
) -> None:
    members = [
        Member(person, person.bytes, "", frozenset(duties), frozenset(known - {person}))
        for person, (duties, known) in held.items()
    ]
    by_person = {each.person: each for each in members}
    for found in voices(members, *PEOPLE):
        if not isinstance(found, SameWord):
            continue
        one, other = by_person[found.one], by_person[found.other]
        assert not are_two_voices(one, other)
        if found.remedy is not None:
            helped = by_person[found.remedy.member].vouched_by(found.remedy.voucher)
            assert found.remedy.voucher != found.remedy.member
            assert are_two_voices(helped, other if found.remedy.member == found.one else one)
        else:
            assert not any(
                are_two_voices(one.vouched_by(voucher), other)
                or are_two_voices(one, other.vouched_by(voucher))
                for voucher in set(PEOPLE) - {found.one, found.other}
            )
