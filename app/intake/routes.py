"""Pages of the notebook: home, the form in its parts, the receipt.

The form's body is read by hand: the capsule first, then, once it is known whose form it is, the words, then the files.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

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
    MAX_TEXT_BYTES,
    MIB,
)
from app.domain.duties import Duty
from app.domain.errors import Conflict, Forbidden, InvalidInput, NotSignedIn, TooLarge, Unavailable, VouchsafeError
from app.domain.ids import CaseId
from app.intake import actions, queries
from app.intake.actions import Attachment, Attachments, Sent, Ticket
from app.intake.forms import PUBLIC_MEANS_WORDS, Part, Step, Way
from app.policy.actor import Actor
from app.policy.facts import CaseFacts, StatementFacts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.unit_of_work import UnitOfWork
from app.vault.submissions import new_withdrawal_code
from app.web import session
from app.web.access import requires, services
from app.web.errors import reason_words
from app.web.glyphs import STATEMENT_STATES
from app.web.locale import direction
from app.web.subjects import a_case, a_statement
from app.web.uploads import FormReader, Limits

bp = Blueprint("intake", __name__, template_folder="templates")

CAPSULE: Final = "capsule"
SPARE_BYTES: Final = 64 * MIB
"""How much of what cannot be kept is still read and dropped, so that the browser gets to see the answer."""
STRANGE_BYTES: Final = 2 * MIB
"""The same for a form that is not ours."""
ALIVE_SECONDS: Final = 60


@dataclass(frozen=True)
class Arriving:
    """A form whose first field has been read."""

    ticket: Ticket
    reader: FormReader


@bp.get("/notebook")
@requires(Permission.RECEIPTS_LIST)
def home(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    before = request.args.get("before", queries.NEWEST, type=int)
    rows = queries.submissions(uow, actor.person, before)
    earlier = rows[-1].arrival if len(rows) == queries.PAGE else None
    return render_template(
        "intake/home.html",
        places=queries.places(uow, actor.person),
        rows=[(row, _state(row.state), _moment(row.at)) for row in rows],
        earlier=earlier,
    )


@bp.get("/notebook/cases/<uuid:case>/form")
@requires(Permission.FORM_START, a_case)
def form(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    """A fresh form; nothing is written down anywhere by opening it."""
    ticket = actions.read_ticket(uow, uow.vault.submissions.begin(case.id))
    step = Step.of(request.args.get("way", ""), ticket.part)
    return _form_page(uow, ticket, step, _fresh(step))


def a_form(uow: UnitOfWork, actor: Actor) -> CaseFacts:
    """The case that a sent form belongs to, by its capsule, before any further byte of it is read.

    The capsule was given to an interviewer of the case; whoever was taken off it since may still send what they have.
    """
    enforce(Permission.RECEIPTS_LIST, actor)
    arriving = g.arriving = _arriving(uow)
    if arriving.ticket.person != actor.person:
        raise Forbidden("not-your-form")
    return CaseFacts(CaseId(arriving.ticket.case), frozenset({Duty.INTERVIEWER}))


@bp.post("/notebook/parts")
@requires(Permission.FORM_PART_SEND, a_form, own_token=True)
def part(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    """One part, sealed; then the next one, or the receipt. The answer is no redirect: what it shows, it shows once."""
    arriving: Arriving = g.arriving
    uow.tx.release()
    attachments = _attachments(case)
    try:
        fields, files = _read(arriving.reader, attachments)
    except (InvalidInput, TooLarge) as refusal:
        arriving.reader.drain(SPARE_BYTES)
        return _stopped(_why_unread(refusal), HTTPStatus.UNPROCESSABLE_ENTITY)
    step = Step.of(_one(fields, "way"), arriving.ticket.part)
    filled = step.form(MultiDict(fields))
    with ExitStack() as undo:
        for file in files:
            undo.callback(attachments.discard, file)
        if not _is_fit(filled, files):
            return _form_page(uow, arriving.ticket, step, filled, refused=True, chosen=bool(files))
        ends = step.is_last or (step.may_end and "end" in fields)
        try:
            sent = _send(arriving.ticket, filled, files, last=ends)
        except Unavailable:
            return _form_page(uow, arriving.ticket, step, filled, unavailable=True, chosen=bool(files))
        undo.pop_all()
"""
