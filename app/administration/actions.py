"""What administrators do: take a role, propose what takes two of them, agree to what another proposed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final
from uuid import UUID

from app.domain.duties import Role
from app.domain.errors import Forbidden
from app.policy.actor import Actor
from app.policy.facts import ProposalFacts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.unit_of_work import UnitOfWork
from app.vault.proposals import Kind, Proposed

CarryOut = Callable[[UnitOfWork, Proposed, UUID], None]

ASKED_FOR: Final[Mapping[Kind, Permission]] = MappingProxyType(
    {
        Kind.ROLE_GIVEN: Permission.PEOPLE_EMPOWER,
        Kind.ADMINISTRATOR_SHUT_OUT: Permission.PEOPLE_EMPOWER,
        Kind.ADMINISTRATOR_LET_IN: Permission.PEOPLE_EMPOWER,
        Kind.RECOVERY: Permission.RECOVERY_RUN,
    }
)


def agree(uow: UnitOfWork, actor: Actor, proposal: ProposalFacts) -> UUID | None:
    """Agree, and do in the same commit what was agreed to; staged. Whose sessions end with it, if anybody's.

    Raises:
        Forbidden, Conflict: as `Proposals.second` and the act itself do.
    """
    agreed = uow.vault.proposals.second(proposal.id)
    enforce(ASKED_FOR[agreed.kind], actor, replace(proposal, seconded_by=actor.person))
    _CARRY_OUT[agreed.kind](uow, agreed, actor.person)
    return agreed.subject if agreed.kind is Kind.ADMINISTRATOR_SHUT_OUT else None


def propose_recovery(uow: UnitOfWork, case: UUID, secret: str, receiver: UUID) -> UUID:
    """Propose that trustees may open their shares of one secret for one person, who leads the case; staged.

    Raises:
        Forbidden: `receiver-not-vouched`; and as `Proposals.propose` does.
    """
    card = uow.vault.people.row(receiver).card
    if not uow.vault.trust.is_vouched(card) or uow.vault.trust.is_administrator(card):
        raise Forbidden("receiver-not-vouched")
    return uow.vault.proposals.propose(Kind.RECOVERY, case, secret, card)


def _give_role(uow: UnitOfWork, agreed: Proposed, by: UUID) -> None:
    uow.vault.people.give_role(agreed.subject, Role(agreed.proposal.detail), by)


def _shut_out(uow: UnitOfWork, agreed: Proposed, by: UUID) -> None:
    uow.vault.people.shut_out(agreed.subject, by, shut=True, by_two=True)


def _let_in(uow: UnitOfWork, agreed: Proposed, by: UUID) -> None:
    uow.vault.people.shut_out(agreed.subject, by, shut=False, by_two=True)


def _leave_to_trustees(_uow: UnitOfWork, _agreed: Proposed, _by: UUID) -> None:
    """The agreement is what their shares are opened by, for seven days."""


_CARRY_OUT: Final[Mapping[Kind, CarryOut]] = MappingProxyType(
    {
        Kind.ROLE_GIVEN: _give_role,
        Kind.ADMINISTRATOR_SHUT_OUT: _shut_out,
        Kind.ADMINISTRATOR_LET_IN: _let_in,
        Kind.RECOVERY: _leave_to_trustees,
    }
)
