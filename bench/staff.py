"""A real staff server under gunicorn over an installation of the test cast, and clients that are really signed in."""

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from app.config import ARGON2_CHEAP
from tests import cast

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
RESET_PEAK = "5"
"""Written to a process's `clear_refs`: its VmHWM begins anew (proc(5))."""


@dataclass
class Staff:
    """`cast`: whose keys the benchmark holds; `port`: where the server listens."""

    cast: cast.Cast
    port: int
    server: subprocess.Popen[bytes]

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=300)

    def cookie(self, name: str) -> str:
        """Sign in over HTTP; the session's cookie."""
        connection = self.connect()
        connection.request("GET", "/sign-in")
        page = connection.getresponse()
        nonce = (page.headers["Set-Cookie"] or "").split(";")[0]
        found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.read().decode())
        assert found
        fields = {
            "csrf_token": found[1],
            "name": name,
            "words": self.cast.password(name),
            "code": self.cast.code(name),
        }
        headers = {"Cookie": nonce, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/sign-in", urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        return (answer.headers["Set-Cookie"] or "").split(";")[0]

    def memory(self) -> int:
        """Resident bytes of the largest worker, not counting what it shares with the others."""
        return max(_private(pid) for pid in _children(self.server.pid))

    def resident(self) -> int:
        """Resident bytes of all workers, what they share counted for each."""
        return sum(_status(pid, "VmRSS") for pid in _children(self.server.pid))

    def peak(self) -> int:
        """The most that was ever resident since `forget_peak`, as the kernel saw it: each worker's own worst moment, added."""
        return sum(_status(pid, "VmHWM") for pid in _children(self.server.pid))

    def forget_peak(self) -> None:
        for pid in _children(self.server.pid):
            Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK)


@contextmanager
def serving(*, workers: int = 2, argon2: tuple[int, int, int] = ARGON2_CHEAP) -> Iterator[Staff]:
    """Found, bring the cast in, start the server; end it and remove everything after."""
    with tempfile.TemporaryDirectory() as folder:
        troupe = cast.assemble(Path(folder))
        port = free_port()
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "DEMO": "1",
            "ARGON2": ",".join(map(str, argon2)),
            "BIND": f"{HOST}:{port}",
            "WORKERS": str(workers),
            "PYTHONPATH": str(ROOT),
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            str(ROOT / "deploy" / "gunicorn.conf.py"),
        ]
        server = subprocess.Popen([*command, "app.factory:create_app()"], env=environment, cwd=ROOT)
        try:
            staff = Staff(troupe, port, server)
            _wait_for(staff)
            yield staff
        finally:
            server.terminate()
            server.wait(timeout=60)
            troupe.close()


def _wait_for(staff: Staff) -> None:
    for _ in range(200):
        try:
            connection = staff.connect()
            connection.request("GET", "/sign-in")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _children(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def _status(pid: int, name: str) -> int:
    """Bytes of a line of a process's status."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _private(pid: int) -> int:
    """A worker's memory is closed to its own account: only root measures it."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(found) for found in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) * 1024
