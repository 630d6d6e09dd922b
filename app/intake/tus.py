"""The words of tus 1.0.0 (tus.io): headers read strictly, refusals by their numbers."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Response, request

from app.domain.errors import InvalidInput
from app.vault.pieces import ALGORITHMS, Checksum
from app.vault.uploads import Announced

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
BYTES: Final = "application/offset+octet-stream"
CHECKSUM_MISMATCH: Final = 460
DIGITS: Final = re.compile(r"\d{1,15}")
DIGEST_LENGTHS: Final = {"sha256": 32, "sha1": 20}

Metadata = Mapping[str, bytes]


class WrongVersion(Exception):  # noqa: N818  # named for what happened
    """The client speaks another version, or none (412)."""


def require_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise WrongVersion


def number(name: str) -> int:
    """A header that is a count of bytes. Raises InvalidInput."""
    text = request.headers.get(name, "")
    if not DIGITS.fullmatch(text):
        raise InvalidInput({name.lower(): "not-a-number"})
    return int(text)


def metadata() -> Metadata:
    """Upload-Metadata: names and base64 values in pairs. Raises InvalidInput."""
    found: dict[str, bytes] = {}
    for pair in filter(None, map(str.strip, request.headers.get("Upload-Metadata", "").split(","))):
        name, _space, value = pair.partition(" ")
        if name in found:
            raise InvalidInput({"metadata": "repeated"})
        try:
            found[name] = base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise InvalidInput({"metadata": "not-base64"}) from error
    return found


def checksum() -> Checksum | None:
    """Upload-Checksum: an algorithm and a base64 digest. Raises InvalidInput for one that nobody can check."""
    given = request.headers.get("Upload-Checksum")
    if given is None:
        return None
    algorithm, _space, value = given.partition(" ")
    if algorithm not in ALGORITHMS:
        raise InvalidInput({"checksum": "unknown-algorithm"})
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise InvalidInput({"checksum": "not-base64"}) from error
    if len(digest) != DIGEST_LENGTHS[algorithm]:
        raise InvalidInput({"checksum": "length"})
    return Checksum(algorithm, digest)


def announced(told: Metadata) -> Announced | None:
    """What a browser that seals says of its segment; None where another program sends a file in clear.

    Raises InvalidInput for half of it.
    """
    if "box" not in told:
        return None
    try:
        return Announced(
            asset=UUID(bytes=told["asset"]),
            segment=_count(told["segment"]),
            key=UUID(bytes=told["key"]),
            box=told["box"],
            total=_count(told["length"]),
            origin=_count(told["from"]),
            mark=told["mark"],
        )
    except (KeyError, ValueError) as error:
        raise InvalidInput({"metadata": "incomplete"}) from error


def _count(value: bytes) -> int:
    text = value.decode("ascii")
    if not DIGITS.fullmatch(text):
        raise ValueError(text)
    return int(text)


@dataclass(frozen=True)
class Standing:
    """What an answer tells of an upload. `expires`: seconds since 1970."""

    offset: int
    length: int
    expires: int


def answer(status: HTTPStatus, standing: Standing | None = None) -> Response:
    response = Response(status=status)
    response.headers["Tus-Resumable"] = VERSION
    if standing is not None:
        response.headers["Upload-Offset"] = str(standing.offset)
        response.headers["Upload-Length"] = str(standing.length)
        response.headers["Upload-Expires"] = formatdate(standing.expires, usegmt=True)
    return response


def refusal(status: int, code: str, offset: int | None = None) -> Response:
    """A number and a code. What is left of a body counts for nothing; the server reads it away, or ends the connection."""
    body = "" if request.method == "HEAD" else f'{{"error":"{code}"}}'
    response = Response(body, status=status, content_type="application/json")
    response.headers["Tus-Resumable"] = VERSION
    if offset is not None:
        response.headers["Upload-Offset"] = str(offset)
    return response
