"""Wake-up calls for workers: job ids, and nothing else. What is lost here is found in the job table by the next sweep."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from huey import Huey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

from app.domain.errors import Unavailable

log = logging.getLogger("vouchsafe")

CALL: Final = "work"
WAIT_SECONDS: Final = 5

Call = Callable[[str], Any]
"""Tells of a job, by its id in hexadecimal digits."""


class JsonSerializer(Serializer):  # type: ignore[misc]  # huey has no types
    """Plain JSON: what is read back from the queue can be no more than words."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        return Message(*json.loads(data))


@dataclass(frozen=True)
class WakeUps:
    """One queue a worker, all in one file."""

    file: Path

    def wake(self, worker: UUID, job: UUID) -> None:
        """Tell a worker of a job. A queue that does not answer is only said in the log."""
        self._at_best(worker, lambda _queue, call: call(job.hex))

    def remind(self, worker: UUID, jobs: Iterable[UUID]) -> None:
        """Tell a worker of jobs, unless it has calls left to hear; as `wake`."""

        def call_all(queue: Huey, call: Call) -> None:
            if not queue.storage.queue_size():
                for job in jobs:
                    call(job.hex)

        self._at_best(worker, call_all)

    def forget(self, worker: UUID) -> None:
        """Drop what nobody will hear any more; as `wake`."""
        self._at_best(worker, lambda queue, _call: queue.storage.flush_queue())

    def heard_by(self, worker: UUID, do: Callable[[str], None]) -> Huey:
        """A worker's queue, whose calls are answered by `do`, with the job's id in hexadecimal digits.

        Raises:
            Unavailable: the file cannot be opened.
        """
        try:
            return self._queue(worker, do)[0]
        except sqlite3.Error as error:
            raise Unavailable("queue") from error

    def _at_best(self, worker: UUID, act: Callable[[Huey, Call], object]) -> None:
        try:
            queue, call = self._queue(worker, _nothing)
            try:
                act(queue, call)
            finally:
                queue.storage.close()
        except sqlite3.Error:
            log.warning("the queue of wake-up calls does not answer; the next sweep finds the job")

    def _queue(self, worker: UUID, do: Callable[[str], None]) -> tuple[Huey, Call]:
        """A worker's queue, and how to call into it."""
        queue = SqliteHuey(
            worker.hex,
            filename=str(self.file),
            serializer=JsonSerializer(),
            results=False,
            timeout=WAIT_SECONDS,
            fsync=False,
        )

        def work(job: str) -> None:
            do(job)

        return queue, queue.task(name=CALL)(work)


def _nothing(_job: str) -> None:
    """Stands for what only the worker does."""
