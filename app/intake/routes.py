"""Pages of the notebook: home, the form in its parts, the receipt.

The body of a form is read by hand: its capsule first; then, once it is known whose form it is, the rest.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as lazy
from werkzeug.datastructures import MultiDict

from app.domain.capacity import (
    KIB,
    MAX_FIELD_NAME_BYTES,
    MAX_FIELDS_PER_PART,
    MAX_FILE_NAME_CHARACTERS,
    MAX_FILES_PER_FORM,
    MIB,
)
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotSignedIn, TooLarge, Unavailable
from app.domain.ids import CaseId
from app.intake import actions, queries
from app.intake.actions import Attachment, Attachments, Sent, Ticket
from app.intake.forms import FORMS, Part, Step, Way
from app.policy.actor import Actor
from app.policy.facts import CaseFacts, StatementFacts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.unit_of_work import UnitOfWork
from app.vault.book import OpenBook
from app.vault.submissions import new_withdrawal_code
from app.web import session
from app.web.access import live_session, requires, services
from app.web.errors import reason_words
from app.web.glyphs import STATEMENT_STATES, StateWord
from app.web.locale import direction
from app.web.subjects import a_case, a_statement
from app.web.uploads import FormReader, Limits

bp = Blueprint("intake", __name__, template_folder="templates")

CAPSULE: Final = "capsule"
SPARE_TEXT_BYTES: Final = 2 * MIB
"""How much text is read at most, so that what is too long can come back to whoever wrote it."""
SPARE_FILES: Final = 20
SPARE_BYTES: Final = 64 * MIB
"""How much of what cannot be kept is still read and dropped, so that the browser gets to see the answer."""
STRANGE_BYTES: Final = 2 * MIB
"""The same for a form that is not ours."""
ALIVE_SECONDS: Final = 60


# Home and receipt


@bp.get("/notebook")
@requires(Permission.RECEIPTS_LIST)
def home(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    rows = queries.submissions(uow, actor.person, request.args.get("before", queries.NEWEST, type=int))
    return render_template(
        "intake/home.html",
        places=queries.places(uow, actor.person),
        rows=[(row, _state(row.state), _moment(row.at)) for row in rows],
        earlier=rows[-1].arrival if len(rows) == queries.PAGE else None,
    )


@bp.get("/notebook/receipts/<uuid:statement>")
@requires(Permission.RECEIPT_READ, a_statement)
def receipt(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    return _receipt_page(uow, statement.id)


def _receipt_page(uow: UnitOfWork, statement: UUID, *, code: str = "", again: bool = False) -> str:
    """`code`: shown in the answer to the sending alone; nobody can ask for it a second time."""
    kept = queries.receipt(uow, statement)
    return render_template(
        "intake/receipt.html",
        receipt=kept.facts,
        received=_moment(kept.facts.received),
        state=_state(kept.state),
        circle=queries.circle(uow, kept.case),
        code=code,
        again=again,
    )


# The form


@bp.get("/notebook/cases/<uuid:case>/form")
@requires(Permission.FORM_START, a_case)
def form(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    """A fresh form; opening it writes nothing."""
    token = uow.vault.submissions.begin(case.id)
    ticket = actions.read_ticket(uow.installation, token, uow.clock())
    step = Step.of(request.args.get("way", ""), ticket.part)
    return _form_page(uow, ticket, step, step.form(withdrawal=new_withdrawal_code()))


@dataclass(frozen=True)
class Arriving:
    """A form of which the capsule has been read, and nothing else yet."""

    ticket: Ticket
    reader: FormReader


def a_form(_uow: UnitOfWork, actor: Actor) -> CaseFacts:
    """The case that a form belongs to, by its capsule alone.

    The capsule was given to an interviewer of that case; whoever was taken off it since may still send what they have.
    """
    enforce(Permission.RECEIPTS_LIST, actor)
    arriving = g.arriving = _arriving()
    if arriving.ticket.person != actor.person:
        raise Forbidden("not-your-form")
    return CaseFacts(CaseId(arriving.ticket.case), frozenset({Duty.INTERVIEWER}))


@bp.post("/notebook/parts")
@requires(Permission.FORM_PART_SEND, a_form, own_token=True)
def part(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    """Seal one part, then show the next or the receipt. No redirect: what this answer shows, it shows once."""
    arriving: Arriving = g.arriving
    uow.tx.release()
    attachments = _attachments(case)
    try:
        fields, files = _read_rest(arriving.reader, attachments)
    except (InvalidInput, TooLarge) as refusal:
        arriving.reader.drain(SPARE_BYTES)
        return _not_taken(refusal)
    step = Step.of("".join(fields.get("way", ())), arriving.ticket.part)
    filled = step.form(MultiDict(fields))
    with ExitStack() as undo:
        for file in files:
            undo.callback(attachments.discard, file)
        if not _is_fit(filled, files):
            return _form_page(uow, arriving.ticket, step, filled, lost_files=bool(files)), 422
        ends = step.is_last or (step.may_end and "end" in fields)
        try:
            sent = _send(uow.vault.book, arriving.ticket, filled, files, last=ends)
        except Unavailable:
            undo.pop_all()
            attachments.discard_unrecorded(uow, files)
            return _form_page(
                uow, arriving.ticket, step, filled, lost_files=bool(files), unavailable=True
            ), 503
        undo.pop_all()
    for file in files:
        if file.receipt is not None and file.receipt.asset not in sent.files:
            attachments.discard(file)
    return _after(uow, sent, step.way, filled)


def _after(uow: UnitOfWork, sent: Sent, way: Way, filled: Part) -> str:
    """The receipt, or the next part; the card's number goes on with the form until it is finished."""
    code = filled.withdrawal.data
    if sent.finished:
        shown = code if actions.is_withdrawal_code(uow, sent.next.statement, code) else ""
        return _receipt_page(uow, sent.next.statement, code=shown, again=sent.again)
    step = Step.of(way, sent.next.part)
    spoken = filled["spoken"].data if "spoken" in filled else ""
    return _form_page(uow, sent.next, step, step.form(withdrawal=code, shown=spoken), again=sent.again)


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


def _form_page(
    uow: UnitOfWork,
    ticket: Ticket,
    step: Step,
    form: Part,
    *,
    again: bool = False,
    lost_files: bool = False,
    unavailable: bool = False,
) -> str:
    """`lost_files`: files came with the words, and a browser does not keep the choice of them."""
    names = get_locale().languages
    first = (form["shown"].data if "shown" in form else "") or str(get_locale())
    scripts = sorted(queries.scripts(), key=lambda script: script.language != first)
    return render_template(
        f"intake/{step.form.page}.html",
        ticket=ticket,
        step=step,
        form=form,
        titles=[part.title for part in FORMS[step.way]],
        code=queries.code_of(uow, ticket.case),
        circle=queries.circle(uow, ticket.case),
        sealed_at=_moment(ticket.issued) if ticket.part > 1 else None,
        scripts=[(script, names[script.language], direction(script.language)) for script in scripts],
        file_bytes=services().config.max_file_bytes,
        again=again,
        lost_files=lost_files,
        unavailable=unavailable,
    )


# Reading the body


def _arriving() -> Arriving:
    """Reads the capsule; raises Forbidden, with nothing of the form kept, if it is not one of ours."""
    request.max_content_length = None
    try:
        reader = FormReader(request.stream, request.content_type or "", request.content_length, _limits())
        token = reader.read_first(CAPSULE)
    except (InvalidInput, TooLarge) as strange:
        raise Forbidden("capsule-forged") from strange
    try:
        return Arriving(actions.read_ticket(services().installation, token, services().clock()), reader)
    except Forbidden:
        reader.drain(STRANGE_BYTES)
        raise


def _limits() -> Limits:
    """Wider than what is taken: what is a little too much is read, so that its form can be shown again."""
    return Limits(
        text_bytes=SPARE_TEXT_BYTES,
        fields=MAX_FIELDS_PER_PART,
        files=MAX_FILES_PER_FORM + SPARE_FILES,
        file_bytes=services().config.max_file_bytes + SPARE_BYTES,
        field_name_bytes=MAX_FIELD_NAME_BYTES,
        file_name_characters=MAX_FILE_NAME_CHARACTERS,
        header_bytes=8 * KIB,
    )


def _attachments(case: CaseFacts) -> Attachments:
    config = services().config
    return Attachments(
        services().blobs, services().installation.id, case.id, config.max_file_bytes, SignsOfLife().note
    )


def _read_rest(reader: FormReader, attachments: Attachments) -> tuple[dict[str, list[str]], list[Attachment]]:
    """The words, and what became of each file. Raises TooLarge before the rest is read where it cannot fit."""
    most = SPARE_TEXT_BYTES + MAX_FILES_PER_FORM * services().config.max_file_bytes + SPARE_BYTES
    if (request.content_length or 0) > most:
        raise TooLarge("files", most)
    form = reader.read_rest(
        lambda described: attachments.open(described.field, described.file_name), attachments.discard
    )
    return form.fields, [attachment for _described, attachment in form.files]


@dataclass
class SignsOfLife:
    """An upload that goes on counts as being here, or its sender would be signed out while it arrives."""

    last: float = field(default_factory=time.monotonic)

    def note(self) -> None:
        if time.monotonic() - self.last > ALIVE_SECONDS:
            self.last = time.monotonic()
            session.resume(services())


# What was not taken


@bp.errorhandler(NotSignedIn)
def signed_out(_error: NotSignedIn) -> ResponseReturnValue:
    """A session that ended in mid-form: the browser still holds the words, and the form goes on being good."""
    if request.endpoint != "intake.part":
        return redirect(url_for("accounts.sign_in"))
    try:
        arriving = _arriving()
    except Forbidden as refusal:
        return _stopped(reason_words(refusal.reasons[0])), HTTPStatus.UNAUTHORIZED
    arriving.reader.drain(SPARE_BYTES)
    return render_template("intake/signed_out.html", ticket=arriving.ticket), HTTPStatus.UNAUTHORIZED


def _not_taken(refusal: InvalidInput | TooLarge) -> ResponseReturnValue:
    if isinstance(refusal, TooLarge):
        return _stopped(lazy("This is more than one form can take.")), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if "cut" in refusal.problems.values():
        return _stopped(lazy("The connection broke before all of it had come.")), HTTPStatus.BAD_REQUEST
    return _stopped(lazy("Something in this form cannot be read.")), HTTPStatus.UNPROCESSABLE_ENTITY


def _stopped(what: str | LazyString) -> str:
    return render_template("intake/stopped.html", what=what)


def _state(state: str) -> StateWord:
    return STATEMENT_STATES[state]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
