"""A process that holds keys keeps its memory: its neighbours of the same account, who share its files, do not read it."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import memory
from app.domain.errors import Unusable
from tests.neighbours import as_a_user, read_by_a_neighbour

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux closes a memory that way")

ROOT = Path(__file__).parents[1]
SECRET = "seven words that nobody else may read"
HOLDER = f"""
import ctypes, os, resource, sys
from app import memory
if sys.argv[1] == "closed":
    memory.keep_to_ourselves()
secret = ctypes.create_string_buffer({SECRET.encode()!r})
print(os.getpid(), ctypes.addressof(secret), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)  # PR_GET_DUMPABLE
sys.stdin.read()
"""


@contextmanager
def holder(how: str) -> Iterator[tuple[int, int, int]]:
    """Its number, where its secret lies, and what PR_GET_DUMPABLE says."""
    command = as_a_user(sys.executable, "-c", HOLDER, how)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=ROOT, text=True) as process:
        assert process.stdout
        pid, address, dumpable = map(int, process.stdout.readline().split())
        yield pid, address, dumpable
        process.communicate("")


@pytest.fixture(scope="module")
def readable() -> None:
    """Where no process reads another's memory in any case, nothing can be tried."""
    with holder("open") as (pid, address, dumpable):
        assert dumpable == 1
        seen = read_by_a_neighbour(pid, address, len(SECRET))
    if seen == "refused":
        pytest.skip(
            "here no process may read another's memory in any case (Yama, or the rules of a container)"
        )
    assert seen == SECRET


def test_a_neighbour_of_the_same_account_cannot_read_it(readable: None) -> None:
    with holder("closed") as (pid, address, dumpable):
        assert dumpable == 0
        assert read_by_a_neighbour(pid, address, len(SECRET)) == "refused"


def test_a_server_closes_the_memory_of_its_workers(readable: None, tmp_path: Path) -> None:
    settings = {"PUBLIC_DIR": str(tmp_path), "BIND": f"unix:{tmp_path}/socket", "WORKERS": "1"}
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    command = as_a_user(*command, "app.public.factory:create_public_app()")
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}) as server:
        try:
            assert eventually(lambda: children_of(server.pid))
            (worker,) = children_of(server.pid)
            assert read_by_a_neighbour(server.pid) == "opened"
            assert eventually(lambda: read_by_a_neighbour(worker) == "refused")
        finally:
            server.terminate()


def test_a_worker_closes_its_memory_before_anything_else(readable: None, tmp_path: Path) -> None:
    fifo = tmp_path / "root.key"
    os.mkfifo(fifo)  # whoever reads the key from here waits
    settings = {"DATA_DIR": str(tmp_path), "DEMO": "1", "ROOT_KEY_FILE": str(fifo)}
    command = as_a_user(sys.executable, "-m", "app.cli", "worker")
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}) as worker:
        try:
            assert eventually(lambda: read_by_a_neighbour(worker.pid) == "refused")
            assert worker.poll() is None
        finally:
            worker.kill()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def eventually(so: Callable[[], object]) -> bool:
    until = time.monotonic() + 30
    while not so():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_it_leaves_no_core_dump() -> None:
    code = "from app import memory; memory.keep_to_ourselves(); import os; os.abort()"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=30)
    assert not os.WCOREDUMP(-ended.returncode)
    told = "memory.keep_to_ourselves(); print(resource.getrlimit(resource.RLIMIT_CORE))"
    code = f"import resource; from app import memory; {told}"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, timeout=30)
    assert said.stdout.strip() == b"(0, 0)"


def test_a_kernel_that_refuses_keeps_the_process_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        @staticmethod
        def prctl(*_arguments: int) -> int:
            ctypes.set_errno(1)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_names, **_options: Refusing())
    monkeypatch.setattr(resource, "setrlimit", lambda *_limits: None)
    with pytest.raises(Unusable, match="PR_SET_DUMPABLE: Operation not permitted"):
        memory.keep_to_ourselves()


def test_what_it_starts_is_a_process_like_any_other() -> None:
    """Else bubblewrap, started by a user, could not write the map of its users."""
    code = (
        "import subprocess, sys; from app import memory; memory.keep_to_ourselves();"
        "told = 'import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))';"
        "subprocess.run([sys.executable, '-c', told], check=True)"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, timeout=30)
    assert said.stdout.strip() == b"1"
