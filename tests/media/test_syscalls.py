"""The filter says what it should on both kinds of machine: its numbers are the kernel's, and its verdicts ours."""

import ctypes
import ctypes.util
import re
import struct
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from app.media import syscalls
from app.media.syscalls import MACHINES, Instruction, program

GENERIC = Path("/usr/include/asm-generic/unistd.h")
"""Of Debian's linux-libc-dev: the table that aarch64 uses as it is."""
NATIVE = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
HEADERS = {"aarch64": GENERIC, "x86_64": NATIVE}
BY_ANOTHER_NAME = {"newfstatat": "fstatat"}
"""As the generic table calls it, for machines of 32 bits and of 64."""
NEWER_THAN_LIBSECCOMP = frozenset({"futex_waitv"})
ALLOW, KILL, EPERM, EACCES, ENOSYS = 0x7FFF0000, 0x80000000, 0x50001, 0x5000D, 0x50026
PID = 4711
EVERY_NAME = sorted({*syscalls._ALLOWED, *syscalls._KILLED, *syscalls._NO_FILES})

both = pytest.mark.parametrize("machine", ["aarch64", "x86_64"])


# Numbers


@cache
def libseccomp() -> ctypes.CDLL:
    name = ctypes.util.find_library("seccomp")
    if name is None:
        pytest.skip(
            "libseccomp is not installed (Debian: libseccomp2), and it is what the numbers are held against"
        )
    return ctypes.CDLL(name)


def resolved(machine: str, name: str) -> int:
    """By libseccomp; below zero where the machine has no such call."""
    architecture = ctypes.c_uint32(MACHINES[machine].audit_arch)
    number: int = libseccomp().seccomp_syscall_resolve_name_arch(architecture, name.encode())
    return number


@cache
def header(machine: str) -> Mapping[str, int]:
    """By the kernel's own headers. In the generic table, what has two widths is defined by its number of 64 bits."""
    if not HEADERS[machine].exists():
        pytest.skip(f"{HEADERS[machine]} is not here (Debian: linux-libc-dev)")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", HEADERS[machine].read_text(), re.MULTILINE)
    return {name: int(number) for name, number in found}


@both
def test_every_number_is_the_one_that_libseccomp_knows(machine: str) -> None:
    numbers = MACHINES[machine].numbers
    known = {name: resolved(machine, name) for name in numbers}
    unknown = {name for name, number in known.items() if number < 0}
    assert unknown <= NEWER_THAN_LIBSECCOMP
    assert {name: known[name] for name in numbers.keys() - unknown} == {
        name: number for name, number in numbers.items() if name not in unknown
    }


@both
def test_every_number_is_the_one_of_the_kernels_headers(machine: str) -> None:
    told = header(machine)
    for name, number in MACHINES[machine].numbers.items():
        known = told.get(name, told.get(BY_ANOTHER_NAME.get(name, ""), -1))
        assert (name, number) == (name, known)


@both
def test_no_call_that_the_machine_has_is_left_out_of_its_table(machine: str) -> None:
    """A name that is in no table would fall through to the last verdict, unseen."""
    missing = [name for name in EVERY_NAME if name not in MACHINES[machine].numbers]
    assert [name for name in missing if resolved(machine, name) >= 0] == []


# Verdicts


def verdict(lines: list[Instruction], arch: int, number: int, *arguments: int) -> int:
    """What the kernel would answer: the few instructions of classic BPF that we use, run over its `seccomp_data`."""
    words = [0, *arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<II7Q", number, arch, *words)
    at, held = 0, 0
    while True:
        code, jump, skip, value = lines[at]
        at += 1
        if code == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            return value
        else:
            holds = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}[code]
            at += jump if holds else skip


def answer(machine: str, name: str, *arguments: int) -> int:
    known = MACHINES[machine]
    return verdict(program(known, PID), known.audit_arch, known.numbers[name], *arguments)


@both
def test_each_name_gets_the_verdict_of_its_list(machine: str) -> None:
    for names, said in (
        (syscalls._ALLOWED, ALLOW),
        (syscalls._KILLED, KILL),
        (syscalls._NO_FILES, EACCES),
        (("clone3",), ENOSYS),
        (("seccomp",), EPERM),
    ):
        here = [name for name in names if name in MACHINES[machine].numbers]
        assert here
        assert {name: answer(machine, name) for name in here} == dict.fromkeys(here, said)


@both
def test_memory_is_never_made_executable(machine: str) -> None:
    for name in ("mmap", "mprotect"):
        assert answer(machine, name, 0, 4096, 3) == ALLOW
        assert answer(machine, name, 0, 4096, 5) == EACCES


@both
def test_a_thread_is_let_through_and_a_process_is_not(machine: str) -> None:
    assert answer(machine, "clone", 0x3D0F00) == ALLOW
    assert answer(machine, "clone", 0x11) == KILL


@both
def test_it_signals_its_own_threads_alone(machine: str) -> None:
    assert answer(machine, "tgkill", PID, PID, 6) == ALLOW
    assert answer(machine, "tgkill", 1, 1, 6) == KILL


@both
def test_calls_of_another_machine_are_killed_whatever_their_number(machine: str) -> None:
    lines, other = program(MACHINES[machine], PID), MACHINES["x86_64" if machine == "aarch64" else "aarch64"]
    for number in range(500):
        assert verdict(lines, other.audit_arch, number) == KILL


@both
def test_a_call_that_nobody_named_is_refused(machine: str) -> None:
    known = MACHINES[machine]
    lines, named = program(known, PID), set(known.numbers.values())
    for number in set(range(600)) - named:
        assert verdict(lines, known.audit_arch, number) == EPERM
    assert verdict(lines, known.audit_arch, 0x4000_0001) == KILL


def test_the_filter_fits_into_what_the_kernel_takes() -> None:
    assert all(len(program(machine, PID)) <= 4096 for machine in MACHINES.values())
