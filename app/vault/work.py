"""What a worker holds: a key of its own in memory, and for the time of one job the keys that the job was handed."""

import hashlib
import hmac
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any, Final, Protocol, Self
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope
from app.crypto.context import Context
from app.crypto.hpke import HpkePrivate
from app.crypto.keys import DerivedKey, HpkeSeed, JobSecret, RecordKey, derive
from app.crypto.objects import SegmentKey, Worker, WorkOrder, sign_object, verify_object
from app.crypto.stream import CHUNK, StreamOpener, StreamSealer
from app.domain.errors import CryptoError, NotFound, Tampered, Unavailable
from app.domain.ids import new_id
from app.domain.record import canonical_json
from app.store.blobs import BlobReader, BlobStore
from app.vault.fields import ORIGINAL
from app.vault.installation import Installation

Alive = Callable[[], None]
"""Raises where the job is not this worker's any more, or the worker is to stop."""

DIGEST_PIECE: Final = 4 * CHUNK


def order_context(case: UUID, job: UUID) -> Context:
    return Context("jobs", "order", case, job, 1)


def result_context(case: UUID, job: UUID) -> Context:
    return Context("jobs", "result", case, job, 1)


def derivative_context(kind: str, case: UUID, derivative: UUID) -> Context:
    return Context("derivatives", kind, case, derivative, 1)


def result_key(secret: JobSecret) -> DerivedKey:
    return derive(secret, "job/result")


def derivative_key(secret: JobSecret, derivative: UUID) -> DerivedKey:
    return derive(secret, "job/derivative", derivative.bytes)


def proved_worker(installation: Installation, row: sa.Row[Any]) -> Worker:
    """The worker of a row. Raises Tampered unless the server key signed its very key."""
    try:
        worker = Worker.decode(row.object)
        verify_object(installation.server.public, row.signature, installation.id, worker)
    except CryptoError as error:
        raise Tampered("worker", table="workers", record=row.id) from error
    if worker.worker != row.id:
        raise Tampered("worker", table="workers", record=row.id)
    return worker


@dataclass(frozen=True)
class WorkerKey:
    """Made when a worker starts, and gone with it: nothing writes it anywhere."""

    id: UUID
    issued: int
    private: HpkePrivate = field(repr=False)

    @classmethod
    def generate(cls, now: int) -> Self:
        return cls(new_id(), now, HpkePrivate(HpkeSeed.generate()))

    def signed(self, installation: Installation) -> dict[str, Any]:
        """Its row, but for when it was seen: the object and the server key's signature."""
        worker = Worker(self.id, self.private.public, self.issued)
        signature = sign_object(installation.server.seed, installation.id, worker)
        return {"id": self.id, "object": worker.encode(), "signature": signature}

    def open_order(self, installation: Installation, row: sa.Row[Any]) -> WorkOrder:
        """The order of a job. Raises Tampered unless it was sealed to this worker, for this job of this file."""
        try:
            context = order_context(row.case, row.id)
            box = row.sealed_order or b""
            order = WorkOrder.decode(self.private.open_box(self.id.bytes, context, installation.id, box))
        except CryptoError as error:
            raise Tampered("order", table="jobs", record=row.id) from error
        if (order.job, order.case, order.asset, order.kind) != (row.id, row.case, row.subject, row.kind):
            raise Tampered("order", table="jobs", record=row.id)
        return order


class SealedSource:
    """A file in clear, piece by piece, for a job that was handed its keys. Close it when the job has ended.

    A segment is open while it is read: a file may have more of them than a process may have files.
    """

    def __init__(self, order: WorkOrder, installation: Installation, blobs: BlobStore, alive: Alive) -> None:
        self._order = order
        self._installation = installation
        self._blobs = blobs
        self._alive = alive
        self._starts = list(accumulate((each.length for each in order.segments), initial=0))
        self._open: tuple[int, BlobReader, StreamOpener] | None = None
        self._kept: tuple[int, bytes] = (0, b"")

    def size(self) -> int:
        return self._starts[-1]

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset`; fewer only at the end.

        Raises:
            Tampered: a segment is missing, or a piece is not what was sealed; it is not handed out.
        """
        self._alive()
        return b"".join(self._pieces(offset, min(offset + size, self.size())))

    def _pieces(self, offset: int, end: int) -> Iterator[bytes]:
        while offset < end:
            start, chunk = self._chunk_at(offset)
            piece = chunk[offset - start : end - start]
            yield piece
            offset += len(piece)

    def _chunk_at(self, offset: int) -> tuple[int, bytes]:
        """The chunk that holds `offset`, and where it begins; the newest is kept, for readers go on in small steps."""
        start, chunk = self._kept
        if not start <= offset < start + len(chunk):
            index = bisect_right(self._starts, offset) - 1
            begin = self._starts[index]
            start = begin + (offset - begin) // CHUNK * CHUNK
            try:
                chunk = b"".join(self._segment(index).read(start - begin, CHUNK))
            except CryptoError as error:
                raise Tampered("stream", table="assets", record=self._order.asset) from error
            self._kept = start, chunk
        return start, chunk

    def _segment(self, index: int) -> StreamOpener:
        if self._open is None or self._open[0] != index:
            self.close()
            segment = self._order.segments[index]
            reader = self._reader(segment)
            self._open = index, reader, self._opener(segment, reader)
        return self._open[2]

    def _reader(self, segment: SegmentKey) -> BlobReader:
        try:
            return self._blobs.open(segment.blob)
        except NotFound as error:
            raise Tampered("blob-missing", table="assets", record=self._order.asset) from error

    def _opener(self, segment: SegmentKey, reader: BlobReader) -> StreamOpener:
        """Raises CryptoError, or Tampered, having closed the reader."""
        table, name = ORIGINAL
        context = Context(table, name, self._order.case, self._order.asset, segment.number)
        key, cut = RecordKey(segment.key), bool(segment.cut)
        try:
            opener = StreamOpener(key, context, self._installation.id, reader, cut=cut)
        except CryptoError:
            reader.close()
            raise
        if opener.length != segment.length:
            reader.close()
            raise Tampered("stream-length", table="assets", record=self._order.asset)
        return opener

    def close(self) -> None:
        """Harmless twice."""
        self._kept = 0, b""
        opened, self._open = self._open, None
        if opened is not None:
            opened[1].close()


class Head(Protocol):
    """What an output is, as whoever makes it says; its words are fixed ones. Pixels and milliseconds, 0 where there are none."""

    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def duration_ms(self) -> int: ...


@dataclass(frozen=True)
class Made:
    """A derivative as the sealed result names it.

    `kind`: what it is for; `number`: of a page, from 1; `type`: media type; `length`: bytes in clear; `size`: of the
    sealed stream; `header`: digest of its header.
    """

    id: UUID
    kind: str
    number: int
    type: str
    width: int
    height: int
    duration_ms: int
    length: int
    size: int
    header: bytes

    def facts(self) -> dict[str, Any]:
        return {**asdict(self), "id": self.id.hex, "header": self.header.hex()}

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        return cls(**{**facts, "id": UUID(hex=facts["id"]), "header": bytes.fromhex(facts["header"])})


class DerivativeSink:
    """Seals one output while it is made; `finish` makes it durable, `abandon` leaves nothing of it."""

    def __init__(self, work: "Work", head: Head) -> None:
        self.id = new_id()
        self._work = work
        self._head = head
        self._sealer = StreamSealer(
            derivative_key(work.secret, self.id),
            self.id,
            derivative_context(head.kind, work.order.case, self.id),
            work.installation.id,
        )
        self._writer = work.blobs.create(self.id)
        self._length = 0
        self._writer.write(self._sealer.header)

    def write(self, data: bytes) -> None:
        self._work.alive()
        self._length += len(data)
        sealed = self._sealer.update(data)
        if sealed:
            self._writer.write(sealed)

    def finish(self) -> None:
        self._writer.write(self._sealer.finish())
        self._writer.commit()
        self._work.made.append(
            Made(
                id=self.id,
                kind=self._head.kind,
                number=self._head.number,
                type=self._head.type,
                width=self._head.width,
                height=self._head.height,
                duration_ms=self._head.duration_ms,
                length=self._length,
                size=self._writer.size,
                header=hashlib.sha256(self._sealer.header).digest(),
            )
        )

    def abandon(self) -> None:
        self._writer.abandon()


@dataclass
class Work:
    """One job at hand: its file in clear, its outputs sealed, its result. Forget it when the job has ended."""

    order: WorkOrder = field(repr=False)
    installation: Installation = field(repr=False)
    blobs: BlobStore
    alive: Alive
    made: list[Made] = field(default_factory=list)
    _begun: list[DerivativeSink] = field(default_factory=list)

    @property
    def secret(self) -> JobSecret:
        return JobSecret(self.order.secret)

    def source(self) -> SealedSource:
        return SealedSource(self.order, self.installation, self.blobs, self.alive)

    def sink(self, head: Head) -> DerivativeSink:
        """Somewhere to write one output."""
        sink = DerivativeSink(self, head)
        self._begun.append(sink)
        return sink

    def digest(self, source: SealedSource, progress: Callable[[float], None]) -> bytes:
        """The keyed digest of the whole file: equal files of one case have equal ones, and only its readers can tell."""
        keyed, size = hmac.new(self.order.digest_key, digestmod=hashlib.sha256), source.size()
        for offset in range(0, size, DIGEST_PIECE):
            keyed.update(source.read_at(offset, DIGEST_PIECE))
            progress(min(1, (offset + DIGEST_PIECE) / size))
        return keyed.digest()

    def result(self, content: Mapping[str, Any]) -> bytes:
        """What came of it, with every derivative that was finished, sealed for the case's readers."""
        for sink in self._begun:
            sink.abandon()  # what nobody finished is no derivative
        told = {**content, "derivatives": [made.facts() for made in self.made]}
        sealed = canonical_json(told)
        context = result_context(self.order.case, self.order.job)
        return envelope.seal(result_key(self.secret), self.order.job, context, self.installation.id, sealed)

    def discard(self) -> None:
        """Leave nothing of what was made."""
        for sink in self._begun:
            sink.abandon()
            with suppress(Unavailable):  # then the sweep finds it
                self.blobs.delete(sink.id)
        self.made.clear()
