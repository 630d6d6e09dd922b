"""Pages of the notebook: home, the form in its parts, the receipt."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app.domain.duties import Duty
from app.domain.errors import (
    Conflict,
    Frozen,
    InvalidInput,
    NotSignedIn,
    Tampered,
    TooLarge,
    Unavailable,
)
from app.domain.ids import CaseId
from app.intake import actions, late, queries, showing, uploading
from app.intake.actions import Attachment, Attachments, Sent, Ticket
from app.intake.arriving import Arriving, SignsOfLife, arriving
from app.intake.forms import Part, Step
from app.policy.actor import Actor
from app.policy.facts import CaseFacts, FrozenReason, StatementFacts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.unit_of_work import UnitOfWork
from app.vault.book import OpenBook
from app.vault.submissions import new_withdrawal_code
from app.vault.upload_rows import WHOLE, Upload
from app.vault.uploads import Uploads
from app.web.access import live_session, requires, services
from app.web.again import until_done
from app.web.forms import AddendumForm
from app.web.subjects import a_case, a_statement

bp = Blueprint("intake", __name__, template_folder="templates")
bp.register_blueprint(late.bp)
bp.register_blueprint(uploading.bp)


# Home and receipt


@bp.get("/notebook")
@requires(Permission.RECEIPTS_LIST)
def home(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    uploading.attach_ready(uow)
    rows = queries.submissions(uow, actor.person, request.args.get("before", queries.NEWEST, type=int))
    return render_template(
        "intake/home.html",
        places=queries.places(uow, actor.person),
        unsent=showing.unsent(uow.vault.late.waiting()),
        on_their_way=len(uow.vault.uploads.unfinished()),
        rows=[(row, showing.state_word(row.state), showing.moment(row.at)) for row in rows],
        earlier=rows[-1].arrival if len(rows) == queries.PAGE else None,
    )


@bp.get("/notebook/receipts/<uuid:statement>")
@requires(Permission.RECEIPT_READ, a_statement)
def receipt(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    return showing.receipt_page(uow, statement.id)


@bp.app_context_processor
def unsent_elsewhere() -> dict[str, int]:
    return {"unsent_elsewhere": late.unsent_elsewhere(request.endpoint)}


# Adding to what was sent


@bp.get("/notebook/receipts/<uuid:statement>/addendum")
@requires(Permission.STATEMENT_ADD, a_statement)
def addendum(uow: UnitOfWork, actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    enforce(Permission.RECEIPT_READ, actor, statement)  # a reader adds on the statement's own page
    return _addendum_page(uow, statement, AddendumForm(formdata=None))


@bp.post("/notebook/receipts/<uuid:statement>/addendum")
@requires(Permission.STATEMENT_ADD, a_statement)
def add(uow: UnitOfWork, actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Sealed to the case's readers beside the statement, which its author cannot open."""
    enforce(Permission.RECEIPT_READ, actor, statement)
    form = AddendumForm()
    if not form.validate():
        return _addendum_page(uow, statement, form), HTTPStatus.UNPROCESSABLE_ENTITY
    until_done(lambda work: actions.add(work, statement, form.addendum))
    return redirect(url_for("intake.receipt", statement=statement.id, done="added"), HTTPStatus.SEE_OTHER)


def _addendum_page(uow: UnitOfWork, statement: StatementFacts, form: AddendumForm) -> str:
    return render_template(
        "intake/addendum.html", form=form, statement=statement, circle=queries.circle(uow, statement.case.id)
    )


# The form


def a_place(uow: UnitOfWork, actor: Actor, *, case: UUID) -> CaseFacts:
    """The case; where its list of people does not prove just now, what this person's own book remembers is enough to send."""
    try:
        return a_case(uow, actor, case=case)
    except (Frozen, Tampered):
        if not uow.vault.submissions.can_begin(case):
            raise
        return CaseFacts(CaseId(case), frozenset({Duty.INTERVIEWER}), FrozenReason.ROSTER_UNVERIFIED)


@bp.get("/notebook/cases/<uuid:case>/form")
@requires(Permission.FORM_START, a_place)
def form(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    """A fresh form; opening it writes nothing."""
    token = uow.vault.submissions.begin(case.id)
    ticket = actions.read_ticket(uow.installation, token, uow.clock())
    step = Step.of(request.args.get("way", ""), ticket.part)
    return showing.form_page(uow, ticket, step, step.form(withdrawal=new_withdrawal_code()))


def a_form(_uow: UnitOfWork, actor: Actor) -> CaseFacts:
    """The case that a form belongs to, by its capsule alone.

    The capsule was given to an interviewer of that case; whoever was taken off it since may still send what they have.
    """
    form = g.arriving = arriving()
    if form.ticket.person != actor.person:
        raise NotSignedIn  # somebody else has signed in at this browser: its words are kept for their author
    enforce(Permission.RECEIPTS_LIST, actor)
    return CaseFacts(CaseId(form.ticket.case), frozenset({Duty.INTERVIEWER}))


@bp.post("/notebook/parts")
@requires(Permission.FORM_PART_SEND, a_form, own_token=True)
def part(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    """Seal one part, then show the next or the receipt. No redirect: what this answer shows, it shows once."""
    form: Arriving = g.arriving
    uow.tx.release()
    attachments = _attachments(case)
    try:
        body = form.read(
            lambda described: attachments.open(described.field, described.file_name), attachments.discard
        )
    except (InvalidInput, TooLarge) as refusal:
        form.drop()
        return showing.not_taken(refusal)
    fields, files = body.fields, [attachment for _described, attachment in body.files]
    step = Step.of("".join(fields.get("way", ())), form.ticket.part)
    filled = step.form(MultiDict(fields))
    with ExitStack() as undo:
        for file in files:
            undo.callback(attachments.discard, file)
        if not _is_fit(filled, files):
            return showing.form_page(uow, form.ticket, step, filled, lost_files=bool(files)), 422
        ends = step.is_last or (step.may_end and "end" in fields)
        try:
            sent = _send(uow.vault.book, form.ticket, filled, files, last=ends)
        except Unavailable:
            undo.pop_all()
            attachments.discard_unrecorded(uow, files)
            return showing.form_page(
                uow, form.ticket, step, filled, lost_files=bool(files), unavailable=True
            ), 503
        undo.pop_all()
    for file in files:
        if file.receipt is not None and file.receipt.asset not in sent.files:
            attachments.discard(file)
    return _after(uow, sent, step, filled)


def _after(uow: UnitOfWork, sent: Sent, step: Step, filled: Part) -> str:
    """The receipt, or the next part; the card's number goes on with the form until it is finished."""
    code = filled.withdrawal.data
    is_its_own = sent.finished and actions.is_withdrawal_code(uow, sent.next.statement, code)
    spoken = filled["spoken"].data if "spoken" in filled else ""
    return showing.after(uow, sent, step.way, code=code, shown=code if is_its_own else "", spoken=spoken)


def _send(book: OpenBook, ticket: Ticket, filled: Part, files: Sequence[Attachment], *, last: bool) -> Sent:
    """Two sendings of one form can race; the loser goes once more, and is then kept beside the winner."""
    try:
        return _send_once(book, ticket, filled, files, last=last)
    except Conflict:
        return _send_once(None, ticket, filled, files, last=last)


def _send_once(
    book: OpenBook | None, ticket: Ticket, filled: Part, files: Sequence[Attachment], *, last: bool
) -> Sent:
    uow = services().unit_of_work(live_session(), book=book)
    today = datetime.fromtimestamp(uow.clock(), UTC).date()
    try:
        sent = actions.send(
            uow,
            ticket,
            filled.content(today),
            [(file, filled.said_of(file)) for file in files],
            last=last,
            withdrawal_code=filled.withdrawal.data,
        )
        uow.commit()
    finally:
        uow.end()
    return sent


def _is_fit(filled: Part, files: Sequence[Attachment]) -> bool:
    is_fit = filled.validate()
    for file in files:
        if file.problem:
            filled.blame_file(file)
    return is_fit and not any(file.problem for file in files)


def _attachments(case: CaseFacts) -> Attachments:
    config = services().config
    return Attachments(
        services().blobs, services().installation.id, case.id, config.max_file_bytes, SignsOfLife().note
    )


# Files on their way


@bp.get("/notebook/files")
@requires(Permission.RECEIPTS_LIST)
def files(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    """Those that are not part of their statement yet: to be gone on with, or discarded."""
    uploading.attach_ready(uow)
    uploads = uow.vault.uploads
    return render_template(
        "intake/files.html",
        files=[(file, showing.moment(file.began), _stands(uploads, file)) for file in uploads.unfinished()],
        altered=uow.vault.joining.altered(),
    )


def _stands(uploads: Uploads, file: Upload) -> str:
    """As the template's row of an unfinished file says it."""
    if uploads.is_closed(file.statement):
        return "closed"
    if file.state == WHOLE:
        return "whole"
    return "missing" if file.is_sealed else "elsewhere"


@bp.get("/notebook/files/<uuid:asset>/discard")
@requires(Permission.FORM_FILE_SEND, uploading.a_file)
def ask_discard_file(_uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    file: Upload = g.upload
    return render_template("intake/file_discard.html", file=file, began=showing.moment(file.began))


@bp.post("/notebook/files/<uuid:asset>/discard")
@requires(Permission.FORM_FILE_SEND, uploading.a_file)
def discard_file(_uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    until_done(partial(actions.give_up, asset=g.upload.asset))
    return redirect(url_for("intake.files", done="discarded"), HTTPStatus.SEE_OTHER)


# What was not taken


@bp.errorhandler(NotSignedIn)
def signed_out(_error: NotSignedIn) -> ResponseReturnValue:
    """A session that ended in mid-form: its words are kept for their author to send."""
    if request.endpoint != "intake.part":
        return redirect(url_for("accounts.sign_in"))
    return late.take()
