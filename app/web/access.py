"""The one access check: who asks, about what, may they; then act, commit, answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from http import HTTPStatus
from inspect import Parameter, signature
from typing import Any, Final, TypeVar
from uuid import UUID

from flask import Flask, Response, current_app, g, make_response, request
from flask.typing import ResponseReturnValue

from app.audit.acts import Act
from app.audit.log import Note
from app.domain.duties import Role
from app.domain.errors import Forbidden, Frozen, NotFound, NotSignedIn, Tampered, VouchsafeError
from app.domain.ids import PersonId
from app.policy.actor import ANONYMOUS, Actor
from app.policy.facts import NOTHING, Facts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.services import Services
from app.unit_of_work import UnitOfWork
from app.vault.people import Account
from app.vault.sessions import Session
from app.web import csrf, session

CONFIRMED_SECONDS: Final = 10 * 60
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
REQUIREMENT: Final = "vouchsafe_requirement"

Loader = Callable[..., Facts]
"""`load(uow, actor, *, <the URL's own names>) -> Facts`; NotFound where there is nothing the person may know of."""

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True)
class Requirement:
    """What a route declares. `own_token`: the form carries a capsule, which stands in for the form token."""

    permission: Permission
    load: Loader | None = None
    own_token: bool = False

    @cached_property
    def consumes(self) -> tuple[str, ...]:
        """Names of the URL that the loader takes; the view is handed the checked subject in their place."""
        if self.load is None:
            return ()
        parameters = signature(self.load).parameters.values()
        return tuple(parameter.name for parameter in parameters if parameter.kind is Parameter.KEYWORD_ONLY)


def requires(
    permission: Permission, load: Loader | None = None, *, own_token: bool = False
) -> Callable[[View], Any]:
    """Declare what a route requires. The view is called as `view(uow, actor[, subject], **rest of the URL)`."""
    requirement = Requirement(permission, load, own_token)

    def declare(view: View) -> Any:
        @wraps(view)
        def guarded(**url: Any) -> ResponseReturnValue:
            return _run(requirement, view, url)

        setattr(guarded, REQUIREMENT, requirement)
        return guarded

    return declare


def requirement_of(view: Callable[..., Any]) -> Requirement | None:
    return getattr(view, REQUIREMENT, None)


def check_declarations(app: Flask) -> None:
    """Raises RuntimeError, so that the app does not start, if any route declares no requirement."""
    undeclared = sorted(name for name, view in app.view_functions.items() if requirement_of(view) is None)
    if undeclared:
        raise RuntimeError(f"routes without a declared permission: {', '.join(undeclared)}")


def services() -> Services:
    found: Services = current_app.extensions["vouchsafe"]
    return found


def live_session() -> Session | None:
    """The session of this request, as the access check found it."""
    found: Session | None = g.get("live_session")
    return found


def _run(
    requirement: Requirement, view: Callable[..., ResponseReturnValue], url: dict[str, Any]
) -> ResponseReturnValue:
    live = session.resume(services())
    uow = services().unit_of_work(live)
    g.uow, g.live_session, g.actor = uow, live, ANONYMOUS
    try:
        actor = g.actor = _actor(uow, live)
        subject = _admit(requirement, uow, actor, live, url)
        answer = make_response(_call(requirement, view, uow, actor, subject, url))
        uow.commit()
    except (Forbidden, NotFound):
        _record_refusal(g.actor, requirement.permission, url)
        raise
    finally:
        uow.end()
    return answer


def _admit(
    requirement: Requirement, uow: UnitOfWork, actor: Actor, live: Session | None, url: Mapping[str, Any]
) -> Facts:
    """Everything that must hold before a view runs; the subject's facts."""
    if actor.is_signed_in and "prefetch" in request.headers.get("Sec-Purpose", ""):
        raise Forbidden("prefetch")
    if request.method not in SAFE_METHODS and not requirement.own_token:
        csrf.check(live)
    subject: Facts = NOTHING
    if requirement.load is not None:
        if not actor.is_signed_in:
            raise NotSignedIn
        subject = requirement.load(uow, actor, **{name: url[name] for name in requirement.consumes})
    enforce(requirement.permission, actor, subject)
    return subject


def _call(
    requirement: Requirement,
    view: Callable[..., ResponseReturnValue],
    uow: UnitOfWork,
    actor: Actor,
    subject: Facts,
    url: Mapping[str, Any],
) -> ResponseReturnValue:
    rest = {name: value for name, value in url.items() if name not in requirement.consumes}
    if requirement.load is None:
        return view(uow, actor, **rest)
    return view(uow, actor, subject, **rest)


def _actor(uow: UnitOfWork, live: Session | None) -> Actor:
    if live is None:
        return ANONYMOUS
    account = uow.vault.people.account(live.holder.person)
    if account.disabled or account.card != live.holder.card:
        return ANONYMOUS
    g.name = account.name  # pages say it even when the database has gone meanwhile
    administers, vouched = _standing(uow, account)
    roles = {Role.ADMINISTRATOR} if administers else account.roles - {Role.ADMINISTRATOR}
    return Actor(
        person=PersonId(live.holder.person),
        roles=frozenset(roles),
        vouched=vouched,
        confirmed=uow.clock() - live.confirmed <= CONFIRMED_SECONDS,
    )


def _standing(uow: UnitOfWork, account: Account) -> tuple[bool, bool]:
    """Whether the organisation key certified somebody's card, or one that it succeeds, as an administrator's; whether it is vouched for.

    Who has no trust book, or one that was altered, still signs out and sees their own card; whatever needs
    the book refuses by itself.
    """
    try:
        trust = uow.vault.trust
        trust.hand(account.card, account.card_object)
        vouched = trust.is_vouched(account.card)
        return vouched and trust.is_administrator(account.card), vouched
    except (Frozen, Tampered):
        return False, False


def _record_refusal(actor: Actor, permission: Permission, url: Mapping[str, Any]) -> None:
    """A refusal lands on its own. Anonymous ones would let a stranger fill the log, so they are counted instead."""
    if not actor.is_signed_in:
        return
    refused = services().unit_of_work()
    record = next((value for value in url.values() if isinstance(value, UUID)), None)
    refused.audit.note(Note(Act.REFUSED, actor.person, record=record, note=permission.value))
    try:
        refused.commit()
    finally:
        refused.end()


def count_refusal(response: Response) -> Response:
    """What was refused to nobody known: a number by the minute for the administrators, no line and no address."""
    known: Actor = g.get("actor", ANONYMOUS)
    if response.status_code in REFUSED and not known.is_signed_in:
        services().refusals.add(services().clock())
    return response


def may(permission: Permission, facts: Facts = NOTHING) -> bool:
    """Whether the person at the screen may, for what a page offers; the route asks again."""
    try:
        enforce(permission, g.actor, facts)
    except VouchsafeError:
        return False
    return True


def reasons_against(permission: Permission, facts: Facts = NOTHING) -> tuple[str, ...]:
    """Why not, as reason codes, for the "you cannot, because" list; nothing where they may."""
    try:
        enforce(permission, g.actor, facts)
    except Forbidden as refusal:
        return refusal.reasons
    except VouchsafeError as refusal:
        return (refusal.code,)
    return ()
