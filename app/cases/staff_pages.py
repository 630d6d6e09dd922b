"""The pages on which a lead says who works on a case: what they show, what they take, and what they say first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.cases import actions, queries, staffing
from app.cases.forms import MeetForm, StaffForm
from app.cases.safeguards import Finding
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, Frozen, InvalidInput, Unavailable
from app.policy.facts import CaseFacts
from app.unit_of_work import UnitOfWork
from app.vault.trust import VerifiedRoster
from app.web.access import live_session, services

DO_NOT_FIT: Final = "do-not-fit"
CARD_REPLACED: Final = "card-replaced"
CUSTODIAN_MUST_GRANT: Final = "custodian-must-grant"

Newest = Callable[[UnitOfWork], VerifiedRoster | None]
"""The list in force; none for a case that is being opened."""

Sign = Callable[[UnitOfWork, StaffForm, staffing.Duties], None]


@dataclass(frozen=True)
class Again:
    """Why a page is shown once more: nothing was signed, and everything that was ticked is still there.

    `problem`: a code of `words.NOT_SIGNED`; `worries`: what such a list would lack, said once before it is signed.
    """

    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    problem: str = ""
    worries: tuple[Finding, ...] = ()


# The list of people


def show_list(uow: UnitOfWork, case: CaseFacts, newest: Newest) -> str:
    return _list_page(uow, case, newest(uow), StaffForm(formdata=None), None)


def sign_list(case: CaseFacts, newest: Newest, sign: Sign) -> ResponseReturnValue:
    form = StaffForm()
    again = _tried(lambda own: _sign_list(own, newest(own), form, sign))
    if again is None:
        _renew_keys(case)
        return redirect(url_for("cases.people", case=case.id, done="signed"), HTTPStatus.SEE_OTHER)
    with _own_work() as later:
        return _list_page(later, case, newest(later), form, again), again.status


def _renew_keys(case: CaseFacts) -> None:
    """After somebody left, a small case is brought under its new key in this same request; of a large one the rest is a chore.

    In a commit of its own, so that whoever saves at this moment loses the race to nobody; what cannot be done now is a
    chore as well, which the case's page names.
    """
    with _own_work() as own, suppress(Conflict, Forbidden, Unavailable):
        actions.renew_keys(own, case)
        own.commit()


def _sign_list(own: UnitOfWork, roster: VerifiedRoster | None, form: StaffForm, sign: Sign) -> Again | None:
    if _moved(form, roster):
        return Again(HTTPStatus.CONFLICT)
    if not form.validate():
        return Again()
    known = staffing.candidates(own, roster)
    duties = staffing.chosen(request.form.getlist("duty"), known)
    worries = staffing.worries(known, duties)
    if _unheard(worries):
        return Again(worries=worries)
    sign(own, form, duties)
    return None


def _list_page(
    uow: UnitOfWork, case: CaseFacts, roster: VerifiedRoster | None, form: StaffForm, again: Again | None
) -> str:
    """A list that somebody else signed meanwhile stands beside what was ticked, never under it."""
    known = staffing.candidates(uow, roster)
    in_force = {each.choice(duty) for each in known for duty in each.duties}
    moved = again is not None and _moved(form, roster)
    form.expected.data = _digest_of(roster)
    return render_template(
        "cases/staff.html",
        case=case,
        code=queries.code_of(uow, case.id),
        form=form,
        again=again,
        moved=moved,
        candidates=known,
        newcomers=staffing.newcomers(uow) if roster and not case.frozen else [],
        names=staffing.voucher_names(uow, known),
        ticked=in_force if again is None else set(request.form.getlist("duty")),
        in_force=in_force,
        is_new=roster is None,
        me=uow.vault.holder,
        order=tuple(Duty),
    )


# Meeting somebody


def show_meeting(uow: UnitOfWork, case: CaseFacts, person: UUID) -> ResponseReturnValue:
    """Whoever is vouched for already needs no meeting: they stand on the page of duties."""
    them = staffing.newcomer(uow, person)
    if case.frozen or uow.vault.trust.is_vouched(them.card):
        return redirect(url_for("cases.staff_page", case=case.id))
    return _meeting_page(uow, case, them, MeetForm(formdata=None), None)


def sign_meeting(uow: UnitOfWork, case: CaseFacts, person: UUID) -> ResponseReturnValue:
    """Their card, the next list and its keys, all in one commit; digits that do not fit leave a line in the log alone."""
    if case.frozen:
        raise Frozen(case.frozen, case.id)  # first a lead says who may still open it, on the page of duties
    form = MeetForm()
    again = _tried(lambda own: _sign_meeting(own, case, form, person))
    if again is None:
        return redirect(url_for("cases.people", case=case.id, done="signed"), HTTPStatus.SEE_OTHER)
    if again.problem == DO_NOT_FIT:
        uow.vault.vouching.note_mismatch(person)
        form.blame_digits()
    with _own_work() as later:
        return _meeting_page(later, case, staffing.newcomer(later, person), form, again), again.status


def _sign_meeting(own: UnitOfWork, case: CaseFacts, form: MeetForm, person: UUID) -> Again | None:
    roster, them = staffing.list_to_change(own, case.id), staffing.newcomer(own, person)
    if form.card.data != them.card.hex():
        return Again(HTTPStatus.CONFLICT, CARD_REPLACED)
    if _moved(form, roster) or roster.duties_of(them.card):
        return Again(HTTPStatus.CONFLICT)
    if not form.validate():
        return Again()
    duties = staffing.chosen_for(them, request.form.getlist("duty"))
    own.vault.vouching.vouch_compared(them.card, form.groups.data, form.manner.data)
    worries = staffing.worries_with(own, roster, them, duties)
    if _unheard(worries):
        return Again(worries=worries)
    staffing.meet(own, case.id, roster.digest, them, duties)
    return None


def _meeting_page(
    uow: UnitOfWork, case: CaseFacts, them: staffing.Candidate, form: MeetForm, again: Again | None
) -> str:
    roster = staffing.list_to_change(uow, case.id)
    moved = again is not None and _moved(form, roster)
    if again is not None and again.problem == CARD_REPLACED:
        form = MeetForm(formdata=None)
    form.look_at(roster.digest, them.card)
    known = [*staffing.candidates(uow, roster), them]
    return render_template(
        "cases/meet.html",
        case=case,
        code=queries.code_of(uow, case.id),
        form=form,
        again=again,
        moved=moved,
        them=them,
        groups=uow.vault.people.digits_of(them.card).split()[:-2],
        names=staffing.voucher_names(uow, known),
        ticked=set(request.form.getlist("duty")),
        me=uow.vault.holder,
        order=tuple(Duty),
    )


# Signing


def _tried(sign: Callable[[UnitOfWork], Again | None]) -> Again | None:
    """Sign in work of its own, so that what came too late leaves nothing staged. What stands in the way; None once it is signed."""
    with _own_work() as own:
        try:
            again = sign(own)
            if again is None:
                own.commit()
        except Conflict:
            return Again(HTTPStatus.CONFLICT, "overtaken")
        except InvalidInput as refusal:
            return Again(problem=next(iter(refusal.problems.values())))
        except Forbidden as refusal:
            if CUSTODIAN_MUST_GRANT not in refusal.reasons:
                raise
            return Again(problem=CUSTODIAN_MUST_GRANT)
    return again


@contextmanager
def _own_work() -> Iterator[UnitOfWork]:
    uow = services().unit_of_work(live_session())
    try:
        yield uow
    finally:
        uow.end()


def _moved(form: StaffForm | MeetForm, roster: VerifiedRoster | None) -> bool:
    """Whether another list is in force than the one that was looked at."""
    return bool(form.expected.data != _digest_of(roster))


def _digest_of(roster: VerifiedRoster | None) -> str:
    return roster.digest.hex() if roster else ""


def _unheard(worries: tuple[Finding, ...]) -> bool:
    """Whether one of these was not said yet on the page that was sent."""
    heard = request.form.get("heard", "").split()
    return any(worry.code not in heard for worry in worries)
