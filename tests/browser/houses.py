"""A staff and a public server, each a real gunicorn process, over one installation."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.staff import HOST, ROOT, free_port

START_SECONDS = 30
STAFF = "app.factory:create_app()"
PUBLIC = "app.public.factory:create_public_app()"


@dataclass(frozen=True)
class House:
    """`staff`, `public`: origins; `words`, `code`: a person's words, and a second-factor code not used yet."""

    staff: str
    public: str
    words: Callable[[str], str]
    code: Callable[[str], str]


@contextmanager
def house(folder: Path, words: Callable[[str], str], code: Callable[[str], str]) -> Iterator[House]:
    """Both servers over the installation in a folder; they end with the block."""
    with (
        _server(PUBLIC, {"PUBLIC_DIR": str(folder / "public")}, workers=1) as public,
        staff(folder, public) as origin,
    ):
        yield House(origin, public, words, code)


@contextmanager
def staff(
    folder: Path, public: str, application: str = STAFF, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A staff server over the installation in a folder, perhaps one of several; yields its origin."""
    installation = {
        "DATA_DIR": str(folder),
        "DEMO": "1",
        "ARGON2": "1,64,1",
        "PUBLIC_URL": f"{public}/",
    }
    with _server(application, {**installation, **(settings or {})}, workers=2) as origin:
        yield origin


@contextmanager
def _server(application: str, settings: Mapping[str, str], workers: int) -> Iterator[str]:
    address = f"{HOST}:{free_port()}"
    environment = {**os.environ, **settings, "BIND": address, "WORKERS": str(workers)}
    settings_file = str(ROOT / "deploy" / "gunicorn.conf.py")
    command = [sys.executable, "-m", "gunicorn", "--config", settings_file]
    server = subprocess.Popen([*command, application], env=environment, cwd=ROOT)
    try:
        _wait_for(f"http://{address}/", server)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    """Any answer will do: a public site of which nothing is published yet says that it cannot be read."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("a server did not start")
