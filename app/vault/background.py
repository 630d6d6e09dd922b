"""Work on bytes that goes on beside the request that brings them."""

import queue
import threading
from collections.abc import Callable
from typing import Final

WAITING: Final = 16
"""Pieces that may wait; a short queue keeps memory flat."""


class Background:
    """Hands pieces to `take` in order, on a thread of its own: hashlib lets the others run meanwhile."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._pieces: queue.Queue[bytes | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while (piece := self._pieces.get()) is not None:
            self._take(piece)

    def put(self, data: bytes) -> None:
        self._pieces.put(data)

    def finish(self) -> None:
        """Return when all of it has been taken; harmless twice."""
        if self._thread.is_alive():
            self._pieces.put(None)
            self._thread.join()
