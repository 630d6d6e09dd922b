"""How a case begins and who works on it: its charter, its first list of people, and every later one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.cases.shapes import Settings
from app.domain.duties import RELEASE_DUTIES, Duty, Role
from app.domain.errors import InvalidInput, NotFound
from app.domain.ids import CaseId, new_id
from app.domain.record import canonical_json, to_plain
from app.policy.facts import CaseFacts
from app.store import people
from app.unit_of_work import UnitOfWork
from app.vault.casework import CASE_ZERO
from app.vault.fields import CASE_SETTINGS
from app.vault.trust import VerifiedRoster

SEPARATOR: Final = ":"
OF_ROLE: Final[Mapping[Role, frozenset[Duty]]] = {
    Role.INTERVIEWER: frozenset({Duty.INTERVIEWER}),
    Role.REVIEWER: frozenset(Duty) - {Duty.INTERVIEWER},
}

Duties = dict[bytes, frozenset[Duty]]


@dataclass(frozen=True)
class Candidate:
    """Somebody who may stand on the list. `may_hold`: what their roles allow; `name` is empty if it does not fit the card."""

    card: bytes
    name: str
    duties: frozenset[Duty]
    may_hold: frozenset[Duty]

    def choice(self, duty: Duty) -> str:
        """How a form says that this person holds this duty."""
        return f"{self.card.hex()}{SEPARATOR}{duty.value}"


def candidates(uow: UnitOfWork, roster: VerifiedRoster | None) -> list[Candidate]:
    """Everybody whose card somebody vouched for, who is on the list first; whoever was shut out can only leave."""
    held = (
        {member.card: frozenset(map(Duty, member.duties)) for member in roster.roster.members}
        if roster
        else {}
    )
    rows = uow.tx.all(sa.select(people.people).where(sa.not_(people.people.c.administrator)))
    found = [
        _candidate(uow, row, held.pop(row.card, frozenset())) for row in rows if _may_stand(uow, row, held)
    ]
    replaced = [Candidate(card, _name_of(uow, card), duties, duties) for card, duties in held.items()]
    return sorted([*found, *replaced], key=lambda each: (not each.duties, each.name.casefold()))


def _may_stand(uow: UnitOfWork, row: sa.Row[Any], held: Mapping[bytes, object]) -> bool:
    return row.card in held or (not row.disabled and uow.vault.trust.is_vouched(row.card))


def _candidate(uow: UnitOfWork, row: sa.Row[Any], duties: frozenset[Duty]) -> Candidate:
    roles = {role for role in OF_ROLE if getattr(row, role.value)}
    allowed = frozenset().union(*(OF_ROLE[role] for role in roles)) if not row.disabled else frozenset()
    return Candidate(row.card, uow.vault.people.shown_name(row.id), duties, allowed | duties)


def _name_of(uow: UnitOfWork, card: bytes) -> str:
    return uow.vault.people.shown_name(uow.vault.trust.card(card).person)


def chosen(choices: Iterable[str], known: Iterable[Candidate]) -> Duties:
    """The duties that a form gives, by card.

    Raises:
        InvalidInput: `duties: unknown` for a person or a duty that was not offered; `duties: nobody-leads`.
    """
    offered = {each.choice(duty): (each.card, duty) for each in known for duty in each.may_hold}
    given: dict[bytes, set[Duty]] = {}
    for choice in choices:
        if choice not in offered:
            raise InvalidInput({"duties": "unknown"})
        card, duty = offered[choice]
        given.setdefault(card, set()).add(duty)
    if not any(Duty.LEAD in duties for duties in given.values()):
        raise InvalidInput({"duties": "nobody-leads"})
    return {card: frozenset(duties) for card, duties in given.items()}


# Beginning


def leaders(uow: UnitOfWork) -> list[tuple[UUID, str]]:
    """Reviewers whom a charter may name: (person, name), vouched for and not shut out."""
    table = people.people
    rows = uow.tx.all(sa.select(table).where(table.c.reviewer, sa.not_(table.c.disabled)))
    named = [
        (row.id, uow.vault.people.shown_name(row.id)) for row in rows if uow.vault.trust.is_vouched(row.card)
    ]
    return sorted(((person, name) for person, name in named if name), key=lambda pair: pair[1].casefold())


def charter(uow: UnitOfWork, code: str, lead: UUID) -> UUID:
    """Name a case and who leads it first; staged. `Conflict("exists-already")` at the commit if the code is taken."""
    case = new_id()
    uow.vault.casework.charter(case, code, uow.vault.people.row(lead).card)
    return case


def chartered_lead(uow: UnitOfWork, case: UUID) -> CaseFacts:
    """What the charter's lead may do with a case that nobody is on yet.

    Raises:
        NotFound: there is no such case, it has begun, or somebody else leads it.
    """
    try:
        uow.vault.trust.roster(case)
    except NotFound:
        found, _digest = uow.vault.trust.charter(case)
        if found.lead == uow.vault.holder.card:
            return CaseFacts(CaseId(case), frozenset({Duty.LEAD}))
    raise NotFound("case")


def open_case(uow: UnitOfWork, case: UUID, duties: Duties, settings: Settings) -> None:
    """The first list of people, the keys made with it, and the sealed title; staged."""
    uow.vault.casework.open_case(case, duties)
    uow.vault.records.seal(CASE_SETTINGS, case, case, canonical_json(to_plain(settings)), expected=0)
    _hand_out_release_key(uow, duties)


# Changing


def change(uow: UnitOfWork, case: UUID, expected: bytes, duties: Duties) -> None:
    """The next list of people; who leaves or reads no longer makes the keys renew at once; staged.

    Raises:
        Conflict: `roster-moved`, somebody signed another one since `expected`.
    """
    uow.vault.casework.change_roster(case, expected, duties)
    _hand_out_release_key(uow, duties)


def _hand_out_release_key(uow: UnitOfWork, duties: Duties) -> None:
    """Publishers get the release key in the same press, where whoever signs is the one who hands it out."""
    new = _publishers_without_key(uow, duties)
    if not new or not hands_out_release_key(uow):
        return
    zero = uow.vault.trust.roster(CASE_ZERO)
    kept = {member.card: frozenset(map(Duty, member.duties)) for member in zero.roster.members}
    for card in new:
        kept[card] = kept.get(card, frozenset()) | RELEASE_DUTIES
    uow.vault.casework.change_publishers(kept)


def hands_out_release_key(uow: UnitOfWork) -> bool:
    return Duty.LEAD in uow.vault.trust.roster(CASE_ZERO).duties_of(uow.vault.holder.card)


def publishers_without_key(uow: UnitOfWork, roster: VerifiedRoster) -> list[str]:
    """Names of publishers of this case who cannot publish yet, for want of the release key."""
    duties = {member.card: frozenset(map(Duty, member.duties)) for member in roster.roster.members}
    return sorted(_name_of(uow, card) for card in _publishers_without_key(uow, duties))


def _publishers_without_key(uow: UnitOfWork, duties: Duties) -> list[bytes]:
    zero = uow.vault.trust.roster(CASE_ZERO)
    return [
        card
        for card, held in duties.items()
        if held & RELEASE_DUTIES and not zero.duties_of(card) & RELEASE_DUTIES
    ]
