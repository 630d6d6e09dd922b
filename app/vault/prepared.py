"""What came of background work, opened: the sealed result of a file's newest job, and the streams that it names."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.crypto import envelope
from app.crypto.keys import JobSecret
from app.crypto.objects import JobIssue
from app.crypto.stream import HEADER_LENGTH, StreamOpener
from app.domain.errors import CryptoError, NotFound, Tampered
from app.domain.jobs import JobState
from app.store.blobs import BlobReader, BlobStore
from app.store.database import Transaction
from app.store.jobs import derivatives, jobs
from app.vault.fields import JOB
from app.vault.installation import Installation
from app.vault.records import Records
from app.vault.work import Made, derivative_context, derivative_key, result_context, result_key

REBUILD: Final = "rebuild"
"""The one kind of job so far: a file is made anew from what can be decoded of it, and its digest taken."""
JOB_OF: Final = sa.select(jobs).where(jobs.c.subject == sa.bindparam("asset"), jobs.c.kind == REBUILD)
DERIVATIVE: Final = sa.select(derivatives).where(
    derivatives.c.id == sa.bindparam("id"), derivatives.c.case == sa.bindparam("of_case")
)


def job_of(tx: Transaction, case: UUID, asset: UUID) -> sa.Row[Any] | None:
    """The row of a file's job, if there is one. Raises NotFound where the file is another case's."""
    row = tx.first(JOB_OF, asset=asset)
    if row is not None and row.case != case:
        raise NotFound("job")
    return row


@dataclass(frozen=True)
class JobResult:
    """What a worker sealed. `outcome`: `rebuilt` or `failed`; `report`: what the action tells; `digest`: keyed, of the file.

    Two files of one case are equal where their digests are.
    """

    outcome: str
    reason: str
    report: Mapping[str, Any] = field(repr=False)
    digest: bytes
    derivatives: tuple[Made, ...]


@dataclass
class OpenDerivative:
    """As `OpenFile`. `length`: bytes in clear. Close it when the last piece has left."""

    made: Made
    _opener: StreamOpener
    _reader: BlobReader

    @property
    def length(self) -> int:
        return self.made.length

    def read(self, offset: int, size: int) -> Iterator[bytes]:
        """Up to `size` bytes from `offset`, a piece a chunk.

        Raises:
            Tampered: while iterating, at the first piece that is not what was sealed; it is not handed out.
        """
        try:
            yield from self._opener.read(offset, size)
        except CryptoError as error:
            raise Tampered("stream", table="derivatives", record=self.made.id) from error

    def close(self) -> None:
        self._reader.close()


@dataclass
class Prepared:
    """Opens what workers made, for members of the case."""

    tx: Transaction
    installation: Installation
    records: Records
    blobs: BlobStore

    def result(self, case: UUID, asset: UUID) -> JobResult:
        """What came of the job that a reader issued last for this file.

        Raises:
            NotFound: nothing has come of it yet.
            Tampered: it is not what the worker sealed, or another job's.
            Forbidden: the holder may not read the case.
        """
        return self._opened(case, asset)[0]

    def _opened(self, case: UUID, asset: UUID) -> tuple[JobResult, JobSecret]:
        row = job_of(self.tx, case, asset)
        if row is None or row.state != JobState.DONE.value:
            raise NotFound("result")
        issued = self.records.open(JOB, case, asset).content
        try:
            issue = JobIssue.decode(issued)
            if issue.job != row.id:
                raise Tampered("another-job", table="jobs", record=asset)
            secret = JobSecret(issue.secret)
            content = envelope.open_(
                result_key(secret), result_context(case, row.id), self.installation.id, row.result or b""
            )
        except CryptoError as error:
            raise Tampered("result", table="jobs", record=asset) from error
        return _read(json.loads(content)), secret

    def open(self, case: UUID, derivative: UUID) -> OpenDerivative:
        """What a job made, for reading at any offset.

        Raises:
            NotFound: there is none of the newest job.
            Tampered: it was cut, lengthened, swapped, altered or is missing, or the sealed result does not name it.
            Forbidden: the holder may not read the case.
        """
        row = self.tx.first(DERIVATIVE, id=derivative, of_case=case)
        if row is None:
            raise NotFound("derivative")
        result, secret = self._opened(case, row.asset)
        made = next((made for made in result.derivatives if made.id == derivative), None)
        if made is None:
            raise Tampered("not-of-this-job", table="derivatives", record=derivative)
        reader = self._reader(made)
        try:
            context = derivative_context(made.kind, case, derivative)
            opener = StreamOpener(derivative_key(secret, derivative), context, self.installation.id, reader)
        except CryptoError as error:
            reader.close()
            raise Tampered("stream", table="derivatives", record=derivative) from error
        return OpenDerivative(made, opener, reader)

    def _reader(self, made: Made) -> BlobReader:
        try:
            reader = self.blobs.open(made.id)
        except NotFound as error:
            raise Tampered("blob-missing", table="derivatives", record=made.id) from error
        header = hashlib.sha256(reader.read_at(0, HEADER_LENGTH)).digest()
        if reader.size() != made.size or header != made.header:
            reader.close()
            raise Tampered("stream-header", table="derivatives", record=made.id)
        return reader


def _read(told: dict[str, Any]) -> JobResult:
    return JobResult(
        told["outcome"],
        told["reason"],
        told["report"],
        bytes.fromhex(told["digest"]),
        tuple(Made.of(facts) for facts in told["derivatives"]),
    )
