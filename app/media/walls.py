"""What the child gives up before it reads the first byte: memory, time, files, privileges, and most system calls."""

import ctypes
import os
import resource
import signal
from typing import Final

from app.media import syscalls
from app.media.shapes import Limits

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_LOADED_BYTES: Final = 384 << 20
"""Address space that the interpreter with every decoder takes (measured: 252 MiB), and some air."""
_OPEN_FILES: Final = 16
_FIRST_STRANGE_DESCRIPTOR, _LAST_DESCRIPTOR = 3, 4096
_NICENESS: Final = 10


def leave_nothing_behind() -> None:
    """Die with the parent, dump no core, be read by nobody; only the conversation stays open."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.closerange(_FIRST_STRANGE_DESCRIPTOR, _LAST_DESCRIPTOR)
    os.nice(_NICENESS)


def confine(limits: Limits, size: int) -> None:
    """Raise every wall that the child raises itself, for a file of `size` bytes. There is no way back."""
    memory = _LOADED_BYTES + limits.memory_bytes
    seconds = limits.cpu_for(size)
    for what, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 5),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    syscalls.enforce()
