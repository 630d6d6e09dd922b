"""Pages of the case file."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.audit.acts import Act
from app.cases import actions, dispute, queries, staff_pages, staffing, words
from app.cases.desk import FOR_LEADS, IN_WORK, Choice, Group, Task, tasks
from app.cases.forms import CharterForm, ChoreForm, EntityForm, StaffForm
from app.cases.safeguards import findings
from app.cases.shapes import Settings
from app.cases.team import Beginning, Team, beginnings, shown_names, team_of
from app.cases.waiting import Wait, beside_statements, waits_of
from app.domain.duties import Duty
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.ids import NIL, EntityId
from app.domain.lifecycle import StatementState
from app.domain.register import Entity, Register
from app.policy.actor import Actor
from app.policy.facts import ANCHOR, CaseFacts
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.jobs import NO_WORKER
from app.web import preparing
from app.web.access import live_session, may, requires, services
from app.web.glyphs import STATEMENT_STATES
from app.web.opening import note_opening
from app.web.subjects import a_case, a_statement, case_facts

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
    teams = {case.id: team_of(uow, case.id) for case in mine if case.opens}
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
        waits_for=_who_is_waited_for(teams, found),
        waits=_waits(uow, mine, teams),
    )


def _chosen_state() -> StatementState | None:
    """An unknown word in the URL chooses nothing."""
    known = {state.value: state for state in StatementState}
    return known.get(request.args.get("state", ""))


def _chosen_case(mine: list[queries.MyCase]) -> UUID | None:
    return next((case.id for case in mine if case.id.hex == request.args.get("case")), None)


def _who_is_waited_for(teams: Mapping[UUID, Team], found: list[Task]) -> dict[UUID, tuple[str, ...]]:
    """Statement -> names of those who have it, or could go on with it."""
    waiting = [task for task in found if task.group is Group.WAITING]
    return {task.listed.id: task.waits_for(teams[task.case.id]) for task in waiting}


def _waits(
    uow: UnitOfWork, mine: list[queries.MyCase], teams: Mapping[UUID, Team]
) -> list[tuple[queries.MyCase, list[Wait]]]:
    """What waits besides the statements that the desk lists, case by case."""
    found = [
        (case, beside_statements(uow, case_facts(uow, case.id), teams[case.id]))
        for case in mine
        if case.id in teams
    ]
    return [(case, waits) for case, waits in found if waits]


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
        waits=waits_of(uow, case, team),
        worries=findings(team.members),
        me=uow.vault.holder.person,
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
        worries=findings(team.members),
        me=uow.vault.holder.person,
        **_for_a_lead(uow, case, team),
    )


def _for_a_lead(
    uow: UnitOfWork, case: CaseFacts, team: Team
) -> dict[str, list[str] | list[staffing.Candidate]]:
    """Who has the release key too late or too long, and who waits to be met: for those who can do something about it."""
    leads = Duty.LEAD in case.duties
    return {
        "keyless": staffing.publishers_without_key(uow, team.roster),
        "idle": staffing.idle_publishers(uow, case.id) if leads else [],
        "release_leads": staffing.release_key_leads(uow),
        "newcomers": staffing.newcomers(uow) if leads and not case.frozen else [],
    }


def a_disputed_case(uow: UnitOfWork, _actor: Actor, *, case: UUID) -> CaseFacts:
    return dispute.stopped_case(uow, case)


@bp.get("/cases/<uuid:case>/people/versions")
@requires(Permission.ROSTER_VIEW, a_disputed_case)
def people_versions(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    seen, stored = dispute.versions(uow, case.id)
    code, order = queries.code_of(uow, case.id), tuple(Duty)
    return render_template("cases/versions.html", code=code, seen=seen, stored=stored, order=order)


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
    return staff_pages.show_list(uow, case, _no_list_yet)


@bp.post("/cases/<uuid:case>/opening")
@requires(Permission.ROSTER_EDIT, a_case_to_open)
def open_case(_uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    def begin(own: UnitOfWork, form: StaffForm, duties: staffing.Duties) -> None:
        staffing.open_case(own, case.id, duties, Settings(form.title.data.strip(), form.purpose.data.strip()))

    return staff_pages.sign_list(case, _no_list_yet, begin)


def _no_list_yet(_uow: UnitOfWork) -> None:
    return None


# Who works on it


@bp.get("/cases/<uuid:case>/people/change")
@requires(Permission.ROSTER_EDIT, a_case)
def staff_page(uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    return staff_pages.show_list(uow, case, _list_of(case))


@bp.post("/cases/<uuid:case>/people/change")
@requires(Permission.ROSTER_EDIT, a_case)
def change_staff(_uow: UnitOfWork, _actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    def change(own: UnitOfWork, form: StaffForm, duties: staffing.Duties) -> None:
        staffing.change(own, case.id, bytes.fromhex(form.expected.data), duties)

    return staff_pages.sign_list(case, _list_of(case), change)


def _list_of(case: CaseFacts) -> staff_pages.Newest:
    return lambda uow: staffing.list_to_change(uow, case.id)


@bp.get("/cases/<uuid:case>/people/<uuid:person>/meeting")
@requires(Permission.ROSTER_EDIT, a_case)
def meeting_page(uow: UnitOfWork, _actor: Actor, case: CaseFacts, person: UUID) -> ResponseReturnValue:
    return staff_pages.show_meeting(uow, case, person)


@bp.post("/cases/<uuid:case>/people/<uuid:person>/meeting")
@requires(Permission.ROSTER_EDIT, a_case)
def meet(uow: UnitOfWork, _actor: Actor, case: CaseFacts, person: UUID) -> ResponseReturnValue:
    return staff_pages.sign_meeting(uow, case, person)


@bp.post("/cases/<uuid:case>/adoption")
@requires(Permission.CHORE_DO, a_case)
def adopt(uow: UnitOfWork, actor: Actor, case: CaseFacts) -> ResponseReturnValue:
    form = ChoreForm()
    if not form.validate_on_submit():
        raise InvalidInput({"chore": "unknown"})
    if form.chore.data == "renew-keys":
        actions.renew_keys(uow, case)
        return redirect(url_for("cases.view", case=case.id, done="saved"), HTTPStatus.SEE_OTHER)
    if form.chore.data == "prepare":
        return _prepared_on(uow, case)
    actions.take_over(uow, case, form.only)
    uow.commit()
    preparing.have_prepared(case.id, preparing.unprepared(uow, case.id))
    return redirect(_taken_over(uow, actor, case, form.only), HTTPStatus.SEE_OTHER)


def _prepared_on(uow: UnitOfWork, case: CaseFacts) -> ResponseReturnValue:
    """Hand files that lost their worker to another one."""
    stand = preparing.have_prepared(case.id, preparing.keyless(uow, case.id))
    waits_on = any(standing.reason == NO_WORKER for standing in stand.values())
    done = "no-worker" if waits_on else "saved"
    return redirect(url_for("cases.view", case=case.id, done=done), HTTPStatus.SEE_OTHER)


def _taken_over(uow: UnitOfWork, actor: Actor, case: CaseFacts, only: UUID | None) -> str:
    """Where work goes on: before the one statement, unless it was set apart for the lead or is none of this case."""
    with suppress(NotFound):
        if only and may(Permission.STATEMENT_OPEN, a_statement(uow, actor, statement=only)):
            return url_for("transcription.statement", statement=only, done="taken")
    return url_for("cases.view", case=case.id, done="taken")


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
