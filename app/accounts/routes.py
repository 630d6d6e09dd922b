"""Pages of coming in and going out."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import actions
from app.accounts.forms import ConfirmForm, SignInForm
from app.domain.errors import NotSignedIn
from app.policy.actor import ANONYMOUS, Actor
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.sessions import Session
from app.web import csrf, session
from app.web.access import live_session, requires, services
from app.web.pages import own_path

LONGEST_ANSWER: Final = 500

bp = Blueprint("accounts", __name__, template_folder="templates")


@bp.route("/sign-in", methods=["GET", "POST"])
@requires(Permission.SIGN_IN)
def sign_in(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form)
    try:
        admitted = _enter(form.name.data, form.words.data, form.code.data)
    except NotSignedIn:
        refusal = _("Name, words or digits do not fit. Nothing was locked; look at each and try again.")
        return render_template("accounts/sign_in.html", form=form, refusal=refusal), HTTPStatus.FORBIDDEN
    done = None if admitted.log_is_whole else "log-altered"
    return _admitted(make_response(redirect(url_for("web.home", done=done), HTTPStatus.SEE_OTHER)), admitted)


def _admitted(answer: Response, admitted: actions.Admitted) -> Response:
    session.give(services(), answer, admitted.session)
    session.know_again(services(), answer, admitted.mark)
    return answer


def _enter(name: str | UUID, words: str, code: str) -> actions.Admitted:
    """The new session; where somebody is signed in already, that session ends."""
    knock = actions.Knock(name, words, code, request.remote_addr or "", session.mark(services()))
    with _door() as (door, uow):
        admitted = door.sign_in(uow, knock)
    earlier = live_session()
    if earlier is not None:
        services().sessions.end(earlier.id)
    return admitted


# A page that stays open


@bp.get("/session")
@requires(Permission.PUBLIC)
def time_left(_uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """How long the session lasts, asked by an open page; no sign of life."""
    return _standing(live_session() if actor.is_signed_in else None)


@bp.post("/session")
@requires(Permission.ACCOUNT_OWN)
def stay(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """A sign of life, and how long the session lasts with it."""
    return _standing(_live())


@bp.post("/sign-in/again")
@requires(Permission.SIGN_IN)
def sign_in_again(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """The person whom an open page was made for, and nobody else, comes in again without leaving it."""
    asked = _asked("whose", "words", "code")
    person = session.person_of_page(services(), asked["whose"])
    try:
        admitted = _enter(person, asked["words"], asked["code"])
    except NotSignedIn:
        refusal = _("Words or digits do not fit. Nothing was locked; look at both and try again.")
        return {"error": "refused", "what": refusal}, HTTPStatus.FORBIDDEN
    return _admitted(_standing(services().sessions.resume(admitted.session)), admitted)


def _asked(*names: str) -> dict[str, str]:
    """Short texts of a JSON body; empty where they are anything else."""
    sent = request.get_json()
    values = {name: sent.get(name) if isinstance(sent, dict) else None for name in names}
    return {
        name: value if isinstance(value, str) and len(value) <= LONGEST_ANSWER else ""
        for name, value in values.items()
    }


def _standing(live: Session | None) -> Response:
    """`left`: seconds, 0 without a session; `last`: no sign of life adds to them; `whose`, `token`: whose session, and what
    its forms carry.
    """
    if live is None:
        return jsonify(left=0, last=False, whose="", token=csrf.token())
    return jsonify(
        left=max(0, live.ends - services().clock()),
        last=services().sessions.ends_by_age(live),
        whose=session.page_of(services(), live.holder.person),
        token=csrf.token_of(live),
    )


@bp.app_context_processor
def open_page() -> dict[str, object]:
    """What a page of somebody signed in knows of its session."""
    live, actor = live_session(), g.get("actor", ANONYMOUS)
    if live is None or not actor.is_signed_in:
        return {}
    left = max(0, live.ends - services().clock())
    return {"open_page": {"left": left, "whose": session.page_of(services(), live.holder.person)}}


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
