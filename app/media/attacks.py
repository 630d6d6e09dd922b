"""What a hostile decoder would try, tried for the health page and the tests: each attempt in a child of its own."""

import ctypes
import os
import resource
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

REFUSED, DONE = "refused", "done"
_NOWHERE: Final = ("192.0.2.1", 9)  # RFC 5737: belongs to nobody; a datagram socket sends nothing on connect
_PAGE_BYTES: Final = 4096
_FEW_PROCESSES: Final = 3
_STRANGE_PLACES: Final = ("/proc/1", "/etc/passwd", "/usr/bin/env", "/var/lib", "/dev/null", "/sys/kernel")


def look() -> list[str]:
    """What the namespaces let through, seen before the filter stands: nothing should be named."""
    seen = [f"sees:{place}" for place in _STRANGE_PLACES if Path(place).exists()]
    if os.getpid() > _FEW_PROCESSES:
        seen.append("sees:processes")
    if [name for _, name in socket.if_nameindex() if name != "lo"] or _reaches_out():
        seen.append("sees:network")
    if _may_write():
        seen.append("writes:root")
    return seen


def _reaches_out() -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        return out.connect_ex(_NOWHERE) == 0


def _may_write() -> bool:
    try:
        Path("/left-behind").touch()
    except OSError:
        return False
    return True


def _tried(act: Callable[[], object]) -> str:
    try:
        act()
    except (OSError, MemoryError, ValueError):
        return REFUSED
    return DONE


def _open_a_file() -> object:
    return os.open(os.__file__, os.O_RDONLY)


def _write_a_file() -> object:
    return os.open("/left-behind", os.O_WRONLY | os.O_CREAT, 0o600)


def _list_a_folder() -> object:
    return os.listdir("/")  # noqa: PTH208  # the call itself is tried


def _allocate() -> object:
    return bytearray(64 << 30)


def _allocate_in_pieces() -> object:
    return [bytearray(64 << 20) for _ in range(1024)]


def _execute() -> object:
    return os.execv("/bin/true", ["true"])  # noqa: S606  # nosec B606  # must be refused


def _signal_the_parent() -> object:
    os.kill(os.getppid() or 1, 0)
    return None


def _signal_a_thread_of_the_parent() -> object:
    parent = os.getppid() or 1
    if ctypes.CDLL(None, use_errno=True).tgkill(parent, parent, 0):
        raise OSError(ctypes.get_errno(), "tgkill")
    return None


def _raise_its_limits() -> object:
    resource.setrlimit(resource.RLIMIT_CPU, resource.getrlimit(resource.RLIMIT_CPU))
    return None


def _write_code() -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    private_and_anonymous, read_write_execute = 0x22, 7
    address = libc.mmap(None, _PAGE_BYTES, read_write_execute, private_and_anonymous, -1, 0)
    if address == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")
    return address


def _trace_the_parent() -> object:
    libc = ctypes.CDLL(None, use_errno=True)
    attach = 16
    if libc.ptrace(attach, os.getppid(), 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")
    return None


def _start_a_thread_and_open() -> object:
    """A thread is let through, because a decoder may want one; the filter must lie over it too."""
    opened: list[int] = []
    thread = threading.Thread(target=lambda: opened.append(os.open(os.__file__, os.O_RDONLY)))
    threading.excepthook = lambda _: None
    thread.start()
    thread.join()
    if not opened:
        raise OSError("refused in the thread")
    return opened


ATTACKS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "open-a-file": lambda: _tried(_open_a_file),
        "write-a-file": lambda: _tried(_write_a_file),
        "list-a-folder": lambda: _tried(_list_a_folder),
        "open-in-a-thread": lambda: _tried(_start_a_thread_and_open),
        "make-a-socket": lambda: _tried(socket.socket),
        "start-a-process": lambda: _tried(os.fork),
        "execute": lambda: _tried(_execute),
        "signal-the-parent": lambda: _tried(_signal_the_parent),
        "signal-a-thread-of-the-parent": lambda: _tried(_signal_a_thread_of_the_parent),
        "raise-its-limits": lambda: _tried(_raise_its_limits),
        "trace-the-parent": lambda: _tried(_trace_the_parent),
        "take-memory": lambda: _tried(_allocate),
        "take-memory-in-pieces": lambda: _tried(_allocate_in_pieces),
        "write-code": lambda: _tried(_write_code),
    }
)
"""By name: what to try. It says `done` if it got through; being killed for it, or told `refused`, is well."""
