"""A line to a server that breaks once, after so many bytes; whoever calls again gets through."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock

STEP = 65536


@dataclass
class Breaking:
    """`left`: bytes that still go up before the line breaks; None once it has."""

    server: int
    left: int | None
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _lock: Lock = field(default_factory=Lock)

    @property
    def port(self) -> int:
        port: int = self.listening.getsockname()[1]
        return port

    @property
    def has_broken(self) -> bool:
        return self.left is None

    def serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                caller, _address = self.listening.accept()
                threading.Thread(target=self._connect, args=(caller,), daemon=True).start()

    def _connect(self, caller: socket.socket) -> None:
        with caller, socket.create_connection(("127.0.0.1", self.server)) as server:
            back = threading.Thread(target=_carry, args=(server, caller), daemon=True)
            back.start()
            with suppress(OSError):
                while data := caller.recv(STEP):
                    through, breaks = self._through(len(data))
                    server.sendall(data[:through])
                    if breaks:
                        break
                else:
                    back.join()  # the caller has said all, and waits for the answer
            for end in (caller, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _through(self, size: int) -> tuple[int, bool]:
        with self._lock:
            if self.left is None or size < self.left:
                self.left = None if self.left is None else self.left - size
                return size, False
            through, self.left = self.left, None
            return through, True


def _carry(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(STEP):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def breaking(server: int, after: int | None) -> Iterator[Breaking]:
    line = Breaking(server, after)
    threading.Thread(target=line.serve, daemon=True).start()
    try:
        yield line
    finally:
        line.listening.close()
