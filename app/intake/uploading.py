"""Files that come in pieces (tus 1.0.0): begun, sent, asked for, given up; and made part of their statement."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import ClientDisconnected

from app.domain.capacity import MIB, UPLOAD_DAYS
from app.domain.duties import Duty
from app.domain.errors import (
    Conflict,
    Forbidden,
    Frozen,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Tampered,
    TooLarge,
    Unavailable,
)
from app.domain.ids import CaseId
from app.intake import actions, queries, tus
from app.intake.arriving import SignsOfLife
from app.intake.told import json_body, octets, said_of
from app.intake.tus import Standing
from app.policy.actor import Actor
from app.policy.facts import NOTHING, CaseFacts, Facts
from app.policy.permissions import Permission
from app.policy.rules import enforce
from app.unit_of_work import UnitOfWork
from app.vault.pieces import ALGORITHMS, LANDING_BYTES, Checksum, Piece
from app.vault.upload_rows import WHOLE, Upload
from app.vault.uploads import Uploads
from app.web import csrf
from app.web.access import live_session, requires, services
from app.web.again import until_done

bp = Blueprint("uploads", __name__)

READ_BYTES: Final = MIB
EXPIRES_SECONDS: Final = UPLOAD_DAYS * 24 * 3600
ID_BYTES: Final = 16
SILENT_SECONDS: Final = 60
"""After so long without a byte a line is taken for dead; what has come of it counts."""


# What must hold before a byte is read


def a_new_file(uow: UnitOfWork, actor: Actor) -> CaseFacts:
    """The case of the form that the file belongs to, by its capsule; whoever was taken off it since may still send."""
    enforce(Permission.RECEIPTS_LIST, actor)
    csrf.check_origin()
    tus.require_version()
    told = g.told = tus.metadata()
    token = g.token = told.get("capsule", b"").decode("ascii", "replace")
    asset = UUID(bytes=told["asset"]) if len(told.get("asset", b"")) == ID_BYTES else None
    ticket = actions.read_ticket_of_file(uow, token, asset)
    if ticket.person != actor.person:
        raise NotSignedIn
    return _case_of(actor, ticket.case)


def an_address_of_ours(uow: UnitOfWork, actor: Actor, *, address: str) -> CaseFacts:
    """For what our own pages ask, with the form's token."""
    upload = g.upload = uow.vault.uploads.find(address)
    return _case_of(actor, upload.case)


def an_address(uow: UnitOfWork, actor: Actor, *, address: str) -> CaseFacts:
    enforce(Permission.RECEIPTS_LIST, actor)
    csrf.check_origin()
    tus.require_version()
    return an_address_of_ours(uow, actor, address=address)


def a_file(uow: UnitOfWork, actor: Actor, *, asset: UUID) -> CaseFacts:
    upload = g.upload = uow.vault.uploads.find_asset(asset)
    return _case_of(actor, upload.case)


def _case_of(actor: Actor, case: UUID) -> CaseFacts:
    enforce(Permission.RECEIPTS_LIST, actor)
    return CaseFacts(CaseId(case), frozenset({Duty.INTERVIEWER}))


# The protocol


def anybody(_uow: UnitOfWork, _actor: Actor) -> Facts:
    return NOTHING


@bp.route("/uploads", methods=["OPTIONS"])
@requires(Permission.RECEIPTS_LIST, anybody)
def abilities(_uow: UnitOfWork, _actor: Actor, _nothing: Facts) -> ResponseReturnValue:
    answer = tus.answer(HTTPStatus.NO_CONTENT)
    answer.headers["Tus-Version"] = tus.VERSION
    answer.headers["Tus-Extension"] = tus.EXTENSIONS
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    answer.headers["Tus-Max-Size"] = str(services().config.max_upload_bytes)
    return answer


@bp.post("/uploads")
@requires(Permission.FORM_FILE_SEND, a_new_file, own_token=True)
def begin(uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    """An address for a file, or for the next segment of one; with a body, its first piece."""
    length, announced = tus.number("Upload-Length"), tus.announced(g.told)
    if length == 0:
        raise InvalidInput({"file": "empty"})
    if announced is None or announced.segment == 1:
        actions.require_room(uow, announced.total if announced else length, services().config)
    begun = _Begun()
    if announced is None:
        until_done(partial(_begin_clear, begun, length))
    else:
        until_done(lambda work: begun.take(work.vault.uploads.begin_sealed(g.token, announced, length)))
    upload = _found(begun.address)
    came = _first_piece(uow, upload) if request.mimetype == tus.BYTES and request.content_length else 0
    answer = tus.answer(HTTPStatus.CREATED, _standing(upload, came, services().clock()))
    answer.headers["Location"] = url_for("intake.uploads.piece", address=begun.address)
    answer.headers["Upload-Asset"] = upload.asset.hex
    return answer


def _first_piece(uow: UnitOfWork, upload: Upload) -> int:
    """How far it came. Where it was not taken the upload is there all the same, and its sender has to learn its address."""
    try:
        return _receive(uow, upload, 0)
    except (Conflict, InvalidInput, TooLarge, Unavailable):
        return _found_asset(upload.asset).offset


@dataclass
class _Begun:
    address: str = ""

    def take(self, address: str) -> None:
        self.address = address


def _begin_clear(begun: _Begun, length: int, work: UnitOfWork) -> None:
    told = {name: g.told.get(name, b"").decode("utf-8", "replace") for name in ("filename", "filetype")}
    said = said_of({"name": told["filename"], "type": told["filetype"]})
    begun.take(work.vault.uploads.begin_clear(g.token, length, said))


@bp.route("/uploads/<address>", methods=["HEAD"])
@requires(Permission.FORM_FILE_SEND, an_address)
def offset(uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    """Where it goes on. Whoever asks is about to go on there, so that a request which still hangs is shut out."""
    upload = g.upload = uow.vault.uploads.alone(g.upload)
    uow.tx.release()
    came_in_clear = not upload.is_sealed
    if (
        came_in_clear and upload.is_whole
    ):  # nothing more is sent then, and we may have died since the last piece
        _make_part_of_it(upload.asset, None, {})
    return tus.answer(HTTPStatus.OK, _standing(upload, upload.offset, upload.touched))


@bp.patch("/uploads/<address>")
@requires(Permission.FORM_FILE_SEND, an_address, own_token=True)
def piece(uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    if request.mimetype != tus.BYTES:
        return tus.refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-bytes")
    came = _receive(uow, g.upload, tus.number("Upload-Offset"))
    return tus.answer(HTTPStatus.NO_CONTENT, _standing(g.upload, came, services().clock()))


@bp.delete("/uploads/<address>")
@requires(Permission.FORM_FILE_SEND, an_address, own_token=True)
def terminate(_uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    until_done(partial(actions.give_up, asset=g.upload.asset))
    return tus.answer(HTTPStatus.NO_CONTENT)


# One piece


def _receive(uow: UnitOfWork, upload: Upload, at: int) -> int:
    """Take the request's body from offset `at`; how far the upload has come then.

    Raises Conflict, InvalidInput, TooLarge, Unavailable; the offset tells what counts all the same.
    """
    checksum, left = tus.checksum(), upload.length - at
    if at != upload.offset:
        raise Conflict("another-offset", newest=upload.offset)
    if (request.content_length or 0) > left:
        raise TooLarge("piece", left)
    if upload.is_sealed and upload.key is None:
        raise NotFound("upload")
    if uow.vault.uploads.is_closed(upload.statement):
        raise Conflict("withdrawn")
    actions.require_reserve(services().blobs, min(request.content_length or LANDING_BYTES, left))
    request.max_content_length = None
    target = None if upload.is_sealed else uow.vault.uploads.target(upload)
    uow.tx.release()
    with _in_turn(upload), closing(actions.piece_of(services(), upload, target, checksum)) as piece:
        _read_into(piece, left, checksum)
    if not upload.is_sealed and piece.landed == upload.length:
        _make_part_of_it(upload.asset, None, {})
    return piece.landed


@contextmanager
def _in_turn(upload: Upload) -> Iterator[None]:
    """A few pieces of one person at once, and none that only holds the line: the others must get through.

    Raises Conflict (`too-many-pieces`).
    """
    lines = services().lines
    if not lines.take(upload.person):
        raise Conflict("too-many-pieces")
    connection = request.environ.get("gunicorn.socket")
    patience = connection.gettimeout() if connection is not None else None
    try:
        if connection is not None:
            connection.settimeout(SILENT_SECONDS)
        yield
    finally:
        if connection is not None:
            connection.settimeout(patience)
        lines.give_back(upload.person)


def _read_into(piece: Piece, left: int, checksum: Checksum | None) -> None:
    """With a checksum all of it counts or nothing; without one, whatever has come."""
    alive, read, landed = SignsOfLife(), 0, 0
    while data := _next_bytes(left - read):
        if not alive.note():
            raise NotSignedIn
        piece.write(data)
        read += len(data)
        if checksum is None and read - landed >= LANDING_BYTES:
            piece.land()
            landed = read
            actions.require_reserve(services().blobs, min(LANDING_BYTES, left - read))
    if checksum is not None and request.content_length not in {None, read}:
        raise InvalidInput({"body": "cut"})
    piece.land(checksum)


def _next_bytes(left: int) -> bytes:
    """Nothing at the end, where the connection was lost too: what was declared tells the two apart."""
    try:
        return request.stream.read(min(READ_BYTES, left)) if left else b""
    except (ClientDisconnected, OSError):
        return b""


def _found(address: str) -> Upload:
    with _looking() as uploads:
        return uploads.find(address)


def _found_asset(asset: UUID) -> Upload:
    with _looking() as uploads:
        return uploads.find_asset(asset)


@contextmanager
def _looking() -> Iterator[Uploads]:
    """As it stands now, whatever this request has read before."""
    uow = services().unit_of_work(live_session())
    try:
        yield uow.vault.uploads
    finally:
        uow.end()


def _standing(upload: Upload, offset: int, touched: int) -> Standing:
    return Standing(offset, upload.length, touched + EXPIRES_SECONDS)


# Whole, and part of the statement


@bp.post("/uploads/<address>/whole")
@requires(Permission.FORM_FILE_SEND, an_address_of_ours)
def whole(_uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    """The browser has sent all, and says what it was: the digest of the newest segment, and the sender's words."""
    sent = json_body()
    digest = octets(sent, "digest")
    upload: Upload = g.upload
    if upload.is_sealed and digest is None:
        raise InvalidInput({"digest": "missing"})
    try:
        attached = _make_part_of_it(upload.asset, digest, said_of(sent.get("said", {})))
    except Conflict as conflict:
        if conflict.reason == "digest":
            until_done(partial(actions.start_again, asset=upload.asset))
        raise
    return jsonify(asset=upload.asset.hex, attached=attached)


def _make_part_of_it(asset: UUID, digest: bytes | None, said: Mapping[str, str]) -> bool:
    """A commit for each step: whatever comes between, what is said is kept, all of the file is there, and it joins its
    statement the next time round.
    """
    if said:
        until_done(partial(actions.say, asset=asset, said=said))
    until_done(partial(actions.complete, asset=asset, digest=digest))
    until_done(partial(actions.attach, asset=asset))
    with _looking() as uploads:
        return not uploads.is_waiting(asset)


def attach_ready(uow: UnitOfWork) -> None:
    """Whole files join their statement, where it is there: a process may have died between the two commits, or the words came late."""
    ready = [upload.asset for upload in uow.vault.uploads.unfinished() if upload.is_whole]
    uow.tx.release()
    for asset in ready:
        with suppress(
            Conflict, Frozen, Tampered, Unavailable
        ):  # it waits on; its author's page of files tells of it
            until_done(partial(actions.attach, asset=asset))
    uow.tx.release()


@bp.post("/uploads/assets/<uuid:asset>/resume")
@requires(Permission.FORM_FILE_SEND, a_file)
def resume(uow: UnitOfWork, _actor: Actor, _case: CaseFacts) -> ResponseReturnValue:
    """After the browser died, and its key with it: where the file goes on, in a new segment."""
    mark, asset = octets(json_body(), "mark") or b"", g.upload.asset
    uow.tx.release()
    try:
        until_done(partial(actions.resume, asset=asset, mark=mark))
    except Conflict as conflict:
        if conflict.reason != "whole-already":
            raise
    at = uow.vault.uploads.find_asset(asset)
    if at.state == WHOLE:  # whoever asks takes that for the end of it
        until_done(partial(actions.attach, asset=asset))
        raise Conflict("whole-already")
    target = queries.upload_target(uow, at.capsule.decode())
    return jsonify(segment=at.segment, origin=at.origin, length=at.total, target=target)


# What was not taken


@bp.errorhandler(Conflict)
def overtaken(error: Conflict) -> Response:
    status = {
        "another-holder": HTTPStatus.LOCKED,
        "too-many-pieces": HTTPStatus.LOCKED,
        "lost": HTTPStatus.GONE,
        "withdrawn": HTTPStatus.GONE,
        "too-many-segments": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    }.get(error.reason, HTTPStatus.CONFLICT)
    at = error.newest if error.reason == "another-offset" else None
    return tus.refusal(status, error.reason, at)


@bp.errorhandler(InvalidInput)
def strange(error: InvalidInput) -> Response:
    if error.problems.get("checksum") == "another":
        return tus.refusal(tus.CHECKSUM_MISMATCH, "checksum")
    name, problem = next(iter(error.problems.items()))
    return tus.refusal(HTTPStatus.BAD_REQUEST, f"{name}-{problem}")


@bp.errorhandler(Unavailable)
def full(error: Unavailable) -> Response:
    is_storage = error.what == "storage"
    status = HTTPStatus.INSUFFICIENT_STORAGE if is_storage else HTTPStatus.SERVICE_UNAVAILABLE
    return tus.refusal(status, error.what)


@bp.errorhandler(TooLarge)
def too_large(error: TooLarge) -> Response:
    return tus.refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.what)


@bp.errorhandler(tus.WrongVersion)
def other_version(_error: tus.WrongVersion) -> Response:
    answer = tus.refusal(HTTPStatus.PRECONDITION_FAILED, "version")
    answer.headers["Tus-Version"] = tus.VERSION
    return answer


@bp.errorhandler(NotSignedIn)
def signed_out(_error: NotSignedIn) -> Response:
    return tus.refusal(HTTPStatus.UNAUTHORIZED, "not-signed-in")


@bp.errorhandler(NotFound)
def nothing_there(_error: NotFound) -> Response:
    return tus.refusal(HTTPStatus.NOT_FOUND, "not-found")


@bp.errorhandler(Forbidden)
def not_theirs(error: Forbidden) -> Response:
    return tus.refusal(HTTPStatus.FORBIDDEN, error.reasons[0] if error.reasons else error.code)
