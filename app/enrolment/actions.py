"""Claiming an invitation, and vouching for somebody whose digits were compared."""

from uuid import UUID

from app.domain.errors import InvalidInput, NotSignedIn
from app.unit_of_work import UnitOfWork
from app.vault.invitations import Invitation, Offer
from app.vault.people import NewPerson
from app.vault.totp import accepted_step


def claim(uow: UnitOfWork, invitation: Invitation, offer: Offer, words: str, code: str) -> NewPerson:
    """Make the newcomer's keys, once both the words and the second factor have been shown to work; staged.

    Raises:
        InvalidInput: `words: not-the-proposed`, `code: does-not-fit`.
        Conflict: `link-used`.
    """
    try:
        accepted_step(offer.second_factor, code, uow.clock())
    except NotSignedIn as error:
        raise InvalidInput({"code": "does-not-fit"}) from error
    return uow.vault.invitations.claim(invitation, offer, words)


def vouch(uow: UnitOfWork, card: bytes, typed: str, manner: str) -> None:
    """Vouch for a card whose last two groups were typed as its owner read them; staged.

    Raises:
        InvalidInput: `groups: do-not-fit`.
    """
    uow.vault.vouching.vouch_compared(card, typed, manner)


def note_mismatch(uow: UnitOfWork, person: UUID) -> None:
    """Leave a line in the log: it may have been a slip, or a card that somebody put in the place of another."""
    uow.vault.vouching.note_mismatch(person)
