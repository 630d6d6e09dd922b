"""The pages of one statement: its file, its transcript, and the acts that move it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.audit.acts import Act
from app.domain.errors import Conflict, Frozen, InvalidInput, NotFound, Tampered
from app.domain.lifecycle import StatementAct, StatementState
from app.policy.actor import Actor
from app.policy.facts import NOTHING, Facts, StatementFacts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.transcription import actions, file_pages, file_words, files, forms, offers, queries, words
from app.transcription.blueprint import bp
from app.transcription.file_pages import Row
from app.transcription.queries import Asked, ByCode, WrittenDown
from app.transcription.script import language_of
from app.transcription.transcript import Transcript, side_by_side, write_time
from app.unit_of_work import UnitOfWork
from app.vault.records import Broken
from app.web import access, again, hooks, locale, pages
from app.web.access import requires
from app.web.forms import AddendumForm
from app.web.opening import note_opening
from app.web.subjects import a_statement, statement_facts

__all__ = ["bp"]


@bp.app_template_global()
def passage_language(text: str, languages: tuple[str, ...]) -> str:
    return language_of(text, languages)


@bp.app_template_global()
def direction_of(language: str) -> str:
    """For testimony: the direction of its language, or the browser's own judgement where that is unknown."""
    try:
        return locale.direction(language.replace("-", "_"))
    except (ValueError, LookupError):
        return "auto"


# The statement


@bp.get("/statements/<uuid:statement>")
@requires(Permission.STATEMENT_OPEN, a_statement)
def statement(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Everything of it that this person may read; `?show=` opens one of its files in place."""
    note_opening(uow, Act.STATEMENT_OPENED, statement.case.id, statement.id)
    head = queries.read_head(uow, statement)
    record, rows = queries.read_record(uow, statement), file_pages.rows_of(uow, statement)
    taken_over = queries.is_taken_over(uow, statement.id)
    known = offers.Known(head.standing, taken_over, file_pages.some_recording(rows))
    return render_template(
        "transcription/statement.html",
        facts=statement,
        head=head,
        record=record,
        name=words.shown_name(record.statement.code_name),
        rows=rows,
        no_worker=file_pages.waits_for_a_worker(rows),
        shown=_shown_file(uow, statement),
        addenda=queries.read_addenda(uow, statement),
        adding=AddendumForm(formdata=None) if access.may(Permission.STATEMENT_ADD, statement) else None,
        notes=queries.read_notes(uow, statement) if access.may(Permission.NOTES_READ, statement) else None,
        transcript=queries.read_transcript(uow, statement),
        remark=queries.read_remark(uow, statement),
        history=words.history_rows(queries.read_history(uow, statement.id), queries.own_name(uow)),
        offers=offers.offers(statement, known),
        refusals=offers.refusals(statement, head),
        may=_may(statement),
        words=words,
        file_words=file_words,
    )


def _may(statement: StatementFacts) -> dict[str, bool]:
    asked = {
        "identity": Permission.IDENTITY_READ,
        "transcript": Permission.TRANSCRIPT_VIEW,
        "files": Permission.ASSET_OPEN,
    }
    return {what: access.may(permission, statement) for what, permission in asked.items()}


def _shown_file(uow: UnitOfWork, statement: StatementFacts) -> tuple[UUID, Broken | None] | None:
    """The file that `?show=` names, and what is wrong with it; nothing for anything else."""
    try:
        asset = UUID(request.args.get("show", ""))
    except ValueError:
        return None
    if not access.may(Permission.ASSET_OPEN, statement):
        return None
    files.require_here(uow, statement, asset)
    return asset, files.check_file(uow, statement, asset)


@bp.get("/statements/<uuid:statement>/identity")
@requires(Permission.IDENTITY_READ, a_statement)
def identity(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Who the source is: a page of its own, so that nobody reads a name in passing."""
    note_opening(uow, Act.IDENTITY_OPENED, statement.case.id, statement.id)
    return render_template(
        "transcription/identity.html",
        facts=statement,
        head=queries.read_head(uow, statement),
        identity=queries.read_identity(uow, statement),
        words=words,
    )


# Adding


@bp.post("/statements/<uuid:statement>/addenda")
@requires(Permission.STATEMENT_ADD, a_statement)
def add(_uow: UnitOfWork, actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Beside the statement, which stays as it was sealed."""
    enforce(
        Permission.STATEMENT_HISTORY, actor, statement
    )  # its author, who does not read it, has a page of their own
    form = AddendumForm()
    if not form.validate():
        page = render_template("transcription/add.html", facts=statement, form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    again.until_done(lambda uow: actions.add(uow, statement, form.addendum))
    return _moved(statement)


# The transcript


@bp.get("/statements/<uuid:statement>/transcript")
@requires(Permission.TRANSCRIPT_VIEW, a_statement)
def transcript(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Listening and writing; `?file=` chooses which recording plays."""
    note_opening(uow, Act.TRANSCRIPT_OPENED, statement.case.id, statement.id)
    head, record = queries.read_head(uow, statement), queries.read_record(uow, statement)
    written = queries.read_transcript(uow, statement)
    kept = written.transcript if isinstance(written, WrittenDown) else Transcript()
    rows = file_pages.rows_of(uow, statement)
    recordings = [row for row in rows if isinstance(row, Row) and row.showing.is_recording]
    return render_template(
        "transcription/transcript.html",
        facts=statement,
        head=head,
        record=record,
        name=words.shown_name(record.statement.code_name),
        written=written,
        transcript=kept,
        revision=queries.transcript_revision(uow, statement),
        recordings=recordings,
        playing=_playing(recordings),
        opened=request.args.get("show") == "1",
        spoken=record.statement.languages,
        writes=access.may(Permission.TRANSCRIPT_EDIT, statement),
        words=words,
        file_words=file_words,
        write_time=write_time,
    )


def _playing(recordings: list[Row]) -> Row | None:
    chosen = [row for row in recordings if str(row.file.asset) == request.args.get("file")]
    return next(iter(chosen or recordings), None)


@bp.post("/statements/<uuid:statement>/transcript")
@requires(Permission.TRANSCRIPT_EDIT, a_statement)
def save(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Seal what was written as the next revision; who comes second gets both texts and loses neither."""
    sent, revision = forms.sent_transcript(request)
    note_opening(uow, Act.TRANSCRIPT_OPENED, statement.case.id, statement.id)
    try:
        saved = actions.save_transcript(uow, statement, sent, revision)
    except Conflict:
        return _both_texts(uow, statement, sent)
    if request.is_json:
        return jsonify(revision=saved.revision, words=_saved_words(saved))
    return redirect(_way_back(statement, request.form.get("do", "")), HTTPStatus.SEE_OTHER)


def _saved_words(saved: actions.Saved) -> str:
    now = datetime.now(UTC)
    when = locale.moment(words.moment_at(saved.at), pages.chosen_language(), now, pages.ZONE)
    return str(_("Saved %(when)s, revision %(number)s", when=when, number=saved.revision))


def _way_back(statement: StatementFacts, asked: str) -> str:
    """To the row that was worked on, so that nobody loses their place."""
    _change, _colon, row = asked.partition(":")
    where = f"row-{row}" if row.isdecimal() else None
    chosen = request.form.get("file") or None
    return url_for(
        "transcription.transcript", statement=statement.id, done="saved", file=chosen, _anchor=where
    )


def _both_texts(uow: UnitOfWork, statement: StatementFacts, mine: Transcript) -> ResponseReturnValue:
    """Somebody saved first: the newer text and the one in hand, side by side; the latter is kept nowhere."""
    newer = queries.read_transcript(uow, statement)
    revision = queries.transcript_revision(uow, statement)
    theirs = newer.transcript if isinstance(newer, WrittenDown) else Transcript()
    if request.is_json:
        return jsonify(
            error="newer-version", revision=revision, newest=theirs.to_plain()
        ), HTTPStatus.CONFLICT
    author = queries.names(uow, {newer.author}) if isinstance(newer, WrittenDown) else {}
    page = render_template(
        "transcription/newer.html",
        facts=statement,
        head=queries.read_head(uow, statement),
        newer=newer,
        author=next(iter(author.values()), ""),
        mine=mine,
        pairs=side_by_side(theirs, mine),
        revision=revision,
        words=words,
        write_time=write_time,
    )
    return page, HTTPStatus.CONFLICT


@bp.post("/statements/<uuid:statement>/state/finish")
@requires(Permission.TRANSCRIPT_EDIT, a_statement)
def finish(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Save what is on the page, and call it whole."""
    sent, revision = forms.sent_transcript(request)
    note_opening(uow, Act.TRANSCRIPT_OPENED, statement.case.id, statement.id)
    try:
        actions.finish_transcript(uow, statement, sent, revision)
    except Conflict:
        return _both_texts(uow, statement, sent)
    return _moved(statement)


# Acts


def _pressed(step: offers.Step) -> Callable[..., ResponseReturnValue]:
    """An act that asks for nothing but the press, by whom the table of steps names."""

    @requires(step.permission, a_statement)
    def press(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
        actions.change_state(uow, statement, step.act)
        return _moved(statement)

    view: Callable[..., ResponseReturnValue] = press
    return view


for each in offers.STEPS:
    if each.form == "press":
        path = f"/statements/<uuid:statement>/state/{each.endpoint.replace('_', '-')}"
        bp.add_url_rule(path, each.endpoint, _pressed(each), methods=["POST"])


@bp.post("/statements/<uuid:statement>/state/hold")
@requires(Permission.STATEMENT_HOLD, a_statement)
def hold(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    return _because(uow, statement, StatementAct.HOLD, "hold")


@bp.post("/statements/<uuid:statement>/state/return")
@requires(Permission.STATEMENT_RETURN, a_statement)
def send_back(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    return _because(uow, statement, StatementAct.RETURN_WITH_NOTE, "send_back")


def _because(
    uow: UnitOfWork, statement: StatementFacts, act: StatementAct, asked: str
) -> ResponseReturnValue:
    form = forms.ReasonForm()
    if not form.validate():
        return _asked_again(statement, form, asked)
    actions.change_state_because(uow, statement, act, form.reason.data)
    return _moved(statement, "held" if act is StatementAct.HOLD else "saved")


@bp.post("/statements/<uuid:statement>/state/withdraw")
@requires(Permission.STATEMENT_WITHDRAW, a_statement)
def withdraw(_uow: UnitOfWork, actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """The witness takes it back, and readers get nothing of it any more; no slip of a hand types the code of a case."""
    form = forms.WithdrawForm()
    if form.validate():
        try:
            _withdraw_for_good(actor, statement.id, form.code.data)
        except InvalidInput:
            form.code.errors = [_("This is not the code of the case.")]
        else:
            return redirect(
                url_for("cases.view", case=statement.case.id, done="withdrawn"), HTTPStatus.SEE_OTHER
            )
    return _asked_again(statement, form, "withdraw")


def _withdraw_for_good(actor: Actor, statement: UUID, code: str) -> None:
    """Durable on return. Raises Conflict, or InvalidInput where this is not the case's code."""

    def withdraw(uow: UnitOfWork) -> None:
        facts = statement_facts(uow, statement)
        if facts.state is StatementState.WITHDRAWN:  # by whoever came first
            return
        enforce(Permission.STATEMENT_WITHDRAW, actor, facts)
        actions.withdraw(uow, facts, code)
        hooks.take_down(uow, statement)

    again.until_done(withdraw)


def _asked_again(
    statement: StatementFacts, form: forms.ReasonForm | forms.WithdrawForm, asked: str
) -> ResponseReturnValue:
    """The form with what is missing, on a page that opens nothing."""
    offer = offers.offer_of(statement, asked)
    page = render_template("transcription/ask.html", facts=statement, form=form, offer=offer)
    return make_response(page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _moved(statement: StatementFacts, done: str = "saved") -> ResponseReturnValue:
    return redirect(
        url_for("transcription.statement", statement=statement.id, done=done), HTTPStatus.SEE_OTHER
    )


# A witness calls, with the code of their card


def of_staff(_uow: UnitOfWork, _actor: Actor) -> Facts:
    """Whoever is signed in: a witness calls whom they know."""
    return NOTHING


@bp.get("/withdrawal")
@requires(Permission.WITHDRAWAL_CODE_USE, of_staff)
def withdrawal(uow: UnitOfWork, _actor: Actor, _nothing: Facts) -> ResponseReturnValue:
    """Where the code is typed; for who may withdraw, also what others have asked for by a code."""
    form = forms.WithdrawalCodeForm()
    asked = [asked for asked in queries.asked_withdrawals(uow) if _may_withdraw(uow, asked.statement)]
    return _code_page(form, asked)


def _code_page(form: forms.WithdrawalCodeForm, asked: Sequence[Asked] = ()) -> str:
    return render_template("transcription/withdrawal.html", form=form, asked=asked, words=words)


def _may_withdraw(uow: UnitOfWork, statement: UUID) -> bool:
    """No where it is gone or its case is stopped, which keeps no other from being told."""
    try:
        return access.may(Permission.STATEMENT_WITHDRAW, statement_facts(uow, statement))
    except (Frozen, NotFound, Tampered):
        return False


@bp.post("/withdrawal")
@requires(Permission.WITHDRAWAL_CODE_USE, of_staff)
def use_withdrawal_code(uow: UnitOfWork, _actor: Actor, _nothing: Facts) -> ResponseReturnValue:
    """What the code belongs to, by nothing but its case and its day; who may withdraw does, who may not asks the lead."""
    form = forms.WithdrawalCodeForm()
    if form.validate():
        try:
            return _called(uow, actions.use_code(uow, form.code.data))
        except InvalidInput:
            form.code.errors = [_wrong_length(form.code.data)]
        except NotFound:
            form.code.errors = [
                _("No statement has this code. Ask the witness to read it once more, group by group.")
            ]
    return make_response(_code_page(form), HTTPStatus.UNPROCESSABLE_ENTITY)


def _wrong_length(typed: str) -> str:
    figures = sum(character.isdecimal() for character in typed)
    return str(
        ngettext(
            "The code has 32 figures; here is %(num)s.", "The code has 32 figures; here are %(num)s.", figures
        )
    )


def _called(uow: UnitOfWork, found: ByCode) -> ResponseReturnValue:
    """Whoever is not on the case does not learn which it is."""
    facts = statement_facts(uow, found.statement)
    may = access.may(Permission.STATEMENT_WITHDRAW, facts)
    if not may and not found.is_withdrawn:
        actions.ask_to_withdraw(uow, found)
    return render_template(
        "transcription/called.html",
        found=found,
        case=queries.case_code(uow, found.case) if facts.case.duties else "",
        sealed=words.moment_at(found.sealed),
        offer=offers.offer_of(facts, "withdraw") if may else None,
    )
