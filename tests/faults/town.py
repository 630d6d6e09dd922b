"""A case, a real server on its folder, somebody with a form, and the evidence that is kept of every fault."""

import json
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.cast import Cast, assemble
from tests.faults.evidence import MARKER, Evidence
from tests.faults.servers import Gunicorn, cookie_of, running
from tests.intake.notebook import SHORT, Notebook, receipt_on

STEP = 32768
MIB = 1 << 20
Watch = Callable[[int], None]
"""Told before each step how many bytes of the body have gone; it may raise OSError to cut the line."""


def unwatched(_gone: int) -> None:
    """Nobody cuts, nobody kills."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def offset(self) -> int:
        return int(self.headers["upload-offset"])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Town:
    cast: Cast
    server: Gunicorn
    notebook: Notebook
    evidence: Evidence
    cookie: str
    token: str

    def ask(
        self, verb: str, path: str, body: bytes = b"", watch: Watch = unwatched, **headers: str
    ) -> Answer:
        """Raises OSError where no whole answer comes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = {
            "Host": "127.0.0.1",
            "Connection": "close",
            "Cookie": f"demo-session={self.cookie}",
            "Tus-Resumable": "1.0.0",
            "X-CSRF-Token": self.token,
            "Content-Length": str(len(body)),
            **named,
        }
        head = f"{verb} {path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines.items()
        )
        with socket.create_connection(("127.0.0.1", self.server.port), 60) as line:
            line.sendall(f"{head}\r\n".encode())
            for at in range(0, len(body), STEP):
                watch(at)
                try:
                    line.sendall(body[at : at + STEP])
                except OSError:  # it may have been refused before all of it was read
                    break
            return _answer(line)

    def post_json(self, path: str, sent: object) -> Answer:
        return self.ask("POST", path, json.dumps(sent).encode(), Content_Type="application/json")

    def filled(self, rng: random.Random, most: int = 3 * MIB) -> bytes:
        """Bytes of a file, the marker among them every few kibibytes."""
        size = rng.randint(most // 6, most)
        pieces = (MARKER + rng.randbytes(4000) for _ in range(size // 4000 + 1))
        return b"".join(pieces)[:size]

    def capsule(self) -> str:
        return self.notebook.open().capsule

    def send_words(self, capsule: str) -> None:
        sheet = self.notebook.open().with_capsule(capsule)
        assert receipt_on(self.notebook.send(sheet, **SHORT))

    def opened(self, asset: UUID) -> bytes:
        """A file as its readers get it; the keys of its streams are noted."""
        uow = self.cast.uow("lilit")
        try:
            files = uow.vault.files
            opened = files.open(self.cast.case, asset)
            located = files.locate(self.cast.case, asset)
            self.evidence.note_keys(
                (segment.blob, files.key(self.cast.case, asset, segment).reveal())
                for segment in located.segments
            )
            content = b"".join(opened.read(0, opened.length))
            opened.close()
            return content
        finally:
            uow.end()


def _answer(line: socket.socket) -> Answer:
    received = b""
    with suppress(ConnectionResetError):
        while data := line.recv(65536):
            received += data
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        raise ConnectionResetError
    status, *lines = head.decode().split("\r\n")
    named = (told.partition(": ") for told in lines)
    return Answer(int(status.split()[1]), {name.lower(): value for name, _colon, value in named}, body)


@contextmanager
def town(folder: Path, data: Path | None = None) -> Iterator[Town]:
    """`data`: where the installation's data lie, if not in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    cast = assemble(data or folder / "data")
    notebook = Notebook(cast, cast.client("anahit"))
    where = cast.services.config.data_dir
    evidence = Evidence(cast.services.blobs.root, (where, folder))
    with running(cast, folder / "server") as server:
        token = notebook.browser.token()
        yield Town(cast, server, notebook, evidence, cookie_of(notebook.browser), token)
    cast.close()
