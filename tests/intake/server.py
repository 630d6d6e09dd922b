"""The staff application over a real socket: in a thread, or in a process of its own that can be killed."""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import make_server

from app.config import Config
from app.factory import create_app
from tests.cast import Browser, Cast
from tests.intake.notebook import SheetOfPaper, encoded

PATIENCE = 20.0
ROOT = Path(__file__).parents[2]


@dataclass
class Line:
    """A connection that is written to piece by piece."""

    connection: socket.socket

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def answer(self) -> tuple[int, str]:
        """Status and body, once the other side has said all."""
        received = b""
        while piece := self.connection.recv(65536):
            received += piece
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def close(self) -> None:
        self.connection.close()


@dataclass
class Post:
    """One form as the bytes that go over the wire."""

    head: bytes
    body: bytes

    @classmethod
    def of(cls, browser: Browser, sheet: SheetOfPaper, *, files=None, **filled) -> "Post":
        cookie = browser.client.get_cookie("demo-session")
        assert cookie is not None
        kind, body = encoded({**sheet.fields, **filled}, files)
        head = (
            "POST /notebook/parts HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            f"Cookie: demo-session={cookie.value}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return cls(head.encode(), body)


@dataclass
class Server:
    port: int

    def line(self) -> Line:
        return Line(socket.create_connection(("127.0.0.1", self.port), PATIENCE))

    def post(self, post: Post) -> tuple[int, str]:
        line = self.line()
        line.send(post.head + post.body)
        answer = line.answer()
        line.close()
        return answer


@contextmanager
def serving(cast: Cast) -> Iterator[Server]:
    """This process's application, with a thread for each connection."""
    server = make_server("127.0.0.1", 0, cast.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Server(server.port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def own_process(cast: Cast) -> Iterator[tuple[Server, "subprocess.Popen[str]"]]:
    """Another process over the same databases and files, its log beside them; killed at the end if it still runs."""
    folder = cast.services.config.data_dir
    command = [sys.executable, "-m", "tests.intake.server", str(folder)]
    with (folder.parent / "server.log").open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield Server(_port_of(process)), process
    finally:
        process.kill()
        process.communicate()


def _port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    ports = (re.fullmatch(r"port (\d+)\n", said) for said in process.stdout)
    return next(int(port[1]) for port in ports if port)


def eventually(holds) -> None:
    """Waits until `holds()`; fails after a while."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def main(folder: Path) -> None:
    app = create_app(Config.from_env({"DATA_DIR": str(folder), "DEMO": "1", "ARGON2": "1,64,1"}))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    sys.stdout.write(f"port {server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
