"""What comes next with a statement and who does it, by the duties of its case: said wherever a step was just finished."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from uuid import UUID

from babel.lists import format_list
from flask import g
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from app.domain.duties import Duty
from app.domain.lifecycle import StatementState
from app.policy.facts import StatementFacts
from app.unit_of_work import UnitOfWork

_S, _D = StatementState, Duty
_LEAD: Final = frozenset({_D.LEAD})
_REDACTOR: Final = frozenset({_D.REDACTOR})
_WRITERS: Final = frozenset({_D.LEAD, _D.TRANSCRIBER, _D.TRANSLATOR, _D.REDACTOR})

NEXT: Final[Mapping[StatementState, tuple[LazyString, frozenset[Duty]]]] = MappingProxyType(
    {
        _S.QUARANTINED: (lazy("Next: let in or kept apart by %(names)s."), _LEAD),
        _S.ACCEPTED: (lazy("Next: written down or redacted by %(names)s."), _REDACTOR | {_D.TRANSCRIBER}),
        _S.TRANSCRIBING: (
            lazy("Next: the transcript is finished by %(names)s."),
            frozenset({_D.TRANSCRIBER}),
        ),
        _S.TRANSCRIBED: (lazy("Next: redacted by %(names)s."), _REDACTOR),
        _S.REDACTING: (lazy("Next: the redaction is finished by %(names)s."), _REDACTOR),
        _S.REDACTED: (lazy("Next: sent to approval by %(names)s."), _REDACTOR),
        _S.IN_APPROVAL: (
            lazy("Next: approved by %(names)s."),
            frozenset({_D.EDITORIAL_APPROVER, _D.PROTECTION_APPROVER}),
        ),
        _S.APPROVED: (lazy("Next: told in a story by %(names)s."), _WRITERS),
        _S.RETURNED: (lazy("Next: taken up again by %(names)s."), _LEAD),
        _S.ON_HOLD: (lazy("Next: the hold is lifted by %(names)s."), _LEAD),
    }
)
"""State -> what comes after it, and whose duty that is. Of what is gone, or not taken over yet, nothing is said."""


def onward(statement: StatementFacts) -> str:
    """A sentence for whoever looks, who reads the case and so may know who is on it; empty where nothing comes next."""
    if statement.state not in NEXT:
        return ""
    uow: UnitOfWork = g.uow
    said, duties = NEXT[statement.state]
    people = _people(uow, statement, duties)
    if not people:
        return str(_("Next: nobody on this case can do it. Its lead gives duties."))
    names = format_list(_named(uow, people), "or", locale=get_locale())
    return str(said) % {"names": names}


def _people(uow: UnitOfWork, statement: StatementFacts, duties: frozenset[Duty]) -> list[UUID]:
    """Who has it in hand, or else everybody whose duty it is; nobody approves what they worked on."""
    members = uow.vault.trust.roster(statement.case.id).roster.members
    duties_of = {
        uow.vault.trust.card(each.card).person: frozenset(map(Duty, each.duties)) for each in members
    }
    able = [person for person, held in duties_of.items() if held & duties]
    if statement.state is StatementState.IN_APPROVAL:
        return [person for person in able if person not in statement.worked]
    in_hand = _in_hand(statement)
    back = duties_of if statement.state is StatementState.RETURNED else able
    return [person for person in back if person in in_hand] or able


def _in_hand(statement: StatementFacts) -> frozenset[UUID]:
    match statement.state:
        case StatementState.TRANSCRIBING:
            return statement.transcribed_by
        case StatementState.REDACTING | StatementState.REDACTED:
            return statement.redacted_by
        case StatementState.RETURNED:
            return statement.worked
        case _:
            return frozenset()


def _named(uow: UnitOfWork, people: list[UUID]) -> list[str]:
    """Who looks comes first."""
    me = uow.vault.holder.person
    others = sorted(filter(None, (uow.vault.people.shown_name(person) for person in people if person != me)))
    return [_("you"), *others] if me in people else others or [_("a name that does not fit its card")]
