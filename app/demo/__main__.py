"""`make demo`: a populated installation on loopback, staff and public site and a worker as processes, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, Self

from app.config import Config
from app.demo.seed import SignIn, read_sign_ins, seed
from app.domain.errors import VouchsafeError

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 30
GUNICORN_CONF: Final = Path(__file__).resolve().parents[2] / "deploy" / "gunicorn.conf.py"


def main() -> int:
    """Exit code: 0 after Ctrl-C, 2 where the demo could not be set up."""
    os.umask(0o077)
    environment = {
        "DATA_DIR": str(Path("demo-data").absolute()),
        **os.environ,
        "DEMO": "1",
    }
    port, public_port = environment.get("PORT", "8000"), environment.get("PUBLIC_PORT", "8001")
    environment["PUBLIC_URL"] = f"http://{HOST}:{public_port}/"
    try:
        config = Config.from_env(environment)
        began = time.monotonic()
        if seed(config):
            print(
                f"Filled with invented people and statements in {time.monotonic() - began:.0f} s.", flush=True
            )
        sign_ins = read_sign_ins(config)
    except VouchsafeError as error:
        print(f"The demo cannot start: {error}", file=sys.stderr)
        return 2
    staff = _server("app.factory:create_app()", environment, port, workers="2")
    public = _server(
        "app.public.factory:create_public_app()",
        {**environment, "PUBLIC_DIR": str(config.public_dir)},
        public_port,
        workers="1",
    )
    worker = _command([sys.executable, "-m", "app.cli", "worker"], environment)
    with _running(staff, public) as processes, _Worker(worker) as background:
        if not (
            _answers(f"http://{HOST}:{port}/sign-in", processes)
            and _answers(environment["PUBLIC_URL"], processes)
        ):
            print(
                "A server did not start; is the port taken? Try PORT=8100 PUBLIC_PORT=8101 make demo.",
                file=sys.stderr,
            )
            return 2
        _print_sheet(port, public_port, sign_ins)
        if not _wait(processes, background):
            print("A server ended by itself; its last words are above.", file=sys.stderr)
            return 2
    return 0


def _server(application: str, environment: Mapping[str, str], port: str, *, workers: str) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "--config", str(GUNICORN_CONF), application]
    return _command(command, {**environment, "BIND": f"{HOST}:{port}", "WORKERS": workers})


def _command(command: list[str], environment: Mapping[str, str]) -> list[str]:
    return ["env", *(f"{name}={value}" for name, value in environment.items()), *command]


class _Worker:
    """A worker that is started again whenever it ends by itself: once nobody is signed in, so that no key stays in memory."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process = self._started()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=40)

    def tend(self) -> bool:
        """Start it again if it has ended well; whether it did not end otherwise."""
        code = self._process.poll()
        if code == 0:
            self._process = self._started()
        return not code

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, start_new_session=True)  # noqa: S603  # our own


@contextmanager
def _running(*commands: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Both servers, in sessions of their own, so that Ctrl-C reaches this process alone and ends them in order."""
    processes = [subprocess.Popen(command, start_new_session=True) for command in commands]  # noqa: S603  # our own
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=40)


def _answers(url: str, processes: list[subprocess.Popen[bytes]]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  # loopback, built above
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _print_sheet(port: str, public_port: str, sign_ins: list[SignIn]) -> None:
    width = max(len(each.name) for each in sign_ins)
    print(f"\nStaff site:  http://{HOST}:{port}/\nPublic site: http://{HOST}:{public_port}/\n")
    for each in sign_ins:
        print(f"  {each.name:<{width}}  {each.words}    ({each.what})")
    print(
        "\nSix digits: .venv/bin/vouchsafe demo-code NAME (with the same DATA_DIR and DEMO=1). Ctrl-C stops all of it.",
        flush=True,
    )


def _wait(processes: list[subprocess.Popen[bytes]], worker: _Worker) -> bool:
    """Whether it was Ctrl-C, or a polite end from elsewhere, that ended the waiting, and not a server or the worker."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while all(process.poll() is None for process in processes) and worker.tend():
            time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
