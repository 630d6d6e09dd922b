"""The session cookie: set at sign-in, read by the access check, cleared at sign-out."""

from flask import Response, request

from app.domain.errors import NotSignedIn
from app.services import Services
from app.vault.sessions import Session

SECURE_NAME = "__Host-session"
DEMO_NAME = "demo-session"


def cookie_name(services: Services) -> str:
    """A demo speaks plain HTTP on loopback, where the `__Host-` prefix is not allowed."""
    return DEMO_NAME if services.config.demo else SECURE_NAME


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
    response.set_cookie(
        cookie_name(services),
        token,
        secure=not services.config.demo,
        httponly=True,
        samesite="Strict",
        path="/",
    )


def take_back(services: Services, response: Response) -> None:
    response.delete_cookie(
        cookie_name(services), secure=not services.config.demo, httponly=True, samesite="Strict", path="/"
    )
