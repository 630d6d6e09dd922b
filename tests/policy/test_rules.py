"""What the table promises whatever the facts are."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.duties import Duty, Role
from app.domain.errors import Forbidden, Frozen, NotConfirmed, NotFound, NotSignedIn
from app.domain.lifecycle import StatementState
from app.policy import rules
from app.policy.facts import (
    ANCHOR,
    NOTHING,
    ApprovalKind,
    CaseFacts,
    FrozenReason,
    Installation,
    StatementFacts,
    StoryFacts,
)
from app.policy.permissions import Permission
from app.policy.predicates import Reason, are_independent, submitted_it
from app.policy.rules import Outcome, decide, enforce, subject_of

from .cast import NAMES, PERSON, SCENARIOS, actor, case, statement, story

P = Permission
MEMBERS_ONLY = [p for p in P if p.value.partition(".")[0] in {
    "desk", "case", "register", "roster", "chores", "chore", "key", "statement", "consent", "asset", "notes",
    "transcript", "translation", "redaction", "redacted", "evidence", "identity", "story", "release",
} and p not in {P.CASE_CHARTER, P.STATEMENT_DESTROY, P.RELEASE_TAKE_DOWN}]  # fmt: skip


@pytest.mark.parametrize("permission", MEMBERS_ONLY)
def test_an_administrator_reads_nothing_even_with_every_duty_and_role(permission):
    """As if somebody had written the rows by hand: a puppet with every role, and every duty on the case."""
    puppet = replace(actor("admin"), roles=frozenset(Role))
    for make in SCENARIOS[subject_of(permission)].values():
        facts = make("lead")
        if isinstance(facts, CaseFacts):
            facts = replace(facts, duties=frozenset(Duty))
        elif isinstance(facts, StatementFacts | StoryFacts):
            facts = replace(facts, case=replace(facts.case, duties=frozenset(Duty)))
        assert not decide(permission, puppet, facts).granted


@pytest.mark.parametrize("permission", P)
def test_nobody_signed_in_gets_past_the_doors(permission):
    doors = {
        P.PUBLIC,
        P.LANGUAGE_CHOOSE,
        P.SIGN_IN,
        P.ACCOUNT_CLAIM,
        P.ACCOUNT_RECOVER,
        P.WITHDRAWAL_CODE_USE,
    }
    for make in SCENARIOS[subject_of(permission)].values():
        outcome = decide(permission, actor("nobody"), make("nobody")).outcome
        assert outcome is (Outcome.GRANTED if permission in doors else Outcome.SIGN_IN_FIRST)


@pytest.mark.parametrize("permission", [p for p in MEMBERS_ONLY if p is not P.STATEMENT_ADD])
def test_an_interviewer_reads_nothing_back(permission):
    for make in SCENARIOS[subject_of(permission)].values():
        assert not decide(permission, actor("interviewer"), make("interviewer")).granted


def test_what_is_not_in_the_table_is_denied(monkeypatch):
    monkeypatch.setattr(rules, "RULES", {})
    decision = decide(P.HOME, actor("lead"))
    assert (decision.outcome, decision.reasons) == (Outcome.REFUSED, (Reason.NO_RULE,))


@pytest.mark.parametrize("permission", [p for p in P if subject_of(p) is not Installation])
def test_a_route_that_loads_the_wrong_subject_is_refused(permission):
    for name in NAMES:
        assert not decide(permission, actor(name), NOTHING).granted


def test_a_predicate_over_another_subject_says_so():
    assert submitted_it(actor("interviewer"), case("interviewer")) is Reason.WRONG_SUBJECT


def test_a_member_without_the_duty_is_told_what_is_lacking():
    decision = decide(P.REDACTION_EDIT, actor("transcriber"), statement("transcriber"))
    assert decision.reasons == (Reason.LACKS_DUTY,)


def test_the_nearest_line_gives_the_reasons():
    decision = decide(P.STATEMENT_OPEN, actor("reader"), statement("reader", StatementState.DESTROYED))
    assert decision.reasons == (Reason.WRONG_STATE,)


@pytest.mark.parametrize(
    ("error", "name", "permission", "facts"),
    [
        (NotSignedIn, "nobody", P.HOME, NOTHING),
        (NotFound, "elsewhere", P.CASE_VIEW, case("elsewhere")),
        (Forbidden, "reader", P.CASE_SETTINGS, case("reader")),
        (Frozen, "reader", P.CASE_VIEW, case("reader", FrozenReason.FORK)),
        (Forbidden, "reader", P.CASE_SETTINGS, case("reader", FrozenReason.FORK)),
    ],
)
def test_refusals_become_errors_of_their_family(error, name, permission, facts):
    with pytest.raises(error) as refused:
        enforce(permission, actor(name), facts)
    assert type(refused.value) is error


def test_a_granted_act_passes():
    enforce(P.CASE_VIEW, actor("reader"), case("reader"))


def test_a_frozen_case_names_itself_and_why():
    with pytest.raises(Frozen) as refused:
        enforce(P.CASE_VIEW, actor("reader"), case("reader", FrozenReason.HEAD_BEHIND))
    assert (refused.value.reason, refused.value.case) == ("head-behind", case("reader").id)


def test_a_dangerous_act_asks_for_the_second_factor_again():
    with pytest.raises(NotConfirmed):
        enforce(P.ROSTER_EDIT, actor("lead", confirmed=False), case("lead"))
    enforce(P.ROSTER_EDIT, actor("lead"), case("lead"))


def test_intake_goes_on_while_a_case_is_frozen():
    for frozen in FrozenReason:
        assert decide(P.FORM_FINISH, actor("interviewer"), case("interviewer", frozen)).granted


@pytest.mark.parametrize("frozen", FrozenReason)
def test_a_lead_can_take_down_and_hold_while_a_case_is_frozen(frozen):
    forked = case("lead", frozen)
    assert decide(P.RELEASE_WITHDRAW, actor("lead"), replace(story("lead"), case=forked)).granted
    for safe in (P.STATEMENT_HOLD, P.STATEMENT_WITHDRAW):
        assert decide(safe, actor("lead"), replace(statement("lead"), case=forked)).granted


def test_a_receipt_is_read_only_by_whoever_submitted_even_off_the_roster():
    facts = replace(statement("interviewer"), case=case("elsewhere"))
    assert decide(P.RECEIPT_READ, actor("interviewer"), facts).granted
    other = replace(facts, submitter=PERSON["lead"])
    assert decide(P.RECEIPT_READ, actor("interviewer"), other).outcome is Outcome.NOT_FOUND


def test_the_voices_of_two_founders_are_independent():
    founders = {PERSON["lead"]: frozenset({ANCHOR}), PERSON["editor"]: frozenset({ANCHOR})}
    assert are_independent(PERSON["lead"], PERSON["editor"], story("lead", vouchers=founders))


@pytest.mark.parametrize(
    ("of_editor", "of_lead", "independent"),
    [
        ({"lead"}, {"nobody"}, False),  # the other voice vouched
        ({"lead", "reader"}, {"nobody"}, True),
        ({"reader"}, {"reader"}, False),  # one person stands behind both
        ({"reader"}, {"reader", "custodian"}, True),
        (set(), {"reader"}, False),  # no vouch at all
    ],
)
def test_two_voices_are_independent_by_vouches_of_different_people(of_editor, of_lead, independent):
    vouchers = {
        PERSON["editor"]: frozenset(PERSON[name] for name in of_editor),
        PERSON["lead"]: frozenset(PERSON[name] for name in of_lead),
    }
    facts = story("lead", vouchers=vouchers)
    assert are_independent(PERSON["editor"], PERSON["lead"], facts) is independent
    assert are_independent(PERSON["lead"], PERSON["editor"], facts) is independent


def test_the_second_voice_is_refused_if_it_is_the_first_or_hangs_on_it():
    both = replace(case("editor"), duties=frozenset({Duty.EDITORIAL_APPROVER, Duty.PROTECTION_APPROVER}))
    given_by_editor = {ApprovalKind.EDITORIAL: PERSON["editor"]}
    again = replace(story("editor", approvals=given_by_editor), case=both)
    assert decide(P.RELEASE_APPROVE_PROTECTION, actor("editor"), again).reasons == (
        Reason.YOU_ARE_THE_OTHER_VOICE,
    )
    given_by_lead = story("editor", approvals={ApprovalKind.PROTECTION: PERSON["lead"]})
    assert decide(P.RELEASE_APPROVE_EDITORIAL, actor("editor"), given_by_lead).reasons == (
        Reason.VOUCHED_BY_THE_SAME,
    )


@given(st.sampled_from(P), st.sampled_from(NAMES), st.data())
def test_a_decision_has_reasons_exactly_when_it_refuses(permission, name, data):
    scenario = data.draw(st.sampled_from(list(SCENARIOS[subject_of(permission)].values())))
    decision = decide(permission, actor(name), scenario(name))
    assert bool(decision.reasons) is (decision.outcome in {Outcome.REFUSED, Outcome.SIGN_IN_FIRST})


def test_every_statement_state_but_the_last_is_open_to_somebody():
    opened = {
        state
        for state in StatementState
        for name in NAMES
        if decide(P.STATEMENT_OPEN, actor(name), statement(name, state)).granted
    }
    assert opened == set(StatementState) - {StatementState.DESTROYED}
