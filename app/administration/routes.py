"""Pages for administrators: codes, counts and times, never a title or a word of testimony."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.administration import queries, words
from app.audit.acts import Act
from app.policy.actor import Actor
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.web.access import requires, services

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
    )


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
    return render_template("administration/health.html", health=queries.health(uow, services().refusals))
