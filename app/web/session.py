"""The session cookie, set at sign-in and cleared at sign-out, and the mark by which a browser is known again."""

import hashlib
import hmac
from typing import Any, Final
from uuid import UUID

from flask import Response, request

from app.domain.errors import Forbidden, NotSignedIn
from app.services import Services
from app.vault.sessions import Session

PERSON_DIGITS: Final = 32
MARK_SECONDS: Final = 400 * 24 * 60 * 60
"""As long as browsers keep a cookie."""


QUESTIONS: Final = frozenset({"accounts.time_left", "transcription.preparing_now"})
"""Endpoints that open pages ask by themselves and that are no sign of life, or two open pages would keep each other signed in."""


def cookie_name(services: Services) -> str:
    return _name(services, "session")


def _name(services: Services, what: str) -> str:
    """A demo speaks plain HTTP on loopback, where the `__Host-` prefix is not allowed."""
    return f"demo-{what}" if services.config.demo else f"__Host-{what}"


def _attributes(services: Services) -> dict[str, Any]:
    return {"secure": not services.config.demo, "httponly": True, "samesite": "Strict", "path": "/"}


def resume(services: Services) -> Session | None:
    """The live session of this request, or None."""
    cookie = request.cookies.get(cookie_name(services), "")
    if not cookie:
        return None
    try:
        live = services.sessions.resume(cookie, alive=request.endpoint not in QUESTIONS)
    except NotSignedIn:
        return None
    services.served_somebody.set()
    return live


def was_signed_in(services: Services) -> bool:
    """Whether the browser came with the cookie of a session, alive or not."""
    return cookie_name(services) in request.cookies


def give(services: Services, response: Response, token: str) -> None:
    services.served_somebody.set()  # the worker that checked the words has held the seeds too
    response.set_cookie(cookie_name(services), token, **_attributes(services))


def take_back(services: Services, response: Response) -> None:
    response.delete_cookie(cookie_name(services), **_attributes(services))


def page_of(services: Services, person: UUID) -> str:
    """What a page carries of whom it was made for: another can be told from it, and nobody can write it but us."""
    return person.hex + _page_tag(services, person)


def person_of_page(services: Services, page: str) -> UUID:
    """Raises Forbidden (`form-expired`) for a page that is not one of ours."""
    try:
        person = UUID(hex=page[:PERSON_DIGITS])
    except ValueError as error:
        raise Forbidden("form-expired") from error
    if not hmac.compare_digest(page[PERSON_DIGITS:].encode(), _page_tag(services, person).encode()):
        raise Forbidden("form-expired")
    return person


def _page_tag(services: Services, person: UUID) -> str:
    return _tag(services, b"page", person)


def _tag(services: Services, use: bytes, whom: UUID) -> str:
    key = services.installation.under_root("forms").reveal()
    return hmac.new(key, use + b"\x00" + whom.bytes, hashlib.sha256).hexdigest()


def mark(services: Services) -> str:
    """What this browser was given at an earlier sign-in, or nothing."""
    return request.cookies.get(_name(services, "browser"), "")


def know_again(services: Services, response: Response, given: str) -> None:
    """Its only use is the browser's own lane at the next sign-in."""
    response.set_cookie(_name(services, "browser"), given, max_age=MARK_SECONDS, **_attributes(services))


def lend(services: Services, response: Response, secret: str) -> None:
    """Half of a ticket, for somebody who is coming back and is not signed in; the other half stands in their form."""
    response.set_cookie(_name(services, "return"), secret, **_attributes(services))


def lent(services: Services) -> str:
    return request.cookies.get(_name(services, "return"), "")


def take_back_lent(services: Services, response: Response) -> None:
    response.delete_cookie(_name(services, "return"), **_attributes(services))


def note_shown(services: Services, response: Response, what: str, whom: UUID) -> None:
    """That this browser was shown something for somebody, and nothing of it; it lasts until the browser is closed."""
    tag = _tag(services, what.encode(), whom)
    response.set_cookie(_name(services, what), tag, **_attributes(services))


def was_shown(services: Services, what: str, whom: UUID) -> bool:
    given = request.cookies.get(_name(services, what), "")
    return hmac.compare_digest(given.encode(), _tag(services, what.encode(), whom).encode())


def forget_shown(services: Services, response: Response, what: str) -> None:
    response.delete_cookie(_name(services, what), **_attributes(services))


def forget_browser(services: Services, response: Response) -> None:
    """Nothing that outlives this moment says that somebody ever came in with it."""
    response.delete_cookie(_name(services, "browser"), **_attributes(services))
