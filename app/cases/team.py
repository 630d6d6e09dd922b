"""Who is on a case and what that lets them do, read from its verified roster and from nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, Self
from uuid import UUID

from app.domain.duties import Duty, missing_to_publish, reads_case, reads_identity
from app.domain.errors import Tampered
from app.domain.ids import NIL, CaseId, PersonId, StoryId
from app.domain.lifecycle import StoryState
from app.policy.facts import ANCHOR, CaseFacts, StoryFacts
from app.policy.predicates import are_independent
from app.unit_of_work import UnitOfWork
from app.vault.trust import VerifiedRoster

Reach = Literal["id", "open", "send"]
"""How far a key goes: names too, statements, or only sending in."""


@dataclass(frozen=True)
class Beginning:
    """Since when somebody's key reaches as far as now, and the card that signed it so."""

    since: datetime
    granter: bytes

    @classmethod
    def signed(cls, at: int, by: bytes) -> Self:
        return cls(datetime.fromtimestamp(at, UTC), by)


@dataclass(frozen=True)
class Member:
    """`name` is empty where the stored one is not what the card is bound to; a voucher may be ANCHOR."""

    person: UUID
    card: bytes
    name: str
    duties: frozenset[Duty]
    vouchers: frozenset[UUID]

    @property
    def reach(self) -> Reach:
        return reach_of(self.duties)

    @property
    def opens(self) -> bool:
        return self.reach != "send"

    def vouched_by(self, voucher: UUID) -> Self:
        """The same person, once somebody more has vouched for them."""
        return replace(self, vouchers=self.vouchers | {voucher})


@dataclass(frozen=True)
class Team:
    """Everybody on a case, readers first, and the shown names of whoever is spoken of."""

    roster: VerifiedRoster
    members: tuple[Member, ...]
    names: Mapping[UUID, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def openers(self) -> int:
        """How many people can open a statement of this case."""
        return sum(member.opens for member in self.members)

    def holders(self, *duties: Duty) -> tuple[Member, ...]:
        return tuple(member for member in self.members if not member.duties.isdisjoint(duties))

    def names_of(self, members: Iterable[Member]) -> tuple[str, ...]:
        return tuple(member.name for member in members)


def missing_duties(members: Iterable[Member]) -> tuple[Duty, ...]:
    """Duties that nobody holds and without which nothing is ever published."""
    lacking = missing_to_publish(frozenset(duty for member in members for duty in member.duties))
    return tuple(duty for duty in Duty if duty in lacking)


def are_two_voices(one: Member, other: Member) -> bool:
    """Whether these two could both sign: different people, not known by one person's word."""
    story = StoryFacts(
        CaseFacts(CaseId(NIL), frozenset()),
        StoryId(NIL),
        StoryState.DRAFT,
        frozenset(),
        vouchers={PersonId(member.person): _as_people(member.vouchers) for member in (one, other)},
    )
    return one.person != other.person and are_independent(PersonId(one.person), PersonId(other.person), story)


def reach_of(duties: frozenset[Duty]) -> Reach:
    if reads_identity(duties):
        return "id"
    return "open" if reads_case(duties) else "send"


def team_of(uow: UnitOfWork, case: UUID) -> Team:
    """Raises Frozen or Tampered where the roster cannot be trusted."""
    roster = uow.vault.trust.roster(case)
    cards = {member.card: uow.vault.trust.card(member.card).person for member in roster.roster.members}
    vouchers = {card: uow.vault.trust.vouchers_of(card) for card in cards}
    names = shown_names(
        uow, {*cards.values(), *(voucher for known in vouchers.values() for voucher in known)}
    )
    members = [
        Member(person, card, names[person], roster.duties_of(card), vouchers[card])
        for card, person in cards.items()
    ]
    members.sort(key=lambda member: (member.reach == "send", member.name))
    return Team(roster, tuple(members), names)


def shown_names(uow: UnitOfWork, people: set[UUID]) -> dict[UUID, str]:
    """The name of each, empty where it is not the one their card is bound to; one bad name hides no other."""
    asked = people - {ANCHOR}
    try:
        known = uow.vault.people.names(asked)
    except Tampered:
        known = {person: uow.vault.people.shown_name(person) for person in asked}
    return {person: known.get(person, "") for person in people}


def beginnings(uow: UnitOfWork, team: Team) -> dict[bytes, Beginning]:
    """Card -> since when, without a break, it reaches as far as now: read back along the chain of rosters."""
    roster = team.roster.roster
    still = {member.card: member.reach for member in team.members}
    found = dict.fromkeys(still, Beginning.signed(roster.issued, roster.signer))
    while still and roster.previous:
        roster = uow.vault.trust.roster_by_digest(team.roster.case, roster.previous)
        before = {member.card: reach_of(frozenset(map(Duty, member.duties))) for member in roster.members}
        still = {card: reach for card, reach in still.items() if before.get(card) == reach}
        found |= dict.fromkeys(still, Beginning.signed(roster.issued, roster.signer))
    return found


def _as_people(ids: Iterable[UUID]) -> frozenset[PersonId]:
    return frozenset(PersonId(person) for person in ids)
