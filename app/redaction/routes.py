"""Pages of redaction: the workspace, the text as the public will see it, and what is decided there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.domain.errors import Conflict, InvalidInput
from app.domain.ids import MarkId
from app.domain.lifecycle import StatementState
from app.domain.redaction import Action
from app.policy.actor import Actor
from app.policy.facts import StatementFacts
from app.policy.permissions import Permission
from app.redaction import actions, queries, words
from app.redaction.decisions import Decisions
from app.redaction.forms import MarkForm, PressForm
from app.redaction.places import Place, pieces_of, shown
from app.redaction.queries import Workspace
from app.redaction.suggestions import Suggestion, groups_of
from app.unit_of_work import UnitOfWork
from app.web.access import may, reasons_against, requires
from app.web.errors import reason_words
from app.web.glyphs import STATEMENT_STATES
from app.web.opening import note_opening
from app.web.pages import chosen_language
from app.web.subjects import a_statement

bp = Blueprint("redaction", __name__, template_folder="templates")

FINISHED: Final = frozenset({StatementState.REDACTED, StatementState.IN_APPROVAL, StatementState.APPROVED})
FORMS: Final = frozenset({"add", "change"})
"""What is decided with words; everything else is one press."""


@bp.context_processor
def _words() -> dict[str, object]:
    return {
        "words": words,
        "states": STATEMENT_STATES,
        "may": may,
        "Permission": Permission,
        "pieces_of": pieces_of,
        "shown": shown,
    }


@bp.get("/statements/<uuid:statement>/redaction")
@requires(Permission.REDACTION_VIEW, a_statement)
def workspace(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    space = _open(uow, statement)
    if request.args.get("public") == "1":
        return _public_page(uow, statement, space)
    return _page(uow, statement, space, at=request.args.get("at", ""))


@bp.post("/statements/<uuid:statement>/redaction/marks")
@requires(Permission.REDACTION_EDIT, a_statement)
def marks(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Add, take, change or remove; what was sent is shown again wherever it cannot be taken."""
    space = _open(uow, statement)
    form = MarkForm()
    form.offer(space.register)
    try:
        decisions = _decided(space, form)
        actions.save(uow, statement, space, decisions)
    except Conflict:
        return _page(uow, statement, space, _kept(space, form), clash=True), HTTPStatus.CONFLICT
    except InvalidInput as refusal:
        form.blame(refusal)
        faults = [words.problem(code) for code in refusal.problems.values()]
        kept = _kept(space, form)
        return _page(uow, statement, space, kept, faults=faults), HTTPStatus.UNPROCESSABLE_ENTITY
    anchor = actions.first_difference(space, decisions) or None
    return _back(statement, done="saved", _anchor=anchor)


def _kept(space: Workspace, form: MarkForm) -> MarkForm | None:
    """What was typed, ready to be sent again over the marks now in force; None after a mere press."""
    if form.do.data not in FORMS:
        return None
    is_there = any(mark.id.hex == form.mark.data for mark in space.decisions.marks)
    form.start_over(space.revision, is_gone=form.do.data == "change" and not is_there)
    return form


@bp.post("/statements/<uuid:statement>/redaction/finish")
@requires(Permission.REDACTION_EDIT, a_statement)
def finish(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Seal the text as the public will read it."""
    space = _open(uow, statement)
    form = PressForm()
    try:
        actions.check_revision(space, _revision(form))
        actions.finish(uow, statement, space)
    except Conflict:
        return _page(uow, statement, space, clash=True), HTTPStatus.CONFLICT
    except InvalidInput as refusal:
        faults = [words.problem(code) for code in refusal.problems.values()]
        return _page(uow, statement, space, faults=faults), HTTPStatus.UNPROCESSABLE_ENTITY
    return _back(statement, done="saved", public=1)


@bp.post("/statements/<uuid:statement>/redaction/approval")
@requires(Permission.REDACTION_EDIT, a_statement)
def send(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Ask somebody else to look at it."""
    actions.send_to_approval(uow, statement)
    return _back(statement, done="saved", public=1)


@bp.post("/statements/<uuid:statement>/redaction/approve")
@requires(Permission.STATEMENT_APPROVE, a_statement)
def approve(uow: UnitOfWork, _actor: Actor, statement: StatementFacts) -> ResponseReturnValue:
    """Let the redacted text that was on the screen be used in stories."""
    space = _open(uow, statement)
    actions.approve(uow, statement, space, _revision(PressForm()))
    return _back(statement, done="signed", public=1)


# What a form asks for


def _revision(form: PressForm) -> int:
    """InvalidInput where the form does not say which revision was on the screen."""
    if not isinstance(form.revision.data, int):
        raise InvalidInput({"revision": "missing"})
    return form.revision.data


def _decided(space: Workspace, form: MarkForm) -> Decisions:
    if request.form.get("do") not in FORMS:
        return _pressed(space, PressForm())
    actions.check_revision(space, _whole(form).revision.data)
    if form.do.data == "change":
        mark = _mark_id(form.mark.data)
        return actions.change(space, mark, form.decision(), everywhere=form.everywhere.data)
    return actions.add(space, _spans(space, form), form.decision())


def _whole(form: MarkForm) -> MarkForm:
    if not form.validate_on_submit():
        raise InvalidInput({})
    return form


def _spans(space: Workspace, form: MarkForm) -> list[actions.Span]:
    span = form.span()
    if span is None:
        return actions.find_words(space, form.words.data or "", everywhere=form.everywhere.data)
    if form.words.data and not actions.are_words_at(space, span, form.words.data):
        raise InvalidInput({"words": "other-words"})
    return actions.everywhere_like(space, span) if form.everywhere.data else [span]


def _pressed(space: Workspace, form: PressForm) -> Decisions:
    actions.check_revision(space, _revision(form))
    everywhere = bool(form.everywhere.data)
    match form.do.data:
        case "take":
            return actions.take(space, form.place.data, action=form.chosen_action(), everywhere=everywhere)
        case "take-all":
            return actions.take_all(space)
        case "set" if (action := form.chosen_action()) is not None:
            return actions.set_action(space, _mark_id(form.mark.data), action, everywhere=everywhere)
        case "remove":
            return actions.remove(space, _mark_id(form.mark.data), everywhere=everywhere)
        case "drop":
            return actions.drop_lost(space, _mark_id(form.mark.data))
        case _:
            raise InvalidInput({"do": "unknown"})


def _mark_id(text: str) -> MarkId:
    try:
        return MarkId(UUID(hex=text))
    except ValueError as error:
        raise InvalidInput({"mark": "gone"}) from error


# Pages


@dataclass(frozen=True)
class _Chosen:
    """The place that a person stands on; `alike`: how many places one decision would serve."""

    id: str
    place: Place
    language: str
    alike: int


def _open(uow: UnitOfWork, statement: StatementFacts) -> Workspace:
    for act, record in queries.openings(uow, statement):
        note_opening(uow, act, statement.case.id, record)
    return queries.read_workspace(uow, statement)


def _page(
    uow: UnitOfWork,
    statement: StatementFacts,
    space: Workspace,
    form: MarkForm | None = None,
    **more: Any,
) -> str:
    """`at`: id of the place to stand on; `clash`: somebody saved in between; `faults`: sentences."""
    at = more.pop("at", "") or (form.mark.data if form else "")
    places = space.places
    place = next((each for found in places.values() for each in found if at in each.ids), None)
    groups = groups_of(space.suggestions)
    return render_template(
        "redaction/workspace.html",
        **_head(uow, statement, space),
        places=places,
        at=_chosen(space, groups, at, place) if place else None,
        form=form or _fresh_form(space, place),
        is_kept=form is not None,
        groups=groups,
        rows=_rows(space, place),
        **more,
    )


def _chosen(space: Workspace, groups: list[list[Suggestion]], at: str, place: Place) -> _Chosen:
    if place.marks:
        alike = len(actions.alike(space, place.marks[0].id))
    else:
        alike = next(len(group) for group in groups if place.suggestions[0] in group)
    return _Chosen(at, place, space.passage(place.target).language, alike)


def _fresh_form(space: Workspace, place: Place | None) -> MarkForm:
    """Ready for new words, or for deciding anew about the place that a person stands on."""
    form = MarkForm(formdata=None)
    form.offer(space.register)
    if place is not None and place.marks:
        mark = place.marks[0]
        form.fill(mark, actions.words_of(space, mark))
    elif place is not None:
        form.fill_suggested(place.suggestions[0])
    if request.args.get("action") in set(Action):
        form.action.data = request.args["action"]
    form.revision.data = space.revision
    return form


def _rows(space: Workspace, place: Place | None) -> list[dict[str, object]]:
    """The register's entries that occur here, the most frequent first."""
    counts = actions.counts_of(space)
    here = place.entities if place else set()
    found = [entity for entity in space.register.entities if entity.id in counts]
    languages = {passage.language for passage in space.passages} | {chosen_language()}
    return [
        {
            "entity": entity,
            "shown": [pair for pair in entity.pseudonyms if pair[0] in languages],
            "count": counts[entity.id],
            "current": entity.id in here,
        }
        for entity in sorted(found, key=lambda entity: (-counts[entity.id], entity.canonical))
    ]


def _public_page(uow: UnitOfWork, statement: StatementFacts, space: Workspace) -> str:
    """Nothing of what is hidden goes into this page: no entry, no mark, no word of the original."""
    redacted = queries.read_redacted(uow, statement)
    texts = space.public_texts()
    return render_template(
        "redaction/public.html",
        **_head(uow, statement, space),
        texts=texts,
        redacted=redacted,
        is_current=redacted is not None and redacted.targets == texts,
    )


def _head(uow: UnitOfWork, statement: StatementFacts, space: Workspace) -> dict[str, object]:
    head = queries.read_head(uow, statement)
    return {
        "statement": statement,
        "space": space,
        "head": head,
        "sealed_at": _moment(head.sealed or head.received),
        "saved_at": _moment(space.saved_at) if space.saved_at else None,
        "is_finished": head.standing.state in FINISHED,
        "cannot": _cannot(statement),
    }


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _cannot(statement: StatementFacts) -> dict[str, str]:
    """Permission -> why not, for whoever is looking; nothing where they may."""
    asked = (Permission.REDACTION_EDIT, Permission.STATEMENT_APPROVE)
    reasons = {permission.value: reasons_against(permission, statement) for permission in asked}
    return {permission: reason_words(codes[0]) for permission, codes in reasons.items() if codes}


def _back(statement: StatementFacts, **more: Any) -> ResponseReturnValue:
    target = url_for("redaction.workspace", statement=statement.id, **more)
    return redirect(target, HTTPStatus.SEE_OTHER)
