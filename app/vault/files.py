"""Files in clear, piece by piece: any range of a sealed original, verified before it is handed out."""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from threading import Lock
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto.keys import RecordKey
from app.crypto.stream import HEADER_LENGTH, StreamOpener, plain_length
from app.domain.errors import CryptoError, NotFound, Tampered
from app.store.blobs import BlobReader, BlobStore
from app.store.cases import assets
from app.store.database import Transaction
from app.store.keys import record_keys
from app.vault.fields import ASSET_FACTS, ASSET_SEGMENTS
from app.vault.installation import Installation
from app.vault.records import Records
from app.vault.secrets import CASE
from app.vault.submissions import segment_context

SEGMENTS_REMEMBERED: Final = 20_000
ASSET: Final = sa.select(assets).where(
    assets.c.id == sa.bindparam("asset"), assets.c.case == sa.bindparam("of_case")
)
KEY: Final = sa.select(record_keys).where(record_keys.c.id == sa.bindparam("key"))


@dataclass(frozen=True)
class SegmentFacts:
    """One stream of a file, as its author signed it. `size`: of the sealed stream; `length`: in clear."""

    number: int
    blob: UUID
    key: UUID
    size: int
    length: int
    header_digest: bytes
    cut: bool


@dataclass(frozen=True)
class Located:
    """The segments of a file that is there, in order, and the statement that it came with."""

    statement: UUID
    segments: tuple[SegmentFacts, ...]


@dataclass(frozen=True)
class KnownLists:
    """Lists of segments that a person has proved, in this process alone: a player asks for many stretches of one file.

    A list never changes, and its version's digest names it; what it tells opens nothing without the segments' keys.
    Of a file that came in one piece there is no list: the digest is that of its facts.
    """

    _lists: dict[tuple[UUID, bytes], tuple[SegmentFacts, ...]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, person: UUID, version: bytes) -> tuple[SegmentFacts, ...] | None:
        with self._lock:
            return self._lists.get((person, version))

    def remember(self, person: UUID, version: bytes, listed: tuple[SegmentFacts, ...]) -> None:
        with self._lock:
            if sum(map(len, self._lists.values())) + len(listed) > SEGMENTS_REMEMBERED:
                self._lists.clear()
            self._lists[(person, version)] = listed


class OpenFile:
    """`length`: bytes in clear. Segments are opened when they are first read; close it when the last piece has left."""

    def __init__(
        self,
        asset: UUID,
        statement: UUID,
        segments: Sequence[SegmentFacts],
        open_segment: Callable[[SegmentFacts], "OpenSegment"],
    ) -> None:
        self.statement = statement
        self._asset = asset
        self._segments = segments
        self._open_segment = open_segment
        *self._starts, self.length = accumulate((part.length for part in segments), initial=0)
        self._at: tuple[int, OpenSegment] | None = None

    def prove_frame(self) -> None:
        """Headers, lengths and last chunks of the first segment and the last. Raises Tampered, having closed."""
        for index in {0, len(self._segments) - 1}:
            try:
                self._segment(index)
            except Tampered:
                self.close()
                raise

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """Up to `size` bytes from `offset`, a piece a chunk.

        Raises:
            Tampered: while iterating, at the first piece that is not what was sealed; it is not handed out.
        """
        end = min(offset + size, self.length)
        while offset < end:
            index = bisect_right(self._starts, offset) - 1
            start, part = self._starts[index], self._segments[index]
            until = min(end, start + part.length)
            yield from self._read_segment(index, offset - start, until - offset)
            offset = until

    def _read_segment(self, index: int, offset: int, size: int) -> Iterator[bytes]:
        try:
            yield from self._segment(index).opener.read(offset, size)
        except CryptoError as error:
            raise Tampered("stream", table="assets", record=self._asset) from error

    def _segment(self, index: int) -> "OpenSegment":
        if self._at is None or self._at[0] != index:
            self.close()
            self._at = (index, self._open_segment(self._segments[index]))
        return self._at[1]

    def head(self, size: int) -> bytes:
        """The first bytes, at most `size`. Raises Tampered, having closed, if they are not what was sealed."""
        try:
            return b"".join(self.read(0, size))
        except Tampered:
            self.close()
            raise

    def close(self) -> None:
        """Harmless twice; reading on opens again what is needed."""
        at, self._at = self._at, None
        if at is not None:
            at[1].reader.close()


@dataclass(frozen=True)
class OpenSegment:
    opener: StreamOpener
    reader: BlobReader


@dataclass
class Files:
    """Opens originals for members of the case."""

    tx: Transaction
    installation: Installation
    records: Records
    blobs: BlobStore
    known: KnownLists

    def open(self, case: UUID, asset: UUID) -> OpenFile:
        """Open a file for reading at any offset; what its frame tells is proved here.

        Raises:
            NotFound: there is none, or its key was destroyed.
            Tampered: it was cut, lengthened, swapped or altered.
        """
        located = self.locate(case, asset)
        opened = OpenFile(
            asset, located.statement, located.segments, partial(self._open_segment, case, asset)
        )
        opened.prove_frame()
        return opened

    def locate(self, case: UUID, asset: UUID) -> Located:
        """Where a file lies, by the list that its author signed; nothing of it is opened.

        Raises:
            NotFound: there is none, or what is said of it was destroyed with it.
            Tampered: the list is not what was signed, or there is none and the file did not come in one piece.
        """
        row = self.tx.first(ASSET, asset=asset, of_case=case)
        if row is None:
            raise NotFound("asset")
        return Located(row.statement, self._listed(case, asset) or self._in_one(case, row))

    def _in_one(self, case: UUID, row: sa.Row[Any]) -> tuple[SegmentFacts, ...]:
        """By the facts that its author signed: of a file that came in pieces they name no header."""
        tip, person = self.records.tip(ASSET_FACTS, row.id), self.records.holder.person
        if tip is None:
            raise Tampered("segments", table="assets", record=row.id)
        found = (_only_segment(row),)
        if self.known.get(person, tip.version_digest) != found:
            _require_signed(found[0], self.records.open(ASSET_FACTS, case, row.id).content)
            self.known.remember(person, tip.version_digest, found)
        return found

    def _listed(self, case: UUID, asset: UUID) -> tuple[SegmentFacts, ...]:
        """Nothing where it came in one piece."""
        tip, person = self.records.tip(ASSET_SEGMENTS, asset), self.records.holder.person
        if tip is None:
            return ()
        known = self.known.get(person, tip.version_digest)
        if known is None:
            known = _read_list(self.records.open(ASSET_SEGMENTS, case, asset).content, asset)
            self.known.remember(person, tip.version_digest, known)
        return known

    def key(self, case: UUID, asset: UUID, segment: SegmentFacts) -> RecordKey:
        """The key of one segment. Raises NotFound (`destroyed`) where its wrap is gone, for good; Tampered."""
        row = self.tx.first(KEY, key=segment.key)
        if row is None:
            raise NotFound("destroyed")
        return self.records.record_key(segment.key, case, asset, CASE, row)

    def _open_segment(self, case: UUID, asset: UUID, segment: SegmentFacts) -> OpenSegment:
        return open_segment(
            self.blobs, self.installation, case, asset, segment, self.key(case, asset, segment)
        )


def open_segment(
    blobs: BlobStore,
    installation: Installation,
    case: UUID,
    asset: UUID,
    segment: SegmentFacts,
    key: RecordKey,
) -> OpenSegment:
    """One stream, its header and length held against what was signed. Raises Tampered."""
    reader = _reader(blobs, asset, segment)
    context = segment_context(case, asset, segment.number)
    try:
        opener = StreamOpener(key, context, installation.id, reader, cut=segment.cut)
    except CryptoError as error:
        reader.close()
        raise Tampered("stream", table="assets", record=asset) from error
    return OpenSegment(opener, reader)


def _reader(blobs: BlobStore, asset: UUID, segment: SegmentFacts) -> BlobReader:
    try:
        reader = blobs.open(segment.blob)
    except NotFound as error:
        raise Tampered("blob-missing", table="assets", record=asset) from error
    if reader.size() != segment.size:
        reader.close()
        raise Tampered("stream-length", table="assets", record=asset)
    if hashlib.sha256(reader.read_at(0, HEADER_LENGTH)).digest() != segment.header_digest:
        reader.close()
        raise Tampered("stream-header", table="assets", record=asset)
    return reader


def _only_segment(row: sa.Row[Any]) -> SegmentFacts:
    """Of a file that came with a form: its one stream lies under its own name."""
    try:
        length = plain_length(row.size)
    except CryptoError as error:
        raise Tampered("stream-length", table="assets", record=row.id) from error
    return SegmentFacts(1, row.id, row.key, row.size, length, row.header_digest, cut=False)


def _require_signed(segment: SegmentFacts, facts: bytes) -> None:
    try:
        is_signed = json.loads(facts)["header"] == segment.header_digest.hex()
    except (ValueError, KeyError, TypeError) as error:
        raise Tampered("segments", table="assets", record=segment.blob) from error
    if not is_signed:
        raise Tampered("segments", table="assets", record=segment.blob)


def _read_list(content: bytes, asset: UUID) -> tuple[SegmentFacts, ...]:
    """The sealed list; its author signed it, so that it fails only where they wrote something strange."""
    try:
        found = tuple(
            SegmentFacts(
                number=line["number"],
                blob=UUID(hex=line["blob"]),
                key=UUID(hex=line["key"]),
                size=line["size"],
                length=line["length"],
                header_digest=bytes.fromhex(line["header"]),
                cut=line["cut"],
            )
            for line in json.loads(content)["segments"]
        )
        fit = [part.number for part in found] == list(range(1, len(found) + 1)) and all(
            plain_length(part.size, cut=part.cut) == part.length for part in found
        )
    except (ValueError, KeyError, TypeError, CryptoError) as error:
        raise Tampered("segments", table="assets", record=asset) from error
    if not (found and fit):
        raise Tampered("segments", table="assets", record=asset)
    return found
