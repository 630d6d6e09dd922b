"""Files that come in over many requests: begun under a form's capsule, sealed in segments, gone on with until they are whole."""

import hashlib
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope
from app.crypto.hpke import OVERHEAD, recipient_of
from app.crypto.keys import RecordKey, mac, macs_equal
from app.crypto.objects import Capsule
from app.crypto.stream import HEADER_LENGTH, ciphertext_length, cut_length, is_header_for, plain_length
from app.crypto.tree import BLOCK, digest_of_blocks
from app.domain.errors import Conflict, CryptoError, Forbidden, InvalidInput, NotFound, Tampered
from app.domain.ids import new_id
from app.domain.record import canonical_json
from app.store.blobs import HOLDER_BYTES, BlobStore, GrowingBlob
from app.store.cases import statements
from app.store.database import Transaction
from app.store.uploads import upload_blocks, uploads
from app.vault.fields import ASSET_FACTS
from app.vault.identity import Holder
from app.vault.installation import Installation
from app.vault.records import IntakeTarget, intake_wrap
from app.vault.secrets import CASE
from app.vault.submissions import Submissions, capsule_of, open_form, segment_context
from app.vault.upload_rows import (
    CLEAR,
    CLOSED,
    JOINED,
    MOST_SEGMENTS,
    OPEN,
    SEALED,
    WHOLE,
    Segment,
    Upload,
    proof_of_row,
    stage_discard,
    stage_segment,
    upload_proof,
)

BOX_LENGTH: Final = OVERHEAD + 32
MARK_LENGTH: Final = 32
ADDRESS_BYTES: Final = 32

_BY_TAG: Final = sa.select(uploads).where(uploads.c.tag == sa.bindparam("tag"))
_BY_ASSET: Final = sa.select(uploads).where(uploads.c.asset == sa.bindparam("asset"))
_BLOCKS_OF: Final = (
    sa.select(upload_blocks.c.digest)
    .where(upload_blocks.c.asset == sa.bindparam("asset"), upload_blocks.c.segment == sa.bindparam("segment"))
    .order_by(upload_blocks.c.number)
)
STATEMENT: Final = sa.select(statements.c.finished, statements.c.state).where(
    statements.c.id == sa.bindparam("id")
)


@dataclass(frozen=True)
class Announced:
    """What a browser says of the segment that it is about to send. `box`: its key, for the case's readers alone.

    `total`: bytes of the whole file in clear; `origin`: where in it the segment begins; `mark`: tells this file from another.
    """

    asset: UUID
    segment: int
    key: UUID
    box: bytes
    total: int
    origin: int
    mark: bytes


@dataclass
class Uploads:
    """What the author of a form does with its files; reading them back is not among it."""

    tx: Transaction
    installation: Installation
    holder: Holder
    submissions: Submissions
    blobs: BlobStore
    clock: Callable[[], int]
    given_up: list[UUID] = field(default_factory=list)
    """Blobs that belong to nothing once what is staged is durable."""

    # Beginning

    def begin_sealed(self, token: str, announced: Announced, length: int) -> str:
        """The address for a segment that a browser seals; staged.

        Args:
            length: bytes of its ciphertext.

        Raises:
            Forbidden: the capsule is forged, expired or another person's.
            InvalidInput: what was announced does not fit together, or the key is not for this case's readers.
            Conflict: `withdrawn`, its statement was; `upload-exists`, or it goes on at another place than was announced;
                `blob-exists`, the key has the name of something that is there.
        """
        capsule = self._own(token, announced.asset)
        _require_fit(capsule, announced, length)
        if self.tx.first(JOINED, asset=announced.asset) is not None:
            raise Conflict("upload-exists")
        address = _new_address()
        here = {
            "tag": tag_of(address),
            "key": announced.key,
            "wrap": announced.box,
            "length": length,
            "offset": 0,
        }
        if announced.segment == 1 and self._row(announced.asset) is None:
            new = {"asset": announced.asset, "way": SEALED, "total": announced.total}
            self._insert(capsule, token, {**new, **here, "mark": self._mark(announced.asset, announced.mark)})
        else:
            self._go_on(announced, here)
        self.blobs.claim(announced.key)
        return address

    def begin_clear(self, token: str, length: int, said: Mapping[str, str]) -> str:
        """The address where another program sends a file in clear, which is sealed as it arrives; staged.

        Raises Forbidden and Conflict (`withdrawn`) as `begin_sealed`.
        """
        capsule = self._own(token)
        address, asset = _new_address(), new_id()
        here = {"asset": asset, "way": CLEAR, "tag": tag_of(address), "total": length, "length": length}
        self._insert(capsule, token, here | self._said(capsule, asset, length, said))
        return address

    def _own(self, token: str, asset: UUID | None = None) -> Capsule:
        capsule = capsule_of(self.installation, token)
        if not (asset and self.goes_on(asset, token)):
            open_form(self.installation, token, self.clock())
        if capsule.person != self.holder.person:
            raise Forbidden("capsule-of-another")
        if self.is_closed(capsule.submission):
            raise Conflict("withdrawn")
        return capsule

    def _insert(self, capsule: Capsule, token: str, values: Mapping[str, Any]) -> None:
        now = self.clock()
        row = {
            "state": OPEN,
            "person": self.holder.person,
            "case": capsule.case,
            "statement": capsule.submission,
            "capsule": token.encode(),
            "mark": None,
            "segment": 1,
            "origin": 0,
            "key": None,
            "wrap": None,
            "offset": 0,
            "said_key": None,
            "said": None,
            "said_wrap": None,
            "began": now,
            "touched": now,
            **values,
        }
        self.tx.insert(uploads, conflict="upload-exists", **row, proof=proof_of_row(self.installation, row))

    def _go_on(self, announced: Announced, here: Mapping[str, Any]) -> None:
        upload = self.find_asset(announced.asset)
        stands = (upload.segment, upload.origin, upload.total, upload.key, upload.state)
        if stands != (announced.segment, announced.origin, announced.total, None, OPEN):
            raise Conflict("upload-exists")
        self._update(upload, **here)

    # Finding

    def find(self, address: str) -> Upload:
        """The upload at an address, of the holder's own.

        Raises:
            NotFound: there is none, or it is somebody else's.
            Tampered: the row is not what was written.
        """
        return self._checked(self.tx.first(_BY_TAG, tag=tag_of(address)))

    def find_asset(self, asset: UUID) -> Upload:
        """The same by the file's id."""
        return self._checked(self._row(asset))

    def unfinished(self) -> list[Upload]:
        """The holder's own, oldest first; a touched row never blocks the rest."""
        found = []
        for row in self._mine():
            with suppress(Tampered):
                found.append(self._checked(row))
        return found

    def named(self) -> list[UUID]:
        """The holder's own, oldest first, those too that were touched."""
        return [row.asset for row in self._mine()]

    def _mine(self) -> Sequence[sa.Row[Any]]:
        mine = sa.select(uploads).where(uploads.c.person == self.holder.person).order_by(uploads.c.began)
        return self.tx.all(mine)

    def goes_on(self, asset: UUID, token: str) -> bool:
        """Whether a form's file is on its way here: then it may go on, however old the form is."""
        row = self._row(asset)
        return row is not None and row.person == self.holder.person and row.capsule == token.encode()

    def promised(self) -> tuple[int, int]:
        """Bytes that are still to come of everybody's files, at the most; and of the holder's among them."""
        coming = sa.func.sum(uploads.c.total - uploads.c.origin - uploads.c.offset)
        by_person = sa.select(uploads.c.person, coming.label("bytes")).where(uploads.c.state == OPEN)
        rows = {
            row.person: max(0, int(row.bytes)) for row in self.tx.all(by_person.group_by(uploads.c.person))
        }
        return sum(rows.values()), rows.get(self.holder.person, 0)

    def count(self) -> int:
        """How many of the holder's are on their way, or wait for their words."""
        mine = sa.select(sa.func.count()).where(uploads.c.person == self.holder.person)
        return int(self.tx.value(mine))

    def is_waiting(self, asset: UUID) -> bool:
        """Whether a file is not part of its statement yet."""
        return self._row(asset) is not None

    def is_closed(self, statement: UUID) -> bool:
        """Whether a statement takes no file any more: the witness withdrew it."""
        row = self.tx.first(STATEMENT, id=statement)
        return row is not None and row.state in CLOSED

    def _row(self, asset: UUID) -> sa.Row[Any] | None:
        return self.tx.first(_BY_ASSET, asset=asset)

    def _checked(self, row: sa.Row[Any] | None) -> Upload:
        if row is None or row.person != self.holder.person:
            raise NotFound("upload")
        upload = Upload.of(row)
        if not macs_equal(row.proof, self._proof_of(upload)):
            raise Tampered("upload", table="uploads", record=upload.asset)
        return upload

    def alone(self, upload: Upload) -> Upload:
        """It as it stands once nobody else can write to it: a request that still hangs is shut out, what landed counts.

        Raises as `find_asset`, and Unavailable.
        """
        self.blobs.shut_out(upload.key or upload.asset)
        self.tx.release()
        return self.find_asset(upload.asset)

    # Going on with a new key

    def resume(self, asset: UUID, mark: bytes) -> Upload:
        """Close what was interrupted behind its last whole chunk, and make place for the next segment; staged.

        Where all of it had come, and a process died just before its row said so, it is whole.

        Raises:
            Conflict: `another-file`, the mark is not that of the file begun; `whole-already`; `too-many-segments`.
        """
        upload = self.alone(self.find_asset(asset))
        if upload.state == WHOLE:
            raise Conflict("whole-already")
        if upload.mark is None or not macs_equal(upload.mark, self._mark(asset, mark)):
            raise Conflict("another-file")
        if upload.key is None:
            return upload
        if upload.offset == upload.length == self.blobs.size(upload.key):
            return self.complete(upload, None, {})
        if upload.segment >= MOST_SEGMENTS:
            raise Conflict("too-many-segments")
        return self._interrupted(upload)

    def _interrupted(self, upload: Upload) -> Upload:
        size = cut_length(upload.offset, upload.length)
        segment = self._closed(upload, size, cut=True) if size else None
        if segment is None:
            return self.start_again(upload)
        stage_segment(self.tx, self.installation, upload.asset, segment)
        return self._away(upload, segment=upload.segment + 1, origin=upload.origin + segment.length)

    def start_again(self, upload: Upload) -> Upload:
        """Forget the segment that is being sent: it comes again, with another key; staged."""
        if upload.key is not None:
            self.given_up.append(upload.key)
        return self._away(upload)

    def _away(self, upload: Upload, **values: Any) -> Upload:
        """Its address is no more; what comes next has one of its own."""
        self.tx.stage(sa.delete(upload_blocks).where(upload_blocks.c.asset == upload.asset))
        nowhere = {"tag": tag_of(_new_address()), "key": None, "wrap": None, "length": 0, "offset": 0}
        return self._update(upload, **nowhere, **values)

    def _closed(
        self, upload: Upload, size: int, *, cut: bool = False, digest: bytes | None = None
    ) -> Segment | None:
        """The blob under its name, and what there is to say of it; None where its bytes are gone, as after a restore.

        After a crash it may have its name already, and is the same.
        """
        key = upload.key
        assert key is not None
        try:
            growing = self.blobs.grow(key, randomness.token_bytes(HOLDER_BYTES))
        except NotFound:
            return None
        try:
            if growing.size() < size or (growing.is_settled and growing.size() != size):
                return None  # the rows are of another time than the bytes, as after a restore
            header = growing.read_at(0, HEADER_LENGTH)
            tree = self._tree(upload, growing, size)
            if digest is not None and not macs_equal(digest, tree):
                raise Conflict("digest")
            self._require_header(upload, key, header)
            growing.keep(size)
        finally:
            growing.close()
        return Segment(
            number=upload.segment,
            blob=key,
            key=key,
            size=size,
            length=plain_length(size, cut=cut),
            header_digest=hashlib.sha256(header).digest(),
            tree_digest=tree,
            cut=cut,
            wrap=upload.wrap,
        )

    def _tree(self, upload: Upload, growing: GrowingBlob, size: int) -> bytes:
        """From the blocks that were told as they came, and the last one, which may have been cut since."""
        known = self.tx.all(_BLOCKS_OF, asset=upload.asset, segment=upload.segment)
        whole = [row.digest for row in known][: size // BLOCK]
        rest = growing.read_at(size - size % BLOCK, size % BLOCK)
        return digest_of_blocks([*whole, hashlib.sha256(rest).digest()] if rest else whole)

    def _require_header(self, upload: Upload, key: UUID, header: bytes) -> None:
        context = segment_context(upload.case, upload.asset, upload.segment)
        if not is_header_for(header, key, context, self.installation.id):
            raise InvalidInput({"header": "another-place"})

    # All of it here

    def say(self, upload: Upload, said: Mapping[str, str]) -> Upload:
        """What its sender says of a file, before it is whole or after; staged. `said`: as of `complete`."""
        return self._update(upload, **self._said(self._capsule(upload), upload.asset, upload.total, said))

    def complete(self, upload: Upload, digest: bytes | None, said: Mapping[str, str]) -> Upload:
        """All of a file has come; staged. Once more it only says anew what is said of the file.

        Args:
            digest: tree digest of the newest segment, as its sender computed it; other programs send none.
            said: name, type, title, credit, warning, in the sender's words; none: as it was said before.

        Raises:
            Conflict: `not-whole-yet`; `digest`, what came is not what was sent, so this segment must come again.
        """
        untold = said or upload.said is None
        values = self._said(self._capsule(upload), upload.asset, upload.total, said) if untold else {}
        if upload.state == WHOLE:
            return self._update(upload, **values)
        if upload.offset != upload.length or (upload.is_sealed and upload.key is None):
            raise Conflict("not-whole-yet")
        if not upload.is_sealed:  # its address stays: a sender who missed the last answer asks there
            return self._update(upload, state=WHOLE, **values)
        self._complete_segment(upload, digest)
        return self._away(upload, state=WHOLE, **values)

    def _complete_segment(self, upload: Upload, digest: bytes | None) -> None:
        segment = self._closed(upload, upload.length, digest=digest)
        if segment is None:
            raise Conflict("digest")
        stage_segment(self.tx, self.installation, upload.asset, segment)

    def _said(self, capsule: Capsule, asset: UUID, length: int, said: Mapping[str, str]) -> dict[str, Any]:
        """What is said of a file, sealed for the case's readers, to be signed when the file joins its statement."""
        key, key_id = RecordKey.generate(), new_id()
        facts: dict[str, Any] = {
            "name": "",
            "type": "",
            "title": "",
            "credit": "",
            "warning": "",
            **said,
            "length": length,
        }
        context = ASSET_FACTS.context(capsule.case, asset, 1)
        target = self.submissions.target(capsule, CASE)
        return {
            "said_key": key_id,
            "said": envelope.seal(
                key, key_id, context, self.installation.id, canonical_json(facts), floor=ASSET_FACTS.floor
            ),
            "said_wrap": intake_wrap(self.installation.id, key, key_id, capsule.case, asset, target),
        }

    # Giving up

    def discard(self, upload: Upload) -> tuple[UUID, ...]:
        """Forget a file that is not part of its statement yet; staged.

        Returns: the blobs that hold what had come; drop them once this is durable.
        """
        return stage_discard(self.tx, upload)

    def target(self, upload: Upload) -> IntakeTarget:
        """Whom a file is sealed to. Raises Tampered where neither roster nor book knows the key that its form was given."""
        return self.submissions.target(self._capsule(upload), CASE)

    # Rows

    def _capsule(self, upload: Upload) -> Capsule:
        return capsule_of(self.installation, upload.capsule.decode())

    def _update(self, upload: Upload, **values: Any) -> Upload:
        """Staged for the very state that was read: two requests do not both change it."""
        known = {name: value for name, value in values.items() if name in Upload.__dataclass_fields__}
        after = replace(upload, **known, touched=self.clock())
        as_read = (
            uploads.c.asset == upload.asset,
            uploads.c.state == upload.state,
            uploads.c.segment == upload.segment,
            uploads.c.offset == upload.offset,
            uploads.c.key == upload.key if upload.key else uploads.c.key.is_(None),
        )
        self.tx.stage(
            sa.update(uploads)
            .where(*as_read)
            .values(touched=after.touched, proof=self._proof_of(after), **values),
            rows=1,
            conflict="upload-moved",
        )
        return after

    def _proof_of(self, upload: Upload) -> bytes:
        return upload_proof(self.installation, upload)

    def _mark(self, asset: UUID, mark: bytes) -> bytes:
        """Bound to this file: equal ones of two people cannot be told to be equal."""
        return mac(self.installation.root, "upload-marks", asset.bytes + mark)


def tag_of(address: str) -> bytes:
    """What the database keeps of an address, which is a secret of its author's browser."""
    return hashlib.sha256(address.encode()).digest()


def _new_address() -> str:
    return randomness.token_urlsafe(ADDRESS_BYTES)


def _require_fit(capsule: Capsule, announced: Announced, length: int) -> None:
    problems: dict[str, str] = {}
    if not _is_box_for(announced.box, capsule.statement_key):
        problems["box"] = "another-recipient"
    if len(announced.mark) != MARK_LENGTH:
        problems["mark"] = "malformed"
    if announced.segment < 1 or not 0 <= announced.origin < announced.total:
        problems["from"] = "out-of-range"
    elif length != ciphertext_length(announced.total - announced.origin):
        problems["length"] = "does-not-fit"
    if problems:
        raise InvalidInput(problems)


def _is_box_for(box: bytes, intake_key: UUID) -> bool:
    try:
        return len(box) == BOX_LENGTH and recipient_of(box) == intake_key
    except CryptoError:
        return False
