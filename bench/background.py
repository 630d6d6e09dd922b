"""What a job costs beside the work itself: issued by a reader, leased, its order opened, a small file read, its result sealed."""

import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from app.store.cases import assets
from bench.report import Figure, publish
from tests.cast import assemble
from tests.jobs.desk import Desk, copy, issue
from tests.vault.scene import adopt, submit

JOBS = 150
FILE = bytes(range(256)) * 400


def main() -> None:
    issuing, doing = [], []
    with tempfile.TemporaryDirectory() as folder:
        cast = assemble(Path(folder) / "data")
        try:
            submit(cast, "anahit", files=[FILE] * JOBS)
            adopt(cast)
            desk = Desk(cast, copy)
            tx = cast.services.database.transaction()
            wanted = [row.id for row in tx.all(sa.select(assets.c.id))]
            tx.release()
            for asset in wanted:
                began = time.perf_counter()
                job = issue(cast, asset)
                issued = time.perf_counter()
                assert desk.do(job)
                doing.append(time.perf_counter() - issued)
                issuing.append(issued - began)
        finally:
            cast.close()
    publish(
        "background",
        [
            Figure("issue a job", statistics.median(issuing) * 1000, "ms", "", True),
            Figure(
                "lease, open, read 100 kB, seal two outputs", statistics.median(doing) * 1000, "ms", "", True
            ),
        ],
        {"issuing": issuing, "doing": doing},
    )


if __name__ == "__main__":
    main()
