"""What an upload costs without sealing: the same server writes the body to a file and flushes it."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TARGET = Path(os.environ.get("PLAIN_FILE", "plain.bin"))
READ = 1 << 20
PAGES = {
    "/page": ("text/html", b"<!doctype html><title>Plain</title><input type=file>"),
    "/worker": ("text/javascript", (Path(__file__).parent / "plain_worker.js").read_bytes()),
}


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """PUT: keep the body; PATCH with X-Offset: keep it there. GET with X-Offset: one MiB from there; or a page to send from."""
    if environ["PATH_INFO"] in PAGES:
        kind, content = PAGES[environ["PATH_INFO"]]
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(content)))])
        return [content]
    if environ["REQUEST_METHOD"] == "GET":
        return _read(environ, start_response)
    anew = 0 if environ["REQUEST_METHOD"] == "PATCH" else os.O_TRUNC
    descriptor = os.open(TARGET, os.O_WRONLY | os.O_CREAT | anew, 0o600)
    os.lseek(descriptor, int(environ.get("HTTP_X_OFFSET", "0")), os.SEEK_SET)
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left:
        piece = environ["wsgi.input"].read(min(READ, left))
        if not piece:
            break
        os.write(descriptor, piece)
        left -= len(piece)
    os.fsync(descriptor)
    os.close(descriptor)
    start_response("200 OK", [("Content-Length", "0")])
    return []


def _read(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    offset = int(environ.get("HTTP_X_OFFSET", "0"))
    if not TARGET.exists():
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    descriptor = os.open(TARGET, os.O_RDONLY)
    piece = os.pread(descriptor, READ, offset)
    os.close(descriptor)
    start_response("200 OK", [("Content-Length", str(len(piece)))])
    return [piece]
