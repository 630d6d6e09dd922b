"""A child process to decode in, and the proof that its walls stand (docs/adr/0012).

Two walls. Namespaces: bubblewrap starts the child where there is no network, no other process, and no file but the
interpreter's. The filter: the child itself gives up nearly every system call before the first byte of the file is read.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

import app
from app.domain.errors import Unusable, VouchsafeError
from app.media import frames
from app.media.attacks import ATTACKS, REFUSED
from app.media.frames import BrokenFrame, Frame
from app.media.shapes import FailureCode, Limits, SandboxState

DECODERS: Final = ("PIL", "av", "filetype", "numpy", "pillow_heif", "pypdfium2")
_SIGNALLED: Final = 128  # bubblewrap says 128 + the signal that ended its child
_PARTING_SECONDS: Final = 5.0
_TRIAL_SECONDS: Final = 20
_TRIAL: Final = Limits(memory_bytes=256 << 20, cpu_seconds=_TRIAL_SECONDS, stall_seconds=_TRIAL_SECONDS)
_BOOT: Final = (
    "import sys; sys.path += sys.argv[1].splitlines(); from app.media.child import main; main(sys.argv[2:])"
)
_SYSTEM_FOLDERS: Final = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


def extra_is_missing() -> bool:
    """Whether the extra `media` is not installed; nothing of it is loaded to find out."""
    return any(find_spec(name) is None for name in DECODERS)


def bubblewrap() -> str | None:
    return shutil.which("bwrap") if sys.platform == "linux" else None


def ways_in(*, strict: bool) -> list[str | None]:
    """How a child may be started, best first: by a bubblewrap, or by nothing (None), where the filter stands alone."""
    if sys.platform != "linux":
        return []
    wanted: list[str | None] = [bubblewrap()]
    if not strict:
        wanted.append(None)
    return [way for way in dict.fromkeys(wanted) if way or not strict]


class ChildEnded(VouchsafeError):  # noqa: N818  # reads as what happened
    """The child died, hung up, fell silent, or went too far; `why` is what its file has failed of."""

    code = "child-ended"

    def __init__(self, why: FailureCode) -> None:
        super().__init__(why)
        self.why = why


class Child:
    """One child, from its start to its end; leaving the block kills it, whatever happened.

    It is told what the file may cost, and given `stall_seconds` for each frame and a time for everything.
    """

    def __init__(self, command: list[str], size: int, limits: Limits) -> None:
        self._command = command
        self._size = size
        self._limits = limits
        self._ends = monotonic() + 4 * limits.cpu_for(size) + limits.stall_seconds
        self._frame_ends = 0.0

    def __enter__(self) -> Self:
        self._socket, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  # our own command line, no shell
                    self._command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={},
                    cwd="/",
                    close_fds=True,
                    start_new_session=True,
                )
        except OSError:
            self._socket.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def set_up(self) -> bool:
        """Give the child its limits; whether it says that its walls stand."""
        try:
            self.send(frames.setup(self._size, self._limits))
            return self.receive() == Frame(frames.READY, b"")
        except (ChildEnded, BrokenFrame):
            return False

    def send(self, frame: bytes) -> None:
        """Say it within the time that is left, or ChildEnded."""
        self._frame_ends = monotonic() + self._limits.stall_seconds
        try:
            self._socket.settimeout(self._time_left())
            self._socket.sendall(frame)
        except TimeoutError as slow:
            raise ChildEnded("took-too-long") from slow
        except OSError as gone:
            raise ChildEnded(self.death()) from gone

    def receive(self) -> Frame:
        """The next frame; ChildEnded if none comes, BrokenFrame if it is none."""
        self._frame_ends = monotonic() + self._limits.stall_seconds
        try:
            return frames.receive(self._read_exactly)
        except TimeoutError as slow:
            raise ChildEnded("took-too-long") from slow
        except (OSError, EOFError) as gone:
            raise ChildEnded(self.death()) from gone

    def death(self) -> FailureCode:
        """Why a child that hung up has died."""
        ended_by = self.killed_by()
        if ended_by == signal.SIGXCPU:
            return "took-too-long"
        return "too-much-memory" if ended_by == signal.SIGKILL else "crashed"

    def killed_by(self) -> int:
        """The signal that a child which hung up has died of; 0 or less if it ended otherwise, or lives on."""
        try:
            code = self._process.wait(_PARTING_SECONDS)
        except subprocess.TimeoutExpired:
            return 0
        return -code if code < 0 else code - _SIGNALLED

    def _read_exactly(self, count: int) -> bytes:
        data = bytearray(count)
        view, done = memoryview(data), 0
        while done < count:
            self._socket.settimeout(self._time_left())
            got = self._socket.recv_into(view[done:])
            if not got:
                raise EOFError("the child hung up")
            done += got
        return bytes(data)

    def _time_left(self) -> float:
        left = min(self._ends, self._frame_ends) - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def command(task: list[str], bwrap: str | None) -> list[str]:
    """How to start a child on `task`, behind the namespaces of `bwrap` if there is one."""
    folders = "\n".join(map(str, dict.fromkeys([_product(), *_folders_of_decoders()])))
    python = [_interpreter(), "-I", "-S", "-B", "-c", _BOOT, folders, *task]
    return python if bwrap is None else [bwrap, *_namespaces(), *python]


def _interpreter() -> str:
    """Python itself, not the link of a virtual environment: what it imports is said outright."""
    base: str = getattr(sys, "_base_executable", sys.executable)
    return str(Path(base).resolve())


def _folders_of_decoders() -> list[Path]:
    specs = [find_spec(name) for name in DECODERS]
    return list(dict.fromkeys(Path(spec.origin).parents[1] for spec in specs if spec and spec.origin))


def _product() -> Path:
    assert app.__file__
    return Path(app.__file__).resolve().parents[1]


def _namespaces() -> list[str]:
    """Of this product the child sees only this package: its checkout may hold a demonstration's data."""
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for folder in _SYSTEM_FOLDERS:
        options += ["--ro-bind-try", folder, folder]
    ours = [_product() / "app/__init__.py", _product() / "app/media"]
    for path in [Path(_interpreter()), *_standard_library(), *_folders_of_decoders(), *ours]:
        options += ["--ro-bind", str(path), str(path)]
    return [*options, "--remount-ro", "/", "--chdir", "/"]


def _standard_library() -> list[Path]:
    """Modules and shared libraries of the interpreter that do not lie in the system's folders."""
    names = [os.__file__, sysconfig.get_config_var("DESTSHARED") or os.__file__]
    folders = [Path(names[0]).parent, Path(names[1])]
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        folders.append(Path(sysconfig.get_config_var("LIBDIR")))
    return [folder.resolve() for folder in dict.fromkeys(folders) if folder.is_dir()]


def self_test() -> SandboxState:
    """Start real children that try to get out, and say which walls stand. Takes about two seconds."""
    if sys.platform != "linux":
        return SandboxState(
            namespaces=False, filtered=False, extra=not extra_is_missing(), problems=("no-linux",)
        )
    bwrap = bubblewrap()
    seen = _look_around(bwrap) if bwrap else []
    namespaces = bwrap is not None and not seen
    leaks = [name for name in ATTACKS if not _is_refused(name, bwrap if namespaces else None)]
    problems = []
    if not namespaces:
        problems.append("bubblewrap-broken" if bwrap else "bubblewrap-missing")
    if leaks:
        problems.append("filter-broken")
    if extra_is_missing():
        problems.append("extra-missing")
    return SandboxState(namespaces, not leaks, not extra_is_missing(), tuple(problems), (*seen, *leaks))


def require(strict: bool) -> SandboxState:
    """Refuse to start (Unusable) where files would be decoded without the walls: both if `strict`, else the filter.

    An installation without the extra `media` decodes nothing, and so may start.
    """
    state = self_test()
    if not state.extra:
        return state
    if not state.filtered:
        raise Unusable(
            "Files cannot be decoded safely here: the filter on system calls does not hold "
            f"({', '.join(state.leaks) or state.problems[0]}). Run the worker on Linux 4.14 or later, on x86_64 or aarch64, "
            "outside of anything that forbids seccomp; or uninstall the extra `media` to work without previews."
        )
    if strict and not state.namespaces:
        raise Unusable(
            "Files cannot be decoded safely here: bubblewrap is missing or cannot start. Install it (Debian: "
            "apt-get install bubblewrap) and allow unprivileged user namespaces to the account of the worker "
            "(sysctl kernel.unprivileged_userns_clone=1 where that exists); or uninstall the extra `media`."
        )
    return state


def _look_around(bwrap: str) -> list[str]:
    with Child(command(["look"], bwrap), 0, _TRIAL) as child:
        if not child.set_up():
            return ["does-not-start"]
        try:
            return frames.read_fact(child.receive().payload)[1].split()
        except (ChildEnded, BrokenFrame):
            return ["does-not-answer"]


def _is_refused(attack: str, bwrap: str | None) -> bool:
    """A wall that stood kills the child, or tells it no. A child that never stood behind one proves nothing."""
    with Child(command(["attack", attack], bwrap), 0, _TRIAL) as child:
        if not child.set_up():
            return False
        try:
            said = child.receive()
        except ChildEnded:
            return child.killed_by() == signal.SIGSYS
        except BrokenFrame:
            return False
        return said == Frame(frames.FACT, frames.fact("outcome", REFUSED)[frames.HEAD.size :])
