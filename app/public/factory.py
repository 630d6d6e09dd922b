"""The public application: reads files out of the released tree, and does nothing else."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from app.domain.errors import InvalidInput, NotFound, Unavailable
from app.public.tree import Listed, Tree

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NO_DEVICE: Final = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": _NO_DEVICE,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CONTENT_TYPES: Final = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
# A withdrawn story must not live on in caches, so everything is asked for again; only fonts never change.
ASK_AGAIN: Final = "no-cache"
FONTS_KEEP: Final = "public, max-age=604800"


@dataclass(frozen=True)
class PublicConfig:
    """`public_dir` holds `current`, a link to the tree that is being served."""

    public_dir: Path

    @classmethod
    def from_env(cls) -> Self:
        """Reads PUBLIC_DIR. Raises InvalidInput if it is not set."""
        public_dir = os.environ.get("PUBLIC_DIR")
        if not public_dir:
            raise InvalidInput({"PUBLIC_DIR": "not-set"})
        return cls(Path(public_dir))


def create_public_app(config: PublicConfig | None = None) -> Flask:
    """The WSGI application; without a config it reads the environment."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # an address that is not listed is not there; no guessing
    tree = Tree((config or PublicConfig.from_env()).public_dir)

    def read(path: str) -> Response:
        with tree.release() as release:
            if release.holds_folder(path):
                return _to_folder(path)
            name = f"{path}index.html" if path == "" or path.endswith("/") else path
            file, listed = release.open(name)
        return _file(name, file, listed)

    def missing(_: NotFound) -> Response:
        try:
            with tree.release() as release:
                file, _listed = release.open("404.html")
        except (NotFound, Unavailable):
            return _built_in(404, "There is no page at this address.")
        with file:
            return Response(file.read(), 404, content_type=CONTENT_TYPES[".html"])

    for rule, defaults in (("/", {"path": ""}), ("/<path:path>", None)):
        app.add_url_rule(
            rule, view_func=read, defaults=defaults, methods=["GET"], provide_automatic_options=False
        )
    app.register_error_handler(NotFound, missing)
    app.register_error_handler(Unavailable, _unavailable)
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_guarded)
    return app


def _file(name: str, file: BinaryIO, listed: Listed) -> Response:
    suffix = Path(name).suffix
    response = Response(wrap_file(request.environ, file), direct_passthrough=True)
    response.content_type = CONTENT_TYPES.get(suffix, "application/octet-stream")
    if suffix not in CONTENT_TYPES:
        response.headers["Content-Disposition"] = "attachment"
    response.content_length = listed.size
    response.headers["Cache-Control"] = FONTS_KEEP if suffix == ".woff2" else ASK_AGAIN
    response.set_etag(listed.digest)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=listed.size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    return response


def _to_folder(path: str) -> Response:
    """Relative, so that it holds under any prefix."""
    return Response(status=308, headers={"Location": f"./{quote(path.rpartition('/')[2])}/"})


def _unavailable(_: Unavailable) -> Response:
    response = _built_in(503, "This site cannot be read at the moment. Please try again in a minute.")
    response.headers["Retry-After"] = "60"
    return response


def _refused(error: HTTPException) -> Response:
    response = _built_in(error.code or 500, error.name)
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Content-Range"}}
    response.headers.update(kept)
    return response


def _built_in(status: int, sentence: str) -> Response:
    head = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{sentence}</title>'
    page = f"{head}<p>{sentence}</p></html>\n"
    return Response(page, status, content_type=CONTENT_TYPES[".html"])


def _guarded(response: Response) -> Response:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
