"""Pages of coming in and going out."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import actions
from app.accounts.forms import ConfirmForm, SignInForm
from app.domain.errors import NotSignedIn
from app.policy.actor import Actor
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.sessions import Session
from app.web import session
from app.web.access import live_session, requires, services
from app.web.pages import own_path

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(Permission.SIGN_IN)
def sign_in(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form)
    try:
        admitted = _enter(form)
    except NotSignedIn:
        refusal = _("Name, words or digits do not fit. Nothing was locked; look at each and try again.")
        return render_template("accounts/sign_in.html", form=form, refusal=refusal), HTTPStatus.FORBIDDEN
    answer = make_response(redirect(url_for("web.home"), HTTPStatus.SEE_OTHER))
    session.give(services(), answer, admitted.session)
    session.know_again(services(), answer, admitted.mark)
    return answer


def _enter(form: SignInForm) -> actions.Admitted:
    """The new session; where somebody is signed in already, that session ends."""
    knock = actions.Knock(
        form.name.data,
        form.words.data,
        form.code.data,
        request.remote_addr or "",
        session.mark(services()),
    )
    with _door() as (door, uow):
        admitted = door.sign_in(uow, knock)
    earlier = live_session()
    if earlier is not None:
        services().sessions.end(earlier.id)
    return admitted


@bp.route("/confirm", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_CONFIRM)
def confirm(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    form = ConfirmForm()
    back = own_path(request.values.get("back", "/"))
    if not form.validate_on_submit():
        return render_template("accounts/confirm.html", form=form, back=back)
    try:
        with _door() as (door, uow):
            door.confirm(uow, _live(), form.code.data, request.remote_addr or "")
    except NotSignedIn:
        refusal = _("These digits do not fit, or were used already. Wait for the next ones.")
        return render_template(
            "accounts/confirm.html", form=form, back=back, refusal=refusal
        ), HTTPStatus.FORBIDDEN
    return redirect(back, HTTPStatus.SEE_OTHER)


@bp.get("/account")
@requires(Permission.ACCOUNT_OWN)
def own(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    account = uow.vault.people.account(actor.person)
    return render_template(
        "accounts/own.html", account=account, digits=uow.vault.people.digits_of(account.card), actor=actor
    )


@bp.post("/sign-out")
@requires(Permission.SIGN_OUT)
def sign_out(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    actions.sign_out(uow, services().sessions, _live())
    return _gone(url_for("accounts.sign_in", done="signed-out"))


@bp.post("/sign-out-everywhere")
@requires(Permission.SIGN_OUT)
def everywhere(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    actions.sign_out_everywhere(uow, services().sessions, _live())
    return _gone(url_for("accounts.sign_in", done="everywhere"))


@bp.route("/leave", methods=["POST"])
@requires(Permission.SIGN_OUT)
def leave(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """Quick exit: out at once, onto a page that says nothing; going back shows nothing, for no page was stored."""
    actions.sign_out(uow, services().sessions, _live())
    answer = _gone(url_for("accounts.weather"))
    session.forget_browser(services(), answer)
    return answer


@bp.get("/weather")
@requires(Permission.PUBLIC)
def weather(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """Where the quick exit leads: a page that could be anybody's."""
    return render_template("accounts/weather.html")


@contextmanager
def _door() -> Iterator[tuple[actions.Entrance, UnitOfWork]]:
    """The entrance with work of its own, in nobody's name: what was refused leaves nothing staged for the answer."""
    uow = services().unit_of_work()
    try:
        yield actions.entrance(uow, services().sessions, services().argon2_slots), uow
    finally:
        uow.end()


def _gone(target: str) -> Response:
    answer = make_response(redirect(target, HTTPStatus.SEE_OTHER))
    session.take_back(services(), answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _live() -> Session:
    live = live_session()
    if live is None:
        raise NotSignedIn
    return live
