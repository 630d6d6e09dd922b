"""Waiting to be vouched for, as both sides are told of it: a newcomer what to do, colleagues that somebody waits."""

from flask import g

from app.enrolment import queries
from app.policy.actor import Actor
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.web.access import may


def digits_to_read() -> str:
    """The digits of the card of whoever looks, while nobody has vouched for it; else nothing.

    Whose book does not prove any more is not vouched for either, but has been met: that is another trouble.
    """
    uow: UnitOfWork = g.uow
    actor: Actor = g.actor
    if actor.vouched or queries.is_introduced(uow, actor.person):
        return ""
    return uow.vault.people.digits_of(uow.vault.people.account(actor.person).card)


def to_vouch_for() -> int:
    """How many wait for somebody to vouch, for whoever may."""
    return queries.count_waiting(g.uow) if may(Permission.PEOPLE_MEET) else 0
