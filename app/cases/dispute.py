"""A case that is stopped because two lists of its people cannot both hold: what its reader has seen, and what is stored."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app.cases.team import shown_names
from app.domain.duties import Duty
from app.domain.errors import Frozen, NotFound, Tampered
from app.domain.ids import CaseId
from app.policy.facts import CaseFacts, FrozenReason
from app.unit_of_work import UnitOfWork
from app.vault.casework import Dispute
from app.vault.trust import VerifiedRoster

STOPPED: Final = frozenset({"fork", "roster-rolled-back"})
"""Why a case is stopped for one reader, where they have seen another list than the one that is stored."""


@dataclass(frozen=True)
class Listed:
    """The content of a list: `signer` and the names of `people` are empty where they cannot be proved."""

    signer: str
    signed: datetime
    people: tuple[tuple[str, frozenset[Duty]], ...]


@dataclass(frozen=True)
class Version:
    """One of the lists. `digits`: what two people compare, as of a card; `listed`: None where it is not stored any more."""

    era: int
    number: int
    digits: str
    listed: Listed | None


@dataclass(frozen=True)
class Seen:
    """What the reader's own book knows of a stopped case, and whether they may see both versions, as one of its leads."""

    era: int
    number: int
    digits: str
    leads: bool


def seen_of(uow: UnitOfWork, case: UUID) -> Seen:
    """Raises NotFound where the reader has never seen a list of this case."""
    dispute = uow.vault.casework.dispute(case)
    mark = dispute.seen
    leads = Duty.LEAD in _duties(uow, dispute)
    return Seen(mark.era, mark.number, uow.vault.people.digits_of(mark.digest), leads)


def stopped_case(uow: UnitOfWork, case: UUID) -> CaseFacts:
    """What the reader may do with a stopped case, for one of its leads by either list.

    Raises:
        Frozen: as the list itself does, for everybody else.
        NotFound: the case is not stopped, or there is none.
    """
    try:
        uow.vault.trust.roster(case)
    except Frozen as stopped:
        if stopped.reason not in STOPPED:
            raise
        duties = _duties(uow, uow.vault.casework.dispute(case))
        if Duty.LEAD not in duties:
            raise
        return CaseFacts(CaseId(case), duties, FrozenReason.FORK)
    raise NotFound("dispute")


def versions(uow: UnitOfWork, case: UUID) -> tuple[Version, Version | None]:
    """What the reader has seen, and what is stored; None where nothing that is stored can be proved."""
    dispute = uow.vault.casework.dispute(case)
    mark, stored = dispute.seen, dispute.stored
    digits = uow.vault.people.digits_of
    seen = Version(mark.era, mark.number, digits(mark.digest), _listed(uow, dispute.kept))
    if stored is None:
        return seen, None
    mark = stored.mark
    return seen, Version(mark.era, mark.number, digits(mark.digest), _listed(uow, stored))


def _duties(uow: UnitOfWork, dispute: Dispute) -> frozenset[Duty]:
    """By the list that was seen, and by the one that is stored: both were signed by a lead."""
    card, lists = uow.vault.holder.card, (dispute.kept, dispute.stored)
    return frozenset(duty for each in lists if each for duty in each.duties_of(card))


def _listed(uow: UnitOfWork, known: VerifiedRoster | None) -> Listed | None:
    if known is None:
        return None
    roster = known.roster
    people = [(_name(uow, member.card), known.duties_of(member.card)) for member in roster.members]
    signed = datetime.fromtimestamp(roster.issued, UTC)
    return Listed(_name(uow, roster.signer), signed, tuple(sorted(people, key=lambda each: each[0])))


def _name(uow: UnitOfWork, card: bytes) -> str:
    try:
        person = uow.vault.trust.card(card).person
    except Tampered:
        return ""
    return shown_names(uow, {person})[person]
