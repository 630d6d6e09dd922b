"""Sends what is sealed, decrypted as it leaves: any stretch of an original, or of what was made of it, in constant memory."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

from flask import Response, request

from app.domain.capacity import MIB
from app.domain.errors import Tampered, Unavailable
from app.transcription.ranges import Stretch, Unsatisfiable
from app.web import headers

logger = logging.getLogger("vouchsafe")


class Sealed(Protocol):
    """Something sealed that is open. `length`: bytes in clear."""

    @property
    def length(self) -> int: ...

    def read(self, offset: int, size: int) -> Iterator[bytes]: ...

    def close(self) -> None: ...


def shown(opened: Sealed, content_type: str, what: UUID) -> Response:
    """The stretch that a player asks for, to be shown in place. `what`: its id, for the operator's log."""
    try:
        stretch = Stretch.asked(None if "If-Range" in request.headers else request.range, opened.length)
    except Unsatisfiable:
        opened.close()
        return _not_that_range(opened.length)
    answer = _stream(opened, stretch, content_type, what)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Disposition"] = "inline"
    return answer


def taken_out(opened: Sealed, name: str, what: UUID) -> Response:
    """All of it, to be kept as a file of this name."""
    answer = _stream(opened, Stretch.asked(None, opened.length), "application/octet-stream", what)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _not_that_range(length: int) -> Response:
    answer = Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    answer.headers["Content-Range"] = f"bytes */{length}"
    return answer


def _stream(opened: Sealed, stretch: Stretch, content_type: str, what: UUID) -> Response:
    """The bytes, decrypted as they leave, chunk by chunk. The first is proved before anything is answered."""
    pieces = _pieces(opened, stretch, what)
    first = next(pieces)
    status = HTTPStatus.OK if stretch.whole else HTTPStatus.PARTIAL_CONTENT
    answer = Response(_gathered(first, pieces), status)
    answer.headers["Content-Type"] = content_type
    answer.headers["Content-Length"] = str(stretch.size)
    answer.headers["Content-Security-Policy"] = headers.ORIGINAL_POLICY
    if not stretch.whole:
        answer.headers["Content-Range"] = stretch.content_range
    return answer


def _pieces(opened: Sealed, stretch: Stretch, what: UUID) -> Iterator[bytes]:
    """Closes the file however it ends; an error here, once bytes have left, cuts the connection."""
    try:
        yield from opened.read(stretch.start, stretch.size)
    except (Tampered, Unavailable) as error:
        logger.error("cut short: file %s: %s", what, error)  # noqa: TRY400  # ids and a code say it all
        raise
    finally:
        opened.close()


def _gathered(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The first at once, for a player waits for it; then a MiB at a time, which costs the network less than each chunk by itself.

    What was proved before a fault still leaves; there the answer breaks off.
    """
    yield first
    held: list[bytes] = []
    try:
        for piece in pieces:
            held.append(piece)
            if sum(map(len, held)) >= MIB:
                yield b"".join(held)
                held.clear()
    except (Tampered, Unavailable):
        yield b"".join(held)
        raise
    yield b"".join(held)
