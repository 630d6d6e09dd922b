"""Tables of background work: routing facts and ciphertext; what a job makes is told by its sealed result alone."""

from typing import Final

import sqlalchemy as sa

from app.store.schema import blob, identifier, metadata, number, word

workers: Final = sa.Table(
    "workers",
    metadata,
    identifier("id", primary_key=True),
    blob("object"),
    blob("signature"),  # of the server key
    number("seen"),
)

jobs: Final = sa.Table(
    "jobs",
    metadata,
    # one row a subject and kind; its lease says who works at it
    identifier("id", primary_key=True),
    identifier("case"),
    identifier("subject"),  # an asset
    word("kind"),
    word("state"),  # domain.jobs.JobState
    word("reason"),  # a code; empty where nothing went wrong
    number("attempts"),
    number("not_before"),
    number("progress"),  # thousandths
    identifier("lease", nullable=True),
    number("lease_until", nullable=True),
    identifier("worker"),
    blob("sealed_order", nullable=True),  # a box to the worker, gone once the job has ended
    blob("result", nullable=True),  # an envelope under a key of the job's secret
    number("created"),
    number("since"),
    sa.UniqueConstraint("subject", "kind"),
    sa.Index(None, "case", "state"),
    sa.Index(None, "state", "worker"),
)

derivatives: Final = sa.Table(
    "derivatives",
    metadata,
    # their streams are blobs of the same id; the job's sealed result says what each of them is
    identifier("id", primary_key=True),
    identifier("case"),
    identifier("asset"),
    identifier("job"),
    number("size"),  # of the sealed stream
    sa.Index(None, "asset"),
    sa.Index(None, "job"),
)
