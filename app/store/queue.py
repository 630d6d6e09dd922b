"""Wake-up calls for workers: job ids, and nothing else. What is lost here is found in the job table by the next sweep."""

import json
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from huey import Huey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer

log = logging.getLogger("vouchsafe")

CALL: Final = "work"
WAIT_SECONDS: Final = 5


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
        try:
            queue = self.of(worker)
            queue.enqueue(_call(queue, _nothing).s(job.hex))
            queue.storage.close()
        except sqlite3.Error:
            log.warning("the queue of wake-up calls does not answer; the next sweep finds the job")

    def of(self, worker: UUID) -> Huey:
        """A worker's queue. Raises sqlite3.Error where the file cannot be opened."""
        return SqliteHuey(
            worker.hex,
            filename=str(self.file),
            serializer=JsonSerializer(),
            results=False,
            timeout=WAIT_SECONDS,
            fsync=False,
        )

    def heard_by(self, worker: UUID, do: Callable[[str], None]) -> Huey:
        """A worker's queue, whose calls are answered by `do`, with the job's id in hexadecimal digits."""
        queue = self.of(worker)
        _call(queue, do)
        return queue

    def forget(self, worker: UUID) -> None:
        """Drop what nobody will hear any more."""
        try:
            queue = self.of(worker)
            queue.storage.flush_queue()
            queue.storage.close()
        except sqlite3.Error:
            log.warning("the queue of wake-up calls does not answer; a gone worker's calls stay in it")


def _nothing(_job: str) -> None:
    """Stands for what only the worker does."""


def _call(queue: Huey, do: Callable[[str], None]) -> Any:
    def work(job: str) -> None:
        do(job)

    return queue.task(name=CALL)(work)
