"""Pages for administrators: codes, counts and times, never a title or a word of testimony."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.administration import actions, queries, words
from app.administration.forms import RecoveryForm
from app.audit.acts import Act
from app.domain.capacity import UPLOAD_DAYS
from app.domain.duties import Role
from app.domain.errors import InvalidInput
from app.policy.actor import Actor
from app.policy.facts import PersonFacts, ProposalFacts
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.vault.proposals import Kind
from app.web.access import requires, services
from app.web.subjects import a_person, a_proposal

bp = Blueprint("administration", __name__, template_folder="templates")


@bp.context_processor
def _words() -> dict[str, object]:
    return {"words": words, "here": _here}


def _here(**changes: str | None) -> str:
    """The same page under other choices, which live in the URL; None takes one away."""
    kept = {name: value for name, value in request.args.items() if name not in {"choose", "verify"}}
    choices: dict[str, Any] = {**kept, **changes}
    return url_for(str(request.endpoint), **choices)


@bp.get("/administration")
@requires(Permission.PEOPLE_VIEW)
def overview(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    return render_template(
        "administration/overview.html",
        me=actor.person,
        people=queries.everybody(uow),
        cases=queries.chartered_cases(uow),
        openers=queries.openers(uow),
        waiting=queries.waiting(uow),
    )


@bp.get("/administration/people/<uuid:person>")
@requires(Permission.PEOPLE_VIEW, a_person)
def person(uow: UnitOfWork, actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    return render_template(
        "administration/person.html",
        profile=queries.profile(uow, person.id),
        me=actor.person,
        by_two=queries.can_be_seconded(uow, actor.person),
    )


@bp.post("/administration/people/<uuid:person>/roles/take")
@requires(Permission.PEOPLE_EDIT, a_person)
def take_role(uow: UnitOfWork, actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    uow.vault.people.take_role(person.id, _chosen_role(), actor.person)
    return redirect(
        url_for("administration.person", person=person.id, done="role-taken"), HTTPStatus.SEE_OTHER
    )


# What takes two


@bp.get("/administration/proposals")
@requires(Permission.PEOPLE_VIEW)
def proposals(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    return _proposals_page(uow, actor)


def _proposals_page(uow: UnitOfWork, actor: Actor, form: RecoveryForm | None = None) -> str:
    return render_template(
        "administration/proposals.html",
        matters=queries.matters(uow, actor.person),
        by_two=queries.can_be_seconded(uow, actor.person),
        form=_with_choices(uow, form or RecoveryForm(formdata=None)),
    )


def _with_choices(uow: UnitOfWork, form: RecoveryForm) -> RecoveryForm:
    form.case.choices = [("", "")] + [(case.id.hex, case.code) for case in queries.chartered_cases(uow)]
    form.receiver.choices = [("", "")] + [(each.id.hex, each.name) for each in queries.receivers(uow)]
    return form


@bp.post("/administration/people/<uuid:person>/propose")
@requires(Permission.PROPOSAL_MAKE, a_person)
def propose(uow: UnitOfWork, _actor: Actor, person: PersonFacts) -> ResponseReturnValue:
    """A role for somebody, or an administrator's account closed or opened again."""
    kind = request.form.get("kind", type=Kind)
    if kind is Kind.ROLE_GIVEN:
        uow.vault.proposals.propose(kind, person.id, _chosen_role().value)
    elif kind in {Kind.ADMINISTRATOR_SHUT_OUT, Kind.ADMINISTRATOR_LET_IN}:
        uow.vault.proposals.propose(kind, person.id)
    else:
        raise InvalidInput({"kind": "unknown"})
    return redirect(url_for("administration.proposals", done="proposed"), HTTPStatus.SEE_OTHER)


def _chosen_role() -> Role:
    role = request.form.get("role", type=Role)
    if role not in {Role.INTERVIEWER, Role.REVIEWER}:
        raise InvalidInput({"role": "unknown"})
    return role


@bp.post("/administration/recoveries")
@requires(Permission.PROPOSAL_MAKE)
def propose_recovery(uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    form = _with_choices(uow, RecoveryForm())
    if not form.validate():
        return _proposals_page(uow, actor, form), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.propose_recovery(uow, UUID(hex=form.case.data), form.secret.data, UUID(hex=form.receiver.data))
    return redirect(url_for("administration.proposals", done="proposed"), HTTPStatus.SEE_OTHER)


@bp.post("/administration/proposals/<uuid:proposal>/agree")
@requires(Permission.PROPOSAL_SECOND, a_proposal)
def agree(uow: UnitOfWork, actor: Actor, proposal: ProposalFacts) -> ResponseReturnValue:
    shut_out = actions.agree(uow, actor, proposal)
    if shut_out is not None:
        uow.after_commit.append(lambda: services().sessions.end_all(shut_out))
    done = "recovery-agreed" if proposal.act == Kind.RECOVERY else "agreed"
    return redirect(url_for("administration.proposals", done=done), HTTPStatus.SEE_OTHER)


@bp.post("/administration/proposals/<uuid:proposal>/withdraw")
@requires(Permission.PROPOSAL_MAKE)
def withdraw(uow: UnitOfWork, _actor: Actor, proposal: UUID) -> ResponseReturnValue:
    uow.vault.proposals.withdraw(proposal)
    return redirect(url_for("administration.proposals", done="proposal-withdrawn"), HTTPStatus.SEE_OTHER)


@bp.get("/administration/audit")
@requires(Permission.AUDIT_VIEW)
def audit(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    person, act = _chosen_person(), _chosen_act()
    choose = request.args.get("choose")
    return render_template(
        "administration/audit.html",
        page=queries.log_page(uow, request.args.get("before", 0, type=int), person, act),
        head=queries.chain_head(uow),
        verdict=queries.verdict(uow) if "verify" in request.args else None,
        person=person,
        act=act,
        people=queries.everybody(uow) if choose == "person" or person else [],
        acts=Act,
    )


def _chosen_person() -> UUID | None:
    """An id that is none chooses nothing."""
    return request.args.get("person", type=lambda text: UUID(hex=text))


def _chosen_act() -> Act | None:
    return request.args.get("act", type=Act)


@bp.get("/administration/health")
@requires(Permission.HEALTH_VIEW)
def health(uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    health = queries.health(uow, services().refusals)
    return render_template("administration/health.html", health=health, upload_days=UPLOAD_DAYS)
