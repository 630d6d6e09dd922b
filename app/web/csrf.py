"""Form tokens: bound to the session, or before sign-in to a cookie of their own; checked by the access check alone."""

import hashlib
import hmac
import secrets
from typing import Final

from flask import Response, current_app, g, request

from app.domain.errors import Forbidden, NotSignedIn
from app.vault.sessions import Session
from app.web import session

FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
NONCE_BYTES: Final = 16
MESSAGE: Final = b"vouchsafe/1/form"


def token() -> str:
    """The token that every form on this page carries."""
    live: Session | None = g.get("live_session")
    if live is not None:
        return token_of(live)
    nonce = _nonce() or g.get("new_nonce") or secrets.token_hex(NONCE_BYTES)
    g.new_nonce = nonce
    return _of_nonce(nonce)


def check(live: Session | None) -> None:
    """Raises Forbidden unless the request was made by one of our own pages, for this session.

    Raises NotSignedIn where that session is over: nothing is wrong with the form.
    """
    check_origin()
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    nonce = _nonce()
    expected = token_of(live) if live is not None else _of_nonce(nonce) if nonce else ""
    if not expected or not hmac.compare_digest(sent.encode(), expected.encode()):
        if live is None and session.was_signed_in(current_app.extensions["vouchsafe"]):
            raise NotSignedIn
        raise Forbidden("form-expired")


def check_origin() -> None:
    """Raises Forbidden if the browser says that another site made this request."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("cross-site")
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden("cross-site")


def keep_nonce(response: Response) -> Response:
    """Give the browser the cookie that a form before sign-in is bound to."""
    nonce = g.get("new_nonce")
    if nonce is not None and nonce != _nonce():
        response.set_cookie(
            _cookie_name(), nonce, secure=_secure(), httponly=True, samesite="Strict", path="/"
        )
    return response


def token_of(live: Session) -> str:
    """The token of every form in one session."""
    return hmac.new(live.csrf.reveal(), MESSAGE, hashlib.sha256).hexdigest()


def _of_nonce(nonce: str) -> str:
    key = current_app.extensions["vouchsafe"].installation.under_root("forms")
    return hmac.new(key.reveal(), nonce.encode(), hashlib.sha256).hexdigest()


def _nonce() -> str:
    nonce = request.cookies.get(_cookie_name(), "")
    return nonce if len(nonce) == 2 * NONCE_BYTES else ""


def _secure() -> bool:
    return not current_app.extensions["vouchsafe"].config.demo


def _cookie_name() -> str:
    return "__Host-form" if _secure() else "demo-form"
