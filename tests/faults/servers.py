"""Real servers: gunicorn with the settings of a deployment, over the databases of a cast, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cast import Browser, Cast
from tests.intake.notebook import Notebook
from tests.intake.server import Post, Server

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@dataclass
class Gunicorn:
    """One application server on a port of its own; `folder` keeps its log and its temporary files."""

    cast: Cast
    folder: Path
    workers: int = 1
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    @property
    def master(self) -> "subprocess.Popen[bytes]":
        assert self.process is not None
        return self.process

    def start(self) -> None:
        """Returns once it answers."""
        self.temporary.mkdir(exist_ok=True)
        self.port = self.port or _free_port()
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "app.factory:create_app()"],
                env=self._environment(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(self.answers)

    def _environment(self) -> dict[str, str]:
        config = self.cast.services.config
        return {
            "PATH": os.environ["PATH"],
            "DATA_DIR": str(config.data_dir),
            "DATABASE_URL": config.database_url,
            "SESSIONS_URL": config.sessions_url,
            "HEAD_FILE": str(config.head_file),
            "DEMO": "1",
            "ARGON2": "1,64,1",
            "BIND": f"127.0.0.1:{self.port}",
            "WORKERS": str(self.workers),
            "THREADS": "4",
            "TMPDIR": str(self.temporary),
            "PYTHONUNBUFFERED": "1",
            **self.settings,
        }

    def answers(self) -> bool:
        assert self.master.poll() is None, self.log.read_text()
        try:
            return self.get("/weather")[0] == 200
        except OSError:
            return False

    def children(self) -> set[int]:
        """Process ids of the workers."""
        listed = Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text()
        return {int(pid) for pid in listed.split()}

    def get(self, path: str, browser: Browser | None = None) -> tuple[int, str]:
        """Status and body; in the name of whoever is signed in with `browser`, for sessions belong to all servers."""
        cookie = f"Cookie: demo-session={cookie_of(browser)}\r\n" if browser else ""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{cookie}\r\n"
        return self.send(Post(head.encode(), b""))

    def send(self, post: Post) -> tuple[int, str]:
        """Raises OSError where no whole answer comes."""
        with closing(Server(self.port).line()) as line:
            line.send(post.head + post.body)
            try:
                return line.answer()
            except IndexError as nothing:
                raise ConnectionResetError from nothing

    def kill(self) -> None:
        """All of it at once, as a power cut would."""
        os.killpg(self.master.pid, signal.SIGKILL)
        self.master.wait(PATIENCE)

    def stop(self) -> int:
        """As a service manager does; the exit code."""
        self.master.terminate()
        return self.master.wait(PATIENCE)


@contextmanager
def running(cast: Cast, folder: Path, workers: int = 1, **settings: str) -> Iterator[Gunicorn]:
    folder.mkdir(exist_ok=True)
    server = Gunicorn(cast, folder, workers, settings)
    try:
        server.start()
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("demo-session")
    assert cookie is not None
    return cookie.value


def statement(
    notebook: Notebook, code_name: str, account: str = "They took her papers.", **more: object
) -> Post:
    """A short form as bytes, ready to be sent to any server, more than once."""
    filled = {"code_name": code_name, "take_part": "y", "public": "extract", "account": account}
    return Post.of(notebook.browser, notebook.open(), **filled, **more)


def eventually(holds: Callable[[], bool]) -> None:
    """Waits until `holds()`; fails after a minute."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
