"""Whatever anybody presses in whatever order, nothing is published without two independent people."""

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.duties import Duty, Role
from app.domain.errors import InvalidTransition
from app.domain.ids import PersonId, new_id
from app.domain.lifecycle import StoryAct, StoryState, advance_story
from app.policy.actor import Actor
from app.policy.facts import ANCHOR, ApprovalKind, CaseFacts, StoryFacts
from app.policy.permissions import Permission
from app.policy.predicates import are_independent
from app.policy.rules import decide

from .cast import CASE, STORY

TEAM = tuple(PersonId(new_id()) for _ in range(4))
PERMISSION = {
    ApprovalKind.EDITORIAL: Permission.RELEASE_APPROVE_EDITORIAL,
    ApprovalKind.PROTECTION: Permission.RELEASE_APPROVE_PROTECTION,
    ApprovalKind.IDENTITY: Permission.IDENTITY_CHECK,
}
MOVES = ("edit", "check", "work", "publish", *ApprovalKind)


@dataclass
class Desk:
    """A story as the application would keep it: an edit voids approvals, each press is decided first."""

    duties: dict[PersonId, frozenset[Duty]]
    vouchers: dict[PersonId, frozenset[PersonId]]
    facts: StoryFacts = field(init=False)

    def __post_init__(self):
        nobody = CaseFacts(CASE, frozenset())
        self.facts = StoryFacts(nobody, STORY, StoryState.DRAFT, frozenset(), vouchers=self.vouchers)

    def press(self, person, move):
        seen = replace(self.facts, case=CaseFacts(CASE, self.duties[person]))
        reviewer = Actor(
            person, frozenset({Role.REVIEWER}), vouched=bool(self.vouchers[person]), confirmed=True
        )
        try:
            self._do(person, move, lambda permission: decide(permission, reviewer, seen).granted)
        except InvalidTransition:
            return

    def _do(self, person, move, may):
        if move == "work":
            self._change(worked=self.facts.worked | {person})
        elif move == "edit" and may(Permission.STORY_EDIT):
            self._change(authors=self.facts.authors | {person})
        elif move == "check" and may(Permission.STORY_GATE):
            self._act(StoryAct.CHECK, gate_passed=True)
        elif move == "publish" and may(Permission.RELEASE_PUBLISH):
            self._act(StoryAct.PUBLISH)
        elif move in PERMISSION and may(PERMISSION[move]):
            self._approve(move, person)

    def _change(self, **facts):
        """Any change voids the approvals and the gate's report."""
        state = advance_story(self.facts.state, StoryAct.EDIT)
        self.facts = replace(self.facts, state=state, approvals={}, gate_passed=False, **facts)

    def _act(self, act, **facts):
        self.facts = replace(self.facts, state=advance_story(self.facts.state, act), **facts)

    def _approve(self, kind, person):
        approvals = {**self.facts.approvals, kind: person}
        self.facts = replace(self.facts, approvals=approvals)
        if len(approvals) == len(ApprovalKind):
            self._act(StoryAct.APPROVE)
            self._act(StoryAct.MAKE_DUE)


DUTIES = st.fixed_dictionaries({person: st.frozensets(st.sampled_from(Duty), min_size=4) for person in TEAM})
VOUCHERS = st.fixed_dictionaries({person: st.frozensets(st.sampled_from([ANCHOR, *TEAM])) for person in TEAM})
PRESSES = st.lists(st.tuples(st.sampled_from(TEAM), st.sampled_from(MOVES)), max_size=40)


@settings(max_examples=300)
@given(DUTIES, VOUCHERS, PRESSES)
def test_nothing_is_published_without_two_different_people(duties, vouchers, presses):
    desk = Desk(duties, vouchers)
    for person, move in presses:
        desk.press(person, move)
        if desk.facts.state is StoryState.PUBLISHED:
            assert_two_stand_behind(desk.facts)


def assert_two_stand_behind(story):
    editorial, protection = story.approvals[ApprovalKind.EDITORIAL], story.approvals[ApprovalKind.PROTECTION]
    assert editorial != protection
    assert {editorial, protection}.isdisjoint(story.authors | story.worked)
    assert are_independent(editorial, protection, story)
    assert ApprovalKind.IDENTITY in story.approvals


def test_the_smallest_team_can_publish():
    """Three reviewers: one writes and redacts, two approve, one of these leads, checks and publishes."""
    lead, writer, second, _ = TEAM
    reading = frozenset({Duty.READER})
    desk = Desk(
        {
            lead: frozenset({Duty.LEAD, Duty.PROTECTION_APPROVER, Duty.IDENTITY_CUSTODIAN, Duty.PUBLISHER}),
            writer: frozenset({Duty.REDACTOR, Duty.TRANSCRIBER}),
            second: frozenset({Duty.EDITORIAL_APPROVER}) | reading,
        },
        {lead: frozenset({ANCHOR}), writer: frozenset({lead}), second: frozenset({lead, writer})},
    )
    for person, move in (
        (writer, "work"), (writer, "edit"), (writer, "check"), (second, ApprovalKind.EDITORIAL),
        (lead, ApprovalKind.PROTECTION), (lead, ApprovalKind.IDENTITY), (lead, "publish"),
    ):  # fmt: skip
        desk.press(person, move)
    assert desk.facts.state is StoryState.PUBLISHED
    assert_two_stand_behind(desk.facts)
