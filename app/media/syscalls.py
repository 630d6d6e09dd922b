"""The filter on system calls: what a decoder may still ask of the kernel once it reads a hostile file.

A classic BPF program for seccomp(2). What a decoder needs is allowed; what only an attacker would try kills the
process; whatever opens or names a file is told EACCES; everything else is told EPERM. Numbers are the kernel's, which never
change: arch/x86/entry/syscalls/syscall_64.tbl, and include/uapi/asm-generic/unistd.h for aarch64.
"""

import ctypes
import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_ALLOW: Final = 0x7FFF0000
_KILL: Final = 0x80000000  # the whole process
_ERRNO: Final = 0x00050000
_EPERM, _EACCES, _ENOSYS = 1, 13, 38

_LOAD: Final = 0x20  # BPF_LD | BPF_W | BPF_ABS
_IF_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_IF_AT_LEAST: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_IF_ANY_BIT: Final = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN: Final = 0x06  # BPF_RET | BPF_K
_NUMBER_AT, _ARCH_AT, _ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data
_X32: Final = 0x40000000
_PROT_EXEC: Final = 4
_CLONE_THREAD: Final = 0x10000

_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Machine:
    """One architecture: its AUDIT_ARCH value and its numbers for the calls named below."""

    audit_arch: int
    numbers: Mapping[str, int]


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_ALLOWED: Final = _names(
    "read write pread64 readv writev lseek close fstat poll ppoll select pselect6 mremap munmap brk "
    "madvise futex futex_waitv clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time "
    "times getrusage exit exit_group rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall "
    "sched_yield sched_getaffinity sched_getparam sched_getscheduler getrandom getpid gettid "
    "set_robust_list rseq membarrier uname sysinfo getcpu"
)
_KILLED: Final = _names(
    "fork vfork execve execveat socket socketpair connect bind listen accept accept4 ptrace "
    "process_vm_readv process_vm_writev kexec_load bpf io_uring_setup io_uring_enter io_uring_register "
    "unshare setns mount umount2 pivot_root chroot userfaultfd perf_event_open keyctl add_key request_key "
    "init_module finit_module delete_module kill tkill pidfd_open pidfd_getfd pidfd_send_signal "
    "open_by_handle_at"
)
_NO_FILES: Final = _names(
    "open openat openat2 creat stat lstat newfstatat statx access faccessat faccessat2 readlink "
    "readlinkat getdents getdents64 unlink unlinkat rename renameat renameat2 mkdir mkdirat rmdir link "
    "linkat symlink symlinkat chdir fchdir getcwd statfs memfd_create name_to_handle_at"
)

_X86_64: Final = Machine(
    0xC000003E,
    MappingProxyType(
        {
            "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
            "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
            "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "access": 21, "select": 23,
            "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "socket": 41,
            "connect": 42, "accept": 43, "bind": 49, "listen": 50, "socketpair": 53, "clone": 56, "fork": 57,
            "vfork": 58, "execve": 59, "exit": 60, "kill": 62, "uname": 63, "getdents": 78, "getcwd": 79,
            "chdir": 80, "fchdir": 81, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86,
            "unlink": 87, "symlink": 88, "readlink": 89, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99,
            "times": 100, "ptrace": 101, "sigaltstack": 131, "statfs": 137, "sched_getparam": 143,
            "sched_getscheduler": 145, "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166,
            "init_module": 175, "delete_module": 176, "gettid": 186, "tkill": 200, "time": 201, "futex": 202,
            "sched_getaffinity": 204, "getdents64": 217, "restart_syscall": 219, "clock_gettime": 228,
            "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231, "tgkill": 234, "kexec_load": 246,
            "add_key": 248, "request_key": 249, "keyctl": 250, "openat": 257, "mkdirat": 258, "newfstatat": 262,
            "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "readlinkat": 267, "faccessat": 269,
            "pselect6": 270, "ppoll": 271, "unshare": 272, "set_robust_list": 273, "accept4": 288,
            "perf_event_open": 298, "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "getcpu": 309,
            "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313, "renameat2": 316, "seccomp": 317,
            "getrandom": 318, "memfd_create": 319, "bpf": 321, "execveat": 322, "userfaultfd": 323,
            "membarrier": 324, "statx": 332, "rseq": 334, "pidfd_send_signal": 424, "io_uring_setup": 425,
            "io_uring_enter": 426, "io_uring_register": 427, "pidfd_open": 434, "clone3": 435, "openat2": 437,
            "pidfd_getfd": 438, "faccessat2": 439, "futex_waitv": 449,
        }
    ),
)  # fmt: skip
_AARCH64: Final = Machine(
    0xC00000B7,
    MappingProxyType(
        {
            "getcwd": 17, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "umount2": 39,
            "mount": 40, "pivot_root": 41, "statfs": 43, "faccessat": 48, "chdir": 49, "fchdir": 50, "chroot": 51,
            "openat": 56, "close": 57, "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "readv": 65,
            "writev": 66, "pread64": 67, "pselect6": 72, "ppoll": 73, "readlinkat": 78, "newfstatat": 79, "fstat": 80,
            "exit": 93, "exit_group": 94, "unshare": 97, "futex": 98, "set_robust_list": 99, "nanosleep": 101,
            "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_gettime": 113, "clock_getres": 114,
            "clock_nanosleep": 115, "ptrace": 117, "sched_getscheduler": 120, "sched_getparam": 121,
            "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128, "kill": 129, "tkill": 130,
            "tgkill": 131, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
            "times": 153, "uname": 160, "getrusage": 165, "getcpu": 168, "gettimeofday": 169, "getpid": 172,
            "gettid": 178, "sysinfo": 179, "socket": 198, "socketpair": 199, "bind": 200, "listen": 201,
            "accept": 202, "connect": 203, "brk": 214, "munmap": 215, "mremap": 216, "add_key": 217,
            "request_key": 218, "keyctl": 219, "clone": 220, "execve": 221, "mmap": 222, "mprotect": 226,
            "madvise": 233, "perf_event_open": 241, "accept4": 242, "name_to_handle_at": 264,
            "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
            "finit_module": 273, "renameat2": 276, "seccomp": 277, "getrandom": 278, "memfd_create": 279, "bpf": 280,
            "execveat": 281, "userfaultfd": 282, "membarrier": 283, "statx": 291, "rseq": 293,
            "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
            "pidfd_open": 434, "clone3": 435, "openat2": 437, "pidfd_getfd": 438, "faccessat2": 439,
            "futex_waitv": 449,
        }
    ),
)  # fmt: skip
MACHINES: Final[Mapping[str, Machine]] = MappingProxyType({"x86_64": _X86_64, "aarch64": _AARCH64})


def program(machine: Machine, pid: int) -> list[Instruction]:
    """The filter for the process `pid`, which may signal nobody but itself."""
    return [
        (_LOAD, 0, 0, _ARCH_AT),
        (_IF_EQUAL, 1, 0, machine.audit_arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
        *_answer(machine, _ALLOWED, _ALLOW),
        *_weigh(machine, "mmap", 2, _IF_ANY_BIT, _PROT_EXEC, (_ERRNO | _EACCES, _ALLOW)),
        *_weigh(machine, "mprotect", 2, _IF_ANY_BIT, _PROT_EXEC, (_ERRNO | _EACCES, _ALLOW)),
        *_weigh(machine, "clone", 0, _IF_ANY_BIT, _CLONE_THREAD, (_ALLOW, _KILL)),
        *_weigh(machine, "tgkill", 0, _IF_EQUAL, pid, (_ALLOW, _KILL)),
        *_answer(
            machine, ["clone3"], _ERRNO | _ENOSYS
        ),  # its flags cannot be seen from here: clone is asked next
        *_answer(machine, _KILLED, _KILL),
        *_answer(machine, _NO_FILES, _ERRNO | _EACCES),
        (_RETURN, 0, 0, _ERRNO | _EPERM),
    ]


def _answer(machine: Machine, names: Iterable[str], verdict: int) -> list[Instruction]:
    lines: list[Instruction] = []
    for name in names:
        if name in machine.numbers:
            lines += [(_IF_EQUAL, 0, 1, machine.numbers[name]), (_RETURN, 0, 0, verdict)]
    return lines


def _weigh(
    machine: Machine, name: str, argument: int, test: int, value: int, verdicts: tuple[int, int]
) -> list[Instruction]:
    """Judge one call by the lower half of one argument: the verdict if the test holds, and if not."""
    holds, fails = verdicts
    return [
        (_IF_EQUAL, 0, 4, machine.numbers[name]),
        (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),
        (test, 0, 1, value),
        (_RETURN, 0, 0, holds),
        (_RETURN, 0, 0, fails),
    ]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def enforce() -> None:
    """Put the filter over every thread of this process, for good. OSError where the kernel refuses."""
    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        raise OSError(f"no filter for {os.uname().machine}")
    lines = program(machine, os.getpid())
    packed = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    libc = ctypes.CDLL(None, use_errno=True)
    argument = ctypes.byref(_Program(len(lines), ctypes.addressof(packed)))
    _demand(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    number = machine.numbers["seccomp"]
    _demand(libc.syscall(number, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, argument))


def _demand(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), "the kernel refuses the filter")
