"""Pages of coming back: who lost words or second factor, those who can stop it, and a new second factor for who is in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from flask_wtf import FlaskForm

from app.domain.duties import Role
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn, UnreadableWords
from app.enrolment import queries, shown, way_back
from app.enrolment.forms import FactorForm, FinishForm, ReturnForm
from app.policy.actor import Actor
from app.policy.facts import CaseFacts
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.invitations import Offer, recovery_words
from app.vault.returning import Gate, Lost, Request, SealedTicket, Standing, Ticket, recovery_code
from app.vault.totp import provisioning_uri, spelled
from app.web import session
from app.web.access import live_session, requires, services
from app.web.subjects import a_case

bp = Blueprint("returning", __name__, template_folder="templates")

ABOUT_YOU: Final[Mapping[Lost, LazyString]] = MappingProxyType(
    {
        Lost.WORDS: lazy("Somebody asked to come back to your account with your recovery code."),
        Lost.FACTOR: lazy(
            "Somebody asked for a new second factor for your account, with your words and your recovery code."
        ),
        Lost.BOTH: lazy(
            "Somebody asked to come back to your account with nothing but your recovery code: "
            "they say that words and second factor are gone."
        ),
    }
)
ABOUT_THEM: Final[Mapping[Lost, LazyString]] = MappingProxyType(
    {
        Lost.WORDS: lazy("%(name)s asked to come back with their recovery code."),
        Lost.FACTOR: lazy(
            "%(name)s asked for a new second factor, with their words and their recovery code."
        ),
        Lost.BOTH: lazy(
            "%(name)s asked to come back with nothing but their recovery code: "
            "they say that words and second factor are gone."
        ),
    }
)


# Coming back


@bp.get("/come-back")
@requires(Permission.ACCOUNT_RECOVER)
def arrive_page(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    return _arrive_page(ReturnForm.without(_lost(request.args), empty=True))


@bp.post("/come-back")
@requires(Permission.ACCOUNT_RECOVER)
def arrive(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """Work of its own, in nobody's name: what was refused leaves nothing staged for the answer."""
    form = ReturnForm.without(_lost(request.form))
    code = _code_in(form)
    if code is None:
        return _arrive_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with _way() as (way, uow):
            arrival = way.arrive(uow, _shown(form, code))
            return _arrived(uow, arrival, form)
    except NotSignedIn:
        refusal = _(
            "Something here does not fit, or the code was used already. Nothing was changed; look at each and try again."
        )
        return _arrive_page(form, refusal), HTTPStatus.FORBIDDEN


def _code_in(form: ReturnForm) -> bytes | None:
    """The code that was typed; None where the form says what is wrong with it."""
    if not form.validate():
        return None
    try:
        return recovery_code(form.recovery.data)
    except UnreadableWords as error:
        form.recovery.errors = [_unreadable(error)]
        return None


def _unreadable(error: UnreadableWords) -> str:
    """Said of what was typed alone, before anybody's account is looked at."""
    said = {
        "unknown-word": _(
            "Word %(number)s is none that a sheet can hold. Look at it again.", number=error.position
        ),
        "checksum": _(
            "These twelve words do not belong together. Look whether one is wrong, or two changed places."
        ),
        "word-count": _("These are not twelve words. Count them, and leave a space between each two."),
    }
    return str(said[error.fault])


def _shown(form: ReturnForm, code: bytes) -> way_back.Shown:
    return way_back.Shown(
        name=form.name.data,
        lost=Lost(form.lost.data),
        code=code,
        words=form.words.data if form.words else "",
        digits=form.code.data if form.code else "",
        address=request.remote_addr or "",
        mark=session.mark(services()),
    )


def _arrived(uow: UnitOfWork, arrival: way_back.Arrival, form: ReturnForm) -> ResponseReturnValue:
    if arrival.standing.gate is not Gate.OPEN:
        return _waits_page(arrival.standing)
    empty = FinishForm.after(Lost(form.lost.data), empty=True)
    empty.ticket.data = arrival.ticket.sealed
    ticket = uow.vault.returning.redeem(arrival.ticket)
    answer = make_response(_finish_page(uow, ticket, empty))
    session.lend(services(), answer, arrival.ticket.secret)
    return answer


def _arrive_page(form: ReturnForm, refusal: str = "") -> str:
    return render_template("enrolment/come_back.html", form=form, lost=Lost(form.lost.data), refusal=refusal)


def _waits_page(standing: Standing) -> str:
    return render_template(
        "enrolment/waits.html", asked=standing.request, stopped=standing.gate is Gate.STOPPED, at=_moment
    )


def _lost(said: Mapping[str, str]) -> Lost:
    return next((lost for lost in Lost if lost == said.get("lost")), Lost.WORDS)


# Finishing


@bp.post("/come-back/finish")
@requires(Permission.ACCOUNT_RECOVER)
def finish(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """Everything is looked at once more: whoever was stopped, shut out or overtaken since does not come in."""
    with _way() as (way, uow):
        try:
            ticket = uow.vault.returning.redeem(
                SealedTicket(request.form.get("ticket", ""), session.lent(services()))
            )
            return _finish(way, uow, ticket)
        except (Forbidden, NotSignedIn):
            return _let_go(render_template("enrolment/no_way.html"), HTTPStatus.FORBIDDEN)
        except Conflict:
            return _let_go(render_template("enrolment/no_way.html"), HTTPStatus.CONFLICT)


def _finish(way: way_back.WayBack, uow: UnitOfWork, ticket: Ticket) -> ResponseReturnValue:
    form = FinishForm.after(ticket.lost)
    try:
        offer = uow.vault.invitations.offered(ticket.person, form.offer.data or "")
        if not form.validate():
            return _finish_page(uow, ticket, form), HTTPStatus.UNPROCESSABLE_ENTITY
        words, digits = form.words.data if form.words else "", form.code.data if form.code else ""
        code = way.finish(uow, ticket, offer, words, digits)
    except InvalidInput as refusal:
        _blame(form, refusal)
        return _finish_page(uow, ticket, form), HTTPStatus.UNPROCESSABLE_ENTITY
    sheet = render_template(
        "enrolment/back.html",
        lost=ticket.lost,
        sign_in_name=ticket.sign_in_name,
        recovery=recovery_words(code).split(),
    )
    return _let_go(sheet, HTTPStatus.OK)


def _finish_page(uow: UnitOfWork, ticket: Ticket, form: FinishForm) -> str:
    offer = _offer(uow, ticket.person, form)
    return render_template(
        "enrolment/finish.html",
        form=form,
        lost=ticket.lost,
        sign_in_name=ticket.sign_in_name,
        words=offer.words.split(),
        factor=spelled(offer.second_factor),
        factor_uri=provisioning_uri(offer.second_factor, ticket.sign_in_name),
    )


def _let_go(page: str, status: HTTPStatus) -> Response:
    answer = make_response(page, status)
    session.take_back_lent(services(), answer)
    return answer


# Stopping it


@dataclass(frozen=True)
class ComingBack:
    """Somebody who asks to come back, as one person may see it. `stop`: where it is stopped; empty where not by them."""

    said: str
    name: str
    begins: datetime
    ends: datetime
    mine: bool
    stopped: datetime | None
    stopper: str
    by_themselves: bool
    stop: str
    confirmed: bool


@bp.app_template_global("coming_back")
def coming_back() -> list[ComingBack]:
    """Whoever asks to come back and concerns the person at the screen.

    That is they themselves, whoever is on a case that they lead, and for an administrator everybody.
    """
    uow: UnitOfWork = g.uow
    actor: Actor = g.actor
    case_of = queries.led_by(uow, actor.person) if Role.REVIEWER in actor.roles and actor.vouched else {}
    people = queries.everybody(uow) if Role.ADMINISTRATOR in actor.roles else {actor.person, *case_of}
    return [_coming_back(uow, actor, each, case_of) for each in uow.vault.returning.told(people)]


def _coming_back(uow: UnitOfWork, actor: Actor, asked: Request, case_of: Mapping[UUID, UUID]) -> ComingBack:
    mine, name = asked.person == actor.person, uow.vault.people.shown_name(asked.person)
    said = ABOUT_YOU[asked.lost] if mine else ABOUT_THEM[asked.lost] % {"name": name}
    stop = ""
    if mine:
        stop = url_for("returning.stop_own")
    elif asked.person in case_of:
        stop = url_for("returning.stop_page", case=case_of[asked.person], person=asked.person)
    return ComingBack(
        said=str(said),
        name=name,
        begins=_moment(asked.begins),
        ends=_moment(asked.ends),
        mine=mine,
        stopped=_moment(asked.stopped) if asked.stopped is not None else None,
        stopper=uow.vault.people.shown_name(asked.stopper) if asked.stopper else "",
        by_themselves=asked.stopper == asked.person,
        stop=stop,
        confirmed=actor.confirmed,
    )


@bp.get("/cases/<uuid:case>/people/<uuid:person>/return")
@requires(Permission.RETURN_STOP, a_case)
def stop_page(uow: UnitOfWork, _actor: Actor, case: CaseFacts, person: UUID) -> ResponseReturnValue:
    """Asks for the second factor before the press, not after."""
    _require_member(uow, case, person)
    asked = [each for each in uow.vault.returning.told({person}) if each.stopped is None]
    return render_template(
        "enrolment/stop.html",
        name=uow.vault.people.shown_name(person),
        asked=asked[0] if asked else None,
        stop=url_for("returning.stop", case=case.id, person=person),
        at=_moment,
    )


@bp.post("/cases/<uuid:case>/people/<uuid:person>/return")
@requires(Permission.RETURN_STOP, a_case)
def stop(uow: UnitOfWork, actor: Actor, case: CaseFacts, person: UUID) -> ResponseReturnValue:
    _require_member(uow, case, person)
    uow.vault.returning.stop(person, actor.person)
    return redirect(url_for("cases.desk", done="return-stopped"), HTTPStatus.SEE_OTHER)


def _require_member(uow: UnitOfWork, case: CaseFacts, person: UUID) -> None:
    if person not in queries.members_of(uow, uow.vault.trust.roster(case.id)):
        raise NotFound("person")


@bp.post("/account/return/stop")
@requires(Permission.ACCOUNT_OWN)
def stop_own(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """One press, without a second factor: whoever sits here is already where the other wants to be."""
    uow.vault.returning.stop(actor.person, actor.person)
    return redirect(url_for("accounts.own", done="return-stopped"), HTTPStatus.SEE_OTHER)


# A new second factor for somebody who is signed in


@bp.get("/account/second-factor")
@requires(Permission.ACCOUNT_REPLACE_KEY)
def factor_page(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    again = shown.again(shown.FACTOR, actor.person)
    return _factor_page(uow, actor.person, FactorForm(formdata=None), again=again)


@bp.post("/account/second-factor")
@requires(Permission.ACCOUNT_REPLACE_KEY)
def change_factor(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """Ends every other session: whoever had the earlier device may sit at one."""
    form, live = FactorForm(), live_session()
    assert live is not None  # the permission asks for one
    try:
        offer = uow.vault.invitations.offered(actor.person, form.offer.data or "")
        if not form.validate():
            return _factor_page(uow, actor.person, form), HTTPStatus.UNPROCESSABLE_ENTITY
        with _way() as (way, own):
            way.change_factor(own, live, offer, form.present.data, form.code.data, request.remote_addr or "")
    except Forbidden:
        anew = _factor_page(uow, actor.person, FactorForm(formdata=None), again=True)
        return anew, HTTPStatus.FORBIDDEN
    except InvalidInput as refusal:
        _blame(form, refusal)
        return _factor_page(uow, actor.person, form), HTTPStatus.UNPROCESSABLE_ENTITY
    shown.taken(shown.FACTOR)
    return redirect(url_for("accounts.own", done="factor-changed"), HTTPStatus.SEE_OTHER)


def _factor_page(uow: UnitOfWork, person: UUID, form: FactorForm, *, again: bool = False) -> str:
    offer = _offer(uow, person, form)
    return render_template(
        "enrolment/factor.html",
        form=form,
        factor=spelled(offer.second_factor),
        factor_uri=provisioning_uri(offer.second_factor, uow.vault.people.shown_name(person)),
        again=again,
    )


# Parts


def _offer(uow: UnitOfWork, person: UUID, form: FinishForm | FactorForm) -> Offer:
    """What the form was given, or something fresh."""
    vault = uow.vault.invitations
    try:
        offer = vault.offered(person, form.offer.data or "")
    except Forbidden:
        offer = vault.offer(person)
    form.offer.data = offer.sealed
    return offer


def _blame(form: FlaskForm, refusal: InvalidInput) -> None:
    for field, problem in refusal.problems.items():
        form[field].errors = [*form[field].errors, _said(problem)]


def _said(problem: str) -> str:
    said = {
        "not-the-proposed": _(
            "These are not the words that stand above. Type them as they are, with spaces between."
        ),
        "does-not-fit": _(
            "These digits do not fit. Wait for the next ones, and look whether your device's clock is right."
        ),
    }
    return str(said[problem])


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


@contextmanager
def _way() -> Iterator[tuple[way_back.WayBack, UnitOfWork]]:
    """The way back with work of its own, in nobody's name; this process holds somebody's seeds meanwhile."""
    services().served_somebody.set()
    uow = services().unit_of_work()
    try:
        yield way_back.way_back(uow, services().sessions, services().argon2_slots), uow
    finally:
        uow.end()
