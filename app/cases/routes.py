"""Pages of the case file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.audit.acts import Act
from app.cases import actions, queries, staffing, words
from app.cases.desk import FOR_LEADS, IN_WORK, Choice, Group, Task, tasks
from app.cases.forms import CharterForm, ChoreForm, EntityForm, StaffForm
from app.cases.shapes import Settings
from app.cases.team import Beginning, beginnings, shown_names, team_of
from app.domain.duties import Duty
from app.domain.errors import Conflict, InvalidInput
from app.domain.ids import NIL, EntityId
from app.domain.lifecycle import StatementState
from app.domain.register import Entity, Register
from app.policy.actor import Actor
from app.policy.facts import ANCHOR, CaseFacts
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.trust import VerifiedRoster
from app.web.access import live_session, may, requires, services
from app.web.glyphs import STATEMENT_STATES
from app.web.opening import note_opening
from app.web.subjects import a_case

bp = Blueprint("cases", __name__, template_folder="templates")


@bp.context_processor
def _words() -> dict[str, object]:
    return {
        "words": words,
        "states": STATEMENT_STATES,
        "may": may,
        "Permission": Permission,
        "here": _here,
        "anchor": ANCHOR,
    }


def _here(**changes: str | None) -> str:
    """The same page under other choices, which live in the URL; None takes one away."""
    kept = {name: value for name, value in request.args.items() if name not in {"choose", "done"}}
    choices: dict[str, Any] = {**(request.view_args or {}), **kept, **changes}
    return url_for(str(request.endpoint), **choices)


def _ways(name: str, everything: str, options: Iterable[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """What one word of the filter sentence may be instead: (label, address, whether it is so now)."""
    chosen = request.args.get(name)
    page = {"after": None, "before": None}
    first = (everything, _here(**{name: None}, **page), chosen is None)
    return [first, *((label, _here(**{name: value}, **page), value == chosen) for value, label in options)]


def _state_ways(states: Iterable[StatementState]) -> list[tuple[str, str, bool]]:
    options = [(state.value, str(STATEMENT_STATES[state.value].word)) for state in states]
    return _ways("state", _("every state"), options)


# Desk


@bp.get("/desk")
@requires(Permission.DESK_VIEW)
def desk(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    mine = queries.my_cases(uow)
    choice = Choice(_chosen_state(), _chosen_case(mine), request.args.get("language") or None)
    found = tasks(uow, mine, choice)
    spoken = sorted({code for task in found if task.listed.line for code in task.listed.line.languages})
    ways = {
        "state": _state_ways((*IN_WORK, *FOR_LEADS)),
        "case": _ways("case", _("all cases"), [(case.id.hex, case.code) for case in mine if case.opens]),
        "language": _ways(
            "language", _("any language"), [(code, words.language_name(code)) for code in spoken]
        ),
    }
    return render_template(
        "cases/desk.html",
        cases=mine,
        choice=choice,
        groups={group: [task for task in found if task.group is group] for group in Group},
        ways=ways,
        waits_for=_who_is_waited_for(uow, found),
    )


def _chosen_state() -> StatementState | None:
    """An unknown word in the URL chooses nothing."""
    known = {state.value: state for state in StatementState}
    return known.get(request.args.get("state", ""))


def _chosen_case(mine: list[queries.MyCase]) -> UUID | None:
    return next((case.id for case in mine if case.id.hex == request.args.get("case")), None)


def _who_is_waited_for(uow: UnitOfWork, found: list[Task]) -> dict[UUID, tuple[str, ...]]:
    """Statement -> names of those who have it, or could go on with it."""
    waiting = [task for task in found if task.group is Group.WAITING]
    teams = {case: team_of(uow, case) for case in {task.case.id for task in waiting}}
    return {task.listed.id: task.waits_for(teams[task.case.id]) for task in waiting}


# Cases


@bp.get("/cases")
@requires(Permission.DESK_VIEW)
def index(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    return render_template("cases/index.html", cases=queries.my_cases(uow), order=tuple(Duty))


@bp.get("/cases/<uuid:case>")
@requires(Permission.CASE_VIEW, a_case)
def view(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    state, team = _chosen_state(), team_of(uow, case.id)
    page = queries.statements_page(uow, case, state, _place("after"), _place("before"))
    return render_template(
        "cases/view.html",
        case=case,
        code=queries.code_of(uow, case.id),
        settings=queries.settings_of(uow, case.id),
        state=state,
        ways={"state": _state_ways(StatementState)},
        page=page,
        team=team,
        chores=queries.chores_of(uow, case, team),
        order=tuple(Duty),
    )


def _granters(uow: UnitOfWork, begun: Mapping[bytes, Beginning]) -> dict[bytes, str]:
    """Card that signed -> the name of whose it is."""
    people = {card: uow.vault.trust.card(card).person for card in {start.granter for start in begun.values()}}
    names = shown_names(uow, set(people.values()))
    return {card: names[person] for card, person in people.items()}


def _place(name: str) -> queries.Place | None:
    text = request.args.get(name)
    return queries.Place.parse(text) if text else None


@bp.get("/cases/<uuid:case>/people")
@requires(Permission.ROSTER_VIEW, a_case)
def people(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    team = team_of(uow, case.id)
    begun = beginnings(uow, team)
    return render_template(
        "cases/people.html",
        case=case,
        code=queries.code_of(uow, case.id),
        team=team,
        begun=begun,
        granters=_granters(uow, begun),
        digits={member.card: uow.vault.people.digits_of(member.card) for member in team.members},
        order=tuple(Duty),
        keyless=staffing.publishers_without_key(uow, team.roster),
    )


# Beginning a case


@bp.get("/administration/charter")
@requires(Permission.CASE_CHARTER)
def charter_page(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    return _charter_page(CharterForm(formdata=None), staffing.leaders(uow))


@bp.post("/administration/charter")
@requires(Permission.CASE_CHARTER)
def charter(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    form, leaders = CharterForm(), staffing.leaders(uow)
    form.lead.choices = _lead_choices(leaders)
    if not form.validate():
        return _charter_page(form, leaders), HTTPStatus.UNPROCESSABLE_ENTITY
    own = services().unit_of_work(live_session())
    try:
        staffing.charter(own, form.code.data, UUID(form.lead.data))
        own.commit()
    except Conflict:
        form.code.errors = [_("Another case has this code. Choose one that is free.")]
        return _charter_page(form, leaders), HTTPStatus.CONFLICT
    finally:
        own.end()
    return redirect(url_for("administration.overview", done="chartered"), HTTPStatus.SEE_OTHER)


def _charter_page(form: CharterForm, leaders: list[tuple[UUID, str]]) -> str:
    form.lead.choices = _lead_choices(leaders)
    return render_template("cases/charter.html", form=form, leaders=leaders)


def _lead_choices(leaders: list[tuple[UUID, str]]) -> list[SelectChoice]:
    return [SelectChoice(person.hex, name) for person, name in leaders]


def a_case_to_open(uow: UnitOfWork, _actor: Actor, *, case: UUID) -> CaseFacts:
    return staffing.chartered_lead(uow, case)


@bp.get("/cases/<uuid:case>/opening")
@requires(Permission.ROSTER_EDIT, a_case_to_open)
def opening_page(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    return _staff_page(uow, case, StaffForm(formdata=None), None)


@bp.post("/cases/<uuid:case>/opening")
@requires(Permission.ROSTER_EDIT, a_case_to_open)
def open_case(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    def begin(own: UnitOfWork, form: StaffForm, duties: staffing.Duties) -> None:
        staffing.open_case(own, case.id, duties, Settings(form.title.data.strip(), form.purpose.data.strip()))

    return _staffed(uow, case, None, begin)


# Who works on it


@bp.get("/cases/<uuid:case>/people/change")
@requires(Permission.ROSTER_EDIT, a_case)
def staff_page(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    return _staff_page(uow, case, StaffForm(formdata=None), uow.vault.trust.roster(case.id))


@bp.post("/cases/<uuid:case>/people/change")
@requires(Permission.ROSTER_EDIT, a_case)
def change_staff(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    def change(own: UnitOfWork, form: StaffForm, duties: staffing.Duties) -> None:
        staffing.change(own, case.id, bytes.fromhex(form.expected.data), duties)

    return _staffed(uow, case, uow.vault.trust.roster(case.id), change)


def _staffed(
    uow: UnitOfWork,
    case: CaseFacts,
    roster: VerifiedRoster | None,
    sign: Callable[[UnitOfWork, StaffForm, staffing.Duties], None],
) -> ResponseReturnValue:
    """Signs in work of its own, so that a list which came too late leaves nothing staged."""
    form, choices = StaffForm(), request.form.getlist("duty")
    looked_at = roster.digest.hex() if roster else ""
    if form.expected.data != looked_at:
        return _staff_page(uow, case, form, roster, choices, moved=True), HTTPStatus.CONFLICT
    own = services().unit_of_work(live_session())
    try:
        if not form.validate():
            return _staff_page(uow, case, form, roster, choices), HTTPStatus.UNPROCESSABLE_ENTITY
        sign(own, form, staffing.chosen(choices, staffing.candidates(uow, roster)))
        own.commit()
    except InvalidInput as refusal:
        problem = refusal.problems.get("duties", "")
        return _staff_page(uow, case, form, roster, choices, problem=problem), HTTPStatus.UNPROCESSABLE_ENTITY
    finally:
        own.end()
    return redirect(url_for("cases.people", case=case.id, done="signed"), HTTPStatus.SEE_OTHER)


def _staff_page(
    uow: UnitOfWork,
    case: CaseFacts,
    form: StaffForm,
    roster: VerifiedRoster | None,
    choices: Sequence[str] | None = None,
    *,
    moved: bool = False,
    problem: str = "",
) -> str:
    """`choices`: what was ticked. A list that somebody else signed meanwhile stands beside it, never under it."""
    form.expected.data = roster.digest.hex() if roster else ""
    known = staffing.candidates(uow, roster)
    in_force = {each.choice(duty) for each in known for duty in each.duties}
    return render_template(
        "cases/staff.html",
        case=case,
        code=queries.code_of(uow, case.id),
        form=form,
        candidates=known,
        ticked=in_force if choices is None else set(choices),
        in_force=in_force,
        is_new=roster is None,
        me=uow.vault.holder.card,
        moved=moved,
        problem=problem,
        order=tuple(Duty),
    )


@bp.post("/cases/<uuid:case>/adoption")
@requires(Permission.CHORE_DO, a_case)
def adopt(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    form = ChoreForm()
    if not form.validate_on_submit():
        raise InvalidInput({"chore": "unknown"})
    if form.chore.data == "renew-keys":
        actions.renew_keys(uow, case)
        return redirect(url_for("cases.view", case=case.id, done="saved"), HTTPStatus.SEE_OTHER)
    actions.take_over(uow, case)
    return redirect(url_for("cases.view", case=case.id, done="taken"), HTTPStatus.SEE_OTHER)


# Register


@bp.get("/cases/<uuid:case>/register")
@requires(Permission.REGISTER_VIEW, a_case)
def register(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    kept = _opened_register(uow, case)
    form = EntityForm(formdata=None)
    form.look_at(kept.revision)
    entry = _entry(kept.register, request.args.get("entry", ""))
    if entry is not None:
        form.fill(entry)
    return _register_page(uow, case, kept, form, entry)


@bp.post("/cases/<uuid:case>/register")
@requires(Permission.REGISTER_EDIT, a_case)
def change_register(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    form = EntityForm()
    if not form.validate():
        raise InvalidInput(dict.fromkeys(form.errors, "wrong-value"))
    kept = _opened_register(uow, case)
    entry = _entry(kept.register, form.entry.data)
    try:
        changed = _changed(kept.register, form, entry)
    except InvalidInput as refusal:
        form.blame(refusal)
        return _register_page(uow, case, kept, form, entry), HTTPStatus.UNPROCESSABLE_ENTITY
    if form.revision.data != kept.revision:
        return _both_versions(uow, case, kept, form, entry)
    actions.save_register(uow, case, changed, kept.revision)
    return redirect(url_for("cases.register", case=case.id, done="saved"), HTTPStatus.SEE_OTHER)


def _opened_register(uow: UnitOfWork, case: CaseFacts) -> actions.KeptRegister:
    note_opening(uow, Act.REGISTER_OPENED, case.id, case.id)
    return actions.open_register(uow, case)


def _entry(known: Register, name: str | None) -> Entity | None:
    """The entry with an id as a URL or a form writes it."""
    return next((entity for entity in known.entities if entity.id.hex == name), None)


def _changed(known: Register, form: EntityForm, entry: Entity | None) -> Register:
    if request.form.get("act") == "remove":
        return known.without(entry.id if entry else EntityId(NIL))
    return known.with_entity(form.entity(entry))


def _both_versions(
    uow: UnitOfWork, case: CaseFacts, kept: actions.KeptRegister, form: EntityForm, entry: Entity | None
) -> ResponseReturnValue:
    """409: what was typed stays in the form, what is in force stands beside it; saving again is a decision."""
    form.look_at(kept.revision)
    return _register_page(uow, case, kept, form, entry, conflict=True), HTTPStatus.CONFLICT


def _register_page(
    uow: UnitOfWork,
    case: CaseFacts,
    kept: actions.KeptRegister,
    form: EntityForm,
    entry: Entity | None,
    *,
    conflict: bool = False,
) -> str:
    return render_template(
        "cases/register.html",
        case=case,
        code=queries.code_of(uow, case.id),
        kept=kept,
        form=form,
        entry=entry,
        conflict=conflict,
    )
