"""Submissions: parts and files sealed for readers only, a signed manifest, a receipt; later adopted by a reader."""

import hashlib
import json
import secrets as randomness
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.audit.log import AuditLog, Note
from app.crypto.context import Context
from app.crypto.keys import RecordKey, mac
from app.crypto.numbers import receipt_digits
from app.crypto.objects import (
    Capsule,
    FileEntry,
    Manifest,
    PartEntry,
    Receipt,
    Roster,
    Tip,
    open_capsule,
    seal_capsule,
    sign_object,
    verify_object,
)
from app.crypto.stream import StreamSealer
from app.domain.duties import Duty
from app.domain.errors import (
    Conflict,
    CryptoError,
    Forbidden,
    Frozen,
    InvalidInput,
    NotFound,
    Tampered,
    Unavailable,
)
from app.domain.ids import new_id
from app.domain.lifecycle import StatementState
from app.domain.record import canonical_json
from app.store.blobs import BlobStore, BlobWriter
from app.store.cases import assets, statements
from app.store.database import Transaction
from app.store.keys import record_keys
from app.store.trust import rosters
from app.vault.background import Background
from app.vault.fields import (
    ADDENDUM,
    ASSET_FACTS,
    DOUBLE,
    IDENTITY,
    INNER,
    LATER_FILES,
    NOTES,
    ORIGINAL,
    PART,
    Field,
)
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.records import INTAKE, IntakeTarget, Records, SealedVersion
from app.vault.secrets import CASE
from app.vault.secrets import IDENTITY as IDENTITY_KIND
from app.vault.trust import Trust, decode_roster

CAPSULE_SECONDS: Final = 7 * 24 * 3600
WITHDRAWAL_DIGITS: Final = 32
"""Of a withdrawal code: 106 bits, in figures, which every script has."""
STATEMENT: Final = sa.select(statements).where(statements.c.id == sa.bindparam("id"))
FINISHED: Final = sa.select(statements.c.finished).where(statements.c.id == sa.bindparam("id"))
FILES_OF: Final = (
    sa.select(assets).where(assets.c.statement == sa.bindparam("statement")).order_by(assets.c.position)
)
ROSTER: Final = sa.select(rosters.c.object).where(rosters.c.digest == sa.bindparam("digest"))


@dataclass(frozen=True)
class Sealed:
    """A part that is on its way: what the next form carries, and its entries in the manifest."""

    capsule: Capsule
    parts: tuple[PartEntry, ...]
    files: tuple[FileEntry, ...] = ()


@dataclass(frozen=True)
class Piece:
    """One field of a part as it was sealed for this version, its key wrapped to the form's intake key; not signed yet."""

    where: Field
    version: int
    key: UUID
    envelope: bytes = field(repr=False)
    wrap: bytes = field(repr=False)


@dataclass(frozen=True)
class FileReceipt:
    """A file's stream as it lies on the disk, durable, not yet part of any record."""

    asset: UUID
    key: RecordKey
    key_id: UUID
    size: int
    length: int
    header_digest: bytes
    whole_digest: bytes


@dataclass(frozen=True)
class ReceiptFacts:
    """What an interviewer keeps: a label to find it by, the time and the place in the log."""

    statement: UUID
    digits: str
    received: int
    position: int


def segment_context(case: UUID, asset: UUID, number: int) -> Context:
    """Of a stream of a file: the first, or the only one, has the number 1."""
    table, name = ORIGINAL
    return Context(table, name, case, asset, number)


class Hash(Protocol):
    """SHA-256, or the tree digest over blocks."""

    def update(self, data: bytes, /) -> object: ...
    def digest(self) -> bytes: ...


class StreamIntake:
    """Seals one stream while it comes in; what is sealed is written and hashed on threads of their own.

    Nothing of it is in clear anywhere but in two buffers of 256 KiB. `finish` makes it durable, `abandon` leaves nothing.
    """

    def __init__(
        self, installation: UUID, context: Context, blob: UUID, key_id: UUID, blobs: BlobStore, digest: Hash
    ) -> None:
        self._asset, self._key_id = context.record, key_id
        self._key = RecordKey.generate()
        self._sealer = StreamSealer(self._key, key_id, context, installation)
        self._writer: BlobWriter = blobs.create(blob)
        self.length = 0
        self._digest = digest
        self._writing, self._hashing = Background(self._writer.write), Background(digest.update)
        self._put(self._sealer.header)

    def write(self, data: bytes) -> None:
        self.length += len(data)
        sealed = self._sealer.update(data)
        if sealed:
            self._put(sealed)

    def _put(self, sealed: bytes) -> None:
        self._writing.put(sealed)
        self._hashing.put(sealed)

    def finish(self) -> FileReceipt:
        """Raises InvalidInput for a file of no bytes."""
        if self.length == 0:
            self.abandon()
            raise InvalidInput({"files": "empty-file"})
        with ExitStack() as undo:
            undo.callback(self.abandon)
            self._put(self._sealer.finish())
            self._writing.finish()
            self._hashing.finish()
            self._writer.commit()
            undo.pop_all()
        return FileReceipt(
            asset=self._asset,
            key=self._key,
            key_id=self._key_id,
            size=self._writer.size,
            length=self.length,
            header_digest=hashlib.sha256(self._sealer.header).digest(),
            whole_digest=self._digest.digest(),
        )

    def abandon(self) -> None:
        self._writing.stop()
        self._writer.abandon()
        self._hashing.stop()


def file_intake(installation: UUID, case: UUID, blobs: BlobStore) -> StreamIntake:
    """For a file that comes with a form, in one piece."""
    asset = new_id()
    return StreamIntake(
        installation, segment_context(case, asset, 1), asset, new_id(), blobs, hashlib.sha256()
    )


@dataclass
class Submissions:
    """Acts of somebody who writes and cannot read, and of the reader who takes a submission over."""

    tx: Transaction
    installation: Installation
    holder: Holder
    trust: Trust
    records: Records
    audit: AuditLog
    blobs: BlobStore
    clock: Callable[[], int]
    micros: Callable[[], int]
    _rosters: dict[bytes, Roster | None] = field(default_factory=dict)

    # The form

    def begin(self, case: UUID) -> str:
        """A capsule for a new statement on a case; nothing is written.

        Raises:
            NotFound: the holder is not on the case's roster as somebody who may submit.
        """
        roster, statement_key, identity_key = self._intake_of(case)
        return self.token(
            Capsule(
                person=self.holder.person,
                card=self.holder.card,
                case=case,
                roster=roster,
                statement_key=statement_key,
                identity_key=identity_key,
                submission=new_id(),
                part=1,
                previous=None,
                issued=self.clock(),
            )
        )

    def _intake_of(self, case: UUID) -> tuple[bytes, UUID, UUID]:
        """Digest of the newest roster, and its intake keys; the book's where the database lost or altered it."""
        try:
            roster = self.trust.roster(case)
        except (Frozen, Tampered):
            return self._remembered_intake(case)
        if not roster.duties_of(self.holder.card):
            raise NotFound("case")
        return roster.digest, roster.intake_key(CASE).key_id, roster.intake_key(IDENTITY_KIND).key_id

    def _remembered_intake(self, case: UUID) -> tuple[bytes, UUID, UUID]:
        """Raises NotFound where the book remembers none, or nobody has vouched for its owner, who could write it alone."""
        if not self.trust.is_colleague(self.holder.card):
            raise NotFound("case")
        book = self.trust.book
        mark = book.roster_mark(case)
        own, identity = (book.intake_key(case, kind) for kind in (CASE, IDENTITY_KIND))
        if mark is None or own is None or identity is None:
            raise NotFound("case")
        return mark.digest, own.key_id, identity.key_id

    def can_begin(self, case: UUID) -> bool:
        """Whether a statement may be begun, as somebody who submits to the case, by the newest roster that is known."""
        try:
            return Duty.INTERVIEWER in self.trust.roster(case).duties_of(self.holder.card)
        except NotFound:
            return False
        except (Frozen, Tampered):
            with suppress(NotFound):
                return bool(self._remembered_intake(case))
            return False

    def seal_part(
        self,
        capsule: Capsule,
        part: dict[str, Any],
        notes: dict[str, Any],
        identity: dict[str, Any],
        files: list[tuple[FileReceipt, dict[str, Any]]],
    ) -> Sealed:
        """Seal one part of the form with its files; staged. The holder cannot open it again.

        Args:
            part: what the case's readers see; `notes`: working notes; `identity`: for the custodian only. Empty ones are left out.
            files: streams that are durable already, each with what its sender says of it.

        A part that arrives twice is kept beside the first and compared at adoption; nothing is lost, nothing overwritten.

        Raises:
            Forbidden: `capsule-of-another`, the form was given to somebody else.
            Tampered: the part before is gone, or no proved roster has the intake key that the form was given.
        """
        self._require_own(capsule)
        case, statement = capsule.case, capsule.submission
        tip = self.records.tip(PART, statement)
        repeated = tip if tip is not None and tip.version >= capsule.part else None
        if repeated is None:
            self._begin_statement(capsule)
        beside = [
            self._seal(where, capsule, content)
            for where, content in ((NOTES, notes), (IDENTITY, identity))
            if content
        ]
        stored = tuple(self._seal_file(capsule, number, *file) for number, file in enumerate(files, start=1))
        content = {
            **part,
            "beside": {entry.field: entry.digest.hex() for entry in beside},
            "files": [entry.asset.hex for entry in stored],
        }
        if repeated is not None:
            return self._seal_double(capsule, content, (beside, stored), repeated)
        sealed = self.records.seal_to_intake(
            PART,
            case,
            statement,
            canonical_json(content),
            expected=capsule.part - 1,
            target=self.target(capsule, CASE),
        )
        return Sealed(self._next(capsule, sealed.digest), (*beside, _entry(PART, sealed)), stored)

    def sign_part(self, capsule: Capsule, pieces: Sequence[Piece]) -> Sealed:
        """Sign a part that was sealed when it arrived without a session; staged. Whoever calls has proved the pieces.

        Args:
            pieces: notes and identity first, the part itself last.

        Raises:
            Conflict: `newer-version`, something else stands where a piece was to come.
            Forbidden, Tampered: as `seal_part`.
        """
        self._require_own(capsule)
        self._begin_statement(capsule)
        signed = [(piece.where, self._sign_piece(capsule, piece)) for piece in pieces]
        return Sealed(
            self._next(capsule, signed[-1][1].digest),
            tuple(_entry(where, sealed) for where, sealed in signed),
        )

    def _sign_piece(self, capsule: Capsule, piece: Piece) -> SealedVersion:
        case, statement, kind = capsule.case, capsule.submission, piece.where.kind
        self.records.keep_intake_wrap(piece.key, case, statement, kind, piece.wrap, given_key(capsule, kind))
        return self.records.sign_sealed(
            piece.where, case, statement, piece.envelope, piece.key, expected=piece.version - 1
        )

    def after(self, capsule: Capsule) -> Capsule | None:
        """Where a form goes on whose part stands there already; None where it does not."""
        tip = self.records.tip(PART, capsule.submission)
        if tip is None or tip.version < capsule.part:
            return None
        return self._next(replace(capsule, part=tip.version), tip.version_digest)

    def _require_own(self, capsule: Capsule) -> None:
        if capsule.person != self.holder.person:
            raise Forbidden("capsule-of-another")

    def _next(self, capsule: Capsule, digest: bytes) -> Capsule:
        return replace(capsule, part=capsule.part + 1, previous=digest, issued=self.clock())

    def token(self, capsule: Capsule) -> str:
        """The text that a form carries."""
        return seal_capsule(self.installation.root, self.installation.id, capsule)

    def _begin_statement(self, capsule: Capsule) -> None:
        if capsule.part > 1:
            if self.trust_previous(capsule) is None:
                raise Tampered("part-missing", table="statements", record=capsule.submission)
            return
        now = self.clock()
        self.tx.insert(
            statements,
            id=capsule.submission,
            case=capsule.case,
            submitter=capsule.person,
            state=self.arrives_as(capsule.case).value,
            before="",
            consent_state="in-force",
            received=now,
            arrival=self.micros(),
            size=0,
            roster=capsule.roster,
            statement_intake_key=capsule.statement_key,
            identity_intake_key=capsule.identity_key,
        )

    def arrives_as(self, case: UUID) -> StatementState:
        """What comes while the database is older than what the server or its author has seen is set apart for the lead."""
        try:
            self.audit.check_head(self.tx, self.trust.book.head)
            self.trust.roster(case)
        except (Frozen, NotFound, Tampered):
            return StatementState.QUARANTINED
        return StatementState.RECEIVED

    def trust_previous(self, capsule: Capsule) -> bytes | None:
        """The digest of the part before, if it is the one that this form was given; a dropped part shows here."""
        tip = self.records.tip(PART, capsule.submission)
        if tip is None or tip.version_digest != capsule.previous:
            return None
        return tip.version_digest

    def _seal_double(
        self,
        capsule: Capsule,
        content: dict[str, Any],
        sealed_with_it: tuple[list[PartEntry], tuple[FileEntry, ...]],
        newest: Tip,
    ) -> Sealed:
        beside, stored = sealed_with_it
        doubles = self.records.tip(DOUBLE, capsule.submission)
        sealed = self.records.seal_to_intake(
            DOUBLE,
            capsule.case,
            capsule.submission,
            canonical_json({**content, "repeats": capsule.part}),
            expected=doubles.version if doubles else 0,
            target=self.target(capsule, CASE),
        )
        following = self._next(replace(capsule, part=newest.version), newest.version_digest)
        return Sealed(following, (*beside, _entry(DOUBLE, sealed)), stored)

    def _seal(self, where: Field, capsule: Capsule, content: dict[str, Any]) -> PartEntry:
        tip = self.records.tip(where, capsule.submission)
        sealed = self.records.seal_to_intake(
            where,
            capsule.case,
            capsule.submission,
            canonical_json(content),
            expected=tip.version if tip else 0,
            target=self.target(capsule, where.kind),
        )
        return _entry(where, sealed)

    def _seal_file(self, capsule: Capsule, number: int, file: FileReceipt, said: dict[str, Any]) -> FileEntry:
        """Raises Unavailable where its bytes are not there any more: nobody is given a receipt for them."""
        if self.blobs.size(file.asset) != file.size:
            raise Unavailable("storage")
        self.records.wrap_to_intake(
            file.key, file.key_id, capsule.case, file.asset, CASE, self.target(capsule, CASE)
        )
        self.tx.insert(
            assets,
            id=file.asset,
            case=capsule.case,
            statement=capsule.submission,
            key=file.key_id,
            position=capsule.part * 100 + number,
            size=file.size,
            header_digest=file.header_digest,
            whole_digest=file.whole_digest,
            received=self.clock(),
        )
        facts = {
            **said,
            "length": file.length,
            "header": file.header_digest.hex(),
            "whole": file.whole_digest.hex(),
        }
        self.records.seal_to_intake(
            ASSET_FACTS,
            capsule.case,
            file.asset,
            canonical_json(facts),
            expected=0,
            target=self.target(capsule, CASE),
        )
        return FileEntry(file.asset, file.key_id, file.header_digest, file.whole_digest, file.size)

    def target(self, capsule: Capsule, kind: str) -> IntakeTarget:
        """Whom a form seals to. Raises Tampered where neither its roster nor the author's book knows the key."""
        roster = self._roster_of(capsule)
        if roster is None:
            return self._target_from_book(capsule, kind)
        return target_in(roster, capsule, kind)

    def _roster_of(self, capsule: Capsule) -> Roster | None:
        """The roster that the form was made under, or None where the database lost or altered it."""
        if capsule.roster not in self._rosters:
            self._rosters[capsule.roster] = roster_of_form(self.tx, self.installation, capsule)
        return self._rosters[capsule.roster]

    def _target_from_book(self, capsule: Capsule, kind: str) -> IntakeTarget:
        """With a database that lost or altered the roster, intake goes on to the key that the book remembers."""
        key = self.trust.book.intake_key(capsule.case, kind)
        if key is None or key.key_id != given_key(capsule, kind):
            raise Tampered("roster", table="rosters", record=capsule.case)
        return IntakeTarget(key.key_id, key.public)

    # The end of the form

    def finish(
        self, capsule: Capsule, just_sealed: Sealed | None = None, withdrawal_tag: bytes | None = None
    ) -> None:
        """Sign the manifest over every part and file in order, and write the receipt in the same commit; staged.

        Args:
            just_sealed: the last part, if it lands in this same commit.

        Raises:
            Conflict: `finished-already`; `part-missing` if the last part is not the one this form was given.
            Forbidden: `capsule-of-another`, the form was given to somebody else.
            Tampered: a part that was sealed before is not what stands there now.
        """
        self._require_own(capsule)
        statement = capsule.submission
        if just_sealed is None and self.trust_previous(capsule) is None:
            raise Conflict("part-missing")
        if self.is_finished(statement):
            raise Conflict("finished-already")
        new = just_sealed or Sealed(capsule, ())
        parts = sorted((*self._parts(statement), *new.parts), key=lambda entry: (entry.field, entry.version))
        files = (*self._files(statement), *new.files)
        inner = self.records.seal_to_intake(
            INNER,
            capsule.case,
            statement,
            canonical_json({"parts": len(parts), "files": [entry.asset.hex for entry in files]}),
            expected=0,
            target=self.target(capsule, CASE),
        )
        manifest = Manifest(
            case=capsule.case,
            statement=statement,
            roster=capsule.roster,
            statement_key=capsule.statement_key,
            identity_key=capsule.identity_key,
            author=self.holder.card,
            parts=tuple(parts),
            files=files,
            inner=inner.digest,
            client=None,
            finished=self.clock(),
        )
        self._stage_manifest(manifest, withdrawal_tag)

    def add(self, case: UUID, statement: UUID, content: bytes) -> SealedVersion:
        """Seal what is added to a finished statement; staged. Its author cannot open that again either.

        Raises:
            Conflict: `newer-version` at the commit, somebody added something at the same moment.
        """
        key = self.trust.roster(case).intake_key(CASE)
        tip = self.records.tip(ADDENDUM, statement)
        return self.records.seal_to_intake(
            ADDENDUM,
            case,
            statement,
            content,
            expected=tip.version if tip else 0,
            target=IntakeTarget(key.key_id, key.public),
        )

    def is_finished(self, statement: UUID) -> bool:
        return self.tx.value(FINISHED, id=statement) is not None

    def _parts(self, statement: UUID) -> list[PartEntry]:
        """Every part that stands there, each field's chain proved from its tip, so that none was dropped between."""
        return [
            PartEntry(where.path, link.version, link.digest, link.size)
            for where in (PART, NOTES, IDENTITY, DOUBLE)
            for link in self.records.chain(where, statement)
        ]

    def _files(self, statement: UUID) -> list[FileEntry]:
        rows = self.tx.all(FILES_OF, statement=statement)
        try:
            return [FileEntry(row.id, row.key, row.header_digest, row.whole_digest, row.size) for row in rows]
        except CryptoError as error:
            raise Tampered("file", table="assets", record=statement) from error

    def _stage_manifest(self, manifest: Manifest, withdrawal_tag: bytes | None) -> None:
        digest, now = manifest.digest(self.installation.id), self.clock()
        size = sum(entry.size for entry in manifest.parts) + sum(entry.size for entry in manifest.files)
        self.tx.stage(
            sa.update(statements)
            .where(statements.c.id == manifest.statement, statements.c.finished.is_(None))
            .values(
                finished=now,
                size=size,
                withdrawal_tag=withdrawal_tag,
                manifest_digest=digest,
                manifest=manifest.encode(),
                manifest_signature=sign_object(self.holder.seeds.signing, self.installation.id, manifest),
            ),
            rows=1,
            conflict="finished-already",
        )

        def settle(connection: sa.Connection, era: int, sequence: int) -> None:
            receipt = Receipt(manifest.statement, digest, now, era, sequence)
            signature = sign_object(self.installation.server.seed, self.installation.id, receipt)
            connection.execute(
                sa.update(statements)
                .where(statements.c.id == manifest.statement)
                .values(receipt=receipt.encode(), receipt_signature=signature)
            )

        note = Note(
            Act.STATEMENT_FINISHED,
            self.holder.person,
            manifest.case,
            manifest.statement,
            digest=digest,
            session=self.holder.session_tag,
        )
        self.audit.note(note, settle)

    def receipt(self, statement: UUID) -> ReceiptFacts:
        """The receipt of a finished statement of the holder's own.

        Raises:
            NotFound: it is not theirs, or not finished.
            Tampered: the server key did not sign what is stored.
        """
        row = self.tx.first(STATEMENT, id=statement)
        if row is None or row.submitter != self.holder.person or row.receipt is None:
            raise NotFound("receipt")
        try:
            receipt = Receipt.decode(row.receipt)
            verify_object(
                self.installation.server.public, row.receipt_signature, self.installation.id, receipt
            )
        except CryptoError as error:
            raise Tampered("receipt", table="statements", record=statement) from error
        if (receipt.statement, receipt.manifest) != (statement, row.manifest_digest):
            raise Tampered("receipt-of-another", table="statements", record=statement)
        return ReceiptFacts(statement, receipt_digits(receipt.manifest), receipt.received, receipt.position)

    # Taking over

    def adopt(self, case: UUID, limit: int, only: UUID | None = None) -> list[UUID]:
        """Re-wrap what waits under an intake key to the case's secret; staged. Losing the race to another reader is success.

        Args:
            only: one statement, where not everything that waits is wanted.

        Returns: the records whose keys were taken over. A key that does not open is left, and shows on opening.
        """
        return self.records.take_over(case, CASE, _waiting(case, CASE, only), limit)

    def adopt_identity(self, case: UUID, limit: int, only: UUID | None = None) -> list[UUID]:
        """The same for the identity compartment, in a custodian's session."""
        return self.records.take_over(case, IDENTITY_KIND, _waiting(case, IDENTITY_KIND, only), limit)

    def verify_submission(self, statement: UUID) -> tuple[str, ...]:
        """What is wrong with a finished submission, as codes; nothing if its manifest fits what is stored."""
        row = self.tx.first(STATEMENT, id=statement)
        if row is None:
            raise NotFound("statement")
        if row.manifest is None:
            return ()
        try:
            manifest = Manifest.decode(row.manifest)
            author = self.trust.card(manifest.author)
            verify_object(author.signing_public, row.manifest_signature, self.installation.id, manifest)
        except (CryptoError, Tampered):
            return ("manifest-signature",)
        faults = []
        if (manifest.statement, manifest.case, author.person) != (statement, row.case, row.submitter):
            faults.append("manifest-of-another")
        if not _holds(lambda: self._parts(statement), manifest.parts):
            faults.append("part-missing")
        if not _holds(lambda: self._files(statement), manifest.files) or not self._holds_later_files(row):
            faults.append("file-missing")
        return tuple(faults)

    def _holds_later_files(self, statement: sa.Row[Any]) -> bool:
        """Whether the files that came after the manifest was signed stand there too."""
        listed = self.records.open_all(LATER_FILES, statement.case, statement.id)
        rows = self.tx.all(FILES_OF, statement=statement.id)
        stored = {(row.id.hex, row.whole_digest.hex()) for row in rows}
        return {
            (entry["asset"], entry["whole"]) for entry in (json.loads(one.content) for one in listed)
        } <= stored


def open_form(installation: Installation, token: str, now: int) -> Capsule:
    """What a form was given.

    Raises:
        Forbidden: `capsule-forged` or `capsule-expired`; nothing of the body may be kept then.
    """
    capsule = capsule_of(installation, token)
    if now - capsule.issued > CAPSULE_SECONDS:
        raise Forbidden("capsule-expired")
    return capsule


def capsule_of(installation: Installation, token: str) -> Capsule:
    """The same however old. Raises Forbidden (`capsule-forged`)."""
    try:
        return open_capsule(installation.root, installation.id, token)
    except CryptoError as error:
        raise Forbidden("capsule-forged") from error


def given_key(capsule: Capsule, kind: str) -> UUID:
    """The intake key that a form was given, for one compartment."""
    return capsule.identity_key if kind == IDENTITY_KIND else capsule.statement_key


def roster_of_form(tx: Transaction, installation: Installation, capsule: Capsule) -> Roster | None:
    """The roster that a form was made under, or None where the database lost or altered it."""
    stored = tx.value(ROSTER, digest=capsule.roster)
    try:
        roster = decode_roster(stored or b"")
    except CryptoError:
        return None
    return roster if roster.digest(installation.id) == capsule.roster else None


def target_in(roster: Roster, capsule: Capsule, kind: str) -> IntakeTarget:
    """The intake key that a form was given, its public half proved by the capsule's roster digest.

    Raises Tampered where the roster names no such key.
    """
    for key in roster.intake_keys:
        if (key.kind, key.key_id) == (kind, given_key(capsule, kind)):
            return IntakeTarget(key.key_id, key.public)
    raise Tampered("intake-key", table="rosters", record=capsule.case)


def new_withdrawal_code() -> str:
    """What a witness can take words back with: eight groups of four figures, known to us only as its HMAC."""
    digits = f"{randomness.randbelow(10**WITHDRAWAL_DIGITS):0{WITHDRAWAL_DIGITS}}"
    return " ".join(digits[at : at + 4] for at in range(0, WITHDRAWAL_DIGITS, 4))


def withdrawal_tag(installation: Installation, code: str) -> bytes:
    """The HMAC under which a statement is found by its code, however it was grouped and in whichever figures.

    Raises InvalidInput (`not-a-withdrawal-code`) for anything but 32 figures.
    """
    digits = "".join(str(int(figure)) for figure in code if figure.isdecimal())
    if len(digits) != WITHDRAWAL_DIGITS:
        raise InvalidInput({"withdrawal": "not-a-withdrawal-code"})
    return mac(installation.root, "withdrawal", digits.encode())


def _waiting(case: UUID, kind: str, only: UUID | None) -> sa.ColumnElement[bool]:
    table = record_keys
    waiting = sa.and_(table.c.case == case, table.c.kind == kind, table.c.state == INTAKE)
    return waiting if only is None else sa.and_(waiting, table.c.record == only)


def _holds(stored: Callable[[], Iterable[object]], signed: Iterable[object]) -> bool:
    """Whether all that was signed stands there, undamaged; what came later is no fault."""
    try:
        return {*signed} <= {*stored()}
    except Tampered:
        return False


def _entry(where: Field, sealed: SealedVersion) -> PartEntry:
    return PartEntry(where.path, sealed.version, sealed.digest, sealed.size)
