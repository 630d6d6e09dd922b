"""How a file that is whole becomes part of its statement: proved to be what arrived, and signed by its author."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.audit.acts import Act
from app.crypto.keys import macs_equal
from app.crypto.objects import FileEntry
from app.domain.errors import Tampered
from app.domain.lifecycle import StatementState
from app.domain.record import canonical_json
from app.store.blobs import BlobStore
from app.store.cases import assets, segments, statements
from app.store.database import Transaction
from app.store.log import entries
from app.store.uploads import uploads
from app.vault.fields import ASSET_FACTS, ASSET_SEGMENTS, LATER_FILES, Field
from app.vault.installation import Installation
from app.vault.records import Records
from app.vault.secrets import CASE
from app.vault.submissions import Submissions, capsule_of
from app.vault.upload_rows import CLOSED, SEGMENTS_OF, Segment, Upload, digest_of_segments, segment_proof
from app.vault.uploads import STATEMENT, Uploads

LATER: Final = 1_000_000
"""Positions of files that came in pieces: behind those that came with a form."""
LET_GO: Final = sa.select(entries.c.sequence).where(
    entries.c.record == sa.bindparam("asset"), entries.c.act.in_((Act.FILE_GIVEN_UP, Act.FILE_EXPIRED))
)


@dataclass
class Joining:
    """Signs in the name of whoever sent the files."""

    tx: Transaction
    installation: Installation
    records: Records
    submissions: Submissions
    uploads: Uploads
    blobs: BlobStore
    clock: Callable[[], int]

    def attach(self, asset: UUID) -> bool:
        """Make a whole file part of its statement, in its author's name; staged. False while there is no statement yet.

        A statement that is finished takes it too: beside what its manifest holds, in a list of its own. A withdrawn one
        takes none, and none is added while the database is older than what was seen: there the file waits.

        Raises:
            Tampered: what would be signed is not what arrived, or was given up.
        """
        upload = self.uploads.find_asset(asset)
        statement = self.tx.first(STATEMENT, id=upload.statement)
        if not upload.is_whole or statement is None or statement.state in CLOSED:
            return False
        is_late = statement.finished is not None
        if is_late and self.submissions.arrives_as(upload.case) is StatementState.QUARANTINED:
            return False
        entry = self._join(upload)
        if is_late:
            self._sign_later(upload, entry)
        self._stage_still_open(upload.statement)
        return True

    def _stage_still_open(self, statement: UUID) -> None:
        """The row is written, not just read: a withdrawal at this moment comes before or after, never between."""
        here = (statements.c.id == statement, statements.c.state.not_in(CLOSED))
        self.tx.stage(
            sa.update(statements).where(*here).values(state=statements.c.state), rows=1, conflict="withdrawn"
        )

    def join(self, statement: UUID) -> tuple[FileEntry, ...]:
        """The same for all that wait for this statement, while its words are being sent: their entries in its manifest.

        What is not what arrived stays where it is, and shows there: it keeps no words waiting.
        """
        joined: list[FileEntry] = []
        for upload in self.uploads.unfinished():
            if upload.statement == statement and upload.is_whole:
                with suppress(Tampered):
                    joined.append(self._join(upload, among=len(joined)))
        return tuple(joined)

    def _join(self, upload: Upload, among: int = 0) -> FileEntry:
        self._require_wanted(upload)
        parts = self._segments(upload)
        self._sign_facts(upload)
        self._sign_segments(upload, parts)
        self.tx.stage(sa.delete(uploads).where(uploads.c.asset == upload.asset), rows=1)
        size, whole = sum(segment.size for segment in parts), digest_of_segments(parts)
        self._stage_asset(upload, parts[0], size, whole, among)
        return FileEntry(upload.asset, parts[0].key, parts[0].header_digest, whole, size)

    def _require_wanted(self, upload: Upload) -> None:
        """Proved rows can be put back once they are gone, and their blobs with them; the log's line cannot be taken away."""
        if self.tx.first(LET_GO, asset=upload.asset) is not None:
            raise Tampered("given-up", table="uploads", record=upload.asset)

    def _segments(self, upload: Upload) -> list[Segment]:
        rows = self.tx.all(SEGMENTS_OF, asset=upload.asset)
        found = [
            Segment(**{name: getattr(row, name) for name in Segment.__dataclass_fields__}) for row in rows
        ]
        proved = all(
            macs_equal(row.proof, segment_proof(self.installation, upload.asset, segment))
            and self.blobs.size(segment.blob) == segment.size
            for row, segment in zip(rows, found, strict=True)
        )
        in_order = [segment.number for segment in found] == list(range(1, len(found) + 1))
        if not (proved and in_order and sum(segment.length for segment in found) == upload.total):
            raise Tampered("segments", table="segments", record=upload.asset)
        return found

    def _stage_asset(self, upload: Upload, first: Segment, size: int, whole: bytes, among: int) -> None:
        here = sa.select(sa.func.count()).select_from(assets).where(assets.c.statement == upload.statement)
        self.tx.insert(
            assets,
            id=upload.asset,
            case=upload.case,
            statement=upload.statement,
            key=first.key,
            position=LATER + self.tx.value(here) + among,
            size=size,
            header_digest=first.header_digest,
            whole_digest=whole,
            received=self.clock(),
        )

    def _sign_facts(self, upload: Upload) -> None:
        key, sealed, wrap = upload.said_key, upload.said, upload.said_wrap
        assert key is not None
        assert sealed is not None
        assert wrap is not None
        target = capsule_of(self.installation, upload.capsule.decode()).statement_key
        self.records.keep_intake_wrap(key, upload.case, upload.asset, CASE, wrap, target)
        self.records.sign_sealed(ASSET_FACTS, upload.case, upload.asset, sealed, key, expected=0)

    def _sign_segments(self, upload: Upload, parts: list[Segment]) -> None:
        capsule = capsule_of(self.installation, upload.capsule.decode())
        for segment in parts:
            assert segment.wrap is not None
            self.records.keep_intake_wrap(
                segment.key, upload.case, upload.asset, CASE, segment.wrap, capsule.statement_key
            )
        self.tx.stage(sa.update(segments).where(segments.c.asset == upload.asset).values(wrap=None))
        lines = [segment.line() for segment in parts]
        self._seal(ASSET_SEGMENTS, upload, upload.asset, {"segments": lines, "digest": "tree"})

    def _sign_later(self, upload: Upload, entry: FileEntry) -> None:
        listed = {"asset": entry.asset.hex, "whole": entry.whole.hex()}
        self._seal(LATER_FILES, upload, upload.statement, listed)

    def _seal(self, where: Field, upload: Upload, record: UUID, content: dict[str, Any]) -> None:
        tip = self.records.tip(where, record)
        self.records.seal_to_intake(
            where,
            upload.case,
            record,
            canonical_json(content),
            expected=tip.version if tip else 0,
            target=self.uploads.target(upload),
        )

    def altered(self) -> list[UUID]:
        """The holder's own files on their way that are not what arrived, or were given up: nothing of them can be signed."""
        return [asset for asset in self.uploads.named() if self._is_altered(asset)]

    def _is_altered(self, asset: UUID) -> bool:
        try:
            upload = self.uploads.find_asset(asset)
            self._require_wanted(upload)
            if upload.is_whole:
                self._segments(upload)
        except Tampered:
            return True
        return False
