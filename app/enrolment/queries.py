"""Who there is to meet, whose card waits for a voucher, who vouched for whom; and who asked to come back."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.domain.duties import Duty
from app.domain.errors import Frozen, NotFound, Tampered
from app.domain.ids import NIL
from app.store import people, trust
from app.unit_of_work import UnitOfWork
from app.vault.trust import VerifiedRoster


@dataclass(frozen=True)
class Colleague:
    """`name` is empty where the stored one is not what the card is bound to; `vouchers`: names, own one included."""

    person: UUID
    name: str
    card: bytes
    vouchers: tuple[str, ...]
    by_me: bool
    is_founder: bool


def colleagues(uow: UnitOfWork, me: UUID) -> list[Colleague]:
    """Everybody but administrators and those shut out; who waits for a voucher first, then by name."""
    table = people.people
    rows = uow.tx.all(sa.select(table).where(sa.not_(table.c.administrator), sa.not_(table.c.disabled)))
    found = [_colleague(uow, row, me) for row in rows if row.id != me]
    return sorted(found, key=lambda each: (bool(each.vouchers) or each.is_founder, each.name.casefold()))


def colleague(uow: UnitOfWork, person: UUID, me: UUID) -> Colleague:
    """Raises NotFound for nobody, an administrator, or somebody who was shut out."""
    row = uow.vault.people.row(person)
    if row.administrator or row.disabled:
        raise NotFound("person")
    return _colleague(uow, row, me)


def is_introduced(uow: UnitOfWork, person: UUID) -> bool:
    """Whether somebody has met this person: they have a book, or what their first one is made from."""
    kept = (sa.exists().where(table.c.person == person) for table in (trust.trust_books, trust.introductions))
    return bool(uow.tx.value(sa.select(sa.or_(*kept))))


def count_waiting(uow: UnitOfWork) -> int:
    """How many wait for their first voucher; of those with a vouch nobody's is proved again for a number."""
    table, vouches = people.people.c, people.vouches.c
    unvouched = sa.select(table.card).where(
        sa.not_(table.administrator), sa.not_(table.disabled), ~sa.exists().where(vouches.card == table.card)
    )
    return sum(not uow.vault.trust.is_vouched(row.card) for row in uow.tx.all(unvouched))


def _colleague(uow: UnitOfWork, row: sa.Row[Any], me: UUID) -> Colleague:
    vouchers = _vouchers(uow, row.card)
    return Colleague(
        person=row.id,
        name=uow.vault.people.shown_name(row.id),
        card=row.card,
        vouchers=tuple(sorted(uow.vault.people.shown_name(person) for person in vouchers if person.int)),
        by_me=me in vouchers,
        is_founder=any(not person.int for person in vouchers),
    )


def _vouchers(uow: UnitOfWork, card: bytes) -> frozenset[UUID]:
    try:
        return uow.vault.trust.vouchers_of(card)
    except Tampered:
        return frozenset()


# Who asked to come back


def led_by(uow: UnitOfWork, me: UUID) -> dict[UUID, UUID]:
    """Everybody who is on a case that somebody leads -> one such case; one that is stopped hides no other."""
    table = trust.memberships.c
    found: dict[UUID, UUID] = {}
    for row in uow.tx.all(sa.select(table.case).where(table.person == me, table.case != NIL)):
        with suppress(Frozen, NotFound, Tampered):
            roster = uow.vault.trust.roster(row.case)
            if Duty.LEAD in roster.duties_of(uow.vault.holder.card):
                found |= dict.fromkeys(members_of(uow, roster), row.case)
    return found


def members_of(uow: UnitOfWork, roster: VerifiedRoster) -> frozenset[UUID]:
    """Whose cards stand in a roster, as the holder's trust book has them; a card that it does not know is proved."""
    known = uow.vault.book.owners
    digests = [member.card for member in roster.roster.members]
    return frozenset(known.get(digest) or uow.vault.trust.card(digest).person for digest in digests)


def everybody(uow: UnitOfWork) -> frozenset[UUID]:
    return frozenset(row.id for row in uow.tx.all(sa.select(people.people.c.id)))
