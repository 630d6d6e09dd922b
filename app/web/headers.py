"""The headers that every answer carries: nothing stored, nothing framed, nothing from elsewhere."""

from http import HTTPStatus
from typing import Final

from flask import Response, g, request

POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self'; "
    "font-src 'self'; "
    "media-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
WORKER_POLICY: Final = POLICY.replace("trusted-types 'none'", "worker-src 'self'; trusted-types vouchsafe")
"""For pages whose files are sealed in the browser: one worker of our own, through the one policy that names it."""
ORIGINAL_POLICY: Final = "sandbox; default-src 'none'"
"""For files that witnesses sent: whatever they hold, it runs nothing and loads nothing."""

STATIC_SECONDS: Final = 31_536_000


def allow_worker() -> str:
    """Let the page that is being made start the worker that seals files; templates write it as nothing."""
    g.worker_allowed = True
    return ""


def set_headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", WORKER_POLICY if "worker_allowed" in g else POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = (
        "same-origin"  # none at all would make browsers send our own forms with `Origin: null`
    )
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), browsing-topics=()"
    headers["X-Frame-Options"] = "DENY"
    headers["X-Robots-Tag"] = "noindex, nofollow"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if request.endpoint == "static" and response.status_code < HTTPStatus.BAD_REQUEST and "v" in request.args:
        headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}, immutable"
    else:
        headers["Cache-Control"] = "no-store"
    headers.pop("Server", None)
    return response
