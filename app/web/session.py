"""The session cookie, set at sign-in and cleared at sign-out, and the mark by which a browser is known again."""

from typing import Any, Final

from flask import Response, request

from app.domain.errors import NotSignedIn
from app.services import Services
from app.vault.sessions import Session

MARK_SECONDS: Final = 400 * 24 * 60 * 60
"""As long as browsers keep a cookie."""


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
        live = services.sessions.resume(cookie)
    except NotSignedIn:
        return None
    services.served_somebody.set()
    return live


def give(services: Services, response: Response, token: str) -> None:
    services.served_somebody.set()  # the worker that checked the words has held the seeds too
    response.set_cookie(cookie_name(services), token, **_attributes(services))


def take_back(services: Services, response: Response) -> None:
    response.delete_cookie(cookie_name(services), **_attributes(services))


def mark(services: Services) -> str:
    """What this browser was given at an earlier sign-in, or nothing."""
    return request.cookies.get(_name(services, "browser"), "")


def know_again(services: Services, response: Response, given: str) -> None:
    """Its only use is the browser's own lane at the next sign-in."""
    response.set_cookie(_name(services, "browser"), given, max_age=MARK_SECONDS, **_attributes(services))


def forget_browser(services: Services, response: Response) -> None:
    """Nothing that outlives this moment says that somebody ever came in with it."""
    response.delete_cookie(_name(services, "browser"), **_attributes(services))
