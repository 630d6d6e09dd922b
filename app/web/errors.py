"""Every error as a page: what happened, what is safe, what to do next; never a word of testimony, never a trace."""

import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from werkzeug.exceptions import HTTPException

from app.domain.duties import Role
from app.domain.errors import (
    Conflict,
    CryptoError,
    Forbidden,
    Frozen,
    InvalidInput,
    MissingScope,
    NotConfirmed,
    NotFound,
    NotSignedIn,
    Tampered,
    TooLarge,
    TooManyAttempts,
    Unavailable,
    VouchsafeError,
)
from app.policy.actor import ANONYMOUS
from app.web import csrf, session

log = logging.getLogger("vouchsafe")

QUICK_EXIT: Final = "accounts.leave"

NOTHING_CHANGED: Final = lazy("Nothing was changed, and nothing was lost.")
SEALED_IS_SAFE: Final = lazy("What was sealed before is safe.")


@dataclass(frozen=True)
class Words:
    """What a person reads: what happened, what is safe."""

    what: LazyString
    safe: LazyString = NOTHING_CHANGED


REASONS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "not-signed-in": lazy("Sign in first."),
        "not-an-interviewer": lazy("Only interviewers do this."),
        "not-a-reviewer": lazy("Only reviewers do this."),
        "not-an-administrator": lazy("Only administrators do this."),
        "administrator-by-two": lazy("No administrator is shut out by one alone."),
        "you-proposed-it": lazy("You proposed this, so another administrator must agree to it."),
        "no-second-administrator": lazy(
            "This takes two administrators. There is only one, so it stays closed. "
            "The organisation key can certify another."
        ),
        "receiver-not-vouched": lazy(
            "Nobody has vouched for this person's card, so no key can be sealed to it."
        ),
        "administrators-never": lazy("Administrators never read or approve. That is on purpose."),
        "not-vouched": lazy(
            "Nobody has vouched for your card yet. Read its digits to a colleague who knows your face or your voice."
        ),
        "not-confirmed": lazy("Show your second factor again first."),
        "lacks-duty": lazy("You have another duty on this case. The lead gives duties."),
        "case-frozen": lazy("This case is stopped until its lead has looked at it."),
        "wrong-state": lazy("It is not at that step now."),
        "not-submitted-by-you": lazy("Somebody else sent it."),
        "you-worked-on-it": lazy("You worked on this, so somebody else must approve it."),
        "you-wrote-it": lazy("You wrote this, so somebody else must approve it."),
        "you-are-the-other-voice": lazy("You gave the other approval, so somebody else must give this one."),
        "vouched-by-the-same": lazy(
            "The same person vouched for both approvers. Ask somebody else to vouch for one of them."
        ),
        "not-approved-by-two": lazy("Two people must approve it first."),
        "approved-by-its-makers": lazy("One who worked on it approved it. That does not count."),
        "identity-not-checked": lazy("The identity custodian has not checked it for names yet."),
        "gate-not-passed": lazy("The leak gate has not passed these bytes."),
        "consent-missing": lazy("The witness has not agreed to this."),
        "source-held": lazy("A statement in it is on hold or was withdrawn."),
        "embargo-ahead": lazy("The witness asked to wait until a later day."),
        "identity-not-released": lazy("The identity custodian holds it. Ask, with a reason."),
        "form-expired": lazy(
            "This form is too old, or came from another page. Open the page again and send it once more."
        ),
        "cross-site": lazy("This request came from another site, so it was refused."),
        "prefetch": lazy("Your browser tried to open this before you asked. Open it yourself."),
        "no-grant": lazy("Nobody has given you the key of this case yet. Its lead can."),
        "capsule-forged": lazy("This form is not one of ours, or was altered."),
        "capsule-expired": lazy("This form is older than seven days."),
    }
)

CONFLICTS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        "newer-version": lazy("Somebody saved a newer version while you were writing."),
        "roster-moved": lazy("Somebody changed who is on this case while you were looking."),
        "changed-meanwhile": lazy("Somebody else was a moment faster."),
        "exists-already": lazy("This was sent already."),
        "finished-already": lazy("This statement was finished already."),
        "part-missing": lazy(
            "A part that was sealed before is not here any more. Tell the case lead before you go on."
        ),
        "late-overtaken": lazy("This part was sent another way since. What waits can only be discarded."),
        "no-lead": lazy("A case needs a lead."),
        "proposed-already": lazy("The same was proposed already, and waits for another administrator."),
        "proposal-over": lazy("This proposal does not wait any more. Make it anew if it is still needed."),
        "code-used": lazy("This code was used already. Wait for the next one."),
        "factor-moved": lazy("Your second factor was changed on another page a moment ago. That one holds."),
        "return-over": lazy(
            "They are not waiting any more: they came in, it was stopped, or seven days went by."
        ),
    }
)


FROZEN: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "fork": Words(
            lazy(
                "This case is stopped: the list of its people that is stored is not the one that you have seen."
            ),
            lazy("Nothing of it was opened, and nothing was lost. Tell its lead, not over this system."),
        ),
        "roster-rolled-back": Words(
            lazy("This case is stopped: the storage shows an older list of its people than you have seen."),
            lazy("Nothing of it was opened, and nothing was lost. Tell its lead, not over this system."),
        ),
    }
)
"""What stops one case alone, by reason; anything else stops opening as a whole."""


def register(app: Flask) -> None:
    for kind, handler in (
        (NotSignedIn, _not_signed_in),
        (NotFound, _not_found),
        (NotConfirmed, _not_confirmed),
        (MissingScope, _missing_scope),
        (Forbidden, _forbidden),
        (Conflict, _conflict),
        (InvalidInput, _invalid),
        (TooLarge, _too_large),
        (TooManyAttempts, _too_many),
        (Tampered, _tampered),
        (CryptoError, _tampered),
        (Frozen, _frozen),
        (Unavailable, _unavailable),
        (HTTPException, _http),
        (Exception, _unexpected),
    ):
        app.register_error_handler(kind, handler)


def reason_words(code: str) -> str:
    """The sentence for a reason code."""
    return str(REASONS.get(code, lazy("This is not yours to do.")))


def _page(
    status: int, words: Words, code: str, reference: str = "", template: str = "error.html"
) -> Response:
    if request.endpoint == QUICK_EXIT:
        answer = _quick_exit()
    elif request.accept_mimetypes.best == "application/json" or request.is_json:
        answer = jsonify(error=code, what=str(words.what), safe=str(words.safe))
    else:
        start = (_("Go on from the start"), url_for("web.home"))
        card = (_("The digits of your card"), url_for("accounts.own"))
        ways = [card] if words.what is REASONS["not-vouched"] else [start]
        answer = make_response(
            render_template(
                template,
                what=words.what,
                safe=words.safe,
                ways=ways,
                reference=reference,
                layout="phone.html" if g.get("actor", ANONYMOUS).roles == {Role.INTERVIEWER} else "base.html",
            )
        )
    answer.status_code = status
    return answer


def _quick_exit() -> Response:
    """Whoever must be gone at once sees the page that could be anybody's, whatever failed: an old form, the storage."""
    answer = make_response(render_template("accounts/weather.html"))
    with suppress(Forbidden):
        csrf.check_origin()  # another site must not sign people out
        session.take_back(current_app.extensions["vouchsafe"], answer)
        session.forget_browser(current_app.extensions["vouchsafe"], answer)
    return answer


def _not_signed_in(error: NotSignedIn) -> Response:
    if request.method == "GET" and not request.is_json:
        answer: Response = make_response(redirect(url_for("accounts.sign_in")))
        return answer
    words = Words(
        lazy("You were signed out, so this was not taken."),
        lazy("What was sealed before is safe, and nothing was changed."),
    )
    return _page(HTTPStatus.UNAUTHORIZED, words, error.code, template="signed_out.html")


def _not_found(error: NotFound) -> Response:
    return _page(HTTPStatus.NOT_FOUND, Words(lazy("There is nothing here, or nothing for you.")), error.code)


def _not_confirmed(_error: NotConfirmed) -> Response:
    if request.method == "GET":
        answer: Response = make_response(redirect(url_for("accounts.confirm", back=request.full_path)))
        return answer
    return _page(HTTPStatus.FORBIDDEN, Words(REASONS["not-confirmed"]), "not-confirmed")


def _missing_scope(error: MissingScope) -> Response:
    words = Words(lazy("The witness has not agreed to this: %(scope)s.", scope=error.scope))
    return _page(HTTPStatus.FORBIDDEN, words, error.code)


def _forbidden(error: Forbidden) -> Response:
    words = Words(REASONS.get(error.reasons[0] if error.reasons else "", lazy("This is not yours to do.")))
    return _page(HTTPStatus.FORBIDDEN, words, error.code)


def _conflict(error: Conflict) -> Response:
    words = Words(CONFLICTS.get(error.reason, CONFLICTS["changed-meanwhile"]))
    return _page(HTTPStatus.CONFLICT, words, error.code)


def _invalid(error: InvalidInput) -> Response:
    words = Words(
        lazy("Something in this form cannot be taken as it is. Go back, your browser still holds it.")
    )
    answer = _page(HTTPStatus.UNPROCESSABLE_ENTITY, words, error.code)
    answer.headers["X-Problems"] = ", ".join(
        f"{field}={problem}" for field, problem in error.problems.items()
    )
    return answer


def _too_large(error: TooLarge) -> Response:
    words = Words(lazy("This is larger than can be taken at once."), SEALED_IS_SAFE)
    return _page(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words, error.code)


def _too_many(error: TooManyAttempts) -> Response:
    words = Words(
        lazy("Too many attempts. Wait %(seconds)s seconds, then try again.", seconds=error.retry_after)
    )
    answer = _page(HTTPStatus.TOO_MANY_REQUESTS, words, error.code)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _tampered(error: VouchsafeError) -> Response:
    reference = secrets.token_hex(4)
    log.error("refused %s: %s", reference, error)
    words = Words(
        lazy("One thing that is stored here is not what was sealed, so it was not opened."),
        lazy(
            "Everything else can still be opened. Tell the case lead: somebody may have touched the storage."
        ),
    )
    return _page(HTTPStatus.CONFLICT, words, error.code, reference)


def _frozen(error: Frozen) -> Response:
    if error.reason == "no-introduction":
        return _page(HTTPStatus.FORBIDDEN, Words(REASONS["not-vouched"]), error.code)
    log.error("frozen: %s %s", error.reason, error.case)
    words = Words(
        lazy("Opening is stopped: the storage does not fit what was seen before."),
        lazy("Statements can still be sent; they wait sealed. An administrator must look at this."),
    )
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, FROZEN.get(error.reason, words), error.code)


def _unavailable(error: Unavailable) -> Response:
    log.error("unavailable: %s", error.what)
    words = Words(
        lazy("The storage does not answer, so this was not taken."),
        lazy("What was sealed before is safe. Keep this page open and try again in a minute."),
    )
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, words, error.code)


def _http(error: HTTPException) -> Response:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code == HTTPStatus.NOT_FOUND:
        return _not_found(NotFound())
    answer = _page(code, Words(lazy("This cannot be done that way.")), "http")
    for name, value in error.get_headers():
        if name in {"Allow", "Location", "Content-Range"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    """The only place that catches everything. The trace names places in our code, never values."""
    reference = secrets.token_hex(4)
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error("unexpected %s: %s at %s", reference, type(error).__name__, " > ".join(frames))
    words = Words(lazy("Something went wrong on our side."), SEALED_IS_SAFE)
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, words, "unexpected", reference)
