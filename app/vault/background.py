"""Work on bytes that goes on beside the request that brings them."""

import queue
import threading
from collections.abc import Callable
from typing import Final

WAITING: Final = 4
"""Pieces that may wait; a short queue keeps memory flat."""


class Background:
    """Hands pieces to `take` in order, on a thread of its own: hashing and writing let the others run meanwhile.

    What `take` raises is raised to whoever hands over the next piece, or waits for the last; nothing is taken after it.
    """

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._pieces: queue.Queue[bytes | None] = queue.Queue(WAITING)
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None

    def put(self, data: bytes) -> None:
        """Raises whatever an earlier piece met with."""
        self._raise_failure()
        if self._thread is None:
            thread = threading.Thread(target=self._run, daemon=True)
            thread.start()
            self._thread = thread
        self._pieces.put(data)

    def finish(self) -> None:
        """Return when all of it has been taken; it may go on after. Raises whatever a piece met with."""
        self.stop()
        self._raise_failure()

    def stop(self) -> None:
        """Return when nothing is taken any more, however that ended; harmless twice."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._pieces.put(None)
            thread.join()

    def _run(self) -> None:
        while (piece := self._pieces.get()) is not None:
            if self._failure is None:
                self._try(piece)

    def _try(self, piece: bytes) -> None:
        try:
            self._take(piece)
        except Exception as failure:  # noqa: BLE001  # whatever it is, the request that brought the bytes raises it
            self._failure = failure

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
