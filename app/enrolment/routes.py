"""Pages of coming in: an administrator's link, the newcomer's own keys, and colleagues who vouch."""

from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.domain.duties import Role
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.enrolment import actions, queries, shown, waiting, way_back
from app.enrolment.forms import ClaimForm, InviteForm, VouchForm, WordsForm
from app.policy.actor import Actor
from app.policy.facts import PersonFacts
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.invitations import Invitation, recovery_words
from app.vault.totp import provisioning_uri, spelled
from app.web import qr, session
from app.web.access import requires, services
from app.web.subjects import a_person

bp = Blueprint("enrolment", __name__, template_folder="templates")

bp.add_app_template_global(qr.drawn, "qr_code")
bp.add_app_template_global(waiting.digits_to_read, "digits_to_read")
bp.add_app_template_global(waiting.to_vouch_for, "to_vouch_for")


# By an administrator


@bp.get("/administration/invitations")
@requires(Permission.PEOPLE_EDIT)
def invitations(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """Asks for the second factor before anything is typed, not after."""
    return _invitations_page(uow, InviteForm(formdata=None))


@bp.post("/administration/invitations")
@requires(Permission.PEOPLE_EDIT)
def invite(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """The link stands in this answer alone; nobody can ask for it a second time."""
    form = InviteForm()
    if not form.validate():
        return _invitations_page(uow, form), HTTPStatus.UNPROCESSABLE_ENTITY
    roles = frozenset(Role(role) for role in form.roles.data or ())
    try:
        _invitation, token = uow.vault.invitations.invite(
            actor.person, form.sign_in_name.data, form.name.data.strip(), roles
        )
    except InvalidInput as refusal:
        _blame(form, refusal)
        return _invitations_page(uow, form), HTTPStatus.UNPROCESSABLE_ENTITY
    uow.commit()
    link = url_for("enrolment.claim_page", token=token, _external=True)
    return render_template("enrolment/link.html", name=form.name.data.strip(), link=link)


@bp.post("/administration/invitations/<uuid:invitation>/withdraw")
@requires(Permission.PEOPLE_EDIT)
def withdraw(uow: UnitOfWork, actor: Actor, invitation: UUID) -> ResponseReturnValue:
    uow.vault.invitations.withdraw(actor.person, invitation)
    return redirect(url_for("enrolment.invitations", done="link-withdrawn"), HTTPStatus.SEE_OTHER)


@bp.post("/administration/people/<uuid:person>/shut-out")
@requires(Permission.PEOPLE_EDIT, a_person)
def shut_out(uow: UnitOfWork, actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    uow.vault.people.shut_out(person.id, actor.person, shut=True)
    uow.after_commit.append(lambda: services().sessions.end_all(person.id))
    return redirect(url_for("administration.overview", done="shut-out"), HTTPStatus.SEE_OTHER)


@bp.post("/administration/people/<uuid:person>/let-in")
@requires(Permission.PEOPLE_EDIT, a_person)
def let_in(uow: UnitOfWork, actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    uow.vault.people.shut_out(person.id, actor.person, shut=False)
    return redirect(url_for("administration.overview", done="let-in"), HTTPStatus.SEE_OTHER)


def _invitations_page(uow: UnitOfWork, form: InviteForm) -> str:
    return render_template(
        "enrolment/invitations.html",
        form=form,
        waiting=uow.vault.invitations.open(),
        now=uow.clock(),
        at=lambda seconds: datetime.fromtimestamp(seconds, UTC),
    )


# By the newcomer


@bp.get("/join/<token>")
@requires(Permission.ACCOUNT_CLAIM)
def claim_page(uow: UnitOfWork, _actor: Actor, token: str) -> ResponseReturnValue:
    try:
        invitation = uow.vault.invitations.find(token)
    except NotFound:
        return _no_link("over"), HTTPStatus.NOT_FOUND
    if invitation.used is not None:
        return _no_link("used"), HTTPStatus.GONE
    again = shown.again(shown.WORDS, invitation.id)
    return _claim_page(uow, invitation, ClaimForm(formdata=None), again=again)


@bp.post("/join/<token>")
@requires(Permission.ACCOUNT_CLAIM)
def claim(_uow: UnitOfWork, _actor: Actor, token: str) -> ResponseReturnValue:
    """Work of its own, so that what was refused leaves nothing staged; the sheet stands in this answer alone."""
    services().served_somebody.set()  # the newcomer's seeds are made in this process
    uow = services().unit_of_work()
    try:
        return _claim(uow, uow.vault.invitations.find(token))
    except NotFound:
        return _no_link("over"), HTTPStatus.NOT_FOUND
    except Conflict as conflict:
        return _no_link("used" if conflict.reason == "link-used" else "taken"), HTTPStatus.CONFLICT
    finally:
        uow.end()


def _claim(uow: UnitOfWork, invitation: Invitation) -> ResponseReturnValue:
    form = ClaimForm()
    try:
        offer = uow.vault.invitations.offered(invitation.id, form.offer.data or "")
    except Forbidden:
        again = _("This page waited for more than an hour. Here are new words and a new second factor.")
        return _claim_page(uow, invitation, ClaimForm(formdata=None), again), HTTPStatus.FORBIDDEN
    try:
        if not form.validate():
            return _claim_page(uow, invitation, form), HTTPStatus.UNPROCESSABLE_ENTITY
        newcomer = actions.claim(uow, invitation, offer, form.words.data, form.code.data)
        uow.commit()
    except InvalidInput as refusal:
        _blame(form, refusal)
        return _claim_page(uow, invitation, form), HTTPStatus.UNPROCESSABLE_ENTITY
    shown.taken(shown.WORDS)
    return render_template(
        "enrolment/sheet.html",
        name=invitation.name,
        sign_in_name=invitation.sign_in_name,
        recovery=recovery_words(newcomer.recovery_code).split(),
        digits=uow.vault.people.digits_of(newcomer.card),
    )


def _claim_page(
    uow: UnitOfWork, invitation: Invitation, form: ClaimForm, notice: str = "", *, again: bool = False
) -> str:
    """The words and the second factor that the form was given, or fresh ones: whoever has the link must not find those of another."""
    vault = uow.vault.invitations
    try:
        offer = vault.offered(invitation.id, form.offer.data or "")
    except Forbidden:
        offer = vault.offer(invitation.id)
    form.offer.data = offer.sealed
    return render_template(
        "enrolment/claim.html",
        form=form,
        invitation=invitation,
        words=offer.words.split(),
        factor=spelled(offer.second_factor),
        factor_uri=provisioning_uri(offer.second_factor, invitation.sign_in_name),
        refusal=notice,
        again=again,
    )


def _no_link(why: str) -> str:
    return render_template("enrolment/no_link.html", why=why)


# One's own keys


@bp.get("/account/words")
@requires(Permission.ACCOUNT_REPLACE_KEY)
def words_page(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    again = shown.again(shown.WORDS, actor.person)
    return _words_page(uow, actor.person, WordsForm(formdata=None), again=again)


@bp.post("/account/words")
@requires(Permission.ACCOUNT_REPLACE_KEY)
def change_words(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """Ends every other session: whoever had the earlier words may sit at one."""
    form = WordsForm()
    try:
        offer = uow.vault.invitations.offered(actor.person, form.offer.data or "")
        if not form.validate():
            return _words_page(uow, actor.person, form), HTTPStatus.UNPROCESSABLE_ENTITY
        offer.require(form.words.data)
    except Forbidden:
        anew = _words_page(uow, actor.person, WordsForm(formdata=None), again=True)
        return anew, HTTPStatus.FORBIDDEN
    except InvalidInput as refusal:
        _blame(form, refusal)
        return _words_page(uow, actor.person, form), HTTPStatus.UNPROCESSABLE_ENTITY
    uow.vault.people.change_words(actor.person, uow.vault.holder.seeds, offer.words)
    uow.after_commit.append(lambda: services().sessions.end_all(actor.person))
    shown.taken(shown.WORDS)
    answer = make_response(redirect(url_for("accounts.sign_in", done="words-changed"), HTTPStatus.SEE_OTHER))
    session.take_back(services(), answer)
    return answer


def _words_page(uow: UnitOfWork, person: UUID, form: WordsForm, *, again: bool = False) -> str:
    vault = uow.vault.invitations
    try:
        offer = vault.offered(person, form.offer.data or "")
    except Forbidden:
        offer = vault.offer(person)
    form.offer.data = offer.sealed
    return render_template("enrolment/words.html", form=form, words=offer.words.split(), again=again)


@bp.post("/account/recovery")
@requires(Permission.ACCOUNT_REPLACE_KEY)
def renew_recovery(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """The code stands in this answer alone, and only once it is durable."""
    code = way_back.renew_recovery(uow)
    uow.commit()
    account = uow.vault.people.account(actor.person)
    return render_template(
        "enrolment/sheet.html",
        name=account.name,
        sign_in_name="",
        recovery=recovery_words(code).split(),
        digits=uow.vault.people.digits_of(account.card),
    )


# By colleagues


@bp.get("/people")
@requires(Permission.PEOPLE_MEET)
def people(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    return render_template("enrolment/people.html", people=queries.colleagues(uow, actor.person))


@bp.get("/people/<uuid:person>/vouch")
@requires(Permission.PERSON_VOUCH, a_person)
def vouch_page(uow: UnitOfWork, actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    return _vouch_page(uow, queries.colleague(uow, person.id, actor.person), VouchForm(formdata=None))


@bp.post("/people/<uuid:person>/vouch")
@requires(Permission.PERSON_VOUCH, a_person)
def vouch(uow: UnitOfWork, actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    form, them = VouchForm(), queries.colleague(uow, person.id, actor.person)
    if form.card.data != them.card.hex():
        moved = _("Their card was replaced while you were comparing. Compare again.")
        return _vouch_page(uow, them, VouchForm(formdata=None), moved), HTTPStatus.CONFLICT
    if not form.validate():
        return _vouch_page(uow, them, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.vouch(uow, them.card, form.groups.data, form.manner.data)
    except InvalidInput as refusal:
        actions.note_mismatch(uow, them.person)
        _blame(form, refusal)
        return _vouch_page(uow, them, form), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("enrolment.people", done="vouched"), HTTPStatus.SEE_OTHER)


def _vouch_page(uow: UnitOfWork, them: queries.Colleague, form: VouchForm, notice: str = "") -> str:
    form.card.data = them.card.hex()
    return render_template(
        "enrolment/vouch.html",
        form=form,
        them=them,
        groups=uow.vault.people.digits_of(them.card).split()[:-2],
        refusal=notice,
    )


# What was wrong


def _blame(form: InviteForm | ClaimForm | VouchForm | WordsForm, refusal: InvalidInput) -> None:
    for field, problem in refusal.problems.items():
        form[field].errors = [*form[field].errors, _said(problem)]


def _said(problem: str) -> str:
    said = {
        "taken": _("Somebody has this sign-in name already. Choose another."),
        "not-the-proposed": _(
            "These are not the words that stand above. Type them as they are, with spaces between."
        ),
        "does-not-fit": _(
            "These digits do not fit. Wait for the next ones, and look whether your device's clock is right."
        ),
        "do-not-fit": _(
            "These are not the last digits of the card that stands here. Ask them to read all six groups again. "
            "If they differ once more, do not vouch: somebody may have put another card in the place of theirs. "
            "Tell a lead whom you trust, not over this system."
        ),
    }
    return str(said[problem])
