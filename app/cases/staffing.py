"""How a case begins and who works on it: its charter, its first list of people, and every later one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.cases.safeguards import Finding, findings, new_since
from app.cases.shapes import Settings
from app.cases.team import Member, shown_names
from app.domain.duties import RELEASE_DUTIES, Duty, Role
from app.domain.errors import Frozen, InvalidInput, NotFound, Tampered
from app.domain.ids import CaseId, new_id
from app.domain.record import canonical_json, to_plain
from app.policy.facts import CaseFacts
from app.store import people
from app.store.trust import memberships
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
    """Somebody who may stand on the list. `may_hold`: what their roles allow; `name` is empty if it does not fit the card.

    `vouchers`: people, or ANCHOR; of somebody who waits to be met, whoever meets them.
    """

    person: UUID
    card: bytes
    name: str
    duties: frozenset[Duty]
    may_hold: frozenset[Duty]
    vouchers: frozenset[UUID] = frozenset()

    def choice(self, duty: Duty) -> str:
        """How a form says that this person holds this duty."""
        return f"{self.card.hex()}{SEPARATOR}{duty.value}"

    def holding(self, duties: frozenset[Duty]) -> Member:
        """The same person with these duties, as a list would name them."""
        return Member(self.person, self.card, self.name, duties, self.vouchers)


def candidates(uow: UnitOfWork, roster: VerifiedRoster | None) -> list[Candidate]:
    """Everybody whose card somebody vouched for, who is on the list first; whoever was shut out can only leave."""
    held = duties_by_card(roster) if roster else {}
    rows = uow.tx.all(sa.select(people.people).where(sa.not_(people.people.c.administrator)))
    found = [
        _candidate(uow, row, held.pop(row.card, frozenset())) for row in rows if _may_stand(uow, row, held)
    ]
    replaced = [_replaced(uow, card, duties) for card, duties in held.items()]
    return sorted([*found, *replaced], key=lambda each: (not each.duties, each.name.casefold()))


def duties_by_card(roster: VerifiedRoster) -> Duties:
    return {member.card: frozenset(map(Duty, member.duties)) for member in roster.roster.members}


def _may_stand(uow: UnitOfWork, row: sa.Row[Any], held: Mapping[bytes, object]) -> bool:
    return row.card in held or (not row.disabled and uow.vault.trust.is_vouched(row.card))


def _candidate(uow: UnitOfWork, row: sa.Row[Any], duties: frozenset[Duty]) -> Candidate:
    allowed = _allowed(row) if not row.disabled else frozenset()
    name, vouchers = uow.vault.people.shown_name(row.id), uow.vault.trust.vouchers_of(row.card)
    return Candidate(row.id, row.card, name, duties, allowed | duties, vouchers)


def _allowed(row: sa.Row[Any]) -> frozenset[Duty]:
    """What somebody's roles let them be given."""
    return frozenset().union(*(duties for role, duties in OF_ROLE.items() if getattr(row, role.value)))


def _replaced(uow: UnitOfWork, card: bytes, duties: frozenset[Duty]) -> Candidate:
    """Somebody on the list by a card that is not theirs any more."""
    person, vouchers = uow.vault.trust.card(card).person, uow.vault.trust.vouchers_of(card)
    return Candidate(person, card, uow.vault.people.shown_name(person), duties, duties, vouchers)


def _name_of(uow: UnitOfWork, card: bytes) -> str:
    return uow.vault.people.shown_name(uow.vault.trust.card(card).person)


def voucher_names(uow: UnitOfWork, known: Iterable[Candidate]) -> dict[UUID, str]:
    """The names of everybody who vouched for any of these, and of these themselves."""
    asked = {person for each in known for person in (each.person, *each.vouchers)}
    return shown_names(uow, asked)


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


def chosen_for(them: Candidate, choices: Iterable[str]) -> frozenset[Duty]:
    """The duties that a form gives one person.

    Raises:
        InvalidInput: `duties: unknown` for one that was not offered; `duties: nothing-ticked`.
    """
    offered = {duty.value: duty for duty in them.may_hold}
    given = list(choices)
    if not given:
        raise InvalidInput({"duties": "nothing-ticked"})
    if not offered.keys() >= set(given):
        raise InvalidInput({"duties": "unknown"})
    return frozenset(offered[choice] for choice in given)


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
    _settle_release_key(uow, case, duties)


# What a list would lack


def worries(known: Iterable[Candidate], duties: Duties) -> tuple[Finding, ...]:
    """What such a list would lack or risk that the one in force does not."""
    offered = list(known)
    vouchers = [each.person for each in offered if each.vouchers]
    before = [each.holding(each.duties) for each in offered if each.duties]
    after = [each.holding(duties[each.card]) for each in offered if duties.get(each.card)]
    present = findings(before, vouchers) if before else ()
    return new_since(present, findings(after, vouchers))


def worries_with(
    uow: UnitOfWork, roster: VerifiedRoster, them: Candidate, duties: frozenset[Duty]
) -> tuple[Finding, ...]:
    """The same of the list in force and on it somebody who is being met."""
    known = [*(each for each in candidates(uow, roster) if each.card != them.card), them]
    return worries(known, {**duties_by_card(roster), them.card: duties})


# Changing


def list_to_change(uow: UnitOfWork, case: UUID) -> VerifiedRoster:
    """The list in force, for one of its leads. Raises NotFound for whoever was taken off, or leads no longer."""
    roster = uow.vault.trust.roster(case)
    if Duty.LEAD not in roster.duties_of(uow.vault.holder.card):
        raise NotFound("roster")
    return roster


def change(uow: UnitOfWork, case: UUID, expected: bytes, duties: Duties) -> None:
    """The next list of people; who leaves or reads no longer makes the keys renew at once; staged.

    Raises:
        Conflict: `roster-moved`, somebody signed another one since `expected`.
    """
    uow.vault.casework.change_roster(case, expected, duties)
    _settle_release_key(uow, case, duties)


# Meeting somebody


def newcomers(uow: UnitOfWork) -> list[Candidate]:
    """Who waits for somebody to vouch, by name; nobody whose shown name does not fit their card."""
    table = people.people
    rows = uow.tx.all(sa.select(table).where(sa.not_(table.c.administrator), sa.not_(table.c.disabled)))
    waiting = [_newcomer(uow, row) for row in rows if not uow.vault.trust.is_vouched(row.card)]
    return sorted((each for each in waiting if each.name), key=lambda each: each.name.casefold())


def newcomer(uow: UnitOfWork, person: UUID) -> Candidate:
    """Somebody to meet, vouched for or not. NotFound for nobody, an administrator, or somebody who was shut out."""
    row = uow.vault.people.row(person)
    found = _newcomer(uow, row)
    if row.administrator or row.disabled or not found.name:
        raise NotFound("person")
    return found


def _newcomer(uow: UnitOfWork, row: sa.Row[Any]) -> Candidate:
    vouchers = frozenset({uow.vault.holder.person})
    return Candidate(
        row.id, row.card, uow.vault.people.shown_name(row.id), frozenset(), _allowed(row), vouchers
    )


def meet(uow: UnitOfWork, case: UUID, expected: bytes, them: Candidate, duties: frozenset[Duty]) -> None:
    """The list in force and on it somebody whom the holder has just vouched for in this unit of work; staged.

    Raises: as `change`.
    """
    held = duties_by_card(uow.vault.trust.roster(case))
    change(uow, case, expected, {**held, them.card: duties})


# The release key


def _settle_release_key(uow: UnitOfWork, case: UUID, duties: Duties) -> None:
    """In the same press, where whoever signs is the one who hands it out: new publishers get it, idle ones lose it."""
    if not hands_out_release_key(uow):
        return
    held = duties_by_card(uow.vault.trust.roster(CASE_ZERO))
    kept = dict(held)
    for card in _publishers_without_key(uow, duties):
        kept[card] = kept.get(card, frozenset()) | RELEASE_DUTIES
    for card in _idle_publishers(uow, case):
        kept[card] -= RELEASE_DUTIES
    if kept != held:
        uow.vault.casework.change_publishers(kept)


def hands_out_release_key(uow: UnitOfWork) -> bool:
    return Duty.LEAD in uow.vault.trust.roster(CASE_ZERO).duties_of(uow.vault.holder.card)


def release_key_leads(uow: UnitOfWork) -> list[str]:
    """Names of those who say who holds the release key."""
    held = duties_by_card(uow.vault.trust.roster(CASE_ZERO))
    return sorted(_name_of(uow, card) for card, duties in held.items() if Duty.LEAD in duties)


def publishers_without_key(uow: UnitOfWork, roster: VerifiedRoster) -> list[str]:
    """Names of publishers of this case who cannot publish yet, for want of the release key."""
    return sorted(_name_of(uow, card) for card in _publishers_without_key(uow, duties_by_card(roster)))


def _publishers_without_key(uow: UnitOfWork, duties: Duties) -> list[bytes]:
    zero = uow.vault.trust.roster(CASE_ZERO)
    return [
        card
        for card, held in duties.items()
        if held & RELEASE_DUTIES and not zero.duties_of(card) & RELEASE_DUTIES
    ]


def idle_publishers(uow: UnitOfWork, case: UUID) -> list[str]:
    """Names of those who hold the release key, and whom neither this case nor any other lets publish any more."""
    return sorted(_name_of(uow, card) for card in _idle_publishers(uow, case))


def _idle_publishers(uow: UnitOfWork, case: UUID) -> list[bytes]:
    """Who leads the list of publishers keeps the key by that."""
    zero = duties_by_card(uow.vault.trust.roster(CASE_ZERO))
    publishing = [card for card, held in zero.items() if held & RELEASE_DUTIES and Duty.LEAD not in held]
    return [card for card in publishing if not _publishes_anywhere(uow, card, case)]


def _publishes_anywhere(uow: UnitOfWork, card: bytes, case: UUID) -> bool:
    """By the lists in force, this case's as it is being signed among them."""
    person = uow.vault.trust.card(card).person
    rows = uow.tx.all(sa.select(memberships.c.case).where(memberships.c.person == person))
    on = {case, *(row.case for row in rows)} - {CASE_ZERO}
    return any(_publishes_in(uow, card, each) for each in on)


def _publishes_in(uow: UnitOfWork, card: bytes, case: UUID) -> bool:
    """A list that cannot be proved lets nobody publish."""
    try:
        return bool(uow.vault.trust.roster(case).duties_of(card) & RELEASE_DUTIES)
    except (NotFound, Frozen, Tampered):
        return False
