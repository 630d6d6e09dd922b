"""Forms that come after their session has ended: kept sealed, and sent or discarded by their author at the next sign-in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.domain.duties import Duty, Role
from app.domain.errors import Conflict, Forbidden, InvalidInput, Tampered, TooLarge, Unavailable
from app.domain.ids import CaseId, PersonId, StatementId
from app.domain.lifecycle import StatementState
from app.intake import actions, showing
from app.intake.actions import Sent, Ticket
from app.intake.arriving import Arriving, arriving
from app.intake.forms import Part, Step, Way
from app.intake.uploading import attach_ready
from app.policy.actor import ANONYMOUS, Actor
from app.policy.facts import CaseFacts, StatementFacts
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.late import Arrival, LateForm
from app.vault.submissions import new_withdrawal_code
from app.web.access import live_session, requires, services
from app.web.errors import reason_words
from app.web.uploads import FilePart

bp = Blueprint("late", __name__)

OFFERED_ON: Final = frozenset({"cases.desk", "accounts.own"})
"""Where it is said besides the notebook: where people begin who are more than interviewers."""


# Coming in, with nobody signed in


class Dropped:
    """Where files of a late form go: nowhere."""

    def write(self, data: bytes, /) -> None:
        del data

    def finish(self) -> None:
        return

    def abandon(self) -> None:
        return


@dataclass(frozen=True)
class Words:
    """What was read of a late form: its words, and how many files were dropped."""

    step: Step
    filled: Part
    closing: bool
    lost_files: int


def take() -> ResponseReturnValue:
    """A part that came with a good capsule and without a session: its words are kept, sealed, for its author to send."""
    services().served_somebody.set()  # this process reads what a witness said
    try:
        form: Arriving = g.pop("arriving", None) or arriving()
    except Forbidden as refusal:
        return showing.stopped(reason_words(refusal.reasons[0])), HTTPStatus.UNAUTHORIZED
    try:
        return _taken(form)
    except InvalidInput as refusal:
        return showing.not_taken(refusal)
    except (Forbidden, Conflict, Tampered, TooLarge, Unavailable) as refusal:
        form.drop()
        return _refused(form.ticket, refusal)


def _taken(form: Arriving) -> ResponseReturnValue:
    """Whether anything of it may be kept is known before the next byte is read."""
    fate = _fate(form.ticket)
    if fate is not Arrival.NEW:
        form.drop()
        return _here_already(form.ticket, fate)
    try:
        words = _read(form)
    except (InvalidInput, TooLarge) as refusal:
        form.drop()
        return showing.not_taken(refusal)
    if not words.filled.validate():
        return _incomplete(form.ticket, words), HTTPStatus.UNAUTHORIZED
    try:
        kept = _keep(form.ticket, words)
    except Conflict:  # another sending was faster; if it was this form's, it is here now
        fate = _fate(form.ticket)
        if fate is not Arrival.NEW:
            return _here_already(form.ticket, fate)
        kept = _keep(form.ticket, words)
    return _kept(form.ticket, kept, words), HTTPStatus.ACCEPTED


def _fate(ticket: Ticket) -> Arrival:
    uow = services().unit_of_work()
    try:
        return actions.late_fate(uow, ticket)
    finally:
        uow.end()


def _read(form: Arriving) -> Words:
    body = form.read(_dropped, _forget)
    step = Step.of("".join(body.fields.get("way", ())), form.ticket.part)
    closing = step.is_last or (step.may_end and "end" in body.fields)
    return Words(step, step.form(MultiDict(body.fields)), closing, len(body.files))


def _dropped(_described: FilePart) -> Dropped:
    return Dropped()


def _forget(_dropped: None) -> None:
    """There is nothing to undo."""


def _keep(ticket: Ticket, words: Words) -> LateForm:
    uow = services().unit_of_work()
    today = datetime.fromtimestamp(uow.clock(), UTC).date()
    try:
        kept = actions.keep_late(
            uow,
            ticket,
            words.filled.content(today),
            way=words.step.way,
            closing=words.closing,
            withdrawal_code=words.filled.withdrawal.data,
        )
        uow.commit()
    finally:
        uow.end()
    return kept


def _kept(ticket: Ticket, kept: LateForm, words: Words) -> str:
    return render_template(
        "intake/late_kept.html",
        ticket=ticket,
        at=showing.moment(kept.received),
        lost_files=words.lost_files,
        code=words.filled.withdrawal.data if words.closing else "",
    )


def _here_already(ticket: Ticket, fate: Arrival) -> ResponseReturnValue:
    status = HTTPStatus.ACCEPTED if fate is Arrival.WAITS else HTTPStatus.UNAUTHORIZED
    return render_template("intake/late_again.html", ticket=ticket, fate=fate), status


def _incomplete(ticket: Ticket, words: Words) -> str:
    return render_template("intake/late_incomplete.html", ticket=ticket, form=words.filled)


def _refused(
    ticket: Ticket, refusal: Forbidden | Conflict | Tampered | TooLarge | Unavailable
) -> ResponseReturnValue:
    if isinstance(refusal, TooLarge):
        return render_template("intake/late_full.html", count=refusal.limit), HTTPStatus.UNAUTHORIZED
    if isinstance(refusal, Forbidden):
        return showing.stopped(reason_words(refusal.reasons[0])), HTTPStatus.UNAUTHORIZED
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(refusal, Unavailable) else HTTPStatus.UNAUTHORIZED
    return render_template("intake/signed_out.html", ticket=ticket), status


# Deciding, at the next sign-in


def a_late_form(uow: UnitOfWork, actor: Actor, *, late: UUID) -> StatementFacts:
    """What waits for the person who wrote it; for anybody else there is nothing."""
    form: LateForm = uow.vault.late.find(late)
    g.late_form = form
    return StatementFacts(
        case=CaseFacts(CaseId(form.case), frozenset({Duty.INTERVIEWER})),
        id=StatementId(form.submission),
        state=StatementState.QUARANTINED,
        submitter=PersonId(actor.person),
    )


@bp.post("/notebook/late/<uuid:late>")
@requires(Permission.FORM_LATE_DECIDE, a_late_form)
def send(uow: UnitOfWork, _actor: Actor, _statement: StatementFacts) -> ResponseReturnValue:
    """Sign what waits, then go on as if it had been sent just now. No redirect: as with any part."""
    form: LateForm = g.late_form
    uow.tx.release()
    sent = _send(form)
    if sent is None:  # discarded on another page meanwhile
        return redirect(url_for("intake.home"), HTTPStatus.SEE_OTHER)
    attach_ready(uow)
    return showing.after(uow, sent, Way(form.way), code=new_withdrawal_code())


def _send(form: LateForm) -> Sent | None:
    """Two pages can press at once; whoever comes second goes on where the first has led."""
    try:
        return _send_once(form)
    except Conflict:
        return _send_once(form)


def _send_once(form: LateForm) -> Sent | None:
    uow = services().unit_of_work(live_session())
    try:
        sent = actions.send_late(uow, form.id)
        uow.commit()
    finally:
        uow.end()
    return sent


@bp.get("/notebook/late/<uuid:late>/discard")
@requires(Permission.FORM_LATE_DECIDE, a_late_form)
def ask_discard(uow: UnitOfWork, _actor: Actor, _statement: StatementFacts) -> ResponseReturnValue:
    form: LateForm = g.late_form
    waiting = {each.id: each for each in uow.vault.late.waiting()}
    if form.id not in waiting:
        return redirect(url_for("intake.home"), HTTPStatus.SEE_OTHER)
    return render_template(
        "intake/late_discard.html", form=waiting[form.id], at=showing.moment(form.received)
    )


@bp.post("/notebook/late/<uuid:late>/discard")
@requires(Permission.FORM_LATE_DECIDE, a_late_form)
def discard(uow: UnitOfWork, _actor: Actor, _statement: StatementFacts) -> ResponseReturnValue:
    form: LateForm = g.late_form
    if any(each.id == form.id for each in uow.vault.late.waiting()):
        uow.vault.late.discard(form.id)
    return redirect(url_for("intake.home", done="discarded"), HTTPStatus.SEE_OTHER)


# Saying so elsewhere


def unsent_elsewhere(endpoint: str | None) -> int:
    """How many statements of the viewer's wait, on the pages where that is said; 0 on any other."""
    actor: Actor = g.get("actor", ANONYMOUS)
    if endpoint not in OFFERED_ON or Role.INTERVIEWER not in actor.roles or not actor.vouched:
        return 0
    uow = services().unit_of_work(live_session())
    try:
        return uow.vault.late.count()
    except Unavailable:  # the page may be the one that says so
        return 0
    finally:
        uow.end()
