"""Sends one part of a statement: files are sealed while they stream in, then all of it lands at once, or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hmac import compare_digest
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import Note
from app.config import Config
from app.domain.addendum import Addendum
from app.domain.capacity import MAX_FILES_PER_FORM, MAX_UPLOADS_PER_PERSON, RESERVED_BYTES
from app.domain.errors import TooLarge, Unavailable
from app.domain.record import canonical_json
from app.media.sniffing import SNIFFED_BYTES, type_of
from app.policy.facts import StatementFacts
from app.services import Services
from app.store import cases
from app.store.blobs import BlobStore
from app.unit_of_work import UnitOfWork
from app.vault.fields import DOUBLE
from app.vault.installation import Installation
from app.vault.late import Arrival, LateContent, LateForm
from app.vault.pieces import Checksum, ClearPiece, Piece, SealedPiece
from app.vault.records import IntakeTarget
from app.vault.submissions import FileReceipt, StreamIntake, file_intake, open_form, withdrawal_tag
from app.vault.upload_rows import Upload


@dataclass(frozen=True)
class Ticket:
    """What the capsule of a form says: whose it is, for which case and statement, and which part comes next.

    `issued`: when the form was made, or the part before it sealed; seconds since 1970.
    """

    token: str
    person: UUID
    case: UUID
    statement: UUID
    part: int
    issued: int


@dataclass(frozen=True)
class Content:
    """One part as JSON values, by who may read it: the case's readers (`part`, `notes`) or custodians (`identity`)."""

    part: Mapping[str, Any]
    notes: Mapping[str, Any] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Attachment:
    """A file that has come in. Without a `receipt` nothing of it was kept; `problem` is the code of the reason."""

    field: str
    name: str
    type: str
    receipt: FileReceipt | None
    problem: str = ""


@dataclass(frozen=True)
class Sent:
    """What has landed. `again`: this part was here before, and both are kept; `files`: ids of the kept ones."""

    next: Ticket
    finished: bool
    again: bool
    files: frozenset[UUID]


def read_ticket(installation: Installation, token: str, now: int) -> Ticket:
    """What a form was given.

    Raises:
        Forbidden: `capsule-forged` or `capsule-expired`; nothing of the form may be kept then.
    """
    capsule = open_form(installation, token, now)
    return Ticket(token, capsule.person, capsule.case, capsule.submission, capsule.part, capsule.issued)


def read_ticket_of_file(uow: UnitOfWork, token: str, asset: UUID | None) -> Ticket:
    """The same for a file: one that is on its way goes on however old its form is."""
    goes_on = asset is not None and uow.vault.uploads.goes_on(asset, token)
    return read_ticket(uow.installation, token, 0 if goes_on else uow.clock())


@dataclass
class Attachments:
    """Takes the files of one form, one after the other; `most` is the limit in bytes for each.

    A file that cannot be kept is read to its end and forgotten: breaking off would take the form's words with it.
    """

    blobs: BlobStore
    installation: UUID
    case: UUID
    most: int
    alive: Callable[[], object]
    """Called with every piece, so that a long upload counts as being here."""
    _count: int = 0

    def open(self, field_name: str, name: str) -> "AttachmentSink":
        self._count += 1
        problem = "too-many-files" if self._count > MAX_FILES_PER_FORM else ""
        return AttachmentSink(self, field_name, name, problem)

    def discard(self, attachment: Attachment) -> None:
        """Delete what was sealed of it; its key was never written, so it could not be opened anyway."""
        if attachment.receipt is not None:
            self.blobs.delete(attachment.receipt.asset)

    def discard_unrecorded(self, uow: UnitOfWork, attachments: Sequence[Attachment]) -> None:
        """The same after a commit that nobody answered: where it has landed all the same, the files stay."""
        for attachment in attachments:
            if attachment.receipt is not None and not _is_recorded(uow, attachment.receipt.asset):
                self.discard(attachment)


class AttachmentSink:
    """Where one file goes: sealed at once, its type told by its first bytes and by nothing that was said of it."""

    def __init__(self, form: Attachments, field_name: str, name: str, problem: str) -> None:
        self._form = form
        self._field = field_name
        self._name = name
        self._problem = problem
        self._length = 0
        self._head = b""
        self._intake: StreamIntake | None = None

    def write(self, data: bytes, /) -> None:
        self._form.alive()
        self._length += len(data)
        if self._length > self._form.most:
            self._refuse("file-too-large")
        if self._problem:
            return
        self._head += data[: SNIFFED_BYTES - len(self._head)]
        try:
            self._sealing().write(data)
        except Unavailable:
            self._refuse("storage")

    def finish(self) -> Attachment:
        if self._length == 0:
            self._refuse("empty-file")
        receipt = None if self._problem else self._receipt()
        return Attachment(self._field, self._name, type_of(self._head), receipt, self._problem)

    def abandon(self) -> None:
        if self._intake is not None:
            self._intake.abandon()

    def _receipt(self) -> FileReceipt | None:
        try:
            return self._sealing().finish()
        except Unavailable:
            self._refuse("storage")
            return None

    def _refuse(self, problem: str) -> None:
        """The first reason is the one that is told."""
        self._problem = self._problem or problem
        self.abandon()

    def _sealing(self) -> StreamIntake:
        if self._intake is None:
            self._intake = file_intake(self._form.installation, self._form.case, self._form.blobs)
        return self._intake


def send(
    uow: UnitOfWork,
    ticket: Ticket,
    content: Content,
    files: Sequence[tuple[Attachment, Mapping[str, str]]],
    *,
    last: bool,
    withdrawal_code: str,
) -> Sent:
    """Seal one part with its files, and with the last one finish the statement; staged.

    Args:
        files: each with what its sender says of it (title, credit, warning).
        withdrawal_code: what stands on the witness's card; only its HMAC is kept.

    A part that was here before is kept beside the first. Raises as `Submissions.seal_part` and `finish`.
    """
    submissions = uow.vault.submissions
    capsule = open_form(uow.installation, ticket.token, uow.clock())
    finished = submissions.is_finished(ticket.statement)
    sealed = submissions.seal_part(
        capsule,
        dict(content.part),
        dict(content.notes),
        dict(content.identity),
        [(file.receipt, _facts(file, said)) for file, said in files if file.receipt is not None],
    )
    sealed = replace(sealed, files=(*sealed.files, *uow.vault.joining.join(ticket.statement)))
    if last and not finished:
        submissions.finish(sealed.capsule, sealed, withdrawal_tag(uow.installation, withdrawal_code))
    return Sent(
        next=read_ticket(uow.installation, submissions.token(sealed.capsule), uow.clock()),
        finished=finished or last,
        again=any(entry.field == DOUBLE.path for entry in sealed.parts),
        files=frozenset(entry.asset for entry in sealed.files),
    )


# Files that come in pieces


def require_room(uow: UnitOfWork, length: int, config: Config) -> None:
    """Before a file of `length` bytes begins to come.

    Raises:
        TooLarge: `file`, or `files`: too many of this person's are on their way already.
        Unavailable: `storage`; a reserve is kept for words, and half of the room for everybody else.
    """
    if length > config.max_upload_bytes:
        raise TooLarge("file", config.max_upload_bytes)
    if uow.vault.uploads.count() >= MAX_UPLOADS_PER_PERSON:
        raise TooLarge("files", MAX_UPLOADS_PER_PERSON)
    room, (promised, own) = uow.vault.blobs.free() - RESERVED_BYTES, uow.vault.uploads.promised()
    is_greedy = own > 0 and own + length > room // 2  # one file alone may take all of it
    if promised + length > room or is_greedy:
        raise Unavailable("storage")


def require_reserve(blobs: BlobStore, length: int) -> None:
    """Before `length` bytes more are read: others may have filled the disk since its file began.

    Raises Unavailable (`storage`); what came before stays, and the file goes on when there is room.
    """
    if blobs.free() - length < RESERVED_BYTES:
        raise Unavailable("storage")


def piece_of(
    services: Services, upload: Upload, target: IntakeTarget | None, checksum: Checksum | None
) -> Piece:
    """Where the bytes of one request go. `target`: whom what comes in clear is sealed to."""
    algorithm = checksum.algorithm if checksum else None
    place = (services.database, services.blobs, upload, services.clock)
    if target is None:
        return SealedPiece(*place, algorithm)
    return ClearPiece(*place, services.installation, target, algorithm)


def say(uow: UnitOfWork, asset: UUID, said: Mapping[str, str]) -> None:
    """What its sender says of a file; staged."""
    uow.vault.uploads.say(uow.vault.uploads.find_asset(asset), said)


def complete(uow: UnitOfWork, asset: UUID, digest: bytes | None) -> None:
    """All of a file has come; staged. Raises as `Uploads.complete`."""
    uow.vault.uploads.complete(uow.vault.uploads.find_asset(asset), digest, {})


def start_again(uow: UnitOfWork, asset: UUID) -> None:
    """The newest segment did not come as it was sent: it comes again; staged."""
    uow.vault.uploads.start_again(uow.vault.uploads.find_asset(asset))
    _forget_bytes(uow)


def resume(uow: UnitOfWork, asset: UUID, mark: bytes) -> None:
    """Make place for the next segment of a file whose sender lost its key; staged. Raises as `Uploads.resume`."""
    uow.vault.uploads.resume(asset, mark)
    _forget_bytes(uow)


def _forget_bytes(uow: UnitOfWork) -> None:
    """Only once it is durable that they belong to nothing: another request may have made them part of something."""
    uow.after_commit.extend(partial(uow.vault.blobs.give_up, blob) for blob in uow.vault.uploads.given_up)


def give_up(uow: UnitOfWork, asset: UUID) -> None:
    """Forget a file that is not part of its statement, and every byte of it; staged, with its line in the log.

    Raises NotFound, Tampered; Conflict where it has become part of one.
    """
    upload, holder = uow.vault.uploads.find_asset(asset), uow.vault.holder
    blobs = uow.vault.uploads.discard(upload)
    uow.audit.note(Note(Act.FILE_GIVEN_UP, holder.person, upload.case, asset, session=holder.session_tag))
    uow.after_commit.extend(partial(uow.vault.blobs.drop, blob) for blob in blobs)


def attach(uow: UnitOfWork, asset: UUID) -> None:
    """A file that is whole joins its statement, if that is there; staged. Raises as `Uploads.attach`."""
    uow.vault.joining.attach(asset)


# Without a session, and after it


def late_fate(uow: UnitOfWork, ticket: Ticket) -> Arrival:
    """What has become of a form that comes without a session, and whether it may be kept at all.

    Raises as `LateArrivals.admit`, `fate_of`; TooLarge where no more of its author's may wait.
    """
    arrivals = uow.vault.late_arrivals
    capsule = arrivals.admit(ticket.token)
    fate = arrivals.fate_of(capsule)
    if fate is Arrival.NEW:
        arrivals.require_room(capsule.person)
    return fate


def keep_late(
    uow: UnitOfWork, ticket: Ticket, content: Content, *, way: str, closing: bool, withdrawal_code: str
) -> LateForm:
    """Seal one part whose author is not signed in; staged. It waits for them, unsigned.

    Raises as `LateArrivals.keep`; InvalidInput for a withdrawal code that is none.
    """
    tag = withdrawal_tag(uow.installation, withdrawal_code)
    late = LateContent(content.part, content.notes, content.identity, way, closing, tag)
    return uow.vault.late_arrivals.keep(ticket.token, late)


def send_late(uow: UnitOfWork, form: UUID) -> Sent | None:
    """Sign what waits; staged. What was sent already leads on from where it stands; None for what was discarded.

    Raises as `LateForms.send`, but for `late-decided`.
    """
    late, submissions = uow.vault.late, uow.vault.submissions
    if late.is_waiting(form):
        sealed, finished = late.send(form)
        token = submissions.token(sealed.capsule)
        return Sent(
            read_ticket(uow.installation, token, uow.clock()), finished, again=False, files=frozenset()
        )
    following = late.sent_before(form)
    if following is None:
        return None
    ticket = read_ticket(uow.installation, submissions.token(following), uow.clock())
    return Sent(ticket, submissions.is_finished(ticket.statement), again=True, files=frozenset())


def is_withdrawal_code(uow: UnitOfWork, statement: UUID, code: str) -> bool:
    """Whether `code` is the one that this statement was finished with."""
    kept = uow.tx.value(
        sa.select(cases.statements.c.withdrawal_tag).where(cases.statements.c.id == statement)
    )
    return kept is not None and compare_digest(kept, withdrawal_tag(uow.installation, code))


def _is_recorded(uow: UnitOfWork, asset: UUID) -> bool:
    return uow.tx.first(sa.select(cases.assets.c.id).where(cases.assets.c.id == asset)) is not None


def _facts(file: Attachment, said: Mapping[str, str]) -> dict[str, str]:
    return {"title": "", "credit": "", "warning": "", **said, "name": file.name, "type": file.type}


def add(uow: UnitOfWork, statement: StatementFacts, addendum: Addendum) -> None:
    """Seal what its author adds to a statement that was sent; staged. Raises Conflict where somebody else did at that moment."""
    content = canonical_json(addendum.to_dict())
    uow.vault.submissions.add(statement.case.id, statement.id, content)
