"""What every template may rely on: language, direction, who is looking, ways to go, static files, notices."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Flask, current_app, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from app.domain.duties import Role
from app.policy.actor import ANONYMOUS, Actor
from app.policy.permissions import Permission
from app.unit_of_work import UnitOfWork
from app.web import csrf, headers, locale
from app.web.access import requires
from app.web.onward import onward

bp = Blueprint("web", __name__, template_folder="templates", static_folder=None)

ZONE: Final[tzinfo] = UTC

STATEMENTS: Final = "/statements"
"""Where statements have their pages; among the ways, they stand under their cases."""

OWN_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Visible ASCII but the backslash: browsers take tabs and line ends out of an address before they look at its slashes."""

NOTICES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "saved": lazy("Saved and sealed."),
        "sent": lazy("Sealed. You cannot open it any more; the case's readers can."),
        "signed": lazy("Signed."),
        "published": lazy("Published. Everybody can read it now."),
        "withdrawn": lazy("Withdrawn. Its page is gone."),
        "held": lazy("On hold."),
        "signed-out": lazy("You are signed out."),
        "everywhere": lazy("You are signed out everywhere."),
        "confirmed": lazy("Second factor accepted."),
        "taken": lazy("Taken over."),
        "chartered": lazy("Signed. Its lead opens it next, and puts people on it."),
        "vouched": lazy("Signed. Your voice stands for their card now."),
        "words-changed": lazy("Your new words hold. You are signed out everywhere."),
        "factor-changed": lazy("Your new second factor holds. You are signed out everywhere but here."),
        "return-stopped": lazy("Stopped. That recovery code is of no use for seven days."),
        "shut-out": lazy(
            "Their account is closed, and every session of it ended. Leads take them off their cases."
        ),
        "let-in": lazy("Their account is open again."),
        "added": lazy("Sealed beside your statement. You cannot open it any more; the case's readers can."),
        "proposed": lazy("Signed. Another administrator must agree before anything happens."),
        "agreed": lazy("Agreed, and done."),
        "recovery-agreed": lazy("Agreed. For seven days the trustees can open their shares for this person."),
        "proposal-withdrawn": lazy("Taken back. Nothing was changed."),
        "role-taken": lazy("Taken from them. Leads take them off their cases."),
        "discarded": lazy("Discarded. Nobody can bring it back."),
        "log-altered": lazy(
            "Since you were last here, entries of the log were altered or taken away. What you read is what was sealed; "
            "who else read it may be hidden. Tell an administrator: the audit page names the first entry."
        ),
        "no-worker": lazy(
            "Nothing was begun: no worker is running. Ask whoever runs this server, then try again."
        ),
        "link-withdrawn": lazy("Taken back. The link is of no use to anybody."),
    }
)
"""Said after a redirect: `?done=<code>`; an unknown code says nothing."""


@dataclass(frozen=True)
class Viewer:
    """Who is looking. `nav`: (label, href, whether it is where they are)."""

    name: str
    nav: tuple[tuple[str, str, bool], ...]


def register(app: Flask) -> None:
    Babel(
        app,
        locale_selector=chosen_language,
        default_translation_directories=str(Path(__file__).parent.parent / "translations"),
    )
    app.context_processor(_context)
    app.jinja_env.globals.update(  # macros see globals only
        csrf_token=csrf.token, static_url=static_url, allow_worker=headers.allow_worker, onward=onward
    )
    app.jinja_env.filters.update(locale.filters(chosen_language, lambda: datetime.now(UTC), ZONE))
    app.register_blueprint(bp)


def chosen_language() -> str:
    cookie = request.cookies.get(language_cookie())
    return locale.choose(cookie, request.headers.get("Accept-Language"))


def language_cookie() -> str:
    return locale.COOKIE if not current_app.extensions["vouchsafe"].config.demo else "demo-lang"


def _context() -> dict[str, object]:
    language = chosen_language()
    return {
        "locale": language,
        "direction": locale.direction(language),
        "viewer": _viewer(),
        "demo": current_app.extensions["vouchsafe"].installation.demo,
        "leave_url": url_for("accounts.leave"),
        "languages": [
            (code, name, url_for("web.language"), code == language) for code, name in locale.LANGUAGES.items()
        ],
        "now": datetime.now(UTC),
        "notice": str(NOTICES.get(request.args.get("done", ""), "")),
    }


def _viewer() -> Viewer | None:
    actor: Actor = g.get("actor", ANONYMOUS)
    if not actor.is_signed_in:
        return None
    ways = _ways(actor)
    path = url_for("cases.index") if request.path.startswith(STATEMENTS) else request.path
    here = max((url for _label, url in ways if path.startswith(url)), key=len, default="")
    return Viewer(g.name, tuple((label, url, url == here) for label, url in ways))


def _ways(actor: Actor) -> list[tuple[str, str]]:
    if Role.ADMINISTRATOR in actor.roles:
        return [
            (_("Overview"), url_for("administration.overview")),
            (_("Audit"), url_for("administration.audit")),
            (_("Health"), url_for("administration.health")),
        ]
    ways = []
    if Role.REVIEWER in actor.roles:
        ways += [
            (_("Desk"), url_for("cases.desk")),
            (_("Cases"), url_for("cases.index")),
            (_("Stories"), url_for("release.index")),
        ]
    if Role.INTERVIEWER in actor.roles:
        ways.append((_("Notebook"), url_for("intake.home")))
    if actor.vouched:
        ways.append((_("People"), url_for("enrolment.people")))
    return ways


def static_url(path: str) -> str:
    """The address of a static file, with a mark of its bytes, so that it may be kept for ever."""
    return url_for("static", filename=path, v=_mark(Path(str(current_app.static_folder)) / path))


@lru_cache(256)
def _mark(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


@bp.get("/")
@requires(Permission.PUBLIC)
def home(_uow: UnitOfWork, actor: Actor) -> ResponseReturnValue:
    """Where each person's work begins."""
    return redirect(url_for(_beginning(actor), done=request.args.get("done")))


def _beginning(actor: Actor) -> str:
    if not actor.is_signed_in:
        return "accounts.sign_in"
    if not actor.vouched:
        return "accounts.own"  # where the numbers stand that somebody must compare
    if Role.ADMINISTRATOR in actor.roles:
        return "administration.overview"
    return "cases.desk" if Role.REVIEWER in actor.roles else "intake.home"


@bp.post("/language")
@requires(Permission.LANGUAGE_CHOOSE)
def language(_uow: UnitOfWork, _actor: Actor) -> ResponseReturnValue:
    answer = make_response(redirect(own_path(request.form.get("back", "/"))))
    chosen = request.form.get("lang", "")
    if chosen in locale.LANGUAGES:
        secure = not current_app.extensions["vouchsafe"].config.demo
        answer.set_cookie(
            language_cookie(), chosen, secure=secure, httponly=True, samesite="Strict", path="/"
        )
    return answer


def own_path(back: str) -> str:
    """A path on this site and nothing else, so that nobody is led away."""
    return back if OWN_PATH.fullmatch(back) else "/"
