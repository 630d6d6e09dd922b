"""What an interviewer is shown after a sending: the next part, the receipt, or why nothing was taken."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as lazy

from app.domain.capacity import MAX_UPLOADS_PER_FORM
from app.domain.errors import InvalidInput, TooLarge
from app.intake import queries
from app.intake.actions import Sent, Ticket
from app.intake.forms import FORMS, Part, Step, Way
from app.unit_of_work import UnitOfWork
from app.vault.late import LateForm
from app.web.access import services
from app.web.glyphs import STATEMENT_STATES, StateWord
from app.web.locale import direction


def after(uow: UnitOfWork, sent: Sent, way: Way, *, code: str, shown: str = "", spoken: str = "") -> str:
    """The receipt, or the next part.

    Args:
        code: what the witness can take their words back with, which goes on with the form until it is finished.
        shown: the same, if the receipt is to show it.
        spoken: the language whose script stands first in the next part.
    """
    if sent.finished:
        return receipt_page(uow, sent.next.statement, code=shown, again=sent.again)
    step = Step.of(way, sent.next.part)
    return form_page(uow, sent.next, step, step.form(withdrawal=code, shown=spoken), again=sent.again)


def receipt_page(uow: UnitOfWork, statement: UUID, *, code: str = "", again: bool = False) -> str:
    """`code`: shown in the answer to the sending alone; nobody can ask for it a second time."""
    kept = queries.receipt(uow, statement)
    return render_template(
        "intake/receipt.html",
        receipt=kept.facts,
        received=moment(kept.facts.received),
        state=state_word(kept.state),
        circle=queries.circle(uow, kept.case),
        code=code,
        again=again,
    )


def form_page(
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
        sealed_at=moment(ticket.issued) if ticket.part > 1 else None,
        scripts=[(script, names[script.language], direction(script.language)) for script in scripts],
        file_bytes=services().config.max_file_bytes,
        upload=queries.upload_target(uow, ticket.token),
        upload_bytes=services().config.max_upload_bytes,
        upload_files=MAX_UPLOADS_PER_FORM,
        again=again,
        lost_files=lost_files,
        unavailable=unavailable,
    )


def unsent(forms: Sequence[LateForm]) -> list[tuple[LateForm, datetime]]:
    """What waits, with when it came."""
    return [(form, moment(form.received)) for form in forms]


def not_taken(refusal: InvalidInput | TooLarge) -> ResponseReturnValue:
    if isinstance(refusal, TooLarge):
        return stopped(lazy("This is more than one form can take.")), HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if "cut" in refusal.problems.values():
        return stopped(lazy("The connection broke before all of it had come.")), HTTPStatus.BAD_REQUEST
    return stopped(lazy("Something in this form cannot be read.")), HTTPStatus.UNPROCESSABLE_ENTITY


def stopped(what: str | LazyString) -> str:
    return render_template("intake/stopped.html", what=what)


def state_word(state: str) -> StateWord:
    return STATEMENT_STATES[state]


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
